"""The main job: a scenario in; a comparison, its tables, figures and report out, a manifest beside them."""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from contextlib import ExitStack, nullcontext
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
import pandas as pd

from simulator.batch.estimate import estimate, negotiations, refuse_above
from simulator.batch.files import writable
from simulator.batch.layout import Plan
from simulator.batch.progress import shown as watched
from simulator.batch.runner import OnError, play
from simulator.batch.store import Shard, Store
from simulator.batch.tally import Report
from simulator.comparison.comparison import Comparison
from simulator.comparison.ranking_note import EXPERIMENT as RANKINGS
from simulator.comparison.tables import Tables
from simulator.errors import Problem, ScenarioError, nearest
from simulator.experiments.hypotheses import verdicts
from simulator.experiments.sweep import Sweep
from simulator.experiments.sweep import load as load_experiment
from simulator.outcomes.evidence import Evidence
from simulator.outcomes.rows import Labels, Rows, parquet
from simulator.parameters import registry
from simulator.report.drawing import prepare
from simulator.spec.experiment import Experiment
from simulator.spec.find import builtin, resolve
from simulator.spec.load import load_scenario
from simulator.spec.ranges import of_parameter
from simulator.spec.regime import Regime
from simulator.spec.regime import equal_procedure as with_procedure_of
from simulator.spec.register import freeze as state
from simulator.spec.scenario import Scenario
from simulator.spec.yaml import read
from simulator.trace.follow import Trace
from simulator.trace.follow import trace as follow
from simulator.writing.folders import moved, replacing, there
from simulator.writing.formats import as_rows
from simulator.writing.manifest import digest, facts, manifest

if TYPE_CHECKING:
    from simulator.evolution.evolved import Adaptation
    from simulator.evolution.learned.regime import LearningPlan
    from simulator.evolution.learned.tables import LearnedTables
    from simulator.evolution.tables import EvolutionTables, Ladder
    from simulator.experiments.evolution import EvolutionResults
    from simulator.experiments.learning import LearningResults
    from simulator.spec.strategy import Strategy

LONGEST_VALUE = 80
"""Characters of a manifest's value that a line shows."""
KEPT_ROWS = 5_000_000
"""Negotiations from which on a comparison keeps its chunks until it is written."""

__all__ = [
    "adaptation",
    "batch",
    "compare",
    "evolve",
    "experiment",
    "freeze",
    "ladder",
    "learn",
    "learning",
    "load_experiment",
    "load_plan",
    "resume",
    "run",
    "same_procedure",
    "trace",
]


