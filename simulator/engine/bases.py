"""What royalties are counted on: sales to come, past use with interest, money on account and in escrow.

A month ``n`` at or after today ``t`` is valued with what is known today, so that rational parties can look
ahead.  Money is USD m at month ``n``; rates are fractions of price.
"""

from __future__ import annotations

from typing import Any

from simulator.compiled import compiled, inlined
from simulator.engine.generations import end_of_term
from simulator.engine.information import in_force
from simulator.engine.law import Forum
from simulator.engine.market import Curves
from simulator.engine.records import (
    COURT_INTEREST,
    GROWTH,
    LICENCE_INTEREST,
    NO_INTEREST,
    USE,
    WORTH_HOLDER,
    WORTH_IMPLEMENTER,
)
from simulator.engine.regions import reach
from simulator.engine.standard_setting import cost_to_leave, months_to_replace
from simulator.engine.state import Implementer, Matter, Negotiation, Outlook, Suit
from simulator.rules.discount import power
from simulator.rules.remedy import exclusion_gain


@inlined
def factor(curves: Curves, kind: int, months: int) -> float:
    """A monthly factor to the power ``months``: tabulated as far as the horizon."""
    if months <= curves.last:
        return float(curves.power[months, kind])
    return power(curves.log[kind], months)


@compiled
def sold(forum: Forum, imp: Implementer) -> float:
    """This month's sales, USD m: what is excluded from the forum is not sold."""
    return imp.sales * (1.0 - reach(forum, imp)) if imp.n_excluded > 0 else imp.sales


@inlined
def future_sales(curves: Curves, imp: Implementer, party: int, t: int, n: int, end: int) -> float:
    """Sales from month ``n`` to ``end``, discounted to ``n``: ``a_k(n)``; today's output lasts."""
    if n >= end:
        return 0.0
    return imp.sales * factor(curves, GROWTH, n - t) * curves.annuity[end - n, party]


@inlined
def licensed_sales(m: Matter, party: int, t: int, n: int) -> float:
    """Sales that a licence in force from month ``n`` is paid on, discounted to ``n``, USD m.

    Those of its term; of those after it the share that the parties count on to be renewed at its rate.
    """
    mkt, curves, imp = m.market, m.curves, m.implementer
    total = future_sales(curves, imp, party, t, n, mkt.horizon)
    end = mkt.horizon if mkt.renewal >= 1.0 else end_of_term(mkt, m.licence, n)
    if end >= mkt.horizon:
        return total
    return mkt.renewal * total + (1.0 - mkt.renewal) * future_sales(curves, imp, party, t, n, end)


@inlined
def as_in_force(m: Matter, party: int, t: int, n: int, licensed: float) -> float:
    """``licensed_sales`` from month ``n``, each month's as far as the patents count in it, USD m.

    A renewal's months come after the term's: the holder may be stronger or weaker then.
    """
    mkt = m.market
    if mkt.expiring <= 0.0 and mkt.drifts == 0:
        return licensed
    end = min(mkt.horizon, end_of_term(mkt, m.licence, n))
    term = future_sales(m.curves, m.implementer, party, t, n, end)
    return in_force(m, n, end) * term + in_force(m, end, mkt.horizon) * (licensed - term)


@inlined
def sold_since(imp: Implementer, sales: Any, kind: int, since: int) -> float:
    """Sales from month ``since`` to this one, deflated to month 0."""
    return float(imp.to_date[kind] - sales[since].before[kind] if since > 0 else imp.to_date[kind])


@inlined
def past_sales(m: Matter, interest: int, since: int, t: int, n: int) -> float:
    """Sales from month ``since`` to ``n`` with interest: ``P(n; iota)``; those after ``t`` are expected."""
    curves, imp, end = m.curves, m.implementer, m.market.horizon
    kind = interest - LICENCE_INTEREST
    total = factor(curves, interest, n) * sold_since(imp, m.sales, kind, since)
    if m.market.licensed_use == 0 and n > t and t < end:
        span = min(n, end) - t
        total += imp.sales * factor(curves, interest, n - t) * curves.annuity[span, USE + kind]
    return float(total)


@inlined
def recoverable_since(m: Matter, n: int, t: int) -> int:
    """First month of past use that counts at month ``n``: ``t0``."""
    anchor = m.suit.filed_month if m.suit.filed_month >= 0 else n
    first = m.negotiation.contact if m.forum.from_notice == 1 else m.negotiation.first_use
    stood = max(0, m.suit.tolled - max(0, m.suit.still_until - anchor))  # months of standstill up to then
    return min(max(first, anchor - m.forum.limitation - stood), t)


