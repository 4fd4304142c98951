"""What a metric is: a rule over the negotiations of a replication, with what tables must know of it."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias

from simulator.outcomes.negotiations import Negotiations, Values

Rule: TypeAlias = Callable[[Negotiations], Values]


@dataclass(frozen=True)
class Metric:
    """One metric: its name, what it is called, its unit and range, and the rule that computes it.

    ``better`` is +1 where more is better, -1 where less is, 0 where neither can be said; ``mechanism``: what
    the market must play for the metric to say anything (``Setting.mechanisms``), empty if nothing special.
    """

    name: str
    title: str
    unit: str
    low: float
    high: float
    better: int
    rule: Rule
    mechanism: str = ""

    @property
    def span(self) -> float:
        """Width of its range, which bounds a difference; inf where it has no lower or no upper end."""
        return self.high - self.low

    @property
    def matters(self) -> float:
        """The smallest difference that matters, in its unit: what advice on replications aims at.

        A convention of this project: one percentage point, a hundredth of a ratio, a month, a tenth of a
        percentage point of price.  nan for counts and money, whose scale is that of the market.
        """
        return next((size for head, size in MATTERS.items() if self.unit.startswith(head)), float("nan"))

    @property
    def description(self) -> str:
        """The docstring of the rule: formula and reading."""
        return inspect.cleandoc(self.rule.__doc__ or "")


MATTERS = {
    "share of price": 0.001,
    "share": 0.01,
    "ratio": 0.01,
    "log": 0.01,
    "index": 0.01,
    "Gini": 0.01,
    "months": 1.0,
}
"""The smallest difference that matters by the head of the unit, first match; see :attr:`Metric.matters`."""
