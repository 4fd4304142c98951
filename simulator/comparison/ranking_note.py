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
POINT = "This order is that of one point of the parameter space"
"""How the note begins."""


def region_note(scenario: Scenario, winner: str, regions: pd.DataFrame | None = None) -> str:
    """One sentence on where the order of regimes holds, about the ``winner``: the regime that is shown first.

    ``regions`` is the table of regions of that experiment, handed in by whoever has it.

    The share of the plausible parameter space is told of the winner against the same baseline in the same
    market; where the table does not know it, or market or law are others, only that this is one point.
    """
    if regions is None:
        return f"{POINT}: see the experiment {EXPERIMENT}."
    laws = {law.regime: law for law in scenario.regimes}
    known = regions[
        (regions["market"] == scenario.market.market)
        & (regions["baseline"] == scenario.baseline)
        & (regions["regime"] == winner)
    ]
    title = laws[winner].title
    whole = set(READ) <= set(known["metric"])
    if not whole or not _as_shipped(scenario, [laws[winner], laws[scenario.baseline]]):
        open_to = f'how far the lead of "{title}" holds beyond it'
        return f"{POINT}; {open_to} the experiment {EXPERIMENT} does not say."
    rows = known.set_index("metric").to_dict("index")
    shares = []
    for name in READ:
        row, metric = rows[name], METRICS[name]
        better = "higher" if metric.better > 0 else "lower"
        bounds = interval(row["low"], row["high"], "share")
        shares.append(f"a {better} {metric.title} in {value(row['share'], 'share')} % {bounds}".rstrip())
    return (
        f"{POINT}. Over {rows[READ[0]]['points']:.0f} points of its plausible part "
        f'"{title}" has, beside "{laws[scenario.baseline].title}", {" and ".join(shares)} '
        f"(experiment {EXPERIMENT})."
    )


def _as_shipped(scenario: Scenario, laws: Sequence[Regime]) -> bool:
    """Whether market and laws are those the experiment played: nothing set, no procedure taken over."""
    if scenario.set or load_market(scenario.market.market) != scenario.market:
        return False
    shipped = builtin("regimes")
    return all(law.regime in shipped and load_regime(law.regime) == law for law in laws)
