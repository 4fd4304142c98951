"""The frontier of real cost, underpayment and overpayment: its sums, its order, who beats whom."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pandas as pd
import pytest

from simulator.comparison.frontier import FRONTIER, KINDS, PARTS, frontier, in_words, kind, ranked
from simulator.comparison.tables import Tables
from simulator.report.answer import answer
from simulator.spec.load import load_regime, load_scenario
from simulator.statistics.paired import summarise
from simulator.study import compare, run

NAMES = ["none", "us-2021-draft", "upc", "uk-global", "us-ebay"]


@pytest.fixture(scope="module")
def tables() -> Tables:
    return compare(load_scenario("duopoly", regimes=[*NAMES, "staged-baseline"], replications=20)).tables


def test_the_parts_add_up_to_real_cost_in_every_replication(tables: Tables) -> None:
    values = tables.evidence.values
    np.testing.assert_allclose(values[list(PARTS)].sum(axis=1), values["dissipation"], rtol=1e-12, atol=1e-15)
    np.testing.assert_allclose(1 - values["efficiency"], values["dissipation"], rtol=1e-9, atol=1e-12)
    assert (values[list(PARTS)] >= 0).all().all()


def test_the_table_adds_up(tables: Tables) -> None:
    found = tables.frontier
    np.testing.assert_allclose(found[list(PARTS)].sum(axis=1), found["real_cost"], rtol=1e-12)
    np.testing.assert_allclose(found[list(FRONTIER)].sum(axis=1), found["sum"], rtol=1e-12)
    net = 1 - found["underpaid"] + found["overpaid"]
    np.testing.assert_allclose(net, tables.means["effective_rate_over_frand"], rtol=1e-9)


def test_the_law_in_force_comes_first_and_yardsticks_last(tables: Tables) -> None:
    kinds = tables.frontier["kind"].tolist()
    assert kinds == sorted(kinds, key=KINDS.index)
    assert set(kinds) == set(KINDS)
    for name, cost in tables.frontier.groupby("kind", sort=False)["real_cost"]:
        assert all(a <= b for a, b in pairwise(cost)), name
    assert tables.order == list(tables.frontier.index)


def planted(**means: tuple[float, float, float]) -> pd.DataFrame:
    """Who is beaten where K, U and O have these means in 50 replications, with little luck."""
    rng = np.random.default_rng(1)
    regimes = {name: load_regime(name.replace("_", "-")) for name in means}
    index = pd.MultiIndex.from_product([range(50), means], names=["replication", "regime"])
    drawn = np.array([list(means.values())] * 50) + rng.normal(0, 0.01, (50, len(means), 3))
    units = pd.DataFrame(drawn.reshape(-1, 3), index=index, columns=list(FRONTIER.values()))
    for part in (*PARTS, "months_to_licence"):
        units[part] = 0.1
    return frontier(units, summarise(units), list(means), regimes)


def test_beaten_is_who_has_more_of_all_three_than_a_law_in_force() -> None:
    found = planted(
        upc=(0.1, 0.1, 0.1), us_ebay=(0.2, 0.2, 0.2), uk_global=(0.3, 0.05, 0.3), none=(0.05, 0.05, 0.05)
    )
    assert found["beaten_by"].to_dict() == {"upc": "", "us_ebay": "upc", "uk_global": "", "none": ""}
    assert found["surely_beaten_by"].to_dict()["us_ebay"] == "upc"
    near = planted(upc=(0.1, 0.1, 0.1), us_ebay=(0.2, 0.2, 0.1001))
    assert near["surely_beaten_by"].to_dict()["us_ebay"] == ""  # of overpayment luck may be all


def test_kinds_are_told_apart() -> None:
    regimes = {name: load_regime(name) for name in NAMES}
    assert {name: kind(regimes[name]) for name in ("none", "us-2021-draft", "upc")} == {
        "none": "yardsticks",
        "us-2021-draft": "other texts",
        "upc": "law in force",
    }
    efficiency = dict(zip(NAMES, (1.0, 0.9, 0.5, 0.7, 0.6), strict=True))
    assert ranked(efficiency, regimes) == ["uk-global", "us-ebay", "upc", "us-2021-draft", "none"]


def test_switching_values_in_words() -> None:
    assert in_words("above", 2.5, "A", "B", "unpaid").endswith("costs society more than 250 cents.")
    assert in_words("above", 12.0, "A", "B", "unpaid").endswith("costs society more than 12 dollars.")
    for switch in ("always", "undetermined"):
        assert "A beats B" in in_words(switch, float("nan"), "A", "B", "unpaid")


def test_the_answer_is_about_the_law_in_force_and_tells_yardsticks_apart(tables: Tables) -> None:
    said = answer(tables)
    law = tables.frontier[tables.frontier["kind"] == KINDS[0]]
    assert said.about == KINDS[0]
    assert said.said["Does best"].startswith(f"“{law['title'].iloc[0]}”")
    assert law["real_cost"].iloc[0] == law["real_cost"].min()
    least = str(law["sum"].idxmin())
    assert tables.regimes[least].title in said.said["At which price"] or least == law.index[0]
    for title in tables.frontier["title"][tables.frontier["kind"] == KINDS[2]]:
        assert title not in " ".join(said.said.values())
        assert any(title in line for line in said.yardsticks)


def test_without_law_the_answer_is_about_what_there_is() -> None:
    apart = compare(load_scenario("duopoly", regimes=["staged-baseline", "none"], replications=4)).tables
    said = answer(apart)
    assert (said.about, said.yardsticks) == (KINDS[2], [])
    alone = run(load_scenario("duopoly", replications=1), "upc").tables
    assert list(answer(alone).said) == ["What it does"]
