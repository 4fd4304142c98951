"""Claims at three levels of behaviour: what each level plays, what is kept, what the table says."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from simulator import parameters, study
from simulator.engine.build import build
from simulator.engine.run import run_chunk
from simulator.errors import ScenarioError
from simulator.evolution.learned.double_oracle import Budget
from simulator.evolution.learned.oracle import Effort
from simulator.evolution.learned.regime import market_at
from simulator.experiments import answers, level_claims, levels
from simulator.experiments.answers import FILE, digest_of
from simulator.experiments.hypotheses import Claim, claims
from simulator.experiments.level_claims import UNANSWERED, Leveled, by_level, turns
from simulator.experiments.levels import FREE, FREE_SPACE, LEVELS, NAMED, POINTS, levelled, reduced
from simulator.experiments.sweep import Sweep
from simulator.report.levels import level_lines, level_marks, sensitivity_to_left
from simulator.report.reproduced import changes, page
from simulator.spec.experiment import Experiment
from simulator.study.playing import as_played
from simulator.writing.formats import records
from tests.play import quantity, study_file

TEXT = """
experiment: small_answers
schema: 2
title: Two laws where parties answer them
question: Does anything of the answer to two laws survive other levels of behaviour?
scenario: duopoly
regimes: [us-ebay, cn-rate-setting]
variants:
  renamed: {of: us-ebay, title: The same under another name}
  control: {of: us-ebay, title: Named by a control alone}
baseline: us-ebay
levers: [{parameter: court.interest.court, values: [0, 0.05, 0.1]}]
uncertainties: [{parameter: beliefs.spread}]
design: {sample: latin_hypercube, points: 6}
replications: 8
seed: 3
outcomes: [deadlock_rate, efficiency, months_to_licence]
hypotheses:
  - id: H1
    claim: Deadlock under the one law is more than that under the other.
    source: a test
    outcome: deadlock_rate
    contrast: us-ebay minus cn-rate-setting
    expected: positive
    margin: 0.01
    controls:
      - {control: the same again, contrast: control minus us-ebay, expected: exactly_zero}
  - id: H2
    claim: The same law under another name does the same.
    source: a test
    outcome: months_to_licence
    contrast: renamed minus us-ebay
    expected: zero
    margin: 0.01
  - id: H3
    claim: Interest brings licences sooner.
    source: a test
    outcome: months_to_licence
    contrast: slope of court.interest.court under us-ebay
    expected: negative
    margin: 0.1
"""


@pytest.fixture(scope="module")
def path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return study_file(tmp_path_factory.mktemp("answers"), "small_answers", TEXT)


@pytest.fixture(scope="module")
def small() -> Iterator[pytest.MonkeyPatch]:
    """Learning so short that a test can wait for it."""
    patched = pytest.MonkeyPatch()
    budget = Budget(rounds=1, tolerance=0.05, cells=8, searches=1, effort=Effort(100, 4, 16))
    patched.setattr(answers, "LEARNING", replace(answers.LEARNING, budget=budget, replications=32, menu=8))
    patched.setattr(answers, "GAME", replace(answers.GAME, budget=8))
    answers._how.cache_clear()
    yield patched
    patched.undo()
    answers._how.cache_clear()


@pytest.fixture(scope="module")
def answered(path: Path, small: pytest.MonkeyPatch) -> Sweep:
    sweep = study.experiment(study.load_experiment(path), out=path.parent / "out", relearn=True)
    assert isinstance(sweep, Sweep)
    return sweep


def own(path: Path) -> Experiment:
    return as_played(study.load_experiment(path))


def known(plan: Experiment) -> answers.Answers:
    return {one.key: one for one in answers.read(plan)}


def told(answered: Sweep, name: str) -> list[dict[str, Any]]:
    return [row for row in records(answered.levels) if row["id"] == name]


def test_each_level_plays_what_a_claim_needs(path: Path) -> None:
    """Controls, laws the claim does not name and values between a lever's ends are left out."""
    plan = own(path)
    first, second, along = plan.hypotheses
    laws = {
        claim.id: [law.regime for law in reduced(plan, claim, NAMED).scenario.regimes]
        for claim in plan.hypotheses
    }
    assert laws == {
        "H1": ["us-ebay", "cn-rate-setting"],
        "H2": ["us-ebay", "renamed"],
        "H3": ["us-ebay"],  # the baseline, which it names
    }
    values = {
        (claim.id, level): reduced(plan, claim, level).levers[0].values
        for claim in plan.hypotheses
        for level in LEVELS
    }
    assert values["H3", NAMED] == values["H3", FREE] == (0, 0.1)
    assert {values[name, NAMED] for name in ("H1", "H2")} == {(0, 0.1)}, "over which a grid is averaged"
    assert {values[name, level] for name in ("H1", "H2") for level in (FREE, FREE_SPACE)} == {(0,)}
    named, free, space = (reduced(plan, first, level) for level in LEVELS)
    assert not any(one.hypotheses[0].controls for one in (named, free, space))
    assert named.points() == plan.points()
    assert free.points() == ({},)
    assert space.points() == plan.points()[:POINTS]
    assert {one.scenario.replications for one in (free, space)} == {levels.REPLICATIONS}
    assert [levels.at_level(plan, claim, FREE_SPACE) for claim in (first, second, along)] == [
        True,
        True,
        False,
    ]


