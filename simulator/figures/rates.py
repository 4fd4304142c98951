"""The pictures of ``frandsim rate``: what each method gives in a case, and what courts set over time."""

from __future__ import annotations

from collections.abc import Mapping
from math import fsum
from pathlib import Path
from textwrap import fill
from typing import TYPE_CHECKING, Any

from simulator.figures.style import (
    BLUE,
    COLOURS,
    PAGE,
    SOFT,
    VERMILLION,
    Axes,
    Line2D,
    canvas,
    entry,
    save,
    style,
)
from simulator.spec.case import CURRENCIES, UNITS

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
        figure = canvas(PAGE, 1.2 + 0.5 * len(frame))
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


MARKS = ("o", "s", "^", "D", "v", "P", "X", "*", "h")
PANELS = {
    "price_share": ("percent_of_price", "Rate, % of price"),
    "usd_per_unit": ("usd_per_unit", "Rate, US dollars a unit"),
    "money": ("", "Sum, millions of its currency"),
}
"""What a panel draws: kind of unit, unit of its axis, label."""
DAY = 86400.0  # seconds; an axis of dates counts days from 1970
NO_LONGER_GOOD = ("vacated", "replaced_on_appeal")
TITLE = "What courts set for standard-essential patents, by court and its method"


def plot_determinations(frame: pd.DataFrame, stem: Path) -> list[Path]:
    """Draw the awards of ``simulator.rates.determinations`` over time as ``stem.svg``, ``.pdf`` and ``.png``.

    One logarithmic panel a kind of unit: shares of price, dollars a unit, and sums, in millions of the
    currency named beside them.  Colour is the jurisdiction, shape the method as the court named it; an open
    mark is a figure no longer good: vacated, or replaced on appeal.  Large marks are the cases' headlines,
    with their names.  Aggregates of all holders are bars across their range.
    """
    import pandas as pd

    drawn = frame[frame["role"].isin(("award", "aggregate"))].assign(panel=frame["unit"].map(_panel))
    drawn = drawn[drawn["panel"].isin(PANELS) & (drawn["low"] > 0)]
    drawn = drawn.assign(date=pd.to_datetime(drawn["date"], format="ISO8601"))
    colours = dict(zip(sorted(set(drawn["jurisdiction"])), COLOURS, strict=False))
    shapes = dict(zip(sorted(set(drawn[drawn["role"] == "award"]["method"])), MARKS, strict=False))
    with style():
        figure = canvas(PAGE, 9.4)
        panels = figure.subplots(len(PANELS), 1, sharex=True)
        for axes, (kind, (unit, label)) in zip(panels, PANELS.items(), strict=True):
            _draw_panel(axes, drawn[drawn["panel"] == kind], unit, (colours, shapes))
            axes.set_yscale("log")
            axes.yaxis.set_major_formatter("{x:g}")
            axes.set_ylabel(label)
            axes.margins(x=0.17)
        panels[-1].set_xlabel("Date of judgment")
        panels[0].set_title(TITLE)
        figure.legend(handles=_keys(colours, shapes), loc="outside lower center", ncols=4, fontsize=7)
        figure.draw_without_rendering()  # only now is it known where marks lie
        for axes, (kind, (unit, _)) in zip(panels, PANELS.items(), strict=True):
            _name_cases(axes, drawn[(drawn["panel"] == kind) & (drawn["role"] == "award")], unit)
    return save(figure, stem, {"Title": TITLE}, ("svg", "pdf", "png"))


def _panel(unit: str) -> str:
    kind = UNITS[unit].kind
    return "money" if kind in CURRENCIES else kind


def _scale(row: Mapping[Any, Any], unit: str) -> float:
    """What one of the row's unit comes to on an axis of this unit, or in millions of its currency."""
    return UNITS[row["unit"]].factor / (UNITS[unit].factor if unit else 1e6)


def _draw_panel(
    axes: Axes, rows: pd.DataFrame, unit: str, looks: tuple[dict[str, str], dict[str, str]]
) -> None:
    """Draw the rows of one panel; ``looks`` are colours by jurisdiction and shapes by method."""
    colours, shapes = looks
    for row in rows.to_dict("records"):
        low, high = (row[end] * _scale(row, unit) for end in ("low", "high"))
        colour = colours[row["jurisdiction"]]
        if row["role"] == "aggregate":
            axes.plot([row["date"]] * 2, [low, high], "_-", color=colour, linewidth=3, alpha=0.45)
            continue
        axes.plot(
            [row["date"]], [high], shapes[row["method"]], color=colour,
            markersize=7 if row["headline"] else 4, linestyle="none",
            markerfacecolor="white" if row["status"] in NO_LONGER_GOOD else colour,
        )  # fmt: skip


def _name_cases(axes: Axes, rows: pd.DataFrame, unit: str) -> None:
    """Write each case once a currency beside its mark, where it covers the fewest other names and marks."""
    records = rows.sort_values(["headline", "date"], ascending=[False, True]).to_dict("records")
    places = [
        axes.transData.transform((row["date"].timestamp() / DAY, row["high"] * _scale(row, unit)))
        for row in records
    ]
    taken = [(x - 4.0, y - 4.0, x + 4.0, y + 4.0) for x, y in places]
    left, right = axes.bbox.x0, axes.bbox.x1
    taken += [(left - 999.0, -9999.0, left, 9999.0), (right, -9999.0, right + 999.0, 9999.0)]  # outside
    named: set[tuple[str, str]] = set()
    for row, (x, y) in zip(records, places, strict=True):
        kind = UNITS[row["unit"]].kind
        if (row["case"], kind) in named:
            continue
        named.add((row["case"], kind))
        told = row["case"] if unit or kind == "usd" else f"{row['case']} ({kind.upper()})"
        width = 5.4 * len(told)  # pixels, about, of small type
        boxes = {
            (dx, dy, side): (start, y + 1.4 * dy - 4.0, start + width, y + 1.4 * dy + 8.0)
            for dy in (4, -10, 14, -20)
            for dx, side, start in ((6, "left", x + 8.0), (-6, "right", x - 8.0 - width))
        }
        dx, dy, side = min(boxes, key=lambda place: fsum(_overlap(boxes[place], box) for box in taken))
        taken.append(boxes[dx, dy, side])
        axes.annotate(
            told, (row["date"], row["high"] * _scale(row, unit)), xytext=(dx, dy),
            textcoords="offset points", fontsize=7, ha=side,
        )  # fmt: skip


def _overlap(first: tuple[float, ...], second: tuple[float, ...]) -> float:
    """Area that two boxes (left, bottom, right, top) share."""
    wide = min(first[2], second[2]) - max(first[0], second[0])
    tall = min(first[3], second[3]) - max(first[1], second[1])
    return max(wide, 0.0) * max(tall, 0.0)


def _keys(colours: dict[str, str], shapes: dict[str, str]) -> list[Line2D]:
    dot = {"marker": "o", "linestyle": "none"}
    return [
        *(entry(color=colour, label=name, **dot) for name, colour in colours.items()),
        *(
            entry(color=SOFT, marker=shape, linestyle="none", label=name.replace("_", " "))
            for name, shape in shapes.items()
        ),
        entry(color=SOFT, markerfacecolor="white", label="vacated or replaced", **dot),
        entry(color=SOFT, markersize=4, label="small: other awards of the case", **dot),
        entry(color=SOFT, linewidth=3, alpha=0.45, label="burden of all holders"),
    ]
