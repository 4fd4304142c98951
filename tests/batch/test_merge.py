"""Shards and grown stores joined: the same bytes as one run."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from simulator.batch.merge import merge
from simulator.batch.runner import play
from simulator.batch.store import Store
from simulator.errors import ScenarioError
from simulator.spec.design import Design, Uncertainty
from simulator.spec.load import load_regime
from simulator.spec.scenario import Scenario
from tests.batch.conftest import Written, files


def shards(plan: object, folder: Path, of: int = 3) -> list[Path]:
    found = [folder / f"shard-{turn}" for turn in range(1, of + 1)]
    for turn, path in enumerate(found, 1):
        play(plan, store=Store(path), shard=(turn, of), workers=turn)  # type: ignore[arg-type]
    return found


def test_shards_merge_into_the_bytes_of_one_run(written: Written, tmp_path: Path) -> None:
    plan = written("[0.02, 0.05, 0.08]", replications="10")
    play(plan, store=Store(tmp_path / "one"))
    report = merge(shards(plan, tmp_path)[::-1], tmp_path / "whole")
    assert (report.done, report.complete, report.rows) == (12, True, 60)
    assert files(tmp_path / "whole") == files(tmp_path / "one")
    again = merge([tmp_path / "one", tmp_path / "whole"], tmp_path / "whole")
    assert (again.parts, again.reused) == (0, 12)


def test_each_shard_has_its_share_and_keeps_to_it(scenario: Scenario, tmp_path: Path) -> None:
    folders = shards(scenario, tmp_path, 2)
    assert [len(files(folder / "parts")) for folder in folders] == [2, 2]
    with pytest.raises(ScenarioError, match="shard: 1/2 there, 1/1 here"):
        play(scenario, store=Store(folders[0]))


def test_stores_that_grew_apart_merge_as_one_run(scenario: Scenario, tmp_path: Path) -> None:
    grown = scenario.model_copy(update={"replications": 14})
    wider = grown.model_copy(update={"regimes": (load_regime("upc"), *scenario.regimes)})
    for name, plan in (("few", scenario), ("grown", grown), ("wider", scenario), ("fresh", wider)):
        play(plan, store=Store(tmp_path / name))
    play(wider, store=Store(tmp_path / "wider"))
    merge([tmp_path / "few", tmp_path / "wider", tmp_path / "grown"], tmp_path / "whole")
    assert files(tmp_path / "whole") == files(tmp_path / "fresh")


def test_what_no_store_has_is_missing_and_can_be_played(scenario: Scenario, tmp_path: Path) -> None:
    first, _, third = shards(scenario, tmp_path)
    report = merge([first, third], tmp_path / "whole")
    assert (report.done, report.complete) == (3, False)
    assert report.summary().endswith(f"go on with: frandsim resume {tmp_path / 'whole'}")
    play(scenario, store=Store(tmp_path / "whole"))
    play(scenario, store=Store(tmp_path / "one"))
    assert files(tmp_path / "whole") == files(tmp_path / "one")


def test_a_torn_part_is_left_out_of_a_merge(scenario: Scenario, tmp_path: Path) -> None:
    first, second, third = shards(scenario, tmp_path)
    victim = sorted((second / "parts").iterdir())[0]
    data = bytearray(victim.read_bytes())
    data[40] ^= 0xFF
    victim.write_bytes(data)
    report = merge([first, second, third], tmp_path / "whole")
    assert (report.done, report.torn) == (3, [str(victim)])
    assert victim.exists()


def test_different_plans_and_code_are_refused_with_what_differs(scenario: Scenario, tmp_path: Path) -> None:
    play(scenario, store=Store(tmp_path / "one"))
    play(scenario.model_copy(update={"seed": 2}), store=Store(tmp_path / "two"))
    with pytest.raises(ScenarioError, match=r"does not go with .*: scenario\.seed: [12] there, [12] here"):
        merge([tmp_path / "one", tmp_path / "two"], tmp_path / "whole")
    path = tmp_path / "two" / "manifest.json"
    manifest = json.loads((tmp_path / "one" / "manifest.json").read_text())
    manifest["origin"]["libraries"]["numba"] = "0.1"
    path.write_text(json.dumps(manifest))
    with pytest.raises(ScenarioError, match=r"does not go with .*two: numba: .* there, 0\.1 here"):
        merge([tmp_path / "one", tmp_path / "two"], tmp_path / "whole")
    assert not (tmp_path / "whole").exists()


def test_points_that_a_design_repeats_stay_apart(written: Written, tmp_path: Path) -> None:
    """A Morris sample of two uncertainties visits points more than once."""
    plan = written(replications="3")
    moved = tuple(Uncertainty(parameter=name) for name in ("court.interest.court", "beliefs.bias"))
    design = Design(sample="morris", points=8)
    plan = plan.model_copy(update={"levers": (), "uncertainties": moved, "design": design})
    cells = [tuple(cell.values()) for cell in plan.cells()]
    assert len(set(cells)) < len(cells)
    play(plan, store=Store(tmp_path / "one"))
    assert merge(shards(plan, tmp_path, 2), tmp_path / "whole").complete
    assert files(tmp_path / "whole") == files(tmp_path / "one")
