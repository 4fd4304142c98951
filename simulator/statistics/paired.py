"""What the rules changed: means, paired differences and how sure they are.

Input everywhere is the table of :func:`simulator.outcomes.measures.measure`: one row per replication and
regime, one column a metric.  Replications are independent; regimes share their chance, so a difference
is taken inside each replication (common random numbers).
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy import stats

from simulator.outcomes.further_measures import MEASURES
from simulator.outcomes.negotiations import Values
from simulator.statistics.doubts import FAIR, doubts, in_words, ranges
from simulator.statistics.intervals import LEVEL, Kind, Sample, interval, p_value, sample, wilson

POWER = 0.8
"""Chance of showing a difference that ``replications_needed`` aims at."""

FEW = 10
"""Fewer replications than this are warned about."""

HEADLINES = ("deadlock_rate", "efficiency")
"""The outcomes a comparison is about, whose differences are adjusted together; all others are exploratory."""

INTERVALS = {
    Kind.NONE: "none",
    Kind.MEAN: "t",
    Kind.PROPORTION: "score",
    Kind.FEW: "t and score",
    Kind.NONE_MOVED: "rule of three",
    Kind.EQUAL: "equal by construction",
}
"""How an interval is called in tables."""


def cube(values: pd.DataFrame) -> tuple[Values, list[str]]:
    """The values as an array (replications, regimes, metrics), and the names of the regimes in order."""
    regimes = list(dict.fromkeys(values.index.get_level_values("regime")))
    return values.to_numpy().reshape(-1, len(regimes), values.shape[1]), regimes


def summarise(values: pd.DataFrame) -> pd.DataFrame:
    """Mean and 95 % interval of each metric under each regime.

    Index ``(regime, metric)``; columns ``mean, low, high, sd`` in the unit of the metric, ``replications``,
    the number in which the metric is defined, and ``interval``, how it was found (``INTERVALS``).  An
    interval is cut at the range of the metric; it is nan with a single replication, and where none differs
    from another and the metric has no upper end.
    """
    table, regimes = cube(values)
    observed = sample(table, *ranges(list(values.columns)))
    low, high = interval(observed)
    parts = {
        "mean": observed.mean,
        "low": low,
        "high": high,
        "sd": observed.sd,
        "replications": observed.n,
        "interval": _named(observed),
    }
    return _long(parts, regimes, values.columns)


def differences(values: pd.DataFrame, baseline: str, alike: Collection[str] = ()) -> pd.DataFrame:
    """Every regime less the baseline, paired by replication.

    ``alike``: regimes with the rules of the baseline, which differ from it by nothing for certain.  Index
    ``(regime, metric)`` without the baseline; columns: ``mean, low, high`` (95 % interval) in the unit of the
    metric; ``interval``, how it was found; ``p`` of the paired test and ``p_holm``, adjusted over the regimes
    of a metric, and for the two ``HEADLINES`` over both; ``role``: headline or exploratory;
    ``variance_reduction``, how many times smaller pairing makes the variance of the difference;
    ``replications_needed`` to show the smallest difference that matters, where the interval covers 0;
    ``replications`` used.
    """
    table, regimes = cube(values)
    base = table[:, [regimes.index(baseline)], :]
    others = [k for k, regime in enumerate(regimes) if regime != baseline]
    low, high = ranges(list(values.columns))
    equal = np.array([[regimes[k] in alike] for k in others], dtype=bool).reshape(-1, 1)
    matters = np.array([MEASURES[name].matters for name in values.columns])
    parts = paired(table[:, others, :], base, high - low, equal=equal, matters=matters)
    parts["p_holm"] = np.apply_along_axis(holm, 0, parts["p"]) if others else parts["p"]
    chief = [place for place, name in enumerate(values.columns) if name in HEADLINES]
    parts["p_holm"][:, chief] = holm(parts["p"][:, chief].ravel()).reshape(len(others), len(chief))
    roles = ["headline" if name in HEADLINES else "exploratory" for name in values.columns]
    parts["role"] = np.broadcast_to(np.array(roles, dtype=object), parts["p"].shape)
    return _long(parts, [regimes[k] for k in others], values.columns)


def paired(
    ours: Values,
    theirs: Values,
    span: npt.ArrayLike = np.inf,
    *,
    equal: npt.ArrayLike = False,
    matters: npt.ArrayLike = np.nan,
) -> dict[str, Values]:
    """Paired comparison over the first axis, replications: the columns of :func:`differences` but Holm's.

    ``span``: width of the outcome's range, which bounds what a difference can be; ``equal``: where both sides
    are the same by construction; ``matters``: the smallest difference that matters, in the outcome's unit.
    """
    gap = ours - theirs
    observed = sample(gap, -np.asarray(span, np.float64), span, gap=True, equal=equal)
    low, high = interval(observed)
    defined = ~np.isnan(gap)
    unpaired = sum(sample(np.where(defined, side, np.nan)).sd ** 2 for side in (ours, theirs))
    variance = observed.sd**2
    reduction = np.divide(unpaired, variance, out=np.full(variance.shape, np.nan), where=variance > 0)
    needed = replications_needed(np.broadcast_to(matters, observed.mean.shape), spread_at_most(observed))
    apart = (low > 0) | (high < 0) | (observed.kind == Kind.EQUAL) | (observed.kind == Kind.NONE)
    return {
        "mean": observed.mean,
        "low": low,
        "high": high,
        "interval": _named(observed),
        "p": p_value(observed),
        "variance_reduction": reduction,
        "replications_needed": np.where(apart, np.nan, needed),
        "replications": observed.n,
    }


@np.errstate(all="ignore")
def spread_at_most(observed: Sample) -> Values:
    """The standard deviation of one replication that a sample leaves plausible: its upper 80 % bound.

    Of numbers by chi squared (Browne 1995, Statistics in Medicine 14:1933: advice built on the plain
    estimate falls short half of the time); where few or none moved, of how often they may move.
    """
    freedom = np.maximum(observed.n - 1, 1)
    by_number = observed.sd * np.sqrt(freedom / stats.chi2.ppf(1 - POWER, freedom))
    _, share = wilson(observed.moved, observed.n, POWER)
    by_share = observed.size * np.sqrt(share)
    counted = np.isin(observed.kind, (Kind.PROPORTION, Kind.FEW, Kind.NONE_MOVED))
    spread = np.where(counted, np.fmax(by_number, by_share), by_number)
    return np.where(np.isfinite(spread), spread, np.nan)


def replications_needed(difference: Values, sd: Values) -> Values:
    """Replications that show a paired difference of this size with a chance of 80 %.

    ``n = ((t_{.975, n-1} + t_{.8, n-1}) sd / difference)^2``, iterated from the normal quantiles and
    rounded up; inf where the difference is 0.  Ask it for the smallest difference that matters: for the one
    observed the answer is mostly wrong.  *Source*: the usual t approximation, e.g. Cohen (1988), section 2.4.

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
    """What a reader must know before trusting the intervals: too few replications, rare events, gaps."""
    table, regimes = cube(values)
    count = len(table)
    said = []
    if count < FEW:
        said.append(
            f"{count} replication{'s' if count > 1 else ''}: intervals are unreliable below {FEW}"
            + ("; with one there are none." if count == 1 else ".")
        )
    elif count < FAIR:
        said.append(
            f"{count} replications: below {FAIR}, intervals of skewed outcomes may hold the truth in as few "
            "as 88 % of cases (docs/coverage.md)."
        )
    missing = np.isnan(table).sum(axis=0)
    for j, metric in enumerate(values.columns):
        gaps = np.where(missing[:, j] < count, missing[:, j], 0)
        if gaps.any():
            where = f"{gaps.max()} of {count} replications ({regimes[int(gaps.argmax())]})"
            said.append(f"{metric} is undefined in up to {where}; its mean leaves them out.")
    metrics = list(values.columns)
    said += _swamped(table, regimes, metrics)
    still = sample(table, *ranges(metrics)).kind == Kind.NONE_MOVED
    for metric in HEADLINES:
        if metric in metrics and still[:, metrics.index(metric)].any():
            flat = still[:, metrics.index(metric)]
            names = ", ".join(name for name, same in zip(regimes, flat, strict=True) if same)
            said.append(
                f"{metric} is the same in all {count} replications: its interval is what so many without "
                f"another value leave open: {names}."
            )
    return said + (in_words(doubts(table, metrics), metrics) if count > 1 else [])


