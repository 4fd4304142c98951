"""A court's rule on regions moves what it orders and what is expected of it, never the true rate."""

from __future__ import annotations

import pytest

from simulator.vocabulary import CourtMode
from tests.play import film, regime, scenario, strategy


@pytest.mark.parametrize("phi", [0.5, 0.8, 1.0])
def test_the_rule_scales_the_court_s_rate_alone(phi: float) -> None:
    """``r_c = r* (1 - x + x phi_c) / (1 - x + x phi)`` where the court does not err."""
    numbers = {"implementers.region_two_share": 0.4, "standard.regional_factor": 0.9}
    parties = {"holder": strategy("holder_hold_up", sue_after=6), "implementer": "implementer_hold_out"}
    plain = film(scenario(regime(CourtMode.DIRECT), numbers=numbers, **parties))  # type: ignore[arg-type]
    ruled = film(
        scenario(regime(CourtMode.DIRECT), numbers=numbers | {"court.rate.regional_factor": phi}, **parties)  # type: ignore[arg-type]
    )
    assert ruled.row.frand_rate == plain.row.frand_rate
    factor = (1 - 0.4 + 0.4 * phi) / (1 - 0.4 + 0.4 * 0.9)
    assert plain.resolved["estimate"][-1, 0] == pytest.approx(plain.row.frand_rate, rel=1e-12)
    assert ruled.resolved["estimate"][-1, 0] == pytest.approx(factor * plain.row.frand_rate, rel=1e-12)
    month = 3
    scaled = ruled.decided["w_h"][month, 0] / plain.decided["w_h"][month, 0]
    assert scaled == pytest.approx(factor, rel=1e-9)
