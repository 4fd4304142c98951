"""Learning and its certificate against games solved on paper."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import numpy as np
import pytest

from simulator.evolution.game import Values
from simulator.evolution.learned.certificate import Certificate, Recall, certify, max_t, recall
from simulator.evolution.learned.contest import Lot, Luck, StrategyMix, against, meet
from simulator.evolution.learned.double_oracle import Budget, learn, starts
from simulator.evolution.learned.lemke_howson import lemke_howson
from simulator.evolution.learned.meta import KNOWN_GAIN, Cells, distance, merged, quantal, solve
from simulator.evolution.learned.oracle import EVOLVED, GENERATIONS, POPULATION, Effort, reply, search
from simulator.evolution.learned.stages import determined
from tests.evolution.learned.games import Demand, Matrix, TwoHills

EFFORT = Effort(negotiations=4_000, replications=64, choice=1024)
BUDGET = Budget(
    rounds=10, tolerance=0.002, cells=8192, effort=replace(EFFORT, negotiations=12_000, choice=8192)
)
PENNIES = np.array([[1.0, -1.0], [-1.0, 1.0]])
ROCK_PAPER_SCISSORS = np.array([[0.0, -1.0, 1.0], [1.0, 0.0, -1.0], [-1.0, 1.0, 0.0]])


def alone(strategy: float) -> StrategyMix[float]:
    return StrategyMix((strategy,), np.ones(1))


def gain_of_searches(
    seed: int, effort: Effort, searches: int = 4, others: tuple[float, ...] = (0.1,)
) -> tuple[Demand, Certificate[float]]:
    """Searches against two who demand a tenth, far from the equilibrium, or any of so much alike."""
    contest = Demand(seed)
    known = [kind.known for kind in contest.kinds]
    mixes = [StrategyMix(others, np.full(len(others), 1 / len(others)))] * 2
    return contest, certify(contest, mixes, known, effort, seed=seed, start=seed, searches=searches)


def test_nash_demand_is_learned_from_the_menu() -> None:
    contest = Demand(3)
    learned, _ = learn(contest, starts(contest, 1, 3)[0], 0, BUDGET)
    for mix in learned.mixes():
        assert abs(float(np.asarray(mix.strategies) @ mix.shares) - 1 / 3) < 0.06
    assert max(learned.rounds[-1].gains) < BUDGET.tolerance
    assert max(learned.rounds[0].gains) > 3 * BUDGET.tolerance


def test_a_planted_exploitable_strategy_is_caught_and_left() -> None:
    """Who demands next to nothing is exploited; the search says by how much, and learning leaves it."""
    contest = Demand(1, known=(0.02,))
    tried = search(contest, 0, [alone(0.02), alone(0.02)], Luck(Lot.SEARCH, (0,)), EFFORT, (0.02,))
    best = reply(contest, 0, [alone(0.02), alone(0.02)], [tried], Luck(Lot.CHOICE, (0,)), 4096)
    assert best.gain == pytest.approx(Demand.gain(0.02, 0.02, 0.49), abs=0.02)
    learned, _ = learn(contest, starts(contest, 1, 1)[0], 0, BUDGET)
    for mix in learned.mixes():
        assert 0.02 not in mix.strategies


def test_a_population_finds_the_hill_that_a_climb_does_not() -> None:
    """From the top of the lower hill: a search too short for a population stays on it."""
    contest = TwoHills()
    mixes = [StrategyMix((contest.near,), np.ones(1))] * 2
    least = int(np.ceil(GENERATIONS * POPULATION / EVOLVED))
    for seed in range(3):
        for negotiations, lowest, highest in ((least - 1, 0.45, 0.6), (10 * least, 0.9, 1.0)):
            effort, before = Effort(negotiations, replications=1, choice=4), contest.played
            tried = search(contest, 0, mixes, Luck(Lot.SEARCH, (seed,)), effort, (contest.near,))
            assert lowest <= contest.height(tried.best[0]) <= highest
            assert contest.played - before <= negotiations + 100  # the last generation of a climb is whole


def test_populations_side_by_side_draw_what_they_draw_alone() -> None:
    """Also from numpy's generator of the whole program, which stays as it was."""
    contest = TwoHills()
    mixes = [StrategyMix((contest.near,), np.ones(1))] * 2

    def best(seed: int) -> tuple[tuple[float, ...], ...]:
        effort = Effort(3_000, replications=1, choice=4)
        return search(contest, 0, mixes, Luck(Lot.SEARCH, (seed,)), effort, (contest.near,)).best

    alone = [best(seed) for seed in range(8)]
    before = np.random.get_state(legacy=False)["state"]["key"].tolist()  # noqa: NPY002
    with ThreadPoolExecutor(4) as pool:
        assert list(pool.map(best, range(8))) == alone
    assert np.random.get_state(legacy=False)["state"]["key"].tolist() == before  # noqa: NPY002


