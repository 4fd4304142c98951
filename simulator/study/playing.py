"""Plans played: what is missing of a batch in its store, or all of it, row by row, into other hands."""

from __future__ import annotations

import sys
from collections.abc import Callable
from contextlib import ExitStack, nullcontext
from functools import partial
from pathlib import Path
from typing import Any

from simulator.batch.layout import Plan
from simulator.batch.progress import shown as watched
from simulator.batch.runner import OnError, play
from simulator.batch.store import Shard, Store
from simulator.batch.tally import Report
from simulator.errors import Problem, ScenarioError
from simulator.experiments.sweep import load as load_experiment
from simulator.outcomes.rows import Rows
from simulator.spec.experiment import Experiment
from simulator.spec.find import resolve
from simulator.spec.load import load_scenario
from simulator.spec.regime import Regime
from simulator.spec.regime import equal_procedure as with_procedure_of
from simulator.spec.scenario import Scenario
from simulator.spec.yaml import read
from simulator.writing.numbers import counted


def batch(
    plan: Plan | Scenario,
    out: Path,
    *,
    workers: int = 1,
    dask: bool = False,
    scheduler: str | None = None,
    shard: Shard = (1, 1),
    only: int | None = None,
    on_error: OnError = "continue",
    progress: bool = False,
) -> Report:
    """Play what is missing of an experiment, or a scenario, in the store ``out``, one row a negotiation.

    On ``workers`` threads, or with ``dask`` on a scheduler (started here unless one is named); ``shard``
    (i, n) plays the i-th of n parts, ``only`` one cell.  The rows do not depend on any of them.  See
    :func:`simulator.batch.runner.play` for what is raised.
    """
    played = as_played(plan) if isinstance(plan, Experiment) else plan
    with ExitStack() as stack:
        options: dict[str, Any] = {"store": Store(out), "shard": shard, "only": only, "on_error": on_error}
        options["on_progress"] = stack.enter_context(watched()) if progress else None
        if dask:
            from simulator.batch.cluster import dask as on_dask

            options["executor"], workers = stack.enter_context(on_dask(scheduler, workers))
        return play(played, workers=workers, **options)


def resume(folder: Path, **options: Any) -> Report:
    """Play what is missing in a store; the options are those of ``batch`` but the shard.

    Raises ``ScenarioError`` where there is no store, or the code or a library has changed since.
    """
    store = Store(folder)
    return batch(store.layout.plan, folder, shard=store.shard, **options)


def replications(text: str | None, out: Path) -> int | None:
    """A number of replications as it is given: ``N``, or ``+N`` more than the store has."""
    if text is None:
        return None
    count = counted(text.removeprefix("+"))
    if count is None:
        rule = "a number, or + and a number"
        raise ScenarioError(Problem("replications", None, "", f"got {text}", rule, "--replications +100"))
    return count + (int(Store(out).manifest["replications"]) if text.startswith("+") else 0)


def load_plan(
    name: str, *, replications: int | None = None, seed: int | None = None
) -> Experiment | Scenario:
    """The experiment or scenario behind a name or path.  Raises ``ScenarioError``."""
    path = resolve("scenario", "experiment", name=name)
    if "experiment" in read(path).data:
        return load_experiment(path, replications=replications, seed=seed)
    return load_scenario(path, replications=replications, seed=seed)


def as_played(plan: Experiment) -> Experiment:
    """An experiment with equal procedure imposed where it says so."""
    if not plan.equal_procedure:
        return plan
    return plan.model_copy(update={"scenario": same_procedure(plan.scenario)})


def same_procedure(scenario: Scenario) -> Scenario:
    """The scenario with the baseline's procedure in every regime, so that only the remedies differ."""
    baseline = chosen(scenario, scenario.baseline)
    regimes = tuple(with_procedure_of(regime, baseline) for regime in scenario.regimes)
    return scenario.model_copy(update={"regimes": regimes})


def chosen(scenario: Scenario, regime: str | Regime) -> Regime:
    """A regime of the scenario by its name, or any other as it is.  Raises ``ScenarioError``."""
    if isinstance(regime, Regime):
        return regime
    known = {one.regime: one for one in scenario.regimes}
    if regime not in known:
        raise ScenarioError(
            Problem(scenario.scenario, None, "regimes", f"got {regime}", f"one of {', '.join(known)}")
        )
    return known[regime]


def play_all(
    plan: Scenario | Experiment,
    take: Callable[[int, Rows], None],
    workers: int,
    progress: bool,
    store: Store | None = None,
) -> None:
    """Play everything and hand it to ``take``; one failing cell ends it."""
    with watched() if progress else nullcontext() as watch:
        play(plan, store=store, workers=workers, take=take, on_error="stop", on_progress=watch)


def teller(progress: bool) -> Callable[[str], None] | None:
    """Who is told how far it has come: standard error, or nobody."""
    return partial(print, file=sys.stderr, flush=True) if progress else None
