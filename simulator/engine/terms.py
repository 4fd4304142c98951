"""Terms of licences besides the rate: what the implementer gives in return, and most-favoured clauses.

*Cross-licences.*  An implementer with patents of its own gives a licence in return.  Rates stay gross: ``g``,
the credit, is what the holder's own products would owe, as a rate on the implementer's sales, and cash is
``(r - g)`` on them.  Without an agreement each has its suit: what the implementer's is worth is taken from
what the holder's is worth, and from what it costs.  *Source*: the form is this project's; cross-licences and
who pays net are those of the seeds.

*Most-favoured clauses.*  A licensee that has one pays no more than what the holder agrees with a later one,
each at the factor of its regions.  Rates as agreed are compared; what its own cap and the strength of its own
months leave of the lower one is paid.  The holder knows it: it gives way to one licensee only for what it
loses with the others.
"""

from __future__ import annotations

import math
from typing import Any

from simulator.compiled import compiled, inlined
from simulator.engine.bases import future_sales
from simulator.engine.market import Rules
from simulator.engine.records import WORTH_HOLDER
from simulator.engine.state import Holder, Implementer, Matter, State
from simulator.vocabulary import Status

LICENSED = int(Status.LICENSED)
# Of a holder's licences with a most-favoured clause, the dearest first: rate at region one; of it and those
# before it, sales to come at region one and royalties on them, USD m.
RATE, SALES, ROYALTIES = 0, 1, 2


@inlined
def credit(m: Matter, rho_h: float, rho_i: float) -> float:
    """``g``: what a cross-licence is worth, of the implementer's price, at both sides' mean estimate."""
    if m.licence.cross <= 0.0:
        return 0.0
    return float(m.licence.cross * math.sqrt(rho_h * rho_i) / m.negotiation.frand)


@inlined
def counterclaim(m: Matter, g: float) -> tuple[float, float]:
    """What the implementer's own suit costs the holder and brings itself, heard with the holder's, USD m.

    A rate ``g`` on the sales an award counts, on past ones with interest, if its patents hold as the
    holder's do.
    """
    view, chance = m.outlook, m.holder.liability
    cost = view.patience_h * chance * g * (view.future_h + view.accrued)
    return cost, view.patience_i * chance * g * (view.future_i + view.accrued)


@compiled
def give_way(m: Matter, reservation: float) -> float:
    """The holder's reservation rate where earlier licensees would come to pay less too, of price.

    It solves ``r l_h - sum_m max(0, r_m - r) a_m = R_h l_h``, with ``r_m`` their rates and ``a_m`` their
    sales to come at this licensee's regions.  One comes to pay less if its rate is above the one that solves
    it with the dearer ones alone, so those who do are the dearest few.
    """
    region = m.implementer.region * m.licence.region
    if m.outlook.base_h <= 0.0 or region <= 0.0:
        return reservation
    low, high = 0, m.holder.n_favoured
    while low < high:
        n = (low + high) // 2
        if m.favoured[n, RATE] * region > with_dearest(m, reservation, region, n):
            low = n + 1
        else:
            high = n
    return with_dearest(m, reservation, region, low)


@inlined
def with_dearest(m: Matter, reservation: float, region: float, n: int) -> float:
    """The reservation rate if the ``n`` dearest licensees with the clause come to pay less."""
    if n == 0:
        return reservation
    base, dearer = m.outlook.base_h, m.favoured[n - 1]
    return float((reservation * base + dearer[ROYALTIES]) / (base + dearer[SALES] / region))


