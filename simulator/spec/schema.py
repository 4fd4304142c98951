"""What files of scenarios were written in: their kind, their schema, and the words that have changed since.

The schema counts the words' versions; a file may state it (``schema: 2``), and one that does not is of the
first.  A word is renamed by one line in ``CHANGES``: a file that still has the old one is refused with the
new one's name, and ``frandsim upgrade`` rewrites it.  No word comes back with another meaning (ADR 0013).
"""

from __future__ import annotations

from collections.abc import Iterator
from fnmatch import fnmatchcase
from typing import Any, NamedTuple

from simulator.errors import Problem, ScenarioError
from simulator.spec.problems import quoted
from simulator.spec.yaml import Document, Keys

KINDS = ("case", "experiment", "scenario", "regime", "market", "space", "strategy")
"""Kinds of files, in the order in which their keys betray them: an experiment names its scenario."""
NEWEST = 2
"""The schema of what this version writes."""
FIRST = 1
"""The schema of a file that states none."""


class Change(NamedTuple):
    """A word that a schema renamed: a key of the entries at ``at``, or their value, or an item of it.

    ``at`` is a path in the words of the schema before, ``*`` for any name, empty for the file itself; what
    holds in a regime holds in the variants of an experiment.
    """

    schema: int
    kind: str
    at: str
    old: str
    new: str


CHANGES = (
    Change(2, "regime", "steps.*.if_*", "court", "consequence"),
    Change(2, "experiment", "", "vary", "levers"),
    Change(2, "experiment", "evolution", "measured", "replications"),
    Change(2, "experiment", "outcomes", "static_efficiency", "surplus_kept"),
    Change(2, "market", "welfare", "innovation_weight", "innovation_elasticity"),
    Change(2, "market", "welfare", "adoption_weight", "adoption_elasticity"),
    Change(2, "scenario", "set", "welfare.innovation_weight", "welfare.innovation_elasticity"),
    Change(2, "scenario", "set", "welfare.adoption_weight", "welfare.adoption_elasticity"),
)
"""Every word that has changed, oldest first."""


class OldWord(NamedTuple):
    """A word of an older schema in a file: at which entry, and whether as its key."""

    change: Change
    keys: Keys
    is_key: bool


def kind_of(document: Document) -> str | None:
    """Which kind of file it is, by its keys."""
    return next((kind for kind in KINDS if kind in document.data), None)


def current(document: Document) -> Document:
    """The document without its schema, once it is known to be written in the words of today.

    Raises ``ScenarioError`` for a newer schema and, a line a word, for words of older ones.
    """
    stated = schema_of(document)
    renamed: dict[Change, list[OldWord]] = {}
    for word in old_words(document, stated):
        renamed.setdefault(word.change, []).append(word)
    if renamed:
        raise ScenarioError(*(_renamed(document, words) for words in renamed.values()))
    document.data.pop("schema", None)
    return document


def schema_of(document: Document) -> int:
    """The schema a document states, else the first.  Raises ``ScenarioError`` for one unknown here."""
    stated = document.get("schema")
    if "schema" not in document.data or ("schema",) in document.spoilt:
        return FIRST
    what = f"got {quoted(stated)}"
    if not isinstance(stated, int) or isinstance(stated, bool) or stated < FIRST:
        rule = f"a whole number, from {FIRST} to {NEWEST}"
        raise ScenarioError(document.problem(("schema",), what, rule, f"schema: {NEWEST}"))
    if stated > NEWEST:
        rule = f"this version of frandsim knows schemas up to {NEWEST}: install a newer one to read the file"
        raise ScenarioError(document.problem(("schema",), what, rule))
    return stated


def old_words(document: Document, stated: int) -> Iterator[OldWord]:
    """The words of a document that schemas after the ``stated`` one have renamed."""
    kind = kind_of(document)
    for change in CHANGES:
        in_variants = kind == "experiment" and change.kind == "regime"
        if change.schema > stated and (change.kind == kind or in_variants):
            path = change.at.split(".") if change.at else []
            for keys, entry in _entries(document.data, ["variants", "*"] * in_variants + path, ()):
                yield from _uses(change, keys, entry)


def _entries(data: Any, path: list[str], keys: Keys) -> Iterator[tuple[Keys, Any]]:
    """The entries a path leads to; the items of a list count as any of its names."""
    if not path:
        yield keys, data
    elif isinstance(data, dict):
        for key, value in data.items():
            if fnmatchcase(key, path[0]):
                yield from _entries(value, path[1:], (*keys, key))
    elif isinstance(data, tuple) and path[0] == "*":
        for place, value in enumerate(data):
            yield from _entries(value, path[1:], (*keys, place))


def _uses(change: Change, keys: Keys, entry: Any) -> Iterator[OldWord]:
    if isinstance(entry, dict):
        if change.old in entry:
            yield OldWord(change, (*keys, change.old), True)
    elif isinstance(entry, tuple):
        for place, item in enumerate(entry):
            if item == change.old:
                yield OldWord(change, (*keys, place), False)
    elif entry == change.old:
        yield OldWord(change, keys, False)


def _renamed(document: Document, words: list[OldWord]) -> Problem:
    """One line on a word that has changed, at its first use."""
    change, keys, _ = words[0]
    more = f", here and in {len(words) - 1} other places" if len(words) > 2 else ""
    more = more or (", here and in another place" if len(words) == 2 else "")
    what = f"{change.old} is called {change.new} since schema {change.schema}{more}"
    return document.problem(keys, what, f"to rewrite the file: frandsim upgrade {document.file}")


def described(schema: dict[str, Any]) -> None:
    """Add to the JSON Schema of a kind of file that it may state its schema."""
    schema["properties"]["schema"] = {
        "description": f"version of the file's words, {NEWEST} today; without it, the words of {FIRST}",
        "maximum": NEWEST,
        "minimum": FIRST,
        "title": "Schema",
        "type": "integer",
    }
