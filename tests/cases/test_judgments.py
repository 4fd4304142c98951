"""The judgments' figures, R1 to R17 of docs/rates.md: to the last printed digit, or said to be otherwise."""

from __future__ import annotations

import pytest

from simulator.rates.cases import STATUSES, CaseResult, SolvedInput, evaluate, workings
from simulator.spec.case import Case, case_names, load_case

CASES = {name: load_case(name) for name in case_names()}
RESULTS = {result.id: result for case in CASES.values() for result in evaluate(case)}

# id, status, what arithmetic on the sources gives (worked out by hand, not by this program)
EXPECTED = [
    ("R1/rate", "reproduced", 0.555),
    ("R2/marvell", "reproduced", 3.5),
    ("R2/rate", "reproduced", 3.47133),
    ("R2/pool_rate", "solved_input", 6.114),
    ("R3/upper_bound", "solved_input", 16.389),
    ("R3/upper_bound_in_cents", "stated", 16.389),
    ("R3/upper_end", "not_reproducible", None),
    ("R3/lower_bound", "stated", 0.8),
    ("R3/lower_bound_in_dollars", "not_reproducible", 0.008),
    ("R4/aggregate", "solved_input", 4.807),
    ("R5/fee_5g_zone2", "reproduced", 0.70694),
    ("R5/fee_4g_zone2", "reproduced", 0.47723),
    ("R5/fee_5g_zone2_as_discount", "not_reproducible", 0.44406),
    ("R6/fee_5g_zone1", "not_reproducible", None),
    ("R7/single_mode_4g", "reproduced", 0.0022520),
    ("R8/multimode", "solved_input", 0.0018),
    ("R8/multimode_by_oppo", "reproduced", 0.0018016),
    ("R9/china_2g", "solved_input", 2.17),
    ("R9/china_3g", "solved_input", 2.17),
    ("R9/china_4g", "solved_input", 4.585),
    ("R10/eu_2g", "solved_input", 0.118),
    ("R10/row_2g", "solved_input", 0.090),
    ("R10/eu_3g", "solved_input", 0.264),
    ("R10/row_3g", "solved_input", 0.224),
    ("R10/row_4g", "solved_input", 0.314),
    ("R11/us_2g", "reproduced", 0.16438),
    ("R11/us_3g", "not_reproducible", 0.12933),
    ("R11/us_4g", "not_reproducible", 0.37747),
    ("R12/rate", "solved_input", 0.175),
    ("R13/share_of_ask", "reproduced", 0.35141),
    ("R14/rate", "reproduced", 0.0078947),
    ("R15/fault", "reproduced", 50.0),
    ("R16/rate", "reproduced", 0.018667),
    ("R16/rate_implied", "solved_input", 0.019),
    ("R16/samsung_over_apple", "reproduced", 10.2162),
    ("R16/samsung_over_apple_by_offers", "reproduced", 10.0),
    ("R17/cap_200", "reproduced", 10.546),
    ("idc-v-lenovo-2023/lump", "solved_input", 138.7),
    ("idc-v-lenovo-2023/interest", "solved_input", 46.2),
    ("idc-v-lenovo-2023/total", "reproduced", 184.9),
    ("idc-v-lenovo-2024/rate", "reproduced", 0.225),
    ("idc-v-lenovo-2024/lump", "solved_input", 178.31),
    ("optis-v-apple/first_instance", "reproduced", 56.43),
    ("optis-v-apple/lump", "solved_input", 502.0),
    ("act-v-oppo/oppo_award", "reproduced", 2.176),
    ("act-v-oppo/interest", "solved_input", 2.125),
    ("innovatio/rate", "reproduced", 9.5592),
    ("R16/samsung_rate", "reproduced", 0.190702),
    ("act-v-oppo/nanjing_award", "stated", 13060000.0),
    ("microsoft-v-motorola-80211/marvell_licence", "reproduced", 3.5),
    ("optis-v-apple/stack_of_new_price", "solved_input", 3.9387),
    ("unwired-planet-v-huawei/implied_4g", "reproduced", 8.79121),
    ("tcl-v-ericsson/implied_4g", "reproduced", 9.53706),
    ("realtek-v-lsi/rate", "reproduced", 0.19),
    ("realtek-v-lsi/per_chip", "reproduced", 0.2603),
    ("ericsson-v-d-link/damages", "reproduced", 10.125),
    ("csiro-v-cisco/damages", "solved_input", 16243067.0),
    ("iwncomm-v-sony/total", "reproduced", 9103367.0),
    ("acer-v-nokia/rate", "stated", 0.365),
]
# id, unknown input, value, box left by rounding
SOLVED = [
    ("R2/pool_rate", "via_royalty", 2.038, 2.03783, 2.03817),
    ("R3/upper_bound", "pool_patent_share", 3.642, 3.64189, 3.64211),
    ("R4/aggregate", "coefficient_5g", 3.31545, 3.30439, 3.32653),
    ("R4/aggregate", "price_ratio", 0.466, 0.4655, 0.4665),
    ("R8/multimode", "weight_4g", 0.7993, 0.7771, 0.8215),
    ("R9/china_2g", "china_factor_2g", 0.434, 0.433, 0.435),
    ("R9/china_4g", "china_factor_4g", 0.655, 0.654375, 0.655625),
    ("R10/eu_2g", "strength_eu_2g", 0.7195, 0.71646, 0.72256),
    ("R10/row_2g", "strength_row_2g", 0.5488, 0.54573, 0.55183),
    ("R10/eu_3g", "strength_eu_3g", 0.88, 0.87833, 0.88167),
    ("R10/row_3g", "strength_row_3g", 0.7467, 0.745, 0.74833),
    ("R10/row_4g", "strength_row_4g", 0.6978, 0.69667, 0.69889),
    ("R12/rate", "market_factor", 0.72917, 0.72708, 0.73125),
    ("R16/rate_implied", "apple_fee_implied", 57.0, 55.5, 58.5),
    ("idc-v-lenovo-2023/lump", "units", 792.571, 792.286, 792.857),
    ("idc-v-lenovo-2023/interest", "mean_age", 7.2234, 7.2166, 7.2302),
    ("idc-v-lenovo-2024/lump", "units", 792.492, 792.286, 792.667),
    ("optis-v-apple/lump", "units", 3346.67, 3343.33, 3350.0),
    ("act-v-oppo/interest", "base_interest", 4.25, 4.249, 4.251),
    ("csiro-v-cisco/damages", "mean_rate", 0.831055, 0.831055, 0.831055),
    ("ericsson-v-d-link/rate", "devices", 67.5, 65.3226, 69.8276),
    ("iwncomm-v-sony/damages", "licence_fees", 2.876391, 2.876391, 2.876391),
]
# case, step that nobody printed, value by hand
DERIVED = [
    ("microsoft-v-motorola-h264", "width", 29.5297),
    ("microsoft-v-motorola-80211", "width", 5.6180),
    ("huawei-v-conversant", "per_family_2g", 0.0041973),
    ("huawei-v-conversant", "per_family_3g", 0.0017816),
    ("huawei-v-conversant", "middle_4g", 4.585),
    ("idc-v-lenovo-2023", "position", 0.044379),
    ("idc-v-lenovo-2024", "position", 0.192308),
    ("oppo-v-nokia", "fee_5g_alone_equal_price", 1.525),
    ("tcl-v-ericsson", "ask_a_over_award", 2.38667),
    ("tcl-v-ericsson", "ask_b_over_award", 4.41778),
    ("act-v-oppo", "claim_over_award", 32.5),
    ("act-v-oppo", "appeal_over_first_instance", 1.178448),
    ("microsoft-v-motorola-80211", "mean_of_middles", 3.604667),
    ("oppo-v-nokia", "cap_200_at_lower_end", 8.682),
    ("optis-v-apple-texas", "second_over_first", 0.592651),
    ("acer-v-nokia", "position", 0.507576),
    ("samsung-v-zte", "position", 0.361582),
]


