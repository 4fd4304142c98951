"""Finite populations in full: Fermi imitation with mutation, every revision played out.

A revision: a random firm of one side mutates to a random other strategy with the mutation probability,
else it looks at another firm of its side and copies it by Fermi's rule.  Holders and implementers revise in
turn.  While both sides are uniform nothing happens before the next mutation, so the clock jumps to it.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from simulator.compiled import compiled, inlined
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
        shared = (final[run], intensity, mutation, profiles[run], alone[run])
        _play(Populations(payoff, (m, n), sizes, *shared), burnt, revisions, seed, run)
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


class Populations(NamedTuple):
    """Two populations of firms in one game: how they imitate, and what is added up of them.

    ``payoff[side, own, other]``; ``kinds`` and ``total`` [side]: strategies, firms; ``counts[side, own]``
    moves in place; ``profiles`` and ``alone`` (m, n) are time shares.
    """

    payoff: Array
    kinds: tuple[int, int]
    total: tuple[int, int]
    counts: Counts
    intensity: float
    mutation: float
    profiles: Array
    alone: Array


@compiled
def _play(firms: Populations, burnt: int, revisions: int, seed: int, run: int) -> None:
    """One run; time is counted from the revision ``burnt``."""
    counts = firms.counts
    present = _strategies_present(firms)
    since, now = burnt, 0
    while now < revisions:
        mutates = False
        if present == 2:
            if firms.mutation <= 0.0:
                break
            if firms.mutation < 1.0:
                wait = math.log1p(-uniform(seed, run, 2, WAIT, now)) / math.log1p(-firms.mutation)
                if wait >= revisions - now:
                    break
                now += int(wait)
            mutates = True
        side = now & 1
        old, new = _revise(firms, side, mutates, seed, run, now)
        if new != old:
            if now > since:
                _spend(firms, now - since)
                since = now
            present += (1 if counts[side, new] == 0 else 0) - (1 if counts[side, old] == 1 else 0)
            counts[side, old] -= 1
            counts[side, new] += 1
        now += 1
    if revisions > since:
        _spend(firms, revisions - since)
    time = float(revisions - burnt)
    for i in range(firms.kinds[0]):
        for j in range(firms.kinds[1]):
            firms.profiles[i, j] /= time * firms.total[0] * firms.total[1]
            firms.alone[i, j] /= time


@inlined
def _strategies_present(firms: Populations) -> int:
    """How many strategies, of both sides, some firm plays."""
    present = 0
    for side in range(2):
        for k in range(firms.kinds[side]):
            present += 1 if firms.counts[side, k] > 0 else 0
    return present


@inlined
def _revise(firms: Populations, side: int, mutates: bool, seed: int, run: int, now: int) -> tuple[int, int]:
    """The strategy of the firm whose turn it is, and the one it plays from now on."""
    first, second = words(seed, run, side, REVISE, now)
    if not mutates:
        mutates = float(first >> S11) * E53 < firms.mutation
    place = int(np.int64(((second & MASK) * U(firms.total[side])) >> S32))
    old = 0
    while place >= firms.counts[side, old]:
        place -= firms.counts[side, old]
        old += 1
    if not mutates:
        return old, _imitate(firms, side, old, second, uniform(seed, run, side, COPY, now))
    new = old
    if firms.kinds[side] > 1:
        new = int(np.int64(((second >> S32) * U(firms.kinds[side] - 1)) >> S32))
        if new >= old:
            new += 1
    return old, new


@inlined
def _imitate(firms: Populations, side: int, old: int, second: Any, u: float) -> int:
    """The strategy of a firm that has met another of its side: the other's, if that earns more."""
    counts, other = firms.counts, 1 - side
    place = int(np.int64(((second >> S32) * U(firms.total[side] - 1)) >> S32))
    model = 0
    while True:
        others = counts[side, model] - (1 if model == old else 0)
        if place < others:
            break
        place -= others
        model += 1
    if model == old:
        return old
    gain = 0.0
    for k in range(firms.kinds[other]):
        gain += (firms.payoff[side, model, k] - firms.payoff[side, old, k]) * counts[other, k]
    return model if u < fermi(firms.intensity, gain / firms.total[other]) else old


@compiled
def _spend(firms: Populations, time: int) -> None:
    """Add the time that the populations have just spent as they are."""
    counts, (holders, implementers) = firms.counts, firms.total
    for i in range(firms.kinds[0]):
        if counts[0, i] > 0:
            for j in range(firms.kinds[1]):
                if counts[1, j] > 0:
                    firms.profiles[i, j] += float(counts[0, i] * counts[1, j]) * time
                    if counts[0, i] == holders and counts[1, j] == implementers:
                        firms.alone[i, j] += time
