"""Stochastic dominance: known cases, the size and power of the test, and clusters."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from simulator.outcomes.negotiations import Values
from simulator.statistics.dominance import Order, dominance, dominates


@pytest.fixture
def luck() -> np.random.Generator:
    return np.random.default_rng(31)


def test_a_better_distribution_dominates_at_both_orders(luck: np.random.Generator) -> None:
    base = luck.normal(size=120)
    more = base + 0.8 + 0.1 * luck.normal(size=120)
    orders: tuple[Order, Order] = (1, 2)
    for order in orders:
        found = dominance(more, base, order)
        assert found.in_sample
        assert (found.p, found.verdict) == (1, "dominates")
        assert found.p_not < 0.01
        assert found.p_not_reverse > 0.9
        assert dominance(base, more, order).verdict == "is dominated"


def test_less_risk_dominates_at_the_second_order_only(luck: np.random.Generator) -> None:
    base = luck.normal(size=400)
    calm = 0.3 * base + 0.2
    assert dominance(calm, base, 2).verdict == "dominates"
    assert dominance(calm, base, 1).verdict == "neither"


@pytest.mark.parametrize("order", [1, 2])
def test_the_same_law_under_other_luck_is_seldom_said_to_dominate(
    luck: np.random.Generator, order: Order
) -> None:
    """By non-rejection it was declared in 16 to 18 % of cells."""
    common = luck.normal(size=(200, 80))
    said = [
        dominance(one + luck.normal(size=80), one + luck.normal(size=80), order, resamples=9).verdict
        for one in common
    ]
    assert np.mean([word in ("dominates", "is dominated") for word in said]) <= 0.05


def test_crossing_distributions_do_not_dominate(luck: np.random.Generator) -> None:
    """Higher on average but more spread: by non-rejection it was called dominant in 45 to 65 %."""
    said = [
        dominance(luck.normal(0.15, 1.4, size=80), luck.normal(size=80), 1, resamples=199).verdict
        for _ in range(100)
    ]
    assert np.mean([word in ("dominates", "is dominated") for word in said]) <= 0.05


def test_a_law_that_is_better_everywhere_is_found(luck: np.random.Generator) -> None:
    said = [
        dominance(luck.normal(0.8, 1, size=100), luck.normal(size=100), 1, resamples=9).verdict
        for _ in range(60)
    ]
    assert np.mean([word == "dominates" for word in said]) > 0.7


def test_zero_or_one_is_a_comparison_of_shares(luck: np.random.Generator) -> None:
    ours, theirs = luck.random((2, 100)) < [[0.2], [0.5]]
    found = dominance(ours.astype(float), theirs.astype(float), 1, better=-1)
    assert found.verdict == "dominates"
    assert found.p_not == pytest.approx(
        stats.ttest_rel(theirs, ours.astype(float), alternative="greater").pvalue
    )


def test_many_cells_without_a_difference_are_one_family(luck: np.random.Generator) -> None:
    """Sixty tables of twelve cells of one law: some cell is declared in no more than a table in twenty."""
    found = 0
    for _ in range(60):
        cells = {k: (luck.normal(size=60), luck.normal(size=60), 1) for k in range(12)}
        found += any("domina" in said for said in dominates(cells, resamples=9).values())
    assert found / 60 <= 0.1


def test_less_can_be_better(luck: np.random.Generator) -> None:
    months = luck.exponential(20, size=100)
    fewer = months - 8 + luck.normal(size=100)
    assert dominance(fewer, months, 1, better=-1).verdict == "dominates"
    assert dominance(fewer, months, 1, better=1).verdict == "is dominated"


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
    ragged = dominance(holes + 1 + 0.1 * luck.normal(size=(50, 1)), holes, 1)
    assert ragged.verdict == "dominates"
    assert np.isnan(dominance(np.full(5, np.nan), np.full(5, np.nan), 1).p)


def test_a_side_without_any_value_says_nothing() -> None:
    known, missing = np.arange(8.0), np.full(8, np.nan)
    for ours, theirs in ((known, missing), (missing, known)):
        one = dominance(ours, theirs, 1)
        assert not one.in_sample
        assert np.isnan([one.p, one.p_not]).all()
