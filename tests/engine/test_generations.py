"""Shares by generation: the multimode sum, and what becomes of rates as declarations arrive."""

from __future__ import annotations

import math
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from simulator.compiled import as_written
from simulator.engine import generations, rate_setting
from simulator.engine.bases import award_bases
from simulator.engine.build import build, new_state
from simulator.engine.information import in_force
from simulator.engine.market import Rules
from simulator.engine.month import begin
from simulator.engine.run import populate
from simulator.engine.shadow import limits, outlook_today
from simulator.engine.state import Matter, State, matter
from simulator.errors import ScenarioError
from simulator.rates.multimode import multimode
from simulator.spec.load import load_market, load_scenario
from simulator.spec.market import Generation
from simulator.spec.regime import RateSetting
from simulator.spec.scenario import Scenario
from simulator.vocabulary import CourtMode, RateMethod
from tests.play import film, outcomes, quantity, regime, scenario

NAMES = ("5G", "4G", "3G", "2G")
BURDENS, WORTH = (0.05, 0.07, 0.05, 0.05), (0.5, 0.4, 0.05, 0.05)
"""Aggregate burdens, and the weights of Oppo v Nokia: 50:40:5:5."""
OWN = {"5G": 1.6, "4G": 0.7, "3G": 0.4, "2G": 0.2}
ARRIVE = {"5G": 0.3, "4G": -0.1}
SHARE = 0.1
YEAR = 12


def of(
    one: Scenario, own: Mapping[str, float] | None = None, drifts: Mapping[str, float] | None = None
) -> Scenario:
    """A scenario on a standard of four generations; the first holder's shares and drift there are given."""
    standard = one.market.standard.model_copy(
        update={
            "generations": tuple(
                Generation(
                    generation=name,
                    aggregate_burden=quantity(burden),
                    value_share=quantity(worth),
                    families=quantity(500),
                )
                for name, burden, worth in zip(NAMES, BURDENS, WORTH, strict=True)
            )
        }
    )
    first, *rest = one.market.holders
    given = {
        "generations": {name: quantity(value) for name, value in (own or {}).items()},
        "drifts": {name: quantity(value) for name, value in (drifts or {}).items()},
    }
    holders = (first.model_copy(update=given), *rest)
    return one.model_copy(
        update={"market": one.market.model_copy(update={"standard": standard, "holders": holders})}
    )


def court(**rate: Any) -> Any:
    return regime(CourtMode.DIRECT, rate=RateSetting(method=RateMethod.TOP_DOWN_ESSENTIAL, **rate))


def at_start(
    own: Mapping[str, float] | None = None, drifts: Mapping[str, float] | None = None, **numbers: float
) -> tuple[Rules, State]:
    """Three holders of a tenth of the families each, one of them uneven over the generations."""
    one = scenario(
        court(),
        holder=["holder_good_faith"] * 3,
        implementer="implementer_good_faith",
        numbers={"holders.share": SHARE, **numbers},
    )
    rules = build(of(one, own, drifts))
    state, blank = new_state(rules)
    begin(rules, state, populate(rules, state, blank, 1, 0), 0, 0)
    return rules, state


def pair(rules: Rules, state: State, k: int = 0) -> Matter:
    m: Matter = as_written(matter)(rules, state, k, 0, 1, 0)
    return m


def by_hand(own: Mapping[str, float], drifts: Mapping[str, float], year: int, holder: int = 0) -> list[float]:
    """Shares of a holder by generation some years on, the first one's ``own`` growing by ``drifts``."""
    shares = []
    for name in NAMES:
        first = SHARE * own.get(name, 1.0)
        rest = 1.0 - 2 * SHARE - first
        grown = first * (1.0 + drifts.get(name, 0.0)) ** year
        shares.append((grown if holder == 0 else SHARE) / (grown + 2 * SHARE + rest))
    return shares


@pytest.mark.parametrize("holder", [0, 1])
def test_the_rate_is_the_multimode_sum(holder: int) -> None:
    """``r* = sum_g T_g s_g w_g``, and a court that counts families finds it."""
    m = pair(*at_start(OWN), k=holder)
    expected = multimode(BURDENS, by_hand(OWN, {}, 0, holder), WORTH)
    assert m.negotiation.frand == pytest.approx(expected * m.implementer.region, rel=1e-12)
    assert rate_setting.method_rate(m, 0) == pytest.approx(m.negotiation.frand, rel=1e-12)


@pytest.mark.parametrize("holder", [0, 1])
@pytest.mark.parametrize("year", [0, 1, 2, 9])
def test_drift_moves_the_multimode_rate_as_the_closed_form_says(year: int, holder: int) -> None:
    m = pair(*at_start(OWN, ARRIVE), k=holder)
    expected = multimode(BURDENS, by_hand(OWN, ARRIVE, year, holder), WORTH)
    strength = m.holder.strength[year]
    assert strength * m.negotiation.frand == pytest.approx(expected * m.implementer.region, rel=1e-12)
    assert bool(strength == 1.0) == (year == 0)


