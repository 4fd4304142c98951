"""Where a ranking that is about to be shown holds, read from what the experiment on rankings found."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from simulator.outcomes.measures import METRICS
from simulator.spec.find import builtin
from simulator.spec.load import load_market, load_regime
from simulator.spec.regime import Regime
from simulator.spec.scenario import Scenario
from simulator.writing.numbers import interval, value

EXPERIMENT = "where_rankings_hold"
READ = ("efficiency", "deadlock_rate")


def region_note(scenario: Scenario, order: Sequence[str], regions: pd.DataFrame | None = None) -> str:
    """One sentence on where the order of regimes holds; ``order``: best first.

    ``found`` is the table of regions of that experiment, handed in by whoever has it.

    The share of the plausible parameter space is told of the first regime that the table
    knows, against the same baseline in the same market; where market or law are others, or no table is
    at hand, only that this is one point.
    """
    if regions is None:
        regions = pd.DataFrame(columns=["market", "baseline", "regime"])
    known = regions[
        (regions["market"] == scenario.market.market) & (regions["baseline"] == scenario.baseline)
    ]
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
