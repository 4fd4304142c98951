"""What must hold of every rate-setting method: units, order, scale, caps, counts."""

from __future__ import annotations

import math
import re
from itertools import pairwise
from typing import get_args

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from simulator.rates import (
    comparable,
    cross_check,
    fault,
    hypothetical,
    incremental,
    interest,
    multimode,
    policy,
    pool,
    roll_forward,
    top_down,
)
from simulator.rates.methods import GUANGDONG_2018, METHODS
from simulator.spec.case import UNITS, UnitWord, convert

shares = st.floats(0.0, 1.0)
rates = st.floats(1e-6, 0.5)
counts = st.floats(1.0, 1e5)
money = st.floats(1e-3, 1e12)
factors = st.floats(0.01, 100.0)
units = st.sampled_from(sorted(UNITS))


positive = st.floats(0.05, 0.95)
ARITHMETIC = [
    name
    for name, method in METHODS.items()
    if not set(re.findall(r"[A-Za-z_]+", method.formula)) - {*method.arguments, "x", "max", "min"}
]
"""Methods whose formula is written in their arguments alone."""


class TestUnits:
    """Numbers convert inside their kind, and only there."""

    @given(st.floats(-1e12, 1e12), units, units)
    def test_round_trip_or_refusal(self, value: float, unit: str, into: str) -> None:
        if UNITS[unit].kind == UNITS[into].kind:
            back = convert(convert(value, unit, into), into, unit)
            assert back == pytest.approx(value, rel=1e-12, abs=1e-300)
        else:
            with pytest.raises(ValueError, match=f"{unit} is"):
                convert(value, unit, into)

    def test_words_are_the_units(self) -> None:
        assert set(get_args(UnitWord)) == set(UNITS)

    def test_the_traps_of_the_sources(self) -> None:
        assert convert(16.389, "cents_per_unit", "usd_per_unit") == pytest.approx(0.16389)
        for unit, into in [
            ("percent", "percent_of_price"),
            ("families", "patents"),
            ("eur_per_unit", "usd_per_unit"),
        ]:
            with pytest.raises(ValueError, match="is"):
                convert(1.0, unit, into)

    @given(rates, money)
    def test_ad_valorem_round_trip(self, rate: float, price: float) -> None:
        assert interest.ad_valorem(interest.per_unit(rate, price), price) == pytest.approx(rate)

    @given(money, counts)
    def test_lump_sum_round_trip(self, lump: float, sold: float) -> None:
        assert interest.lump_sum(interest.unpacked(lump, sold), sold) == pytest.approx(lump)

    @given(money, money)
    def test_effective_rate_round_trip(self, payment: float, sales: float) -> None:
        assert interest.on_sales(interest.effective_rate(payment, sales), sales) == pytest.approx(payment)


class TestTopDown:
    """Counts, shares, caps."""

    @given(rates, counts, counts, counts)
    def test_more_families_higher_rate(self, burden: float, own: float, more: float, total: float) -> None:
        assert top_down.top_down(burden, own + more, total) > top_down.top_down(burden, own, total)

    @given(rates, counts, counts, factors)
    def test_scale_of_the_count_does_not_matter(
        self, burden: float, own: float, total: float, by: float
    ) -> None:
        assert top_down.top_down(burden, own * by, total * by) == pytest.approx(
            top_down.top_down(burden, own, total)
        )

    @given(rates, counts, counts, factors)
    def test_rate_is_proportional_to_the_burden(
        self, burden: float, own: float, total: float, by: float
    ) -> None:
        assert top_down.top_down(burden * by, own, total) == pytest.approx(
            by * top_down.top_down(burden, own, total)
        )

    @given(rates, st.lists(counts, min_size=1, max_size=8))
    def test_rates_of_all_holders_sum_to_the_burden(self, burden: float, portfolios: list[float]) -> None:
        total = sum(portfolios)
        assert sum(top_down.top_down(burden, own, total) for own in portfolios) == pytest.approx(burden)

    @given(rates, counts, counts, st.floats(0.05, 0.9), st.floats(0.1, 0.95))
    def test_over_declaration_raises_a_declared_count_only(
        self, burden: float, own: float, others: float, honest: float, drop: float
    ) -> None:
        """A holder that declares more for the same essential families gains by a declared count alone."""
        rest = top_down.declared_count(others, honest)

        def declared_rate(essentiality: float) -> float:
            declared = top_down.declared_count(own, essentiality)
            return top_down.top_down(burden, declared, declared + rest)

        essential_rate = top_down.top_down(burden, own, own + others)
        assert declared_rate(honest) == pytest.approx(essential_rate)
        assert declared_rate(honest * drop) > essential_rate

    @given(st.floats(0.05, 1.0), st.floats(0.05, 1.0), counts, counts)
    def test_over_declaration_is_the_ratio_of_shares(
        self, own_rate: float, mean_rate: float, own: float, total: float
    ) -> None:
        declared_share = top_down.declared_count(own, own_rate) / top_down.declared_count(total, mean_rate)
        assert declared_share / (own / total) == pytest.approx(top_down.over_declaration(own_rate, mean_rate))

    @given(counts, counts, factors)
    def test_equal_quality_is_the_plain_count(self, own: float, total: float, quality: float) -> None:
        assert top_down.quality_share(own, quality, total, quality) == pytest.approx(own / total)

    @given(st.lists(st.tuples(counts, factors), min_size=1, max_size=8))
    def test_quality_shares_sum_to_one(self, portfolios: list[tuple[float, float]]) -> None:
        total = sum(count for count, _ in portfolios)
        mean = sum(count * quality for count, quality in portfolios) / total
        quality_shares = [
            top_down.quality_share(count, quality, total, mean) for count, quality in portfolios
        ]
        assert sum(quality_shares) == pytest.approx(1.0)

    @given(money, shares, shares, counts, counts)
    def test_profit_is_the_ceiling(
        self, price: float, margin: float, top: float, own: float, more: float
    ) -> None:
        assert top_down.top_down_profit(price, margin, top, own, own + more) <= price * margin


