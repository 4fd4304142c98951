"""What a reader can explore in a report: the plane and the distributions as Vega-Lite, offline.

The scripts (Vega, Vega-Lite, vega-embed) come from ``vl-convert-python`` and stand in the page; expressions
are interpreted, so that the page's policy need not allow code made from text.  Nothing is fetched.
"""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Mapping
from contextlib import suppress
from functools import cache
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
import vl_convert

from simulator.batch.files import put
from simulator.comparison.tables import SPREAD, Tables
from simulator.compiled import cache_folder
from simulator.figures.learned import LEARNED
from simulator.figures.plane import beside, central
from simulator.figures.regimes import MODE_COLOURS, MODE_NAMES
from simulator.figures.style import looks
from simulator.outcomes.measures import METRICS
from simulator.vocabulary import CourtMode, LegalStatus
from simulator.writing.manifest import digest, installed
from simulator.writing.numbers import spoken, unit, upper_first

Spec = dict[str, Any]
SCHEMA = "https://vega.github.io/schema/vega-lite/v6.json"
HEIGHT, INCH = 420, 96
"""Pixels: the plane's height; an inch."""
POINTS = np.linspace(0, 1, 51)
"""Shares of replications at which a cumulative distribution is drawn."""
START = """
const charts = JSON.parse(document.getElementById("charts").textContent);
const boxes = [...document.querySelectorAll(".pick input")];
const root = document.documentElement.classList;
root.add("lively");
const how = {mode: "vega-lite", renderer: "svg", actions: false, ast: true};
Promise.all([...document.querySelectorAll("[data-chart]")].map(
  place => vegaEmbed(place, charts[place.dataset.chart], how)
)).then(drawn => {
  const show = () => {
    const picked = boxes.filter(box => box.checked).map(box => box.value);
    for (const {view} of drawn) view.signal("picked", picked).runAsync();
  };
  for (const box of boxes) box.addEventListener("change", show);
  for (const button of document.querySelectorAll(".pick button")) button.addEventListener("click", () => {
    for (const box of boxes) box.checked = button.dataset.all !== "";
    show();
  });
}).catch(() => root.remove("lively"));
"""
"""Draws every chart and lets the boxes choose the regimes shown; where it fails, the drawings stay."""


NOTICE = (
    "/*! Vega, Vega-Lite, vega-embed: Copyright University of Washington Interactive Data Lab and "
    "contributors, BSD-3-Clause. D3: Copyright Mike Bostock, ISC. */\n"
)
"""What the licences ask to keep with the scripts."""


class Explore(NamedTuple):
    """What the page holds: its charts as JSON by name, the script, and the script's hash for its policy."""

    charts: str
    script: str
    hash: str


@cache
def script() -> str:
    """Vega, Vega-Lite and vega-embed with what starts them, about 0.9 MB.

    Bundled once a machine, for that takes seconds; a kept bundle that is not what it was is made anew.
    """
    version = f"{installed('vl-convert-python')}\n{NOTICE}{START}"
    kept = cache_folder() / f"explore-{digest(version.encode())}.js"
    with suppress(OSError):
        seal, _, whole = kept.read_bytes().partition(b"\n")
        if seal == digest(whole).encode():
            return whole.decode()
    whole = (NOTICE + str(vl_convert.javascript_bundle(START))).encode()
    with suppress(OSError):
        put(kept, digest(whole).encode() + b"\n" + whole, lasting=False)
    return whole.decode()


def explore(tables: Tables) -> Explore | None:
    """Everything that can be explored of a comparison; none where one regime or replication is alone."""
    specs = charts(tables)
    if not specs:
        return None
    text = json.dumps(specs, separators=(",", ":"), allow_nan=False).replace("</", "<\\/")
    policy = base64.b64encode(hashlib.sha256(script().encode()).digest()).decode()
    return Explore(text, script(), f"sha256-{policy}")


def charts(tables: Tables, *, named: bool = False) -> dict[str, Spec]:
    """The Vega-Lite specification of each chart by name; ``plane``, then one an outcome that spreads.

    Before them ``moves``, where parties have learned.

    Regimes bear numbers and the colour of the way their court intervenes; where so ``named``, their names
    and each a colour of its own.
    """
    if len(tables.order) == 1 or tables.evidence.replications == 1:
        return {}
    learned = {"moves": moves(tables)} if "learned_outcomes" in tables.learned else {}
    return (
        learned
        | {"plane": plane(tables, named=named)}
        | {f"spread-{metric}": cumulative(tables, metric, named=named) for metric in SPREAD}
    )


