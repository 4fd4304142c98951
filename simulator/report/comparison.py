"""Writing a comparison down: tables, figures, report, and the manifest that vouches for them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import closing
from pathlib import Path
from typing import Any

from simulator.comparison.frontier import FRONTIER
from simulator.comparison.tables import Tables
from simulator.figures.comparison import PLOTS
from simulator.outcomes.measures import METRICS
from simulator.report.drawing import Drawing
from simulator.report.page import headline, render
from simulator.report.publisher import Publisher
from simulator.writing.exports import export, latex, markdown


def publish_comparison(
    tables: Tables,
    folder: Path,
    manifest: Mapping[str, Any],
    written: list[Path],
    formats: Sequence[str] = ("svg", "png"),
) -> list[Path]:
    """Write all into a folder; returns ``written`` and what was added, manifest last.

    Figures are written in the ``formats``; those of the report are drawn where there is any.
    """
    into = Publisher(folder, manifest, written=written, formats=formats)
    into.table("summary", tables.summary)
    into.table("differences", tables.differences)
    if len(tables.evolved):
        into.table("evolved", tables.evolved)
        into.table("survivors", tables.survivors)
    for name, table in tables.learned.items():
        into.table(name, table)
    # without rows: one regime alone, or one replication
    data = {plot.name: table for plot in PLOTS if formats for table in [plot.rows(tables)] if len(table)}
    plots = [plot for plot in PLOTS if plot.name in data]
    with closing(Drawing(tables, plots, folder, manifest, list(dict.fromkeys(["svg", *formats])))) as drawing:
        _exports(tables, into)
        for name, table in data.items():
            into.table(f"figures/{name}", table)
        drawings = []
        for plot, files in zip(plots, drawing.finished(), strict=True):
            drawings.append((plot, files[0].read_text(encoding="utf-8")))
            if "svg" not in formats:
                files.pop(0).unlink()
            into.files += files
        into.text("report.html", render(tables, manifest, drawings))
    return into.close()


def _exports(tables: Tables, into: Publisher) -> None:
    """The tables for other programs: CSV, Parquet, Stata, Excel; the headline for LaTeX and Markdown."""
    every = {
        "summary": tables.summary.reset_index(),
        "differences": tables.differences.reset_index(),
        "frontier": tables.frontier.reset_index(),
        "replications": tables.evidence.values.reset_index(),
    }
    if len(tables.switching):
        every["switching"] = tables.switching.reset_index()
    metrics = {name: (metric.title, metric.unit) for name, metric in METRICS.items()}
    metrics |= {part: metrics[metric] for part, metric in FRONTIER.items()}
    titles = {name: law.title for name, law in tables.regimes.items()}
    name = tables.evidence.scenario.scenario
    into.files += export(every, into.folder / "tables", name, metrics, titles)
    short = headline(tables)
    into.text("tables/headline.md", markdown(short))
    into.text("tables/headline.tex", latex(short, titles))
