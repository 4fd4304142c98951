"""The empirical game: what each pairing of strategies pays under a regime, measured and never assumed.

A payoff is net money over the entitlement ``E`` of the pair, discounted at the social rate: the holder's
``(paid - own costs) / E``, the implementer's ``-(paid + own costs + cost of a deposit + margin lost) / E``.
The royalty cancels in their sum, so what is left of it are losses (and the deposit's cost, which a third
party earns).  Each pair counts once, whatever its size (a mean of ratios): with a ratio of sums a few large
pairs would decide, and a mean of ratios has no bias.  *Source*: model specification, part 10.

Cells are measured in isolated pairs, one holder and one implementer of each pair of the market's groups,
with the same luck in every cell and regime.
"""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from itertools import product
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt

from simulator.compiled import announce
from simulator.engine.build import build
from simulator.engine.market import Rules
from simulator.engine.run import run_chunk
from simulator.errors import Nearest, Problem, ScenarioError, nearest
from simulator.outcomes.negotiations import Setting
from simulator.spec.scenario import Scenario
from simulator.spec.strategy import Strategy
from simulator.vocabulary import Outcome

Values: TypeAlias = npt.NDArray[np.float64]

CHANNELS = ("holder", "implementer", "welfare", "error", "deadlock")
"""What is kept of a pair: both payoffs; 1 - avoidable losses / E; |Y - E| / E; no own agreement (0 or 1)."""
FIRST, SURE, TIED = 64, 3.0, 0.005
"""Replications of the first round; standard errors at which an order counts as resolved; share of E below
which two payoffs count as equal (assumption)."""
ISOLATED = 1 << 20
"""Replications of the pair of groups ``g`` are numbered from ``(g + 1) * ISOLATED``: luck of their own."""


@dataclass(frozen=True)
class GamePlan:
    """What is measured: a scenario with one regime, and the strategies of the two sides."""

    scenario: Scenario
    holders: tuple[str, ...]
    implementers: tuple[str, ...]

    @property
    def regime(self) -> str:
        """The name of the regime."""
        return self.scenario.regimes[0].regime

    def strata(self) -> tuple[Scenario, ...]:
        """One scenario for each pair of groups: a single holder and a single implementer."""
        market = self.scenario.market
        singles = []
        for theirs, ours in product(market.holders, market.implementers):
            update = {
                "holders": (theirs.model_copy(update={"count": 1, "strategies": {self.holders[0]: 1.0}}),),
                "implementers": (
                    ours.model_copy(update={"count": 1, "strategies": {self.implementers[0]: 1.0}}),
                ),
            }
            alone = market.model_copy(update=update)
            singles.append(self.scenario.model_copy(update={"market": alone}))
        return tuple(singles)

    def size(self, replications: int) -> tuple[int, int]:
        """Negotiations of a measured game with so many of every pairing, and bytes of what is kept of it."""
        pairings = len(self.weights()) * len(self.holders) * len(self.implementers) * replications
        return pairings, pairings * len(CHANNELS) * np.dtype(float).itemsize

    def weights(self) -> Values:
        """Share of each pair of groups among the market's negotiations, in the order of ``strata``."""
        market = self.scenario.market
        pairs = [a.count * b.count for a, b in product(market.holders, market.implementers)]
        return np.array(pairs) / sum(pairs)


def plan(scenario: Scenario, regime: str, strategies: Sequence[str] = ()) -> GamePlan:
    """The game of a scenario under one of its regimes.

    Strategies left out are those of the market's mixes, side by side.  Raises ``ScenarioError`` for a regime
    or strategy nobody knows, a side left without one, and where a pair may have no entitlement to measure
    payoffs in: a market in which sales wait for the licence, one in which firms may keep out of the standard,
    one in which nothing is due.
    """
    laws = [law.regime for law in scenario.regimes]
    if regime not in laws:
        raise _fault(scenario, "regimes", f"got {regime}", nearest(regime, laws))
    if scenario.market.timing.use == "licensed":
        what = "sales that wait for the licence leave a pair without one no entitlement"
        raise _fault(scenario, "market.timing.use", what, "payoffs are shares of it", "use: free")
    if "participation" in Setting.of(scenario).mechanisms:
        what = "a pair of which a side keeps out of the standard has no entitlement"
        raise _fault(scenario, "market", what, "payoffs are shares of it", "barrier: 1 and outside: 0")
    known = with_strategies(scenario, strategies)
    sides = {party: _side(known, party, strategies) for party in ("holder", "implementer")}
    game = GamePlan(known.under(regime), sides["holder"], sides["implementer"])
    announce()
    for alone in game.strata():
        if not run_chunk(build(alone), alone.seed, range(1))["entitlement"].all():
            (holders,), (implementers,) = alone.market.holders, alone.market.implementers
            what = f"nothing is due to {holders.group} from {implementers.group}"
            raise _fault(
                scenario, "market", what, "payoffs are shares of it", "shares, burden and sales above 0"
            )
    return game


