"""The picture of ``frandsim rate CASE --methods all``: what each method gives, on one axis."""

from __future__ import annotations

from pathlib import Path
from textwrap import fill
from typing import TYPE_CHECKING

from simulator.figures.style import BLUE, COLOURS, SOFT, VERMILLION, canvas, entry, save, style
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


OTHERS = "small: aggregates, ends of ranges, offers"
MARKS = ("o", "s", "^", "D", "v", "P", "X", "*")
GROUPED = {"price_share": "Rate, % of price", "usd_per_unit": "Rate, US dollars per unit"}


def plot_determinations(frame: pd.DataFrame, stem: Path) -> list[Path]:
    """Draw the rates of ``simulator.rates.determinations`` over time as ``stem.svg``, ``.pdf`` and ``.png``.

    One panel a kind of unit, logarithmic; colour is the jurisdiction, shape the basis of the method; an open
    mark is a
    rate no longer good: vacated, or replaced on appeal.  Large marks are the headlines
    of the cases; small ones are their other printed figures, such as a whole standard's aggregate.
    """
    import pandas as pd

    rates = frame[frame["is_rate"] & (frame["value"] > 0)]
    colours = dict(zip(sorted(set(rates["jurisdiction"])), COLOURS, strict=False))
    shapes = dict(zip(sorted(set(rates["basis"])), MARKS, strict=False))
    base = {"price_share": "percent_of_price", "usd_per_unit": "usd_per_unit"}
    with style():
        figure = canvas(10.0, 7.0)
        panels = figure.subplots(len(GROUPED), 1, sharex=True)
        for axes, (kind, label) in zip(panels, GROUPED.items(), strict=True):
            for row in rates.to_dict("records"):
                if UNITS[row["unit"]].kind != kind:
                    continue
                colour = colours[row["jurisdiction"]]
                open_mark = row["status"] in {"vacated", "replaced_on_appeal"}
                height = row["value"] * UNITS[row["unit"]].factor / UNITS[base[kind]].factor
                axes.plot(
                    [pd.Timestamp(row["date"])], [height], shapes[row["basis"]], color=colour,
                    markersize=9 if row["headline"] else 5,
                    alpha=1.0 if row["headline"] else 0.4, linestyle="none",
                    markerfacecolor="white" if open_mark else colour,
                )  # fmt: skip
            axes.set_yscale("log")
            axes.yaxis.set_major_formatter("{x:g}")
            axes.set_ylabel(label)
        panels[-1].set_xlabel("Date of judgment")
        keys = [
            entry(color=colour, marker="o", linestyle="none", label=name) for name, colour in colours.items()
        ]
        keys += [
            entry(color=SOFT, marker=shape, linestyle="none", label=name) for name, shape in shapes.items()
        ]
        keys += [
            entry(
                color=SOFT,
                marker="o",
                markerfacecolor="white",
                linestyle="none",
                label="vacated or replaced",
            )
        ]
        keys += [entry(color=SOFT, marker="o", linestyle="none", markersize=4, alpha=0.4, label=OTHERS)]
        figure.legend(handles=keys, loc="outside right center")
        panels[0].set_title("Printed FRAND rates by court and method")
    return save(figure, stem, {"Title": "Printed FRAND rates by court and method"}, ("svg", "pdf", "png"))
