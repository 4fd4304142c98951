"""Every number of the model is accounted for."""

from __future__ import annotations

import pytest

from simulator.parameters import Parameter, registry


@pytest.mark.parametrize("parameter", registry().values(), ids=lambda parameter: parameter.name)
def test_parameter_is_accounted_for(parameter: Parameter) -> None:
    assert len(parameter.source) > 2
    assert parameter.unit
    assert parameter.title
    assert parameter.valid[0] <= parameter.plausible[0] <= parameter.default <= parameter.plausible[1]
    assert parameter.plausible[1] <= parameter.valid[1]
