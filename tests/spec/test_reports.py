"""Every problem is answered with line, path, value, rule, nearest word and a valid example; all at once."""

from __future__ import annotations

import pickle
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

from simulator.errors import Problem, ScenarioError
from simulator.spec.load import load_regime, load_scenario
from simulator.vocabulary import ACTORS, Act

REPORTS = YAML(typ="safe").load(Path(__file__).with_name("reports.yaml"))
DEADLINE = "deadline: {value: 3,"

Spoil = Callable[..., list[str]]


@pytest.mark.parametrize("case", REPORTS, ids=lambda case: case["new"].strip())
def test_one_change_one_report(spoil: Spoil, case: dict[str, Any]) -> None:
    assert spoil(case["file"], (case["old"], case["new"])) == case["report"].splitlines()


def test_all_problems_of_all_files_stand_in_one_report(
    spoil: Spoil, small: Path, write: Callable[[str, str], Path]
) -> None:
    write("other.yaml", "regime: other\n")
    changes = (("mode: indirect", "mode: 3"), ("    source: section 3\n", ""), ("value: 2,", "value: -2,"))
    lines = spoil("mini.yaml", *changes)
    assert [line.split(": ")[:2] for line in lines if not line.startswith(" ")] == [
        ["mini.yaml:21", "steps.reply.deadline"],
        ["mini.yaml:24", "steps.talks.source"],
        ["mini.yaml:37", "court.mode"],
        ["other.yaml:1", "court"],
        ["other.yaml:1", "jurisdiction"],
        ["other.yaml:1", "source"],
        ["other.yaml:1", "status"],
        ["other.yaml:1", "steps"],
        ["other.yaml:1", "title"],
    ]


def test_a_number_no_parameter_could_hold(spoil: Spoil) -> None:
    assert spoil("mini.yaml", (DEADLINE, f"deadline: {{value: {'9' * 400},")) == [
        f"mini.yaml:13: steps.notice.deadline.value: got '{'9' * 37}...'; must be a number",
        "    for example: value: 0.5",
    ]


def test_a_file_of_another_kind(spoil: Spoil) -> None:
    (first, *_) = spoil("small.yaml", ("dawdler]", "bazaar]"))
    assert first == "bazaar.yaml:1: market: this is a market file; a strategy is expected here"


def test_a_miss_may_keep_a_step_in_reach(small: Path) -> None:
    path = small.with_name("mini.yaml")
    text = path.read_text(encoding="utf-8").replace(
        "source: section 2\n", "source: section 2\n    then: court\n"
    )
    path.write_text(text, encoding="utf-8")
    assert load_regime(path).steps["reply"].then == "court"  # the talks follow a missed reply: go next


def test_a_protocol_fits_the_bits_of_the_outcomes_table(
    small: Path, complaint: Callable[..., list[str]]
) -> None:
    path = small.with_name("mini.yaml")
    step = (
        "  s{n}: {{title: Again, phase: commercial, actor: both, act: negotiate, source: section 5, "
        "deadline: {{value: 1, source: assumption}}}}\n"
    )
    more = "".join(step.format(n=n) for n in range(60))
    text = path.read_text(encoding="utf-8").replace("\ncourt:\n", f"\n{more}court:\n")
    path.write_text(text, encoding="utf-8")
    assert complaint(load_regime, path) == ["mini.yaml:6: steps: got 64 steps; at most 24"]


def test_every_act_can_be_done_by_somebody() -> None:
    assert set(ACTORS) == set(Act)
    assert all(ACTORS.values())


def test_options_and_their_problems(small: Path, complaint: Callable[..., list[str]]) -> None:
    assert complaint(load_scenario, small, regimes=[]) == ["regimes: got an empty list; at least one regime"]
    assert complaint(load_scenario, small, regimes=["mini", "mini"], replications=0, seed=-1) == [
        "regimes: mini is named twice; each regime once",
        "replications: got 0; at least 1",
        "seed: got -1; at least 0",
    ]
    assert complaint(load_scenario, small, regimes=["minni"]) == [
        "minni: no such regime, built-in or file; did you mean mini?"
    ]


def test_an_error_survives_a_worker_process() -> None:
    error = ScenarioError(Problem("a.yaml", 1, "x", "got 2"), Problem("b.yaml", None, "", "no such file"))
    again = pickle.loads(pickle.dumps(error))
    assert again.problems == error.problems
    assert str(again) == "a.yaml:1: x: got 2\nb.yaml: no such file"
