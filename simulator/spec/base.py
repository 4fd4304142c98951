"""What every specification shares: strict models, sourced numbers, the field's words as enumerations."""

from __future__ import annotations

import json
from enum import IntEnum
from hashlib import blake2b
from typing import Any

from pydantic import BaseModel, ConfigDict, Field
from pydantic.json_schema import GenerateJsonSchema
from pydantic_core import CoreSchema, core_schema

SCREEN = 1_500
"""Characters that a specification takes at a prompt, at most."""

PROSE = frozenset({"title", "source", "status", "as_of", "unit", "period", "story", "notes"})
"""Parts of a specification that say nothing of what is played; so does the ``range`` of a number."""


def unsaid(part: Any) -> Any:
    """A dumped part of a specification without what is said of it.

    >>> unsaid({"term": {"value": 2, "range": [1, 3], "source": "assumption"}, "title": "Mine"})
    {'term': {'value': 2}}
    """
    if isinstance(part, dict):
        prose = PROSE | {"range"} if "value" in part else PROSE  # a court's range is a rule
        return {name: unsaid(cell) for name, cell in part.items() if name not in prose}
    return [unsaid(cell) for cell in part] if isinstance(part, list | tuple) else part


def rules_hash(*parts: Any) -> str:
    """64-bit BLAKE2b of dumped parts of specifications, without what is said of them."""
    said = json.dumps([unsaid(part) for part in parts], sort_keys=True)
    return blake2b(said.encode(), digest_size=8).hexdigest()


class WordsOfFiles(GenerateJsonSchema):
    """JSON Schema in which a default is written as a file would: a word, never its code."""

    def encode_default(self, dft: Any) -> Any:
        """The default as it may stand in a file."""
        return dft.name.lower() if isinstance(dft, IntEnum) else super().encode_default(dft)


class Spec(BaseModel):
    """A part of a scenario: immutable, no unknown keys, no silent conversion."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True, allow_inf_nan=False)

    @classmethod
    def model_json_schema(cls, **options: Any) -> dict[str, Any]:  # type: ignore[override]
        """The JSON Schema of a file or part."""
        return super().model_json_schema(**{"schema_generator": WordsOfFiles} | options)

    def __repr__(self) -> str:
        """As pydantic writes it; what is longer than a screen by its first fields."""
        text = super().__repr__()
        return text if len(text) <= SCREEN else f"{text[: SCREEN - 4]} ...)"


class Quantity(Spec):
    """A number with where it comes from: ``{value: 2, source: assumption}``."""

    value: float = Field(description="the number, in the unit the parameter registry states")
    source: str = Field(min_length=3, description="a citation, or a sentence that starts with 'assumption'")
    range: tuple[float, float] | None = Field(default=None, description="plausible range, for sweeps")


class Words:
    """Metadata of an enumeration that is read and written as its lower-case names.

    >>> from typing import Annotated
    >>> from simulator.vocabulary import Act
    >>> from pydantic import TypeAdapter
    >>> TypeAdapter(Annotated[Act, Words(Act)]).validate_python("notify")
    <Act.NOTIFY: 0>
    """

    def __init__(self, kind: type[IntEnum]) -> None:
        self.names = {member.name.lower(): member for member in kind}

    def __get_pydantic_core_schema__(self, *_: object) -> CoreSchema:
        """How pydantic validates and serializes the word."""
        written = core_schema.plain_serializer_function_ser_schema(
            lambda member: member.name.lower(), return_schema=core_schema.str_schema()
        )
        return core_schema.no_info_plain_validator_function(self.read, serialization=written)

    def __get_pydantic_json_schema__(self, *_: object) -> dict[str, Any]:
        """How a JSON Schema describes the word."""
        return {"type": "string", "enum": list(self.names)}

    def read(self, value: object) -> IntEnum:
        """The member a word names.  Raises ``ValueError`` with the words there are."""
        if isinstance(value, str) and value in self.names:
            return self.names[value]
        if isinstance(value, IntEnum) and value in self.names.values():
            return value
        raise ValueError(f"must be one of {', '.join(self.names)}")
