"""The hedonic regression recovers what was planted, and each disputed choice does what theory says."""

from __future__ import annotations

import math
from dataclasses import replace
from io import StringIO
from pathlib import Path
from statistics import fmean, stdev
from typing import Any

import numpy as np
import pandas as pd
import pytest
from rich.console import Console
from typer.testing import CliRunner

from simulator.cli.options import app
from simulator.errors import Problem, ScenarioError
from simulator.rates import hedonic
from simulator.rates.hedonic import FIRST, GENERATED, OTHER, Choices, every_choice
from simulator.rates.worksheet import hedonic_burdens, hedonic_tables
from simulator.spec.case import Case, Input, load_case

ALIKE = replace(GENERATED, interaction=0.0)
"""5G is worth the same in every phone: the regression is rightly specified."""


def coefficients(process: hedonic.Generated, choices: Choices, sets: int = 16) -> list[float]:
    tables = (hedonic.sales(seed, process) for seed in range(sets))
    return [hedonic.coefficient(hedonic.regress(table, choices), choices) for table in tables]


def test_kennedy_takes_away_the_bias_of_the_exponential() -> None:
    """E exp(b + e) = exp(b + V / 2) for normal e, so exp(b + e - V / 2) is right on average."""
    slope, variance = 0.08, 0.09
    draws = slope + math.sqrt(variance) * np.random.default_rng(3).standard_normal(400_000)
    assert np.expm1(draws).mean() == pytest.approx(math.expm1(slope + variance / 2), abs=0.002)
    assert hedonic.kennedy(draws, variance).mean() == pytest.approx(math.expm1(slope), abs=0.002)


def test_without_noise_every_quarter_has_the_premium_planted() -> None:
    process = replace(ALIKE, price_noise=0.0)
    got = hedonic.regress(hedonic.sales(1, process))
    planted = [process.premium(quarter) for quarter in got.quarters]
    assert got.slopes == pytest.approx(planted, abs=1e-9)
    assert hedonic.premiums(got)[0] == pytest.approx(np.expm1(planted), abs=1e-9)
    assert hedonic.coefficient(got) == pytest.approx(process.coefficient(), abs=3e-4)


def test_the_planted_coefficient_is_covered() -> None:
    estimates = coefficients(ALIKE, FIRST)
    error = stdev(estimates) / math.sqrt(len(estimates))
    assert abs(fmean(estimates) - ALIKE.coefficient()) < 3.0 * error


def test_an_omitted_feature_biases_by_its_value_times_the_gap() -> None:
    """Omitted variable: E b = b + value x (mean of the feature with 5G - without), other features alike."""
    process = replace(ALIKE, price_noise=0.0, flagship_value=0.2)
    table = hedonic.sales(2, process)
    short = hedonic.regress(table, FIRST._replace(omitted=OTHER.omitted)).slopes
    whole = hedonic.regress(table).slopes
    means = table.groupby(["quarter", "five_g"])["flagship"].mean().unstack()
    assert short - whole == pytest.approx(0.2 * (means[1.0] - means[0.0]).to_numpy(), abs=0.03)


def test_one_feature_is_omitted_and_old_prices_are_of_phones_without_5g() -> None:
    table = hedonic.sales(2, ALIKE)
    features = [name for name in table.columns if name not in hedonic.COLUMNS]
    short = hedonic.regress(table, FIRST._replace(omitted=OTHER.omitted))
    assert short.slopes == pytest.approx(hedonic.regress(table.drop(columns=features[-1])).slopes)
    old = table[table["five_g"] == 0.0].groupby("quarter")["price"].mean()
    assert short.old_prices == pytest.approx(old.to_numpy())


def test_prices_drift_as_planted() -> None:
    plain = replace(ALIKE, price_noise=0.0, quality_value=0.0, flagship_value=0.0, drift=-0.02)
    table = hedonic.sales(3, plain)
    old = table[table["five_g"] == 0.0]
    expected = plain.level - 0.02 * (old["quarter"] - table["quarter"].min())
    assert np.log(old["price"].to_numpy()) == pytest.approx(expected.to_numpy())


