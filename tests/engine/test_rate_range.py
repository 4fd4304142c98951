"""The range of a hypothetical negotiation: its ends, where in it the rate lies, what is FRAND by it."""

from __future__ import annotations

from typing import Any

import pytest

from simulator.compiled import as_written
from simulator.engine import rate_setting
from simulator.engine.build import build
from simulator.engine.court import BREAKS_OFF, file_suit
from simulator.engine.remedies.injunction import licence_value
from simulator.engine.state import Matter
from simulator.engine.tabling import table_ask
from simulator.spec.load import load_regime, load_scenario
from simulator.spec.regime import rules_digest
from simulator.vocabulary import InjunctionCap, RateMethod
from tests.engine.test_rate_methods import APART, matter_of
from tests.play import outcomes

WORDS = ("within", "low", "middle", "high")
EXACT = APART | {"court.rate.error": 0.0}


def court(word: str, **numbers: float) -> Matter:
    return matter_of(RateMethod.HYPOTHETICAL, EXACT | numbers, range=word)


def ends(m: Matter) -> tuple[float, float]:
    """By hand: what a pool pays a maker, twice its part more, and what the standard gives the product."""
    region, count = m.implementer.region, m.holder.count_share
    pool = 3.0 * 0.5 * m.market.burden * count * region
    product = 0.15 * m.implementer.margin * count * region
    return min(pool, product), max(pool, product)


@pytest.mark.parametrize("pool_rate", [0.5, 0.05])
def test_the_range_runs_between_the_pool_and_what_the_standard_gives_the_product(pool_rate: float) -> None:
    """Either may be the lower; the middle lies halfway."""
    low, high = (
        rate_setting.method_rate(court(word, **{"standard.pool_rate": pool_rate}), 0)
        for word in ("low", "high")
    )
    m = court("middle", **{"standard.pool_rate": pool_rate})
    pool = 3.0 * pool_rate * m.market.burden * m.holder.count_share * m.implementer.region
    product = 0.15 * m.implementer.margin * m.holder.count_share * m.implementer.region
    assert (low, high) == pytest.approx((min(pool, product), max(pool, product)))
    assert rate_setting.method_rate(m, 0) == pytest.approx((low + high) / 2.0)


@pytest.mark.parametrize(("part", "finds"), [(0.1, "low"), (0.5, "between"), (3.0, "high")])
def test_contributions_count_within_the_range(part: float, finds: str) -> None:
    m = court("within")
    low, high = ends(m)
    wanted = low + part * (high - low) if finds == "between" else part * (low if finds == "low" else high)
    m.holder.contributed_share = wanted / (0.15 * m.implementer.margin * m.implementer.region)
    expected = {"low": low, "between": wanted, "high": high}[finds]
    assert rate_setting.method_rate(m, 0) == pytest.approx(expected)
    m.forum.range = rate_setting.NO_RANGE
    assert rate_setting.method_rate(m, 0) == pytest.approx(wanted)


@pytest.mark.parametrize("word", WORDS)
def test_both_sides_expect_the_rate_the_court_finds_in_its_range(word: str) -> None:
    m = court(word)
    expected = rate_setting.expected_rate(m, m.negotiation.frand)
    assert rate_setting.court_estimate(m, 0, 1) == pytest.approx(expected, rel=1e-12)


@pytest.mark.parametrize("word", WORDS)
def test_an_ask_within_the_range_is_frand_and_one_beyond_it_is_not(word: str) -> None:
    """Whatever point the court finds: Microsoft v Motorola measured offers by the range."""
    for part, passes in ((0.99, True), (1.01, False)):
        m = court(word)
        m.negotiation.estimate = rate_setting.court_estimate(m, 0, 1)
        m.moves.ask = part * ends(m)[1]
        as_written(table_ask)(m, 0)
        assert (m.negotiation.frand_offer > 0.0) == passes


@pytest.mark.parametrize("word", WORDS)
def test_who_sues_over_a_bid_within_the_range_breaks_off(word: str) -> None:
    for part, breaks_off in ((1.01, True), (0.99, False)):
        m = court(word)
        m.forum.recognised |= 1 << BREAKS_OFF
        m.negotiation.estimate = rate_setting.court_estimate(m, 0, 1)
        m.negotiation.last_bid = part * ends(m)[0]
        as_written(file_suit)(m, 0, True)
        assert bool(m.negotiation.faults & 1 << BREAKS_OFF) == breaks_off


@pytest.mark.parametrize("word", WORDS)
def test_an_injunction_extracts_at_most_the_high_end(word: str) -> None:
    m = court(word)
    m.forum.cap = InjunctionCap.COURT_RATE
    m.outlook.pay = 1.0e6
    rate = rate_setting.method_rate(m, 0)
    value = as_written(licence_value)(m, rate, 100.0, 0.0, 1.0e6)
    assert value == pytest.approx(100.0 * ends(m)[1])


def test_where_no_range_is_found_offers_are_measured_as_ever() -> None:
    m = court("none")
    w = m.forum.half_range
    assert as_written(rate_setting.frand_range)(m) == (1.0 - w, 1.0 + w)
    low, high = as_written(rate_setting.frand_range)(court("low"))
    assert low == 1.0 < 1.0 + w < high


def test_a_standard_worth_nothing_has_no_range() -> None:
    m: Any = court("low")
    m.market.burden = 0.0
    assert as_written(rate_setting.frand_range)(m) == (1.0, 1.0)


def test_laws_that_differ_in_their_range_have_other_rules() -> None:
    law = load_regime("us-microsoft-2013")
    laws = []
    for word in ("none", *WORDS):
        rate = law.court.rate.model_copy(update={"range": word})
        laws.append(law.model_copy(update={"court": law.court.model_copy(update={"rate": rate})}))
    assert len({rules_digest(one) for one in laws}) == len(laws)


@pytest.mark.parametrize("market", ["cellular", "wifi", "audio"])
def test_what_pools_post_concerns_no_court_that_looks_at_none(market: str) -> None:
    """A market that states it plays every other law as before, to the bit."""
    laws = ["staged-baseline", "upc", "cn-rate-setting"]
    one = load_scenario(market, regimes=laws, replications=1)
    silent = {"pool_rate": None, "pool_membership": None}
    standard = one.market.standard.model_copy(update=silent)
    assert standard != one.market.standard
    other = one.model_copy(update={"market": one.market.model_copy(update={"standard": standard})})
    played = [build(each) for each in (one, other)]
    assert all((rules.forums["plain"] == 1).all() for rules in played)
    assert outcomes(one).tobytes() == outcomes(other).tobytes()
