"""Between pairs: the royalty stack, output, and what is lost to it."""

from __future__ import annotations

from simulator.compiled import compiled


@compiled
def output_factor(elasticity: float, pass_through: float, stack: float) -> float:
    """Share of output left under a royalty stack: ``Q = max(0, 1 - eta tau stack)``.

    >>> output_factor(1.0, 0.5, 0.1)
    0.95
    """
    return max(0.0, 1.0 - elasticity * pass_through * stack)


@compiled
def deadweight(elasticity: float, pass_through: float, stack: float) -> float:
    """Output lost to the stack per USD of sales, Harberger's triangle: ``eta tau**2 stack**2 / 2``.

    >>> round(deadweight(1.0, 0.5, 0.1), 5)
    0.00125
    """
    return 0.5 * elasticity * (pass_through * stack) ** 2


@compiled
def room_under_cap(burden: float, signed: float, share: float, unsigned: float) -> float:
    """Highest rate under an aggregate cap: what is left of the burden, pro rata of unsigned shares.

    >>> room_under_cap(0.05, 0.01, 0.2, 0.8)
    0.01
    """
    return max(0.0, burden - signed) * (share / unsigned if unsigned > 0.0 else 1.0)
