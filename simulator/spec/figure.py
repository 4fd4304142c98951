"""A number of the law, and the text that states it."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Literal, NamedTuple

from pydantic import BeforeValidator, Field, model_validator

from simulator.spec.base import Quantity, Words
from simulator.vocabulary import LegalStatus

LegalStatusWord = Annotated[LegalStatus, Words(LegalStatus)]


def _iso_date(value: object) -> object:
    return date.fromisoformat(value) if isinstance(value, str) else value


Day = Annotated[date, BeforeValidator(_iso_date)]


class Text(NamedTuple):
    """The text that states a rule: the regime whose file has it, and what that file cites."""

    regime: str
    source: str
    status: LegalStatus


class Figure(Quantity):
    """A number of the law: a quantity whose standing may differ from its file's."""

    status: LegalStatusWord | None = Field(
        default=None, description="legal status of this number where it is not the file's"
    )
    as_of: Day | None = Field(
        default=None, description="day of the text or figure, where it is not the file's"
    )
    unit: Literal["months", "weeks", "days"] | None = Field(
        default=None,
        description="unit of a period; weeks and days are converted to months when a file is read",
    )
    period: str = Field(default="", description="the period in the words of the text, kept by the program")

    @model_validator(mode="before")
    @classmethod
    def _of_quantity(cls, value: object) -> object:
        """A plain number with its source, as Python code writes it, is a number of the law."""
        if isinstance(value, Quantity) and not isinstance(value, Figure):
            return value.model_dump()
        if isinstance(value, dict) and isinstance(value.get("range"), list):  # as JSON has it
            return value | {"range": tuple(value["range"])}
        return value
