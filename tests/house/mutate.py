"""Mutants: one operator or number of a rule changed at a time; the tests of its room must notice.

``make mutate`` samples functions of the rooms with the compiler off, puts each mutant into a process of its
own and writes docs/mutation.md: the score of each room, and the survivors with the reasons that stand there.
A mutant replaces the code of the live function, so that every module that imported it runs the mutant.
"""

from __future__ import annotations

import argparse
import ast
import copy
import importlib
import os
import random
import re
import resource
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from types import CodeType, FunctionType

import pytest

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs" / "mutation.md"
ROOMS = {
    "rules": ["tests/theory/test_rules.py", "tests/golden"],
    "rates": ["tests/cases", "tests/rates"],
    "engine": ["tests/golden"],
}
"""Tests of each room that are quick with the compiler off, after the doctests of the mutated module."""
LIMIT = 60
"""Seconds of CPU after which a mutant counts as noticed: it does not end."""
SWAPPED: dict[type[ast.AST], type[ast.AST]] = {
    ast.Lt: ast.LtE, ast.LtE: ast.Lt, ast.Gt: ast.GtE, ast.GtE: ast.Gt,
    ast.Eq: ast.NotEq, ast.NotEq: ast.Eq, ast.And: ast.Or, ast.Or: ast.And,
    ast.Add: ast.Sub, ast.Sub: ast.Add, ast.Mult: ast.Div, ast.Div: ast.Mult,
}  # fmt: skip
NAMES = {"min": "max", "max": "min"}
KILLED, SURVIVED = 1, 0


@dataclass(frozen=True)
class Mutant:
    """One change of one function."""

    room: str
    path: Path
    function: str
    place: int
    line: int
    said: str

    def __str__(self) -> str:
        """Where it is and what it changes."""
        return f"{self.path.relative_to(ROOT / 'simulator')}: {self.function}: {self.said}"


def spots(function: ast.FunctionDef) -> Iterator[tuple[ast.AST, Callable[[], None]]]:
    """Every place of a function that can be changed, with the change."""
    for node in (part for line in function.body for part in ast.walk(line)):
        if isinstance(node, ast.Compare) and type(node.ops[0]) in SWAPPED:
            yield node, lambda node=node: node.ops.__setitem__(0, SWAPPED[type(node.ops[0])]())  # type: ignore[misc]
        elif isinstance(node, ast.BinOp | ast.AugAssign | ast.BoolOp) and type(node.op) in SWAPPED:
            yield node, lambda node=node: setattr(node, "op", SWAPPED[type(node.op)]())  # type: ignore[misc]
        elif isinstance(node, ast.Constant) and type(node.value) in (int, float):
            yield node, lambda node=node: setattr(node, "value", node.value + 1)  # type: ignore[misc]
        elif isinstance(node, ast.Name) and node.id in NAMES:
            yield node, lambda node=node: setattr(node, "id", NAMES[node.id])  # type: ignore[misc]
        elif isinstance(node, ast.If | ast.IfExp | ast.While):
            turned = ast.UnaryOp(ast.Not(), node.test)
            yield node.test, lambda node=node, turned=turned: setattr(node, "test", turned)  # type: ignore[misc]


