"""Switching values: planted cases, and the share of sets that hold the truth."""

from __future__ import annotations

import math

import numpy as np
import pytest

from simulator.statistics.switching import switching_value


def drawn(
    cost: float, unpaid: float, n: int = 60, seed: int = 0, sd: float = 0.1
) -> tuple[np.ndarray, np.ndarray]:
    """Paired differences with these means, correlated as K and U are where a suit ends both."""
    luck = np.random.default_rng(seed).multivariate_normal((0, 0), ((1, -0.5), (-0.5, 1)), n) * sd
    return cost + luck[:, 0], unpaid + luck[:, 1]


@pytest.mark.parametrize(
    ("cost", "unpaid", "answer"),
    [
        (-1.0, -0.5, "always"),
        (1.0, 0.5, "never"),
        (-1.0, 2.0, "below"),
        (1.0, -2.0, "above"),
        (0.0, 0.0, "undetermined"),
        (-1.0, 0.0, "undetermined"),
    ],
)
def test_planted_answers(cost: float, unpaid: float, answer: str) -> None:
    said = switching_value(*drawn(cost, unpaid))
    assert said.answer == answer
    if answer in ("below", "above"):
        assert said.low < said.value < said.high < math.inf
        assert said.value == pytest.approx(0.5, abs=0.05)
    if answer in ("always", "never"):
        assert math.isnan(said.low)
        assert math.isnan(said.high)


def test_a_gain_that_luck_may_explain_leaves_the_set_without_end() -> None:
    said = switching_value(*drawn(-1.0, 0.0))
    assert said.low > 1.0
    assert said.high == math.inf


def test_nothing_differs() -> None:
    said = switching_value(np.zeros(5), np.zeros(5))
    assert said.answer == "undetermined"
    assert (said.low, said.high) == (0.0, math.inf)


def test_the_set_holds_the_truth_as_often_as_it_says() -> None:
    """K_A - K_B = -.05, U_A - U_B = .2: the first law is better below a quarter."""
    held = [
        (said := switching_value(*drawn(-0.05, 0.2, n=30, seed=seed))).low <= 0.25 <= said.high
        for seed in range(2000)
    ]
    assert 0.935 < np.mean(held) < 0.965


def test_one_replication_says_nothing() -> None:
    with pytest.raises(ValueError, match="two replications"):
        switching_value(np.zeros(1), np.zeros(1))
