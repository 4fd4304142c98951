"""A part of the store: the rows of one chunk as a Parquet file that says what it is.

The same chunk gives the same bytes: no date, user or machine is in them.  Beside the parts, ``DIR/digests``
has the SHA-256 of each as ``sha256sum`` writes it: a part is read only where its bytes still have it.
"""

from __future__ import annotations

import hashlib
import io
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from simulator.batch.files import regular
from simulator.batch.layout import Chunk, PlannedCell
from simulator.outcomes.rows import Labels, Rows, labelled, rows_of, schema, table
from simulator.parameters import registry

SCHEMA = 2
"""Version of the form of parts and manifest; one that is read must have this one."""
NOTE = b"frandsim.part"
"""Key of a part's note in the metadata of its file."""


class TornPartError(Exception):
    """A part that is damaged: not whole, none of this form, or of other bytes than were written."""


@dataclass(frozen=True)
class Note:
    """What a part holds: rows of ``regimes`` (name to digest) for replications ``first`` to ``stop``."""

    key: str
    cell: int
    values: dict[str, float]
    content: str
    first: int
    stop: int
    regimes: dict[str, str]
    rows: int
    code: str
    form: int = SCHEMA

    @classmethod
    def of(cls, cell: PlannedCell, chunk: Chunk, rows: int, code: str) -> Note:
        """The note of a chunk of a cell."""
        laws = {name: cell.regimes[name] for name in chunk.regimes}
        key = cell.key(chunk)
        return cls(key, cell.number, cell.values, cell.content, chunk.first, chunk.stop, laws, rows, code)

    @property
    def name(self) -> str:
        """The name of the part's file."""
        return f"part-{self.key}.parquet"


def encode(rows: Rows, labels: Labels, note: Note) -> bytes:
    """The file of a part; ``labels`` name the codes of the rows.

    Columns: ``cell``, one for each axis, then the outcomes.  Statistics are left out and only names
    have dictionaries: for the rest they cost time and save nothing.
    """
    inner = schema(labels, {})
    axes = [_axis(name) for name in note.values]
    fields = [_field("cell", pa.int32(), "index", "cell of the design"), *axes, *inner]
    layout = pa.schema(fields, metadata={NOTE: json.dumps(asdict(note), ensure_ascii=False)})
    count = len(rows)
    lead = [pa.array(np.full(count, note.cell, dtype=np.int32))]
    lead += [pa.array(np.full(count, value, dtype=np.float64)) for value in note.values.values()]
    whole = pa.Table.from_arrays([*lead, *table(rows, labels, inner).columns], schema=layout)
    file = io.BytesIO()
    pq.write_table(
        whole,
        file,
        row_group_size=max(count, 1),
        compression="zstd",
        compression_level=1,
        use_dictionary=["cell", *note.values, *labelled()],
        write_statistics=False,
        write_page_checksum=True,
    )
    return file.getvalue()


def _axis(name: str) -> pa.Field:
    known = registry().get(name)
    unit = "share" if known is None else known.unit
    return _field(name, pa.float64(), unit, "where the cell lies on this axis")


def _field(name: str, kind: pa.DataType, unit: str, meaning: str) -> pa.Field:
    return pa.field(name, kind, metadata={"unit": unit, "description": meaning})


def digest_file(path: Path) -> Path:
    """Where the digest of a part stands."""
    return path.parent.parent / "digests" / f"{path.stem}.sha256"


def digest_line(path: Path, data: bytes) -> bytes:
    """The digest of a part's bytes, as a line that ``sha256sum --check`` reads in ``DIR/digests``."""
    return f"{hashlib.sha256(data).hexdigest()}  ../{path.parent.name}/{path.name}\n".encode()


def read_bytes(path: Path) -> bytes:
    """A part as it was written.  Raises ``TornPartError`` where a byte of it, or of its digest, changed."""
    try:
        data = regular(path).read_bytes()
        stated = regular(digest_file(path)).read_bytes()
    except PermissionError:
        raise
    except OSError as error:
        raise TornPartError(path.name) from error
    if stated != digest_line(path, data):
        raise TornPartError(path.name)
    return data


def read_note(path: Path) -> Note:
    """What a part says it holds.  Raises ``TornPartError`` where its file is not whole.

    Only the end of the file is looked at; ``read_bytes`` looks at all of it.
    """
    try:
        with regular(path).open("rb") as file:  # the library takes no name that is not UTF-8
            footer = pq.read_metadata(file)
        stated: Mapping[str, Any] = json.loads((footer.metadata or {})[NOTE])
        note = Note(**stated)
    except (pa.ArrowException, OSError, KeyError, TypeError, ValueError) as error:
        if isinstance(error, PermissionError):
            raise
        raise TornPartError(path.name) from error
    if note.form != SCHEMA or note.rows != footer.num_rows or note.name != path.name:
        raise TornPartError(path.name)
    return note


def read_rows(path: Path, labels: Labels) -> Rows:
    """The rows of a part, coded by ``labels``.  Raises ``TornPartError`` where they do not read back."""
    data = read_bytes(path)
    try:
        with pq.ParquetFile(pa.BufferReader(data), page_checksum_verification=True) as file:
            return rows_of(file.read(), labels)
    except (pa.ArrowException, OSError, KeyError, ValueError) as error:
        raise TornPartError(path.name) from error
