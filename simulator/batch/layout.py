"""What is to be played: the cells of a plan, cut into chunks of whole replications.

Where the cuts are is a function of the plan alone, never of workers, shards or what was played before.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import Any, NamedTuple, Protocol

from simulator.outcomes.rows import Labels
from simulator.spec.base import Spec
from simulator.spec.scenario import Scenario
from simulator.writing.manifest import digest

CHUNK_ROWS = 10_000
"""Rows of a chunk, about: a fraction of a second of play, a part file of half a megabyte."""

Cell = dict[str, float]


class Plan(Protocol):
    """An experiment as the batch sees it."""

    @property
    def experiment(self) -> str:
        """Its name."""

    @property
    def scenario(self) -> Scenario:
        """The scenario behind every cell."""

    def cells(self) -> tuple[Cell, ...]:
        """The points of the design."""

    def at(self, cell: Cell) -> Scenario:
        """The scenario of one cell."""


@dataclass(frozen=True)
class OneCell:
    """A scenario played as it is: a plan of one cell, without axes."""

    scenario: Scenario

    @property
    def experiment(self) -> str:
        """The scenario's name."""
        return self.scenario.scenario

    def cells(self) -> tuple[Cell, ...]:
        """One point without coordinates."""
        return ({},)

    def at(self, cell: Cell) -> Scenario:  # noqa: ARG002
        """The scenario itself."""
        return self.scenario


class Chunk(NamedTuple):
    """Replications ``first`` to ``stop`` of a cell under some of its regimes: one part of the store."""

    cell: int
    first: int
    stop: int
    regimes: tuple[str, ...]


@dataclass(frozen=True)
class PlannedCell:
    """A cell with what it is made of: its scenario, and the digests that say whether a part is of it.

    ``content`` covers market, strategies, set and seed; ``regimes`` has a digest for each law.
    """

    number: int
    values: Cell
    scenario: Scenario
    content: str
    regimes: dict[str, str]

    @property
    def labels(self) -> Labels:
        """The names behind the codes of its rows."""
        return Labels.of(self.scenario)

    def under(self, regimes: tuple[str, ...]) -> Scenario:
        """The scenario with some of its regimes only, in its order."""
        kept = tuple(one for one in self.scenario.regimes if one.regime in regimes)
        return self.scenario if kept == self.scenario.regimes else _with(self.scenario, regimes=kept)

    def key(self, chunk: Chunk) -> str:
        """What names a part: digest of its cell, its laws and its replications."""
        laws = {name: self.regimes[name] for name in chunk.regimes}
        named = [self.number, self.values, self.content, laws, chunk.first, chunk.stop]
        return _digest(named)


class Layout:
    """The chunks of a plan, in canonical order: by cell, then by replication."""

    def __init__(self, plan: Plan) -> None:
        self.plan = plan
        self.replications = plan.scenario.replications
        self.regimes = tuple(one.regime for one in plan.scenario.regimes)
        self.cell = lru_cache(maxsize=8)(self._cell)
        self._laws: dict[int, tuple[Spec, str]] = {}

    @cached_property
    def cells(self) -> tuple[Cell, ...]:
        """The points of the design."""
        return self.plan.cells()

    @cached_property
    def axes(self) -> tuple[str, ...]:
        """The names of what is varied."""
        return tuple(self.cells[0])

    @cached_property
    def _numbers(self) -> dict[tuple[Any, ...], int]:
        return {tuple(cell.items()): number for number, cell in enumerate(self.cells)}

    def number(self, number: int, values: Cell) -> int | None:
        """The number of a cell that had ``number`` elsewhere: the same where its values are; none if unknown.

        A design may repeat points, so that values alone do not tell.
        """
        if number < len(self.cells) and tuple(self.cells[number].items()) == tuple(values.items()):
            return number
        return self._numbers.get(tuple(values.items()))

    def _cell(self, number: int) -> PlannedCell:
        values = self.cells[number]
        scenario = self.plan.at(values)
        stated = scenario.model_dump(mode="json", include={"market", "strategies", "set", "seed"})
        laws = {law.regime: self._law(law) for law in scenario.regimes}
        return PlannedCell(number, values, scenario, _digest(stated), laws)

    def _law(self, law: Spec) -> str:
        """Digest of a regime, reckoned once for all cells that share it."""
        if id(law) not in self._laws:
            self._laws[id(law)] = (law, _digest(law.model_dump(mode="json")))
        return self._laws[id(law)][1]

    @cached_property
    def pairs(self) -> tuple[int, ...]:
        """Negotiations of a replication in each cell."""
        return tuple(_pairs(self.plan.at(cell)) for cell in self.cells)

    @property
    def rows(self) -> int:
        """Outcome rows of the whole plan."""
        return sum(self.pairs) * len(self.regimes) * self.replications

    def spans(self, number: int) -> list[range]:
        """The replications of a cell, cut where its chunks are."""
        size = max(1, CHUNK_ROWS // (self.pairs[number] * len(self.regimes)))
        ends = range(0, self.replications, size)
        return [range(first, min(first + size, self.replications)) for first in ends]

    def mine(self, shard: tuple[int, int] = (1, 1)) -> Iterator[tuple[int, range]]:
        """Cells and spans of shard i of n, in canonical order; the shards together are the whole."""
        turn, of = shard
        for number in range(len(self.cells)):
            for place, span in enumerate(self.spans(number)):
                if (number + place) % of == turn - 1:
                    yield number, span

    def total(self, shard: tuple[int, int] = (1, 1)) -> tuple[int, int]:
        """How many chunks and replications a shard has."""
        spans = [len(span) for _, span in self.mine(shard)]
        return len(spans), sum(spans)


def _pairs(scenario: Scenario) -> int:
    return len(scenario.market.negotiations())


def _with(scenario: Scenario, **changes: Any) -> Scenario:
    return scenario.model_copy(update=changes)


def _digest(stated: Any) -> str:
    return digest(json.dumps(stated, ensure_ascii=False).encode())
