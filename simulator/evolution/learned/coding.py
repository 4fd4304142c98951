"""A strategy space as a box of numbers that an optimiser searches, and back to strategies."""

from __future__ import annotations

import math
from dataclasses import dataclass
from enum import IntEnum
from functools import cached_property, lru_cache
from typing import Any, Literal, Protocol, TypeVar

import numpy as np

from simulator import parameters
from simulator.evolution.game import Values
from simulator.spec.base import Quantity
from simulator.spec.market import Market
from simulator.spec.ranges import OF_STRATEGIES, bounds_at
from simulator.spec.scenario import Scenario
from simulator.spec.space import FreeNumber, Space
from simulator.spec.strategy import Conduct, Strategy
from simulator.vocabulary import Act, Disclosure, Tactic

SEARCHED = "assumption: found by search"
"""Source of the numbers of a strategy that a search came to."""
OWN = frozenset(Strategy.model_fields)
"""Fields of a strategy itself; the others are of its conduct."""
TOLD = tuple(
    name
    for name in (*Strategy.model_fields, *Conduct.model_fields)
    if name not in ("strategy", "title", "story", "source", "conduct")
)
"""Fields that say what a strategy does."""
HALF = 0.5
S = TypeVar("S")


class Searchable(Protocol[S]):
    """What an optimiser needs to know of a space: its size, its whole coordinates, and both directions.

    Points have ``size`` coordinates between ``low`` and ``high``; those in ``whole`` are rounded.
    """

    @property
    def low(self) -> Values:
        """Lowest value of each coordinate."""

    @property
    def high(self) -> Values:
        """Highest value of each coordinate."""

    @property
    def whole(self) -> tuple[int, ...]:
        """The coordinates that are whole numbers."""

    def decode(self, point: Values) -> S:
        """The strategy at a point."""

    def encode(self, strategy: S) -> Values:
        """The nearest point to a strategy."""


@dataclass(frozen=True)
class Number:
    """A free number; ``always_whole`` where the engine counts in whole ones."""

    name: str
    span: FreeNumber
    always_whole: bool

    def value(self, share: float) -> float:
        """The number at a share of the range, on its scale."""
        low, high = self.span.range
        share = min(max(share, 0.0), 1.0)
        if self.span.scale == "log":
            number = math.exp(math.log(low) + share * (math.log(high) - math.log(low)))
        else:
            number = low + share * (high - low)
        return float(round(number)) if self.always_whole else min(max(float(f"{number:.4g}"), low), high)

    def share(self, value: float) -> float:
        """The share of the range at which a number lies, cut at its ends."""
        low, high = self.span.range
        value = min(max(value, low), high)
        if self.span.scale == "log":
            return math.log(value / low) / math.log(high / low)
        return (value - low) / (high - low)


