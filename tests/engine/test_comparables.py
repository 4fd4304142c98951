"""How a court likens licences to the case, at a fixed state: what weighs, and how they are carried over."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest

from simulator.compiled import as_written
from simulator.engine import comparables, rate_setting
from simulator.engine.comparables import comparables_seen, leave, likeness, territory
from simulator.engine.state import Matter
from simulator.spec.regime import Likeness, RateSetting
from simulator.vocabulary import CourtMode, RateMethod
from tests.engine.test_rate_methods import APART, matter_of
from tests.play import film, outcomes, quantity, regime, scenario

EXACT = APART | {"court.rate.unpacking": 0.0, "court.rate.error": 0.0, "court.rate.comparables_needed": 1.0}
FAR = [
    ("size", comparables.LOG_SALES, lambda value: value + math.log(2.0), 0.5),
    ("parties", comparables.KIND, lambda value: 1.0 - value, 0.5),
    ("parties", comparables.MARGIN, lambda value: 0.8 * value, 0.8),
    ("parties", comparables.RETURN, lambda value: 1.0 - value, 0.5),
    ("patents", comparables.ESSENTIAL, lambda value: 4.0 * value, 0.25),
    ("patents", comparables.QUALITY, lambda value: 0.6 * value, 0.6),
    ("terms", comparables.TERM, lambda value: 0.5 * value, 0.5),
    ("terms", comparables.FAVOURED, lambda value: 1.0 - value, 0.5),
    ("payment", comparables.LUMP, lambda value: 1.0 - value, 0.5),
]
"""Factor, what of a licence's record differs, how, and the likeness that is left."""


def court(**rate: Any) -> Matter:
    """A pair before a court that goes by comparables, without noise."""
    return matter_of(RateMethod.COMPARABLES, EXACT, **rate)


def signed(m: Matter, rate: float, n: int = 0) -> Any:
    """A licence like the case in everything, signed three months ago, as the holder's ``n``-th comparable."""
    comparables.keep(m, 0, rate, False, m.holder.comparables, n)
    m.holder.n_comparables = n + 1
    m.holder.comparables[n, comparables.TERM] -= 3.0
    return m.holder.comparables[n]


def weight(m: Matter, n: int = 0) -> float:
    return float(as_written(likeness)(m, 3, m.holder.comparables, n, territory(m)))


@pytest.mark.parametrize(("factor", "column", "moved", "left"), FAR)
def test_the_nearer_licence_weighs_more(factor: str, column: int, moved: Any, left: float) -> None:
    """Each factor takes its likeness to its exponent off the weight, and nothing at exponent 0."""
    weights = {}
    for exponent in (0.0, 1.0, 2.0):
        m = court(likeness=Likeness(**{factor: quantity(exponent)}))
        row = signed(m, m.negotiation.frand)
        near = weight(m)
        row[column] = moved(row[column])
        weights[exponent] = weight(m) / near
    assert weights[0.0] == 1.0
    assert weights[1.0] == pytest.approx(left)
    assert weights[2.0] == pytest.approx(left**2)


@pytest.mark.parametrize(("factor", "column", "moved", "left"), FAR)
def test_the_rate_moves_to_the_nearer_licence(factor: str, column: int, moved: Any, left: float) -> None:
    """Of licences at r* and 2 r*, the second unlike the case: ln(rate / r*) is its weight's part of ln 2."""
    m = court(likeness=Likeness(**{factor: quantity(1.0)}))
    signed(m, m.negotiation.frand)
    row = signed(m, 2.0 * m.negotiation.frand, 1)
    row[column] = moved(row[column])
    found = rate_setting.method_rate(m, 3) / m.negotiation.frand
    assert found == pytest.approx(2.0 ** (left / (1.0 + left)))


