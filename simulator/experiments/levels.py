"""What an experiment plays at each of three levels of behaviour: as given, named strategies, free ones.

*Named*: under each law and at each point of the space imitation among the named strategies has gone where it
leads, and the market is played there.  *Free*: both sides have searched for strategies of their own; at the
default point, and at the first points of the space.

A claim whose lever is a share of strategies has the one level, since conduct is what it is about; so has one
on a market in which a side has one strategy, or payoffs cannot be measured.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Literal, NamedTuple, get_args

from simulator.errors import ScenarioError
from simulator.evolution.game import plan
from simulator.spec.design import Cell, Design, Lever
from simulator.spec.experiment import Experiment
from simulator.spec.hypothesis import Hypothesis

Level = Literal["named strategies", "free strategies", "free strategies, over the space"]
LEVELS: tuple[Level, ...] = get_args(Level)
NAMED, FREE, FREE_SPACE = LEVELS
POINTS, REPLICATIONS = 5, 40
"""Points of the space at which free strategies are learned besides the default; least replications there."""
STARTS: dict[Level, int] = {NAMED: 1, FREE: 2, FREE_SPACE: 1}
"""From how many starts parties search: where there is one place of a kind, two must say the same."""


class Place(NamedTuple):
    """Where parties answer: a law at a cell of the plan that a level plays."""

    level: Level
    plan: Experiment
    cell: Cell
    regime: str


def levelled(experiment: Experiment) -> tuple[Hypothesis, ...]:
    """The claims that conduct may turn: none where the levers are conduct, or nobody has a choice."""
    conduct = any(lever.strategy is not None for lever in experiment.levers)
    if conduct or experiment.evolution is not None or experiment.learning is not None:
        return ()
    try:
        game = plan(experiment.scenario, experiment.scenario.regimes[0].regime)
    except ScenarioError:
        return ()
    alone = min(len(game.holders), len(game.implementers)) < 2
    return () if alone else experiment.hypotheses


def unanswered(experiment: Experiment) -> str | None:
    """Why an experiment's claims have the one level, in words; none where they can have others."""
    if levelled(experiment):
        return None
    if any(lever.strategy is not None for lever in experiment.levers):
        return "its lever is conduct"
    if experiment.evolution is not None or experiment.learning is not None:
        return "conduct that adapts is its subject"
    if not experiment.hypotheses:
        return "it has no claims"
    return "nobody chooses among strategies, or payoffs cannot be measured"


def at_level(experiment: Experiment, claim: Hypothesis, level: Level) -> bool:
    """Whether a claim has a level: one along a lever is not taken over the space of free strategies."""
    along = any(part.at for part in claim.parts(experiment.levers))
    return level != FREE_SPACE or bool(experiment.uncertainties and not along)


def reduced(experiment: Experiment, claim: Hypothesis, level: Level) -> Experiment:
    """The experiment as a level plays it for a claim: no controls, the laws and lever values it needs.

    Named strategies meet the whole sample of points; free ones the default point, or the first points of the
    sample, with levers that the claim does not name at their first value.
    """
    named = {part.regime for part in claim.parts(experiment.levers)}
    named.add(experiment.scenario.baseline)  # outcomes may be measured against it, whoever names it
    laws = tuple(law for law in experiment.scenario.regimes if law.regime in named)
    levers = tuple(
        lever.model_copy(update={"values": _values(lever, claim, level, experiment.design)})
        for lever in experiment.levers
    )
    points: dict[str, Any] = {}
    count = experiment.scenario.replications
    if level != NAMED:
        count = max(count, REPLICATIONS)
    if level == FREE:
        points = {"uncertainties": (), "table": (), "design": Design(levers=experiment.design.levers)}
    elif level == FREE_SPACE:
        names = [one.name for one in experiment.uncertainties]
        rows = tuple(tuple(point[name] for name in names) for point in experiment.points()[:POINTS])
        points = {"table": rows, "design": Design(levers=experiment.design.levers, file="the first points")}
    return experiment.model_copy(
        update={
            "hypotheses": (claim.model_copy(update={"controls": ()}),),
            "levers": levers,
            "scenario": experiment.scenario.model_copy(update={"regimes": laws, "replications": count}),
            "outcomes": (claim.outcome,),
            "mechanisms": None,
            "frontiers": (),
            **points,
        }
    )


def _values(lever: Lever, claim: Hypothesis, level: Level, design: Design) -> tuple[float, ...]:
    """The values of a lever that a claim needs: ends for a slope or an average, those stated, the first."""
    ends = {lever.values[0], lever.values[-1]}
    places = [term.at for term in claim.terms] or [claim.at]
    needed = {place[lever.name] for place in places if lever.name in place}
    if claim.slope == lever.name:
        needed |= {min(lever.values), max(lever.values)}
    elif not all(lever.name in place for place in places):
        needed |= ends if level == NAMED and design.levers == "grid" else {lever.values[0]}
    if design.levers != "grid":  # the others stand at their first
        needed.add(lever.values[0])
    return tuple(value for value in lever.values if value in needed)


def places(experiment: Experiment) -> Iterator[Place]:
    """Every place at which the parties to the claims answer, once."""
    seen = set()
    for level in LEVELS:
        for claim in levelled(experiment):
            if not at_level(experiment, claim, level):
                continue
            own = reduced(experiment, claim, level)
            for cell in own.cells():
                for law in own.scenario.regimes:
                    key = (level, tuple(sorted(cell.items())), law.regime)
                    if key not in seen:
                        seen.add(key)
                        yield Place(level, own, cell, law.regime)