class TestGenerations:
    """Several generations in one product."""

    @given(rates, st.floats(0.0, 0.2), st.floats(0.1, 1.0))
    def test_roll_forward_without_a_premium_scales_with_price(
        self, old: float, more: float, ratio: float
    ) -> None:
        assert roll_forward.roll_forward(old, 0.0, ratio) == pytest.approx(old * ratio)
        assert roll_forward.roll_forward(old, more, ratio) >= roll_forward.roll_forward(old, 0.0, ratio)

    @given(rates, shares)
    def test_generations_that_are_alike_are_one(self, burden: float, share: float) -> None:
        weights = [0.5, 0.4, 0.05, 0.05]
        assert multimode.multimode([burden] * 4, [share] * 4, weights) == pytest.approx(burden * share)

    @given(rates, rates, st.floats(0.01, 1.0))
    def test_blend_is_undone(self, first: float, second: float, weight: float) -> None:
        blended = multimode.blend(first, second, weight)
        assert min(first, second) * (1 - 1e-12) <= blended <= max(first, second) * (1 + 1e-12)
        assert multimode.unblend(blended, second, weight) == pytest.approx(first, rel=1e-6, abs=1e-9)

    def test_lists_of_unequal_length_are_refused(self) -> None:
        with pytest.raises(ValueError, match="zip"):
            multimode.multimode([0.05], [0.1, 0.1], [0.5])


class TestComparables:
    """Selection and averaging."""

    @given(st.lists(rates, min_size=1, max_size=6), factors)
    def test_mean_lies_inside_and_scales(self, found: list[float], by: float) -> None:
        weights = [1.0] * len(found)
        mean = comparable.comparables(found, weights)
        assert min(found) * (1 - 1e-9) <= mean <= max(found) * (1 + 1e-9)
        assert comparable.comparables([rate * by for rate in found], weights) == pytest.approx(mean * by)

    @given(rates, st.lists(rates, max_size=5))
    def test_what_was_signed_under_threat_does_not_count(self, free: float, tainted: list[float]) -> None:
        licences = [
            comparable.SignedLicence(free),
            *(comparable.SignedLicence(rate, voluntary=False) for rate in tainted),
        ]
        assert [licence.rate for licence, _ in comparable.select(licences)] == [free]
        assert len(comparable.select(licences, drop_tainted=False)) == len(licences)

    def test_a_licence_that_is_nothing_like_it_does_not_count_whatever_the_threshold(self) -> None:
        assert comparable.select([comparable.SignedLicence(0.02, patents=0.0)], at_least=0.0) == []

    @given(rates, st.floats(0.01, 5.0))
    def test_tainted_licences_inflate(self, rate: float, premium: float) -> None:
        tainted = rate * (1 + premium)
        assert comparable.comparables([rate, tainted], [1.0, 1.0]) > rate
        assert comparable.free_of_taint(tainted, premium) == pytest.approx(rate)

    @given(shares, shares, shares, shares)
    def test_unlike_licences_weigh_less(
        self, parties: float, patents: float, terms: float, size: float
    ) -> None:
        weight = comparable.similarity(parties, patents, terms, size)
        assert 0.0 <= weight <= min(parties, patents, terms, size)

    @given(counts, counts, st.floats(0.0, 20.0), st.floats(0.5, 10.0))
    def test_likeness_is_symmetric_and_at_most_one(
        self, a: float, b: float, years: float, half: float
    ) -> None:
        assert comparable.size_likeness(a, b) == comparable.size_likeness(b, a) <= 1.0
        assert comparable.year_likeness(years, half) == comparable.year_likeness(-years, half) <= 1.0

    def test_threshold_keeps_the_alike(self) -> None:
        licences = [comparable.SignedLicence(0.01, patents=0.9), comparable.SignedLicence(0.02, patents=0.2)]
        assert [licence.rate for licence, _ in comparable.select(licences, at_least=0.5)] == [0.01]


