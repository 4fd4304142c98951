"""What happens to a store: flipped bytes, damaged manifests, two plans at the same instant."""

from __future__ import annotations

import hashlib
import json
import multiprocessing
import os
import re
from collections.abc import Callable
from multiprocessing.synchronize import Barrier
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow.parquet as pq
import pytest

from simulator.batch.export import WRITERS, Form, export
from simulator.batch.files import put
from simulator.batch.layout import Layout
from simulator.batch.merge import merge
from simulator.batch.runner import play
from simulator.batch.status import status
from simulator.batch.store import Store
from simulator.batch.tally import BatchError
from simulator.errors import ScenarioError
from simulator.spec.load import load_experiment, load_scenario
from simulator.spec.scenario import Scenario
from simulator.writing.terminal import text
from tests.faults.conftest import files


def flip(path: Path, place: int) -> None:
    data = bytearray(path.read_bytes())
    data[place] ^= 0x10
    path.write_bytes(data)


def flips(path: Path, count: int) -> list[int]:
    """Places all over a file: its first and last byte, and some in every stretch between."""
    size = path.stat().st_size
    return sorted({0, size - 1, *np.linspace(1, size - 2, count).astype(int).tolist()})


def survives_every_flip(store: Path, scenario: Scenario, count: int) -> None:
    whole = files(store)
    victim = sorted((store / "parts").iterdir())[0]
    for place in flips(victim, count):
        flip(victim, place)
        looked = status(Store(store), verify=True)
        assert (looked.torn, looked.done) == ((victim.name,), 1), place
        report = play(scenario, store=Store(store))
        assert (report.torn, report.parts, report.reused) == ([victim.name], 1, 1), place
        (store / "torn" / victim.name).unlink()
        assert files(store) == whole, place


def test_a_flipped_byte_anywhere_in_a_part_is_found_and_played_again(store: Path, scenario: Scenario) -> None:
    survives_every_flip(store, scenario, 20)


@pytest.mark.slow
def test_a_thousand_flipped_bytes_are_found(store: Path, scenario: Scenario) -> None:
    survives_every_flip(store, scenario, 1_000)


@pytest.mark.parametrize("damage", ["flip", "cut", "remove"])
def test_a_damaged_digest_costs_a_replay_and_no_more(store: Path, scenario: Scenario, damage: str) -> None:
    whole = files(store)
    victim = sorted((store / "digests").iterdir())[0]
    if damage == "remove":
        victim.unlink()
    else:
        victim.write_bytes(b"x" + victim.read_bytes()[1:] if damage == "flip" else b"")
    report = play(scenario, store=Store(store))
    assert report.torn == [f"{victim.stem}.parquet"]
    (store / "torn" / f"{victim.stem}.parquet").unlink()
    assert files(store) == whole


def test_rows_that_pages_vouch_for_are_still_those_that_were_written(store: Path) -> None:
    """A part that is rewritten whole, with other rows and right checksums, is no part of the store."""
    victim = sorted((store / "parts").iterdir())[0]
    table = pq.read_table(victim)
    at = table.schema.get_field_index("paid")
    pq.write_table(table.set_column(at, table.schema.field(at), [table.column(at).to_numpy() + 1.0]), victim)
    assert status(Store(store)).torn == ()
    assert status(Store(store), verify=True).torn == (victim.name,)


