"""What an experiment found: its outcomes in every cell of the design, and where one regime beats another.

Cells and regimes share their chance, so every difference is taken inside a replication: from the baseline
regime in the same cell, and from the same regime in the first cell.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from math import inf
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from rich.table import Table

from simulator.findings.compare import FEW, holm, paired
from simulator.findings.measures import METRICS, Metric
from simulator.findings.negotiations import Negotiations, Setting, Values, quotient
from simulator.findings.outcomes import Rows
from simulator.findings.wording import interval, unit, value
from simulator.parameters import registry
from simulator.spec.experiment import Axis, Experiment
from simulator.spec.load import load_experiment

DECIDED = 0.05
"""Adjusted p value from which a difference counts as decided."""


def court_rate_bias(n: Negotiations) -> Values:
    """Median of log(court rate / true FRAND rate) over the rates a court or tribunal set; nan without one."""
    return _over_cells(n, pd.Series.median)


def court_rate_spread(n: Negotiations) -> Values:
    """Standard deviation of log(court rate / true FRAND rate) over the rates set; nan below two."""
    return _over_cells(n, pd.Series.std)


def court_rates_set(n: Negotiations) -> Values:
    """Negotiations in which a court or tribunal set a rate, whether it took effect or not."""
    return n.sum(~np.isnan(n["court_rate"]))


def _over_cells(n: Negotiations, statistic: Callable[..., Any]) -> Values:
    log = pd.Series(np.log(quotient(n["court_rate"], n["frand_rate"])))
    found = log.groupby(n.cell).agg(statistic)
    return found.reindex(range(n.cells)).to_numpy(dtype=np.float64)


MEASURES: dict[str, Metric] = METRICS | {
    rule.__name__: Metric(rule.__name__, title, kind, low, inf, better, rule)
    for title, kind, low, better, rule in (
        ("court rate / FRAND rate, bias", "log ratio", -inf, 0, court_rate_bias),
        ("court rate / FRAND rate, spread", "log sd", 0, -1, court_rate_spread),
        ("rates set by court", "count", 0, 0, court_rates_set),
    )
}
"""What an experiment may look at: the metrics of a comparison, and what courts' rates are like."""


def load(name_or_path: str | Path, *, replications: int | None = None, seed: int | None = None) -> Experiment:
    """An experiment, its outcomes checked to be among ``MEASURES``.  Raises ``ScenarioError``."""
    return load_experiment(name_or_path, replications=replications, seed=seed, measures=MEASURES)


