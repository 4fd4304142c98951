"""Every number of the model is accounted for."""

from __future__ import annotations

import pytest

from simulator.parameters import Parameter, registry


@pytest.mark.parametrize("parameter", registry().values(), ids=lambda parameter: parameter.name)
def test_parameter_is_accounted_for(parameter: Parameter) -> None:
    assert len(parameter.source) > 2
    assert parameter.unit
    assert parameter.title
    assert parameter.valid[0] <= parameter.plausible[0] <= parameter.plausible[1] <= parameter.valid[1]
    # The default of a mechanism that is off, and says so, need not be plausible where it is on.
    low, high = parameter.valid if parameter.source.startswith("off") else parameter.plausible
    assert low <= parameter.default <= high
