"""The report: one HTML file that stands alone, offline, on paper and on a phone.

It reads from top to bottom as a reader asks: what was found, what was compared, what happened, why, how
far it can be trusted, how it is made again.  All text but the words below is in ``report.html.j2``.
"""

from __future__ import annotations

import base64
import math
import re
from collections.abc import Iterable, Mapping
from typing import Any

import pandas as pd
from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from simulator.comparison.frontier import DELAY, FRONTIER, KINDS, PARTS, label
from simulator.comparison.learned import learned_rows
from simulator.comparison.ranking_note import POINT
from simulator.comparison.tables import EVOLVED, SPREAD, Tables, number
from simulator.figures.comparison import Plot
from simulator.figures.interactive import explore
from simulator.outcomes.measures import METRICS
from simulator.parameters import registry
from simulator.report.answer import answer, level
from simulator.spec.regime import Regime
from simulator.spec.sentences import all_rules
from simulator.statistics.doubts import studied
from simulator.vocabulary import LegalStatus
from simulator.writing.formats import as_csv
from simulator.writing.numbers import column, fixed, interval, plain, spoken, unit, upper_first, value

HEADLINE = (
    "efficiency",
    "deadlock_rate",
    "unlicensed_rate",
    "talks_failed_rate",
    "months_to_licence",
    "effective_rate_over_frand",
    "hold_up_index",
    "hold_out_index",
    "cost_share",
    "injunction_rate",
)
LIVE = {"arrows": ("moves",), "plane": ("plane",), "spread": tuple(f"spread-{metric}" for metric in SPREAD)}
"""The charts to explore that stand in the place of a drawing."""
FIRST = ("hold_up_index", "hold_out_index", "cost_share")
"""Of the headline, what the first screen and the parts of real cost show already."""
LONGEST = 200
"""Rows of a figure's data that the page shows; the file it links holds all."""


def render(tables: Tables, manifest: Mapping[str, Any], drawings: Iterable[tuple[Plot, str]]) -> str:
    """The report as HTML.

    ``drawings`` are the figures with their SVG; ``manifest`` is that of :mod:`simulator.writing.manifest`.
    """
    figures = [
        {
            "plot": plot,
            "svg": inline(svg, plot),
            "table": grid(data.head(LONGEST)),
            "rows": len(data),
            "csv": csv_link(data),
        }
        for plot, svg in drawings
        for data in [plot.data(tables)]
    ]
    scenario = tables.evidence.scenario
    explored = explore(tables)
    template = _environment().get_template("report.html.j2")
    return template.render(
        scenario=scenario,
        tables=tables,
        manifest=manifest,
        figures=figures,
        metrics={name: METRICS[name] for name in map(str, tables.evidence.values)},
        shown=[*(name for name in HEADLINE if name not in FIRST), *tables.beside],
        switches=switches(tables),
        evolved_metrics=EVOLVED,
        learned=learned_rows(tables.learned, tables.order) if tables.learned else [],
        regimes=[tables.regimes[name] for name in tables.order],
        number=number,
        answer=answer(tables),
        explore=explored,
        live={} if explored is None else LIVE,
        frontier=[(name, tables.frontier[tables.frontier["kind"] == name]) for name in KINDS],
        columns=[*FRONTIER, "sum", DELAY],
        parts=PARTS,
        statistics=statistics(tables),
        reach=[said for said in tables.cautions if said.startswith(POINT)],
        cautions=[
            *(said for said in tables.cautions if not said.startswith(POINT)),
            *studied(len(tables.units.index.unique("replication"))),
        ],
        parameters=registry().values(),
        several=len(tables.order) > 1,
    )


