"""Courts' methods and policy controls at a fixed state: what each sees, and that both sides foresee it."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest

from simulator.compiled import as_written
from simulator.engine import comparables, rate_setting
from simulator.engine.build import build, new_state
from simulator.engine.market import Rules
from simulator.engine.month import begin
from simulator.engine.records import MAX_COMPARABLES
from simulator.engine.run import populate
from simulator.engine.shadow import limits, outlook_today
from simulator.engine.state import Matter, State, matter
from simulator.rates.policy import OFF, expected_between
from simulator.spec.regime import Controls, RateSetting
from simulator.vocabulary import Act, CourtMode, Disclosure, RateMethod
from tests.play import METHODS_DIFFER, Player, changed, law, outcomes, quantity, regime, scenario, strategy

APART = METHODS_DIFFER | {
    "holders.share": 0.1,
    "holders.quality_spread": 0.5,
    "implementers.region_two_share": 0.4,
}
"""A market in which declarations, counts, contributions, pools and alternatives say different things."""
HOLDERS: list[Player] = ["holder_good_faith", "holder_over_declarer", "holder_hold_up"]
WITHOUT_LICENCES = [
    method
    for method in RateMethod
    if method
    not in {
        RateMethod.COMPARABLES,
        RateMethod.COMPARABLES_CHECKED,
        RateMethod.COMPARABLES_CHECKED_DECLARED,
        RateMethod.TOP_DOWN_SUPPORTED,
    }
]


def at_start(method: RateMethod, numbers: dict[str, float], **rate: Any) -> tuple[Rules, State]:
    """The rules, and the state at the start of month 0, under a court that sets rates by one method."""
    one = regime(CourtMode.DIRECT, rate=RateSetting(method=method, **rate))
    rules = build(scenario(one, holder=HOLDERS, implementer="implementer_good_faith", numbers=numbers))
    state, blank = new_state(rules)
    begin(rules, state, populate(rules, state, blank, 1, 0), 0, 0)
    return rules, state


def matter_of(method: RateMethod, numbers: dict[str, float], k: int = 0, **rate: Any) -> Matter:
    rules, state = at_start(method, numbers, **rate)
    m: Matter = as_written(matter)(rules, state, k, 0, 1, 0)
    outlook_today(m, 0)
    return m


def licence(m: Matter, n: int, rate: float, tainted: bool = False) -> None:
    """Put a licence of the holder at the same region and size into what a court may see."""
    row = m.holder.comparables[n]
    row[:] = 0.0
    row[comparables.RATE], row[comparables.REGION] = rate, m.implementer.region
    row[comparables.LOG_SALES] = math.log(m.implementer.scale)
    row[comparables.LICENSOR] = m.negotiation.holder
    row[comparables.TAINTED], row[comparables.LICENSEE] = float(tainted), n
    m.holder.n_comparables = n + 1


@pytest.mark.parametrize("method", WITHOUT_LICENCES)
def test_where_nothing_differs_every_method_finds_the_true_rate(method: RateMethod) -> None:
    """No over-declaration, equal quality, no alternatives: counts, values and contributions are one."""
    m = matter_of(method, {"holders.share": 0.1})
    others = m.holder.declared_share != m.holder.share  # there is an over-declarer among the others
    assert others == (method == RateMethod.TOP_DOWN_DECLARED) or m.holder.share == m.holder.count_share
    if method != RateMethod.TOP_DOWN_DECLARED:
        assert rate_setting.method_rate(m, 0) == pytest.approx(m.negotiation.frand, rel=1e-12)


@pytest.mark.parametrize("k", range(3))
@pytest.mark.parametrize("method", WITHOUT_LICENCES)
def test_both_sides_expect_what_the_court_finds(method: RateMethod, k: int) -> None:
    """Without an expert's error, whoever knows the FRAND rate expects the very rate the court sets."""
    m = matter_of(method, APART | {"court.rate.bias": 0.3, "court.rate.regional_factor": 0.9}, k)
    m.negotiation.last_ask, m.negotiation.last_bid = 1.1 * m.negotiation.frand, 0.9 * m.negotiation.frand
    expected = rate_setting.expected_rate(m, m.negotiation.frand)
    assert rate_setting.court_estimate(m, 0, 1) == pytest.approx(expected, rel=1e-12)
    assert rate_setting.fair_rate(m, m.negotiation.frand) == pytest.approx(rate_setting.method_rate(m, 0))


