"""docs/rates.md shows what the program computes."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import get_args

import pytest

from simulator.rates.cases import CaseResult, evaluate
from simulator.rates.determinations import COLUMNS
from simulator.rates.methods import METHODS
from simulator.rates.worksheet import amount
from simulator.spec.case import (
    CURRENCIES,
    UNITS,
    Approach,
    Case,
    Role,
    SourceKind,
    UnitWord,
    case_names,
    load_case,
)

START, END = "<!-- figures -->\n", "<!-- end -->\n"


def row(result: CaseResult) -> str:
    computed = "" if result.computed is None else amount(result.computed)
    if " to " in str(result.published) and result.low is not None and result.high is not None:
        computed = f"{amount(result.low)} to {amount(result.high)}"
    unknowns = "; ".join(
        f"{s.name} {amount(s.value)} ({amount(s.low)} to {amount(s.high)})" for s in result.solved
    )
    status = result.status + "*" * bool(result.assumes)
    cells = (
        result.id,
        result.quantity,
        result.published,
        computed,
        result.unit,
        status,
        unknowns or result.reason,
    )
    return f"| {' | '.join(map(str, cells))} |\n"


def figures() -> str:
    names = ("id", "quantity", "published", "computed", "unit", "status", "solved, or why not")
    head = f"| {' | '.join(names)} |\n{'|---' * len(names)}|\n"
    results = (result for name in case_names() for result in evaluate(load_case(name)))
    return head + "".join(row(result) for result in results)


def test_figures_are_fresh(root: Path, rewrite_golden: bool) -> None:
    path = root / "docs" / "rates.md"
    text = path.read_text(encoding="utf-8")
    before, _, rest = text.partition(START)
    shown, _, after = rest.partition(END)
    if rewrite_golden:
        path.write_text(before + START + figures() + END + after, encoding="utf-8")
        shown = figures()
    assert shown == figures()


def test_every_method_file_is_named(root: Path) -> None:
    text = (root / "docs" / "rates.md").read_text(encoding="utf-8")
    helpers = {
        "__init__",
        "cases",
        "case_checks",
        "methods",
        "worksheet",
        "solve",
        "uncertainty",
        "determinations",
    }
    methods = {path.stem for path in (root / "simulator" / "rates").glob("*.py")} - helpers
    assert all(f"| `{name}` |" in text for name in methods)


METHODS_START, METHODS_END = (
    "<!-- methods: made by the tests of rates, with --rewrite-golden -->\n",
    "<!-- end of methods -->\n",
)


def method_table() -> str:
    """Every method a case file may name, with its arguments, what it gives and its equation."""
    rows = ["| `method:` | `arguments:` | gives | equation |", "|---|---|---|---|"]
    for method in METHODS.values():
        arguments = ", ".join(
            f"`{name}`{' (optional)' * (name in method.optional)}: {kind.replace('*', ' (list)')}"
            for name, kind in method.arguments.items()
        )
        rows.append(f"| `{method.name}` | {arguments} | {method.result} | `{method.formula}` |")
    return "\n".join(rows) + "\n"


UNITS_START, UNITS_END = (
    "<!-- units: made by the tests of rates, with --rewrite-golden -->\n",
    "<!-- end of units -->\n",
)


def unit_table() -> str:
    """Every unit a case file may name, by kind, with how it prints."""
    kinds: dict[str, list[str]] = {}
    for name, unit in UNITS.items():
        kinds.setdefault(unit.kind, []).append(f"`{name}`" + f" ({unit.symbol})" * bool(unit.symbol))
    rows = [f"| {kind} | {', '.join(names)} |" for kind, names in kinds.items()]
    return "\n".join(["| kind | `unit:` |", "|---|---|", *rows]) + "\n"


@pytest.mark.parametrize(
    ("start", "end", "table"),
    [(METHODS_START, METHODS_END, method_table), (UNITS_START, UNITS_END, unit_table)],
    ids=["methods and their arguments", "units"],
)
def test_tables_of_the_page_are_fresh(
    root: Path, rewrite_golden: bool, start: str, end: str, table: Callable[[], str]
) -> None:
    path = root / "docs" / "rates.md"
    before, _, rest = path.read_text(encoding="utf-8").partition(start)
    shown, _, after = rest.partition(end)
    if rewrite_golden:
        path.write_text(before + start + table() + end + after, encoding="utf-8")
        shown = table()
    assert shown == table()


def test_every_unit_may_be_said_and_every_currency_has_its_units() -> None:
    assert set(get_args(UnitWord)) == set(UNITS)
    for currency in CURRENCIES:
        assert {currency, f"{currency}_million", f"{currency}_per_unit"} <= set(UNITS)


def test_the_how_to_names_every_word_a_case_may_say(root: Path) -> None:
    text = (root / "docs" / "how-to" / "new-case.md").read_text(encoding="utf-8")
    for words in (Approach, Role):
        assert [word for word in get_args(words) if f"| `{word}` |" not in text] == []
    said = (*get_args(SourceKind), *get_args(Case.model_fields["status"].annotation))
    assert [word for word in said if f"`{word}`" not in text] == []
    read = (root / "results" / "determinations" / "README.md").read_text(encoding="utf-8")
    assert [column for column in COLUMNS if f"`{column}`" not in read] == []
