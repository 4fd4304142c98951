"""Claims on planted outcomes: verdicts, controls, shares of the parameter space, what turns a sign."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from simulator.experiments.hypotheses import by_point, claims, decomposition, sensitivities, verdicts
from simulator.experiments.level_claims import turns
from simulator.experiments.sweep import Sweep, load
from simulator.report.experiment import tables
from simulator.report.experiment_text import START, experiment_text
from simulator.report.reproduced import changes, gathered, levels_of, page, turned, write_pages
from simulator.spec.find import builtin
from simulator.writing.exports import export
from simulator.writing.formats import as_csv

FILE = """\
experiment: planted
title: Planted outcomes
question: Do verdicts find what was planted?
scenario: duopoly
variants:
  a: {of: staged-baseline}
  b: {of: eu-hvzte-2015}
  renamed: {of: staged-baseline}
baseline: a
levers:
  - {parameter: court.interest.court, values: [0, 0.05, 0.1]}
uncertainties:
  - {parameter: beliefs.spread, range: [0, 1]}
  - {parameter: holders.validity, range: [0, 1]}
design: {sample: latin_hypercube, points: 60}
replications: 20
outcomes: [deadlock_rate, hold_up_index]
hypotheses:
"""
CLAIMS = (
    ("H1", "b minus a", "positive", 0.02, "supported"),
    ("H2", "b minus a", "negative", 0.02, "contradicted"),
    ("H3", "renamed minus a", "zero", 0.01, "supported"),
    ("H4", "slope of court.interest.court under a", "positive", 0.1, "supported"),
    ("H5", "slope of court.interest.court under b minus a", "zero", 0.01, "supported"),
    ("H6", "b", "open", 0, "reported"),
)


@pytest.fixture(scope="module")
def sweep(tmp_path_factory: pytest.TempPathFactory) -> Sweep:
    """Deadlock: .3 + 2 interest; b is above a where the spread of beliefs exceeds .25; renamed equals a."""
    text = FILE
    for name, contrast, expected, margin, _ in CLAIMS:
        text += (
            f"  - id: {name}\n    claim: The contrast is as planted.\n    source: planted\n"
            f"    outcome: deadlock_rate\n    contrast: {contrast}\n    expected: {expected}\n"
            f"    margin: {margin}\n"
        )
    text += (
        "    controls:\n"
        "      - {control: renamed, contrast: renamed minus a, expected: exactly_zero}\n"
        "      - {control: not the same, contrast: b minus a, expected: exactly_zero}\n"
    )
    path = tmp_path_factory.mktemp("planted") / "planted.yaml"
    path.write_text(text, encoding="utf-8")
    found = Sweep(load(path))
    rng = np.random.default_rng(1)
    luck = rng.normal(0.3, 0.05, (20, 1))
    noise, own = rng.normal(0, 0.01, (2, 20, len(found.cells_played)))
    interest = np.array([cell["court.interest.court"] for cell in found.cells_played])
    ahead = np.array([0.1 if cell["beliefs.spread"] > 0.25 else -0.1 for cell in found.cells_played])
    for place in range(2):
        found.values[:, :, 0, place] = luck + 2 * interest + own
        found.values[:, :, 1, place] = luck + 2 * interest + own + ahead + noise
        found.values[:, :, 2, place] = luck + 2 * interest + own
    found._played.update(range(len(found.cells_played)))
    return found


def test_what_was_planted_is_found(sweep: Sweep) -> None:
    table = verdicts(sweep).query("control == ''").set_index("id")
    assert table["verdict"].to_dict() == {name: said for name, *_, said in CLAIMS}
    assert table.loc["H1", "mean"] == pytest.approx(0.05, abs=0.005)
    assert table.loc["H4", "mean"] == pytest.approx(2 * 0.1, abs=0.003)
    assert table.loc["H5", "mean"] == pytest.approx(0, abs=0.003)
    assert (table.loc[["H1", "H2"], "p_holm"] >= table.loc[["H1", "H2"], "p"]).all()
    assert table["over"].to_dict() == dict.fromkeys(table.index, "points and luck") | {"H3": "luck"}
    wide, given = (float((table[f"{of}high"] - table[f"{of}low"])["H1"]) for of in ("", "luck_"))
    assert wide > 3 * given  # luck cancels in the contrast, the choice of points does not


def test_a_control_is_exactly_zero_or_not(sweep: Sweep) -> None:
    controls = verdicts(sweep).query("control != ''").set_index("control")["verdict"]
    assert controls.to_dict() == {"renamed": "supported", "not the same": "contradicted"}


def test_the_share_of_the_space_and_what_turns_the_sign(sweep: Sweep) -> None:
    row = verdicts(sweep).set_index("id").loc["H1"]
    assert row["share"] == pytest.approx(0.75, abs=0.02)
    assert row["share_low"] < 0.75 < row["share_high"]
    assert (row["ahead"], row["behind"]) == (45, 15)
    assert row["flips"] == "beliefs.spread"
    assert "beliefs about the FRAND rate above 0.2" in row["where"]
    part = by_point(sweep).query("id == 'H1'")
    assert ((part["beliefs.spread"] > 0.25) == (part["holds"] == 1)).all()


def test_the_interval_is_over_replications(sweep: Sweep) -> None:
    claim = claims(sweep)[0]
    assert claim.gap.shape == (20, 60)
    gap = (sweep.values[..., 1, 0] - sweep.values[..., 0, 0]).reshape(20, 3, 60).mean(axis=1)
    assert claim.by_replication == pytest.approx(gap.mean(axis=1))
    assert claim.effect.n == 20


def test_sensitivities_name_the_parameter_that_matters(sweep: Sweep) -> None:
    table, _ = sensitivities(sweep)
    chief = table[table["id"] == "H1"].iloc[0]
    assert chief["parameter"] == "beliefs.spread"
    assert chief["S1"] > 0.4
    assert decomposition(sweep).empty


def test_the_answer_states_verdicts_and_regions(sweep: Sweep) -> None:
    said = experiment_text(sweep)
    assert "| **H2** The contrast is as planted." in said
    assert "✘ contradicted" in said
    assert "75.0 % [" in said
    assert "Looked at without a claim, so nothing is concluded from it: hold-up index." in said
    assert "**Best regime**" in said
    assert "(▲45 ▼15 of 60)" in said


def test_a_changed_number_is_named(sweep: Sweep, tmp_path: Path) -> None:
    found = tables(sweep)
    assert set(found) == {"hypotheses", "profiles", "ranking", "points", "sensitivity"}
    for name, table in found.items():
        (tmp_path / f"{name}.csv").write_text(as_csv(table), encoding="utf-8")
    assert changes(tmp_path, found) == []
    path = tmp_path / "profiles.csv"
    text = path.read_text(encoding="utf-8").splitlines()
    mean = text[1].split(",")[4]
    path.write_text("\n".join([text[0], text[1].replace(mean, "0.5", 1), *text[2:]]), encoding="utf-8")
    assert changes(tmp_path, found) == [f"{path}:2: mean: 0.5; now {mean}"]
    path.write_text("\n".join(text[:3]), encoding="utf-8")
    assert changes(tmp_path, found) == [f"{path}: 2 rows; now {len(found['profiles'])}"]


@pytest.mark.parametrize(
    ("n", "column", "now", "same"),
    [
        (6, "mean", 0.5 + 4e-7, True),
        (6, "mean", 0.5 + 1e-6, False),
        (6, "low", 2e-5 + 8e-7, True),
        (6, "low", 2e-5 + 2e-6, False),
        (6, "high", 0.9 + 8e-7, True),
        (6, "high", 0.9 + 2e-6, False),
        (6, "bca_low", 1e-5 + 7e-4, True),
        (6, "bca_low", 1e-5 + 9e-4, False),
        (15, "bca_low", 1e-5 + 7e-7, True),
        (15, "bca_low", 1e-5 + 1e-6, False),
        (6, "d_low", 2e-7, False),
        (6, "lowest", 1e-9, False),
        (6, "highest", 2e-14, True),
        (6, "highest", 3e-12, False),
    ],
)
def test_an_end_near_zero_is_held_to_its_interval(
    tmp_path: Path, n: int, column: str, now: float, same: bool
) -> None:
    """A bound is a difference of larger numbers: another machine's last bits are more of it."""
    then = {
        "n": n,
        "mean": 0.5,
        "low": 2e-5,
        "high": 0.9,
        "bca_low": 1e-5,
        "bca_high": 0.8,
        "d_low": 0.0,
        "lowest": 0.0,
        "highest": 1e-14,
    }
    (tmp_path / "table.csv").write_text(as_csv(pd.DataFrame([then])), encoding="utf-8")
    changed = changes(tmp_path, {"table": pd.DataFrame([then | {column: now}])})
    assert changed == (
        [] if same else [f"{tmp_path / 'table.csv'}:2: {column}: {then[column]:g}; now {now:.10g}"]
    )


