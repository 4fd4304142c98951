"""The court agent's machine code and the recomputation of judgments are the same to the bit."""

from __future__ import annotations

import pytest

from simulator import compiled as door
from simulator.rates.comparable import adjusted, log_mean, similarity
from simulator.rates.cross_check import checked
from simulator.rates.fault import fault_share
from simulator.rates.hypothetical import contribution, hypothetical
from simulator.rates.incremental import incremental
from simulator.rates.policy import OFF, anti_stacking, controlled
from simulator.rates.pool import pool, pool_ceiling
from simulator.rates.roll_forward import roll_forward
from simulator.rates.top_down import over_declaration, quality_share, top_down

CALLS = [
    (top_down, (0.07, 12.0, 365.0, 0.8, 0.6142)),
    (quality_share, (12.0, 1.3, 365.0, 1.1)),
    (over_declaration, (0.1, 0.3)),
    (roll_forward, (0.06, 0.033155, 0.466)),
    (pool, (0.00185, 2.0)),
    (pool_ceiling, (1.5, 0.03642, 2.0)),
    (adjusted, (0.24, 0.7292)),
    (similarity, (0.9, 0.8, 0.7, 0.6, 0.5, 0.4)),
    (log_mean, (-12.3, 3.1)),
    (checked, (0.3, 0.1, 0.2)),
    (fault_share, (1.0, 0.5)),
    (fault_share, (0.0, 0.0)),
    (contribution, (0.2, 0.25, 0.04)),
    (hypothetical, (0.05, 0.03, 0.04, 0.001)),
    (incremental, (10.0, 9.5, 0.5)),
    (anti_stacking, (0.08, 0.05)),
    (controlled, (0.05, 0.0, OFF)),
]


@pytest.mark.skipif(not door.is_on(), reason="the compiler is switched off")
@pytest.mark.parametrize(("function", "arguments"), CALLS)
def test_machine_code_is_plain_to_the_bit(function, arguments) -> None:  # type: ignore[no-untyped-def]
    assert function(*arguments) == function.py_func(*arguments)
