"""What a licence covers and where it is capped: generations that arrive, sales it is counted on, a cap."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from simulator.compiled import as_written
from simulator.engine import comparables
from simulator.engine.bases import licensed_sales
from simulator.engine.build import build, new_state
from simulator.engine.generations import end_of_term, generations_covered
from simulator.engine.licence import sign_agreed
from simulator.engine.month import begin
from simulator.engine.rate_setting import error_of
from simulator.engine.records import WORTH_HOLDER, WORTH_IMPLEMENTER
from simulator.engine.run import populate, run_chunk
from simulator.engine.shadow import limits, outlook_today
from simulator.engine.state import Matter, matter
from simulator.engine.suits import decide_filing
from simulator.engine.trace import follow
from simulator.errors import ScenarioError
from simulator.outcomes.negotiations import Setting
from simulator.spec.load import load_market
from simulator.spec.market import Generation
from simulator.spec.regime import Appeal, Injunction, Likeness, RateSetting, Regime, Scope, StandingRules
from simulator.spec.scenario import Scenario
from simulator.trace.timeline import Timeline
from simulator.vocabulary import (
    CourtMode,
    InjunctionCap,
    InjunctionTest,
    Outcome,
    RateMethod,
    Stage,
    Standing,
    Status,
)
from tests.play import edited, film, outcomes, quantity, regime, scenario, strategy

A_4G, A_5G, ARRIVES = 0.04, 0.06, 2
HORIZON = {"standard.horizon": 60.0, "timing.least_left": 6.0}
SALES = {"information.sales": 0.5}
GOOD: dict[str, Any] = {"holder": "holder_good_faith", "implementer": "implementer_good_faith"}


def of_two(one: Scenario, arrives: float | None = ARRIVES) -> Scenario:
    """On a standard of two generations, of which the second comes some years on."""
    generations = tuple(
        Generation(
            generation=name,
            aggregate_burden=quantity(burden),
            value_share=quantity(0.5),
            families=quantity(500),
            arrives=None if year is None else quantity(year),
        )
        for name, burden, year in (("4G", A_4G, None), ("5G", A_5G, arrives))
    )
    standard = one.market.standard.model_copy(update={"generations": generations})
    return one.model_copy(update={"market": one.market.model_copy(update={"standard": standard})})


def pair(one: Scenario) -> Matter:
    rules = build(one)
    state, blank = new_state(rules)
    begin(rules, state, populate(rules, state, blank, 1, 0), 0, 0)
    m: Matter = as_written(matter)(rules, state, 0, 0, 1, 0)
    return m


def test_a_generation_that_arrives_adds_to_what_is_due_from_its_year_on() -> None:
    """``A(0)`` is of what is there; ``D(y) = A(y) / A(0)`` where a holder has as much of either."""
    m = pair(of_two(scenario(regime(), numbers=HORIZON)))
    assert m.market.burden == pytest.approx(0.5 * A_4G, rel=1e-12)
    assert m.negotiation.frand == pytest.approx(m.market.burden * m.holder.share, rel=1e-12)
    later = (A_4G + A_5G) / A_4G
    assert list(m.holder.strength[:4]) == pytest.approx([1.0, 1.0, later, later], rel=1e-12)
    due = [outcomes(of_two(scenario(regime(), numbers=HORIZON), year))[0].entitlement for year in (2, 50)]
    assert due[0] / due[1] == pytest.approx((24 + 36 * later) / 60, rel=1e-9)


@pytest.mark.parametrize(("share", "ends", "covered"), [(0.0, 24, 1), (1.0, 60, 2)])
def test_a_licence_ends_when_a_generation_arrives_that_it_leaves_out(
    share: float, ends: int, covered: int
) -> None:
    one = of_two(scenario(regime(), **GOOD, numbers=HORIZON | {"licences.later_generations": share}))
    played = film(one)
    first = int(np.argmax(played.resolved["status"][:, 0] == Status.LICENSED))
    assert 0 < first < 24
    row = played.row
    assert (row.licence_end, row.generations) == (ends, covered)
    assert row.licences_ended == row.renewals == (1 if ends == 24 else 0)
    if ends == 24:  # what is renewed covers both
        assert played.resolved["status"][24, 0] != Status.LICENSED
        assert played.resolved["status"][-1, 0] == Status.LICENSED


def rational_pair(**numbers: float) -> Any:
    """Firms that know the FRAND rate, before a court whose judgment comes after the generation's arrival."""
    given = HORIZON | {"court.durations.first_instance": 30.0}
    law = regime(CourtMode.DIRECT)
    return of_two(scenario(law, numbers=given | {key.replace("__", "."): x for key, x in numbers.items()}))


