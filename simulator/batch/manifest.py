"""Reading the manifest of a store, whatever has become of it."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any, NoReturn

from simulator.batch.files import regular
from simulator.batch.part import SCHEMA
from simulator.errors import Problem, ScenarioError

MOST_SHOWN = 60
"""Characters of a value that a message shows."""


def read_manifest(folder: Path) -> dict[str, Any]:
    """The manifest of a store.  Raises ``ScenarioError`` where there is none, or it is damaged."""
    path = folder / "manifest.json"
    try:
        manifest = json.loads(regular(path).read_text(encoding="utf-8"))
    except (FileNotFoundError, NotADirectoryError):
        what, rule = "is no store: it has no manifest.json", "name a folder that a sweep wrote"
        raise ScenarioError(Problem(str(folder), None, "", what, rule)) from None
    except (OSError, ValueError, RecursionError):
        manifest = None
    if (
        not isinstance(manifest, dict)
        or manifest.get("form") != SCHEMA
        or isinstance(manifest.get("form"), bool)
    ):
        what = "is not the manifest of a store that this version reads"
        raise ScenarioError(Problem(str(path), None, "", what, "name another folder"))
    for key, (fits, rule) in FORM.items():
        if key not in manifest:
            _damaged(path, key, "is missing", rule)
        if not fits(manifest[key]):
            _damaged(path, key, f"is damaged: got {shown(manifest[key])}", rule)
    return manifest


def shown(value: Any) -> str:
    """A value of a manifest as a message shows it."""
    text = json.dumps(value, ensure_ascii=True)
    return text if len(text) <= MOST_SHOWN else f"{text[:MOST_SHOWN]}..."


def _damaged(path: Path, key: str, what: str, rule: str) -> NoReturn:
    raise ScenarioError(Problem(str(path), None, key, what, rule))


def _count(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value >= 0


def _names(value: Any) -> bool:
    return isinstance(value, list) and all(isinstance(name, str) for name in value)


def _origin(value: Any) -> bool:
    if not isinstance(value, dict):
        return False
    told = [value.get(name) for name in ("code", "python", "platform")]
    by_name = [value.get(name) for name in ("sources", "libraries")]
    return all(isinstance(one, str) for one in told) and all(isinstance(one, dict) for one in by_name)


def _shard(value: Any) -> bool:
    return (
        isinstance(value, list) and len(value) == 2 and all(map(_count, value)) and 1 <= value[0] <= value[1]
    )


def _text(value: Any) -> bool:
    return isinstance(value, str)


def _plan(value: Any) -> bool:
    return isinstance(value, dict) and len(value) == 1 and set(value) <= {"experiment", "scenario"}


_COUNT = (_count, "a whole number from 0")
_NAMES = (_names, "a list of names")
FORM: dict[str, tuple[Callable[[Any], bool], str]] = {
    "experiment": (_text, "a name"),
    "configuration": (_text, "a digest"),
    "seed": _COUNT,
    "replications": _COUNT,
    "regimes": _NAMES,
    "axes": _NAMES,
    "cells": _COUNT,
    "chunks": _COUNT,
    "rows": _COUNT,
    "shard": (_shard, "the i-th of n parts: [2, 8]"),
    "origin": (_origin, "digests of the code and the versions of libraries, by name"),
    "plan": (_plan, "one experiment or scenario"),
}
"""What each key of a manifest holds: a test, and in words."""
