"""A study of learned equilibria from end to end: words, files, what is kept, tables, the two checks."""

from __future__ import annotations

import json
import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from simulator import study
from simulator.errors import ScenarioError
from simulator.evolution.learned.certificate import percent
from simulator.evolution.learned.checks import binding
from simulator.evolution.learned.contest import Lot, Luck, StrategyMix
from simulator.evolution.learned.double_oracle import Budget
from simulator.evolution.learned.oracle import Effort
from simulator.evolution.learned.regime import LearningPlan, market_at, metrics_at, spaces_of
from simulator.evolution.learned.stages import CREDIBLE, LEARNED, MENU, START
from simulator.evolution.learned.tables import LearnedTables, gain_cell, learned_tables, stage_gains
from simulator.evolution.learned.words import commitments, nearest, save, told
from simulator.spec.base import Quantity
from simulator.spec.load import check, load_scenario, load_strategy
from simulator.writing.formats import records
from simulator.writing.terminal import text

QUICK = LearningPlan(
    starts=2,
    budget=Budget(rounds=1, cells=16, effort=Effort(negotiations=300, replications=4, choice=32)),
    replications=64,
    recall_seeds=2,
)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("learned")


@pytest.fixture(scope="module")
def tables(folder: Path) -> LearnedTables:
    scenario = load_scenario("duopoly", regimes=["eu-hvzte-2015", "upc"], replications=24)
    return learned_tables(scenario, QUICK, folder=folder)


def test_a_small_budget_says_no_certificate_and_still_what_it_has(tables: LearnedTables) -> None:
    table = tables.certificates
    assert table["stage"].tolist() == [START, MENU, LEARNED, LEARNED] * 2
    assert not table["passed"].any()
    assert table["said"].str.startswith("no certificate (64 replications of the report lot, not 4096").all()
    assert table["said"].str.contains("no search of ").all()
    assert (table["low"] <= table["gain"]).all()
    assert (table["gain"] <= table["high"]).all()


def test_what_is_left_to_gain_before_learning_stands_beside_ends(tables: LearnedTables) -> None:
    said = tables.certificates.set_index(["regime", "stage"])
    for row in records(tables.equilibria):
        start, menu = (said.loc[(row["regime"], stage), "gain"] for stage in (START, MENU))
        assert (row["gain_at_start"], row["gain_in_long_run"]) == (start, menu)
        cell = f"{percent(start)} > {percent(menu)} > {percent(row['gain'])} [{percent(row['low'])}, "
        assert stage_gains(row).startswith(cell)
        assert stage_gains(row | {"gain_at_start": None, "gain_in_long_run": float("nan")}) == gain_cell(row)
    assert all(end.certificate is not None for _, _, _, end in tables.every())
    assert not any(
        one.known for law in tables.regimes.values() for c in law.given.values() for one in c.deviations
    )


def test_every_stage_has_every_metric_and_rankings_name_regimes(tables: LearnedTables) -> None:
    counts = tables.outcomes.groupby(["regime", "stage"])["equilibrium"].nunique()
    assert counts["upc", START] == counts["upc", MENU] == 1
    assert counts["upc", LEARNED] == 2
    assert set(tables.rankings[LEARNED]) <= {"", "upc", "eu-hvzte-2015"}


def test_learned_strategies_are_files_that_are_valid_and_play_the_same(
    tables: LearnedTables, tmp_path: Path
) -> None:
    paths = save(tables.learned_strategies(), tmp_path)
    assert paths
    assert {check(path) for path in paths} == {"strategy"}
    assert set(tables.strategies["told"].str.contains("times its estimate")) == {True}
    learned = tables.regimes["upc"]
    mixes = learned.mixes(learned.ends[-1])
    read = [
        replace(
            mix,
            strategies=tuple(
                load_strategy(tmp_path / f"{one.strategy}.yaml") if "_learned_" in one.strategy else one
                for one in mix.strategies
            ),
        )
        for mix in mixes
    ]
    ours, theirs = (metrics_at(market_at(learned.plan.scenario, one), range(6)) for one in (mixes, read))
    assert np.array_equal(ours["efficiency"], theirs["efficiency"])


def test_what_was_learned_is_not_learned_again(tables: LearnedTables, folder: Path) -> None:
    files = {path: path.stat().st_mtime_ns for path in folder.glob("learned-*/start-*.json")}
    assert len(files) == 4
    said: list[str] = []
    again = learned_tables(tables.scenario, QUICK, folder=folder, progress=said.append)
    assert {path: path.stat().st_mtime_ns for path in files} == files
    assert len(said) == 4 + 4, "two ends and two stages before learning, of either law"
    assert again.certificates.equals(tables.certificates)
    assert again.strategies.equals(tables.strategies)
    torn = next(iter(files))
    torn.write_text("{", encoding="utf-8")
    assert learned_tables(tables.scenario, QUICK, folder=folder).certificates.equals(tables.certificates)
    assert torn.stat().st_size > 100


