"""Mechanisms of an experiment file: the regimes between two regimes, and what is wrong with a file."""

from __future__ import annotations

from pathlib import Path

import pytest

from simulator.errors import ScenarioError
from simulator.spec.experiment import Experiment
from simulator.spec.load import load_experiment
from simulator.vocabulary import CourtMode, LegalStatus
from tests.play import edited

FILE = """\
experiment: pair
title: Two regimes
question: What separates the two regimes?
scenario: duopoly
regimes: [eu-hvzte-2015, uk-global]
baseline: eu-hvzte-2015
mechanisms:
  from: eu-hvzte-2015
  to: uk-global
  switches:
    threat: [court.mode, court.injunction]
    steps_and_faults: [steps, court.suit, court.faults.recognised]
replications: 2
outcomes: [deadlock_rate]
"""


def load(folder: Path, *changes: tuple[str, str]) -> Experiment:
    path = folder / "pair.yaml"
    path.write_text(edited(FILE, *changes), encoding="utf-8")
    return load_experiment(path)


def test_every_combination_is_played_between_the_two(tmp_path: Path) -> None:
    plan = load(tmp_path)
    laws = {law.regime: law for law in plan.scenario.regimes}
    between = ("eu-hvzte-2015--steps-and-faults", "eu-hvzte-2015--threat")
    assert plan.between == (*between, "eu-hvzte-2015--threat--steps-and-faults")
    assert list(laws) == ["eu-hvzte-2015", "uk-global", *plan.between]
    eu, uk, steps, threat = (laws[name] for name in ("eu-hvzte-2015", "uk-global", *between))
    assert (threat.court.mode, threat.court.injunction) == (CourtMode.BOTH, uk.court.injunction)
    assert (threat.steps, threat.court.faults, threat.court.past_use) == (
        eu.steps,
        eu.court.faults,
        eu.court.past_use,
    )
    assert (steps.steps, list(steps.steps)) == (uk.steps, list(uk.steps))
    assert (steps.court.suit, steps.court.faults.recognised) == (
        uk.court.suit,
        uk.court.faults.recognised,
    )
    assert (steps.court.mode, steps.court.faults.order) == (eu.court.mode, eu.court.faults.order)
    assert {law.status for name, law in laws.items() if name in plan.between} == {LegalStatus.CONTROL}


def test_what_the_other_does_not_say_is_taken_out(tmp_path: Path) -> None:
    plan = load(tmp_path, ("court.mode, court.injunction", "court.security, court.durations.first_instance"))
    law = next(one for one in plan.scenario.regimes if one.regime == "eu-hvzte-2015--threat")
    assert (law.court.security.base, law.court.security.share) == ("none", None)
    assert law.court.durations.first_instance is not None
    assert law.court.durations.first_instance.value == 12


def test_a_plan_with_mechanisms_survives_being_stored(tmp_path: Path) -> None:
    plan = load(tmp_path)
    where = {"stated_in": None, "digest": "", "stated": None, "file": None}  # of the file, not of the plan
    assert Experiment.model_validate_json(plan.model_dump_json()) == plan.model_copy(update=where)


@pytest.mark.parametrize(
    ("old", "new", "line", "said"),
    [
        ("to: uk-global", "to: upc", 9, "upc is not among the regimes"),
        ("to: uk-global", "to: eu-hvzte-2015", 7, "from and to are two regimes"),
        ("court.mode,", "court.mood,", 11, "regimes have no court.mood"),
        ("court.mode,", "title,", 11, "regimes have no title"),
        ("court.mode,", "court.suit.early,", 7, "court.suit is taken over twice"),
        (", court.faults.recognised", "", 12, "rules that need each other belong to one switch"),
        ("threat:", "Threat:", 11, "small letters"),
        ("baseline: eu-hvzte-2015", "baseline: eu-hvzte-2015\nequal_procedure: true", 1, "one of the two"),
    ],
)
def test_what_is_wrong_is_said_with_its_line(
    tmp_path: Path, old: str, new: str, line: int, said: str
) -> None:
    with pytest.raises(ScenarioError) as refused:
        load(tmp_path, (old, new))
    (problem,) = refused.value.problems
    assert said in f"{problem}"
    assert problem.line == line


def test_a_combination_that_is_no_regime_is_named(tmp_path: Path) -> None:
    with pytest.raises(ScenarioError, match="steps_and_faults without threat make no regime"):
        load(tmp_path, (", court.faults.recognised", ""))
