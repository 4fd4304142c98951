"""``decide``: every open negotiation's next moves, computed from the state at the month's start."""

from __future__ import annotations

import math

from simulator.compiled import compiled, inlined
from simulator.engine.draws import MEETING, PROPOSER, uniform
from simulator.engine.ledger import weight_of
from simulator.engine.protocol import (
    ASSURES,
    BARS,
    BOTH,
    CONCILIATE,
    COUNTER,
    EITHER,
    HOLDER,
    IMPLEMENTER,
    NEGOTIATE,
    OFFER,
    THIRD_PARTY,
    VERIFY,
)
from simulator.engine.shadow import (
    DENIED,
    EXCLUDED,
    GRANTED,
    LOST,
    QUEUED,
    RATE_ACTION,
    TALKS,
    WINDOW,
    factor,
    gains_from_appeal,
    limits,
    outlook,
)
from simulator.engine.state import (
    GROWTH,
    HOLDER_DISCOUNT,
    IMPLEMENTER_DISCOUNT,
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
    Step,
    Strategy,
)
from simulator.rules.bargain import (
    holder_proposal,
    implementer_proposal,
    nash1950,
    reciprocation,
)
from simulator.vocabulary import Act, Disclosure, EarlySuit, Fault, Move, Tactic

WAIT, PERFORM, WITHHOLD = int(Move.WAIT), int(Move.PERFORM), int(Move.PERFORM_WITHHOLDING)
TIME, RECIPROCAL = int(Tactic.TIME), int(Tactic.RECIPROCAL)
OPPORTUNIST, RATIONAL = int(Tactic.OPPORTUNIST), int(Tactic.RATIONAL)
COUNTER_BIT, OFFER_BIT = 1 << Act.COUNTER, 1 << Act.OFFER
CHART_BIT = 1 << Disclosure.CLAIM_CHARTS
COMPARABLE_BIT = 1 << Disclosure.COMPARABLES
NON_FRAND_OFFER, UNREASONABLE = int(Fault.NON_FRAND_OFFER), int(Fault.UNREASONABLE_TERMS)
EARLY_BARRED = int(EarlySuit.BARRED)
NAN = float("nan")


@compiled
def branch(
    reg: Regime, mkt: Market, curves: Curves, hold: Holder, pair: Pair, sh: Strategy, si: Strategy,
    view: Outlook, t: int, side: int, rho: float, more_h: float, more_i: float, court: int,
) -> float:  # fmt: skip
    """One-step value of a branch to a party, money today: the Nash point of [R_h, R_i], own belief for both.

    The holder's gain; the implementer's cost with a minus.  Its own court value where nothing can be
    signed.  ``more_*`` raise the ledger and ``court`` is the Consequence of the breach, if it is one.
    """
    barred, assured = pair.barred, pair.assured
    if court == BARS:
        pair.barred |= 1 << pair.step
    elif court == ASSURES:
        pair.assured |= 1 << pair.step
    w_h, loss, r_h, r_i = limits(
        reg, mkt, curves, hold, pair, sh, si, view, t, rho, rho, pair.fault_h + more_h, pair.fault_i + more_i
    )
    pair.barred, pair.assured = barred, assured
    if side == HOLDER:
        return nash1950(r_h, r_i, mkt.beta) * view.base_h if r_h <= r_i else w_h
    return -nash1950(r_h, r_i, mkt.beta) * view.base_i if r_h <= r_i else -loss


@inlined
def step_move(
    reg: Regime, mkt: Market, curves: Curves, hold: Holder, pair: Pair, sh: Strategy, si: Strategy,
    view: Outlook, step: Step, strategy: Strategy, t: int, side: int, rho: float,
) -> int:  # fmt: skip
    """Whether a party does its part of the step that is due, and whether it keeps something back."""
    did = pair.holder_did if side == HOLDER else pair.implementer_did
    mine = step.actor == side or step.actor == BOTH
    if step.actor == EITHER:
        mine = strategy.initiates == 1 or side == HOLDER
    if not mine or did == 1 or t < pair.entered or step.act == NEGOTIATE or step.act == THIRD_PARTY:
        return WAIT
    if strategy.refuses & (1 << step.act) != 0 or t - pair.entered < strategy.reply_delay:
        return WAIT
    if side == IMPLEMENTER and colluding(mkt, hold, pair, si, t):
        return WAIT
    conceals = step.must & strategy.withholds
    if strategy.tactic == OPPORTUNIST:
        return opportunist_step(reg, mkt, curves, hold, pair, sh, si, view, step, strategy, t, side, rho)
    return WITHHOLD if conceals != 0 else PERFORM


