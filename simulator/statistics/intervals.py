"""Intervals and tests of a mean over replications, chosen by what a replication yields.

A replication that yields 0 or 1 (one pair) is a proportion; one that yields a share of many pairs is a number
like any other.  Where nothing varied between replications that is no certainty: the chance that the next one
differs is bounded (the rule of three), and with it the mean, as far as the outcome has a range.  Where few
replications moved, the t interval misses what did not happen in the sample, so that bound is kept too.

Replications are the first axis everywhere, missing values are left out, and all arrays are worked on at once.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields
from enum import IntEnum
from typing import Any, Literal, TypeAlias

import numpy as np
import numpy.typing as npt
from scipy import stats

from simulator.outcomes.negotiations import Mask, Values

LEVEL = 0.95
"""Confidence level of every interval."""

ROUNDING = 1e-12
"""Differences that are nowhere larger are rounding, and count as zero."""

THIN = 10
"""Fewer replications than this that moved, while more than half did not, are too few for a t interval."""

Side: TypeAlias = Literal["two-sided", "greater", "less"]
"""The alternative of a test: the mean is other than, above or below the edge."""


class Kind(IntEnum):
    """What a sample of replications is, and so which interval its mean has."""

    NONE = 0
    """fewer than two replications: no interval"""
    MEAN = 1
    """numbers: Student's t"""
    PROPORTION = 2
    """every replication at one end of the range (a difference: or at 0): Wilson's, Tango's score interval"""
    FEW = 3
    """most replications the same, fewer than ``THIN`` moved: t and the score interval of moving together"""
    NONE_MOVED = 4
    """all the same: the score interval of moving, over the range; none where there is no range"""
    EQUAL = 5
    """equal by construction: no width"""


@dataclass(frozen=True)
class Sample:
    """What intervals and tests need of samples over the first axis, each an array over the other axes.

    ``usual``: the value most replications have, if more than half do; ``above, below``: replications over
    and under it; ``size``: by how much those that moved did so, on average (all could, where none did).
    ``low, high`` bound the mean; ``gap`` says that values are differences, on either side of zero.
    """

    n: npt.NDArray[np.int64]
    mean: Values
    sd: Values
    usual: Values
    above: npt.NDArray[np.int64]
    below: npt.NDArray[np.int64]
    size: Values
    low: Values
    high: Values
    kind: npt.NDArray[np.int64]
    gap: bool

    @property
    def moved(self) -> npt.NDArray[np.int64]:
        """Replications other than the usual."""
        return self.above + self.below

    @classmethod
    def stacked(cls, samples: Sequence[Sample]) -> Sample:
        """Samples of one shape as one sample with an axis more, in front."""
        parts = {
            part.name: np.stack([getattr(one, part.name) for one in samples])
            for part in fields(cls)
            if part.name != "gap"
        }
        return cls(**parts, gap=samples[0].gap)


