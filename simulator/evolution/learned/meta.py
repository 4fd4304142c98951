"""The game of the strategies known so far: cells, equilibria, a quantal response as robust alternative."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import product
from typing import Generic, TypeVar

import numpy as np
import numpy.typing as npt

from simulator.evolution.game import Values
from simulator.evolution.learned.contest import Contest, Lot, Luck, StrategyMix, meet, pair_of, rivals
from simulator.vocabulary import Party

S = TypeVar("S")
SURE = 2.0
"""Standard errors within which two strategies are one."""
KNOWN_GAIN = 1e-4
"""What a known strategy may still gain, share of what is due, before the game of plans is closed."""
ROUNDS = 200
"""Plans added at most until no known strategy gains."""
APART = 1e-3
"""Largest difference of a share below which two equilibria are one."""
DUST = 1e-6
"""Shares below this are none."""
SHARPNESS = 100.0
"""Of the quantal response: a strategy that pays 1 % less of what is due is played e times less often
(assumption)."""


@dataclass
class Cells(Generic[S]):
    """Known strategies of every kind, and what each pays against each, on the lot of cells.

    ``paid[h, i]``: (replications, strategies of h, strategies of i, 2), both kinds' parts.
    """

    contest: Contest[S]
    count: int
    pools: list[list[S]]
    paid: dict[tuple[int, int], Values] = field(default_factory=dict)
    negotiations: int = 0

    def __post_init__(self) -> None:
        """Play the strategies there are."""
        pools, self.pools = self.pools, [[] for _ in self.pools]
        self.add(pools)

    def add(self, new: Sequence[Sequence[S]]) -> list[list[int]]:
        """Take up strategies by kind and play them; the places of all of them, known or new."""
        places: list[list[int]] = []
        before = [len(pool) for pool in self.pools]
        for pool, more in zip(self.pools, new, strict=True):
            keys = {self.contest.key(strategy): place for place, strategy in enumerate(pool)}
            for strategy in more:
                if keys.setdefault(self.contest.key(strategy), len(pool)) == len(pool):
                    pool.append(strategy)
            places.append([keys[self.contest.key(strategy)] for strategy in more])
        for h, i in pairs(self.contest):
            self._grow((h, i), before[h], before[i])
        return places

    def _grow(self, pair: tuple[int, int], m: int, n: int) -> None:
        """Play what is new in the cells of a pair of kinds: rows from ``m`` on, columns from ``n`` on."""
        ours, theirs = self.pools[pair[0]], self.pools[pair[1]]
        luck, span = Luck(Lot.CELLS), range(self.count)
        table = np.empty((self.count, len(ours), len(theirs), 2))
        if m and n:
            table[:, :m, :n] = self.paid[pair]
        if len(ours) > m:
            table[:, m:] = meet(self.contest, pair, (ours[m:], theirs), luck, span)
        if len(theirs) > n and m:
            table[:, :m, n:] = meet(self.contest, pair, (ours[:m], theirs[n:]), luck, span)
        self.negotiations += self.count * (len(ours) * len(theirs) - m * n)
        self.paid[pair] = table

    def means(self) -> dict[tuple[int, int], Values]:
        """Mean payoffs by pair of kinds: (m, n, 2)."""
        return {pair: table.mean(axis=0) for pair, table in self.paid.items()}


def pairs(contest: Contest[S]) -> list[tuple[int, int]]:
    """Pairs of kinds that meet, holder first."""
    ours, theirs = ([k for k, kind in enumerate(contest.kinds) if kind.side == side] for side in (0, 1))
    return list(product(ours, theirs))


Shares = tuple[Values, ...]
"""A mix for each kind, over its known strategies."""
Plan = tuple[int, ...]
"""For each kind of a side, the place of a known strategy: what a side does."""


def values(means: dict[tuple[int, int], Values], contest: Contest[S], shares: Shares) -> list[Values]:
    """What each known strategy of each kind pays against the others' mixes."""
    result = []
    for kind, place in ((one, k) for k, one in enumerate(contest.kinds)):
        paid = np.zeros(len(shares[place]))
        for rival in rivals(contest, place):
            table = means[pair_of(contest, place, rival)][:, :, kind.side]
            paid = paid + (table @ shares[rival] if kind.side == Party.HOLDER else shares[rival] @ table)
        result.append(paid)
    return result


