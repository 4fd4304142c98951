"""Offers on the table: recorded, measured by the court, by what others ask and by earlier licences."""

from __future__ import annotations

import math

from simulator.compiled import inlined
from simulator.engine.draws import first_instance
from simulator.engine.ledger import book, heal
from simulator.engine.offers import NON_FRAND_OFFER, UNREASONABLE
from simulator.engine.protocol import EXTREME_ASK, EXTREME_BID, HOLDER, IMPLEMENTER, explain
from simulator.engine.rate_setting import court_estimate, frand_range
from simulator.engine.state import Implementer, Matter
from simulator.engine.terms import usual_rate
from simulator.vocabulary import Fault

DISCRIMINATES, BUNDLES = int(Fault.DISCRIMINATES), int(Fault.BUNDLES)
DISCRIMINATES_BIT = 1 << DISCRIMINATES


@inlined
def table_offers(m: Matter, t: int) -> None:
    """This month's offers are on the table: recorded, tested against the court's estimate, booked."""
    negotiation, move = m.negotiation, m.moves
    asks, bids = not math.isnan(move.ask), not math.isnan(move.bid)
    if not asks and not bids:
        return
    if not negotiation.estimate > 0.0:
        negotiation.estimate = court_estimate(m, t, first_instance(1))
    moved = (asks and move.ask != negotiation.last_ask) or (bids and move.bid != negotiation.last_bid)
    if asks:
        table_ask(m, t)
    if bids:
        table_bid(m, t)
    if moved:
        negotiation.rounds += 1


@inlined
def table_ask(m: Matter, t: int) -> None:
    """The holder's offer, and whether it passes the FRAND test or is extreme."""
    forum, negotiation, ask = m.forum, m.negotiation, m.moves.ask
    if negotiation.first_ask_month < 0:
        negotiation.first_ask_month = t
        negotiation.first_ask = ask
    else:
        negotiation.ask_before = 1
    measure = negotiation.estimate
    if forum.competitors == 1:
        measure = usual_ask(m)
        count_ask(m.implementer, m.holder.share, negotiation.last_ask, ask)
    negotiation.older_ask = negotiation.last_ask
    negotiation.last_ask = ask
    if forum.recognised & DISCRIMINATES_BIT != 0:
        usual = usual_rate(m.holder, m.implementer) * m.licence.region
        if usual > 0.0 and ask > (1.0 + forum.half_range) * usual:
            book(forum, negotiation, DISCRIMINATES)
        else:
            heal(forum, negotiation, DISCRIMINATES)
    if m.holder_strategy.ties > 0.0:
        book(forum, negotiation, BUNDLES)
    if ask > forum.extreme * measure:
        explain(m, t, HOLDER)
    else:
        heal(forum, negotiation, EXTREME_ASK)
    if ask <= frand_range(m)[1] * negotiation.estimate:
        negotiation.frand_offer = max(negotiation.frand_offer, ask)
    if ask > forum.extreme * negotiation.estimate:
        book(forum, negotiation, NON_FRAND_OFFER)
    else:
        heal(forum, negotiation, NON_FRAND_OFFER)


@inlined
def usual_ask(m: Matter) -> float:
    """What competitors ask of this implementer, at this holder's share; too few: the court's estimate.

    The mean of ``ln (ask / share)`` over the others' asks that stand at the month's start.
    """
    imp, own = m.implementer, m.negotiation.last_ask
    total, n = imp.asked, imp.asked_n
    if own > 0.0:
        total, n = total - math.log(own / m.holder.share), n - 1.0
    if n < m.forum.competitors_needed or n < 1.0:
        return m.negotiation.estimate
    return float(m.holder.share * math.exp(total / n))


@inlined
def count_ask(imp: Implementer, share: float, before: float, ask: float) -> None:
    """An ask takes the place of the holder's one before (0: none) among those an implementer has had."""
    if before > 0.0:
        imp.asked_now += math.log(ask / before)
    elif ask > 0.0:
        imp.asked_now += math.log(ask / share)
        imp.asked_now_n += 1.0


@inlined
def table_bid(m: Matter, t: int) -> None:
    """The implementer's offer, and whether it is extreme; a reasonable one may not be owed yet."""
    forum, negotiation, bid = m.forum, m.negotiation, m.moves.bid
    if negotiation.first_bid_month < 0:
        negotiation.first_bid_month = t
        negotiation.first_bid = bid
    else:
        negotiation.bid_before = 1
    negotiation.older_bid = negotiation.last_bid
    negotiation.last_bid = bid
    asked = negotiation.first_ask_month >= 0
    unowed = forum.sequential == 1 and asked and not negotiation.frand_offer > 0.0
    if bid < negotiation.estimate / forum.extreme and not unowed:
        book(forum, negotiation, UNREASONABLE)
        explain(m, t, IMPLEMENTER)
    else:
        heal(forum, negotiation, UNREASONABLE)
        heal(forum, negotiation, EXTREME_BID)
