"""The command itself, and the options that several commands share."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated

import typer

from simulator.cli.completion import completing, completing_list, setting
from simulator.errors import Problem, ScenarioError

app = typer.Typer(
    name="frandsim",
    help="Compare the rules under which standard-essential patents are licensed.",
    epilog="Start with: frandsim compare duopoly",
    no_args_is_help=True,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)


def examples(*commands: str) -> str:
    """The examples at the end of a command's help."""
    return "\b\n" + "\n".join(["Examples:", *(f"  {command}" for command in commands)])


ScenarioName = Annotated[
    str,
    typer.Argument(
        help="A built-in scenario, or the path of a file.",
        metavar="SCENARIO",
        autocompletion=completing("scenarios"),
    ),
]


RegimeName = Annotated[
    str,
    typer.Argument(
        help="A built-in regime, or the path of a file.",
        metavar="REGIME",
        autocompletion=completing("regimes"),
    ),
]


RegimeOption = Annotated[
    str,
    typer.Option(
        "--regime",
        help="The regime: of the scenario, built-in, or a path.",
        autocompletion=completing("regimes"),
    ),
]


Regimes = Annotated[
    str | None,
    typer.Option(
        help="Regimes, by comma, instead of the scenario's.", autocompletion=completing_list("regimes")
    ),
]


Baseline = Annotated[
    str | None,
    typer.Option(
        help="The regime the others are compared with, instead of the scenario's.",
        autocompletion=completing("regimes"),
    ),
]


Sets = Annotated[
    list[str] | None,
    typer.Option(
        "--set",
        help="What if: a parameter, or share(STRATEGY), has this value; may be repeated.",
        metavar="NAME=VALUE",
        show_default=False,
        autocompletion=setting,
    ),
]


Replications = Annotated[int | None, typer.Option(min=1, help="Replications, instead of the scenario's.")]


Seed = Annotated[int | None, typer.Option(min=0, max=2**63 - 1, help="Seed, instead of the scenario's.")]


Workers = Annotated[int, typer.Option(min=1, help="Threads to play on.", show_default="one per CPU")]


def path_of(text: str) -> Path:
    """A path as it is given.  Raises ``ScenarioError`` for none: it is not the current folder."""
    if not text.strip():
        raise ScenarioError(Problem("path", None, "", "got an empty one", "a name, or . for this folder"))
    return Path(text)


Out = Annotated[
    Path | None,
    typer.Option(
        help="Folder for tables, report and manifest.", show_default=False, parser=path_of, metavar="PATH"
    ),
]


AsJson = Annotated[bool, typer.Option("--json", help="Print JSON on standard output.")]


Plain = Annotated[bool, typer.Option("--plain", help="Print tables as tab-separated values, whole.")]


Verbose = Annotated[bool, typer.Option("-v", "--verbose", help="Name every file that was written.")]


CPUS = os.cpu_count() or 1


def print_version(asked: bool) -> None:
    """Print the installed version and leave."""
    if asked:
        from importlib.metadata import version

        typer.echo(version("frandsim"))
        raise typer.Exit


@app.callback()
def frandsim(
    version: Annotated[
        bool, typer.Option("--version", callback=print_version, is_eager=True, help="Print the version.")
    ] = False,
) -> None:
    """Compare the rules under which standard-essential patents are licensed."""
