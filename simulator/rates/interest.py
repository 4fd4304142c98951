"""Interest, past sales, lump sums and running royalties, per unit and ad valorem."""

from __future__ import annotations

import math
from itertools import pairwise

from simulator.compiled import compiled


def compound(principal: float, rate: float, periods_per_year: float, years: float) -> float:
    """Interest on a sum: ``P ((1 + i/m)^(m t) - 1)``.

    Args:
        principal: ``P``, money.
        rate: ``i``, nominal rate per year, fraction, > -m.
        periods_per_year: ``m``, compounding periods in a year (4: quarterly), > 0.
        years: ``t``, age of the debt, years, >= 0.

    Source: IDC v Lenovo [2023] EWHC 1578 (Pat): 4 % compounded quarterly.

    >>> round(compound(100, 0.04, 4, 1), 4)
    4.0604
    """
    return principal * math.expm1(periods_per_year * years * math.log1p(rate / periods_per_year))


def simple(principal: float, rate: float, years: float) -> float:
    """Simple interest on a sum: ``P i t`` (money, fraction per year, years).

    Source: ACT v Oppo (Supreme People's Court 2023): 2.125 % a year from a date on.

    >>> simple(100, 0.02125, 2)
    4.25
    """
    return principal * rate * years


@compiled
def months_with_interest(base: float, rate: float, months: float) -> float:
    """A past month's base with interest to today: ``B (1 + i)^(k/12)``.

    Args:
        base: ``B``, sales (money) or units of that month.
        rate: ``i``, effective rate per year, fraction, > -1.
        months: ``k``, months since then, >= 0.

    Source: the past-use base ``P(t; i)`` of the model.

    >>> round(months_with_interest(100, 0.04, 12), 6)
    104.0
    """
    return base * math.exp(months / 12.0 * math.log1p(rate))


@compiled
def level_base(monthly: float, rate: float, months: float) -> float:
    """Base of ``months`` equal months with interest: ``B ((1+i)^(n/12) - 1) / ((1+i)^(1/12) - 1)``.

    The first month counts with ``n`` months of interest less one, the last with none; ``B n`` when i = 0.
    Args: ``monthly`` sales (money) or units a month; ``rate`` per year, > -1; ``months`` ``n``, >= 0.

    Source: geometric sum of ``months_with_interest``.

    >>> level_base(10.0, 0.0, 24.0)
    240.0
    """
    monthly_growth = math.log1p(rate) / 12.0
    if monthly_growth == 0.0:
        return monthly * months
    return monthly * math.expm1(months * monthly_growth) / math.expm1(monthly_growth)


@compiled
def unpacked(lump: float, units: float) -> float:
    """Running royalty a lump sum amounts to: ``r = L / Q``.

    Args:
        lump: ``L``, lump sum (discounted to the date of the units, if they are), money.
        units: ``Q``, units licensed (discounted alike), > 0.

    Source: ACT v Oppo (Supreme People's Court 2023): 6 million dollars / 760 million phones.

    >>> round(unpacked(6e6, 760e6), 7)
    0.0078947
    """
    return lump / units


@compiled
def lump_sum(rate: float, units: float) -> float:
    """Lump sum for a running royalty: ``L = r Q`` (money per unit, units); inverse of ``unpacked``.

    Source: IDC v Lenovo [2023] EWHC 539 (Pat).

    >>> round(lump_sum(0.225, 792.571e6) / 1e6, 1)
    178.3
    """
    return rate * units


@compiled
def effective_rate(payment: float, sales: float) -> float:
    """Ad valorem rate a payment amounts to: ``r = Y / S`` (money, money > 0), fraction of price.

    Source: Huawei v IDC (Guangdong High People's Court 2013): licence fee over sales of the comparable.

    >>> round(100 * effective_rate(56e6, 300e9), 5)
    0.01867
    """
    return payment / sales


@compiled
def on_sales(rate: float, sales: float) -> float:
    """Royalty on sales: ``Y = r S`` (fraction of price, money); inverse of ``effective_rate``.

    >>> on_sales(0.01, 500.0)
    5.0
    """
    return rate * sales


@compiled
def per_unit(rate: float, price: float) -> float:
    """Money per unit of an ad valorem rate: ``u = r P`` (fraction of price, money per unit).

    Source: identity; press on Oppo v Nokia: 5.273 % of a 200 dollar phone.

    >>> round(per_unit(0.05273, 200), 3)
    10.546
    """
    return rate * price


@compiled
def ad_valorem(fee: float, price: float) -> float:
    """Ad valorem rate of a fee per unit: ``r = u / P`` (money per unit, money per unit > 0).

    >>> ad_valorem(2.0, 200.0)
    0.01
    """
    return fee / price


def over_years(yearly: float, years: float) -> float:
    """Money of a yearly amount over a period: ``M = m t`` (money a year, years >= 0, also parts of one).

    Source: identity.

    >>> over_years(4.0, 2.5)
    10.0
    """
    if years < 0:
        raise ValueError("years are at least 0")
    return yearly * years


def tiered(rates: list[float], thresholds: list[float], units: float) -> float:
    """Fee under volume tiers: ``F = sum_k r_k max(0, min(u, b_{k+1}) - b_k)``, the last tier without end.

    ``rates`` (per unit) apply from ``thresholds`` b_k (units) up; the first threshold is 0 and they rise.
    Each rate applies to the units of its own tier alone.  Source: identity.

    >>> tiered([1.0, 0.5], [0.0, 100.0], 150.0)
    125.0
    >>> tiered([1.0, 0.5], [100.0, 0.0], 150.0)
    Traceback (most recent call last):
    ValueError: thresholds start at 0 and rise, one for each rate
    """
    rise = all(low < high for low, high in pairwise(thresholds))
    if len(rates) != len(thresholds) or not thresholds or thresholds[0] != 0 or not rise:
        raise ValueError("thresholds start at 0 and rise, one for each rate")
    tops = [*thresholds[1:], float("inf")]
    return math.fsum(
        rate * max(0.0, min(units, top) - low) for rate, low, top in zip(rates, thresholds, tops, strict=True)
    )
