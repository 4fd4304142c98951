"""Who takes part in the standard: implementers below their barrier, holders above what they have outside."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise
from typing import Any

import numpy as np
import pytest

from simulator.agents import LicensingModel
from simulator.compiled import as_written
from simulator.engine.adoption import decides, expected_rate, may_enter, seen_rate
from simulator.engine.build import build, new_state
from simulator.engine.licence import cap_room
from simulator.engine.month import begin
from simulator.engine.outcomes import OUTCOME
from simulator.engine.run import populate, run_chunk
from simulator.engine.state import matter
from simulator.engine.trace import follow
from simulator.outcomes.measures import COMMON, METRICS, measure, shown
from simulator.outcomes.negotiations import MECHANISMS, Negotiations, Setting
from simulator.outcomes.participation import PARTICIPATION
from simulator.spec.load import load_scenario
from simulator.spec.regime import RateSetting
from simulator.vocabulary import Comparable, CourtMode, Outcome, RateMethod, Status
from tests.play import Film, film, outcomes, quantity, regime, scenario

GOOD = {"holder": "holder_good_faith", "implementer": "implementer_good_faith"}
HARD: dict[str, Any] = {"holder": "holder_hold_up", "implementer": "implementer_hold_out"}
SURE = {"implementers.barrier_spread": 0.0, "holders.outside_spread": 0.0, "implementers.growth": 0.0}
NEW = {
    "adopted_month", "barrier", "sales_market", "sales_adopted", "entitlement_forgone", "cost_outside",
}  # fmt: skip
BURDEN, SALES, MONTHS = 0.0434, 215.0, 120  # of the duopoly


def ideal(numbers: dict[str, float], **parties: Any) -> Any:
    """Parties who know the rate and lose nothing by suing, before a court that sets it: all expect it."""
    return scenario(regime(CourtMode.DIRECT), numbers=SURE | numbers, **(GOOD | parties))


def with_barriers(one: Any, *barriers: float) -> Any:
    """The scenario with a barrier for each of its implementers."""
    groups = zip(one.market.implementers, barriers, strict=True)
    makers = tuple(group.model_copy(update={"barrier": quantity(barrier)}) for group, barrier in groups)
    return one.model_copy(update={"market": one.market.model_copy(update={"implementers": makers})})


def opened(one: Any, r: int = 0, replication: int = 0) -> tuple[Any, Any, int]:
    """Rules, state and number of open negotiations once month 0 has begun."""
    rules = build(one)
    state, blank = new_state(rules)
    n_open = populate(rules, state, blank, one.seed, replication)
    return rules, state, int(begin(rules, state, n_open, r, 0))


def same_but_for_the_new(one: Any, other: Any) -> None:
    for name in OUTCOME.names or ():
        if name not in NEW:
            assert one[name].tobytes() == other[name].tobytes(), name


@pytest.mark.parametrize("over", [1.0001, 0.9999])
def test_an_implementer_takes_the_standard_up_at_or_below_its_barrier(over: float) -> None:
    """The whole standard is worth A of price: that is what one who knows it expects to owe."""
    row = film(ideal({"implementers.barrier": BURDEN * over})).row
    takes = over > 1.0
    assert row.barrier == pytest.approx(BURDEN * over)
    assert row.sales_market == pytest.approx(SALES * MONTHS)
    assert row.sales_adopted == pytest.approx(SALES * MONTHS if takes else 0.0)
    assert row.adopted_month == (0 if takes else MONTHS)
    assert row.outcome == (Outcome.NEGOTIATED if takes else Outcome.NOT_ADOPTED)
    assert row.entitlement == pytest.approx(row.frand_rate * SALES * MONTHS if takes else 0.0)
    # Who would not take it up at FRAND rates either has nothing to lose outside.
    assert row.entitlement_forgone == row.cost_outside == row.margin_lost == 0.0
    assert row.counted == 1


@pytest.mark.parametrize("over", [1.1, 0.9])
def test_a_trace_tells_what_an_implementer_weighed_when_it_could_choose(over: float) -> None:
    """What it expects to owe and its barrier: once if it takes the standard up, each year it stays out."""
    numbers = {"standard.horizon": 36.0, "timing.least_left": 18.0}
    one = ideal(numbers | {"implementers.barrier": BURDEN * over})
    sight = follow(build(one), 0, one.seed, 0, 0).sight
    months = np.flatnonzero(~np.isnan(sight["barrier"]))
    assert list(months) == ([0] if over > 1.0 else [0, 12])  # the third year is too late to begin
    assert sight["barrier"][months] == pytest.approx(BURDEN * over)
    assert sight["stack"][months] == pytest.approx(BURDEN)


def test_who_would_take_it_up_at_frand_rates_loses_outside_what_doing_without_costs() -> None:
    """A court that sets four times the FRAND rate makes 4 r* of it, and keeps the implementer away."""
    dear = {"court.rate.bias": np.log(4.0)}
    frand = 0.04 * BURDEN
    barrier = BURDEN + 2.0 * frand  # between A and A + 3 r*
    row = film(ideal(dear | {"implementers.barrier": barrier})).row
    assert row.frand_rate == pytest.approx(frand)
    assert row.outcome == Outcome.NOT_ADOPTED
    assert row.cause == 0
    assert (row.paid, row.cost_holder, row.cost_implementer, row.entitlement) == (0.0, 0.0, 0.0, 0.0)
    assert row.entitlement_forgone == pytest.approx(frand * SALES * MONTHS)
    assert row.cost_outside == row.margin_lost == pytest.approx(barrier * SALES * MONTHS)
    assert row.margin_diverted == 0.0  # it has no rivals
    takes = film(ideal(dear | {"implementers.barrier": BURDEN + 4.0 * frand})).row
    assert takes.outcome == Outcome.NEGOTIATED
    assert takes.rate == pytest.approx(4.0 * frand)


def test_the_barrier_is_at_most_the_margin() -> None:
    row = film(ideal({"implementers.barrier": 0.9, "implementers.margin": 0.2})).row
    assert row.barrier == 0.2


def test_the_rivals_of_who_keeps_out_earn_part_of_what_it_loses() -> None:
    one = ideal({"court.rate.bias": np.log(4.0), "demand.diverted": 0.4},
                implementer=["implementer_good_faith", "implementer_hold_out"])  # fmt: skip
    barrier = BURDEN * 1.08
    rows = outcomes(with_barriers(one, barrier, 1.0))
    lost = barrier * SALES * MONTHS
    assert rows["outcome"].tolist()[0] == Outcome.NOT_ADOPTED
    assert rows["margin_lost"][0] == pytest.approx(lost)
    assert rows["margin_diverted"][0] == pytest.approx(0.4 * lost)
    assert np.isnan(rows["barrier"][1])
    assert rows["adopted_month"].tolist() == [MONTHS, 0]


def late() -> Film:
    """The second implementer thinks the rate to be twice what it is until the first one's licence is seen."""
    numbers = {
        "beliefs.bias": -np.log(2.0),  # in each side's own disfavour: holders think it half
        "timing.notice_spread": 0.0,
    }
    one = ideal(numbers, implementer=["implementer_good_faith", "implementer_reciprocal"])
    return film(with_barriers(one, 1.0, BURDEN * (1.0 + 0.04 * 0.5)))


