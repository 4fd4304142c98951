"""Rules that mutants slipped by, of licences, disclosure and evidence: each gives what its sentence says."""

from __future__ import annotations

import math

import numpy as np
import pytest

from simulator.compiled import as_written
from simulator.engine import (
    adoption,
    comparables,
    information,
    licence,
    protocol,
    regions,
    relation,
    shadow,
    suits,
    terms,
)
from simulator.engine.build import build
from simulator.engine.outcomes import OUTCOME
from simulator.engine.prospect import DENIED, GRANTED, NO_JUDGMENT, RATE_SET, Prospect
from simulator.engine.remedies import both
from simulator.engine.run import finish
from simulator.vocabulary import Comparable, Disclosure, Outcome, Party, Stage, Status
from tests.engine.test_adoption import ideal, opened, with_barriers
from tests.engine.test_single_rules import pair
from tests.engine.test_single_rules_of_talks import peopled, populated
from tests.play import regime, scenario


def test_who_leaves_pays_the_court_s_rate_on_past_use_alone_where_nothing_else_is_collected() -> None:
    """Out of the forum and with its future lost there, it owes the forum's part of the past."""
    m = pair(court__scope__forum_share=0.5, court__scope__collectable_remainder=0.5)
    m.negotiation.status, m.suit.court_rate = Status.COURT, 0.01
    as_written(both.takes_licence)(m, 0, 0.0, 0.0)
    future, past = m.outlook.future_i, 100.0
    leaving = 0.01 * past * 0.75 + 0.5 * m.outlook.pay + 0.5 * 0.5 * 0.01 * future
    for dear, takes in ((1 - 1e-9, True), (1 + 1e-9, False)):
        assert as_written(both.takes_licence)(m, 0, dear * leaving / (future + past), past) == takes


def test_a_portfolio_without_families_has_contributed_nothing_a_family() -> None:
    assert as_written(comparables.contributed_per_family)(0.1, 0.0) == 0.0
    assert as_written(comparables.contributed_per_family)(0.1, 4.0) == pytest.approx(0.025)


@pytest.mark.parametrize(("age", "round_of_evidence"), [(0, False), (2, False), (3, True), (6, True)])
def test_proposals_are_looked_at_with_each_round_of_evidence(age: int, round_of_evidence: bool) -> None:
    m = pair(court__settlement__evidence_every=3.0)
    m.forum.recognised, m.negotiation.status, m.suit.start_month = suits.NO_PROPOSAL, Status.COURT, 4
    assert as_written(suits.proposes)(m, 4 + age) == round_of_evidence


@pytest.mark.parametrize(("filed", "tainted"), [(-1, 0.0), (0, 1.0), (3, 1.0)])
def test_a_licence_signed_after_a_suit_of_any_month_is_tainted(filed: int, tainted: float) -> None:
    m = pair()
    m.suit.first_filing = filed
    as_written(licence.sign)(m, 9, 0.01, 0.0, 0.01, Outcome.SETTLED_IN_COURT, Stage.BEFORE_JUDGMENT)
    assert m.holder.comparables[0, Comparable.TAINTED] == tainted


@pytest.mark.parametrize(("judgment", "shown"), [
    (NO_JUDGMENT, 0.01), (RATE_SET, 0.02), (DENIED, 0.02), (GRANTED, 0.01),
])  # fmt: skip
def test_a_licence_that_a_court_set_is_a_comparable_at_the_court_s_rate(judgment: int, shown: float) -> None:
    m = pair()
    m.suit.judgment, m.suit.court_rate = judgment, 0.02
    as_written(licence.sign)(m, 9, 0.01, 0.0, 0.01, Outcome.NEGOTIATED, Stage.NONE)
    assert m.holder.comparables[0, Comparable.RATE] == shown


@pytest.mark.parametrize(("sales", "margin", "misread"), [
    (1.0, 1.0, 0), (2.0, 1.0, 1), (1.0, 2.0, 1), (0.5, 0.5, 1),
])  # fmt: skip
def test_a_holder_misreads_who_sells_or_earns_other_than_it_sees(
    sales: float, margin: float, misread: int
) -> None:
    m = pair()
    m.licence.sales_seen, m.licence.margin_seen, base = sales, margin, m.outlook.base_h
    as_written(information.misread)(m)
    assert (m.outlook.misread, m.outlook.base_h) == (misread, sales * base)


@pytest.mark.parametrize(("rate", "counts"), [(0.0, 0.0), (0.01, 1.0)])
def test_a_licence_for_nothing_is_no_rate_to_go_by(rate: float, counts: float) -> None:
    m = pair()
    as_written(licence.count_rate)(m, rate, rate)
    assert m.holder.signed_n == counts
    assert math.isfinite(m.holder.signed_log)