def _environment() -> Environment:
    """Where the report's template is, and what it may call."""
    environment = Environment(
        loader=PackageLoader("simulator.report", "."),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {
        "value": value,
        "cents": lambda share: fixed(100 * share, 2) if math.isfinite(share) else "–",
        "points": points,
        "interval": interval,
        "unit": unit,
        "grid": grid,
        "csv": csv_link,
        "dates": dates,
        "spoken": spoken,
        "told": all_rules,
        "label": label,
    }
    return environment


def headline(tables: Tables) -> pd.DataFrame:
    """The headline outcomes as text, mean and 95 % interval: regimes x outcomes, for a paper or a page."""
    rows = []
    for name in tables.order:
        row = {"regime": name, "status": spoken(LegalStatus(tables.regimes[name].status).name)}
        for metric in HEADLINE:
            kind = METRICS[metric].unit
            mean, low, high = (number(tables.summary, name, metric, key) for key in ("mean", "low", "high"))
            head = f"{METRICS[metric].title} ({unit(kind)})"
            row[head] = f"{value(mean, kind)} {interval(low, high, kind)}".rstrip()
        rows.append(row)
    return pd.DataFrame(rows)


# What is shown of the statistics, on the second screen


def statistics(tables: Tables) -> list[str]:
    """How the headline outcomes differ from the baseline, and which regimes are beaten on the frontier."""
    if len(tables.order) == 1:
        return [level(tables, tables.order[0], metric) for metric in ("efficiency", "deadlock_rate")]
    gaps = [_against_baseline(tables, metric) for metric in ("deadlock_rate", "efficiency")]
    beaten = tables.frontier[tables.frontier["beaten_by"] != ""]
    told = "; ".join(
        f"{name} by {row['beaten_by']}" + (" (by more than luck)" if row["surely_beaten_by"] else "")
        for name, row in beaten.to_dict("index").items()
    )
    said = f"A law in force has less of all three, lost, unpaid and overpaid, on the means: {told}."
    return [
        *gaps,
        said if told else "On the means no law in force has less of all three than another regime.",
    ]


def switches(tables: Tables) -> dict[str, list[str]]:
    """Where each regime beats the baseline, by what a dollar unpaid, or unpaid or overpaid, costs society."""
    said: dict[str, list[str]] = {}
    rows = tables.switching.reset_index().to_dict("records") if len(tables.switching) else []
    for row in rows:
        text = row["answer"]
        if text in ("below", "above"):
            between = " to ".join(
                "any more" if end > 1e6 else f"{end:,.2f}" for end in (row["low"], row["high"])
            )
            text = f"{'up to' if text == 'below' else 'more than'} {row['value']:,.2f} dollars [{between}]"
        said.setdefault(str(row["regime"]), []).append(text)
    return said


def _against_baseline(tables: Tables, metric: str) -> str:
    gaps = tables.differences.xs(metric, level="metric")
    sure = gaps["p_holm"] < 0.05
    parts = {
        "higher": list(gaps.index[sure & (gaps["mean"] > 0)]),
        "lower": list(gaps.index[sure & (gaps["mean"] < 0)]),
        "not separated": list(gaps.index[~sure]),
    }
    said = "; ".join(
        f"{word} under {'every other regime' if len(names) == len(gaps) > 1 else ', '.join(names)}"
        for word, names in parts.items()
        if names
    )
    adjusted = "5 % level, adjusted by Holm over the regimes and both headline outcomes"
    return (
        f"{upper_first(METRICS[metric].title)} against the baseline {tables.baseline} ({adjusted}): {said}."
    )


# Dates, tables, drawings


def points(difference: float) -> str:
    """A difference of shares in percentage points, with its sign.

    >>> points(0.0214), points(-0.00001)
    ('+2.14', '0.00')
    """
    text = fixed(100 * difference, 2)
    return f"+{text}" if difference > 0 and text != "0.00" else text


def dates(regime: Regime) -> str:
    """When the text applies, as far as it says."""
    start, end = regime.valid_from, regime.valid_to
    if start is None and end is None:
        return "undated"
    if end is None:
        return f"since {start}"
    return f"until {end}" if start is None else f"{start} to {end}"


def csv_link(table: pd.DataFrame) -> str:
    """A table as a link that holds its CSV."""
    return "data:text/csv;base64," + base64.b64encode(as_csv(table).encode()).decode()


def grid(table: pd.DataFrame) -> dict[str, list[Any]]:
    """A table as heads and rows; a head or a cell is its text and whether it holds words.

    Columns of a metric are headed by its title and have the digits of its unit; any other column has the
    same digits in every row.
    """
    flat = table.reset_index() if table.index.names[0] else table
    columns = [_written(flat.iloc[:, place].tolist(), str(name)) for place, name in enumerate(flat.columns)]
    heads = [
        (_head(str(name)), any(words for _, words in cells))
        for name, cells in zip(flat.columns, columns, strict=True)
    ]
    return {"heads": heads, "rows": list(zip(*columns, strict=True))}


def _head(name: str) -> str:
    metric = METRICS.get(name)
    return f"{metric.title} ({unit(metric.unit)})" if metric else name.replace("_", " ")


def _written(cells: list[Any], name: str) -> list[tuple[str, bool]]:
    """The cells of a column, which is named so: its text, and whether it holds words."""
    numbers = [cell for cell in cells if isinstance(cell, float)]
    measured = METRICS[name].unit if name in METRICS else ""
    told = iter([value(number, measured) for number in numbers] if measured else column(numbers))
    return [
        (next(told), False) if isinstance(cell, float) else (_worded(cell), isinstance(cell, str))
        for cell in cells
    ]


def _worded(cell: object) -> str:
    if not isinstance(cell, str):
        return plain(cell)
    return METRICS[cell].title if cell in METRICS else cell.replace("_", " ")


_OPENING = re.compile(r'<svg [^>]*viewBox="0 0 (\S+) (\S+)"[^>]*>')
_IDS = re.compile(r'(\bid="|xlink:href="#|url\(#)')


def inline(svg: str, plot: Plot) -> Markup:
    """An SVG document as part of a page: scales with it, ids of its own, its title for screen readers."""
    body = svg[svg.index("<svg") :]
    body = re.sub(r"<metadata>.*?</metadata>", "", body, count=1, flags=re.DOTALL)
    body = _IDS.sub(rf"\g<1>{plot.name}-", body)

    def opening(found: re.Match[str]) -> str:
        width, height = float(found[1]), float(found[2])
        return (
            f'<svg role="img" aria-label="{plot.title}" viewBox="0 0 {width:g} {height:g}" '
            f'style="--natural:{width * 4 / 3:.0f}px">'
        )

    return Markup(_OPENING.sub(opening, body, count=1))  # noqa: S704 - drawn here, not read from anywhere