def test_the_page_gathers_claims_in_order(sweep: Sweep, tmp_path: Path) -> None:
    table = verdicts(sweep)
    for folder, ids in (("later", "H10"), ("first", "H2b")):
        (tmp_path / folder).mkdir()
        part = table[table["id"] == "H1"].assign(id=ids)
        (tmp_path / folder / "hypotheses.csv").write_text(as_csv(part), encoding="utf-8")
    lines = page(tmp_path).splitlines()
    assert [line.split(" | ")[0] for line in lines[2:]] == ["| H2b", "| H10"]
    assert "[first](../experiments/first/README.md)" in lines[2]
    (readme,) = write_pages(tmp_path)
    readme.write_text(readme.read_text(encoding="utf-8") + "Own words.\n", encoding="utf-8")
    assert write_pages(tmp_path)[0].read_text(encoding="utf-8").endswith("Own words.\n")


def test_what_changed_since_the_first_version_is_told_with_its_reason(sweep: Sweep, tmp_path: Path) -> None:
    (tmp_path / "one").mkdir()
    table = verdicts(sweep)
    now = table[table["id"] == "H1"]
    (tmp_path / "one" / "hypotheses.csv").write_text(as_csv(now), encoding="utf-8")
    before = {"supported": "contradicted", "contradicted": "supported"}[now["verdict"].iloc[0]]
    for verdict, lines in ((before, 1), (now["verdict"].iloc[0], 0)):
        (tmp_path / "first_version.csv").write_text(
            f"id,verdict,reason\nH1,{verdict},a rule\nH99,supported,\n", encoding="utf-8"
        )
        told = turned(tmp_path)
        assert told.startswith(f"{lines} of the first version's 2 verdicts changed.")
        assert told.count("| a rule |") == lines


