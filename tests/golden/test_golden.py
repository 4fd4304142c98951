"""The golden table: what the duopoly's first replications come to under every built-in regime.

``make golden`` rewrites it; the changelog must then say *Results change*.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from simulator.spec.load import builtin, load_scenario
from simulator.vocabulary import Cause, Outcome
from tests.play import outcomes

TABLE = Path(__file__).with_name("duopoly.csv")
WORDS = ["regime", "holder_strategy", "implementer_strategy", "outcome", "cause"]
COUNTS = ["replication", "licence_month", "filing_month", "judgments", "rounds", "disclosures", "faults"]
AMOUNTS = ["rate", "court_rate", "paid", "cost_holder", "cost_implementer", "margin_lost", "escrow_cost"]


def played() -> pd.DataFrame:
    """Six replications under every regime, codes as words."""
    names = sorted(builtin("regimes"))
    one = load_scenario("duopoly", regimes=names, replications=6, seed=1)
    rows = outcomes(one)
    frame = pd.DataFrame({name: rows[name] for name in WORDS + COUNTS + AMOUNTS})
    parties = list(one.strategies)
    return frame.assign(
        regime=[names[code] for code in frame["regime"]],
        holder_strategy=[parties[code] for code in frame["holder_strategy"]],
        implementer_strategy=[parties[code] for code in frame["implementer_strategy"]],
        outcome=[Outcome(code).name.lower() for code in frame["outcome"]],
        cause=[Cause(code).name.lower() for code in frame["cause"]],
    )


@pytest.fixture(scope="module")
def now(rewrite_golden: bool) -> pd.DataFrame:
    table = played()
    if rewrite_golden:
        table.to_csv(TABLE, index=False, float_format="%.15g", lineterminator="\n")
    return table


@pytest.fixture(scope="module")
def golden(now: pd.DataFrame) -> pd.DataFrame:
    return pd.read_csv(TABLE, keep_default_na=False, na_values=[""])


def test_same_regimes(now: pd.DataFrame, golden: pd.DataFrame) -> None:
    assert list(now["regime"]) == list(golden["regime"]), "regimes changed: make golden"


@pytest.mark.parametrize("column", WORDS + COUNTS)
def test_same_words_and_counts(now: pd.DataFrame, golden: pd.DataFrame, column: str) -> None:
    assert list(now[column]) == list(golden[column])


@pytest.mark.parametrize("column", AMOUNTS)
def test_same_amounts(now: pd.DataFrame, golden: pd.DataFrame, column: str) -> None:
    """To a billionth: machines differ in the last bits of exp and log."""
    np.testing.assert_allclose(now[column], golden[column], rtol=1e-9, atol=1e-12)
