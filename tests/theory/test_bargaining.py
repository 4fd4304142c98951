"""Nash, Rubinstein and the outside-option principle, played by the engine where they have an answer.

Delay destroys surplus in the engine only before launch (``use: licensed``), so Rubinstein's game is played
there: the pie is the margin, a month of talks loses a month of sales, both sides discount by the month.
"""

from __future__ import annotations

import math

import numpy as np
import pytest

from simulator.rules.bargain import holder_proposal, implementer_proposal
from simulator.spec.regime import Appeal, Regime
from simulator.vocabulary import Act, CourtMode, Outcome
from tests.play import Film, film, outcomes, regime, scenario, strategy

NO_APPEAL = Appeal(available=False)
DUMB = strategy("implementer_good_faith", conduct={"refuses": (Act.COUNTER, Act.OFFER)}, goodwill=0)
SUES_AT_ONCE = strategy("holder_litigious", sue_after=0, anchor=3)


def court_meeting(numbers: dict[str, float], months: int | None = None) -> Film:
    """A suit filed in month 0; the parties meet in month 1."""
    court = regime(CourtMode.DIRECT, appeal=NO_APPEAL)
    given = {"court.settlement.meeting_probability": 1.0, "holders.share": 0.05, "implementers.sales": 14.0}
    given |= {"standard.aggregate_burden": 0.05, "standard.horizon": 100.0}
    return film(
        scenario(court, holder=SUES_AT_ONCE, implementer=DUMB, numbers=given | numbers), months=months
    )


def annual(month: float) -> float:
    """The annual discount rate of a monthly discount factor."""
    return float(month**-12 - 1.0)


class TestNash1950:
    """T1: ``r = beta (m - d_I) + (1 - beta) d_H`` where ``m >= d_H + d_I``, else no agreement."""

    def test_example_of_theory(self) -> None:
        """m = 10, d_I = 4, d_H = 1, beta = .4: the licence costs 3."""
        played = court_meeting({"bargaining.holder_weight": 0.4, "costs.trial": 2.5})
        case = played.decided[1, 0]  # r* x 100 months x USD 14 m = 3.5: W_h = 3.5 - 2.5, L_i = 3.5 + 2.5
        assert case.w_h == pytest.approx(1.0, rel=1e-12)
        assert case.l_i == pytest.approx(10.0 - 4.0, rel=1e-12)
        assert played.row.outcome == Outcome.SETTLED_IN_COURT
        assert played.row.paid == pytest.approx(3.0, rel=1e-12)

    @pytest.mark.parametrize("beta", [0.2, 0.5, 0.9])
    @pytest.mark.parametrize("bias", [-0.1, 0.0, 0.05])
    @pytest.mark.parametrize("discount", [0.0, 0.08])
    def test_disagreement_points_are_what_court_pays(self, beta: float, bias: float, discount: float) -> None:
        """Both values of the suit from sums written out here: 30 months to judgment, 4 % court interest."""
        own = {"holders.discount": discount, "implementers.discount": discount, "beliefs.bias": bias}
        costs = {"costs.trial": 0.3, "costs.monthly": 0.01, "bargaining.holder_weight": beta}
        law = {"court.durations.first_instance": 30.0, "court.interest.court": 0.04}
        played = court_meeting(own | costs | law, months=2)
        d, sales, frand = (1.0 + discount) ** (-1 / 12), 14.0, 0.05 * 0.05
        future = sum(sales * d ** (s - 30) for s in range(30, 100))
        past = sum(sales * 1.04 ** ((30 - s) / 12) for s in range(30))
        cost = 0.3 + 0.01 * 29
        suit = d**29 * frand * math.exp(bias) * (future + past) - cost
        loss = d**29 * frand * math.exp(-bias) * (future + past) + cost
        base = sum(sales * d ** (s - 1) for s in range(1, 100)) + sales
        assert played.resolved[1, 0].rate == pytest.approx((beta * loss + (1 - beta) * suit) / base, rel=1e-9)

    @pytest.mark.parametrize(("closer", "settles"), [(0.999, False), (1.001, True)])
    def test_true_impasse(self, closer: float, settles: bool) -> None:
        """At ``m < d_H + d_I`` (costs below half the gap between the estimates) nothing is ever signed."""
        bias, stake = 0.2, 3.5
        gap = stake * (math.exp(bias) - math.exp(-bias))
        numbers = {"beliefs.bias": bias, "costs.trial": 0.5 * gap * closer, "beliefs.court_round": 100.0}
        played = court_meeting(numbers | {"court.durations.first_instance": 300.0})
        assert (played.row.outcome == Outcome.SETTLED_IN_COURT) == settles
        assert settles or played.row.outcome == Outcome.UNLICENSED
        case = played.decided[1, 0]
        assert (case.w_h + (10.0 - case.l_i) <= 10.0) == settles


