"""A user's own case file: clear errors, ranges, distributions, unknowns, explanations, pictures."""

from __future__ import annotations

import io
import math
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from rich.console import Console

from simulator.errors import ScenarioError
from simulator.figures.rates import plot_methods
from simulator.rates.cases import CaseResult, evaluate, workings
from simulator.rates.uncertainty import _quantile, ends_of
from simulator.rates.worksheet import _outcome, _stated, all_methods, amount, explain, rate_rows, rate_table
from simulator.spec.case import Case, Distribution, case_names, load_case

Write = Callable[..., Path]

HEAD = """\
case: own
title: Own case
court: Some court
citation: "1/2026"
jurisdiction: Nowhere
parties: {holder: [H], implementer: [I]}
dates: {judgment: 2026-01-15, filed: 2024-05}
status: first_instance
source: J1
scope: everywhere
court_method: {approach: top_down, words: top-down, source: J1}
sources: {J1: {kind: judgment, cites: the judgment}}
headline: rate
"""
INPUTS = """\
inputs:
  burden: {value: 5, unit: percent_of_price, source: J1}
  own: {value: 12, unit: families, source: J1}
  all: {value: 365, unit: families, source: J1}
"""
LINES = """\
computations:
  rate:
    quantity: the rate
    method: top_down
    arguments: {aggregate: burden, own: own, total: all}
    published: {printed: "0.164", unit: percent_of_price, source: J1}
    role: award
"""
STATED = """\
computations:
  rate:
    quantity: the rate
    method: stated
    arguments: {value: fee}
    published: {printed: "0.8", unit: usd_per_unit, source: J1}
    role: award
"""


@pytest.fixture
def write(tmp_path: Path) -> Write:
    def writer(inputs: str = INPUTS, lines: str = LINES) -> Path:
        path = tmp_path / "own.yaml"
        path.write_text(HEAD + inputs + lines, encoding="utf-8")
        return path

    return writer


def only(path: Path) -> CaseResult:
    (result,) = evaluate(load_case(path))
    return result


def complaint(path: Path) -> str:
    with pytest.raises(ScenarioError) as caught:
        evaluate(load_case(path))
    return str(caught.value)


def text(renderable: object) -> str:
    console = Console(file=io.StringIO(), width=160, color_system=None)
    console.print(renderable)
    assert isinstance(console.file, io.StringIO)
    return console.file.getvalue()


def test_own_case_is_reckoned_like_a_built_in_one(write: Write) -> None:
    result = only(write())
    assert (result.status, result.id) == ("reproduced", "own/rate")
    assert result.computed == pytest.approx(0.164384, rel=1e-5)


