"""Maps over two parameters: an outcome with the frontiers where it turns, and where a ranking holds."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from textwrap import fill

import numpy as np
import numpy.typing as npt
import pandas as pd

from simulator.figures.style import (
    BLACK,
    DASHES,
    GREY,
    LIGHT,
    PAGE,
    PERCENT,
    Axes,
    Figure,
    canvas,
    diverging,
    line,
    mark,
)
from simulator.writing.numbers import unit

TOLD = 3
"""Points from which on a field of a map tells a share."""
FRONTIERS = (BLACK, BLACK, GREY)


def heat_map(
    data: pd.DataFrame, x: str, y: str, outcome: str, kind: str, frontiers: Mapping[str, str] | None = None
) -> Figure:
    """An outcome over two parameters, 0 in white, with lines along which a quantity is zero.

    ``data``: columns ``x, y, value`` on a full grid, ``value`` in the unit ``kind``; ``x`` and ``y`` are the
    axes' texts.  ``frontiers`` maps further columns of ``data`` to what their zero line means; without it
    the zero line of ``value`` is drawn.  Raises ``ValueError`` where the grid has holes.
    """
    grid = _grid(data, "value")
    limit = float(np.nanmax(np.abs(grid.to_numpy()))) or 1.0
    figure = canvas(PAGE, 5.6)
    ax = figure.add_subplot()
    colours = diverging(limit)
    tiles = ax.pcolormesh(*_edges(grid), grid.to_numpy(), **colours)
    bar = figure.colorbar(tiles, ax=ax, shrink=0.85)
    bar.set_label(f"{outcome} ({unit(kind)})")
    if kind.startswith("share"):
        bar.formatter = PERCENT
        bar.update_ticks()
    lines = frontiers or {"value": "no difference"}
    handles = []
    for (column, meaning), tint, dash in zip(lines.items(), FRONTIERS, DASHES, strict=False):
        field = _grid(data, column)
        if field.to_numpy().min() < 0 < field.to_numpy().max() and min(field.shape) > 1:
            ax.contour(
                field.columns, field.index, field, levels=[0], colors=tint, linestyles=dash, linewidths=2
            )
            handles.append(line(tint, dash, meaning))
    _axes(ax, x, y)
    if handles:
        figure.legend(handles=handles, loc="outside lower center", ncols=2, handlelength=3)
    return figure


def region_map(
    data: pd.DataFrame,
    points: pd.DataFrame,
    x: str,
    y: str,
    claim: str,
    boxes: Sequence[Mapping[str, float]] = (),
) -> Figure:
    """Where a ranking holds over two parameters: share of points in each field, the points, and the boxes.

    ``data``: columns ``x, y, share, points`` (fields, as ``discovery.boundary`` gives them); ``points``:
    columns ``x, y, holds`` (sampled points and whether the claim holds there); ``boxes``: ``x_low, x_high,
    y_low, y_high`` of each box of a tree, ends left out where it has none.
    """
    figure = canvas(PAGE, 5.6)
    ax = figure.add_subplot()
    ax.set_facecolor(LIGHT)
    told = data[data["points"] >= TOLD]
    grid = data.assign(share=data["share"].where(data["points"] >= TOLD))
    grid = grid.pivot(index="y", columns="x", values="share")
    tiles = ax.pcolormesh(*_edges(grid), grid.to_numpy() - 0.5, **diverging(0.5))
    bar = figure.colorbar(tiles, ax=ax, shrink=0.85, ticks=[-0.5, -0.25, 0, 0.25, 0.5])
    bar.ax.set_yticklabels(["0", "25", "50", "75", "100"])
    bar.set_label(fill(f"% of points at which {claim}", 60))
    if len(told) < grid.size:
        grey = mark(GREY, LIGHT, f"fewer than {TOLD} points: no share is told")
        figure.legend(handles=[grey], loc="outside lower center")
    for holds, face in ((True, BLACK), (False, "white")):
        part = points[points["holds"] == holds]
        ax.plot(part["x"], part["y"], "o", ms=3, mec=BLACK, mfc=face, mew=0.6, clip_on=False)
    (left, right), (bottom, top) = ax.get_xlim(), ax.get_ylim()
    for box in boxes:
        x0, x1 = box.get("x_low", left), box.get("x_high", right)
        y0, y1 = box.get("y_low", bottom), box.get("y_high", top)
        ax.plot([x0, x1, x1, x0, x0], [y0, y0, y1, y1, y0], "--", color=BLACK, lw=1.8)
    _axes(ax, x, y)
    return figure


def _grid(data: pd.DataFrame, column: str) -> pd.DataFrame:
    grid = data.pivot(index="y", columns="x", values=column)
    if grid.isna().to_numpy().any():
        holes = int(grid.isna().to_numpy().sum())
        raise ValueError(f"{column}: {holes} of {grid.size} cells of the grid have no value")
    return grid


def _edges(grid: pd.DataFrame) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]:
    """Edges of the tiles half-way between the values of each axis."""
    return _between(grid.columns.to_numpy(dtype=float)), _between(grid.index.to_numpy(dtype=float))


def _between(values: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    if len(values) == 1:
        return np.array([values[0] - 0.5, values[0] + 0.5])
    middle = (values[1:] + values[:-1]) / 2
    return np.concatenate([[2 * values[0] - middle[0]], middle, [2 * values[-1] - middle[-1]]])


def _axes(ax: Axes, x: str, y: str) -> None:
    ax.grid(visible=False)
    ax.set_xlabel(fill(x, 60))
    ax.set_ylabel(fill(y, 50))
