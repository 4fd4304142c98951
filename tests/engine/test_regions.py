"""Sales, families and factors by region: one rate for a pair, a rate for each region of it."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from simulator.engine.build import build
from simulator.errors import ScenarioError
from simulator.spec.load import load_market, load_scenario
from simulator.spec.market import Territory
from simulator.spec.regime import Appeal, Injunction, Regime
from simulator.spec.scenario import Scenario
from simulator.vocabulary import CourtMode, InjunctionCap, InjunctionTest
from tests.play import Rows, edited, film, outcomes, quantity, regime, scenario, strategy

NAMES = ("us", "europe", "rest")
QUARREL: dict[str, Any] = {
    "holder": strategy("holder_litigious", anchor=50.0, window=600, sue_after=1),
    "implementer": strategy("implementer_hold_out", anchor=0.001, window=600),
}
NO_TALKS = {"court.settlement.meeting_probability": 0.0}


def over(
    one: Scenario,
    factors: Sequence[float],
    weights: Sequence[float],
    strength: Sequence[float] = (),
    **forums: tuple[str, ...],
) -> Scenario:
    """A scenario in a market of regions: factors, and alike for all its firms sales and strengths there."""
    names = NAMES[: len(factors)]
    regions = tuple(
        Territory(region=name, factor=quantity(factor), forums=forums.get(name, ()))
        for name, factor in zip(names, factors, strict=True)
    )
    shares = {name: quantity(share) for name, share in zip(names, weights, strict=True)}
    strong = {name: quantity(one) for name, one in zip(names, strength, strict=False)}
    market = one.market
    market = market.model_copy(
        update={
            "standard": market.standard.model_copy(update={"regions": regions}),
            "implementers": tuple(
                group.model_copy(update={"regions": shares}) for group in market.implementers
            ),
            "holders": tuple(group.model_copy(update={"strength": strong}) for group in market.holders),
        }
    )
    return one.model_copy(update={"market": market})


def of(law: Regime, factors: Sequence[float], weights: Sequence[float], *more: Any, **options: Any) -> Rows:
    numbers = NO_TALKS | options.pop("numbers", {})
    return outcomes(over(scenario(law, numbers=numbers, **QUARREL), factors, weights, *more, **options))


def test_a_pair_s_rate_is_weighed_over_its_regions() -> None:
    """``r* = A s sum w phi lambda``, and the court that sees as much finds it."""
    plain = outcomes(scenario(regime(CourtMode.DIRECT), numbers=NO_TALKS, **QUARREL))[0]
    one = of(regime(CourtMode.DIRECT), (1.0, 0.8, 0.5), (0.2, 0.3, 0.5), (1.5, 1.0, 0.6))[0]
    weight = 0.2 * 1.5 + 0.3 * 0.8 + 0.5 * 0.5 * 0.6
    assert one.frand_rate == pytest.approx(weight * float(plain.frand_rate), rel=1e-12)
    assert one.court_rate == pytest.approx(float(one.frand_rate), rel=1e-12)


def test_rates_by_region_average_to_the_rate() -> None:
    one = of(regime(CourtMode.DIRECT), (1.0, 0.8, 0.5), (0.2, 0.3, 0.5), (1.5, 1.0, 0.6))[0]
    regional = [float(one[f"rate_region_{name}"]) for name in ("one", "two", "three")]
    assert np.dot(regional, (0.2, 0.3, 0.5)) == pytest.approx(float(one.rate), rel=1e-12)
    assert regional[1] / regional[0] == pytest.approx(0.8 / 1.5, rel=1e-12)
    assert regional[2] / regional[0] == pytest.approx(0.5 * 0.6 / 1.5, rel=1e-12)


def test_two_named_regions_are_the_two_there_were() -> None:
    """The general form at even strengths plays to the bit what the one factor did."""
    law = regime(CourtMode.DIRECT)
    numbers = {"standard.regional_factor": 0.6142, "implementers.region_two_share": 0.4}
    bare = scenario(law, ideal=False, replications=20)
    before = outcomes(bare.model_copy(update={"set": {name: quantity(one) for name, one in numbers.items()}}))
    named = outcomes(over(bare, (1.0, 0.6142), (0.6, 0.4)))
    for name in before.dtype.names or ():
        assert np.array_equal(before[name], named[name], equal_nan=before[name].dtype.kind == "f"), name


@pytest.mark.parametrize("phi", [0.5, 1.0])
def test_a_court_s_own_factor_holds_in_all_regions_but_the_first(phi: float) -> None:
    numbers = {"court.rate.regional_factor": phi}
    one = of(regime(CourtMode.DIRECT), (1.0, 0.8, 0.5), (0.2, 0.3, 0.5), numbers=numbers)[0]
    factor = (0.2 + 0.8 * phi) / (0.2 + 0.3 * 0.8 + 0.5 * 0.5)
    assert one.court_rate == pytest.approx(factor * float(one.frand_rate), rel=1e-12)
    assert one.rate_region_two / one.rate_region_one == pytest.approx(phi, rel=1e-12)
    assert one.rate_region_three == one.rate_region_two


def test_without_a_third_region_there_is_no_rate_in_it() -> None:
    one = of(regime(CourtMode.DIRECT), (1.0, 0.5), (0.5, 0.5))[0]
    assert np.isnan(one.rate_region_three)
    assert one.rate_region_two == pytest.approx(0.5 * float(one.rate_region_one), rel=1e-12)


def test_a_court_reaches_what_is_sold_where_it_sits() -> None:
    """``x_i = w_i`` of its region: as a forum share of as much, in what a suit is worth and what is lost."""
    enjoins = regime(
        CourtMode.INDIRECT,
        injunction=Injunction(test=InjunctionTest.NEAR_AUTOMATIC, cap=InjunctionCap.NONE),
        appeal=Appeal(available=False),
    )
    sits: dict[str, Any] = {"europe": ("bare",)}
    even = (1.0, 1.0, 1.0), (0.2, 0.3, 0.5)
    numbers = NO_TALKS | {"court.injunction.ceiling": 1.0}

    def played(share: float, **forums: Any) -> Any:
        given = numbers | {"court.scope.forum_share": share}
        return film(over(scenario(enjoins, numbers=given, **QUARREL), *even, **forums), months=60)

    seated, stated, other = played(0.9, **sits), played(0.3), played(0.9)
    assert np.array_equal(seated.decided["w_h"], stated.decided["w_h"])
    assert seated.row.margin_lost == stated.row.margin_lost > 0.0
    assert seated.row.margin_lost < other.row.margin_lost


def test_strength_differs_by_holder_and_stacks_add_up() -> None:
    """The FRAND stack is the sum of the rates of the pairs."""
    one = scenario("none", holder=["holder_good_faith"] * 2, implementer="implementer_good_faith")
    mixed = over(one, (1.0, 0.5), (0.5, 0.5), (2.0, 0.0))
    groups = list(mixed.market.holders)
    groups[1] = groups[1].model_copy(update={"strength": {}})
    mixed = mixed.model_copy(update={"market": mixed.market.model_copy(update={"holders": tuple(groups)})})
    played = film(mixed, months=2)
    rates = played.resolved["frand"][-1]
    assert rates[0] / rates[1] == pytest.approx(0.5 * 2.0 / (0.5 + 0.5 * 0.5), rel=1e-12)
    assert played.implementers["frand_stack"][-1, 0] == pytest.approx(rates.sum(), rel=1e-12)


REGIONS = """  regions:
    - region: us
      factor: {value: 1, source: test}
    - region: rest
      factor: {value: 0.5, source: test}
