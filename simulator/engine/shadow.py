"""The shadow of the court: what each party expects from judgment, and what it would sign instead.

``shadow`` puts the rules of ``rules/`` together for one negotiation at one month.  A month ``n`` at
or after today ``t`` is valued with what is known today, so that rational parties can look ahead.
Money is USD m at month ``n``; rates are fractions of price.
"""

from __future__ import annotations

from typing import Any

from simulator.compiled import compiled
from simulator.rules.bargain import reservation_holder, reservation_implementer
from simulator.rules.belief import point_estimate
from simulator.rules.discount import annuity, power
from simulator.rules.litigation import expected_cost, loss_from_suit, security_burden, value_of_suit
from simulator.rules.remedy import (
    bounded,
    denied_award,
    direct_award,
    exclusion_gain,
    fault_uplift,
    injunction_licence,
    injunction_probability,
    loss_share,
)
from simulator.vocabulary import Act, CourtMode, InjunctionCap, InjunctionTest, Standing, Status

# Verdicts of an instance (the code a pair carries from judgment on).
NO_VERDICT, RATE_SET, GRANTED, DENIED, LOST, REFUSED = 0, 1, 2, 3, 4, 5

MODE_NONE, MODE_DIRECT, MODE_INDIRECT = int(CourtMode.NONE), int(CourtMode.DIRECT), int(CourtMode.INDIRECT)
MODE_BOTH, MODE_ADAPTIVE = int(CourtMode.BOTH), int(CourtMode.ADAPTIVE)
NEAR_AUTOMATIC, FOUR_FACTORS = int(InjunctionTest.NEAR_AUTOMATIC), int(InjunctionTest.FOUR_FACTORS)
NO_TEST = int(InjunctionTest.NONE)
CAP_NONE, CAP_OFFER = int(InjunctionCap.NONE), int(InjunctionCap.HOLDER_OFFER)
RATE_ACTION, INFRINGEMENT = int(Standing.RATE_ACTION), int(Standing.INFRINGEMENT)
DEPOSIT_BIT = 1 << Act.DEPOSIT
TALKS, QUEUED, IN_COURT = int(Status.TALKS), int(Status.QUEUED), int(Status.COURT)
WINDOW, APPEAL, EXCLUDED = int(Status.WINDOW), int(Status.APPEAL), int(Status.EXCLUDED)


@compiled
def estimates(pair: Any) -> tuple[float, float]:
    """The rates the parties reckon with; over-declaration counts until verified."""
    shift_h = 0.0 if pair.verified == 1 else pair.shift_h
    shift_i = 0.0 if pair.verified == 1 else pair.shift_i
    return point_estimate(pair.mu_h + shift_h, pair.v_h), point_estimate(pair.mu_i + shift_i, pair.v_i)


@compiled
def sold(reg: Any, imp: Any) -> float:
    """This month's sales, USD m: what is excluded from the forum is not sold."""
    return imp.sales * (1.0 - reg.forum_share) if imp.n_excluded > 0 else imp.sales


@compiled
def future_sales(imp: Any, log_d: float, t: int, n: int, end: int) -> float:
    """Sales from month ``n`` to ``end``, discounted to ``n``: ``a_k(n)``; today's output lasts."""
    if n >= end:
        return 0.0
    return imp.sales * power(imp.log_growth, n - t) * annuity(log_d + imp.log_growth, end - n)


@compiled
def past_sales(
    imp: Any, kind: int, log_interest: float, since: int, t: int, n: int, end: int, running: bool
) -> float:
    """Sales from month ``since`` to ``n`` with interest: ``P(n; iota)``; those after ``t`` are expected."""
    total = power(log_interest, n) * (imp.past[kind, min(t, end)] - imp.past[kind, since])
    if running and n > t and t < end:
        span = min(n, end) - t
        total += imp.sales * power(log_interest, n - t) * annuity(imp.log_growth - log_interest, span)
    return float(total)


@compiled
def recoverable_since(reg: Any, pair: Any, n: int, t: int) -> int:
    """First month of past use that counts at month ``n``: ``t0``."""
    anchor = pair.filed_month if pair.filed_month >= 0 else n
    first = pair.contact if reg.from_notice == 1 else pair.first_use
    return min(max(first, anchor - reg.limitation), t)


