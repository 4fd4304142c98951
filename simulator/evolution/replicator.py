"""Replicator dynamics of two or three populations that meet in one game.

A game is one payoff array a population, each of shape (strategies of the first, of the second, ...): for
holders and implementers ``(A, B)``, both (m, n).  ``x'_i = x_i (f_i - mean f)`` (Taylor 1979, J. Appl.
Prob. 16: 76-83; Hofbauer and Sigmund 1998): the standard dynamics, not Maynard Smith's, which divide the
velocity by the mean payoff and can turn a centre into an attractor.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.integrate import solve_ivp
from scipy.special import log_softmax, softmax

Array = NDArray[np.float64]
Mixes = tuple[Array, ...]
"""One array a population: its shares, (strategies,) or, over time, (times, strategies)."""

TOLERANCE = 1e-11
"""Relative and absolute error of a step: keeps the invariant of theory.md 2.2 to 1e-8 over t = 300."""


@dataclass(frozen=True)
class Trajectory:
    """A run of a dynamics: ``time`` (T,), ``mixes`` (T, strategies) each, and time averages over the run.

    ``drift`` is the largest change of :func:`invariant` along the run, the integrator's own error; nan where
    nothing is conserved (more than two strategies, mutation, a start on a face, other dynamics).
    """

    time: Array
    mixes: Mixes
    average: Mixes
    drift: float = float("nan")

    @property
    def end(self) -> Mixes:
        """The mixes at the end of the run."""
        return tuple(mix[-1] for mix in self.mixes)


def contract(table: Array, mixes: Sequence[Array], keep: Sequence[int]) -> Array:
    """Expectation of a payoff array over every population but ``keep``.

    >>> contract(np.array([[4.0, 2.0], [6.0, 1.0]]), [np.array([0.5, 0.5]), np.array([1.0, 0.0])], [0])
    array([4., 6.])
    """
    for population in reversed(range(len(mixes))):
        if population not in keep:
            table = np.moveaxis(table, population, -1) @ mixes[population]
    return table


def fitness(payoffs: Sequence[Array], mixes: Sequence[Array]) -> Mixes:
    """Payoff of each pure strategy against the others' mixes, one array a population."""
    return tuple(contract(table, mixes, [own]) for own, table in enumerate(payoffs))


def velocity(payoffs: Sequence[Array], mixes: Sequence[Array], mutation: float = 0.0) -> Mixes:
    """Change of the shares: ``x_i (f_i - mean f) + mu (1 / m - x_i)``.

    Mutation is added, not multiplied into the payoffs, so that a constant added to all payoffs changes
    nothing.
    """
    return tuple(
        mix * (gain - gain @ mix) + mutation * (1.0 / mix.size - mix)
        for mix, gain in zip(mixes, fitness(payoffs, mixes), strict=True)
    )


def invariant(A: Array, B: Array, log_x: Array, log_y: Array) -> Array:
    """What two populations with two strategies conserve: ``b ln y - a ln(1 - y) - d ln x + c ln(1 - x)``.

    ``log_x, log_y`` (..., 2) are logarithms of shares; a, b, c, d are the payoff differences of the first
    strategy over the second (Hofbauer and Sigmund 1998, chapter 11).  Constant along every interior orbit.

    >>> A, B = np.array([[4.0, 1.1], [3.4, 1.3]]), np.array([[6.0, 7.3], [4.8, 4.3]])
    >>> shares = np.log([0.3, 0.7]), np.log([0.4, 0.6])
    >>> round(float(invariant(A, B, *shares)), 7)
    1.5554173
    """
    a, b = A[0] - A[1]
    c, d = B[:, 0] - B[:, 1]
    return np.asarray(b * log_y[..., 0] - a * log_y[..., 1] - d * log_x[..., 0] + c * log_x[..., 1])


