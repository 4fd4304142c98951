"""The court: estimates of the rate, filings, the docket, judgment, appeal, and what judgments do."""

from __future__ import annotations

import math
from typing import Any

from simulator.compiled import compiled, inlined
from simulator.engine.draws import (
    COURT_ERROR,
    DOCKET,
    DURATION,
    INJUNCTION,
    LIABILITY,
    REVERSAL,
    TRIBUNAL,
    first_instance,
    normal,
    on_appeal,
    uniform,
)
from simulator.engine.ledger import book, find
from simulator.engine.licence import (
    award_past,
    cap_room,
    pay,
    repay_account,
    return_escrow,
    sign,
    sign_agreed,
)
from simulator.engine.protocol import court_round, enter
from simulator.engine.rate_setting import court_estimate
from simulator.engine.shadow import (
    APPEAL,
    DENIED,
    EXCLUDED,
    GRANTED,
    IN_COURT,
    LOST,
    MODE_ADAPTIVE,
    MODE_BOTH,
    MODE_DIRECT,
    NO_VERDICT,
    QUEUED,
    RATE_SET,
    REFUSED,
    TALKS,
    WINDOW,
    award_bases,
    chance_of_injunction,
    licence_under_exclusion,
    net_margin,
    past_due,
    recoverable_since,
    sold,
)
from simulator.engine.state import (
    Curves,
    Holder,
    Implementer,
    Market,
    Moves,
    Outlook,
    Pair,
    Regime,
    Rules,
    Sales,
    State,
    Strategy,
)
from simulator.rules.bargain import nash1950
from simulator.rules.discount import power
from simulator.rules.remedy import denied_award, fault_uplift, loss_share
from simulator.vocabulary import EarlySuit, Fault, InterimRate, Outcome

COURT_LICENCE, INJUNCTION_OUT = int(Outcome.COURT_RATE), int(Outcome.INJUNCTION_LICENCE)
SETTLED, EXIT_OUT, AWARD = int(Outcome.SETTLED_IN_COURT), int(Outcome.EXIT), int(Outcome.ARBITRAL_AWARD)
SUES_EARLY, BREAKS_OFF = int(Fault.SUES_WITHOUT_NOTICE), int(Fault.BREAKS_OFF)
FOREIGN_SUITS = int(Fault.KEEPS_FOREIGN_SUITS)
EARLY_IS_FAULT = int(EarlySuit.FAULT)
AT_COUNTER, AT_HOLDER_OFFER = int(InterimRate.COUNTER), int(InterimRate.HOLDER_OFFER)
LONGEST = 600


@compiled
def duration(seed: int, replication: int, k: int, instance: int, mean: float, variation: float) -> int:
    """Months an instance takes: log-normal with the given mean and coefficient of variation."""
    if mean <= 0.0:
        return 0
    variance = math.log(1.0 + variation * variation)
    z = normal(seed, replication, k, DURATION, instance)
    months = mean * math.exp(math.sqrt(variance) * z - 0.5 * variance)
    return int(min(max(1.0, math.floor(months + 0.5)), LONGEST))


@compiled
def file_suit(
    reg: Regime,
    mkt: Market,
    pair: Pair,
    sh: Strategy,
    k: int,
    t: int,
    by_holder: bool,
    seed: int,
    replication: int,
) -> None:
    """A suit or rate action enters the docket; a premature one costs the holder."""
    if by_holder:
        if pair.holder_entitled == 0 and pair.excused & (1 << pair.step) == 0:
            pair.barred |= reg.offer_duties & ~(pair.done | pair.excused)
        early = reg.suit_from >= 0 and pair.step < reg.suit_from and pair.holder_entitled == 0
        unannounced = reg.notices != 0 and reg.notices & pair.done == 0
        if unannounced or (early and reg.early == EARLY_IS_FAULT):
            book(reg, pair, SUES_EARLY)
        if pair.estimate > 0.0 and pair.last_bid >= (1.0 - reg.half_range) * pair.estimate:
            book(reg, pair, BREAKS_OFF)
        if reg.interim == 1 and sh.threatens == 1 and reg.undertakings & pair.done != 0:
            book(reg, pair, FOREIGN_SUITS)
    pair.status = QUEUED
    pair.filer = 0 if by_holder else 1
    pair.filed_month = t
    pair.filings += 1
    pair.place = t + uniform(seed, replication, k, DOCKET, pair.filings)
    if pair.first_filing < 0:
        pair.first_filing = t
        pair.first_filer = pair.filer
    if pair.r_h <= pair.r_i and (pair.holder_entitled == 1 or pair.implementer_entitled == 1):
        pair.shut = 1  # a missed step ended talks that had something to sign
    cost = mkt.cost_filing * reg.litigation_factor
    litigate(pair, cost, cost, power(mkt.log_social, t))


