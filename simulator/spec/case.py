"""A case: what a judgment took in, how it reckoned, and what it printed.

Every number carries a unit and a source.  A unit belongs to one kind (a share of price is not money per unit,
families are not patents, dollars are not euros), and numbers convert only inside their kind.
"""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path
from typing import Annotated, Any, Literal, LiteralString, NamedTuple

from pydantic import (
    AfterValidator,
    BeforeValidator,
    ConfigDict,
    Field,
    PrivateAttr,
    ValidationError,
    ValidatorFunctionWrapHandler,
    WrapValidator,
    model_validator,
)
from pydantic_core import PydanticCustomError

from simulator.errors import Nearest, Problem
from simulator.spec.base import Spec
from simulator.spec.find import builtin, resolve
from simulator.spec.problems import build
from simulator.spec.schema import current, described
from simulator.spec.yaml import Document, Keys, dotted, read

CASE_NAME = r"^[a-z0-9][a-z0-9-]*$"
CURRENCIES = ("usd", "eur", "gbp", "rmb", "inr", "jpy")


class Unit(NamedTuple):
    """A unit: the kind of number it measures, its size in the kind's base unit, how it prints."""

    kind: str
    factor: float
    symbol: str


UNITS = {
    "fraction": Unit("number", 1.0, ""),
    "percent": Unit("number", 0.01, "%"),
    "multiple": Unit("number", 1.0, "times"),
    "fraction_of_price": Unit("price_share", 1.0, "of price"),
    "percent_of_price": Unit("price_share", 0.01, "% of price"),
    "usd_per_unit": Unit("usd_per_unit", 1.0, "$ per unit"),
    "cents_per_unit": Unit("usd_per_unit", 0.01, "US cents per unit"),
    "eur_per_unit": Unit("eur_per_unit", 1.0, "€ per unit"),
    "gbp_per_unit": Unit("gbp_per_unit", 1.0, "£ per unit"),
    "rmb_per_unit": Unit("rmb_per_unit", 1.0, "RMB per unit"),
    "inr_per_unit": Unit("inr_per_unit", 1.0, "INR per unit"),
    "jpy_per_unit": Unit("jpy_per_unit", 1.0, "¥ per unit"),
    "usd": Unit("usd", 1.0, "$"),
    "usd_million": Unit("usd", 1e6, "million $"),
    "usd_billion": Unit("usd", 1e9, "billion $"),
    "eur": Unit("eur", 1.0, "€"),
    "eur_million": Unit("eur", 1e6, "million €"),
    "gbp": Unit("gbp", 1.0, "£"),
    "gbp_million": Unit("gbp", 1e6, "million £"),
    "rmb": Unit("rmb", 1.0, "RMB"),
    "rmb_million": Unit("rmb", 1e6, "million RMB"),
    "inr": Unit("inr", 1.0, "INR"),
    "inr_million": Unit("inr", 1e6, "million INR"),
    "jpy": Unit("jpy", 1.0, "¥"),
    "jpy_million": Unit("jpy", 1e6, "million ¥"),
    "families": Unit("families", 1.0, "families"),
    "patents": Unit("patents", 1.0, "patents"),
    "units": Unit("units", 1.0, "units"),
    "million_units": Unit("units", 1e6, "million units"),
    "years": Unit("years", 1.0, "years"),
    "months": Unit("years", 1.0 / 12.0, "months"),
    "percent_per_year": Unit("per_year", 0.01, "% a year"),
    "rmb_per_usd": Unit("exchange", 1.0, "RMB per $"),
}
UnitWord = Literal[
    "fraction", "percent", "multiple", "fraction_of_price", "percent_of_price",
    "usd_per_unit", "cents_per_unit", "eur_per_unit", "gbp_per_unit", "rmb_per_unit", "inr_per_unit",
    "jpy_per_unit", "usd", "usd_million", "usd_billion", "eur", "eur_million", "gbp", "gbp_million",
    "rmb", "rmb_million", "inr", "inr_million", "jpy", "jpy_million",
    "families", "patents", "units", "million_units", "years", "months", "percent_per_year", "rmb_per_usd",
]  # fmt: skip


