"""YAML in: plain data, the line of every entry, and every problem of the text at once.

The text is read as a stream of events rather than loaded: aliases are refused before anything expands
them, depth is bounded, repeated keys are seen, and each key keeps its line.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field, replace
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Any, NamedTuple
from unicodedata import category

from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.events import (
    AliasEvent,
    DocumentStartEvent,
    MappingEndEvent,
    MappingStartEvent,
    ScalarEvent,
    SequenceEndEvent,
    SequenceStartEvent,
)
from ruamel.yaml.nodes import ScalarNode

from simulator.errors import Nearest, Problem, ScenarioError

LARGEST = 1_000_000
"""Bytes a scenario file may have."""
DEEPEST = 32
"""Levels a scenario file may nest."""
MOST_ENTRIES = 5_000
"""Entries a scenario file may have: keys with what stands behind them, and members of lists."""
TYPED = frozenset(f"tag:yaml.org,2002:{kind}" for kind in ("null", "bool", "int", "float", "timestamp"))

FOREIGN_ENDS = frozenset("\x85\u2028\u2029")
"""Line ends of other alphabets: no editor shows a line there."""

CONTROL = "text is made of letters, signs, spaces and line ends"
TURNING = frozenset(map(chr, (*range(0x202A, 0x202F), *range(0x2066, 0x206A))))
"""Signs that turn the order in which a page shows the letters after them."""

Keys = tuple[str | int, ...]
Span = tuple[int, int]
"""First character of a piece of a text, and the one behind its last."""


class Mark(NamedTuple):
    """Where an entry stands; lines count from 1."""

    file: str
    line: int


@dataclass
class Document:
    """A file as plain data (mappings, tuples, strings, numbers, dates), with the line of every entry.

    ``spoilt`` names entries whose problem is already known, so that nothing more is said about them.
    ``keys`` and ``values`` say where in the text the words stand: each key, each value that is one word.
    """

    path: Path
    data: dict[str, Any] = field(default_factory=dict)
    marks: dict[Keys, Mark] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)
    spoilt: set[Keys] = field(default_factory=set)
    keys: dict[Keys, Span] = field(default_factory=dict)
    values: dict[Keys, Span] = field(default_factory=dict)

    @cached_property
    def file(self) -> str:
        """The file's name as messages print it."""
        return shown(self.path)

    @cached_property
    def beside(self) -> tuple[str, ...]:
        """The names of the files beside it."""
        return tuple(path.stem for path in self.path.parent.glob("*.yaml"))

    def problem(self, keys: Keys, what: str, rule: str | Nearest = "", example: str = "") -> Problem:
        """A problem at an entry, or at the nearest entry above one that is missing.

        What is wrong with an inherited entry may be the doing of the file that inherits it: both are named.
        """
        for length in range(len(keys), 0, -1):
            if keys[:length] in self.marks:
                file, line = self.marks[keys[:length]]
                if file != self.file:
                    what = f"{what} ({self.file} inherits this and may state it anew)"
                return Problem(file, line, dotted(keys), what, rule, example)
        return Problem(self.file, 1, dotted(keys), what, rule, example)

    def get(self, *keys: str | int) -> Any:
        """The value of an entry, ``None`` where there is none."""
        value: Any = self.data
        for key in keys:
            if isinstance(value, dict):
                value = value.get(str(key))
            elif isinstance(value, tuple) and isinstance(key, int) and key < len(value):
                value = value[key]
            else:
                return None
        return value


def dotted(keys: Keys) -> str:
    """The path of an entry as messages print it.

    >>> dotted(("holders", 0, "share"))
    'holders[0].share'
    """
    text = "".join(f"[{key}]" if isinstance(key, int) else f".{key}" for key in keys)
    return text.removeprefix(".")


def shown(path: Path) -> str:
    """A path relative to the working directory where it lies below it."""
    here = Path.cwd()
    return str(path.relative_to(here)) if path.is_relative_to(here) else str(path)


