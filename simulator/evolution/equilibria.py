"""Nash equilibria of a measured two-population game, and how sure the measurement lets one be of them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from math import comb

import numpy as np
from numpy.typing import NDArray

from simulator.evolution.replicator import Array
from simulator.evolution.stability import RestPoint, Stability, mixed_rest, rest_point

Flags = NDArray[np.bool_]

EXACT = 1e-9
"""An equilibrium whose best deviation gains less than this share of the payoffs' spread is exact."""

SAME = 1e-6
"""Equilibria closer than this in every share are one."""

SUPPORTS = 20_000
"""Support enumeration is skipped beyond this many pairs of supports; vertex enumeration runs always."""


@dataclass(frozen=True)
class Equilibrium:
    """A Nash equilibrium: the two mixes, payoffs and gains from the best deviation (holder, implementer)."""

    holders: Array
    implementers: Array
    payoffs: tuple[float, float]
    regret: tuple[float, float]
    point: RestPoint

    @property
    def support(self) -> tuple[tuple[int, ...], tuple[int, ...]]:
        """Strategies played by holders and by implementers."""
        played = (np.flatnonzero(mix).tolist() for mix in (self.holders, self.implementers))
        first, second = (tuple(map(int, side)) for side in played)
        return first, second

    @property
    def ess(self) -> bool:
        """Whether it is evolutionarily stable: strict, hence pure (Selten 1980)."""
        return self.point.stability is Stability.ESS


@dataclass(frozen=True)
class Equilibria:
    """All extreme equilibria, pure first; ``degenerate`` games may have continua between these."""

    equilibria: tuple[Equilibrium, ...]
    degenerate: bool


def strict(A: Array, B: Array, margin: Array | float = 0.0) -> Flags:
    """Which pure profiles are strict Nash equilibria, hence ESS: (..., m, n) for games (..., m, n).

    >>> strict(np.array([[3.0, 0.0], [5.0, 1.0]]), np.array([[3.0, 5.0], [0.0, 1.0]]))
    array([[False, False],
           [False,  True]])
    """
    holder, implementer = losses(A, B)
    return np.asarray((holder > margin) & (implementer > margin))


def losses(A: Array, B: Array) -> tuple[Array, Array]:
    """What each side loses by its best deviation from each pure profile, (..., m, n) each.

    Negative where deviating gains; infinite for a side with a single strategy.
    """
    return A - _best_other(A, -2), B - _best_other(B, -1)


def _best_other(table: Array, axis: int) -> Array:
    """The largest of the other entries along an axis."""
    if table.shape[axis] == 1:
        return np.full_like(table, -np.inf)
    top = np.partition(table, table.shape[axis] - 2, axis=axis)
    first, second = np.take(top, [-1], axis), np.take(top, [-2], axis)
    lead = np.arange(table.shape[axis]).reshape((-1, 1) if axis == -2 else (-1,)) == np.expand_dims(
        table.argmax(axis), axis
    )
    return np.where(lead, second, first)


def regret(A: Array, B: Array, x: Array, y: Array) -> tuple[float, float]:
    """Gain of each side's best deviation from a pair of mixes; both 0 in equilibrium."""
    holder, implementer = A @ y, x @ B
    return float(holder.max() - x @ holder), float(implementer.max() - y @ implementer)


def nash(A: Array, B: Array) -> Equilibria:
    """All Nash equilibria of the game with payoffs ``A`` (holders) and ``B`` (implementers), both (m, n).

    Vertex enumeration (nashpy), after scaling payoffs to [1, 2], joined with pure profiles and supports;
    each is checked by :func:`regret` and near copies are dropped.  In a degenerate game equilibria come in
    continua: what is found are their corners.  ``degenerate`` is true where an equilibrium leaves more best
    replies than the other side plays strategies, or where their number is even (Wilson 1971).
    """
    ours, theirs = scaled(A), scaled(B)
    kept: list[tuple[Array, Array]] = []
    for x, y in _candidates(ours, theirs):
        pair = _clean(x), _clean(y)
        new = all(max(np.abs(pair[0] - p).max(), np.abs(pair[1] - q).max()) > SAME for p, q in kept)
        if new and max(regret(ours, theirs, *pair)) <= EXACT:
            kept.append(pair)
    equilibria = tuple(_equilibrium(A, B, *pair) for pair in kept)
    loose = any(_loose(ours, theirs, *pair) for pair in kept)
    return Equilibria(equilibria, loose or len(equilibria) % 2 == 0)


