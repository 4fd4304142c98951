"""The protocol engine: walks the steps of any regime, books what is missed, hands on what is disclosed."""

from __future__ import annotations

import math

from simulator.compiled import compiled, inlined
from simulator.engine.bases import factor
from simulator.engine.draws import BELIEF_HOLDER, BELIEF_IMPLEMENTER, CALCULATION, SIGNAL_CHART, normal
from simulator.engine.information import (
    AGREEMENT_BIT,
    CHART_BITS,
    COMPARABLE_BITS,
    SALES_BITS,
    SECRET_BITS,
    knows_patents,
    opens_secrets,
)
from simulator.engine.law import Forum, Protocol, Step
from simulator.engine.ledger import book, book_all, heal
from simulator.engine.market import Market, Strategy
from simulator.engine.records import SOCIAL
from simulator.engine.standard_setting import COMMITMENT_BIT
from simulator.engine.state import Chance, Matter, Negotiation, Suit
from simulator.rules.belief import learn, point_estimate, signal_sd
from simulator.rules.discount import logarithm, power
from simulator.vocabulary import Act, Consequence, Disclosure, Fault, Move, Party, Phase, Signal

HOLDER, IMPLEMENTER, EITHER, BOTH = (
    int(Party.HOLDER),
    int(Party.IMPLEMENTER),
    int(Party.EITHER),
    int(Party.BOTH),
)
PERFORM = int(Move.PERFORM)
OFFER, COUNTER, NEGOTIATE, DEPOSIT = int(Act.OFFER), int(Act.COUNTER), int(Act.NEGOTIATE), int(Act.DEPOSIT)
NOTIFY, VERIFY, CHECK, CONCILIATE = (
    int(Act.NOTIFY),
    int(Act.VERIFY),
    int(Act.CHECK_ESSENTIALITY),
    int(Act.CONCILIATE),
)
ARBITRATE, THIRD_PARTY = int(Act.ARBITRATE), int(Act.GO_TO_THIRD_PARTY)
STAND_STILL, ANSWER, ASK_EXPERT = int(Act.STAND_STILL), int(Act.ANSWER), int(Act.ASK_EXPERT)
ANSWERS, EXPERT = int(Signal.ANSWERS), int(Signal.EXPERT)
BARS, ASSURES = int(Consequence.INJUNCTION_BARRED), int(Consequence.INJUNCTION_ASSURED)
OPENS, SUIT_BARRED = int(Consequence.OPENS_COURT), int(Consequence.SUIT_BARRED)
CALCULATION_BIT = 1 << Disclosure.RATE_CALCULATION
GROUNDS = CALCULATION_BIT | (1 << Disclosure.JUSTIFICATION)  # documents that say how a rate comes about
CHART, VERIFICATION = int(Signal.CLAIM_CHART), int(Signal.VERIFICATION)
COMPARABLES, COURT_ROUND = int(Signal.COMPARABLES), int(Signal.COURT_ROUND)
REASONS = int(Signal.REASONS)
EXTREME_ASK, EXTREME_BID = int(Fault.UNJUSTIFIED_EXTREME_ASK), int(Fault.UNJUSTIFIED_EXTREME_BID)
REFUSES_NDA, DELAYS = int(Fault.REFUSES_CONFIDENTIALITY), int(Fault.DELAYS)
NO_COUNTER_BASIS, HINDERS_ADVISERS = int(Fault.NO_COUNTER_BASIS), int(Fault.HINDERS_ADVISERS)
PRECEDENT_BIT = 1 << Disclosure.PRECEDENTS
N_DISCLOSURES = len(Disclosure)
COMMERCIAL = int(Phase.COMMERCIAL)
MISSES_THAT_DELAY = 2  # steps an implementer misses before it is said to delay: assumption


@compiled
def estimates(negotiation: Negotiation) -> tuple[float, float]:
    """The rates the parties reckon with; over-declaration counts until verified."""
    shift_h = 0.0 if negotiation.verified == 1 else negotiation.shift_h
    shift_i = 0.0 if negotiation.verified == 1 else negotiation.shift_i
    return point_estimate(negotiation.mu_h + shift_h, negotiation.v_h), point_estimate(
        negotiation.mu_i + shift_i, negotiation.v_i
    )


