"""Where regimes move in the plane of deadlock and efficiency once strategies are free."""

from __future__ import annotations

import pandas as pd

from simulator.figures.style import PERCENT, Axes, Figure, canvas, entry, looks

PLANE = ("deadlock_rate", "efficiency")
LEARNED: dict[str, tuple[str, str | None]] = {
    "learned": ("s", None),
    "learned, without commitments": ("D", "white"),
}
"""Marker and face of what was learned; the face of a regime's own colour where there is none."""


def arrows(outcomes: pd.DataFrame) -> Figure:
    """An arrow from each regime's start to its menu's long run, and on to each end of learning.

    A panel a market where ``outcomes`` has a column of that name.
    """
    markets = list(dict.fromkeys(outcomes["market"])) if "market" in outcomes else [""]
    figure = canvas(max(9.5, 7.0 * len(markets)), 6.2)
    regimes = list(dict.fromkeys(outcomes["regime"]))
    colours = {name: look[0] for name, look in looks(regimes).items()}
    for ax, market in zip(figure.subplots(1, len(markets), squeeze=False)[0], markets, strict=True):
        own = outcomes[outcomes["market"] == market] if market else outcomes
        _panel(ax, own, colours)
        ax.set_title(market)
    handles = [entry(color=colours[name], lw=1.5, label=name) for name in regimes]
    handles += [
        entry(color="#222222", marker="o", ls="--", markerfacecolor="white", label="start"),
        entry(color="#222222", marker="o", ls="--", markersize=4, label="menu's long run"),
        entry(color="#222222", marker="s", ls="-", label="learned, one for each start"),
    ]
    if "learned, without commitments" in set(outcomes["stage"]):
        dotted = {"marker": "D", "ls": ":", "markerfacecolor": "white"}
        handles.append(entry(color="#222222", label="the same without commitments", **dotted))
    figure.legend(handles=handles, loc="outside lower center", ncols=4, fontsize=8)
    return figure


def _panel(ax: Axes, outcomes: pd.DataFrame, colours: dict[str, str]) -> None:
    """The arrows of one market."""
    points = outcomes[outcomes["metric"].isin(PLANE)].pivot_table(
        index=["regime", "stage", "equilibrium"], columns="metric", values="mean", sort=False
    )
    for name in dict.fromkeys(outcomes["regime"]):
        tint = colours[name]
        start = _point(points, name, "start", "")
        ax.plot(*start, "o", color=tint, markerfacecolor="white", zorder=3)
        ax.annotate(str(name), start, xytext=(4, 3), textcoords="offset points", fontsize=6.5, color=tint)
        if (name, "menu's long run") not in points.index:
            continue
        menu = _point(points, name, "menu's long run", "")
        _arrow(ax, start, menu, tint, "--")
        ax.plot(*menu, "o", color=tint, markersize=4, zorder=3)
        for stage, (marker, face) in LEARNED.items():
            for which in points.loc[(name, stage)].index if (name, stage) in points.index else ():
                end = _point(points, name, stage, str(which))
                _arrow(ax, menu, end, tint, "-" if face is None else ":")
                ax.plot(*end, marker, color=tint, markerfacecolor=face or tint, zorder=3)
    ax.margins(0.08)
    ax.xaxis.set_major_formatter(PERCENT)
    ax.yaxis.set_major_formatter(PERCENT)
    ax.set_xlabel("deadlock rate (% of negotiations without the parties' own agreement)  ← less is better")
    ax.set_ylabel("efficiency (% of E left after avoidable losses)  more is better →")


def _point(points: pd.DataFrame, regime: str, stage: str, which: str) -> tuple[float, float]:
    row = points.xs((regime, stage, which)).to_dict()
    return float(row[PLANE[0]]), float(row[PLANE[1]])


def _arrow(ax: Axes, start: tuple[float, float], end: tuple[float, float], tint: str, dash: str) -> None:
    shape = {"arrowstyle": "->", "color": tint, "lw": 1.2, "ls": dash, "shrinkA": 4, "shrinkB": 4}
    ax.annotate("", xy=end, xytext=start, arrowprops=shape, zorder=2)
