"""The court: filings, the docket, judgment, appeal, and what comes back after exclusion."""

from __future__ import annotations

import math
from typing import Any

from simulator.compiled import compiled, inlined
from simulator.engine import interim, remedies
from simulator.engine.accounts import (
    deposit,
    deposit_rate,
    litigate,
    pay,
    repay_account,
    return_escrow,
    shift_costs,
)
from simulator.engine.bases import sold
from simulator.engine.draws import (
    DOCKET,
    DURATION,
    LIABILITY,
    REMAND,
    REVERSAL,
    first_instance,
    normal,
    on_appeal,
    on_remand,
    uniform,
)
from simulator.engine.information import hear_evidence
from simulator.engine.ledger import book, find, heal
from simulator.engine.licence import sign_agreed
from simulator.engine.prospect import DENIED, LOST, NO_JUDGMENT
from simulator.engine.protocol import court_round, enter, opens_court
from simulator.engine.rate_setting import court_estimate, frand_range
from simulator.engine.relation import sue
from simulator.engine.shadow import APPEAL, EXCLUDED, IN_COURT, QUEUED, TALKS, WINDOW
from simulator.engine.state import Chance, Matter, State
from simulator.rules.bargain import nash1950
from simulator.rules.discount import power
from simulator.rules.remedy import loss_share
from simulator.vocabulary import EarlySuit, Fault, Outcome, Party, Stage

HOLDER, IMPLEMENTER = int(Party.HOLDER), int(Party.IMPLEMENTER)
BEFORE_JUDGMENT, AFTER_JUDGMENT = int(Stage.BEFORE_JUDGMENT), int(Stage.AFTER_JUDGMENT)
ON_APPEAL, NOT_SETTLED = int(Stage.ON_APPEAL), int(Stage.NONE)
INJUNCTION_OUT, SETTLED = int(Outcome.INJUNCTION_LICENCE), int(Outcome.SETTLED_IN_COURT)
SUES_EARLY, BREAKS_OFF = int(Fault.SUES_WITHOUT_NOTICE), int(Fault.BREAKS_OFF)
FOREIGN_SUITS = int(Fault.KEEPS_FOREIGN_SUITS)
EARLY_IS_FAULT = int(EarlySuit.FAULT)
NO_PROPOSAL = int(Fault.NO_SETTLEMENT_PROPOSAL)
LONGEST = 600


@compiled
def duration(chance: Chance, instance: int, mean: float, variation: float) -> int:
    """Months an instance takes: log-normal with the given mean and coefficient of variation."""
    if mean <= 0.0:
        return 0
    seed, replication, k = chance
    variance = math.log(1.0 + variation * variation)
    z = normal(seed, replication, k, DURATION, instance)
    months = mean * math.exp(math.sqrt(variance) * z - 0.5 * variance)
    return int(min(max(1.0, math.floor(months + 0.5)), LONGEST))


@compiled
def file_suit(m: Matter, t: int, by_holder: bool) -> None:
    """A suit or rate action enters the docket; a premature one costs the holder."""
    protocol, forum, negotiation, suit = m.protocol, m.forum, m.negotiation, m.suit
    if by_holder:
        if negotiation.holder_entitled == 0 and negotiation.excused & (1 << negotiation.step) == 0:
            negotiation.barred |= protocol.offer_duties & ~(negotiation.done | negotiation.excused)
        early = not opens_court(protocol, negotiation) and negotiation.holder_entitled == 0
        unannounced = protocol.notices != 0 and protocol.notices & negotiation.done == 0
        if unannounced or (early and protocol.early == EARLY_IS_FAULT):
            book(forum, negotiation, SUES_EARLY)
        least = frand_range(m)[0] * negotiation.estimate
        if negotiation.estimate > 0.0 and negotiation.last_bid >= least:
            book(forum, negotiation, BREAKS_OFF)
        undertaken = protocol.undertakings & negotiation.done != 0
        if forum.interim == 1 and m.holder_strategy.threatens == 1 and undertaken:
            book(forum, negotiation, FOREIGN_SUITS)
    sue(m, by_holder)
    negotiation.status = QUEUED
    suit.filer = HOLDER if by_holder else IMPLEMENTER
    suit.filed_month = t
    suit.filings += 1
    seed, replication, k = m.chance
    suit.place = t + uniform(seed, replication, k, DOCKET, suit.filings)
    if suit.first_filing < 0:
        suit.first_filing = t
        suit.first_filer = suit.filer
    entitled = negotiation.holder_entitled == 1 or negotiation.implementer_entitled == 1
    if negotiation.r_h <= negotiation.r_i and entitled:
        suit.shut = 1  # a missed step ended talks that had something to sign
    cost = m.market.cost_filing * forum.litigation_factor
    litigate(negotiation, suit, cost, cost, power(m.market.log_social, t))