def compare(
    scenario: Scenario,
    *,
    workers: int = 1,
    out: Path | None = None,
    equal_procedure: bool = False,
    formats: Sequence[str] = ("svg", "png"),
    evolved: Adaptation | None = None,
    learned: LearningPlan | None = None,
    learned_in: Path | None = None,
    rankings: Path | None = None,
    shown: Callable[[Comparison], None] | None = None,
) -> Comparison:
    """Play a scenario under each of its regimes, with the same markets and chance, and compare them.

    With ``out``, writes outcomes.parquet, summary.csv, differences.csv, tables for other programs, figures
    (in ``formats``: svg, png, pdf; of none, the report has none), report.html and manifest.json into that
    folder.  With ``equal_procedure``, every regime takes over the baseline's procedure and only its remedy
    is its own.  With ``evolved``, every metric is also taken at the mix of strategies that people so adapting
    come to; with ``learned``, at the equilibria both sides come to with strategies of their own, which are
    written to ``strategies``; what was learned is kept in ``learned_in`` (else in ``games``) and taken from
    there.  ``rankings`` is a table of the regions in which rankings hold, told beside the order of regimes
    and named in the manifest.  With ``shown``, progress is told on standard error, and the comparison handed
    to it once all is played, before it is written.  The numbers do not depend on ``workers``.
    """
    played = same_procedure(scenario) if equal_procedure else scenario
    evidence = Evidence(played)
    known = None if rankings is None else pd.read_csv(rankings)
    if out is None:
        _play(played, lambda _, rows: evidence.add(rows), workers, shown is not None)
        tables = _tables(played, evidence, evolved, None, workers, known)
        tables.learned.update(_learned(played, learned, learned_in, workers, shown is not None)[0])
        compared = Comparison(scenario, tables, [])
        if shown is not None:
            shown(compared)
        return compared

    origin = manifest(scenario, equal_procedure=equal_procedure)
    if rankings is not None:
        origin["rankings"] = {"file": rankings.as_posix(), "digest": digest(rankings.read_bytes())}
    _tell_replaced(out, origin)
    chunks = _long_store(played, out, workers)
    if formats and workers > 1:
        prepare()
    with writable(out), replacing(out, own=("figures", "tables", "strategies")) as beside:
        with parquet(beside / "outcomes.parquet", Labels.of(played), facts(origin)) as append:

            def take(_: int, rows: Rows) -> None:
                evidence.add(rows)
                append(rows)

            _play(played, take, workers, shown is not None, chunks)
        tables = _tables(played, evidence, evolved, out / "games", workers, known)
        more, strategies = _learned(played, learned, learned_in or out / "games", workers, shown is not None)
        tables.learned.update(more)
        compared = Comparison(scenario, tables, [])
        if shown is not None:
            shown(compared)

        from simulator.report.comparison import publish_comparison

        files = [beside / "outcomes.parquet"]
        if more:
            from simulator.evolution.learned.words import save as save_strategies

            origin["learned"] = {name: as_rows(more[name]) for name in ("equilibria", "certificates")}
            files += save_strategies(strategies, beside / "strategies")
        files = publish_comparison(compared.tables, beside, origin, files, formats)
        compared.written.extend(moved(files, beside, out))
    if chunks is not None:
        chunks.discard()
    return compared


def _tell_replaced(out: Path, origin: dict[str, Any]) -> None:
    """Say on standard error that results of another run give way."""
    old = there(out)
    same = ("scenario_hash", "equal_procedure")
    if not old or all(old.get(key) == origin[key] for key in same):
        return
    keys = ("seed", "replications", "regimes", "equal_procedure")
    told = [f"{key} {_plain(old[key])}" for key in keys if key in old]
    what = f"of another run ({'; '.join(told)})" if told else "of another run"
    print(f"{out}: the results there, {what}, are replaced at the end", file=sys.stderr, flush=True)


def _plain(value: Any) -> str:
    """A value of a manifest in a line: names by comma, at most a line of them."""
    text = ", ".join(map(str, value)) if isinstance(value, list) else str(value)
    text = "".join(sign if sign.isprintable() else "?" for sign in text)
    return text if len(text) <= LONGEST_VALUE else f"{text[:LONGEST_VALUE]}..."


def _long_store(played: Scenario, out: Path, workers: int) -> Store | None:
    """Where the chunks of a long comparison are kept until it is written; none for a short one.

    Raises ``ScenarioError`` where it needs more memory or disk than there is.
    """
    if negotiations(played) <= KEPT_ROWS:
        return None
    need = estimate(played, workers)
    refuse_above(need, played, out)
    print(f"{need}; after an interrupt, the same command goes on", file=sys.stderr, flush=True)
    return Store(out / "store", replace=True)


def _tables(
    played: Scenario,
    evidence: Evidence,
    how: Adaptation | None,
    games: Path | None,
    workers: int,
    rankings: pd.DataFrame | None,
) -> Tables:
    """The tables of a comparison; where asked, with the metrics at the mix evolution reaches."""
    if how is None:
        return Tables(evidence, played.baseline, rankings=rankings)
    from simulator.evolution.evolved import evolve as settle
    from simulator.evolution.evolved import outcomes

    states = [settle(played, law.regime, how, folder=games, workers=workers) for law in played.regimes]
    static = evidence.values
    before = [pd.DataFrame(static.xs(state.plan.regime, level="regime")) for state in states]
    there = [outcomes(state, one, workers=workers) for state, one in zip(states, before, strict=True)]
    shares = [state.shares() for state in states]
    survivors = pd.concat(shares, ignore_index=True)
    return Tables(evidence, played.baseline, pd.concat(there), survivors, rankings=rankings)