def test_a_population_without_known_strategies_begins_anywhere() -> None:
    contest = TwoHills()
    mixes = [StrategyMix((contest.near,), np.ones(1))] * 2
    tried = search(contest, 0, mixes, Luck(Lot.SEARCH, (5,)), Effort(6_000, 1, 4), (contest.near,), start=1)
    assert contest.height(tried.best[0]) > 0.9


@pytest.mark.slow
@pytest.mark.parametrize("others", [(0.1,), (0.05, 0.1, 0.3)], ids=["pure", "mixed"])
def test_the_interval_of_a_gain_holds_the_exact_one(others: tuple[float, ...]) -> None:
    """Against a mix too, of which each replication draws one strategy."""
    held = 0
    for seed in range(24):
        _, one = gain_of_searches(seed, replace(EFFORT, negotiations=1_000), others=others)
        best = one.largest()
        assert best is not None
        exact = np.mean([Demand.gain(own, other, best.strategy) for own in others for other in others])
        held += bool(best.low <= exact <= best.high)
    assert held >= 20  # fewer with 95 % cover: one time in 500


@pytest.mark.slow
def test_intervals_hold_together_in_95_percent_and_budget_pays() -> None:
    """They are simultaneous: that of the winner holds more often.  Long searches gain more."""
    short, long = replace(EFFORT, negotiations=400, replications=8), replace(EFFORT, negotiations=8_000)
    held, winner, above, gains = 0, 0, 0, np.zeros((200, 2))
    for seed in range(200):
        briefly = gain_of_searches(seed, short)[1].largest()
        assert briefly is not None
        ends = []
        for k, effort in enumerate((short, long)):
            _, one = gain_of_searches(seed, effort, searches=1 if k == 0 else 4)
            best = one.largest()
            assert best is not None
            ends.append(best)
        gains[seed] = [Demand.gain(0.1, 0.1, each.strategy) for each in (briefly, ends[1])]
        exact = [(each, Demand.gain(0.1, 0.1, each.strategy)) for each in one.deviations]
        held += all(each.low <= gain <= each.high for each, gain in exact)
        winner += ends[1].low <= gains[seed, 1] <= ends[1].high
        above += ends[0].low > ends[1].high
    assert 0.92 <= held / 200 <= 0.98
    assert winner >= held
    assert above / 200 <= 0.025
    assert gains[:, 1].mean() > gains[:, 0].mean()


@pytest.mark.parametrize("game", [PENNIES, ROCK_PAPER_SCISSORS], ids=["pennies", "rock paper scissors"])
def test_mixed_meta_games_are_solved(game: Values) -> None:
    every = tuple(range(len(game)))
    contest = Matrix(game, -game, (every, every))
    cells = Cells(contest, 4, [list(every), list(every)])
    plans = [(k,) for k in every]
    (only,) = solve(cells, (plans, plans))
    for shares in (*only.shares, *quantal(cells)):
        assert shares == pytest.approx(np.full(len(game), 1 / len(game)), abs=1e-6)
    assert only.regret < 1e-9


def test_matching_pennies_is_learned_from_one_strategy() -> None:
    contest = Matrix(PENNIES, -PENNIES, ((0,), (0,)))
    learned, _ = learn(contest, starts(contest, 1, 0)[0], 0, replace(BUDGET, cells=8))
    for mix in learned.mixes():
        assert mix.shares == pytest.approx([0.5, 0.5])