def test_a_licence_is_likened_by_its_own_record() -> None:
    """What is kept is what holder, licensee and licence are when it is signed."""
    numbers = EXACT | {"licences.term": 30.0, "licences.lump_share": 1.0, "licences.most_favoured": 1.0}
    m = matter_of(RateMethod.COMPARABLES, numbers, licensors="all")
    m.licence.cross = 0.001
    as_written(leave)(m, 2, 0.03, True)
    kept = m.holder.comparables[0]
    assert m.holder.n_comparables == m.outlook.n_licences == 1
    assert (m.outlook.licences[0] == kept).all()
    hold = m.holder
    quality = hold.contributed_share / hold.count_share
    expected = {
        comparables.RATE: 0.03,
        comparables.MONTH: 2,
        comparables.TAINTED: 1,
        comparables.LICENSOR: m.negotiation.holder,
        comparables.LICENSEE: m.negotiation.implementer,
        comparables.KIND: hold.kind,
        comparables.ESSENTIAL: hold.count_share,
        comparables.ASSERTED: hold.declared_share,
        comparables.QUALITY: quality,
        comparables.VALUE: hold.share,
        comparables.MARGIN: m.implementer.margin,
        comparables.RETURN: 1,
        comparables.TERM: 30,
        comparables.FAVOURED: 1,
        comparables.LUMP: 1,
    }
    assert {column: kept[column] for column in expected} == expected


def foreign(m: Matter, rate: float, essential: float, value: float) -> None:
    """A licence of another licensor with these shares of families and of value."""
    row = m.outlook.licences[m.outlook.n_licences]
    comparables.keep(m, 0, rate, False, m.outlook.licences, m.outlook.n_licences)
    row[comparables.LICENSOR] = m.negotiation.holder + 1
    row[comparables.ESSENTIAL], row[comparables.VALUE] = essential, value
    m.outlook.n_licences += 1


def test_another_licensor_s_licence_is_carried_over_by_families() -> None:
    """``A phi n_h exp(mean ln(s_j / n_j))`` where others took FRAND rates; both sides know that error."""
    m = court(licensors="all")
    factor = m.market.burden * territory(m)
    others = [(0.08, 0.10), (0.05, 0.04)]
    for essential, value in others:
        foreign(m, factor * value, essential, value)
    by_hand = factor * m.holder.count_share * math.exp(np.mean([math.log(s / n) for n, s in others]))
    assert rate_setting.method_rate(m, 1) == pytest.approx(by_hand)
    assert rate_setting.method_factor(m, 1) * m.negotiation.frand == pytest.approx(by_hand)


def test_who_looks_at_its_own_licences_sees_no_others() -> None:
    m = court()
    foreign(m, 5.0 * m.negotiation.frand, 0.1, 0.1)
    seen = rate_setting.method_rate(m, 1)
    assert math.isnan(comparables_seen(m, 1)[0])
    assert seen == pytest.approx(m.market.burden * m.holder.count_share * territory(m))
    m.forum.all_licensors = 1
    assert rate_setting.method_rate(m, 1) > 2.0 * seen


def test_the_holder_s_own_licence_is_not_counted_twice() -> None:
    m = court(licensors="all")
    as_written(leave)(m, 0, 2.0 * m.negotiation.frand, False)
    foreign(m, m.market.burden * territory(m) * m.holder.share, m.holder.count_share, m.holder.share)
    found = rate_setting.method_rate(m, 1) / m.negotiation.frand
    assert found == pytest.approx(math.sqrt(2.0))


def test_another_licensor_s_declarations_are_counted_where_declarations_are() -> None:
    """Twice as many declared families a licensor: its licence says half as much of one's own."""
    m = matter_of(RateMethod.COMPARABLES_CHECKED_DECLARED, EXACT, licensors="all")
    m.forum.half_range = 1.0e6
    foreign(m, 0.01, m.holder.count_share, m.holder.share)
    row = m.outlook.licences[0]
    found = []
    for declared in (0.1, 0.2):
        row[comparables.ASSERTED] = declared
        found.append(rate_setting.method_rate(m, 1))
    assert found[0] == pytest.approx(2.0 * found[1])
    assert found[0] == pytest.approx(0.01 * m.holder.declared_share / 0.1)


