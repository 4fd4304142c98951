"""Who takes part: holders commit their patents to the standard, implementers take it up, or keep out.

A holder decides once, before anyone uses the standard: it joins if the royalties it expects from all
implementers, net of what talks cost it, are worth at least the share ``z`` of what the FRAND rate as it sees
it would bring.  An implementer takes the standard up if the royalties it expects to owe come to at most
``b``, what the alternative, or entering the market without the standard, costs it; who stays out looks again
every twelve months, as long as enough months are left for talks to count.  Rates are expected at the Nash
point in the shadow of the court as if talks began today, with one's own estimate for both sides and no
faults; once a holder's licences are seen, at their usual rate.
*Source*: the two considerations are those of Microsoft v Motorola (2013), as the seeds tell them; the forms
are this project's.
"""

from __future__ import annotations

import math
from typing import Any

from simulator.compiled import compiled, inlined
from simulator.engine.bases import future_sales
from simulator.engine.comparables import counts_declared
from simulator.engine.draws import BARRIER, HOLDER_BASE, IMPLEMENTER_BASE, OUTSIDE, spread_draw
from simulator.engine.market import Market, Rules
from simulator.engine.protocol import estimates
from simulator.engine.records import MAX_COMPARABLES, WORTH_HOLDER
from simulator.engine.shadow import limits_alone, outlook_today
from simulator.engine.state import Holder, Implementer, Matter, Negotiation, State, matter
from simulator.rules.bargain import nash1950
from simulator.rules.market import output_factor
from simulator.vocabulary import Comparable, Outcome, Party, Status

HOLDER, IMPLEMENTER = int(Party.HOLDER), int(Party.IMPLEMENTER)
NOT_ADOPTED, NOT_JOINED = int(Outcome.NOT_ADOPTED), int(Outcome.NOT_JOINED)
NEGOTIATED = int(Outcome.NEGOTIATED)
DORMANT, TALKS, EXITED = int(Status.DORMANT), int(Status.TALKS), int(Status.EXITED)
RATE, REGION, WITHHELD = int(Comparable.RATE), int(Comparable.REGION), int(Comparable.WITHHELD)
YEAR = 12  # months from one look at the standard to the next
UNLIMITED = 1.0  # of price: an alternative that costs all of it is none


@compiled
def place(rules: Rules, state: State, seed: int, replication: int) -> None:
    """Before anyone decides: all take part where nobody chooses; what keeping out is worth where they do."""
    mkt = rules.market[0]
    for h in range(mkt.n_holders):
        hold = state.holders[h]
        hold.out = 0
        hold.inside, hold.outside = 0.0, 0.0
        if mkt.chooses == 1:
            group = rules.holder_groups[hold.group]
            address = HOLDER_BASE + h
            hold.outside = spread_draw(
                group.outside, group.outside_spread, seed, replication, address, OUTSIDE, mkt.block
            )
    for i in range(mkt.n_implementers):
        imp = state.implementers[i]
        imp.out = mkt.chooses
        imp.adopted = mkt.horizon if imp.out == 1 else 0
        imp.benchmark = 1
        imp.barrier = math.inf
        imp.expected = 0.0
        imp.outside_value = 0.0
        imp.aggregate = mkt.burden * imp.region
        imp.needed = mkt.n_holders
        group = rules.implementer_groups[imp.group]
        if group.barrier < UNLIMITED:
            address = IMPLEMENTER_BASE + i
            drawn = spread_draw(
                group.barrier, group.barrier_spread, seed, replication, address, BARRIER, mkt.block
            )
            imp.barrier = min(imp.margin, drawn)
            if imp.frand_stack + unsimulated(mkt, imp) > imp.barrier:
                imp.benchmark = 0
    if mkt.chooses == 1:
        for k in range(len(rules.parties)):
            stay_out(state.negotiations[k], NOT_ADOPTED)


@inlined
def stay_out(negotiation: Negotiation, why: int) -> None:
    """There is nothing to negotiate, for now."""
    negotiation.status = EXITED
    negotiation.outcome = why


@inlined
def unsimulated(mkt: Market, imp: Implementer) -> float:
    """What holders that are not simulated are expected to claim, of price."""
    return mkt.rest_share * mkt.burden * imp.region