def test_coordination_has_three_equilibria() -> None:
    game = np.array([[2.0, 0.0], [0.0, 1.0]])
    contest = Matrix(game, game, ((0, 1), (0, 1)))
    cells = Cells(contest, 4, [[0, 1], [0, 1]])
    plans = [(0,), (1,)]
    solved = solve(cells, (plans, plans))
    assert {tuple(one.shares[0].round(6)) for one in solved} >= {(1.0, 0.0), (0.0, 1.0)}


def test_a_copied_strategy_changes_nothing() -> None:
    """Strategy 2 is strategy 0 again: the quantal response gives it no weight of its own."""
    table = np.array([[0.3, 0.0], [0.0, 0.4]])
    copied = table[[0, 1, 0]]

    plain = Matrix(table, 1 - table, ((0, 1), (0, 1)))
    doubled = Matrix(copied, 1 - copied, ((0, 1, 2), (0, 1)))
    before = Cells(plain, 64, [[0, 1], [0, 1]])
    after = Cells(doubled, 64, [[0, 1, 2], [0, 1]])
    assert merged(after)[0] == [0, 1]
    x, y = quantal(before)
    p, q = quantal(after)
    assert p[:2] == pytest.approx(x, abs=1e-12)
    assert p[2] == 0.0
    assert q == pytest.approx(y, abs=1e-12)
    two = [(0,), (1,)]
    paid = solve(before, (two, two))[0].payoffs
    assert solve(after, ([(0,), (1,), (2,)], two))[0].payoffs == pytest.approx(paid, abs=1e-9)


def test_games_of_many_near_copies_end_and_are_solved() -> None:
    for seed in range(8):
        rng = np.random.default_rng(seed)
        every = tuple(range(14))
        base = rng.random((3, 3))[np.ix_(rng.integers(0, 3, 14), rng.integers(0, 3, 14))]
        A = base + 1e-5 * rng.random((14, 14))
        B = 1 - base + 1e-5 * rng.random((14, 14))
        contest = Matrix(A, B, (every, every))
        cells = Cells(contest, 2, [list(every), list(every)])
        plans = [(k,) for k in every]
        assert solve(cells, (plans, plans))[0].regret < 2 * KNOWN_GAIN


@pytest.mark.parametrize("digits", [1, 12], ids=["ties", "generic"])
@pytest.mark.parametrize(("m", "n"), [(1, 6), (5, 1), (12, 20), (36, 31)])
def test_paths_end_in_an_equilibrium(m: int, n: int, digits: int) -> None:
    """Also in a game as large as learning comes to; where many payoffs are equal hardly one is lost."""
    rng = np.random.default_rng(m)
    A, B = rng.random((2, m, n)).round(digits)
    ends = [lemke_howson(A, B, label) for label in range(m + n)]
    assert ends.count(None) <= (m + n) / 20 * (digits == 1)
    for x, y in (end for end in ends if end is not None):
        assert max((A @ y).max() - x @ A @ y, (x @ B).max() - x @ B @ y) < 1e-9


def test_a_strategy_taken_up_twice_is_one() -> None:
    contest = Matrix(PENNIES, -PENNIES, ((0, 1), (0, 1)))
    cells = Cells(contest, 4, [[0], [0]])
    assert cells.add([[1, 0], []]) == [[1, 0], []]
    assert cells.add([[1], [1]]) == [[1], [1]]
    assert cells.pools == [[0, 1], [0, 1]]
    whole = Cells(contest, 4, [[0, 1], [0, 1]])
    assert np.array_equal(cells.paid[0, 1], whole.paid[0, 1])  # grown or at once: the same bits


def test_opponents_drawn_from_a_mix_stand_for_it() -> None:
    contest = Demand(0)
    mixes = [alone(0.3), StrategyMix((0.1, 0.6), np.array([0.7, 0.3]))]
    luck = Luck(Lot.SEARCH, (5,))
    drawn = against(contest, 0, [0.2, 0.4], mixes, luck, range(8192)).mean(axis=0)
    every = meet(contest, (0, 1), ([0.2, 0.4], mixes[1].strategies), luck, range(8192))
    assert drawn == pytest.approx(every[..., 0].mean(axis=0) @ mixes[1].shares, abs=0.01)


