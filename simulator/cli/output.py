"""What commands read and print: results on standard output, everything else on standard error."""

from __future__ import annotations

import io
import json
import os
import sys
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer

if TYPE_CHECKING:
    from rich.table import Table

    from simulator.spec.scenario import Scenario

WIDE = 200
"""Columns of a table that goes to no terminal and is told of no width."""
FEW = 5
"""Files written that are all named."""
OPENED = ("report.html", "answer.md", "trace.png", "manifest.json")
"""What of many files is named: the first of these that is there."""


class Voice(io.TextIOWrapper):
    """A stream that goes on speaking where nobody listens any more, and has a word for every character.

    A pipe that was closed takes no more; ``deaf``: neither does a place that is full.
    """

    deaf: tuple[type[OSError], ...] = (BrokenPipeError,)

    def write(self, text: str) -> int:
        """Write, or do as if."""
        with suppress(*self.deaf):
            return super().write(text)
        return self._mute(len(text))

    def flush(self) -> None:
        """Flush, or do as if."""
        with suppress(*self.deaf):
            return super().flush()
        self._mute(0)
        return None

    def _mute(self, count: int) -> int:
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, self.fileno())
        os.close(nowhere)
        return count


def speak() -> None:
    """Let standard output end where its reader does, and lose nothing that standard error cannot tell."""
    for name, deaf in (("stdout", (BrokenPipeError,)), ("stderr", (OSError,))):
        stream = getattr(sys, name)
        if stream is None:  # it was closed before we began
            setattr(sys, name, Path(os.devnull).open("w", encoding="utf-8"))  # noqa: SIM115 - to the end
        elif stream is getattr(sys, f"__{name}__") and isinstance(stream, io.TextIOWrapper):
            told = (stream.encoding, "backslashreplace", None, stream.line_buffering, stream.write_through)
            voice = Voice(stream.detach(), *told)
            voice.deaf = deaf
            for place in (name, f"__{name}__"):
                setattr(sys, place, voice)


def load(
    name: str,
    regimes: list[str] | None,
    replications: int | None,
    seed: int | None,
    *,
    baseline: str | None = None,
    sets: Iterable[str] | None = None,
) -> Scenario:
    """The scenario a command names, with what its options replace."""
    from simulator.spec.load import load_scenario
    from simulator.spec.what_if import assignments

    over = assignments(sets or ())
    return load_scenario(
        name, regimes=regimes, replications=replications, seed=seed, baseline=baseline, set=over
    )


def split(names: str | None) -> list[str] | None:
    """Names given by comma."""
    return None if names is None else [name.strip() for name in names.split(",") if name.strip()]


def show_result(result: Any, *, as_json: bool, plain: bool = False) -> None:
    """Print a result of ``simulator.study``, at once also where it goes to a pipe or a file."""
    if as_json:
        emit(result.to_json())
    else:
        show(result.table(), plain=plain)
    sys.stdout.flush()


def report(result: Any, as_json: bool, *, plain: bool = False, verbose: bool = False) -> None:
    """Print a result and say what it wrote."""
    show_result(result, as_json=as_json, plain=plain)
    tell_written(result.written, verbose=verbose)


def emit(data: Any) -> None:
    """Print JSON; numbers have ten digits, and those it has no word for (nan, infinity) become null."""
    from simulator.writing.formats import digits

    typer.echo(json.dumps(digits(data), indent=2, ensure_ascii=False, default=str))


def show(renderable: Any, *, plain: bool = False) -> None:
    """Print tables to the width of the terminal, else of ``COLUMNS``, else in full; or ``plain``, as TSV."""
    from rich.console import Console

    from simulator.writing.numbers import counted
    from simulator.writing.terminal import fitted, tsv

    if plain:
        typer.echo(tsv(renderable))
        return
    given = os.environ.get("COLUMNS", "")
    told = counted(given) or None
    console = Console(width=told or (None if sys.stdout.isatty() else WIDE), highlight=False)
    console.print(fitted(renderable, console.width))


def table(title: str, heads: Iterable[str], rows: Iterable[Iterable[str]]) -> Table:
    """A plain table whose cells may hold any text."""
    from rich.markup import escape
    from rich.table import Table

    result = Table(*heads, title=escape(title), title_justify="left")
    for row in rows:
        result.add_row(*map(escape, row))
    return result


def tell(text: str) -> None:
    """Print to standard error."""
    typer.echo(text, err=True)


def tell_written(paths: Iterable[Path], *, verbose: bool = False) -> None:
    """Say what a command wrote: all of a few files, else what to open first and how many lie beside it."""
    written = list(paths)
    if not written:
        tell("nothing written")
    elif verbose or len(written) <= FEW:
        tell("\n".join(f"wrote {path}" for path in written))
    else:
        first = next((path for name in OPENED for path in written if path.name == name), written[0])
        parents = [path.parent for path in written]
        if len({parent.is_absolute() for parent in parents}) > 1:  # beside an experiment file and in results
            parents = [parent.resolve() for parent in parents]
        folder = os.path.commonpath(parents) or os.curdir
        tell(f"wrote {first}\nand {len(written) - 1} files in {folder} (-v names them)")