@pytest.mark.parametrize("method", RateMethod)
def test_the_short_way_where_a_method_finds_the_frand_rate_is_the_long_one(method: RateMethod) -> None:
    """Where build says that a method is right on average, the factor worked out is 1 to the bit."""
    for numbers in ({"holders.share": 0.1}, APART):
        m = matter_of(method, numbers)
        if m.forum.plain == 1:
            assert rate_setting.method_factor(m, 0) == 1.0
            assert numbers is not APART or method == RateMethod.COMPARABLES
        else:
            own_reason = method in {RateMethod.QUOTATION, RateMethod.TOP_DOWN_DECLARED}
            own_reason |= method == RateMethod.COMPARABLES_CHECKED_DECLARED
            assert numbers is APART or own_reason


@pytest.mark.parametrize("method", [RateMethod.INCREMENTAL, RateMethod.COMPARABLES])
def test_the_mean_of_erring_courts_is_what_is_expected(method: RateMethod) -> None:
    m = matter_of(method, APART | {"court.rate.error": 0.3, "court.rate.unpacking": 0.0})
    for n in range(3):
        licence(m, n, m.negotiation.frand)
    rates = [rate_setting.court_estimate(m, 1, instance) for instance in range(4000)]
    error = np.std(rates) / math.sqrt(len(rates))
    assert np.mean(rates) == pytest.approx(
        rate_setting.expected_rate(m, m.negotiation.frand), abs=3.0 * float(error)
    )


def test_declared_counts_reward_declaring_by_as_much() -> None:
    """The share of declarations rises one for one in the logarithm, less what the total grows by."""
    m = matter_of(RateMethod.TOP_DOWN_DECLARED, APART, 1)
    over = m.holder.over
    assert over > 1.0
    ratio = m.holder.declared_share / m.holder.count_share
    assert 1.0 < ratio < over
    essential = matter_of(RateMethod.TOP_DOWN_ESSENTIAL, APART, 1)
    rate = rate_setting.method_rate(m, 0), rate_setting.method_rate(essential, 0)
    assert rate[0] / rate[1] == pytest.approx(ratio)


def test_nobody_is_misled_by_declarations_that_the_court_counts_anyway() -> None:
    """Where declarations are counted, over-declaration enters the rate expected, not the belief too."""
    declared = matter_of(RateMethod.TOP_DOWN_DECLARED, APART, 1).negotiation
    essential = matter_of(RateMethod.TOP_DOWN_ESSENTIAL, APART, 1).negotiation
    assert declared.shift_h == declared.shift_i == 0.0
    assert essential.shift_h > 0.0
    assert declared.rho_h < essential.rho_h


def test_comparables_checked_by_declared_counts_reach_what_declarations_allow() -> None:
    method = RateMethod.COMPARABLES_CHECKED_DECLARED
    counts = {}
    for one in (method, RateMethod.COMPARABLES_CHECKED):
        m = matter_of(one, APART, 1)
        for n in range(3):
            licence(m, n, 10.0 * m.negotiation.frand)
        counts[one] = rate_setting.method_rate(m, 1)
        share = m.holder.declared_share if one == method else m.holder.count_share
        high = m.market.burden * share * m.implementer.region * (1.0 + m.forum.half_range)
        assert counts[one] == pytest.approx(high)
    assert counts[method] > counts[RateMethod.COMPARABLES_CHECKED]


