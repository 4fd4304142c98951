"""What is kept, and what is committed: a changed byte is never believed, a full disk spares the rest."""

from __future__ import annotations

import errno
import json
import os
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from simulator import study
from simulator.batch import files as files_of
from simulator.batch.files import keep, kept
from simulator.errors import ScenarioError
from simulator.evolution import game, stored_games
from simulator.evolution.game import plan
from simulator.evolution.learned import stored
from simulator.evolution.learned.certificate import Recall
from simulator.evolution.learned.files import Library, as_ends, write
from simulator.evolution.learned.regime import learn_regime
from simulator.evolution.stored_games import measured, replicated
from simulator.experiments import evolution
from simulator.report import experiment_text, reproduced
from simulator.spec.load import load_scenario
from simulator.spec.register import lines
from tests.evolution.learned.test_learned_tables import QUICK
from tests.faults.conftest import files as contents
from tests.faults.test_stores import flip, flips


def test_a_flipped_byte_of_a_kept_game_is_found_and_the_game_played_again(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    asked = plan(load_scenario("duopoly", regimes=["upc"]), "upc")
    first = measured(asked, 8, folder=tmp_path)
    (file,) = tmp_path.glob("*.npy")
    whole = contents(tmp_path)
    for place in flips(file, 6):
        flip(file, place)
        again = measured(asked, 8, folder=tmp_path)
        assert np.array_equal(first.samples, again.samples), place
        assert f"{file} is damaged" in capsys.readouterr().err
        file.with_name(f"{file.name}.damaged").unlink()
        assert contents(tmp_path) == whole, place


THERE = Recall(((0.875, 1.0), (0.5, 0.625)))


def test_a_flipped_byte_of_what_was_learned_is_found(tmp_path: Path) -> None:
    path = tmp_path / "recall-20.json"
    stored.write_recall(path, THERE)
    assert stored.read_recall(path) == THERE
    for place in range(path.stat().st_size):
        stored.write_recall(path, THERE)
        flip(path, place)
        assert stored.read_recall(path) is None, place
    stored.write_recall(path, THERE)
    path.with_name(f"{path.name}.sha256").unlink()
    assert stored.read_recall(path) is None, "without its digest nobody knows whether it is whole"


def test_a_kill_between_a_file_and_its_digest_costs_neither_the_old_nor_the_new(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "kept"
    keep(path, b"old")
    put = files_of.put
    for stop, left in ((0, b"old"), (1, b"old"), (2, b"new")):
        fates = iter([put] * stop)

        def killed(*given: Any, fates: Any = fates, **how: Any) -> None:
            act = next(fates, None)
            if act is None:
                raise KeyboardInterrupt
            act(*given, **how)

        monkeypatch.setattr(files_of, "put", killed)
        with pytest.raises(KeyboardInterrupt):
            keep(path, b"new")
        monkeypatch.setattr(files_of, "put", put)
        assert kept(path) == left
    assert (tmp_path / "kept.sha256").read_bytes().count(b"\n") == 2
    keep(path, b"new")
    assert (tmp_path / "kept.sha256").read_bytes().count(b"\n") == 1


def test_what_is_no_file_is_not_waited_for(tmp_path: Path) -> None:
    path = tmp_path / "kept"
    assert kept(path) is None
    keep(path, b"whole")
    assert kept(path) == b"whole"
    path.unlink()
    os.mkfifo(path)
    assert kept(path) is None
    assert path.with_name("kept.damaged").is_fifo()


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of learned strategies."""
    folder = tmp_path_factory.mktemp("library") / "learned"
    scenario = load_scenario("duopoly", regimes=["upc"], replications=4)
    ends = as_ends(learn_regime(scenario, "upc", QUICK))
    write(folder, [(scenario, "upc", ends)])
    return folder


@pytest.mark.parametrize("stop", [OSError(errno.ENOSPC, "No space left on device"), KeyboardInterrupt()])
def test_learning_anew_that_ends_badly_leaves_the_library_there_was(
    library: Path, stop: BaseException, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "learned"
    shutil.copytree(library, folder)
    scenario = load_scenario("duopoly", regimes=["upc"], replications=4)
    ends = Library.read(folder).ends(scenario, "upc")

    def full(*_: object) -> None:
        raise stop

    monkeypatch.setattr("simulator.evolution.learned.files.save", full)
    before = contents(folder)
    with pytest.raises(type(stop)):
        write(folder, [(scenario, "upc", ends)])
    assert contents(folder) == before
    assert sorted(tmp_path.iterdir()) == [folder]


@pytest.mark.parametrize("what", ["register", "answer", "page"])
def test_a_full_disk_spares_the_register_and_the_pages(
    what: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Frozen claims and pages with answers are written whole, or stay as they were."""
    shutil.copytree(Path("experiments/four_switches"), tmp_path / "experiments" / "four_switches")
    shutil.copy("experiments/register.csv", tmp_path / "experiments")
    shutil.copytree("results/four_switches", tmp_path / "results" / "four_switches")
    shutil.copy("results/README.md", tmp_path / "results")
    file = tmp_path / "experiments" / "four_switches" / "experiment.yaml"
    file.write_text(file.read_text("utf-8").replace("replications: 24", "replications: 25"), "utf-8")
    before = contents(tmp_path)

    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    acts: dict[str, Callable[[], object]] = {
        "register": lambda: study.freeze(study.load_experiment(file)),
        "answer": lambda: experiment_text.splice(file.with_name("README.md"), "nothing"),
        "page": lambda: reproduced.write_pages(tmp_path / "results"),
    }
    with pytest.raises(OSError, match="no space left"):
        acts[what]()
    assert contents(tmp_path) == before


def test_an_experiment_of_evolution_goes_on_where_it_was(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Games that were measured before an interrupt are not measured again; in the end none is kept."""
    small = study.load_experiment("dynamic_hold_out", quick=True)
    played: list[str] = []
    measure = replicated

    def counted(asked: object, *more: object, **how: object) -> object:
        played.append("game")
        if len(played) == 3:
            raise KeyboardInterrupt
        return measure(asked, *more, **how)  # type: ignore[arg-type]

    monkeypatch.setattr(evolution, "replicated", counted)
    with pytest.raises(KeyboardInterrupt):
        study.experiment(small, out=tmp_path / "out")
    store = tmp_path / "out" / "store"
    assert len(list((store / "evolution").glob("*.npy"))) == 2
    (store / "somebodys").write_bytes(b"rows")
    again: list[str] = []
    sample = game.sampled

    def sampled(asked: game.GamePlan, *more: Any) -> Any:
        again.append(stored_games.game_hash(asked))
        return sample(asked, *more)

    before = {path.stem for path in (store / "evolution").glob("*.npy")}
    monkeypatch.setattr(evolution, "replicated", replicated)
    monkeypatch.setattr(game, "sampled", sampled)
    went_on = study.experiment(small, out=tmp_path / "out")
    assert again
    assert not before & set(again)
    assert [path.name for path in store.iterdir()] == ["somebodys"]
    monkeypatch.setattr(game, "sampled", sample)
    fresh = study.experiment(small, out=tmp_path / "fresh")
    assert json.dumps(went_on.to_json(), default=str) == json.dumps(fresh.to_json(), default=str)
    assert not (tmp_path / "fresh" / "store").exists()


def test_a_register_that_is_none_is_one_line(tmp_path: Path) -> None:
    path = tmp_path / "register.csv"
    path.write_bytes(b"experiment,digest,date\n\xff\xfe,b,c\n")
    with pytest.raises(ScenarioError, match=r"register.csv:1: this is no register of claims"):
        lines(path)
