"""Following one negotiation: which one, what happened in it, and where another regime would part from it."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
from rich.console import Group, RenderableType
from rich.markup import escape
from rich.table import Table

from simulator.engine.build import build
from simulator.engine.trace import follow, outcomes
from simulator.errors import Problem, ScenarioError, nearest
from simulator.outcomes.rows import words
from simulator.spec.regime import Regime
from simulator.spec.scenario import Scenario
from simulator.trace.divergences import Divergence, divergences
from simulator.trace.scene import Event
from simulator.trace.timeline import Timeline
from simulator.vocabulary import Cause, LegalStatus, Outcome
from simulator.writing.formats import ten_digits
from simulator.writing.numbers import spoken

REPLICATIONS = 2**32
"""Replications are addressed by 32 bits (``engine/draws.py``)."""


@dataclass(frozen=True)
class Trace:
    """One negotiation under one regime, or the same under two, and the files that hold it."""

    scenario: Scenario
    negotiation: int
    replication: int
    chosen: str
    timelines: tuple[Timeline, ...]
    written: list[Path]

    @cached_property
    def divergences(self) -> list[Divergence]:
        """Where the two timelines part; empty with one."""
        return divergences(*self.timelines) if len(self.timelines) == 2 else []

    def to_json(self) -> dict[str, Any]:
        """Which negotiation, and for each regime its outcome, steps, events and monthly series."""
        row = self.timelines[0].row
        return {
            "scenario": self.scenario.scenario,
            "seed": self.scenario.seed,
            "replication": self.replication,
            "negotiation": self.negotiation,
            "chosen": self.chosen,
            "holder": int(row.holder),
            "implementer": int(row.implementer),
            "holder_strategy": self.timelines[0].strategies[0],
            "implementer_strategy": self.timelines[0].strategies[1],
            "frand_rate": ten_digits(row.frand_rate),
            "stories": [timeline.to_json() for timeline in self.timelines],
            "partings": [asdict(divergence) for divergence in self.divergences],
        }

    def table(self) -> RenderableType:
        """The timeline for a terminal: who meets, what became of each step, the timeline, where they part."""
        parts: list[RenderableType] = [escape(self.heading)]
        parts += [part for timeline in self.timelines for part in ("", _steps(timeline))]
        if len(self.timelines) == 2:
            parts += ["", _beside(self.timelines), "", _divergences(self.timelines, self.divergences)]
        else:
            parts += ["", _timeline(self.timelines[0])]
        parts += [
            part for timeline in self.timelines if timeline.reasons for part in ("", _reasons(timeline))
        ]
        return Group(*parts)

    @property
    def heading(self) -> str:
        """Which negotiation this is, and why."""
        row, (holder, implementer) = self.timelines[0].row, self.timelines[0].strategies
        parties = [
            f"holder {row.holder} ({self.scenario.strategies[holder].title})",
            f"implementer {row.implementer} ({self.scenario.strategies[implementer].title})",
        ]
        return (
            f"{self.scenario.title}: negotiation {self.negotiation} of replication {self.replication}, "
            f"seed {self.scenario.seed}\n{self.chosen}\n{parties[0]} meets {parties[1]}; "
            f"FRAND rate {100 * row.frand_rate:.4g} % of price, seen by nobody; all rates are multiples of it"
        )


def trace(
    scenario: Scenario,
    regime: str,
    negotiation: int | None = None,
    replication: int = 0,
    against: str | None = None,
    outcome: str | None = None,
    cause: str | None = None,
) -> Trace:
    """Follow one negotiation of one replication, under a regime of the scenario or under two.

    Without ``negotiation``, the first that ends with ``outcome`` for ``cause`` (names of the outcomes table)
    under ``regime``, in this replication or a later one of the scenario; where neither is said, the first of
    a hold-out implementer that goes to court.  Raises :class:`~simulator.errors.ScenarioError` for a regime
    the scenario does not have, indices out of range, and where no negotiation ends so.
    """
    names = [regime] if against is None else [regime, against]
    played = scenario.model_copy(update={"regimes": tuple(_regime(scenario, name) for name in names)})
    rules = build(played)
    _within(scenario, "replication", replication, REPLICATIONS)
    size = len(rules.parties)
    chosen = "the negotiation asked for"
    if outcome is not None or cause is not None:
        if negotiation is not None:
            rule = "name a negotiation, or say how one ended; not both"
            raise ScenarioError(Problem(scenario.scenario, None, "negotiation", f"got {negotiation}", rule))
        replication, negotiation, chosen = search(rules, scenario, replication, outcome, cause)
    elif negotiation is None:
        rows = outcomes(rules, scenario.seed, replication)[0]
        negotiation, chosen = choose(rows, list(scenario.strategies))
    _within(scenario, "negotiation", negotiation, size)
    timelines = tuple(
        Timeline(played, law, rules.forums[r], follow(rules, r, scenario.seed, replication, negotiation))
        for r, law in enumerate(played.regimes)
    )
    return Trace(scenario, negotiation, replication, chosen, timelines, [])


def search(
    rules: Any, scenario: Scenario, first: int, outcome: str | None, cause: str | None
) -> tuple[int, int, str]:
    """Replication and number of the first negotiation that ends so, from a replication on, and a word on it.

    Raises ``ScenarioError`` for words that are no outcome or cause, and where there is none.
    """
    wanted: dict[str, int] = {}
    problems = []
    for field, word, kind in (("outcome", outcome, Outcome), ("cause", cause, Cause)):
        known = words(kind)
        if word is not None and word not in known:
            problems.append(
                Problem("trace", None, field, f"got {word!r}", nearest(word, known), f"--{field} {known[-1]}")
            )
        elif word is not None:
            wanted[field] = known.index(word)
    if problems:
        raise ScenarioError(*problems)
    so = " and ".join(f"{field} {word}" for field, word in (("outcome", outcome), ("cause", cause)) if word)
    for replication in range(first, max(scenario.replications, first + 1)):
        rows = outcomes(rules, scenario.seed, replication)[0]
        fits = rows[
            (rows["counted"] == 1) & np.all([rows[field] == code for field, code in wanted.items()], axis=0)
        ]
        if len(fits):
            places = [int(row.negotiation) for row in fits]
            others = (
                f"; so do {', '.join(map(str, places[1:9]))}{', ...' if places[9:] else ''}"
                if places[1:]
                else ""
            )
            told = f"the first with {so}, of {len(places)} in replication {replication}{others}"
            return replication, places[0], told
    tried = f"replications {first} to {max(scenario.replications, first + 1) - 1}"
    rule = "another outcome, cause or regime, or more --replications"
    raise ScenarioError(
        Problem(scenario.scenario, None, "trace", f"no negotiation with {so} in {tried}", rule)
    )


def choose(rows: Any, strategies: list[str]) -> tuple[int, str]:
    """The negotiation worth telling first among the outcome rows of a replication, and why it is.

    The first of a hold-out implementer that went to court, else the first that did, else the first.
    """
    hold_out = [place for place, name in enumerate(strategies) if "hold_out" in name]
    sued = rows[rows["filed"] == 1]
    for candidates, why in (
        (sued[[row.implementer_strategy in hold_out for row in sued]], "of a hold-out implementer that"),
        (sued, "that"),
    ):
        if len(candidates):
            return int(candidates[0].negotiation), f"chosen as the first {why} went to court"
    return 0, "chosen as the first: none went to court"


def _regime(scenario: Scenario, name: str) -> Regime:
    known = {regime.regime: regime for regime in scenario.regimes}
    if name not in known:
        rule = f"one of {', '.join(known)}"
        raise ScenarioError(Problem(scenario.scenario, None, "regimes", f"got {name}", rule))
    return known[name]


def _within(scenario: Scenario, what: str, index: int, size: int) -> None:
    if not 0 <= index < size:
        raise ScenarioError(Problem(scenario.scenario, None, what, f"got {index}", f"from 0 to {size - 1}"))


def _steps(timeline: Timeline) -> Table:
    law = timeline.law
    status = spoken(LegalStatus(law.status).name)
    force = "" if law.court.binding else "; its breach has no effect in court"
    table = Table(
        title=escape(f"{law.regime}: {law.title} ({status}{force})"),
        title_justify="left",
        caption=escape(f"{law.regime} {timeline.events[-1].text}"),
        caption_justify="left",
    )
    for head in ("Step", "Who", "What became of it", "Due", "Done", "Missed", "Source"):
        table.add_column(head, justify="right" if head in ("Due", "Done", "Missed") else "left")
    for one in timeline.passages:
        months = ("" if month is None else str(month) for month in (one.due, one.done, one.missed))
        table.add_row(escape(one.title), one.who, one.fate, *months, escape(one.source))
    return table


def _reasons(timeline: Timeline) -> Table:
    """Why nobody went to court while they talked, and why it ended as it did."""
    title = f"{timeline.law.regime}: why it ended so, and why who could have gone to court did not"
    table = Table("Months", "Who", "Why", title=escape(title), title_justify="left")
    for reason in timeline.reasons:
        table.add_row(reason.span, reason.who, escape(reason.text))
    return table


def _timeline(timeline: Timeline) -> Table:
    """The events, and beside the first of each month the rates that stood at its end."""
    table = Table(title=escape(f"{timeline.law.regime}, month by month"), title_justify="left")
    for head in ("Month", "Who", "What happened", "Ask", "Bid", "Holder\nfrom", "Implementer\nup to"):
        table.add_column(head, justify="left" if head in ("Who", "What happened") else "right")
    rates = {int(row["month"]): row for row in timeline.months.to_dict("records")}
    told: set[int] = set()
    for event in timeline.events:
        row = {} if event.month in told else rates.get(event.month, {})
        cells = [_cell(row.get(name)) for name in COLUMNS]
        month = "" if event.month in told else str(event.month)
        table.add_row(month, event.who, _styled(event), *cells)
        told.add(event.month)
    return table


def _beside(timelines: tuple[Timeline, ...]) -> Table:
    """Two timelines, month beside month; before each the offers and, in brackets, the reservation rates."""
    title = "Month beside month: ask / bid [holder signs from, implementer signs up to]"
    table = Table("Month", title=title, title_justify="left")
    for timeline in timelines:
        table.add_column(escape(timeline.law.regime))
    months = sorted({event.month for timeline in timelines for event in timeline.events})
    rates = [{int(row["month"]): row for row in timeline.months.to_dict("records")} for timeline in timelines]
    for month in months:
        cells = []
        for timeline, known in zip(timelines, rates, strict=True):
            lines = [f"{event.who}: {_styled(event)}" for event in timeline.events if event.month == month]
            if month in known:
                ask, bid, low, high = (_cell(known[month][name]) or "–" for name in COLUMNS)
                lines.insert(0, f"[dim]{ask} / {bid} \\[{low}, {high}][/dim]")
            cells.append("\n".join(lines))
        table.add_row(str(month), *cells, end_section=True)
    return table


COLUMNS = ("ask", "bid", "reservation_holder", "reservation_implementer")
STYLES = {"step missed": "red", "fault": "red", "licence": "bold", "judgment": "bold", "end": "bold"}


def _styled(event: Event) -> str:
    style = STYLES.get(event.kind)
    text = escape(event.text)
    return f"[{style}]{text}[/{style}]" if style else text


def _cell(rate: float | None) -> str:
    return "" if rate is None or math.isnan(rate) else f"{rate:.2f}"


def _divergences(timelines: tuple[Timeline, ...], differences: list[Divergence]) -> Table:
    names = [timeline.law.regime for timeline in timelines]
    title = "Where they part, with the same market and the same chance, and what each side had faced"
    table = Table("Month", "What", *map(escape, names), title=title, title_justify="left")
    for divergence in differences:
        table.add_section()
        table.add_row(*_bold(str(divergence.month), divergence.what, divergence.first, divergence.second))
        for why in divergence.why:
            table.add_row("", *map(escape, (why.what, why.first, why.second)))
    if not differences:
        table.add_row("", "nowhere: the same story under both", "", "")
    return table


def _bold(*cells: str) -> Iterator[str]:
    return (f"[bold]{escape(cell)}[/bold]" for cell in cells)
