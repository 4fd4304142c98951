"""What an experiment found: its outcomes in every cell of the design, and where one regime beats another.

Cells and regimes share their chance, so every difference is taken inside a replication: from the baseline
regime in the same cell, and from the same regime under the first lever setting at the same point.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
from rich.table import Table

from simulator.outcomes.further_measures import MEASURES
from simulator.outcomes.metric import Metric
from simulator.outcomes.negotiations import Negotiations, Setting, Values, quotient
from simulator.outcomes.rows import Labels, Rows
from simulator.parameters import registry
from simulator.spec.design import Axis, Cell
from simulator.spec.experiment import Experiment
from simulator.spec.load import load_experiment
from simulator.spec.outcome import FLAGS, Condition, allowed, measured
from simulator.spec.regime import same_rules
from simulator.spec.scenario import Scenario
from simulator.statistics import guards
from simulator.statistics.discovery import best_shares
from simulator.statistics.intervals import interval as interval_of
from simulator.statistics.intervals import p_value, sample
from simulator.statistics.paired import holm
from simulator.writing.numbers import interval, unit, value

DESIGNED = ("morris", "saltelli")
"""Samples made for a sensitivity."""
DECIDED = 0.05
"""Adjusted p value from which a difference counts as decided."""


def load(
    name_or_path: str | Path,
    *,
    replications: int | None = None,
    seed: int | None = None,
    quick: bool = False,
) -> Experiment:
    """An experiment, its outcomes checked to be among ``MEASURES``.  Raises ``ScenarioError``."""
    return load_experiment(name_or_path, replications=replications, seed=seed, measures=MEASURES, quick=quick)


def metric_of(outcome: str) -> Metric:
    """The metric behind an outcome."""
    return MEASURES[measured(outcome).metric]


def title_of(outcome: str) -> str:
    """What an outcome is called: its metric and, in brackets, its conditions.

    >>> title_of("deadlock_rate[holder_strategy=holder_over_declarer]")
    'deadlock rate [holder strategy: over declarer]'
    """
    conditions = [
        f"{column}: {' or '.join(value.removeprefix(column.split('_')[0] + '_') for value in values)}"
        for column, values in measured(outcome).conditions
    ]
    said = f" [{', '.join(conditions)}]".replace("_", " ") if conditions else ""
    return f"{metric_of(outcome).title}{said}"


@dataclass(eq=False)
class Sweep:
    """The outcomes of an experiment, and the tables made of them; fill it with ``take``.

    ``hypotheses``: the verdicts on its claims, once tested; ``levels``: the same at other levels of
    behaviour; ``written``: files; ``changed``: committed numbers that no longer came out.
    """

    experiment: Experiment
    hypotheses: pd.DataFrame = field(default_factory=pd.DataFrame)
    levels: pd.DataFrame = field(default_factory=pd.DataFrame)
    written: list[Path] = field(default_factory=list)
    changed: list[str] = field(default_factory=list)
    _played: set[int] = field(default_factory=set)

    @cached_property
    def values(self) -> Values:
        """Every outcome of every replication: (replications, cells, regimes, outcomes); nan: not played."""
        plan = self.experiment
        sizes = (plan.scenario.replications, len(self.cells_played), len(self.regimes), len(plan.outcomes))
        return np.full(sizes, np.nan)

    @cached_property
    def cells_played(self) -> tuple[Cell, ...]:
        """The cells of the design, in order."""
        return self.experiment.cells()

    @cached_property
    def points(self) -> tuple[Cell, ...]:
        """The points of the uncertainties; one empty point where there are none."""
        return self.experiment.points()

    def take(self, cell: int, rows: Rows) -> None:
        """Take in outcomes of a cell, whole replications in any number; only what was asked for is kept."""
        scenario = self.experiment.at(self.cells_played[cell])
        setting = Setting.of(scenario)
        chosen: dict[tuple[Condition, ...], Negotiations] = {}
        for place, outcome in enumerate(self.experiment.outcomes):
            metric, conditions = measured(outcome)
            if conditions not in chosen:
                chosen[conditions] = Negotiations(_counted(rows, conditions, scenario), setting)
            found = chosen[conditions]
            by_regime = MEASURES[metric].rule(found).reshape(-1, len(setting.regimes))
            self.values[found.replications, cell, :, place] = by_regime
        self._played.add(cell)

    @property
    def covers(self) -> bool:
        """Whether the points cover the space evenly, so that a share of them means something."""
        return self.experiment.design.sample not in DESIGNED

    @property
    def regimes(self) -> list[str]:
        """The regimes, in the experiment's order."""
        return [regime.regime for regime in self.experiment.scenario.regimes]

    @property
    def compared(self) -> list[str]:
        """The regimes but those made to take a difference apart, and those that only controls name."""
        plan = self.experiment
        claimed = {part.regime for one in plan.hypotheses for part in one.parts(plan.levers)}
        controls = {
            part.regime
            for one in plan.hypotheses
            for control in one.controls
            for part in control.parts(plan.levers)
        }
        aside = (controls - claimed - {plan.scenario.baseline}) | set(plan.between)
        return [name for name in self.regimes if name not in aside]

    @property
    def alike(self) -> list[str]:
        """The baseline and the regimes with its rules, which differ from it by nothing for certain."""
        laws = {law.regime: law for law in self.experiment.scenario.regimes}
        base = laws[self.experiment.scenario.baseline]
        return [name for name, law in laws.items() if same_rules(law, base)]

    @property
    def others(self) -> list[str]:
        """The regimes compared with the baseline."""
        return [name for name in self.compared if name != self.experiment.scenario.baseline]

    @cached_property
    def cells(self) -> pd.DataFrame:
        """One row a cell, regime and outcome, with the cell's value on each axis.

        ``mean, lo, hi`` (95 % interval over the ``n`` replications in which the outcome is defined) in
        the outcome's unit; ``to_baseline`` and ``to_first`` with their intervals: paired difference to the
        baseline regime in the cell, and to the first lever setting at the same point under the regime;
        ``p_holm``: p value of the former, adjusted over all cells and regimes of the outcome (Holm 1979).
        """
        values, base = self.values, self.regimes.index(self.experiment.scenario.baseline)
        span = np.array([metric_of(name).span for name in self.experiment.outcomes])
        itself = np.array([[[name in self.alike] for name in self.regimes]])
        gap = estimate(values - values[:, :, [base]], -span, span, gap=True, equal=itself)
        first = np.arange(len(self.cells_played)) % len(self.points)
        same = (first == np.arange(len(first)))[:, None, None]
        to_first = estimate(values - values[:, first], -span, span, gap=True, equal=same)
        parts = {
            **self._level(values),
            **_columns("to_baseline", gap),
            "p_holm": self._adjusted(gap["p"]),
            **_columns("to_first", to_first),
        }
        table = _long(
            parts, cell=range(len(self.cells_played)), regime=self.regimes, metric=self.experiment.outcomes
        )
        for place, axis in enumerate(self.experiment.axes):
            table.insert(1 + place, axis.name, [self.cells_played[k][axis.name] for k in table["cell"]])
        return table

    @cached_property
    def slices(self) -> list[tuple[str, float, list[int]]]:
        """Each lever's values with the cells at that value; without levers, all cells under no name.

        In a grid all settings of the other levers; one at a time, only the one with them at their first.
        """
        settings, plan = self.experiment.settings(), self.experiment
        parts = []
        for lever in plan.levers:
            for point in lever.values:
                if plan.design.levers == "grid":
                    at = [k for k, setting in enumerate(settings) if setting[lever.name] == point]
                else:
                    at = [settings.index(settings[0] | {lever.name: point})]
                cells = [k * len(self.points) + j for k in at for j in range(len(self.points))]
                parts.append((lever.name, point, cells))
        return parts or [("", 0.0, list(range(len(self.cells_played))))]

    @cached_property
    def profiles(self) -> pd.DataFrame:
        """One row a lever, value, regime and outcome: ``mean, lo, hi, n`` over the cells at that value.

        Other levers of a grid, and the points, are averaged over inside each replication.  ``above`` and
        ``below``: in how many of ``cells`` the outcome is above or below the baseline's with Holm's p < 5 %.
        """
        tables = []
        for axis, point, cells in self.slices:
            table = _long(
                self._level(averaged(self.values[:, cells])),
                axis=[axis],
                value=[point],
                regime=self.regimes,
                metric=self.experiment.outcomes,
            )
            part = self.cells[self.cells["cell"].isin(cells) & (self.cells["p_holm"] < DECIDED)]
            keys = pd.MultiIndex.from_frame(table[["regime", "metric"]])
            for name, sign in (("above", 1), ("below", -1)):
                sure = part[np.sign(part["to_baseline"]) == sign].groupby(["regime", "metric"]).size()
                table[name] = sure.reindex(keys, fill_value=0).to_numpy()
            tables.append(table.assign(cells=len(cells)))
        return pd.concat(tables, ignore_index=True)

    @cached_property
    def ranking(self) -> pd.DataFrame:
        """Over all cells, the ``share, low, high`` of the points in which each regime is best, by outcome.

        A point is that of the uncertainties under every lever setting; only outcomes of which more, or less,
        is better; empty with a single cell, and where points do not cover the space evenly.
        """
        tables = []
        for place, outcome in enumerate(self.experiment.outcomes):
            better = metric_of(outcome).better
            if better and self.covers and len(self.cells_played) > 1 and len(self.compared) > 1:
                places = [self.regimes.index(name) for name in self.compared]
                seed, part = self.experiment.scenario.seed, self.values[:, :, places, place]
                resamples = min(1000, 20_000_000 // part[0].size + 1)  # at most 160 MB at once
                shares = best_shares(part, self.compared, better, seed, resamples)
                tables.append(shares.reset_index().assign(metric=outcome))
        if not tables:
            return pd.DataFrame(columns=["metric", "regime", "share", "low", "high"])
        return pd.concat(tables, ignore_index=True)[["metric", "regime", "share", "low", "high"]]

    def _level(self, values: Values) -> dict[str, Values]:
        """Means with intervals cut at the range of each outcome; outcomes are the last dimension."""
        metrics = [metric_of(name) for name in self.experiment.outcomes]
        level = estimate(values, [metric.low for metric in metrics], [metric.high for metric in metrics])
        return {name: level[name] for name in ("mean", "lo", "hi", "n")}

    def _adjusted(self, p: Values) -> Values:
        """Holm's adjustment for each outcome over its cells and the regimes compared, not the baseline."""
        adjusted, places = np.full(p.shape, np.nan), [self.regimes.index(name) for name in self.others]
        for place in range(p.shape[-1]):
            family = p[:, places, place]
            adjusted[:, places, place] = holm(family.ravel()).reshape(family.shape)
        return adjusted

    def cautions(self) -> list[str]:
        """What a reader must know before trusting the intervals."""
        outcomes = self.experiment.outcomes
        departures = self.experiment.departures
        unplanned = f"Not the run that was planned: {', '.join(departures)}; no claim rests on it."
        return [
            *[unplanned] * bool(departures),
            *guards.unstated(self.experiment.stated, len(self.experiment.hypotheses)),
            *guards.missing(len(self.cells_played), self._played),
            *guards.too_few(len(self.values)),
            *guards.constant(self.values, outcomes),
            *guards.undefined(self.values, outcomes),
            *guards.doubtful(self.values, outcomes, [metric_of(name).name for name in outcomes]),
        ]

    def to_json(self) -> dict[str, Any]:
        """The experiment and its cells: what the tables hold, ready for JSON."""
        return {
            "experiment": self.experiment.experiment,
            "question": self.experiment.question,
            "scenario": self.experiment.scenario.scenario,
            "baseline": self.experiment.scenario.baseline,
            "seed": self.experiment.scenario.seed,
            "replications": len(self.values),
            "points": len(self.points),
            "cautions": self.cautions(),
            "hypotheses": self.hypotheses.to_dict("records"),
            "levels": self.levels.to_dict("records"),
            "ranking": self.ranking.to_dict("records"),
            "cells": self.cells.to_dict("records"),
        }

    def table(self) -> Table:
        """A line an outcome and regime: its range over the cells, and where it stands to the baseline."""
        count = len(self.cells_played)
        title = f"{self.experiment.title} ({count} cells, {len(self.values)} replications)"
        result = Table(title=title, title_justify="left", caption="\n".join(self.cautions()))
        heads = ("Outcome", "Regime", "First cell [95 % interval]", "Lowest", "Highest", "Above", "Below")
        for head in heads:
            result.add_column(head)
        base = self.experiment.scenario.baseline
        for name in self.experiment.outcomes:
            metric = metric_of(name)
            for regime in self.compared:
                rows = self.cells[(self.cells["metric"] == name) & (self.cells["regime"] == regime)]
                sure = rows[rows["p_holm"] < DECIDED]["to_baseline"]
                sides = ("*", "*") if regime == base else (f"{(sure > 0).sum()}", f"{(sure < 0).sum()}")
                ends = (value(rows["mean"].min(), metric.unit), value(rows["mean"].max(), metric.unit))
                first = shown(rows.iloc[0], metric.unit)
                head = f"{title_of(name)} ({unit(metric.unit)})".replace("[", r"\[")
                result.add_row(head, regime, first, *ends, *sides)
        return result


def _counted(rows: Rows, conditions: tuple[Condition, ...], scenario: Scenario) -> Rows:
    """The rows with only those counted that meet the conditions."""
    if not conditions:
        return rows
    labels, keep = Labels.of(scenario), rows["counted"] == 1
    for column, values in conditions:
        if column in FLAGS:
            keep &= np.isin(rows[column], [int(value == "yes") for value in values])
        else:
            names = labels.categories(column) or tuple(allowed(column, scenario.strategies))
            keep &= np.isin(rows[column], [names.index(value) for value in values])
    chosen = rows.copy()
    chosen["counted"] = keep
    return chosen


def estimate(
    values: Values,
    low: npt.ArrayLike = -np.inf,
    high: npt.ArrayLike = np.inf,
    *,
    gap: bool = False,
    equal: npt.ArrayLike = False,
) -> dict[str, Values]:
    """Mean over the first axis, replications: ``mean, lo, hi`` (95 % interval), ``p`` against 0, ``n``.

    ``low, high``: range of the values; ``gap``: they are differences; ``equal``: where by construction they
    are all the same, and only there has the interval no width.
    """
    found = sample(values, low, high, gap=gap, equal=equal)
    lo, hi = interval_of(found)
    return {"mean": found.mean, "lo": lo, "hi": hi, "p": p_value(found), "n": found.n.astype(np.float64)}


def averaged(values: Values) -> Values:
    """Mean over the second axis, cells, in each replication, over those in which it is defined."""
    count = (~np.isnan(values)).sum(axis=1)
    return quotient(np.where(np.isnan(values), 0.0, values).sum(axis=1), count)


def _long(parts: dict[str, Values], **keys: Sequence[Any]) -> pd.DataFrame:
    """Arrays over the same keys as one table, a row an element."""
    index = pd.MultiIndex.from_product(list(keys.values()), names=list(keys))
    return pd.DataFrame({name: np.ravel(part) for name, part in parts.items()}, index=index).reset_index()


def _columns(name: str, found: dict[str, Values]) -> dict[str, Values]:
    return {name: found["mean"], f"{name}_lo": found["lo"], f"{name}_hi": found["hi"]}


def shown(row: Any, kind: str) -> str:
    """A mean with its interval in the form of its unit."""
    return f"{value(row['mean'], kind)} {interval(row['lo'], row['hi'], kind)}".rstrip()


def axis_title(axis: Axis) -> str:
    """What an axis is called in figures and tables, in words, with its unit."""
    if axis.strategy is not None:
        return f"share of parties playing {axis.strategy}"
    if axis.market is not None:
        return f"number of {axis.market}"
    entry = registry()[axis.name]
    further = f", with {' and '.join(registry()[name].title for name in axis.also)}" if axis.also else ""
    return f"{entry.title} ({entry.unit}){further}"
