"""Scenarios from Python: the same table on every executor, kept, grown, and what failed is told."""

from __future__ import annotations

import multiprocessing
from collections.abc import Callable, Iterator
from concurrent.futures import Executor, ProcessPoolExecutor, ThreadPoolExecutor
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from simulator.batch import chunk as playing
from simulator.batch import runner
from simulator.batch.status import status
from simulator.batch.store import Store
from simulator.batch.tally import BatchError
from simulator.engine.build import build
from simulator.errors import ScenarioError
from simulator.experiments.scenarios import RunConfiguration, ScenarioResults, run_scenarios
from simulator.spec.base import Quantity
from simulator.spec.scenario import Scenario
from simulator.study import compare

CONFIG = RunConfiguration(replications=7, outcomes=("deadlock_rate", "efficiency", "months_to_licence"))


@pytest.fixture
def several(scenario: Scenario) -> list[Scenario]:
    """The duopoly; the same under one other regime's law only; and with another docket."""
    alone = scenario.model_copy(update={"scenario": "alone", "regimes": scenario.regimes[:1]})
    slow = {"court.interest.court": Quantity(value=0.09, source="assumption of a test")}
    return [scenario, alone, scenario.model_copy(update={"scenario": "slow", "set": slow, "seed": 5})]


def bits(results: ScenarioResults) -> bytes:
    assert not results.failed
    return results.table.to_csv(index=False, float_format="%r").encode()


def test_a_row_is_what_a_comparison_measures(several: list[Scenario]) -> None:
    table = run_scenarios(several, CONFIG).table
    assert list(table.columns) == ["number", "scenario", "regime", "replication", *CONFIG.outcomes]
    assert table.groupby("number").size().to_list() == [14, 7, 14]
    for number, scenario in enumerate(several):
        told = compare(scenario.model_copy(update={"replications": 7})).tables.evidence.values
        own = table[table["number"] == number].set_index(["replication", "regime"])
        for key in told.index:
            for name in CONFIG.outcomes:
                np.testing.assert_array_equal(own.loc[key, name], told.loc[key, name])


def loky() -> Executor:
    from joblib.externals.loky import ProcessPoolExecutor as LokyExecutor  # type: ignore[import-untyped]

    executor: Executor = LokyExecutor(2)
    return executor


@contextmanager
def dask() -> Iterator[Executor]:
    distributed: Any = pytest.importorskip("distributed")
    with distributed.Client(
        processes=False, n_workers=1, threads_per_worker=2, dashboard_address="127.0.0.1:0"
    ) as one:
        yield one.get_executor(pure=False)


@pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::ResourceWarning")  # of the executors
@pytest.mark.parametrize(
    "opened",
    [
        lambda: ThreadPoolExecutor(3),
        lambda: ProcessPoolExecutor(2, mp_context=multiprocessing.get_context("spawn")),
        pytest.param(
            lambda: ProcessPoolExecutor(2, mp_context=multiprocessing.get_context("forkserver")),
            marks=pytest.mark.slow,
        ),
        pytest.param(loky, marks=pytest.mark.slow),
        dask,
    ],
    ids=["threads", "spawn", "forkserver", "loky", "dask"],
)
def test_the_executor_changes_no_bit(
    opened: Callable[[], AbstractContextManager[Executor]], several: list[Scenario]
) -> None:
    with opened() as executor:
        assert bits(run_scenarios(several, CONFIG, executor)) == bits(
            run_scenarios(several, CONFIG, workers=1)
        )


def test_a_store_is_gone_on_with_and_grows(
    tmp_path: Path, several: list[Scenario], monkeypatch: pytest.MonkeyPatch
) -> None:
    first = bits(run_scenarios(several, CONFIG, store=tmp_path))
    names = sorted(folder.name.split("-")[0] for folder in tmp_path.iterdir())
    assert names == ["alone", "duopoly", "slow"]
    assert all(status(Store(folder)).complete for folder in tmp_path.iterdir())
    counted: list[int] = []
    real = playing.try_chunk

    def count(*order: Any) -> playing.Played:
        counted.append(order[1].stop - order[1].first)
        return real(*order)

    monkeypatch.setattr(runner, "try_chunk", count)
    assert bits(run_scenarios(several, CONFIG, store=tmp_path)) == first
    assert not counted
    more = RunConfiguration(replications=9, outcomes=CONFIG.outcomes)
    grown = run_scenarios(several, more, store=str(tmp_path))
    assert 0 < sum(counted) < 27
    assert bits(grown) == bits(run_scenarios(several, more))


