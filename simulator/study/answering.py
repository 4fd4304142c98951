"""An experiment file in; its answer out: tables, claims tested, figures, pages."""

from __future__ import annotations

from collections.abc import Collection
from contextlib import nullcontext, suppress
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

import pandas as pd

from simulator.batch.estimate import MEMORY, STORE, Work, negotiations
from simulator.batch.files import claimed, put
from simulator.batch.layout import Layout
from simulator.batch.store import Store
from simulator.errors import Problem, ScenarioError
from simulator.experiments.answers import answer, as_filed, asked_of, differing, outdated
from simulator.experiments.answers import read as read_answers
from simulator.experiments.hypotheses import verdicts
from simulator.experiments.level_claims import by_level
from simulator.experiments.levels import levelled
from simulator.experiments.sweep import Sweep
from simulator.spec.experiment import Experiment
from simulator.spec.find import builtin
from simulator.spec.register import added
from simulator.study.playing import as_played, play_all, teller
from simulator.writing.folders import alone, ready, tell_replaced, writable

if TYPE_CHECKING:
    from simulator.experiments.evolution import EvolutionResults
    from simulator.experiments.learning import LearningResults

GAMES = "evolution"
"""The folder, in that of the chunks, where games are kept until the answer is written."""
NUMBERS = 24.0
"""Bytes of memory that an outcome of a replication takes, while tables are made of it."""


def experiment(
    plan: Experiment,
    *,
    workers: int = 1,
    out: Path | None = None,
    progress: bool = False,
    check: bool = False,
    relearn: bool | Collection[str] = False,
    certify: bool | Collection[str] = False,
) -> Sweep | EvolutionResults | LearningResults:
    """Play every cell of an experiment with the same markets and chance, tabulate outcomes, test claims.

    With ``out``, writes tables, answer.md, figures, exports and manifest.json into that folder, and says in
    ``changed`` which numbers of the tables there no longer came out; with ``check``, it only says so.
    An experiment at learned equilibria replays what was learned, and so do claims at other levels of
    behaviour, unless ``relearn`` says to learn it anew (or names the regimes to learn anew); ``certify``:
    what was learned is searched anew, of all regimes or those named.  With ``check`` what is learned or
    searched anew is only compared with what was.
    What was played is kept in its folder ``store`` until the answer is written: after an interrupt the same
    call goes on where it was.  The numbers do not depend on ``workers``.
    """
    if relearn and certify:
        rule = "one of the two: what is learned anew is certified anew too"
        raise ScenarioError(Problem(plan.experiment, None, "certify", "relearn too", rule))
    played = as_played(plan)
    _refuse(played, relearn, certify)
    if out is not None and not check:
        from simulator.report.experiment import provenance

        ready(out)
        tell_replaced(out, provenance(plan), "answer.md")
    if plan.learning is not None:
        how: dict[str, Any] = {"progress": progress, "check": check, "certify": bool(certify)}
        return _learning_experiment(played, workers, out, **how, anew=relearn or certify)
    _foresee(played, workers, None if check else out, progress=progress)
    learned = _answers(played, out, workers, progress=progress) if relearn and not check else []
    if plan.evolution is not None:
        return _evolution_experiment(played, workers, out, progress=progress, check=check)
    answers = read_answers(played)  # what is wrong with them is told before anything is played
    known = {one.key: one for one in answers}
    sweep = Sweep(played)
    store = None if out is None or check else Store(out / STORE, replace=True)
    with store or nullcontext():
        play_all(played, sweep.take, workers, progress, store)
        sweep.hypotheses = verdicts(sweep)
        sweep.levels = by_level(sweep, known, workers=workers, progress=teller(progress))
        sweep.written += learned
        if check and relearn:
            sweep.changed += differing(played, known, workers=workers, progress=teller(progress))
        if out is not None:
            from simulator.figures.claims import claim_figures
            from simulator.report.experiment import behind, publish_experiment, tables
            from simulator.report.reproduced import changes

            results, drawn = tables(sweep), list(claim_figures(sweep))
            sweep.changed += [*changes(out, results | behind(drawn)), *outdated(played, known)]
            if store is not None:
                sweep.written += publish_experiment(sweep, out, results, drawn)
    return sweep


def _foresee(plan: Experiment, workers: int, out: Path | None, *, progress: bool) -> None:
    """Say what a long experiment takes; raises ``ScenarioError`` where there is no room for it."""
    cells, laws = plan.cells(), len(plan.scenario.regimes)
    first, tell = plan.at(cells[0]), teller(progress)
    rows, fewer = negotiations(first) * len(cells), "fewer replications, points or regimes"
    if plan.evolution is None:

        def left() -> int:
            return 0 if out is None else Store(out / STORE, replace=True).left(Layout(plan))

        memory = NUMBERS * first.replications * len(cells) * laws * len(plan.outcomes)
        Work(first, rows, fewer, copies=1, memory=memory).foreseen(workers, out, tell, left)
        return
    from simulator.evolution.stored_games import games_there
    from simulator.experiments.evolution import games

    def kept() -> int:
        return 0 if out is None else games_there(out / STORE / GAMES)

    sizes = [game.size(count) for game, count in games(plan)]
    disk, memory = sum(kept for _, kept in sizes), MEMORY * negotiations(first)
    rows += sum(count for count, _ in sizes)
    Work(first, rows, fewer, disk=disk, memory=memory).foreseen(workers, out, tell, kept)


