"""What nobody should give a command, and somebody will: one clear line, no traceback."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from simulator.app.choices import whole
from simulator.errors import ScenarioError
from simulator.spec.load import load_scenario
from simulator.trace.seat import Seat
from simulator.vocabulary import Party
from tests.cli.conftest import Answer

Frandsim = Callable[..., Answer]
ROW = "metric,regime,baseline,market,points,share,low,high\nx,y,z,a,b,c,d,e\n"
CASE = "unwired-planet-v-huawei"
DIGITS = "9" * 5_000
"""More than Python turns into a number."""


def one_line(answer: Answer, told: str, status: int = 2) -> None:
    assert answer.status == status, answer.err
    assert "Traceback" not in answer.err
    assert told in answer.err
    assert len(answer.err.strip().splitlines()) <= 2


@pytest.mark.parametrize("command", ["compare", "run", "trace"])
def test_a_link_to_itself_as_the_place_of_results(frandsim: Frandsim, command: str) -> None:
    Path("loop").symlink_to("loop")
    more = ["--regime", "upc"] * (command != "compare") + ["--replications", "2"] * (command != "trace")
    one_line(frandsim(command, "duopoly", *more, "--out", "loop"), "loop", 1)


@pytest.mark.parametrize("text", ["", "a,b\n1,2\n", ROW])
def test_a_foreign_table_of_rankings_is_told_and_left_out(frandsim: Frandsim, text: str) -> None:
    path = Path("results/where_rankings_hold/regions.csv")
    path.parent.mkdir(parents=True)
    path.write_text(text)
    answer = frandsim("compare", "duopoly", "--replications", "2", "--figures", "none", "--out", "out")
    assert answer.status == 0
    assert f"{path} is no table of where_rankings_hold" in answer.err


@pytest.mark.parametrize(
    "words",
    [
        ("sweep", "four_switches", "--replications", DIGITS, "--out", "store"),
        ("sweep", "four_switches", "--replications", f"+{DIGITS}", "--out", "store"),
        ("sweep", "four_switches", "--shard", f"1/{DIGITS}", "--out", "store"),
        ("evolve", "duopoly", "--parameter", "court.interest.court=0:0.1:999999999"),
        ("evolve", "duopoly", "--parameter", "court.interest.court=0:0.1:nan"),
    ],
    ids=lambda words: " ".join(words)[:50],
)
def test_numbers_that_nobody_counts_to(frandsim: Frandsim, words: tuple[str, ...]) -> None:
    answer = frandsim(*words)
    assert answer.status == 2
    assert "Traceback" not in answer.err
    assert f"got {words[3]}"[:40] in answer.err
    assert not Path("store").exists()


@pytest.mark.parametrize(
    ("option", "most"), [("--population", "100000"), ("--starts", "1000"), ("--search", "1000000000")]
)
def test_numbers_that_nobody_plays(frandsim: Frandsim, option: str, most: str) -> None:
    answer = frandsim("evolve", "duopoly", "--regimes", "upc", "--learn", option, "9" * 20)
    assert answer.status == 2
    assert "Traceback" not in answer.err
    assert f"less than or equal to {most}" in answer.err


PLAN = """
experiment: mine
title: Mine
question: Does it end, and when?
scenario: duopoly
regimes: [upc]
baseline: upc
replications: 2
outcomes: [efficiency]
"""
SAMPLED = "uncertainties:\n  - {{parameter: court.interest.court}}\ndesign: {{sample: {}, points: {}}}\n"


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (
            SAMPLED.format("latin_hypercube", 999_999_999),
            "asks for 999,999,999 cells; at most 1,000,000",
        ),
        (SAMPLED.format("saltelli", 2**30), "points: asks for 3,221,225,472 cells"),
        (SAMPLED.format("latin_hypercube", "9" * 60), "points: asks for too many cells"),
    ],
    ids=["many", "sets", "beyond"],
)
def test_designs_without_end(frandsim: Frandsim, text: str, told: str) -> None:
    Path("mine.yaml").write_text(PLAN + text)
    for command in (("validate", "mine.yaml"), ("sweep", "mine.yaml", "--out", "store")):
        one_line(frandsim(*command), told)


def test_a_cell_that_is_none(frandsim: Frandsim) -> None:
    assert frandsim("sweep", "duopoly", "--replications", "2", "--out", "store").status == 0
    for cell in ("7", "9" * 20):
        one_line(
            frandsim("resume", "store", "--cell", cell),
            f"cell: got {cell}; a cell of the design, from 0 to 0",
        )


def test_a_working_directory_that_is_gone(frandsim: Frandsim, monkeypatch: pytest.MonkeyPatch) -> None:
    gone = Path("gone")
    gone.mkdir()
    monkeypatch.chdir(gone)
    Path.cwd().rmdir()
    one_line(frandsim("compare", "duopoly"), "frandsim: the working directory is gone; go to another")


@pytest.mark.parametrize("value", [10**400, True, "0.1", float("nan"), np.bool_(True)])
def test_what_is_no_number_in_python(value: object) -> None:
    with pytest.raises(ScenarioError, match=r"court.interest.court: got .*; "):
        load_scenario("duopoly", regimes=["upc"], set={"court.interest.court": value})  # type: ignore[dict-item]


def test_numbers_of_other_libraries_are_numbers() -> None:
    loaded = load_scenario("duopoly", regimes=["upc"], set={"court.interest.court": np.float32(0.5)})  # type: ignore[dict-item]
    assert loaded.set["court.interest.court"].value == 0.5


@pytest.mark.parametrize("kind", ["fifo", "endless", "folder", "none"])
def test_sales_that_are_no_file(frandsim: Frandsim, kind: str) -> None:
    acts: dict[str, Callable[[], object]] = {
        "fifo": lambda: os.mkfifo("sales.csv"),
        "endless": lambda: Path("sales.csv").symlink_to("/dev/zero"),
        "folder": Path("sales.csv").mkdir,
        "none": Path().exists,
    }
    acts[kind]()
    told = "sales.csv: is not there" if kind == "none" else "sales.csv: is no file"
    answer = frandsim("rate", CASE, "--hedonic", "--sales", "sales.csv")
    assert answer.status == 2
    assert told in answer.err


@pytest.mark.parametrize("command", ["status", "resume", "export", "merge"])
def test_the_current_folder_as_a_store_that_it_is_not(frandsim: Frandsim, command: str) -> None:
    more = ["--out", "whole"] if command == "merge" else []
    one_line(frandsim(command, ".", *more), "is no store: it has no manifest.json")


def test_points_without_end(frandsim: Frandsim, monkeypatch: pytest.MonkeyPatch) -> None:
    import pandas as pd

    Path("mine.yaml").write_text(
        "experiment: mine\ntitle: Mine\nquestion: Does it end, and when?\nscenario: duopoly\n"
        "regimes: [upc]\nbaseline: upc\nreplications: 2\noutcomes: [efficiency]\n"
        "uncertainties:\n  - {parameter: court.interest.court}\ndesign: {file: points.parquet}\n"
    )
    monkeypatch.setattr("simulator.spec.points.MOST_POINTS", 3)
    pd.DataFrame({"court.interest.court": [0.1] * 4}).to_parquet("points.parquet")
    one_line(frandsim("validate", "mine.yaml"), "has more than 3 rows; at most 3 points")
    text = Path("mine.yaml").read_text().replace("points.parquet", "points.csv")
    Path("mine.yaml").write_text(text)
    Path("points.csv").write_text("court.interest.court\n" + "0.1\n" * 4)
    one_line(frandsim("validate", "mine.yaml"), "has more than 3 rows; at most 3 points")
    monkeypatch.setattr("simulator.spec.points.MOST_POINTS", 100)
    monkeypatch.setattr("simulator.spec.points.MOST_LOOKED", 5)
    Path("points.csv").write_text("court.interest.court\n" + "bad\n" * 50)
    answer = frandsim("validate", "mine.yaml")
    assert answer.err.count("must be a number") == 5


def test_numbers_in_a_link_or_a_field_of_the_page() -> None:
    with pytest.raises(ScenarioError, match=r"seed: got .*; a whole number"):
        whole(DIGITS, "seed")
    scenario = load_scenario("duopoly", regimes=["upc"], replications=1)
    with pytest.raises(ScenarioError, match="replication: got 4294967296; from 0 to 4294967295"):
        Seat(scenario, "upc", Party.HOLDER, 0, 2**32)


def test_a_register_that_is_no_text(frandsim: Frandsim) -> None:
    folder = Path("mine")
    folder.mkdir()
    (folder / "experiment.yaml").write_text(
        "experiment: mine\ntitle: Mine\nquestion: Which of them is it?\nscenario: duopoly\nregimes: [upc]\n"
        "baseline: upc\nreplications: 2\noutcomes: [efficiency]\nlevers:\n"
        "  - {parameter: court.interest.court, values: [0, 0.1]}\n"
    )
    Path("register.csv").write_bytes(b"\xff\xfe")
    answer = frandsim("validate", "mine/experiment.yaml", "--json")
    assert "Traceback" not in answer.err
    assert "this is no register of claims" in answer.err + json.dumps(answer.out)
