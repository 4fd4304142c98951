"""The command line: ``frandsim ...``, every command a few lines.

Results go to standard output, everything else to standard error.  Exit status: 0 done, 1 failed, 2 bad
input.  What is heavy to import is imported by the command that needs it.
"""

from __future__ import annotations

import json
import math
import os
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from simulator.errors import Fault, ScenarioError

if TYPE_CHECKING:
    from rich.table import Table

    from simulator.spec.scenario import Scenario

app = typer.Typer(
    name="frandsim",
    help="Compare the rules under which standard-essential patents are licensed.",
    epilog="Start with: frandsim compare duopoly",
    no_args_is_help=True,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
laws = typer.Typer(rich_markup_mode=None)


def examples(*commands: str) -> str:
    """The examples at the end of a command's help."""
    return "\b\n" + "\n".join(["Examples:", *(f"  {command}" for command in commands)])


app.add_typer(
    laws,
    name="regimes",
    epilog=examples(
        "frandsim regimes", "frandsim regimes show upc", "frandsim regimes diff eu-hvzte-2015 uk-global"
    ),
)

ScenarioName = Annotated[
    str, typer.Argument(help="A built-in scenario, or the path of a file.", metavar="SCENARIO")
]
RegimeName = Annotated[
    str, typer.Argument(help="A built-in regime, or the path of a file.", metavar="REGIME")
]
Replications = Annotated[int | None, typer.Option(min=1, help="Replications, instead of the scenario's.")]
Seed = Annotated[int | None, typer.Option(min=0, help="Seed, instead of the scenario's.")]
Workers = Annotated[int, typer.Option(min=1, help="Processes to play on.", show_default="one per CPU")]
Out = Annotated[Path | None, typer.Option(help="Folder for tables, report and manifest.", show_default=False)]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON on standard output.")]

CPUS = os.cpu_count() or 1


def main() -> None:
    """Run the command line: the entry point of ``frandsim`` and of ``python -m simulator``."""
    try:
        app()
    except ScenarioError as error:
        tell(str(error))
        sys.exit(2)
    except OSError as error:
        tell(f"frandsim: {error}")
        sys.exit(1)


@app.command(
    epilog=examples(
        "frandsim compare cellular",
        "frandsim compare cellular --regimes eu-hvzte-2015,uk-global --replications 500",
        "frandsim compare my-scenario.yaml --out results/mine --json > comparison.json",
    )
)
def compare(
    scenario: ScenarioName,
    regimes: Annotated[str | None, typer.Option(help="Regimes, by comma, instead of the scenario's.")] = None,
    replications: Replications = None,
    seed: Seed = None,
    workers: Workers = CPUS,
    out: Out = None,
    equal_procedure: Annotated[
        bool,
        typer.Option("--equal-procedure", help="Let only the remedies differ, with one procedure for all."),
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Play a scenario under each of its regimes and compare what the rules changed.

    Every regime meets the same markets, parties and chance. Tables, report and manifest go to
    results/compare/SCENARIO unless --out says otherwise.
    """
    loaded = load(scenario, split(regimes), replications, seed)
    from simulator import study

    out = out or Path("results", "compare", loaded.scenario)
    report(
        study.compare(
            loaded, workers=workers, out=out, equal_procedure=equal_procedure, progress=sys.stderr.isatty()
        ),
        as_json,
    )


@app.command(
    epilog=examples(
        "frandsim run duopoly --regime uk-global",
        "frandsim run cellular --regime my-regime.yaml --replications 20 --json",
    )
)
def run(
    scenario: ScenarioName,
    regime: Annotated[str, typer.Option(help="The regime: of the scenario, built-in, or a path.")],
    replications: Replications = None,
    seed: Seed = None,
    workers: Workers = CPUS,
    out: Out = None,
    as_json: AsJson = False,
) -> None:
    """Play a scenario under one regime.

    Tables and manifest go to results/run/SCENARIO/REGIME unless --out says otherwise.
    """
    loaded = load(scenario, [regime], replications, seed)
    from simulator import study

    name = loaded.regimes[0].regime
    out = out or Path("results", "run", loaded.scenario, name)
    report(study.run(loaded, name, workers=workers, out=out, progress=sys.stderr.isatty()), as_json)


@app.command(
    epilog=examples(
        "frandsim trace duopoly --regime eu-hvzte-2015",
        "frandsim trace cellular --regime eu-hvzte-2015 --against uk-global --negotiation 7 --replication 3",
    )
)
def trace(
    scenario: ScenarioName,
    regime: Annotated[str, typer.Option(help="The regime: of the scenario, built-in, or a path.")],
    negotiation: Annotated[int, typer.Option(min=0, help="Which negotiation of the market, from 0.")] = 0,
    replication: Annotated[int, typer.Option(min=0, help="Which replication, from 0.")] = 0,
    against: Annotated[str | None, typer.Option(help="A second regime, month beside month.")] = None,
    seed: Seed = None,
    out: Out = None,
    as_json: AsJson = False,
) -> None:
    """Follow one negotiation month by month: offers, steps, faults, court.

    With --against, the same negotiation with the same chance under a second regime.
    """
    loaded = load(scenario, [regime] if against is None else [regime, against], None, seed)
    from simulator import study

    names = [law.regime for law in loaded.regimes]
    other = None if against is None else names[-1]
    report(study.trace(loaded, names[0], negotiation, replication, other, out), as_json)


@laws.callback(invoke_without_command=True)
def regimes(context: typer.Context, as_json: AsJson = False) -> None:
    """List the built-in regimes, show one, or compare two rule by rule."""
    if context.invoked_subcommand is not None:
        return
    from simulator.spec.load import builtin, load_regime

    known = [load_regime(name) for name in builtin("regimes")]
    keys = ("regime", "status", "valid_from", "valid_to", "jurisdiction", "title")
    rows = [{key: law.model_dump(mode="json")[key] for key in keys} for law in known]
    if as_json:
        return emit(rows)
    show(
        table(
            "Built-in regimes", ("Regime", "Status", "From", "To", "Jurisdiction", "Title"), map(_cells, rows)
        )
    )
    return tell(f"{len(rows)} regimes; nothing written")


@laws.command(
    "show", epilog=examples("frandsim regimes show eu-hvzte-2015", "frandsim regimes show mine.yaml")
)
def show_regime(regime: RegimeName, as_json: AsJson = False) -> None:
    """Show a regime: its steps, its court, its faults, each with its source."""
    from simulator.spec.load import load_regime
    from simulator.spec.telling import breach, court_rules, deadline, documents, fault_rules, text_rules
    from simulator.spec.wording import WHO

    law = load_regime(regime)
    if as_json:
        return emit(law.model_dump(mode="json"))
    steps = (
        (
            name,
            step.title,
            WHO[step.actor],
            documents(step),
            deadline(step)[0],
            breach(step.if_missed),
            step.source,
        )
        for name, step in law.steps.items()
    )
    heads = ("Step", "What", "Who", "Must contain", "Deadline", "If missed", "Source")
    show(table(f"{law.title} ({law.regime})", heads, steps))
    rules = [*text_rules(law), *(rule for rule in court_rules(law) if rule.stated), *fault_rules(law)]
    show(table("Court", ("Rule", "What it says", "Source"), (rule[:3] for rule in rules)))
    return tell("rules not listed take the model's defaults; nothing written")


@laws.command("diff", epilog=examples("frandsim regimes diff eu-hvzte-2015 uk-global"))
def diff(a: RegimeName, b: RegimeName, as_json: AsJson = False) -> None:
    """Say in words on which rules two regimes differ, with both sources."""
    from dataclasses import asdict

    from simulator.spec.differences import diff_regimes
    from simulator.spec.load import load_regime

    first, second = load_regime(a), load_regime(b)
    found = diff_regimes(first, second)
    if as_json:
        return emit([asdict(one) for one in found])
    for one in found:
        typer.echo(f"{one}\n")
    return tell(f"{len(found)} differences between {first.regime} and {second.regime}; nothing written")


@app.command(
    epilog=examples("frandsim validate my-scenario.yaml", "frandsim validate scenarios/regimes/*.yaml")
)
def validate(
    files: Annotated[list[Path], typer.Argument(help="Files of any kind.", metavar="FILE...")],
    as_json: AsJson = False,
) -> None:
    """Check files: regimes, markets, strategies, scenarios, cases. Says all that is wrong, and where."""
    from dataclasses import asdict

    from simulator.spec.load import check

    faults: list[Fault] = []
    checked: list[dict[str, Any]] = []
    for file in files:
        kind, wrong = None, ()
        try:
            kind = check(file)
        except ScenarioError as error:
            wrong = error.faults
            faults += wrong
        checked.append({"file": str(file), "kind": kind, "faults": [asdict(fault) for fault in wrong]})
        if kind is not None and not as_json:
            typer.echo(f"{file}: a valid {kind}")
    if as_json:
        emit(checked)
    if faults:
        raise ScenarioError(*dict.fromkeys(faults))
    tell(f"{len(files)} checked, no faults; nothing written")


@app.command(epilog=examples("frandsim schema regime > regime.schema.json", "frandsim schema"))
def schema(
    kind: Annotated[
        str | None, typer.Argument(help="regime, market, strategy or scenario; all if left out.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="The default: a schema is JSON.")] = True,  # noqa: ARG001
) -> None:
    """Print the JSON Schema of a kind of file, for editors that complete and check as you type."""
    from simulator.errors import nearest
    from simulator.spec.load import MODELS

    if kind is None:
        return emit({name: model.model_json_schema() for name, model in MODELS.items()})
    if kind not in MODELS:
        raise ScenarioError(
            Fault("schema", None, "", f"no kind of file is called {kind}", nearest(kind, MODELS))
        )
    return emit(MODELS[kind].model_json_schema())


@app.command(epilog=examples("frandsim init my-study", "frandsim compare my-study/my-scenario.yaml"))
def init(
    folder: Annotated[Path, typer.Argument(help="Where to write it.", metavar="DIR")], as_json: AsJson = False
) -> None:
    """Write a commented scenario to start from: market, regime and strategy of your own."""
    from simulator.spec.starter import write_starter

    written = write_starter(folder)
    if as_json:
        emit({"written": [str(path) for path in written]})
    tell_written(written)


@app.callback(invoke_without_command=True)
def version(
    context: typer.Context,
    asked: Annotated[bool, typer.Option("--version", help="Print the version and leave.")] = False,
) -> None:
    """Compare the rules under which standard-essential patents are licensed."""
    if asked:
        from importlib.metadata import version as installed

        typer.echo(installed("frandsim"))
        raise typer.Exit
    if context.invoked_subcommand is None:
        typer.echo(context.get_help())
        raise typer.Exit


def load(name: str, regimes: list[str] | None, replications: int | None, seed: int | None) -> Scenario:
    """The scenario a command names, with what its options replace."""
    from simulator.spec.load import load_scenario

    return load_scenario(name, regimes=regimes, replications=replications, seed=seed)


def split(names: str | None) -> list[str] | None:
    """Names given by comma."""
    return None if names is None else [name.strip() for name in names.split(",") if name.strip()]


def report(result: Any, as_json: bool) -> None:
    """Print a result of ``simulator.study`` and say what it wrote."""
    if as_json:
        emit(result.to_json())
    else:
        show(result.table())
    tell_written(result.written)


def emit(data: Any) -> None:
    """Print JSON; numbers it has no word for (nan, infinity) become null."""
    typer.echo(json.dumps(_plain(data), indent=2, ensure_ascii=False, default=str))


def _plain(data: Any) -> Any:
    if isinstance(data, dict):
        return {str(key): _plain(value) for key, value in data.items()}
    if isinstance(data, list | tuple):
        return [_plain(value) for value in data]
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


def _cells(row: dict[str, Any]) -> list[str]:
    return ["" if value is None else str(value) for value in row.values()]


def tell(text: str) -> None:
    """Print to standard error."""
    typer.echo(text, err=True)


def tell_written(paths: Iterable[Path]) -> None:
    """Say what a command wrote."""
    written = [str(path) for path in paths]
    tell("\n".join(f"wrote {path}" for path in written) if written else "nothing written")
