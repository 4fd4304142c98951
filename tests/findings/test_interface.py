"""What Python takes and shows: names and paths, what-ifs, one clear line for what cannot be used."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

import simulator
from simulator import ScenarioError
from simulator.figures.comparison import PLOTS
from simulator.interface import ShownComparison
from simulator.spec.load import load_regime


@pytest.fixture(scope="module")
def compared() -> ShownComparison:
    return simulator.compare("duopoly", regimes=["upc", "none"], replications=3)


@pytest.fixture
def few_figures(monkeypatch: pytest.MonkeyPatch) -> None:
    """Reports of two figures: tests/findings/test_plots.py draws them all."""
    monkeypatch.setattr("simulator.report.comparison.PLOTS", PLOTS[:2])


def test_it_shows_itself_in_a_screen(compared: ShownComparison) -> None:
    lines = repr(compared).splitlines()
    assert 3 < len(lines) <= 60
    assert any("upc" in line for line in lines)
    page = compared._repr_html_()
    assert page.count("<svg") == 1
    assert page.count("<pre") + page.count("<table") > 0
    assert "upc" in page
    assert len(page) < 400_000


def test_frames_are_tidy_and_say_their_units(compared: ShownComparison) -> None:
    for frame in (compared.outcomes, compared.differences):
        assert len(frame)
        assert set(frame.attrs["units"]) <= set(frame.columns)
    assert compared.outcomes.attrs["units"]["months_to_licence"] == "months"
    assert compared.outcomes["regime"].nunique() == 2


@pytest.mark.usefixtures("few_figures")
def test_it_draws_and_writes_itself(compared: ShownComparison, tmp_path: Path) -> None:
    assert compared.plot("plane").axes
    report = compared.report(tmp_path / "one.html")
    assert report.read_text(encoding="utf-8").startswith("<!DOCTYPE html>")
    assert [path.name for path in tmp_path.iterdir()] == ["one.html"]


@pytest.mark.usefixtures("few_figures")
def test_its_folder_holds_report_tables_and_figures(compared: ShownComparison, tmp_path: Path) -> None:
    report = compared.report(tmp_path / "all", formats="svg")
    assert report == tmp_path / "all" / "report.html"
    manifest = json.loads((tmp_path / "all/manifest.json").read_text(encoding="utf-8"))
    assert (manifest["scenario"]["scenario"], manifest["replications"]) == ("duopoly", 3)
    table = pd.read_csv(tmp_path / "all/tables/replications.csv").sort_values(["regime", "replication"])
    ours = compared.outcomes.sort_values(["regime", "replication"])
    assert table["efficiency"].tolist() == pytest.approx(ours["efficiency"].tolist(), nan_ok=True)
    assert {path.suffix for path in (tmp_path / "all/figures").iterdir()} >= {".svg"}
    assert not list((tmp_path / "all").rglob("*.png"))
    for file in sorted((tmp_path / "all/tables").glob("*.dta")):
        with pd.read_stata(file, iterator=True) as reader:
            labels = reader.variable_labels()
        assert [name for name, label in labels.items() if not label or len(label) > 80] == []


@pytest.mark.usefixtures("few_figures")
def test_one_regime_is_run_by_name_path_or_as_loaded(compared: ShownComparison, tmp_path: Path) -> None:
    by_name = simulator.run("duopoly", "upc", replications=3, out=str(tmp_path))
    as_loaded = simulator.run("duopoly", load_regime("upc"), replications=3)
    alike = compared.outcomes[compared.outcomes["regime"] == "upc"].reset_index(drop=True)
    for one in (by_name, as_loaded):
        assert list(one.tables.regimes) == ["upc"]
        assert one.outcomes["efficiency"].tolist() == alike["efficiency"].tolist()
    assert (tmp_path / "report.html").is_file()
    assert "upc" in by_name._repr_html_()


@pytest.mark.parametrize(
    ("regime", "options", "told"),
    [
        (3, {}, "a name or a path"),
        ("upx", {}, "did you mean upc"),
        ("upc", {"replications": 0}, "replications"),
    ],
)
def test_a_run_that_cannot_be_is_refused_in_words(regime: Any, options: dict[str, Any], told: str) -> None:
    with pytest.raises(ScenarioError, match=told):
        simulator.run("duopoly", regime, **options)


def test_a_word_is_a_list_of_one_and_a_path_is_a_name(tmp_path: Path) -> None:
    def rates(given: Any) -> list[float]:
        outcomes = simulator.compare("duopoly", regimes=given, replications=2).outcomes
        return [float(rate) for rate in outcomes["efficiency"]]

    copy = tmp_path / "mine.yaml"
    text = (Path(simulator.__file__).parents[1] / "scenarios/regimes/upc.yaml").read_text(encoding="utf-8")
    copy.write_text(text.replace("regime: upc\n", "regime: mine\n", 1), encoding="utf-8")
    assert rates("upc") == rates(["upc"]) == rates([str(copy)])


def test_what_ifs_are_played_and_recorded() -> None:
    plain = simulator.compare("duopoly", regimes="upc,none", replications=3)
    other = simulator.compare(
        "duopoly", regimes="upc,none", replications=3, set={"court.interest.court": 0.2}, baseline="none"
    )
    assert other.tables.baseline == "none"
    assert not plain.outcomes["efficiency"].equals(other.outcomes["efficiency"])
    assert "court.interest.court" in str(other.origin)


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ({"scenario": 7}, "scenario"),
        ({"scenario": "duopoli"}, "duopoly"),
        ({"regimes": ["upx"]}, "upc"),
        ({"regimes": 3}, "regimes"),
        ({"set": {"court.interest.cout": 0.1}}, "court.interest.court"),
        ({"set": {"court.interest.court": "much"}}, "court.interest.court"),
        ({"set": {"court.interest.court": -1}}, "court.interest.court"),
        ({"baseline": "us-ebay"}, "us-ebay"),
        ({"replications": "many"}, "replications"),
        ({"replications": 0}, "replications"),
        ({"workers": 0}, "workers"),
        ({"equal_procedure": "yes please"}, "equal_procedure"),
        ({"formats": "bmp"}, "bmp"),
    ],
    ids=str,
)
def test_what_cannot_be_used_is_refused_in_words(given: dict[str, Any], told: str) -> None:
    """Never a raw error of Python or of a library."""
    arguments: dict[str, Any] = {"scenario": "duopoly", "regimes": ["upc"], "replications": 1} | given
    with pytest.raises(ScenarioError, match=told):
        simulator.compare(arguments.pop("scenario"), **arguments)


@pytest.mark.parametrize("name", ["planes", 3, None])
def test_a_figure_that_is_none_is_told_with_its_neighbour(compared: ShownComparison, name: Any) -> None:
    with pytest.raises(ScenarioError, match="no figure is called"):
        compared.plot(name)


def test_where_nothing_is_defined_a_report_says_so_and_ranks_nothing(tmp_path: Path) -> None:
    """One month: no negotiation is counted, and no word or cell of the page shows a number that is none."""
    month = simulator.compare("duopoly", regimes="upc,us-ebay", set={"standard.horizon": 1}, replications=2)
    page = month.report(tmp_path / "one.html").read_text(encoding="utf-8")
    told = re.sub(r"<(script|svg)\b.*?</\1>|<details>.*?</details>|<[^>]+>", " ", page, flags=re.DOTALL)
    assert "every outcome is undefined" in told
    assert "loses least" not in told
    assert re.findall(r"\S*\bnan\b\S*", told) == []
    drawn = set(re.findall(r'<svg role="img" aria-label="([^"]+)"', page))
    assert drawn.isdisjoint(
        {"Deadlock and efficiency together", "Where the surplus went", "Why talks failed"}
    )
    with pytest.raises(ScenarioError, match="nothing to draw"):
        month.plot("plane")
