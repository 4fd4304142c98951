"""What becomes of a folder of results when its run ends badly, meets another, or follows another."""

from __future__ import annotations

import errno
import json
import os
import shutil
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from simulator import study
from simulator.batch import estimate as ahead
from simulator.batch.estimate import Need, refuse_above
from simulator.cli.studies import comparison_folder
from simulator.errors import ScenarioError
from simulator.interface import compare
from simulator.report import comparison
from simulator.report.page import render
from simulator.spec.load import load_experiment, load_scenario
from simulator.spec.scenario import Scenario
from simulator.study import comparing
from simulator.writing import folders
from simulator.writing.folders import replacing, together, writable
from tests.faults.conftest import files
from tests.play import study_file

NAMES = ["eu-hvzte-2015", "none", "upc"]


def small(seed: int = 1, regimes: list[str] = NAMES) -> Scenario:
    return load_scenario("duopoly", regimes=regimes, replications=3, seed=seed)


def seeds(folder: Path) -> set[int]:
    """Every seed that the files of a comparison name."""
    stated = {json.loads((folder / "manifest.json").read_text())["seed"]}
    report = (folder / "report.html").read_text()
    return stated | {seed for seed in (1, 2) if f"seed {seed}" in report}


@pytest.fixture(scope="module")
def first(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A comparison, made once."""
    folder = tmp_path_factory.mktemp("first")
    study.compare(small(), out=folder / "out", formats=["svg"])
    return folder / "out"


@pytest.fixture(scope="module")
def other(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A comparison of another seed, with fewer regimes, where nothing was before."""
    folder = tmp_path_factory.mktemp("other")
    study.compare(small(2, ["upc"]), out=folder / "out", formats=["svg"])
    return folder / "out"


@pytest.fixture
def before(tmp_path: Path, first: Path) -> Path:
    """The first comparison, with a file of somebody's beside it."""
    folder = tmp_path / "out"
    shutil.copytree(first, folder)
    (folder / "my-notes.txt").write_text("mine")
    return folder


WHERE = [
    "simulator.study.comparing.play_all",
    "simulator.study.comparing._tables",
    "simulator.report.comparison._exports",
]


@pytest.mark.parametrize("where", [*WHERE, "simulator.report.comparison.render"])
@pytest.mark.parametrize("stop", [KeyboardInterrupt(), OSError(errno.ENOSPC, "No space left on device")])
def test_a_comparison_that_ends_badly_leaves_the_one_before(
    before: Path, where: str, stop: BaseException, monkeypatch: pytest.MonkeyPatch
) -> None:
    there = files(before)

    def end(*_: Any, **__: Any) -> Any:
        raise stop

    monkeypatch.setattr(where, end)
    with pytest.raises(type(stop)):
        study.compare(small(2), out=before, formats=["svg"])
    assert files(before) == there
    assert [path.name for path in before.parent.iterdir()] == ["out"]


def test_no_file_of_an_earlier_run_stays_and_no_file_of_mine_goes(before: Path, other: Path) -> None:
    assert files(before).keys() - files(other).keys() > {"my-notes.txt"}
    study.compare(small(2, ["upc"]), out=before, formats=["svg"])
    now = files(before)
    assert now.pop("my-notes.txt") == b"mine"
    assert now == files(other)
    assert seeds(before) == {2}


def test_two_runs_at_once_leave_one_of_them(before: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The second begins and ends while the first writes its report."""
    nested = list[bool]()

    def meanwhile(*arguments: Any) -> str:
        if not nested:
            nested.append(True)
            study.compare(small(2), out=before, formats=[])
            assert seeds(before) == {2}
        return render(*arguments)

    monkeypatch.setattr(comparison, "render", meanwhile)
    study.compare(small(), out=before, formats=[])
    assert seeds(before) == {1}
    assert (before / "my-notes.txt").read_text() == "mine"


def test_what_is_replaced_is_told(before: Path, capsys: pytest.CaptureFixture[str]) -> None:
    capsys.readouterr()
    study.compare(small(), out=before, formats=[])
    assert "replaced" not in capsys.readouterr().err
    study.compare(small(2), out=before, formats=[], equal_procedure=True)
    told = capsys.readouterr().err
    assert f"{before}: the results there, of another run (seed 1; replications 3; regimes eu-hvzte" in told


@pytest.mark.parametrize("text", ["", "[1]", '{"seed": "\\u001b[2J", "files": [1]}'])
def test_a_damaged_manifest_there_is_no_obstacle(before: Path, text: str) -> None:
    (before / "manifest.json").write_text(text)
    study.compare(small(2), out=before, formats=[])
    assert seeds(before) == {2}


def test_the_default_folder_says_what_it_holds() -> None:
    plain = comparison_folder(small())
    assert plain == Path("results/compare/duopoly")
    options: list[dict[str, Any]] = [
        {},
        {"equal_procedure": True},
        {"evolved": True},
        {"seed": 1},
        {"replications": 3},
        {"regimes": NAMES},
        {"learned": True},
    ]
    names = [comparison_folder(small(), **one).name for one in options]
    assert len(set(names)) == len(names)
    assert names[1] == "duopoly-equal-procedure"
    assert names[5] == "duopoly-eu-hvzte-2015+none+upc"


def test_the_current_folder_can_be_the_place(
    before: Path, other: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(before)
    study.compare(small(2, ["upc"]), out=Path(), formats=["svg"])
    now = files(before)
    assert now.pop("my-notes.txt") == b"mine"
    assert now == files(other)


def test_a_kill_between_the_two_renames_is_mended_by_the_next_run(
    before: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The old folder stands aside and the new one is not in place: what is there is still of one run."""
    whole = files(before)
    before.rename(before.with_name(f".{before.name}.1-abcd.old"))
    with pytest.raises(KeyError), replacing(before):
        raise KeyError
    assert files(before) == whole


def test_an_experiment_that_ends_badly_leaves_the_answer_before(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    plan = load_experiment("disclosure", replications=2, quick=True)
    out = tmp_path / "out"
    study.experiment(plan, out=out)
    there = files(out)

    def end(*_: Any, **__: Any) -> Any:
        raise KeyboardInterrupt

    monkeypatch.setattr("simulator.report.experiment.figures", end)
    with pytest.raises(KeyboardInterrupt):
        study.experiment(load_experiment("disclosure", replications=2, seed=2, quick=True), out=out)
    now = {name: data for name, data in files(out).items() if not name.startswith("store")}
    assert now == there


def test_a_comparison_above_the_disk_or_the_memory_is_refused_before_it_is_played(tmp_path: Path) -> None:
    huge = small().model_copy(update={"replications": 10**9})
    with pytest.raises(ScenarioError, match=r"3,000,000,000 negotiations take about .* GB of disk") as told:
        study.compare(huge, out=tmp_path / "out")
    assert "frandsim sweep" in str(told.value)
    assert not list(tmp_path.iterdir())


def test_a_long_comparison_goes_on_where_it_was(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(ahead, "LONG", 5)
    monkeypatch.setattr("simulator.batch.layout.CHUNK_ROWS", 3)
    real = comparing._tables

    def end(*_: Any) -> Any:
        raise KeyboardInterrupt

    monkeypatch.setattr(comparing, "_tables", end)
    with pytest.raises(KeyboardInterrupt):
        study.compare(small(), out=tmp_path / "out", formats=[])
    assert len(list((tmp_path / "out" / "store" / "parts").iterdir())) == 3
    assert "after an interrupt, the same command goes on" in capsys.readouterr().err
    monkeypatch.setattr(comparing, "_tables", real)
    monkeypatch.setattr("simulator.batch.runner.try_chunk", end)  # nothing is played again
    study.compare(small(), out=tmp_path / "out", formats=[])
    monkeypatch.undo()
    monkeypatch.setattr("simulator.batch.layout.CHUNK_ROWS", 3)
    study.compare(small(), out=tmp_path / "fresh", formats=[])
    assert files(tmp_path / "out") == files(tmp_path / "fresh")


def test_what_a_kill_left_of_a_neighbour_is_none_of_ours(before: Path) -> None:
    whole = files(before)
    left = before.with_name(f".{before.name}.b.1-abcd.old")
    before.rename(left)
    with pytest.raises(KeyError), replacing(before):
        raise KeyError
    assert not before.exists()
    assert files(left) == whole


def test_what_another_run_still_writes_is_not_swept_out(before: Path) -> None:
    """A folder made days ago in which something was written just now."""
    running = before.with_name(f".{before.name}.1-abcd.new")
    running.mkdir()
    (running / "outcomes.parquet").write_bytes(b"rows")
    os.utime(running, (0, 0))
    with pytest.raises(KeyError), replacing(before):
        raise KeyError
    assert files(running)
    os.utime(running / "outcomes.parquet", (0, 0))
    with pytest.raises(KeyError), replacing(before):
        raise KeyError
    assert not running.exists()


@pytest.mark.parametrize("inside", [False, True])
def test_where_the_manifest_does_not_read_all_that_was_there_is_kept_apart(
    before: Path,
    other: Path,
    inside: bool,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """Nobody can tell results of an earlier run from somebody's own files then."""
    (before / "manifest.json").write_bytes(b"{")
    was = files(before)
    if inside:
        monkeypatch.chdir(before)
    study.compare(small(2, ["upc"]), out=Path() if inside else before, formats=["svg"])
    assert "its manifest does not read, so what was there is kept in before-" in capsys.readouterr().err
    (kept,) = before.glob("before-*")
    assert files(kept) == was
    assert {name: data for name, data in files(before).items() if not name.startswith("before-")} == files(
        other
    )


def test_a_report_from_python_is_all_or_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    out = tmp_path / "out"
    compare("duopoly", regimes=NAMES, replications=3).report(out, "svg")
    plane = out / "figures" / "plane.svg"
    assert plane.is_file()
    one = compare("duopoly", regimes=["upc"], replications=3, seed=2)
    one.report(out, "svg")
    assert not plane.exists(), "one regime has none"
    there = files(out)
    one.report(tmp_path / "fresh", "svg")
    assert there == files(tmp_path / "fresh")
    (out / "figures" / "mine.png").write_bytes(b"mine")
    (out / "notes.txt").write_bytes(b"mine")
    one.report(out, "svg")
    there |= {"figures/mine.png": b"mine", "notes.txt": b"mine"}
    assert files(out) == there, "what is somebody's own stays"

    def end(*_: Any, **__: Any) -> Any:
        raise KeyboardInterrupt

    monkeypatch.setattr(comparison, "render", end)
    with pytest.raises(KeyboardInterrupt):
        compare("duopoly", regimes=NAMES, replications=3).report(out, "svg")
    assert files(out) == there


def test_a_report_beside_the_rows_of_its_own_comparison_leaves_them(tmp_path: Path) -> None:
    compared = compare("duopoly", regimes=NAMES, replications=3, out=tmp_path / "out", formats="svg")
    rows = (tmp_path / "out" / "outcomes.parquet").read_bytes()
    compared.report(tmp_path / "out", "svg")
    assert (tmp_path / "out" / "outcomes.parquet").read_bytes() == rows
    compare("duopoly", regimes=NAMES, replications=3, seed=2).report(tmp_path / "out", "svg")
    assert not (tmp_path / "out" / "outcomes.parquet").exists(), "rows of another seed"


def test_what_an_interrupted_comparison_holds_already_counts_as_room(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    room = SimpleNamespace(free=60)
    monkeypatch.setattr("simulator.batch.estimate.shutil.disk_usage", lambda _: room)
    need = Need(1, 80.0, 0.0, 1.0)
    with pytest.raises(ScenarioError, match=r"0\.0 GB of disk"):
        refuse_above(need, small(), tmp_path)
    refuse_above(need, small(), tmp_path, left=40)


EVOLVING = """
experiment: evolving
schema: 2
title: Where imitation leads
question: Where does imitation lead under two laws?
scenario: duopoly
regimes: [us-ebay, upc]
baseline: us-ebay
replications: 4
seed: 1
outcomes: [deadlock_rate]
evolution: {replications: 4}
"""
PLAYED = EVOLVING.replace("evolution: {replications: 4}", "").replace("evolving", "played")


@pytest.mark.parametrize("text", [EVOLVING, PLAYED])
def test_long_experiments_are_measured_told_and_refused_before_they_begin(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], text: str
) -> None:
    name = "evolving" if "evolving" in text else "played"
    plan = load_experiment(study_file(tmp_path, name, text))
    monkeypatch.setattr(ahead, "LONG", 5)
    study.experiment(plan, out=tmp_path / "out", progress=True)
    said = capsys.readouterr().err
    assert "negotiations: measuring what they take" in said
    assert "of playing; after an interrupt, the same command goes on" in said
    shutil.rmtree(tmp_path / "out")
    monkeypatch.setattr("simulator.batch.estimate.shutil.disk_usage", lambda _: SimpleNamespace(free=60))
    with pytest.raises(ScenarioError, match="fewer replications, points or regimes"):
        study.experiment(plan, out=tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_games_and_searches_are_measured_told_and_refused_before_they_begin(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(ScenarioError, match=r"a smaller --budget, fewer regimes, strategies or values"):
        study.evolve(small(), study.adaptation(budget=10**9), out=tmp_path / "out")
    assert not (tmp_path / "out").exists()
    short = study.learning(budget=100, rounds=1, starts=1, recall_seeds=0)
    study.learn(small(regimes=["upc"]), short, progress=True)
    assert "measuring" not in capsys.readouterr().err
    monkeypatch.setattr(ahead, "LONG", 5)
    study.learn(small(regimes=["upc"]), short, progress=True)
    said = capsys.readouterr().err
    assert "searches alone, at most: 3,250 negotiations take about 1 minute of playing" in said


def test_a_link_to_itself_is_one_clear_line(tmp_path: Path) -> None:
    (tmp_path / "loop").symlink_to("loop")
    with pytest.raises(OSError, match="is a link that leads to itself"), replacing(tmp_path / "loop"):
        pass


def somebodys(folder: Path) -> dict[str, tuple[int, int]]:
    """What somebody keeps in a folder: the mode and the number of each thing."""
    return {
        str(path.relative_to(folder)): (path.lstat().st_mode, path.lstat().st_ino * path.is_file())
        for path in folder.rglob("*")
    }


@pytest.mark.parametrize("how", ["come along", "nobody may own it", "cannot be read"])
def test_what_somebody_keeps_beside_results_stays_as_it_is(
    how: str, before: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Empty folders (a repository has some), modes, pipes and links; where it cannot come along, in place."""
    mine = before / "kept"
    for name in (".git/refs/tags", ".git/objects", ".ssh", "deep/er"):
        (mine / name).mkdir(parents=True)
    (mine / ".ssh" / "key").write_text("secret")
    (mine / ".ssh").chmod(0o700)
    (mine / "deep" / "er").chmod(0o500)
    os.mkfifo(mine / "pipe")
    (mine / "link").symlink_to("nowhere")
    (before / "old figures").mkdir()
    (before / "old figures" / "a.svg").write_text("<svg/>")
    manifest = json.loads((before / "manifest.json").read_text())
    manifest["files"] |= {"old figures/a.svg": ""}
    (before / "manifest.json").write_text(json.dumps(manifest))
    kept = somebodys(mine)
    walk = os.walk

    def refused(*_: Any) -> None:
        raise PermissionError(errno.EPERM, "not yours")

    def unread(place: Path, onerror: Any = None) -> Any:
        if onerror is not None and Path(place) == before:
            onerror(PermissionError(errno.EACCES, "locked"))
        return walk(place, onerror=onerror)

    if how == "nobody may own it":
        monkeypatch.setattr(folders, "_alike", refused)
    elif how == "cannot be read":
        monkeypatch.setattr(os, "walk", unread)
    with replacing(before) as beside:
        (beside / "new.csv").write_text("a\n")
        (beside / "manifest.json").write_text("{}")
    assert somebodys(mine) == kept
    assert (before / "new.csv").is_file()
    assert not (before / "old figures" / "a.svg").exists()
    assert (before / "old figures").exists() == (how != "come along")
    assert not list(before.parent.glob(".*"))


@pytest.mark.parametrize("place", [replacing, together, writable])
@pytest.mark.parametrize(("names", "told"), [((), "out"), (("rows.csv",), "rows.csv")])
def test_a_full_disk_is_told_with_its_place(tmp_path: Path, place: Any, names: tuple[str], told: str) -> None:
    with pytest.raises(OSError, match="No space left") as error, place(tmp_path / "out"):
        raise OSError(errno.ENOSPC, "No space left on device", *names)
    assert Path(error.value.filename).name == told


@pytest.mark.parametrize("place", [replacing, together, writable])
def test_what_has_to_do_with_no_file_is_not_told_as_if_it_had(tmp_path: Path, place: Any) -> None:
    """A helper that cannot be reached, while results are made for the folder."""
    with pytest.raises(ConnectionError) as error, place(tmp_path / "out"):
        raise ConnectionRefusedError(errno.ECONNREFUSED, "Connection refused")
    assert error.value.filename is None


def test_files_go_together_and_none_that_was_read_or_is_no_file(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    ours = tmp_path.parent / "ours"
    ours.mkdir()
    for name in ("read.csv", "a.csv"):
        (ours / name).write_text("ours")
    (tmp_path / "read.csv").write_text("mine")
    mine = tmp_path / "read.csv"
    with pytest.raises(ScenarioError, match="is what was read"), together(tmp_path, read=mine) as beside:
        shutil.copytree(ours, beside, dirs_exist_ok=True)
    assert (tmp_path / "read.csv").read_text() == "mine"
    assert [path.name for path in tmp_path.iterdir()] == ["read.csv"], "nothing of it came"
    os.mkfifo(tmp_path / "a.csv")
    with pytest.raises(ScenarioError, match=r"a.csv: is no regular file"), together(tmp_path) as beside:
        (beside / "a.csv").write_text("ours")
    capsys.readouterr()
    (tmp_path / "link.csv").symlink_to("read.csv")
    for text, told in (
        ("ours", "read.csv: the file there is replaced"),
        ("ours", ""),
        ("new", "link.csv: the"),
    ):
        with together(tmp_path) as beside:
            (beside / ("link.csv" if text == "new" else "read.csv")).write_text(text)
        said = capsys.readouterr().err
        assert told in said
        assert bool(told) == bool(said)
    assert (tmp_path / "link.csv").is_symlink()
    assert (tmp_path / "read.csv").read_text() == "new"