@compiled
def litigate(pair: Pair, holder: float, implementer: float, discount: float) -> None:
    """Book litigation cost of both sides, USD m of this month."""
    pair.cost_h += holder * discount
    pair.cost_i += implementer * discount
    pair.lit_h += holder * discount
    pair.lit_i += implementer * discount
    pair.cost_lit += (holder + implementer) * discount


@inlined
def take_up(rules: Rules, state: State, n_cases: int, r: int, t: int, seed: int, replication: int) -> None:
    """The docket takes up the oldest filings it has room for; a draw at filing breaks ties."""
    reg = rules.regimes[r]
    waiting = 0
    for a in range(n_cases):
        if state.pairs[state.cases[a]].status == QUEUED:
            waiting += 1
    room = min(waiting, reg.capacity)
    last = math.inf
    if room < waiting:
        last = last_place(state, n_cases, waiting, room)
    for a in range(n_cases):
        k = state.cases[a]
        pair = state.pairs[k]
        if pair.status == QUEUED and pair.place <= last:
            pair.status = IN_COURT
            pair.start_month = t
            months = duration(seed, replication, k, first_instance(pair.filings), reg.d1, reg.variation)
            pair.decision_month = t + months
    state.court[0].queued = waiting - room


@inlined
def last_place(state: State, n_cases: int, waiting: int, room: int) -> float:
    """The last of ``room`` places in the queue that are taken up."""
    places = state.places
    n = 0
    for a in range(n_cases):
        pair = state.pairs[state.cases[a]]
        if pair.status == QUEUED:
            places[n] = pair.place
            n += 1
    return smallest(places, waiting, room - 1)


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
def judge(
    reg: Regime,
    mkt: Market,
    hold: Holder,
    imp: Implementer,
    pair: Pair,
    k: int,
    t: int,
    instance: int,
    seed: int,
    replication: int,
) -> None:
    """One judgment: liability, faults found, rate or injunction.  ``instance`` addresses its luck."""
    pair.judgments += 1
    estimate = court_estimate(reg, mkt, hold, imp, pair, k, t, instance, seed, replication)
    if reg.liability_gate == 1 and uniform(seed, replication, k, LIABILITY, instance) >= hold.liability:
        pair.verdict = LOST
        pair.suits_lost += 1
        return
    found_h, found_i = find(reg, pair, seed, replication, k)
    pair.found_h, pair.found_i = found_h, found_i
    pair.shared_fault = loss_share(found_h, found_i)
    direct = reg.mode == MODE_DIRECT or reg.mode == MODE_BOTH
    if reg.mode == MODE_ADAPTIVE:
        direct = found_h >= found_i
    pair.court_rate = estimate
    if direct:
        pair.court_rate = estimate * fault_uplift(reg.uplift, found_h, found_i)
        pair.verdict = RATE_SET
        if reg.mode != MODE_BOTH or pair.assured == 0:
            return
    p = chance_of_injunction(reg, pair, hold.kind, found_h, found_i)
    if uniform(seed, replication, k, INJUNCTION, instance) < p:
        pair.verdict = GRANTED
        pair.injunction = 1
    elif not direct:
        pair.verdict = DENIED


