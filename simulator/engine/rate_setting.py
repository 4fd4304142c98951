"""How the court of a regime finds its rate, and what the parties expect it to find: one rule for both.

A court sees declared or checked counts of families, contributions, disclosed licences, offers, and what
experts make of the technology with error; it never sees the true FRAND rate.  What a method is known to make
of the true rate (it counts declarations, a pool posts less) both sides reckon with; what licences show they
take to be right on average.  Bias and spread of a method are outcomes.
"""

from __future__ import annotations

import math

from simulator.compiled import compiled, inlined
from simulator.engine.bases import known_bias
from simulator.engine.comparables import comparables_seen, counts_declared, territory
from simulator.engine.draws import COURT_ERROR, normal
from simulator.engine.law import NO_CONTROL, Forum
from simulator.engine.market import Market
from simulator.engine.records import MAX_KEPT
from simulator.engine.state import Holder, Implementer, Matter, Outlook
from simulator.rates.cross_check import checked
from simulator.rates.hypothetical import contribution, midpoint
from simulator.rates.incremental import incremental
from simulator.rates.policy import (
    adequate_reward,
    anti_hold_up,
    anti_stacking,
    controlled,
    expected_between,
    total_control,
    wide_adoption,
)
from simulator.rates.pool import pool, pool_share
from simulator.rates.top_down import top_down
from simulator.vocabulary import Disclosure, HolderKind, RateMethod, RateRange, Status

COMPARABLES = int(RateMethod.COMPARABLES)
CHECKED, CHECKED_DECLARED = int(RateMethod.COMPARABLES_CHECKED), int(RateMethod.COMPARABLES_CHECKED_DECLARED)
POOL, HYPOTHETICAL = int(RateMethod.POOL), int(RateMethod.HYPOTHETICAL)
INCREMENTAL, BOTTOM_UP = int(RateMethod.INCREMENTAL), int(RateMethod.BOTTOM_UP)
CONTRIBUTIONS, QUOTATION = int(RateMethod.CONTRIBUTIONS), int(RateMethod.QUOTATION)
SUPPORTED = int(RateMethod.TOP_DOWN_SUPPORTED)
NO_RANGE, WITHIN = int(RateRange.NONE), int(RateRange.WITHIN)
LOW, MIDDLE = int(RateRange.LOW), int(RateRange.MIDDLE)
TALKS = int(Status.TALKS)
COMPARABLE_BIT = 1 << Disclosure.COMPARABLES
MAKER = int(HolderKind.PRODUCT_COMPANY)


@inlined
def by_licences(forum: Forum) -> bool:
    """Whether the holder's licences lead the method."""
    method = forum.method
    return bool(method == COMPARABLES or method == CHECKED or method == CHECKED_DECLARED)


@compiled
def share_seen(m: Matter) -> float:
    """The holder's part of the burden as a method without licences and offers sees it.

    Where licences lead, it is the count that checks them or takes their place.  *Source*: the functions of
    ``rates/`` named here; that the cost to switch is borne by the number of families is an assumption.
    """
    forum, mkt, hold, method = m.forum, m.market, m.holder, m.forum.method
    if counts_declared(forum):
        return hold.declared_share
    if mkt.burden <= 0.0:  # nothing is due, whatever is seen
        return hold.count_share
    if method == CONTRIBUTIONS:
        return hold.contributed_share
    if method == POOL:
        return posted(mkt, hold)
    if method == HYPOTHETICAL:
        return negotiated(forum.range, mkt, hold, m.implementer)
    if method == INCREMENTAL or method == BOTTOM_UP:
        saved = mkt.switching * hold.count_share / mkt.burden
        kept = forum.increment if method == INCREMENTAL else 1.0
        return incremental(hold.worth + saved, hold.worth * hold.alternative, kept)
    return hold.count_share


@inlined
def posted(mkt: Market, hold: Holder) -> float:
    """What a pool of the standard pays its member, of the burden; a maker has the pool's patents besides."""
    return pool(pool_share(mkt.pool_rate, hold.count_share), mkt.membership if hold.kind == MAKER else 0.0)


@inlined
def contributes(mkt: Market, imp: Implementer, share: float) -> float:
    """What a ``share`` of the standard contributes to the product, of the burden (> 0)."""
    if mkt.contribution <= 0.0:
        return share
    return contribution(imp.margin, mkt.contribution, share) / mkt.burden


