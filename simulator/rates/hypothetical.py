"""The modified hypothetical negotiation: the Georgia-Pacific factors as Microsoft v Motorola changed them."""

from __future__ import annotations

import math
from collections.abc import Sequence

from simulator.compiled import compiled

# Georgia-Pacific v United States Plywood, 318 F. Supp. 1116 (S.D.N.Y. 1970), factor -> its place in a
# negotiation under a FRAND commitment after Microsoft v Motorola (W.D. Wash. 2013) and S2.
GEORGIA_PACIFIC = {
    1: "royalties received for the patent, only from licences negotiated under FRAND (pools among them)",
    2: "rates paid for comparable patents",
    3: "nature and scope of the licence",
    4: "dropped: a FRAND holder has no policy of exclusivity",
    5: "dropped: a FRAND holder may not discriminate against competitors",
    6: "effect on other sales, only as far as the technology and not the standard causes it",
    7: "term of the licence: the life of the patent",
    8: "profitability of the product, apart from the value of the standard as such",
    9: "advantage over alternatives that could have entered the standard",
    10: "contribution of the patent to the standard, and of the standard to the product",
    11: "use made of the patent and its value to the user, apart from the standard as such",
    12: "customary share of price or profit in FRAND licensing",
    13: "share of profit due to the invention, not to other patents or to the standard",
    14: "opinion of experts",
    15: "what two parties would agree on who know of FRAND, of stacking, and of the aim of wide adoption",
}


@compiled
def contribution(value: float, standard_to_product: float, portfolio_to_standard: float) -> float:
    """What a portfolio contributes to a product: ``V a b``.

    Args:
        value: ``V``, value (or profit) of the product, a rate, >= 0.
        standard_to_product: ``a``, contribution of the standard to the product, [0, 1].
        portfolio_to_standard: ``b``, contribution of the portfolio to the standard, [0, 1].

    Source: factor 10 as modified in Microsoft v Motorola (S2, section III).

    >>> round(contribution(0.2, 0.25, 0.04), 6)
    0.002
    """
    return value * standard_to_product * portfolio_to_standard


@compiled
def hypothetical(contributed: float, stack_room: float, adoption: float, floor: float) -> float:
    """The rate two informed parties would agree on under a FRAND commitment.

    ``r = min(max(contribution, floor), stacking, adoption)``

    Args:
        contributed: value the portfolio contributes, see ``contribution``, a rate.
        stack_room: what the aggregate leaves for this holder (anti-stacking), same kind.
        adoption: rate above which the standard would not be adopted, same kind.
        floor: the lowest rate the holder would accept (adequate reward), same kind.

    Source: Microsoft v Motorola (W.D. Wash. 2013) as told in S2, section III.

    >>> hypothetical(0.05, 0.03, 0.04, 0.001)
    0.03
    """
    return min(max(contributed, floor), stack_room, adoption)


def mean_of_indicators(values: Sequence[float]) -> float:
    """The rate from several indicators of equal weight: their mean (one kind of rate).

    Source: Microsoft v Motorola (W.D. Wash. 2013), 802.11: (0.8 + 3.5 + 6.114) / 3 = 3.471 cents.

    >>> round(mean_of_indicators([0.8, 3.5, 6.114]), 3)
    3.471
    """
    return math.fsum(values) / len(values)


@compiled
def midpoint(low: float, high: float) -> float:
    """Middle of a range (one unit).

    >>> midpoint(3.0, 4.0)
    3.5
    """
    return 0.5 * (low + high)


def bargaining_position(rate: float, bid: float, ask: float) -> float:
    """Where a rate lies between bid and ask: ``(r - bid) / (ask - bid)``; 0 the bid, 1 the ask.

    Source: measure of this project.

    >>> round(bargaining_position(0.175, 0.16, 0.498), 3)
    0.044
    """
    return (rate - bid) / (ask - bid)