RUBINSTEIN = {
    "standard.horizon": 600.0,
    "standard.aggregate_burden": 0.2,
    "holders.share": 1.0,
    "implementers.margin": 0.2,
}


def rubinstein(
    d_h: float = 0.9,
    d_i: float = 0.9,
    *,
    rounds: int = 600,
    implementer_first: bool = False,
    court: Regime | None = None,
    numbers: dict[str, float] | None = None,
) -> float:
    """The holder's share of the pie when the two propose in turn, ``rounds`` months at most."""
    conduct = {"reply_delay": strategy("holder_rational", window=1).window} if implementer_first else {}
    holder = strategy("holder_rational", conduct=conduct, turns="alternate", sue_after=rounds - 1)
    implementer = strategy("implementer_rational", conduct=conduct)
    given = RUBINSTEIN | {"holders.discount": annual(d_h), "implementers.discount": annual(d_i)}
    given |= numbers or {}
    played = film(
        scenario(court or regime(), holder=holder, implementer=implementer, numbers=given, use="licensed"),
        months=2,
    )
    signed = played.resolved[1 if implementer_first else 0, 0]
    assert signed.outcome == Outcome.NEGOTIATED
    assert signed.licence_month == int(implementer_first)
    return float(signed.rate / 0.2)


class TestRubinstein1982:
    """T2: immediate agreement at ``(1 - d_I) / (1 - d_H d_I)`` for a holder that moves first."""

    def test_example_of_theory(self) -> None:
        assert rubinstein(0.95, 0.9) == pytest.approx(0.1 / (1 - 0.95 * 0.9), rel=1e-6)
        assert rubinstein(0.95, 0.9) == pytest.approx(0.68966, abs=5e-6)

    def test_the_other_side_first(self) -> None:
        second = rubinstein(0.95, 0.9, implementer_first=True)
        assert second == pytest.approx(0.95 * 0.1 / (1 - 0.95 * 0.9), rel=1e-6)
        assert second == pytest.approx(0.65517, abs=5e-6)

    @pytest.mark.parametrize(("d_h", "d_i"), [(0.95, 0.9), (0.8, 0.9), (0.85, 0.85)])
    def test_first_mover_ratio_is_the_holders_patience(self, d_h: float, d_i: float) -> None:
        ratio = rubinstein(d_h, d_i, implementer_first=True) / rubinstein(d_h, d_i)
        assert ratio == pytest.approx(d_h, rel=1e-9)

    @pytest.mark.parametrize(("rounds", "share"), [(1, 1.0), (2, 0.1), (3, 0.91), (4, 0.181)])
    def test_last_mover_with_a_deadline(self, rounds: int, share: float) -> None:
        """``(1 - (-d)**n) / (1 + d)``: a hard deadline makes the price swing with its parity."""
        assert rubinstein(rounds=rounds) == pytest.approx(share, rel=1e-6)
        assert rubinstein(rounds=rounds) == pytest.approx((1 - (-0.9) ** rounds) / 1.9, rel=1e-6)


class TestBinmoreRubinsteinWolinsky1986:
    """Random proposers: ``E = beta (1 - d_I) / (1 - beta d_I - (1 - beta) d_H)``."""

    def test_expected_share(self) -> None:
        beta, d_h, d_i, n = 0.4, 0.9, 0.8, 2000
        numbers = RUBINSTEIN | {"standard.horizon": 200.0, "bargaining.holder_weight": beta}
        numbers |= {"holders.discount": annual(d_h), "implementers.discount": annual(d_i)}
        pair = scenario(
            regime(),
            holder=strategy("holder_rational", sue_after=199),
            implementer=strategy("implementer_rational"),
            numbers=numbers,
            use="licensed",
            replications=n,
        )
        shares = outcomes(pair)["rate"] / 0.2
        expected = beta * (1 - d_i) / (1 - beta * d_i - (1 - beta) * d_h)
        asked, bid = 1 - d_i * (1 - expected), d_h * expected
        assert np.all(np.isclose(shares, asked, rtol=1e-6) | np.isclose(shares, bid, rtol=1e-6))
        error = (asked - bid) * math.sqrt(beta * (1 - beta) / n)
        assert abs(shares.mean() - expected) < 3 * error


