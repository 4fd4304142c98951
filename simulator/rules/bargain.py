"""Reservation rates, the Nash point, concession paths, acceptance.  Rates are fractions of price."""

from __future__ import annotations

import math

from simulator.compiled import compiled


@compiled
def reservation_holder(suit: float, base: float, floor: float, estimate: float) -> float:
    """The lowest licence a holder signs: ``R_h = max(W_h / l_h, phi_0 rho_h)``.

    ``suit`` and ``base`` (the sales a licence is paid on, discounted) in USD m.

    >>> reservation_holder(2.0, 100.0, 0.2, 0.01)
    0.02
    """
    return max(suit / base, floor * estimate) if base > 0.0 else floor * estimate


@compiled
def reservation_implementer(
    loss: float, base: float, goodwill: float, estimate: float, ability: float
) -> float:
    """The highest licence an implementer signs: ``R_i = min(max(L_i / l_i, gamma rho_i), ability)``.

    >>> reservation_implementer(2.0, 100.0, 1.0, 0.01, 0.5)
    0.02
    """
    if base <= 0.0:
        return min(goodwill * estimate, ability)
    return min(max(loss / base, goodwill * estimate), ability)


@compiled
def nash1950(low: float, high: float, beta: float) -> float:
    """The asymmetric Nash point of [R_h, R_i]: ``R_h + beta (R_i - R_h)`` (Nash 1950; Roth 1979).

    >>> nash1950(0.25, 0.75, 0.5)
    0.5
    """
    return low + beta * (high - low)


@compiled
def conceded(age: float, window: float, exponent: float) -> float:
    """Share of its way that a time-dependent offer has gone: ``min(age / K, 1)**(1 / e)``.

    ``age`` months since its own first offer; e below 1 concedes late (Boulware), above 1 early.
    *Source*: Faratin, Sierra and Jennings (1998).

    >>> conceded(12.0, 24.0, 0.5), conceded(12.0, 24.0, 1.0)
    (0.25, 0.5)
    """
    return 1.0 if window <= 0.0 or age >= window else math.pow(age / window, 1.0 / exponent)


@compiled
def reciprocation(own: float, before: float, now: float, end: float) -> float:
    """Relative tit for tat: concede the proportion the other side conceded last.

    ``own`` last offer, ``before`` and ``now`` the other side's last two, ``end`` own reservation rate,
    which is never passed.  Works for both sides: a rising bid lowers the ask by the same factor.

    >>> round(reciprocation(0.03, 0.010, 0.012, 0.01), 4)
    0.025
    """
    if before <= 0.0 or now <= 0.0:
        return own
    moved = own * before / now
    if own >= end:
        return min(own, max(end, moved))
    return max(own, min(end, moved))


@compiled
def crossing_price(ask: float, bid: float, beta: float) -> float:
    """Where crossing offers meet: ``ask + beta (bid - ask)``.

    >>> crossing_price(0.01, 0.02, 0.5)
    0.015
    """
    return ask + beta * (bid - ask)


@compiled
def holder_proposal(
    limit: float, talk: float, patience: float, forgone: float, waiting: float, base: float
) -> float:
    """What a rational holder asks: the implementer left indifferent between signing and waiting a month.

    ``min(R_i, (c_talk + forgone + d_i r' l_i(n+1)) / l_i(n))``; ``waiting`` = r' l_i(n+1), ``forgone``
    the margin lost by a month without sales (0 while use is free), ``base`` = l_i(n), USD m.

    >>> holder_proposal(1.0, 0.0, 0.9, 0.0, 10.0, 100.0)
    0.09
    """
    return min(limit, (talk + forgone + patience * waiting) / base)


@compiled
def implementer_proposal(limit: float, talk: float, patience: float, waiting: float, base: float) -> float:
    """What a rational implementer bids: ``max(R_h, (d_h r' l_h(n+1) - c_talk) / l_h(n))``.

    >>> implementer_proposal(0.0, 0.0, 0.9, 10.0, 100.0)
    0.09
    """
    return max(limit, (patience * waiting - talk) / base)
