"""Signing: what a licence pays, and what it leaves behind as a comparable.

A running royalty needs one mark at signing, because an implementer's discounted sales are cumulated once
for all its licences.
"""

from __future__ import annotations

from simulator.compiled import compiled, inlined
from simulator.engine.accounts import pay, repay_account, return_escrow
from simulator.engine.bases import future_sales, licence_past
from simulator.engine.comparables import leave
from simulator.engine.generations import end_of_term, generations_covered
from simulator.engine.information import in_force
from simulator.engine.prospect import DENIED, RATE_SET
from simulator.engine.records import WORTH_HOLDER, WORTH_IMPLEMENTER
from simulator.engine.relation import under_threat
from simulator.engine.state import Holder, Implementer, Matter
from simulator.engine.terms import burden, credit
from simulator.rules.discount import logarithm, power
from simulator.rules.market import room_under_cap
from simulator.vocabulary import Outcome, Status

LICENSED = int(Status.LICENSED)
NEGOTIATED, SETTLED = int(Outcome.NEGOTIATED), int(Outcome.SETTLED_IN_COURT)


@compiled
def sign(m: Matter, t: int, rate: float, lump: float, running: float, outcome: int, stage: int) -> None:
    """A licence comes into force: ``lump`` USD m for the past now, ``running`` of the price from now on.

    ``running`` is the rate agreed or ordered: a cap and the strength of its months are taken off it here.
    """
    mkt, hold, imp, negotiation, suit = m.market, m.holder, m.implementer, m.negotiation, m.suit
    threatened = under_threat(m, t)
    m.licence.paid_part = m.licence.capped * in_force(m, t, end_of_term(mkt, m.licence, t))
    running *= m.licence.paid_part
    repay_account(m.forum, mkt, negotiation, suit, t)
    return_escrow(m.forum, mkt, suit, t)
    pay(mkt, negotiation, lump, t)
    negotiation.status = LICENSED
    suit.enjoined = 0
    negotiation.outcome = outcome
    negotiation.stage = stage
    negotiation.licence_month = t
    negotiation.rate = rate
    negotiation.running = running
    negotiation.sales_mark = imp.sales_value
    m.licence.credit = set_off(m, outcome)
    if m.licence.credit > 0.0 and running > 0.0:
        m.licence.credited += m.licence.credit * lump / rate * power(mkt.log_social, t)
    imp.signed += burden(running, m.licence.credit)
    imp.n_licensed += 1
    imp.unsigned_share -= hold.share
    hold.n_licensed += 1
    ordered = suit.judgment == RATE_SET or suit.judgment == DENIED
    leave(m, t, suit.court_rate if ordered else rate * m.licence.capped, suit.first_filing >= 0 or threatened)
    if outcome == NEGOTIATED or outcome == SETTLED:
        count_rate(m, rate, running)
    enter_into_force(m, t, threatened)


@inlined
def set_off(m: Matter, outcome: int) -> float:
    """What the implementer's licence in return is worth, of price: as agreed, or as its suit would bring."""
    if outcome == NEGOTIATED or outcome == SETTLED:
        return credit(m, m.negotiation.rho_h, m.negotiation.rho_i)
    return m.licence.cross * m.holder.liability


@inlined
def count_rate(m: Matter, rate: float, running: float) -> None:
    """A rate agreed is known from next month on to whom the holder asks, and to who has a clause."""
    hold, region = m.holder, m.implementer.region * m.licence.region
    if rate > 0.0 and region > 0.0:
        hold.signed_log += logarithm(rate / region)
        hold.signed_n += 1.0
        if running > 0.0:
            hold.lowest = min(hold.lowest, rate / region)


@inlined
def enter_into_force(m: Matter, t: int, threatened: bool) -> None:
    """What the pair's record keeps of a licence: its term, whether it renews one, how it came about."""
    licence = m.licence
    licence.expires = end_of_term(m.market, licence, t)
    licence.generations = generations_covered(m.market, licence, t)[0]
    licence.under_threat = 1 if threatened else 0
    licence.threat_until = -1
    if licence.episode > 0:
        licence.renewals += 1
        licence.lapsed += t - licence.lapsed_since
        licence.lapsed_since = -1


@compiled
def cap_room(hold: Holder, imp: Implementer) -> float:
    """The highest rate an aggregate cap leaves for this pair."""
    return room_under_cap(imp.aggregate, imp.stack, hold.share, imp.unsigned_at_start)


@compiled
def sign_agreed(m: Matter, t: int, rate: float, outcome: int, stage: int) -> bool:
    """The parties' own licence at ``rate``, if it lies within both reservation rates and under any cap."""
    if m.forum.aggregate_cap == 1:
        rate = min(rate, cap_room(m.holder, m.implementer))
    slack = 1e-12 * max(m.negotiation.r_i, m.negotiation.r_h)
    if rate < m.negotiation.r_h - slack or rate > m.negotiation.r_i + slack:
        return False
    past = licence_past(m, t)
    if m.licence.lump == 1:
        sign(m, t, rate, one_sum(m, t, rate, past), 0.0, outcome, stage)
    else:
        m.licence.capped = m.licence.cap_leaves
        sign(m, t, rate, rate * past, rate, outcome, stage)
    return True


@compiled
def one_sum(m: Matter, t: int, rate: float, past: float) -> float:
    """What is paid at once instead of ``rate`` on sales of the term, and for the past, USD m.

    It divides what the two would give and take as ``rate`` divides their reservation rates, so that each
    discounts the sales it stands for itself: ``(1 - x) R_h l_h + x R_i l_i``.
    """
    r_h, r_i = m.negotiation.r_h, m.negotiation.r_i
    end = end_of_term(m.market, m.licence, t)
    ahead = in_force(m, t, end)
    worth_h = ahead * future_sales(m.curves, m.implementer, WORTH_HOLDER, t, t, end) + past
    worth_h *= m.licence.sales_seen  # as the holder sees them
    worth_i = ahead * future_sales(m.curves, m.implementer, WORTH_IMPLEMENTER, t, t, end) + past
    x = min(1.0, max(0.0, (rate - r_h) / (r_i - r_h))) if r_i > r_h else 0.5
    return float((1.0 - x) * r_h * worth_h + x * r_i * worth_i)
