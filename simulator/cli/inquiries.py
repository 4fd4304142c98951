"""Commands that look closer: ``trace``, ``rate``, ``evolve``."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from simulator.cli.completion import causes, completing, ends
from simulator.cli.options import (
    CPUS,
    AsJson,
    Out,
    Plain,
    RegimeOption,
    Regimes,
    Replications,
    ScenarioName,
    Seed,
    Sets,
    Workers,
    app,
    examples,
    path_of,
)
from simulator.cli.output import emit, load, report, show, split, tell, tell_written
from simulator.errors import Problem, ScenarioError
from simulator.writing.folders import ready, together

if TYPE_CHECKING:
    from simulator.spec.case import Case


class Dynamics(StrEnum):
    """How people adapt."""

    fermi = "fermi"
    replicator = "replicator"
    agents = "agents"


@app.command(
    epilog=examples(
        "frandsim trace duopoly --regime eu-hvzte-2015",
        "frandsim trace cellular --regime eu-hvzte-2015 --against uk-global --negotiation 7 --replication 3",
        "frandsim trace cellular --regime upc --outcome unlicensed --cause strategic",
    )
)
def trace(
    scenario: ScenarioName,
    regime: RegimeOption,
    negotiation: Annotated[
        int | None,
        typer.Option(
            min=0,
            help="Which negotiation of the market, from 0.",
            show_default="the first of a hold-out implementer in court",
        ),
    ] = None,
    replication: Annotated[int, typer.Option(min=0, help="Which replication, from 0.")] = 0,
    outcome: Annotated[
        str | None,
        typer.Option(help="Find one that ends so: unlicensed, exit, court_rate, ...", autocompletion=ends),
    ] = None,
    cause: Annotated[
        str | None,
        typer.Option(help="Find one that fails for this: structural, belief, ...", autocompletion=causes),
    ] = None,
    against: Annotated[
        str | None,
        typer.Option(help="A second regime, month beside month.", autocompletion=completing("regimes")),
    ] = None,
    sets: Sets = None,
    replications: Replications = None,
    seed: Seed = None,
    out: Out = None,
    as_json: AsJson = False,
    plain: Plain = False,
) -> None:
    """Follow one negotiation month by month.

    Its offers, steps, faults and days in court, why it ended so, and why who could have gone to court did
    not; with --against, the same negotiation with the same chance under a second regime. --outcome and
    --cause find the first that ended so, in this replication or a later one.
    """
    laws = [regime] if against is None else [regime, against]
    loaded = load(scenario, laws, replications, seed, sets=sets)
    from simulator import study

    names = [law.regime for law in loaded.regimes]
    other = None if against is None else names[-1]
    out = out or Path("results", "trace", loaded.scenario, "-".join(names))
    followed = study.trace(
        loaded, names[0], negotiation, replication, other, out, outcome=outcome, cause=cause
    )
    report(followed, as_json, plain=plain)


@app.command(
    epilog=examples(
        "frandsim rate oppo-v-nokia",
        "frandsim rate --all --json",
        "frandsim rate --all --csv",
        "frandsim rate --all --csv my-table.csv",
        "frandsim rate huawei-v-idc --methods all",
        "frandsim rate oppo-v-nokia --hedonic",
        "frandsim rate oppo-v-nokia --hedonic --sales phones.csv",
    )
)
def rate(
    case: Annotated[
        str | None,
        typer.Argument(
            help="A built-in case, or the path of a file; with --all --csv, the file to write.",
            metavar="CASE",
            show_default=False,
        ),
    ] = None,
    everything: Annotated[bool, typer.Option("--all", help="Every built-in case, as one table.")] = False,
    methods: Annotated[
        str | None, typer.Option(help="'all': what each method would give, as table and picture.")
    ] = None,
    hedonic: Annotated[
        bool,
        typer.Option(
            "--hedonic", help="Estimate the new generation's coefficient under every disputed choice."
        ),
    ] = False,
    sales: Annotated[
        Path | None,
        typer.Option(
            help="With --hedonic: a CSV file of sales: quarter, price, units, five_g, features.",
            show_default="sales of phones as generated",
            parser=path_of,
            metavar="PATH",
        ),
    ] = None,
    out: Out = None,
    as_json: AsJson = False,
    tabled: Annotated[
        bool,
        typer.Option(
            "--csv",
            help="With --all: write one printed figure a row, and a picture beside it, "
            "to results/determinations/determinations.csv or the path that follows.",
        ),
    ] = False,
    plain: Plain = False,
) -> None:
    """Reckon a judgment's rate again, step by step.

    Says of each printed figure whether the formula gives it, and what unknown inputs it pins down.
    """
    from simulator.rates import worksheet
    from simulator.rates.cases import evaluate
    from simulator.spec.case import case_names, load_case

    if tabled:
        if as_json or methods or hedonic or not everything:
            rule = "frandsim rate --all --csv"
            problem = Problem("rate", None, "", "--csv goes with --all, without --json and --methods", rule)
            raise ScenarioError(problem)
        return _write_determinations(_table_path(case, out))
    several = (everything, methods is not None, hedonic)
    if sales is not None and not hedonic:
        problem = Problem("rate", None, "--sales", f"got {sales}", "--sales goes with --hedonic")
        raise ScenarioError(problem)
    if everything == (case is not None) or methods not in {None, "all"} or several.count(True) > 1:
        listed = "frandsim list cases names the built-in ones"
        rule = "--methods takes all, --methods and --hedonic a case" if any(several[1:]) else listed
        raise ScenarioError(Problem("rate", None, "", "name one case, or say --all", rule))
    if everything or case is None:
        results = [result for name in case_names() for result in evaluate(load_case(name))]
        if as_json:
            emit(worksheet.rate_rows(results))
        else:
            show(worksheet.rate_table(results, plain=plain), plain=plain)
        return tell(f"{len(results)} figures; nothing written")
    loaded = load_case(case)
    if hedonic:
        return _hedonic(loaded, sales, out, as_json)
    if methods is None:
        if as_json:
            emit(worksheet.rate_rows(evaluate(loaded)))
        else:
            steps = worksheet.rate_table(evaluate(loaded), plain=True) if plain else worksheet.explain(loaded)
            show(steps, plain=plain)
        return tell("nothing written")
    from simulator.figures.rates import plot_methods
    from simulator.writing.formats import as_csv, records, write

    folder = out or Path("results", "rate", loaded.case)
    ready(folder)
    try:
        frame = worksheet.all_methods(loaded)
    except ValueError as error:
        rule = "its figures can be reckoned without --methods"
        raise ScenarioError(Problem(str(case), None, "headline", str(error), rule)) from error
    emit(records(frame)) if as_json else typer.echo(frame.to_string(index=False))
    with together(folder) as beside:
        write(beside / "methods.csv", as_csv(frame))
        plot_methods(frame, beside / "methods", loaded.title)
    return tell_written([folder / f"methods{ending}" for ending in (".csv", ".svg", ".png")])


def _hedonic(case: Case, path: Path | None, out: Path | None, as_json: bool) -> None:
    from numpy.linalg import LinAlgError

    from simulator.rates import hedonic, worksheet
    from simulator.writing.formats import as_csv, records, write

    if out is not None:
        ready(out)
    if path is None:
        tables = [hedonic.sales(seed) for seed in range(hedonic.TABLES)]
    else:
        tables = [hedonic.read_sales(path)]
    try:
        frame = worksheet.hedonic_burdens(case, tables, generated=path is None)
    except ValueError as error:
        if isinstance(error, LinAlgError):
            rule = "numbers of which none follows from the others"
            raise ScenarioError(
                Problem(str(path), None, "", f"cannot be estimated: {error}", rule)
            ) from error
        rule = "a case with a line of the method roll_forward"
        problem = Problem(
            case.case, None, "--hedonic", str(error), rule, "frandsim rate oppo-v-nokia --hedonic"
        )
        raise ScenarioError(problem) from error
    if as_json:
        emit(records(frame))
    else:
        show(worksheet.hedonic_tables(case, frame))
    if out is None:
        return tell("nothing written")
    with together(out, read=path) as beside:
        write(beside / "hedonic.csv", as_csv(frame))
    return tell_written([out / "hedonic.csv"])


def _table_path(asked: str | None, out: Path | None) -> Path:
    """Where the table of determinations goes.  Raises ``ScenarioError`` for two places, or no name.csv."""
    if asked is not None and (out or Path(asked).suffix != ".csv" or Path(asked).is_dir()):
        what = "--out and a path" if out else asked
        rule = "one place: a path that ends in .csv, or --out FOLDER"
        raise ScenarioError(
            Problem("rate", None, "--csv", f"got {what}", rule, "frandsim rate --all --csv a.csv")
        )
    return Path(asked) if asked else (out or Path("results", "determinations")) / "determinations.csv"


def _write_determinations(path: Path) -> None:
    from simulator.figures.rates import plot_determinations
    from simulator.rates.determinations import determinations
    from simulator.spec.case import case_names, load_case
    from simulator.writing.formats import as_csv, write

    ready(path.parent)
    table = determinations(load_case(name) for name in case_names())
    with together(path.parent) as beside:
        write(beside / path.name, as_csv(table))
        made = plot_determinations(table, beside / "rates-over-time")
    tell_written([path, *(path.with_name(file.name) for file in made)])


@app.command(
    epilog=examples(
        "frandsim evolve duopoly",
        "frandsim evolve cellular --regimes upc,cn-rate-setting --dynamics agents",
        "frandsim evolve duopoly --regimes upc --parameter court.injunction.base_probability=0.1:0.9:5",
        "frandsim evolve duopoly --regimes upc --learn",
    )
)
def evolve(
    scenario: ScenarioName,
    regimes: Regimes = None,
    sets: Sets = None,
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
    population: Annotated[int, typer.Option(min=2, max=100_000, help="Firms of a side (fermi).")] = 50,
    intensity: Annotated[float, typer.Option(min=0, help="Intensity of selection, per unit of E.")] = 5.0,
    learn: Annotated[
        bool, typer.Option("--learn", help="Let both sides search for strategies of their own.")
    ] = False,
    spaces: Annotated[
        str, typer.Option(help="With --learn: what may be chosen, a space a side, built-in or a path.")
    ] = "holder,implementer",
    starts: Annotated[int, typer.Option(min=1, max=1000, help="With --learn: starts of a regime.")] = 5,
    search: Annotated[
        int, typer.Option(min=100, max=1_000_000_000, help="With --learn: negotiations of a search.")
    ] = 32_000,
    credible: Annotated[
        bool, typer.Option("--credible", help="With --learn: also without what commits beyond belief.")
    ] = False,
    relearn: Annotated[
        bool, typer.Option("--relearn", help="With --learn: learn anew what was kept.")
    ] = False,
    seed: Seed = None,
    workers: Workers = CPUS,
    out: Out = None,
    as_json: AsJson = False,
    plain: Plain = False,
) -> None:
    """Say which strategies survive once both sides have learned.

    Payoffs of every pairing are measured by playing it; dynamics then say where imitation leads. With
    --learn, parties are not held to named strategies (docs/learning.md). Tables, figures and manifest go to
    results/evolve/SCENARIO (--learn: SCENARIO-learned) unless --out says otherwise; games are kept there.
    """
    loaded = load(scenario, split(regimes), None, seed, sets=sets)
    if strategies is not None and not split(strategies):
        rule = "strategies of both sides, by comma"
        raise ScenarioError(Problem("evolve", None, "strategies", f"got {strategies!r}", rule))
    from simulator import study

    if learn:
        how = study.learning(
            budget=search,
            spaces=tuple(split(spaces) or ()),
            starts=starts,
            credible=credible,
            relearn=relearn,
        )
        folder = out or Path("results", "evolve", f"{loaded.scenario}-learned")
        return report(
            study.learn(loaded, how, workers=workers, out=folder, progress=True), as_json, plain=plain
        )
    return report(
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
        plain=plain,
    )