@compiled
def opportunist_step(
    reg: Regime, mkt: Market, curves: Curves, hold: Holder, pair: Pair, sh: Strategy, si: Strategy,
    view: Outlook, step: Step, strategy: Strategy, t: int, side: int, rho: float,
) -> int:  # fmt: skip
    """The branch with the best one-step value: comply, withhold, or let the deadline pass.  Ties: comply."""
    if step.deadline >= 0 and pair.missed & (1 << pair.step) != 0:
        return PERFORM
    mine = 1.0 if side == HOLDER else 0.0
    discount = HOLDER_DISCOUNT if side == HOLDER else IMPLEMENTER_DISCOUNT
    month = factor(curves, discount, 1)
    now = branch(reg, mkt, curves, hold, pair, sh, si, view, t, side, rho, 0.0, 0.0, 0)
    best = month * now - act_cost(mkt, step, side)
    choice = PERFORM
    if step.must & strategy.withholds != 0:
        lack = weight_of(reg, pair, step.lack_fault)
        after = branch(
            reg, mkt, curves, hold, pair, sh, si, view, t, side, rho,
            mine * lack, (1.0 - mine) * lack, step.lack_court,
        )  # fmt: skip
        if month * after > best:
            best = month * after
            choice = WITHHOLD
    if step.deadline >= 0:
        fault = weight_of(reg, pair, step.miss_fault)
        months = max(1, step.deadline - (t - pair.due) + 1)
        after = branch(
            reg, mkt, curves, hold, pair, sh, si, view, t, side, rho,
            mine * fault, (1.0 - mine) * fault, step.miss_court,
        )  # fmt: skip
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
def colluding(mkt: Market, hold: Holder, pair: Pair, si: Strategy, t: int) -> bool:
    """A colluder does not answer while too few of its peers are licensed, within its window."""
    if si.waits_for_peers <= 0.0 or t - pair.contact >= si.window:
        return False
    peers = mkt.n_implementers - 1
    return bool(peers > 0 and hold.licensed_at_start < si.waits_for_peers * peers)


@compiled
def extreme_pays(
    reg: Regime, mkt: Market, curves: Curves, hold: Holder, pair: Pair, sh: Strategy, si: Strategy,
    view: Outlook, t: int, side: int, rho: float,
) -> bool:  # fmt: skip
    """Whether an opportunist does better with an extreme first offer and the fault it is called.

    An extreme offer has the whole window to travel, a moderate one is answered next month.  Ties: moderate.
    """
    fault = weight_of(reg, pair, NON_FRAND_OFFER if side == HOLDER else UNREASONABLE)
    mine = 1.0 if side == HOLDER else 0.0
    discount = HOLDER_DISCOUNT if side == HOLDER else IMPLEMENTER_DISCOUNT
    window = sh.window if side == HOLDER else si.window
    moderate = branch(reg, mkt, curves, hold, pair, sh, si, view, t, side, rho, 0.0, 0.0, 0)
    extreme = moderate
    if fault > 0.0:
        extreme = branch(
            reg, mkt, curves, hold, pair, sh, si, view, t, side, rho, mine * fault, (1.0 - mine) * fault, 0
        )
    return bool(factor(curves, discount, window) * extreme > factor(curves, discount, 1) * moderate)


@inlined
def next_ask(mkt: Market, pair: Pair, sh: Strategy, t: int, rho: float, r_h: float, extreme: bool) -> float:
    """The ask a holder would table this month (its age counts from its own first offer)."""
    anchor = sh.anchor if extreme else min(sh.anchor, mkt.moderate_ask)
    start = max(anchor * rho, r_h)
    age = t - pair.first_ask_month if pair.first_ask_month >= 0 else 0
    if sh.tactic == RECIPROCAL and pair.first_ask_month >= 0:
        if pair.bid_before == 0 or not pair.older_bid > 0.0:
            return conceding(sh, start, r_h, min(age, 1))
        return reciprocation(max(pair.last_ask, r_h), pair.older_bid, pair.last_bid, r_h)
    return conceding(sh, start, r_h, age)


@inlined
def next_bid(mkt: Market, pair: Pair, si: Strategy, t: int, rho: float, r_i: float, extreme: bool) -> float:
    """The bid an implementer would table this month."""
    anchor = si.anchor if extreme else max(si.anchor, mkt.moderate_bid)
    start = min(anchor * rho, r_i)
    age = t - pair.first_bid_month if pair.first_bid_month >= 0 else 0
    if si.tactic == RECIPROCAL and pair.first_bid_month >= 0:
        if pair.ask_before == 0 or not pair.older_ask > 0.0:
            return conceding(si, start, r_i, min(age, 1))
        return reciprocation(min(pair.last_bid, r_i), pair.older_ask, pair.last_ask, r_i)
    return conceding(si, start, r_i, age)


