"""Finite populations: fixation, the small-mutation chain, and the process played out."""

from __future__ import annotations

import os
import subprocess
import sys
from fractions import Fraction
from itertools import product
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from simulator.evolution.bootstrap import resampled, shifted
from simulator.evolution.finite import (
    distance,
    fixation,
    fixation_within,
    log_fixation,
    mutation_limit,
    stationary,
    stationary_of_rates,
)
from simulator.evolution.imitation_moves import fermi, simulate
from simulator.evolution.replicator import Array


def random_game(seed: int, m: int, n: int) -> tuple[Array, Array]:
    rng = np.random.default_rng(seed)
    return rng.normal(size=(m, n)), rng.normal(size=(m, n))


@pytest.mark.parametrize("seed", range(4))
def test_fixation_within_one_population_agrees_with_egttools(seed: int) -> None:
    """EGTtools: fixation[resident, mutant], payoffs of the row, nobody plays itself, its chain over n - 1."""
    egt = pytest.importorskip("egttools")
    size, kinds, intensity = 40, 4, 0.2
    payoffs = np.random.default_rng(seed).normal(size=(kinds, kinds))
    game = egt.games.Matrix2PlayerGameHolder(kinds, payoffs)  # kept: the next line does not keep it alive
    theirs = egt.analytical.PairwiseComparison(size, game)
    transition, matrix = theirs.calculate_transition_and_fixation_matrix_sml(intensity)
    ours = fixation_within(payoffs, size, intensity)
    other = ~np.eye(kinds, dtype=bool)
    assert ours[other] == pytest.approx(np.asarray(matrix)[other], rel=1e-10, abs=1e-10)  # it drops 5e-11
    chain = egt.utils.calculate_stationary_distribution(np.asarray(transition).T)
    assert stationary_of_rates(np.log(ours / (kinds - 1))) == pytest.approx(chain, rel=1e-8)


def test_constant_advantage_agrees_with_egttools() -> None:
    """Payoffs that do not depend on the other player: the two formulas are one."""
    egt = pytest.importorskip("egttools")
    payoffs = np.array([[0.0, 0.0], [0.3, 0.3]])
    game = egt.games.Matrix2PlayerGameHolder(2, payoffs)
    theirs = egt.analytical.PairwiseComparison(30, game)
    assert fixation(0.3, 30, 0.5) == pytest.approx(
        theirs.calculate_fixation_probability(1, 0, 0.5), rel=1e-10
    )
    assert fixation(-0.3, 30, 0.5) == pytest.approx(
        theirs.calculate_fixation_probability(0, 1, 0.5), rel=1e-10
    )


def test_fixation_at_its_limits() -> None:
    assert fixation(0.0, 50, 0.1) == pytest.approx(1 / 50, rel=1e-14)
    assert fixation(1e-12, 50, 0.1) == pytest.approx(1 / 50, rel=1e-10)
    assert fixation(1e6, 50, 10.0) == 1.0
    assert log_fixation(-1e6, 50, 10.0) == pytest.approx(-49e7, rel=1e-12)
    assert np.array_equal(fixation(np.array([[1.0, -1.0]]), 9, 1.0).shape, (1, 2))


def chain_by_trees(logs: list[list[int | None]]) -> list[float]:
    """Stationary shares by the Markov chain tree theorem, in exact fractions; rates are powers of ten."""
    n = len(logs)
    weight = [Fraction(0)] * n
    for root in range(n):
        others = [state for state in range(n) if state != root]
        for targets in product(range(n), repeat=n - 1):
            tree = dict(zip(others, targets, strict=True))
            if any(logs[s][t] is None for s, t in tree.items()) or not all(
                reaches(tree, s, root) for s in others
            ):
                continue
            exponent = sum(logs[s][t] or 0 for s, t in tree.items())
            weight[root] += Fraction(10) ** exponent
    return [float(w / sum(weight)) for w in weight]


def reaches(tree: dict[int, int], state: int, root: int) -> bool:
    for _ in tree:
        state = tree.get(state, root)
    return state == root


@pytest.mark.parametrize("scale", [1, 40, 300])
@pytest.mark.parametrize("seed", range(4))
def test_chain_with_rates_hundreds_of_orders_apart(seed: int, scale: int) -> None:
    rng = np.random.default_rng(seed)
    powers = rng.integers(-3 * scale, 1, (4, 4))
    powers[:, 0] //= 2
    rates = [[None if i == j else int(powers[i, j]) for j in range(4)] for i in range(4)]
    logs = np.where(np.eye(4, dtype=bool), 0.0, powers * np.log(10.0))
    assert stationary_of_rates(logs) == pytest.approx(chain_by_trees(rates), rel=1e-10, abs=1e-300)


