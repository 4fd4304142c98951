"""Three populations: holders, implementers, and courts or regulators.

Courts intervene directly, by injunction, or not.  Payoffs are an array (3, m, n, k): to a holder, an
implementer and a court at each pure profile.
:func:`simulator.evolution.replicator.replicator` runs them (``replicator(payoffs, start, until)``).  Part of
the applied literature on three parties reports an interior point that is evolutionarily stable by Lyapunov's
first method; under these dynamics that cannot be: no share bears on its own side's payoffs, so the
linearisation at an interior rest point has trace 0 (Hofbauer and Sigmund 1998, section 11.4).
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain, combinations, product

import numpy as np
from scipy.optimize import root

from simulator.evolution.equilibria import Flags
from simulator.evolution.replicator import Array, Mixes, fitness
from simulator.evolution.stability import RestPoint, rest_point

CLOSE = 1e-6
"""Solutions nearer than this are one, and shares below this are on a face."""

Support = tuple[int, ...]


def stable(payoffs: Array) -> Flags:
    """Which pure profiles are strict Nash equilibria, hence evolutionarily stable: (m, n, k).

    >>> matching = np.zeros((3, 2, 2, 2))
    >>> matching[:, 0, 0, 0] = matching[:, 1, 1, 1] = 1.0
    >>> np.argwhere(stable(matching)).tolist()
    [[0, 0, 0], [1, 1, 1]]
    """
    steady = np.ones(payoffs.shape[1:], bool)
    for side, table in enumerate(payoffs):
        ordered = np.sort(table, axis=side)
        top = np.take(ordered, [-1], side)
        if table.shape[side] > 1:
            steady &= (table == top) & (top > np.take(ordered, [-2], side))
    return steady


def rest_points(payoffs: Array, *, tries: int = 8, seed: int = 1) -> list[RestPoint]:
    """Rest points of three populations: every pure profile, then the mixed ones that are found.

    On each triple of supports the equations "all played strategies earn the same" are polynomials of degree
    two; they are solved from ``tries`` random starts, so a mixed point can be missed, none is invented
    (residuals below 1e-10).  Supports that can carry continua only are skipped.
    """
    rng = np.random.default_rng(seed)
    points: list[Mixes] = []
    for supports in _supports(payoffs.shape[1:]):
        for _ in range(tries if any(len(support) > 1 for support in supports) else 1):
            guess = np.concatenate([rng.dirichlet(np.ones(len(support))) for support in supports])
            mixes = _solve(payoffs, supports, guess)
            if mixes is not None and all(_apart(mixes, known) for known in points):
                points.append(mixes)
    return [rest_point(tuple(payoffs), mixes) for mixes in points]


def _supports(shape: tuple[int, ...]) -> Iterator[tuple[Support, ...]]:
    """Triples of supports that can carry an isolated rest point: pure profiles first."""
    sides = [list(chain.from_iterable(combinations(range(s), r) for r in range(1, s + 1))) for s in shape]
    for supports in sorted(product(*sides), key=lambda triple: sum(map(len, triple))):
        free = [len(support) - 1 for support in supports]
        if all(2 * own <= sum(free) for own in free):
            yield supports


def _solve(payoffs: Array, supports: tuple[Support, ...], guess: Array) -> Mixes | None:
    """A mix of full support in which all played strategies earn the same, if ``guess`` leads to one."""
    game = [table[np.ix_(*supports)] for table in payoffs]
    cuts = np.cumsum([len(support) for support in supports])[:-1]

    def gap(point: Array) -> Array:
        mixes = np.split(point, cuts)
        earned = fitness(game, mixes)
        parts = [np.append(np.diff(f), mix.sum() - 1.0) for f, mix in zip(earned, mixes, strict=True)]
        return np.concatenate(parts)

    solved = root(gap, guess, tol=1e-12)
    if np.abs(gap(solved.x)).max() > 1e-10 or solved.x.min() < CLOSE:
        return None
    mixes = []
    for support, part, size in zip(supports, np.split(solved.x, cuts), payoffs.shape[1:], strict=True):
        mix = np.zeros(size)
        mix[list(support)] = part / part.sum()
        mixes.append(mix)
    return tuple(mixes)


def _apart(mixes: Mixes, other: Mixes) -> bool:
    return max(float(np.abs(p - q).max()) for p, q in zip(mixes, other, strict=True)) > CLOSE
