"""Small stores to damage, and the command line to meet them with."""

from __future__ import annotations

from pathlib import Path

import pytest

from simulator.batch import layout
from simulator.batch.runner import play
from simulator.batch.store import Store
from simulator.spec.load import load_scenario
from simulator.spec.scenario import Scenario
from tests.cli.conftest import frandsim  # noqa: F401 - a fixture


@pytest.fixture
def scenario() -> Scenario:
    """Two chunks of three replications under two regimes."""
    return load_scenario("duopoly", regimes=["eu-hvzte-2015", "none"], replications=6)


@pytest.fixture
def store(scenario: Scenario, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A whole store of that scenario."""
    monkeypatch.setattr(layout, "CHUNK_ROWS", 6)
    play(scenario, store=Store(tmp_path / "store"))
    return tmp_path / "store"


def files(folder: Path) -> dict[str, bytes]:
    """Every file below a folder by its path."""
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}
