"""The parties and the court: pictures of the engine's records."""

from __future__ import annotations

import math
from functools import cached_property
from typing import TYPE_CHECKING, Any, ClassVar, Generic, TypeVar

import mesa  # type: ignore[import-untyped]
import numpy as np

from simulator.agents.moves import HolderMove, ImplementerMove, MoveError, OwnMove
from simulator.agents.negotiation import Negotiation
from simulator.vocabulary import Act, HolderKind, Move, Outcome, Party, Status

if TYPE_CHECKING:
    from simulator.agents.model import LicensingModel


M = TypeVar("M", bound=OwnMove)


class Firm(mesa.Agent, Generic[M]):  # type: ignore[misc]
    """A party: a picture of its record in the engine."""

    side: ClassVar[Party]
    move_class: type[M]

    def __init__(self, model: LicensingModel, index: int, group: str) -> None:
        super().__init__(model)
        self.index = index
        """Its place among the firms of its side, as in the outcomes table."""
        self.group = group
        """Its group in the market's file."""

    @property
    def role(self) -> str:
        """Holder or implementer."""
        return self.side.name.lower()

    @property
    def _record(self) -> Any:
        raise NotImplementedError

    @property
    def strategy(self) -> str:
        """The built-in strategy drawn for it, whose moves ``decide`` is shown."""
        names: list[str] = list(self.model.played.strategies)
        return names[int(self._record.strategy)]

    @property
    def licences(self) -> int:
        """Licences signed so far."""
        return int(self._record.n_licensed)

    @property
    def negotiations(self) -> list[Negotiation]:
        """Its open negotiations: notified, neither licensed nor given up."""
        places = self._places[under_way(self.model.state.negotiations[self._places])]
        return [Negotiation(self.model, int(place), self.side) for place in places]

    @cached_property
    def _places(self) -> np.ndarray:
        """The numbers of its negotiations."""
        return np.flatnonzero(self.model.rules.parties[:, int(self.side)] == self.index)

    def decide(self, negotiation: Negotiation, move: M) -> M | None:  # noqa: ARG002
        """The move to make instead of ``move``, which the engine chose; ``None`` keeps it.

        Called once a month for each open negotiation.  All parties decide on the state at the month's
        start, so the order of agents does not matter.  An illegal move raises ``MoveError``.
        """
        return None

    def step(self) -> None:
        """Put ``decide`` before each open negotiation."""
        if type(self).decide is Firm.decide:
            return
        for negotiation in self.negotiations:
            chosen = self.proposal(negotiation)
            mine = self.decide(negotiation, chosen)
            if mine is not None and mine != chosen:
                if fault := not_allowed(negotiation, chosen, mine):
                    who = f"{type(self).__name__} {self.index}, month {self.model.month}, {negotiation!r}"
                    raise MoveError(f"{who}: {fault}")
                self._play(self.model.state.moves[negotiation.index], mine)

    def proposal(self, negotiation: Negotiation) -> M:
        """The move that the engine chose for this party this month."""
        record: Any = self.model.proposed[negotiation.index]
        tail = self.role[0]
        offer = float(record[self.move_class.offered])
        choices: dict[str, Any] = {self.move_class.offered: None if math.isnan(offer) else offer}
        for name in ("accept", "file", "appeal"):
            choices[name] = bool(record[f"{name}_{tail}"])
        return self.move_class(act=Move(int(record[f"act_{tail}"])), settle=bool(record["settle"]), **choices)

    def _play(self, record: Any, move: M) -> None:
        """Write this side's part; a settlement needs both."""
        tail = self.role[0]
        for name in ("act", "accept", "file", "appeal"):
            record[f"{name}_{tail}"] = int(getattr(move, name))
        record[move.offered] = math.nan if move.offer is None else move.offer
        if not move.settle:
            record["settle"] = 0


