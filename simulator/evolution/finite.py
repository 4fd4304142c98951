"""Finite populations with rare mutation: fixation under Fermi imitation and where the populations then stay.

A firm copies another of its own side with probability ``1 / (1 + exp(-s (pi_other - pi_own)))`` (Traulsen,
Nowak and Pacheco 2006, Phys. Rev. E 74: 011909).  Payoffs come from the other side, which is uniform while
a rare mutant spreads, so the difference D is constant and fixation has a closed form.  Everything is kept
as logarithms: with strong selection rates differ by hundreds of orders of magnitude.
"""

from __future__ import annotations

import math

import numpy as np
from scipy.special import logsumexp

from simulator.compiled import compiled
from simulator.evolution.replicator import Array

FAINT = 1e-280
"""A sum of rates below this may have lost a part to underflow: the logarithms are used instead."""


@compiled
def log_fixation(advantage: float, size: int, intensity: float) -> float:
    """Logarithm of ``(1 - exp(-s D)) / (1 - exp(-Z s D))``: a single mutant takes over its population.

    ``advantage`` D of the mutant (payoff), population ``size`` Z, ``intensity`` s of selection (1 / payoff).

    >>> round(math.exp(log_fixation(0.5, 50, 0.1)), 6), round(math.exp(log_fixation(-0.5, 50, 0.1)), 6)
    (0.053132, 0.004585)
    >>> round(log_fixation(-20.0, 100, 1.0), 6)  # exp of it is 0 in floating point
    -1980.0
    """
    push = intensity * advantage
    if push == 0.0:
        return -math.log(size)
    pull = max(-push, 0.0)
    push = abs(push)
    return math.log(-math.expm1(-push)) - math.log(-math.expm1(-size * push)) - (size - 1) * pull


def fixation(advantage: Array | float, size: int, intensity: float) -> Array:
    """Fixation probability of a mutant with a constant payoff advantage; any shape.

    >>> fixation(np.array([0.5, 0.0, -0.5, -0.6]), 50, 0.1).round(6)
    array([0.053132, 0.02    , 0.004585, 0.00324 ])
    """
    given = np.asarray(advantage, float)
    logs = [log_fixation(float(each), size, float(intensity)) for each in given.ravel()]
    return np.exp(logs).reshape(given.shape)


def fixation_within(payoffs: Array, size: int, intensity: float) -> Array:
    """Fixation among firms that play each other, (n, n): a mutant column in a population of the row.

    ``[1 + sum_k prod_j exp(-s (pi_mutant(j) - pi_resident(j)))]^-1`` with nobody playing itself (Traulsen,
    Nowak and Pacheco 2006); ``payoffs`` (n, n) of the row against the column.  The diagonal is the neutral
    1 / size.

    >>> fixation_within(np.array([[1.0, 1.0], [1.0, 1.0]]), 4, 0.1)[0, 1].round(12)
    np.float64(0.25)
    """
    own = np.diagonal(payoffs)
    mutants = np.arange(1, size)[:, None, None]
    mutant = (mutants - 1) * own[None, None, :] + (size - mutants) * payoffs.T[None]
    resident = (size - mutants - 1) * own[None, :, None] + mutants * payoffs[None]
    paths = np.cumsum(-intensity * (mutant - resident) / (size - 1), axis=0)
    return np.asarray(np.exp(-logsumexp(np.concatenate([np.zeros((1, *payoffs.shape)), paths]), axis=0)))


def stationary(A: Array, B: Array, sizes: tuple[int, int], intensity: float) -> Array:
    """Long-run share of time in each pure profile under rare mutation, (..., m, n) for games (..., m, n).

    The small-mutation chain: one side in turn has a mutant of a random other strategy, which fixes or is
    lost before the next arises; between neighbouring profiles the rate is ``fixation / (2 (m - 1))`` for
    holders and ``/ (2 (n - 1))`` for implementers.  Exact without subtraction (Grassmann, Taksar and Heyman
    1985, Oper. Res. 33: 1107-1116).  Valid for mutation far below :func:`mutation_limit`.

    >>> A, B = np.array([[4.0, 0.8], [6.4, 2.8]]), np.array([[6.0, 7.9], [3.3, 4.6]])
    >>> stationary(A, B, (50, 50), 0.1).round(4).tolist()
    [[0.0, 0.0001], [0.0017, 0.9982]]
    """
    games = np.broadcast_shapes(A.shape, B.shape)
    ours = np.ascontiguousarray(np.broadcast_to(A, games), float).reshape(-1, *games[-2:])
    theirs = np.ascontiguousarray(np.broadcast_to(B, games), float).reshape(-1, *games[-2:])
    states = games[-2] * games[-1]
    out, rates = np.empty((len(ours), states)), np.empty((states, states))
    _stationary(ours, theirs, sizes[0], sizes[1], float(intensity), rates, out)
    return out.reshape(games)