@dataclass(frozen=True)
class Coding:
    """The free fields of a space under one regime of a scenario, as coordinates.

    Order: numbers (share of the range), then whole coordinates: whether a number is *never*, the place of a
    word among its words, whether an item stands in a list.
    """

    party: Literal["holder", "implementer"]
    market: Market
    numbers: tuple[Number, ...]
    words: tuple[tuple[str, tuple[Any, ...]], ...]
    items: tuple[tuple[str, Any], ...]
    held: tuple[tuple[str, float], ...] = ()
    """Numbers that are not free, with their values."""

    @cached_property
    def nevers(self) -> tuple[Number, ...]:
        """Numbers that may be never."""
        return tuple(number for number in self.numbers if number.span.never is not None)

    @cached_property
    def whole(self) -> tuple[int, ...]:
        """The coordinates that are whole numbers."""
        count = len(self.nevers) + len(self.words) + len(self.items)
        return tuple(range(len(self.numbers), len(self.numbers) + count))

    @cached_property
    def low(self) -> Values:
        """Lowest value of each coordinate."""
        return np.concatenate([np.zeros(len(self.numbers)), np.full(len(self.whole), -HALF)])

    @cached_property
    def high(self) -> Values:
        """Highest value of each coordinate."""
        tops = [1.0] * len(self.nevers) + [len(words) - 1.0 for _, words in self.words]
        return np.array([1.0] * len(self.numbers) + [top + HALF for top in tops + [1.0] * len(self.items)])

    @cached_property
    def ends(self) -> tuple[Values, Values]:
        """Lowest and highest whole number of each whole coordinate."""
        n = len(self.numbers)
        return self.low[n:] + HALF, self.high[n:] - HALF

    def decode(self, point: Values) -> Strategy:
        """The strategy at a point."""
        n = len(self.numbers)
        chosen: dict[str, Any] = {
            number.name: number.value(float(point[k])) for k, number in enumerate(self.numbers)
        } | dict(self.held)
        rest: list[int] = np.rint(np.clip(point[n:], *self.ends)).astype(np.int64).tolist()
        for number, flag in zip(self.nevers, rest, strict=False):
            if flag:
                chosen[number.name] = number.span.never
        rest = rest[len(self.nevers) :]
        for (name, words), place in zip(self.words, rest, strict=False):
            chosen[name] = words[place]
        rest = rest[len(self.words) :]
        for (name, _), flag in zip(self.items, rest, strict=True):
            chosen.setdefault(name, [])
            if flag:
                chosen[name].append(self.items[len(self.items) - len(rest)][1])
            rest = rest[1:]
        return self._strategy(chosen)

    def _strategy(self, chosen: dict[str, Any]) -> Strategy:
        own: dict[str, Any] = {}
        conduct: dict[str, Any] = {}
        for name, value in chosen.items():
            part = own if name in OWN else conduct
            if isinstance(value, float):
                part[name] = _searched(value)
            else:
                part[name] = tuple(value) if isinstance(value, list) else value
        return Strategy(
            strategy=f"{self.party}_searched",
            party=self.party,
            title="A strategy of a search",
            story="Chosen by a search of the strategy space.",
            source=SEARCHED,
            conduct=Conduct(**conduct),
            **own,
        )

    def encode(self, strategy: Strategy) -> Values:
        """The nearest point to a strategy; what the space does not hold is cut or left out."""
        point = []
        for number in self.numbers:
            value = self.stated(strategy, number.name)
            point.append(number.share(value))
        for number in self.nevers:
            never = number.span.never if number.span.never is not None else math.inf
            point.append(float(self.stated(strategy, number.name) >= never))
        for name, words in self.words:
            word = _field(strategy, name)
            point.append(float(words.index(word)) if word in words else 0.0)
        point += [float(item in _field(strategy, name)) for name, item in self.items]
        return np.array(point)

    def credibly(self, strategy: Strategy) -> Strategy:
        """A strategy without what commits it beyond this space; itself where nothing does.

        Numbers that are held have their value, and what lies beyond a range (never suing) is cut at its end.
        """
        bound = {number.name: number.span.range[1] for number in self.numbers} | dict(self.held)
        over = {name: end for name, end in bound.items() if self.stated(strategy, name) > end}
        if not over:
            return strategy
        quantities = {name: _searched(end) for name, end in over.items()}
        own = {name: one for name, one in quantities.items() if name in OWN}
        rest = {name: one for name, one in quantities.items() if name not in own}
        update = own | {
            "strategy": f"{strategy.strategy}_searched",
            "conduct": strategy.conduct.model_copy(update=rest),
        }
        return strategy.model_copy(update=update)

    def stated(self, strategy: Strategy, name: str) -> float:
        """A number of a strategy: its own, else the market's, else the registry's."""
        quantity = _field(strategy, name) or getattr(self.market.bargaining, name, None)
        return quantity.value if quantity is not None else parameters.default(OF_STRATEGIES[name])


@lru_cache(maxsize=4096)
def _searched(value: float) -> Quantity:
    return Quantity(value=value, source=SEARCHED)


def _field(strategy: Strategy, name: str) -> Any:
    return getattr(strategy if name in OWN else strategy.conduct, name)


def coding(space: Space, scenario: Scenario) -> Coding:
    """The coordinates of a space under the one regime of a scenario.

    What the regime never asks for (acts without a step, documents no step names) and what the scenario fixes
    has no effect, so it is left out.
    """
    steps = scenario.regimes[0].steps.values()
    asked: set[IntEnum] = {step.act for step in steps}
    documents: set[IntEnum] = {item for step in steps for item in (*step.must_contain, *step.may_contain)}
    numbers: list[Number] = []
    held: list[tuple[str, float]] = []
    for name, span in space.numbers.items():
        bounds = bounds_at("strategy", (name,))
        if OF_STRATEGIES.get(name) in scenario.set:
            continue
        if span.range[0] == span.range[1]:
            held.append((name, span.range[0]))
        else:
            numbers.append(Number(name, span, bounds is not None and bounds.whole))
    words = tuple(
        (name, tuple(Tactic[str(word).upper()] if name == "tactic" else word for word in choice.of))
        for name, choice in space.choices.items()
    )
    items: list[tuple[str, Any]] = []
    for field, subset in space.sets.items():
        kind: type[IntEnum] = Act if field == "refuses" else Disclosure
        members = (kind[word.upper()] for word in subset.of)
        items += [(field, member) for member in members if member in (asked if kind is Act else documents)]
    return Coding(space.party, scenario.market, tuple(numbers), words, tuple(items), tuple(held))


def key(strategy: Strategy) -> str:
    """What a strategy does, without its name and sources: two with the same key play alike.

    >>> from simulator.spec.load import load_strategy
    >>> own = load_strategy("holder_hold_up")
    >>> key(own) == key(own.model_copy(update={"strategy": "other", "source": "assumption"}))
    True
    """
    told = []
    for name in TOLD:
        value = _field(strategy, name)
        plain = value.value if isinstance(value, Quantity) else value
        told.append(f"{name}={sorted(plain) if isinstance(plain, tuple) else plain}")
    return ";".join(told)
