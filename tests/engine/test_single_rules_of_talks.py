"""Rules that mutants slipped by, one at a time: each gives what its sentence says."""

from __future__ import annotations

import math
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from simulator.compiled import as_written
from simulator.engine import (
    adoption,
    bases,
    comparables,
    court,
    information,
    interim,
    ledger,
    month,
    offers,
    protocol,
    rate_setting,
    regions,
    relation,
    remedies,
    renewal,
    run,
    shadow,
    steps,
    suits,
    tabling,
)
from simulator.engine.build import build, new_state
from simulator.engine.market import Rules
from simulator.engine.outcomes import OUTCOME
from simulator.engine.prospect import RATE_SET, Prospect
from simulator.engine.remedies import adaptive, both
from simulator.engine.run import finish, populate
from simulator.engine.state import State, matter
from simulator.rules.bargain import reciprocation
from simulator.spec.regime import Breach
from simulator.spec.scenario import Scenario
from simulator.trace.follow import trace
from simulator.vocabulary import (
    Act,
    Consequence,
    CourtMode,
    Fault,
    Party,
    RateMethod,
    Status,
    Tactic,
)
from tests.engine.test_adoption import ideal, opened, two_holders, with_barriers
from tests.engine.test_licence_terms import HORIZON, of_two
from tests.engine.test_rate_methods import matter_of
from tests.engine.test_single_rules import pair
from tests.play import behind, film, regime, scenario, step, strategy

FOREIGN = 1 << Fault.KEEPS_FOREIGN_SUITS


def peopled(rules: Rules) -> State:
    """A market's first replication before month 0."""
    state, blank = new_state(rules)
    populate(rules, state, blank, 1, 0)
    return state


def populated(one: Scenario) -> tuple[Rules, State]:
    """The rules of a market, and its first replication before month 0."""
    rules = build(one)
    return rules, peopled(rules)


@pytest.mark.parametrize(("ask", "bid", "ends"), [(2, 3, 1), (2, -1, 0), (-1, 3, 0), (-1, -1, 0)])
def test_talks_break_down_only_once_both_have_offered(ask: int, bid: int, ends: int) -> None:
    m = pair(bargaining__breakdown=1.0)
    m.negotiation.first_ask_month, m.negotiation.first_bid_month = ask, bid
    assert as_written(month.breaks_down)(m, 5) == ends


@pytest.mark.parametrize(
    ("waits_for", "since", "waits"), [(0.5, 3, True), (0.5, 12, False), (0.0, 3, False), (0.0, 12, False)]
)
def test_a_colluder_waits_for_its_peers_within_its_window(waits_for: float, since: int, waits: bool) -> None:
    m = pair()
    m.implementer_strategy.waits_for_peers, m.implementer_strategy.window = waits_for, 12
    m.market.n_implementers, m.holder.licensed_at_start = 9, 3
    assert as_written(steps.colluding)(m, m.negotiation.contact + since) == waits
    m.holder.licensed_at_start = 4  # half of its eight peers are licensed
    assert not as_written(steps.colluding)(m, m.negotiation.contact + since)


def test_a_case_in_the_queue_waits_for_its_turn_and_for_the_first_instance() -> None:
    m = pair()
    m.negotiation.status, m.suit.wait = Status.QUEUED, 4
    m.forum.remaining[0, 0], m.forum.remaining[1, 0], m.forum.appeal = 17, 8, 0
    assert as_written(shadow.months_to_judgment)(m, 0, 0) == 4 + 17


@pytest.mark.parametrize(("recognised", "files", "ordered"), [
    (FOREIGN, 1, True), (0, 1, False), (FOREIGN, 0, False), (FOREIGN | 1, 1, True), (1, 1, False),
])  # fmt: skip
def test_suits_abroad_are_a_ground_where_the_law_knows_them(
    recognised: int, files: int, ordered: bool
) -> None:
    """Payments can be ordered by the suit a holder that threatens would file, if its law calls it a fault."""
    m = pair()
    m.forum.interim_ground, m.forum.recognised = FOREIGN, recognised
    m.holder_strategy.threatens, m.negotiation.status = files, Status.TALKS
    m.protocol.undertakings, m.negotiation.done = 1, 1
    assert as_written(interim.has_ground)(m) == ordered