@compiled
def signal(mkt: Market, negotiation: Negotiation, chance: Chance, kind: int, number: int) -> None:
    """Both parties learn from the n-th act of a kind: one common signal about log r*."""
    seed, replication, k = chance
    purpose = SIGNAL_CHART + kind
    sd = signal_sd(mkt.signal_sd[kind], number, kind != COURT_ROUND)
    seen = logarithm(negotiation.frand) + sd * normal(seed, replication, k, purpose, number)
    negotiation.mu_h, negotiation.v_h = learn(negotiation.mu_h, negotiation.v_h, seen, sd)
    negotiation.mu_i, negotiation.v_i = learn(negotiation.mu_i, negotiation.v_i, seen, sd)
    negotiation.rho_h, negotiation.rho_i = estimates(negotiation)


@compiled
def verify(mkt: Market, negotiation: Negotiation, chance: Chance) -> None:
    """A verification act: a signal, and over-declaration is seen through."""
    negotiation.acts_verify += 1
    negotiation.verified = 1
    signal(mkt, negotiation, chance, VERIFICATION, negotiation.acts_verify)


@compiled
def court_round(mkt: Market, negotiation: Negotiation, chance: Chance) -> None:
    """A round of evidence before a court or a conciliator."""
    negotiation.acts_court += 1
    signal(mkt, negotiation, chance, COURT_ROUND, negotiation.acts_court)


@compiled
def under_agreement(m: Matter, given: int) -> int:
    """What is handed over where charts and licences need a confidentiality agreement: none without one.

    Who does not sign is at fault, not who keeps its secrets.
    """
    if opens_secrets(m):
        m.negotiation.disclosures |= AGREEMENT_BIT
        return given
    book(m.forum, m.negotiation, REFUSES_NDA)
    return given & ~SECRET_BITS


@compiled
def show_calculation(m: Matter, side: int, discount: float) -> None:
    """A side shows, once, how it comes to its rate: its initial estimate, less the usual bias.

    The other side learns ``log r* + sigma z + s_c z'``, of variance ``sigma^2 + s_c^2``.  What both have
    learnt since from common signals is no part of it, so that nothing counts twice.
    """
    mkt, negotiation, licence = m.market, m.negotiation, m.licence
    if licence.calculated & (1 << side) != 0:
        return
    licence.calculated |= 1 << side
    seed, replication, k = m.chance
    own = BELIEF_HOLDER if side == HOLDER else BELIEF_IMPLEMENTER
    error = mkt.spread * normal(seed, replication, k, own, 0)
    error += mkt.calculation * normal(seed, replication, k, CALCULATION, side)
    seen = logarithm(negotiation.frand) + error
    sd = math.sqrt(mkt.spread * mkt.spread + mkt.calculation * mkt.calculation)
    cost = mkt.cost_chart * discount
    if side == HOLDER:
        negotiation.cost_h += cost
        negotiation.mu_i, negotiation.v_i = learn(negotiation.mu_i, negotiation.v_i, seen, sd)
    else:
        negotiation.cost_i += cost
        negotiation.mu_h, negotiation.v_h = learn(negotiation.mu_h, negotiation.v_h, seen, sd)
    negotiation.rho_h, negotiation.rho_i = estimates(negotiation)


