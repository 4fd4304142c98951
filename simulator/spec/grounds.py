"""Whether the sources a regime gives for words of its court belong to rules it states."""

from __future__ import annotations

from collections.abc import Iterator

from simulator.errors import Problem, nearest
from simulator.spec.phrases import COURT
from simulator.spec.yaml import Document

RULES = (*COURT, "interim_licence.rate", "arbitration.form")
"""Rules of the court that are words."""


def ground_problems(document: Document) -> Iterator[Problem]:
    """Sources of rules there are not, or that the file leaves to the model."""
    grounds = document.get("grounds")
    for name in grounds if isinstance(grounds, dict) else ():
        at = ("grounds", name)
        if name not in RULES:
            yield document.problem(at, f"no rule of the court is called {name}", nearest(name, RULES))
        elif document.get("court", *name.split(".")) is None:
            yield document.problem(at, "the source of a rule that is not stated", f"state court.{name}")