@dataclass(frozen=True)
class MetaEquilibrium:
    """Mixes of known strategies from which no known strategy gains more than ``regret``."""

    shares: Shares
    payoffs: tuple[float, ...]
    regret: float


def judged(means: dict[tuple[int, int], Values], contest: Contest[S], shares: Shares) -> MetaEquilibrium:
    """Mixes with their payoffs and what the best known deviation of any kind gains."""
    paid = values(means, contest, shares)
    own = tuple(float(share @ value) for share, value in zip(shares, paid, strict=True))
    return MetaEquilibrium(
        shares, own, max(float(value.max()) - mine for value, mine in zip(paid, own, strict=True))
    )


def solve(
    cells: Cells[S], start: tuple[Sequence[Plan], Sequence[Plan]], near: Shares | None = None
) -> list[MetaEquilibrium]:
    """Equilibria of the game of known strategies; the first is the one to go on with.

    Kinds of a side do not meet, so a side's best reply is each kind's.  The game of *plans* (a strategy for
    each kind) begins with the ``start``; whatever kinds would rather play is added as one more plan until no
    known strategy gains, then Lemke and Howson (1964) from all labels say which equilibria there are.  Each
    is checked by what its best deviation gains; the first is the nearest to ``near``, if that is given.
    """
    from simulator.evolution.learned.lemke_howson import lemke_howson

    contest, means = cells.contest, cells.means()
    plans: tuple[dict[Plan, None], dict[Plan, None]] = (dict.fromkeys(start[0]), dict.fromkeys(start[1]))
    label = 0
    for _ in range(ROUNDS):
        bimatrix = _bimatrix(means, contest, plans)
        solved = lemke_howson(*bimatrix, label)
        if solved is None:
            label += 1
            if label >= sum(map(len, plans)):
                break
            continue
        shares = _by_kind(cells, plans, solved)
        paid = values(means, contest, shares)
        gains = [float(value.max() - share @ value) for value, share in zip(paid, shares, strict=True)]
        if max(gains) <= KNOWN_GAIN:
            break
        better = [int(value.argmax()) for value in paid]
        size = sum(map(len, plans))
        for side in (0, 1):
            ours = [place for place, kind in enumerate(contest.kinds) if kind.side == side]
            if max(gains[place] for place in ours) > KNOWN_GAIN:
                plans[side][tuple(better[place] for place in ours)] = None
        if sum(map(len, plans)) == size:  # rounding alone is left
            break
    equilibria: list[MetaEquilibrium] = []
    bimatrix = _bimatrix(means, contest, plans)
    for label in range(sum(map(len, plans))):
        solved = lemke_howson(*bimatrix, label)
        if solved is None:
            continue
        ended = judged(means, contest, _by_kind(cells, plans, solved))
        new = all(distance(ended.shares, other.shares) > APART for other in equilibria)
        if new and ended.regret <= 2 * KNOWN_GAIN:
            equilibria.append(ended)
    if not equilibria:  # degenerate throughout: the quantal response stands in
        equilibria = [judged(means, contest, quantal(cells))]
    if near is not None:
        padded = tuple(
            np.pad(share, (0, len(pool) - len(share))) for share, pool in zip(near, cells.pools, strict=True)
        )
        equilibria.sort(key=lambda each: distance(each.shares, padded))
    return equilibria


def distance(a: Shares, b: Shares) -> float:
    """The largest difference of a share."""
    return max(float(np.abs(x - y).max()) for x, y in zip(a, b, strict=True))


def _bimatrix(
    means: dict[tuple[int, int], Values],
    contest: Contest[S],
    plans: tuple[dict[Plan, None], dict[Plan, None]],
) -> tuple[Values, Values]:
    """The game of two sides that choose plans; a side's payoff is the sum of its kinds'."""
    sides = [[place for place, kind in enumerate(contest.kinds) if kind.side == side] for side in (0, 1)]
    ours, theirs = (np.array([*one]) for one in plans)
    table = np.zeros((len(ours), len(theirs), 2))
    for a, h in enumerate(sides[0]):
        for b, i in enumerate(sides[1]):
            table += means[h, i][ours[:, a][:, None], theirs[:, b][None, :]]
    return table[..., 0], table[..., 1]


