"""The shadow of the court: what each party expects from judgment, and what it would sign instead.

``outlook`` and ``limits`` put the rules of ``rules/`` together for one negotiation at one month: the first
works out what judgment is counted on, once a month, the second values it at a party's estimate and
ledger, as often as parties weigh what they might do.  A month ``n`` at or after today ``t`` is valued
with what is known today, so that rational parties can look ahead.  Money is USD m at month ``n``;
rates are fractions of price.
"""

from __future__ import annotations

from simulator.compiled import compiled, inlined
from simulator.engine import interim, remedies
from simulator.engine.accounts import AT_HOLDER_OFFER, deposit_rate, refused_adr
from simulator.engine.bases import (
    account_now,
    as_in_force,
    award_bases,
    award_today,
    escrow_now,
    factor,
    future_sales,
    known_bias,
    licensed_sales,
    net_margin,
    past_due,
    past_sales,
    recoverable_since,
    shares_interest,
)
from simulator.engine.information import in_force, misread, owned, set_back, take_as_holder
from simulator.engine.law import Forum
from simulator.engine.ledger import expected_fault
from simulator.engine.prospect import DENIED, GRANTED, LOST, NO_JUDGMENT, RATE_SET, REFUSED, Prospect
from simulator.engine.rate_setting import fair_rate, foresee
from simulator.engine.records import (
    COURT_INTEREST,
    ESCROW_INTEREST,
    HOLDER_DISCOUNT,
    IMPLEMENTER_DISCOUNT,
    LICENCE_INTEREST,
    NO_INTEREST,
    WORTH_HOLDER,
    WORTH_IMPLEMENTER,
)
from simulator.engine.regions import reach
from simulator.engine.relation import chance_of_suit
from simulator.engine.standard_setting import cost_to_leave
from simulator.engine.state import Matter, Outlook, Suit
from simulator.engine.terms import counterclaim, credit, give_way
from simulator.rules.bargain import reservation_holder, reservation_implementer
from simulator.rules.litigation import expected_cost, loss_from_suit, security_burden, value_of_suit
from simulator.rules.remedy import exclusion_gain, loss_share
from simulator.vocabulary import Act, Party, SecurityBase, Status

HOLDER, IMPLEMENTER = int(Party.HOLDER), int(Party.IMPLEMENTER)
NO_SECURITY = int(SecurityBase.NONE)
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
        if suit.remanded == 1:
            return max(1, suit.decision_month - t)
        return int(forum.remaining[0, t - suit.start_month]) + second
    if status == WINDOW:
        return max(0, suit.window_end - t) + (0 if suit.remanded == 1 else second)
    if suit.second == 1:
        return max(0, suit.decision_month - t)
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
    else:
        cost += cost_of_new_trial(m)
    return cost * m.forum.litigation_factor


@inlined
def award(m: Matter, prospect: Prospect, rho: float, side: int) -> float:
    """Expected award times the probability of liability, before or after a first judgment, USD m.

    ``rho`` is whoever's estimate; ``side`` says whose discount sales to come are counted with.
    """
    forum, suit, view = m.forum, m.suit, m.outlook
    future, later = view.future_h, view.later_h
    if side == IMPLEMENTER:
        future, later = view.future_i, view.later_i
    fresh = liability(m) * (remedies.expected(m, prospect, rho, future, later) - prospect.damages)
    if suit.judgment == NO_JUDGMENT:
        return fresh
    known = remedies.given(m, future, prospect.past, later)
    reversal = chance_of_reversal(m)
    if forum.vacated > 0.0 and reversal > 0.0:  # a new trial comes later than a second instance
        column = IMPLEMENTER_DISCOUNT if side == IMPLEMENTER else HOLDER_DISCOUNT
        fresh *= 1.0 - forum.vacated + forum.vacated * factor(m.curves, column, forum.remand_months)
    return (1.0 - reversal) * known + reversal * fresh


@inlined
def chance_of_reversal(m: Matter) -> float:
    """The chance that a judgment given will not stand: none where no appeal lies any more."""
    forum, suit = m.forum, m.suit
    if m.negotiation.status == EXCLUDED or suit.second == 1 or suit.remanded == 1:
        return 0.0
    return forum.reversal if forum.appeal == 1 and forum.provisional == 0 else 0.0


