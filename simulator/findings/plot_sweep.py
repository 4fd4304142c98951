"""What an experiment leaves in its folder: tables, the answer in Markdown, figures, manifest."""

from __future__ import annotations

import json
import shlex
from collections.abc import Iterator
from itertools import product
from pathlib import Path
from textwrap import fill
from typing import Any

import numpy as np

from simulator.findings.manifest import facts, file_hashes, manifest
from simulator.findings.plots import (
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
    canvas,
    ink,
    save,
    style,
)
from simulator.findings.report import as_csv
from simulator.findings.sweep import DECIDED, MEASURES, Sweep, axis_title, shown
from simulator.findings.wording import unit, value
from simulator.parameters import registry
from simulator.spec.experiment import Axis

COLOURS = (BLUE, VERMILLION, GREEN, ORANGE, PURPLE, SKY, BLACK, GREY)
MARKERS = "osD^vP*X<>"
DASHES = ("-", "--", ":")
WIDE = 20.0
"""Largest over smallest from which an axis is logarithmic."""
SIDES = {1: ORANGE, -1: SKY}
"""Colours of a decided difference: above the baseline, below it."""


def publish(sweep: Sweep, folder: Path) -> list[Path]:
    """Write everything into a folder, made if need be; returns what was written, manifest last."""
    folder.mkdir(parents=True, exist_ok=True)
    origin = provenance(sweep)
    metadata = {
        "Description": "; ".join(f"{key} {fact}" for key, fact in facts(origin | {"git": None}).items())
    }
    files = [_write(folder / f"{name}.csv", as_csv(getattr(sweep, name))) for name in ("cells", "profiles")]
    files.append(_write(folder / "answer.md", answer(sweep)))
    figures = {"profiles": profiles(sweep)}
    if len(sweep.experiment.vary) > 1 and sweep.experiment.design == "grid" and sweep.others:
        figures |= {f"map_{name}": ranking_map(sweep, name) for name in sweep.experiment.outcomes}
    for name, figure in figures.items():
        files += save(figure, folder / name, {"Title": sweep.experiment.title, **metadata})
    stated = {**origin, "files": file_hashes(files, folder)}
    return [*files, _write(folder / "manifest.json", json.dumps(stated, indent=2, ensure_ascii=False) + "\n")]


def provenance(sweep: Sweep) -> dict[str, Any]:
    """The manifest of the experiment's scenario, with the design in place of the scenario's own text."""
    plan = sweep.experiment
    origin = manifest(plan.scenario, equal_procedure=plan.equal_procedure)
    del origin["scenario"]
    design = plan.model_dump(mode="json", exclude={"scenario", "title", "question", "notes"})
    return origin | {"command": command(sweep), "design": design}


def command(sweep: Sweep) -> str:
    """The command that makes the results again."""
    scenario = sweep.experiment.scenario
    words = ["frandsim", "experiment", sweep.experiment.experiment]
    return shlex.join([*words, "--replications", str(scenario.replications), "--seed", str(scenario.seed)])


def answer(sweep: Sweep) -> str:
    """The answer as Markdown tables: each outcome along each axis, with marks against the baseline."""
    plan, scenario = sweep.experiment, sweep.experiment.scenario
    cells = len(plan.cells())
    grid = plan.design == "grid"
    lines = [
        f"`{command(sweep)}`: scenario {scenario.scenario}, {cells} cells of {scenario.replications} "
        "replications. Means over replications with 95 % t intervals; "
        + (
            "along an axis, over all values of the others."
            if grid
            else "the other axes at their first value."
        ),
        f"Against {scenario.baseline}, paired by replication: ▲ above, ▼ below, with Holm's p below "
        f"{100 * DECIDED:g} % over all cells and regimes of the outcome; no mark: not decided."
        + " ▲2 ▼1 of 4: in so many of the 4 cells at that value."
        * grid,
        *sweep.cautions(),
    ]
    for name in plan.outcomes:
        lines += ["", f"**{MEASURES[name].title}** ({unit(MEASURES[name].unit)})"]
        for axis in plan.vary:
            lines += ["", *_table(sweep, name, axis)]
    return "\n".join(lines) + "\n"


