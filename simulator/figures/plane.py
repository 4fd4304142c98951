"""Deadlock and efficiency of each regime: the plane with confidence ellipses, and the levels side by side."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from simulator.comparison.tables import Tables
from simulator.figures.regimes import colour, face, height, label, mode_legend, rows
from simulator.figures.style import GREY, PERCENT, WIDTH, Axes, Figure, canvas, ellipse, few_ticks, mark
from simulator.statistics.intervals import ellipse_radius


def plane(tables: Tables) -> Figure:
    """Deadlock rate against efficiency: a mean and a 95 % confidence ellipse for each regime, by number.

    What lies far from all others stands at the edge, with an arrow and its values.
    """
    figure = canvas(WIDTH, 3.7 + 0.05 * len(tables.order))
    ax = figure.add_subplot()
    points = {
        name: row
        for name, row in _points(tables.plane).items()
        if np.isfinite([row["deadlock_rate"], row["efficiency"]]).all()  # an undefined one has no place
    }
    near = central(np.array([_place(row) for row in points.values()]).reshape(-1, 2))
    inner = [name for name, kept in zip(points, near, strict=True) if kept]
    for name in inner:
        regime, row = tables.regimes[name], points[name]
        _region(ax, row, colour(regime))
        ax.plot(*_place(row), "o", color=colour(regime), markerfacecolor=face(regime), ms=5, zorder=3)
    ax.margins(0.08)
    ax.autoscale_view()
    bounds = np.array([ax.get_xlim(), ax.get_ylim()])
    for name, row in points.items():
        if name not in inner:
            at_the_edge(ax, _place(row), bounds, colour(tables.regimes[name]), face(tables.regimes[name]))
    ax.set_xlim(*bounds[0])
    ax.set_ylim(*bounds[1])
    number(figure, ax, {name: np.clip(_place(row), *bounds.T) for name, row in points.items()}, tables.order)
    ax.xaxis.set_major_formatter(PERCENT)
    ax.yaxis.set_major_formatter(PERCENT)
    ax.set_xlabel("deadlock rate, % of negotiations without the parties' own agreement; less is better")
    ax.set_ylabel("efficiency, % of what was due; more is better")
    keys = [
        mark(
            colour(tables.regimes[name]),
            face(tables.regimes[name]),
            f"{place} {label(tables.regimes[name])}",
        )
        for place, name in enumerate(tables.order, start=1)
    ]
    figure.legend(
        handles=keys, loc="outside lower center", ncols=3, fontsize=7, handletextpad=0, columnspacing=0.8
    )
    return figure


def central(places: NDArray[np.float64], reach: float = 6.0) -> NDArray[np.bool_]:
    """Which points lie with the others: within ``reach`` times the median distance of the median, each way.

    >>> central(np.array([[0.1, 0.9], [0.2, 0.8], [0.3, 0.9], [0.2, 0.7], [9.0, 0.8]])).tolist()
    [True, True, True, True, False]
    """
    known = np.asarray(np.isfinite(places).all(axis=1))
    if not known.any():
        return known
    apart = np.abs(places - np.median(places[known], axis=0))
    usual = np.maximum(np.median(apart[known], axis=0), 0.01)
    return np.asarray(known & (apart <= reach * usual).all(axis=1))


def _place(row: Mapping[str, float]) -> tuple[float, float]:
    return row["deadlock_rate"], row["efficiency"]


def at_the_edge(
    ax: Axes, place: tuple[float, float], bounds: NDArray[np.float64], tint: str, filling: str
) -> None:
    """A point out of the picture: an arrow head at its edge, with its values (shares) in words.

    One that is within the picture after all is a dot.
    """
    x, y = (float(np.clip(at, low, high)) for at, (low, high) in zip(place, bounds, strict=True))
    beyond = [at - kept for at, kept in zip(place, (x, y), strict=True)]
    if not any(beyond):
        ax.plot(x, y, "o", color=tint, markerfacecolor=filling, ms=5, zorder=3)
        return
    head = (">" if beyond[0] > 0 else "<") if beyond[0] else ("^" if beyond[1] > 0 else "v")
    ax.plot(x, y, head, color=tint, markerfacecolor=filling, ms=7, clip_on=False, zorder=3)
    said = f"at {100 * place[0]:.0f} and {100 * place[1]:.1f} "
    side = "right" if x > bounds[0].mean() else "left"
    ax.annotate(
        said, (x, y), xytext=(-14 if side == "right" else 14, 0), textcoords="offset points", ha=side,
        va="center", fontsize=7, color=tint,
    )  # fmt: skip


def number(figure: Figure, ax: Axes, places: Mapping[str, NDArray[np.float64]], order: Sequence[str]) -> None:
    """The number of each regime beside its point, where the fewest other points and numbers are."""
    figure.draw_without_rendering()
    steps = beside({name: ax.transData.transform(place) / figure.dpi for name, place in places.items()})
    for name, step in steps.items():
        ax.annotate(
            str(order.index(name) + 1),
            (float(places[name][0]), float(places[name][1])),
            xytext=(72 * step[0], 72 * step[1]),
            textcoords="offset points",
            ha="center",
            va="center",
            fontsize=7.5,
            annotation_clip=False,
            zorder=4,
        )


def beside(places: Mapping[str, NDArray[np.float64]]) -> dict[str, tuple[float, float]]:
    """How far from each point its number stands best, where the fewest other points and numbers are; inches.

    >>> beside({"a": np.array([0.0, 0.0]), "b": np.array([0.1, 0.1])})["a"][0] < 0
    True
    """
    around = [
        (float(radius * np.cos(turn)), float(radius * np.sin(turn)))
        for radius in (0.12, 0.2)
        for turn in np.radians([45, 135, 225, 315, 0, 90, 180, 270])
    ]
    taken: list[NDArray[np.float64]] = []
    steps: dict[str, tuple[float, float]] = {}
    for name, at in places.items():
        others = [*taken, *(place for other, place in places.items() if other != name)]
        spots = at + np.array(around)
        apart = np.hypot(*np.moveaxis(spots[:, None] - np.array(others).reshape(-1, 2), -1, 0))
        best = int((apart < 0.13).sum(axis=1).argmin())
        taken.append(spots[best])
        steps[name] = around[best]
    return steps


def _points(data: pd.DataFrame) -> dict[str, dict[str, float]]:
    """The rows of a table of numbers by regime."""
    rows = (dict(zip(data.columns, row, strict=True)) for row in data.to_numpy(float))
    return dict(zip(map(str, data.index), rows, strict=True))


def _region(ax: Axes, row: Mapping[str, float], tint: str) -> None:
    x, y = row["deadlock_rate"], row["efficiency"]
    ax.plot([row["deadlock_rate_low"], row["deadlock_rate_high"]], [y, y], color=tint, lw=0.8)
    ax.plot([x, x], [row["efficiency_low"], row["efficiency_high"]], color=tint, lw=0.8)
    radius = ellipse_radius(int(row["replications"]))
    error = np.array([row["deadlock_rate_error"], row["efficiency_error"]])
    if not np.isfinite([*error, radius]).all():
        return
    cross = row["correlation"] * error.prod()
    size, axes = np.linalg.eigh(np.array([[error[0] ** 2, cross], [cross, error[1] ** 2]]))
    width, tall = 2 * radius * np.sqrt(np.maximum(size, 0))
    angle = float(np.degrees(np.arctan2(axes[1, 0], axes[0, 0])))
    ellipse(ax, (x, y), (width, tall), angle, tint)


def levels(tables: Tables) -> Figure:
    """Deadlock rate and efficiency: level with interval, and paired difference from the baseline."""
    several = len(tables.order) > 1
    shown = {"deadlock_rate": "deadlock rate", "efficiency": "efficiency"}
    figure = canvas(WIDTH, height(tables))
    panels = figure.subplots(1, 4 if several else 2, sharey=True)
    for k, (metric, name) in enumerate(shown.items()):
        level = panels[2 * k if several else k]
        _dots(level, tables, metric)
        level.set_title(name, fontsize=8)
        level.set_xlabel(
            "% of\nnegotiations" if metric == "deadlock_rate" else "% of what\nwas due", fontsize=8
        )
        if several:
            gap = panels[2 * k + 1]
            gap.axvline(0, color=GREY, lw=1)
            _dots(gap, tables, f"{metric}_difference")
            gap.text(0, tables.order.index(tables.baseline), " baseline", fontsize=7, color=GREY, va="center")
            gap.set_title("difference", fontsize=8)
            gap.set_xlabel("percentage\npoints", fontsize=8)
    mode_legend(figure, tables, hollow=True)
    return figure


def _dots(ax: Axes, tables: Tables, column: str) -> None:
    """Means with intervals; what lies far from all others stands at the edge, with an arrow and its value."""
    data = _points(tables.levels)
    regimes = rows(ax, tables, short=True)
    ends = ("", "_low", "_high")
    cells = np.array([[data[regime.regime][f"{column}{end}"] for end in ends] for regime in regimes])
    near = central(cells[:, :1])
    far = np.flatnonzero(np.isfinite(cells[:, 0]) & ~near)
    for row in np.flatnonzero(near):
        mean, low, high = cells[row]
        tint = colour(regimes[row])
        ax.plot([low, high], [row, row], color=tint, lw=1.6, solid_capstyle="butt")
        ax.plot(mean, row, "o", color=tint, markerfacecolor=face(regimes[row]), ms=5)
    least, most = ax.get_xlim()
    for row in far:
        right = cells[row, 0] > most
        at, tint = (most if right else least), colour(regimes[row])
        ax.plot(at, row, ">" if right else "<", color=tint, markerfacecolor=face(regimes[row]), clip_on=False)
        ax.annotate(
            f"{100 * cells[row, 0]:.1f}", (at, float(row)), xytext=(-6 if right else 6, 0), fontsize=7,
            textcoords="offset points", ha="right" if right else "left", va="center", color=tint,
        )  # fmt: skip
    ax.set_xlim(least, most)
    few_ticks(ax, 3)
    ax.xaxis.set_major_formatter(PERCENT)
