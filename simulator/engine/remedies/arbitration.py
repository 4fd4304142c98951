"""A tribunal that both parties chose: its rate, or in final-offer form the offer nearer to it."""

from __future__ import annotations

import math

from simulator.compiled import compiled, inlined
from simulator.engine.accounts import litigate
from simulator.engine.bases import award_past
from simulator.engine.draws import COURT_ERROR, EPISODE, TRIBUNAL, normal
from simulator.engine.licence import sign
from simulator.engine.prospect import Prospect
from simulator.engine.state import Matter
from simulator.rules.discount import power
from simulator.vocabulary import Outcome

AWARD = int(Outcome.ARBITRAL_AWARD)


@inlined
def expected(prospect: Prospect, rho: float, future: float) -> float:
    """The party's own estimate: a tribunal has no known bias, USD m."""
    return rho * (future + prospect.past)


@compiled
def effect(m: Matter, t: int) -> None:
    """The tribunal's rate; in final-offer form the offer nearer (in logs) to its estimate."""
    forum, negotiation = m.forum, m.negotiation
    seed, replication, k = m.chance
    z = normal(seed, replication, k, COURT_ERROR, TRIBUNAL + EPISODE * m.licence.episode)
    rate = negotiation.frand * math.exp(forum.arbitration_error * z - 0.5 * forum.arbitration_error**2)
    ask, bid = negotiation.last_ask, negotiation.last_bid
    if forum.baseball == 1 and ask > 0.0 and bid > 0.0:
        rate = ask if abs(math.log(ask / rate)) < abs(math.log(bid / rate)) else bid
    m.suit.court_rate = rate
    cost = forum.arbitration_cost
    litigate(negotiation, m.suit, cost, cost, power(m.market.log_social, t))
    sign(m, t, rate, rate * award_past(m, t), rate, AWARD, 0)
