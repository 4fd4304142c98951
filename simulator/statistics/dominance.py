"""Whether one distribution of outcomes dominates another: better for everyone who prefers more of it.

First order: every quantile is at least as good, so whoever prefers more prefers it.  Second order: whoever
prefers more and dislikes risk does.  Both sides share their replications, and a test resamples whole
replications, so that negotiations of one market are not taken for independent ones.

That dominance is not rejected is no evidence of it: it is declared only where *non*-dominance is rejected.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, TypeVar

import numpy as np
from scipy import stats

from simulator.outcomes.negotiations import Values
from simulator.statistics.intervals import LEVEL, ROUNDING
from simulator.statistics.paired import holm

Order = Literal[1, 2]
_ORDERS: tuple[Order, Order] = (1, 2)
Cell = TypeVar("Cell")

GRID = 200
"""Points, quantiles of both samples together, at which distributions are compared."""

TRIM = 0.1
"""Share of both samples together cut off at either end where non-dominance is tested: in the outermost tails
two distributions cannot be told apart, so that over the whole line it is never rejected."""


@dataclass(frozen=True)
class Dominance:
    """One distribution against another.

    ``in_sample``: whether it dominates in the sample at hand; ``p``: of the hypothesis that it dominates;
    ``p_reverse``: of the hypothesis that the other does; ``p_not``: of the hypothesis that it does *not*
    dominate, ``p_not_reverse``: that the other does not.
    """

    order: Order
    in_sample: bool
    p: float
    p_reverse: float
    p_not: float
    p_not_reverse: float

    @property
    def p_dominated(self) -> float:
        """The p value of "neither side dominates", either way: at most one of the two can be false."""
        return min(1.0, 2 * min(self.p_not, self.p_not_reverse))

    @property
    def p_crossing(self) -> float:
        """The p value of "one of the sides dominates": both must be rejected."""
        return max(self.p, self.p_reverse)

    @property
    def verdict(self) -> str:
        """``dominates``, ``is dominated``, ``neither`` or ``undecided``, at 5 %, of this cell alone."""
        return self.said(self.p_dominated, self.p_crossing)

    def said(self, p_dominated: float, p_crossing: float) -> str:
        """The verdict at p values that may be adjusted over other cells.

        A side dominates where non-dominance is rejected; neither does where both dominances are.
        """
        if p_dominated < 1 - LEVEL:
            return "dominates" if self.p_not < self.p_not_reverse else "is dominated"
        return "neither" if p_crossing < 1 - LEVEL else "undecided"


def dominance(
    ours: Values, theirs: Values, order: Order, better: int = 1, seed: int = 0, resamples: int = 1999
) -> Dominance:
    """Whether ``ours`` dominates ``theirs``, both of shape (replications,) or (replications, negotiations).

    ``better`` is -1 where less is better.  Missing values are left out.  ``p`` and ``p_reverse``: the
    statistic is ``sqrt(n) sup_z (D_ours(z) - D_theirs(z))`` with ``D`` the distribution function (first
    order) or its integral (second); its p value is the share of bootstrap samples whose recentred supremum
    is larger.  ``p_not``: the largest p value of t tests that ``D_ours(z) < D_theirs(z)``, over z between
    the ``TRIM`` quantiles (for the second order, to the upper end, where it compares means).
    *Source*: Barrett and Donald (2003), Econometrica 71:71, with pairs resampled together as in Linton,
    Maasoumi and Whang (2005), Review of Economic Studies 72:735; Davidson and Duclos (2013), Econometric
    Reviews 32:84, for the null of non-dominance.

    >>> base, more = np.random.default_rng(1).normal([[0], [1]], size=(2, 80))
    >>> dominance(more, base, 1).verdict, dominance(base, more, 2).verdict
    ('dominates', 'is dominated')
    """
    ours, theirs = (better * np.asarray(side, np.float64).reshape(len(side), -1) for side in (ours, theirs))
    pooled = np.concatenate([ours.ravel(), theirs.ravel()])
    points = _grid(pooled)
    sides = [_contributions(side, points, order) for side in (ours, theirs)]
    n = len(ours)
    if n < 2 or not len(points) or any(count.sum() == 0 for _, count in sides):  # a side has no value
        return Dominance(order, False, *(float("nan"),) * 4)
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

    low, high = np.nanquantile(pooled, [TRIM, 1 - TRIM], method="inverted_cdf")
    tested = (points >= low) & ((points <= high) & (points < points[-1]) | (order == 2))
    if not tested.any():  # all the same
        return Dominance(order, False, p(1), p(-1), 1.0, 1.0)
    t = _t(sides, gap[0])[tested]
    p_not, p_not_reverse = (float(stats.t.sf((sign * t).min(), n - 1)) for sign in (-1, 1))
    holds, reverse = float(gap.max()) <= tolerance, float(-gap.min()) <= tolerance
    return Dominance(order, holds and not reverse, p(1), p(-1), p_not, p_not_reverse)


def _t(sides: list[tuple[Values, Values]], gap: Values) -> Values:
    """The paired t statistic of the gap at each point, of ratios by their linearised replications.

    nan-free: where the replications agree at a point, the sample proves nothing there, and t is 0.
    """
    parts = [
        (part - count[:, None] * (part.sum(axis=0) / count.sum())) / count.mean() for part, count in sides
    ]
    each = parts[0] - parts[1]
    error = np.sqrt((each**2).sum(axis=0) / (len(each) - 1) / len(each))
    t: Values = np.divide(gap, error, out=np.zeros_like(gap), where=error > ROUNDING)
    return t


def dominates(
    cells: Mapping[Cell, tuple[Values, Values, int]], seed: int = 0, resamples: int = 499
) -> dict[Cell, str]:
    """The strongest order in which one side of each cell dominates the other, in words.

    ``cells``: ours, theirs and ``better`` as :func:`dominance` takes them.  p values are adjusted over the
    cells (Holm 1979); the first order is tested only where the second holds, which it implies.

    >>> base, more = np.random.default_rng(1).normal([[0], [1]], size=(2, 80))
    >>> dominates({"more": (more, base, 1), "same": (base, base, 1)})
    {'more': 'dominates (first order)', 'same': 'the same'}
    """
    said: dict[Cell, str] = {}
    tested: list[Cell] = []
    for cell, (ours, theirs, _) in cells.items():
        if np.array_equal(ours, theirs, equal_nan=True):
            said[cell] = "the same"
        else:
            tested.append(cell)
    first, second = (
        _verdicts([dominance(*cells[cell][:2], order, cells[cell][2], seed, resamples) for cell in tested])
        for order in _ORDERS
    )
    for cell, one, two in zip(tested, first, second, strict=True):
        if two in ("dominates", "is dominated"):
            said[cell] = f"{two} ({'first' if one == two else 'second'} order)"
        else:
            said[cell] = two
    return {cell: said[cell] for cell in cells}


def _verdicts(tests: list[Dominance]) -> list[str]:
    """The verdict on each cell, p values adjusted over all."""
    dominated = holm(np.array([one.p_dominated for one in tests], dtype=np.float64))
    crossing = holm(np.array([one.p_crossing for one in tests], dtype=np.float64))
    return [one.said(p, q) for one, p, q in zip(tests, dominated, crossing, strict=True)]


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
