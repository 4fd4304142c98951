"""Rules that mutants slipped by, of what firms reckon with: each gives what its sentence says."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from simulator.compiled import as_written
from simulator.engine import (
    adoption,
    bases,
    build,
    build_law,
    comparables,
    generations,
    information,
    interim,
    law,
    month,
    offers,
    protocol,
    relation,
    shadow,
    standard_setting,
    steps,
    suits,
    terms,
)
from simulator.engine.prospect import GRANTED, LOST, RATE_SET
from simulator.engine.records import MAX_HORIZON
from simulator.rules.bargain import nash1950
from simulator.vocabulary import (
    Act,
    Consequence,
    Disclosure,
    Move,
    Outcome,
    Party,
    RateMethod,
    Status,
    Tactic,
)
from tests.engine.test_rate_methods import matter_of
from tests.engine.test_single_rules import pair
from tests.engine.test_single_rules_of_talks import populated
from tests.play import behind, regime, scenario, step, strategy


@pytest.mark.parametrize(("appeal", "provisional", "remanded", "may"), [
    (1, 0, 0, True), (0, 0, 0, False), (1, 1, 0, False), (1, 0, 1, False),
])  # fmt: skip
def test_a_judgment_is_appealed_once_where_an_appeal_has_effect(
    appeal: int, provisional: int, remanded: int, may: bool
) -> None:
    m = pair()
    m.negotiation.status, m.suit.window_end, m.suit.judgment = Status.WINDOW, 3, RATE_SET
    m.forum.appeal, m.forum.provisional, m.suit.remanded = appeal, provisional, remanded
    may_appeal = as_written(suits.may_appeal)
    assert may_appeal(m, Party.HOLDER, 3) == may_appeal(m, Party.IMPLEMENTER, 3) == may
    assert not may_appeal(m, Party.HOLDER, 2)
    m.suit.judgment = GRANTED
    assert not may_appeal(m, Party.HOLDER, 3)
    m.suit.judgment = LOST
    assert not may_appeal(m, Party.IMPLEMENTER, 3)


def test_a_holder_without_licences_leaves_no_comparables_and_no_error() -> None:
    *rates, error = as_written(comparables.comparables_seen)(matter_of(RateMethod.COMPARABLES, {}), 5)
    assert np.isnan(rates).all()
    assert error == 0.0


@pytest.mark.parametrize("licensed_use", [0, 1])
@pytest.mark.parametrize(("caps", "misread", "factor"), [(0, 0, 1.0), (1, 0, 1.0), (0, 1, 1.0), (1, 1, 2.0)])
def test_an_implementer_signs_more_where_it_knows_that_a_cap_leaves_half(
    licensed_use: int, caps: int, misread: int, factor: float
) -> None:
    """If the holder, that takes its sales for larger, does not know."""
    m = pair()
    rho, m.market.licensed_use = m.negotiation.frand, licensed_use
    plain = as_written(shadow.limits)(m, 0, rho, rho, 0.0, 0.0)[3]
    m.outlook.paid_on = 0.5 * m.outlook.base_i
    m.market.caps, m.outlook.misread = caps, misread
    assert as_written(shadow.limits)(m, 0, rho, rho, 0.0, 0.0)[3] == pytest.approx(factor * plain)


@pytest.mark.parametrize(("paid_on", "factor"), [(0.5, 2.0), (2.0, 0.5), (0.0, 1.0)])
def test_a_nominal_rate_is_over_what_a_cap_leaves(paid_on: float, factor: float) -> None:
    m = pair()
    m.outlook.base_i, m.outlook.paid_on = 1.0, paid_on
    assert as_written(shadow.nominal)(m.outlook) == factor


@pytest.mark.parametrize("fault", [0.0, 0.25, 1.0])
def test_interest_on_past_use_is_the_part_of_it_that_was_found(fault: float) -> None:
    m = pair(court__interest__court=0.1)
    for t in range(1, 13):
        m.sales[t].before[1] = m.sales[t - 1].before[1] + 1.1 ** (-t / 12)
        m.sales[t].before[2] = t
    m.implementer.to_date[:] = m.sales[12].before
    m.negotiation.first_use = m.negotiation.contact = 0

    def awarded(apportion: int, part: float) -> float:
        m.forum.apportion, m.forum.binding, m.suit.arbitration, m.suit.shared_fault = apportion, 1, 0, part
        return float(as_written(bases.award_past)(m, 12))

    plain, whole = awarded(1, 0.0), awarded(0, 0.0)
    assert whole > plain > 0.0
    assert awarded(1, fault) == pytest.approx(plain + fault * (whole - plain))


def test_the_last_year_s_strength_stays() -> None:
    m = pair()
    m.holder.strength[:] = range(1, len(m.holder.strength) + 1)
    for t, year in ((0, 1), (11, 1), (12, 2), (12 * MAX_HORIZON, len(m.holder.strength))):
        assert as_written(generations.mean_strength)(m.holder, t, 0) == year


def test_notices_go_out_over_the_months_that_are_stated() -> None:
    market = scenario(
        regime(), implementer=20 * ["implementer_rational"], numbers={"timing.notice_spread": 3.0}
    )
    _, state = populated(market)
    assert set(state.negotiations["contact"]) == {0, 1, 2, 3}


@pytest.mark.parametrize(("side", "adds"), [(Party.HOLDER, (1.0, 0.0)), (Party.IMPLEMENTER, (0.0, 1.0))])
def test_an_opportunist_weighs_its_own_breach_on_its_own_ledger(
    monkeypatch: pytest.MonkeyPatch, side: Party, adds: tuple[float, float]
) -> None:
    """First compliance, then what it would keep back (2), then a deadline missed (3)."""
    weighed = []

    def branch(m: object, t: int, side: int, rho: float, more_h: float, more_i: float, court: int) -> float:
        weighed.append((more_h, more_i))
        return 0.0

    for name, given in (("kept_back", 1), ("weight_of_all", 2.0), ("weight_of", 3.0)):
        monkeypatch.setattr(steps, name, lambda *_, given=given: given)
    monkeypatch.setattr(steps, "branch", branch)
    m = pair()
    m.step.deadline = 2
    own = m.holder_strategy if side == Party.HOLDER else m.implementer_strategy
    as_written(steps.opportunist_step)(m, own, 0, side, 0.01)
    assert weighed == [(weight * adds[0], weight * adds[1]) for weight in (0.0, 2.0, 3.0)]


@pytest.mark.parametrize("side", [Party.HOLDER, Party.IMPLEMENTER])
def test_a_branch_is_worth_the_price_in_the_middle_on_all_sales(side: Party) -> None:
    m = pair()
    rho = m.negotiation.frand
    *_, r_h, r_i = as_written(shadow.limits_alone)(m, 0, side, rho, 0.0, 0.0)
    assert r_h <= r_i
    price = nash1950(r_h, r_i, m.market.beta)
    base, sign = (m.outlook.base_h, 1) if side == Party.HOLDER else (m.outlook.base_i, -1)
    assert as_written(steps.branch)(m, 0, side, rho, 0.0, 0.0, 0) == pytest.approx(sign * price * base)


def test_an_interim_injunction_in_force_has_cost_its_redesign_already(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(interim, "months_to_decision", lambda *_: 2)
    m = pair()
    m.forum.redesign_cost = 5.0
    costs = []
    for enjoined in (0, 1):
        m.suit.enjoined = enjoined
        as_written(shadow.interim_outlook)(m, 0, 0)
        costs.append(m.outlook.gain_interim)
    assert costs[0] - costs[1] == pytest.approx(5.0 + as_written(standard_setting.cost_to_leave)(m, 2))


def test_the_true_figures_are_put_back() -> None:
    m = pair()
    view = m.outlook
    view.base_i, view.margin, view.ability, view.accrued, view.plain = 11.0, 0.2, 0.3, 14.0, 15.0
    view.future_h, view.future_i, view.gain, view.gain_interim, view.pay = 16.0, 17.0, 18.0, 19.0, 20.0
    view.deposit_past, view.sales, view.payable, view.misread = 21.0, 22.0, 23.0, 1
    m.licence.sales_seen, m.licence.margin_seen = 1.5, 0.8
    before = as_written(information.figures)(m)
    true = as_written(information.take_as_holder)(m)
    assert (view.misread, view.base_i, view.accrued) == (0, 16.5, 21.0)
    as_written(information.set_back)(m, true)
    assert as_written(information.figures)(m) == before
    assert view.misread == 1


@pytest.mark.parametrize(("last", "until", "tainted"), [
    (-1, -1, False), (0, 0, True), (0, -1, False), (5, -1, True), (0, 20, True),
])  # fmt: skip
def test_a_licence_is_signed_under_a_threat_that_stands_or_is_fresh(
    last: int, until: int, tainted: bool
) -> None:
    m = pair()
    m.market.taint, m.licence.threat_last, m.licence.threat_until = 6, last, until
    assert as_written(relation.under_threat)(m, 10) == tainted


@pytest.mark.parametrize(("offered", "weighs"), [(-1, True), (0, False), (4, False)])
def test_an_opportunist_opens_once(monkeypatch: pytest.MonkeyPatch, offered: int, weighs: bool) -> None:
    monkeypatch.setattr(offers, "extreme_pays", lambda *_: False)
    m = pair()
    m.holder_strategy.tactic = m.implementer_strategy.tactic = Tactic.OPPORTUNIST
    m.negotiation.first_ask_month = m.negotiation.first_bid_month = offered
    m.negotiation.extreme_h = m.negotiation.extreme_i = 1
    as_written(offers.choose_openers)(m, 5)
    assert m.negotiation.extreme_h == m.negotiation.extreme_i == (0 if weighs else 1)


@pytest.mark.parametrize(("actor", "bits"), [(Party.HOLDER, 1), (Party.BOTH, 1), (Party.IMPLEMENTER, 0)])
def test_a_notice_is_the_holder_s(actor: Party, bits: int) -> None:
    row = np.zeros(1, dtype=law.PROTOCOL)[0]
    build_law.write_protocol(row, behind(regime(), first=step(Act.NOTIFY, actor)))
    assert row["notices"] == bits


def test_a_path_leads_through_every_month_of_the_longest_horizon() -> None:
    market = scenario(regime(), holder=strategy("holder_hold_up", window=2 * MAX_HORIZON))
    path = build.build(market).strategies[0].path
    assert np.all(np.diff(path) > 0.0)
    assert path[MAX_HORIZON] < 1.0


def test_nothing_gives_way_to_licensees_where_nothing_is_sold() -> None:
    m = pair()
    m.holder.n_favoured, m.favoured[0] = 1, (0.05, 10.0, 0.5)
    assert as_written(terms.give_way)(m, 0.01) > 0.01
    m.licence.region = 0.0
    assert as_written(terms.give_way)(m, 0.01) == 0.01


def test_a_holder_that_ties_patents_in_opens_by_as_much_higher() -> None:
    """The implementer gives way at once, far beyond the first ask: they meet between that and its bid."""
    m = pair(costs__trial=20.0)
    m.holder_strategy.window, m.implementer_strategy.window = 600, 1
    rho = m.negotiation.frand
    *_, r_i = as_written(shadow.limits_alone)(m, 0, Party.HOLDER, rho, 0.0, 0.0)
    worth = [as_written(offers.opener_value)(m, 0, Party.HOLDER, rho, 1.0, 0.0)]
    m.holder_strategy.ties = 0.05
    worth.append(as_written(offers.opener_value)(m, 0, Party.HOLDER, rho, 1.0, 0.0))
    assert 1.1 * rho < r_i
    assert worth[1] > worth[0]


@pytest.mark.parametrize(("status", "appeals", "months"), [
    (Status.QUEUED, 1, 4 + 17 + 9), (Status.QUEUED, 0, 4 + 17),
    (Status.COURT, 1, 15 + 9), (Status.COURT, 0, 15),
])  # fmt: skip
def test_an_appeal_with_effect_is_one_more_instance(status: Status, appeals: int, months: int) -> None:
    m = pair()
    m.negotiation.status, m.suit.wait, m.suit.start_month = status, 4, 1
    m.forum.remaining[0, 0], m.forum.remaining[0, 2] = 17, 15
    m.forum.appeal, m.forum.provisional, m.forum.appeal_months = appeals, 0, 9
    assert as_written(shadow.months_to_judgment)(m, 3, 3) == months


@pytest.mark.parametrize(("given", "uncommitted"), [
    (Disclosure.FRAND_COMMITMENT, 0), (Disclosure.CLAIM_CHARTS, 1),
])  # fmt: skip
def test_a_holder_commits_itself_by_its_declaration(given: Disclosure, uncommitted: int) -> None:
    m = pair()
    m.licence.uncommitted = 1
    as_written(protocol.disclose)(m, 1 << given, Party.HOLDER, 1.0)
    assert m.licence.uncommitted == uncommitted


@pytest.mark.parametrize(("numbers", "caps"), [
    ({}, 0), ({"licences.cap": 0.01}, 0), ({"licences.cap": 0.01, "information.sales": 0.2}, 1),
    ({"information.sales": 0.2}, 0),
])  # fmt: skip
def test_a_cap_is_read_apart_where_sales_are_misread(numbers: dict[str, float], caps: int) -> None:
    assert build.build(scenario(regime(), numbers=numbers)).market[0].caps == caps


def test_sales_of_a_year_are_booked_as_far_as_patents_are_in_force() -> None:
    rules, state = populated(scenario(regime()))
    market, imp = rules.market[0], state.implementers[0]
    market.drifts, market.expiring, imp.by_year[:], imp.sales = 1, 0.5, 0.0, 10.0
    sales = as_written(month.book_sales)(rules.forums[0], market, imp, 0.5, 30)
    assert imp.by_year[30 // 12] == pytest.approx(0.5 * sales * (1.0 - 0.5 * 30 / market.horizon))


@pytest.mark.parametrize("contact", [0, 7])
def test_conduct_shows_by_the_age_of_the_talks(monkeypatch: pytest.MonkeyPatch, contact: int) -> None:
    ages = []
    monkeypatch.setattr(month, "call_for_commitment", lambda _, age: ages.append(age))
    m = pair()
    m.negotiation.contact = contact
    as_written(month.conduct)(m, contact + 2)
    assert ages == [2]


@pytest.mark.parametrize("deadline", [0, 3])
@pytest.mark.parametrize(("missed", "move"), [(0, Move.WAIT), (1, Move.PERFORM)])
def test_an_opportunist_makes_up_for_what_it_has_missed(
    monkeypatch: pytest.MonkeyPatch, deadline: int, missed: int, move: Move
) -> None:
    """And lets a deadline pass where that is worth more."""
    monkeypatch.setattr(steps, "branch", lambda *given: given[-2])  # what is added to its own ledger
    monkeypatch.setattr(steps, "weight_of", lambda *_: 3.0)
    m = pair()
    m.step.deadline, m.negotiation.missed = deadline, missed << m.negotiation.step
    weighs = as_written(steps.opportunist_step)
    assert weighs(m, m.implementer_strategy, 0, Party.IMPLEMENTER, 0.01) == move


@pytest.mark.parametrize(("side", "ledgers"), [(Party.HOLDER, (3.0, 2.0)), (Party.IMPLEMENTER, (1.0, 4.0))])
def test_an_extreme_opener_is_weighed_with_the_fault_it_is(
    monkeypatch: pytest.MonkeyPatch, side: Party, ledgers: tuple[float, float]
) -> None:
    """Where nothing can be signed it is worth what court is, to the holder, or costs the implementer."""
    asked = []

    def limits(*given: Any) -> tuple[float, ...]:
        asked.append(given[-2:])
        return 7.0, 8.0, 2.0, 1.0

    monkeypatch.setattr(offers, "limits_alone", limits)
    m = pair()
    m.negotiation.fault_h, m.negotiation.fault_i = 1.0, 2.0
    worth = as_written(offers.opener_value)(m, 0, side, 0.01, 1.2, 2.0)
    assert worth == (7.0 if side == Party.HOLDER else -8.0)
    assert asked == [ledgers]


@pytest.mark.parametrize(("side", "must", "act", "calculates", "cost"), [
    (Party.HOLDER, Disclosure.CLAIM_CHARTS, Act.DISCLOSE, 0, 2.0),
    (Party.HOLDER, Disclosure.COMPARABLES, Act.DISCLOSE, 0, 3.0),
    (Party.HOLDER, Disclosure.RATE_CALCULATION, Act.DISCLOSE, 1, 2.0),
    (Party.HOLDER, Disclosure.RATE_CALCULATION, Act.DISCLOSE, 0, 0.0),
    (Party.IMPLEMENTER, Disclosure.CLAIM_CHARTS, Act.DISCLOSE, 0, 0.0),
    (Party.IMPLEMENTER, Disclosure.SALES_DATA, Act.VERIFY, 0, 5.0),
])  # fmt: skip
def test_what_a_step_costs_its_actor(
    side: Party, must: Disclosure, act: Act, calculates: int, cost: float
) -> None:
    m = pair(costs__claim_chart=2.0, costs__comparables=3.0, costs__verification=5.0)
    m.step.act, m.step.must, m.market.calculates = act, 1 << must, calculates
    assert as_written(steps.act_cost)(m.market, m.step, side) == cost


@pytest.mark.parametrize(("holder", "implementer", "follows", "free"), [
    (-1, -1, Consequence.FAULT_ONLY, True), (0, -1, Consequence.FAULT_ONLY, False),
    (-1, 0, Consequence.FAULT_ONLY, False), (-1, -1, Consequence.OPENS_COURT, False),
])  # fmt: skip
def test_a_step_is_free_whose_miss_is_no_fault_and_has_no_consequence(
    holder: int, implementer: int, follows: Consequence, free: bool
) -> None:
    m = pair()
    m.step.miss_fault_h, m.step.miss_fault_i, m.step.miss_court = holder, implementer, follows
    assert as_written(steps.is_free)(m.step) == free


@pytest.mark.parametrize(("holder_did", "initiates", "move"), [
    (0, 0, Move.WAIT), (1, 0, Move.PERFORM), (0, 1, Move.PERFORM),
])  # fmt: skip
def test_an_implementer_goes_to_a_tribunal_unasked_only_if_it_initiates(
    monkeypatch: pytest.MonkeyPatch, holder_did: int, initiates: int, move: Move
) -> None:
    monkeypatch.setattr(steps, "consents", lambda *_: True)
    m = pair()
    m.step.act, m.step.actor = Act.ARBITRATE, Party.EITHER
    m.negotiation.holder_did, m.implementer_strategy.initiates = holder_did, initiates
    m.implementer_strategy.reply_delay = m.implementer_strategy.refuses = 0
    assert as_written(steps.step_move)(m, m.implementer_strategy, 0, Party.IMPLEMENTER, 0.01) == move


def test_an_implementer_reckons_with_all_who_have_joined() -> None:
    firms = scenario(regime(), holder=2 * ["holder_rational"], implementer=2 * ["implementer_rational"])
    rules, state = populated(firms)
    makes = [k for k, (_, i) in enumerate(rules.parties) if i == 1]
    state.negotiations["rho_i"] = 0.01 * np.arange(1, 5)
    state.negotiations[makes[0]].outcome = Outcome.NOT_JOINED
    as_written(adoption.expect_all)(rules, state, 1)
    imp = state.implementers[1]
    expected = as_written(adoption.unsimulated)(rules.market[0], imp) + 0.01 * (makes[1] + 1)
    assert imp.estimates == pytest.approx(expected)


def test_patents_are_in_force_up_to_the_horizon() -> None:
    """Half of them expire by then; who has been before a court knows when."""
    m = pair()
    m.market.expiring, m.suit.judgment, horizon = 0.5, RATE_SET, int(m.market.horizon)
    for end, part in ((0, 1.0), (horizon // 2, 0.875), (horizon, 0.75), (2 * horizon, 0.75)):
        assert as_written(information.in_force)(m, 0, end) == pytest.approx(part)


def test_nothing_is_haggled_over_where_a_cap_leaves_nothing_to_be_paid(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Months before the last there is nothing to divide what is paid by."""
    monkeypatch.setattr(offers, "own_base", lambda _: 0.0)
    m = pair()
    m.holder_strategy.sue_after = 6
    ask, bid = as_written(offers.rational_moves)(m, 0, m.negotiation.frand, m.negotiation.frand)
    assert np.isfinite([ask, bid]).any()


