"""What the rules changed: means, paired differences and how sure they are.

Input everywhere is the table of :func:`simulator.outcomes.measures.measure`: one row per replication and
regime, one column a metric.  Replications are independent; regimes share their chance, so a difference
is taken inside each replication (common random numbers).
"""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from contextlib import contextmanager

import numpy as np
import pandas as pd
from scipy import stats

from simulator.outcomes.measures import METRICS
from simulator.outcomes.negotiations import Values

LEVEL = 0.95
"""Confidence level of every interval."""

POWER = 0.8
"""Chance of separating two regimes that ``replications_needed`` aims at."""

FEW = 10
"""Fewer replications than this are warned about."""


def cube(values: pd.DataFrame) -> tuple[Values, list[str]]:
    """The values as an array (replications, regimes, metrics), and the names of the regimes in order."""
    regimes = list(dict.fromkeys(values.index.get_level_values("regime")))
    return values.to_numpy().reshape(-1, len(regimes), values.shape[1]), regimes


def summarise(values: pd.DataFrame) -> pd.DataFrame:
    """Mean and 95 % t interval of each metric under each regime.

    Index ``(regime, metric)``; columns ``mean, low, high, sd`` in the unit of the metric and
    ``replications``, the number in which the metric is defined.  An interval is cut at the range of the
    metric and is nan with a single replication.
    """
    table, regimes = cube(values)
    with _quiet():
        interval = stats.ttest_1samp(table, 0.0, axis=0, nan_policy="omit").confidence_interval(LEVEL)
        mean, sd = np.nanmean(table, axis=0), np.nanstd(table, axis=0, ddof=1)
    low = np.array([METRICS[name].low for name in values.columns])
    high = np.array([METRICS[name].high for name in values.columns])
    parts = {
        "mean": mean,
        "low": np.maximum(interval.low, low),
        "high": np.minimum(interval.high, high),
        "sd": sd,
        "replications": (~np.isnan(table)).sum(axis=0),
    }
    return _long(parts, regimes, values.columns)


def differences(values: pd.DataFrame, baseline: str) -> pd.DataFrame:
    """Every regime less the baseline, paired by replication.

    Index ``(regime, metric)`` without the baseline; columns: ``mean, low, high`` (95 % t interval) in the
    unit of the metric; ``p`` of the paired t test and ``p_holm``, adjusted over the regimes of a metric;
    ``variance_reduction``, how many times smaller pairing makes the variance of the difference;
    ``replications_needed`` to separate the two if the interval covers 0; ``replications`` used.
    """
    table, regimes = cube(values)
    base = table[:, [regimes.index(baseline)], :]
    others = [k for k, regime in enumerate(regimes) if regime != baseline]
    parts = paired(table[:, others, :], base)
    parts["p_holm"] = np.apply_along_axis(holm, 0, parts["p"]) if others else parts["p"]
    return _long(parts, [regimes[k] for k in others], values.columns)


def paired(ours: Values, theirs: Values) -> dict[str, Values]:
    """Paired comparison over the first axis, replications: the columns of :func:`differences` but Holm's."""
    gap = ours - theirs
    defined = ~np.isnan(gap)
    with _quiet():
        test = stats.ttest_1samp(gap, 0.0, axis=0, nan_policy="omit")
        interval = test.confidence_interval(LEVEL)
        mean, sd = np.nanmean(gap, axis=0), np.nanstd(gap, axis=0, ddof=1)
        unpaired = sum(np.nanvar(np.where(defined, side, np.nan), axis=0, ddof=1) for side in (ours, theirs))
        reduction = np.where(sd > 0, unpaired / sd**2, np.nan)
        same = defined.any(axis=0) & np.all(np.where(defined, gap, 0) == 0, axis=0)
    overlap = (np.asarray(interval.low) <= 0) & (np.asarray(interval.high) >= 0)
    return {
        "mean": mean,
        "low": np.asarray(interval.low),
        "high": np.asarray(interval.high),
        "p": np.where(same, 1.0, np.asarray(test.pvalue)),
        "variance_reduction": reduction,
        "replications_needed": np.where(overlap, replications_needed(mean, sd), np.nan),
        "replications": defined.sum(axis=0),
    }