@inlined
def range_ends(mkt: Market, hold: Holder, imp: Implementer) -> tuple[float, float]:
    """Low and high end of what a hypothetical negotiation may come to, of the burden (> 0).

    What a pool pays, and what the standard contributes at the holder's part of all families.  *Source*:
    Microsoft v Motorola (W.D. Wash. 2013), whose pools set the low end.
    """
    first, second = posted(mkt, hold), contributes(mkt, imp, hold.count_share)
    return min(first, second), max(first, second)


@compiled
def negotiated(chosen: int, mkt: Market, hold: Holder, imp: Implementer) -> float:
    """What a hypothetical negotiation comes to, of the burden (> 0): a point of its range, if it has one."""
    contributed = contributes(mkt, imp, hold.contributed_share)
    if chosen == NO_RANGE:
        return contributed
    low, high = range_ends(mkt, hold, imp)
    if chosen == WITHIN:
        return checked(contributed, low, high)
    if chosen == MIDDLE:
        return midpoint(low, high)
    return low if chosen == LOW else high


@inlined
def frand_range(m: Matter) -> tuple[float, float]:
    """The range in which an offer is FRAND, multiples of the court's estimate: its own, or ``1 -+ w_F``."""
    if m.forum.range == NO_RANGE:
        return 1.0 - m.forum.half_range, 1.0 + m.forum.half_range
    return range_around(m.forum.range, m.market, m.holder, m.implementer)


@compiled
def range_around(chosen: int, mkt: Market, hold: Holder, imp: Implementer) -> tuple[float, float]:
    """Both ends of the range of a hypothetical negotiation over its rate; 1 where nothing is due."""
    rate = negotiated(chosen, mkt, hold, imp) if mkt.burden > 0.0 else 0.0
    if rate <= 0.0:
        return 1.0, 1.0
    low, high = range_ends(mkt, hold, imp)
    return low / rate, high / rate


@compiled
def method_factor(m: Matter, t: int) -> float:
    """What the method is known to make of the FRAND rate, a factor; licences are taken to be right.

    What carrying them over makes of a right one, by another licensor's families or by volume, is known.
    """
    forum, hold = m.forum, m.holder
    if hold.share <= 0.0:
        return 1.0
    carried = 1.0
    if forum.carries == 1 and by_licences(forum):
        carried = math.exp(comparables_seen(m, t)[3])
    if forum.method == COMPARABLES:
        return carried
    factor = share_seen(m) / hold.share
    if by_licences(forum):
        return checked(carried, factor * (1.0 - forum.half_range), factor * (1.0 + forum.half_range))
    return factor


@compiled
def foresee(m: Matter, t: int) -> None:
    """Fill the outlook with what a method or a control is known to make of the FRAND rate, and its bounds."""
    view, forum = m.outlook, m.forum
    view.method = method_factor(m, t)
    if forum.controlled == 0:
        return
    view.technology = math.inf
    if forum.anti_hold_up == 1 and m.holder.share > 0.0:
        view.technology = technology_share(m.holder) / m.holder.share
    view.floor, view.ceiling = bounds(m, t, m.negotiation.status != TALKS or shows_licences(m))
    view.n_kept = 0


@inlined
def expected_rate(m: Matter, rho: float) -> float:
    """The rate that whoever takes ``rho`` for the FRAND rate expects of this court, of price."""
    if m.forum.plain == 1:
        return rho * m.outlook.bias
    return within_bounds(m, rho, within_offers(m, rho * m.outlook.method) * m.outlook.bias)


@inlined
def fair_rate(m: Matter, rho: float) -> float:
    """The rate a party measures offers by: its estimate as this court's method sees it, of price."""
    if m.forum.plain == 1:
        return rho
    return within_bounds(m, rho, within_offers(m, rho * m.outlook.method))


@inlined
def within_bounds(m: Matter, rho: float, rate: float) -> float:
    """What is expected of a ``rate`` that the court finds on average, under its policy controls."""
    if m.forum.controlled == 0:
        return rate
    return held(m.outlook, min(rate, rho * m.outlook.technology), error_of(m))


@compiled
def held(view: Outlook, rate: float, error: float) -> float:
    """What is expected of a ``rate`` between this month's bounds; each side asks often for the same."""
    for n in range(min(view.n_kept, MAX_KEPT)):
        if view.kept[n, 0] == rate and view.kept[n, 1] == error:
            return float(view.kept[n, 2])
    n = view.n_kept % MAX_KEPT
    view.kept[n, 0], view.kept[n, 1] = rate, error
    view.kept[n, 2] = expected_between(rate, view.floor, view.ceiling, error)
    view.n_kept += 1
    return float(view.kept[n, 2])


