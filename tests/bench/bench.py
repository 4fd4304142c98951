"""How fast, relative to what: one table of ratios, every side timed in this run, outcomes compared.

``make bench`` prints it and stores it in results/bench/bench.json.  Only ratios are claims: seconds depend on
the machine and on what else it does.  Sides are timed in turn; a ratio is the median over the turns, with the
smallest and largest beside it.
"""

from __future__ import annotations

import json
import os
import platform
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from functools import partial
from hashlib import blake2b
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from simulator.agents import LicensingModel
from simulator.engine.build import build
from simulator.engine.run import run_chunk, simulate
from simulator.findings.outcomes import Labels, frame
from simulator.spec.base import Quantity
from simulator.spec.load import load_scenario
from simulator.spec.scenario import Scenario

ROOT = Path(__file__).parents[2]
STORED = ROOT / "results" / "bench" / "bench.json"
TURNS = 5
REGIME = "eu-hvzte-2015"
Rows = npt.NDArray[Any]


@dataclass(frozen=True)
class Ratio:
    """One line of the table."""

    what: str
    ratio: float
    low: float
    high: float
    better: str
    same_outcomes: bool | None


def scenario(name: str, *, times: int = 1, months: int | None = None) -> Scenario:
    """A built-in scenario under one regime; ``times`` as many firms a side, another horizon."""
    loaded = load_scenario(name, regimes=[REGIME], replications=1, seed=1)
    market = loaded.market
    sides = {
        side: tuple(
            group.model_copy(update={"count": times * group.count}) for group in getattr(market, side)
        )
        for side in ("holders", "implementers")
    }
    horizon = (
        {} if months is None else {"standard.horizon": Quantity(value=months, source="assumption of a bench")}
    )
    return loaded.model_copy(update={"market": market.model_copy(update=sides), "set": loaded.set | horizon})


def seconds(job: Callable[[], object]) -> float:
    """How long a job takes."""
    start = time.perf_counter()
    job()
    return time.perf_counter() - start


def ratio(
    what: str, slow: Callable[[], Any], fast: Callable[[], Any], better: str, same: bool | None
) -> Ratio:
    """Time of ``slow`` over time of ``fast``, in turns."""
    turns = [seconds(slow) / seconds(fast) for _ in range(TURNS)]
    return Ratio(what, statistics.median(turns), min(turns), max(turns), better, same)


def digest(rows: Rows) -> str:
    """What tells two outcome tables apart."""
    return blake2b(rows.tobytes()).hexdigest()


def played(what: Scenario, replications: int) -> Rows:
    """Compiled, one thread."""
    return run_chunk(build(what), what.seed, range(replications))


def stepped(what: Scenario) -> LicensingModel:
    """Month by month in Mesa."""
    model = LicensingModel(what)
    model.run_model()
    return model


def threaded(what: Scenario, workers: int) -> Rows:
    """Compiled, in several threads."""
    chunks: list[Rows] = []
    simulate(what, workers=workers, on_chunk=chunks.append)
    return np.concatenate(chunks)


def open_months(rows: Rows) -> int:
    """Months in which negotiations were open, over all of them."""
    return int(np.maximum(rows["licence_month"] - rows["notice_month"], 0).sum())


UNCOMPILED = """
import json, sys
sys.path[:0] = sys.argv[1:3]
import bench
from simulator import compiled
assert not compiled.is_on()
what = bench.scenario("duopoly")
rows = bench.played(what, bench.PLAIN)
turns = [bench.seconds(lambda: bench.played(what, bench.PLAIN)) for _ in range(3)]
print(json.dumps({"digest": bench.digest(rows), "turns": turns}))
"""
PLAIN = 10


