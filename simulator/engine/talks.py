"""``decide``: every open negotiation's next moves, computed from the state at the month's start."""

from __future__ import annotations

import math

from simulator.compiled import compiled, inlined
from simulator.engine.bases import factor
from simulator.engine.draws import MEETING, PROPOSER, uniform
from simulator.engine.law import Step
from simulator.engine.ledger import weight_of, weight_of_all
from simulator.engine.prospect import DENIED, GRANTED, LOST
from simulator.engine.protocol import (
    ARBITRATE,
    ASSURES,
    BARS,
    CONCILIATE,
    COUNTER,
    EITHER,
    HOLDER,
    IMPLEMENTER,
    NEGOTIATE,
    OFFER,
    THIRD_PARTY,
    VERIFY,
    called,
    kept_back,
    may_perform,
    missing,
    opens_court,
)
from simulator.engine.records import GROWTH, HOLDER_DISCOUNT, IMPLEMENTER_DISCOUNT
from simulator.engine.shadow import (
    EXCLUDED,
    IN_COURT,
    QUEUED,
    TALKS,
    WINDOW,
    gains_from_appeal,
    limits,
    outlook,
)
from simulator.engine.state import (
    Market,
    Matter,
    Moves,
    Negotiation,
    Rules,
    State,
    Strategy,
    Suit,
    matter,
)
from simulator.rules.bargain import (
    crossing_price,
    holder_proposal,
    implementer_proposal,
    nash1950,
    reciprocation,
)
from simulator.vocabulary import Act, Disclosure, EarlySuit, Fault, Move, Standing, Tactic

RATE_ACTION = int(Standing.RATE_ACTION)
WAIT, PERFORM, WITHHOLD = int(Move.WAIT), int(Move.PERFORM), int(Move.PERFORM_WITHHOLDING)
TIME, RECIPROCAL = int(Tactic.TIME), int(Tactic.RECIPROCAL)
OPPORTUNIST, RATIONAL = int(Tactic.OPPORTUNIST), int(Tactic.RATIONAL)
COUNTER_BIT, OFFER_BIT = 1 << Act.COUNTER, 1 << Act.OFFER
CHART_BIT = 1 << Disclosure.CLAIM_CHARTS
COMPARABLE_BIT = 1 << Disclosure.COMPARABLES
NON_FRAND_OFFER, UNREASONABLE = int(Fault.NON_FRAND_OFFER), int(Fault.UNREASONABLE_TERMS)
EXTREME_ASK, EXTREME_BID = int(Fault.UNJUSTIFIED_EXTREME_ASK), int(Fault.UNJUSTIFIED_EXTREME_BID)
NO_PROPOSAL = 1 << Fault.NO_SETTLEMENT_PROPOSAL
EARLY_BARRED = int(EarlySuit.BARRED)
NAN = float("nan")


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
    w_h, loss, r_h, r_i = limits(m, t, rho, rho, negotiation.fault_h + more_h, negotiation.fault_i + more_i)
    negotiation.barred, negotiation.assured = barred, assured
    if side == HOLDER:
        return nash1950(r_h, r_i, beta) * view.base_h if r_h <= r_i else w_h
    return -nash1950(r_h, r_i, beta) * view.base_i if r_h <= r_i else -loss


@inlined
def step_move(m: Matter, strategy: Strategy, t: int, side: int, rho: float) -> int:
    """Whether a party does its part of the step that is due, and whether it keeps something back."""
    step, negotiation = m.step, m.negotiation
    if not may_perform(step, negotiation, side, t):
        return WAIT
    called = step.act == ARBITRATE and (negotiation.holder_did == 1 or negotiation.implementer_did == 1)
    if step.actor == EITHER and side == IMPLEMENTER and strategy.initiates == 0 and not called:
        return WAIT
    if strategy.refuses & (1 << step.act) != 0 or t - negotiation.entered < strategy.reply_delay:
        return WAIT
    if side == IMPLEMENTER and colluding(m, t):
        return WAIT
    if strategy.tactic == OPPORTUNIST:
        return opportunist_step(m, strategy, t, side, rho)
    return WITHHOLD if kept_back(step, strategy) != 0 else PERFORM


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
    return cost


