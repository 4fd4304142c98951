"""A store as one file: the same rows in every format, in order, and limits told before work is done."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from openpyxl import load_workbook

from simulator.batch import export as module
from simulator.batch.export import Form, export
from simulator.batch.layout import OneCell
from simulator.batch.runner import play
from simulator.batch.store import Store
from simulator.batch.tally import BatchError
from simulator.errors import ScenarioError
from simulator.outcomes.masks import decoded
from simulator.outcomes.rows import Labels, frame
from simulator.spec.scenario import Scenario
from simulator.writing.exports import stata_names
from tests.batch.conftest import Written

KEYS = ["cell", "replication", "regime", "negotiation"]
READ: dict[Form, Any] = {Form.CSV: pd.read_csv, Form.STATA: pd.read_stata, Form.EXCEL: pd.read_excel}


@pytest.fixture
def folder(scenario: Scenario, tmp_path: Path) -> Path:
    play(OneCell(scenario), store=Store(tmp_path / "store"))
    return tmp_path / "store"


@pytest.mark.parametrize("form", Form)
def test_every_format_holds_the_rows_that_were_played(form: Form, folder: Path, scenario: Scenario) -> None:
    rows = []
    play(OneCell(scenario), take=lambda _, some: rows.append(some))
    played = frame(np.concatenate(rows), Labels.of(scenario))
    found = export(folder, form)
    assert (found.rows, found.missing) == (len(played), 0)
    table = READ[form](found.path)
    bits = decoded(played, scenario)
    assert (
        list(table.columns) == ["cell", *stata_names(list(bits.columns))]
        if form is Form.STATA
        else ["cell", *bits]
    )
    assert table["filing_month"].isna().tolist() == (played["filed"] == 0).tolist()
    assert table["regime"].astype(str).tolist() == played["regime"].astype(str).tolist()
    assert (table["filer"].isna() == played["filer"].isna()).all()
    for name in ("negotiation", "counted", "paid", "fault_delays", "rate"):
        np.testing.assert_allclose(table[name].astype(float), bits[name].astype(float), rtol=1e-12)
    assert [path.name for path in folder.glob(".*")] == []


def test_stata_labels_are_whole_and_excel_has_units(folder: Path) -> None:
    with pd.read_stata(export(folder, Form.STATA).path, iterator=True) as reader:
        labels = reader.variable_labels()
    assert labels["filing_month"] == "first suit; none if nobody sued (months)"
    assert all(0 < len(label) <= 80 and not label.endswith("...") for label in labels.values())
    book = load_workbook(export(folder, Form.EXCEL).path)
    assert book.sheetnames == ["outcomes", "units"]
    assert {sheet.freeze_panes for sheet in book} == {"A2"}
    heads = [cell.value for cell in book["outcomes"][1]]
    assert [row[1].value for row in book["units"].iter_rows(min_row=2)] == heads


def test_rows_are_in_canonical_order_with_their_axes(written: Written, tmp_path: Path) -> None:
    plan = written()
    play(plan, store=Store(tmp_path / "store"), workers=2)
    out = tmp_path / "rows.csv"
    table = pd.read_csv(export(tmp_path / "store", Form.CSV, out).path)
    order = [one.regime for one in plan.scenario.regimes]
    keys = table.assign(regime=[order.index(name) for name in table["regime"]])[KEYS]
    assert keys.equals(keys.sort_values(KEYS, ignore_index=True))
    axis = next(iter(plan.cells()[0]))
    assert table.groupby("cell")[axis].unique().map(list).tolist() == [[cell[axis]] for cell in plan.cells()]


def test_what_is_not_played_yet_is_told(scenario: Scenario, folder: Path) -> None:
    store = Store(folder)
    store.scan()
    path, note = store.there.all()[0]
    path.unlink()
    found = export(folder, Form.CSV)
    assert found.missing == note.rows
    assert f"{note.rows:,} rows of the plan are not played yet" in found.summary()


def test_more_rows_than_a_sheet_holds_are_refused(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MOST_ROWS", 5)
    with pytest.raises(ScenarioError, match=r"has 20 rows; an Excel sheet holds 5; a format"):
        export(folder, Form.EXCEL)
    monkeypatch.setattr(module, "STATA_ROW", 10**15)
    with pytest.raises(ScenarioError, match=r"memory holds for a Stata file"):
        export(folder, Form.STATA)
    assert not list(folder.glob("outcomes*"))


def test_a_damaged_part_is_not_passed_over(folder: Path) -> None:
    part = next((folder / "parts").glob("*.parquet"))
    part.write_bytes(part.read_bytes()[:-20])
    with pytest.raises(BatchError, match="damaged and set aside; play it again with: frandsim resume"):
        export(folder, Form.CSV)
    assert not part.exists()
    assert (folder / "torn" / part.name).exists()


def test_a_folder_that_is_no_store_is_an_error_of_input(tmp_path: Path) -> None:
    with pytest.raises(ScenarioError, match=r"is no store"):
        export(tmp_path, Form.CSV)


def test_a_file_goes_to_a_link_s_end_and_to_no_other_thing(
    folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    mine, link = tmp_path / "mine.csv", tmp_path / "link.csv"
    mine.write_text("mine")
    link.symlink_to(mine)
    export(folder, Form.CSV, link)
    assert link.is_symlink()
    assert mine.read_bytes().startswith(b"cell,")
    assert f"{link}: the file there is replaced" in capsys.readouterr().err
    export(folder, Form.CSV, tmp_path / "not" / "yet" / "there.csv")
    assert (tmp_path / "not" / "yet" / "there.csv").read_bytes() == mine.read_bytes()
    assert not capsys.readouterr().err
    os.mkfifo(tmp_path / "pipe.csv")
    for path in (tmp_path / "pipe.csv", Path("/dev/full")):
        with pytest.raises(ScenarioError, match="is no regular file"):
            export(folder, Form.CSV, path)
    assert not Path("/dev/full").is_file()
