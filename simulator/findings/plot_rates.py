"""The picture of ``frandsim rate CASE --methods all``: what each method gives, on one axis."""

from __future__ import annotations

from pathlib import Path
from textwrap import fill

import matplotlib as mpl
import pandas as pd
from matplotlib.figure import Figure

from simulator.spec.case import UNITS

WIDE = 20.0  # largest over smallest from which the axis is logarithmic


def plot_methods(frame: pd.DataFrame, out: Path) -> Path:
    """Draw the frame of ``simulator.rates.report.all_methods`` and write it to ``out``.

    Each row is a bar from ``low`` to ``high`` with a dot at ``value``; a line across marks the printed rate.
    The format follows the suffix; the bytes do not depend on the day.
    """
    with mpl.rc_context({"svg.hashsalt": "frandsim", "svg.fonttype": "none", "font.size": 9}):
        figure = Figure(figsize=(8.0, 1.2 + 0.5 * len(frame)), layout="constrained")
        axes = figure.subplots()
        places = list(range(len(frame)))[::-1]
        ranges = frame[["low", "value", "high"]].to_numpy(dtype=float)
        for place, (low, value, high), published in zip(places, ranges, frame["published"], strict=True):
            colour = "C3" if published else "C0"
            axes.plot([low, high], [place, place], color=colour, linewidth=4, solid_capstyle="butt")
            axes.plot([value], [place], "o", color=colour, markersize=6)
        for value in frame.loc[frame["published"], "value"]:
            axes.axvline(value, color="C3", linewidth=1, linestyle=":")
        if ranges.min() > 0 and ranges.max() / ranges.min() > WIDE:
            axes.set_xscale("log")
        else:
            axes.set_xlim(left=0)
        axes.set_yticks(places, [fill(str(quantity), 44) for quantity in frame["quantity"]])
        axes.set_xlabel(UNITS[str(frame["unit"].iloc[0])].symbol + " (red: printed)")
        axes.spines[["top", "right"]].set_visible(False)
        metadata = {"Date": None} if out.suffix == ".svg" else {}
        figure.savefig(out, dpi=150, metadata=metadata)
    return out
