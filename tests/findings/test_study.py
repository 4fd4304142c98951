"""From a scenario to a report, on the real engine: same numbers everywhere, every file accounted for."""

from __future__ import annotations

import base64
import hashlib
import io
import json
import re
from collections import Counter
from html.parser import HTMLParser
from pathlib import Path

import pandas as pd
import pytest
import vl_convert
from rich.console import Console

from simulator.comparison.comparison import Comparison
from simulator.comparison.frontier import KINDS, kind
from simulator.errors import ScenarioError
from simulator.figures.comparison import PLOTS as ALL_PLOTS
from simulator.outcomes.measures import COMMON
from simulator.spec.load import load_scenario
from simulator.spec.scenario import Scenario
from simulator.study import compare, run
from simulator.writing.manifest import digest, scenario_hash

PLOTS = [plot for plot in ALL_PLOTS if plot.name != "arrows"]  # drawn where parties learned

REGIMES = ["eu-hvzte-2015", "uk-global", "none", "us-2021-draft"]


@pytest.fixture(scope="module")
def scenario() -> Scenario:
    return load_scenario("duopoly", regimes=REGIMES, replications=12, seed=3)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("study")


@pytest.fixture(scope="module")
def comparison(scenario: Scenario, folder: Path) -> Comparison:
    return compare(scenario, out=folder / "one")


@pytest.fixture(scope="module")
def report(comparison: Comparison, folder: Path) -> str:
    return (folder / "one" / "report.html").read_text(encoding="utf-8")


def test_json_holds_every_metric_and_nothing_else(comparison: Comparison, scenario: Scenario) -> None:
    found = comparison.to_json()
    assert list(found) == ["scenario", "seed", "replications", "regimes", "differences"]
    assert found["scenario"] == "duopoly"
    assert (found["seed"], found["replications"]) == (3, 12)
    assert list(found["regimes"]) == [regime.regime for regime in scenario.regimes]
    assert scenario.baseline not in found["differences"]
    assert len(found["differences"]) == len(scenario.regimes) - 1
    for part in ("regimes", "differences"):
        for metrics in found[part].values():
            assert list(metrics) == list(COMMON)
            assert all(list(stated) == ["mean", "ci95"] for stated in metrics.values())
    assert found["regimes"]["none"]["settlement_share"] == {"mean": None, "ci95": [None, None]}
    json.dumps(found, allow_nan=False)


@pytest.mark.parametrize("workers", [2, 5])
def test_workers_do_not_change_a_byte(workers: int, comparison: Comparison, scenario: Scenario) -> None:
    again = compare(scenario, workers=workers)
    assert json.dumps(again.to_json()) == json.dumps(comparison.to_json())


def test_numbers_can_be_had_from_the_published_table(comparison: Comparison, folder: Path) -> None:
    rows = pd.read_parquet(folder / "one" / "outcomes.parquet")
    rows = rows[rows["counted"]]
    agreed = rows["outcome"].isin(["negotiated", "settled_in_court"])
    deadlock = 1 - agreed.groupby([rows["regime"], rows["replication"]], observed=True).mean()
    rows["output_lost"] = rows["output_lost"].clip(lower=0)  # extra output is no merit
    lost = ["cost_holder", "cost_implementer", "cost_public", "margin_lost", "output_lost"]
    cells = rows.groupby(["regime", "replication"], observed=True)
    efficiency = 1 - cells[lost].sum().sum(axis=1) / cells["entitlement"].sum()
    for name, found in comparison.to_json()["regimes"].items():
        assert found["deadlock_rate"]["mean"] == pytest.approx(deadlock[name].mean())
        assert found["efficiency"]["mean"] == pytest.approx(efficiency[name].mean())


