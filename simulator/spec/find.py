"""From names to files.

A name is that of a built-in (``scenarios/`` in a checkout, shipped inside an installed package) or a path.
A name inside a file means first a file beside it (``name`` or ``name.yaml``), then a built-in; built-in
files refer to built-in files only.
"""

from __future__ import annotations

import os.path
from functools import cache
from importlib.resources import files
from pathlib import Path

from simulator.errors import Problem, ScenarioError, nearest

FOLDERS = {
    "regimes": "regimes",
    "markets": "markets",
    "strategies": "strategies",
    "spaces": "spaces",
    "cases": "cases",
    "scenarios": ".",
}
"""Where built-in files of a kind lie below the root."""
PLURAL = {
    "regime": "regimes",
    "market": "markets",
    "strategy": "strategies",
    "space": "spaces",
    "case": "cases",
    "scenario": "scenarios",
    "experiment": "experiments",
}


def builtin(kind: str) -> dict[str, Path]:
    """The built-in files of a kind (regimes, strategies, spaces, cases, experiments and others) by name.

    An experiment is a folder with its file in it.

    >>> builtin("regimes")["eu-hvzte-2015"].name
    'eu-hvzte-2015.yaml'
    """
    if kind == "experiments":
        return {path.parent.name: path for path in sorted(root(kind).glob("*/experiment.yaml"))}
    return {path.stem: path for path in sorted((root() / FOLDERS[kind]).glob("*.yaml"))}


@cache
def root(folder: str = "scenarios") -> Path:
    """The built-in ``scenarios`` or ``experiments``: the checkout's own, else those the package carries."""
    package = Path(str(files("simulator"))).resolve()
    checkout = package.parent / folder
    if (package.parent / "pyproject.toml").is_file() and checkout.is_dir():
        return checkout
    return package / f"_{folder}"


def resolve(*kinds: str, name: str | Path) -> Path:
    """The file behind a name given from outside: a built-in of a kind, or a path with or without ``.yaml``.

    Raises ``ScenarioError`` for a bare word that is neither; what looks like a path is returned as it is,
    and reading it says what is wrong with it.
    """
    if not isinstance(name, str | Path):
        rule = "a name or a path, as text"
        raise ScenarioError(Problem(kinds[0], None, "", f"got {name!r:.40}", rule))
    if not str(name).strip():
        raise ScenarioError(Problem(kinds[0], None, "", "got an empty name", "a name or a path"))
    known = {stem: path for kind in kinds for stem, path in builtin(PLURAL[kind]).items()}
    if isinstance(name, str) and name in known:
        return known[name]
    for candidate in (str(name), f"{name}.yaml"):
        if _is_file(candidate):
            return Path(candidate).resolve()
    path = Path(name)
    if path.suffix or len(path.parts) != 1 or os.path.isdir(path):  # noqa: PTH112 - no error for a long name
        return path.absolute()
    rule = nearest(str(name), known, further=(path.stem for path in Path.cwd().glob("*.yaml")))
    raise ScenarioError(Problem(str(name), None, "", f"no such {' or '.join(kinds)}, built-in or file", rule))


def _is_file(path: str | Path) -> bool:
    return os.path.isfile(path)  # noqa: PTH113 - Path.is_file raises for a name that is too long


def locate(kind: str, name: str, beside: Path) -> Path | None:
    """The file behind a name in another file; ``None`` where there is none."""
    if not beside.is_relative_to(root()):
        for candidate in (beside.parent / name, beside.parent / f"{name}.yaml"):
            if _is_file(candidate) and candidate.resolve() != beside:
                return candidate.resolve()
    return builtin(PLURAL[kind]).get(name)