@inlined
def conceding(strategy: Strategy, start: float, end: float, age: int) -> float:
    """A strategy's offer ``age`` months after its first one: ``x0 + (x1 - x0) path(age)``."""
    if age >= strategy.window:
        return end
    return start + (end - start) * strategy.path[age]


@compiled
def rational_moves(
    reg: Regime, mkt: Market, curves: Curves, hold: Holder, imp: Implementer, sales: Sales, pair: Pair,
    sh: Strategy, si: Strategy, view: Outlook, k: int, t: int, rho_h: float, rho_i: float, seed: int,
    replication: int,
) -> tuple[float, float]:  # fmt: skip
    """The price both rational parties sign this month, and who proposes it (ask, bid; nan = silent).

    Backwards from the filing month: expected rate there ``beta R_i + (1 - beta) R_h``, or nothing to
    sign; each month before it the proposer leaves the other side indifferent to waiting a month, in which
    talks may break down and leave court, or no licence.
    *Source*: Binmore, Rubinstein and Wolinsky (1986) with a random proposer.
    """
    last = min(t + max(0, sh.sue_after - own_clock(pair.first_ask_month, pair, t)), mkt.horizon - 1)
    d_h = factor(curves, HOLDER_DISCOUNT, 1)
    d_i = factor(curves, IMPLEMENTER_DISCOUNT, 1)
    expected = NAN
    waiting_h = 0.0
    waiting_i = 0.0
    ask = NAN
    bid = NAN
    n = last
    while n >= t:
        outlook(reg, mkt, curves, imp, sales, pair, view, t, n)
        w_h, loss, r_h, r_i = limits(
            reg, mkt, curves, hold, pair, sh, si, view, t, rho_h, rho_i, pair.fault_h, pair.fault_i
        )
        l_h, l_i = view.base_h, view.base_i
        holder_turn = mkt.beta
        if sh.alternate == 1:
            holder_turn = 1.0 if (n - pair.contact) % 2 == 0 else 0.0
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
        p = breakdown(mkt, n - 1 - pair.contact)
        if p > 0.0:
            without = imp.margin * l_i if mkt.licensed_use == 1 and w_h <= 0.0 else loss
            waiting_h = (1.0 - p) * waiting_h + p * max(0.0, w_h)
            waiting_i = (1.0 - p) * waiting_i + p * without
        n -= 1
    if not signs:
        return NAN, NAN
    turn = holder_turn if sh.alternate == 1 else 0.0
    if sh.alternate == 0 and uniform(seed, replication, k, PROPOSER, t) < mkt.beta:
        turn = 1.0
    return (ask, NAN) if turn == 1.0 else (NAN, bid)


@inlined
def breakdown(mkt: Market, age: int) -> float:
    """Chance that talks break down after a month without agreement, ``age`` months after first contact."""
    return min(1.0, mkt.breakdown + mkt.breakdown_growth * age)


@inlined
def own_clock(first_offer: int, pair: Pair, t: int) -> int:
    """Months a party's own offers have stood, or months since first contact if it made none.

    A suit after ``K_s`` months comes when one's offers have had their window ``K`` and an answer.
    """
    return t - (first_offer + 1 if first_offer >= 0 else pair.contact)


@inlined
def entitled(breach: int, pair: Pair, strategy: Strategy, t: int) -> bool:
    """Whether the other side's breach sends a party to court; it may first wait for late performance."""
    return bool(breach == 1 and t - pair.entitled_since >= strategy.patience)


@inlined
def may_sue(reg: Regime, pair: Pair, t: int) -> bool:
    """Whether the regime's gates let the holder file this month."""
    if t < pair.bar_until or reg.standing_holder == 0:
        return False
    if reg.binding == 1 and reg.suit_bars & ~(pair.done | pair.excused) != 0:
        return False
    reached = reg.suit_from < 0 or pair.step >= reg.suit_from
    return bool(reached or pair.holder_entitled == 1 or reg.early != EARLY_BARRED or reg.binding == 0)


@inlined
def may_ask_for_rate(reg: Regime, pair: Pair, t: int) -> bool:
    """Whether the regime lets the implementer ask the court for a rate this month."""
    return bool(reg.standing_implementer & RATE_ACTION != 0 and t >= pair.bar_until)


