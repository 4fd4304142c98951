"""What a caller in Python gave, understood or refused: lists of names, whole numbers, yes or no."""

from __future__ import annotations

from collections.abc import Sequence
from operator import index
from typing import Any, SupportsIndex

from simulator.errors import Problem, ScenarioError


def names(given: object, option: str, example: str = "upc") -> list[str] | None:
    """A list of names from what a caller gave: a list, or one string with commas.  Raises ``ScenarioError``.

    >>> names("upc, uk-global", "regimes"), names(("upc",), "regimes"), names(None, "regimes")
    (['upc', 'uk-global'], ['upc'], None)
    """
    if given is None:
        return None
    if isinstance(given, str):
        return [name.strip() for name in given.split(",") if name.strip()]
    listed = list(given) if isinstance(given, Sequence | set | frozenset) else [given]
    wrong = [one for one in listed if not isinstance(one, str) and not hasattr(one, "__fspath__")]
    if wrong:
        rule = "a list of names or paths"
        raise ScenarioError(
            Problem(option, None, "", f"got {shown(wrong[0])}", rule, f'{option}=["{example}"]')
        )
    return [str(one) for one in listed]


def whole(given: Any, option: str, least: int, most: int, *, needed: bool = False) -> Problem | None:
    """What is wrong with a whole number a caller gave; ``None`` where nothing is.

    >>> whole([3], "seed", 0, 9).what, whole(None, "seed", 0, 9), whole(None, "seed", 0, 9, needed=True).what
    ('got [3]', None, 'got None')
    """
    if given is None and not needed:
        return None
    try:
        number = index(given)
    except TypeError:
        number = None
    if number is None or isinstance(given, bool):
        return Problem(option, None, "", f"got {shown(given)}", f"a whole number, at least {least}")
    if not least <= number <= most:
        rule = f"at least {least}" if number < least else f"at most {most}"
        return Problem(option, None, "", f"got {number}", rule)
    return None


def plain(given: SupportsIndex | None) -> int | None:
    """A whole number that was found good, of whatever library, as Python's own."""
    return None if given is None else index(given)


def yes_or_no(given: object, option: str) -> bool:
    """A truth value a caller gave.  Raises ``ScenarioError`` for anything else."""
    if not isinstance(given, bool):
        raise ScenarioError(Problem(option, None, "", f"got {shown(given)}", "True or False"))
    return given


def shown(value: object) -> str:
    """A value of Python in an error: short.

    >>> shown("a" * 99)
    "'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa..."
    """
    text = repr(value)
    return text if len(text) <= 40 else f"{text[:37]}..."
