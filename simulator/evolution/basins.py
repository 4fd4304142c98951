"""Basins: where the replicator dynamics lead from every mix that two populations may start with."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.stats import qmc

from simulator.compiled import compiled, inlined
from simulator.evolution.equilibria import losses
from simulator.evolution.replicator import Array

CYCLE, REST, UNDECIDED = -1, -2, -3
"""Destinations that are no pure profile: mixes that keep turning, a mixed state of rest, none in time."""

STEP = 0.2
"""Step of the integration (Runge and Kutta, order 4), in units of one over the payoffs' spread."""

NEGLIGIBLE = 1e-7
"""Mixes whose best deviation gains less than this share of the spread have come to rest."""

SWING = 0.01
"""A share turns back when it has moved this far from its last extreme."""

FEW, MANY = 4, 24
"""Turns of a share that make a cycle: at the horizon (with one in its second half), at any time."""

Labels = NDArray[np.int64]


@dataclass(frozen=True)
class Basins:
    """Share of starts that end at each pure profile (m, n), in cycles, at mixed rest, or undecided.

    ``labels`` (starts,): profile (i, j) as ``i * n + j``, or ``CYCLE``, ``REST``, ``UNDECIDED``.
    """

    profiles: Array
    cycles: float
    rest: float
    undecided: float
    labels: Labels


def starts(m: int, n: int, count: int, seed: int = 1) -> tuple[Array, Array]:
    """Initial mixes spread evenly over both simplices, (count, m) and (count, n).

    A scrambled Sobol sequence, each simplex by the gaps between its sorted coordinates; ``count`` a power
    of two.

    >>> x, y = starts(2, 3, 64)
    >>> x.shape, y.shape, bool(np.allclose(y.sum(axis=1), 1.0)), round(float(x[:, 0].mean()), 1)
    ((64, 2), (64, 3), True, 0.5)
    """
    if m + n == 2:
        return np.ones((count, 1)), np.ones((count, 1))
    points = qmc.Sobol(m + n - 2, rng=np.random.default_rng(seed)).random(count)
    first, second = (
        np.diff(np.sort(part, axis=1), axis=1, prepend=0.0, append=1.0)
        for part in np.split(points, [m - 1], axis=1)
    )
    return first, second


def basins(A: Array, B: Array, *, count: int = 1024, seed: int = 1, horizon: float = 2000.0) -> Basins:
    """Basins of attraction by share of the initial mixes, ``count`` of them (a power of two)."""
    x, y = starts(A.shape[0], A.shape[1], count, seed)
    return basins_from(A, B, x, y, horizon=horizon)


def basin_map(A: Array, B: Array, *, points: int = 50, horizon: float = 2000.0) -> Labels:
    """Labels on a grid of midpoints for two strategies each, (points, points).

    Row: the holders' share of their first strategy, ascending; column: the implementers' of theirs.
    """
    grid = (np.arange(points) + 0.5) / points
    first, second = (axis.ravel() for axis in np.meshgrid(grid, grid, indexing="ij"))
    x, y = (np.stack([share, 1.0 - share], axis=1) for share in (first, second))
    return basins_from(A, B, x, y, horizon=horizon).labels.reshape(points, points)


