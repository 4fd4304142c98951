"""Comparative fault in the negotiation."""

from __future__ import annotations

from simulator.compiled import compiled


@compiled
def fault_share(own: float, other: float) -> float:
    """A party's share of the loss that no licence was concluded.

    ``s = F / (F + F')``, one half when neither is at fault.

    Args:
        own: ``F``, weight of the party's faults, >= 0.
        other: ``F'``, weight of the other party's faults, >= 0.

    Source: ACT v Oppo (Supreme People's Court, 12 Dec. 2023), S1: both at fault, 50 % each.

    >>> fault_share(1, 1), fault_share(0, 0), fault_share(3, 1)
    (0.5, 0.5, 0.75)
    """
    if own + other == 0.0:
        return 0.5
    return own / (own + other)


@compiled
def apportioned_loss(loss: float, own: float, other: float) -> float:
    """The part of a loss (money, or an interest rate) a party bears: ``L F / (F + F')``.

    Args:
        loss: ``L``, the loss (interest and delay), any unit (kept).
        own: ``F``, weight of the party's faults, >= 0.
        other: ``F'``, weight of the other party's faults, >= 0.

    Source: ACT v Oppo (Supreme People's Court 2023): interest awarded at half the base rate.

    >>> apportioned_loss(0.0425, 1, 1)
    0.02125
    """
    return loss * fault_share(own, other)