def _swamped(table: Values, regimes: Collection[str], metrics: list[str]) -> list[str]:
    """Caution where talks and suits cost more than all that is due: shares of E then say nothing of law."""
    if "cost_share" not in metrics:
        return []
    costs = pd.DataFrame(table[:, :, metrics.index("cost_share")], columns=list(regimes)).mean()
    if not (costs > 1).any():
        return []
    said = (
        f"What is due (E) is too little to compare: talks and suits alone cost {costs.max():,.0f} times "
        f"as much ({costs.idxmax()}). Shares of E then tell how small the market is: see its sales and rates."
    )
    return [said]


MANY = (
    "Deadlock rate and efficiency are what a comparison is about: their p values are adjusted together "
    "(Holm). All other metrics are exploratory: among some forty of them one or more has p < 5 % in about "
    "two comparisons of five without any true difference."
)
"""What a reader of many metrics must know."""


def _named(observed: Sample) -> npt.NDArray[Any]:
    """How each interval was found, in words."""
    names = np.empty(len(Kind), dtype=object)
    names[:] = [INTERVALS[kind] for kind in Kind]
    return np.asarray(names[observed.kind])


def _long(parts: Mapping[str, npt.NDArray[Any]], regimes: list[str], metrics: pd.Index[str]) -> pd.DataFrame:
    index = pd.MultiIndex.from_product([regimes, metrics], names=["regime", "metric"])
    return pd.DataFrame({name: np.asarray(part).reshape(-1) for name, part in parts.items()}, index=index)
