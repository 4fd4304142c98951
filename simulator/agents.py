"""The Mesa face of the model: ``LicensingModel``, and agents that stand in the one engine.

A step of the model is a month: the engine's own ``begin``, ``decide`` and ``resolve``.  Agents own no state;
they are pictures of the engine's records, and between ``decide`` and ``resolve`` each may replace its own
move.  A strategy is therefore a subclass with one method:

>>> class Boulware(Implementer):  # names one price and stays with it
...     def decide(self, negotiation, move):
...         if move.bid is not None:
...             return move.replace(bid=0.3 * negotiation.estimate, accept=False)
>>> def ending(**options):
...     model = LicensingModel("duopoly", regime="eu-hvzte-2015", replication=1, **options)
...     model.run_model()
...     return model.outcomes()["outcome"].iloc[0]
>>> ending(), ending(implementer_class=Boulware)
('negotiated', 'settled_in_court')

The other party still expects what the firm's built-in strategy would do: a move is replaced, not a belief.
"""

from __future__ import annotations

import dataclasses
import itertools
import math
import multiprocessing
import operator
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, ClassVar, Generic, Self, TypeAlias, TypeVar

import numpy as np
import pandas as pd

from simulator.compiled import announce, as_written
from simulator.engine.build import build, new_state
from simulator.engine.draws import uniform
from simulator.engine.month import begin, resolve
from simulator.engine.outcomes import OUTCOME
from simulator.engine.prospect import LOST
from simulator.engine.protocol import estimates, may_perform
from simulator.engine.run import finish, populate
from simulator.engine.state import Matter, matter
from simulator.engine.talks import decide, may_ask_for_rate, may_sue
from simulator.errors import Problem, ScenarioError, nearest
from simulator.outcomes.rows import Labels, frame
from simulator.parameters import registry
from simulator.spec.base import Quantity
from simulator.spec.load import load_scenario
from simulator.spec.ranges import of_parameter
from simulator.spec.regime import Regime, Step
from simulator.spec.scenario import Scenario
from simulator.vocabulary import Act, HolderKind, Move, Outcome, Party, Status

_START_METHOD = multiprocessing.get_start_method(allow_none=True)
import mesa  # type: ignore[import-untyped]  # noqa: E402

multiprocessing.set_start_method(_START_METHOD, force=True)  # Mesa sets it to spawn for the whole program

OWN_CHANCE = 1000  # purpose of the draws of strategies written in Python, plus the side
DRAWS_A_MONTH = 1000
MODEL_COLUMNS = ("month", "open_negotiations", "licensed_share", "pending_cases", "mean_rate_over_frand")
AGENT_COLUMNS = ("role", "index", "licences", "income", "stack", "sales", "queue", "open_cases")
TABLES = {
    "offers": ["month", "holder", "implementer", "ask", "bid"],
    "licences": ["month", "holder", "implementer", "rate", "frand_rate", "outcome"],
}


class MoveError(ValueError):
    """A move that the rules of the game do not allow this party this month."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _OwnMove:
    """What both kinds of party may do in a month."""

    offered: ClassVar[str]

    act: Move
    """The step that is due: wait, perform, or perform withholding what its strategy conceals."""
    accept: bool
    """Sign at the other side's standing offer."""
    file: bool
    """Go to court, if nothing is signed this month."""
    settle: bool
    """Sign at the Nash point where court or conciliator brought the parties together; may be refused."""
    appeal: bool
    """Appeal, on the last day after a judgment."""

    @property
    def offer(self) -> float | None:
        """The ask or bid, of price."""
        value: float | None = getattr(self, self.offered)
        return value

    def replace(self, **changes: Any) -> Self:
        """A copy with other choices.  Raises ``MoveError`` for what is not this party's to choose."""
        known = [field.name for field in dataclasses.fields(self)]
        for name in changes:
            if name not in known:
                raise MoveError(f"{type(self).__name__} has no {name!r}; {nearest(name, known)}")
        return dataclasses.replace(self, **changes)


