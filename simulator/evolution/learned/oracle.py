"""The oracle: a search of a strategy space for what pays best against a mix."""

from __future__ import annotations

import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from threading import Lock
from typing import Any, Generic, TypeVar

import numpy as np

from simulator.evolution.game import Values
from simulator.evolution.learned.coding import Searchable
from simulator.evolution.learned.contest import Contest, Luck, StrategyMix, against, rivals

S = TypeVar("S")
STAGES = 3
"""Parts of a search; each has twice the replications of the one before it."""
POPULATION, GENERATIONS = 48, 8
"""Strategies of a generation; a search with room for so many generations first lets a population evolve."""
EVOLVED = 0.6
"""Share of a search in which it does."""
WEIGHT, CROSSED = (0.4, 0.9), 0.3
"""Differential evolution: range of the weight of differences, chance that a coordinate is the mutant's."""
CHANGED = 2
"""Coordinates in which a strategy of the first generation differs from a known one, on average."""
FIRST_STEP, LATER_STEP = 0.3, 0.12
"""Step size of the first part and of the later ones, share of a range."""
KEPT = 4
"""Best strategies of a search that are played again on other luck."""
SHORTLIST = 64
"""Replications on which the warm start is chosen."""

DRAWING = Lock()
"""Held by the search that draws from numpy's generator, under filters of warnings, of the whole program."""


@dataclass(frozen=True)
class Effort:
    """How much is searched: negotiations of a search, replications of its first part and of a choice."""

    negotiations: int = 32_000
    replications: int = 16
    choice: int = 512

    def part(self, share: float) -> Effort:
        """The same with a share of the negotiations of a search."""
        return replace(self, negotiations=max(1, int(self.negotiations * share)))


@dataclass(frozen=True)
class Search(Generic[S]):
    """What a search came to: its best strategies on its own luck, best first, and what it played."""

    best: tuple[S, ...]
    negotiations: int


