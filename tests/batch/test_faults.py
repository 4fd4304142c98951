"""Batches that are killed, interrupted or watched from outside, in processes of their own."""

from __future__ import annotations

import multiprocessing
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import numpy as np
import pytest

from simulator.batch.interrupt import STATUS, Interrupted, listening
from simulator.batch.runner import play
from simulator.outcomes.rows import Rows
from simulator.spec.load import load_scenario
from tests.batch.conftest import files
from tests.batch.playing import ROWS, play_small

SMALL_CHUNKS = f"from simulator.batch import layout; layout.CHUNK_ROWS = {ROWS}"
COMMAND = f"import sys; {SMALL_CHUNKS}; from simulator.cli import main; main()"


def until(condition: Callable[[], object], patience: float = 120.0) -> None:
    """Wait for something to become true."""
    end = time.monotonic() + patience
    while not condition():
        assert time.monotonic() < end, "nothing happened"
        time.sleep(0.005)


def parts(folder: Path) -> int:
    return sum(1 for _ in (folder / "parts").glob("part-*.parquet"))


def killed(folder: Path, replications: int, delays: list[float]) -> int:
    """Play and be killed after each delay, counted from the first new part; how often it was in time."""
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["simulator.batch.runner"])
    in_time = 0
    for delay in delays:
        before = parts(folder)
        child = context.Process(target=play_small, args=(folder, replications, 2))
        child.start()
        until(lambda: parts(folder) > before or not child.is_alive())  # noqa: B023 - used at once
        time.sleep(delay)
        in_time += child.is_alive()
        child.kill()
        child.join()
    play_small(folder, replications, 2)
    return in_time


def kill_and_compare(tmp_path: Path, kills: int, replications: int) -> None:
    delays = np.random.default_rng(7).uniform(0, 0.05, kills).tolist()
    in_time = killed(tmp_path / "killed", replications, delays)
    assert in_time == kills
    play_small(tmp_path / "straight", replications, 1)
    assert files(tmp_path / "killed") == files(tmp_path / "straight")


def test_killed_three_times_and_resumed_gives_the_same_bytes(tmp_path: Path) -> None:
    kill_and_compare(tmp_path, 3, 6_000)


@pytest.mark.slow
def test_killed_twenty_times_and_resumed_gives_the_same_bytes(tmp_path: Path) -> None:
    kill_and_compare(tmp_path, 20, 40_000)


def interrupted(
    arguments: list[str], ready: Callable[[str], bool], number: int, **environment: str
) -> tuple[int, float, str]:
    """Start a command, signal it when its output so far is ``ready``; status, seconds to its end, output."""
    log = Path(arguments[-1]).with_suffix(".log")
    with log.open("w") as told:
        child = subprocess.Popen(
            [sys.executable, "-c", COMMAND, *arguments], stderr=told, env=os.environ | environment
        )
        until(lambda: ready(log.read_text()) or child.poll() is not None)
        start = time.monotonic()
        child.send_signal(number)
        status = child.wait()
        return status, time.monotonic() - start, log.read_text()


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_an_interrupt_ends_in_time_and_says_how_to_go_on(tmp_path: Path, number: int) -> None:
    folder = tmp_path / "store"
    sweep = ["sweep", "duopoly", "--replications", "90000", "--workers", "2", "--out", str(folder)]
    status, seconds, told = interrupted(sweep, lambda _: parts(folder) > 2, number)
    assert (status, seconds < 2.5) == (STATUS, True)
    assert "Traceback" not in told
    first, *others = told[told.index("frandsim: ") :].splitlines()
    assert first == "frandsim: interrupted"
    assert f"{parts(folder)} of 22500 chunks done in {folder}, 0 of them before" in others
    assert others[-1] == f"go on with: frandsim resume {folder}"
    assert not list((folder / "parts").glob(".*"))


def test_an_interrupt_while_compiling_ends_in_time(tmp_path: Path) -> None:
    folder = tmp_path / "store"
    status, seconds, told = interrupted(
        ["sweep", "duopoly", "--out", str(folder)],
        lambda text: "Compiling the model" in text,
        signal.SIGINT,
        XDG_CACHE_HOME=str(tmp_path / "cache"),
    )
    assert (status, seconds < 2.5) == (STATUS, True)
    assert "frandsim: interrupted" in told
    assert told.endswith(f"go on with: frandsim resume {folder}\n")


def test_a_comparison_that_is_interrupted_leaves_no_table(tmp_path: Path) -> None:
    folder = tmp_path / "comparison"
    compare = ["compare", "duopoly", "--replications", "90000", "--out", str(folder)]
    status, seconds, told = interrupted(compare, lambda text: "replications, " in text, signal.SIGINT)
    assert (status, seconds < 2.5) == (STATUS, True)
    assert "frandsim: interrupted" in told
    assert [path.suffix for path in tmp_path.iterdir()] in ([], [".log"])  # nor what was written beside it


def test_a_long_search_ends_when_it_is_asked_to(tmp_path: Path) -> None:
    """Searches run in threads that nobody interrupts: they look themselves."""
    folder = tmp_path / "learned"
    learn = ["evolve", "duopoly", "--regimes", "upc", "--learn", "--starts", "1", "--search", "90000000"]
    status, seconds, told = interrupted(
        [*learn, "--out", str(folder)], lambda text: "of playing" in text, signal.SIGTERM
    )
    assert (status, seconds < 2.5) == (STATUS, True)
    assert "Traceback" not in told


@pytest.mark.slow
def test_four_times_the_rows_take_no_more_memory(tmp_path: Path) -> None:
    peaks = []
    for times in (1, 4):
        words = [sys.executable, "-m", "tests.batch.playing", str(tmp_path / str(times)), str(20_000 * times)]
        ran = subprocess.run(words, capture_output=True, text=True, check=True)
        peaks.append(int(ran.stdout))
    assert peaks[1] <= 1.1 * peaks[0]


def test_an_interrupt_that_is_lost_on_the_way_is_heeded() -> None:
    """What a signal raises inside a finaliser or a callback goes nowhere: play ends all the same."""
    seen: list[int] = []

    def lost(first: int, rows: Rows) -> None:
        seen.append(first)
        with suppress(Interrupted):
            os.kill(os.getpid(), signal.SIGINT)
            time.sleep(0.1)

    scenario = load_scenario("duopoly", replications=40_000)
    with listening(), pytest.raises(Interrupted):
        play(scenario, take=lost)
    assert len(seen) == 1


IMPORTED = """
class Interrupting:
    def find_spec(self, name, *_):
        if name == "typer":
            raise KeyboardInterrupt
sys.meta_path.insert(0, Interrupting())
from simulator.__main__ import main
main()
"""
FINALISED = """
from simulator.batch.interrupt import STATUS, Interrupted, heed, listening
class Finalised:
    def __del__(self):
        os.kill(os.getpid(), signal.SIGTERM)
try:
    with listening():
        Finalised()
        heed()
except Interrupted:
    sys.exit(STATUS)
"""


@pytest.mark.parametrize("code", [IMPORTED, FINALISED])
def test_an_interrupt_leaves_no_traceback_wherever_it_comes(code: str) -> None:
    words = [sys.executable, "-c", "import os, signal, sys\n" + code]
    ran = subprocess.run(words, capture_output=True, text=True, check=False)
    assert (ran.returncode, ran.stderr) == (STATUS, "")
