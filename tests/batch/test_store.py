"""A store over time: growth, refusals, damage, disks and folders that do not do."""

from __future__ import annotations

import errno
import json
import os
import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from simulator.batch import store as module
from simulator.batch.layout import Layout, OneCell
from simulator.batch.runner import play
from simulator.batch.status import status
from simulator.batch.store import ASIDE, Store
from simulator.batch.tally import BatchError, Report
from simulator.engine.build import build
from simulator.engine.run import run_chunk
from simulator.errors import ScenarioError
from simulator.outcomes.rows import Rows
from simulator.spec.load import load_regime, load_scenario
from simulator.spec.scenario import Scenario
from tests.batch.conftest import Written, files


def more(scenario: Scenario, /, **changes: Any) -> Scenario:
    return scenario.model_copy(update=changes)


def read(plan: Any, folder: Path) -> tuple[Report, Rows]:
    """Play a plan into a store, and the rows as they were handed on."""
    rows: list[Rows] = []
    report = play(plan, store=Store(folder), take=lambda _, some: rows.append(some))
    return report, np.concatenate(rows)


def straight(scenario: Scenario) -> bytes:
    return run_chunk(build(scenario), scenario.seed, range(scenario.replications)).tobytes()


def test_more_replications_play_only_what_is_missing(scenario: Scenario, tmp_path: Path) -> None:
    read(scenario, tmp_path)
    report, rows = read(more(scenario, replications=14), tmp_path)
    assert (report.rows, report.reused) == (8, 3)  # 10 and 11 complete a chunk, 12 and 13 are another
    assert rows.tobytes() == straight(more(scenario, replications=14))
    assert Store(tmp_path).manifest["replications"] == 14


def test_another_regime_plays_only_that_regime(scenario: Scenario, tmp_path: Path) -> None:
    read(scenario, tmp_path)
    wider = more(scenario, regimes=(load_regime("upc"), *scenario.regimes))
    report, rows = read(wider, tmp_path)
    assert report.rows == 10
    assert rows.tobytes() == straight(wider)


def test_more_points_keep_the_old_ones_whatever_their_number(written: Written, tmp_path: Path) -> None:
    folder = tmp_path / "store"
    read(written("[0.02, 0.08]"), folder)
    report, rows = read(written("[0.01, 0.02, 0.05, 0.08]"), folder)
    assert report.rows == 2 * 12
    _, fresh = read(written("[0.01, 0.02, 0.05, 0.08]"), tmp_path / "fresh")
    assert rows.tobytes() == fresh.tobytes()
    assert files(folder) == files(tmp_path / "fresh")


def test_everything_at_once_grows_into_what_one_run_gives(written: Written, tmp_path: Path) -> None:
    folder = tmp_path / "store"
    read(written("[0.02, 0.08]"), folder)
    grown = written("[0.02, 0.05, 0.08]", regimes="[upc, none, eu-hvzte-2015]", replications="8")
    report, rows = read(grown, folder)
    assert report.rows == 3 * 3 * 8 - 2 * 2 * 6
    _, fresh = read(grown, tmp_path / "fresh")
    assert rows.tobytes() == fresh.tobytes()


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"seed": 5}, r"scenario\.seed: 1 there, 5 here"),
        ({"replications": 9}, "replications: 10 there, 9 here"),
        ({"regimes": ()}, "regime eu-hvzte-2015: there, but not here; regime none: there, but not here"),
        ({"scenario": "other"}, r"scenario\.scenario: \"duopoly\" there, \"other\" here"),
    ],
)
def test_another_plan_is_refused_with_what_differs(
    scenario: Scenario, tmp_path: Path, changes: dict[str, Any], told: str
) -> None:
    play(scenario, store=Store(tmp_path))
    before = files(tmp_path)
    with pytest.raises(ScenarioError, match=f"{tmp_path}: .*{told}"):
        play(more(scenario, **changes), store=Store(tmp_path))
    assert files(tmp_path) == before


def test_a_changed_number_is_named_by_its_path(scenario: Scenario, tmp_path: Path) -> None:
    play(scenario, store=Store(tmp_path))
    group = scenario.market.holders[0].model_copy(update={"count": 3})
    market = scenario.market.model_copy(update={"holders": (group,)})
    with pytest.raises(ScenarioError, match=r"scenario\.market\.holders\[0\]\.count: 1 there, 3 here"):
        play(more(scenario, market=market), store=Store(tmp_path))
    law = scenario.regimes[1].model_copy(update={"title": "Something else"})
    with pytest.raises(ScenarioError, match=r"regime none\.title: .* there, \"Something else\" here"):
        play(more(scenario, regimes=(scenario.regimes[0], law)), store=Store(tmp_path))


