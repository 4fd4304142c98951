"""Concession tactics played by the engine: where paths cross, and when they cannot."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from simulator.vocabulary import Cause, Outcome
from tests.play import Film, film, outcomes, regime, scenario, strategy

# InterDigital v Lenovo, USD a unit of a price of 100: ask .498 -> .20, bid .16 -> .25, own estimates .5.
ASK, LEAST, BID, MOST, ESTIMATE, WINDOW = 0.498, 0.20, 0.16, 0.25, 0.5, 100


def talks(holder: dict[str, Any], implementer: dict[str, Any], **numbers: float) -> Any:
    """Two conceders at a bare table without a court: reservation rates stay where they are."""
    base = {"standard.aggregate_burden": ESTIMATE / 100, "holders.share": 1.0, "standard.horizon": 240.0}
    base |= {"court.past_use.licence_share": 0.0, "bargaining.floor": LEAST / ESTIMATE}
    pair = scenario(
        regime(),
        holder=strategy("holder_good_faith", **holder),
        implementer=strategy("implementer_good_faith", goodwill=MOST / ESTIMATE, **implementer),
        numbers=base | {name.replace("__", "."): value for name, value in numbers.items()},
    )
    return outcomes(pair)[0]


def crossing(e_h: float, e_i: float) -> tuple[float, float]:
    """Time (share of the window) and price at which two conceders meet."""
    prompt = {"reply_delay": strategy("holder_rational").conduct.reply_delay}
    played = talks(
        {"anchor": ASK / ESTIMATE, "window": WINDOW, "exponent": e_h, "conduct": prompt},
        {"anchor": BID / ESTIMATE, "window": WINDOW, "exponent": e_i, "conduct": prompt},
    )
    assert played.outcome == Outcome.NEGOTIATED
    return float(played.licence_month) / WINDOW, 100 * float(played.rate)


class TestFaratinSierraJennings1998:
    """Concession curves meet where the closed form says; the engine's e is the inverse of its exponent."""

    @pytest.mark.parametrize(
        ("e_h", "e_i", "time", "price"),
        [
            (1.0, 1.0, 0.8711, 0.2384),
            (0.25, 0.25, 0.966, 0.2384),
            (4.0, 4.0, 0.576, 0.2384),
            (0.25, 4.0, 0.956, 0.2490),
        ],
        ids=["linear", "boulware", "conceder", "boulware holder, conceding implementer"],
    )
    def test_crossing(self, e_h: float, e_i: float, time: float, price: float) -> None:
        """Exact but for one round: the months are a grid."""
        met, paid = crossing(e_h, e_i)
        step = 1.0 / WINDOW
        assert time - 1e-3 <= met <= time + step + 1e-3
        slope = (ASK - LEAST) / e_h * time ** (1 / e_h - 1) + (MOST - BID) / e_i * time ** (1 / e_i - 1)
        assert paid == pytest.approx(price, abs=slope * step)

    def test_price_does_not_depend_on_a_common_exponent(self) -> None:
        prices = [crossing(e, e)[1] for e in (0.25, 1.0, 4.0)]
        assert max(prices) - min(prices) < 0.01

    @settings(max_examples=40)
    @given(
        anchor=st.floats(1.0, 10.0),
        bid=st.floats(0.01, 1.0),
        window=st.integers(1, 60),
        e_h=st.floats(0.1, 4.0),
        e_i=st.floats(0.1, 4.0),
    )
    def test_full_windows_and_a_zopa_leave_no_deadlock(
        self, anchor: float, bid: float, window: int, e_h: float, e_i: float
    ) -> None:
        """Each ends at its reservation rate, so there is agreement by the end of the window."""
        played = talks(
            {"anchor": anchor, "window": window, "exponent": e_h},
            {"anchor": bid, "window": window, "exponent": e_i},
        )
        assert played.outcome == Outcome.NEGOTIATED
        assert LEAST - 1e-9 <= 100 * played.rate <= MOST + 1e-9
        delay = max(float(strategy(f"{side}_good_faith").conduct.reply_delay.value) for side in SIDES)
        assert played.licence_month <= window + delay + 1

    def test_without_a_zopa_there_is_none(self) -> None:
        played = talks({"anchor": 2.0, "window": 12}, {"anchor": 0.5, "window": 12}, beliefs__bias=0.2)
        assert played.outcome == Outcome.UNLICENSED
        assert played.cause == Cause.BELIEF


SIDES = ("holder", "implementer")


class TestReciprocity:
    """Two pure tit-for-tat players concede only what the other conceded last."""

    @staticmethod
    def play(opening: float) -> Film:
        """``opening``: the concession exponent of the first own move; near 0 it is no move at all."""
        base = {"standard.aggregate_burden": 0.005, "holders.share": 1.0, "bargaining.floor": 0.4}
        base |= {"court.past_use.licence_share": 0.0}
        return film(
            scenario(
                regime(),
                holder=strategy("holder_reciprocal", exponent=opening, anchor=1.2),
                implementer=strategy("implementer_reciprocal", goodwill=1.0, exponent=opening, anchor=0.8),
                numbers=base,
            )
        )

    def test_an_opening_move_is_returned_until_they_meet(self) -> None:
        played = self.play(1.0)
        assert played.row.outcome == Outcome.NEGOTIATED
        assert played.row.rounds > 2

    def test_without_an_opening_move_they_deadlock(self) -> None:
        played = self.play(0.01)
        last = played.decided[-1, 0]
        assert played.row.outcome == Outcome.UNLICENSED
        assert played.row.cause == Cause.STRATEGIC
        assert last.last_ask == pytest.approx(last.first_ask, rel=1e-12)
        assert last.last_bid == pytest.approx(last.first_bid, rel=1e-12)
