"""An implementer's sales and margin are its own knowledge until a document or a court shows them."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from simulator.compiled import as_written
from simulator.engine.build import build, new_state
from simulator.engine.month import begin
from simulator.engine.run import populate, run_chunk
from simulator.engine.shadow import limits_alone, outlook_today
from simulator.engine.state import matter
from simulator.engine.trace import follow
from simulator.spec.regime import Appeal, Injunction, Regime, Security
from simulator.trace.timeline import Timeline
from simulator.vocabulary import Act, CourtMode, Disclosure, InjunctionCap, InjunctionTest, Party
from tests.play import Film, behind, film, regime, scenario, step, strategy

COSTS = {"costs.filing": 1.0, "costs.monthly": 0.1, "costs.trial": 2.0}
SALES, MARGIN = {"information.sales": 0.5}, {"information.margin": 0.5}


def played(law: Regime, *numbers: dict[str, float], months: int = 3, **more: Any) -> Film:
    parties = {"holder": "holder_good_faith", "implementer": "implementer_good_faith"} | more
    given = {name: value for one in numbers for name, value in one.items()}
    return film(scenario(law, numbers=given, **parties), months=months)


def rate_court() -> Regime:
    return regime(CourtMode.DIRECT)


def test_a_holder_s_mistake_about_sales_moves_only_what_costs_weigh() -> None:
    """Without discount and error ``W_h = rho s l - c``, ``R_h = rho - c / (s l)``: scale moves the cost."""
    known, private = played(rate_court(), COSTS), played(rate_court(), COSTS, SALES)
    a, b = known.decided[1, 0], private.decided[1, 0]
    factor = float(b.sales_seen)
    assert factor != 1.0
    cost = float(a.rho_h) * float(a.w_h) / float(a.r_h) - float(a.w_h)  # as R_h = W_h / l
    base = float(a.w_h) / float(a.r_h)
    assert b.w_h == pytest.approx(factor * float(a.rho_h) * base - cost, rel=1e-12)
    assert b.r_h == pytest.approx(float(a.rho_h) - cost / (factor * base), rel=1e-12)
    assert (b.l_i, b.r_i) == (a.l_i, a.r_i)


def test_without_costs_scale_moves_nothing() -> None:
    known, private = played(rate_court()), played(rate_court(), SALES)
    assert private.decided["r_h"][1, 0] == pytest.approx(known.decided["r_h"][1, 0], rel=1e-12)
    assert private.decided["w_h"][1, 0] != pytest.approx(known.decided["w_h"][1, 0], rel=1e-3)


def enjoining() -> Regime:
    return regime(
        CourtMode.INDIRECT,
        injunction=Injunction(test=InjunctionTest.NEAR_AUTOMATIC, cap=InjunctionCap.NONE),
        appeal=Appeal(available=False),
    )


FORUM = {
    "implementers.growth": 0.0,
    "court.durations.first_instance": 12.0,
    "court.scope.forum_share": 0.5,
    "court.injunction.ceiling": 1.0,
}


def test_a_mistake_about_the_margin_moves_what_exclusion_costs() -> None:
    """``R_h`` is linear in the margin net of the other holders' royalties, through ``beta G``."""
    known = played(enjoining(), FORUM, {"bargaining.holder_weight": 0.5})
    private = played(enjoining(), FORUM, MARGIN, {"bargaining.holder_weight": 0.5})
    a, b, imp = known.decided[1, 0], private.decided[1, 0], known.implementers[0, 0]
    factor = float(b.margin_seen)
    others = float(imp.stack) + max(0.0, float(imp.estimates) - float(a.counted))
    moved = 0.5 * 0.5 * float(imp.margin) * (factor - 1.0)
    assert float(imp.margin) * factor > others
    left, judgment = 120 - 1, 12  # months of sales to come today, months until they are excluded
    assert b.r_h - a.r_h == pytest.approx(moved * (left - judgment) / 120, rel=1e-9)
    assert (b.r_h > a.r_h) == (factor > 1.0)
    assert (b.l_i, b.r_i) == (a.l_i, a.r_i)


@pytest.mark.parametrize("document", [Disclosure.SALES_DATA, Disclosure.ACCOUNT_OF_USE])
def test_documents_show_sales_and_silence_shows_nothing(document: Disclosure) -> None:
    law = behind(rate_court(), owed=step(Act.DISCLOSE, Party.IMPLEMENTER, must_contain=(document,)))
    shown = played(law, SALES, MARGIN, months=6)
    silent = played(
        law, SALES, MARGIN, months=6,
        implementer=strategy("implementer_good_faith", conduct={"withholds": (document,)}),
    )  # fmt: skip
    month = int(np.argmax(shown.resolved["disclosures"][:, 0] >> document & 1))
    first = float(silent.resolved["sales_seen"][0, 0])
    assert first != 1.0
    assert set(silent.resolved["sales_seen"][:, 0]) == {first}
    assert shown.resolved["sales_seen"][:, 0].tolist() == [first] * month + [1.0] * (6 - month)
    assert set(shown.resolved["margin_seen"][:, 0]) == set(silent.resolved["margin_seen"][:, 0])


