"""A party's part in the step of the protocol that is due: perform it, keep something back, or wait."""

from __future__ import annotations

from simulator.compiled import compiled, inlined
from simulator.engine.bases import factor
from simulator.engine.information import own_base
from simulator.engine.law import Step
from simulator.engine.ledger import weight_of, weight_of_all
from simulator.engine.market import Market, Strategy
from simulator.engine.protocol import (
    ARBITRATE,
    ASSURES,
    BARS,
    EITHER,
    GROUNDS,
    HOLDER,
    IMPLEMENTER,
    VERIFY,
    called,
    kept_back,
    may_perform,
    missing,
)
from simulator.engine.records import HOLDER_DISCOUNT, IMPLEMENTER_DISCOUNT
from simulator.engine.relation import reply_delay
from simulator.engine.shadow import limits_alone, outlook
from simulator.engine.state import Matter
from simulator.rules.bargain import nash1950
from simulator.vocabulary import Consequence, Disclosure, Move, Tactic

WAIT, PERFORM, WITHHOLD = int(Move.WAIT), int(Move.PERFORM), int(Move.PERFORM_WITHHOLDING)
OPPORTUNIST = int(Tactic.OPPORTUNIST)
FAULT_ONLY = int(Consequence.FAULT_ONLY)
CHART_BIT = 1 << Disclosure.CLAIM_CHARTS
COMPARABLE_BIT = 1 << Disclosure.COMPARABLES


@compiled
def branch(m: Matter, t: int, side: int, rho: float, more_h: float, more_i: float, court: int) -> float:
    """One-step value of a branch to a party, money today: the Nash point of [R_h, R_i], own belief for both.

    The holder's gain; the implementer's cost with a minus.  Its own court value where nothing can be
    signed.  ``more_*`` raise the ledger and ``court`` is the Consequence of the breach, if it is one.
    """
    negotiation, view, beta = m.negotiation, m.outlook, m.market.beta
    barred, assured = negotiation.barred, negotiation.assured
    if court == BARS and side == HOLDER:
        negotiation.barred |= 1 << negotiation.step
    elif court == ASSURES and side == IMPLEMENTER:
        negotiation.assured |= 1 << negotiation.step
    w_h, loss, r_h, r_i = limits_alone(
        m, t, side, rho, negotiation.fault_h + more_h, negotiation.fault_i + more_i
    )
    negotiation.barred, negotiation.assured = barred, assured
    if side == HOLDER:
        return nash1950(r_h, r_i, beta) * view.base_h if r_h <= r_i else w_h
    return -nash1950(r_h, r_i, beta) * own_base(m) if r_h <= r_i else -loss


@inlined
def step_move(m: Matter, strategy: Strategy, t: int, side: int, rho: float) -> int:
    """Whether a party does its part of the step that is due, and whether it keeps something back."""
    step, negotiation = m.step, m.negotiation
    if not may_perform(step, negotiation, side, t):
        return WAIT
    called = step.act == ARBITRATE and (negotiation.holder_did == 1 or negotiation.implementer_did == 1)
    if step.actor == EITHER and side == IMPLEMENTER and strategy.initiates == 0 and not called:
        return WAIT
    if strategy.refuses & (1 << step.act) != 0 or t - negotiation.entered < reply_delay(m, strategy):
        return WAIT
    if side == IMPLEMENTER and colluding(m, t):
        return WAIT
    if step.act == ARBITRATE and is_free(step) and not consents(m, t, side, rho):
        return WAIT
    if strategy.tactic == OPPORTUNIST:
        return opportunist_step(m, strategy, t, side, rho)
    return WITHHOLD if kept_back(step, strategy) != 0 else PERFORM


@inlined
def is_free(step: Step) -> bool:
    """Whether nothing follows from not doing a step: it is left to what both want."""
    return bool(step.miss_fault_h < 0 and step.miss_fault_i < 0 and step.miss_court == FAULT_ONLY)


@compiled
def consents(m: Matter, t: int, side: int, rho: float) -> bool:
    """Whether a party agrees to a tribunal: it is worth more to it than the court and than what is offered.

    At its own estimate for both sides, with the faults booked so far; where nothing is offered, than the
    court alone.
    """
    negotiation, suit, view = m.negotiation, m.suit, m.outlook
    court_h, court_i, _, _ = limits_alone(m, t, side, rho, negotiation.fault_h, negotiation.fault_i)
    suit.arbitration = 1
    outlook(m, t, t)
    tribunal_h, tribunal_i, _, _ = limits_alone(m, t, side, rho, negotiation.fault_h, negotiation.fault_i)
    suit.arbitration = 0
    outlook(m, t, t)
    if side == HOLDER:
        return bool(tribunal_h > max(0.0, court_h) and tribunal_h > negotiation.last_bid * view.base_h)
    offered = negotiation.last_ask * own_base(m)
    return bool(tribunal_i < court_i and (offered <= 0.0 or tribunal_i < offered))


@compiled
def opportunist_step(m: Matter, strategy: Strategy, t: int, side: int, rho: float) -> int:
    """The branch with the best one-step value: comply, withhold, or let the deadline pass.  Ties: comply."""
    forum, mkt, step, curves, negotiation = m.forum, m.market, m.step, m.curves, m.negotiation
    if step.deadline >= 0 and negotiation.missed & (1 << negotiation.step) != 0:
        return PERFORM
    mine = 1.0 if side == HOLDER else 0.0
    discount = HOLDER_DISCOUNT if side == HOLDER else IMPLEMENTER_DISCOUNT
    month = factor(curves, discount, 1)
    now = branch(m, t, side, rho, 0.0, 0.0, 0)
    best = month * now - act_cost(mkt, step, side)
    choice = PERFORM
    kept = kept_back(step, strategy)
    if kept != 0:
        lack = weight_of_all(forum, negotiation, called(step, side, kept))
        after = branch(m, t, side, rho, mine * lack, (1.0 - mine) * lack, step.lack_court)
        if month * after > best:
            best = month * after
            choice = WITHHOLD
    if step.deadline >= 0:
        fault = weight_of(forum, negotiation, missing(step, side))
        months = max(1, step.deadline - (t - negotiation.due) + 1)
        after = branch(m, t, side, rho, mine * fault, (1.0 - mine) * fault, step.miss_court)
        if factor(curves, discount, months) * after > best:
            choice = WAIT
    return choice


@compiled
def act_cost(mkt: Market, step: Step, side: int) -> float:
    """What the documents and examinations of a step cost its actor, USD m."""
    cost = 0.0
    if side == HOLDER:
        if step.must & CHART_BIT != 0:
            cost += mkt.cost_chart
        if step.must & COMPARABLE_BIT != 0:
            cost += mkt.cost_comparables
    elif step.act == VERIFY:
        cost += mkt.cost_verify
    if mkt.calculates == 1 and step.must & GROUNDS != 0:
        cost += mkt.cost_chart
    return cost


@inlined
def colluding(m: Matter, t: int) -> bool:
    """A colluder does not answer while too few of its peers are licensed, within its window."""
    si = m.implementer_strategy
    if si.waits_for_peers <= 0.0 or t - m.negotiation.contact >= si.window:
        return False
    peers = m.market.n_implementers - 1
    return bool(peers > 0 and m.holder.licensed_at_start < si.waits_for_peers * peers)
