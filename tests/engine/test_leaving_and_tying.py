"""Walking away and bundling: who leaves the talks for good, and who licenses all or nothing."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from simulator.spec.load import load_scenario
from simulator.spec.regime import Breach, FaultRules, Injunction, Regime
from simulator.trace.follow import trace
from simulator.vocabulary import (
    Act,
    Cause,
    Consequence,
    CourtMode,
    Fault,
    InjunctionCap,
    InjunctionTest,
    Outcome,
    Party,
)
from tests.play import Film, Player, behind, film, outcomes, quantity, regime, scenario, step, strategy

NUMBERS = {"standard.horizon": 60.0}
SEEN = FaultRules(
    recognised={fault: quantity(1) for fault in (Fault.BREAKS_OFF, Fault.DELAYS, Fault.BUNDLES)}
)
AFTER = 6


def courts(mode: CourtMode = CourtMode.DIRECT) -> Regime:
    return regime(mode, faults=SEEN)


def talks(law: Regime, **parties: Player) -> Film:
    patient = strategy("holder_good_faith", window=40.0, sue_after=40.0)
    slow = strategy("implementer_good_faith", anchor=0.1, window=40.0, sue_after=40.0)
    given: dict[str, Any] = {"holder": patient, "implementer": slow} | parties
    return film(scenario(law, numbers=NUMBERS, **given))


def leaver(side: str, **more: float) -> Player:
    given: dict[str, Any] = {"window": 40.0, "sue_after": 40.0, "walks_after": float(AFTER)} | more
    if side == "implementer":
        given = {"anchor": 0.1} | given
    return strategy(f"{side}_good_faith", **given)


def booked(shots: Film, fault: Fault) -> Any:
    return (shots.resolved["faults"][:, 0] & (1 << int(fault))) != 0


def test_an_implementer_that_leaves_makes_the_holder_sue_at_once() -> None:
    """Its clock starts the month after its first offer; the holder sues in the month after it left."""
    shots = talks(courts(), implementer=leaver("implementer"))
    left = int(np.argmax(shots.resolved["broken"][:, 0] != 0))
    assert left == shots.row.filing_month - 1
    assert left == shots.resolved["first_bid_month"][left, 0] + 1 + AFTER
    assert shots.resolved["broken"][left, 0] == 4
    assert booked(shots, Fault.DELAYS)[left]
    assert not booked(shots, Fault.DELAYS)[:left].any()
    assert not booked(shots, Fault.BREAKS_OFF).any()
    assert np.isnan(shots.moves["bid"][left + 1 :, 0]).all()
    assert talks(courts()).row.filed == 0


def test_a_holder_that_leaves_never_sues() -> None:
    shots = talks(courts(), holder=leaver("holder"))
    left = int(np.argmax(shots.resolved["broken"][:, 0] != 0))
    assert shots.resolved["broken"][left, 0] == 2
    assert booked(shots, Fault.BREAKS_OFF)[left]
    assert (shots.row.outcome, shots.row.cause) == (Outcome.UNLICENSED, Cause.STRATEGIC)
    assert (shots.row.filed, shots.row.paid) == (0, 0)
    assert shots.decided["w_h"][left + 1, 0] > 0  # a suit would have paid


def test_the_one_left_behind_may_ask_for_a_rate_and_the_one_that_left_may_not() -> None:
    may_ask = regime(CourtMode.DIRECT, faults=SEEN, standing={"holder": "any", "implementer": "rate_action"})
    for gone, other in (("holder", 1), ("implementer", 0)):
        parties: dict[str, Any] = {gone: leaver(gone, **({"anchor": 8.0} if gone == "holder" else {}))}
        shots = talks(may_ask, **parties)
        assert (shots.row.filed, shots.row.filer) == (1, other)


def test_leaving_after_the_other_sides_breach_is_no_fault() -> None:
    """What entitles a side to sue gives it cause to leave."""
    missed = Breach(fault=Fault.NO_OFFER, consequence=Consequence.OPENS_COURT, go="next")
    law = behind(courts(CourtMode.NONE), offer=step(Act.OFFER, Party.HOLDER, 1, if_missed=missed))
    silent = strategy("holder_good_faith", conduct={"refuses": (Act.OFFER,)})
    shots = film(scenario(law, holder=silent, implementer=leaver("implementer"), numbers=NUMBERS))
    left = int(np.argmax(shots.resolved["broken"][:, 0] != 0))
    assert left > 0
    assert not booked(shots, Fault.DELAYS).any()


def test_leaving_is_told() -> None:
    patient = strategy("holder_good_faith", window=40.0, sue_after=40.0)
    one = scenario(courts(), holder=patient, implementer=leaver("implementer"), numbers=NUMBERS)
    events = trace(one, "bare").timelines[0].events
    told = [event for event in events if event.kind == "end of talks"]
    assert [(event.month, event.who) for event in told] == [(AFTER + 2, "implementer")]
    assert [event.month for event in events if event.kind == "filing"] == [AFTER + 3]


@pytest.mark.parametrize("ties", [0.2, 0.8])
def test_a_bundle_raises_what_is_asked_and_what_is_taken_by_its_price(ties: float) -> None:
    """Certain beliefs: both rise by the multiple of the FRAND rate; the court's rate does not."""
    alone, bundle = (
        talks(courts(), holder=strategy("holder_good_faith", window=40.0, sue_after=40.0, ties=price))
        for price in (0.0, ties)
    )
    due = alone.row.frand_rate
    t = int(alone.resolved["first_ask_month"][-1, 0])
    assert bundle.row.first_ask - alone.row.first_ask == pytest.approx(ties * due)
    assert bundle.decided["r_h"][t, 0] - alone.decided["r_h"][t, 0] == pytest.approx(ties * due)
    assert bundle.decided["r_i"][t, 0] == pytest.approx(alone.decided["r_i"][t, 0])
    assert bundle.decided["w_h"][t, 0] == pytest.approx(alone.decided["w_h"][t, 0])
    assert booked(bundle, Fault.BUNDLES)[t]
    assert not booked(alone, Fault.BUNDLES).any()


