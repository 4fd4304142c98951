"""How the two firms of a negotiation stand: threats of suit, how far they are believed, the relationship.

A threat is an event with a date: it says that the holder will sue within so many months.  It is kept by a
suit, broken where that date passes with neither suit nor licence, and undone by a licence or by the other
side's suit.  What a holder did before all implementers makes its next threats credible.  A relationship is
whole at first contact; suits and threats damage it and years of licence mend it.
*Source*: the forms are this project's; repeated threats and long-term relations are those of the seeds.
"""

from __future__ import annotations

import math

from simulator.compiled import compiled, inlined
from simulator.engine.ledger import book
from simulator.engine.market import Market, Strategy
from simulator.engine.state import Holder, Licence, Matter
from simulator.rules.discount import power
from simulator.vocabulary import Fault, Status

THREATENS = int(Fault.THREATENS)
TALKS = int(Status.TALKS)


@inlined
def credibility(mkt: Market, hold: Holder) -> float:
    """The chance that a holder's threat is kept: ``(k_0 c_0 + kept) / (k_0 + kept + broken)``."""
    known = mkt.trust_weight + hold.threats_kept + hold.threats_broken
    return (mkt.trust_weight * mkt.trust + hold.threats_kept) / known if known > 0.0 else mkt.trust


@inlined
def chance_of_suit(m: Matter) -> float:
    """``pi``: how sure an implementer is that the holder sues unless it signs; certain once a suit is filed.

    ``pi_0`` before any threat; while one stands, ``1 - (1 - pi_0)(1 - c_h)``.
    """
    doubt = m.market.doubt
    if doubt >= 1.0 or m.negotiation.status != TALKS:
        return 1.0
    return 1.0 - (1.0 - doubt) * (1.0 - m.holder.credibility) if m.licence.threat_until >= 0 else doubt


@inlined
def is_due(strategy: Strategy, age: int) -> bool:
    """Whether a holder threatens ``age`` months after first contact."""
    if strategy.threatens == 0 or age < strategy.threat_from:
        return False
    if age == strategy.threat_from:
        return True
    return bool(strategy.threat_every > 0 and (age - strategy.threat_from) % strategy.threat_every == 0)


@compiled
def threaten(m: Matter, t: int) -> None:
    """The holder threatens with suit: a date is set, the relationship suffers, it may be a fault."""
    licence = m.licence
    licence.threats += 1
    licence.threats_here += 1
    licence.threat_last = t
    if licence.threat_until < 0:
        licence.threat_until = t + m.holder_strategy.threat_grace
    licence.bond *= 1.0 - m.market.bond_threat
    if licence.threats_here > m.market.tolerated:
        book(m.forum, m.negotiation, THREATENS)


@inlined
def pass_by(hold: Holder, licence: Licence, t: int) -> None:
    """The date of a threat passes: it was broken."""
    if licence.threat_until >= 0 and t > licence.threat_until:
        hold.threats_broken += 1
        licence.threat_until = -1


@inlined
def sue(m: Matter, by_holder: bool) -> None:
    """A suit keeps the holder's threat, and damages the relationship whoever files it."""
    if m.licence.threat_until >= 0 and by_holder:
        m.holder.threats_kept += 1
    m.licence.threat_until = -1
    m.licence.bond *= 1.0 - m.market.bond_suit


@inlined
def under_threat(m: Matter, t: int) -> bool:
    """Whether a licence signed now is signed under a threat: one stands, or the last is not long past."""
    taint, licence = m.market.taint, m.licence
    if taint <= 0 or licence.threat_last < 0:
        return False
    return bool(licence.threat_until >= 0 or t - licence.threat_last < taint)


@inlined
def mend(mkt: Market, licence: Licence, months: int) -> None:
    """Months under licence mend a relationship: each a twelfth of the yearly share of what is missing."""
    if licence.bond < 1.0:
        licence.bond = 1.0 - (1.0 - licence.bond) * power(math.log1p(-mkt.bond_mends / 12.0), months)


@inlined
def talks_cost(m: Matter) -> float:
    """What a month of talks in which a side acts costs it, USD m: dearer without a relationship."""
    return m.market.cost_talks * (1.0 + m.market.bond_cost * (1.0 - m.licence.bond))


@inlined
def reply_delay(m: Matter, strategy: Strategy) -> int:
    """Months a side takes for its part of a step: longer without a relationship."""
    return int(strategy.reply_delay + math.floor(m.market.bond_delay * (1.0 - m.licence.bond) + 0.5))
