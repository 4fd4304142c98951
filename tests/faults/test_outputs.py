"""Where results go: what cannot take them is said first, what cannot hear of them loses none of them."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from simulator import study
from simulator.batch.estimate import STORE
from simulator.batch.export import Form, export
from simulator.batch.layout import Layout
from simulator.batch.merge import merge
from simulator.batch.runner import play
from simulator.batch.status import status
from simulator.batch.store import ASIDE, Store
from simulator.errors import ScenarioError
from simulator.interface import compare
from simulator.rates.hedonic import read_sales, sales
from simulator.spec.load import load_experiment, load_scenario
from simulator.writing.folders import ready, replacing
from tests.cli.conftest import Answer
from tests.cli.test_odd_input import one_line
from tests.faults.conftest import files
from tests.play import study_file

Frandsim = Callable[..., Answer]
LONG = "a" * 300
COMPARE = ("compare", "duopoly", "--replications", "2", "--regimes", "upc,us-ebay", "--figures", "none")
PLAYED = """
experiment: played
schema: 2
title: What an interrupted run leaves
question: Does another run of the same experiment leave it alone?
scenario: duopoly
regimes: [us-ebay, upc]
baseline: us-ebay
replications: 40
seed: 1
quick: {replications: 4}
outcomes: [deadlock_rate]
"""


@pytest.mark.parametrize(
    "words",
    [
        COMPARE,
        ("run", "duopoly", "--regime", "upc", "--replications", "2"),
        ("evolve", "duopoly", "--regimes", "upc", "--budget", "2"),
        ("trace", "duopoly", "--regime", "upc"),
        ("experiment", "four_switches", "--quick"),
        ("rate", "huawei-v-idc", "--methods", "all"),
    ],
    ids=lambda words: words[0],
)
@pytest.mark.parametrize(
    ("place", "told"),
    [
        ("file", "is a file"),
        ("file/below", "is a file, or has one in its path"),
        ("store", "holds a batch (frandsim sweep); name another folder"),
        ("b\udcffd", "is not UTF-8"),
        (LONG, "has 300 bytes in a name"),
        ("", "got an empty one"),
    ],
)
def test_a_place_that_takes_no_results_is_told_before_anything_is_played(
    frandsim: Frandsim, monkeypatch: pytest.MonkeyPatch, words: tuple[str, ...], place: str, told: str
) -> None:
    Path("file").write_text("mine")
    if place == "store":
        play(load_scenario("duopoly", regimes=["upc"], replications=2), store=Store(Path("store")))
    before = files(Path())

    def played(*_: object, **__: object) -> None:
        raise AssertionError("something was played")

    for name in (
        *("study.playing.play", "experiments.evolution.play", "evolution.game.run_chunk"),
        *("study.comparing.follow", "rates.worksheet.all_methods"),
    ):
        monkeypatch.setattr(f"simulator.{name}", played)
    one_line(frandsim(*words, "--out", place), told)
    assert files(Path()) == before


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_a_place_that_cannot_be_written_is_told_first(tmp_path: Path) -> None:
    (tmp_path / "closed").mkdir(mode=0o500)
    with pytest.raises(ScenarioError, match="cannot be written"):
        ready(tmp_path / "closed" / "out")


def test_a_long_name_that_a_file_system_takes_is_taken(tmp_path: Path) -> None:
    place = tmp_path / ("é" * 125)
    for text in ("one", "two"):
        with replacing(place) as beside:
            (beside / "a.txt").write_text(text)
    assert (place / "a.txt").read_text() == "two"


@pytest.mark.parametrize(
    "words",
    [
        ("compare", f"./{LONG}"),
        ("compare", LONG),
        ("validate", LONG),
        ("rate", LONG),
        ("experiment", LONG),
        ("init", LONG),
        ("run", "duopoly", "--regime", LONG),
        ("regimes", "show", LONG),
        ("regimes", "diff", "upc", LONG),
        ("compare", "duopoly", "--set", f"share({LONG})=0.2"),
        ("validate", ""),
        ("rate", ""),
        ("init", ""),
        ("compare", "duopoly", "--set", "share()=0.3"),
        ("evolve", "duopoly", "--strategies", ""),
        ("evolve", "duopoly", "--strategies", ","),
    ],
    ids=lambda words: " ".join(words)[:24],
)
def test_names_without_end_and_without_beginning(frandsim: Frandsim, words: tuple[str, ...]) -> None:
    answer = frandsim(*words)
    one_line(answer, "")
    assert "Errno" not in answer.err
    assert "is a directory" not in answer.err


def test_python_takes_numbers_of_numpy_and_no_names_without_end() -> None:
    compared = compare("duopoly", regimes="upc", replications=np.int64(2), seed=np.int64(3))  # type: ignore[arg-type]
    assert compared.scenario.seed == 3
    with pytest.raises(ScenarioError):
        compare(LONG)
    with pytest.raises(ScenarioError):
        compare("duopoly", regimes=LONG)
    with pytest.raises(ScenarioError):
        compare("duopoly", regimes="upc", replications=2, out=LONG)


@pytest.mark.parametrize(
    ("rest", "code"),
    [
        ("| true", 0),
        (">/dev/full", 1),
        (">&-", 0),
        ("2>/dev/full >/dev/null", 0),
        ("2>&1 >/dev/null | true", 0),
    ],
)
def test_results_do_not_depend_on_who_listens(tmp_path: Path, rest: str, code: int) -> None:
    line = f"set -o pipefail; {sys.executable} -m simulator {' '.join(COMPARE)} --out out {rest}"
    done = subprocess.run(["bash", "-c", line], cwd=tmp_path, capture_output=True, text=True, check=False)
    assert "Traceback" not in done.stderr
    assert done.returncode == code, done.stderr
    assert (tmp_path / "out" / "manifest.json").is_file()


def test_every_character_is_printed_in_some_way(tmp_path: Path) -> None:
    words = [sys.executable, "-m", "simulator", "rate", "oppo-v-nokia"]
    done = subprocess.run(
        words, capture_output=True, check=False, cwd=tmp_path, env=os.environ | {"PYTHONIOENCODING": "ascii"}
    )
    assert done.returncode == 0, done.stderr
    assert b"\\u20ac" in done.stdout


def test_what_gives_way_to_results_of_another_kind_is_told(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    scenario = load_scenario("duopoly", regimes=["upc"], replications=2)
    how = study.adaptation(budget=2)
    study.compare(scenario, out=tmp_path, formats=[])
    study.evolve(scenario, how, out=tmp_path)
    assert f"{tmp_path}: the results there, of another run (seed 1;" in capsys.readouterr().err
    study.evolve(scenario, how, out=tmp_path)
    assert "of another run" not in capsys.readouterr().err
    study.evolve(load_scenario("duopoly", regimes=["upc"], replications=2, seed=5), how, out=tmp_path)
    assert "of another run" in capsys.readouterr().err
    study.trace(scenario, "upc", out=tmp_path)
    assert "of another run" in capsys.readouterr().err


def test_another_run_leaves_what_an_interrupted_one_kept(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Its parts stand aside while another plan plays, and are there when the first goes on."""
    path = study_file(tmp_path, "played", PLAYED)
    plan, out = load_experiment(path), tmp_path / "out"
    other = Store(out / STORE, replace=True)
    play(plan, store=other)
    other.__exit__(KeyboardInterrupt, None, None)
    parts = files(out / STORE / "parts")
    assert other.left(Layout(plan)) == sum(map(len, parts.values()))

    study.experiment(load_experiment(path, quick=True), out=out)
    assert "an interrupted run of another plan left 1 chunks: kept in" in capsys.readouterr().err
    (aside,) = (out / STORE / ASIDE).iterdir()
    assert files(aside / "parts") == parts
    again = Store(out / STORE, replace=True)
    assert again.left(Layout(plan)) == sum(map(len, parts.values()))
    assert again.left(Layout(load_experiment(path, quick=True))) == 0
    with again:
        report = play(plan, store=again)
        assert report.reused == report.chunks
    assert not (out / STORE).exists()


