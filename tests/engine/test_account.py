"""The account: whom an exclusion costs, what bias is measured in, when a licence is taken."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from simulator.engine.build import build
from simulator.rules.remedy import bounded
from simulator.spec.find import builtin
from simulator.spec.regime import Injunction
from simulator.vocabulary import CourtMode, InjunctionTest, Outcome
from tests.play import Rows, film, outcomes, regime, scenario, strategy

TOUGH: dict[str, Any] = {
    "holder": strategy("holder_good_faith", floor=2.0),
    "implementer": [strategy("implementer_hold_out"), strategy("implementer_hold_out")],
}
CERTAIN = {
    "court.settlement.meeting_probability": 0.0,
    "court.injunction.ceiling": 1.0,
    "court.durations.variation": 0.0,
    "court.scope.forum_share": 1.0,
}
HOLDERS = sorted(name for name in builtin("strategies") if name.startswith("holder"))
IMPLEMENTERS = sorted(name for name in builtin("strategies") if name.startswith("implementer"))
ENJOINS = regime(CourtMode.INDIRECT, injunction=Injunction(test=InjunctionTest.NEAR_AUTOMATIC))


def played(rivals: int = 2, **numbers: float) -> Rows:
    parties = TOUGH | {"implementer": TOUGH["implementer"][:rivals]}
    given = CERTAIN | {name.replace("__", "."): value for name, value in numbers.items()}
    return outcomes(scenario(ENJOINS, **parties, numbers=given, replications=40))


@pytest.mark.parametrize("share", [0.0, 0.4, 1.0])
def test_rivals_earn_a_share_of_what_exclusion_costs(share: float) -> None:
    rows, base = played(demand__diverted=share), played(demand__diverted=0.0)
    assert (rows["months_excluded"] > 0).any()
    assert rows["margin_diverted"] == pytest.approx(share * rows["margin_lost"])
    for column in set(rows.dtype.names or ()) - {"margin_diverted"}:
        assert np.array_equal(rows[column], base[column], equal_nan=True), column


def test_nobody_earns_it_where_there_is_no_rival() -> None:
    rows = played(1, demand__diverted=1.0)
    assert (rows["margin_lost"] > 0).any()
    assert (rows["margin_diverted"] == 0).all()


def test_exclusion_from_all_sales_costs_the_margin_once() -> None:
    """With no discounting and flat sales: margin x sales x months excluded."""
    rows = played(1, welfare__social_discount=0.0, implementers__growth=0.0, demand__elasticity=0.0)
    one = scenario(ENJOINS, **(TOUGH | {"implementer": TOUGH["implementer"][0]}), numbers=CERTAIN)
    market = build(one).implementer_groups[0]
    sales, margin = film(one).implementers["scale"][0, 0], market["margin"]
    hit = rows["replication"] == 0
    assert rows["margin_lost"][hit] == pytest.approx(margin * sales * rows["months_excluded"][hit])


def test_exit_is_diverted_as_exclusion_is() -> None:
    """A thin margin drives implementers out of the market, under whatever strategies they play."""
    numbers = {"implementers.margin": 0.03, "demand.diverted": 0.25}
    rows = outcomes(
        scenario(
            *sorted(builtin("regimes")),
            holder=HOLDERS,
            implementer=2 * IMPLEMENTERS,
            ideal=False,
            numbers=numbers,
        )
    )
    gone = rows["outcome"] == Outcome.EXIT
    assert (rows["margin_lost"][gone] > 0).any()
    assert rows["margin_diverted"] == pytest.approx(0.25 * rows["margin_lost"])


def test_bias_goes_with_the_spread_unless_stated() -> None:
    def bias(**numbers: float) -> float:
        given = {name.replace("__", "."): value for name, value in numbers.items()}
        return float(build(scenario("none", ideal=False, numbers=given)).market[0]["bias"])

    assert bias() == pytest.approx(0.1)
    assert bias(beliefs__spread=0.6) == pytest.approx(0.2)
    assert bias(beliefs__spread=0.6, beliefs__bias_per_spread=1.0) == pytest.approx(0.6)
    assert bias(beliefs__spread=0.6, beliefs__bias=0.1) == 0.1
    assert bias(beliefs__bias=0.1, beliefs__bias_per_spread=1.0) == 0.1


def test_months_to_take_a_licence_count_from_none() -> None:
    """0, 1 and 2 months to take the licence are three different things."""
    excluded = [played(court__injunction__take_within=months)["months_excluded"] for months in (0, 1, 2)]
    hit = excluded[2] > 0
    assert hit.any()
    assert (excluded[0] == 0).all()
    assert (excluded[1][hit] < excluded[2][hit]).all()
    assert (excluded[1] > 0).any()


@pytest.mark.parametrize("value", [0.0, 1.0, 5.0])
@pytest.mark.parametrize("cap", [0.5, 2.0, np.inf])
@pytest.mark.parametrize("ability", [0.0, 1.0, 10.0])
def test_an_injunction_is_never_worth_less_than_its_refusal(value: float, cap: float, ability: float) -> None:
    for refused in (0.0, 1.5, 4.0):
        payable = min(refused, ability)
        assert payable <= bounded(value, cap, payable, ability) <= ability


def test_a_concession_does_not_lower_the_cap() -> None:
    """The highest offer that passed the FRAND test counts, whatever is offered later."""
    one = scenario("us-ebay", holder="holder_good_faith", implementer="implementer_hold_out", ideal=False)
    shown = film(one).resolved[:, 0]
    asks, passed = shown["last_ask"], shown["frand_offer"]
    assert (np.diff(passed) >= 0).all()
    assert (passed > 0).any()
    assert (asks[passed > 0] < passed[passed > 0]).any()