def test_the_source_chosen_is_the_one_seen() -> None:
    table = hedonic.sales(2, ALIKE)
    assert hedonic.seen_by(table, FIRST).equals(table)
    partial = hedonic.seen_by(table, FIRST._replace(source=OTHER.source))
    assert 0 < len(partial) < len(table)


def test_four_quarters_and_as_many_columns_as_are_allowed_are_enough(tmp_path: Path) -> None:
    def wrong(line: int | None, what: str, rule: str) -> ScenarioError:
        return ScenarioError(Problem("sales.csv", line, "", what, rule))

    table = hedonic.sales(2, ALIKE)
    assert hedonic._lacking(table[table["quarter"] < table["quarter"].min() + 4]) is None
    said = hedonic._lacking(table[table["quarter"] < table["quarter"].min() + 3])
    assert said is not None
    assert said[0] == "has 3 quarters"
    for more in (0, 1):
        names = ",".join(f"f{place}" for place in range(hedonic.MOST_COLUMNS + more))
        (tmp_path / "sales.csv").write_text(f"{names}\n", encoding="utf-8")
        if more:
            with pytest.raises(ScenarioError, match="columns or more"):
                hedonic._heads(tmp_path / "sales.csv", wrong)
        else:
            hedonic._heads(tmp_path / "sales.csv", wrong)


def test_weights_matter_where_5g_is_worth_less_in_dear_phones() -> None:
    """Flagships sell fewer units and carry a smaller premium, so weighing by units raises the coefficient."""
    process = replace(GENERATED, interaction=1.0, price_noise=0.0, demand=-6.0, flagship_value=0.3)
    plain = hedonic.regress(hedonic.sales(1, process)).slopes.mean()
    weighed = hedonic.regress(hedonic.sales(1, process), FIRST._replace(weights=OTHER.weights)).slopes.mean()
    assert weighed > plain


def test_the_linear_model_gives_money_per_unit_over_the_old_price() -> None:
    table = hedonic.sales(1)
    table["price"] = 100.0 + 20.0 * table["five_g"] + 7.0 * table["quality"]
    linear = FIRST._replace(model=OTHER.model)
    got = hedonic.regress(table, linear)
    assert got.slopes == pytest.approx(np.full(got.slopes.size, 20.0))
    assert hedonic.premiums(got, linear)[0] == pytest.approx(20.0 / got.old_prices)


def test_trends() -> None:
    time = np.arange(24.0)
    ahead = np.arange(24.0, 40.0)
    same = np.ones(24)
    curve = 0.03 + 0.05 * np.exp(-time / 8.0)
    truth = (0.03 + 0.05 * np.exp(-ahead / 8.0)).mean()
    assert hedonic.forecast(time, curve, same) == pytest.approx(truth, abs=2e-4)
    assert hedonic.forecast(time, curve, same, "linear") < truth - 0.005  # a convex fall goes on for ever
    line = 2.0 - 0.01 * time
    assert hedonic.forecast(time, line, same, "linear") == pytest.approx(2.0 - 0.01 * ahead.mean())


def test_a_series_that_halves_every_quarter_is_followed_to_its_end() -> None:
    """The shortest half-life that is looked for is one quarter: it is met without a misfit."""
    time = np.arange(24.0)
    assert hedonic.forecast(time, 0.03 + 0.05 * 0.5**time, np.ones(24)) == pytest.approx(0.03, abs=1e-7)


def test_a_series_that_halves_over_its_length_is_followed_to_its_end() -> None:
    """The longest half-life that is looked for is the length of the series."""
    time = np.arange(24.0)
    slow = hedonic.forecast(time, 0.03 + 0.05 * 0.5 ** (time / 23), np.ones(24), ahead=4)
    assert slow == pytest.approx(0.03 + 0.05 * np.mean(0.5 ** (np.arange(24, 28) / 23)), rel=1e-9)


def test_the_price_ratio_of_two_exponential_prices() -> None:
    rows = [
        {"quarter": t, "price": 200 * math.exp(-0.02 * t) * (2 * math.exp(-0.01 * t)) ** g, "units": 1.0 + u,
         "five_g": float(g), "quality": float(u)}
        for t in range(24) for g in (0, 1) for u in range(3)
    ]  # fmt: skip
    truth = fmean(0.5 * math.exp(0.01 * t) for t in range(24, 40))
    assert hedonic.price_ratio(pd.DataFrame(rows)) == pytest.approx(truth)
    assert hedonic.price_ratio(pd.DataFrame(rows), "linear") < truth