@pytest.mark.parametrize(("name", "status", "value"), EXPECTED)
def test_figure(name: str, status: str, value: float | None) -> None:
    result = RESULTS[name]
    assert result.status == status
    assert result.computed == (None if value is None else pytest.approx(value, rel=1e-4))


@pytest.mark.parametrize(("name", "unknown", "value", "low", "high"), SOLVED)
def test_solved_input_and_its_box(name: str, unknown: str, value: float, low: float, high: float) -> None:
    found = solved(RESULTS[name], unknown)
    assert found.value == pytest.approx(value, rel=2e-4)
    assert found.low == pytest.approx(low, rel=2e-5)
    assert found.high == pytest.approx(high, rel=2e-5)


def solved(result: CaseResult, unknown: str) -> SolvedInput:
    return next(found for found in result.solved if found.name == unknown)


@pytest.mark.parametrize(("case", "step", "value"), DERIVED)
def test_step_nobody_printed(case: str, step: str, value: float) -> None:
    result = next(result for result in workings(CASES[case]).results if result.name == step)
    assert result.published is None
    assert result.computed == pytest.approx(value, rel=1e-4)


def test_every_numbered_rate_is_in_a_case() -> None:
    numbers = {line.ref for case in CASES.values() for line in case.computations.values() if line.ref}
    assert numbers == {f"R{number}" for number in range(1, 18)}


