"""Replicator, best-response and logit dynamics, and the stability of rest points."""

from __future__ import annotations

import nashpy
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulator.evolution.best_response import best_response, logit, logit_equilibrium
from simulator.evolution.replicator import Array, contract, fitness, replicator, velocity
from simulator.evolution.stability import Stability, classify, eigenvalues, jacobian, rest_point, rest_points

Game = tuple[Array, Array]
MATCHING = np.array([[1.0, -1.0], [-1.0, 1.0]])


def random_game(seed: int, m: int, n: int) -> Game:
    rng = np.random.default_rng(seed)
    return rng.normal(size=(m, n)), rng.normal(size=(m, n))


def random_mixes(seed: int, *kinds: int) -> tuple[Array, ...]:
    rng = np.random.default_rng(seed)
    return tuple(rng.dirichlet(np.ones(k)) for k in kinds)


@pytest.mark.parametrize("shape", [(2, 2), (3, 2), (4, 5)])
def test_agrees_with_nashpy(shape: tuple[int, int]) -> None:
    game, start = random_game(3, *shape), random_mixes(4, *shape)
    run = replicator(game, start, 5.0, points=11)
    theirs = nashpy.Game(*game).asymmetric_replicator_dynamics(*start, run.time)
    for ours, other in zip(run.mixes, theirs, strict=True):
        assert ours == pytest.approx(other, abs=2e-6)  # nashpy's tolerance is 1.5e-8 a step


def test_passes_a_corner_and_comes_back() -> None:
    """A wide orbit of matching pennies: shares of 1e-17 and less, drift still small, no negative share."""
    run = replicator((MATCHING, -MATCHING), ([1e-12, 1.0 - 1e-12], [0.5, 0.5]), 100.0, points=501)
    smallest = min(mix.min() for mix in run.mixes)
    assert 0.0 < smallest < 1e-11
    assert run.mixes[0][:, 0].max() > 0.99
    assert run.drift < 1e-7


def test_absent_strategies_stay_absent_and_nothing_is_conserved_there() -> None:
    run = replicator(random_game(1, 3, 3), ([0.5, 0.0, 0.5], [0.2, 0.3, 0.5]), 10.0)
    assert np.all(run.mixes[0][:, 1] == 0.0)
    assert np.isnan(run.drift)


def test_mutation_brings_them_in_and_makes_the_centre_attract() -> None:
    game = (MATCHING, -MATCHING)
    run = replicator(game, ([1.0, 0.0], [0.3, 0.7]), 400.0, mutation=0.05)
    assert run.end[0] == pytest.approx([0.5, 0.5], abs=1e-6)
    still = velocity(game, run.end, mutation=0.05)
    assert max(np.abs(part).max() for part in still) < 1e-6
    assert velocity((game[0] + 7.0, game[1] - 3.0), run.end, 0.05)[0] == pytest.approx(still[0], abs=1e-12)


def test_time_average_of_payoffs_equals_mixes_on_the_path() -> None:
    run = replicator(random_game(5, 3, 4), random_mixes(6, 3, 4), 2.0, points=20_001)
    for mix, mean in zip(run.mixes, run.average, strict=True):
        assert np.trapezoid(mix, run.time, axis=0) / 2.0 == pytest.approx(mean, abs=1e-8)


@pytest.mark.parametrize("start", [([0.5, 0.6], [0.5, 0.5]), ([1.5, -0.5], [0.5, 0.5])])
def test_refuses_what_is_no_mix(start: tuple[list[float], list[float]]) -> None:
    with pytest.raises(ValueError, match=r"sum to 1.*for example \[0\.5, 0\.5\]"):
        replicator((MATCHING, -MATCHING), start, 1.0)


@given(seed=st.integers(0, 10_000), kinds=st.lists(st.integers(2, 4), min_size=2, max_size=3))
def test_jacobian_is_the_derivative(seed: int, kinds: list[int]) -> None:
    rng = np.random.default_rng(seed)
    payoffs = [rng.normal(size=kinds) for _ in kinds]
    mixes = random_mixes(seed, *kinds)
    found, cuts = jacobian(payoffs, mixes), np.cumsum(kinds)[:-1]
    flat = np.concatenate(mixes)
    for column in range(len(flat)):
        step = np.zeros_like(flat)
        step[column] = 1e-6
        up, down = (np.concatenate(velocity(payoffs, np.split(flat + way * step, cuts))) for way in (1, -1))
        assert (up - down) / 2e-6 == pytest.approx(found[:, column], abs=1e-7)