@compiled
def explain(m: Matter, t: int, side: int) -> None:
    """An extreme offer: reasons, once, where giving none is a fault, which inform both; or that fault."""
    forum, negotiation = m.forum, m.negotiation
    silence, justifies = EXTREME_ASK, m.holder_strategy.justifies
    if side == IMPLEMENTER:
        silence, justifies = EXTREME_BID, m.implementer_strategy.justifies
    if justifies == 0:
        book(forum, negotiation, silence)
        return
    if forum.recognised & (1 << silence) == 0 or negotiation.reasoned & (1 << side) != 0:
        return
    if m.market.calculates == 1:  # the reasons are the calculation
        negotiation.reasoned |= 1 << side
        show_calculation(m, side, factor(m.curves, SOCIAL, t))
        return
    cost = m.market.cost_chart * factor(m.curves, SOCIAL, t)
    if side == HOLDER:
        negotiation.cost_h += cost
    else:
        negotiation.cost_i += cost
    negotiation.reasoned |= 1 << side
    negotiation.acts_reasons += 1
    signal(m.market, negotiation, m.chance, REASONS, negotiation.acts_reasons)


@compiled
def disclose(m: Matter, given: int, side: int, discount: float) -> None:
    """Hand over documents: each informative one is a costly act; secrets need a confidentiality agreement."""
    forum, mkt, negotiation, chance = m.forum, m.market, m.negotiation, m.chance
    if mkt.charts_secret == 1 and side == HOLDER and given & SECRET_BITS != 0:
        given = under_agreement(m, given)
    negotiation.disclosures |= given
    if given & GROUNDS != 0 and mkt.calculates == 1:
        show_calculation(m, side, discount)
    if given & COMMITMENT_BIT != 0:
        m.licence.uncommitted = 0
    if given & SALES_BITS != 0:
        m.licence.sales_seen = 1.0
    if side != HOLDER:
        return
    if given & CHART_BITS != 0:
        if m.holder_strategy.hinders_advisers == 1:  # nobody who can read them may see them
            book(forum, negotiation, HINDERS_ADVISERS)
        else:
            negotiation.acts_chart += 1
            signal(mkt, negotiation, chance, CHART, negotiation.acts_chart)
        negotiation.cost_h += mkt.cost_chart * discount
    if given & COMPARABLE_BITS != 0:
        negotiation.cost_h += mkt.cost_comparables * discount
        if m.implementer_strategy.refuses_confidentiality == 1:
            book(forum, negotiation, REFUSES_NDA)
        else:
            negotiation.acts_comparables += 1
            signal(mkt, negotiation, chance, COMPARABLES, negotiation.acts_comparables)
    if given & PRECEDENT_BIT != 0:  # public: no confidentiality to refuse
        negotiation.cost_h += mkt.cost_comparables * discount
        negotiation.acts_comparables += 1
        signal(mkt, negotiation, chance, COMPARABLES, negotiation.acts_comparables)


@compiled
def do_step(m: Matter, strategy: Strategy, side: int, move: int, discount: float) -> None:
    """One party does its part of the step that is due."""
    forum, mkt, step, negotiation = m.forum, m.market, m.step, m.negotiation
    bit = 1 << negotiation.step
    lacking = 0 if move == PERFORM else kept_back(step, strategy)
    given = (step.must & ~lacking) | enough(step, strategy, lacking)
    if strategy.forthcoming == 1:
        given |= step.may & ~strategy.withholds
    disclose(m, given, side, discount)
    if step.act == VERIFY and side == IMPLEMENTER:
        if knows_patents(m):
            verify(mkt, negotiation, m.chance)
            negotiation.cost_i += mkt.cost_verify * discount
    elif step.act == CHECK and side == HOLDER:
        verify(mkt, negotiation, m.chance)
        negotiation.cost_h += mkt.cost_verify * discount
    elif step.act == ANSWER and side == HOLDER:
        negotiation.acts_answers += 1
        signal(mkt, negotiation, m.chance, ANSWERS, negotiation.acts_answers)
    if side == HOLDER:
        negotiation.holder_did = 1
    else:
        negotiation.implementer_did = 1
    if lacking == 0:
        negotiation.barred &= ~bit
        negotiation.assured &= ~bit
        if negotiation.missed & bit != 0:
            heal(forum, negotiation, missing(step, side))
            if side == IMPLEMENTER:  # late performance takes the reason to sue away
                negotiation.holder_entitled = 0
            else:
                negotiation.implementer_entitled = 0
            negotiation.entitled_since = -1
    else:
        negotiation.lacked = 1
        book_all(forum, negotiation, called(step, side, lacking))
        consequence(negotiation, step.lack_court, side, bit)
        if side == IMPLEMENTER and step.act == COUNTER and lacking & CALCULATION_BIT != 0:
            book(forum, negotiation, NO_COUNTER_BASIS)


