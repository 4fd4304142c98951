"""Finite populations in full: Fermi imitation with mutation, every revision played out.

A revision: a random firm of one side mutates to a random other strategy with the mutation probability,
else it looks at another firm of its side and copies it by Fermi's rule.  Holders and implementers revise in
turn.  While both sides are uniform nothing happens before the next mutation, so the clock jumps to it.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from simulator.compiled import compiled
from simulator.engine.draws import E53, MASK, S11, S32, U, uniform, words
from simulator.evolution.finite import distance, mutation_limit, stationary
from simulator.evolution.replicator import Array

Counts = NDArray[np.int64]

REVISE, COPY, WAIT = 60, 61, 62
"""Purposes of draws, beside those of :mod:`simulator.engine.draws`."""

LONGEST = 2**32 - 1
"""Revisions of a run at most: the index of a draw has 32 bits."""


@dataclass(frozen=True)
class FiniteRun:
    """What independent populations did: time shares by population (runs, m, n), and how valid the chain is.

    ``profiles``: chance that a random holder and a random implementer play (i, j), averaged over time;
    ``uniform``: share of time in which both sides are uniform at (i, j) (sums to less than 1);
    ``final``: firms by strategy at the end, (runs, m) and (runs, n).
    """

    profiles: Array
    uniform: Array
    final: tuple[Counts, Counts]
    mutation: float
    limit: float
    chain: Array

    @property
    def mean(self) -> Array:
        """Time-averaged profile over all runs, (m, n)."""
        return np.asarray(self.profiles.mean(axis=0))

    @property
    def error(self) -> Array:
        """Standard error of :attr:`mean` over independent runs; nan with one."""
        runs = len(self.profiles)
        if runs < 2:
            return np.full(self.profiles.shape[1:], np.nan)
        return np.asarray(self.profiles.std(axis=0, ddof=1) / math.sqrt(runs))

    @property
    def distance(self) -> float:
        """Total variation between the time average and the small-mutation chain."""
        return distance(self.mean, self.chain)

    @property
    def chain_holds(self) -> bool:
        """Whether mutation is a tenth of :func:`mutation_limit` or less ("far below" read as a tenth)."""
        return self.mutation <= 0.1 * self.limit


def simulate(
    A: Array,
    B: Array,
    *,
    sizes: tuple[int, int],
    intensity: float,
    mutation: float,
    revisions: int,
    runs: int = 1,
    seed: int = 1,
    start: tuple[Counts, Counts] | None = None,
    burn_in: float = 0.1,
) -> FiniteRun:
    """Play ``runs`` independent pairs of populations for ``revisions`` revisions each.

    ``start``: firms by strategy, (m,) and (n,); without it firms are spread evenly.  The first ``burn_in`` of
    the revisions are left out of the averages.  Without mutation a run ends when both sides are uniform.
    Same seed, same bits: every draw has the address (seed, run, side, purpose, revision).

    Raises:
        ValueError: too many revisions, mutation outside [0, 1], or a start that does not fit the sizes.
    """
    m, n = A.shape
    if not (0 < revisions <= LONGEST and 0.0 <= mutation <= 1.0):
        raise ValueError(
            f"revisions must be 1 to {LONGEST} and mutation in [0, 1], got {revisions} and {mutation:g};"
            " for example revisions=1_000_000, mutation=1e-3"
        )
    given = (
        [_evenly(size, kinds) for size, kinds in zip(sizes, (m, n), strict=True)] if start is None else start
    )
    counts = np.zeros((2, max(m, n)), np.int64)
    counts[0, :m], counts[1, :n] = given
    if tuple(counts.sum(axis=1)) != tuple(sizes) or counts.min() < 0 or min(sizes) < 2:
        raise ValueError(
            f"firms {[list(side) for side in given]} do not make up populations of {sizes}, 2 or more"
        )
    payoff = np.zeros((2, max(m, n), max(m, n)))
    payoff[0, :m, :n], payoff[1, :n, :m] = A, B.T
    profiles, alone = np.zeros((runs, m, n)), np.zeros((runs, m, n))
    final = np.zeros((runs, 2, max(m, n)), np.int64)
    burnt = int(burn_in * revisions) if mutation > 0.0 else 0
    for run in range(runs):
        final[run] = counts
        _play(
            payoff,
            m,
            n,
            final[run],
            intensity,
            mutation,
            burnt,
            revisions,
            seed,
            run,
            profiles[run],
            alone[run],
        )
    chain = stationary(A, B, sizes, intensity)
    ends = final[:, 0, :m], final[:, 1, :n]
    return FiniteRun(profiles, alone, ends, mutation, mutation_limit(sizes), chain)


def _evenly(size: int, kinds: int) -> Counts:
    """Firms spread over the strategies as evenly as whole numbers allow."""
    return np.full(kinds, size // kinds) + (np.arange(kinds) < size % kinds)


@compiled
def fermi(intensity: float, advantage: float) -> float:
    """Probability to copy a firm that earns ``advantage`` more: ``1 / (1 + exp(-s advantage))``.

    >>> fermi(0.1, 0.0), round(fermi(2.0, 1.0), 6), fermi(1.0, -1e6)
    (0.5, 0.880797, 0.0)
    """
    push = intensity * advantage
    if push >= 0.0:
        return 1.0 / (1.0 + math.exp(-push))
    odds = math.exp(push)
    return odds / (1.0 + odds)


@compiled
def _play(  # noqa: C901, PLR0915  # one loop over one state: arrays handed to helpers cost as much as the work
    payoff: Array,
    m: int,
    n: int,
    counts: Counts,
    intensity: float,
    mutation: float,
    burnt: int,
    revisions: int,
    seed: int,
    run: int,
    profiles: Array,
    alone: Array,
) -> None:
    """One run: ``counts`` (2, strategies) moves in place, time shares are added up in the last two."""
    holders, implementers, present = 0, 0, 0
    for i in range(m):
        holders += counts[0, i]
        present += 1 if counts[0, i] > 0 else 0
    for j in range(n):
        implementers += counts[1, j]
        present += 1 if counts[1, j] > 0 else 0
    total, kinds = (holders, implementers), (m, n)
    since, now = burnt, 0
    while now < revisions:
        mutates = False
        if present == 2:
            if mutation <= 0.0:
                break
            if mutation < 1.0:
                wait = math.log1p(-uniform(seed, run, 2, WAIT, now)) / math.log1p(-mutation)
                if wait >= revisions - now:
                    break
                now += int(wait)
            mutates = True
        side = now & 1
        other = 1 - side
        first, second = words(seed, run, side, REVISE, now)
        if not mutates:
            mutates = float(first >> S11) * E53 < mutation
        place = int(np.int64(((second & MASK) * U(total[side])) >> S32))
        old = 0
        while place >= counts[side, old]:
            place -= counts[side, old]
            old += 1
        new = old
        if mutates:
            if kinds[side] > 1:
                new = int(np.int64(((second >> S32) * U(kinds[side] - 1)) >> S32))
                if new >= old:
                    new += 1
        else:
            place = int(np.int64(((second >> S32) * U(total[side] - 1)) >> S32))
            model = 0
            while True:
                others = counts[side, model] - (1 if model == old else 0)
                if place < others:
                    break
                place -= others
                model += 1
            if model != old:
                gain = 0.0
                for k in range(kinds[other]):
                    gain += (payoff[side, model, k] - payoff[side, old, k]) * counts[other, k]
                if uniform(seed, run, side, COPY, now) < fermi(intensity, gain / total[other]):
                    new = model
        if new != old:
            if now > since:
                _spend(counts, m, n, now - since, total[0], total[1], profiles, alone)
                since = now
            present += (1 if counts[side, new] == 0 else 0) - (1 if counts[side, old] == 1 else 0)
            counts[side, old] -= 1
            counts[side, new] += 1
        now += 1
    if revisions > since:
        _spend(counts, m, n, revisions - since, total[0], total[1], profiles, alone)
    time = float(revisions - burnt)
    for i in range(m):
        for j in range(n):
            profiles[i, j] /= time * total[0] * total[1]
            alone[i, j] /= time


@compiled
def _spend(
    counts: Counts, m: int, n: int, time: int, holders: int, implementers: int, profiles: Array, alone: Array
) -> None:
    """Add the time that the populations have just spent as they are."""
    for i in range(m):
        if counts[0, i] > 0:
            for j in range(n):
                if counts[1, j] > 0:
                    profiles[i, j] += float(counts[0, i] * counts[1, j]) * time
                    if counts[0, i] == holders and counts[1, j] == implementers:
                        alone[i, j] += time
