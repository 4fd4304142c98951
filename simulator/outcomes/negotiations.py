"""The counted negotiations of a chunk, grouped by replication and regime: what metrics are computed on."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from math import inf
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from simulator.engine.adoption import UNLIMITED
from simulator.outcomes.rows import Rows
from simulator.parameters import default
from simulator.spec.base import Quantity
from simulator.spec.scenario import Scenario
from simulator.vocabulary import Cause, Outcome

Values: TypeAlias = npt.NDArray[np.float64]
Mask: TypeAlias = npt.NDArray[np.bool_]
Number: TypeAlias = Callable[[str, Quantity | None], float]
AGREED = (Outcome.NEGOTIATED, Outcome.SETTLED_IN_COURT)
"""Ends by the parties' own agreement."""
ABSENT = (Outcome.NOT_ADOPTED, Outcome.NOT_JOINED)
"""Ends of pairs that never negotiated, since one side kept out of the standard."""


@dataclass(frozen=True)
class Setting:
    """What the metrics need to know of the scenario besides its outcomes.

    ``horizon`` in months; ``follow_up``: months for which every counted negotiation is followed, however late
    its contact, so that times are measured on one scale; ``dockets`` in filings a month and ``court_errors``
    in log sd for each regime; ``elasticities`` of dynamic efficiency to what innovators receive, what
    adopters keep and what is overpaid; ``baseline`` is the place of that regime; ``mechanisms``
    names what the market plays beyond the usual, see ``Metric``.
    """

    regimes: tuple[str, ...]
    horizon: float
    dockets: tuple[float, ...]
    elasticities: tuple[float, float, float]
    court_errors: tuple[float, ...] = ()
    baseline: int = 0
    follow_up: float = inf
    mechanisms: frozenset[str] = frozenset()

    @classmethod
    def of(cls, scenario: Scenario) -> Setting:
        """The setting of a loaded scenario; its ``set`` lies over regimes and market."""

        def number(name: str, own: Quantity | None) -> float:
            stated = scenario.set.get(name, own)
            return default(name) if stated is None else stated.value

        market, timing = scenario.market, scenario.market.timing
        horizon = number("standard.horizon", market.standard.horizon)
        latest = number("timing.notice_spread", timing.notice_spread) + max(
            (number("strategy.ambush", one.ambush) for one in scenario.strategies.values()), default=0.0
        )
        least = number("timing.least_left", timing.least_left)
        names = tuple(regime.regime for regime in scenario.regimes)
        return cls(
            regimes=names,
            horizon=horizon,
            dockets=tuple(number("court.docket", regime.court.docket) for regime in scenario.regimes),
            elasticities=(
                number("welfare.innovation_elasticity", market.welfare.innovation_elasticity),
                number("welfare.adoption_elasticity", market.welfare.adoption_elasticity),
                number("welfare.overpayment_elasticity", market.welfare.overpayment_elasticity),
            ),
            court_errors=tuple(
                number("court.rate.error", regime.court.rate.error) for regime in scenario.regimes
            ),
            baseline=names.index(scenario.baseline) if scenario.baseline in names else 0,
            follow_up=min(horizon, max(least, horizon - latest)),
            mechanisms=frozenset(name for name, plays in MECHANISMS.items() if plays(scenario, number)),
        )


def _chooses(scenario: Scenario, number: Number) -> bool:
    """Whether firms choose to take part in the standard."""
    barriers = (number("implementers.barrier", group.barrier) for group in scenario.market.implementers)
    outside = (number("holders.outside", group.outside) for group in scenario.market.holders)
    return any(barrier < UNLIMITED for barrier in barriers) or any(worth > 0.0 for worth in outside)


def _renews(scenario: Scenario, number: Number) -> bool:
    """Whether licences end before the horizon."""
    horizon = number("standard.horizon", scenario.market.standard.horizon)
    licences = scenario.market.licences
    new = any(0 < one.first_month < horizon for one in scenario.market.standard.generations)
    leaves_out = number("licences.later_generations", licences.later_generations) < 1
    return number("licences.term", licences.term) < horizon or (new and leaves_out)


def _doubts(scenario: Scenario, number: Number) -> bool:
    """Whether a suit is doubted until it is threatened."""
    return number("threats.unthreatened", scenario.market.threats.unthreatened) < 1.0


def _remands(scenario: Scenario, number: Number) -> bool:
    """Whether some court's judgments may be vacated and tried anew."""
    appeals = (regime.court.appeal for regime in scenario.regimes)
    return any(one.available and number("court.appeal.vacated", one.vacated) > 0.0 for one in appeals)


MECHANISMS = {"participation": _chooses, "renewal": _renews, "doubt": _doubts, "remand": _remands}
"""By name, whether a scenario with its numbers plays a mechanism that has metrics of its own."""


