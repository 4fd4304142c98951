"""Paired timing: both sides in turn, a ratio inside each turn, the median and quartiles over the turns.

Only ratios are claims: seconds depend on the machine and on what else it does, but what slows one side of
a turn slows the other side too.  Three lines are seconds, and say so: learning a regime, and an Excel file
by both clocks.
"""

from __future__ import annotations

import os
import statistics
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

Clock = Literal["cpu", "wall"]
Side = Callable[[], float]
"""Does the work once and returns how many units it did, or 1."""

TURNS, BUDGET = 9, 20.0  # at most so many turns, and seconds (three turns in any case)


@dataclass(frozen=True)
class Target:
    """What is required of a ratio; without bounds it is only reported."""

    least: float | None = None
    most: float | None = None

    def __str__(self) -> str:
        """The bounds in words.

        >>> str(Target(0.85, 1.15)), str(Target(least=1.7)), str(Target(most=3.0)), str(Target())
        ('0.85-1.15', '>= 1.7', '<= 3', '')
        """
        if self.least is not None and self.most is not None:
            return f"{self.least:g}-{self.most:g}"
        bounds = ((">=", self.least), ("<=", self.most))
        return "".join(f"{sign} {bound:g}" for sign, bound in bounds if bound is not None)

    def met(self, ratio: float) -> bool | None:
        """Whether a ratio meets it; None where nothing is required.

        >>> Target(least=2.0).met(1.9), Target(most=2.0).met(1.9), Target().met(1.9)
        (False, True, None)
        """
        if self == Target():
            return None
        return (self.least is None or ratio >= self.least) and (self.most is None or ratio <= self.most)


@dataclass(frozen=True)
class Row:
    """One line of the table; ``ratio`` None where a side cannot run here, and ``what`` says why."""

    what: str
    ratio: float | None
    low: float | None = None
    high: float | None = None
    target: Target = Target()
    same: bool | None = None

    @property
    def met(self) -> bool | None:
        """Whether the ratio meets its target."""
        return None if self.ratio is None else self.target.met(self.ratio)


def row(what: str, ratios: Sequence[float], target: Target | None = None, same: bool | None = None) -> Row:
    """Median and quartiles of the ratios of some turns.

    >>> row("one / other", [1.0, 2.0, 3.0, 4.0, 9.0])
    Row(what='one / other', ratio=3.0, low=2.0, high=4.0, target=Target(least=None, most=None), same=None)
    """
    low, middle, high = (
        statistics.quantiles(ratios, n=4, method="inclusive") if len(ratios) > 1 else [ratios[0]] * 3
    )
    return Row(what, middle, low, high, target or Target(), same)


def paired(
    what: str,
    above: Side,
    below: Side,
    target: Target | None = None,
    *,
    same: bool | None = None,
    clock: Clock = "cpu",
    turns: int = TURNS,
) -> Row:
    """Time per unit of ``above`` over time per unit of ``below``.

    CPU time for what runs in one thread of this process: other work on the machine hardly counts.  Wall
    time for the rest, of the turns in which other work took less than a tenth of a core; where fewer than
    three turns were that quiet, of all of them, and the line says so.
    """
    ratios: list[float] = []
    quiet: list[float] = []
    start = time.perf_counter()
    while len(ratios) < 3 or (len(ratios) < turns and time.perf_counter() - start < BUDGET):
        before, began = others(), time.perf_counter()
        ratios.append(per_unit(above, clock) / per_unit(below, clock))
        if others() - before < 0.1 * (time.perf_counter() - began):
            quiet.append(ratios[-1])
    if clock == "cpu":
        return row(what, ratios, target, same)
    if len(quiet) >= 3:
        return row(what, quiet, target, same)
    return replace(row(what, ratios, target, same), what=f"{what}, on a busy machine")


def per_unit(side: Side, clock: Clock = "cpu") -> float:
    """Seconds per unit of doing the work once."""
    now = time.process_time if clock == "cpu" else time.perf_counter
    start = now()
    units = side()
    return (now() - start) / units


def others() -> float:
    """CPU seconds used on this machine by everything but this process and its children; 0 if not told."""
    try:
        spent = [int(word) for word in Path("/proc/stat").read_text().split("\n", 1)[0].split()[1:9]]
    except OSError:
        return 0.0
    mine = sum(os.times()[:4])
    return (sum(spent) - spent[3] - spent[4]) / os.sysconf("SC_CLK_TCK") - mine
