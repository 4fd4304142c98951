"""The registry of parameters: symbol, unit, default, ranges and source of every number of the model."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path

from ruamel.yaml import YAML


@dataclass(frozen=True)
class Parameter:
    """One number of the model."""

    name: str
    symbol: str | None
    title: str
    unit: str
    default: float
    plausible: tuple[float, float]
    valid: tuple[float, float]
    source: str

    @property
    def is_assumption(self) -> bool:
        """Whether no source gives the number, so that it must be swept."""
        return "assumption" in self.source


@cache
def registry() -> dict[str, Parameter]:
    """All parameters by dotted name, in the order of ``parameters.yaml``.

    >>> registry()["court.interest.court"].default
    0.04
    """
    text = Path(__file__).with_name("parameters.yaml").read_text(encoding="utf-8")
    entries = YAML(typ="safe").load(text)
    return {
        name: Parameter(
            name,
            entry["symbol"],
            entry["title"],
            entry["unit"],
            float(entry["default"]),
            (float(entry["plausible"][0]), float(entry["plausible"][1])),
            (float(entry["valid"][0]), float(entry["valid"][1])),
            entry["source"],
        )
        for name, entry in entries.items()
    }


def default(name: str) -> float:
    """The registry's default of a parameter.

    >>> default("standard.horizon")
    120.0
    """
    return registry()[name].default