def basins_from(A: Array, B: Array, x: Array, y: Array, *, horizon: float = 2000.0) -> Basins:
    """Where the dynamics lead from mixes ``x`` (starts, m) and ``y`` (starts, n), all inside the simplices.

    A path has arrived at a strict equilibrium when it is so near that every other strategy loses for good
    (a bound, not a guess); at a tie or a mixture when no deviation gains anything to speak of.  Two
    strategies each without a pure equilibrium turn for ever on closed orbits.  Elsewhere a path is told as
    a cycle when a share turns back ``MANY`` times, or a ``FEW`` times and late.  ``horizon`` in units of one
    over the spread; a path that has not arrived by then is undecided.
    """
    ours, theirs = np.asarray(A, float), np.asarray(B, float)
    m, n = ours.shape
    labels = np.full(len(x), CYCLE, np.int64)
    if not turns(ours, theirs):
        spread = max(float(np.ptp(ours)), float(np.ptp(theirs)))
        step = STEP / spread if spread > 0.0 else 1.0
        most = max(m, n)
        game, loss, logs = np.zeros((2, most, most)), np.ones((2, most, most)), np.zeros((len(x), 2, most))
        game[0, :m, :n], game[1, :n, :m] = ours, theirs.T
        for side, lost in enumerate(losses(ours, theirs)):
            rows = lost if side == 0 else lost.T
            loss[side, : len(rows), : len(rows.T)] = np.where(np.isfinite(rows), rows, 1.0)
        logs[:, 0, :m], logs[:, 1, :n] = np.log(x), np.log(y)
        _travel(game, loss, np.array([m, n]), logs, step, int(horizon / STEP), Walk.of(most), labels)
    profiles = np.bincount(labels[labels >= 0], minlength=m * n).reshape(m, n) / len(labels)
    cycles, rest, undecided = (float(np.mean(labels == code)) for code in (CYCLE, REST, UNDECIDED))
    return Basins(profiles, cycles, rest, undecided, labels)


def turns(A: Array, B: Array) -> bool:
    """Whether a game of two strategies each has a centre, so that every interior orbit is closed.

    >>> turns(np.array([[1.0, -1.0], [-1.0, 1.0]]), np.array([[-1.0, 1.0], [1.0, -1.0]]))
    True
    """
    if A.shape != (2, 2):
        return False
    a, b = A[0] - A[1]
    c, d = B[:, 0] - B[:, 1]
    return bool(a * b < 0.0 and c * d < 0.0 and (a - b) * (c - d) < 0.0)


class Walk(NamedTuple):
    """A start on its way, by side and own strategy: where it is, and where its shares have turned back."""

    log: Array
    mix: Array
    gain: Array
    move: Array
    extreme: Array
    way: Array
    spread: Array
    regret: Array
    turned: Labels
    chief: Labels

    @classmethod
    def of(cls, most: int) -> Walk:
        """Room for a walk among as many strategies a side."""
        log, mix, gain, move, extreme, way = np.empty((6, 2, most))
        spread, regret = np.empty((2, 2))
        turned, chief = np.empty((2, most), np.int64), np.empty(2, np.int64)
        return cls(log, mix, gain, move, extreme, way, spread, regret, turned, chief)