def test_lost_points_and_other_axes_are_refused(written: Written, tmp_path: Path) -> None:
    folder = tmp_path / "store"
    play(written("[0.02, 0.08]"), store=Store(folder))
    with pytest.raises(ScenarioError, match=r"cells: 1 there that are not here, the first .* = 0\.08"):
        play(written("[0.02, 0.05]"), store=Store(folder))
    with pytest.raises(ScenarioError, match=r"varied: court\.interest\.court there, beliefs\.bias here"):
        play(written("[0.02, 0.08]", parameter="beliefs.bias"), store=Store(folder))


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (lambda made: made["libraries"].update(numpy="1.0"), r"numpy: 1\.0 there, .* here"),
        (lambda made: made.update(python="2.7"), r"python: 2\.7 there, 3\..* here"),
        (
            lambda made: made.update(code="old", sources=made["sources"] | {"engine/court.py": "old"}),
            r"the simulator's code: engine/court\.py",
        ),
    ],
)
def test_other_code_or_libraries_are_refused_with_what_differs(
    scenario: Scenario, tmp_path: Path, change: Any, told: str
) -> None:
    play(scenario, store=Store(tmp_path))
    path = tmp_path / "manifest.json"
    manifest = json.loads(path.read_text())
    change(manifest["origin"])
    path.write_text(json.dumps(manifest))
    with pytest.raises(ScenarioError, match=told):
        play(scenario, store=Store(tmp_path))
    (difference,) = status(Store(tmp_path)).differences
    assert re.search(told, difference)


def test_parts_of_another_plan_stand_aside_where_a_store_is_to_be_replaced(
    scenario: Scenario, tmp_path: Path
) -> None:
    play(scenario, store=Store(tmp_path / "store"))
    before = files(tmp_path / "store")
    other = more(scenario, seed=5)
    report = play(other, store=Store(tmp_path / "store", replace=True))
    assert report.parts == 4
    play(other, store=Store(tmp_path / "fresh"))
    (aside,) = (tmp_path / "store" / ASIDE).iterdir()
    assert files(aside) == before
    own = {name: data for name, data in files(tmp_path / "store").items() if not name.startswith(ASIDE)}
    assert own == files(tmp_path / "fresh")
    report = play(other, store=Store(tmp_path / "store", replace=True))
    assert report.parts == 0
    Store(tmp_path / "store").discard()
    assert files(aside) == before


def test_parts_of_other_code_go_where_a_store_is_to_be_replaced(scenario: Scenario, tmp_path: Path) -> None:
    """No run can go on with them."""
    play(scenario, store=Store(tmp_path))
    path = tmp_path / "manifest.json"
    manifest = json.loads(path.read_text())
    manifest["origin"]["code"] = "old"
    path.write_text(json.dumps(manifest))
    store = Store(tmp_path, replace=True)
    assert play(scenario, store=store).reused == 0
    assert not (tmp_path / ASIDE).exists()


@pytest.mark.parametrize("left", ["whole", "torn"])
def test_what_stands_aside_is_gone_on_with_by_the_code_that_left_it(
    scenario: Scenario, tmp_path: Path, left: str
) -> None:
    """Also where a kill came while it was moved; not after the code has changed."""

    def interrupted(plan: Scenario) -> Report:
        store = Store(tmp_path, replace=True)
        report = play(plan, store=store)
        store.__exit__(KeyboardInterrupt, None, None)
        return report

    interrupted(scenario)
    before = files(tmp_path)
    interrupted(more(scenario, seed=5))
    aside = Store(tmp_path).aside(Layout(OneCell(scenario)))
    if left == "torn":  # killed on its way back
        Store(tmp_path).discard()
        (aside / "manifest.json").rename(tmp_path / "manifest.json")
        (tmp_path / "parts").mkdir()
        part = next((aside / "parts").iterdir())
        part.rename(tmp_path / "parts" / part.name)
    report = interrupted(scenario)
    assert report.reused == report.chunks
    own = {name: data for name, data in files(tmp_path).items() if not name.startswith(ASIDE)}
    assert own == before

    interrupted(more(scenario, seed=5))
    manifest = json.loads((aside / "manifest.json").read_text())
    manifest["origin"]["code"] = "old"
    (aside / "manifest.json").write_text(json.dumps(manifest))
    assert interrupted(scenario).reused == 0


def cut(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-40])


def empty(path: Path) -> None:
    path.write_bytes(b"")


def foreign_name(path: Path) -> None:
    path.write_bytes(max(path.parent.iterdir()).read_bytes())


@pytest.mark.parametrize("damage", [cut, empty, foreign_name])
def test_a_torn_part_is_set_aside_and_played_again(scenario: Scenario, tmp_path: Path, damage: Any) -> None:
    play(scenario, store=Store(tmp_path))
    before = files(tmp_path)
    victim = sorted((tmp_path / "parts").iterdir())[0]
    damage(victim)
    report = play(scenario, store=Store(tmp_path))
    assert (report.torn, report.parts) == ([victim.name], 1)
    assert f"set aside, damaged: {victim.name}" in report.summary()
    now = files(tmp_path)
    assert now.pop(f"torn/{victim.name}") != before[f"parts/{victim.name}"]
    assert now == before