class TestErrors:
    """Every message names file, line, entry, value and rule."""

    @pytest.mark.parametrize(
        ("old", "new", "message"),
        [
            ("2024-05", "2024", "own.yaml:7: dates.filed: got 2024; a day, 2015-07-16, or in quotes a month"),
            ("2026-01-15", "15 May 2026", "own.yaml:7: dates.judgment: got '15 May 2026'; a day, 2015-07-16"),
            ("[H]", "H", "parties.holder: got 'H'; must be a list\n    for example: holder: [one text"),
            (
                "cites: the judgment",
                "cites: A v B, 5 May",
                "5 May is unknown here; a text with a comma between",
            ),
            ("title: Own case", "title: A v B: phones", "own.yaml:2: not YAML: "),
            ("title: Own case", "title: A v B: phones", "put a text with a colon in quotes"),
            ('"0.164"', "0.164", 'printed: got 0.164; a number in quotes, "15,390,527"'),
            (
                "own: own",
                "own: 12",
                "own: got 12; the name of an input or of an earlier line, or names in [ ]",
            ),
            ("own: own", "own: sum", "refers to sum; it stands below, and a line uses those above it"),
            ("    method: top_down\n", "", "a line has method: (stated, to put a figure down)"),
            ("    published:", "    publishd:", "the key publishd is unknown here; did you mean published?"),
            ("unit: families", "unit: rupees", "got 'rupees'; known: fraction, percent, "),
        ],
    )
    def test_what_a_newcomer_writes_is_answered_with_what_to_write(
        self, tmp_path: Path, old: str, new: str, message: str
    ) -> None:
        further = (
            "  sum:\n    quantity: all of them\n    method: total\n"
            "    arguments: {values: [own, all]}\n    unit: families\n"
        )
        path = tmp_path / "own.yaml"
        path.write_text((HEAD + INPUTS + LINES + further).replace(old, new), encoding="utf-8")
        assert message in complaint(path)

    def test_families_are_not_divided_by_patents(self, write: Write) -> None:
        message = complaint(write(INPUTS.replace("365, unit: families", "365, unit: patents")))
        assert (
            "own.yaml:19: computations.rate: top_down: total is a patents where the others are families"
            in message
        )

    def test_percent_is_not_percent_of_price(self, write: Write) -> None:
        message = complaint(write(INPUTS.replace("5, unit: percent_of_price", "5, unit: percent")))
        assert "aggregate is a rate, got a number" in message

    def test_result_is_not_printed_in_another_kind_of_unit(self, write: Write) -> None:
        message = complaint(
            write(lines=LINES.replace('"0.164", unit: percent_of_price', '"0.164", unit: usd_per_unit'))
        )
        assert "top_down gives a price_share, the unit usd_per_unit is a usd_per_unit" in message

    def test_unknown_method_is_answered_with_a_near_one(self, write: Write) -> None:
        assert "did you mean top_down?" in complaint(
            write(lines=LINES.replace("method: top_down", "method: topdown"))
        )

    def test_unknown_reference_is_answered_with_a_near_one(self, write: Write) -> None:
        message = complaint(write(lines=LINES.replace("aggregate: burden", "aggregate: burdn")))
        assert "refers to burdn; did you mean burden?" in message

    def test_missing_argument_is_answered_with_the_list(self, write: Write) -> None:
        message = complaint(write(lines=LINES.replace(", total: all", "")))
        assert (
            "top_down: takes arguments: {aggregate: ..., own: ..., total: ...} and, if need be, "
            "generation_weight, regional_factor; got aggregate, own" in message
        )

    def test_unknown_unit_is_answered_with_a_near_one(self, write: Write) -> None:
        message = complaint(write(INPUTS.replace("percent_of_price", "percent_of_prise")))
        assert "own.yaml:15: inputs.burden.unit" in message
        assert "did you mean percent_of_price?" in message

    def test_number_needs_a_source(self, write: Write) -> None:
        assert "inputs.burden.source" in complaint(write(INPUTS.replace(", source: J1", "", 1)))

    def test_division_by_zero_names_the_line(self, write: Write) -> None:
        assert "computations.rate: top_down: float division by zero" in complaint(
            write(INPUTS.replace("value: 365", "value: 0"))
        )

    def test_later_lines_are_not_in_sight(self, write: Write) -> None:
        assert "refers to rate" in complaint(
            write(lines=LINES.replace("aggregate: burden", "aggregate: rate"))
        )

    def test_no_such_case_is_answered_with_a_near_one(self) -> None:
        with pytest.raises(ScenarioError, match="oppo-v-nokia"):
            load_case("opo-v-nokia")


def test_disagreement_is_reported_never_forced(write: Write) -> None:
    result = only(write(lines=LINES.replace('"0.164"', '"0.170"')))
    assert result.status == "not_reproducible"
    assert result.reason == "the formula gives 0.164384, printed is 0.170"


@pytest.mark.parametrize("fee", ["value: 0.8, unit: cents_per_unit", "value: 80, unit: usd_per_unit"])
def test_cents_for_dollars_are_named(write: Write, fee: str) -> None:
    inputs = f"inputs:\n  fee: {{{fee}, source: J1}}\n"
    assert "off by a factor of 100" in only(write(inputs, STATED)).reason


def test_an_input_of_nothing_is_told_as_nothing(write: Write) -> None:
    path = write("inputs:\n  fee: {value: 0, unit: usd_per_unit, source: J1}\n", STATED)
    case = load_case(path)
    assert _stated(case, workings(case), "fee", case.inputs["fee"]) == amount(0.0, case.inputs["fee"].unit)
    (result,), (line,) = evaluate(case), case.computations.values()
    assert _outcome(result, line) == amount(0.0, "usd_per_unit", 3)