@compiled
def months_to_judgment(reg: Any, pair: Any, t: int, n: int) -> int:
    """Expected remaining months ``D`` until a judgment that binds (queue, instance, appeal)."""
    if pair.status == EXCLUDED:
        return max(0, pair.excluded_since + reg.take_within - t)
    if pair.arbitration == 1:
        left = round(reg.arbitration_months)
        if pair.status == IN_COURT:
            return max(1, left - (t - pair.start_month))
        return left
    second = round(reg.d2) if reg.appeal == 1 and reg.provisional == 0 else 0
    if pair.status == QUEUED:
        return pair.wait + int(reg.remaining[0, 0]) + second
    if pair.status == IN_COURT:
        return int(reg.remaining[0, t - pair.start_month]) + second
    if pair.status == WINDOW:
        return max(0, pair.window_end - t) + second
    if pair.status == APPEAL:
        return int(reg.remaining[1, t - pair.start_month])
    return max(0, pair.bar_until - n) + pair.wait + int(reg.remaining[0, 0]) + second


@compiled
def remaining_cost(reg: Any, mkt: Any, pair: Any, n: int, months: int) -> float:
    """Expected remaining litigation cost of one side, USD m; what is spent is sunk, a bar costs nothing."""
    if pair.status == EXCLUDED:
        return 0.0
    if pair.arbitration == 1:
        return reg.arbitration_cost
    cost = mkt.cost_monthly * (months - max(0, pair.bar_until - n))
    if pair.status == TALKS:
        cost += mkt.cost_filing + mkt.cost_trial
    elif pair.status == QUEUED or pair.status == IN_COURT:
        cost += mkt.cost_trial
    return cost * reg.litigation_factor


@compiled
def expected_fault(reg: Any, weight: float) -> float:
    """A ledger as the parties expect the court to see it: ``q_det F + q_false``."""
    if reg.binding == 0 or reg.recognised == 0:
        return 0.0
    return reg.detected * weight + reg.false_findings


@compiled
def chance_of_injunction(reg: Any, pair: Any, kind: int, fault_h: float, fault_i: float) -> float:
    """``p`` with the regime's test and hard gates, given the faults counted."""
    no_offer = pair.frand_offer <= 0.0 and pair.holder_entitled == 0
    late = pair.last_ask > 0.0 or pair.status != TALKS
    if reg.test == NO_TEST or (reg.cap == CAP_OFFER and no_offer and late):
        return 0.0
    if reg.binding == 1 and pair.barred != 0:
        return 0.0
    if reg.test == NEAR_AUTOMATIC or (reg.binding == 1 and pair.assured != 0):
        return reg.p_max
    base = reg.p0_licensing if reg.test == FOUR_FACTORS and kind == 1 else reg.p0_product
    return injunction_probability(base, reg.p_max, reg.slope, fault_h, fault_i)


@compiled
def net_margin(imp: Any, pair: Any) -> float:
    """``g_net``: margin less royalties signed with others and own estimate of those unsigned, at least 0."""
    return max(0.0, imp.margin - imp.stack - max(0.0, imp.estimates - pair.counted))


@compiled
def licence_under_exclusion(
    reg: Any, mkt: Any, pair: Any, rate: float, future: float, past: float, gain: float, ability: float
) -> float:
    """``X_inj``: at least ``X_den``, at most the regime's cap and the ability to pay."""
    denied = denied_award(rate, past, future, reg.forum_share, reg.remainder)
    value = injunction_licence(rate, past, future, reg.forum_share, reg.remainder, mkt.beta, gain)
    ceiling = ability
    if reg.cap == CAP_OFFER and pair.frand_offer > 0.0:
        ceiling = min(ceiling, pair.frand_offer * (future + past))
    elif reg.cap != CAP_NONE:
        ceiling = min(ceiling, rate * (1.0 + reg.half_range) * (future + past))
    return bounded(value, denied, max(ceiling, 0.0))