@inlined
def last_place(state: State, waiting: int, capacity: int) -> float:
    """The last of the places in the queue that the docket has room for: the oldest filings come first."""
    room = min(waiting, capacity)
    state.docket[0].queued = waiting - room
    return smallest(state.places, waiting, room - 1) if room < waiting else math.inf


@inlined
def take_up(m: Matter, t: int, last: float) -> None:
    """The docket takes a case up if it has room for it; a draw at filing breaks ties."""
    forum, negotiation, suit = m.forum, m.negotiation, m.suit
    if negotiation.status == QUEUED and suit.place <= last:
        negotiation.status = IN_COURT
        suit.start_month = t
        suit.decision_month = t + duration(m.chance, first_instance(suit.filings), forum.d1, forum.variation)


@compiled
def smallest(values: Any, n: int, rank: int) -> float:
    """The value of rank ``rank`` (from 0) among the first ``n``, which are reordered (Hoare 1961).

    ``np.partition`` does the same and takes longer to compile than all the rest of the court.
    """
    low, high = 0, n - 1
    while low < high:
        pivot = values[(low + high) // 2]
        i, j = low, high
        while i <= j:
            while values[i] < pivot:
                i += 1
            while values[j] > pivot:
                j -= 1
            if i <= j:
                values[i], values[j] = values[j], values[i]
                i += 1
                j -= 1
        if rank <= j:
            high = j
        elif rank >= i:
            low = i
        else:
            break
    return float(values[rank])


@compiled
def judge(m: Matter, t: int, instance: int) -> None:
    """One judgment: liability, faults found, then what the remedy makes of them.

    ``instance`` addresses its luck.
    """
    forum, suit = m.forum, m.suit
    seed, replication, k = m.chance
    suit.judgments += 1
    estimate = court_estimate(m, t, instance)
    if forum.liability_gate == 1 and uniform(seed, replication, k, LIABILITY, instance) >= m.holder.liability:
        suit.judgment = LOST
        suit.suits_lost += 1
        return
    found_h, found_i = find(forum, m.negotiation, m.chance, m.licence.episode)
    suit.found_h, suit.found_i = found_h, found_i
    suit.shared_fault = loss_share(found_h, found_i)
    suit.court_rate = estimate
    remedies.judgment(m, found_h, found_i, instance)


@compiled
def take_effect(m: Matter, t: int) -> None:
    """A judgment that binds: what the remedy does, or back to talks if the suit was lost."""
    interim.lift(m)
    if m.forum.money_after > 0 and m.suit.judgment == DENIED and m.suit.second == 0:
        sue_for_money(m, t)
        return
    shift_costs(m.forum, m.negotiation, m.suit)
    if m.suit.judgment == LOST:
        back_to_talks(m, t)
    else:
        if m.forum.damages > 0.0:
            pay(m.market, m.negotiation, -m.forum.damages * m.suit.found_h, t)
        remedies.effect(m, t)


@compiled
def sue_for_money(m: Matter, t: int) -> None:
    """The court that refused the injunction orders no money: a second suit goes on before another court."""
    suit = m.suit
    m.negotiation.status = APPEAL
    suit.second = 1
    suit.start_month = t
    suit.decision_month = t + m.forum.money_after
    cost = m.market.cost_filing * m.forum.litigation_factor
    litigate(m.negotiation, suit, cost, cost, power(m.market.log_social, t))


@compiled
def add_to_deposit(m: Matter, t: int) -> None:
    """A deposit that covers running sales grows with the month's."""
    forum, suit = m.forum, m.suit
    if forum.deposit_running == 0 or suit.escrow <= 0.0 or t <= suit.escrow_month:
        return
    rate = deposit_rate(forum, m.negotiation, m.negotiation.estimate)
    deposit(forum, m.market, suit, forum.security_share * rate * sold(forum, m.implementer), t)


@inlined
def propose(m: Matter) -> None:
    """In the talks before the court an implementer proposes what it would sign, or nothing of use."""
    forum, negotiation, suit = m.forum, m.negotiation, m.suit
    if suit.arbitration == 0 and negotiation.status == IN_COURT and negotiation.estimate > 0.0:
        if negotiation.r_i < frand_range(m)[0] * negotiation.estimate:
            book(forum, negotiation, NO_PROPOSAL)
        else:
            heal(forum, negotiation, NO_PROPOSAL)


@compiled
def back_to_talks(m: Matter, t: int) -> None:
    """The suit was lost: accounts are closed, talks go on, a new suit is barred for a while."""
    forum, negotiation, suit = m.forum, m.negotiation, m.suit
    repay_account(forum, m.market, negotiation, suit, t)
    return_escrow(forum, m.market, suit, t)
    negotiation.status = TALKS
    negotiation.broken = 0
    negotiation.holder_entitled = 0
    negotiation.implementer_entitled = 0
    negotiation.entitled_since = -1
    suit.bar_until = t + forum.bar_months
    suit.filed_month = -1
    suit.judgment = NO_JUDGMENT
    suit.interim_on = 0
    suit.second = 0
    suit.remanded = 0
    suit.filer = -1
    enter(negotiation, negotiation.step, t + 1)


@compiled
def hear(m: Matter, t: int, discount: float) -> None:
    """One month of a pending case: costs, evidence, settlement, then judgment."""
    forum, mkt, negotiation, suit, move = m.forum, m.market, m.negotiation, m.suit, m.moves
    if negotiation.status == EXCLUDED:
        if move.settle == 1:  # signed while excluded: no agreement of the parties' own making
            price = nash1950(negotiation.r_h, negotiation.r_i, mkt.beta)
            sign_agreed(m, t, price, INJUNCTION_OUT, NOT_SETTLED)
        else:
            remedies.leave(m, t)
        return
    suit.months_pending += 1.0
    suit.cost_public += forum.public_cost * discount
    if suit.arbitration == 0:
        if negotiation.status != WINDOW:
            cost = mkt.cost_monthly * forum.litigation_factor
            litigate(negotiation, suit, cost, cost, discount)
        interim.payments(m, t)
        add_to_deposit(m, t)
        interim.decide_injunction(m, t)
    if negotiation.status == IN_COURT or negotiation.status == APPEAL:
        age = t - suit.start_month
        if age > 0 and age % forum.evidence_every == 0:
            court_round(mkt, negotiation, m.chance)
            hear_evidence(m.licence)
            propose(m)
    if move.settle == 1:
        settle(m, t)
    elif negotiation.status == IN_COURT and t >= suit.decision_month:
        if suit.arbitration == 1:
            remedies.effect(m, t)
            return
        trial = mkt.cost_trial * forum.litigation_factor
        litigate(negotiation, suit, trial, trial, discount)
        suit.retried += suit.remanded
        judge(m, t, on_remand(suit.filings) if suit.remanded == 1 else first_instance(suit.filings))
        negotiation.status = WINDOW
        suit.window_end = t + forum.window
    elif negotiation.status == WINDOW and t >= suit.window_end:
        end_window(m, t)
    elif suit.second == 1 and t >= suit.decision_month:
        take_effect(m, t)
    elif negotiation.status == APPEAL and t >= suit.decision_month and suit.second == 0:
        second_instance(m, t)


@compiled
def second_instance(m: Matter, t: int) -> None:
    """The judgment stands, is given anew, or is vacated: then the suit is tried anew, once."""
    forum, suit = m.forum, m.suit
    seed, replication, k = m.chance
    if uniform(seed, replication, k, REVERSAL, suit.filings) < forum.reversal:
        if forum.vacated > 0.0 and uniform(seed, replication, k, REMAND, suit.filings) < forum.vacated:
            m.negotiation.status = IN_COURT
            suit.remanded = 1
            suit.vacated += 1
            suit.judgment = NO_JUDGMENT
            suit.court_rate = 0.0
            suit.start_month = t
            suit.decision_month = t + forum.remand_months
            return
        judge(m, t, on_appeal(suit.filings))
    take_effect(m, t)


@compiled
def end_window(m: Matter, t: int) -> None:
    """The talks after judgment are over: somebody appeals, or the judgment takes effect."""
    forum, mkt, suit = m.forum, m.market, m.suit
    if m.moves.appeal_h == 1 or m.moves.appeal_i == 1:
        m.negotiation.status = APPEAL
        suit.appealed = 1
        suit.start_month = t
        months = duration(m.chance, on_appeal(suit.filings), forum.d2, forum.variation)
        suit.decision_month = t + max(1, months)
        cost = mkt.cost_filing * forum.litigation_factor
        litigate(m.negotiation, suit, cost, cost, power(mkt.log_social, t))
    else:
        take_effect(m, t)


@compiled
def settle(m: Matter, t: int) -> None:
    """The parties sign at the Nash point of the reservation rates they held at the month's start."""
    negotiation = m.negotiation
    stage = ON_APPEAL
    if negotiation.status <= IN_COURT:
        stage = BEFORE_JUDGMENT
    elif negotiation.status == WINDOW:
        stage = AFTER_JUDGMENT
    rate = nash1950(negotiation.r_h, negotiation.r_i, m.market.beta)
    if m.suit.enjoined == 1:  # signed while excluded: no agreement of the parties' own making
        sign_agreed(m, t, rate, INJUNCTION_OUT, NOT_SETTLED)
    else:
        sign_agreed(m, t, rate, SETTLED, stage)
