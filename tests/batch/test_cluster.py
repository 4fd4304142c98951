"""A batch on a real Dask scheduler, with a worker that dies."""

from __future__ import annotations

import os
import signal
import sys
from pathlib import Path
from typing import Any

import pytest

from simulator.batch.cluster import dask
from simulator.batch.runner import play
from simulator.batch.store import Store
from simulator.batch.tally import Report
from simulator.errors import ScenarioError
from tests.batch.conftest import files
from tests.batch.playing import plan

distributed: Any = pytest.importorskip("distributed")


@pytest.mark.filterwarnings("ignore")  # the cluster's own, on its way down
def test_workers_of_a_cluster_give_the_same_bytes_though_one_is_killed(tmp_path: Path) -> None:
    many = plan(600)
    with distributed.LocalCluster(
        n_workers=2, threads_per_worker=1, processes=True, dashboard_address="127.0.0.1:0", silence_logs=50
    ) as cluster:
        victims = [worker.process.process.pid for worker in cluster.workers.values()]

        def watch(report: Report) -> None:
            if report.done >= 5 and victims:
                os.kill(victims.pop(), signal.SIGKILL)
                victims.clear()

        with dask(cluster.scheduler_address, 1) as (executor, width):
            assert width == 2
            report = play(
                many, store=Store(tmp_path / "dask"), executor=executor, workers=width, on_progress=watch
            )
    assert not victims
    assert (report.chunks, report.done, report.failures) == (200, 200, [])
    play(many, store=Store(tmp_path / "threads"))
    assert files(tmp_path / "dask") == files(tmp_path / "threads")


def test_a_scheduler_that_does_not_answer_is_bad_input(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("simulator.batch.cluster.PATIENCE", "100ms")
    with (
        pytest.raises(ScenarioError, match="does not answer; give the address of a scheduler"),
        dask("tcp://127.0.0.1:9", 1),
    ):
        pass


def test_without_dask_the_message_says_how_to_get_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "distributed", None)
    with pytest.raises(ScenarioError, match=r"dask is not installed; .*frandsim\[dask\]"), dask(None, 1):
        pass
