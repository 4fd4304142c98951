"""The shadow of the court: what each party expects from judgment, and what it would sign instead.

``outlook`` and ``limits`` put the rules of ``rules/`` together for one negotiation at one month: the first
works out what judgment is counted on, once a month, the second values it at a party's estimate and
ledger, as often as parties weigh what they might do.  A month ``n`` at or after today ``t`` is valued
with what is known today, so that rational parties can look ahead.  Money is USD m at month ``n``;
rates are fractions of price.
"""

from __future__ import annotations

from simulator.compiled import compiled, inlined
from simulator.engine.state import (
    COURT_INTEREST,
    ESCROW_INTEREST,
    GROWTH,
    HOLDER_DISCOUNT,
    IMPLEMENTER_DISCOUNT,
    LICENCE_INTEREST,
    NO_INTEREST,
    USE,
    WORTH_HOLDER,
    WORTH_IMPLEMENTER,
    Curves,
    Holder,
    Implementer,
    Market,
    Outlook,
    Pair,
    Regime,
    Sales,
    Strategy,
)
from simulator.rules.bargain import reservation_holder, reservation_implementer
from simulator.rules.belief import point_estimate
from simulator.rules.discount import power
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
from simulator.vocabulary import (
    Act,
    CourtMode,
    HolderKind,
    InjunctionCap,
    InjunctionTest,
    SecurityBase,
    Standing,
    Status,
    Verdict,
)

NO_VERDICT, RATE_SET, GRANTED = int(Verdict.NONE), int(Verdict.RATE_SET), int(Verdict.GRANTED)
DENIED, LOST, REFUSED = int(Verdict.DENIED), int(Verdict.LOST), int(Verdict.REFUSED)
NO_SECURITY, AT_COUNTER = int(SecurityBase.NONE), int(SecurityBase.COUNTER)
AT_HOLDER_OFFER = int(SecurityBase.HOLDER_OFFER)
LICENSING_COMPANY = int(HolderKind.LICENSING_COMPANY)

MODE_NONE, MODE_DIRECT, MODE_INDIRECT = int(CourtMode.NONE), int(CourtMode.DIRECT), int(CourtMode.INDIRECT)
MODE_BOTH, MODE_ADAPTIVE = int(CourtMode.BOTH), int(CourtMode.ADAPTIVE)
NEAR_AUTOMATIC, FOUR_FACTORS = int(InjunctionTest.NEAR_AUTOMATIC), int(InjunctionTest.FOUR_FACTORS)
NO_TEST = int(InjunctionTest.NONE)
CAP_NONE, CAP_OFFER = int(InjunctionCap.NONE), int(InjunctionCap.HOLDER_OFFER)
RATE_ACTION, INFRINGEMENT = int(Standing.RATE_ACTION), int(Standing.INFRINGEMENT)
DEPOSIT_BIT = 1 << Act.DEPOSIT
TALKS, QUEUED, IN_COURT = int(Status.TALKS), int(Status.QUEUED), int(Status.COURT)
WINDOW, APPEAL, EXCLUDED = int(Status.WINDOW), int(Status.APPEAL), int(Status.EXCLUDED)


@inlined
def factor(curves: Curves, kind: int, months: int) -> float:
    """A monthly factor to the power ``months``: tabulated as far as the horizon."""
    if months <= curves.last:
        return float(curves.power[months, kind])
    return power(curves.log[kind], months)


@compiled
def estimates(pair: Pair) -> tuple[float, float]:
    """The rates the parties reckon with; over-declaration counts until verified."""
    shift_h = 0.0 if pair.verified == 1 else pair.shift_h
    shift_i = 0.0 if pair.verified == 1 else pair.shift_i
    return point_estimate(pair.mu_h + shift_h, pair.v_h), point_estimate(pair.mu_i + shift_i, pair.v_i)


