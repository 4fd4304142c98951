"""Claims at three levels of behaviour: what each level plays, what is kept, what the table says."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from simulator import study
from simulator.engine.build import build
from simulator.engine.run import run_chunk
from simulator.errors import ScenarioError
from simulator.evolution.learned.double_oracle import Budget
from simulator.evolution.learned.oracle import Effort
from simulator.experiments import levels
from simulator.experiments.levels import FILE, FREE, FREE_SPACE, NAMED, POINTS, by_level, levelled, reduced
from simulator.experiments.sweep import Sweep
from simulator.report.levels import level_lines, level_marks, turns
from simulator.report.reproduced import page
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
def small() -> pytest.MonkeyPatch:
    """Learning so short that a test can wait for it."""
    patched = pytest.MonkeyPatch()
    budget = Budget(rounds=1, tolerance=0.05, cells=8, searches=1, effort=Effort(100, 4, 16))
    patched.setattr(levels, "LEARNING", replace(levels.LEARNING, budget=budget, replications=32, menu=8))
    patched.setattr(levels, "GAME", replace(levels.GAME, budget=8))
    return patched


@pytest.fixture(scope="module")
def answered(path: Path, small: pytest.MonkeyPatch) -> Sweep:
    sweep = study.experiment(study.load_experiment(path), out=path.parent / "out", relearn=True)
    small.undo()
    assert isinstance(sweep, Sweep)
    return sweep


def test_each_level_plays_what_its_claims_need(path: Path) -> None:
    """Controls, laws that only they name and values between a lever's ends are left out."""
    plan = as_played(study.load_experiment(path))
    named, free, space = (reduced(plan, level) for level in levels.LEVELS)
    for one in (named, free):
        assert [law.regime for law in one.scenario.regimes] == ["us-ebay", "cn-rate-setting", "renamed"]
        assert [lever.values for lever in one.levers] == [(0, 0.1)]
        assert not any(claim.controls for claim in one.hypotheses)
    assert named.points() == plan.points()
    assert free.points() == ({},)
    assert space.points() == plan.points()[:POINTS]
    assert [claim.id for claim in space.hypotheses] == ["H1", "H2"]
    assert [lever.values for lever in space.levers] == [(0,)]
    assert {one.scenario.replications for one in (free, space)} == {levels.REPLICATIONS}


@pytest.mark.parametrize(
    ("name", "why"),
    [
        ("bundles", "its lever is conduct"),
        ("long_talks", "its lever is conduct"),
        ("adoption_and_reward", "payoffs cannot be measured"),
        ("replication_shapiro_2010", "nobody chooses"),
        ("dynamic_hold_out", "nobody chooses"),
    ],
)
def test_claims_that_conduct_cannot_turn_have_the_one_level(name: str, why: str) -> None:
    plan = study.load_experiment(name)
    assert not levelled(plan)
    assert why in str(levels.unanswered(plan))
    assert not study.learns(plan)


def test_a_slope_over_two_ends_is_their_difference(path: Path) -> None:
    """Whatever lies between: what is tested is the law's effect from one end to the other."""
    own = reduced(as_played(study.load_experiment(path)), NAMED)
    terms = {part.at["court.interest.court"]: part.weight for part in own.hypotheses[2].parts(own.levers)}
    assert terms == pytest.approx({0.0: -1.0, 0.1: 1.0})


def test_every_claim_stands_at_every_level_it_can(answered: Sweep) -> None:
    table = answered.levels
    found = set(zip(table["id"], table["level"], strict=True))
    expected = {(name, level) for name in ("H1", "H2", "H3") for level in (NAMED, FREE)}
    assert found == expected | {("H1", FREE_SPACE), ("H2", FREE_SPACE)}
    assert table[table["level"] == NAMED]["points"].tolist() == [6, 6, 6]
    assert table[table["level"] != NAMED]["left"].notna().all()


def test_the_same_law_renamed_is_answered_alike(path: Path, answered: Sweep) -> None:
    """The same searches, the same mixes, the same luck: nothing in any replication, at any level."""
    plan = as_played(study.load_experiment(path))
    found = {(one.level, tuple(one.cell.items()), one.regime): one.mixes for one in levels.read(plan)}
    for (level, cell, regime), mixes in found.items():
        if regime == "renamed":
            for mine, theirs in zip(mixes, found[level, cell, "us-ebay"], strict=True):
                assert mine.shares.tolist() == theirs.shares.tolist()
    own = answered.levels[answered.levels["id"] == "H2"]
    assert own["verdict"].tolist() == ["supported"] * 3
    assert (own["mean"] == 0.0).all()


def test_answers_are_read_as_they_were_written_and_replayed(path: Path, answered: Sweep) -> None:
    plan = as_played(study.load_experiment(path))
    answers = levels.read(plan)
    assert len(answers) == sum(1 for _ in levels.places(plan))
    before = (path.parent / FILE).read_bytes()
    levels.write(path.parent / FILE, answers)
    assert (path.parent / FILE).read_bytes() == before
    for one in answers:
        for mix in one.mixes:
            assert mix.shares.sum() == pytest.approx(1.0)
    again = study.experiment(study.load_experiment(path))
    assert isinstance(again, Sweep)
    assert again.levels.equals(answered.levels)


