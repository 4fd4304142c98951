"""What made the parts of a store: the code that plays, the libraries it stands on, the machine's kind.

The code is what turns a loaded scenario into rows: engine, rules, rates, vocabulary, parameters.  What
loads scenarios is left out, because what it loads is compared itself.
"""

from __future__ import annotations

import json
import platform
from collections.abc import Iterable
from functools import cache
from pathlib import Path
from typing import Any

from simulator.compiled import kernel_sources
from simulator.writing.manifest import digest, installed

LIBRARIES = ("numpy", "numba", "llvmlite", "scipy", "pyarrow")
"""What may change a bit of a row or a byte of a part."""


@cache
def sources() -> dict[str, str]:
    """Digest of each file whose edit may change a row, by its path inside the package."""
    package = Path(__file__).parents[1]
    files = [*kernel_sources(), package / "parameters.py", package / "parameters.yaml"]
    return {path.relative_to(package).as_posix(): digest(path.read_bytes()) for path in sorted(files)}


@cache
def code_hash() -> str:
    """Digest of the sources that play."""
    return digest(json.dumps(sources()).encode())


def versions(names: Iterable[str] = LIBRARIES) -> dict[str, str]:
    """Of libraries, what is installed."""
    return {name: installed(name) for name in names}


@cache
def origin() -> dict[str, Any]:
    """What a result depends on besides its plan; no date, user or machine name."""
    return {
        "frandsim": installed("frandsim"),
        "code": code_hash(),
        "sources": sources(),
        "libraries": versions(),
        "python": platform.python_version(),
        "platform": f"{platform.system()} {platform.machine()}",
    }


def origin_differences(there: dict[str, Any], here: dict[str, Any]) -> list[str]:
    """In words, how what made a store differs from what runs now."""
    said = []
    if there["code"] != here["code"]:
        known = there["sources"] | here["sources"]
        changed = [name for name in known if there["sources"].get(name) != here["sources"].get(name)]
        said.append(f"the simulator's code: {', '.join(sorted(changed))}")
    for name in sorted({*there["libraries"], *here["libraries"]}):
        old, new = there["libraries"].get(name), here["libraries"].get(name)
        if old != new:
            said.append(f"{name}: {old} there, {new} here")
    kind = [name for name in ("python", "platform") if there[name] != here[name]]
    return said + [f"{name}: {there[name]} there, {here[name]} here" for name in kind]
