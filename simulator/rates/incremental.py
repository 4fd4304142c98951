"""Incremental value over the next best alternative (ex ante)."""

from __future__ import annotations

from simulator.compiled import compiled


@compiled
def incremental(value: float, alternative_value: float, holder_share: float = 1.0) -> float:
    """What a technology adds over what the standard could have used instead.

    ``r = k max(0, v - v_alt)``

    Args:
        value: ``v``, value of the product with the technology, a rate (money per unit or fraction of price).
        alternative_value: ``v_alt``, value with the next best alternative net of its royalty (same kind).
        holder_share: ``k``, share of the increment that goes to the holder, [0, 1]; 1 is the ceiling.

    Source: Microsoft's proposal in Microsoft v Motorola (W.D. Wash. 2013), rejected as impractical but kept
    as a consideration (S2); Swanson and Baumol, Antitrust Law Journal 73 (2005).

    >>> round(incremental(10, 9.5, 0.5), 3)
    0.25
    """
    return holder_share * max(0.0, value - alternative_value)
