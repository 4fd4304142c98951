"""The one clock: ``begin`` reads the market, ``decide`` (talks) chooses moves, ``resolve`` books them.

A run does the last two in one pass (``run_month``).  ``resolve`` books in this order: disclosures and
signals, faults, offers meet (agreement), filings, court (settlement, then judgment), entry, exit and
stack.  An agreement beats a filing and a settlement beats a judgment in the same month.  Decisions were
all taken from the state at the month's start, so the order of agents never matters to them.
"""

from __future__ import annotations

import math

from simulator.compiled import compiled, inlined
from simulator.engine.accounts import AT_HOLDER_OFFER, deposit, deposit_rate, return_escrow
from simulator.engine.adoption import take_part
from simulator.engine.bases import award_past, factor, sold
from simulator.engine.comparables import counts_declared
from simulator.engine.court import duration, file_suit, hear, last_place, take_up
from simulator.engine.draws import BREAKDOWN, EPISODE, TRIBUNAL, first_instance, uniform
from simulator.engine.generations import book_year
from simulator.engine.information import knows_patents
from simulator.engine.interim import true_up
from simulator.engine.law import Forum
from simulator.engine.ledger import book
from simulator.engine.licence import sign_agreed
from simulator.engine.market import Market, Rules
from simulator.engine.offers import breakdown
from simulator.engine.protocol import (
    ARBITRATE,
    BOTH,
    CONCILIATE,
    DEPOSIT,
    HOLDER,
    IMPLEMENTER,
    advance,
    court_round,
    do_step,
    estimates,
    verify,
)
from simulator.engine.rate_setting import court_estimate
from simulator.engine.records import COURT_DEFLATOR, DEFLATORS, GROWTH, LICENCE_DEFLATOR, SOCIAL
from simulator.engine.regions import reach
from simulator.engine.relation import credibility, is_due, pass_by, talks_cost, threaten
from simulator.engine.renewal import renews, wake
from simulator.engine.shadow import EXCLUDED, IN_COURT, NO_SECURITY, QUEUED, TALKS
from simulator.engine.standard_setting import call_for_commitment
from simulator.engine.state import Implementer, Matter, Negotiation, State, bring, glance, matter
from simulator.engine.steps import colluding
from simulator.engine.suits import walk_away
from simulator.engine.tabling import DISCRIMINATES_BIT, table_offers
from simulator.engine.talks import EXIT_OUT, WAIT, decide_one
from simulator.engine.terms import favour, list_favoured, note_rates
from simulator.rules.bargain import crossing_price, nash1950
from simulator.rules.discount import power
from simulator.rules.market import deadweight, output_factor
from simulator.vocabulary import Fault, Outcome, Precondition, SecurityBase, Stage, Status

AT_COURT = int(SecurityBase.COURT)
DORMANT, LICENSED, EXITED = int(Status.DORMANT), int(Status.LICENSED), int(Status.EXITED)
NEGOTIATED, NOT_SETTLED = int(Outcome.NEGOTIATED), int(Stage.NONE)
COLLUDES = int(Fault.COLLUDES)
VALIDITY_FIRST, THIRD_PARTY_TERMS = int(Fault.DEMANDS_VALIDITY_FIRST), int(Fault.DEMANDS_THIRD_PARTY_TERMS)
PUBLICATION, EMPTY_REPLIES = int(Fault.DEMANDS_PUBLICATION), int(Fault.NON_SUBSTANTIVE_REPLIES)
DEMAND_VALIDITY, DEMAND_TERMS = int(Precondition.VALIDITY_FIRST), int(Precondition.THIRD_PARTY_TERMS)
DEMAND_PUBLICATION = int(Precondition.PUBLICATION)
# Months since first contact at which conduct that no step asks about shows.
SHOWS_DEMANDS, SHOWS_COLLUSION, SHOWS_STALLING = 1, 2, 3


@inlined
def open_month(mkt: Market, imp: Implementer, growth: float) -> None:
    """What an implementer sells this month under the licences signed before it."""
    imp.stack = imp.signed
    imp.output = output_factor(mkt.elasticity, mkt.pass_through, imp.stack)
    imp.unsigned_at_start = imp.unsigned_share
    imp.asked, imp.asked_n = imp.asked_now, imp.asked_now_n
    if imp.stack > imp.margin and imp.exited == 0:
        imp.exited = 1
    imp.unit_sales = imp.scale * growth
    imp.sales = 0.0 if imp.exited == 1 or imp.out == 1 else imp.unit_sales * imp.output


@inlined
def waits_for_licences(mkt: Market, imp: Implementer) -> bool:
    """Whether an implementer may not sell yet: use needs a licence of every holder, and it lacks one."""
    return bool(mkt.licensed_use == 1 and imp.n_licensed < imp.needed)


