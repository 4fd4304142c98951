"""The empirical game: consistent with arithmetic where tactics are degenerate, reproducible, resolved."""

from __future__ import annotations

import numpy as np
import pytest

from simulator.errors import ScenarioError
from simulator.evolution.game import CHANNELS, GamePlan, allot, contenders, measure, plan
from simulator.spec.load import load_scenario
from simulator.spec.regime import Appeal, Regime, StandingRules
from simulator.spec.strategy import Strategy
from simulator.vocabulary import CourtMode, Standing
from tests.play import quantity, regime, scenario, strategy

WINS, FILING, TRIAL, HORIZON, COURT = 0.5, 1.0, 2.0, 120, 24
MONTHLY = 1.05 ** (-1 / 12)
SUIT = {
    "holders.validity": WINS,
    "holders.patents_asserted": 1,
    "welfare.social_discount": 0.05,
    "costs.filing": FILING,
    "costs.trial": TRIAL,
    "court.durations.first_instance": COURT,
    "court.bar_after_lost_suit": 1200,
    "court.settlement.meeting_probability": 0,
    "court.settlement.window": 0,
}


def degenerate() -> list[Strategy]:
    """Holders that ask once, the FRAND rate or half as much again; implementers that pay it, or nothing."""
    asks = strategy("holder_good_faith", anchor=1.0, sue_after=6.0, patience=0.0)
    more = strategy("holder_hold_up", anchor=1.5, window=1200.0, exponent=0.01, sue_after=6.0, patience=0.0)
    pays = strategy("implementer_good_faith", anchor=1.0, sue_after=1200.0)
    none = strategy("implementer_hold_out", anchor=0.001, window=1200.0, exponent=0.01, goodwill=0.0)
    names = ("asks_frand", "asks_more", "pays_frand", "pays_nothing")
    return [
        one.model_copy(update={"strategy": name})
        for one, name in zip((asks, more, pays, none), names, strict=True)
    ]


def degenerate_plan(law: Regime) -> GamePlan:
    asks, more, pays, none = degenerate()
    both = scenario(law, holder=[asks, more], implementer=[pays, none], numbers=SUIT)
    one = {"holders": both.market.holders[:1], "implementers": both.market.implementers[:1]}
    alone = both.model_copy(update={"market": both.market.model_copy(update=one)})
    return plan(alone, "bare", [asks.strategy, more.strategy, pays.strategy, none.strategy])


def paid_from(month: int) -> float:
    """Royalty over E when past use is paid without interest in ``month`` and the rest as it falls due."""
    due = MONTHLY ** np.arange(HORIZON)
    return float((month * MONTHLY**month + due[month:].sum()) / due.sum())


def test_measured_equals_analytic_where_tactics_are_immediate_accept_or_refuse() -> None:
    """Theory 2.5: the matrix is arithmetic, and the measured one equals it within Monte Carlo error."""
    law = regime(
        CourtMode.DIRECT,
        liability_gate=True,
        standing=StandingRules(holder=Standing.ANY),
        appeal=Appeal(available=False),
    )
    game = measure(degenerate_plan(law), 1000)
    filed = 8  # six months after the holder's first offer
    judged = filed + COURT
    entitlement = 0.0434 * 0.04 * 215 * (MONTHLY ** np.arange(HORIZON)).sum()
    cost = (FILING * MONTHLY**filed + TRIAL * MONTHLY**judged) / entitlement
    court = WINS * paid_from(judged + 1)
    agreed = paid_from(1)
    A = np.array([[agreed, court - cost], [court - cost, court - cost]])
    B = np.array([[-agreed, -court - cost], [-court - cost, -court - cost]])
    assert np.all(np.abs(game.A - A) <= 3 * game.A_se + 1e-9)
    assert np.all(np.abs(game.B - B) <= 3 * game.B_se + 1e-9)
    assert game.A_se[0, 0] < 1e-12  # the verdict is the only chance there is
    assert 0.02 < 3 * game.A_se[1, 1] < 0.1


