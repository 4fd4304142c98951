"""Markets, strategies and whole scenarios: shares, sides, names."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from simulator.errors import ScenarioError
from simulator.spec.load import builtin, check, load_market, load_scenario, load_strategy

Complaint = Callable[..., list[str]]


def test_a_scenario_holds_everything_it_refers_to(small: Path) -> None:
    scenario = load_scenario(small)
    assert scenario.market.market == "bazaar"
    assert [law.regime for law in scenario.regimes] == ["mini", "other"]
    assert {name: one.party for name, one in scenario.strategies.items()} == {
        "asker": "holder",
        "payer": "implementer",
        "dawdler": "implementer",
    }
    assert (scenario.baseline, scenario.replications, scenario.seed) == ("mini", 7, 1)


def test_options_replace_regimes_replications_and_seed(small: Path) -> None:
    scenario = load_scenario(small, regimes=["other", "eu-hvzte-2015"], replications=3, seed=9)
    assert [law.regime for law in scenario.regimes] == ["other", "eu-hvzte-2015"]
    assert (scenario.baseline, scenario.replications, scenario.seed) == ("other", 3, 9)


def test_names_must_be_unique_in_a_market(small: Path, complaint: Complaint) -> None:
    path = small.with_name("bazaar.yaml")
    group = "  - {group: brands, count: 1, strategies: {payer: 1}}\n"
    path.write_text(path.read_text(encoding="utf-8") + group, encoding="utf-8")
    assert complaint(load_market, path) == [
        "bazaar.yaml:19: implementers[1].group: a second group called brands; names are unique"
    ]


def test_holders_own_at_most_all_families(small: Path, complaint: Complaint) -> None:
    path = small.with_name("bazaar.yaml")
    path.write_text(
        path.read_text(encoding="utf-8").replace("    count: 2\n", "    count: 11\n"), encoding="utf-8"
    )
    assert complaint(load_market, path) == [
        (
            "bazaar.yaml:10: holders: count x share of all groups is 1.1; "
            "holders own at most all families: at most 1"
        )
    ]


def test_a_name_is_a_built_in_or_a_path(small: Path, complaint: Complaint) -> None:
    assert load_strategy("payer").strategy == "payer"  # beside: payer.yaml
    assert load_strategy(small.with_name("payer.yaml")).strategy == "payer"
    assert complaint(load_scenario, "smal") == [
        "smal: no such scenario, built-in or file; did you mean small?"
    ]
    assert complaint(load_scenario, "./smal.yaml") == ["smal.yaml: no such file"]
    assert complaint(load_scenario, "bazaar") == [
        "bazaar.yaml:1: market: this is a market file; a scenario is expected here"
    ]


def test_a_scenario_may_be_called_as_its_market(small: Path) -> None:
    text = small.read_text(encoding="utf-8").replace("scenario: small", "scenario: cellular")
    path = small.with_name("cellular.yaml")
    path.write_text(text.replace("market: bazaar", "market: cellular"), encoding="utf-8")
    assert load_scenario(path).market.market == "cellular"  # the built-in one, not the scenario itself


KINDS = ("regimes", "markets", "strategies", "spaces", "scenarios", "cases")
BUILTIN = [path for kind in KINDS for path in builtin(kind).values()]


@pytest.mark.parametrize("path", BUILTIN, ids=lambda path: f"{path.parent.name}/{path.stem}")
def test_every_built_in_file_is_valid(path: Path) -> None:
    assert check(path) in ("regime", "market", "strategy", "space", "scenario", "case")


OTHERS = "share(holder_hold_up): {value: 0.8, source: assumption}\n  share(holder_good_faith):"
SHARED = """\
scenario: shared
title: More hold-out, and interest
market: cellular
regimes: [upc, uk-global]
baseline: upc
replications: 3
set:
  court.interest.court: {value: 0.08, source: "assumption: a what-if of this run"}
  share(implementer_hold_out): {value: 0.3, source: assumption}
"""


def test_a_file_sets_what_the_command_sets(tmp_path: Path) -> None:
    path = tmp_path / "shared.yaml"
    path.write_text(SHARED)
    over = {"court.interest.court": 0.08, "share(implementer_hold_out)": 0.3}
    laid = load_scenario("cellular", regimes="upc,uk-global", replications=3, set=over)
    update = {"scenario": "shared", "title": "More hold-out, and interest"}
    assert load_scenario(path) == laid.model_copy(update={**update, "what_if": {}})


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("{value: 0.3,", "{value: 3,", "shared.yaml:9: set.share(implementer_hold_out): got 3; share of the"),
        ("hold_out)", "holdout)", "no strategy 'implementer_holdout', beside this file or built-in; did you"),
        ("share(implementer_hold_out):", OTHERS, "set: the shares sum to 1"),
    ],
)  # fmt: skip
def test_a_share_that_cannot_be_is_refused(tmp_path: Path, old: str, new: str, told: str) -> None:
    path = tmp_path / "shared.yaml"
    path.write_text(SHARED.replace(old, new))
    with pytest.raises(ScenarioError) as error:
        load_scenario(path)
    assert told in str(error.value)