def replicator(
    payoffs: Sequence[Array],
    start: Sequence[Sequence[float] | Array],
    until: float,
    *,
    mutation: float = 0.0,
    points: int = 201,
    tolerance: float = TOLERANCE,
) -> Trajectory:
    """The mixes over time from ``start`` to time ``until``, at ``points`` even times.

    Without mutation the integrator works on logarithms of shares, whose velocity is ``f_i - mean f``: no
    share turns negative, none has to be clipped, and an orbit that passes a corner at 1e-200 comes back as
    it should.  Absent strategies stay absent.  With mutation the shares keep away from the faces, and it
    works on them directly.

    Raises:
        ValueError: shares that are negative or do not sum to 1, or an integration that fails.
    """
    mixes = [as_mix(mix) for mix in start]
    if mutation > 0.0:
        return integrate(
            lambda now: velocity(payoffs, now, mutation), mixes, until, points=points, tolerance=tolerance
        )
    alive = [np.flatnonzero(mix) for mix in mixes]
    game = [np.asarray(table, float)[np.ix_(*alive)] for table in payoffs]

    def growth(now: Mixes) -> Mixes:
        return tuple(gain - gain @ mix for mix, gain in zip(now, fitness(game, now), strict=True))

    inner = [np.log(mix[kept]) for mix, kept in zip(mixes, alive, strict=True)]
    run = integrate(growth, inner, until, points=points, tolerance=tolerance, logarithms=True)
    logs = [log_softmax(part, axis=1) for part in run.mixes]
    conserved = [part.shape[1] for part in logs] == [2, 2]
    value = invariant(game[0], game[1], logs[0], logs[1]) if conserved else np.full(1, np.nan)
    whole = [(kept, mix.size) for kept, mix in zip(alive, mixes, strict=True)]
    return Trajectory(
        run.time,
        tuple(_embed(np.exp(part), *place) for part, place in zip(logs, whole, strict=True)),
        tuple(_embed(part, *place) for part, place in zip(run.average, whole, strict=True)),
        float(np.abs(value - value[0]).max()),
    )


def integrate(
    rate: Callable[[Mixes], Mixes],
    start: Sequence[Array],
    until: float,
    *,
    points: int,
    tolerance: float = TOLERANCE,
    logarithms: bool = False,
) -> Trajectory:
    """Integrate ``rate`` of the mixes, and the time averages with them (DOP853, adaptive).

    ``start`` holds shares or, with ``logarithms``, their logarithms, which ``rate`` then moves.

    Raises:
        ValueError: an integration that fails.
    """
    sizes = [part.size for part in start]
    cuts = np.cumsum(sizes + sizes)[:-1]

    def change(_: float, state: Array) -> Array:
        now = tuple(np.split(state, cuts)[: len(sizes)])
        shares = tuple(softmax(part) for part in now) if logarithms else now
        return np.concatenate([*rate(shares), *shares])

    state = np.concatenate([*start, *map(np.zeros_like, start)])
    time = np.linspace(0.0, until, points)
    solution = solve_ivp(change, (0.0, until), state, "DOP853", time, rtol=tolerance, atol=tolerance)
    if not solution.success:
        raise ValueError(f"the dynamics could not be integrated to t = {until:g}: {solution.message}")
    parts = np.split(solution.y.T, cuts, axis=1)
    averages = tuple(part[-1] / until for part in parts[len(sizes) :])
    return Trajectory(time, tuple(parts[: len(sizes)]), averages)


def as_mix(shares: Sequence[float] | Array) -> Array:
    """The shares as an array.

    >>> as_mix([0.25, 0.75])
    array([0.25, 0.75])

    Raises:
        ValueError: shares that are negative or do not sum to 1.
    """
    mix = np.asarray(shares, float)
    if not (np.all(mix >= 0.0) and abs(mix.sum() - 1.0) < 1e-9):
        raise ValueError(
            f"shares must be at least 0 and sum to 1, got {mix.tolist()}; for example [0.5, 0.5]"
        )
    return mix


def _embed(part: Array, kept: NDArray[np.intp], size: int) -> Array:
    """Shares of the strategies ``kept`` among all ``size``."""
    whole = np.zeros((*part.shape[:-1], size))
    whole[..., kept] = part
    return whole
