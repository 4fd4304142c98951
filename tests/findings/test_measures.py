"""Metrics against numbers worked out by hand, and the sums they must keep."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import Any, TypeAlias

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulator.engine.build import build
from simulator.engine.outcomes import OUTCOME
from simulator.engine.run import run_chunk
from simulator.outcomes.duration import kaplan_meier, restricted_median
from simulator.outcomes.further_measures import MEASURES, OVER_BASELINE
from simulator.outcomes.measures import METRICS, measure, weigh
from simulator.outcomes.negotiations import ABSENT, MECHANISMS, Negotiations, Setting, without_cause
from simulator.outcomes.rows import Rows
from simulator.spec.load import load_scenario
from simulator.vocabulary import Cause, Outcome

SETTING = Setting(("a", "b"), horizon=120, dockets=(10, 5), elasticities=(0.5, 1, 0.25))
Stated: TypeAlias = Mapping[str, float]
AGREED = (Outcome.NEGOTIATED, Outcome.SETTLED_IN_COURT)
TALKED = [end for end in Outcome if end not in ABSENT]
ENDS = ("end_court_rate", "end_injunction_licence", "end_exit", "end_unlicensed")
CAUSES = ("deadlock_structural", "deadlock_belief", "deadlock_strategic", "deadlock_procedural")


def rows(*negotiations: Stated) -> Rows:
    """Counted negotiations of replication 0 under regime 0, unless they say otherwise."""
    table = np.zeros(len(negotiations), OUTCOME)
    table["counted"], table["entitlement"] = 1, 1
    for row, stated in zip(table, negotiations, strict=True):
        for name, value in stated.items():
            row[name] = value
    return table


def metrics(*negotiations: Stated) -> dict[str, float]:
    """The metrics of one replication under regime a."""
    return by_regime(measure(rows(*negotiations), SETTING))["a"]


def by_regime(values: pd.DataFrame) -> dict[str, dict[str, float]]:
    """The metrics of replication 0 under each regime."""
    cells: dict[Any, Any] = values.to_dict("index")
    return {regime: found for (replication, regime), found in cells.items() if replication == 0}


@given(
    st.lists(st.tuples(st.sampled_from(TALKED), st.sampled_from(list(Cause)[1:])), min_size=1, max_size=30)
)
def test_ends_and_causes_sum_to_the_deadlock_rate(ended: list[tuple[Outcome, Cause]]) -> None:
    found = metrics(*({"outcome": o, "cause": Cause.NONE if o in AGREED else c} for o, c in ended))
    deadlocked = sum(o not in AGREED for o, _ in ended) / len(ended)
    assert found["deadlock_rate"] == pytest.approx(deadlocked)
    assert sum(found[end] for end in ENDS) == pytest.approx(deadlocked)
    assert sum(found[cause] for cause in CAUSES) == pytest.approx(deadlocked)
    assert found["end_negotiated"] + found["end_settled_in_court"] == pytest.approx(1 - deadlocked)
    assert found["end_arbitral_award"] <= found["end_court_rate"]


def test_money_by_hand() -> None:
    found = metrics(
        {"entitlement": 10, "paid": 12, "cost_holder": 1, "outcome": Outcome.NEGOTIATED},
        {
            "entitlement": 30,
            "paid": 18,
            "cost_implementer": 2,
            "cost_public": 0.5,
            "margin_lost": 0.7,
            "output_lost": -0.2,
            "surplus_benchmark": 400,
            "outcome": Outcome.COURT_RATE,
        },
    )
    assert found["effective_rate_over_frand"] == pytest.approx(30 / 40)
    assert found["hold_up_index"] == pytest.approx(2 / 40)
    assert found["hold_out_index"] == pytest.approx(12 / 40)
    assert found["paid_as_agreed"] == pytest.approx(10 / 40)
    assert found["paid_by_court"] == pytest.approx(18 / 40)
    assert found["cost_share"] == pytest.approx(3 / 40)
    assert found["dissipation"] == pytest.approx(4.2 / 40)  # -0.2 of output lost is no merit
    assert found["efficiency"] == pytest.approx(35.8 / 40)
    assert found["surplus_kept"] == pytest.approx(1 - 4 / 400)


@given(st.lists(st.tuples(st.floats(0.1, 1e3), st.floats(0, 1e3), st.sampled_from(TALKED)), min_size=1))
def test_the_entitlement_is_accounted_for(pairs: list[tuple[float, float, Outcome]]) -> None:
    found = metrics(*({"entitlement": e, "paid": y, "outcome": o} for e, y, o in pairs))
    assert found["paid_as_agreed"] + found["paid_by_court"] + found["hold_out_index"] == pytest.approx(1)
    gap = found["hold_up_index"] - found["hold_out_index"]
    assert found["effective_rate_over_frand"] == pytest.approx(1 + gap)


def test_overpaying_one_holder_does_not_make_up_for_another() -> None:
    found = metrics(
        {"holder": 0, "entitlement": 10, "paid": 30},
        {"holder": 1, "implementer": 1, "entitlement": 10, "paid": 5, "cost_holder": 1},
    )
    assert found["effective_rate_over_frand"] > 1
    assert found["innovation_incentive"] == pytest.approx((10 + 4) / 20)


def test_adoption_incentive_by_hand() -> None:
    spent = {"paid": 25, "cost_implementer": 3, "escrow_cost": 1, "margin_lost": 1}
    assert metrics({"margin_benchmark": 100, "entitlement": 20, **spent})[
        "adoption_incentive"
    ] == pytest.approx(70 / 80)
    assert metrics({"margin_benchmark": 100, "entitlement": 20})["adoption_incentive"] == 1


def test_dynamic_efficiency_takes_the_elasticities_of_the_market() -> None:
    found = metrics({"entitlement": 10, "paid": 4, "margin_benchmark": 50, "surplus_benchmark": 50})
    names = ("surplus_kept", "innovation_incentive", "adoption_incentive", "hold_up_index")
    parts = [np.array([found[name]]) for name in names]
    assert parts[1][0] == pytest.approx(0.4)
    assert found["dynamic_efficiency"] == weigh(*parts, elasticities=(0.5, 1, 0.25))[0]
    assert weigh(*parts, elasticities=(0, 0, 0))[0] == found["surplus_kept"]


def test_overpayment_lowers_dynamic_efficiency_although_another_underpays() -> None:
    """By hand: the holder is due 20 and gets 20, the implementer bears what it owes; 4 of it is overpaid."""
    money = {"entitlement": 10, "margin_benchmark": 50, "surplus_benchmark": 50}
    fair = metrics({**money, "paid": 10}, {**money, "paid": 10})
    uneven = metrics({**money, "paid": 14}, {**money, "paid": 6})
    assert fair["dynamic_efficiency"] == 1
    assert uneven["innovation_incentive"] == uneven["adoption_incentive"] == 1
    assert uneven["dynamic_efficiency"] == pytest.approx(1.2**-0.25)


@given(st.lists(st.tuples(*[st.floats(0, 1e3)] * 5, st.floats(-1e3, 1e3)), min_size=1, max_size=9))
def test_the_parts_of_real_cost_add_up(pairs: list[tuple[float, ...]]) -> None:
    columns = (
        "cost_holder",
        "cost_litigation",
        "cost_public",
        "margin_lost",
        "margin_diverted",
        "output_lost",
    )
    found = metrics(*({"entitlement": 3, **dict(zip(columns, pair, strict=True))} for pair in pairs))
    parts = ("cost_of_talks", "cost_of_suits", "margin_lost_share", "output_cut")
    assert sum(found[part] for part in parts) == pytest.approx(found["dissipation"], rel=1e-12, abs=1e-9)


def test_gini_by_hand() -> None:
    def of(*paid: float, outcome: Outcome = Outcome.NEGOTIATED) -> float:
        return metrics(*({"implementer": i, "paid": y, "outcome": outcome} for i, y in enumerate(paid)))[
            "gini"
        ]

    assert of(1, 1, 1) == pytest.approx(0)
    assert of(0, 1) == pytest.approx(1 / 2)
    assert of(3, 0, 1) == pytest.approx(1 / 2)  # mean absolute difference 12/9 over twice the mean 4/3
    assert of(0, 0) == 0
    assert np.isnan(of(1))
    assert np.isnan(of(1, 2, outcome=Outcome.UNLICENSED))


def test_gini_is_the_mean_over_holders_with_two_licences() -> None:
    shared = {"outcome": Outcome.SETTLED_IN_COURT}
    found = metrics(
        {"holder": 0, "implementer": 0, "paid": 1, **shared},
        {"holder": 0, "implementer": 1, "paid": 0, **shared},
        {"holder": 1, "implementer": 0, "paid": 1, **shared},
        {"holder": 1, "implementer": 1, "paid": 1, **shared},
        {"holder": 2, "implementer": 0, "paid": 9, **shared},
    )
    assert found["gini"] == pytest.approx((0.5 + 0) / 2)


def test_courts_by_hand() -> None:
    found = metrics(
        {"filed": 1, "outcome": Outcome.SETTLED_IN_COURT, "months_pending": 12},
        {"filed": 1, "outcome": Outcome.COURT_RATE, "months_pending": 36, "injunction": 1},
        {"outcome": Outcome.ARBITRAL_AWARD, "months_pending": 18},
        {"outcome": Outcome.SETTLED_IN_COURT, "months_pending": 6},
        {"outcome": Outcome.NEGOTIATED},
    )
    assert found["talks_failed_rate"] == 4 / 5
    assert found["litigation_rate"] == 2 / 5
    assert found["settlement_share"] == 1 / 2  # what a tribunal alone has seen is no suit
    assert found["injunction_rate"] == 1 / 5
    assert found["court_load"] == pytest.approx(72 / 120 / 10)
    assert np.isnan(metrics({"outcome": Outcome.NEGOTIATED})["settlement_share"])


def test_months_are_measured_to_one_time_for_all() -> None:
    """The same talks begun late are no faster: followed for 70 months at least, all are cut at 70."""
    early = [{"months_to_licence": 120.0, "outcome": Outcome.UNLICENSED}] * 2
    late = [{"months_to_licence": 72.0, "outcome": Outcome.UNLICENSED, "notice_month": 48}] * 2
    slow = [{"months_to_licence": 90.0, "outcome": Outcome.NEGOTIATED}]
    setting = dataclasses.replace(SETTING, follow_up=70.0)
    for group in (early, late, slow):
        found = measure(rows(*group), setting).iloc[0]
        assert (found["months_to_licence"], found["median_months_to_licence"]) == (70, 70)


def test_every_counted_negotiation_is_followed_to_that_time() -> None:
    for name in ("cellular", "duopoly", "audio"):
        scenario = load_scenario(name, replications=3)
        played = run_chunk(build(scenario), scenario.seed, range(3))
        counted = played[played["counted"] == 1]
        setting = Setting.of(scenario)
        assert (setting.horizon - counted["notice_month"] >= setting.follow_up).all()
        assert setting.follow_up >= 36


def test_months_to_licence() -> None:
    licensed = [{"months_to_licence": m, "outcome": Outcome.NEGOTIATED} for m in (3.0, 9.0)]
    waiting = [{"months_to_licence": m, "outcome": Outcome.UNLICENSED} for m in (100.0, 110.0, 120.0)]
    found = metrics(*licensed, *waiting[:1])
    assert found["months_to_licence"] == pytest.approx(112 / 3)
    assert found["median_months_to_licence"] == 9
    assert metrics(*licensed, *waiting)["median_months_to_licence"] == 120  # never reached: restricted


def test_kaplan_meier_of_a_textbook_sample() -> None:
    # Freireich et al. (1963), remission under 6-MP, as in Kleinbaum and Klein (2012), table 2.1
    months = np.array([6, 6, 6, 7, 10, 13, 16, 22, 23, 6, 9, 10, 11, 17, 19, 20, 25, 32, 32, 34, 35], float)
    relapsed = np.arange(len(months)) < 9
    times, surviving = kaplan_meier(months, relapsed)
    known = {6: 0.857, 7: 0.807, 10: 0.753, 13: 0.690, 16: 0.627, 22: 0.538, 23: 0.448}
    found = dict(zip(times.tolist(), surviving.tolist(), strict=True))
    assert {t: round(found[t], 3) for t in known} == known
    assert restricted_median(months, relapsed) == 23


def test_only_counted_negotiations_enter_and_an_empty_cell_is_undefined() -> None:
    table = rows(
        {"outcome": Outcome.NEGOTIATED},
        {"outcome": Outcome.UNLICENSED, "counted": 0},
        {"outcome": Outcome.UNLICENSED, "counted": 0, "regime": 1},
    )
    found = by_regime(measure(table, SETTING))
    assert found["a"]["deadlock_rate"] == 0
    assert found["b"].pop("court_load") == 0
    assert all(np.isnan(value) for value in found["b"].values())


def test_opening_spread_needs_both_offers() -> None:
    found = metrics(
        {"first_ask": 0.02, "first_bid": 0.01},
        {"first_ask": np.nan, "first_bid": 0.01},
        {"first_ask": 0.02, "first_bid": np.nan},
    )
    assert found["opening_spread"] == pytest.approx(np.log(2))


def test_chunks_do_not_matter() -> None:
    luck = np.random.default_rng(5)
    table = np.zeros(240, OUTCOME)
    table["replication"], table["regime"] = np.repeat([0, 1, 2], 80), np.tile(np.repeat([0, 1], 40), 3)
    table["holder"], table["implementer"] = np.divmod(np.arange(240) % 40, 8)
    table["counted"] = table["holder"] != 4 * (table["replication"] == 1)
    for name in ("entitlement", "paid", "cost_holder", "months_to_licence", "margin_benchmark"):
        table[name] = luck.lognormal(size=240)
    whole = measure(table, SETTING)
    for replication in range(3):
        alone = measure(table[table["replication"] == replication], SETTING)
        assert alone.equals(whole.loc[[replication]])


def test_every_metric_is_documented_and_within_its_range() -> None:
    luck = np.random.default_rng(6)
    table = np.zeros(200, OUTCOME)
    table["counted"], table["filed"] = 1, luck.integers(0, 2, 200)
    table["outcome"] = luck.integers(0, len(Outcome), 200)
    for name in ("entitlement", "paid", "cost_holder", "cost_implementer", "margin_benchmark"):
        table[name] = luck.lognormal(size=200)
    everything = dataclasses.replace(SETTING, mechanisms=frozenset(MECHANISMS))
    found = by_regime(measure(table, everything))["a"]
    assert list(found) == list(METRICS)
    for name, metric in METRICS.items():
        assert metric.description, name
        assert metric.unit, name
        assert not found[name] < metric.low, name
        assert not found[name] > metric.high, name


def test_a_deadlock_without_a_cause_is_counted() -> None:
    table = rows(
        {"outcome": Outcome.UNLICENSED, "cause": Cause.NONE},
        {"outcome": Outcome.UNLICENSED, "cause": Cause.BELIEF},
        {"outcome": Outcome.NEGOTIATED, "cause": Cause.NONE},
        {"outcome": Outcome.EXIT, "cause": Cause.NONE, "counted": 0},
    )
    assert without_cause(table) == 1


def test_rates_over_the_same_pair_s_at_the_baseline() -> None:
    """Pairs 0 and 1 are licensed under both laws, pair 2 under one: premiums of ln 2, and ln 3 in court."""
    table = rows(
        {"negotiation": 0, "rate": 0.01},
        {"negotiation": 1, "rate": 0.01},
        {"negotiation": 2, "rate": np.nan},
        {"regime": 1, "negotiation": 0, "rate": 0.02},
        {"regime": 1, "negotiation": 1, "rate": 0.03, "outcome": Outcome.SETTLED_IN_COURT},
        {"regime": 1, "negotiation": 2, "rate": 0.05, "outcome": Outcome.SETTLED_IN_COURT},
    )
    cells = Negotiations(table, SETTING)
    assert MEASURES["rate_over_baseline"].rule(cells) == pytest.approx([0, (np.log(2) + np.log(3)) / 2])
    assert MEASURES["suit_premium_same_pair"].rule(cells)[1] == pytest.approx(np.log(3))
    assert np.isnan(MEASURES["suit_premium_same_pair"].rule(cells)[0])


def test_measures_against_the_baseline_are_those_it_moves() -> None:
    luck = np.random.default_rng(7)
    table = np.zeros(80, OUTCOME)
    table["counted"], table["entitlement"] = 1, 1
    table["regime"], table["negotiation"] = np.repeat([0, 1], 40), np.tile(np.arange(40), 2)
    table["outcome"] = luck.choice(np.array(AGREED), 80)
    for name in ("paid", "rate", "court_rate", "frand_rate", "months_to_licence", "margin_benchmark"):
        table[name] = luck.lognormal(size=80)
    here, there = (
        Negotiations(table, dataclasses.replace(SETTING, baseline=base, court_errors=(0.1, 0.4)))
        for base in (0, 1)
    )
    moved = {
        name
        for name, one in MEASURES.items()
        if not np.array_equal(one.rule(here), one.rule(there), equal_nan=True)
    }
    assert moved == OVER_BASELINE


def test_bargains_after_a_court_s_rate_by_hand() -> None:
    """Holder 0's first court rate takes effect in month 30, with pairs 2 to 4 open; holder 1 has none."""
    negotiated, settled, rate = Outcome.NEGOTIATED, Outcome.SETTLED_IN_COURT, Outcome.COURT_RATE
    ends = [
        # holder, month, months, rate / FRAND rate, outcome
        (0, 10, 6, np.exp(0.5), negotiated),
        (0, 30, 26, np.exp(0.1), rate),
        (0, 31, 20, np.exp(-0.2), negotiated),
        (0, 44, 40, np.exp(0.4), settled),
        (0, 60, 60, np.exp(0.1), rate),
        (1, 50, 44, np.exp(-0.3), negotiated),
        (1, 20, 12, np.exp(0.1), Outcome.ARBITRAL_AWARD),
        (1, 120, 100, np.nan, Outcome.NOT_ADOPTED),
    ]
    table = rows(
        *(
            {
                "holder": holder,
                "licence_month": month,
                "months_to_licence": months,
                "frand_rate": 0.01,
                "rate": 0.01 * ratio,
                "outcome": outcome,
            }
            for holder, month, months, ratio, outcome in ends
        )
    )
    cells = Negotiations(table, SETTING)
    found = {name: MEASURES[name].rule(cells)[0] for name in MEASURES if name.endswith("after_court_rate")}
    assert found == pytest.approx(
        {
            "bargains_after_court_rate": 3 / 7,
            "rate_error_after_court_rate": (0.2 + 0.4) / 2 - (0.5 + 0.3) / 2,
            "months_after_court_rate": (20 + 40 + 60) / 3 - (6 + 26 + 44 + 12) / 4,
            "negotiated_after_court_rate": 1 / 3 - 2 / 4,
        }
    )
    without = Negotiations(table[table["holder"] == 1], SETTING)
    assert MEASURES["bargains_after_court_rate"].rule(without)[0] == 0
    assert np.isnan(MEASURES["rate_error_after_court_rate"].rule(without)[0])


