"""The one error a user of scenario files sees, and how it reads."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from difflib import get_close_matches

MOST_TOLD = 100
"""Problems that one report spells out; the rest are counted."""


@dataclass(frozen=True, eq=False)
class Nearest:
    """What a word may have meant, looked for only when it is told: of ``words``, ``further`` ones if near.

    ``otherwise``: what is said where nothing is near, if not what words there are.
    """

    word: str
    words: tuple[str, ...]
    further: tuple[str, ...] = ()
    otherwise: str = ""

    def __str__(self) -> str:
        near = get_close_matches(self.word, [*self.words, *self.further], n=1, cutoff=0.6)
        if near:
            return f"did you mean {near[0]}?"
        return self.otherwise or f"known: {', '.join(self.words) or 'none'}"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Nearest) and self.word == other.word and str(self) == str(other)

    def __hash__(self) -> int:
        return hash(self.word)


@dataclass(frozen=True)
class Problem:
    """One thing wrong with a file: where, what, why, and what would be valid.

    >>> print(Problem("duopoly.yaml", 3, "standard.horizon", "got -5", "at least 1 month", "horizon: 120"))
    duopoly.yaml:3: standard.horizon: got -5; at least 1 month
        for example: horizon: 120
    """

    file: str
    line: int | None
    path: str
    what: str
    rule: str | Nearest = ""
    example: str = ""

    def __str__(self) -> str:
        where = self.file if self.line is None else f"{self.file}:{self.line}"
        text = ": ".join(part for part in (where, self.path, self.what) if part)
        if self.rule:
            text += f"; {self.rule}"
        return printable(text) + (f"\n    for example: {self.example}" if self.example else "")


class ScenarioError(Exception):
    """Bad input: every problem of the file in one report (exit code 2).

    >>> error = ScenarioError(Problem("a.yaml", 1, "", "empty"), Problem("b.yaml", None, "", "no such file"))
    >>> print(error)
    a.yaml:1: empty
    b.yaml: no such file
    """

    def __init__(self, *problems: Problem) -> None:
        super().__init__(*problems)  # kept as arguments, so that the error survives a worker process
        self.problems = problems

    def __str__(self) -> str:
        told = [str(problem) for problem in self.problems[:MOST_TOLD]]
        more = len(self.problems) - len(told)
        return "\n".join(told + [f"and {more:,} more problems"] * (more > 0))


def printable(text: str) -> str:
    """A text on one line, with nothing in it that steers a terminal: such signs are spelled out.

    >>> printable(chr(27)) == chr(92) + "x1b", printable(chr(10)) == chr(92) + "n"
    (True, True)
    """
    if text.isprintable():
        return text
    return "".join(sign if sign.isprintable() else sign.encode("unicode_escape").decode() for sign in text)


def nearest(word: str, words: Iterable[str], *, further: Iterable[str] = (), otherwise: str = "") -> Nearest:
    """``did you mean ...?`` or, where nothing is near, the words there are; looked for when it is told.

    >>> print(nearest("counterr", ["offer", "counter"]))
    did you mean counter?
    >>> print(nearest("xyz", ["offer", "counter"]))
    known: offer, counter
    """
    return Nearest(word, tuple(words), tuple(further), otherwise)