@inlined
def kept_back(step: Step, strategy: Strategy) -> int:
    """What the step demands and a party withholds where it is free to: a mask of Disclosures."""
    kept = step.must & strategy.withholds
    if step.one_of & ~strategy.withholds == 0:
        kept |= step.one_of
    return int(kept)


@inlined
def enough(step: Step, strategy: Strategy, lacking: int) -> int:
    """Of the documents of which one is enough: the first that a party shows, as a bit; 0: none.

    It shows what it does not mind; what it minds only where it keeps nothing back.
    """
    shown = step.one_of & ~strategy.withholds
    if shown == 0:
        shown = step.one_of & ~lacking
    return int(shown & -shown)


@compiled
def called(step: Step, side: int, lacking: int) -> int:
    """What it is called to withhold these: each document's own fault, or the step's; a mask of Faults."""
    faults = 0
    for item in range(N_DISCLOSURES):
        if lacking & (1 << item) != 0:
            fault = step.items[item] if step.items[item] >= 0 else deficient(step, side)
            if fault >= 0:
                faults |= 1 << fault
    return faults


@inlined
def missing(step: Step, side: int) -> int:
    """What it is called when ``side`` lets the deadline of a step pass: a Fault, -1 for none."""
    return int(step.miss_fault_h if side == HOLDER else step.miss_fault_i)


@inlined
def deficient(step: Step, side: int) -> int:
    """What it is called when ``side`` does a step but withholds what it must show: a Fault, -1 for none."""
    return int(step.lack_fault_h if side == HOLDER else step.lack_fault_i)


@compiled
def consequence(negotiation: Negotiation, court: int, side: int, bit: int) -> None:
    """What a court will make of a breach by ``side``; a bar hits the holder, an assurance the implementer."""
    if court == BARS and side == HOLDER:
        negotiation.barred |= bit
    elif court == ASSURES and side == IMPLEMENTER:
        negotiation.assured |= bit
    elif court == OPENS:
        if side == HOLDER:
            negotiation.implementer_entitled = 1
        else:
            negotiation.holder_entitled = 1


@inlined
def enter(negotiation: Negotiation, step: int, t: int) -> None:
    """The step becomes due."""
    negotiation.step = step
    negotiation.due = t
    negotiation.entered = t
    negotiation.holder_did = 0
    negotiation.implementer_did = 0


@inlined
def complete(step: Step, negotiation: Negotiation, t: int) -> bool:
    """Whether the step that is due has been done by those who had to."""
    if step.act == NEGOTIATE:
        return bool(step.deadline >= 0 and t - negotiation.due >= step.deadline)
    if step.act == ARBITRATE:
        return False  # both before the tribunal: it decides, talks are over
    if step.act == CONCILIATE:
        joined = negotiation.holder_did == 1 and negotiation.implementer_did == 1
        return bool(joined and t - negotiation.due >= step.deadline)
    if step.act == THIRD_PARTY:
        return False
    if step.actor == HOLDER:
        return bool(negotiation.holder_did == 1)
    if step.actor == IMPLEMENTER:
        return bool(negotiation.implementer_did == 1)
    if step.actor == EITHER:
        return bool(negotiation.holder_did == 1 or negotiation.implementer_did == 1)
    return bool(negotiation.holder_did == 1 and negotiation.implementer_did == 1)


@inlined
def may_perform(step: Step, negotiation: Negotiation, side: int, t: int) -> bool:
    """Whether a side has a part in the step that is due, not yet done: its own, or an answer to the other."""
    did, other_did = negotiation.holder_did, negotiation.implementer_did
    if side == IMPLEMENTER:
        did, other_did = other_did, did
    if did == 1 or t < negotiation.entered or step.act == NEGOTIATE or step.act == THIRD_PARTY:
        return False
    called = step.act == ARBITRATE and other_did == 1
    return bool(called or step.actor == side or step.actor == BOTH or step.actor == EITHER)


