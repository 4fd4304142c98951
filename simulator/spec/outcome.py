"""An outcome an experiment looks at: a metric, over all negotiations or over those that meet conditions.

``deadlock_rate[holder_strategy=holder_over_declarer]`` is the deadlock rate among the negotiations of
over-declaring holders; several values are separated by ``|``, several conditions by a comma.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from enum import IntEnum
from typing import NamedTuple

from simulator.errors import Problem, nearest
from simulator.spec.problems import quoted
from simulator.spec.yaml import Document, Keys
from simulator.vocabulary import Cause, Outcome, Party

STRATEGIES = ("holder_strategy", "implementer_strategy")
"""Columns whose values are strategies."""
WORDS: dict[str, type[IntEnum]] = {"outcome": Outcome, "cause": Cause, "filer": Party}
"""Columns whose values are words of the vocabulary."""
FLAGS = ("filed", "injunction", "appealed")
"""Columns whose values are yes and no."""
COLUMNS = (*STRATEGIES, *WORDS, *FLAGS)
SHAPE = re.compile(r"(\w+)(?:\[([^\[\]]+)\])?")


class Condition(NamedTuple):
    """Which values a column must have."""

    column: str
    values: tuple[str, ...]


class Measured(NamedTuple):
    """A metric and the negotiations it is taken over."""

    metric: str
    conditions: tuple[Condition, ...] = ()


def measured(text: str) -> Measured:
    """What an outcome says.  Raises ``ValueError`` where it has another form.

    >>> measured("rounds[outcome=negotiated|exit, filed=no]").conditions[0]
    Condition(column='outcome', values=('negotiated', 'exit'))
    """
    match = SHAPE.fullmatch(text)
    if match is None:
        raise ValueError("a metric, with conditions in brackets if need be")
    conditions = []
    for part in (match[2] or "").split(",") if match[2] else ():
        column, equals, values = (word.strip() for word in part.partition("="))
        if not (column and equals and values):
            raise ValueError("a condition is a column, =, and a value or several with | between them")
        conditions.append(Condition(column, tuple(value.strip() for value in values.split("|"))))
    return Measured(match[1], tuple(conditions))


def allowed(column: str, strategies: Collection[str]) -> list[str]:
    """The values a column may be asked for."""
    if column in STRATEGIES:
        return list(strategies)
    return [member.name.lower() for member in WORDS[column]] if column in WORDS else ["yes", "no"]


def outcome_problems(document: Document, measures: Collection[str]) -> Iterator[Problem]:
    """What is wrong with the outcomes of a file; ``measures`` are the known metrics, none: not checked."""
    outcomes = document.get("outcomes")
    for place, outcome in enumerate(outcomes if isinstance(outcomes, tuple) else ()):
        at: Keys = ("outcomes", place)
        if outcome in outcomes[:place]:
            yield document.problem(at, f"{outcome} is named twice", "each metric once")
        if not isinstance(outcome, str):
            continue
        try:
            said = measured(outcome)
        except ValueError as error:
            example = "deadlock_rate[holder_strategy=holder_over_declarer]"
            yield document.problem(at, f"got {quoted(outcome)}", str(error), example)
            continue
        if measures and said.metric not in measures:
            what = f"no metric is called {quoted(said.metric)}"
            yield document.problem(at, what, nearest(said.metric, measures))
        for condition in said.conditions:
            if condition.column not in COLUMNS:
                what = f"no condition on {quoted(condition.column)}"
                yield document.problem(at, what, nearest(condition.column, COLUMNS))


def value_problems(
    document: Document, outcomes: Collection[str], strategies: Collection[str]
) -> Iterator[Problem]:
    """Conditions on values their column does not have; ``strategies`` are those of the scenario."""
    for place, outcome in enumerate(outcomes):
        for column, values in measured(outcome).conditions:
            known = allowed(column, strategies)
            for value in values:
                if value not in known:
                    what = f"{column} is never {quoted(value)}"
                    yield document.problem(("outcomes", place), what, nearest(value, known))
