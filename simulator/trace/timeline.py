"""One negotiation under one regime as a timeline: events, what became of each step, the monthly series."""

from __future__ import annotations

import math
from dataclasses import asdict, dataclass
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from simulator.engine.trace import Course
from simulator.outcomes.rows import Labels, frame
from simulator.spec.regime import Regime
from simulator.spec.scenario import Scenario
from simulator.trace.events import gives_back, tell
from simulator.trace.reasons import Reason, why_it_ended, why_nobody_sued
from simulator.trace.scene import Event, Scene
from simulator.vocabulary import Act, Cause, Outcome, Status
from simulator.writing.formats import as_rows, ten_digits
from simulator.writing.numbers import spoken

RATES = {"ask": "last_ask", "bid": "last_bid", "court_estimate": "estimate", "court_rate": "court_rate"}
SEEN = {
    "reservation_holder": "r_h",
    "reservation_implementer": "r_i",
    "estimate_holder": "rho_h",
    "estimate_implementer": "rho_i",
    "suit_value_holder": "w_h",
    "suit_loss_implementer": "l_i",
    "injunction_probability": "injunction",
    "fault_holder": "fault_h",
    "fault_implementer": "fault_i",
    "months_to_judgment": "months",
}
CLOSED = (Status.DORMANT, Status.LICENSED, Status.EXITED)
ENDS = {
    Outcome.NEGOTIATED: "a negotiated licence",
    Outcome.SETTLED_IN_COURT: "a settlement in court",
    Outcome.COURT_RATE: "a licence at the court's rate",
    Outcome.INJUNCTION_LICENCE: "a licence taken under the injunction",
    Outcome.EXIT: "the implementer's exit from the market",
    Outcome.UNLICENSED: "no licence",
    Outcome.ARBITRAL_AWARD: "a licence at the tribunal's rate",
    Outcome.NOT_ADOPTED: "no use of the standard",
    Outcome.NOT_JOINED: "the holder's patents out of the standard",
}


@dataclass(frozen=True)
class Passage:
    """What became of one step of the protocol: months in which it was first due, done, missed; its fate."""

    step: str
    title: str
    who: str
    due: int | None
    done: int | None
    missed: int | None
    fate: str
    source: str


