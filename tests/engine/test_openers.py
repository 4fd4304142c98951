"""An opportunist opens far off where that gains it something, and less where a court holds it against it."""

from __future__ import annotations

import numpy as np
import pytest

from simulator.spec.regime import FaultRules, Regime
from simulator.vocabulary import CourtMode, Fault
from tests import play
from tests.play import outcomes, quantity, regime, scenario

EXTREME_ASK, MODERATE_ASK = 3.0, 1.3


def opened(law: Regime | str, *, ideal: bool = True, **numbers: float) -> np.ndarray:
    """First asks of an opportunist against good faith, relative to the true rate."""
    given = {name.replace("__", "."): one for name, one in numbers.items()}
    rows = outcomes(
        scenario(
            law,
            holder="holder_opportunist",
            implementer="implementer_good_faith",
            numbers=given,
            replications=200,
            ideal=ideal,
        )
    )
    asks: np.ndarray = rows["first_ask"] / rows["frand_rate"]
    made: np.ndarray = asks[np.isfinite(asks)]
    return made


def test_extreme_offers_are_made_where_they_gain() -> None:
    """Against a moderate opponent a far opener meets it at a better price; no fault is known."""
    assert opened("none") == pytest.approx(EXTREME_ASK)


@pytest.mark.parametrize("discount", [0.5, 2.0, 9.0])
def test_who_cannot_wait_opens_moderately(discount: float) -> None:
    """What travels longest meets latest."""
    assert opened("none", holders__discount=discount) == pytest.approx(MODERATE_ASK)


def test_where_court_bounds_the_price_a_far_opener_gains_nothing() -> None:
    """A court that sets the rate leaves nothing to travel for."""
    assert opened(regime(CourtMode.DIRECT)) == pytest.approx(MODERATE_ASK)


@pytest.mark.parametrize(("cost", "opens"), [(0.0, EXTREME_ASK), (1e4, MODERATE_ASK)])
def test_reasons_that_cost_more_than_they_win_keep_openers_moderate(cost: float, opens: float) -> None:
    """Where reasons for a far opener are owed, giving them is part of its price."""
    owed = regime(CourtMode.NONE, faults=FaultRules(recognised={Fault.UNJUSTIFIED_EXTREME_ASK: quantity(1)}))
    assert opened(owed, costs__claim_chart=cost) == pytest.approx(opens)


def test_a_fault_that_weighs_keeps_openers_moderate() -> None:
    """Under a law that weighs an extreme ask, the heavier the fewer."""
    china = play.law("cn-proposed")
    faults = china.court.faults

    def under(weight: float | None) -> float:
        recognised = {} if weight is None else {fault: quantity(weight) for fault in faults.recognised}
        court = china.court.model_copy(
            update={"faults": faults.model_copy(update={"recognised": recognised})}
        )
        return float((opened(china.model_copy(update={"court": court}), ideal=False) > 2.0).mean())

    shares = [under(weight) for weight in (None, 1.0, 5.0)]
    assert shares[0] >= shares[1] > shares[2]
