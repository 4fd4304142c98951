"""The share of suits settled stays where it is observed: the calibration of docs/odd.md 7.8."""

from __future__ import annotations

from simulator.spec.load import load_scenario
from simulator.study import compare


def test_between_half_and_four_fifths_of_suits_are_settled_under_the_baseline() -> None:
    scenario = load_scenario("cellular", regimes=["staged-baseline"], replications=20, seed=1)
    share = compare(scenario).to_json()["regimes"]["staged-baseline"]["settlement_share"]
    assert 0.5 < share["mean"] < 0.8
