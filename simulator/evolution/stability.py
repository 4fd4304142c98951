"""Rest points of the replicator dynamics and what happens near them.

Linearisation on the simplices themselves: directions that leave the sum of shares unchanged.  A pure
profile has payoff differences for eigenvalues.  A rest point in the interior has trace 0, so it is a saddle
or a centre and never attracts; a state that attracts is a strict pure Nash equilibrium, which is the same
as an evolutionarily stable profile (Selten 1980, J. Theor. Biol. 84: 93-101; Hofbauer and Sigmund 1998).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import chain, combinations

import numpy as np
from numpy.typing import NDArray
from scipy.linalg import block_diag, helmert

from simulator.evolution.replicator import Array, Mixes, contract, fitness

FLAT = 1e-7
"""Real parts below this share of the payoffs' spread count as 0: the square root of rounding, which is how
far a double eigenvalue 0 is split."""

DUST = 1e-5
"""A spread below this share of the payoffs' size is rounding, and does not lower what counts as 0."""

SINGULAR = 1e12
"""Indifference equations with a larger condition number are taken for singular."""


class Stability(StrEnum):
    """What the linearisation says of a rest point."""

    ESS = "evolutionarily stable"
    """Every direction dies out: the point attracts, and is a strict Nash equilibrium in pure strategies."""
    CENTRE = "centre"
    """Every direction turns without growing: orbits circle the point."""
    NEUTRAL = "neutral"
    """No direction grows, some stand still: the linearisation does not decide."""
    SADDLE = "saddle"
    """Some directions die out, some grow."""
    UNSTABLE = "unstable"
    """Directions grow and none dies out."""


@dataclass(frozen=True)
class RestPoint:
    """A rest point: mixes, eigenvalues (strategies less populations, by real part) and stability."""

    mixes: Mixes
    eigenvalues: NDArray[np.complex128]
    stability: Stability

    @property
    def interior(self) -> bool:
        """Whether every strategy is played."""
        return all(bool(mix.min() > 0.0) for mix in self.mixes)


def jacobian(payoffs: Sequence[Array], mixes: Sequence[Array]) -> Array:
    """Derivative of the replicator velocity by the k shares of all populations, (k, k)."""
    blocks = []
    for own, (mix, gain) in enumerate(zip(mixes, fitness(payoffs, mixes), strict=True)):
        row = []
        for other in range(len(mixes)):
            if other == own:
                row.append(np.diag(gain - gain @ mix) - np.outer(mix, gain))
                continue
            slope = contract(payoffs[own], mixes, [own, other])
            slope = slope if own < other else slope.T
            row.append(mix[:, None] * (slope - mix @ slope))
        blocks.append(row)
    return np.asarray(np.block(blocks), float)


def eigenvalues(payoffs: Sequence[Array], mixes: Sequence[Array]) -> NDArray[np.complex128]:
    """Eigenvalues of the linearised replicator dynamics along the simplices, ascending by real part.

    >>> A, B = np.array([[3.0, 0.0], [5.0, 1.0]]), np.array([[3.0, 5.0], [0.0, 1.0]])
    >>> eigenvalues((A, B), [np.array([0.0, 1.0])] * 2).real  # mutual defection: A_12 - A_22, B_21 - B_22
    array([-1., -1.])
    """
    along = block_diag(*[helmert(mix.size) for mix in mixes])
    found = np.asarray(np.linalg.eigvals(along @ jacobian(payoffs, mixes) @ along.T), np.complex128)
    return found[np.lexsort((found.imag, found.real))]


def classify(values: NDArray[np.complex128], spread: float) -> Stability:
    """Stability by eigenvalues; ``spread``, the largest payoff less the smallest, sets what counts as 0.

    >>> classify(np.array([-0.2j, 0.2j]), 1.0).name, classify(np.array([-1.0 + 0j, 0.0]), 1.0).name
    ('CENTRE', 'NEUTRAL')
    """
    small = FLAT * spread
    grows, dies = bool(np.any(values.real > small)), bool(np.any(values.real < -small))
    if grows:
        return Stability.SADDLE if dies else Stability.UNSTABLE
    flat = np.abs(values.real) <= small
    if not flat.any() and values.size:
        return Stability.ESS
    turning = values.size > 0 and bool(np.all(flat & (np.abs(values.imag) > small)))
    return Stability.CENTRE if turning else Stability.NEUTRAL


def rest_point(payoffs: Sequence[Array], mixes: Sequence[Array]) -> RestPoint:
    """A rest point with its eigenvalues and stability."""
    values = eigenvalues(payoffs, mixes)
    spread = max(max(float(np.ptp(table)), DUST * float(np.abs(table).max())) for table in payoffs)
    return RestPoint(tuple(mixes), values, classify(values, spread))


def rest_points(A: Array, B: Array) -> list[RestPoint]:
    """Every isolated rest point of two populations: pure profiles first, then mixed ones by support.

    Mixed ones solve the indifference equations of supports of equal size; supports on which the equations
    are singular carry none or a continuum, and are left out.
    """
    eye, other = np.eye(A.shape[0]), np.eye(A.shape[1])
    pure = [(eye[i], other[j]) for i in range(len(eye)) for j in range(len(other))]
    return [rest_point((A, B), point) for point in chain(pure, mixed_rest(A, B))]


def mixed_rest(A: Array, B: Array) -> Iterator[tuple[Array, Array]]:
    """Pairs of mixes that make the other side indifferent over its own support, two strategies or more each.

    nashpy's support enumeration compares shares off the support with 0 exactly, so that rounding of 1e-17
    loses equilibria of quite ordinary games; here the equations hold the support's strategies only.
    """
    m, n = A.shape
    for size in range(2, min(m, n) + 1):
        for rows in combinations(range(m), size):
            for columns in combinations(range(n), size):
                y = _indifferent(A[np.ix_(rows, columns)])
                x = _indifferent(B[np.ix_(rows, columns)].T) if y is not None else None
                if x is not None and y is not None:
                    pair = np.zeros(m), np.zeros(n)
                    pair[0][list(rows)], pair[1][list(columns)] = x, y
                    yield pair


def _indifferent(table: Array) -> Array | None:
    """Shares of the columns at which all rows earn the same, if there is one such mix of them all."""
    size = len(table)
    equations = np.vstack([np.diff(table, axis=0), np.ones(size)])
    if np.linalg.cond(equations) > SINGULAR:
        return None
    shares = np.linalg.solve(equations, np.eye(size)[-1])
    return np.asarray(shares / shares.sum()) if shares.min() > 0.0 else None