PLANE_TOLD = {
    "title": "regime",
    "status": "status",
    "deadlock": "deadlock, %",
    "efficiency": "efficiency, %",
    "real_cost": "lost, cents of a dollar due",
    "underpaid": "not paid, cents",
    "overpaid": "overpaid, cents",
    "months": "months to licence",
}
"""What is told of the regime under the pointer: fields of its row, and their titles."""


BEGUN = ("start", "menu's long run")
"""The stages before parties learn."""
SHAPES = {
    "start": "circle",
    "menu's long run": "triangle-up",
    "learned": "square",
    "learned, without commitments": "diamond",
}
"""The shape of each stage."""
MOVES_TOLD = {
    "title": "regime",
    "stage": "behaviour",
    "end": "equilibrium",
    "deadlock": "deadlock, %",
    "efficiency": "efficiency, %",
}
"""The same of a stage of a regime."""


def plane(tables: Tables, *, named: bool = False) -> Spec:
    """Deadlock rate against efficiency, with 95 % intervals; the axes fit the regimes that are shown.

    What lies far from all others stands at the edge, as in the drawing, with its values beside it.
    """
    across = _axis("x", "deadlock rate, % of negotiations (less is better)")
    upward = _axis("y", "efficiency, % of what was due (more is better)")
    bars = [
        {
            "mark": {"type": "rule", "opacity": 0.5},
            "encoding": {
                "x": across | {"field": "x_low"},
                "x2": {"field": "x_high"},
                "y": upward,
            },
        },
        {
            "mark": {"type": "rule", "opacity": 0.5},
            "encoding": {
                "x": across,
                "y": upward | {"field": "y_low"},
                "y2": {"field": "y_high"},
            },
        },
    ]
    points = [
        {
            "transform": [{"filter": f"(datum.status === 'in force') === {law}"}],
            "mark": {"type": "point", "size": 90, "strokeWidth": 2, "filled": law == "true"},
            "encoding": {
                "x": across,
                "y": upward,
                "shape": {"condition": {"test": "datum.far", "value": "triangle-right"}, "value": "circle"},
                "tooltip": [{"field": field, "title": title} for field, title in PLANE_TOLD.items()],
            },
        }
        for law in ("true", "false")  # what is not law in force is hollow
    ]
    names = {
        "mark": {
            "type": "text",
            "align": {
                "expr": "datum.far ? 'right' : datum.dx > 5 ? 'left' : datum.dx < -5 ? 'right' : 'center'"
            },
            "dx": {"expr": "datum.far ? -9 : 0.6 * datum.dx"},
            "dy": {"expr": "datum.far ? 4 : datum.dy"},
            "baseline": "middle",
            "fontSize": 11,
        },
        "encoding": {"x": across, "y": upward, "text": {"field": "label"}},
    }
    layers = [*bars, *points, names]
    base = _spec(tables, _plane_rows(tables, named=named), HEIGHT)
    return base | {"encoding": {"color": _colour(tables, named=named)}, "layer": layers}


def moves(tables: Tables) -> Spec:
    """Where each regime moves on the plane once parties answer it: a path to each end of learning."""
    outcomes = tables.learned["learned_outcomes"]
    means = outcomes.pivot_table(
        index=["regime", "stage", "equilibrium"], columns="metric", values="mean", sort=False
    )
    rows: list[dict[str, Any]] = []
    for regime in tables.order:
        stages: list[dict[str, Any]] = []
        if regime in means.index:
            stages = means.loc[regime].reset_index().to_dict("records")  # type: ignore[assignment]
        begun = [row for row in stages if row["stage"] in BEGUN]
        ends = [[row] for row in stages if row["stage"] in LEARNED]
        for path, end in enumerate(ends or [[]]):
            rows += [
                _about(tables, regime) | _stop(row, path, order) for order, row in enumerate([*begun, *end])
            ]
    across = _axis("deadlock", "deadlock rate, % of negotiations (less is better)")
    upward = _axis("efficiency", "efficiency, % of what was due (more is better)")
    place = {"x": across, "y": upward}
    track = {"detail": [{"field": "regime"}, {"field": "path"}], "order": {"field": "order"}}
    told = [{"field": field, "title": title} for field, title in MOVES_TOLD.items()]
    shapes = {"domain": list(SHAPES), "range": list(SHAPES.values())}
    stage = {"field": "stage", "type": "nominal", "scale": shapes}
    layers = [
        {"mark": {"type": "line", "strokeWidth": 1.5, "opacity": 0.6}, "encoding": place | track},
        {
            "mark": {"type": "point", "size": 70, "strokeWidth": 2},
            "encoding": place | {"shape": stage, "tooltip": told},
        },
        {
            "transform": [{"filter": "datum.order === 0 && datum.path === 0"}],
            "mark": {"type": "text", "dx": 9, "dy": -7, "fontSize": 11},
            "encoding": place | {"text": {"field": "number"}},
        },
    ]
    base = _spec(tables, rows, HEIGHT)
    return base | {"encoding": {"color": _colour(tables, named=False)}, "layer": layers}