@inlined
def begin(rules: Rules, state: State, n_open: int, r: int, t: int) -> int:
    """Month start: licences end; stacks, output and sales; first contacts; own estimates of rates unsigned.

    Returns how many negotiations are open, their indices first in ``active``.
    """
    mkt = rules.market[0]
    forum = rules.forums[r]
    n_active = n_open
    if renews(mkt):
        n_active = merge(state, n_open, wake(rules, state, r, t))
    queued = state.docket[0].queued
    state.docket[0].wait = queued // forum.capacity if queued > 0 else 0
    for h in range(mkt.n_holders):
        state.holders[h].licensed_at_start = state.holders[h].n_licensed
        if forum.recognised & DISCRIMINATES_BIT != 0:
            note_rates(state.holders[h])
        if mkt.doubt < 1.0:
            state.holders[h].credibility = credibility(mkt, state.holders[h])
    for i in range(mkt.n_implementers):
        imp = state.implementers[i]
        imp.estimates = mkt.rest_share * mkt.burden * imp.region
        open_month(mkt, imp, factor(rules.curves[r, 0, imp.group], GROWTH, t))
    if mkt.most_favoured > 0.0:
        list_favoured(rules, state, r, t)
    if mkt.chooses == 1:
        n_active = merge(state, n_active if t > 0 else 0, take_part(rules, state, r, t))
    for a in range(n_active):
        glance(state, a, n_active)
        negotiation, suit = state.negotiations[state.active[a]], state.suits[state.active[a]]
        imp = state.implementers[negotiation.implementer]
        if imp.exited == 1:
            negotiation.outcome = EXIT_OUT
            continue
        if negotiation.status == DORMANT and t >= negotiation.contact:
            if counts_declared(forum):
                negotiation.shift_h, negotiation.shift_i = 0.0, 0.0
                negotiation.rho_h, negotiation.rho_i = estimates(negotiation)
            negotiation.status = TALKS
            negotiation.due = t
            negotiation.entered = t
        if imp.n_excluded > 0 and (negotiation.status == EXCLUDED or suit.enjoined == 1):
            suit.months_excluded += 1.0
            if not waits_for_licences(mkt, imp):
                lost = reach(forum, imp) * imp.margin * imp.sales / imp.n_excluded
                lost *= power(mkt.log_social, t)
                suit.margin_lost += lost
                if suit.enjoined == 1:
                    suit.enjoined_margin += lost
        negotiation.counted = negotiation.rho_i
        imp.estimates += negotiation.rho_i
    return n_active


@inlined
def conduct(m: Matter, t: int) -> None:
    """Conduct that no single step asks about, booked where the regime knows it."""
    forum, negotiation, si = m.forum, m.negotiation, m.implementer_strategy
    age = t - negotiation.contact
    if is_due(m.holder_strategy, age):
        threaten(m, t)
    call_for_commitment(m, age)
    if age == SHOWS_DEMANDS:
        if si.demands == DEMAND_VALIDITY:
            book(forum, negotiation, VALIDITY_FIRST)
        elif si.demands == DEMAND_TERMS:
            book(forum, negotiation, THIRD_PARTY_TERMS)
        elif si.demands == DEMAND_PUBLICATION:
            book(forum, negotiation, PUBLICATION)
    if age == SHOWS_STALLING and si.stalls == 1:
        book(forum, negotiation, EMPTY_REPLIES)
    if age == SHOWS_COLLUSION and colluding(m, t):
        book(forum, negotiation, COLLUDES)


@compiled
def place_deposit(m: Matter, t: int) -> None:
    """Security on past use at the regime's base rate goes into escrow."""
    forum, suit = m.forum, m.suit
    if forum.security_base == NO_SECURITY or suit.escrow > 0.0:
        return
    estimate = court_estimate(m, t, first_instance(1)) if forum.security_base == AT_COURT else 0.0
    base = deposit_rate(forum, m.negotiation, estimate)
    if forum.security_base == AT_HOLDER_OFFER:
        base *= m.licence.sales_seen  # on sales as the holder sees them
    if base > 0.0:
        deposit(forum, m.market, suit, forum.security_share * base * award_past(m, t), t)


