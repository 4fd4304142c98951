"""A strategy space: what the parties of one side may choose, field by field of a strategy."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, Any, Literal

from pydantic import ConfigDict, Field, TypeAdapter, ValidationError

from simulator.errors import Problem, nearest
from simulator.spec.base import Spec
from simulator.spec.file_checks import SIDED
from simulator.spec.problems import quoted, words_of
from simulator.spec.ranges import bounds_at
from simulator.spec.schema import described
from simulator.spec.strategy import Conduct, Strategy
from simulator.spec.yaml import Document, Keys

NumberField = Literal[
    "anchor",
    "window",
    "exponent",
    "sue_after",
    "patience",
    "goodwill",
    "floor",
    "ambush",
    "over_declaration",
    "reply_delay",
]
ChoiceField = Literal[
    "tactic",
    "forthcoming",
    "initiates",
    "threatens",
    "stalls",
    "demands",
    "refuses_confidentiality",
    "hinders_advisers",
    "justifies",
]
SetField = Literal["refuses", "withholds"]
FEWEST = 2
"""Values between which there is something to choose."""


class FreeNumber(Spec):
    """A number to choose between two ends."""

    range: tuple[float, float] = Field(description="lowest and highest value")
    scale: Literal["linear", "log"] = Field(default="linear", description="how steps are measured")
    never: float | None = Field(
        default=None, description="a value beyond the range that means never, to choose instead"
    )
    commits: bool = Field(
        default=False, description="whether to hold to it may be against the party's own later interest"
    )
    source: str = Field(min_length=3, description="a citation, or a sentence that starts with 'assumption'")


class FreeWord(Spec):
    """A word to choose among several."""

    of: tuple[str | bool, ...] = Field(description="the words, or true and false")
    source: str = Field(min_length=3)


class FreeWords(Spec):
    """Words of which any number, or none, are chosen."""

    of: tuple[str, ...] = Field(min_length=1, description="the words")
    source: str = Field(min_length=3)


class Space(Spec):
    """What is free, with range, scale and source; a field left out keeps the default of a strategy file."""

    model_config = ConfigDict(json_schema_extra=described)

    space: str = Field(pattern=r"^[a-z][a-z0-9_]*$", description="identifier, the file's name")
    party: Literal["holder", "implementer"]
    title: str = Field(min_length=3)
    source: str = Field(min_length=3)
    numbers: dict[NumberField, FreeNumber] = Field(description="numbers of a strategy")
    choices: dict[ChoiceField, FreeWord] = Field(default={}, description="words of a strategy")
    sets: dict[SetField, FreeWords] = Field(default={}, description="lists of words of a strategy")
    notes: Annotated[str | None, Field(min_length=3)] = None

    def credible(self) -> Space:
        """The space without what commits a party beyond what it would later want to do.

        What commits is held at its lowest value, where it commits to nothing, and nothing is *never*.
        """
        kept: dict[NumberField, FreeNumber] = {
            name: span.model_copy(
                update={"never": None}
                | ({"range": (span.range[0],) * 2, "scale": "linear"} if span.commits else {})
            )
            for name, span in self.numbers.items()
        }
        return self.model_copy(update={"numbers": kept})


REQUIRED = ("anchor", "reply_delay")
"""Numbers that a strategy must state, for which there is no default."""


def space_problems(document: Document) -> Iterator[Problem]:
    """Empty ranges, values a strategy cannot have, fields of the other side, fields without a default."""
    party = document.get("party")
    for section in ("numbers", "choices", "sets"):
        entries = document.get(section)
        for name in entries if isinstance(entries, dict) else ():
            side = SIDED.get(name)
            if side is not None and party in ("holder", "implementer") and party != side:
                article = "an" if party == "implementer" else "a"
                what = f"has no meaning for {article} {party}"
                yield document.problem(
                    (section, name), what, f"only strategies of the {side} have one: leave it out"
                )
    numbers = document.get("numbers")
    for name, entry in numbers.items() if isinstance(numbers, dict) else ():
        if isinstance(entry, dict):
            yield from _span_problems(document, name)
    for name in REQUIRED if isinstance(numbers, dict) else ():
        if name not in numbers:
            rule = "a strategy has no default for it, so a space says what may be chosen"
            example = f"{name}: {{range: [1, 4], source: assumption}}"
            yield document.problem(("numbers",), f"there is no {name}", rule, example)
    for section in ("choices", "sets"):
        entries = document.get(section)
        for name in entries if isinstance(entries, dict) else ():
            yield from _word_problems(document, section, name)


def _span_problems(document: Document, name: str) -> Iterator[Problem]:
    keys: Keys = ("numbers", name)
    bounds = bounds_at("strategy", (name,))
    ends, never = document.get(*keys, "range"), document.get(*keys, "never")
    if bounds is None or not isinstance(ends, tuple) or len(ends) != FEWEST or not all(map(_number, ends)):
        return  # the model says what is wrong
    low, high = ends
    if low >= high:
        rule = "the lower end comes first and lies below the higher one: nothing to choose is no field"
        example = f"{name}: {{range: [{bounds.low:g}, {max(bounds.low + 1, 2):g}], source: assumption}}"
        yield document.problem((*keys, "range"), f"got [{low:g}, {high:g}], which is empty", rule, example)
        return
    values = [*ends, *([never] if _number(never) else [])]
    wrong = [
        one for one in values if not bounds.low <= one <= bounds.high or (bounds.whole and one != int(one))
    ]
    if wrong:
        yield document.problem((*keys, "range"), f"got {wrong[0]:g}", bounds.rule())
    if document.get(*keys, "scale") == "log" and low <= 0:
        rule = "a log scale begins above 0"
        yield document.problem((*keys, "range"), f"got [{low:g}, {high:g}]", rule, "scale: linear")
    if _number(never) and never <= high:
        rule = "never lies beyond the range"
        yield document.problem((*keys, "never"), f"got {never:g}", rule, "never: 1200")


def _word_problems(document: Document, section: str, name: str) -> Iterator[Problem]:
    words = document.get(section, name, "of")
    model = Strategy if name in Strategy.model_fields else Conduct
    field = model.model_fields.get(name)
    if field is None or not isinstance(words, tuple):
        return  # the model says what is wrong
    kind: Any = field.annotation
    if field.metadata:
        kind = Annotated[kind, *field.metadata]
    adapter = TypeAdapter(kind)
    for place, word in enumerate(words):
        try:
            adapter.validate_python((word,) if section == "sets" else word, strict=True)
        except ValidationError:
            known = words_of(model, name)
            rule = nearest(str(word), known) if known else "true or false"
            at: Keys = (section, name, "of", place)
            yield document.problem(
                at, f"got {quoted(word)}", rule, f"of: [{', '.join(known or ['false', 'true'])}]"
            )
    if any(word in words[:place] for place, word in enumerate(words)):
        yield document.problem((section, name, "of"), "a word stands there twice", "each word once")
    elif section == "choices" and len(words) < FEWEST:
        rule = "nothing to choose is no field: two or more words"
        yield document.problem((section, name, "of"), f"got {len(words)}, which is empty", rule)


def _number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)
