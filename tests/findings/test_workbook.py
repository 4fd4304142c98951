"""Excel files: read back by another library, word for word and digit for digit."""

from __future__ import annotations

import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import openpyxl
import pandas as pd
import pytest

from simulator.writing.workbook import BLOCK, LEVEL, ahead, write_workbook


def test_what_is_written_is_read_back(tmp_path: Path) -> None:
    """Digits, words, formulas as words, what is missing, blocks of rows, a long sheet."""
    numbers = np.random.default_rng(1).normal(size=BLOCK + 5)
    numbers[[1, 2, 3]] = np.nan, np.inf, 1e-300
    words = ["=1+1", "a < b & 'c'", " padded ", "\x1b[31m", "ü"] * (len(numbers) // 5 + 1)
    table = pd.DataFrame(
        {
            "x": numbers,
            "whole": np.arange(len(numbers)) * 10**12,
            "<head>": words[: len(numbers)],
            "kind": pd.Categorical([None, *["b"] * (len(numbers) - 1)]),
            "yes": numbers > 0,
        }
    )
    path = tmp_path / "book.xlsx"
    assert write_workbook(path, {"one & two": [table.iloc[:7], table.iloc[7:]], "short": [table.head(1)]})
    book = openpyxl.load_workbook(path)
    assert book.sheetnames == ["one & two", "short"]
    heads, *rows = book["one & two"].iter_rows(values_only=True)
    assert heads == tuple(table.columns)
    back = pd.DataFrame(rows, columns=list(heads))
    wanted = table["x"].where(np.isfinite(table["x"]))
    np.testing.assert_array_equal(back["x"].to_numpy(float), wanted.to_numpy())
    assert back["whole"].tolist() == table["whole"].tolist()
    assert back["<head>"].tolist() == table["<head>"].str.replace("\x1b", "?").tolist()
    assert back["kind"].tolist()[1:] == ["b"] * (len(table) - 1)
    assert rows[0][3] is None
    assert back["yes"].tolist() == table["yes"].tolist()
    assert all(cell.data_type == "s" for cell in book["one & two"]["C"])


def test_the_same_tables_give_the_same_bytes(tmp_path: Path) -> None:
    table = pd.DataFrame({"x": [1.5, 2.5], "word": ["a", "b"]})
    for name in "ab":
        write_workbook(tmp_path / name, {"t": [table]})
    assert (tmp_path / "a").read_bytes() == (tmp_path / "b").read_bytes()


def test_sheets_are_compressed_as_quickly_as_told(tmp_path: Path) -> None:
    """A member that is named by an entry of one's own takes the library's level, more than twice as slow."""
    write_workbook(tmp_path / "book.xlsx", {"t": [pd.DataFrame({"x": np.arange(5_000) ** 0.5})]})
    with zipfile.ZipFile(tmp_path / "book.xlsx") as book:
        sheet = book.infolist()[0]
        packer = zlib.compressobj(LEVEL, zlib.DEFLATED, -15)
        assert sheet.compress_size == sum(map(len, (packer.compress(book.read(sheet)), packer.flush())))


def test_pieces_are_made_one_ahead_and_no_further() -> None:
    """Memory holds two blocks however many there are; what fails among them is told where they are used."""
    made: list[int] = []

    def pieces() -> Iterator[int]:
        for number in range(100):
            made.append(number)
            yield number
        raise RecursionError

    given = ahead(pieces())
    for number in range(100):
        assert next(given) == number
        assert len(made) <= number + 2
    with pytest.raises(RecursionError):
        next(given)
