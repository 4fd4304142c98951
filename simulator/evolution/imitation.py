"""Imitation inside a running market: firms copy peers who earned more, and payoffs shift as they do.

In each generation the whole market is played, every firm with the strategy it holds; then each firm looks at
a random other firm of its own side and copies its strategy with the chance of Fermi's rule,
``1 / (1 + exp(-s (theirs - own)))``, where the payoffs are those just realised (net money / E, mean over the
firm's negotiations).  With a small chance it draws any strategy instead.  Strategies change between
generations only, when negotiations open, never in mid-case.  Stack, comparables and docket are those of the
market, so nothing here assumes that payoffs are a matrix.  *Source*: Traulsen, Nowak and Pacheco (2006).

Firms of one side imitate across groups: a maker of entry phones may copy one of premium phones, although
what paid there need not pay here.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy.special import expit

from simulator.compiled import announce
from simulator.engine.build import build
from simulator.engine.draws import uniform
from simulator.engine.market import Rules
from simulator.engine.run import run_chunk
from simulator.errors import Problem, ScenarioError
from simulator.evolution.game import CHANNELS, GamePlan, Values, channels, playing

Codes = npt.NDArray[np.int64]

START, PEER, COPY, MUTATE, MUTANT = 71, 72, 73, 74, 75
"""Purposes of this module's draws; the engine's own stay below 60."""
GENERATIONS = 1 << 30
"""Population ``p`` plays the replications from ``GENERATIONS + p * LONGEST`` on: luck of their own."""
LONGEST = 1 << 14


@dataclass(frozen=True)
class Learning:
    """How firms learn: all assumptions, to be swept.

    ``intensity`` of selection per unit of E, ``mutation`` per firm and generation, ``generations`` played,
    independent ``populations``; the first ``settling`` share of generations is left out of averages.
    """

    intensity: float = 10.0
    mutation: float = 0.02
    generations: int = 40
    populations: int = 8
    settling: float = 0.5


@dataclass(frozen=True)
class Imitation:
    """Shares of strategies by generation: (populations, generations, strategies) for each side."""

    regime: str
    holders: tuple[str, ...]
    implementers: tuple[str, ...]
    holder_shares: Values = field(repr=False)
    implementer_shares: Values = field(repr=False)
    rows: list[Any] = field(repr=False)
    learning: Learning

    def stationary(self) -> tuple[Values, Values]:
        """Mean shares after settling, by population: (populations, m) and (populations, n)."""
        start = int(self.learning.settling * self.holder_shares.shape[1])
        return self.holder_shares[:, start:].mean(axis=1), self.implementer_shares[:, start:].mean(axis=1)


def imitate(plan: GamePlan, learning: Learning, *, workers: int = 1) -> Imitation:
    """Let the firms of a market learn under a regime, in independent populations from the initial mixes.

    The same luck under every regime.  Raises ``ScenarioError`` where a side has nobody to imitate.
    """
    market = plan.scenario.market
    for side, groups in (("holders", market.holders), ("implementers", market.implementers)):
        if sum(one.count for one in groups) < 2:
            what, rule = "one firm has no peer to imitate", "two or more on each side, as in cellular"
            raise ScenarioError(Problem(plan.scenario.scenario, None, f"market.{side}", what, rule))
    announce()
    rules = _one_by_one(plan)
    with ThreadPoolExecutor(max_workers=max(1, workers)) as pool:
        lives = list(pool.map(lambda p: _live(plan, rules, learning, p), range(learning.populations)))
    shares = [np.stack([life[side] for life in lives]) for side in range(2)]
    settled = [rows for life in lives for rows in life[2]]
    return Imitation(plan.regime, plan.holders, plan.implementers, shares[0], shares[1], settled, learning)


def _one_by_one(plan: GamePlan) -> Rules:
    """The rules of the market with every firm in a group of its own, so that it can hold its strategy."""
    market = plan.scenario.market
    update: dict[str, Any] = {
        "holders": tuple(
            group.model_copy(update={"count": 1, "strategies": {plan.holders[0]: 1.0}})
            for group in market.holders
            for _ in range(group.count)
        ),
        "implementers": tuple(
            group.model_copy(update={"count": 1, "strategies": {plan.implementers[0]: 1.0}})
            for group in market.implementers
            for _ in range(group.count)
        ),
    }
    alone = plan.scenario.model_copy(update={"market": market.model_copy(update=update)})
    return build(alone)


def _live(
    plan: GamePlan, rules: Rules, learning: Learning, population: int
) -> tuple[Values, Values, list[Any]]:
    """One population: shares by generation for each side, and the rows of the settled generations."""
    names = list(plan.scenario.strategies)
    codes = [np.array([names.index(one) for one in side]) for side in (plan.holders, plan.implementers)]
    held = _start(plan, population)
    counts = [len(one) for one in held]
    shares = [np.empty((learning.generations, len(side))) for side in codes]
    settled = []
    for generation in range(learning.generations):
        for side in range(2):
            shares[side][generation] = np.bincount(held[side], minlength=len(codes[side])) / counts[side]
        playing_now = playing(rules, np.concatenate([codes[side][held[side]] for side in range(2)]))
        market = GENERATIONS + population * LONGEST + generation
        rows = run_chunk(playing_now, plan.scenario.seed, range(market, market + 1))
        if generation >= int(learning.settling * learning.generations):
            settled.append(rows)
        earned = _earned(rows, counts)
        for side in range(2):
            address = (plan.scenario.seed, market, side)
            held[side] = revise(held[side], earned[side], len(codes[side]), learning, address)
    return shares[0], shares[1], settled


def _start(plan: GamePlan, population: int) -> list[Codes]:
    """The firms' first strategies, drawn from the mixes of their groups by addressed draws."""
    market = plan.scenario.market
    mixes = (
        [group.strategies for group in market.holders for _ in range(group.count)],
        [group.strategies for group in market.implementers for _ in range(group.count)],
    )
    sides: list[Codes] = []
    for number, (firms, names) in enumerate(zip(mixes, (plan.holders, plan.implementers), strict=True)):
        held = []
        for k, strategies in enumerate(firms):
            mix = np.array([strategies.get(name, 0.0) for name in names])
            u = uniform(plan.scenario.seed, GENERATIONS + population * LONGEST, k, START, number)
            even = np.full(len(names), 1.0 / len(names))
            upto = np.cumsum(mix / mix.sum() if mix.sum() > 0 else even)
            held.append(int(np.searchsorted(upto[:-1], u, side="right")))
        sides.append(np.array(held))
    return sides


def _earned(rows: Any, counts: list[int]) -> list[Values]:
    """Mean payoff of each holder and each implementer over its negotiations, share of E."""
    taken = channels(rows)
    return [
        np.bincount(rows[party], weights=taken[:, CHANNELS.index(party)], minlength=count)
        / np.bincount(rows[party], minlength=count)
        for party, count in zip(("holder", "implementer"), counts, strict=True)
    ]


def revise(
    held: Codes, earned: Values, strategies: int, learning: Learning, address: tuple[int, int, int]
) -> Codes:
    """The strategies of a side's firms after all have looked at a peer at once.

    ``address`` is (seed, market, side) of the draws.  The peer is any other firm with the same chance.
    """
    seed, market, side = address
    after = held.copy()
    for k in range(len(held)):
        if uniform(seed, market, k, MUTATE, side) < learning.mutation:
            after[k] = int(uniform(seed, market, k, MUTANT, side) * strategies)
            continue
        other = int(uniform(seed, market, k, PEER, side) * (len(held) - 1))
        other += other >= k
        chance = expit(learning.intensity * (earned[other] - earned[k]))
        if uniform(seed, market, k, COPY, side) < chance:
            after[k] = held[other]
    return after
