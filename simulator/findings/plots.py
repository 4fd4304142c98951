"""Every figure, in one style: the only module that draws.

A figure is a function from :class:`~simulator.findings.tables.Tables` to a matplotlib ``Figure``; it draws
tables and computes nothing.  Colours are those of Okabe and Ito (2008), told apart by colour-blind
readers; hollow marks are texts that are not law in force.  SVG output is the same bytes for the same data.
"""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from textwrap import fill
from typing import Any

import matplotlib as mpl
import matplotlib.style
import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Ellipse, Rectangle
from matplotlib.ticker import FuncFormatter
from scipy.optimize import isotonic_regression

from simulator.findings.tables import RATE_EDGES, Tables, ellipse_radius
from simulator.findings.wording import spoken
from simulator.spec.regime import Regime
from simulator.vocabulary import CourtMode, LegalStatus

BLACK, GREY, LIGHT = "#222222", "#8C8C8C", "#DDDDDD"
ORANGE, SKY, GREEN, YELLOW = "#E69F00", "#56B4E9", "#009E73", "#F0E442"
BLUE, VERMILLION, PURPLE = "#0072B2", "#D55E00", "#CC79A7"

MODE_COLOURS = {
    CourtMode.NONE: BLACK,
    CourtMode.DIRECT: BLUE,
    CourtMode.INDIRECT: VERMILLION,
    CourtMode.BOTH: PURPLE,
    CourtMode.ADAPTIVE: GREEN,
}
MODE_NAMES = {
    CourtMode.NONE: "no court",
    CourtMode.DIRECT: "court sets the rate",
    CourtMode.INDIRECT: "court grants or refuses an injunction",
    CourtMode.BOTH: "both",
    CourtMode.ADAPTIVE: "adaptive",
}
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
    "paid_by_court": ("paid without agreement (court, damages)", SKY),
    "hold_out_index": ("unpaid: hold-out", LIGHT),
    "hold_up_index": ("overpaid: hold-up", VERMILLION),
    "cost_share_holder": ("holders' costs", ORANGE),
    "cost_share_implementer": ("implementers' costs", YELLOW),
    "cost_share_public": ("public cost", GREEN),
    "margin_lost_share": ("margin lost", PURPLE),
    "output_lost_share": ("output lost", BLACK),
}

PERCENT = FuncFormatter(lambda share, _: f"{100 * share:.4g}")
STYLE: dict[str, Any] = {
    "font.family": "DejaVu Sans",
    "font.size": 9,
    "axes.titlesize": 10,
    "axes.titlelocation": "left",
    "axes.titleweight": "bold",
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.edgecolor": GREY,
    "axes.labelcolor": BLACK,
    "text.color": BLACK,
    "xtick.color": BLACK,
    "ytick.color": BLACK,
    "axes.grid": True,
    "axes.axisbelow": True,
    "grid.color": LIGHT,
    "grid.linewidth": 0.6,
    "legend.frameon": False,
    "legend.fontsize": 8,
    "figure.facecolor": "white",
    "savefig.dpi": 150,
    "svg.fonttype": "none",
    "svg.hashsalt": "frandsim",
}


@contextmanager
def style() -> Iterator[None]:
    """The project's look, for drawing and saving alike."""
    with mpl.style.context(STYLE, after_reset=True):
        yield


def canvas(width: float, height: float) -> Figure:
    """An empty figure of so many inches; draw on it inside :func:`style`."""
    figure = Figure(figsize=(width, height))
    figure.set_layout_engine("constrained", w_pad=0.12, h_pad=0.06)
    return figure


def svg(figure: Figure, metadata: Mapping[str, str]) -> str:
    """The figure as an SVG document with its provenance and no date."""
    text = io.StringIO()
    labels = {
        "Title": metadata.get("Title", ""),
        "Description": metadata.get("Description", ""),
        "Date": None,
    }
    with style():
        figure.savefig(text, format="svg", metadata={**labels, "Creator": "frandsim"})
    figure.set_layout_engine("none")  # keeps the layout just found
    return text.getvalue()


def save(figure: Figure, stem: Path, metadata: Mapping[str, str]) -> list[Path]:
    """Write ``stem.svg`` and ``stem.png`` with their provenance; returns both paths."""
    vector, raster = stem.with_suffix(".svg"), stem.with_suffix(".png")
    vector.write_text(svg(figure, metadata), encoding="utf-8")
    with style():
        figure.savefig(raster, format="png", metadata={**metadata, "Software": "frandsim"})
    return [vector, raster]