def stationary_of_rates(log_rates: Array) -> Array:
    """Stationary distribution (n,) of a chain given the logarithms (n, n) of its rates from row to column.

    The diagonal is ignored; ``-inf`` is a rate 0.  States that none reaches from the first get share 0.

    >>> stationary_of_rates(np.array([[0.0, -800.0], [-801.0, 0.0]])).round(4)  # exp(1) to 1
    array([0.2689, 0.7311])
    """
    rates = np.array(log_rates, float)
    out = np.empty(len(rates))
    _eliminate_logs(rates, out)
    return out


def mutation_limit(sizes: tuple[int, int]) -> float:
    """Mutation must be far below ``1 / (Z ln Z)``, Z the larger population, for the small-mutation chain.

    Wu, Gokhale, Wang and Traulsen (2012), J. Math. Biol. 64: 803-827, for mutants that do not coexist with
    residents, which two populations exclude.  Nearly neutral mutants take longer, of the order of Z squared
    revisions: :func:`simulator.evolution.imitation_moves.simulate` says how far the two are apart.

    >>> round(mutation_limit((50, 50)), 6)
    0.005112
    """
    size = max(sizes)
    return 1.0 / (size * math.log(size)) if size > 1 else 1.0


def distance(first: Array, second: Array) -> float:
    """Total variation distance of two distributions of the same shape: 0 the same, 1 disjoint.

    >>> distance(np.array([1.0, 0.0]), np.array([0.75, 0.25]))
    0.25
    """
    return float(0.5 * np.abs(first - second).sum())


@compiled
def _stationary(
    A: Array, B: Array, holders: int, implementers: int, s: float, rates: Array, out: Array
) -> None:
    """Stationary distributions of all games, profile (i, j) at i * n + j; ``rates`` is scratch."""
    for game in range(A.shape[0]):
        _fill(A, B, game, holders, implementers, s, False, rates)
        if not _eliminate(rates, out[game]):
            _fill(A, B, game, holders, implementers, s, True, rates)
            _eliminate_logs(rates, out[game])


@compiled
def _fill(
    A: Array, B: Array, game: int, holders: int, implementers: int, s: float, logs: bool, rates: Array
) -> None:
    """Rates between pure profiles, or their logarithms."""
    m, n = A.shape[1], A.shape[2]
    rates[:] = -math.inf if logs else 0.0
    for i in range(m):
        for j in range(n):
            here = i * n + j
            for k in range(m):
                if k != i:
                    gain, weight = A[game, k, j] - A[game, i, j], 2.0 * (m - 1)
                    rates[here, k * n + j] = _rate(gain, holders, s, weight, logs)
            for k in range(n):
                if k != j:
                    gain, weight = B[game, i, k] - B[game, i, j], 2.0 * (n - 1)
                    rates[here, i * n + k] = _rate(gain, implementers, s, weight, logs)


@compiled
def _rate(advantage: float, size: int, intensity: float, weight: float, log: bool) -> float:
    """Fixation probability over ``weight``, or the logarithm of it."""
    if log:
        return log_fixation(advantage, size, intensity) - math.log(weight)
    push = abs(intensity * advantage)
    if push == 0.0:
        return 1.0 / (size * weight)
    rate = math.expm1(-push) / (math.expm1(-size * push) * weight)
    return rate if advantage > 0.0 else rate * math.exp(-(size - 1) * push)


@compiled
def _eliminate(rates: Array, share: Array) -> bool:
    """Grassmann, Taksar and Heyman's elimination in place; False where a part may have underflowed."""
    n = rates.shape[0]
    for k in range(n - 1, 0, -1):
        leaving = 0.0
        for j in range(k):
            leaving += rates[k, j]
        if leaving < FAINT:
            return False
        for i in range(k):
            into = rates[i, k] / leaving
            rates[i, k] = into
            if into > 0.0:
                for j in range(k):
                    rates[i, j] += into * rates[k, j]
    share[0] = 1.0
    total = 1.0
    for k in range(1, n):
        share[k] = 0.0
        for i in range(k):
            share[k] += share[i] * rates[i, k]
        total += share[k]
    if not total < 1.0 / FAINT:
        return False
    for k in range(n):
        share[k] /= total
    return True


@compiled
def _log_add(a: float, b: float) -> float:
    """``log(exp(a) + exp(b))``."""
    high, low = max(a, b), min(a, b)
    return high if low == -math.inf else high + math.log1p(math.exp(low - high))


@compiled
def _eliminate_logs(rates: Array, share: Array) -> None:
    """The same elimination with logarithms in place; ``share`` receives probabilities."""
    n = rates.shape[0]
    for k in range(n - 1, 0, -1):
        leaving = -math.inf
        for j in range(k):
            leaving = _log_add(leaving, rates[k, j])
        for i in range(k):
            if rates[i, k] == -math.inf:
                continue
            rates[i, k] -= leaving
            for j in range(k):
                if j != i and rates[k, j] > -math.inf:
                    rates[i, j] = _log_add(rates[i, j], rates[i, k] + rates[k, j])
    top = 0.0
    share[0] = 0.0
    for k in range(1, n):
        share[k] = -math.inf
        for i in range(k):
            share[k] = _log_add(share[k], share[i] + rates[i, k])
        top = max(top, share[k])
    total = 0.0
    for k in range(n):
        share[k] = math.exp(share[k] - top)
        total += share[k]
    for k in range(n):
        share[k] /= total
