"""Rules of the engine one at a time, on records set by hand: each gives what its sentence and formula say."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulator.compiled import as_written
from simulator.engine import (
    accounts,
    court,
    interim,
    ledger,
    month,
    offers,
    rate_setting,
    records,
    regions,
    relation,
    remedies,
    renewal,
    shadow,
    standard_setting,
    suits,
)
from simulator.engine.build import build, new_state
from simulator.engine.prospect import DENIED, LOST, NO_JUDGMENT, RATE_SET, Prospect
from simulator.engine.records import F8, I4, Months
from simulator.engine.run import populate
from simulator.engine.state import Matter
from simulator.engine.trace import follow
from simulator.rules.remedy import loss_share
from simulator.spec.load import load_regime
from simulator.spec.regime import Costs, FaultRules, Injunction, PastUse, RateSetting, Security
from simulator.vocabulary import (
    Act,
    CourtMode,
    Covers,
    Fault,
    InjunctionTest,
    Move,
    RateMethod,
    Standing,
    Status,
)
from tests.engine.test_rate_methods import matter_of
from tests.play import film, outcomes, quantity, regime, scenario, strategy

MINE, YOURS = int(Fault.THREATENS), int(Fault.DELAYS)
shares = st.floats(0.0, 1.0)
weights = st.floats(0.01, 10.0)


def pair(**numbers: float) -> Matter:
    """A pair in month 0 before a court that sets rates; two underscores for a point."""
    given = {name.replace("__", "."): value for name, value in numbers.items()}
    return matter_of(RateMethod.TOP_DOWN_ESSENTIAL, {"holders.share": 0.1} | given)


KEPT = {
    "negotiation": {
        "holder", "implementer", "frand", "rho_h", "rho_i", "counted", "mu_h", "v_h", "mu_i", "v_i", "paid",
        "shift_h", "shift_i", "verified", "disclosures", "acts_chart", "acts_comparables", "acts_court",
        "acts_answers", "acts_expert", "acts_reasons", "acts_verify", "cost_h", "cost_i", "sales_mark",
        "licence_month", "first_ask", "first_bid", "last_step", "w_h", "l_i", "r_h", "r_i", "due", "entered",
    },
    "suit": {
        "filings", "judgments", "suits_lost", "account", "escrow", "escrow_month", "escrow_placed", "place",
        "cost_lit", "cost_public", "margin_lost", "months_pending", "months_excluded", "escrow_cost_i",
        "start_month", "decision_month", "window_end", "excluded_since", "vacated", "retried",
    },
}  # fmt: skip
"""What a pair that talks again keeps, or what is written anew before it is read."""


class TestLedger:
    """What a fault adds, once, where it is known; what late performance takes away, once."""

    @pytest.fixture
    def m(self) -> Matter:
        m = pair(court__faults__cure=0.4, court__faults__detected=0.7, court__faults__false_findings=0.05)
        m.forum.recognised = 1 << MINE | 1 << YOURS
        m.forum.weight[MINE], m.forum.weight[YOURS] = 2.0, 3.0
        return m

    def test_a_fault_weighs_where_it_is_recognised_and_new(self, m: Matter) -> None:
        assert ledger.weight_of(m.forum, m.negotiation, MINE) == 2.0
        assert ledger.weight_of(m.forum, m.negotiation, int(Fault.COLLUDES)) == 0.0
        assert ledger.weight_of(m.forum, m.negotiation, -1) == 0.0
        assert ledger.weight_of_all(m.forum, m.negotiation, 1 << MINE | 1 << YOURS) == 5.0
        ledger.book(m.forum, m.negotiation, MINE)
        assert ledger.weight_of(m.forum, m.negotiation, MINE) == 0.0
        assert ledger.weight_of_all(m.forum, m.negotiation, 1 << MINE | 1 << YOURS) == 3.0

    def test_it_is_booked_once_to_whose_it_is_and_cured_once(self, m: Matter) -> None:
        for _ in range(2):
            ledger.book_all(m.forum, m.negotiation, 1 << MINE | 1 << YOURS | 1 << Fault.COLLUDES)
        assert (m.negotiation.fault_h, m.negotiation.fault_i) == (2.0, 3.0)
        for _ in range(2):
            ledger.heal(m.forum, m.negotiation, MINE)
        assert (m.negotiation.fault_h, m.negotiation.fault_i) == pytest.approx((1.2, 3.0))

    def test_a_court_is_expected_to_see_a_part_and_to_err(self, m: Matter) -> None:
        assert ledger.expected_fault(m.forum, 0.7, 3.0) == pytest.approx(0.7 * 3.0 + 0.05)
        m.forum.binding = 0
        assert ledger.expected_fault(m.forum, 0.7, 3.0) == 0.0


@given(weights, weights, weights)
def test_the_loss_is_shared_by_fault(mine: float, yours: float, scale: float) -> None:
    """Both parts are all of it; only the ratio counts; who alone is at fault bears all, half if nobody is."""
    assert loss_share(mine, yours) + loss_share(yours, mine) == pytest.approx(1.0)
    assert loss_share(mine, yours) == pytest.approx(1.0 / (1.0 + mine / yours))
    assert loss_share(scale * mine, scale * yours) == pytest.approx(loss_share(mine, yours))
    assert (loss_share(0.0, yours), loss_share(mine, 0.0), loss_share(0.0, 0.0)) == (1.0, 0.0, 0.5)


class TestCosts:
    """A share of the winner's cost moves to the loser; nothing is made or lost."""

    @staticmethod
    def shifted(m: Matter, judgment: int, ask: float = 0.0, bid: float = 0.0) -> tuple[float, float]:
        m.suit.lit_h, m.suit.lit_i = 4.0, 6.0
        m.negotiation.cost_h, m.negotiation.cost_i = 10.0, 20.0
        m.suit.judgment, m.suit.court_rate = judgment, 0.01
        m.negotiation.last_ask, m.negotiation.last_bid = 0.01 * ask, 0.01 * bid
        accounts.shift_costs(m.forum, m.negotiation, m.suit)
        return m.negotiation.cost_h, m.negotiation.cost_i

    def test_the_loser_bears_a_share(self) -> None:
        m = pair(court__costs__loser_pays=0.5)
        assert self.shifted(m, LOST) == (13.0, 17.0)
        assert (m.suit.lit_h, m.suit.lit_i) == (0.0, 0.0)
        assert self.shifted(m, DENIED) == (8.0, 22.0)

    def test_where_the_rate_is_set_who_was_further_off_loses(self) -> None:
        m = pair(court__costs__loser_pays=0.5)
        assert self.shifted(m, RATE_SET, ask=2.0, bid=0.9) == (13.0, 17.0)
        assert self.shifted(m, RATE_SET, ask=1.1, bid=0.5) == (8.0, 22.0)
        assert self.shifted(m, RATE_SET, ask=1.1, bid=0.0) == (8.0, 22.0)
        assert self.shifted(m, RATE_SET, ask=2.0, bid=0.5) == (10.0, 20.0)

    def test_nothing_moves_where_each_bears_its_own(self) -> None:
        assert self.shifted(pair(court__costs__loser_pays=0.0), LOST) == (10.0, 20.0)