class TestBinmoreRubinsteinWolinskyBreakdown:
    """T3: talks that break down with probability p and pay (b_H, b_I).

    Breakdown leaves nothing, or the court.  In the proposals a breakdown payoff of the holder enters as a
    gain of waiting.
    """

    @pytest.mark.parametrize("p", [0.05, 0.1, 0.3])
    @pytest.mark.parametrize("implementer_first", [False, True])
    def test_played(self, p: float, implementer_first: bool) -> None:
        """``b = 0``: ``1 / (2 - p)`` for who proposes first; a month lost of 600 is all that delay costs."""
        numbers = {"bargaining.breakdown": p}
        got = rubinstein(1.0, 1.0, implementer_first=implementer_first, numbers=numbers)
        first = 1.0 / (2.0 - p)
        assert got == pytest.approx(1.0 - first if implementer_first else first, abs=4.0 / (600 * p))

    def test_played_with_a_court(self) -> None:
        """``b_H`` is what the court pays: ``b_H + (1 - b_H - b_I) / (2 - p)`` of the pie."""
        p, option = 0.2, 0.4
        court = regime(CourtMode.DIRECT, appeal=NO_APPEAL)
        numbers = {"court.scope.order_coverage": option, "court.durations.first_instance": 0.0}
        got = rubinstein(1.0, 1.0, court=court, numbers=numbers | {"bargaining.breakdown": p})
        b_h, b_i = option, 1.0 - option
        assert got == pytest.approx(b_h + (1.0 - b_h - b_i) / (2.0 - p), abs=0.02)

    @pytest.mark.parametrize(("p", "expected"), [(0.1, 3.63158), (0.001, 3.50125)])
    def test_proposals(self, p: float, expected: float) -> None:
        """``b_H + (S - b_H - b_I) / (2 - p)``; as p falls, Nash's 3.5 with breakdown as disagreement."""
        pie, b_h, b_i = 10.0, 1.0, 4.0
        ask = pie
        for _ in range(int(10 / p)):
            bid = implementer_proposal(b_h, -p * b_h, 1 - p, ask, 1.0)
            ask = holder_proposal(pie - b_i, 0.0, 1 - p, p * (pie - b_i), bid, 1.0)
        assert ask == pytest.approx(b_h + (pie - b_h - b_i) / (2 - p), rel=1e-6)
        assert ask == pytest.approx(expected, abs=5e-6)


class TestOutsideOption:
    """T4 (Binmore, Shaked and Sutton 1989): an option below the bargaining share has no effect at all.

    In the engine the court is the holder's option: an order over a share y of sales is worth y of the pie.
    """

    @staticmethod
    def share(option: float, *, implementer_first: bool) -> float:
        court = regime(CourtMode.DIRECT, appeal=NO_APPEAL)
        numbers = {"court.scope.order_coverage": option, "court.durations.first_instance": 0.0}
        return rubinstein(court=court, numbers=numbers, implementer_first=implementer_first)

    @pytest.mark.parametrize(("option", "got"), [(2, 4.7368), (4, 4.7368), (6, 6.0)])
    def test_example_of_theory(self, option: float, got: float) -> None:
        """A pie of 10, d = .9: who only responds gets max(w, d S / (1 + d))."""
        gets = 10 * self.share(option / 10, implementer_first=True)
        assert gets == pytest.approx(max(option, 9 / 1.9), rel=1e-6)
        assert gets == pytest.approx(got, abs=5e-5)

    @pytest.mark.parametrize("option", [0.0, 0.2, 0.4, 0.47, 0.48, 0.6, 0.9])
    def test_for_the_first_mover_too(self, option: float) -> None:
        """Proposing first with a binding option: ``1 - d (1 - w)``."""
        expected = 1 / 1.9 if option <= 0.9 / 1.9 else 1 - 0.9 * (1 - option)
        assert self.share(option, implementer_first=False) == pytest.approx(expected, rel=1e-6)

    @pytest.mark.parametrize(("option", "kept"), [(2, 9 / 1.9), (4, 9 / 1.9), (6, 6.0)])
    def test_an_option_of_the_implementer(self, option: float, kept: float) -> None:
        """Before launch the engine gives it none (no licence, no sales), so here the proposals alone."""
        bid = 0.0
        for _ in range(400):
            ask = holder_proposal(10.0 - option, 0.0, 0.9, 0.1 * 10.0, bid, 1.0)
            bid = implementer_proposal(0.0, 0.0, 0.9, ask, 1.0)
        assert 10.0 - ask == pytest.approx(kept, rel=1e-6)
