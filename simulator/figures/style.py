"""The door to matplotlib: one style, one way to save, and the few marks that every figure shares.

Figures stand in the ``plot_*`` modules; each draws a table and computes nothing.  Colours are those of
Okabe and Ito (2008), told apart by colour-blind readers.  The same data gives the same bytes.
"""

from __future__ import annotations

import io
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from textwrap import fill
from typing import Any, Literal, TypeAlias
from warnings import catch_warnings, simplefilter, warn_explicit

import matplotlib as mpl
import matplotlib.style
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Ellipse, Rectangle
from matplotlib.ticker import FuncFormatter, MaxNLocator

__all__ = ["Axes", "Figure", "Line2D"]

BLACK, GREY, LIGHT = "#222222", "#8C8C8C", "#DDDDDD"
SOFT = "#555555"
ORANGE, SKY, GREEN, YELLOW = "#E69F00", "#56B4E9", "#009E73", "#F0E442"
BLUE, VERMILLION, PURPLE = "#0072B2", "#D55E00", "#CC79A7"
COLOURS = (BLUE, VERMILLION, GREEN, ORANGE, PURPLE, SKY, BLACK, GREY)
Dash: TypeAlias = Literal["-", "--", ":"]
DASHES: tuple[Dash, ...] = ("-", "--", ":")

WIDTH = 5.6
"""Inches of a figure of a comparison: natural size on paper (text of 7 points and more), most of a phone."""
GROWTH = 8
"""How often a sheet grows by a half for words that leave no room."""
PAGE = 7.0
"""Inches of the widest figure: cut out, it fits an A4 page between its margins, text at 7 points or more."""
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
    "text.hinting": "none",  # text as wide at every resolution, so that what is measured fits what is drawn
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
    "pdf.fonttype": 42,
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


def caption(figure: Figure, text: str) -> Figure:
    """The figure with a caption below it: what a reader who has only the picture must know."""
    inches = float(figure.get_figwidth())
    figure.text(0.012, -0.1 / figure.get_figheight(), fill(text, int(17 * inches)), va="top", fontsize=7)
    figure.texts[-1].set_color(SOFT)
    return figure


def based_on(replications: int, seed: int, interval: str = "") -> str:
    """What every caption states: n, seed, and what intervals and bands are.

    >>> based_on(200, 7, "Bars: 95 % t intervals")
    'n = 200 replications, seed 7. Bars: 95 % t intervals.'
    """
    count = f"n = {replications:,} replication{'s' * (replications != 1)}, seed {seed}."
    return f"{count} {interval.rstrip('.')}." if interval else count


def save(
    figure: Figure, stem: Path, metadata: Mapping[str, str], formats: Iterable[str] = ("svg", "png")
) -> list[Path]:
    """Write ``stem.svg``, ``stem.png``, ``stem.pdf`` with their provenance and no date; returns the paths.

    The picture is cut to what is drawn, caption included.  Raises ``ValueError`` on an unknown format.
    """
    title, said = metadata.get("Title", ""), metadata.get("Description", "")
    stated: dict[str, dict[str, str | None]] = {
        "svg": {"Title": title, "Description": said, "Date": None, "Creator": "frandsim"},
        "pdf": {"Title": title, "Subject": said, "CreationDate": None, "Creator": "frandsim"},
        "png": {**metadata, "Software": "frandsim"},
    }
    written = []
    with style():
        _lay_out(figure)
        for legend in figure.legends:  # stays where it is when the picture is cut
            legend.set_bbox_to_anchor((0, 0, 1, 1), figure.transFigure)
        figure.set_layout_engine(None)  # keeps the layout just found, and draws once where "none" draws twice
        area = figure.get_tightbbox().padded(0.08)
        for kind in formats:
            picture = io.BytesIO()
            figure.savefig(picture, format=kind, metadata=stated[kind], bbox_inches=area)
            written.append(stem.with_suffix(f".{kind}"))
            written[-1].write_bytes(picture.getvalue())
    return written


def _lay_out(figure: Figure) -> None:
    """Find the layout; where long words leave the panels no room, on a larger sheet."""
    layout = figure.get_layout_engine()
    if layout is None:
        return
    for _ in range(GROWTH):
        with catch_warnings(record=True) as told:
            simplefilter("always")
            layout.execute(figure)
        collapsed = [each for each in told if "collapsed to zero" in str(each.message)]
        for each in told:
            if each not in collapsed:
                warn_explicit(each.message, each.category, each.filename, each.lineno)
        if not collapsed:
            return
        wide, high = figure.get_size_inches()
        figure.set_size_inches(1.5 * wide, 1.5 * high)


# Marks


def mark(edge: str, face: str, text: str) -> Line2D:
    """An entry of a legend: a dot."""
    return Line2D([], [], marker="o", linestyle="", markeredgecolor=edge, markerfacecolor=face, label=text)


def entry(**looks: Any) -> Line2D:
    """An entry of a legend that looks so: keywords of a matplotlib line."""
    return Line2D([], [], **looks)


def line(colour: str, dash: Dash, text: str) -> Line2D:
    """An entry of a legend: a line."""
    return Line2D([], [], color=colour, linestyle=dash, label=text)


def looks(names: Iterable[str]) -> dict[str, tuple[str, Dash]]:
    """A colour and a dash for each name, told apart up to 24.

    >>> looks(["upc", "us-ebay"])["us-ebay"]
    ('#D55E00', '-')
    """
    return {
        name: (COLOURS[place % len(COLOURS)], DASHES[place // len(COLOURS) % len(DASHES)])
        for place, name in enumerate(names)
    }


def inside(ax: Axes, x: float, y: float, text: str, size: float, tint: str) -> None:
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


def shade(part: float, colours: str = "Oranges") -> tuple[float, float, float, float]:
    """A colour of a sequential map: light at 0, dark at 1."""
    return mpl.colormaps[colours](0.05 + 0.75 * part)


def diverging(limit: float) -> dict[str, Any]:
    """How pcolormesh colours a field: ``-limit`` blue, 0 white, ``limit`` orange."""
    colours = mpl.colors.LinearSegmentedColormap.from_list("sides", [BLUE, SKY, "white", ORANGE, VERMILLION])
    return {"cmap": colours, "vmin": -limit, "vmax": limit}


def tile(ax: Axes, x: float, y: float, tint: str | tuple[float, float, float, float], text: str) -> None:
    """A tile around (x, y), one unit wide and high, with its text."""
    ax.add_patch(Rectangle((x - 0.48, y - 0.46), 0.96, 0.92, facecolor=tint, edgecolor=LIGHT, lw=0.5))
    inside(ax, x, y, text, 7, ink(tint))


def ellipse(
    ax: Axes, centre: tuple[float, float], axes: tuple[float, float], angle: float, tint: str
) -> None:
    """A pale ellipse with full axes ``axes``, turned by ``angle`` degrees."""
    ax.add_patch(Ellipse(centre, *axes, angle=angle, facecolor=tint, alpha=0.15, lw=0))


def few_ticks(ax: Axes, most: int = 4) -> None:
    """At most so many ticks on a narrow axis."""
    ax.xaxis.set_major_locator(MaxNLocator(most, steps=[1, 2, 5, 10]))


def whole_months(ax: Axes) -> None:
    """Ticks at whole months only."""
    ax.xaxis.set_major_locator(MaxNLocator("auto", integer=True, steps=[1, 2, 3, 6, 10]))


def bare(ax: Axes) -> None:
    """Without grid, ticks and frame."""
    ax.grid(visible=False)
    ax.tick_params(length=0)
    for spine in ax.spines.values():
        spine.set_visible(False)
