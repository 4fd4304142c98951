"""Tables in the forms researchers take on: CSV, Parquet, Stata, Excel, LaTeX."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from simulator.writing.numbers import plain
from simulator.writing.workbook import write_workbook

LONGEST_NAME = 32
"""Characters of a variable's name in Stata."""
LONGEST_LABEL = 80
"""Characters of a variable's label in Stata."""
EPOCH = datetime(1980, 1, 1)  # noqa: DTZ001 - no time of this world
"""Date that files carry whose format asks for one, so that the same tables give the same bytes."""
MOST_ROWS = 1_048_575
"""Rows an Excel sheet holds below its heads."""


def export(tables: Mapping[str, pd.DataFrame], folder: Path, workbook: str) -> list[Path]:
    """Write each table as .csv, .parquet, .dta and .tex, and all as sheets of one .xlsx; returns the files.

    Tables without rows are left out; .tex and .xlsx leave out tables of more rows than they hold.
    """
    folder.mkdir(parents=True, exist_ok=True)
    full = {name: table for name, table in tables.items() if len(table)}
    written: list[Path] = []
    for name, table in full.items():
        stem = folder / name
        table.to_csv(stem.with_suffix(".csv"), index=False, lineterminator="\n")
        table.to_parquet(stem.with_suffix(".parquet"), index=False)
        stata(table, stem.with_suffix(".dta"), name)
        written += [stem.with_suffix(kind) for kind in (".csv", ".parquet", ".dta")]
        if len(table) <= 1000:
            stem.with_suffix(".tex").write_text(latex(table), encoding="utf-8", newline="\n")
            written.append(stem.with_suffix(".tex"))
    sheets = {name: table for name, table in full.items() if len(table) <= MOST_ROWS}
    if sheets:
        written.append(folder / f"{workbook}.xlsx")
        write_workbook(written[-1], {name: [table] for name, table in sheets.items()})
    return written


def stata(table: pd.DataFrame, path: Path, title: str, labels: Mapping[str, str] | None = None) -> None:
    """Write a table for Stata 14 and later; a variable's label is that of ``labels``, else its full name.

    Names keep letters, digits and underscores, 32 characters at most, told apart by a number at the end.
    """
    names = dict(zip(table.columns, stata_names(list(map(str, table.columns))), strict=True))
    fit = table.rename(columns=names)
    for name in fit:
        if fit[name].dtype == object:
            fit[name] = fit[name].fillna("").astype(str)
        elif fit[name].dtype == bool:
            fit[name] = fit[name].astype(np.int8)
        elif not isinstance(fit[name].dtype, pd.CategoricalDtype):
            fit[name] = fit[name].replace([np.inf, -np.inf], np.nan)
    fit.to_stata(
        path,
        write_index=False,
        version=118,
        data_label=title[:LONGEST_LABEL],
        time_stamp=EPOCH,
        variable_labels={
            name: (labels or {}).get(str(column), str(column))[:LONGEST_LABEL]
            for column, name in names.items()
        },
    )


def stata_names(columns: list[str]) -> list[str]:
    """Names Stata takes, in order, all different.

    >>> stata_names(["court.interest.court", "1st", "p"])
    ['court_interest_court', '_1st', 'p']
    >>> stata_names(["court.injunction.base_probability_licensing_company", "mean"])
    ['court_injunction_base_probabilit', 'mean']
    """
    names: list[str] = []
    for column in columns:
        name = re.sub(r"\W", "_", column, flags=re.ASCII)
        name = (f"_{name}" if not name[:1].isalpha() and name[:1] != "_" else name)[:LONGEST_NAME]
        count = 1
        while name in names:
            count += 1
            name = f"{name[: LONGEST_NAME - len(str(count)) - 1]}_{count}"
        names.append(name)
    return names


def markdown(table: pd.DataFrame) -> str:
    """A table for Markdown, numbers with four digits.

    >>> print(markdown(pd.DataFrame({"regime": ["upc"], "efficiency": [0.92345]})), end="")
    | regime | efficiency |
    |:--|--:|
    | upc | 0.9234 |
    """
    shown = table.astype(object).map(_cell)
    sides = ["--:" if pd.api.types.is_numeric_dtype(table[name]) else ":--" for name in table]
    lines = [list(map(str, table.columns)), sides, *shown.to_numpy().tolist()]
    body = [f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in line)} |" for line in lines]
    body[1] = body[1].replace(" ", "")
    return "\n".join(body) + "\n"


def latex(table: pd.DataFrame) -> str:
    """A table for LaTeX (booktabs, longtable), numbers with four digits."""
    shown = table.astype(object).map(_cell)
    return str(shown.to_latex(index=False, escape=True, longtable=True))


def _cell(cell: Any) -> str:
    return plain(float(cell)) if isinstance(cell, float | np.floating) else plain(cell)