@pytest.fixture(scope="module")
def frame() -> pd.DataFrame:
    return hedonic_burdens(load_case("oppo-v-nokia"), [hedonic.sales(1)], generated=True)


def rolled_forward(previous: Input, printed: str) -> Case:
    """A case of one line that rolls an old burden forward by 2 % of price and a price ratio of a half."""
    case = load_case("oppo-v-nokia")
    inputs = {
        "t4g": previous,
        "coefficient_5g": Input(value=2.0, unit="percent_of_price", source="assumption"),
        "price_ratio": Input(value=0.5, unit="fraction", source="assumption"),
    }
    line = case.computations["aggregate"]
    published = line.published.model_copy(update={"printed": printed}) if line.published and printed else None
    alone = line.model_copy(update={"published": published, "unit": "percent_of_price"})
    return case.model_copy(
        update={"inputs": inputs, "computations": {"aggregate": alone}, "headline": "aggregate"}
    )


@pytest.mark.parametrize(("previous", "printed", "old"), [
    ({"unknown": True, "between": (0, 20)}, "3.500", (0.05, 0.05)),
    ({"value": 5.0}, "", (0.05, 0.05)), ({"value": 0.0}, "", (0.0, 0.0)),
    ({"range": (4, 6)}, "", (0.04, 0.06)),
])  # fmt: skip
def test_the_old_burden_is_as_stated_or_as_printed_figures_pin_it_down(
    previous: dict[str, Any], printed: str, old: tuple[float, float], monkeypatch: pytest.MonkeyPatch
) -> None:
    """``3.5 % = (5 % + 2 %) x .5``: what is not public is worked out backwards; a range is both its ends."""
    case = rolled_forward(Input(unit="percent_of_price", source="assumption", **previous), printed)
    monkeypatch.setattr(hedonic, "burdens", lambda _, burden, ratio: (burden, ratio))
    got: Any = hedonic_burdens(case, [], generated=True)
    assert got == (pytest.approx(old, rel=1e-4), 0.5)


def test_each_choice_alone_moves_the_burden(frame: pd.DataFrame) -> None:
    moved = hedonic.effects(frame).set_index("choice")
    assert list(moved.index) == list(Choices._fields)
    assert (moved["low"].abs() > 1e-6).all()
    assert moved["high"].to_numpy() == pytest.approx(moved["low"].to_numpy())  # the old burden drops out
    assert len(frame) == len(list(every_choice())) == 96
    assert all(one.kennedy == FIRST.kennedy for one in every_choice() if one.model != FIRST.model)


def test_the_burden_is_that_of_the_case(frame: pd.DataFrame) -> None:
    """The ratio is what the printed ends pin down; the formula is the case's own."""
    assert frame["price_ratio"].to_numpy() == pytest.approx(0.466, abs=5e-4)
    assert (frame["high"] - frame["low"]).to_numpy() == pytest.approx(0.02 * 0.466, abs=1e-5)
    low = (0.06 + frame["coefficient"]) * frame["price_ratio"]
    assert frame["low"].to_numpy() == pytest.approx(low.to_numpy())


def test_the_expert_s_row_is_that_of_the_expert_s_choices() -> None:
    """Coefficients that say how many choices were made otherwise: 2 for the expert, one more for each."""
    rows = [
        choices._asdict()
        | {"table": table, "price_ratio": 0.5, "low": 0.06, "high": 0.07,
           "coefficient": 0.02 + sum(a != b for a, b in zip(choices, FIRST, strict=True)) / 100}
        for choices in every_choice() for table in (0, 1)
    ]  # fmt: skip
    console = Console(width=200, record=True, file=StringIO())
    console.print(hedonic_tables(load_case("oppo-v-nokia"), pd.DataFrame(rows)))
    lines = console.export_text().splitlines()
    (expert,) = (line for line in lines if line.startswith("the expert's choices, mean"))
    assert expert.split()[-4:] == ["2.00", "0.500", "6.00", "7.00"]
    (printed,) = (line for line in lines if line.startswith("as printed"))
    assert printed.split()[-2:] == ["4.341", "5.273"]
    moved = lines[next(n for n, line in enumerate(lines) if "alone moves" in line) + 2 :][: len(FIRST)]
    assert all("+1.00" in line for line in moved)
    assert lines[-1].rstrip().endswith("went to others than patent holders: 0.50 points less.")


