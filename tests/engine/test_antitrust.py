"""A dominant holder's breach: not made good by the other side's faults, and paid for, if the law says so."""

from __future__ import annotations

from typing import Any, Literal

import numpy as np
import pytest

from simulator.engine.build import build
from simulator.spec.regime import FaultRules, Injunction, Regime, StandingRules
from simulator.vocabulary import CourtMode, Fault, InjunctionCap, InjunctionTest, Standing
from tests.play import Rows, film, outcomes, quantity, regime, scenario, strategy

WRONGS = {Fault.THREATENS: 1, Fault.NON_SUBSTANTIVE_REPLIES: 1, Fault.DEMANDS_VALIDITY_FIRST: 1}
SURE = {
    "beliefs.bias": 1.5,  # nothing to sign: every pair is judged
    "bargaining.floor": 5.0,
    "court.settlement.meeting_probability": 0.0,
    "court.faults.detected": 1.0,
    "court.faults.false_findings": 0.0,
    "court.durations.variation": 0.0,
    "court.injunction.ceiling": 1.0,
    "court.injunction.slope": 5.0,
}


def law(netting: Literal["netted", "separate"], mode: CourtMode = CourtMode.INDIRECT) -> Regime:
    faults = FaultRules(recognised={fault: quantity(one) for fault, one in WRONGS.items()}, netting=netting)
    gate = Injunction(test=InjunctionTest.FAULT_GATE, cap=InjunctionCap.NONE)
    standing = StandingRules(holder=Standing.ANY, implementer=Standing.NONE)
    return regime(mode, faults=faults, injunction=gate, standing=standing)


def parties(*, threatens: bool, stalls: bool) -> dict[str, Any]:
    conduct = {"stalls": stalls, "demands": "validity_first" if stalls else "nothing"}
    return {
        "holder": strategy("holder_good_faith", conduct={"threatens": threatens}),
        "implementer": strategy("implementer_good_faith", conduct=conduct),
    }


def enjoined(netting: Literal["netted", "separate"], *, threatens: bool, stalls: bool) -> float:
    given = parties(threatens=threatens, stalls=stalls)
    rows = outcomes(scenario(law(netting), **given, numbers=SURE, replications=200))
    judged = rows["judgments"] > 0
    assert judged.any()
    return float(rows["injunction"][judged].mean())


def test_faults_of_the_other_side_make_no_breach_good() -> None:
    """One fault of the holder against two of the implementer."""
    assert enjoined("netted", threatens=True, stalls=True) > 0.95
    assert enjoined("separate", threatens=True, stalls=True) < 0.05


@pytest.mark.parametrize("stalls", [False, True])
def test_a_holder_without_fault_is_judged_alike(*, stalls: bool) -> None:
    netted, separate = (enjoined(one, threatens=False, stalls=stalls) for one in ("netted", "separate"))
    assert netted == separate > 0.0


def played(damages: float, *, threatens: bool) -> Rows:
    given = parties(threatens=threatens, stalls=False)
    numbers = SURE | {"court.faults.damages": damages}
    return outcomes(scenario(law("netted", CourtMode.DIRECT), **given, numbers=numbers, replications=20))


def test_damages_are_paid_once_when_the_judgment_takes_effect() -> None:
    without, under = played(0.0, threatens=True), played(2.0, threatens=True)
    assert np.array_equal(without["licence_month"], under["licence_month"])
    social = build(scenario("none", numbers=SURE)).market[0]["log_social"]
    owed = 2.0 * np.exp(social * under["licence_month"])
    assert without["paid"] - under["paid"] == pytest.approx(owed)


def test_no_breach_no_damages() -> None:
    without, under = played(0.0, threatens=False), played(2.0, threatens=False)
    assert np.array_equal(without["paid"], under["paid"])


def test_both_sides_foresee_damages() -> None:
    """Before judgment, suit is worth less to a holder at fault and costs the implementer less."""
    given = parties(threatens=True, stalls=False)
    values = {}
    for damages in (0.0, 2.0):
        numbers = SURE | {"court.faults.damages": damages}
        shown = film(scenario(law("netted", CourtMode.DIRECT), **given, numbers=numbers)).decided[:, 0]
        in_talks = shown[(shown["fault_h"] > 0) & (shown["w_h"] > 0)]
        values[damages] = in_talks[["w_h", "l_i"]][0]
    assert values[2.0]["w_h"] < values[0.0]["w_h"]
    assert values[2.0]["l_i"] < values[0.0]["l_i"]
