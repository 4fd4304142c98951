"""The same payoffs inside a running market: stack, comparables and the docket make them depend on the mix.

The bimatrix theorems hold for isolated pairs only, so the gap between the two is reported for every cell.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import product
from typing import Any

import numpy as np
import pandas as pd

from simulator.batch.runner import play
from simulator.evolution.game import CHANNELS, EmpiricalGame, GamePlan, Values, channels
from simulator.spec.scenario import Scenario

PAYOFFS = ("holder", "implementer")


@dataclass(frozen=True)
class Tally:
    """Sums over the pairs of a market: (replications, strata, m, n) pairs, the same with (2,) of payoffs."""

    pairs: Values
    sums: Values


def tally(plan: GamePlan, replications: int, *, workers: int = 1) -> Tally:
    """The market of a plan at its current mix, every pair laid to its cell and pair of groups."""
    market = plan.scenario.market
    theirs, ours = (
        np.repeat(np.arange(len(side)), [one.count for one in side])
        for side in (market.holders, market.implementers)
    )
    row, column = (_places(plan.scenario, side) for side in (plan.holders, plan.implementers))
    shape = (replications, len(plan.weights()), len(plan.holders), len(plan.implementers))
    pairs, sums = np.zeros(shape), np.zeros((2, *shape))

    def take(_: int, rows: Any) -> None:
        stratum = theirs[rows["holder"]] * len(market.implementers) + ours[rows["implementer"]]
        i, j = row[rows["holder_strategy"]], column[rows["implementer_strategy"]]
        known = (i >= 0) & (j >= 0)
        place = tuple(index[known] for index in (rows["replication"], stratum, i, j))
        values = channels(rows[known])
        np.add.at(pairs, place, 1.0)
        for k, name in enumerate(PAYOFFS):
            np.add.at(sums[k], place, values[:, CHANNELS.index(name)])

    longer = plan.scenario.model_copy(update={"replications": replications})
    play(longer, workers=workers, take=take, on_error="stop")
    return Tally(pairs, sums)


def _places(scenario: Scenario, side: tuple[str, ...]) -> Any:
    """The place of each strategy's code in a side of the game; -1 where it is not in it."""
    return np.array([side.index(name) if name in side else -1 for name in scenario.strategies])


def gaps(plan: GamePlan, game: EmpiricalGame, replications: int, *, workers: int = 1) -> pd.DataFrame:
    """Payoffs inside the market less those of isolated pairs of the same groups, with standard errors.

    One row per cell and side, share of E.  Isolated payoffs are weighted by the pairs the market had of each
    pair of groups, so that the composition of the cell is the same on both sides; ``pairs`` counts them.
    A cell the market's mix does not hold is missing.
    """
    seen = tally(plan, replications, workers=workers)
    held = seen.pairs.sum(axis=0)
    share = np.divide(held, held.sum(axis=0), out=np.zeros_like(held), where=held.sum(axis=0) > 0)
    rows = []
    for k, side in enumerate(PAYOFFS):
        alone = (game.samples[:, :, CHANNELS.index(side)] * share).sum(axis=1)
        for i, j in product(range(len(plan.holders)), range(len(plan.implementers))):
            if held[:, i, j].sum() == 0:
                continue
            inside, error = ratio(seen.sums[k, :, :, i, j].sum(axis=1), seen.pairs[:, :, i, j].sum(axis=1))
            apart, noise = (
                float(alone[:, i, j].mean()),
                float(alone[:, i, j].std(ddof=1) / np.sqrt(len(alone))),
            )
            rows.append(
                {
                    "regime": plan.regime,
                    "side": side,
                    "holder_strategy": plan.holders[i],
                    "implementer_strategy": plan.implementers[j],
                    "isolated": apart,
                    "market": inside,
                    "gap": inside - apart,
                    "gap_se": float(np.hypot(error, noise)),
                    "pairs": int(held[:, i, j].sum()),
                }
            )
    return pd.DataFrame(rows)


def ratio(parts: Values, wholes: Values) -> tuple[float, float]:
    """Ratio of two sums over replications and its standard error (delta method, replications independent).

    >>> ratio(np.array([1.0, 3.0]), np.array([1.0, 3.0]))
    (1.0, 0.0)
    """
    centre = parts.sum() / wholes.sum()
    count = len(parts)
    spread = np.sqrt(((parts - centre * wholes) ** 2).sum() * count / max(count - 1, 1))
    return float(centre), float(spread / wholes.sum())


def at_mix(scenario: Scenario, holders: Mapping[str, float], implementers: Mapping[str, float]) -> Scenario:
    """The scenario with these mixes of strategies in every group of each side."""
    market = scenario.market
    sides = {
        "holders": tuple(one.model_copy(update={"strategies": _mix(holders)}) for one in market.holders),
        "implementers": tuple(
            one.model_copy(update={"strategies": _mix(implementers)}) for one in market.implementers
        ),
    }
    return scenario.model_copy(update={"market": market.model_copy(update=sides)})


def _mix(shares: Mapping[str, float]) -> dict[str, float]:
    """Positive shares that sum to one."""
    total = math.fsum(shares.values())
    return {name: float(share) / total for name, share in shares.items() if share > 0}
