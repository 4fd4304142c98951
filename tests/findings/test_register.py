"""Claims are stated before they are played: the register, and what a run says that is not in it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from pathlib import Path

import pytest

from simulator import study
from simulator.errors import ScenarioError
from simulator.report.experiment_text import experiment_text
from simulator.spec.load import load_experiment
from simulator.spec.register import FILE, added, lines, stated_on

PLAN = """
experiment: mine
title: A test
question: Does the register know what was stated?
scenario: duopoly
regimes: [us-ebay, none]
replications: 3
outcomes: [deadlock_rate]
hypotheses:
  - id: H1
    claim: A court makes more deadlock.
    source: test
    outcome: deadlock_rate
    contrast: us-ebay minus none
    expected: positive
    margin: 0.01
"""


@pytest.fixture
def write(tmp_path: Path) -> Callable[..., Path]:
    """Writes the plan with parts of it replaced."""

    def written(*changes: tuple[str, str]) -> Path:
        text = PLAN
        for old, new in changes:
            assert old in text
            text = text.replace(old, new)
        path = tmp_path / "mine" / "experiment.yaml"
        path.parent.mkdir(exist_ok=True)
        path.write_text(text, encoding="utf-8")
        return path

    return written


def test_a_plan_is_stated_once(write: Callable[..., Path], tmp_path: Path) -> None:
    path = write()
    assert load_experiment(path).stated is None
    assert "one claim stated today" in study.freeze(load_experiment(path))
    today = dt.datetime.now(tz=dt.UTC).date().isoformat()
    assert load_experiment(path).stated == today
    assert "stated already" in study.freeze(load_experiment(path))
    assert len(lines(tmp_path / FILE)) == 1


@pytest.mark.parametrize(
    "change",
    [
        ("margin: 0.01", "margin: 0.02"),
        ("expected: positive", "expected: negative"),
        ("replications: 3", "replications: 4"),
        ("regimes: [us-ebay, none]", "regimes: [us-ebay, none, upc]"),
        ("outcomes: [deadlock_rate]", "outcomes: [deadlock_rate, hold_up_index]"),
        ("scenario: duopoly", "scenario: duopoly\nseed: 2"),
    ],
)
def test_a_plan_altered_after_it_was_stated_is_another(
    write: Callable[..., Path], change: tuple[str, str]
) -> None:
    study.freeze(load_experiment(write()))
    assert load_experiment(write()).stated is not None
    assert load_experiment(write(change)).stated is None


def test_words_may_be_mended(write: Callable[..., Path]) -> None:
    study.freeze(load_experiment(write()))
    mended = write(("A test", "A title"), ("Does the register know", "Has the register known"))
    assert load_experiment(mended).stated is not None


def test_what_departs_from_the_file_is_not_stated(write: Callable[..., Path]) -> None:
    path = write()
    with pytest.raises(ScenarioError, match="its own replications, seed and points"):
        study.freeze(load_experiment(path, seed=5))


def test_a_run_says_when_its_claims_were_stated(write: Callable[..., Path]) -> None:
    path = write()
    before = study.experiment(load_experiment(path))
    assert "Claims, exploratory." in experiment_text(before)  # type: ignore[arg-type]
    assert any(said.startswith("Exploratory") for said in before.cautions())  # type: ignore[union-attr]
    study.freeze(load_experiment(path))
    after = study.experiment(load_experiment(path))
    assert f"Claims stated on {after.experiment.stated}, before the run" in experiment_text(after)  # type: ignore[arg-type]
    assert not any(said.startswith("Exploratory") for said in after.cautions())  # type: ignore[union-attr]
    other = study.experiment(load_experiment(path, seed=9))
    assert "Claims, exploratory." in experiment_text(other)  # type: ignore[arg-type]


def test_the_first_day_counts(tmp_path: Path) -> None:
    register = tmp_path / FILE
    register.write_text("experiment,digest,date\na,x,2026-05-02\na,x,2026-05-01\nb,x,2020-01-01\n")
    assert stated_on(register, "a", "x") == "2026-05-01"
    assert stated_on(register, "a", "y") is None
    text = added(register, "a", "y", dt.date(2026, 6, 1))
    assert text is not None
    register.write_text(text, encoding="utf-8")
    assert [line["digest"] for line in lines(register)] == ["x", "x", "x", "y"]


def test_a_file_that_is_no_register_is_refused(write: Callable[..., Path], tmp_path: Path) -> None:
    (tmp_path / FILE).write_text("something,else\n")
    with pytest.raises(ScenarioError, match=r"register\.csv:1: this is no register"):
        load_experiment(write())


def test_every_experiment_of_the_project_is_stated(root: Path) -> None:
    """Whoever changes a plan states it again before playing it."""
    for path in sorted((root / "experiments").glob("*/experiment.yaml")):
        plan = load_experiment(path)
        assert plan.stated is not None, plan.experiment
