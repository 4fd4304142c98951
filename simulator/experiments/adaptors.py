"""Our experiments in the forms of SALib and of the EMA workbench, neither of which is imported.

Both take an :class:`~simulator.spec.experiment.Experiment`: one from a file, or one made by ``varying``.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Executor
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from simulator.batch.runner import play
from simulator.batch.store import Store
from simulator.errors import Problem, ScenarioError, nearest
from simulator.experiments.scenarios import check_outcomes
from simulator.experiments.sweep import Sweep
from simulator.outcomes.negotiations import quotient
from simulator.parameters import registry
from simulator.spec.design import Axis, Cell, Uncertainty, broken
from simulator.spec.experiment import Experiment
from simulator.spec.given import names, shown
from simulator.spec.load import load_scenario
from simulator.spec.regime import equal_procedure
from simulator.spec.scenario import Scenario

Values = npt.NDArray[np.float64]


def varying(
    scenario: Scenario | str,
    ranges: Mapping[str, tuple[float, float] | None],
    outcomes: Sequence[str] | str,
) -> Experiment:
    """An experiment over parameters of the registry; a range of ``None`` is the registry's plausible one.

    Raises ``ScenarioError`` for parameters, ranges and outcomes that are not there or not valid.

    >>> plan = varying("duopoly", {"court.interest.court": (0, 0.1)}, ["efficiency"])
    >>> {one.name: one.span for one in plan.uncertainties}
    {'court.interest.court': (0.0, 0.1)}
    """
    if not isinstance(scenario, Scenario):
        scenario = load_scenario(scenario)
    if not isinstance(ranges, Mapping):
        what, rule = f"got {shown(ranges)}", "a range, or None, for each parameter by name"
        example = '{"court.interest.court": (0, 0.1)}'
        raise ScenarioError(Problem("varying", None, "ranges", what, rule, example))
    outcomes = names(outcomes, "outcomes", "efficiency") or []
    problems = []
    for name, span in ranges.items():
        if name not in registry():
            problems.append(Problem("varying", None, name, "no such parameter", nearest(name, registry())))
        elif span is not None and not _pair(span):
            what = f"got {shown(span)}"
            problems.append(Problem("varying", None, name, what, "lowest and highest, or None", "(0, 0.1)"))
        elif span is not None:
            low, high = span
            bounds = Uncertainty(parameter=name).bounds
            rule = broken(bounds, low) or broken(bounds, high) or ("" if low < high else "lowest first")
            if rule:
                problems.append(Problem("varying", None, name, f"got ({low:g}, {high:g})", rule))
    if problems:
        raise ScenarioError(*problems)
    check_outcomes("varying", tuple(outcomes))
    check_outcomes("varying", tuple(outcomes), scenario)
    return Experiment(
        experiment=scenario.scenario,
        title=scenario.title,
        question="how far do these numbers matter",
        scenario=scenario,
        uncertainties=tuple(Uncertainty(parameter=name, range=span) for name, span in ranges.items()),
        outcomes=tuple(outcomes),
    )


def _pair(span: object) -> bool:
    """Whether this is two numbers."""
    ends = list(span) if isinstance(span, Sequence) and not isinstance(span, str) else []
    return len(ends) == 2 and all(isinstance(end, int | float) for end in ends)


def salib_problem(plan: Experiment) -> dict[str, Any]:
    """The uncertainties of an experiment as a problem of SALib: ``ProblemSpec(salib_problem(plan))``.

    A whole number is sampled on [low, high + 1) and cut down by ``salib_evaluate``, so that each has the
    same chance; a log scale becomes SALib's ``logunif``.
    """
    axes = plan.uncertainties
    return {
        "num_vars": len(axes),
        "names": [axis.name for axis in axes],
        "bounds": [[axis.span[0], axis.span[1] + axis.bounds.whole] for axis in axes],
        "dists": ["logunif" if axis.scale == "log" and not axis.bounds.whole else "unif" for axis in axes],
    }


def salib_evaluate(
    X: npt.ArrayLike,
    plan: Experiment,
    outcome: str,
    *,
    regime: str | None = None,
    against: str | None = None,
    workers: int = 1,
    executor: Executor | None = None,
) -> Values:
    """Mean ``outcome`` over replications at each row of ``X``, whose columns are the uncertainties.

    Under ``regime`` (the baseline if not given), or its paired difference to ``against``.  Levers stand at
    their first values; every row is played with the same chance; a row that occurs twice is played once.
    Raises ``ScenarioError`` for other columns, values out of range, names that are not there, and where the
    outcome is defined in no replication.
    """
    axes, given = plan.uncertainties, np.asarray(X, dtype=np.float64)
    if given.ndim != 2 or given.shape[1] != len(axes):
        rule = f"a column for each of {', '.join(axis.name for axis in axes)}"
        raise ScenarioError(Problem("salib_evaluate", None, "X", f"got shape {given.shape}", rule))
    points = np.column_stack([_cut(axis, given[:, place]) for place, axis in enumerate(axes)])
    unique, back = np.unique(points, axis=0, return_inverse=True)
    chosen = [regime or plan.scenario.baseline, *([against] if against else [])]
    check_outcomes("salib_evaluate", (outcome,))
    moved = _at_points(plan, axes, unique.tolist(), chosen, (outcome,))
    sweep = Sweep(moved)
    play(moved, workers=workers, executor=executor, take=sweep.take, on_error="stop")
    values = sweep.values[:, :, [sweep.regimes.index(name) for name in chosen], 0]
    evaluated = _mean(values[..., 0] - values[..., 1] if against else values[..., 0])
    if np.isnan(evaluated).any():
        what = f"not defined in any replication at {np.isnan(evaluated).sum()} of {len(evaluated)} points"
        raise ScenarioError(Problem("salib_evaluate", None, outcome, what, "more replications, other ranges"))
    return np.asarray(evaluated[np.ravel(back)], dtype=np.float64)


def ema_model(plan: Experiment) -> Callable[..., dict[str, float]]:
    """The experiment as a function for ``ema_workbench.Model(name, function)``; it can be pickled.

    It takes uncertainties, levers and ``regime`` by name, with two underscores for a dot
    (``court__interest__court=0.05``), and returns the mean of each outcome over the replications.  Levers
    not given stand at their first value, uncertainties as in the scenario, the regime is the baseline.
    Raises ``ScenarioError`` for other names and values out of range.
    """
    return partial(_ema_outcomes, plan)


def _ema_outcomes(plan: Experiment, /, **given: Any) -> dict[str, float]:
    known = {identifier(axis.name): axis for axis in plan.axes}
    regime = given.pop("regime", plan.scenario.baseline)
    for name in given:
        if name not in known:
            rule = nearest(name, [*known, "regime"])
            raise ScenarioError(Problem("ema_model", None, name, "nothing of this name is varied", rule))
    axes = [axis for name, axis in known.items() if name in given]
    row = [float(given[identifier(axis.name)]) for axis in axes]
    moved = _at_points(plan, axes, [row], [str(regime)], plan.outcomes)
    sweep = Sweep(moved)
    play(moved, take=sweep.take, on_error="stop")
    means = _mean(sweep.values[:, 0, 0])
    return {name: float(mean) for name, mean in zip(plan.outcomes, means, strict=True)}


def ema_results(source: Sweep | str | Path) -> tuple[pd.DataFrame, dict[str, Values]]:
    """The results of an experiment as the EMA workbench's analyses take them, from a sweep or its store.

    ``experiments``: a row a cell and regime, a column an axis (dots as two underscores), ``regime``, and
    EMA's own ``scenario`` (number of the point), ``policy`` (lever setting and regime) and ``model``;
    ``outcomes``: the mean over replications of each, in the same order, nan where it is not defined.
    Raises ``ScenarioError`` where a store is not that of an experiment, or not complete.
    """
    sweep = source if isinstance(source, Sweep) else _swept(Path(source))
    plan, count = sweep.experiment, len(sweep.points)
    levers = [lever.name for lever in plan.levers]
    rows = []
    for number, cell in enumerate(sweep.cells_played):
        setting = [f"{name}={cell[name]:g}" for name in levers]
        for regime in sweep.regimes:
            row: dict[str, Any] = {identifier(name): value for name, value in cell.items()}
            policy = ", ".join([regime, *setting])
            row |= {"regime": regime, "scenario": number % count, "policy": policy}
            rows.append(row | {"model": plan.experiment})
    kinds = dict.fromkeys(("regime", "policy", "model"), "category")
    means = _mean(sweep.values).reshape(len(rows), -1)
    outcomes = {name: np.ascontiguousarray(means[:, k]) for k, name in enumerate(plan.outcomes)}
    return pd.DataFrame(rows).astype(kinds), outcomes


def identifier(name: str) -> str:
    """The name of an axis as a Python identifier.

    >>> identifier("court.interest.court"), identifier("holder-bold")
    ('court__interest__court', 'holder_bold')
    """
    return name.replace(".", "__").replace("-", "_")


def _swept(folder: Path) -> Sweep:
    """The sweep of a complete store."""
    store = Store(folder)
    plan, layout = store.layout.plan, store.layout
    if not isinstance(plan, Experiment):
        what, rule = "is the store of a scenario", "only an experiment says which outcomes are looked at"
        raise ScenarioError(Problem(str(folder), None, "", what, rule))
    store.scan(set_aside=False)
    sweep = Sweep(plan)
    for number, span in layout.mine():
        cell = layout.cell(number)
        if store.missing(cell, span):
            raise ScenarioError(Problem(str(folder), None, "", "is not complete", f"first: {store.resume}"))
        sweep.take(number, store.there.rows(cell, span))
    return sweep


def _at_points(
    plan: Experiment,
    axes: Sequence[Axis],
    rows: Sequence[Sequence[float]],
    regimes: Sequence[str],
    outcomes: tuple[str, ...],
) -> Experiment:
    """The experiment at these points of some of its axes only, under some of its regimes."""
    laws = {law.regime: law for law in plan.scenario.regimes}
    problems = [
        Problem(plan.experiment, None, "regimes", f"got {name}", nearest(name, laws))
        for name in regimes
        if name not in laws
    ]
    problems += [
        Problem(plan.experiment, None, axis.name, f"got {value:g}", rule)
        for place, axis in enumerate(axes)
        for value in dict.fromkeys(row[place] for row in rows)
        if (rule := broken(axis.bounds, value))
    ]
    if problems:
        raise ScenarioError(*problems)
    kinds = ("parameter", "also", "strategy", "market")
    moved = tuple(Uncertainty(**{kind: getattr(axis, kind) for kind in kinds}) for axis in axes)
    names = {axis.name for axis in axes}
    rest = tuple(lever for lever in plan.levers if lever.name not in names)
    first: Cell = {lever.name: lever.values[0] for lever in rest}
    scenario = plan.model_copy(update={"levers": rest, "uncertainties": ()}).at(first)
    kept = tuple(law for law in scenario.regimes if law.regime in regimes)
    if plan.equal_procedure:
        kept = tuple(equal_procedure(law, laws[plan.scenario.baseline]) for law in kept)
    scenario = scenario.model_copy(update={"regimes": kept, "baseline": regimes[0]})
    return Experiment(
        experiment=plan.experiment,
        title=plan.title,
        question=plan.question,
        scenario=scenario,
        uncertainties=moved,
        table=tuple(map(tuple, rows)),
        outcomes=outcomes,
    )


def _cut(axis: Uncertainty, values: Values) -> Values:
    """Values as they are played: whole numbers where only those are valid."""
    return np.minimum(np.floor(values), axis.span[1]) if axis.bounds.whole else values


def _mean(values: Values) -> Values:
    """Mean over the first axis, replications, over those in which it is defined."""
    return quotient(np.nansum(values, axis=0), (~np.isnan(values)).sum(axis=0))
