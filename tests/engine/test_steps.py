"""Who is in default of a step: the side that failed, whoever may act; a tribunal opens on one side's call."""

from __future__ import annotations

from typing import Any

import pytest

from simulator.spec.regime import Arbitration, Breach, FaultRules, Regime, Step
from simulator.vocabulary import Act, Consequence, CourtMode, Disclosure, Fault, Outcome, Party, Phase
from tests.play import Rows, outcomes, quantity, regime, scenario, strategy

ADR = (Fault.HOLDER_REFUSES_ADR, Fault.IMPLEMENTER_REFUSES_ADR)
NUMBERS = {"court.settlement.meeting_probability": 0.0, "bargaining.sue_after": 24.0}
PARTIES: dict[str, Any] = {
    "holder": "holder_good_faith",
    "implementer": "implementer_good_faith",
}


def with_step(actor: Party, act: Act, fault: Fault, **more: Any) -> Regime:
    """A bare court that sets rates behind one step, whose breach is this fault."""
    recognised = {one: quantity(1) for one in (*ADR, Fault.WITHHOLDS_RATE_BASIS, fault)}
    bare = regime(
        CourtMode.DIRECT,
        faults=FaultRules(recognised=recognised),
        arbitration=Arbitration(form="baseball"),
    )
    step = Step(
        title="step",
        phase=Phase.ADR,
        actor=actor,
        act=act,
        deadline=quantity(3),
        if_missed=Breach(fault=fault, consequence=Consequence.FAULT_ONLY, go="next"),
        source="test",
        **more,
    )
    return bare.model_copy(update={"steps": {"step": step, **bare.steps}})


def booked(rows: Rows, fault: Fault) -> Any:
    return (rows["faults"] >> int(fault)) & 1 == 1


def refusing(who: str, act: Act) -> dict[str, Any]:
    """The parties, one or both of whom never do an act."""
    stubborn = dict(PARTIES)
    if who in ("holder", "both"):
        stubborn["holder"] = strategy("holder_good_faith", conduct={"refuses": (act,)})
    if who in ("implementer", "both"):
        stubborn["implementer"] = strategy("implementer_good_faith", conduct={"refuses": (act,)})
    return stubborn


@pytest.mark.parametrize("actor", [Party.HOLDER, Party.IMPLEMENTER, Party.EITHER, Party.BOTH])
def test_a_tribunal_opens_on_the_call_of_who_may_call(actor: Party) -> None:
    law = with_step(actor, Act.ARBITRATE, Fault.HOLDER_REFUSES_ADR)
    rows = outcomes(scenario(law, **PARTIES, numbers=NUMBERS, replications=20))
    assert (rows["outcome"] == Outcome.ARBITRAL_AWARD).all()
    assert not any(booked(rows, fault).any() for fault in ADR)


@pytest.mark.parametrize("actor", [Party.HOLDER, Party.IMPLEMENTER, Party.EITHER, Party.BOTH])
@pytest.mark.parametrize("who", ["holder", "implementer"])
def test_who_refuses_the_tribunal_is_at_fault(actor: Party, who: str) -> None:
    law = with_step(actor, Act.ARBITRATE, Fault.HOLDER_REFUSES_ADR)
    rows = outcomes(scenario(law, **refusing(who, Act.ARBITRATE), numbers=NUMBERS, replications=20))
    refuser, other = ADR if who == "holder" else reversed(ADR)
    able = actor in (Party.BOTH, Party.EITHER) or actor.name.lower() != who
    assert (rows["outcome"] != Outcome.ARBITRAL_AWARD).all()
    if actor == Party.EITHER and who == "holder":  # nobody else opens where the implementer does not initiate
        assert booked(rows, ADR[0]).all()
        return
    assert booked(rows, refuser).all()
    assert not (able and booked(rows, other).any())


def test_where_either_may_act_both_fail_by_silence() -> None:
    law = with_step(Party.EITHER, Act.NOTIFY, Fault.HOLDER_REFUSES_ADR)
    silent = outcomes(scenario(law, **refusing("both", Act.NOTIFY), numbers=NUMBERS, replications=5))
    spoken = outcomes(scenario(law, **PARTIES, numbers=NUMBERS, replications=5))
    assert all(booked(silent, fault).all() for fault in ADR)
    assert not any(booked(spoken, fault).any() for fault in ADR)


def test_a_step_of_both_books_the_side_that_failed() -> None:
    """A fault of the holder's is not booked because the implementer was late."""
    law = with_step(
        Party.BOTH, Act.DISCLOSE, Fault.WITHHOLDS_RATE_BASIS, must_contain=(Disclosure.RATE_CALCULATION,)
    )
    for who, wrong in (("holder", True), ("implementer", False), ("both", True)):
        rows = outcomes(scenario(law, **refusing(who, Act.DISCLOSE), numbers=NUMBERS, replications=5))
        assert (booked(rows, Fault.WITHHOLDS_RATE_BASIS) == wrong).all(), who
        assert (rows["fault_weight_implementer"] == 0).all(), who


def test_a_deficient_part_of_both_books_the_side_that_withheld() -> None:
    law = with_step(
        Party.BOTH,
        Act.DISCLOSE,
        Fault.WITHHOLDS_RATE_BASIS,
        must_contain=(Disclosure.RATE_CALCULATION,),
        if_deficient=Breach(fault=Fault.WITHHOLDS_RATE_BASIS, consequence=Consequence.FAULT_ONLY, go="stay"),
    )
    hides = {"withholds": (Disclosure.RATE_CALCULATION,)}
    holder = strategy("holder_good_faith", conduct=hides)
    implementer = strategy("implementer_good_faith", conduct=hides)
    for given, wrong in (({"holder": holder}, True), ({"implementer": implementer}, False)):
        rows = outcomes(scenario(law, **(PARTIES | given), numbers=NUMBERS, replications=5))
        assert (booked(rows, Fault.WITHHOLDS_RATE_BASIS) == wrong).all()
