"""Levers, uncertainties, hypotheses: the points sampled, tables of points, and what is wrong with files."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from simulator.errors import ScenarioError
from simulator.spec.design import Uncertainty, unit_sample
from simulator.spec.load import load_experiment
from simulator.spec.reshape import divided, with_firms
from tests.play import edited

FILE = """\
experiment: sampled
title: Sampled
question: What does interest do?
scenario: cellular
regimes: [staged-baseline, us-ebay]
baseline: us-ebay
levers:
  - {parameter: court.interest.court, values: [0, 0.08]}
  - {market: holders, values: [4, 8]}
uncertainties:
  - {parameter: beliefs.spread}
  - {parameter: implementers.sales, range: [5, 5000], scale: log}
  - {parameter: holders.discount, also: [implementers.discount], range: [0.04, 0.12]}
  - {parameter: standard.horizon, range: [60, 62]}
  - {strategy: holder_hold_up, range: [0, 0.5]}
design: {levers: grid, sample: latin_hypercube, points: 8}
quick: {replications: 2, points: 4}
replications: 5
outcomes: [deadlock_rate, "deadlock_rate[holder_strategy=holder_hold_up|holder_litigious, filed=no]"]
hypotheses:
  - id: H1
    claim: Something is lower.
    source: assumption
    outcome: deadlock_rate
    contrast: staged-baseline minus us-ebay
    expected: negative