@dataclass(frozen=True, slots=True, kw_only=True)
class HolderMove(_OwnMove):
    """What a SEP holder does in a month.

    >>> move = HolderMove(act=Move.WAIT, accept=False, file=False, settle=False, appeal=False, ask=0.01)
    >>> move.replace(bid=0.1)
    Traceback (most recent call last):
    simulator.agents.MoveError: HolderMove has no 'bid'; known: act, accept, file, settle, appeal, ask
    """

    offered: ClassVar[str] = "ask"

    ask: float | None
    """Its offer this month, of price; ``None`` is silence."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ImplementerMove(_OwnMove):
    """What an implementer does in a month."""

    offered: ClassVar[str] = "bid"

    bid: float | None
    """Its offer this month, of price; ``None`` is silence."""


M = TypeVar("M", bound=_OwnMove)


class Negotiation:
    """A negotiation as one of its two parties sees it in the month being played."""

    __slots__ = ("index", "model", "side")

    def __init__(self, model: LicensingModel, index: int, side: Party) -> None:
        self.model, self.index, self.side = model, index, side

    def __repr__(self) -> str:
        record = self._record
        parties = f"holder {record.holder} and implementer {record.implementer}"
        return f"<Negotiation of {parties}, {self.status.name}>"

    @property
    def _record(self) -> Any:
        return self.model.state.negotiations[self.index]

    @property
    def _matter(self) -> Matter:
        """The records it hangs on, as the engine's rules are handed them."""
        model = self.model
        return as_written(matter)(
            model.rules, model.state, self.index, model.place, model.seed, model.replication
        )

    @property
    def holder(self) -> SEPHolder:
        """The SEP holder."""
        return self.model.holders[int(self._record.holder)]

    @property
    def implementer(self) -> Implementer:
        """The implementer."""
        return self.model.implementers[int(self._record.implementer)]

    @property
    def age(self) -> int:
        """Months since first contact."""
        return self.model.month - int(self._record.contact)

    @property
    def status(self) -> Status:
        """Where it stands at the start of the month."""
        return Status(int(self._record.status))

    @property
    def step_name(self) -> str:
        """The protocol step that is due, by its name in the regime's file."""
        return self.model.regime.order()[int(self._record.step)]

    @property
    def step(self) -> Step:
        """The protocol step that is due."""
        return self.model.regime.steps[self.step_name]

    @property
    def ask(self) -> float | None:
        """The holder's standing offer, of price."""
        return _positive(self._record.last_ask)

    @property
    def bid(self) -> float | None:
        """The implementer's standing offer, of price."""
        return _positive(self._record.last_bid)

    @property
    def estimate(self) -> float:
        """This party's own estimate of the FRAND rate, of price.  The true rate is seen by nobody."""
        return float(estimates(self._record)[self.side])

    @property
    def reservation_rate(self) -> float:
        """The rate at which this party prefers court or waiting, as it last reckoned; of price."""
        return float(self._record.r_h if self.side == Party.HOLDER else self._record.r_i)

    @property
    def may_perform(self) -> bool:
        """Whether this party has a part in the step that is due, not yet done."""
        m = self._matter
        due = may_perform(m.step, m.negotiation, int(self.side), self.model.month)
        return bool(self.status == Status.TALKS and due)

    @property
    def may_accept(self) -> bool:
        """Whether there is an offer of the other side to accept."""
        theirs = self.bid if self.side == Party.HOLDER else self.ask
        return self.status == Status.TALKS and theirs is not None

    @property
    def may_file(self) -> bool:
        """Whether the regime lets this party go to court this month."""
        if self.status != Status.TALKS:
            return False
        rule = may_sue if self.side == Party.HOLDER else may_ask_for_rate
        return bool(rule(self._matter, self.model.month))

    @property
    def may_appeal(self) -> bool:
        """Whether this is the last day to appeal and the regime knows appeals that suspend."""
        suit, forum = self.model.state.suits[self.index], self.model.forum
        if self.status != Status.WINDOW or self.model.month < suit.window_end:
            return False
        won = self.side == Party.IMPLEMENTER and suit.judgment == LOST
        return bool(forum.appeal == 1 and forum.provisional == 0 and not won)

    def uniform(self, number: int = 0) -> float:
        """A uniform number in [0, 1) of this party's own, the same under every regime and in every replay.

        ``number`` (0 to 999) tells several draws of a month apart.  Use it instead of a generator: the
        comparison of regimes rests on their sharing chance.
        """
        if not 0 <= number < DRAWS_A_MONTH:
            raise ValueError(f"number: got {number}, must lie in [0, {DRAWS_A_MONTH - 1}]")
        address = DRAWS_A_MONTH * self.model.month + number
        model = self.model
        return float(uniform(model.seed, model.replication, self.index, OWN_CHANCE + self.side, address))