def unprintable(text: str) -> bool:
    """Whether a text has characters that no page shows: they could steer what prints it, or turn its order.

    >>> unprintable("Huawei v ZTE"), unprintable(chr(27) + "[31mred"), unprintable(chr(0x202E) + "ETZ")
    (False, True, True)
    """
    return any((category(sign) in {"Cc", "Cs"} and sign not in "\n\t") or sign in TURNING for sign in text)


def read(path: Path) -> Document:
    """Read one file.

    Raises ``ScenarioError`` where nothing can be made of the text; lesser problems (repeated keys, tags,
    anchors) are left in ``Document.problems``, so that they are reported together with what the text says.
    """
    return parse(text_of(path), path)


def parse(text: str, path: Path) -> Document:
    """The document a text is, as if it had been read from ``path``.  Raises as ``read`` does.

    The same text of the same file is read once, and copied: built-in laws are named again and again.
    """
    read_before = _parsed(text, path, shown(path))
    return replace(
        read_before,
        data=_copied(read_before.data),
        marks=read_before.marks.copy(),
        problems=read_before.problems.copy(),
        spoilt=read_before.spoilt.copy(),
        keys=read_before.keys.copy(),
        values=read_before.values.copy(),
    )


def _copied(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _copied(inner) for key, inner in value.items()}
    return tuple(map(_copied, value)) if isinstance(value, tuple) else value


@lru_cache(maxsize=256)
def _parsed(text: str, path: Path, file: str) -> Document:
    """What a text says; ``file``: its name in messages, which depends on the working directory.

    libyaml reads it, ten times quicker; where it stumbles, ruamel's own reader has the last word and the
    clearer one, as it has where a text has line ends that only libyaml takes for such.
    """
    if FOREIGN_ENDS.isdisjoint(text):
        with suppress(YAMLError, ValueError):
            return _document(YAML(typ="safe").parse(text), path)
    return _document(_events(text, file), path)


def _document(events: Iterator[Any], path: Path) -> Document:
    document = Document(path)
    start = next((event for event in events if isinstance(event, DocumentStartEvent)), None)
    root = next(events) if start is not None else None
    if root is None or (isinstance(root, ScalarEvent) and not root.value):
        raise ScenarioError(Problem(document.file, None, "", "the file is empty"))
    if not isinstance(root, MappingStartEvent):
        rule = "a scenario file is a mapping of keys to values"
        raise ScenarioError(
            Problem(document.file, 1, "", "no key in the first line", rule, "regime: my-regime")
        )
    document.data = _Builder(events, document).value(root, ())
    for event in events:
        if isinstance(event, DocumentStartEvent):
            document.problems.append(
                Problem(document.file, _line(event), "", "a second document", "one per file")
            )
    return document


def text_of(path: Path) -> str:
    """The characters of a file, without a byte order mark.  Raises ``ScenarioError``."""
    name = shown(path)
    try:
        if path.is_dir():
            raise ScenarioError(Problem(name, None, "", "is a directory", "name a file in it"))
        if path.is_symlink() and not path.exists():
            raise ScenarioError(Problem(name, None, "", "a link that leads nowhere"))
        if not path.is_file():
            raise ScenarioError(Problem(name, None, "", "not a file" if path.exists() else "no such file"))
        if (size := path.stat().st_size) > LARGEST:
            raise ScenarioError(Problem(name, None, "", f"got {size} bytes", f"at most {LARGEST} bytes"))
        raw = path.read_bytes()
    except OSError as error:
        raise ScenarioError(Problem(name, None, "", f"cannot be read: {error.strerror}")) from None
    if b"\0" in raw:
        raise ScenarioError(Problem(name, None, "", "a binary file", "scenario files are UTF-8 text"))
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = raw.count(b"\n", 0, error.start) + 1
        what = f"byte 0x{raw[error.start]:02x} is not UTF-8"
        raise ScenarioError(Problem(name, line, "", what, "scenario files are UTF-8 text")) from None


def _events(text: str, file: str) -> Iterator[Any]:
    try:
        yield from YAML(typ="safe", pure=True).parse(text)
    except MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        problem = " ".join(str(part) for part in (error.context, error.problem) if part)
        rule = (
            "indent with spaces, put a space behind every colon, put a text with a colon in quotes, "
            "close every quote and bracket"
        )
        line = mark.line + 1 if mark else None
        raise ScenarioError(Problem(file, line, "", f"not YAML: {problem}", rule)) from None
    except (YAMLError, ValueError) as error:
        problem = str(error).splitlines()[0]
        raise ScenarioError(Problem(file, None, "", f"not YAML: {problem}")) from None


