"""Rules of offers, of suit and of what follows it, one at a time, on records set by hand."""

from __future__ import annotations

import math

import pytest

from simulator.compiled import as_written
from simulator.engine import accounts, bases, court, ledger, licence, month, offers, renewal, shadow, terms
from simulator.engine.bases import past_due
from simulator.engine.prospect import RATE_SET, REFUSED, Prospect
from simulator.engine.regions import reach
from simulator.engine.remedies import arbitration, both, injunction, rate
from simulator.engine.state import Matter
from simulator.rules.remedy import loss_share
from simulator.vocabulary import EarlySuit, Fault, InjunctionCap, Outcome, Party, RateMethod, Status, Tactic
from tests.engine.test_rate_methods import at_start, matter_of
from tests.engine.test_single_rules import pair


@pytest.mark.parametrize(("refuser", "borne"), [(Party.HOLDER, (6.0, 2.0)), (Party.IMPLEMENTER, (2.0, 6.0))])
def test_who_refused_adr_is_expected_to_bear_the_other_side_s_costs(
    refuser: Party, borne: tuple[float, float]
) -> None:
    """As ``accounts.shift_costs`` then books it: a share of the other's cost, whoever wins."""
    m = pair(court__costs__loser_pays=0.3)
    m.forum.refuses_adr, m.outlook.cost = 0.5, 4.0
    refused = accounts.HOLDER_REFUSED if refuser == Party.HOLDER else accounts.IMPLEMENTER_REFUSED
    m.negotiation.faults = refused
    assert as_written(shadow.costs_to_come)(m) == pytest.approx(borne)
    m.negotiation.faults = accounts.HOLDER_REFUSED | accounts.IMPLEMENTER_REFUSED
    assert sum(as_written(shadow.costs_to_come)(m)) == pytest.approx(8.0)


def test_a_new_trial_delays_each_side_by_its_own_discount() -> None:
    """All judgments fall and are tried anew a year later: what is left is a year's discount apart."""
    m = pair(holders__discount=0.25, implementers__discount=0.6)
    rho, view, forum = m.negotiation.frand, m.outlook, m.forum
    view.future_i, view.later_i = view.future_h, view.later_h
    forum.appeal, forum.provisional, forum.reversal, forum.vacated, forum.remand_months = 1, 0, 1.0, 1.0, 12
    prospect = Prospect(rate=rho, injunction=0.0, uplift=1.0, past=3.0, damages=0.0)
    fresh = as_written(shadow.award)(m, prospect, rho, int(Party.HOLDER))
    m.suit.judgment = 1
    held, paid = (as_written(shadow.award)(m, prospect, rho, int(side)) for side in Party if side <= 1)
    assert (held, paid) == pytest.approx((fresh / 1.25, fresh / 1.6))
    assert fresh > 0.0


@pytest.mark.parametrize("apportion", [0, 1])
def test_the_past_of_who_walks_away_is_shared_by_fault_where_the_law_shares_it(apportion: int) -> None:
    m = pair(court__interest__court=0.2)
    forum, view, rho = m.forum, m.outlook, 0.01
    forum.apportion, forum.recognised, forum.detected_h, forum.detected_i = apportion, 1, 1.0, 1.0
    view.plain, view.accrued, view.owned = 50.0, 80.0, 1.0

    def owed(mine: float, yours: float) -> float:
        """What is owed for the past, over the worth of the technology alone."""
        walk = as_written(shadow.walking_away)
        return float(walk(m, rho, 1.0, mine, yours) - walk(m, rho, 0.0, mine, yours))

    for mine, yours in ((2.0, 0.5), (0.5, 2.0)):
        faults = (mine + forum.false_findings, yours + forum.false_findings)
        share = loss_share(*faults) if apportion else 0.5
        assert owed(mine, yours) == pytest.approx(
            view.patience_i * rho * past_due(forum, view, share), rel=1e-9
        )


@pytest.mark.parametrize("lump", [0, 1])
def test_sales_stay_misread_under_a_lump_sum_alone(lump: int) -> None:
    """Royalties are paid on counted sales: who was paid by the piece knows them when the licence ends."""
    rules, state = at_start(RateMethod.TOP_DOWN_ESSENTIAL, {})
    licence = state.licences[0]
    licence.lump, licence.sales_seen, licence.episode = lump, 1.5, 1
    state.negotiations[0].status = Status.LICENSED
    as_written(renewal.lapse)(rules, state, 0, 0, 7)
    assert licence.sales_seen == (1.5 if lump else 1.0)
    assert licence.episode == 2


