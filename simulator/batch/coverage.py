"""Parts taken together: what they cover, and the rows they hold, whatever cuts they were written with."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import NoReturn, TypeAlias

import numpy as np
import numpy.typing as npt

from simulator.batch.layout import Chunk, Layout, PlannedCell
from simulator.batch.part import Note, TornPartError, read_rows
from simulator.engine.outcomes import OUTCOME
from simulator.errors import Problem, ScenarioError
from simulator.outcomes.rows import Rows

Cover: TypeAlias = npt.NDArray[np.bool_]
"""What is there of a span of a cell: shape (regimes, replications)."""


class Parts:
    """Part files by cell, each with its note."""

    def __init__(self) -> None:
        self._by_cell: dict[int, list[tuple[Path, Note]]] = {}

    def add(self, path: Path, note: Note) -> None:
        """Take in a part."""
        self._by_cell.setdefault(note.cell, []).append((path, note))

    def drop(self, path: Path, note: Note) -> None:
        """Leave a part out again."""
        self._by_cell[note.cell].remove((path, note))

    def all(self) -> list[tuple[Path, Note]]:
        """Every part with its note."""
        return [one for parts in self._by_cell.values() for one in parts]

    def include(self, other: Parts, layout: Layout) -> None:
        """Take in the parts of another store, by the numbers that cells have in this layout."""
        for path, note in other.all():
            number = layout.number(note.cell, note.values)
            if number is None:
                foreign(path)
            self.add(path, replace(note, cell=number))

    def present(self, cell: PlannedCell, span: range) -> Cover:
        """What is there of a span of a cell.  Raises ``ScenarioError`` for a part of another plan."""
        laws = cell.labels.regimes
        there = np.zeros((len(laws), len(span)), dtype=np.bool_)
        for path, note in self._over(cell, span):
            check(path, note, cell)
            codes = [laws.index(name) for name in note.regimes]
            there[codes, max(note.first - span.start, 0) : note.stop - span.start] = True
        return there

    def rows(self, cell: PlannedCell, span: range) -> Rows:
        """The rows there are of a span, in canonical order, each once, coded as in the cell's scenario.

        Raises ``TornPartError`` where a part does not read back, which is dropped, and ``ScenarioError`` for
        a part of another plan.
        """
        laws = cell.labels.regimes
        taken = np.zeros((len(laws), len(span)), dtype=np.bool_)
        pieces = [np.zeros(0, dtype=OUTCOME)]
        for path, note in list(self._over(cell, span)):
            check(path, note, cell)
            rows = self._read(path, note, cell)
            rows = _kept(rows, (rows["replication"] >= span.start) & (rows["replication"] < span.stop))
            at = (rows["regime"], rows["replication"] - span.start)
            pieces.append(_kept(rows, ~taken[at]))
            taken[at] = True
        whole = np.concatenate(pieces)
        return whole[np.lexsort((whole["negotiation"], whole["regime"], whole["replication"]))]

    def _over(self, cell: PlannedCell, span: range) -> Iterator[tuple[Path, Note]]:
        for path, note in self._by_cell.get(cell.number, ()):
            if note.first < span.stop and span.start < note.stop:
                yield path, note

    def _read(self, path: Path, note: Note, cell: PlannedCell) -> Rows:
        try:
            return read_rows(path, cell.labels)
        except TornPartError:
            self.drop(path, note)
            raise


def chunks_of(cell: PlannedCell, span: range, wanted: Cover) -> list[Chunk]:
    """The chunks that make up what is wanted of a span: runs of replications under the same regimes."""
    laws = cell.labels.regimes
    chunks: list[Chunk] = []
    for place, replication in enumerate(span):
        regimes = tuple(name for law, name in enumerate(laws) if wanted[law, place])
        if regimes and chunks and chunks[-1].stop == replication and chunks[-1].regimes == regimes:
            chunks[-1] = chunks[-1]._replace(stop=replication + 1)
        elif regimes:
            chunks.append(Chunk(cell.number, replication, replication + 1, regimes))
    return chunks


def check(path: Path, note: Note, cell: PlannedCell) -> None:
    """Raise ``ScenarioError`` where a part is not of this cell."""
    laws = {name: cell.regimes.get(name) for name in note.regimes}
    if note.content != cell.content or note.regimes != laws:
        foreign(path)


def foreign(path: Path) -> NoReturn:
    """A part that the plan does not know.  Raises ``ScenarioError``."""
    what, rule = "is no part of what the manifest plans", "take it out of the folder"
    raise ScenarioError(Problem(str(path), None, "", what, rule))


def _kept(rows: Rows, which: np.ndarray) -> Rows:
    """Some of the rows; all of them without a copy."""
    return rows if which.all() else rows[which]
