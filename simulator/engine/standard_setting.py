"""What a standard-setting organisation asks of holders, and how a standard locks implementers in.

Its policy is data of a market: whether patents have to be disclosed, how far declarations are verified,
whether concealment is detected and what follows, by when a holder must have committed itself to FRAND terms.
Over-declaration survives as far as nobody verifies, under-declaration and ambush as far as nobody is
estopped.  Leaving a standard costs the more the longer it has been used, which is what makes an ambush pay.
*Source*: ETSI Rules of Procedure, Annex 6 (IPR policy), clauses 4.1 and 6.1; Farrell, Hayes, Shapiro and
Sullivan (2007); the forms are this project's.
"""

from __future__ import annotations

from simulator.compiled import inlined
from simulator.engine.market import Market, Strategy
from simulator.engine.state import Matter
from simulator.vocabulary import Disclosure

COMMITMENT_BIT = 1 << Disclosure.FRAND_COMMITMENT


@inlined
def declared_per_essential(mkt: Market, strategy: Strategy) -> float:
    """Declared families per essential one after verification: ``1 + (o - 1)(1 - v)`` of what is too much."""
    over = strategy.over_declaration
    return 1.0 + (over - 1.0) * (1.0 - mkt.verified) if mkt.verified > 0.0 and over > 1.0 else over


@inlined
def enforceable(mkt: Market, strategy: Strategy) -> float:
    """Share of a holder's suits that no estoppel defeats: ``1 - q`` of what it concealed.

    An ambusher conceals all it has until it gives notice, an under-declarer what it does not declare.
    """
    if mkt.mandatory == 0 or mkt.estoppel == 0:
        return 1.0
    concealed = 1.0 if strategy.ambush > 0 else max(0.0, 1.0 - strategy.over_declaration)
    return 1.0 - mkt.detection * concealed


@inlined
def call_for_commitment(m: Matter, age: int) -> None:
    """Who has not committed itself in time, and will not, loses its injunction until it does."""
    if m.market.estoppel == 0 or age < m.market.commitment:
        return
    if m.holder_strategy.withholds & ~m.negotiation.disclosures & COMMITMENT_BIT != 0:
        m.licence.uncommitted = 1


@inlined
def is_uncommitted(m: Matter) -> bool:
    """Whether the holder is estopped from an injunction, having given no FRAND commitment."""
    return bool(m.market.estoppel == 1 and m.licence.uncommitted == 1)


@inlined
def used_share(m: Matter, n: int) -> float:
    """How far an implementer is locked in at month ``n``: months of use over those that do it, at most 1."""
    since = m.negotiation.first_use if m.licence.episode == 0 else 0
    return min(1.0, (n - since) / m.market.lock_months)


@inlined
def cost_to_leave(m: Matter, n: int) -> float:
    """``C = (c_0 + c_1 s_h min(1, use / U))`` months of the implementer's sales, USD m."""
    mkt = m.market
    if mkt.leave_fixed <= 0.0 and mkt.leave_growing <= 0.0:
        return 0.0
    return (mkt.leave_fixed + mkt.leave_growing * m.holder.share * used_share(m, n)) * m.implementer.scale


@inlined
def months_to_replace(m: Matter, n: int) -> int:
    """``M = M_0 + M_1 min(1, use / U)``: months of exclusion until something else can be sold."""
    more = m.market.leave_months
    return int(m.forum.months_excluded + (more * used_share(m, n) if more > 0.0 else 0.0))
