"""The shadow of the court: what each party expects from judgment, and what it would sign instead.

``outlook`` and ``limits`` put the rules of ``rules/`` together for one negotiation at one month: the first
works out what judgment is counted on, once a month, the second values it at a party's estimate and
ledger, as often as parties weigh what they might do.  A month ``n`` at or after today ``t`` is valued
with what is known today, so that rational parties can look ahead.  Money is USD m at month ``n``;
rates are fractions of price.
"""

from __future__ import annotations

from simulator.compiled import compiled, inlined
from simulator.engine import remedies
from simulator.engine.bases import (
    account_now,
    award_bases,
    award_today,
    escrow_now,
    factor,
    future_sales,
    net_margin,
    past_due,
    past_sales,
    recoverable_since,
)
from simulator.engine.law import Forum
from simulator.engine.ledger import expected_fault
from simulator.engine.prospect import DENIED, GRANTED, LOST, NO_JUDGMENT, RATE_SET, REFUSED, Prospect
from simulator.engine.records import (
    COURT_INTEREST,
    ESCROW_INTEREST,
    HOLDER_DISCOUNT,
    IMPLEMENTER_DISCOUNT,
    LICENCE_INTEREST,
    WORTH_HOLDER,
    WORTH_IMPLEMENTER,
)
from simulator.engine.state import Matter, Suit
from simulator.rules.bargain import reservation_holder, reservation_implementer
from simulator.rules.litigation import expected_cost, loss_from_suit, security_burden, value_of_suit
from simulator.rules.remedy import loss_share
from simulator.vocabulary import Act, SecurityBase, Status

NO_SECURITY, AT_COUNTER = int(SecurityBase.NONE), int(SecurityBase.COUNTER)
AT_HOLDER_OFFER = int(SecurityBase.HOLDER_OFFER)
DEPOSIT_BIT = 1 << Act.DEPOSIT
TALKS, QUEUED, IN_COURT = int(Status.TALKS), int(Status.QUEUED), int(Status.COURT)
WINDOW, APPEAL, EXCLUDED = int(Status.WINDOW), int(Status.APPEAL), int(Status.EXCLUDED)


@inlined
def months_to_judgment(m: Matter, t: int, n: int) -> int:
    """Expected remaining months ``D`` until a judgment that binds (queue, instance, appeal)."""
    forum, suit, status = m.forum, m.suit, m.negotiation.status
    if status == EXCLUDED:
        return max(0, suit.excluded_since + forum.take_within - t)
    if suit.arbitration == 1:
        left = forum.arbitration_wait
        if status == IN_COURT:
            return max(1, left - (t - suit.start_month))
        return left
    second = forum.appeal_months if forum.appeal == 1 and forum.provisional == 0 else 0
    if status == QUEUED:
        return suit.wait + int(forum.remaining[0, 0]) + second
    if status == IN_COURT:
        return int(forum.remaining[0, t - suit.start_month]) + second
    if status == WINDOW:
        return max(0, suit.window_end - t) + second
    if status == APPEAL:
        return int(forum.remaining[1, t - suit.start_month])
    return max(0, suit.bar_until - n) + suit.wait + int(forum.remaining[0, 0]) + second


@inlined
def remaining_cost(m: Matter, n: int, months: int) -> float:
    """Expected remaining litigation cost of one side, USD m; what is spent is sunk, a bar costs nothing."""
    mkt, status = m.market, m.negotiation.status
    if status == EXCLUDED:
        return 0.0
    if m.suit.arbitration == 1:
        return m.forum.arbitration_cost
    cost = mkt.cost_monthly * (months - max(0, m.suit.bar_until - n))
    if status == TALKS:
        cost += mkt.cost_filing + mkt.cost_trial
    elif status == QUEUED or status == IN_COURT:
        cost += mkt.cost_trial
    return cost * m.forum.litigation_factor


@inlined
def award(m: Matter, prospect: Prospect, rho: float, future: float) -> float:
    """Expected award times the probability of liability, before or after a first judgment, USD m."""
    forum, suit = m.forum, m.suit
    fresh = liability(m) * (remedies.expected(m, prospect, rho, future) - prospect.damages)
    if suit.judgment == NO_JUDGMENT:
        return fresh
    known = remedies.given(m, future, prospect.past)
    open_to_appeal = forum.appeal == 1 and forum.provisional == 0 and m.negotiation.status != EXCLUDED
    reversal = forum.reversal if open_to_appeal else 0.0
    return (1.0 - reversal) * known + reversal * fresh


