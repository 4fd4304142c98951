"""What a reader must be told before trusting a table: each guard returns cautions in words, or none."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

import numpy as np

from simulator.outcomes.negotiations import Values
from simulator.statistics.doubts import doubts, in_words
from simulator.statistics.paired import FEW

Luck = tuple[int, Sequence[int]]
"""What a result was played with: its seed, and the replications it holds."""


def unpaired(played: Mapping[str, Luck]) -> list[str]:
    """Caution where results to be compared were not played with the same luck.

    >>> unpaired({"a": (1, [0, 1]), "b": (2, [0, 1]), "c": (1, [0])})
    ['b was played with seed 2, a with seed 1: their luck differs, so their difference is not paired.',
     'a and c share only 1 replication of 2: a paired difference leaves the others out.']
    """
    said: list[str] = []
    for place, (name, (seed, replications)) in enumerate(played.items()):
        if place == 0:
            first, first_seed, first_set = name, seed, set(replications)
        elif seed != first_seed:
            said.append(
                f"{name} was played with seed {seed}, {first} with seed {first_seed}: their luck differs, so "
                "their difference is not paired."
            )
        elif set(replications) != first_set:
            both, most = len(first_set & set(replications)), max(len(first_set), len(set(replications)))
            said.append(
                f"{first} and {name} share only {_count(both, 'replication')} of {most}: a paired difference "
                "leaves the others out."
            )
    return said


def too_few(replications: int) -> list[str]:
    """Caution below ``FEW`` replications.

    >>> too_few(3)
    ['3 replications: intervals are unreliable below 10.']
    """
    if replications >= FEW:
        return []
    return [f"{_count(replications, 'replication')}: intervals are unreliable below {FEW}."]


def constant(values: Values, outcomes: Sequence[str]) -> list[str]:
    """Caution on outcomes, the last axis of ``values``, that are the same wherever they are defined.

    >>> constant(np.array([[1.0, 0.5], [2.0, 0.5]]), ["months", "deadlock_rate"])
    ['deadlock_rate is 0.5 throughout: nothing that was varied moves it.']
    """
    said = []
    for name, column in zip(outcomes, np.moveaxis(values, -1, 0), strict=True):
        known = column[~np.isnan(column)]
        if not known.size:
            said.append(f"{name} is undefined throughout.")
        elif known.size > 1 and np.ptp(known) == 0:
            said.append(f"{name} is {known[0]:g} throughout: nothing that was varied moves it.")
    return said


def undefined(values: Values, outcomes: Sequence[str]) -> list[str]:
    """Caution on outcomes missing in some replications, which means leave out: (replications, ..., outcomes).

    >>> undefined(np.array([[1.0], [np.nan], [2.0], [3.0]]), ["court_rate_bias"])
    ['court_rate_bias is undefined in up to 25 % of the replications of a cell; its mean leaves them out.']
    """
    said = []
    for name, column in zip(outcomes, np.moveaxis(values, -1, 0), strict=True):
        share = np.isnan(column).mean(axis=0)
        partly = float(np.where(share < 1, share, 0.0).max(initial=0.0))
        if partly > 0:
            where = f"up to {100 * partly:.0f} % of the replications of a cell"
            said.append(f"{name} is undefined in {where}; its mean leaves them out.")
    return said


def doubtful(values: Values, outcomes: Sequence[str], metrics: Sequence[str]) -> list[str]:
    """Caution on outcomes whose intervals may be too narrow in some cells: (replications, ..., outcomes).

    ``metrics``: the metric of each.  Outcomes that are the same throughout are left to :func:`constant`.
    """
    wide = values.reshape(len(values), -1, len(outcomes))
    moving = [
        np.nanmax(one, initial=-np.inf) > np.nanmin(one, initial=np.inf) for one in np.moveaxis(wide, -1, 0)
    ]
    return in_words(doubts(wide, metrics) & np.array(moving), outcomes, "cells") if len(values) > 1 else []


def missing(planned: int, played: Iterable[int]) -> list[str]:
    """Caution where cells of the design, numbered from 0, were not played.

    >>> missing(6, [0, 1, 2, 5])
    ['2 of 6 cells of the design are missing (3, 4): averages over the design are not those planned.']
    """
    gaps = sorted(set(range(planned)) - set(played))
    if not gaps:
        return []
    named = ", ".join(map(str, gaps[:10])) + (", ..." if len(gaps) > 10 else "")
    verb = "is" if len(gaps) == 1 else "are"
    which = f"{len(gaps)} of {planned} cells of the design {verb} missing ({named})"
    return [f"{which}: averages over the design are not those planned."]


def unstated(day: str | None, claims: int) -> list[str]:
    """Claims that no register has: they may have been made after a look.

    >>> unstated(None, 2)[0][:11]
    'Exploratory'
    >>> unstated("2026-11-27", 2), unstated(None, 0)
    ([], [])
    """
    if day is not None or not claims:
        return []
    return ["Exploratory: the register has no such plan. State it (--freeze) and play it with a new seed."]


def unplanned(looked_at: Iterable[str], planned: Iterable[str]) -> list[str]:
    """Caution on outcomes or claims that were not named before the run.

    >>> unplanned(["deadlock_rate", "efficiency"], ["deadlock_rate"])
    ['efficiency was looked at afterwards, not planned: test it on a new seed before relying on it.']
    """
    return [
        f"{name} was looked at afterwards, not planned: test it on a new seed before relying on it."
        for name in dict.fromkeys(looked_at)
        if name not in set(planned)
    ]


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}" + ("" if number == 1 else "s")
