"""The one form of numbers in files: ten digits in CSV and JSON, lines that end the same everywhere."""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import pandas as pd


def as_csv(table: pd.DataFrame) -> str:
    """A table as CSV: ten digits, index included where it carries names."""
    return table.to_csv(index=bool(table.index.names[0]), float_format="%.10g", lineterminator="\n")


def ten_digits(cell: Any) -> Any:
    """A value as JSON takes it: a number with ten digits, none where it is not finite, all else as it is.

    >>> ten_digits(1 / 3), ten_digits(float("nan")), ten_digits(2)
    (0.3333333333, None, 2)
    """
    cell = cell.item() if hasattr(cell, "item") else cell
    if isinstance(cell, float):
        return float(f"{cell:.10g}") if math.isfinite(cell) else None
    return cell


def digits(data: Any) -> Any:
    """Data of dicts and lists with every number as ``ten_digits`` has it."""
    if isinstance(data, dict):
        return {str(key): digits(value) for key, value in data.items()}
    if isinstance(data, list | tuple):
        return [digits(value) for value in data]
    return ten_digits(data)


def as_rows(table: pd.DataFrame) -> list[dict[str, Any]]:
    """A table as rows ready for JSON."""
    rows: list[dict[str, Any]] = digits(records(table))
    return rows


def records(table: pd.DataFrame) -> list[dict[str, Any]]:
    """The rows of a table, cells as they are."""
    rows: list[dict[str, Any]] = table.to_dict("records")  # type: ignore[assignment]
    return rows


def markdown(heads: Sequence[str], rows: Iterable[Sequence[str]]) -> list[str]:
    """The lines of a table in Markdown.

    >>> markdown(["a", "b"], [["1", "2"]])
    ['| a | b |', '| --- | --- |', '| 1 | 2 |']
    """
    return [
        "| " + " | ".join(heads) + " |",
        "|" + " --- |" * len(heads),
        *("| " + " | ".join(row) + " |" for row in rows),
    ]


def as_json(data: Any) -> str:
    """Data as the text of a JSON file."""
    return json.dumps(data, indent=2, ensure_ascii=False) + "\n"


def write(path: Path, text: str) -> Path:
    """Write a text in UTF-8 with the same ends of lines on every system; returns where."""
    path.write_text(text, encoding="utf-8", newline="\n")
    return path
