"""A scenario in; a comparison, its tables, figures and report out, a manifest beside them."""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from contextlib import nullcontext
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd

from simulator.batch.estimate import STORE, Work, negotiations
from simulator.batch.layout import Layout, OneCell
from simulator.batch.store import Store
from simulator.comparison.comparison import Comparison
from simulator.comparison.ranking_note import EXPERIMENT as RANKINGS
from simulator.comparison.tables import Tables
from simulator.outcomes.evidence import Evidence
from simulator.outcomes.rows import Labels, Rows, parquet
from simulator.report.drawing import prepare
from simulator.spec.regime import Regime
from simulator.spec.scenario import Scenario
from simulator.study.playing import chosen, play_all, same_procedure, teller
from simulator.trace.follow import Trace
from simulator.trace.follow import trace as follow
from simulator.writing.folders import moved, ready, replacing, tell_replaced
from simulator.writing.formats import as_rows
from simulator.writing.manifest import digest, facts, manifest

if TYPE_CHECKING:
    from simulator.evolution.evolved import Adaptation
    from simulator.evolution.learned.regime import LearningPlan
    from simulator.spec.strategy import Strategy


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
    _games(played, evolved, learned)
    evidence = Evidence(played)
    known = None if rankings is None else pd.read_csv(rankings)
    if out is None:
        play_all(played, lambda _, rows: evidence.add(rows), workers, shown is not None)
        tables = _tables(played, evidence, evolved, None, workers, known)
        tables.learned.update(_learned(played, learned, learned_in, workers, shown is not None)[0])
        compared = Comparison(scenario, tables, [])
        if shown is not None:
            shown(compared)
        return compared

    ready(out)
    origin = manifest(scenario, equal_procedure=equal_procedure) | _named(rankings)
    tell_replaced(out, origin, "report.html")
    chunks = _long_store(played, out, workers)
    if formats and workers > 1:
        prepare()
    with chunks or nullcontext(), replacing(out, own=("figures", "tables")) as beside:
        with parquet(beside / "outcomes.parquet", Labels.of(played), facts(origin)) as append:

            def take(_: int, rows: Rows) -> None:
                evidence.add(rows)
                append(rows)

            play_all(played, take, workers, shown is not None, chunks)
        tables = _tables(played, evidence, evolved, out / "games", workers, known)
        more, strategies = _learned(played, learned, learned_in or out / "games", workers, shown is not None)
        tables.learned.update(more)
        compared = Comparison(scenario, tables, [])
        unheard = _shown(compared, shown)

        from simulator.report.comparison import publish_comparison

        files = [beside / "outcomes.parquet"]
        if more:
            from simulator.evolution.learned.words import save as save_strategies

            origin["learned"] = {name: as_rows(more[name]) for name in ("equilibria", "certificates")}
            files += save_strategies(strategies, beside / "strategies")
        files = publish_comparison(compared.tables, beside, origin, files, formats)
        compared.written.extend(moved(files, beside, out))
        if chunks is not None:
            chunks.discard()  # not to be carried over into the new folder
    if unheard is not None:
        raise unheard
    return compared


def _games(played: Scenario, evolved: Adaptation | None, learned: LearningPlan | None) -> None:
    """Raise ``ScenarioError``, before anything is played, where a scenario has not the games asked for."""
    if evolved is None and learned is None:
        return
    from simulator.evolution.game import plan

    for law in played.regimes:
        plan(played, law.regime, () if evolved is None else evolved.strategies)


def _named(rankings: Path | None) -> dict[str, Any]:
    """A table of rankings, as a manifest names it; nothing where there is none."""
    if rankings is None:
        return {}
    return {"rankings": {"file": rankings.as_posix(), "digest": digest(rankings.read_bytes())}}


def _shown(compared: Comparison, shown: Callable[[Comparison], None] | None) -> OSError | None:
    """Hand a comparison to whoever wants to see it; why that failed is raised when the files are there."""
    try:
        if shown is not None:
            shown(compared)
    except OSError as error:
        return error
    return None


def _long_store(played: Scenario, out: Path, workers: int) -> Store | None:
    """Where the chunks of a long comparison are kept until it is written; none for a short one.

    Raises ``ScenarioError`` where it needs more memory or disk than there is.
    """
    store = Store(out / STORE, replace=True)

    def left() -> int:
        return store.left(Layout(OneCell(played)))

    long = Work(played, negotiations(played)).foreseen(workers, out, teller(True), left)
    return store if long else None


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

    tell = teller(progress)
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
    alone = scenario.model_copy(update={"regimes": (chosen(scenario, regime),)})
    alone = alone.model_copy(update={"baseline": alone.regimes[0].regime})
    return compare(alone, workers=workers, out=out, shown=shown)


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

    With ``out``, writes trace.json, the figure trace.svg and trace.png and manifest.json into that folder.
    """
    if out is not None:
        ready(Path(out))
    followed = follow(scenario, regime, negotiation, replication, against, outcome, cause)
    if out is not None:
        from simulator.report.trace import publish_trace

        tell_replaced(Path(out), manifest(followed.scenario, equal_procedure=False), "trace.json")
        followed.written.extend(publish_trace(followed, Path(out)))
    return followed


def known_rankings() -> Path | None:
    """The committed table of the regions in which rankings hold; none but at the top of a checkout."""
    path = Path("results", RANKINGS, "regions.csv")
    if not path.is_file():
        return None
    try:
        table = pd.read_csv(path)
        table[["points", "share", "low", "high"]].to_numpy(float)
        _ = table[["metric", "regime", "baseline", "market"]]
    except (OSError, ValueError, KeyError):
        told = f"{path} is no table of {RANKINGS}: where rankings hold is not told"
        print(told, file=sys.stderr, flush=True)
        return None
    return path