def test_answers_depend_on_all_that_is_played_and_on_no_word_of_it(path: Path) -> None:
    scenario = as_played(study.load_experiment(path)).scenario.under("us-ebay")
    digest = levels.digest_of(scenario)
    market, (law,) = scenario.market, scenario.regimes
    told = market.model_copy(update={"title": "Another title", "notes": "and a note"})
    assert levels.digest_of(scenario.model_copy(update={"market": told})) == digest
    assert levels.digest_of(scenario.model_copy(update={"seed": 99})) == digest
    group = market.holders[0].model_copy(update={"share": quantity(0.05)})
    other = {
        "market": market.model_copy(update={"holders": (group,)}),
        "set": {"beliefs.spread": quantity(0.3)},
        "regimes": (law.model_copy(update={"steps": {}}),),
        "strategies": {name: one for name, one in scenario.strategies.items() if "good" in name},
    }
    found = {levels.digest_of(scenario.model_copy(update={name: part})) for name, part in other.items()}
    assert len(found | {digest}) == 5


def test_an_answer_to_other_rules_is_not_taken_for_one_to_these(
    path: Path, answered: Sweep, tmp_path: Path
) -> None:
    stated = json.loads((path.parent / FILE).read_text(encoding="utf-8"))
    for one in stated["answers"]:
        if one["level"] == FREE and one["regime"] == "cn-rate-setting":
            one["under"] = "0123456789abcdef"
    stated["answers"] = [one for one in stated["answers"] if one["level"] != FREE_SPACE]
    (tmp_path / FILE).write_text(json.dumps(stated), encoding="utf-8")
    plan = as_played(study.load_experiment(path)).model_copy(update={"folder": tmp_path})
    assert set(by_level(plan)["level"]) == {NAMED}


OTHER = '{"strategies": {}, "answers": [{"level": "free strategies", "mixes": [], "cell": {}, "under": ""}]}'


@pytest.mark.parametrize(
    "text", ["", "[]", '{"strategies": {}, "answers": [{}]}', '{"strategies": 1}', "[" * 10**5, OTHER]
)
def test_a_file_that_holds_no_answers_is_one_clear_error(path: Path, tmp_path: Path, text: str) -> None:
    (tmp_path / FILE).write_text(text, encoding="utf-8")
    plan = as_played(study.load_experiment(path)).model_copy(update={"folder": tmp_path})
    with pytest.raises(
        ScenarioError, match=r"no answers can be read: .*; frandsim experiment NAME --relearn"
    ):
        by_level(plan)


def test_a_verdict_that_turns_is_told(answered: Sweep) -> None:
    given = {row["id"]: row for row in records(answered.hypotheses) if not row["control"]}
    rows = records(answered.levels)
    told = "\n".join(level_lines(rows, given))
    assert "| H1 |" in told
    assert "of 5" in told
    other = {"supported": "contradicted"}.get(given["H1"]["verdict"], "supported")
    opposite = [row | {"verdict": other, "left": 0.01} if row["id"] == "H1" else row for row in rows]
    sure = given | {"H1": given["H1"] | {"verdict": {"supported": "contradicted"}.get(other, "supported")}}
    assert "so no finding: H1" in "\n".join(level_lines(opposite, sure))
    assert not list(level_lines([], given))


@pytest.mark.parametrize(
    ("given", "level", "left", "turned"),
    [
        ("supported", "contradicted", 0.01, True),
        ("contradicted", "supported", float("nan"), True),
        ("contradicted", "supported", 0.06, False),
        ("supported", "undecided", 0.01, False),
        ("supported", "too small to matter", 0.01, False),
        ("undecided", "contradicted", 0.01, False),
    ],
)
def test_only_the_opposite_turns_and_only_near_an_end(
    given: str, level: str, left: float, turned: bool
) -> None:
    assert turns(given, [{"verdict": level, "left": left}]) is turned


def test_the_page_of_results_has_a_column_for_either(path: Path, answered: Sweep, tmp_path: Path) -> None:
    folder = tmp_path / "small_answers"
    folder.mkdir()
    for name in ("hypotheses", "levels"):
        (folder / f"{name}.csv").write_bytes((path.parent / "out" / f"{name}.csv").read_bytes())
    text = page(tmp_path)
    rows = [row for row in records(answered.levels) if row["id"] == "H1"]
    named, free = level_marks(rows)
    assert free.endswith("of 5)")
    line = next(line for line in text.splitlines() if line.startswith("| H1 |"))
    assert f" | {named} | {free} | " in line
    assert level_marks([]) == ("–", "–")


def test_named_regimes_do_not_go_with_claims(path: Path) -> None:
    with pytest.raises(ScenarioError, match=r"--only is for experiments with a section 'learning'"):
        study.experiment(study.load_experiment(path), relearn=["us-ebay"])


def test_luck_is_the_same_at_every_level(path: Path, answered: Sweep) -> None:
    """A level's market is the market as it is but for conduct: what nobody chooses does not move."""
    plan = as_played(study.load_experiment(path))
    own = reduced(plan, NAMED)
    scenario = own.at(own.cells()[0])
    known = {one.under: one for one in levels.read(plan) if one.level == NAMED}
    answers = [known[levels.digest_of(scenario.under(law.regime))] for law in scenario.regimes]
    rows = levels._played(scenario, answers)
    given = run_chunk(build(scenario), scenario.seed, range(scenario.replications))
    assert rows["frand_rate"].tolist() == given["frand_rate"].tolist()