def test_range_gives_its_exact_ends(write: Write) -> None:
    inputs = INPUTS.replace("value: 5", "range: [4, 6]").replace("value: 12", "range: [10, 14]")
    result = only(write(inputs))
    assert result.exact
    assert result.low == pytest.approx(4 * 10 / 365)
    assert result.high == pytest.approx(6 * 14 / 365)


def test_range_used_twice_is_sampled(write: Write) -> None:
    """The blend w a + (1 - w) b with w inside: the ends still hold, but are not called exact."""
    inputs = INPUTS.replace("value: 5", "range: [4, 6]")
    lines = (
        LINES
        + """\
  twice:
    quantity: one over the other
    method: blend
    arguments: {first: rate, second: burden, weight: half}
    unit: percent_of_price
"""
    )
    inputs += "  half: {value: 0.5, unit: fraction, source: J1}\n"
    result = workings(load_case(write(inputs, lines))).results[1]
    assert not result.exact
    assert result.low == pytest.approx(0.5 * (4 * 12 / 365 + 4))


@pytest.mark.parametrize("sampled", [True, False])
def test_points_of_a_range_that_are_tried(write: Write, sampled: bool) -> None:
    """Its ends, and points inside it; the ends alone where a distribution is sampled at each."""
    inputs = INPUTS.replace("value: 12", "range: [10, 14]")
    if sampled:
        inputs = inputs.replace("value: 5", "distribution: {shape: normal, median: 5, spread: 0.5}")
    tried = set()

    def compute(_: Case, given: Mapping[str, float]) -> dict[str, float]:
        tried.add(given["own"])
        return {"rate": (given["own"] - 12) ** 2}

    ends = ends_of(load_case(write(inputs)), {"burden": 0.05, "all": 365.0}, compute)
    assert {10.0, 14.0} <= tried
    assert (len(tried) == 2) == sampled
    assert ends["rate"] == pytest.approx((4.0 if sampled else 0.0, 4.0), abs=1e-3)


def test_distribution_gives_quantiles_and_the_same_every_time(write: Write) -> None:
    inputs = INPUTS.replace("value: 5", "distribution: {shape: lognormal, median: 5, spread: 0.2}")
    result = only(write(inputs))
    assert result.computed == pytest.approx(5 * 12 / 365)
    assert result.high == pytest.approx(5 * math.exp(0.2 * 1.645) * 12 / 365, rel=0.01)
    assert result == only(write(inputs))


@pytest.mark.parametrize(
    ("distribution", "low", "high"),
    [
        ("{shape: normal, median: 5, spread: 0.5}", 4.178, 5.822),
        ("{shape: triangular, median: 5, between: [4, 6]}", 4.316, 5.684),
    ],
)
def test_quantiles(write: Write, distribution: str, low: float, high: float) -> None:
    result = only(write(INPUTS.replace("value: 5", f"distribution: {distribution}")))
    assert result.low == pytest.approx(low * 12 / 365, rel=0.01)
    assert result.high == pytest.approx(high * 12 / 365, rel=0.01)


@pytest.mark.parametrize(("shape", "more"), [
    ("normal", {"spread": 0.5}), ("lognormal", {"spread": 0.2}), ("triangular", {"between": (4.0, 6.0)}),
])  # fmt: skip
def test_a_quantile_rises_through_the_median(shape: Any, more: dict[str, Any]) -> None:
    spec = Distribution(shape=shape, median=5.0, **more)
    low, middle, high = _quantile(spec, np.array([0.1, 0.5, 0.9]))
    assert middle == pytest.approx(5.0)
    assert low < middle < high


def test_unknown_is_solved_where_pinned_down(write: Write) -> None:
    result = only(write(INPUTS.replace("value: 12", "unknown: true, between: [1, 100]")))
    assert result.status == "solved_input"
    (found,) = result.solved
    assert found.low == pytest.approx(0.1635 * 365 / 5)
    assert found.high == pytest.approx(0.1645 * 365 / 5)


def test_two_unknowns_and_one_figure_stay_unknown(write: Write) -> None:
    inputs = INPUTS.replace("value: 12", "unknown: true, between: [1, 100]")
    inputs = inputs.replace("value: 365", "unknown: true, between: [100, 1000]")
    result = only(write(inputs))
    assert (result.status, result.computed) == ("not_reproducible", None)
    assert "own, all not public" in result.reason


