"""A person at the table: one party of one negotiation played by hand, month by month, in the one engine.

The person's firm is a Mesa agent whose move in this negotiation is the one handed to ``play``; its other
negotiations, and everybody else, are played by the engine.  The record is a timeline like any other.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any

from simulator.agents import HolderMove, Implementer, ImplementerMove, LicensingModel, Negotiation, SEPHolder
from simulator.engine.trace import Keeper, follow
from simulator.errors import Problem, ScenarioError
from simulator.spec.phrases import DOCUMENTS, listing
from simulator.spec.regime import Step
from simulator.spec.scenario import Scenario
from simulator.trace.events import tell
from simulator.trace.follow import REPLICATIONS, Trace
from simulator.trace.scene import Event, Scene
from simulator.trace.timeline import Timeline
from simulator.vocabulary import Act, Move, Party, Status

if TYPE_CHECKING:
    from collections.abc import Iterator

OwnMove = HolderMove | ImplementerMove
REVEALING = frozenset({"offer", "licence", "judgment", "payment", "rate"})
"""Kinds of events that tell rates as multiples of the true one, which nobody at the table knows."""


class _Seated:
    """What makes a firm play by hand in one of its negotiations."""

    seat: Seat | None = None

    def decide(self, negotiation: Negotiation, move: Any) -> Any:  # noqa: ARG002
        """The person's move, where it is this negotiation and a move was made."""
        if self.seat is None or negotiation.index != self.seat.negotiation:
            return None
        return self.seat.chosen


class _Holder(_Seated, SEPHolder):
    """A holder played by hand."""


class _Implementer(_Seated, Implementer):
    """An implementer played by hand."""


UNSIGNED = " (no licence: it lies outside what one of the sides would sign)"


@dataclass(frozen=True)
class Turn:
    """One month as played: what each side did, and what the engine would have done."""

    month: int
    mine: str
    engine: str
    other: str


