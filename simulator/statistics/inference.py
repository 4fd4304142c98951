"""How sure a paired difference is, and what it says of a claim that was made before the run.

Input is one number a replication: the difference of two regimes, or any contrast of cells, taken inside the
replication, so that what both sides share of luck cancels.  Replications are independent.  Missing values
are left out.  Whatever resamples takes a seed, and the same seed gives the same bits.
"""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Literal, TypeAlias

import numpy as np
import pandas as pd
from scipy import optimize, stats

from simulator.outcomes.negotiations import Values
from simulator.statistics.paired import LEVEL

Expected: TypeAlias = Literal["positive", "negative", "zero"]
"""The sign a claim gives an effect."""

RESAMPLES = 1999
"""Bootstrap samples and sign flips drawn."""

ROUNDING = 1e-12
"""Differences that are nowhere larger are rounding, and count as zero."""


class Verdict(StrEnum):
    """What the evidence says of a claim."""

    SUPPORTED = "supported"
    CONTRADICTED = "contradicted"
    UNDECIDED = "undecided"


@dataclass(frozen=True)
class Effect:
    """A mean paired difference and how sure it is; all but ``n``, ``d`` and ``p`` in the outcome's unit.

    ``low, high``: 95 % t interval; ``bca_low, bca_high``: 95 % bootstrap interval (BCa); ``d``: mean over
    standard deviation of the difference (Cohen's d_z) with its 95 % interval; ``p``: paired t test;
    ``p_flip``: permutation test by sign flips.  What cannot be had from the sample is nan.
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


def effect(gap: Values, seed: int = 0, resamples: int = RESAMPLES) -> Effect:
    """The effect that differences of shape (replications,) show.

    Where all are the same the intervals have no width, ``d`` is nan, and p is 1 at zero and 0 elsewhere.

    >>> found = effect(np.array([0.1, 0.3, 0.2, 0.4]))
    >>> round(found.mean, 2), round(found.low, 3), round(found.high, 3), round(found.p, 3), found.p_flip
    (0.25, 0.045, 0.455, 0.03, 0.125)
    """
    sample, nan = known(gap), float("nan")
    n = len(sample)
    if n < 2:
        mean = float(sample[0]) if n else nan
        return Effect(n, mean, *(nan,) * 10)
    if np.ptp(sample) == 0:
        mean, p = float(sample[0]), float(sample[0] == 0)
        return Effect(n, mean, 0.0, mean, mean, mean, mean, nan, nan, nan, p, p)
    test = stats.ttest_1samp(sample, 0.0)
    low, high = test.confidence_interval(LEVEL)
    bca_low, bca_high = bca(sample, seed, resamples)
    d, d_low, d_high = standardised(float(test.statistic), n)
    return Effect(
        n=n,
        mean=float(sample.mean()),
        sd=float(sample.std(ddof=1)),
        low=float(low),
        high=float(high),
        bca_low=float(bca_low),
        bca_high=float(bca_high),
        d=d,
        d_low=d_low,
        d_high=d_high,
        p=float(test.pvalue),
        p_flip=sign_flip(sample, seed, resamples),
    )


def bca(sample: Values, seed: int = 0, resamples: int = RESAMPLES) -> tuple[Values, Values]:
    """95 % bootstrap interval of the mean over the first axis, bias-corrected and accelerated.

    Above 2,000 replications, where the corrections are small and cost n squared, of percentiles alone.
    *Source*: Efron (1987), JASA 82:171, as :func:`scipy.stats.bootstrap` has it; nan where all values agree.
    """
    with warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore", stats.DegenerateDataWarning)
        found = stats.bootstrap(
            (sample,),
            np.mean,
            axis=0,
            n_resamples=resamples,
            confidence_level=LEVEL,
            method="BCa" if len(sample) <= 2000 else "percentile",
            batch=_batch(sample.size),
            rng=np.random.default_rng(seed),
        )
    return np.asarray(found.confidence_interval.low), np.asarray(found.confidence_interval.high)


def sign_flip(sample: Values, seed: int = 0, resamples: int = RESAMPLES) -> float:
    """The p value of a mean of zero when each difference could as well have had the other sign.

    Exact where there are no more sign patterns than ``resamples``.  *Source*: Fisher (1935), section 21;
    :func:`scipy.stats.permutation_test`.
    """
    found = stats.permutation_test(
        (sample,),
        np.mean,
        permutation_type="samples",
        n_resamples=resamples,
        batch=_batch(sample.size),
        rng=np.random.default_rng(seed),
    )
    return float(found.pvalue)


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


def equivalence(gap: Values, margin: float) -> float:
    """The p value of two one-sided t tests that the mean difference lies inside ``(-margin, margin)``.

    *Source*: Schuirmann (1987), J. Pharmacokin. Biopharm. 15:657.

    >>> sample = np.array([0.01, -0.02, 0.0, 0.02, -0.01, 0.01])
    >>> equivalence(sample, 0.1) < 0.001, equivalence(sample, 0.005) > 0.1
    (True, True)
    """
    sample = known(gap)
    if len(sample) < 2:
        return float("nan")
    if np.ptp(sample) == 0:
        return 0.0 if abs(sample[0]) <= margin else 1.0
    above = stats.ttest_1samp(sample, -margin, alternative="greater").pvalue
    below = stats.ttest_1samp(sample, margin, alternative="less").pvalue
    return float(max(above, below))


def claim_p(gap: Values, expected: Expected, margin: float = 0.0) -> float:
    """The p value of the test that decides a claim, one way or the other; adjust it over all claims tested.

    A sign is tested two-sided against the margin on the claimed side.  Zero is decided either by
    equivalence or by a difference beyond the margin (each tail doubled), whichever is clearer: only one of
    the two can be (Goeman, Solari and Stijnen 2010).  0 where the difference is the same everywhere.
    """
    sample = known(gap)
    if len(sample) < 2:
        return float("nan")
    if np.ptp(sample) == 0:
        return 0.0
    if expected != "zero":
        edge = margin if expected == "positive" else -margin
        return float(stats.ttest_1samp(sample, edge).pvalue)
    above = stats.ttest_1samp(sample, margin, alternative="greater").pvalue
    below = stats.ttest_1samp(sample, -margin, alternative="less").pvalue
    return float(min(equivalence(gap, margin), 2 * above, 2 * below))


def verdict(low: float, high: float, p: float, expected: Expected, margin: float = 0.0) -> Verdict:
    """What an effect with this 95 % interval and adjusted p value (:func:`claim_p`) says of a claim.

    The claim is a region: beyond the margin on the claimed side, or within the margin for zero.  Supported:
    the whole interval lies in it and p < 5 %.  Contradicted: the whole interval lies outside it and p < 5 %;
    so an effect of the claimed sign but surely smaller than the margin contradicts.  Undecided: all else.

    >>> print(verdict(0.1, 0.3, 0.001, "positive"), verdict(-0.3, -0.1, 0.001, "positive"))
    supported contradicted
    >>> print(verdict(0.1, 0.3, 0.2, "positive"), verdict(-0.01, 0.01, 0.001, "zero", 0.02))
    undecided supported
    >>> print(verdict(0.01, 0.02, 0.001, "positive", 0.05))
    contradicted
    """
    if not p < 1 - LEVEL:
        return Verdict.UNDECIDED
    if expected == "zero":
        inside, outside = -margin <= low and high <= margin, low > margin or high < -margin
    else:
        near, far = (low, high) if expected == "positive" else (-high, -low)
        inside, outside = near > margin, far <= margin
    if inside:
        return Verdict.SUPPORTED
    return Verdict.CONTRADICTED if outside else Verdict.UNDECIDED


def best(
    values: Values, regimes: Sequence[str], better: int, seed: int = 0, resamples: int = 4000
) -> pd.DataFrame:
    """How likely each regime is the best of all, from values of shape (replications, regimes).

    ``better`` is +1 or -1.  Columns: ``mean``; ``p_best``, the probability that it has the best mean (equals
    share it); ``rank``, the expected rank from 1, with the 95 % interval ``rank_low, rank_high``;
    ``may_be_best``, whether it is in the subset that holds the best regime with 95 % confidence.
    *Source*: Bayesian bootstrap over replications, all regimes at once (Rubin 1981, Annals 9:130); subset by
    paired t bounds, Bonferroni over rivals (Nelson et al. 2001, Operations Research 49:950).
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
    table["may_be_best"] = _subset(complete)
    return table