def _stop(row: Mapping[str, Any], path: int, order: int) -> dict[str, Any]:
    """A place on a path: which stage, and its deadlock rate and efficiency in per cent."""
    numbers = {"deadlock": row["deadlock_rate"], "efficiency": row["efficiency"]}
    percent = {name: _rounded(100 * number) for name, number in numbers.items()}
    return percent | {"stage": row["stage"], "end": row["equilibrium"], "path": path, "order": order}


def _plane_rows(tables: Tables, *, named: bool) -> list[dict[str, Any]]:
    """A row a regime: its place on the plane, its numbers with the ends of intervals, and what is told."""
    data, edges = tables.plane, _edges(tables.plane)
    other = tables.frontier.to_dict("index")
    rows = []
    for regime, row in zip(map(str, data.index), data.to_dict("records"), strict=True):
        numbers = {
            f"{short}{end}": _rounded(100 * row[f"{name}{end}"])
            for short, name in (("deadlock", "deadlock_rate"), ("efficiency", "efficiency"))
            for end in ("", "_low", "_high")
        }
        money_of = other[regime]
        money = {part: _rounded(100 * money_of[part]) for part in ("real_cost", "underpaid", "overpaid")}
        about = _about(tables, regime) | {"months": _rounded(money_of["months_to_licence"])}
        rows.append(
            about
            | numbers
            | money
            | _placed(numbers, edges)
            | {"label": regime if named else about["number"]}
        )
        if rows[-1]["far"]:
            rows[-1]["label"] = (
                f"{rows[-1]['label']}, at {numbers['deadlock']:.0f} and {numbers['efficiency']:.1f}"
            )
    _beside(rows, edges)
    return rows


def _edges(data: pd.DataFrame) -> dict[str, tuple[float, float]]:
    """In per cent, the reach of each axis: intervals of the regimes that lie with the others there."""
    edges = {}
    for axis, name in (("x", "deadlock_rate"), ("y", "efficiency")):
        near = data[central(data[[name]].to_numpy(float))]
        values = 100 * near[[name, f"{name}_low", f"{name}_high"]].to_numpy(float)
        edges[axis] = (float(np.nanmin(values)), float(np.nanmax(values))) if values.size else (0.0, 100.0)
    return edges


def _beside(rows: list[dict[str, Any]], edges: Mapping[str, tuple[float, float]]) -> None:
    """Set ``dx, dy`` of each regime: how many pixels from its point its number stands."""
    inches = {"x": 6.0, "y": HEIGHT / INCH}
    places = {
        row["regime"]: np.array(
            [
                size * (row[axis] - edges[axis][0]) / (np.ptp(edges[axis]) or 1)
                for axis, size in inches.items()
            ]
        )
        for row in rows
        if row["x"] is not None and row["y"] is not None
    }
    steps = beside(places)
    for row in rows:
        right, up = steps.get(row["regime"], (0.0, 0.0))
        row["dx"], row["dy"] = round(INCH * right), round(-INCH * up)


def _placed(
    numbers: Mapping[str, float | None], edges: Mapping[str, tuple[float, float]]
) -> dict[str, float | bool | None]:
    """Where a regime stands: within the edges, and whether its means lie beyond; then without intervals."""
    placed: dict[str, float | bool | None] = {"far": False}
    for axis, name in (("x", "deadlock"), ("y", "efficiency")):
        mean = numbers[name]
        placed[axis] = None if mean is None else _rounded(float(np.clip(mean, *edges[axis])))
        placed["far"] = placed["far"] or placed[axis] != mean
    for axis, name in (("x", "deadlock"), ("y", "efficiency")):
        for end in ("low", "high"):
            placed[f"{axis}_{end}"] = placed[axis] if placed["far"] else numbers[f"{name}_{end}"]
    return placed


