"""What licences that end leave: how many are renewed, after how long, and how the firms stand.

*Source*: long-term relations and licences of three to seven years are those of the seeds; the measures are
this project's.
"""

from __future__ import annotations

import numpy as np

from simulator.outcomes.metric import Metric, Rule
from simulator.outcomes.negotiations import Negotiations, Values

RENEWAL, DOUBT = "renewal", "doubt"


def renewal_rate(n: Negotiations) -> Values:
    """Licences that ended and were followed by another before the horizon / licences that ended."""
    return n.ratio(n["renewals"], n["licences_ended"])


def months_lapsed(n: Negotiations) -> Values:
    """Mean months a pair used the standard without a licence after one ended, over pairs of which one did."""
    ended = n["licences_ended"] > 0
    return n.ratio(n["months_lapsed"] * ended, ended)


def relationship(n: Negotiations) -> Values:
    """Mean of what is left of the two firms' relationship at the horizon: 1 whole, 0 broken."""
    return n.mean(n["bond"])


def threats_made(n: Negotiations) -> Values:
    """Mean threats of suit a pair."""
    return n.mean(n["threats"])


def signed_under_threat(n: Negotiations) -> Values:
    """Licences signed under a threat of suit / licences signed."""
    signed = ~np.isnan(n["rate"])
    return n.ratio(n["under_threat"] * signed, signed)


def _entry(title: str, unit: str, high: float, better: int, rule: Rule, mechanism: str) -> Metric:
    return Metric(rule.__name__, title, unit, 0, high, better, rule, mechanism)


RENEWALS: tuple[Metric, ...] = (
    _entry("licences renewed", "share of licences ended", 1, 1, renewal_rate, RENEWAL),
    _entry("months without licence after one", "months", np.inf, -1, months_lapsed, RENEWAL),
    _entry("relationship left", "share", 1, 1, relationship, RENEWAL),
    _entry("threats of suit", "count", np.inf, 0, threats_made, DOUBT),
    _entry("licences signed under threat", "share of licences", 1, 0, signed_under_threat, DOUBT),
)
"""Shown beside the metrics of every comparison where licences end, or suits are doubted until threatened."""