def test_a_named_strategy_is_its_own_nearest_and_marked_where_it_commits(tables: LearnedTables) -> None:
    learned = tables.regimes["upc"]
    named = [load_strategy(name) for name in ("implementer_good_faith", "implementer_hold_out")]
    space = learned.space(1)
    assert nearest(named[1], named, space) == ("implementer_hold_out", 0.0)
    assert commitments(named[1], space) == ["never sues"]
    assert "never sues" in told(named[1], space)
    assert "offers 0.3 times its estimate" in told(named[1], space)
    assert commitments(named[0], space) == []


def test_a_floor_is_a_commitment_only_where_it_binds(tables: LearnedTables) -> None:
    """What a strategy states commits nobody: the same case without it must come to something else."""
    learned = tables.regimes["upc"]
    implementers = StrategyMix((load_strategy("implementer_good_faith"),), np.ones(1))
    fair = load_strategy("holder_good_faith")
    floors = [
        fair.model_copy(
            update={"floor": Quantity(value=floor, source="assumption"), "strategy": f"floor{place}"}
        )
        for place, floor in enumerate((0.0, 1e-9, 0.99))
    ]
    holders = StrategyMix(tuple(floors), np.full(3, 1 / 3))
    (none, least, high), (theirs,) = binding(learned.contest, [holders, implementers], learned.credible)
    assert none == least == theirs == 0
    assert 0 < high <= 1
    own = tables.strategies
    assert own["binds"].between(0, 1).all()
    assert (own.loc[own["not_credible"] != "", "binds"] > 0).all()


def test_a_deviation_inside_the_market_is_taken_once_more(tables: LearnedTables) -> None:
    table = tables.market
    assert set(table["side"]) == {"holder", "implementer"}
    assert np.isfinite(table[["isolated", "market", "gap"]].to_numpy(float)).all()


def test_a_side_without_a_space_is_refused(tables: LearnedTables) -> None:
    with pytest.raises(ScenarioError) as said:
        spaces_of(tables.scenario, ["holder"])
    assert str(said.value) == (
        "duopoly: spaces: none of the spaces is an implementer's; one space a side: frandsim validate says "
        "what a space must have\n    for example: --spaces holder,implementer"
    )


def test_a_comparison_shows_what_was_learned_and_learns_nothing_again(
    tables: LearnedTables, folder: Path, tmp_path: Path
) -> None:
    files = {path: path.stat().st_mtime_ns for path in folder.rglob("*.json")}
    compared = study.compare(tables.scenario, learned=QUICK, learned_in=folder, out=tmp_path, formats=["svg"])
    assert not (tmp_path / "games").exists()
    assert {path: path.stat().st_mtime_ns for path in folder.rglob("*.json")} == files
    stated = json.loads((tmp_path / "manifest.json").read_text(encoding="utf-8"))["learned"]
    assert {(row["regime"], row["starts"]) for row in stated["equilibria"]} == {
        ("eu-hvzte-2015", 2),
        ("upc", 2),
    }
    assert all(row["low"] <= row["gain"] <= row["high"] for row in stated["certificates"])
    report = (tmp_path / "report.html").read_text(encoding="utf-8")
    assert "Where parties answer the law" in report
    assert "no certificate (64 replications" in report
    assert "rests on commitment" in report
    assert set(compared.tables.learned["commitment"]["month"]) == {6, 12, 24}
    assert (tmp_path / "figures" / "arrows.svg").is_file()
    strategies = sorted((tmp_path / "strategies").glob("*.yaml"))
    assert [path.stem for path in strategies] == sorted(one.strategy for one in tables.learned_strategies())
    assert "2 of 2" in text(compared.table()) or "1 of 2" in text(compared.table())
    own = compared.tables.learned["learned_outcomes"]
    start = own[(own["stage"] == START) & (own["metric"] == "deadlock_rate")].set_index("regime")["mean"]
    assert start["upc"] == pytest.approx(compared.tables.means["deadlock_rate"]["upc"])
    assert compared.to_json()["learned"]["equilibria"] == stated["equilibria"]


