"""The built-in markets and scenarios: they load, carry the published figures, and make economic sense."""

from __future__ import annotations

import math
import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from simulator.parameters import default
from simulator.spec.base import Quantity
from simulator.spec.load import load_market as market
from simulator.spec.load import load_scenario
from simulator.spec.yaml import read

ROOT = Path(__file__).parents[2] / "scenarios"
MARKETS = ("cellular", "wifi", "audio", "duopoly")
REGIMES = {
    "staged-baseline",
    "none",
    "us-2021-draft",
    "eu-hvzte-2015",
    "jp-meti-2022",
    "de-orange-book-2009",
    "cn-proposed",
    "cn-spc-act-2023",
    "cn-rate-setting",
    "de-frand-ii-iii",
    "upc",
    "uk-global",
    "us-ebay",
    "eu-sep-regulation",
}
PRICE = 215  # USD, average handset of 2016 (Galetovic, Haber and Zaretzki 2018)
UNSOURCED = {"count", "strategies", "replications", "seed"}  # numbers that are no estimates


def value(quantity: Quantity | None, parameter: str) -> float:
    return default(parameter) if quantity is None else quantity.value


def burden(name: str) -> float:
    generations = market(name).standard.generations
    return sum(item.aggregate_burden.value * item.value_share.value for item in generations)


def holder_shares(name: str) -> list[tuple[float, float]]:
    """Mean share and its log sd, one row a holder."""
    return [
        (value(group.share, "holders.share"), value(group.share_spread, "holders.share_spread"))
        for group in market(name).holders
        for _ in range(group.count)
    ]


def quantities(data: Any) -> list[dict[str, Any]]:
    if isinstance(data, dict) and "value" in data:
        return [data]
    inner = data.values() if isinstance(data, dict) else data if isinstance(data, tuple) else ()
    return [found for item in inner for found in quantities(item)]


def bare_numbers(data: Any) -> list[float]:
    if isinstance(data, dict):
        inner = [] if "value" in data else [data[key] for key in data if key not in UNSOURCED]
        return [number for item in inner for number in bare_numbers(item)]
    if isinstance(data, tuple):
        return [number for item in data for number in bare_numbers(item)]
    return [data] if isinstance(data, int | float) and not isinstance(data, bool) else []


def test_the_markets_are_all_here() -> None:
    assert {file.stem for file in (ROOT / "markets").glob("*.yaml")} == set(MARKETS)


@pytest.mark.parametrize("name", MARKETS)
def test_a_market_is_valid_and_bears_its_name(name: str) -> None:
    assert market(name).market == name


@pytest.mark.parametrize("name", MARKETS)
def test_every_number_has_a_source_or_is_called_an_assumption(name: str) -> None:
    data = read(ROOT / "markets" / f"{name}.yaml").data
    assert bare_numbers(data) == []
    assert re.search(r"mixes.* assumptions", data["notes"], re.IGNORECASE)
    for quantity in quantities(data):
        assert re.search(r"assumption|\b(19|20)\d\d\b", quantity["source"]), quantity
        low, high = quantity.get("range", (quantity["value"], quantity["value"]))
        assert low <= quantity["value"] <= high, quantity


@pytest.mark.parametrize("name", MARKETS)
def test_mixes_sum_to_one_and_name_strategies_of_their_side(name: str) -> None:
    known = {file.stem for file in (ROOT / "strategies").glob("*.yaml")}
    loaded = market(name)
    for side, groups in (("holder_", loaded.holders), ("implementer_", loaded.implementers)):
        for group in groups:
            assert math.isclose(sum(group.strategies.values()), 1)
            assert min(group.strategies.values()) > 0
            assert set(group.strategies) <= {strategy for strategy in known if strategy.startswith(side)}


@pytest.mark.parametrize("name", MARKETS)
def test_value_shares_sum_to_one(name: str) -> None:
    assert math.isclose(sum(item.value_share.value for item in market(name).standard.generations), 1)


@pytest.mark.parametrize("name", MARKETS)
def test_simulated_holders_never_own_more_than_the_standard(name: str) -> None:
    means, spreads = np.array(holder_shares(name)).T
    z = np.random.default_rng(1).standard_normal((20_000, len(means)))
    drawn = (means * np.exp(spreads * z - spreads**2 / 2)).sum(axis=1)
    assert means.sum() < 0.7
    assert (drawn > 1).mean() < 1e-3


