"""Every number of the model is accounted for."""

from __future__ import annotations

import pytest

from simulator.errors import ScenarioError
from simulator.parameters import Parameter, check, registry


@pytest.mark.parametrize("parameter", registry().values(), ids=lambda parameter: parameter.name)
def test_parameter_is_accounted_for(parameter: Parameter) -> None:
    assert len(parameter.source) > 2
    assert parameter.unit
    assert parameter.title
    assert parameter.valid[0] <= parameter.plausible[0] <= parameter.default <= parameter.plausible[1]
    assert parameter.plausible[1] <= parameter.valid[1]


def test_a_value_outside_its_valid_range_is_refused() -> None:
    with pytest.raises(ScenarioError, match=r"standard\.horizon: got 0; must lie in \[1, 600\]"):
        check("standard.horizon", 0)