def test_strategies_of_an_earlier_run_go(tables: LearnedTables, folder: Path, tmp_path: Path) -> None:
    """A folder holds the strategies that its tables tell of, and what somebody else put there."""
    shutil.copytree(folder, tmp_path / "games")
    strategies = tmp_path / "strategies"
    strategies.mkdir()
    (strategies / "mine.yaml").write_text("strategy: mine\n", encoding="utf-8")
    first = study.learn(tables.scenario, QUICK, out=tmp_path)
    one = tables.scenario.under("upc")
    again = study.learn(one, QUICK, out=tmp_path)
    there = {path.stem for path in strategies.iterdir()}
    assert there == {"mine", *(learned.strategy for learned in again.learned_strategies())}
    assert {learned.strategy for learned in first.learned_strategies()} - there
    assert {path.stem for path in again.written if path.parent == strategies} == there - {"mine"}


@pytest.fixture(scope="module")
def both(tables: LearnedTables, folder: Path) -> LearnedTables:
    """The same for one regime, with and without commitments."""
    scenario = tables.scenario.model_copy(
        update={"regimes": tables.scenario.regimes[1:], "baseline": tables.scenario.regimes[1].regime}
    )
    return learned_tables(scenario, replace(QUICK, credible=True), folder=folder)


def test_without_commitments_none_is_learned_and_both_stand_in_one_table(
    tables: LearnedTables, both: LearnedTables
) -> None:
    regime = both.scenario.baseline
    own = tables.strategies[tables.strategies["regime"] == regime]
    with_them = both.strategies[both.strategies["stage"] == LEARNED]
    assert with_them.reset_index(drop=True).equals(own.reset_index(drop=True))
    credible = both.strategies[both.strategies["stage"] == CREDIBLE]
    assert credible["strategy"].str.contains("_learned_").any()
    assert set(credible["not_credible"]) == {""}
    codings = both.credible[regime].contest.codings
    assert codings[0].held == (("floor", 0.0),)
    assert not any(number.name == "floor" for number in codings[0].numbers)
    assert not any(one.nevers for one in codings)
    hold_out = load_strategy("implementer_hold_out")
    assert codings[1].stated(hold_out, "sue_after") == 1200
    assert codings[1].stated(codings[1].credibly(hold_out), "sue_after") == 60
    assert codings[0].credibly(codings[0].decode(codings[0].low)).floor.value == 0  # type: ignore[union-attr]
    assert set(both.equilibria["stage"]) == {LEARNED, CREDIBLE}


@pytest.mark.slow  # compiles a second piece of machine code
def test_who_may_switch_to_what_it_plays_already_gains_nothing(
    tables: LearnedTables, both: LearnedTables
) -> None:
    from simulator.evolution.learned.checks import _switched

    learned = tables.regimes["upc"]
    mixes, luck = learned.mixes(learned.ends[-1]), (Luck(Lot.REPORT, (7,)), 64)
    one = [StrategyMix(mix.strategies[:1], np.ones(1)) for mix in mixes]
    stayed = _switched(learned.contest, 0, one, None, luck)
    assert np.array_equal(stayed, _switched(learned.contest, 0, one, (one[0].strategies[0], 6), luck))
    refuser = load_strategy("holder_refuser")
    other = _switched(learned.contest, 0, one, (refuser, 0), luck)
    assert not np.array_equal(stayed, other)

    # of mixes: the same as every pair of strategies by its share, but for luck
    kinds, many = learned.contest.kinds, (Luck(Lot.REPORT, (8,)), 2048)
    weights = [np.arange(len(kind.known), 0, -1.0) for kind in kinds]
    mixed = [StrategyMix(kind.known, own / own.sum()) for kind, own in zip(kinds, weights, strict=True)]
    drawn_so = _switched(learned.contest, 0, mixed, (refuser, 12), many)
    single = [[StrategyMix((two,), np.ones(1)) for two in mix.strategies] for mix in mixed]
    pairs = [(a, b, x * y) for a, x in zip(single[0], mixed[0].shares, strict=True)
             for b, y in zip(single[1], mixed[1].shares, strict=True)]  # fmt: skip
    weighed = [share * _switched(learned.contest, 0, [a, b], (refuser, 12), many) for a, b, share in pairs]
    every = np.sum(weighed, axis=0)
    assert abs(drawn_so.mean() - every.mean()) < 4 * (drawn_so - every).std() / 2048**0.5
    said = tables.commitment
    of_a_kind = said.groupby(["stage", "start", "side", "kind"])["chosen_for"]
    best = said["chosen_for"] == of_a_kind.transform("max")
    sure = said["regret"] - 1.96 * said["regret_se"] > 0.01
    assert (said["rests_on_commitment"] == (best & sure)).all()
    assert (said.loc[said["to"] == "", ["regret", "regret_se"]] == 0).all(axis=None)
    assert tables.table().row_count == 4
    assert {"Learned from", "Commitments", "Upper"} <= {str(column.header) for column in both.table().columns}
    assert both.table().row_count == 4
