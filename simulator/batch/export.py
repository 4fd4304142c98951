"""A store as one file for other programs: CSV, Stata or Excel, in canonical order.

CSV and Excel are written span by span, so memory does not grow with the store.  A Stata file is made in
memory, and is refused where it would not fit; an Excel sheet ends after 1,048,576 rows.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from secrets import token_hex
from typing import Any

import pandas as pd

from simulator.batch.layout import Layout
from simulator.batch.part import TornPartError
from simulator.batch.store import Shard, Store
from simulator.batch.tally import BatchError
from simulator.errors import Problem, ScenarioError
from simulator.outcomes.masks import MASKS, decoded, described_bits
from simulator.outcomes.rows import described, frame
from simulator.parameters import registry
from simulator.writing.exports import MOST_ROWS, stata
from simulator.writing.folders import landing, writable
from simulator.writing.workbook import write_workbook

STATA_ROW = 1_300
"""Bytes a row takes while a Stata file is made: 1,285 between 56,000 and 280,000 rows of cellular (peak)."""


class Form(StrEnum):
    """What a store can be exported to."""

    CSV = "csv"
    STATA = "stata"
    EXCEL = "excel"


SUFFIX = {Form.CSV: ".csv", Form.STATA: ".dta", Form.EXCEL: ".xlsx"}


@dataclass(frozen=True)
class Export:
    """What was exported: the file, its rows, and the rows of the plan that the store does not have yet."""

    path: Path
    rows: int
    missing: int

    def summary(self) -> str:
        """One line for the terminal."""
        lacking = f"; {self.missing:,} rows of the plan are not played yet" if self.missing else ""
        return f"wrote {self.path}: {self.rows:,} rows{lacking}"


def export(folder: Path, form: Form, out: Path | None = None) -> Export:
    """Write the rows of a store as one file: ``out``, or ``outcomes`` in the folder itself.

    Columns: ``cell``, one for each axis, then the documented outcomes, bit masks as a column a bit.  Order:
    cell, replication, regime, negotiation.  Raises ``ScenarioError`` where the folder is no store, has no
    rows, or has more rows than the format takes, or parts of another plan, and ``BatchError`` where a part
    is damaged: it is set aside.
    """
    store = Store(folder)
    planned = _planned(store.layout, store.shard)
    store.scan(whole=True)
    _whole(store, store.torn)
    there = sum(note.rows for _, note in store.there.all())
    _fits(folder, form, there)
    path = out or folder / f"outcomes{SUFFIX[form]}"
    if not path.name or path.is_dir():
        rule = "name a file"
        raise ScenarioError(Problem(str(out), None, "out", "is a folder", rule, f"--out rows{SUFFIX[form]}"))
    with writable(path.parent):
        goal = landing(path)
    if store.keeps(path):
        rule = "a file that is none of the store's"
        raise ScenarioError(Problem(str(out), None, "out", "is where the store keeps its own", rule))
    unfinished = goal.with_name(f".{goal.name}.{os.getpid()}-{token_hex(4)}")
    try:
        with writable(path.parent):
            goal.parent.mkdir(parents=True, exist_ok=True)
            count = WRITERS[form](_frames(store), unfinished, store)
            landing(path, unfinished)
            unfinished.replace(goal)
    except TornPartError as torn:
        store.set_aside(store.parts / str(torn))
        _whole(store, [str(torn)])
    finally:
        unfinished.unlink(missing_ok=True)
    return Export(path, count, max(planned - count, 0))


def _planned(layout: Layout, shard: Shard) -> int:
    spans = layout.mine(shard)
    return sum(len(span) * layout.pairs[number] * len(layout.regimes) for number, span in spans)


def _whole(store: Store, torn: list[str]) -> None:
    if torn:
        told = f"{', '.join(torn)}: damaged and set aside; play it again with: {store.resume}"
        raise BatchError(told)


def _fits(folder: Path, form: Form, rows: int) -> None:
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    limits = {Form.EXCEL: MOST_ROWS, Form.STATA: int(0.7 * memory / STATA_ROW)}
    why = {Form.EXCEL: "an Excel sheet holds", Form.STATA: "this machine's memory holds for a Stata file"}
    if not rows:
        raise ScenarioError(
            Problem(str(folder), None, "parts", "has no rows yet", "frandsim resume plays it")
        )
    if rows > limits.get(form, rows):
        what = f"has {rows:,} rows; {why[form]} {limits[form]:,}"
        raise ScenarioError(Problem(str(folder), None, "format", what, "a format without this limit", "csv"))


def _frames(store: Store) -> Iterator[pd.DataFrame]:
    """The rows of the store in canonical order, a span at a time."""
    layout = store.layout
    for number, span in layout.mine(store.shard):
        cell = layout.cell(number)
        rows = store.there.rows(cell, span)
        if len(rows):
            table = decoded(frame(rows, cell.labels), cell.scenario)
            for place, (name, value) in enumerate({"cell": number, **cell.values}.items()):
                table.insert(place, name, value)
            yield table


def _csv(frames: Iterator[pd.DataFrame], path: Path, _: Store) -> int:
    count = 0
    with path.open("w", encoding="utf-8", newline="") as file:
        for table in frames:
            table.to_csv(file, index=False, header=count == 0, lineterminator="\n")
            count += len(table)
    return count


def _stata(frames: Iterator[pd.DataFrame], path: Path, store: Store) -> int:
    whole = pd.concat(frames, ignore_index=True)
    stata(whole, path, "outcomes: one row a negotiation", columns(store))
    return len(whole)


def _excel(frames: Iterator[pd.DataFrame], path: Path, store: Store) -> int:
    told = columns(store)
    rows = [("outcomes", name, *said) for name, said in told.items()]
    units = pd.DataFrame(rows, columns=["sheet", "column", "what it is", "unit"])
    return write_workbook(path, {"outcomes": frames, "units": [units]}) - len(units)


def columns(store: Store) -> dict[str, tuple[str, str]]:
    """What each column of an export is, and its unit, in order."""
    axes = {
        name: (registry()[name].title, registry()[name].unit) if name in registry() else (name, "")
        for name in store.layout.axes
    }
    told: dict[str, tuple[str, str]] = {"cell": ("cell of the design", "number from 0"), **axes}
    bits = described_bits(store.layout.plan.scenario)
    masks = dict(zip(MASKS, ("disclosed_", "fault_", "missed_"), strict=True))
    for name, said in described().items():
        if name in masks:
            told |= {bit: words for bit, words in bits.items() if bit.startswith(masks[name])}
        else:
            told[name] = said
    return told


WRITERS: dict[Form, Any] = {Form.CSV: _csv, Form.STATA: _stata, Form.EXCEL: _excel}