def _learned(
    played: Scenario, how: LearningPlan | None, kept: Path | None, workers: int, progress: bool
) -> tuple[dict[str, pd.DataFrame], list[Strategy]]:
    """The tables at learned equilibria and the strategies learned, where asked for."""
    if how is None:
        return {}, []
    from simulator.evolution.learned.tables import learned_tables

    tell = _teller(progress)
    results = learned_tables(played, how, folder=kept, workers=workers, progress=tell)
    return results.compared(), results.learned_strategies()


def run(
    scenario: Scenario,
    regime: str | Regime,
    *,
    workers: int = 1,
    out: Path | None = None,
    shown: Callable[[Comparison], None] | None = None,
) -> Comparison:
    """Play a scenario under one regime: one of its own, by name, or any other.

    Raises :class:`~simulator.errors.ScenarioError` where the scenario has no regime of that name.
    """
    alone = scenario.model_copy(update={"regimes": (_chosen(scenario, regime),)})
    alone = alone.model_copy(update={"baseline": alone.regimes[0].regime})
    return compare(alone, workers=workers, out=out, shown=shown)


def experiment(
    plan: Experiment,
    *,
    workers: int = 1,
    out: Path | None = None,
    progress: bool = False,
    check: bool = False,
    relearn: bool = False,
) -> Sweep | EvolutionResults | LearningResults:
    """Play every cell of an experiment with the same markets and chance, tabulate outcomes, test claims.

    With ``out``, writes tables, answer.md, figures, exports and manifest.json into that folder, and says in
    ``changed`` which numbers of the tables there no longer came out; with ``check``, it only says so.
    An experiment at learned equilibria replays what was learned, unless ``relearn`` says to learn it anew.
    What was played is kept in its folder ``store`` until the answer is written: after an interrupt the same
    call goes on where it was.  The numbers do not depend on ``workers``.
    """
    played = as_played(plan)
    if plan.learning is not None:
        return _learning_experiment(played, workers, out, progress=progress, check=check, anew=relearn)
    if relearn:
        what, rule = "learns nothing", "--relearn is for experiments with a section 'learning'"
        raise ScenarioError(Problem(plan.experiment, None, "relearn", what, rule))
    if plan.evolution is not None:
        return _evolution_experiment(played, workers, out, progress=progress, check=check)
    sweep = Sweep(played)
    store = None if out is None or check else Store(out / "store", replace=True)
    _play(played, sweep.take, workers, progress, store)
    sweep.hypotheses = verdicts(sweep)
    if out is not None:
        from simulator.report.experiment import publish_experiment, tables
        from simulator.report.reproduced import changes

        results = tables(sweep)
        sweep.changed += changes(out, results)
        if store is not None:
            sweep.written += publish_experiment(sweep, out, results)
            store.discard()
    return sweep


def evolve(
    scenario: Scenario,
    how: Adaptation | None = None,
    *,
    ladder: Ladder | None = None,
    courts: bool = False,
    workers: int = 1,
    out: Path | None = None,
    progress: bool = False,
) -> EvolutionTables:
    """Measure the game under each regime of a scenario and say where evolution leads.

    With ``out``, writes every table with its figure and manifest.json into that folder, and keeps the games
    in its folder ``games``, to be reused and grown.  The numbers do not depend on ``workers``.
    """
    from simulator.evolution.tables import evolution_tables

    games = None if out is None else out / "games"
    tell = _teller(progress)
    results = evolution_tables(
        scenario, how, ladder=ladder, three=courts, folder=games, workers=workers, progress=tell
    )
    if out is not None:
        from simulator.report.evolution import publish_evolution

        origin = manifest(scenario, equal_procedure=False)
        most = max(game.n for game in results.games.values())
        results.written.extend(publish_evolution(results.tables(), out, origin, most, scenario.regimes))
    return results


