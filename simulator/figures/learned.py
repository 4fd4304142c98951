"""Where regimes move in the plane of deadlock and efficiency once strategies are free."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from simulator.figures.plane import at_the_edge, central, number
from simulator.figures.style import BLACK, PAGE, PERCENT, Axes, Figure, Line2D, canvas, entry, mark

PLANE = ("deadlock_rate", "efficiency")
LEARNED: dict[str, tuple[str, str | None]] = {
    "learned": ("s", None),
    "learned, without commitments": ("D", "white"),
}
"""Marker and face of what was learned; the face of a regime's own colour where there is none."""


def arrows(outcomes: pd.DataFrame, tints: Mapping[str, str]) -> Figure:
    """An arrow from each regime's start to its menu's long run, and on to each end of learning.

    A panel a market where ``outcomes`` has a column of that name; ``tints``: the colour of each regime.
    """
    markets = list(dict.fromkeys(outcomes["market"])) if "market" in outcomes else [""]
    order = list(dict.fromkeys(map(str, outcomes["regime"])))
    figure = canvas(PAGE, 4.2 * len(markets) + 0.6 + 0.14 * (len(order) // 4 + 1))
    handles = [mark(tints[name], "white", f"{place} {name}") for place, name in enumerate(order, start=1)]
    handles += _stages(set(outcomes["stage"]))
    figure.legend(handles=handles, loc="outside lower center", ncols=4, fontsize=7)
    for ax, market in zip(figure.subplots(len(markets), 1, squeeze=False)[:, 0], markets, strict=True):
        own = outcomes[outcomes["market"] == market] if market else outcomes
        _panel(figure, ax, own, tints, order)
        ax.set_title(market)
    return figure


def _stages(stages: set[str]) -> list[Line2D]:
    """Entries of the legend for the stages that are there."""
    dotted = {"marker": "D", "ls": ":", "markerfacecolor": "white"}
    known = {
        "start": entry(color=BLACK, marker="o", ls="--", markerfacecolor="white", label="start"),
        "menu's long run": entry(color=BLACK, marker="o", ls="--", markersize=4, label="menu's long run"),
        "learned": entry(color=BLACK, marker="s", ls="-", label="learned, one for each start"),
        "learned, without commitments": entry(color=BLACK, label="the same without commitments", **dotted),
    }
    return [handle for stage, handle in known.items() if stage in stages]


def _panel(
    figure: Figure, ax: Axes, outcomes: pd.DataFrame, tints: Mapping[str, str], order: Sequence[str]
) -> None:
    """The arrows of one market; a regime that stays where it starts, far from all others, at the edge."""
    points = outcomes[outcomes["metric"].isin(PLANE)].pivot_table(
        index=["regime", "stage", "equilibrium"], columns="metric", values="mean", sort=False
    )
    starts = {name: _point(points, name, "start", "") for name in dict.fromkeys(map(str, outcomes["regime"]))}
    near = central(np.array(list(starts.values())).reshape(-1, 2))
    moves = {name for name in starts if (name, "menu's long run") in points.index}
    inner = [name for name, kept in zip(starts, near, strict=True) if kept or name in moves]
    for name in inner:
        ax.plot(*starts[name], "o", color=tints[name], markerfacecolor="white", zorder=3)
        if name in moves:
            _moves(ax, points, name, tints[name])
    ax.margins(0.08)
    ax.autoscale_view()
    bounds = np.array([ax.get_xlim(), ax.get_ylim()])
    for name, start in starts.items():
        if name not in inner:
            at_the_edge(ax, start, bounds, tints[name], "white")
    ax.set_xlim(*bounds[0])
    ax.set_ylim(*bounds[1])
    number(figure, ax, {name: np.clip(place, *bounds.T) for name, place in starts.items()}, order)
    ax.xaxis.set_major_formatter(PERCENT)
    ax.yaxis.set_major_formatter(PERCENT)
    ax.set_xlabel("deadlock rate, % of negotiations without the parties' own agreement; less is better")
    ax.set_ylabel("efficiency, % of what was due; more is better")


def _moves(ax: Axes, points: pd.DataFrame, name: str, tint: str) -> None:
    """From the start of a regime to its menu's long run, and from there to each end of learning."""
    menu = _point(points, name, "menu's long run", "")
    _arrow(ax, _point(points, name, "start", ""), menu, tint, "--")
    ax.plot(*menu, "o", color=tint, markersize=4, zorder=3)
    for stage, (marker, face) in LEARNED.items():
        for which in points.xs((name, stage)).index if (name, stage) in points.index else ():
            end = _point(points, name, stage, str(which))
            _arrow(ax, menu, end, tint, "-" if face is None else ":")
            ax.plot(*end, marker, color=tint, markerfacecolor=face or tint, zorder=3)


def _point(points: pd.DataFrame, regime: str, stage: str, which: str) -> tuple[float, float]:
    row = points.xs((regime, stage, which)).to_dict()
    return float(row[PLANE[0]]), float(row[PLANE[1]])


def _arrow(ax: Axes, start: tuple[float, float], end: tuple[float, float], tint: str, dash: str) -> None:
    shape = {"arrowstyle": "->", "color": tint, "lw": 1.2, "ls": dash, "shrinkA": 4, "shrinkB": 4}
    ax.annotate("", xy=end, xytext=start, arrowprops=shape, zorder=2)