class TestControls:
    """The policy controls that S2 reports."""

    @given(st.lists(rates, min_size=1, max_size=30), rates)
    def test_aggregate_cap_binds_exactly(self, asked: list[float], cap: float) -> None:
        total = sum(asked)
        capped = [policy.pro_rata(rate, total, cap) for rate in asked]
        assert sum(capped) == pytest.approx(min(total, cap), rel=1e-12)

    @given(st.lists(rates, min_size=1, max_size=30), rates)
    def test_first_come_stack_never_exceeds_the_cap(self, asked: list[float], cap: float) -> None:
        stack = 0.0
        for rate in asked:
            room = policy.anti_stacking(cap, stack)
            stack += policy.controlled(rate, 0.0, room)
        assert stack == pytest.approx(min(sum(asked), cap))

    @given(rates)
    def test_controls_switched_off_change_nothing(self, rate: float) -> None:
        assert policy.controlled(rate, 0.0, policy.OFF) == rate

    @given(rates, rates, rates, rates, rates, rates)
    def test_no_ceiling_is_exceeded(
        self, rate: float, a: float, b: float, c: float, d: float, floor: float
    ) -> None:
        result = policy.controlled(rate, floor, min(a, b, c, d))
        assert result <= min(a, b, c, d)
        assert result >= min(floor, a, b, c, d)

    @given(shares, shares)
    def test_total_control_leaves_profit(self, margin: float, share: float) -> None:
        assert 0.0 <= policy.total_control(margin, share) <= margin

    def test_offers_of_huawei_v_idc_are_flagged(self) -> None:
        apple = 56e6 / 300e9
        multiples = [policy.discrimination_multiple(apple * times, apple) for times in (100, 35, 19)]
        assert multiples == pytest.approx([100, 35, 19])
        assert all(policy.discriminates(apple * times, apple, 2.0) for times in multiples)
        assert not policy.discriminates(apple, apple, 2.0)

    @given(rates, rates, rates)
    def test_adoption_and_reward(self, barrier: float, others: float, outside: float) -> None:
        assert policy.wide_adoption(barrier, others) + others == pytest.approx(max(barrier, others))
        assert policy.adequate_reward(outside) == outside
        assert policy.anti_hold_up(incremental.incremental(barrier, others)) == max(0.0, barrier - others)