"""
SALES = "regions: {us: {value: 0.5, source: test}, rest: {value: 0.5, source: test}}\n    strategies:"


def written(tmp_path: Path, *changes: tuple[str, str]) -> Path:
    text = Path("scenarios/markets/duopoly.yaml").read_text(encoding="utf-8")
    before, after = text.split("implementers:\n")
    before = before.replace("holders:\n", REGIONS + "holders:\n", 1)
    text = before + "implementers:\n" + after.replace("strategies:", SALES)
    path = tmp_path / "regional.yaml"
    path.write_text(edited(text, ("market: duopoly", "market: regional"), *changes), encoding="utf-8")
    return path


def test_a_market_of_regions_is_a_file(tmp_path: Path) -> None:
    market = load_market(written(tmp_path))
    rules = build(load_scenario("duopoly").model_copy(update={"market": market}))
    assert rules.market[0]["factors"].tolist() == [1.0, 0.5, 0.0]
    assert rules.implementer_groups[0]["weights"].tolist() == [0.5, 0.5, 0.0]


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (("factor: {value: 1, source", "factor: {value: 0.9, source"), "the first region's factor is 1"),
        (("regions: {us: {value: 0.5", "regions: {us: {value: 0.7"), "the shares of sales sum to 1.2"),
        (("regions: {us: {value: 0.5", "regions: {uk: {value: 0.5"), "no region is called 'uk'"),
        (("regions: {us: {value: 0.5", "regions: {us: {value: 1.5"), "share of sales in a region"),
        (("factor: {value: 0.5", "factor: {value: 50"), "between 0 and 5"),
        (("    - region: rest", "    - region: us"), "a second region called us"),
        ((SALES, "regions: 5\n    strategies:"), "implementers[0].regions: got 5; must be a mapping"),
        ((SALES, "regions: [{us: 1}]\n    strategies:"), "implementers[0].regions: got a list; must be"),
    ],
)
def test_a_wrong_region_is_one_clear_error(tmp_path: Path, change: tuple[str, str], said: str) -> None:
    with pytest.raises(ScenarioError) as caught:
        load_market(written(tmp_path, change))
    assert said in str(caught.value)
