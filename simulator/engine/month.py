"""The one clock: ``begin`` reads the market, ``decide`` (talks) chooses moves, ``resolve`` books them.

A run does the last two in one pass (``run_month``).  ``resolve`` books in this order: disclosures and
signals, faults, offers meet (agreement), filings, court (settlement, then judgment), entry, exit and
stack.  An agreement beats a filing and a settlement beats a judgment in the same month.  Decisions were
all taken from the state at the month's start, so the order of agents never matters to them.
"""

from __future__ import annotations

import math

from simulator.compiled import compiled, inlined
from simulator.engine.court import (
    EXIT_OUT,
    duration,
    file_suit,
    hear,
    take_up,
)
from simulator.engine.draws import BREAKDOWN, TRIBUNAL, first_instance, uniform
from simulator.engine.ledger import book, heal
from simulator.engine.licence import award_past, return_escrow, sign_agreed
from simulator.engine.protocol import (
    ARBITRATE,
    CONCILIATE,
    DEPOSIT,
    HOLDER,
    IMPLEMENTER,
    advance,
    court_round,
    do_step,
    verify,
)
from simulator.engine.rate_setting import court_estimate
from simulator.engine.shadow import (
    AT_COUNTER,
    EXCLUDED,
    IN_COURT,
    NO_SECURITY,
    QUEUED,
    TALKS,
    factor,
    sold,
)
from simulator.engine.state import (
    COURT_DEFLATOR,
    DEFLATORS,
    GROWTH,
    LICENCE_DEFLATOR,
    SOCIAL,
    Holder,
    Implementer,
    Market,
    Moves,
    Pair,
    Regime,
    Rules,
    Sales,
    State,
    Step,
    Strategy,
)
from simulator.engine.talks import NON_FRAND_OFFER, UNREASONABLE, WAIT, breakdown, colluding, decide_pair
from simulator.rules.bargain import crossing_price, nash1950
from simulator.rules.discount import power
from simulator.rules.market import deadweight, output_factor
from simulator.vocabulary import Demand, Fault, Outcome, Status

DORMANT, LICENSED, EXITED = int(Status.DORMANT), int(Status.LICENSED), int(Status.EXITED)
NEGOTIATED = int(Outcome.NEGOTIATED)
THREATENS, COLLUDES = int(Fault.THREATENS), int(Fault.COLLUDES)
VALIDITY_FIRST, THIRD_PARTY_TERMS = int(Fault.DEMANDS_VALIDITY_FIRST), int(Fault.DEMANDS_THIRD_PARTY_TERMS)
PUBLICATION, EMPTY_REPLIES = int(Fault.DEMANDS_PUBLICATION), int(Fault.NON_SUBSTANTIVE_REPLIES)
EXTREME_ASK, EXTREME_BID = int(Fault.UNJUSTIFIED_EXTREME_ASK), int(Fault.UNJUSTIFIED_EXTREME_BID)
DEMAND_VALIDITY, DEMAND_TERMS = int(Demand.VALIDITY_FIRST), int(Demand.THIRD_PARTY_TERMS)
DEMAND_PUBLICATION = int(Demand.PUBLICATION)
# Months since first contact at which conduct that no step asks about shows.
SHOWS_DEMANDS, SHOWS_COLLUSION, SHOWS_STALLING = 1, 2, 3


@inlined
def open_month(mkt: Market, imp: Implementer, growth: float) -> None:
    """What an implementer sells this month under the licences signed before it."""
    imp.stack = imp.signed
    imp.output = output_factor(mkt.elasticity, mkt.pass_through, imp.stack)
    imp.unsigned_at_start = imp.unsigned_share
    if imp.stack > imp.margin and imp.exited == 0:
        imp.exited = 1
    imp.unit_sales = imp.scale * growth
    imp.sales = 0.0 if imp.exited == 1 else imp.unit_sales * imp.output


