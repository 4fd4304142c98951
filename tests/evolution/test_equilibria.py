"""Nash equilibria, their stability, and what noise leaves open."""

from __future__ import annotations

import math

import nashpy
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from simulator.evolution.bootstrap import bootstrap, interval, resampled
from simulator.evolution.equilibria import losses, nash, possible, regret, strict
from simulator.evolution.replicator import Array
from simulator.evolution.stability import rest_points

Game = tuple[Array, Array]


def random_game(seed: int, m: int, n: int) -> Game:
    rng = np.random.default_rng(seed)
    return rng.normal(size=(m, n)), rng.normal(size=(m, n))


@pytest.mark.parametrize("shape", [(2, 2), (2, 4), (3, 3), (4, 3)])
@pytest.mark.parametrize("seed", range(5))
def test_finds_what_other_algorithms_find(seed: int, shape: tuple[int, int]) -> None:
    """Against Lemke and Howson's paths, and against the rest points of the dynamics without regret."""
    A, B = random_game(seed, *shape)
    solved = nash(A, B)
    assert not solved.degenerate
    mixes = [(e.holders, e.implementers) for e in solved.equilibria]
    for x, y in nashpy.Game(A, B).lemke_howson_enumeration():
        assert any(np.allclose(x, p, atol=1e-6) and np.allclose(y, q, atol=1e-6) for p, q in mixes)
    resting = [p for p in rest_points(A, B) if max(regret(A, B, *p.mixes)) < 1e-9]
    assert len(resting) == len(solved.equilibria)
    for each in solved.equilibria:
        assert max(each.regret) < 1e-9
        assert each.payoffs[0] == pytest.approx(float(each.holders @ A @ each.implementers))


@settings(max_examples=40)
@given(seed=st.integers(0, 10_000), m=st.integers(1, 4), n=st.integers(1, 4))
def test_stable_means_strict_and_pure(seed: int, m: int, n: int) -> None:
    A, B = random_game(seed, m, n)
    flags = strict(A, B)
    for each in nash(A, B).equilibria:
        pure = all(len(side) == 1 for side in each.support)
        (i,), (j,) = (side[:1] for side in each.support)
        assert (each.ess or m == n == 1) == (pure and bool(flags[i, j]))
    brute = [
        [
            all(A[i, j] > A[k, j] for k in range(m) if k != i)
            and all(B[i, j] > B[i, k] for k in range(n) if k != j)
            for j in range(n)
        ]
        for i in range(m)
    ]
    assert flags.tolist() == brute


@settings(max_examples=12)
@given(seed=st.integers(0, 10_000), scale=st.sampled_from([1e-6, 1.0, 1e5]), shift=st.floats(-10, 10))
def test_equilibria_do_not_depend_on_units(seed: int, scale: float, shift: float) -> None:
    A, B = random_game(seed, 3, 3)
    one, two = nash(A, B), nash(scale * (A + shift), scale * (B - shift))
    assert [e.support for e in one.equilibria] == [e.support for e in two.equilibria]
    assert [e.point.stability for e in one.equilibria] == [e.point.stability for e in two.equilibria]


def test_degenerate_game_that_support_enumeration_of_equal_sizes_misses() -> None:
    """Two best replies of the second player to a pure strategy: the corners of a continuum, and one apart."""
    A, B = np.array([[3.0, 3.0], [2.0, 5.0], [0.0, 6.0]]), np.array([[3.0, 3.0], [2.0, 6.0], [3.0, 1.0]])
    solved = nash(A, B)
    assert solved.degenerate
    found = {tuple(np.round([*e.holders, *e.implementers], 6)) for e in solved.equilibria}
    assert found == {
        (1.0, 0.0, 0.0, 1.0, 0.0),
        (1.0, 0.0, 0.0, 0.666667, 0.333333),
        (0.0, 0.333333, 0.666667, 0.333333, 0.666667),
    }
    assert not any(e.ess for e in solved.equilibria)


def test_ties_zeros_and_single_strategies() -> None:
    flat = np.zeros((2, 2))
    assert len(nash(flat, flat).equilibria) == 4
    assert nash(flat, flat).degenerate
    (only,) = nash(np.array([[1.0], [2.0]]), np.array([[0.0], [0.0]])).equilibria
    assert only.support == ((1,), (0,))
    assert only.ess
    assert losses(np.array([[1.0], [2.0]]), np.array([[0.0], [0.0]]))[1].tolist() == [[math.inf], [math.inf]]


def test_paired_noise_cancels_and_unpaired_noise_leaves_the_question_open() -> None:
    rng = np.random.default_rng(1)
    means = np.array([[3.0, 0.0], [5.0, 1.0]])
    common = rng.normal(0.0, 50.0, (30, 1, 1))
    may, must = possible(common + means, common + means.T)
    assert must.tolist() == [[False, False], [False, True]]
    assert np.array_equal(may, must)
    a, b = (table + rng.normal(0.0, 50.0, (30, 2, 2)) for table in (means, means.T))
    may, must = possible(a, b)
    assert not must.any()
    assert may.sum() > 1


def test_bootstrap_share_is_the_chance_that_noise_keeps_the_sign() -> None:
    """Holders' gain from U has mean t standard errors: GG is ESS in about Phi(-t) of the resamples."""
    rng, runs = np.random.default_rng(2), 200
    noise = rng.normal(size=runs)
    noise = (noise - noise.mean()) / noise.std()
    a = np.zeros((runs, 2, 2))
    a[:, 1, :] = (noise + 0.5 / math.sqrt(runs))[:, None]
    b = np.broadcast_to(np.array([[1.0, 0.0], [1.0, 0.0]]), a.shape)
    found = bootstrap(a, b, sizes=(50, 50), intensity=1.0, draws=4000, basin_draws=40, basin_starts=16)
    assert found.ess_share[0, 0] == pytest.approx(0.3085, abs=0.03)
    assert found.ess_share.sum() == pytest.approx(1.0)
    assert found.no_ess_share == 0.0
    assert np.array_equal(found.basins[:, 0, 0] == 1.0, found.strict[:40, 0, 0])
    assert found.stationary.sum(axis=(1, 2)) == pytest.approx(np.ones(4000))
    low, high = interval(found.stationary[:, 0, 0])
    assert 0.0 <= low < 0.1
    assert 0.9 < high <= 1.0


def test_resamples_keep_replications_whole() -> None:
    a = np.random.default_rng(3).normal(size=(25, 2, 3))
    A, B = resampled(a, 2.0 * a, 50, seed=4)
    assert pytest.approx(2.0 * A, rel=1e-12) == B
    assert np.array_equal(A, resampled(a, 2.0 * a, 50, seed=4)[0])
    assert A.std(axis=0, ddof=1) == pytest.approx(a.std(axis=0) / 5.0, rel=0.5)