def convert(value: float, unit: str, into: str) -> float:
    """A number in another unit of its kind.

    Raises:
        ValueError: the units are of different kinds.

    >>> convert(0.8, "cents_per_unit", "usd_per_unit")
    0.008
    >>> convert(0.8, "cents_per_unit", "percent_of_price")
    Traceback (most recent call last):
    ValueError: cents_per_unit is usd_per_unit, percent_of_price is price_share
    """
    if UNITS[unit].kind != UNITS[into].kind:
        raise ValueError(f"{unit} is {UNITS[unit].kind}, {into} is {UNITS[into].kind}")
    return value * UNITS[unit].factor / UNITS[into].factor


def _ordered(pair: tuple[float, float]) -> tuple[float, float]:
    if pair[0] >= pair[1]:
        raise ValueError("must be [low, high] with low below high")
    return pair


def _or(rule: LiteralString) -> WrapValidator:
    """One rule, in words, where a value has several forms: without it each form complains for itself."""

    def judged(value: object, form: ValidatorFunctionWrapHandler) -> Any:
        try:
            return form(value)
        except ValidationError:
            raise PydanticCustomError("forms", rule) from None

    return WrapValidator(judged)


Interval = Annotated[tuple[float, float], AfterValidator(_ordered)]
Day = Annotated[
    date | Annotated[str, Field(pattern=r"^\d{4}(-\d{2})?$")],
    _or('a day, 2015-07-16, or in quotes a month, "2015-07", or a year, "2015"'),
]
References = Annotated[
    str | tuple[str, ...],
    _or("the name of an input or of an earlier line, or names in [ ]; a number stands under inputs"),
]
Name = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*$")]


class Distribution(Spec):
    """How an uncertain input is spread, in the input's unit."""

    shape: Literal["normal", "lognormal", "triangular"]
    median: float = Field(description="median; of a triangular one the mode")
    spread: float | None = Field(
        default=None, gt=0, description="sd (normal), or sd of the logarithm (lognormal)"
    )
    between: Interval | None = Field(default=None, description="ends of a triangular distribution")

    @model_validator(mode="after")
    def _complete(self) -> Distribution:
        if (self.between is not None) != (self.shape == "triangular"):
            raise ValueError("a triangular distribution states its ends in 'between', no other does")
        if (self.spread is None) != (self.shape == "triangular"):
            raise ValueError("a normal or lognormal distribution states its 'spread'")
        if self.shape == "lognormal" and self.median <= 0:
            raise ValueError("the median of a lognormal distribution is above 0")
        if self.between and not self.between[0] <= self.median <= self.between[1]:
            raise ValueError("the median lies between the ends")
        return self


class Input(Spec):
    """What the court had before it: known, known within a range, distributed, or not public."""

    unit: UnitWord
    value: float | None = None
    range: Interval | None = Field(default=None, description="ends between which the value lies")
    distribution: Distribution | None = None
    unknown: bool = Field(default=False, description="not public; solved for where outputs pin it down")
    between: Interval | None = Field(default=None, description="where to look for an unknown, in its unit")
    source: str = Field(min_length=2, description="a citation, or a sentence that starts with 'assumption'")

    @model_validator(mode="after")
    def _one_form(self) -> Input:
        forms = [
            self.value is not None or self.range is not None,
            self.distribution is not None,
            self.unknown,
        ]
        if sum(forms) != 1:
            raise ValueError("an input has one of value: (or range:), distribution:, unknown: true")
        if self.unknown != (self.between is not None):
            raise ValueError("'between' says where to look for an unknown, and only for an unknown")
        if self.range and self.value is not None and not self.range[0] <= self.value <= self.range[1]:
            raise ValueError("the value lies in the range")
        return self

    @property
    def point(self) -> float | None:
        """The central value in the input's unit: as stated, else middle of the range or median."""
        if self.value is not None:
            return self.value
        if self.range is not None:
            return 0.5 * (self.range[0] + self.range[1])
        return self.distribution.median if self.distribution else None

    @property
    def is_assumption(self) -> bool:
        """Whether no source was read for it."""
        return self.source.startswith("assumption")


