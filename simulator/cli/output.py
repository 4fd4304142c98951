"""What commands read and print: results on standard output, everything else on standard error."""

from __future__ import annotations

import json
import math
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer

if TYPE_CHECKING:
    from rich.table import Table

    from simulator.spec.scenario import Scenario


def load(name: str, regimes: list[str] | None, replications: int | None, seed: int | None) -> Scenario:
    """The scenario a command names, with what its options replace."""
    from simulator.spec.load import load_scenario

    return load_scenario(name, regimes=regimes, replications=replications, seed=seed)


def split(names: str | None) -> list[str] | None:
    """Names given by comma."""
    return None if names is None else [name.strip() for name in names.split(",") if name.strip()]


def show_result(result: Any, *, as_json: bool) -> None:
    """Print a result of ``simulator.study``, at once also where it goes to a pipe or a file."""
    if as_json:
        emit(result.to_json())
    else:
        show(result.table())
    sys.stdout.flush()


def report(result: Any, as_json: bool) -> None:
    """Print a result and say what it wrote."""
    show_result(result, as_json=as_json)
    tell_written(result.written)


def emit(data: Any) -> None:
    """Print JSON; numbers it has no word for (nan, infinity) become null."""
    typer.echo(json.dumps(_plain(data), indent=2, default=str))


def _plain(data: Any) -> Any:
    if isinstance(data, dict):
        return {str(key): _plain(value) for key, value in data.items()}
    if isinstance(data, list | tuple):
        return [_plain(value) for value in data]
    if hasattr(data, "item"):  # a number of an array
        data = data.item()
    return None if isinstance(data, float) and not math.isfinite(data) else data


def show(renderable: Any) -> None:
    """Print a table; where there is no terminal to fit it into, in full width."""
    from rich.console import Console

    Console(width=None if sys.stdout.isatty() else 200).print(renderable)


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


def tell_written(paths: Iterable[Path]) -> None:
    """Say what a command wrote."""
    written = [str(path) for path in paths]
    tell("\n".join(f"wrote {path}" for path in written) if written else "nothing written")
