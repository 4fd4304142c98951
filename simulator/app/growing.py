"""A comparison that grows while it is looked at: the same replications as a run, a slice at a time."""

from __future__ import annotations

from time import perf_counter

from simulator.comparison.tables import Tables
from simulator.engine.build import build
from simulator.engine.run import run_chunk
from simulator.interface import ShownComparison
from simulator.outcomes.evidence import Evidence
from simulator.outcomes.rows import Rows
from simulator.spec.scenario import Scenario

STAGES = (20, 80, 320)
"""Replications at which the numbers are shown: at once, then refined."""
SLICE = 10
"""Replications played between two looks at the clock."""


class Growing:
    """A scenario, the rows played of it so far, and the comparison they make."""

    def __init__(self, scenario: Scenario) -> None:
        self.scenario = scenario
        self.seconds = 0.0
        """Spent on playing and tabulating so far."""
        self._rules = build(scenario)
        self._chunks: list[Rows] = []
        self._replications = 0
        self._advance(STAGES[0], float("inf"))
        self.shown = self._compared()

    @property
    def target(self) -> int | None:
        """The stage it is growing to; none at the last."""
        return next((stage for stage in STAGES if stage > self.shown.scenario.replications), None)

    def refine(self, seconds: float) -> bool:
        """Play on for so long; whether the next stage was reached, and is what is ``shown`` now."""
        if self.target is None:
            return False
        self._advance(self.target, seconds)
        if self._replications < self.target:
            return False
        self.shown = self._compared()
        return True

    def _advance(self, target: int, seconds: float) -> None:
        start = perf_counter()
        while self._replications < target and perf_counter() - start < seconds:
            upto = min(self._replications + SLICE, target)
            self._chunks.append(run_chunk(self._rules, self.scenario.seed, range(self._replications, upto)))
            self._replications = upto
        self.seconds += perf_counter() - start

    def _compared(self) -> ShownComparison:
        start = perf_counter()
        scenario = self.scenario.model_copy(update={"replications": self._replications})
        evidence = Evidence(scenario)
        for rows in self._chunks:
            evidence.add(rows)
        tables = Tables(evidence, scenario.baseline)
        compared = ShownComparison(scenario, tables, [])
        self.seconds += perf_counter() - start
        return compared
