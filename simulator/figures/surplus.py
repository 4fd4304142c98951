"""Where the surplus went: a waterfall from the benchmark to what was realised, transfers beside it."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from simulator.figures.spread import small_multiples
from simulator.figures.style import (
    BLACK,
    BLUE,
    GREEN,
    GREY,
    ORANGE,
    PERCENT,
    PURPLE,
    YELLOW,
    Axes,
    Figure,
    few_ticks,
)

PARTS = {
    "cost_share_holder": ("holders' costs", ORANGE),
    "cost_share_implementer": ("implementers' costs", YELLOW),
    "cost_share_public": ("public cost", GREEN),
    "margin_lost_share": ("margin lost", PURPLE),
    "output_lost_share": ("output lost", BLACK),
    "realised": ("realised", BLUE),
}
TRANSFERS = ("hold_out_index", "hold_up_index")


def waterfall(data: pd.DataFrame, names: Mapping[str, str], baseline: str) -> Figure:
    """From the surplus of FRAND licences at once (0) down to what was realised; a panel a regime.

    ``data``: columns ``regime, part, kind, value, start, stop`` as in ``Tables.surplus``.  The baseline's
    bars are outlined in every panel.
    """
    figure, panels = small_multiples(names, 1.3)
    bars = data[data["kind"].isin(["loss", "total"])]
    other = data.set_index(["regime", "part"])["value"]
    reference = bars[bars["regime"] == baseline]
    for ax, regime in zip(panels, names, strict=True):
        rows = bars[bars["regime"] == regime]
        _bars(ax, rows)
        if regime != baseline:
            _outline(ax, reference)
        unpaid, overpaid = (100 * abs(float(other[regime, part])) for part in TRANSFERS)
        ax.set_xlabel(f"{unpaid:.0f} unpaid\n{overpaid:.0f} overpaid", fontsize=7)
        few_ticks(ax, 2)
        ax.xaxis.set_major_formatter(PERCENT)
    panels[0].set_yticks(range(len(PARTS)), [text for text, _ in PARTS.values()])
    panels[0].set_ylim(len(PARTS) - 0.4, -0.6)
    low, high = float(bars[["start", "stop"]].min().min()), float(bars[["start", "stop"]].max().max())
    panels[0].set_xlim(min(1.05 * low, -0.02), max(1.05 * high, 0.05 * (high - low)))
    figure.supxlabel("surplus less that of FRAND licences at once and without cost, % of E", fontsize=9)
    return figure


def _bars(ax: Axes, rows: pd.DataFrame) -> None:
    places = {part: place for place, part in enumerate(PARTS)}
    for part, value, start, stop in rows[["part", "value", "start", "stop"]].itertuples(index=False):
        ax.barh(places[part], stop - start, left=start, color=PARTS[part][1], height=0.7)
        rounded = round(100 * value, 1)
        text = f"{rounded:+.1f}" if rounded else "0"
        ax.annotate(  # in a column right of the panel, clear of all bars
            text,
            (1, places[part]),
            xycoords=("axes fraction", "data"),
            xytext=(24, 0),
            textcoords="offset points",
            ha="right",
            va="center",
            fontsize=7,
        )
    ax.axvline(0, color=BLACK, lw=0.8)
    ax.axhline(len(PARTS) - 1.5, color=GREY, lw=0.6)
    ax.grid(visible=False, axis="y")
    ax.tick_params(axis="y", length=0, labelsize=7)


def _outline(ax: Axes, rows: pd.DataFrame) -> None:
    places = [list(PARTS).index(part) for part in rows["part"]]
    ax.barh(
        places,
        rows["stop"] - rows["start"],
        left=rows["start"],
        height=0.86,
        facecolor="none",
        edgecolor=GREY,
        lw=0.7,
        linestyle=":",
    )
