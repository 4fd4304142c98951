"""Plays the shipped engine for the tests: small markets, bare protocols, any number set, every month kept."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any, Literal, NamedTuple

import numpy as np
import numpy.typing as npt

from simulator.engine.build import build, new_state
from simulator.engine.market import Rules
from simulator.engine.month import begin, resolve
from simulator.engine.outcomes import OUTCOME
from simulator.engine.run import WHOLE_MARKET, finish, play_chunk, populate, run_chunk
from simulator.engine.state import State
from simulator.engine.talks import decide
from simulator.engine.trace import pictures
from simulator.parameters import registry
from simulator.spec.figure import Figure
from simulator.spec.load import load_regime, load_scenario, load_strategy
from simulator.spec.market import HolderGroup, ImplementerGroup
from simulator.spec.regime import CourtRules, Regime, StandingRules, Step
from simulator.spec.scenario import Scenario
from simulator.spec.strategy import Strategy
from simulator.vocabulary import Act, CourtMode, LegalStatus, Party, Phase, Standing

Rows = npt.NDArray[Any]
Player = str | Strategy

# No friction, no ambiguity, no interest; one price region, output that does not react, sure durations.
IDEAL: dict[str, float] = {
    "holders.discount": 0.0,
    "holders.share_spread": 0.0,
    "implementers.discount": 0.0,
    "implementers.sales_spread": 0.0,
    "implementers.region_two_share": 0.0,
    "welfare.social_discount": 0.0,
    "beliefs.spread": 0.0,
    "beliefs.bias": 0.0,
    "costs.claim_chart": 0.0,
    "costs.verification": 0.0,
    "costs.comparables": 0.0,
    "costs.talks": 0.0,
    "costs.filing": 0.0,
    "costs.monthly": 0.0,
    "costs.trial": 0.0,
    "bargaining.floor": 0.0,
    "demand.elasticity": 0.0,
    "court.rate.error": 0.0,
    "court.interest.licence": 0.0,
    "court.interest.court": 0.0,
    "court.interest.escrow": 0.0,
    "court.past_use.licence_share": 1.0,
    "court.past_use.court_share": 1.0,
    "court.past_use.limitation": 10000.0,
    "court.durations.variation": 0.0,
    "court.faults.false_findings": 0.0,
    "timing.notice_spread": 0.0,
}


class Film(NamedTuple):
    """One replication month by month: records of shape (months, pairs) or (months, implementers)."""

    decided: Rows  # negotiations and suits after ``decide``: what the month's moves rest on
    moves: Rows
    resolved: Rows  # the same at the month's end
    implementers: Rows  # at the month's end; ``sales`` are the month's if nothing is excluded
    rows: Rows  # the outcomes table

    @property
    def row(self) -> Any:
        """The outcome of the first negotiation."""
        return self.rows[0]


METHODS_DIFFER: dict[str, float] = {
    "holders.contribution_spread": 0.5,
    "holders.alternative_spread": 0.5,
    "standard.alternative": 0.3,
    "standard.contribution": 0.15,
    "standard.switching": 0.01,
    "standard.pool_rate": 0.5,
    "standard.pool_membership": 2.0,
}
"""Contributions, pools and alternatives say different things, as no market built in has them."""


KNOWN = {*registry(), "standard.aggregate_burden"}
"""Numbers a scenario may state: those of the registry, and a market's own burden."""


def regime(mode: CourtMode = CourtMode.NONE, **court: Any) -> Regime:
    """A court of this mode behind a bare table: no duties, both sides talk from the first month on.

    ``court`` are further fields of its specification; anyone may file unless it says otherwise.
    """
    talks = Step(
        title="talks",
        phase=Phase.COMMERCIAL,
        actor=Party.BOTH,
        act=Act.NEGOTIATE,
        deadline=quantity(1200),
        source="test",
    )
    standing = Standing.NONE if mode == CourtMode.NONE else Standing.ANY
    given: dict[str, Any] = {"standing": StandingRules(holder=standing), "liability_gate": False} | court
    return Regime(
        regime="bare",
        title="bare table",
        jurisdiction="test",
        source="test",
        status=LegalStatus.CONTROL,
        steps={"talks": talks},
        court=CourtRules(mode=mode, **given),
    )