class Negotiations:
    """The counted negotiations of whole replications, grouped into cells (replication, regime)."""

    def __init__(self, outcomes: Rows, setting: Setting) -> None:
        self.setting = setting
        self.replications = np.unique(outcomes["replication"])
        self._rows = outcomes[outcomes["counted"] == 1]
        place = np.searchsorted(self.replications, self._rows["replication"])
        self.cell = place * len(setting.regimes) + self._rows["regime"]
        self.cells = len(self.replications) * len(setting.regimes)
        self.parties = {party: int(outcomes[party].max(initial=0)) + 1 for party in ("holder", "implementer")}

    def __getitem__(self, column: str) -> Values:
        return np.asarray(self._rows[column], dtype=np.float64)

    def ended(self, *outcomes: Outcome) -> Mask:
        """Which negotiations ended in one of the outcomes."""
        return np.isin(self["outcome"], outcomes)

    def sum(self, values: npt.ArrayLike) -> Values:
        """Sum in each cell."""
        return totals(self.cell, values, self.cells)

    def ratio(self, part: npt.ArrayLike, whole: npt.ArrayLike) -> Values:
        """Sum of ``part`` over sum of ``whole`` in each cell; nan where the whole is 0."""
        return quotient(self.sum(part), self.sum(whole))

    def mean(self, values: npt.ArrayLike) -> Values:
        """Mean over the negotiations of each cell, without missing values; nan where there is none."""
        number = np.asarray(values, dtype=np.float64)
        known = ~np.isnan(number) & self.held
        return self.ratio(np.where(known, number, 0.0), known)

    def of_entitlement(self, values: npt.ArrayLike) -> Values:
        """USD m over what is due in the cell."""
        return self.ratio(values, self.due)

    def by_party(self, party: str, values: npt.ArrayLike) -> Values:
        """Sum for each holder (or implementer) of each cell: shape (cells, parties)."""
        parties = self.parties[party]
        key = self.cell * parties + self[party].astype(np.int64)
        return totals(key, values, self.cells * parties).reshape(-1, parties)

    @cached_property
    def held(self) -> Mask:
        """Which pairs negotiated: neither side kept out of the standard."""
        return ~self.ended(*ABSENT)

    @cached_property
    def due(self) -> Values:
        """USD m that FRAND rates bring on sales under the standard, and would had nobody kept out."""
        return self["entitlement"] + self["entitlement_forgone"]

    @cached_property
    def deadlocked(self) -> Mask:
        """Ended without the parties' own agreement."""
        return ~self.ended(*AGREED, *ABSENT)

    @cached_property
    def licensed(self) -> Mask:
        """Ended with a licence of whatever kind."""
        return ~self.ended(Outcome.EXIT, Outcome.UNLICENSED, *ABSENT)

    @cached_property
    def without_agreement(self) -> Mask:
        """Ended with a licence that was imposed: a court's or tribunal's rate, or under an injunction."""
        return self.licensed & self.deadlocked

    @cached_property
    def months(self) -> Values:
        """Months from first contact to the licence, at most those for which every negotiation is followed."""
        return np.minimum(self["months_to_licence"], self.setting.follow_up)

    @cached_property
    def costs(self) -> Values:
        """Transaction and litigation costs of both parties, USD m."""
        return self["cost_holder"] + self["cost_implementer"]

    @cached_property
    def losses(self) -> Values:
        """Benchmark less realised surplus, USD m; output beyond that at FRAND rates lowers it."""
        return self.costs + self["cost_public"] + self.margin_gone + self["output_lost"]

    @cached_property
    def margin_gone(self) -> Values:
        """Margin lost under exclusion and exit that no rival earns instead, USD m."""
        return self["margin_lost"] - self["margin_diverted"]

    @cached_property
    def output_cut(self) -> Values:
        """Output lost to stacks above those at FRAND rates, USD m; extra output is no negative loss."""
        return np.maximum(0.0, self["output_lost"])

    @cached_property
    def avoidable_losses(self) -> Values:
        """Costs, public cost, margin and output lost, USD m; extra output is no negative loss."""
        return self.losses + np.maximum(0.0, -self["output_lost"])

    @cached_property
    def shortfall(self) -> Values:
        """E - Y, USD m: positive where the holder was paid too little."""
        return self["entitlement"] - self["paid"]


def totals(key: npt.NDArray[np.int64], values: npt.ArrayLike, size: int) -> Values:
    """Sum of the values of each key 0 .. size - 1, added in the order of the rows."""
    counted = np.bincount(key, weights=np.asarray(values, dtype=np.float64), minlength=size)
    return np.asarray(counted, dtype=np.float64)


def quotient(part: npt.ArrayLike, whole: npt.ArrayLike) -> Values:
    """``part / whole``, nan where the whole is 0."""
    upper, lower = np.asarray(part, dtype=np.float64), np.asarray(whole, dtype=np.float64)
    result: Values = np.divide(upper, lower, out=np.full(upper.shape, np.nan), where=lower != 0)
    return result


def without_cause(outcomes: Rows) -> int:
    """Counted deadlocks that carry no cause: 0 in a sound run, since causes sum to the deadlock rate."""
    deadlocked = (outcomes["counted"] == 1) & ~np.isin(outcomes["outcome"], AGREED + ABSENT)
    return int(np.count_nonzero(deadlocked & (outcomes["cause"] == Cause.NONE)))
