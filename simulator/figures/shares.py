"""Shares of negotiations and of money as stacked bars: ends, causes, and where the entitlement went."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

from simulator.comparison.tables import Tables
from simulator.figures.regimes import height, rows
from simulator.figures.style import (
    BLACK,
    BLUE,
    GREEN,
    GREY,
    LIGHT,
    ORANGE,
    PERCENT,
    PURPLE,
    SKY,
    VERMILLION,
    WIDTH,
    YELLOW,
    Figure,
    canvas,
    ink,
    inside,
)

END_STYLE = {
    "end_negotiated": ("negotiated", BLUE),
    "end_settled_in_court": ("settled in court", SKY),
    "end_court_rate": ("rate set by court or tribunal", GREEN),
    "end_injunction_licence": ("licence under an injunction", ORANGE),
    "end_exit": ("exit", PURPLE),
    "end_unlicensed": ("unlicensed", GREY),
}
CAUSE_STYLE = {
    "deadlock_structural": ("structural: no zone of agreement at all", BLACK),
    "deadlock_belief": ("belief: estimates too far apart", SKY),
    "deadlock_strategic": ("strategic: there was a zone, not taken", ORANGE),
    "deadlock_procedural": ("procedural: the protocol ended the talks", GREEN),
}
ACCOUNT_STYLE = {
    "paid_as_agreed": ("paid as agreed", BLUE),
    "paid_by_court": ("paid without agreement", SKY),
    "hold_out_index": ("unpaid: hold-out", LIGHT),
    "hold_up_index": ("overpaid: hold-up", VERMILLION),
    "cost_share_holder": ("holders' costs", ORANGE),
    "cost_share_implementer": ("implementers' costs", YELLOW),
    "cost_share_public": ("public cost", GREEN),
    "margin_lost_share": ("margin lost", PURPLE),
    "output_lost_share": ("output lost", BLACK),
}


def ends(tables: Tables) -> Figure:
    """How negotiations ended: shares as stacked bars."""
    return _stacked(tables, tables.ends, END_STYLE, "% of negotiations")


def causes(tables: Tables) -> Figure:
    """Why no agreement was reached: the deadlock rate as the sum of its causes."""
    return _stacked(tables, tables.causes, CAUSE_STYLE, "% of negotiations")


def account(tables: Tables) -> Figure:
    """Where the entitlement went: paid, unpaid, and beyond 100 % what was overpaid, spent and lost."""
    figure = _stacked(tables, tables.account, ACCOUNT_STYLE, "% of what FRAND rates would have brought (E)")
    figure.axes[0].axvline(1, color=BLACK, lw=1.2)
    return figure


def _stacked(tables: Tables, data: pd.DataFrame, parts: Mapping[str, tuple[str, str]], unit: str) -> Figure:
    figure = canvas(WIDTH, height(tables, rest=1.3))
    ax = figure.add_subplot()
    places = range(len(rows(ax, tables)))
    shares = data.clip(lower=0)
    total = float(shares.sum(axis=1).max()) or 1.0
    left = np.zeros(len(data))
    for part, (text, tint) in parts.items():
        width = shares[part].to_numpy()
        seen = text if (width > 0.002 * total).any() else None  # no entry in the legend for what no eye finds
        ax.barh(places, width, left=left, color=tint, edgecolor="white", lw=0.5, height=0.75, label=seen)
        for place in np.flatnonzero(width > 0.035 * total):
            where, percent = (float(left[place] + width[place] / 2), int(place)), f"{100 * width[place]:.0f}"
            inside(ax, *where, percent, 7, ink(tint))
        left += width
    ax.set_xlim(0, total * 1.01)
    ax.xaxis.set_major_formatter(PERCENT)
    ax.set_xlabel(unit)
    if ax.get_legend_handles_labels()[0]:
        figure.legend(loc="outside lower center", ncols=2 if len(parts) < 8 else 3)
    return figure