def test_a_lost_suit_leaves_nobody_entitled_by_earlier_faults() -> None:
    m = pair()
    m.forum.bar_months = 9
    m.negotiation.holder_entitled = m.negotiation.implementer_entitled = m.negotiation.broken = 1
    m.negotiation.entitled_since, m.suit.judgment, m.suit.second = 2, 1, 1
    as_written(court.back_to_talks)(m, 4)
    left = m.negotiation
    assert (left.holder_entitled, left.implementer_entitled, left.broken, left.entitled_since) == (
        0,
        0,
        0,
        -1,
    )
    assert (m.suit.bar_until, m.suit.second, m.suit.filed_month) == (13, 0, -1)
    assert m.suit.filer == -1  # nobody's suit is pending


def test_contributions_of_all_holders_and_of_the_rest_are_one() -> None:
    """Where nothing is drawn apart, a tenth of the families has made a tenth of the contributions."""
    m: Matter = matter_of(RateMethod.TOP_DOWN_ESSENTIAL, {"holders.share": 0.1})
    assert m.holder.contributed_share == pytest.approx(0.1)
    assert m.holder.count_share == pytest.approx(0.1)


@pytest.mark.parametrize(("error", "ask", "bid", "wins"), [
    (0.0, 1.2, 0.7, 1.2), (0.0, 1.6, 0.8, 0.8), (0.0, 1.3, 0.0, 1.0), (0.0, 0.0, 0.8, 1.0),
])  # fmt: skip
def test_a_final_offer_tribunal_takes_the_offer_nearer_in_logs(
    error: float, ask: float, bid: float, wins: float
) -> None:
    """Its own estimate, here the true rate, where either side has made no offer."""
    m = pair()
    m.forum.baseball, m.forum.arbitration_error = 1, error
    m.negotiation.last_ask, m.negotiation.last_bid = ask * m.negotiation.frand, bid * m.negotiation.frand
    as_written(arbitration.effect)(m, 3)
    assert m.suit.court_rate == pytest.approx(wins * m.negotiation.frand)
    assert m.negotiation.status == Status.LICENSED


@pytest.mark.parametrize("months", [1, 5])
def test_who_answers_in_kind_concedes_one_step_until_it_has_seen_one(months: int) -> None:
    """With no move of the other side to answer, the second offer stands however long it takes."""
    m = pair()
    m.holder_strategy.tactic = m.implementer_strategy.tactic = Tactic.RECIPROCAL
    m.holder_strategy.window = m.implementer_strategy.window = 12
    m.holder_strategy.path[:3] = m.implementer_strategy.path[:3] = (0.0, 0.1, 0.3)
    m.negotiation.first_ask_month = m.negotiation.first_bid_month = 2
    m.negotiation.extreme_h = m.negotiation.extreme_i = 1
    m.holder_strategy.anchor, m.implementer_strategy.anchor = 2.0, 0.5
    rho = 0.01
    ask = as_written(offers.next_ask)(m, 2 + months, rho, 0.008)
    bid = as_written(offers.next_bid)(m, 2 + months, rho, 0.009)
    assert (ask, bid) == pytest.approx((0.02 - 0.1 * 0.012, 0.005 + 0.1 * 0.004))


@pytest.mark.parametrize(("vacated", "anew"), [(0.0, False), (1e-9, False), (1.0, True)])
def test_a_judgment_that_falls_is_tried_anew_as_often_as_it_is_vacated(vacated: float, anew: bool) -> None:
    m = pair(court__durations__first_instance=6.0)
    m.forum.reversal, m.forum.vacated, m.forum.remand_months = 1.0, vacated, 9
    m.negotiation.status, m.suit.judgment, m.suit.court_rate = Status.APPEAL, 1, 0.01
    as_written(court.second_instance)(m, 4)
    assert (m.suit.remanded == 1) == anew
    if anew:
        assert (m.negotiation.status, m.suit.decision_month) == (Status.COURT, 13)