def test_fewer_replications_than_a_store_has_are_refused(tmp_path: Path, scenario: Scenario) -> None:
    run_scenarios([scenario], CONFIG, store=tmp_path)
    with pytest.raises(ScenarioError, match="replications: 7 there, 3 here"):
        run_scenarios([scenario], RunConfiguration(replications=3), store=tmp_path)


def broken(scenario: Scenario, monkeypatch: pytest.MonkeyPatch) -> None:
    """Make chunks of the scenario named so fail."""

    def fails(one: Scenario) -> Any:
        if one.scenario == scenario.scenario:
            raise ZeroDivisionError("no court sits")
        return build(one)

    monkeypatch.setattr(playing, "build", fails)
    playing.prepared.cache_clear()


def test_one_that_fails_leaves_the_others(
    tmp_path: Path, several: list[Scenario], monkeypatch: pytest.MonkeyPatch
) -> None:
    broken(several[1], monkeypatch)
    found = run_scenarios(several, CONFIG, store=tmp_path)
    (failure,) = found.failed
    assert (failure.number, failure.scenario) == (1, "alone")
    assert failure.message == "ZeroDivisionError: no court sits"
    assert "Traceback" in failure.traceback
    assert failure.replay.startswith(f"frandsim resume {tmp_path}")
    assert sorted(found.table["number"].unique()) == [0, 2]
    playing.prepared.cache_clear()
    monkeypatch.undo()
    assert bits(run_scenarios(several, CONFIG, store=tmp_path)) == bits(run_scenarios(several, CONFIG))


def test_if_asked_the_first_that_fails_ends_it(
    several: list[Scenario], monkeypatch: pytest.MonkeyPatch
) -> None:
    broken(several[0], monkeypatch)
    with pytest.raises(BatchError, match="no court sits"):
        run_scenarios(several, RunConfiguration(replications=7, on_error="stop"))
    playing.prepared.cache_clear()


def test_no_scenario_gives_an_empty_table() -> None:
    assert run_scenarios([], CONFIG).table.empty


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"replications": 0}, r"RunConfiguration: replications: got 0; a whole number, at least 1"),
        ({"seed": 1.5}, r"RunConfiguration: seed: got 1\.5; a whole number, at least 0"),
        ({"on_error": "retry"}, r"on_error: got 'retry'; continue or stop"),
        ({"outcomes": ("efficienci",)}, r"outcomes\[0\]: .*did you mean efficiency\?"),
        ({"outcomes": ("efficiency", "efficiency")}, r"outcomes\[1\]: efficiency is named twice"),
        ({"outcomes": "efficiency"}, r"outcomes: got 'efficiency'; a tuple of metrics"),
        ({"outcomes": ()}, r"outcomes: got \(\); a tuple of metrics"),
    ],
)
def test_what_cannot_be_asked_is_refused(options: dict[str, Any], message: str) -> None:
    with pytest.raises(ScenarioError, match=message):
        RunConfiguration(**options)


def test_what_cannot_be_played_is_refused(scenario: Scenario) -> None:
    with pytest.raises(ScenarioError, match="got int; a name, a path"):
        run_scenarios(7)  # type: ignore[arg-type]
    with pytest.raises(ScenarioError, match="workers: got 0; at least 1"):
        run_scenarios([scenario], CONFIG, workers=0)
    nobody = RunConfiguration(outcomes=("efficiency[holder_strategy=nobody]",))
    with pytest.raises(ScenarioError, match=r"scenarios\[0\]: outcomes\[0\]: .*never 'nobody'"):
        run_scenarios([scenario], nobody)


def test_conditions_are_those_of_experiments(scenario: Scenario) -> None:
    asked = RunConfiguration(replications=10, outcomes=("rounds", "rounds[filed=no]"))
    table = run_scenarios([scenario], asked).table
    assert isinstance(table, pd.DataFrame)
    assert not table["rounds"].equals(table["rounds[filed=no]"])