class TestRelation:
    """Threats, how they are taken, and what a relationship is worth."""

    def test_a_licence_is_tainted_while_a_threat_stands_or_is_fresh(self) -> None:
        m = pair(threats__taint=6.0)
        assert not relation.under_threat(m, 3)
        m.licence.threat_last, m.licence.threat_until = 0, -1  # threatened in the first month of all
        assert [relation.under_threat(m, t) for t in (0, 5, 6)] == [True, True, False]
        m.licence.threat_until = 9
        assert relation.under_threat(m, 8)
        m.market.taint = 0
        assert not relation.under_threat(m, 8)

    def test_credibility_is_the_share_of_threats_kept_with_what_was_believed_first(self) -> None:
        m = pair(threats__trust=0.4, threats__trust_weight=3.0)
        m.holder.threats_kept, m.holder.threats_broken = 2, 1
        assert relation.credibility(m.market, m.holder) == pytest.approx((3.0 * 0.4 + 2) / 6)
        m.market.trust_weight, m.holder.threats_kept, m.holder.threats_broken = 0.0, 0, 0
        assert relation.credibility(m.market, m.holder) == pytest.approx(0.4)

    def test_talks_are_dearer_and_slower_between_foes(self) -> None:
        m = pair(relations__cost=2.0, relations__delay=5.0, costs__talks=0.1)
        m.licence.bond = 0.25
        assert relation.talks_cost(m) == pytest.approx(0.1 * (1 + 2.0 * 0.75))
        delay = int(m.holder_strategy.reply_delay)
        assert relation.reply_delay(m, m.holder_strategy) == delay + math.floor(5.0 * 0.75 + 0.5)

    def test_months_of_licence_mend_what_is_missing(self) -> None:
        m = pair(relations__mending=0.6)
        m.licence.bond = 0.2
        relation.mend(m.market, m.licence, 7)
        assert m.licence.bond == pytest.approx(1 - 0.8 * (1 - 0.6 / 12) ** 7)