def test_every_figure_has_a_status_and_ids_are_unique() -> None:
    results = [result for case in CASES.values() for result in evaluate(case)]
    assert {result.status for result in results} == set(STATUSES)
    assert len(RESULTS) == len(results)
    assert all(result.reason for result in results if result.status == "not_reproducible")


@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
def test_no_figure_disagrees_without_the_file_saying_so(case: Case) -> None:
    for result in evaluate(case):
        if result.status == "not_reproducible" and result.computed is not None:
            assert case.computations[result.name].not_reproducible


def test_appeal_has_one_figure_to_spare() -> None:
    """Two lump sums, one number of units: the second figure tests the first."""
    assert solved(RESULTS["idc-v-lenovo-2024/lump"], "units").spare == 1
    assert solved(RESULTS["R9/china_4g"], "china_factor_4g").spare == 1


def test_recalled_figures_are_marked() -> None:
    assert RESULTS["R11/us_2g"].assumes == ("aggregate_2g", "own_2g", "total_2g")
    assert RESULTS["R16/rate"].assumes == ("apple_fee",)
    assert RESULTS["R13/share_of_ask"].assumes == ("share_of_ask",)
    assert RESULTS["R1/rate"].assumes == ()


def test_recalled_fee_lies_in_the_box_of_the_printed_rate() -> None:
    fee = CASES["huawei-v-idc"].inputs["apple_fee"].value
    found = solved(RESULTS["R16/rate_implied"], "apple_fee_implied")
    assert fee is not None
    assert found.low < fee < found.high


def test_weight_of_4g_agrees_between_two_courts() -> None:
    """Chongqing's 40/(40+5+5) lies in the box that Nanjing's rounding leaves."""
    found = solved(RESULTS["R8/multimode"], "weight_4g")
    assert found.low < 40 / 50 < found.high


class TestDefects:
    """Errors of the sources, docs/rates.md, section on defects."""

    def test_discount_is_a_multiplier(self) -> None:
        case = CASES["oppo-v-nokia"]
        assert any("multiplier" in defect for defect in case.defects)
        assert "0.444" in str(case.computations["fee_5g_zone2_as_discount"].not_reproducible)

    def test_dollars_for_cents_are_caught_by_the_unit(self) -> None:
        result = RESULTS["R3/lower_bound_in_dollars"]
        assert result.unit == "usd_per_unit"
        assert result.computed == pytest.approx(float(str(result.published)) / 100)

    def test_huawei_pays(self) -> None:
        case = CASES["huawei-v-idc"]
        assert (case.payer, case.parties.implementer) == ("implementer", ("Huawei",))
        assert any("payer reversed" in defect for defect in case.defects)

    def test_first_instance_is_marked_replaced_and_tcl_vacated(self) -> None:
        assert CASES["idc-v-lenovo-2023"].status == "replaced_on_appeal"
        assert CASES["tcl-v-ericsson"].status == "vacated"
        assert CASES["oppo-v-nokia"].status == "settled"
