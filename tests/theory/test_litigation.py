"""Who goes to court, and what a month of delay is worth: divergent expectations and interest."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy.special import ndtr

from simulator.spec.regime import Appeal
from simulator.vocabulary import Act, CourtMode
from tests.play import Film, Rows, film, outcomes, regime, scenario, strategy

RATE_COURT = regime(CourtMode.DIRECT, appeal=Appeal(available=False))


class TestDivergentExpectations:
    """T12: the parties litigate iff ``rho_h - rho_i > (C_h + C_i) / J``, beliefs log-normal."""

    RATIO, MONTHS, N = 0.1, 6, 20_000
    STAKE = 0.04 * 0.0434 * 215 * MONTHS

    def filed(self, sigma: float, **bias: float) -> Rows:
        numbers = {"beliefs.spread": sigma, "standard.horizon": float(self.MONTHS)}
        numbers |= {"costs.trial": 0.5 * self.RATIO * self.STAKE} | bias
        pair = scenario(
            RATE_COURT,
            holder=strategy("holder_rational", sue_after=0),
            numbers=numbers,
            replications=self.N,
            seed=7,
        )
        rows: Rows = outcomes(pair)["filed"]
        return rows

    def quadrature(self, sigma: float, bias: float = 0.0) -> float:
        """``E[1 - Phi((log(C / J + rho_i) - b + sigma**2 / 2) / sigma)]`` over the implementer's estimate."""
        nodes, weights = np.polynomial.hermite_e.hermegauss(100)
        other = np.exp(sigma * nodes - bias - 0.5 * sigma**2)
        beyond = 1.0 - ndtr((np.log(self.RATIO + other) - bias + 0.5 * sigma**2) / sigma)
        return float((weights * beyond).sum() / weights.sum())

    @pytest.mark.parametrize("sigma", [0.05, 0.1, 0.3, 0.8])
    def test_frequency(self, sigma: float) -> None:
        expected = self.quadrature(sigma)
        error = math.sqrt(expected * (1 - expected) / self.N)
        assert abs(self.filed(sigma).mean() - expected) < 3 * error

    @pytest.mark.parametrize("sigma", [0.05, 0.3])
    @pytest.mark.parametrize(("form", "size"), [("bias_per_spread", 0.5), ("bias", 0.1)])
    def test_frequency_with_bias(self, sigma: float, form: str, size: float) -> None:
        """In either form of bias: ``k sigma``, or a figure of its own, whatever sigma."""
        expected = self.quadrature(sigma, size * sigma if form == "bias_per_spread" else size)
        error = math.sqrt(expected * (1 - expected) / self.N)
        assert abs(self.filed(sigma, **{f"beliefs.{form}": size}).mean() - expected) < 3 * error

    @pytest.mark.parametrize(
        ("sigma", "first_order"), [(0.05, 0.0786), (0.1, 0.2398), (0.2, 0.3618), (0.3, None)]
    )
    def test_closed_form_to_first_order(self, sigma: float, first_order: float | None) -> None:
        """``1 - Phi((C / J) / (sigma sqrt 2))`` within 2 % of the quadrature."""
        closed = 1.0 - float(ndtr(self.RATIO / (sigma * math.sqrt(2))))
        assert first_order is None or closed == pytest.approx(first_order, abs=5e-5)
        assert self.quadrature(sigma) == pytest.approx(closed, rel=0.02)

    def test_each_pair_decides_by_the_rule(self) -> None:
        """Not only the frequency: every suit and every licence is the one the inequality says."""
        numbers = {"beliefs.spread": 0.2, "costs.trial": 0.5 * self.RATIO * self.STAKE}
        numbers |= {"standard.horizon": float(self.MONTHS)}
        pair = scenario(RATE_COURT, holder=strategy("holder_rational", sue_after=0), numbers=numbers)
        sued = set()
        for replication in range(40):
            played = film(pair, replication=replication, months=1)
            seen = played.decided[0, 0]
            gap = math.exp(seen.mu_h - 0.5 * seen.v_h) - math.exp(seen.mu_i - 0.5 * seen.v_i)
            assert (gap > self.RATIO * seen.frand) == (played.row.filed == 1)
            sued.add(int(played.row.filed))
        assert sued == {0, 1}


SILENT = strategy("implementer_hold_out", conduct={"refuses": (Act.OFFER, Act.COUNTER)}, goodwill=0)


