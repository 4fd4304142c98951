"""A claim as a statement that a run can contradict: an outcome, a contrast, the sign expected.

A contrast is a sum of outcomes under regimes at lever values, each with a weight.  A lever that a term does
not name is averaged over in a grid; one at a time, it has its first value.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Annotated, Literal, Self

import numpy as np
import numpy.typing as npt
from pydantic import AfterValidator, Field, model_validator

from simulator.errors import Problem, nearest
from simulator.spec.base import Spec
from simulator.spec.design import Cell, Lever
from simulator.spec.problems import quoted
from simulator.spec.yaml import Document, Keys

SHAPE = re.compile(r"(?:slope of (?P<lever>\S+) under )?(?P<first>\S+)(?: minus (?P<second>\S+))?")
EXAMPLE = "contrast: direct minus indirect"
Expected = Literal["positive", "negative", "zero", "open"]


def _contrast(text: str | None) -> str | None:
    if text is not None and SHAPE.fullmatch(text) is None:
        raise ValueError(
            "'REGIME', 'REGIME minus REGIME', 'slope of LEVER under REGIME' or "
            "'slope of LEVER under REGIME minus REGIME'"
        )
    return text


class Term(Spec):
    """One part of a contrast."""

    regime: str
    at: dict[str, float] = Field(default_factory=dict, description="values of levers")
    weight: float = 1.0


class Contrast(Spec):
    """What is compared: words for the usual contrasts, or terms for any other."""

    contrast: Annotated[str | None, AfterValidator(_contrast)] = Field(
        default=None,
        description=(
            "REGIME minus REGIME; or slope of LEVER under ..: the change over the lever's whole range along "
            "the least-squares line; or a regime alone, against 0"
        ),
    )
    at: dict[str, float] = Field(
        default_factory=dict, description="values of levers the contrast is taken at"
    )
    terms: tuple[Term, ...] = Field(default=(), description="a weighted sum in place of words")

    @model_validator(mode="after")
    def _one_of_two(self) -> Self:
        if (self.contrast is None) == (not self.terms):
            raise ValueError("give a contrast in words or terms, one of the two")
        if self.terms and self.at:
            raise ValueError("terms say themselves where they are taken: at belongs into each")
        return self

    @property
    def slope(self) -> str | None:
        """The lever along which it is the slope; none where it is none."""
        return None if self.contrast is None else _words(self.contrast)[0]

    def places(self) -> Iterator[dict[str, float]]:
        """The values of levers that it states, as a whole and in each term."""
        yield self.at
        yield from (term.at for term in self.terms)

    def parts(self, levers: Sequence[Lever]) -> tuple[Term, ...]:
        """The contrast as terms.

        >>> [(part.regime, part.weight) for part in Contrast(contrast="a minus b").parts(())]
        [('a', 1.0), ('b', -1.0)]
        """
        if self.contrast is None:
            return self.terms
        lever, first, second = _words(self.contrast)
        sides = [(first, 1.0)] + ([(second, -1.0)] if second else [])
        if lever is None:
            return tuple(Term(regime=name, at=self.at, weight=sign) for name, sign in sides)
        values = np.array(next(one.values for one in levers if one.name == lever))
        deviation = values - values.mean()
        slope = deviation / (deviation @ deviation) * np.ptp(values)
        return tuple(
            Term(regime=name, at=self.at | {lever: float(value)}, weight=sign * float(weight))
            for name, sign in sides
            for value, weight in zip(values, slope, strict=True)
        )

    def weights(
        self, levers: Sequence[Lever], settings: Sequence[Cell], regimes: Sequence[str], *, grid: bool
    ) -> npt.NDArray[np.float64]:
        """The weight of each lever setting and regime, shape (settings, regimes)."""
        result = np.zeros((len(settings), len(regimes)))
        for part in self.parts(levers):
            wanted = part.at if grid else {lever.name: lever.values[0] for lever in levers} | part.at
            rows = [k for k, cell in enumerate(settings) if wanted.items() <= cell.items()]
            result[rows, regimes.index(part.regime)] += part.weight / len(rows)
        return result


class Control(Contrast):
    """A contrast beside a claim that shows whether the effect comes from where the claim says."""

    control: str = Field(min_length=3, description="no sanction, no information, a renamed regime, ...")
    expected: Literal["positive", "negative", "zero", "exactly_zero"] = Field(
        default="zero", description="exactly_zero: in every replication, as for a renamed regime"
    )
    margin: float | None = Field(default=None, gt=0, description="none: that of the hypothesis")

    @model_validator(mode="after")
    def _exactly_zero_is_of_a_difference(self) -> Self:
        if self.expected == "exactly_zero" and self.contrast is not None:
            lever, _, second = _words(self.contrast)
            if lever is None and second is None:
                raise ValueError(
                    "a regime alone is its level, which is exactly zero by nothing: REGIME minus REGIME"
                )
        return self


class Hypothesis(Contrast):
    """A claim, frozen before the run."""

    id: str = Field(pattern=r"^[A-Z]+[0-9]+[a-z]?$", description="H7, or H7a and H7b for parts of a claim")
    claim: str = Field(min_length=10, description="the statement tested, in words")
    source: str = Field(min_length=2, description="who claims it, and where")
    outcome: str = Field(description="one of the experiment's outcomes")
    expected: Expected = Field(description="sign of the contrast; open: none claimed, so only reported")
    margin: float = Field(
        default=0.0, ge=0, description="smallest effect that matters, in the outcome's unit; zero needs one"
    )
    controls: tuple[Control, ...] = ()

    @model_validator(mode="after")
    def _zero_has_a_margin(self) -> Self:
        if self.margin == 0 and self.expected == "zero":
            raise ValueError("an effect expected to be zero needs a margin: the smallest that would matter")
        missing = [one.control for one in self.controls if one.margin is None and one.expected == "zero"]
        if self.margin == 0 and missing:
            raise ValueError(
                f"the control {missing[0]} needs a margin: the smallest effect that would matter"
            )
        return self


def _words(contrast: str) -> tuple[str | None, str, str | None]:
    found = SHAPE.fullmatch(contrast)
    return (found["lever"], found["first"], found["second"]) if found else (None, contrast, None)


def hypothesis_problems(
    document: Document,
    hypotheses: Sequence[Hypothesis],
    levers: Sequence[Lever],
    regimes: Sequence[str],
    outcomes: Sequence[str],
) -> Iterator[Problem]:
    """What hypotheses name that the experiment does not have."""
    seen: list[str] = []
    for place, hypothesis in enumerate(hypotheses):
        at: Keys = ("hypotheses", place)
        if hypothesis.id in seen:
            yield document.problem((*at, "id"), f"{hypothesis.id} is stated twice", "each hypothesis once")
        seen.append(hypothesis.id)
        if hypothesis.outcome not in outcomes:
            what = f"{quoted(hypothesis.outcome)} is not among the outcomes"
            yield document.problem((*at, "outcome"), what, nearest(hypothesis.outcome, outcomes))
        yield from _contrast_problems(document, at, hypothesis, levers, regimes)
        for number, control in enumerate(hypothesis.controls):
            yield from _contrast_problems(document, (*at, "controls", number), control, levers, regimes)


def _contrast_problems(
    document: Document, at: Keys, contrast: Contrast, levers: Sequence[Lever], regimes: Sequence[str]
) -> Iterator[Problem]:
    values = {lever.name: lever.values for lever in levers}
    named = [((*at, "terms", k), term.regime, term.at) for k, term in enumerate(contrast.terms)]
    if contrast.contrast is not None:
        lever, first, second = _words(contrast.contrast)
        named += [((*at, "contrast"), name, {}) for name in (first, second) if name is not None]
        if lever is not None and lever not in values:
            yield document.problem((*at, "contrast"), f"no lever is called {lever}", nearest(lever, values))
    for where, regime, _ in named:
        if regime not in regimes:
            what = f"{quoted(regime)} is not among the regimes"
            yield document.problem(where, what, nearest(regime, regimes), EXAMPLE)
    for where, point in [(at, contrast.at), *((where, point) for where, _, point in named)]:
        for lever, value in point.items():
            if lever not in values:
                yield document.problem(
                    (*where, "at", lever), f"no lever is called {lever}", nearest(lever, values)
                )
            elif value not in values[lever]:
                rule = "one of its values: " + ", ".join(f"{one:g}" for one in values[lever])
                yield document.problem((*where, "at", lever), f"got {value:g}", rule)