def test_who_declares_gains_what_all_others_lose() -> None:
    """Weighted by worth, the shares of the standard's families sum to 1 in every year."""
    rules, state = at_start(OWN, {"5G": 0.3})
    rest = sum(
        part * (1.0 - SHARE * (2 + OWN[name]))
        for part, name in zip(rules.market[0].generations, NAMES, strict=False)
    )
    for year in (0, 3, 8):
        others = 0.0
        for part, name, drift in zip(rules.market[0].generations, NAMES, (0.3, 0, 0, 0), strict=False):
            total = 1.0 + SHARE * OWN[name] * ((1.0 + drift) ** year - 1.0)
            others += part * (1.0 - SHARE * (2 + OWN[name])) / total
        held = sum(hold.count_share * hold.strength[year] for hold in state.holders)
        assert held + others == pytest.approx(1.0, rel=1e-12)
        assert others <= rest
    strengths = [hold.strength[8] for hold in state.holders]
    assert strengths[0] > 1.0 > strengths[1] == strengths[2]


def test_a_licence_counts_the_mean_strength_of_its_months() -> None:
    m = pair(*at_start(OWN, ARRIVE, **{"licences.term": 30.0, "timing.least_left": 6.0}))
    d, counts = m.holder.strength, as_written(in_force)
    assert counts(m, 30, 60) == pytest.approx((6 * d[2] + 12 * d[3] + 12 * d[4]) / 30, rel=1e-12)
    assert counts(m, 6, 30) == pytest.approx((6 * d[0] + 12 * d[1] + 6 * d[2]) / 24, rel=1e-12)
    assert counts(m, 5, 5) == d[0]
    mean = as_written(generations.mean_strength)
    assert mean(m.holder, 24, 36) == pytest.approx(d[2], rel=1e-12)


@pytest.mark.parametrize("renewal", [0.0, 0.25, 1.0])
def test_a_renewal_that_is_counted_on_counts_at_the_strength_of_its_own_months(renewal: float) -> None:
    """``l = sum_{m<e} D B + psi sum_{m>=e} D B``, without discounts, of a licence and of an award alike."""
    numbers = {"licences.term": 30.0, "licences.renewal": renewal, "standard.horizon": 60.0}
    numbers["timing.least_left"] = 1.0  # one from month 24 on ends in month 54 and may be renewed
    m = pair(*at_start(OWN, ARRIVE, **numbers))
    outlook_today(m, 0)
    d = m.holder.strength
    term, after = 12 * d[0] + 12 * d[1] + 6 * d[2], 6 * d[2] + 12 * d[3] + 12 * d[4]
    expected = m.implementer.sales * (term + renewal * after)
    assert m.outlook.base_h == m.outlook.base_i == pytest.approx(expected, rel=1e-12)
    award_bases(m, 0, 0, 24, 0.1)
    term, after = 12 * d[2] + 12 * d[3] + 6 * d[4], 6 * d[4]
    expected = m.implementer.sales * (term + renewal * after)
    assert m.outlook.future_h == m.outlook.future_i == pytest.approx(expected, rel=1e-12)


@pytest.mark.parametrize("arrive", [0.3, -0.3])
def test_whose_families_grow_asks_and_is_paid_for_it(arrive: float) -> None:
    """Rates are those of month 0: what both sides' values of suit and licence are counted on moves."""
    still, moved = (pair(*at_start(OWN, {"5G": drift, "4G": drift})) for drift in (1e-12, arrive))
    found = []
    for m in (still, moved):
        outlook_today(m, 0)
        rho = m.negotiation.frand
        found.append((*limits(m, 0, rho, rho, 0.0, 0.0), m.outlook.base_h, m.outlook.future_h))
    for before, after in zip(*(one[:2] + one[4:] for one in found), strict=True):
        assert (after > before) == (arrive > 0)


def play(drifts: Mapping[str, float], **numbers: float) -> Any:
    """Firms that know the FRAND rate and sign at once, without discounts."""
    free = dict.fromkeys(("holders.discount", "implementers.discount", "welfare.social_discount"), 0.0)
    one = scenario(court(), numbers=free | {"holders.share": SHARE} | numbers)
    return outcomes(of(one, OWN, drifts))[0]


def test_a_running_royalty_pays_the_years_ahead_at_their_strength() -> None:
    """Signed in month 0 at ``r*``, without discounts: what is paid is what is due, year by year."""
    row = play(ARRIVE)
    assert row.licence_month == 0
    months = build(of(scenario(court()), OWN, ARRIVE)).market[0].horizon
    strengths = [
        multimode(BURDENS, by_hand_alone(ARRIVE, year), WORTH) for year in range(math.ceil(months / YEAR))
    ]
    weights = [min(YEAR, months - YEAR * year) for year in range(len(strengths))]
    mean = np.average(strengths, weights=weights) / strengths[0]
    still = play({})
    assert row.entitlement / still.entitlement == pytest.approx(mean, rel=1e-9)
    assert row.paid / row.entitlement == pytest.approx(still.paid / still.entitlement, rel=1e-6)
    assert row.rate / row.frand_rate == pytest.approx(still.rate / still.frand_rate, rel=1e-6)