@compiled
def sold(reg: Regime, imp: Implementer) -> float:
    """This month's sales, USD m: what is excluded from the forum is not sold."""
    return imp.sales * (1.0 - reg.forum_share) if imp.n_excluded > 0 else imp.sales


@inlined
def future_sales(curves: Curves, imp: Implementer, party: int, t: int, n: int, end: int) -> float:
    """Sales from month ``n`` to ``end``, discounted to ``n``: ``a_k(n)``; today's output lasts."""
    if n >= end:
        return 0.0
    return imp.sales * factor(curves, GROWTH, n - t) * curves.annuity[end - n, party]


@inlined
def sold_since(imp: Implementer, sales: Sales, kind: int, since: int) -> float:
    """Sales from month ``since`` to this one, deflated to month 0."""
    return float(imp.to_date[kind] - sales.before[since, kind] if since > 0 else imp.to_date[kind])


@inlined
def past_sales(
    curves: Curves,
    imp: Implementer,
    sales: Sales,
    interest: int,
    since: int,
    t: int,
    n: int,
    end: int,
    running: bool,
) -> float:
    """Sales from month ``since`` to ``n`` with interest: ``P(n; iota)``; those after ``t`` are expected."""
    kind = interest - LICENCE_INTEREST
    total = factor(curves, interest, n) * sold_since(imp, sales, kind, since)
    if running and n > t and t < end:
        span = min(n, end) - t
        total += imp.sales * factor(curves, interest, n - t) * curves.annuity[span, USE + kind]
    return float(total)


@inlined
def recoverable_since(reg: Regime, pair: Pair, n: int, t: int) -> int:
    """First month of past use that counts at month ``n``: ``t0``."""
    anchor = pair.filed_month if pair.filed_month >= 0 else n
    first = pair.contact if reg.from_notice == 1 else pair.first_use
    return min(max(first, anchor - reg.limitation), t)


@inlined
def months_to_judgment(reg: Regime, pair: Pair, t: int, n: int) -> int:
    """Expected remaining months ``D`` until a judgment that binds (queue, instance, appeal)."""
    if pair.status == EXCLUDED:
        return max(0, pair.excluded_since + reg.take_within - t)
    if pair.arbitration == 1:
        left = reg.arbitration_wait
        if pair.status == IN_COURT:
            return max(1, left - (t - pair.start_month))
        return left
    second = reg.appeal_months if reg.appeal == 1 and reg.provisional == 0 else 0
    if pair.status == QUEUED:
        return pair.wait + int(reg.remaining[0, 0]) + second
    if pair.status == IN_COURT:
        return int(reg.remaining[0, t - pair.start_month]) + second
    if pair.status == WINDOW:
        return max(0, pair.window_end - t) + second
    if pair.status == APPEAL:
        return int(reg.remaining[1, t - pair.start_month])
    return max(0, pair.bar_until - n) + pair.wait + int(reg.remaining[0, 0]) + second


@inlined
def remaining_cost(reg: Regime, mkt: Market, pair: Pair, n: int, months: int) -> float:
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


@inlined
def expected_fault(reg: Regime, detected: float, weight: float) -> float:
    """A ledger as the parties expect the court to see it: ``q_det F + q_false``."""
    if reg.binding == 0 or reg.recognised == 0:
        return 0.0
    return detected * weight + reg.false_findings


@inlined
def chance_of_injunction(reg: Regime, pair: Pair, kind: int, fault_h: float, fault_i: float) -> float:
    """``p`` with the regime's test and hard gates, given the faults counted."""
    no_offer = pair.frand_offer <= 0.0 and pair.holder_entitled == 0
    late = pair.last_ask > 0.0 or pair.status != TALKS
    if reg.test == NO_TEST or (reg.cap == CAP_OFFER and no_offer and late):
        return 0.0
    if reg.binding == 1 and pair.barred != 0:
        return 0.0
    if reg.test == NEAR_AUTOMATIC or (reg.binding == 1 and pair.assured != 0):
        return reg.p_max
    prior = (
        reg.logit_licensing if reg.test == FOUR_FACTORS and kind == LICENSING_COMPANY else reg.logit_product
    )
    return injunction_probability(prior, reg.p_max, reg.slope, fault_h, fault_i)


