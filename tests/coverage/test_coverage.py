"""The study of coverage on five metrics: what is not doubted covers, what does not cover is doubted."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from simulator.comparison.covariates import covariates
from simulator.outcomes.further_measures import MEASURES
from simulator.spec.load import load_scenario
from simulator.statistics.doubts import STUDIED, studied
from tests.coverage.study import (
    BATCHES,
    MARKETS,
    PAGE,
    SIZES,
    by_metric,
    controlled_study,
    outside,
    study,
    truth,
)

FIVE = ("deadlock_rate", "efficiency", "months_to_licence", "effective_rate_over_frand", "hold_up_index")
PLAYED = 1000


@pytest.fixture(scope="module", params=MARKETS)
def market(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture(scope="module")
def cells(market: str) -> pd.DataFrame:
    values, _ = truth(market, PLAYED)
    return study(values, FIVE, batches=400)


@pytest.mark.slow
def test_an_interval_that_nothing_is_said_of_covers(cells: pd.DataFrame) -> None:
    """Among batches without a caution, by size and kind; the deadlocks of one pair come in steps."""
    for _, part in cells.groupby(["n", "kind"]):
        quiet = part[part["quiet_batches"] >= 100]
        covered = float(np.average(quiet["quiet"], weights=quiet["quiet_batches"]))
        assert 0.92 <= covered <= 0.99
        assert (quiet["quiet"] >= 0.85).all()


@pytest.mark.slow
def test_where_intervals_fail_the_report_says_so(cells: pd.DataFrame) -> None:
    failed = cells[cells["covered"] < 0.88]
    assert (failed["cautioned"] > 0.5).all()
    assert (failed["why"] != "").all()


@pytest.mark.slow
def test_tests_keep_their_level_at_the_truth(cells: pd.DataFrame) -> None:
    """Five per cent, less where outcomes come in steps; more only where the report doubts them."""
    trusted = cells[cells["cautioned"] < 0.2]
    assert float(trusted["size"].mean()) <= 0.065
    assert (trusted["size"] <= 0.13).all()


@pytest.mark.slow
def test_controlled_differences_cover(market: str) -> None:
    values, _ = truth(market, PLAYED)
    known, _ = covariates(load_scenario(market), range(PLAYED))
    found = controlled_study(values, known, FIVE, batches=100)
    quiet = found[found["quiet_batches"] > 20]
    assert float(np.average(quiet["quiet"], weights=quiet["quiet_batches"])) == pytest.approx(0.95, abs=0.03)
    assert float(found["gain"].median()) > 1


def test_the_page_is_that_of_the_study() -> None:
    text = PAGE.read_text(encoding="utf-8")
    assert f"{BATCHES:,} batches" in text
    for name in MARKETS:
        for n in SIZES:
            assert f"## {name}: levels, {n} replications" in text
            assert f"## {name}: differences, {n} replications" in text


def test_every_metric_that_the_page_marks_is_named_in_a_report_of_that_size() -> None:
    marked = outside(PAGE.read_text(encoding="utf-8"))
    pd.testing.assert_frame_equal(marked, pd.read_csv(STUDIED))
    assert len(marked) > 100
    for size in (*SIZES, 5, 64, 1000):
        nearest = max((n for n in SIZES if n <= size), default=min(SIZES))
        said = " ".join(studied(size))
        assert f"At {nearest} replications" in said
        for row in marked[marked["n"] == nearest].to_dict("records"):
            assert f"{MEASURES[row['metric']].title}" in said


def test_a_planted_skew_is_found_and_explained() -> None:
    """Outcomes with 2 % of heavy losses: their intervals fail at n = 20, and the study says why."""
    luck = np.random.default_rng(2)
    names = list(MEASURES)
    values = luck.normal(1, 0.1, size=(2000, 2, len(names)))
    values[..., names.index("deadlock_rate")] = luck.random((2000, 2)) < 0.02
    values[..., names.index("efficiency")] -= 20 * values[..., names.index("deadlock_rate")]
    found = study(values, ("efficiency", "royalty_income"), sizes=(20,), batches=1000)
    rows = by_metric(found).query("kind == 'level'").to_dict("records")
    worst, fine = ({str(name): cell for name, cell in row.items()} for row in rows)
    assert worst["covered"] < 0.6
    assert worst["cautioned"] > 0.99
    assert worst["mark"] == "narrow"
    assert "rare" in worst["why"] or "skewed" in worst["why"]
    assert fine["covered"] == pytest.approx(0.95, abs=0.03)
