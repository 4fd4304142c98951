"""Which numbers may stand where: the valid ranges of the registry, and of what only files know."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from typing import NamedTuple

from simulator.errors import Problem
from simulator.parameters import registry
from simulator.spec.yaml import Document, Keys

WHOLE_UNITS = frozenset({"months", "count", "filings / month"})
"""Units the monthly clock counts in."""
MEANS = frozenset({"court.durations.first_instance", "court.durations.appeal", "court.arbitration.months"})
"""Months that are the mean of a distribution, hence need not be whole."""
UNLIMITED = 1.0e9
"""Upper ends from here on are told as none; no number is larger."""
SMALLEST = 1e-12
"""Size below which a number other than 0 is a slip: products of such numbers are no numbers any more."""
OF_STRATEGIES = {
    "window": "bargaining.window",
    "sue_after": "bargaining.sue_after",
    "floor": "bargaining.floor",
    "exponent": "strategy.exponent",
    "patience": "strategy.patience",
    "goodwill": "strategy.goodwill",
    "ambush": "strategy.ambush",
    "over_declaration": "strategy.over_declaration",
    "waits_for_peers": "strategy.waits_for_peers",
    "tailors": "strategy.tailors",
    "ties": "strategy.ties",
    "walks_after": "strategy.walks_after",
    "threat_from": "strategy.threat_from",
    "threat_every": "strategy.threat_every",
    "threat_grace": "strategy.threat_grace",
}


class Bounds(NamedTuple):
    """What a number must obey."""

    title: str
    unit: str
    low: float
    high: float
    whole: bool = False
    default: float | None = None

    def rule(self, given: float = 0.0) -> str:
        """The rule in words; a bound beyond all practice is named to who went beyond it.

        >>> Bounds("months simulated", "months", 1, 1200, whole=True).rule()
        'months simulated: a whole number between 1 and 1200 (months)'
        >>> sales = Bounds("sales", "USD m / month", 0, UNLIMITED)
        >>> sales.rule(-1), sales.rule(2e11)
        ('sales: at least 0 (USD m / month)', 'sales: between 0 and 1e+09 (USD m / month)')
        """
        number = "a whole number " if self.whole else ""
        told = self.high < UNLIMITED or given > self.high
        span = f"between {self.low:g} and {self.high:g}" if told else f"at least {self.low:g}"
        return f"{self.title}: {number}{span}" + (f" ({self.unit})" if self.unit else "")


SHARE = Bounds("share of the parties of a side", "share", 0, 1, False, 0.3)
_SHARE = re.compile(r"share\(\s*([^()\s]*)\s*\)")
OF_FILES = {
    ("regime", "deadline"): Bounds("months until the step counts as missed", "months", 0, 1200, True, 2),
    ("regime", "recognised"): Bounds("weight of a fault", "1 = a full fault", 0, 100, False, 1),
    ("market", "aggregate_burden"): Bounds(
        "aggregate royalty burden", "fraction of price", 0, 1, False, 0.0434
    ),
    ("market", "factor"): Bounds("rate of a region over the first region's", "ratio", 0, 5, False, 0.6142),
    ("market", "strength"): Bounds("strength of a portfolio in a region", "ratio", 0, 100, False, 1),
    ("market", "generations"): Bounds(
        "share of a generation's families over that of all", "ratio", 0, 100, False, 1
    ),
    ("market", "drifts"): Bounds("growth a year of families in a generation", "per year", -0.9, 10, False, 0),
    ("market", "regions"): Bounds("share of sales in a region", "fraction of sales", 0, 1, False, 0.5),
    ("market", "value_share"): Bounds("share of the standard's value", "fraction", 0, 1, False, 1),
    ("market", "arrives"): Bounds("year in which a generation arrives", "years", 0, 50, True, 0),
    ("market", "families"): Bounds("truly essential and valid families", "count", 1, 1e7, False, 2000),
    ("strategy", "anchor"): Bounds("first offer over own estimate", "ratio", 0, UNLIMITED, False, 1.3),
    ("strategy", "reply_delay"): Bounds(
        "months before it does a step that is due", "months", 0, 1200, True, 1
    ),
}
"""Numbers without an entry in the registry, by kind of file and key."""


BY_NAME = ("strength", "regions", "generations", "drifts")
"""Keys of a market under which there is a number for each region or generation."""


def of_parameter(name: str) -> Bounds:
    """The bounds of a parameter of the registry."""
    entry = registry()[name]
    whole = entry.unit in WHOLE_UNITS and name not in MEANS
    return Bounds(entry.title, entry.unit, *entry.valid, whole, entry.default)


def share_of(name: str) -> str | None:
    """The strategy whose share a name stands for; ``None`` for any other name.

    >>> share_of("share(implementer_hold_out)"), share_of("court.interest.court")
    ('implementer_hold_out', None)
    """
    wanted = _SHARE.fullmatch(name)
    return wanted[1] if wanted else None


def bounds_at(kind: str, keys: Keys) -> Bounds | None:
    """The bounds of the quantity at an entry of a file of some kind; ``None`` where none is expected."""
    words = [key for key in keys if isinstance(key, str)]
    if not words:
        return None
    if kind == "scenario":
        name: str | None = words[1] if words[0] == "set" and len(words) == 2 else None
        if name is not None and share_of(name) is not None:
            return SHARE
    elif kind == "strategy":
        name = OF_STRATEGIES.get(words[-1])
    elif words == ["court", "interim_licence", "after"]:
        name = "court.security.interim_after"
    else:
        name = ".".join(words)
    if name in registry():
        return of_parameter(str(name))
    if words[:-1] == ["court", "faults", "recognised"]:
        return OF_FILES["regime", "recognised"]
    if len(words) > 1 and words[-2] in BY_NAME and (kind, words[-1]) not in OF_FILES:
        return OF_FILES.get((kind, words[-2]))  # by the name of a region or generation
    return OF_FILES.get((kind, words[-1]))


def range_problems(kind: str, document: Document) -> Iterator[Problem]:
    """Quantities outside their valid range, or in fractions of a month or count."""
    for keys in document.marks:
        if keys[-1:] != ("value",) or (bounds := bounds_at(kind, keys[:-1])) is None:
            continue
        value, inner = document.get(*keys), keys[:-1]
        if not isinstance(value, int | float) or isinstance(value, bool) or not math.isfinite(value):
            continue  # the model says what is wrong with it
        if not bounds.low <= value <= bounds.high or (bounds.whole and value != int(value)):
            example = f"{inner[-1]}: {{value: {bounds.default:g}, source: assumption}}"
            yield document.problem(inner, f"got {value:.10g}", bounds.rule(value), example)
        elif 0 < abs(value) < SMALLEST:
            rule = f"0, or at least {SMALLEST:g} in size"
            yield document.problem(
                inner, f"got {value:.10g}", rule, f"{inner[-1]}: {{value: 0, source: assumption}}"
            )
        else:
            yield from _span(document, inner, bounds)


def _span(document: Document, keys: Keys, bounds: Bounds) -> Iterator[Problem]:
    span = document.get(*keys, "range")
    if not (isinstance(span, tuple) and len(span) == 2 and all(type(end) in (int, float) for end in span)):
        return
    low, high = span
    if low > high:
        yield document.problem((*keys, "range"), f"got [{low:g}, {high:g}]", "the lower end comes first")
    elif low < bounds.low or high > bounds.high:
        yield document.problem((*keys, "range"), f"got [{low:g}, {high:g}]", bounds.rule(high))
