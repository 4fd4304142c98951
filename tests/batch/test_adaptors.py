"""SALib samples and analyses our simulator; the EMA workbench gets functions and results of its form."""

from __future__ import annotations

import pickle
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from SALib import ProblemSpec
from SALib.analyze import sobol as sobol_indices
from SALib.sample import sobol

from simulator.batch.runner import play
from simulator.batch.store import Store
from simulator.errors import ScenarioError
from simulator.experiments.adaptors import ema_model, ema_results, salib_evaluate, salib_problem, varying
from simulator.experiments.sweep import Sweep, load
from simulator.spec.base import Quantity
from simulator.spec.experiment import Experiment
from simulator.spec.scenario import Scenario
from simulator.study import as_played
from tests.batch.conftest import Written

RANGES: dict[str, tuple[float, float] | None] = {
    "court.interest.court": (0.0, 0.2),
    "court.docket": (1, 3),
    "standard.horizon": (48, 120),
}
FULL = """\
experiment: small
title: A small map
question: Does interest matter?
scenario: duopoly
regimes: [eu-hvzte-2015, none]
baseline: none
levers:
  - {parameter: court.interest.court, values: [0.02, 0.08]}
uncertainties:
  - {parameter: standard.horizon, range: [48, 120]}
  - {parameter: court.rate.error, range: [0.05, 0.5], scale: log}
design: {sample: latin_hypercube, points: 3}
replications: 6
outcomes: [efficiency, deadlock_rate]
"""


@pytest.fixture
def plan(scenario: Scenario) -> Experiment:
    return varying(scenario, RANGES, ["efficiency", "deadlock_rate"])


@pytest.fixture
def mixed(tmp_path: Path) -> Experiment:
    """A lever, two uncertainties (one whole, one on a log scale), three points."""
    path = tmp_path / "small.yaml"
    path.write_text(FULL, encoding="utf-8")
    return load(path)


def swept(plan: Experiment) -> Sweep:
    """The experiment as the command plays it."""
    sweep = Sweep(as_played(plan))
    play(sweep.experiment, take=sweep.take)
    return sweep


def test_salib_samples_evaluates_and_analyses(plan: Experiment) -> None:
    problem = ProblemSpec(salib_problem(plan) | {"outputs": ["efficiency"]})
    problem.sample(sobol.sample, 4, calc_second_order=False, seed=3)
    problem.evaluate(salib_evaluate, plan, "efficiency", regime="eu-hvzte-2015")
    problem.analyze(sobol_indices.analyze, calc_second_order=False, seed=3)
    assert problem.results.shape == (4 * (3 + 2),)
    assert len(np.unique(problem.results)) > 4
    assert set(problem.analysis) >= {"S1", "ST"}
    assert problem.to_df()[0].index.to_list() == list(RANGES)


def test_a_row_is_the_scenario_with_these_numbers(plan: Experiment, scenario: Scenario) -> None:
    X = [[0.05, 1.99, 60.5], [0.15, 3.7, 120.9], [0.05, 1.0, 60.0]]
    told = salib_evaluate(X, plan, "efficiency", regime="eu-hvzte-2015", against="none", workers=2)
    assert told[0] == told[2]
    for row, value in zip([(0.05, 1, 60), (0.15, 3, 120)], told, strict=False):
        laid = {
            name: Quantity(value=one, source="assumption of a test")
            for name, one in zip(RANGES, row, strict=True)
        }
        plain = varying(scenario.model_copy(update={"set": laid}), {}, ["efficiency"])
        sweep = Sweep(plain)
        play(plain, take=sweep.take)
        gap = sweep.values[:, 0, sweep.regimes.index("eu-hvzte-2015"), 0]
        gap = gap - sweep.values[:, 0, sweep.regimes.index("none"), 0]
        assert value == pytest.approx(gap.mean(), rel=1e-12)


def test_whole_numbers_have_the_same_chance_and_logs_their_scale(plan: Experiment, mixed: Experiment) -> None:
    problem = salib_problem(plan)
    assert problem["bounds"] == [[0.0, 0.2], [1.0, 4.0], [48.0, 121.0]]
    assert salib_problem(mixed) == {
        "num_vars": 2,
        "names": ["standard.horizon", "court.rate.error"],
        "bounds": [[48.0, 121.0], [0.05, 0.5]],
        "dists": ["unif", "logunif"],
    }
    drawn = sobol.sample(salib_problem(mixed), 256, calc_second_order=False, seed=1)
    assert np.median(drawn[:, 1]) == pytest.approx(np.sqrt(0.05 * 0.5), rel=0.05)


def test_levers_stand_at_their_first_value(mixed: Experiment) -> None:
    sweep = swept(mixed)
    X = [list(point.values()) for point in sweep.points]
    for regime in sweep.regimes:
        told = salib_evaluate(X, mixed, "efficiency", regime=regime)
        mean = sweep.values[:, :3, sweep.regimes.index(regime), 0].mean(axis=0)
        np.testing.assert_allclose(told, mean, rtol=1e-12)


