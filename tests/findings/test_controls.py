"""Control variates: they sharpen what they explain, cover as they say, and are the draws of the engine."""

from __future__ import annotations

import numpy as np
import pytest

from simulator.comparison.covariates import covariates
from simulator.comparison.tables import Tables
from simulator.engine.build import build
from simulator.engine.run import run_chunk
from simulator.outcomes.evidence import Evidence
from simulator.outcomes.negotiations import Values
from simulator.spec.load import load_scenario
from simulator.statistics.controls import EACH, LEAST, controlled, used


@pytest.fixture
def luck() -> np.random.Generator:
    return np.random.default_rng(17)


def planted(luck: np.random.Generator, n: int, slope: float = 2.0) -> tuple[Values, Values]:
    """Differences of mean 1 that come with the first of three covariates, more loudly where it is large."""
    covariate = luck.normal(size=(n, 3))
    noise = luck.standard_t(6, size=n) * (1 + 0.5 * np.abs(covariate[:, 0]))
    return (1 + slope * covariate[:, 0] + noise)[:, None], covariate


def test_what_the_covariate_explains_is_taken_out(luck: np.random.Generator) -> None:
    found = controlled(*planted(luck, 400))
    assert found["controls"][0] == 3
    assert found["gain"][0] == pytest.approx(2.0, rel=0.4)  # variance 4 + 3.1 against 3.1, robustly
    assert found["high"][0] - found["low"][0] < 0.5
    nothing = controlled(*planted(luck, 400, slope=0.0))
    assert nothing["gain"][0] == pytest.approx(1, abs=0.1)


@pytest.mark.parametrize("n", [30, 100])
@pytest.mark.parametrize("slope", [0.0, 2.0])
def test_controlled_intervals_cover(luck: np.random.Generator, n: int, slope: float) -> None:
    covered = []
    for _ in range(600):
        found = controlled(*planted(luck, n, slope))
        covered.append(found["low"][0] <= 1 <= found["high"][0])
    assert np.mean(covered) == pytest.approx(0.95, abs=0.025)


def test_small_samples_are_left_alone_and_large_ones_take_no_more_than_a_tenth() -> None:
    many = np.random.default_rng(1).normal(size=(400, 25))
    assert used(many[: LEAST - 1]).shape[1] == 0
    assert [used(many[:n]).shape[1] for n in (30, 59, 100, 400)] == [3, 5, 10, 25]
    assert EACH == 10
    found = controlled(many[:29, :1], many[:29, 1:4])
    assert np.isnan(found["low"]).all()


def test_shares_of_zero_and_one_and_rare_events_are_not_regressed(luck: np.random.Generator) -> None:
    covariate = luck.normal(size=(100, 2))
    gap = np.column_stack([luck.random(100) < 0.4, np.arange(100) < 3]).astype(float)
    assert np.isnan(controlled(gap, covariate, 1.0)["low"]).all()
    exact = controlled(covariate[:, :1] * 2 + 1, covariate)  # explained to the last digit: no chance is left
    assert np.isnan(exact["low"]).all()


def test_an_outcome_that_some_markets_lack_is_not_controlled(luck: np.random.Generator) -> None:
    """Where it is defined in some markets only, these are not the average ones: it would be shifted."""
    gap, covariate = planted(luck, 200)
    gap[covariate[:, 0] < -0.5] = np.nan
    assert np.isnan(controlled(gap, covariate)["mean"]).all()


@pytest.mark.parametrize("name", ["cellular", "duopoly", "wifi"])
def test_expectations_are_those_of_the_market(name: str) -> None:
    found, names = covariates(load_scenario(name), range(5000))
    error = found.std(axis=0, ddof=1) / np.sqrt(len(found))
    assert np.abs(found.mean(axis=0) / error).max() < 4
    assert np.linalg.matrix_rank(found) == len(names) == len(set(names))
    assert not any("entitlement" in one for one in names)


def test_covariates_are_the_draws_that_the_engine_plays() -> None:
    scenario = load_scenario("cellular", replications=6)
    rules = build(scenario)
    rows = run_chunk(rules, scenario.seed, range(6))
    rows = rows[rows["regime"] == 0].reshape(6, -1)
    found, names = covariates(scenario, range(6))
    shares = rules.holder_groups["share"][rules.holder_group_of]
    sales = rules.implementer_groups["sales"][rules.implementer_group_of]
    weights = np.outer(shares / shares.sum(), sales / sales.sum()).ravel()
    strategies = list(scenario.strategies)
    for name in names:
        if name.startswith("share of"):
            strategy = name.removeprefix("share of ")
            side = strategy.split("_")[0]
            played = (rows[f"{side}_strategy"] == strategies.index(strategy)) @ weights
            gap = played - found[:, names.index(name)]
            assert np.ptp(gap) == pytest.approx(0, abs=1e-12)  # the expectation, the same in all
            assert 0 < gap[0] < 1
    ambush = rules.strategies["ambush"][rows["holder_strategy"]]
    contact = (rows["notice_month"] - ambush) @ weights - found[:, names.index("month of contact")]
    assert np.ptp(contact) == pytest.approx(0, abs=1e-12)
    assert contact[0] == pytest.approx(float(rules.market[0]["notice_spread"]) / 2)


def test_a_comparison_prints_controlled_beside_plain_estimates() -> None:
    scenario = load_scenario("cellular", regimes=["eu-hvzte-2015", "uk-global"], replications=60)
    evidence = Evidence(scenario)
    evidence.add(run_chunk(build(scenario), scenario.seed, range(60)))
    tables = Tables(evidence, "eu-hvzte-2015")
    row = tables.differences.to_dict("index")["uk-global", "months_to_licence"]
    assert row["controls"] == 6
    assert abs(row["controlled_mean"] - row["mean"]) < row["high"] - row["low"]
    assert tables.bought["number"] == 6
    assert tables.bought["pairing"] > 1