def _table(sweep: Sweep, name: str, axis: Axis) -> Iterator[str]:
    part = sweep.profiles[(sweep.profiles["metric"] == name) & (sweep.profiles["axis"] == axis.name)]
    standing = sweep.standing[(sweep.standing["metric"] == name) & (sweep.standing["axis"] == axis.name)]
    known = {(row["regime"], row["value"]): row for row in standing.to_dict("records")}
    cells = {(row["regime"], row["value"]): row for row in part.to_dict("records")}
    yield f"| {axis_title(axis)} | {' | '.join(f'{point:g}' for point in axis.values)} |"
    yield "|---|" + "---:|" * len(axis.values)
    for regime in sweep.regimes:
        entries = [
            f"{shown(cells[regime, point], MEASURES[name].unit)} {_mark(known.get((regime, point)))}".rstrip()
            for point in axis.values
        ]
        yield f"| {regime} | {' | '.join(entries)} |"


def _mark(row: Any) -> str:
    if row is None:
        return ""
    if row["cells"] == 1:
        return "▲" * int(row["above"]) + "▼" * int(row["below"])
    marks = [f"{sign}{row[side]}" for sign, side in (("▲", "above"), ("▼", "below")) if row[side]]
    return f"({' '.join(marks)} of {row['cells']})" if marks else ""


