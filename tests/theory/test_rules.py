"""Every rule worked out by hand with all of its arguments at work, and at its borders."""

from __future__ import annotations

import math
from collections.abc import Callable

import pytest

from simulator.rules import bargain, belief, discount, litigation, market, remedy

BY_HAND: list[tuple[Callable[..., object], tuple[float, ...], object]] = [
    (bargain.reservation_holder, (2.0, 100.0, 0.2, 0.01), 0.02),
    (bargain.reservation_holder, (0.1, 100.0, 0.2, 0.01), 0.002),
    (bargain.reservation_holder, (0.5, 0.5, 0.2, 0.01), 1.0),
    (bargain.reservation_holder, (2.0, 0.0, 0.2, 0.01), 0.002),
    (bargain.reservation_implementer, (2.0, 100.0, 3.0, 0.01, 0.5), 0.03),
    (bargain.reservation_implementer, (4.0, 100.0, 3.0, 0.01, 0.5), 0.04),
    (bargain.reservation_implementer, (90.0, 100.0, 3.0, 0.01, 0.5), 0.5),
    (bargain.reservation_implementer, (0.25, 0.5, 0.1, 0.01, 0.8), 0.5),
    (bargain.reservation_implementer, (2.0, 0.0, 3.0, 0.01, 0.02), 0.02),
    (bargain.reservation_implementer, (2.0, 0.0, 3.0, 0.01, 0.2), 0.03),
    (bargain.nash1950, (0.2, 0.6, 0.25), 0.3),
    (bargain.conceded, (6.0, 24.0, 2.0), 0.5),
    (bargain.conceded, (24.0, 24.0, 2.0), 1.0),
    (bargain.conceded, (30.0, 24.0, 2.0), 1.0),
    (bargain.conceded, (0.5, 1.0, 1.0), 0.5),
    (bargain.conceded, (3.0, 0.0, 1.0), 1.0),
    (bargain.reciprocation, (0.03, 0.010, 0.012, 0.01), 0.025),
    (bargain.reciprocation, (0.03, 0.010, 0.008, 0.01), 0.03),
    (bargain.reciprocation, (0.03, 0.010, 0.060, 0.01), 0.01),
    (bargain.reciprocation, (0.01, 0.030, 0.020, 0.04), 0.015),
    (bargain.reciprocation, (0.01, 0.020, 0.030, 0.04), 0.01),
    (bargain.reciprocation, (0.01, 0.080, 0.010, 0.04), 0.04),
    (bargain.reciprocation, (0.03, 0.0, 0.012, 0.01), 0.03),
    (bargain.reciprocation, (0.03, 0.012, 0.0, 0.01), 0.03),
    (bargain.crossing_price, (0.01, 0.03, 0.25), 0.015),
    (bargain.holder_proposal, (1.0, 2.0, 0.9, 3.0, 10.0, 100.0), 0.14),
    (bargain.holder_proposal, (0.05, 2.0, 0.9, 3.0, 10.0, 100.0), 0.05),
    (bargain.implementer_proposal, (0.01, 2.0, 0.9, 10.0, 100.0), 0.07),
    (bargain.implementer_proposal, (0.08, 2.0, 0.9, 10.0, 100.0), 0.08),
    (remedy.liability, (0.2, 2.0), 0.36),
    (remedy.fault_uplift, (0.2, 1.0, 3.0), 1.08),
    (remedy.fault_uplift, (0.2, 3.0, 1.0), 0.92),
    (remedy.fault_uplift, (0.2, 2.0, 2.0), 1.0),
    (remedy.fault_uplift, (2.0, 0.0, 1.0), 2.0),
    (remedy.fault_uplift, (0.0, 0.0, 1.0), 1.0),
    (remedy.loss_share, (1.0, 3.0), 0.75),
    (remedy.loss_share, (0.0, 0.0), 0.5),
    (remedy.loss_share, (0.1, 0.3), 0.75),
    (remedy.logit, (0.8,), math.log(4.0)),
    (remedy.logit, (0.0,), -math.inf),
    (remedy.logit, (1.0,), math.inf),
    (remedy.injunction_probability, (math.log(3.0), 0.8, math.log(2.0), 1.0, 2.0), 0.8 * 6 / 7),
    (remedy.direct_award, (0.02, 0.5, 1.1, 100.0, 50.0), 1.65),
    (remedy.denied_award, (0.01, 100.0, 60.0, 0.2, 0.5), 0.9),
    (remedy.exclusion_gain, (0.25, 0.5, 1000.0, 5.0), 130.0),
    (remedy.injunction_licence, (0.01, 100.0, 50.0, 0.25, 0.5, 0.4, 10.0), 4.8125),
    (remedy.bounded, (5.0, 4.0, 1.0, 9.0), 4.0),
    (remedy.bounded, (3.0, 4.0, 1.0, 9.0), 3.0),
    (remedy.bounded, (5.0, 1.0, 2.0, 9.0), 2.0),
    (remedy.bounded, (5.0, 4.0, 1.0, 3.0), 3.0),
    (market.output_factor, (2.0, 0.5, 0.1), 0.9),
    (market.output_factor, (4.0, 1.0, 0.5), 0.0),
    (market.deadweight, (2.0, 0.5, 0.2), 0.01),
    (market.room_under_cap, (0.05, 0.01, 0.2, 0.8), 0.01),
    (market.room_under_cap, (0.05, 0.06, 0.2, 0.8), 0.0),
    (market.room_under_cap, (0.05, 0.01, 0.2, 0.0), 0.04),
    (discount.power, (math.log(2.0), 3.0), 8.0),
    (discount.annuity, (math.log(2.0), 3.0), 7.0),
    (discount.annuity, (0.0, 3.0), 3.0),
    (litigation.expected_cost, (2.0, 3.0, 0.5, 0.75), 2.875),
    (litigation.security_burden, (10.0, 0.5, 1.2), 4.0),
    (litigation.value_of_suit, (0.9, 0.5, 10.0, 1.5), 3.0),
    (litigation.loss_from_suit, (0.9, 0.5, 10.0, 1.5, 0.25), 6.25),
    (belief.point_estimate, (math.log(2.0), 2 * math.log(2.0)), 1.0),
    (belief.signal_sd, (0.3, 3, True), 0.6),
    (belief.signal_sd, (0.3, 3, False), 0.3),
    (belief.learn, (1.0, 4.0, 2.0, 1.0), (1.8, 0.8)),
]


@pytest.mark.parametrize(("rule", "given", "wanted"), BY_HAND)
def test_every_rule_gives_what_was_worked_out_by_hand(
    rule: Callable[..., object], given: tuple[float, ...], wanted: object
) -> None:
    assert rule(*given) == pytest.approx(wanted, rel=1e-12)
