"""Nothing grows until nobody reads it: lines of a module and of a function's body, arguments by position.

A command's arguments are its options, so commands are left out of the last.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from tests.house.test_names import PACKAGE, modules

LONGEST_MODULE = 500
LONGEST_BODY = 60
MOST_ARGUMENTS = 8
Function = ast.FunctionDef | ast.AsyncFunctionDef


def functions() -> Iterator[tuple[str, Function]]:
    for path, module in modules():
        for node in ast.walk(module):
            if isinstance(node, Function):
                yield f"{path}: {node.name}", node


def body(function: Function) -> int:
    """Lines from the docstring to the end."""
    return int(function.end_lineno or 0) - function.body[0].lineno + 1


def arguments(function: Function) -> int:
    """Arguments that a call may give by position, but for an object's own."""
    names = [each.arg for each in (*function.args.posonlyargs, *function.args.args)]
    return len(names) - (names[:1] in (["self"], ["cls"]))


def test_modules() -> None:
    sizes = {path: len((PACKAGE / path).read_text("utf-8").splitlines()) for path, _ in modules()}
    assert {path: size for path, size in sizes.items() if size > LONGEST_MODULE} == {}


def test_functions() -> None:
    assert {name: body(node) for name, node in functions() if body(node) > LONGEST_BODY} == {}


def test_arguments() -> None:
    many = {name: arguments(node) for name, node in functions() if arguments(node) > MOST_ARGUMENTS}
    assert {name: count for name, count in many.items() if not name.startswith("cli/")} == {}


def test_the_measures_see_what_is_too_large() -> None:
    module = ast.parse("class A:\n    def f(self, a, b, *, c):\n        x = a\n        return x + b + c\n")
    node = next(each for each in ast.walk(module) if isinstance(each, Function))
    assert (body(node), arguments(node)) == (2, 2)
