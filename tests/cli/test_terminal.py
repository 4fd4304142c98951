"""Tables at any width: every identifier whole, what gives way named; or tab-separated, whole."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console, Group
from rich.table import Table

from simulator.cli.completion import completing, completing_list, setting, shown
from simulator.cli.output import tell_written
from simulator.comparison.comparison import SHOWN
from simulator.parameters import registry
from simulator.spec.find import PLURAL, builtin
from simulator.spec.load import load_market, load_scenario
from simulator.study import compare, trace
from simulator.writing.terminal import fitted, tsv

Frandsim = Callable[..., Any]


def text(renderable: Any, width: int) -> list[str]:
    console = Console(width=width, file=io.StringIO())
    console.print(fitted(renderable, width))
    assert isinstance(console.file, io.StringIO)
    return [line.rstrip() for line in console.file.getvalue().splitlines()]


@pytest.fixture(scope="module")
def comparison() -> Any:
    names = ["de-orange-book-2009", "de-munich-security", "eu-sep-regulation"]
    return compare(load_scenario("duopoly", regimes=names, replications=4))


@pytest.mark.parametrize("width", [60, 80, 100, 140])
def test_a_comparison_keeps_its_names_and_intervals(comparison: Any, width: int) -> None:
    lines = text(comparison.table(), width)
    assert max(map(len, lines)) <= width
    for name in comparison.tables.regimes:
        assert any(line.startswith(name) for line in lines) or width == 140
        assert any(name in line for line in lines)
    assert "…" not in "\n".join(lines)
    joined = "\n".join(lines)
    cell = comparison._cell("de-munich-security", next(iter(SHOWN.values()))).split(" ", 1)
    assert all(part in joined for part in cell)
    assert ("not shown for lack of width" in joined) == (width < 100)


@pytest.mark.parametrize("width", [60, 80])
def test_a_trace_keeps_every_word(width: int) -> None:
    scenario = load_scenario("duopoly", regimes=["upc", "none"])
    for against in (None, "none"):
        lines = text(trace(scenario, "upc", 0, 0, against).table(), width)
        assert max(map(len, lines)) <= width
        assert "…" not in "\n".join(lines)


def test_what_fits_stays_as_it_is() -> None:
    table = Table("a", "b", title="t")
    table.add_row("x", "y")
    assert fitted(table, 80) is table
    assert fitted("no table", 8) == "no table"


def test_plain_tables_are_tab_separated_with_intervals_apart(comparison: Any) -> None:
    rows = list(csv.DictReader(io.StringIO(tsv(comparison.table())), delimiter="\t"))
    column = "Deadlock rate % of negotiations"
    assert {row["Regime"].removesuffix(" *") for row in rows} == set(comparison.tables.regimes)
    for row in rows:
        assert float(row[f"{column} low"]) <= float(row[column]) <= float(row[f"{column} high"])
        assert row["Status"]
    two = tsv(Group(comparison.table(), "words", comparison.table()))
    assert len(two.split("\n\n")) == 2


def test_piped_output_obeys_columns(frandsim: Frandsim, monkeypatch: pytest.MonkeyPatch) -> None:
    for columns in (80, 120):
        monkeypatch.setenv("COLUMNS", str(columns))
        lines = frandsim("regimes").out.splitlines()
        assert max(len(line.rstrip()) for line in lines) <= columns
        assert all(any(name in line for line in lines) for name in builtin("regimes"))
    plain = frandsim("regimes", "--plain").out.splitlines()
    assert len(plain) == 1 + len(builtin("regimes"))
    assert all(line.count("\t") == 5 for line in plain)


def columns(answer: Any) -> list[dict[str, str]]:
    """Rows of a plain table; each has as many cells as there are heads."""
    assert answer.status == 0
    heads, *lines = (line.split("\t") for line in answer.out.splitlines())
    return [dict(zip(heads, line, strict=True)) for line in lines]


def test_plain_judgments_name_their_case_in_every_row(frandsim: Frandsim) -> None:
    every = columns(frandsim("rate", "--all", "--plain"))
    assert {row["case"] for row in every} == set(builtin("cases"))
    assert columns(frandsim("rate", "oppo-v-nokia", "--plain")) == [
        row for row in every if row["case"] == "oppo-v-nokia"
    ]


def test_plain_batches_and_evolution(frandsim: Frandsim) -> None:
    assert frandsim("sweep", "duopoly", "--replications", "1", "--out", "store").status == 0
    assert dict(line.split("\t") for line in frandsim("status", "store", "--plain").out.splitlines())[
        "Done"
    ] == ("1 of 1 chunks")
    (row,) = columns(frandsim("evolve", "duopoly", "--budget", "4", "--regimes", "none", "--plain"))
    assert row["Regime"] == "none"
    assert all("holder_" in one and "[" in one for one in row["Holders"].split("; "))


def test_many_files_are_one_line_and_their_first(capsys: pytest.CaptureFixture[str]) -> None:
    paths = [Path("out", "summary.csv"), *(Path("out", "figures", f"{n}.svg") for n in range(9))]
    paths += [Path("out", "report.html"), Path("out", "manifest.json")]
    tell_written(paths)
    assert capsys.readouterr().err.splitlines() == [
        f"wrote {Path('out', 'report.html')}",
        "and 11 files in out (-v names them)",
    ]
    apart = [Path("results", f"{n}.csv") for n in range(9)] + [Path("experiments", "README.md")]
    tell_written(apart)
    assert capsys.readouterr().err.splitlines()[-1] == "and 9 files in . (-v names them)"
    tell_written(paths, verbose=True)
    assert len(capsys.readouterr().err.splitlines()) == 12


@pytest.mark.parametrize("kind", sorted(PLURAL.values()))
def test_everything_built_in_is_listed_and_shown(frandsim: Frandsim, kind: str) -> None:
    rows = json.loads(frandsim("list", kind, "--json").out)
    assert {row["name"]: bool(row["title"]) for row in rows} == dict.fromkeys(builtin(kind), True)
    for name, path in list(builtin(kind).items())[:3]:
        assert frandsim("show", f"{kind}/{name}").out == path.read_text(encoding="utf-8")


def test_parameters_are_listed_and_shown(frandsim: Frandsim) -> None:
    lines = frandsim("list", "parameters", "--plain").out.splitlines()
    assert [line.split("\t")[0] for line in lines[1:]] == list(registry())
    entry = json.loads(frandsim("show", "court.interest.court", "--json").out)
    assert entry["default"] == registry()["court.interest.court"].default
    assert "source: 4 % in IDC v Lenovo" in frandsim("show", "court.interest.court").out
    counts = {row["kind"]: row["count"] for row in json.loads(frandsim("list", "--json").out)}
    assert counts["parameters"] == len(registry())
    assert counts["regimes"] == len(builtin("regimes"))


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("cellular", "several files have this name; one of scenarios/cellular, markets/cellular"),
        ("upcc", "no built-in file or parameter has this name; did you mean upc?"),
        ("market/cellular", "no kind 'market'; did you mean markets?"),
        ("court.interest.cort", "did you mean court.interest.court?"),
    ],
)
def test_what_cannot_be_shown_is_said(frandsim: Frandsim, name: str, said: str) -> None:
    answer = frandsim("show", name)
    assert (answer.status, answer.out) == (2, "")
    assert said in answer.err


def test_the_shell_completes_names() -> None:
    assert completing("regimes")("us-") == ["us-2021-draft", "us-ebay", "us-itc-337", "us-microsoft-2013"]
    assert completing_list("regimes")("us-ebay,us-") == [
        "us-ebay,us-2021-draft",
        "us-ebay,us-itc-337",
        "us-ebay,us-microsoft-2013",
    ]
    assert "court.interest.court=" in setting("court.interest.")
    assert setting("share(implementer_hold") == ["share(implementer_hold_out)="]
    assert shown("cellul") == ["cellular"]


def test_the_command_itself_completes(frandsim: Frandsim, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("_FRANDSIM_COMPLETE", "complete_bash")
    for words, offered in (
        (
            "frandsim compare duopoly --regimes upc,us-",
            {"upc,us-2021-draft", "upc,us-ebay", "upc,us-itc-337", "upc,us-microsoft-2013"},
        ),
        ("frandsim compare duo", {"duopoly"}),
        ("frandsim compare duopoly --set court.interest.c", {"court.interest.court="}),
    ):
        monkeypatch.setenv("COMP_WORDS", words)
        monkeypatch.setenv("COMP_CWORD", str(len(words.split()) - 1))
        assert set(frandsim().out.split()) == offered


def run(frandsim: Frandsim, *options: str) -> Any:
    return frandsim("run", "duopoly", "--regime", "upc", "--replications", "3", *options)


def test_what_ifs_change_what_is_played_and_stand_in_the_manifest(frandsim: Frandsim) -> None:
    sets = ("--set", "court.interest.court=0.5", "--set", "share(implementer_hold_out)=1")
    answer = run(frandsim, "--json", "--out", "as-is")
    changed = run(frandsim, *sets, "--json", "--out", "what-if")
    assert json.loads(answer.out) != json.loads(changed.out)
    manifest = json.loads(Path("what-if", "manifest.json").read_text())
    assert manifest["what_if"] == {"court.interest.court": 0.5, "share(implementer_hold_out)": 1.0}
    assert manifest["scenario"]["set"]["court.interest.court"]["value"] == 0.5
    mixes = [group["strategies"] for group in manifest["scenario"]["market"]["implementers"]]
    assert [mix["implementer_hold_out"] for mix in mixes] == [1.0] * len(mixes)
    assert "what_if" not in json.loads(Path("as-is", "manifest.json").read_text())


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (
            ("--set", "court.interest.court"),
            "set: court.interest.court: got 'court.interest.court'; a name, an eq",
        ),
        (
            ("--set", "court.interest.court=much"),
            "set: court.interest.court: got 'much'; a name, an equals sign",
        ),
        (
            ("--set", "court.interest.court=-1"),
            "set: court.interest.court: got -1; interest on past use in an",
        ),
        (
            ("--set", "court.interest.cour=1"),
            "no parameter is called 'court.interest.cour'; did you mean court.i",
        ),
        (("--set", "share(hold_out)=0.3"), "hold_out: no such strategy, built-in or file"),
        (("--set", "share(implementer_hold_out)=3"), "got 3; a share lies between 0 and 1"),
        (("--set", "standard.horizon=2.5"), "got 2.5; months simulated: a whole number between 1 and 600"),
        (("--set", "standard.horizon=9", "--set", "standard.horizon=8"), "standard.horizon: is set twice"),
    ],
)
def test_what_ifs_are_checked_like_files(frandsim: Frandsim, options: tuple[str, ...], said: str) -> None:
    answer = run(frandsim, *options)
    assert (answer.status, answer.out) == (2, "")
    assert said in answer.err
    assert "for example: --set " in answer.err or "no such strategy" in answer.err


def test_another_baseline(frandsim: Frandsim) -> None:
    wrong = frandsim("compare", "duopoly", "--baseline", "us-eby")
    assert (wrong.status, wrong.out) == (2, "")
    assert "baseline: 'us-eby' is not among the regimes; " in wrong.err
    loaded = load_scenario("duopoly", regimes="upc,us-ebay", baseline="us-ebay")
    assert loaded.baseline == "us-ebay"
    assert set(compare(loaded.model_copy(update={"replications": 2})).to_json()["differences"]) == {"upc"}


def test_a_share_keeps_the_ratios_of_the_others() -> None:
    mixes = [group.strategies for group in load_market("cellular").implementers]
    changed = load_scenario("cellular", set={"share(implementer_hold_out)": 0.4}).market.implementers
    for mix, group in zip(mixes, changed, strict=True):
        rest = 1 - mix.get("implementer_hold_out", 0.0)
        assert group.strategies["implementer_hold_out"] == 0.4
        for name in set(mix) - {"implementer_hold_out"}:
            assert group.strategies[name] == pytest.approx(0.6 * mix[name] / rest)


def test_one_regime_is_run_and_several_are_compared(frandsim: Frandsim) -> None:
    answer = frandsim("run", "duopoly", "--regime", "upc,uk-global")
    assert (answer.status, answer.out) == (2, "")
    assert "for example: frandsim compare duopoly --regimes upc,uk-global" in answer.err