@np.errstate(all="ignore")
def sample(
    values: Values,
    low: npt.ArrayLike = -np.inf,
    high: npt.ArrayLike = np.inf,
    *,
    gap: bool = False,
    equal: npt.ArrayLike = False,
) -> Sample:
    """Look at values of shape (replications, ...) whose range is ``low`` to ``high`` (over the other axes).

    ``gap``: they are differences.  ``equal``: where they are the same by construction, which a sample cannot
    tell: two regimes with the same rules, a regime and itself.
    """
    values = np.asarray(values, dtype=np.float64)
    shape = values.shape[1:]
    if not len(values):
        values = np.full((1, *shape), np.nan)
    low, high = (np.broadcast_to(np.asarray(end, np.float64), shape) for end in (low, high))
    defined = ~np.isnan(values)
    n = defined.sum(axis=0)
    some = np.maximum(n, 1)
    mean = np.where(n > 0, np.where(defined, values, 0.0).sum(axis=0) / some, np.nan)
    squares = np.where(defined, (values - mean) ** 2, 0.0).sum(axis=0)
    sd = np.where((n > 1) & np.isfinite(squares), np.sqrt(squares / np.maximum(n - 1, 1)), np.nan)
    # if one value has more than half of the replications, it is the middle one
    middle = np.take_along_axis(np.sort(values, axis=0), ((some - 1) // 2)[None], axis=0)[0]
    near = ROUNDING * np.maximum(1.0, np.abs(middle))
    above = (values > middle + near).sum(axis=0)
    below = (values < middle - near).sum(axis=0)
    moved = above + below
    span = high - low
    bounded = np.isfinite(span)
    at_end = np.zeros(values.shape, dtype=bool)
    for end in [low, high, (low + high) / 2] if gap else [low, high]:
        at_end |= np.abs(values - end) <= ROUNDING
    proportion = bounded & np.all(at_end | ~defined, axis=0)
    full = span / 2 if gap else span
    distance = np.where(defined, np.abs(values - middle), 0.0).sum(axis=0)
    size = np.where(proportion | (moved == 0), full, distance / np.maximum(moved, 1))
    kind = np.select(
        [
            n < 2,
            np.broadcast_to(equal, shape),
            proportion & (moved > 0),
            moved == 0,
            (2 * moved < n) & (moved < THIN),
        ],
        [Kind.NONE, Kind.EQUAL, Kind.PROPORTION, Kind.NONE_MOVED, Kind.FEW],
        Kind.MEAN,
    )
    usual = np.where(proportion, np.where(gap, (low + high) / 2 if gap else low, low), middle)
    above = np.where(proportion, (values > usual + near).sum(axis=0), above)
    below = np.where(proportion, (values < usual - near).sum(axis=0), below)
    mean = np.where((moved == 0) & (n > 0), middle, mean)  # without the rounding of a sum
    return Sample(n, mean, sd, usual, above, below, size, low, high, kind, gap)


@np.errstate(all="ignore")
def interval(observed: Sample) -> tuple[Values, Values]:
    """95 % interval of the mean, cut at the range; nan where a sample gives none.

    *Source*: Student; Wilson (1927) for proportions; Tango (1998) for differences of paired proportions;
    for a mean most of which is one value, what the others add times how often they may be expected to.

    >>> low, high = interval(sample(np.zeros(100), 0, 1))  # the rule of three: 3.8 for a two-sided interval
    >>> (float(low), round(float(high), 3))
    (0.0, 0.037)
    """
    kind = observed.kind
    half = _critical(observed.n) * observed.sd / np.sqrt(np.maximum(observed.n, 1))
    least, most = _score_interval(observed)
    low = np.where(kind == Kind.MEAN, observed.mean - half, least)
    high = np.where(kind == Kind.MEAN, observed.mean + half, most)
    low = np.where(kind == Kind.FEW, np.fmin(observed.mean - half, least), low)
    high = np.where(kind == Kind.FEW, np.fmax(observed.mean + half, most), high)
    low = np.where(kind == Kind.EQUAL, observed.mean, np.maximum(low, observed.low))
    high = np.where(kind == Kind.EQUAL, observed.mean, np.minimum(high, observed.high))
    nothing = (kind == Kind.NONE) | np.isnan(low) | np.isnan(high) | np.isinf(low) | np.isinf(high)
    return np.where(nothing, np.nan, low), np.where(nothing, np.nan, high)


@np.errstate(all="ignore")
def p_value(observed: Sample, edge: npt.ArrayLike = 0.0, side: Side = "two-sided") -> Values:
    """The p value of a mean at ``edge``, by the test whose interval :func:`interval` is.

    nan below two replications; 1 where nothing varied and the outcome has no range, since then a sample
    cannot tell; equal by construction: 1 at the edge, else 0 (one-sided: 0 on the side claimed).
    """
    edge = np.broadcast_to(np.asarray(edge, np.float64), observed.mean.shape)
    kind = observed.kind
    t = (observed.mean - edge) / (observed.sd / np.sqrt(observed.n))
    by_t = _tail(stats.t(np.maximum(observed.n - 1, 1)), t, side)
    by_t = np.where(np.isnan(t), 1.0, by_t)
    by_score = np.maximum(_tail(stats.norm, _score(observed, edge), side), _rare_tail(observed, edge, side))
    p = np.where(kind == Kind.MEAN, by_t, by_score)
    p = np.where(kind == Kind.FEW, np.maximum(by_t, by_score), p)
    ahead = observed.mean > edge if side == "greater" else observed.mean < edge
    ahead = observed.mean != edge if side == "two-sided" else ahead
    p = np.where(kind == Kind.EQUAL, np.where(ahead, 0.0, 1.0), p)
    p = np.where((kind == Kind.NONE_MOVED) & ~np.isfinite(observed.size), 1.0, p)
    return np.where(kind == Kind.NONE, np.nan, p)


def _critical(n: npt.NDArray[np.int64]) -> Values:
    return np.asarray(stats.t.ppf((1 + LEVEL) / 2, np.maximum(n - 1, 1)))


def _tail(law: Any, statistic: Values, side: Side) -> Values:
    if side == "two-sided":
        return np.asarray(2 * law.sf(np.abs(statistic)))
    return np.asarray(law.sf(statistic) if side == "greater" else law.cdf(statistic))


def _one_way(found: Sample) -> Mask:
    """Where replications can leave the usual value in one direction only, as a proportion its 0 or 1."""
    at_end = (found.usual <= found.low + ROUNDING) | (found.usual >= found.high - ROUNDING)
    return np.asarray(at_end)


def _score_interval(observed: Sample) -> tuple[Values, Values]:
    """Interval of usual value + size x (share above - share below)."""
    tail = (1 + LEVEL) / 2
    low_share, high_share = wilson(observed.moved, observed.n, tail)
    up = observed.usual <= observed.low + ROUNDING
    one_low = np.where(up, low_share, -high_share)
    one_high = np.where(up, high_share, -low_share)
    single = _one_way(observed)
    two = ~single & np.isin(observed.kind, (Kind.PROPORTION, Kind.NONE_MOVED, Kind.FEW))
    two_low, two_high = (np.full(two.shape, np.nan) for _ in range(2))
    two_low[two], two_high[two] = tango(observed.above[two], observed.below[two], observed.n[two], tail)
    low = observed.usual + observed.size * np.where(single, one_low, two_low)
    high = observed.usual + observed.size * np.where(single, one_high, two_high)
    return low, high


def _rare_tail(observed: Sample, edge: Values, side: Side) -> Values:
    """The p value that goes with the Poisson bound of :func:`wilson`; 0 where that bound is not used."""
    share = np.abs(edge - observed.usual) / observed.size
    few = np.where(observed.n <= 50, 2, 3)
    rare = (
        _one_way(observed)
        & (observed.moved >= 1)
        & (observed.moved <= few)
        & (share * observed.n < observed.moved)
    )
    tail = stats.poisson.sf(observed.moved - 1, np.where(rare, share * observed.n, 0.0))
    return np.where(rare, tail if side == "two-sided" else tail / 2, 0.0)


def _score(observed: Sample, edge: Values) -> Values:
    """Score statistic of the mean at an edge, standard normal there; 0 where it cannot be had."""
    delta = (edge - observed.usual) / observed.size
    share = np.abs(delta)
    up = observed.usual <= observed.low + ROUNDING
    inside = np.where(up, delta, -delta) >= 0  # the edge lies where replications can go
    z = (observed.moved - observed.n * share) / np.sqrt(observed.n * share * (1 - share))
    z = np.where(share == 0, np.where(observed.moved == 0, 0.0, np.inf), z)
    z = np.where(share >= 1, np.where((share == 1) & (observed.moved == observed.n), 0.0, -np.inf), z)
    one = np.where(inside, z, np.inf) * np.where(up, 1.0, -1.0)
    two = tango_score(observed.above, observed.below, observed.n, delta)
    score = np.where(_one_way(observed), one, two)
    return np.where(np.isfinite(observed.size), score, 0.0)


def wilson(
    successes: npt.ArrayLike, n: npt.ArrayLike, tail: float = (1 + LEVEL) / 2
) -> tuple[Values, Values]:
    """Score interval of a proportion; successes need not be whole.

    For one to three successes (or failures) the outer bound is that of a Poisson count, since the score
    interval dips to 83 % there.  *Source*: Wilson (1927), JASA 22:209; modified as in Brown, Cai and DasGupta
    (2001), Statistical Science 16:101, section 4.1.1.

    >>> [round(float(end), 4) for end in wilson(0, 12)]
    [0.0, 0.2425]
    """
    z = float(stats.norm.ppf(tail))
    count = np.maximum(np.asarray(n, dtype=np.float64), 1)
    successes = np.asarray(successes, dtype=np.float64)
    share = successes / count
    middle = share + z**2 / (2 * count)
    half = z * np.sqrt(share * (1 - share) / count + (z / (2 * count)) ** 2)
    scale = 1 + z**2 / count
    low = np.where(share == 0, 0.0, (middle - half) / scale)
    high = np.where(share == 1, 1.0, (middle + half) / scale)
    few = np.where(count <= 50, 2, 3)
    for number, bound in ((successes, "low"), (count - successes, "high")):
        poisson = stats.chi2.ppf(2 * (1 - tail), 2 * np.maximum(number, 1)) / (2 * count)
        rare = (number >= 1) & (number <= few)
        if bound == "low":
            low = np.where(rare, np.minimum(low, poisson), low)
        else:
            high = np.where(rare, np.maximum(high, 1 - poisson), high)
    return np.asarray(low), np.asarray(high)


@np.errstate(all="ignore")
def tango_score(more: npt.ArrayLike, less: npt.ArrayLike, n: npt.ArrayLike, delta: npt.ArrayLike) -> Values:
    """Score statistic of a difference ``delta`` of paired proportions, from the pairs that disagree.

    ``more``: pairs with 1 on our side alone, ``less``: on theirs alone, of ``n``.  Falls as ``delta`` rises.
    *Source*: Tango (1998), Statistics in Medicine 17:891.

    >>> round(float(tango_score(8, 2, 40, 0.0)), 4)  # McNemar: (8 - 2) / sqrt(8 + 2)
    1.8974
    """
    more, less, n, delta = (np.asarray(part, dtype=np.float64) for part in (more, less, n, delta))
    inner = np.clip(delta, -1.0, 1.0)
    b = -more - less + (2 * n - more + less) * inner
    c = -less * inner * (1 - inner)
    q = (np.sqrt(np.maximum(b * b - 8 * n * c, 0)) - b) / (4 * n)
    variance = n * (2 * q + inner * (1 - inner))
    lead = more - less - n * inner
    z = np.where(variance > ROUNDING, lead / np.sqrt(variance), np.where(lead == 0, 0.0, np.inf * lead))
    z = np.where(delta > 1, -np.inf, np.where(delta < -1, np.inf, z))
    return np.asarray(z)


def tango(
    more: npt.ArrayLike, less: npt.ArrayLike, n: npt.ArrayLike, tail: float = (1 + LEVEL) / 2
) -> tuple[Values, Values]:
    """Score interval of a difference of paired proportions; arguments as :func:`tango_score`.

    >>> [round(float(end), 4) for end in tango(9, 1, 44)]
    [0.0503, 0.3283]
    """
    more, less, n = np.broadcast_arrays(*(np.asarray(part, dtype=np.float64) for part in (more, less, n)))
    z = float(stats.norm.ppf(tail))
    mean = (more - less) / np.maximum(n, 1)

    # where the statistic is z or -z, between an end where it is nearer 0 and one where it is not
    inside, outside = np.stack([mean, mean]), np.stack([np.full(n.shape, -1.0), np.ones(n.shape)])
    for _ in range(50):
        middle = (inside + outside) / 2
        past = np.abs(tango_score(more, less, n, middle)) > abs(z)
        outside, inside = np.where(past, middle, outside), np.where(past, inside, middle)
    low, high = (inside + outside) / 2
    return low, high


def ellipse_radius(replications: int) -> float:
    """Radius, in standard errors, of the 95 % confidence ellipse of two means (Hotelling's T squared).

    nan below three replications.

    >>> round(ellipse_radius(1000), 2)
    2.45
    """
    if replications < 3:
        return float("nan")
    scale = 2 * (replications - 1) / (replications - 2)
    return float(np.sqrt(scale * stats.f.ppf(LEVEL, 2, replications - 2)))
