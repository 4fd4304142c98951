"""Deadlock and efficiency of each regime: the plane with confidence ellipses, and the levels side by side."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

from simulator.comparison.tables import Tables, ellipse_radius
from simulator.figures.regimes import colour, face, height, label, mode_legend, rows
from simulator.figures.style import GREY, LIGHT, PERCENT, Axes, Figure, canvas, ellipse, spread


def plane(tables: Tables) -> Figure:
    """Deadlock rate against efficiency: a mean and a 95 % confidence ellipse for each regime."""
    figure = canvas(9.5, max(5.2, height(tables, 0.26, 1.6)))
    ax = figure.add_subplot()
    for name, row in _points(tables.plane).items():
        regime = tables.regimes[name]
        _region(ax, row, colour(regime))
        x, y = row["deadlock_rate"], row["efficiency"]
        ax.plot(x, y, "o", color=colour(regime), markerfacecolor=face(regime), zorder=3)
    ax.margins(0.06)
    ax.autoscale_view()
    _label_beside(ax, tables)
    ax.xaxis.set_major_formatter(PERCENT)
    ax.yaxis.set_major_formatter(PERCENT)
    ax.set_xlabel("deadlock rate (% of negotiations without the parties' own agreement)  ← less is better")
    ax.set_ylabel("efficiency (% of E left after avoidable losses)  more is better →")
    mode_legend(figure, tables)
    return figure


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


def _label_beside(ax: Axes, tables: Tables) -> None:
    """Labels in a column at the right, in the order of the points, as near to them as space allows."""
    data = _points(tables.plane.sort_values(["efficiency", "deadlock_rate"], ascending=[True, False]))
    data = {
        name: row
        for name, row in data.items()
        if np.isfinite([row["deadlock_rate"], row["efficiency"]]).all()  # an undefined one has no place
    }
    low, high = ax.get_ylim()
    wanted = [(row["efficiency"] - low) / (high - low) for row in data.values()]
    for (name, row), place in zip(data.items(), spread(wanted, 0.98 / max(len(data), 12)), strict=True):
        regime = tables.regimes[name]
        ax.annotate(
            label(regime),
            (row["deadlock_rate"], row["efficiency"]),
            xytext=(1.03, place),
            textcoords="axes fraction",
            va="center",
            color=colour(regime),
            fontsize=8.5,
            arrowprops={"arrowstyle": "-", "color": LIGHT, "lw": 0.8, "shrinkB": 4, "relpos": (0, 0.5)},
            annotation_clip=False,
            zorder=1,
        )


def levels(tables: Tables) -> Figure:
    """Deadlock rate and efficiency: level with interval, and paired difference from the baseline."""
    several = len(tables.order) > 1
    figure = canvas(11.5 if several else 7, height(tables))
    panels = figure.subplots(1, 4 if several else 2, sharey=True)
    names = {"deadlock_rate": "deadlock rate", "efficiency": "efficiency"}
    for k, (metric, name) in enumerate(names.items()):
        level = panels[2 * k if several else k]
        _dots(level, tables, metric)
        level.set_title(name)
        level.set_xlabel("% of negotiations" if metric == "deadlock_rate" else "% of entitlement (E)")
        if several:
            gap = panels[2 * k + 1]
            gap.axvline(0, color=GREY, lw=1)
            _dots(gap, tables, f"{metric}_difference")
            gap.text(0, tables.order.index(tables.baseline), " baseline", fontsize=7, color=GREY, va="center")
            gap.set_title(f"{name}: difference")
            gap.set_xlabel("percentage points")
    mode_legend(figure, tables, columns=6)
    return figure


def _dots(ax: Axes, tables: Tables, column: str) -> None:
    data = _points(tables.levels)
    for row, regime in enumerate(rows(ax, tables)):
        mean, low, high = (data[regime.regime][f"{column}{end}"] for end in ("", "_low", "_high"))
        ax.plot([low, high], [row, row], color=colour(regime), lw=1.6, solid_capstyle="butt")
        ax.plot(mean, row, "o", color=colour(regime), markerfacecolor=face(regime))
    ax.xaxis.set_major_formatter(PERCENT)
