"""The plain duopoly with luck that is given, not drawn, and every month kept: for worked negotiations."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable
from math import nan
from random import Random
from typing import Any

from tests.odd.duopoly import Negotiation
from tests.odd.values import COURT, HOLDER, IMPLEMENTER, LICENSED, OUT, TALKS, Law, Market

BASIS_POINTS = 1e4


class Given(Random):
    """Luck in the order in which it is used: standard normals, and uniform numbers."""

    def __init__(self, normals: Iterable[float], uniforms: Iterable[float]):
        super().__init__(0)
        self.normals, self.uniforms = deque(normals), deque(uniforms)

    def gauss(self, mu: float = 0.0, sigma: float = 1.0) -> float:
        """The next standard normal."""
        return mu + sigma * self.normals.popleft()

    def random(self) -> float:
        """The next uniform number."""
        return self.uniforms.popleft()


class Recorded(Negotiation):
    """A negotiation that keeps, for each month it is open, what both reckon with and what they do.

    Rates in basis points, money in USD m; nan where there is nothing.
    """

    def __init__(self, law: Law, market: Market, strategies: list[dict[str, Any]], rng: Random):
        super().__init__(law, market, strategies, rng)
        self.rows: list[dict[str, float]] = []

    def month(self) -> None:
        """Keeps the month."""
        if self.status in (LICENSED, OUT):
            return
        row = self.reckoned()
        talks = self.status == TALKS
        before = [side.first for side in self.sides]
        super().month()
        offers = []
        for side, first in zip(self.sides, before, strict=True):
            tabled = talks and side.offer > 0 and (first >= 0 or side.first == self.t)
            offers.append(side.offer * BASIS_POINTS if tabled else nan)
        row |= {"ask": offers[HOLDER], "bid": offers[IMPLEMENTER]}
        row |= {"cost_h": self.sides[HOLDER].cost, "cost_i": self.sides[IMPLEMENTER].cost}
        self.rows.append(row)

    def reckoned(self) -> dict[str, float]:
        """What the month's moves rest on."""
        law, market, t = self.law, self.market, self.t
        self.reserve()
        holder, implementer = self.sides
        months = self.ahead()
        faults = self.expected_faults()
        share = faults[1] / sum(faults) if sum(faults) > 0 else 0.5
        past = self.past_due(t + months, share)
        costs = self.costs_ahead(months)
        award = [self.award(side.rho, side.side, t + months, past) for side in self.sides]
        weighs = law.court["mode"] in ("indirect", "adaptive")
        return {
            "month": float(t),
            "rho_h": holder.rho * BASIS_POINTS,
            "rho_i": implementer.rho * BASIS_POINTS,
            "F_h": self.ledger(HOLDER),
            "F_i": self.ledger(IMPLEMENTER),
            "a": market.to_come(t, HOLDER),
            "P": market.past(self.sold, self.first_past(), t, law["court.interest.licence"]),
            "l": self.bases[HOLDER],
            "D": float(months),
            "a'": market.to_come(t + months, HOLDER),
            "P'": past,
            "p": self.chance(faults) if weighs else nan,
            "V_h": award[HOLDER],
            "V_i": award[IMPLEMENTER],
            "c_h": costs[HOLDER],
            "c_i": costs[IMPLEMENTER],
            "S_i": self.escrow_cost(implementer.rho, months),
            "W_h": self.worth,
            "L_i": self.loss,
            "R_h": self.low * BASIS_POINTS,
            "R_i": self.high * BASIS_POINTS,
            "in court": float(self.status >= COURT),
        }