@dataclass(frozen=True)
class Plot:
    """A figure of the report: file name, title, how to read it, its data and how it is drawn."""

    name: str
    title: str
    caption: str
    data: Callable[[Tables], pd.DataFrame]
    draw: Callable[[Tables], Figure]


def label(regime: Regime) -> str:
    """The regime's name, with its status unless it is law in force."""
    if regime.status is LegalStatus.IN_FORCE:
        return regime.regime
    return f"{regime.regime} ({spoken(regime.status.name)})"


def colour(regime: Regime) -> str:
    """The colour of the way its court intervenes."""
    return MODE_COLOURS[CourtMode(regime.court.mode)]


def _face(regime: Regime) -> str:
    return colour(regime) if regime.status is LegalStatus.IN_FORCE else "white"


def _rows(ax: Axes, tables: Tables) -> list[Regime]:
    """One row a regime, best on top; returns the regimes from row 0 downwards."""
    regimes = [tables.regimes[name] for name in tables.order]
    ax.set_yticks(range(len(regimes)), [label(regime) for regime in regimes])
    ax.set_ylim(len(regimes) - 0.4, -0.6)
    ax.grid(visible=False, axis="y")
    ax.tick_params(axis="y", length=0)
    return regimes


def _height(tables: Tables, a_row: float = 0.3, rest: float = 1.5) -> float:
    return rest + a_row * len(tables.order)


def _mode_legend(figure: Figure, tables: Tables, columns: int = 3) -> None:
    modes = dict.fromkeys(CourtMode(tables.regimes[name].court.mode) for name in tables.order)
    marks = [_mark(MODE_COLOURS[mode], MODE_COLOURS[mode], MODE_NAMES[mode]) for mode in sorted(modes)]
    if any(_face(regime) == "white" for regime in tables.regimes.values()):
        marks.append(_mark(GREY, "white", "not law in force"))
    figure.legend(handles=marks, loc="outside lower center", ncols=columns)


def _mark(edge: str, face: str, text: str) -> Line2D:
    return Line2D([], [], marker="o", linestyle="", markeredgecolor=edge, markerfacecolor=face, label=text)


# (a) and (b): deadlock and efficiency


def plane(tables: Tables) -> Figure:
    """Deadlock rate against efficiency: a mean and a 95 % confidence ellipse for each regime."""
    figure = canvas(9.5, max(5.2, _height(tables, 0.26, 1.6)))
    ax = figure.add_subplot()
    for name, row in _points(tables.plane).items():
        regime = tables.regimes[name]
        _ellipse(ax, row, colour(regime))
        x, y = row["deadlock_rate"], row["efficiency"]
        ax.plot(x, y, "o", color=colour(regime), markerfacecolor=_face(regime), zorder=3)
    ax.margins(0.06)
    ax.autoscale_view()
    _label_beside(ax, tables)
    ax.xaxis.set_major_formatter(PERCENT)
    ax.yaxis.set_major_formatter(PERCENT)
    ax.set_xlabel("deadlock rate (% of negotiations without the parties' own agreement)  ← less is better")
    ax.set_ylabel("efficiency (% of E left after avoidable losses)  more is better →")
    _mode_legend(figure, tables)
    return figure


def _points(data: pd.DataFrame) -> dict[str, dict[str, float]]:
    """The rows of a table of numbers by regime."""
    rows = (dict(zip(data.columns, row, strict=True)) for row in data.to_numpy(float))
    return dict(zip(map(str, data.index), rows, strict=True))


def _ellipse(ax: Axes, row: Mapping[str, float], tint: str) -> None:
    x, y = row["deadlock_rate"], row["efficiency"]
    ax.plot([row["deadlock_rate_low"], row["deadlock_rate_high"]], [y, y], color=tint, lw=0.8)
    ax.plot([x, x], [row["efficiency_low"], row["efficiency_high"]], color=tint, lw=0.8)
    radius = ellipse_radius(int(row["replications"]))
    error = np.array([row["deadlock_rate_error"], row["efficiency_error"]])
    if not np.isfinite([*error, radius]).all():
        return
    cross = row["correlation"] * error.prod()
    size, axes = np.linalg.eigh(np.array([[error[0] ** 2, cross], [cross, error[1] ** 2]]))
    width, height = 2 * radius * np.sqrt(np.maximum(size, 0))
    angle = float(np.degrees(np.arctan2(axes[1, 0], axes[0, 0])))
    ax.add_patch(Ellipse((x, y), width, height, angle=angle, facecolor=tint, alpha=0.15, lw=0))


