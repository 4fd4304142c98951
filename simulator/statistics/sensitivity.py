"""Which uncertain parameters move an outcome: screening, variance shares, and shares from any sample.

Outcomes are numbers over the points of a design, ``(points,)`` or ``(replications, points)``; with
replications the mean is analysed, and intervals carry the luck of the replications beside the choice of
points.  Points share their luck, so an outcome moves between points only because the parameters do.  The
designs are those of SALib: trajectories for Morris, Saltelli's for Sobol.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd
from scipy import stats

from simulator.errors import Problem, ScenarioError, nearest
from simulator.outcomes.negotiations import Values
from simulator.parameters import registry
from simulator.statistics.intervals import LEVEL

RESAMPLES = 500
"""Bootstrap samples of points behind the intervals of indices."""

LUCK = 200
"""Bootstrap samples of replications behind them."""


def ranges(names: Iterable[str]) -> dict[str, tuple[float, float]]:
    """The plausible range of each parameter, from the registry.  Raises ``ScenarioError`` for unknown names.

    >>> ranges(["court.interest.court"])
    {'court.interest.court': (0.0, 0.1)}
    """
    spans = {}
    for name in names:
        if name not in registry():
            what = f"no parameter is called {name}"
            raise ScenarioError(Problem("", None, "uncertainties", what, nearest(name, registry())))
        spans[name] = registry()[name].plausible
    return spans


def problem(uncertain: Mapping[str, tuple[float, float]]) -> dict[str, Any]:
    """The uncertain parameters and their ranges in the form SALib takes.

    >>> problem({"court.interest.court": (0, 0.12)})
    {'num_vars': 1, 'names': ['court.interest.court'], 'bounds': [[0, 0.12]]}
    """
    bounds = [list(span) for span in uncertain.values()]
    return {"num_vars": len(bounds), "names": list(uncertain), "bounds": bounds}


def morris(points: pd.DataFrame, outcome: Values, seed: int = 0, levels: int = 4) -> pd.DataFrame:
    """Elementary effects over the trajectories of a Morris design: cheap screening, most important first.

    ``points``: one row a point in the order of the design, one column a parameter.  Index: the parameters;
    columns in the outcome's unit for a step across the whole range: ``mu_star``, mean size of the effect,
    with 95 % bootstrap interval ``low, high``; ``mu``, its mean with sign; ``sigma``, its spread (large
    beside ``mu_star``: the effect depends on the other parameters).  ``levels`` is that of the design.
    *Source*: Morris (1991); Campolongo et al. (2007); SALib.  Raises ``ScenarioError`` for outcomes without
    variation or with gaps, and for a number of points that is no whole number of trajectories.
    """
    from SALib.analyze import morris as method

    names = list(points.columns)
    y = _outcome(outcome, len(points), len(names) + 1, f"(parameters + 1 = {len(names) + 1}) x trajectories")

    def analysed(values: Values, resamples: int) -> dict[str, Any]:
        x = points.to_numpy(dtype=np.float64)
        return _analysed(method, names, x, values, seed=seed, resamples=resamples, num_levels=levels)

    found = analysed(y, RESAMPLES)
    table = _table(names, {"mu_star": found["mu_star"], "mu": found["mu"], "sigma": found["sigma"]})
    half = _with_luck(found["mu_star_conf"], outcome, _each(lambda one: analysed(one, 2)["mu_star"]), seed)
    table.insert(1, "low", np.maximum(table["mu_star"] - half, 0.0))
    table.insert(2, "high", table["mu_star"] + half)
    return table.sort_values("mu_star", ascending=False, kind="stable")


def sobol(
    names: Sequence[str], outcome: Values, seed: int = 0, *, second_order: bool = False
) -> pd.DataFrame:
    """Shares of the outcome's variance over the parameter space, from Saltelli's design in its order.

    Index: the parameters, most important first; columns with 95 % bootstrap intervals ``_low, _high``:
    ``S1``, what the parameter explains alone; ``ST``, what it explains alone and together with others.
    ``second_order`` says whether the design was made for pairs too: N (2d + 2) points instead of N (d + 2).
    Small negative estimates are sampling error.  *Source*: Saltelli et al. (2010); SALib.  Raises
    ``ScenarioError`` for outcomes without variation or with gaps, and for points that do not fit.
    """
    from SALib.analyze import sobol as method

    group = (2 if second_order else 1) * len(names) + 2
    y = _outcome(outcome, None, group, f"{group} x N for {len(names)} parameters")

    def analysed(values: Values, resamples: int) -> dict[str, Any]:
        return _analysed(
            method, names, values, seed=seed, resamples=resamples, calc_second_order=second_order
        )

    def both(drawn: Values) -> Values:
        one = analysed(drawn, 2)
        return np.array([one["S1"], one["ST"]])

    indices = analysed(y, RESAMPLES)
    widths = _with_luck(np.array([indices["S1_conf"], indices["ST_conf"]]), outcome, _each(both), seed)
    table = _table(names, {})
    for index, half in zip(("S1", "ST"), widths, strict=True):
        estimate = np.asarray(indices[index], dtype=np.float64)
        table[index], table[f"{index}_low"], table[f"{index}_high"] = (
            estimate,
            estimate - half,
            estimate + half,
        )
    return table.sort_values("ST", ascending=False, kind="stable")


def first_order(points: pd.DataFrame, outcome: Values, seed: int = 0) -> pd.DataFrame:
    """Variance shares ``S1`` (with ``S1_low, S1_high``) from any sample, such as a Latin hypercube.

    Index: the parameters, most important first.  Rough below some 100 points: the interval says how rough.
    *Source*: random balance design after Tarantola et al. (2006) and Plischke (2010), bias-corrected (Tissot
    and Prieur 2012); SALib.  The number of harmonics is 10, and one for every 20 points below 200.  Raises
    ``ScenarioError`` for outcomes without variation or with gaps, and for fewer than 40 points.
    """
    names = list(points.columns)
    y = _outcome(outcome, len(points), 1, "")
    if len(y) < 40:
        raise ScenarioError(
            Problem("", None, "design", f"got {len(y)} points", "at least 40 for variance shares")
        )
    columns, harmonics = points.to_numpy(dtype=np.float64).T, min(10, len(y) // 20)
    rng = np.random.default_rng(seed).spawn(1)[0]  # as SALib draws from a seed

    def shares(drawn: Values) -> Values:
        return np.stack([_explained(x, drawn, harmonics) for x in columns], axis=-1)

    def spread(x: Values) -> float:
        chosen = rng.choice(len(y), (RESAMPLES, len(y) // 2))
        return float(np.std(_explained(x[chosen], y[chosen], harmonics), ddof=1))

    over_points = stats.norm.ppf((1 + LEVEL) / 2) * np.array([spread(x) for x in columns])
    half = _with_luck(over_points, outcome, shares, seed)
    estimate = shares(y)
    table = _table(names, {"S1": estimate, "S1_low": estimate - half, "S1_high": estimate + half})
    return table.sort_values("S1", ascending=False, kind="stable")


def _explained(x: Values, y: Values, harmonics: int) -> Values:
    """What SALib's ``rbd_fast`` finds of a parameter, for many samples at once: a hundredth of the time.

    ``x, y``: the parameter and the outcome, (..., points).  Returns shares of the variance, (...).
    """
    from SALib.analyze.rbd_fast import unskew_S1
    from scipy.signal import periodogram

    order = np.argsort(np.broadcast_to(x, y.shape), axis=-1)
    there_and_back = np.concatenate([order[..., ::2], order[..., 1::2][..., ::-1]], axis=-1)
    power = periodogram(np.take_along_axis(y, there_and_back, axis=-1))[1][..., 1:]
    share = power[..., :harmonics].sum(axis=-1) / power.sum(axis=-1)
    return np.asarray(unskew_S1(share, harmonics, y.shape[-1]))


def _each(indices: Callable[[Values], Values]) -> Callable[[Values], Values]:
    """The indices of each of some outcomes, one row an outcome."""
    return lambda drawn: np.array([indices(one) for one in drawn], dtype=np.float64)


def _analysed(
    method: Any, names: Sequence[str], *data: Values, seed: int, resamples: int, **options: Any
) -> dict[str, Any]:
    """What a method of SALib finds in its data, for parameters scaled to their ranges."""
    return dict(
        method.analyze(
            problem(dict.fromkeys(names, (0.0, 1.0))),
            *data,
            num_resamples=resamples,
            conf_level=LEVEL,
            seed=np.random.default_rng(seed),  # a plain seed of 0 would be taken for none
            **options,
        )
    )


def _outcome(outcome: Values, points: int | None, group: int, rule: str) -> Values:
    """The mean over replications at each point, checked to be something that can be analysed."""
    values = np.atleast_2d(np.asarray(outcome, dtype=np.float64))
    defined = ~np.isnan(values)
    count = defined.sum(axis=0)
    gaps = int(np.count_nonzero(count == 0))
    if gaps:
        rule = "an outcome that is defined at every point, since indices need the complete design"
        raise _refused(f"undefined at {gaps} of {len(count)} points", rule)
    mean: Values = np.where(defined, values, 0.0).sum(axis=0) / count
    if points is not None and len(mean) != points:
        raise _refused(f"got {len(mean)} values for {points} points", "one value a point")
    if len(mean) % group or not len(mean):
        raise _refused(f"got {len(mean)} points", f"a number of points of the form {rule}")
    if np.ptp(mean) <= 1e-12 * max(1.0, float(np.abs(mean).max())):
        rule = "an outcome that varies over the design: a constant has no sensitivity to anything"
        raise _refused(f"{mean[0]:g} at all {len(mean)} points", rule)
    return mean


def _with_luck(half: Values, outcome: Values, indices: Callable[[Values], Values], seed: int) -> Values:
    """Half widths over points widened by luck: the spread of ``indices`` over resampled replications.

    ``indices`` takes outcomes (draws, points) and returns a row for each.
    Points and replications are drawn independently, so their variances add; without it intervals of total
    indices covered 78 %.  With one replication nothing is known of luck, and the half widths stay.
    """
    values = np.atleast_2d(np.asarray(outcome, dtype=np.float64))
    n, half = len(values), np.asarray(half, dtype=np.float64)
    if n < 2:
        return half
    defined = ~np.isnan(values)
    known = np.where(defined, values, 0.0)
    rng = np.random.default_rng([seed, 1])
    drawn = []
    for weights in rng.multinomial(n, np.full(n, 1 / n), LUCK).astype(np.float64):
        count = weights @ defined
        mean = np.divide(weights @ known, count, out=np.zeros(values.shape[1]), where=count > 0)
        if (count > 0).all() and np.ptp(mean) > 0:
            drawn.append(mean)
    if len(drawn) < 2:
        return np.full(half.shape, np.nan)
    spread = np.std(indices(np.array(drawn)), axis=0, ddof=1)
    luck = float(stats.t.ppf((1 + LEVEL) / 2, n - 1)) * spread * np.sqrt(n / (n - 1))
    return np.asarray(np.hypot(half, luck))


def _refused(what: str, rule: str) -> ScenarioError:
    return ScenarioError(Problem("", None, "outcome", what, rule))


def _table(names: Sequence[str], columns: dict[str, Any]) -> pd.DataFrame:
    index = pd.Index(list(names), name="parameter")
    return pd.DataFrame({name: np.asarray(column) for name, column in columns.items()}, index=index)
