"""The money of a negotiation, booked discounted to month 0 at the social rate, USD m."""

from __future__ import annotations

import math

from simulator.compiled import compiled
from simulator.engine.bases import account_now, escrow_now
from simulator.engine.law import Forum
from simulator.engine.prospect import LOST, RATE_SET, REFUSED
from simulator.engine.state import Market, Negotiation, Suit
from simulator.rules.discount import power


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


@compiled
def shift_costs(forum: Forum, negotiation: Negotiation, suit: Suit) -> None:
    """The loser pays a share of the winner's litigation cost (a transfer)."""
    if forum.loser_pays <= 0.0:
        return
    holder_lost = suit.judgment == LOST
    if suit.judgment == RATE_SET or suit.judgment == REFUSED:
        ask, bid, found = negotiation.last_ask, negotiation.last_bid, suit.court_rate
        ask_off = abs(math.log(ask / found)) if ask > 0.0 else math.inf
        bid_off = abs(math.log(bid / found)) if bid > 0.0 else math.inf
        if ask_off == bid_off:
            return
        holder_lost = ask_off > bid_off
    if holder_lost:
        moved = forum.loser_pays * suit.lit_i
        negotiation.cost_h += moved
        negotiation.cost_i -= moved
    else:
        moved = forum.loser_pays * suit.lit_h
        negotiation.cost_i += moved
        negotiation.cost_h -= moved
    suit.lit_h = 0.0
    suit.lit_i = 0.0


@compiled
def return_escrow(forum: Forum, mkt: Market, suit: Suit, t: int) -> None:
    """The deposit is released; what it cost the implementer is the difference to its social value."""
    if suit.escrow <= 0.0:
        return
    placed = suit.escrow * power(mkt.log_social, suit.escrow_month)
    suit.escrow_cost_i += placed - escrow_now(forum, suit, t) * power(mkt.log_social, t)
    suit.escrow = 0.0


@compiled
def repay_account(forum: Forum, mkt: Market, negotiation: Negotiation, suit: Suit, t: int) -> None:
    """Close the payments on account: the holder repays or credits them with court interest."""
    if suit.account > 0.0:
        pay(mkt, negotiation, -account_now(forum, suit, t), t)
    suit.account = 0.0