@pytest.mark.parametrize(
    "numbers", [{"licences__later_generations": 0.0}, {"licences__term": 24.0}, {"licences__term": 18.0}]
)
def test_who_counts_on_a_renewal_pays_neither_more_nor_less_than_is_due(numbers: dict[str, float]) -> None:
    """Signed at ``r*`` and again at ``r*``: 24 months of what was there, 36 of both."""
    one = rational_pair(**numbers)
    row = film(one).row
    assert row.rate == pytest.approx(row.frand_rate, rel=1e-9)
    assert row.renewals == row.licences_ended >= 1
    sales = pair(one).implementer.sales
    due = row.frand_rate * sales * (24 + 36 * (A_4G + A_5G) / A_4G)
    assert row.entitlement == pytest.approx(due, rel=1e-9)
    assert row.paid == pytest.approx(due, rel=1e-9)


def test_what_a_technology_is_worth_over_the_next_best_goes_with_its_strength() -> None:
    """``R_i l_i = nu rho sum D B``: half the rate of a licence, whatever arrives while it lasts."""
    fair = strategy("implementer_good_faith", goodwill=1.0)
    numbers = HORIZON | {"lock_in.alternative": 0.5}
    m = pair(of_two(scenario(regime(), implementer=fair, numbers=numbers)))
    outlook_today(m, 0)
    rho = m.negotiation.frand
    assert limits(m, 0, rho, rho, 0.0, 0.0)[3] == pytest.approx(0.5 * rho, rel=1e-12)


def test_a_generation_that_comes_too_late_to_be_licensed_anew_is_covered() -> None:
    """With 12 months left of at least 24, a licence of what is there runs to the horizon and covers it."""
    numbers = {"timing.least_left": 24.0, "licences.later_generations": 0.0}
    one = of_two(scenario(regime(), **GOOD, numbers=HORIZON | numbers), 4)
    row = film(one).row
    assert row.licence_month > 0
    assert (row.licence_end, row.licences_ended, row.generations) == (60, 0, 2)
    due = 48 + 12 * (A_4G + A_5G) / A_4G
    assert row.entitlement == pytest.approx(row.frand_rate * pair(one).implementer.sales * due, rel=1e-9)
    assert row.paid / row.rate == pytest.approx(row.entitlement / row.frand_rate, rel=1e-9)
    m = pair(one)
    assert [end_of_term(m.market, m.licence, t) for t in (0, 47, 48)] == [60, 60, 60]
    assert generations_covered(m.market, m.licence, 0)[0] == 2


def test_a_generation_after_a_licence_s_end_is_not_covered() -> None:
    """It arrives in month 36; licences of 24 months cover any that comes within their term."""
    one = of_two(scenario(regime(), **GOOD, numbers=HORIZON | {"licences.term": 24.0}), 3)
    played = film(one)
    first, month = played.row.licence_end, int(played.row.licence_month)
    assert (month + 24, played.row.generations) == (first, 1)
    assert first < 36
    assert played.resolved["generations"][-1, 0] == 2


def test_what_comes_after_the_horizon_switches_nothing_on() -> None:
    numbers = HORIZON | {"licences.later_generations": 0.0}
    one = of_two(scenario(regime(), ideal=False, numbers=numbers), 5)
    market = build(one).market[0]
    assert (market.drifts, market.arrives_later, market.multimode) == (0, 0, 0)
    row = outcomes(one)[0]
    assert row.generations in (0, 1)
    assert not Setting.of(one).mechanisms & {"renewal"}
    assert Setting.of(of_two(one, 4)).mechanisms & {"renewal"}


def test_a_bottom_up_valuation_examines_families_of_what_is_there() -> None:
    """500 of 4G; the 500 of 5G are yet to come: an error of ``s / sqrt(500 s_h)``."""
    rate = RateSetting(method=RateMethod.BOTTOM_UP, families_examined=quantity(10_000))
    numbers = {"court.rate.error": 0.4, "holders.share": 0.2}
    m = pair(of_two(scenario(regime(CourtMode.DIRECT, rate=rate), numbers=numbers)))
    assert as_written(error_of)(m) == pytest.approx(0.4 / (500 * 0.2) ** 0.5, rel=1e-12)