@inlined
def liability(m: Matter) -> float:
    """The probability that the suit succeeds on validity and infringement."""
    return m.holder.liability if m.forum.liability_gate == 1 and m.suit.arbitration == 0 else 1.0


@inlined
def chance_of_losing(forum: Forum, suit: Suit, liability: float) -> float:
    """The holder's chance of bearing the other side's costs; one half where only the rate is in dispute."""
    if suit.judgment == GRANTED:
        return 0.0
    if suit.judgment == LOST:
        return 1.0
    if suit.judgment == DENIED:
        return 0.0
    if suit.judgment == RATE_SET or suit.arbitration == 1:
        return 0.5
    return 1.0 - liability * (0.5 if remedies.is_rate_case(forum) else 1.0)


@inlined
def outlook(m: Matter, t: int, n: int) -> None:
    """Fill the outlook with all that judgment hangs on at month ``n`` but estimates and faults."""
    forum, mkt, curves, imp, view = m.forum, m.market, m.curves, m.implementer, m.outlook
    negotiation, suit = m.negotiation, m.suit
    end = mkt.horizon
    since = recoverable_since(m, n, t)
    lump = forum.licence_share * past_sales(m, LICENCE_INTEREST, since, t, n)
    view.base_h = future_sales(curves, imp, WORTH_HOLDER, t, n, end) + lump
    a_i = future_sales(curves, imp, WORTH_IMPLEMENTER, t, n, end)
    view.base_i = a_i + lump
    view.margin = net_margin(imp, negotiation)
    view.ability = view.margin * a_i / view.base_i if view.base_i > 0.0 else 0.0
    begun = suit.filed_month >= 0 or suit.judgment != NO_JUDGMENT or suit.arbitration == 1
    view.threat = forum.standing_holder != 0 or begun
    if view.threat == 0:
        return
    months = months_to_judgment(m, t, n)
    award_bases(m, since, t, n + months, view.margin)
    view.months = months
    view.patience_h = factor(curves, HOLDER_DISCOUNT, months)
    view.patience_i = factor(curves, IMPLEMENTER_DISCOUNT, months)
    view.accrual = factor(curves, COURT_INTEREST, months)
    view.escrow_accrual = factor(curves, ESCROW_INTEREST, months)
    view.cost = remaining_cost(m, n, months)
    view.account = account_now(forum, suit, t)
    view.deposit_past = 0.0
    if forum.security_base != NO_SECURITY:
        view.deposit_past = past_sales(m, COURT_INTEREST, since, t, n)


@inlined
def prospects(
    m: Matter, t: int, rho_h: float, rho_i: float, ledger_h: float, ledger_i: float
) -> tuple[float, float]:
    """``(W_h, L_i)``: what court is worth to the holder and costs the implementer, USD m at ``n``."""
    forum, suit, view = m.forum, m.suit, m.outlook
    if view.threat == 0:
        return 0.0, 0.0
    fault_h = expected_fault(forum, forum.detected_h, ledger_h)
    fault_i = expected_fault(forum, forum.detected_i, ledger_i)
    past = past_due(forum, view, loss_share(fault_h, fault_i) if forum.apportion == 1 else 0.5)
    prospect = remedies.prospect_of(m, fault_h, fault_i, past)
    x_h = award(m, prospect, rho_h, view.future_h)
    x_i = award(m, prospect, rho_i, view.future_i)
    loses = chance_of_losing(forum, suit, liability(m))
    cost_h = expected_cost(view.cost, view.cost, forum.loser_pays, loses)
    cost_i = expected_cost(view.cost, view.cost, forum.loser_pays, 1.0 - loses)
    interim_h, interim_i = interim_effect(m, rho_h, rho_i, past)
    gift_h = interim_h + view.account * (1.0 - view.patience_h * view.accrual)
    burden = interim_i + view.account * (1.0 - view.patience_i * view.accrual)
    deposit = deposit_at(m, t, rho_i)
    burden += security_burden(deposit, view.patience_i, view.escrow_accrual)
    w_h = value_of_suit(view.patience_h, 1.0, x_h, cost_h) + gift_h
    credible = suit.judgment != NO_JUDGMENT or suit.filer == 1
    if not credible:  # as the implementer sees it
        x_hi = award(m, prospect, rho_i, view.future_h)
        credible = value_of_suit(view.patience_h, 1.0, x_hi, cost_h) + gift_h > 0.0
    if not credible:
        return w_h, 0.0
    if suit.judgment == REFUSED:
        x_i += forum.forum_share * view.margin * view.future_i
    return w_h, loss_from_suit(view.patience_i, 1.0, x_i, cost_i, burden)