class SEPHolder(Firm[HolderMove]):
    """A holder of standard-essential patents."""

    side = Party.HOLDER
    move_class = HolderMove

    @property
    def _record(self) -> Any:
        return self.model.state.holders[self.index]

    @property
    def kind(self) -> HolderKind:
        """What it lives from."""
        return HolderKind(int(self._record.kind))

    @property
    def share(self) -> float:
        """Its share of the standard's value."""
        return float(self._record.share)

    @property
    def income(self) -> float:
        """Royalties received so far, USD m discounted to month 0."""
        signed = self.model.state.negotiations[self._places]
        sales = self.model.state.implementers["sales_value"][signed["implementer"]]
        running = signed["running"] * (sales - signed["sales_mark"])
        return float(np.sum(signed["paid"] + np.where(signed["status"] == Status.LICENSED, running, 0.0)))


class Implementer(Firm[ImplementerMove]):
    """A maker of products that implement the standard."""

    side = Party.IMPLEMENTER
    move_class = ImplementerMove

    @property
    def _record(self) -> Any:
        return self.model.state.implementers[self.index]

    @property
    def stack(self) -> float:
        """Royalty stack: the sum of its running rates, of price."""
        return float(self._record.signed)

    @property
    def sales(self) -> float:
        """Sales of the month last played, USD m."""
        return float(self._record.sales)

    @property
    def margin(self) -> float:
        """Margin before royalties, of price."""
        return float(self._record.margin)

    @property
    def exited(self) -> bool:
        """Whether it has left the market."""
        return bool(self._record.exited)


class Court(mesa.Agent):  # type: ignore[misc]
    """The court of the regime: a picture of its docket.  What it does is the regime's rules."""

    role = "court"
    index = 0

    @property
    def queue(self) -> int:
        """Cases filed and not yet taken up."""
        return int(np.sum(self.model.state.negotiations["status"] == Status.QUEUED))

    @property
    def open_cases(self) -> int:
        """Cases filed and not yet over."""
        return int(self.model.pending_cases)


def under_way(negotiations: Any) -> Any:
    """Which negotiations are notified, and neither licensed nor given up."""
    notified = (negotiations["status"] >= Status.TALKS) & (negotiations["status"] <= Status.EXCLUDED)
    return notified & (negotiations["outcome"] != Outcome.EXIT)


def not_allowed(negotiation: Negotiation, chosen: OwnMove, mine: object) -> str:
    """Why a move is not allowed; empty if it is."""
    if not isinstance(mine, type(chosen)):
        return f"decide returned {mine!r}; return move.replace(...), or None to keep what the engine chose"
    offer = mine.offer
    if offer != chosen.offer and offer is not None:
        if not _is_rate(offer):
            rule = "an offer is a rate, above 0 and at most 1 (of price), or None for silence"
            return f"{mine.offered}: got {offer!r}; {rule}; for example: move.replace({mine.offered}=0.002)"
        if negotiation.status != Status.TALKS:
            return f"{mine.offered}: offers end when somebody files"
    if mine.act not in tuple(Move):
        return f"act: got {mine.act!r}; one of {', '.join(f'Move.{move.name}' for move in Move)}"
    due = negotiation.step_name
    if mine.act not in (chosen.act, Move.WAIT) and not negotiation.may_perform:
        return f"act: it has no part left in the step that is due ({due}); only Move.WAIT"
    tabling = negotiation.step.act in (Act.OFFER, Act.COUNTER) and mine.act != Move.WAIT
    if tabling and offer is None and not mine.accept and (mine.act, offer) != (chosen.act, chosen.offer):
        return f"act: the step that is due ({due}) is performed by naming the {mine.offered}"
    regime = negotiation.model.regime.regime
    for name, allowed, rule in (
        ("accept", negotiation.may_accept, "there is no standing offer of the other side"),
        ("file", negotiation.may_file, f"{regime} does not open the court to it now"),
        ("appeal", negotiation.may_appeal, "this is not the last day of an appeal that suspends"),
        ("settle", chosen.settle, "the parties do not meet this month; a settlement can only be refused"),
    ):
        if getattr(mine, name) and not getattr(chosen, name) and not allowed:
            return f"{name}: {rule}"
    return ""


def _is_rate(offer: object) -> bool:
    number = not isinstance(offer, bool) and isinstance(offer, int | float | np.integer | np.floating)
    return number and 0.0 < float(offer) <= 1.0  # type: ignore[arg-type]
