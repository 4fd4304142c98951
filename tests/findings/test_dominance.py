"""Stochastic dominance: known cases, the size and power of the test, and clusters."""

from __future__ import annotations

import numpy as np
import pytest

from simulator.outcomes.negotiations import Values
from simulator.statistics.dominance import Order, dominance


@pytest.fixture
def luck() -> np.random.Generator:
    return np.random.default_rng(31)


def test_a_better_distribution_dominates_at_both_orders(luck: np.random.Generator) -> None:
    base = luck.normal(size=120)
    for order in (1, 2):
        found = dominance(base + 0.8, base, order)
        assert found.in_sample
        assert (found.p, found.verdict) == (1, "dominates")
        assert dominance(base, base + 0.8, order).verdict == "is dominated"


def test_less_risk_dominates_at_the_second_order_only(luck: np.random.Generator) -> None:
    base = luck.normal(size=400)
    calm = 0.3 * base + 0.2
    assert dominance(calm, base, 2).verdict == "dominates"
    assert dominance(calm, base, 1).verdict == "neither"


def test_less_can_be_better(luck: np.random.Generator) -> None:
    months = luck.exponential(20, size=100)
    assert dominance(months - 5, months, 1, better=-1).verdict == "dominates"
    assert dominance(months - 5, months, 1, better=1).verdict == "is dominated"


def test_a_distribution_does_not_dominate_itself(luck: np.random.Generator) -> None:
    same = luck.normal(size=60)
    found = dominance(same, same, 1)
    assert not found.in_sample
    assert (found.p, found.p_reverse, found.verdict) == (1, 1, "undecided")


def test_the_sample_statement_is_that_of_the_quantiles(luck: np.random.Generator) -> None:
    for _ in range(30):
        ours, theirs = luck.normal(0.4, 1, 15), luck.normal(0, 1, 15)
        quantiles = np.sort(ours) >= np.sort(theirs)
        assert dominance(ours, theirs, 1, resamples=10).in_sample == quantiles.all()
        integrals = np.cumsum(np.sort(ours)) >= np.cumsum(np.sort(theirs))  # generalised Lorenz curves
        assert dominance(ours, theirs, 2, resamples=10).in_sample == integrals.all()


@pytest.mark.parametrize("order", [1, 2])
def test_equal_distributions_are_rejected_no_more_than_one_time_in_twenty(
    luck: np.random.Generator, order: Order
) -> None:
    found = [
        dominance(luck.normal(size=60), luck.normal(size=60), order, seed=k, resamples=199)
        for k in range(160)
    ]
    assert np.mean([one.p < 0.05 for one in found]) <= 0.1
    assert np.mean([one.p_reverse < 0.05 for one in found]) <= 0.1


def test_negotiations_of_one_replication_are_not_independent(luck: np.random.Generator) -> None:
    """30 replications of 20 negotiations that share their replication's luck: 30 numbers, not 600."""

    def rejected(clustered: bool) -> float:
        count = 0
        for seed in range(60):
            ours, theirs = (_shared(luck) for _ in range(2))
            sides = (ours, theirs) if clustered else (ours.reshape(-1, 1), theirs.reshape(-1, 1))
            count += dominance(*sides, 1, seed=seed, resamples=199).p < 0.05
        return count / 60

    assert rejected(clustered=True) <= 0.12
    assert rejected(clustered=False) > 0.25


def _shared(luck: np.random.Generator) -> Values:
    return np.asarray(luck.normal(size=(30, 1)) + 0.3 * luck.normal(size=(30, 20)))


def test_gaps_are_left_out(luck: np.random.Generator) -> None:
    values = luck.normal(size=(50, 4))
    holes = values.copy()
    holes[::3, 2] = np.nan
    ragged = dominance(holes + 1, holes, 1)
    assert ragged.verdict == "dominates"
    assert np.isnan(dominance(np.full(5, np.nan), np.full(5, np.nan), 1).p)
