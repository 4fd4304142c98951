"""What judgment can be: one file a remedy, and here the one place that asks which it is.

Each remedy says what it is worth before judgment (``expected``) and what it does when given (``effect``);
a court that has a choice also what it finds (``judgment``).
"""

from __future__ import annotations

from simulator.compiled import compiled, inlined
from simulator.engine.law import Forum
from simulator.engine.prospect import DENIED, GRANTED, LOST, RATE_SET, REFUSED, Prospect
from simulator.engine.rate_setting import expected_rate
from simulator.engine.remedies import adaptive, arbitration, both, injunction, none, rate
from simulator.engine.state import Matter
from simulator.rules.remedy import fault_uplift
from simulator.vocabulary import CourtMode, Status

RATE, INJUNCTION = int(CourtMode.DIRECT), int(CourtMode.INDIRECT)
BOTH, ADAPTIVE = int(CourtMode.BOTH), int(CourtMode.ADAPTIVE)
EXCLUDED = int(Status.EXCLUDED)


@inlined
def prospect_of(m: Matter, fault_h: float, fault_i: float, past: float) -> Prospect:
    """What is expected of a judgment to come at these fault weights; ``past``: past use due, USD m."""
    return Prospect(
        past,
        fault_uplift(m.forum.uplift, fault_h, fault_i),
        0.0 if m.suit.arbitration == 1 else m.forum.damages * fault_h,
        injunction.chance(m, fault_h, fault_i),
        adaptive.chance_of_rate(m.forum, fault_h, fault_i),
    )


@inlined
def expected(m: Matter, prospect: Prospect, rho: float, future: float, later: float) -> float:
    """``X_k``: what judgment is worth before it is given at the estimate ``rho``, USD m.

    ``later``: what money is worth today that a second suit brings where an injunction is refused.
    """
    remedy = m.forum.remedy
    if m.suit.arbitration == 1:
        return arbitration.expected(prospect, rho, future)
    if remedy == RATE:
        return rate.expected(m, prospect, rho, future)
    if remedy == INJUNCTION:
        return injunction.expected(m, prospect, rho, future, later)
    if remedy == BOTH:
        return both.expected(m, prospect, rho, future)
    if remedy == ADAPTIVE:
        return adaptive.expected(m, prospect, rho, future, later)
    return none.expected()


@inlined
def judgment(m: Matter, found_h: float, found_i: float, instance: int) -> None:
    """What the court finds: a rate, an injunction, or neither."""
    remedy = m.forum.remedy
    if remedy == RATE:
        rate.judgment(m, found_h, found_i)
    elif remedy == BOTH:
        both.judgment(m, found_h, found_i, instance)
    elif remedy == ADAPTIVE:
        adaptive.judgment(m, found_h, found_i, instance)
    else:
        injunction.judgment(m, found_h, found_i, instance)


@inlined
def remedy_given(m: Matter, future: float, past: float, later: float) -> float:
    """The same without antitrust damages, which are paid when the judgment takes effect."""
    said, court_rate = m.suit.judgment, m.suit.court_rate
    if said == RATE_SET:
        return m.forum.coverage * court_rate * (future + past)
    if said == GRANTED:
        return injunction.licence_value(m, court_rate, future, past, m.outlook.gain)
    if said == DENIED or said == REFUSED:
        waits = said == DENIED and m.suit.second == 0
        return (later if waits else 1.0) * injunction.refusal_value(m, court_rate, future, past)
    return 0.0


@compiled
def given(m: Matter, future: float, past: float, later: float) -> float:
    """What the judgment already given is worth to a party, USD m; nothing if the suit was lost."""
    owed = 0.0 if m.negotiation.status == EXCLUDED else m.forum.damages * m.suit.found_h
    return 0.0 if m.suit.judgment == LOST else remedy_given(m, future, past, later) - owed


@compiled
def effect(m: Matter, t: int) -> None:
    """A judgment or award that binds takes effect."""
    remedy = m.forum.remedy
    if m.suit.arbitration == 1:
        arbitration.effect(m, t)
    elif remedy == RATE:
        rate.effect(m, t)
    elif remedy == INJUNCTION:
        injunction.effect(m, t)
    elif remedy == BOTH:
        both.effect(m, t)
    elif remedy == ADAPTIVE:
        adaptive.effect(m, t)
    else:
        none.effect()


@compiled
def leave(m: Matter, t: int) -> None:
    """After the months it takes, an excluded implementer comes back with a licence, or exits."""
    if t - m.suit.excluded_since < m.forum.take_within:
        return
    if m.suit.judgment == REFUSED:
        both.leave(m, t)
    else:
        injunction.leave(m, t)


@inlined
def under_interim_injunction(m: Matter, prospect: Prospect, rho: float, future: float) -> float:
    """What a licence is worth that is signed under an interim injunction until judgment, USD m."""
    rate = expected_rate(m, rho)
    return injunction.licence_value(m, rate, future, prospect.past, m.outlook.gain_interim)


@inlined
def chance_not_refused(m: Matter, prospect: Prospect) -> float:
    """The chance that judgment, if it is for the holder, does not refuse it an injunction."""
    if not weighs_injunction(m.forum):
        return 1.0
    sets = prospect.rate if m.forum.remedy == ADAPTIVE else 0.0
    return sets + (1.0 - sets) * prospect.injunction


@inlined
def is_rate_case(forum: Forum) -> bool:
    """Whether only the rate is in dispute: either side may win by coming nearer to it."""
    return bool(forum.remedy == RATE or forum.remedy == BOTH)


@inlined
def weighs_injunction(forum: Forum) -> bool:
    """Whether judgment weighs an injunction instead of a rate."""
    return bool(forum.remedy == INJUNCTION or forum.remedy == ADAPTIVE)
