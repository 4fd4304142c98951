"""``LicensingModel``: one market under one regime, month by month."""

from __future__ import annotations

import itertools
import math
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import mesa  # type: ignore[import-untyped]
import numpy as np
import pandas as pd

from simulator.agents.firms import Court, Implementer, SEPHolder, under_way
from simulator.agents.given import Maker, firms, played_under, seed_of, whole
from simulator.compiled import announce
from simulator.engine.build import build, new_state
from simulator.engine.month import begin, resolve
from simulator.engine.outcomes import OUTCOME
from simulator.engine.run import finish, populate
from simulator.engine.talks import decide
from simulator.outcomes.rows import Labels, frame
from simulator.spec.base import Quantity
from simulator.spec.regime import Regime
from simulator.spec.scenario import Scenario
from simulator.vocabulary import Outcome, Status

MODEL_COLUMNS = ("month", "open_negotiations", "licensed_share", "pending_cases", "mean_rate_over_frand")

AGENT_COLUMNS = ("role", "index", "licences", "income", "stack", "sales", "queue", "open_cases")

TABLES = {
    "offers": ["month", "holder", "implementer", "ask", "bid"],
    "licences": ["month", "holder", "implementer", "rate", "frand_rate", "outcome"],
}


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
        played, place = played_under(scenario, regime, seed_of(seed, rng), numbers)
        self.seed, self.replication = played.seed, whole("replication", replication, 2**32)
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
        self.holders: list[SEPHolder] = [*firms(self, SEPHolder, holder_class, market.holders)]
        self.implementers: list[Implementer] = [
            *firms(self, Implementer, implementer_class, market.implementers)
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
        self.open_month()
        self.agents.do("step")
        self.close_month()

    def open_month(self) -> None:
        """The first part of ``step``: the engine chooses every move of the month, in ``proposed``."""
        rules, state, place, month = self.rules, self.state, self.place, self.month
        self._n_active = int(begin(rules, state, self._n_active, place, month))
        if self._n_active > 0:
            decide(rules, state, self._n_active, place, month, self.seed, self.replication)
        self.proposed[:] = state.moves

    def close_month(self) -> None:
        """The last part of ``step``, once the agents have made their moves: the month is booked."""
        rules, state, place, month = self.rules, self.state, self.place, self.month
        active = state.active[: self._n_active].copy()
        self._record_offers(active)
        self._n_active = int(resolve(rules, state, self._n_active, place, month, self.seed, self.replication))
        self._record_licences(active)
        self.month += 1
        self.running = self.month < self.horizon
        self.datacollector.collect(self)

    def _record_offers(self, active: Any) -> None:
        talks, moves = self.state.negotiations[active], self.state.moves[active]
        spoken = ~(np.isnan(moves["ask"]) & np.isnan(moves["bid"]))
        tabled = under_way(talks) & (talks["status"] == Status.TALKS) & spoken
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
        finish(self.rules, self.state, self.place, self.seed, self.replication, rows, 0)
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
        return int(np.sum(under_way(self.state.negotiations)))

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
