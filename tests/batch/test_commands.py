"""The commands of a batch as a user meets them."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from simulator.batch import chunk as chunks
from simulator.engine.build import build
from simulator.spec.scenario import Scenario
from tests.batch.conftest import FILE, files
from tests.cli.conftest import Answer, frandsim

__all__ = ["frandsim"]
Frandsim = Callable[..., Answer]
DUOPOLY = ("sweep", "duopoly", "--workers", "2")


def test_a_sweep_grows_and_is_resumed_from_its_folder_alone(frandsim: Frandsim, tmp_path: Path) -> None:
    first = frandsim(*DUOPOLY, "--out", "runs", "--replications", "4")
    assert (first.status, first.out) == (0, "")
    told = first.err.splitlines()
    assert told[0] == "4 of 4 replications"
    assert told[1] == "4 of 4 chunks done in runs, 0 of them before"
    assert told[2].startswith("wrote 4 parts, 56 rows, ")
    assert told[3].startswith("played 56 negotiations in ")
    again = frandsim(*DUOPOLY, "--out", "runs", "--replications", "+2", "--json")
    found = json.loads(again.out)
    assert (found["reused"], found["parts"], found["complete"]) == (4, 2, True)
    victim = sorted((tmp_path / "runs" / "parts").iterdir())[0]
    before = files(tmp_path / "runs")
    victim.unlink()
    assert frandsim("resume", "runs").status == 0
    assert files(tmp_path / "runs") == before
    assert len(pd.read_parquet(tmp_path / "runs" / "parts")) == 6 * 14


def test_an_experiment_is_swept_in_shards_and_merged(frandsim: Frandsim, tmp_path: Path) -> None:
    text = FILE.replace("VALUES", "[0.02, 0.08]").replace("PARAMETER", "court.interest.court")
    (tmp_path / "small.yaml").write_text(text)
    for turn in (1, 2):
        name = f"part-{turn}"
        assert frandsim("sweep", "small.yaml", "--out", name, "--shard", f"{turn}/2").status == 0
    assert frandsim("sweep", "small.yaml", "--out", "one").status == 0
    assert frandsim("merge", "part-1", "part-2", "--out", "whole").status == 0
    assert files(tmp_path / "whole") == files(tmp_path / "one")
    found = json.loads(frandsim("status", "part-1", "--json").out)
    assert (found["shard"], found["chunks"], found["complete"]) == ("1/2", 2, True)


def test_status_says_what_is_missing_and_how_to_go_on(frandsim: Frandsim, tmp_path: Path) -> None:
    frandsim(*DUOPOLY, "--out", "runs", "--replications", "3")
    sorted((tmp_path / "runs" / "parts").iterdir())[0].unlink()
    told = frandsim("status", "runs")
    assert told.err == "nothing written\n"
    for line in ("duopoly: 1 chunks are missing", "2 of 3 chunks", "frandsim resume runs"):
        assert line in told.out


def test_a_failing_cell_is_status_1_and_can_be_played_alone(
    frandsim: Frandsim, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(scenario: Scenario) -> Any:
        if scenario.set["court.interest.court"].value > 0.05:
            raise ZeroDivisionError("no court")
        return build(scenario)

    chunks.prepared.cache_clear()
    monkeypatch.setattr(chunks, "build", broken)
    text = FILE.replace("VALUES", "[0.02, 0.08]").replace("PARAMETER", "court.interest.court")
    (tmp_path / "small.yaml").write_text(text)
    told = frandsim("sweep", "small.yaml", "--out", "runs")
    assert told.status == 1
    replay = "frandsim resume runs --cell 1 --on-error stop"
    assert f"failed: cell 1: ZeroDivisionError: no court; play it again with: {replay}" in told.err
    assert "go on with: frandsim resume runs" in told.err
    assert "Failed" in frandsim("status", "runs").out
    alone = frandsim(*replay.split()[1:])
    assert alone.status == 1
    assert alone.err.startswith("frandsim: a cell failed\nTraceback")
    monkeypatch.setattr(chunks, "build", build)
    assert frandsim(*replay.split()[1:]).status == 0
    assert json.loads(frandsim("status", "runs", "--json").out)["complete"] is True


@pytest.mark.parametrize(
    ("arguments", "line"),
    [
        (
            ("sweep", "duopol", "--out", "x"),
            "duopol: no such scenario or experiment, built-in or file; did you",
        ),
        (("sweep", "duopoly", "--out", "x", "--shard", "3/2"), "shard: got 3/2; the i-th of n parts"),
        (("sweep", "duopoly", "--out", "x", "--shard", "half"), "shard: got half; the i-th of n parts"),
        (("sweep", "duopoly", "--out", "x", "--replications", "0"), "replications: got 0; at least 1"),
        (("sweep", "duopoly", "--out", "x", "--replications", "many"), "replications: got many; a number"),
        (("sweep", "duopoly", "--out", "x", "--replications", "+5"), "x: is no store: it has no manifest"),
        (("sweep", "duopoly", "--out", "file"), "file: is a file, or has one in its path; name a folder"),
        (("resume", "nowhere"), "nowhere: is no store: it has no manifest.json; name a folder that a sweep"),
        (("status", "file"), "file: is no store: it has no manifest.json"),
        (("merge", "nowhere", "--out", "x"), "nowhere: is no store: it has no manifest.json"),
    ],
)
def test_bad_input_is_one_clear_line_and_status_2(
    frandsim: Frandsim, tmp_path: Path, arguments: tuple[str, ...], line: str
) -> None:
    (tmp_path / "file").write_text("no folder")
    answer = frandsim(*arguments)
    assert (answer.status, answer.out) == (2, "")
    assert answer.err.startswith(line)
    assert "Traceback" not in answer.err
    assert not (tmp_path / "x" / "manifest.json").exists()
