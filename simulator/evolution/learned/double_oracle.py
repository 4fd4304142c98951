"""Double oracle: solve the game of the strategies known, look for better ones, take them up, and again.

*Source*: McMahan, Gordon and Blum (2003), ICML 536; Lanctot et al. (2017), NeurIPS 30 (policy-space response
oracles); empirical game-theoretic analysis: Wellman (2006), AAAI 1552.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import Generic, TypeVar

import numpy as np

from simulator.evolution.learned.certificate import (
    REPLICATIONS,
    SEARCHES,
    Certificate,
    Run,
    beginning,
    certify,
)
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
from simulator.evolution.learned.oracle import Effort, Reply, anywhere, reply, search

S = TypeVar("S")
GLANCE = 0.25
"""Length of the search that comes first in a round, share of a whole one."""
WORTH = 0.5
"""A reply is taken up if it gains this share of the tolerance."""
RARE = 1e-3
"""Shares below this are not played."""


@dataclass(frozen=True)
class Budget:
    """How long is learned: rounds, the gain that ends it (share of what is due), replications of a cell.

    ``searches``: whole searches of a kind that must find nothing; a certificate has as many.
    """

    rounds: int = 24
    tolerance: float = 0.01
    cells: int = 1024
    searches: int = SEARCHES
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
                single.append((kind.space.decode(anywhere(kind.space, rng)),))
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
        best, played = _answers(contest, cells, shares, (number, step), budget, run)
        spent += played
        rounds.append(Round(tuple(one.gain for one in best), spent + cells.negotiations))
        if told is not None:
            told(rounds[-1])
        settled = step > 0 or start.first is None
        if settled and max(one.gain for one in best) < budget.tolerance:
            break
        worth = WORTH * budget.tolerance
        places = cells.add([[one.strategy] if one.gain >= worth else [] for one in best])
        new = [mine[0] if mine else int(share.argmax()) for mine, share in zip(places, shares, strict=True)]
        for side in (0, 1):
            plans[side].append(_of_side(contest, new, side))
        equilibria = solve(cells, (plans[0], plans[1]), shares)
        shares = equilibria[0].shares
    pools, response = tuple(map(tuple, cells.pools)), quantal(cells)
    return Learned(start, pools, tuple(equilibria), tuple(rounds), response), cells


def learn_certified(
    contest: Contest[S],
    start: Start[S],
    number: int,
    budget: Budget,
    *,
    seed: int,
    replications: int = REPLICATIONS,
    run: Run = map,
) -> Learned[S]:
    """Learn from one start and certify where it ended, on so many replications of the report lot."""
    learned, _ = learn(contest, start, number, budget, run=run)
    known = [
        _without_copies(contest, [*pool, *kind.known])
        for pool, kind in zip(learned.pools, contest.kinds, strict=True)
    ]
    certificate = certify(
        contest,
        learned.mixes(),
        known,
        budget.effort,
        start=number,
        seed=seed,
        searches=budget.searches,
        replications=replications,
        run=run,
    )
    return replace(learned, certificate=certificate)


def _answers(
    contest: Contest[S], cells: Cells[S], shares: Shares, place: tuple[int, int], budget: Budget, run: Run
) -> tuple[list[Reply[S]], int]:
    """A better reply of each kind, on luck of this round alone, and the negotiations played.

    A short search comes first; where no kind gains by its own, whole ones follow until some kind does, at
    most as many as a certificate has.
    """
    mixes = mixes_of(cells, shares)
    kinds = list(range(len(contest.kinds)))
    known = [_without_copies(contest, [*cells.pools[k], *contest.kinds[k].known]) for k in kinds]
    every: list[list[Reply[S]]] = [[] for _ in kinds]
    for attempt in range(1 + budget.searches):
        effort = budget.effort if attempt else budget.effort.part(GLANCE)

        def answer(kind: int, attempt: int = attempt, effort: Effort = effort) -> Reply[S]:
            lot = (*place, kind, attempt)
            begin = beginning(max(0, attempt - 1), len(known[kind]))
            tried = search(contest, kind, mixes, Luck(Lot.SEARCH, lot), effort, known[kind], begin)
            return reply(contest, kind, mixes, [tried], Luck(Lot.CHOICE, lot), effort.choice)

        for mine, one in zip(every, run(answer, kinds), strict=True):
            mine.append(one)
        best = [max(mine, key=lambda one: one.gain) for mine in every]
        if max(one.gain for one in best) >= budget.tolerance:
            break
    return best, sum(one.negotiations for mine in every for one in mine)


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
