"""Writing a comparison down: tables, figures, report, and the manifest that vouches for them."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from simulator.findings.exports import export, latex, markdown
from simulator.findings.manifest import facts, file_hashes
from simulator.findings.plot_compare import PLOTS
from simulator.findings.plots import based_on, caption, save, style
from simulator.findings.report import as_csv, headline, render
from simulator.findings.tables import Tables


def publish(
    tables: Tables,
    folder: Path,
    manifest: Mapping[str, Any],
    written: list[Path],
    formats: Sequence[str] = ("svg", "png"),
) -> list[Path]:
    """Write all into a folder that exists; returns ``written`` and what was added, manifest last.

    Figures are written in the ``formats`` and, since the report is made of it, as SVG.
    """
    files = list(written)
    for name, table in (("summary", tables.summary), ("differences", tables.differences)):
        files.append(_write(folder / f"{name}.csv", as_csv(table)))
    if len(tables.evolved):
        files.append(_write(folder / "evolved.csv", as_csv(tables.evolved)))
        files.append(_write(folder / "survivors.csv", as_csv(tables.survivors)))
    files += _tables(tables, folder / "tables")
    formats = list(dict.fromkeys(["svg", *formats]))
    figures = folder / "figures"
    figures.mkdir(exist_ok=True)
    drawings = []
    origin = "; ".join(f"{key} {fact}" for key, fact in facts(manifest).items())
    scenario = tables.evidence.scenario
    count, seed = tables.evidence.replications, scenario.seed
    for plot in PLOTS:
        data = plot.data(tables)
        if data.empty:  # one regime alone, or one replication
            continue
        about = f"{plot.title}. Scenario {scenario.scenario},"
        with style():
            figure = caption(plot.draw(tables), f"{about} {based_on(count, seed, plot.marks)}")
        files += save(figure, figures / plot.name, {"Title": plot.title, "Description": origin}, formats)
        files.append(_write(figures / f"{plot.name}.csv", as_csv(data)))
        drawings.append((plot, (figures / f"{plot.name}.svg").read_text(encoding="utf-8")))
    files.append(_write(folder / "report.html", render(tables, manifest, drawings)))
    stated = {**manifest, "files": file_hashes(files, folder)}
    files.append(_write(folder / "manifest.json", json.dumps(stated, indent=2, ensure_ascii=False) + "\n"))
    return files


def _tables(tables: Tables, folder: Path) -> list[Path]:
    """The tables for other programs: CSV, Parquet, Stata, Excel; the headline for LaTeX and Markdown."""
    every = {
        "summary": tables.summary.reset_index(),
        "differences": tables.differences.reset_index(),
        "replications": tables.evidence.values.reset_index(),
    }
    files = export(every, folder, tables.evidence.scenario.scenario)
    short = headline(tables)
    files.append(_write(folder / "headline.md", markdown(short)))
    files.append(_write(folder / "headline.tex", latex(short)))
    return files


def _write(path: Path, text: str) -> Path:
    path.write_text(text, encoding="utf-8", newline="\n")
    return path
