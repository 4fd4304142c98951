"""Distributions by regime: prices, times and losses."""

from __future__ import annotations

from collections.abc import Mapping
from textwrap import fill

import numpy as np
import pandas as pd
from scipy import stats

from simulator.comparison.tables import RATE_EDGES, Tables
from simulator.figures.regimes import colour, height, mode_legend, rows
from simulator.figures.style import BLACK, GREY, LIGHT, PERCENT, WIDTH, Axes, Figure, canvas, few_ticks
from simulator.outcomes.measures import METRICS
from simulator.writing.numbers import unit, upper_first


def rates(tables: Tables) -> Figure:
    """Distribution of effective rate / FRAND rate over negotiations, and how many paid nothing."""
    figure = canvas(WIDTH, height(tables, 0.2))
    nothing, paid = figure.subplots(1, 2, sharey=True, width_ratios=[1, 2.6])
    data = tables.rates
    tallest = float(data.iloc[1:].to_numpy().max()) or 1.0
    edges = np.append(RATE_EDGES, RATE_EDGES[-1] + 0.1)
    ratio = tables.means["effective_rate_over_frand"]
    for row, regime in enumerate(rows(nothing, tables)):
        share = data[regime.regime].to_numpy()
        nothing.barh(row + 0.1, share[0], height=0.5, color=colour(regime), alpha=0.6)
        nothing.text(share[0], row + 0.1, f" {share[0]:.0%}", va="center", fontsize=7)
        heights = np.append(share[1:], 0) * 0.95 / tallest
        paid.fill_between(
            edges, row + 0.35, row + 0.35 - heights, step="post", color=colour(regime), alpha=0.45, lw=0
        )
        paid.plot([0, edges[-1]], [row + 0.35] * 2, color=LIGHT, lw=0.6)
        paid.plot(
            ratio[regime.regime],
            row + 0.35,
            "D",
            ms=4.5,
            color=colour(regime),
            mec="white",
            mew=0.6,
            zorder=4,
        )
    paid.axvline(1, color=BLACK, lw=1)
    paid.grid(visible=False, axis="y")
    paid.tick_params(axis="y", length=0)
    paid.set_xlim(0, edges[-1])
    paid.set_xticks([0, 0.5, 1, 1.5, 2, 2.5, 3], ["0", "0.5", "1", "1.5", "2", "2.5", "3+"])
    nothing.set_title("paid nothing", fontsize=8.5)
    nothing.set_xlabel("%")
    nothing.xaxis.set_major_formatter(PERCENT)
    nothing.set_xlim(0, max(float(data.iloc[0].max()) * 1.3, 0.05))
    few_ticks(nothing, 2)
    paid.set_title("paid over due, of those that paid", fontsize=8.5)
    paid.set_xlabel("ratio; diamond: all paid over all due")
    mode_legend(figure, tables)
    return figure


def survival(data: pd.DataFrame, names: Mapping[str, str], tints: Mapping[str, str], baseline: str) -> Figure:
    """Months to licence: share still without a licence (Kaplan-Meier) with bands, one panel a regime.

    ``data``: columns ``regime, month, share, low, high, imposed`` (licensed without agreement, dotted);
    ``names`` and ``tints`` by regime, in the order of the panels.  The baseline is dashed in each.
    """
    figure, panels = small_multiples(names)
    reference = data[data["regime"] == baseline]
    for ax, regime in zip(panels, names, strict=True):
        rows = data[data["regime"] == regime]
        ax.fill_between(
            rows["month"], rows["low"], rows["high"], step="post", color=tints[regime], alpha=0.25, lw=0
        )
        if regime != baseline:
            ax.step(reference["month"], reference["share"], "--", where="post", color=GREY, lw=1)
        ax.step(rows["month"], rows["share"], where="post", color=tints[regime], lw=1.8)
        ax.step(rows["month"], rows["imposed"], ":", where="post", color=tints[regime], lw=1.2)
        ax.set_ylim(0, 1.02)
        ax.yaxis.set_major_formatter(PERCENT)
        ax.tick_params(labelbottom=True, labelleft=True, labelsize=7)
        few_ticks(ax, 2)
    figure.supxlabel("months from first contact", fontsize=9)
    figure.supylabel("% still without a licence", fontsize=9)
    return figure


