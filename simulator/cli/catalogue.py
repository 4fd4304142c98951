"""Commands that say what there is: ``list`` and ``show``."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from simulator.cli.completion import shown
from simulator.cli.options import AsJson, Plain, app, examples
from simulator.cli.output import emit, show, table, tell
from simulator.errors import Problem, ScenarioError, nearest

if TYPE_CHECKING:
    from simulator.parameters import Parameter


class BuiltIn(StrEnum):
    """What can be listed."""

    scenarios = "scenarios"
    markets = "markets"
    spaces = "spaces"
    regimes = "regimes"
    strategies = "strategies"
    cases = "cases"
    experiments = "experiments"
    parameters = "parameters"


@app.command(
    "list",
    epilog=examples(
        "frandsim list", "frandsim list scenarios", "frandsim list parameters --plain | grep interest"
    ),
)
def list_kind(
    kind: Annotated[
        BuiltIn | None, typer.Argument(help="What to list; how many there are if left out.")
    ] = None,
    as_json: AsJson = False,
    plain: Plain = False,
) -> None:
    """List what is built in: scenarios, markets, spaces, regimes, strategies, cases, experiments, parameters.

    Their names are what other commands take; frandsim show prints one whole.
    """
    rows: list[dict[str, Any]]
    heads: tuple[str, ...]
    if kind is None:
        rows = [{"kind": str(one), "count": len(_names(one)), "names": _names(one)} for one in BuiltIn]
        cells = [
            [
                str(row["kind"]),
                str(row["count"]),
                ", ".join(row["names"][:4]) + ", ..." * (len(row["names"]) > 4),
            ]
            for row in rows
        ]
        heads = ("Kind", "Count", "For example")
    elif kind is BuiltIn.parameters:
        rows = [_parameter(one) for one in _registry().values()]
        heads = ("Parameter", "What it is", "Default", "Unit")
        cells = [[row["name"], row["title"], f"{row['default']:g}", row["unit"]] for row in rows]
    else:
        rows = [{"name": name, "title": _title(path)} for name, path in _files(kind).items()]
        heads = ("Name", "Title")
        cells = [[row["name"], row["title"]] for row in rows]
    if as_json:
        emit(rows)
    else:
        show(table("Built-in " + (str(kind) if kind else "files and parameters"), heads, cells), plain=plain)
    tell(f"{len(rows)} {kind or 'kinds'}; nothing written")


@app.command(
    "show",
    epilog=examples(
        "frandsim show markets/cellular",
        "frandsim show upc > my-upc.yaml",
        "frandsim show court.interest.court",
    ),
)
def show_file(
    name: Annotated[
        str,
        typer.Argument(
            help="A built-in file or parameter; KIND/NAME where several kinds have the name.",
            metavar="NAME",
            autocompletion=shown,
        ),
    ],
    as_json: AsJson = False,
) -> None:
    """Print a built-in file as it is written, with every source; or the entry of a parameter."""
    if name in _registry():
        entry = _parameter(_registry()[name])
        emit(entry) if as_json else typer.echo("\n".join(f"{key}: {_said(entry[key])}" for key in entry))
    else:
        path = _built_in(name)
        if as_json:
            from simulator.spec.yaml import read

            emit(read(path).data)
        else:
            typer.echo(path.read_text(encoding="utf-8"), nl=False)
    tell("nothing written")


def _built_in(name: str) -> Path:
    """The built-in file behind ``NAME`` or ``KIND/NAME``.  Raises ``ScenarioError``."""
    kinds = [kind for kind in BuiltIn if kind is not BuiltIn.parameters]
    asked, _, bare = name.rpartition("/")
    if asked and asked not in kinds:
        raise ScenarioError(
            Problem(
                name, None, "", f"no kind {asked!r}", nearest(asked, kinds), "frandsim show markets/cellular"
            )
        )
    there = {kind: files[bare] for kind in kinds if bare in (files := _files(kind)) and asked in ("", kind)}
    if len(there) > 1:
        rule = f"one of {', '.join(f'{kind}/{bare}' for kind in there)}"
        raise ScenarioError(
            Problem(
                name,
                None,
                "",
                "several files have this name",
                rule,
                f"frandsim show {next(iter(there))}/{bare}",
            )
        )
    if not there:
        known = [one for kind in kinds if asked in ("", kind) for one in _files(kind)]
        words = known if asked else [*known, *_registry()]
        near = nearest(bare, words, otherwise="frandsim list names them")
        raise ScenarioError(Problem(name, None, "", "no built-in file or parameter has this name", near))
    return next(iter(there.values()))


def _names(kind: BuiltIn) -> list[str]:
    return list(_registry() if kind is BuiltIn.parameters else _files(kind))


def _files(kind: BuiltIn) -> dict[str, Path]:
    from simulator.spec.find import builtin

    return builtin(str(kind))


def _registry() -> dict[str, Parameter]:
    from simulator.parameters import registry

    return registry()


def _title(path: Path) -> str:
    from simulator.spec.yaml import read

    return str(read(path).data.get("title", ""))


def _parameter(entry: Parameter) -> dict[str, Any]:
    from dataclasses import asdict

    return asdict(entry)


def _said(value: object) -> str:
    """A value of an entry in a line."""
    if isinstance(value, tuple):
        return " to ".join(f"{end:g}" for end in value)
    return "none" if value is None else f"{value:g}" if isinstance(value, float) else str(value)