def test_without_a_court_refusal_pays_nothing() -> None:
    game = measure(degenerate_plan(regime()), 3)
    paid = paid_from(1)
    only_accepted = np.array([[1.0, 0.0], [0.0, 0.0]])
    np.testing.assert_allclose(game.A, paid * only_accepted, atol=1e-12)
    np.testing.assert_allclose(game.B, -paid * only_accepted, atol=1e-12)


def test_royalty_cancels_in_the_sum_of_both_payoffs() -> None:
    """What is left are losses: at most the deposit's cost more than those the efficiency metric knows."""
    game = measure(plan(load_scenario("duopoly", regimes=["cn-rate-setting"]), "cn-rate-setting"), 32)
    total = game.a + game.b
    welfare = game.channel("welfare")
    assert np.all(total <= 1e-12)
    assert np.all(total >= welfare - 1 - 1e-9)


def test_more_replications_keep_the_first_ones() -> None:
    duopoly = plan(load_scenario("duopoly", regimes=["upc"]), "upc")
    few, many = measure(duopoly, 8), measure(duopoly, 24, workers=2)
    np.testing.assert_array_equal(many.samples[:8], few.samples)
    np.testing.assert_array_equal(measure(duopoly, 24, known=few).samples, many.samples)


def test_every_pair_of_groups_counts_by_its_pairs() -> None:
    cellular = plan(
        load_scenario("cellular", regimes=["upc"]), "upc", ["holder_hold_up", "implementer_hold_out"]
    )
    game = measure(cellular, 4)
    assert game.samples.shape == (4, 9, len(CHANNELS), 1, 1)
    assert game.weights.tolist() == [(a * b) / 200 for a in (1, 4, 5) for b in (3, 7, 10)]
    by_hand = (game.samples[:, :, 0] * game.weights[:, None, None]).sum(axis=1)
    np.testing.assert_allclose(game.a, by_hand)


def test_pairs_are_isolated_and_see_one_luck_in_every_cell() -> None:
    """A cell measured alone is the same as among others: nothing but its two strategies enters it."""
    duopoly = load_scenario("duopoly", regimes=["uk-global"])
    alone = measure(plan(duopoly, "uk-global", ["holder_hold_up", "implementer_hold_out"]), 6)
    among = measure(plan(duopoly, "uk-global"), 6)
    assert among.holders[1] == "holder_hold_up"
    assert among.implementers[1] == "implementer_hold_out"
    np.testing.assert_array_equal(alone.samples[..., 0, 0], among.samples[..., 1, 1])


def test_rounds_stop_when_the_best_replies_are_known() -> None:
    """Without a court refusal is far better for the implementer: the first round settles it."""
    duopoly = load_scenario("duopoly", regimes=["none", "cn-rate-setting"])
    assert allot(plan(duopoly, "none"), 4096).n == 64
    spent = allot(plan(duopoly, "cn-rate-setting"), 100)
    assert spent.n == 100
    assert any("best reply to" in text for text in spent.unresolved())


def test_contenders_need_three_standard_errors() -> None:
    luck = np.random.default_rng(7).normal(size=400)
    far, near = np.zeros(400), 0.25 + luck - luck.mean()  # mean .25, s.e. .05
    assert contenders(np.stack([near, far], axis=1)) == [0]
    assert sorted(contenders(np.stack([near[:50], far[:50]], axis=1))) == [0, 1]


@pytest.mark.parametrize(
    ("names", "said"),
    [
        (["holder_hold_upp"], "did you mean holder_hold_up"),
        (["holder_hold_up"], "none of them is an implementer's"),
    ],
)
def test_a_wrong_strategy_is_told(names: list[str], said: str) -> None:
    with pytest.raises(ScenarioError, match=said):
        plan(load_scenario("duopoly"), "upc", names)


def test_a_regime_the_scenario_has_not_is_told() -> None:
    with pytest.raises(ScenarioError, match="did you mean upc"):
        plan(load_scenario("duopoly"), "upcc")


def test_sales_that_wait_for_the_licence_have_no_payoff_per_entitlement() -> None:
    waiting = scenario("none", use="licensed", numbers={"standard.horizon": quantity(120).value})
    with pytest.raises(ScenarioError, match="no entitlement"):
        plan(waiting, "none")