def learn(
    scenario: Scenario,
    how: LearningPlan | None = None,
    *,
    workers: int = 1,
    out: Path | None = None,
    progress: bool = False,
) -> LearnedTables:
    """Let both sides answer each regime of a scenario with strategies of their own, and say how sure that is.

    With ``out``, writes every table, the figure, the learned strategies (folder ``strategies``) and
    manifest.json into that folder, and keeps what was learned in its folder ``games``: a start found there is
    not learned again unless ``how.relearn``.  The numbers do not depend on ``workers``.
    """
    from simulator.evolution.learned.regime import LearningPlan
    from simulator.evolution.learned.tables import learned_tables

    tell = _teller(progress)
    games = None if out is None else out / "games"
    results = learned_tables(scenario, how or LearningPlan(), folder=games, workers=workers, progress=tell)
    if out is not None:
        from simulator.report.evolution import publish_evolution

        origin = manifest(scenario, equal_procedure=False)
        tables = results.tables()
        results.written.extend(
            publish_evolution(tables, out, origin, scenario.replications, scenario.regimes)
        )
        results.written.extend(results.save_strategies(out / "strategies"))
    return results


def learning(*, budget: int = 32_000, rounds: int = 24, **how: Any) -> LearningPlan:
    """How parties learn, from the words and numbers of a command; ``budget``: negotiations of a search."""
    from simulator.evolution.learned.double_oracle import Budget
    from simulator.evolution.learned.oracle import Effort
    from simulator.evolution.learned.regime import LearningPlan

    return LearningPlan(budget=Budget(rounds=rounds, effort=Effort(negotiations=budget)), **how)


def adaptation(
    dynamics: Literal["fermi", "replicator", "agents"] = "fermi",
    strategies: Sequence[str] | None = None,
    **numbers: Any,
) -> Adaptation:
    """How people adapt, from the words and numbers of a command."""
    from simulator.evolution.evolved import Adaptation

    return Adaptation(dynamics=dynamics, strategies=tuple(strategies or ()), **numbers)


def ladder(text: str) -> Ladder:
    """A parameter and its values from ``PATH=LO:HI:N``.  Raises ``ScenarioError``.

    >>> ladder("court.interest.court=0:0.1:3").values
    (0.0, 0.05, 0.1)
    """
    from simulator.evolution.tables import Ladder

    name, _, span = text.partition("=")
    rule = "a parameter of the registry, lowest and highest value, and how many"
    example = "--parameter court.interest.court=0:0.1:5"
    if name not in registry():
        what = f"no parameter is called {name}"
        raise ScenarioError(Problem("evolve", None, "parameter", what, nearest(name, registry()), example))
    try:
        low, high, count = (float(part) for part in span.split(":"))
        values = tuple(round(float(one), 12) for one in np.linspace(low, high, int(count)))
    except ValueError:
        raise ScenarioError(Problem("evolve", None, "parameter", f"got {text}", rule, example)) from None
    bounds = of_parameter(name)
    wrong = [one for one in values if not bounds.low <= one <= bounds.high or (bounds.whole and one % 1)]
    if wrong or len(set(values)) < 2:
        what = f"got {wrong[0]:g}" if wrong else f"got {len(set(values))} values"
        raise ScenarioError(Problem("evolve", None, name, what, bounds.rule() if wrong else rule, example))
    return Ladder(name, values)


def freeze(plan: Experiment) -> str:
    """State the claims of an experiment in the register, with today's date; what was done in a sentence.

    Raises ``ScenarioError`` for a plan that departs from its file.
    """
    if plan.departures or plan.stated_in is None:
        rule = "freeze the file as it is: its own replications, seed and points"
        raise ScenarioError(
            Problem(plan.experiment, None, "freeze", "this is not the plan of the file", rule)
        )
    new = state(plan.stated_in, plan.experiment, plan.digest, datetime.now(tz=UTC).date())
    claims = f"{len(plan.hypotheses)} claims" if len(plan.hypotheses) != 1 else "one claim"
    said = "stated today" if new else f"stated already, on {plan.stated}"
    return f"{plan.experiment}: {claims} {said} ({plan.stated_in})"