def test_a_lever_that_is_not_averaged_over_has_one_value(path: Path) -> None:
    """Where the claim states it, that one; one at a time, its first."""
    plan = own(path)
    at = plan.hypotheses[0].model_copy(update={"at": {"court.interest.court": 0.05}})
    assert reduced(plan, at, NAMED).levers[0].values == (0.05,)
    in_turn = plan.design.model_copy(update={"levers": "one_at_a_time"})
    alone = plan.model_copy(update={"design": in_turn})
    assert reduced(alone, plan.hypotheses[0], NAMED).levers[0].values == (0,)
    assert reduced(alone, at, NAMED).levers[0].values == (0, 0.05)


@pytest.mark.parametrize(
    ("name", "why"),
    [
        ("bundles", "its lever is conduct"),
        ("long_talks", "its lever is conduct"),
        ("adoption_and_reward", "payoffs cannot be measured"),
        ("replication_shapiro_2010", "nobody chooses"),
        ("dynamic_hold_out", "conduct that adapts is its subject"),
    ],
)
def test_claims_that_conduct_cannot_turn_have_the_one_level(name: str, why: str) -> None:
    plan = study.load_experiment(name)
    assert not levelled(plan)
    assert why in str(levels.unanswered(plan))
    assert not study.learns(plan)


def test_a_slope_over_two_ends_is_their_difference(path: Path) -> None:
    """Whatever lies between: what is tested is the law's effect from one end to the other."""
    plan = own(path)
    part = reduced(plan, plan.hypotheses[2], NAMED)
    terms = {term.at["court.interest.court"]: term.weight for term in part.hypotheses[0].parts(part.levers)}
    assert terms == pytest.approx({0.0: -1.0, 0.1: 1.0})


def test_every_claim_stands_at_every_level_it_can(answered: Sweep) -> None:
    table = answered.levels
    found = [tuple(key) for key in table[["id", "level", "start"]].to_numpy().tolist()]
    expected = {(name, NAMED, 0) for name in ("H1", "H2", "H3")}
    expected |= {(name, FREE, start) for name in ("H1", "H2", "H3") for start in (0, 1)}
    assert len(found) == len(set(found))
    assert set(found) == expected | {("H1", FREE_SPACE, 0), ("H2", FREE_SPACE, 0)}
    assert table[table["level"] == NAMED]["points"].tolist() == [6, 6, 6]
    assert table[table["level"] != NAMED]["left"].notna().all()
    assert table["given"].notna().all()


def test_as_given_at_the_points_is_what_the_experiment_says_there(answered: Sweep) -> None:
    """The same cells and luck: the whole space among named ones, more replications among free ones."""
    given = {row["id"]: row["mean"] for row in records(answered.hypotheses) if not row["control"]}
    for name in ("H1", "H2"):
        (row,) = (one for one in told(answered, name) if one["level"] == NAMED)
        assert row["given"] == given[name]
    (claim,) = (test for test in claims(answered) if test.hypothesis.id == "H1" and test.control is None)
    (row,) = (one for one in told(answered, "H1") if one["level"] == FREE_SPACE)
    short = as_given(answered, 8)
    assert short == pytest.approx(float(claim.by_point[:POINTS].mean()), abs=1e-12)
    assert row["given"] != pytest.approx(given["H1"], abs=1e-12)