def test_an_export_of_a_damaged_store_works_once_it_is_resumed(store: Path, scenario: Scenario) -> None:
    export(store, Form.CSV)
    right = (store / "outcomes.csv").read_bytes()
    victim = sorted((store / "parts").iterdir())[0]
    flip(victim, victim.stat().st_size // 3)
    with pytest.raises(
        BatchError, match=f"{victim.name}: damaged and set aside; play it again with: frandsim"
    ):
        export(store, Form.CSV)
    play(scenario, store=Store(store))
    export(store, Form.CSV)
    assert (store / "outcomes.csv").read_bytes() == right


def test_the_line_that_the_pages_give_stops_at_a_flipped_byte(store: Path) -> None:
    read = pd.read_parquet(store / "parts", page_checksum_verification=True)
    assert len(read) == 12
    victim = sorted((store / "parts").iterdir())[0]
    columns = pq.read_metadata(victim).row_group(0)
    paid = next(
        column
        for column in map(columns.column, range(columns.num_columns))
        if column.path_in_schema == "paid"
    )
    flip(victim, paid.data_page_offset + paid.total_compressed_size - 1)
    with pytest.raises(OSError, match="CRC checksum"):
        pd.read_parquet(store / "parts", page_checksum_verification=True)


def test_digests_are_those_of_sha256sum(store: Path) -> None:
    for path in (store / "digests").iterdir():
        digest, name = path.read_text().split("  ")
        assert digest == hashlib.sha256((store / "digests" / name.strip()).read_bytes()).hexdigest()


DAMAGES: dict[str, Callable[[dict[str, Any]], Any]] = {
    "null": lambda _: None,
    "list": lambda _: [1],
    "text": lambda _: "manifest",
    "number": lambda _: 7,
    "shard of three": lambda found: found | {"shard": [1, 2, 3]},
    "shard past its end": lambda found: found | {"shard": [3, 2]},
    "no shard": lambda found: {key: value for key, value in found.items() if key != "shard"},
    "seed in words": lambda found: found | {"seed": "one"},
    "another seed": lambda found: found | {"seed": 2},
    "another seed in the plan": lambda found: (
        found | {"plan": {"scenario": found["plan"]["scenario"] | {"seed": 2}}}
    ),
    "other replications": lambda found: found | {"replications": 7},
    "no origin": lambda found: found | {"origin": None},
    "origin of no code": lambda found: found | {"origin": {}},
    "libraries in a list": lambda found: found | {"origin": found["origin"] | {"libraries": ["numpy"]}},
    "no plan": lambda found: found | {"plan": {}},
    "plan in a list": lambda found: found | {"plan": [found["plan"]]},
    "scenario in a list": lambda found: found | {"plan": {"scenario": [1]}},
    "regimes of numbers": lambda found: found | {"regimes": [1, 2]},
}


@pytest.mark.parametrize("damage", DAMAGES)
@pytest.mark.parametrize("use", ["status", "export", "play"])
def test_a_damaged_manifest_is_one_clear_line(store: Path, scenario: Scenario, damage: str, use: str) -> None:
    path = store / "manifest.json"
    path.write_text(json.dumps(DAMAGES[damage](json.loads(path.read_text()))))
    before = files(store)
    uses: dict[str, Callable[[], object]] = {
        "status": lambda: status(Store(store)),
        "export": lambda: export(store, Form.CSV),
        "play": lambda: play(scenario, store=Store(store)),
    }
    with pytest.raises(ScenarioError) as told:
        uses[use]()
    assert str(path) in str(told.value)
    assert len(str(told.value).splitlines()) == 1
    assert files(store) == before


@pytest.mark.parametrize("written", ["", "{", "[" * 100_000, "\x00\xff", '{"form": 2, "form": NaN}'])
def test_a_manifest_that_is_no_json_is_one_clear_line(store: Path, written: str) -> None:
    (store / "manifest.json").write_bytes(written.encode("latin-1"))
    with pytest.raises(ScenarioError, match="is not the manifest of a store that this version reads"):
        status(Store(store))


def test_a_seed_changed_all_over_the_manifest_is_still_found_by_its_parts(store: Path) -> None:
    """A manifest of another seed that agrees with itself, laid over parts of the first."""
    other = load_scenario("duopoly", regimes=["eu-hvzte-2015", "none"], replications=6, seed=9)
    play(other, store=Store(store.parent / "other"))
    (store / "manifest.json").write_bytes((store.parent / "other" / "manifest.json").read_bytes())
    with pytest.raises(ScenarioError, match="is no part of what the manifest plans"):
        export(store, Form.CSV)
    assert not (store / "outcomes.csv").exists()


def test_a_damaged_note_of_a_failure_does_not_hide_the_store(store: Path) -> None:
    (store / "failures").mkdir()
    (store / "failures" / "cell-0.json").write_text("[")
    failure = status(Store(store)).failures[0]
    assert (failure["cell"], failure["message"]) == (0, "its note cell-0.json is damaged")


def test_a_sweep_that_is_refused_leaves_no_manifest(store: Path, scenario: Scenario) -> None:
    (store / "manifest.json").unlink()
    before = files(store)
    with pytest.raises(ScenarioError, match="is no part of what the manifest plans"):
        play(scenario.model_copy(update={"seed": 5}), store=Store(store))
    assert files(store) == before
    play(scenario, store=Store(store))  # its own plan goes on in it
    assert status(Store(store)).complete


def test_a_new_file_is_written_once_whoever_comes_second(tmp_path: Path) -> None:
    put(tmp_path / "file", b"first", new=True)
    with pytest.raises(FileExistsError):
        put(tmp_path / "file", b"second", new=True)
    assert files(tmp_path) == {"file": b"first"}


def begin(folder: Path, seed: int, start: Barrier, end: multiprocessing.SimpleQueue[str]) -> None:
    plan = load_scenario("duopoly", regimes=["none"], replications=4, seed=seed)
    start.wait()
    try:
        play(plan, store=Store(folder))
        end.put("played")
    except ScenarioError as error:
        end.put(str(error))


@pytest.mark.slow
def test_two_plans_at_the_same_instant_never_share_a_folder(tmp_path: Path) -> None:
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["simulator.batch.runner"])
    for trial in range(25):
        folder, start, end = tmp_path / str(trial), context.Barrier(2), context.SimpleQueue()
        pair = [context.Process(target=begin, args=(folder, seed, start, end)) for seed in (1, 2)]
        for child in pair:
            child.start()
        told = sorted(end.get() for _ in pair)
        for child in pair:
            child.join()
        assert told[1] == "played"
        assert "scenario.seed: " in told[0]
        assert status(Store(folder), verify=True).complete


