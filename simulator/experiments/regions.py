"""Where regimes stand to the baseline over the sampled parameter space, and what turns it.

Read over the points of the uncertainties alone: an experiment with levers too says how regimes stand at
each of their values in its other tables.
"""

from __future__ import annotations

from dataclasses import asdict, fields
from functools import lru_cache
from typing import Any

import numpy as np
import pandas as pd

from simulator.experiments.sweep import Sweep, metric_of
from simulator.outcomes.negotiations import Values, quotient
from simulator.statistics.discovery import Region, boxes, region
from simulator.statistics.intervals import ROUNDING

FLIPS = 0.1
"""Least share in separating a region from which a parameter is said to turn a sign."""
LEAST = 20
"""Points from which a tree is asked where a sign holds."""


@lru_cache(maxsize=1)
def regions(sweep: Sweep) -> pd.DataFrame:
    """One row an outcome and regime: the share of points at which it is ahead of the baseline.

    Only outcomes of which more, or less, is better, and only where uncertainties alone are varied; else
    empty.  ``share, low, high, points, ahead, behind, open`` as ``discovery.Region`` has them; ``flips``:
    parameters that turn the sign, most important first; ``where``: a box in which it is ahead.
    """
    plan, rows = sweep.experiment, []
    base, market = plan.scenario.baseline, plan.scenario.market.market
    if len(sweep.points) > 1 and not plan.levers and sweep.covers:
        for outcome in plan.outcomes:
            for regime in sweep.others if metric_of(outcome).better else ():
                held = region(
                    gaps(sweep, outcome, regime),
                    1,
                    plan.scenario.seed,
                    span=metric_of(outcome).span,
                    equal=regime in sweep.alike,
                )
                mean = by_point(gaps(sweep, outcome, regime))
                holds = np.where(np.isnan(mean), np.nan, mean > ROUNDING)
                turned = turning(sweep, holds)
                rows.append(
                    {"metric": outcome, "regime": regime, "baseline": base, "market": market}
                    | asdict(held)
                    | turned
                )
    named = [
        "metric",
        "regime",
        "baseline",
        "market",
        *(one.name for one in fields(Region)),
        "flips",
        "where",
    ]
    return pd.DataFrame(rows, columns=pd.Index(named))


def gaps(sweep: Sweep, outcome: str, regime: str) -> Values:
    """By how much a regime does better than the baseline: (replications, points), above 0 is better."""
    values = sweep.values[..., sweep.experiment.outcomes.index(outcome)]
    base = sweep.regimes.index(sweep.experiment.scenario.baseline)
    ahead_by: Values = metric_of(outcome).better * (
        values[:, :, sweep.regimes.index(regime)] - values[:, :, base]
    )
    return ahead_by


def by_point(gap: Values) -> Values:
    """A gap at each point, mean over the replications in which it is defined."""
    defined = ~np.isnan(gap)
    return quotient(np.where(defined, gap, 0.0).sum(axis=0), defined.sum(axis=0))


def turning(sweep: Sweep, holds: Values) -> dict[str, Any]:
    """What separates the points at which something holds (1) from those at which it does not (0; nan: open).

    ``flips``: uncertainties that turn it, most important first; ``where``: a box it holds in.  Both empty
    where it holds everywhere or nowhere, or a tree says no more than a guess.
    """
    known = ~np.isnan(holds)
    held = holds[known] == 1
    nothing = {"flips": "", "where": ""}
    if known.sum() < LEAST or min(held.sum(), (~held).sum()) < 5:
        return nothing
    pieces = boxes(pd.DataFrame(sweep.points)[known], held, sweep.experiment.scenario.seed)
    if not pieces.accuracy > pieces.guess:
        return nothing
    chief = pieces.importance[pieces.importance["importance"] >= FLIPS].index[:3]
    inside = pieces.boxes[pieces.boxes["holds"]]
    box = inside.iloc[0] if len(inside) else None
    where = "" if box is None else f"{box['where']} ({100 * box['density']:.0f} % of {box['points']} points)"
    return {"flips": ", ".join(map(str, chief)), "where": where}