@pytest.mark.parametrize("elasticity", [0.0, 0.2, 0.5])
def test_volume_adjusts_and_does_not_only_weigh(elasticity: float) -> None:
    """From a licensee four times as large a rate is carried over at ``4^eps``; both sides know it."""
    m = court(volume=quantity(elasticity))
    row = signed(m, m.negotiation.frand)
    row[comparables.LOG_SALES] += math.log(4.0)
    assert rate_setting.method_rate(m, 3) / m.negotiation.frand == pytest.approx(4.0**elasticity)
    assert rate_setting.method_factor(m, 3) == pytest.approx(4.0**elasticity)


@pytest.mark.parametrize("given", [{"licensors": "all"}, {"volume": quantity(0.3)}])
def test_both_sides_expect_what_licences_at_frand_rates_come_to(given: dict[str, Any]) -> None:
    m = court(**given)
    factor = m.market.burden * territory(m)
    row = signed(m, m.negotiation.frand)
    row[comparables.LOG_SALES] -= 0.7
    foreign(m, factor * 0.06, 0.09, 0.06)
    m.outlook.method = rate_setting.method_factor(m, 3)
    assert m.forum.plain == 0
    expected = rate_setting.expected_rate(m, m.negotiation.frand)
    assert rate_setting.court_estimate(m, 3, 1) == pytest.approx(expected, rel=1e-12)


def test_neutral_exponents_take_the_long_way_to_the_same_bits() -> None:
    m = court()
    row = signed(m, m.negotiation.frand)
    for column in (comparables.LOG_SALES, comparables.MARGIN, comparables.TERM):
        row[column] *= 0.7
    assert (m.forum.likens, m.forum.carries, m.forum.plain) == (0, 0, 1)
    short = weight(m)
    m.forum.likens = 1
    assert weight(m) == short


MOVES: dict[str, dict[str, Any]] = {
    "licensors": {"licensors": "all"},
    "volume": {"volume": quantity(0.3)},
    "size": {"likeness": Likeness(size=quantity(0))},
    "parties": {"likeness": Likeness(parties=quantity(2))},
    "patents": {"licensors": "all", "likeness": Likeness(patents=quantity(2))},
    "terms": {"likeness": Likeness(terms=quantity(2))},
    "payment": {"likeness": Likeness(payment=quantity(2))},
}
"""What a law says beyond the neutral, by what it moves."""


def test_every_number_of_how_licences_are_likened_moves_an_outcome() -> None:
    numbers = EXACT | {
        "holders.quality_spread": 0.5,
        "implementers.sales_spread": 0.5,
        "licences.term": 40.0,
        "licences.lump_share": 0.5,
        "licences.most_favoured": 0.5,
        "holders.sales": 50.0,
        "timing.notice_spread": 24.0,
    }
    played = {}
    for name, rate in (MOVES | {"none": {}}).items():
        one = regime(CourtMode.DIRECT, rate=RateSetting(method=RateMethod.COMPARABLES, **rate))
        among = scenario(
            one,
            holder=["holder_good_faith", "holder_over_declarer", "holder_litigious"],
            implementer=["implementer_good_faith", "implementer_hold_out", "implementer_rational"] * 2,
            numbers=numbers,
            ideal=False,
            replications=4,
        )
        rich, *rest = among.market.implementers
        rich = rich.model_copy(update={"margin": quantity(0.5), "patents": quantity(0.1)})
        market = among.market.model_copy(update={"implementers": (rich, *rest)})
        rows = outcomes(among.model_copy(update={"market": market}))
        played[name] = rows[["rate", "court_rate", "paid"]].tobytes()
    assert len(set(played.values())) == len(MOVES) + 1


def test_off_nothing_changes() -> None:
    """The neutral values stated: the same bits as where nothing is said."""
    neutral = Likeness(**{name: quantity(float(name == "size")) for name in Likeness.model_fields})
    says: tuple[dict[str, Any], ...] = (
        {},
        {"licensors": "own", "volume": quantity(0), "likeness": neutral},
    )
    shots = [
        film(
            scenario(
                regime(CourtMode.DIRECT, rate=RateSetting(method=RateMethod.COMPARABLES, **given)),
                holder=["holder_good_faith", "holder_litigious"],
                implementer=["implementer_good_faith", "implementer_hold_out"],
                numbers=EXACT,
            )
        )
        for given in says
    ]
    assert shots[0].rows.tobytes() == shots[1].rows.tobytes()
