"""Top-down: the aggregate royalty of a standard, divided among those who hold its patents."""

from __future__ import annotations

from simulator.compiled import compiled


@compiled
def top_down(
    aggregate: float,
    own: float,
    total: float,
    generation_weight: float = 1.0,
    regional_factor: float = 1.0,
) -> float:
    """A holder's rate as its share of the aggregate royalty burden.

    ``r = T (n / N) w rho``

    Args:
        aggregate: ``T``, aggregate royalty burden of the standard, a rate (any kind of rate; kept), >= 0.
        own: ``n``, the holder's families, counted as ``total`` is (all declared, or all essential), >= 0.
        total: ``N``, families of all holders, > 0.
        generation_weight: ``w``, value of this generation in a multimode product, fraction, [0, 1].
        regional_factor: ``rho``, rate in the region over the benchmark rate, ratio, >= 0.  A multiplier,
            never a discount.

    Source: TCL v Ericsson (C.D. Cal. 2017), formula 2 in S3; Huawei v Conversant (Nanjing 2019),
    formula 1 in S3.

    >>> round(100 * top_down(0.05, 12, 365), 4)
    0.1644
    """
    return aggregate * own / total * generation_weight * regional_factor


@compiled
def quality_share(own: float, own_quality: float, total: float, mean_quality: float) -> float:
    """A holder's share of a standard when families differ in value.

    ``s = n q_h / (N qbar)``

    Args:
        own: ``n``, families of the holder, >= 0.
        own_quality: ``q_h``, mean quality of the holder's families (any scale), >= 0.
        total: ``N``, families of all holders, > 0.
        mean_quality: ``qbar``, mean quality over all ``N`` (same scale), > 0.

    Source: Oppo v Nokia (Chongqing 2023) leaves room for it where a better-than-average portfolio is
    proven (S1); equal quality (``q_h = qbar``) is the plain count.

    >>> quality_share(10, 1.5, 100, 1.0)
    0.15
    """
    return own * own_quality / (total * mean_quality)


@compiled
def declared_count(essential: float, essentiality_rate: float) -> float:
    """Families declared for a number of essential ones: ``d = n / e``.

    Args:
        essential: ``n``, truly essential families, >= 0.
        essentiality_rate: ``e``, essential share of what was declared, (0, 1].

    Source: definition; Nokia's mean rate of 50.6 % is in Huawei v Conversant (S3).

    >>> declared_count(10, 0.5)
    20.0
    """
    return essential / essentiality_rate


@compiled
def over_declaration(essentiality_rate: float, mean_essentiality_rate: float) -> float:
    """Factor by which a declared count overstates a holder: ``over = ebar / e``.

    Args:
        essentiality_rate: ``e``, essential share of the holder's declarations, (0, 1].
        mean_essentiality_rate: ``ebar``, essential share of all declarations, (0, 1].

    Source: identity: ``(d_h / D) / (n_h / N) = ebar / e_h``.

    >>> over_declaration(0.1, 0.3) > 2.99
    True
    """
    return mean_essentiality_rate / essentiality_rate


def per_patent(rate: float, count: float) -> float:
    """A rate spread over the patents it is paid for, as if they were alike: ``r / n`` (n > 0).

    Source: ACT v Oppo counts six patents as equal; Microsoft v Motorola weighed each (S1, S2).

    >>> round(per_patent(0.555, 6), 4)
    0.0925
    """
    return rate / count


def top_down_profit(price: float, margin: float, top_share: float, own: float, total: float) -> float:
    """Top-down from the profit on the smallest unit that uses the standard.

    ``r = P m v n / N``

    Args:
        price: ``P``, price of the component, money per unit, >= 0.
        margin: ``m``, profit on it, fraction of price, [0, 1].
        top_share: ``v``, share of all patent value held by the group the portfolio belongs to, [0, 1].
        own: ``n``, the holder's patents in that group, >= 0.
        total: ``N``, patents in that group, > 0.

    Source: In re Innovatio IP Ventures, MDL 2303 (N.D. Ill. 27 Sept. 2013): the royalty cannot exceed the
    chip maker's profit on the chip.

    >>> round(100 * top_down_profit(14.85, 0.121, 0.84, 19, 300), 2)
    9.56
    """
    return price * margin * top_share * own / total