@inlined
def net_margin(imp: Implementer, pair: Pair) -> float:
    """``g_net``: margin less royalties signed with others and own estimate of those unsigned, at least 0."""
    return max(0.0, imp.margin - imp.stack - max(0.0, imp.estimates - pair.counted))


@inlined
def licence_under_exclusion(
    reg: Regime, mkt: Market, pair: Pair, rate: float, future: float, past: float, gain: float, ability: float
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


@inlined
def chance_of_rate(reg: Regime, fault_h: float, fault_i: float) -> float:
    """The parties' expectation that an adaptive court sets a rate rather than weigh an injunction."""
    if fault_i == fault_h:
        return 1.0 - reg.false_findings
    return 1.0 - reg.detected_i if fault_i > fault_h else reg.detected_h


@inlined
def fresh_award(
    reg: Regime, mkt: Market, pair: Pair, rho: float, future: float, past: float, gain: float,
    ability: float, uplift: float, p: float, chance: float,
) -> float:  # fmt: skip
    """``X_k``: what judgment is worth before it is given, at ``rho`` shifted by the method's bias.

    ``uplift`` for fault, ``p`` chance of an injunction, ``chance`` that an adaptive court sets a rate.
    """
    if pair.arbitration == 1:
        return rho * (future + past)
    rate = rho * reg.method_factor
    if reg.mode == MODE_DIRECT or (reg.mode == MODE_BOTH and pair.assured == 0):
        return direct_award(rate, reg.coverage, uplift, future, past)
    threat = 0.0
    if p > 0.0:
        threat = p * licence_under_exclusion(reg, mkt, pair, rate, future, past, gain, ability)
    if reg.mode == MODE_BOTH:  # refused to be bound by the court's licence: exclusion, else that licence
        return threat + (1.0 - p) * direct_award(rate, reg.coverage, uplift, future, past)
    indirect = threat + (1.0 - p) * denied_award(rate, past, future, reg.forum_share, reg.remainder)
    if reg.mode == MODE_INDIRECT:
        return indirect
    return chance * direct_award(rate, reg.coverage, uplift, future, past) + (1.0 - chance) * indirect


@compiled
def known_award(
    reg: Regime, mkt: Market, pair: Pair, future: float, past: float, gain: float, ability: float
) -> float:
    """What the judgment already given is worth to a party."""
    if pair.verdict == RATE_SET:
        return reg.coverage * pair.court_rate * (future + past)
    if pair.verdict == GRANTED:
        return licence_under_exclusion(reg, mkt, pair, pair.court_rate, future, past, gain, ability)
    if pair.verdict == DENIED or pair.verdict == REFUSED:
        return denied_award(pair.court_rate, past, future, reg.forum_share, reg.remainder)
    return 0.0


@inlined
def award(
    reg: Regime, mkt: Market, pair: Pair, rho: float, future: float, past: float, gain: float,
    ability: float, liability: float, uplift: float, p: float, chance: float,
) -> float:  # fmt: skip
    """Expected award times the probability of liability, before or after a first judgment."""
    fresh = liability * fresh_award(reg, mkt, pair, rho, future, past, gain, ability, uplift, p, chance)
    if pair.verdict == NO_VERDICT:
        return fresh
    known = known_award(reg, mkt, pair, future, past, gain, ability)
    open_to_appeal = reg.appeal == 1 and reg.provisional == 0 and pair.status != EXCLUDED
    reversal = reg.reversal if open_to_appeal else 0.0
    return (1.0 - reversal) * known + reversal * fresh


@inlined
def award_bases(
    reg: Regime,
    mkt: Market,
    curves: Curves,
    imp: Implementer,
    sales: Sales,
    pair: Pair,
    view: Outlook,
    since: int,
    t: int,
    m: int,
    margin: float,
) -> None:
    """What an award at month ``m`` is counted on, USD m: fills ``view`` from ``future_h`` to ``pay``."""
    end = mkt.horizon
    running = mkt.licensed_use == 0
    view.accrued = past_sales(curves, imp, sales, COURT_INTEREST, since, t, m, end, running)
    view.plain = view.accrued
    if reg.apportion == 1 and reg.binding == 1 and pair.arbitration == 0:
        view.plain = past_sales(curves, imp, sales, NO_INTEREST, since, t, m, end, running)
    view.future_h = future_sales(curves, imp, WORTH_HOLDER, t, m, end)
    view.future_i = future_sales(curves, imp, WORTH_IMPLEMENTER, t, m, end)
    excluded = 0.0
    if m < end:
        excluded = future_sales(curves, imp, WORTH_IMPLEMENTER, t, m, min(end, m + reg.months_excluded))
    view.gain = exclusion_gain(reg.forum_share, margin, excluded, reg.redesign_cost)
    view.pay = margin * view.future_i


@inlined
def past_due(reg: Regime, view: Outlook, share: float) -> float:
    """``kappa P`` of an award; ``share``: the implementer's part of interest and delay loss."""
    return reg.court_share * (view.plain + share * (view.accrued - view.plain))


@inlined
def chance_of_losing(reg: Regime, pair: Pair, liability: float) -> float:
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


@inlined
def outlook(
    reg: Regime,
    mkt: Market,
    curves: Curves,
    imp: Implementer,
    sales: Sales,
    pair: Pair,
    view: Outlook,
    t: int,
    n: int,
) -> None:
    """Fill ``view`` with all that judgment hangs on at month ``n`` but estimates of the rate and faults."""
    end = mkt.horizon
    since = recoverable_since(reg, pair, n, t)
    lump = reg.licence_share * past_sales(
        curves, imp, sales, LICENCE_INTEREST, since, t, n, end, mkt.licensed_use == 0
    )
    view.base_h = future_sales(curves, imp, WORTH_HOLDER, t, n, end) + lump
    a_i = future_sales(curves, imp, WORTH_IMPLEMENTER, t, n, end)
    view.base_i = a_i + lump
    view.margin = net_margin(imp, pair)
    view.ability = view.margin * a_i / view.base_i if view.base_i > 0.0 else 0.0
    threat = reg.mode != MODE_NONE and reg.standing_holder != 0
    view.threat = threat or pair.filed_month >= 0 or pair.verdict != NO_VERDICT or pair.arbitration == 1
    if view.threat == 0:
        return
    months = months_to_judgment(reg, pair, t, n)
    award_bases(reg, mkt, curves, imp, sales, pair, view, since, t, n + months, view.margin)
    view.months = months
    view.patience_h = factor(curves, HOLDER_DISCOUNT, months)
    view.patience_i = factor(curves, IMPLEMENTER_DISCOUNT, months)
    view.accrual = factor(curves, COURT_INTEREST, months)
    view.escrow_accrual = factor(curves, ESCROW_INTEREST, months)
    view.cost = remaining_cost(reg, mkt, pair, n, months)
    view.account = account_now(reg, pair, t)
    view.deposit_past = 0.0
    if reg.security_base != NO_SECURITY:
        past = past_sales(curves, imp, sales, COURT_INTEREST, since, t, n, end, mkt.licensed_use == 0)
        view.deposit_past = past


@inlined
def prospects(
    reg: Regime, mkt: Market, curves: Curves, hold: Holder, pair: Pair, si: Strategy, view: Outlook,
    t: int, rho_h: float, rho_i: float, ledger_h: float, ledger_i: float,
) -> tuple[float, float]:  # fmt: skip
    """``(W_h, L_i)``: what court is worth to the holder and costs the implementer, USD m at ``n``."""
    if view.threat == 0:
        return 0.0, 0.0
    fault_h = expected_fault(reg, reg.detected_h, ledger_h)
    fault_i = expected_fault(reg, reg.detected_i, ledger_i)
    past = past_due(reg, view, loss_share(fault_h, fault_i) if reg.apportion == 1 else 0.5)
    liability = hold.liability if reg.liability_gate == 1 and pair.arbitration == 0 else 1.0
    uplift = fault_uplift(reg.uplift, fault_h, fault_i)
    p = 0.0
    if reg.mode != MODE_DIRECT:
        p = chance_of_injunction(reg, pair, hold.kind, fault_h, fault_i)
    chance = chance_of_rate(reg, fault_h, fault_i)
    gain, pay = view.gain, view.pay
    x_h = award(reg, mkt, pair, rho_h, view.future_h, past, gain, pay, liability, uplift, p, chance)
    x_i = award(reg, mkt, pair, rho_i, view.future_i, past, gain, pay, liability, uplift, p, chance)
    loses = chance_of_losing(reg, pair, liability)
    cost_h = expected_cost(view.cost, view.cost, reg.loser_pays, loses)
    cost_i = expected_cost(view.cost, view.cost, reg.loser_pays, 1.0 - loses)
    interim_h, interim_i = interim_effect(reg, curves, pair, rho_h, rho_i, past, view.months)
    gift_h = interim_h + view.account * (1.0 - view.patience_h * view.accrual)
    burden = interim_i + view.account * (1.0 - view.patience_i * view.accrual)
    deposit = deposit_at(reg, pair, si, view, t, rho_i)
    burden += security_burden(deposit, view.patience_i, view.escrow_accrual)
    w_h = value_of_suit(view.patience_h, 1.0, x_h, cost_h) + gift_h
    credible = pair.verdict != NO_VERDICT or pair.filer == 1
    if not credible:  # as the implementer sees it
        x_hi = award(reg, mkt, pair, rho_i, view.future_h, past, gain, pay, liability, uplift, p, chance)
        credible = value_of_suit(view.patience_h, 1.0, x_hi, cost_h) + gift_h > 0.0
    if not credible:
        return w_h, 0.0
    if pair.verdict == REFUSED:
        x_i += reg.forum_share * view.margin * view.future_i
    return w_h, loss_from_suit(view.patience_i, 1.0, x_i, cost_i, burden)


@compiled
def limits(
    reg: Regime, mkt: Market, curves: Curves, hold: Holder, pair: Pair, sh: Strategy, si: Strategy,
    view: Outlook, t: int, rho_h: float, rho_i: float, ledger_h: float, ledger_i: float,
) -> tuple[float, float, float, float]:  # fmt: skip
    """``(W_h, L_i, R_h, R_i)``: what court is worth, and the rates the parties would sign instead.

    ``rho_*`` the parties' estimates of the FRAND rate, ``ledger_*`` their uncured fault weights,
    ``view`` as filled by ``outlook``.  USD m, 0 for an empty threat; rates are fractions of price.
    """
    w_h, loss = prospects(reg, mkt, curves, hold, pair, si, view, t, rho_h, rho_i, ledger_h, ledger_i)
    r_h = reservation_holder(w_h, view.base_h, sh.floor, rho_h)
    if mkt.licensed_use == 1:  # no licence, no sales: whatever can be paid is better than nothing
        return w_h, loss, r_h, view.ability
    return w_h, loss, r_h, reservation_implementer(loss, view.base_i, si.goodwill, rho_i, view.ability)


@inlined
def deposit_at(reg: Regime, pair: Pair, si: Strategy, view: Outlook, t: int, rho_i: float) -> float:
    """The deposit that ties the implementer's money, USD m: placed, or to be placed if it goes on."""
    refuses = si.refuses & DEPOSIT_BIT != 0
    if pair.escrow > 0.0 or pair.status != TALKS or reg.security_base == NO_SECURITY or refuses:
        return escrow_now(reg, pair, t)
    rate = rho_i
    if reg.security_base == AT_COUNTER and pair.last_bid > 0.0:
        rate = pair.last_bid
    elif reg.security_base == AT_HOLDER_OFFER and pair.last_ask > 0.0:
        rate = pair.last_ask
    return reg.security_share * rate * reg.court_share * view.deposit_past


@inlined
def escrow_now(reg: Regime, pair: Pair, t: int) -> float:
    """Balance of the deposit with its interest, USD m at month ``t``."""
    if pair.escrow <= 0.0:
        return 0.0
    return pair.escrow * power(reg.log_escrow, t - pair.escrow_month)


@inlined
def account_now(reg: Regime, pair: Pair, t: int) -> float:
    """Payments on account with court interest, USD m at month ``t`` (kept deflated to month 0)."""
    if pair.account <= 0.0:
        return 0.0
    return pair.account * power(reg.log_court, t)


@inlined
def interim_effect(
    reg: Regime, curves: Curves, pair: Pair, rho_h: float, rho_i: float, past: float, months: int
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
    accrual = factor(curves, COURT_INTEREST, left)
    h = security_burden(rho_h * past, factor(curves, HOLDER_DISCOUNT, left), accrual)
    i = security_burden(rho_i * past, factor(curves, IMPLEMENTER_DISCOUNT, left), accrual)
    first = reg.interim_after
    return factor(curves, HOLDER_DISCOUNT, first) * h, factor(curves, IMPLEMENTER_DISCOUNT, first) * i


@compiled
def gains_from_appeal(
    reg: Regime,
    mkt: Market,
    curves: Curves,
    hold: Holder,
    imp: Implementer,
    sales: Sales,
    pair: Pair,
    view: Outlook,
    t: int,
) -> tuple[float, float]:
    """What appealing a judgment is worth to each side at month ``t``, USD m net of its cost.

    On appeal the judgment stands with probability 1 - reversal and is given anew otherwise; nothing
    is paid meanwhile, and court interest accrues.
    """
    months = reg.appeal_months
    margin = net_margin(imp, pair)
    since = recoverable_since(reg, pair, t, t)
    award_bases(reg, mkt, curves, imp, sales, pair, view, since, t, t, margin)
    past = past_due(reg, view, pair.shared_fault)
    now_h = known_award(reg, mkt, pair, view.future_h, past, view.gain, view.pay)
    now_i = known_award(reg, mkt, pair, view.future_i, past, view.gain, view.pay)
    award_bases(reg, mkt, curves, imp, sales, pair, view, since, t, t + months, margin)
    fault_h = expected_fault(reg, reg.detected_h, pair.fault_h)
    fault_i = expected_fault(reg, reg.detected_i, pair.fault_i)
    past = past_due(reg, view, loss_share(fault_h, fault_i))
    liability = hold.liability if reg.liability_gate == 1 else 1.0
    uplift = fault_uplift(reg.uplift, fault_h, fault_i)
    p = chance_of_injunction(reg, pair, hold.kind, fault_h, fault_i)
    chance = chance_of_rate(reg, fault_h, fault_i)
    gain, pay = view.gain, view.pay
    then_h = award(reg, mkt, pair, pair.rho_h, view.future_h, past, gain, pay, liability, uplift, p, chance)
    then_i = award(reg, mkt, pair, pair.rho_i, view.future_i, past, gain, pay, liability, uplift, p, chance)
    cost = (mkt.cost_filing + mkt.cost_monthly * months) * reg.litigation_factor
    holder = factor(curves, HOLDER_DISCOUNT, months) * then_h - cost - now_h
    implementer = now_i - factor(curves, IMPLEMENTER_DISCOUNT, months) * then_i - cost
    return holder, implementer
