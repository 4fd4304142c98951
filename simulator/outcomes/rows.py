"""The published outcomes table: names for codes, units in the schema, Parquet chunk by chunk."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from enum import IntEnum
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from simulator.engine.outcomes import COLUMNS, OUTCOME, Column
from simulator.spec.scenario import Scenario
from simulator.vocabulary import Cause, Outcome, Party

Rows: TypeAlias = npt.NDArray[np.void]
"""Outcomes as the engine delivers them: a structured array of dtype ``OUTCOME``."""

_ENUMS: dict[str, type[IntEnum]] = {"outcome": Outcome, "cause": Cause, "filer": Party}
_YES_NO = "0/1"
ABSENT = {"filing_month": -1}
"""Numbers that stand for none: missing wherever outcomes are published."""


def words(kind: type[IntEnum]) -> tuple[str, ...]:
    """The lower-case names of an enumeration, in the order of its codes.

    >>> words(Cause)
    ('none', 'structural', 'belief', 'strategic', 'procedural')
    """
    return tuple(member.name.lower() for member in kind)


@dataclass(frozen=True)
class Labels:
    """What the engine's codes are called: regimes and strategies in the order of the scenario."""

    regimes: tuple[str, ...]
    strategies: tuple[str, ...]

    @classmethod
    def of(cls, scenario: Scenario) -> Labels:
        """The labels of a loaded scenario."""
        return cls(tuple(regime.regime for regime in scenario.regimes), tuple(scenario.strategies))

    def categories(self, column: str) -> tuple[str, ...] | None:
        """The names behind a coded column; none where the column is a number."""
        if column == "regime":
            return self.regimes
        if column.endswith("_strategy"):
            return self.strategies
        return words(_ENUMS[column]) if column in _ENUMS else None


def frame(rows: Rows, labels: Labels) -> pd.DataFrame:
    """One row per negotiation: codes as categoricals, yes and no as booleans, the rest as it came.

    What stands for none (nobody filed) becomes missing.
    """
    return pd.DataFrame({column.name: _published(rows[column.name], column, labels) for column in COLUMNS})


def _published(values: npt.NDArray[Any], column: Column, labels: Labels) -> object:
    names = labels.categories(column.name)
    if names is not None:
        return pd.Categorical.from_codes(values.astype(np.int64), pd.Index(names))
    if column.unit == _YES_NO:
        return values.astype(bool)
    if column.name in ABSENT:
        return np.where(values == ABSENT[column.name], np.nan, values)
    return np.ascontiguousarray(values)


def described() -> dict[str, tuple[str, str]]:
    """What each column of the published outcomes is, and its unit; none where it holds words."""
    coded = set(labelled())
    units = {_YES_NO: "yes/no", "index": "number from 0", "code": "code"}
    return {
        column.name: (column.meaning, "" if column.name in coded else units.get(column.unit, column.unit))
        for column in COLUMNS
    }


def schema(labels: Labels, provenance: Mapping[str, str]) -> pa.Schema:
    """The Arrow schema: each field carries its unit and meaning, the table its provenance."""
    fields = [
        pa.field(
            column.name,
            _arrow_type(column, labels),
            metadata={
                "unit": _unit(column, labels),
                "description": column.meaning,
            },
        )
        for column in COLUMNS
    ]
    return pa.schema(fields, metadata=dict(provenance))


def _unit(column: Column, labels: Labels) -> str:
    if labels.categories(column.name) is not None:
        return "name"
    return "true/false" if column.unit == _YES_NO else column.unit


def _arrow_type(column: Column, labels: Labels) -> pa.DataType:
    if labels.categories(column.name) is not None:
        return pa.dictionary(pa.int16(), pa.string())
    if column.unit == _YES_NO:
        return pa.bool_()
    return pa.from_numpy_dtype(np.dtype(column.kind))


def table(rows: Rows, labels: Labels, layout: pa.Schema) -> pa.Table:
    """Outcomes as an Arrow table of ``schema``: codes become dictionaries, none becomes null."""
    return pa.Table.from_arrays(
        [_array(rows[column.name], column, labels) for column in COLUMNS], schema=layout
    )


def _array(values: npt.NDArray[Any], column: Column, labels: Labels) -> pa.Array:
    names = labels.categories(column.name)
    if names is not None:
        absent = values < 0
        codes = pa.array(values.astype(np.int16), mask=absent if absent.any() else None)
        return pa.DictionaryArray.from_arrays(codes, pa.array(names, pa.string()))
    if column.unit == _YES_NO:
        return pa.array(values.astype(np.bool_))
    if column.name in ABSENT:
        return pa.array(values, mask=values == ABSENT[column.name])
    return pa.array(np.ascontiguousarray(values))


def rows_of(published: pa.Table, labels: Labels) -> Rows:
    """The engine's rows of a published table, coded by ``labels``: what ``table`` was made of."""
    rows = np.zeros(len(published), dtype=OUTCOME)
    for column in COLUMNS:
        values = published.column(column.name).combine_chunks()
        names = labels.categories(column.name)
        if names is not None:
            own = [names.index(name) for name in values.dictionary.to_pylist()]
            codes = np.array([*own, -1], dtype=np.int64)  # the last stands for null
            rows[column.name] = codes[values.indices.fill_null(-1).to_numpy(zero_copy_only=False)]
        else:
            if column.name in ABSENT:
                values = values.fill_null(ABSENT[column.name])
            rows[column.name] = values.to_numpy(zero_copy_only=False)
    return rows


def labelled() -> list[str]:
    """The columns that hold names: worth a dictionary in a file; numbers are not."""
    everything = Labels((), ())
    return [column.name for column in COLUMNS if everything.categories(column.name) is not None]


@contextmanager
def parquet(path: Path, labels: Labels, provenance: Mapping[str, str]) -> Iterator[Callable[[Rows], None]]:
    """Write outcomes as they come: yields a function that appends a chunk as one row group.

    The file appears under its name only when all chunks are written; a failure leaves nothing behind.
    """
    unfinished = path.with_name(path.name + ".part")
    layout = schema(labels, provenance)
    try:
        with pq.ParquetWriter(unfinished, layout, compression="zstd", use_dictionary=labelled()) as writer:

            def append(rows: Rows) -> None:
                writer.write_table(table(rows, labels, layout), row_group_size=max(len(rows), 1))

            yield append
        unfinished.replace(path)
    finally:
        unfinished.unlink(missing_ok=True)
