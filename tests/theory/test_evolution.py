"""Evolution: the canonical holder-implementer game has closed forms throughout."""

from __future__ import annotations

import math

import numpy as np
import pytest

from simulator.evolution.basins import basins
from simulator.evolution.equilibria import nash, strict
from simulator.evolution.finite import fixation, stationary
from simulator.evolution.imitation_moves import simulate
from simulator.evolution.replicator import Array, replicator
from simulator.evolution.stability import Stability, eigenvalues, rest_points

GG, GO, UG, UO = (0, 0), (0, 1), (1, 0), (1, 1)


def canonical(q_h: Array | float, q_i: Array | float) -> tuple[Array, Array]:
    """The matrix of the canonical game with its example: r 4, pi 10, h = g = f = 3, kappa .9, k .5."""
    r, pi, h, g, kappa, k, f = 4.0, 10.0, 3.0, 3.0, 0.9, 0.5, 3.0
    q_h, q_i = np.broadcast_arrays(q_h, q_i)
    one = np.ones_like(q_h, float)
    holder = [
        [r * one, r - g * (1 - q_i) - k],
        [r + h * (1 - q_h) - q_h * f, kappa * r - k - q_h * f],
    ]
    implementer = [
        [(pi - r) * one, pi - r + g * (1 - q_i) - q_i * f - k],
        [pi - r - h * (1 - q_h), kappa * (pi - r) - k - q_i * f],
    ]
    return (np.stack([np.stack(row, axis=-1) for row in rows], axis=-2) for rows in (holder, implementer))  # type: ignore[return-value]


def test_corner_eigenvalues_are_payoff_differences() -> None:
    A, B = canonical(0.6, 0.2)
    for i in (0, 1):
        for j in (0, 1):
            corner = (np.eye(2)[i], np.eye(2)[j])
            expected = sorted([A[1 - i, j] - A[i, j], B[i, 1 - j] - B[i, j]])
            assert eigenvalues((A, B), corner).real == pytest.approx(expected, abs=1e-8)


def test_one_sided_enforcement_has_a_centre_and_no_pure_equilibrium() -> None:
    A, B = canonical(0.6, 0.2)
    (only,) = nash(A, B).equilibria
    assert only.holders[0] == pytest.approx(0.27778, abs=5e-6)
    assert only.implementers[0] == pytest.approx(0.25, abs=1e-12)
    assert only.point.stability is Stability.CENTRE
    assert only.point.eigenvalues.imag == pytest.approx([-0.23274, 0.23274], abs=5e-6)
    assert [point.stability for point in rest_points(A, B)] == [Stability.SADDLE] * 4 + [Stability.CENTRE]
    assert basins(A, B, count=64).cycles == 1.0


def period(start: tuple[list[float], list[float]]) -> float:
    """Time between the first and the last upward crossing of the holders' Nash share, per turn."""
    run = replicator(canonical(0.6, 0.2), start, 300.0, points=30_001)
    away = run.mixes[0][:, 0] - 0.27777777777777778
    up = np.flatnonzero((away[:-1] < 0.0) & (away[1:] >= 0.0))
    crossing = run.time[up] - away[up] * np.diff(run.time)[up] / np.diff(away)[up]
    return float((crossing[-1] - crossing[0]) / (len(crossing) - 1))


def test_small_orbits_take_the_linear_period() -> None:
    assert period(([0.2787, 0.7213], [0.25, 0.75])) == pytest.approx(26.997, abs=2e-3)


def test_orbit_keeps_its_invariant_and_averages_to_nash() -> None:
    start = ([0.3, 0.7], [0.4, 0.6])
    run = replicator(canonical(0.6, 0.2), start, 300.0)
    assert run.drift < 1e-8
    x, y = (np.log(mix) for mix in run.mixes)
    constant = -0.2 * y[:, 0] - 0.6 * y[:, 1] - 0.5 * x[:, 0] - 1.3 * x[:, 1]  # b, -a, -d, c
    assert constant == pytest.approx(1.5554173, abs=1e-7)
    whole = replicator(canonical(0.6, 0.2), start, 10 * period(start))
    assert whole.average[0][0] == pytest.approx(0.2777778, abs=1e-5)
    assert whole.average[1][0] == pytest.approx(0.25, abs=1e-5)