@compiled
def fresh_award(
    reg: Any, mkt: Any, hold: Any, pair: Any, rho: float, future: float, past: float,
    gain: float, ability: float, fault_h: float, fault_i: float,
) -> float:  # fmt: skip
    """``X_k``: what judgment is worth before it is given, at ``rho`` shifted by the method's bias."""
    if pair.arbitration == 1:
        return rho * (future + past)
    rate = rho * reg.method_factor
    uplift = fault_uplift(reg.uplift, fault_h, fault_i)
    direct = direct_award(rate, reg.coverage, uplift, future, past)
    if reg.mode == MODE_DIRECT or (reg.mode == MODE_BOTH and pair.assured == 0):
        return direct
    p = chance_of_injunction(reg, pair, hold.kind, fault_h, fault_i)
    denied = denied_award(rate, past, future, reg.forum_share, reg.remainder)
    granted = licence_under_exclusion(reg, mkt, pair, rate, future, past, gain, ability)
    indirect = p * granted + (1.0 - p) * denied
    if reg.mode == MODE_BOTH:  # refused to be bound by the court's licence: exclusion, else that licence
        return p * granted + (1.0 - p) * direct
    if reg.mode == MODE_INDIRECT:
        return indirect
    chance = 1.0 - reg.detected if fault_i > fault_h else reg.detected
    if fault_i == fault_h:
        chance = 1.0 - reg.false_findings
    return chance * direct + (1.0 - chance) * indirect


@compiled
def known_award(
    reg: Any, mkt: Any, pair: Any, future: float, past: float, gain: float, ability: float
) -> float:
    """What the judgment already given is worth to a party."""
    if pair.verdict == RATE_SET:
        return reg.coverage * pair.court_rate * (future + past)
    if pair.verdict == GRANTED:
        return licence_under_exclusion(reg, mkt, pair, pair.court_rate, future, past, gain, ability)
    if pair.verdict == DENIED or pair.verdict == REFUSED:
        return denied_award(pair.court_rate, past, future, reg.forum_share, reg.remainder)
    return 0.0


@compiled
def award(
    reg: Any, mkt: Any, hold: Any, pair: Any, rho: float, future: float, past: float,
    gain: float, ability: float, fault_h: float, fault_i: float, liability: float,
) -> float:  # fmt: skip
    """Expected award times the probability of liability, before or after a first judgment."""
    fresh = liability * fresh_award(reg, mkt, hold, pair, rho, future, past, gain, ability, fault_h, fault_i)
    if pair.verdict == NO_VERDICT:
        return fresh
    known = known_award(reg, mkt, pair, future, past, gain, ability)
    open_to_appeal = reg.appeal == 1 and reg.provisional == 0 and pair.status != EXCLUDED
    reversal = reg.reversal if open_to_appeal else 0.0
    return (1.0 - reversal) * known + reversal * fresh


@compiled
def award_bases(
    reg: Any,
    mkt: Any,
    hold: Any,
    imp: Any,
    pair: Any,
    since: int,
    t: int,
    m: int,
    margin: float,
    share: float,
) -> tuple[float, float, float, float, float]:
    """What an award at month ``m`` is counted on: ``(a_h, a_i, kappa P, G, ability to pay)``, USD m.

    ``share`` is the implementer's part of the interest and delay loss where the regime apportions it.
    """
    end = mkt.horizon
    running = mkt.licensed_use == 0
    accrued = past_sales(imp, 1, reg.log_court, since, t, m, end, running)
    if reg.apportion == 1 and reg.binding == 1 and pair.arbitration == 0:
        plain = past_sales(imp, 2, 0.0, since, t, m, end, running)
        accrued = plain + share * (accrued - plain)
    a_h = future_sales(imp, hold.log_d, t, m, end)
    a_i = future_sales(imp, imp.log_d, t, m, end)
    excluded = 0.0
    if m < end:
        excluded = future_sales(imp, imp.log_d, t, m, min(end, m + reg.months_excluded))
    gain = exclusion_gain(reg.forum_share, margin, excluded, reg.redesign_cost)
    return a_h, a_i, reg.court_share * accrued, gain, margin * a_i


@compiled
def chance_of_losing(reg: Any, pair: Any, liability: float) -> float:
    """The holder's chance of bearing the other side's costs; one half where only the rate is in dispute."""
    if pair.verdict == GRANTED:
        return 0.0
    if pair.verdict == LOST:
        return 1.0
    if pair.verdict == DENIED:
        return 0.0
    if pair.verdict == RATE_SET or pair.arbitration == 1:
        return 0.5
    rate_case = reg.mode == MODE_DIRECT or reg.mode == MODE_BOTH
    return 1.0 - liability * (0.5 if rate_case else 1.0)


