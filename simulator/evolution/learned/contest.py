"""Who plays whom for what: kinds of firms, their payoffs, and the lots of luck they are measured with.

A *kind* is a group of the market: firms alike in everything but luck, which choose one strategy.  Its
payoff is its expected money over its isolated pairs, over the entitlement expected there: what a firm
maximises is money, and a mean of ratios would let small pairs decide.  The entitlement is taken on sales
without royalties, which no strategy changes, so it is a unit and no more (about .2 % above the ``E`` of other
tables).

Kinds of one side do not meet in isolated pairs, so the game between the sides, whose strategies say what
every kind does, has the same equilibria as the game of all kinds.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import IntEnum
from functools import cached_property
from typing import Any, Generic, NamedTuple, Protocol, TypeVar

import numpy as np
import numpy.typing as npt

from simulator.batch.interrupt import heed
from simulator.compiled import announce
from simulator.engine.build import build, write_strategy
from simulator.engine.market import STRATEGY, Rules
from simulator.engine.numbers import Numbers
from simulator.engine.run import ChangeOfMind, play_jobs
from simulator.evolution.game import GamePlan, Values
from simulator.evolution.learned.coding import Searchable, coding, key
from simulator.spec.space import Space
from simulator.spec.strategy import Strategy
from simulator.vocabulary import Party

S = TypeVar("S")
Jobs = npt.NDArray[np.int64]
SCALED_ON = 4096
"""Replications on which the expected entitlement of a pair of kinds is taken."""
KEPT_ROWS = 4096
"""Rows of strategies kept at most."""
GOLDEN, SILVER, HALF_STEP = (5**0.5 - 1) / 2, 2**0.5 - 1, 0.5
"""Steps of the places that mixes are drawn at; two mixes drawn by the two meet as independent ones do."""


class Lot(IntEnum):
    """What luck is for; draws of two lots are independent."""

    SEARCH = 1
    CHOICE = 2
    CELLS = 3
    REPORT = 4
    SCALE = 5


class Luck(NamedTuple):
    """A lot, and where in it: start, round, kind, search."""

    lot: Lot
    place: tuple[int, ...] = ()


@dataclass(frozen=True)
class FirmKind(Generic[S]):
    """A kind of firm: its side (0 holder, 1 implementer), what it may choose, what it is known to choose."""

    name: str
    side: int
    space: Searchable[S]
    known: tuple[S, ...]


class Contest(Protocol[S]):
    """A game of kinds that is played, not written down.

    ``play`` returns, for each job (place of the holder's strategy in ``table``, of the implementer's,
    replication), what the pair adds to the payoffs of its two kinds: (jobs, 2).
    """

    kinds: tuple[FirmKind[S], ...]

    def play(self, pair: tuple[int, int], table: Sequence[S], jobs: Jobs, luck: Luck, /) -> Values:
        """Payoffs of jobs of a holder kind and an implementer kind (places in ``kinds``)."""

    def key(self, strategy: S) -> str:
        """What a strategy does; two with the same key play alike."""


@dataclass(frozen=True)
class StrategyMix(Generic[S]):
    """What a kind plays: strategies and their shares."""

    strategies: tuple[S, ...]
    shares: Values


def rivals(contest: Contest[S], kind: int) -> list[int]:
    """The kinds of the other side."""
    side = contest.kinds[kind].side
    return [place for place, other in enumerate(contest.kinds) if other.side != side]


def pair_of(contest: Contest[S], kind: int, rival: int) -> tuple[int, int]:
    """Both kinds, holder first."""
    return (kind, rival) if contest.kinds[kind].side == Party.HOLDER else (rival, kind)


def meet(
    contest: Contest[S],
    pair: tuple[int, int],
    sides: tuple[Sequence[S], Sequence[S]],
    luck: Luck,
    span: range,
) -> Values:
    """Every strategy of one kind against every one of the other: (replications, m, n, 2)."""
    m, n, count = len(sides[0]), len(sides[1]), len(span)
    r, i, j = np.meshgrid(span, np.arange(m), np.arange(m, m + n), indexing="ij")
    jobs = np.stack([i.ravel(), j.ravel(), r.ravel()], axis=1).astype(np.int64)
    return contest.play(pair, [*sides[0], *sides[1]], jobs, luck).reshape(count, m, n, 2)


def drawn(mix: StrategyMix[S], span: Sequence[int] | range, step: float = GOLDEN) -> Values:
    """The place of the strategy a mix plays in each replication.

    That at the quantile ``r`` times the ``step`` (the golden ratio), so that any span holds the mix as evenly
    as its length lets it.
    """
    quantiles = np.modf(HALF_STEP + np.asarray(span) * step)[0]
    upto = np.cumsum(mix.shares)
    return np.minimum(np.searchsorted(upto / upto[-1], quantiles, side="right"), len(upto) - 1)


def against(
    contest: Contest[S],
    kind: int,
    strategies: Sequence[S],
    mixes: Sequence[StrategyMix[S]],
    luck: Luck,
    span: range,
) -> Values:
    """A kind's payoff by replication with each strategy against the mix: (replications, strategies).

    In each replication every rival kind plays one strategy of its mix (:func:`drawn`), the same for all
    ``strategies``.  Intervals over replications are a little too wide for that, never too narrow.
    """
    side, k = contest.kinds[kind].side, len(strategies)
    total = np.zeros((len(span), k))
    for rival in rivals(contest, kind):
        mix = mixes[rival]
        jobs = np.empty((k, len(span), 3), dtype=np.int64)
        jobs[:, :, side] = np.arange(k)[:, None]
        jobs[:, :, 1 - side] = k + drawn(mix, span)
        jobs[:, :, 2] = span
        table = [*strategies, *mix.strategies]
        paid = contest.play(pair_of(contest, kind, rival), table, jobs.reshape(-1, 3), luck)
        total += paid[:, side].reshape(k, len(span)).T
    return total


class LicensingContest:
    """The kinds of a market under one regime, in isolated pairs."""

    def __init__(
        self,
        plan: GamePlan,
        spaces: Sequence[Space],
        *,
        credible: bool = False,
        run: Callable[..., Any] = map,
    ) -> None:
        """``run`` maps a function over slices of jobs: ``map``, or that of a pool of threads.

        ``credible``: named strategies too lose what commits a party beyond the ``spaces``.
        """
        self.plan = plan
        self.run = run
        market = plan.scenario.market
        sides: dict[str, Space] = {space.party: space for space in spaces}
        self.number = Numbers(plan.scenario.set)
        named = plan.scenario.strategies
        self.codings = tuple(coding(sides[party], plan.scenario) for party in ("holder", "implementer"))

        def known(side: int, name: str) -> Strategy:
            return self.codings[side].credibly(named[name]) if credible else named[name]

        self.kinds: tuple[FirmKind[Strategy], ...] = tuple(
            FirmKind(group.group, side, self.codings[side], tuple(known(side, name) for name in names))
            for side, groups, names in (
                (0, market.holders, plan.holders),
                (1, market.implementers, plan.implementers),
            )
            for group in groups
        )
        announce()
        self._rules = [build(alone) for alone in plan.strata()]
        self._rows: dict[int, tuple[Strategy, Any]] = {}
        self._counts = [group.count for group in market.holders]
        self._counts += [group.count for group in market.implementers]

    def key(self, strategy: Strategy) -> str:
        """What a strategy does."""
        return key(strategy)

    def play(self, pair: tuple[int, int], table: Sequence[Strategy], jobs: Jobs, luck: Luck) -> Values:
        """What each job adds to the payoffs of its two kinds, share of what is due to each: (jobs, 2)."""
        return self.money(pair, table, jobs, luck)[:, :2] * self.units[pair]

    def money(self, pair: tuple[int, int], table: Sequence[Strategy], jobs: Jobs, luck: Luck) -> Values:
        """Money of each job, USD m: holder, implementer, entitlement."""
        rules, seed = self._prepared(pair, table, luck)

        def part(chosen: slice) -> Values:
            heed(anywhere=True)  # searches run in threads, and may be long
            return play_jobs(rules, seed, jobs[chosen])

        return np.concatenate([np.empty((0, 3)), *self.run(part, _slices(len(jobs)))])

    def switched(
        self,
        pair: tuple[int, int],
        table: Sequence[Strategy],
        jobs: Jobs,
        luck: Luck,
        switch: ChangeOfMind,
    ) -> Values:
        """What each job adds to a side's payoff where it plays another row from a month on: (jobs,)."""
        rules, seed = self._prepared(pair, table, luck)
        money = play_jobs(rules, seed, jobs, switch)
        part: Values = money[:, switch.side] * self.units[pair][switch.side]
        return part

    def _prepared(self, pair: tuple[int, int], table: Sequence[Strategy], luck: Luck) -> tuple[Rules, int]:
        """The rules of a pair with these strategies in their table, and the key of its draws."""
        heed(anywhere=True)
        rows = np.empty(len(table), dtype=STRATEGY)
        for place, strategy in enumerate(table):
            rows[place] = self._row(strategy)
        stratum = self._stratum(pair)
        seed = _seed(self.plan.scenario.seed, luck, stratum)
        return self._rules[stratum]._replace(strategies=rows), seed

    def _row(self, strategy: Strategy) -> Any:
        """A strategy as a row of the rules, written once for all the rivals it meets."""
        known = self._rows.get(id(strategy))
        if known is None or known[0] is not strategy:
            row = np.zeros(1, dtype=STRATEGY)
            write_strategy(row[0], strategy, self.plan.scenario.market, self.number)
            if len(self._rows) >= KEPT_ROWS:
                self._rows.clear()
            known = self._rows[id(strategy)] = strategy, row[0]
        return known[1]

    def _stratum(self, pair: tuple[int, int]) -> int:
        holders = len(self.plan.scenario.market.holders)
        return pair[0] * (len(self.kinds) - holders) + pair[1] - holders

    @cached_property
    def units(self) -> dict[tuple[int, int], Values]:
        """What turns a pair's money into its part of the payoffs of its two kinds: (2,) by pair.

        A firm of a kind meets as many firms of the other as there are; its payoff is the sum of that money
        over the sum of the entitlements expected.
        """
        holders = [place for place, kind in enumerate(self.kinds) if kind.side == Party.HOLDER]
        due = {}
        for h in holders:
            for i in rivals(self, h):
                table = [self.kinds[h].known[0], self.kinds[i].known[0]]
                jobs = np.zeros((SCALED_ON, 3), dtype=np.int64)
                jobs[:, 1], jobs[:, 2] = 1, np.arange(SCALED_ON)
                due[h, i] = float(self.money((h, i), table, jobs, Luck(Lot.SCALE))[:, 2].mean())
        counts = self._counts
        units = {}
        for h, i in due:
            whole = (
                math.fsum(counts[j] * due[h, j] for j in rivals(self, h)),
                math.fsum(counts[g] * due[g, i] for g in rivals(self, i)),
            )
            units[h, i] = np.array([counts[i] / whole[0], counts[h] / whole[1]])
        return units


def _slices(count: int, size: int = 4096) -> list[slice]:
    return [slice(first, first + size) for first in range(0, count, size)]


def _seed(seed: int, luck: Luck, stratum: int) -> int:
    """The key of a lot's draws in a pair of kinds (below 2**63)."""
    state = np.random.SeedSequence([seed, luck.lot, stratum, *luck.place]).generate_state(2, np.uint32)
    return (int(state[0]) << 31) ^ int(state[1])