@pytest.mark.parametrize("binding", [0, 1])
def test_a_court_finds_faults_where_the_law_binds(binding: int) -> None:
    m = pair(court__faults__detected=1.0, court__faults__false_findings=0.0)
    mine, yours = int(Fault.THREATENS), int(Fault.DELAYS)
    m.forum.recognised, m.forum.binding = 1 << mine | 1 << yours, binding
    m.forum.weight[mine], m.forum.weight[yours] = 2.0, 3.0
    m.negotiation.faults = 1 << mine | 1 << yours
    assert as_written(ledger.find)(m.forum, m.negotiation, m.chance, 0) == (2.0 * binding, 3.0 * binding)


@pytest.mark.parametrize(("from_notice", "since"), [(0, 1), (1, 5)])
def test_past_use_counts_from_the_notice_where_the_law_says_so(from_notice: int, since: int) -> None:
    m = pair()
    m.forum.from_notice, m.forum.limitation = from_notice, 600
    m.negotiation.first_use, m.negotiation.contact = 1, 5
    assert as_written(bases.recoverable_since)(m, 20, 20) == since


@pytest.mark.parametrize(("holder", "implementer"), [(1.0, 0.0), (0.0, 1.0)])
def test_a_court_finds_faults_of_the_side_it_attends_to(holder: float, implementer: float) -> None:
    m = pair(court__faults__false_findings=0.0)
    m.forum.recognised, m.forum.binding = 1 << Fault.THREATENS | 1 << Fault.DELAYS, 1
    m.forum.detected_h, m.forum.detected_i = holder, implementer
    m.forum.weight[:] = 1.0
    m.negotiation.faults = m.forum.recognised
    assert as_written(ledger.find)(m.forum, m.negotiation, m.chance, 0) == (holder, implementer)


@pytest.mark.parametrize(("filed", "since"), [(-1, 14), (0, 0), (10, 4)])
def test_past_use_counts_back_from_the_suit_once_it_is_filed(filed: int, since: int) -> None:
    m = pair()
    m.forum.from_notice, m.forum.limitation, m.suit.filed_month = 0, 6, filed
    m.negotiation.first_use = 0
    assert as_written(bases.recoverable_since)(m, 20, 20) == since


@pytest.mark.parametrize(("agreed", "pays"), [(0.9, 0.9), (0.4, 0.4), (1.0, 1.0), (1.3, 1.0)])
def test_the_clause_follows_what_others_agree_down_and_never_up(agreed: float, pays: float) -> None:
    rules, state = at_start(RateMethod.TOP_DOWN_ESSENTIAL, {})
    negotiation, licence = state.negotiations[0], state.licences[0]
    negotiation.status, negotiation.running, licence.most_favoured = Status.LICENSED, 0.01, 1
    region = state.implementers[negotiation.implementer].region * licence.region
    state.holders[negotiation.holder].lowest = agreed * 0.01 / region
    as_written(terms.favour)(rules, state)
    assert negotiation.running == pytest.approx(pays * 0.01)
    assert licence.favoured == (pays < 1.0)


def suing(fault: Fault, **numbers: float) -> Matter:
    """A pair before a court that recognises one fault alone."""
    m = pair(**numbers)
    m.forum.recognised, m.forum.weight[fault] = 1 << fault, 1.0
    return m


@pytest.mark.parametrize(("early", "noticed", "opened", "premature"), [
    (EarlySuit.FREE, False, True, True), (EarlySuit.FREE, True, False, False),
    (EarlySuit.FAULT, False, True, True), (EarlySuit.FAULT, True, False, True),
    (EarlySuit.FAULT, True, True, False),
])  # fmt: skip
def test_a_suit_without_the_notice_the_law_asks_for_is_premature_whatever_it_says_of_early_suits(
    early: EarlySuit, noticed: bool, opened: bool, premature: bool
) -> None:
    """*Huawei v ZTE*, para 61: who sues before it has given notice of the infringement is at fault.

    Notice and the step that opens the court are two conditions: to miss one of them is enough, and what a
    regime says of an early suit is about the second alone.
    """
    m = suing(Fault.SUES_WITHOUT_NOTICE)
    m.protocol.notices, m.protocol.suit_from, m.protocol.early = 0b1, 2, early
    m.negotiation.done, m.negotiation.step = int(noticed), 2 if opened else 1
    as_written(court.file_suit)(m, 3, True)
    assert m.negotiation.faults == (1 << Fault.SUES_WITHOUT_NOTICE if premature else 0)