@compiled
def list_favoured(rules: Rules, state: State, r: int, t: int) -> None:
    """At the month's start: each holder's licences with the clause, the dearest first, and their sums."""
    mkt = rules.market[0]
    for h in range(mkt.n_holders):
        state.holders[h].n_favoured = 0
        state.holders[h].lowest = math.inf
    for k in range(len(rules.parties)):
        negotiation = state.negotiations[k]
        imp = state.implementers[negotiation.implementer]
        region = imp.region * state.licences[k].region
        if not holds_clause(state, k) or region <= 0.0:
            continue
        hold = state.holders[negotiation.holder]
        end = min(mkt.horizon, state.licences[k].expires)
        curves = rules.curves[r, hold.group, imp.group]
        worth = future_sales(curves, imp, WORTH_HOLDER, t, t, end)
        part = state.licences[k].paid_part
        state.favoured[negotiation.holder, hold.n_favoured, RATE] = negotiation.running / (region * part)
        state.favoured[negotiation.holder, hold.n_favoured, SALES] = worth * region * part
        hold.n_favoured += 1
    for h in range(mkt.n_holders):
        add_up(state.favoured[h], state.holders[h].n_favoured)


@compiled
def add_up(licences: Any, n: int) -> None:
    """Order the first ``n`` by rate, the dearest first (heapsort, Williams 1964), and sum them up."""
    for place in range(n // 2 - 1, -1, -1):
        sink(licences, place, n)
    for last in range(n - 1, 0, -1):
        swap(licences, 0, last)
        sink(licences, 0, last)
    sales, royalties = 0.0, 0.0
    for place in range(n):
        sales += licences[place, SALES]
        royalties += licences[place, RATE] * licences[place, SALES]
        licences[place, SALES], licences[place, ROYALTIES] = sales, royalties


@compiled
def sink(licences: Any, place: int, n: int) -> None:
    """Move one down a heap of ``n`` until none below it is cheaper."""
    while 2 * place + 1 < n:
        below = 2 * place + 1
        if below + 1 < n and licences[below + 1, RATE] < licences[below, RATE]:
            below += 1
        if not licences[below, RATE] < licences[place, RATE]:
            return
        swap(licences, place, below)
        place = below


@inlined
def swap(licences: Any, this: int, that: int) -> None:
    """Let two licences change places."""
    for column in (RATE, SALES):
        licences[this, column], licences[that, column] = licences[that, column], licences[this, column]


@inlined
def holds_clause(state: State, k: int) -> bool:
    """Whether a pair's licence is in force, pays a running royalty and has a most-favoured clause."""
    negotiation = state.negotiations[k]
    return bool(
        negotiation.status == LICENSED and state.licences[k].most_favoured == 1 and negotiation.running > 0.0
    )


@compiled
def favour(rules: Rules, state: State) -> None:
    """At the month's end: who has the clause pays from next month what the holder agreed with another."""
    for k in range(len(rules.parties)):
        negotiation = state.negotiations[k]
        hold, imp = state.holders[negotiation.holder], state.implementers[negotiation.implementer]
        due = hold.lowest * imp.region * state.licences[k].region * state.licences[k].paid_part
        if holds_clause(state, k) and negotiation.running > due * (1.0 + 1e-12):
            before = burden(negotiation.running, state.licences[k].credit)
            negotiation.paid += negotiation.running * (imp.sales_value - negotiation.sales_mark)
            negotiation.sales_mark = imp.sales_value
            negotiation.running = due
            imp.signed += burden(due, state.licences[k].credit) - before
            state.licences[k].favoured += 1


@inlined
def burden(running: float, credited: float) -> float:
    """What of a running royalty is cash, hence in costs and prices, of price; a net receipt is no subsidy."""
    return max(0.0, running - credited)


@inlined
def tailored(m: Matter) -> float:
    """By how much a holder's first ask of this licensee departs from its usual one, for its margin."""
    mkt, tailors = m.market, m.holder_strategy.tailors
    if tailors == 0.0 or mkt.margin <= 0.0 or m.implementer.margin <= 0.0:
        return 1.0
    seen = m.implementer.margin * m.licence.margin_seen  # as the holder sees it
    return float(math.exp(tailors * math.log(seen / mkt.margin)))


@inlined
def usual_rate(hold: Holder, imp: Implementer) -> float:
    """Geometric mean of the rates a holder signed before this month, at the licensee's regions; 0: none."""
    return hold.usual * imp.region


@inlined
def note_rates(hold: Holder) -> None:
    """What is known at the month's start of the rates a holder has signed."""
    hold.usual = math.exp(hold.signed_log / hold.signed_n) if hold.signed_n > 0.0 else 0.0