@pytest.mark.parametrize("intensity", [0.0, 0.05, 1.0])
def test_chain_agrees_with_eigenvectors(intensity: float) -> None:
    A, B = random_game(1, 3, 4)
    step = np.zeros((3, 4, 3, 4))
    for i, j in product(range(3), range(4)):
        for k in set(range(3)) - {i}:
            step[i, j, k, j] = fixation(A[k, j] - A[i, j], 20, intensity) / 4
        for k in set(range(4)) - {j}:
            step[i, j, i, k] = fixation(B[i, k] - B[i, j], 30, intensity) / 6
    matrix = step.reshape(12, 12)
    matrix += np.diag(1.0 - matrix.sum(axis=1))
    values, vectors = np.linalg.eig(matrix.T)
    exact = vectors[:, values.real.argmax()].real
    assert stationary(A, B, (20, 30), intensity).ravel() == pytest.approx(exact / exact.sum(), rel=1e-8)


def test_strong_selection_falls_back_on_logarithms() -> None:
    """Fixation of 1e-4000 and less: all weight goes to the one strict equilibrium, and nothing is nan."""
    A, B = np.array([[3.0, 0.0], [5.0, 1.0]]), np.array([[3.0, 5.0], [0.0, 1.0]])
    assert stationary(A, B, (100, 100), 100.0).tolist() == [[0.0, 0.0], [0.0, 1.0]]
    games = np.stack([A, 0.01 * A]), np.stack([B, 0.01 * B])
    both = stationary(*games, (100, 100), 100.0)
    assert both.sum(axis=(1, 2)) == pytest.approx([1.0, 1.0])
    assert both[1] == pytest.approx(stationary(A, B, (100, 100), 1.0), rel=1e-9)


def full_chain(A: Array, B: Array, sizes: tuple[int, int], intensity: float, mutation: float) -> Array:
    """Expected profile of the process with mutation, two strategies each, from its transition matrix."""
    big, small = sizes
    states = [(h, i) for h in range(big + 1) for i in range(small + 1)]  # firms that play the first strategy
    place = {state: k for k, state in enumerate(states)}
    moves = []
    for side, size in enumerate(sizes):
        matrix = np.zeros((len(states), len(states)))
        for state in states:
            own, share = state[side], state[1 - side] / sizes[1 - side]
            gains = (A[0] - A[1]) if side == 0 else (B[:, 0] - B[:, 1])
            lead = gains @ [share, 1.0 - share]
            for way, firms, edge in ((1, size - own, lead), (-1, own, -lead)):
                meets = (size - firms) / (size - 1)
                chance = firms / size * (mutation + (1.0 - mutation) * meets * fermi(intensity, float(edge)))
                if chance > 0.0:
                    after = (own + way, state[1]) if side == 0 else (state[0], own + way)
                    matrix[place[state], place[after]] = chance
        moves.append(matrix + np.diag(1.0 - matrix.sum(axis=1)))
    values, vectors = np.linalg.eig((moves[0] @ moves[1]).T)
    after_both = vectors[:, np.abs(values - 1.0).argmin()].real
    after_both /= after_both.sum()
    weight = 0.5 * (after_both + after_both @ moves[0])
    x, y = (np.array([state[side] / sizes[side] for state in states]) for side in (0, 1))
    return np.array([[weight @ (p * q) for q in (y, 1.0 - y)] for p in (x, 1.0 - x)])


GAME = np.array([[4.0, 1.1], [3.4, 1.3]]), np.array([[6.0, 7.3], [4.8, 4.3]])


@pytest.mark.parametrize("mutation", [0.5, 0.05, 0.002])
def test_play_agrees_with_the_full_chain(mutation: float) -> None:
    exact = full_chain(*GAME, (7, 5), 0.4, mutation)
    played = simulate(
        *GAME, sizes=(7, 5), intensity=0.4, mutation=mutation, revisions=100_000, runs=40, seed=5
    )
    assert np.all(np.abs(played.mean - exact) < 4.0 * played.error)
    assert played.error.max() < 0.02