def test_a_new_trial_errs_as_the_court_does_unless_it_says_otherwise() -> None:
    for stated, error in (({}, 0.3), ({"court.appeal.retrial_error": 0.5}, 0.5)):
        m = matter_of(RateMethod.TOP_DOWN_ESSENTIAL, {"court.rate.error": 0.3, **stated})
        assert m.forum.retrial_error == error


def test_who_has_nothing_in_the_standard_leaves_no_comparable_to_others() -> None:
    m = matter_of(RateMethod.COMPARABLES, {"holders.share": 0.1}, licensors="all")
    m.holder.share = 0.0
    as_written(comparables.leave)(m, 0, 0.01, False)
    assert (m.holder.n_comparables, m.outlook.n_licences) == (1, 0)


@pytest.mark.parametrize("since", [-1, 0, 3])
def test_an_offer_of_the_first_month_is_one(since: int) -> None:
    """``first_ask`` and ``first_bid`` are nan only where nothing ever was asked, or offered."""
    rules, state = populated(scenario(regime()))
    negotiation = state.negotiations[0]
    negotiation.first_ask_month = negotiation.first_bid_month = since
    negotiation.first_ask, negotiation.first_bid = 0.02, 0.01
    rows = np.zeros(1, dtype=OUTCOME)
    finish(rules, state, 0, 1, 0, rows, 0)
    expected = (0.02, 0.01) if since >= 0 else (math.nan, math.nan)
    assert (rows[0]["first_ask"], rows[0]["first_bid"]) == pytest.approx(expected, nan_ok=True)


@pytest.mark.parametrize("breaches", ["holder", "implementer"])
def test_either_side_s_breach_entitles_from_the_month_it_happened(breaches: str) -> None:
    opens = Breach(consequence=Consequence.OPENS_COURT, go="next")
    side = Party.HOLDER if breaches == "holder" else Party.IMPLEMENTER
    law = behind(regime(CourtMode.DIRECT), first=step(Act.DISCLOSE, side, 2, if_missed=opens))
    parties: dict[str, Any] = {
        name: strategy(f"{name}_good_faith", conduct={"refuses": (Act.DISCLOSE,)})
        for name in ("holder", "implementer")
    }
    shown = film(scenario(law, **parties)).resolved
    other = "implementer_entitled" if breaches == "holder" else "holder_entitled"
    since = int(shown[other][:, 0].argmax())
    assert shown[other][since, 0] == 1
    assert shown["entitled_since"][since, 0] == shown["entitled_since"][-1, 0] == since


@pytest.mark.parametrize("since", [-1, 0, 3])
def test_the_month_in_which_a_court_was_opened_stays(since: int) -> None:
    m = pair()
    m.negotiation.status, m.negotiation.holder_entitled, m.negotiation.entitled_since = Status.TALKS, 1, since
    m.moves.ask = m.moves.bid = math.nan
    as_written(month.resolve_talks)(m, 5, 1.0)
    assert m.negotiation.entitled_since == (since if since >= 0 else 5)


@pytest.mark.parametrize(("refuses", "rounds"), [((), 1), (("holder",), 0), (("implementer",), 0)])
def test_a_conciliator_informs_once_both_are_there(refuses: tuple[str, ...], rounds: int) -> None:
    law = behind(regime(), adr=step(Act.CONCILIATE, Party.BOTH, 2, if_missed=Breach(go="next")))
    parties: dict[str, Any] = {
        name: strategy(
            f"{name}_good_faith", conduct={"refuses": (Act.CONCILIATE,) if name in refuses else ()}
        )
        for name in ("holder", "implementer")
    }
    shown = film(scenario(law, **parties)).resolved["acts_court"][:, 0]
    assert shown.max() == rounds


def test_a_trace_tells_what_is_had_outside_of_whom_has_something_there() -> None:
    """A holder that has nothing to gain by keeping out weighs nothing."""
    study = two_holders(0.5)
    first, second = (trace(study, study.regimes[0].regime, negotiation=k).timelines[0] for k in range(2))
    assert math.isnan(first.course.sight["outside"][0])
    assert second.course.sight["outside"][0] > 0.0


@pytest.mark.parametrize(("covered", "renews"), [(1.0, 0), (0.5, 1), (0.0, 1)])
def test_licences_end_with_a_generation_only_where_some_do_not_cover_it(covered: float, renews: int) -> None:
    one = of_two(scenario(regime(), numbers=HORIZON | {"licences.later_generations": covered}), 3)
    assert build(one).market[0].arrives_later == renews


