"""Commands on files: regimes, validate, schema, init."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from simulator.spec.case import load_case
from simulator.spec.load import builtin, load_scenario

Frandsim = Callable[..., Any]


def test_regimes_are_listed_with_their_standing(frandsim: Frandsim) -> None:
    answer = frandsim("regimes")
    assert answer.status == 0
    row = next(line for line in answer.out.splitlines() if "eu-hvzte-2015" in line)
    assert [cell.strip() for cell in row.strip("│").split("│")][::2] == [
        "eu-hvzte-2015", "in_force", "",
    ]  # fmt: skip
    assert answer.err == f"{len(builtin('regimes'))} regimes; nothing written\n"
    listed = json.loads(frandsim("regimes", "--json").out)
    assert [law["regime"] for law in listed] == list(builtin("regimes"))


def test_a_regime_is_shown_with_its_sources(frandsim: Frandsim) -> None:
    answer = frandsim("regimes", "show", "eu-hvzte-2015")
    assert answer.status == 0
    for text in ("willingness", "C-170/13, para 63", "Injunction", "The fault 'no offer'"):
        assert text in answer.out
    shown = json.loads(frandsim("regimes", "show", "eu-hvzte-2015", "--json").out)
    assert shown["steps"]["willingness"]["act"] == "declare_willing"
    assert shown["valid_from"] == "2015-07-16"


def test_two_regimes_are_compared_in_sentences(frandsim: Frandsim) -> None:
    answer = frandsim("regimes", "diff", "eu-hvzte-2015", "none")
    assert answer.status == 0
    assert "Remedy: under eu-hvzte-2015, the court grants or refuses an injunction" in answer.out
    found = json.loads(frandsim("regimes", "diff", "eu-hvzte-2015", "none", "--json").out)
    assert answer.err == f"{len(found)} differences between eu-hvzte-2015 and none; nothing written\n"
    assert set(found[0]) == {
        "topic",
        "a",
        "first",
        "first_source",
        "b",
        "second",
        "second_source",
        "first_from",
        "second_from",
    }


def test_init_writes_a_valid_scenario_and_overwrites_nothing(frandsim: Frandsim) -> None:
    answer = frandsim("init", "mine")
    files = ["my-scenario.yaml", "my-market.yaml", "my-regime.yaml", "my_implementer.yaml"]
    paths = [str(Path("mine", name)) for name in files]
    assert (answer.status, answer.out) == (0, "")
    assert answer.err.splitlines() == [f"wrote {path}" for path in paths]
    checked = frandsim("validate", *paths)
    kinds = ("scenario", "market", "regime", "strategy")
    assert checked.status == 0
    assert checked.out.splitlines() == [
        f"{path}: a valid {kind}" for path, kind in zip(paths, kinds, strict=True)
    ]
    assert checked.err == "4 checked, no faults; nothing written\n"
    scenario = load_scenario("mine/my-scenario.yaml")
    assert [law.regime for law in scenario.regimes] == ["eu-hvzte-2015", "my-regime"]
    assert {"my_implementer", "holder_hold_up"} <= set(scenario.strategies)

    Path("mine", "my-regime.yaml").write_text("mine", encoding="utf-8")
    again = frandsim("init", "mine")
    assert again.status == 2
    assert f"{paths[2]}: exists already; nothing is overwritten: name another folder" in again.err
    assert Path("mine", "my-regime.yaml").read_text(encoding="utf-8") == "mine"


def test_init_reports_as_json_too(frandsim: Frandsim) -> None:
    assert json.loads(frandsim("init", "here", "--json").out)["written"][0] == str(
        Path("here", "my-scenario.yaml")
    )


def test_a_starter_case_has_its_folders_name(frandsim: Frandsim) -> None:
    assert frandsim("init", "--case", "cases/acme-v-bolt").status == 0
    path = Path("cases", "acme-v-bolt", "acme-v-bolt.yaml")
    assert load_case(path).case == "acme-v-bolt"
    assert frandsim("rate", str(path)).status == 0
    refused = frandsim("init", "--case", "Acme v Bolt")
    assert refused.status == 2
    assert "got Acme v Bolt; the folder gives the case its name: lower-case letters" in refused.err
    assert not Path("Acme v Bolt").exists()


def test_a_case_whose_source_was_not_read_is_not_called_valid(frandsim: Frandsim) -> None:
    frandsim("init", "mine", "--case")
    path = Path("mine", "mine.yaml")
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace('usd_million, source: "J1"}', 'usd_million, source: "J2"}'), "utf-8")
    answer = frandsim("validate", str(path))
    assert (answer.status, answer.out) == (2, "")
    assert "computations.award.published.source: names J2; known: J1" in answer.err


def test_validate_says_all_that_is_wrong_with_all_files(frandsim: Frandsim, tmp_path: Path) -> None:
    Path("a.yaml").write_text("regime: a\nextends: eu-hvzte-2016\n", encoding="utf-8")
    Path("b.yaml").write_text("strategy: [\n", encoding="utf-8")
    answer = frandsim("validate", "a.yaml", "b.yaml", str(builtin("regimes")["upc"]))
    assert answer.status == 2
    assert answer.out.splitlines() == [f"{builtin('regimes')['upc']}: a valid regime"]
    first, second = answer.err.splitlines()
    assert first == (
        "a.yaml:2: extends: no regime 'eu-hvzte-2016', beside this file or built-in; "
        "did you mean eu-hvzte-2015?"
    )
    assert second.startswith("b.yaml:2: not YAML: ")
    machine = frandsim("validate", "a.yaml", "b.yaml", "--json")
    assert machine.status == 2
    report = json.loads(machine.out)
    assert [(one["file"], one["kind"], len(one["faults"])) for one in report] == [
        ("a.yaml", None, 1),
        ("b.yaml", None, 1),
    ]
    assert report[0]["faults"][0]["line"] == 2


@pytest.mark.parametrize("kind", ["regime", "market", "strategy", "space", "scenario", "case"])
def test_a_schema_describes_the_keys_of_a_kind(frandsim: Frandsim, kind: str) -> None:
    schema = json.loads(frandsim("schema", kind).out)
    assert schema["additionalProperties"] is False
    assert kind in schema["required"]
    assert "schema" not in schema["required"]
    assert schema["properties"]["schema"]["type"] == "integer"
    assert json.loads(frandsim("schema", "--json").out)[kind] == schema


def test_an_unknown_kind_of_schema(frandsim: Frandsim) -> None:
    answer = frandsim("schema", "regim")
    assert (answer.status, answer.out) == (2, "")
    assert answer.err == "schema: no kind of file is called regim; did you mean regime?\n"


def test_validate_knows_the_methods_of_a_case(frandsim: Frandsim) -> None:
    text = builtin("cases")["oppo-v-nokia"].read_text("utf-8")
    Path("oppo-v-nokia.yaml").write_text(
        text.replace("method: roll_forward", "method: roll_foward", 1), "utf-8"
    )
    answer = frandsim("validate", "oppo-v-nokia.yaml")
    assert answer.status == 2
    assert answer.err.endswith("got the method roll_foward; did you mean roll_forward?\n")


def test_an_empty_range_of_a_space_ends_with_2_and_its_line(frandsim: Any, tmp_path: Path) -> None:
    text = builtin("spaces")["holder"].read_text(encoding="utf-8")
    bad = text.replace("space: holder", "space: mine").replace("range: [0.8, 12]", "range: [12, 0.8]")
    (tmp_path / "mine.yaml").write_text(bad, encoding="utf-8")
    ended = frandsim("validate", "mine.yaml")
    assert ended.status == 2
    assert "mine.yaml:7: numbers.anchor.range: got [12, 0.8], which is empty" in ended.err
