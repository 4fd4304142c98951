"""The picture of ``frandsim rate CASE --methods all``: what each method gives, on one axis."""

from __future__ import annotations

from pathlib import Path
from textwrap import fill
from typing import TYPE_CHECKING

from simulator.figures.style import BLUE, VERMILLION, canvas, save, style
from simulator.spec.case import UNITS

if TYPE_CHECKING:
    import pandas as pd

WIDE = 20.0  # largest over smallest from which the axis is logarithmic


def plot_methods(frame: pd.DataFrame, stem: Path, title: str) -> list[Path]:
    """Draw the frame of ``simulator.rates.worksheet.all_methods`` as ``stem.svg`` and ``stem.png``.

    Each row is a bar from ``low`` to ``high`` with a dot at ``value``; the printed rate is marked across.
    """
    ranges = frame[["low", "value", "high"]].to_numpy(dtype=float)
    names = [fill(str(quantity), 44) for quantity in frame["quantity"]]
    with style():
        figure = canvas(8.0, 1.2 + 0.5 * len(frame))
        axes = figure.subplots()
        for place, ((low, value, high), published) in enumerate(zip(ranges, frame["published"], strict=True)):
            colour = VERMILLION if published else BLUE
            axes.plot([low, high], [place, place], color=colour, linewidth=4, solid_capstyle="butt")
            axes.plot([value], [place], "o", color=colour, markersize=6)
            if published:
                axes.axvline(value, color=colour, linewidth=1, linestyle=":")
        if ranges.min() > 0 and ranges.max() / ranges.min() > WIDE:
            axes.set_xscale("log")
        else:
            axes.set_xlim(left=0)
        axes.set_yticks(range(len(frame)), [name.replace("$", r"\$") for name in names])
        axes.set_ylim(len(frame) - 0.5, -0.5)
        axes.xaxis.set_major_formatter("{x:g}")
        unit = UNITS[str(frame["unit"].iloc[0])].symbol.replace("$", r"\$")
        axes.set_xlabel(f"{unit} (in the other colour: as printed)")
        axes.set_title(title)
    return save(figure, stem, {"Title": title})
