"""Going to court: what it costs, what it is worth, whether the threat is credible.  USD m today."""

from __future__ import annotations

from simulator.compiled import compiled


@compiled
def expected_cost(own: float, other: float, loser_pays: float, loses: float) -> float:
    """Own cost under cost shifting: ``c_k + f (pi_k c_other - (1 - pi_k) c_k)``.

    ``loses`` is the party's probability of losing.  ``loser_pays`` 0 is the American rule.

    >>> expected_cost(6.0, 6.0, 0.5, 0.5)
    6.0
    """
    return own + loser_pays * (loses * other - (1.0 - loses) * own)


@compiled
def security_burden(deposit: float, patience: float, growth: float) -> float:
    """Cost of a deposit until judgment: ``s r_s P (1 - d**D (1 + iota_e)**(D/12))``.

    ``deposit`` USD m, ``patience`` = d**D, ``growth`` = (1 + iota_e)**(D/12).

    >>> security_burden(10.0, 1.0, 1.0)
    0.0
    """
    return deposit * (1.0 - patience * growth)


@compiled
def value_of_suit(patience: float, liability: float, award: float, cost: float) -> float:
    """Holder: ``W_h = d**D q_w X - c``.

    >>> value_of_suit(0.9, 0.5, 10.0, 2.0)
    2.5
    """
    return patience * liability * award - cost


@compiled
def loss_from_suit(patience: float, liability: float, award: float, cost: float, security: float) -> float:
    """Implementer: ``L_i = d**D q_w X + c + S``.

    >>> loss_from_suit(0.9, 0.5, 10.0, 2.0, 0.5)
    7.0
    """
    return patience * liability * award + cost + security
