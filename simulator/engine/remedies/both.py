"""A court that sets the rate, and an injunction against the party that does not take it (United Kingdom)."""

from __future__ import annotations

from simulator.compiled import compiled, inlined
from simulator.engine.bases import award_past, award_today
from simulator.engine.licence import sign
from simulator.engine.prospect import GRANTED, REFUSED, Prospect
from simulator.engine.rate_setting import expected_rate
from simulator.engine.regions import reach
from simulator.engine.remedies import injunction, rate
from simulator.engine.state import Matter
from simulator.rules.remedy import denied_award
from simulator.vocabulary import Outcome

COURT_LICENCE = int(Outcome.COURT_RATE)


@inlined
def expected(m: Matter, prospect: Prospect, rho: float, future: float) -> float:
    """The court's licence; refused to be bound by it: exclusion with its probability, USD m."""
    licence = rate.expected(m, prospect, rho, future)
    if m.negotiation.assured == 0:
        return licence
    p = prospect.injunction
    threat = 0.0
    if p > 0.0:
        threat = p * injunction.licence_value(m, expected_rate(m, rho), future, prospect.past, m.outlook.gain)
    return threat + (1.0 - p) * licence


@inlined
def judgment(m: Matter, found_h: float, found_i: float, instance: int) -> None:
    """The rate, and an injunction against who refused beforehand to be bound by it."""
    rate.judgment(m, found_h, found_i)
    if m.negotiation.assured != 0:
        injunction.is_granted(m, found_h, found_i, instance)


@compiled
def takes_licence(m: Matter, t: int, ordered: float, past: float) -> bool:
    """Whether the implementer prefers the court's licence to leaving the forum."""
    forum, court_rate = m.forum, m.suit.court_rate
    award_today(m, t)
    future = m.outlook.future_i
    x = reach(forum, m.implementer)
    leaving = denied_award(court_rate, past, 0.0, x, forum.remainder)
    leaving += x * m.outlook.pay + forum.remainder * (1.0 - x) * court_rate * future
    return bool(ordered * (future + past) <= leaving)


@compiled
def effect(m: Matter, t: int) -> None:
    """The licence ordered if it is taken, exclusion if not."""
    if m.suit.judgment == GRANTED:
        injunction.exclude(m, t)
    elif takes_licence(m, t, rate.ordered(m), award_past(m, t)):
        rate.effect(m, t)
    else:
        m.suit.judgment = REFUSED
        injunction.exclude(m, t)


@compiled
def leave(m: Matter, t: int) -> None:
    """Who refused the court's licence takes it as soon as that is better than staying out."""
    ordered, past = rate.ordered(m), award_past(m, t)
    if takes_licence(m, t, ordered, past):
        sign(m, t, ordered, ordered * past, ordered, COURT_LICENCE, 0)
