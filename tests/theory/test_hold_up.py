"""Hold-up, court rates and royalty stacking: what the engine's parties sign in the textbook limits."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy.optimize import minimize_scalar

from simulator.rules.market import deadweight, output_factor
from simulator.spec.regime import Appeal, Injunction
from simulator.vocabulary import CourtMode, InjunctionCap, InjunctionTest, Outcome
from tests.play import Film, film, outcomes, regime, scenario, strategy

NO_APPEAL = Appeal(available=False)
NOW = strategy("holder_rational", sue_after=0)  # what can be signed is signed in the first month
UNCAPPED = Injunction(test=InjunctionTest.NEAR_AUTOMATIC, cap=InjunctionCap.NONE)
BY_FAULT = Injunction(test=InjunctionTest.FAULT_GATE, cap=InjunctionCap.NONE)

# Injunction at once, certain, over all sales to the horizon, against the whole margin, for one holder.
SHAPIRO = {
    "holders.share": 1.0,
    "court.durations.first_instance": 0.0,
    "court.injunction.ceiling": 1.0,
    "court.scope.forum_share": 1.0,
    "court.scope.collectable_remainder": 0.0,
}


def injunction_rate(*, liability: float = 1.0, **numbers: float) -> float:
    """What is signed in month 0 in the shadow of an injunction; liability 1 means no liability gate."""
    court = regime(CourtMode.INDIRECT, injunction=UNCAPPED, appeal=NO_APPEAL, liability_gate=liability < 1.0)
    given = SHAPIRO | {name.replace("__", "."): value for name, value in numbers.items()}
    given |= {"holders.validity": liability, "holders.patents_asserted": 1.0}
    signed = film(scenario(court, holder=NOW, numbers=given), months=1).resolved[0, 0]
    assert signed.outcome == Outcome.NEGOTIATED
    return float(signed.rate)


class TestShapiro2010:
    """T5 in the SEP limit (``x=1, M=T-t, P=0, C_r=0, p=q_w=1, D=0, c=0``, no cap): ``r = beta g``."""

    @pytest.mark.parametrize("beta", [0.2, 0.5, 0.8])
    @pytest.mark.parametrize("margin", [0.1, 0.4])
    def test_the_whole_margin_is_at_stake(self, beta: float, margin: float) -> None:
        numbers = {"bargaining__holder_weight": beta, "implementers__margin": margin}
        assert injunction_rate(**numbers) == pytest.approx(beta * margin, rel=1e-12)

    def test_example_of_theory(self) -> None:
        """Margin 40 of a price of 100, B = .5: 20 a unit."""
        assert 100 * injunction_rate(implementers__margin=0.4) == pytest.approx(20.0, rel=1e-12)

    def test_discounting_does_not_matter(self) -> None:
        rates = {"holders__discount": 0.08, "implementers__discount": 0.08, "implementers__growth": 0.05}
        assert injunction_rate(**rates) == pytest.approx(0.1, rel=1e-12)

    @pytest.mark.parametrize("theta", [0.04, 0.5, 1.0])
    def test_overcharge_does_not_depend_on_strength(self, theta: float) -> None:
        """``theta B [C + M L]`` (V = 0): redesign cost .5 and a quarter of the life lost, margin 40."""
        numbers = {"implementers__margin": 0.4, "standard__horizon": 120.0}
        numbers |= {"court__injunction__months_excluded": 30.0}
        numbers |= {"court__injunction__redesign_cost": 0.005 * 215 * 120}
        rate = injunction_rate(liability=theta, **numbers)
        assert 100 * rate == pytest.approx(theta * 0.5 * (0.5 + 40 * 0.25), rel=1e-12)

    def test_the_walked_injunction_extracts_the_same(self) -> None:
        """A suit, an injunction, exclusion, and the licence that ends it (past use left out)."""
        court = regime(CourtMode.INDIRECT, injunction=UNCAPPED, appeal=NO_APPEAL)
        numbers = SHAPIRO | {"court.past_use.court_share": 0.0, "court.past_use.licence_share": 0.0}
        numbers |= {"court.settlement.meeting_probability": 0.0, "bargaining.holder_weight": 0.3}
        suing = strategy("holder_litigious", sue_after=0, anchor=50)
        played = film(scenario(court, holder=suing, implementer="implementer_hold_out", numbers=numbers))
        assert played.row.outcome == Outcome.INJUNCTION_LICENCE
        assert played.row.months_excluded > 0
        assert played.row.rate == pytest.approx(0.3 * 0.2, rel=1e-12)


class TestCourtRate:
    """T6: with a court that sets the rate, ``r`` lies in ``[theta r_c - k_H, theta r_c + k_I]``."""

    THETA, COST, FRAND = 0.6, 2.0, 0.04 * 0.0434
    BASE = 215 * 120.0

    def numbers(self, **more: float) -> dict[str, float]:
        given = {"costs.trial": self.COST, "holders.validity": self.THETA, "holders.patents_asserted": 1.0}
        return given | {name.replace("__", "."): value for name, value in more.items()}

    def test_band_and_expected_rate(self) -> None:
        """Whoever proposes takes an end of the band; on average ``theta r_c + beta k_I - (1 - beta) k_H``."""
        beta, n = 0.4, 2000
        court = regime(CourtMode.DIRECT, appeal=NO_APPEAL, liability_gate=True)
        pair = scenario(
            court, holder=NOW, numbers=self.numbers(bargaining__holder_weight=beta), replications=n
        )
        rates = outcomes(pair)["rate"]
        middle, k = self.THETA * self.FRAND, self.COST / self.BASE
        assert np.all(np.isclose(rates, middle - k, rtol=1e-12) | np.isclose(rates, middle + k, rtol=1e-12))
        error = 2 * k * math.sqrt(beta * (1 - beta) / n)
        assert abs(rates.mean() - (middle + (2 * beta - 1) * k)) < 3 * error

    def test_without_cost_the_rate_is_what_judgment_is_worth(self) -> None:
        court = regime(CourtMode.DIRECT, appeal=NO_APPEAL, liability_gate=True)
        played = film(scenario(court, holder=NOW, numbers=self.numbers(costs__trial=0.0)), months=1)
        assert played.resolved[0, 0].rate == pytest.approx(self.THETA * self.FRAND, rel=1e-12)

    @pytest.mark.parametrize(
        "changed",
        [
            {"implementers.margin": 0.4},
            {"court.scope.forum_share": 0.9},
            {"court.injunction.months_excluded": 6.0},
            {"court.injunction.redesign_cost": 40.0},
            {"court.injunction.base_probability": 0.95},
        ],
        ids=lambda changed: next(iter(changed)),
    )
    @pytest.mark.parametrize("holder", ["holder_hold_up", "holder_opportunist"])
    def test_independent_of_margin_reach_and_exclusion(self, changed: dict[str, float], holder: str) -> None:
        """Chinese rate-setting as legislated, every friction on: not a bit of any payment moves."""

        def played(numbers: dict[str, float]) -> np.ndarray:
            law = ["cn-rate-setting"]
            pair = scenario(*law, holder=holder, implementer="implementer_hold_out", numbers=numbers,
                            ideal=False, replications=200)  # fmt: skip
            return outcomes(pair)

        before, after = played({}), played(changed)
        assert before["filed"].sum() > 40
        for name in ("outcome", "rate", "court_rate", "paid", "licence_month", "cost_litigation"):
            assert np.array_equal(before[name], after[name], equal_nan=True), name

    def test_hold_up_falls_with_the_remedy(self) -> None:
        """The same pair, injunction and rate-setting: ``beta g`` becomes ``r*``."""
        court = regime(CourtMode.DIRECT, appeal=NO_APPEAL)
        numbers = SHAPIRO | {"holders.share": 0.04}
        direct = film(scenario(court, holder=NOW, numbers=numbers), months=1).resolved[0, 0]
        assert direct.rate == pytest.approx(direct.frand, rel=1e-12)


def langus(**changed: float) -> Film:
    """T8's numbers a unit of price 100: theta .6, a month's trial of patience .85, r_inj 8, r_c 4, k .5.

    Sales during the trial are not paid for (kappa 0), so that a trial costs the holder all of ``1 - delta``.
    """
    given = {"theta": 0.6, "delta": 0.85, "q": 0.2, "k": 0.5, "r_inj": 8.0, "r_c": 4.0} | changed
    court = regime(CourtMode.INDIRECT, injunction=BY_FAULT, appeal=NO_APPEAL, liability_gate=True)
    annual = given["delta"] ** -12 - 1
    numbers = {
        "standard.horizon": 600.0,
        "standard.aggregate_burden": given["r_c"] / 100,
        "holders.share": 1.0,
        "implementers.margin": given["r_inj"] / 100 / 0.5,
        "holders.validity": given["theta"],
        "holders.patents_asserted": 1.0,
        "holders.discount": annual,
        "implementers.discount": annual,
        "costs.trial": given["k"] / 100 * 215 / (1 - given["delta"]),
        "court.durations.first_instance": 1.0,
        "court.injunction.base_probability": given["q"],
        "court.injunction.ceiling": 1.0,
        "court.scope.forum_share": 1.0,
        "court.scope.collectable_remainder": 1.0,
        "court.past_use.court_share": 0.0,
    }
    return film(scenario(court, holder=NOW, numbers=numbers), months=1)


def acceptable(**changed: float) -> tuple[float, float]:
    """Least the holder and most the implementer signs, a unit of price 100."""
    case = langus(**changed).decided[0, 0]
    return 100 * float(case.r_h), 100 * float(case.r_i)


class TestLangusLipatovNeven2013:
    """T8, reduced form: ``x_min = d theta [q r_inj + (1 - q) r_c] - k``, ``x_max`` with ``+ k``."""

    def test_example_of_theory(self) -> None:
        assert acceptable() == pytest.approx((1.948, 2.948), rel=1e-9)

    def test_signed_inside(self) -> None:
        signed = 100 * float(langus().resolved[0, 0].rate)
        assert 1.948 - 1e-9 <= signed <= 2.948 + 1e-9

    def test_injunction_probability_that_removes_the_discount(self) -> None:
        """``q* = ((theta r_c + k) / (d theta) - r_c) / (r_inj - r_c)``: the holder asks for theta r_c."""
        q = ((0.6 * 4 + 0.5) / (0.85 * 0.6) - 4) / (8 - 4)
        assert q == pytest.approx(0.4216, abs=5e-5)
        assert acceptable(q=q)[0] == pytest.approx(0.6 * 4, rel=1e-9)

    def test_signs(self) -> None:
        """Dearer suits, longer trials and rarer injunctions lower what the holder accepts."""
        least = acceptable()[0]
        assert acceptable(k=0.6)[0] < least
        assert acceptable(delta=0.8)[0] < least
        assert acceptable(q=0.1)[0] < least

    def test_both_hold_ups_are_possible(self) -> None:
        least, most = acceptable()
        assert least < 0.6 * 4 < most


class TestCournotComplements:
    """T7: ``R = N A / (N + 1)``; holders that each set a rate ignore what it costs the others."""

    @pytest.mark.parametrize("n", [1, 2, 5, 10])
    def test_best_responses_to_the_shipped_demand(self, n: int) -> None:
        """Best-response iteration on ``output_factor``; unit elasticity and full pass-through, A = 1."""
        rates = np.zeros(n)
        for _ in range(10 * n):
            for one in range(n):
                others = rates.sum() - rates[one]
                best = minimize_scalar(
                    lambda r, others=others: -r * output_factor(1.0, 1.0, r + others),
                    bounds=(0.0, 1.0 - others),
                    method="bounded",
                    options={"xatol": 1e-9},
                )
                rates[one] = best.x
        stack = float(rates.sum())
        assert stack == pytest.approx(n / (n + 1), rel=1e-4)
        assert output_factor(1.0, 1.0, stack) == pytest.approx(1 / (n + 1), rel=1e-3)
        welfare = 1 - deadweight(1.0, 1.0, stack) / 0.5
        assert welfare == pytest.approx((2 * n + 1) / (n + 1) ** 2, rel=1e-3)

    @staticmethod
    def fragmented(n: int, beta: float) -> tuple[float, float]:
        """Stack and output at the end: n holders share 40 % of the families and sign one after the other."""
        court = regime(CourtMode.INDIRECT, injunction=UNCAPPED, appeal=NO_APPEAL)
        holders = [
            strategy("holder_rational", strategy=f"holder_{place}", sue_after=0, ambush=2 * place)
            for place in range(n)
        ]
        numbers = SHAPIRO | {"holders.share": 0.4 / n, "bargaining.holder_weight": beta}
        numbers |= {"court.past_use.court_share": 0.0, "court.past_use.licence_share": 0.0}
        numbers |= {"demand.elasticity": 1.0}
        played = film(scenario(court, holder=holders, numbers=numbers), months=2 * n + 2)
        assert np.all(played.rows["outcome"] == Outcome.NEGOTIATED)
        user = played.implementers[-1, 0]
        return float(user.stack), float(user.output)

    def test_fragmentation_raises_the_stack_and_lowers_output(self) -> None:
        """The same patents in more hands; each holds up what margin the others left."""
        stacks, outputs = zip(*(self.fragmented(n, 0.3) for n in (1, 2, 4, 8)), strict=True)
        assert all(np.diff(stacks) > 0)
        assert all(np.diff(outputs) < 0)

    @pytest.mark.parametrize("n", [1, 3, 8])
    def test_sequential_hold_up_stays_below_the_margin(self, n: int) -> None:
        """``R_k = R_(k-1) + beta (g - R_(k-1) - expected rest)``: one margin is not held up n times."""
        beta, margin, burden = 0.3, 0.2, 0.0434
        stack = 0.0
        for left in range(n - 1, -1, -1):
            stack += beta * (margin - stack - burden * 0.6 - left * burden * 0.4 / n)
        assert self.fragmented(n, beta)[0] == pytest.approx(stack, rel=1e-9)
        assert stack < margin
