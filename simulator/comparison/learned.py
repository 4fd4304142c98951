"""Regimes at their learned equilibria, a row a regime as the terminal and the report show them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from itertools import product
from typing import Any

import pandas as pd

from simulator.evolution.learned.certificate import percent
from simulator.evolution.learned.stages import CREDIBLE, MENU, PLANE, START, WITH, WITHOUT
from simulator.evolution.learned.tables import stage_gains
from simulator.outcomes.measures import METRICS
from simulator.writing.numbers import value

LEFT = ("apart", "certified", "gain", "upper")
"""What is said of the ends of learning: how many lie apart, are certified, what is left to gain, at most."""
RESTS = "rests"
"""And, where it was looked at, how many rest on commitment."""


def learned_rows(learned: Mapping[str, pd.DataFrame], regimes: Iterable[str]) -> list[dict[str, str]]:
    """A row a regime and what may be chosen: outcomes of the plane at each stage, ends apart, gain left."""
    outcomes = learned["learned_outcomes"]
    rows = []
    equilibria: list[dict[str, Any]] = learned["equilibria"].to_dict("records")  # type: ignore[assignment]
    places = {(row["regime"], row["stage"]): row for row in equilibria}
    stages = list(dict.fromkeys(stage for _, stage in places))
    for name, stage in product(regimes, stages):
        if (row := places.get((name, stage))) is not None:
            cells = {"regime": name, "may_choose": WITHOUT if stage == CREDIBLE else WITH}
            for metric in PLANE:
                said = [spanned(outcomes, name, one, metric) for one in (START, MENU, stage)]
                cells[metric] = " > ".join(said)
            cells["apart"] = f"{row['apart']} of {row['starts']}"
            cells["certified"] = str(row["certified"])
            cells["gain"] = stage_gains(row)
            cells["upper"] = percent(row["upper"])
            if "commitment" in learned:
                cells[RESTS] = _resting(learned["commitment"], name, stage)
            rows.append(cells)
    return rows


def spanned(outcomes: pd.DataFrame, regime: str, stage: str, metric: str) -> str:
    """An outcome at a stage: one value, or the lowest and highest of the ends of learning."""
    here = (outcomes["regime"] == regime) & (outcomes["stage"] == stage) & (outcomes["metric"] == metric)
    means = outcomes["mean"][here]
    low, high = (value(float(one), METRICS[metric].unit) for one in (means.min(), means.max()))
    return low if low == high else f"{low} to {high}"


def _resting(commitment: pd.DataFrame, regime: str, stage: str) -> str:
    """How many ends rest on commitment: a kind gains by switching in mid-case."""
    own = commitment[(commitment["regime"] == regime) & (commitment["stage"] == stage)]
    rests = own.groupby("start")["rests_on_commitment"].any()
    return f"{rests.sum()} of {len(rests)}"