def test_the_partial_source_misses_the_smallest_of_each_kind() -> None:
    """The smallest 35 % of models of a quarter, with 5G and without: 7 of 20."""
    sold = pd.DataFrame(
        {"quarter": 0.0, "price": 100.0, "units": range(1, 21), "five_g": five_g} for five_g in (0.0, 1.0)
    ).explode("units", ignore_index=True)
    sold["units"] = sold["units"].astype(float)
    seen = hedonic.partial_source(sold, 1)
    assert list(seen["units"]) == [*range(8, 21), *range(8, 21)]


def test_a_table_is_read_as_it_was_written(tmp_path: Path) -> None:
    """Phones without 5G are as good as those with it."""
    sold = hedonic.sales(4)
    assert set(sold["five_g"]) == {0.0, 1.0}
    sold.to_csv(tmp_path / "phones.csv", index=False)
    read = hedonic.read_sales(tmp_path / "phones.csv")
    pd.testing.assert_frame_equal(read[list(sold.columns)], sold.reset_index(drop=True), check_dtype=False)


def test_a_table_of_ones_own(tmp_path: Path) -> None:
    path = tmp_path / "phones.csv"
    hedonic.sales(4).to_csv(path, index=False)
    answer = CliRunner().invoke(
        app, ["rate", "oppo-v-nokia", "--hedonic", "--sales", str(path), "--out", str(tmp_path)]
    )
    assert answer.exit_code == 0, answer.output
    written = pd.read_csv(tmp_path / "hedonic.csv")
    assert written["price_ratio"].nunique() > 1  # its own prices
    assert written["table"].unique().tolist() == [0]


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"price": "dear"}, "phones.csv:2: price is dear"),
        ({"units": "-1"}, "phones.csv:2: units is -1"),
        ({"five_g": "2"}, "phones.csv:2: five_g is 2"),
        ({"quarter": "0.5"}, "phones.csv:2: quarter is 0.5"),
        ({"units": "9" * 400}, "phones.csv:2: units is 999"),
    ],
)
def test_a_wrong_value_is_told_with_its_line(tmp_path: Path, change: dict[str, str], says: str) -> None:
    path = tmp_path / "phones.csv"
    table = hedonic.sales(4).astype(object)
    for name, value in change.items():
        table.loc[0, name] = value
    table.to_csv(path, index=False)
    with pytest.raises(ScenarioError) as caught:
        hedonic.read_sales(path)
    assert says in str(caught.value)


def test_what_cannot_be_estimated_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "phones.csv"
    table = hedonic.sales(4)
    more = pd.DataFrame(0, index=table.index, columns=[f"x{place}" for place in range(200)])
    pd.concat([table, more], axis=1).to_csv(path, index=False)
    with pytest.raises(ScenarioError, match=r"phones.csv:1: names 206 columns or more; at most 100"):
        hedonic.read_sales(path)
    table.rename(columns={"quality": "\u202eq"}).to_csv(path, index=False)
    with pytest.raises(ScenarioError, match=r"phones.csv:1: names '\\u202eq'; names without signs"):
        hedonic.read_sales(path)
    table.drop(columns=["quality", "flagship"]).to_csv(path, index=False)
    with pytest.raises(ScenarioError, match="names no feature"):
        hedonic.read_sales(path)
    table.drop(columns="units").to_csv(path, index=False)
    with pytest.raises(ScenarioError, match="misses units"):
        hedonic.read_sales(path)
    table.assign(five_g=1).to_csv(path, index=False)
    with pytest.raises(ScenarioError, match="with and without 5G"):
        hedonic.read_sales(path)
    table.groupby(["quarter", "five_g"]).head(1).to_csv(path, index=False)
    with pytest.raises(ScenarioError, match=r"rows for \d+ coefficients"):
        hedonic.read_sales(path)
    for asked in (["rate", "acer-v-nokia", "--hedonic"], ["rate", "oppo-v-nokia", "--sales", str(path)]):
        assert CliRunner().invoke(app, asked).exit_code != 0
