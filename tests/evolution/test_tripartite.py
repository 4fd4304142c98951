"""Holders, implementers and courts: rest points, stability, and the theorem on interior points."""

from __future__ import annotations

import numpy as np
import pytest

from simulator.evolution.replicator import replicator, velocity
from simulator.evolution.stability import Stability
from simulator.evolution.tripartite import rest_points, stable


@pytest.mark.parametrize("shape", [(2, 2, 2), (2, 3, 2), (2, 2, 3)])
@pytest.mark.parametrize("seed", range(4))
def test_rest_points_rest_and_only_strict_corners_attract(seed: int, shape: tuple[int, int, int]) -> None:
    payoffs = np.random.default_rng(seed).normal(size=(3, *shape))
    points, strict = rest_points(payoffs), stable(payoffs)
    assert len(points) >= strict.size
    for point in points:
        assert max(np.abs(part).max() for part in velocity(tuple(payoffs), point.mixes)) < 1e-9
        pure = all(mix.max() == 1.0 for mix in point.mixes)
        corner = tuple(int(mix.argmax()) for mix in point.mixes)
        assert (point.stability is Stability.ESS) == (pure and bool(strict[corner]))


def test_interior_point_of_a_known_game() -> None:
    """Each side gains by matching the next, the last by not matching the first: (1/2, 1/2) all round."""
    sign = np.array([1.0, -1.0])
    payoffs = np.array(
        [
            np.einsum("i,j,k->ijk", sign, sign, [1.0, 1.0]),
            np.einsum("i,j,k->ijk", [1.0, 1.0], sign, sign),
            -np.einsum("i,j,k->ijk", sign, [1.0, 1.0], sign),
        ]
    )
    (inside,) = [point for point in rest_points(payoffs) if point.interior]
    for mix in inside.mixes:
        assert mix == pytest.approx([0.5, 0.5], abs=1e-9)
    assert inside.stability is Stability.SADDLE
    assert inside.eigenvalues.sum() == pytest.approx(0.0, abs=1e-12)


def test_paths_of_three_populations_reach_a_strict_profile() -> None:
    matching = np.zeros((3, 2, 2, 3))
    matching[:, 0, 0, 0] = matching[:, 1, 1, 2] = 1.0
    end = replicator(tuple(matching), ([0.3, 0.7], [0.4, 0.6], [0.2, 0.2, 0.6]), 80.0).end
    assert [int(mix.argmax()) for mix in end] == [1, 1, 2]
    assert min(mix.max() for mix in end) > 0.999
    assert np.argwhere(stable(matching)).tolist() == [[0, 0, 0], [1, 1, 2]]


def test_an_indifferent_court_makes_nothing_strict() -> None:
    payoffs = np.zeros((3, 2, 2, 3))
    payoffs[0, 1], payoffs[1, :, 1] = 1.0, 1.0
    assert not stable(payoffs).any()
    assert all(point.stability is not Stability.ESS for point in rest_points(payoffs))
