"""A month of a negotiation as rules for telling it see it, and what they tell."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from simulator.spec.regime import Regime, Step
from simulator.spec.strategy import Strategy
from simulator.vocabulary import Status


@dataclass(frozen=True)
class Event:
    """Something that happened: month, what kind of thing, whose doing, in words; the step it is about.

    ``who`` is holder, implementer, both or court; ``source`` the authority a step rests on.
    """

    month: int
    kind: str
    who: str
    text: str
    step: str = ""
    source: str = ""


@dataclass(frozen=True)
class Scene:
    """One month: the pair as it decided, its moves, the pair as it was left, and who plays by what rules.

    ``horizon`` in months.
    """

    month: int
    before: Any
    move: Any
    after: Any
    sight: Any
    law: Regime
    court: Any
    holder: Strategy
    implementer: Strategy
    horizon: int
    seated: str = ""
    """The side whose moves a person chose: ``holder``, ``implementer`` or neither."""

    @property
    def step(self) -> Step:
        """The protocol step that is due."""
        return self.law.steps[self.due]

    @property
    def due(self) -> str:
        """The name of that step."""
        return self.law.order()[int(self.before.step)]

    def title(self, place: int) -> str:
        """The title of the step at a place of the protocol."""
        return self.law.steps[self.law.order()[place]].title

    @property
    def talking(self) -> bool:
        """Whether the month is one of talks, in which steps are done and offers made."""
        return bool(self.before.status == Status.TALKS and self.after.status != Status.EXITED)

    def over_frand(self, rate: float) -> str:
        """A rate as a multiple of the true FRAND rate."""
        return f"{rate / self.before.frand:.2f}"

    def turned(self, mask: str) -> list[int]:
        """The bits of a mask that this month set."""
        new = int(self.after[mask]) & ~int(self.before[mask])
        return [bit for bit in range(new.bit_length()) if new >> bit & 1]

    def became(self, field: str) -> bool:
        """Whether a number of the pair grew this month."""
        return bool(self.after[field] > self.before[field])