def test_a_part_with_damaged_rows_is_found_when_it_is_read(scenario: Scenario, tmp_path: Path) -> None:
    play(scenario, store=Store(tmp_path))
    before = files(tmp_path)
    victim = sorted((tmp_path / "parts").iterdir())[0]
    data = bytearray(victim.read_bytes())
    data[40] ^= 0xFF
    victim.write_bytes(data)
    report, rows = read(scenario, tmp_path)
    assert (report.torn, report.parts) == ([victim.name], 1)
    assert rows.tobytes() == straight(scenario)
    now = files(tmp_path)
    del now[f"torn/{victim.name}"]
    assert now == before


def test_a_part_of_another_plan_is_named(scenario: Scenario, tmp_path: Path) -> None:
    play(scenario, store=Store(tmp_path / "one"))
    play(more(scenario, seed=2), store=Store(tmp_path / "two"))
    stray = sorted((tmp_path / "two" / "parts").iterdir())[0]
    for kind, name in (("parts", stray.name), ("digests", f"{stray.stem}.sha256")):
        (tmp_path / "one" / kind / name).write_bytes((tmp_path / "two" / kind / name).read_bytes())
    with pytest.raises(ScenarioError, match=f"{stray.name}: is no part of what the manifest plans"):
        play(scenario, store=Store(tmp_path / "one"))


def test_a_full_disk_ends_the_batch_with_nothing_torn(
    scenario: Scenario, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real, left = os.fsync, [4]  # the manifest and the first part take two calls each

    def fsync(handle: int) -> None:
        left[0] -= 1
        if left[0] < 0:
            raise OSError(errno.ENOSPC, "No space left on device")
        real(handle)

    monkeypatch.setattr(os, "fsync", fsync)
    with pytest.raises(BatchError, match=r"no space left; make room(?s:.)*1 of 4 chunks done(?s:.)*resume"):
        play(scenario, store=Store(tmp_path / "store"))
    assert len(files(tmp_path / "store" / "parts")) == 1
    monkeypatch.undo()
    monkeypatch.setattr("simulator.batch.layout.CHUNK_ROWS", 6)
    play(scenario, store=Store(tmp_path / "store"))
    play(scenario, store=Store(tmp_path / "straight"))
    assert files(tmp_path / "store") == files(tmp_path / "straight")


@pytest.mark.parametrize("number", [errno.EACCES, errno.EROFS])
def test_a_folder_that_cannot_be_written_is_bad_input(
    scenario: Scenario, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, number: int
) -> None:
    def refuse(path: Path, data: bytes, **_: bool) -> None:
        raise OSError(number, os.strerror(number), str(path))

    monkeypatch.setattr(module, "put", refuse)
    with pytest.raises(ScenarioError, match=f"{tmp_path}: cannot be written; name a folder you may write"):
        play(scenario, store=Store(tmp_path))


def test_a_file_in_place_of_a_folder_is_bad_input(scenario: Scenario, tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.write_text("not a folder")
    for folder in (file, file / "below"):
        with pytest.raises(ScenarioError, match="is a file, or has one in its path; name a folder"):
            play(scenario, store=Store(folder))
    assert file.read_text() == "not a folder"


@pytest.mark.parametrize("text", ["", "{}", '{"form": 99, "origin": {}}', '{"files": []}'])
def test_another_manifest_is_left_alone(scenario: Scenario, tmp_path: Path, text: str) -> None:
    (tmp_path / "manifest.json").write_text(text)
    with pytest.raises(ScenarioError, match="is not the manifest of a store that this version reads"):
        play(scenario, store=Store(tmp_path))
    assert (tmp_path / "manifest.json").read_text() == text


def test_cuts_depend_on_the_plan_alone(scenario: Scenario) -> None:
    short, longer = Layout(OneCell(scenario)), Layout(OneCell(more(scenario, replications=50)))
    assert longer.spans(0)[:3] == short.spans(0)[:3]
    parts = [set(longer.mine((turn, 3))) for turn in (1, 2, 3)]
    assert set.union(*parts) == set(longer.mine())
    assert sum(map(len, parts)) == len(set(longer.mine()))
    assert Layout(OneCell(load_scenario("cellular"))).spans(0)[0] == range(1)


def test_two_batches_in_one_folder_do_each_other_no_harm(scenario: Scenario, tmp_path: Path) -> None:
    many = more(scenario, replications=30)
    inner: list[Report] = []

    def interfere(report: Report) -> None:
        if report.done >= 3 and not inner:  # chunks that end together are told of together
            assert report.done < report.chunks
            inner.append(play(many, store=Store(tmp_path / "store"), workers=2))

    outer = play(many, store=Store(tmp_path / "store"), on_progress=interfere)
    assert outer.complete
    assert inner[0].complete
    play(many, store=Store(tmp_path / "straight"))
    assert files(tmp_path / "store") == files(tmp_path / "straight")


def test_status_tells_how_far_it_is_and_changes_nothing(scenario: Scenario, tmp_path: Path) -> None:
    play(scenario, store=Store(tmp_path))
    victim = sorted((tmp_path / "parts").iterdir())[0]
    cut(victim)
    before = files(tmp_path)
    found = status(Store(tmp_path))
    assert (found.chunks, found.done, found.parts, found.complete) == (4, 3, 3, False)
    assert found.torn == (victim.name,)
    assert found.resume == f"frandsim resume {tmp_path}"
    assert files(tmp_path) == before
