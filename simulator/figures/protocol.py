"""The protocol: faults booked, and the step at which talks ended."""

from __future__ import annotations

from textwrap import fill

from simulator.comparison.tables import Tables
from simulator.figures.regimes import label, rows
from simulator.figures.style import BLACK, Figure, bare, canvas, shade, tile
from simulator.writing.numbers import spoken


def faults(tables: Tables) -> Figure:
    """Faults booked, by party and code: share of negotiations in which each occurred."""
    data = tables.faults
    figure = canvas(max(3.6 + 0.5 * len(tables.order), 7), 2.6 + 0.24 * max(len(data), 2))
    ax = figure.add_subplot()
    top = max(float(data.to_numpy().max(initial=0)), 0.01)
    for y, values in enumerate(data.to_numpy()):
        for x, share in enumerate(values):
            tile(ax, x, y, _tint(share, top), f"{100 * share:.0f}" if share >= 0.005 else "")
    ax.xaxis.tick_top()
    heads = [label(tables.regimes[name]) for name in tables.order]
    ax.set_xticks(range(len(heads)), heads, rotation=45, ha="left", rotation_mode="anchor")
    names = [f"{spoken(code)}  ·  {party}" for party, code in data.index]
    ax.set_yticks(range(len(names)), names)
    ax.set_xlim(-0.5, len(tables.order) - 0.5)
    ax.set_ylim(max(len(data), 1) - 0.5, -0.5)
    bare(ax)
    holders = int((data.index.get_level_values("party") == "holder").sum())
    if 0 < holders < len(data):
        ax.axhline(holders - 0.5, color=BLACK, lw=1)
    ax.set_xlabel("% of negotiations in which the fault was booked")
    return figure


def steps(tables: Tables) -> Figure:
    """The protocol step that was due when talks ended without agreement: a row a regime, a tile a step."""
    data = tables.steps
    most = int(data["position"].max())
    figure = canvas(2.6 + 1.02 * most, 0.9 + 0.5 * len(tables.order))
    ax = figure.add_subplot()
    place = {regime.regime: row for row, regime in enumerate(rows(ax, tables))}
    top = max(float(data["share"].max()), 0.01)
    columns = [data[name].tolist() for name in ("regime", "position", "step", "share")]
    for regime, position, step, share in zip(*columns, strict=True):
        name = fill(spoken(step), 15)
        text = f"{name}\n{share:.0%}" if share >= 0.005 else name
        tile(ax, position, place[regime], _tint(share, top), text)
    ax.set_xlim(0.5, most + 0.5)
    ax.set_xticks(range(1, most + 1))
    bare(ax)
    ax.set_xlabel("step of the protocol; % of the regime's negotiations that ended there without agreement")
    return figure


def _tint(share: float, top: float) -> str | tuple[float, float, float, float]:
    return shade(share / top) if share >= 0.0005 else "white"
