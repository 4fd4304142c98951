"""Outcomes of a law at each stage: at given conduct, at the menu's long run, at what was learned.

Kept apart from learning, because what is played may come from a search or from files.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from itertools import combinations, product
from typing import Any

import numpy as np
import pandas as pd
from scipy import stats

from simulator.evolution.evolved import LEVEL
from simulator.evolution.game import Values
from simulator.outcomes.further_measures import MEASURES
from simulator.writing.formats import records

START, MENU, LEARNED = "start", "menu's long run", "learned"
"""Where an outcome is taken: the market's own mixes, where the named strategies lead, where learning does."""
QUANTAL, CREDIBLE = "learned, quantal response", "learned, without commitments"
"""At the quantal response of the same strategies; learned without what commits a party beyond belief."""
WITH, WITHOUT = "all", "credible ones"
"""What may be chosen, in words: whatever the spaces hold, or without what commits a party beyond belief."""
STAGES = (START, MENU, LEARNED)
PLANE = ("deadlock_rate", "efficiency")
Z = 1.96

Played = Mapping[tuple[str, str, str], Mapping[str, Values]]
"""Metrics by replication at (regime, stage, equilibrium); the last is empty but where it was learned."""


def determined(first: Sequence[Values], second: Sequence[Values], margin: float) -> int:
    """Whether one regime beats another at every pair of equilibria: 1, -1, or 0 where that is not determined.

    ``first`` and ``second`` hold an outcome by replication at each equilibrium, with the same luck; a pair
    counts where the mean difference is beyond ``margin`` and 1.96 standard errors.

    >>> luck = np.array([0.0, 0.1, 0.2])
    >>> determined([luck + 1, luck + 2], [luck], 0.5), determined([luck + 1, luck - 1], [luck], 0.5)
    (1, 0)
    """
    signs = set()
    for ours, theirs in product(first, second):
        gap = ours - theirs
        error = float(np.std(gap, ddof=1)) / np.sqrt(len(gap)) if len(gap) > 1 else np.inf
        size = float(gap.mean())
        signs.add(int(np.sign(size)) if abs(size) > max(margin, Z * error) else 0)
    return signs.pop() if len(signs) == 1 else 0


def outcome_table(played: Played) -> pd.DataFrame:
    """Mean of each metric wherever it was taken, with t intervals over replications."""
    rows = []
    for (name, stage, which), values in played.items():
        for metric in values:
            known = values[metric][~np.isnan(values[metric])]
            mean = float(known.mean()) if len(known) else float("nan")
            reach = float("nan")
            if len(known) > 1:
                error = float(known.std(ddof=1)) / len(known) ** 0.5
                reach = float(stats.t.ppf((1 + LEVEL) / 2, len(known) - 1)) * error
            ends = {"mean": mean, "low": mean - reach, "high": mean + reach}
            rows.append({"regime": name, "stage": stage, "equilibrium": which, "metric": metric, **ends})
    return pd.DataFrame(rows)


def at(played: Played, regime: str, stage: str, metric: str) -> list[Values]:
    """A metric by replication at each equilibrium of a stage."""
    return [values[metric] for (name, where, _), values in played.items() if (name, where) == (regime, stage)]


def ranking_table(played: Played, metrics: Iterable[str]) -> pd.DataFrame:
    """Whether one regime beats another, at each stage; learned: only if every pair of equilibria agrees.

    Under each stage the better regime, empty where that is not determined; ``survives``: the same regime is
    better at all three.  A difference counts from the smallest that matters in the metric's unit.
    """
    rows = []
    regimes = dict.fromkeys(name for name, _, _ in played)
    for metric in metrics:
        for first, second in combinations(regimes, 2):
            row: dict[str, Any] = {"metric": metric, "first": first, "second": second}
            for stage in STAGES:
                ours, theirs = (at(played, name, stage, metric) for name in (first, second))
                sign = (
                    determined(ours, theirs, MEASURES[metric].matters) * MEASURES[metric].better
                    if ours and theirs
                    else 0
                )
                row[stage] = {1: first, -1: second}.get(sign, "")
            row["survives"] = row[START] != "" and len({row[stage] for stage in STAGES}) == 1
            rows.append(row)
    return pd.DataFrame(rows)


def apart(played: Played, regime: str, stage: str) -> int:
    """How many ends of learning lie apart: by deadlock or efficiency, in a difference that matters."""
    ends = [(MEASURES[metric].matters, at(played, regime, stage, metric)) for metric in PLANE]
    kept: list[int] = []
    for place in range(len(at(played, regime, stage, PLANE[0]))):
        if all(any(determined([own[place]], [own[other]], size) for size, own in ends) for other in kept):
            kept.append(place)
    return len(kept)


def equilibria_table(played: Played, certificates: pd.DataFrame) -> pd.DataFrame:
    """By regime and stage: starts, certificates passed, ends that lie apart, the largest gain left.

    ``gain`` with ``low`` and ``high``: of the end from which a deviation gains most.
    """
    rows = []
    for (name, stage), part in certificates.groupby(["regime", "stage"], sort=False):
        ends = records(part)
        worst = max(ends, key=lambda row: row.get("high", float("nan")))
        rows.append({
            "regime": name,
            "stage": stage,
            "starts": len(ends),
            "certified": sum(row.get("passed") is True for row in ends),
            "apart": apart(played, str(name), str(stage)),
            **{end: worst.get(end, float("nan")) for end in ("gain", "low", "high")},
        })  # fmt: skip
    return pd.DataFrame(rows)
