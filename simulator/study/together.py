"""Experiments one after the other, or side by side: each in a process of its own."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from contextlib import ExitStack
from dataclasses import dataclass, replace
from pathlib import Path
from queue import SimpleQueue
from threading import Lock
from typing import Any

from simulator.batch.helper import Gone, Helper, attend
from simulator.batch.interrupt import heed
from simulator.compiled import announce
from simulator.engine.build import build
from simulator.engine.run import run_chunk
from simulator.errors import Problem, ScenarioError
from simulator.experiments.sweep import load
from simulator.spec.find import resolve
from simulator.spec.load import load_scenario
from simulator.spec.yaml import read
from simulator.study.answering import claims_here, experiment, learns, results_folder, tell_answer

LONG = {"evolution", "learning"}
"""Sections of experiments that take longest: those begin first."""
PATIENCE = 5.0
"""Seconds a process has to take away what it has half written."""


@dataclass(frozen=True)
class Manner:
    """How experiments are played: what replaces a file's numbers, what is learned anew, where results go.

    ``out`` is the folder of one experiment; of ``every`` experiment, that of their folders.
    """

    replications: int | None = None
    seed: int | None = None
    quick: bool = False
    check: bool = False
    relearn: bool = False
    certify: bool = False
    only: tuple[str, ...] = ()
    out: Path | None = None
    every: bool = False
    workers: int = 1
    as_json: bool = False
    progress: bool = True

    @property
    def as_planned(self) -> bool:
        """Whether the files' own numbers are played, and results go where they belong."""
        own = (self.replications, self.seed, self.quick, self.out, self.check)
        return own == (None, None, False, None, False)


@dataclass(frozen=True)
class Answered:
    """What is told of an experiment that was played: ``data`` as JSON or ``table``, what changed, the files.

    ``claims``: it has some for the pages of results.
    """

    experiment: str
    table: Any
    data: dict[str, Any]
    changed: list[str]
    written: list[Path]
    claims: bool


def answered(name: str, how: Manner) -> Answered:
    """Play an experiment and write its answer."""
    plan = load(name, replications=how.replications, seed=how.seed, quick=how.quick)
    folder = how.out / plan.experiment if how.every and how.out is not None else how.out
    anew = how.relearn and (not how.every or plan.learning is not None or (not how.only and learns(plan)))
    named: bool | tuple[str, ...] = how.only or True
    report = experiment(
        plan,
        workers=how.workers,
        out=folder or results_folder(plan, quick=how.quick),
        progress=how.progress,
        check=how.check,
        relearn=anew and named,
        certify=how.certify and (not how.every or plan.learning is not None) and named,
    )
    if how.as_planned:
        report.written += tell_answer(report)
    return Answered(
        plan.experiment,
        None if how.as_json else report.table(),
        report.to_json() if how.as_json else {},
        list(report.changed),
        list(report.written),
        how.as_planned and claims_here(report),
    )


def answers(names: Sequence[str], how: Manner, begun: Callable[[str], None]) -> Iterator[Answered]:
    """Play experiments, side by side where there are several and workers for them; answers as they come.

    What is learned anew takes all workers for one experiment after the other.  The numbers are the same.
    ``begun`` hears of each of several that it begins.  Ends with the first that fails.
    """
    if len(names) > 1 and how.workers > 1 and not (how.relearn or how.certify):
        yield from _side_by_side(names, how, begun)
        return
    for name in names:
        if how.every:
            begun(_told(name))
        yield answered(name, how)


def _side_by_side(names: Sequence[str], how: Manner, begun: Callable[[str], None]) -> Iterator[Answered]:
    scenario = load_scenario("duopoly", replications=1)
    announce()
    run_chunk(build(scenario), scenario.seed, range(1))  # compiled once, not by each
    heed()
    count = min(how.workers, len(names))
    idle: SimpleQueue[Helper] = SimpleQueue()
    order, turn = iter(sorted(names, key=_short)), Lock()

    def asked() -> Answered:
        helper = idle.get()
        try:
            with turn:  # whichever thread comes first: they begin, and are told of, in this order
                name = next(order)
                begun(_told(name))
            threads = how.workers // count if _short(name) else how.workers  # the others idle in the end
            given: Answered = helper.ask((name, replace(how, workers=threads, progress=False)))
        except Gone as gone:
            rule = "its process ended; alone it may say why"
            problem = Problem(name, None, "", "was not played", rule, f"frandsim experiment {name}")
            raise ScenarioError(problem) from gone
        finally:
            idle.put(helper)
        return given

    with ExitStack() as stack:
        pool = stack.enter_context(ThreadPoolExecutor(count))
        for _ in range(count):
            helper = Helper(__name__)
            stack.callback(helper.let_go, PATIENCE)  # before the threads that wait for it end
            idle.put(helper)
        stack.callback(pool.shutdown, wait=False, cancel_futures=True)  # and nothing new begins
        waiting = [pool.submit(asked) for _ in names]
        for done in as_completed(waiting):
            heed()
            yield done.result()


def serve() -> None:
    """In a helper: play what the other side of the pipes asks for, until it is gone."""
    attend(lambda task: answered(*task))


def _stated(name: str) -> Any:
    """What the file of an experiment says, as it stands there."""
    return read(resolve("experiment", name=name)).data


def _told(name: str) -> str:
    return f"{name}: {_stated(name).get('title', '')}"


def _short(name: str) -> bool:
    return not LONG & _stated(name).keys()
