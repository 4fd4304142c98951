"""How sure a paired difference is, and what it says of a claim that was made before the run.

Input is one number a replication: the difference of two regimes, or any contrast of cells, taken inside the
replication, so that what both sides share of luck cancels.  Replications are independent.  Missing values
are left out.  Whatever resamples takes a seed, and the same seed gives the same bits.
"""

from __future__ import annotations

import math
import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Literal, TypeAlias

import numpy as np
import pandas as pd
from scipy import optimize, stats

from simulator.outcomes.negotiations import Values
from simulator.statistics.intervals import (
    LEVEL,
    ROUNDING,
    Kind,
    Sample,
    Side,
    interval,
    p_value,
    sample,
)

Expected: TypeAlias = Literal["positive", "negative", "zero"]
"""The sign a claim gives an effect."""

RESAMPLES = 1999
"""Bootstrap samples and sign flips drawn."""


class Verdict(StrEnum):
    """What the evidence says of a claim."""

    SUPPORTED = "supported"
    CONTRADICTED = "contradicted"
    TOO_SMALL = "too small to matter"
    UNDECIDED = "undecided"


@dataclass(frozen=True)
class Effect:
    """A mean paired difference and how sure it is; all but ``n``, ``d`` and ``p`` in the outcome's unit.

    ``low, high``: 95 % interval, chosen by what a replication yields (:mod:`.intervals`); ``bca_low,
    bca_high``: 95 % bootstrap interval (BCa); ``d``: mean over standard deviation of the difference (Cohen's
    d_z) with its 95 % interval; ``p``: the test that goes with the interval; ``p_flip``: permutation test by
    sign flips.  What cannot be had from the sample is nan.
    """

    n: int
    mean: float
    sd: float
    low: float
    high: float
    bca_low: float
    bca_high: float
    d: float
    d_low: float
    d_high: float
    p: float
    p_flip: float


def known(gap: Values) -> Values:
    """The differences that are defined, as one vector; rounding errors are zero.

    >>> known(np.array([1e-17, np.nan, -2e-17])).tolist()
    [0.0, 0.0]
    """
    found: Values = np.asarray(gap, dtype=np.float64)[~np.isnan(gap)]
    return np.zeros_like(found) if np.abs(found).max(initial=0.0) < ROUNDING else found


def look(gap: Values, bounds: tuple[float, float] = (-math.inf, math.inf), *, equal: bool = False) -> Sample:
    """Differences of shape (replications,) as intervals and tests take them.

    ``bounds``: what a difference can be; ``equal``: that it is the same by construction, as between two
    regimes with the same rules.  That all replications agree proves nothing of the kind.
    """
    return sample(known(gap), *bounds, gap=True, equal=equal)


def effect(
    gap: Values,
    seed: int = 0,
    resamples: int = RESAMPLES,
    bounds: tuple[float, float] = (-math.inf, math.inf),
    *,
    equal: bool = False,
) -> Effect:
    """The effect that differences of shape (replications,) show; ``bounds, equal`` as :func:`look` has them.

    Where all replications agree the interval is that of the rule of three over the bounds (nan without),
    and ``d`` is nan; only where they must agree has it no width, and p is 1 at zero and 0 elsewhere.

    >>> found = effect(np.array([0.1, 0.3, 0.2, 0.4]))
    >>> round(found.mean, 2), round(found.low, 3), round(found.high, 3), round(found.p, 3), found.p_flip
    (0.25, 0.045, 0.455, 0.03, 0.125)
    """
    values, nan = known(gap), float("nan")
    seen = look(values, bounds, equal=equal)
    n = len(values)
    if n < 2:
        mean = float(values[0]) if n else nan
        return Effect(n, mean, *(nan,) * 10)
    low, high = (float(end) for end in interval(seen))
    p, mean = float(p_value(seen)), float(seen.mean)
    if seen.kind in (Kind.EQUAL, Kind.NONE_MOVED):
        bca_ends = (mean, mean) if seen.kind == Kind.EQUAL else (nan, nan)
        p_flip = p if seen.kind == Kind.EQUAL else sign_flip(values, seed, resamples)
        return Effect(n, mean, 0.0, low, high, *bca_ends, nan, nan, nan, p, p_flip)
    bca_low, bca_high = bca(values, seed, resamples)
    d, d_low, d_high = standardised(float(mean / (seen.sd / np.sqrt(n))), n)
    return Effect(
        n=n,
        mean=mean,
        sd=float(seen.sd),
        low=low,
        high=high,
        bca_low=float(bca_low),
        bca_high=float(bca_high),
        d=d,
        d_low=d_low,
        d_high=d_high,
        p=p,
        p_flip=sign_flip(values, seed, resamples),
    )