@pytest.mark.parametrize(("bid", "breaks_off"), [(0.85, True), (0.79, False), (1.0, True), (0.0, False)])
def test_a_holder_that_sues_over_a_frand_bid_breaks_off_the_talks(bid: float, breaks_off: bool) -> None:
    """A bid in the range that the court finds FRAND, here a fifth either way, was there to be signed."""
    m = suing(Fault.BREAKS_OFF, court__faults__frand_half_range=0.2)
    m.negotiation.estimate = m.negotiation.frand
    m.negotiation.last_bid = bid * m.negotiation.frand
    as_written(court.file_suit)(m, 3, True)
    assert m.negotiation.faults == (1 << Fault.BREAKS_OFF if breaks_off else 0)


@pytest.mark.parametrize(("entitled", "excused", "barred"), [
    (0, 0b000, 0b101), (0, 0b001, 0b100), (0, 0b100, 0b001), (0, 0b010, 0), (1, 0b000, 0),
])  # fmt: skip
def test_who_sues_forgoes_the_injunction_for_the_duties_it_has_skipped(
    entitled: int, excused: int, barred: int
) -> None:
    """Duties neither done nor excused are missed by filing.

    Not by a holder whom the other side's breach has freed, nor where the step at which talks stand is
    excused: it may leave off there.
    """
    m = pair()
    m.protocol.offer_duties, m.negotiation.done, m.negotiation.step = 0b1101, 0b1000, 1
    m.negotiation.holder_entitled, m.negotiation.excused = entitled, excused
    as_written(court.file_suit)(m, 3, True)
    assert m.negotiation.barred == barred


@pytest.mark.parametrize("first", [0, 4])
def test_the_first_suit_of_a_pair_stays_the_first(first: int) -> None:
    """Who sued first, and when, is told of the pair whoever files again; the first month of all counts."""
    m = pair()
    as_written(court.file_suit)(m, first, True)
    as_written(court.file_suit)(m, first + 9, False)
    assert (m.suit.first_filing, m.suit.first_filer, m.suit.filings) == (first, Party.HOLDER, 2)
    assert (m.suit.filed_month, m.suit.filer) == (first + 9, Party.IMPLEMENTER)


def test_the_second_suit_for_money_costs_each_side_a_filing_in_that_court() -> None:
    """The market's cost of a filing, times the factor by which suits cost more before these courts."""
    m = pair(costs__filing=2.0)
    m.forum.litigation_factor, m.forum.money_after = 3.0, 18
    as_written(court.sue_for_money)(m, 0)
    assert (m.negotiation.cost_h, m.negotiation.cost_i, m.suit.cost_lit) == (6.0, 6.0, 12.0)
    assert (m.suit.second, m.suit.decision_month, m.negotiation.status) == (1, 18, Status.APPEAL)


@pytest.mark.parametrize(("mean", "months"), [(0.0, 0), (0.2, 1), (1.4, 1), (1.6, 2), (1e6, court.LONGEST)])
def test_an_instance_takes_whole_months_and_at_least_one_if_it_takes_time(mean: float, months: int) -> None:
    m = pair()
    assert as_written(court.duration)(m.chance, 1, mean, 0.0) == months


def test_durations_vary_about_the_mean_that_is_stated() -> None:
    """Log-normal: the mean is the regime's, the spread its coefficient of variation."""
    m = pair()
    drawn = [as_written(court.duration)(m.chance, instance, 40.0, 0.3) for instance in range(3000)]
    mean = sum(drawn) / len(drawn)
    sd = math.sqrt(sum((one - mean) ** 2 for one in drawn) / len(drawn))
    assert mean == pytest.approx(40.0, abs=3.0 * 12.0 / math.sqrt(len(drawn)))
    assert sd / mean == pytest.approx(0.3, abs=0.02)


def test_a_holder_pays_damages_in_proportion_to_the_fault_found() -> None:
    """Where the law gives them: so much for each unit of fault, when the judgment takes effect."""
    paid = []
    for fault in (0.0, 0.5, 2.0):
        m = pair()
        m.forum.damages, m.suit.found_h, m.suit.judgment, m.suit.court_rate = 3.0, fault, RATE_SET, 0.01
        as_written(court.take_effect)(m, 0)
        paid.append(m.negotiation.paid)
    assert [paid[0] - amount for amount in paid] == pytest.approx([0.0, 1.5, 6.0])


