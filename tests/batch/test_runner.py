"""Playing a plan: the rows there are, their order, what is held, and cells that fail."""

from __future__ import annotations

import multiprocessing
import os
from collections.abc import Callable
from concurrent.futures import Executor, Future, ProcessPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow.parquet as pq
import pytest

from simulator.batch import chunk as chunks
from simulator.batch.part import Note, read_note
from simulator.batch.runner import play
from simulator.batch.store import Store
from simulator.batch.tally import BatchError, Report
from simulator.engine.build import build
from simulator.engine.outcomes import COLUMNS
from simulator.engine.run import run_chunk
from simulator.errors import ScenarioError
from simulator.outcomes.rows import Labels, Rows, frame
from simulator.spec.scenario import Scenario
from tests.batch.conftest import Written, files


class Taken(list[tuple[int, Rows]]):
    """What ``take`` got."""

    def __call__(self, cell: int, rows: Rows) -> None:
        self.append((cell, rows))

    def cell(self, number: int) -> Rows:
        return np.concatenate([rows for cell, rows in self if cell == number])


def whole(scenario: Scenario) -> Rows:
    return run_chunk(build(scenario), scenario.seed, range(scenario.replications))


@pytest.mark.parametrize("workers", [1, 3])
def test_rows_are_those_of_the_engine_in_its_order(scenario: Scenario, workers: int) -> None:
    taken = Taken()
    report = play(scenario, workers=workers, take=taken)
    assert taken.cell(0).tobytes() == whole(scenario).tobytes()
    assert [len(rows) for _, rows in taken] == [6, 6, 6, 2]
    assert (report.chunks, report.done, report.rows, report.complete) == (4, 4, 20, True)


def test_every_cell_is_its_own_scenario(written: Written) -> None:
    plan, taken = written("[0.02, 0.5]"), Taken()
    play(plan, take=taken, workers=2)
    assert [cell for cell, _ in taken] == [0, 0, 1, 1]
    for number, cell in enumerate(plan.cells()):
        assert taken.cell(number).tobytes() == whole(plan.at(cell)).tobytes()
    assert taken.cell(0).tobytes() != taken.cell(1).tobytes()


def test_a_store_reads_in_one_line_and_carries_cells_axes_and_units(written: Written, tmp_path: Path) -> None:
    plan = written()
    play(plan, store=Store(tmp_path / "store"))
    table = pd.read_parquet(tmp_path / "store" / "parts")
    axis = "court.interest.court"
    assert list(table.columns) == ["cell", axis, *(column.name for column in COLUMNS)]
    assert table.groupby("cell")[axis].unique().map(list).tolist() == [[0.02], [0.08]]
    assert table.groupby(["cell", "regime"], observed=True).size().tolist() == [6, 6, 6, 6]
    first = plan.at(plan.cells()[0])
    order = ["replication", "regime", "negotiation"]
    expected = frame(whole(first), Labels.of(first)).astype({"regime": str})
    found = table[table["cell"] == 0].drop(columns=["cell", axis]).astype({"regime": str})
    pd.testing.assert_frame_equal(
        found.sort_values(order, ignore_index=True).astype(object),
        expected.sort_values(order, ignore_index=True).astype(object),
    )
    part = next((tmp_path / "store" / "parts").iterdir())
    assert pq.read_schema(part).field(axis).metadata[b"unit"] == b"per year"
    assert pq.read_schema(part).field("paid").metadata[b"unit"] == b"USD m"


def test_what_is_there_is_read_back_the_same(written: Written, tmp_path: Path) -> None:
    plan, first, again = written(), Taken(), Taken()
    play(plan, store=Store(tmp_path), take=first)
    report = play(plan, store=Store(tmp_path), take=again)
    assert (report.parts, report.reused, report.done) == (0, 4, 4)
    assert [(cell, rows.tobytes()) for cell, rows in again] == [
        (cell, rows.tobytes()) for cell, rows in first
    ]


def test_however_much_is_there_the_rest_is_still_played(written: Written, tmp_path: Path) -> None:
    few = "[" + ", ".join(f"{k / 1000}" for k in range(40)) + "]"
    more = few.replace("]", ", 0.05, 0.06]")
    play(written(few, replications="3"), store=Store(tmp_path / "store"))
    plan, taken = written(more, replications="3"), Taken()
    report = play(plan, store=Store(tmp_path / "store"), take=taken)
    assert [cell for cell, _ in taken] == list(range(42))
    assert (report.reused, report.parts, report.complete) == (40, 2, True)


@pytest.mark.parametrize("handed_on", [True, False])
def test_a_gap_behind_much_that_is_there_is_filled(
    scenario: Scenario, tmp_path: Path, handed_on: bool
) -> None:
    many = scenario.model_copy(update={"replications": 300})
    play(many, store=Store(tmp_path), workers=2)
    before = files(tmp_path)
    assert len(before) == 201  # the manifest, and a part and its digest a chunk
    for place in (0, 90):
        name = next(note.name for note in notes(tmp_path) if note.first == 3 * place)
        (tmp_path / "parts" / name).unlink()
    taken = Taken()
    report = play(many, store=Store(tmp_path), take=taken if handed_on else None)
    assert (report.done, report.reused, report.parts) == (100, 98, 2)
    assert files(tmp_path) == before
    if handed_on:
        assert taken.cell(0).tobytes() == whole(many).tobytes()