@compiled
def limits(
    m: Matter, t: int, rho_h: float, rho_i: float, ledger_h: float, ledger_i: float
) -> tuple[float, float, float, float]:
    """``(W_h, L_i, R_h, R_i)``: what court is worth, and the rates the parties would sign instead.

    ``rho_*`` the parties' estimates of the FRAND rate, ``ledger_*`` their uncured fault weights, the
    outlook as filled by ``outlook``.  USD m, 0 for an empty threat; rates are fractions of price.
    """
    view = m.outlook
    w_h, loss = prospects(m, t, rho_h, rho_i, ledger_h, ledger_i)
    r_h = reservation_holder(w_h, view.base_h, m.holder_strategy.floor, rho_h)
    if m.market.licensed_use == 1:  # no licence, no sales: whatever can be paid is better than nothing
        return w_h, loss, r_h, view.ability
    goodwill = m.implementer_strategy.goodwill
    return w_h, loss, r_h, reservation_implementer(loss, view.base_i, goodwill, rho_i, view.ability)


@inlined
def deposit_at(m: Matter, t: int, rho_i: float) -> float:
    """The deposit that ties the implementer's money, USD m: placed, or to be placed if it goes on."""
    forum, negotiation, suit = m.forum, m.negotiation, m.suit
    refuses = m.implementer_strategy.refuses & DEPOSIT_BIT != 0
    if suit.escrow > 0.0 or negotiation.status != TALKS or forum.security_base == NO_SECURITY or refuses:
        return escrow_now(forum, suit, t)
    rate = rho_i
    if forum.security_base == AT_COUNTER and negotiation.last_bid > 0.0:
        rate = negotiation.last_bid
    elif forum.security_base == AT_HOLDER_OFFER and negotiation.last_ask > 0.0:
        rate = negotiation.last_ask
    return forum.security_share * rate * forum.court_share * m.outlook.deposit_past


@inlined
def interim_effect(m: Matter, rho_h: float, rho_i: float, past: float) -> tuple[float, float]:
    """What an interim licence still to come is worth to the holder and costs the implementer, USD m.

    Money paid on account ``months - after`` months before judgment is credited with court interest;
    it moves value only as far as that interest differs from the party's own discount rate.
    """
    forum, curves, suit = m.forum, m.curves, m.suit
    if forum.interim == 0 or suit.interim_on == 1 or suit.arbitration == 1 or suit.judgment != NO_JUDGMENT:
        return 0.0, 0.0
    left = m.outlook.months - forum.interim_after
    if left <= 0:
        return 0.0, 0.0
    accrual = factor(curves, COURT_INTEREST, left)
    h = security_burden(rho_h * past, factor(curves, HOLDER_DISCOUNT, left), accrual)
    i = security_burden(rho_i * past, factor(curves, IMPLEMENTER_DISCOUNT, left), accrual)
    first = forum.interim_after
    return factor(curves, HOLDER_DISCOUNT, first) * h, factor(curves, IMPLEMENTER_DISCOUNT, first) * i


@compiled
def gains_from_appeal(m: Matter, t: int) -> tuple[float, float]:
    """What appealing a judgment is worth to each side at month ``t``, USD m net of its cost.

    On appeal the judgment stands with probability 1 - reversal and is given anew otherwise; nothing
    is paid meanwhile, and court interest accrues.
    """
    forum, mkt, curves, view, negotiation = m.forum, m.market, m.curves, m.outlook, m.negotiation
    months = forum.appeal_months
    past = award_today(m, t)
    now_h = remedies.given(m, view.future_h, past)
    now_i = remedies.given(m, view.future_i, past)
    since = recoverable_since(m, t, t)
    award_bases(m, since, t, t + months, net_margin(m.implementer, negotiation))
    fault_h = expected_fault(forum, forum.detected_h, negotiation.fault_h)
    fault_i = expected_fault(forum, forum.detected_i, negotiation.fault_i)
    past = past_due(forum, view, loss_share(fault_h, fault_i))
    prospect = remedies.prospect_of(m, fault_h, fault_i, past)
    then_h = award(m, prospect, negotiation.rho_h, view.future_h)
    then_i = award(m, prospect, negotiation.rho_i, view.future_i)
    cost = (mkt.cost_filing + mkt.cost_monthly * months) * forum.litigation_factor
    holder = factor(curves, HOLDER_DISCOUNT, months) * then_h - cost - now_h
    implementer = now_i - factor(curves, IMPLEMENTER_DISCOUNT, months) * then_i - cost
    return holder, implementer