def test_table_is_sorted_by_efficiency_and_shows_the_status(comparison: Comparison) -> None:
    console = Console(width=200, record=True, file=io.StringIO())
    console.print(comparison.table())
    printed = console.export_text()
    means = comparison.to_json()["regimes"]
    laws = comparison.tables.regimes
    best_first = sorted(
        REGIMES, key=lambda name: (KINDS.index(kind(laws[name])), -means[name]["efficiency"]["mean"])
    )
    places = [re.search(rf"│ {name}[ *]", printed) for name in best_first]
    starts = [place.start() for place in places if place]
    assert len(starts) == len(REGIMES)
    assert starts == sorted(starts)
    assert re.search(r"us-2021-draft .*│ draft", printed)
    assert "[" in printed


def test_everything_written_is_in_the_manifest(
    comparison: Comparison, scenario: Scenario, folder: Path
) -> None:
    found = {
        path.relative_to(folder / "one").as_posix() for path in (folder / "one").rglob("*") if path.is_file()
    }
    assert found == {path.relative_to(folder / "one").as_posix() for path in comparison.written}
    manifest = json.loads((folder / "one" / "manifest.json").read_text(encoding="utf-8"))
    assert set(manifest["files"]) == found - {"manifest.json"}
    for name, stated in manifest["files"].items():
        assert digest((folder / "one" / name).read_bytes()) == stated
    assert manifest["scenario_hash"] == scenario_hash(scenario)
    assert Scenario.model_validate_json(json.dumps(manifest["scenario"]), strict=False).seed == 3
    assert {f"figures/{plot.name}.{kind}" for plot in PLOTS for kind in ("svg", "png", "csv")} <= found


def test_the_same_run_writes_the_same_bytes(comparison: Comparison, scenario: Scenario, folder: Path) -> None:
    compare(scenario, workers=2, out=folder / "two")
    for path in comparison.written:
        twin = folder / "two" / path.relative_to(folder / "one")
        assert twin.read_bytes() == path.read_bytes(), path.name


def test_the_hash_of_a_scenario_sees_every_change(scenario: Scenario) -> None:
    assert scenario_hash(scenario) == scenario_hash(scenario.model_copy())
    assert scenario_hash(scenario) != scenario_hash(scenario.model_copy(update={"seed": 4}))
    turned = scenario.model_copy(update={"regimes": scenario.regimes[::-1]})
    assert scenario_hash(scenario) != scenario_hash(turned)


