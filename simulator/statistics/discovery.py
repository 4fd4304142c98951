"""Where a ranking of regimes holds: its share of the plausible parameter space, and that region in words.

A gap is one regime's outcome less another's, over the sampled points of the uncertain parameters:
``(replications, points)``, with the same luck at every point.  Whether the one is ahead at a point is judged
by the sign of the mean gap; how sure, by its paired interval and by resampling replications and points.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import inf
from typing import Any, TypeAlias

import numpy as np
import pandas as pd

from simulator.outcomes.negotiations import Mask, Values
from simulator.parameters import registry
from simulator.statistics.intervals import LEVEL, ROUNDING, interval, sample, wilson

Bounds: TypeAlias = dict[str, tuple[float, float]]
"""A box: values above the first number up to the second, for each parameter that is bounded."""

DEPTH = 3
"""Conditions a box has at most: more cannot be said in a sentence."""

RESAMPLES = 1000


@dataclass(frozen=True)
class Region:
    """The share of the parameter space in which one regime is ahead of another.

    ``share`` of the points with a mean gap on the better side, with its 95 % interval ``low, high`` over
    points and replications; ``ahead, behind, open``: points whose paired 95 % interval lies on the one side
    of zero, on the other, or covers it (or is not to be had, as where all replications agree); ``undefined``:
    points without an outcome, left out of the shares.
    """

    points: int
    share: float
    low: float
    high: float
    ahead: int
    behind: int
    open: int
    undefined: int

    def __str__(self) -> str:
        if not self.points:
            return "no point of the parameter space has an outcome"
        bounds = f" [{100 * self.low:.0f}, {100 * self.high:.0f}]" if np.isfinite(self.low) else ""
        counts = f"{self.ahead} surely ahead, {self.behind} surely behind, {self.open} open"
        return (
            f"ahead in {100 * self.share:.0f} %{bounds} of the plausible parameter space "
            f"({self.points} points: {counts})"
        )


def region(
    gap: Values,
    better: int = 1,
    seed: int = 0,
    resamples: int = RESAMPLES,
    span: float = inf,
    *,
    equal: bool = False,
) -> Region:
    """The share of points at which a gap of shape (replications, points) is on the better side.

    ``better`` is +1 or -1; ``span``: width of the outcome's range; ``equal``: both sides are the same by
    construction.  A gap of zero is on neither side.  The interval resamples replications, all points at once,
    and points, and is no narrower than Wilson's (1927) over points, since resampling a share of 0 or 100 %
    returns it; a stratified sample of points makes it wider than need be.

    >>> noise = np.random.default_rng(1).normal(0, 0.1, (12, 1))
    >>> str(region(noise + [[1.0, 2.0, -1.0, 0.0]]))
    'ahead in 75 % [25, 100] of the plausible parameter space (4 points: 2 surely ahead, 1 surely behind, 1
    open)'
    """
    gap = better * np.asarray(gap, dtype=np.float64)
    defined = ~np.isnan(gap).all(axis=0)
    gap = gap[:, defined]
    points, undefined = gap.shape[1], int(np.count_nonzero(~defined))
    if not points:
        return Region(0, *(float("nan"),) * 3, 0, 0, 0, undefined)
    found = sample(gap, -span, span, gap=True)
    least, most = interval(found)
    mean = found.mean
    ahead, behind = least > 0, most < 0
    low, high = _interval(_drawn_means(gap, seed, resamples) > ROUNDING, mean > ROUNDING, seed)
    if equal:
        low = high = float((mean > ROUNDING).mean())
    counts = (int(ahead.sum()), int(behind.sum()), int((~ahead & ~behind).sum()))
    return Region(points, float((mean > ROUNDING).mean()), low, high, *counts, undefined)


def best_shares(
    values: Values, regimes: Sequence[str], better: int, seed: int = 0, resamples: int = RESAMPLES
) -> pd.DataFrame:
    """In what share of the parameter space each regime is the best, from (replications, points, regimes).

    Columns ``share, low, high``; regimes that tie at a point share it; points at which an outcome is
    undefined are left out.  The interval is that of :func:`region`.
    """
    somewhere = np.any(~np.isnan(values), axis=0)  # defined in some replication: (points, regimes)
    values = better * values[:, np.flatnonzero(somewhere.all(axis=1))]
    replications, points, count = values.shape
    if not points:
        nothing = np.full((count, 3), np.nan)
        return pd.DataFrame(nothing, pd.Index(regimes, name="regime"), ["share", "low", "high"])
    mean = _winners(np.nanmean(values, axis=0)[None])[0]
    drawn = _drawn_means(values.reshape(replications, -1), seed, resamples)
    won = _winners(drawn.reshape(len(drawn), points, count))
    bounds = [_interval(won[:, :, place], mean[:, place], seed) for place in range(count)]
    rows = [(float(mean[:, place].mean()), *bounds[place]) for place in range(count)]
    return pd.DataFrame(rows, pd.Index(regimes, name="regime"), ["share", "low", "high"])


def _winners(means: Values) -> Values:
    """One over the number of winners at each winner, 0 elsewhere, along the last axis; nan wins nothing."""
    known = np.where(np.isnan(means), -inf, means).round(12)
    first = known == known.max(axis=-1, keepdims=True)
    return np.asarray(first / first.sum(axis=-1, keepdims=True), dtype=np.float64)


def _drawn_means(values: Values, seed: int, resamples: int) -> Values:
    """Means over resampled replications: (resamples, columns); one row where there is one replication."""
    n = len(values)
    defined = ~np.isnan(values)
    draws = np.random.default_rng(seed).multinomial(n, np.full(n, 1 / n), resamples if n > 1 else 1)
    weights = draws.astype(np.float64)
    with np.errstate(invalid="ignore"):
        return np.asarray((weights @ np.where(defined, values, 0.0)) / (weights @ defined))


def _interval(won: Mask | Values, seen: Mask | Values, seed: int) -> tuple[float, float]:
    """95 % interval of the share won, given what each resample of replications (a row) wins of the points.

    ``seen``: what the sample itself wins of them.  The bootstrap alone has no width at 0 and 100 %: true 97 %
    it covered in 39 % of samples of 8 points, and Wilson's alone leaves luck out; so the union of both.
    """
    points = won.shape[1]
    draws = np.random.default_rng([seed, 1]).multinomial(points, np.full(points, 1 / points), RESAMPLES)
    rows = np.resize(np.arange(len(won)), RESAMPLES)
    shares = np.einsum("bp,bp->b", draws.astype(np.float64), won[rows].astype(np.float64)) / points
    low, high = np.quantile(shares, [(1 - LEVEL) / 2, (1 + LEVEL) / 2])
    least, most = wilson(float(np.sum(seen)), points)
    return min(float(low), float(least)), max(float(high), float(most))


@dataclass(frozen=True)
class Boxes:
    """A region of the parameter space as boxes, read off a small decision tree.

    ``boxes``: one row a box, densest first: ``where`` in words, ``holds`` (whether most of it belongs to the
    region), ``density`` (share of its points that do), ``coverage`` (share of the region's points in it),
    ``points``, and the bounds ``<parameter> low`` and ``high``.  ``importance``: each parameter's share in
    what separates the region (mean over a forest, with its standard deviation), largest first.  ``accuracy``
    in cross-validation beside ``guess``, that of always saying the commoner answer: near each other, the
    boxes explain nothing; nan where there are too few points.
    """

    boxes: pd.DataFrame
    importance: pd.DataFrame
    accuracy: float
    guess: float


def boxes(points: pd.DataFrame, holds: Mask, seed: int = 0, depth: int = DEPTH) -> Boxes:
    """Describe in boxes where ``holds`` (points,) is true: points (points, parameters) in any sample.

    No box has fewer than one in twenty of the points, or than five.  *Source*: classification trees (Breiman
    et al. 1984) for scenario discovery; density and coverage after Bryant and Lempert (2010), Technological
    Forecasting and Social Change 77:34.
    """
    from sklearn.ensemble import RandomForestClassifier
    from sklearn.model_selection import StratifiedKFold, cross_val_score
    from sklearn.tree import DecisionTreeClassifier

    holds = np.asarray(holds, dtype=bool)
    x, least = points.to_numpy(dtype=np.float64), max(5, len(points) // 20)
    grown = {"max_depth": depth, "min_samples_leaf": least, "random_state": seed % 2**32}
    tree = DecisionTreeClassifier(**grown).fit(x, holds)
    forest = RandomForestClassifier(200, max_features=None, **grown).fit(x, holds)
    each = [one.feature_importances_ for one in forest.estimators_]
    importance = pd.DataFrame(
        {"importance": np.mean(each, axis=0), "sd": np.std(each, axis=0)},
        index=pd.Index(points.columns, name="parameter"),
    ).sort_values("importance", ascending=False, kind="stable")
    smaller = int(min(holds.sum(), (~holds).sum()))
    accuracy = float("nan")
    if smaller >= 5:
        folds = StratifiedKFold(5, shuffle=True, random_state=seed % 2**32)
        accuracy = float(cross_val_score(tree, x, holds, cv=folds).mean())
    guess = 1 - smaller / len(holds)
    found = _walk(tree.tree_, list(points.columns), 0, {})
    return Boxes(_table(found, points, holds), importance, accuracy, guess)


def _table(found: list[Bounds], points: pd.DataFrame, holds: Mask) -> pd.DataFrame:
    rows = []
    for bounds in found:
        inside = _inside(points, bounds)
        row: dict[str, object] = {
            "where": words(bounds),
            "holds": bool(holds[inside].mean() > 0.5),
            "density": float(holds[inside].mean()),
            "coverage": float(holds[inside].sum() / max(holds.sum(), 1)),
            "points": int(inside.sum()),
        }
        for name, (low, high) in bounds.items():
            row |= {f"{name} low": low, f"{name} high": high}
        rows.append(row)
    table = pd.DataFrame(rows)
    return table.sort_values(["density", "coverage"], ascending=False, kind="stable", ignore_index=True)


def _walk(tree: Any, names: Sequence[str], node: int, bounds: Bounds) -> list[Bounds]:
    """The leaves below a node as boxes; siblings that give the same answer are one box."""
    left, right = tree.children_left[node], tree.children_right[node]
    if left < 0:
        return [bounds]
    name, edge = names[tree.feature[node]], float(tree.threshold[node])
    low, high = bounds.get(name, (-inf, inf))
    below = _walk(tree, names, left, bounds | {name: (low, edge)})
    above = _walk(tree, names, right, bounds | {name: (edge, high)})
    answers = {int(tree.value[child][0].argmax()) for child in (left, right)}
    if len(below) == len(above) == len(answers) == 1:
        return [bounds]
    return below + above


def _inside(points: pd.DataFrame, bounds: Bounds) -> Mask:
    inside = np.ones(len(points), dtype=bool)
    for name, (low, high) in bounds.items():
        column = points[name].to_numpy(dtype=np.float64)
        inside &= (column > low) & (column <= high)
    return inside


def words(bounds: Bounds) -> str:
    """A box as a condition, each parameter by its title.

    >>> words({"holders.validity": (0.4, inf), "mine": (1.0, 2.0)})
    'probability that one asserted patent is upheld above 0.4 and mine between 1 and 2'
    >>> words({})
    'everywhere'
    """
    parts = []
    for name, (low, high) in bounds.items():
        title = registry()[name].title if name in registry() else name
        if low == -inf:
            parts.append(f"{title} at most {high:.3g}")
        elif high == inf:
            parts.append(f"{title} above {low:.3g}")
        else:
            parts.append(f"{title} between {low:.3g} and {high:.3g}")
    return " and ".join(parts) or "everywhere"


def boundary(points: pd.DataFrame, gap: Values, x: str, y: str, bins: int = 6) -> pd.DataFrame:
    """The gap over two parameters, for a heat map: ``bins`` equal steps of the sampled range of each.

    ``gap`` has one mean a point.  One row a field in which there are points: ``x`` and ``y`` at its middle,
    ``gap`` (mean), ``share`` of its points with a gap above zero, ``points``.
    """
    table = pd.DataFrame({"gap": np.asarray(gap, dtype=np.float64)})
    for axis, name in (("x", x), ("y", y)):
        column = points[name].to_numpy(dtype=np.float64)
        edges = np.linspace(column.min(), column.max(), bins + 1)
        place = np.clip(np.searchsorted(edges, column, side="right") - 1, 0, bins - 1)
        table[axis] = ((edges[:-1] + edges[1:]) / 2)[place]
    fields = table.dropna().groupby(["x", "y"])["gap"]
    found = fields.agg(gap="mean", share=lambda part: (part > ROUNDING).mean(), points="size")
    return found.reset_index()
