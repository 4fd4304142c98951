"""Figures and the curves behind them: what they draw, what they state, and that bytes do not wander."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from matplotlib.colors import to_hex
from matplotlib.figure import Figure
from scipy import stats

from simulator.comparison.tables import LOSSES, Tables
from simulator.figures.comparison import PLOTS as ALL_PLOTS
from simulator.figures.comparison import Plot
from simulator.figures.effects import (
    VERDICTS,
    forest,
    mechanisms,
    screening,
    standing,
    tornado,
    variance,
)
from simulator.figures.map import heat_map, region_map
from simulator.figures.style import BLUE, VERMILLION, based_on, caption, looks, save, style
from simulator.outcomes.duration import kaplan_meier
from simulator.outcomes.evidence import Evidence
from simulator.spec.load import load_scenario
from simulator.statistics.survival import incidence_bands, survival_bands
from simulator.study import compare

PLOTS = [plot for plot in ALL_PLOTS if plot.name != "arrows"]  # drawn where parties learned

MONTHS = np.arange(61.0)


@pytest.fixture(scope="module")
def tables() -> Tables:
    scenario = load_scenario(
        "duopoly", regimes=["eu-hvzte-2015", "uk-global", "none"], replications=12, seed=3
    )
    return compare(scenario).tables


@pytest.mark.parametrize("plot", PLOTS, ids=lambda plot: plot.name)
def test_every_format_is_written_with_the_caption_and_the_same_bytes(
    plot: Plot, tables: Tables, tmp_path: Path
) -> None:
    said = based_on(12, 3, plot.marks)
    assert said.startswith("n = 12 replications, seed 3.")
    twice = []
    for name in ("one", "two"):
        with style():
            figure = caption(plot.draw(tables), said)
        written = save(figure, tmp_path / name, {"Title": plot.title}, ("svg", "png", "pdf"))
        twice.append([path.read_bytes() for path in written])
    assert twice[0] == twice[1]
    assert b"n = 12 replications, seed 3." in twice[0][0]
    assert [data[:4] for data in twice[0][1:]] == [b"\x89PNG", b"%PDF"]


@pytest.mark.parametrize("plot", PLOTS, ids=lambda plot: plot.name)
def test_axes_say_what_they_show(plot: Plot, tables: Tables) -> None:
    with style():
        figure = plot.draw(tables)
        figure.draw_without_rendering()
    common = [text.get_text() for text in (figure._supxlabel, figure._supylabel) if text]  # type: ignore[attr-defined]
    labels = [ax.get_xlabel() for ax in figure.axes]
    assert any([*common, *labels])


def test_a_caption_is_not_cut_off(tmp_path: Path) -> None:
    with style():
        figure = caption(_bars(), "word " * 200)
        save(figure, tmp_path / "figure", {}, ("svg",))
        area = figure.get_tightbbox()
        extent = figure.texts[-1].get_window_extent().transformed(figure.dpi_scale_trans.inverted())
    assert area.y0 <= extent.y0 < extent.y1 < 0
    assert extent.x1 < figure.get_figwidth()


def test_a_legend_stays_clear_of_the_caption(tables: Tables, tmp_path: Path) -> None:
    plot = next(plot for plot in PLOTS if plot.name == "plane")
    with style():
        figure = caption(plot.draw(tables), "caption")
        save(figure, tmp_path / "plane", {}, ("png",))
        legend, text = figure.legends[0].get_window_extent(), figure.texts[-1].get_window_extent()
    assert text.y1 < legend.y0


def test_looks_are_told_apart() -> None:
    found = looks([str(number) for number in range(24)])
    assert len(set(found.values())) == 24


# What the tables behind them say


def test_survival_is_kaplan_meier_with_censoring() -> None:
    rng = np.random.default_rng(1)
    time = np.minimum(rng.exponential(30, 400).round(), 60)
    licensed = time < 60
    licensed[:40] = False  # censored before the horizon
    found = survival_bands(MONTHS, time, licensed, np.arange(400) % 20)
    steps, surviving = kaplan_meier(time, licensed)
    expected = np.r_[1.0, surviving][np.searchsorted(steps, MONTHS, side="right")]
    np.testing.assert_allclose(found["share"], expected)
    assert found["at_risk"][0] == 400


def test_incidences_are_those_of_aalen_and_johansen() -> None:
    # by hand: at 1 one of four by the first cause; at 2 one censored; at 3 of two left one by the second
    time = np.array([1.0, 2.0, 3.0, 5.0])
    causes = [np.array([True, False, False, False]), np.array([False, False, True, False])]
    first, second = incidence_bands(np.arange(5.0), time, causes, np.arange(4))
    assert first["share"].tolist() == [0, 0.25, 0.25, 0.25, 0.25]
    assert second["share"].tolist() == [0, 0, 0, 0.375, 0.375]


def test_incidences_and_those_left_add_up(tables: Tables) -> None:
    curves = tables.survival
    whole = curves["share"] + curves["agreed"] + curves["imposed"]
    np.testing.assert_allclose(whole, 1)
    assert (curves["imposed"] > 0).any()
    known = curves.dropna()
    assert (known["agreed_low"] <= known["agreed"]).all()
    assert (known["agreed"] <= known["agreed_high"]).all()


def test_bands_of_incidences_cover_where_replications_share_their_luck() -> None:
    """30 replications of 10; the chance of each cause differs between replications."""
    rng, covered, truth = np.random.default_rng(5), [], 0.4 * (1 - np.exp(-1))
    for _ in range(300):
        first = rng.beta(2, 3, 30).repeat(10) > rng.random(300)  # of the first cause, 40 % on average
        time = rng.exponential(20, 300)
        found = incidence_bands(np.array([20.0]), time, [first, ~first], np.arange(30).repeat(10))[0]
        covered.append(found["low"][0] <= truth <= found["high"][0])
    assert np.mean(covered) == pytest.approx(0.95, abs=0.03)


def test_bands_of_independent_negotiations_are_those_of_greenwood() -> None:
    rng = np.random.default_rng(2)
    time = np.minimum(rng.exponential(30, 3000), 60).round()
    licensed = time < 60
    found = survival_bands(MONTHS, time, licensed, np.arange(3000))
    curve = stats.ecdf(stats.CensoredData.right_censored(time, ~licensed)).sf
    interval: Any = curve.confidence_interval(method="log-log")
    place = np.searchsorted(curve.quantiles, [10, 30, 50], side="right") - 1
    np.testing.assert_allclose(found["low"][[10, 30, 50]], interval.low.probabilities[place], atol=0.002)
    np.testing.assert_allclose(found["high"][[10, 30, 50]], interval.high.probabilities[place], atol=0.002)


def test_bands_are_wider_where_replications_share_their_luck() -> None:
    rng = np.random.default_rng(3)
    cluster = np.repeat(np.arange(30), 20)
    time = np.minimum(rng.exponential(30, 30)[cluster], 60).round()  # one time for all of a replication
    shared = survival_bands(MONTHS, time, time < 60, cluster)
    alone = survival_bands(MONTHS, time, time < 60, np.arange(600))
    width = [(one["high"] - one["low"])[20] for one in (shared, alone)]
    assert width[0] > 3.5 * width[1]  # the square root of 20 is 4.5
    assert np.isnan(survival_bands(MONTHS, time, time < 60, np.zeros(600))["low"]).all()


def test_the_waterfall_adds_up(tables: Tables) -> None:
    for regime in tables.order:
        rows = tables.surplus[tables.surplus["regime"] == regime].set_index("part")
        losses = rows.loc[list(LOSSES)]
        assert losses["stop"].iloc[-1] == pytest.approx(losses["value"].sum())
        assert rows["value"].to_dict()["realised"] == pytest.approx(losses["value"].sum())
        assert (losses["start"].iloc[1:].to_numpy() == losses["stop"].iloc[:-1].to_numpy()).all()
        assert rows["value"].to_dict()["benchmark"] > 0


def test_the_spread_holds_every_replication(tables: Tables) -> None:
    counts = tables.spread.groupby(["metric", "regime"], observed=True).size()
    assert set(counts) == {12}
    own = tables.spread[(tables.spread["metric"] == "dissipation") & (tables.spread["regime"] == "none")]
    values = tables.evidence.values.xs("none", level="regime")["dissipation"]
    assert own["value"].tolist() == values.tolist()


def test_the_last_running_mean_is_the_difference(tables: Tables) -> None:
    last = tables.convergence[tables.convergence["n"] == 12].set_index(["regime", "metric"])
    assert len(last) == 4
    paired = tables.differences.loc[last.index]
    for column in ("mean", "low", "high"):
        np.testing.assert_allclose(last[column], paired[column])


def test_chances_to_be_the_best_sum_to_one(tables: Tables) -> None:
    np.testing.assert_allclose(tables.best.groupby("metric")["p_best"].sum(), 1)


def test_one_regime_alone_has_no_ranking() -> None:
    scenario = load_scenario("duopoly", regimes=["uk-global"], replications=2, seed=3)
    found = Tables(Evidence(scenario), "uk-global")
    found.evidence._values.append(pd.concat(compare(scenario).tables.evidence._values))
    assert found.best.empty


# Figures of experiments


def _bars() -> Figure:
    data = pd.DataFrame({"share": [0.6, 0.4], "low": [0.5, 0.3], "high": [0.7, 0.5]}, index=["a", "b"])
    return standing(data, {"a": BLUE, "b": VERMILLION})


def _colours(figure: Figure) -> list[str]:
    return [to_hex(patch.get_facecolor()).upper() for patch in figure.axes[0].patches]


def test_forest_colours_by_verdict() -> None:
    data = pd.DataFrame(
        {
            "claim": ["one", "two", "three", "four"],
            "effect": [0.1, -0.1, 0.01, 0.0],
            "low": [0.05, -0.2, 0.0, -0.1],
            "high": [0.15, -0.05, 0.02, 0.1],
            "unit": [*["share of negotiations"] * 3, "months"],
            "verdict": list(VERDICTS),
        }
    )
    with style():
        figure = forest(data)
    assert len(figure.axes) == 2  # a panel a unit
    dots = [drawn for ax in figure.axes for drawn in ax.lines if drawn.get_marker() == "o"]
    assert [dot.get_color() for dot in dots] == list(VERDICTS.values())
    assert [dot.get_xdata()[0] for dot in dots] == [0.1, -0.1, 0.01, 0.0]  # type: ignore[index]


def test_tornado_has_the_longest_bar_on_top() -> None:
    data = pd.DataFrame(
        {
            "parameter": ["small", "large"],
            "from_value": [0, 1],
            "to_value": [1, 2],
            "at_from": [0.2, 0.1],
            "at_to": [0.25, 0.6],
        }
    )
    with style():
        figure = tornado(data, "deadlock rate", "share of negotiations", 0.2)
    assert [text.get_text() for text in figure.axes[0].get_yticklabels()] == ["large", "small"]
    assert "% of negotiations" in figure.axes[0].get_xlabel()


def test_screening_shows_the_sign() -> None:
    data = pd.DataFrame(
        {
            "mu_star": [0.3, 0.2],
            "low": [0.2, 0.1],
            "high": [0.4, 0.3],
            "mu": [0.3, -0.2],
            "sigma": [0.1, 0.0],
        },
        index=["a", "b"],
    )
    with style():
        assert _colours(screening(data, "efficiency", "share of E")) == ["#E69F00", "#56B4E9"]


def test_variance_shares_with_and_without_totals() -> None:
    data = pd.DataFrame({"S1": [0.5], "S1_low": [0.4], "S1_high": [0.6]}, index=["a"])
    with style():
        assert len(variance(data, "efficiency").axes[0].patches) == 1
        both = data.assign(ST=0.6, ST_low=0.5, ST_high=0.7)
        assert len(variance(both, "efficiency").axes[0].patches) == 2


def test_mechanisms_end_with_their_sum() -> None:
    data = pd.DataFrame(
        {"mean": [0.1, -0.02, 0.08], "low": 0.0, "high": 0.1, "alone": 0.1, "last": 0.1},
        index=["threat", "docket", "total"],
    )
    with style():
        figure = mechanisms(data, "deadlock rate", "share of negotiations")
    widths = [patch.get_width() for patch in figure.axes[0].patches]  # type: ignore[attr-defined]
    assert widths == [0.1, -0.02, 0.08]
    assert figure.axes[0].get_yticklabels()[-1].get_text() == "total"


def _field() -> pd.DataFrame:
    x, y = np.meshgrid(np.linspace(0, 1, 5), np.linspace(0, 1, 4))
    return pd.DataFrame({"x": x.ravel(), "y": y.ravel(), "value": (x - 0.5).ravel()})


def test_heat_map_draws_the_frontier_where_the_sign_turns() -> None:
    with style():
        figure = heat_map(_field(), "share", "cap", "efficiency", "share of E")
    contours = [drawn for drawn in figure.axes[0].collections if hasattr(drawn, "levels")]
    paths = [path.vertices for contour in contours for path in contour.get_paths()]
    assert len(paths) == 1
    np.testing.assert_allclose(np.asarray(paths[0])[:, 0], 0.5)
    with style():
        flat = heat_map(_field().assign(value=1.0), "share", "cap", "efficiency", "share of E")
    assert not [drawn for drawn in flat.axes[0].collections if hasattr(drawn, "levels")]


def test_a_grid_with_holes_is_refused() -> None:
    with pytest.raises(ValueError, match="value: 1 of 20 cells of the grid have no value"):
        heat_map(_field().iloc[1:], "share", "cap", "efficiency", "share of E")


def test_region_map_marks_points_and_boxes() -> None:
    fields = _field().assign(share=lambda table: (table["value"] > 0) * 1.0, points=3)
    points = pd.DataFrame({"x": [0.1, 0.9], "y": [0.5, 0.5], "holds": [False, True]})
    with style():
        figure = region_map(fields, points, "share", "cap", "a beats b", [{"x_low": 0.5}])
    dots = [drawn for drawn in figure.axes[0].lines if drawn.get_marker() == "o"]
    assert [list(drawn.get_xdata()) for drawn in dots] == [[0.9], [0.1]]  # type: ignore[arg-type]
    box = next(drawn for drawn in figure.axes[0].lines if drawn.get_linestyle() == "--")
    assert min(box.get_xdata()) == 0.5  # type: ignore[type-var,arg-type]
