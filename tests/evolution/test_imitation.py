"""Imitation inside the market, and payoffs inside it against those of isolated pairs."""

from __future__ import annotations

import numpy as np
import pytest

from simulator.engine.build import build
from simulator.engine.run import run_chunk
from simulator.errors import ScenarioError
from simulator.evolution.game import measure, plan
from simulator.evolution.imitation import GENERATIONS, Learning, imitate, revise
from simulator.evolution.market import at_mix, gaps, tally
from simulator.spec.load import load_scenario

SHORT = Learning(generations=6, populations=2)


def test_firms_keep_the_strategy_they_hold_and_shares_are_those_played() -> None:
    """The rows of a generation show, for every firm, the strategy the shares say."""
    asked = plan(load_scenario("cellular", regimes=["upc"]), "upc")
    run = imitate(asked, SHORT)
    assert len(run.rows) == 2 * 3  # the settled half of each population
    names = list(asked.scenario.strategies)
    last = run.rows[2]
    held = {int(row["holder"]): names[row["holder_strategy"]] for row in last}
    shares = [list(held.values()).count(name) / len(held) for name in asked.holders]
    np.testing.assert_allclose(run.holder_shares[0, -1], shares)
    assert int(last["replication"][0]) == GENERATIONS + 5


def test_threads_do_not_matter_and_regimes_share_their_luck() -> None:
    cellular = load_scenario("cellular", regimes=["upc", "cn-rate-setting"])
    one, two = (imitate(plan(cellular, "upc"), SHORT, workers=w) for w in (1, 2))
    np.testing.assert_array_equal(one.holder_shares, two.holder_shares)
    other = imitate(plan(cellular, "cn-rate-setting"), SHORT)
    np.testing.assert_array_equal(one.holder_shares[:, 0], other.holder_shares[:, 0])
    np.testing.assert_array_equal(one.rows[0]["frand_rate"], other.rows[0]["frand_rate"])


def test_one_firm_has_nobody_to_imitate() -> None:
    with pytest.raises(ScenarioError, match="no peer to imitate"):
        imitate(plan(load_scenario("duopoly"), "upc"), SHORT)


def test_revision_copies_by_fermis_rule() -> None:
    """A firm that earns .1 less than the others copies one with the chance 1 / (1 + exp(-1)) = .7311."""
    learning = Learning(intensity=10.0, mutation=0.0)
    held, earned = np.array([1, 0, 0]), np.array([0.0, 0.1, 0.1])
    runs = 20_000
    copied = np.mean([revise(held, earned, 2, learning, (3, k, 0))[0] == 0 for k in range(runs)])
    error = np.sqrt(0.7311 * 0.2689 / runs)
    assert abs(copied - 0.7311) < 3 * error


def test_mutation_reaches_every_strategy_alike() -> None:
    learning = Learning(mutation=1.0)
    after = [revise(np.zeros(30, np.int64), np.zeros(30), 3, learning, (3, k, 1)) for k in range(200)]
    count = np.bincount(np.concatenate(after), minlength=3)
    assert np.all(np.abs(count / 6000 - 1 / 3) < 3 * np.sqrt(2 / 9 / 6000))


def test_every_pair_of_the_market_is_in_a_cell() -> None:
    asked = plan(load_scenario("cellular", regimes=["uk-global"]), "uk-global")
    seen = tally(asked, 3)
    assert seen.pairs.sum() == 3 * 200
    rows = run_chunk(build(asked.scenario), asked.scenario.seed, range(3))
    whole = ((rows["paid"] - rows["cost_holder"]) / rows["entitlement"]).sum()
    assert seen.sums[0].sum() == pytest.approx(whole)


def test_no_gap_where_a_market_is_one_pair() -> None:
    """The duopoly is an isolated pair: its cells inside the market differ by chance only."""
    asked = plan(load_scenario("duopoly", regimes=["cn-rate-setting"]), "cn-rate-setting")
    table = gaps(asked, measure(asked, 400), 400)
    assert len(table) == 8
    assert np.all(np.abs(table["gap"]) < 3.5 * table["gap_se"])


def test_a_mix_is_laid_over_every_group() -> None:
    there = at_mix(load_scenario("cellular"), {"holder_hold_up": 3.0}, {"implementer_hold_out": 1.0})
    assert {tuple(group.strategies.items()) for group in there.market.holders} == {(("holder_hold_up", 1.0),)}
    assert all(group.strategies == {"implementer_hold_out": 1.0} for group in there.market.implementers)