@pytest.mark.parametrize(("set_at", "capped"), [(0.5, False), (0.999, False), (1.5, True), (40.0, True)])
def test_a_court_orders_no_more_than_an_aggregate_cap_leaves(set_at: float, capped: bool) -> None:
    """Where the law has a cap, what others already take of the burden bounds the judgment; else nothing."""
    m = pair()
    room = as_written(licence.cap_room)(m.holder, m.implementer)
    m.suit.court_rate = set_at * room
    m.forum.aggregate_cap = 1
    assert as_written(rate.ordered)(m) == pytest.approx(room if capped else set_at * room)
    m.forum.aggregate_cap = 0
    assert as_written(rate.ordered)(m) == pytest.approx(set_at * room)


@pytest.mark.parametrize(("cap", "offer", "at_most"), [
    (InjunctionCap.HOLDER_OFFER, 1.1, 1.1), (InjunctionCap.HOLDER_OFFER, 1.3, 1.3),
    (InjunctionCap.HOLDER_OFFER, 0.0, 1.2), (InjunctionCap.COURT_RATE, 1.1, 1.2),
    (InjunctionCap.NONE, 1.1, math.inf),
])  # fmt: skip
def test_a_licence_signed_under_an_injunction_is_capped_as_the_law_says(
    cap: InjunctionCap, offer: float, at_most: float
) -> None:
    """By the holder's FRAND offer that stands, or by the top of the FRAND range, here a fifth above the rate.

    Exclusion would cost far more than the licence: without a cap that is what the price comes near to.
    """
    m = pair(court__faults__frand_half_range=0.2)
    rho = m.negotiation.frand
    m.forum.cap, m.negotiation.frand_offer = cap, offer * rho
    value = as_written(injunction.licence_value)(m, rho, 60.0, 40.0, 50.0 * rho * 100.0)
    if math.isinf(at_most):
        assert value > 10.0 * rho * 100.0
    else:
        assert value == pytest.approx(at_most * rho * 100.0)


@pytest.mark.parametrize(("dear", "takes"), [(0.9, True), (2.0, False)])
def test_who_refused_the_court_s_licence_takes_it_once_it_is_the_better(dear: float, takes: bool) -> None:
    m = pair(court__scope__forum_share=0.5, court__scope__collectable_remainder=1.0)
    m.negotiation.status, m.suit.judgment, m.suit.court_rate = Status.EXCLUDED, REFUSED, 0.01
    as_written(both.takes_licence)(m, 0, 0.0, 0.0)
    m.suit.court_rate = dear * m.outlook.pay / m.outlook.future_i
    as_written(both.leave)(m, 0)
    assert (m.negotiation.status == Status.LICENSED) == takes


@pytest.mark.parametrize(("remanded", "months"), [(0, 2 + 9), (1, 2)])
def test_a_new_trial_s_judgment_binds_when_its_window_closes(remanded: int, months: int) -> None:
    m = pair()
    m.negotiation.status, m.suit.window_end, m.suit.remanded = Status.WINDOW, 5, remanded
    m.forum.appeal, m.forum.provisional, m.forum.appeal_months = 1, 0, 9
    assert as_written(shadow.months_to_judgment)(m, 3, 3) == months


@pytest.mark.parametrize("side", [Party.HOLDER, Party.IMPLEMENTER])
def test_who_refused_the_court_s_licence_loses_its_margin_too(side: Party) -> None:
    """The other side does not get it."""
    m = pair(implementers__discount=0.3)
    rho, view, number = m.negotiation.frand, m.outlook, int(side)
    m.suit.judgment, m.suit.court_rate, view.enjoin_month = REFUSED, 0.01, -1
    prospect = Prospect(past=1.0, uplift=1.0, damages=0.0, injunction=0.0, rate=1.0)
    worth = as_written(shadow.award)(m, prospect, rho, number)
    margin = reach(m.forum, m.implementer) * view.margin * view.future_i
    patience, lost = (view.patience_i, margin) if side == Party.IMPLEMENTER else (view.patience_h, 0.0)
    assert as_written(shadow.judgment_today)(m, prospect, rho, number) == pytest.approx(
        patience * (worth + lost)
    )
    assert margin > 0.0


def test_who_cannot_pay_has_left_the_market_with_this_month() -> None:
    m = pair()
    m.negotiation.outcome, m.negotiation.status = Outcome.EXIT, Status.EXCLUDED
    assert not as_written(month.stays)(m, 5)
    assert (m.negotiation.status, m.implementer.exited) == (Status.EXITED, 1)
