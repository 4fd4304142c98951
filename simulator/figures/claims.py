"""The figures of an experiment's claims: effects, what moves them, where they hold, what brings them."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pandas as pd

from simulator.experiments.frontiers import frontier_map
from simulator.experiments.hypotheses import by_point, decomposition, sensitivities, subjects, verdicts
from simulator.experiments.regions import by_point as by_replications
from simulator.experiments.regions import gaps, regions
from simulator.experiments.sweep import Sweep, axis_title, metric_of, title_of
from simulator.figures.effects import VERDICTS, forest, mechanisms, screening, standing, variance
from simulator.figures.map import heat_map, region_map
from simulator.figures.regimes import colour
from simulator.figures.style import Figure, based_on, caption, style
from simulator.statistics.discovery import boundary

LEAST = 20
"""Points from which a map over two uncertainties is drawn."""
Drawn = tuple[str, Figure, pd.DataFrame | None]
"""A figure's name, the figure, and the data behind it where no table that is kept holds them."""


def claim_figures(sweep: Sweep) -> Iterator[Drawn]:
    """Every figure on the claims that the experiment has the data for."""
    scenario = sweep.experiment.scenario
    points = f"; {len(sweep.points)} points of the uncertainties" * (len(sweep.points) > 1)
    with style():
        for name, figure, data in (
            *_effects(sweep),
            *_moved(sweep),
            *_regions(sweep),
            *_standing(sweep),
            *_frontiers(sweep),
            *_why(sweep),
        ):
            region = name.startswith(("region_", "ahead_"))
            marks = "Dots: sampled points, black where it holds" if region else "Bars: 95 % intervals"
            if name.startswith("frontier_"):
                marks = "Lines: where the gap is zero; other levers averaged over"
            basis = based_on(scenario.replications, scenario.seed, marks + points)
            yield name, caption(figure, f"{sweep.experiment.title}. {basis}"), data


def _effects(sweep: Sweep) -> Iterator[Drawn]:
    table = verdicts(sweep)
    if table.empty:
        return
    table = table[table["verdict"].isin(list(VERDICTS)) & table["mean"].notna()]
    data = table.assign(
        claim=[
            f"{row['id']} control: {row['control']}" if row["control"] else f"{row['id']} {row['claim']}"
            for row in table.to_dict("records")
        ],
        effect=table["mean"],
    )[["claim", "effect", "low", "high", "unit", "verdict", "margin"]]
    if len(data):
        yield "claims", forest(data), None


def _moved(sweep: Sweep) -> Iterator[Drawn]:
    table, _ = sensitivities(sweep)
    for subject in subjects(sweep):
        part = table[table["id"] == subject.id].drop(columns="id").set_index("parameter")
        if part.empty:
            continue
        named = {one.name: axis_title(one) for one in sweep.experiment.uncertainties}
        part = part.rename(index=named)
        name = f"sensitivity_{subject.id}"
        if "mu_star" in part:
            yield name, screening(part, subject.title, subject.unit), None
        else:
            yield name, variance(part, subject.title), None


def _regions(sweep: Sweep) -> Iterator[Drawn]:
    """A map over the two uncertainties that matter most, for each claim whose sign turns."""
    table, named = by_point(sweep), {one.name: one for one in sweep.experiment.uncertainties}
    if table.empty or len(sweep.points) < LEAST or len(named) < 2:
        return
    for row in verdicts(sweep).query("control == ''").to_dict("records"):
        chief = [name for name in str(row["flips"]).split(", ") if name in named]
        if not chief:
            continue
        x, y = [*chief, *(name for name in named if name not in chief)][:2]
        part = table[table["id"] == row["id"]].reset_index(drop=True)
        fields = boundary(part, part["holds"].to_numpy(dtype=float) - 0.5, x, y)
        points = part.rename(columns={x: "x", y: "y"})[["x", "y", "holds"]].dropna()
        points["holds"] = points["holds"] == 1
        titles = axis_title(named[x]), axis_title(named[y])
        claim = f"{row['id']} is as expected"
        yield f"region_{row['id']}", region_map(fields, points, *titles, claim), fields


def _standing(sweep: Sweep) -> Iterator[Drawn]:
    """Where regimes are best and, for the most contested of each outcome, the map of where it is ahead."""
    tints = {law.regime: colour(law) for law in sweep.experiment.scenario.regimes}
    if len(sweep.points) > 1:
        for metric, part in sweep.ranking.groupby("metric", sort=False):
            side = "highest" if metric_of(str(metric)).better > 0 else "lowest"
            figure = standing(part.set_index("regime"), tints)
            figure.suptitle(f"{side} {title_of(str(metric))}", fontsize=10, x=0.01, ha="left")
            yield f"best_{metric}", figure, None
    table, named = regions(sweep), {one.name: one for one in sweep.experiment.uncertainties}
    for metric, part in table[table["flips"] != ""].groupby("metric", sort=False):
        row = part.iloc[int((part["share"] - 0.5).abs().argmin())]
        chief = str(row["flips"]).split(", ")
        x, y = [*chief, *(name for name in named if name not in chief)][:2]
        ahead = by_replications(gaps(sweep, str(metric), row["regime"]))
        points = pd.DataFrame(sweep.points)
        fields = boundary(points, ahead, x, y)
        dots = pd.DataFrame({"x": points[x], "y": points[y], "holds": ahead > 0})[~np.isnan(ahead)]
        better = "higher" if metric_of(str(metric)).better > 0 else "lower"
        claim = f"{row['regime']} has a {better} {title_of(str(metric))} than {row['baseline']}"
        drawn = region_map(fields, dots, axis_title(named[x]), axis_title(named[y]), claim)
        yield f"ahead_{metric}_{row['regime']}", drawn, fields


def _frontiers(sweep: Sweep) -> Iterator[Drawn]:
    """A map a regime over the first two levers: the gap of the first frontier, and where each gap is zero."""
    table, plan = frontier_map(sweep), sweep.experiment
    for regime in sweep.compared if len(table) else ():
        x, y = plan.levers[:2]
        part = table[table["regime"] == regime]
        data = part.pivot(index=[x.name, y.name], columns="frontier", values="gap").reset_index()
        data["x"] = [sorted(x.values).index(point) for point in data[x.name]]  # steps alike, as in a table
        data["y"] = [sorted(y.values).index(point) for point in data[y.name]]
        chief = plan.frontiers[0]
        data["value"] = data[chief.frontier]
        lines = {one.frontier: one.frontier for one in plan.frontiers}
        kind, said = metric_of(chief.outcome).unit, f"{regime}: gap behind '{chief.frontier}'"
        drawn = heat_map(data, axis_title(x), axis_title(y), said, kind, lines)
        ax = drawn.axes[0]
        ax.set_xticks(range(len(x.values)), [f"{point:g}" for point in sorted(x.values)])
        ax.set_yticks(range(len(y.values)), [f"{point:g}" for point in sorted(y.values)])
        yield f"frontier_{regime}", drawn, None


def _why(sweep: Sweep) -> Iterator[Drawn]:
    table, why = decomposition(sweep), sweep.experiment.mechanisms
    for metric, part in table.groupby("metric", sort=False):
        data = part.drop(columns="metric").set_index("mechanism")
        if why is None or not data["mean"].any():
            continue  # nothing there to explain
        name, kind = str(metric), metric_of(str(metric)).unit
        said = f"{title_of(name)}, from {why.origin} to {why.to}"
        yield f"why_{name}", mechanisms(data.rename(lambda one: str(one).replace("_", " ")), said, kind), None
