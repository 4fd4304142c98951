"""A frontier: the line in a map over two levers at which two outcomes under one regime are equal."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from pydantic import Field

from simulator.errors import Problem, nearest
from simulator.spec.base import Spec
from simulator.spec.design import Design, Lever
from simulator.spec.problems import quoted
from simulator.spec.yaml import Document


class Frontier(Spec):
    """Where one outcome stops to exceed another, such as what hold-out costs and what good faith costs."""

    frontier: str = Field(min_length=3, description="what the line means: hold-out stops paying")
    outcome: str = Field(description="one of the experiment's outcomes")
    minus: str = Field(description="the outcome it is compared with, under the same regime in the same cell")


def frontier_problems(
    document: Document,
    frontiers: Sequence[Frontier],
    outcomes: Sequence[str],
    levers: Sequence[Lever],
    design: Design,
) -> Iterator[Problem]:
    """What frontiers name that is not among the outcomes, and a design that makes no map."""
    if frontiers and (len(levers) < 2 or design.levers != "grid"):
        rule = "frontiers are lines in a map: two levers or more, in a grid"
        yield document.problem(("frontiers",), f"{len(levers)} levers, {design.levers}", rule)
    for place, frontier in enumerate(frontiers):
        for key in ("outcome", "minus"):
            name = getattr(frontier, key)
            if name not in outcomes:
                what = f"{quoted(name)} is not among the outcomes"
                yield document.problem(("frontiers", place, key), what, nearest(name, outcomes))
