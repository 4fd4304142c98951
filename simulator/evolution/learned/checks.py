"""Checks of a learned equilibrium: where it binds, do parties keep to it in mid-case, and in the market."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
from scipy import stats

from simulator.engine.build import build
from simulator.engine.run import ChangeOfMind, run_chunk
from simulator.evolution.game import Values
from simulator.evolution.learned.certificate import Deviation, Run
from simulator.evolution.learned.coding import Coding
from simulator.evolution.learned.contest import (
    SILVER,
    LicensingContest,
    Lot,
    Luck,
    StrategyMix,
    drawn,
    pair_of,
    rivals,
)
from simulator.evolution.learned.regime import market_at
from simulator.evolution.learned.stages import Z
from simulator.evolution.market import ratio
from simulator.spec.scenario import Scenario
from simulator.spec.strategy import Strategy

MONTHS = (6, 12, 24)
"""Months after first contact at which a party may switch."""
RESTS = 0.01
"""Commitment regret above which a result rests on commitment, share of what is due."""
PLAYED, TRIED = 512, 128
"""Replications on which a switch is judged; on which it is chosen, and what commits is left away."""
SWITCHING, BINDING = 3_000, 5_000
"""Places of switches, and of commitments, in the report lot, apart from certificates."""


def binding(
    contest: LicensingContest, mixes: Sequence[StrategyMix[Strategy]], credible: Sequence[Coding]
) -> list[Values]:
    """How often what commits a party beyond belief changes what a case comes to, by strategy of each kind.

    The share of its negotiations against the others' mixes that pay either side otherwise where the strategy
    lacks it (``credible``: the codings of both sides without commitments), on the same luck; 0 for a strategy
    without any.
    """
    market = contest.plan.scenario.market
    firms = [group.count for groups in (market.holders, market.implementers) for group in groups]
    shares = []
    for kind, own in enumerate(mixes):
        side, ours = contest.kinds[kind].side, own.strategies
        bare = [credible[side].credibly(one) for one in ours]
        others = rivals(contest, kind)
        changed = np.zeros(len(ours))
        commits = any(one is not two for one, two in zip(ours, bare, strict=True))
        for rival in others if commits else ():
            jobs = np.empty((2 * len(ours), TRIED, 3), dtype=np.int64)
            jobs[:, :, side] = np.arange(2 * len(ours))[:, None]
            jobs[:, :, 1 - side] = 2 * len(ours) + drawn(mixes[rival], range(TRIED))
            jobs[:, :, 2] = np.arange(TRIED)
            table = [*ours, *bare, *mixes[rival].strategies]
            luck = Luck(Lot.REPORT, (BINDING,))
            paid = contest.play(pair_of(contest, kind, rival), table, jobs.reshape(-1, 3), luck)
            with_it, without = paid.reshape(2, len(ours), TRIED, 2)
            changed += firms[rival] * (with_it != without).any(axis=2).mean(axis=1)
        shares.append(changed / np.array(firms)[others].sum())
    return shares


def commitment(
    contest: LicensingContest, mixes: Sequence[StrategyMix[Strategy]], *, run: Run = map
) -> pd.DataFrame:
    """What each kind gains where it may switch once, in mid-case, to another strategy of its side's support.

    One row a kind and month: ``regret`` with its standard error, of the switch (the same for all cases) that
    is best on other luck, where it gains ``chosen_for``; exactly 0 where staying is best there.  A result
    rests on commitment where the regret of the month that is best on other luck is above 1 % by 1.96 standard
    errors.  The other side is not told and does not answer.
    """

    def of_kind(kind: int) -> list[dict[str, object]]:
        side = contest.kinds[kind].side
        ours = [mix for place, mix in enumerate(mixes) if contest.kinds[place].side == side]
        support = list({contest.key(one): one for mix in ours for one in mix.strategies}.values())

        def gained(switches: list[tuple[Strategy, int]], luck: Luck, count: int) -> list[Values]:
            stayed = _switched(contest, kind, mixes, None, (luck, count))
            return [_switched(contest, kind, mixes, one, (luck, count)) - stayed for one in switches]

        every = [(target, month) for month in MONTHS for target in support]
        tried = [gap.mean() for gap in gained(every, Luck(Lot.CHOICE, (SWITCHING,)), TRIED)]
        rows: list[dict[str, Any]] = []
        for month in MONTHS:
            place = max((k for k, one in enumerate(every) if one[1] == month), key=lambda k: tried[k])
            gap, name = np.zeros(PLAYED), ""
            if tried[place] > 0:
                (gap,) = gained([every[place]], Luck(Lot.REPORT, (SWITCHING,)), PLAYED)
                name = every[place][0].strategy
            rows.append({
                "kind": contest.kinds[kind].name,
                "side": ("holder", "implementer")[side],
                "month": month,
                "regret": float(gap.mean()),
                "regret_se": float(stats.sem(gap)),
                "chosen_for": float(tried[place]),
                "to": name,
                "rests_on_commitment": False,
            })  # fmt: skip
        best = max(rows, key=lambda row: row["chosen_for"])
        best["rests_on_commitment"] = bool(best["regret"] - Z * best["regret_se"] > RESTS)
        return rows

    tables = list(run(of_kind, list(range(len(contest.kinds)))))
    return pd.DataFrame([row for rows in tables for row in rows])


def _switched(
    contest: LicensingContest,
    kind: int,
    mixes: Sequence[StrategyMix[Strategy]],
    switch: tuple[Strategy, int] | None,
    luck: tuple[Luck, int],
) -> Values:
    """A kind's payoff by replication where it plays its mix, and a strategy from a month on.

    In each replication both sides play one strategy of their mixes; ``luck``: the lot, and how many.
    """
    side, own, (lot, count) = contest.kinds[kind].side, mixes[kind].strategies, luck
    total = np.zeros(count)
    for rival in rivals(contest, kind):
        jobs = np.empty((count, 3), dtype=np.int64)
        jobs[:, side] = drawn(mixes[kind], range(count), SILVER)
        jobs[:, 1 - side] = len(own) + drawn(mixes[rival], range(count))
        jobs[:, 2] = np.arange(count)
        pair, table = pair_of(contest, kind, rival), [*own, *mixes[rival].strategies]
        if switch is None:
            total += contest.play(pair, table, jobs, lot)[:, side]
        else:
            target, month = switch
            change = ChangeOfMind(month, side, len(table))
            total += contest.switched(pair, [*table, target], jobs, lot, change)
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