class TestStandardSetting:
    """Estoppel and what leaving the standard costs."""

    @pytest.mark.parametrize("estoppel", [0, 1])
    @pytest.mark.parametrize("uncommitted", [0, 1])
    def test_who_has_not_committed_is_estopped_where_the_rules_say_so(
        self, estoppel: int, uncommitted: int
    ) -> None:
        m = pair()
        m.market.estoppel, m.licence.uncommitted = estoppel, uncommitted
        assert standard_setting.is_uncommitted(m) == (estoppel == 1 and uncommitted == 1)

    def test_use_locks_in(self) -> None:
        m = pair(lock_in__fixed=2.0, lock_in__growing=30.0, lock_in__exclusion=8.0, lock_in__months=24.0)
        s, b = m.holder.share, m.implementer.scale
        for n, used in ((0, 0.0), (6, 0.25), (24, 1.0), (60, 1.0)):
            assert standard_setting.used_share(m, n) == pytest.approx(used)
            assert standard_setting.cost_to_leave(m, n) == pytest.approx((2.0 + 30.0 * s * used) * b)
            assert standard_setting.months_to_replace(m, n) == int(m.forum.months_excluded + 8.0 * used)


@given(st.lists(st.floats(-9, 9), min_size=1, max_size=12), st.data())
def test_the_value_of_a_rank_is_that_of_the_sorted_list(values: list[float], data: st.DataObject) -> None:
    rank = data.draw(st.integers(0, len(values) - 1))
    assert court.smallest(np.array(values), len(values), rank) == sorted(values)[rank]


@given(st.sets(st.integers(0, 20), max_size=8), st.sets(st.integers(0, 20), max_size=8))
def test_two_lists_of_numbers_are_merged_in_order(first: set[int], second: set[int]) -> None:
    second -= first

    class Lists:
        active = np.array([*sorted(first), *[-1] * len(second)], dtype=np.int64)
        cases = np.array(sorted(second), dtype=np.int64)

    lists: Any = Lists()
    assert as_written(month.merge)(lists, len(first), len(second)) == len(first | second)
    assert list(lists.active) == sorted(first | second)


