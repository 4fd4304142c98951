"""Differences with what is known of the markets taken out: control variates.

A covariate with a known expectation says how far the sample's markets are from the average one, and a
regression how much of a difference comes with that.  The estimate is for the average market, its variance
what the covariates do not explain.  *Source*: Lavenberg and Welch (1981), Management Science 27:322.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy import stats

from simulator.outcomes.further_measures import MEASURES
from simulator.outcomes.negotiations import Values
from simulator.statistics.intervals import LEVEL, ROUNDING, Kind, sample
from simulator.statistics.paired import cube

LEAST = 30
"""Fewer replications than this are not controlled: what a regression learns is less than it costs."""

EACH = 10
"""Replications for each covariate, at the least."""


def used(covariates: Values) -> Values:
    """The covariates a sample of this size takes: the first ``n / 10`` of the list; none below ``LEAST``."""
    n = len(covariates)
    return covariates[:, : n // EACH] if n >= LEAST else covariates[:, :0]


def controlled(gap: Values, covariates: Values, span: npt.ArrayLike = np.inf) -> dict[str, Values]:
    """The mean of differences (replications, ...) at the expectations of the covariates, with 95 % interval.

    ``covariates``: (replications, covariates), less their known expectations, fixed before the run; ``span``:
    width of the outcome's range.  Returns ``mean, low, high``; ``gain``: how many times smaller its variance
    is than the plain mean's; ``controls``, the number taken.  The t interval has ``n - 1 - controls`` degrees
    of freedom, and its standard error is robust to noise that differs between markets (HC3: MacKinnon and
    White 1985).  nan where controls are not worth it (below ``LEAST`` replications), where a replication has
    no outcome (which it lacks may hang on its market, and then the expectation is not known), or the plain
    interval is none of Student's (0 and 1, few moved).
    """
    observed = sample(gap, -np.asarray(span, np.float64), span, gap=True)
    shape = observed.mean.shape
    parts = {name: np.full(shape, np.nan) for name in ("mean", "low", "high", "gain")}
    parts["controls"] = np.zeros(shape)
    x = used(covariates)
    x = x[:, np.ptp(x, axis=0) > 0] if len(x) else x
    n, k = len(x), x.shape[1]
    full = np.column_stack([np.ones(n), x])
    if not k or np.linalg.matrix_rank(full) <= k:  # none, or covariates that repeat each other
        return parts
    inverse = np.linalg.inv(full.T @ full)
    leverage = ((full @ inverse) * full).sum(axis=1)
    share = (full @ inverse)[:, 0] / np.maximum(1 - leverage, 1e-9)
    reach = float(stats.t.ppf((1 + LEVEL) / 2, n - 1 - k))
    for cell in np.ndindex(*shape):
        y = gap[(slice(None), *cell)]
        if observed.kind[cell] != Kind.MEAN or np.isnan(y).any():
            continue
        slope = inverse @ (full.T @ y)
        variance = float(((share * (y - full @ slope)) ** 2).sum())
        plain = float(y.var(ddof=1)) / n
        if not variance > ROUNDING * plain:  # the covariates say it all, or nothing varies: no t interval
            continue
        half = reach * np.sqrt(variance)
        numbers = (slope[0], slope[0] - half, slope[0] + half, plain / variance, k)
        for name, number in zip(parts, numbers, strict=True):
            parts[name][cell] = number
    return parts


def controlled_differences(values: pd.DataFrame, baseline: str, covariates: Values) -> pd.DataFrame:
    """Every regime less the baseline, controlled: beside :func:`simulator.statistics.paired.differences`.

    Index ``(regime, metric)``; columns as :func:`controlled` has them, intervals cut at what a difference can
    be.
    """
    table, regimes = cube(values)
    others = [k for k, regime in enumerate(regimes) if regime != baseline]
    gap = table[:, others] - table[:, [regimes.index(baseline)]]
    span = np.array([MEASURES[str(name)].span for name in values.columns])
    parts = controlled(gap, covariates, span)
    parts["low"], parts["high"] = np.maximum(parts["low"], -span), np.minimum(parts["high"], span)
    index = pd.MultiIndex.from_product(
        [[regimes[k] for k in others], values.columns], names=["regime", "metric"]
    )
    return pd.DataFrame({name: part.reshape(-1) for name, part in parts.items()}, index=index)