def test_simultaneous_intervals_are_wider_than_single_ones_and_exact_without_spread() -> None:
    rng = np.random.default_rng(4)
    gains = rng.normal(0.1, 1.0, size=(2000, 6))
    _, low_one, high_one = max_t(gains[:, :1], 1)
    mean, low, high = max_t(gains, 1)
    assert high[0] - low[0] > 1.2 * (high_one[0] - low_one[0])
    assert high_one[0] - low_one[0] == pytest.approx(2 * 1.96 / 2000**0.5, rel=0.1)
    same = np.zeros((50, 2))
    assert [one.tolist() for one in max_t(same, 1)] == [[0.0, 0.0]] * 3
    assert mean.shape == (6,)


def test_too_small_a_budget_says_no_certificate_and_what_it_has() -> None:
    contest, one = gain_of_searches(0, replace(EFFORT, negotiations=500), searches=2)
    said = one.text()
    assert said.startswith("no certificate (2 searches of a kind, not 4; ")
    assert "no search of 5" in said
    best = one.largest()
    assert best is not None
    assert best.gain == pytest.approx(Demand.gain(0.1, 0.1, 0.45), abs=0.03)
    known = [kind.known for kind in contest.kinds]
    there = recall(contest, [alone(0.1), alone(0.1)], known, replace(EFFORT, negotiations=500), seeds=4)
    assert 0.5 < there.value < 1.5
    assert not replace(one, recall=there).passed


def test_the_recall_has_the_interval_of_a_ratio_over_the_luck_of_searches() -> None:
    """Of 20 seeds that take five unlike kinds in turn it holds the truth in 19 of 20 cases."""
    rng = np.random.default_rng(1)
    found, most, luck = np.array([0.95, 0.6, 1.0, 0.7, 0.9]), np.array([0.1, 0.4, 0.3, 0.2, 0.3]), 0.03
    truth = (found * most).sum() / most.sum()
    inside, widths = [], []
    for _ in range(600):
        long = np.tile(most, 4) * (1.0 + luck * rng.standard_normal(20))
        short = np.tile(found * most, 4) * (1.0 + luck * rng.standard_normal(20))
        there = Recall(tuple(zip(short.tolist(), long.tolist(), strict=True)), 5)
        low, high = there.interval
        assert there.value == pytest.approx(short.sum() / long.sum())
        inside.append(low <= truth <= high)
        widths.append(high - low)
    assert np.mean(inside) == pytest.approx(0.95, abs=0.03)
    pooled = Recall(there.gains).interval
    assert pooled[1] - pooled[0] > 2 * np.mean(widths), "that kinds differ is no luck"
    assert there.text() == f"{there.value:.2f} [{low:.2f}, {high:.2f}]"
    for unsure in (Recall(((0.5, 1.0),)), Recall(((0.0, 0.0), (0.0, 0.0))), Recall(3 * ((0.5, 1.0),), 2)):
        assert np.isnan(unsure.interval).all()
        assert "[" not in unsure.text()


def test_a_certificate_passes_at_the_equilibrium() -> None:
    contest = Demand(5, known=(1 / 3,))
    mixes = [alone(1 / 3), alone(1 / 3)]
    one = certify(contest, mixes, [(1 / 3,), (1 / 3,)], EFFORT, seed=5)
    passed = replace(one, recall=Recall(20 * ((0.9, 1.0),)))
    assert passed.passed, passed.text()
    assert passed.text().startswith("no search of ")
    assert not replace(one, recall=Recall(20 * ((0.8, 1.0),))).passed


def test_one_regime_beats_another_only_at_every_pair_of_equilibria() -> None:
    luck = np.random.default_rng(0).normal(size=100)
    assert determined([luck + 1, luck + 2], [luck, luck + 0.5], 0.1) == 1
    assert determined([luck], [luck + 1], 0.1) == -1
    assert determined([luck + 1, luck - 1], [luck], 0.1) == 0
    assert determined([luck + 1], [luck], 2.0) == 0


def test_the_same_seed_learns_the_same() -> None:
    contest = Demand(2)
    ends = [learn(contest, starts(contest, 2, 2)[1], 1, replace(BUDGET, rounds=2))[0] for _ in range(2)]
    assert ends[0].pools == ends[1].pools
    assert distance(ends[0].settled.shares, ends[1].settled.shares) == 0.0