class TestShadow:
    """What the court is worth moves one for one with what is known to move it."""

    @pytest.mark.parametrize("account", [1.0, 5.0])
    def test_money_on_account_is_a_loan_to_the_holder_until_judgment(self, account: float) -> None:
        """Repaid with court interest: a gift of ``A (1 - d**D e)`` to the holder, as dear to the other."""
        m = pair(court__interest__court=0.02, holders__discount=0.1, implementers__discount=0.2)
        view, rho = m.outlook, m.negotiation.frand

        def worth(paid: float) -> tuple[float, float]:
            view.account = paid
            w_h, l_i = as_written(shadow.prospects)(m, 0, rho, rho, 0.0, 0.0, 0.0)
            return float(w_h), float(l_i)

        before, after = worth(0.0), worth(account)
        assert view.patience_h * view.accrual < 1.0
        gift = account * (1.0 - view.patience_h * view.accrual)
        burden = account * (1.0 - view.patience_i * view.accrual)
        assert after[0] - before[0] == pytest.approx(gift)
        assert after[1] - before[1] == pytest.approx(burden)
        assert burden > gift > 0.0

    def test_where_nothing_can_be_signed_an_opener_is_worth_the_court(self) -> None:
        m = pair(costs__filing=0.0, costs__monthly=0.0, costs__trial=0.0)
        rho = m.negotiation.frand
        m.holder_strategy.floor = 1e6
        w_h, loss, r_h, r_i = shadow.limits_alone(m, 0, 0, rho, 0.0, 0.0)
        assert r_h > r_i
        assert offers.opener_value(m, 0, 0, rho, 3.0, 0.0) == pytest.approx(w_h)
        assert offers.opener_value(m, 0, 1, rho, 0.3, 0.0) == pytest.approx(-loss)

    @pytest.mark.parametrize("growth", [0.0, 0.01])
    def test_breakdowns_grow_with_the_age_of_talks(self, growth: float) -> None:
        m = pair(bargaining__breakdown=0.02, bargaining__breakdown_growth=growth)
        assert offers.breakdown(m.market, 7) == pytest.approx(0.02 + growth * 7)
        assert offers.breakdown(m.market, 10**6) == (1.0 if growth else pytest.approx(0.02))


class TestCourt:
    """What a court makes of offers, and who may come before it."""

    def test_between_quotations(self) -> None:
        """``ask**beta bid**(1 - beta)``, within the range of the top-down rate; without both, that rate."""
        m = pair(court__faults__frand_half_range=0.2)
        m.forum.method = RateMethod.QUOTATION
        beta, rate = m.market.beta, 0.01
        for ask, bid, wanted in (
            (0.011, 0.0095, 0.011**beta * 0.0095 ** (1 - beta)),
            (0.5, 0.02, 0.012),
            (0.006, 0.001, 0.008),
            (0.011, 0.0, 0.01),
            (0.0, 0.009, 0.01),
        ):
            m.negotiation.last_ask, m.negotiation.last_bid = ask, bid
            assert as_written(rate_setting.within_offers)(m, rate) == pytest.approx(wanted)

    def test_a_step_that_bars_suit_bars_it_where_the_law_binds(self) -> None:
        m = pair()
        m.forum.standing_holder, m.protocol.suit_bars = Standing.ANY, 0b100
        may = as_written(suits.may_sue)
        for binding, done, excused, wanted in (
            (1, 0, 0, False),
            (1, 4, 0, True),
            (1, 0, 4, True),
            (0, 0, 0, True),
        ):
            m.forum.binding, m.negotiation.done, m.negotiation.excused = binding, done, excused
            assert bool(may(m, 0)) == wanted

    def test_a_trace_names_the_steps_that_still_bar_suit_where_the_law_binds(self) -> None:
        """All of them in the first month, none where the law is not binding."""
        law = load_regime("eu-sep-regulation")
        for binding in (True, False):
            court = law.court.model_copy(update={"binding": binding})
            one = scenario(law.model_copy(update={"court": court}), numbers={"standard.horizon": 12.0})
            bars = int(build(one).protocols[0]["suit_bars"])
            assert bars > 0
            assert follow(build(one), 0, one.seed, 0, 0).sight["owed"][0] == (bars if binding else 0)

    @pytest.mark.parametrize("factor", [0.01, 0.6])
    def test_a_court_s_own_factor_is_the_rate_of_the_other_region(self, factor: float) -> None:
        m = pair(court__rate__regional_factor=factor, standard__regional_factor=0.9)
        rules = build(scenario("none", numbers={"standard.regional_factor": 0.9}))
        rate = as_written(regions.regional_rate)
        group = rules.holder_groups[0]
        assert [rate(m.market, m.forum, group, r, by) for r, by in ((0, True), (1, True), (1, False))] == [
            1.0,
            factor,
            0.9,
        ]