def test_a_false_finding_weighs_one_on_either_side() -> None:
    m = pair(court__faults__false_findings=1.0)
    m.forum.binding, m.forum.recognised = 1, 1
    assert as_written(ledger.find)(m.forum, m.negotiation, m.chance, 0) == (1.0, 1.0)
    m.forum.false_findings = 0.0
    assert as_written(ledger.find)(m.forum, m.negotiation, m.chance, 0) == (0.0, 0.0)


@pytest.mark.parametrize(
    ("method", "words", "plain"),
    [
        (RateMethod.TOP_DOWN_ESSENTIAL, {}, 1),
        (RateMethod.POOL, {}, 0),
        (RateMethod.HYPOTHETICAL, {}, 1),
        (RateMethod.HYPOTHETICAL, {"range": "within"}, 0),
    ],
)
def test_pools_that_post_less_are_foreseen_where_a_method_looks_at_them(
    method: RateMethod, words: dict[str, Any], plain: int
) -> None:
    """Where pools post less than is due, a court that goes by them finds less, and both sides know."""
    m = matter_of(method, {"holders.share": 0.1, "standard.pool_rate": 0.5}, **words)
    assert m.forum.plain == plain


def test_a_licence_that_ends_is_one_less() -> None:
    rules, state = populated(scenario(regime()))
    hold, imp = state.holders[0], state.implementers[0]
    hold.n_licensed, imp.n_licensed, imp.unsigned_share = 3, 2, 0.25
    as_written(renewal.lapse)(rules, state, 0, 0, 5)
    assert (hold.n_licensed, imp.n_licensed, imp.unsigned_share) == (2, 1, 0.25 + hold.share)


def test_a_replication_begins_without_the_sales_of_the_one_before() -> None:
    rules = build(scenario(regime()))
    state, blank = new_state(rules)
    state.sales[0, 0].before[:] = 7.0
    state.implementers[0].to_date[:] = 7.0
    state.implementers[0].by_year[:] = 7.0
    rules.market[0].drifts = 1
    populate(rules, state, blank, 1, 0)
    assert not state.sales[0, 0].before.any()
    assert not state.implementers[0].to_date.any()
    assert not state.implementers[0].by_year.any()


def test_who_sells_nowhere_weighs_as_an_even_portfolio_does() -> None:
    rules, state = populated(scenario(regime(), numbers={"implementers.region_two_share": 0.4}))
    imp, group = state.implementers[0], rules.holder_groups[0]
    group.strength[:] = (2.0, 1.0, 1.0)[: len(group.strength)]
    weights, factors = imp.weights, rules.market[0].factors
    expected = (weights * factors * group.strength).sum() / (weights * factors).sum()
    assert as_written(regions.weight_of_regions)(rules.market[0], group, imp) == pytest.approx(expected)
    imp.weights[:] = 0.0
    assert as_written(regions.weight_of_regions)(rules.market[0], group, imp) == 1.0


def test_licences_are_alike_that_run_as_long_from_the_day_they_are_compared() -> None:
    m = matter_of(RateMethod.COMPARABLES, {"holders.share": 0.1})
    row = m.holder.comparables[0]
    row[comparables.FAVOURED] = m.licence.most_favoured
    for left, likeness in ((m.market.horizon - 24, 1.0), ((m.market.horizon - 24) / 4, 0.25)):
        row[comparables.TERM] = left
        assert as_written(comparables.like_terms)(m, 24, m.holder.comparables, 0) == pytest.approx(likeness)


def test_what_competitors_ask_leaves_the_holder_s_own_ask_out() -> None:
    m = pair()
    m.forum.competitors_needed = 1
    share = m.holder.share
    m.negotiation.last_ask = 5.0 * share  # others ask two and eight times their share
    m.implementer.asked, m.implementer.asked_n = math.log(5.0) + math.log(2.0) + math.log(8.0), 3.0
    assert as_written(tabling.usual_ask)(m) == pytest.approx(4.0 * share)
    m.negotiation.last_ask = 0.0
    assert as_written(tabling.usual_ask)(m) == pytest.approx(80.0 ** (1 / 3) * share)


