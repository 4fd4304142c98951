"""Where regimes move in the plane of deadlock and efficiency once strategies are free."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from simulator.figures.plane import at_the_edge, central, number
from simulator.figures.style import (
    BLACK,
    GREY,
    PAGE,
    PERCENT,
    Axes,
    Figure,
    Line2D,
    canvas,
    entry,
    few_ticks,
    mark,
)

PLANE = ("deadlock_rate", "efficiency")
LEARNED: dict[str, tuple[str, str | None]] = {
    "learned": ("s", None),
    "learned, without commitments": ("D", "white"),
}
"""Marker and face of what was learned; the face of a regime's own colour where there is none."""
TOGETHER, ACROSS = 12, 5
"""Most regimes whose arrows a panel shows together; with more each has one of its own, so many in a row."""
SAID = (
    "deadlock rate, % of negotiations without the parties' own agreement; less is better",
    "efficiency, % of what was due; more is better",
)


def arrows(outcomes: pd.DataFrame, tints: Mapping[str, str]) -> Figure:
    """An arrow from each regime's start to its menu's long run, and on to each end of learning.

    A panel a market where ``outcomes`` has a column of that name, or one a regime where they are too many for
    that; ``tints``: the colour of each regime.
    """
    markets = list(dict.fromkeys(outcomes["market"])) if "market" in outcomes else [""]
    parts = [outcomes[outcomes["market"] == market] if market else outcomes for market in markets]
    order = list(dict.fromkeys(map(str, outcomes["regime"])))
    stages = _stages(set(outcomes["stage"]))
    if len(order) > TOGETHER:
        return _one_by_one(dict(zip(markets, parts, strict=True)), tints, stages)
    figure = canvas(PAGE, 4.2 * len(markets) + 0.6 + 0.14 * (len(order) // 4 + 1))
    handles = [mark(tints[name], "white", f"{place} {name}") for place, name in enumerate(order, start=1)]
    figure.legend(handles=handles + stages, loc="outside lower center", ncols=4, fontsize=7)
    for ax, market, own in zip(
        figure.subplots(len(markets), 1, squeeze=False)[:, 0], markets, parts, strict=True
    ):
        _panel(figure, ax, own, tints, order)
        ax.set_title(market)
    return figure


def _one_by_one(parts: Mapping[str, pd.DataFrame], tints: Mapping[str, str], stages: list[Line2D]) -> Figure:
    """A small panel for each regime of each market, before the learned ends of all others in grey."""
    moved = {market: _points(own) for market, own in parts.items()}
    rows = {market: -(-points.index.unique("regime").size // ACROSS) for market, points in moved.items()}
    figure = canvas(PAGE, 1.2 * sum(rows.values()) + 0.5 * len(rows) + 0.6)
    others = entry(color=GREY, marker="s", ls="", markersize=2.5, alpha=0.35, label="learned, all regimes")
    figure.set_layout_engine("constrained", w_pad=0.02, h_pad=0.03)
    figure.legend(handles=[*stages, others], loc="outside lower center", ncols=3, fontsize=7)
    sheets = figure.subfigures(len(rows), 1, squeeze=False, height_ratios=list(rows.values()))[:, 0]
    for sheet, (market, points) in zip(sheets, moved.items(), strict=True):
        names = list(map(str, points.index.unique("regime")))
        panels = list(sheet.subplots(rows[market], ACROSS, sharex=True, sharey=True, squeeze=False).flat)
        ends = points[points.index.isin(LEARNED, level="stage")]
        for ax, name in zip(panels, names, strict=False):
            ax.plot(ends[PLANE[0]], ends[PLANE[1]], "s", color=GREY, alpha=0.35, markersize=2, zorder=1)
            _moves(ax, points, name, tints[name], 0.5)
            ax.set_title(name, fontsize=7, fontweight="normal", pad=2)
            ax.tick_params(labelsize=7)
            ax.xaxis.set_major_formatter(PERCENT)
            ax.yaxis.set_major_formatter(PERCENT)
        few_ticks(panels[0], 3)
        for ax in panels[len(names) :]:
            ax.set_axis_off()
        for ax in panels[len(names) - ACROSS : len(names)]:
            ax.tick_params(labelbottom=True)
        sheet.suptitle(market, fontsize=9, fontweight="bold", x=0.02, ha="left")
        sheet.supxlabel(SAID[0], fontsize=7)
        sheet.supylabel(SAID[1], fontsize=7)
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
    points = _points(outcomes)
    starts = {name: _point(points, name, "start", "") for name in dict.fromkeys(map(str, outcomes["regime"]))}
    near = central(np.array(list(starts.values())).reshape(-1, 2))
    moves = {name for name in starts if (name, "menu's long run") in points.index}
    inner = [name for name, kept in zip(starts, near, strict=True) if kept or name in moves]
    for name in inner:
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
    ax.set_xlabel(SAID[0])
    ax.set_ylabel(SAID[1])


def _points(outcomes: pd.DataFrame) -> pd.DataFrame:
    """Both metrics of each regime, stage and equilibrium."""
    return outcomes[outcomes["metric"].isin(PLANE)].pivot_table(
        index=["regime", "stage", "equilibrium"], columns="metric", values="mean", sort=False
    )


def _moves(ax: Axes, points: pd.DataFrame, name: str, tint: str, scale: float = 1.0) -> None:
    """The start of a regime, and arrows to its menu's long run, if it has one, and on to what was learned.

    ``scale``: the size of marks and arrows, of that in a panel for all.
    """
    start, size = _point(points, name, "start", ""), 6.0 * scale
    ax.plot(*start, "o", color=tint, markerfacecolor="white", markersize=size, zorder=3)
    if (name, "menu's long run") not in points.index:
        return
    menu = _point(points, name, "menu's long run", "")
    _arrow(ax, start, menu, (tint, "--"), scale)
    ax.plot(*menu, "o", color=tint, markersize=4.0 * scale, zorder=3)
    for stage, (marker, face) in LEARNED.items():
        for which in points.xs((name, stage)).index if (name, stage) in points.index else ():
            end = _point(points, name, stage, str(which))
            _arrow(ax, menu, end, (tint, "-" if face is None else ":"), scale)
            ax.plot(*end, marker, color=tint, markerfacecolor=face or tint, markersize=size, zorder=3)


def _point(points: pd.DataFrame, regime: str, stage: str, which: str) -> tuple[float, float]:
    row = points.xs((regime, stage, which)).to_dict()
    return float(row[PLANE[0]]), float(row[PLANE[1]])


def _arrow(
    ax: Axes, start: tuple[float, float], end: tuple[float, float], look: tuple[str, str], scale: float
) -> None:
    """From one point to another; ``look``: colour and dashes."""
    shape = {"arrowstyle": "->", "lw": 1.2 * scale, "shrinkA": 4 * scale, "shrinkB": 4 * scale}
    shape |= {"color": look[0], "ls": look[1], "mutation_scale": 10 * scale}
    ax.annotate("", xy=end, xytext=start, arrowprops=shape, zorder=2)