@dataclass(frozen=True)
class Spread:
    """A mean over sampled points and replications, and how sure it is over both; in the outcome's unit.

    ``error``: standard error from points and luck, with ``freedom`` degrees; ``low, high``: 95 % interval.
    """

    mean: float
    error: float
    freedom: float
    low: float
    high: float


def crossed(gap: Values, luck: Sample) -> Spread:
    """The mean over a space from differences of shape (replications, points): points sampled, luck shared.

    Points and replications are crossed: the variance is that of the means by replication over their number,
    plus that of the means by point over theirs, less what of both is noise inside the cells (counted twice).
    Points are taken for independent ones, so a stratified sample makes the interval wider than need be.
    ``luck``: the means by replication; where it has no t interval, the two spreads are joined bound by bound.
    *Source*: Searle, Casella and McCulloch (1992), section 4; Satterthwaite (1946); Zou and Donner (2008).
    """
    gap = gap[:, ~np.isnan(gap).all(axis=0)]
    points = sample(_means(gap, axis=0))
    rows, cols = _means(gap, axis=1)[:, None], _means(gap, axis=0)[None]
    mean, n, m = float(luck.mean), int(luck.n), int(points.n)
    if n < 2 or m < 2:
        return Spread(mean, *(math.nan,) * 4)
    rest = gap - rows - cols + np.nanmean(cols)
    inside = float(np.nansum(rest**2)) / max((n - 1) * (m - 1), 1) / np.count_nonzero(~np.isnan(gap))
    by_luck, by_point = float(luck.sd) ** 2 / n, float(points.sd) ** 2 / m
    variance = max(by_luck + by_point - inside, by_luck, by_point)
    if variance == 0:
        low, high = (float(end) for end in interval(luck))
        return Spread(mean, 0.0, float(n - 1), low, high)
    freedom = (by_luck + by_point) ** 2 / (by_luck**2 / (n - 1) + by_point**2 / (m - 1))
    error = math.sqrt(variance)
    if luck.kind == Kind.MEAN:
        half = float(stats.t.ppf((1 + LEVEL) / 2, freedom)) * error
        return Spread(mean, error, freedom, mean - half, mean + half)
    low, high = (float(end) for end in interval(luck))
    half = float(stats.t.ppf((1 + LEVEL) / 2, m - 1)) * math.sqrt(by_point)
    return Spread(
        mean, error, freedom, mean - math.hypot(mean - low, half), mean + math.hypot(high - mean, half)
    )


def _means(gap: Values, axis: int) -> Values:
    """Means over one axis of what is defined; nan where nothing is."""
    defined = ~np.isnan(gap)
    count = defined.sum(axis=axis)
    return np.where(count > 0, np.where(defined, gap, 0.0).sum(axis=axis) / np.maximum(count, 1), np.nan)


def bca(sample: Values, seed: int = 0, resamples: int = RESAMPLES) -> tuple[Values, Values]:
    """95 % bootstrap interval of the mean over the first axis, bias-corrected and accelerated.

    Above 2,000 replications, where the corrections are small and cost n squared, of percentiles alone.
    *Source*: Efron (1987), JASA 82:171, as :func:`scipy.stats.bootstrap` has it; nan where all values agree.
    """
    with warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore", stats.DegenerateDataWarning)
        bootstrapped = stats.bootstrap(
            (sample,),
            np.mean,
            axis=0,
            n_resamples=resamples,
            confidence_level=LEVEL,
            method="BCa" if len(sample) <= 2000 else "percentile",
            batch=_batch(sample.size),
            rng=np.random.default_rng(seed),
        )
    return np.asarray(bootstrapped.confidence_interval.low), np.asarray(bootstrapped.confidence_interval.high)


def sign_flip(sample: Values, seed: int = 0, resamples: int = RESAMPLES) -> float:
    """The p value of a mean of zero when each difference could as well have had the other sign.

    Exact where there are no more sign patterns than ``resamples``.  *Source*: Fisher (1935), section 21;
    :func:`scipy.stats.permutation_test`.
    """
    permuted = stats.permutation_test(
        (sample,),
        np.mean,
        permutation_type="samples",
        n_resamples=resamples,
        batch=_batch(sample.size),
        rng=np.random.default_rng(seed),
    )
    return float(permuted.pvalue)