@inlined
def begin(rules: Rules, state: State, n_active: int, r: int, t: int) -> None:
    """Month start: stacks, output and sales; first contacts; own estimates of rates unsigned."""
    mkt = rules.market[0]
    reg = rules.regimes[r]
    queued = state.court[0].queued
    wait = queued // reg.capacity if queued > 0 else 0
    for h in range(mkt.n_holders):
        state.holders[h].licensed_at_start = state.holders[h].n_licensed
    for i in range(mkt.n_implementers):
        imp = state.implementers[i]
        imp.estimates = mkt.rest_share * mkt.burden * imp.region
        open_month(mkt, imp, factor(rules.curves[r, 0, imp.group], GROWTH, t))
    for a in range(n_active):
        pair = state.pairs[state.active[a]]
        imp = state.implementers[pair.implementer]
        if imp.exited == 1:
            pair.outcome = EXIT_OUT
            continue
        if pair.status == DORMANT and t >= pair.contact:
            pair.status = TALKS
            pair.due = t
            pair.entered = t
        pair.wait = wait
        if pair.status == EXCLUDED and imp.n_excluded > 0:
            lost = reg.forum_share * imp.margin * imp.sales / imp.n_excluded
            pair.margin_lost += lost * power(mkt.log_social, t)
            pair.months_excluded += 1.0
        pair.counted = pair.rho_i
        imp.estimates += pair.rho_i


@inlined
def conduct(reg: Regime, mkt: Market, hold: Holder, pair: Pair, sh: Strategy, si: Strategy, t: int) -> None:
    """Conduct that no single step asks about, booked where the regime knows it."""
    age = t - pair.contact
    if age == SHOWS_DEMANDS:
        if sh.threatens == 1:
            book(reg, pair, THREATENS)
        if si.demands == DEMAND_VALIDITY:
            book(reg, pair, VALIDITY_FIRST)
        elif si.demands == DEMAND_TERMS:
            book(reg, pair, THIRD_PARTY_TERMS)
        elif si.demands == DEMAND_PUBLICATION:
            book(reg, pair, PUBLICATION)
    if age == SHOWS_STALLING and si.stalls == 1:
        book(reg, pair, EMPTY_REPLIES)
    if age == SHOWS_COLLUSION and colluding(mkt, hold, pair, si, t):
        book(reg, pair, COLLUDES)


@inlined
def table_offers(
    reg: Regime, mkt: Market, hold: Holder, imp: Implementer, pair: Pair, sh: Strategy, si: Strategy,
    move: Moves, k: int, t: int, seed: int, replication: int,
) -> None:  # fmt: skip
    """This month's offers are on the table: recorded, tested against the court's estimate, booked."""
    if math.isnan(move.ask) and math.isnan(move.bid):
        return
    if not pair.estimate > 0.0:
        pair.estimate = court_estimate(reg, mkt, hold, imp, pair, k, t, first_instance(1), seed, replication)
    moved = False
    if not math.isnan(move.ask):
        if pair.first_ask_month < 0:
            pair.first_ask_month = t
            pair.first_ask = move.ask
        else:
            pair.ask_before = 1
        moved = moved or move.ask != pair.last_ask
        pair.older_ask = pair.last_ask
        pair.last_ask = move.ask
        if move.ask <= (1.0 + reg.half_range) * pair.estimate:
            pair.frand_offer = move.ask
        if move.ask > reg.extreme * pair.estimate:
            book(reg, pair, NON_FRAND_OFFER)
            if sh.justifies == 0:
                book(reg, pair, EXTREME_ASK)
        else:
            heal(reg, pair, NON_FRAND_OFFER)
            heal(reg, pair, EXTREME_ASK)
    if not math.isnan(move.bid):
        if pair.first_bid_month < 0:
            pair.first_bid_month = t
            pair.first_bid = move.bid
        else:
            pair.bid_before = 1
        moved = moved or move.bid != pair.last_bid
        pair.older_bid = pair.last_bid
        pair.last_bid = move.bid
        unowed = reg.sequential == 1 and pair.first_ask_month >= 0 and not pair.frand_offer > 0.0
        if move.bid < pair.estimate / reg.extreme and not unowed:
            book(reg, pair, UNREASONABLE)
            if si.justifies == 0:
                book(reg, pair, EXTREME_BID)
        else:
            heal(reg, pair, UNREASONABLE)
            heal(reg, pair, EXTREME_BID)
    if moved:
        pair.rounds += 1