@inlined
def cost_of_new_trial(m: Matter) -> float:
    """Expected cost of a new trial to one side once a judgment is given, USD m before the forum's factor."""
    if m.forum.vacated <= 0.0:
        return 0.0
    trial = m.market.cost_trial + m.market.cost_monthly * m.forum.remand_months
    return chance_of_reversal(m) * m.forum.vacated * trial


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
def outlook_today(m: Matter, t: int) -> None:
    """Fill the outlook for today, and with what the court makes of a rate, as it is known in month ``t``."""
    if m.forum.plain == 0:
        foresee(m, t)
    outlook(m, t, t)


@inlined
def outlook(m: Matter, t: int, n: int) -> None:
    """Fill the outlook with all that judgment hangs on at month ``n``.

    Estimates and faults come with the question; what the court makes of a rate is that of ``outlook_today``.
    """
    forum, curves, imp, view = m.forum, m.curves, m.implementer, m.outlook
    negotiation, suit = m.negotiation, m.suit
    since = recoverable_since(m, n, t)
    behind = in_force(m, since, n)
    lump = behind * forum.licence_share * past_sales(m, LICENCE_INTEREST, since, t, n)
    view.base_h = as_in_force(m, WORTH_HOLDER, t, n, licensed_sales(m, WORTH_HOLDER, t, n)) + lump
    a_i = licensed_sales(m, WORTH_IMPLEMENTER, t, n)
    view.ahead = as_in_force(m, WORTH_IMPLEMENTER, t, n, a_i)
    view.base_i = view.ahead + lump
    view.sales, view.future_now = imp.sales, a_i
    view.margin = net_margin(imp, negotiation)
    view.ability = view.margin * a_i / view.base_i if view.base_i > 0.0 else 0.0
    if m.market.private == 1:
        misread(m)
    view.owned = owned(m)
    if m.market.next_best > 0.0:
        view.leaving = cost_to_leave(m, n)
    begun = suit.filed_month >= 0 or suit.judgment != NO_JUDGMENT or suit.arbitration == 1
    view.threat = forum.standing_holder != 0 or begun
    if view.threat == 0:
        return
    view.bias = known_bias(forum, imp)
    months = months_to_judgment(m, t, n)
    award_bases(m, since, t, n + months, view.margin)
    view.months = months
    view.patience_h = factor(curves, HOLDER_DISCOUNT, months)
    view.patience_i = factor(curves, IMPLEMENTER_DISCOUNT, months)
    view.later_h = factor(curves, HOLDER_DISCOUNT, forum.money_after)
    view.later_i = factor(curves, IMPLEMENTER_DISCOUNT, forum.money_after)
    view.accrual = factor(curves, COURT_INTEREST, months)
    view.escrow_accrual = factor(curves, ESCROW_INTEREST, months)
    view.cost = remaining_cost(m, n, months)
    view.account = account_now(forum, suit, t)
    view.deposit_past = 0.0
    if forum.security_base != NO_SECURITY:
        interest = NO_INTEREST if shares_interest(forum, suit) else COURT_INTEREST
        view.deposit_past = behind * past_sales(m, interest, since, t, n)
    view.enjoin_month = -1
    if forum.enjoin_chance > 0.0:
        interim_outlook(m, t, n)


@compiled
def interim_outlook(m: Matter, t: int, n: int) -> None:
    """Fill the outlook with when an interim injunction is decided on and what it would cost, or costs."""
    forum, view, end = m.forum, m.outlook, m.market.horizon
    view.enjoin_month = interim.months_to_decision(m, t)
    first, last = n + max(0, view.enjoin_month), n + view.months
    if first >= end:
        view.enjoin_month = -1
        view.gain_interim = 0.0
        return
    excluded = future_sales(m.curves, m.implementer, WORTH_IMPLEMENTER, t, first, min(end, last))
    redesign = 0.0 if m.suit.enjoined == 1 else forum.redesign_cost + cost_to_leave(m, first)
    view.excluded_interim = excluded
    view.gain_interim = exclusion_gain(reach(forum, m.implementer), view.margin, excluded, redesign)