@inlined
def resolve_talks(m: Matter, t: int, discount: float) -> None:
    """One month of a negotiation before suit."""
    forum, mkt, step, negotiation, move = m.forum, m.market, m.step, m.negotiation, m.moves
    if move.act_h != WAIT or (not math.isnan(move.ask) and move.ask != negotiation.last_ask):
        negotiation.cost_h += talks_cost(m) * discount
    if move.act_i != WAIT or (not math.isnan(move.bid) and move.bid != negotiation.last_bid):
        negotiation.cost_i += talks_cost(m) * discount
    negotiation.last_step = negotiation.step
    ask, bid = negotiation.last_ask, negotiation.last_bid
    if step.needs_frand == 1 and forum.sequential == 1 and not negotiation.frand_offer > 0.0:
        negotiation.due = t
    if move.act_h != WAIT:
        do_step(m, m.holder_strategy, HOLDER, move.act_h, discount)
    if move.act_i != WAIT:
        do_step(m, m.implementer_strategy, IMPLEMENTER, move.act_i, discount)
        if step.act == DEPOSIT:
            place_deposit(m, t)
        doubts = m.implementer_strategy.demands == DEMAND_VALIDITY
        if doubts and negotiation.acts_verify == 0 and knows_patents(m):
            verify(mkt, negotiation, m.chance)
            negotiation.cost_i += mkt.cost_verify * discount
    both = negotiation.holder_did == 1 and negotiation.implementer_did == 1
    acts = move.act_h != WAIT or move.act_i != WAIT
    if step.act == CONCILIATE and both and acts:
        court_round(mkt, negotiation, m.chance)
    table_offers(m, t)
    pass_by(m.holder, m.licence, t)
    if negotiation.broken == 0:
        conduct(m, t)
    if meet(m, t, ask, bid):
        return
    if step.act == ARBITRATE and acts and called_to_tribunal(m, t):
        return
    if move.file_h == 1 or move.file_i == 1:
        file_suit(m, t, move.file_h == 1)
        return
    if negotiation.broken == 0:
        advance(m, t)
        negotiation.broken = talks_end(m, t)
    entitled = negotiation.holder_entitled == 1 or negotiation.implementer_entitled == 1
    if negotiation.entitled_since < 0 and entitled:
        negotiation.entitled_since = t


@inlined
def called_to_tribunal(m: Matter, t: int) -> bool:
    """One side calls the other before a tribunal, which opens once both are there and needs no docket."""
    if m.negotiation.holder_did == 0 or m.negotiation.implementer_did == 0:
        if m.step.actor != BOTH:
            m.negotiation.due = t  # the other side has the whole deadline to answer the call
        return False
    m.negotiation.status = IN_COURT
    m.suit.arbitration = 1
    m.suit.start_month = t
    m.suit.filed_month = t
    instance = TRIBUNAL + EPISODE * m.licence.episode
    months = duration(m.chance, instance, m.forum.arbitration_months, m.forum.variation)
    m.suit.decision_month = t + max(1, months)
    return True


@inlined
def talks_end(m: Matter, t: int) -> int:
    """How talks end for good after this month, as ``Negotiation.broken`` says it; 0: they go on."""
    broken = breaks_down(m, t)
    if broken == 0:
        broken = walk_away(m, t)
    return broken


@inlined
def breaks_down(m: Matter, t: int) -> int:
    """Whether talks in which both have offered break down after this month."""
    if m.negotiation.first_ask_month < 0 or m.negotiation.first_bid_month < 0:
        return 0
    age = t - m.negotiation.contact
    p = breakdown(m.market, age)
    seed, replication, k = m.chance
    address = EPISODE * m.licence.episode + age
    return 1 if p > 0.0 and uniform(seed, replication, k, BREAKDOWN, address) < p else 0


@inlined
def meet(m: Matter, t: int, ask: float, bid: float) -> bool:
    """Offers meet: both accept, one accepts, new offers cross, or a conciliator helps."""
    negotiation, move, beta = m.negotiation, m.moves, m.market.beta
    price = 0.0
    if move.accept_h == 1 and move.accept_i == 1:
        price = crossing_price(ask, bid, beta)
    elif move.accept_h == 1:
        price = bid
    elif move.accept_i == 1:
        price = ask
    if price > 0.0 and sign_agreed(m, t, price, NEGOTIATED, NOT_SETTLED):
        return True
    if not math.isnan(move.ask) and not math.isnan(move.bid) and move.ask <= move.bid:
        price = crossing_price(move.ask, move.bid, beta)
        if sign_agreed(m, t, price, NEGOTIATED, NOT_SETTLED):
            return True
    if move.settle == 1:
        price = nash1950(negotiation.r_h, negotiation.r_i, beta)
        return sign_agreed(m, t, price, NEGOTIATED, NOT_SETTLED)
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
    discount = factor(rules.curves[r, 0, 0], SOCIAL, t)
    kept = 0
    n_cases = 0
    waiting = 0
    for a in range(n_active):
        bring(state, state.active, a, n_active)
        k = state.active[a]
        m = matter(rules, state, k, r, seed, replication)
        negotiation = m.negotiation
        if decides:
            decide_one(m, t, state.docket[0].wait)
        if negotiation.status == TALKS and negotiation.outcome != EXIT_OUT:
            resolve_talks(m, t, discount)
        if is_case(negotiation):
            state.cases[n_cases] = k
            n_cases += 1
            if negotiation.status == QUEUED:
                state.places[waiting] = m.suit.place
                waiting += 1
        elif stays(m, t):
            state.active[kept] = k
            kept += 1
    last = last_place(state, waiting, rules.forums[r].capacity)
    still = 0
    leave = 0
    for a in range(n_cases):
        bring(state, state.cases, a, n_cases)
        k = state.cases[a]
        m = matter(rules, state, k, r, seed, replication)
        take_up(m, t, last)
        if m.negotiation.outcome != EXIT_OUT:
            hear(m, t, discount)
        count_exclusion(m)
        if is_open(m.negotiation):
            state.cases[still] = k
            still += 1
            leave += 1 if m.negotiation.outcome == EXIT_OUT else 0
    end(rules, state, r, t)
    if leave > 0:
        still = who_stay(rules, state, still, r, t, seed, replication)
    return merge(state, kept, still)