def profiles(sweep: Sweep) -> Any:
    """Small multiples: a row an outcome, a column an axis, a line a regime with its 95 % band."""
    plan = sweep.experiment
    data = sweep.profiles
    with style():
        figure = canvas(
            3.6 * len(plan.vary) + 0.6, 2.4 * len(plan.outcomes) + 0.35 * (len(sweep.regimes) // 4 + 2)
        )
        panels = figure.subplots(
            len(plan.outcomes), len(plan.vary), sharey="row", sharex="col", squeeze=False
        )
        for row, name in zip(panels, plan.outcomes, strict=True):
            for ax, axis in zip(row, plan.vary, strict=True):
                part = data[(data["metric"] == name) & (data["axis"] == axis.name)]
                for place, regime in enumerate(sweep.regimes):
                    _line(ax, part[part["regime"] == regime], place, regime)
                if logarithmic(data[data["metric"] == name]["mean"]):
                    ax.set_yscale("log")
                elif MEASURES[name].low == -np.inf:
                    ax.axhline(0, color=BLACK, lw=0.8, zorder=1)
                if MEASURES[name].unit.startswith("share"):
                    ax.yaxis.set_major_formatter(PERCENT)
                    ax.yaxis.set_minor_formatter(PERCENT)
            row[0].set_ylabel(fill(f"{MEASURES[name].title} ({unit(MEASURES[name].unit)})", 30))
        for ax, axis in zip(panels[-1], plan.vary, strict=True):
            ax.set_xlabel(fill(axis_title(axis), 42))
            ax.set_xticks(axis.values, [f"{point:g}" for point in axis.values])
        handles, labels = panels[0][0].get_legend_handles_labels()
        figure.legend(handles, labels, loc="outside lower center", ncols=4)
        figure.suptitle(fill(f"{plan.title}. {_basis(sweep)}", 100), fontsize=10, x=0.01, ha="left")
    return figure


def logarithmic(values: Any) -> bool:
    """Whether values are so far apart that a linear axis would hide the small ones."""
    return bool(values.min() > 0 and values.max() / values.min() > WIDE)


def _basis(sweep: Sweep) -> str:
    scenario = sweep.experiment.scenario
    return f"n = {scenario.replications} replications, seed {scenario.seed}, bands: 95 % t intervals"


def _line(ax: Any, rows: Any, place: int, regime: str) -> None:
    rows = rows.sort_values("value")
    tint, dash = COLOURS[place % len(COLOURS)], DASHES[place // len(COLOURS) % len(DASHES)]
    mark = MARKERS[place % len(MARKERS)]
    ax.plot(
        rows["value"], rows["mean"], dash, color=tint, marker=mark, ms=5, mfc="none", lw=1.4, label=regime
    )
    ax.fill_between(rows["value"], rows["lo"], rows["hi"], color=tint, alpha=0.15, lw=0)


def ranking_map(sweep: Sweep, name: str) -> Any:
    """Where a regime lies above or below the baseline, over the first two axes; a column a value of the rest.

    A tile states the paired difference; it is coloured where Holm's p is below 5 %.
    """
    first, second, *rest = sweep.experiment.vary
    columns = list(product(*(axis.values for axis in rest)))
    with style():
        figure = canvas(
            0.9 + max(len(first.values) * 0.62, 2.2) * len(columns),
            1.2 + (0.34 * len(second.values) + 0.35) * len(sweep.others),
        )
        panels = figure.subplots(len(sweep.others), len(columns), sharex=True, sharey=True, squeeze=False)
        for row, regime in zip(panels, sweep.others, strict=True):
            for ax, values in zip(row, columns, strict=True):
                fixed = dict(zip((axis.name for axis in rest), values, strict=True))
                _tiles(ax, sweep, name, regime, fixed)
                names = ", ".join(f"{short(axis)} = {fixed[axis.name]:g}" for axis in rest)
                ax.set_title(f"{regime}" + (f"\n{names}" if names else ""), fontsize=7.5)
        for ax in panels[-1]:
            ax.set_xlabel(short(first), fontsize=8)
        for ax in panels[:, 0]:
            ax.set_ylabel(short(second), fontsize=8)
        axes = ", ".join(f"{short(axis)}: {axis_title(axis)}" for axis in sweep.experiment.vary)
        metric, baseline = MEASURES[name], sweep.experiment.scenario.baseline
        said = (
            f"{metric.title}, less that of {baseline} ({unit(metric.unit)}). "
            f"Orange: higher, blue: lower (Holm's p < 5 %); {_basis(sweep).split(', bands')[0]}. {axes}"
        )
        figure.suptitle(fill(said, 30 + 28 * len(columns)), fontsize=8.5, x=0.01, ha="left")
    return figure


def _tiles(ax: Any, sweep: Sweep, name: str, regime: str, fixed: dict[str, float]) -> None:
    first, second, *_ = sweep.experiment.vary
    rows = sweep.cells[(sweep.cells["metric"] == name) & (sweep.cells["regime"] == regime)]
    for axis, point in fixed.items():
        rows = rows[rows[axis] == point]
    for row in rows.to_dict("records"):
        x, y = first.values.index(row[first.name]), second.values.index(row[second.name])
        sure = row["p_holm"] < DECIDED
        tint = SIDES[int(np.sign(row["to_baseline"]))] if sure else "#FFFFFF"
        ax.bar(x, 0.94, width=0.96, bottom=y - 0.47, color=tint, edgecolor=LIGHT, lw=0.5)
        text = value(row["to_baseline"], MEASURES[name].unit)
        ax.text(x, y, text, ha="center", va="center", fontsize=6.5, color=ink(tint) if sure else GREY)
    ax.set_xticks(range(len(first.values)), [f"{point:g}" for point in first.values], fontsize=7)
    ax.set_yticks(range(len(second.values)), [f"{point:g}" for point in second.values], fontsize=7)
    ax.set_xlim(-0.5, len(first.values) - 0.5)
    ax.set_ylim(-0.5, len(second.values) - 0.5)
    ax.grid(visible=False)
    ax.tick_params(length=0)


def short(axis: Axis) -> str:
    """An axis in one word: its symbol, else the last part of its name."""
    symbol = registry()[axis.name].symbol if axis.parameter is not None else None
    return symbol or axis.name.split(".")[-1]


ANSWER = ("<!-- answer: written by the command -->\n", "<!-- end of the answer -->\n")
"""The lines of a README between which the answer stands."""


def splice(readme: Path, text: str) -> None:
    """Put an answer into a README, between the lines of ``ANSWER``; without such lines it stays as it is."""
    said = readme.read_text(encoding="utf-8")
    before, start, rest = said.partition(ANSWER[0])
    _, end, after = rest.partition(ANSWER[1])
    if end:
        _write(readme, f"{before}{start}{text}{end}{after}")


def _write(path: Path, text: str) -> Path:
    path.write_text(text, encoding="utf-8", newline="\n")
    return path
