"""Products that implement several generations of a standard."""

from __future__ import annotations

import math
from collections.abc import Sequence

from simulator.compiled import compiled


@compiled
def generation_term(aggregate: float, share: float, weight: float) -> float:
    """What one generation adds to the rate of a multimode product: ``T_g s_g w_g``.

    Args:
        aggregate: ``T_g``, aggregate burden of the generation, a rate, >= 0.
        share: ``s_g``, the holder's share of the generation's families, [0, 1].
        weight: ``w_g``, value of the generation in the product, [0, 1].

    Source: Oppo v Nokia (Chongqing 2023), top-down formula in S1.

    >>> round(generation_term(0.05, 0.1, 0.5), 6)
    0.0025
    """
    return aggregate * share * weight


def multimode(aggregates: Sequence[float], shares: Sequence[float], weights: Sequence[float]) -> float:
    """Rate of a multimode product: ``r = sum_g T_g s_g w_g``.

    Args:
        aggregates: ``T_g`` by generation, rates of one kind.
        shares: ``s_g`` by generation, fractions.
        weights: ``w_g`` by generation, fractions that sum to at most 1.

    Raises:
        ValueError: the three are not of one length.

    Source: Oppo v Nokia (Chongqing 2023), top-down formula in S1; its weights are
    5G:4G:3G:2G = 50:40:5:5.

    >>> round(multimode([0.05, 0.07], [0.1, 0.1], [0.5, 0.5]), 6)
    0.006
    """
    terms = zip(aggregates, shares, weights, strict=True)
    return math.fsum(generation_term(aggregate, share, weight) for aggregate, share, weight in terms)


@compiled
def blend(first: float, second: float, weight: float) -> float:
    """Two rates weighted by the value of their technologies: ``w a + (1 - w) b``.

    Args:
        first: ``a``, rate of the new generation alone.
        second: ``b``, multimode rate of the older ones (same kind).
        weight: ``w``, value share of the new generation, [0, 1].

    Source: Oppo v Nokia (Chongqing 2023), comparable-licence formula in S1, w = 50 %.

    >>> blend(2.0, 1.0, 0.5)
    1.5
    """
    return weight * first + (1.0 - weight) * second


def unblend(blended: float, second: float, weight: float) -> float:
    """The first part of a blend: ``a = (r - (1 - w) b) / w``.

    Args:
        blended: ``r``, the blended rate.
        second: ``b``, the known part (same kind).
        weight: ``w``, weight of the part asked for, (0, 1].

    Source: inverse of ``blend``.

    >>> round(unblend(1.151, 0.777, 0.5), 3)
    1.525
    """
    return (blended - (1.0 - weight) * second) / weight
