"""No sum of floats that depends on the version of Python: since 3.12 the built-in ``sum`` compensates."""

from __future__ import annotations

import ast
from collections.abc import Iterator

import pytest

from tests.house.test_names import modules

WHOLE = {
    "group.count for group in groups[:deviation.kind - holders * side]": "firms",
    "one.negotiations for one in replies": "negotiations",
    "one.negotiations for one in tries": "negotiations",
    "A.shape": "strategies",
    "group.count for group in side": "firms",
    "least[:count]": "characters",
    "wide": "characters",
    "group.count for group in groups": "firms",
    "group.count for group in market.holders": "firms",
    "group.count for group in market.implementers": "firms",
    "one.count for one in groups": "firms",
    "sizes": "firms",
    "rows for rows, _ in games": "negotiations",
    "count for count, _ in sizes": "negotiations",
    "path.stat().st_size for path in folder.glob('*.npy')": "bytes",
    "kept for _, kept in games": "bytes",
    "kept for _, kept in sizes": "bytes",
    "law.rows(count) for law in every": "negotiations",
    "side != sides[one.kind] for side in sides": "kinds of firms",
    "counts": "firms",
    "pairs": "negotiations",
    "self.pairs": "negotiations",
    "forms": "yes or no",
    "1 << fault for fault in HOLDER_FAULTS": "bits",
    "1 << int(member) for member in members": "bits",
    "np.nanvar(np.where(defined, side, np.nan), axis=0, ddof=1) for side in (ours, theirs)": "two arrays",
    "setting": "members of a coalition",
    "free": "strategies",
    "map(len, self.unresolved.values())": "cells",
    "comb(m, k) * comb(n, k) for k in range(1, min(m, n) + 1)": "supports",
    "client.nthreads().values()": "threads",
    "rows.values()": "rows of panels",
    "note.rows for _, note in store.there.all()": "rows",
    "note.rows for _, note in parts": "rows",
    "span.held for span in self.queue": "chunks",
    "spans": "replications",
    "not store.missing(layout.cell(number), span) for number, span in spans": "chunks",
    "path.stat().st_size for path, _ in parts": "bytes",
    "path.stat().st_size for path in (place / 'parts').iterdir()": "bytes",
    "step.get('actor') in sides and step.get('deadline') is not None for step in steps": "steps",
    "sample(np.where(defined, side, np.nan)).sd ** 2 for side in (ours, theirs)": "two arrays",
    "died": "arrays of counts",
    "one.negotiations for mine in every for one in mine": "negotiations",
    "end.stage != START for end in self.ends": "ends",
    "group.count for group in scenario.market.holders": "firms",
    "group.count for group in scenario.market.implementers": "firms",
}
"""What may be summed by the built-in ``sum``: whole numbers, or two arrays."""


def sums(tree: ast.AST) -> Iterator[str]:
    """What every call of the built-in ``sum`` adds up, as it is written."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "sum":
            text = ast.unparse(node.args[0])
            yield text[1:-1] if isinstance(node.args[0], ast.GeneratorExp) else text


def is_count(text: str) -> bool:
    """Whether a sum counts: of ones, or of lengths."""
    return text.startswith(("1 for ", "len(", "map(len,"))


def test_floats_are_summed_exactly() -> None:
    found = {
        (path, text)
        for path, tree in modules()
        for text in sums(tree)
        if not is_count(text) and text not in WHOLE
    }
    assert not found, "sum floats with math.fsum; what adds whole numbers joins the list of this test"


@pytest.mark.parametrize(
    ("code", "told"),
    [("sum(x / 3 for x in y)", ["x / 3 for x in y"]), ("math.fsum(y)", []), ("array.sum()", [])],
)
def test_the_search_sees_the_built_in_alone(code: str, told: list[str]) -> None:
    assert list(sums(ast.parse(code))) == told