def test_renewals_by_hand() -> None:
    setting = dataclasses.replace(SETTING, mechanisms=frozenset({"renewal", "doubt"}))
    table = rows(
        {"licences_ended": 2, "renewals": 1, "months_lapsed": 12, "bond": 0.5, "rate": 0.1, "threats": 3},
        {"licences_ended": 1, "renewals": 1, "months_lapsed": 4, "bond": 1, "rate": 0.1, "under_threat": 1},
        {"licences_ended": 0, "renewals": 0, "months_lapsed": 0, "bond": 0, "rate": np.nan, "threats": 3},
    )
    found = by_regime(measure(table, setting))["a"]
    assert found["renewal_rate"] == pytest.approx(2 / 3)
    assert found["months_lapsed"] == pytest.approx(8)
    assert found["relationship"] == pytest.approx(0.5)
    assert found["threats_made"] == pytest.approx(2)
    assert found["signed_under_threat"] == pytest.approx(0.5)
    assert "renewal_rate" not in metrics({"licences_ended": 1})


def test_new_trials_by_hand() -> None:
    setting = dataclasses.replace(SETTING, mechanisms=frozenset({"remand"}))
    table = rows(
        {"judgments": 2, "vacated": 1, "retried": 1},
        {"judgments": 1, "vacated": 1, "retried": 0},
        {"judgments": 1},
        {"judgments": 0},
    )
    found = by_regime(measure(table, setting))["a"]
    assert found["judgments_vacated"] == pytest.approx(2 / 4)
    assert found["retrial_rate"] == pytest.approx(1 / 2)
    assert "judgments_vacated" not in metrics({"vacated": 1})