def test_symmetric_sanctions_climb_the_ladder() -> None:
    q = np.linspace(0.0005, 0.9995, 1000)
    stable = strict(*canonical(q, q))
    steps = {UO: q < 0.95 / 3, UG: (q > 0.95 / 3) & (q < 0.5), GG: q > 0.5, GO: q < 0}
    for profile, where in steps.items():
        assert np.array_equal(stable[(slice(None), *profile)], where)
    assert pytest.approx(0.31667, abs=5e-6) == 0.95 / 3


def test_phase_map_fractions() -> None:
    middle = (np.arange(100) + 0.5) / 100
    stable = strict(*canonical(*np.meshgrid(middle, middle, indexing="ij")))
    count = stable.sum(axis=(2, 3))
    alone = {profile: (stable[(..., *profile)] & (count == 1)).mean() for profile in (GG, GO, UG, UO)}
    assert alone[UG] == pytest.approx(0.306, abs=5e-4)
    assert alone[GG] == pytest.approx(0.290, abs=5e-4)
    assert alone[UO] == pytest.approx(0.202, abs=5e-4)
    assert alone[GO] == pytest.approx(0.143, abs=5e-4)
    assert (count == 0).mean() == pytest.approx(0.0575, abs=5e-5)
    both = (stable[(..., *GO)] & stable[(..., *UG)]).mean()
    assert both == (count == 2).mean() == pytest.approx(0.0015, abs=5e-5)


@pytest.mark.parametrize(
    ("q", "profile"),
    [
        ((0.6, 0.0), UO),
        ((0.6, 0.3), GO),
        ((0.6, 0.45), GG),
        ((0.2, 0.6), UG),
        ((0.45, 0.6), UG),
        ((0.0, 0.6), UO),
        ((0.6, 0.2), None),
        ((0.55, 0.1), None),
    ],
)
def test_points_of_the_phase_map(q: tuple[float, float], profile: tuple[int, int] | None) -> None:
    A, B = canonical(*q)
    assert [tuple(map(int, place)) for place in np.argwhere(strict(A, B))] == ([profile] if profile else [])
    reached = basins(A, B, count=64)
    assert (reached.cycles if profile is None else reached.profiles[profile]) == 1.0


def test_fixation_of_a_constant_advantage() -> None:
    expected = [0.053132, 0.02, 0.004585, 0.003240]
    assert fixation(np.array([0.5, 0.0, -0.5, -0.6]), 50, 0.1) == pytest.approx(expected, abs=5e-7)
    product_sum = 1.0 / sum(math.exp(-0.1 * 0.5 * k) for k in range(50))
    assert fixation(0.5, 50, 0.1) == pytest.approx(product_sum, rel=1e-12)


def test_fixation_by_simulation() -> None:
    """One mutant with D = .5 among 20, s = .5: .2227, in 10^5 runs of the process itself."""
    runs, holders = 100_000, np.array([[0.0, 0.0], [0.5, 0.5]])
    start = (np.array([19, 1]), np.array([2, 0]))
    played = simulate(
        holders,
        np.zeros((2, 2)),
        sizes=(20, 2),
        intensity=0.5,
        mutation=0.0,
        revisions=10**6,
        runs=runs,
        start=start,
    )
    fixed = played.final[0][:, 1] == 20
    assert np.all(fixed | (played.final[0][:, 1] == 0))
    expected = float(fixation(0.5, 20, 0.5))
    assert expected == pytest.approx(0.2227, abs=5e-5)
    assert abs(fixed.mean() - expected) < 3.0 * math.sqrt(expected * (1.0 - expected) / runs)


@pytest.mark.parametrize(
    ("q", "shares"),
    [
        ((0.1, 0.1), {UO: 0.9982}),
        ((0.4, 0.4), {UG: 0.8412, UO: 0.0792, GO: 0.0408, GG: 0.0388}),
        ((0.6, 0.6), {GG: 0.9457}),
        ((0.6, 0.2), {GO: 0.4661, UO: 0.2390, UG: 0.1975, GG: 0.0974}),
    ],
)
def test_stationary_distributions(q: tuple[float, float], shares: dict[tuple[int, int], float]) -> None:
    found = stationary(*canonical(*q), (50, 50), 0.1)
    assert found.sum() == pytest.approx(1.0, rel=1e-12)
    for profile, share in shares.items():
        assert found[profile] == pytest.approx(share, abs=5e-5)
    assert stationary(*canonical(*q), (50, 50), 0.0) == pytest.approx(np.full((2, 2), 0.25), rel=1e-12)
