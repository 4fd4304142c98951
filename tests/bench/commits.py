"""Two commits of this repository against each other: the same work in turn, seconds of one over the other's.

``python -m tests.bench.commits BEFORE AFTER`` checks both out, plays every workload by each in turn and
prints ratios and whether outcomes are the same bits, one line a workload; above 1 the later commit is
slower.  Each plays in a process of its own and does the work once before the clock starts; what that costs
with no machine code on the disk is the line on compiling.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import IO, NamedTuple, cast

from tests.bench.bench import HEAD, line
from tests.bench.timing import Row, row

ROOT = Path(__file__).parents[2]
TURNS = 5
PLAYER = """
import sys, time
from tests.bench.runs import digest, played, scenario, stepped, threaded
what = scenario({scenario})
while True:
    rows = {play}
    outcomes = digest(rows) if hasattr(rows, "dtype") else ""
    print(time.process_time(), time.perf_counter(), outcomes, flush=True)
    if not sys.stdin.readline():
        break
"""
"""Told in the words of ``tests/bench/runs.py``, which both commits have."""


class Work(NamedTuple):
    """A workload: what is played how, and the clock it is timed by."""

    name: str
    scenario: str
    play: str = "played(what)"
    wall: bool = False


WORKLOADS = (
    Work("cellular, ten regimes, 64 replications", "'cellular', regimes=10, replications=64"),
    Work("the same in 2 threads", "'cellular', regimes=10, replications=64", "threaded(what, 2)", wall=True),
    Work("duopoly, 40,000 replications", "'duopoly', replications=40_000"),
    Work("100,000 negotiations at once", "'cellular', implementers=250"),
    Work("cellular, 240 months, 64 replications", "'cellular', replications=64, months=240"),
    Work("duopoly in Mesa, month by month", "'duopoly'", "stepped(what)"),
)


class Spent(NamedTuple):
    """Seconds a process has used so far, of the processor's and the wall's, and what its last play gave."""

    cpu: float
    wall: float
    outcomes: str


@contextmanager
def player(tree: Path, work: Work, cache: Path) -> Iterator[tuple[subprocess.Popen[str], Spent]]:
    """A process of a commit that has done the work once, with no machine code on the disk before."""
    process = subprocess.Popen(
        [sys.executable, "-c", PLAYER.format(scenario=work.scenario, play=work.play)],
        cwd=tree,
        env=os.environ | {"PYTHONPATH": str(tree), "XDG_CACHE_HOME": str(cache)},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    with process:
        yield process, told(process)
        process.kill()


def told(process: subprocess.Popen[str]) -> Spent:
    """What a process says after a play; raises ``ValueError`` where it ended."""
    cpu, wall, *outcomes = cast("IO[str]", process.stdout).readline().split()
    return Spent(float(cpu), float(wall), " ".join(outcomes))


def once_more(process: subprocess.Popen[str]) -> Spent:
    """Let it play again."""
    into = cast("IO[str]", process.stdin)
    into.write("\n")
    into.flush()
    return told(process)


def compared(work: Work, trees: tuple[Path, Path]) -> tuple[Row, float]:
    """Ratio of seconds, after over before; and of the seconds of the first play, compiling included."""
    with ExitStack() as both:
        caches = [Path(both.enter_context(tempfile.TemporaryDirectory())) for _ in trees]
        sides = [both.enter_context(player(*side)) for side in zip(trees, (work, work), caches, strict=True)]
        marks = [spent for _, spent in sides]
        first, same = marks[1].cpu / marks[0].cpu, marks[0].outcomes == marks[1].outcomes
        ratios = []
        for _ in range(TURNS):
            seconds = []
            for side, (process, _) in enumerate(sides):
                began = marks[side]
                marks[side] = once_more(process)
                seconds.append(marks[side].wall - began.wall if work.wall else marks[side].cpu - began.cpu)
            ratios.append(seconds[1] / seconds[0])
        return row(f"after / before: {work.name}", ratios, same=same if marks[0].outcomes else None), first


def main() -> int:
    """Print the table."""
    said = argparse.ArgumentParser(description=(__doc__ or "").split("\n", 1)[0])
    said.add_argument("before")
    said.add_argument("after")
    commits = said.parse_args()
    print(HEAD)
    with ExitStack() as trees:
        before, after = (
            trees.enter_context(checked_out(commit)) for commit in (commits.before, commits.after)
        )
        firsts = []
        for work in WORKLOADS:
            found, first = compared(work, (before, after))
            firsts.append(first)
            print(line(found), flush=True)
    print(line(row("after / before: first play, with all compiled", firsts)))
    return 0


@contextmanager
def checked_out(commit: str) -> Iterator[Path]:
    """A commit's files, as long as they are needed."""
    with tempfile.TemporaryDirectory() as folder:
        tree = Path(folder) / "tree"
        git = ["git", "-C", str(ROOT), "worktree"]
        subprocess.run([*git, "add", "--quiet", "--detach", str(tree), commit], check=True)
        try:
            yield tree
        finally:
            subprocess.run([*git, "remove", "--force", str(tree)], check=True)


if __name__ == "__main__":
    sys.exit(main())