@inlined
def opens_court(protocol: Protocol, negotiation: Negotiation) -> bool:
    """Whether the protocol has come to the step from which the holder may sue."""
    return bool(protocol.suit_from < 0 or negotiation.step >= protocol.suit_from)


@inlined
def owes(step: Step, side: int, holder_did: int, implementer_did: int) -> bool:
    """Whether a step not yet done by ``side`` is a duty of it.

    Where either may act, both are in default while neither has.  Who is called before a tribunal by the
    other side owes an answer, whoever may call.
    """
    did, other_did = holder_did, implementer_did
    if side == IMPLEMENTER:
        did, other_did = implementer_did, holder_did
    if did == 1:
        return False
    if step.act == ARBITRATE and other_did == 1:
        return True
    return bool(step.actor == side or step.actor == BOTH or (step.actor == EITHER and other_did == 0))


@compiled
def miss(forum: Forum, step: Step, negotiation: Negotiation, t: int) -> None:
    """The deadline has passed: book the fault of who failed, draw the consequence, go where the law says."""
    bit = 1 << negotiation.step
    if negotiation.missed & bit != 0 or step.act == NEGOTIATE or step.act == THIRD_PARTY:
        return
    holder_failed = owes(step, HOLDER, negotiation.holder_did, negotiation.implementer_did)
    implementer_failed = owes(step, IMPLEMENTER, negotiation.holder_did, negotiation.implementer_did)
    negotiation.missed |= bit
    if holder_failed:
        book(forum, negotiation, missing(step, HOLDER))
        consequence(negotiation, step.miss_court, HOLDER, bit)
    if implementer_failed:
        book(forum, negotiation, missing(step, IMPLEMENTER))
        consequence(negotiation, step.miss_court, IMPLEMENTER, bit)
        if not holder_failed:
            negotiation.excused |= bit
            if step.miss_go > negotiation.step:  # what the breach skips is not owed by the holder
                negotiation.excused |= (1 << step.miss_go) - (1 << (negotiation.step + 1))
    if implementer_failed and step.actor != EITHER:
        negotiation.misses_i += 1
        if negotiation.misses_i >= MISSES_THAT_DELAY:
            book(forum, negotiation, DELAYS)
    if step.miss_go >= 0:
        enter(negotiation, step.miss_go, t + 1)


@compiled
def stand_still(suit: Suit, start: int, months: int) -> None:
    """Neither side sues for so many months, and limitation does not run meanwhile."""
    suit.tolled += months
    suit.still_until = start + months
    suit.bar_until = max(suit.bar_until, suit.still_until)


@compiled
def hear_expert(m: Matter, t: int) -> None:
    """A neutral expert gives the opinion both asked for: both learn, each bears its half."""
    mkt, negotiation = m.market, m.negotiation
    cost = mkt.cost_expert * power(mkt.log_social, t)
    negotiation.cost_h += cost
    negotiation.cost_i += cost
    negotiation.acts_expert += 1
    signal(mkt, negotiation, m.chance, EXPERT, negotiation.acts_expert)


@inlined
def advance(m: Matter, t: int) -> None:
    """Move on from a step that is done, or book that it was missed."""
    step, negotiation = m.step, m.negotiation
    if complete(step, negotiation, t):
        negotiation.done |= 1 << negotiation.step
        if step.act == STAND_STILL:
            stand_still(m.suit, t + 1, step.deadline)
        elif step.act == ASK_EXPERT:
            hear_expert(m, t)
        target = step.lack_go if negotiation.lacked == 1 and step.lack_go >= 0 else step.then
        negotiation.lacked = 0
        if target >= 0 and target < m.protocol.n_steps:
            enter(negotiation, target, t + 1)
    elif step.deadline >= 0 and t - negotiation.due >= step.deadline:
        miss(m.forum, step, negotiation, t)
