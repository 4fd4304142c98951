"""The numbers of a scenario: set by it, owned by a file or the registry's; masks and monthly rates."""

from __future__ import annotations

import math
from collections.abc import Iterable

from simulator import parameters
from simulator.spec.base import Quantity


class Numbers:
    """Resolves the numbers of a scenario."""

    def __init__(self, overrides: dict[str, Quantity]) -> None:
        self.overrides = overrides

    def __call__(self, name: str, quantity: Quantity | None) -> float:
        """The value of registry parameter ``name``: set by the scenario, the file, or the registry."""
        if name in self.overrides:
            return self.overrides[name].value
        return parameters.default(name) if quantity is None else quantity.value


def log_monthly(rate: float) -> float:
    """Natural logarithm of the monthly factor of an annual rate.

    >>> round(12 * log_monthly(0.08), 6)
    0.076961
    """
    return math.log1p(rate) / 12.0


def bits(members: Iterable[int]) -> int:
    """The mask with these bits set.

    >>> bits([0, 2])
    5
    """
    return sum(1 << int(member) for member in members)