@inlined
def colluding(m: Matter, t: int) -> bool:
    """A colluder does not answer while too few of its peers are licensed, within its window."""
    si = m.implementer_strategy
    if si.waits_for_peers <= 0.0 or t - m.negotiation.contact >= si.window:
        return False
    peers = m.market.n_implementers - 1
    return bool(peers > 0 and m.holder.licensed_at_start < si.waits_for_peers * peers)


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
        own, moderate = m.holder_strategy.anchor, min(m.holder_strategy.anchor, m.market.moderate_ask)
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
    w_h, loss, r_h, r_i = limits(
        m, t, rho, rho, m.negotiation.fault_h + more_h, m.negotiation.fault_i + fault - more_h
    )
    if r_h > r_i:
        return w_h if side == HOLDER else -loss
    first_ask = max((anchor if side == HOLDER else mkt.moderate_ask) * rho, r_h)
    first_bid = min((anchor if side == IMPLEMENTER else mkt.moderate_bid) * rho, r_i)
    months = 0
    ask, bid = first_ask, first_bid
    while ask > bid:
        months += 1
        ask, bid = conceding(sh, first_ask, r_h, months), conceding(si, first_bid, r_i, months)
    price = crossing_price(ask, bid, mkt.beta)
    if side == HOLDER:
        return factor(m.curves, HOLDER_DISCOUNT, months) * price * view.base_h
    return -factor(m.curves, IMPLEMENTER_DISCOUNT, months) * price * view.base_i


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
    anchor = sh.anchor if negotiation.extreme_h == 1 else min(sh.anchor, m.market.moderate_ask)
    start = max(anchor * rho, r_h)
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
    expected = NAN
    waiting_h = 0.0
    waiting_i = 0.0
    ask = NAN
    bid = NAN
    n = last
    while n >= t:
        outlook(m, t, n)
        w_h, loss, r_h, r_i = limits(m, t, rho_h, rho_i, negotiation.fault_h, negotiation.fault_i)
        l_h, l_i = view.base_h, view.base_i
        holder_turn = mkt.beta
        if sh.alternate == 1:
            holder_turn = 1.0 if (n - negotiation.contact) % 2 == 0 else 0.0
        if n == last or l_h <= 0.0 or l_i <= 0.0:
            ask, bid = r_i, r_h
            signs = r_h <= r_i
        else:
            forgone = imp.margin * imp.sales * factor(curves, GROWTH, n - t)
            if mkt.licensed_use == 0:
                forgone = 0.0
            if math.isnan(expected):  # nothing will be signed later: the alternative is court or nothing
                ask, bid = r_i, r_h
            else:
                ask = holder_proposal(r_i, mkt.cost_talks, d_i, forgone, waiting_i, l_i)
                bid = implementer_proposal(r_h, mkt.cost_talks, d_h, waiting_h, l_h)
            signs = r_h <= r_i and ask >= bid * (1.0 - 1e-12)
        if n == t:
            break
        if signs:
            expected = holder_turn * ask + (1.0 - holder_turn) * bid
            waiting_h = expected * l_h
            waiting_i = expected * l_i
        elif not math.isnan(expected):
            waiting_h = max(0.0, d_h * waiting_h - mkt.cost_talks)
            waiting_i = d_i * waiting_i + mkt.cost_talks + forgone
        p = breakdown(mkt, n - 1 - negotiation.contact)
        if p > 0.0:
            without = imp.margin * l_i if mkt.licensed_use == 1 and w_h <= 0.0 else loss
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
def own_clock(first_offer: int, negotiation: Negotiation, t: int) -> int:
    """Months a party's own offers have stood, or months since first contact if it made none.

    A suit after ``K_s`` months comes when one's offers have had their window ``K`` and an answer.
    """
    return t - (first_offer + 1 if first_offer >= 0 else negotiation.contact)


@inlined
def entitled(breach: int, negotiation: Negotiation, strategy: Strategy, t: int) -> bool:
    """Whether the other side's breach sends a party to court; it may first wait for late performance."""
    return bool(breach == 1 and t - negotiation.entitled_since >= strategy.patience)


@inlined
def may_sue(m: Matter, t: int) -> bool:
    """Whether the regime's gates let the holder file this month."""
    protocol, forum, negotiation = m.protocol, m.forum, m.negotiation
    if t < m.suit.bar_until or forum.standing_holder == 0:
        return False
    if forum.binding == 1 and protocol.suit_bars & ~(negotiation.done | negotiation.excused) != 0:
        return False
    return bool(
        opens_court(protocol, negotiation)
        or negotiation.holder_entitled == 1
        or protocol.early != EARLY_BARRED
        or forum.binding == 0
    )


@inlined
def may_ask_for_rate(m: Matter, t: int) -> bool:
    """Whether the regime lets the implementer ask the court for a rate this month."""
    return bool(m.forum.standing_implementer & RATE_ACTION != 0 and t >= m.suit.bar_until)