class TestTalks:
    """Who tables an offer, and which licences are drawn to be like."""

    def test_an_offer_once_made_stands_whatever_the_step(self) -> None:
        """From its first month on, be that month 0; before it only an open step or one that asks for it."""
        m = pair()
        tables, strategy, wait = as_written(offers.tables), m.holder_strategy, offers.WAIT
        for act, first, wanted in (
            (Act.DEPOSIT, -1, False), (Act.DEPOSIT, 0, True), (Act.DEPOSIT, 5, True),
            (Act.NEGOTIATE, -1, True), (Act.OFFER, -1, False),
        ):  # fmt: skip
            m.step.act = act
            assert bool(tables(m, strategy, first, wait, 0, 9)) == wanted
        assert tables(m, strategy, -1, int(Move.PERFORM), 0, 9)

    def test_rational_firms_with_nothing_to_sign_table_what_they_would_take(self) -> None:
        """The holder no less than its reservation rate, the implementer no more than its own or fair."""
        maker = strategy("implementer_rational", goodwill=0.4)
        numbers = {"beliefs.spread": 0.3, "bargaining.floor": 0.6}
        played = film(scenario("none", implementer=maker, numbers=numbers), months=6)
        state, moves = played.decided[:, 0], played.moves[:, 0]
        made = np.isfinite(moves["ask"])
        assert made.any()
        assert (state["r_h"] > state["r_i"])[made].all()
        assert moves["ask"][made] == pytest.approx(np.maximum(state["r_h"], state["rho_h"])[made])
        assert moves["bid"][made] == pytest.approx(np.minimum(state["r_i"], state["rho_i"])[made])

    @pytest.mark.parametrize("share", [0.0, 0.5, 1.0])
    def test_a_share_of_pairs_pays_at_once_and_has_the_clause(self, share: float) -> None:
        numbers = {"licences.lump_share": share, "licences.most_favoured": share}
        many: dict[str, Any] = {
            "holder": ["holder_good_faith"] * 12, "implementer": ["implementer_good_faith"] * 12,
        }  # fmt: skip
        rules = build(scenario("none", numbers={"holders.share": 0.01} | numbers, **many))
        state, blank = new_state(rules)
        populate(rules, state, blank, 1, 0)
        for field in ("lump", "most_favoured"):
            drawn = float(np.mean(state.licences[field]))
            assert drawn == pytest.approx(share, abs=0.12 if 0.0 < share < 1.0 else 0.0)


@pytest.mark.parametrize("name", ["upc", "uk-global", "cn-proposed"])
def test_money_has_no_scale(name: str) -> None:
    """Where nothing costs a fixed sum, a market a ten-thousandth the size plays the same at that scale."""
    free = {"court.injunction.redesign_cost": 0.0, "court.costs.public": 0.0, "court.faults.damages": 0.0}
    spread = {"beliefs.spread": 0.3, "standard.horizon": 40.0, "court.settlement.meeting_probability": 0.3}
    parties: dict[str, Any] = {"holder": "holder_litigious", "implementer": "implementer_hold_out"}
    large, small = (
        outcomes(
            scenario(name, **parties, replications=4, numbers=free | spread | {"implementers.sales": sales})
        )
        for sales in (215.0, 0.0215)
    )
    for column in ("outcome", "licence_month", "filing_month", "judgments"):
        assert list(small[column]) == list(large[column])
    for column, scale in (("rate", 1.0), ("paid", 1e-4), ("margin_lost", 1e-4)):
        np.testing.assert_allclose(small[column], scale * large[column], rtol=1e-9)
    assert large["filed"].any()


