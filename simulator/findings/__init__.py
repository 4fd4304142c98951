"""What a run found: outcomes become metrics, metrics become comparisons, comparisons become a report.

``outcomes`` publishes the engine's rows; ``negotiations`` groups them; ``measures`` defines every metric;
``compare`` does the statistics; ``evidence`` collects while a run goes on; ``tables`` holds what figures
and report show; ``plots`` draws; ``report`` and ``manifest`` write; ``publish`` puts it all in a folder.
"""
