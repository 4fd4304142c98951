"""Several stores into one: shards of a plan, or a plan and what it grew from."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from simulator.batch.coverage import Parts, chunks_of
from simulator.batch.growth import obstacles, told
from simulator.batch.layout import Chunk, PlannedCell
from simulator.batch.part import Note, TornPartError, encode
from simulator.batch.provenance import origin_differences
from simulator.batch.store import Store
from simulator.batch.tally import Report
from simulator.errors import Problem, ScenarioError
from simulator.outcomes.rows import Labels


def merge(folders: Sequence[Path], out: Path) -> Report:
    """Write the parts of several stores into one, cut and ordered as one run would have written them.

    The result is, byte for byte, the store of an uninterrupted run on one machine.  What is in none of them
    is missing; resuming the result plays it.  Raises ``ScenarioError`` where the stores are of different
    plans, code or libraries, and says what differs.
    """
    stores = [Store(folder) for folder in folders]
    largest = _largest(stores)
    union = Parts()
    for store in stores:
        store.scan(set_aside=False, whole=True)
        union.include(store.there, largest.layout)
    for store in stores:
        if store.keeps(out):
            what, rule = f"is in {store.folder}, where that store keeps its own", "name another folder"
            raise ScenarioError(Problem(str(out), None, "out", what, rule))
    target = Store(out)
    target.origin = largest.manifest["origin"]
    target.open(largest.layout)
    report = Report(largest.layout.plan.experiment, folder=out, resume=target.resume)
    report.torn = [f"{store.folder / 'parts' / name}" for store in stores for name in store.torn]
    report.chunks, report.replications = largest.layout.total()
    for number, span in largest.layout.mine():
        cell = largest.layout.cell(number)
        report.reused += not target.missing(cell, span)
        while (found := union.present(cell, span) & ~target.there.present(cell, span)).any():
            try:
                for chunk in chunks_of(cell, span, found):
                    _bring(cell, chunk, union, target, report)
            except TornPartError as torn:
                report.torn.append(str(torn))
        if not target.missing(cell, span):
            report.done += 1
            report.done_replications += len(span)
    return report


def _bring(cell: PlannedCell, chunk: Chunk, union: Parts, target: Store, report: Report) -> None:
    """Write a chunk of the target from whatever parts hold its rows."""
    names = cell.labels.regimes
    codes = [names.index(name) for name in chunk.regimes]
    rows = union.rows(cell, range(chunk.first, chunk.stop))
    rows = rows[np.isin(rows["regime"], codes)]
    rows["regime"] = np.searchsorted(codes, rows["regime"])
    note = Note.of(cell, chunk, len(rows), target.origin["code"])
    data = encode(rows, Labels(chunk.regimes, cell.labels.strategies), note)
    target.write(note, data)
    report.parts += 1
    report.rows += len(rows)
    report.bytes += len(data)


def _largest(stores: Sequence[Store]) -> Store:
    """The store whose plan continues those of all others.  Raises ``ScenarioError`` where none does."""
    first = stores[0]
    kept: list[str] = []
    for store in stores[1:]:
        kept = origin_differences(first.manifest["origin"], store.manifest["origin"])
        if kept:
            _refuse(first, store, kept)
    largest = first
    for store in stores[1:]:
        if not obstacles(largest.layout, store.layout):
            largest = store
    for store in stores:
        if kept := obstacles(store.layout, largest.layout):
            _refuse(store, largest, kept)
    return largest


def _refuse(one: Store, other: Store, differences: list[str]) -> None:
    what = f"does not go with {other.folder}: {told(differences)}"
    raise ScenarioError(Problem(str(one.folder), None, "", what, "merge stores of one plan"))