@pytest.mark.parametrize("name", MARKETS)
def test_every_maker_can_afford_frand(name: str) -> None:
    for group in market(name).implementers:
        assert burden(name) < value(group.margin, "implementers.margin")


def test_cellular_carries_the_published_figures() -> None:
    generations = {item.generation: item for item in market("cellular").standard.generations}
    found = {key: (item.aggregate_burden.value, item.value_share.value) for key, item in generations.items()}
    assert found == {"5G": (0.04807, 0.50), "4G": (0.07, 0.40), "3G": (0.05, 0.05), "2G": (0.05, 0.05)}
    assert generations["5G"].aggregate_burden.range == (0.04341, 0.05273)
    assert generations["4G"].aggregate_burden.range == (0.06, 0.08)
    for key in ("5G", "4G"):
        assert generations[key].aggregate_burden.range is not None
        assert math.isclose(found[key][0], sum(generations[key].aggregate_burden.range or ()) / 2)
    assert [generations[key].families.value for key in ("4G", "3G", "2G")] == [2036, 1218, 517]
    assert generations["5G"].families.value == 2036 * 60_000 / 24_000
    factor = value(market("cellular").standard.regional_factor, "standard.regional_factor")
    assert factor == 0.6142
    assert [round(usd * factor, 3) for usd in (1.151, 0.777)] == [0.707, 0.477]  # USD a 5G and a 4G handset


def test_cellular_is_of_the_size_of_the_handset_market() -> None:
    loaded = market("cellular")
    assert burden("cellular") == pytest.approx(0.057035)
    assert sum(group.count for group in loaded.holders) == 10
    assert sum(group.count for group in loaded.implementers) == 20
    annual = 12 * sum(group.count * value(group.sales, "implementers.sales") for group in loaded.implementers)
    assert 0.5 < annual / 425_100 < 0.8  # USD m, 2016


def test_wifi_recomputes_innovatio_and_motorola() -> None:
    per_device = 14.85 * 0.121
    assert burden("wifi") == pytest.approx(per_device / 100, rel=1e-3)
    groups = {group.group: value(group.share, "holders.share") for group in market("wifi").holders}
    assert groups["licensing companies"] * per_device == pytest.approx(0.0956, rel=1e-3)
    assert groups["mid-sized product companies"] * per_device == pytest.approx(0.03471, rel=2e-3)
    spread = value(market("wifi").beliefs.spread, "beliefs.spread")
    assert spread == pytest.approx(math.log(19.5 / 0.8) / 4, abs=0.005)


def test_audio_recomputes_the_rate_of_act_v_oppo() -> None:
    ((share, spread),) = holder_shares("audio")
    assert spread == 0
    assert burden("audio") * share * PRICE == pytest.approx(6_000_000 / 760_000_000, rel=1e-3)
    (codec,) = market("audio").standard.generations
    (holder,) = market("audio").holders
    assert share * codec.families.value == value(holder.patents_asserted, "holders.patents_asserted") == 6


def test_audio_suits_pay_against_large_makers_only() -> None:
    """Ten years of FRAND royalties against one side's cost of two years in court."""
    loaded = market("audio")
    filing = value(loaded.costs.filing, "costs.filing")
    suit = (
        filing + 24 * value(loaded.costs.monthly, "costs.monthly") + value(loaded.costs.trial, "costs.trial")
    )
    ((share, _),) = holder_shares("audio")
    months = 120 * burden("audio") * share
    stakes = [months * value(group.sales, "implementers.sales") for group in loaded.implementers]
    assert stakes[-1] < suit < stakes[0]


def test_duopoly_has_two_parties_and_four_pairings() -> None:
    loaded = market("duopoly")
    (holder,), (implementer,) = loaded.holders, loaded.implementers
    assert (holder.count, implementer.count) == (1, 1)
    assert holder.strategies == {"holder_good_faith": 0.5, "holder_hold_up": 0.5}
    assert implementer.strategies == {"implementer_good_faith": 0.5, "implementer_hold_out": 0.5}


@pytest.mark.parametrize("name", MARKETS)
def test_a_scenario_compares_the_regimes_on_its_market(name: str) -> None:
    loaded = load_scenario(name)
    assert (loaded.scenario, loaded.market) == (name, market(name))
    assert (loaded.baseline, loaded.replications, loaded.seed) == ("staged-baseline", 100, 1)
    assert {regime.regime for regime in loaded.regimes} == REGIMES
