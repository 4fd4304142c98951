"""Figures on paper: none wider than an A4 page, no text below 7 points; one colour a regime."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from itertools import pairwise, product
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
import vl_convert
from matplotlib.colors import to_hex
from matplotlib.figure import Figure

from simulator import study
from simulator.experiments import sweep as sweeps
from simulator.experiments.sweep import Sweep
from simulator.figures.comparison import PLOTS
from simulator.figures.evolution import basins, change, games, ladder, strategies
from simulator.figures.interactive import charts, cumulative, moves
from simulator.figures.learned import PLANE, arrows
from simulator.figures.rates import plot_determinations, plot_methods
from simulator.figures.regimes import MODE_COLOURS, colour, strokes
from simulator.figures.style import (
    BLUE,
    COLOURS,
    GREEN,
    PAGE,
    PERCENT,
    WIDTH,
    canvas,
    caption,
    few_ticks,
    save,
    style,
)
from simulator.figures.sweep import profiles, ranking_map, spaced
from simulator.rates.determinations import determinations
from simulator.rates.worksheet import all_methods
from simulator.spec.case import case_names, load_case
from simulator.spec.load import load_regime, load_scenario
from simulator.vocabulary import CourtMode

ACROSS = (210 - 2 * 14) / 25.4
"""Inches between the margins of the report's page."""
PLAN = """\
experiment: wide
title: A map with many columns
question: Does it fit the page?
scenario: duopoly
variants:
  direct: {of: staged-baseline, court: {mode: direct}}
  indirect: {of: staged-baseline, court: {injunction: {cap: none}}}
  indirect-too: {of: staged-baseline, court: {injunction: {cap: none}}}
baseline: direct
equal_procedure: true
levers:
  - {parameter: court.scope.forum_share, values: [0.2, 0.6, 1]}
  - {parameter: court.interest.court, values: [0, 0.08]}
  - {parameter: court.faults.uplift, values: [0, 0.1, 0.2, 0.3, 0.5]}
replications: 2
outcomes: [deadlock_rate]
"""
GAP = 3
"""Pixels between two labels of an axis."""
SIDES = {"holder": ("good_faith", "hold_up"), "implementer": ("good_faith", "hold_out")}


@cache
def swept() -> Sweep:
    path = Path(FOLDER[0]) / "wide.yaml"
    path.write_text(PLAN, encoding="utf-8")
    played = study.experiment(sweeps.load(path))
    assert isinstance(played, Sweep)
    return played


FOLDER: list[Path] = []


@pytest.fixture(scope="module", autouse=True)
def _folder(tmp_path_factory: pytest.TempPathFactory) -> None:
    FOLDER[:] = [tmp_path_factory.mktemp("print")]


def shares(**more: Any) -> pd.DataFrame:
    """Long-run shares of ten regimes, half to each strategy."""
    rows = [
        {"regime": f"a-regime-of-some-length-{k}", "side": side, "strategy": f"{side}_{name}", "share": 0.5}
        for k, (side, names) in product(range(10), SIDES.items())
        for name in names
    ]
    return pd.DataFrame(rows).assign(low=0.4, high=0.6, **more)


def cells() -> pd.DataFrame:
    """Outcomes of an experiment over levers with long names, three of them moved at once in some cells."""
    parts = [
        shares().assign(**{"court.interest.court": x, "court.costs.loser_pays": x, "court.faults.uplift": x})
        for x in (0.0, 0.5)
    ]
    table = pd.concat(parts, keys=[0, 1], names=["cell"]).reset_index("cell")
    levers = ["court.interest.court", "court.costs.loser_pays", "court.faults.uplift"]
    return table[["cell", *levers, *(name for name in table if name not in ("cell", *levers))]]


def pairings() -> pd.DataFrame:
    strategies_of = [[f"{side}_{name}" for name in names] for side, names in SIDES.items()]
    rows = [
        {"regime": f"regime-{k}", "holder_strategy": a, "implementer_strategy": b}
        for k, a, b in product(range(6), *strategies_of)
    ]
    numbers = {"holder": 0.91, "implementer": -1.02, "time": 0.25, "ess_resamples": 0.4, "basin": 0.25}
    return pd.DataFrame(rows).assign(**numbers)