@inlined
def decide_talks(m: Matter, t: int) -> None:
    """Moves of a negotiation before suit."""
    step, negotiation, move = m.step, m.negotiation, m.moves
    sh, si = m.holder_strategy, m.implementer_strategy
    rho_h, rho_i = negotiation.rho_h, negotiation.rho_i
    outlook(m, t, t)
    w_h, loss, r_h, r_i = limits(m, t, rho_h, rho_i, negotiation.fault_h, negotiation.fault_i)
    negotiation.w_h, negotiation.l_i, negotiation.r_h, negotiation.r_i = w_h, loss, r_h, r_i
    if r_h <= r_i:
        negotiation.zopa_held = 1
    if negotiation.zopa_true == 0:
        true = negotiation.frand
        _, _, true_h, true_i = limits(m, t, true, true, negotiation.fault_h, negotiation.fault_i)
        if true_h <= true_i:
            negotiation.zopa_true = 1
    if negotiation.broken == 1:
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
                move.ask = max(r_h, rho_h)
                move.bid = min(r_i, rho_i)
            else:
                move.ask = price
                move.bid = price
    else:
        choose_openers(m, t)
        ask = next_ask(m, t, rho_h, r_h)
        bid = next_bid(m, t, rho_i, r_i)
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
def tables(m: Matter, strategy: Strategy, first: int, act: int, refusal: int, t: int) -> bool:
    """Whether a party tables an offer this month: it has before, the step is one, or talks are open."""
    step = m.step
    if first >= 0 or (act != WAIT and (step.act == OFFER or step.act == COUNTER)):
        return True
    is_open = step.act == NEGOTIATE or step.act == THIRD_PARTY or step.act == CONCILIATE
    return bool(
        is_open and t - m.negotiation.entered >= strategy.reply_delay and strategy.refuses & refusal == 0
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


@inlined
def decide_filing(m: Matter, t: int) -> None:
    """Who goes to court this month if nothing is signed."""
    negotiation, view, move = m.negotiation, m.outlook, m.moves
    sh, si, r_h, r_i = m.holder_strategy, m.implementer_strategy, m.negotiation.r_h, m.negotiation.r_i
    if negotiation.w_h > 0.0 and may_sue(m, t):
        due = (
            negotiation.broken == 1
            or own_clock(negotiation.first_ask_month, negotiation, t) >= sh.sue_after
            or entitled(negotiation.holder_entitled, negotiation, sh, t)
        )
        if sh.tactic == OPPORTUNIST and negotiation.broken == 0:
            wait = factor(m.curves, HOLDER_DISCOUNT, 1) * nash1950(r_h, r_i, m.market.beta) * view.base_h
            due = r_h > r_i or negotiation.w_h > wait
        if due:
            move.file_h = 1
    if negotiation.l_i > 0.0 and may_ask_for_rate(m, t):
        due = (
            negotiation.broken == 1
            or own_clock(negotiation.first_bid_month, negotiation, t) >= si.sue_after
            or entitled(negotiation.implementer_entitled, negotiation, si, t)
        )
        if due and negotiation.last_ask > 0.0 and negotiation.l_i < negotiation.last_ask * view.base_i:
            move.file_i = 1


@compiled
def decide_case(m: Matter, t: int) -> None:
    """Moves of a negotiation before the court: they meet by chance and settle where there is a ZOPA."""
    forum, negotiation, suit, move = m.forum, m.negotiation, m.suit, m.moves
    seed, replication, k = m.chance
    last_day = negotiation.status == WINDOW and t >= suit.window_end
    meets = (
        negotiation.status != QUEUED
        and uniform(seed, replication, k, MEETING, case_month(suit, t)) < forum.meeting
    )
    if not meets and not last_day and not proposes(m, t):
        return
    outlook(m, t, t)
    w_h, loss, r_h, r_i = limits(
        m, t, negotiation.rho_h, negotiation.rho_i, negotiation.fault_h, negotiation.fault_i
    )
    negotiation.w_h, negotiation.l_i, negotiation.r_h, negotiation.r_i = w_h, loss, r_h, r_i
    if meets and r_h <= r_i and m.outlook.base_h > 0.0:
        move.settle = 1
    if last_day and forum.appeal == 1 and forum.provisional == 0:
        gain_h, gain_i = gains_from_appeal(m, t)
        move.appeal_h = 1 if gain_h > 0.0 and suit.judgment != GRANTED else 0
        move.appeal_i = 1 if gain_i > 0.0 and suit.judgment != LOST and suit.judgment != DENIED else 0


@inlined
def proposes(m: Matter, t: int) -> bool:
    """Whether this is a round of evidence in which a law looks at what the parties would settle for."""
    if m.forum.recognised & NO_PROPOSAL == 0 or m.negotiation.status != IN_COURT:
        return False
    age = t - m.suit.start_month
    return bool(age > 0 and age % m.forum.evidence_every == 0)


@compiled
def case_month(suit: Suit, t: int) -> int:
    """Months since filing, the address of a settlement talk (calendar months differ between regimes)."""
    return int(1000 * suit.filings + t - suit.filed_month)


@inlined
def decide_one(m: Matter, t: int) -> None:
    """The moves of a negotiation in month ``t``; writes ``moves`` and the negotiation's current values."""
    status = m.negotiation.status
    clear(m.moves)
    if status == TALKS:
        decide_talks(m, t)
    elif status >= QUEUED and status <= EXCLUDED:
        decide_case(m, t)


@inlined
def decide(rules: Rules, state: State, n_active: int, r: int, t: int, seed: int, replication: int) -> None:
    """All moves of month ``t``, on the state at its start."""
    for a in range(n_active):
        decide_one(matter(rules, state, state.active[a], r, seed, replication), t)


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