def test_entry_in_a_later_year_once_others_licences_are_seen() -> None:
    """It expects A + r* in month 0, and A + (R - r*) in month 12, R being what the first has signed at."""
    played = late()
    first, second = played.rows
    assert first["outcome"] == Outcome.NEGOTIATED
    assert first["licence_month"] < 12
    assert first["rate"] < 1.5 * first["frand_rate"]
    assert second["adopted_month"] == 12
    expected = played.implementers["expected"][:, 1]
    rest = BURDEN * 0.96
    assert expected[0] == pytest.approx(rest + 2.0 * second["frand_rate"])
    assert expected[11] == expected[0]  # once a year
    assert expected[12] == pytest.approx(rest + first["rate"])
    # From then on all is as if first use fell in that month.
    talks = played.decided[:, 1]
    assert (talks["status"][:12] == Status.EXITED).all()
    assert talks["status"][12] == Status.TALKS
    assert (talks["first_use"][12], talks["contact"][12]) == (12, 12)
    assert second["notice_month"] == 12
    assert (played.implementers["sales"][:12, 1] == 0.0).all()
    assert played.implementers["sales"][12, 1] == pytest.approx(SALES)
    assert second["months_unlicensed"] == second["licence_month"] - 12
    assert second["months_to_licence"] == second["licence_month"] - 12
    assert second["sales_adopted"] == pytest.approx(SALES * (MONTHS - 12))
    assert second["entitlement"] == pytest.approx(second["frand_rate"] * SALES * (MONTHS - 12))
    assert second["entitlement_forgone"] == pytest.approx(second["frand_rate"] * SALES * 12)
    assert second["cost_outside"] == pytest.approx(second["barrier"] * SALES * 12)
    assert second["paid"] == pytest.approx(second["rate"] * SALES * (MONTHS - 12))