@compiled
def arbitral_award(
    reg: Regime,
    mkt: Market,
    hold: Holder,
    imp: Implementer,
    sales: Sales,
    pair: Pair,
    sh: Strategy,
    k: int,
    t: int,
    seed: int,
    replication: int,
) -> None:
    """The tribunal's rate; in final-offer form the offer nearer (in logs) to its estimate."""
    z = normal(seed, replication, k, COURT_ERROR, TRIBUNAL)
    rate = pair.frand * math.exp(reg.arbitration_error * z - 0.5 * reg.arbitration_error**2)
    if reg.baseball == 1 and pair.last_ask > 0.0 and pair.last_bid > 0.0:
        nearer = abs(math.log(pair.last_ask / rate)) < abs(math.log(pair.last_bid / rate))
        rate = pair.last_ask if nearer else pair.last_bid
    pair.court_rate = rate
    cost = reg.arbitration_cost
    litigate(pair, cost, cost, power(mkt.log_social, t))
    lump = rate * award_past(reg, imp, sales, pair, t)
    sign(reg, mkt, hold, imp, pair, sh, t, rate, lump, rate, AWARD, 0)


@compiled
def shift_costs(reg: Regime, pair: Pair) -> None:
    """The loser pays a share of the winner's litigation cost (a transfer)."""
    if reg.loser_pays <= 0.0:
        return
    holder_lost = pair.verdict == LOST
    if pair.verdict == RATE_SET or pair.verdict == REFUSED:
        ask = abs(math.log(pair.last_ask / pair.court_rate)) if pair.last_ask > 0.0 else math.inf
        bid = abs(math.log(pair.last_bid / pair.court_rate)) if pair.last_bid > 0.0 else math.inf
        if ask == bid:
            return
        holder_lost = ask > bid
    if holder_lost:
        moved = reg.loser_pays * pair.lit_i
        pair.cost_h += moved
        pair.cost_i -= moved
    else:
        moved = reg.loser_pays * pair.lit_h
        pair.cost_i += moved
        pair.cost_h -= moved
    pair.lit_h = 0.0
    pair.lit_i = 0.0


@compiled
def take_effect(
    reg: Regime,
    mkt: Market,
    curves: Curves,
    hold: Holder,
    imp: Implementer,
    sales: Sales,
    pair: Pair,
    sh: Strategy,
    view: Outlook,
    t: int,
) -> None:
    """A judgment that binds: a licence at the court's rate, exclusion, damages, or back to talks."""
    shift_costs(reg, pair)
    past = award_past(reg, imp, sales, pair, t)
    if pair.verdict == RATE_SET:
        rate = reg.coverage * pair.court_rate
        if reg.aggregate_cap == 1:
            rate = min(rate, cap_room(mkt, hold, imp))
        if reg.mode == MODE_BOTH and not takes_court_licence(
            reg, mkt, curves, imp, sales, pair, view, t, rate, past
        ):
            pair.verdict = REFUSED
            pair.status = EXCLUDED
            pair.excluded_since = t
            return
        sign(reg, mkt, hold, imp, pair, sh, t, rate, rate * past, rate, COURT_LICENCE, 0)
    elif pair.verdict == GRANTED:
        pair.status = EXCLUDED
        pair.excluded_since = t
    elif pair.verdict == DENIED:
        lump = denied_award(pair.court_rate, past, 0.0, reg.forum_share, reg.remainder)
        running = reg.remainder * pair.court_rate
        sign(reg, mkt, hold, imp, pair, sh, t, running, lump, running, COURT_LICENCE, 0)
    else:
        repay_account(reg, mkt, pair, t)
        return_escrow(reg, mkt, pair, t)
        pair.status = TALKS
        pair.broken = 0
        pair.bar_until = t + reg.bar_months
        pair.filed_month = -1
        pair.verdict = NO_VERDICT
        pair.interim_on = 0
        pair.holder_entitled = 0
        pair.implementer_entitled = 0
        pair.entitled_since = -1
        pair.filer = -1
        enter(pair, pair.step, t + 1)


