"""What long work will take: played small first, then told, and refused where it cannot fit."""

from __future__ import annotations

import os
import shutil
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from simulator.engine.build import build
from simulator.engine.run import run_chunk
from simulator.errors import Problem, ScenarioError
from simulator.outcomes.rows import Labels, Rows, parquet
from simulator.spec.scenario import Scenario
from simulator.writing.folders import resolved

MEMORY = 160.0
"""Bytes a negotiation takes at the peak of a comparison: measured, 320,000 of cellular less 40,000."""
PROBE = 4_000
"""Negotiations that are played to measure time and space."""
STORE = "store"
"""The folder, in that of the results, where the chunks of a long comparison are kept."""
SPARE = 0.9
"""Share of what there is that may be filled."""
FEWER = "fewer replications or regimes"
"""What to ask for where a comparison has no room."""
LONG = 5_000_000
"""Negotiations from which work is long: measured before it begins, told, and kept to go on with."""


@dataclass(frozen=True)
class Need:
    """What it takes: negotiations, bytes of disk and of memory, seconds of playing."""

    rows: int
    disk: float
    memory: float
    seconds: float

    def __str__(self) -> str:
        """In words.

        >>> str(Need(10_000_000, 1.34e9, 1.6e9, 90.0))
        '10,000,000 negotiations take about 1.3 GB of disk, 1.6 GB of memory and 2 minutes of playing'
        """
        minutes = max(1, round(self.seconds / 60))
        spoken = (
            f"{minutes:,} minute{'s' * (minutes != 1)}" if minutes < 120 else f"{minutes / 60:,.0f} hours"
        )
        space = f"{gigabytes(self.disk)} of disk, {gigabytes(self.memory)} of memory"
        kept = f"{space} and " if self.disk or self.memory else ""
        return f"{self.rows:,} negotiations take about {kept}{spoken} of playing"


def negotiations(scenario: Scenario) -> int:
    """How many negotiations a scenario plays, under all its regimes."""
    return len(scenario.market.negotiations()) * len(scenario.regimes) * scenario.replications


@dataclass(frozen=True)
class Work:
    """So many negotiations like a scenario's, and what is kept of them.

    ``copies``: of their rows on the disk at once (a comparison keeps them twice until the end), unless other
    bytes of ``disk`` are said, or of ``memory``; ``fewer``: what to ask for where there is no room;
    ``bound``: what is said in front of what it takes.
    """

    scenario: Scenario
    rows: int
    fewer: str = FEWER
    copies: int = 2
    disk: float | None = None
    memory: float | None = None
    bound: str = ""

    def need(self, workers: int) -> Need:
        """What it takes, from a few replications of the scenario on this machine."""
        scenario, rules = self.scenario, build(self.scenario)
        first = run_chunk(rules, scenario.seed, range(1))  # with what is done once, as making machine code
        began = time.perf_counter()
        played = run_chunk(rules, scenario.seed, range(1 + max(1, PROBE // len(first))))
        each = (time.perf_counter() - began) / len(played)
        row = (_stored(scenario, played) - _stored(scenario, first)) / (len(played) - len(first))
        threads = min(workers, os.cpu_count() or 1)
        disk = self.copies * self.rows * row if self.disk is None else self.disk
        memory = self.rows * MEMORY if self.memory is None else self.memory
        return Need(self.rows, disk, memory, self.rows * each / threads)

    def foreseen(
        self,
        workers: int,
        out: Path | None,
        told: Callable[[str], None] | None,
        left: Callable[[], int] = int,
    ) -> bool:
        """Say what it takes before it begins, where it is long; whether it is.

        ``left``: tells the bytes an interrupted run left to go on with.  Raises ``ScenarioError`` as
        :func:`refuse_above` does.
        """
        if self.rows <= LONG or (told is None and self.disk == self.memory == 0):
            return self.rows > LONG
        tell = told or (lambda _: None)
        tell(f"{self.rows:,} negotiations: measuring what they take")
        need = self.need(workers)
        refuse_above(need, self.scenario, out, fewer=self.fewer, left=left())
        goes_on = "; after an interrupt, the same command goes on" if out is not None else ""
        tell(f"{self.bound}{need}{goes_on}")
        return True


def searching(scenario: Scenario, rows: int, bound: str = "") -> Work:
    """Work of which nothing is kept that counts."""
    return Work(scenario, rows, disk=0, memory=0, bound=bound)


def refuse_above(
    need: Need, scenario: Scenario, out: Path | None, *, fewer: str = FEWER, left: int = 0
) -> None:
    """Raise ``ScenarioError`` where work needs more disk or memory than there is.

    What an interrupted run of the same plan left to go on with counts as room: ``left`` bytes.
    """
    place = resolved(out or Path())
    folder = next(path for path in (place, *place.parents) if path.is_dir())
    room = shutil.disk_usage(folder).free + left
    installed = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    for wanted, have, where in (
        (need.disk if out is not None else 0.0, room, f"free in {folder}"),
        (need.memory, installed, "in this machine"),
    ):
        if wanted > SPARE * have:
            what = f"{need}; {gigabytes(have)} are {where}"
            example = "or rows alone, of any number: frandsim sweep"
            raise ScenarioError(Problem(scenario.scenario, None, "replications", what, fewer, example))


def gigabytes(count: float) -> str:
    """Bytes as people read them.

    >>> gigabytes(2.2e9)
    '2.2 GB'
    """
    return f"{count / 1e9:,.1f} GB"


def _stored(scenario: Scenario, rows: Rows) -> int:
    """Bytes of a file of outcomes."""
    with TemporaryDirectory() as folder:
        path = Path(folder, "outcomes.parquet")
        with parquet(path, Labels.of(scenario), {}) as append:
            append(rows)
        return path.stat().st_size
