"""Two checks of a learned equilibrium: do parties keep to it in mid-case, does it hold in the market."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from simulator.engine.build import build
from simulator.engine.run import ChangeOfMind, run_chunk
from simulator.evolution.game import Values
from simulator.evolution.learned.certificate import Deviation, Run
from simulator.evolution.learned.contest import LicensingContest, Lot, Luck, StrategyMix, pair_of, rivals
from simulator.evolution.learned.regime import market_at
from simulator.evolution.market import ratio
from simulator.spec.scenario import Scenario
from simulator.spec.strategy import Strategy

MONTHS = (6, 12, 24)
"""Months after first contact at which a party may switch."""
RESTS = 0.01
"""Commitment regret above which a result rests on commitment, share of what is due."""
PLAYED = 512
"""Replications on which a switch is judged."""
SWITCHING = 3_000
"""Place of switches in the report lot, apart from certificates."""


def commitment(
    contest: LicensingContest, mixes: Sequence[StrategyMix[Strategy]], *, run: Run = map
) -> pd.DataFrame:
    """What each kind gains where it may switch once, in mid-case, to another strategy of its side's support.

    One row a kind and month: ``regret`` (of the best switch, the same for all cases; 0 where staying is best)
    with its standard error.  The other side is not told and does not answer.
    """

    def of_kind(kind: int) -> list[dict[str, object]]:
        side = contest.kinds[kind].side
        ours = [mix for place, mix in enumerate(mixes) if contest.kinds[place].side == side]
        support = list({contest.key(one): one for mix in ours for one in mix.strategies}.values())
        stayed = _switched(contest, kind, mixes, None, 0)
        rows: list[dict[str, object]] = []
        for month in MONTHS:
            best, error, name = 0.0, 0.0, ""
            for target in support:
                gap = _switched(contest, kind, mixes, target, month) - stayed
                if gap.mean() > best:
                    best, error = float(gap.mean()), float(gap.std(ddof=1) / np.sqrt(len(gap)))
                    name = target.strategy
            rows.append({
                "kind": contest.kinds[kind].name,
                "side": ("holder", "implementer")[side],
                "month": month,
                "regret": best,
                "regret_se": error,
                "to": name,
                "rests_on_commitment": best > RESTS,
            })  # fmt: skip
        return rows

    tables = list(run(of_kind, list(range(len(contest.kinds)))))
    return pd.DataFrame([row for rows in tables for row in rows])


def _switched(
    contest: LicensingContest,
    kind: int,
    mixes: Sequence[StrategyMix[Strategy]],
    target: Strategy | None,
    month: int,
) -> Values:
    """A kind's payoff by replication where it plays its mix, and the target from a month on."""
    side, own = contest.kinds[kind].side, mixes[kind]
    total = np.zeros(PLAYED)
    for rival in rivals(contest, kind):
        theirs = mixes[rival]
        table = [*own.strategies, *theirs.strategies, *([target] if target else [])]
        for a, share in enumerate(own.shares):
            for b, other in enumerate(theirs.shares):
                jobs = np.empty((PLAYED, 3), dtype=np.int64)
                jobs[:, side], jobs[:, 1 - side] = a, len(own.strategies) + b
                jobs[:, 2] = np.arange(PLAYED)
                switch = ChangeOfMind(month, side, len(table) - 1 if target else a)
                luck = Luck(Lot.REPORT, (SWITCHING,))
                paid = contest.switched(pair_of(contest, kind, rival), table, jobs, luck, switch)
                total += share * other * paid
    return total


def in_market(
    scenario: Scenario,
    mixes: Sequence[StrategyMix[Strategy]],
    deviations: Sequence[Deviation[Strategy]],
    span: range,
    *,
    run: Run = map,
) -> pd.DataFrame:
    """Each deviation once more, by one firm of its kind inside the market at its mix, without a new search.

    Stack, docket and comparables are at work there.  One row a deviation: ``gain`` of the firm's money over
    what is due to it, with its standard error, beside the gain in isolated pairs.
    """
    base = market_at(scenario, mixes)
    holders = len(scenario.market.holders)

    def of_deviation(deviation: Deviation[Strategy]) -> dict[str, object]:
        side = 0 if deviation.kind < holders else 1
        groups = scenario.market.holders if side == 0 else scenario.market.implementers
        firm = sum(group.count for group in groups[: deviation.kind - holders * side])
        group = groups[deviation.kind - holders * side]
        kept, there = (
            _money(_with_deviant(base, side, deviation.kind - holders * side, strategy), side, firm, span)
            for strategy in (None, deviation.strategy)
        )
        gain, error = ratio(there[0] - kept[0], kept[1])
        return {
            "kind": group.group,
            "side": ("holder", "implementer")[side],
            "isolated": deviation.gain,
            "market": gain,
            "gap": gain - deviation.gain,
            "market_se": error,
        }

    return pd.DataFrame(list(run(of_deviation, deviations)))


def _with_deviant(scenario: Scenario, side: int, place: int, strategy: Strategy | None) -> Scenario:
    """The market with the first firm of a group in a group of its own; it plays a strategy or the mix."""
    name = "holders" if side == 0 else "implementers"
    groups = [*getattr(scenario.market, name)]
    group = groups[place]
    mix, known = group.strategies, scenario.strategies
    if strategy is not None:
        mix = {"deviant": 1.0}
        known = known | {"deviant": strategy.model_copy(update={"strategy": "deviant"})}
    alone = group.model_copy(update={"group": f"{group.group}, one firm", "count": 1, "strategies": mix})
    rest = [group.model_copy(update={"count": group.count - 1})] if group.count > 1 else []
    groups[place : place + 1] = [alone, *rest]
    market = scenario.market.model_copy(update={name: tuple(groups)})
    return scenario.model_copy(update={"market": market, "strategies": known})


def _money(scenario: Scenario, side: int, firm: int, span: range) -> tuple[Values, Values]:
    """A firm's money and what is due, sums over its negotiations, by replication."""
    rows = run_chunk(build(scenario), scenario.seed, span)
    rows = rows[rows["holder" if side == 0 else "implementer"] == firm]
    if side == 0:
        money = rows["paid"] - rows["cost_holder"]
    else:
        money = -(rows["paid"] + rows["cost_implementer"] + rows["escrow_cost"] + rows["margin_lost"])
    place = rows["replication"] - span.start
    earned, due = np.zeros(len(span)), np.zeros(len(span))
    np.add.at(earned, place, money)
    np.add.at(due, place, rows["entitlement"])
    return earned, due
