"""A field that holds a code is compared with its enum's members and set to them, never to a bare number."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

import pytest

from tests.house.test_names import PACKAGE, modules

CODED = re.compile(r"^ {4}(\w+): I[1248] +# (?:[A-Z]\w+)\b", re.MULTILINE)
"""A record's field whose comment begins with the enum its code belongs to."""


def coded() -> set[str]:
    """The names of all fields that hold a code."""
    found: set[str] = set()
    for path in (PACKAGE / "engine").glob("*.py"):
        found.update(CODED.findall(path.read_text(encoding="utf-8")))
    return found


def bare(node: ast.expr) -> bool:
    """Whether an expression can come to a number that is written there; -1 is none of the codes."""
    if isinstance(node, ast.IfExp):
        return bare(node.body) or bare(node.orelse)
    return isinstance(node, ast.Constant) and type(node.value) is int


def holds_code(node: ast.expr, fields: set[str]) -> bool:
    return isinstance(node, ast.Attribute) and node.attr in fields


def offences(tree: ast.AST, fields: set[str]) -> Iterator[str]:
    """Places where a bare number stands for a code."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Compare) and isinstance(node.ops[0], ast.Eq | ast.NotEq):
            sides = [node.left, *node.comparators]
        elif isinstance(node, ast.Assign):
            sides = [*node.targets, node.value]
        else:
            continue
        if any(holds_code(side, fields) for side in sides) and any(bare(side) for side in sides):
            yield f"{node.lineno}: {ast.unparse(node)}"


def test_codes_of_the_engine_are_those_of_their_enums() -> None:
    fields = coded()
    assert {"status", "outcome", "filer", "judgment", "act", "remedy", "stage"} <= fields
    rooms = ("engine", "agents", "trace", "evolution")
    said = [
        f"{path}:{place}"
        for path, tree in modules()
        if path.partition("/")[0] in rooms
        for place in offences(tree, fields)
    ]
    assert said == []


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("suit.filer = 0 if by_holder else 1", True),
        ("if negotiation.outcome == 0: pass", True),
        ("suit.filer = HOLDER if by_holder else IMPLEMENTER", False),
        ("suit.filer = -1", False),
        ("suit.filings = 1", False),
    ],
)
def test_a_bare_number_is_seen(text: str, says: bool) -> None:
    assert any(offences(ast.parse(text), coded())) == says
