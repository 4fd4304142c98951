"""The protocol: faults booked, and the step at which talks ended."""

from __future__ import annotations

from simulator.comparison.tables import Tables
from simulator.figures.regimes import colour, label, mode_legend
from simulator.figures.style import BLACK, PERCENT, WIDTH, Figure, bare, canvas, shade, tile
from simulator.spec.regime import Regime
from simulator.writing.numbers import spoken

SHOWN = 0.01
"""Share of negotiations from which on a step is drawn."""


def faults(tables: Tables) -> Figure:
    """Faults booked, by party and code: share of negotiations in which each occurred."""
    data = tables.faults
    figure = canvas(WIDTH, 1.8 + 0.17 * max(len(data), 2))
    ax = figure.add_subplot()
    top = max(float(data.to_numpy().max(initial=0)), 0.01)
    for y, values in enumerate(data.to_numpy()):
        for x, share in enumerate(values):
            tile(ax, x, y, _tint(share, top), f"{100 * share:.0f}" if share >= 0.005 else "")
    ax.xaxis.tick_top()
    heads = [label(tables.regimes[name]) for name in tables.order]
    ax.set_xticks(range(len(heads)), heads, rotation=60, fontsize=7.5, ha="left", rotation_mode="anchor")
    names = [spoken(code) for _, code in data.index]
    ax.set_yticks(range(len(names)), names, fontsize=7.5)
    ax.set_xlim(-0.5, len(tables.order) - 0.5)
    ax.set_ylim(max(len(data), 1) - 0.5, -0.5)
    bare(ax)
    for party, rows in data.groupby(level="party", sort=False):
        first = data.index.get_level_values("party").tolist().index(party)
        middle = first + (len(rows) - 1) / 2
        ax.text(len(tables.order) - 0.4, middle, f"by the {party}", rotation=270, va="center", fontsize=8)
    holders = int((data.index.get_level_values("party") == "holder").sum())
    if 0 < holders < len(data):
        ax.axhline(holders - 0.5, color=BLACK, lw=1)
    ax.set_xlabel("% of negotiations in which the fault was booked")
    return figure


def steps(tables: Tables) -> Figure:
    """The protocol steps that were due when talks ended without agreement: bars under each regime's name."""
    data = tables.steps[tables.steps["share"] >= SHOWN]
    lines: list[tuple[str, float, Regime | None]] = []
    for name in tables.order:
        lines.append((label(tables.regimes[name]), 0.0, None))
        part = data[data["regime"] == name]
        for step, share in zip(part["step"], part["share"], strict=True):
            lines.append((spoken(step), float(share), tables.regimes[name]))
    figure = canvas(WIDTH, max(0.7 + 0.135 * len(lines), 2.2))
    ax = figure.add_subplot()
    for row, (_, share, regime) in enumerate(lines):
        if regime is not None:
            ax.barh(row, share, color=colour(regime), height=0.7)
            ax.text(share, row, f" {100 * share:.0f}", va="center", fontsize=7)
    ax.set_yticks(range(len(lines)), [text for text, _, _ in lines], fontsize=7.5)
    for text, (_, _, regime) in zip(ax.get_yticklabels(), lines, strict=True):
        text.set_fontweight("bold" if regime is None else "normal")
    ax.set_ylim(len(lines) - 0.4, -0.6)
    ax.set_xlim(0, 1.12 * max(float(data["share"].max()) if len(data) else 0.0, 0.01))
    ax.xaxis.set_major_formatter(PERCENT)
    ax.grid(visible=False, axis="y")
    ax.tick_params(axis="y", length=0)
    ax.set_xlabel("% of the regime's negotiations that ended at the step without agreement")
    mode_legend(figure, tables)
    return figure


def _tint(share: float, top: float) -> str | tuple[float, float, float, float]:
    return shade(share / top) if share >= 0.0005 else "white"
