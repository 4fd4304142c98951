"""Litigation with two signals of one case: a published equilibrium, and what turns the sign of fee shifting.

The game of Abramowicz (2025): liability is true or not, half each; the strength of a case is that plus noise,
each party sees the strength plus noise of its own, the court likewise, in cells of equal width, what falls
outside the unit interval left out. A plaintiff files or not, a defendant answers or not; both may mean to
quit; both name a price, and settle at the midpoint where the defendant's is not below the plaintiff's. Each
of filing, answering and trial costs c. Who bears costs after a trial is the shipped rule, ``expected_cost``.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import pytest
from scipy.optimize import minimize_scalar
from scipy.special import ndtr

from simulator.rules.litigation import expected_cost

Grid = npt.NDArray[np.float64]
Mask = npt.NDArray[np.bool_]
End = tuple[Mask, Grid]
CELLS = 10
MIDDLE = (np.arange(CELLS) + 0.5) / CELLS
"""Strengths, signals and prices alike: the middles of ten cells."""


class Case(NamedTuple):
    """What the signals say together, by the plaintiff's and the defendant's: shape (10, 10)."""

    chance: Grid
    won: Grid  # the court's chance to find liability, given both signals


class Play(NamedTuple):
    """One side's strategy by signal: whether it goes on (files, answers), means to quit, and its price."""

    on: Mask
    quits: Mask
    price: Grid


class Rule(NamedTuple):
    """What a step costs each side, of the stake, and the share of the winner's costs the loser pays."""

    cost: float
    loser_pays: float


class Shares(NamedTuple):
    """How all potential cases end; ``won``: of those tried; ``spent`` by both sides, of the stake."""

    no_suit: float
    no_answer: float
    settled: float
    tried: float
    won: float
    spent: float


def cells(mean: float, noise: float, count: int) -> Grid:
    """The chances of so many equal cells of [0, 1] for ``mean`` plus normal noise that falls there."""
    chances = np.diff(ndtr((np.linspace(0, 1, count + 1) - mean) / noise))
    return np.asarray(chances / chances.sum())


def case(noise: float = 0.2, strength: float = 0.35) -> Case:
    """The case with these standard deviations, as in the published baseline."""
    strengths = 0.5 * (cells(0, strength, CELLS) + cells(1, strength, CELLS))
    seen = np.array([cells(middle, noise, CELLS) for middle in MIDDLE])
    found = np.array([cells(middle, noise, 2)[1] for middle in MIDDLE])
    chance = np.einsum("s,si,sk->ik", strengths, seen, seen)
    return Case(chance, np.einsum("s,s,si,sk->ik", strengths, found, seen, seen) / chance)


BASELINE = case()
NEVER = np.zeros(CELLS, dtype=np.bool_)
FILES = Play(MIDDLE > 0.34, NEVER, np.full(CELLS, MIDDLE[-1]))
ANSWERS = Play(MIDDLE < 0.64, NEVER, np.full(CELLS, MIDDLE[0]))
"""The published cut-offs under the American rule; prices as far apart as they go, so that nobody settles."""
AMERICAN, BRITISH = Rule(0.15, 0.0), Rule(0.15, 1.0)
CHEAP = {0.0: Rule(0.0375, 0.0), 1.0: Rule(0.0375, 1.0)}
"""A quarter of the baseline's cost, by the share of the winner's costs the loser pays."""
PUBLISHED = Shares(0.295, 0.380, 0.0, 0.325, 0.424, 0.252)
PUBLISHED_CHEAP = {0.0: Shares(0, 0, 0.172, 0.828, 0.5, 0.137), 1.0: Shares(0, 0, 0.375, 0.625, 0.5, 0.122)}
"""What the article prints, under the American rule and at a quarter of the cost."""


def yielding(weak: int) -> tuple[Play, Play]:
    """Everybody contests; the so many weakest signals of a side take the other's price, the others insist."""
    everybody = np.ones(CELLS, dtype=np.bool_)
    asks = np.where(np.arange(CELLS) < weak, MIDDLE[0], MIDDLE[-1])
    return Play(everybody, NEVER, asks), Play(everybody, NEVER, 1 - asks[::-1])


def contested(rule: Rule, won: Grid, p: End, d: End) -> tuple[Grid, Grid]:
    """What both sides have of a suit filed and answered; ``p`` and ``d``: quits and price, broadcast."""
    own = 2 * rule.cost
    winner, loser = (expected_cost(own, own, rule.loser_pays, loses) for loses in (0.0, 1.0))
    trial = won * (1 - winner) - (1 - won) * loser, -won * (1 + loser) - (1 - won) * winner
    settled, left = p[1] <= d[1], [p[0] & d[0], p[0], d[0]]
    paid = np.where(settled, 0.5 * (p[1] + d[1]), np.select(left, [0.5, 0.0, 1.0], np.nan))
    over = settled | p[0] | d[0]
    return np.where(over, paid - rule.cost, trial[0]), np.where(over, -paid - rule.cost, trial[1])