SourceKind = Literal["judgment", "record", "party", "commentary", "press"]
"""What a source is: the court's own text, an official record, a party's word, an expert's report, press."""
Role = Literal["award", "aggregate", "bound", "step", "offer", "check"]
"""What a printed figure is: what the court set; the burden of all holders together; an end of what is FRAND;
what the court used on the way; what a party asked or offered; arithmetic of a report or of this project."""
Approach = Literal[
    "comparable_licences", "top_down", "top_down_and_comparables", "hypothetical_negotiation",
    "parties_negotiation", "jury", "interim_estimate", "security", "not_stated",
]  # fmt: skip
"""Kinds of reasoning of courts, to compare and draw: coarser than the words a court used itself."""


class Source(Spec):
    """A document that was read for a case; what was not read is an assumption and no source."""

    kind: SourceKind
    cites: str = Field(min_length=5, description="what and where, so that a reader can look it up")


class CourtMethod(Spec):
    """How the court reached a figure, as it named the method: its reasoning, whatever reckons it here."""

    approach: Approach
    words: str = Field(min_length=3, description="the method as the court or a report of it named it")
    source: str = Field(min_length=2)


def _as_printed(text: object) -> object:
    if not isinstance(text, str) or not re.fullmatch(r"\d[\d,]*(\.\d+)?( to \d[\d,]*(\.\d+)?)?", text):
        raise ValueError('a number in quotes, "15,390,527", or both ends of a range, "4.341 to 5.273"')
    return text


class Published(Spec):
    """A figure as a judgment (or a report of it) printed it: one number, or two ends as ``6 to 8``."""

    printed: Annotated[str, BeforeValidator(_as_printed)] = Field(
        description="as printed, in quotes: its last digit counts; a range as '4.341 to 5.273'"
    )
    unit: UnitWord
    source: str = Field(min_length=2)
    rounding: float | None = Field(
        default=None, gt=0, description="unit of rounding, where it is not the last printed digit"
    )

    @model_validator(mode="after")
    def _rising(self) -> Published:
        if len(self.ends) == 2:
            _ordered((self.ends[0], self.ends[1]))
        return self

    @property
    def ends(self) -> tuple[float, ...]:
        """The figure in its unit, or the two ends of a printed range.

        >>> Published(printed="4.341 to 5.273", unit="percent_of_price", source="a judgment").ends
        (4.341, 5.273)
        """
        return tuple(float(end) for end in self.printed.replace(",", "").split(" to "))

    @property
    def references(self) -> dict[str, float]:
        """What later lines may refer to behind the line's name, with its number in the unit."""
        if len(self.ends) == 1:
            return {"printed": self.ends[0]}
        return dict(zip(("printed_low", "printed_high"), self.ends, strict=True))

    @property
    def is_assumption(self) -> bool:
        """Whether the figure, or the tolerance it is read with, is assumed."""
        return "assumption" in self.source

    @property
    def digits(self) -> int:
        """Decimals printed."""
        return decimals(self.printed)

    @property
    def step(self) -> float:
        """Unit of rounding: the last printed digit unless stated.

        >>> Published(printed="4.341", unit="percent_of_price", source="a judgment").step
        0.001
        """
        return float(self.rounding or 10.0**-self.digits)


def decimals(printed: str) -> int:
    """Decimals of a printed figure, or of the lower end of a printed range.

    >>> decimals("4.341 to 5.273"), decimals("15,390,527")
    (3, 0)
    """
    return len(printed.partition(" to ")[0].partition(".")[2])