def test_a_store_is_not_exported_or_merged_into_itself(store: Path) -> None:
    before = files(store)
    part = next((store / "parts").iterdir())
    for place in (store / "manifest.json", part, store / "digests" / "x.csv"):
        with pytest.raises(ScenarioError, match="is where the store keeps its own"):
            export(store, Form.CSV, place)
    with pytest.raises(ScenarioError, match="where that store keeps its own"):
        merge([store], store / "parts")
    assert files(store) == before


def test_a_store_may_have_a_name_that_is_no_text(store: Path) -> None:
    odd = Path(os.fsdecode(os.fsencode(store.parent) + b"/st\xe9"))
    store.rename(odd)
    assert not status(Store(odd), verify=True).torn
    assert export(odd, Form.CSV, odd.parent / "rows.csv").rows > 0
    odd.rename(store)


def test_rates_leave_what_else_is_there(frandsim: Frandsim, tmp_path: Path) -> None:
    study.compare(load_scenario("duopoly", regimes=["upc"], replications=2), out=tmp_path / "rr", formats=[])
    before = files(tmp_path / "rr")
    assert frandsim("rate", "huawei-v-idc", "--methods", "all", "--out", "rr").status == 0
    assert files(tmp_path / "rr").items() >= before.items()


def test_the_root_takes_results_or_is_one_line(frandsim: Frandsim, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("simulator.writing.folders.os.access", lambda *_: False)
    one_line(frandsim(*COMPARE, "--out", "/"), "cannot be written")


def test_a_full_disk_leaves_the_rates_that_were_there(frandsim: Frandsim, tmp_path: Path) -> None:
    words = ("rate", "huawei-v-idc", "--methods", "all", "--out", "rr")
    assert frandsim(*words).status == 0
    before = files(tmp_path / "rr")
    line = f"ulimit -f 8; {sys.executable} -m simulator {' '.join(words)}"
    done = subprocess.run(["bash", "-c", line], cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert files(tmp_path / "rr") == before


def _table(change: Callable[[pd.DataFrame], object], path: Path) -> Path:
    table = sales(1)
    change(table)
    table.to_csv(path, index=False)
    return path


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (lambda table: table.update(table["price"] * 1e300), "price is"),
        (lambda table: table.update(table["price"] * 1e-300), "price is"),
        (lambda table: table.update((table["units"] * 0 + 1e308).rename("units")), "units is"),
        (lambda table: table.update((table["quality"] * 1e308).rename("quality")), "quality is"),
        (lambda table: table.insert(6, "twin", table["five_g"]), "a column twin that the columns before it"),
        (lambda table: table.insert(6, "flat", 1.0), "a column flat that the columns before it determine"),
        (lambda table: table.insert(6, "price ", table["units"]), None),
    ],
)
def test_sales_that_cannot_be_estimated_are_refused(
    tmp_path: Path, change: Callable[[pd.DataFrame], object], told: str | None
) -> None:
    path = _table(change, tmp_path / "sales.csv")
    if told is None:
        assert "price " in read_sales(path)
        return
    with pytest.raises(ScenarioError, match=told) as error:
        read_sales(path)
    assert str(path) in str(error.value)


def test_a_column_of_sales_stands_once(tmp_path: Path) -> None:
    path = tmp_path / "sales.csv"
    table = sales(1)
    table.insert(1, "first", 5.0)
    text = table.to_csv(index=False)
    path.write_text(text.replace("first", "price", 1))
    with pytest.raises(ScenarioError, match=r"sales.csv:1: names price twice"):
        read_sales(path)


def test_manifests_of_stores_are_known_by_their_plan(store: Path) -> None:
    """What ``ready`` looks for is what a store states."""
    assert {"plan", "shard"} <= json.loads((store / "manifest.json").read_text()).keys()
    shutil.rmtree(store)