@compiled
def take_part(rules: Rules, state: State, r: int, t: int) -> int:
    """Month start: in month 0 holders join, every year implementers that are out decide again.

    Returns how many negotiations become open, their indices first in ``cases``.  Sales of who takes up the
    standard are those of this month.
    """
    mkt = rules.market[0]
    if t == 0:
        join(rules, state, r)
    if not decides(mkt, t):
        return 0
    for i in range(mkt.n_implementers):
        imp = state.implementers[i]
        if imp.out == 1:
            imp.expected = expected_stack(rules, state, i, r, t)
            if imp.expected <= imp.barrier:
                imp.out = 0
                imp.adopted = t
                imp.sales = imp.unit_sales * imp.output
    n = 0
    for k in range(len(rules.parties)):
        negotiation = state.negotiations[k]
        if negotiation.outcome == NOT_ADOPTED and state.implementers[negotiation.implementer].out == 0:
            negotiation.status = DORMANT
            negotiation.outcome = NEGOTIATED
            negotiation.first_use = t
            negotiation.contact = max(negotiation.contact, t)
            state.cases[n] = k
            n += 1
    return n


@inlined
def decides(mkt: Market, t: int) -> bool:
    """Whether implementers that are out look at the standard in month ``t``."""
    return bool(t == 0 or (t % YEAR == 0 and mkt.horizon - t >= mkt.least_left))


@compiled
def may_enter(rules: Rules, state: State, t: int) -> bool:
    """Whether an implementer that is out will look at the standard in month ``t`` or later."""
    mkt = rules.market[0]
    later = t + (YEAR - t % YEAR) % YEAR
    if mkt.chooses == 0 or not decides(mkt, later):
        return False
    out = 0
    for i in range(mkt.n_implementers):
        out += state.implementers[i].out
    return bool(out > 0)


@compiled
def join(rules: Rules, state: State, r: int) -> None:
    """Holders that gain nothing by joining keep their patents out: no pairs, and less to be claimed."""
    mkt = rules.market[0]
    if counts_declared(rules.forums[r]):  # as from first contact on
        for k in range(len(rules.parties)):
            negotiation = state.negotiations[k]
            negotiation.shift_h, negotiation.shift_i = 0.0, 0.0
            negotiation.rho_h, negotiation.rho_i = estimates(negotiation)
    for i in range(mkt.n_implementers):
        expect_all(rules, state, i)
    for h in range(mkt.n_holders):
        hold = state.holders[h]
        if hold.outside > 0.0:
            inside, due = expected_income(rules, state, h, r)
            hold.inside = inside / due if due > 0.0 else 0.0
            hold.out = 1 if hold.inside < hold.outside else 0
    for i in range(mkt.n_implementers):
        imp = state.implementers[i]
        imp.sales, imp.estimates = 0.0, unsimulated(mkt, imp)
        absent = 0.0
        for k in range(len(rules.parties)):
            negotiation = state.negotiations[k]
            hold = state.holders[negotiation.holder]
            if negotiation.implementer == i and hold.out == 1:
                stay_out(negotiation, NOT_JOINED)
                absent += hold.share
                imp.needed -= 1
        imp.unsigned_share -= absent
        imp.unsigned_at_start = imp.unsigned_share
        imp.aggregate *= 1.0 - absent


@compiled
def expected_income(rules: Rules, state: State, h: int, r: int) -> tuple[float, float]:
    """What a holder expects of all, net of talks, and what its estimate of FRAND would bring, USD m."""
    mkt = rules.market[0]
    inside, due = 0.0, 0.0
    for k in range(len(rules.parties)):
        if state.negotiations[k].holder == h:
            m = matter(rules, state, k, r, 0, 0)
            sales = future_sales(m.curves, m.implementer, WORTH_HOLDER, 0, 0, mkt.horizon)
            talks = mkt.cost_chart + mkt.cost_talks * m.holder_strategy.window
            inside += expected_rate(m, 0, m.negotiation.rho_h, HOLDER) * sales - talks
            due += m.negotiation.rho_h * sales
    return inside, due