@pytest.mark.parametrize("method", RateMethod)
def test_no_method_is_known_to_be_off_where_nothing_is_due(method: RateMethod) -> None:
    """A technology that adds nothing to the next best is due nothing, and no factor of it says more."""
    m = matter_of(method, APART)
    m.holder.share = 0.0
    assert as_written(rate_setting.method_factor)(m, 1) == 1.0


@pytest.mark.parametrize("method", WITHOUT_LICENCES)
def test_nothing_is_due_for_a_standard_that_is_worth_nothing(method: RateMethod) -> None:
    m = matter_of(method, APART)
    m.market.burden = 0.0
    assert as_written(rate_setting.method_rate)(m, 0) == 0.0


def test_contributions_are_what_is_rewarded() -> None:
    """Approved proposals move the rate where they are counted, in proportion, and nowhere else."""
    for method in RateMethod:
        m = matter_of(method, APART)
        before = rate_setting.method_rate(m, 0)
        m.holder.contributed_share *= 2.0
        counted = method in {RateMethod.CONTRIBUTIONS, RateMethod.HYPOTHETICAL}
        assert rate_setting.method_rate(m, 0) == pytest.approx((2.0 if counted else 1.0) * before)


def test_a_pool_pays_makers_for_belonging_to_it() -> None:
    """Microsoft v Motorola: the pool's royalty and twice that, .185 + 2 x .185."""
    m = matter_of(RateMethod.POOL, APART)
    royalty = 0.5 * m.market.burden * m.holder.count_share * m.implementer.region
    assert rate_setting.method_rate(m, 0) == pytest.approx(3.0 * royalty)
    m.holder.kind = 1 - rate_setting.MAKER
    assert rate_setting.method_rate(m, 0) == pytest.approx(royalty)


def test_the_hypothetical_negotiation_goes_by_what_the_standard_gives_the_product() -> None:
    m = matter_of(RateMethod.HYPOTHETICAL, APART)
    by_hand = m.implementer.margin * 0.15 * m.holder.contributed_share * m.implementer.region
    assert rate_setting.method_rate(m, 0) == pytest.approx(by_hand)


def test_incremental_value_is_what_the_next_best_would_not_give() -> None:
    m = matter_of(RateMethod.INCREMENTAL, APART | {"court.rate.increment_share": 0.5})
    hold, market = m.holder, m.market
    value = market.burden * hold.worth * (1.0 - hold.alternative) + 0.01 * hold.count_share
    assert rate_setting.method_rate(m, 0) == pytest.approx(0.5 * value * m.implementer.region)
    rates = []
    for alternative in (0.0, 0.3, 0.9):
        m.holder.alternative = alternative
        rates.append(rate_setting.method_rate(m, 0))
    assert rates[0] > rates[1] > rates[2] > 0.0


def test_the_true_rate_is_what_a_holder_adds_to_the_next_best() -> None:
    """r* / A is the share of families x quality x (1 - alternative), the rest at the mean alternative."""
    _, state = at_start(RateMethod.INCREMENTAL, APART)
    value = [hold.families * hold.quality * (1.0 - hold.alternative) for hold in state.holders]
    rest = (1.0 - 3 * 0.1) * (1.0 - 0.3)
    assert [hold.share for hold in state.holders] == pytest.approx([v / (sum(value) + rest) for v in value])


def test_bottom_up_errs_less_with_every_family_examined() -> None:
    one, many, all_there_are = (
        matter_of(
            RateMethod.BOTTOM_UP, APART | {"court.rate.error": 0.3, "court.rate.families_examined": examined}
        )
        for examined in (1.0, 100.0, 100_000.0)
    )
    assert rate_setting.error_of(one) == 0.3
    assert rate_setting.error_of(many) == pytest.approx(0.03)
    own = many.holder.families * 2000  # of the standard, as the market's file says
    assert rate_setting.error_of(all_there_are) == pytest.approx(0.3 / math.sqrt(own))