@dataclass(frozen=True)
class Timeline:
    """One negotiation under one regime; ``court`` is the regime's record in the engine.

    ``seated`` is the side whose moves a person chose, if one did.
    """

    scenario: Scenario
    law: Regime
    court: Any
    course: Course
    seated: str = ""

    @property
    def row(self) -> Any:
        """The outcome, as a run writes it."""
        return self.course.row

    @cached_property
    def strategies(self) -> tuple[str, str]:
        """The names of the strategies of holder and implementer."""
        names = list(self.scenario.strategies)
        return names[int(self.row.holder_strategy)], names[int(self.row.implementer_strategy)]

    @cached_property
    def scenes(self) -> list[Scene]:
        """Every month of the market, with the pair as it decided and as it was left."""
        holder, implementer = (self.scenario.strategies[name] for name in self.strategies)
        kept = zip(self.course.before, self.course.moves, self.course.after, self.course.sight, strict=True)
        return [
            Scene(
                t, *records, self.law, self.court, holder, implementer, len(self.course.before), self.seated
            )
            for t, records in enumerate(kept)
        ]

    @cached_property
    def events(self) -> list[Event]:
        """What happened, in order; the last says how it ended."""
        told = [event for scene in self.scenes for event in tell(scene)]
        last = (
            len(self.scenes)
            if self.row.outcome == Outcome.UNLICENSED or self.row.licences_ended
            else told[-1].month
        )
        left = self.course.after[-1]
        told += gives_back(last, left, float(left.paid - self.row.paid))
        return [*told, Event(last, "end", "both", ending(self.row))]

    @cached_property
    def reasons(self) -> list[Reason]:
        """Why, while they talked, neither side went to court; then why it ended so, if they disagreed.

        Of a person nothing is told: why it did not sue, it knows.
        """
        told = [reason for reason in why_nobody_sued(self.scenes) if reason.who != self.seated]
        why = why_it_ended(Outcome(int(self.row.outcome)), Cause(int(self.row.cause)), self.scenes)
        last = self.events[-1].month
        return [*told, Reason(last, last, "both", why)] if why else told

    @cached_property
    def months(self) -> pd.DataFrame:
        """The monthly series while the negotiation is open, its last month included.

        Offers standing at the month's end, the court's estimate and finding, and what both sides faced at
        its start.  Rates are multiples of the true FRAND rate, values USD m; ``nan`` where there is none.
        """
        course, frand = self.course, float(self.row.frand_rate)
        status, steps = course.before["status"], np.array(self.law.order())
        table: dict[str, npt.NDArray[Any]] = {
            "month": np.arange(len(status)),
            "status": np.array([one.name.lower() for one in Status])[status],
            "step": steps[course.before["step"]],
        }
        for column, name in RATES.items():
            rate = course.after[name]
            table[column] = np.where(rate > 0.0, rate, np.nan) / frand
        for column, name in SEEN.items():
            of_price = column.startswith(("reservation", "estimate"))
            table[column] = course.sight[name] / (frand if of_price else 1.0)
        return pd.DataFrame(table)[~np.isin(status, CLOSED)].reset_index(drop=True)

    @cached_property
    def passages(self) -> list[Passage]:
        """Every step of the protocol and what became of it, in protocol order."""
        return [self._passage(place, name) for place, name in enumerate(self.law.steps)]

    def _passage(self, place: int, name: str) -> Passage:
        step, course = self.law.steps[name], self.course
        due = (course.before["status"] == Status.TALKS) & (course.before["step"] == place)
        acted = due & ((course.moves["act_h"] > 0) | (course.moves["act_i"] > 0))
        failed = (course.after["missed"] >> place & 1) == 1
        first, done, missed = _first(due), _first(acted), _first(failed)
        lasting = step.act in (Act.NEGOTIATE, Act.GO_TO_THIRD_PARTY)
        fate = _fate(first, done, missed, lasting, place < int(course.before["step"].max()))
        who = spoken(step.actor.name)
        return Passage(name, step.title, who, first, done, missed, fate, step.source)

    def to_json(self) -> dict[str, Any]:
        """Outcome, steps, events, reasons and monthly series; what is undefined is ``None``."""
        labels = Labels.of(self.scenario)
        outcome = frame(np.array([self.row], dtype=self.row.dtype), labels).to_dict("records")[0]
        return {
            "regime": self.law.regime,
            "outcome": {str(name): ten_digits(cell) for name, cell in outcome.items()},
            "steps": [asdict(passage) for passage in self.passages],
            "events": [asdict(event) for event in self.events],
            "reasons": [asdict(reason) for reason in self.reasons],
            "months": as_rows(self.months),
        }


def ending(row: Any) -> str:
    """How a negotiation ended, in one sentence."""
    text = f"ends with {ENDS[Outcome(int(row.outcome))]}"
    if math.isfinite(row.rate):
        text += f" in month {row.licence_month}, at {row.rate / row.frand_rate:.2f} x FRAND rate"
    if row.covered < 1.0:
        text += f", on {row.covered:.0%} of its sales"
    if row.capped < 1.0:
        text += f", of which a cap leaves {row.capped:.0%}"
    if row.licences_ended:
        text += f"; {row.licences_ended} of its licences ended, {row.renewals} were renewed"
    return f"{text}; paid {row.paid:.1f} of USD {row.entitlement:.1f} m due"


def _first(mask: npt.NDArray[np.bool_]) -> int | None:
    return int(np.argmax(mask)) if mask.any() else None


def _fate(due: int | None, done: int | None, missed: int | None, lasting: bool, passed: bool) -> str:
    if due is None:
        return "passed over" if passed else "not reached"
    if missed is not None:
        return "missed" if done is None else "done late" if done > missed else "done by one side"
    if done is not None:
        return "done"
    return "begun" if lasting else "still due"