def ends() -> pd.DataFrame:
    """Start, menu's long run and one learned end of two regimes; a third stays far from all others."""
    rows = [
        {
            "market": market,
            "regime": regime,
            "stage": stage,
            "equilibrium": "",
            "metric": metric,
            "mean": mean,
        }
        for market in ("cellular", "wifi")
        for k, regime in enumerate(("upc", "us-ebay", "none", "uk-global", "cn-rate-setting"))
        for place, stage in enumerate(("start", "menu's long run", "learned")[: 3 if k < 2 else 1])
        for metric, mean in (
            ("deadlock_rate", 0.9 if regime == "none" else 0.2 + 0.02 * k + 0.01 * place),
            ("efficiency", 0.95 + 0.01 * k),
        )
    ]
    return pd.DataFrame(rows)


def ends_of_many() -> pd.DataFrame:
    """The same for fifteen regimes."""
    few = ends()
    return pd.concat([few.assign(regime=few["regime"] + f"-{k}") for k in range(3)])


def tints(*names: str) -> dict[str, str]:
    return {name: colour(load_regime(name)) for name in names}


def of_evolution() -> Iterator[tuple[str, Figure]]:
    moved = cells()
    outcomes = moved.drop(columns=["side", "strategy", "share", "low", "high"]).drop_duplicates()
    outcomes = pd.concat([outcomes.assign(metric=name) for name in ("efficiency", "deadlock_rate")])
    numbers = {"static": 0.2, "evolved": 0.3, "evolved_low": 0.25, "evolved_high": 0.35}
    with_cells = pairings().assign(cell=0, **{"court.interest.court": 0.04})
    basin = with_cells[["cell", "court.interest.court", *pairings().columns]]
    rungs = [shares(x=x).rename(columns={"x": "court.interest.court"}) for x in (0.0, 0.1)]
    along = pd.concat(rungs)
    along = along[["court.interest.court", *along.columns.drop("court.interest.court")]]
    yield "strategies", strategies(shares())
    yield "games", games(pairings(), pairings())
    yield "basins", basins(basin)
    yield "change", change(outcomes.assign(**numbers))
    yield "ladder", ladder(along[along["regime"].str.endswith(("-1", "-2", "-3"))])
    yield "arrows", arrows(ends(), tints("upc", "us-ebay", "none", "uk-global", "cn-rate-setting"))
    long = ends_of_many().replace({"regime": {"us-ebay-1": "framework-unsanctioned"}})
    yield "arrows of many", arrows(long, dict.fromkeys(long["regime"], BLUE))


def _clashes(figure: Figure) -> list[str]:
    """Labels of an axis that run into the next one, once the figure is drawn."""
    said = []
    for axes in figure.axes:
        low, high = sorted(axes.get_xlim())
        labels = [
            label
            for label in axes.get_xticklabels()
            if label.get_text() and label.get_rotation() == 0 and low <= label.get_position()[0] <= high
        ]
        boxes = sorted((label.get_window_extent() for label in labels), key=lambda box: box.x0)
        if any(box.x1 + GAP > after.x0 for box, after in pairwise(boxes)):
            said.append(" ".join(label.get_text() for label in labels))
    return said


def test_figures_of_evolution_fit_a_page(tmp_path: Path) -> None:
    with style():
        for name, figure in of_evolution():
            assert _fits(save(caption(figure, "said"), tmp_path / name, {}, ("svg",))[0]), name
            assert _clashes(figure) == [], name


def test_figures_of_an_experiment_fit_a_page(tmp_path: Path) -> None:
    for name, figure in (("profiles", profiles(swept())), ("map", ranking_map(swept(), "deadlock_rate"))):
        assert _fits(save(figure, tmp_path / name, {}, ("svg",))[0]), name
        assert _clashes(figure) == [], name


