"""The protocol engine: walks the steps of any regime, books what is missed, hands on what is disclosed."""

from __future__ import annotations

import math

from simulator.compiled import compiled, inlined
from simulator.engine.draws import SIGNAL_CHART, normal
from simulator.engine.ledger import book, heal
from simulator.engine.shadow import estimates
from simulator.engine.state import Market, Pair, Regime, Step, Strategy
from simulator.rules.belief import learn, signal_sd
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
BARS, ASSURES = int(Consequence.INJUNCTION_BARRED), int(Consequence.INJUNCTION_ASSURED)
OPENS, SUIT_BARRED = int(Consequence.OPENS_COURT), int(Consequence.SUIT_BARRED)
CHART_BITS = (1 << Disclosure.CLAIM_CHARTS) | (1 << Disclosure.CONFORMITY_EVIDENCE)
COMPARABLE_BITS = (1 << Disclosure.COMPARABLES) | (1 << Disclosure.POOL_RATES)
CALCULATION_BIT = 1 << Disclosure.RATE_CALCULATION
CHART, VERIFICATION = int(Signal.CLAIM_CHART), int(Signal.VERIFICATION)
COMPARABLES, COURT_ROUND = int(Signal.COMPARABLES), int(Signal.COURT_ROUND)
REFUSES_NDA, DELAYS = int(Fault.REFUSES_CONFIDENTIALITY), int(Fault.DELAYS)
NO_COUNTER_BASIS = int(Fault.NO_COUNTER_BASIS)
HOLDER_ADR, IMPLEMENTER_ADR = int(Fault.HOLDER_REFUSES_ADR), int(Fault.IMPLEMENTER_REFUSES_ADR)
COMMERCIAL = int(Phase.COMMERCIAL)
MISSES_THAT_DELAY = 2  # steps an implementer misses before it is said to delay: assumption


@compiled
def signal(mkt: Market, pair: Pair, kind: int, number: int, seed: int, replication: int, k: int) -> None:
    """Both parties learn from the n-th act of a kind: one common signal about log r*."""
    purpose = SIGNAL_CHART + kind
    sd = signal_sd(mkt.signal_sd[kind], number, kind != COURT_ROUND)
    seen = math.log(pair.frand) + sd * normal(seed, replication, k, purpose, number)
    pair.mu_h, pair.v_h = learn(pair.mu_h, pair.v_h, seen, sd)
    pair.mu_i, pair.v_i = learn(pair.mu_i, pair.v_i, seen, sd)
    pair.rho_h, pair.rho_i = estimates(pair)


@compiled
def verify(mkt: Market, pair: Pair, seed: int, replication: int, k: int) -> None:
    """A verification act: a signal, and over-declaration is seen through."""
    pair.acts_verify += 1
    pair.verified = 1
    signal(mkt, pair, VERIFICATION, pair.acts_verify, seed, replication, k)


@compiled
def court_round(mkt: Market, pair: Pair, seed: int, replication: int, k: int) -> None:
    """A round of evidence before a court or a conciliator."""
    pair.acts_court += 1
    signal(mkt, pair, COURT_ROUND, pair.acts_court, seed, replication, k)


@compiled
def disclose(
    reg: Regime, mkt: Market, pair: Pair, given: int, side: int, refuses_nda: int, discount: float,
    seed: int, replication: int, k: int,
) -> None:  # fmt: skip
    """Hand over documents: each informative one is a costly act; secrets need a confidentiality agreement."""
    pair.disclosures |= given
    if side != HOLDER:
        return
    if given & CHART_BITS != 0:
        pair.acts_chart += 1
        signal(mkt, pair, CHART, pair.acts_chart, seed, replication, k)
        pair.cost_h += mkt.cost_chart * discount
    if given & COMPARABLE_BITS != 0:
        pair.cost_h += mkt.cost_comparables * discount
        if refuses_nda == 1:
            book(reg, pair, REFUSES_NDA)
        else:
            pair.acts_comparables += 1
            signal(mkt, pair, COMPARABLES, pair.acts_comparables, seed, replication, k)


