"""The command line: ``frandsim ...``, every command a few lines.

Results go to standard output, everything else to standard error.  Exit status: 0 done, 1 failed, 2 bad
input, 130 interrupted.  What is heavy to import is imported by the command that needs it.
"""

from __future__ import annotations

import json
import math
import os
import sys
from collections.abc import Iterable
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from simulator.batch.interrupt import Interrupted, leave, listening
from simulator.batch.tally import BatchError
from simulator.cli_upgrade import upgrade
from simulator.errors import Problem, ScenarioError, nearest

if TYPE_CHECKING:
    from rich.table import Table

    from simulator.batch.tally import Report
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
Seed = Annotated[int | None, typer.Option(min=0, max=2**63 - 1, help="Seed, instead of the scenario's.")]
Workers = Annotated[int, typer.Option(min=1, help="Threads to play on.", show_default="one per CPU")]
Out = Annotated[Path | None, typer.Option(help="Folder for tables, report and manifest.", show_default=False)]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON on standard output.")]

CPUS = os.cpu_count() or 1


def main() -> None:
    """Run the command line: the entry point of ``frandsim`` and of ``python -m simulator``."""
    try:
        with listening():
            app(prog_name="frandsim")
    except ScenarioError as error:
        tell(str(error))
        sys.exit(2)
    except (OSError, BatchError) as error:
        tell(f"frandsim: {error}")
        sys.exit(1)
    except Interrupted as stop:
        tell(f"frandsim: {str(stop) or 'interrupted; nothing is left half-written'}")
        leave()