@pytest.mark.parametrize("market", ["duopoly", pytest.param("cellular", marks=pytest.mark.slow)])
def test_figures_of_a_comparison_fit_a_page(market: str, tmp_path: Path) -> None:
    regimes = ["eu-hvzte-2015", "uk-global", "none"] if market == "duopoly" else None
    scenario = load_scenario(market, regimes=regimes, replications=5)
    tables = study.compare(scenario).tables
    with style():
        for plot in PLOTS:
            if not plot.rows(tables).empty:
                figure = caption(plot.draw(tables), "said")
                assert _fits(save(figure, tmp_path / plot.name, {}, ("svg",))[0]), plot.name
                assert _clashes(figure) == [], plot.name


@pytest.mark.parametrize("against", [None, "us-ebay"])
def test_a_trace_fits_a_page(against: str | None, tmp_path: Path) -> None:
    study.trace(load_scenario("duopoly"), "upc", 0, 0, against, tmp_path)
    assert _fits(tmp_path / "trace.svg")


def test_figures_of_judgments_fit_a_page(tmp_path: Path) -> None:
    every = determinations(load_case(name) for name in case_names())
    assert _fits(plot_determinations(every, tmp_path / "over-time")[0])
    case = load_case("oppo-v-nokia")
    assert _fits(plot_methods(all_methods(case), tmp_path / "methods", case.title)[0])


def _fits(path: Path) -> bool:
    """Whether a drawing is no wider than the page's text, and all its text has 7 points or more."""
    text = path.read_text(encoding="utf-8")
    width = re.search(r'<svg [^>]*width="([\d.]+)pt"', text)
    sizes = [float(size) for size in re.findall(r"font(?:-size)?:[^;\"]*?([\d.]+)px", text)]
    assert width
    assert sizes
    return float(width[1]) <= 72 * ACROSS and min(sizes) >= 7


# One colour a regime


def test_lines_have_the_colour_of_their_court_and_are_told_apart() -> None:
    laws = [load_regime(name) for name in ("upc", "us-ebay", "eu-hvzte-2015", "jp-meti-2022", "uk-global")]
    drawn = strokes(laws)
    assert [look["color"] for look in drawn.values()] == [colour(law) for law in laws]
    assert drawn["upc"]["color"] == MODE_COLOURS[CourtMode.INDIRECT] != drawn["uk-global"]["color"]
    assert len({tuple(sorted(look.items())) for look in drawn.values()}) == len(laws)


def test_profiles_and_learned_ends_have_the_colours_of_comparisons() -> None:
    laws = {law.regime: law for law in swept().experiment.scenario.regimes}
    lines = {line.get_label(): line for line in profiles(swept()).axes[0].lines}
    for name in swept().compared:
        assert lines[name].get_color() == colour(laws[name])
    known = tints("upc", "us-ebay", "none", "uk-global", "cn-rate-setting")
    with style():
        figure = arrows(ends(), known)
    keys = {text.get_text(): dot for text, dot in zip(*_legend(figure), strict=True)}
    for place, (name, tint) in enumerate(known.items(), start=1):
        assert to_hex(keys[f"{place} {name}"].get_markeredgecolor()).upper() == tint


def _legend(figure: Figure) -> tuple[list[Any], list[Any]]:
    legend = figure.legends[0]
    return list(legend.get_texts()), list(legend.legend_handles)


def test_one_that_lies_far_off_stands_at_the_edge() -> None:
    with style():
        ax = arrows(ends(), tints("upc", "us-ebay", "none", "uk-global", "cn-rate-setting")).axes[0]
    assert ax.get_xlim()[1] < 0.5
    assert [text.get_text().strip() for text in ax.texts if "at 90" in text.get_text()] == ["at 90 and 97.0"]


