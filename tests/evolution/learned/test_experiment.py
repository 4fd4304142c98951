"""An experiment at learned equilibria: learned into files, replayed, claims at every pair of ends."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from simulator import study
from simulator.errors import ScenarioError
from simulator.evolution.game import plan
from simulator.evolution.learned import stored
from simulator.evolution.learned.files import Library, write
from simulator.evolution.learned.stages import (
    CERTIFIED,
    CREDIBLE,
    LEARNED,
    MENU,
    START,
    apart,
    determined,
    equilibria_table,
    ranking_table,
)
from simulator.experiments import learning
from simulator.experiments.learned_claims import by_stage, judge
from simulator.experiments.learning import LearningResults
from simulator.experiments.learning_text import committed, inside
from simulator.spec.load import check, load_experiment
from simulator.spec.scenario import Scenario
from simulator.writing.formats import records
from tests.play import study_file

TEXT = """
experiment: small_laws
schema: 2
title: Two laws where parties answer them
question: Does anything of the answer to two laws survive learning?
scenario: duopoly
regimes: [us-ebay, cn-rate-setting]
variants:
  renamed: {of: us-ebay, title: The same under another name}
baseline: us-ebay
replications: 12
seed: 3
outcomes: [deadlock_rate, efficiency, months_to_licence]
learning:
  starts: 2
  search: 100
  rounds: 1
  cells: 4
  searches: 2
  report: 64
  credible: [us-ebay]
  replications: 16
hypotheses:
  - id: H1
    claim: Where parties answer, deadlock under the one law is not that under the other.
    source: a test
    outcome: deadlock_rate
    contrast: us-ebay minus cn-rate-setting
    expected: positive
    margin: 0.01
    controls:
      - {control: a renamed regime, contrast: us-ebay minus renamed, expected: exactly_zero}