@inlined
def decide_talks(
    reg: Regime, mkt: Market, curves: Curves, hold: Holder, imp: Implementer, sales: Sales, pair: Pair,
    sh: Strategy, si: Strategy, view: Outlook, step: Step, move: Moves, k: int, t: int, seed: int,
    replication: int,
) -> None:  # fmt: skip
    """Moves of a negotiation before suit."""
    rho_h, rho_i = pair.rho_h, pair.rho_i
    outlook(reg, mkt, curves, imp, sales, pair, view, t, t)
    w_h, loss, r_h, r_i = limits(
        reg, mkt, curves, hold, pair, sh, si, view, t, rho_h, rho_i, pair.fault_h, pair.fault_i
    )
    l_h, l_i = view.base_h, view.base_i
    pair.w_h, pair.l_i, pair.r_h, pair.r_i = w_h, loss, r_h, r_i
    if r_h <= r_i:
        pair.zopa_held = 1
    if pair.zopa_true == 0:
        _, _, true_h, true_i = limits(
            reg, mkt, curves, hold, pair, sh, si, view, t, pair.frand, pair.frand, pair.fault_h, pair.fault_i
        )
        if true_h <= true_i:
            pair.zopa_true = 1
    if pair.broken == 1:
        decide_filing(reg, mkt, curves, pair, sh, si, move, t, r_h, r_i, l_h, l_i)
        return
    move.act_h = step_move(reg, mkt, curves, hold, pair, sh, si, view, step, sh, t, HOLDER, rho_h)
    move.act_i = step_move(reg, mkt, curves, hold, pair, sh, si, view, step, si, t, IMPLEMENTER, rho_i)
    quiet = colluding(mkt, hold, pair, si, t)
    asks = tables(pair, step, sh, pair.first_ask_month, move.act_h, OFFER_BIT, t)
    bids = tables(pair, step, si, pair.first_bid_month, move.act_i, COUNTER_BIT, t) and not (
        quiet and pair.first_bid_month < 0
    )
    if sh.tactic == RATIONAL and si.tactic == RATIONAL:
        if asks or bids:
            ask, bid = rational_moves(
                reg, mkt, curves, hold, imp, sales, pair, sh, si, view, k, t, rho_h, rho_i, seed, replication
            )
            price = bid if math.isnan(ask) else ask
            if math.isnan(price):  # nothing to sign yet: each tables what it would take
                move.ask = max(r_h, rho_h)
                move.bid = min(r_i, rho_i)
            else:
                move.ask = price
                move.bid = price
    else:
        extreme_h = sh.tactic != OPPORTUNIST or extreme_pays(
            reg, mkt, curves, hold, pair, sh, si, view, t, HOLDER, rho_h
        )
        extreme_i = si.tactic != OPPORTUNIST or extreme_pays(
            reg, mkt, curves, hold, pair, sh, si, view, t, IMPLEMENTER, rho_i
        )
        ask = next_ask(mkt, pair, sh, t, rho_h, r_h, extreme_h)
        bid = next_bid(mkt, pair, si, t, rho_i, r_i, extreme_i)
        decide_offers(pair, step, move, ask, bid, asks, bids, quiet)
    if step.act == CONCILIATE and pair.holder_did == 1 and pair.implementer_did == 1 and r_h <= r_i:
        move.settle = 1
    decide_filing(reg, mkt, curves, pair, sh, si, move, t, r_h, r_i, l_h, l_i)


@inlined
def tables(pair: Pair, step: Step, strategy: Strategy, first: int, act: int, refusal: int, t: int) -> bool:
    """Whether a party tables an offer this month: it has before, the step is one, or talks are open."""
    if first >= 0 or (act != WAIT and (step.act == OFFER or step.act == COUNTER)):
        return True
    is_open = step.act == NEGOTIATE or step.act == THIRD_PARTY or step.act == CONCILIATE
    return bool(is_open and t - pair.entered >= strategy.reply_delay and strategy.refuses & refusal == 0)


@inlined
def decide_offers(
    pair: Pair, step: Step, move: Moves, ask: float, bid: float, asks: bool, bids: bool, quiet: bool
) -> None:
    """Next offers, and acceptance of the standing ones; who can offer nothing makes no counter-offer."""
    if asks:
        move.ask = ask
    if bids and bid > 0.0:
        move.bid = bid
    elif bid <= 0.0 and (step.act == OFFER or step.act == COUNTER):
        move.act_i = WAIT
    if pair.last_ask > 0.0 and not quiet and pair.last_ask <= pair.r_i and pair.last_ask <= bid:
        move.accept_i = 1
    if pair.last_bid > 0.0 and pair.last_bid >= pair.r_h and pair.last_bid >= ask:
        move.accept_h = 1


