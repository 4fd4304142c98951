"""Small plans, cut into many chunks."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from simulator.batch import layout
from simulator.spec.experiment import Experiment
from simulator.spec.load import load_experiment, load_scenario
from simulator.spec.scenario import Scenario

FILE = """\
experiment: small
title: A small map
question: Does interest matter?
scenario: duopoly
regimes: [eu-hvzte-2015, none]
baseline: none
levers:
  - {parameter: PARAMETER, values: VALUES}
replications: 6
outcomes: [deadlock_rate]
"""
Written = Callable[..., Experiment]


@pytest.fixture(autouse=True)
def small_chunks(monkeypatch: pytest.MonkeyPatch) -> None:
    """Chunks of three replications of the duopoly under two regimes."""
    monkeypatch.setattr(layout, "CHUNK_ROWS", 6)


@pytest.fixture
def scenario() -> Scenario:
    """Four chunks: replications 0-2, 3-5, 6-8 and 9."""
    return load_scenario("duopoly", regimes=["eu-hvzte-2015", "none"], replications=10)


@pytest.fixture
def written(tmp_path: Path) -> Written:
    """Write an experiment file and load it; its cells are the values of one lever."""

    def write(
        values: str = "[0.02, 0.08]", parameter: str = "court.interest.court", **changes: str
    ) -> Experiment:
        text = FILE.replace("VALUES", values).replace("PARAMETER", parameter)
        for old, new in changes.items():
            key = next(line for line in text.splitlines() if line.startswith(f"{old}:"))
            text = text.replace(key, f"{old}: {new}")
        path = tmp_path / "small.yaml"
        path.write_text(text, encoding="utf-8")
        return load_experiment(path)

    return write


def files(folder: Path) -> dict[str, bytes]:
    """Every file of a store by its path, but what a killed process left unfinished."""
    found = (path for path in folder.rglob("*") if path.is_file() and not path.name.startswith("."))
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in found}
