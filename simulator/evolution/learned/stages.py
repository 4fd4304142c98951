"""Outcomes of a law at each stage: at given conduct, at the menu's long run, at what was learned.

Kept apart from learning, because what is played may come from a search or from files.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
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
CERTIFIED = "certified ends"
"""The ends of learning that passed their certificates, alone."""
OWN = "own"
"""What a certificate says of its ``searches`` whose searches and recall are its own; older files do not."""
RECALL = ("recall", "recall_low", "recall_high")
"""Columns of the recall of searches under a law, with its interval, if it has one."""
PLANE = ("deadlock_rate", "efficiency")
Z = 1.96

Played = Mapping[tuple[str, str, str], Mapping[str, Values]]
"""Metrics by replication at (regime, stage, equilibrium); the last is empty but where it was learned."""


OPPOSITE, SOME = "opposite at different ends", "at some pairs of ends only"
SMALL, WIDE = "too small to matter", "intervals too wide to tell"
"""Why a verdict is open: by which equilibrium people are in, or by what is left of the difference."""
OPEN = (OPPOSITE, SOME, SMALL, WIDE)


def weighed(first: Sequence[Values], second: Sequence[Values], margin: float) -> tuple[int, str]:
    """Whether one regime beats another at every pair of equilibria: 1 or -1; else 0 and why that is open.

    ``first`` and ``second`` hold an outcome by replication at each equilibrium, with the same luck; a pair
    counts where the mean difference is beyond ``margin`` and 1.96 standard errors.  It is too small to matter
    where all of every pair's interval lies within the margin; where else no pair counts, they are too wide.

    >>> luck = np.array([0.0, 0.1, 0.2])
    >>> weighed([luck + 1, luck + 2], [luck], 0.5), weighed([luck + 1, luck - 1], [luck], 0.5)
    ((1, ''), (0, 'opposite at different ends'))
    >>> weighed([luck + 1, luck], [luck], 0.5)[1], weighed([luck], [luck + 0.1], 0.5)[1]
    ('at some pairs of ends only', 'too small to matter')
    """
    signs, small = set(), True
    for ours, theirs in product(first, second):
        gap = ours - theirs
        reach = Z * float(np.std(gap, ddof=1)) / np.sqrt(len(gap)) if len(gap) > 1 else np.inf
        size = float(gap.mean())
        signs.add(int(np.sign(size)) if abs(size) > max(margin, reach) else 0)
        small = small and abs(size) + reach <= margin
    if len(signs) == 1 and 0 not in signs:
        return signs.pop(), ""
    if {1, -1} <= signs:
        return 0, OPPOSITE
    return 0, SOME if signs - {0} else SMALL if small else WIDE


def determined(first: Sequence[Values], second: Sequence[Values], margin: float) -> int:
    """The verdict of :func:`weighed` alone: 1, -1, or 0 where it is open."""
    return weighed(first, second, margin)[0]


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


Places = Collection[tuple[str, str]]
"""Ends of learning: regime and start."""


def at(played: Played, regime: str, stage: str, metric: str, only: Places | None = None) -> list[Values]:
    """A metric by replication at each equilibrium of a stage, or at those of them named."""
    return [
        values[metric]
        for (name, where, end), values in played.items()
        if (name, where) == (regime, stage) and (only is None or (name, end) in only)
    ]


def certified_of(certificates: pd.DataFrame, stage: str = LEARNED) -> set[tuple[str, str]]:
    """The ends of a stage whose certificates passed; one without searches of its own counts as none."""
    return {
        (str(row["regime"]), str(row["start"]))
        for row in records(certificates[searched(certificates)])
        if row["stage"] == stage and row.get("passed") is True
    }


def searched(certificates: pd.DataFrame) -> pd.Series[bool]:
    """Which certificates have searches and recall of their own."""
    return certificates.reindex(columns=["searches"])["searches"].eq(OWN)


def ranking_table(played: Played, metrics: Iterable[str], certified: Places = ()) -> pd.DataFrame:
    """Whether one regime beats another, at each stage; learned: only if every pair of equilibria agrees.

    Under each stage the better regime, empty where that is not determined; ``survives``: the same regime is
    better at all three; ``certified ends``: the better one at every pair of the ends named, where both have
    some; ``why_open``: why it is not determined where parties have learned.  A difference counts from the
    smallest that matters in the metric's unit.
    """
    rows = []
    regimes = dict.fromkeys(name for name, _, _ in played)
    for metric in metrics:
        measure = MEASURES[metric]
        for first, second in combinations(regimes, 2):
            row: dict[str, Any] = {"metric": metric, "first": first, "second": second}
            why = ""
            for stage in (*STAGES, CERTIFIED):
                only = certified if stage == CERTIFIED else None
                where = LEARNED if stage == CERTIFIED else stage
                ours, theirs = (at(played, name, where, metric, only) for name in (first, second))
                sign, said = weighed(ours, theirs, measure.matters) if ours and theirs else (0, "")
                row[stage] = {1: first, -1: second}.get(sign * measure.better, "")
                why = said if stage == LEARNED else why
            row["why_open"] = why
            row["survives"] = row[START] != "" and len({row[stage] for stage in STAGES}) == 1
            rows.append(row)
    return pd.DataFrame(rows)


def apart(played: Played, regime: str, stage: str, only: Places | None = None) -> int:
    """How many ends of learning lie apart: by deadlock or efficiency, in a difference that matters."""
    ends = [(MEASURES[metric].matters, at(played, regime, stage, metric, only)) for metric in PLANE]
    kept: list[int] = []
    for place in range(len(ends[0][1])):
        if all(any(determined([own[place]], [own[other]], size) for size, own in ends) for other in kept):
            kept.append(place)
    return len(kept)


def equilibria_table(played: Played, certificates: pd.DataFrame) -> pd.DataFrame:
    """By regime and stage: starts, certificates passed, ends that lie apart, the largest gain left.

    ``gain`` with ``low`` and ``high``: of the end from which a search gains most; ``upper``: the highest
    upper end of all; ``recall`` with ``recall_low`` and ``recall_high``: of searches there;
    ``certified_apart``: how many certified ends lie apart;
    ``gain_at_start``, ``gain_in_long_run``: what searches gain at the stages before learning.
    """
    rows = []
    left = {(row["regime"], row["stage"]): row.get("gain") for row in records(certificates)}
    learned = certificates[certificates["stage"].isin([LEARNED, CREDIBLE])]
    for (name, stage), part in learned.groupby(["regime", "stage"], sort=False):
        ends = [row for row in records(part) if pd.notna(row.get("gain"))]
        worst = max(ends, key=lambda row: row["gain"], default={})
        passed = certified_of(part, str(stage))
        rows.append({
            "regime": name,
            "stage": stage,
            "starts": len(part),
            "certified": len(passed),
            "apart": apart(played, str(name), str(stage)),
            "certified_apart": apart(played, str(name), str(stage), passed),
            **{end: worst.get(end, float("nan")) for end in ("gain", "low", "high")},
            "upper": max((row["upper"] for row in ends), default=float("nan")),
            **{end: next(iter(part[searched(part)].get(end, ())), float("nan")) for end in RECALL},
            "gain_at_start": left.get((name, START)) if stage == LEARNED else None,
            "gain_in_long_run": left.get((name, MENU)) if stage == LEARNED else None,
        })  # fmt: skip
    return pd.DataFrame(rows)