def as_given(answered: Sweep, count: int) -> float:
    """The effect of H1 as given at the first points, from so many replications."""
    plan = answered.experiment
    part = reduced(plan, plan.hypotheses[0], FREE_SPACE)
    scenario = part.scenario.model_copy(update={"replications": count})
    sweep = Sweep(part.model_copy(update={"scenario": scenario}))
    for number, cell in enumerate(sweep.cells_played):
        at = sweep.experiment.at(cell)
        by_law = {law.regime: level_claims._rows(at.under(law.regime)) for law in at.regimes}
        sweep.take(number, level_claims._joined(by_law, sweep.regimes))
    return claims(sweep)[0].effect.mean


def test_the_same_law_renamed_is_answered_alike(path: Path, answered: Sweep) -> None:
    """The same searches, the same mixes, the same luck: nothing in any replication, at any level."""
    found = {
        (one.level, tuple(one.cell.items()), one.start, one.regime): one.mixes
        for one in answers.read(own(path))
    }
    for (level, cell, start, regime), mixes in found.items():
        if regime == "renamed":
            for mine, theirs in zip(mixes, found[level, cell, start, "us-ebay"], strict=True):
                assert mine.shares.tolist() == theirs.shares.tolist()
    rows = told(answered, "H2")
    assert {row["verdict"] for row in rows} == {"supported"}
    assert {row["mean"] for row in rows} == {0.0}


def test_answers_are_read_as_they_were_written_and_replayed(path: Path, answered: Sweep) -> None:
    plan = own(path)
    there = answers.read(plan)
    assert len(there) == len([1 for place in levels.places(plan) for _ in range(levels.STARTS[place.level])])
    before = (path.parent / FILE).read_bytes()
    answers.write(path.parent / FILE, there)
    assert (path.parent / FILE).read_bytes() == before
    for one in there:
        for mix in one.mixes:
            assert mix.shares.sum() == pytest.approx(1.0)
    again = study.experiment(study.load_experiment(path))
    assert isinstance(again, Sweep)
    assert again.levels.equals(answered.levels)
    assert pd.DataFrame(again.to_json()["levels"]).equals(answered.levels)