def test_a_group_that_declares_what_is_not_essential_is_counted_more_often() -> None:
    """Twice as many declarations an essential family as others': the same as over-declaring twofold."""
    one = scenario(
        regime(CourtMode.DIRECT, rate=RateSetting(method=RateMethod.TOP_DOWN_DECLARED)), holder=HOLDERS
    )
    careless = one.market.holders[0].model_copy(update={"essentiality": quantity(0.15)})
    market = one.market.model_copy(update={"holders": (careless, *one.market.holders[1:])})
    over = []
    for played in (one, one.model_copy(update={"market": market})):
        rules = build(played)
        state, blank = new_state(rules)
        populate(rules, state, blank, 1, 0)
        over.append([hold.over for hold in state.holders])
    assert over[1][0] == pytest.approx(2.0 * over[0][0])
    assert over[1][1:] == over[0][1:]


def test_quotations_decide_within_the_top_down_range() -> None:
    m = matter_of(RateMethod.QUOTATION, APART)
    counted = m.market.burden * m.holder.count_share * m.implementer.region
    w, beta = m.forum.half_range, m.market.beta
    m.negotiation.last_ask, m.negotiation.last_bid = 1.04 * counted, 0.98 * counted
    between = 1.04**beta * 0.98 ** (1.0 - beta) * counted
    assert rate_setting.method_rate(m, 0) == pytest.approx(between)
    m.negotiation.last_ask = 50.0 * counted
    assert rate_setting.method_rate(m, 0) == pytest.approx((1.0 + w) * counted)
    m.negotiation.last_bid = 0.0
    assert rate_setting.method_rate(m, 0) == pytest.approx(counted)


@pytest.mark.parametrize(("low", "high", "finds"), [(0.2, 0.5, 0.5), (2.0, 3.0, 2.0), (0.5, 2.0, 1.0)])
def test_a_top_down_rate_that_comparables_do_not_support_moves(low: float, high: float, finds: float) -> None:
    """InterDigital v Lenovo: no comparable supported the top-down rate, so it was not FRAND."""
    m = matter_of(RateMethod.TOP_DOWN_SUPPORTED, APART | {"court.rate.unpacking": 0.0})
    counted = m.market.burden * m.holder.count_share * m.implementer.region
    assert rate_setting.method_rate(m, 1) == pytest.approx(counted)  # nothing to support it by
    licence(m, 0, low * counted)
    licence(m, 1, high * counted)
    licence(m, 2, math.sqrt(low * high) * counted)
    assert rate_setting.method_rate(m, 1) == pytest.approx(finds * counted)
    licence(m, 2, 100.0 * counted, tainted=True)  # signed under suit: supports nothing
    m.forum.comparables_needed = 2
    assert rate_setting.method_rate(m, 1) == pytest.approx(finds * counted)


def test_licences_are_unpacked_with_an_error_of_the_stated_spread_and_mean_one() -> None:
    """Log of what experts make of a licence at the true rate: normal, sd ``u``, mean ``-u^2 / 2``."""
    u = 0.4
    m = matter_of(RateMethod.COMPARABLES, APART | {"court.rate.unpacking": u})
    m.forum.comparables_needed = 1
    licence(m, 0, m.negotiation.frand)
    errors = []
    for licensee in range(1500):
        m.holder.comparables[0, comparables.LICENSEE] = licensee
        errors.append(math.log(rate_setting.method_rate(m, 1) / m.negotiation.frand))
    assert np.mean(errors) == pytest.approx(-0.5 * u**2, abs=3.0 * u / math.sqrt(len(errors)))
    assert np.std(errors) == pytest.approx(u, rel=0.08)


