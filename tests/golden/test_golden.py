"""The golden tables: what the duopoly, small markets and drawn ones come to, what firms reckon with.

``make golden`` rewrites them; the changelog must then say *Results change*.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import pandas as pd
import pytest

from simulator.spec.load import builtin, load_scenario
from simulator.vocabulary import Cause, Outcome
from tests.golden.courts import COURTS
from tests.golden.drawn import drawn, written
from tests.golden.firms import FIRMS
from tests.play import Rows, film, outcomes

MARKETS = COURTS | FIRMS
HERE = Path(__file__).parent
REGIMES = sorted(builtin("regimes"))
WORDS = ["regime", "holder_strategy", "implementer_strategy", "outcome", "cause"]
COUNTS = ["replication", "licence_month", "filing_month", "judgments", "rounds", "disclosures", "faults"]
AMOUNTS = ["rate", "court_rate", "paid", "cost_holder", "cost_implementer", "margin_lost", "escrow_cost"]
LOOKS = (2, 8, 19)
"""Months at which the small markets are looked at."""
RECKONED = [
    "status", "step", "w_h", "l_i", "r_h", "r_i", "fault_h", "fault_i", "mu_h", "v_h", "mu_i", "v_i",
    "estimate", "last_ask", "last_bid", "cost_h", "cost_i",
]  # fmt: skip
"""What is looked at: where the pair stands, what each side makes of the court, its ledger, its belief."""


def duopoly(regime: str) -> pd.DataFrame:
    """Six replications of the duopoly under a regime, codes as words."""
    one = load_scenario("duopoly", regimes=[regime], replications=6, seed=1)
    rows = outcomes(one)
    frame = pd.DataFrame({name: rows[name] for name in WORDS + COUNTS + AMOUNTS})
    parties = list(one.strategies)
    return frame.assign(
        regime=regime,
        holder_strategy=[parties[code] for code in frame["holder_strategy"]],
        implementer_strategy=[parties[code] for code in frame["implementer_strategy"]],
        outcome=[Outcome(code).name.lower() for code in frame["outcome"]],
        cause=[Cause(code).name.lower() for code in frame["cause"]],
    )


def ends(name: str) -> pd.DataFrame:
    """Every outcome of a small market, codes as they are."""
    return coded(outcomes(MARKETS[name]()), name)


def lots(name: str) -> pd.DataFrame:
    """Every outcome of a market drawn by lot, codes as they are."""
    with TemporaryDirectory() as folder:
        return coded(outcomes(written(drawn()[int(name.removeprefix("lot"))], Path(folder))), name)


def coded(rows: Rows, name: str) -> pd.DataFrame:
    """The outcomes of a market, codes as they are."""
    frame = pd.DataFrame({column: rows[column] for column in rows.dtype.names or ()})
    return frame.assign(market=name)


def looks(name: str) -> pd.DataFrame:
    """What the pairs of a small market reckon with in some months of the first replication."""
    one = MARKETS[name]()
    frames = []
    for r in range(len(one.regimes)):
        played = film(one, r=r, months=LOOKS[-1] + 1).decided
        for month in LOOKS:
            frame = pd.DataFrame({field: played[field][month] for field in RECKONED})
            frames.append(frame.assign(market=name, regime=r, month=month))
    return pd.concat(frames, ignore_index=True)


TABLES: dict[str, tuple[Callable[[str], pd.DataFrame], str, Iterable[str]]] = {
    "duopoly": (duopoly, "regime", REGIMES),
    "ends": (ends, "market", MARKETS),
    "looks": (looks, "market", MARKETS),
    "drawn": (lots, "market", [f"lot{place}" for place in range(len(drawn()))]),
}
"""How a part of each table is played, the column that names it, and the parts."""
PARTS = [(table, part) for table, (_, _, parts) in TABLES.items() for part in parts]


@pytest.fixture(scope="module")
def golden(rewrite_golden: bool) -> dict[str, pd.DataFrame]:
    """The tables as they are kept, written first if that is asked for."""
    kept = {}
    for table, (play, _, parts) in TABLES.items():
        path = HERE / f"{table}.csv"
        if rewrite_golden:
            whole = pd.concat([play(part) for part in parts], ignore_index=True)
            whole.to_csv(path, index=False, float_format="%.15g", lineterminator="\n")
        kept[table] = pd.read_csv(path, keep_default_na=False, na_values=[""])
    return kept


@pytest.mark.parametrize("table", TABLES)
def test_the_same_parts(golden: dict[str, pd.DataFrame], table: str) -> None:
    _, column, parts = TABLES[table]
    assert list(golden[table][column].unique()) == list(parts), "parts changed: make golden"


@pytest.mark.parametrize(("table", "part"), PARTS)
def test_the_same_rows(golden: dict[str, pd.DataFrame], table: str, part: str) -> None:
    """Words and counts to the letter, amounts to a billionth: machines differ in the last bits of exp."""
    play, column, _ = TABLES[table]
    now, then = play(part), golden[table]
    then = then[then[column] == part]
    assert set(now) == set(then)
    for name in now:
        if now[name].dtype.kind == "f":
            np.testing.assert_allclose(now[name], then[name], rtol=1e-9, atol=1e-12, err_msg=name)
        else:
            assert list(now[name]) == list(then[name]), name
