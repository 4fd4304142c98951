"""Scenarios played together from Python: what to play, how, on which workers, and where to keep it.

The shape is that of Mesa 4 (mesa/mesa#3768): ``run_scenarios(scenarios, configuration, executor, store)``.
"""

from __future__ import annotations

import json
import os
import threading
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Executor, ThreadPoolExecutor, as_completed
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, get_args

import pandas as pd

from simulator.batch.interrupt import Interrupted
from simulator.batch.runner import OnError, play
from simulator.batch.store import Store
from simulator.batch.tally import Report
from simulator.compiled import announce
from simulator.errors import Problem, ScenarioError
from simulator.experiments.sweep import Sweep
from simulator.outcomes.further_measures import MEASURES
from simulator.outcomes.measures import COMMON
from simulator.outcomes.rows import Rows
from simulator.spec.experiment import Experiment
from simulator.spec.given import shown, whole
from simulator.spec.load import load_scenario
from simulator.spec.outcome import outcome_problems, value_problems
from simulator.spec.scenario import Scenario
from simulator.spec.yaml import Document
from simulator.writing.manifest import digest

KEYS = ["number", "scenario", "regime", "replication"]
"""What a row of the table is about; ``number`` is the scenario's place among those given."""


@dataclass(frozen=True, kw_only=True)
class RunConfiguration:
    """How scenarios are played and what is asked of them.

    ``replications`` and ``seed`` replace those of every scenario; ``outcomes`` are metrics, with conditions
    in brackets if need be; ``on_error`` says whether one that fails ends the others.  Raises
    ``ScenarioError`` for what cannot be asked.

    >>> RunConfiguration(replications=10, outcomes=("deadlock_rate", "hold_up_index[filed=no]")).seed
    >>> RunConfiguration(on_error="retry")
    Traceback (most recent call last):
    simulator.errors.ScenarioError: RunConfiguration: on_error: got 'retry'; continue or stop
    """

    replications: int | None = None
    seed: int | None = None
    outcomes: tuple[str, ...] = tuple(COMMON)
    on_error: OnError = "continue"

    def __post_init__(self) -> None:
        bounds = {"replications": (1, 2**32), "seed": (0, 2**63)}
        wrong = [
            Problem("RunConfiguration", None, name, f"got {given!r}", f"a whole number, at least {low}")
            for name, (low, end) in bounds.items()
            if (given := getattr(self, name)) is not None
            and not (isinstance(given, int) and low <= given < end)
        ]
        if self.on_error not in get_args(OnError):
            known = " or ".join(get_args(OnError))
            wrong.append(Problem("RunConfiguration", None, "on_error", f"got {self.on_error!r}", known))
        check_outcomes("RunConfiguration", self.outcomes)
        if wrong:
            raise ScenarioError(*wrong)


@dataclass(frozen=True)
class Failure:
    """A scenario that failed: its place among those given, its name, why, and how to play it again."""

    number: int
    scenario: str
    message: str
    traceback: str
    replay: str


@dataclass(frozen=True)
class ScenarioResults:
    """What came of scenarios: ``table`` has a row a scenario, regime and replication, a column an outcome.

    Scenarios that ``failed`` have no rows.
    """

    table: pd.DataFrame
    failed: tuple[Failure, ...]


