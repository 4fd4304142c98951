"""A court that sets the rate: a licence at what it finds."""

from __future__ import annotations

from simulator.compiled import compiled, inlined
from simulator.engine.bases import award_past
from simulator.engine.licence import cap_room, sign
from simulator.engine.prospect import RATE_SET, Prospect
from simulator.engine.rate_setting import expected_rate
from simulator.engine.state import Matter
from simulator.rules.remedy import direct_award, fault_uplift
from simulator.vocabulary import Outcome

COURT_LICENCE = int(Outcome.COURT_RATE)


@inlined
def expected(m: Matter, prospect: Prospect, rho: float, future: float) -> float:
    """The award at the rate the method gives, shifted for fault, USD m."""
    return direct_award(expected_rate(m, rho), m.forum.coverage, prospect.uplift, future, prospect.past)


@inlined
def judgment(m: Matter, found_h: float, found_i: float) -> None:
    """The rate found, shifted for the faults found."""
    m.suit.court_rate *= fault_uplift(m.forum.uplift, found_h, found_i)
    m.suit.judgment = RATE_SET


@inlined
def ordered(m: Matter) -> float:
    """The rate of the licence ordered, under any aggregate cap, of price."""
    rate = m.forum.coverage * m.suit.court_rate
    if m.forum.aggregate_cap == 1:
        rate = min(rate, cap_room(m.holder, m.implementer))
    return rate


@compiled
def effect(m: Matter, t: int) -> None:
    """The licence is signed at the rate ordered."""
    rate = ordered(m)
    sign(m, t, rate, rate * award_past(m, t), rate, COURT_LICENCE, 0)
