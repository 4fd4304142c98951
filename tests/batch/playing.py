"""What child processes of the tests run."""

from __future__ import annotations

import resource
import sys
from pathlib import Path

from simulator.batch import layout
from simulator.batch.runner import play
from simulator.batch.store import Store
from simulator.spec.load import load_scenario
from simulator.spec.scenario import Scenario

ROWS = 60


def plan(replications: int) -> Scenario:
    return load_scenario("duopoly", regimes=["eu-hvzte-2015", "none"], replications=replications)


def play_small(folder: Path, replications: int, workers: int) -> None:
    """Play the plan in chunks of ``ROWS`` rows."""
    layout.CHUNK_ROWS = ROWS
    play(plan(replications), store=Store(folder), workers=workers)


def peak_memory(folder: Path, replications: int) -> None:
    """Play, handing every row on, and print the peak memory of this process in KiB."""
    layout.CHUNK_ROWS = 4_000
    play(plan(replications), store=Store(folder), workers=2, take=lambda *_: None)
    print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)


if __name__ == "__main__":
    peak_memory(Path(sys.argv[1]), int(sys.argv[2]))
