"""Shapley values: the four axioms, a game known in closed form, intervals that cover, bad input."""

from __future__ import annotations

from itertools import permutations

import numpy as np
import pytest

from simulator.engine.build import build
from simulator.engine.run import run_chunk
from simulator.errors import ScenarioError
from simulator.outcomes.measures import METRICS
from simulator.outcomes.negotiations import Negotiations, Setting, Values
from simulator.spec.base import Quantity
from simulator.spec.load import load_scenario
from simulator.statistics.inference import effect
from simulator.statistics.mechanisms import _shares, combinations, decompose, shapley

NAMES = ["threat", "disclosure", "interest"]


@pytest.fixture
def luck() -> np.random.Generator:
    return np.random.default_rng(5)


def by_orders(values: Values, names: list[str]) -> Values:
    """The definition itself: what each adds when it is switched on, averaged over all orders."""
    settings = [frozenset(name for name in names if one[name]) for one in combinations(names)]
    added = np.zeros((len(values), len(names)))
    orders = list(permutations(names))
    for order in orders:
        for place, name in enumerate(order):
            before, after = frozenset(order[:place]), frozenset(order[: place + 1])
            added[:, names.index(name)] += (
                values[:, settings.index(after)] - values[:, settings.index(before)]
            )
    return added / len(orders)


@pytest.mark.parametrize("k", [1, 2, 3, 4, 5])
def test_shares_are_what_the_definition_says_and_sum_to_the_effect(luck: np.random.Generator, k: int) -> None:
    names = list("abcde")[:k]
    values = luck.normal(size=(7, 2**k))
    found = shapley(values, names)
    assert found == pytest.approx(by_orders(values, names))
    assert found.sum(axis=1) == pytest.approx(values[:, -1] - values[:, 0])


def test_a_mechanism_without_effect_has_no_share_and_equals_share_equally() -> None:
    on = np.array(
        [[setting["threat"], setting["disclosure"], setting["interest"]] for setting in combinations(NAMES)]
    )
    values = (1.0 * on[:, 0] + 1.0 * on[:, 1] + 4.0 * on[:, 0] * on[:, 1])[None]
    assert shapley(values, NAMES)[0].tolist() == pytest.approx([3, 3, 0])


def test_values_add_up_over_games(luck: np.random.Generator) -> None:
    one, other = luck.normal(size=(2, 4, 8))
    assert shapley(one + 2 * other, NAMES) == pytest.approx(shapley(one, NAMES) + 2 * shapley(other, NAMES))


def test_the_table_is_the_effects_of_the_values(luck: np.random.Generator) -> None:
    values = luck.normal(size=(40, 8)) + np.linspace(0, 7, 8)
    table, parts = decompose(values, NAMES, seed=3), shapley(values, NAMES)
    assert list(table.index) == [*NAMES, "total"]
    for place, name in enumerate(NAMES):
        one = effect(parts[:, place], seed=3)
        assert list(table.loc[name, ["mean", "low", "high", "bca_low"]]) == [
            one.mean,
            one.low,
            one.high,
            one.bca_low,
        ]
    assert table.loc["total", "mean"] == pytest.approx((values[:, -1] - values[:, 0]).mean())
    assert table["share"].to_numpy()[:3].sum() == pytest.approx(1)
    assert (table["share_low"] <= table["share"]).all()
    assert (table["share_high"] >= table["share"]).all()
    mean = values.mean(axis=0)
    assert list(table["alone"]) == pytest.approx(
        [mean[4] - mean[0], mean[2] - mean[0], mean[1] - mean[0], mean[7] - mean[0]]
    )
    assert list(table["last"])[:3] == pytest.approx([mean[7] - mean[3], mean[7] - mean[5], mean[7] - mean[6]])


def test_replications_with_a_gap_are_left_out_whole(luck: np.random.Generator) -> None:
    values = luck.normal(size=(20, 4))
    holes = np.r_[values, np.where(np.eye(4) > 0, np.nan, 100.0)]
    assert decompose(holes, ["a", "b"])["mean"].tolist() == decompose(values, ["a", "b"])["mean"].tolist()
    assert set(decompose(holes, ["a", "b"])["n"]) == {20}


def test_shares_of_an_effect_of_open_sign_are_not_given(luck: np.random.Generator) -> None:
    values = luck.normal(size=(30, 4))
    values[:, 3] -= (values[:, 3] - values[:, 0]).mean()  # no effect on the whole
    assert decompose(values, ["a", "b"])["share"].isna().all()
    flat = np.tile([0.0, 1.0, 2.0, 5.0], (12, 1))
    assert decompose(flat, ["a", "b"])["share"].isna().all()  # no range, no variation: nothing is sure
    assert decompose(flat, ["a", "b"], span=8.0)["share"].tolist() == pytest.approx([0.6, 0.4, 1])


@pytest.mark.slow
def test_intervals_of_shares_cover_with_few_replications(luck: np.random.Generator) -> None:
    """Skewed parts of a total that is itself uncertain, n = 12: percentiles of ratios covered 77 to 98 %."""
    truth, covered, given = 1 / 3, 0, 0
    for _ in range(1500):
        parts = luck.normal([1.0, 2.0], [1.0, 1.5], size=(12, 2))
        values = np.column_stack([np.zeros(12), parts[:, 1], parts[:, 0], parts.sum(axis=1)])
        row = _shares(shapley(values, ["a", "b"]), np.inf)[0]
        given += not np.isnan(row[0])
        covered += row[1] <= truth <= row[2]
    assert given > 1400
    assert covered / given == pytest.approx(0.95, abs=0.02)


@pytest.mark.slow
def test_intervals_of_values_cover(luck: np.random.Generator) -> None:
    truth = shapley(np.arange(4.0)[None], ["a", "b"])[0]
    covered = []
    for _ in range(120):
        table = decompose(np.arange(4.0) + luck.normal(0, 2, size=(30, 4)), ["a", "b"], resamples=99)
        covered.append((table["low"][:2] <= truth) & (truth <= table["high"][:2]))
    assert np.mean(covered) == pytest.approx(0.95, abs=0.04)


def test_what_cannot_be_decomposed_is_refused() -> None:
    with pytest.raises(
        ScenarioError, match=r"got values of shape \(3, 7\); \(replications, 8\): every combination"
    ):
        shapley(np.zeros((3, 7)), NAMES)
    with pytest.raises(ScenarioError, match="one to 5 mechanisms, all different"):
        combinations(list("abcdef"))
    with pytest.raises(ScenarioError, match="got a, a"):
        combinations(["a", "a"])


def test_a_regime_decomposes_under_the_same_luck() -> None:
    """Court interest and past-use recovery on the engine: shares add up in each replication."""
    scenario = load_scenario("duopoly", regimes=["cn-rate-setting"], replications=15)
    switches = {"court.interest.court": (0.0, 0.12), "court.past_use.court_share": (0.5, 1.0)}
    columns = []
    for setting in combinations(list(switches)):
        numbers = {name: Quantity(value=switches[name][on], source="test") for name, on in setting.items()}
        cell = scenario.model_copy(update={"set": scenario.set | numbers})
        rows = run_chunk(build(cell), 1, range(15))
        columns.append(METRICS["effective_rate_over_frand"].rule(Negotiations(rows, Setting.of(cell))))
    values = np.stack(columns, axis=1)
    total = values[:, 3] - values[:, 0]
    assert total.any()
    assert shapley(values, list(switches)).sum(axis=1) == pytest.approx(total)
