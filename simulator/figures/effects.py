"""Effects with their intervals: many hypotheses, many parameters, many mechanisms, a row each."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from textwrap import fill

import numpy as np
import pandas as pd

from simulator.figures.style import (
    BLACK,
    BLUE,
    GREEN,
    GREY,
    LIGHT,
    ORANGE,
    PAGE,
    PERCENT,
    SKY,
    VERMILLION,
    Axes,
    Figure,
    canvas,
    mark,
)
from simulator.writing.numbers import interval, unit, value

VERDICTS = {"supported": GREEN, "contradicted": VERMILLION, "too small to matter": BLUE, "undecided": GREY}
LONG_LABEL = 5
"""Characters of a number on an axis beyond which as many as the library chooses run into each other."""


def forest(data: pd.DataFrame) -> Figure:
    """Effects of many hypotheses: dot and interval, coloured by verdict; a row a claim, a panel a unit.

    ``data``: columns ``claim, effect, low, high, unit, verdict`` (one of ``VERDICTS``), in the order of the
    rows; optional ``margin``: the smallest effect that matters, drawn as a grey band around 0.
    """
    units = list(dict.fromkeys(data["unit"]))
    parts = [data[data["unit"] == name].reset_index(drop=True) for name in units]
    labels = [[fill(str(claim), 40) for claim in part["claim"]] for part in parts]
    figure = canvas(PAGE, 0.9 + 0.5 * len(units) + math.fsum(map(_tall, labels)))
    panels = figure.subplots(
        len(units), 1, squeeze=False, height_ratios=[_tall(told) + 0.2 for told in labels]
    )
    for ax, part, name, told in zip(panels[:, 0], parts, units, labels, strict=True):
        _claims(ax, part, name)
        _rows(ax, told)
    seen = [name for name in VERDICTS if name in set(data["verdict"])]
    handles = [mark(VERDICTS[name], VERDICTS[name], name) for name in seen]
    figure.legend(handles=handles, loc="outside lower center", ncols=3)
    return figure


def _claims(ax: Axes, part: pd.DataFrame, name: str) -> None:
    ax.axvline(0, color=BLACK, lw=0.8)
    if "margin" in part:
        for row, margin in enumerate(part["margin"].fillna(0)):
            ax.barh(row, 2 * margin, left=-margin, height=0.8, color=LIGHT)
    for row, (effect, low, high, verdict) in enumerate(
        part[["effect", "low", "high", "verdict"]].itertuples(index=False)
    ):
        tint = VERDICTS[str(verdict)]
        ax.plot([low, high], [row, row], color=tint, lw=1.8, solid_capstyle="butt")
        ax.plot(effect, row, "o", color=tint)
        said = f"{value(effect, name)} {interval(low, high, name)}"
        ax.annotate(said, (1.01, row), xycoords=("axes fraction", "data"), va="center", fontsize=7)
    ax.set_xlabel(unit(name))
    if name.startswith("share"):
        ax.xaxis.set_major_formatter(PERCENT)
    elif max(map(len, ax.xaxis.get_major_formatter().format_ticks(list(ax.get_xticks())))) > LONG_LABEL:
        ax.locator_params(axis="x", nbins=5)


def tornado(data: pd.DataFrame, outcome: str, kind: str, base: float) -> Figure:
    """One parameter at a time: how far the outcome moves from ``base`` between the ends of each range.

    ``data``: columns ``parameter, from_value, to_value`` (the ends) and ``at_from, at_to`` (the outcome
    there, in the unit ``kind``); rows are sorted by the length of the bar.
    """
    moved = (data["at_to"] - data["at_from"]).abs()
    rows = data.loc[moved.sort_values(ascending=False, kind="stable").index].reset_index(drop=True)
    labels = [fill(str(name), 36) for name in rows["parameter"]]
    figure = canvas(PAGE, 1.0 + _tall(labels))
    ax = figure.add_subplot()
    columns = ["from_value", "to_value", "at_from", "at_to"]
    for row, (start, stop, low, high) in enumerate(rows[columns].itertuples(index=False)):
        ends = sorted(((start, low, SKY), (stop, high, ORANGE)), key=lambda end: -abs(end[1] - base))
        for place, (end, at, tint) in enumerate(ends):  # the shorter bar lies on the longer
            ax.barh(row, at - base, left=base, color=tint, height=0.62)
            right = at > base if at != base else ends[1 - place][1] < base
            ax.annotate(
                f"{end:g}",
                (at, row),
                xytext=(3 if right else -3, 0),
                textcoords="offset points",
                ha="left" if right else "right",
                va="center",
                fontsize=7,
            )
    ax.axvline(base, color=BLACK, lw=0.8)
    _rows(ax, labels)
    ax.margins(x=0.09)
    ax.set_xlabel(f"{outcome} ({unit(kind)})\nblue: parameter at its low end, orange: at its high end")
    if kind.startswith("share"):
        ax.xaxis.set_major_formatter(PERCENT)
    return figure


def screening(data: pd.DataFrame, outcome: str, kind: str) -> Figure:
    """Morris screening as a tornado: mean size of each parameter's effect, and how it depends on others.

    ``data``: index of parameters, most important first; columns ``mu_star, low, high, mu, sigma`` as
    ``sensitivity.morris`` gives them, in the unit ``kind`` of the outcome.
    """
    labels = [fill(str(name), 36) for name in data.index]
    figure = canvas(PAGE, 1.3 + _tall(labels))
    ax = figure.add_subplot()
    columns = ["mu_star", "low", "high", "mu", "sigma"]
    for row, (size, low, high, mean, spread) in enumerate(data[columns].to_numpy(dtype=float)):
        ax.barh(row, size, color=ORANGE if mean > 0 else SKY, height=0.62)
        ax.plot([low, high], [row, row], color=BLACK, lw=1.2)
        ax.plot(spread, row, "D", mfc="white", mec=BLACK, ms=4.5)
    _rows(ax, labels)
    ax.set_xlim(0, None)
    ax.set_xlabel(fill(f"change of {outcome} over the parameter's range ({unit(kind)})", 60))
    if kind.startswith("share"):
        ax.xaxis.set_major_formatter(PERCENT)
    handles = [
        mark(ORANGE, ORANGE, "raises it on average"),
        mark(SKY, SKY, "lowers it on average"),
        mark(BLACK, "white", "spread of the effect (interactions)"),
    ]
    figure.legend(handles=handles, loc="outside lower center", ncols=3)
    return figure


def variance(data: pd.DataFrame, outcome: str) -> Figure:
    """Shares of the outcome's variance by parameter: alone (first order), and with others (total).

    ``data``: index of parameters; columns ``S1, S1_low, S1_high`` and, where known, ``ST, ST_low, ST_high``,
    as ``sensitivity.sobol`` and ``sensitivity.first_order`` give them.
    """
    shown = [(name, tint) for name, tint in (("S1", BLUE), ("ST", ORANGE)) if name in data]
    labels = [fill(str(name), 36) for name in data.index]
    figure = canvas(PAGE, 1.3 + _tall(labels))
    ax = figure.add_subplot()
    for place, (name, tint) in enumerate(shown):
        rows = np.arange(len(data)) + (place - (len(shown) - 1) / 2) * 0.34
        ax.barh(rows, data[name], height=0.3, color=tint)
        for row, low, high in zip(rows, data[f"{name}_low"], data[f"{name}_high"], strict=True):
            ax.plot([low, high], [row, row], color=BLACK, lw=1.1)
    ax.axvline(0, color=BLACK, lw=0.8)
    _rows(ax, labels)
    ax.xaxis.set_major_formatter(PERCENT)
    ax.set_xlabel(fill(f"% of the variance of {outcome} over the parameter space", 60))
    names = {"S1": "alone (first order)", "ST": "with others (total)"}
    handles = [mark(tint, tint, names[name]) for name, tint in shown]
    figure.legend(handles=handles, loc="outside lower center", ncols=2)
    return figure


def mechanisms(data: pd.DataFrame, outcome: str, kind: str) -> Figure:
    """Shapley shares of a regime's effect: a bar a mechanism with its 95 % interval, their sum below.

    ``data``: index of mechanisms with ``total`` last; columns ``mean, low, high`` in the unit ``kind``, and
    ``alone, last`` (added first, added last), as ``mechanisms.decompose`` gives them.
    """
    figure = canvas(PAGE, 1.4 + 0.42 * len(data))
    ax = figure.add_subplot()
    for row, (name, effect) in enumerate(data.iterrows()):
        tint = BLACK if name == "total" else BLUE
        ax.barh(row, effect["mean"], color=tint, alpha=0.75, height=0.6)
        ax.plot([effect["low"], effect["high"]], [row, row], color=BLACK, lw=1.4)
        if name != "total":
            ax.plot(effect["alone"], row, "<", mfc="white", mec=VERMILLION, ms=5)
            ax.plot(effect["last"], row, ">", mfc="white", mec=VERMILLION, ms=5)
        said = f"{value(effect['mean'], kind)} {interval(effect['low'], effect['high'], kind)}"
        ax.annotate(said, (1.01, row), xycoords=("axes fraction", "data"), va="center", fontsize=7)
    ax.axvline(0, color=BLACK, lw=0.8)
    ax.axhline(len(data) - 1.5, color=GREY, lw=0.6)
    _rows(ax, [str(name) for name in data.index])
    ax.set_xlabel(
        f"change of {fill(outcome, 80)} ({unit(kind)})\n◁ with all others off, ▷ with all others on"
    )
    if kind.startswith("share"):
        ax.xaxis.set_major_formatter(PERCENT)
    return figure


def standing(data: pd.DataFrame, tints: Mapping[str, str]) -> Figure:
    """In what share of the parameter space each regime is the best: bars with 95 % intervals.

    ``data``: index of regimes; columns ``share, low, high`` as ``discovery.best_shares`` gives them;
    ``tints``: the colour of each.
    """
    figure = canvas(PAGE, 0.9 + 0.3 * len(data))
    ax = figure.add_subplot()
    ends = data[["share", "low", "high"]].itertuples(name=None)
    for row, (name, share, low, high) in enumerate(ends):
        ax.barh(row, share, color=tints[str(name)], alpha=0.75, height=0.65)
        ax.plot([low, high], [row, row], color=BLACK, lw=1.4)
    _rows(ax, [str(name) for name in data.index])
    ax.set_xlim(0, 1)
    ax.xaxis.set_major_formatter(PERCENT)
    ax.set_xlabel("% of the plausible parameter space in which it is the best")
    return figure


def _tall(labels: Sequence[str]) -> float:
    """Inches of rows that are as tall as the longest of their labels asks for."""
    lines = max((label.count("\n") + 1 for label in labels), default=1)
    return len(labels) * max(0.3, 0.08 + 0.13 * lines)


def _rows(ax: Axes, names: Sequence[str]) -> None:
    ax.set_yticks(range(len(names)), names, fontsize=8)
    ax.set_ylim(len(names) - 0.4, -0.6)
    ax.grid(visible=False, axis="y")
    ax.tick_params(axis="y", length=0)
