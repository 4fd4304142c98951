"""Generation roll-forward: the next generation's aggregate royalty from the last one's."""

from __future__ import annotations

from simulator.compiled import compiled


@compiled
def roll_forward(previous: float, coefficient: float, price_ratio: float) -> float:
    """Aggregate royalty burden of a new generation.

    ``T_new = (T_old + c) rho``

    Args:
        previous: ``T_old``, aggregate burden of the old generation, fraction of (old) price, >= 0.
        coefficient: ``c``, what consumers pay more for the new generation (hedonic coefficient), fraction
            of (old) price, >= 0.
        price_ratio: ``rho``, average selling price old / new, ratio, > 0.

    Source: Oppo v Nokia (Chongqing First Intermediate People's Court, 28 Nov. 2023), expert formula quoted
    in S1.

    >>> round(100 * roll_forward(0.06, 0.033155, 0.466), 3)
    4.341
    """
    return (previous + coefficient) * price_ratio
