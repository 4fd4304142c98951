"""A court that grants an injunction or refuses it: exclusion until a licence is taken, or damages."""

from __future__ import annotations

import math

from simulator.compiled import compiled, inlined
from simulator.engine.bases import award_past, award_today
from simulator.engine.draws import INJUNCTION, uniform
from simulator.engine.licence import sign
from simulator.engine.prospect import DENIED, GRANTED, Prospect
from simulator.engine.rate_setting import expected_rate, frand_range
from simulator.engine.regions import reach
from simulator.engine.standard_setting import is_uncommitted
from simulator.engine.state import Matter
from simulator.rules.remedy import bounded, denied_award, injunction_licence, injunction_probability
from simulator.vocabulary import HolderKind, InjunctionCap, InjunctionTest, Outcome, Status

COURT_LICENCE, INJUNCTION_OUT, EXIT_OUT = (
    int(Outcome.COURT_RATE),
    int(Outcome.INJUNCTION_LICENCE),
    int(Outcome.EXIT),
)
TALKS, EXCLUDED = int(Status.TALKS), int(Status.EXCLUDED)
NEAR_AUTOMATIC, FOUR_FACTORS = int(InjunctionTest.NEAR_AUTOMATIC), int(InjunctionTest.FOUR_FACTORS)
NO_TEST = int(InjunctionTest.NONE)
CAP_NONE, CAP_OFFER = int(InjunctionCap.NONE), int(InjunctionCap.HOLDER_OFFER)
LICENSING_COMPANY = int(HolderKind.LICENSING_COMPANY)


@inlined
def chance(m: Matter, fault_h: float, fault_i: float) -> float:
    """``p``: the probability of an injunction by the forum's test and gates, given the faults counted."""
    forum, negotiation = m.forum, m.negotiation
    no_offer = negotiation.frand_offer <= 0.0 and negotiation.holder_entitled == 0
    late = negotiation.last_ask > 0.0 or negotiation.status != TALKS
    if forum.test == NO_TEST or (forum.cap == CAP_OFFER and no_offer and late):
        return 0.0
    if (forum.binding == 1 and negotiation.barred != 0) or is_uncommitted(m):
        return 0.0
    clean = 1.0
    if forum.good_faith == 1 and forum.binding == 1:  # none as far as the holder is at fault
        clean = max(0.0, 1.0 - fault_h)
        fault_h = 0.0
    if forum.test == NEAR_AUTOMATIC or (forum.binding == 1 and negotiation.assured != 0):
        return clean * forum.p_max
    licensing = forum.test == FOUR_FACTORS and m.holder.kind == LICENSING_COMPANY
    prior = forum.logit_licensing if licensing else forum.logit_product
    if forum.separate == 1:  # the implementer's faults count as far as the holder is free of fault
        fault_i *= max(0.0, 1.0 - fault_h)
    return clean * injunction_probability(prior, forum.p_max, forum.slope, fault_h, fault_i)


@inlined
def licence_value(m: Matter, rate: float, future: float, past: float, gain: float) -> float:
    """``X_inj`` where exclusion costs ``gain``, USD m.

    At most the regime's cap, at least ``X_den``, at most what can be paid.
    """
    forum = m.forum
    value = injunction_licence(
        rate, past, future, reach(forum, m.implementer), forum.remainder, m.market.beta, gain
    )
    cap = math.inf
    if forum.cap == CAP_OFFER and m.negotiation.frand_offer > 0.0:
        cap = m.negotiation.frand_offer * (future + past)
    elif forum.cap != CAP_NONE:
        cap = rate * frand_range(m)[1] * (future + past)
    return bounded(value, cap, refusal_value(m, rate, future, past), m.outlook.pay)


@inlined
def refusal_value(m: Matter, rate: float, future: float, past: float) -> float:
    """``X_den``: damages in the forum and what is collectable elsewhere, as far as it can be paid, USD m."""
    return min(
        denied_award(rate, past, future, reach(m.forum, m.implementer), m.forum.remainder), m.outlook.pay
    )


@inlined
def expected(m: Matter, prospect: Prospect, rho: float, future: float, later: float) -> float:
    """An injunction with its probability, damages otherwise, ``later`` of them today, USD m."""
    rate, p = expected_rate(m, rho), prospect.injunction
    threat = 0.0
    if p > 0.0:
        threat = p * licence_value(m, rate, future, prospect.past, m.outlook.gain)
    return threat + (1.0 - p) * later * refusal_value(m, rate, future, prospect.past)


@inlined
def is_granted(m: Matter, found_h: float, found_i: float, instance: int) -> bool:
    """Whether an injunction is granted, which is recorded if so."""
    seed, replication, k = m.chance
    if uniform(seed, replication, k, INJUNCTION, instance) >= chance(m, found_h, found_i):
        return False
    m.suit.judgment = GRANTED
    m.suit.injunction = 1
    return True


@inlined
def judgment(m: Matter, found_h: float, found_i: float, instance: int) -> None:
    """An injunction is granted or refused."""
    if not is_granted(m, found_h, found_i, instance):
        m.suit.judgment = DENIED


@compiled
def exclude(m: Matter, t: int) -> None:
    """The products are excluded from the forum."""
    m.negotiation.status = EXCLUDED
    m.suit.excluded_since = t


@compiled
def leave(m: Matter, t: int) -> None:
    """An excluded implementer takes the licence, or exits if it cannot pay the least a holder would sign."""
    past = award_today(m, t)
    future, rate = m.outlook.future_i, m.suit.court_rate
    if future <= 0.0:
        return
    if m.outlook.pay < m.holder_strategy.floor * rate * (future + past):
        m.negotiation.outcome = EXIT_OUT
        return
    running = licence_value(m, rate, future, past, m.outlook.gain) / (future + past)
    sign(m, t, running, running * past, running, INJUNCTION_OUT, 0)


@compiled
def effect(m: Matter, t: int) -> None:
    """Exclusion if it was granted, damages if it was refused."""
    if m.suit.judgment == GRANTED:
        exclude(m, t)
        if m.forum.take_within == 0:  # the licence is taken at once
            leave(m, t)
        return
    rate = m.suit.court_rate
    lump = denied_award(rate, award_past(m, t), 0.0, reach(m.forum, m.implementer), m.forum.remainder)
    running = m.forum.remainder * rate
    sign(m, t, running, lump, running, COURT_LICENCE, 0)