def test_nobody_looks_again_when_too_little_is_left() -> None:
    rules, state, _ = opened(ideal({"implementers.barrier": 0.01, "timing.least_left": 30.0}))
    mkt = rules.market[0]
    looks = [t for t in range(MONTHS) if as_written(decides)(mkt, t)]
    assert looks == [0, 12, 24, 36, 48, 60, 72, 84]  # 90 months at the latest leave 30
    assert as_written(may_enter)(rules, state, 73)
    assert not as_written(may_enter)(rules, state, 85)
    state.implementers["out"] = 0
    assert not as_written(may_enter)(rules, state, 0)


@pytest.mark.parametrize(("outside", "joins"), [(0.999, True), (1.001, False)])
def test_a_holder_joins_if_royalties_beat_what_it_has_outside(outside: float, joins: bool) -> None:
    """In the ideal case it expects just the FRAND rate."""
    one = ideal({"holders.outside": outside})
    _, state, n_open = opened(one)
    assert state.holders[0].inside == pytest.approx(1.0)
    assert n_open == (1 if joins else 0)
    assert (film(one).row.outcome == Outcome.NOT_JOINED) is not joins


def test_talks_cost_a_holder_part_of_what_it_gains_inside() -> None:
    """inside = (r* S T - chart - window x talks) / (r* S T)."""
    costs = {"costs.claim_chart": 2.0, "costs.talks": 0.1}
    _, state, _ = opened(ideal({"holders.outside": 0.5} | costs))
    rules = build(ideal({}))
    window = int(rules.strategies[0].window)
    due = 0.04 * BURDEN * SALES * MONTHS
    assert state.holders[0].inside == pytest.approx((due - 2.0 - 0.1 * window) / due)


def two_holders(outside: float, **numbers: float) -> Any:
    """The second holder is the only one with something to be had outside."""
    given = {key.replace("__", "."): value for key, value in numbers.items()}
    one = ideal(given, holder=["holder_good_faith", "holder_reciprocal"])
    first, second = one.market.holders
    second = second.model_copy(update={"outside": quantity(outside)})
    return one.model_copy(update={"market": one.market.model_copy(update={"holders": (first, second)})})


def test_a_holder_that_keeps_out_has_no_pairs_and_the_aggregate_falls_by_its_share() -> None:
    one = two_holders(2.0, welfare__missing_technology=1.5)
    played = film(one)
    kept, gone = played.rows
    assert (kept["outcome"], gone["outcome"]) == (Outcome.NEGOTIATED, Outcome.NOT_JOINED)
    everyone = film(two_holders(0.0)).rows
    assert (kept["frand_rate"], gone["frand_rate"]) == tuple(everyone["frand_rate"])
    assert (played.decided["status"][:, 1] == Status.EXITED).all()
    assert np.isnan(played.moves["ask"][:, 1]).all() or (played.moves["ask"][:, 1] == 0.0).all()
    imp = played.implementers[0, 0]
    assert imp["needed"] == 1
    assert imp["aggregate"] == pytest.approx(BURDEN * (1.0 - 0.04))
    assert imp["unsigned_share"] == pytest.approx(1.0 - 0.04)
    rest = BURDEN * (1.0 - 0.08)
    assert imp["estimates"] == pytest.approx(rest + kept["frand_rate"])
    sales = SALES * MONTHS
    assert gone["entitlement"] == gone["paid"] == gone["months_unlicensed"] == 0.0
    assert gone["entitlement_forgone"] == pytest.approx(gone["frand_rate"] * sales)
    assert gone["cost_outside"] == gone["margin_lost"] == pytest.approx(1.5 * gone["frand_rate"] * sales)
    assert kept["cost_outside"] == kept["entitlement_forgone"] == 0.0