def _positive(value: float) -> float | None:
    return float(value) if value > 0.0 else None


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
        places = self._places[_open(self.model.state.negotiations[self._places])]
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
            chosen = self._own(self.model.proposed[negotiation.index])
            mine = self.decide(negotiation, chosen)
            if mine is not None and mine != chosen:
                if fault := _fault(negotiation, chosen, mine):
                    who = f"{type(self).__name__} {self.index}, month {self.model.month}, {negotiation!r}"
                    raise MoveError(f"{who}: {fault}")
                self._play(self.model.state.moves[negotiation.index], mine)

    def _own(self, record: Any) -> M:
        """This side's part of a month's moves."""
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


def _open(negotiations: Any) -> Any:
    """Which negotiations are notified, and neither licensed nor given up."""
    under_way = (negotiations["status"] >= Status.TALKS) & (negotiations["status"] <= Status.EXCLUDED)
    return under_way & (negotiations["outcome"] != Outcome.EXIT)


def _fault(negotiation: Negotiation, chosen: _OwnMove, mine: object) -> str:
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


Maker: TypeAlias = Callable[..., Any]
"""A class of firm, or a function of (model, index, group) that makes one."""


def _column(agent: mesa.Agent, name: str) -> Any:
    """What an agent has to report; nothing where it lacks it."""
    return getattr(agent, name, None)


