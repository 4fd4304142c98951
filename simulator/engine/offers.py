"""What a party offers and what it takes: paths of concession, openers, the rational path."""

from __future__ import annotations

import math

from simulator.compiled import compiled, inlined
from simulator.engine.bases import factor
from simulator.engine.draws import PROPOSER, uniform
from simulator.engine.information import own_base
from simulator.engine.ledger import weight_of
from simulator.engine.market import Market, Strategy
from simulator.engine.protocol import (
    CONCILIATE,
    COUNTER,
    EXTREME_ASK,
    EXTREME_BID,
    HOLDER,
    IMPLEMENTER,
    NEGOTIATE,
    OFFER,
    THIRD_PARTY,
)
from simulator.engine.rate_setting import fair_rate
from simulator.engine.records import GROWTH, HOLDER_DISCOUNT, IMPLEMENTER_DISCOUNT
from simulator.engine.relation import chance_of_suit, reply_delay, talks_cost
from simulator.engine.shadow import limits, limits_alone, outlook
from simulator.engine.state import Matter
from simulator.engine.suits import own_clock
from simulator.engine.terms import tailored
from simulator.rules.bargain import crossing_price, holder_proposal, implementer_proposal, reciprocation
from simulator.vocabulary import Fault, Move, Tactic

WAIT = int(Move.WAIT)
RECIPROCAL = int(Tactic.RECIPROCAL)
OPPORTUNIST = int(Tactic.OPPORTUNIST)
NON_FRAND_OFFER, UNREASONABLE = int(Fault.NON_FRAND_OFFER), int(Fault.UNREASONABLE_TERMS)
NAN = float("nan")


@compiled
def extreme_pays(m: Matter, t: int, side: int, rho: float) -> bool:
    """Whether an opportunist does better to open with its own anchor, and bear its fault, than moderately.

    Either opener is worth what its path comes to where it meets a moderate opponent's; an extreme one costs
    the giving of reasons, or the fault of giving none.  Ties: moderate.
    """
    fault = weight_of(m.forum, m.negotiation, NON_FRAND_OFFER if side == HOLDER else UNREASONABLE)
    silence = EXTREME_ASK if side == HOLDER else EXTREME_BID
    reasons = m.market.cost_chart if m.forum.recognised & (1 << silence) != 0 else 0.0
    if (m.holder_strategy if side == HOLDER else m.implementer_strategy).justifies == 0:
        fault += weight_of(m.forum, m.negotiation, silence)
        reasons = 0.0
    if side == HOLDER:
        own = m.holder_strategy.anchor * tailored(m)
        moderate = min(own, m.market.moderate_ask)
    else:
        own = m.implementer_strategy.anchor
        moderate = max(own, m.market.moderate_bid)
    if own == moderate:
        return False
    extreme = opener_value(m, t, side, rho, own, fault) - reasons
    return extreme > opener_value(m, t, side, rho, moderate, 0.0)


@compiled
def opener_value(m: Matter, t: int, side: int, rho: float, anchor: float, fault: float) -> float:
    """What a path from ``anchor`` is worth to a party where it meets a moderate opponent's, USD m today.

    The party reckons with its own estimate for both sides, with its ledger raised by ``fault``.  Where
    nothing can be signed it is what court is worth.  The implementer's cost with a minus.
    """
    mkt, sh, si, view = m.market, m.holder_strategy, m.implementer_strategy, m.outlook
    more_h = fault if side == HOLDER else 0.0
    w_h, loss, r_h, r_i = limits_alone(
        m, t, side, rho, m.negotiation.fault_h + more_h, m.negotiation.fault_i + fault - more_h
    )
    if r_h > r_i:
        return w_h if side == HOLDER else -loss
    fair = fair_rate(m, rho)
    first_ask = max((anchor + sh.ties if side == HOLDER else mkt.moderate_ask) * fair, r_h)
    first_bid = min((anchor if side == IMPLEMENTER else mkt.moderate_bid) * fair, r_i)
    months = 0
    ask, bid = first_ask, first_bid
    while ask > bid:
        months += 1
        ask, bid = conceding(sh, first_ask, r_h, months), conceding(si, first_bid, r_i, months)
    price = crossing_price(ask, bid, mkt.beta)
    if side == HOLDER:
        return factor(m.curves, HOLDER_DISCOUNT, months) * price * view.base_h
    return -factor(m.curves, IMPLEMENTER_DISCOUNT, months) * price * own_base(m)


