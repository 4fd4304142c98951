"""What long work is said to take."""

from __future__ import annotations

from dataclasses import replace

from simulator.batch.estimate import PROBE, Work, negotiations
from simulator.spec.find import builtin
from simulator.spec.load import load_scenario


def test_room_for_a_row_does_not_depend_on_how_many_a_replication_has() -> None:
    """A market that has more negotiations than are probed is not taken for thousands of times its size."""
    small = Work(load_scenario("duopoly", regimes=["upc"]), 10**7)
    large = replace(small, scenario=load_scenario("cellular", regimes=sorted(builtin("regimes"))[:24]))
    assert negotiations(large.scenario) / large.scenario.replications > PROBE
    few, many = small.need(1), large.need(1)
    assert 0.3 < many.disk / few.disk < 3
