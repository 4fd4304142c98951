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
    """An arrow from each regime's start to its menu's long run, and on to each end of learning."""
    figure = canvas(9.5, 6.2)
    ax = figure.add_subplot()
    regimes = list(dict.fromkeys(outcomes["regime"]))
    colours = {name: look[0] for name, look in looks(regimes).items()}
    points = outcomes[outcomes["metric"].isin(PLANE)].pivot_table(
        index=["regime", "stage", "equilibrium"], columns="metric", values="mean", sort=False
    )
    for name in regimes:
        tint = colours[name]
        start, menu = (_point(points, name, stage, "") for stage in ("start", "menu's long run"))
        _arrow(ax, start, menu, tint, "--")
        ax.plot(*start, "o", color=tint, markerfacecolor="white", zorder=3)
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


def _point(points: pd.DataFrame, regime: str, stage: str, which: str) -> tuple[float, float]:
    row = points.xs((regime, stage, which)).to_dict()
    return float(row[PLANE[0]]), float(row[PLANE[1]])


def _arrow(ax: Axes, start: tuple[float, float], end: tuple[float, float], tint: str, dash: str) -> None:
    shape = {"arrowstyle": "->", "color": tint, "lw": 1.2, "ls": dash, "shrinkA": 4, "shrinkB": 4}
    ax.annotate("", xy=end, xytext=start, arrowprops=shape, zorder=2)
