"""Writing a followed negotiation down: trace.json, its figure, the manifest."""

from __future__ import annotations

from pathlib import Path

from simulator.figures.trace import trace_figure
from simulator.report.publisher import Publisher
from simulator.trace.follow import Trace
from simulator.writing.folders import moved, replacing
from simulator.writing.formats import as_json
from simulator.writing.manifest import manifest


def publish_trace(followed: Trace, folder: Path) -> list[Path]:
    """Write all into a folder, made if need be; returns what was written, manifest last."""
    with replacing(folder) as beside:
        into = Publisher(beside, manifest(followed.scenario, equal_procedure=False))
        into.text("trace.json", as_json({"origin": into.facts, **followed.to_json()}))
        into.figure("trace", trace_figure(followed.timelines, followed.heading), followed.heading)
        return moved(into.close(), beside, folder)