def _label_beside(ax: Axes, tables: Tables) -> None:
    """Labels in a column at the right, in the order of the points, as near to them as space allows."""
    data = _points(tables.plane.sort_values(["efficiency", "deadlock_rate"], ascending=[True, False]))
    low, high = ax.get_ylim()
    wanted = [(row["efficiency"] - low) / (high - low) for row in data.values()]
    for (name, row), height in zip(data.items(), spread(wanted, 0.98 / max(len(data), 12)), strict=True):
        regime = tables.regimes[name]
        ax.annotate(
            label(regime),
            (row["deadlock_rate"], row["efficiency"]),
            xytext=(1.03, height),
            textcoords="axes fraction",
            va="center",
            color=colour(regime),
            fontsize=8.5,
            arrowprops={"arrowstyle": "-", "color": LIGHT, "lw": 0.8, "shrinkB": 4, "relpos": (0, 0.5)},
            annotation_clip=False,
            zorder=1,
        )


def spread(wanted: Sequence[float], gap: float) -> list[float]:
    """Positions in [0, 1] near the wanted ascending ones, at least ``gap`` apart.

    Least squares, by ``scipy.optimize.isotonic_regression``.

    >>> [round(x, 2) for x in spread([0.5, 0.5, 0.99], 0.1)]
    [0.45, 0.55, 0.99]
    >>> [round(x, 2) for x in spread([0.98, 0.99], 0.1)]
    [0.9, 1.0]
    """
    steps = gap * np.arange(len(wanted))
    places = isotonic_regression(np.asarray(wanted) - steps).x
    return [float(place) for place in np.clip(places, 0, 1 - gap * (len(wanted) - 1)) + steps]


def levels(tables: Tables) -> Figure:
    """Deadlock rate and efficiency: level with interval, and paired difference from the baseline."""
    several = len(tables.order) > 1
    figure = canvas(11.5 if several else 7, _height(tables))
    panels = figure.subplots(1, 4 if several else 2, sharey=True)
    names = {"deadlock_rate": "deadlock rate", "efficiency": "efficiency"}
    for k, (metric, name) in enumerate(names.items()):
        level = panels[2 * k if several else k]
        _dots(level, tables, metric)
        level.set_title(name)
        level.set_xlabel("% of negotiations" if metric == "deadlock_rate" else "% of entitlement (E)")
        if several:
            gap = panels[2 * k + 1]
            gap.axvline(0, color=GREY, lw=1)
            _dots(gap, tables, f"{metric}_difference")
            gap.text(0, tables.order.index(tables.baseline), " baseline", fontsize=7, color=GREY, va="center")
            gap.set_title(f"{name}: difference")
            gap.set_xlabel("percentage points")
    _mode_legend(figure, tables, columns=6)
    return figure


def _dots(ax: Axes, tables: Tables, column: str) -> None:
    data = _points(tables.levels)
    for row, regime in enumerate(_rows(ax, tables)):
        mean, low, high = (data[regime.regime][f"{column}{end}"] for end in ("", "_low", "_high"))
        ax.plot([low, high], [row, row], color=colour(regime), lw=1.6, solid_capstyle="butt")
        ax.plot(mean, row, "o", color=colour(regime), markerfacecolor=_face(regime))
    ax.xaxis.set_major_formatter(PERCENT)


# (c), (e), (f): stacked bars


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
    figure = canvas(10.5, _height(tables, rest=1.7))
    ax = figure.add_subplot()
    places = range(len(_rows(ax, tables)))
    shares = data.clip(lower=0)
    total = float(shares.sum(axis=1).max()) or 1.0
    left = np.zeros(len(data))
    for part, (text, tint) in parts.items():
        width = shares[part].to_numpy()
        if (width > 0).any():
            ax.barh(places, width, left=left, color=tint, edgecolor="white", lw=0.5, height=0.75, label=text)
        for place in np.flatnonzero(width > 0.035 * total):
            where, percent = (float(left[place] + width[place] / 2), int(place)), f"{100 * width[place]:.0f}"
            _inside(ax, *where, percent, 7, ink(tint))
        left += width
    ax.set_xlim(0, total * 1.01)
    ax.xaxis.set_major_formatter(PERCENT)
    ax.set_xlabel(unit)
    if ax.get_legend_handles_labels()[0]:
        figure.legend(loc="outside lower center", ncols=4 if len(parts) < 8 else 3)
    return figure