def values(rule: Rule, of: Case, p: Play, d: Play) -> tuple[Grid, Grid]:
    """What each pair of signals is worth to either side, times its chance: shape (10, 10) each."""
    both = contested(rule, of.won, (p.quits[:, None], p.price[:, None]), (d.quits, d.price))
    defaults = 1 - rule.cost, -1.0
    return tuple(  # type: ignore[return-value]
        of.chance * np.where(p.on[:, None], np.where(d.on, one, default), 0.0)
        for one, default in zip(both, defaults, strict=True)
    )


def gains(rule: Rule, of: Case, p: Play, d: Play, *, quitting: bool = True) -> tuple[Grid, Grid]:
    """What each signal of each side gains at most by another strategy, times its chance: shape (10,) each.

    Backwards: the best of all prices, meant to quit or not, against the other side's strategy; then whether
    to go on.
    """
    quits, price = np.repeat([False, True][: 1 + quitting], CELLS), np.tile(MIDDLE, 1 + quitting)
    of_p, of_d = values(rule, of, p, d)
    won, chance = of.won[..., None], of.chance[..., None]
    files, _ = contested(rule, won, (quits, price), (d.quits[:, None], d.price[:, None]))
    files = (chance * np.where(d.on[:, None], files, 1 - rule.cost)).sum(axis=1).max(axis=1)
    _, answers = contested(rule, won, (p.quits[:, None, None], p.price[:, None, None]), (quits, price))
    answers = (chance * np.where(p.on[:, None, None], answers, 0.0)).sum(axis=0).max(axis=1)
    defaults = -(of.chance * p.on[:, None]).sum(axis=0)
    return np.maximum(files, 0.0) - of_p.sum(axis=1), np.maximum(answers, defaults) - of_d.sum(axis=0)


def shares(rule: Rule, of: Case, p: Play, d: Play) -> Shares:
    """How the cases end when both sides play these strategies, none of which quits: exact sums."""
    filed = p.on[:, None] & np.ones(CELLS, dtype=np.bool_)
    settled = filed & d.on & (p.price[:, None] <= d.price)
    tried = of.chance * (filed & d.on & ~settled)
    return Shares(
        no_suit=float((of.chance * ~filed).sum()),
        no_answer=float((of.chance * (filed & ~d.on)).sum()),
        settled=float((of.chance * settled).sum()),
        tried=float(tried.sum()),
        won=float((tried * of.won).sum() / tried.sum()) if tried.any() else float("nan"),
        spent=float(-sum(side.sum() for side in values(rule, of, p, d))),
    )


class TestPublishedProfile:
    """Abramowicz (2025), risk neutral: who files, answers and settles, and that nobody would do otherwise.

    The article says how signals are drawn to the last detail, so the shares are exact sums.
    """

    def test_shares(self) -> None:
        played = shares(AMERICAN, BASELINE, FILES, ANSWERS)
        assert played == pytest.approx(PUBLISHED, abs=5e-4)
        assert played[3:5] == pytest.approx((0.32482, 0.42429), abs=5e-6)
        assert played.no_answer == pytest.approx(0.38014, abs=5e-6)

    @pytest.mark.parametrize("quitting", [True, False])
    def test_nobody_gains_by_another_strategy(self, quitting: bool) -> None:
        """Every price, meant to quit or not, and to stay out or go on, at every signal of either side."""
        for side in gains(AMERICAN, BASELINE, FILES, ANSWERS, quitting=quitting):
            assert side == pytest.approx(np.zeros(CELLS), abs=1e-15)

    @pytest.mark.parametrize(
        ("files", "answers"), [(0.24, 0.64), (0.44, 0.64), (0.34, 0.54), (0.34, 0.74), (0.0, 1.0)]
    )
    def test_other_cut_offs_are_left(self, files: float, answers: float) -> None:
        """The check can fail: one cell off, somebody gains."""
        p, d = FILES._replace(on=files < MIDDLE), ANSWERS._replace(on=answers > MIDDLE)
        assert max(side.max() for side in gains(AMERICAN, BASELINE, p, d)) > 1e-4

    @pytest.mark.parametrize(("loser_pays", "weak"), [(0.0, 1), (1.0, 2)])
    def test_cheap_suits(self, loser_pays: float, weak: int) -> None:
        """A quarter of the cost, all contest: both published cells, nobody gains, quitting or not.

        Where the loser pays, two signals of either side give in instead of one: nothing else differs.
        """
        rule = CHEAP[loser_pays]
        played = shares(rule, BASELINE, *yielding(weak))
        assert played == pytest.approx(PUBLISHED_CHEAP[loser_pays], abs=5e-4)
        for number in range(4):
            best = [
                max(side.max() for side in gains(rule, BASELINE, *yielding(number), quitting=quitting))
                for quitting in (True, False)
            ]
            assert (max(best) < 1e-15) == (number == weak)

    @pytest.mark.parametrize("rule", [AMERICAN, BRITISH, Rule(0.6, 0.5)])
    @pytest.mark.parametrize(("ask", "bid"), [(0.95, 0.05), (0.45, 0.55)])
    def test_spending(self, rule: Rule, ask: float, bid: float) -> None:
        """Whoever bears them, costs are c for each filing and answer, and 2 c a trial: transfers cancel."""
        p, d = FILES._replace(price=np.full(CELLS, ask)), ANSWERS._replace(price=np.full(CELLS, bid))
        played = shares(rule, BASELINE, p, d)
        filed = 1 - played.no_suit
        spent = rule.cost * (filed + (filed - played.no_answer) + 2 * played.tried)
        assert played.spent == pytest.approx(spent, rel=1e-12)

    @pytest.mark.parametrize(
        ("multiplier", "no_suit", "no_answer", "tried", "spent"),
        [
            (0.25, 0, 0, 0.828, 0.137),
            (0.25, 0, 0, 0.625, 0.122),
            (1, 0.295, 0.380, 0.325, 0.252),
            (1, 0.295, 0.377, 0.194, 0.213),
            (4, 0.399, 0.490, 0.012, 0.442),
            (4, 0.500, 0.434, 0.010, 0.351),
        ],
    )
    def test_spending_as_published(
        self, multiplier: float, no_suit: float, no_answer: float, tried: float, spent: float
    ) -> None:
        """The same sum holds in every published cell, within the rounding of its shares."""
        cost = 0.15 * multiplier
        expected = cost * (2 * (1 - no_suit) - no_answer + 2 * tried)
        assert spent == pytest.approx(expected, abs=5e-4 * (1 + 5 * cost))