def test_covering_what_is_there_needs_something_that_arrives() -> None:
    """Without an arrival the share of such licences leaves every bit as it was."""
    rows = [
        outcomes(of_two(scenario(regime(), numbers=numbers, ideal=False), None)).tobytes()
        for numbers in ({}, {"licences.later_generations": 0.0})
    ]
    assert rows[0] == rows[1]


def test_the_share_is_one_of_pairs() -> None:
    numbers = HORIZON | {"licences.later_generations": 0.3}
    rows = run_chunk(build(of_two(scenario(regime(), **GOOD, numbers=numbers))), 1, range(400))
    licensed = rows[rows["generations"] > 0]
    assert (licensed["generations"] == 2).mean() == pytest.approx(0.3, abs=3 * (0.21 / len(licensed)) ** 0.5)


def test_parties_count_on_a_licence_until_the_generation_arrives() -> None:
    """As on one whose term ends then; of one from month 6 on, to the same month."""
    ahead = HORIZON | {"licences.renewal": 0.0}
    term, arrival = (
        pair(of_two(scenario(regime(), numbers=ahead | more)))
        for more in ({"licences.term": 24.0}, {"licences.later_generations": 0.0})
    )
    for party in (WORTH_HOLDER, WORTH_IMPLEMENTER):
        counted = [licensed_sales(m, party, 0, n) for m, n in ((term, 0), (arrival, 0), (arrival, 6))]
        assert counted[0] == counted[1]
        assert counted[2] < counted[1]
    assert [end_of_term(arrival.market, arrival.licence, t) for t in (0, 23, 24)] == [24, 24, 60]


def test_a_comparable_of_fewer_generations_is_less_alike() -> None:
    numbers = HORIZON | {"licences.later_generations": 0.0}
    law = regime(
        CourtMode.DIRECT,
        rate=RateSetting(method=RateMethod.COMPARABLES, likeness=Likeness(scope=quantity(1.0))),
    )
    m = pair(of_two(scenario(law, numbers=numbers)))
    comparables.keep(m, 0, 0.01, False, m.holder.comparables, 0)
    assert m.holder.comparables[0, comparables.SCOPE] == 1.0
    number, worth = generations_covered(m.market, m.licence, 24)
    assert number == 2
    assert worth == pytest.approx((A_4G + A_5G) / A_4G)
    own = comparables.territory(m)
    year, after = ((comparables.likeness(m, t, m.holder.comparables, 0, own)) for t in (23, 24))
    ageing = 2.0 ** (-1 / 12 / comparables.HALF_LIFE)
    assert after / year == pytest.approx(ageing * A_4G / (A_4G + A_5G), rel=1e-9)


def capped(cap: float | None, **more: float) -> dict[str, float]:
    return SALES | ({} if cap is None else {"licences.cap": cap}) | more


def test_royalties_stop_at_a_cap_on_the_sales_the_holder_saw() -> None:
    """Of what a licence agreed pays, ``min(1, K s)``; where nothing is seen too low nothing is left out."""
    rules = build(scenario(regime(CourtMode.DIRECT), **GOOD, numbers=capped(1.2)))
    rows = run_chunk(rules, 1, range(60))
    signed = rows[(rows["outcome"] == Outcome.NEGOTIATED) & (rows["sales_seen"] != 1.0)]
    assert len(signed) > 20
    assert signed["capped"] == pytest.approx(np.minimum(1.0, 1.2 * signed["sales_seen"]), rel=1e-12)
    assert (signed["capped"] < 1.0).any()
    assert (signed["capped"] == 1.0).any()


