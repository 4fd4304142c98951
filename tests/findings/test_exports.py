"""Exports read back: Stata with labels and what is missing, Excel with units, LaTeX by titles."""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path

import numpy as np
import openpyxl
import pandas as pd
import pytest

import simulator
from simulator.parameters import registry
from simulator.writing.exports import STATISTICS, export, stata_label


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    compared = simulator.compare("duopoly", regimes=["upc", "us-ebay", "none"], replications=10)
    target = tmp_path_factory.mktemp("exports")
    compared.report(target, formats="svg")
    return target / "tables"


def test_stata_reads_each_table_with_a_label_of_its_own_for_each_variable(folder: Path) -> None:
    read = 0
    for path in sorted(folder.glob("*.dta")):
        with pd.read_stata(path, iterator=True) as reader:
            labels = reader.variable_labels()
        assert len(pd.read_stata(path)) == len(pd.read_csv(path.with_suffix(".csv")))
        for name, label in labels.items():
            assert label, (path.name, name)
            assert len(label) <= 80
        assert max(Counter(labels.values()).values()) == 1, path.name
        read += 1
    assert read >= 4


def test_what_is_undefined_is_missing_in_stata(tmp_path: Path) -> None:
    table = pd.DataFrame({"regime": ["a", "b", "c"], "mean": [1.5, np.nan, np.inf], "n": [1, 2, 3]})
    export({"summary": table}, tmp_path, "book")
    back = pd.read_stata(tmp_path / "summary.dta")
    assert back["mean"].isna().tolist() == [False, True, True]
    assert back["mean"].mean() == 1.5


def test_statistics_are_told_apart_by_their_labels() -> None:
    """Where two stand in one table: those of a cell."""
    cells = [name for name in STATISTICS if re.fullmatch(r"(to_\w+)|lo|hi|mean", name)]
    labels = [stata_label(*STATISTICS[name]) for name in cells]
    assert len(set(labels)) == len(labels)


def test_a_label_that_is_too_long_keeps_its_first_clauses() -> None:
    for parameter in registry().values():
        label = stata_label(parameter.title, parameter.unit)
        assert len(label) <= 80
        assert label.endswith(f" ({parameter.unit})")
        assert label.count("(") == label.count(")")


def test_excel_has_frozen_heads_widths_and_a_sheet_of_units(folder: Path) -> None:
    book = openpyxl.load_workbook(folder / "duopoly.xlsx")
    assert book.sheetnames[-1] == "units"
    for sheet in book.worksheets:
        assert sheet.freeze_panes == "A2", sheet.title
        assert all(
            sheet.column_dimensions[cell.column_letter].width > len(str(cell.value)) / 2 for cell in sheet[1]
        )
    told = {
        (row[0], row[1]): (row[2], row[3]) for row in book["units"].iter_rows(min_row=2, values_only=True)
    }
    for sheet in book.worksheets[:-1]:
        for cell in sheet[1]:
            assert told[sheet.title, cell.value][0], (sheet.title, cell.value)
    assert told["replications", "deadlock_rate"] == ("deadlock rate", "share of negotiations")


def test_latex_calls_regimes_by_their_titles(folder: Path) -> None:
    for path in sorted(folder.glob("*.tex")):
        text = path.read_text(encoding="utf-8")
        assert "Permanent injunctions by the four eBay factors" in text, path.name
        assert "\nus-ebay &" not in text