def test_an_ema_function_returns_the_cell_of_the_sweep(mixed: Experiment) -> None:
    sweep = swept(mixed)
    experiments, outcomes = ema_results(sweep)
    function = pickle.loads(pickle.dumps(ema_model(mixed)))
    for place in (0, 5, 11):
        row: dict[Any, Any] = experiments.loc[place].to_dict()
        given = {str(name): one for name, one in row.items() if name not in ("scenario", "policy", "model")}
        told = function(**given)
        assert told == pytest.approx({name: values[place] for name, values in outcomes.items()}, rel=1e-12)
    partly = {name: experiments.loc[1, name] for name in ("standard__horizon", "court__rate__error")}
    assert experiments.loc[1, "regime"] == "none"
    assert function(**partly)["efficiency"] == pytest.approx(outcomes["efficiency"][1], rel=1e-12)


def test_ema_results_have_the_form_its_analyses_take(mixed: Experiment) -> None:
    sweep = swept(mixed)
    experiments, outcomes = ema_results(sweep)
    assert list(experiments.columns) == [
        "court__interest__court",
        "standard__horizon",
        "court__rate__error",
        "regime",
        "scenario",
        "policy",
        "model",
    ]
    assert all(name.isidentifier() for name in experiments.columns)
    assert len(experiments) == 2 * 3 * 2
    assert experiments["policy"].nunique() == 2 * 2
    assert experiments["scenario"].to_list() == [k for _ in range(2) for k in range(3) for _ in range(2)]
    assert {name: values.shape for name, values in outcomes.items()} == dict.fromkeys(mixed.outcomes, (12,))
    for place, row in enumerate(experiments.to_dict("records")):
        cell = {"court.interest.court": row["court__interest__court"]}
        cell |= {"standard.horizon": row["standard__horizon"], "court.rate.error": row["court__rate__error"]}
        told = sweep.cells[np.logical_and.reduce([sweep.cells[name] == one for name, one in cell.items()])]
        told = told[(told["regime"] == row["regime"]) & (told["metric"] == "efficiency")]
        assert outcomes["efficiency"][place] == pytest.approx(told["mean"].item(), rel=1e-12)


def test_a_store_gives_the_same_results_as_its_sweep(mixed: Experiment, tmp_path: Path) -> None:
    folder = tmp_path / "store"
    play(mixed, store=Store(folder), only=0)
    with pytest.raises(ScenarioError, match=r"is not complete; first: frandsim resume .*store"):
        ema_results(folder)
    play(mixed, store=Store(folder))
    kept, direct = ema_results(folder), ema_results(swept(mixed))
    pd.testing.assert_frame_equal(kept[0], direct[0])
    for name, values in direct[1].items():
        np.testing.assert_array_equal(kept[1][name], values)


def test_a_store_of_a_scenario_has_no_outcomes(scenario: Scenario, tmp_path: Path) -> None:
    play(scenario, store=Store(tmp_path / "plain"))
    with pytest.raises(ScenarioError, match="is the store of a scenario; only an experiment says"):
        ema_results(tmp_path / "plain")


def test_equal_procedure_is_kept(written: Written) -> None:
    plain = written(outcomes="[efficiency]")
    equal = plain.model_copy(update={"equal_procedure": True})
    means = swept(equal).values[:, 0, 0].mean(axis=0)
    told = [
        ema_model(one)(regime="eu-hvzte-2015", court__interest__court=0.02)["efficiency"]
        for one in (equal, plain)
    ]
    assert told[0] == pytest.approx(means[0], rel=1e-12)
    assert told[0] != told[1]


@pytest.mark.parametrize(
    ("ranges", "outcomes", "message"),
    [
        (
            {"court.dockets": None},
            ["efficiency"],
            r"court\.dockets: no such parameter; did you mean court\.docket",
        ),
        ({"court.interest.court": (0.2, 0.1)}, ["efficiency"], r"got \(0\.2, 0\.1\); lowest first"),
        (
            {"standard.horizon": (0, 60)},
            ["efficiency"],
            r"standard\.horizon: got \(0, 60\); .* between 1 and",
        ),
        ({"court.docket": None}, ["profit"], r"varying: outcomes\[0\]: no metric is called 'profit'"),
    ],
)
def test_what_cannot_be_varied_is_refused(
    scenario: Scenario, ranges: Any, outcomes: list[str], message: str
) -> None:
    with pytest.raises(ScenarioError, match=message):
        varying(scenario, ranges, outcomes)


def test_what_cannot_be_evaluated_is_refused(plan: Experiment, mixed: Experiment) -> None:
    with pytest.raises(ScenarioError, match=r"X: got shape \(1, 2\); a column for each of court\.interest"):
        salib_evaluate([[0.1, 2]], plan, "efficiency")
    with pytest.raises(ScenarioError, match=r"court\.interest\.court: got -1"):
        salib_evaluate([[-1, 2, 60]], plan, "efficiency")
    with pytest.raises(ScenarioError, match=r"regimes: got upc; known: eu-hvzte-2015, none"):
        salib_evaluate([[0.1, 2, 60]], plan, "efficiency", regime="upc")
    with pytest.raises(ScenarioError, match="not defined in any replication at 1 of 1 points"):
        salib_evaluate([[0.1, 2, 60]], plan, "rounds[appealed=yes]", regime="none")
    with pytest.raises(ScenarioError, match=r"court__docket: nothing of this name is varied; .*regime"):
        ema_model(mixed)(court__docket=3)