def test_arrows_of_many_laws_have_a_panel_each() -> None:
    """Of each market, named, in the law's colour, with where it starts and where it leads."""
    many = ends_of_many()
    names = list(dict.fromkeys(many["regime"]))
    with style():
        figure = arrows(many, dict.fromkeys(names, GREEN) | {"upc-1": BLUE})
    panels = [ax for ax in figure.axes if ax.get_title(loc="left")]
    assert [ax.get_title(loc="left") for ax in panels] == 2 * names
    assert [ax.get_title(loc="left") for ax in panels if ax.lines[1].get_color() == BLUE] == [
        "upc-1",
        "upc-1",
    ]
    means = many.set_index(["stage", "market", "regime", "metric"])["mean"].to_dict()
    for market, ax in zip(np.repeat(["cellular", "wifi"], len(names)), panels, strict=True):
        name = ax.get_title(loc="left")
        shown = {"start": 1, "learned": -1} if name.startswith("upc") else {"start": 1}
        for stage, which in shown.items():
            there = [[means[stage, market, name, metric] for metric in PLANE]]
            assert np.array_equal(ax.lines[which].get_xydata(), there)


def test_texts_of_an_axis_keep_apart() -> None:
    assert spaced([0.02, 0.05, 0.1, 0.5, 1]) == ["0.02", "", "", "0.5", "1"]
    assert spaced([0, 0.25, 0.5]) == ["0", "0.25", "0.5"]


@pytest.mark.parametrize("limits", [(0.93, 1.0), (0.0, 1.0), (0.1945, 0.4), (-0.02, 0.17)])
def test_ticks_of_a_narrow_axis_are_round_and_keep_apart(limits: tuple[float, float], tmp_path: Path) -> None:
    figure = canvas(WIDTH, 2.0)
    with style():
        axes = figure.subplots(1, 4)[0]
        axes.set_xlim(*limits)
        few_ticks(axes, 3)
        axes.xaxis.set_major_formatter(PERCENT)
        save(figure, tmp_path / "narrow", {}, ("svg",))
    assert _clashes(figure) == []
    assert all(float(label.get_text().replace("\u2212", "-")) % 1 == 0 for label in axes.get_xticklabels())


def test_words_that_leave_no_room_get_a_larger_sheet(tmp_path: Path) -> None:
    figure = canvas(PAGE, 2.0)
    axes = figure.subplots()
    axes.set_yticks([0, 1], ["a name without end " * 30] * 2)
    paths = save(figure, tmp_path / "long", {"Title": "long"}, ("png",))
    assert [path.name for path in paths] == ["long.png"]
    assert figure.get_figwidth() > PAGE
    assert axes.get_window_extent().width > 0


def test_on_the_page_each_regime_has_a_line_of_its_own() -> None:
    """Colours that everybody tells apart, and dashes where there are more regimes than colours."""
    tables = study.compare(load_scenario("duopoly", replications=2)).tables
    lines = cumulative(tables, "deadlock_rate", named=True)["layer"][0]["encoding"]
    hues = dict(zip(lines["color"]["scale"]["domain"], lines["color"]["scale"]["range"], strict=True))
    dashes = {
        entry["test"].split("'")[1]: tuple(entry["value"]) for entry in lines["strokeDash"]["condition"]
    }
    assert list(hues) == tables.order
    assert len(hues) > len(COLOURS) >= len(set(hues.values()))
    assert len({(hue, dashes.get(name)) for name, hue in hues.items()}) == len(hues)


def test_paths_to_learned_ends_can_be_explored() -> None:
    """Every regime at every stage it has; the chart is one that Vega-Lite draws."""
    names = ["upc", "us-ebay", "none"]
    tables = study.compare(load_scenario("duopoly", regimes=names, replications=2)).tables
    outcomes = ends()
    tables.learned["learned_outcomes"] = outcomes[
        (outcomes["market"] == "cellular") & outcomes["regime"].isin(names)
    ]
    assert next(iter(charts(tables))) == "moves"
    spec = moves(tables)
    stops = {(row["regime"], row["stage"]): row["deadlock"] for row in spec["data"]["values"]}
    assert stops == {
        ("upc", "start"): 20.0, ("upc", "menu's long run"): 21.0, ("upc", "learned"): 22.0,
        ("us-ebay", "start"): 22.0, ("us-ebay", "menu's long run"): 23.0, ("us-ebay", "learned"): 24.0,
        ("none", "start"): 90.0,
    }  # fmt: skip
    drawn = vl_convert.vegalite_to_svg(spec | {"width": 400})
    assert "aria-label" in drawn
    assert drawn.count('aria-roledescription="point"') == len(spec["data"]["values"])