@inlined
def prospects(
    m: Matter, t: int, rho_h: float, rho_i: float, ledger_h: float, ledger_i: float, g: float
) -> tuple[float, float]:
    """``(W_h, L_i)``: what court is worth to the holder and costs the implementer, USD m at ``n``.

    ``g``: what the implementer's own patents are worth, of its price.
    """
    forum, suit, view = m.forum, m.suit, m.outlook
    if view.threat == 0:
        return 0.0, 0.0
    fault_h = expected_fault(forum, forum.detected_h, ledger_h)
    fault_i = expected_fault(forum, forum.detected_i, ledger_i)
    past = past_due(forum, view, loss_share(fault_h, fault_i) if forum.apportion == 1 else 0.5)
    prospect = remedies.prospect_of(m, fault_h, fault_i, past)
    v_h = judgment_today(m, prospect, rho_h, HOLDER)
    cost_h, cost_i = costs_to_come(m)
    interim_h, interim_i = interim.payments_effect(m, fair_rate(m, rho_h), fair_rate(m, rho_i), past)
    gift_h = interim_h + view.account * (1.0 - view.patience_h * view.accrual)
    burden = interim_i + view.account * (1.0 - view.patience_i * view.accrual)
    burden += deposit_burden(m, t, fair_rate(m, rho_i))
    if suit.enjoined == 1:
        lost, made_good = interim.loss_until_judgment(m, prospect, liability(m), t)
        gift_h -= made_good
        burden += lost - made_good
    if g > 0.0:
        against, back = counterclaim(m, g)
        gift_h -= against
        burden -= back
    w_h = value_of_suit(1.0, 1.0, v_h, cost_h) + gift_h
    credible = suit.judgment != NO_JUDGMENT or suit.filer == IMPLEMENTER
    if not credible:  # as the implementer sees it
        v_hi = view.owned * judgment_today(m, prospect, rho_i, HOLDER)
        credible = value_of_suit(1.0, 1.0, v_hi, cost_h) + gift_h > 0.0
    if not credible:
        return w_h, 0.0
    v_i = view.owned * judgment_today(m, prospect, rho_i, IMPLEMENTER)
    return w_h, loss_from_suit(1.0, 1.0, v_i, cost_i, burden)


@inlined
def judgment_today(m: Matter, prospect: Prospect, rho: float, side: int) -> float:
    """What judgment is worth today, or the licence that an interim injunction extracts before it, USD m."""
    view = m.outlook
    patience, future, column = view.patience_h, view.future_h, HOLDER_DISCOUNT
    if side == IMPLEMENTER:
        patience, future, column = view.patience_i, view.future_i, IMPLEMENTER_DISCOUNT
    worth = award(m, prospect, rho, side)
    if side == IMPLEMENTER and m.suit.judgment == REFUSED:
        worth += reach(m.forum, m.implementer) * view.margin * future
    value = patience * worth
    if view.enjoin_month < 0:
        return value
    extracted = liability(m) * remedies.under_interim_injunction(m, prospect, rho, future)
    p = interim.chance(m)
    return (1.0 - p) * value + p * factor(m.curves, column, view.enjoin_month) * extracted


@inlined
def costs_to_come(m: Matter) -> tuple[float, float]:
    """Expected litigation cost of holder and implementer as costs are borne in the end, USD m."""
    forum, cost = m.forum, m.outlook.cost
    refuser = refused_adr(forum, m.negotiation)
    if refuser >= 0:
        share, loses = forum.refuses_adr, 1.0 if refuser == HOLDER else 0.0
        doubted = loses
    else:
        share, loses = forum.loser_pays, chance_of_losing(forum, m.suit, liability(m))
        doubted = chance_of_losing(forum, m.suit, liability(m) * m.outlook.owned)
    return expected_cost(cost, cost, share, loses), expected_cost(cost, cost, share, 1.0 - doubted)


@compiled
def value_as_read(
    m: Matter, t: int, rho_h: float, rho_i: float, ledger_h: float, ledger_i: float, g: float
) -> float:
    """``W_h`` with the holder's own figures of sales and margin, USD m."""
    true = take_as_holder(m)
    w_h, _ = prospects(m, t, rho_h, rho_i, ledger_h, ledger_i, g)
    set_back(m, true)
    return w_h