@given(seed=st.integers(0, 10_000), kinds=st.lists(st.integers(2, 4), min_size=2, max_size=3))
def test_an_interior_point_never_attracts(seed: int, kinds: list[int]) -> None:
    """Games of two and three populations built around an interior rest point: trace 0, so never stable."""
    rng = np.random.default_rng(seed)
    mixes = random_mixes(seed + 1, *kinds)
    payoffs = []
    for own in range(len(kinds)):
        table = rng.normal(size=kinds)
        level = contract(table, mixes, [own])
        payoffs.append(table - np.expand_dims(level, [k for k in range(len(kinds)) if k != own]))
    assert max(np.abs(part).max() for part in fitness(payoffs, mixes)) < 1e-12
    values = eigenvalues(payoffs, mixes)
    assert abs(values.sum()) < 1e-10
    assert values.real.max() > -1e-7
    assert rest_point(payoffs, mixes).stability is not Stability.ESS


def test_words_for_eigenvalues() -> None:
    cases = {
        Stability.ESS: [-2.0, -1.0],
        Stability.UNSTABLE: [1.0, 2.0],
        Stability.SADDLE: [-1.0, 0.0, 1.0],
        Stability.CENTRE: [-1j, 1j],
        Stability.NEUTRAL: [-1.0, -1j, 1j],
    }
    for stability, values in cases.items():
        assert classify(np.array(values, complex), 1.0) is stability


def test_a_constant_game_rests_everywhere() -> None:
    flat = np.full((2, 2), 0.3)
    assert {point.stability for point in rest_points(flat, flat)} == {Stability.NEUTRAL}


def test_rest_points_stand_still() -> None:
    game = random_game(8, 4, 4)
    points = rest_points(*game)
    assert len(points) > 16
    for point in points:
        assert max(np.abs(part).max() for part in velocity(game, point.mixes)) < 1e-12


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_best_response_path_is_the_one_small_steps_give(seed: int) -> None:
    (A, B), (x, y) = random_game(seed, 3, 3), random_mixes(seed, 3, 3)
    run = best_response(A, B, (x, y), 2.0)
    step = 1e-4
    for _ in range(20_000):
        x, y = (
            x + step * (np.eye(3)[(A @ y).argmax()] - x),
            y + step * (np.eye(3)[(x @ B).argmax()] - y),
        )
    assert run.end[0] == pytest.approx(x, abs=2e-3)
    assert run.end[1] == pytest.approx(y, abs=2e-3)
    assert np.trapezoid(run.mixes[0], run.time, axis=0) / 2.0 == pytest.approx(run.average[0], abs=1e-4)


def test_best_replies_spiral_into_the_mixed_equilibrium() -> None:
    run = best_response(MATCHING, -MATCHING, (np.array([0.9, 0.1]), np.array([0.6, 0.4])), 6.0)
    assert run.end[0] == pytest.approx([0.5, 0.5], abs=5e-3)
    few = best_response(MATCHING, -MATCHING, (np.array([0.9, 0.1]), np.array([0.6, 0.4])), 6.0, turns=3)
    assert np.all(few.mixes[0][-50:] == few.mixes[0][-1])  # after the last turn it rests


@pytest.mark.parametrize("rationality", [0.0, 1.0, 8.0])
def test_logit_paths_end_in_logit_equilibria(rationality: float) -> None:
    A = np.array([[2.0, -1.0, 0.0], [-1.0, 1.0, 0.5], [0.3, 0.2, -1.0]])  # zero-sum: they converge
    x, y = logit_equilibrium(A, -A, rationality)
    assert x == pytest.approx(np.exp(rationality * A @ y) / np.exp(rationality * A @ y).sum(), abs=1e-9)
    run = logit(A, -A, (np.full(3, 1 / 3), np.full(3, 1 / 3)), 400.0, rationality=rationality)
    assert run.end[0] == pytest.approx(x, abs=1e-5)
    assert run.end[1] == pytest.approx(y, abs=1e-5)


def test_logit_equilibrium_tends_to_nash() -> None:
    """Prisoners defect; matching pennies stays even; with rationality 0 all is even."""
    A = np.array([[3.0, 0.0], [5.0, 1.0]])
    assert logit_equilibrium(A, A.T, 40.0)[0] == pytest.approx([0.0, 1.0], abs=1e-12)
    assert logit_equilibrium(A, A.T, 0.0)[0] == pytest.approx([0.5, 0.5], abs=1e-12)