@compiled
def place_deposit(reg: Regime, imp: Implementer, sales: Sales, pair: Pair, t: int) -> None:
    """Security on past use at the regime's base rate goes into escrow."""
    base = pair.last_bid if reg.security_base == AT_COUNTER else pair.last_ask
    if reg.security_base == NO_SECURITY or not base > 0.0 or pair.escrow > 0.0:
        return
    pair.escrow = reg.security_share * base * award_past(reg, imp, sales, pair, t)
    pair.escrow_month = t


@inlined
def resolve_talks(
    reg: Regime, mkt: Market, hold: Holder, imp: Implementer, sales: Sales, pair: Pair, sh: Strategy,
    si: Strategy, step: Step, move: Moves, k: int, t: int, discount: float, seed: int, replication: int,
) -> None:  # fmt: skip
    """One month of a negotiation before suit."""
    if move.act_h != WAIT or (not math.isnan(move.ask) and move.ask != pair.last_ask):
        pair.cost_h += mkt.cost_talks * discount
    if move.act_i != WAIT or (not math.isnan(move.bid) and move.bid != pair.last_bid):
        pair.cost_i += mkt.cost_talks * discount
    pair.last_step = pair.step
    ask, bid = pair.last_ask, pair.last_bid
    if step.needs_frand == 1 and reg.sequential == 1 and not pair.frand_offer > 0.0:
        pair.due = t
    if move.act_h != WAIT:
        do_step(reg, mkt, step, pair, sh, si.refuses_confidentiality, HOLDER, move.act_h, discount,
                seed, replication, k)  # fmt: skip
    if move.act_i != WAIT:
        do_step(reg, mkt, step, pair, si, 0, IMPLEMENTER, move.act_i, discount, seed, replication, k)
        if step.act == DEPOSIT:
            place_deposit(reg, imp, sales, pair, t)
        if si.demands == DEMAND_VALIDITY and pair.acts_verify == 0:
            verify(mkt, pair, seed, replication, k)
            pair.cost_i += mkt.cost_verify * discount
    both = pair.holder_did == 1 and pair.implementer_did == 1
    if step.act == CONCILIATE and both and (move.act_h != WAIT or move.act_i != WAIT):
        court_round(mkt, pair, seed, replication, k)
    table_offers(reg, mkt, hold, imp, pair, sh, si, move, k, t, seed, replication)
    if pair.broken == 0:
        conduct(reg, mkt, hold, pair, sh, si, t)
    if meet(reg, mkt, hold, imp, sales, pair, sh, move, t, ask, bid):
        return
    if step.act == ARBITRATE and both:
        pair.arbitration = 1
        pair.status = IN_COURT
        pair.start_month = t
        pair.filed_month = t
        months = duration(seed, replication, k, TRIBUNAL, reg.arbitration_months, reg.variation)
        pair.decision_month = t + max(1, months)
        return
    if move.file_h == 1 or move.file_i == 1:
        file_suit(reg, mkt, pair, sh, k, t, move.file_h == 1, seed, replication)
        return
    if pair.broken == 0:
        advance(reg, step, pair, t)
        pair.broken = breaks_down(mkt, pair, k, t, seed, replication)
    if pair.entitled_since < 0 and (pair.holder_entitled == 1 or pair.implementer_entitled == 1):
        pair.entitled_since = t


