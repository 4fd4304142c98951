"""Talks that break down by chance: who had offers on the table goes to court or nowhere."""

from __future__ import annotations

import numpy as np

from simulator.engine.build import build
from simulator.engine.run import run_chunk
from simulator.spec.base import Quantity
from simulator.spec.load import load_scenario
from simulator.vocabulary import Outcome


def play(regime: str, p: float, growth: float = 0.0) -> np.ndarray:
    numbers = {"bargaining.breakdown": p, "bargaining.breakdown_growth": growth}
    scenario = load_scenario("cellular", regimes=[regime])
    named = {name: Quantity(value=value, source="test") for name, value in numbers.items()}
    return run_chunk(build(scenario.model_copy(update={"set": named})), 1, range(8))


def test_without_a_court_nobody_signs_after_a_breakdown() -> None:
    """Offers may still meet in the month they are made: only later agreements are lost."""
    calm, hectic = play("none", 0.0), play("none", 1.0)
    late = hectic["months_to_licence"][hectic["outcome"] == Outcome.NEGOTIATED]
    assert (hectic["outcome"] == Outcome.NEGOTIATED).sum() < (calm["outcome"] == Outcome.NEGOTIATED).sum()
    assert late.size == 0 or late.max() < calm["months_to_licence"].max()


def test_broken_talks_bring_suits() -> None:
    shares = [play("eu-hvzte-2015", p)["filed"].mean() for p in (0.0, 0.05, 0.3)]
    assert shares[0] < shares[1] < shares[2]


def test_a_growing_chance_strikes_later() -> None:
    """Five per cent a month against .3 points more with each: fewer suits in the first year of talks."""
    early = []
    for rows in (play("eu-hvzte-2015", 0.05), play("eu-hvzte-2015", 0.0, 0.003)):
        waited = rows["filing_month"] - rows["notice_month"]
        early.append(int(((rows["filed"] == 1) & (waited <= 12)).sum()))
    assert early[1] < early[0]
