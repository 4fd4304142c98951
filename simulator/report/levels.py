"""Claims at other levels of behaviour, as answers and the page of results tell them."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from simulator.experiments.answers import GAME, LEARNING
from simulator.experiments.level_claims import MOST_LEFT, UNANSWERED, turns
from simulator.experiments.levels import FREE, FREE_SPACE, NAMED, POINTS
from simulator.writing.formats import markdown
from simulator.writing.numbers import MARKS, interval, percent, signed, unit

SHORT = {word: mark.split()[0] for word, mark in MARKS.items()} | {"undecided": "?", "reported": "reported"}
"""Verdicts in one mark."""
NONE = "–"
TURNS = " ⇄"
"""Marks a verdict that some other level of behaviour contradicts."""
Row = Mapping[str, Any]


def level_lines(rows: Sequence[Row], given: Mapping[str, Row]) -> Iterator[str]:
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
        "pairing in each pair of groups, luck of its own at every point). *Free*: both sides searched for "
        f"strategies of their own ({effort:,} negotiations a search), at the default point from two starts, "
        f"and at {POINTS} points of the space from one (a claim along a lever at the default point alone). "
        "Free ends are no certified equilibria: *left* is what a search still gained, where most was left, "
        f"share of what is due; above {percent(MOST_LEFT)} they turn no verdict. Intervals of these are over "
        "luck, given the ends. *Given there*: the effect at the same places on conduct as given."
    )
    yield ""
    there = ["given there", "left"]
    heads = ["", "as given", "named", "free, default point", *there, f"free, {POINTS} points", *there]
    claims = by_claim(rows)
    yield from markdown(heads, [_line(name, own, given[name]) for name, own in claims.items()])
    turned = [name for name, own in claims.items() if turns(own)]
    if turned:
        yield ""
        yield f"*Turns* ({TURNS.strip()}) where parties answer, so no finding: {', '.join(turned)}."
    stale = sorted({f"{row['id']} ({row['level']})" for row in rows if row["verdict"] == UNANSWERED})
    if stale:
        yield ""
        yield f"Not answered under today's rules and numbers: {', '.join(stale)}."


def by_claim(rows: Sequence[Row]) -> dict[str, list[Row]]:
    """The rows of each claim, in order."""
    parts: dict[str, list[Row]] = {}
    for row in rows:
        parts.setdefault(row["id"], []).append(row)
    return parts


def _line(name: str, rows: Sequence[Row], own: Row) -> list[str]:
    line = [name, f"{_mark(own)} {signed(own['mean'], own['unit'])} {unit(own['unit'])}"]
    for level in (NAMED, FREE, FREE_SPACE):
        there = [row for row in rows if row["level"] == level]
        line.append("; ".join(_effect(row, own) for row in there) or NONE)
        if level != NAMED:
            line += [_given(there, own["unit"]), _left(there)]
    return line


def _effect(row: Row, own: Row) -> str:
    """Verdict, effect with its interval, and at how many points the mean is as expected."""
    if row["verdict"] == UNANSWERED:
        return UNANSWERED
    text = f"{_mark(row)} {signed(row['mean'], own['unit'])}"
    text += f" {interval(row['low'], row['high'], own['unit'])}"
    if row["level"] != FREE and math.isfinite(row["share"]) and own["expected"] != "open":
        text += f", {_count(row)}"
    return text


def _mark(row: Row) -> str:
    return str(SHORT.get(row["verdict"], row["verdict"]))


def _count(row: Row) -> str:
    return f"{round(row['share'] * row['points']):.0f} of {row['points']:.0f}"


def _given(rows: Sequence[Row], kind: str) -> str:
    known = [row["given"] for row in rows if row["verdict"] != UNANSWERED]
    return signed(known[0], kind) if known else NONE


def _left(rows: Sequence[Row]) -> str:
    known = [row["left"] for row in rows if math.isfinite(row["left"])]
    return percent(max(0.0, *known)) if known else NONE


def level_marks(rows: Sequence[Row]) -> tuple[str, str]:
    """A claim's verdict among named strategies and among free ones, each in a few signs.

    Among free ones: at the default point, from either start where they differ; and at how many of the points
    the mean is as expected.  A level of which an answer is missing says so.
    """
    named, free, space = (
        list(dict.fromkeys(_mark(row) for row in rows if row["level"] == level))
        for level in (NAMED, FREE, FREE_SPACE)
    )
    first, second = "/".join(named) or NONE, "/".join(free) or NONE
    for row in rows:
        if row["level"] == FREE_SPACE and math.isfinite(row["share"]) and space != ["reported"]:
            second += f" ({_count(row)})"
    return first, second


def sensitivity_to_left(levels: Mapping[str, Sequence[Row]]) -> str:
    """How many verdicts turn, at other bounds on what a search may still gain."""
    counts = {
        bound: len([rows for rows in levels.values() if turns(rows, bound)])
        for bound in (0.02, MOST_LEFT, 0.1)
    }
    told = ", ".join(f"{count} at {percent(bound)}" for bound, count in counts.items())
    stale = len([rows for rows in levels.values() if any(row["verdict"] == UNANSWERED for row in rows)])
    missing = f" Of {stale} claims some answer is missing." if stale else ""
    return (
        f"{TURNS.strip()}: another level of behaviour says the opposite. Verdicts that turn, by what a "
        f"search may still gain, share of what is due: {told}.{missing}"
    )