@compiled
def takes_court_licence(
    reg: Regime,
    mkt: Market,
    curves: Curves,
    imp: Implementer,
    sales: Sales,
    pair: Pair,
    view: Outlook,
    t: int,
    rate: float,
    past: float,
) -> bool:
    """Whether the implementer prefers the court's licence to leaving the forum (both: United Kingdom)."""
    margin = net_margin(imp, pair)
    since = recoverable_since(reg, pair, t, t)
    award_bases(reg, mkt, curves, imp, sales, pair, view, since, t, t, margin)
    future = view.future_i
    leaving = denied_award(pair.court_rate, past, 0.0, reg.forum_share, reg.remainder)
    leaving += reg.forum_share * view.pay + reg.remainder * (1.0 - reg.forum_share) * pair.court_rate * future
    return bool(rate * (future + past) <= leaving)


@compiled
def leave_exclusion(
    reg: Regime,
    mkt: Market,
    curves: Curves,
    hold: Holder,
    imp: Implementer,
    sales: Sales,
    pair: Pair,
    sh: Strategy,
    view: Outlook,
    t: int,
) -> None:
    """After the months it takes, an excluded implementer takes the licence, or exits if it cannot pay."""
    if t - pair.excluded_since < reg.take_within:
        return
    if pair.verdict == REFUSED:
        rate = reg.coverage * pair.court_rate
        past = award_past(reg, imp, sales, pair, t)
        if takes_court_licence(reg, mkt, curves, imp, sales, pair, view, t, rate, past):
            sign(reg, mkt, hold, imp, pair, sh, t, rate, rate * past, rate, COURT_LICENCE, 0)
        return
    margin = net_margin(imp, pair)
    since = recoverable_since(reg, pair, t, t)
    award_bases(reg, mkt, curves, imp, sales, pair, view, since, t, t, margin)
    future, past = view.future_i, past_due(reg, view, pair.shared_fault)
    if future <= 0.0:
        return
    floor = denied_award(pair.court_rate, past, future, reg.forum_share, reg.remainder)
    if floor > view.pay:
        pair.outcome = EXIT_OUT
        return
    price = licence_under_exclusion(reg, mkt, pair, pair.court_rate, future, past, view.gain, view.pay)
    rate = price / (future + past)
    sign(reg, mkt, hold, imp, pair, sh, t, rate, rate * past, rate, INJUNCTION_OUT, 0)


@compiled
def interim_payments(
    reg: Regime,
    mkt: Market,
    hold: Holder,
    imp: Implementer,
    sales: Sales,
    pair: Pair,
    k: int,
    t: int,
    seed: int,
    replication: int,
) -> None:
    """Payments on account under an interim licence, credited with court interest at the end."""
    bound = reg.undertakings == 0 or reg.undertakings & pair.done != 0
    if reg.interim == 0 or not bound or t - pair.filed_month < reg.interim_after:
        return
    if pair.interim_on == 0:
        rate = court_estimate(reg, mkt, hold, imp, pair, k, t, first_instance(1), seed, replication)
        if reg.interim_rate == AT_COUNTER and pair.last_bid > 0.0:
            rate = pair.last_bid
        elif reg.interim_rate == AT_HOLDER_OFFER and pair.last_ask > 0.0:
            rate = pair.last_ask
        elif pair.last_ask > 0.0 and pair.last_bid > 0.0:
            rate = 0.5 * (pair.last_ask + pair.last_bid)
        pair.interim_rate = rate
        pair.interim_on = 1
        amount = rate * (award_past(reg, imp, sales, pair, t) + sold(reg, imp))
    else:
        amount = pair.interim_rate * sold(reg, imp)
    pay(mkt, pair, amount, t)
    pair.account += amount / power(reg.log_court, t)