def replications_needed(difference: Values, sd: Values) -> Values:
    """Replications that show a paired difference of this size with a chance of 80 %.

    ``n = ((t_{.975, n-1} + t_{.8, n-1}) sd / difference)^2``, iterated from the normal quantiles and
    rounded up; inf where the difference is 0.  It takes the observed difference for the true one.
    *Source*: the usual t approximation, e.g. Cohen (1988), section 2.4.

    >>> replications_needed(np.array([0.5, 0.0]), np.array([1.0, 1.0])).tolist()
    [34.0, inf]
    """
    size = np.abs(np.asarray(difference, dtype=np.float64))
    ratio = np.divide(sd, size, out=np.full(size.shape, np.inf), where=size != 0)
    upper, power = (1 + LEVEL) / 2, POWER
    needed = ((stats.norm.ppf(upper) + stats.norm.ppf(power)) * ratio) ** 2
    for _ in range(3):
        freedom = np.maximum(needed - 1, 1)
        needed = ((stats.t.ppf(upper, freedom) + stats.t.ppf(power, freedom)) * ratio) ** 2
    whole: Values = np.ceil(np.maximum(needed, 2))
    return whole


def holm(p: Values) -> Values:
    """Holm's (1979) step-down adjustment of the p values of one family; nan stays nan.

    >>> holm(np.array([0.01, 0.04, 0.03])).round(2).tolist()
    [0.03, 0.06, 0.06]
    """
    known = np.flatnonzero(~np.isnan(p))
    order = known[np.argsort(p[known], kind="stable")]
    adjusted = np.full(len(p), np.nan)
    steps = np.arange(len(order), 0, -1)
    adjusted[order] = np.minimum(np.maximum.accumulate(p[order] * steps), 1)
    return adjusted


def fdr(p: Values) -> Values:
    """Benjamini and Hochberg's (1995) adjustment of the p values of one family; nan stays nan.

    >>> fdr(np.array([0.01, np.nan, 0.04, 0.03])).round(2).tolist()
    [0.03, nan, 0.04, 0.04]
    """
    known = ~np.isnan(p)
    adjusted = np.full(len(p), np.nan)
    adjusted[known] = stats.false_discovery_control(p[known], method="bh")
    return adjusted


def cautions(values: pd.DataFrame) -> list[str]:
    """What a reader must know before trusting the intervals: too few replications, constants, gaps."""
    table, regimes = cube(values)
    count = len(table)
    said = []
    if count < FEW:
        said.append(
            f"{count} replication{'s' if count > 1 else ''}: intervals are unreliable below {FEW}"
            + ("; with one there are none." if count == 1 else ".")
        )
    missing = np.isnan(table).sum(axis=0)
    for j, metric in enumerate(values.columns):
        gaps = np.where(missing[:, j] < count, missing[:, j], 0)
        if gaps.any():
            where = f"{gaps.max()} of {count} replications ({regimes[int(gaps.argmax())]})"
            said.append(f"{metric} is undefined in up to {where}; its mean leaves them out.")
    for metric in ("deadlock_rate", "efficiency"):
        flat = np.ptp(table[:, :, values.columns.get_loc(metric)], axis=0) == 0
        if count > 1 and flat.any():
            names = ", ".join(regimes[k] for k in np.flatnonzero(flat))
            said.append(f"{metric} is the same in every replication, so its interval has no width: {names}.")
    return said


def _long(parts: dict[str, Values], regimes: list[str], metrics: pd.Index[str]) -> pd.DataFrame:
    index = pd.MultiIndex.from_product([regimes, metrics], names=["regime", "metric"])
    return pd.DataFrame({name: np.asarray(part).reshape(-1) for name, part in parts.items()}, index=index)


@contextmanager
def _quiet() -> Iterator[None]:
    """Without the library's warnings on small or constant samples: :func:`cautions` says them in words."""
    with warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore")
        yield
