"""Measured games on disk: found by hash, grown to the same bits, torn files played again."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from simulator.batch import provenance
from simulator.evolution import stored_games
from simulator.evolution.game import GamePlan, allot, plan
from simulator.evolution.learned import stored
from simulator.evolution.stored_games import game_hash, measured
from simulator.spec.load import load_scenario


def duopoly(regime: str = "cn-rate-setting", seed: int | None = None) -> GamePlan:
    return plan(load_scenario("duopoly", regimes=[regime], seed=seed), regime)


def test_a_kept_game_grows_to_the_same_bits(tmp_path: Path) -> None:
    measured(duopoly(), 70, folder=tmp_path)
    grown = measured(duopoly(), 150, folder=tmp_path)
    np.testing.assert_array_equal(grown.samples, allot(duopoly(), 150).samples)
    (file,) = tmp_path.glob("*.npy")
    stated = json.loads(file.with_suffix(".json").read_text(encoding="utf-8"))
    assert stated["replications"] == grown.n == len(np.load(file)) == 150


def test_a_smaller_budget_gives_what_it_would_have_given_alone(tmp_path: Path) -> None:
    measured(duopoly(), 150, folder=tmp_path)
    before = next(tmp_path.glob("*.npy")).read_bytes()
    small = measured(duopoly(), 70, folder=tmp_path)
    np.testing.assert_array_equal(small.samples, allot(duopoly(), 70).samples)
    assert next(tmp_path.glob("*.npy")).read_bytes() == before


def test_another_seed_regime_or_number_is_another_game(tmp_path: Path) -> None:
    same = load_scenario("duopoly", regimes=["upc"], replications=7)
    hashes = [
        game_hash(one)
        for one in (
            duopoly(),
            duopoly("upc"),
            duopoly(seed=2),
            plan(same, "upc", ["holder_hold_up", "implementer_hold_out"]),
        )
    ]
    assert len(set(hashes)) == len(hashes)
    assert game_hash(plan(same, "upc")) == game_hash(duopoly("upc"))  # how many replications does not matter


def test_what_another_version_of_a_library_made_is_not_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    hashes = []
    for newer in ((), ("numba",), ("cma",)):
        monkeypatch.setattr(provenance, "installed", lambda name, newer=newer: str(name in newer))
        stored_games.code_hash.cache_clear()
        stored.learning_code.cache_clear()
        game = duopoly()
        hashes.append((game_hash(game), stored.learned_hash(game, (), {})))
    (played, searched), newer_game, newer_search = hashes
    assert newer_game[0] != played == newer_search[0]
    assert len({searched, newer_game[1], newer_search[1]}) == 3
    stored_games.code_hash.cache_clear()
    stored.learning_code.cache_clear()


def test_a_torn_file_is_played_again(tmp_path: Path) -> None:
    first = measured(duopoly(), 70, folder=tmp_path)
    file = next(tmp_path.glob("*.npy"))
    file.write_bytes(file.read_bytes()[:1000])
    again = measured(duopoly(), 70, folder=tmp_path)
    np.testing.assert_array_equal(first.samples, again.samples)
    assert len(np.load(file)) == 70