def test_who_is_taken_to_sell_less_agrees_to_more_and_pays_it_on_less() -> None:
    """``R_i`` rises by what the cap leaves unpaid; the holder, which sees no cap bind, asks as before."""
    law = regime(CourtMode.DIRECT)
    for replication in range(8):
        free, bound = (
            film(
                scenario(law, **GOOD, numbers=capped(cap) | {"standard.horizon": 120.0}),
                months=7,
                replication=replication,
            )
            for cap in (None, 1.0)
        )
        a, b = free.decided[0, 0], bound.decided[0, 0]
        assert (b.r_h, b.w_h, b.l_i) == (a.r_h, a.w_h, a.l_i)
        left = min(1.0, float(a.sales_seen))
        assert float(b.r_i) == pytest.approx(float(a.r_i) / left, rel=1e-9)
        for t in range(1, 7):  # past use is paid in full: l / (c a + P), of 120 even months
            a, b = free.decided[t, 0], bound.decided[t, 0]
            if a.status == b.status == Status.TALKS and b.sales_seen != 1.0:
                ahead = 1.0 - t / 120
                assert float(b.r_i) == pytest.approx(float(a.r_i) / (1.0 - (1.0 - left) * ahead), rel=1e-9)


def test_a_cap_never_binds_where_sales_are_known() -> None:
    one, other = (
        outcomes(scenario(regime(CourtMode.DIRECT), numbers=numbers, ideal=False)).tobytes()
        for numbers in ({}, {"licences.cap": 1.0})
    )
    assert one == other


def signed_now(m: Matter, sales_seen: float, sales_shown: float) -> float:
    """What runs of a licence at ``R_i``, decided on with sales taken for ``sales_seen`` of what they are."""
    m.licence.sales_seen = sales_seen
    outlook_today(m, 0)
    rho = m.negotiation.frand
    _, _, m.negotiation.r_h, m.negotiation.r_i = limits(m, 0, rho, rho, 0.0, 0.0)
    m.licence.sales_seen = sales_shown
    assert sign_agreed(m, 0, float(m.negotiation.r_i), Outcome.NEGOTIATED, Stage.NONE)
    return float(m.negotiation.running)


@pytest.mark.parametrize("shown", [0.5, 1.0])
def test_a_cap_is_that_of_the_decision_whatever_is_shown_in_the_month(shown: float) -> None:
    """``R_i`` on half the sales is ``2 R_i``, and half of it is paid, also where sales data come with it."""
    m = pair(scenario(regime(CourtMode.DIRECT), numbers=capped(1.0)))
    plain = pair(scenario(regime(CourtMode.DIRECT)))
    running = signed_now(m, 0.5, shown)
    assert running == pytest.approx(signed_now(plain, 1.0, 1.0), rel=1e-9)
    assert m.negotiation.rate == pytest.approx(2.0 * running, rel=1e-12)
    assert m.licence.capped == 0.5


def test_a_settlement_in_the_month_of_the_first_evidence_is_capped_as_decided() -> None:
    """They meet every month before a court that hears evidence every month: the first shows the sales."""
    numbers = capped(1.0) | {
        "court.settlement.meeting_probability": 1.0,
        "court.settlement.evidence_every": 1.0,
        "costs.trial": 5.0,
        "standard.horizon": 120.0,
    }
    quarrel: dict[str, Any] = {
        "holder": strategy("holder_litigious", anchor=3.0, sue_after=1, window=600),
        "implementer": strategy("implementer_hold_out", anchor=0.1, window=600),
    }
    one = scenario(regime(CourtMode.DIRECT), **quarrel, numbers=numbers)
    rows = run_chunk(build(one), 1, range(12))
    settled = rows[(rows["outcome"] == Outcome.SETTLED_IN_COURT)]
    bound = 0
    for row in settled:
        played = film(one, replication=int(row["replication"]))
        seen = float(played.decided["sales_seen"][int(row["licence_month"]), 0])
        assert (played.row.sales_seen, played.row.capped) == (1.0, min(1.0, seen))
        sales = played.row.entitlement / played.row.frand_rate / 120
        month = int(played.row.licence_month)
        due = played.row.rate * sales * (month + min(1.0, seen) * (120 - month))
        assert played.row.paid == pytest.approx(due, rel=1e-9)
        bound += seen < 1.0
    assert bound > 2


def test_a_capped_licence_is_a_comparable_at_what_is_paid() -> None:
    m = pair(scenario(regime(CourtMode.DIRECT), numbers=capped(1.0)))
    running = signed_now(m, 0.5, 0.5)
    assert m.holder.comparables[0, comparables.RATE] == running == 0.5 * m.negotiation.rate


