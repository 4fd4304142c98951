"""Where an interval is not to be trusted at its word: rules a sample can apply, found by ``make coverage``.

The study in ``docs/coverage.md`` plays thousands of replications as the truth and looks how often intervals
of small batches hold it.  Where one holds it too seldom, one of these rules speaks in nearly all such
batches.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pandas as pd

from simulator.outcomes.further_measures import MEASURES
from simulator.outcomes.negotiations import Mask, Values
from simulator.statistics.intervals import THIN, Kind, Sample, sample

UNEVEN = ("median_months_to_licence", "hold_up_index", "adoption_incentive", "paid_as_agreed")
STUDIED = Path(__file__).parent / "coverage.csv"
"""What ``make coverage`` found outside ``NEAR``: lowest and highest coverage by size, kind and metric."""
NEAR = (93, 97)
FAIR = 30
"""Below this many replications metrics that jump or are much skewed (``UNEVEN``) are doubted: so few do not
show it."""

IN_COURT = (
    "court_load",
    "dissipation",
    "efficiency",
    "surplus_kept",
    "adoption_incentive",
    "hold_up_index",
    "paid_by_court",
    "cost_of_suits",
    "cost_share",
    "cost_share_holder",
    "cost_share_implementer",
    "cost_share_public",
    "margin_lost_share",
)
BETWEEN = (
    "rounds",
    "months_to_licence",
    "median_months_to_licence",
    "paid_as_agreed",
    "implementer_burden",
    "implementer_payoff",
)
"""Metrics whose differences between laws, but not whose levels, hang on the cases that go to court."""
CARRIED = {
    "deadlock_rate": IN_COURT,
    "end_exit": ("adoption_incentive", "implementer_payoff", "margin_lost_share"),
}
"""Events that seldom happen to a replication and weigh heavily where they do, and metrics that carry them: a
sample without the event shows nothing of its weight."""


def doubts(ours: Values, names: Sequence[str], theirs: Values | None = None) -> Mask:
    """Which metrics' intervals to doubt, from values of shape (replications, ..., metrics): (..., metrics).

    ``theirs``: the other side, where intervals are of differences.  Doubted are means that few replications
    move; skewed ones, the sample's skewness beyond ``sqrt(n) / 5`` (Cochran 1977, section 2.15) and beyond
    what chance gives a normal sample; ``UNEVEN`` ones below ``FAIR`` replications; what is
    undefined in all but ``THIN`` replications; and metrics that carry an
    event which fewer than ``THIN`` replications of a side saw (``CARRIED``).  Shares of 0 and 1 are not, nor
    what never moved but has a range: score intervals and the rule of three hold.
    """
    low, high = ranges(names)
    gap = theirs is not None
    values = ours if theirs is None else ours - theirs
    observed = sample(values, low - high if gap else low, high - low if gap else high, gap=gap)
    mean = np.isin(observed.kind, (Kind.MEAN, Kind.FEW))
    nothing = (observed.kind == Kind.NONE_MOVED) & ~np.isfinite(observed.size)
    doubted = (observed.kind == Kind.FEW) | nothing | (mean & skewed(values, observed))
    doubted |= mean & (observed.n < THIN) & (observed.n < len(values))  # mostly undefined
    for place, name in enumerate(names):
        if name in UNEVEN:
            doubted[..., place] |= observed.n[..., place] < FAIR
    for event, carried in CARRIED.items():
        if event in names:
            sides = [side[..., names.index(event)] for side in (ours, theirs) if side is not None]
            seen = [np.count_nonzero(side > 0, axis=0) < THIN for side in sides]
            few = np.any(np.broadcast_arrays(*seen), axis=0)
            further = BETWEEN if gap and event == "deadlock_rate" else ()
            for name in {*carried, *further} & set(names):
                doubted[..., names.index(name)] |= few & mean[..., names.index(name)]
    return np.asarray(doubted)


@np.errstate(all="ignore")
def skewed(values: Values, observed: Sample) -> Mask:
    """Where the sample's skewness is more than its t interval stands."""
    n = np.maximum(observed.n, 1)
    centred = np.where(np.isnan(values), 0.0, values - observed.mean)
    second, third = (centred**2).sum(axis=0) / n, (centred**3).sum(axis=0) / n
    skewness = np.abs(third) / second**1.5
    return np.asarray((second > 0) & (skewness > np.maximum(np.sqrt(n) / 5, 2 * np.sqrt(6 / n))))


def ranges(metrics: Sequence[str]) -> tuple[Values, Values]:
    """Lowest and highest value of each metric."""
    known = [MEASURES[name] for name in metrics]
    return np.array([one.low for one in known]), np.array([one.high for one in known])


def studied(replications: int) -> list[str]:
    """What the study of coverage says of a run of this size: every metric it found outside 93 to 97 %.

    The largest size studied up to this one counts, the smallest where none is; under some regime of
    ``cellular`` or ``duopoly``, of a level or of a difference.
    """
    table = pd.read_csv(STUDIED)
    size = int(max((n for n in table["n"] if n <= replications), default=table["n"].min()))
    part = table[table["n"] == size]
    said = []
    for rows, what in (
        (part[part["low"] <= NEAR[0]], f"held the truth in fewer than {NEAR[0]} % of batches"),
        (part[part["high"] >= NEAR[1]], f"are wider than need be, holding it in more than {NEAR[1]} %"),
    ):
        named = "; ".join(MEASURES[name].title for name in dict.fromkeys(rows["metric"]))
        if named:
            said.append(
                f"At {size} replications, intervals of these {what}, in the study of coverage "
                f"(docs/coverage.md) and under some regime: {named}."
            )
    return said


def in_words(doubted: Mask, names: Sequence[str], cells: str = "regimes") -> list[str]:
    """The caution, from a mask of shape (cells, metrics); none where nothing is doubted.

    >>> in_words(np.array([[True, False], [True, False]]), ["efficiency", "rounds"])[0][:90]
    'Intervals may hold the truth less often than 95 % (docs/coverage.md) for: efficiency (2). '
    """
    named = [
        f"{name} ({doubted[:, place].sum()})" for place, name in enumerate(names) if doubted[:, place].any()
    ]
    if not named:
        return []
    said = (
        f"Intervals may hold the truth less often than 95 % (docs/coverage.md) for: {', '.join(named)}. In "
        f"brackets: in how many of {len(doubted)} {cells}. Few replications move these, they are skewed (as "
        f"some are known to be below {FAIR} replications), or they carry what fewer than {THIN} saw, a "
        "deadlock or an exit."
    )
    return [said]
