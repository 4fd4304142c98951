"""Sweeps on the real engine: pairing, designs, tables, what is published, and the committed answers."""

from __future__ import annotations

import io
import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from rich.console import Console

from simulator.comparison.tables import number
from simulator.engine.outcomes import OUTCOME
from simulator.errors import ScenarioError
from simulator.experiments import sweep as module
from simulator.experiments.sweep import Sweep, estimate
from simulator.figures.sweep import logarithmic, words
from simulator.outcomes.further_measures import MEASURES
from simulator.outcomes.negotiations import Negotiations, Setting
from simulator.report.experiment_text import END, START, splice
from simulator.spec.design import Design, Lever
from simulator.spec.experiment import Experiment
from simulator.spec.find import builtin
from simulator.statistics.paired import holm
from simulator.study import compare, experiment
from simulator.writing.manifest import digest

FILE = """\
experiment: small
title: A small map
question: Does interest or forum share matter?
scenario: duopoly
variants:
  direct: {of: staged-baseline, court: {mode: direct}}
  renamed: {of: staged-baseline, title: Same as direct, court: {mode: direct}}
  indirect: {of: staged-baseline, court: {injunction: {cap: none}}}
baseline: direct
equal_procedure: true
levers:
  - {parameter: court.scope.forum_share, values: [0.2, 1]}
  - {parameter: court.interest.court, values: [0, 0.08, 0.12]}
replications: 12
outcomes: [effective_rate_over_frand, deadlock_rate, court_rate_bias, court_rate_spread, court_rates_set]
"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("sweep")


@pytest.fixture(scope="module")
def plan(folder: Path) -> Experiment:
    path = folder / "small.yaml"
    path.write_text(FILE, encoding="utf-8")
    return module.load(path)


@pytest.fixture(scope="module")
def found(plan: Experiment, folder: Path) -> Sweep:
    result = experiment(plan, out=folder / "out")
    assert isinstance(result, Sweep)
    return result


def rows(found: Sweep, **chosen: object) -> pd.DataFrame:
    table = found.cells
    for column, value in chosen.items():
        table = table[table[column] == value]
    return table


def test_one_row_a_cell_regime_and_outcome(found: Sweep, plan: Experiment) -> None:
    assert len(found.cells) == 6 * 3 * 5
    assert not found.cells.duplicated(["cell", "regime", "metric"]).any()
    assert found.cells.columns.tolist()[:5] == [
        "cell", "court.scope.forum_share", "court.interest.court", "regime", "metric",
    ]  # fmt: skip
    for place, cell in enumerate(plan.cells()):
        assert (rows(found, cell=place)[list(cell)] == list(cell.values())).all(axis=None)


def test_a_cell_is_what_a_comparison_of_its_scenario_gives(found: Sweep) -> None:
    cell = found.experiment.cells()[4]
    same = compare(found.experiment.at(cell)).tables
    for regime in found.regimes:
        row = rows(found, cell=4, regime=regime, metric="effective_rate_over_frand").iloc[0]
        for column, name in (("mean", "mean"), ("lo", "low"), ("hi", "high")):
            assert row[column] == number(same.summary, regime, "effective_rate_over_frand", name)
        if regime != "direct":
            gap = number(same.differences, regime, "effective_rate_over_frand")
            assert row["to_baseline"] == pytest.approx(gap, abs=1e-15)


def test_the_same_regime_under_another_name_differs_by_exactly_zero(found: Sweep) -> None:
    table = rows(found, regime="renamed")
    known = table[table["n"] > 0]
    assert (known[["to_baseline", "to_baseline_lo", "to_baseline_hi"]] == 0).all(axis=None)
    assert (known["p_holm"] == 1).all()
    standing = found.profiles[found.profiles["regime"] == "renamed"]
    assert (standing[["above", "below"]] == 0).all(axis=None)


def test_forum_share_cannot_move_a_court_that_sets_rates(found: Sweep) -> None:
    direct = rows(found, regime="direct", metric="effective_rate_over_frand")
    by_share = direct.pivot_table(
        index="court.interest.court", columns="court.scope.forum_share", values="mean"
    )
    assert (by_share[0.2] == by_share[1]).all()
    indirect = rows(found, regime="indirect", metric="effective_rate_over_frand").set_index("cell")
    assert indirect["to_first"][3] > 0  # uncapped and over all sales: hold-up


def test_holm_is_taken_over_the_cells_and_regimes_of_an_outcome(found: Sweep) -> None:
    gap = found.values - found.values[:, :, [0]]
    p = estimate(gap)["p"][:, 1:, 0]
    adjusted = rows(found, metric="effective_rate_over_frand")
    others = adjusted["regime"] != "direct"
    assert adjusted[others]["p_holm"].to_numpy() == pytest.approx(holm(p.reshape(-1)))
    assert rows(found, regime="direct")["p_holm"].isna().all()


def test_a_profile_averages_the_other_axes_inside_each_replication(found: Sweep) -> None:
    profile = found.profiles
    part = profile[(profile["axis"] == "court.interest.court") & (profile["value"] == 0.08)]
    row = part[(part["regime"] == "indirect") & (part["metric"] == "deadlock_rate")].iloc[0]
    sample = found.values[:, [1, 4], 2, 1].mean(axis=1)
    assert row["mean"] == pytest.approx(sample.mean())
    assert row["hi"] == pytest.approx(estimate(sample[:, None], 0, 1)["hi"][0])
    standing = found.profiles[found.profiles["axis"] == "court.interest.court"]
    assert set(standing["cells"]) == {2}


def test_one_axis_at_a_time_profiles_single_cells(plan: Experiment) -> None:
    short_plan = plan.model_copy(
        update={
            "design": Design(levers="one_at_a_time"),
            "outcomes": ("deadlock_rate",),
            "scenario": plan.scenario.model_copy(update={"replications": 3}),
        }
    )
    found = experiment(short_plan)
    assert isinstance(found, Sweep)
    table = found.profiles.set_index(["axis", "value", "regime"])["mean"]
    cells = found.cells.set_index(["cell", "regime"])["mean"]
    assert table["court.scope.forum_share", 1, "indirect"] == cells[1, "indirect"]
    assert table["court.interest.court", 0.12, "indirect"] == cells[3, "indirect"]
    assert table["court.interest.court", 0, "indirect"] == cells[0, "indirect"]
    assert found.cautions() == [
        "3 replications: intervals are unreliable below 10.",
        "deadlock_rate is 0 throughout: nothing that was varied moves it.",
    ]


def test_court_rates_by_hand() -> None:
    outcomes = np.zeros(7, OUTCOME)
    outcomes["counted"] = [1, 1, 1, 1, 0, 1, 1]
    outcomes["replication"] = [0, 0, 0, 0, 0, 1, 2]
    outcomes["frand_rate"] = 0.01
    outcomes["court_rate"] = [0.01, 0.02, 0.04, np.nan, 0.5, 0.005, np.nan]
    n = Negotiations(outcomes, Setting(("a",), 120, (20.0,), (0.5, 0.5, 0.5)))
    bias, spread, number = (
        MEASURES[name].rule(n) for name in ("court_rate_bias", "court_rate_spread", "court_rates_set")
    )
    assert bias.tolist() == pytest.approx([np.log(2), np.log(0.5), np.nan], nan_ok=True)
    assert spread.tolist() == pytest.approx([np.log(2), np.nan, np.nan], nan_ok=True)
    assert number.tolist() == [3, 1, 0]


def test_a_suit_is_tried_once_a_judgment_is_given() -> None:
    """Filed and settled is not tried; two judgments on one suit are one trial; late contacts do not count."""
    outcomes = np.zeros(6, OUTCOME)
    outcomes["counted"] = [1, 1, 1, 1, 0, 1]
    outcomes["replication"] = [0, 0, 0, 0, 0, 1]
    outcomes["filed"] = [0, 1, 1, 1, 1, 1]
    outcomes["judgments"] = [0, 0, 1, 2, 1, 0]
    n = Negotiations(outcomes, Setting(("a",), 120, (20.0,), (0.5, 0.5, 0.5)))
    assert MEASURES["trial_rate"].rule(n).tolist() == [0.5, 0.0]


def test_an_estimate_without_chance_has_no_width_and_one_value_no_interval() -> None:
    flat = estimate(np.array([[0.0, 0.5]] * 5), equal=True)
    assert [flat[name].tolist() for name in ("mean", "lo", "hi", "p")] == [
        [0, 0.5],
        [0, 0.5],
        [0, 0.5],
        [1, 0],
    ]
    once = estimate(np.array([[0.5]]))
    assert np.isnan([once["lo"][0], once["p"][0]]).all()


def test_workers_do_not_change_a_byte(plan: Experiment, found: Sweep, folder: Path) -> None:
    again = experiment(plan, workers=3, out=folder / "again")
    for path in found.written:
        assert (folder / "again" / path.name).read_bytes() == path.read_bytes(), path.name
    assert len(again.written) == len(found.written)


def test_everything_written_is_in_the_manifest(found: Sweep, folder: Path) -> None:
    names = {path.name for path in (folder / "out").iterdir() if path.is_file()}
    assert names == {path.name for path in found.written}
    assert {"cells.csv", "profiles.csv", "answer.md", "profiles.svg", "map_deadlock_rate.svg"} <= names
    manifest = json.loads((folder / "out" / "manifest.json").read_text(encoding="utf-8"))
    assert set(manifest["files"]) == names - {"manifest.json"}
    for name, stated in manifest["files"].items():
        assert digest((folder / "out" / name).read_bytes()) == stated
    assert manifest["command"] == "frandsim experiment small --replications 12 --seed 1"
    assert manifest["design"]["levers"][0]["values"] == [0.2, 1]
    read = pd.read_csv(folder / "out" / "cells.csv")
    assert read["mean"].to_numpy() == pytest.approx(found.cells["mean"].to_numpy(), nan_ok=True)


def test_figures_are_vectors_that_name_every_regime(found: Sweep, folder: Path) -> None:
    for path in (folder / "out").glob("*.svg"):
        drawn = path.read_text(encoding="utf-8")
        assert "<image" not in drawn
        assert "seed 1" in drawn
        for regime in found.others:
            assert regime in drawn


def test_what_is_printed(found: Sweep) -> None:
    console = Console(width=220, record=True, file=io.StringIO())
    console.print(found.table())
    printed = console.export_text()
    assert "6 cells, 12 replications" in printed
    assert printed.count("indirect") == 5
    json.dumps(found.to_json(), allow_nan=True)


def test_outcomes_are_checked_with_their_line(folder: Path) -> None:
    path = folder / "typo" / "small.yaml"
    path.parent.mkdir()
    path.write_text(FILE.replace("court_rate_bias", "court_rate_bais"), encoding="utf-8")
    with pytest.raises(
        ScenarioError, match=r"small.yaml:15: outcomes\[2\]: .* did you mean court_rate_bias\?"
    ):
        module.load(path)


def test_axes_are_named_in_words() -> None:
    assert (
        words(Lever(parameter="court.scope.forum_share", values=(0.0, 1.0))) == "sales an injunction reaches"
    )
    assert words(Lever(strategy="holder_hold_up", values=(0.0, 1.0))).endswith("holder_hold_up")
    assert logarithmic(pd.Series([0.01, 0.5]))
    assert not logarithmic(pd.Series([0.0, 0.5]))


def test_an_answer_goes_between_its_lines_only(tmp_path: Path) -> None:
    readme = tmp_path / "README.md"
    readme.write_text(f"before\n{START}old\n{END}after\n", encoding="utf-8")
    splice(readme, "new\n")
    assert readme.read_text(encoding="utf-8") == f"before\n{START}new\n{END}after\n"
    readme.write_text("no place for it\n", encoding="utf-8")
    splice(readme, "new\n")
    assert readme.read_text(encoding="utf-8") == "no place for it\n"


@pytest.mark.parametrize("name", builtin("experiments"))
def test_committed_answers_are_those_of_the_committed_results(name: str, root: Path) -> None:
    results = root / "results" / name
    readme = (root / "experiments" / name / "README.md").read_text(encoding="utf-8")
    answer = (results / "answer.md").read_text(encoding="utf-8")
    assert f"{START}{answer}{END}" in readme
    manifest = json.loads((results / "manifest.json").read_text(encoding="utf-8"))
    assert digest((results / "answer.md").read_bytes()) == manifest["files"]["answer.md"]
    plan = module.load(name)
    stated = plan.model_dump(mode="json", exclude={"scenario", "title", "question", "notes"})
    assert manifest["design"] == stated
    assert manifest["replications"] == plan.scenario.replications