def test_the_first_round_of_evidence_shows_sales_and_margin() -> None:
    quarrel: dict[str, Any] = {
        "holder": strategy("holder_litigious", anchor=3.0, sue_after=1),
        "implementer": strategy("implementer_hold_out", anchor=0.1),
    }
    court = {"court.settlement.meeting_probability": 0.0, "court.settlement.evidence_every": 4.0}
    one = played(rate_court(), SALES, MARGIN, court, months=24, **quarrel)
    rounds, seen = one.resolved["acts_court"][:, 0], one.resolved["sales_seen"][:, 0]
    assert rounds[-1] > 0
    assert np.array_equal(seen == 1.0, rounds > 0)
    assert np.array_equal(one.resolved["margin_seen"][:, 0] == 1.0, rounds > 0)


def test_courts_and_metrics_see_the_truth() -> None:
    """With parties that always go to judgment the same licences follow, at the same rates and sums."""
    quarrel: dict[str, Any] = {
        "holder": strategy("holder_litigious", anchor=50.0, window=600, sue_after=1),
        "implementer": strategy("implementer_hold_out", anchor=0.001, window=600),
    }
    none = {"court.settlement.meeting_probability": 0.0}
    known, private = (
        played(rate_court(), none, numbers, months=120, **quarrel) for numbers in ({}, SALES | MARGIN)
    )
    for name in ("court_rate", "rate", "entitlement", "paid", "frand_rate", "surplus_benchmark"):
        assert known.row[name] == private.row[name], name


def test_a_deposit_at_the_holder_s_offer_rests_on_its_figures() -> None:
    law = behind(
        regime(CourtMode.DIRECT, security=Security(base="holder_offer")),
        offer=step(Act.OFFER, Party.HOLDER),
        money=step(Act.DEPOSIT, Party.IMPLEMENTER),
    )
    paid = {}
    for name, numbers in (("known", {}), ("private", SALES)):
        one = played(law, numbers, {"beliefs.bias": 0.4, "court.security.share": 1.0}, months=6)
        month = int(np.argmax(one.resolved["escrow"][:, 0] > 0))
        paid[name] = one.resolved[month, 0]
    factor = float(paid["private"].sales_seen)
    assert paid["known"].escrow > 0.0
    assert paid["private"].last_ask == pytest.approx(paid["known"].last_ask, rel=1e-9)
    assert paid["private"].escrow == pytest.approx(factor * paid["known"].escrow, rel=1e-9)


def test_off_is_one_and_leaves_no_draw() -> None:
    rows = run_chunk(build(scenario(rate_court(), ideal=False)), 1, range(2))
    assert set(rows["sales_seen"]) == {1.0}
    assert set(rows["margin_seen"]) == {1.0}


def test_guesses_are_right_on_average() -> None:
    numbers = SALES | MARGIN | {"standard.horizon": 1.0}
    rows = run_chunk(build(scenario(rate_court(), numbers=numbers, replications=1)), 3, range(4000))
    for name in ("sales_seen", "margin_seen"):
        assert rows[name].mean() == pytest.approx(1.0, abs=3 * rows[name].std() / 4000**0.5)
        assert np.log(rows[name]).std() == pytest.approx(0.5, rel=0.05)
    assert abs(np.corrcoef(rows["sales_seen"], rows["margin_seen"])[0, 1]) < 0.05


def test_the_trace_tells_what_is_learnt() -> None:
    law = behind(
        rate_court(), owed=step(Act.DISCLOSE, Party.IMPLEMENTER, must_contain=(Disclosure.SALES_DATA,))
    )
    one = scenario(
        law, holder="holder_good_faith", implementer="implementer_good_faith", numbers=SALES | MARGIN
    )
    rules = build(one)
    told = Timeline(one, law, rules.forums[0], follow(rules, 0, 1, 0, 0)).events
    learnt = [event for event in told if event.kind == "information"]
    factor = float(played(law, SALES).decided["sales_seen"][0, 0])
    assert [event.text for event in learnt] == [
        f"learns the implementer's sales, taken for {factor:.2f} times as much"
    ]


@pytest.mark.parametrize("side", [Party.HOLDER, Party.IMPLEMENTER])
def test_each_side_reckons_with_its_own_figures_for_both(side: Party) -> None:
    """The holder as if its guesses of sales and margin were true, the other as if nothing were hidden."""
    numbers = COSTS | FORUM | SALES | MARGIN | {"court.durations.first_instance": 12.0}
    one = scenario(
        enjoining(), holder="holder_good_faith", implementer="implementer_good_faith", numbers=numbers
    )
    rules = build(one)

    def reckoned(open_books: bool) -> tuple[float, ...]:
        state, blank = new_state(rules)
        n_active = populate(rules, state, blank, 1, 0)
        licence, imp = state.licences[0], state.implementers[0]
        if open_books:
            if side is Party.HOLDER:
                imp.scale *= licence.sales_seen
                imp.margin *= licence.margin_seen
            licence.sales_seen = licence.margin_seen = 1.0
        begin(rules, state, n_active, 0, 0)
        m = as_written(matter)(rules, state, 0, 0, 1, 0)
        outlook_today(m, 0)
        rho = float(m.negotiation.rho_h)
        return tuple(limits_alone(m, 0, int(side), rho, 0.0, 0.0))

    assert reckoned(open_books=False) == pytest.approx(reckoned(open_books=True), rel=1e-12)