def _inside(ax: Axes, x: float, y: float, text: str, size: float, tint: str) -> None:
    """Text inside a mark: it needs no room of its own in the layout."""
    written = ax.text(x, y, text, ha="center", va="center", fontsize=size, color=tint, linespacing=1.1)
    written.set_in_layout(False)


def ink(background: str | tuple[float, float, float, float]) -> str:
    """Black or white, whichever reads better on the background (relative luminance).

    >>> ink("#F0E442"), ink("#0072B2")
    ('#222222', 'white')
    """
    red, green, blue = mpl.colors.to_rgb(background)
    return BLACK if 0.299 * red + 0.587 * green + 0.114 * blue > 0.5 else "white"


# (d): distributions


def rates(tables: Tables) -> Figure:
    """Distribution of effective rate / FRAND rate over negotiations, and how many paid nothing."""
    figure = canvas(10.5, _height(tables, 0.42))
    nothing, paid = figure.subplots(1, 2, sharey=True, width_ratios=[1, 4])
    data = tables.rates
    tallest = float(data.iloc[1:].to_numpy().max()) or 1.0
    edges = np.append(RATE_EDGES, RATE_EDGES[-1] + 0.1)
    ratio = tables.means["effective_rate_over_frand"]
    for row, regime in enumerate(_rows(nothing, tables)):
        share = data[regime.regime].to_numpy()
        nothing.barh(row + 0.1, share[0], height=0.5, color=colour(regime), alpha=0.6)
        nothing.text(share[0], row + 0.1, f" {share[0]:.0%}", va="center", fontsize=7)
        heights = np.append(share[1:], 0) * 0.95 / tallest
        paid.fill_between(
            edges, row + 0.35, row + 0.35 - heights, step="post", color=colour(regime), alpha=0.45, lw=0
        )
        paid.plot([0, edges[-1]], [row + 0.35] * 2, color=LIGHT, lw=0.6)
        paid.plot(
            ratio[regime.regime],
            row + 0.35,
            "D",
            ms=4.5,
            color=colour(regime),
            mec="white",
            mew=0.6,
            zorder=4,
        )
    paid.axvline(1, color=BLACK, lw=1)
    paid.grid(visible=False, axis="y")
    paid.tick_params(axis="y", length=0)
    paid.set_xlim(0, edges[-1])
    paid.set_xticks([0, 0.5, 1, 1.5, 2, 2.5, 3], ["0", "0.5", "1", "1.5", "2", "2.5", "3+"])
    nothing.set_title("nothing paid")
    nothing.set_xlabel("% of negotiations")
    nothing.xaxis.set_major_formatter(PERCENT)
    nothing.set_xlim(0, max(float(data.iloc[0].max()) * 1.3, 0.05))
    paid.set_title("effective rate / FRAND rate (Y/E) of those that paid")
    paid.set_xlabel("ratio; diamond: sum of Y / sum of E over all negotiations")
    _mode_legend(figure, tables, columns=6)
    return figure


