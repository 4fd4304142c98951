"""Courts' determinations as one tidy table: a row for each printed figure of a case."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import pandas as pd

from simulator.rates.cases import CaseResult, workings
from simulator.rates.methods import GUANGDONG_2018, METHODS
from simulator.spec.case import UNITS, Case, Computation

RATE_KINDS = ("price_share", "usd_per_unit", "eur_per_unit")
"""Kinds of unit that are a rate; a lump sum, a ratio or a count is not."""
COLUMNS = (
    "case", "line", "holder", "implementer", "payer", "court", "jurisdiction", "citation", "date", "status",
    "status_note", "standard", "headline", "scope", "is_rate", "printed", "value", "unit", "method", "basis", "share",  # noqa: E501
    "implied_aggregate", "recomputed", "reproduction", "rests_on_assumption", "source",
)  # fmt: skip
"""Columns, in order.

``value``, ``recomputed`` and ``implied_aggregate`` are in ``unit``, ``share`` is a fraction."""


def determinations(cases: Iterable[Case]) -> pd.DataFrame:
    """Every printed figure of the cases, one a row, in the order of the files.

    ``share`` is the holder's part of all patents of the standard where the line counts both, else missing;
    ``implied_aggregate`` is the printed figure over that share: what all holders would take together if each
    were paid alike.  *Source*: the check of Deng, Leonard and Lopez (2018).

    Raises:
        ScenarioError: a case cannot be reckoned.
    """
    rows = []
    for case in cases:
        work = workings(case)
        rows += [
            _row(case, result, share(case.computations[result.name], work.values))
            for result in work.results
            if result.published is not None
        ]
    return pd.DataFrame(rows, columns=list(COLUMNS))


def share(line: Computation, values: Mapping[str, float]) -> float | None:
    """The holder's share of a standard that a line counts, own over total, a fraction; ``None`` if none.

    >>> from simulator.spec.case import Computation
    >>> line = Computation.model_construct(method="top_down", arguments={"own": "a", "total": "b"})
    >>> share(line, {"a": 12.0, "b": 48.0})
    0.25
    """
    own, total = line.arguments.get("own"), line.arguments.get("total")
    if line.method != "top_down" or not isinstance(own, str) or not isinstance(total, str):
        return None
    return values[own] / values[total] if own in values and values.get(total) else None


def _row(case: Case, result: CaseResult, part: float | None) -> dict[str, object]:
    line = case.computations[result.name]
    printed = line.published
    if printed is None:
        raise ValueError("only a printed figure makes a row")
    a_rate = UNITS[result.unit].kind in RATE_KINDS
    return {
        "case": case.case,
        "line": result.name,
        "holder": "; ".join(case.parties.holder),
        "implementer": "; ".join(case.parties.implementer),
        "payer": case.payer,
        "court": case.court,
        "jurisdiction": case.jurisdiction,
        "citation": case.citation,
        "date": str(case.dates.get("judgment", "")),
        "status": case.status,
        "status_note": case.status_note,
        "standard": case.standard,
        "headline": result.name == case.headline,
        "scope": result.quantity,
        "is_rate": a_rate,
        "printed": printed.printed,
        "value": printed.value,
        "unit": result.unit,
        "method": line.method if line.method in METHODS else "",
        "basis": basis(line.method),
        "share": part,
        "implied_aggregate": printed.value / part if part and a_rate else None,
        "recomputed": result.computed,
        "reproduction": result.status,
        "rests_on_assumption": bool(result.assumes),
        "source": sourced(case, printed.source),
    }


def basis(method: str | None) -> str:
    """The basis a method stands on after Guangdong's guidelines; else none.

    >>> basis("adjusted"), basis("ratio")
    ('comparable licences', 'arithmetic or not stated')
    """
    named = [title for title, methods in GUANGDONG_2018.values() if method in methods]
    return named[0] if named else "arithmetic or not stated"


def sourced(case: Case, source: str) -> str:
    """A source with the short names that begin it written out, so that the table stands alone."""
    head = source.partition(":")[0]
    spelt = [f"{name}: {case.sources[name]}" for name in head.split(", ") if name in case.sources]
    return f"{source} [{'; '.join(spelt)}]" if spelt else source
