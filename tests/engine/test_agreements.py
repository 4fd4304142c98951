"""What may never happen: an agreement outside both reservation rates, a deadlock over nothing."""

from __future__ import annotations

import math

import numpy as np
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from simulator.spec.load import builtin
from simulator.vocabulary import CourtMode, Outcome
from tests.play import ended, film, law, outcomes, scenario

LAWS = sorted(builtin("regimes"))
COURTS = [name for name in LAWS if law(name).court.mode != CourtMode.NONE]
HOLDERS = sorted(name for name in builtin("strategies") if name.startswith("holder"))
IMPLEMENTERS = sorted(name for name in builtin("strategies") if name.startswith("implementer"))
OWN = (Outcome.NEGOTIATED, Outcome.SETTLED_IN_COURT)


@st.composite
def numbers(draw: st.DrawFn) -> dict[str, float]:
    """Markets and courts far beyond the plausible."""

    def between(low: float, high: float) -> float:
        return draw(st.floats(low, high))

    return {
        "standard.aggregate_burden": between(0.005, 0.2),
        "standard.horizon": float(draw(st.integers(24, 180))),
        "holders.share": between(0.001, 0.3),
        "holders.discount": between(0.0, 0.2),
        "implementers.discount": between(0.0, 0.2),
        "implementers.margin": between(0.02, 0.6),
        "implementers.sales": 10 ** between(-1, 4),
        "implementers.growth": between(-0.2, 0.2),
        "beliefs.spread": between(0.0, 1.0),
        "beliefs.bias": between(0.0, 0.5),
        "bargaining.holder_weight": between(0.0, 1.0),
        "bargaining.floor": between(0.0, 1.0),
        "costs.trial": between(0.0, 20.0),
        "court.scope.forum_share": between(0.0, 1.0),
        "court.past_use.licence_share": between(0.0, 1.0),
        "court.interest.court": between(0.0, 0.2),
        "court.costs.loser_pays": between(0.0, 1.0),
        "court.faults.uplift": between(0.0, 0.5),
        "court.settlement.meeting_probability": between(0.0, 1.0),
        "timing.notice_spread": float(draw(st.integers(0, 24))),
        "demand.elasticity": between(0.0, 3.0),
    }


@settings(max_examples=60)
@given(
    numbers=numbers(),
    name=st.sampled_from(LAWS),
    holders=st.lists(st.sampled_from(HOLDERS), min_size=1, max_size=4, unique=True),
    implementers=st.lists(st.sampled_from(IMPLEMENTERS), min_size=1, max_size=4, unique=True),
    seed=st.integers(0, 2**62),
)
def test_no_agreement_outside_both_reservation_rates(
    numbers: dict[str, float], name: str, holders: list[str], implementers: list[str], seed: int
) -> None:
    one = scenario(name, holder=holders, implementer=implementers, numbers=numbers, ideal=False, seed=seed)
    pairs, rows = ended(one)
    for pair, row in zip(pairs, rows, strict=True):
        assert row.frand_rate > 0.0
        assert math.isfinite(row.paid)
        assert 0 <= row.licence_month <= numbers["standard.horizon"]
        if row.outcome in OWN:
            assert pair.r_h * (1 - 1e-9) <= row.rate <= pair.r_i * (1 + 1e-9)
            assert 0.0 <= row.rate <= numbers["implementers.margin"]
        if row.outcome == Outcome.NEGOTIATED:
            assert row.filing_month < 0 or row.suits_lost > 0
        assert (row.outcome == Outcome.UNLICENSED) == (row.licence_month == numbers["standard.horizon"] and
                                                      row.outcome != Outcome.EXIT)  # fmt: skip


@settings(max_examples=60)
@given(
    name=st.sampled_from(COURTS),
    margin=st.floats(0.05, 0.5),
    sales=st.floats(20.0, 5000.0),
    trial=st.floats(0.01, 5.0),
    discount=st.floats(0.0, 0.15),
    floor=st.floats(0.0, 0.5),
    beta=st.floats(0.0, 1.0),
    seed=st.integers(0, 1000),
)
def test_rational_parties_that_agree_about_the_rate_never_deadlock(
    name: str,
    margin: float,
    sales: float,
    trial: float,
    discount: float,
    floor: float,
    beta: float,
    seed: int,
) -> None:
    """Zero ambiguity, equal patience, positive costs, a credible suit, an affordable floor: a deal."""
    chosen = {
        "beliefs.spread": 0.0,
        "beliefs.bias": 0.0,
        "implementers.margin": margin,
        "implementers.sales": sales,
        "costs.trial": trial,
        "holders.discount": discount,
        "implementers.discount": discount,
        "bargaining.floor": floor,
        "bargaining.holder_weight": beta,
    }
    one = scenario(name, numbers=chosen, ideal=False, seed=seed)
    row = outcomes(one)[0]
    played = film(one, months=int(row.notice_month) + 2)
    start = played.decided[int(row.notice_month), 0]
    assume(start.w_h > 0.0)
    assume(floor * start.frand <= start.r_i)
    assert row.outcome in OWN


def test_the_condition_is_met_and_needed() -> None:
    """Under every court that binds the example above has its premise; without a court it has not."""
    for name in COURTS:
        pair = film(scenario(name, numbers={"costs.trial": 1.0, "implementers.sales": 2000.0}), months=1)
        assert pair.decided[0, 0].w_h > 0.0 or law(name).court.standing.holder == 0, name
    none = outcomes(scenario("none", ideal=False, replications=50))
    assert np.all(none["outcome"] == Outcome.UNLICENSED)
