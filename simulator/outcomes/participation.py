"""Who takes part in the standard: wide adoption and adequate reward as outcomes of their own.

*Source*: Microsoft v Motorola (2013), two considerations on a FRAND rate: it must be low enough for the
standard to be widely adopted, and high enough for holders of valuable technology to join.
"""

from __future__ import annotations

import numpy as np

from simulator.outcomes.metric import Metric, Rule
from simulator.outcomes.negotiations import Negotiations, Values, quotient, totals
from simulator.vocabulary import Outcome

MECHANISM = "participation"


def wide_adoption(n: Negotiations) -> Values:
    """Sales of implementers while they have taken the standard up and not left / sales of all of them.

    Sales at no royalties, discounted; each implementer counts once, whatever its number of negotiations.
    """
    counted = n.by_party("implementer", np.ones(len(n.cell)))
    market, adopted = (
        np.nan_to_num(quotient(n.by_party("implementer", n[column]), counted))
        for column in ("sales_market", "sales_adopted")
    )
    return quotient(adopted.sum(axis=1), market.sum(axis=1))


def adequate_reward(n: Negotiations) -> Values:
    """Value of the technology whose holders have joined the standard / that of all holders: sums of r*."""
    joined = ~n.ended(Outcome.NOT_JOINED)
    return n.ratio(n["frand_rate"] * joined, n["frand_rate"])


def end_not_adopted(n: Negotiations) -> Values:
    """Pairs whose implementer never took the standard up / all pairs.  No part of the deadlock rate."""
    return n.ratio(n.ended(Outcome.NOT_ADOPTED), np.ones(len(n.cell)))


def end_not_joined(n: Negotiations) -> Values:
    """Pairs whose holder kept its patents out of the standard / all pairs.  No part of the deadlock rate."""
    return n.ratio(n.ended(Outcome.NOT_JOINED), np.ones(len(n.cell)))


def deadlock_rate_common(n: Negotiations) -> Values:
    """Deadlocks among the pairs that negotiate under every regime / those pairs; nan without one.

    The deadlock rate itself is over who takes part, and regimes differ in that too.
    """
    regimes = len(n.setting.regimes)
    pairs = n["negotiation"].astype(np.int64)
    pair = n.cell // regimes * (int(pairs.max(initial=0)) + 1) + pairs
    under = totals(pair, n.held, int(pair.max(initial=0)) + 1)
    common = under[pair] == regimes
    return n.ratio(n.deadlocked & common, common)


def outside_share(n: Negotiations) -> Values:
    """Cost of doing without the standard, or without a technology kept out of it / E.

    What rivals earn instead is in it: the part of ``margin_lost_share`` that keeping out is answerable for,
    before sales that go to rivals.
    """
    return n.of_entitlement(n["cost_outside"])


def _entry(title: str, unit: str, high: float, better: int, rule: Rule) -> Metric:
    return Metric(rule.__name__, title, unit, 0, high, better, rule, MECHANISM)


PARTICIPATION: tuple[Metric, ...] = (
    _entry("wide adoption", "share of sales", 1, 1, wide_adoption),
    _entry("adequate reward: value that joins", "share of value", 1, 1, adequate_reward),
    _entry("end: standard not taken up", "share of pairs", 1, 0, end_not_adopted),
    _entry("end: holder keeps out", "share of pairs", 1, 0, end_not_joined),
    _entry("deadlock rate, same pairs", "share of negotiations", 1, -1, deadlock_rate_common),
    _entry("cost of keeping out", "share of E", np.inf, -1, outside_share),
)
"""Shown beside the metrics of every comparison where parties choose whether to take part."""
