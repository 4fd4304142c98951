"""Payoff noise carried through: resampled games and what they say of equilibria, chains and basins."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from simulator.evolution.basins import basins
from simulator.evolution.equilibria import Flags, strict
from simulator.evolution.finite import stationary
from simulator.evolution.replicator import Array

LEVEL = 0.95
"""Level of the percentile intervals."""


@dataclass(frozen=True)
class ResampledGames:
    """What resampled games say, the first axis running over the resamples.

    ``strict`` (draws, m, n): which profiles are evolutionarily stable; ``stationary`` (draws, m, n): the
    small-mutation chain; ``basins`` (fewer draws, m, n) and ``cycles`` (fewer draws,): shares of the starts.
    """

    strict: Flags
    stationary: Array
    basins: Array
    cycles: Array

    @property
    def ess_share(self) -> Array:
        """Share of resamples in which each pure profile is evolutionarily stable, (m, n)."""
        return np.asarray(self.strict.mean(axis=0))

    @property
    def no_ess_share(self) -> float:
        """Share of resamples without any pure equilibrium that is evolutionarily stable."""
        return float(np.mean(~self.strict.any(axis=(1, 2))))


def resampled(a: Array, b: Array, draws: int, seed: int) -> tuple[Array, Array]:
    """Mean payoffs of ``draws`` bootstrap samples of replications, (draws, m, n) each.

    ``a, b`` (replications, m, n): a replication is drawn with all its cells and both sides, because they
    share its luck (Efron 1979).

    >>> one, two = resampled(np.arange(4.0).reshape(4, 1, 1), np.zeros((4, 1, 1)), 500, 1)
    >>> one.shape, bool(abs(one.mean() - 1.5) < 0.1)
    ((500, 1, 1), True)
    """
    count = len(a)
    weights = np.random.default_rng(seed).multinomial(count, np.full(count, 1.0 / count), size=draws) / count
    return np.tensordot(weights, a, 1), np.tensordot(weights, b, 1)


def bootstrap(
    a: Array,
    b: Array,
    *,
    sizes: tuple[int, int],
    intensity: float,
    draws: int = 1000,
    basin_draws: int = 100,
    basin_starts: int = 64,
    seed: int = 1,
) -> ResampledGames:
    """Distribution over equilibria, stationary mixes and basins that the payoff samples leave open.

    ``a, b`` (replications, m, n) are payoffs by replication, ``sizes`` and ``intensity`` those of
    :func:`simulator.evolution.finite.stationary`.  Basins cost more and use the first ``basin_draws``.

    >>> noise = np.random.default_rng(1).normal(0.0, 0.5, (20, 1, 1))
    >>> found = bootstrap(noise + [[3.0, 0.0], [5.0, 1.0]], noise + [[3.0, 5.0], [0.0, 1.0]],
    ...                   sizes=(50, 50), intensity=0.1, draws=50, basin_draws=5)
    >>> found.ess_share.tolist(), found.no_ess_share
    ([[0.0, 0.0], [0.0, 1.0]], 0.0)
    """
    A, B = resampled(a, b, draws, seed)
    reached = [basins(*game, count=basin_starts, seed=seed) for game in zip(A[:basin_draws], B, strict=False)]
    return ResampledGames(
        strict(A, B),
        stationary(A, B, sizes, intensity),
        np.array([each.profiles for each in reached]).reshape(-1, *A.shape[1:]),
        np.array([each.cycles for each in reached]),
    )


SHIFT = 0.05
"""By how much resampling may move a long-run share, on average, before a reader is told."""


def shifted(shares: pd.DataFrame) -> list[str]:
    """Caution where noise in the payoffs moves long-run shares to one side, which no interval shows.

    A share is a steep function of the payoffs, so noise pulls it towards even: what resampling does to the
    share found, the sample has already done to the true one.  ``shares``: columns ``regime, strategy, share``
    and ``resampled``, the mean over resampled games.

    >>> shifted(pd.DataFrame({"regime": ["a"], "strategy": ["x"], "share": [0.9], "resampled": [0.6]}))
    ['Long-run shares are biased by the noise of the measured payoffs: resampling them moves the share of x
      under a from 90 to 60 %. Measure with more replications before relying on the mix.']
    """
    rows = shares[["regime", "strategy", "share", "resampled"]].to_dict("records")
    worst = max(rows, key=lambda row: abs(row["resampled"] - row["share"]), default=None)
    if worst is None or not abs(worst["resampled"] - worst["share"]) > SHIFT:
        return []
    said = (
        "Long-run shares are biased by the noise of the measured payoffs: resampling them moves the share of "
        f"{worst['strategy']} under {worst['regime']} from {100 * worst['share']:.0f} to "
        f"{100 * worst['resampled']:.0f} %. Measure with more replications before relying on the mix."
    )
    return [said]


def interval(values: Array, level: float = LEVEL) -> tuple[Array, Array]:
    """Percentile interval over the first axis.

    >>> [float(end.round(3)) for end in interval(np.linspace(0.0, 1.0, 101))]
    [0.025, 0.975]
    """
    low, high = np.quantile(values, [(1.0 - level) / 2.0, (1.0 + level) / 2.0], axis=0)
    return np.asarray(low), np.asarray(high)