def step(act: Act, actor: Party, months: float = 3, **more: Any) -> Step:
    """A step that is due for so many months; ``more`` are further fields of it."""
    given: dict[str, Any] = {
        "title": act.name.lower(),
        "phase": Phase.COMMERCIAL,
        "deadline": quantity(months),
    } | more
    return Step(act=act, actor=actor, source="test", **given)


def behind(law: Regime, **steps: Step) -> Regime:
    """A law with these steps before its own."""
    return law.model_copy(update={"steps": {**steps, **law.steps}})


def changed(model: Any, path: str, value: Any) -> Any:
    """A law, or a part of one, with one of its words replaced, by its dotted name."""
    name, _, rest = path.partition(".")
    new = changed(getattr(model, name), rest, value) if rest else value
    return model.model_copy(update={name: new})


def quantity(value: float) -> Figure:
    """A number of this test."""
    return Figure(value=float(value), source="test")


@cache
def law(name: str) -> Regime:
    """A built-in regime."""
    return load_regime(name)


@cache
def _strategy(name: str) -> Strategy:
    return load_strategy(name)


def strategy(name: str, *, conduct: Mapping[str, Any] | None = None, **update: Any) -> Strategy:
    """A built-in strategy with other figures (plain numbers become quantities)."""
    shipped = _strategy(name)
    changed = {
        key: quantity(value) if isinstance(value, int | float) and not isinstance(value, bool) else value
        for key, value in update.items()
    }
    if conduct is not None:
        changed["conduct"] = shipped.conduct.model_copy(update=dict(conduct))
    return shipped.model_copy(update=changed)


@cache
def _duopoly() -> Scenario:
    return load_scenario("duopoly", regimes=["none"])


def scenario(
    *regimes: Regime | str,
    holder: Player | Sequence[Player] = "holder_rational",
    implementer: Player | Sequence[Player] = "implementer_rational",
    numbers: Mapping[str, float] | None = None,
    ideal: bool = True,
    use: Literal["free", "licensed"] = "free",
    replications: int = 1,
    seed: int = 1,
) -> Scenario:
    """The built-in duopoly with other parties, laws and numbers (registry names).

    ``holder`` and ``implementer`` may be lists, one firm each.  ``ideal`` lays ``IDEAL`` under ``numbers``;
    its bias, a figure of its own and 0, gives way to one per spread.
    """
    holders, implementers = _many(holder), _many(implementer)
    base = _duopoly()
    market = base.market.model_copy(
        update={
            "holders": tuple(_holder(base, one, place) for place, one in enumerate(holders)),
            "implementers": tuple(_implementer(base, one, place) for place, one in enumerate(implementers)),
            "timing": base.market.timing.model_copy(update={"use": use}),
        }
    )
    given = (IDEAL if ideal else {}) | dict(numbers or {})
    assert set(given) <= KNOWN, set(given) - KNOWN
    if "beliefs.bias_per_spread" in given and "beliefs.bias" not in (numbers or {}):
        given.pop("beliefs.bias", None)
    laws = tuple(law(one) if isinstance(one, str) else one for one in regimes)
    return base.model_copy(
        update={
            "market": market,
            "regimes": laws,
            "strategies": {one.strategy: one for one in (*holders, *implementers)},
            "baseline": laws[0].regime,
            "replications": replications,
            "seed": seed,
            "set": {name: quantity(value) for name, value in given.items()},
        }
    )


def _many(parties: Player | Sequence[Player]) -> list[Strategy]:
    listed = [parties] if isinstance(parties, str | Strategy) else list(parties)
    return [_strategy(one) if isinstance(one, str) else one for one in listed]


