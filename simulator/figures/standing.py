"""How sure a ranking is: the chance of each regime to be the best, and how intervals shrink with n."""

from __future__ import annotations

from collections.abc import Mapping
from textwrap import fill

import pandas as pd

from simulator.figures.spread import small_multiples
from simulator.figures.style import (
    BLACK,
    BLUE,
    PERCENT,
    VERMILLION,
    WIDTH,
    Dash,
    Figure,
    canvas,
    few_ticks,
    line,
)
from simulator.outcomes.measures import METRICS
from simulator.writing.numbers import upper_first

LINES: tuple[tuple[str, Dash], ...] = ((VERMILLION, "-"), (BLUE, "-"))


def convergence(data: pd.DataFrame, names: Mapping[str, str], *, difference: bool) -> Figure:
    """Running mean with its 95 % band against the number of replications, a panel a regime.

    ``data``: columns ``regime, metric, n, mean, low, high``; with ``difference`` around a line at 0.
    """
    figure, panels = small_multiples(names, sharey=False)
    metrics = list(dict.fromkeys(data["metric"]))
    for ax, regime in zip(panels, names, strict=True):
        for metric, (tint, dash) in zip(metrics, LINES, strict=False):
            rows = data[(data["regime"] == regime) & (data["metric"] == metric)]
            ax.fill_between(rows["n"], rows["low"], rows["high"], color=tint, alpha=0.2, lw=0)
            ax.plot(rows["n"], rows["mean"], dash, color=tint, lw=1.5)
        if difference:
            ax.axhline(0, color=BLACK, lw=0.8)
        ax.yaxis.set_major_formatter(PERCENT)
        settled = data[(data["regime"] == regime) & (data["n"] >= min(10, data["n"].max()))]
        low, high = float(settled["low"].min()), float(settled["high"].max())
        if high > low:
            ax.set_ylim(low - 0.1 * (high - low), high + 0.1 * (high - low))
    panels[0].set_xlim(0, None)
    figure.supylabel("percentage points" if difference else "%", fontsize=9)
    for ax in panels:
        few_ticks(ax, 3)
        ax.tick_params(labelbottom=True)
    figure.supxlabel("replications", fontsize=9)
    handles = [
        line(*look, upper_first(METRICS[name].title)) for name, look in zip(metrics, LINES, strict=False)
    ]
    figure.legend(handles=handles, loc="outside upper center", ncols=2)
    return figure


def best(data: pd.DataFrame, names: Mapping[str, str], tints: Mapping[str, str]) -> Figure:
    """Chance of each regime to be the best on each outcome: bars; a column an outcome, a row a regime.

    ``data``: columns ``regime, metric, p_best``.
    """
    metrics = list(dict.fromkeys(data["metric"]))
    figure = canvas(WIDTH, 0.9 + 0.17 * len(names))
    panels = figure.subplots(1, len(metrics), sharey=True, sharex=True, squeeze=False)[0]
    for ax, metric in zip(panels, metrics, strict=True):
        chance = data[data["metric"] == metric].set_index("regime")["p_best"]
        for row, regime in enumerate(names):
            share = float(chance[regime])
            ax.barh(row, share, color=tints[regime], height=0.7)
            if share >= 0.005:
                ax.text(share, row, f" {100 * share:.0f}", va="center", fontsize=7)
        ax.set_title(fill(upper_first(METRICS[metric].title), 12), fontsize=8)
        ax.grid(visible=False, axis="y")
        ax.tick_params(axis="y", length=0)
        ax.xaxis.set_major_formatter(PERCENT)
    figure.supxlabel("chance to be the best, %", fontsize=8.5)
    panels[0].set_xlim(0, 1.3)
    panels[0].set_xticks([0, 1])
    panels[0].set_yticks(range(len(names)), names.values(), fontsize=7.5)
    panels[0].set_ylim(len(names) - 0.4, -0.6)
    return figure