@inlined
def choose_openers(m: Matter, t: int) -> None:
    """How far each side opens; an opportunist weighs it anew until its first offer is on the table."""
    negotiation = m.negotiation
    if negotiation.first_ask_month < 0:
        free = m.holder_strategy.tactic != OPPORTUNIST
        negotiation.extreme_h = 1 if free or extreme_pays(m, t, HOLDER, negotiation.rho_h) else 0
    if negotiation.first_bid_month < 0:
        free = m.implementer_strategy.tactic != OPPORTUNIST
        negotiation.extreme_i = 1 if free or extreme_pays(m, t, IMPLEMENTER, negotiation.rho_i) else 0


@inlined
def next_ask(m: Matter, t: int, rho: float, r_h: float) -> float:
    """The ask a holder would table this month (its age counts from its own first offer)."""
    sh, negotiation = m.holder_strategy, m.negotiation
    own = sh.anchor * tailored(m)
    anchor = own if negotiation.extreme_h == 1 else min(own, m.market.moderate_ask)
    start = max((anchor + sh.ties) * rho, r_h)
    age = t - negotiation.first_ask_month if negotiation.first_ask_month >= 0 else 0
    if sh.tactic == RECIPROCAL and negotiation.first_ask_month >= 0:
        if negotiation.bid_before == 0 or not negotiation.older_bid > 0.0:
            return conceding(sh, start, r_h, min(age, 1))
        return reciprocation(max(negotiation.last_ask, r_h), negotiation.older_bid, negotiation.last_bid, r_h)
    return conceding(sh, start, r_h, age)


@inlined
def next_bid(m: Matter, t: int, rho: float, r_i: float) -> float:
    """The bid an implementer would table this month."""
    si, negotiation = m.implementer_strategy, m.negotiation
    anchor = si.anchor if negotiation.extreme_i == 1 else max(si.anchor, m.market.moderate_bid)
    start = min(anchor * rho, r_i)
    age = t - negotiation.first_bid_month if negotiation.first_bid_month >= 0 else 0
    if si.tactic == RECIPROCAL and negotiation.first_bid_month >= 0:
        if negotiation.ask_before == 0 or not negotiation.older_ask > 0.0:
            return conceding(si, start, r_i, min(age, 1))
        return reciprocation(min(negotiation.last_bid, r_i), negotiation.older_ask, negotiation.last_ask, r_i)
    return conceding(si, start, r_i, age)


@inlined
def conceding(strategy: Strategy, start: float, end: float, age: int) -> float:
    """A strategy's offer ``age`` months after its first one: ``x0 + (x1 - x0) path(age)``."""
    if age >= strategy.window:
        return end
    return start + (end - start) * strategy.path[age]