@compiled
def expect_all(rules: Rules, state: State, i: int) -> None:
    """Sales and estimates of an implementer as they would be if it took the standard up now."""
    imp = state.implementers[i]
    imp.sales = imp.unit_sales * imp.output
    imp.estimates = unsimulated(rules.market[0], imp)
    for k in range(len(rules.parties)):
        negotiation = state.negotiations[k]
        if negotiation.implementer == i and negotiation.outcome != NOT_JOINED:
            imp.estimates += negotiation.rho_i


@compiled
def expected_stack(rules: Rules, state: State, i: int, r: int, t: int) -> float:
    """What an implementer expects to owe of its price to all whose patents are in the standard."""
    mkt, imp = rules.market[0], state.implementers[i]
    expect_all(rules, state, i)
    total = imp.stack + unsimulated(mkt, imp)
    for k in range(len(rules.parties)):
        negotiation = state.negotiations[k]
        if negotiation.implementer == i and negotiation.outcome != NOT_JOINED:
            m = matter(rules, state, k, r, 0, 0)
            seen = seen_rate(m.holder, imp)
            total += seen if seen > 0.0 else expected_rate(m, t, negotiation.rho_i, IMPLEMENTER)
    imp.sales, imp.estimates = 0.0, unsimulated(mkt, imp)
    return float(total)


@compiled
def expected_rate(m: Matter, t: int, rho: float, side: int) -> float:
    """The rate a side expects if talks began now, of price: the Nash point, or else what it expects in court.

    ``rho`` is its own estimate, by which it judges both sides; nobody has been at fault yet.  No draw is
    looked at: what is expected of a court is its mean.
    """
    negotiation, view = m.negotiation, m.outlook
    before = negotiation.status
    negotiation.status = TALKS
    negotiation.counted = negotiation.rho_i
    outlook_today(m, t)
    w_h, l_i, r_h, r_i = limits_alone(m, t, side, rho, 0.0, 0.0)
    negotiation.status = before
    if r_i >= r_h:
        return float(nash1950(r_h, r_i, m.market.beta))
    value, base = (w_h, view.base_h) if side == HOLDER else (l_i, view.base_i)
    return max(0.0, value) / base if base > 0.0 else 0.0


@compiled
def seen_rate(hold: Holder, imp: Implementer) -> float:
    """Geometric mean of the rates of a holder's licences that others see, at these regions; 0: none."""
    logs, n = 0.0, 0
    for place_of in range(min(hold.n_comparables, MAX_COMPARABLES)):
        rate, region = hold.comparables[place_of, RATE], hold.comparables[place_of, REGION]
        if rate > 0.0 and region > 0.0 and hold.comparables[place_of, WITHHELD] == 0.0:
            logs += math.log(rate / region)
            n += 1
    return imp.region * math.exp(logs / n) if n > 0 else 0.0


@inlined
def lost_outside(imp: Implementer, part: float) -> float:
    """What doing without the standard costs who would take it up at FRAND rates, the pair's part, USD m."""
    if imp.benchmark == 0 or imp.outside_value <= 0.0:
        return 0.0
    return float(part * imp.barrier * imp.outside_value)


@inlined
def lost_technology(mkt: Market, negotiation: Negotiation, imp: Implementer) -> float:
    """What is lost with a holder's technology on sales under the standard, USD m."""
    return float(mkt.missing * negotiation.frand * imp.sales_value) if is_out(negotiation) else 0.0


@inlined
def is_out(negotiation: Negotiation) -> bool:
    """Whether the holder keeps its patents out of the standard."""
    return bool(negotiation.outcome == NOT_JOINED)


@inlined
def write_part(mkt: Market, negotiation: Negotiation, imp: Implementer, row: Any) -> None:
    """Whether and when the implementer took the standard up; what of E is forgone as somebody keeps out."""
    row.adopted_month = imp.adopted
    row.barrier = imp.barrier if imp.barrier < math.inf else math.nan
    left = imp.exit_loss / imp.margin if imp.margin > 0.0 else 0.0
    row.sales_market = imp.base_value
    row.sales_adopted = imp.base_value - imp.outside_value - left
    forgone = 0.0
    if imp.benchmark == 1:
        forgone = imp.outside_value * output_factor(mkt.elasticity, mkt.pass_through, imp.frand_stack)
    if is_out(negotiation):
        forgone += imp.sales_value
    row.entitlement_forgone = negotiation.frand * forgone
