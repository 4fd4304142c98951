"""Where a result comes from: enough to make it again, and to see that it is the same."""

from __future__ import annotations

import json
import platform
import shlex
import subprocess
import sys
from collections.abc import Iterable, Mapping
from hashlib import blake2b
from importlib import metadata
from pathlib import Path
from typing import Any

from simulator.spec.scenario import Scenario

PACKAGES = (
    "frandsim", "numpy", "numba", "scipy", "pandas", "pyarrow", "matplotlib", "mesa", "pydantic", "cma",
    "nashpy", "quantecon", "SALib", "scikit-learn", "statsmodels",
)  # fmt: skip
"""What a result may depend on; their versions stand in every manifest."""


def digest(data: bytes) -> str:
    """128-bit BLAKE2b of the bytes, in hexadecimal.

    >>> digest(b"")
    'cae66941d9efbd404e4d88758ea67670'
    """
    return blake2b(data, digest_size=16).hexdigest()


def scenario_hash(scenario: Scenario) -> str:
    """Digest of a scenario as loaded: market, regimes, strategies, seed and replications, in order."""
    return digest(json.dumps(scenario.model_dump(mode="json"), ensure_ascii=False).encode())


def manifest(scenario: Scenario, *, equal_procedure: bool) -> dict[str, Any]:
    """Everything the result depends on; ``scenario`` is the one given, before equal procedure is imposed.

    Holds no date, user or machine name, so the same run gives the same manifest.
    """
    return {
        "command": command(scenario, equal_procedure=equal_procedure),
        "scenario_hash": scenario_hash(scenario),
        "seed": scenario.seed,
        "replications": scenario.replications,
        "regimes": [regime.regime for regime in scenario.regimes],
        "baseline": scenario.baseline,
        **({"what_if": scenario.what_if} if scenario.what_if else {}),
        "equal_procedure": equal_procedure,
        "versions": {name: installed(name) for name in PACKAGES},
        "python": platform.python_version(),
        "platform": f"{platform.system()} {platform.machine()}",
        "git": checkout(),
        "scenario": scenario.model_dump(mode="json"),
    }


def facts(origin: Mapping[str, Any]) -> dict[str, str]:
    """A manifest in a few words, to travel inside figures and tables."""
    stated = {"frandsim": origin["versions"]["frandsim"]}
    stated |= {key: str(origin[key]) for key in ("scenario_hash", "seed", "replications", "equal_procedure")}
    if origin["git"]:
        stated["commit"] = origin["git"]["commit"] + (" (modified)" if origin["git"]["dirty"] else "")
    return stated


def command(scenario: Scenario, *, equal_procedure: bool) -> str:
    """The command line in use, or the one that does the same as the call from Python."""
    if Path(sys.argv[0]).stem == "frandsim" or Path(sys.argv[0]).parts[-2:] == ("simulator", "__main__.py"):
        return shlex.join(["frandsim", *sys.argv[1:]])
    words = ["frandsim", "compare", scenario.scenario]
    words += ["--regimes", ",".join(regime.regime for regime in scenario.regimes)]
    words += ["--replications", str(scenario.replications), "--seed", str(scenario.seed)]
    words += ["--baseline", scenario.baseline] * (scenario.baseline != scenario.regimes[0].regime)
    words += [word for name, value in scenario.what_if.items() for word in ("--set", f"{name}={value!r}")]
    words += ["--design", "lhs"] * (scenario.block > 1)
    return shlex.join(words + ["--equal-procedure"] * equal_procedure)


def checkout() -> dict[str, Any] | None:
    """Commit of the checkout the code runs from, and whether tracked files differ; none elsewhere."""
    root = Path(__file__).parents[2]
    if not (root / ".git").exists():
        return None
    try:
        commit = _git(root, "rev-parse", "HEAD")
        changed = _git(root, "status", "--porcelain", "--untracked-files=no")
    except (OSError, subprocess.CalledProcessError):
        return None
    return {"commit": commit, "dirty": bool(changed)}


def _git(root: Path, *words: str) -> str:
    ran = subprocess.run(["git", "-C", str(root), *words], capture_output=True, text=True, check=True)  # noqa: S603, S607
    return ran.stdout.strip()


def installed(package: str) -> str:
    """The version of a distribution; ``unknown`` where it only lies on the path."""
    try:
        return metadata.version(package)
    except metadata.PackageNotFoundError:
        return "unknown"


def file_hashes(files: Iterable[Path], folder: Path) -> dict[str, str]:
    """Digest of each file by its path inside the folder."""
    return {file.relative_to(folder).as_posix(): digest(file.read_bytes()) for file in files}
