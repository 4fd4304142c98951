"""Courts' determinations as one tidy table: a row for each printed figure of a case."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import pandas as pd

from simulator.rates.cases import CaseResult, workings
from simulator.rates.cross_check import implied_aggregate
from simulator.spec.case import CURRENCIES, UNITS, Case, Computation, CourtMethod, source_names

RATE_KINDS = ("price_share", *(f"{currency}_per_unit" for currency in CURRENCIES))
"""Kinds of unit that are a rate; a lump sum, a ratio or a count is not."""
TEXT = "string"
COLUMNS = {
    "case": TEXT, "line": TEXT, "holder": TEXT, "implementer": TEXT, "payer": TEXT, "court": TEXT,
    "jurisdiction": TEXT, "citation": TEXT, "date": TEXT, "status": TEXT, "status_note": TEXT,
    "head_verified": "boolean", "head_source": TEXT, "standard": TEXT, "scope": TEXT, "role": TEXT,
    "headline": "boolean", "quantity": TEXT, "is_rate": "boolean", "printed": TEXT, "value": "float64",
    "low": "float64", "high": "float64", "unit": TEXT, "method": TEXT, "method_words": TEXT,
    "method_verified": "boolean", "method_source": TEXT, "function": TEXT, "share": "float64",
    "implied_aggregate": "float64", "recomputed": "float64", "reproduction": TEXT,
    "rests_on_assumption": "boolean", "verified": "boolean", "verified_in": TEXT, "source": TEXT,
}  # fmt: skip
"""Columns in order, with the type to read each as.

``value`` (missing where a range was printed), its ends ``low`` and ``high``, ``recomputed`` and
``implied_aggregate`` are in ``unit``, ``share`` is a fraction; ``date`` is as precise as the sources are.
"""
PARTIES = ("offer", "check")
"""Roles of figures that no court reasoned to, so that no method of a court is theirs."""


def determinations(cases: Iterable[Case]) -> pd.DataFrame:
    """Every printed figure of the cases, one a row, in the order of the files, with the types of ``COLUMNS``.

    ``share`` is the holder's part of all patents of the standard where the line says or counts it, else
    missing; ``implied_aggregate`` is the rate over that share: what all holders would take together if each
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
    return pd.DataFrame(rows, columns=list(COLUMNS)).astype(COLUMNS)


def share(line: Computation, values: Mapping[str, float]) -> float | None:
    """The holder's share of the standard, a fraction: as the line says, or own over all counted; else none.

    >>> from simulator.spec.case import Computation
    >>> line = Computation.model_construct(method="top_down", arguments={"own": "a", "total": "b"})
    >>> share(line, {"a": 12.0, "b": 48.0})
    0.25
    """
    if line.share is not None:
        return values.get(line.share)
    own, total = line.arguments.get("own"), line.arguments.get("total")
    if line.method != "top_down" or not isinstance(own, str) or not isinstance(total, str):
        return None
    return values[own] / values[total] if own in values and values.get(total) else None


def verified(case: Case, source: str) -> bool:
    """Whether a fact was read in a document, and not recalled."""
    return bool(case.read(source)) and not source.startswith("assumption")


def _row(case: Case, result: CaseResult, part: float | None) -> dict[str, object]:
    line = case.computations[result.name]
    printed = line.published
    if printed is None:
        raise ValueError("only a printed figure makes a row")
    value = printed.ends[0] if len(printed.ends) == 1 else None
    a_rate = UNITS[result.unit].kind in RATE_KINDS
    aggregate = implied_aggregate(value, part) if value and part and a_rate else None
    read = dict.fromkeys(source.kind for source in case.read(printed.source))
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
        "head_verified": verified(case, case.source),
        "head_source": sourced(case, case.source),
        "standard": case.standard,
        "scope": case.scope,
        "role": line.role,
        "headline": result.name == case.headline,
        "quantity": result.quantity,
        "is_rate": a_rate,
        "printed": printed.printed,
        "value": value,
        "low": printed.ends[0],
        "high": printed.ends[-1],
        "unit": result.unit,
        **_reasoning(case, line),
        "function": line.method or "",
        "share": part,
        "implied_aggregate": aggregate,
        "recomputed": result.computed,
        "reproduction": result.status,
        "rests_on_assumption": bool(result.assumes),
        "verified": verified(case, printed.source),
        "verified_in": "; ".join(read),
        "source": sourced(case, printed.source),
    }


def _reasoning(case: Case, line: Computation) -> dict[str, object]:
    """How the court reached a figure; nothing for what a party asked or a report reckoned."""
    if line.role in PARTIES:
        return {"method": "", "method_words": "", "method_verified": False, "method_source": ""}
    method: CourtMethod = line.court_method or case.court_method
    return {
        "method": method.approach,
        "method_words": method.words,
        "method_verified": verified(case, method.source),
        "method_source": sourced(case, method.source),
    }


def sourced(case: Case, source: str) -> str:
    """A source with the short names that begin it written out, so that the table stands alone."""
    spelt = [f"{name}: {case.sources[name].cites}" for name in source_names(source) if name in case.sources]
    return f"{source} [{'; '.join(spelt)}]" if spelt else source
