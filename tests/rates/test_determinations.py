"""The public table of determinations: complete, tidy, fresh, and checked against the literature."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from simulator.rates.cases import evaluate, workings
from simulator.rates.determinations import COLUMNS, determinations, sourced
from simulator.spec.case import case_names, load_case
from simulator.spec.starter import write_starter


@pytest.fixture(scope="module")
def table() -> pd.DataFrame:
    return determinations(load_case(name) for name in case_names())


def test_every_printed_figure_is_one_row(table: pd.DataFrame) -> None:
    assert len(table) == sum(len(evaluate(load_case(name))) for name in case_names())
    assert not table.duplicated(["case", "line"]).any()
    assert tuple(table.columns) == COLUMNS


def test_every_row_can_be_cited(table: pd.DataFrame) -> None:
    for column in ("holder", "implementer", "court", "date", "status", "standard", "scope", "unit", "source"):
        assert (table[column].str.len() > 0).all(), column


def test_the_committed_table_is_fresh(table: pd.DataFrame, root: Path) -> None:
    path = root / "results" / "determinations" / "determinations.csv"
    assert path.read_text(encoding="utf-8") == table.to_csv(index=False, lineterminator="\n")


def test_implied_aggregate_of_tcl_as_deng_leonard_lopez_print_it(table: pd.DataFrame) -> None:
    rows = table.set_index(["case", "line"])
    assert rows.loc[("tcl-v-ericsson", "us_4g"), "implied_aggregate"] == pytest.approx(9.5, abs=0.05)
    lumps = table[~table["is_rate"]]
    assert lumps["implied_aggregate"].isna().all()


def test_short_names_of_sources_are_written_out() -> None:
    case = load_case("huawei-v-idc")
    assert sourced(case, "huaweireport").startswith("huaweireport [huaweireport: huaweireport.com")


def test_the_starter_case_reckons_and_pins_down_its_unknown(tmp_path: Path) -> None:
    [path] = write_starter(tmp_path, case=True)
    work = workings(load_case(path))
    assert [result.status for result in work.results] == ["reproduced", "solved_input"]


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
  tier_fee:
    quantity: fee by tiers
    method: tiered
    arguments: {rates: [high, low], thresholds: [start, step], units: sold}
    published: {printed: "7.0", unit: usd_million, source: J1}
"""


def test_years_scale_money_and_volume_has_tiers(tmp_path: Path) -> None:
    [path] = write_starter(tmp_path, case=True)
    text = path.read_text(encoding="utf-8")
    text = text.replace("headline: rate", "headline: term_fee", 1)
    path.write_text(text.partition("computations:")[0] + TIERS, encoding="utf-8")
    assert [result.status for result in workings(load_case(path)).results] == ["reproduced", "reproduced"]
