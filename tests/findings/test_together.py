"""Experiments side by side: the answers of one after the other, and one clear end where one fails."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from simulator.batch.helper import Gone, Helper, attend
from simulator.errors import ScenarioError
from simulator.spec.load import load_experiment
from simulator.study import Manner, answers
from simulator.study.together import LONG

PLAN = """
experiment: {name}
title: The plan called {name}
question: Is it the same beside others?
scenario: duopoly
regimes: [us-ebay, none]
replications: 3
outcomes: [deadlock_rate]
"""
ADAPTS = "quick: {replications: 2, games: 4}\nevolution: {replications: 8}\n"


@pytest.fixture
def plans(tmp_path: Path) -> list[str]:
    """Three experiments in files, of which the last in the alphabet adapts."""
    paths = []
    for name in ("alpha", "beta", "gamma"):
        path = tmp_path / name / "experiment.yaml"
        path.parent.mkdir()
        path.write_text(PLAN.format(name=name) + ADAPTS * (name == "gamma"), encoding="utf-8")
        paths.append(str(path))
    return paths


def test_side_by_side_they_answer_as_one_after_the_other(plans: list[str], tmp_path: Path) -> None:
    said: list[str] = []
    for workers in (1, 2):
        how = Manner(every=True, workers=workers, out=tmp_path / str(workers), as_json=True, progress=False)
        done = {one.experiment: one for one in answers(plans, how, said.append)}
        assert sorted(done) == ["alpha", "beta", "gamma"]
        assert all(one.data and one.written and not one.changed for one in done.values())
    assert "gamma" in said[3], "what takes longest begins first"
    assert "The plan called gamma" in said[3]
    tables = sorted(path.relative_to(tmp_path / "1") for path in (tmp_path / "1").rglob("*.csv"))
    assert {table.parts[0] for table in tables} == {"alpha", "beta", "gamma"}
    for table in tables:
        assert (tmp_path / "1" / table).read_bytes() == (tmp_path / "2" / table).read_bytes()


def test_what_takes_longest_has_all_threads(plans: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    """It is played last of all, alone: with its own share of threads the other processors would idle."""
    threads = {}

    class Told:
        def __init__(self, _: str) -> None:
            pass

        def ask(self, task: tuple[str, Manner]) -> str:
            threads[Path(task[0]).parent.name] = task[1].workers
            return task[0]

        def let_go(self, _: float) -> None:
            pass

    monkeypatch.setattr("simulator.study.together.Helper", Told)
    assert len(list(answers(plans, Manner(every=True, workers=6), lambda _: None))) == 3
    assert threads == {"alpha": 2, "beta": 2, "gamma": 6}


def test_the_first_that_fails_ends_them_with_its_own_words(plans: list[str], tmp_path: Path) -> None:
    Path(plans[1]).write_text(PLAN.format(name="beta").replace("us-ebay", "us-ebai"), encoding="utf-8")
    with pytest.raises(ScenarioError, match=r"beta.experiment.yaml:6: .*us-ebai"):
        list(answers(plans, Manner(every=True, workers=2, out=tmp_path / "out"), lambda _: None))


def test_quick_plays_fewer_games(plans: list[str]) -> None:
    whole, quick = (load_experiment(plans[2], quick=quick).evolution for quick in (False, True))
    assert whole is not None
    assert quick is not None
    assert (whole.replications, quick.replications) == (8, 4)
    departures = load_experiment(plans[2], quick=True).departures
    assert departures == ("replications 2 in place of 3", "games 4 in place of 8")
    assert {"evolution", "learning"} == LONG
    path = Path(plans[0])
    path.write_text(
        path.read_text(encoding="utf-8") + "quick: {replications: 2, games: 4}\n", encoding="utf-8"
    )
    with pytest.raises(ScenarioError, match="there are no games to play"):
        load_experiment(path)


class Odd(Exception):  # noqa: N818
    """An error that cannot be made again from its text."""

    def __init__(self, one: str, other: str) -> None:
        super().__init__(f"{one} and {other}")


def serve() -> None:
    """What the helpers of this file do: print, fail, end."""

    def done(task: str) -> str:
        print("what a task prints is no answer")
        if task == "fail":
            raise ValueError("the task's own words")
        if task == "full":
            raise OSError(28, "No space left on device")
        if task == "odd":
            raise Odd("one", "two")
        if task.startswith("write "):
            place = Path(task.removeprefix("write "))
            try:
                place.mkdir()
                time.sleep(60)
            finally:
                place.rmdir()
        if task == "end":
            os._exit(1)
        return task.upper()

    attend(done)


def test_a_helper_answers_fails_and_goes(capfd: pytest.CaptureFixture[str]) -> None:
    helper = Helper(__name__)
    assert helper.ask("a") == "A"
    with pytest.raises(ValueError, match="the task's own words"):
        helper.ask("fail")
    with pytest.raises(OSError, match="No space left"):
        helper.ask("full")
    with pytest.raises(RuntimeError, match="one and two"):
        helper.ask("odd")
    assert helper.ask("b") == "B"
    assert "no answer" in capfd.readouterr().err
    for _ in range(2):  # as it ends, and after
        with pytest.raises(Gone):
            helper.ask("end")
    helper.let_go()
    assert helper.process.returncode is not None


def test_a_helper_that_waits_is_let_go_without_a_word(capfd: pytest.CaptureFixture[str]) -> None:
    """It listens as its process ends, which is no fault of the interpreter's."""
    helper = Helper(__name__)
    assert helper.ask("a") == "A"
    helper.let_go(10.0)
    assert helper.process.returncode == 1
    assert capfd.readouterr().err == "what a task prints is no answer\n"


def test_a_helper_that_is_let_go_takes_away_what_it_has_half_written(tmp_path: Path) -> None:
    """And so does one whose caller is gone."""
    ends: dict[str, Callable[[Helper], None]] = {"let-go": lambda helper: helper.let_go(5.0), "gone": _gone}
    for place, end in ends.items():
        helper = Helper(__name__)
        with ThreadPoolExecutor(1) as pool:
            asked = pool.submit(helper.ask, f"write {tmp_path / place}")
            while not (tmp_path / place).exists():
                time.sleep(0.05)
            end(helper)
            with pytest.raises(Gone):
                asked.result()
        helper.process.wait(10)
        helper.let_go()
        assert not (tmp_path / place).exists()


def _gone(helper: Helper) -> None:
    assert helper.process.stdin is not None
    helper.process.stdin.close()
