"""How fast, relative to what: one table of ratios, every side timed in this run, outcomes compared.

``make bench`` prints it and stores it in results/bench/bench.json.  Nothing is asserted: a target that is
missed is reported as missed.  Parts named on the command line are run alone, and nothing is stored.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import sys
import time
from collections.abc import Iterator
from dataclasses import asdict
from importlib import import_module
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from tests.bench.timing import Row

ROOT = Path(__file__).parents[2]
STORED = ROOT / "results" / "bench" / "bench.json"
PARTS = ("engine", "bilateral", "anchor", "storing", "process", "learned")
"""Modules of this folder; each has ``rows()``, which yields the lines of its part."""
HEAD = f"{'ratio':>9}  {'low':>9}  {'high':>9}  {'target':>9}  met  outcomes  what"
LIBRARIES = ("frandsim", "numpy", "numba", "pyarrow", "mesa", "negmas")


def table(parts: tuple[str, ...]) -> Iterator[Row]:
    """The lines of some parts, as they are measured."""
    for part in parts:
        yield from import_module(f"tests.bench.{part}").rows()


def line(found: Row) -> str:
    """A line of the table as text.

    >>> line(Row("a / b", 0.5, 0.4, 0.625))
    '      0.5        0.4      0.625                               a / b'
    """
    figures = ("" if figure is None else f"{figure:.3g}" for figure in (found.ratio, found.low, found.high))
    met = {True: "yes", False: "NO", None: ""}[found.met]
    same = {True: "same", False: "DIFFER", None: ""}[found.same]
    return "  ".join([*(f"{figure:>9}" for figure in figures), f"{found.target!s:>9}  {met:3}  {same:8}"]) + (
        f"  {found.what}"
    )


def stored(found: list[Row]) -> dict[str, Any]:
    """The table and what it was measured with."""
    about = {"python": platform.python_version(), "cores": os.cpu_count(), "load": os.getloadavg()[0]}
    for name in LIBRARIES:
        try:
            about[name] = version(name)
        except PackageNotFoundError:
            about[name] = None
    ratios = [asdict(one) | {"target": str(one.target), "met": one.met} for one in found]
    return {"about": about, "ratios": ratios}


def main() -> int:
    """Print the table, and store it where every part was run; 1 where outcomes differ."""
    said = argparse.ArgumentParser(description="Time it against itself and others: one table of ratios.")
    said.add_argument("parts", nargs="*", metavar="PART", help=", ".join(PARTS))
    parts = tuple(said.parse_args().parts) or PARTS
    if unknown := set(parts) - set(PARTS):
        said.error(f"no part {', '.join(sorted(unknown))}; there are {', '.join(PARTS)}")
    began = time.perf_counter()
    print(HEAD)
    found = []
    for one in table(parts):
        found.append(one)
        print(line(one), flush=True)
    if parts == PARTS:
        STORED.parent.mkdir(parents=True, exist_ok=True)
        STORED.write_text(json.dumps(stored(found), indent=2) + "\n", encoding="utf-8")
        print(STORED.relative_to(ROOT), end=", ")
    print(f"{time.perf_counter() - began:.0f} s")
    return int(any(one.same is False for one in found))


if __name__ == "__main__":
    sys.exit(main())
