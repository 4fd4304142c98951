"""What becomes of judgments that an appeal vacates: how many there are, how many are tried anew.

*Source*: Ericsson v D-Link (2014), TCL v Ericsson (2019) and Optis v Apple (2025), all Fed. Cir.,
were vacated and remanded; the measures are this project's.
"""

from __future__ import annotations

from simulator.outcomes.metric import Metric, Rule
from simulator.outcomes.negotiations import Negotiations, Values

REMAND = "remand"


def judgments_vacated(n: Negotiations) -> Values:
    """Judgments that an appeal vacated and sent back / judgments given."""
    return n.ratio(n["vacated"], n["judgments"])


def retrial_rate(n: Negotiations) -> Values:
    """Judgments sent back that were tried anew / judgments sent back; the rest settled, or time ended."""
    return n.ratio(n["retried"], n["vacated"])


def _entry(title: str, unit: str, rule: Rule) -> Metric:
    return Metric(rule.__name__, title, unit, 0, 1, 0, rule, REMAND)


TRIALS: tuple[Metric, ...] = (
    _entry("judgments vacated", "share of judgments", judgments_vacated),
    _entry("vacated judgments tried anew", "share of judgments vacated", retrial_rate),
)
"""Shown beside the metrics of every comparison in which some court's judgments may be vacated."""
