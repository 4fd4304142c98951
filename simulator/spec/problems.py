"""From what the models reject to what a researcher reads: the value, the rule, a valid example."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from difflib import get_close_matches
from enum import IntEnum
from types import NoneType, UnionType
from typing import Annotated, Any, Literal, TypeVar, Union, get_args, get_origin

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from simulator.errors import Nearest, Problem, ScenarioError, nearest
from simulator.spec.base import Quantity, Spec
from simulator.spec.yaml import Document, Keys

S = TypeVar("S", bound=Spec)

__all__ = ["build", "nearest", "quoted", "type_at"]

QUANTITY = "every number states its source: a citation, or the word assumption"
RULES = {
    "missing": "required",
    "string_type": "must be text",
    "string_too_short": "says too little",
    "int_type": "must be a whole number",
    "int_from_float": "must be a whole number",
    "float_type": "must be a number",
    "bool_type": "must be true or false",
    "finite_number": "must be finite",
    "tuple_type": "must be a list",
    "too_short": "must not be empty",
    "string_unicode": "must be text",
}
PATTERNS = {
    r"^[a-z][a-z0-9_]*$": ("a name: small letters, digits and underscores, a letter first", "hold_up"),
    r"^[a-z0-9][a-z0-9-]*$": ("a name: small letters, digits and dashes", "my-own-2"),
    r"^[a-z0-9][a-z0-9_-]*$": ("a name: small letters, digits, dashes and underscores", "my_own-2"),
    r"^[A-Z]+[0-9]+[a-z]?$": (
        "capital letters, a number, and a small letter for a part of a claim",
        "H7a",
    ),
    r"^R\d+$": ("R and a number", "R12"),
    r"^\d{4}(-\d{2})?$": ("a date, a year and a month, or a year", '"2015-07"'),
}
"""What a text must look like, by its pattern, and one that does."""


def build(model: type[S], document: Document, further: Iterable[Problem] = ()) -> S:
    """The model a document describes.

    Raises ``ScenarioError`` with every problem: of the text, of the model, and ``further`` ones.
    """
    problems = [*document.problems, *further]
    result = None
    try:
        result = model.model_validate(document.data)
    except ValidationError as error:
        problems += _judged(model, document, error.errors(include_url=False))
    if result is None or problems:
        raise ScenarioError(
            *sorted(set(problems), key=lambda problem: (problem.file, problem.line or 0, problem.path))
        )
    return result


def quoted(value: object) -> str:
    """A value as a message repeats it: short, on one line.

    >>> quoted("x" * 99)
    "'xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx...'"
    """
    if value is None:
        return "nothing"
    if isinstance(value, Mapping):
        return "a mapping of " + ", ".join(map(str, value)) if value else "an empty mapping"
    if isinstance(value, tuple):
        return "a list" if value else "an empty list"
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, str):
        return repr(value if len(value) <= 40 else value[:37] + "...")
    return f"{value:.10g}" if isinstance(value, float) else str(value)


def _judged(model: type[Spec], document: Document, errors: list[ErrorDetails]) -> Iterator[Problem]:
    judged = [(_keys(error), error) for error in errors]
    misspelt = {_meant(model, keys) for keys, error in judged if error["type"] == "extra_forbidden"}
    lacking: dict[Keys, list[str]] = {}
    for keys, error in judged:
        if error["type"] == "missing":
            lacking.setdefault(keys[:-1], []).append(str(keys[-1]))
    unfinished = {keys for keys, names in lacking.items() if len(names) > 1 and _named_freely(model, keys)}
    for keys in unfinished:
        yield _unfinished(model, document, keys, lacking[keys])
    for keys, error in judged:
        emptied = error["type"] == "too_short" and error["input"]  # only because its items are wrong
        told = error["type"] == "missing" and (keys in misspelt or keys[:-1] in unfinished)
        spoilt = any(keys[:length] in document.spoilt for length in range(1, len(keys) + 1))
        if not emptied and not spoilt and not told:
            yield _problem(model, document, keys, error)


def _keys(error: ErrorDetails) -> Keys:
    return tuple(part for part in error["loc"] if part != "[key]")


def _meant(model: type[Spec], keys: Keys) -> Keys:
    """Where a key that is unknown was meant to stand; itself, where no known one is near."""
    owner = type_at(model, keys[:-1])
    known = owner.model_fields if _is_entry(owner) else ()
    return (*keys[:-1], *get_close_matches(str(keys[-1]), known, n=1)) if known else keys


def _named_freely(model: type[Spec], keys: Keys) -> bool:
    """Whether an entry's name is its author's, as that of a step is."""
    return bool(keys) and get_origin(type_at(model, keys[:-1])) is dict


def _unfinished(model: type[Spec], document: Document, keys: Keys, lacking: list[str]) -> Problem:
    """A new entry that lacks most of what it must say: often the misspelt name of one that is inherited."""
    others = [name for name in document.get(*keys[:-1]) or () if name != keys[-1]]
    near = get_close_matches(str(keys[-1]), others, n=1, cutoff=0.75)
    rule = f"did you mean {near[0]}?" if near else "a new entry states them all"
    example = "" if near else _example(keys, type_at(model, keys), None)
    return document.problem(keys, f"new, and lacks {', '.join(lacking)}", rule, example)


def _problem(model: type[Spec], document: Document, keys: Keys, error: ErrorDetails) -> Problem:
    kind, value = error["type"], error["input"]
    key = str(keys[-1]) if keys else ""
    wanted = _key_at(model, keys) if error["loc"][-1:] == ("[key]",) else type_at(model, keys)
    example = _example(keys, wanted, value)
    if kind == "missing":
        return document.problem(keys, "missing", "", example)
    if kind == "extra_forbidden":
        owner = type_at(model, keys[:-1])
        rule: str | Nearest = nearest(key, owner.model_fields if _is_entry(owner) else ())
        if value is None and " " in key:  # the rest of a text: {cites: ABC v DEF, 5 May}
            rule = "a text with a comma between { } goes in quotes"
        return document.problem(keys, f"the key {key} is unknown here", rule)
    if isinstance(wanted, type) and issubclass(wanted, Quantity) and kind == "model_type":
        number = isinstance(value, int | float) and not isinstance(value, bool)
        shown = f"{key}: {{value: {value}, source: assumption}}" if number else example
        return document.problem(
            keys, f"got {'the bare number ' if number else ''}{quoted(value)}", QUANTITY, shown
        )
    if words := _words(wanted):
        what = f"got {quoted(value)}"
        return document.problem(keys, what, nearest(str(value), words), example if value != key else "")
    if kind == "forms" or (kind == "value_error" and (wanted is str or _is_entry(wanted))):
        example = ""  # its rule shows what to write
    if kind == "string_pattern_mismatch":
        rule, name = PATTERNS[error["ctx"]["pattern"]]
        return document.problem(
            keys, f"got {quoted(value)}", rule, f"{key}: {name}" if key != value else name
        )
    decimal = isinstance(value, float) and kind in ("int_type", "int_from_float")
    return document.problem(
        keys, f"got {value if decimal else quoted(value)}", _rule(kind, wanted, error), example
    )


def _is_entry(wanted: Any) -> bool:
    return isinstance(wanted, type) and issubclass(wanted, Spec)


def _rule(kind: str, wanted: Any, error: ErrorDetails) -> str:
    if wanted is date and kind != "forms":
        return "must be a date: year-month-day"
    if kind in RULES:
        return RULES[kind]
    if kind in ("model_type", "dict_type"):
        return "must be a mapping of keys to values"
    return error["msg"].removeprefix("Value error, ").replace("Input should", "must")


def _plain(annotation: Any) -> Any:
    """An annotation without ``Annotated`` and ``| None``."""
    if get_origin(annotation) is Annotated:
        return _plain(get_args(annotation)[0])
    if get_origin(annotation) in (Union, UnionType):
        kinds = [kind for kind in get_args(annotation) if kind is not NoneType]
        return _plain(kinds[0])
    return annotation


def type_at(model: type[Spec], keys: Keys) -> Any:
    """What the models want at an entry; ``None`` where they know no such entry."""
    kind: Any = model
    for key in keys:
        if isinstance(kind, type) and issubclass(kind, BaseModel):
            field = kind.model_fields.get(str(key))
            kind = _plain(field.annotation) if field else None
        elif get_origin(kind) is dict:
            kind = _plain(get_args(kind)[1])
        elif get_origin(kind) is tuple:
            kind = _plain(get_args(kind)[0])
        else:
            return None
    return kind


def words_of(model: type[Spec], field: str) -> list[str]:
    """The words a field may have, or its items if it is a list; none where it has no closed vocabulary."""
    kind = type_at(model, (field,))
    return _words(_plain(get_args(kind)[0])) if get_origin(kind) is tuple else _words(kind)


def _key_at(model: type[Spec], keys: Keys) -> Any:
    """What the keys of the mapping around an entry must be."""
    return _plain(get_args(type_at(model, keys[:-1]))[0])


def _words(kind: Any) -> list[str]:
    if isinstance(kind, type) and issubclass(kind, IntEnum):
        return [member.name.lower() for member in kind]
    return [str(word) for word in get_args(kind)] if get_origin(kind) is Literal else []


def _example(keys: Keys, kind: Any, given: object) -> str:
    """A valid entry; an item of a list is shown with its list."""
    if kind is None or not keys:
        return ""
    item = isinstance(keys[-1], int)
    key = f"{keys[-2] if item else keys[-1]}: "
    if words := _words(kind):
        word = next(iter(get_close_matches(str(given), words, n=1)), words[0])
        return key + (f"[{word}]" if item else word)
    if isinstance(kind, type) and issubclass(kind, Quantity):
        return key + "{value: 2, source: assumption}"
    if isinstance(kind, type) and issubclass(kind, BaseModel):
        required = [name for name, field in kind.model_fields.items() if field.is_required()]
        return f"{key}{{{', '.join(f'{name}: ...' for name in required)}}}" if required else ""
    if get_origin(kind) is tuple and (words := _words(_plain(get_args(kind)[0]))):
        return f"{key}[{words[0]}]"
    if get_origin(kind) is tuple and _plain(get_args(kind)[0]) is str:
        return f"{key}[one text, another]"
    value = {str: "some text", bool: "true", int: "1", float: "0.5", date: "2015-07-16"}.get(kind)
    return f"{key}{value}" if value and not item else ""
