"""Why two regimes differ: the rules that separate them, taken over group by group in every combination.

A switch names entries of a regime file.  On, they are as the regime ``to`` has them, and absent where it has
none; off, they stay as in ``from``.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from copy import deepcopy
from itertools import product
from typing import Annotated, Any, Self

from pydantic import ConfigDict, Field, model_validator

from simulator.errors import Problem, ScenarioError, nearest
from simulator.spec.base import Spec
from simulator.spec.problems import build, type_at
from simulator.spec.protocol import protocol_problems
from simulator.spec.ranges import range_problems
from simulator.spec.regime import Regime
from simulator.spec.yaml import Document, Keys

MOST = 5
"""Switches at most: each doubles the combinations played."""
PARTS = ("steps", "court")
"""What of a regime is law, not its name."""
AT: Keys = ("mechanisms", "switches")
Switch = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*$")]


class Mechanisms(Spec):
    """What separates two regimes, cut into groups of rules that are taken over together."""

    model_config = ConfigDict(populate_by_name=True)

    origin: str = Field(alias="from", description="the regime whose rules hold with every switch off")
    to: str = Field(description="the regime the rules are taken from")
    switches: dict[Switch, Annotated[tuple[str, ...], Field(min_length=1)]] = Field(
        min_length=1,
        max_length=MOST,
        description="a name for each group, with the entries it takes over: steps, court.mode, ..",
    )

    @model_validator(mode="after")
    def _disjoint(self) -> Self:
        taken = [path for paths in self.switches.values() for path in paths]
        for place, group in enumerate(taken):
            for other in taken[:place]:
                if f"{group}.".startswith(f"{other}.") or f"{other}.".startswith(f"{group}."):
                    raise ValueError(f"{group} is taken over twice: each entry belongs to one switch")
        if self.origin == self.to:
            raise ValueError("from and to are two regimes")
        return self

    def combinations(self) -> dict[str, tuple[str, ...]]:
        """The name of every combination with the switches that are on; all off first, all on last.

        >>> list(Mechanisms(origin="a", to="b", switches={"x": ("steps",), "y": ("court",)}).combinations())
        ['a', 'a--y', 'a--x', 'a--x--y']
        """
        combined = {}
        for states in product((False, True), repeat=len(self.switches)):
            on = tuple(name for name, state in zip(self.switches, states, strict=True) if state)
            combined["--".join([self.origin, *on]).replace("_", "-")] = on
        return combined

    def between(self) -> tuple[str, ...]:
        """The combinations that are no regime of their own: all but the one with every switch off."""
        return tuple(self.combinations())[1:]


def combined(
    mechanisms: Mechanisms, document: Document, documents: Mapping[str, Document]
) -> dict[str, Regime]:
    """The regimes between two regimes, by name; from the experiment's document and theirs.

    Raises ``ScenarioError`` where something named is not there, or for the smallest combination that is no
    regime.
    """
    if problems := [*_unknown(mechanisms, document, documents)]:
        raise ScenarioError(*problems)
    origin, to = documents[mechanisms.origin], documents[mechanisms.to]
    sets = {name: on for name, on in mechanisms.combinations().items() if on}
    regimes = {}
    for name in sorted(sets, key=lambda name: len(sets[name])):
        paths: list[Keys] = [
            tuple(path.split(".")) for switch in sets[name] for path in mechanisms.switches[switch]
        ]
        mixed = _taken_over(origin, to, paths, name, document)
        try:
            regimes[name] = build(
                Regime, mixed, [*range_problems("regime", mixed), *protocol_problems(mixed)]
            )
        except ScenarioError as error:
            first = error.problems[0]
            off = [switch for switch in mechanisms.switches if switch not in sets[name]]
            without = f" without {', '.join(off)}" if off else ""
            what = f"{', '.join(sets[name])}{without} make no regime: {first.path}: {first.what}"
            rule = "rules that need each other belong to one switch"
            example = "disclosure: [steps, court.suit, court.faults.recognised]"
            raise ScenarioError(document.problem((*AT, sets[name][0]), what, rule, example)) from None
    return {name: regimes[name] for name in sets}


def _unknown(
    mechanisms: Mechanisms, document: Document, documents: Mapping[str, Document]
) -> Iterator[Problem]:
    for key, name in (("from", mechanisms.origin), ("to", mechanisms.to)):
        if name not in documents:
            what = f"{name} is not among the regimes and variants of this file"
            yield document.problem(("mechanisms", key), what, nearest(name, documents))
    for switch, paths in mechanisms.switches.items():
        for place, path in enumerate(paths):
            keys = tuple(path.split("."))
            known = any(regime.get(*keys) is not None for regime in documents.values())
            if keys[0] not in PARTS or not (known or type_at(Regime, keys)):
                rule = "an entry of a regime file: steps, court.mode, court.faults.uplift"
                yield document.problem((*AT, switch, place), f"regimes have no {path}", rule)


def _taken_over(origin: Document, to: Document, paths: list[Keys], name: str, document: Document) -> Document:
    """The text of ``origin`` with some entries as they are in ``to``; each entry keeps its line."""
    data = {key: deepcopy(origin.data[key]) for key in ("jurisdiction", *PARTS) if key in origin.data}
    marks = {keys: mark for keys, mark in origin.marks.items() if keys[:1] and keys[0] in data}
    for path in paths:
        marks = {keys: mark for keys, mark in marks.items() if keys[: len(path)] != path}
        marks |= {keys: mark for keys, mark in to.marks.items() if keys[: len(path)] == path}
        _put(data, path, deepcopy(to.get(*path)))
    own = {
        "regime": name,
        "title": f"{origin.data['regime']} with rules of {to.data['regime']}",
        "source": f"{origin.data['source']}; {to.data['source']}",
        "status": "control",
        "status_note": "a combination of two regimes made for an experiment, not a legal text",
    }
    result = Document(document.path, {**own, **data})
    result.marks = marks | {(key,): document.marks["mechanisms",] for key in own}
    return result


def _put(data: dict[str, Any], path: Keys, value: Any) -> None:
    """Set an entry, making the mappings above it; without a value, take it out."""
    for key in path[:-1]:
        data = data.setdefault(str(key), {})
    if value is None:
        data.pop(str(path[-1]), None)
    else:
        data[str(path[-1])] = value