@inlined
def error_of(m: Matter) -> float:
    """Log sd of the error of whoever finds the rate: the court, or a jury in a new trial.

    Bottom-up it averages out over the families examined, which are no more than the holder has.
    """
    forum = m.forum
    error = forum.retrial_error if m.suit.remanded == 1 else forum.court_error
    if forum.method != BOTTOM_UP:
        return error
    return error / math.sqrt(max(1.0, min(forum.examined, m.holder.families * m.market.families)))


@inlined
def shows_licences(m: Matter) -> bool:
    """Whether the holder has shown its licences, so that both sides know what others pay."""
    return bool(m.negotiation.disclosures & COMPARABLE_BIT != 0)


@inlined
def technology_share(hold: Holder) -> float:
    """The technology's value over the next best before the standard was fixed, of the aggregate burden."""
    return anti_hold_up(incremental(hold.worth, hold.worth * hold.alternative, 1.0))


@compiled
def bounds(m: Matter, t: int, shown: bool) -> tuple[float, float]:
    """Floor and ceiling of the regime's policy controls on the court's rate, of price.

    The parts of total control, stacking and adoption go by families counted, pro rata of what is not
    licensed; what others pay bounds the rate where it is ``shown``.  *Source*: Huawei v IDC, Microsoft v
    Motorola (S2).
    """
    forum, mkt, hold, imp = m.forum, m.market, m.holder, m.implementer
    part = hold.count_share
    rest = part / imp.unsigned_at_start if imp.unsigned_at_start > 0.0 else 1.0  # of what is not licensed
    ceiling = math.inf
    if forum.total_control < NO_CONTROL:
        ceiling = total_control(imp.margin, forum.total_control) * part
    if forum.anti_stacking == 1:
        ceiling = min(ceiling, anti_stacking(imp.aggregate, imp.stack) * rest)
    if forum.wide_adoption < NO_CONTROL:
        ceiling = min(ceiling, wide_adoption(forum.wide_adoption, imp.stack) * rest)
    if forum.non_discrimination > 0.0 and shown:
        peers, _, _, _ = comparables_seen(m, t)
        if not math.isnan(peers):
            ceiling = min(ceiling, forum.non_discrimination * peers)
    counted = top_down(mkt.burden, part, 1.0, 1.0, territory(m))
    return adequate_reward(forum.adequate_reward * counted), ceiling


@inlined
def within_offers(m: Matter, rate: float) -> float:
    """Where quotations decide: what lies between them, within the range of ``rate``; else ``rate``."""
    if m.forum.method != QUOTATION:
        return rate
    ask, bid, beta, w = m.negotiation.last_ask, m.negotiation.last_bid, m.market.beta, m.forum.half_range
    if ask <= 0.0 or bid <= 0.0:
        return rate
    between = math.exp(beta * math.log(ask) + (1.0 - beta) * math.log(bid))
    return checked(between, rate * (1.0 - w), rate * (1.0 + w))


@compiled
def method_rate(m: Matter, t: int) -> float:
    """What the regime's method gives on the evidence, before the experts' error."""
    forum = m.forum
    seen = top_down(m.market.burden, share_seen(m), 1.0, 1.0, territory(m))
    if not by_licences(forum) and forum.method != SUPPORTED:
        return within_offers(m, seen)
    mean, low, high, _ = comparables_seen(m, t)
    if math.isnan(mean):
        return seen
    if forum.method == SUPPORTED:  # a top-down rate that no comparable supports is not FRAND
        return checked(seen, low, high)
    if forum.method == COMPARABLES:
        return mean
    return checked(mean, seen * (1.0 - forum.half_range), seen * (1.0 + forum.half_range))


@compiled
def court_estimate(m: Matter, t: int, instance: int) -> float:
    """The FRAND rate as this court finds it: method, known bias, expert error (mean one), policy controls.

    The error is addressed by the instance, so two regimes whose courts hear the same instance err alike.
    """
    forum = m.forum
    seed, replication, k = m.chance
    error = error_of(m)
    noise = error * normal(seed, replication, k, COURT_ERROR, instance)
    rate = method_rate(m, t) * known_bias(forum, m.implementer)
    if forum.anti_hold_up == 1:
        technology = technology_share(m.holder)
        rate = min(rate, top_down(m.market.burden, technology, 1.0, 1.0, territory(m)))
    rate *= math.exp(noise - 0.5 * error**2)
    if forum.controlled == 0:
        return rate
    floor, ceiling = bounds(m, t, True)
    return controlled(rate, floor, ceiling)
