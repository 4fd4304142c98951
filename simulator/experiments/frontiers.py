"""Where a strategy stops to pay: the difference of two outcomes over the map of the first two levers."""

from __future__ import annotations

from functools import lru_cache

import pandas as pd

from simulator.experiments.sweep import Sweep, averaged, estimate, metric_of


@lru_cache(maxsize=1)
def frontier_map(sweep: Sweep) -> pd.DataFrame:
    """One row a frontier, regime and pair of values of the first two levers; empty without frontiers.

    ``gap, low, high``: one outcome less the other with its paired 95 % interval, other levers and the
    points averaged over inside each replication; the frontier runs where ``gap`` is 0.
    """
    plan, rows = sweep.experiment, []
    for frontier in plan.frontiers:
        first, second = plan.levers[:2]
        ours, theirs = (plan.outcomes.index(name) for name in (frontier.outcome, frontier.minus))
        one_range, other = (metric_of(name) for name in (frontier.outcome, frontier.minus))
        bounds = (one_range.low - other.high, one_range.high - other.low)
        gap = sweep.values[..., ours] - sweep.values[..., theirs]
        for x in first.values:
            for y in second.values:
                cells = [
                    k
                    for k, cell in enumerate(sweep.cells_played)
                    if (cell[first.name], cell[second.name]) == (x, y)
                ]
                mean = averaged(gap[:, cells])
                gaps = estimate(mean, *bounds, gap=True)
                for place, regime in enumerate(sweep.regimes):
                    rows.append(
                        {
                            "frontier": frontier.frontier,
                            "regime": regime,
                            first.name: x,
                            second.name: y,
                            "gap": gaps["mean"][place],
                            "low": gaps["lo"][place],
                            "high": gaps["hi"][place],
                        }
                    )
    return pd.DataFrame(rows)
