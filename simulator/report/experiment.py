"""What an experiment leaves in its folder: tables, the answer in Markdown, figures, exports, manifest."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pandas as pd

from simulator.experiments.frontiers import frontier_map
from simulator.experiments.hypotheses import by_point, decomposition, sensitivities, verdicts
from simulator.experiments.regions import regions
from simulator.experiments.sweep import Sweep, axis_title
from simulator.figures.claims import Drawn
from simulator.figures.sweep import figures, file_name
from simulator.parameters import registry
from simulator.report.experiment_text import command, experiment_text
from simulator.report.publisher import Publisher
from simulator.spec.design import Axis
from simulator.spec.experiment import Experiment
from simulator.writing.exports import export
from simulator.writing.folders import moved, replacing
from simulator.writing.manifest import facts, manifest


def tables(sweep: Sweep) -> dict[str, pd.DataFrame]:
    """The tables that are kept: those of a sampled design have a row a point in place of a row a cell.

    ``hypotheses``, ``levels``, ``profiles``, ``ranking``, ``regions``, ``cells`` or ``points``,
    ``sensitivity``, ``mechanisms``, ``frontiers``; without the empty.
    """
    sampled = len(sweep.points) > 1
    named = {
        "hypotheses": verdicts(sweep),
        "levels": sweep.levels,
        "profiles": sweep.profiles,
        "ranking": sweep.ranking,
        "regions": regions(sweep),
        "points" if sampled else "cells": by_point(sweep) if sampled else sweep.cells,
        "sensitivity": sensitivities(sweep)[0],
        "mechanisms": decomposition(sweep),
        "frontiers": frontier_map(sweep),
    }
    return {name: table for name, table in named.items() if len(table)}


def behind(drawn: Sequence[Drawn]) -> dict[str, pd.DataFrame]:
    """The tables behind figures that no other table holds."""
    return {file_name(name): data for name, _, data in drawn if data is not None}


def publish_experiment(
    sweep: Sweep, folder: Path, results: dict[str, pd.DataFrame], drawn: Sequence[Drawn]
) -> list[Path]:
    """Write everything into a folder, made if need be; returns what was written, manifest last.

    ``drawn``: the figures of the claims.
    """
    with replacing(folder, own=("export",)) as beside:
        return moved(_write(sweep, beside, results, drawn), beside, folder)


def _write(
    sweep: Sweep, folder: Path, results: dict[str, pd.DataFrame], drawn: Sequence[Drawn]
) -> list[Path]:
    into = Publisher(folder, provenance(sweep.experiment))
    into.facts = facts({**into.origin, "git": None})
    for name, table in results.items():
        into.table(name, table)
    into.text("answer.md", experiment_text(sweep))
    title = sweep.experiment.title
    for name, figure in figures(sweep).items():
        into.figure(name, figure, title)
    for name, figure, _ in drawn:
        into.figure(file_name(name), figure, title)
    for name, table in behind(drawn).items():
        into.table(name, table)
    titles = {law.regime: law.title for law in sweep.experiment.scenario.regimes}
    every = {**results, "cells": sweep.cells}
    axes = {axis.name: _axis(axis) for axis in sweep.experiment.axes}
    export(every, folder / "export", sweep.experiment.experiment, axes, titles)
    return into.close()


def _axis(axis: Axis) -> tuple[str, str]:
    """What an axis moves, and its unit."""
    if axis.parameter is None:
        return axis_title(axis), "count" if axis.market else "share"
    return registry()[axis.name].title, registry()[axis.name].unit


def provenance(plan: Experiment) -> dict[str, Any]:
    """The manifest of the experiment's scenario, with the design in place of the scenario's own text."""
    origin = manifest(plan.scenario, equal_procedure=plan.equal_procedure)
    del origin["scenario"]
    design = plan.model_dump(mode="json", exclude={"scenario", "title", "question", "notes"})
    return origin | {"command": command(plan), "design": design}