@pytest.mark.parametrize(("part", "files"), [(0.4, True), (0.6, False)])
def test_who_knows_a_cap_weighs_an_ask_by_what_it_would_pay(part: float, files: bool) -> None:
    """On half the sales an ask costs ``c a`` of it: it sues where court costs less than that."""
    law = regime(
        CourtMode.DIRECT, standing=StandingRules(holder=Standing.ANY, implementer=Standing.RATE_ACTION)
    )
    m = pair(scenario(law, numbers=capped(1.0)))
    m.licence.sales_seen = 0.5
    outlook_today(m, 0)
    m.negotiation.broken = 1
    m.negotiation.last_ask = 0.01
    m.negotiation.l_i = part * 0.01 * m.outlook.base_i
    as_written(decide_filing)(m, 0)
    assert bool(m.moves.file_i) is files


def test_one_sum_knows_no_cap() -> None:
    law, once = regime(CourtMode.DIRECT), {"licences.lump_share": 1.0}
    rows = [
        run_chunk(build(scenario(law, **GOOD, numbers=capped(cap, **once))), 1, range(8))
        for cap in (None, 1.0)
    ]
    assert rows[0].tobytes() == rows[1].tobytes()
    assert set(rows[1]["lump"]) == set(rows[1]["capped"]) == {1.0}


def test_a_cross_licence_is_on_all_sales_and_a_cap_on_what_is_owed() -> None:
    """``R_i (c a + P) - g (a + P) = L_i``: the credit stays whole; cash is ``c r - g`` on sales."""
    given = {"implementers.patents": 0.02, "holders.sales": 20.0}
    m = pair(scenario(regime(CourtMode.DIRECT), numbers=capped(1.0) | given))
    running = signed_now(m, 0.5, 0.5)
    credit = m.licence.credit
    assert 0.0 < credit < running
    a = m.outlook.base_i
    loss = limits(m, 0, m.negotiation.frand, m.negotiation.frand, 0.0, 0.0)[1]
    assert m.negotiation.rate * 0.5 * a - credit * a == pytest.approx(loss, rel=1e-9)
    assert m.implementer.signed == pytest.approx(running - credit, rel=1e-12)


def test_who_may_not_sell_without_a_licence_signs_up_to_what_it_can_pay_under_a_cap() -> None:
    """``R_i c a = g_net a``: the nominal rate may exceed the margin, what is paid does not."""
    m = pair(scenario(regime(), numbers=capped(1.0), use="licensed"))
    running = signed_now(m, 0.5, 0.5)
    assert running == pytest.approx(m.outlook.margin, rel=1e-9)
    assert m.negotiation.rate == pytest.approx(2.0 * running, rel=1e-12)


def test_a_renewal_of_a_capped_licence_is_on_sales_that_are_known() -> None:
    """Money: past in full, ``c r`` on the term, then past and sales to come at the next rate in full."""
    numbers = capped(1.0) | HORIZON | {"licences.term": 24.0, "costs.trial": 1.0}
    one = scenario(regime(CourtMode.DIRECT), **GOOD, numbers=numbers)
    rows = run_chunk(build(one), 1, range(12))
    replication = int(np.argmax((rows["capped"] < 1.0) & (rows["renewals"] == 1)))
    played = film(one, replication=replication)
    row, running, rate = played.row, played.resolved["running"][:, 0], played.resolved["rate"][:, 0]
    month, end = int(row.licence_month), int(row.licence_end)
    assert row.capped < 1.0
    assert row.renewals == 1
    assert (running[month], running[-1]) == (pytest.approx(row.capped * row.rate), rate[-1])
    sales = row.entitlement / row.frand_rate / 60
    expected = row.rate * (month + row.capped * (end - month)) + rate[-1] * (60 - end)
    assert row.paid == pytest.approx(expected * sales, rel=1e-9)


def court_of(share: float) -> Regime:
    return regime(CourtMode.DIRECT, scope=Scope(order_coverage=quantity(share)))