@pytest.mark.parametrize("method", [RateMethod.COMPARABLES, RateMethod.COMPARABLES_CHECKED])
def test_a_licence_without_a_royalty_is_no_comparable(method: RateMethod) -> None:
    """It is paid for by a licence in return, so it shows no rate and is none of the number needed."""
    m = matter_of(method, APART | {"court.rate.unpacking": 0.0})
    m.forum.comparables_needed = 2
    licence(m, 0, m.negotiation.frand)
    licence(m, 1, 0.0)
    counted = m.market.burden * m.holder.count_share * m.implementer.region
    assert rate_setting.method_rate(m, 1) == pytest.approx(counted)  # one licence is too few
    m.forum.comparables_needed = 1
    w = m.forum.half_range if method == RateMethod.COMPARABLES_CHECKED else math.inf
    within = min(max(m.negotiation.frand, counted * (1.0 - w)), counted * (1.0 + w))
    assert rate_setting.method_rate(m, 1) == pytest.approx(within)


@pytest.mark.parametrize("word", ["unseen", "seen"])
def test_a_court_sees_what_its_holder_withholds_where_disclosure_is_ordered(word: str) -> None:
    """In that holder's own suits alone: whoever is no party to them discloses nothing."""
    m = matter_of(RateMethod.COMPARABLES, APART, 2, licensors="all", withheld_comparables=word)
    assert m.holder_strategy.withholds & (1 << Disclosure.COMPARABLES)
    as_written(comparables.leave)(m, 0, 0.01, False)
    assert m.holder.n_comparables == (word == "seen")
    assert m.outlook.n_licences == 0
    m.holder_strategy.withholds = 0
    as_written(comparables.leave)(m, 0, 0.01, False)
    assert m.outlook.n_licences == 1


@pytest.mark.parametrize(("word", "matters"), [("seen", False), ("unseen", True)])
def test_withholding_licences_moves_no_judgment_where_the_court_sees_them(word: str, matters: bool) -> None:
    """Whether a holder that sues at once, and shows nothing before, would have shown them then or not."""
    english = changed(law("uk-global"), "court.rate.withheld_comparables", word)
    mute = {"refuses": (Act.DISCLOSE, Act.OFFER), "forthcoming": False}
    paid = []
    for withheld in ((), (Disclosure.COMPARABLES,)):
        silent = strategy("holder_hold_up", sue_after=0.0, conduct=mute | {"withholds": withheld})
        numbers = {"court.rate.comparables_needed": 1.0}
        others = 9 * ["implementer_hold_out"]
        market = scenario(english, holder=silent, implementer=others, numbers=numbers, ideal=False)
        paid.append(outcomes(market)["paid"])
    assert np.array_equal(paid[0], paid[1]) != matters


@pytest.mark.parametrize(("column", "value", "weight", "factor"), [
    (comparables.MONTH, 1.0, 1.0, 1.0), (comparables.MONTH, 61.0, 2.0, 1.0),
    (comparables.LOG_SALES, math.log(4.0), 0.25, 1.0), (comparables.REGION, 4.0, 0.25, 0.25),
])  # fmt: skip
def test_a_licence_counts_for_as_much_as_it_is_like_the_case(
    column: int, value: float, weight: float, factor: float
) -> None:
    """Five years older counts half; four times the size, or the level of rates, counts a quarter.

    A rate of a dearer territory is carried over by the ratio of the territories' factors.
    """
    m = matter_of(RateMethod.COMPARABLES, APART | {"court.rate.unpacking": 0.0})
    m.forum.comparables_needed = 2
    m.implementer.region, m.implementer.scale = 1.0, 1.0
    for n, rate in enumerate((0.01, 0.03)):
        licence(m, n, rate)
        m.holder.comparables[n, comparables.MONTH] = 1.0
    m.holder.comparables[1, column] = value
    mean = math.exp((math.log(0.01) + weight * math.log(0.03 * factor)) / (1.0 + weight))
    assert rate_setting.method_rate(m, 121) == pytest.approx(mean)