@inlined
def breaks_down(mkt: Market, pair: Pair, k: int, t: int, seed: int, replication: int) -> int:
    """Whether talks in which both have offered break down after this month."""
    if pair.first_ask_month < 0 or pair.first_bid_month < 0:
        return 0
    age = t - pair.contact
    p = breakdown(mkt, age)
    return 1 if p > 0.0 and uniform(seed, replication, k, BREAKDOWN, age) < p else 0


@inlined
def meet(
    reg: Regime,
    mkt: Market,
    hold: Holder,
    imp: Implementer,
    sales: Sales,
    pair: Pair,
    sh: Strategy,
    move: Moves,
    t: int,
    ask: float,
    bid: float,
) -> bool:
    """Offers meet: both accept, one accepts, new offers cross, or a conciliator helps."""
    price = 0.0
    if move.accept_h == 1 and move.accept_i == 1:
        price = crossing_price(ask, bid, mkt.beta)
    elif move.accept_h == 1:
        price = bid
    elif move.accept_i == 1:
        price = ask
    if price > 0.0 and sign_agreed(reg, mkt, hold, imp, sales, pair, sh, t, price, NEGOTIATED, 0):
        return True
    if not math.isnan(move.ask) and not math.isnan(move.bid) and move.ask <= move.bid:
        price = crossing_price(move.ask, move.bid, mkt.beta)
        if sign_agreed(reg, mkt, hold, imp, sales, pair, sh, t, price, NEGOTIATED, 0):
            return True
    if move.settle == 1:
        price = nash1950(pair.r_h, pair.r_i, mkt.beta)
        return sign_agreed(reg, mkt, hold, imp, sales, pair, sh, t, price, NEGOTIATED, 0)
    return False


@inlined
def resolve(rules: Rules, state: State, n_active: int, r: int, t: int, seed: int, replication: int) -> int:
    """Books the month; returns how many negotiations stay open (their indices first in ``active``)."""
    return run_month(rules, state, n_active, r, t, seed, replication, False)


@inlined
def run_month(
    rules: Rules, state: State, n_active: int, r: int, t: int, seed: int, replication: int, decides: bool
) -> int:
    """``resolve``, after the moves or with each negotiation's own first: one pass, the same bits.

    What a negotiation decides on is the state at the month's start: what others book meanwhile is not
    read before the next month.
    """
    reg = rules.regimes[r]
    mkt = rules.market[0]
    view = state.outlook[0]
    discount = factor(rules.curves[r, 0, 0], SOCIAL, t)
    kept = 0
    n_cases = 0
    for a in range(n_active):
        k = state.active[a]
        pair = state.pairs[k]
        if decides:
            decide_pair(rules, state, k, r, t, seed, replication)
        if pair.status == TALKS and pair.outcome != EXIT_OUT:
            hold = state.holders[pair.holder]
            imp, sales = state.implementers[pair.implementer], state.sales[pair.implementer]
            resolve_talks(
                reg, mkt, hold, imp, sales, pair, rules.strategies[hold.strategy],
                rules.strategies[imp.strategy], rules.steps[r, pair.step], state.moves[k], k, t,
                discount, seed, replication,
            )  # fmt: skip
        if pair.status >= QUEUED and pair.status <= EXCLUDED:
            state.cases[n_cases] = k
            n_cases += 1
        elif stays(rules, state, pair, r, t):
            state.active[kept] = k
            kept += 1
    take_up(rules, state, n_cases, r, t, seed, replication)
    for a in range(n_cases):
        k = state.cases[a]
        pair = state.pairs[k]
        if pair.outcome != EXIT_OUT:
            hold = state.holders[pair.holder]
            imp, sales = state.implementers[pair.implementer], state.sales[pair.implementer]
            sh = rules.strategies[hold.strategy]
            curves = rules.curves[r, hold.group, imp.group]
            hear(
                reg, mkt, curves, hold, imp, sales, pair, sh, state.moves[k], view,
                k, t, discount, seed, replication,
            )  # fmt: skip
    end(rules, state, r, t)
    return merge(state, kept, still_heard(rules, state, n_cases, r, t))