@compiled
def limits(
    m: Matter, t: int, rho_h: float, rho_i: float, ledger_h: float, ledger_i: float
) -> tuple[float, float, float, float]:
    """``(W_h, L_i, R_h, R_i)``: what court is worth, and the rates the parties would sign instead.

    ``rho_*`` the parties' estimates of the FRAND rate, ``ledger_*`` their uncured fault weights, the
    outlook as filled by ``outlook``.  USD m, 0 for an empty threat; rates are fractions of price.
    """
    view = m.outlook
    g = credit(m, rho_h, rho_i)
    w_h, loss = prospects(m, t, rho_h, rho_i, ledger_h, ledger_i, g)
    if view.misread == 1:
        w_h = value_as_read(m, t, rho_h, rho_i, ledger_h, ledger_i, g)
    r_h = reservation_holder(w_h + g * view.base_h, view.base_h, m.holder_strategy.floor, rho_h)
    r_h += tied(m, rho_h)
    if m.market.most_favoured > 0.0:
        r_h = give_way(m, r_h)
    if m.market.licensed_use == 1:  # no licence, no sales: whatever can be paid is better than nothing
        most = view.ability + g
        return w_h, loss, r_h, most * nominal(view) if m.market.caps == 1 and view.misread == 1 else most
    goodwill = m.implementer_strategy.goodwill
    feared = chance_of_suit(m) * loss + g * view.base_i
    fair_i = fair_rate(m, rho_i)
    r_i = reservation_implementer(feared, view.base_i, goodwill, fair_i, view.ability + g)
    if m.market.next_best > 0.0 and view.base_i > 0.0:
        r_i = min(r_i, walking_away(m, rho_i, loss, ledger_h, ledger_i) / view.base_i + g)
    if m.market.caps == 1 and view.misread == 1:
        r_i *= nominal(view)
    return w_h, loss, r_h, r_i


@inlined
def nominal(view: Outlook) -> float:
    """A rate agreed over what it comes to for an implementer that knows that royalties stop at a cap."""
    return view.base_i / view.paid_on if view.paid_on > 0.0 else 1.0


@inlined
def tied(m: Matter, rho: float) -> float:
    """What a holder insists on for the patents it ties in, beyond what they are worth, of price."""
    ties = m.holder_strategy.ties
    return ties * fair_rate(m, rho) if ties > 0.0 else 0.0


@compiled
def walking_away(m: Matter, rho_i: float, loss: float, ledger_h: float, ledger_i: float) -> float:
    """The most an implementer pays rather than leave the holder's technology, USD m.

    What it is worth over the next best, what leaving costs, and what it would still owe for the past:
    ``nu rho a + C + d^D q rho kappa P``, the last where there is a suit to reckon with.
    """
    forum, view = m.forum, m.outlook
    worth = m.market.next_best * rho_i * view.ahead + view.leaving
    if loss <= 0.0:
        return worth
    fault_h = expected_fault(forum, forum.detected_h, ledger_h)
    fault_i = expected_fault(forum, forum.detected_i, ledger_i)
    past = past_due(forum, view, loss_share(fault_h, fault_i) if forum.apportion == 1 else 0.5)
    return worth + view.patience_i * view.owned * liability(m) * rho_i * past


@compiled
def limits_in_truth(
    m: Matter, t: int, rho: float, ledger_h: float, ledger_i: float
) -> tuple[float, float, float, float]:
    """``limits`` at one estimate, with true figures on both sides."""
    view = m.outlook
    read, base = view.misread, view.base_h
    if read == 1:
        view.misread, view.base_h = 0, base / m.licence.sales_seen
    known = limits(m, t, rho, rho, ledger_h, ledger_i)
    view.misread, view.base_h = read, base
    return known


@compiled
def limits_alone(
    m: Matter, t: int, side: int, rho: float, ledger_h: float, ledger_i: float
) -> tuple[float, float, float, float]:
    """``limits`` as one party reckons them, for both sides with its own estimate and its own figures."""
    if m.outlook.misread == 0:
        return limits(m, t, rho, rho, ledger_h, ledger_i)
    if side != HOLDER:
        w_h, loss, r_h, r_i = limits_in_truth(m, t, rho, ledger_h, ledger_i)
        return w_h, loss, r_h, r_i * nominal(m.outlook) if m.market.caps == 1 else r_i
    true = take_as_holder(m)
    known = limits(m, t, rho, rho, ledger_h, ledger_i)
    set_back(m, true)
    return known


