"""Old files rewritten in the words of today: words are exchanged where they stand, nothing else is touched.

Comments, quotes, order and line ends stay as they are.  What was rewritten is read again and compared with
what was meant; where the two differ the file is left alone and the user is asked to change it.
"""

from __future__ import annotations

import codecs
import os
import shutil
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from secrets import token_hex
from typing import Any

from simulator.errors import Problem, ScenarioError
from simulator.spec.schema import CHANGES, KINDS, NEWEST, OldWord, kind_of, old_words, schema_of
from simulator.spec.yaml import Document, Keys, Span, parse, shown, text_of

QUOTES = ("'", '"')


@dataclass(frozen=True)
class Upgrade:
    """A file as it is and as it would be, with what changes, a line each."""

    path: Path
    old: str
    new: str
    changes: tuple[str, ...]

    def write(self) -> None:
        """Put the new text in the old one's place: whole, or not at all."""
        unfinished = self.path.with_name(f".{self.path.name}.{os.getpid()}-{token_hex(4)}")
        mark = codecs.BOM_UTF8 if self.path.read_bytes().startswith(codecs.BOM_UTF8) else b""
        try:
            with unfinished.open("xb") as file:
                file.write(mark + self.new.encode("utf-8"))
                file.flush()
                os.fsync(file.fileno())
            shutil.copymode(self.path, unfinished)
            unfinished.replace(self.path)
        finally:
            unfinished.unlink(missing_ok=True)


def upgrades(paths: Iterable[Path]) -> list[Upgrade]:
    """What there is to change in each file; nothing is written.

    Raises ``ScenarioError`` with everything that cannot be read or rewritten.
    """
    result: list[Upgrade] = []
    problems: list[Problem] = []
    for path in dict.fromkeys(paths):
        try:
            result.append(upgraded(path))
        except ScenarioError as error:
            problems += error.problems
    if problems:
        raise ScenarioError(*dict.fromkeys(problems))
    return result


def upgraded(path: Path) -> Upgrade:
    """What there is to change in one file.  Raises ``ScenarioError``."""
    if path.is_symlink():
        rule = f"name the file it leads to: {os.readlink(path)}"  # noqa: PTH115 - as the link says it
        raise ScenarioError(Problem(shown(path), None, "", "is a symbolic link", rule))
    old = text_of(path)
    document = parse(old, path)
    if document.problems:
        raise ScenarioError(*document.problems)
    if kind_of(document) is None:
        rule = f"a file begins with its kind and name; the kinds: {', '.join(KINDS)}"
        raise ScenarioError(document.problem((), "is no file of frandsim", rule))
    stated, text = schema_of(document), old
    changes: list[str] = []
    for schema in sorted({change.schema for change in CHANGES if change.schema > stated}):
        words = [word for word in old_words(document, schema - 1) if word.change.schema == schema]
        if words:
            changes += _told(document, words)
            text = _exchanged(text, document, words)
            document = parse(text, path)
    if changes or ("schema" in document.data and stated < NEWEST):
        text = _stamped(text, document)
        changes.append(f"schema: {NEWEST}")
    return Upgrade(path, old, text, tuple(changes))


def _told(document: Document, words: list[OldWord]) -> list[str]:
    """What is exchanged, a line a word, with the lines it stands in."""
    lines: dict[str, list[int]] = {}
    for change, keys, _ in words:
        lines.setdefault(f"{change.old} is now {change.new}", []).append(document.marks[keys].line)
    return [
        f"{said} (line{'s' * (len(where) > 1)} {', '.join(map(str, where))})" for said, where in lines.items()
    ]


def _exchanged(text: str, document: Document, words: list[OldWord]) -> str:
    """The text with every old word exchanged.  Raises ``ScenarioError`` where that cannot be done."""
    meant, problems = document.data, []
    edits: list[tuple[Span, str]] = []
    for word in words:
        change, keys, is_key = word
        span = (document.keys if is_key else document.values)[keys]
        quote = text[span[0]] if text[span[0]] in QUOTES else ""
        edits.append((span, quote + change.new + quote))
        if is_key and change.new in document.get(*keys[:-1]):
            what = f"{change.old} is called {change.new} now, and both are given"
            problems.append(document.problem(keys, what, "keep one of the two"))
        meant = _with(meant, keys, change.new, is_key)
    if problems:
        raise ScenarioError(*problems)
    for (first, behind), new in sorted(edits, reverse=True):
        text = text[:first] + new + text[behind:]
    if not _says(text, document.path, meant):
        change, keys, _ = words[0]
        rule = f"write {change.new} yourself, then try again"
        raise ScenarioError(document.problem(keys, f"{change.old} cannot be exchanged here", rule))
    return text


def _with(data: Any, keys: Keys, new: str, is_key: bool) -> Any:
    """Data in which the entry at ``keys`` has another name, or another value."""
    here, rest = keys[0], keys[1:]
    if isinstance(data, tuple):
        return tuple(
            (_with(value, rest, new, is_key) if rest else new) if place == here else value
            for place, value in enumerate(data)
        )
    if rest:
        return {key: _with(value, rest, new, is_key) if key == here else value for key, value in data.items()}
    if is_key:
        return {new if key == here else key: value for key, value in data.items()}
    return data | {here: new}


def _stamped(text: str, document: Document) -> str:
    """The text with today's schema: in its entry, else in a line of its own below the kind."""
    meant = document.data | {"schema": NEWEST}
    stamp = f"schema: {NEWEST}"
    first, behind = document.values.get(("schema",), (0, 0))
    kind = (str(kind_of(document)),)
    start, end = document.keys[kind][0], text.find("\n", document.values.get(kind, document.keys[kind])[1])
    indent = text[text.rfind("\n", 0, start) + 1 : start]
    line = "\r\n" if text[:end].endswith("\r") else "\n"
    for candidate in (
        f"{text[:first]}{NEWEST}{text[behind:]}",
        f"{text[: end + 1]}{indent}{stamp}{line}{text[end + 1 :]}" if end >= 0 else f"{text}\n{stamp}\n",
        f"{text[:start]}{stamp}, {text[start:]}",  # a mapping in braces
    ):
        if _says(candidate, document.path, meant):
            return candidate
    rule = f"write {stamp} below it yourself, then try again"
    raise ScenarioError(document.problem(kind, "there is no room for the schema", rule))


def _says(text: str, path: Path, meant: dict[str, Any]) -> bool:
    """Whether a text is a file that says what is meant, in that order but for the schema."""
    try:
        document = parse(text, path)
    except ScenarioError:
        return False
    return not document.problems and document.data == meant