@inlined
def decide_filing(
    reg: Regime, mkt: Market, curves: Curves, pair: Pair, sh: Strategy, si: Strategy, move: Moves, t: int,
    r_h: float, r_i: float, l_h: float, l_i: float,
) -> None:  # fmt: skip
    """Who goes to court this month if nothing is signed."""
    if pair.w_h > 0.0 and may_sue(reg, pair, t):
        due = (
            pair.broken == 1
            or own_clock(pair.first_ask_month, pair, t) >= sh.sue_after
            or entitled(pair.holder_entitled, pair, sh, t)
        )
        if sh.tactic == OPPORTUNIST and pair.broken == 0:
            wait = factor(curves, HOLDER_DISCOUNT, 1) * nash1950(r_h, r_i, mkt.beta) * l_h
            due = r_h > r_i or pair.w_h > wait
        if due:
            move.file_h = 1
    if pair.l_i > 0.0 and may_ask_for_rate(reg, pair, t):
        due = (
            pair.broken == 1
            or own_clock(pair.first_bid_month, pair, t) >= si.sue_after
            or entitled(pair.implementer_entitled, pair, si, t)
        )
        if due and pair.last_ask > 0.0 and pair.l_i < pair.last_ask * l_i:
            move.file_i = 1


@compiled
def decide_case(
    reg: Regime, mkt: Market, curves: Curves, hold: Holder, imp: Implementer, sales: Sales, pair: Pair,
    sh: Strategy, si: Strategy, view: Outlook, move: Moves, k: int, t: int, seed: int, replication: int,
) -> None:  # fmt: skip
    """Moves of a pair before the court: they meet by chance and settle where there is a ZOPA."""
    last_day = pair.status == WINDOW and t >= pair.window_end
    meets = (
        pair.status != QUEUED and uniform(seed, replication, k, MEETING, case_month(pair, t)) < reg.meeting
    )
    if not meets and not last_day:
        return
    outlook(reg, mkt, curves, imp, sales, pair, view, t, t)
    w_h, loss, r_h, r_i = limits(
        reg, mkt, curves, hold, pair, sh, si, view, t, pair.rho_h, pair.rho_i, pair.fault_h, pair.fault_i
    )
    pair.w_h, pair.l_i, pair.r_h, pair.r_i = w_h, loss, r_h, r_i
    if meets and r_h <= r_i and view.base_h > 0.0:
        move.settle = 1
    if last_day and reg.appeal == 1 and reg.provisional == 0:
        gain_h, gain_i = gains_from_appeal(reg, mkt, curves, hold, imp, sales, pair, view, t)
        move.appeal_h = 1 if gain_h > 0.0 and pair.verdict != GRANTED else 0
        move.appeal_i = 1 if gain_i > 0.0 and pair.verdict != LOST and pair.verdict != DENIED else 0


@compiled
def case_month(pair: Pair, t: int) -> int:
    """Months since filing, the address of a settlement talk (calendar months differ between regimes)."""
    return int(1000 * pair.filings + t - pair.filed_month)


@inlined
def decide_pair(rules: Rules, state: State, k: int, r: int, t: int, seed: int, replication: int) -> None:
    """The moves of negotiation ``k`` in month ``t``; writes ``moves`` and the pair's current values."""
    reg = rules.regimes[r]
    mkt = rules.market[0]
    view = state.outlook[0]
    pair = state.pairs[k]
    move = state.moves[k]
    clear(move)
    hold = state.holders[pair.holder]
    imp, sales = state.implementers[pair.implementer], state.sales[pair.implementer]
    sh = rules.strategies[hold.strategy]
    si = rules.strategies[imp.strategy]
    curves = rules.curves[r, hold.group, imp.group]
    if pair.status == TALKS:
        step = rules.steps[r, pair.step]
        decide_talks(
            reg, mkt, curves, hold, imp, sales, pair, sh, si, view, step, move, k, t, seed, replication
        )
    elif pair.status >= QUEUED and pair.status <= EXCLUDED:
        decide_case(reg, mkt, curves, hold, imp, sales, pair, sh, si, view, move, k, t, seed, replication)


@inlined
def decide(rules: Rules, state: State, n_active: int, r: int, t: int, seed: int, replication: int) -> None:
    """All moves of month ``t``, on the state at its start."""
    for a in range(n_active):
        decide_pair(rules, state, state.active[a], r, t, seed, replication)


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
