"""Patent pools as a yardstick."""

from __future__ import annotations

from simulator.compiled import compiled


@compiled
def pool_share(pool_rate: float, share: float) -> float:
    """What a member is paid for its patents: ``p = R s`` (equal value per patent).

    Args:
        pool_rate: ``R``, what a licensee pays the pool, a rate, >= 0.
        share: ``s``, the member's patents over those of the pool, [0, 1].

    Source: Microsoft v Motorola, No. C10-1823JLR (W.D. Wash. 25 Apr. 2013), as told in S2.

    >>> pool_share(0.2, 0.1)
    0.020000000000000004
    """
    return pool_rate * share


@compiled
def pool(share: float, membership: float) -> float:
    """A FRAND rate from a pool: the member's royalty plus the value of belonging to the pool.

    ``r = p (1 + m)``

    Args:
        share: ``p``, the royalty the holder would draw from the pool, a rate, >= 0.
        membership: ``m``, value of access to the pool's patents in multiples of ``p``, >= 0 (Microsoft: 2).

    Source: Microsoft v Motorola (W.D. Wash. 2013), as told in S2: .185 + 2 x .185 = .555 cents.

    >>> round(pool(0.185, 2), 3)
    0.555
    """
    return share * (1.0 + membership)


@compiled
def pool_ceiling(highest_rate: float, share: float, membership: float) -> float:
    """Upper end of the range: the highest pool rate considered, shared and valued alike.

    ``r_max = R_max s (1 + m)``

    Args:
        highest_rate: ``R_max``, highest rate discussed when the pool was formed, a rate, >= 0.
        share: ``s``, the holder's share of the pool's patents, [0, 1].
        membership: ``m``, as in ``pool``.

    Source: Microsoft v Motorola (W.D. Wash. 2013): 1.50 dollars were discussed, the bound is 16.389 cents.

    >>> round(pool_ceiling(1.5, 0.03642, 2), 5)
    0.16389
    """
    return pool(pool_share(highest_rate, share), membership)
