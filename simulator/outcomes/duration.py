"""Time to a licence, of which some come after the horizon: the product-limit estimate."""

from __future__ import annotations

from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from simulator.outcomes.negotiations import Mask, Values

Counts: TypeAlias = npt.NDArray[np.integer]


def restricted_median(months: Values, licensed: Mask) -> float:
    """Kaplan-Meier median (months); the longest time observed if the curve stays above one half.

    >>> restricted_median(np.array([3.0, 9.0, 12.0, 60.0]), np.array([True, True, True, False]))
    9.0
    """
    if not len(months):
        return float("nan")
    times, surviving = kaplan_meier(months, licensed)
    reached = times[surviving <= 0.5]
    return float(reached[0] if len(reached) else months.max())


def kaplan_meier(months: Values, licensed: Mask) -> tuple[Values, Values]:
    """Share still without a licence after each observed time: (months, share), Kaplan and Meier (1958)."""
    times, place = np.unique(months, return_inverse=True)
    left = np.bincount(place)
    risk = left[::-1].cumsum()[::-1]
    if licensed.all():  # nothing is censored: the share itself, with one rounding instead of many
        return times, 1 - left.cumsum() / len(months)
    return times, product_limit(np.bincount(place[licensed], minlength=len(times)), risk)


def product_limit(events: Counts, exposed: Counts) -> Values:
    """Share that has had no event after each time, along the last axis: the product of (n - d) / n.

    ``events`` at each time, ``exposed``: at risk just before; *Source*: Kaplan and Meier (1958).

    >>> product_limit(np.array([1, 0, 2]), np.array([4, 3, 2]))
    array([0.75, 0.75, 0.  ])
    """
    stay = np.divide(exposed - events, exposed, out=np.ones(events.shape), where=exposed > 0)
    return np.asarray(np.cumprod(stay, axis=-1), float)
