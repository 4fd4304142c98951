"""The money of a negotiation, booked discounted to month 0 at the social rate, USD m."""

from __future__ import annotations

import math

from simulator.compiled import compiled, inlined
from simulator.engine.bases import account_now, escrow_now
from simulator.engine.law import Forum
from simulator.engine.market import Market
from simulator.engine.prospect import LOST, RATE_SET, REFUSED
from simulator.engine.state import Negotiation, Suit
from simulator.rules.discount import power
from simulator.vocabulary import Fault, Party, SecurityBase

HOLDER, IMPLEMENTER = int(Party.HOLDER), int(Party.IMPLEMENTER)
AT_COUNTER, AT_HOLDER_OFFER = int(SecurityBase.COUNTER), int(SecurityBase.HOLDER_OFFER)
HOLDER_REFUSED = 1 << Fault.HOLDER_REFUSES_ADR
IMPLEMENTER_REFUSED = 1 << Fault.IMPLEMENTER_REFUSES_ADR


@compiled
def pay(mkt: Market, negotiation: Negotiation, amount: float, t: int) -> None:
    """The implementer pays the holder ``amount`` USD m in month ``t``."""
    negotiation.paid += amount * power(mkt.log_social, t)


@compiled
def litigate(
    negotiation: Negotiation, suit: Suit, holder: float, implementer: float, discount: float
) -> None:
    """Book litigation cost of both sides, USD m of this month."""
    negotiation.cost_h += holder * discount
    negotiation.cost_i += implementer * discount
    suit.lit_h += holder * discount
    suit.lit_i += implementer * discount
    suit.cost_lit += (holder + implementer) * discount


@inlined
def refused_adr(forum: Forum, negotiation: Negotiation) -> int:
    """The one side that refused ADR, where that decides on costs: a Party; -1: none, or both."""
    if forum.refuses_adr <= 0.0:
        return -1
    holder = negotiation.faults & HOLDER_REFUSED != 0
    implementer = negotiation.faults & IMPLEMENTER_REFUSED != 0
    if holder == implementer:
        return -1
    return HOLDER if holder else IMPLEMENTER


@compiled
def shift_costs(forum: Forum, negotiation: Negotiation, suit: Suit) -> None:
    """A share of one side's litigation cost moves to the loser, or to the one side that refused ADR."""
    share = forum.loser_pays
    holder_lost = suit.judgment == LOST
    refuser = refused_adr(forum, negotiation)
    if refuser >= 0:
        share, holder_lost = forum.refuses_adr, refuser == HOLDER
    if share <= 0.0:
        return
    if refuser < 0 and (suit.judgment == RATE_SET or suit.judgment == REFUSED):
        ask, bid, found = negotiation.last_ask, negotiation.last_bid, suit.court_rate
        ask_off = abs(math.log(ask / found)) if ask > 0.0 else math.inf
        bid_off = abs(math.log(bid / found)) if bid > 0.0 else math.inf
        if ask_off == bid_off:
            return
        holder_lost = ask_off > bid_off
    if holder_lost:
        moved = share * suit.lit_i
        negotiation.cost_h += moved
        negotiation.cost_i -= moved
    else:
        moved = share * suit.lit_h
        negotiation.cost_i += moved
        negotiation.cost_h -= moved
    suit.lit_h = 0.0
    suit.lit_i = 0.0


@inlined
def deposit_rate(forum: Forum, negotiation: Negotiation, otherwise: float) -> float:
    """The rate a deposit is reckoned at: a standing offer, or ``otherwise`` where there is none."""
    if forum.security_base == AT_COUNTER and negotiation.last_bid > 0.0:
        return negotiation.last_bid
    if forum.security_base == AT_HOLDER_OFFER and negotiation.last_ask > 0.0:
        return negotiation.last_ask
    return otherwise


@compiled
def deposit(forum: Forum, mkt: Market, suit: Suit, amount: float, t: int) -> None:
    """The implementer pays ``amount`` USD m of month ``t`` into escrow, first or in addition."""
    if suit.escrow <= 0.0:
        suit.escrow_month = t
    suit.escrow += amount / power(forum.log_escrow, t - suit.escrow_month)
    suit.escrow_placed += amount * power(mkt.log_social, t)


@compiled
def return_escrow(forum: Forum, mkt: Market, suit: Suit, t: int) -> None:
    """The deposit is released; what it cost the implementer is the difference to its social value."""
    if suit.escrow <= 0.0:
        return
    suit.escrow_cost_i += suit.escrow_placed - escrow_now(forum, suit, t) * power(mkt.log_social, t)
    suit.escrow = 0.0
    suit.escrow_placed = 0.0


@compiled
def repay_account(forum: Forum, mkt: Market, negotiation: Negotiation, suit: Suit, t: int) -> None:
    """Close the payments on account: the holder repays or credits them with court interest."""
    if suit.account > 0.0:
        pay(mkt, negotiation, -account_now(forum, suit, t), t)
    suit.account = 0.0
