"""Commands that play: what they hand to ``simulator.study``, what they print, what they say they wrote."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pytest

import simulator
from simulator.spec.find import builtin

Frandsim = Callable[..., Any]


class Result:
    """A comparison or trace of one number."""

    written = (Path("results", "table.csv"), Path("results", "manifest.json"))

    def table(self) -> str:
        return "one number: 0.25"

    def to_json(self) -> dict[str, object]:
        return {"deadlock": np.float64(0.25), "pairs": np.int64(4), "months": float("nan")}


@pytest.fixture
def calls(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, tuple[Any, ...], dict[str, Any]]]:
    """A study that records how it is called."""
    seen: list[tuple[str, tuple[Any, ...], dict[str, Any]]] = []
    study = ModuleType("simulator.study")

    def record(name: str) -> Callable[..., Result]:
        def play(*arguments: Any, **options: Any) -> Result:
            seen.append((name, arguments, options))
            return Result()

        return play

    def show(name: str) -> Callable[..., Result]:
        def play(*arguments: Any, shown: Callable[[Result], None], **options: Any) -> Result:
            result = record(name)(*arguments, **options)
            shown(result)
            return result

        return play

    for name in ("compare", "run"):
        setattr(study, name, show(name))
    for name in ("trace",):
        setattr(study, name, record(name))
    study.known_rankings = lambda: None  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "simulator.study", study)
    monkeypatch.setattr(simulator, "study", study, raising=False)
    return seen


def test_compare_plays_the_whole_scenario(frandsim: Frandsim, calls: list[Any]) -> None:
    answer = frandsim("compare", "duopoly", "--workers", "2")
    assert answer.status == 0
    assert answer.out == "one number: 0.25\n"
    written = [f"wrote {path}" for path in Result.written]
    assert answer.err.splitlines() == written
    ((name, (scenario,), options),) = calls
    assert (name, scenario.scenario) == ("compare", "duopoly")
    assert options == {
        "workers": 2,
        "out": Path("results", "compare", "duopoly"),
        "equal_procedure": False,
        "formats": ["svg", "png"],
        "evolved": None,
        "learned": None,
        "learned_in": Path("results", "evolve", "duopoly-learned", "games"),
        "rankings": None,
    }


def test_compare_takes_its_options(frandsim: Frandsim, calls: list[Any]) -> None:
    chosen = "upc, uk-global"
    options = (
        "--regimes",
        chosen,
        "--replications",
        "5",
        "--seed",
        "3",
        "--out",
        "here",
        "--equal-procedure",
    )
    answer = frandsim("compare", "duopoly", *options, "--json")
    assert json.loads(answer.out) == {"deadlock": 0.25, "pairs": 4, "months": None}
    ((_, (scenario,), given),) = calls
    assert [law.regime for law in scenario.regimes] == ["upc", "uk-global"]
    assert (scenario.baseline, scenario.replications, scenario.seed) == ("upc", 5, 3)
    assert (given["out"], given["equal_procedure"]) == (Path("here"), True)
    assert given["workers"] >= 1


def test_run_plays_one_regime_of_the_scenario_or_any_other(frandsim: Frandsim, calls: list[Any]) -> None:
    assert frandsim("run", "duopoly", "--regime", "india", "--replications", "2").status == 0
    ((name, (scenario, regime), options),) = calls
    assert (name, regime) == ("run", "india")
    assert [law.regime for law in scenario.regimes] == ["india"]
    assert options["out"] == Path("results", "run", "duopoly", "india")


def test_trace_follows_one_negotiation(frandsim: Frandsim, calls: list[Any]) -> None:
    options = ("--regime", "upc", "--against", "none", "--negotiation", "1", "--replication", "4")
    assert frandsim("trace", "duopoly", *options).status == 0
    assert frandsim("trace", "duopoly", "--regime", "upc", "--out", "here").status == 0
    (_, (scenario, *first), _), (_, (_, *second), _) = calls
    assert [law.regime for law in scenario.regimes] == ["upc", "none"]
    assert first == ["upc", 1, 4, "none", Path("results/trace/duopoly/upc-none")]
    assert second == ["upc", None, 0, None, Path("here")]


@pytest.mark.parametrize(
    ("arguments", "line"),
    [
        (("compare", "duopol"), "duopol: no such scenario, built-in or file; did you mean duopoly?"),
        (("compare", "absent.yaml"), "absent.yaml: no such file"),
        (("compare", "."), ".: is a directory; name a file in it"),
        (
            ("compare", "duopoly", "--regimes", "upcc"),
            "upcc: no such regime, built-in or file; did you mean upc?",
        ),
        (("compare", "duopoly", "--regimes", ","), "regimes: got an empty list; at least one regime"),
        (
            ("run", "duopoly", "--regime", "eu-hvzte"),
            "eu-hvzte: no such regime, built-in or file; did you mean eu-hvzte-2015?",
        ),
        (("compare",), "Error: Missing argument 'SCENARIO'."),
        (("run", "duopoly"), "Error: Missing option '--regime'."),
        (("compare", "duopoly", "--sead", "1"), "Error: No such option: --sead"),
        (("regimes", "list"), "Error: No such command 'list'."),
        (("comparre",), "Error: No such command 'comparre'."),
    ],
)
def test_bad_input_is_one_clear_line_and_status_2(
    frandsim: Frandsim, calls: list[Any], arguments: tuple[str, ...], line: str
) -> None:
    answer = frandsim(*arguments)
    assert (answer.status, answer.out, calls) == (2, "", [])
    assert answer.err.splitlines()[-1].startswith(line)
    assert "Traceback" not in answer.err


@pytest.mark.parametrize("option", ["--replications", "--workers", "--seed"])
def test_numbers_out_of_range_are_status_2(frandsim: Frandsim, option: str) -> None:
    answer = frandsim("compare", "duopoly", option, "-1")
    assert answer.status == 2
    assert f"Error: Invalid value for '{option}': " in answer.err.splitlines()[-1]


def test_a_failure_that_is_no_bad_input_is_status_1(
    frandsim: Frandsim, calls: list[Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: Any, **__: Any) -> Result:
        raise OSError(28, "No space left on device", "results/table.csv")

    monkeypatch.setattr(sys.modules["simulator.study"], "compare", full)
    answer = frandsim("compare", "duopoly")
    assert (answer.status, answer.out) == (1, "")
    assert answer.err == "frandsim: results/table.csv: No space left on device\n"


def test_a_space_that_is_not_valid_ends_learning_with_its_line(frandsim: Frandsim, tmp_path: Path) -> None:
    path = tmp_path / "holder.yaml"
    built_in = builtin("spaces")["holder"].read_text(encoding="utf-8")
    path.write_text(built_in.replace("range: [0.8, 12]", "range: [12, 12]"), encoding="utf-8")
    answer = frandsim("evolve", "duopoly", "--learn", "--spaces", f"{path},implementer")
    assert answer.status == 2
    assert f"{path.name}:7: numbers.anchor.range: got [12, 12], which is empty" in answer.err
    answer = frandsim("evolve", "duopoly", "--learn", "--spaces", "holder")
    assert answer.status == 2
    assert "none of the spaces is an implementer's; one space a side" in answer.err