@dataclass
class Sweep:
    """The outcomes of an experiment, and the tables made of them; fill it cell by cell, in order."""

    experiment: Experiment
    written: list[Path] = field(default_factory=list)
    _cells: list[list[Values]] = field(default_factory=list)

    def cell(self) -> Callable[[Rows], None]:
        """Open the next cell: a function that takes in its chunks and keeps only the outcomes asked for."""
        number = len(self._cells)
        setting = Setting.of(self.experiment.at(self.experiment.cells()[number]))
        chunks: list[Values] = []
        self._cells.append(chunks)

        def take(rows: Rows) -> None:
            negotiations = Negotiations(rows, setting)
            columns = [MEASURES[name].rule(negotiations) for name in self.experiment.outcomes]
            chunks.append(np.stack(columns, axis=1).reshape(-1, len(setting.regimes), len(columns)))

        return take

    @cached_property
    def values(self) -> Values:
        """Every outcome of every replication: (replications, cells, regimes, outcomes)."""
        return np.stack([np.concatenate(chunks) for chunks in self._cells], axis=1)

    @property
    def regimes(self) -> list[str]:
        """The regimes, in the experiment's order."""
        return [regime.regime for regime in self.experiment.scenario.regimes]

    @property
    def others(self) -> list[str]:
        """The regimes but the baseline."""
        return [name for name in self.regimes if name != self.experiment.scenario.baseline]

    @cached_property
    def cells(self) -> pd.DataFrame:
        """One row a cell, regime and outcome, with the cell's value on each axis.

        ``mean, lo, hi`` (95 % t interval over the ``n`` replications in which the outcome is defined) in
        the outcome's unit; ``to_baseline`` and ``to_first`` with their intervals: paired difference to the
        baseline regime in the cell, and to the first cell under the regime; ``p_holm``: p value of the
        former, adjusted over all cells and regimes of the outcome (Holm 1979).
        """
        values, base = self.values, self.regimes.index(self.experiment.scenario.baseline)
        gap = estimate(values - values[:, :, [base]])
        parts = {
            **self._level(values),
            **_columns("to_baseline", gap),
            "p_holm": self._adjusted(gap["p"], base),
            **_columns("to_first", estimate(values - values[:, [0]])),
        }
        points = self.experiment.cells()
        table = _long(parts, cell=range(len(points)), regime=self.regimes, metric=self.experiment.outcomes)
        for place, axis in enumerate(self.experiment.vary):
            table.insert(1 + place, axis.name, [points[number][axis.name] for number in table["cell"]])
        return table

    @cached_property
    def profiles(self) -> pd.DataFrame:
        """One row an axis, value, regime and outcome: ``mean, lo, hi, n`` over the cells at that value.

        In a grid the other axes are averaged over inside each replication; one axis at a time, they have
        their first value.
        """
        tables = []
        for axis in self.experiment.vary:
            slices = [self.values[:, self._at(axis, point)].mean(axis=1) for point in axis.values]
            keys = {"value": axis.values, "regime": self.regimes, "metric": self.experiment.outcomes}
            table = _long(self._level(np.stack(slices, axis=1)), **keys)
            table.insert(0, "axis", axis.name)
            tables.append(table)
        return pd.concat(tables, ignore_index=True)

    @cached_property
    def standing(self) -> pd.DataFrame:
        """In how many cells an outcome is ``above`` or ``below`` the baseline's, of ``cells``.

        One row an outcome, regime, axis and value; a cell counts where Holm's p is below 5 %.
        """
        rows = []
        for axis in self.experiment.vary:
            for point in axis.values:
                part = self.cells[self.cells["cell"].isin(self._at(axis, point))]
                for (metric, regime), group in part.groupby(["metric", "regime"], sort=False):
                    sure = group[group["p_holm"] < DECIDED]["to_baseline"]
                    counts = ((sure > 0).sum(), (sure < 0).sum(), len(group))
                    rows.append((metric, regime, axis.name, point, *map(int, counts)))
        table = pd.DataFrame(rows, columns=["metric", "regime", "axis", "value", "above", "below", "cells"])
        return table[table["regime"] != self.experiment.scenario.baseline]

    def _at(self, axis: Axis, point: float) -> list[int]:
        """The cells of an axis's value: all of a grid; else the one with the other axes at their first."""
        cells = self.experiment.cells()
        if self.experiment.design == "grid":
            return [number for number, cell in enumerate(cells) if cell[axis.name] == point]
        return [cells.index(cells[0] | {axis.name: point})]

    def _level(self, values: Values) -> dict[str, Values]:
        """Means with intervals cut at the range of each outcome; outcomes are the last dimension."""
        metrics = [MEASURES[name] for name in self.experiment.outcomes]
        level = estimate(values)
        level["lo"] = np.maximum(level["lo"], [metric.low for metric in metrics])
        level["hi"] = np.minimum(level["hi"], [metric.high for metric in metrics])
        return {name: level[name] for name in ("mean", "lo", "hi", "n")}

    def _adjusted(self, p: Values, base: int) -> Values:
        """Holm's adjustment for each outcome over its cells and regimes; the baseline has none."""
        family = np.delete(p, base, axis=1)
        flat = family.reshape(-1, family.shape[-1])
        adjusted = np.column_stack([holm(column) for column in flat.T]).reshape(family.shape)
        return np.insert(adjusted, base, np.nan, axis=1)

    def cautions(self) -> list[str]:
        """What a reader must know before trusting the intervals."""
        count, found = len(self.values), []
        if count < FEW:
            found.append(f"{count} replications: intervals are unreliable below {FEW}.")
        gaps = np.isnan(self.values).mean(axis=0).max(axis=(0, 1))
        for name, share in zip(self.experiment.outcomes, gaps, strict=True):
            if share > 0:
                found.append(f"{name} is undefined in up to {share:.0%} of a cell's replications.")
        return found

    def to_json(self) -> dict[str, Any]:
        """The experiment and its cells: what the tables hold, ready for JSON."""
        return {
            "experiment": self.experiment.experiment,
            "question": self.experiment.question,
            "scenario": self.experiment.scenario.scenario,
            "baseline": self.experiment.scenario.baseline,
            "seed": self.experiment.scenario.seed,
            "replications": len(self.values),
            "cautions": self.cautions(),
            "cells": self.cells.to_dict("records"),
        }

    def table(self) -> Table:
        """A line an outcome and regime: its range over the cells, and where it stands to the baseline."""
        count = len(self.experiment.cells())
        title = f"{self.experiment.title} ({count} cells, {len(self.values)} replications)"
        result = Table(title=title, title_justify="left", caption="\n".join(self.cautions()))
        for head in (
            "Outcome",
            "Regime",
            "First cell [95 % interval]",
            "Lowest",
            "Highest",
            "Above",
            "Below",
        ):
            result.add_column(head)
        base = self.experiment.scenario.baseline
        for name in self.experiment.outcomes:
            metric = MEASURES[name]
            for regime in self.regimes:
                rows = self.cells[(self.cells["metric"] == name) & (self.cells["regime"] == regime)]
                sure = rows[rows["p_holm"] < DECIDED]["to_baseline"]
                sides = ("*", "*") if regime == base else (f"{(sure > 0).sum()}", f"{(sure < 0).sum()}")
                ends = (value(rows["mean"].min(), metric.unit), value(rows["mean"].max(), metric.unit))
                first = shown(rows.iloc[0], metric.unit)
                result.add_row(f"{metric.title} ({unit(metric.unit)})", regime, first, *ends, *sides)
        return result


def estimate(values: Values) -> dict[str, Values]:
    """Mean over the first axis, replications: ``mean, lo, hi`` (95 % t interval), ``p`` against 0, ``n``.

    Where all values are the same the interval has no width.
    """
    found = paired(values, np.zeros_like(values))
    same = (np.ptp(values, axis=0) == 0) & (len(values) > 1)
    return {
        "mean": found["mean"],
        "lo": np.where(same, found["mean"], found["low"]),
        "hi": np.where(same, found["mean"], found["high"]),
        "p": np.where(same, np.where(found["mean"] == 0, 1.0, 0.0), found["p"]),
        "n": found["replications"],
    }


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
    """What an axis is called in figures and tables, with its unit."""
    if axis.strategy is not None:
        return f"share of parties playing {axis.strategy}"
    entry = registry()[axis.name]
    symbol = f" {entry.symbol}" if entry.symbol else ""
    return f"{entry.title}{symbol} ({entry.unit})"
