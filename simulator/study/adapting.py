"""Where evolution and learning lead: the games under each regime of a scenario measured and told."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from simulator.batch.estimate import Work
from simulator.errors import Problem, ScenarioError, nearest
from simulator.parameters import registry
from simulator.spec.ranges import of_parameter
from simulator.spec.scenario import Scenario
from simulator.study.playing import teller
from simulator.writing.folders import ready, tell_replaced
from simulator.writing.manifest import manifest

if TYPE_CHECKING:
    from simulator.evolution.evolved import Adaptation
    from simulator.evolution.learned.regime import LearningPlan
    from simulator.evolution.learned.tables import LearnedTables
    from simulator.evolution.tables import EvolutionTables, Ladder


def evolve(
    scenario: Scenario,
    how: Adaptation | None = None,
    *,
    ladder: Ladder | None = None,
    courts: bool = False,
    workers: int = 1,
    out: Path | None = None,
    progress: bool = False,
) -> EvolutionTables:
    """Measure the game under each regime of a scenario and say where evolution leads.

    With ``out``, writes every table with its figure and manifest.json into that folder, and keeps the games
    in its folder ``games``, to be reused and grown.  The numbers do not depend on ``workers``.
    """
    from simulator.evolution.evolved import Adaptation
    from simulator.evolution.tables import evolution_tables

    games = None if out is None else out / "games"
    tell = teller(progress)
    origin = _place(scenario, out, "payoffs.csv")
    _foresee_games(scenario, how or Adaptation(), ladder, workers, out, told=tell, courts=courts)
    results = evolution_tables(
        scenario, how, ladder=ladder, three=courts, folder=games, workers=workers, progress=tell
    )
    if out is not None:
        from simulator.report.evolution import publish_evolution

        most = max(game.n for game in results.games.values())
        laws = scenario.regimes
        results.written.extend(publish_evolution(results.tables(), out, origin, most, laws))
    return results


def learn(
    scenario: Scenario,
    how: LearningPlan | None = None,
    *,
    workers: int = 1,
    out: Path | None = None,
    progress: bool = False,
) -> LearnedTables:
    """Let both sides answer each regime of a scenario with strategies of their own, and say how sure that is.

    With ``out``, writes every table, the figure, the learned strategies (folder ``strategies``) and
    manifest.json into that folder, and keeps what was learned in its folder ``games``: a start found there is
    not learned again unless ``how.relearn``.  The numbers do not depend on ``workers``.
    """
    from simulator.evolution.learned.regime import LearningPlan, foresee_searches
    from simulator.evolution.learned.tables import learned_tables

    tell, how = teller(progress), how or LearningPlan()
    games = None if out is None else out / "games"
    origin = _place(scenario, out, "certificates.csv")
    kinds = len([*scenario.market.holders, *scenario.market.implementers])
    rows = len(scenario.regimes) * (1 + how.credible) * how.most(kinds)
    foresee_searches(scenario, workers, rows, out, tell)
    results = learned_tables(scenario, how, folder=games, workers=workers, progress=tell)
    if out is not None:
        from simulator.report.evolution import publish_evolution

        tables, laws = results.tables(), scenario.regimes
        strategies = results.learned_strategies()
        results.written.extend(
            publish_evolution(tables, out, origin, scenario.replications, laws, strategies=strategies)
        )
    return results


def _place(scenario: Scenario, out: Path | None, mark: str) -> dict[str, Any]:
    """The manifest of results; says what gives way to them.  Raises ``ScenarioError`` as ``ready`` does."""
    origin = manifest(scenario, equal_procedure=False)
    if out is not None:
        ready(out)
        tell_replaced(out, origin, mark)
    return origin


def _foresee_games(
    scenario: Scenario,
    how: Adaptation,
    ladder: Ladder | None,
    workers: int,
    out: Path | None,
    *,
    told: Callable[[str], None] | None,
    courts: bool,
) -> None:
    """Say what long measuring takes; raises ``ScenarioError`` where there is no room for the games."""
    from simulator.evolution.courts import COURTS
    from simulator.evolution.game import plan
    from simulator.evolution.stored_games import games_there

    rungs = 1 + (len(ladder.values) if ladder is not None else 0)
    asked = [plan(scenario, law.regime, how.strategies).size(how.budget) for law in scenario.regimes]
    games = [one for one in asked for _ in range(rungs)] + asked[:1] * len(COURTS) * courts
    rows, kept = sum(rows for rows, _ in games), sum(kept for _, kept in games)
    fewer = "a smaller --budget, fewer regimes, strategies or values"
    work = Work(scenario, rows, fewer, disk=kept, memory=COPIES * kept, bound="at most: ")
    work.foreseen(workers, out, told, lambda: 0 if out is None else games_there(out / "games"))


def learning(*, budget: int = 32_000, rounds: int = 24, **how: Any) -> LearningPlan:
    """How parties learn, from the words and numbers of a command; ``budget``: negotiations of a search."""
    from simulator.evolution.learned.double_oracle import Budget
    from simulator.evolution.learned.oracle import Effort
    from simulator.evolution.learned.regime import LearningPlan

    return LearningPlan(budget=Budget(rounds=rounds, effort=Effort(negotiations=budget)), **how)


def adaptation(
    dynamics: Literal["fermi", "replicator", "agents"] = "fermi",
    strategies: Sequence[str] | None = None,
    **numbers: Any,
) -> Adaptation:
    """How people adapt, from the words and numbers of a command."""
    from simulator.evolution.evolved import Adaptation

    return Adaptation(dynamics=dynamics, strategies=tuple(strategies or ()), **numbers)


COPIES = 2
"""Of a measured game, while more replications are added."""
RUNGS = 1_000
"""Values of a parameter along which the long run may be asked for."""


def ladder(text: str) -> Ladder:
    """A parameter and its values from ``PATH=LO:HI:N``.  Raises ``ScenarioError``.

    >>> ladder("court.interest.court=0:0.1:3").values
    (0.0, 0.05, 0.1)
    """
    from simulator.evolution.tables import Ladder

    name, _, span = text.partition("=")
    rule = f"a parameter of the registry, lowest and highest value, and how many (2 to {RUNGS:,})"
    example = "--parameter court.interest.court=0:0.1:5"
    if name not in registry():
        what = f"no parameter is called {name}"
        raise ScenarioError(Problem("evolve", None, "parameter", what, nearest(name, registry()), example))
    try:
        low, high, count = (float(part) for part in span.split(":"))
        rungs = np.linspace(low, high, int(count)) if 1 <= count <= RUNGS else ()
        values = tuple(round(float(one), 12) for one in rungs)
    except ValueError:
        raise ScenarioError(Problem("evolve", None, "parameter", f"got {text}", rule, example)) from None
    bounds = of_parameter(name)
    wrong = [one for one in values if not bounds.low <= one <= bounds.high or (bounds.whole and one % 1)]
    if wrong or len(set(values)) < 2:
        what = f"got {wrong[0]:g}" if wrong else f"got {len(set(values))} values" if values else f"got {text}"
        raise ScenarioError(Problem("evolve", None, name, what, bounds.rule() if wrong else rule, example))
    return Ladder(name, values)