def survival(tables: Tables) -> Figure:
    """Months to licence: share still without a licence (Kaplan-Meier), one panel a regime."""
    data = tables.survival
    months = data.index.to_numpy()
    columns = min(5, len(tables.order))
    lines = -(-len(tables.order) // columns)
    figure = canvas(max(2.2 * columns, 5), 1.9 * lines + 0.9)
    panels = figure.subplots(lines, columns, sharex=True, sharey=True, squeeze=False).flat
    for ax, name in zip(panels, tables.order, strict=False):
        regime = tables.regimes[name]
        ax.fill_between(months, data.min(axis=1), data.max(axis=1), step="post", color=LIGHT, alpha=0.6, lw=0)
        ax.plot(months, data[name], color=colour(regime), lw=2, drawstyle="steps-post")
        ax.set_title(fill(label(regime), 24), fontsize=8)
        ax.set_ylim(0, 1.02)
        ax.yaxis.set_major_formatter(PERCENT)
    for ax in list(figure.axes)[len(tables.order) :]:
        ax.set_visible(False)
    figure.supxlabel("months from first contact", fontsize=9)
    figure.supylabel("% still without a licence", fontsize=9)
    return figure


# (g) and (h): faults and steps


def faults(tables: Tables) -> Figure:
    """Faults booked, by party and code: share of negotiations in which each occurred."""
    data = tables.faults
    figure = canvas(max(3.6 + 0.5 * len(tables.order), 7), 2.6 + 0.24 * max(len(data), 2))
    ax = figure.add_subplot()
    top = max(float(data.to_numpy().max(initial=0)), 0.01)
    for y, values in enumerate(data.to_numpy()):
        for x, share in enumerate(values):
            _tile(ax, x, y, share, top, f"{100 * share:.0f}" if share >= 0.005 else "")
    ax.xaxis.tick_top()
    heads = [label(tables.regimes[name]) for name in tables.order]
    ax.set_xticks(range(len(heads)), heads, rotation=45, ha="left", rotation_mode="anchor")
    names = [f"{spoken(code)}  ·  {party}" for party, code in data.index]
    ax.set_yticks(range(len(names)), names)
    ax.set_xlim(-0.5, len(tables.order) - 0.5)
    ax.set_ylim(max(len(data), 1) - 0.5, -0.5)
    _bare(ax)
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
    place = {regime.regime: row for row, regime in enumerate(_rows(ax, tables))}
    top = max(float(data["share"].max()), 0.01)
    columns = [data[name].tolist() for name in ("regime", "position", "step", "share")]
    for regime, position, step, share in zip(*columns, strict=True):
        name = fill(spoken(step), 15)
        _tile(ax, position, place[regime], share, top, f"{name}\n{share:.0%}" if share >= 0.005 else name)
    ax.set_xlim(0.5, most + 0.5)
    ax.set_xticks(range(1, most + 1))
    _bare(ax)
    ax.set_xlabel("step of the protocol; % of the regime's negotiations that ended there without agreement")
    return figure


def _tile(ax: Axes, x: float, y: float, share: float, top: float, text: str) -> None:
    shade = mpl.colormaps["Oranges"](0.05 + 0.75 * share / top) if share >= 0.0005 else (1.0, 1.0, 1.0, 1.0)
    ax.add_patch(Rectangle((x - 0.48, y - 0.46), 0.96, 0.92, facecolor=shade, edgecolor=LIGHT, lw=0.5))
    _inside(ax, x, y, text, 6.5, ink(shade))


def _bare(ax: Axes) -> None:
    ax.grid(visible=False)
    ax.tick_params(length=0)
    for spine in ax.spines.values():
        spine.set_visible(False)


PLOTS = (
    Plot(
        "plane",
        "Deadlock and efficiency together",
        "Mean of each regime over replications; bars are 95 % intervals, ellipses joint 95 % confidence "
        "regions. Up and to the left is better on both.",
        lambda tables: tables.plane,
        plane,
    ),
    Plot(
        "levels",
        "Deadlock and efficiency side by side, with paired differences",
        "Dots are means over replications, lines 95 % intervals. Differences are taken inside each "
        "replication, where both regimes meet the same market and the same chance, so their intervals are "
        "the ones to read when comparing; an interval across 0 does not separate a regime from the baseline.",
        lambda tables: tables.levels,
        levels,
    ),
    Plot(
        "ends",
        "How negotiations ended",
        "The two blues are the parties' own agreements; everything to their right is deadlock.",
        lambda tables: tables.ends,
        ends,
    ),
    Plot(
        "rates",
        "What was paid, compared with FRAND rates",
        "Distribution over all counted negotiations of royalty, damages and interest paid (Y) over what the "
        "true FRAND rate on the same sales would have brought (E), both discounted. 1 is FRAND; past use "
        "that went unpaid lowers it.",
        lambda tables: tables.rates,
        rates,
    ),
    Plot(
        "survival",
        "How long it took",
        "Kaplan-Meier curves over the negotiations of all replications, censored at the horizon. Grey: "
        "the range over all regimes.",
        lambda tables: tables.survival,
        survival,
    ),
    Plot(
        "account",
        "Where the entitlement went",
        "Up to the line at 100 %: what became of the money FRAND rates would have brought. Beyond it: what "
        "was overpaid (a transfer), and what was spent or lost (dissipation). Underpayment can make output "
        "lost negative; it is then in the table, not in the bar.",
        lambda tables: tables.account,
        account,
    ),
    Plot(
        "causes",
        "Why talks failed",
        "The deadlock rate as the sum of its causes.",
        lambda tables: tables.causes,
        causes,
    ),
    Plot(
        "faults",
        "Faults booked",
        "Share of counted negotiations in which conduct was booked as a fault, whether or not a court "
        "later acted on it. Regimes recognise different faults, so an empty cell can mean that the conduct "
        "is not a fault there.",
        lambda tables: tables.faults,
        faults,
    ),
    Plot(
        "steps",
        "The step at which talks ended",
        "Each row is the regime's own protocol, step by step. Shaded: the step that was due when talks "
        "ended without the parties' agreement.",
        lambda tables: tables.steps,
        steps,
    ),
)