def with_strategies(scenario: Scenario, names: Sequence[str]) -> Scenario:
    """The scenario with built-in strategies it does not itself hold."""
    from simulator.spec.find import builtin
    from simulator.spec.load import load_strategy

    together = dict(scenario.strategies)
    for name in names:
        if name not in together:
            if name not in builtin("strategies"):
                known = sorted({*together, *builtin("strategies")})
                raise _fault(scenario, "strategies", f"got {name}", nearest(name, known))
            together[name] = load_strategy(name)
    return scenario.model_copy(update={"strategies": together})


def _side(scenario: Scenario, party: str, asked: Sequence[str]) -> tuple[str, ...]:
    strategies: dict[str, Strategy] = scenario.strategies
    groups: Any = scenario.market.holders if party == "holder" else scenario.market.implementers
    played = dict.fromkeys(name for group in groups for name, share in group.strategies.items() if share > 0)
    names = [name for name in asked if strategies[name].party == party] if asked else list(played)
    if not names:
        article = "an" if party == "implementer" else "a"
        have = ", ".join(name for name, one in strategies.items() if one.party == party)
        raise _fault(
            scenario, "strategies", f"none of them is {article} {party}'s", f"one or more a side: {have}"
        )
    return tuple(dict.fromkeys(names))


def _fault(scenario: Scenario, path: str, what: str, rule: str | Nearest, example: str = "") -> ScenarioError:
    return ScenarioError(Problem(scenario.scenario, None, path, what, rule, example))


@dataclass(frozen=True)
class EmpiricalGame:
    """A measured game of one regime.

    ``samples`` has shape (replications, strata, channels, holder strategies, implementer strategies).
    Everything else follows from it; replications are independent and share their luck between cells.
    """

    regime: str
    holders: tuple[str, ...]
    implementers: tuple[str, ...]
    weights: Values
    samples: Values = field(repr=False)

    def channel(self, name: str) -> Values:
        """One channel by replication, averaged over the pairs of groups: (replications, m, n)."""
        taken = self.samples[:, :, CHANNELS.index(name)]
        averaged: Values = np.tensordot(self.weights, taken, axes=(0, 1))
        return averaged

    @property
    def a(self) -> Values:
        """Holders' payoffs by replication, share of E: (replications, m, n)."""
        return self.channel("holder")

    @property
    def b(self) -> Values:
        """Implementers' payoffs by replication, share of E: (replications, m, n)."""
        return self.channel("implementer")

    @property
    def n(self) -> int:
        """Replications measured in every cell."""
        return len(self.samples)

    @property
    def A(self) -> Values:  # noqa: N802 - the field's symbol
        """Holders' mean payoffs: (m, n)."""
        return mean(self.a)

    @property
    def B(self) -> Values:  # noqa: N802 - the field's symbol
        """Implementers' mean payoffs: (m, n), row = the holder's strategy."""
        return mean(self.b)

    @property
    def A_se(self) -> Values:  # noqa: N802 - the field's symbol
        """Standard errors of ``A``."""
        return standard_error(self.a)

    @property
    def B_se(self) -> Values:  # noqa: N802 - the field's symbol
        """Standard errors of ``B``."""
        return standard_error(self.b)

    def unresolved(self) -> list[str]:
        """Best replies not known at three standard errors, in words; ties within .5 % of E are resolved."""
        pairings = []
        for side, values, theirs, ours in (
            ("holder", self.a, self.implementers, self.holders),
            ("implementer", np.swapaxes(self.b, 1, 2), self.holders, self.implementers),
        ):
            for place, rival in enumerate(theirs):
                open_ones = contenders(values[:, :, place])
                if len(open_ones) > 1:
                    names = ", ".join(ours[k] for k in open_ones)
                    pairings.append(f"{side}'s best reply to {rival}: {names}")
        return pairings


def mean(values: Values) -> Values:
    """Mean over the first axis."""
    return np.asarray(values.mean(axis=0))


def standard_error(values: Values) -> Values:
    """Standard error of the mean over the first axis; nan with a single value."""
    if len(values) < 2:
        return np.full(values.shape[1:], np.nan)
    return np.asarray(values.std(axis=0, ddof=1) / np.sqrt(len(values)))


