"""What the page's sliders move: values as for ``--set``, each left as the laws have it until it is moved."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import NamedTuple

AS_IS = "as each law has it"
"""Where a slider stands before it is moved."""


class Slider(NamedTuple):
    """A slider: the name ``--set`` knows, a title, the values it offers, what to know before moving it."""

    name: str
    title: str
    values: tuple[float, ...]
    help: str

    def stops(self, value: str) -> list[str]:
        """Where the slider can stand, as texts; a value from a link is among them."""
        known = {f"{stop:g}" for stop in self.values} | ({value} if value != AS_IS else set())
        return [AS_IS, *sorted(known, key=_size)]


def _size(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        return float("inf")


def _steps(high: float, count: int) -> tuple[float, ...]:
    return tuple(round(high * step / count, 10) for step in range(count + 1))


LEVERS = (
    Slider(
        "share(implementer_hold_out)",
        "Implementers that hold out",
        _steps(1, 20),
        "Share in every group of implementers; the other strategies keep their ratios.",
    ),
    Slider(
        "court.scope.forum_share",
        "Reach of an injunction",
        _steps(1, 20),
        "Share of an implementer's sales that an injunction stops.",
    ),
    Slider(
        "court.interest.court",
        "Interest on past use, in an award",
        _steps(0.2, 20),
        "A year: 0.08 is 8 %.",
    ),
    Slider(
        "court.faults.uplift",
        "How far fault moves the court's rate",
        _steps(1, 20),
        "0.25: up to a quarter up or down. Only courts that set a rate.",
    ),
    Slider(
        "court.costs.litigation_factor",
        "Cost of litigation",
        (0.2, 0.35, 0.5, 0.75, 1, 1.25, 1.5, 2, 3, 4, 5),
        "Relative to what the market's file says: 2 is twice as dear.",
    ),
    Slider(
        "court.security.share",
        "Security to be deposited",
        _steps(1, 10),
        "Share of past use. Only laws that ask an implementer for security.",
    ),
)


def parted(sets: Iterable[str]) -> tuple[dict[str, str], list[str]]:
    """Texts ``NAME=VALUE``: what belongs to sliders, by name, and the rest.

    >>> parted(["court.faults.uplift=0.5", "beliefs.spread=0.1"])
    ({'court.faults.uplift': '0.5'}, ['beliefs.spread=0.1'])
    """
    names = {lever.name for lever in LEVERS}
    moved: dict[str, str] = {}
    rest = []
    for text in sets:
        name, sign, value = (part.strip() for part in text.partition("="))
        if sign and name in names and name not in moved and _size(value) < float("inf"):
            moved[name] = value
        else:
            rest.append(text)
    return moved, rest


def joined(moved: Mapping[str, str], rest: Iterable[str]) -> tuple[str, ...]:
    """Texts ``NAME=VALUE`` of the sliders that were moved, then the others."""
    stated = [
        f"{lever.name}={moved[lever.name]}" for lever in LEVERS if moved.get(lever.name, AS_IS) != AS_IS
    ]
    return (*stated, *rest)