def notes(folder: Path) -> list[Note]:
    return [read_note(path) for path in (folder / "parts").iterdir()]


class Counting(Executor):
    """Plays at once, and counts how many results wait to be fetched."""

    def __init__(self) -> None:
        self.most = self.open = 0

    def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
        self.open += 1
        self.most = max(self.most, self.open)
        future: Future[Any] = Future()
        future.set_result(fn(*args, **kwargs))
        return future


def test_no_more_chunks_are_held_than_workers_and_two(scenario: Scenario) -> None:
    many = scenario.model_copy(update={"replications": 60})
    executor = Counting()

    def take(cell: int, rows: Rows) -> None:
        executor.open -= 1

    play(many, executor=executor, workers=3, take=take)
    assert executor.most == 5
    assert executor.open == 0


def test_any_executor_gives_the_same_bytes(scenario: Scenario, tmp_path: Path) -> None:
    play(scenario, store=Store(tmp_path / "threads"), workers=2)
    context = multiprocessing.get_context("forkserver")
    with ProcessPoolExecutor(2, mp_context=context) as pool:
        play(scenario, store=Store(tmp_path / "processes"), workers=2, executor=pool)
    assert files(tmp_path / "processes") == files(tmp_path / "threads")


def test_a_lost_worker_ends_the_batch_and_what_is_done_stays(scenario: Scenario, tmp_path: Path) -> None:
    many = scenario.model_copy(update={"replications": 90})
    context = multiprocessing.get_context("forkserver")
    with ProcessPoolExecutor(1, mp_context=context) as pool:
        killed: list[Future[None]] = []

        def watch(report: Report) -> None:
            if report.done >= 1 and not killed:
                killed.append(pool.submit(os._exit, 9))

        with pytest.raises(BatchError, match=r"a worker was lost(?s:.)*frandsim resume .*store"):
            play(many, store=Store(tmp_path / "store"), workers=1, executor=pool, on_progress=watch)
    there = len(files(tmp_path / "store" / "parts"))
    assert 1 <= there < 30
    report = play(many, store=Store(tmp_path / "store"))
    assert (report.reused, report.parts) == (there, 30 - there)
    play(many, store=Store(tmp_path / "straight"))
    assert files(tmp_path / "store") == files(tmp_path / "straight")


def failing(monkeypatch: pytest.MonkeyPatch, *interests: float) -> None:
    """Let cells with these rates of interest fail."""

    def broken(scenario: Scenario) -> Any:
        value = scenario.set["court.interest.court"].value
        if value in interests:
            raise ZeroDivisionError(f"no court at {value}")
        return build(scenario)

    chunks.prepared.cache_clear()
    monkeypatch.setattr(chunks, "build", broken)


def test_a_failing_cell_is_noted_and_the_others_go_on(
    written: Written, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    failing(monkeypatch, 0.05)
    plan, taken = written("[0.02, 0.05, 0.08]"), Taken()
    report = play(plan, store=Store(tmp_path / "store"), take=taken)
    assert sorted({cell for cell, _ in taken}) == [0, 2]
    assert (report.done, report.complete) == (4, False)
    (failure,) = Store(tmp_path / "store").failures()
    assert failure["message"] == "ZeroDivisionError: no court at 0.05"
    assert "in broken" in failure["traceback"]
    assert failure["values"] == {"court.interest.court": 0.05}
    assert failure["replay"] == f"frandsim resume {tmp_path / 'store'} --cell 1 --on-error stop"
    assert "failed: cell 1: ZeroDivisionError" in report.summary()

    monkeypatch.setattr(chunks, "build", build)
    report = play(plan, store=Store(tmp_path / "store"), only=1, on_error="stop")
    assert (report.parts, report.failures) == (2, [])
    assert Store(tmp_path / "store").failures() == []
    play(plan, store=Store(tmp_path / "straight"))
    assert files(tmp_path / "store") == files(tmp_path / "straight")


def test_on_error_stop_ends_at_the_first(
    written: Written, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    failing(monkeypatch, 0.02)
    with pytest.raises(BatchError, match=r"a cell failed(?s:.)*ZeroDivisionError: no court at 0.02"):
        play(written(), store=Store(tmp_path / "store"), on_error="stop")


def test_a_batch_in_which_every_cell_fails_ends_early(
    written: Written, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    values = [0.01 * number for number in range(1, 13)]
    failing(monkeypatch, *values)
    with pytest.raises(BatchError, match="every cell so far failed"):
        play(written(str(values)), store=Store(tmp_path / "store"))
    assert len(Store(tmp_path / "store").failures()) == 5


def test_a_worker_with_other_code_is_refused(scenario: Scenario, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(chunks, "code_hash", lambda: "other")
    with pytest.raises(ScenarioError, match="runs other code than this process"):
        play(scenario)