@pytest.mark.parametrize("hidden", [{"month": 120.0}, {"month": 119.0, "region": 0.0}, {"month": 119.0}])
def test_a_court_sees_licences_signed_before_it_sits_for_regions_with_a_rate(
    hidden: dict[str, float],
) -> None:
    """One signed in the very month, or for a territory in which nothing is due, shows it no rate."""
    m = matter_of(RateMethod.COMPARABLES, APART | {"court.rate.unpacking": 0.0})
    m.forum.comparables_needed = 1
    licence(m, 0, 0.01)
    licence(m, 1, 0.03)
    m.holder.comparables[:2, comparables.MONTH] = 119.0, hidden["month"]
    m.holder.comparables[1, comparables.REGION] = hidden.get("region", m.implementer.region)
    seen = math.sqrt(0.01 * 0.03) if hidden == {"month": 119.0} else 0.01
    assert as_written(rate_setting.method_rate)(m, 120) == pytest.approx(seen)


def test_the_latest_licences_are_looked_at_and_no_more() -> None:
    """The hundredth licence has taken the place of an older one: 64 are seen, and none beyond them."""
    m = matter_of(RateMethod.COMPARABLES, APART | {"court.rate.unpacking": 0.0})
    for n in range(MAX_COMPARABLES):
        licence(m, n, 0.01)
    m.holder.n_comparables = 100
    assert as_written(comparables.comparables_seen)(m, 1)[:3] == pytest.approx((0.01, 0.01, 0.01))
    m.holder.n_comparables = m.forum.comparables_needed = 3
    m.holder.comparables[3:, comparables.RATE] = 0.09  # rows beyond those it has signed are none of its own
    assert as_written(comparables.comparables_seen)(m, 1)[:3] == pytest.approx((0.01, 0.01, 0.01))


@pytest.mark.parametrize(("remanded", "error"), [(0, 0.2), (1, 0.7)])
def test_a_jury_errs_in_the_new_trial_alone(remanded: int, error: float) -> None:
    m = matter_of(RateMethod.TOP_DOWN_ESSENTIAL, {})
    m.forum.court_error, m.forum.retrial_error, m.suit.remanded = 0.2, 0.7, remanded
    assert as_written(rate_setting.error_of)(m) == error


def test_new_draws_move_no_old_ones() -> None:
    """Contributions and alternatives are drawn apart: families, strategies and sales stay as they were."""
    _, plain = at_start(RateMethod.POOL, {})
    _, apart = at_start(RateMethod.POOL, {"holders.contribution_spread": 0.7, "standard.alternative": 0.3})
    for name in ("families", "quality", "strategy", "over"):
        assert [getattr(hold, name) for hold in plain.holders] == [
            getattr(hold, name) for hold in apart.holders
        ]
    assert [imp.scale for imp in plain.implementers] == [imp.scale for imp in apart.implementers]


def test_settlements_follow_the_method_a_court_is_known_for() -> None:
    """Rational parties sign without a judgment, and at what the court would make of their rate."""
    numbers = {"holders.share": 0.1, "standard.pool_rate": 0.5}
    paid = {}
    for method in (RateMethod.POOL, RateMethod.TOP_DOWN_ESSENTIAL):
        one = regime(CourtMode.DIRECT, rate=RateSetting(method=method, error=quantity(0.2)))
        rows = outcomes(scenario(one, numbers=numbers, replications=4))
        assert (rows["judgments"] == 0).all()
        paid[method] = rows["rate"] / rows["frand_rate"]
    assert paid[RateMethod.POOL] == pytest.approx(0.5 * paid[RateMethod.TOP_DOWN_ESSENTIAL])


TIGHT = {
    "total_control": Controls(total_control=quantity(0.1)),
    "anti_hold_up": Controls(anti_hold_up=True),
    "anti_stacking": Controls(anti_stacking=True),
    "wide_adoption": Controls(wide_adoption=quantity(0.02)),
    "non_discrimination": Controls(non_discrimination=quantity(0.8)),
}
"""Each ceiling alone, at a level at which it binds in the market below."""
ERRING = {"holders.share": 0.1, "court.rate.error": 0.25, "court.rate.bias": 0.3, "court.rate.unpacking": 0.0}