class Computation(Spec):
    """One line of the reckoning."""

    ref: str | None = Field(
        default=None, pattern=r"^R\d+$", description="number in the project's list of rates"
    )
    quantity: str = Field(min_length=3, description="what it is, in words")
    method: str | None = Field(default=None, description="a method of simulator.rates.methods")
    arguments: dict[str, References] = Field(
        default_factory=dict, description="argument: an input, an earlier line, or 'line.printed'"
    )
    published: Published | None = None
    role: Role | None = Field(default=None, description="what a published figure is")
    court_method: CourtMethod | None = Field(
        default=None, description="how the court reached it, where not as the case says"
    )
    share: str | None = Field(
        default=None, description="input or line that is the holder's part of the standard here"
    )
    unit: UnitWord | None = Field(default=None, description="unit to show it in, where nothing is published")
    answers: Name | None = Field(
        default=None, description="the line whose question this answers in another way"
    )
    not_reproducible: str | None = Field(
        default=None, min_length=10, description="why no public input gives it"
    )
    note: str = ""

    @model_validator(mode="after")
    def _complete(self) -> Computation:
        if (self.published is None) == (self.unit is None):
            raise ValueError(
                "a line has published: (a printed figure) or, where nobody printed it, unit: (to show it in)"
            )
        if self.method is None and self.not_reproducible is None:
            raise ValueError(
                "a line has method: (stated, to put a figure down), or not_reproducible: (the reason)"
            )
        if self.not_reproducible and self.published is None:
            raise ValueError("not_reproducible is said of a published figure")
        if (self.published is None) != (self.role is None):
            raise ValueError(
                "a line has role: (what the figure is) where it has published:, and none where it has unit:"
            )
        return self

    @property
    def shown_in(self) -> str:
        """The unit it is shown in."""
        return self.published.unit if self.published else str(self.unit)


def source_names(source: str) -> list[str]:
    """The short names that a fact's source begins with, before a colon.

    >>> source_names("S1, twobirds: about"), source_names("assumption: recalled")
    (['S1', 'twobirds'], ['assumption'])
    """
    return source.partition(":")[0].split(", ")


class Parties(Spec):
    """Who holds the patents and who uses them; whoever sued."""

    holder: tuple[str, ...] = Field(min_length=1)
    implementer: tuple[str, ...] = Field(min_length=1)


class Case(Spec):
    """A judgment that set a rate, with everything needed to reckon it again."""

    model_config = ConfigDict(json_schema_extra=described)

    case: str = Field(pattern=CASE_NAME, description="identifier, the file's name")
    title: str = Field(min_length=3)
    court: str = Field(min_length=3)
    citation: str = Field(min_length=3)
    jurisdiction: str = Field(min_length=2)
    parties: Parties
    payer: Literal["implementer", "holder"] = Field(default="implementer", description="who pays whom")
    standard: str = Field(default="", description="the standard or standards licensed, in words")
    dates: dict[str, Day] = Field(min_length=1, description="as precise as the sources are")
    status: Literal[
        "final", "first_instance", "interim", "vacated", "appealed", "replaced_on_appeal", "settled"
    ]
    status_note: str = ""
    source: str = Field(min_length=2, description="where court, citation, dates and status were read")
    scope: str = Field(min_length=3, description="what the licence or award covers: where, which patents")
    court_method: CourtMethod
    sources: dict[str, Source] = Field(min_length=1, description="short name: a document that was read")
    headline: Name | None = Field(default=None, description="the line that other methods are compared with")
    inputs: dict[Name, Input] = Field(default_factory=dict)
    computations: dict[Name, Computation] = Field(
        min_length=1, description="in order; a line sees earlier ones"
    )
    defects: tuple[str, ...] = Field(
        default=(), description="errors of the sources and what was done about them"
    )
    notes: str = ""

    _document: Document | None = PrivateAttr(default=None)

    def read_from(self, document: Document) -> Case:
        """This case, with the file it was read from, so that problems name lines."""
        self._document = document
        return self

    def read(self, source: str) -> tuple[Source, ...]:
        """The documents read that a fact names at the head of its source: ``J1, press: of 5 May``."""
        return tuple(self.sources[name] for name in source_names(source) if name in self.sources)

    def problem(self, keys: Keys, what: str, rule: str | Nearest = "") -> Problem:
        """A problem at an entry, with its line where the case was read from a file."""
        if self._document is not None:
            return self._document.problem(keys, what, rule)
        return Problem(self.case, None, dotted(keys), what, rule)


def case_names() -> tuple[str, ...]:
    """Names of the built-in cases, sorted.

    >>> "oppo-v-nokia" in case_names()
    True
    """
    return tuple(builtin("cases"))


def load_case(name_or_path: str | Path) -> Case:
    """Read a case: the name of a built-in one, or the path of a file.

    Raises:
        ScenarioError: no such case, or everything that is wrong with the file.
    """
    document = current(read(resolve("case", name=name_or_path)))
    return build(Case, document).read_from(document)