@pytest.mark.parametrize(("again", "solved"), [("0.165", True), ("0.166", False), ("0.200", False)])
def test_figures_that_contradict_each_other_solve_nothing(write: Write, again: str, solved: bool) -> None:
    """Two figures that no value meets within half a printed digit each contradict each other."""
    lines = LINES + LINES.removeprefix("computations:\n").replace("rate:", "again:").replace("0.164", again)
    inputs = INPUTS.replace("value: 12", "unknown: true, between: [1, 100]")
    results = evaluate(load_case(write(inputs, lines)))
    assert {result.status for result in results} == {"solved_input" if solved else "not_reproducible"}


def test_two_unknowns_that_two_figures_see_as_one_stay_unknown(write: Write) -> None:
    """As many figures as unknowns, but both show their quotient alone."""
    lines = LINES + LINES.removeprefix("computations:\n").replace("rate:", "again:")
    inputs = INPUTS.replace("value: 12", "unknown: true, between: [1, 100]")
    inputs = inputs.replace("value: 365", "unknown: true, between: [100, 1000]")
    results = evaluate(load_case(write(inputs, lines)))
    assert {result.status for result in results} == {"not_reproducible"}


RANGE = LINES.replace('"0.164"', '"0.132 to 0.197"')


class TestPrintedRange:
    """A printed range is one figure with two ends: both are matched, and both may pin down an unknown."""

    def test_both_ends_are_matched(self, write: Write) -> None:
        result = only(write(INPUTS.replace("value: 5", "range: [4, 6]"), RANGE))
        assert (result.status, result.published) == ("reproduced", "0.132 to 0.197")
        assert "0.13151 to 0.19726" in text(rate_table([result]))

    def test_one_end_off_is_a_disagreement(self, write: Write) -> None:
        result = only(write(INPUTS.replace("value: 5", "range: [4, 7]"), RANGE))
        assert result.reason == "the formula gives 0.131507 to 0.230137, printed is 0.132 to 0.197"

    def test_one_number_matches_no_range(self, write: Write) -> None:
        result = only(write(lines=RANGE))
        assert (result.status, result.reason[:30]) == ("not_reproducible", "the formula gives one number, ")

    def test_two_ends_leave_one_to_spare(self, write: Write) -> None:
        inputs = INPUTS.replace("value: 5", "range: [4, 6]").replace(
            "value: 12", "unknown: true, between: [1, 99]"
        )
        result = only(write(inputs, RANGE))
        (found,) = result.solved
        assert (result.status, found.spare) == ("solved_input", 1)
        assert found.low < 12 < found.high

    def test_later_lines_refer_to_its_ends(self, write: Write) -> None:
        lines = RANGE + (
            "  middle:\n    quantity: middle of it\n    method: midpoint\n    unit: percent_of_price\n"
            "    arguments: {low: rate.printed_low, high: rate.printed_high}\n"
        )
        assert workings(load_case(write(lines=lines))).values["middle"] == pytest.approx(0.001645)
        assert "refers to rate.printed; did you mean rate.printed_low?" in complaint(
            write(lines=lines.replace("rate.printed_low", "rate.printed"))
        )

    def test_how_a_range_is_written_is_told(self, write: Write) -> None:
        assert 'both ends of a range, "4.341 to 5.273"' in complaint(write(lines=RANGE.replace(" to ", "-")))

    def test_the_lower_end_comes_first(self, write: Write) -> None:
        message = complaint(write(lines=RANGE.replace("0.132 to 0.197", "0.197 to 0.132")))
        assert "must be [low, high] with low below high" in message


class TestSourcesOfTheCourt:
    """What a court is said to have done was read in a document that the case lists, or is an assumption."""

    def test_a_document_not_listed_is_named(self, write: Write) -> None:
        message = complaint(write(lines=LINES.replace("source: J1", "source: J2")))
        assert "own.yaml:23: computations.rate.published.source: names J2; known: J1" in message

    def test_what_is_recalled_may_be_said(self, write: Write) -> None:
        assert only(write(lines=LINES.replace("source: J1", "source: 'assumption: recalled'"))).assumes == (
            "rate",
        )

    def test_a_share_is_a_number(self, write: Write) -> None:
        assert "computations.rate.share: got burden" in complaint(write(lines=LINES + "    share: burden\n"))

    def test_a_printed_figure_says_what_it_is(self, write: Write) -> None:
        assert "a line has role: (what the figure is) where it has published:" in complaint(
            write(lines=LINES.replace("    role: award\n", ""))
        )