def test_a_colluder_with_one_peer_waits_for_it() -> None:
    m = pair()
    m.implementer_strategy.waits_for_peers, m.implementer_strategy.window = 1.0, 12
    for implementers, waits in ((1, False), (2, True)):
        m.market.n_implementers = implementers
        assert as_written(steps.colluding)(m, m.negotiation.contact) == waits


@pytest.mark.parametrize(("talks", "cases"), [([5], [2, 7]), ([2, 7], [5]), ([], [3]), ([1, 4], [])])
def test_talks_and_cases_stand_in_the_order_of_their_numbers(talks: list[int], cases: list[int]) -> None:
    state: Any = SimpleNamespace(active=np.array([*talks, 0, 0]), cases=np.array([*cases, 0, 0]))
    assert as_written(month.merge)(state, len(talks), len(cases)) == len(talks + cases)
    assert state.active[: len(talks + cases)].tolist() == sorted(talks + cases)


@pytest.mark.parametrize(("threatened", "by_holder", "kept"), [(3, True, 1), (3, False, 0), (-1, True, 0)])
def test_a_threat_is_kept_by_the_suit_of_who_made_it(threatened: int, by_holder: bool, kept: int) -> None:
    m = pair()
    m.licence.threat_until = threatened
    as_written(relation.sue)(m, by_holder)
    assert (m.holder.threats_kept, m.licence.threat_until) == (kept, -1)


