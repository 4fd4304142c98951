"""Intervals, paired differences and their guard rails."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from simulator import study
from simulator.outcomes.negotiations import Values
from simulator.spec.load import load_scenario
from simulator.statistics.paired import cautions, differences, holm, replications_needed, summarise
from tests.play import quantity


def table(*columns: Values, metric: str = "months_to_licence", **others: Values) -> pd.DataFrame:
    """Values of a metric by regime a, b, ...: one array over replications each."""
    names = [chr(ord("a") + k) for k in range(len(columns))]
    index = pd.MultiIndex.from_product([range(len(columns[0])), names], names=["replication", "regime"])
    stacked = {metric: np.stack(columns, axis=1).reshape(-1)}
    return pd.DataFrame(stacked | {name: values.reshape(-1) for name, values in others.items()}, index=index)


def row(found: pd.DataFrame, regime: str, metric: str = "months_to_licence") -> dict[str, Any]:
    """One row of a summary or of differences."""
    rows: dict[Any, Any] = found.to_dict("index")
    return dict(rows[regime, metric])


@pytest.fixture
def luck() -> np.random.Generator:
    return np.random.default_rng(11)


def test_the_interval_is_that_of_student(luck: np.random.Generator) -> None:
    sample = luck.normal(20, 3, size=25)
    found = row(summarise(table(sample)), "a")
    low, high = stats.t.interval(0.95, 24, loc=sample.mean(), scale=stats.sem(sample))
    assert [found["mean"], found["low"], found["high"]] == pytest.approx([sample.mean(), low, high])
    assert found["replications"] == 25


def test_nineteen_intervals_in_twenty_cover(luck: np.random.Generator) -> None:
    samples = luck.normal(30, 5, size=(1000, 12)).T
    found = summarise(table(*samples.T))
    assert ((found["low"] <= 30) & (found["high"] >= 30)).mean() == pytest.approx(0.95, abs=0.02)


def test_an_interval_stays_in_the_range_of_its_metric() -> None:
    found = row(summarise(table(np.array([0, 0, 0, 0.1]), metric="deadlock_rate")), "a", "deadlock_rate")
    assert found["low"] == 0
    assert found["high"] > 0.025


def test_differences_are_paired(luck: np.random.Generator) -> None:
    market = luck.normal(40, 10, size=60)
    ours, base = market + 1 + luck.normal(0, 1, 60), market + luck.normal(0, 1, 60)
    found = row(differences(table(base, ours), "a"), "b")
    test = stats.ttest_rel(ours, base)
    assert found["mean"] == pytest.approx((ours - base).mean())
    assert found["p"] == pytest.approx(test.pvalue)
    assert [found["low"], found["high"]] == pytest.approx(list(test.confidence_interval(0.95)))
    reduction = (ours.var(ddof=1) + base.var(ddof=1)) / (ours - base).var(ddof=1)
    assert found["variance_reduction"] == pytest.approx(reduction)
    assert reduction > 20
    assert np.isnan(found["replications_needed"])


def test_the_baseline_is_not_compared_with_itself(luck: np.random.Generator) -> None:
    found = differences(table(*luck.normal(size=(3, 20))), "b")
    assert list(found.index.get_level_values("regime")) == ["a", "c"]


def test_holm_by_hand() -> None:
    # Holm (1979): 4 x .005, then 3 x .01, 2 x .03, and never below the one before
    adjusted = holm(np.array([0.01, 0.04, 0.03, 0.005]))
    assert adjusted.tolist() == pytest.approx([0.03, 0.06, 0.06, 0.02])
    assert holm(np.array([np.nan, 0.04, 0.9])).tolist()[1:] == pytest.approx([0.08, 0.9])
    assert holm(np.array([0.6, 0.7])).tolist() == [1, 1]


def test_holm_is_taken_over_the_regimes_of_a_metric(luck: np.random.Generator) -> None:
    found = differences(table(*luck.normal(size=(5, 30))), "a")
    assert found["p_holm"].tolist() == holm(found["p"].to_numpy()).tolist()
    assert (found["p_holm"] >= found["p"]).all()


@pytest.mark.parametrize("effect", [0.15, 0.4, 1.0])
def test_replications_needed_have_the_power_they_claim(effect: float) -> None:
    n = replications_needed(np.array([effect]), np.array([1.0]))[0]

    def power(size: float) -> float:
        critical, shift = stats.t.ppf(0.975, size - 1), effect * np.sqrt(size)
        return float(stats.nct.sf(critical, size - 1, shift) + stats.nct.cdf(-critical, size - 1, shift))

    assert power(n) == pytest.approx(0.8, abs=0.03)


def test_overlap_asks_for_the_replications_that_show_what_matters(luck: np.random.Generator) -> None:
    """The advice aims at a difference of one month, whatever this sample showed, and seldom falls short."""
    asked = []
    for shown in (0.0, 0.1, 0.4) * 100:
        base, noise = luck.normal(0, 1, 20), luck.normal(0, 4, 20)
        found = row(differences(table(base, base + shown + noise - noise.mean()), "a"), "b")
        assert found["low"] < 0 < found["high"]
        asked.append(found["replications_needed"])
    right = replications_needed(np.array([1.0]), np.array([4.0]))[0]
    assert np.mean(np.array(asked) >= right) == pytest.approx(0.8, abs=0.07)
    assert right / 2.5 < min(asked) <= max(asked) < 4 * right


def test_what_is_rare_asks_for_more_than_a_sample_without_it_shows(luck: np.random.Generator) -> None:
    still = row(
        differences(table(*np.zeros((2, 50)), metric="deadlock_rate"), "a"), "b", metric="deadlock_rate"
    )
    # one point more often: at the least var = 0.01, so n = 7.85 x 0.01 / 0.01^2
    assert still["replications_needed"] > 785
    assert np.isnan(
        row(differences(table(*np.zeros((2, 50)), metric="cost_share"), "a"), "b", metric="cost_share")[
            "replications_needed"
        ]
    )


def test_one_replication_gives_means_and_says_so() -> None:
    one = table(np.array([3.0]), np.array([4.0]), deadlock_rate=np.zeros((1, 2)), efficiency=np.ones((1, 2)))
    found = row(summarise(one), "a")
    assert found["mean"] == 3
    assert np.isnan(found["low"])
    assert row(differences(one, "a"), "b")["mean"] == 1
    assert cautions(one) == ["1 replication: intervals are unreliable below 10; with one there are none."]


def test_equal_and_undefined_values_are_reported_not_fatal() -> None:
    months = np.array([[5.0, 5.0], [5.0, np.nan], [5.0, 7.0]] * 4)
    values = table(
        *months.T,
        deadlock_rate=np.tile([0.0, 0.5], (12, 1)),
        efficiency=np.arange(24.0).reshape(12, 2),
    )
    found = differences(values, "a")
    assert row(found, "b")["replications"] == 8
    assert row(found, "b")["mean"] == 1
    always = row(found, "b", "deadlock_rate")
    assert (always["mean"], always["interval"]) == (0.5, "rule of three")
    assert -0.1 < always["low"] < 0.3  # twelve that agree leave open what one in four would do
    assert always["p_holm"] > 0.001
    said = " ".join(cautions(values))
    assert "months_to_licence is undefined in up to 4 of 12 replications (b)" in said
    assert "deadlock_rate is the same in all 12 replications" in said
    assert "less often than 95 % (docs/coverage.md) for: months_to_licence (2)" in said


def test_a_market_too_small_for_its_costs_is_told(luck: np.random.Generator) -> None:
    costs = luck.uniform(0.1, 0.3, (12, 2))
    small = costs * [[1, 40]]
    assert not [
        said for said in cautions(table(*luck.normal(size=(2, 12)), cost_share=costs)) if "too little" in said
    ]
    said = [
        said for said in cautions(table(*luck.normal(size=(2, 12)), cost_share=small)) if "too little" in said
    ]
    assert len(said) == 1
    assert f"{small[:, 1].mean():,.0f} times as much (b)" in said[0]


def test_no_interval_of_a_share_of_what_is_due_says_more_than_all_of_it() -> None:
    shares = np.array([[0.99, 0.2], [1.0, 0.9], [0.0, 1.0], [1.0, 0.0]])
    found = summarise(table(*shares.T, hold_out_index=shares, paid_as_agreed=shares, paid_by_court=shares))
    for metric in ("hold_out_index", "paid_as_agreed", "paid_by_court"):
        ends = found.xs(metric, level="metric")[["low", "high"]].to_numpy()
        assert ends.min() >= 0
        assert ends.max() <= 1


def test_identical_regimes_do_not_differ(luck: np.random.Generator) -> None:
    same = luck.normal(size=15)
    found = row(differences(table(same, same), "a", alike=["b"]), "b")
    assert [found[name] for name in ("low", "high", "p")] == [0, 0, 1]
    assert found["interval"] == "equal by construction"
    assert np.isnan(found["replications_needed"])
    assert np.isnan(found["variance_reduction"])
    seen = row(
        differences(table(same, same), "a"), "b"
    )  # that fifteen agree is no proof, nor is it an effect
    assert (seen["p"], seen["interval"]) == (1, "rule of three")
    assert np.isnan(seen["low"])  # months have no upper end


def test_the_headline_outcomes_are_one_family(luck: np.random.Generator) -> None:
    count = 30
    values = table(
        *luck.normal(size=(3, count)),
        deadlock_rate=luck.random((count, 3)),
        efficiency=luck.normal(size=(count, 3)),
    )
    found = differences(values, "a")
    chief = found[found["role"] == "headline"]
    assert set(chief.index.get_level_values("metric")) == {"deadlock_rate", "efficiency"}
    assert chief["p_holm"].tolist() == holm(chief["p"].to_numpy()).tolist()
    rest = found[found["role"] == "exploratory"]
    assert rest["p_holm"].tolist() == holm(rest["p"].to_numpy()).tolist()


def test_what_differs_by_rounding_alone_is_correlated_with_nothing() -> None:
    """As what does not differ at all; no library warns of a nearly constant input."""
    tables = study.compare(load_scenario("duopoly", regimes=["upc"], replications=4)).tables
    tables.units["efficiency"] = 0.9 + 2.3e-16 * np.arange(len(tables.units))
    tables.units["deadlock_rate"] = np.arange(len(tables.units)) / 4
    assert tables.units["efficiency"].nunique() > 1
    assert tables.plane.loc["upc", "correlation"] == 0.0


@pytest.mark.parametrize("replications", [1, 2])
def test_what_is_undefined_is_correlated_with_nothing_that_has_a_number(replications: int) -> None:
    """Nobody takes part: neither outcome is defined, however few the replications."""
    scenario = load_scenario("duopoly", regimes=["upc"], replications=replications)
    nobody = scenario.model_copy(update={"set": {"implementers.barrier": quantity(0)}})
    tables = study.compare(nobody).tables
    assert tables.plane["correlation"].isna().all()