def shadow(delay: float, interest: float, *, months: int, **numbers: float) -> Film:
    """Monthly values of a suit that is never filed; USD m."""
    given = {"court.durations.first_instance": delay, "court.interest.court": interest}
    given |= {"court.interest.licence": interest}
    given |= {name.replace("__", "."): value for name, value in numbers.items()}
    holder = strategy("holder_good_faith", sue_after=1200, conduct={"refuses": (Act.OFFER,)})
    return film(scenario(RATE_COURT, holder=holder, implementer=SILENT, numbers=given), months=months)


RATES = {
    "holders__discount": 0.08,
    "implementers__discount": 0.08,
    "costs__filing": 0.5,
    "costs__monthly": 0.08,
    "costs__trial": 3.0,
    "implementers__sales": 2150.0,
    "implementers__growth": 0.05,
    "beliefs__bias": 0.1,
}


class TestDelay:
    """T20: interest at the discount rate makes delay neutral; without it delay saves ``1 - exp(-i T)``."""

    @pytest.mark.parametrize("delay", [1, 12, 40, 200])
    def test_neutral_at_interest_equal_to_the_discount_rate(self, delay: int) -> None:
        """``W_h + c_h`` and ``L_i - c_i`` do not depend on D, in any month, even past the horizon."""
        cost = 0.5 + 0.08 * delay + 3.0
        slow = shadow(delay, 0.08, months=60, **RATES).decided[:, 0]
        fast = shadow(0, 0.08, months=60, **RATES).decided[:, 0]
        assert np.allclose(slow["w_h"] + cost, fast["w_h"] + 3.5, rtol=1e-12)
        assert np.allclose(slow["l_i"] - cost, fast["l_i"] - 3.5, rtol=1e-12)

    def test_neutral_in_court(self) -> None:
        """While the case runs, its value is what the licence would be worth today: ``rho (a + P)``."""
        rates = {name.replace("__", "."): value for name, value in RATES.items()}
        numbers = rates | {"court.settlement.meeting_probability": 1.0, "beliefs.court_round": 1e6}
        numbers |= {"court.durations.first_instance": 40.0, "court.interest.court": 0.08, "beliefs.bias": 0.4}
        suing = strategy("holder_litigious", sue_after=0, anchor=3)
        case = film(scenario(RATE_COURT, holder=suing, implementer=SILENT, numbers=numbers)).decided[:, 0]
        month = np.arange(120)
        sales = 2150.0 * 1.05 ** (month / 12)
        for t in range(1, 40):
            worth = 0.04 * 0.0434 * float((sales * 1.08 ** ((t - month) / 12)).sum())
            cost = 0.08 * (40 - t) + 3.0
            assert case[t].w_h + cost == pytest.approx(math.exp(0.4) * worth, rel=1e-9)
            assert case[t].l_i - cost == pytest.approx(math.exp(-0.4) * worth, rel=1e-9)

    @pytest.mark.parametrize(("hundredths", "saved"), [(238, 0.173), (504, 0.332)])
    def test_what_delay_saves_without_interest(self, hundredths: int, saved: float) -> None:
        """8 % for the 2.38 years of Oppo v Nokia and the 5.04 of ACT v Oppo/Vivo, paid nominally at the end.

        A clock of a hundred months a year holds both spans; the royalty is all past use, in the last month.
        """
        annual = math.exp(0.08 / 100 * 12) - 1
        late = {"holders__discount": annual, "implementers__discount": annual, "standard__horizon": 24.0}

        def loss(delay: float, interest: float) -> float:
            return float(shadow(delay, interest, months=24, **late).decided[23, 0].l_i)

        kept = 1 - loss(hundredths, 0.0) / loss(0, 0.0)
        assert kept == pytest.approx(1 - math.exp(-0.08 * hundredths / 100), rel=1e-9)
        assert kept == pytest.approx(saved, abs=5e-4)
        assert loss(hundredths, annual) == pytest.approx(loss(0, annual), rel=1e-12)


class TestCredibility:
    """A suit frightens only who believes the holder would bring it (model, section 4)."""

    @pytest.mark.parametrize(("cost", "credible"), [(30.0, True), (45.0, False)])
    def test_the_implementer_judges_by_its_own_estimate(self, cost: float, credible: bool) -> None:
        """Stake 44.8: worth 60.5 to the holder, 33.2 in the implementer's eyes; an empty threat costs 0."""
        seen = shadow(24, 0.0, months=1, beliefs__bias=0.3, costs__trial=cost).decided[0, 0]
        stake = 0.04 * 0.0434 * 215 * 120
        assert seen.w_h == pytest.approx(stake * math.exp(0.3) - cost, rel=1e-12)
        assert seen.l_i == pytest.approx((stake * math.exp(-0.3) + cost) * credible, rel=1e-12)