class Seat:
    """One negotiation under one law with a person on one side.

    ``opened`` says whether a move is awaited; then ``view``, ``proposal`` and ``step`` tell what it is about.
    Raises ``ScenarioError`` for a negotiation that the market does not have.
    """

    def __init__(
        self, scenario: Scenario, regime: str, side: Party, negotiation: int, replication: int
    ) -> None:
        self.scenario = scenario.under(regime)
        self.side, self.negotiation, self.replication = side, negotiation, replication
        self.chosen: OwnMove | None = None
        """The move made this month; ``None`` leaves it to the engine."""
        self.turns: list[Turn] = []
        pairs = [
            (holder, implementer)
            for holder in range(sum(group.count for group in scenario.market.holders))
            for implementer in range(sum(group.count for group in scenario.market.implementers))
        ]
        if not 0 <= negotiation < len(pairs):
            raise ScenarioError(
                Problem(
                    scenario.scenario,
                    None,
                    "negotiation",
                    f"got {negotiation}",
                    f"from 0 to {len(pairs) - 1}",
                )
            )
        if not 0 <= replication < REPLICATIONS:
            rule = f"from 0 to {REPLICATIONS - 1}"
            raise ScenarioError(Problem(scenario.scenario, None, "replication", f"got {replication}", rule))
        self.model = LicensingModel(
            self.scenario, replication=replication, **self._classes(pairs[negotiation])
        )
        firms: list[Any] = self.model.holders if side == Party.HOLDER else self.model.implementers
        self.firm = firms[int(self.model.rules.parties[negotiation, side])]
        self.firm.seat = self
        self.view = Negotiation(self.model, negotiation, side)
        self._kept = Keeper(
            self.model.rules, self.model.state, negotiation, 0, self.model.seed, self.model.replication
        )
        self.opened = False
        self._go_on()

    def _classes(self, pair: tuple[int, int]) -> dict[str, Any]:
        kind, name = (
            (_Holder, "holder_class") if self.side == Party.HOLDER else (_Implementer, "implementer_class")
        )
        return {name: {pair[self.side]: kind}}

    @property
    def month(self) -> int:
        """The month that is being played."""
        return self.model.month

    @property
    def proposal(self) -> OwnMove:
        """What the engine would do in this seat this month."""
        move: OwnMove = self.firm.proposal(self.view)
        return move

    @property
    def step(self) -> Step:
        """The protocol step that is due."""
        return self.view.step

    @property
    def months_left(self) -> int | None:
        """Months until the step that is due counts as missed; none where it has no deadline."""
        step = self.step
        if self.view.status != Status.TALKS or step.deadline is None or step.act is Act.NEGOTIATE:
            return None
        due = int(self.model.state.negotiations[self.negotiation].due)
        return max(0, int(due + step.deadline.value - self.month))

    @property
    def may_sign(self) -> bool:
        """Whether the other side's standing offer lies within what this firm would sign.

        The engine signs nothing beyond a reservation rate, whoever moves.
        """
        view = self.view
        if not view.may_accept:
            return False
        if self.side == Party.HOLDER:
            return bool((view.bid or 0.0) >= view.reservation_rate)
        return bool((view.ask or math.inf) <= view.reservation_rate)

    def silence(self) -> OwnMove:
        """The move of somebody who has left: nothing done, said or signed."""
        nothing = {"act": Move.WAIT, "accept": False, "file": False, "settle": False, "appeal": False}
        return self.proposal.replace(**nothing, **{self.firm.move_class.offered: None})

    def play(self, move: OwnMove | None) -> None:
        """Play the month with this move, or with the engine's, and go on to the next in which one is awaited.

        Raises ``MoveError`` for a move the rules do not allow; the month is then still open.
        """
        self._close(move)
        self._go_on()

    def play_out(self, *, silent: bool) -> None:
        """Play to the end, silent or as the engine would."""
        while self.opened:
            self.play(self.silence() if silent else None)

    def _go_on(self) -> None:
        """Open months until a move is awaited, or the horizon is reached."""
        self.opened = False
        while self.model.running:
            self.model.open_month()
            if self._awaited():
                self.opened = True
                return
            self._close(None)

    def _awaited(self) -> bool:
        if not Status.TALKS <= self.view.status <= Status.EXCLUDED:
            return False
        return self.view.status == Status.TALKS or self.proposal.settle or self.view.may_appeal

    def _close(self, move: OwnMove | None) -> None:
        self.chosen = move
        self.model.agents.do("step")
        made, month = move or self.proposal, self.month
        turn = Turn(month, told(made, self.step), told(self.proposal, self.step), self._other_did())
        self._kept.decided(month)
        self.model.close_month()
        self._kept.resolved(month)
        if self.opened:
            failed = made.accept and self.view.status == Status.TALKS
            self.turns.append(replace(turn, mine=f"{turn.mine}{UNSIGNED}") if failed else turn)

    def _other_did(self) -> str:
        others: list[Any] = self.model.implementers if self.side == Party.HOLDER else self.model.holders
        other = others[int(self.model.rules.parties[self.negotiation, 1 - self.side])]
        return told(other.proposal(self.view), self.step)

    @property
    def events(self) -> list[Event]:
        """What happened so far, as far as somebody at the table can see it."""
        seen = (event for event in self._events() if event.kind not in REVEALING)
        return [
            replace(event, text=event.text.split(";")[0]) if event.kind == "filing" else event
            for event in seen
            if "x FRAND" not in event.text
        ]

    def _events(self) -> Iterator[Event]:
        model, kept = self.model, self._kept
        holder = self.scenario.strategies[self.view.holder.strategy]
        implementer = self.scenario.strategies[self.view.implementer.strategy]
        for t in range(self.month):
            records = (kept.before[t], kept.moves[t], kept.after[t], kept.sight[t])
            yield from tell(
                Scene(t, *records, model.regime, model.forum, holder, implementer, model.horizon, self.role)
            )

    @property
    def role(self) -> str:
        """Holder or implementer."""
        return self.side.name.lower()

    @cached_property
    def record(self) -> Trace:
        """The negotiation as it was played, beside the one the engine plays with the same luck.

        Only at the horizon.  Raises ``RuntimeError`` before.
        """
        if self.model.running:
            raise RuntimeError("the negotiation is not over")
        model, law = self.model, self.model.regime
        by_hand = law.model_copy(update={"regime": f"{law.regime}, you"})
        alone = law.model_copy(update={"regime": f"{law.regime}, the engine"})
        engine = follow(model.rules, 0, model.seed, model.replication, self.negotiation)
        timelines = (
            Timeline(self.scenario, by_hand, model.forum, self._kept.course(), self.role),
            Timeline(self.scenario, alone, model.forum, engine),
        )
        chosen = f"the {self.role} was played by hand, month by month"
        return Trace(self.scenario, self.negotiation, self.replication, chosen, timelines, [])


def told(move: OwnMove, step: Step) -> str:
    """A move in words; rates in per cent of price."""
    parts = []
    if move.act != Move.WAIT:
        kept = ", keeping something back" if move.act == Move.PERFORM_WITHHOLDING else ""
        parts.append(f"does '{step.title}'{kept}")
    if move.accept:
        parts.append("accepts the standing offer")
    if move.offer is not None and math.isfinite(move.offer):
        parts.append(f"offers {percent_of_price(move.offer)}")
    if move.settle:
        parts.append("settles")
    if move.file:
        parts.append("goes to court")
    if move.appeal:
        parts.append("appeals")
    return "; ".join(parts) or "waits"


def percent_of_price(rate: float) -> str:
    """A rate as people at the table say it.

    >>> percent_of_price(0.00345)
    '0.345 % of price'
    """
    return f"{100 * rate:.3g} % of price"


def contents(step: Step) -> str:
    """What a step asks to be handed over, in words; empty where nothing."""
    asked = [listing(DOCUMENTS[document] for document in step.must_contain)] if step.must_contain else []
    some = sorted(step.must_contain_any)
    return "; ".join([*asked, *[f"one of {listing(DOCUMENTS[document] for document in some)}"] * bool(some)])