def test_a_cap_on_the_aggregate_leaves_nothing_for_a_technology_that_is_kept_out() -> None:
    """(A (1 - s) - stack) x s_h / (1 - s): with a stack of r* twice over, less than with all of A."""
    _, state, _ = opened(two_holders(2.0))
    imp, hold = state.implementers[0], state.holders[0]
    imp.stack = 0.02
    room = as_written(cap_room)(hold, imp)
    assert room == pytest.approx((BURDEN * 0.96 - 0.02) * 0.04 / 0.96)
    _, state, _ = opened(two_holders(0.0))
    imp = state.implementers[0]
    imp.stack = 0.02
    assert room < as_written(cap_room)(state.holders[0], imp) == pytest.approx((BURDEN - 0.02) * 0.04)


def test_sales_that_wait_for_licences_wait_for_those_of_the_standard_only() -> None:
    one = two_holders(2.0)
    one = one.model_copy(
        update={"market": one.market.model_copy(
            update={"timing": one.market.timing.model_copy(update={"use": "licensed"})})}
    )  # fmt: skip
    played = film(one)
    month = int(played.rows["licence_month"][0])
    assert month < MONTHS
    assert played.rows["entitlement"][0] == pytest.approx(
        played.rows["frand_rate"][0] * SALES * (MONTHS - month)
    )


def test_what_is_expected_leaves_no_trace_in_the_negotiation() -> None:
    rules, state, _ = opened(ideal({"implementers.barrier": 0.01}))
    m = as_written(matter)(rules, state, 0, 0, 0, 0)
    before = state.negotiations.tobytes(), state.suits.tobytes()
    rate = as_written(expected_rate)(m, 0, 0.002, 1)
    assert rate == 0.0  # nobody sells anything yet: nothing is to be had in court
    m.implementer.sales = SALES
    assert as_written(expected_rate)(m, 0, 0.002, 1) == pytest.approx(0.002)
    assert (state.negotiations.tobytes(), state.suits.tobytes()) == before


@pytest.mark.parametrize("law", ["us-ebay", "de-orange-book-2009"])
def test_who_looks_at_the_standard_reckons_without_the_queue_that_who_talks_reckons_with(law: str) -> None:
    one = scenario(law, **HARD, ideal=False, numbers=SURE | {"implementers.barrier": 0.001})
    rules = build(one)
    expected, waits = [], []
    for queued in (0, 500):
        state, blank = new_state(rules)
        begin(rules, state, populate(rules, state, blank, one.seed, 0), 0, 0)
        state.docket[0].queued = queued
        assert begin(rules, state, 0, 0, 12) == 0  # it looks again, and stays out
        expected.append(float(state.implementers[0].expected))
        waits.append(int(state.docket[0].wait))
    assert expected[0] == expected[1]
    assert waits[0] == 0 < waits[1]


def test_licences_that_are_seen_count_at_the_regions_of_who_looks() -> None:
    _, state, _ = opened(ideal({}))
    hold, imp = state.holders[0], state.implementers[0]
    assert as_written(seen_rate)(hold, imp) == 0.0
    for n, (rate, region) in enumerate(((0.002, 1.0), (0.004, 0.5))):
        hold.comparables[n, Comparable.RATE], hold.comparables[n, Comparable.REGION] = rate, region
    hold.n_comparables = 2
    imp.region = 0.8
    assert as_written(seen_rate)(hold, imp) == pytest.approx(0.8 * np.sqrt(0.002 * 0.008))
    hold.comparables[1, Comparable.WITHHELD] = 1.0
    assert as_written(seen_rate)(hold, imp) == pytest.approx(0.8 * 0.002)


