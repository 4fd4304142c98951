"""Names a stranger reads right: no class twice, no variable called ``found`` or ``one`` that lives on."""

from __future__ import annotations

import ast
from collections import defaultdict
from functools import cache
from pathlib import Path

PACKAGE = Path(__file__).parents[2] / "simulator"
VAGUE = ("found", "one")
LINES = 3
"""For how long a vague name may live."""
COMPREHENSIONS = (ast.ListComp, ast.SetComp, ast.GeneratorExp, ast.DictComp)
RECORDS = ("engine/state.py", "engine/market.py", "engine/law.py")


@cache
def modules() -> list[tuple[str, ast.Module]]:
    """Every module of the package, parsed once for all tests of the house."""
    paths = sorted(PACKAGE.rglob("*.py"))
    return [(path.relative_to(PACKAGE).as_posix(), ast.parse(path.read_text("utf-8"))) for path in paths]


def lines(parts: list[ast.AST], name: str) -> list[int]:
    """Lines of a function's parts on which its variable appears, those of comprehensions left out."""
    inner: set[int] = set()
    for part in parts:
        if isinstance(part, COMPREHENSIONS):
            targets = {
                node.id
                for loop in part.generators
                for node in ast.walk(loop.target)
                if isinstance(node, ast.Name)
            }
            inner |= {id(node) for node in ast.walk(part)} if name in targets else set()
    return [
        node.lineno
        for node in parts
        if id(node) not in inner
        and (
            (isinstance(node, ast.Name) and node.id == name)
            or (isinstance(node, ast.arg) and node.arg == name)
        )
    ]


def vague(module: ast.Module) -> list[str]:
    return [
        f"{name} in {scope.name}"
        for scope in ast.walk(module)
        if isinstance(scope, ast.FunctionDef) and (parts := list(ast.walk(scope)))
        for name in VAGUE
        if (used := lines(parts, name)) and max(used) - min(used) >= LINES
    ]


def test_vague_names_live_for_three_lines() -> None:
    assert {path: names for path, module in modules() if (names := vague(module))} == {}


def test_the_search_sees_a_name_that_lives_on() -> None:
    long = "def f():\n    found = 1\n    a = 2\n    b = 3\n    return found\n"
    short = "def f():\n    found = 1\n    return [one\n        for\n        one in\n        [found]]\n"
    assert vague(ast.parse(long)) == ["found in f"]
    assert vague(ast.parse(short)) == ["found in f"]
    assert vague(ast.parse("def f():\n    found = 1\n    return found\n")) == []


def test_no_class_twice_but_a_record_and_its_file() -> None:
    places: dict[str, list[str]] = defaultdict(list)
    for path, module in modules():
        for part in module.body:
            if isinstance(part, ast.ClassDef):
                places[part.name].append(path)
    twice = {name: files for name, files in places.items() if len(files) > 1}
    assert {name: files for name, files in twice.items() if not same(files)} == {}


def same(files: list[str]) -> bool:
    """Whether they are a record, the class of the files it is built from, the agent that shows it."""
    records = [path for path in files if path in RECORDS]
    others = [path for path in files if path not in RECORDS and not path.startswith("agents/")]
    return len(records) == 1 and len(others) < 2 and all(path.startswith("spec/") for path in others)