def run_scenarios(
    scenarios: Iterable[Scenario | str | Path] | str,
    config: RunConfiguration | None = None,
    executor: Executor | None = None,
    store: str | Path | None = None,
    *,
    workers: int | None = None,
) -> ScenarioResults:
    """Play scenarios, each under all its regimes with the same chance, and tabulate their outcomes.

    Chunks of replications go to any ``executor`` of the form of ``concurrent.futures``, or to threads;
    ``workers`` says how many at a time (processors of this machine if not given).  ``store`` is a folder in
    which each scenario gets a store of its own: what is there is not played again.  The numbers depend on
    neither.  Raises ``ScenarioError`` for bad input or a store of something else, ``BatchError`` where
    workers are lost or, with ``on_error="stop"``, where a scenario fails.
    """
    config = config or RunConfiguration()
    if not isinstance(config, RunConfiguration):
        what, example = f"got {shown(config)}", "RunConfiguration(replications=100)"
        raise ScenarioError(Problem("run_scenarios", None, "config", what, "a RunConfiguration", example))
    plans = [_plan(place, one, config) for place, one in enumerate(_listed(scenarios))]
    if not plans:
        return ScenarioResults(pd.DataFrame(columns=[*KEYS, *config.outcomes]), ())
    if problem := whole(workers, "workers", 1, 2**16):
        raise ScenarioError(problem)
    width = workers or os.cpu_count() or 1
    at_once = min(width, len(plans))
    lock = threading.Lock()

    def one(plan: Experiment, watch: Callable[[Report], None]) -> tuple[Sweep, Report]:
        """Play one plan; metrics are computed by one thread at a time."""
        sweep = Sweep(plan)

        def take(cell: int, rows: Rows) -> None:
            with lock:
                sweep.take(cell, rows)

        kept = None if store is None else Store(Path(store) / _folder(plan.scenario))
        report = play(
            plan,
            store=kept,
            workers=max(width // at_once, 1),
            executor=executor,
            on_error=config.on_error,
            take=take,
            on_progress=watch,
        )
        return sweep, report

    if executor is None:
        announce()
    return _collected(plans, _all(plans, one, at_once), config.outcomes)


def _all(
    plans: list[Experiment],
    play: Callable[[Experiment, Callable[[Report], None]], tuple[Sweep, Report]],
    at_once: int,
) -> list[tuple[Sweep, Report]]:
    """Play plans side by side; when one raises, or the user ends it, the others end at their next chunk."""
    stopped = threading.Event()

    def watch(report: Report) -> None:  # noqa: ARG001
        if stopped.is_set():
            raise Interrupted

    with ThreadPoolExecutor(at_once) as pool:
        futures = [pool.submit(play, plan, watch) for plan in plans]
        try:
            for future in as_completed(futures):
                future.result()
        except BaseException:
            stopped.set()
            for future in futures:
                future.cancel()
            raise
    return [future.result() for future in futures]


def _collected(
    plans: list[Experiment], played: list[tuple[Sweep, Report]], outcomes: tuple[str, ...]
) -> ScenarioResults:
    tables: list[pd.DataFrame] = []
    failed: list[Failure] = []
    for number, (plan, (sweep, report)) in enumerate(zip(plans, played, strict=True)):
        name = plan.scenario.scenario
        for failure in report.failures:
            said: dict[str, Any] = {key: failure[key] for key in ("message", "traceback", "replay")}
            failed.append(Failure(number, name, **said))
        if not report.failures:
            count = len(sweep.values)
            keys: list[Iterable[Any]] = [[number], [name], sweep.regimes, range(count)]
            index: pd.MultiIndex = pd.MultiIndex.from_product(keys, names=KEYS)
            values = sweep.values[:, 0].transpose(1, 0, 2).reshape(-1, len(outcomes))
            tables.append(pd.DataFrame(values, index=index, columns=list(outcomes)).reset_index())
    empty = pd.DataFrame(columns=[*KEYS, *outcomes])
    table = pd.concat(tables, ignore_index=True) if tables else empty
    names = dict.fromkeys(plan.scenario.scenario for plan in plans)
    regimes = dict.fromkeys(law.regime for plan in plans for law in plan.scenario.regimes)
    kinds = {"scenario": pd.CategoricalDtype(list(names)), "regime": pd.CategoricalDtype(list(regimes))}
    return ScenarioResults(table.astype(kinds), tuple(failed))


def _listed(scenarios: Iterable[Any]) -> Iterator[Scenario]:
    """The scenarios, loaded where they are names or paths.  Raises ``ScenarioError`` for anything else."""
    if isinstance(scenarios, Scenario | str | Path) or not isinstance(scenarios, Iterable):
        scenarios = [scenarios]
    for place, given in enumerate(scenarios):
        if not isinstance(given, Scenario | str | Path):
            what, rule = f"got {type(given).__name__}", "a name, a path, or what load_scenario gave"
            example = 'run_scenarios(["duopoly", "cellular"])'
            raise ScenarioError(Problem("run_scenarios", None, f"scenarios[{place}]", what, rule, example))
        yield given if isinstance(given, Scenario) else load_scenario(given)


def _plan(place: int, scenario: Scenario, config: RunConfiguration) -> Experiment:
    """A scenario and the outcomes asked of it: an experiment of one cell."""
    asked = {"replications": config.replications, "seed": config.seed}
    scenario = scenario.model_copy(update={name: it for name, it in asked.items() if it is not None})
    check_outcomes(f"scenarios[{place}]", config.outcomes, scenario)
    return Experiment(
        experiment=scenario.scenario,
        title=scenario.title,
        question="what becomes of this scenario",
        scenario=scenario,
        outcomes=config.outcomes,
    )


def check_outcomes(where: str, outcomes: Any, scenario: Scenario | None = None) -> None:
    """Raise ``ScenarioError`` for what is no outcome; given a ``scenario``, for values it does not have."""
    text = Document(Path(where), {"outcomes": outcomes})
    if not isinstance(outcomes, tuple) or not outcomes:
        problems = [text.problem(("outcomes",), f"got {outcomes!r}", "a tuple of metrics", '("efficiency",)')]
    elif scenario is None:
        problems = [*outcome_problems(text, MEASURES)]
    else:
        problems = [*value_problems(text, outcomes, scenario.strategies)]
    if problems:
        raise ScenarioError(*(replace(problem, file=where, line=None) for problem in problems))


def _folder(scenario: Scenario) -> str:
    """The name of a scenario's store: the same for more replications of it, another for everything else."""
    stated = scenario.model_dump(mode="json", exclude={"replications", "title", "notes", "baseline"})
    return f"{scenario.scenario}-{digest(json.dumps(stated, ensure_ascii=False).encode())[:12]}"
