"""Discounting and growth by the month; ratios are carried as their natural logarithms."""

from __future__ import annotations

import math

from simulator.compiled import compiled


@compiled
def logarithm(x: float) -> float:
    """Natural logarithm; -inf at 0 in plain Python, too.

    >>> logarithm(1.0), logarithm(0.0)
    (0.0, -inf)
    """
    return math.log(x) if x > 0.0 else -math.inf


@compiled
def power(log_ratio: float, months: float) -> float:
    """``q**n`` for a monthly ratio given as ``log q``.

    >>> power(0.0, 12)
    1.0
    """
    return math.exp(log_ratio * months)


@compiled
def annuity(log_ratio: float, months: float) -> float:
    """``1 + q + ... + q**(n-1)`` for a monthly ratio given as ``log q``.

    >>> annuity(0.0, 12)
    12.0
    >>> round(annuity(-0.01, 2), 6)
    1.99005
    """
    if abs(log_ratio) < 1e-13:
        return 1.0 * months
    return math.expm1(log_ratio * months) / math.expm1(log_ratio)
