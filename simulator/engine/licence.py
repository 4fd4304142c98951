"""Signing: what a licence pays, what it leaves behind as a comparable, how accounts are closed.

Money is booked discounted to month 0 at the social rate; a running royalty needs one mark at
signing, because an implementer's discounted sales are cumulated once for all its licences.
"""

from __future__ import annotations

import math
from typing import Any

from simulator.compiled import compiled
from simulator.engine.shadow import account_now, escrow_now, past_sales, recoverable_since
from simulator.rules.market import room_under_cap
from simulator.vocabulary import Disclosure, Status

LICENSED = int(Status.LICENSED)
COMPARABLE_BIT = 1 << Disclosure.COMPARABLES


@compiled
def pay(rules: Any, pair: Any, amount: float, t: int) -> None:
    """The implementer pays the holder ``amount`` USD m in month ``t``."""
    pair.paid += amount * rules.powers[rules.market[0].class_social, t]


@compiled
def licence_past(rules: Any, state: Any, k: int, r: int, t: int) -> float:
    """Past use a licence is paid on: ``lambda P(t; iota_l)``, USD m."""
    pair = state.pairs[k]
    reg = rules.regimes[r]
    mkt = rules.market[0]
    imp = state.implementers[pair.implementer]
    since = recoverable_since(reg, pair, t, t)
    return float(
        reg.licence_share
        * past_sales(
            state.past, rules.sums, rules.powers, pair.implementer, 0, reg.class_licence,
            reg.class_growth_licence + imp.growth_class, imp.sales, since, t, t, mkt.horizon, False,
        )
    )  # fmt: skip


@compiled
def award_past(rules: Any, state: Any, k: int, r: int, t: int) -> float:
    """Past use an award is paid on: ``kappa P(t; iota_c)``, its interest apportioned by fault where the law does."""
    pair = state.pairs[k]
    reg = rules.regimes[r]
    mkt = rules.market[0]
    imp = state.implementers[pair.implementer]
    since = recoverable_since(reg, pair, t, t)
    accrued = past_sales(
        state.past, rules.sums, rules.powers, pair.implementer, 1, reg.class_court,
        reg.class_growth_court + imp.growth_class, imp.sales, since, t, t, mkt.horizon, False,
    )  # fmt: skip
    if reg.apportion == 1 and reg.binding == 1 and pair.arbitration == 0:
        plain = past_sales(
            state.past, rules.sums, rules.powers, pair.implementer, 2, 0,
            mkt.class_growth + imp.growth_class, imp.sales, since, t, t, mkt.horizon, False,
        )  # fmt: skip
        accrued = plain + pair.shared_fault * (accrued - plain)
    return float(reg.court_share * accrued)


@compiled
def return_escrow(rules: Any, state: Any, k: int, r: int, t: int) -> None:
    """The deposit is released; what it cost the implementer is the difference to its social value."""
    pair = state.pairs[k]
    reg = rules.regimes[r]
    if pair.escrow <= 0.0:
        return
    social = rules.market[0].class_social
    placed = pair.escrow * rules.powers[social, pair.escrow_month]
    back = escrow_now(reg, pair, rules.powers, t) * rules.powers[social, t]
    pair.escrow_cost_i += placed - back
    pair.escrow = 0.0


@compiled
def repay_account(rules: Any, state: Any, k: int, r: int, t: int) -> float:
    """Close the payments on account: returns their balance, which the holder repays or credits."""
    pair = state.pairs[k]
    balance = account_now(rules.regimes[r], pair, rules.powers, t)
    if balance > 0.0:
        pay(rules, pair, -balance, t)
    pair.account = 0.0
    return balance


@compiled
def sign(
    rules: Any, state: Any, k: int, r: int, t: int, rate: float, lump: float, running: float,
    outcome: int, stage: int,
) -> None:  # fmt: skip
    """A licence comes into force: ``lump`` USD m for the past now, ``running`` of the price from now on."""
    pair = state.pairs[k]
    imp = state.implementers[pair.implementer]
    hold = state.holders[pair.holder]
    repay_account(rules, state, k, r, t)
    return_escrow(rules, state, k, r, t)
    pay(rules, pair, lump, t)
    pair.status = LICENSED
    pair.outcome = outcome
    pair.stage = stage
    pair.licence_month = t
    pair.rate = rate
    pair.running = running
    pair.sales_mark = imp.sales_value
    imp.signed += running
    imp.n_licensed += 1
    imp.unsigned_share -= hold.share
    hold.n_licensed += 1
    strategy = rules.strategies[hold.strategy]
    if strategy.withholds & COMPARABLE_BIT == 0 and imp.scale > 0.0:
        n = hold.n_comparables
        state.comparables[pair.holder, n, 0] = rate
        state.comparables[pair.holder, n, 1] = imp.region
        state.comparables[pair.holder, n, 2] = math.log(imp.scale)
        state.comparables[pair.holder, n, 3] = t
        state.comparables[pair.holder, n, 4] = 1.0 if pair.filings > 0 else 0.0
        hold.n_comparables = n + 1


@compiled
def sign_agreed(
    rules: Any, state: Any, k: int, r: int, t: int, rate: float, outcome: int, stage: int
) -> bool:
    """The parties' own licence at ``rate``, if it lies within both reservation rates and under any cap."""
    pair = state.pairs[k]
    reg = rules.regimes[r]
    if reg.aggregate_cap == 1:
        imp = state.implementers[pair.implementer]
        share = state.holders[pair.holder].share
        rate = min(rate, room_under_cap(rules.market[0].burden * imp.region, imp.signed, share, imp.unsigned_share))
    slack = 1e-12 * max(pair.r_i, pair.r_h)
    if rate < pair.r_h - slack or rate > pair.r_i + slack:
        return False
    sign(rules, state, k, r, t, rate, rate * licence_past(rules, state, k, r, t), rate, outcome, stage)
    return True