def _evolution_experiment(
    plan: Experiment, workers: int, out: Path | None, *, progress: bool, check: bool
) -> EvolutionResults:
    """An experiment of evolution: played, compared with what is committed, written."""
    from simulator.experiments.evolution import play_evolution

    tell = _teller(progress)
    results = play_evolution(plan, workers=workers, progress=tell)
    if out is not None:
        _write_answer(plan, results, out, check=check, counts=results.counts())
    return results


def _learning_experiment(
    plan: Experiment, workers: int, out: Path | None, *, progress: bool, check: bool, anew: bool
) -> LearningResults:
    """An experiment at learned equilibria: learned anew where asked, replayed, compared, written."""
    from simulator.experiments.learning import play_learning
    from simulator.experiments.learning import relearn as learn_anew

    tell = _teller(progress)
    learned = []
    if anew:
        kept = None if out is None else out / "store"
        learned = learn_anew(plan, kept=kept, workers=workers, progress=tell)
    results = play_learning(plan, workers=workers, progress=tell)
    results.written += learned
    if out is not None:
        _write_answer(plan, results, out, check=check)
    return results


def _write_answer(
    plan: Experiment,
    results: EvolutionResults | LearningResults,
    out: Path,
    *,
    check: bool,
    counts: dict[str, int] | None = None,
) -> None:
    """Say which committed numbers no longer come out; unless it is only a ``check``, write the new ones.

    ``counts``: replications behind a table, where they are not the plan's.
    """
    from simulator.report.evolution import publish_evolution
    from simulator.report.experiment import provenance
    from simulator.report.reproduced import changes

    tables = results.tables()
    results.changed += changes(out, tables)
    if not check:
        origin, count = provenance(plan), plan.scenario.replications
        results.written += publish_evolution(
            tables, out, origin, count, plan.scenario.regimes, results.text(), counts
        )


def _teller(progress: bool) -> Callable[[str], None] | None:
    """Who is told how far it has come: standard error, or nobody."""
    return partial(print, file=sys.stderr, flush=True) if progress else None


def trace(
    scenario: Scenario,
    regime: str,
    negotiation: int | None = None,
    replication: int = 0,
    against: str | None = None,
    out: Path | str | None = None,
    *,
    outcome: str | None = None,
    cause: str | None = None,
) -> Trace:
    """Follow one negotiation under one regime, or under two; see :func:`simulator.trace.follow.trace`.

    With ``out``, writes trace.json and the figure trace.svg and trace.png into that folder.
    """
    followed = follow(scenario, regime, negotiation, replication, against, outcome, cause)
    if out is not None:
        from simulator.report.trace import publish_trace

        followed.written.extend(publish_trace(followed, Path(out)))
    return followed


def known_rankings() -> Path | None:
    """The committed table of the regions in which rankings hold; none but at the top of a checkout."""
    path = Path("results", RANKINGS, "regions.csv")
    return path if path.is_file() else None


def experiments() -> list[str]:
    """The names of the built-in experiments.  Raises ``ScenarioError`` where an installation has none."""
    names = list(builtin("experiments"))
    if not names:
        rule = "an experiment file: frandsim experiment my-study/experiment.yaml"
        raise ScenarioError(
            Problem("experiment", None, "--all", "this installation has no experiments", rule)
        )
    return names


def results_folder(plan: Experiment, *, quick: bool = False) -> Path:
    """Where the results of an experiment go unless something else is said."""
    return Path("results", *["quick"] * quick, plan.experiment)


