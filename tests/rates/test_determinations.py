"""The public table of determinations: complete, tidy, fresh, and checked against the literature."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from typer.testing import CliRunner

from simulator.cli.options import app
from simulator.rates.cases import workings
from simulator.rates.determinations import COLUMNS, PARTIES, determinations, share, sourced, verified
from simulator.rates.interest import tiered
from simulator.spec.case import Computation, case_names, load_case
from simulator.spec.starter import write_starter
from simulator.writing.formats import as_csv


@pytest.fixture(scope="module")
def table() -> pd.DataFrame:
    return determinations(load_case(name) for name in case_names())


@pytest.fixture(scope="module")
def committed(root: Path) -> pd.DataFrame:
    return pd.read_csv(root / "results" / "determinations" / "determinations.csv", dtype=COLUMNS)


def test_every_case_and_every_printed_figure_is_in_it(table: pd.DataFrame) -> None:
    """Counted in the files themselves, not by the code that writes the table."""
    for name in case_names():
        printed = {key for key, line in load_case(name).computations.items() if line.published}
        assert set(table[table["case"] == name]["line"]) == printed
        assert printed
    assert not table.duplicated(["case", "line"]).any()


def test_every_row_can_be_cited(table: pd.DataFrame) -> None:
    for column in (
        "holder", "implementer", "court", "citation", "date", "status", "head_source", "standard", "scope",
        "role", "quantity", "printed", "unit", "source",
    ):  # fmt: skip
        assert (table[column].str.len() > 0).all(), column
    assert table["verified"].notna().all()


def test_pandas_reads_it_with_types(committed: pd.DataFrame, table: pd.DataFrame) -> None:
    assert {name: str(kind) for name, kind in committed.dtypes.items()} == COLUMNS
    assert pd.to_datetime(committed["date"], format="ISO8601").between("2007-01-01", "2026-12-31").all()
    read = committed.fillna({name: "" for name, kind in COLUMNS.items() if kind == "string"})
    pd.testing.assert_frame_equal(read, table, rtol=1e-9)  # it is written with ten digits


def test_the_committed_table_is_fresh(table: pd.DataFrame, root: Path) -> None:
    path = root / "results" / "determinations" / "determinations.csv"
    assert path.read_text(encoding="utf-8") == as_csv(table)


@pytest.mark.parametrize(("values", "expected"), [
    ({"a": 12.0, "b": 48.0}, 0.25), ({"a": 12.0}, None), ({"b": 48.0}, None), ({"a": 12.0, "b": 0.0}, None),
])  # fmt: skip
def test_a_share_needs_both_of_its_counts(values: dict[str, float], expected: float | None) -> None:
    stated: dict[str, Any] = {"method": "top_down", "arguments": {"own": "a", "total": "b"}}
    line = Computation.model_construct(**stated)
    assert share(line, values) == expected
    other = Computation.model_construct(**stated | {"method": "comparable"})
    assert share(other, values) is None, "counts are a share where they are counted top-down"


def test_implied_aggregate_is_rate_over_share(committed: pd.DataFrame) -> None:
    known = committed["share"].notna() & committed["value"].notna() & committed["is_rate"]
    assert known.sum() >= 7
    assert committed["implied_aggregate"].notna().tolist() == known.tolist()
    rows = committed[known]
    assert rows["implied_aggregate"].to_numpy() == pytest.approx((rows["value"] / rows["share"]).to_numpy())
    assert rows["share"].between(0, 1, inclusive="right").all()


def test_implied_aggregates_as_deng_leonard_lopez_print_them(table: pd.DataFrame) -> None:
    rows = table.set_index(["case", "line"])["implied_aggregate"]
    assert rows["tcl-v-ericsson", "us_4g"] == pytest.approx(9.5, abs=0.05)
    assert rows["unwired-planet-v-huawei", "ericsson_4g"] == pytest.approx(8.8, abs=0.05)


def test_shares_of_lte_are_twice_apart_where_aggregates_agree(table: pd.DataFrame) -> None:
    """Deng, Leonard and Lopez (2018): courts count Ericsson's part of LTE differently, yet pay it alike."""
    rows = table.set_index(["case", "line"])
    share, aggregate = rows["share"], rows["implied_aggregate"]
    london, california = ("unwired-planet-v-huawei", "ericsson_4g"), ("tcl-v-ericsson", "us_4g")
    assert share[london] == pytest.approx(0.091)
    assert share[london] / share[california] == pytest.approx(1.9, abs=0.05)
    assert aggregate[california] / aggregate[london] == pytest.approx(1.08, abs=0.01)


def test_aggregate_of_innovatio_is_the_profit_on_a_chip(table: pd.DataFrame) -> None:
    """The court's cap: 12.1 % of 14.85 dollars."""
    rows = table.set_index(["case", "line"])["implied_aggregate"]
    assert rows["innovatio", "rate"] == pytest.approx(100 * 0.121 * 14.85, rel=1e-3)


