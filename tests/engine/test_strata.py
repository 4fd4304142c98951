"""Markets drawn as Latin hypercubes: every stratum once in a block, alike under all regimes, less chance."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from simulator.comparison.tables import Tables
from simulator.engine.build import build
from simulator.engine.draws import (
    HOLDER_BASE,
    QUALITY,
    SHARE,
    STRATEGY_HOLDER,
    market_normal,
    market_uniform,
    normal,
    normal_quantile,
    stratum,
    uniform,
)
from simulator.engine.run import run_chunk
from simulator.errors import ScenarioError
from simulator.outcomes.evidence import Evidence
from simulator.outcomes.measures import measure
from simulator.outcomes.negotiations import Setting
from simulator.spec.load import load_scenario
from simulator.spec.scenario import Scenario, stratified


def blocked(replications: int, *regimes: str, name: str = "cellular") -> Scenario:
    return stratified(load_scenario(name, regimes=list(regimes), replications=replications))


@pytest.mark.parametrize("block", [2, 10, 128])
def test_a_block_holds_every_stratum_once(block: int) -> None:
    orders = set()
    for entity in (HOLDER_BASE, HOLDER_BASE + 1):
        for purpose in (SHARE, QUALITY):
            for first in (0, 3 * block):
                order = tuple(stratum(7, first + k, entity, purpose, block) for k in range(block))
                assert sorted(order) == list(range(block))
                orders.add(order)
    assert len(orders) > (1 if block == 2 else 7)  # each entity, purpose and block has its own


def test_strata_are_a_random_order() -> None:
    """The place of the first of a block is uniform, and pairs of entities are independent."""
    places = np.array(
        [[stratum(seed, 0, HOLDER_BASE + k, SHARE, 8) for k in range(2)] for seed in range(2000)]
    )
    assert stats.chisquare(np.bincount(places[:, 0], minlength=8)).pvalue > 0.001
    joint = np.bincount(8 * places[:, 0] + places[:, 1], minlength=64).reshape(8, 8)
    assert stats.chi2_contingency(joint).pvalue > 0.001


def test_draws_lie_in_their_stratum_and_keep_their_law() -> None:
    drawn = np.array([market_uniform(1, r, HOLDER_BASE, STRATEGY_HOLDER, 20) for r in range(2000)])
    places = [stratum(1, r, HOLDER_BASE, STRATEGY_HOLDER, 20) for r in range(2000)]
    assert np.floor(drawn * 20).astype(int).tolist() == places
    bell = np.array([market_normal(1, r, HOLDER_BASE, SHARE, 20) for r in range(2000)])
    assert stats.kstest(bell, "norm").pvalue > 0.01
    assert np.abs(bell.reshape(-1, 20).mean(axis=1)).max() < 0.1  # one at random: a sd of .22
    assert market_uniform(1, 5, 3, SHARE, 1) == uniform(1, 5, 3, SHARE, 0)
    assert market_normal(1, 5, 3, SHARE, 1) == normal(1, 5, 3, SHARE, 0)


def test_the_quantile_is_that_of_the_library() -> None:
    p = np.concatenate([np.linspace(1e-6, 1 - 1e-6, 2001), [1e-12, 0.02425, 0.97575, 1 - 1e-12]])
    assert [normal_quantile(one) for one in p] == pytest.approx(stats.norm.ppf(p), rel=1e-13, abs=1e-15)


def test_a_replication_alone_is_that_of_the_batch() -> None:
    scenario = blocked(40, "uk-global", "upc")
    rules = build(scenario)
    whole, alone = run_chunk(rules, 1, range(40)), run_chunk(rules, 1, range(17, 18))
    assert whole[whole["replication"] == 17].tobytes() == alone.tobytes()
    first, second = (whole[whole["regime"] == k] for k in (0, 1))
    for name in ("frand_rate", "holder_strategy", "implementer_strategy"):
        assert (first[name] == second[name]).all()


@pytest.mark.slow
def test_blocks_have_less_chance_in_them() -> None:
    """The variance of a mean over 16 replications, drawn in blocks and independently: how suits begin."""

    def spread(scenario: Scenario) -> float:
        rows = run_chunk(build(scenario), 3, range(1600))
        values = measure(rows, Setting.of(scenario))["litigation_rate"].to_numpy()
        return float(values.reshape(-1, 16).mean(axis=1).var(ddof=1))

    plain = load_scenario("cellular", regimes=["uk-global"], replications=1600)
    assert spread(plain) > 1.5 * spread(plain.model_copy(update={"block": 16}))


def test_the_block_is_the_unit() -> None:
    scenario = blocked(200, "staged-baseline", "uk-global")
    assert scenario.block == 20
    evidence = Evidence(scenario)
    evidence.add(run_chunk(build(scenario), scenario.seed, range(200)))
    tables = Tables(evidence, "staged-baseline")
    assert len(tables.units) == 20
    row = tables.summary.to_dict("index")["uk-global", "deadlock_rate"]
    own = evidence.values.xs("uk-global", level="regime")["deadlock_rate"].to_numpy().reshape(10, 20)
    assert row["replications"] == 10
    assert row["mean"] == pytest.approx(own.mean())
    low, high = stats.t.interval(0.95, 9, own.mean(), stats.sem(own.mean(axis=1)))
    assert [row["low"], row["high"]] == pytest.approx([low, high])
    assert tables.differences["controlled_low"].isna().all()
    assert "10 blocks of 20 replications" in " ".join(tables.cautions)


@pytest.mark.slow
def test_intervals_over_blocks_cover() -> None:
    """Truth: 100 blocks of 16; batches of 10 blocks drawn from them."""
    scenario = load_scenario("cellular", regimes=["uk-global"], replications=1600)
    rows = run_chunk(build(scenario.model_copy(update={"block": 16})), 5, range(1600))
    means = measure(rows, Setting.of(scenario))["efficiency"].to_numpy().reshape(-1, 16).mean(axis=1)
    drawn = means[np.random.default_rng(1).integers(0, 100, (10, 2000))]
    half = stats.t.ppf(0.975, 9) * stats.sem(drawn, axis=0)
    assert np.mean(np.abs(drawn.mean(axis=0) - means.mean()) <= half) == pytest.approx(0.95, abs=0.025)


@pytest.mark.parametrize(("count", "block"), [(100, 10), (1280, 128), (20, 2), (330, 33)])
def test_blocks_are_as_large_as_leaves_ten(count: int, block: int) -> None:
    assert stratified(load_scenario("duopoly", replications=count)).block == block


def test_replications_that_do_not_split_are_refused() -> None:
    with pytest.raises(ScenarioError, match="101 cannot be drawn in blocks"):
        stratified(load_scenario("duopoly", replications=101))