def test_full_chain_tends_to_the_small_mutation_chain() -> None:
    chain = stationary(*GAME, (12, 12), 0.4)
    apart = [distance(full_chain(*GAME, (12, 12), 0.4, mu), chain) for mu in (1e-2, 1e-3, 1e-4)]
    assert apart[0] > apart[1] > apart[2]
    assert apart[2] < 0.01
    assert apart[1] / apart[2] == pytest.approx(10.0, rel=0.1)  # the error is of the order of the mutation


def test_says_whether_the_chain_holds() -> None:
    run = simulate(*GAME, sizes=(50, 50), intensity=0.1, mutation=1e-4, revisions=3_000_000, runs=4)
    assert run.limit == mutation_limit((50, 50)) == pytest.approx(0.005112, abs=5e-7)
    assert run.chain_holds
    assert run.distance == distance(run.mean, stationary(*GAME, (50, 50), 0.1))
    assert run.uniform.sum(axis=(1, 2)) == pytest.approx(np.full(4, 0.9), abs=0.1)
    assert not simulate(*GAME, sizes=(50, 50), intensity=0.1, mutation=0.01, revisions=10).chain_holds


def test_mutation_alone_gives_even_shares() -> None:
    """With mutation 1 every revision moves a random firm, whatever the payoffs."""
    run = simulate(*GAME, sizes=(4, 4), intensity=1.0, mutation=1.0, revisions=20_001, runs=100, seed=2)
    assert np.all(np.abs(run.mean - 0.25) < 4.0 * run.error)


def test_same_seed_same_bits_and_runs_stand_alone() -> None:
    three = simulate(*GAME, sizes=(9, 9), intensity=0.5, mutation=0.01, revisions=5000, runs=3, seed=7)
    two = simulate(*GAME, sizes=(9, 9), intensity=0.5, mutation=0.01, revisions=5000, runs=2, seed=7)
    assert np.array_equal(three.profiles[:2], two.profiles)
    other = simulate(*GAME, sizes=(9, 9), intensity=0.5, mutation=0.01, revisions=5000, runs=2, seed=8)
    assert not np.array_equal(other.profiles, two.profiles)


PROGRAM = """
import numpy as np
from simulator.evolution.basins import basins
from simulator.evolution.finite import stationary
from simulator.evolution.imitation_moves import simulate
rng = np.random.default_rng(1)
A, B = rng.normal(size=(2, 3, 2))
run = simulate(A, B, sizes=(6, 5), intensity=0.7, mutation=0.03, revisions=1000, runs=1)
print(run.profiles.tobytes().hex(), stationary(A, B, (6, 5), 0.7).tobytes().hex())
print(stationary(A, B, (60, 50), 70.0), basins(A, B, count=4, horizon=40.0).labels.tolist())
"""


def test_compiler_off_gives_the_same_bits(root: Path) -> None:
    told = {
        subprocess.run(
            [sys.executable, "-c", PROGRAM],
            env={**os.environ, "FRANDSIM_COMPILER": mode, "PYTHONPATH": str(root)},
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for mode in ("on", "off")
    }
    assert len(told) == 1


def test_refuses_what_cannot_be_played() -> None:
    with pytest.raises(ValueError, match="mutation in"):
        simulate(*GAME, sizes=(5, 5), intensity=1.0, mutation=1.5, revisions=10)
    with pytest.raises(ValueError, match="do not make up"):
        simulate(
            *GAME,
            sizes=(5, 5),
            intensity=1.0,
            mutation=0.1,
            revisions=10,
            start=(np.array([5, 1]), np.array([5, 0])),
        )


def test_long_run_shares_biased_by_noise_are_told() -> None:
    """A strategy that loses a little in truth: with 12 noisy replications it is given far too much time."""
    luck, count = np.random.default_rng(9), 12
    payoffs = np.array([[1.0], [1.04]])
    told = []
    for seed in range(30):
        a = payoffs + luck.normal(0, 0.25, (count, 2, 1))
        b = np.ones((count, 2, 1))
        time = stationary(a.mean(axis=0), b.mean(axis=0), (50, 50), 2.0)
        games = stationary(*resampled(a, b, 200, seed), (50, 50), 2.0)
        rows = {"regime": "law", "strategy": ["weak", "strong"], "share": time[:, 0]}
        told.append(bool(shifted(pd.DataFrame(rows | {"resampled": games.mean(axis=0)[:, 0]}))))
    assert np.mean(told) > 0.6
    sure = pd.DataFrame({"regime": "law", "strategy": ["weak"], "share": [0.04], "resampled": [0.06]})
    assert shifted(sure) == []