@compiled
def rational_moves(m: Matter, t: int, rho_h: float, rho_i: float) -> tuple[float, float]:
    """The price both rational parties sign this month, and who proposes it (ask, bid; nan = silent).

    Backwards from the filing month: expected rate there ``beta R_i + (1 - beta) R_h``, or nothing to
    sign; each month before it the proposer leaves the other side indifferent to waiting a month, in which
    talks may break down and leave court, or no licence.
    *Source*: Binmore, Rubinstein and Wolinsky (1986) with a random proposer.
    """
    mkt, curves, imp, sh, view = m.market, m.curves, m.implementer, m.holder_strategy, m.outlook
    negotiation = m.negotiation
    left = sh.sue_after - own_clock(negotiation.first_ask_month, negotiation, t)
    last = min(t + max(0, left), mkt.horizon - 1)
    d_h = factor(curves, HOLDER_DISCOUNT, 1)
    d_i = factor(curves, IMPLEMENTER_DISCOUNT, 1)
    talks = talks_cost(m)
    expected = NAN
    waiting_h = 0.0
    waiting_i = 0.0
    ask = NAN
    bid = NAN
    n = last
    while n >= t:
        outlook(m, t, n)
        w_h, loss, r_h, r_i = limits(m, t, rho_h, rho_i, negotiation.fault_h, negotiation.fault_i)
        l_h, l_i = view.base_h, own_base(m)
        holder_turn = mkt.beta
        if sh.alternate == 1:
            holder_turn = 1.0 if (n - negotiation.contact) % 2 == 0 else 0.0
        forgone = 0.0 if mkt.licensed_use == 0 else imp.margin * imp.sales * factor(curves, GROWTH, n - t)
        if math.isnan(expected) or l_h <= 0.0 or l_i <= 0.0:  # nothing is signed later: court, or nothing
            ask, bid = r_i, r_h
        else:
            ask = holder_proposal(r_i, talks, d_i, forgone, waiting_i, l_i)
            bid = implementer_proposal(r_h, talks, d_h, waiting_h, l_h)
        signs = r_h <= r_i and ask >= bid * (1.0 - 1e-12)
        if n == t:
            break
        if signs:
            expected = holder_turn * ask + (1.0 - holder_turn) * bid
            waiting_h = expected * l_h
            waiting_i = expected * l_i
        elif not math.isnan(expected):
            waiting_h = max(0.0, d_h * waiting_h - talks)
            waiting_i = d_i * waiting_i + talks + forgone
        p = breakdown(mkt, n - 1 - negotiation.contact)
        if p > 0.0:
            without = imp.margin * l_i if mkt.licensed_use == 1 and w_h <= 0.0 else chance_of_suit(m) * loss
            waiting_h = (1.0 - p) * waiting_h + p * max(0.0, w_h)
            waiting_i = (1.0 - p) * waiting_i + p * without
        n -= 1
    if not signs:
        return NAN, NAN
    return (ask, NAN) if holder_proposes(m, t) else (NAN, bid)


@inlined
def holder_proposes(m: Matter, t: int) -> bool:
    """Whether it is the holder's turn this month: every other month, or by lot."""
    if m.holder_strategy.alternate == 1:
        return bool((t - m.negotiation.contact) % 2 == 0)
    seed, replication, k = m.chance
    return uniform(seed, replication, k, PROPOSER, t) < m.market.beta


@inlined
def breakdown(mkt: Market, age: int) -> float:
    """Chance that talks break down after a month without agreement, ``age`` months after first contact."""
    return min(1.0, mkt.breakdown + mkt.breakdown_growth * age)


@inlined
def tables(m: Matter, strategy: Strategy, first: int, act: int, refusal: int, t: int) -> bool:
    """Whether a party tables an offer this month: it has before, the step is one, or talks are open."""
    step = m.step
    if first >= 0 or (act != WAIT and (step.act == OFFER or step.act == COUNTER)):
        return True
    is_open = step.act == NEGOTIATE or step.act == THIRD_PARTY or step.act == CONCILIATE
    return bool(
        is_open and t - m.negotiation.entered >= reply_delay(m, strategy) and strategy.refuses & refusal == 0
    )


@inlined
def decide_offers(m: Matter, ask: float, bid: float, asks: bool, bids: bool, quiet: bool) -> None:
    """Next offers, and acceptance of the standing ones; who can offer nothing makes no counter-offer."""
    step, negotiation, move = m.step, m.negotiation, m.moves
    if asks:
        move.ask = ask
    if bids and bid > 0.0:
        move.bid = bid
    elif bid <= 0.0 and (step.act == OFFER or step.act == COUNTER):
        move.act_i = WAIT
    if (
        negotiation.last_ask > 0.0
        and not quiet
        and negotiation.last_ask <= negotiation.r_i
        and negotiation.last_ask <= bid
    ):
        move.accept_i = 1
    if negotiation.last_bid > 0.0 and negotiation.last_bid >= negotiation.r_h and negotiation.last_bid >= ask:
        move.accept_h = 1
