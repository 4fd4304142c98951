"""Where a ranking that is about to be shown holds, read from the results of the experiment on rankings."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pandas as pd

from simulator.findings.measures import METRICS
from simulator.findings.wording import interval, value
from simulator.spec.find import builtin, root
from simulator.spec.load import load_market, load_regime
from simulator.spec.regime import Regime
from simulator.spec.scenario import Scenario

EXPERIMENT = "where_rankings_hold"
READ = ("efficiency", "deadlock_rate")


def region_note(scenario: Scenario, order: Sequence[str], results: Path | None = None) -> str:
    """One sentence on where the order of regimes holds; ``order``: best first.

    The share of the plausible parameter space is told of the first regime that the committed experiment
    knows, against the same baseline in the same market; where market or law are others, or no results are
    at hand, only that this is one point.
    """
    path = (results or root().parent / "results") / EXPERIMENT / "regions.csv"
    found = pd.read_csv(path) if path.is_file() else pd.DataFrame(columns=["market", "baseline", "regime"])
    known = found[(found["market"] == scenario.market.market) & (found["baseline"] == scenario.baseline)]
    laws = {law.regime: law for law in scenario.regimes}
    top = next((name for name in order if name in set(known["regime"])), None)
    if top is None or not _as_shipped(scenario, [laws[top], laws[scenario.baseline]]):
        return f"This order is that of one point of the parameter space: see the experiment {EXPERIMENT}."
    rows = known[known["regime"] == top].set_index("metric").to_dict("index")
    shares = []
    for name in READ:
        row, metric = rows[name], METRICS[name]
        better = "higher" if metric.better > 0 else "lower"
        bounds = interval(row["low"], row["high"], "share")
        shares.append(f"a {better} {metric.title} in {value(row['share'], 'share')} % {bounds}".rstrip())
    return (
        "This order is that of one point of the parameter space. Over "
        f"{rows[READ[0]]['points']:.0f} points of its plausible part {top} has, beside {scenario.baseline}, "
        f"{' and '.join(shares)} (experiment {EXPERIMENT})."
    )


def _as_shipped(scenario: Scenario, laws: Sequence[Regime]) -> bool:
    """Whether market and laws are those the experiment played: nothing set, no procedure taken over."""
    if scenario.set or load_market(scenario.market.market) != scenario.market:
        return False
    shipped = builtin("regimes")
    return all(law.regime in shipped and load_regime(law.regime) == law for law in laws)
