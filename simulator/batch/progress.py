"""Showing how far a batch is: a bar on a terminal, a line every few seconds elsewhere."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn

from simulator.batch.tally import Report

PAUSE = 5.0
"""Least seconds between two lines where there is no terminal."""


@contextmanager
def shown() -> Iterator[Callable[[Report], None]]:
    """A function that shows a report on standard error: replications, rate, time left, failures."""
    console = Console(stderr=True)
    if not console.is_terminal:
        yield _lines()
        return
    columns = (TextColumn("{task.description}"), BarColumn(), TimeElapsedColumn(), TimeRemainingColumn())
    with Progress(*columns, console=console, transient=True) as bar:
        task = bar.add_task("replications", total=None)

        def update(report: Report) -> None:
            done, total = report.done_replications, report.replications
            bar.update(task, completed=done, total=total, description=line(report))

        yield update


def replications(report: Report) -> str:
    """How many replications are done."""
    return f"{report.done_replications} of {report.replications} replications"


def line(report: Report) -> str:
    """How far a batch is, in a line."""
    told = replications(report)
    if report.rate > 0:
        told += f", {report.rate:,.0f} negotiations a second"
    return told + (f", {len(report.failures)} cells failed" if report.failures else "")


def _lines() -> Callable[[Report], None]:
    last, said = time.monotonic(), -1

    def tell(report: Report) -> None:
        nonlocal last, said
        if report.done == report.chunks and said != report.done:
            said = report.done
            print(replications(report), file=sys.stderr, flush=True)
        elif time.monotonic() - last >= PAUSE:
            last = time.monotonic()
            left = remaining(report)
            told = f", about {left:.0f} s left" if left > 0 else ""
            print(line(report) + told, file=sys.stderr, flush=True)

    return tell


def remaining(report: Report) -> float:
    """Seconds until all is played, if it goes on as it went; 0 where nothing is known."""
    left = report.chunks - report.done
    return report.seconds / report.played * left if report.played > 0 else 0.0
