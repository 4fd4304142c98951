"""Periods that a text gives in days or weeks, as the months the model counts.

The model's clock ticks once a month, so a deadline is rounded up to whole months; the length of an instance
is not.  What the text says stays beside the number, so that both are shown.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any

from simulator.parameters import registry
from simulator.spec.problems import quoted
from simulator.spec.yaml import Document, Keys

DAYS = {"days": 1.0, "weeks": 7.0}
"""Days in a unit other than the model's own."""
DAYS_A_MONTH = 365.25 / 12


def months_of(value: float, unit: str) -> float:
    """A number of days or weeks in months.

    >>> round(months_of(26, "weeks"), 2), round(months_of(90, "days"), 2)
    (5.98, 2.96)
    """
    return value * DAYS[unit] / DAYS_A_MONTH


def count_in_months(document: Document) -> Document:
    """Turn every period of a regime that is written in days or weeks into months, in place.

    A unit that is unknown, or stands with a number that is no period, becomes a problem of the document.
    """
    for keys, number in _numbers(document.data, ()):
        if "period" in number:
            rule = "the words are kept by the program where a unit is given: write value and unit"
            document.problems.append(document.problem((*keys, "period"), "given in the file", rule))
            number.pop("period")
        if "unit" not in number:
            continue
        unit, value = number.pop("unit"), number["value"]
        rule, example = "months, weeks or days", "{value: 4, unit: weeks, source: paragraph 1}"
        if not _is_period(keys):
            document.problems.append(
                document.problem((*keys, "unit"), "this number is no period", "only periods have a unit")
            )
        elif unit != "months" and unit not in DAYS:
            document.problems.append(document.problem((*keys, "unit"), f"got {quoted(unit)}", rule, example))
        elif unit in DAYS and isinstance(value, int | float) and not isinstance(value, bool):
            whole = keys[-1] in ("deadline", "after")
            number["period"] = f"{value:g} {unit}"
            number["value"] = _months(value, unit, whole)
            if isinstance(ends := number.get("range"), tuple):
                number["range"] = tuple(_months(end, unit, whole) for end in ends)
    return document


def _months(value: Any, unit: str, whole: bool) -> Any:
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        return value
    exact = months_of(value, unit)
    return math.ceil(exact - 1e-9) if whole else exact


def _is_period(keys: Keys) -> bool:
    name = ".".join(str(key) for key in keys)
    entry = registry().get(name)
    return (
        keys[-1] == "deadline"
        or name == "court.interim_licence.after"
        or (entry is not None and entry.unit == "months")
    )


def _numbers(part: object, keys: Keys) -> Iterator[tuple[Keys, dict[str, Any]]]:
    """Every number with its source in a file, with its place."""
    if isinstance(part, dict):
        if "value" in part:
            yield keys, part
        else:
            for key, inner in part.items():
                yield from _numbers(inner, (*keys, str(key)))