def cumulative(tables: Tables, metric: str, *, named: bool = False) -> Spec:
    """How many replications lie at or below each value of an outcome: a line a regime, hovered or picked."""
    scale = 100 if METRICS[metric].unit.startswith("share") else 1
    spread = tables.spread[tables.spread["metric"] == metric]
    rows = []
    for regime in tables.order:
        values = spread["value"][spread["regime"] == regime].dropna().to_numpy(float)
        if len(values):
            places = np.quantile(values, POINTS, method="inverted_cdf")
            rows += [
                {"regime": regime, "at": _rounded(scale * place), "share": _rounded(100 * share)}
                for place, share in zip(places, POINTS, strict=True)
            ]
    name = upper_first(METRICS[metric].title)
    measured = unit(METRICS[metric].unit)
    told = [
        {"field": "title", "title": "regime"},
        {"field": "at", "title": measured},
        {"field": "share", "title": "% at or below"},
    ]
    known = [_about(tables, regime) for regime in tables.order]
    fields = [field for field in known[0] if field != "regime"]
    encoding = {
        "x": _axis("at", f"{name} ({measured})"),
        "y": _axis("share", "% of markets at or below"),
        "detail": {"field": "regime"},
        "order": {"field": "share"},
    }
    hover = {
        "name": "hover",
        "select": {"type": "point", "fields": ["regime"], "on": "pointerover", "clear": "pointerout"},
    }
    lines = {
        "mark": {"type": "line", "interpolate": "step-after"},
        "encoding": {
            "color": _colour(tables, named=named),
            "strokeDash": {"condition": _dashes(tables, named=named), "value": [1, 0]},
            "strokeWidth": {"condition": {"param": "hover", "empty": False, "value": 4}, "value": 1.5},
            "opacity": {"condition": {"param": "hover", "value": 1}, "value": 0.25},
        },
    }
    wide = {
        "params": [hover],
        "mark": {"type": "line", "strokeWidth": 12, "opacity": 0.001},
        "encoding": {"tooltip": told},
    }
    spec = _spec(tables, rows, 240)
    lookup = {"lookup": "regime", "from": {"data": {"values": known}, "key": "regime", "fields": fields}}
    return spec | {"transform": [*spec["transform"], lookup], "encoding": encoding, "layer": [lines, wide]}


def _spec(tables: Tables, rows: list[dict[str, Any]], height: int) -> Spec:
    """What all charts share: as wide as their place, and only the regimes that are picked."""
    return {
        "$schema": SCHEMA,
        "width": "container",
        "height": height,
        "params": [{"name": "picked", "value": list(tables.order)}],
        "data": {"values": rows},
        "transform": [{"filter": "indexof(picked, datum.regime) >= 0"}],
        "config": {
            "font": "DejaVu Sans, Verdana, Helvetica, Arial, sans-serif",
            "axis": {"gridColor": "#DDDDDD", "domainColor": "#8C8C8C", "titleFontWeight": "normal"},
            "legend": {"orient": "bottom", "direction": "vertical", "title": None, "labelLimit": 0},
            "view": {"stroke": None},
        },
    }


def _about(tables: Tables, regime: str) -> dict[str, Any]:
    law = tables.regimes[regime]
    return {
        "regime": regime,
        "number": tables.order.index(regime) + 1,
        "title": law.title,
        "status": spoken(LegalStatus(law.status).name),
        "court": MODE_NAMES[CourtMode(law.court.mode)],
    }


def _axis(field: str, title: str) -> Spec:
    few = {"tickCount": 8, "labelOverlap": True}
    return {"field": field, "type": "quantitative", "title": title, "scale": {"zero": False}, "axis": few}


def _scale(tables: Tables) -> Mapping[str, list[str]]:
    modes = sorted({CourtMode(law.court.mode) for law in tables.regimes.values()})
    return {"domain": [MODE_NAMES[mode] for mode in modes], "range": [MODE_COLOURS[mode] for mode in modes]}


def _colour(tables: Tables, *, named: bool) -> Spec:
    """The colour of a regime, that of the drawings: of the way its court intervenes; or its own."""
    if named:
        tints = [tint for tint, _ in looks(tables.order).values()]
        return {"field": "regime", "type": "nominal", "scale": {"domain": tables.order, "range": tints}}
    return {"field": "court", "type": "nominal", "scale": _scale(tables)}


def _dashes(tables: Tables, *, named: bool) -> list[Spec]:
    """Dashes of the baseline and, where regimes have colours of their own, of those whose colour is taken."""
    taken = [name for name, (_, dash) in looks(tables.order).items() if named and dash != "-"]
    dashed = [(tables.baseline, [5, 3]), *((name, [1.5, 2]) for name in taken if name != tables.baseline)]
    return [{"test": f"datum.regime === '{name}'", "value": dash} for name, dash in dashed]


def _rounded(number: float) -> float | None:
    """Five digits; JSON has no word for what is undefined."""
    return float(f"{number:.5g}") if np.isfinite(number) else None
