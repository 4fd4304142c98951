"""The C market: ns per open negotiation-month against a machine's own pace, with far thinner rules."""

from __future__ import annotations

import ctypes
import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from tests.bench.runs import open_months, played, scenario
from tests.bench.timing import Row, paired

SOURCE = Path(__file__).with_name("market.c")
COMPILER = os.environ.get("CC", "gcc")
FLAGS = ["-O3", "-march=native", "-ffp-contract=off", "-shared", "-fPIC"]
PAIRS, MONTHS = 400, 60
ROW = np.dtype(
    [
        ("replication", "u4"),
        *((name, "u2") for name in ("holder", "implementer")),
        *((name, "u1") for name in ("state", "route")),
        *((name, "u2") for name in ("month", "talks", "offers")),
        *((name, "f4") for name in ("price", "ask", "bid", "comparable")),
    ]
)
OURS, THEIRS = 25, 200  # replications a turn


@cache
def load() -> ctypes.CDLL | None:
    """The market compiled for this machine; None where there is no C compiler."""
    if shutil.which(COMPILER) is None:
        return None
    with tempfile.TemporaryDirectory() as folder:
        library = Path(folder, "market.so")
        subprocess.run([COMPILER, *FLAGS, "-o", library, SOURCE, "-lm"], check=True)
        loaded = ctypes.CDLL(str(library))
    loaded.market.restype = ctypes.c_int64
    loaded.market.argtypes = [ctypes.c_uint64, ctypes.c_int64, ctypes.c_int, ctypes.c_void_p]
    return loaded


def market(loaded: ctypes.CDLL, replications: int) -> tuple[float, npt.NDArray[Any]]:
    """Play the C market: open negotiation-months, and a row for each negotiation."""
    rows = np.zeros(replications * PAIRS, dtype=ROW)
    return float(loaded.market(1, replications, MONTHS, rows.ctypes.data)), rows


def rows() -> Iterator[Row]:
    """The engine and C, markets of the same size."""
    label = "engine / C market of thinner rules, per open negotiation-month (10 x 40, 60 months)"
    loaded = load()
    if loaded is None:
        yield Row(f"{label}: skipped, no {COMPILER} here", None)
        return
    what = scenario("cellular", implementers=2, months=MONTHS, replications=OURS)
    yield paired(label, lambda: open_months(played(what)), lambda: market(loaded, THEIRS)[0])