@compiled
def hear(
    reg: Regime, mkt: Market, curves: Curves, hold: Holder, imp: Implementer, sales: Sales, pair: Pair,
    sh: Strategy, move: Moves, view: Outlook, k: int, t: int, discount: float, seed: int,
    replication: int,
) -> None:  # fmt: skip
    """One month of a pending case: costs, evidence, settlement, then judgment."""
    if pair.status == EXCLUDED:
        if move.settle == 1:  # signed while excluded: no agreement of the parties' own making
            price = nash1950(pair.r_h, pair.r_i, mkt.beta)
            sign_agreed(reg, mkt, hold, imp, sales, pair, sh, t, price, INJUNCTION_OUT, 0)
        else:
            leave_exclusion(reg, mkt, curves, hold, imp, sales, pair, sh, view, t)
        return
    pair.months_pending += 1.0
    pair.cost_public += reg.public_cost * discount
    if pair.arbitration == 0 and pair.status != WINDOW:
        cost = mkt.cost_monthly * reg.litigation_factor
        litigate(pair, cost, cost, discount)
    if pair.arbitration == 0:
        interim_payments(reg, mkt, hold, imp, sales, pair, k, t, seed, replication)
    if pair.status == IN_COURT or pair.status == APPEAL:
        age = t - pair.start_month
        if age > 0 and age % reg.evidence_every == 0:
            court_round(mkt, pair, seed, replication, k)
    if move.settle == 1:
        stage = 1 if pair.status <= IN_COURT else (2 if pair.status == WINDOW else 3)
        settle(reg, mkt, hold, imp, sales, pair, sh, t, stage)
        return
    if pair.status == IN_COURT and t >= pair.decision_month:
        if pair.arbitration == 1:
            arbitral_award(reg, mkt, hold, imp, sales, pair, sh, k, t, seed, replication)
            return
        trial = mkt.cost_trial * reg.litigation_factor
        litigate(pair, trial, trial, discount)
        judge(reg, mkt, hold, imp, pair, k, t, first_instance(pair.filings), seed, replication)
        pair.status = WINDOW
        pair.window_end = t + reg.window
    elif pair.status == WINDOW and t >= pair.window_end:
        end_window(reg, mkt, curves, hold, imp, sales, pair, sh, move, view, k, t, seed, replication)
    elif pair.status == APPEAL and t >= pair.decision_month:
        if uniform(seed, replication, k, REVERSAL, pair.filings) < reg.reversal:
            judge(reg, mkt, hold, imp, pair, k, t, on_appeal(pair.filings), seed, replication)
        take_effect(reg, mkt, curves, hold, imp, sales, pair, sh, view, t)


@compiled
def end_window(
    reg: Regime, mkt: Market, curves: Curves, hold: Holder, imp: Implementer, sales: Sales, pair: Pair,
    sh: Strategy, move: Moves, view: Outlook, k: int, t: int, seed: int, replication: int,
) -> None:  # fmt: skip
    """The talks after judgment are over: somebody appeals, or the judgment takes effect."""
    if move.appeal_h == 1 or move.appeal_i == 1:
        pair.status = APPEAL
        pair.appealed = 1
        pair.start_month = t
        months = duration(seed, replication, k, on_appeal(pair.filings), reg.d2, reg.variation)
        pair.decision_month = t + max(1, months)
        cost = mkt.cost_filing * reg.litigation_factor
        litigate(pair, cost, cost, power(mkt.log_social, t))
    else:
        take_effect(reg, mkt, curves, hold, imp, sales, pair, sh, view, t)


@compiled
def settle(
    reg: Regime,
    mkt: Market,
    hold: Holder,
    imp: Implementer,
    sales: Sales,
    pair: Pair,
    sh: Strategy,
    t: int,
    stage: int,
) -> None:
    """The parties sign at the Nash point of the reservation rates they held at the month's start."""
    rate = nash1950(pair.r_h, pair.r_i, mkt.beta)
    sign_agreed(reg, mkt, hold, imp, sales, pair, sh, t, rate, SETTLED, stage)
