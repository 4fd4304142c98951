"""The figures of an experiment: outcomes along its levers, and where regimes lie above the baseline."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from itertools import product
from textwrap import fill
from typing import Any

import numpy as np

from simulator.experiments.sweep import DECIDED, Sweep, axis_title, metric_of, title_of
from simulator.figures.regimes import strokes
from simulator.figures.style import (
    BLACK,
    GREY,
    LIGHT,
    ORANGE,
    PAGE,
    PERCENT,
    SKY,
    canvas,
    ink,
    style,
)
from simulator.parameters import registry
from simulator.spec.design import Axis
from simulator.writing.numbers import unit, value

WIDE = 20.0
"""Largest over smallest from which an axis is logarithmic."""
SIDES = {1: ORANGE, -1: SKY}
"""Colours of a decided difference: above the baseline, below it."""


def figures(sweep: Sweep) -> dict[str, Any]:
    """The figures along levers, by name; the data behind them is that of ``profiles`` and ``cells``."""
    plan = sweep.experiment
    drawn: dict[str, Any] = {}
    if plan.levers:
        drawn["profiles"] = profiles(sweep)
    grid = plan.design.levers == "grid" and len(sweep.points) == 1
    if len(plan.levers) > 1 and grid and sweep.others:
        drawn |= {f"map_{file_name(name)}": ranking_map(sweep, name) for name in plan.outcomes}
    return drawn


def file_name(outcome: str) -> str:
    """An outcome as part of a file's name.

    >>> file_name("deadlock_rate[filed=yes]")
    'deadlock_rate_filed_yes'
    """
    return re.sub(r"\W+", "_", outcome).replace("__", "_").strip("_")


def profiles(sweep: Sweep) -> Any:
    """Small multiples: a row an outcome, a column an axis, a line a regime with its 95 % band.

    With one axis the outcomes stand three to a row, and the axis is named once.
    """
    plan = sweep.experiment
    several = len(plan.levers) > 1
    across = len(plan.levers) if several else min(3, len(plan.outcomes))
    looks = strokes(law for law in plan.scenario.regimes if law.regime in sweep.compared)
    cells = [(name, axis) for name in plan.outcomes for axis in plan.levers]
    down = -(-len(cells) // across)
    with style():
        figure = canvas(min(3.2 * across + 0.6, PAGE), 2 * down + 0.35 * (len(sweep.compared) // 4 + 2))
        panels = figure.subplots(
            down, across, sharey="row" if several else "none", sharex="col", squeeze=False
        )
        for place, ((name, axis), ax) in enumerate(zip(cells, panels.flat, strict=False)):
            _profile(ax, sweep, name, axis, looks)
            said = f"{title_of(name)} ({unit(metric_of(name).unit)})"
            if not several:
                ax.set_title(fill(said, 30), fontsize=8, fontweight="normal")
            elif place % across == 0:
                ax.set_ylabel(fill(said, 26), fontsize=8)
            if place >= len(cells) - across:
                ax.tick_params(labelbottom=True)
                if several:
                    ax.set_xlabel(fill(axis_title(axis), 30), fontsize=8)
            ax.set_xticks(axis.values, spaced(axis.values), fontsize=7)
        for ax in panels.flat[len(cells) :]:
            ax.set_visible(False)
        handles, labels = panels[0][0].get_legend_handles_labels()
        axis_named = None if several else fill(axis_title(plan.levers[0]), 30 * across)
        figure.legend(
            handles, labels, loc="outside lower center", ncols=4, handlelength=3.2, title=axis_named,
            title_fontsize=8,
        )  # fmt: skip
        said = fill(f"{plan.title}. {_basis(sweep)}", min(46 * across, 95))
        figure.suptitle(said, fontsize=9, x=0.01, ha="left")
    return figure


def _profile(ax: Any, sweep: Sweep, name: str, axis: Axis, looks: Mapping[str, dict[str, Any]]) -> None:
    """One outcome over one axis: a line a regime."""
    data = sweep.profiles[sweep.profiles["metric"] == name]
    part = data[data["axis"] == axis.name]
    for regime in sweep.compared:
        _line(ax, part[part["regime"] == regime], looks[regime], regime)
    if logarithmic(data["mean"]):
        ax.set_yscale("log")
    elif metric_of(name).low == -np.inf:
        ax.axhline(0, color=BLACK, lw=0.8, zorder=1)
    if metric_of(name).unit.startswith("share"):
        ax.yaxis.set_major_formatter(PERCENT)
    if ax.get_yscale() == "log":
        _few_ticks(ax)


def spaced(values: Sequence[float], least: float = 0.12) -> list[str]:
    """Texts of an axis's values; none where the one before would be nearer than ``least`` of the axis.

    >>> spaced([0.02, 0.05, 0.1, 0.5, 1])
    ['0.02', '', '', '0.5', '1']
    """
    texts: list[str] = []
    last, span = -math.inf, max(values) - min(values) or 1.0
    for point in values:
        shown = point - last >= least * span
        last = point if shown else last
        texts.append(f"{point:g}" if shown else "")
    return texts


def _few_ticks(ax: Any) -> None:
    """A log axis over decades names decades only; one within a decade, its own ticks as the others are."""
    low, high = ax.get_ylim()
    within = high < 10 * low
    ax.yaxis.set_minor_formatter(ax.yaxis.get_major_formatter() if within else "")


def logarithmic(values: Any) -> bool:
    """Whether values are so far apart that a linear axis would hide the small ones."""
    return bool(values.min() > 0 and values.max() / values.min() > WIDE)


def _basis(sweep: Sweep) -> str:
    scenario = sweep.experiment.scenario
    return f"n = {scenario.replications} replications, seed {scenario.seed}, bands: 95 % intervals"


def _line(ax: Any, rows: Any, look: Mapping[str, Any], regime: str) -> None:
    rows = rows.sort_values("value")
    ax.plot(rows["value"], rows["mean"], **look, ms=5, mfc="none", lw=1.4, label=regime)
    ax.fill_between(rows["value"], rows["lo"], rows["hi"], color=look["color"], alpha=0.12, lw=0)


def ranking_map(sweep: Sweep, name: str) -> Any:
    """Where a regime lies above or below the baseline, over the first two axes; a panel a value of the rest.

    A tile states the paired difference; it is coloured where Holm's p is below 5 %.  As many panels stand
    side by side as a page is wide.
    """
    first, second, *rest = sweep.experiment.levers
    values = list(product(*(axis.values for axis in rest)))
    wide = max(len(first.values) * 0.5, 1.9)
    across = max(1, min(len(values), int((PAGE - 0.7) / wide)))
    lines = -(-len(values) // across)
    names = [
        "; ".join(f"{words(axis)}: {point:g}" for axis, point in zip(rest, one, strict=True))
        for one in values
    ]
    told = [fill(text, int(16 * PAGE / (across + 0.4))) for text in names]
    title = 0.16 * (1 + max(text.count("\n") + bool(text) for text in told))
    with style():
        figure = canvas(PAGE, 1.2 + (0.24 * len(second.values) + title + 0.12) * lines * len(sweep.others))
        panels = figure.subplots(
            lines * len(sweep.others), across, sharex=True, sharey=True, squeeze=False
        ).reshape(len(sweep.others), lines * across)
        for row, regime in zip(panels, sweep.others, strict=True):
            for ax, one, text in zip(row, values, told, strict=False):
                fixed = dict(zip((axis.name for axis in rest), one, strict=True))
                _tiles(ax, sweep, name, regime, fixed)
                ax.set_title(f"{regime}\n{text}".rstrip(), fontsize=7.5)
            for ax in row[len(values) :]:
                ax.set_visible(False)
        figure.supxlabel(fill(axis_title(first), 90), fontsize=8)
        figure.supylabel(fill(axis_title(second), 70), fontsize=8)
        metric, baseline = metric_of(name), sweep.experiment.scenario.baseline
        said = (
            f"{title_of(name)}, less that of {baseline} ({unit(metric.unit)}). "
            f"Orange: higher, blue: lower (Holm's p < 5 %); {_basis(sweep).split(', bands')[0]}"
        )
        figure.suptitle(fill(said, 100), fontsize=8.5, x=0.01, ha="left")
    return figure


def _tiles(ax: Any, sweep: Sweep, name: str, regime: str, fixed: dict[str, float]) -> None:
    first, second, *_ = sweep.experiment.levers
    rows = sweep.cells[(sweep.cells["metric"] == name) & (sweep.cells["regime"] == regime)]
    for axis, point in fixed.items():
        rows = rows[rows[axis] == point]
    for row in rows.to_dict("records"):
        x, y = first.values.index(row[first.name]), second.values.index(row[second.name])
        sure = row["p_holm"] < DECIDED
        tint = SIDES[int(np.sign(row["to_baseline"]))] if sure else "#FFFFFF"
        ax.bar(x, 0.94, width=0.96, bottom=y - 0.47, color=tint, edgecolor=LIGHT, lw=0.5)
        text = value(row["to_baseline"], metric_of(name).unit)
        ax.text(x, y, text, ha="center", va="center", fontsize=7, color=ink(tint) if sure else GREY)
    ax.set_xticks(range(len(first.values)), [f"{point:g}" for point in first.values], fontsize=7)
    ax.set_yticks(range(len(second.values)), [f"{point:g}" for point in second.values], fontsize=7)
    ax.set_xlim(-0.5, len(first.values) - 0.5)
    ax.set_ylim(-0.5, len(second.values) - 0.5)
    ax.grid(visible=False)
    ax.tick_params(length=0)


def words(axis: Axis) -> str:
    """An axis in words, without symbol and unit."""
    return registry()[axis.name].title if axis.parameter is not None else axis_title(axis)