def test_all_or_nothing_ends_in_court_where_the_bundle_is_worth_less_than_it_costs() -> None:
    """An implementer that pays its estimate and no more signs for the patents, not for the bundle."""
    shots = talks(courts(), holder=strategy("holder_good_faith", window=20.0, sue_after=20.0, ties=0.5))
    assert (shots.row.outcome, shots.row.cause) == (Outcome.COURT_RATE, Cause.STRATEGIC)
    assert shots.row.rate == pytest.approx(shots.row.frand_rate)
    assert talks(courts()).row.outcome == Outcome.NEGOTIATED


def test_a_law_that_knows_the_fault_weighs_the_bundle_in_an_injunction() -> None:
    """The odds of an injunction fall by the fault as seen, so the implementer fears the suit less."""
    gate = Injunction(test=InjunctionTest.FAULT_GATE, cap=InjunctionCap.NONE)
    knows, blind = (
        talks(
            regime(CourtMode.INDIRECT, injunction=gate, faults=FaultRules(recognised=recognised)),
            holder=strategy("holder_good_faith", window=40.0, sue_after=40.0, ties=0.5),
        )
        for recognised in ({Fault.BUNDLES: quantity(1)}, {Fault.NO_REQUEST: quantity(1)})
    )
    t = int(knows.resolved["first_ask_month"][-1, 0]) + 1
    assert knows.decided["l_i"][t, 0] < blind.decided["l_i"][t, 0]
    assert knows.decided["w_h"][t, 0] < blind.decided["w_h"][t, 0]


def test_built_in_strategies_do_what_they_are_called_after() -> None:
    one = load_scenario("duopoly", regimes=["cn-samr-2024"], replications=1)
    parties: dict[str, Any] = {"holder": "holder_bundler", "implementer": "implementer_walker"}
    rows = outcomes(scenario(*one.regimes, **parties, replications=20, ideal=False))
    assert (rows["faults"] & (1 << int(Fault.BUNDLES)) != 0).any()
    assert (rows["faults"] & (1 << int(Fault.DELAYS)) != 0).any()
