"""The Mesa face of the model: ``LicensingModel``, and agents that stand in the one engine.

A step of the model is a month: the engine's own ``begin``, ``decide`` and ``resolve``.  Agents own no state;
they are pictures of the engine's records, and between ``decide`` and ``resolve`` each may replace its own
move.  A strategy is therefore a subclass with one method:

>>> class Boulware(Implementer):  # names one price and stays with it
...     def decide(self, negotiation, move):
...         if move.bid is not None:
...             return move.replace(bid=0.3 * negotiation.estimate, accept=False)
>>> def ending(**options):
...     model = LicensingModel("duopoly", regime="us-ebay", replication=1, **options)
...     model.run_model()
...     return model.outcomes()["outcome"].iloc[0]
>>> ending(), ending(implementer_class=Boulware)
('negotiated', 'settled_in_court')

The other party still expects what the firm's built-in strategy would do: a move is replaced, not a belief.
"""

from __future__ import annotations

import multiprocessing

_START_METHOD = multiprocessing.get_start_method(allow_none=True)
import mesa  # type: ignore[import-untyped]  # noqa: E402, F401

multiprocessing.set_start_method(_START_METHOD, force=True)  # Mesa sets it to spawn for the whole program

from simulator.agents.firms import Court, Firm, Implementer, SEPHolder  # noqa: E402
from simulator.agents.model import LicensingModel  # noqa: E402
from simulator.agents.moves import HolderMove, ImplementerMove, MoveError  # noqa: E402
from simulator.agents.negotiation import Negotiation  # noqa: E402

__all__ = [
    "Court",
    "Firm",
    "HolderMove",
    "Implementer",
    "ImplementerMove",
    "LicensingModel",
    "MoveError",
    "Negotiation",
    "SEPHolder",
]
