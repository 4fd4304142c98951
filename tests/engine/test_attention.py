"""A court that overlooks one side's faults: what it finds, and what the parties expect it to find."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from simulator.engine.build import build
from simulator.engine.ledger import expected_fault
from simulator.engine.run import run_chunk
from simulator.spec.base import Quantity
from simulator.spec.load import load_scenario


def regime(**numbers: float) -> Any:
    names = {f"court.faults.{name}": Quantity(value=value, source="test") for name, value in numbers.items()}
    scenario = load_scenario("duopoly", regimes=["eu-hvzte-2015"])
    return build(scenario.model_copy(update={"set": names})).forums[0]


def test_attention_scales_detection_on_its_side() -> None:
    row = regime(detected=0.8, attention_holder=0.5, attention_implementer=0.25)
    assert (row["detected_h"], row["detected_i"]) == pytest.approx((0.4, 0.2))
    assert expected_fault(row, row["detected_h"], 2.0) == pytest.approx(0.8 + row["false_findings"])


def test_full_attention_is_the_default() -> None:
    row = regime(detected=0.8)
    assert (row["detected_h"], row["detected_i"]) == (0.8, 0.8)


def test_overlooking_hold_out_pays_it() -> None:
    """Where the court does not see an implementer's faults, fewer injunctions and a lower price follow."""
    scenario = load_scenario("cellular", regimes=["eu-hvzte-2015"])

    def play(attention: float) -> np.ndarray:
        name = "court.faults.attention_implementer"
        changed = {"set": {name: Quantity(value=attention, source="test")}}
        return run_chunk(build(scenario.model_copy(update=changed)), 1, range(6))

    seen, unseen = play(1.0), play(0.0)
    assert unseen["injunction"].mean() < seen["injunction"].mean()
    assert (unseen["paid"] / unseen["entitlement"]).mean() < (seen["paid"] / seen["entitlement"]).mean()
