"""What validates is playable: files made from the models are played, tabulated and drawn."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, seed, settings

from simulator import study
from simulator.spec.load import load_scenario
from tests.faults.fuzz import Tally, files

SHARDS = 20
FILES = 10_000
DRAWN = 200
CHECKS = list(HealthCheck)


@pytest.fixture
def tally(
    capsys: pytest.CaptureFixture[str], record_property: Callable[[str, object], None]
) -> Iterator[Tally]:
    """Counts, told and recorded at the end; kernels are compiled first, so that no file waits for them."""
    counts = Tally()
    counts.play(load_scenario("duopoly", replications=2))
    counts.played, counts.slowest = 0, 0.0
    yield counts
    for name in ("inputs", "accepted", "played", "slowest"):
        record_property(name, getattr(counts, name))
    with capsys.disabled():
        print(f"\n{counts}")


def fuzzed(tally: Tally, count: int, shard: int = 0, *, draw: bool = False) -> None:
    """Load, play, tabulate and perhaps draw so many files that are accepted; each shard tries others."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)

        @seed(shard)
        @settings(max_examples=count, deadline=None, suppress_health_check=CHECKS, database=None)
        @given(files())
        def one(parts: dict[str, dict[str, object]]) -> None:
            scenario = tally.load(parts, folder)
            tally.play(scenario)
            if draw:
                study.compare(scenario, out=folder / "out", formats=["svg"])

        one()


def test_some_files(tally: Tally) -> None:
    fuzzed(tally, 20)
    assert tally.played >= 20


@pytest.mark.slow
@pytest.mark.parametrize("shard", range(SHARDS))
def test_many_files(tally: Tally, shard: int) -> None:
    fuzzed(tally, FILES // SHARDS, shard)
    assert tally.played >= FILES // SHARDS


@pytest.mark.slow
@pytest.mark.parametrize("shard", range(SHARDS))
def test_files_to_the_last_page(tally: Tally, shard: int) -> None:
    fuzzed(tally, DRAWN // SHARDS, shard, draw=True)
    assert tally.played >= DRAWN // SHARDS
