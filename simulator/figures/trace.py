"""The picture of ``frandsim trace``: offers and reservation rates above, the protocol and the case below."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from itertools import pairwise
from pathlib import Path
from textwrap import fill
from typing import Any

import numpy as np

from simulator.figures.style import (
    BLACK,
    BLUE,
    GREEN,
    GREY,
    LIGHT,
    ORANGE,
    PAGE,
    PURPLE,
    SKY,
    VERMILLION,
    YELLOW,
    canvas,
    ink,
    save,
    style,
    whole_months,
)
from simulator.trace.timeline import Timeline
from simulator.writing.numbers import spoken

SERIES = (
    ("ask", "holder's offer", VERMILLION, "-", 2.0),
    ("bid", "implementer's offer", BLUE, "-", 2.0),
    ("reservation_holder", "holder signs from", VERMILLION, "--", 1.1),
    ("reservation_implementer", "implementer signs up to", BLUE, "--", 1.1),
    ("court_estimate", "what the court would find", GREY, ":", 1.4),
)
STATES = {
    "talks": ("talks", LIGHT),
    "queued": ("queue", YELLOW),
    "court": ("court", SKY),
    "window": ("judgment", GREEN),
    "appeal": ("appeal", PURPLE),
    "excluded": ("excluded", ORANGE),
}
WHOSE = {"holder": VERMILLION, "implementer": BLUE, "both": BLACK, "court": GREEN}
MARKED = {
    "filing": "suit",
    "judgment": "judgment",
    "appeal": "appeal",
    "exclusion": "exclusion",
    "exit": "exit",
}
MARKS = {"step done": ("o", "step done"), "step withheld": ("s", "done, something kept back")}
MARKS |= {"step missed": ("X", "step missed"), "fault": ("v", "other fault")}
MOST = 6.0
"""Multiples of the FRAND rate beyond which the axis does not reach."""


def plot_trace(
    timelines: Sequence[Timeline], stem: Path, title: str, origin: Mapping[str, str]
) -> list[Path]:
    """Draw one timeline, or two below each other, as ``stem.svg`` and ``stem.png``; returns both paths."""
    lanes = [len(timeline.passages) + 2 for timeline in timelines]
    tall = 2.8 if len(timelines) == 1 else 1.9
    ratios = [inches for number in lanes for inches in (tall, 0.5 + 0.17 * number)]
    with style():
        figure = canvas(PAGE, math.fsum(ratios) + 1.4)
        panels = figure.subplots(len(ratios), 1, height_ratios=ratios).reshape(-1, 2)
        months = [month for timeline in timelines for month in timeline.months["month"]]
        low, high = (min(months), max(months)) if months else (0, len(timelines[0].scenes) - 1)  # none talked
        top = max(_top(timeline) for timeline in timelines)
        cut = {name for timeline in timelines for name, *_ in SERIES if _highest(timeline, [name]) > top}
        for (rates, steps), timeline in zip(panels, timelines, strict=True):
            _rates(rates, timeline, top, cut)
            _lanes(steps, timeline)
            for axes in (rates, steps):
                axes.set_xlim(low - 0.5, high + 1.5)
        handles, texts = _legend(panels.flat)
        figure.legend(handles, texts, loc="outside lower center", ncols=3)
        figure.suptitle(fill(title.splitlines()[0], 100), x=0.01, ha="left", fontsize=9)
    described = {"Title": title, "Description": "; ".join(f"{key} {fact}" for key, fact in origin.items())}
    return save(figure, stem, described)


def _top(timeline: Timeline) -> float:
    """Highest offer, finding or price; reservation rates may run out of the picture."""
    columns = [name for name in ("ask", "bid", "court_estimate", "court_rate") if name in timeline.months]
    price = np.nan_to_num(timeline.row.rate / timeline.row.frand_rate)
    return float(min(max(1.5, _highest(timeline, columns), price) * 1.15, MOST))


def _highest(timeline: Timeline, columns: list[str]) -> float:
    return float(np.nanmax(timeline.months[columns].to_numpy(dtype=float), initial=0))


def _rates(axes: Any, timeline: Timeline, top: float, cut: set[str]) -> None:
    """Offers and reservation rates; the legend says of the series in ``cut`` that they leave the axis."""
    table = timeline.months
    month = table["month"].to_numpy()
    signs_from, signs_to = (
        table[name].to_numpy() for name in ("reservation_holder", "reservation_implementer")
    )
    zone = signs_from <= signs_to
    axes.fill_between(
        month, signs_from, signs_to, where=zone, step="post", color=GREEN, alpha=0.18, lw=0,
        label="zone of possible agreement" if zone.any() else None,
    )  # fmt: skip
    for column, text, tint, line, width in SERIES:
        values = table[column].to_numpy(float)
        if not np.isfinite(values).any():
            continue  # no entry in the legend for what never occurs
        beyond = " (cut at the top)" if column in cut else ""
        kept = np.minimum(values, 0.995 * top)
        axes.plot(month, kept, line, color=tint, lw=width, drawstyle="steps-post", label=text + beyond)
    axes.axhline(1, color=BLACK, lw=0.8)
    found = [event for event in timeline.events if event.kind == "judgment"]
    rate = dict(zip(month.tolist(), table["court_rate"].tolist(), strict=True))
    spots = [(event.month + 0.5, rate[event.month]) for event in found]
    spots = [spot for spot in spots if np.isfinite(spot[1])]
    if spots:
        axes.plot(*zip(*spots, strict=True), "D", color=GREEN, ms=6, label="court's finding")
    price = timeline.row.rate / timeline.row.frand_rate
    if np.isfinite(price):
        axes.plot([timeline.row.licence_month + 0.5], [price], "*", color=BLACK, ms=13, label="licence")
    marked: dict[int, list[str]] = {}
    for event in timeline.events:
        if event.kind in MARKED:
            marked.setdefault(event.month, []).append(MARKED[event.kind])
    for at, words in marked.items():
        axes.axvline(at + 0.5, color=GREY, lw=0.7)
        axes.text(
            at + 0.5, 0.985 * top, f"{', '.join(words)} ", rotation=90, va="top", ha="right", fontsize=7,
            bbox={"facecolor": "white", "alpha": 0.8, "lw": 0, "pad": 0.5}, zorder=5,
        )  # fmt: skip
    axes.set_ylim(0, top)
    whole_months(axes)
    axes.set_ylabel("rate / FRAND rate")
    axes.set_title(fill(f"{timeline.law.regime}: {timeline.events[-1].text}", 84), fontsize=9)


def _lanes(axes: Any, timeline: Timeline) -> None:
    """The state of the negotiation, then a lane for each step, and one for other faults."""
    names = ["state", *(spoken(name) for name in timeline.law.steps), "conduct"]
    table, horizon = timeline.months, timeline.months["month"].to_numpy()
    _spans(axes, horizon, table["status"].tolist(), 0)
    place = {name: lane for lane, name in enumerate(timeline.law.steps, start=1)}
    talking = (table["status"] == "talks").to_numpy()
    for name, lane in place.items():
        due = horizon[talking & (table["step"] == name).to_numpy()]
        axes.barh([lane] * len(due), [1.0] * len(due), left=due, height=0.55, color=LIGHT, lw=0)
    for event in timeline.events:
        if event.kind in MARKS:
            lane = place.get(event.step, len(names) - 1)
            mark, text = MARKS[event.kind]
            axes.plot(
                [event.month + 0.5], [lane], mark, color=WHOSE[event.who], ms=6, label=f"{text} ({event.who})"
            )
    axes.set_yticks(range(len(names)), names, fontsize=7.5)
    axes.set_ylim(len(names) - 0.5, -0.5)
    axes.grid(visible=False, axis="y")
    whole_months(axes)
    axes.set_xlabel("month (0: first use of the standard)")


def _spans(axes: Any, months: np.ndarray, states: Sequence[str], lane: int) -> None:
    cuts = [n for n in range(len(states)) if n == 0 or states[n] != states[n - 1]] + [len(states)]
    wide = {states[start] for start, stop in pairwise(cuts) if stop - start >= 0.1 * len(states)}
    for start, stop in pairwise(cuts):
        text, tint = STATES[states[start]]
        told = stop - start >= 0.1 * len(states)
        label = None if states[start] in wide else f"state: {text}"  # else told on the bar
        axes.barh([lane], [stop - start], left=[months[start]], height=0.7, color=tint, lw=0, label=label)
        if told:
            middle = float(months[start]) + 0.5 * (stop - start)
            axes.text(middle, lane, text, ha="center", va="center", fontsize=7, color=ink(tint))


def _legend(panels: Iterable[Any]) -> tuple[list[Any], list[str]]:
    """Every mark once, whichever panel it stands in."""
    marks: dict[str, Any] = {}
    for axes in panels:
        for handle, text in zip(*axes.get_legend_handles_labels(), strict=True):
            marks.setdefault(text, handle)
    return list(marks.values()), list(marks)