def small_multiples(
    names: Mapping[str, str], tall: float = 1.05, *, sharey: bool = True
) -> tuple[Figure, list[Axes]]:
    """A figure with a panel for each name, four to a line, and the names' texts as titles."""
    columns = min(4 if len(names) <= 8 else 5, len(names))
    lines = -(-len(names) // columns)
    figure = canvas(WIDTH if columns > 2 else 4.4, tall * lines + 0.7)
    panels = list(figure.subplots(lines, columns, sharex=True, sharey=sharey, squeeze=False).flat)
    for ax in panels[len(names) :]:
        ax.set_visible(False)
    for ax in panels[max(len(names) - columns, 0) : len(names)]:
        ax.tick_params(labelbottom=True)
    for ax, text in zip(panels, names.values(), strict=False):
        ax.set_title(fill(text, 64 // columns), fontsize=7)
        ax.tick_params(labelsize=7)
    return figure, panels[: len(names)]


def ridgeline(data: pd.DataFrame, names: Mapping[str, str], tints: Mapping[str, str]) -> Figure:
    """Distribution of each outcome over replications: a ridge a regime, a column an outcome.

    ``data``: columns ``metric, regime, value``.  Ridges are Gaussian kernel densities (Scott's rule), bars
    the middle 50 % and 90 % of replications, diamonds their medians.
    """
    metrics = list(dict.fromkeys(data["metric"]))
    figure = canvas(WIDTH, 0.9 + 0.2 * len(names))
    panels = figure.subplots(1, len(metrics), sharey=True, squeeze=False)[0]
    for ax, metric in zip(panels, metrics, strict=True):
        part = data[data["metric"] == metric]
        reach = float(np.ptp(part["value"].dropna())) or 1.0
        for row, regime in enumerate(names):
            values = part["value"][part["regime"] == regime].dropna().to_numpy()
            _ridge(ax, values, row + 0.35, reach, tints[regime])
        _outcome_axis(ax, metric)
        ax.grid(visible=False, axis="y")
        ax.tick_params(axis="y", length=0)
    panels[0].set_yticks(range(len(names)), names.values(), fontsize=7.5)
    panels[0].set_ylim(len(names) - 0.4, -0.75)
    return figure


def _ridge(ax: Axes, values: np.ndarray, floor: float, reach: float, tint: str) -> None:
    ax.axhline(floor, color=LIGHT, lw=0.6)
    if not len(values):
        return
    if len(values) > 2 and np.ptp(values) > 1e-9 * reach:
        density = stats.gaussian_kde(values)
        points = np.linspace(values.min(), values.max(), 80)
        height_of = density(points)
        ax.fill_between(
            points, floor, floor - 0.92 * height_of / height_of.max(), color=tint, alpha=0.45, lw=0
        )
    for ends, width in (((0.05, 0.95), 0.9), ((0.25, 0.75), 2.6)):
        ax.plot(np.quantile(values, ends), [floor, floor], color=tint, lw=width, solid_capstyle="butt")
    ax.plot(np.median(values), floor, "D", color=tint, mec="white", mew=0.6, ms=4.5, zorder=4)


def _outcome_axis(ax: Axes, metric: str) -> None:
    meant = METRICS[metric]
    ax.set_title(fill(upper_first(meant.title), 16), fontsize=8.5)
    few_ticks(ax)
    ax.set_xlabel(f"{unit(meant.unit)}" if meant.unit.startswith(("share", "month")) else meant.unit)
    if meant.unit.startswith("share"):
        ax.xaxis.set_major_formatter(PERCENT)