def test_every_verdict_that_changed_has_its_reason() -> None:
    told = turned(Path(__file__).parents[2] / "results")
    assert "|  |\n" not in told


def test_exports_are_read_back(sweep: Sweep, tmp_path: Path) -> None:
    table = verdicts(sweep)
    files = export({"hypotheses": table, "cells": sweep.cells}, tmp_path, "planted")
    assert {path.suffix for path in files} == {".csv", ".parquet", ".dta", ".tex", ".xlsx"}
    stata = pd.read_stata(tmp_path / "cells.dta")
    assert max(map(len, stata.columns)) <= 32
    assert stata["mean"].to_numpy() == pytest.approx(sweep.cells["mean"].to_numpy())
    sheets = pd.read_excel(tmp_path / "planted.xlsx", sheet_name=None)
    assert list(sheets) == ["hypotheses", "cells", "units"]
    parquet = pd.read_parquet(tmp_path / "hypotheses.parquet")
    pd.testing.assert_frame_equal(parquet, table)
    assert r"\begin{longtable}" in (tmp_path / "hypotheses.tex").read_text(encoding="utf-8")


MARKED = {"✔": "supported", "✘": "contradicted", "≈": "too small to matter", "?": "undecided"}


@pytest.mark.parametrize("page", ["README.md"])
def test_marks_in_the_words_are_the_verdicts_of_the_table(page: str) -> None:
    """What the page for advisers says of a claim is what was found, and whether it turns elsewhere."""
    results = Path(__file__).parents[2] / "results"
    verdicts_of = gathered(results).set_index("id")["verdict"]
    words = (results / page).read_text(encoding="utf-8").partition("## The table behind it")[0]
    told = re.findall(r"\b([A-Z]+\d+[a-z]?) ([✔✘≈?])(⇄?)", words)
    assert len(told) > 30
    assert {name: MARKED[mark] for name, mark, _ in told} == {name: verdicts_of[name] for name, _, _ in told}
    levels = levels_of(results)
    for name, _, sign in told:
        assert bool(sign) == turns(levels.get(name, [])), name


ROOT = Path(__file__).parents[2]
VERDICT = re.compile(
    r"((?:\b[A-Z]{1,2}\d+[a-z]?(?:, )?)+)\)?: "
    r"(?:surely )?(supported|contradicted|undecided|too small to matter)"
)
FIGURE = re.compile(r"[+-]?\d[\d.]* \[[^\]]+\]")


def prose(name: str) -> str:
    """What is written by hand on an experiment's page, in one line and without emphasis."""
    words = (ROOT / "experiments" / name / "README.md").read_text(encoding="utf-8").partition(START)[0]
    return " ".join(words.replace("*", "").split())


@pytest.mark.parametrize("name", builtin("experiments"))
def test_a_page_tells_the_verdict_of_each_of_its_claims_as_the_table_has_it(name: str) -> None:
    """The words stand by the results of today: each claim by its verdict, each figure as printed."""
    claimed = gathered(ROOT / "results").set_index("id")
    told = {key: verdict for ids, verdict in VERDICT.findall(prose(name)) for key in ids.split(", ")}
    own = claimed.index[(claimed["experiment"] == name) & (claimed["verdict"] != "reported")]
    assert told.keys() >= set(own)
    assert told == claimed["verdict"][list(told)].to_dict()
    answer = (ROOT / "results" / name / "answer.md").read_text(encoding="utf-8")
    assert [figure for figure in FIGURE.findall(prose(name)) if figure not in answer] == []


@pytest.mark.parametrize("name", builtin("experiments"))
def test_a_page_says_which_of_its_claims_turn(name: str) -> None:
    """A verdict on conduct as given that another level contradicts is told as such, and no other is."""
    claimed = gathered(ROOT / "results").set_index("id")
    own = claimed[claimed["experiment"] == name]["verdict"]
    rows = levels_of(ROOT / "results")
    told = set(re.findall(r"\b([A-Z]+\d+[a-z]?) turns", prose(name)))
    assert told == {key for key in own.index if turns(rows.get(str(key), []))}
