"""What an experiment leaves in its folder: tables, the answer in Markdown, figures, exports, manifest."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pandas as pd

from simulator.findings.answer import answer, command
from simulator.findings.exports import export
from simulator.findings.frontiers import frontier_map
from simulator.findings.hypotheses import by_point, decomposition, sensitivities, verdicts
from simulator.findings.manifest import facts, file_hashes, manifest
from simulator.findings.plot_claims import claim_figures
from simulator.findings.plot_sweep import figures, file_name
from simulator.findings.plots import save
from simulator.findings.regions import regions
from simulator.findings.report import as_csv
from simulator.findings.sweep import Sweep
from simulator.spec.experiment import Experiment


def tables(sweep: Sweep) -> dict[str, pd.DataFrame]:
    """The tables that are kept: those of a sampled design have a row a point in place of a row a cell.

    ``hypotheses``, ``profiles``, ``ranking``, ``regions``, ``cells`` or ``points``, ``sensitivity``,
    ``mechanisms``, ``frontiers``; without the empty.
    """
    sampled = len(sweep.points) > 1
    found = {
        "hypotheses": verdicts(sweep),
        "profiles": sweep.profiles,
        "ranking": sweep.ranking,
        "regions": regions(sweep),
        "points" if sampled else "cells": by_point(sweep) if sampled else sweep.cells,
        "sensitivity": sensitivities(sweep)[0],
        "mechanisms": decomposition(sweep),
        "frontiers": frontier_map(sweep),
    }
    return {name: table for name, table in found.items() if len(table)}


def publish(sweep: Sweep, folder: Path, found: dict[str, pd.DataFrame]) -> list[Path]:
    """Write everything into a folder, made if need be; returns what was written, manifest last."""
    folder.mkdir(parents=True, exist_ok=True)
    origin = provenance(sweep.experiment)
    metadata = {
        "Description": "; ".join(f"{key} {fact}" for key, fact in facts(origin | {"git": None}).items())
    }
    files = [_write(folder / f"{name}.csv", as_csv(table)) for name, table in found.items()]
    files.append(_write(folder / "answer.md", answer(sweep)))
    titled = {"Title": sweep.experiment.title, **metadata}
    for name, figure in figures(sweep).items():
        files += save(figure, folder / name, titled)
    for name, figure, data in claim_figures(sweep):
        files += save(figure, folder / file_name(name), titled)
        if data is not None:
            files.append(_write(folder / f"{file_name(name)}.csv", as_csv(data)))
    export({**found, "cells": sweep.cells}, folder / "export", sweep.experiment.experiment)
    stated = {**origin, "files": file_hashes(files, folder)}
    return [*files, _write(folder / "manifest.json", json.dumps(stated, indent=2, ensure_ascii=False) + "\n")]


def provenance(plan: Experiment) -> dict[str, Any]:
    """The manifest of the experiment's scenario, with the design in place of the scenario's own text."""
    origin = manifest(plan.scenario, equal_procedure=plan.equal_procedure)
    del origin["scenario"]
    design = plan.model_dump(mode="json", exclude={"scenario", "title", "question", "notes"})
    return origin | {"command": command(plan), "design": design}


def _write(path: Path, text: str) -> Path:
    path.write_text(text, encoding="utf-8", newline="\n")
    return path