def standardised(t: float, n: int) -> tuple[float, float, float]:
    """Cohen's d_z of a paired t statistic over n differences, with its 95 % interval.

    ``d_z = t / sqrt(n)``; the bounds are the non-centralities under which t is a 97.5 % and a 2.5 % quantile,
    over ``sqrt(n)``.  *Source*: Steiger and Fouladi (1997), exact under normal differences; beyond |t| = 30,
    where the bounds are at their limit, ``d +- z sqrt(1/n + d^2/2n)`` (Hedges and Olkin 1985).

    >>> [round(bound, 3) for bound in standardised(2.5, 25)]
    [0.5, 0.079, 0.912]
    """
    d, tail = t / np.sqrt(n), (1 + LEVEL) / 2
    error = float(np.sqrt(1 + t**2 / (2 * (n - 1))))
    if abs(t) > 30:
        half = float(stats.norm.ppf(tail)) * np.sqrt(1 / n + d**2 / (2 * n))
        return float(d), float(d - half), float(d + half)

    def bound(level: float) -> float:
        def excess(shift: float) -> float:
            below = float(stats.nct.cdf(t, n - 1, shift))
            if np.isnan(below):  # so far out that the library gives up
                below = float(shift < t)
            return below - level

        return float(optimize.brentq(excess, t - 12 * error, t + 12 * error)) / float(np.sqrt(n))

    return float(d), bound(tail), bound(1 - tail)


def equivalence(gap: Values | Sample, margin: float, over: Spread | None = None) -> float:
    """The p value of two one-sided tests that the mean difference lies inside ``(-margin, margin)``.

    *Source*: Schuirmann (1987), J. Pharmacokin. Biopharm. 15:657.

    >>> values = np.array([0.01, -0.02, 0.0, 0.02, -0.01, 0.01])
    >>> equivalence(values, 0.1) < 0.001, equivalence(values, 0.005) > 0.1
    (True, True)
    """
    seen = gap if isinstance(gap, Sample) else look(gap)
    if seen.kind == Kind.EQUAL:
        return 0.0 if abs(float(seen.mean)) <= margin else 1.0
    return max(_p(seen, -margin, "greater", over), _p(seen, margin, "less", over))


def claim_p(
    gap: Values | Sample, expected: Expected, margin: float = 0.0, over: Spread | None = None
) -> float:
    """The p value of the test that decides a claim, one way or the other; adjust it over all claims tested.

    ``over``: the spread over points too, where the claim is one on a space.  A sign is tested two-sided
    against the margin on the claimed side.  Zero is decided either by equivalence or by a difference beyond
    the margin (each tail doubled), whichever is clearer: only one of the two can be (Goeman, Solari and
    Stijnen 2010).  0 where the difference is the same by construction; that it was the same in every
    replication played leaves open what the next one brings, by the rule of three.
    """
    seen = gap if isinstance(gap, Sample) else look(gap)
    if seen.kind == Kind.NONE:
        return float("nan")
    if seen.kind == Kind.EQUAL:
        return 0.0
    if expected != "zero":
        return _p(seen, margin if expected == "positive" else -margin, "two-sided", over)
    above, below = _p(seen, margin, "greater", over), _p(seen, -margin, "less", over)
    return float(min(equivalence(seen, margin, over), 2 * above, 2 * below))


def _p(seen: Sample, edge: float, side: Side, over: Spread | None) -> float:
    """The p value over luck; with a spread over points, of both together."""
    by_luck = float(p_value(seen, edge, side))
    if over is None or not over.error > 0:
        return by_luck
    t, law = (over.mean - edge) / over.error, stats.t(over.freedom)
    tails = {"two-sided": 2 * law.sf(abs(t)), "greater": law.sf(t), "less": law.cdf(t)}
    return float(tails[side] if seen.kind == Kind.MEAN else max(by_luck, tails[side]))