def test_what_a_court_licences_is_the_part_of_sales_it_reaches() -> None:
    quarrel: dict[str, Any] = {
        "holder": "holder_litigious",
        "implementer": "implementer_hold_out",
        "numbers": {"court.settlement.meeting_probability": 0.0, "standard.horizon": 120.0},
    }
    one = scenario(court_of(0.4), **quarrel)
    rows = run_chunk(build(one), 1, range(10))
    ordered = rows["outcome"] == Outcome.COURT_RATE
    assert ordered.any()
    assert set(rows["covered"][ordered]) == {0.4}
    assert set(rows["covered"][rows["outcome"] == Outcome.NEGOTIATED]) <= {1.0}
    assert np.isnan(rows["covered"][rows["outcome"] == Outcome.UNLICENSED]).all()
    replication = int(np.argmax(ordered))
    rules = build(one)
    told = Timeline(one, one.regimes[0], rules.forums[0], follow(rules, 0, 1, replication, 0)).events
    assert ", on 40% of its sales" in told[-1].text


def test_an_injunction_refused_leaves_royalties_on_all_sales() -> None:
    """Past use at ``r_c (x + omega (1-x))``, and ``omega r_c`` on every sale to come."""
    law = regime(
        CourtMode.INDIRECT,
        scope=Scope(order_coverage=quantity(0.4), forum_share=quantity(0.2)),
        injunction=Injunction(test=InjunctionTest.NONE, cap=InjunctionCap.NONE),
        appeal=Appeal(available=False),
    )
    numbers = {"court.settlement.meeting_probability": 0.0, "standard.horizon": 120.0}
    parties: dict[str, Any] = {"holder": "holder_litigious", "implementer": "implementer_hold_out"}
    one = scenario(law, **parties, numbers=numbers | {"court.scope.collectable_remainder": 0.7})
    rows = run_chunk(build(one), 1, range(10))
    refused = rows[rows["outcome"] == Outcome.COURT_RATE]
    assert len(refused)
    assert set(refused["covered"]) == {1.0}
    row = refused[0]
    sales, month = row["entitlement"] / row["frand_rate"] / 120, row["licence_month"]
    due = row["court_rate"] * sales * (month * (0.2 + 0.7 * 0.8) + (120 - month) * 0.7)
    assert row["paid"] == pytest.approx(due, rel=1e-9)


def test_the_trace_tells_of_a_cap() -> None:
    one = scenario(regime(CourtMode.DIRECT), **GOOD, numbers=capped(1.0))
    rules = build(one)
    rows = run_chunk(rules, 1, range(20))
    replication = int(np.argmax((rows["capped"] < 1.0) & (rows["outcome"] == Outcome.NEGOTIATED)))
    told = Timeline(one, one.regimes[0], rules.forums[0], follow(rules, 0, 1, replication, 0)).events
    assert f"of which a cap leaves {rows['capped'][replication]:.0%}" in told[-1].text


VALUE = 'value_share: {value: 1, source: "assumption; a handset of one generation"}'
BURDEN = "aggregate_burden: {value: 0.0434, range: [0.033, 0.08],"
HALF = "value_share: {value: 0.5, source: assumption}"
LATER = """
    - generation: 6G
      aggregate_burden: {value: 0.05, source: assumption}
      value_share: {value: 0.5, source: assumption}
      families: {value: 100, source: assumption}
      arrives: {value: 3, source: assumption}
holders:"""
NONE_OF_5G = "    generations: {5G: {value: 0, source: assumption}}\n    share_spread:"


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        (
            [(VALUE, VALUE + "\n      arrives: {value: 1, source: assumption}")],
            "no generation that is worth anything is there from the start",
        ),
        ([(VALUE, VALUE + "\n      arrives: {value: 1.5, source: assumption}")], "whole number"),
        ([(VALUE, VALUE + "\n      arrives: {value: -1, source: assumption}")], "between 0 and 50"),
        *(
            (
                [(BURDEN, f"aggregate_burden: {{value: {least},"), (VALUE, HALF), ("\nholders:", LATER)],
                "no generation that is worth anything is there from the start",
            )
            for least in ("0", "5.0e-324")
        ),
        (
            [(VALUE, HALF), ("\nholders:", LATER), ("    share_spread:", NONE_OF_5G)],
            "holds nothing in any generation that is there from the start",
        ),
    ],
)
def test_what_cannot_be_played_is_one_clear_error(
    tmp_path: Path, changes: list[tuple[str, str]], said: str
) -> None:
    text = Path("scenarios/markets/duopoly.yaml").read_text(encoding="utf-8")
    path = tmp_path / "duopoly.yaml"
    path.write_text(edited(text, *changes), encoding="utf-8")
    with pytest.raises(ScenarioError) as caught:
        load_market(path)
    assert said in str(caught.value)
