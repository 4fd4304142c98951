"""Writes docs/faults.md from what a run of the slow tests recorded: kills, damage, hostile and random files.

``make faults`` runs them; each file of results given here is a report of pytest in JUnit's form.
"""

from __future__ import annotations

import sys
from collections import defaultdict
from dataclasses import dataclass, field
from pathlib import Path
from xml.etree import ElementTree as ET

PAGE = Path(__file__).parents[2] / "docs" / "faults.md"
ABOUT = """# Kills, damage, any file

`make faults` runs the slow tests of `tests/batch` and `tests/faults` (hours); `tests/faults/record.py` writes
this page from their record. Their quick sisters run with `make test`.

"""


@dataclass
class Kind:
    """What the cases of one test came to."""

    cases: int = 0
    failed: int = 0
    seconds: float = 0.0
    counts: dict[str, float] = field(default_factory=lambda: defaultdict(float))


def kinds(paths: list[Path]) -> dict[str, Kind]:
    """The tests of some reports, by name."""
    found: dict[str, Kind] = defaultdict(Kind)
    for path in paths:
        for case in ET.parse(path).iter("testcase"):
            if case.find("skipped") is not None:
                continue
            kind = found[case.attrib["name"].partition("[")[0].removeprefix("test_").replace("_", " ")]
            kind.cases += 1
            kind.failed += case.find("failure") is not None or case.find("error") is not None
            kind.seconds += float(case.attrib["time"])
            for told in case.iter("property"):
                name, value = told.attrib["name"], float(told.attrib["value"])
                largest = name == "slowest"
                kind.counts[name] = max(kind.counts[name], value) if largest else kind.counts[name] + value
    return dict(sorted(found.items()))


def page(found: dict[str, Kind]) -> str:
    """The page: random files, then everything else."""
    lines = ["## Any file that validates is played", ""]
    lines += [
        "| test | files made | accepted | played | tests failed | slowest, s |",
        "|:--|--:|--:|--:|--:|--:|",
    ]
    for name, kind in found.items():
        if kind.counts:
            made, accepted, played = (
                f"{kind.counts[word]:,.0f}" for word in ("inputs", "accepted", "played")
            )
            slowest = f"{kind.counts['slowest']:.1f}"
            lines += [
                f"| {name} | {made} | {accepted} | {played} | {kind.failed} of {kind.cases} | {slowest} |"
            ]
    lines += [
        "",
        "A failure is a traceback, or a number that is not finite where its description does not say so.",
    ]
    lines += ["", "## Kills and damage", "", "| test | cases | failed | seconds |", "|:--|--:|--:|--:|"]
    lines += [
        f"| {name} | {kind.cases} | {kind.failed} | {kind.seconds:.0f} |"
        for name, kind in found.items()
        if not kind.counts
    ]
    return ABOUT + "\n".join(lines) + "\n"


if __name__ == "__main__":
    PAGE.write_text(page(kinds([Path(word) for word in sys.argv[1:]])), encoding="utf-8")
