"""Whole processes: what a command takes from its start to its end."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator, Sequence
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory

from tests.bench.runs import REGIME, TEN, scenario
from tests.bench.timing import Row, Target, paired, row

ROOT = Path(__file__).parents[2]
REPLICATIONS, MESA = 100, 20
COMPILED = f"""
from tests.bench.runs import scenario, threaded
threaded(scenario("cellular", regimes={TEN}, replications={REPLICATIONS}), {os.cpu_count()})
"""
PLAYED = f"""
from simulator.batch.runner import play
from simulator.spec.load import load_scenario
play(load_scenario("cellular"), workers={os.cpu_count()}, take=lambda _, rows: None)
"""
STEPPED = f"""
from simulator import LicensingModel
for replication in range({MESA}):
    model = LicensingModel("cellular", regime="{REGIME}", replication=replication)
    model.run_model()
    model.outcomes()
"""
FIRST = """
from functools import partial
from tests.bench.engine import once
from tests.bench.runs import played, scenario
from tests.bench.timing import per_unit
print(per_unit(once(played, scenario("duopoly"))))
"""


def rows() -> Iterator[Row]:
    """Starting, first calls, and a whole comparison."""
    imports = partial(process, "-c", "import numpy, typer")
    label = "frandsim --help / importing numpy and typer"
    helped = partial(process, "-m", "simulator", "--help")
    yield paired(label, helped, imports, Target(most=1.5), clock="wall")
    yield first_call()
    yield from end_to_end()
    yield from whole()


def end_to_end() -> Iterator[Row]:
    """A comparison as it is shipped against a process that plays it to the rows and ends there."""
    playing = partial(process, "-c", PLAYED)
    with TemporaryDirectory() as folder:
        command = ("-m", "simulator", "compare", "cellular", "--out", f"{folder}/out")
        labels = "process: frandsim compare cellular", "its play, to the rows"
        label = f"{labels[0]}, to the table on screen / {labels[1]}"
        yield paired(label, partial(until_shown, *command), playing, Target(most=1.5), clock="wall", turns=5)
        label = f"{labels[0]}, to the end / {labels[1]}"
        yield paired(label, partial(process, *command), playing, Target(most=4.0), clock="wall", turns=5)


def until_shown(*arguments: str) -> float:
    """A Python process from its start to the first words on standard output; then it is stopped."""
    command = [sys.executable, *arguments]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as running:
        assert running.stdout is not None
        assert running.stdout.read(1)
        running.kill()
    return 1.0


def process(*arguments: str) -> float:
    """A Python process from start to end."""
    subprocess.run([sys.executable, *arguments], cwd=ROOT, capture_output=True, check=True)
    return 1.0


def first_call() -> Row:
    """The first replication in a process: machine code from the disk, and machine code to be made."""
    with TemporaryDirectory() as folder:

        def seconds() -> float:
            done = subprocess.run(
                [sys.executable, "-c", FIRST],
                cwd=ROOT,
                env=os.environ | {"XDG_CACHE_HOME": folder},
                capture_output=True,
                text=True,
                check=True,
            )
            return float(done.stdout)

        compiling = seconds()
        ratios = [seconds() / compiling for _ in range(3)]
    return row("first call with compiled code on the disk / compiling it (CPU)", ratios, Target(most=0.35))


def whole() -> Iterator[Row]:
    """Ten regimes compiled against one in Mesa."""
    ours, theirs = f"{REPLICATIONS} replications of cellular, ten regimes", f"{MESA} of one in Mesa"
    stepping, target = partial(process, "-c", STEPPED), Target(most=1.0)
    label = f"whole process: {ours}, to the rows / {theirs}"
    yield paired(label, partial(process, "-c", COMPILED), stepping, target, clock="wall", turns=5)
    with TemporaryDirectory() as folder:
        command = partial(process, "-m", "simulator", *comparison(folder))
        label = f"whole process: frandsim compare, {ours}, to the report / {theirs}"
        yield paired(label, command, stepping, clock="wall", turns=3)


def comparison(folder: str) -> Sequence[str]:
    """Arguments of the command that compares the ten regimes."""
    names = ",".join(regime.regime for regime in scenario("cellular", regimes=TEN).regimes)
    return (
        *("compare", "cellular", "--regimes", names),
        *("--replications", str(REPLICATIONS), "--out", folder),
    )
