"""Points of an experiment's uncertainties from a table of the user's own: CSV or Parquet."""

from __future__ import annotations

import math
import stat
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from simulator.errors import Problem, ScenarioError, nearest
from simulator.spec.design import Uncertainty, broken
from simulator.spec.problems import quoted
from simulator.spec.yaml import Document, shown

FORMATS = (".csv", ".parquet")
LARGEST = 100_000_000
"""Bytes a table of points may have."""
MOST_POINTS = 1_000_000
"""Points a table may have."""
MOST_LOOKED = 10_000
"""Problems after which a table is not looked at any further."""
AT = ("design", "file")


def read_points(
    document: Document, file: str, uncertainties: Sequence[Uncertainty]
) -> tuple[tuple[float, ...], ...]:
    """The rows of the table a design names, columns in the order of the uncertainties.

    Raises ``ScenarioError`` with the line (CSV) or row (Parquet) of each value that is no number or lies
    outside the valid range, and for columns that are no uncertainty.
    """
    path = document.path.parent / file
    table = _table(document, path, file)
    names = [uncertainty.name for uncertainty in uncertainties]
    problems = [*_column_problems(path, list(map(str, table.columns)), names)]
    if not len(table):
        problems.append(
            Problem(shown(path), None, "", "no points", "a row a point, below the names of the columns")
        )
    if problems:
        raise ScenarioError(*problems)
    rows = []
    for place, row in enumerate(table[names].itertuples(index=False, name=None)):
        values, wrong = [], []
        for uncertainty, entry in zip(uncertainties, row, strict=True):
            value = _number(entry)
            rule = "must be a number" if value is None else broken(uncertainty.bounds, value)
            if rule:
                line = place + 2 if path.suffix == ".csv" else None
                where = uncertainty.name if line else f"row {place + 1}, {uncertainty.name}"
                wrong.append(Problem(shown(path), line, where, f"got {quoted(entry)}", rule))
            values.append(value or 0.0)
        rows.append(tuple(values))
        problems += wrong
        if len(problems) >= MOST_LOOKED:
            break
    if problems:
        raise ScenarioError(*problems)
    return tuple(rows)


def _table(document: Document, path: Path, file: str) -> Any:
    if path.suffix not in FORMATS:
        rule = "a table of points is .csv or .parquet"
        raise ScenarioError(document.problem(AT, f"got {quoted(file)}", rule, "file: points.csv"))
    try:
        if not stat.S_ISREG((facts := path.stat()).st_mode):
            rule = "a file of points has an end"
            raise ScenarioError(document.problem(AT, f"{quoted(file)} is no regular file", rule))
        if facts.st_size > LARGEST:
            what = f"{quoted(file)} has {facts.st_size:,} bytes"
            raise ScenarioError(document.problem(AT, what, f"at most {LARGEST:,} bytes"))
        return _read(document, path, file)
    except FileNotFoundError:
        rule = "a path relative to this file"
        raise ScenarioError(document.problem(AT, f"there is no file {quoted(file)}", rule)) from None
    except (OSError, ValueError) as error:  # what both readers raise for a file that is no such table
        raise ScenarioError(Problem(shown(path), None, "", str(error).splitlines()[0])) from None


def _read(document: Document, path: Path, file: str) -> Any:
    """The rows, unless they are too many: then not even looked at."""
    import pandas as pd
    from pyarrow.parquet import ParquetFile

    what = f"{quoted(file)} has more than {MOST_POINTS:,} rows"
    many = ScenarioError(document.problem(AT, what, f"at most {MOST_POINTS:,} points"))
    if path.suffix == ".parquet":
        if ParquetFile(path).metadata.num_rows > MOST_POINTS:
            raise many
        return pd.read_parquet(path)
    table = pd.read_csv(path, dtype=str, skip_blank_lines=False, keep_default_na=False, nrows=MOST_POINTS + 1)
    if len(table) > MOST_POINTS:
        raise many
    return table


def _column_problems(path: Path, columns: list[str], names: list[str]) -> Iterator[Problem]:
    line = 1 if path.suffix == ".csv" else None
    for column in columns:
        if column not in names:
            what = f"the column {quoted(column)} is no uncertainty of the experiment"
            yield Problem(shown(path), line, "", what, nearest(column, names))
        elif columns.count(column) > 1 and columns.index(column) == len(columns) - 1:
            yield Problem(shown(path), line, "", f"two columns {quoted(column)}", "each once")
    for name in names:
        if name not in columns:
            yield Problem(shown(path), line, "", f"no column {name}", "a column for each uncertainty")


def _number(entry: object) -> float | None:
    try:
        value = float(str(entry))
    except ValueError:
        return None
    return value if math.isfinite(value) else None
