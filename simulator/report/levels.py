"""Claims at other levels of behaviour, as answers and the page of results tell them."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from simulator.experiments.levels import FREE, FREE_SPACE, GAME, LEARNING, MOST_LEFT, NAMED, POINTS, turning
from simulator.writing.formats import markdown
from simulator.writing.numbers import MARKS, interval, percent, signed, unit

SHORT = {word: mark.split()[0] for word, mark in MARKS.items()} | {"undecided": "?", "reported": "reported"}
"""Verdicts in one mark."""
NONE = "–"
TURNS = " ⇄"
"""Marks a verdict that some other level of behaviour contradicts."""


def level_lines(rows: Sequence[Mapping[str, Any]], given: Mapping[str, Mapping[str, Any]]) -> Iterator[str]:
    """The table of an experiment's claims at each level, and what to make of it.

    ``rows``: those of ``levels``; ``given``: the rows of claims on conduct as given, by claim.
    """
    if not rows:
        return
    effort = LEARNING.budget.effort.negotiations
    yield ""
    yield (
        "**The same claims where parties answer the law.** Conduct above is given. *Named*: at every point, "
        f"imitation among the market's strategies has gone where it leads ({GAME.budget} replications of a "
        "pairing in each pair of groups). *Free*: both sides searched for strategies of their own, from "
        f"there, at the default point and at {POINTS} points of the space (one start, searches of {effort:,} "
        "negotiations; a claim along a lever at the default point alone). Free ends are no certified "
        "equilibria: *left* is what a search still gained, where most was left, share of what is due; above "
        f"{percent(MOST_LEFT)} they turn no verdict. Intervals of free strategies are over luck."
    )
    yield ""
    heads = ["", "as given", "named", "free, default point", "left", f"free, {POINTS} points", "left"]
    by_claim: dict[str, dict[str, Mapping[str, Any]]] = {}
    for row in rows:
        by_claim.setdefault(row["id"], {})[row["level"]] = row
    table = []
    for name, levels in by_claim.items():
        own = given[name]
        cells = [_effect(levels.get(NAMED), own["unit"], NAMED)]
        for level in (FREE, FREE_SPACE):
            cells += [_effect(levels.get(level), own["unit"], level), _left(levels.get(level))]
        first = f"{SHORT.get(own['verdict'], own['verdict'])} {signed(own['mean'], own['unit'])}"
        table.append([name, f"{first} {unit(own['unit'])}", *cells])
    yield from markdown(heads, table)
    turned = [name for name, levels in by_claim.items() if turns(given[name]["verdict"], levels.values())]
    if turned:
        yield ""
        yield f"*Turns* ({TURNS.strip()}) where parties answer, so no finding: {', '.join(turned)}."


def _left(row: Mapping[str, Any] | None) -> str:
    return NONE if row is None or not math.isfinite(row["left"]) else percent(row["left"])


def _effect(row: Mapping[str, Any] | None, kind: str, level: str) -> str:
    """Verdict, effect with its interval, and at how many points the mean is as expected."""
    if row is None:
        return NONE
    text = f"{SHORT.get(row['verdict'], row['verdict'])} {signed(row['mean'], kind)}"
    text += f" {interval(row['low'], row['high'], kind)}"
    if level != FREE and math.isfinite(row["share"]):
        text += f"; {round(row['share'] * row['points']):.0f} of {row['points']:.0f}"
    return text


def turns(given: str, levels: Iterable[Mapping[str, Any]]) -> bool:
    """Whether a verdict at some level is the opposite of that on conduct as given."""
    return any(turning(given, one["verdict"], one["left"]) for one in levels)


def level_marks(rows: Sequence[Mapping[str, Any]]) -> tuple[str, str]:
    """A claim's verdict among named strategies and among free ones, each in a few signs.

    Among free ones: at the default point, and at how many of the points the mean is as expected.
    """
    by_level = {row["level"]: row for row in rows}
    named, free, space = (by_level.get(level) for level in (NAMED, FREE, FREE_SPACE))
    first = NONE if named is None else SHORT.get(named["verdict"], named["verdict"])
    second = NONE if free is None else SHORT.get(free["verdict"], free["verdict"])
    if space is not None and math.isfinite(space["share"]):
        second += f" ({round(space['share'] * space['points']):.0f} of {space['points']:.0f})"
    return first, second