def _by_kind(
    cells: Cells[S], plans: tuple[dict[Plan, None], dict[Plan, None]], mixes: tuple[Values, Values]
) -> Shares:
    """What each kind plays where the sides mix their plans."""
    shares = [np.zeros(len(pool)) for pool in cells.pools]
    for side in (0, 1):
        ours = [place for place, kind in enumerate(cells.contest.kinds) if kind.side == side]
        for plan, share in zip(plans[side], mixes[side], strict=True):
            for place, strategy in zip(ours, plan, strict=True):
                shares[place][strategy] += share
    return tuple(shares)


def mixes_of(cells: Cells[S], shares: Shares) -> list[StrategyMix[S]]:
    """The strategies each kind plays with a share, and the shares."""
    mixes = []
    for pool, share in zip(cells.pools, shares, strict=True):
        played = np.flatnonzero(share > DUST)
        mixes.append(StrategyMix(tuple(pool[k] for k in played), share[played] / share[played].sum()))
    return mixes


def merged(cells: Cells[S]) -> list[list[int]]:
    """For each kind, known strategies without copies: the first of those equal within two standard errors.

    Two are equal where what they pay, and what they pay the other side, differs in no cell by more than two
    standard errors of the paired difference.
    """
    kept: list[list[int]] = []
    for place, kind in enumerate(cells.contest.kinds):
        tables = []
        for rival in rivals(cells.contest, place):
            paid = cells.paid[pair_of(cells.contest, place, rival)]
            tables.append(paid if kind.side == Party.HOLDER else np.swapaxes(paid, 1, 2))
        own = np.concatenate(tables, axis=2)
        first: list[int] = []
        for strategy in range(own.shape[1]):
            if not any(_equal(own[:, strategy] - own[:, other]) for other in first):
                first.append(strategy)
        kept.append(first)
    return kept


def _equal(gap: Values) -> bool:
    error = gap.std(axis=0, ddof=1) / np.sqrt(len(gap))
    return bool(np.all(np.abs(gap.mean(axis=0)) <= SURE * error + 1e-12))


def quantal(cells: Cells[S], sharpness: float = SHARPNESS) -> Shares:
    """The logit quantal response (McKelvey and Palfrey 1995) of known strategies without copies.

    Followed from even mixes up to ``sharpness`` by damped steps; a copy of a strategy changes nothing.
    """
    kept, means, contest = merged(cells), cells.means(), cells.contest
    sides = [[place for place, kind in enumerate(contest.kinds) if kind.side == side] for side in (0, 1)]
    paid = [
        np.block([[means[h, i][np.ix_(kept[h], kept[i])][..., side] for i in sides[1]] for h in sides[0]])
        for side in (0, 1)
    ]
    sizes = [np.array([len(kept[place]) for place in ours]) for ours in sides]
    mixes = [1.0 / np.repeat(size, size) for size in sizes]
    for level in np.geomspace(1.0, sharpness, 60):
        for damped in _damping():
            goal = (
                _logit(level * (paid[0] @ mixes[1]), sizes[0]),
                _logit(level * (mixes[0] @ paid[1]), sizes[1]),
            )
            gap = max(float(np.abs(own - new).max()) for own, new in zip(mixes, goal, strict=True))
            mixes = [(1 - damped) * own + damped * new for own, new in zip(mixes, goal, strict=True)]
            if gap < 1e-9:
                break
    shares = [np.zeros(len(pool)) for pool in cells.pools]
    for ours, size, mix in zip(sides, sizes, mixes, strict=True):
        for place, share in zip(ours, np.split(mix, np.cumsum(size)[:-1]), strict=True):
            shares[place][kept[place]] = share
    return tuple(shares)


def _damping() -> Iterator[float]:
    for step in range(400):
        yield 0.3 / (1 + step / 50)


def _logit(worth: Values, sizes: npt.NDArray[np.int64]) -> Values:
    """Shares of the strategies of each kind of a side, which stand one kind after another."""
    first = np.cumsum(sizes) - sizes
    odds = np.exp(worth - np.repeat(np.maximum.reduceat(worth, first), sizes))
    return np.asarray(odds / np.repeat(np.add.reduceat(odds, first), sizes))
