"""Whether one distribution of outcomes dominates another: better for everyone who prefers more of it.

First order: every quantile is at least as good, so whoever prefers more prefers it.  Second order: whoever
prefers more and dislikes risk does.  Both sides share their replications, and a test resamples whole
replications, so that negotiations of one market are not taken for independent ones.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np

from simulator.outcomes.negotiations import Values
from simulator.statistics.intervals import LEVEL

Order = Literal[1, 2]

GRID = 200
"""Points, quantiles of both samples together, at which distributions are compared."""


@dataclass(frozen=True)
class Dominance:
    """One distribution against another.

    ``in_sample``: whether it dominates in the sample at hand; ``p``: of the hypothesis that it dominates;
    ``p_reverse``: of the hypothesis that the other does.
    """

    order: Order
    in_sample: bool
    p: float
    p_reverse: float

    @property
    def verdict(self) -> str:
        """``dominates``, ``is dominated``, ``neither`` or ``undecided``, at 5 %.

        A side dominates where its own dominance stands and that of the other is rejected.
        """
        stands, reverse = self.p >= 1 - LEVEL, self.p_reverse >= 1 - LEVEL
        if stands and reverse:
            return "undecided"
        if stands:
            return "dominates"
        return "is dominated" if reverse else "neither"


def dominance(
    ours: Values, theirs: Values, order: Order, better: int = 1, seed: int = 0, resamples: int = 1999
) -> Dominance:
    """Whether ``ours`` dominates ``theirs``, both of shape (replications,) or (replications, negotiations).

    ``better`` is -1 where less is better.  Missing values are left out.  The statistic is
    ``sqrt(n) sup_z (D_ours(z) - D_theirs(z))`` with ``D`` the distribution function (first order) or its
    integral (second); its p value is the share of bootstrap samples whose recentred supremum is larger.
    *Source*: Barrett and Donald (2003), Econometrica 71:71, with pairs resampled together as in Linton,
    Maasoumi and Whang (2005), Review of Economic Studies 72:735.

    >>> base = np.random.default_rng(1).normal(size=80)
    >>> dominance(base + 1, base, 1).verdict, dominance(base, base + 1, 2).verdict
    ('dominates', 'is dominated')
    """
    ours, theirs = (better * np.asarray(side, np.float64).reshape(len(side), -1) for side in (ours, theirs))
    points = _grid(np.concatenate([ours.ravel(), theirs.ravel()]))
    sides = [_contributions(side, points, order) for side in (ours, theirs)]
    n = len(ours)
    if n < 2 or not len(points):
        return Dominance(order, False, float("nan"), float("nan"))
    weights = np.random.default_rng(seed).multinomial(n, np.full(n, 1 / n), resamples).astype(np.float64)
    gap = _difference(np.ones((1, n)), sides)
    moved = _difference(weights, sides) - gap
    moved = moved[~np.isnan(moved).any(axis=1)]
    tolerance = 1e-12 * max(float(np.ptp(points)), 1.0)

    def p(sign: int) -> float:
        observed = float((sign * gap).max())
        if observed <= tolerance:
            return 1.0
        return float((1 + np.count_nonzero((sign * moved).max(axis=1) >= observed)) / (1 + len(moved)))

    holds, reverse = float(gap.max()) <= tolerance, float(-gap.min()) <= tolerance
    return Dominance(order, holds and not reverse, p(1), p(-1))


def dominates(ours: Values, theirs: Values, better: int = 1, seed: int = 0) -> str:
    """The strongest order in which one side dominates the other, in words.

    >>> base = np.random.default_rng(1).normal(size=80)
    >>> dominates(base + 1, base), dominates(base, base)
    ('dominates (first order)', 'the same')
    """
    if np.array_equal(ours, theirs, equal_nan=True):
        return "the same"
    orders: tuple[tuple[Order, str], ...] = ((1, "first"), (2, "second"))
    for order, name in orders:
        said = dominance(ours, theirs, order, better, seed, resamples=499).verdict
        if said in ("dominates", "is dominated"):
            return f"{said} ({name} order)"
    return said


def _grid(values: Values) -> Values:
    known = np.unique(values[~np.isnan(values)])
    if len(known) <= GRID:
        return known
    return np.unique(np.quantile(known, np.linspace(0, 1, GRID)))


def _contributions(side: Values, points: Values, order: Order) -> tuple[Values, Values]:
    """Each replication's sum of ``1(x <= z)`` or of ``max(z - x, 0)`` at each point z, and its count."""
    present = ~np.isnan(side)
    parts = np.empty((len(side), len(points)))
    for place, point in enumerate(points):  # one point at a time: memory stays that of the sample
        term = side <= point if order == 1 else np.maximum(point - side, 0.0)
        parts[:, place] = np.where(present, term, 0.0).sum(axis=1)
    return parts, present.sum(axis=1).astype(np.float64)


def _difference(weights: Values, sides: list[tuple[Values, Values]]) -> Values:
    """``D_ours - D_theirs`` at each point under each row of weights on the replications."""
    with np.errstate(invalid="ignore", divide="ignore"):
        (ours, ours_n), (theirs, theirs_n) = sides
        found: Values = (weights @ ours) / (weights @ ours_n)[:, None]
        found -= (weights @ theirs) / (weights @ theirs_n)[:, None]
    return found