@inlined
def end(rules: Rules, state: State, r: int, t: int) -> None:
    """Month end: the month's sales are past use now; discounted sums of sales and losses grow."""
    mkt = rules.market[0]
    reg = rules.regimes[r]
    curves = rules.curves[r, 0, 0]
    discount = factor(curves, SOCIAL, t)
    deflator_licence = factor(curves, LICENCE_DEFLATOR, t)
    deflator_court = factor(curves, COURT_DEFLATOR, t)
    for i in range(mkt.n_implementers):
        imp = state.implementers[i]
        sales = book_sales(reg, mkt, imp, discount)
        imp.to_date[0] += sales * deflator_licence
        imp.to_date[1] += sales * deflator_court
        imp.to_date[2] += sales
        for kind in range(DEFLATORS):
            state.sales[i].before[t + 1, kind] = imp.to_date[kind]


@inlined
def book_sales(reg: Regime, mkt: Market, imp: Implementer, discount: float) -> float:
    """Book a month's sales and losses of an implementer; returns what was sold under the standard, USD m."""
    sales = sold(reg, imp)
    if mkt.licensed_use == 1 and imp.n_licensed < mkt.n_holders:
        sales = 0.0
    imp.sales_value += sales * discount
    imp.base_value += imp.unit_sales * discount
    if imp.exited == 1:
        imp.sales_loss += imp.margin * imp.unit_sales * discount
    else:
        if sales <= 0.0:
            imp.sales_loss += imp.margin * imp.unit_sales * discount
        imp.triangle += imp.unit_sales * discount * (
            deadweight(mkt.elasticity, mkt.pass_through, imp.stack)
            - deadweight(mkt.elasticity, mkt.pass_through, imp.frand_stack)
        )  # fmt: skip
    return float(sales)


@inlined
def sell_out(rules: Rules, state: State, r: int, t: int) -> None:
    """Month ``t`` to the horizon once no negotiation is open: there is nothing left to do but sell."""
    mkt = rules.market[0]
    reg = rules.regimes[r]
    for i in range(mkt.n_implementers):
        imp = state.implementers[i]
        curves = rules.curves[r, 0, imp.group]
        for month in range(t, mkt.horizon):
            open_month(mkt, imp, factor(curves, GROWTH, month))
            book_sales(reg, mkt, imp, factor(curves, SOCIAL, month))


@inlined
def stays(rules: Rules, state: State, pair: Pair, r: int, t: int) -> bool:
    """Whether a negotiation is open after month ``t``; who has left the market closes its accounts."""
    if pair.outcome == EXIT_OUT and pair.status != EXITED:
        return_escrow(rules.regimes[r], rules.market[0], pair, t)
        pair.status = EXITED
        state.implementers[pair.implementer].exited = 1
    return bool(pair.status != LICENSED and pair.status != EXITED)


@inlined
def still_heard(rules: Rules, state: State, n_cases: int, r: int, t: int) -> int:
    """Drop the cases that ended; count the excluded for next month's sales."""
    for i in range(rules.market[0].n_implementers):
        state.implementers[i].n_excluded = 0
    kept = 0
    for a in range(n_cases):
        k = state.cases[a]
        pair = state.pairs[k]
        if stays(rules, state, pair, r, t):
            state.cases[kept] = k
            kept += 1
        if pair.status == EXCLUDED:
            state.implementers[pair.implementer].n_excluded += 1
    return kept


@inlined
def merge(state: State, kept: int, n_cases: int) -> int:
    """The first ``kept`` of ``active`` and of ``cases``, in the order of their numbers; how many they are."""
    a, c = kept - 1, n_cases - 1
    while c >= 0:
        if a >= 0 and state.active[a] > state.cases[c]:
            state.active[a + c + 1] = state.active[a]
            a -= 1
        else:
            state.active[a + c + 1] = state.cases[c]
            c -= 1
    return kept + n_cases
