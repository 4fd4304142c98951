"""A court that sets the rate where it finds hold-up, and weighs an injunction where it finds hold-out."""

from __future__ import annotations

from simulator.compiled import compiled, inlined
from simulator.engine.law import Forum
from simulator.engine.prospect import RATE_SET, Prospect
from simulator.engine.remedies import injunction, rate
from simulator.engine.state import Matter


@inlined
def chance_of_rate(forum: Forum, fault_h: float, fault_i: float) -> float:
    """The parties' expectation that the court sets a rate rather than weigh an injunction."""
    if fault_i == fault_h:
        return 1.0 - forum.false_findings
    return 1.0 - forum.detected_i if fault_i > fault_h else forum.detected_h


@inlined
def expected(m: Matter, prospect: Prospect, rho: float, future: float, later: float) -> float:
    """Either remedy with its chance, USD m."""
    weighed = injunction.expected(m, prospect, rho, future, later)
    return prospect.rate * rate.expected(m, prospect, rho, future) + (1.0 - prospect.rate) * weighed


@inlined
def judgment(m: Matter, found_h: float, found_i: float, instance: int) -> None:
    """A rate unless the implementer's faults weigh more."""
    if found_h >= found_i:
        rate.judgment(m, found_h, found_i)
    else:
        injunction.judgment(m, found_h, found_i, instance)


@compiled
def effect(m: Matter, t: int) -> None:
    """That of the remedy chosen."""
    if m.suit.judgment == RATE_SET:
        rate.effect(m, t)
    else:
        injunction.effect(m, t)