@compiled
def do_step(
    reg: Regime, mkt: Market, step: Step, pair: Pair, strategy: Strategy, refuses_nda: int, side: int,
    move: int, discount: float, seed: int, replication: int, k: int,
) -> None:  # fmt: skip
    """One party does its part of the step that is due."""
    bit = 1 << pair.step
    given = step.must & ~strategy.withholds if move != PERFORM else step.must
    if strategy.forthcoming == 1:
        given |= step.may & ~strategy.withholds
    lacking = step.must & ~given
    disclose(reg, mkt, pair, given, side, refuses_nda, discount, seed, replication, k)
    if step.act == VERIFY and side == IMPLEMENTER:
        verify(mkt, pair, seed, replication, k)
        pair.cost_i += mkt.cost_verify * discount
    elif step.act == CHECK and side == HOLDER:
        verify(mkt, pair, seed, replication, k)
        pair.cost_h += mkt.cost_verify * discount
    if side == HOLDER:
        pair.holder_did = 1
    else:
        pair.implementer_did = 1
    if lacking == 0:
        pair.barred &= ~bit
        pair.assured &= ~bit
        if pair.missed & bit != 0:
            heal(reg, pair, step.miss_fault)
            if side == IMPLEMENTER:  # late performance takes the reason to sue away
                pair.holder_entitled = 0
            else:
                pair.implementer_entitled = 0
            pair.entitled_since = -1
    else:
        pair.lacked = 1
        book(reg, pair, step.lack_fault)
        consequence(pair, step.lack_court, side, bit)
        if side == IMPLEMENTER and step.act == COUNTER and lacking & CALCULATION_BIT != 0:
            book(reg, pair, NO_COUNTER_BASIS)


@compiled
def consequence(pair: Pair, court: int, side: int, bit: int) -> None:
    """What a court will make of a breach by ``side``."""
    if court == BARS:
        pair.barred |= bit
    elif court == ASSURES:
        pair.assured |= bit
    elif court == OPENS:
        if side == HOLDER:
            pair.implementer_entitled = 1
        else:
            pair.holder_entitled = 1


@inlined
def enter(pair: Pair, step: int, t: int) -> None:
    """The step becomes due."""
    pair.step = step
    pair.due = t
    pair.entered = t
    pair.holder_did = 0
    pair.implementer_did = 0


@inlined
def complete(step: Step, pair: Pair, t: int) -> bool:
    """Whether the step that is due has been done by those who had to."""
    if step.act == NEGOTIATE:
        return bool(step.deadline >= 0 and t - pair.due >= step.deadline)
    if step.act == CONCILIATE:
        joined = pair.holder_did == 1 and pair.implementer_did == 1
        return bool(joined and t - pair.due >= step.deadline)
    if step.act == THIRD_PARTY:
        return False
    if step.actor == HOLDER:
        return bool(pair.holder_did == 1)
    if step.actor == IMPLEMENTER:
        return bool(pair.implementer_did == 1)
    if step.actor == EITHER:
        return bool(pair.holder_did == 1 or pair.implementer_did == 1)
    return bool(pair.holder_did == 1 and pair.implementer_did == 1)


@compiled
def miss(reg: Regime, step: Step, pair: Pair, t: int) -> None:
    """The deadline has passed: book the fault, draw the consequence, go where the regime says."""
    bit = 1 << pair.step
    if pair.missed & bit != 0 or step.act == NEGOTIATE or step.act == THIRD_PARTY or step.actor == EITHER:
        return
    holder_failed = (step.actor == HOLDER or step.actor == BOTH) and pair.holder_did == 0
    implementer_failed = (step.actor == IMPLEMENTER or step.actor == BOTH) and pair.implementer_did == 0
    pair.missed |= bit
    adr = step.miss_fault == HOLDER_ADR or step.miss_fault == IMPLEMENTER_ADR
    if holder_failed:
        book(reg, pair, HOLDER_ADR if adr else step.miss_fault)
        consequence(pair, step.miss_court, HOLDER, bit)
    if implementer_failed:
        book(reg, pair, IMPLEMENTER_ADR if adr else step.miss_fault)
        consequence(pair, step.miss_court, IMPLEMENTER, bit)
        if not holder_failed:
            pair.excused |= bit
            if step.miss_go > pair.step:  # what the breach skips is not owed by the holder
                pair.excused |= (1 << step.miss_go) - (1 << (pair.step + 1))
        pair.misses_i += 1
        if pair.misses_i >= MISSES_THAT_DELAY:
            book(reg, pair, DELAYS)
    if step.miss_go >= 0:
        enter(pair, step.miss_go, t + 1)


@inlined
def advance(reg: Regime, step: Step, pair: Pair, t: int) -> None:
    """Move on from a step that is done, or book that it was missed."""
    if complete(step, pair, t):
        pair.done |= 1 << pair.step
        target = step.lack_go if pair.lacked == 1 and step.lack_go >= 0 else step.then
        pair.lacked = 0
        if target >= 0 and target < reg.n_steps:
            enter(pair, target, t + 1)
    elif step.deadline >= 0 and t - pair.due >= step.deadline:
        miss(reg, step, pair, t)