"""
Write = Callable[..., Path]


@pytest.fixture
def write(tmp_path: Path) -> Write:
    def write(*changes: tuple[str, str]) -> Path:
        path = tmp_path / "sampled.yaml"
        path.write_text(edited(FILE, *changes), encoding="utf-8")
        return path

    return write


def test_cells_are_lever_settings_times_points(write: Write) -> None:
    plan = load_experiment(write())
    cells, points = plan.cells(), plan.points()
    assert (len(points), len(cells)) == (8, 4 * 8)
    assert all(cell.items() >= point.items() for cell, point in zip(cells[8:16], points, strict=True))
    assert {cell["market.holders"] for cell in cells[8:16]} == {8}
    assert load_experiment(write()).cells() == cells
    assert load_experiment(write(), seed=2).points() != points


def test_points_cover_their_ranges(write: Write) -> None:
    table = pd.DataFrame(load_experiment(write(("points: 8}", "points: 64}"))).points())
    assert table["beliefs.spread"].between(0.05, 0.8).all()
    assert np.log10(table["implementers.sales"]).median() == pytest.approx(np.log10(158), abs=0.1)
    assert set(table["standard.horizon"]) == {60, 61, 62}


@pytest.mark.parametrize(("sample", "rows"), [("sobol", 8), ("morris", 8 * 6), ("saltelli", 8 * 7)])
def test_every_kind_of_sample(write: Write, sample: str, rows: int) -> None:
    assert len(load_experiment(write(("latin_hypercube", sample))).points()) == rows
    drawn = unit_sample(sample, 5, 8, 1)
    assert drawn.min() >= 0
    assert drawn.max() <= 1


def test_a_cell_sets_every_kind_of_axis(write: Write) -> None:
    plan = load_experiment(write())
    cell = plan.cells()[-1]
    scenario = plan.at(cell)
    assert scenario.set["implementers.discount"].value == cell["holders.discount"]
    assert sum(group.count for group in scenario.market.holders) == 8
    assert scenario.market.holders[0].strategies["holder_hold_up"] == cell["holder_hold_up"]


def test_more_firms_hold_the_same_families(write: Write) -> None:
    scenario = load_experiment(write()).scenario
    before = sum(g.count * g.share.value for g in scenario.market.holders if g.share)
    after = with_firms(scenario, "holders", 17).market.holders
    assert sum(group.count for group in after) == 17
    assert sum(group.count * group.share.value for group in after if group.share) == pytest.approx(before)
    assert divided([1, 8], 3) == [1, 2]
    with pytest.raises(ValueError, match="1 firms cannot fill 2 groups"):
        divided([1, 1], 1)


def test_quick_is_smaller_and_says_so(write: Write) -> None:
    plan = load_experiment(write(), quick=True)
    assert (len(plan.points()), plan.scenario.replications) == (4, 2)
    assert plan.departures == ("replications 2 in place of 5", "points 4 in place of 8")
    assert load_experiment(write()).departures == ()


@pytest.mark.parametrize("kind", ["csv", "parquet"])
def test_points_of_ones_own(write: Write, tmp_path: Path, kind: str) -> None:
    table = pd.DataFrame(load_experiment(write()).points())[::-1]
    stem = tmp_path / f"points.{kind}"
    if kind == "csv":
        table.to_csv(stem, index=False)
    else:
        table.to_parquet(stem)
    path = write(("sample: latin_hypercube, points: 8", f"file: points.{kind}"))
    assert load_experiment(path).points() == tuple(table.to_dict("records"))
    assert len(load_experiment(path, quick=True).points()) == 4


@pytest.mark.parametrize(
    ("change", "report"),
    [
        (("beliefs.spread", "belief.spread"), "points.csv:1: the column 'belief.spread' is no uncertainty"),
        (("0.5,", "-1,"), "points.csv:2: beliefs.spread: got '-1'; spread of prior beliefs"),
        (("0.5,", "much,"), "points.csv:2: beliefs.spread: got 'much'; must be a number"),
        (("60,0.1", "60.5,0.1"), "points.csv:2: standard.horizon: got '60.5'; months simulated: a whole"),
    ],
)
def test_faults_of_a_table_name_its_line(
    write: Write, tmp_path: Path, change: tuple[str, str], report: str
) -> None:
    names = "beliefs.spread,implementers.sales,holders.discount,standard.horizon,holder_hold_up"
    text = f"{names}\n0.5,200,0.08,60,0.1\n"
    (tmp_path / "points.csv").write_text(text.replace(*change), encoding="utf-8")
    with pytest.raises(ScenarioError) as found:
        load_experiment(write(("sample: latin_hypercube, points: 8", "file: points.csv")))
    assert report in str(found.value)


@pytest.mark.parametrize(
    ("old", "new", "report"),
    [
        ("points: 8}", "points: 6, sample: sobol}", "twice"),
        ("latin_hypercube, points: 8", "sobol, points: 6", "the points of a sobol sample are a power of two"),
        (", points: 8", "", "a sample states its points"),
        ("sample: latin_hypercube, points: 8", "levers: grid", "twice"),
        ("sample: latin_hypercube, points: 8", "file: points.xls", "a table of points is .csv or .parquet"),
        ("sample: latin_hypercube, points: 8", "file: none.csv", "there is no file 'none.csv'"),
        ("values: [4, 8]", "values: [4, 8.5]", "firms of a side: a whole number between 1 and 10000"),
        ("values: [4, 8]", "values: [1, 8]", "every cell of the design must be a market that can be built"),
        ("range: [5, 5000]", "range: [0, 5000]", "12: uncertainties[1].scale: a log scale from 0"),
        ("range: [60, 62]", "range: [62, 60]", "got [62, 60]; lowest first, then highest"),
        (", range: [0, 0.5]", "", "15: uncertainties[4]: no range"),
        ("also: [implementers.discount]", "also: [implementers.discont]", "did you mean"),
        ("beliefs.spread", "court.interest.court", "court.interest.court is varied twice; each axis once"),
        ("filed=no", "filed=maybe", "filed is never 'maybe'; known: yes, no"),
        ("=holder_hold_up|", "=holder_holdup|", "holder_strategy is never 'holder_holdup'; did you mean"),
        ("filed=no", "file=no", "no condition on 'file'; did you mean file"),
        ("filed=no]", "filed]", "a condition is a column, =, and a value"),
        ("outcome: deadlock_rate", "outcome: rounds", "24: hypotheses[0].outcome: 'rounds' is not among"),
        ("baseline minus us-ebay", "baseline minus us-bay", "'us-bay' is not among the regimes; did you"),
        ("contrast: staged-baseline minus us-ebay", "contrast: a less than b", "'REGIME minus REGIME'"),
        (
            "contrast: staged",
            "contrast: slope of court.docket under staged",
            "no lever is called court.docket",
        ),
        ("expected: negative", "expected: zero", "an effect expected to be zero needs a margin"),
        ("expected: negative", "expected: lower", "got 'lower'; known: positive, negative, zero, open"),
        ("expected: negative", "expected: negative\n    at: {market.holders: 5}", "got 5; one of its values"),
    ],
)
def test_faults_of_designs_and_claims(write: Write, old: str, new: str, report: str) -> None:
    with pytest.raises(ScenarioError) as found:
        load_experiment(write((old, new)))
    assert report in str(found.value)


def test_whole_numbers_are_drawn_evenly() -> None:
    axis = Uncertainty(parameter="standard.horizon", range=(60.0, 62.0))
    assert axis.scaled(np.array([0.0, 0.32, 0.34, 0.99, 1.0])).tolist() == [60, 60, 61, 62, 62]


def test_two_files_of_a_folder_keep_what_they_learned_apart(write: Write, tmp_path: Path) -> None:
    path = write()
    other, alone = tmp_path / "other.yaml", tmp_path / "sampled" / "experiment.yaml"
    other.write_text(edited(FILE, ("experiment: sampled", "experiment: other")), encoding="utf-8")
    alone.parent.mkdir()
    alone.write_text(FILE, encoding="utf-8")
    assert load_experiment(path).beside("answers.json") == tmp_path / "sampled.answers.json"
    assert load_experiment(other).beside("answers.json") == tmp_path / "other.answers.json"
    assert load_experiment(alone).beside("learned") == alone.with_name("learned")