def under(controls: Controls, numbers: dict[str, float] | None = None) -> Matter:
    """A court that counts essential families and finds 1.35 times too much; three licences at r* to see."""
    m = matter_of(RateMethod.TOP_DOWN_ESSENTIAL, ERRING | (numbers or {}), controls=controls)
    for n in range(3):
        licence(m, n, m.negotiation.frand)
    m.negotiation.disclosures |= rate_setting.COMPARABLE_BIT
    outlook_today(m, 1)
    return m


def values(m: Matter) -> tuple[float, ...]:
    """Estimate, expected rate, what court is worth and costs, what either side would sign."""
    rho = m.negotiation.frand
    found = limits(m, 1, rho, rho, 0.0, 0.0)
    return rate_setting.court_estimate(m, 1, 1), rate_setting.expected_rate(m, rho), *found


@pytest.mark.parametrize("control", TIGHT)
def test_a_ceiling_never_raises_and_lowers_what_both_sides_sign(control: str) -> None:
    free, bound = values(under(Controls())), values(under(TIGHT[control]))
    assert all(low <= high * (1.0 + 1e-12) for low, high in zip(bound, free, strict=True))
    expected, w_h, l_i, r_h, r_i = (np.array(bound[1:]) / np.array(free[1:])).tolist()
    assert max(expected, w_h, l_i, r_h, r_i) < 0.99


@pytest.mark.parametrize("error", [0.0, 0.25])
@pytest.mark.parametrize("control", [*TIGHT, "adequate_reward", "all"])
def test_the_mean_court_rate_under_a_control_is_what_is_expected(control: str, error: float) -> None:
    """At rho = r*: within three standard errors of the mean over instances; without error the same."""
    every: dict[str, Any] = {"adequate_reward": quantity(0.9)}
    for one in TIGHT.values():
        every |= {name: getattr(one, name) for name in one.model_fields_set}
    controls = TIGHT.get(control) or Controls(adequate_reward=quantity(1.3))
    m = under(Controls(**every) if control == "all" else controls, {"court.rate.error": error})
    rates = [rate_setting.court_estimate(m, 1, instance) for instance in range(3000)]
    slack = 3.0 * float(np.std(rates)) / math.sqrt(len(rates)) + 1e-5 * float(np.mean(rates))
    assert np.mean(rates) == pytest.approx(rate_setting.expected_rate(m, m.negotiation.frand), abs=slack)


def test_adequate_reward_is_a_floor_on_both() -> None:
    free, bound = values(under(Controls())), values(under(Controls(adequate_reward=quantity(1.5))))
    assert all(high >= low for low, high in zip(free, bound, strict=True))
    assert bound[1] > 1.05 * free[1]


def test_stacking_and_adoption_leave_each_holder_its_part_of_the_room() -> None:
    """Pro rata of what is not licensed: ceilings of all holders together are the room, and no more."""
    rules, state = at_start(
        RateMethod.TOP_DOWN_ESSENTIAL, {"holders.share": 0.1}, controls=TIGHT["anti_stacking"]
    )
    state.implementers[0].stack = 0.4 * rules.market[0].burden
    state.implementers[0].unsigned_at_start = 0.7
    ceilings = []
    for k in range(3):
        m = as_written(matter)(rules, state, k, 0, 1, 0)
        ceilings.append(rate_setting.bounds(m, 0, True)[1])
        assert ceilings[-1] == pytest.approx(0.6 * m.market.burden * m.implementer.region * 0.1 / 0.7)
    state.implementers[0].unsigned_at_start = 0.0  # all is licensed: whoever comes last has what is left
    assert rate_setting.bounds(m, 0, True)[1] == pytest.approx(0.6 * m.market.burden * m.implementer.region)
    state.implementers[0].unsigned_at_start = 0.7
    m.forum.anti_stacking, m.forum.wide_adoption = 0, 0.03
    assert rate_setting.bounds(m, 0, True)[1] == pytest.approx((0.03 - m.implementer.stack) / 7.0)


