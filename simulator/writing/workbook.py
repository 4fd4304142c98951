"""Tables as sheets of an Excel file (Office Open XML, ECMA-376), a block of rows at a time.

Cells are made into text column by column in compiled code, which is what makes it quick; the same tables give
the same bytes.
"""

from __future__ import annotations

import re
import zipfile
from collections.abc import Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, TypeVar
from xml.sax.saxutils import escape, quoteattr

import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from simulator.writing.numbers import plain

T = TypeVar("T")

MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
RELATED = "http://schemas.openxmlformats.org/package/2006/relationships"
TYPES = "http://schemas.openxmlformats.org/package/2006/content-types"
KIND = "application/vnd.openxmlformats-officedocument.spreadsheetml"
HEAD = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
FROZEN = (
    '<sheetViews><sheetView workbookViewId="0">'
    '<pane ySplit="1" topLeftCell="A2" state="frozen"/></sheetView></sheetViews>'
)
EMPTY = "<c/>"
FLAGS = pa.array(['<c t="b"><v>0</v></c>', '<c t="b"><v>1</v></c>'])
NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
WIDEST = 60
"""Characters a column of a sheet is wide, at most."""
LEVEL = 3
"""Of compression: the first three take as long, and this makes the smallest files of them."""
BLOCK = 10_000
"""Rows made into text at once."""


def write_workbook(path: Path, sheets: Mapping[str, Iterable[pd.DataFrame]]) -> int:
    """Write each table, given in blocks of the same columns, as a sheet under its heads; returns the rows.

    Numbers keep all digits; what is missing or infinite is an empty cell.  Heads stay in
    sight, columns are as wide as what their first rows hold.
    """
    words: dict[str, int] = {}
    count = 0
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=LEVEL) as book:
        for number, blocks in enumerate(sheets.values(), 1):
            with book.open(f"xl/worksheets/sheet{number}.xml", "w", force_zip64=True) as sheet:
                for rows, piece in ahead(_sheet(blocks, words)):
                    sheet.write(piece)
                    count += rows
        for part, text in _parts(list(sheets), words).items():
            with book.open(part, "w") as file:  # opened by name, its date is fixed: 1980
                file.write(f"{HEAD}{text}".encode())
    return count


def _sheet(blocks: Iterable[pd.DataFrame], words: dict[str, int]) -> Iterator[tuple[int, bytes | memoryview]]:
    """The XML of a sheet, piece by piece, each with the number of rows of tables in it."""
    yield 0, f'{HEAD}<worksheet xmlns="{MAIN}">{FROZEN}'.encode()
    for place, table in enumerate(blocks):
        if place == 0:
            heads = "".join(_word(str(column), words) for column in table.columns)
            yield 0, f"{_columns(table)}<sheetData><row>{heads}</row>".encode()
        for start in range(0, len(table), BLOCK):
            part = table.iloc[start : start + BLOCK]
            yield len(part), _rows(part, words)
    yield 0, b"</sheetData></worksheet>"


def ahead(pieces: Iterator[T]) -> Iterator[T]:
    """The same pieces; while one is used, the next is made in a thread of its own."""
    with ThreadPoolExecutor(1) as beside:
        made = beside.submit(next, pieces, None)
        while (piece := made.result()) is not None:
            made = beside.submit(next, pieces, None)
            yield piece


def widths(table: pd.DataFrame) -> list[int]:
    """Width of each column of a sheet, in characters: of its head and its first rows, ``WIDEST`` at most."""
    first = table.head(50).astype(object).map(lambda cell: len(plain(cell)))
    longest = first.max().fillna(0).astype(int)
    return [min(max(len(str(name)), longest.iloc[n]) + 2, WIDEST) for n, name in enumerate(table.columns)]


def _columns(table: pd.DataFrame) -> str:
    listed = (
        f'<col min="{number}" max="{number}" width="{wide}" customWidth="1"/>'
        for number, wide in enumerate(widths(table), 1)
    )
    return f"<cols>{''.join(listed)}</cols>"


def _rows(table: pd.DataFrame, words: dict[str, int]) -> memoryview:
    """The XML of some rows (at least one): their strings lie one behind the other in memory."""
    cells = [_cells(table.iloc[:, place], words) for place in range(table.shape[1])]
    _, _, text = pc.binary_join_element_wise("<row>", *cells, "</row>", "").buffers()
    return memoryview(text)


def _cells(column: pd.Series[Any], words: dict[str, int]) -> pa.Array:
    """The XML of a column's cells; what has few values is made once a value."""
    if pd.api.types.is_bool_dtype(column.dtype):
        return FLAGS.take(pa.array(column.to_numpy().astype("i1")))
    if pd.api.types.is_numeric_dtype(column.dtype):
        values = pa.array(column.to_numpy(), from_pandas=True)
        if pa.types.is_floating(values.type):
            values = pc.if_else(pc.is_finite(values), values, None)
        cells = pc.binary_join_element_wise("<c><v>", values.cast(pa.string()), "</v></c>", "")
    else:
        text = pa.array(column.astype(object), pa.string(), from_pandas=True).dictionary_encode()
        made = pa.array([_word(word, words) for word in text.dictionary.to_pylist()], pa.string())
        cells = made.take(text.indices)
    return pc.fill_null(cells, EMPTY)


def _word(text: str, words: dict[str, int]) -> str:
    return f'<c t="s"><v>{words.setdefault(text, len(words))}</v></c>'


def _parts(names: list[str], words: Mapping[str, int]) -> dict[str, str]:
    """The parts of the file besides its sheets."""
    numbers = range(1, len(names) + 1)
    listed = "".join(
        f'<sheet name={quoteattr(name[:31])} sheetId="{number}" r:id="rId{number}"/>'
        for number, name in zip(numbers, names, strict=True)
    )
    related = "".join(
        f'<Relationship Id="rId{number}" Type="{OFFICE}/worksheet" Target="worksheets/sheet{number}.xml"/>'
        for number in numbers
    )
    typed = "".join(
        f'<Override PartName="/xl/worksheets/sheet{number}.xml" ContentType="{KIND}.worksheet+xml"/>'
        for number in numbers
    )
    said = "".join(f'<si><t xml:space="preserve">{escape(NOT_XML.sub("?", word))}</t></si>' for word in words)
    return {
        "[Content_Types].xml": (
            f'<Types xmlns="{TYPES}"><Default Extension="rels" '
            'ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
            f'<Override PartName="/xl/workbook.xml" ContentType="{KIND}.sheet.main+xml"/>{typed}'
            f'<Override PartName="/xl/sharedStrings.xml" ContentType="{KIND}.sharedStrings+xml"/></Types>'
        ),
        "_rels/.rels": (
            f'<Relationships xmlns="{RELATED}"><Relationship Id="rId1" '
            f'Type="{OFFICE}/officeDocument" Target="xl/workbook.xml"/></Relationships>'
        ),
        "xl/workbook.xml": (
            f'<workbook xmlns="{MAIN}" xmlns:r="{OFFICE}"><sheets>{listed}</sheets></workbook>'
        ),
        "xl/_rels/workbook.xml.rels": (
            f'<Relationships xmlns="{RELATED}">{related}<Relationship Id="rId{len(names) + 1}" '
            f'Type="{OFFICE}/sharedStrings" Target="sharedStrings.xml"/></Relationships>'
        ),
        "xl/sharedStrings.xml": f'<sst xmlns="{MAIN}" uniqueCount="{len(words)}">{said}</sst>',
    }
