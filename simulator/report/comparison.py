"""Writing a comparison down: tables, figures, report, and the manifest that vouches for them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from simulator.comparison.tables import Tables
from simulator.figures.comparison import PLOTS
from simulator.figures.style import based_on, caption, style
from simulator.outcomes.measures import METRICS
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

    Figures are written in the ``formats`` and, since the report is made of it, as SVG.
    """
    into = Publisher(folder, manifest, written=written, formats=list(dict.fromkeys(["svg", *formats])))
    into.table("summary", tables.summary)
    into.table("differences", tables.differences)
    if len(tables.evolved):
        into.table("evolved", tables.evolved)
        into.table("survivors", tables.survivors)
    _exports(tables, into)
    drawings = []
    scenario = tables.evidence.scenario
    count, seed = tables.evidence.replications, scenario.seed
    for plot in PLOTS:
        data = plot.data(tables)
        if data.empty:  # one regime alone, or one replication
            continue
        about = f"{plot.title}. Scenario {scenario.scenario},"
        with style():
            figure = caption(plot.draw(tables), f"{about} {based_on(count, seed, plot.marks)}")
        into.figure(f"figures/{plot.name}", figure, plot.title)
        into.table(f"figures/{plot.name}", data)
        drawings.append((plot, (folder / "figures" / f"{plot.name}.svg").read_text(encoding="utf-8")))
    into.text("report.html", render(tables, manifest, drawings))
    return into.close()


def _exports(tables: Tables, into: Publisher) -> None:
    """The tables for other programs: CSV, Parquet, Stata, Excel; the headline for LaTeX and Markdown."""
    every = {
        "summary": tables.summary.reset_index(),
        "differences": tables.differences.reset_index(),
        "replications": tables.evidence.values.reset_index(),
    }
    if len(tables.switching):
        every["switching"] = tables.switching.reset_index()
    metrics = {name: (metric.title, metric.unit) for name, metric in METRICS.items()}
    titles = {name: law.title for name, law in tables.regimes.items()}
    name = tables.evidence.scenario.scenario
    into.files += export(every, into.folder / "tables", name, metrics, titles)
    short = headline(tables)
    into.text("tables/headline.md", markdown(short))
    into.text("tables/headline.tex", latex(short, titles))
