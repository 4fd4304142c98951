"""Policy controls on a rate: the considerations of Huawei v IDC and Microsoft v Motorola as functions.

S2 names three for Huawei v IDC (total control, anti-hold-up, anti-stacking) and adds, for Microsoft v
Motorola, wide adoption and adequate reward; non-discrimination is the comparison that decided Huawei v IDC.
Rates here are of one kind (fraction of price, or money per unit) and one product.  A control that is off is
an infinite ceiling or a zero floor.
"""

from __future__ import annotations

import math

from simulator.compiled import compiled

OFF = math.inf  # ceiling of a control that is switched off


@compiled
def total_control(profit: float, share: float) -> float:
    """Ceiling: all royalties on a product take at most a share of its profit, ``share x profit``.

    Args:
        profit: product profit, a rate (margin as fraction of price, or money per unit), >= 0.
        share: largest share of profit that royalties may take, [0, 1]; 1 is the outer limit the courts named.

    Source: Huawei v IDC (S2): technology is one of the factors of profit, beside investment,
    management and labour.

    >>> total_control(0.2, 0.5)
    0.1
    """
    return share * profit


@compiled
def anti_hold_up(technology_value: float) -> float:
    """Ceiling: the value of the technology itself, nothing for its being in the standard (a rate, >= 0).

    ``technology_value`` is the value over the next best alternative before the standard was fixed, see
    ``simulator.rates.incremental.incremental``.

    Source: Huawei v IDC and Microsoft v Motorola (S2).

    >>> anti_hold_up(-1.0)
    0.0
    """
    return max(0.0, technology_value)


@compiled
def anti_stacking(aggregate: float, others: float) -> float:
    """Ceiling: what the aggregate leaves after all other holders, ``max(0, A - others)`` (rates).

    Source: Huawei v IDC and Microsoft v Motorola (S2).

    >>> round(anti_stacking(0.08, 0.05), 4)
    0.03
    """
    return max(0.0, aggregate - others)


@compiled
def pro_rata(rate: float, total: float, aggregate: float) -> float:
    """A rate scaled so that all rates together do not exceed the aggregate: ``r min(1, A / sum r)``.

    Args:
        rate: one holder's rate, >= 0.
        total: sum of the rates of all holders, > 0.
        aggregate: ``A``, the cap on that sum.

    Source: anti-stacking as an aggregate cap (S2); the sum after scaling is the cap itself.

    >>> pro_rata(0.04, 0.16, 0.08)
    0.02
    """
    return rate * min(1.0, aggregate / total)


@compiled
def wide_adoption(barrier: float, others: float) -> float:
    """Ceiling: royalties must stay below what it costs to do without the standard, ``max(0, B - others)``.

    Args:
        barrier: ``B``, cost of entering the market without the standard, a rate, >= 0.
        others: royalties due to other holders, a rate, >= 0.

    Source: Microsoft v Motorola (S2): above that cost, users would not adopt the standard.

    >>> round(wide_adoption(0.3, 0.05), 3)
    0.25
    """
    return max(0.0, barrier - others)


@compiled
def adequate_reward(outside_rate: float) -> float:
    """Floor: not less than the technology earned outside the standard (a rate, >= 0).

    Source: Microsoft v Motorola (S2): holders of valuable technology must have reason to take part.

    >>> adequate_reward(0.001)
    0.001
    """
    return max(0.0, outside_rate)


@compiled
def discrimination_multiple(offer: float, reference: float) -> float:
    """How many times what a comparable licensee pays is asked: ``offer / reference`` (same kind, > 0).

    Source: Huawei v IDC (S2): 100, 35 and 19 times Apple's rate.

    >>> discrimination_multiple(19.0, 1.0)
    19.0
    """
    return offer / reference


@compiled
def discriminates(offer: float, reference: float, tolerance: float) -> bool:
    """Whether an offer to a similar licensee exceeds ``tolerance`` times the reference (tolerance >= 1).

    >>> discriminates(19.0, 1.0, 1.5), discriminates(1.1, 1.0, 1.5)
    (True, False)
    """
    return offer > tolerance * reference


@compiled
def expected_between(mean: float, floor: float, ceiling: float, sd: float) -> float:
    """What is expected of an erring court's rate that is held between a floor and a ceiling.

    ``E min(max(r, f), c) = f Phi(e) + b [Phi(d - s) - Phi(e - s)] + c [1 - Phi(d)]`` for log-normal ``r``
    with mean ``b`` and log sd ``s``, ``d = ln(c / b) / s + s / 2``, ``e`` alike with ``f``; the floor gives
    way to the ceiling.

    Args:
        mean: ``b``, what the court finds on average before its controls, a rate, >= 0.
        floor: ``f``, >= 0; 0: none.
        ceiling: ``c``, >= 0; ``OFF``: none.
        sd: ``s``, log sd of its error, >= 0.

    Source: mean of a censored log-normal variable, as in Black and Scholes (1973).

    >>> round(expected_between(1.0, 0.0, 1.0, 0.2), 4)
    0.9203
    >>> expected_between(1.0, 0.0, OFF, 0.2), expected_between(2.0, 0.0, 1.5, 0.0)
    (1.0, 1.5)
    """
    floor = min(floor, ceiling)
    if sd <= 0.0 or mean <= 0.0:
        return min(max(mean, floor), ceiling)
    expected = 0.0
    inside = 1.0
    if floor > 0.0:
        e = math.log(floor / mean) / sd + 0.5 * sd
        expected += floor * _normal(e)
        inside -= _normal(e - sd)
    if ceiling <= 0.0:
        return 0.0
    if ceiling < math.inf:
        d = math.log(ceiling / mean) / sd + 0.5 * sd
        expected += ceiling * (1.0 - _normal(d))
        inside -= 1.0 - _normal(d - sd)
    return expected + mean * inside


@compiled
def _normal(x: float) -> float:
    """The standard normal distribution function."""
    return 0.5 * math.erfc(-x / math.sqrt(2.0))


@compiled
def controlled(rate: float, floor: float, ceiling: float) -> float:
    """A rate under policy controls: at least the floor, and below every ceiling: ``min(max(r, f), c)``.

    A ceiling protects third parties, so it wins over the floor.

    Args:
        rate: what the method gives.
        floor: ``adequate_reward``, 0 where not applied.
        ceiling: the lowest of the ceilings above; ``OFF`` where none is applied.

    Source: S2, section II.

    >>> controlled(0.05, 0.0, 0.03), controlled(0.001, 0.002, OFF)
    (0.03, 0.002)
    """
    return min(max(rate, floor), ceiling)