def test_one_run_at_a_time_has_a_store_that_is_emptied_at_its_end(tmp_path: Path, scenario: Scenario) -> None:
    """Two runs that are to replace the same results: the first to end would empty the other's store."""
    other = scenario.model_copy(update={"seed": 2})
    with Store(tmp_path / "store", replace=True) as store:
        play(scenario, store=store)
        with pytest.raises(ScenarioError, match="another run is at work here; wait for it, or name another"):
            play(other, store=Store(tmp_path / "store", replace=True))
        assert status(Store(tmp_path / "store"), verify=True).complete
    assert not list(tmp_path.iterdir())

    def ends_badly() -> None:
        with Store(tmp_path / "store", replace=True) as store:
            play(other, store=store)
            raise KeyError

    with pytest.raises(KeyError):
        ends_badly()
    assert status(Store(tmp_path / "store"), verify=True).complete, "what was played waits for the next"
    with Store(tmp_path / "store", replace=True) as store:
        assert play(other, store=store).parts == 0


def test_a_flipped_bit_of_an_experiments_manifest_is_one_clear_line_or_none(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    plan = load_experiment("four_switches", replications=1, quick=True)
    monkeypatch.setattr("simulator.batch.store.Store.write", lambda *_: None)
    store = Store(tmp_path / "store")
    store.open(Layout(plan))
    path = tmp_path / "store" / "manifest.json"
    whole = path.read_bytes()
    told: list[str] = []
    names = [place.start() + 1 for place in re.finditer(rb"court\.|bargaining\.|standard\.", whole)][:40]
    for place in (*flips(path, 60), *names):
        path.write_bytes(whole[:place] + bytes([whole[place] ^ 0x10]) + whole[place + 1 :])
        try:
            status(Store(tmp_path / "store"))
        except ScenarioError as error:
            told.append(str(error))
    assert len(told) > 50
    assert [one for one in told if len(one.splitlines()) != 1] == []


@pytest.mark.parametrize("name", ["manifest.json", "digests", "parts", "failures/cell-0.json"])
def test_what_has_no_end_is_not_waited_for(store: Path, name: str) -> None:
    path = store / name
    if path.is_dir():
        path = sorted(path.iterdir())[0]
    path.unlink(missing_ok=True)
    path.parent.mkdir(exist_ok=True)
    os.mkfifo(path)
    if name == "manifest.json":
        with pytest.raises(ScenarioError, match="is not the manifest of a store"):
            status(Store(store))
        return
    looked = status(Store(store), verify=True)
    assert looked.failures if "failures" in name else looked.torn


def test_what_a_store_says_steers_no_terminal(store: Path) -> None:
    (store / "failures").mkdir()
    note = {"cell": 0, "message": "\x1b[2J [/tmp/x] [red]", "replay": "frandsim resume"}
    (store / "failures" / "cell-0.json").write_text(json.dumps(note))
    said = text(status(Store(store)).table())
    assert "\x1b" not in said
    assert "\\x1b[2J [/tmp/x] [red]" in said


def test_two_exports_to_one_file_do_not_meet(
    store: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The second is begun, and ends, while the first writes."""
    out = tmp_path / "rows.csv"
    export(store, Form.CSV, out)
    right = out.read_bytes()
    csv = WRITERS[Form.CSV]

    def both(frames: Any, path: Path, there: Store) -> int:
        monkeypatch.setitem(WRITERS, Form.CSV, csv)
        export(store, Form.CSV, out)
        count: int = csv(frames, path, there)
        return count

    monkeypatch.setitem(WRITERS, Form.CSV, both)
    export(store, Form.CSV, out)
    assert out.read_bytes() == right
    assert not list(tmp_path.glob(".rows*"))
    with pytest.raises(ScenarioError, match="out: is a folder; name a file"):
        export(store, Form.CSV, Path())


def test_a_part_that_says_it_is_of_another_cell_does_not_refuse_a_merge(
    store: Path, scenario: Scenario, tmp_path: Path
) -> None:
    """A changed byte in what a part says of itself is found before it is believed."""
    victim = sorted((store / "parts").iterdir())[0]
    data = victim.read_bytes()
    place = data.rindex(b'"cell": 0') + 8 if b'"cell": 0' in data else data.rindex(b'"cell":0') + 7
    victim.write_bytes(data[:place] + b"7" + data[place + 1 :])
    report = merge([store], tmp_path / "whole")
    assert report.torn == [str(victim)]
    assert not report.complete
