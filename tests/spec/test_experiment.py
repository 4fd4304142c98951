"""Experiment files: what they say, the cells they span, and what is wrong with them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from simulator.errors import ScenarioError
from simulator.spec.experiment import Experiment
from simulator.spec.find import builtin
from simulator.spec.hypothesis import Control
from simulator.spec.load import check, load_experiment
from simulator.spec.reshape import rescaled
from simulator.vocabulary import CourtMode, InjunctionCap, LegalStatus
from tests.play import edited

FILE = """\
experiment: two
title: Two axes
question: What does interest do?
scenario: duopoly
regimes: [staged-baseline]
variants:
  capped:
    of: staged-baseline
    court:
      injunction: {cap: court_rate}
  direct:
    of: staged-baseline
    court:
      mode: direct
      rate: {method: comparables, error: {value: 0.1, source: assumption}}
baseline: direct
set:
  court.faults.uplift: {value: 0.2, source: assumption}
levers:
  - parameter: court.interest.court
    values: [0, 0.04, 0.08]
  - strategy: holder_hold_up
    values: [0.5, 1]
design: {levers: grid}
replications: 4
outcomes: [deadlock_rate, hold_up_index]
"""
Write = Callable[..., Path]


@pytest.fixture
def write(tmp_path: Path) -> Write:
    """Write the experiment with some of its text replaced."""

    def write(*changes: tuple[str, str]) -> Path:
        folder = tmp_path / "two"
        folder.mkdir(exist_ok=True)
        path = folder / "experiment.yaml"
        path.write_text(edited(FILE, *changes), encoding="utf-8")
        return path

    return write


@pytest.fixture
def two(write: Write) -> Experiment:
    return load_experiment(write())


def test_a_grid_combines_every_value_the_last_axis_fastest(two: Experiment) -> None:
    cells = [tuple(cell.values()) for cell in two.cells()]
    assert cells == [(0, 0.5), (0, 1), (0.04, 0.5), (0.04, 1), (0.08, 0.5), (0.08, 1)]


def test_one_axis_at_a_time_starts_from_the_first_values(write: Write) -> None:
    cells = load_experiment(write(("levers: grid", "levers: one_at_a_time"))).cells()
    assert [tuple(cell.values()) for cell in cells] == [(0, 0.5), (0.04, 0.5), (0.08, 0.5), (0, 1)]


def test_a_cell_sets_its_parameters_and_shares(two: Experiment) -> None:
    scenario = two.at({"court.interest.court": 0.08, "holder_hold_up": 1.0})
    assert {name: number.value for name, number in scenario.set.items()} == {
        "court.faults.uplift": 0.2,
        "court.interest.court": 0.08,
    }
    mix = scenario.market.holders[0].strategies
    assert mix["holder_hold_up"] == 1
    assert sum(mix.values()) == pytest.approx(1)
    assert scenario.market.implementers == two.scenario.market.implementers
    assert (scenario.seed, scenario.replications) == (two.scenario.seed, 4)


def test_a_share_leaves_the_others_their_ratios() -> None:
    mix = rescaled({"a": 0.3, "b": 0.3, "c": 0.1, "d": 0.3}, {"d": 0.2, "e": 0.1})
    assert mix["a"] == mix["b"] == pytest.approx(3 * mix["c"])
    assert sum(mix.values()) == pytest.approx(1)
    assert list(mix)[:2] == ["d", "e"]  # first in line, so that a larger share only adds players
    with pytest.raises(ValueError, match="no other strategy"):
        rescaled({"a": 1.0}, {"a": 0.5})


def test_a_variant_changes_what_it_names_and_nothing_else(two: Experiment) -> None:
    plain, capped, direct = two.scenario.regimes
    assert [law.regime for law in two.scenario.regimes] == ["staged-baseline", "capped", "direct"]
    assert two.scenario.baseline == "direct"
    assert capped.court.injunction.cap is InjunctionCap.COURT_RATE
    assert capped.court.injunction.test is plain.court.injunction.test
    assert capped.court.model_copy(update={"injunction": plain.court.injunction}) == plain.court
    assert (direct.court.mode, direct.steps) == (CourtMode.DIRECT, plain.steps)
    assert (capped.status, capped.extends) == (LegalStatus.CONTROL, "staged-baseline")


def test_options_replace_replications_and_seed(write: Write) -> None:
    scenario = load_experiment(write(), replications=7, seed=5).scenario
    assert (scenario.replications, scenario.seed) == (7, 5)
    with pytest.raises(ScenarioError, match="replications: got 0; at least 1"):
        load_experiment(write(), replications=0)


def test_without_regimes_it_plays_those_of_the_scenario(write: Write) -> None:
    variants = FILE[FILE.index("regimes:") : FILE.index("set:")]
    scenario = load_experiment(write((variants, ""))).scenario
    assert len(scenario.regimes) > 10
    assert scenario.baseline == "staged-baseline"


@pytest.mark.parametrize(
    ("old", "new", "report"),
    [
        (
            "parameter: court.interest.court",
            "parameter: court.interest.cort",
            (
                "20: levers[0].parameter: no parameter is called court.interest.cort; "
                "did you mean court.interest.court?"
            ),
        ),
        (
            "[0, 0.04, 0.08]",
            "[0, -0.04]",
            "21: levers[0].values[1]: got -0.04; interest on past use in an award: at least 0 (per year)",
        ),
        (
            "[0.5, 1]",
            "[0.5, 2]",
            "23: levers[1].values[1]: got 2; a share lies between 0 and 1",
        ),
        ("[0.5, 1]", "[1]", "23: levers[1].values: got a list; two values or more, all different"),
        (
            "strategy: holder_hold_up",
            "strategy: holder_holdup",
            (
                "22: levers[1].strategy: no strategy 'holder_holdup', beside this file or built-in; "
                "did you mean holder_hold_up?"
            ),
        ),
        (
            "  - strategy: holder_hold_up",
            "  - parameter: court.interest.court",
            "22: levers[1]: court.interest.court is varied twice; each axis once",
        ),
        (
            "hold_up_index",
            "holdup_index",
            "26: outcomes[1]: no metric is called 'holdup_index'; did you mean hold_up_index?",
        ),
        (
            "cap: court_rate",
            "cap: court_rates",
            (
                "10: court.injunction.cap: got 'court_rates'; did you mean court_rate?\n"
                "    for example: cap: court_rate"
            ),
        ),
        (
            "value: 0.1, source",
            "value: -1, source",
            (
                "15: court.rate.error: got -1; error of the court's rate (registry default: top-down): "
                "between 0 and 5 (log sd)\n    for example: error: {value: 0.2, source: assumption}"
            ),
        ),
        (
            "court.faults.uplift: {",
            "court.faults.uplifts: {",
            (
                "18: set.court.faults.uplifts: no parameter is called court.faults.uplifts; "
                "did you mean court.faults.uplift?"
            ),
        ),
        (
            "baseline: direct",
            "baseline: indirect",
            "16: baseline: 'indirect' is not among the regimes; did you mean direct?",
        ),
        (
            "scenario: duopoly",
            "scenario: monopoly",
            "4: scenario: no scenario 'monopoly', beside this file or built-in; did you mean duopoly?",
        ),
        (
            "experiment: two",
            "experiment: three",
            (
                "1: experiment: got 'three'; an experiment is called after its folder, or its file where "
                "that is not experiment.yaml\n    for example: experiment: two"
            ),
        ),
    ],
)
def test_faults_name_the_line_and_what_is_near(write: Write, old: str, new: str, report: str) -> None:
    path = write((old, new))
    with pytest.raises(ScenarioError) as found:
        load_experiment(path, measures=("deadlock_rate", "hold_up_index"))
    assert str(found.value) == f"{path}:{report}"


def test_shares_that_leave_no_room_are_refused(write: Write) -> None:
    second = "  - strategy: holder_litigious\n    values: [0, 0.6]\ndesign:"
    with pytest.raises(ScenarioError, match=r"levers: the shares sum to 1\.1; every cell"):
        load_experiment(write(("design:", second)))


def test_an_axis_is_a_parameter_or_a_strategy(write: Write) -> None:
    both = "parameter: court.interest.court\n    strategy: holder_hold_up"
    with pytest.raises(ScenarioError, match="name a parameter, a strategy or a market, one of the three"):
        load_experiment(write(("parameter: court.interest.court", both)))


@pytest.mark.parametrize("path", builtin("experiments").values(), ids=lambda path: path.parent.name)
def test_every_built_in_experiment_is_valid(path: Path) -> None:
    assert check(path) == "experiment"


def test_exactly_zero_is_expected_of_a_difference() -> None:
    """A law alone has a level, which a control of a renamed law does not mean."""
    said: dict[str, Any] = {"control": "a renamed regime", "expected": "exactly_zero"}
    assert Control.model_validate(said | {"contrast": "renamed minus direct"}).parts(())[1].weight == -1.0
    with pytest.raises(ValueError, match="REGIME minus REGIME"):
        Control.model_validate(said | {"contrast": "renamed"})