@compiled
def could_sign(m: Matter, t: int) -> bool:
    """Whether there would be something to sign if both sides knew the true rate, and true figures."""
    negotiation = m.negotiation
    _, _, r_h, r_i = limits_in_truth(m, t, negotiation.frand, negotiation.fault_h, negotiation.fault_i)
    return bool(r_h <= r_i + tied(m, negotiation.frand))


@inlined
def deposit_burden(m: Matter, t: int, rho_i: float) -> float:
    """What a deposit costs the implementer until judgment: placed, or to be placed if it goes on, USD m."""
    forum, negotiation, suit, view = m.forum, m.negotiation, m.suit, m.outlook
    refuses = m.implementer_strategy.refuses & DEPOSIT_BIT != 0
    placed = suit.escrow > 0.0
    if placed or negotiation.status != TALKS or forum.security_base == NO_SECURITY or refuses:
        amount = escrow_now(forum, suit, t)
    else:
        rate = deposit_rate(forum, negotiation, rho_i)
        amount = forum.security_share * rate * forum.court_share * view.deposit_past
        if view.misread == 1 and forum.security_base == AT_HOLDER_OFFER:
            amount *= m.licence.sales_seen
    total = security_burden(amount, view.patience_i, view.escrow_accrual)
    if forum.deposit_running == 1 and amount > 0.0:
        per_rate = interim.burden(m, IMPLEMENTER_DISCOUNT, ESCROW_INTEREST, 0, view.months)
        total += forum.security_share * deposit_rate(forum, negotiation, rho_i) * per_rate
    return total


@compiled
def given_as_read(m: Matter, past: float) -> float:
    """What the judgment given is worth to the holder, with its own figures, USD m."""
    view = m.outlook
    if view.misread == 0:
        return remedies.given(m, view.future_h, past, view.later_h)
    true = take_as_holder(m)
    worth = remedies.given(m, view.future_h, past * m.licence.sales_seen, view.later_h)
    set_back(m, true)
    return worth


@compiled
def award_as_read(m: Matter, prospect: Prospect, fault_h: float, fault_i: float) -> float:
    """What a judgment on appeal is worth to the holder, with its own figures, USD m."""
    if m.outlook.misread == 0:
        return award(m, prospect, m.negotiation.rho_h, HOLDER)
    true = take_as_holder(m)
    own = remedies.prospect_of(m, fault_h, fault_i, prospect.past * m.licence.sales_seen)
    worth = award(m, own, m.negotiation.rho_h, HOLDER)
    set_back(m, true)
    return worth


@compiled
def gains_from_appeal(m: Matter, t: int) -> tuple[float, float]:
    """What appealing a judgment is worth to each side at month ``t``, USD m net of its cost.

    On appeal the judgment stands with probability 1 - reversal and is given anew otherwise; nothing
    is paid meanwhile, and court interest accrues.
    """
    forum, mkt, curves, view, negotiation = m.forum, m.market, m.curves, m.outlook, m.negotiation
    months = forum.appeal_months
    past = award_today(m, t)
    now_h = given_as_read(m, past)
    now_i = remedies.given(m, view.future_i, past, view.later_i)
    since = recoverable_since(m, t, t)
    award_bases(m, since, t, t + months, net_margin(m.implementer, negotiation))
    fault_h = expected_fault(forum, forum.detected_h, negotiation.fault_h)
    fault_i = expected_fault(forum, forum.detected_i, negotiation.fault_i)
    past = past_due(forum, view, loss_share(fault_h, fault_i))
    prospect = remedies.prospect_of(m, fault_h, fault_i, past)
    then_h = award_as_read(m, prospect, fault_h, fault_i)
    then_i = award(m, prospect, negotiation.rho_i, IMPLEMENTER)
    cost = mkt.cost_filing + mkt.cost_monthly * months + cost_of_new_trial(m)
    cost *= forum.litigation_factor
    holder = factor(curves, HOLDER_DISCOUNT, months) * then_h - cost - now_h
    implementer = now_i - factor(curves, IMPLEMENTER_DISCOUNT, months) * then_i - cost
    return holder, implementer
