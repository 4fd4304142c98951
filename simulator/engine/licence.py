"""Signing: what a licence pays, what it leaves behind as a comparable, how accounts are closed.

Money is booked discounted to month 0 at the social rate; a running royalty needs one mark at
signing, because an implementer's discounted sales are cumulated once for all its licences.
"""

from __future__ import annotations

import math

from simulator.compiled import compiled
from simulator.engine.shadow import DENIED, RATE_SET, account_now, escrow_now, recoverable_since, sold_since
from simulator.engine.state import MAX_COMPARABLES, Holder, Implementer, Market, Pair, Regime, Sales, Strategy
from simulator.rules.discount import power
from simulator.rules.market import room_under_cap
from simulator.vocabulary import Comparable, Disclosure, Status

LICENSED = int(Status.LICENSED)
RATE, REGION, LOG_SALES = int(Comparable.RATE), int(Comparable.REGION), int(Comparable.LOG_SALES)
MONTH, TAINTED, LICENSEE = int(Comparable.MONTH), int(Comparable.TAINTED), int(Comparable.LICENSEE)
COMPARABLE_BIT = 1 << Disclosure.COMPARABLES


@compiled
def pay(mkt: Market, pair: Pair, amount: float, t: int) -> None:
    """The implementer pays the holder ``amount`` USD m in month ``t``."""
    pair.paid += amount * power(mkt.log_social, t)


@compiled
def used(imp: Implementer, sales: Sales, kind: int, log_interest: float, since: int, t: int) -> float:
    """Sales from month ``since`` to now with interest: ``P(t; iota)``, USD m."""
    return float(power(log_interest, t) * sold_since(imp, sales, kind, since))


@compiled
def licence_past(reg: Regime, imp: Implementer, sales: Sales, pair: Pair, t: int) -> float:
    """Past use a licence is paid on: ``lambda P(t; iota_l)``, USD m."""
    since = recoverable_since(reg, pair, t, t)
    return float(reg.licence_share * used(imp, sales, 0, reg.log_licence, since, t))


@compiled
def award_past(reg: Regime, imp: Implementer, sales: Sales, pair: Pair, t: int) -> float:
    """Past use an award is paid on: ``kappa P(t; iota_c)``, interest apportioned by fault if so ruled."""
    since = recoverable_since(reg, pair, t, t)
    accrued = used(imp, sales, 1, reg.log_court, since, t)
    if reg.apportion == 1 and reg.binding == 1 and pair.arbitration == 0:
        plain = used(imp, sales, 2, 0.0, since, t)
        accrued = plain + pair.shared_fault * (accrued - plain)
    return float(reg.court_share * accrued)


@compiled
def return_escrow(reg: Regime, mkt: Market, pair: Pair, t: int) -> None:
    """The deposit is released; what it cost the implementer is the difference to its social value."""
    if pair.escrow <= 0.0:
        return
    placed = pair.escrow * power(mkt.log_social, pair.escrow_month)
    pair.escrow_cost_i += placed - escrow_now(reg, pair, t) * power(mkt.log_social, t)
    pair.escrow = 0.0


@compiled
def repay_account(reg: Regime, mkt: Market, pair: Pair, t: int) -> None:
    """Close the payments on account: the holder repays or credits them with court interest."""
    if pair.account > 0.0:
        pay(mkt, pair, -account_now(reg, pair, t), t)
    pair.account = 0.0


@compiled
def sign(
    reg: Regime, mkt: Market, hold: Holder, imp: Implementer, pair: Pair, sh: Strategy, t: int,
    rate: float, lump: float, running: float, outcome: int, stage: int,
) -> None:  # fmt: skip
    """A licence comes into force: ``lump`` USD m for the past now, ``running`` of the price from now on."""
    repay_account(reg, mkt, pair, t)
    return_escrow(reg, mkt, pair, t)
    pay(mkt, pair, lump, t)
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
    if sh.withholds & COMPARABLE_BIT == 0 and imp.scale > 0.0:
        n = hold.n_comparables % MAX_COMPARABLES
        ordered = pair.verdict == RATE_SET or pair.verdict == DENIED
        hold.comparables[n, RATE] = pair.court_rate if ordered else rate
        hold.comparables[n, REGION] = imp.region
        hold.comparables[n, LOG_SALES] = math.log(imp.scale)
        hold.comparables[n, MONTH] = t
        hold.comparables[n, TAINTED] = 1.0 if pair.filings > 0 else 0.0
        hold.comparables[n, LICENSEE] = pair.implementer
        hold.n_comparables += 1


@compiled
def cap_room(mkt: Market, hold: Holder, imp: Implementer) -> float:
    """The highest rate an aggregate cap leaves for this pair."""
    return room_under_cap(mkt.burden * imp.region, imp.stack, hold.share, imp.unsigned_at_start)


@compiled
def sign_agreed(
    reg: Regime,
    mkt: Market,
    hold: Holder,
    imp: Implementer,
    sales: Sales,
    pair: Pair,
    sh: Strategy,
    t: int,
    rate: float,
    outcome: int,
    stage: int,
) -> bool:
    """The parties' own licence at ``rate``, if it lies within both reservation rates and under any cap."""
    if reg.aggregate_cap == 1:
        rate = min(rate, cap_room(mkt, hold, imp))
    slack = 1e-12 * max(pair.r_i, pair.r_h)
    if rate < pair.r_h - slack or rate > pair.r_i + slack:
        return False
    lump = rate * licence_past(reg, imp, sales, pair, t)
    sign(reg, mkt, hold, imp, pair, sh, t, rate, lump, rate, outcome, stage)
    return True