def verdict(low: float, high: float, p: float, expected: Expected, margin: float = 0.0) -> Verdict:
    """What an effect with this 95 % interval and adjusted p value (:func:`claim_p`) says of a claim.

    The claim is a region: beyond the margin on the claimed side, or within the margin for zero.  Supported:
    the whole interval lies in it and p < 5 %.  Where it lies wholly outside and p < 5 %, an effect
    that is claimed to be of a sign and surely lies within the margin is too small to matter, and any other
    contradicts.  Undecided: all else.

    >>> print(verdict(0.1, 0.3, 0.001, "positive"), verdict(-0.3, -0.1, 0.001, "positive"))
    supported contradicted
    >>> print(verdict(0.1, 0.3, 0.2, "positive"), verdict(-0.01, 0.01, 0.001, "zero", 0.02))
    undecided supported
    >>> print(verdict(0.01, 0.02, 0.001, "positive", 0.05))
    too small to matter
    """
    if not p < 1 - LEVEL:
        return Verdict.UNDECIDED
    if expected == "zero":
        inside, outside, small = -margin <= low and high <= margin, low > margin or high < -margin, False
    else:
        near, far = (low, high) if expected == "positive" else (-high, -low)
        inside, outside, small = near > margin, far <= margin, -margin <= near and far <= margin
    if inside:
        return Verdict.SUPPORTED
    if small:
        return Verdict.TOO_SMALL
    return Verdict.CONTRADICTED if outside else Verdict.UNDECIDED


def best(
    values: Values,
    regimes: Sequence[str],
    better: int,
    seed: int = 0,
    resamples: int = 4000,
    span: float = math.inf,
) -> pd.DataFrame:
    """How likely each regime is the best of all, from values of shape (replications, regimes).

    ``better`` is +1 or -1; ``span``: width of the outcome's range.  Columns: ``mean``; ``p_best``, the
    posterior probability that it has the best mean (equals share it); ``rank``, the expected rank from 1,
    with the 95 % interval ``rank_low, rank_high``; ``may_be_best``, whether it is in the subset that holds
    the best regime with 95 % confidence. *Source*: Bayesian bootstrap over replications, all regimes at once
    (Rubin 1981, Annals 9:130); subset by paired t bounds, Bonferroni over rivals (Nelson et al. 2001,
    Operations Research 49:950).
    """
    complete = better * values[~np.isnan(values).any(axis=1)]
    table = pd.DataFrame(index=pd.Index(regimes, name="regime"))
    table["mean"] = better * complete.mean(axis=0) if len(complete) else np.nan
    names = ["p_best", "rank", "rank_low", "rank_high"]
    if len(complete) < 2:
        table[names] = np.nan
        table["may_be_best"] = True
        return table
    weights = np.random.default_rng(seed).dirichlet(np.ones(len(complete)), resamples)
    means = (weights @ complete).round(12)
    first = means == means.max(axis=1, keepdims=True)
    ranks = stats.rankdata(-means, axis=1)
    low, high = np.quantile(ranks, [(1 - LEVEL) / 2, (1 + LEVEL) / 2], axis=0)
    shares = (first / first.sum(axis=1, keepdims=True)).mean(axis=0)
    table[names] = np.column_stack([shares, ranks.mean(axis=0), low, high])
    table["may_be_best"] = _subset(complete, span)
    return table


def _subset(values: Values, span: float) -> list[bool]:
    """Which columns no other surely exceeds: the best is among them with 95 % confidence."""
    rivals = max(values.shape[1] - 1, 1)
    lead = values[:, :, None] - values[:, None, :]  # of the first over the second
    behind = p_value(sample(lead, -span, span, gap=True), 0.0, "less")
    return [bool(row) for row in (behind >= (1 - LEVEL) / rivals).all(axis=1)]


def convergence(
    gap: Values,
    points: int = 60,
    bounds: tuple[float, float] = (-math.inf, math.inf),
    *,
    level: bool = False,
    equal: bool = False,
) -> pd.DataFrame:
    """How the mean settles: ``mean, low, high`` (95 %) and ``half_width`` of the first ``n`` replications.

    At most ``points`` rows, evenly spaced in log n, from 2 to all.  ``bounds, equal`` as :func:`look` has
    them; ``level``: the values are no differences.
    """
    values = known(gap)
    columns = ["n", "mean", "low", "high", "half_width"]
    if len(values) < 2:
        return pd.DataFrame(columns=columns, dtype=np.float64)
    counts = np.unique(np.geomspace(2, len(values), points).round().astype(int))
    seen = Sample.stacked([sample(values[:n], *bounds, gap=not level, equal=equal) for n in counts])
    low, high = interval(seen)
    return pd.DataFrame(dict(zip(columns, (counts, seen.mean, low, high, (high - low) / 2), strict=True)))


def _batch(size: int) -> int:
    """Resamples a call, so that no more than about 16 MB are held at once."""
    return max(1, 2_000_000 // max(size, 1))
