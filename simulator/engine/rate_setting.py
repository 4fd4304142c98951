"""How the court of a regime finds its rate: the methods of ``rates/`` on what a court can see.

A court sees declared or checked counts of families, disclosed licences of the same holder, and what
experts make of them with error; it never sees the true FRAND rate.  The methods that value the
technology itself (hypothetical negotiation, incremental value) rest on expert evidence about the
portfolio's value, true on average and noisy.  Bias and spread of a method are therefore outcomes.
"""

from __future__ import annotations

import math

from simulator.compiled import compiled
from simulator.engine.bases import known_bias
from simulator.engine.draws import COURT_ERROR, UNPACK, normal
from simulator.engine.records import MAX_COMPARABLES
from simulator.engine.state import Matter
from simulator.rates.comparable import adjusted, log_mean, similarity, size_likeness, year_likeness
from simulator.rates.cross_check import checked
from simulator.rates.policy import anti_stacking, controlled, total_control, wide_adoption
from simulator.rates.top_down import top_down
from simulator.vocabulary import Comparable, RateMethod

DECLARED, ESSENTIAL = int(RateMethod.TOP_DOWN_DECLARED), int(RateMethod.TOP_DOWN_ESSENTIAL)
COMPARABLES, CHECKED = int(RateMethod.COMPARABLES), int(RateMethod.COMPARABLES_CHECKED)
POOL = int(RateMethod.POOL)
RATE, REGION, LOG_SALES = int(Comparable.RATE), int(Comparable.REGION), int(Comparable.LOG_SALES)
MONTH, TAINTED, LICENSEE = int(Comparable.MONTH), int(Comparable.TAINTED), int(Comparable.LICENSEE)
HALF_LIFE = 5.0  # years: assumption, a licence five years older counts half


@compiled
def comparables_rate(m: Matter, t: int) -> float:
    """Weighted log-mean of the holder's disclosed licences signed before month ``t``; nan if too few.

    Each is unpacked with noise, carried over by the ratio of regional factors, and weighted by
    likeness in size, territory and date; those signed under suit count only where the regime keeps
    tainted ones.  The 64 latest are looked at.
    """
    forum, hold, imp, entity = m.forum, m.holder, m.implementer, m.negotiation.holder
    seed, replication, _ = m.chance
    own = imp.region * m.licence.region
    weights = 0.0
    logs = 0.0
    number = 0
    for n in range(min(hold.n_comparables, MAX_COMPARABLES)):
        rate = hold.comparables[n, RATE]
        region = hold.comparables[n, REGION]
        month = hold.comparables[n, MONTH]
        tainted = hold.comparables[n, TAINTED] > 0.0 and forum.keep_tainted == 0
        if month >= t or tainted or rate <= 0.0 or region <= 0.0:
            continue
        size = size_likeness(math.exp(hold.comparables[n, LOG_SALES]), imp.scale)
        territory = size_likeness(region, own)
        weight = similarity(1.0, 1.0, 1.0, size, year_likeness((t - month) / 12.0, HALF_LIFE), territory)
        licensee = int(hold.comparables[n, LICENSEE])
        noise = forum.unpacking * normal(seed, replication, entity, UNPACK, licensee)
        weights += weight
        logs += weight * (math.log(adjusted(rate, own / region)) + noise - 0.5 * forum.unpacking**2)
        number += 1
    if number < forum.comparables_needed or weights <= 0.0:
        return math.nan
    return log_mean(logs, weights)


@compiled
def method_rate(m: Matter, t: int) -> float:
    """What the regime's method gives on the evidence, before the experts' error."""
    forum, mkt, hold, imp = m.forum, m.market, m.holder, m.implementer
    territory = imp.region * m.licence.region
    counted = top_down(mkt.burden, hold.count_share, 1.0, 1.0, territory)
    if forum.method == DECLARED:
        return top_down(mkt.burden, hold.declared_share, 1.0, 1.0, territory)
    if forum.method == ESSENTIAL or forum.method == POOL:
        return counted
    if forum.method == COMPARABLES or forum.method == CHECKED:
        seen = comparables_rate(m, t)
        if math.isnan(seen):
            return counted
        if forum.method == CHECKED:
            return checked(seen, counted * (1.0 - forum.half_range), counted * (1.0 + forum.half_range))
        return seen
    return float(m.negotiation.frand)


@compiled
def policy_controls(m: Matter, rate: float, t: int) -> float:
    """The rate under the regime's policy controls (Huawei v IDC, Microsoft v Motorola); off is no bound."""
    forum, mkt, hold, imp = m.forum, m.market, m.holder, m.implementer
    territory = imp.region * m.licence.region
    counted = top_down(mkt.burden, hold.count_share, 1.0, 1.0, territory)
    profit = total_control(imp.margin, forum.total_control) * hold.count_share
    technology = counted if forum.anti_hold_up == 1 else math.inf
    room = anti_stacking(mkt.burden * imp.region, imp.stack) if forum.anti_stacking == 1 else math.inf
    adoption = wide_adoption(forum.wide_adoption, imp.stack)
    if forum.non_discrimination > 0.0:
        peers = comparables_rate(m, t)
        if not math.isnan(peers):
            technology = min(technology, forum.non_discrimination * peers)
    return controlled(rate, profit, technology, room, adoption, forum.adequate_reward)


@compiled
def court_estimate(m: Matter, t: int, instance: int) -> float:
    """The FRAND rate as this court finds it: method, known bias, expert error (mean one), policy controls.

    The error is addressed by the instance, so two regimes whose courts hear the same instance err alike.
    """
    seed, replication, k = m.chance
    noise = m.forum.court_error * normal(seed, replication, k, COURT_ERROR, instance)
    rate = method_rate(m, t) * known_bias(m.forum, m.implementer)
    rate *= math.exp(noise - 0.5 * m.forum.court_error**2)
    return policy_controls(m, rate, t)