def test_what_others_pay_binds_once_it_is_known() -> None:
    m = under(TIGHT["non_discrimination"])
    known = rate_setting.expected_rate(m, m.negotiation.frand)
    m.negotiation.disclosures = 0
    outlook_today(m, 1)
    assert rate_setting.expected_rate(m, m.negotiation.frand) > known
    assert rate_setting.court_estimate(m, 1, 1) <= 0.8 * m.negotiation.frand * (1.0 + 1e-12)


def test_what_is_kept_of_a_month_is_what_would_be_worked_out_again() -> None:
    """More rates than are kept, in any order, under two spreads of error; another month keeps nothing."""
    m = under(TIGHT["non_discrimination"])
    view, frand = m.outlook, m.negotiation.frand
    for _ in range(3):
        for k in (0, 1, 0, 2, 3, 1, 4, 5, 6, 0, 6):
            for sd in (0.2, 0.4):
                rate = frand * (0.5 + 0.2 * k)
                anew = expected_between(rate, view.floor, view.ceiling, sd)
                assert rate_setting.held(view, rate, sd) == anew
        m.negotiation.disclosures = 0  # what others pay is not known any more
        before = view.ceiling
        outlook_today(m, 1)
        assert view.ceiling >= before
    assert view.ceiling > frand


def test_anti_hold_up_pays_for_the_technology_and_not_for_being_in_the_standard() -> None:
    """Costs to switch are in the incremental value a user saves and not in what the control leaves."""
    controls = Controls(anti_hold_up=True)
    m = matter_of(RateMethod.INCREMENTAL, APART, controls=controls)
    value = m.market.burden * m.holder.worth * (1.0 - m.holder.alternative) * m.implementer.region
    free = matter_of(RateMethod.INCREMENTAL, APART)
    assert rate_setting.court_estimate(m, 0, 1) == pytest.approx(value)
    assert rate_setting.court_estimate(free, 0, 1) > value


def test_moderate_parties_ask_and_bid_under_the_controls() -> None:
    """A holder in good faith would be found extreme if it asked for what the court cannot give."""
    m = under(TIGHT["total_control"])
    assert rate_setting.fair_rate(m, m.negotiation.frand) < 0.9 * m.negotiation.frand


def test_no_control_leaves_all_outcomes_the_same() -> None:
    """Each control alone, and none, play out differently where parties sign, sue and are judged."""
    numbers = ERRING | {"court.rate.comparables_needed": 1.0, "holders.quality_spread": 0.5}
    played = {}
    every = TIGHT | {"none": Controls(), "floor": Controls(adequate_reward=quantity(1.2))}
    for name, controls in every.items():
        rate = RateSetting(method=RateMethod.TOP_DOWN_ESSENTIAL, controls=controls)
        one = regime(CourtMode.DIRECT, rate=rate)
        parties: dict[str, Any] = {
            "holder": HOLDERS,
            "implementer": ["implementer_good_faith", "implementer_hold_out", "implementer_rational"],
        }
        rows = outcomes(scenario(one, **parties, numbers=numbers, ideal=False, replications=8))
        played[name] = rows[["rate", "court_rate", "paid", "outcome"]].tobytes()
    assert len(set(played.values())) == len(played) == 7


def test_expected_between_is_the_mean_of_a_censored_rate() -> None:
    z = np.random.default_rng(5).standard_normal(400_000)
    for floor, ceiling in ((0.0, 0.9), (1.1, OFF), (0.8, 1.2), (1.5, 1.2), (0.0, 0.0)):
        rates = np.minimum(np.maximum(np.exp(0.3 * z - 0.045), floor), ceiling)
        assert expected_between(1.0, floor, ceiling, 0.3) == pytest.approx(rates.mean(), abs=2e-3)
    assert expected_between(0.0, 0.01, OFF, 0.3) == 0.01