def test_a_range_has_two_ends_and_no_value(table: pd.DataFrame) -> None:
    ranges = table["printed"].str.contains(" to ")
    assert ranges.sum() >= 6
    assert table["value"].isna().tolist() == ranges.tolist()
    assert (table["low"] < table["high"]).tolist() == ranges.tolist()


def test_the_method_is_the_courts_and_the_function_ours(table: pd.DataFrame) -> None:
    rows = table.set_index(["case", "line"])
    assert rows.loc[("tcl-v-ericsson", "us_4g"), "method"] == "top_down_and_comparables"
    assert rows.loc[("tcl-v-ericsson", "us_4g"), "function"] == "top_down"
    assert rows.loc[("oppo-v-nokia", "aggregate"), "method"] == "top_down"
    assert rows.loc[("oppo-v-nokia", "fee_4g_zone1"), "method"] == "comparable_licences"
    reasoned = ~table["role"].isin(PARTIES)
    assert (table["method"].str.len() > 0).tolist() == reasoned.tolist()
    assert (table["method_source"].str.len() > 0).tolist() == reasoned.tolist()


def test_what_was_recalled_is_not_verified(table: pd.DataFrame) -> None:
    recalled = table["source"].str.startswith("assumption")
    assert recalled.any()
    assert not table[recalled]["verified"].any()
    assert table[~recalled]["verified"].all()
    assert (table["verified_in"].str.len() > 0).tolist() == table["verified"].astype(bool).tolist()
    assert not verified(load_case("ericsson-v-lava"), load_case("ericsson-v-lava").court_method.source)


def test_short_names_of_sources_are_written_out() -> None:
    case = load_case("huawei-v-idc")
    assert sourced(case, "huaweireport").startswith("huaweireport [huaweireport: huaweireport.com")


def test_the_table_goes_where_it_is_asked_to(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    run = CliRunner()
    assert run.invoke(app, ["rate", "--all", "--csv", "tables/mine.csv"]).exit_code == 0
    assert sorted(path.name for path in Path("tables").iterdir()) == [
        "mine.csv", "rates-over-time.pdf", "rates-over-time.png", "rates-over-time.svg",
    ]  # fmt: skip
    assert run.invoke(app, ["rate", "--all", "--csv"]).exit_code == 0
    default = Path("results", "determinations", "determinations.csv")
    assert default.read_bytes() == Path("tables", "mine.csv").read_bytes()


@pytest.mark.parametrize(
    "asked",
    [["mine.txt"], ["mine.csv", "--out", "there"], ["mine.csv", "--json"], ["mine.csv", "--methods", "all"]],
)
def test_a_table_for_two_places_is_refused(
    asked: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert CliRunner().invoke(app, ["rate", "--all", "--csv", *asked]).exit_code != 0
    assert not list(tmp_path.iterdir())


def test_the_starter_case_reckons_and_pins_down_its_unknown(tmp_path: Path) -> None:
    [path] = write_starter(tmp_path / "own", case=True)
    printed = [result.status for result in workings(load_case(path)).results if result.published]
    assert printed == ["stated", "reproduced", "solved_input"]


TIERS = """\
  yearly: {value: 4, unit: usd_million, source: J1}
  term: {value: 30, unit: months, source: J1}
  low: {value: 0.4, unit: usd_per_unit, source: J1}
  high: {value: 0.5, unit: usd_per_unit, source: J1}
  start: {value: 0, unit: units, source: J1}
  step: {value: 10, unit: million_units, source: J1}
  sold: {value: 15, unit: million_units, source: J1}
computations:
  term_fee:
    quantity: fee of the term
    method: over_years
    arguments: {yearly: yearly, years: term}
    published: {printed: "10.0", unit: usd_million, source: J1}
    role: award
  tier_fee:
    quantity: fee by tiers
    method: tiered
    arguments: {rates: [high, low], thresholds: [start, step], units: sold}
    published: {printed: "7.0", unit: usd_million, source: J1}
    role: award
"""


def test_years_scale_money_and_volume_has_tiers(tmp_path: Path) -> None:
    [path] = write_starter(tmp_path / "own", case=True)
    text = path.read_text(encoding="utf-8")
    text = text.replace("headline: rate", "headline: term_fee", 1)
    path.write_text(text.partition("computations:")[0] + TIERS, encoding="utf-8")
    assert [result.status for result in workings(load_case(path)).results] == ["reproduced", "reproduced"]


@pytest.mark.parametrize("thresholds", [[0.0, 100.0, 100.0], [0.0, 100.0, 50.0], [1.0, 100.0, 200.0], [0.0]])
def test_tiers_start_at_nothing_and_rise(thresholds: list[float]) -> None:
    with pytest.raises(ValueError, match="thresholds start at 0 and rise, one for each rate"):
        tiered([1.0, 0.5, 0.2], thresholds, 150.0)
