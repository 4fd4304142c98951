"""Double oracle: solve the game of the strategies known, look for better ones, take them up, and again.

*Source*: McMahan, Gordon and Blum (2003), ICML 536; Lanctot et al. (2017), NeurIPS 30 (policy-space response
oracles); empirical game-theoretic analysis: Wellman (2006), AAAI 1552.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from itertools import product
from typing import Generic, TypeVar

import numpy as np

from simulator.evolution.game import Values
from simulator.evolution.learned.certificate import Certificate, Run
from simulator.evolution.learned.contest import Contest, Lot, Luck, StrategyMix
from simulator.evolution.learned.meta import (
    Cells,
    MetaEquilibrium,
    Plan,
    Shares,
    mixes_of,
    quantal,
    solve,
)
from simulator.evolution.learned.oracle import Effort, Reply, reply, search

S = TypeVar("S")
RARE = 1e-3
"""Shares below this are not played."""


@dataclass(frozen=True)
class Budget:
    """How long is learned: rounds, the gain that ends it (share of what is due), replications of a cell."""

    rounds: int = 12
    tolerance: float = 0.01
    cells: int = 512
    effort: Effort = field(default_factory=Effort)


@dataclass(frozen=True)
class Start(Generic[S]):
    """Where learning begins: strategies of each kind, and the mix it answers first, if not the solved one."""

    name: str
    strategies: tuple[tuple[S, ...], ...]
    first: Shares | None = None


@dataclass(frozen=True)
class Round:
    """What was found in a round: the gain of each kind on the choice lot, negotiations played so far."""

    gains: tuple[float, ...]
    negotiations: int


@dataclass(frozen=True)
class Learned(Generic[S]):
    """Where learning ended from one start: known strategies, equilibria of their game, rounds."""

    start: Start[S]
    pools: tuple[tuple[S, ...], ...]
    equilibria: tuple[MetaEquilibrium, ...]
    rounds: tuple[Round, ...]
    quantal: Shares
    certificate: Certificate[S] | None = None

    @property
    def settled(self) -> MetaEquilibrium:
        """The equilibrium that was searched against last."""
        return self.equilibria[0]

    def mixes(self, shares: Shares | None = None) -> list[StrategyMix[S]]:
        """What each kind plays where it ended, or at other shares of its known strategies."""
        shares = self.settled.shares if shares is None else shares
        played = [np.flatnonzero(share > RARE) for share in shares]
        return [
            StrategyMix(tuple(pool[k] for k in places), share[places] / share[places].sum())
            for pool, share, places in zip(self.pools, shares, played, strict=True)
        ]


def starts(contest: Contest[S], count: int, seed: int, first: Shares | None = None) -> list[Start[S]]:
    """The menu of known strategies with the mix it leads to; then, in turn, known and random ones by lot."""
    made = [Start("menu", tuple(kind.known for kind in contest.kinds), first)]
    for number in range(1, count):
        rng = np.random.default_rng([seed, 13, number])
        single: list[tuple[S, ...]] = []
        for kind in contest.kinds:
            if number % 2:
                single.append((kind.known[int(rng.integers(len(kind.known)))],))
            else:
                space = kind.space
                point = space.low + (space.high - space.low) * rng.random(len(space.low))
                single.append((space.decode(point),))
        made.append(Start(f"{'named' if number % 2 else 'random'} {(number + 1) // 2}", tuple(single)))
    return made


def learn(
    contest: Contest[S],
    start: Start[S],
    number: int,
    budget: Budget,
    *,
    run: Run = map,
    told: Callable[[Round], None] | None = None,
) -> tuple[Learned[S], Cells[S]]:
    """Learn from one start (``number`` addresses its luck): each kind answers the others' mixes, in rounds.

    Kinds that gain take up their reply; the game of all known strategies is solved anew.  It ends when no
    kind gains as much as the tolerance on the choice lot, or with the rounds.
    """
    cells = Cells(contest, budget.cells, [list(side) for side in start.strategies])
    plans = _first_plans(contest, cells)
    equilibria = solve(cells, plans)
    shares = equilibria[0].shares if start.first is None else start.first
    rounds: list[Round] = []
    spent = 0
    for step in range(budget.rounds):
        replies = _replies(contest, cells, shares, (number, step), budget, run)
        spent += sum(one.negotiations for one in replies)
        rounds.append(Round(tuple(one.gain for one in replies), spent + cells.negotiations))
        if told is not None:
            told(rounds[-1])
        if max(one.gain for one in replies) < budget.tolerance and (step > 0 or start.first is None):
            break
        places = cells.add([[one.strategy] if one.gain > 0 else [] for one in replies])
        new = [mine[0] if mine else int(share.argmax()) for mine, share in zip(places, shares, strict=True)]
        for side in (0, 1):
            plans[side].append(_of_side(contest, new, side))
        equilibria = solve(cells, (plans[0], plans[1]), shares)
        shares = equilibria[0].shares
    return Learned(
        start, tuple(map(tuple, cells.pools)), tuple(equilibria), tuple(rounds), quantal(cells)
    ), cells


def _replies(
    contest: Contest[S], cells: Cells[S], shares: Shares, place: tuple[int, int], budget: Budget, run: Run
) -> list[Reply[S]]:
    """The best reply of each kind, on luck of this round alone."""
    mixes = mixes_of(cells, shares)

    def answer(kind: int) -> Reply[S]:
        known = _without_copies(contest, [*cells.pools[kind], *contest.kinds[kind].known])
        at = (*place, kind)
        tried = search(contest, kind, mixes, Luck(Lot.SEARCH, at), budget.effort, known)
        return reply(contest, kind, mixes, [tried], Luck(Lot.CHOICE, at), budget.effort.choice)

    return list(run(answer, list(range(len(contest.kinds)))))


def _without_copies(contest: Contest[S], strategies: Sequence[S]) -> list[S]:
    return list({contest.key(strategy): strategy for strategy in strategies}.values())


def _first_plans(contest: Contest[S], cells: Cells[S]) -> tuple[list[Plan], list[Plan]]:
    """Every kind of a side does the same: the k-th of its strategies (the last where it has fewer)."""
    sides: list[list[Plan]] = []
    for side in (0, 1):
        ours = [len(cells.pools[k]) for k, kind in enumerate(contest.kinds) if kind.side == side]
        sides.append([tuple(min(k, size - 1) for size in ours) for k in range(max(ours))])
    return sides[0], sides[1]


def _of_side(contest: Contest[S], places: Sequence[int], side: int) -> Plan:
    return tuple(place for place, kind in zip(places, contest.kinds, strict=True) if kind.side == side)


def determined(first: Sequence[Values], second: Sequence[Values], margin: float) -> int:
    """Whether one regime beats another at every pair of equilibria: 1, -1, or 0 where that is not determined.

    ``first`` and ``second`` hold an outcome by replication at each equilibrium, with the same luck; a pair
    counts where the mean difference is beyond ``margin`` and 1.96 standard errors.

    >>> luck = np.array([0.0, 0.1, 0.2])
    >>> determined([luck + 1, luck + 2], [luck], 0.5), determined([luck + 1, luck - 1], [luck], 0.5)
    (1, 0)
    """
    signs = set()
    for ours, theirs in product(first, second):
        gap = ours - theirs
        error = float(np.std(gap, ddof=1)) / np.sqrt(len(gap)) if len(gap) > 1 else np.inf
        size = float(gap.mean())
        signs.add(int(np.sign(size)) if abs(size) > max(margin, 1.96 * error) else 0)
    return signs.pop() if len(signs) == 1 else 0
