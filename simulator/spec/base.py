"""What every specification shares: strict models, sourced numbers, the field's words as enumerations."""

from __future__ import annotations

from enum import IntEnum
from typing import Annotated, Any, TypeVar

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, PlainSerializer, WithJsonSchema

E = TypeVar("E", bound=IntEnum)


class Spec(BaseModel):
    """A part of a scenario: immutable, no unknown keys, no silent conversion."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True, allow_inf_nan=False)


class Quantity(Spec):
    """A number with where it comes from: ``{value: 2, source: assumption}``."""

    value: float = Field(description="the number, in the unit the parameter registry states")
    source: str = Field(min_length=3, description="a citation, or a sentence that starts with 'assumption'")
    range: tuple[float, float] | None = Field(default=None, description="plausible range, for sweeps")


def words(kind: type[E]) -> Any:
    """An annotated type that reads and writes the lower-case names of an enumeration.

    >>> from simulator.vocabulary import Act
    >>> from pydantic import TypeAdapter
    >>> TypeAdapter(words(Act)).validate_python("notify")
    <Act.NOTIFY: 0>
    """
    names = {member.name.lower(): member for member in kind}

    def read(value: object) -> object:
        if isinstance(value, kind):
            return value
        if isinstance(value, str) and value in names:
            return names[value]
        raise ValueError(f"must be one of {', '.join(names)}")

    return Annotated[
        kind,
        BeforeValidator(read),
        PlainSerializer(lambda member: member.name.lower(), return_type=str),
        WithJsonSchema({"type": "string", "enum": list(names)}),
    ]