def by_hand_alone(drifts: Mapping[str, float], year: int) -> list[float]:
    """The same of a market with one simulated holder."""
    shares = []
    for name in NAMES:
        first = SHARE * OWN[name]
        grown = first * (1.0 + drifts.get(name, 0.0)) ** year
        shares.append(grown / (grown + 1.0 - first))
    return shares


def test_what_expires_is_due_no_more() -> None:
    """With both, a month's sales count at the strength of its year and as far as patents are in force."""
    both, drifts = (play(ARRIVE, **{"information.expiring": share}) for share in (0.5, 0.0))
    assert 0.6 * drifts.entitlement < both.entitlement < 0.9 * drifts.entitlement


def mixed(own: Mapping[str, float], drifts: Mapping[str, float], **numbers: float) -> Scenario:
    one = scenario(
        court(),
        holder=["holder_good_faith", "holder_over_declarer", "holder_litigious"],
        implementer=["implementer_good_faith", "implementer_hold_out"],
        numbers={"holders.share": SHARE, "holders.quality_spread": 0.5, **numbers},
        ideal=False,
        replications=3,
    )
    return of(one, own, drifts)


def test_every_number_moves_an_outcome() -> None:
    played = [
        outcomes(one)[["paid", "rate", "frand_rate", "entitlement"]].tobytes()
        for one in (
            mixed({}, {}),
            mixed(OWN, {}),
            mixed({}, ARRIVE),
            mixed({}, {"5G": 0.3}),
            mixed({}, {}, **{"holders.drift": 0.1}),
        )
    ]
    assert len(set(played)) == len(played)


def test_an_even_portfolio_that_does_not_drift_is_as_before() -> None:
    """Stated to be even and still: the same bits; the sum over generations then is the share in all."""
    even, still = dict.fromkeys(NAMES, 1.0), dict.fromkeys(NAMES, 0.0)
    shots = [film(mixed(own, drifts)) for own, drifts in (({}, {}), (even, still))]
    assert shots[0].rows.tobytes() == shots[1].rows.tobytes()
    rules = build(mixed({}, {}))
    shares = []
    for multimode_on in (0, 1):
        rules.market[0].multimode = multimode_on
        state, blank = new_state(rules)
        populate(rules, state, blank, 1, 0)
        kinds = ("share", "worth", "contributed_share", "count_share", "declared_share")
        shares.append([[getattr(hold, kind) for kind in kinds] for hold in state.holders])
    assert np.array(shares[1]) == pytest.approx(np.array(shares[0]), rel=1e-12)


def test_a_figure_of_the_scenario_is_laid_over_every_generation_s() -> None:
    _, own = at_start({}, ARRIVE)
    _, laid = at_start({}, ARRIVE, **{"holders.drift": 0.0})
    assert own.holders[0].strength[3] != 1.0
    assert laid.holders[0].strength[3] == 0.0  # nothing drifts: no table is made


def written(folder: Path, holder: str) -> Path:
    """The duopoly as a file, with more said of its holder."""
    text = Path("scenarios/markets/duopoly.yaml").read_text(encoding="utf-8")
    text = text.replace("market: duopoly", "market: multimode")
    path = folder / "multimode.yaml"
    path.write_text(
        text.replace("    share_spread:", f"    {holder}\n    share_spread:", 1), encoding="utf-8"
    )
    return path


def test_shares_by_generation_are_written_in_a_market_s_file(tmp_path: Path) -> None:
    said = "drifts: {5G: {value: 0.2, source: assumption}}"
    market = load_market(written(tmp_path, said))
    rules = build(load_scenario("duopoly").model_copy(update={"market": market}))
    assert rules.holder_groups[0]["drift"][0] == 0.2
    assert rules.market[0]["drifts"] == rules.market[0]["multimode"] == 1


@pytest.mark.parametrize(
    ("holder", "said"),
    [
        ("generations: {6G: {value: 1, source: assumption}}", "no generation is called '6G'"),
        ("drifts: {4G: {value: 0.1, source: assumption}}", "no generation is called '4G'"),
        ("drifts: {5G: {value: -1, source: assumption}}", "between -0.9 and 10"),
        ("generations: {5G: {value: 30, source: assumption}}", "holders own at most all families of 5G"),
        ("generations: [5G]", "holders[0].generations: got a list; must be a mapping"),
        ("generations: [{5G: 1}]", "holders[0].generations: got a list; must be a mapping"),
        ("generations: 5", "holders[0].generations: got 5; must be a mapping"),
        ("drifts: true", "holders[0].drifts: got true; must be a mapping"),
    ],
)
def test_a_wrong_generation_is_one_clear_error(tmp_path: Path, holder: str, said: str) -> None:
    with pytest.raises(ScenarioError) as caught:
        load_market(written(tmp_path, holder))
    assert said in str(caught.value)
