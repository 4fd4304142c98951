"""``decide``: every open negotiation's next moves, computed from the state at the month's start."""

from __future__ import annotations

import math

from simulator.compiled import inlined
from simulator.engine.market import Rules
from simulator.engine.offers import choose_openers, decide_offers, next_ask, next_bid, rational_moves, tables
from simulator.engine.protocol import CONCILIATE, HOLDER, IMPLEMENTER
from simulator.engine.rate_setting import fair_rate
from simulator.engine.shadow import EXCLUDED, QUEUED, TALKS, could_sign, limits, outlook_today, tied
from simulator.engine.state import Matter, Moves, State, matter
from simulator.engine.steps import colluding, step_move
from simulator.engine.suits import decide_case, decide_filing
from simulator.vocabulary import Act, Move, Outcome, Tactic

WAIT = int(Move.WAIT)
RATIONAL = int(Tactic.RATIONAL)
EXIT_OUT = int(Outcome.EXIT)
COUNTER_BIT, OFFER_BIT = 1 << Act.COUNTER, 1 << Act.OFFER
NAN = float("nan")


@inlined
def decide_talks(m: Matter, t: int) -> None:
    """Moves of a negotiation before suit."""
    step, negotiation, move = m.step, m.negotiation, m.moves
    sh, si = m.holder_strategy, m.implementer_strategy
    rho_h, rho_i = negotiation.rho_h, negotiation.rho_i
    outlook_today(m, t)
    w_h, loss, r_h, r_i = limits(m, t, rho_h, rho_i, negotiation.fault_h, negotiation.fault_i)
    negotiation.w_h, negotiation.l_i, negotiation.r_h, negotiation.r_i = w_h, loss, r_h, r_i
    if r_h <= r_i + tied(m, rho_h):
        negotiation.zopa_held = 1
    if negotiation.zopa_true == 0 and could_sign(m, t):
        negotiation.zopa_true = 1
    if negotiation.broken != 0:
        decide_filing(m, t)
        return
    move.act_h = step_move(m, sh, t, HOLDER, rho_h)
    move.act_i = step_move(m, si, t, IMPLEMENTER, rho_i)
    quiet = colluding(m, t)
    asks = tables(m, sh, negotiation.first_ask_month, move.act_h, OFFER_BIT, t)
    bids = tables(m, si, negotiation.first_bid_month, move.act_i, COUNTER_BIT, t) and not (
        quiet and negotiation.first_bid_month < 0
    )
    if sh.tactic == RATIONAL and si.tactic == RATIONAL:
        if asks or bids:
            ask, bid = rational_moves(m, t, rho_h, rho_i)
            price = bid if math.isnan(ask) else ask
            if math.isnan(price):  # nothing to sign yet: each tables what it would take
                move.ask = max(r_h, fair_rate(m, rho_h))
                move.bid = min(r_i, fair_rate(m, rho_i))
            else:
                move.ask = price
                move.bid = price
    else:
        choose_openers(m, t)
        ask = next_ask(m, t, fair_rate(m, rho_h), r_h)
        bid = next_bid(m, t, fair_rate(m, rho_i), r_i)
        decide_offers(m, ask, bid, asks, bids, quiet)
    if (
        step.act == CONCILIATE
        and negotiation.holder_did == 1
        and negotiation.implementer_did == 1
        and r_h <= r_i
    ):
        move.settle = 1
    decide_filing(m, t)


@inlined
def decide_one(m: Matter, t: int, wait: int) -> None:
    """The moves of a negotiation in month ``t``; writes ``moves`` and the negotiation's current values.

    ``wait``: months a filing would wait at today's docket.
    """
    status = m.negotiation.status
    if m.negotiation.outcome != EXIT_OUT:
        m.suit.wait = wait
    clear(m.moves)
    if status == TALKS:
        decide_talks(m, t)
    elif status >= QUEUED and status <= EXCLUDED:
        decide_case(m, t)


@inlined
def decide(rules: Rules, state: State, n_active: int, r: int, t: int, seed: int, replication: int) -> None:
    """All moves of month ``t``, on the state at its start."""
    for a in range(n_active):
        decide_one(matter(rules, state, state.active[a], r, seed, replication), t, state.docket[0].wait)


@inlined
def clear(move: Moves) -> None:
    """No move yet."""
    move.act_h = WAIT
    move.act_i = WAIT
    move.accept_h = 0
    move.accept_i = 0
    move.file_h = 0
    move.file_i = 0
    move.settle = 0
    move.appeal_h = 0
    move.appeal_i = 0
    move.ask = NAN
    move.bid = NAN