@pytest.mark.parametrize("given", [0.0, 0.002])
def test_what_is_licensed_in_return_raises_what_an_implementer_would_sign(given: float) -> None:
    m = pair()
    rho, m.negotiation.frand = 0.01, 0.01
    alone = as_written(shadow.limits)(m, 0, rho, rho, 0.0, 0.0)
    m.licence.cross = given
    w_h, loss, r_h, r_i = as_written(shadow.limits)(m, 0, rho, rho, 0.0, 0.0)
    base_h, base_i, chance = m.outlook.base_h, m.outlook.base_i, as_written(relation.chance_of_suit)(m)
    assert r_i - alone[3] == pytest.approx(given + chance * (loss - alone[1]) / base_i)
    assert r_h - alone[2] == pytest.approx(given + (w_h - alone[0]) / base_h)


@pytest.mark.parametrize(("margin", "lost", "sold"), [(0.2, 4.0, 80.0), (0.2, 0.0, 100.0), (0.0, 0.0, 100.0)])
def test_sales_under_the_standard_end_where_the_implementer_leaves_it(
    margin: float, lost: float, sold: float
) -> None:
    rules, state = populated(scenario(regime()))
    imp, row = state.implementers[0], np.zeros(1, dtype=OUTCOME)[0]
    imp.base_value, imp.outside_value, imp.margin, imp.exit_loss = 100.0, 0.0, margin, lost
    as_written(adoption.write_part)(rules.market[0], state.negotiations[0], imp, row)
    assert (row.sales_market, row.sales_adopted) == (100.0, sold)


@pytest.mark.parametrize(("barrier", "takes_it_up"), [(0.999, 0), (1.0, 1), (1.001, 1)])
def test_who_is_indifferent_at_frand_rates_would_take_the_standard_up(
    barrier: float, takes_it_up: int
) -> None:
    rules, state, _ = opened(with_barriers(ideal({}), 0.5))
    imp = state.implementers[0]
    due = imp.frand_stack + as_written(adoption.unsimulated)(rules.market[0], imp)
    rules.implementer_groups[imp.group].barrier = barrier * due
    as_written(adoption.place)(rules, state, 1, 0)
    assert imp.benchmark == takes_it_up


def test_a_rate_on_no_sales_is_no_rate_of_any_region() -> None:
    rules, state = populated(scenario(regime()))
    imp, group = state.implementers[0], rules.holder_groups[0]
    imp.weights[:] = 0.0
    row = np.zeros(1, dtype=OUTCOME)[0]
    row.rate = 0.01
    as_written(regions.write_regions)(rules.market[0], rules.forums[0], group, imp, False, row)
    assert math.isnan(row.rate_region_one)
    assert math.isnan(row.rate_region_two)


@pytest.mark.parametrize(("rate", "region", "withheld", "seen"), [
    (0.01, 0.5, 0.0, True), (0.01, 0.0, 0.0, False), (0.0, 0.5, 0.0, False), (0.01, 0.5, 1.0, False),
])  # fmt: skip
def test_others_see_the_rate_of_a_licence_that_has_one_and_is_shown(
    rate: float, region: float, withheld: float, seen: bool
) -> None:
    m = pair()
    m.holder.n_comparables, m.implementer.region = 1, 1.0
    m.holder.comparables[0, [Comparable.RATE, Comparable.REGION, Comparable.WITHHELD]] = (
        rate,
        region,
        withheld,
    )
    assert as_written(adoption.seen_rate)(m.holder, m.implementer) == pytest.approx(0.02 if seen else 0.0)


@pytest.mark.parametrize(("late", "counted"), [(-1, 1), (0, 1), (1, 0)])
def test_a_pair_counts_that_has_the_least_time_left_at_first_contact(late: int, counted: int) -> None:
    rules, state = populated(scenario(regime(), numbers={"timing.least_left": 12.0}))
    state.negotiations[0].contact = int(rules.market[0].horizon) - 12 + late
    rows = np.zeros(1, dtype=OUTCOME)
    finish(rules, state, 0, 1, 0, rows, 0)
    assert rows[0]["counted"] == counted


@pytest.mark.parametrize("shown", [Disclosure.COMPARABLES, Disclosure.PRECEDENTS, Disclosure.CLAIM_CHARTS])
def test_documents_cost_what_they_cost_discounted_to_month_0(shown: Disclosure) -> None:
    m = pair(costs__comparables=3.0, costs__claim_chart=3.0)
    before = m.negotiation.cost_h
    as_written(protocol.disclose)(m, 1 << shown, Party.HOLDER, 0.5)
    assert m.negotiation.cost_h - before == pytest.approx(1.5)