def search(
    contest: Contest[S],
    kind: int,
    mixes: Sequence[StrategyMix[S]],
    luck: Luck,
    effort: Effort,
    known: Sequence[S],
    start: int = 0,
) -> Search[S]:
    """Look for the strategy of a kind that pays best against the others' mixes.

    On a space of numbers and whole coordinates: first differential evolution (Storn and Price 1997), which
    goes on from many points at once, then covariance matrix adaptation (Hansen 2016) from the best; a short
    search has no room for a population and climbs from the first.  It begins at the ``start``-th best of the
    ``known`` strategies (a population: at those from there on), at random points where there are not so many,
    and raises its replications: all candidates of a part meet the same luck and the same opponents.
    """
    space, meetings = contest.kinds[kind].space, len(rivals(contest, kind))
    rng = np.random.default_rng([*map(int, (luck.lot, *luck.place)), 11])
    point = anywhere(space, rng)
    spent = 0
    ranked: list[S] = []
    if start < len(known):
        paid = against(contest, kind, known, mixes, luck, range(SHORTLIST)).mean(axis=0)
        spent += len(known) * SHORTLIST * meetings
        ranked = [known[int(place)] for place in np.argsort(-paid, kind="stable")[start:]]
        point = space.encode(ranked[0])
    tried: dict[str, tuple[float, S]] = {}
    generations = int(EVOLVED * effort.negotiations) // (effort.replications * meetings) // POPULATION
    for stage in range(STAGES):
        count = effort.replications * 2**stage
        if stage == 0 and generations >= GENERATIONS:
            strategy, trials = _evolved(contest, kind, mixes, luck, range(count), (generations, ranked, rng))
        else:
            trials = max(1, (effort.negotiations - spent) // (STAGES - stage) // (count * meetings))
            step = FIRST_STEP if stage == 0 else LATER_STEP
            strategy = _climbed(
                contest, kind, mixes, luck, range(count), (point, step, trials, rng), tried if stage else {}
            )
        spent += trials * count * meetings
        point = space.encode(strategy)
    best = sorted(tried.values(), key=lambda one: -one[0])[:KEPT]
    return Search(tuple(strategy for _, strategy in best), spent)


def anywhere(space: Searchable[S], rng: np.random.Generator) -> Values:
    """A point of a space by lot, all equally likely."""
    return space.low + (space.high - space.low) * rng.random(len(space.low))


def _evolved(
    contest: Contest[S],
    kind: int,
    mixes: Sequence[StrategyMix[S]],
    luck: Luck,
    span: range,
    how: tuple[int, Sequence[S], np.random.Generator],
) -> tuple[S, int]:
    """The best that a population comes to in so many generations, and how many strategies were tried.

    ``how``: generations, the strategies it begins with, and a generator.  Half of the others of the first
    generation differ from one of these in few coordinates, half lie anywhere; without any, all do.
    """
    from scipy.optimize import Bounds, differential_evolution

    generations, ranked, rng = how
    space = contest.kinds[kind].space
    whole = np.zeros(len(space.low), dtype=bool)
    whole[list(space.whole)] = True
    low = np.where(whole, np.ceil(space.low), space.low)
    high = np.where(whole, np.floor(space.high), space.high)

    first = [np.clip(space.encode(one), low, high) for one in ranked[: POPULATION // 2]]
    begun = len(first)
    for number in range(begun, POPULATION):
        point = anywhere(space, rng)
        point = np.clip(np.where(whole, np.rint(point), point), low, high)
        if begun and number % 2:
            near = first[int(rng.integers(begun))]
            point = np.where(rng.random(len(low)) < CHANGED / len(low), point, near)
        first.append(point)
    tried = 0

    def lost(points: Values) -> Values:
        nonlocal tried
        strategies = [space.decode(point) for point in points.T]
        tried += len(strategies)
        paid: Values = against(contest, kind, strategies, mixes, luck, span).mean(axis=0)
        return -paid

    result = differential_evolution(
        lost,  # type: ignore[arg-type]  # of many points at once
        Bounds(low, high),
        init=np.array(first),
        maxiter=generations - 1,
        mutation=WEIGHT,
        recombination=CROSSED,
        integrality=whole,
        rng=rng,
        tol=0.0,
        polish=False,
        vectorized=True,
        updating="deferred",
    )
    return space.decode(result.x), tried


def _climbed(
    contest: Contest[S],
    kind: int,
    mixes: Sequence[StrategyMix[S]],
    luck: Luck,
    span: range,
    how: tuple[Values, float, int, np.random.Generator],
    tried: dict[str, tuple[float, S]],
) -> S:
    """The best of so many trials; ``tried`` takes up every strategy played, by its key, with its payoff.

    ``how``: where to begin, with what step, how many trials, and the generator that seeds the search.
    """
    import cma

    point, step, trials, rng = how
    space = contest.kinds[kind].space
    options = {
        "bounds": [space.low.tolist(), space.high.tolist()],
        "integer_variables": list(space.whole),
        "seed": int(rng.integers(1, 2**31)),
        "verbose": -9,
        "signals_filename": "",
        "CMA_stds": (np.maximum(space.high - space.low, 1e-9)).tolist(),
    }
    inner = np.clip(point, space.low + 1e-6, space.high - 1e-6)
    champion: tuple[float, S] | None = None
    draws = Draws()
    with draws.own():
        climber = cma.CMAEvolutionStrategy(inner, step, options)
    while trials > 0:
        with draws.own():
            if climber.stop():
                climber = cma.CMAEvolutionStrategy(anywhere(space, rng), FIRST_STEP, options)
            points = climber.ask()
        strategies = [space.decode(np.asarray(one)) for one in points]
        paid = against(contest, kind, strategies, mixes, luck, span).mean(axis=0)
        with draws.own():
            climber.tell(points, (-paid).tolist())
        for value, strategy in zip(paid.tolist(), strategies, strict=True):
            tried[contest.key(strategy)] = value, strategy
            if champion is None or value > champion[0]:
                champion = value, strategy
        trials -= len(points)
    if champion is None:
        raise AssertionError("a search has at least one trial")
    return champion[1]


class Draws:
    """The draws of one search, where its library draws from numpy's generator of the whole program.

    Searches run side by side: each takes that generator for a moment and puts its own state into it, so that
    what it draws does not depend on what others drew meanwhile.
    """

    def __init__(self) -> None:
        self.state: Any = None

    @contextmanager
    def own(self) -> Iterator[None]:
        """Draw where this search left off; the generator is given back as it was."""
        with DRAWING, warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of stops that are wanted: the budget ends a search
            before = np.random.get_state()  # noqa: NPY002
            if self.state is not None:
                np.random.set_state(self.state)  # noqa: NPY002
            try:
                yield
            finally:
                self.state = np.random.get_state()  # noqa: NPY002
                np.random.set_state(before)  # noqa: NPY002


@dataclass(frozen=True)
class Reply(Generic[S]):
    """A best reply as the choice lot judges it: its gain over what the kind plays, share of what is due."""

    strategy: S
    gain: float
    negotiations: int
    searched: int
    """Of the negotiations, those of the longest search."""


def reply(
    contest: Contest[S],
    kind: int,
    mixes: Sequence[StrategyMix[S]],
    tries: Sequence[Search[S]],
    luck: Luck,
    count: int,
) -> Reply[S]:
    """The best of what searches came to, on luck of its own."""
    own = mixes[kind]
    candidates = [strategy for one in tries for strategy in one.best]
    paid = against(contest, kind, [*own.strategies, *candidates], mixes, luck, range(count)).mean(axis=0)
    kept = len(own.strategies)
    best = int(paid[kept:].argmax())
    played = len(paid) * count * len(rivals(contest, kind))
    return Reply(
        candidates[best],
        float(paid[kept + best] - paid[:kept] @ own.shares),
        played + sum(one.negotiations for one in tries),
        max(one.negotiations for one in tries),
    )