class LicensingModel(mesa.Model):  # type: ignore[misc]
    """One market under one regime, month by month.

    ``scenario`` is a scenario, or the name or path of one (``duopoly`` if not given); ``regime`` one of its
    regimes (its baseline if not given) and, where ``scenario`` is a name, any built-in regime or a path.
    ``seed`` (or ``rng``, as Mesa calls it) replaces the scenario's; ``replication`` says which of its markets
    is drawn.  Numbers of the registry are set by name, with two underscores for a dot
    (``court__scope__forum_share=1``) or in the mapping ``parameters``.

    ``holder_class`` and ``implementer_class`` say what the firms are: a subclass of :class:`SEPHolder` or
    :class:`Implementer` for all of them, or a mapping from a firm's number or its group to one.  Anything
    that makes a firm from (model, index, group) will do, so ``functools.partial(Patient, factor=0.3)`` hands
    over more.

    ``running`` becomes ``False`` at the horizon.  ``datacollector`` holds a row a month of the model and of
    each agent (columns that an agent lacks are empty) and the tables ``offers`` and ``licences``.

    Raises ``ScenarioError`` for a scenario, regime or parameter that is not there or out of range.

    >>> model = LicensingModel("duopoly", regime="none", replication=1, standard__horizon=48)
    >>> model.run_model()
    >>> model.datacollector.get_model_vars_dataframe()["licensed_share"].iloc[-1]
    np.float64(1.0)
    >>> float(model.agents.select(agent_type=SEPHolder).agg("income", sum)) > 0
    True
    """

    running: bool

    def __init__(
        self,
        scenario: Scenario | str | Path | None = None,
        *,
        regime: str | Regime | None = None,
        replication: int = 0,
        seed: int | None = None,
        rng: int | None = None,
        holder_class: Maker | Mapping[int | str, Maker] | None = None,
        implementer_class: Maker | Mapping[int | str, Maker] | None = None,
        parameters: Mapping[str, float | Quantity] | None = None,
        **overrides: float | Quantity,
    ) -> None:
        numbers = {name.replace("__", "."): value for name, value in overrides.items()} | dict(
            parameters or {}
        )
        played, place = _played(scenario, regime, _seed(seed, rng), numbers)
        self.seed, self.replication = played.seed, _whole("replication", replication, 2**32)
        super().__init__(rng=int(np.random.SeedSequence([self.seed, self.replication]).generate_state(1)[0]))
        self.played = played
        """The scenario as it is played, with every override laid in."""
        self.regime = played.regimes[place]
        self.place = place
        """The position of the regime in the engine's arrays."""
        announce()
        self.rules = build(played)
        """The engine's constant arrays."""
        self.state, blank = new_state(self.rules)
        """The engine's records; agents read them, only the engine writes."""
        self.proposed = self.state.moves.copy()
        """The moves the engine chose this month, before any agent replaced its own."""
        self.month = 0
        """Months played; while a step is under way, the month that is being played."""
        self._unique_ids = itertools.count(1)
        self._n_active = int(populate(self.rules, self.state, blank, self.seed, self.replication))
        market = played.market
        self.holders: list[SEPHolder] = [*_firms(self, SEPHolder, holder_class, market.holders)]
        self.implementers: list[Implementer] = [
            *_firms(self, Implementer, implementer_class, market.implementers)
        ]
        self.court = Court(self)
        self.datacollector = mesa.DataCollector(
            model_reporters={name: name for name in MODEL_COLUMNS},
            agent_reporters={name: [_column, [name]] for name in AGENT_COLUMNS},
            tables=TABLES,
        )

    def register_agent(self, agent: mesa.Agent) -> None:
        """As Mesa's, but without the table in which Mesa before 3.4.2 keeps every model alive."""
        super().register_agent(agent)
        counters = getattr(mesa.Agent, "_ids", None)  # mesa/mesa#3179
        if counters is not None:
            agent.unique_id = next(self._unique_ids)
            counters.pop(self, None)

    def step(self) -> None:
        """Play one month.  Raises ``RuntimeError`` at the horizon, ``MoveError`` for an illegal move."""
        if not self.running:
            raise RuntimeError(f"all {self.horizon} months are played; make a new model to play again")
        rules, state, month = self.rules, self.state, self.month
        place, chance = self.place, (self.seed, self.replication)
        begin(rules, state, self._n_active, place, month)
        if self._n_active > 0:
            decide(rules, state, self._n_active, place, month, *chance)
        self.proposed[:] = state.moves
        self.agents.do("step")
        active = state.active[: self._n_active].copy()
        self._record_offers(active)
        self._n_active = int(resolve(rules, state, self._n_active, place, month, *chance))
        self._record_licences(active)
        self.month += 1
        self.running = self.month < self.horizon
        self.datacollector.collect(self)

    def _record_offers(self, active: Any) -> None:
        talks, moves = self.state.negotiations[active], self.state.moves[active]
        spoken = ~(np.isnan(moves["ask"]) & np.isnan(moves["bid"]))
        tabled = _open(talks) & (talks["status"] == Status.TALKS) & spoken
        self._add("offers", talks[tabled], ask=moves["ask"][tabled], bid=moves["bid"][tabled])

    def _record_licences(self, active: Any) -> None:
        signed = self.state.negotiations[active]
        signed = signed[signed["status"] == Status.LICENSED]
        outcome = [Outcome(code).name.lower() for code in signed["outcome"]]
        self._add("licences", signed, rate=signed["rate"], frand_rate=signed["frand"], outcome=outcome)

    def _add(self, table: str, negotiations: Any, **columns: Any) -> None:
        """A row of a table for each of these negotiations."""
        columns = {name: negotiations[name] for name in ("holder", "implementer")} | columns
        listed = {name: np.asarray(values).tolist() for name, values in columns.items()}
        for row in zip(*listed.values(), strict=True):
            named = dict(zip(listed, row, strict=True))
            self.datacollector.add_table_row(table, {"month": self.month, **named})

    def outcomes(self) -> pd.DataFrame:
        """The outcomes table of this replication and regime, as the batch writes it; see ``engine.outcomes``.

        Raises ``RuntimeError`` before the horizon.
        """
        if self.running:
            raise RuntimeError(f"{self.month} of {self.horizon} months are played: call run_model() first")
        rows = np.zeros(len(self.state.negotiations), dtype=OUTCOME)
        finish(self.rules, self.state, self.place, self.replication, rows, 0)
        return frame(rows, Labels.of(self.played))

    @property
    def forum(self) -> Any:
        """The engine's record of the regime's court."""
        return self.rules.forums[self.place]

    @property
    def horizon(self) -> int:
        """Months there are to play."""
        return int(self.rules.market[0].horizon)

    @property
    def open_negotiations(self) -> int:
        """Negotiations notified, and neither licensed nor given up."""
        return int(np.sum(_open(self.state.negotiations)))

    @property
    def licensed_share(self) -> float:
        """Share of all pairs of holder and implementer with a licence."""
        return float(np.mean(self.state.negotiations["status"] == Status.LICENSED))

    @property
    def pending_cases(self) -> int:
        """Cases before the court: waiting, under way, just judged or on appeal."""
        status = self.state.negotiations["status"]
        return int(np.sum((status >= Status.QUEUED) & (status <= Status.APPEAL)))

    @property
    def mean_rate_over_frand(self) -> float:
        """Mean over licences of the rate, relative to the true FRAND rate; nan before the first licence."""
        signed = self.state.negotiations[self.state.negotiations["status"] == Status.LICENSED]
        return float(np.mean(signed["rate"] / signed["frand"])) if len(signed) else math.nan