@pytest.mark.parametrize(("running", "clause", "status", "holds"), [
    (0.01, 1, Status.LICENSED, True), (0.0, 1, Status.LICENSED, False),
    (0.01, 0, Status.LICENSED, False), (0.01, 1, Status.TALKS, False),
])  # fmt: skip
def test_the_clause_holds_for_a_running_royalty_of_a_licence_in_force(
    running: float, clause: int, status: Status, holds: bool
) -> None:
    _, state = populated(scenario(regime()))
    negotiation = state.negotiations[0]
    negotiation.running, negotiation.status, state.licences[0].most_favoured = running, status, clause
    assert as_written(terms.holds_clause)(state, 0) == holds


def test_a_holder_reckons_an_appeal_with_sales_as_it_sees_them() -> None:
    """Had it the true figures, the same judgment would be worth as much less as it overrates sales."""
    m = pair(court__appeal__reversal=0.3)
    m.outlook.margin = m.outlook.gain = m.outlook.accrued = m.outlook.plain = 0.0
    m.suit.judgment, m.suit.court_rate, m.negotiation.status = RATE_SET, 0.01, Status.WINDOW
    m.outlook.future_h, m.outlook.future_i = 50.0, 50.0
    prospect = Prospect(past=20.0, uplift=1.0, damages=0.0, injunction=0.0, rate=1.0)
    true = as_written(shadow.award_as_read)(m, prospect, 0.0, 0.0)
    m.outlook.misread, m.licence.sales_seen, m.licence.margin_seen = 1, 2.0, 1.0
    assert as_written(shadow.award_as_read)(m, prospect, 0.0, 0.0) == pytest.approx(2.0 * true)


@pytest.mark.parametrize(
    ("handed_over", "rounds", "told"), [(0, 0, False), (1, 0, True), (0, 1, True), (0, 2, True)]
)
def test_a_fact_is_told_by_its_document_or_by_the_first_evidence_heard(
    handed_over: int, rounds: int, told: bool
) -> None:
    m = pair()
    document = 1 << Disclosure.TRANSFER_STATUS
    m.negotiation.disclosures, m.negotiation.acts_court = handed_over * document, rounds
    assert as_written(information.is_told)(m, document) == told


@pytest.mark.parametrize(("given", "alike"), [(0.4, True), (0.0, False)])
def test_licences_are_alike_in_which_something_is_given_in_return(given: float, alike: bool) -> None:
    m = pair()
    table = np.zeros((1, len(Comparable)))
    table[0, Comparable.KIND], table[0, Comparable.MARGIN] = m.holder.kind, m.implementer.margin
    table[0, Comparable.RETURN], m.licence.cross = 1.0, given
    assert (as_written(comparables.like_parties)(m, table, 0) == 1.0) == alike


def test_a_rate_above_what_the_implementer_would_sign_is_sold_at_that() -> None:
    m = pair()
    m.negotiation.r_h, m.negotiation.r_i = 0.01, 0.02
    highest = as_written(licence.one_sum)(m, 0, 0.02, 0.0)
    assert as_written(licence.one_sum)(m, 0, 0.05, 0.0) == highest > 0.0


def test_a_sum_between_equal_limits_is_in_the_middle_of_what_it_is_worth_to_both() -> None:
    m = pair(implementers__discount=0.3)
    m.negotiation.r_h, m.negotiation.r_i = 0.02, 0.02 + 1e-12
    ends = [as_written(licence.one_sum)(m, 0, rate, 0.0) for rate in (m.negotiation.r_h, m.negotiation.r_i)]
    m.negotiation.r_i = 0.02
    assert as_written(licence.one_sum)(m, 0, 0.02, 0.0) == pytest.approx(sum(ends) / 2)
    assert ends[0] > 1.01 * ends[1]


@pytest.mark.parametrize(("share", "covers"), [(1.0, 1), (0.0, 0)])
def test_licences_cover_what_comes_later_where_it_is_drawn(share: float, covers: int) -> None:
    rules = build(scenario(regime()))
    rules.market[0].arrives_later, rules.market[0].later_generations = 1, share
    assert peopled(rules).licences[0].covers_later == covers


def test_a_generation_that_comes_in_the_second_month_is_no_part_of_the_first() -> None:
    shares = []
    for arrives in (1.0, 12.0):
        rules = build(scenario(regime()))
        mkt = rules.market[0]
        mkt.multimode, mkt.n_generations, mkt.generations[:2], mkt.arrives[1] = 1, 2, 0.5, arrives
        rules.holder_groups[0].in_generation[:2] = 1.0
        shares.append(float(peopled(rules).holders[0].share))
    assert shares[0] == shares[1] > 0.0