@inlined
def is_case(negotiation: Negotiation) -> bool:
    """Whether a negotiation is before a court, or what one has ordered is in force."""
    return bool(negotiation.status >= QUEUED and negotiation.status <= EXCLUDED)


@inlined
def count_exclusion(m: Matter) -> None:
    """Exclusions that are in force at the month's end bear on the sales of the next."""
    excluded = m.negotiation.status == EXCLUDED and m.negotiation.outcome != EXIT_OUT
    if excluded or m.suit.enjoined == 1:
        m.implementer.n_excluded_next += 1


@inlined
def end(rules: Rules, state: State, r: int, t: int) -> None:
    """Month end: the month's sales are past use now; discounted sums of sales and losses grow."""
    mkt = rules.market[0]
    forum = rules.forums[r]
    curves = rules.curves[r, 0, 0]
    discount = factor(curves, SOCIAL, t)
    deflator_licence = factor(curves, LICENCE_DEFLATOR, t)
    deflator_court = factor(curves, COURT_DEFLATOR, t)
    for i in range(mkt.n_implementers):
        imp = state.implementers[i]
        sales = book_sales(forum, mkt, imp, discount, t)
        imp.to_date[0] += sales * deflator_licence
        imp.to_date[1] += sales * deflator_court
        imp.to_date[2] += sales
        for kind in range(DEFLATORS):
            state.sales[t + 1, i].before[kind] = imp.to_date[kind]
        imp.n_excluded, imp.n_excluded_next = imp.n_excluded_next, 0
    if mkt.most_favoured > 0.0:
        favour(rules, state)


@inlined
def book_sales(forum: Forum, mkt: Market, imp: Implementer, discount: float, t: int) -> float:
    """Book a month's sales and losses of an implementer; returns what was sold under the standard, USD m."""
    idle = waits_for_licences(mkt, imp)
    sales = 0.0 if idle else sold(forum, imp)
    imp.sales_value += sales * discount
    if mkt.expiring > 0.0:
        imp.aged_value += sales * discount * t
    if mkt.drifts == 1:
        book_year(mkt, imp, sales * discount, t)
    imp.base_value += imp.unit_sales * discount
    if imp.out == 1:
        imp.outside_value += imp.unit_sales * discount
    elif imp.exited == 1:
        imp.sales_loss += imp.margin * imp.unit_sales * discount
        imp.exit_loss += imp.margin * imp.unit_sales * discount
    else:
        if idle:  # what exclusion costs is booked with the suit
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
    forum = rules.forums[r]
    for i in range(mkt.n_implementers):
        imp = state.implementers[i]
        curves = rules.curves[r, 0, imp.group]
        for month in range(t, mkt.horizon):
            open_month(mkt, imp, factor(curves, GROWTH, month))
            book_sales(forum, mkt, imp, factor(curves, SOCIAL, month), month)


@inlined
def stays(m: Matter, t: int) -> bool:
    """Whether a negotiation is open after month ``t``; who has left the market closes its accounts."""
    negotiation = m.negotiation
    if negotiation.outcome == EXIT_OUT and negotiation.status != EXITED:
        true_up(m, t)
        return_escrow(m.forum, m.market, m.suit, t)
        negotiation.status = EXITED
        m.implementer.exited = 1
    return is_open(negotiation)


@inlined
def is_open(negotiation: Negotiation) -> bool:
    """Whether a negotiation has come to no end so far."""
    return bool(negotiation.status != LICENSED and negotiation.status != EXITED)


@inlined
def who_stay(rules: Rules, state: State, n_cases: int, r: int, t: int, seed: int, replication: int) -> int:
    """Drop the cases of those who leave the market; returns how many are kept."""
    kept = 0
    for a in range(n_cases):
        k = state.cases[a]
        if stays(matter(rules, state, k, r, seed, replication), t):
            state.cases[kept] = k
            kept += 1
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