def tell_answer(played: Sweep | EvolutionResults | LearningResults) -> list[Path]:
    """Put an answer into the README beside the experiment and its claims into the page of results.

    Both only at the top of a checkout, and where they have the lines for it; returns what was written.
    """
    from simulator.report.experiment_text import experiment_text, splice
    from simulator.report.reproduced import write_page

    readme = Path("experiments", played.experiment.experiment, "README.md")
    if not readme.is_file():
        return []
    text = experiment_text(played) if isinstance(played, Sweep) else played.text()
    spliced = [readme] if splice(readme, text) else []
    return [*spliced, *([write_page(Path("results"))] if played.experiment.hypotheses else [])]


def batch(
    plan: Plan | Scenario,
    out: Path,
    *,
    workers: int = 1,
    dask: bool = False,
    scheduler: str | None = None,
    shard: Shard = (1, 1),
    only: int | None = None,
    on_error: OnError = "continue",
    progress: bool = False,
) -> Report:
    """Play what is missing of an experiment, or a scenario, in the store ``out``, one row a negotiation.

    On ``workers`` threads, or with ``dask`` on a scheduler (started here unless one is named); ``shard``
    (i, n) plays the i-th of n parts, ``only`` one cell.  The rows do not depend on any of them.  See
    :func:`simulator.batch.runner.play` for what is raised.
    """
    played = as_played(plan) if isinstance(plan, Experiment) else plan
    with ExitStack() as stack:
        options: dict[str, Any] = {"store": Store(out), "shard": shard, "only": only, "on_error": on_error}
        options["on_progress"] = stack.enter_context(watched()) if progress else None
        if dask:
            from simulator.batch.cluster import dask as on_dask

            options["executor"], workers = stack.enter_context(on_dask(scheduler, workers))
        return play(played, workers=workers, **options)


def resume(folder: Path, **options: Any) -> Report:
    """Play what is missing in a store; the options are those of ``batch`` but the shard.

    Raises ``ScenarioError`` where there is no store, or the code or a library has changed since.
    """
    store = Store(folder)
    return batch(store.layout.plan, folder, shard=store.shard, **options)


def replications(text: str | None, out: Path) -> int | None:
    """A number of replications as it is given: ``N``, or ``+N`` more than the store has."""
    if text is None:
        return None
    if not text.removeprefix("+").isdecimal():
        rule = "a number, or + and a number"
        raise ScenarioError(Problem("replications", None, "", f"got {text}", rule, "--replications +100"))
    return int(text) + (int(Store(out).manifest["replications"]) if text.startswith("+") else 0)


def load_plan(
    name: str, *, replications: int | None = None, seed: int | None = None
) -> Experiment | Scenario:
    """The experiment or scenario behind a name or path.  Raises ``ScenarioError``."""
    path = resolve("scenario", "experiment", name=name)
    if "experiment" in read(path).data:
        return load_experiment(path, replications=replications, seed=seed)
    return load_scenario(path, replications=replications, seed=seed)


def as_played(plan: Experiment) -> Experiment:
    """An experiment with equal procedure imposed where it says so."""
    if not plan.equal_procedure:
        return plan
    return plan.model_copy(update={"scenario": same_procedure(plan.scenario)})


def same_procedure(scenario: Scenario) -> Scenario:
    """The scenario with the baseline's procedure in every regime, so that only the remedies differ."""
    baseline = _chosen(scenario, scenario.baseline)
    regimes = tuple(with_procedure_of(regime, baseline) for regime in scenario.regimes)
    return scenario.model_copy(update={"regimes": regimes})


def _chosen(scenario: Scenario, regime: str | Regime) -> Regime:
    if isinstance(regime, Regime):
        return regime
    known = {one.regime: one for one in scenario.regimes}
    if regime not in known:
        raise ScenarioError(
            Problem(scenario.scenario, None, "regimes", f"got {regime}", f"one of {', '.join(known)}")
        )
    return known[regime]


def _play(
    plan: Scenario | Experiment,
    take: Callable[[int, Rows], None],
    workers: int,
    progress: bool,
    store: Store | None = None,
) -> None:
    """Play everything and hand it to ``take``; one failing cell ends it."""
    with watched() if progress else nullcontext() as watch:
        play(plan, store=store, workers=workers, take=take, on_error="stop", on_progress=watch)