@pytest.mark.parametrize("method", [RateMethod.TOP_DOWN_DECLARED, RateMethod.TOP_DOWN_ESSENTIAL])
def test_where_declared_families_are_counted_nobody_takes_them_for_essential(method: RateMethod) -> None:
    """What over-declaring brings is in the court's rate then, not in what is believed of the technology."""
    law = regime(CourtMode.DIRECT, rate=RateSetting(method=method))
    numbers = SURE | {"implementers.barrier": 0.2, "beliefs.suspicion": 0.5}
    given: dict[str, Any] = {"holder": "holder_over_declarer", "implementer": "implementer_good_faith"}
    rules, state, _ = opened(scenario(law, numbers=numbers, **given))
    over, pair = rules.strategies[state.holders[0].strategy].over_declaration, state.negotiations[0]
    assert over > 1.0
    counted = method == RateMethod.TOP_DOWN_DECLARED
    assert pair.rho_h == pytest.approx(pair.frand * (1.0 if counted else over))
    assert pair.rho_i == pytest.approx(pair.frand * (1.0 if counted else np.sqrt(over)))
    if counted:
        owed = state.implementers[0].expected - BURDEN * 0.96
        assert owed == pytest.approx(BURDEN * state.holders[0].declared_share)


def small(**numbers: float) -> Any:
    """Some holders and makers of handsets under four regimes."""
    loaded = load_scenario(
        "cellular", regimes=["eu-hvzte-2015", "uk-global", "us-ebay", "none"], replications=4, seed=3
    )
    market = loaded.market
    makers = tuple(group.model_copy(update={"count": 1}) for group in market.implementers)
    given = {key.replace("__", "."): quantity(value) for key, value in numbers.items()}
    update = {"implementers": makers}
    return loaded.model_copy(
        update={"market": market.model_copy(update=update), "set": {**loaded.set, **given}}
    )


def in_month_0(one: Any) -> tuple[set[tuple[int, ...]], set[tuple[int, ...]]]:
    """Who takes the standard up and who joins it, by regime and replication."""
    adopted: set[tuple[int, ...]] = set()
    joined: set[tuple[int, ...]] = set()
    for r in range(len(one.regimes)):
        for replication in range(one.replications):
            _, state, _ = opened(one, r, replication)
            adopted |= {(r, replication, int(i)) for i in np.flatnonzero(state.implementers["out"] == 0)}
            joined |= {(r, replication, int(h)) for h in np.flatnonzero(state.holders["out"] == 0)}
    return adopted, joined


def test_a_higher_barrier_keeps_nobody_away_and_more_outside_brings_nobody_in() -> None:
    by_barrier = [in_month_0(small(implementers__barrier=b))[0] for b in (0.02, 0.05, 0.08, 0.2)]
    for fewer, more in pairwise(by_barrier):
        assert fewer <= more
    assert len(by_barrier[0]) < len(by_barrier[1]) < len(by_barrier[-1])
    by_outside = [in_month_0(small(holders__outside=z))[1] for z in (0.05, 0.5, 1.0, 4.0)]
    for more, fewer in pairwise(by_outside):
        assert fewer <= more
    assert len(by_outside[0]) > len(by_outside[1]) > len(by_outside[-1])


def test_dearer_licences_keep_more_away() -> None:
    dear, cheap = (
        in_month_0(small(implementers__barrier=0.06, court__rate__bias=bias))[0] for bias in (0.5, -0.5)
    )
    assert dear < cheap


def test_off_is_the_same_bits() -> None:
    plain = outcomes(small())
    spread = outcomes(small(implementers__barrier_spread=0.7, holders__outside_spread=0.9))
    assert plain.tobytes() == spread.tobytes()
    assert (plain["adopted_month"] == 0).all()
    assert (plain["sales_market"] >= plain["sales_adopted"]).all()


def test_where_nobody_keeps_out_the_bits_are_those_of_the_market_without_choice() -> None:
    plain = outcomes(small())
    numbers = {"implementers__barrier_spread": 0.0, "holders__outside_spread": 0.0}
    on = outcomes(small(implementers__barrier=0.99, holders__outside=1e-9, **numbers))
    assert (on["adopted_month"] == 0).all()
    same_but_for_the_new(plain, on)


def test_the_mesa_model_plays_the_same() -> None:
    """In replication 5 somebody enters late, and holders keep out."""
    numbers = {"implementers__barrier": 0.05, "holders__outside": 0.5, "beliefs__spread": 0.8}
    one = small(licences__term=36.0, **numbers)
    rows = run_chunk(build(one), one.seed, range(5, 6)).reshape(4, -1)
    ends = set(rows["outcome"].ravel().tolist())
    assert {Outcome.NOT_JOINED, Outcome.NEGOTIATED} <= ends
    for r in (1, 2):
        late = rows[r]["adopted_month"]
        assert ((late > 0) & (late < MONTHS)).any()
        model = LicensingModel(one, regime=one.regimes[r].regime, replication=5)
        model.run_model()
        table = model.outcomes()
        for name in ("adopted_month", "paid", "entitlement", "entitlement_forgone", "cost_outside", "bond"):
            assert table[name].to_numpy().tobytes() == rows[r][name].tobytes(), name


