"""What efficiency is: real cost K, underpayment U, overpayment O as shares of what was due; delay beside.

The three add up: a dollar of K is lost to everyone, one of U or O is in the wrong pocket.  What the latter
costs society this model cannot say, so nothing is weighed: a regime stands on the frontier unless one of the
law in force has less of all three, and where weights decide, the *switching value* is told.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from simulator.outcomes.measures import METRICS
from simulator.spec.regime import Regime
from simulator.statistics.paired import cube, paired
from simulator.statistics.switching import switching_value
from simulator.vocabulary import LegalStatus

PARTS = ("cost_of_talks", "cost_of_suits", "margin_lost_share", "output_cut")
"""What real cost is made of; they add up to it in each replication."""
FRONTIER = {
    "real_cost": "dissipation",
    "underpaid": "hold_out_index",
    "overpaid": "hold_up_index",
}
"""The three by the metric of each."""
DELAY = "months_to_licence"
KINDS = ("law in force", "other texts", "yardsticks")


def kind(regime: Regime) -> str:
    """Law in force, another text (draft, proposal, guideline, withdrawn, superseded), or a yardstick."""
    named = {LegalStatus.IN_FORCE: KINDS[0], LegalStatus.CONTROL: KINDS[2]}
    return named.get(LegalStatus(regime.status), KINDS[1])


def ranked(efficiency: Mapping[str, float], regimes: Mapping[str, Regime]) -> list[str]:
    """The regimes by kind, law in force first and yardsticks last; inside each by efficiency, best first."""
    lost = {name: -efficiency[name] for name in regimes}
    return sorted(regimes, key=lambda name: (KINDS.index(kind(regimes[name])), lost[name]))


def frontier(
    units: pd.DataFrame, summary: pd.DataFrame, order: Sequence[str], regimes: Mapping[str, Regime]
) -> pd.DataFrame:
    """K with its parts, U, O, their sum, and months to licence: a row a regime, in ``order``.

    Shares of what was due (E), each with its 95 % interval in ``_low`` and ``_high``.  ``beaten_by``: the law
    in force with less of all three on the means; ``surely_beaten_by``: that by more than luck, the 95 %
    interval of each paired difference leaving out 0 (an intersection-union test, Berger 1982).
    """
    table, names = cube(units[list(FRONTIER.values())])
    law = [name for name in order if kind(regimes[name]) == KINDS[0]]
    known = {column: summary[column].to_dict() for column in ("mean", "low", "high")}
    rows = {}
    for name in order:
        means = {part: known["mean"][name, metric] for part, metric in FRONTIER.items()}
        row: dict[str, object] = {"kind": kind(regimes[name]), "title": regimes[name].title}
        for part, metric in {**FRONTIER, **{part: part for part in PARTS}, DELAY: DELAY}.items():
            mean, low, high = (known[column][name, metric] for column in known)
            row |= {part: mean, f"{part}_low": low, f"{part}_high": high}
        row["sum"] = math.fsum(means.values())
        ours = table[:, names.index(name)]
        beaten = {
            other: paired(ours, table[:, names.index(other)])
            for other in law
            if other != name and (table[:, names.index(other)].mean(axis=0) < ours.mean(axis=0)).all()
        }
        row["beaten_by"] = ", ".join(beaten)
        row["surely_beaten_by"] = ", ".join(other for other, gap in beaten.items() if (gap["low"] > 0).all())
        rows[name] = row
    return pd.DataFrame.from_dict(rows, orient="index").rename_axis("regime")


def switching(units: pd.DataFrame, order: Sequence[str], baseline: str) -> pd.DataFrame:
    """What a dollar unpaid must cost society for a regime to beat the baseline, as ``Tables.switching``."""
    table, regimes = cube(units[list(FRONTIER.values())])
    if len(regimes) == 1 or len(table) < 2:
        return pd.DataFrame()
    rows = {}
    for regime in order:
        if regime == baseline:
            continue
        apart = table[:, regimes.index(regime)] - table[:, regimes.index(baseline)]
        cost, under, over = np.moveaxis(apart, -1, 0)
        rows[regime, "K + w U"] = switching_value(cost, under)
        rows[regime, "K + w (U + O)"] = switching_value(cost, under + over)
    index = pd.MultiIndex.from_tuples(rows, names=["regime", "loss"])
    return pd.DataFrame(list(rows.values()), index=index)


def in_words(answer: str, value: float, ours: str, theirs: str, loss: str) -> str:
    """A switching value as a sentence; ``loss``: ``unpaid`` or ``unpaid or paid too much``.

    >>> in_words("below", 0.25, "A", "B", "unpaid")
    'A beats B unless a dollar unpaid costs society more than 25 cents.'
    >>> in_words("never", float("nan"), "A", "B", "unpaid")
    'A does not beat B, whatever a dollar unpaid costs society.'
    """
    cents = "" if np.isnan(value) else f"{100 * value:.0f} cents" if value < 10 else f"{value:,.0f} dollars"
    return {
        "always": f"{ours} beats {theirs}, whatever a dollar {loss} costs society.",
        "never": f"{ours} does not beat {theirs}, whatever a dollar {loss} costs society.",
        "below": f"{ours} beats {theirs} unless a dollar {loss} costs society more than {cents}.",
        "above": f"{ours} beats {theirs} if a dollar {loss} costs society more than {cents}.",
        "undetermined": f"Whether {ours} beats {theirs} these replications leave open.",
    }[answer]


def label(part: str) -> str:
    """A column of the frontier as tables and figures name it."""
    return LABELS.get(part) or METRICS[part].title


LABELS = {
    "real_cost": "real cost (K)",
    "underpaid": "underpaid (U)",
    "overpaid": "overpaid (O)",
    "sum": "together (K + U + O)",
}