def test_what_a_job_comes_to_counts_every_loss_of_the_implementer() -> None:
    rules = build(scenario(regime()))
    row = SimpleNamespace(
        paid=8.0, cost_holder=1.0, cost_implementer=2.0, escrow_cost=0.5, margin_lost=4.0, frand_rate=0.02,
        margin_benchmark=3.0,
    )  # fmt: skip
    money = np.zeros(3)
    as_written(run.book_money)(rules, row, money)
    assert money == pytest.approx([7.0, -14.5, 0.02 * 3.0 / rules.implementer_groups[0].margin])


def test_a_holder_that_is_indifferent_joins() -> None:
    rules, state, _ = opened(two_holders(0.5))
    state.holders[1].outside = state.holders[1].inside
    as_written(adoption.join)(rules, state, 0)
    assert state.holders[1].inside == state.holders[1].outside
    assert state.holders[1].out == 0


@pytest.mark.parametrize(
    ("actor", "did", "counted"),
    [(Party.IMPLEMENTER, 0, 1), (Party.IMPLEMENTER, 1, 0), (Party.BOTH, 0, 1), (Party.EITHER, 0, 0)],
)
def test_deadlines_that_are_an_implementer_s_to_keep_count_as_its_delays(
    actor: Party, did: int, counted: int
) -> None:
    law = behind(regime(CourtMode.DIRECT), first=step(Act.DISCLOSE, actor, 2, if_missed=Breach(go="next")))
    rules, state = populated(scenario(law))
    m = as_written(matter)(rules, state, 0, 0, 1, 0)
    m.negotiation.implementer_did = did
    as_written(protocol.miss)(m.forum, m.step, m.negotiation, 3)
    assert m.negotiation.misses_i == counted


@pytest.mark.parametrize("side", [Party.HOLDER, Party.IMPLEMENTER])
def test_each_side_discounts_what_judgment_brings_at_its_own_rate(side: Party) -> None:
    m = pair(holders__discount=0.1, implementers__discount=0.3)
    prospect = Prospect(past=1.0, uplift=1.0, damages=0.0, injunction=0.0, rate=1.0)
    rho, number = m.negotiation.frand, int(side == Party.IMPLEMENTER)
    rate = (0.1, 0.3)[number]
    worth = as_written(shadow.judgment_today)(m, prospect, rho, number)
    at_judgment = as_written(shadow.award)(m, prospect, rho, number)
    assert worth == pytest.approx(at_judgment * (1.0 + rate) ** (-m.outlook.months / 12), rel=1e-9)


@pytest.mark.parametrize(("dear", "takes"), [(0.99, True), (1.01, False)])
def test_an_implementer_takes_the_court_s_licence_if_leaving_costs_more(dear: float, takes: bool) -> None:
    """Out of half the market it loses its margin there, and pays the court's rate on the rest."""
    m = pair(court__scope__forum_share=0.5, court__scope__collectable_remainder=1.0)
    m.negotiation.status, m.suit.court_rate = Status.COURT, 0.01
    as_written(both.takes_licence)(m, 0, 0.0, 0.0)
    m.suit.court_rate = dear * m.outlook.pay / m.outlook.future_i
    assert as_written(both.takes_licence)(m, 0, m.suit.court_rate, 0.0) == takes


@pytest.mark.parametrize(("caps", "misread", "base"), [(1, 1, 3.0), (1, 0, 5.0), (0, 1, 5.0), (0, 0, 5.0)])
def test_an_implementer_knows_what_a_cap_leaves_where_sales_are_misread(
    caps: int, misread: int, base: float
) -> None:
    m = pair()
    m.market.caps, m.outlook.misread, m.outlook.paid_on, m.outlook.base_i = caps, misread, 3.0, 5.0
    assert as_written(information.own_base)(m) == base


@pytest.mark.parametrize(("stands", "until"), [(-1, 10), (0, 0), (7, 7)])
def test_a_threat_sets_a_date_where_none_is_set(stands: int, until: int) -> None:
    m = pair()
    m.licence.threat_until, m.holder_strategy.threat_grace = stands, 6
    as_written(relation.threaten)(m, 4)
    assert m.licence.threat_until == until