def _subset(values: Values) -> list[bool]:
    """Which columns no other surely exceeds: the best is among them with 95 % confidence."""
    count, regimes = values.shape
    critical = stats.t.ppf(1 - (1 - LEVEL) / max(regimes - 1, 1), count - 1)
    lead = values[:, :, None] - values[:, None, :]  # of the first over the second
    bound = lead.mean(axis=0) + critical * lead.std(axis=0, ddof=1) / np.sqrt(count)
    return [bool(row) for row in (bound >= -ROUNDING).all(axis=1)]


def convergence(gap: Values, points: int = 60) -> pd.DataFrame:
    """How the mean settles: ``mean, low, high`` (95 % t) and ``half_width`` of the first ``n`` replications.

    At most ``points`` rows, evenly spaced in log n, from 2 to all.
    """
    sample = known(gap)
    columns = ["n", "mean", "low", "high", "half_width"]
    if len(sample) < 2:
        return pd.DataFrame(columns=columns, dtype=np.float64)
    n = np.unique(np.geomspace(2, len(sample), points).round().astype(int))
    mean = np.cumsum(sample)[n - 1] / n
    centred = sample - sample.mean()  # so that no digits cancel in the sums of squares
    squares = np.cumsum(centred**2)[n - 1] - n * (mean - sample.mean()) ** 2
    half = stats.t.ppf((1 + LEVEL) / 2, n - 1) * np.sqrt(np.maximum(squares, 0) / (n - 1) / n)
    return pd.DataFrame(dict(zip(columns, (n, mean, mean - half, mean + half, half), strict=True)))


def _batch(size: int) -> int:
    """Resamples a call, so that no more than about 16 MB are held at once."""
    return max(1, 2_000_000 // max(size, 1))
