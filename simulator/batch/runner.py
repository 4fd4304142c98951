"""Playing a plan: what is missing is played, what is there is read, and either is handed on in order."""

from __future__ import annotations

import shlex
import time
from collections import deque
from collections.abc import Callable
from concurrent.futures import FIRST_COMPLETED, BrokenExecutor, Executor, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, field
from typing import Literal, TypeAlias

from simulator.batch.chunk import Played, Recipe, recoded, try_chunk
from simulator.batch.files import FullDiskError
from simulator.batch.interrupt import Interrupted, heed, is_interrupt
from simulator.batch.layout import Chunk, Layout, OneCell, Plan, PlannedCell
from simulator.batch.part import Note, TornPartError
from simulator.batch.provenance import code_hash
from simulator.batch.store import Shard, Store
from simulator.batch.tally import BatchError, Report
from simulator.compiled import announce
from simulator.errors import Problem, ScenarioError
from simulator.outcomes.rows import Rows
from simulator.spec.scenario import Scenario

GRACE = 1.5
"""Seconds in which chunks in play may end after an interrupt."""
AHEAD = 64
"""Spans that may wait behind one in play, though they are whole."""
HOPELESS = 5
"""Cells that fail before any chunk succeeds, after which a batch ends."""
OnError: TypeAlias = Literal["continue", "stop"]


@dataclass
class Span:
    """A span of a cell on its way: the chunks in play, and what they gave."""

    cell: PlannedCell
    replications: range
    pending: dict[Future[Played], Chunk] = field(default_factory=dict)
    played: list[Played] = field(default_factory=list)
    failed: bool = False

    @property
    def held(self) -> int:
        """Chunks in play or in memory."""
        return len(self.pending) + len(self.played)


def play(
    plan: Plan | Scenario,
    *,
    store: Store | None = None,
    workers: int = 1,
    executor: Executor | None = None,
    shard: Shard = (1, 1),
    only: int | None = None,
    on_error: OnError = "continue",
    take: Callable[[int, Rows], None] | None = None,
    on_progress: Callable[[Report], None] | None = None,
) -> Report:
    """Play what is missing of a plan, and hand every span of rows to ``take`` in canonical order.

    ``take(cell, rows)`` gets whole replications by cell and replication, each with all its regimes coded as
    in the cell's scenario, whether played now or read from the ``store``.  Chunks are played by ``workers``
    threads, or by any ``executor`` with that many workers; at most ``workers + 2`` are held at a time.
    ``shard`` (i, n) plays the i-th of n parts; ``only`` one cell.  A failing cell is noted and, unless
    ``on_error`` says stop, the others go on.

    Raises ``ScenarioError`` where the store is of another plan, ``BatchError`` where workers are lost or
    the disk is full; an interrupt passes on, with a text that says how to resume.
    """
    layout = Layout(OneCell(plan) if isinstance(plan, Scenario) else plan)
    batch = Batch(
        layout,
        store=store,
        workers=workers,
        shard=shard,
        only=only,
        on_error=on_error,
        take=take,
        on_progress=on_progress,
    )
    if executor is not None:
        batch.run(executor, remote=True)
    else:
        announce()
        pool = ThreadPoolExecutor(max_workers=workers)
        try:
            batch.run(pool, remote=False)
        finally:
            pool.shutdown(wait=False, cancel_futures=True)
    return batch.report


