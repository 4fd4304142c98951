"""Commands that play a study: ``compare``, ``run``, ``experiment``."""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from simulator.cli.options import (
    CPUS,
    AsJson,
    Baseline,
    Out,
    Plain,
    RegimeOption,
    Regimes,
    Replications,
    ScenarioName,
    Seed,
    Sets,
    Verbose,
    Workers,
    app,
    examples,
)
from simulator.cli.output import emit, load, show, show_result, split, tell, tell_written
from simulator.errors import Problem, ScenarioError
from simulator.report.drawing import prepare

if TYPE_CHECKING:
    from simulator.spec.scenario import Scenario

LONGEST = 80
"""Characters of regimes that a folder's name spells out."""


class Format(StrEnum):
    """What a figure is written as."""

    SVG = "svg"
    PNG = "png"
    PDF = "pdf"


class MarketDesign(StrEnum):
    """How markets are drawn."""

    INDEPENDENT = "independent"
    LHS = "lhs"


def formats(text: str) -> list[Format]:
    """The formats of figures: names by comma, or ``none``."""
    try:
        return [] if text == "none" else [Format(name) for name in dict.fromkeys(split(text) or [""])]
    except ValueError:
        raise typer.BadParameter(f"got {text}; some of {', '.join(Format)}, by comma, or none") from None


@app.command(
    epilog=examples(
        "frandsim compare cellular",
        "frandsim compare cellular --regimes eu-hvzte-2015,uk-global --replications 500",
        "frandsim compare cellular --baseline us-ebay --set court.interest.court=0.08",
        "frandsim compare cellular --set 'share(implementer_hold_out)=0.3'",
        "frandsim compare duopoly --evolved",
        "frandsim compare duopoly --regimes us-ebay,cn-rate-setting --learned --starts 2",
        "frandsim compare wifi --figures none",
        "frandsim compare my-scenario.yaml --out results/mine --json > comparison.json",
    )
)
def compare(
    scenario: ScenarioName,
    regimes: Regimes = None,
    baseline: Baseline = None,
    sets: Sets = None,
    replications: Replications = None,
    seed: Seed = None,
    workers: Workers = CPUS,
    out: Out = None,
    equal_procedure: Annotated[
        bool,
        typer.Option("--equal-procedure", help="Let only the remedies differ, with one procedure for all."),
    ] = False,
    figures: Annotated[
        Sequence[Format],
        typer.Option(parser=formats, metavar="FORMATS", help="Of svg, png, pdf, by comma; or none."),
    ] = "svg,png",  # type: ignore[assignment]  # parsed as if it were given
    evolved: Annotated[
        bool, typer.Option("--evolved", help="Also at the mix of strategies that evolution reaches.")
    ] = False,
    learned: Annotated[
        bool, typer.Option("--learned", help="Also where both sides search for strategies of their own.")
    ] = False,
    starts: Annotated[int, typer.Option(min=1, help="With --learned: starts of a regime.")] = 5,
    search: Annotated[int, typer.Option(min=100, help="With --learned: negotiations of a search.")] = 32_000,
    credible: Annotated[
        bool, typer.Option("--credible", help="With --learned: also without what commits beyond belief.")
    ] = False,
    design: Annotated[
        MarketDesign,
        typer.Option(help="How markets are drawn: independent, or lhs (a Latin hypercube in each block)."),
    ] = MarketDesign.INDEPENDENT,
    as_json: AsJson = False,
    plain: Plain = False,
    verbose: Verbose = False,
) -> None:
    """Play a scenario under each regime and compare.

    Every regime meets the same markets, parties and chance: what differs is what the rules changed.
    Tables, report and manifest go to results/compare/SCENARIO unless --out says otherwise; with other
    regimes, seed or options, the folder's name says so. The table is printed once all is played; the files
    appear together at the end, in place of those before.
    """
    if figures and workers > 1:
        prepare()
    loaded = load(scenario, split(regimes), replications, seed, baseline=baseline, sets=sets)
    from simulator import study

    if design is MarketDesign.LHS:
        if evolved or learned:
            rule = "independent draws: games are measured without blocks"
            what = f"got lhs with --{'evolved' if evolved else 'learned'}"
            raise ScenarioError(Problem("design", None, "", what, rule))
        from simulator.spec.scenario import stratified

        loaded = stratified(loaded)
    if evolved and learned:
        rule = "one of the two; what is learned shows the long run of named strategies too"
        raise ScenarioError(Problem("compare", None, "learned", "got --evolved with --learned", rule))
    kept = Path("results", "evolve", f"{loaded.scenario}-learned", "games") if out is None else None
    out = out or comparison_folder(
        loaded,
        regimes=split(regimes),
        replications=replications,
        seed=seed,
        equal_procedure=equal_procedure,
        evolved=evolved,
        learned=learned,
        baseline=baseline,
    )
    compared = study.compare(
        loaded,
        workers=workers,
        out=out,
        equal_procedure=equal_procedure,
        formats=figures,
        evolved=study.adaptation(budget=256) if evolved else None,
        learned=study.learning(budget=search, starts=starts, credible=credible) if learned else None,
        learned_in=kept,
        rankings=study.known_rankings(),
        shown=partial(show_result, as_json=as_json, plain=plain),
    )
    tell_written(compared.written, verbose=verbose)