def _whole(name: str, value: object, below: int) -> int:
    """A whole number, also as text: a form hands over text."""
    try:
        number = int(value) if isinstance(value, str) else operator.index(value)  # type: ignore[arg-type]
    except (TypeError, ValueError):
        raise ValueError(f"{name}: got {value!r}, must be a whole number") from None
    if not 0 <= number < below:
        raise ValueError(f"{name}: got {number}, must lie in [0, {below - 1}]")
    return number


def _seed(seed: int | None, rng: int | None) -> int | None:
    if seed is not None and rng is not None:
        raise ValueError("seed and rng are two names of one number: give one")
    given = rng if seed is None else seed
    return None if given is None else _whole("seed", given, 2**63)


def _played(
    scenario: Scenario | str | Path | None,
    regime: str | Regime | None,
    seed: int | None,
    numbers: Mapping[str, float | Quantity],
) -> tuple[Scenario, int]:
    """The scenario with overrides laid in, and the place of the regime in it."""
    if regime is not None and not isinstance(regime, str | Regime):
        rule = "a name, a path, or what load_regime gave"
        raise ScenarioError(Problem("LicensingModel", None, "regime", f"got {regime!r:.40}", rule, "upc"))
    if not isinstance(scenario, Scenario):
        named = [regime] if isinstance(regime, str) else None
        scenario = load_scenario("duopoly" if scenario is None else scenario, regimes=named)
        regime = scenario.regimes[0].regime if named else regime
    if isinstance(regime, Regime):
        scenario = scenario.model_copy(update={"regimes": (regime,), "baseline": regime.regime})
        regime = regime.regime
    names = [one.regime for one in scenario.regimes]
    wanted = scenario.baseline if regime is None else regime
    if wanted not in names:
        raise ScenarioError(
            Problem(scenario.scenario, None, "regimes", f"got {wanted}", nearest(wanted, names))
        )
    laid = {name: _quantity(name, value) for name, value in numbers.items()}
    update = {"set": scenario.set | laid, "seed": scenario.seed if seed is None else seed}
    return scenario.model_copy(update=update), names.index(wanted)


def _quantity(name: str, given: float | Quantity) -> Quantity:
    """A number laid over the registry's, checked as a scenario file's is."""
    where = "LicensingModel"
    if name not in registry():
        raise ScenarioError(Problem(where, None, name, "no such parameter", nearest(name, registry())))
    bounds = of_parameter(name)
    if isinstance(given, bool) or not isinstance(given, Quantity | int | float):
        raise ScenarioError(Problem(where, None, name, f"got {given!r:.40}", bounds.rule()))
    value = given.value if isinstance(given, Quantity) else float(given)
    if not bounds.low <= value <= bounds.high or (bounds.whole and value != int(value)):
        example = f"{name.replace('.', '__')}={bounds.default:g}"
        raise ScenarioError(Problem(where, None, name, f"got {value:g}", bounds.rule(), example))
    return given if isinstance(given, Quantity) else Quantity(value=value, source="assumption of the caller")


def _firms(
    model: LicensingModel,
    kind: type[Any],
    given: Maker | Mapping[int | str, Maker] | None,
    groups: Sequence[Any],
) -> Iterator[Any]:
    """One side's agents."""
    members = [group.group for group in groups for _ in range(group.count)]
    chosen: Mapping[int | str, Maker] = given if isinstance(given, Mapping) else {}
    for key in chosen:
        if key not in members and key not in range(len(members)):
            known = f"a number below {len(members)} or a group: {', '.join(dict.fromkeys(members))}"
            raise ValueError(f"there is no {kind.__name__} {key!r}; {known}")
    rest: Maker = kind if given is None or isinstance(given, Mapping) else given
    for index, group in enumerate(members):
        firm = chosen.get(index, chosen.get(group, rest))(model, index, group)
        if not isinstance(firm, kind):
            raise TypeError(f"{kind.__name__} {index} would be a {type(firm).__name__}, which is not one")
        yield firm
