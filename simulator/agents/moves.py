"""What a party may do in a month, and what is wrong with a move that it may not make."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from typing import Any, ClassVar, Self

from simulator.errors import nearest
from simulator.vocabulary import Move


class MoveError(ValueError):
    """A move that the rules of the game do not allow this party this month."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnMove:
    """What both kinds of party may do in a month."""

    offered: ClassVar[str]

    act: Move
    """The step that is due: wait, perform, or perform withholding what its strategy conceals."""
    accept: bool
    """Sign at the other side's standing offer."""
    file: bool
    """Go to court, if nothing is signed this month."""
    settle: bool
    """Sign at the Nash point where court or conciliator brought the parties together; may be refused."""
    appeal: bool
    """Appeal, on the last day after a judgment."""

    @property
    def offer(self) -> float | None:
        """The ask or bid, of price."""
        value: float | None = getattr(self, self.offered)
        return value

    def replace(self, **changes: Any) -> Self:
        """A copy with other choices.  Raises ``MoveError`` for what is not this party's to choose."""
        known = [field.name for field in dataclasses.fields(self)]
        for name in changes:
            if name not in known:
                raise MoveError(f"{type(self).__name__} has no {name!r}; {nearest(name, known)}")
        return dataclasses.replace(self, **changes)


@dataclass(frozen=True, slots=True, kw_only=True)
class HolderMove(OwnMove):
    """What a SEP holder does in a month.

    >>> move = HolderMove(act=Move.WAIT, accept=False, file=False, settle=False, appeal=False, ask=0.01)
    >>> move.replace(bid=0.1)
    Traceback (most recent call last):
    simulator.agents.moves.MoveError: HolderMove has no 'bid'; known: act, accept, file, settle, appeal, ask
    """

    offered: ClassVar[str] = "ask"

    ask: float | None
    """Its offer this month, of price; ``None`` is silence."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ImplementerMove(OwnMove):
    """What an implementer does in a month."""

    offered: ClassVar[str] = "bid"

    bid: float | None
    """Its offer this month, of price; ``None`` is silence."""