def _candidates(A: Array, B: Array) -> Iterator[tuple[Array, Array]]:
    """Pure profiles, then what enumerations find; a side with one strategy has pure equilibria only."""
    from nashpy.algorithms.vertex_enumeration import vertex_enumeration

    m, n = A.shape
    eye, other = np.eye(m), np.eye(n)
    yield from ((eye[i], other[j]) for i in range(m) for j in range(n))
    if min(m, n) == 1:
        return
    yield from vertex_enumeration(A, B)
    if sum(comb(m, k) * comb(n, k) for k in range(1, min(m, n) + 1)) <= SUPPORTS:
        yield from mixed_rest(A, B)


def scaled(table: Array) -> Array:
    """Payoffs moved and stretched to [1, 2], which changes no equilibrium."""
    spread = float(np.ptp(table))
    return np.asarray(1.0 + (table - table.min()) / (spread if spread > 0.0 else 1.0))


def _clean(mix: Array) -> Array:
    """Shares without the dust of linear algebra."""
    mix = np.where(mix > EXACT, mix, 0.0)
    return np.asarray(mix / mix.sum())


def _loose(A: Array, B: Array, x: Array, y: Array) -> bool:
    """Whether a side has more best replies than the other plays strategies."""
    holder, implementer = A @ y, x @ B
    replies = [int((gain >= gain.max() - EXACT).sum()) for gain in (holder, implementer)]
    return bool(replies[0] > np.count_nonzero(y) or replies[1] > np.count_nonzero(x))


def _equilibrium(A: Array, B: Array, x: Array, y: Array) -> Equilibrium:
    paid = float(x @ A @ y), float(x @ B @ y)
    return Equilibrium(x, y, paid, regret(A, B, x, y), rest_point((A, B), (x, y)))


def possible(a: Array, b: Array, errors: float = 1.96) -> tuple[Flags, Flags]:
    """Which pure profiles the measurement cannot refuse as Nash, and which it proves strict, (m, n) each.

    ``a, b`` (replications, m, n) are the payoffs by replication, all cells under the same luck, so each
    deviation is judged by its paired difference: refused as an equilibrium where some deviation gains more
    than ``errors`` standard errors, proved strict where all lose more than that.

    >>> noise = np.array([[[0.1]], [[-0.1]], [[0.0]]])
    >>> a, b = noise + [[3.0, 0.0], [5.0, 1.0]], noise + [[3.0, 5.0], [0.0, 1.0]]
    >>> possible(a, b)[1].tolist()
    [[False, False], [False, True]]
    """
    gains, deviation_errors = zip(*(_deviations(table) for table in (a, np.swapaxes(b, 1, 2))), strict=True)
    may = [np.all(g <= errors * e, axis=0) for g, e in zip(gains, deviation_errors, strict=True)]
    own = [np.eye(g.shape[0], dtype=bool)[:, :, None] for g in gains]
    must = [
        np.all((g < -errors * e) | same, axis=0)
        for g, e, same in zip(gains, deviation_errors, own, strict=True)
    ]
    return np.asarray(may[0] & may[1].T), np.asarray(must[0] & must[1].T)


def _deviations(table: Array) -> tuple[Array, Array]:
    """Mean gain and standard error of moving own strategy from axis 1 to axis 0 of the result, (m, m, n)."""
    count = table.shape[0]
    gap = table[:, :, None, :] - table[:, None, :, :]
    return gap.mean(axis=0), gap.std(axis=0, ddof=1) / np.sqrt(count)
