"""The main job: a scenario in; a comparison, its tables, figures and report out, a manifest beside them."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from simulator.engine.run import simulate
from simulator.errors import Fault, ScenarioError
from simulator.findings.comparison import Comparison
from simulator.findings.evidence import Evidence
from simulator.findings.manifest import facts, manifest
from simulator.findings.outcomes import Labels, Rows, parquet
from simulator.findings.sweep import Sweep
from simulator.findings.tables import Tables
from simulator.findings.trace import trace
from simulator.spec.experiment import Experiment
from simulator.spec.regime import Regime
from simulator.spec.regime import equal_procedure as with_procedure_of
from simulator.spec.scenario import Scenario

__all__ = ["compare", "leveled", "run", "trace"]


def compare(
    scenario: Scenario,
    *,
    workers: int = 1,
    out: Path | None = None,
    equal_procedure: bool = False,
    progress: bool = False,
) -> Comparison:
    """Play a scenario under each of its regimes, with the same markets and chance, and compare them.

    With ``out``, writes outcomes.parquet, summary.csv, differences.csv, figures, report.html and
    manifest.json into that folder.  With ``equal_procedure``, every regime takes over the baseline's
    procedure and only its remedy is its own.  The numbers do not depend on ``workers``.
    """
    played = leveled(scenario) if equal_procedure else scenario
    evidence = Evidence(played)
    if out is None:
        _play(played, evidence.add, workers, progress)
        return Comparison(scenario, Tables(evidence, scenario.baseline), [])

    from simulator.findings.publish import publish

    origin = manifest(scenario, equal_procedure=equal_procedure)
    out.mkdir(parents=True, exist_ok=True)
    with parquet(out / "outcomes.parquet", Labels.of(played), facts(origin)) as append:

        def take(rows: Rows) -> None:
            evidence.add(rows)
            append(rows)

        _play(played, take, workers, progress)
    tables = Tables(evidence, scenario.baseline)
    return Comparison(scenario, tables, publish(tables, out, origin, [out / "outcomes.parquet"]))


def run(
    scenario: Scenario,
    regime: str | Regime,
    *,
    workers: int = 1,
    out: Path | None = None,
    progress: bool = False,
) -> Comparison:
    """Play a scenario under one regime: one of its own, by name, or any other.

    Raises :class:`~simulator.errors.ScenarioError` where the scenario has no regime of that name.
    """
    alone = scenario.model_copy(update={"regimes": (_chosen(scenario, regime),)})
    alone = alone.model_copy(update={"baseline": alone.regimes[0].regime})
    return compare(alone, workers=workers, out=out, progress=progress)


def experiment(
    plan: Experiment, *, workers: int = 1, out: Path | None = None, progress: bool = False
) -> Sweep:
    """Play every cell of an experiment with the same markets and chance, and tabulate its outcomes.

    With ``out``, writes cells.csv, profiles.csv, answer.md, figures and manifest.json into that folder.
    The numbers do not depend on ``workers``.
    """
    played = plan.model_copy(update={"scenario": leveled(plan.scenario)}) if plan.equal_procedure else plan
    sweep = Sweep(played)
    cells = played.cells()
    watched = _progress(len(cells) * played.scenario.replications) if progress else nullcontext()
    with watched as advance:
        for cell in cells:
            simulate(played.at(cell), workers=workers, on_chunk=sweep.cell(), on_progress=advance)
    if out is not None:
        from simulator.findings.plot_sweep import publish

        sweep.written += publish(sweep, out)
    return sweep


def leveled(scenario: Scenario) -> Scenario:
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
            Fault(scenario.scenario, None, "regimes", f"got {regime}", f"one of {', '.join(known)}")
        )
    return known[regime]


def _play(scenario: Scenario, take: Callable[[Rows], None], workers: int, progress: bool) -> None:
    watched = _progress(scenario.replications) if progress else nullcontext()
    with watched as advance:
        simulate(scenario, workers=workers, on_chunk=take, on_progress=advance)


@contextmanager
def _progress(total: int) -> Iterator[Callable[[int], None]]:
    """Replications done, on standard error: a bar on a terminal, a line for each tenth elsewhere."""
    console = Console(stderr=True)
    if console.is_terminal:
        columns = (TextColumn("replications"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
        with Progress(*columns, console=console, transient=True) as bar:
            task = bar.add_task("replications", total=total)
            yield lambda count: bar.advance(task, count)
        return
    done = 0

    def line(count: int) -> None:
        nonlocal done
        before, done = done, done + count
        if 10 * before // total < 10 * done // total:
            print(f"{done} of {total} replications", file=sys.stderr, flush=True)

    yield line