def learns(plan: Experiment) -> bool:
    """Whether something is learned for an experiment: it has a section for it, or claims conduct may turn."""
    return plan.learning is not None or bool(levelled(plan))


def _answers(plan: Experiment, out: Path | None, workers: int, *, progress: bool) -> list[Path]:
    """Where the parties to an experiment's claims end at other levels of behaviour, found anew."""
    kept = None if out is None else out / "games"
    return answer(plan, kept=kept, workers=workers, progress=teller(progress))


def _refuse(plan: Experiment, relearn: bool | Collection[str], certify: bool | Collection[str]) -> None:
    """Raises ``ScenarioError`` where what is to be found anew cannot be, before anything is played."""
    anew = relearn or certify
    if plan.learning is not None:
        from simulator.experiments.learning import named

        if anew:
            as_filed(plan, "laws are learned for the file's own seed and budget")
            named(plan, () if isinstance(anew, bool) else anew)
        return
    if certify:
        what, rule = "learns no laws", "--certify is for experiments with a section 'learning'"
        raise ScenarioError(Problem(plan.experiment, None, "certify", what, rule))
    if relearn and not isinstance(relearn, bool):
        what = "learns for its claims, not by regime"
        rule = "--only is for experiments with a section 'learning'"
        raise ScenarioError(Problem(plan.experiment, None, "only", what, rule))
    if relearn:
        asked_of(plan)


def freeze(plan: Experiment) -> str:
    """State the claims of an experiment in the register, with today's date; what was done in a sentence.

    Raises ``ScenarioError`` for a plan that departs from its file.
    """
    if plan.departures or plan.stated_in is None:
        rule = "freeze the file as it is: its own replications, seed and points"
        raise ScenarioError(
            Problem(plan.experiment, None, "freeze", "this is not the plan of the file", rule)
        )
    with alone(plan.stated_in.parent):
        text = added(plan.stated_in, plan.experiment, plan.digest, datetime.now(tz=UTC).date())
        if text is not None:
            put(plan.stated_in, text.encode())
    claims = f"{len(plan.hypotheses)} claims" if len(plan.hypotheses) != 1 else "one claim"
    said = "stated today" if text is not None else f"stated already, on {plan.stated}"
    return f"{plan.experiment}: {claims} {said} ({plan.stated_in})"


def _evolution_experiment(
    plan: Experiment, workers: int, out: Path | None, *, progress: bool, check: bool
) -> EvolutionResults:
    """An experiment of evolution: played, compared with what is committed, written."""
    from simulator.evolution.stored_games import game_hash
    from simulator.experiments.evolution import games, play_evolution

    tell = teller(progress)
    if out is None or check:
        results = play_evolution(plan, workers=workers, progress=tell)
        if out is not None:
            _write_answer(plan, results, out, check=check, counts=results.counts())
        return results
    kept = out / STORE / GAMES
    with writable(out), claimed(kept.parent):
        results = play_evolution(plan, kept=kept, workers=workers, progress=tell)
        _write_answer(plan, results, out, check=check, counts=results.counts())
        own = {game_hash(game) for game, _ in games(plan)}
        for path in [path for path in kept.glob("*") if path.name.partition(".")[0] in own]:
            path.unlink()  # those of other plans stay, to go on with
        for folder in (kept, kept.parent):
            with suppress(OSError):  # somebody's own stays
                folder.rmdir()
    return results


def _learning_experiment(
    plan: Experiment,
    workers: int,
    out: Path | None,
    *,
    progress: bool,
    check: bool,
    certify: bool,
    anew: bool | Collection[str],
) -> LearningResults:
    """An experiment at learned equilibria: learned or searched anew, replayed, compared, written."""
    from simulator.evolution.learned.files import Library
    from simulator.experiments.learning import folder_of, play_learning
    from simulator.experiments.learning import relearn as learn_anew
    from simulator.report.reproduced import changes

    tell = teller(progress)
    learned, changed = [], []
    only = () if isinstance(anew, bool) else anew
    how: dict[str, Any] = {"certify": certify, "workers": workers, "progress": tell}
    if anew and check:
        Library.read(folder_of(plan))  # without one there is nothing to compare with
        with TemporaryDirectory() as folder:
            learn_anew(plan, only, into=Path(folder), **how)
            now = {
                path.stem: pd.read_csv(path, dtype=str, keep_default_na=False)
                for path in Path(folder).glob("*.csv")
            }
        changed = changes(folder_of(plan), now)
    elif anew:
        kept = None if out is None else out / "store"
        learned = learn_anew(plan, only, kept=kept, **how)
    results = play_learning(plan, workers=workers, progress=tell)
    results.written += learned
    results.changed += changed
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
    """Put an answer into the README beside the experiment.

    Only at the top of a checkout, and where it has the lines for it; returns what was written.
    """
    from simulator.report.experiment_text import experiment_text, splice

    readme = _readme(played)
    if not readme.is_file():
        return []
    text = experiment_text(played) if isinstance(played, Sweep) else played.text()
    return [readme] if splice(readme, text) else []


def claims_here(played: Sweep | EvolutionResults | LearningResults) -> bool:
    """Whether an experiment has claims for the pages of results: only at the top of a checkout."""
    return bool(played.experiment.hypotheses) and _readme(played).is_file()


def tell_claims() -> list[Path]:
    """Put claims and assumptions into the pages of results; what was written."""
    from simulator.report.reproduced import write_pages

    return write_pages(Path("results"))


def _readme(played: Sweep | EvolutionResults | LearningResults) -> Path:
    return Path("experiments", played.experiment.experiment, "README.md")
