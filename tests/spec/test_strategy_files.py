"""The built-in strategies: they load, say where their numbers come from, and differ as their stories say."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from simulator.spec.base import Quantity
from simulator.spec.load import load_strategy as strategy
from simulator.spec.yaml import read
from simulator.vocabulary import Act, Disclosure, Tactic

FOLDER = Path(__file__).parents[2] / "scenarios" / "strategies"
FILES = sorted(FOLDER.glob("*.yaml"))
NAMES = {
    "holder_bundler",
    "holder_good_faith",
    "holder_hold_up",
    "holder_over_declarer",
    "holder_ambusher",
    "holder_litigious",
    "holder_reciprocal",
    "holder_opportunist",
    "holder_rational",
    "holder_refuser",
    "holder_secretive",
    "implementer_open_terms",
    "implementer_good_faith",
    "implementer_hold_out",
    "implementer_serial_challenger",
    "implementer_colluder",
    "implementer_reciprocal",
    "implementer_opportunist",
    "implementer_rational",
    "implementer_walker",
}
USUAL_DEADLINE = 2


def number(quantity: Quantity | None) -> float:
    assert quantity is not None, "left to the registry"
    return quantity.value


def quantities(data: Any) -> list[dict[str, Any]]:
    if isinstance(data, dict) and "value" in data:
        return [data]
    inner = data.values() if isinstance(data, dict) else data if isinstance(data, tuple) else ()
    return [found for item in inner for found in quantities(item)]


def bare_numbers(data: Any) -> list[float]:
    if isinstance(data, dict):
        return [] if "value" in data else [n for inner in data.values() for n in bare_numbers(inner)]
    if isinstance(data, tuple):
        return [n for inner in data for n in bare_numbers(inner)]
    return [data] if isinstance(data, int | float) and not isinstance(data, bool) else []


def test_the_library_is_complete() -> None:
    assert {file.stem for file in FILES} == NAMES


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_a_file_is_valid_and_bears_its_name(file: Path) -> None:
    loaded = strategy(file)
    assert loaded.strategy == file.stem
    assert loaded.strategy.startswith(f"{loaded.party}_")


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_every_number_has_a_source_or_is_called_an_assumption(file: Path) -> None:
    data = read(file).data
    assert bare_numbers(data) == []
    assert len(quantities(data)) >= 2
    for quantity in quantities(data):
        assert re.search(r"assumption|\b(19|20)\d\d\b", quantity["source"]), quantity
        low, high = quantity.get("range", (quantity["value"], quantity["value"]))
        assert low <= quantity["value"] <= high


@pytest.mark.parametrize("name", ["holder_good_faith", "implementer_good_faith"])
def test_good_faith_does_what_it_is_asked_in_time(name: str) -> None:
    conduct = strategy(name).conduct
    assert conduct.reply_delay.value <= 1
    assert (conduct.refuses, conduct.withholds, conduct.demands) == ((), (), "nothing")
    assert (conduct.forthcoming, conduct.initiates, conduct.justifies) == (True, True, True)
    assert not any((conduct.threatens, conduct.stalls, conduct.refuses_confidentiality))


def test_hold_out_is_late_low_and_silent() -> None:
    good, bad = strategy("implementer_good_faith"), strategy("implementer_hold_out")
    assert bad.conduct.reply_delay.value > USUAL_DEADLINE
    assert bad.anchor.value < 0.36 < good.anchor.value  # the lowest published counter (TCL v Ericsson)
    assert {Act.DECLARE_WILLING, Act.DEPOSIT, Act.UNDERTAKE, Act.VERIFY} <= set(bad.conduct.refuses)
    assert {Disclosure.SALES_DATA, Disclosure.ACCOUNT_OF_USE} <= set(bad.conduct.withholds)
    assert (number(good.goodwill), number(bad.goodwill)) == (1, 0)


def test_hold_up_asks_much_and_conceals_its_basis() -> None:
    good, bad = strategy("holder_good_faith"), strategy("holder_hold_up")
    assert good.anchor.value < 2.2 <= bad.anchor.value <= 4.4  # asks over awards, IDC and TCL v Ericsson
    assert (bad.conduct.threatens, bad.conduct.justifies) == (True, False)
    assert {Disclosure.COMPARABLES, Disclosure.RATE_CALCULATION} <= set(bad.conduct.withholds)
    assert Disclosure.CLAIM_CHARTS not in bad.conduct.withholds
    assert number(bad.exponent) < number(good.exponent)


@pytest.mark.parametrize(
    ("name", "like"),
    [
        ("holder_over_declarer", "holder_good_faith"),
        ("holder_ambusher", "holder_good_faith"),
        ("holder_litigious", "holder_good_faith"),
        ("holder_reciprocal", "holder_good_faith"),
        ("implementer_serial_challenger", "implementer_good_faith"),
        ("implementer_reciprocal", "implementer_good_faith"),
        ("implementer_colluder", "implementer_hold_out"),
        ("holder_opportunist", "holder_hold_up"),
        ("implementer_opportunist", "implementer_hold_out"),
    ],
)
def test_prices_are_those_of_the_kin(name: str, like: str) -> None:
    assert strategy(name).anchor.value == strategy(like).anchor.value


def test_each_vice_is_there() -> None:
    assert number(strategy("holder_over_declarer").over_declaration) == 3
    assert number(strategy("holder_ambusher").ambush) == 24
    assert number(strategy("holder_litigious").sue_after) == 0
    assert number(strategy("implementer_colluder").waits_for_peers) == 0.5
    assert strategy("implementer_serial_challenger").conduct.demands == "validity_first"


def test_only_those_have_a_tactic_of_their_own_who_say_so() -> None:
    for name in NAMES:
        kind = name.split("_", 1)[1]
        expected = Tactic[kind.upper()] if kind.upper() in Tactic.__members__ else Tactic.TIME
        assert strategy(name).tactic is expected
        if expected in (Tactic.RATIONAL, Tactic.OPPORTUNIST):
            assert "starting point only" in strategy(name).anchor.source


@pytest.mark.parametrize("side", ["holder", "implementer"])
def test_an_opportunist_has_something_to_conceal(side: str) -> None:
    assert strategy(f"{side}_opportunist").conduct.withholds
