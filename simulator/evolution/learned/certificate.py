"""How far from an equilibrium: what searches on fresh luck gain against mixes, with an interval.

It is a lower bound on what a deviation gains, within the space searched: a longer search may find more.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import product
from typing import Any, Generic, TypeVar

import numpy as np
from scipy import stats

from simulator.evolution.game import Values
from simulator.evolution.learned.contest import Contest, Lot, Luck, StrategyMix, against
from simulator.evolution.learned.oracle import Effort, Reply, reply, search
from simulator.writing.numbers import interval, value

S = TypeVar("S")
Run = Callable[[Callable[[Any], Any], Sequence[Any]], Any]
"""Maps a function over tasks: ``map``, or that of a pool of threads."""
LEVEL = 0.95
DRAWS, BLOCK = 2000, 100
"""Resamples of the bootstrap, and how many are drawn at once."""
SEARCHES, REPLICATIONS, RECALLS = 4, 4096, 20
"""What a certificate needs: searches of a kind, replications of the report, seeds of the recall."""
LONGER, FEWEST = 10, 2
"""A search whose gain is the measure of another's recall is so many times longer; searches of a kind for
an interval of the recall."""
MOST, MOST_KNOWN, LEAST_RECALL = 0.015, 0.001, 0.85
"""Bounds of a certificate: upper end of the gain, gain of a known strategy, recall."""
CERTIFYING, RECALLING = 1_000, 2_000
"""Places in the lots of luck of certificates and of recalls, far from those of rounds."""


@dataclass(frozen=True)
class Deviation(Generic[S]):
    """A strategy played against the mixes on the report lot: its gain with a simultaneous interval."""

    kind: int
    strategy: S
    known: bool
    gain: float
    low: float
    high: float


@dataclass(frozen=True)
class Recall:
    """What searches gain, and what searches ten times longer do, a pair by seed.

    Seeds take the ``kinds`` of firms in turn.
    """

    gains: tuple[tuple[float, float], ...]
    kinds: int = 1

    @property
    def seeds(self) -> int:
        """How many pairs of searches were made."""
        return len(self.gains)

    @cached_property
    def value(self) -> float:
        """Gains of the shorter over those of the longer, both summed; 1 where even these gain nothing.

        Above 1 where the longer ones happen to gain less.
        """
        short, long = np.array(self.gains).T
        return float(short.sum() / long.sum()) if long.any() else 1.0

    @cached_property
    def interval(self) -> tuple[float, float]:
        """A 95 % t interval of the ratio over the luck of searches; nan where a kind has fewer than two.

        Delta method, with the variance of residuals within each kind: that kinds differ is no luck.  It is
        approximate, and too short where a search sometimes finds nothing.

        >>> Recall(((1.0, 1.0), (3.0, 3.0))).interval
        (1.0, 1.0)
        """
        gains = np.array(self.gains)
        own = [gains[kind :: self.kinds] for kind in range(self.kinds)]
        if min(map(len, own)) < FEWEST or not gains[:, 1].any():
            return math.nan, math.nan
        rests = [part[:, 0] - self.value * part[:, 1] for part in own]
        variance = math.fsum(len(rest) * float(rest.var(ddof=1)) for rest in rests)
        freedom = self.seeds - self.kinds
        reach = float(stats.t.ppf(0.5 + LEVEL / 2, freedom)) * math.sqrt(variance) / float(gains[:, 1].sum())
        return self.value - reach, self.value + reach

    def text(self) -> str:
        """The recall with its interval."""
        return f"{value(self.value, 'ratio')} {interval(*self.interval, 'ratio')}".rstrip()


@dataclass(frozen=True)
class Certificate(Generic[S]):
    """What searches found against mixes, and whether that certifies an equilibrium."""

    deviations: tuple[Deviation[S], ...]
    negotiations: int
    searches: int
    replications: int
    recall: Recall | None = None

    def largest(self, known: bool = False) -> Deviation[S] | None:
        """The deviation with the largest gain: of searches, or of known strategies."""
        ours = [one for one in self.deviations if one.known == known]
        return max(ours, key=lambda one: one.gain) if ours else None

    @property
    def upper(self) -> float:
        """The upper end of what a deviation gains: of all intervals, which hold together."""
        return max((one.high for one in self.deviations), default=float("nan"))

    def missing(self) -> list[str]:
        """Why it is no certificate, in words; empty if it is one."""
        said = []
        if self.searches < SEARCHES:
            said.append(f"{self.searches} searches of a kind, not {SEARCHES}")
        if self.replications < REPLICATIONS:
            said.append(f"{self.replications} replications of the report lot, not {REPLICATIONS}")
        if not self.upper < MOST:
            said.append(f"a deviation may gain {percent(self.upper)}, not below {percent(MOST)}")
        known = self.largest(known=True)
        if known is not None and known.low >= MOST_KNOWN:
            least, bound = percent(known.low), percent(MOST_KNOWN)
            said.append(f"a known strategy gains at least {least}, not below {bound}")
        if self.recall is None or self.recall.seeds < RECALLS:
            said.append(f"recall from {0 if self.recall is None else self.recall.seeds} seeds, not {RECALLS}")
        elif not self.recall.value >= LEAST_RECALL:
            said.append(f"recall {self.recall.value:.2f}, not {LEAST_RECALL:.2f}")
        return said

    @property
    def passed(self) -> bool:
        """Whether the mixes are certified as an equilibrium."""
        return not self.missing()

    def text(self) -> str:
        """The certificate in words, with what keeps it from being one."""
        best = self.largest()
        if best is None:
            return "no certificate: nothing was searched"
        gain = f"{percent(best.gain)} [{percent(best.low)}, {percent(best.high)}]"
        recall = "unknown" if self.recall is None else self.recall.text()
        said = (
            f"no search of {self.negotiations:,} negotiations found more than {gain}; no interval of a "
            f"deviation ends above {percent(self.upper)}; recall {recall}"
        )
        known = self.largest(known=True)
        if known is not None:
            said += (
                f"; the best known strategy gains {percent(known.gain)} "
                f"[{percent(known.low)}, {percent(known.high)}]"
            )
        missing = self.missing()
        return f"no certificate ({'; '.join(missing)}): {said}" if missing else said


def percent(share: float) -> str:
    """A share of what is due, in per cent.

    >>> percent(0.01234)
    '1.23 %'
    """
    return f"{100 * share:.2f} %"


def max_t(
    gains: Values, seed: int, draws: int = DRAWS, level: float = LEVEL
) -> tuple[Values, Values, Values]:
    """Means with simultaneous intervals: (columns,) means, lower and upper ends.

    ``gains`` has shape (replications, columns).  The half-width of each is its standard error times the
    ``level`` quantile of the largest studentised deviation in a bootstrap over replications with Gaussian
    multipliers.  *Source*: Chernozhukov, Chetverikov and Kato (2013), Annals of Statistics 41:2786; Romano
    and Wolf (2005), Econometrica 73:1237.  A column without spread is exact.
    """
    count = len(gains)
    mean = gains.mean(axis=0)
    error = gains.std(axis=0, ddof=1) / np.sqrt(count)
    loose = error > 1e-15
    if not loose.any():
        return mean, mean, mean
    scaled = ((gains - mean) / np.where(loose, error * count, 1.0))[:, loose].astype(np.float32)
    rng = np.random.default_rng([seed, 12])
    blocks = [min(BLOCK, draws - first) for first in range(0, draws, BLOCK)]
    multipliers = (rng.standard_normal((size, count), dtype=np.float32) for size in blocks)
    largest = np.concatenate([np.abs(block @ scaled).max(axis=1) for block in multipliers])
    reach = np.quantile(largest, level) * error
    return mean, mean - reach, mean + reach


def beginning(number: int, known: int) -> int:
    """Where a search begins: at the best known strategy, the second best, then at random points.

    A population begins at all known ones from there on.
    """
    return number if number < SEARCHES // 2 else known


def certify(
    contest: Contest[S],
    mixes: Sequence[StrategyMix[S]],
    known: Sequence[Sequence[S]],
    effort: Effort,
    *,
    further: Sequence[Sequence[S]] = (),
    start: int = 0,
    seed: int = 0,
    searches: int = SEARCHES,
    replications: int = REPLICATIONS,
    run: Run = map,
) -> Certificate[S]:
    """Search for deviations of each kind, choose on the choice lot, play what was chosen on the report lot.

    Each kind has ``searches`` independent searches of its own (those that ended learning were picked for
    having found little), which begin at the best and second best of its ``known`` strategies, and of
    ``further`` ones if there are any, and at random points.  The winner of each, and the known strategy that
    does best on the choice lot, are played against the mixes.  Nothing is chosen by the report lot.
    """
    first = [[*mine, *more] for mine, more in zip(known, further or [()] * len(known), strict=True)]

    def chosen(task: tuple[int, int]) -> Reply[S]:
        kind, number = task
        place = (start, CERTIFYING, kind, number)
        begin = beginning(number, len(first[kind]))
        tried = search(contest, kind, mixes, Luck(Lot.SEARCH, place), effort, first[kind], begin)
        return reply(contest, kind, mixes, [tried], Luck(Lot.CHOICE, place), effort.choice)

    kinds = range(len(contest.kinds))
    tasks = list(product(kinds, range(searches)))
    winners = list(run(chosen, tasks))

    def played(kind: int) -> tuple[Values, list[S]]:
        place = (start, CERTIFYING, kind)
        own = mixes[kind]
        playing = {contest.key(strategy) for strategy in own.strategies}
        pool = [strategy for strategy in known[kind] if contest.key(strategy) not in playing]
        strategies = [won.strategy for (mine, _), won in zip(tasks, winners, strict=True) if mine == kind]
        if pool:
            paid = against(contest, kind, pool, mixes, Luck(Lot.CHOICE, place), range(effort.choice))
            strategies.append(pool[int(paid.mean(axis=0).argmax())])
        luck = Luck(Lot.REPORT, (start,))
        result = against(contest, kind, [*own.strategies, *strategies], mixes, luck, range(replications))
        count = len(own.strategies)
        return result[:, count:] - (result[:, :count] @ own.shares)[:, None], strategies

    reports = list(run(played, list(kinds)))
    gain, low, high = max_t(np.concatenate([one for one, _ in reports], axis=1), seed)
    deviations = []
    place = 0
    for kind, (_, strategies) in zip(kinds, reports, strict=True):
        for number, strategy in enumerate(strategies):
            ends = float(gain[place]), float(low[place]), float(high[place])
            deviations.append(Deviation(kind, strategy, number == searches, *ends))
            place += 1
    longest = max((won.searched for won in winners), default=0)
    return Certificate(tuple(deviations), longest, searches, replications)


def recall(
    contest: Contest[S],
    mixes: Sequence[StrategyMix[S]],
    known: Sequence[Sequence[S]],
    effort: Effort,
    *,
    seeds: int = RECALLS,
    run: Run = map,
) -> Recall:
    """How much of a gain a search finds: what searches gain in all over what ones ten times longer do.

    Against mixes from which there is something to gain: near an equilibrium both are nothing.  Seeds take the
    kinds in turn; either gain is taken on the choice lot.
    """
    longer = replace(effort, negotiations=effort.negotiations * LONGER)

    def gains(task: tuple[int, int]) -> float:
        number, length = task
        kind = number % len(contest.kinds)
        place = (RECALLING, number, length)
        how = (effort, longer)[length]
        tried = search(contest, kind, mixes, Luck(Lot.SEARCH, place), how, known[kind])
        luck = Luck(Lot.CHOICE, (RECALLING, number))
        return max(0.0, reply(contest, kind, mixes, [tried], luck, effort.choice).gain)

    tasks = list(product(range(seeds), (0, 1)))
    each = np.array(list(run(gains, tasks))).reshape(seeds, 2)
    return Recall(tuple((float(short), float(long)) for short, long in each), len(contest.kinds))