def _holder(base: Scenario, one: Strategy, place: int) -> HolderGroup:
    group = base.market.holders[0]
    return group.model_copy(update={"group": f"holder{place}", "strategies": {one.strategy: 1.0}})


def _implementer(base: Scenario, one: Strategy, place: int) -> ImplementerGroup:
    group = base.market.implementers[0]
    return group.model_copy(update={"group": f"implementer{place}", "strategies": {one.strategy: 1.0}})


def outcomes(one: Scenario) -> Rows:
    """The outcome rows of all replications, in one chunk."""
    return run_chunk(build(one), one.seed, range(one.replications))


def film(one: Scenario, *, r: int = 0, replication: int = 0, months: int | None = None) -> Film:
    """One replication under one regime, stepped through the engine's own ``begin``, ``decide``, ``resolve``.

    ``months`` stops it early; the outcome rows are then those of the month it stops at.
    """
    rules = build(one)
    state, steps = stepped(rules, one.seed, r, replication, months)
    shots: dict[str, list[Rows]] = {"decided": [], "moves": [], "resolved": [], "implementers": []}
    for decided in steps:
        if decided:
            shots["decided"].append(pictures(state))
            shots["moves"].append(state.moves.copy())
        else:
            shots["resolved"].append(pictures(state))
            shots["implementers"].append(state.implementers.copy())
    rows = _finished(rules, state, r, one.seed, replication)
    return Film(**{name: np.stack(taken) for name, taken in shots.items()}, rows=rows)


def two_passes(rules: Rules, seed: int, r: int = 0) -> Rows:
    """The outcome rows of a film of replication 0, without its pictures."""
    state, steps = stepped(rules, seed, r)
    for _ in steps:
        pass
    return _finished(rules, state, r, seed, 0)


def stepped(
    rules: Rules, seed: int, r: int = 0, replication: int = 0, months: int | None = None
) -> tuple[State, Iterator[bool]]:
    """A state, and what steps it: true once a month is decided, false once it is resolved."""
    state, blank = new_state(rules)

    def steps() -> Iterator[bool]:
        n_active = populate(rules, state, blank, seed, replication)
        for t in range(int(rules.market[0].horizon) if months is None else months):
            n_active = begin(rules, state, n_active, r, t)
            decide(rules, state, n_active, r, t, seed, replication)
            yield True
            n_active = resolve(rules, state, n_active, r, t, seed, replication)
            yield False

    return state, steps()


def _finished(rules: Rules, state: State, r: int, seed: int, replication: int) -> Rows:
    rows = np.zeros(len(state.negotiations), dtype=OUTCOME)
    finish(rules, state, r, seed, replication, rows, 0)
    return rows


def ended(one: Scenario, *, replication: int = 0) -> tuple[Rows, Rows]:
    """One replication of one law in one go: the negotiations and suits it ends with, and the outcome rows."""
    state, rows = at_once(build(one), one.seed, replication)
    return pictures(state), rows


def at_once(rules: Rules, seed: int, replication: int = 0) -> tuple[State, Rows]:
    """The same, with the whole state it ends in."""
    assert len(rules.forums) == 1
    state, blank = new_state(rules)
    rows = np.zeros(len(state.negotiations), dtype=OUTCOME)
    play_chunk(rules, state, blank, seed, replication, replication + 1, WHOLE_MARKET, rows)
    return state, rows


def study_file(folder: Path, name: str, text: str) -> Path:
    """An experiment's file in a folder of its own, as ``experiment.yaml`` is looked for."""
    path = folder / name / "experiment.yaml"
    path.parent.mkdir()
    path.write_text(text, encoding="utf-8")
    return path


def edited(text: str, *changes: tuple[str, str]) -> str:
    """A file's text with some of it replaced; what is to be replaced must be there."""
    for old, new in changes:
        assert old in text, old
        text = text.replace(old, new)
    return text