@inlined
def net_margin(imp: Implementer, negotiation: Negotiation) -> float:
    """``g_net``: margin less royalties signed with others and own estimate of those unsigned, at least 0."""
    return max(0.0, imp.margin - imp.stack - max(0.0, imp.estimates - negotiation.counted))


@inlined
def award_bases(m: Matter, since: int, t: int, n: int, margin: float) -> None:
    """What an award at month ``n`` is counted on, USD m: fills the outlook from ``accrued`` to ``pay``."""
    forum, curves, imp, view, end = m.forum, m.curves, m.implementer, m.outlook, m.market.horizon
    behind = in_force(m, since, n)
    view.accrued = behind * past_sales(m, COURT_INTEREST, since, t, n)
    view.plain = view.accrued
    if shares_interest(forum, m.suit):
        view.plain = behind * past_sales(m, NO_INTEREST, since, t, n)
    view.payable = licensed_sales(m, WORTH_IMPLEMENTER, t, n)
    view.future_h = as_in_force(m, WORTH_HOLDER, t, n, licensed_sales(m, WORTH_HOLDER, t, n))
    view.future_i = as_in_force(m, WORTH_IMPLEMENTER, t, n, view.payable)
    excluded = 0.0
    if n < end:
        excluded = future_sales(curves, imp, WORTH_IMPLEMENTER, t, n, min(end, n + months_to_replace(m, n)))
    view.excluded = excluded
    view.gain = exclusion_gain(reach(forum, imp), margin, excluded, forum.redesign_cost + cost_to_leave(m, n))
    view.pay = margin * view.payable


@inlined
def award_today(m: Matter, t: int) -> float:
    """Fill the outlook with what an award given today is counted on; returns the past that is due, USD m."""
    award_bases(m, recoverable_since(m, t, t), t, t, net_margin(m.implementer, m.negotiation))
    return past_due(m.forum, m.outlook, m.suit.shared_fault)


@inlined
def past_due(forum: Forum, view: Outlook, share: float) -> float:
    """``kappa P`` of an award; ``share``: the implementer's part of interest and delay loss."""
    return forum.court_share * (view.plain + share * (view.accrued - view.plain))


@inlined
def known_bias(forum: Forum, imp: Implementer) -> float:
    """How far a court's rate is known to lie from the FRAND rate: its method's bias, its rule on regions."""
    if forum.regional < 0.0:
        return forum.method_factor
    regional = (1.0 - imp.abroad + imp.abroad * forum.regional) / imp.region
    return forum.method_factor * regional


@compiled
def used(imp: Implementer, sales: Any, kind: int, log_interest: float, since: int, t: int) -> float:
    """Sales from month ``since`` to now with interest: ``P(t; iota)``, USD m."""
    return float(power(log_interest, t) * sold_since(imp, sales, kind, since))


@compiled
def licence_past(m: Matter, t: int) -> float:
    """Past use a licence is paid on: ``lambda P(t; iota_l)``, USD m."""
    since = recoverable_since(m, t, t)
    behind = in_force(m, since, t)
    return float(
        behind * m.forum.licence_share * used(m.implementer, m.sales, 0, m.forum.log_licence, since, t)
    )


@inlined
def shares_interest(forum: Forum, suit: Suit) -> bool:
    """Whether a judgment shares interest and the loss of delay by fault; before it, the fault is unknown."""
    return bool(forum.apportion == 1 and forum.binding == 1 and suit.arbitration == 0)


@compiled
def award_past(m: Matter, t: int) -> float:
    """Past use an award is paid on: ``kappa P(t; iota_c)``, interest apportioned by fault if so ruled."""
    forum, imp, sales = m.forum, m.implementer, m.sales
    since = recoverable_since(m, t, t)
    accrued = used(imp, sales, 1, forum.log_court, since, t)
    if shares_interest(forum, m.suit):
        plain = used(imp, sales, 2, 0.0, since, t)
        accrued = plain + m.suit.shared_fault * (accrued - plain)
    return float(in_force(m, since, t) * forum.court_share * accrued)


@inlined
def escrow_now(forum: Forum, suit: Suit, t: int) -> float:
    """Balance of the deposit with its interest, USD m at month ``t``."""
    if suit.escrow <= 0.0:
        return 0.0
    return suit.escrow * power(forum.log_escrow, t - suit.escrow_month)


@inlined
def account_now(forum: Forum, suit: Suit, t: int) -> float:
    """Payments on account with court interest, USD m at month ``t`` (kept deflated to month 0)."""
    if suit.account <= 0.0:
        return 0.0
    return suit.account * power(forum.log_court, t)