def test_what_is_put_down_as_printed_is_not_called_reproduced(write: Write) -> None:
    lines = LINES.replace("top_down", "stated").replace(
        "{aggregate: burden, own: own, total: all}", "{value: burden}"
    )
    assert only(write(lines=lines.replace("0.164", "5"))).status == "stated"


@pytest.mark.parametrize("name", case_names())
def test_explanation_shows_inputs_formula_result_and_verdict(name: str) -> None:
    case = load_case(name)
    shown = text(explain(case))
    for result in evaluate(case):
        assert result.id in shown
        assert f"printed {result.published}" in shown
    assert all(defect.split()[0] in shown for defect in case.defects)


def test_explanation_of_oppo_v_nokia() -> None:
    shown = text(explain(load_case("oppo-v-nokia")))
    assert "OPPO pays Nokia. Status: settled" in shown
    assert "solved: 3.3155 % of price, between 3.3044 and 3.3265" in shown
    assert "roll_forward = (previous + coefficient) x price_ratio" in shown
    assert "61.42 % is the multiplier" in shown


def test_table_and_json_say_the_same() -> None:
    results = evaluate(load_case("idc-v-lenovo-2024"))
    table = text(rate_table(results))
    entries = rate_rows(results)
    assert [entry["id"] for entry in entries] == [result.id for result in results]
    assert {"id", "quantity", "published", "computed", "unit", "status"} <= set(entries[0])
    assert all(entry["id"] in table and entry["status"] in table for entry in entries)


@pytest.mark.parametrize(
    ("value", "text"), [(99_999.4, "99999"), (100_000.0, "100,000"), (1e5 + 0.5, "100,000")]
)
def test_large_amounts_are_written_out(value: float, text: str) -> None:
    assert amount(value, "units").startswith(text)


def test_a_case_heads_its_figures_once_or_stands_in_each_row() -> None:
    names = ("idc-v-lenovo-2024", "microsoft-v-motorola-80211")
    results = [result for name in names for result in evaluate(load_case(name))]
    assert len(results) > len(names)
    table = rate_table(results)
    cells = [str(cell) for cell in table.columns[0].cells]
    assert [cell for cell in cells if cell in names] == list(names)
    assert len(cells) == len(results) + len(names)
    plain = rate_table(results, plain=True)
    assert [str(cell) for cell in plain.columns[0].cells] == [result.case for result in results]


def test_all_methods_on_one_axis() -> None:
    frame = all_methods(load_case("microsoft-v-motorola-80211"))
    assert frame["published"].sum() == 1
    assert set(frame["unit"]) == {"cents_per_unit"}
    assert (frame["low"] <= frame["value"]).all()
    assert (frame["value"] <= frame["high"]).all()
    ask = frame[frame["quantity"] == "Motorola's ask"].iloc[0]
    assert (ask["low"], ask["high"]) == (pytest.approx(600), pytest.approx(800))


def test_declared_count_multiplies_an_essential_count() -> None:
    frame = all_methods(load_case("huawei-v-conversant")).set_index("quantity")
    declared = frame.loc["top-down, were all 15 asserted families counted"]
    essential = frame.loc["top-down over the whole 4G burden, essential family counted"]
    assert declared["value"] == pytest.approx(15 * essential["value"])


def test_picture_is_written_and_the_same_every_time(tmp_path: Path) -> None:
    frame = all_methods(load_case("huawei-v-idc"))
    first = [path.read_bytes() for path in plot_methods(frame, tmp_path / "a", "Huawei v InterDigital")]
    second = [path.read_bytes() for path in plot_methods(frame, tmp_path / "b", "Huawei v InterDigital")]
    assert first == second
    assert b"Huawei v InterDigital" in first[0]
    assert all(str(quantity).split()[0].encode() in first[0] for quantity in frame["quantity"])
