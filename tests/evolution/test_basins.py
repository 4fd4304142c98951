"""Where the replicator dynamics lead, from everywhere."""

from __future__ import annotations

import numpy as np
import pytest

from simulator.evolution.basins import CYCLE, REST, basin_map, basins, basins_from, starts
from simulator.evolution.replicator import replicator

COORDINATION = np.array([[2.0, 0.0], [0.0, 1.0]])
CIRCLE = np.array([[0.0, -1.0, 1.0], [1.0, 0.0, -1.0], [-1.0, 1.0, 0.0]])


def test_mirror_images_share_the_square_evenly() -> None:
    even = np.eye(2)
    grid = basin_map(even, even, points=50)
    x, y = np.meshgrid((np.arange(50) + 0.5) / 50, (np.arange(50) + 0.5) / 50, indexing="ij")
    off = np.abs(x + y - 1.0) > 1e-9
    assert np.array_equal(grid[off], np.where(x + y > 1.0, 0, 3)[off])
    assert np.all(grid[~off] == REST)  # on the line that divides them paths end in the saddle


@pytest.mark.parametrize("seed", range(6))
def test_labels_are_where_the_integrator_arrives(seed: int) -> None:
    rng = np.random.default_rng(seed)
    A, B = rng.normal(size=(2, 3, 3))
    x, y = starts(3, 3, 16, seed)
    labels = basins_from(A, B, x, y).labels
    arrived = 0
    for first, second, label in zip(x, y, labels, strict=True):
        if label >= 0:
            end = replicator((A, B), (first, second), 1500.0, points=2, tolerance=1e-8).end
            assert int(end[0].argmax() * 3 + end[1].argmax()) == label
            arrived += 1
    assert arrived or np.all(labels < 0)


def test_the_larger_stake_has_the_larger_basin() -> None:
    found = basins(COORDINATION, COORDINATION, count=1024)
    assert found.profiles[0, 0] + found.profiles[1, 1] == 1.0
    finer = basins(COORDINATION, COORDINATION, count=8192, seed=2)
    assert found.profiles[0, 0] == pytest.approx(finer.profiles[0, 0], abs=0.01)
    assert finer.profiles[0, 0] > 0.7


def test_cycles_are_told_as_cycles() -> None:
    assert basins(CIRCLE, -CIRCLE, count=32).cycles == 1.0
    pennies = np.array([[1.0, -1.0], [-1.0, 1.0]])
    assert np.all(basin_map(pennies, -pennies, points=5) == CYCLE)


def test_ties_come_to_rest_in_a_mixture() -> None:
    """Implementers are indifferent, holders prefer their second strategy: any mix of implementers stays."""
    found = basins(np.array([[0.0, 0.0], [1.0, 1.0]]), np.zeros((2, 2)), count=64)
    assert found.rest + found.profiles[1].sum() == 1.0
    assert found.rest > 0.9


def test_one_strategy_on_a_side() -> None:
    found = basins(np.array([[1.0], [2.0]]), np.zeros((2, 1)), count=16)
    assert found.profiles.tolist() == [[0.0], [1.0]]
    assert basins(np.ones((1, 1)), np.ones((1, 1)), count=4).profiles.tolist() == [[1.0]]


def test_starts_fill_the_simplices() -> None:
    x, y = starts(3, 4, 4096)
    assert x.mean(axis=0) == pytest.approx(np.full(3, 1 / 3), abs=2e-3)
    assert y.var(axis=0) == pytest.approx(np.full(4, 3 / 80), rel=0.02)  # Dirichlet(1, 1, 1, 1)
    assert np.array_equal(x, starts(3, 4, 4096)[0])