class Page(HTMLParser):
    """What a page would fetch, its ids and its links."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.fetched: list[str] = []
        self.links: list[str] = []
        self.ids: Counter[str] = Counter()
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        stated = {name: value or "" for name, value in attrs}
        self.ids.update([stated["id"]] if "id" in stated else [])
        self.links += [stated[name] for name in ("href", "xlink:href") if name in stated]
        if tag in {"link", "img", "iframe", "object", "embed", "image"} or "src" in stated:
            self.fetched.append(tag)


def test_the_report_stands_alone(report: str) -> None:
    page = Page(report)
    assert page.fetched == []
    assert all(link.startswith(("#", "data:text/csv")) for link in page.links)
    assert {link[1:] for link in page.links if link.startswith("#")} <= set(page.ids)
    assert [name for name, count in page.ids.items() if count > 1] == []
    assert "@import" not in report
    drawn = re.sub(r"<script.*?</script>", "", report, flags=re.DOTALL)
    assert set(re.findall(r"url\((.)", drawn)) <= {"#"}


def test_what_can_be_explored_stands_in_the_page_and_its_policy_lets_nothing_else_run(report: str) -> None:
    scripts = re.findall(r'<script type="module">(.*?)</script>', report, flags=re.DOTALL)
    policy = re.findall(r"script-src '(.*?)'", report)
    seal = base64.b64encode(hashlib.sha256(scripts[0].encode()).digest()).decode()
    assert (len(scripts), policy) == (1, [f"sha256-{seal}"])
    charts = json.loads(re.findall(r'id="charts">(.*?)</script>', report, flags=re.DOTALL)[0])
    assert set(re.findall(r'data-chart="(.*?)"', report)) == set(charts)
    for chart in charts.values():
        drawn = vl_convert.vegalite_to_svg(chart | {"width": 500})
        assert drawn.count("aria-roledescription") > 3
    picked = charts["plane"]["params"][0]["value"]
    assert picked == [row["regime"] for row in charts["plane"]["data"]["values"]]


def test_the_report_says_what_was_compared_and_found(report: str, comparison: Comparison) -> None:
    for regime in comparison.tables.regimes.values():
        assert regime.title in report
        assert regime.jurisdiction in report
    for heading in ("What was found", "under which law", "What happened", "Why", "trust it", "make it again"):
        assert heading in report
    first = report.split('id="compared"', maxsplit=1)[0]
    for regime in comparison.tables.regimes.values():
        assert regime.title in first
    assert "Yardsticks, not law" in first
    seen = re.sub(r"<style>.*?</style>|<[^>]*>", "", first, flags=re.DOTALL)
    assert not re.search(r"\bp\b|\(Holm\)|nan|efficiency", seen)
    assert "As legislated" in report
    assert "frandsim compare duopoly --regimes" in report
    for plot in PLOTS:
        assert f'<figure id="{plot.name}"' in report
        assert f'download="{plot.name}.csv"' in report


def test_figures_are_vectors_with_provenance(
    comparison: Comparison, folder: Path, scenario: Scenario
) -> None:
    for plot in PLOTS:
        drawn = (folder / "one" / "figures" / f"{plot.name}.svg").read_text(encoding="utf-8")
        assert "<image" not in drawn
        assert "<dc:date>" not in drawn
        assert scenario_hash(scenario) in drawn
        assert b"Description" in (folder / "one" / "figures" / f"{plot.name}.png").read_bytes()[:600]


def test_one_regime_once(scenario: Scenario, tmp_path: Path) -> None:
    once = scenario.model_copy(update={"replications": 1})
    alone = run(once, "uk-global", out=tmp_path)
    found = alone.to_json()
    assert list(found["regimes"]) == ["uk-global"]
    assert found["differences"] == {}
    assert found["regimes"]["uk-global"]["efficiency"]["ci95"] == [None, None]
    assert (tmp_path / "report.html").exists()
    assert alone.table().row_count > 5
    assert run(once, scenario.regimes[1]).to_json() == found


def test_equal_procedure_leaves_the_baseline_alone_and_says_so(scenario: Scenario, tmp_path: Path) -> None:
    level = compare(scenario, equal_procedure=True, out=tmp_path, formats=[]).to_json()
    legislated = compare(scenario).to_json()
    assert level["regimes"][scenario.baseline] == legislated["regimes"][scenario.baseline]
    assert level["regimes"]["uk-global"] != legislated["regimes"]["uk-global"]
    assert "<b>Equal procedure:</b>" in (tmp_path / "report.html").read_text(encoding="utf-8")
    assert json.loads((tmp_path / "manifest.json").read_text(encoding="utf-8"))["equal_procedure"] is True


def test_an_unknown_regime_is_an_error_of_input(scenario: Scenario) -> None:
    with pytest.raises(ScenarioError, match=r"got nowhere; one of .*uk-global"):
        run(scenario, "nowhere")


def test_what_was_played_is_shown_before_it_is_written(
    scenario: Scenario, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    seen: list[tuple[int, bool]] = []

    def shown(compared: Comparison) -> None:
        seen.append((len(compared.to_json()["regimes"]), (tmp_path / "out").exists()))

    written = compare(scenario, out=tmp_path / "out", formats=[], shown=shown).written
    assert seen == [(len(scenario.regimes), False)]
    assert not [path for path in written if path.suffix in (".svg", ".png")]
    assert "<figure" not in (tmp_path / "out" / "report.html").read_text("utf-8")
    told = capsys.readouterr()
    assert told.out == ""
    assert told.err.splitlines()[-1] == "12 of 12 replications"