@pytest.mark.parametrize("side", [Party.HOLDER, Party.IMPLEMENTER])
def test_an_extreme_opener_without_reasons_bears_that_fault_too(
    side: Party, monkeypatch: pytest.MonkeyPatch
) -> None:
    reckoned: list[float] = []

    def valued(*given: Any) -> float:
        reckoned.append(given[-1])
        return 0.0

    monkeypatch.setattr(offers, "opener_value", valued)
    m = pair()
    m.forum.recognised, m.forum.weight[:] = -1, 1.0
    m.holder_strategy.anchor, m.implementer_strategy.anchor = 9.0, 0.1
    for justifies in (1, 0):
        m.holder_strategy.justifies = m.implementer_strategy.justifies = justifies
        as_written(offers.extreme_pays)(m, 0, side, m.negotiation.frand)
    with_reasons, _, without, _ = reckoned
    assert without == with_reasons + 1.0 > 1.0


def test_small_sales_are_divided_as_large_ones_are() -> None:
    """What two rational parties sign does not depend on the unit of money."""
    signed = []
    for sales in (2000.0, 0.002):
        free = dict.fromkeys(("talks", "filing", "monthly", "trial", "claim_chart", "verification"), 0.0)
        m = pair(implementers__sales=sales, **{f"costs__{name}": value for name, value in free.items()})
        m.holder_strategy.sue_after = 6
        signed.append(as_written(offers.rational_moves)(m, 0, m.negotiation.frand, 1.5 * m.negotiation.frand))
    assert signed[0] == pytest.approx(signed[1], rel=1e-9, nan_ok=True)
    assert np.isfinite(signed).any()


def test_a_holder_loses_nothing_by_waiting_that_it_need_not_wait_for(monkeypatch: pytest.MonkeyPatch) -> None:
    """Talks that cost more than they bring are worth nothing, so a bid need be no higher than in court."""
    bounds = {2: (0.1, 0.3), 1: (0.5, 0.4), 0: (0.1, 2.0)}  # by month: what either side would sign
    m = pair()
    m.holder_strategy.sue_after, m.holder_strategy.alternate, m.negotiation.contact = 2, 1, 1

    def looked(m: Any, _: int, n: int) -> None:
        m.outlook.base_h, m.outlook.months = 1.0, n

    monkeypatch.setattr(offers, "outlook", looked)
    monkeypatch.setattr(offers, "own_base", lambda _: 1.0)
    monkeypatch.setattr(offers, "own_clock", lambda *_: 0)
    monkeypatch.setattr(offers, "talks_cost", lambda _: 0.4)
    monkeypatch.setattr(offers, "limits", lambda m, *_: (0.0, 0.0, *bounds[int(m.outlook.months)]))
    ask, bid = as_written(offers.rational_moves)(m, 0, 0.1, 0.1)
    assert np.isnan(ask)
    assert bid == pytest.approx(0.1)
