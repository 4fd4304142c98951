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

from simulator.comparison.tables import EVOLVED, Tables, number
from simulator.figures.comparison import Plot
from simulator.outcomes.measures import METRICS
from simulator.parameters import registry
from simulator.spec.regime import Regime, same_rules
from simulator.spec.sentences import all_rules
from simulator.statistics.paired import paired
from simulator.vocabulary import LegalStatus
from simulator.writing.formats import as_csv
from simulator.writing.numbers import interval, percent, plain, spoken, unit, upper_first, value

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
LONGEST = 200
"""Rows of a figure's data that the page shows; the file it links holds all."""

STATUS_NOTES = {
    LegalStatus.IN_FORCE: "",
    LegalStatus.NON_BINDING: "a non-binding text",
    LegalStatus.DRAFT: "a draft that was never law",
    LegalStatus.PROPOSED: "a proposal, not law",
    LegalStatus.WITHDRAWN: "a withdrawn proposal, not law",
    LegalStatus.SUPERSEDED: "superseded law",
    LegalStatus.CONTROL: "a yardstick of this project, not a legal text",
}


def render(tables: Tables, manifest: Mapping[str, Any], drawings: Iterable[tuple[Plot, str]]) -> str:
    """The report as HTML.

    ``drawings`` are the figures with their SVG; ``manifest`` is that of :mod:`simulator.writing.manifest`.
    """
    environment = Environment(
        loader=PackageLoader("simulator.report", "."),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {
        "value": value,
        "interval": interval,
        "unit": unit,
        "grid": grid,
        "csv": csv_link,
        "dates": dates,
        "spoken": spoken,
        "told": all_rules,
    }
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
    return environment.get_template("report.html.j2").render(
        scenario=scenario,
        tables=tables,
        manifest=manifest,
        figures=figures,
        metrics=METRICS,
        headline=HEADLINE,
        evolved_metrics=EVOLVED,
        regimes=[tables.regimes[name] for name in tables.order],
        number=number,
        verdict=verdict(tables),
        cautions=tables.cautions,
        parameters=registry().values(),
        several=len(tables.order) > 1,
    )


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


# The verdict


def verdict(tables: Tables) -> list[str]:
    """What the comparison found, in careful sentences: efficiency, deadlock, both, the baseline, limits."""
    best = tables.order[0]
    if len(tables.order) == 1:
        return [_level(tables, best, metric) for metric in ("efficiency", "deadlock_rate")]
    by_deadlock = list(tables.means["deadlock_rate"].sort_values(kind="stable").index)
    unpaid, overpaid = (_mean(tables, best, metric) for metric in ("hold_out_index", "hold_up_index"))
    return [
        _best(tables, "efficiency", tables.order),
        _best(tables, "deadlock_rate", by_deadlock),
        _front(tables),
        *(_against_baseline(tables, metric) for metric in ("deadlock_rate", "efficiency")),
        (
            "Efficiency counts what is spent and lost, not who pays: unpaid royalties cost nothing by it. "
            f"Under {best}, {percent(unpaid)} of what holders were due went unpaid, and {percent(overpaid)} "
            "was paid beyond what was due."
        ),
    ]


def _best(tables: Tables, metric: str, order: list[str]) -> str:
    """The best regime by a metric, and how sure its lead over the next is."""
    best, second = order[:2]
    kind = "highest efficiency" if metric == "efficiency" else "lowest deadlock rate"
    note = STATUS_NOTES[LegalStatus(tables.regimes[best].status)]
    first = f"The {kind} is that of {best}{f' ({note})' if note else ''}. {_level(tables, best, metric)}"
    if note:
        first += _best_in_force(tables, metric, order)
    lead = (
        _pair(tables, best, second, metric) if metric == "efficiency" else _pair(tables, second, best, metric)
    )
    gap = f"The lead of {best} over the next, {second}, is {100 * lead['mean']:.1f} percentage points"
    if not math.isfinite(lead["low"]):
        return f"{first} {gap}; one replication gives no interval."
    between = f"{100 * lead['low']:.1f} to {100 * lead['high']:.1f}"
    found = "excludes 0" if lead["low"] > 0 else f"does not exclude 0{_needed(lead, metric)}"
    return f"{first} {gap}; the 95 % interval of the paired difference, {between}, {found}."


def _best_in_force(tables: Tables, metric: str, order: list[str]) -> str:
    law = [name for name in order if tables.regimes[name].status == LegalStatus.IN_FORCE]
    return f" Of the law in force, {law[0]} comes first. {_level(tables, law[0], metric)}" if law else ""


def _level(tables: Tables, regime: str, metric: str) -> str:
    mean, low, high = (
        percent(number(tables.summary, regime, metric, key)) for key in ("mean", "low", "high")
    )
    return f"{upper_first(METRICS[metric].title)}: {mean} (95 % interval {low} to {high})."


def _front(tables: Tables) -> str:
    means = tables.means[["deadlock_rate", "efficiency"]]
    points = dict(zip(means.index, means.to_numpy().tolist(), strict=True))

    def beaten(deadlock: float, efficiency: float) -> bool:
        others = [(d, e) for d, e in points.values() if (d, e) != (deadlock, efficiency)]
        return any(d <= deadlock and e >= efficiency for d, e in others)

    front = [name for name, point in points.items() if not beaten(*point)]
    if len(front) == 1:
        return f"On the means, {front[0]} is best on both deadlock and efficiency."
    return f"On the means, no regime beats these on deadlock and efficiency at once: {', '.join(front)}."


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
    level = "5 % level, adjusted by Holm over the regimes and both headline outcomes"
    return f"{upper_first(METRICS[metric].title)} against the baseline {tables.baseline} ({level}): {said}."


def _pair(tables: Tables, ours: str, theirs: str, metric: str) -> dict[str, float]:
    values = tables.units[[metric]]
    one, other = (values.xs(name, level="regime").to_numpy() for name in (ours, theirs))
    alike = same_rules(tables.regimes[ours], tables.regimes[theirs])
    found = paired(one, other, METRICS[metric].span, equal=alike, matters=METRICS[metric].matters)
    numbers = {name: float(part[0]) for name, part in found.items() if name != "interval"}
    block = tables.evidence.scenario.block
    return numbers | {name: block * numbers[name] for name in ("replications_needed", "replications")}


def _mean(tables: Tables, regime: str, metric: str) -> float:
    return number(tables.summary, regime, metric)


def _needed(gap: Mapping[str, float], metric: str) -> str:
    needed, size = gap["replications_needed"], METRICS[metric].matters
    if not math.isfinite(needed):
        return ""
    if needed <= gap["replications"]:
        return f"; a difference of {100 * size:.0f} percentage point or more would have shown"
    return (
        f"; to show a difference of {100 * size:.0f} percentage point takes about {needed:,.0f} replications"
    )


# Dates, tables, drawings


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
    """A table as heads and rows; a cell is its text and whether it holds words."""
    flat = table.reset_index() if table.index.names[0] else table
    return {
        "heads": [str(name).replace("_", " ") for name in flat.columns],
        "rows": [
            [(plain(cell), isinstance(cell, str)) for cell in row]
            for row in flat.to_numpy(dtype=object).tolist()
        ],
    }


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
            f'style="max-width:{width * 4 / 3:.0f}px">'
        )

    return Markup(_OPENING.sub(opening, body, count=1))  # noqa: S704 - drawn here, not read from anywhere