def _line(event: Any) -> int:
    return int(event.start_mark.line) + 1


def _span(event: Any) -> Span:
    return int(event.start_mark.index), int(event.end_mark.index)


class _Builder:
    """Turns events into data; one method a kind of event."""

    def __init__(self, events: Iterator[Any], document: Document) -> None:
        self.events = events
        self.document = document
        self.count = 0
        yaml = YAML(typ="safe", pure=True)
        self.resolver, self.constructor = yaml.resolver, yaml.constructor

    def value(self, event: Any, keys: Keys) -> Any:
        """The value an event opens."""
        self.document.marks.setdefault(keys, Mark(self.document.file, _line(event)))
        self.count += 1
        if self.count > MOST_ENTRIES:
            what = f"more than {MOST_ENTRIES:,} entries"
            raise ScenarioError(Problem(self.document.file, _line(event), "", what, "split it up"))
        if len(keys) > DEEPEST:
            raise ScenarioError(
                Problem(self.document.file, _line(event), "", f"more than {DEEPEST} levels deep")
            )
        if isinstance(event, AliasEvent):
            return self.refuse(
                event, keys, f"the alias *{event.anchor}", "write the value out where it is used"
            )
        if event.anchor:
            self.refuse(event, keys, f"the anchor &{event.anchor}", "write the value out where it is used")
        if event.ctag is not None:
            self.refuse(event, keys, f"the tag {event.ctag}", "values are written without tags")
        if isinstance(event, MappingStartEvent):
            return self.mapping(keys)
        if isinstance(event, SequenceStartEvent):
            return self.sequence(keys)
        self.document.values[keys] = _span(event)
        if unprintable(str(event.value)):
            self.refuse(event, keys, "a control character", CONTROL)
        return self.scalar(event)

    def refuse(self, event: Any, keys: Keys, what: str, rule: str) -> None:
        """Book a problem of the text and say no more about the entry."""
        self.document.problems.append(Problem(self.document.file, _line(event), dotted(keys), what, rule))
        self.document.spoilt.add(keys)

    def mapping(self, keys: Keys) -> dict[str, Any]:
        result: dict[str, Any] = {}
        while not isinstance(event := next(self.events), MappingEndEvent):
            if not isinstance(event, ScalarEvent):
                file, line = self.document.file, _line(event)
                raise ScenarioError(
                    Problem(file, line, dotted(keys), "a key that is not a word", "keys are words")
                )
            key, line = str(event.value), _line(event)
            if unprintable(key):
                file = self.document.file
                raise ScenarioError(Problem(file, line, dotted((*keys, key)), "a control character", CONTROL))
            inner = (*keys, key)
            if event.anchor:
                self.refuse(event, inner, f"the anchor &{event.anchor}", "keys are words")
            if key in result:
                rule = f"first given in line {self.document.marks[inner].line}"
                self.refuse(event, inner, "given twice", rule)
                self.value(next(self.events), (*inner, "(again)"))
                continue
            self.document.marks[inner] = Mark(self.document.file, line)
            self.document.keys[inner] = _span(event)
            result[key] = self.value(next(self.events), inner)
        return result

    def sequence(self, keys: Keys) -> tuple[Any, ...]:
        result: list[Any] = []
        while not isinstance(event := next(self.events), SequenceEndEvent):
            result.append(self.value(event, (*keys, len(result))))
        return tuple(result)

    def scalar(self, event: Any) -> Any:
        """A word, number, truth value or date; what only looks like a number or date stays text."""
        tag = str(self.resolver.resolve(ScalarNode, event.value, event.implicit))
        if tag not in TYPED:
            return event.value
        try:
            value = self.constructor.construct_object(ScalarNode(tag, event.value, event.start_mark))
            if isinstance(value, int):
                float(value)  # refuses what no parameter could hold
        except (ValueError, OverflowError, YAMLError):
            return event.value
        return value
