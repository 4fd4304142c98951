"""A standstill agreement: nobody sues until it ends, and limitation does not run meanwhile."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from simulator.engine.build import build
from simulator.spec.regime import Breach, Regime, Step
from simulator.vocabulary import Act, Consequence, CourtMode, Outcome, Party, Phase
from tests.play import Rows, film, outcomes, quantity, regime, scenario, strategy

MONTHS = 12
NUMBERS = {
    "court.past_use.limitation": 6.0,
    "court.settlement.meeting_probability": 0.0,
    "court.durations.variation": 0.0,
    "bargaining.sue_after": 3.0,
}
PARTIES: dict[str, Any] = {
    "holder": "holder_good_faith",
    "implementer": "implementer_good_faith",
}


def standing_still(months: int | None) -> Regime:
    """A bare court that sets rates, behind a standstill of so many months; without one for ``None``."""
    bare = regime(CourtMode.DIRECT)
    if months is None:
        return bare
    agreed = Step(
        title="standstill",
        phase=Phase.TECHNICAL,
        actor=Party.BOTH,
        act=Act.STAND_STILL,
        deadline=quantity(months),
        if_missed=Breach(consequence=Consequence.FAULT_ONLY, go="next"),
        source="test",
    )
    return bare.model_copy(update={"steps": {"standstill": agreed, **bare.steps}})


def played(months: int | None, **numbers: float) -> Rows:
    return outcomes(scenario(standing_still(months), **PARTIES, numbers=NUMBERS | numbers, replications=20))


def test_nobody_sues_before_it_ends() -> None:
    without, under = played(None), played(MONTHS)
    assert (without["filing_month"] >= 0).all()
    assert (without["filing_month"] < MONTHS).all()
    assert (under["filing_month"] == 2 + MONTHS).all()  # agreed in month 1, in force from the next one


def past_paid(months: int | None, limitation: float) -> tuple[float, int, int]:
    """Past sales that the award is paid on, as booked, USD m of its month; month of suit, of licence."""
    numbers = NUMBERS | {"court.past_use.limitation": limitation}
    one = scenario(standing_still(months), **PARTIES, numbers=numbers)
    told = film(one)
    assert told.row["outcome"] == Outcome.COURT_RATE
    filed, signed = int(told.row["filing_month"]), int(told.row["licence_month"])
    social = build(one).market[0]["log_social"]
    return told.resolved["paid"][signed, 0] / told.row["rate"] / np.exp(social * signed), filed, signed


@pytest.mark.parametrize(
    ("months", "limitation", "back"), [(None, 0.0, 0), (MONTHS, 0.0, MONTHS), (4, 2.0, 6)]
)
def test_limitation_is_tolled(months: int | None, limitation: float, back: int) -> None:
    """An award reaches back over the months that stood still besides those that can be claimed at suit."""
    past, filed, signed = past_paid(months, limitation)
    one = scenario(standing_still(months), **PARTIES, numbers=NUMBERS)
    forum, since = build(one).forums[0], max(0, filed - back)
    sales = film(one).implementers["sales"][since:signed, 0]
    interest = np.exp(forum["log_court"] * (signed - np.arange(since, signed)))
    assert past == pytest.approx(forum["court_share"] * (sales * interest).sum(), rel=1e-9)


def test_who_refuses_is_not_bound() -> None:
    stubborn = strategy("implementer_good_faith", conduct={"refuses": (Act.STAND_STILL,)})
    parties = PARTIES | {"implementer": stubborn}
    rows = outcomes(scenario(standing_still(MONTHS), **parties, numbers=NUMBERS, replications=20))
    assert (rows["filing_month"] >= 0).all()
    assert (rows["filing_month"] < MONTHS).all()
