"""Licences end and are renewed: the pair talks again, with what it has learnt and how it stands.

When a licence's term is over its running royalty is booked and its signature undone; use goes on, now
without a licence, and a negotiation opens as at first contact: offers, steps and the ledger of faults are
new, beliefs and documents stay, and so does the luck of earlier acts and suits, which are counted on.  The
outcome row keeps the first negotiation; money and months are those of the whole horizon.
"""

from __future__ import annotations

import math

from simulator.compiled import compiled, inlined
from simulator.engine.market import Market, Rules
from simulator.engine.relation import mend
from simulator.engine.rows import write_row
from simulator.engine.state import Negotiation, State, Suit
from simulator.engine.terms import burden
from simulator.vocabulary import Judgment, Outcome, Stage, Status

DORMANT, LICENSED = int(Status.DORMANT), int(Status.LICENSED)
NO_JUDGMENT = int(Judgment.NONE)
NEGOTIATED, NOT_SETTLED = int(Outcome.NEGOTIATED), int(Stage.NONE)


@inlined
def renews(mkt: Market) -> bool:
    """Whether any licence of the market ends before the horizon."""
    return bool(mkt.term < mkt.horizon or mkt.arrives_later == 1)


@compiled
def lapse(rules: Rules, state: State, k: int, r: int, t: int) -> None:
    """The licence of negotiation ``k`` ends with month ``t``."""
    mkt, negotiation, licence = rules.market[0], state.negotiations[k], state.licences[k]
    hold, imp = state.holders[negotiation.holder], state.implementers[negotiation.implementer]
    if licence.episode == 0:
        write_row(rules, state, k, r, 0, state.firsts[k])
    negotiation.paid += negotiation.running * (imp.sales_value - negotiation.sales_mark)
    licence.credited += licence.credit * (imp.sales_value - negotiation.sales_mark)
    imp.signed -= burden(negotiation.running, licence.credit)
    licence.credit = 0.0
    imp.n_licensed -= 1
    imp.unsigned_share += hold.share
    hold.n_licensed -= 1
    if rules.forums[r].competitors == 1 and negotiation.last_ask > 0.0:
        imp.asked_now -= math.log(negotiation.last_ask / hold.share)
        imp.asked_now_n -= 1.0
    mend(mkt, licence, t - negotiation.licence_month)
    licence.episode += 1
    licence.lapsed_since = t
    licence.expires = mkt.horizon
    licence.threats_here = 0
    licence.capped = 1.0
    if licence.lump == 0:
        licence.sales_seen = 1.0  # royalties were paid on them
    licence.threat_last = -1
    licence.threat_until = -1
    talk_again(negotiation, t)
    close_case(state.suits[k])


@inlined
def talk_again(negotiation: Negotiation, t: int) -> None:
    """Steps, offers and ledger as at a first contact in month ``t``; beliefs, documents and costs stay."""
    negotiation.status = DORMANT
    negotiation.outcome = NEGOTIATED
    negotiation.stage = NOT_SETTLED
    negotiation.first_use = t
    negotiation.contact = t
    negotiation.step = 0
    negotiation.barred = 0
    negotiation.assured = 0
    negotiation.missed = 0
    negotiation.done = 0
    negotiation.excused = 0
    negotiation.faults = 0
    negotiation.cured = 0
    negotiation.fault_h = 0.0
    negotiation.fault_i = 0.0
    negotiation.misses_i = 0
    negotiation.reasoned = 0
    negotiation.lacked = 0
    negotiation.broken = 0
    negotiation.extreme_h = 0
    negotiation.extreme_i = 0
    negotiation.holder_did = 0
    negotiation.implementer_did = 0
    negotiation.holder_entitled = 0
    negotiation.implementer_entitled = 0
    negotiation.entitled_since = -1
    negotiation.zopa_true = 0
    negotiation.zopa_held = 0
    negotiation.ask_before = 0
    negotiation.bid_before = 0
    negotiation.first_ask_month = -1
    negotiation.first_bid_month = -1
    negotiation.last_ask = 0.0
    negotiation.last_bid = 0.0
    negotiation.older_ask = 0.0
    negotiation.older_bid = 0.0
    negotiation.frand_offer = 0.0
    negotiation.estimate = 0.0
    negotiation.rounds = 0
    negotiation.rate = 0.0
    negotiation.running = 0.0


@inlined
def close_case(suit: Suit) -> None:
    """No suit, no judgment, no bar; what suits have cost so far stays, and the next has the next number."""
    suit.wait = 0
    suit.tolled = 0
    suit.still_until = 0
    suit.enjoined = 0
    suit.second = 0
    suit.remanded = 0
    suit.filed_month = -1
    suit.bar_until = 0
    suit.judgment = NO_JUDGMENT
    suit.arbitration = 0
    suit.filer = -1
    suit.interim_on = 0
    suit.appealed = 0
    suit.injunction = 0
    suit.first_filer = -1
    suit.first_filing = -1
    suit.shut = 0
    suit.court_rate = 0.0
    suit.interim_rate = 0.0
    suit.shared_fault = 0.0
    suit.found_h = 0.0
    suit.found_i = 0.0
    suit.lit_h = 0.0
    suit.lit_i = 0.0
    suit.enjoined_margin = 0.0


@compiled
def wake(rules: Rules, state: State, r: int, t: int) -> int:
    """End the licences whose term is over; returns how many, their negotiations first in ``cases``.

    An implementer that has left the market has nothing to renew.
    """
    n = 0
    for k in range(len(rules.parties)):
        negotiation = state.negotiations[k]
        sells = state.implementers[negotiation.implementer].exited == 0
        if sells and negotiation.status == LICENSED and state.licences[k].expires == t:
            lapse(rules, state, k, r, t)
            state.cases[n] = k
            n += 1
    return n
