"""Batches: what writing costs beside simulating, and that memory does not grow with the rows."""

from __future__ import annotations

import resource
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory

from simulator.batch.runner import play
from simulator.batch.store import Store
from simulator.spec.scenario import Scenario
from tests.bench.process import process
from tests.bench.runs import TEN, Rows, digest, scenario
from tests.bench.timing import Clock, Row, Target, paired, per_unit, row

ROOT = Path(__file__).parents[2]
WORKERS, WRITTEN, HELD = 2, 60, 40  # threads; replications under ten regimes
LAWS, EXPORTED = 14, 20  # regimes and replications of the Excel file
STATUS = Path("/proc/self/status")
PEAK = """
import sys
from tests.bench import storing
storing.batch(storing.scenario("cellular", regimes=storing.TEN, replications=int(sys.argv[1])))
print(next(line.split()[1] for line in storing.STATUS.read_text().splitlines() if line.startswith("VmHWM")))
"""


def rows() -> Iterator[Row]:
    """Time and memory of a batch that is stored."""
    yield from writing()
    yield memory()
    yield from excel()


def batch(what: Scenario, *, stored: bool = True) -> list[str]:
    """Play a scenario through the batch runner, into a new folder or nowhere; digests of its rows."""
    found: list[str] = []

    def take(_: int, chunk: Rows) -> None:
        found.append(digest(chunk))

    with TemporaryDirectory() as folder:
        play(what, store=Store(Path(folder, "store")) if stored else None, workers=WORKERS, take=take)
    return found


def timed(what: Scenario, stored: bool) -> float:
    """A batch as one unit of work."""
    batch(what, stored=stored)
    return 1.0


def writing() -> Iterator[Row]:
    """Parquet parts on top of simulating: in CPU time, and in time that passes with a disk to wait for."""
    what = scenario("cellular", regimes=TEN, replications=WRITTEN)
    same = batch(what, stored=True) == batch(what, stored=False)
    both, alone = partial(timed, what, True), partial(timed, what, False)
    clocks: tuple[tuple[str, Clock], ...] = (("CPU", "cpu"), ("time that passes", "wall"))
    for said, clock in clocks:
        label = f"writing parts / simulating, {said} (cellular, ten regimes, {WORKERS} threads)"
        found = paired(label, both, alone, same=same, clock=clock, turns=5)
        more = {name: getattr(found, name) - 1.0 for name in ("ratio", "low", "high")}
        yield replace(found, **more, target=Target(most=0.5))


def memory() -> Row:
    """Peak memory of whole processes with once and four times the rows."""
    label = f"peak memory: {4 * HELD} replications / {HELD} (cellular, ten regimes, stored)"
    target = Target(most=1.1)
    if not STATUS.exists():
        return Row(f"{label}: skipped, this system does not tell", None, target=target)
    return row(label, [peak(4 * HELD) / peak(HELD) for _ in range(3)], target)


def peak(replications: int) -> float:
    """Peak resident memory of a process that plays and stores so many replications, kB."""
    command = [sys.executable, "-c", PEAK, str(replications)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    return float(done.stdout)


def excel() -> Iterator[Row]:
    """Seconds, in place of a ratio: a whole process that writes 56,000 rows as one Excel file."""
    what = scenario("cellular", regimes=LAWS, replications=EXPORTED)
    spent, passed = [], []
    with TemporaryDirectory() as folder:
        count = play(what, store=Store(Path(folder, "store"))).rows
        command = ("-m", "simulator", "export", f"{folder}/store", "--format", "excel")
        for number in range(5):
            before = resource.getrusage(resource.RUSAGE_CHILDREN)
            passed.append(per_unit(partial(process, *command, "--out", f"{folder}/{number}.xlsx"), "wall"))
            after = resource.getrusage(resource.RUSAGE_CHILDREN)
            spent.append(after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime)
    label, target = f"seconds of frandsim export --format excel, {count:,} rows", Target(most=3.0)
    yield row(f"{label} (CPU)", spent, target)
    yield row(f"{label} (that pass)", passed, target)