@compiled
def shadow(
    reg: Any, mkt: Any, hold: Any, imp: Any, pair: Any, sh: Any, si: Any, t: int, n: int,
    rho_h: float, rho_i: float, ledger_h: float, ledger_i: float,
) -> tuple[float, float, float, float, float, float]:  # fmt: skip
    """Values and reservation rates at month ``n`` with what is known at ``t``.

    ``rho_*`` the parties' estimates of the FRAND rate, ``ledger_*`` their uncured fault weights.
    Returns ``(W_h, L_i, R_h, R_i, l_h, l_i)``: the suit's value to the holder and loss to the
    implementer (USD m, 0 for an empty threat), both reservation rates, and the discounted sales a
    licence is paid on (USD m).
    """
    end = mkt.horizon
    since = recoverable_since(reg, pair, n, t)
    lump = reg.licence_share * past_sales(imp, 0, reg.log_licence, since, t, n, end, mkt.licensed_use == 0)
    l_h = future_sales(imp, hold.log_d, t, n, end) + lump
    a_i = future_sales(imp, imp.log_d, t, n, end)
    l_i = a_i + lump
    margin = net_margin(imp, pair)
    ability = margin * a_i / l_i if l_i > 0.0 else 0.0
    w_h = 0.0
    loss = 0.0
    threat = reg.mode != MODE_NONE and reg.standing_holder != 0
    if threat or pair.filed_month >= 0 or pair.verdict != NO_VERDICT or pair.arbitration == 1:
        months = months_to_judgment(reg, pair, t, n)
        fault_h = expected_fault(reg, ledger_h)
        fault_i = expected_fault(reg, ledger_i)
        a_hm, a_im, p_court, gain, pay = award_bases(
            reg, mkt, hold, imp, pair, since, t, n + months, margin, loss_share(fault_h, fault_i)
        )
        liability = hold.liability if reg.liability_gate == 1 and pair.arbitration == 0 else 1.0
        x_h = award(reg, mkt, hold, pair, rho_h, a_hm, p_court, gain, pay, fault_h, fault_i, liability)
        x_i = award(reg, mkt, hold, pair, rho_i, a_im, p_court, gain, pay, fault_h, fault_i, liability)
        x_hi = award(reg, mkt, hold, pair, rho_i, a_hm, p_court, gain, pay, fault_h, fault_i, liability)
        patience_h = power(hold.log_d, months)
        patience_i = power(imp.log_d, months)
        own = remaining_cost(reg, mkt, pair, n, months)
        loses = chance_of_losing(reg, pair, liability)
        cost_h = expected_cost(own, own, reg.loser_pays, loses)
        cost_i = expected_cost(own, own, reg.loser_pays, 1.0 - loses)
        account_h, account_i = interim_effect(reg, pair, hold, imp, rho_h, rho_i, p_court, months)
        held = account_now(reg, pair, t)
        accrual = power(reg.log_court, months)
        gift_h = account_h + held * (1.0 - patience_h * accrual)
        burden = account_i + held * (1.0 - patience_i * accrual)
        deposit = deposit_at(reg, mkt, imp, pair, si, since, t, n, rho_i)
        burden += security_burden(deposit, patience_i, power(reg.log_escrow, months))
        w_h = value_of_suit(patience_h, 1.0, x_h, cost_h) + gift_h
        seen = value_of_suit(patience_h, 1.0, x_hi, cost_h) + gift_h
        if pair.verdict == REFUSED:
            x_i += reg.forum_share * margin * a_im
        if seen > 0.0 or pair.verdict != NO_VERDICT or pair.filer == 1:
            loss = loss_from_suit(patience_i, 1.0, x_i, cost_i, burden)
    r_h = reservation_holder(w_h, l_h, sh.floor, rho_h)
    if mkt.licensed_use == 1:  # no licence, no sales: whatever can be paid is better than nothing
        r_i = ability
    else:
        r_i = reservation_implementer(loss, l_i, si.goodwill, rho_i, ability)
    return w_h, loss, r_h, r_i, l_h, l_i


