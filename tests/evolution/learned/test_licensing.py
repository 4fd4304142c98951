"""The game of licensing as learned equilibria play it: patched rows, units, lots of luck, spaces as boxes."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import numpy as np
import pytest

from simulator.engine.build import build
from simulator.engine.run import run_chunk
from simulator.evolution.game import GamePlan, plan, playing
from simulator.evolution.learned.coding import Coding, key
from simulator.evolution.learned.contest import LicensingContest, Lot, Luck, StrategyMix, against, meet
from simulator.evolution.learned.double_oracle import Budget, learn, starts
from simulator.evolution.learned.oracle import Effort, Search, search
from simulator.spec.load import load_scenario, load_space, load_strategy
from simulator.spec.scenario import Scenario
from simulator.spec.strategy import Strategy

SPACES = (load_space("holder"), load_space("implementer"))
REGIME = "eu-hvzte-2015"
TINY = Budget(rounds=1, cells=16, effort=Effort(negotiations=400, replications=4, choice=16))


@pytest.fixture(scope="module")
def scenario() -> Scenario:
    return load_scenario("duopoly", regimes=[REGIME])


@pytest.fixture(scope="module")
def game(scenario: Scenario) -> GamePlan:
    return plan(scenario, REGIME)


@pytest.fixture(scope="module")
def contest(game: GamePlan) -> LicensingContest:
    return LicensingContest(game, SPACES)


def test_a_patched_row_plays_as_rules_built_for_it(game: GamePlan, contest: LicensingContest) -> None:
    """The same money, bit for bit, as the engine's own rows with the strategies of the files."""
    names = list(game.scenario.strategies)
    alone = build(game.strata()[0])
    table = [game.scenario.strategies[name] for name in names]
    i, j = names.index("holder_hold_up"), names.index("implementer_hold_out")
    jobs = np.array([[i, j, r] for r in range(12)])
    luck = Luck(Lot.CELLS)
    money = contest.money((0, 1), table, jobs, luck)
    from simulator.evolution.learned.contest import _seed

    rows = run_chunk(playing(alone, (i, j)), _seed(game.scenario.seed, luck, 0), range(12))
    assert np.array_equal(money[:, 0], rows["paid"] - rows["cost_holder"])
    own = rows["paid"] + rows["cost_implementer"] + rows["escrow_cost"] + rows["margin_lost"]
    assert np.array_equal(money[:, 1], -own)
    assert money[:, 2] == pytest.approx(rows["entitlement"], rel=0.03)


def test_the_unit_is_what_is_due_whatever_is_played(contest: LicensingContest) -> None:
    known = contest.kinds[0].known, contest.kinds[1].known
    jobs = np.array([[a, len(known[0]) + b, 3] for a in range(len(known[0])) for b in range(len(known[1]))])
    due = contest.money((0, 1), [*known[0], *known[1]], jobs, Luck(Lot.SCALE))[:, 2]
    assert due == pytest.approx(np.full(len(due), due[0]), rel=1e-12)


def test_lots_and_places_have_luck_of_their_own(contest: LicensingContest) -> None:
    known = contest.kinds[0].known[:1], contest.kinds[1].known[:1]
    lots = [Luck(Lot.SEARCH, (0, 0, 0)), Luck(Lot.SEARCH, (0, 1, 0)), Luck(Lot.CHOICE, (0, 0, 0)),
            Luck(Lot.CELLS), Luck(Lot.REPORT, (0,))]  # fmt: skip
    paid = [meet(contest, (0, 1), known, luck, range(8))[:, 0, 0, 0] for luck in lots]
    assert len({one.tobytes() for one in paid}) == len(lots)
    again = meet(contest, (0, 1), known, lots[0], range(4, 8))[:, 0, 0, 0]
    assert np.array_equal(again, paid[0][4:])