def test_answers_depend_on_all_that_is_played_and_on_no_word_of_it(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    scenario = own(path).scenario.under("us-ebay")
    digest = digest_of(scenario, NAMED)
    market, (law,) = scenario.market, scenario.regimes
    named = market.model_copy(update={"title": "Another title", "notes": "and a note"})
    assert digest_of(scenario.model_copy(update={"market": named}), NAMED) == digest
    assert digest_of(scenario.model_copy(update={"seed": 99}), NAMED) == digest
    group = market.holders[0].model_copy(update={"share": quantity(0.05)})
    other = {
        "market": market.model_copy(update={"holders": (group,)}),
        "set": {"beliefs.spread": quantity(0.3)},
        "regimes": (law.model_copy(update={"steps": {}}),),
        "strategies": {name: one for name, one in scenario.strategies.items() if "good" in name},
    }
    found = {digest_of(scenario.model_copy(update={name: part}), NAMED) for name, part in other.items()}
    found.add(digest_of(scenario, FREE))
    for name, stated in (
        ("GAME", replace(answers.GAME, budget=9)),
        ("LEARNING", replace(answers.LEARNING, menu=9)),
    ):
        with monkeypatch.context() as patch:
            patch.setattr(answers, name, stated)
            answers._how.cache_clear()
            found.add(digest_of(scenario, NAMED if name == "GAME" else FREE))
    answers._how.cache_clear()
    assert len(found | {digest}) == 8


def test_a_number_that_differs_in_its_last_digits_asks_nothing_new(path: Path) -> None:
    """Points of a sample come out by a last bit more on another processor; defaults that change do matter."""
    scenario = own(path).scenario.under("us-ebay")

    def at(value: float) -> str:
        moved = {"beliefs.spread": quantity(value)}
        return digest_of(scenario.model_copy(update={"set": moved}), NAMED)

    assert at(0.3) == at(0.1 + 0.2)
    assert at(0.3) != at(0.3000001)
    one = parameters.registry()["beliefs.spread"]
    digest = digest_of(scenario, NAMED)
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(parameters.registry(), "beliefs.spread", replace(one, default=one.default * 1.1))
        answers._how.cache_clear()
        assert digest_of(scenario, NAMED) != digest
        patch.setitem(parameters.registry(), "beliefs.spread", one)
        patch.setitem(parameters.registry(), "a.rule.to.come", replace(one, default=0.0))
        answers._how.cache_clear()
        assert digest_of(scenario, NAMED) == digest
    answers._how.cache_clear()


def test_points_have_luck_of_their_own_and_laws_share_it(path: Path) -> None:
    plan = own(path)
    cells = plan.cells()
    luck = [answers.luck_at(plan, cell) for cell in cells]
    points = [cell["beliefs.spread"] for cell in cells]
    assert len(set(luck)) == len(set(points)) == len(set(zip(luck, points, strict=True))) == 6 < len(cells)


def test_an_answer_to_other_rules_is_not_taken_for_one_to_these(
    path: Path, answered: Sweep, tmp_path: Path
) -> None:
    """The claims that need it are unanswered and say so; the others stand as they were."""
    stated = json.loads((path.parent / FILE).read_text(encoding="utf-8"))
    for one in stated["answers"]:
        if one["level"] == FREE and one["regime"] == "cn-rate-setting" and one.get("start"):
            one["under"] = "0123456789abcdef"
    (tmp_path / FILE).write_text(json.dumps(stated), encoding="utf-8")
    moved = replace(answered, experiment=own(path).model_copy(update={"file": tmp_path / "experiment.yaml"}))
    moved.values[:] = answered.values
    said: list[str] = []
    table = by_level(moved, known(moved.experiment), progress=said.append)
    missing = table["verdict"] == UNANSWERED
    assert table[missing][["id", "level", "start"]].to_numpy().tolist() == [["H1", FREE, 1]]
    pd.testing.assert_frame_equal(table[~missing], answered.levels[~missing], check_dtype=False)
    assert [text for text in said if "H1" in text] == [
        f"small_answers: not answered under today's rules, {FREE}: H1"
    ]
    given = {row["id"]: row for row in records(answered.hypotheses) if not row["control"]}
    lines = list(level_lines(records(table), given))
    assert lines[-1] == f"Not answered under today's rules and numbers: H1 ({FREE})."
    marks = level_marks([row for row in records(table) if row["id"] == "H1"])
    assert UNANSWERED in marks[1]
    assert "Of 1 claims some answer is missing." in sensitivity_to_left({"H1": records(table)})


def test_answers_of_another_engine_are_a_change(path: Path, answered: Sweep, tmp_path: Path) -> None:
    """What a digest does not hold: the first answer is found anew and compared."""
    plan = own(path)
    assert not answers.outdated(plan, known(plan))
    stated = json.loads((path.parent / FILE).read_text(encoding="utf-8"))
    first = next(row for row in stated["answers"] if row["level"] == NAMED)
    mix = {"holder_good_faith": 0.5, "holder_hold_up": 0.5}
    for row in stated["answers"]:  # a law renamed has the same answer
        row["mixes"] = [mix, *row["mixes"][1:]] if row["under"] == first["under"] else row["mixes"]
    (tmp_path / FILE).write_text(json.dumps(stated), encoding="utf-8")
    moved = plan.model_copy(update={"file": tmp_path / "experiment.yaml"})
    (said,) = answers.outdated(moved, known(moved))
    assert "the first answer" in said
    assert "no longer comes out" in said


def test_all_answers_found_anew_are_those_kept(path: Path, answered: Sweep, tmp_path: Path) -> None:
    """``--check --relearn``: the same again, side by side; what moved is named, and nothing is written."""
    stated = json.loads((path.parent / FILE).read_text(encoding="utf-8"))
    free = next(row for row in stated["answers"] if row["level"] == FREE)
    alike = [row for row in stated["answers"] if row["under"] == free["under"] and "start" not in row]
    for row in alike:  # a law renamed has the same answer
        row["mixes"] = [{"holder_good_faith": 1}, {"implementer_good_faith": 1}]
    file = tmp_path / "small_answers" / "experiment.yaml"
    file.parent.mkdir()
    file.write_bytes(path.read_bytes())
    (file.parent / FILE).write_text(json.dumps(stated), encoding="utf-8")
    sweep = study.experiment(study.load_experiment(file), check=True, relearn=True, workers=2)
    assert len(sweep.changed) == len(alike)
    assert all(f", {FREE}, at " in said and said.endswith("now ends elsewhere") for said in sweep.changed)
    assert json.loads((file.parent / FILE).read_bytes()) == stated


def test_answers_that_vanish_are_a_change(path: Path, answered: Sweep) -> None:
    assert not changes(path.parent / "out", {"levels": answered.levels, **others(path.parent / "out")})
    (said,) = changes(path.parent / "out", others(path.parent / "out"))
    assert said.endswith("levels.csv: no such table now")


def others(folder: Path) -> dict[str, pd.DataFrame]:
    tables = {path.stem: pd.read_csv(path, keep_default_na=False, dtype=str) for path in folder.glob("*.csv")}
    return {name: table for name, table in tables.items() if name != "levels"}


OTHER = """{"strategies": {}, "answers": [{"level": "free", "regime": "us-ebay", "cell": {}, "under": "",
 "mixes": [{"holder_good_faith": 1}, {"implementer_good_faith": 1}]}]}"""


SIDES = """{"strategies": {}, "answers": [{"level": "named strategies", "regime": "us-ebay", "cell": {},
 "under": "", "mixes": [{"implementer_good_faith": 1}, {"implementer_good_faith": 1}]}]}"""


@pytest.mark.parametrize(
    "text",
    ["", "[]", '{"strategies": {}, "answers": [{}]}', '{"strategies": 1}', "[" * 10**5, OTHER, SIDES],
)
def test_a_file_that_holds_no_answers_is_one_clear_error(path: Path, tmp_path: Path, text: str) -> None:
    """Before anything is played."""
    (tmp_path / FILE).write_text(text, encoding="utf-8")
    plan = own(path).model_copy(update={"file": tmp_path / "experiment.yaml"})
    with pytest.raises(
        ScenarioError, match=r"no answers can be read: .*; frandsim experiment NAME --relearn"
    ):
        study.experiment(plan, out=tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_answers_of_another_market_are_left_out(path: Path, tmp_path: Path) -> None:
    """Of other groups, or strategies that nobody has any more: the claims are unanswered, and played."""
    mixes = [[], [{"holder_good_faith": 1}] * 3, [{"holder_gone": 1}, {"implementer_good_faith": 1}]]
    given: dict[str, Any] = {"level": NAMED, "regime": "us-ebay", "cell": {}, "under": ""}
    rows = [given | {"mixes": mix} for mix in mixes]
    (tmp_path / FILE).write_text(json.dumps({"strategies": {}, "answers": rows}), encoding="utf-8")
    assert answers.read(own(path).model_copy(update={"file": tmp_path / "experiment.yaml"})) == []


def test_a_plan_that_departs_from_its_file_has_the_one_level(path: Path, answered: Sweep) -> None:
    plan = as_played(study.load_experiment(path, seed=4))
    assert by_level(replace(answered, experiment=plan), known(plan)).empty


def test_a_slope_stands_on_the_lowest_and_the_highest_value(path: Path) -> None:
    """Whatever stands first: that one is the default."""
    plan = own(path)
    (lever,) = plan.levers
    plan = plan.model_copy(update={"levers": (lever.model_copy(update={"values": (0.05, 0.0, 0.1)}),)})
    assert reduced(plan, plan.hypotheses[2], NAMED).levers[0].values == (0.0, 0.1)


def row(level: str = NAMED, *, opposite: bool = True, left: float = math.nan) -> dict[str, Any]:
    return {"id": "H1", "level": level, "opposite": opposite, "left": left, "verdict": "supported"}


@pytest.mark.parametrize(
    ("rows", "turned"),
    [
        ([row()], True),
        ([row(opposite=False)], False),
        ([row(FREE, left=0.01), row(FREE, left=0.05)], True),
        ([row(FREE, left=0.01), row(FREE, left=0.051)], False),
        ([row(FREE, left=0.01), row(FREE, opposite=False, left=0.01)], False),
        ([row(FREE), row(FREE)], False),
        ([row(FREE_SPACE, left=0.01)], True),
        ([row(FREE_SPACE)], False),
        ([row(opposite=False), row(FREE_SPACE, left=0.01)], True),
        ([], False),
    ],
)
def test_only_ends_near_an_equilibrium_turn_and_from_every_start(
    rows: list[dict[str, Any]], turned: bool
) -> None:
    assert turns(rows) is turned


def test_how_many_turn_is_told_at_other_bounds() -> None:
    rows = {"H1": [row(FREE_SPACE, left=0.03)], "H2": [row(FREE_SPACE, left=0.08)], "H3": [row()]}
    assert "1 at 2.0 %, 2 at 5.0 %, 3 at 10.0 %" in sensitivity_to_left(rows)


def test_a_turn_is_one_of_conduct_and_not_of_place(answered: Sweep, path: Path) -> None:
    """The opposite of the verdict over the whole space, at every point, and not so as given there."""
    plan = own(path)
    part = reduced(plan, plan.hypotheses[0], FREE_SPACE)

    def leveled(now: list[float], given: list[float]) -> Leveled:
        tests = []
        for effects in (now, given):
            sweep = Sweep(part)
            sweep.values[:] = 0.0
            sweep.values[:, :, 0, 0] = effects
            tests.append(Claim(sweep, part.hypotheses[0]))
        return Leveled(FREE_SPACE, 0, tests[0], tests[1])

    below, above = [-0.2] * 5, [0.2] * 5
    assert leveled(below, above).opposite("supported", "contradicted")
    assert leveled(above, below).opposite("contradicted", "supported")
    assert not leveled(below, above).opposite("supported", "undecided")
    assert not leveled(below, above).opposite("undecided", "contradicted")
    assert not leveled(below, below).opposite("supported", "contradicted"), "as given there: of place"
    around = [-0.3, 0.9, -0.2, 0.9, -0.1]
    assert not leveled(below, around).opposite("supported", "contradicted"), (
        "above as given there in the mean alone"
    )
    assert not leveled([-0.9] * 4 + [0.1], above).opposite("supported", "contradicted"), "not at every point"


@pytest.mark.parametrize(
    ("contrast", "outcome", "left"),
    [
        ("renamed minus cn-rate-setting", "deadlock_rate", 0.02),
        ("renamed minus cn-rate-setting", "rate_over_baseline[outcome=negotiated]", 0.5),
        ("renamed minus us-ebay", "deadlock_rate", 0.5),
    ],
)
def test_what_is_left_is_what_is_left_under_the_claim_s_laws(
    path: Path, contrast: str, outcome: str, left: float
) -> None:
    plan = own(path)
    claim = plan.hypotheses[0].model_copy(update={"contrast": contrast, "outcome": outcome})
    test = Claim(Sweep(reduced(plan, claim, FREE)), claim)
    gains = {"us-ebay": 0.5, "renamed": 0.01, "cn-rate-setting": 0.02}
    ends = {law: answers.Behaviour(FREE, law, {}, 0, "", (), gain) for law, gain in gains.items()}
    assert Leveled(FREE, 0, test, test, [ends]).left == left


def test_a_verdict_that_turns_is_told(answered: Sweep) -> None:
    given = {row["id"]: row for row in records(answered.hypotheses) if not row["control"]}
    rows = records(answered.levels)
    text = "\n".join(level_lines(rows, given))
    assert "| H1 |" in text
    assert "of 5" in text
    turned = [one | {"opposite": one["id"] == "H1" and one["level"] == NAMED} for one in rows]
    assert "so no finding: H1" in "\n".join(level_lines(turned, given))
    assert not list(level_lines([], given))


def test_the_page_of_results_has_a_column_for_either(path: Path, answered: Sweep, tmp_path: Path) -> None:
    folder = tmp_path / "small_answers"
    folder.mkdir()
    for name in ("hypotheses", "levels"):
        (folder / f"{name}.csv").write_bytes((path.parent / "out" / f"{name}.csv").read_bytes())
    text = page(tmp_path)
    named, free = level_marks(told(answered, "H1"))
    assert free.endswith("of 5)")
    line = next(line for line in text.splitlines() if line.startswith("| H1 |"))
    assert f" | {named} | {free} | " in line
    assert "Verdicts that turn, by what a search may still gain" in text
    assert level_marks([]) == ("–", "–")


def test_named_regimes_do_not_go_with_claims(path: Path) -> None:
    with pytest.raises(ScenarioError, match=r"--only is for experiments with a section 'learning'"):
        study.experiment(study.load_experiment(path), relearn=["us-ebay"])
    with pytest.raises(ScenarioError, match="this is not the plan of the file"):
        study.experiment(study.load_experiment(path, replications=2), check=True, relearn=True)
    adapts = study.load_experiment("dynamic_hold_out")
    with pytest.raises(ScenarioError, match="relearn: learns nothing: conduct that adapts is its subject"):
        study.experiment(adapts, check=True, relearn=True)


def test_luck_is_the_same_at_every_level(path: Path, answered: Sweep) -> None:
    """A level's market is the market as it is but for conduct: what nobody chooses does not move."""
    plan = own(path)
    part = reduced(plan, plan.hypotheses[0], NAMED)
    scenario = part.at(part.cells()[0]).under("cn-rate-setting")
    known = {one.under: one for one in answers.read(plan) if one.level == NAMED}
    mixes = known[digest_of(scenario, NAMED)].mixes
    rows = level_claims._rows(market_at(scenario, mixes))
    given = run_chunk(build(scenario), scenario.seed, range(scenario.replications))
    assert rows["frand_rate"].ravel().tolist() == given["frand_rate"].tolist()