@pytest.mark.parametrize(("short", "booked"), [(0.0, False), (1e-9, True)])
def test_what_lies_in_the_frand_range_is_a_proposal(short: float, booked: bool) -> None:
    m = pair()
    m.forum.recognised = 1 << court.NO_PROPOSAL
    m.suit.arbitration, m.negotiation.status, m.negotiation.estimate = 0, Status.COURT, 1.0
    m.negotiation.r_i = as_written(rate_setting.frand_range)(m)[0] - short
    as_written(court.propose)(m)
    assert (m.negotiation.faults != 0) == booked


@pytest.mark.parametrize(
    ("holder", "implementer", "sets"), [(2.0, 1.0, True), (1.0, 1.0, True), (1.0, 2.0, False)]
)
def test_an_adaptive_court_sets_a_rate_unless_the_implementer_s_faults_weigh_more(
    holder: float, implementer: float, sets: bool
) -> None:
    m = pair()
    as_written(adaptive.judgment)(m, holder, implementer, 0)
    assert (m.suit.judgment == RATE_SET) == sets


@pytest.mark.parametrize(("spread", "private"), [({}, 0), ({"information.sales": 0.2}, 1)])
def test_nothing_is_private_where_nobody_errs(spread: dict[str, float], private: int) -> None:
    assert build(scenario(regime(), numbers=spread)).market[0].private == private


def test_nothing_is_excluded_after_the_horizon() -> None:
    m = pair()
    as_written(bases.award_bases)(m, 0, m.market.horizon - 1, m.market.horizon, 0.05)
    assert m.outlook.excluded == 0.0
    as_written(bases.award_bases)(m, 0, 0, 12, 0.05)
    assert m.outlook.excluded > 0.0


@pytest.mark.parametrize(("side", "anchor", "sign"), [(Party.HOLDER, 1.2, 1), (Party.IMPLEMENTER, 0.8, -1)])
def test_an_opener_is_worth_the_price_its_path_meets_on_all_sales(
    side: Party, anchor: float, sign: int
) -> None:
    m = pair()
    rho = m.negotiation.frand
    value = as_written(offers.opener_value)(m, 0, side, rho, anchor, 0.0)
    assert 0.3 < sign * value / (m.outlook.base_h * rho) < 1.2, "about the FRAND rate on all sales"


@pytest.mark.parametrize(("since", "gone"), [(3, 0), (4, 1), (5, 1)])
def test_who_walks_does_so_when_its_months_are_over(since: int, gone: int) -> None:
    m = pair()
    m.holder_strategy.walks_after, m.implementer_strategy.walks_after = 4, 0
    m.negotiation.first_ask_month, m.negotiation.contact = -1, 0
    assert (as_written(suits.walk_away)(m, since) > 0) == gone


def test_a_reciprocal_bidder_answers_from_its_second_month_on() -> None:
    """It first concedes as by the clock, and from then on as much as the holder did."""
    m = pair()
    m.implementer_strategy.tactic, m.market.moderate_bid = Tactic.RECIPROCAL, 0.0
    m.negotiation.first_bid_month, m.negotiation.last_bid = 0, 0.4
    m.negotiation.ask_before, m.negotiation.older_ask, m.negotiation.last_ask = 1, 2.0, 1.0
    bid = as_written(offers.next_bid)(m, 3, 1.0, 1.0)
    assert bid == pytest.approx(reciprocation(0.4, 2.0, 1.0, 1.0))


def test_no_injunction_is_refused_where_none_is_weighed() -> None:
    prospect = Prospect(past=0.0, uplift=1.0, damages=0.0, injunction=0.4, rate=0.5)
    for mode, chance in ((CourtMode.DIRECT, 1.0), (CourtMode.INDIRECT, 0.4), (CourtMode.ADAPTIVE, 0.7)):
        m = pair()
        m.forum.remedy = mode
        assert as_written(remedies.chance_not_refused)(m, prospect) == pytest.approx(chance)


def test_who_takes_the_standard_up_sells_what_its_output_is() -> None:
    rules, state, _ = opened(with_barriers(ideal({}), 0.5))
    imp = state.implementers[0]
    imp.out, imp.barrier, imp.unit_sales, imp.output = 1, 1.0, 100.0, 0.5
    as_written(adoption.take_part)(rules, state, 0, 0)
    assert (imp.out, imp.adopted) == (0, 0)
    assert imp.sales == 50.0