def test_replications_alone_and_together() -> None:
    one = small(implementers__barrier=0.06, holders__outside=0.8, licences__most_favoured=0.5)
    rules = build(one)
    together = run_chunk(rules, 3, range(4))
    apart = np.concatenate([run_chunk(rules, 3, range(n, n + 1)) for n in range(4)])
    assert together.tobytes() == apart.tobytes()


def hand(*pairs: dict[str, float]) -> Negotiations:
    table = np.zeros(len(pairs), OUTCOME)
    table["counted"] = 1
    for row, stated in zip(table, pairs, strict=True):
        for name, value in stated.items():
            row[name] = value
    setting = Setting(("a", "b"), horizon=120, dockets=(1, 1), elasticities=(1, 1, 1))
    return Negotiations(table, replace(setting, mechanisms=frozenset(MECHANISMS)))


def test_wide_adoption_and_adequate_reward_by_hand() -> None:
    """Two holders worth 3 and 1, two implementers that sell 10 and 30, under a; under b all take part."""
    pairs = []
    for holder, frand in ((0, 0.03), (1, 0.01)):
        for implementer, (market, adopted) in enumerate(((10.0, 10.0), (30.0, 15.0))):
            told = {"holder": holder, "implementer": implementer, "negotiation": 2 * holder + implementer,
                    "frand_rate": frand, "sales_market": market}  # fmt: skip
            end = Outcome.NOT_JOINED if holder == 1 else Outcome.COURT_RATE
            pairs.append(told | {"regime": 0, "sales_adopted": adopted, "outcome": end, "cause": 1})
            pairs.append(told | {"regime": 1, "sales_adopted": market, "outcome": Outcome.NEGOTIATED})
    pairs[2] |= {"outcome": Outcome.NOT_ADOPTED, "entitlement_forgone": 3.0, "cost_outside": 2.0,
                 "margin_lost": 2.0}  # fmt: skip
    pairs[0] |= {"entitlement": 1.0, "paid": 1.0}
    pairs[1] |= {"entitlement": 4.0, "paid": 1.0}
    n = hand(*pairs)
    found = {name: METRICS[name].rule(n) for name in METRICS}
    assert found["wide_adoption"].tolist() == [25 / 40, 1.0]
    assert found["adequate_reward"].tolist() == [pytest.approx(0.75), 1.0]
    assert found["end_not_adopted"].tolist() == [0.25, 0.0]
    assert found["end_not_joined"].tolist() == [0.5, 0.0]
    assert found["deadlock_rate"].tolist() == [1.0, 0.0]  # the one pair that negotiates under a
    assert found["deadlock_rate_common"].tolist() == [1.0, 0.0]
    assert found["outside_share"].tolist() == [0.5, 0.0]
    assert found["dissipation"].tolist() == [0.5, 0.0]
    assert found["effective_rate_over_frand"].tolist() == [0.25, 0.25]
    assert found["innovation_incentive"].tolist() == [0.25, 0.25]
    assert found["hold_out_index"].tolist() == [0.0, 0.75]  # not to take part is no hold-out
    assert found["end_court_rate"].tolist() == [1.0, 0.0]


def test_its_metrics_are_left_out_of_tables_of_markets_that_do_not_play_it() -> None:
    names = {metric.name for metric in PARTICIPATION}
    off, on = small(), small(implementers__barrier=0.05)
    plain, chosen = (measure(outcomes(one), Setting.of(one)) for one in (off, on))
    assert list(plain) == list(COMMON) == list(shown(Setting.of(off)))
    assert set(chosen) - set(plain) == names
    assert not chosen[sorted(names)].isna().any(axis=None)
    assert chosen["wide_adoption"].between(0.0, 1.0).all()
    assert Setting.of(small(holders__outside=0.1)).mechanisms == {"participation"}