@compiled
def deposit_at(
    reg: Any, mkt: Any, imp: Any, pair: Any, si: Any, since: int, t: int, n: int, rho_i: float
) -> float:
    """The deposit that ties the implementer's money, USD m: placed, or to be placed if it goes on."""
    refuses = si.refuses & DEPOSIT_BIT != 0
    if pair.escrow > 0.0 or pair.status != TALKS or reg.security_base == 0 or refuses:
        return escrow_now(reg, pair, t)
    rate = rho_i
    if reg.security_base == 1 and pair.last_bid > 0.0:
        rate = pair.last_bid
    elif reg.security_base == 2 and pair.last_ask > 0.0:
        rate = pair.last_ask
    past = past_sales(imp, 1, reg.log_court, since, t, n, mkt.horizon, mkt.licensed_use == 0)
    return reg.security_share * rate * reg.court_share * past


@compiled
def escrow_now(reg: Any, pair: Any, t: int) -> float:
    """Balance of the deposit with its interest, USD m at month ``t``."""
    if pair.escrow <= 0.0:
        return 0.0
    return pair.escrow * power(reg.log_escrow, t - pair.escrow_month)


@compiled
def account_now(reg: Any, pair: Any, t: int) -> float:
    """Payments on account with court interest, USD m at month ``t`` (kept deflated to month 0)."""
    if pair.account <= 0.0:
        return 0.0
    return pair.account * power(reg.log_court, t)


@compiled
def interim_effect(
    reg: Any, pair: Any, hold: Any, imp: Any, rho_h: float, rho_i: float, past: float, months: int
) -> tuple[float, float]:
    """What an interim licence still to come is worth to the holder and costs the implementer, USD m.

    Money paid on account ``months - after`` months before judgment is credited with court interest;
    it moves value only as far as that interest differs from the party's own discount rate.
    """
    if reg.interim == 0 or pair.interim_on == 1 or pair.arbitration == 1 or pair.verdict != NO_VERDICT:
        return 0.0, 0.0
    left = months - reg.interim_after
    if left <= 0:
        return 0.0, 0.0
    accrual = power(reg.log_court, left)
    h = power(hold.log_d, reg.interim_after) * security_burden(rho_h * past, power(hold.log_d, left), accrual)
    i = power(imp.log_d, reg.interim_after) * security_burden(rho_i * past, power(imp.log_d, left), accrual)
    return h, i


@compiled
def gains_from_appeal(
    reg: Any, mkt: Any, hold: Any, imp: Any, pair: Any, t: int, rho_h: float, rho_i: float
) -> tuple[float, float]:
    """What appealing a judgment is worth to each side at month ``t``, USD m net of its cost.

    On appeal the judgment stands with probability 1 - reversal and is given anew otherwise; nothing
    is paid meanwhile, and court interest accrues.
    """
    months = round(reg.d2)
    margin = net_margin(imp, pair)
    since = recoverable_since(reg, pair, t, t)
    fault_h = expected_fault(reg, pair.fault_h)
    fault_i = expected_fault(reg, pair.fault_i)
    a_h, a_i, p_now, gain, pay = award_bases(
        reg, mkt, hold, imp, pair, since, t, t, margin, pair.shared_fault
    )
    now_h = known_award(reg, mkt, pair, a_h, p_now, gain, pay)
    now_i = known_award(reg, mkt, pair, a_i, p_now, gain, pay)
    a_h, a_i, p_then, gain, pay = award_bases(
        reg, mkt, hold, imp, pair, since, t, t + months, margin, loss_share(fault_h, fault_i)
    )
    liability = hold.liability if reg.liability_gate == 1 else 1.0
    then_h = award(reg, mkt, hold, pair, rho_h, a_h, p_then, gain, pay, fault_h, fault_i, liability)
    then_i = award(reg, mkt, hold, pair, rho_i, a_i, p_then, gain, pay, fault_h, fault_i, liability)
    cost = (mkt.cost_filing + mkt.cost_monthly * months) * reg.litigation_factor
    holder = power(hold.log_d, months) * then_h - cost - now_h
    implementer = now_i - power(imp.log_d, months) * then_i - cost
    return holder, implementer