class TestSecurity:
    """What is tied up or lost before judgment."""

    def test_a_deposit_at_the_holder_s_offer_is_on_sales_as_the_holder_sees_them(self) -> None:
        m = pair(court__interest__escrow=0.0, implementers__discount=0.2)
        m.forum.security_base, m.forum.security_share = accounts.AT_HOLDER_OFFER, 0.8
        m.forum.deposit_running, m.licence.sales_seen = 0, 1.5
        m.negotiation.last_ask, m.outlook.deposit_past = 0.01, 100.0
        amount = 0.8 * 0.01 * m.forum.court_share * 100.0
        for misread, seen in ((0, 1.0), (1, 1.5)):
            m.outlook.misread = misread
            tied_up = amount * seen * (1.0 - m.outlook.patience_i * m.outlook.escrow_accrual)
            assert as_written(shadow.deposit_burden)(m, 0, 0.02) == pytest.approx(tied_up)
        assert tied_up > 0.0

    def test_what_an_interim_injunction_costs_is_made_good_if_it_fails(self) -> None:
        m = pair()
        m.outlook.gain_interim, m.suit.enjoined_margin = 3.0, 2.0
        prospect = Prospect(rate=0.0, injunction=0.6, uplift=1.0, past=0.0, damages=0.0)

        def lost(enjoined: int, compensated: int) -> tuple[float, float]:
            m.suit.enjoined, m.forum.enjoin_compensated, m.forum.remedy = (
                enjoined,
                compensated,
                CourtMode.INDIRECT,
            )
            first, second = as_written(interim.loss_until_judgment)(m, prospect, 0.9, 0)
            return float(first), float(second)

        assert lost(0, 1) == (0.0, 0.0)
        assert lost(1, 0) == (3.0, 0.0)
        assert lost(1, 1) == pytest.approx((3.0, (1.0 - 0.9 * 0.6) * 5.0))


def test_a_record_has_the_fields_of_its_class() -> None:
    class Small:
        share: F8
        number: I4
        curve: Months

    dtype = records.dtype_of(Small)
    assert dtype.names == ("share", "number", "curve")
    assert [dtype[name].base.str[1:] for name in dtype.names] == ["f8", "i4", "f8"]
    assert dtype["curve"].shape == (records.MAX_HORIZON + 1,)


class TestWordsOfACourt:
    """A word of the file is a field of the record, and its absence the other value."""

    @pytest.mark.parametrize(
        ("field", "told", "silent"),
        [
            (
                "keep_tainted",
                {"rate": RateSetting(method=RateMethod.COMPARABLES, tainted_comparables="keep")},
                {},
            ),
            ("from_notice", {"past_use": PastUse(from_notice=True)}, {}),
            ("deposit_running", {"security": Security(base="court", covers="past_and_running")}, {}),
            (
                "good_faith",
                {"injunction": Injunction(test=InjunctionTest.FAULT_GATE, good_faith="required")},
                {},
            ),
            ("sequential", {"faults": FaultRules(order="sequential")}, {}),
            ("competitors", {"faults": FaultRules(benchmark="competitors")}, {}),
            ("separate", {"faults": FaultRules(netting="separate")}, {}),
            ("apportion", {"faults": FaultRules(apportion_loss=True)}, {}),
            ("provisional", {"provisional_enforcement": True}, {}),
            ("aggregate_cap", {"aggregate_cap": True}, {}),
            ("refuses_adr", {"costs": Costs(refuses_adr=quantity(1.0))}, {}),
        ],
    )
    def test_a_word_is_written(self, field: str, told: dict[str, Any], silent: dict[str, Any]) -> None:
        written = [
            build(scenario(regime(CourtMode.INDIRECT, **rules))).forums[0][field] for rules in (told, silent)
        ]
        assert written == [1, 0]