class Batch:
    """One call of ``play``: its queue of spans, in canonical order."""

    def __init__(
        self,
        layout: Layout,
        *,
        store: Store | None,
        workers: int,
        shard: Shard,
        only: int | None,
        on_error: OnError,
        take: Callable[[int, Rows], None] | None,
        on_progress: Callable[[Report], None] | None,
    ) -> None:
        self.layout, self.store, self.take = layout, store, take
        self.limit, self.on_error, self.on_progress = workers + 2, on_error, on_progress
        self.queue: deque[Span] = deque()
        self.report = Report(layout.plan.experiment)
        if store is not None:
            store.open(layout, shard)
            self.report.folder, self.report.resume = store.folder, store.resume
            self.report.torn = list(store.torn)
        if only is not None and not 0 <= only < len(layout.cells):
            rule = f"a cell of the design, from 0 to {len(layout.cells) - 1}"
            raise ScenarioError(
                Problem(str(self.report.folder or layout.plan.experiment), None, "cell", f"got {only}", rule)
            )
        spans = [item for item in layout.mine(shard) if only in (None, item[0])]
        self.report.chunks = len(spans)
        self.report.replications = sum(len(span) for _, span in spans)
        self.todo = iter(spans)
        self.remote = False
        self.failed: set[int] = set()
        self.noted = {int(failure["cell"]) for failure in store.failures()} if store is not None else set()
        self.started = time.perf_counter()

    def run(self, executor: Executor, *, remote: bool) -> None:
        """Play and deliver everything; ``remote`` workers get scenarios as JSON."""
        self.remote = remote
        try:
            while self.fill(executor):
                self.collect()
                heed()
        except BaseException as error:
            if is_interrupt(error):
                self.drain()
                stop = error if isinstance(error, KeyboardInterrupt) else Interrupted()
                stop.args = (f"interrupted\n{self.report.summary()}",)
                raise stop from error.__cause__
            if isinstance(error, BrokenExecutor | FullDiskError):
                self.drain(save=isinstance(error, BrokenExecutor))
                raise BatchError(f"{_reason(error)}\n{self.report.summary()}") from error
            self.cancel()
            raise
        finally:
            self.tell()

    def fill(self, executor: Executor) -> bool:
        """Submit chunks until enough are held, and deliver what is there; false where nothing is left."""
        while sum(span.held for span in self.queue) < self.limit and len(self.queue) < AHEAD:
            item = next(self.todo, None)
            if item is None:
                break
            number, replications = item
            if number in self.failed:
                continue
            cell = self._cell(number)
            span = Span(cell, replications)
            chunks = [_whole(span)] if self.store is None else self.store.missing(cell, replications)
            for chunk in chunks:
                span.pending[executor.submit(try_chunk, *self._order(cell, chunk))] = chunk
            self.report.reused += not chunks
            self.queue.append(span)
            self.deliver()
        return bool(self.queue)

    def _cell(self, number: int) -> PlannedCell:
        """A cell about to be played: whatever failed in it before is tried again."""
        if self.store is not None and number in self.noted:
            self.store.forgive(number)
            self.noted.discard(number)
        return self.layout.cell(number)

    def _order(self, cell: PlannedCell, chunk: Chunk) -> tuple[Recipe, Chunk, Note, bool, bool]:
        scenario = cell.under(chunk.regimes)
        laws = [cell.regimes[name] for name in chunk.regimes]
        recipe = Recipe((cell.content, *laws), scenario.model_dump_json() if self.remote else scenario)
        rows = (chunk.stop - chunk.first) * len(chunk.regimes) * self.layout.pairs[chunk.cell]
        note = Note.of(cell, chunk, rows, code_hash())
        return recipe, chunk, note, self.take is not None, self.store is not None

    def collect(self) -> None:
        """Wait for a chunk, write what has come, hand on what is next in order."""
        pending = [future for span in self.queue for future in span.pending]
        if pending:
            wait(pending, return_when=FIRST_COMPLETED)
        self.keep()
        self.deliver()
        self.tell()

    def keep(self) -> None:
        """Write the chunks that have come, wherever they stand in the queue."""
        for span in self.queue:
            for future in [future for future in span.pending if future.done()]:
                self._receive(span, _result(future))
                del span.pending[future]

    def _receive(self, span: Span, played: Played) -> None:
        if played.fault:
            span.failed = True
            self._fail(span.cell.number, played.fault, played.trace, played.chunk)
        else:
            self._keep(span, played)

    def _keep(self, span: Span, played: Played) -> None:
        if self.store is not None and played.part is not None:
            self.store.write(Note.of(span.cell, played.chunk, played.count, code_hash()), played.part)
            self.report.parts += 1
            self.report.bytes += len(played.part)
        self.report.rows += played.count
        if played.rows is not None:
            span.played.append(
                Played(played.chunk, rows=recoded(played.rows, played.chunk, span.cell.labels))
            )

    def deliver(self) -> None:
        """Hand on the spans at the head of the queue that are whole; without ``take``, any."""
        if self.take is None:
            for span in [span for span in self.queue if not span.pending]:
                self.queue.remove(span)
                self._count(span)
            return
        while self.queue and not self.queue[0].pending:
            span = self.queue.popleft()
            if not span.failed:
                self.take(span.cell.number, self._rows(span))
                self._count(span)
                heed()

    def _rows(self, span: Span) -> Rows:
        """The rows of a whole span, just played or from the store; a part that is torn is played again."""
        if [played.chunk for played in span.played] == [_whole(span)] and span.played[0].rows is not None:
            return span.played[0].rows
        if self.store is None:
            raise RuntimeError("a span came in pieces, and there is no store to join them")
        while True:
            try:
                return self.store.rows(span.cell, span.replications)
            except TornPartError as torn:
                self.report.torn = [*self.report.torn, str(torn)]
                for chunk in self.store.missing(span.cell, span.replications):
                    played = try_chunk(*self._order(span.cell, chunk))
                    if played.fault:
                        raise BatchError(f"{played.trace}{self.report.summary()}") from torn
                    self._keep(span, played)

    def _count(self, span: Span) -> None:
        if not span.failed:
            self.report.done += 1
            self.report.done_replications += len(span.replications)

    def _fail(self, number: int, message: str, trace: str, chunk: Chunk | None = None) -> None:
        """Note that a cell failed; its other chunks are left."""
        if number in self.failed:
            return
        self.failed.add(number)
        replay = ["frandsim", "resume", str(self.report.folder), "--cell", str(number), "--on-error", "stop"]
        failure = {
            "cell": number,
            "values": self.layout.cells[number],
            "chunk": chunk and {"first": chunk.first, "stop": chunk.stop, "regimes": chunk.regimes},
            "message": message,
            "traceback": trace,
            "replay": shlex.join(replay) if self.report.folder else "play the cell alone",
        }
        self.report.failures.append(failure)
        if self.store is not None:
            self.store.fail(failure)
        hopeless = len(self.failed) >= HOPELESS and self.report.rows == 0
        if self.on_error == "stop" or hopeless:
            why = "every cell so far failed" if self.on_error != "stop" else "a cell failed"
            raise BatchError(f"{why}\n{trace}{self.report.summary()}")

    def cancel(self) -> None:
        """Take back what no worker has begun."""
        for span in self.queue:
            for future in span.pending:
                future.cancel()

    def drain(self, *, save: bool = True) -> None:
        """Cancel what waits; what is in play is written if it ends in time.

        A remote executor does not say what is in play: there, cancelling comes last.
        """
        if not (self.remote and save):
            self.cancel()
        if self.store is not None and save:
            pending = [future for span in self.queue for future in span.pending if not future.cancelled()]
            wait(pending, timeout=GRACE)
            for span in self.queue:
                for future in [one for one in span.pending if one.done() and not one.cancelled()]:
                    if future.exception() is None and not future.result().fault:
                        self._keep(span, future.result())
                        del span.pending[future]
        self.cancel()
        for span in self.queue:
            if not span.pending:
                self._count(span)
        self.queue.clear()
        self.report.seconds = time.perf_counter() - self.started

    def tell(self) -> None:
        """Let the caller know how far it is."""
        self.report.seconds = time.perf_counter() - self.started
        if self.on_progress is not None:
            self.on_progress(self.report)


def _result(future: Future[Played]) -> Played:
    """What a worker returned.  Raises ``BrokenExecutor`` where it is the worker that failed."""
    try:
        return future.result()
    except (ScenarioError, BrokenExecutor):
        raise
    except Exception as error:  # a chunk returns what goes wrong in it: this is the scheduler's
        raise BrokenExecutor(f"{type(error).__name__}: {error}") from error


def _whole(span: Span) -> Chunk:
    """The chunk of all of a span."""
    cell, replications = span.cell, span.replications
    return Chunk(cell.number, replications.start, replications.stop, cell.labels.regimes)


def _reason(error: BaseException) -> str:
    if isinstance(error, FullDiskError):
        return f"{error.filename}: no space left; make room, then go on"
    return f"a worker was lost, and what it had not delivered is missing ({error})"