class TestWhoPaysCosts:
    """T14 (Bebchuk 1984): fee shifting brings *more* trials; in the game of two signals it brings fewer.

    What turns the sign is who names the price. Bebchuk's uninformed plaintiff asks more once the loser pays;
    with its demand held, trials fall there too. With two signals and both prices named at once, no demand
    follows: one weak signal more on either side takes what the other has named, with or without the option
    to quit.
    """

    LOW, HIGH, STAKE, COST = 0.2, 0.8, 100.0, 10.0

    def accepts_above(self, demand: float, loser_pays: float) -> float:
        """The chance of losing above which an informed defendant pays the demand rather than stand trial."""
        win, lose = (expected_cost(self.COST, self.COST, loser_pays, loses) for loses in (0.0, 1.0))
        return (demand - win) / (self.STAKE + lose - win)

    def tried(self, demand: float, loser_pays: float) -> float:
        """The share of defendants, uniform in their chance of losing, that stand trial."""
        return (self.accepts_above(demand, loser_pays) - self.LOW) / (self.HIGH - self.LOW)

    def demand(self, loser_pays: float) -> float:
        """What the uninformed plaintiff asks: the best demand, by search and not by the closed form."""
        win, lose = (expected_cost(self.COST, self.COST, loser_pays, loses) for loses in (0.0, 1.0))

        def loss(demand: float) -> float:
            last = self.accepts_above(demand, loser_pays)
            mean = 0.5 * (self.LOW + last)
            trial = mean * (self.STAKE - win) - (1 - mean) * lose
            return -((self.HIGH - last) * demand + (last - self.LOW) * trial)

        found = minimize_scalar(
            loss, bounds=(0.0, self.STAKE + lose), method="bounded", options={"xatol": 1e-9}
        )
        return float(found.x)

    @pytest.mark.parametrize(("loser_pays", "asked", "tried"), [(0.0, 70.0, 2 / 3), (1.0, 76.0, 0.7222)])
    def test_screening(self, loser_pays: float, asked: float, tried: float) -> None:
        """`q = b - (C_p + C_d) / W`, or over `W + C` where the loser pays: trials rise from 2/3 to .7222."""
        assert self.demand(loser_pays) == pytest.approx(asked, abs=1e-3)
        assert self.tried(self.demand(loser_pays), loser_pays) == pytest.approx(tried, abs=5e-5)

    def test_screening_with_the_demand_held(self) -> None:
        """At the American demand the loser-pays rule has *fewer* trials, .6389 for 2/3."""
        assert self.tried(self.demand(0.0), 1.0) == pytest.approx(0.6389, abs=5e-5)

    @pytest.mark.parametrize("quitting", [True, False])
    def test_the_weak_leave_the_trial(self, quitting: bool) -> None:
        """Where the loser pays, those leave the American profile that contest on a weak signal."""
        of_p, of_d = gains(BRITISH, BASELINE, FILES, ANSWERS, quitting=quitting)
        assert np.array_equal(of_p > 1e-9, FILES.on & (MIDDLE < 0.5))
        assert np.array_equal(of_d > 1e-9, ANSWERS.on & (MIDDLE > 0.5))

    @pytest.mark.parametrize("chance", [0.1, 0.5, 0.9])
    @pytest.mark.parametrize("loser_pays", [0.0, 0.4, 1.0])
    def test_one_chance_for_both_leaves_nothing_to_shift(self, chance: float, loser_pays: float) -> None:
        """In the engine both sides know the chance of winning: whoever pays, expected costs sum to the same.

        So the zone of agreement does not move with the share, only who finds a suit worth its cost.
        """
        both = expected_cost(3.0, 3.0, loser_pays, chance) + expected_cost(3.0, 3.0, loser_pays, 1 - chance)
        assert both == pytest.approx(6.0, rel=1e-12)