class TestOthers:
    """Pools, hypothetical negotiation, increments, cross-checks, fault, interest."""

    @given(rates, shares, st.floats(0.0, 5.0))
    def test_membership_is_worth_something(self, pool_rate: float, share: float, membership: float) -> None:
        royalty = pool.pool_share(pool_rate, share)
        assert royalty <= pool.pool(royalty, membership) == pool.pool_ceiling(pool_rate, share, membership)

    @given(rates, rates, rates, rates)
    def test_negotiation_ends_below_stack_and_adoption(
        self, value: float, room: float, top: float, low: float
    ) -> None:
        assert hypothetical.hypothetical(value, room, top, low) <= min(room, top)

    @given(rates, shares, shares)
    def test_contribution_is_a_part(self, value: float, standard: float, portfolio: float) -> None:
        assert hypothetical.contribution(value, standard, portfolio) <= value

    def test_georgia_pacific_has_fifteen_factors_and_two_are_dropped(self) -> None:
        assert list(hypothetical.GEORGIA_PACIFIC) == list(range(1, 16))
        assert [n for n, text in hypothetical.GEORGIA_PACIFIC.items() if text.startswith("dropped")] == [4, 5]

    @given(rates, rates, shares)
    def test_worthless_increment_earns_nothing(self, value: float, better: float, share: float) -> None:
        assert incremental.incremental(value, value + better, share) == 0.0

    @given(rates, rates, rates)
    def test_checked_rate_lies_in_the_range(self, rate: float, low: float, width: float) -> None:
        high = low + width
        clipped = cross_check.checked(rate, low, high)
        assert low <= clipped <= high
        assert cross_check.supported(clipped, low, high)
        assert cross_check.supported(rate, low, high) == (clipped == rate)

    @given(rates, rates, rates, rates)
    def test_overlap_is_symmetric(self, a: float, b: float, c: float, d: float) -> None:
        first, second = sorted((a, b)), sorted((c, d))
        overlaps = cross_check.agree(first[0], first[1], second[0], second[1])
        assert overlaps == cross_check.agree(second[0], second[1], first[0], first[1])
        assert cross_check.gap(a, b) == pytest.approx(cross_check.gap(b, a))

    @given(st.floats(0.0, 100.0), st.floats(0.0, 100.0), money)
    def test_fault_shares_sum_to_the_loss(self, own: float, other: float, loss: float) -> None:
        shares_of_loss = fault.apportioned_loss(loss, own, other), fault.apportioned_loss(loss, other, own)
        assert sum(shares_of_loss) == pytest.approx(loss)

    @given(money, st.floats(1e-6, 0.3), st.floats(1.0, 20.0))
    def test_interest_grows_with_compounding(self, sum_due: float, rate: float, years: float) -> None:
        by_period = [interest.compound(sum_due, rate, periods, years) for periods in (1, 4, 12)]
        assert all(first <= second * (1 + 1e-12) for first, second in pairwise(by_period))
        assert interest.simple(sum_due, rate, years) <= by_period[0] * (1 + 1e-12)

    @given(money, st.floats(0.0, 0.3), st.integers(0, 120))
    def test_past_sales_add_up_month_by_month(self, monthly: float, rate: float, months: int) -> None:
        summed = sum(
            interest.months_with_interest(monthly, rate, months - 1 - month) for month in range(months)
        )
        assert interest.level_base(monthly, rate, float(months)) == pytest.approx(summed, rel=1e-7)

    @given(st.floats(0.01, 1.0), st.floats(0.01, 1.0))
    def test_position_of_bid_and_ask(self, bid: float, spread: float) -> None:
        ask = bid + spread
        assert hypothetical.bargaining_position(bid, bid, ask) == 0.0
        assert hypothetical.bargaining_position(ask, bid, ask) == pytest.approx(1.0)


@given(st.sampled_from(sorted(METHODS)), st.data())
def test_methods_are_monotone_in_each_argument(name: str, data: st.DataObject) -> None:
    """Ends over ranges are exact only because of this."""
    method = METHODS[name]
    point = {key: data.draw(st.floats(0.1, 0.9)) for key in method.arguments}
    if {"low", "high"} <= point.keys():
        point["low"], point["high"] = sorted((point["low"], point["high"]))
    lists = {key for key, kind in method.arguments.items() if kind.endswith("*")}
    moving = data.draw(st.sampled_from(sorted(method.arguments)))
    path = []
    for step in (0.0, 0.5, 1.0):
        moved = point | {moving: point[moving] + step * 0.05}
        given = {key: [value, 0.5] if key in lists else value for key, value in moved.items()}
        if "thresholds" in lists:  # they start at 0 and rise
            given["thresholds"] = [0.0, moved["thresholds"]]
        if "ask" in moved:  # a position lies between a bid and an ask above it
            assume(moved["bid"] < moved["ask"])
        path.append(method(given))
    assume(all(math.isfinite(value) and abs(value) < 1e6 for value in path))
    slack = 1e-9 * max(map(abs, path))
    rises = path[1] >= path[0] - slack and path[2] >= path[1] - slack
    falls = path[1] <= path[0] + slack and path[2] <= path[1] + slack
    assert rises or falls


def test_guidelines_name_methods_that_exist() -> None:
    assert {method for _, methods in GUANGDONG_2018.values() for method in methods} <= set(METHODS)


def test_registered_functions_run_without_the_compiler() -> None:
    assert not [name for name, method in METHODS.items() if hasattr(method.function, "py_func")]


class TestMethods:
    """What a method computes is what it says it computes."""

    @staticmethod
    def said(formula: str, values: dict[str, float]) -> float:
        """A formula as written, by Python."""
        text = formula.replace("^", "**")
        return float(eval(re.sub(r"\bx\b", "*", text), {"max": max, "min": min}, values))

    @given(st.data())
    @pytest.mark.parametrize("name", ARITHMETIC)
    def test_its_formula(self, name: str, data: st.DataObject) -> None:
        method = METHODS[name]
        values = {argument: data.draw(positive, argument) for argument in method.arguments}
        assume(len(set(values.values())) == len(values))  # some divide by a difference
        assert method(values) == pytest.approx(self.said(method.formula, values), rel=1e-6, abs=1e-12)

    def test_most_formulas_are_arithmetic(self) -> None:
        assert len(ARITHMETIC) >= 20
