"""Writing a comparison down: tables, figures, report, and the manifest that vouches for them."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from simulator.findings.manifest import facts, file_hashes
from simulator.findings.plots import PLOTS, save, style
from simulator.findings.report import as_csv, render
from simulator.findings.tables import Tables


def publish(tables: Tables, folder: Path, manifest: Mapping[str, Any], written: list[Path]) -> list[Path]:
    """Write all into a folder that exists; returns ``written`` and what was added, manifest last."""
    files = list(written)
    for name, table in (("summary", tables.summary), ("differences", tables.differences)):
        files.append(_write(folder / f"{name}.csv", as_csv(table)))
    figures = folder / "figures"
    figures.mkdir(exist_ok=True)
    drawings = []
    origin = "; ".join(f"{key} {fact}" for key, fact in facts(manifest).items())
    for plot in PLOTS:
        with style():
            figure = plot.draw(tables)
        files += save(figure, figures / plot.name, {"Title": plot.title, "Description": origin})
        files.append(_write(figures / f"{plot.name}.csv", as_csv(plot.data(tables))))
        drawings.append((plot, (figures / f"{plot.name}.svg").read_text(encoding="utf-8")))
    files.append(_write(folder / "report.html", render(tables, manifest, drawings)))
    stated = {**manifest, "files": file_hashes(files, folder)}
    files.append(_write(folder / "manifest.json", json.dumps(stated, indent=2, ensure_ascii=False) + "\n"))
    return files


def _write(path: Path, text: str) -> Path:
    path.write_text(text, encoding="utf-8", newline="\n")
    return path
