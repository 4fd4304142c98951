"""The published table: names, units, and a file that is whole or not there."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow.parquet as pq
import pytest

from simulator.engine.outcomes import COLUMNS, OUTCOME
from simulator.outcomes.rows import Labels, Rows, frame, parquet
from simulator.vocabulary import Cause, Outcome

LABELS = Labels(("first", "second"), ("good_faith", "hold_out"))


@pytest.fixture
def rows() -> Rows:
    table = np.zeros(3, OUTCOME)
    table["regime"] = [0, 1, 1]
    table["implementer_strategy"] = 1
    table["outcome"] = [Outcome.NEGOTIATED, Outcome.COURT_RATE, Outcome.EXIT]
    table["cause"] = [Cause.NONE, Cause.BELIEF, Cause.STRUCTURAL]
    table["filer"] = [-1, 0, 1]
    table["filed"] = [0, 1, 1]
    table["rate"] = [0.01, 0.02, np.nan]
    return table


def test_codes_become_names(rows: Rows) -> None:
    table = frame(rows, LABELS)
    assert list(table.columns) == [column.name for column in COLUMNS]
    assert table["regime"].tolist() == ["first", "second", "second"]
    assert table["holder_strategy"].tolist() == ["good_faith"] * 3
    assert table["implementer_strategy"].tolist() == ["hold_out"] * 3
    assert table["outcome"].tolist() == ["negotiated", "court_rate", "exit"]
    assert table["cause"].tolist() == ["none", "belief", "structural"]
    assert table["filer"].isna().tolist() == [True, False, False]
    assert table["filer"].tolist()[1:] == ["holder", "implementer"]
    assert table["filed"].tolist() == [False, True, True]


def test_parquet_returns_the_frame_and_carries_its_units(rows: Rows, tmp_path: Path) -> None:
    path = tmp_path / "outcomes.parquet"
    with parquet(path, LABELS, {"seed": "1"}) as append:
        append(rows[:1])
        append(rows[1:])
        assert not path.exists()
    expected = frame(rows, LABELS)
    found = pd.read_parquet(path)
    assert found["outcome"].dtype == "category"
    for name in expected.columns:
        pd.testing.assert_series_equal(
            found[name].astype(object), expected[name].astype(object), check_index_type=False
        )
    file = pq.ParquetFile(path)
    assert file.num_row_groups == 2
    assert file.schema_arrow.metadata[b"seed"] == b"1"
    paid = file.schema_arrow.field("paid").metadata
    assert paid[b"unit"] == b"USD m"
    assert b"royalty" in paid[b"description"]
    for column in COLUMNS:
        assert file.schema_arrow.field(column.name).metadata[b"unit"], column.name


def test_a_failed_run_leaves_no_file(rows: Rows, tmp_path: Path) -> None:
    def fail() -> None:
        with parquet(tmp_path / "outcomes.parquet", LABELS, {}) as append:
            append(rows)
            raise RuntimeError("the run broke")

    with pytest.raises(RuntimeError, match="the run broke"):
        fail()
    assert list(tmp_path.iterdir()) == []