def compiler() -> Iterator[Ratio]:
    """The compiler: on and off."""
    done = subprocess.run(
        [sys.executable, "-c", UNCOMPILED, ROOT, Path(__file__).parent],
        env=os.environ | {"FRANDSIM_COMPILER": "off"},
        capture_output=True,
        text=True,
        check=True,
    )
    off = json.loads(done.stdout)
    what = scenario("duopoly")
    same = digest(played(what, PLAIN)) == off["digest"]
    on = [seconds(lambda: played(what, PLAIN)) for _ in range(TURNS)]
    turns = [slow / fast for slow in off["turns"] for fast in on]
    label = f"compiler off / on (duopoly, {PLAIN} replications)"
    yield Ratio(label, statistics.median(turns), min(turns), max(turns), "higher", same)


def mesa() -> Iterator[Ratio]:
    """The batch and Mesa."""
    for name in ("duopoly", "cellular"):
        what = scenario(name)
        table = frame(played(what, 1), Labels.of(what))
        same = stepped(what).outcomes().equals(table)
        label = f"LicensingModel, month by month / compiled ({name}, 1 replication)"
        yield ratio(label, partial(stepped, what), partial(played, what, 1), "higher", same)


def threads() -> Iterator[Ratio]:
    """One thread and two."""
    what = scenario("cellular").model_copy(update={"replications": 64})
    same = digest(threaded(what, 1)) == digest(threaded(what, 2))
    label = f"1 thread / 2 threads (cellular, 64 replications, {os.cpu_count()} cores)"
    yield ratio(label, partial(threaded, what, 1), partial(threaded, what, 2), "higher", same)


def growth() -> Iterator[Ratio]:
    """Time per open negotiation-month as a run grows; 1 is linear."""
    base, runs = scenario("cellular", months=60), 8
    larger = [
        ("2 x 2 as many firms", scenario("cellular", times=2, months=60), runs),
        ("4 x 4 as many firms", scenario("cellular", times=4, months=60), runs),
        ("10 x as many months", scenario("cellular", months=600), runs),
        ("8 x as many replications", base, 8 * runs),
    ]
    unit = open_months(played(base, runs))
    for label, what, count in larger:
        factor = open_months(played(what, count)) / unit
        slow, fast = partial(played, what, count), partial(played, base, runs)
        timed = ratio(f"time per open month: {label} / cellular", slow, fast, "near 1", None)
        yield Ratio(timed.what, timed.ratio / factor, timed.low / factor, timed.high / factor, "near 1", None)


def start() -> Iterator[Ratio]:
    """The command's help, and what any scientific command line pays."""

    def python(code: str) -> None:
        subprocess.run([sys.executable, "-c", code], stdout=subprocess.DEVNULL, check=True)

    helped = "import sys; sys.argv = ['frandsim', '--help']; from simulator.cli import main; main()"
    label = "frandsim --help / importing numpy and typer"
    yield ratio(label, partial(python, helped), partial(python, "import numpy, typer"), "lower", None)


def main() -> int:
    """Print and store the table; 1 where outcomes differ."""
    began = time.perf_counter()
    table: list[Ratio] = []
    print(f"{'ratio':>9}  {'low':>9}  {'high':>9}  {'better':>7}  outcomes")
    for part in (compiler, mesa, threads, growth, start):
        for line in part():
            table.append(line)
            said = {True: "same", False: "DIFFER", None: ""}[line.same_outcomes]
            figures = "  ".join(f"{figure:9.3g}" for figure in (line.ratio, line.low, line.high))
            print(f"{figures}  {line.better:>7}  {said:8}  {line.what}", flush=True)
    about = {
        "python": platform.python_version(),
        "cores": os.cpu_count(),
        **{name: version(name) for name in ("frandsim", "numpy", "numba", "mesa")},
    }
    STORED.parent.mkdir(parents=True, exist_ok=True)
    text = json.dumps({"about": about, "ratios": [asdict(line) for line in table]}, indent=2)
    STORED.write_text(text + "\n", encoding="utf-8")
    print(f"{STORED.relative_to(ROOT)}, {time.perf_counter() - began:.0f} s")
    return int(any(line.same_outcomes is False for line in table))


if __name__ == "__main__":
    sys.exit(main())