class TestInterim:
    """Payments before judgment move what interest and patience differ by, on the sales they cover."""

    def test_what_covers_both_is_the_sum(self) -> None:
        m = pair(court__interest__court=0.01, holders__discount=0.1, implementers__discount=0.2)
        m.forum.interim, m.forum.interim_after, m.outlook.months = 1, 3, 20

        def moved(covers: Covers, deposited: int = 0) -> tuple[float, float]:
            m.forum.interim_covers, m.forum.interim_deposit = covers, deposited
            h, i = as_written(interim.payments_effect)(m, 0.01, 0.02, 100.0)
            return float(h), float(i)

        past, running, all_of_it = (moved(covers) for covers in Covers)
        assert min(*past, *running) > 0.0
        assert np.add(past, running) == pytest.approx(all_of_it)
        assert moved(Covers.PAST_AND_RUNNING, 1)[0] == 0.0
        left = (1.01 / 1.1) ** (17 / 12)
        assert past[0] == pytest.approx(0.01 * 100.0 * (1.0 - left) * 1.1 ** (-3 / 12))
        m.forum.interim = 0
        assert moved(Covers.RUNNING) == (0.0, 0.0)

    def test_an_open_account_comes_to_what_the_court_has_set(self) -> None:
        """Or to its provisional estimate; where the suit was lost nothing is kept."""

        def kept(court_rate: float, judgment: int) -> float:
            m = pair(court__interest__court=0.0, court__rate__error=0.0)
            m.suit.account, m.suit.interim_rate, m.negotiation.paid = 6.0, 3.0 * m.negotiation.frand, 6.0
            m.suit.court_rate, m.suit.judgment = court_rate * m.negotiation.frand, judgment
            as_written(interim.true_up)(m, 0)
            assert m.suit.account == 0.0
            as_written(interim.true_up)(m, 0)
            return float(m.negotiation.paid)

        assert kept(0.0, NO_JUDGMENT) == pytest.approx(2.0)
        assert kept(1.5, NO_JUDGMENT) == pytest.approx(2.0), "a rate of an earlier suit, lost since"
        assert kept(1.5, RATE_SET) == pytest.approx(3.0)
        assert kept(4.0, RATE_SET) == 6.0, "what is due beyond is an award to come"
        assert kept(1.5, LOST) == 0.0

    @pytest.mark.parametrize("mode", CourtMode)
    def test_which_courts_weigh_an_injunction(self, mode: CourtMode) -> None:
        m = pair()
        m.forum.remedy = mode
        weighs = mode in {CourtMode.INDIRECT, CourtMode.ADAPTIVE}
        assert bool(as_written(remedies.weighs_injunction)(m.forum)) == weighs
        assert bool(as_written(remedies.is_rate_case)(m.forum)) == (
            mode in {CourtMode.DIRECT, CourtMode.BOTH}
        )


DEPARTURES = {
    "standard.pool_rate": 0.5, "standard.pool_membership": 1.0, "standard.alternative": 0.2,
    "standard.contribution": 0.1, "standard.switching": 0.01, "holders.quality_spread": 0.3,
    "holders.contribution_spread": 0.3, "court.rate.increment_share": 0.5,
}  # fmt: skip


@pytest.mark.parametrize("name", [None, *DEPARTURES])
def test_the_short_way_is_taken_only_where_nothing_departs(name: str | None) -> None:
    """One departure is enough for a method to find another rate than the FRAND rate."""
    m = matter_of(
        RateMethod.POOL, {"holders.share": 0.1} | ({} if name is None else {name: DEPARTURES[name]})
    )
    assert m.forum.plain == (name is None)
    if name == "standard.pool_rate":
        expected = rate_setting.expected_rate(m, m.negotiation.frand)
        assert expected == pytest.approx(0.5 * m.negotiation.frand)


class TestRenewal:
    """A pair that talks again starts as at first contact, but for what it has learnt, shown and spent."""

    @pytest.mark.parametrize("kind", ["negotiation", "suit"])
    def test_all_else_is_blank(self, kind: str) -> None:
        _, blank = new_state(build(scenario("none")))
        fresh = getattr(blank, f"{kind}s")[0]
        old = fresh.copy()
        for name in old.dtype.names:
            old[name] = 1
        if kind == "negotiation":
            as_written(renewal.talk_again)(old, 9)
            assert (old.status, old.first_use, old.contact) == (Status.DORMANT, 9, 9)
            old.first_use, old.contact = fresh.first_use, fresh.contact
        else:
            as_written(renewal.close_case)(old)
        left = {name for name in old.dtype.names if np.any(old[name] != fresh[name])}
        assert left - KEPT[kind] == set()
