"""Who may go to court, who does, and what the parties do before it."""

from __future__ import annotations

from simulator.compiled import compiled, inlined
from simulator.engine.bases import factor
from simulator.engine.draws import MEETING, uniform
from simulator.engine.information import own_base
from simulator.engine.ledger import book
from simulator.engine.market import Strategy
from simulator.engine.prospect import DENIED, GRANTED, LOST
from simulator.engine.protocol import opens_court
from simulator.engine.records import HOLDER_DISCOUNT
from simulator.engine.shadow import IN_COURT, QUEUED, WINDOW, gains_from_appeal, limits, outlook_today
from simulator.engine.state import Matter, Negotiation, Suit
from simulator.rules.bargain import nash1950
from simulator.vocabulary import EarlySuit, Fault, Party, Standing, Tactic

HOLDER, IMPLEMENTER = int(Party.HOLDER), int(Party.IMPLEMENTER)
RATE_ACTION = int(Standing.RATE_ACTION)
OPPORTUNIST = int(Tactic.OPPORTUNIST)
NO_PROPOSAL = 1 << Fault.NO_SETTLEMENT_PROPOSAL
BREAKS_OFF, DELAYS = int(Fault.BREAKS_OFF), int(Fault.DELAYS)
WALKED = 2  # in ``Negotiation.broken``, shifted by the party
EARLY_BARRED = int(EarlySuit.BARRED)


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
def has_walked(negotiation: Negotiation, side: int) -> bool:
    """Whether a party has left the talks for good: it neither offers nor sues."""
    return bool(negotiation.broken & (WALKED << side) != 0)


@compiled
def walk_away(m: Matter, t: int) -> int:
    """Who leaves the talks for good after this month, as ``Negotiation.broken`` says it; 0: nobody.

    It is a fault unless the other side's breach gave cause: a holder breaks off, an implementer delays
    (*source*: ACT v Oppo, factor 4 of either side: interrupting negotiations).
    """
    negotiation, gone = m.negotiation, 0
    after_h, after_i = m.holder_strategy.walks_after, m.implementer_strategy.walks_after
    if after_h > 0 and own_clock(negotiation.first_ask_month, negotiation, t) >= after_h:
        gone |= WALKED << HOLDER
        if negotiation.holder_entitled == 0:
            book(m.forum, negotiation, BREAKS_OFF)
    if after_i > 0 and own_clock(negotiation.first_bid_month, negotiation, t) >= after_i:
        gone |= WALKED << IMPLEMENTER
        if negotiation.implementer_entitled == 0:
            book(m.forum, negotiation, DELAYS)
    return gone


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
def decide_filing(m: Matter, t: int) -> None:
    """Who goes to court this month if nothing is signed."""
    negotiation, view, move = m.negotiation, m.outlook, m.moves
    sh, si, r_h, r_i = m.holder_strategy, m.implementer_strategy, m.negotiation.r_h, m.negotiation.r_i
    if negotiation.w_h > 0.0 and may_sue(m, t) and not has_walked(negotiation, HOLDER):
        due = (
            negotiation.broken != 0
            or own_clock(negotiation.first_ask_month, negotiation, t) >= sh.sue_after
            or entitled(negotiation.holder_entitled, negotiation, sh, t)
        )
        if sh.tactic == OPPORTUNIST and negotiation.broken == 0:
            wait = factor(m.curves, HOLDER_DISCOUNT, 1) * nash1950(r_h, r_i, m.market.beta) * view.base_h
            due = r_h > r_i or negotiation.w_h > wait
        if due:
            move.file_h = 1
    if negotiation.l_i > 0.0 and may_ask_for_rate(m, t) and not has_walked(negotiation, IMPLEMENTER):
        due = (
            negotiation.broken != 0
            or own_clock(negotiation.first_bid_month, negotiation, t) >= si.sue_after
            or entitled(negotiation.implementer_entitled, negotiation, si, t)
        )
        if due and negotiation.last_ask > 0.0 and negotiation.l_i < negotiation.last_ask * own_base(m):
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
    outlook_today(m, t)
    w_h, loss, r_h, r_i = limits(
        m, t, negotiation.rho_h, negotiation.rho_i, negotiation.fault_h, negotiation.fault_i
    )
    negotiation.w_h, negotiation.l_i, negotiation.r_h, negotiation.r_i = w_h, loss, r_h, r_i
    if meets and r_h <= r_i and m.outlook.base_h > 0.0:
        move.settle = 1
    by_holder, by_implementer = may_appeal(m, HOLDER, t), may_appeal(m, IMPLEMENTER, t)
    if by_holder or by_implementer:
        gain_h, gain_i = gains_from_appeal(m, t)
        move.appeal_h = 1 if by_holder and gain_h > 0.0 else 0
        move.appeal_i = 1 if by_implementer and gain_i > 0.0 else 0


@inlined
def may_appeal(m: Matter, side: int, t: int) -> bool:
    """Whether a side may appeal this month: the last of the window, once, with effect, and it has not won."""
    forum, suit = m.forum, m.suit
    if m.negotiation.status != WINDOW or t < suit.window_end:
        return False
    if forum.appeal == 0 or forum.provisional == 1 or suit.remanded == 1:
        return False
    if side == HOLDER:
        return bool(suit.judgment != GRANTED)
    return bool(suit.judgment != LOST and suit.judgment != DENIED)


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
