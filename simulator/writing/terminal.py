"""Tables of the terminal at any width: columns wrap or give way, a word never; or as tab-separated values."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from html import escape as safe
from itertools import islice
from typing import Any

from rich import box
from rich.console import Console, Group
from rich.markup import escape
from rich.measure import Measurement
from rich.table import Column, Table
from rich.text import Text

INTERVAL = re.compile(r"(?P<mean>\S+) \[(?P<low>[^,\]]+), (?P<high>[^\]]+)\]")
"""A number with its interval, as cells show it."""
READABLE = 18
"""Columns that running text keeps, so that it reads."""


def fitted(renderable: Any, width: int) -> Any:
    """Tables, and groups of them, made to fit: intervals go below their numbers, text wraps at spaces.

    Where that is not enough the last columns give way, and a line below the table names them.  What fits as
    it is stays as it is; what is no table is returned as given.
    """
    if isinstance(renderable, Group):
        return Group(*(fitted(part, width) for part in renderable.renderables))
    if not isinstance(renderable, Table) or _natural(renderable) <= width:
        return renderable
    kept = list(renderable.columns)
    cells = [[_broken(cell, column) for cell in column.cells] for column in kept]
    least = [_least(column, texts) for column, texts in zip(kept, cells, strict=True)]
    count = len(kept)
    while count > 2 and sum(least[:count]) + 2 * (count - 1) > width:
        count -= 1
    wide = [
        max((_longest(text) for text in [_text(column.header), *texts]), default=1)
        for column, texts in zip(kept[:count], cells, strict=False)
    ]
    room = width - 2 * (count - 1)
    while sum(wide) > room and any(one > low for one, low in zip(wide, least, strict=False)):
        place = max((place for place in range(count) if wide[place] > least[place]), key=wide.__getitem__)
        wide[place] -= 1
    left_out = [str(_text(column.header)).replace("\n", ", ") for column in kept[count:]]
    caption = [str(_text(renderable.caption))] if renderable.caption else []
    if left_out:
        caption.insert(0, f"not shown for lack of width: {'; '.join(left_out)} (--plain has all)")
    result = Table(
        title=renderable.title,
        title_justify="left",
        caption=escape("\n".join(caption)) if caption else None,
        caption_justify="left",
        box=box.SIMPLE_HEAD,
        show_edge=False,
        padding=(0, 1, 0, 0),
        pad_edge=False,
    )
    for column, size in zip(kept[:count], wide, strict=True):
        result.add_column(column.header, justify=column.justify, width=size, overflow="fold")
    for place, row in enumerate(renderable.rows):
        texts = (cells[number][place] for number in range(count))
        result.add_row(*texts, end_section=row.end_section)
    return result


def tsv(renderable: Any) -> str:
    """Tables as tab-separated values, whole and in full width; numbers and intervals in columns of their own.

    Titles and captions are left out; lines of a cell are parted by semicolons, tables by an empty line.
    """
    return "\n\n".join("\n".join(_lines(table)) for table in tables(renderable))


def text(renderable: Any, width: int = 100) -> str:
    """Tables as a text of this width."""
    console = Console(width=width, file=io.StringIO(), color_system=None, highlight=False)
    with console.capture() as capture:
        console.print(fitted(renderable, width))
    return "\n".join(line.rstrip() for line in capture.get().splitlines())


def html(table: Table) -> str:
    """A table as HTML: heads, cells, and below it what its caption says."""
    heads = "".join(f"<th>{_lined(column.header)}</th>" for column in table.columns)
    sides = ["right" if column.justify == "right" else "left" for column in table.columns]
    rows = "".join(
        "<tr>"
        + "".join(
            f'<td style="text-align: {side}">{_lined(cell)}</td>'
            for side, cell in zip(sides, row, strict=True)
        )
        + "</tr>"
        for row in zip(*(column.cells for column in table.columns), strict=True)
    )
    title, *notes = str(_text(table.title)), *str(_text(table.caption)).splitlines()
    told = "".join(f"<p><small>{safe(note)}</small></p>" for note in notes)
    return (
        f"<table><caption>{safe(title)}</caption><thead><tr>{heads}</tr></thead>"
        f"<tbody>{rows}</tbody></table>{told}"
    )


def _lined(cell: Any) -> str:
    return safe(str(_text(cell))).replace("\n", "<br>")


def tables(renderable: Any) -> Iterator[Table]:
    """Every table of a group, in order; of anything else none but itself."""
    if isinstance(renderable, Group):
        for part in renderable.renderables:
            yield from tables(part)
    elif isinstance(renderable, Table):
        yield renderable


def _lines(table: Table) -> Iterator[str]:
    columns: list[list[str]] = []
    for column in table.columns:
        texts = ["; ".join(filter(None, map(_flat, _text(cell).split("\n")))) for cell in column.cells]
        head = _flat(column.header)
        parts = [INTERVAL.fullmatch(text) for text in texts]
        if any(parts):
            columns.append(
                [head, *(part["mean"] if part else text for part, text in zip(parts, texts, strict=True))]
            )
            columns += [
                [f"{head} {end}", *(part[end] if part else "" for part in parts)] for end in ("low", "high")
            ]
        else:
            columns.append([head, *texts])
    lines = ("\t".join(row) for row in zip(*columns, strict=True))
    yield from lines if table.show_header else islice(lines, 1, None)


def _flat(cell: Any) -> str:
    return " ".join(str(_text(cell)).split())


def _text(cell: Any) -> Text:
    """A cell as text, its marks read."""
    return cell if isinstance(cell, Text) else Text.from_markup(str(cell or ""))


def _broken(cell: Any, column: Column) -> Text:
    """A cell, with its interval on a line of its own where the column holds numbers."""
    text = _text(cell)
    if column.justify == "right" and INTERVAL.fullmatch(str(text)):
        mean, interval = str(text).split(" ", 1)
        return Text(f"{mean}\n{interval}")
    return text


def _least(column: Column, texts: list[Text]) -> int:
    """The least width of a column: numbers stay whole; of text the longest word, and enough to read on."""
    words = max((len(word) for text in texts for word in str(text).split()), default=1)
    head = max((len(word) for word in str(_text(column.header)).split()), default=1)
    longest = max((_longest(text) for text in texts), default=1)
    return max(head, longest if column.justify == "right" else max(words, min(longest, READABLE)))


def _longest(text: Text) -> int:
    return max((len(line) for line in str(text).split("\n")), default=0)


def _natural(table: Table) -> int:
    return Measurement.get(Console(width=10_000), Console(width=10_000).options, table).maximum
