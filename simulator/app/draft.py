"""A law written by menu: which of its rules can be changed, to what, and the file that says so."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import IntEnum
from types import UnionType
from typing import Any, Literal, Union, get_args, get_origin

from simulator.parameters import registry
from simulator.spec.base import Spec, Words
from simulator.spec.figure import Figure
from simulator.spec.ranges import OF_FILES, Bounds, of_parameter
from simulator.spec.regime import Regime
from simulator.writing.numbers import spoken, upper_first

SOURCE = "assumption: a law written on the page"
METHOD = ("court", "rate", "method")


@dataclass(frozen=True)
class MenuRule:
    """A rule that can be changed: where it stands, what it is called, what it is now, what it may become.

    ``words`` are what it may become, where it is a word; else ``bounds`` hold the number.
    """

    keys: tuple[str, ...]
    title: str
    now: str
    words: tuple[str, ...] = ()
    bounds: Bounds | None = None


def changes(law: Regime) -> list[MenuRule]:
    """Every rule of a law that a menu can change: deadlines of its steps, numbers and words of its court."""
    deadline = OF_FILES["regime", "deadline"]
    steps = [
        MenuRule(
            ("steps", name, "deadline"),
            f"Deadline: {step.title}",
            "none" if step.deadline is None else f"{step.deadline.value:g} months",
            bounds=deadline,
        )
        for name, step in law.steps.items()
    ]
    return [*steps, *_entries(law.court, ("court",))]


def _entries(part: Spec, keys: tuple[str, ...]) -> Iterator[MenuRule]:
    """The entries of a part of the court, and of the parts it has."""
    for name, field in type(part).model_fields.items():
        value, at = getattr(part, name), (*keys, name)
        known = [*_parts(field.annotation), *field.metadata]
        if isinstance(value, Spec) and not isinstance(value, Figure):
            yield from _entries(value, at)
        elif Figure in known and ".".join(at) in registry():
            entry, bounds = registry()[".".join(at)], of_parameter(".".join(at))
            now = f"{entry.default:g}, the model's default" if value is None else f"{value.value:g}"
            yield MenuRule(at, f"{_place(at)}: {entry.title}", now, bounds=bounds)
        elif words := _words(known):
            yield MenuRule(at, _place(at), _said(value), words)


def _parts(annotation: Any) -> list[Any]:
    """A type, or those it is made of."""
    if get_origin(annotation) in (Union, UnionType):
        return [part for member in get_args(annotation) for part in _parts(member)]
    return [annotation]


def _words(known: list[Any]) -> tuple[str, ...]:
    """The words an entry may be, if it is one."""
    for kind in known:
        if isinstance(kind, Words):
            return tuple(kind.names)
        if get_origin(kind) is Literal:
            return tuple(map(str, get_args(kind)))
        if kind is bool:
            return ("true", "false")
    return ()


def _place(keys: tuple[str, ...]) -> str:
    return upper_first(" › ".join(spoken(key) for key in keys[1:]))


def _said(value: Any) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    return value.name.lower() if isinstance(value, IntEnum) else str(value)


def drafted(name: str, base: str, law: Regime, changed: Mapping[tuple[str, ...], str]) -> str:
    """The file of a law that extends ``base`` and changes these entries: numbers as digits, words as such.

    Where it is the first to state how the court finds rates, it states the method too, as it stands.
    """
    if any(keys[:2] == METHOD[:2] for keys in changed) and "rate" not in law.court.model_fields_set:
        changed = {METHOD: _said(law.court.rate.method)} | dict(changed)
    plain = law.title.replace("\\", "/").replace('"', "'")
    tree: dict[str, Any] = {}
    for keys, value in changed.items():
        branch = tree
        for key in keys[:-1]:
            branch = branch.setdefault(key, {})
        branch[keys[-1]] = value
    head = [f"regime: {name}", "schema: 2", f"extends: {base}", f'title: "{plain}, changed"']
    return "\n".join([*head, f'source: "{SOURCE}"', "status: proposed", *_written(tree, 0)]) + "\n"


def _written(tree: Mapping[str, Any], depth: int) -> Iterator[str]:
    for key, value in tree.items():
        if isinstance(value, dict):
            yield f"{'  ' * depth}{key}:"
            yield from _written(value, depth + 1)
        else:
            yield f"{'  ' * depth}{key}: {_value(value)}"


def _value(text: str) -> str:
    try:
        float(text)
    except ValueError:
        return text
    return f'{{value: {text}, source: "{SOURCE}"}}'