def test_one_strategy_pays_alike_wherever_it_stands_in_the_table(contest: LicensingContest) -> None:
    holders, implementers = contest.kinds[0].known, contest.kinds[1].known
    mixes = [StrategyMix(holders, np.full(len(holders), 1 / len(holders))),
             StrategyMix(implementers, np.full(len(implementers), 1 / len(implementers)))]  # fmt: skip
    luck = Luck(Lot.CHOICE, (1,))
    once = against(contest, 0, holders, mixes, luck, range(6))
    turned = against(contest, 0, holders[::-1], mixes, luck, range(6))
    assert np.array_equal(once, turned[:, ::-1])


@pytest.mark.parametrize(
    "name", ["holder_hold_up", "holder_litigious", "implementer_hold_out", "implementer_opportunist"]
)
def test_a_strategy_comes_back_from_its_point(contest: LicensingContest, name: str) -> None:
    """Up to what the regime never asks for, and four digits of a number."""
    strategy = load_strategy(name)
    space = contest.kinds[0 if strategy.party == "holder" else 1].space
    back = space.decode(space.encode(strategy))
    assert back.anchor.value == pytest.approx(strategy.anchor.value, rel=1e-3)
    assert back.tactic == strategy.tactic
    assert back.conduct.reply_delay.value == strategy.conduct.reply_delay.value
    assert back.sue_after is not None
    if strategy.sue_after is not None:
        assert back.sue_after.value == strategy.sue_after.value
    assert set(back.conduct.withholds) <= set(strategy.conduct.withholds)
    assert set(back.conduct.refuses) <= set(strategy.conduct.refuses)
    assert key(space.decode(space.encode(back))) == key(back)


def test_what_a_regime_never_asks_for_is_not_searched(scenario: Scenario, contest: LicensingContest) -> None:
    acts = {step.act for step in scenario.regimes[0].steps.values()}
    space = contest.kinds[0].space
    assert isinstance(space, Coding)
    searched = {item for name, item in space.items if name == "refuses"}
    assert searched
    assert searched <= acts
    assert {word.upper() for word in SPACES[0].sets["refuses"].of} > {act.name for act in searched}


def test_a_renamed_regime_learns_the_same_bits(scenario: Scenario, contest: LicensingContest) -> None:
    law = scenario.regimes[0].model_copy(update={"regime": "another-name"})
    other = scenario.model_copy(update={"regimes": (law,), "baseline": law.regime})
    renamed = LicensingContest(plan(other, law.regime), SPACES)
    ends = [learn(one, starts(one, 2, 7)[1], 1, TINY)[0] for one in (contest, renamed)]
    assert [list(map(key, pool)) for pool in ends[0].pools] == [
        list(map(key, pool)) for pool in ends[1].pools
    ]
    for ours, theirs in zip(ends[0].settled.shares, ends[1].settled.shares, strict=True):
        assert np.array_equal(ours, theirs)
    assert ends[0].rounds == ends[1].rounds
    moved = learn(contest, starts(contest, 2, 7)[1], 1, replace(TINY, cells=17))[0]
    assert moved.rounds != ends[0].rounds or moved.settled.payoffs != ends[0].settled.payoffs


def test_searches_side_by_side_find_what_each_finds_alone(contest: LicensingContest) -> None:
    """The library draws from numpy's generator of the whole program; nobody else's draws are moved."""
    kinds = contest.kinds
    mixes = [StrategyMix(one.known, np.full(len(one.known), 1 / len(one.known))) for one in kinds]
    effort = Effort(negotiations=1200, replications=4)

    def searched(number: int) -> Search[Strategy]:
        kind = number % 2
        return search(contest, kind, mixes, Luck(Lot.SEARCH, (number,)), effort, kinds[kind].known, number)

    np.random.seed(5)  # noqa: NPY002
    expected = np.random.random()  # noqa: NPY002
    np.random.seed(5)  # noqa: NPY002
    alone = [searched(number) for number in range(6)]
    assert np.random.random() == expected  # noqa: NPY002
    with ThreadPoolExecutor(3) as pool:
        assert list(pool.map(searched, range(6))) == alone
