"""Checking one method by another."""

from __future__ import annotations

import math

from simulator.compiled import compiled


@compiled
def overlap_low(first_low: float, second_low: float) -> float:
    """Lower end of the overlap of two ranges (same unit).

    Source: Oppo v Nokia (Chongqing 2023): the ranges of both methods cross, so each verifies the other.

    >>> overlap_low(1.0, 2.0)
    2.0
    """
    return max(first_low, second_low)


@compiled
def overlap_high(first_high: float, second_high: float) -> float:
    """Upper end of the overlap of two ranges (same unit); below ``overlap_low``: no overlap.

    >>> overlap_high(3.0, 2.5)
    2.5
    """
    return min(first_high, second_high)


def agree(first_low: float, first_high: float, second_low: float, second_high: float) -> bool:
    """Whether two methods' ranges overlap.

    >>> agree(1, 2, 1.5, 3), agree(1, 2, 2.5, 3)
    (True, False)
    """
    return overlap_low(first_low, second_low) <= overlap_high(first_high, second_high)


@compiled
def gap(first: float, second: float) -> float:
    """How far apart two rates are: ``|ln(a / b)|``, 0 when equal; both > 0, same unit.

    >>> gap(2.0, 2.0)
    0.0
    """
    return abs(math.log(first / second))


@compiled
def checked(rate: float, low: float, high: float) -> float:
    """A rate by one method held inside the range of another: clipped to ``[low, high]``.

    Args:
        rate: by the method that leads (usually comparables).
        low: lower end by the method that checks (usually top-down), same unit.
        high: upper end, at least ``low``.

    Source: first by comparables, then verified top-down (S3, section 2.2).  Where a court would rather
    discard a top-down rate that no comparable supports (IDC v Lenovo [2023] EWHC 539), use ``supported``.

    >>> checked(3.0, 1.0, 2.0), checked(1.5, 1.0, 2.0)
    (2.0, 1.5)
    """
    return min(max(rate, low), high)


@compiled
def supported(rate: float, low: float, high: float) -> bool:
    """Whether another method's range supports a rate; a rate without support was held non-FRAND.

    Source: IDC v Lenovo [2023] EWHC 539 (Pat), as told in S3.

    >>> supported(0.498, 0.16, 0.24)
    False
    """
    return low <= rate <= high


@compiled
def implied_aggregate(rate: float, share: float) -> float:
    """What all holders would take together if each were paid alike: ``r / s``, in the rate's unit.

    Args:
        rate: ``r``, one holder's rate, >= 0.
        share: ``s``, its part of all patents of the standard, (0, 1].

    Source: Deng, Leonard and Lopez, *Comparative analysis of court-determined FRAND royalty rates*, Antitrust
    32 (2018): Unwired Planet and TCL imply aggregates that agree although the shares they rest on do not.

    >>> round(implied_aggregate(0.80, 0.091), 1)
    8.8
    """
    return rate / share