def contenders(values: Values) -> list[int]:
    """The strategies that may be best: the best on the means, and those not shown to be worse or equal.

    ``values`` has shape (replications, strategies).  A rival drops out when the paired difference is
    beyond three standard errors, or surely within .5 % of E (a tie nobody would notice).

    >>> luck = np.array([0.0, 0.1, 0.2, 0.3])
    >>> contenders(np.stack([luck + 1, luck, luck + 1], axis=1))
    [0]
    """
    best = int(values.mean(axis=0).argmax())
    gap = values[:, [best]] - values
    size, error = mean(gap), np.nan_to_num(standard_error(gap), nan=np.inf)
    settled = (size > SURE * error) | (np.abs(size) + SURE * error < TIED)
    settled[best] = False
    return [best, *(int(k) for k in np.flatnonzero(~settled) if k != best)]


def measure(
    plan: GamePlan, replications: int, *, workers: int = 1, known: EmpiricalGame | None = None
) -> EmpiricalGame:
    """The game with so many replications in every cell; what is ``known`` already is not played again."""
    start = 0 if known is None else known.n
    parts = [] if known is None else [known.samples]
    if replications > start:
        parts.append(sampled(plan, range(start, replications), workers))
    weights = plan.weights()
    samples = np.concatenate(parts)[:replications] if len(parts) != 1 else parts[0][:replications]
    return EmpiricalGame(plan.regime, plan.holders, plan.implementers, weights, samples)


def allot(
    plan: GamePlan, budget: int, *, workers: int = 1, known: EmpiricalGame | None = None
) -> EmpiricalGame:
    """Replications added in rounds, doubling, until every best reply is resolved or the budget is spent."""
    count = min(FIRST, budget)
    game = measure(plan, count, workers=workers, known=_first(known, count))
    while count < budget and game.unresolved():
        count = min(2 * count, budget)
        more = known if known is not None and known.n > game.n else game
        game = measure(plan, count, workers=workers, known=_first(more, count))
    return game


def _first(game: EmpiricalGame | None, count: int) -> EmpiricalGame | None:
    """The first replications of a game: what a smaller measurement would have given."""
    return None if game is None else replace(game, samples=game.samples[:count])


def sampled(plan: GamePlan, span: range, workers: int = 1) -> Values:
    """What pairs of these replications give: (replications, strata, channels, m, n)."""
    names = list(plan.scenario.strategies)
    announce()
    rules = [build(alone) for alone in plan.strata()]
    m, n = len(plan.holders), len(plan.implementers)
    samples = np.empty((len(span), len(rules), len(CHANNELS), m, n))

    def cell(task: tuple[int, int, int]) -> None:
        g, i, j = task
        played = playing(rules[g], (names.index(plan.holders[i]), names.index(plan.implementers[j])))
        offset = (g + 1) * ISOLATED
        rows = run_chunk(played, plan.scenario.seed, range(offset + span.start, offset + span.stop))
        samples[:, g, :, i, j] = channels(rows)

    with ThreadPoolExecutor(max_workers=max(1, workers)) as pool:
        list(pool.map(cell, product(range(len(rules)), range(m), range(n))))
    return samples


def playing(rules: Rules, strategies: npt.ArrayLike) -> Rules:
    """The rules with these strategies in place of those of the groups, each of which has but one."""
    mixes = rules.mixes.copy()
    mixes["strategy"] = strategies
    return rules._replace(mixes=mixes)


def channels(rows: Any) -> Values:
    """What is kept of each row: (rows, channels), see ``CHANNELS``."""
    money: dict[str, Values] = {
        name: np.asarray(rows[name], dtype=np.float64) / rows["entitlement"]
        for name in (
            "paid",
            "cost_holder",
            "cost_implementer",
            "cost_public",
            "escrow_cost",
            "margin_lost",
            "margin_diverted",
            "output_lost",
        )
    }
    own = money["cost_implementer"] + money["escrow_cost"] + money["margin_lost"]
    losses = money["cost_holder"] + money["cost_implementer"] + money["cost_public"]
    losses = losses + money["margin_lost"] - money["margin_diverted"] + np.maximum(money["output_lost"], 0.0)
    agreed = np.isin(rows["outcome"], (Outcome.NEGOTIATED, Outcome.SETTLED_IN_COURT))
    return np.stack(
        [
            money["paid"] - money["cost_holder"],
            -(money["paid"] + own),
            1.0 - losses,
            np.abs(money["paid"] - 1.0),
            (~agreed).astype(np.float64),
        ],
        axis=1,
    )
