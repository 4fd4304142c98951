"""Writing a followed negotiation down: trace.json and its figure."""

from __future__ import annotations

from pathlib import Path

from simulator.figures.trace import plot_trace
from simulator.trace.follow import Trace
from simulator.writing.formats import as_json, write
from simulator.writing.manifest import facts, manifest


def publish_trace(followed: Trace, folder: Path) -> list[Path]:
    """Write both into a folder, made if need be; returns what was written."""
    folder.mkdir(parents=True, exist_ok=True)
    origin = facts(manifest(followed.scenario, equal_procedure=False))
    path = write(folder / "trace.json", as_json({"origin": origin, **followed.to_json()}))
    return [path, *plot_trace(followed.timelines, folder / "trace", followed.heading, origin)]
