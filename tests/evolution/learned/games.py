"""Games solved on paper, played as contests: Nash demand, matrix games, two hills."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

import numpy as np
import numpy.typing as npt

from simulator.evolution.game import Values
from simulator.evolution.learned.contest import FirmKind, Jobs, Luck


@lru_cache(maxsize=512)
def _uniforms(address: tuple[int, ...], count: int) -> Values:
    return np.random.default_rng(address).random(count)


def uniforms(seed: int, luck: Luck, replications: npt.NDArray[np.int64]) -> Values:
    """A uniform number for each replication, addressed by lot and place."""
    count = 1 << int(replications.max()).bit_length()
    drawn: Values = _uniforms((seed, int(luck.lot), *luck.place), max(count, 64))[replications]
    return drawn


class Interval:
    """Numbers between 0 and 1, and a coordinate that does nothing."""

    low, high = np.zeros(2), np.ones(2)
    whole: tuple[int, ...] = ()

    def decode(self, point: Values) -> float:
        return float(min(max(point[0], 0.0), 1.0))

    def encode(self, strategy: float) -> Values:
        return np.array([strategy, 0.5])


class Demand:
    """Both sides demand a part of a pie that is uniform on [0, 1]; more than there is gives nothing.

    The payoff of x against y is x (1 - x - y) on average; the best reply is (1 - y) / 2, the equilibrium 1/3.
    """

    def __init__(self, seed: int = 0, known: tuple[float, ...] = (0.1, 0.6)) -> None:
        self.seed = seed
        self.kinds: tuple[FirmKind[float], ...] = tuple(
            FirmKind(f"side {side}", side, Interval(), known) for side in (0, 1)
        )

    def key(self, strategy: float) -> str:
        return f"{strategy:.12g}"

    def play(self, _: tuple[int, int], table: Sequence[float], jobs: Jobs, luck: Luck) -> Values:
        asked = np.asarray(table)[jobs[:, :2]]
        pie = uniforms(self.seed, luck, jobs[:, 2])
        return np.where((asked.sum(axis=1) <= pie)[:, None], asked, 0.0)

    @staticmethod
    def gain(own: float, other: float, reply: float) -> float:
        """What a reply gains, exactly."""
        return reply * max(0.0, 1 - reply - other) - own * max(0.0, 1 - own - other)


class Places:
    """The places of a matrix, as one whole coordinate, and one that does nothing."""

    whole: tuple[int, ...] = (0,)

    def __init__(self, size: int) -> None:
        self.low, self.high = np.array([-0.5, 0.0]), np.array([size - 0.5, 1.0])

    def decode(self, point: Values) -> int:
        return round(float(np.clip(point[0], self.low[0] + 0.5, self.high[0] - 0.5)))

    def encode(self, strategy: int) -> Values:
        return np.array([float(strategy), 0.5])


class Matrix:
    """A game of two matrices; ``known`` by side."""

    def __init__(self, A: Values, B: Values, known: tuple[tuple[int, ...], ...]) -> None:
        self.A, self.B = A, B
        self.kinds: tuple[FirmKind[int], ...] = tuple(
            FirmKind(f"side {side}", side, Places(A.shape[side]), known[side]) for side in (0, 1)
        )

    def key(self, strategy: int) -> str:
        return str(strategy)

    def play(self, _: tuple[int, int], table: Sequence[int], jobs: Jobs, __: Luck) -> Values:
        rows, columns = np.asarray(table)[jobs[:, :2]].T
        return np.stack([self.A[rows, columns], self.B[rows, columns]], axis=1)


class Box:
    """Points of ten numbers and two whole coordinates, 0 or 1."""

    low, high = np.array([0.0] * 10 + [-0.5] * 2), np.array([1.0] * 10 + [1.5] * 2)
    whole: tuple[int, ...] = (10, 11)

    def decode(self, point: Values) -> tuple[float, ...]:
        numbers = np.clip(point[:10], 0.0, 1.0).tolist()
        return (*numbers, *(float(round(min(max(one, 0.0), 1.0))) for one in point[10:].tolist()))

    def encode(self, strategy: tuple[float, ...]) -> Values:
        return np.array(strategy)


class TwoHills:
    """The first side is paid the height where it stands: of a hill at .1, where it begins, or one at .9.

    The second is twice as high, and a step towards it from the top of the first leads down.
    """

    near: tuple[float, ...] = (0.1,) * 10 + (0.0, 0.0)
    far: tuple[float, ...] = (0.9,) * 10 + (1.0, 1.0)

    def __init__(self) -> None:
        self.played = 0
        self.kinds: tuple[FirmKind[tuple[float, ...]], ...] = tuple(
            FirmKind(f"side {side}", side, Box(), (self.near,)) for side in (0, 1)
        )

    def key(self, strategy: tuple[float, ...]) -> str:
        return str(strategy)

    def height(self, strategy: tuple[float, ...]) -> float:
        """What the first side is paid."""
        to_near, to_far = (float(np.abs(np.subtract(strategy, top)).mean()) for top in (self.near, self.far))
        return max(0.5 - to_near, 1.0 - 1.5 * to_far)

    def play(self, _: tuple[int, int], table: Sequence[tuple[float, ...]], jobs: Jobs, __: Luck) -> Values:
        heights = np.array([self.height(one) for one in table])
        self.played += len(jobs)
        return np.stack([heights[jobs[:, 0]], np.zeros(len(jobs))], axis=1)