def comparison_folder(
    scenario: Scenario,
    *,
    regimes: Sequence[str] | None = None,
    replications: int | None = None,
    seed: int | None = None,
    equal_procedure: bool = False,
    evolved: bool = False,
    learned: bool = False,
    baseline: str | None = None,
) -> Path:
    """Where a comparison goes unless something else is said: its name says what differs from the file's.

    ``regimes``, ``baseline``, ``replications`` and ``seed`` are what replaced the file's; none where nothing
    did.
    """
    from simulator.writing.manifest import digest

    said = [scenario.scenario]
    if regimes is not None:
        names = [law.regime for law in scenario.regimes]
        joined = "+".join(names)
        short = len(joined) <= LONGEST
        said.append(joined if short else f"{len(names)}-regimes-{digest(joined.encode())[:8]}")
    said += [f"baseline-{scenario.baseline}"] * (baseline is not None)
    if scenario.what_if:
        values = [f"{name}={value:g}" for name, value in scenario.what_if.items()]
        joined = "+".join(values).replace("(", "-").replace(")", "")
        short = len(joined) <= LONGEST
        said.append(joined if short else f"{len(values)}-what-ifs-{digest(joined.encode())[:8]}")
    said += [f"{replications}-replications"] * (replications is not None)
    said += [f"seed-{seed}"] * (seed is not None)
    said += ["equal-procedure"] * equal_procedure + ["evolved"] * evolved + ["learned"] * learned
    said += ["lhs"] * (scenario.block > 1)
    return Path("results", "compare", "-".join(said))


@app.command(
    epilog=examples(
        "frandsim run duopoly --regime uk-global",
        "frandsim run cellular --regime my-regime.yaml --replications 20 --json",
    )
)
def run(
    scenario: ScenarioName,
    regime: RegimeOption,
    sets: Sets = None,
    replications: Replications = None,
    seed: Seed = None,
    workers: Workers = CPUS,
    out: Out = None,
    as_json: AsJson = False,
    plain: Plain = False,
    verbose: Verbose = False,
) -> None:
    """Play a scenario under one regime.

    Tables and manifest go to results/run/SCENARIO/REGIME unless --out says otherwise.
    """
    if len(split(regime) or []) > 1 and not Path(regime).exists():
        rule, example = "one regime; compare plays several", f"frandsim compare {scenario} --regimes {regime}"
        raise ScenarioError(Problem("regime", None, "", f"got {regime}", rule, example))
    loaded = load(scenario, [regime], replications, seed, sets=sets)
    from simulator import study

    name = loaded.regimes[0].regime
    out = out or Path("results", "run", loaded.scenario, name)
    told = partial(show_result, as_json=as_json, plain=plain)
    written = study.run(loaded, name, workers=workers, out=out, shown=told).written
    tell_written(written, verbose=verbose)


@app.command(
    epilog=examples(
        "frandsim experiment four_switches",
        "frandsim experiment my-study/experiment.yaml --json",
        "frandsim experiment --all --quick",
        "frandsim experiment --all --check",
        "frandsim experiment my-study/experiment.yaml --freeze",
        "frandsim experiment laws_at_learned_equilibria --certify --only wifi/upc",
    )
)
def experiment(
    experiment: Annotated[
        str | None,
        typer.Argument(help="A built-in experiment, or the path of a file.", metavar="EXPERIMENT"),
    ] = None,
    every: Annotated[
        bool,
        typer.Option("--all", help="Every built-in experiment, side by side; exit 1 where a result changed."),
    ] = False,
    quick: Annotated[bool, typer.Option("--quick", help="As small as the file's 'quick' says.")] = False,
    check: Annotated[
        bool, typer.Option("--check", help="Write nothing; exit 1 where committed numbers do not come out.")
    ] = False,
    freeze: Annotated[
        bool, typer.Option("--freeze", help="Play nothing: state the claims, in register.csv one folder up.")
    ] = False,
    relearn: Annotated[
        bool,
        typer.Option(
            "--relearn",
            help="Learn anew what an experiment replays of who answers the law; with --check only compare.",
        ),
    ] = False,
    certify: Annotated[
        bool,
        typer.Option(
            "--certify",
            help="Search the learned ends of an experiment anew for what anybody still gains there.",
        ),
    ] = False,
    only: Annotated[
        str | None,
        typer.Option(
            "--only",
            help="With --relearn or --certify: these regimes, by comma, or MARKET/REGIME on one.",
        ),
    ] = None,
    replications: Replications = None,
    seed: Seed = None,
    workers: Workers = CPUS,
    out: Out = None,
    as_json: AsJson = False,
    plain: Plain = False,
    verbose: Verbose = False,
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

    if only is not None and not split(only):
        raise ScenarioError(
            Problem("experiment", None, "only", f"got {only!r}", "regimes or MARKET/REGIME, by comma")
        )
    if only is not None and not (relearn or certify):
        raise ScenarioError(Problem("experiment", None, "only", "--only goes with --relearn or --certify"))
    if relearn and certify:
        what, rule = "--relearn and --certify", "one of the two: what is learned anew is certified anew too"
        raise ScenarioError(Problem("experiment", None, "certify", what, rule))
    names = study.experiments() if every else [str(experiment)]
    if freeze:
        tell("\n".join(map(study.freeze, map(study.load_experiment, names))))
        return
    how = study.Manner(
        replications=replications,
        seed=seed,
        quick=quick,
        check=check,
        relearn=relearn,
        certify=certify,
        only=tuple(split(only) or ()),
        out=out,
        every=every,
        workers=workers,
        as_json=as_json,
    )
    reports = []
    try:
        for report in study.answers(names, how, tell):
            reports.append(report)
            if not as_json:
                show(report.table, plain=plain)
            tell_written(report.written, verbose=verbose)
    finally:
        if any(report.claims for report in reports):
            tell_written(study.tell_claims(), verbose=verbose)
    reports.sort(key=lambda report: names.index(report.experiment) if every else 0)  # they came as they ended
    if as_json:
        emit([report.data for report in reports] if every else reports[0].data)
    changed = [said for report in reports for said in report.changed]
    if changed and (every or check):
        tell("\n".join(["committed numbers that no longer come out:", *changed]))
        raise typer.Exit(1)