@compiled
def _travel(
    game: Array,
    losses: Array,
    kinds: Labels,
    logs: Array,
    step: float,
    steps: int,
    walk: Walk,
    labels: Labels,
) -> None:
    """Follow every start on logarithms of shares until it arrives or the steps are used up.

    ``game[side, own, other]``: payoffs; ``losses[side, own, other]``: by the best deviation from a profile;
    ``kinds[side]``: strategies; ``logs[start, side, own]``.
    """
    _spreads(game, kinds, walk)
    for start in range(labels.shape[0]):
        _set_out(logs[start], kinds, walk)
        label, late = UNDECIDED, False
        for now in range(steps):
            _stage(game, kinds, walk, 0, step)
            before, most = _turn_back(kinds, walk)
            late = late or (before and now > steps // 2)
            label = _arrived(losses, kinds, walk, CYCLE if before and most >= MANY else UNDECIDED)
            if label != UNDECIDED:
                break
            for stage in range(1, 4):
                _stage(game, kinds, walk, stage, step)
            for side in range(2):
                for k in range(kinds[side]):
                    walk.log[side, k] += walk.move[side, k]
        if label == UNDECIDED and late:
            for side in range(2):
                for k in range(kinds[side]):
                    if walk.turned[side, k] >= FEW:
                        label = CYCLE
        labels[start] = label


@inlined
def _spreads(game: Array, kinds: Labels, walk: Walk) -> None:
    """Highest less lowest payoff of each side."""
    for side in range(2):
        most, least = -math.inf, math.inf
        for k in range(kinds[side]):
            for other in range(kinds[1 - side]):
                most, least = max(most, game[side, k, other]), min(least, game[side, k, other])
        walk.spread[side] = most - least


@inlined
def _set_out(logs: Array, kinds: Labels, walk: Walk) -> None:
    """Stand at a start: no share has turned back yet."""
    for side in range(2):
        for k in range(kinds[side]):
            walk.log[side, k] = logs[side, k]
            walk.extreme[side, k], walk.way[side, k] = math.exp(logs[side, k]), 1.0
            walk.turned[side, k] = 0


@inlined
def _stage(game: Array, kinds: Labels, walk: Walk, stage: int, step: float) -> None:
    """One of the four stages of Runge and Kutta: the mix it looks at, and what it adds to the move."""
    for side in range(2):
        _look(kinds, walk, side, stage, step)
    for side in range(2):
        _earn(game, kinds, walk, side, stage, step)


@inlined
def _look(kinds: Labels, walk: Walk, side: int, stage: int, step: float) -> None:
    """The mix of a side at a stage, from logarithms of shares."""
    reach = 0.0 if stage == 0 else step if stage == 3 else 0.5 * step
    log, mix, gain = walk.log, walk.mix, walk.gain
    top, total = -math.inf, 0.0
    for k in range(kinds[side]):
        if stage == 0:
            mix[side, k], walk.move[side, k] = log[side, k], 0.0
        else:
            mix[side, k] = log[side, k] + reach * gain[side, k]
        top = max(top, mix[side, k])
    for k in range(kinds[side]):
        mix[side, k] = math.exp(mix[side, k] - top)
        total += mix[side, k]
    for k in range(kinds[side]):
        mix[side, k] /= total


@inlined
def _earn(game: Array, kinds: Labels, walk: Walk, side: int, stage: int, step: float) -> None:
    """What each strategy of a side earns more than its mean at a stage, weighed into the move."""
    weight = step / 6.0 if stage in (0, 3) else step / 3.0
    mix, gain = walk.mix, walk.gain
    mean, best = 0.0, -math.inf
    for k in range(kinds[side]):
        earned = 0.0
        for other in range(kinds[1 - side]):
            earned += game[side, k, other] * mix[1 - side, other]
        gain[side, k] = earned
        mean += mix[side, k] * earned
        best = max(best, earned)
    for k in range(kinds[side]):
        gain[side, k] -= mean
        walk.move[side, k] += weight * gain[side, k]
    if stage == 0:
        walk.regret[side] = best - mean


@inlined
def _turn_back(kinds: Labels, walk: Walk) -> tuple[bool, int]:
    """Note the chief strategy of each side, and shares that turn back: whether any, and their most turns."""
    any_turned, most = False, 0
    mix, extreme, way = walk.mix, walk.extreme, walk.way
    for side in range(2):
        chief = 0
        for k in range(kinds[side]):
            if mix[side, k] > mix[side, chief]:
                chief = k
            ahead = way[side, k] * (mix[side, k] - extreme[side, k])
            if ahead > 0.0:
                extreme[side, k] = mix[side, k]
            elif ahead < -SWING:
                extreme[side, k] = mix[side, k]
                way[side, k] = -way[side, k]
                walk.turned[side, k] += 1
                any_turned, most = True, max(most, walk.turned[side, k])
        walk.chief[side] = chief
    return any_turned, most


@inlined
def _arrived(losses: Array, kinds: Labels, walk: Walk, label: int) -> int:
    """The profile or rest a mix has come to; ``label`` where it has not."""
    i, j = walk.chief[0], walk.chief[1]
    holder, implementer = walk.mix[0, i], walk.mix[1, j]
    spread, regret = walk.spread, walk.regret
    if (
        implementer * losses[0, i, j] > (1.0 - implementer) * spread[0]
        and holder * losses[1, j, i] > (1.0 - holder) * spread[1]
    ):
        return int(i * kinds[1] + j)
    if regret[0] <= NEGLIGIBLE * spread[0] and regret[1] <= NEGLIGIBLE * spread[1]:
        return int(i * kinds[1] + j) if holder * implementer > 1.0 - 1e-4 else REST
    return label