def functions(path: Path) -> dict[str, ast.FunctionDef]:
    """The functions of a module; those of classes are no rules."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    return {node.name: node for node in tree.body if isinstance(node, ast.FunctionDef)}


def changed(path: Path, name: str, place: int) -> tuple[ast.FunctionDef, str, int]:
    """A function with its ``place``-th spot changed, what was done in words, and its line."""
    function = copy.deepcopy(functions(path)[name])
    node, change = list(spots(function))[place]
    before, line = ast.unparse(function).splitlines(), getattr(node, "lineno", function.lineno)
    change()
    after = ast.unparse(ast.fix_missing_locations(function)).splitlines()
    old, new = next((one, other) for one, other in zip(before, after, strict=True) if one != other)
    return function, f"`{old.strip()}` -> `{new.strip()}`", line


def sample(room: str, count: int, seed: int) -> list[Mutant]:
    """So many mutants of a room, every spot as likely as any other."""
    every = [
        (path, name, place)
        for path in sorted((ROOT / "simulator" / room).rglob("*.py"))
        for name, function in functions(path).items()
        for place, _ in enumerate(spots(function))
    ]
    chosen = random.Random(f"{seed}/{room}").sample(every, min(count, len(every)))
    found = []
    for path, name, place in chosen:
        _, said, line = changed(path, name, place)
        found.append(Mutant(room, path, name, place, line, said))
    return found


def put(mutant: Mutant) -> None:
    """Put a mutant in the place of the live function."""
    module = importlib.import_module(".".join(mutant.path.relative_to(ROOT).with_suffix("").parts))
    function, _, _ = changed(mutant.path, mutant.function, mutant.place)
    function.decorator_list = []
    flags = ast.parse("from __future__ import annotations").body
    code = compile(ast.Module([*flags, function], []), str(mutant.path), "exec")
    inner = next(
        part for part in code.co_consts if isinstance(part, CodeType) and part.co_name == mutant.function
    )
    live = getattr(module, mutant.function)
    while not isinstance(live, FunctionType) or hasattr(live, "__wrapped__"):
        live = live.__wrapped__
    live.__code__ = inner


def survives(room: str, mutant: Mutant | None) -> bool:
    """Run the tests of a room on a mutant, or on none, in a process of its own; whether all of them pass."""
    child = os.fork()
    if child:
        return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == SURVIVED
    verdict = KILLED
    try:
        resource.setrlimit(resource.RLIMIT_CPU, (LIMIT, LIMIT))
        silence = os.open(os.devnull, os.O_WRONLY)
        os.dup2(silence, 1)
        os.dup2(silence, 2)
        if mutant is not None:
            put(mutant)
        own = str(ROOT / "simulator" / room if mutant is None else mutant.path)
        for one in [own, *ROOMS[room]]:
            status = pytest.main(["-q", "-x", "-p", "no:cacheprovider", "-p", "no:xdist", one])
            if status not in (pytest.ExitCode.OK, pytest.ExitCode.NO_TESTS_COLLECTED):
                break
        else:
            verdict = SURVIVED
    finally:
        os._exit(verdict)


def reasons() -> dict[str, str]:
    """The reasons that stand in the page, by mutant."""
    text = PAGE.read_text(encoding="utf-8") if PAGE.is_file() else ""
    return {found[1]: found[2] for found in re.finditer(r"^- (.+?)\n  \*Reason\*: (.+)$", text, re.MULTILINE)}


def page(tried: dict[str, list[tuple[Mutant, bool]]], seed: int) -> str:
    """The page: a line a room, a line a survivor."""
    known = reasons()
    lines = [
        "# Mutants",
        "",
        "`make mutate` changes one operator or number of a rule at a time and asks the tests of its room,",
        f"compiler off. Sampled with seed {seed}; written by `tests/house/mutate.py`, the reasons by hand.",
        "",
        "| room | mutants | noticed | score |",
        "|:--|--:|--:|--:|",
    ]
    everything = {**tried, "all": [one for found in tried.values() for one in found]}
    for room, found in everything.items():
        noticed = sum(not alive for _, alive in found)
        lines.append(f"| {room} | {len(found)} | {noticed} | {noticed / max(len(found), 1):.0%} |")
    lines += ["", "## Survivors", ""]
    for mutant in [mutant for mutant, alive in everything["all"] if alive]:
        lines += [f"- {mutant}", f"  *Reason*: {known.get(str(mutant), 'none yet: a test is missing')}"]
    return "\n".join(lines) + "\n"


def main() -> None:
    """Try the mutants and write the page."""
    said = argparse.ArgumentParser(description="Change rules one at a time and see whether tests notice.")
    said.add_argument("--count", type=int, default=20, help="mutants of each room")
    said.add_argument("--seed", type=int, default=1)
    said.add_argument("rooms", nargs="*", default=list(ROOMS), metavar="ROOM")
    asked = said.parse_args()
    if os.environ.get("FRANDSIM_COMPILER") != "off":
        sys.exit("mutants run with the compiler off: FRANDSIM_COMPILER=off")
    importlib.import_module("tests.golden.test_golden")
    tried: dict[str, list[tuple[Mutant, bool]]] = {}
    for room in asked.rooms:
        tried[room] = []
        if not survives(room, None):
            sys.exit(f"the tests of {room} fail without a mutant")
        for mutant in sample(room, asked.count, asked.seed):
            began = time.perf_counter()
            alive = survives(room, mutant)
            tried[room].append((mutant, alive))
            word = "SURVIVED" if alive else "noticed"
            print(f"{word:8} {time.perf_counter() - began:5.1f} s  {mutant}", flush=True)
            PAGE.write_text(page(tried, asked.seed), encoding="utf-8")


if __name__ == "__main__":
    main()
