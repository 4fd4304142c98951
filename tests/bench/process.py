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
    yield from whole()


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