"""
LEVER = "levers: [{parameter: court.interest.court, values: [0, 0.1]}]"


@pytest.fixture(scope="module")
def path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return study_file(tmp_path_factory.mktemp("laws"), "small_laws", TEXT)


@pytest.fixture(scope="module")
def results(path: Path) -> LearningResults:
    return study.experiment(study.load_experiment(path), out=path.parent / "out", relearn=True)  # type: ignore[return-value]


def test_what_is_learned_are_files_that_are_valid(path: Path, results: LearningResults) -> None:
    learned = path.parent / "learned"
    files = sorted((learned / "strategies").glob("*.yaml"))
    assert files
    assert {check(file) for file in files[:3]} == {"strategy"}
    ends = pd.read_csv(learned / "ends.csv", keep_default_na=False)
    assert set(ends["stage"]) == {START, MENU, LEARNED, CREDIBLE}
    shares = ends.groupby(["market", "regime", "stage", "start", "kind"])["share"].sum()
    assert np.allclose(shares, 1.0)
    assert set(results.certificates["passed"]) == {False}
    assert results.certificates["said"].str.startswith("no certificate").all()


def test_a_replay_gives_the_same_tables_and_learns_nothing(path: Path, results: LearningResults) -> None:
    before = {file: file.stat().st_mtime_ns for file in (path.parent / "learned").rglob("*.*")}
    again = study.experiment(study.load_experiment(path), out=path.parent / "out", check=True)
    assert again.changed == []
    assert {file: file.stat().st_mtime_ns for file in before} == before
    assert (path.parent / "out" / "arrows.svg").is_file()
    assert "**Verdicts on regimes.**" in again.text()  # type: ignore[union-attr]
    assert "With and without commitments" in again.text()  # type: ignore[union-attr]


def test_what_is_left_to_gain_is_told_of_the_stages_before_learning(
    path: Path, results: LearningResults, tmp_path: Path
) -> None:
    """At the market's own mix and in the menu's long run, as at ends; a library of before lacks it."""
    shutil.copytree(path.parent, tmp_path / "small_laws")
    library = Library.read(path.parent / "learned")
    for law in results.laws["duopoly"]:
        start = next(end for end in library.ends(law.scenario, law.regime) if end.stage == START)
        market = law.scenario.market
        stated = [group.strategies for group in market.holders]
        stated += [group.strategies for group in market.implementers]
        for mixed, mix in zip(stated, start.mixes, strict=True):
            played = dict(zip((one.strategy for one in mix.strategies), mix.shares.tolist(), strict=True))
            assert played == pytest.approx({name: part for name, part in mixed.items() if part})
        assert {best.kind for best in start.deviations} == {0, 1}
    said = {(row["regime"], row["stage"]): row["gain_again"] for row in records(results.certificates)}
    for row in records(results.equilibria[results.equilibria["stage"] == LEARNED]):
        assert said[row["regime"], START] == row["gain_at_start"]
        assert said[row["regime"], MENU] == row["gain_in_long_run"]
    assert set(results.equilibria["stage"]) == {LEARNED, CREDIBLE}
    assert "**What is left to gain at each stage.**" in results.text()
    assert {name for name, *_ in results.certified} <= {"duopoly"}

    file = tmp_path / "small_laws" / "experiment.yaml"
    for name, stages in (("ends", [START]), ("certificates", [START, MENU]), ("deviations", [START, MENU])):
        table = pd.read_csv(file.parent / "learned" / f"{name}.csv", keep_default_na=False)
        table[~table["stage"].isin(stages)].to_csv(file.parent / "learned" / f"{name}.csv", index=False)
    before: LearningResults = study.experiment(study.load_experiment(file))  # type: ignore[assignment]
    assert before.equilibria["gain_at_start"].isna().all()
    assert "What is left to gain" not in before.text()
    own = ["gain", "low", "high", "upper", "apart"]
    assert before.equilibria[own].equals(results.equilibria[own]), "the luck of ends does not depend on it"


def test_what_is_learned_anew_is_compared_with_what_was(
    path: Path, results: LearningResults, tmp_path: Path
) -> None:
    """``--check --relearn``: the same ends side by side; what moved is named, and nothing is written."""
    shutil.copytree(path.parent, tmp_path / "small_laws")
    file = tmp_path / "small_laws" / "experiment.yaml"
    table = file.parent / "learned" / "certificates.csv"
    before = table.read_bytes()
    again = study.experiment(study.load_experiment(file), check=True, relearn=["renamed"], workers=2)
    assert again.changed == []
    assert table.read_bytes() == before

    moved = pd.read_csv(table, dtype=str, keep_default_na=False)
    line = moved.index[moved["regime"] == "renamed"][0]
    moved.loc[line, "gain"] = "2"
    moved.to_csv(table, index=False)
    with pytest.raises(
        ScenarioError, match="relearn: this is not the plan of the file: seed 99 in place of 3"
    ):
        study.experiment(study.load_experiment(file, seed=99), check=True, relearn=["renamed"])
    (said,) = study.experiment(study.load_experiment(file), check=True, relearn=["renamed"]).changed
    assert said.startswith(f"{table}:{line + 2}: gain: 2; now ")


@pytest.mark.slow
def test_what_was_learned_under_other_rules_is_named_and_learned_alone(
    path: Path, results: LearningResults, tmp_path: Path
) -> None:
    """A law that changed since is told of; learning it again leaves the files of the others as they were."""
    assert "Learned under other rules" not in results.text()
    shutil.copytree(path.parent, tmp_path / "small_laws")
    file = tmp_path / "small_laws" / "experiment.yaml"
    free = "{of: us-ebay, title: Without good faith, court: {injunction: {good_faith: weighed}}}"
    file.write_text(TEXT.replace("{of: us-ebay, title: The same under another name}", free), encoding="utf-8")
    again = study.experiment(study.load_experiment(file))
    assert "Learned under other rules than are played now: renamed on duopoly." in again.text()  # type: ignore[union-attr]

    mended = study.experiment(study.load_experiment(file), relearn=["renamed"])
    assert "Learned under other rules" not in mended.text()  # type: ignore[union-attr]
    before, after = (pd.read_csv(at / "learned" / "ends.csv") for at in (path.parent, file.parent))
    assert after[after["regime"] != "renamed"].equals(before[before["regime"] != "renamed"])
    with pytest.raises(ScenarioError, match=r"only.*wifi/renamed is no regime.*did you mean"):
        study.experiment(study.load_experiment(file), relearn=["wifi/renamed"])
    with pytest.raises(ScenarioError, match=r"only.*us-ebai is no regime of this experiment.*us-ebay"):
        study.experiment(study.load_experiment(file), relearn=["us-ebai"])


def test_laws_learned_from_fewer_starts_than_planned_are_told_and_not_ranked_with_others(
    results: LearningResults,
) -> None:
    """The plan asks for more than the files hold of one law: it is named, and only the others are ranked."""
    assert "fewer starts" not in results.text()
    assert set(results.rankings["first"]) == {"us-ebay", "cn-rate-setting"}
    ((market, played),) = results.played.items()
    last = max(start for name, stage, start in played if (name, stage) == ("us-ebay", LEARNED))
    short = {place: one for place, one in played.items() if place != ("us-ebay", LEARNED, last)}
    certificates = results.certificates
    gone = (certificates["regime"] == "us-ebay") & (certificates["stage"] == LEARNED)
    gone &= ~certificates.loc[gone, "start"].duplicated(keep="first") & (certificates["start"] != "menu")
    less = replace(results, played={market: short}, certificates=certificates[~gone])
    assert "Learned from fewer starts than planned, so with another budget: on duopoly all but" in less.text()
    assert "cn-rate-setting, renamed (starts: 1)." in less.text()
    assert set(less.rankings["first"]) == {"cn-rate-setting"}
    assert set(less.rankings["second"]) == {"renamed"}


def only_told(monkeypatch: pytest.MonkeyPatch, learn: Callable[..., SimpleNamespace]) -> None:
    """Let this stand for learning a law, and nothing be written."""
    monkeypatch.setattr(learning, "learn_regime", learn)
    monkeypatch.setattr(learning, "as_ends", lambda *_, **__: [])
    monkeypatch.setattr(learning, "write_files", lambda *_: [])


@pytest.mark.parametrize(
    ("only", "asked"),
    [
        ("cellular/renamed", ["cellular"]),
        ("duopoly/renamed", ["duopoly"]),
        ("renamed", ["duopoly", "cellular"]),
    ],
)
def test_a_law_is_learned_on_the_markets_that_are_named(
    results: LearningResults, monkeypatch: pytest.MonkeyPatch, only: str, asked: list[str]
) -> None:
    told: list[str] = []

    def learn(scenario: Scenario, *_: object, **__: object) -> SimpleNamespace:
        told.append(scenario.market.market)
        return SimpleNamespace(recall=None)

    only_told(monkeypatch, learn)
    how = results.experiment.learning
    assert how is not None
    two = how.model_copy(update={"markets": {"cellular": ("renamed",)}})
    learning.relearn(results.experiment.model_copy(update={"learning": two}), [only])
    assert told == asked


def test_rules_that_a_file_does_not_tell_are_not_those_of_today(
    path: Path, results: LearningResults, tmp_path: Path
) -> None:
    shutil.copytree(path.parent / "learned", tmp_path / "learned")
    file = tmp_path / "learned" / "certificates.csv"
    pd.read_csv(file).drop(columns="rules").to_csv(file, index=False)
    single = results.experiment.scenario.under("us-ebay")
    ends = Library.read(tmp_path / "learned").ends(single, "us-ebay")
    write(tmp_path / "again", [(single, "us-ebay", ends)])
    assert pd.read_csv(tmp_path / "again" / "certificates.csv")["rules"].isna().all()
    pd.read_csv(file).assign(rules="0012345678901234").to_csv(file, index=False)  # digits alone are text too
    again = Library.read(tmp_path / "learned").ends(single, "us-ebay")
    assert {end.certificate["rules"] for end in again if end.certificate} == {"0012345678901234"}


def test_learning_anew_is_the_same_and_goes_on_where_it_was(path: Path, results: LearningResults) -> None:
    learned = path.parent / "learned"
    before = {file.relative_to(learned): file.read_bytes() for file in learned.rglob("*.*")}
    shutil.rmtree(learned)
    study.experiment(study.load_experiment(path), out=path.parent / "out", relearn=True)
    assert {file.relative_to(learned): file.read_bytes() for file in learned.rglob("*.*")} == before


def test_ends_are_searched_anew_and_stay(path: Path, results: LearningResults, tmp_path: Path) -> None:
    """``--certify``: what is played stays; searches, recall and checks are new, and kept by hash."""
    shutil.copytree(path.parent, tmp_path / "small_laws")
    file = tmp_path / "small_laws" / "experiment.yaml"
    learned, out = file.parent / "learned", tmp_path / "out"
    before = {
        name: pd.read_csv(learned / f"{name}.csv", keep_default_na=False) for name in ("ends", "certificates")
    }
    longer = file.read_text(encoding="utf-8").replace("report: 64", "report: 96")
    file.write_text(longer, encoding="utf-8")
    played = study.experiment(study.load_experiment(file), out=out, certify=["us-ebay"])
    after = {name: pd.read_csv(learned / f"{name}.csv", keep_default_na=False) for name in before}
    assert after["ends"].equals(before["ends"])
    assert (learned / "ends.csv").read_bytes() == (path.parent / "learned" / "ends.csv").read_bytes()
    own = after["certificates"]["regime"] == "us-ebay"
    said = after["certificates"]["said"]
    assert said[own].str.contains("96 replications").all()
    assert said[~own].str.contains("64 replications").all()
    assert set(after["certificates"].loc[own, "stage"]) == {START, MENU, LEARNED, CREDIBLE}
    recalls = [
        one["certificates"].set_index(["regime", "stage", "start"])["recall"] for one in (before, after)
    ]
    assert recalls[0].equals(recalls[1]), "of the same searches against the same menu's long run"
    deviations = played.deviations  # type: ignore[union-attr]
    assert set(deviations["kind"]) == {"holder", "implementer"}
    deviations = deviations[~deviations["stage"].isin([START, MENU])]
    assert np.isfinite(deviations[["gain", "inside", "regret"]].to_numpy(float)).all()
    sure = deviations["regret"] - 1.96 * deviations["regret_se"] > 0.01
    assert (deviations["rests_on_commitment"].astype(bool) == sure).all()

    kept = {one: one.stat().st_mtime_ns for one in (out / "store").rglob("certificate-*.json")}
    assert len(kept) == own.sum()
    next(iter(kept)).write_bytes(b"{")
    again = study.experiment(study.load_experiment(file), out=out, certify=["us-ebay"])
    assert again.changed == []
    assert pd.read_csv(learned / "certificates.csv", keep_default_na=False).equals(after["certificates"])
    assert sum(one.stat().st_mtime_ns != stamp for one, stamp in kept.items()) == 1
    elsewhere = tmp_path / "elsewhere"
    study.experiment(study.load_experiment(file), out=elsewhere, certify=["us-ebay"], workers=2)
    for name in ("certificates", "deviations", "ends"):
        now = pd.read_csv(learned / f"{name}.csv", keep_default_na=False)
        assert name not in after or now.equals(after[name])
    more = study.load_experiment(file)
    scenario = more.scenario.model_copy(update={"replications": 13})
    one = [plan(there, "us-ebay") for there in (more.scenario, scenario)]
    assert stored.measured_hash(one[0], "x") != stored.measured_hash(one[1], "x")

    gone = pd.read_csv(learned / "ends.csv", keep_default_na=False)
    gone[gone["stage"] != MENU].to_csv(learned / "ends.csv", index=False)
    with pytest.raises(ScenarioError, match="has no menu's long run"):
        study.experiment(study.load_experiment(file), certify=["us-ebay"])
    with pytest.raises(ScenarioError, match="certify: relearn too; one of the two"):
        study.experiment(study.load_experiment(file), certify=True, relearn=True)
    with pytest.raises(ScenarioError, match="certify: learns no laws; --certify is for experiments with"):
        study.experiment(study.load_experiment("four_switches", quick=True), certify=True)


def test_a_certificate_is_measured_again_on_other_luck(results: LearningResults) -> None:
    table = results.certificates
    assert (table["low_again"] <= table["gain_again"]).all()
    assert (table["gain_again"] <= table["high_again"]).all()
    assert (table["gain_again"] != table["gain"]).any()


def test_an_end_learned_under_other_rules_is_not_certified(results: LearningResults) -> None:
    sure = results.certificates.assign(passed=True, searches="own", upper_again=0.001)
    sure = sure.assign(rounds=1, equilibria_of_known=2)
    passed = replace(results, certificates=sure)
    assert len(passed.certified) == 6
    assert "At 6 of 6 ends on duopoly learning used all 1 rounds:" in passed.text()
    assert "At 6 ends on duopoly the game of the strategies known has other equilibria" in passed.text()
    older = [
        replace(law, ends=tuple(replace(end, certificate={"rules": "others"}) for end in law.ends))
        if law.regime == "renamed"
        else law
        for law in results.laws["duopoly"]
    ]
    now = replace(passed, laws={"duopoly": tuple(older)})
    assert {place[1] for place in now.certified} == {"us-ebay", "cn-rate-setting"}
    assert set(now.equilibria.loc[now.equilibria["regime"] == "renamed", "certified"]) == {0}


def test_what_the_market_adds_to_a_gain_is_told_beyond_doubt() -> None:
    table = pd.DataFrame({
        "market": ["a"] * 4 + ["b"],
        "regime": ["one", "one", "two", "two", "one"],
        "start": ["menu", "menu", "menu", "named 1", "menu"],
        "kind": ["leader", "other", "leader", "leader", "leader"],
        "gain": 0.001,
        "low": 0.0,
        "high": 0.002,
        "inside": [0.3, 0.02, 0.002, 0.02, 0.2],
        "inside_se": [0.01, 0.001, 0.002, 0.003, 0.1],
    })  # fmt: skip
    told = inside(table, {("a", "one", "menu")}, 40)
    assert told["breaks"].tolist() == [True, True, False, False, False]
    assert told["differs"].tolist() == [True, True, False, True, False]
    assert told["certified"].tolist() == [True, True, False, False, False]
    assert (told["reach"] / told["inside_se"])[0] > (told["reach"] / told["inside_se"])[4] > 2.02  # t, 39
    assert np.allclose(told["gap"], table["inside"] - 0.001)


def test_what_commits_a_side_is_counted_by_firms() -> None:
    plays = pd.DataFrame({
        "kind": ["leader", "small", "small"],
        "share": [1.0, 0.75, 0.25],
        "binds": [0.0, 0.4, 0.8],
    })  # fmt: skip
    assert committed(plays, {"leader": 1, "small": 4}) == pytest.approx(0.4)


def test_a_renamed_regime_differs_by_nothing_and_claims_look_at_every_pair(results: LearningResults) -> None:
    control = results.hypotheses[results.hypotheses["control"] != ""].iloc[0]
    claim = results.hypotheses[results.hypotheses["control"] == ""].iloc[0]
    assert claim["points"] == control["points"] == 4
    own = results.played["duopoly"]
    for start in ("menu", "named 1"):
        ours, theirs = own["us-ebay", LEARNED, start], own["renamed", LEARNED, start]
        assert np.array_equal(ours["deadlock_rate"], theirs["deadlock_rate"])
    assert np.array_equal(own["us-ebay", START, ""]["efficiency"], own["renamed", START, ""]["efficiency"])


def test_a_claim_needs_every_pair_of_ends(results: LearningResults) -> None:
    rng = np.random.default_rng(0)
    high = {"deadlock_rate": 0.6 + 0.01 * rng.normal(size=12)}
    low = {"deadlock_rate": 0.2 + 0.01 * rng.normal(size=12)}
    played = {
        ("us-ebay", LEARNED, "a"): high,
        ("us-ebay", LEARNED, "b"): high,
        ("cn-rate-setting", LEARNED, "a"): low,
        ("cn-rate-setting", LEARNED, "b"): low,
        ("renamed", LEARNED, "a"): high,
        ("renamed", LEARNED, "b"): high,
    }
    judged = judge(results.experiment, played)
    assert judged["verdict"].tolist() == ["supported", "supported"]
    assert judged["mean"].iloc[0] == pytest.approx(0.4, abs=0.02)
    mixed = judge(results.experiment, played | {("cn-rate-setting", LEARNED, "b"): high})
    assert mixed["verdict"].iloc[0] == "undecided"
    assert mixed["share"].iloc[0] == 0.5
    told = by_stage(results.experiment, played, {("us-ebay", "a"), ("cn-rate-setting", "a")})
    rows = told.set_index("stage")
    assert rows.loc[[LEARNED, CERTIFIED], "pairs"].tolist() == [4, 1]
    assert rows.loc[CERTIFIED, "mean"] == pytest.approx(0.4, abs=0.02)
    none = by_stage(results.experiment, played, {("us-ebay", "a")}).set_index("stage")
    assert (none.loc[CERTIFIED, "pairs"], none.loc[LEARNED, "pairs"]) == (0, 4)
    alone = {place: values for place, values in played.items() if place[2] == "a"}
    assert judge(results.experiment, alone)["verdict"].tolist() == ["undecided", "undecided"]
    least = {"deadlock_rate": 0.1 + 0.01 * rng.normal(size=12)}
    places = [("us-ebay", LEARNED, start) for start in ("a", "b")]
    turned = judge(results.experiment, played | dict.fromkeys(places, least))
    assert turned["verdict"].iloc[0] == "contradicted"


def test_ends_apart_are_counted_once() -> None:
    luck = np.random.default_rng(1).normal(size=40) / 100
    played = {
        ("law", LEARNED, str(place)): {"deadlock_rate": at + luck, "efficiency": luck}
        for place, at in enumerate((0.1, 0.1, 0.3))
    }
    assert apart(played, "law", LEARNED) == 2
    assert determined([luck], [luck + 1], 0.01) == -1
    said = pd.DataFrame(
        {"start": ["0", "1"], "gain": [0.1, 0.3], "high": [0.2, 0.4], "passed": [True, False]}
    )
    said = said.assign(regime="law", stage=LEARNED, low=0.0, upper=[0.5, 0.4], searches="own", recall=0.9)
    older = equilibria_table(played, said.drop(columns="searches")).iloc[0]
    assert older["certified"] == 0, "its searches are not its own"
    assert np.isnan(older["recall"])
    row = equilibria_table(played, said).iloc[0]
    assert (row["apart"], row["starts"], row["certified"], row["certified_apart"]) == (2, 2, 1, 1)
    assert (row["gain"], row["upper"]) == (0.3, 0.5), "the largest gain, and the highest end of any"


def test_a_verdict_that_is_open_says_why() -> None:
    """Opposite equilibria, too little left, and luck are three things; certified ends are counted apart."""
    luck = np.random.default_rng(1).normal(size=40) / 100
    laws = {"low": (0.1, 0.1), "high": (0.3, 0.3), "both": (0.1, 0.3), "near": (0.101, 0.101)}
    played = {
        (law, stage, start): {"deadlock_rate": at + luck * (1 + (law == "near") / 100)}
        for law, ends in laws.items()
        for stage, start, at in ((START, "", ends[0]), (LEARNED, "a", ends[0]), (LEARNED, "b", ends[1]))
    }
    played |= {("noisy", LEARNED, "a"): {"deadlock_rate": 0.1 + 50 * luck[::-1]}}
    played |= {("middle", LEARNED, "a"): {"deadlock_rate": 0.2 + luck}}
    table = ranking_table(played, ["deadlock_rate"], {("low", "a"), ("both", "a"), ("high", "b")})
    rows = {(row["first"], row["second"]): row for row in table.to_dict("records")}
    assert rows["low", "high"][LEARNED] == rows["low", "high"][CERTIFIED] == "low"
    assert rows["low", "high"]["why_open"] == ""
    assert rows["high", "both"]["why_open"] == "at some pairs of ends only"
    assert rows["high", "both"][CERTIFIED] == "both", "its certified end is the low one"
    assert rows["low", "near"]["why_open"] == "too small to matter"
    assert rows["low", "noisy"]["why_open"] == "intervals too wide to tell"
    assert rows["both", "middle"]["why_open"] == "opposite at different ends"
    assert rows["both", "middle"][CERTIFIED] == "", "one has no certified end"


def test_what_is_not_there_is_refused_with_its_file(
    path: Path, results: LearningResults, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    experiment = study.load_experiment(path)
    there = path.parent / "learned"
    with pytest.raises(ScenarioError, match=r"ends.csv: is missing: nothing was learned; .*--relearn"):
        Library.read(tmp_path)
    shutil.copytree(there, tmp_path / "learned")
    next((tmp_path / "learned" / "strategies").glob("*.yaml")).unlink()
    library = Library.read(tmp_path / "learned")
    scenario = experiment.scenario
    alone = [scenario.model_copy(update={"regimes": (law,)}) for law in scenario.regimes]
    with pytest.raises(ScenarioError, match="there is no such strategy"):
        [library.ends(one, one.regimes[0].regime) for one in alone]
    plain = study.load_experiment("four_switches", quick=True)
    with pytest.raises(ScenarioError, match="four_switches: relearn: learns nothing"):
        study.experiment(plain, out=path.parent / "out", relearn=True)
    with pytest.raises(ScenarioError, match="four_switches: certify: learns no laws"):
        study.experiment(plain, out=path.parent / "out", certify=True)
    for refused in ({"relearn": ["us-ebai"]}, {"certify": ["wifi/us-ebay"]}):
        with pytest.raises(ScenarioError, match="is no regime of this experiment"):
            study.experiment(experiment, out=path.parent / "out", **refused)  # type: ignore[arg-type]
    assert not capsys.readouterr().err, "nothing is said to give way to what is refused"


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("  credible: [us-ebay]", "  markets: {wife: [us-ebay]}", "no scenario 'wife'"),
        ("  credible: [us-ebay]", "  markets: {wifi: [upc]}", "learning.markets.wifi: got upc"),
        ("  starts: 2", "  starts: 0", "starts"),
        ("learning:\n", f"{LEVER}\nlearning:\n", "one cell"),
        ("credible: [us-ebay]", "credible: [us-itc-337]", "learning.credible[0]: got us-itc-337"),
    ],
)
def test_bad_experiments_are_refused(tmp_path: Path, old: str, new: str, said: str) -> None:
    path = tmp_path / "small_laws.yaml"
    path.write_text(TEXT.replace(old, new), encoding="utf-8")
    with pytest.raises(ScenarioError) as error:
        study.experiment(load_experiment(path))
    assert said in str(error.value)