@app.command(
    epilog=examples(
        "frandsim compare cellular",
        "frandsim compare cellular --regimes eu-hvzte-2015,uk-global --replications 500",
        "frandsim compare duopoly --evolved",
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
    formats: Annotated[
        str, typer.Option("--format", help="Formats of the figures, by comma: svg, png, pdf.")
    ] = "svg,png",
    evolved: Annotated[
        bool, typer.Option("--evolved", help="Also at the mix of strategies that evolution reaches.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Play a scenario under each regime and compare.

    Every regime meets the same markets, parties and chance: what differs is what the rules changed.
    Tables, report and manifest go to results/compare/SCENARIO unless --out says otherwise.
    """
    loaded = load(scenario, split(regimes), replications, seed)
    from simulator import study

    out = out or Path("results", "compare", loaded.scenario)
    drawn = split(formats) or []
    known = ("svg", "png", "pdf")
    if not drawn or set(drawn) - set(known):
        raise ScenarioError(
            Problem("format", None, "", f"got {formats}", f"some of {', '.join(known)}", "svg,pdf")
        )
    compared = study.compare(
        loaded,
        workers=workers,
        out=out,
        equal_procedure=equal_procedure,
        formats=drawn,
        evolved=study.adaptation(budget=256) if evolved else None,
        rankings=study.known_rankings(),
        progress=True,
    )
    report(compared, as_json)


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
    report(study.run(loaded, name, workers=workers, out=out, progress=True), as_json)


@app.command(
    epilog=examples(
        "frandsim experiment four_switches",
        "frandsim experiment my-study/experiment.yaml --json",
        "frandsim experiment --all --quick",
        "frandsim experiment --all --check",
    )
)
def experiment(
    experiment: Annotated[
        str | None,
        typer.Argument(help="A built-in experiment, or the path of a file.", metavar="EXPERIMENT"),
    ] = None,
    every: Annotated[
        bool, typer.Option("--all", help="Every built-in experiment; exit 1 where a result changed.")
    ] = False,
    quick: Annotated[bool, typer.Option("--quick", help="As small as the file's 'quick' says.")] = False,
    check: Annotated[
        bool, typer.Option("--check", help="Write nothing; exit 1 where committed numbers do not come out.")
    ] = False,
    replications: Replications = None,
    seed: Seed = None,
    workers: Workers = CPUS,
    out: Out = None,
    as_json: AsJson = False,
) -> None:
    """Answer a question: move what an experiment file names, test its claims, tabulate its outcomes.

    Tables, figures and the answer go to results/EXPERIMENT (--quick: results/quick/EXPERIMENT) unless --out
    says otherwise; run as the file says, at the top of the checkout, the answer also goes into the README
    beside the file, and its claims into results/README.md.
    """
    if (experiment is None) != every:
        raise ScenarioError(
            Problem("experiment", None, "", "name an experiment or say --all, one of the two")
        )
    from simulator import study

    names = study.experiments() if every else [str(experiment)]
    whole = (replications, seed, quick) == (None, None, False)
    found = []
    for name in names:
        plan = study.load_experiment(name, replications=replications, seed=seed, quick=quick)
        folder = study.results_folder(plan, quick=quick) if out is None or every else out
        folder = out / plan.experiment if out is not None and every else folder
        if every:
            tell(f"{plan.experiment}: {plan.title}")
        found.append(study.experiment(plan, workers=workers, out=folder, progress=True, check=check))
        if whole and out is None and not check:
            found[-1].written += study.tell_answer(found[-1])
        tell_written(found[-1].written)
        if not as_json:
            show(found[-1].table())
    if as_json:
        emit([one.to_json() for one in found] if every else found[0].to_json())
    changed = [said for one in found for said in one.changed]
    if changed and (every or check):
        tell("\n".join(["committed numbers that no longer come out:", *changed]))
        raise typer.Exit(1)


class Dynamics(StrEnum):
    """How people adapt."""

    fermi = "fermi"
    replicator = "replicator"
    agents = "agents"


class Backend(StrEnum):
    """Where chunks are played."""

    local = "local"
    dask = "dask"


class OnError(StrEnum):
    """What a failing cell does to the others."""

    carry_on = "continue"
    stop = "stop"


StoreFolder = Annotated[Path, typer.Argument(help="A folder that a sweep wrote.", metavar="DIR")]
On = Annotated[Backend, typer.Option("--backend", help="Threads of this machine, or a Dask scheduler.")]
Scheduler = Annotated[
    str | None,
    typer.Option(help="Address or file of a running Dask scheduler.", show_default="one is started here"),
]
Failing = Annotated[OnError, typer.Option(help="What a failing cell does to the others.")]


@app.command(
    epilog=examples(
        "frandsim sweep four_switches --out runs/four",
        "frandsim sweep cellular --out runs/cellular --replications +100",
        "frandsim sweep four_switches --out runs/part-2 --shard 2/8",
    )
)
def sweep(
    plan: Annotated[
        str, typer.Argument(help="An experiment or scenario, built-in or a path.", metavar="EXPERIMENT")
    ],
    out: Annotated[Path, typer.Option(help="Folder of the store: made, or gone on with.")],
    replications: Annotated[
        str | None, typer.Option(help="Replications, or +N more than the store has.", metavar="N|+N")
    ] = None,
    seed: Seed = None,
    workers: Workers = CPUS,
    backend: On = Backend.local,
    scheduler: Scheduler = None,
    shard: Annotated[str, typer.Option(help="Play the i-th of n parts.", metavar="I/N")] = "1/1",
    on_error: Failing = OnError.carry_on,
    as_json: AsJson = False,
) -> None:
    """Play every cell of an experiment, or a scenario, into a folder that can grow.

    One Parquet row a negotiation: pandas.read_parquet("DIR/parts") reads it all. What is there already is
    not played again, so the same command goes on after an interrupt, and adds replications, regimes or
    points to a finished store. Rows do not depend on workers, backend or shards.
    """
    from simulator import study

    count = study.replications(replications, out)
    loaded = study.load_plan(plan, replications=count, seed=seed)
    dask = backend is Backend.dask
    ended(
        study.batch(
            loaded,
            out,
            workers=workers,
            dask=dask,
            scheduler=scheduler,
            shard=parse_shard(shard),
            on_error=on_error.value,
            progress=True,
        ),
        as_json,
    )


@app.command(
    epilog=examples("frandsim resume runs/four", "frandsim resume runs/four --cell 3 --on-error stop")
)
def resume(
    folder: StoreFolder,
    cell: Annotated[int | None, typer.Option(min=0, help="This cell only.")] = None,
    workers: Workers = CPUS,
    backend: On = Backend.local,
    scheduler: Scheduler = None,
    on_error: Failing = OnError.carry_on,
    as_json: AsJson = False,
) -> None:
    """Play what a store still misses; its manifest says what that is.

    Refused, with what differs, where the code or a library has changed since.
    """
    from simulator import study

    dask = backend is Backend.dask
    report = study.resume(
        folder,
        workers=workers,
        dask=dask,
        scheduler=scheduler,
        only=cell,
        on_error=on_error.value,
        progress=True,
    )
    ended(report, as_json)


@app.command(epilog=examples("frandsim status runs/four", "frandsim status runs/four --json"))
def status(folder: StoreFolder, as_json: AsJson = False) -> None:
    """Say how far a store is, what failed, and how to go on; nothing is changed."""
    from simulator.batch.status import status as look
    from simulator.batch.store import Store

    found = look(Store(folder))
    emit(found.to_json()) if as_json else show(found.table())
    tell("nothing written")


@app.command(epilog=examples("frandsim merge runs/part-* --out runs/whole"))
def merge(
    folders: Annotated[list[Path], typer.Argument(help="Folders that sweeps wrote.", metavar="DIR...")],
    out: Annotated[Path, typer.Option(help="Folder of the store they become.")],
    as_json: AsJson = False,
) -> None:
    """Join stores of one plan, shards or grown ones, into one.

    The result is that of one run, byte for byte. Refused, with what differs, where the plans do not go
    together; exit 1 where something is still missing.
    """
    from simulator.batch.merge import merge as join

    report = join(folders, out)
    ended(report, as_json)
    if not report.complete:
        sys.exit(1)


@app.command(
    "export",
    epilog=examples(
        "frandsim export runs/four", "frandsim export runs/four --format stata --out four-switches.dta"
    ),
)
def export_store(
    folder: StoreFolder,
    form: Annotated[str, typer.Option("--format", help="csv, stata or excel.")] = "csv",
    out: Annotated[
        Path | None, typer.Option(help="The file.", show_default="DIR/outcomes.csv, .dta or .xlsx")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Write the rows of a store as one file for other programs.

    Rows are ordered by cell, replication, regime and negotiation. CSV has no limit; Excel holds 1,048,575
    rows, and Stata what fits into memory.
    """
    from simulator.batch.export import Form, export

    known = [str(one) for one in Form]
    if form not in known:
        raise ScenarioError(Problem("format", None, "", f"got {form}", f"one of {', '.join(known)}", "csv"))
    found = export(folder, Form(form), out)
    if as_json:
        emit({"written": str(found.path), "rows": found.rows, "missing": found.missing})
    tell(found.summary())


def parse_shard(text: str) -> tuple[int, int]:
    """Which of how many parts: ``2/8``."""
    turn, slash, of = text.partition("/")
    if not (slash and turn.isdecimal() and of.isdecimal() and 1 <= int(turn) <= int(of)):
        raise ScenarioError(Problem("shard", None, "", f"got {text}", "the i-th of n parts", "2/8"))
    return int(turn), int(of)


def ended(report: Report, as_json: bool) -> None:
    """Say what a batch did; status 1 where cells failed."""
    if as_json:
        emit(report.to_json())
    tell(report.summary())
    if report.failures:
        sys.exit(1)


@app.command(
    epilog=examples(
        "frandsim trace duopoly --regime eu-hvzte-2015",
        "frandsim trace cellular --regime eu-hvzte-2015 --against uk-global --negotiation 7 --replication 3",
    )
)
def trace(
    scenario: ScenarioName,
    regime: Annotated[str, typer.Option(help="The regime: of the scenario, built-in, or a path.")],
    negotiation: Annotated[
        int | None,
        typer.Option(
            min=0,
            help="Which negotiation of the market, from 0.",
            show_default="the first of a hold-out implementer in court",
        ),
    ] = None,
    replication: Annotated[int, typer.Option(min=0, help="Which replication, from 0.")] = 0,
    against: Annotated[str | None, typer.Option(help="A second regime, month beside month.")] = None,
    seed: Seed = None,
    out: Out = None,
    as_json: AsJson = False,
) -> None:
    """Follow one negotiation month by month.

    Its offers, steps, faults and days in court; with --against, the same negotiation with the same
    chance under a second regime.
    """
    loaded = load(scenario, [regime] if against is None else [regime, against], None, seed)
    from simulator import study

    names = [law.regime for law in loaded.regimes]
    other = None if against is None else names[-1]
    out = out or Path("results", "trace", loaded.scenario, "-".join(names))
    report(study.trace(loaded, names[0], negotiation, replication, other, out), as_json)


@app.command(
    epilog=examples(
        "frandsim rate oppo-v-nokia", "frandsim rate --all --json", "frandsim rate huawei-v-idc --methods all"
    )
)
def rate(
    case: Annotated[
        str | None, typer.Argument(help="A built-in case, or the path of a file.", metavar="CASE")
    ] = None,
    everything: Annotated[bool, typer.Option("--all", help="Every built-in case, as one table.")] = False,
    methods: Annotated[
        str | None, typer.Option(help="'all': what each method would give, as table and picture.")
    ] = None,
    out: Out = None,
    as_json: AsJson = False,
) -> None:
    """Reckon a judgment's rate again, step by step.

    Says of each printed figure whether the formula gives it, and what unknown inputs it pins down.
    """
    from simulator.rates import worksheet
    from simulator.rates.cases import evaluate
    from simulator.spec.case import case_names, load_case

    if everything == (case is not None) or methods not in {None, "all"} or (everything and methods):
        rule = "--methods takes all, with a case"
        raise ScenarioError(Problem("rate", None, "", "name one case, or say --all", rule))
    if everything or case is None:
        results = [result for name in case_names() for result in evaluate(load_case(name))]
        typer.echo(worksheet.rate_json(results)) if as_json else show(worksheet.rate_table(results))
        return tell(f"{len(results)} figures; nothing written")
    loaded = load_case(case)
    if methods is None:
        typer.echo(worksheet.rate_json(evaluate(loaded))) if as_json else show(worksheet.explain(loaded))
        return tell("nothing written")
    from simulator.figures.rates import plot_methods

    try:
        frame = worksheet.all_methods(loaded)
    except ValueError as error:
        rule = "its figures can be reckoned without --methods"
        raise ScenarioError(Problem(str(case), None, "headline", str(error), rule)) from error
    typer.echo(frame.to_json(orient="records", indent=2) if as_json else frame.to_string(index=False))
    folder = out or Path("results", "rate", loaded.case)
    folder.mkdir(parents=True, exist_ok=True)
    frame.to_csv(folder / "methods.csv", index=False)
    return tell_written([folder / "methods.csv", *plot_methods(frame, folder / "methods", loaded.title)])


@app.command(
    epilog=examples(
        "frandsim evolve duopoly",
        "frandsim evolve cellular --regimes upc,cn-rate-setting --dynamics agents",
        "frandsim evolve duopoly --regimes upc --parameter court.injunction.base_probability=0.1:0.9:5",
    )
)
def evolve(
    scenario: ScenarioName,
    regimes: Annotated[str | None, typer.Option(help="Regimes, by comma, instead of the scenario's.")] = None,
    dynamics: Annotated[Dynamics, typer.Option(help="How people adapt.")] = Dynamics.fermi,
    strategies: Annotated[
        str | None, typer.Option(help="Strategies of both sides, by comma, instead of the market's.")
    ] = None,
    parameter: Annotated[
        str | None, typer.Option(help="A parameter of the registry and its values.", metavar="PATH=LO:HI:N")
    ] = None,
    courts: Annotated[
        bool, typer.Option("--courts", help="Courts as a third population, on the baseline's procedure.")
    ] = False,
    budget: Annotated[int, typer.Option(min=2, help="Replications of a pairing at most.")] = 1024,
    population: Annotated[int, typer.Option(min=2, help="Firms of a side (fermi).")] = 50,
    intensity: Annotated[float, typer.Option(min=0, help="Intensity of selection, per unit of E.")] = 5.0,
    seed: Seed = None,
    workers: Workers = CPUS,
    out: Out = None,
    as_json: AsJson = False,
) -> None:
    """Say which strategies survive once both sides have learned.

    Payoffs of every pairing are measured by playing it; dynamics then say where imitation leads. Tables,
    figures and manifest go to results/evolve/SCENARIO unless --out says otherwise; games are kept there.
    """
    loaded = load(scenario, split(regimes), None, seed)
    from simulator import study

    report(
        study.evolve(
            loaded,
            study.adaptation(
                dynamics.value, split(strategies), budget=budget, population=population, intensity=intensity
            ),
            ladder=None if parameter is None else study.ladder(parameter),
            courts=courts,
            workers=workers,
            out=out or Path("results", "evolve", loaded.scenario),
            progress=True,
        ),
        as_json,
    )


@laws.callback(invoke_without_command=True)
def regimes(context: typer.Context, as_json: AsJson = False) -> None:
    """List regimes, show one, or compare two in words."""
    if context.invoked_subcommand is not None:
        return
    from simulator.spec.load import builtin, load_regime

    known = [load_regime(name).model_dump(mode="json") for name in builtin("regimes")]
    keys = ("regime", "status", "valid_from", "valid_to", "jurisdiction", "title")
    rows = [{key: law[key] for key in keys} for law in known]
    if as_json:
        emit(rows)
    else:
        heads = ("Regime", "Status", "From", "To", "Jurisdiction", "Title")
        show(table("Built-in regimes", heads, ([row[key] or "" for key in keys] for row in rows)))
    tell(f"{len(rows)} regimes; nothing written")


@laws.command("show", epilog=examples("frandsim regimes show upc", "frandsim regimes show my-regime.yaml"))
def show_regime(regime: RegimeName, as_json: AsJson = False) -> None:
    """Show a regime: its steps, its court, its faults, each with its source."""
    from simulator.spec.load import load_regime
    from simulator.spec.sentences import court_rules, fault_rules, step_row, text_rules

    law = load_regime(regime)
    if as_json:
        emit(law.model_dump(mode="json"))
    else:
        heads = ("Step", "What", "Who", "Must contain", "Deadline", "If missed", "Source")
        rows = ([name, *step_row(step)] for name, step in law.steps.items())
        show(table(f"{law.title} ({law.regime})", heads, rows))
        rules = [*text_rules(law), *(rule for rule in court_rules(law) if rule.stated), *fault_rules(law)]
        show(table("Text and court", ("Rule", "What it says", "Source"), (rule[:3] for rule in rules)))
    tell("rules not listed take the model's defaults; nothing written")


@laws.command("diff", epilog=examples("frandsim regimes diff eu-hvzte-2015 uk-global"))
def diff(
    a: Annotated[str, typer.Argument(help="A built-in regime, or the path of a file.")],
    b: Annotated[str, typer.Argument(help="Another.")],
    as_json: AsJson = False,
) -> None:
    """Say in words on which rules two regimes differ, with both sources."""
    from dataclasses import asdict

    from simulator.spec.load import load_regime
    from simulator.spec.regime_diff import diff_regimes

    first, second = load_regime(a), load_regime(b)
    found = diff_regimes(first, second)
    if as_json:
        emit([asdict(one) for one in found])
    else:
        texts = [f"{law.regime}: {law.title}. {law.source}" for law in (first, second)]
        typer.echo("\n\n".join([*texts, *(one.brief(first.source, second.source) for one in found)]))
    tell(f"{len(found)} differences between {first.regime} and {second.regime}; nothing written")


@app.command(epilog=examples("frandsim validate my-scenario.yaml", "frandsim validate my-study/*.yaml"))
def validate(
    files: Annotated[list[Path], typer.Argument(help="Files of any kind.", metavar="FILE...")],
    as_json: AsJson = False,
) -> None:
    """Check files of any kind.

    Regimes, markets, strategies, scenarios, cases and experiments: all that is wrong with them, and where.
    """
    from dataclasses import asdict

    from simulator.spec.load import check

    faults: list[Problem] = []
    checked: list[dict[str, Any]] = []
    for file in files:
        known = len(faults)
        kind = None
        try:
            kind = check(file)
            if kind == "experiment":
                from simulator.experiments import sweep

                sweep.load(file)  # knows the outcomes there are
            if kind == "case":
                from simulator.rates import case_checks
                from simulator.spec.case import load_case

                case_checks.check(load_case(file))  # knows the methods and their units
        except ScenarioError as error:
            faults += error.problems
        wrong = [asdict(fault) for fault in faults[known:]]
        checked.append({"file": str(file), "kind": kind, "faults": wrong})
        if kind is not None and not as_json:
            typer.echo(f"{file}: a valid {kind}")
    if as_json:
        emit(checked)
    if faults:
        raise ScenarioError(*dict.fromkeys(faults))
    tell(f"{len(files)} checked, no faults; nothing written")


app.command(epilog=examples("frandsim upgrade my-regime.yaml", "frandsim upgrade --check my-study/*.yaml"))(
    upgrade
)


@app.command(epilog=examples("frandsim schema regime > regime.schema.json", "frandsim schema"))
def schema(
    kind: Annotated[
        str | None,
        typer.Argument(help="regime, market, strategy, scenario, case or experiment; all if left out."),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="As without: a schema is JSON.")] = False,  # noqa: ARG001
) -> None:
    """Print the JSON Schema of a kind of file.

    With it an editor completes and checks a file as you type.
    """
    from simulator.spec.load import MODELS

    if kind is not None and kind not in MODELS:
        what, rule = f"no kind of file is called {kind}", nearest(kind, MODELS)
        raise ScenarioError(Problem("schema", None, "", what, rule))
    schemas = {name: model.model_json_schema() for name, model in MODELS.items() if kind in (None, name)}
    emit(schemas if kind is None else schemas[kind])
    tell("nothing written")


@app.command(epilog=examples("frandsim init my-study", "frandsim compare my-study/my-scenario.yaml"))
def init(
    folder: Annotated[Path, typer.Argument(help="Where to write it.", metavar="DIR")],
    as_json: AsJson = False,
) -> None:
    """Write a commented scenario to start from.

    It has a market, a regime and a strategy of its own. Nothing is overwritten.
    """
    from simulator.spec.starter import write_starter

    written = write_starter(folder)
    if as_json:
        emit({"written": [str(path) for path in written]})
    tell_written(written)


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
