"""Files made to hurt: whatever stands in them, one clear report and no traceback."""

from __future__ import annotations

import os
import random
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from ruamel.yaml import YAML

from simulator import study
from simulator.errors import ScenarioError
from simulator.evolution.evolved import Adaptation
from simulator.evolution.game import plan
from simulator.evolution.learned.regime import LearningPlan
from simulator.spec.find import builtin
from simulator.spec.load import check, load_scenario
from simulator.spec.yaml import parse, text_of
from simulator.study import comparing

WORDS: list[Any] = [
    None,
    "word",
    7,
    -1,
    1e9,
    0,
    float("nan"),
    True,
    [],
    {},
    ["word"],
    [[1]],
    [{}],
    {"value": {}},
]
"""What may stand where something else is expected."""
KINDS = ["scenarios", "markets", "regimes", "strategies", "spaces", "cases", "experiments"]
SCENARIO = "scenario: mine\ntitle: Mine\nmarket: duopoly\nregimes: [upc]\nbaseline: upc\n"


def entries(value: Any, at: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """The path of every entry of a file."""
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, entry in inner:
        yield (*at, key)
        yield from entries(entry, (*at, key))


def put(value: Any, at: tuple[Any, ...], word: Any) -> Any:
    """A file with one entry replaced."""
    if not at:
        return word
    if isinstance(value, dict):
        return {key: put(entry, at[1:], word) if key == at[0] else entry for key, entry in value.items()}
    return [put(entry, at[1:], word) if place == at[0] else entry for place, entry in enumerate(value)]


def verdict(path: Path) -> str:
    """What checking a file says; empty where it is valid."""
    try:
        check(path)
    except ScenarioError as error:
        return str(error)
    return ""


def mutants(kind: str) -> list[tuple[Path, tuple[Any, ...], Any]]:
    found = []
    for path in builtin(kind).values():
        data = YAML(typ="safe", pure=True).load(path.read_text(encoding="utf-8"))
        found += [(path, at, word) for at in entries(data) for word in WORDS]
        found += [(path, ("value",), word) for word in WORDS]
    return found


def tried(kind: str, count: int, tmp_path: Path) -> dict[str, int]:
    """Check so many mutants of the built-in files; how many were refused and how many are valid."""
    told = {"refused": 0, "valid": 0}
    chosen = mutants(kind)
    random.Random(5).shuffle(chosen)
    yaml = YAML(typ="safe", pure=True)
    for path, at, word in chosen[:count]:
        data = yaml.load(path.read_text(encoding="utf-8"))
        changed = data | {"value": word} if at == ("value",) else put(data, at, word)
        file = tmp_path / (f"{data[kind.rstrip('s')]}.yaml" if kind == "strategys" else path.name)
        with file.open("w", encoding="utf-8") as stream:
            yaml.dump(changed, stream)
        said = verdict(file)
        assert said.isprintable() or "\n" in said, (path.name, at, word)
        told["refused" if said else "valid"] += 1
    return told


@pytest.mark.parametrize("kind", KINDS)
def test_any_entry_may_hold_anything(kind: str, tmp_path: Path) -> None:
    told = tried(kind, 30, tmp_path)
    assert told["refused"] > 15


@pytest.mark.slow
@pytest.mark.parametrize("kind", KINDS)
def test_any_of_many_entries_may_hold_anything(kind: str, tmp_path: Path) -> None:
    assert tried(kind, 1_700, tmp_path)["refused"] > 800


HOSTILE: dict[str, tuple[str, str]] = {
    "top level value": (SCENARIO + "value: 3\n", "the key value is unknown here"),
    "top level list": ("value: [1]\n" + SCENARIO, "the key value is unknown here"),
    "escape in a key": (SCENARIO + '"\\e[31mred\\a": 1\n', "a control character"),
    "escape in a value": (SCENARIO + 'notes: "\\e]0;title\\a"\n', "a control character"),
    "a turned order of letters": (SCENARIO + 'notes: "\\u202egnp.exe"\n', "a control character"),
    "names near to others": (
        SCENARIO + f"set: {{{', '.join(f'court.interest.cour{k}: 1' for k in range(1_200))}}}\n",
        "did you mean court.interest.court?",
    ),
    "laws nobody knows": (
        SCENARIO.replace("[upc]", f"[{', '.join(f'upc{k}' for k in range(3_000))}]"),
        "and 2,901 more problems",
    ),
    "many entries": (SCENARIO + f"set: {{{', '.join(f'a{k}: 1' for k in range(40_000))}}}\n", "entries"),
    "one key again and again": (SCENARIO + f"set: {{{'a, ' * 130_000}}}\n", "more than 5,000 entries"),
    "many quantities": (
        SCENARIO + f"set: {{{', '.join(f'a{k}: {{value: 1}}' for k in range(20_000))}}}\n",
        "more than 5,000 entries",
    ),
    "as many entries as are allowed": (
        SCENARIO + f"set: {{{', '.join(f'a{k}: 1' for k in range(4_900))}}}\n",
        "more problems",
    ),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_file_is_told_clearly_and_soon(name: str, tmp_path: Path) -> None:
    text, told = HOSTILE[name]
    path = tmp_path / "mine.yaml"
    path.write_text(text, encoding="utf-8")
    said, calls = counted(lambda: verdict(path))
    assert told in said
    assert not any(sign in said for sign in "\x1b\a")
    assert calls < (15_000_000 if name.startswith("as many") else 6_000_000)  # a second, or two: no clock


def counted(act: Callable[[], str]) -> tuple[str, int]:
    """What comes of it, and how many functions were called: the work done, on however busy a machine."""
    calls = 0

    def count(_frame: Any, event: str, _argument: Any) -> None:
        nonlocal calls
        calls += event in ("call", "c_call")

    before = sys.getprofile()
    sys.setprofile(count)
    try:
        said = act()
    finally:
        sys.setprofile(before)
    return said, calls


def fifo(path: Path) -> None:
    os.mkfifo(path)


SPECIAL: dict[str, Callable[[Path], object]] = {
    "loop": lambda path: path.symlink_to(path.name),
    "endless": lambda path: path.symlink_to("/dev/zero"),
    "fifo": fifo,
    "folder": lambda path: path.mkdir(),
    "nowhere": lambda path: path.symlink_to("nothing"),
}


@pytest.mark.parametrize("name", SPECIAL)
@pytest.mark.parametrize("role", ["scenario", "market", "regime", "points"])
def test_what_is_no_file_is_one_clear_line(name: str, role: str, tmp_path: Path) -> None:
    path = tmp_path / ("odd.csv" if role == "points" else "odd.yaml")
    SPECIAL[name](path)
    asked = path
    if role in ("market", "regime"):
        asked = tmp_path / "mine.yaml"
        words = {"market": ("market: duopoly", "market: odd.yaml"), "regime": ("[upc]", "[odd.yaml]")}
        asked.write_text(SCENARIO.replace(*words[role]))
    elif role == "points":
        asked = tmp_path / "mine.yaml"
        asked.write_text(
            "experiment: mine\ntitle: Mine\nquestion: Does it end?\nscenario: duopoly\n"
            "regimes: [upc]\nbaseline: upc\nreplications: 2\noutcomes: [efficiency]\n"
            "uncertainties:\n  - {parameter: court.interest.court}\ndesign: {file: odd.csv}\n"
        )
    said = verdict(asked)
    assert "odd" in said or "/dev/zero" in said


def changed(name: str, **numbers: float) -> str:
    """The built-in duopoly with some of its quantities replaced."""
    text = text_of(builtin("markets")["duopoly"]).replace("market: duopoly", f"market: {name}")
    data = YAML(typ="safe", pure=True).load(text)

    def lay(value: Any) -> Any:
        if isinstance(value, dict):
            return {
                key: {"value": numbers[key], "source": "assumption"} if key in numbers else lay(entry)
                for key, entry in value.items()
            }
        return [lay(entry) for entry in value] if isinstance(value, list) else value

    found = lay(data)
    if "horizon" in numbers:
        found["standard"]["horizon"] = {"value": numbers["horizon"], "source": "assumption"}
    path = Path(f"{name}.yaml")
    with path.open("w", encoding="utf-8") as stream:
        YAML(typ="safe", pure=True).dump(found, stream)
    assert parse(path.read_text(), path).data
    return path.name


@pytest.mark.parametrize(
    "numbers",
    [{"aggregate_burden": 0}, {"share": 0}, {"sales": 0}, {"horizon": 1}, {"horizon": 12}, {"horizon": 24}],
    ids=str,
)
@pytest.mark.parametrize("replications", [1, pytest.param(3, marks=pytest.mark.slow)])
def test_what_is_valid_is_played_to_the_last_page(
    numbers: dict[str, float], replications: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    market = changed("odd", **numbers)
    text = SCENARIO.replace("market: duopoly", f"market: {market}").replace("[upc]", "[upc, none, us-ebay]")
    (tmp_path / "mine.yaml").write_text(text)
    scenario = load_scenario(tmp_path / "mine.yaml", replications=replications)
    compared = study.compare(scenario, out=tmp_path / "out", formats=["svg"])
    assert not np.isinf(compared.tables.summary.select_dtypes("number").to_numpy()).any()
    assert not np.isinf(compared.tables.evidence.values.to_numpy()).any()
    assert (tmp_path / "out" / "report.html").exists()
    if "horizon" in numbers:
        assert plan(scenario, "upc").regime == "upc"
        return
    with pytest.raises(ScenarioError, match=r"nothing is due to .* from .*; payoffs are shares of it"):
        study.evolve(scenario, out=tmp_path / "evolved")
    with pytest.raises(ScenarioError, match="nothing is due to"):
        study.learn(scenario, out=tmp_path / "learned")
    monkeypatch.setattr(comparing, "play_all", None)  # it is said before anything is played
    for how in ({"evolved": Adaptation()}, {"learned": LearningPlan()}):
        with pytest.raises(ScenarioError, match="nothing is due to"):
            study.compare(scenario, **how)


def test_interest_of_a_billion_a_year_is_played_to_the_tables() -> None:
    """What is beyond single precision is its largest number; a warning of overflow is an error in tests."""
    interest = {"court.interest.court": 1e9, "standard.horizon": 240}
    scenario = load_scenario("duopoly", regimes=["cn-rate-setting"], replications=12, set=interest)
    tables = study.compare(scenario).tables
    assert tables.evidence.negotiations["effective"].max() > 1e30
    assert tables.rates.notna().any(axis=None)
