"""What figures of regimes share: a row a regime, its label, and a colour for how its court intervenes."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from typing import Any

from simulator.comparison.tables import Tables
from simulator.figures.style import (
    BLACK,
    BLUE,
    DASHES,
    GREEN,
    GREY,
    PURPLE,
    VERMILLION,
    Axes,
    Figure,
    mark,
)
from simulator.spec.regime import Regime
from simulator.vocabulary import CourtMode, LegalStatus
from simulator.writing.numbers import spoken

MODE_COLOURS = {
    CourtMode.NONE: BLACK,
    CourtMode.DIRECT: BLUE,
    CourtMode.INDIRECT: VERMILLION,
    CourtMode.BOTH: PURPLE,
    CourtMode.ADAPTIVE: GREEN,
}
MARKERS = "osD^vP*X<>"
MODE_NAMES = {
    CourtMode.NONE: "no court",
    CourtMode.DIRECT: "court sets the rate",
    CourtMode.INDIRECT: "court grants or refuses an injunction",
    CourtMode.BOTH: "both",
    CourtMode.ADAPTIVE: "adaptive",
}


def label(regime: Regime) -> str:
    """The regime's name, with its status unless it is law in force."""
    if regime.status is LegalStatus.IN_FORCE:
        return regime.regime
    return f"{regime.regime} ({spoken(regime.status.name)})"


def colour(regime: Regime) -> str:
    """The colour of the way its court intervenes."""
    return MODE_COLOURS[CourtMode(regime.court.mode)]


def strokes(regimes: Iterable[Regime]) -> dict[str, dict[str, Any]]:
    """How the line of each regime is drawn: its colour; dash and marker tell those of one colour apart."""
    drawn, seen = {}, Counter[str]()
    for regime in regimes:
        tint = colour(regime)
        dash, marker = DASHES[seen[tint] % len(DASHES)], MARKERS[seen[tint] % len(MARKERS)]
        drawn[regime.regime] = {"color": tint, "linestyle": dash, "marker": marker}
        seen[tint] += 1
    return drawn


def face(regime: Regime) -> str:
    """The filling of its mark: hollow unless it is law in force."""
    return colour(regime) if regime.status is LegalStatus.IN_FORCE else "white"


def rows(ax: Axes, tables: Tables, *, short: bool = False) -> list[Regime]:
    """One row a regime, ``short`` without its status; returns the regimes from row 0 downwards."""
    regimes = [tables.regimes[name] for name in tables.order]
    ax.set_yticks(
        range(len(regimes)), [regime.regime if short else label(regime) for regime in regimes], fontsize=7.5
    )
    ax.set_ylim(len(regimes) - 0.4, -0.6)
    ax.grid(visible=False, axis="y")
    ax.tick_params(axis="y", length=0)
    return regimes


def height(tables: Tables, a_row: float = 0.17, rest: float = 1.25) -> float:
    """Inches for a row a regime and what stands around the rows."""
    return rest + a_row * max(len(tables.order), 4)


def mode_legend(figure: Figure, tables: Tables, *, hollow: bool = False) -> None:
    """A legend of the colours of :func:`colour`, below the figure; ``hollow``: and of marks not filled."""
    modes = dict.fromkeys(CourtMode(tables.regimes[name].court.mode) for name in tables.order)
    marks = [mark(MODE_COLOURS[mode], MODE_COLOURS[mode], MODE_NAMES[mode]) for mode in sorted(modes)]
    if hollow and any(face(regime) == "white" for regime in tables.regimes.values()):
        marks.append(mark(GREY, "white", "not law in force"))
    figure.legend(handles=marks, loc="outside lower center", ncols=3)
