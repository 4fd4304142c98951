"""Reasons for extreme offers are evidence, and what is extreme is measured by what competitors ask."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from simulator.spec.regime import FaultRules, Regime
from simulator.vocabulary import CourtMode, Fault
from tests.play import Film, film, quantity, regime, scenario, strategy

ASK, BID = 1 << Fault.UNJUSTIFIED_EXTREME_ASK, 1 << Fault.UNJUSTIFIED_EXTREME_BID


def court(**faults: Any) -> Regime:
    recognised = {
        fault: quantity(1) for fault in (Fault.UNJUSTIFIED_EXTREME_ASK, Fault.UNJUSTIFIED_EXTREME_BID)
    }
    return regime(CourtMode.DIRECT, faults=FaultRules(recognised=recognised, **faults))


def asking(multiple: float, justifies: bool = True) -> Any:
    name = f"asks_{multiple:g}".replace(".", "_")
    return strategy("holder_good_faith", anchor=multiple, conduct={"justifies": justifies}).model_copy(
        update={"strategy": name}
    )


def shown(noise: float = 0.5, justifies: bool = True, multiple: float = 4.0) -> Film:
    numbers = {"beliefs.spread": 0.3, "beliefs.reasons": noise, "costs.claim_chart": 0.2}
    one = scenario(
        court(), holder=asking(multiple, justifies), implementer="implementer_good_faith", numbers=numbers
    )
    return film(one, months=4)


def test_reasons_are_one_signal_that_costs_a_chart() -> None:
    """``v' = v s**2 / (v + s**2)`` for both, once, however long the ask stays extreme."""
    played = shown()
    month = int(np.argmax(played.resolved["reasoned"][:, 0] > 0))
    before, after = played.decided[month, 0], played.resolved[month, 0]
    for side in ("h", "i"):
        v = float(before[f"v_{side}"])
        assert after[f"v_{side}"] == pytest.approx(v * 0.25 / (v + 0.25), rel=1e-12)
    last = played.resolved[-1, 0]
    assert (last.reasoned, last.acts_reasons, last.faults) == (1, 1, 0)
    silent = shown(justifies=False).resolved[-1, 0]
    assert last.cost_h - silent.cost_h == pytest.approx(0.2, rel=1e-9)


def test_silence_moves_no_belief_and_is_the_fault() -> None:
    silent, moderate = shown(justifies=False).resolved[-1, 0], shown(multiple=1.2).resolved[-1, 0]
    assert (silent.acts_reasons, silent.faults) == (0, ASK)
    assert (silent.v_h, silent.v_i) == (moderate.v_h, moderate.v_i)


def test_without_precision_only_the_fault_differs() -> None:
    """As the noise grows, reasons say nothing."""
    given, silent = shown(noise=100.0), shown(noise=100.0, justifies=False)
    for name in ("rho_h", "rho_i"):
        assert given.resolved[name][-1, 0] == pytest.approx(silent.resolved[name][-1, 0], rel=1e-3)
    assert given.resolved["faults"][-1, 0] != silent.resolved["faults"][-1, 0]


def late_ask(asks: list[float], own: float, **faults: Any) -> tuple[bool, float, float]:
    """A holder that comes three months after the others, of equal share: whether its first ask is booked as
    extreme, that ask, and the geometric mean of those that stood."""
    law = court(benchmark="competitors", **faults)
    others = [asking(multiple, justifies=False) for multiple in asks]
    late = asking(own, justifies=False).model_copy(update={"ambush": quantity(3)})
    holders = [
        one.model_copy(update={"strategy": f"{one.strategy}_{place}"})
        for place, one in enumerate([*others, late])
    ]
    one = scenario(law, holder=holders, implementer="implementer_good_faith", numbers={"holders.share": 0.1})
    played = film(one, months=5)
    assert played.resolved["first_ask_month"][-1, -1] == 4
    last = played.resolved[-1, -1]
    stood = played.decided["last_ask"][-1, :-1]
    return bool(last.faults & ASK), float(last.last_ask), float(np.exp(np.log(stood).mean()))


def test_an_ask_is_extreme_by_what_competitors_ask() -> None:
    """More than twice the geometric mean of the others' standing asks, each by its holder's share."""
    seen = set()
    for own in (2.5, 3.0, 3.5, 4.0, 5.0):
        booked, ask, usual = late_ask([1.0, 2.0, 3.0], own, competitors_needed=quantity(3))
        assert booked == (ask > 2.0 * usual)
        seen.add(booked)
    assert seen == {True, False}


def test_too_few_competitors_leave_the_court_s_estimate() -> None:
    """Thrice the FRAND rate is beyond twice the court's, and usual among those that ask as much."""
    assert late_ask([3.0, 3.0, 3.0], 3.0, competitors_needed=quantity(4))[0]
    assert not late_ask([3.0, 3.0, 3.0], 3.0, competitors_needed=quantity(3))[0]
