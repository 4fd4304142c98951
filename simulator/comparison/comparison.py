"""A comparison as a caller holds it: readable as a table, storable as JSON."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd
from rich.table import Table

from simulator.comparison.frontier import DELAY, FRONTIER, kind, label
from simulator.comparison.learned import LEFT, RESTS, learned_rows
from simulator.comparison.tables import EVOLVED, Tables, number
from simulator.evolution.learned.stages import CREDIBLE, PLANE
from simulator.outcomes.measures import METRICS
from simulator.spec.scenario import Scenario
from simulator.vocabulary import LegalStatus
from simulator.writing.formats import as_rows, ten_digits
from simulator.writing.numbers import interval, spoken, unit, upper_first, value
from simulator.writing.terminal import text

SHOWN = {"deadlock_rate": "deadlock_rate", **FRONTIER, DELAY: DELAY}
"""Columns of the table of regimes and the metric of each."""
PARTICIPATION = ("dynamic_efficiency", "wide_adoption", "adequate_reward")
"""Columns more where firms choose whether to take part in the standard."""
SCREEN = 60
"""Lines a comparison takes at a prompt, at most."""
SPREAD = (
    "end_negotiated",
    "end_settled_in_court",
    "end_court_rate",
    "end_injunction_licence",
    "end_exit",
    "end_unlicensed",
    "deadlock_rate",
    "efficiency",
    "months_to_licence",
    "effective_rate_over_frand",
)


@dataclass(frozen=True, repr=False)
class Comparison:
    """What the rules changed: the numbers, ready to be read, and the files that hold them."""

    scenario: Scenario
    tables: Tables
    written: list[Path]

    def __repr__(self) -> str:
        """The table, without what is to be said of it; at most a screen."""
        table = self.table()
        table.caption = None
        lines = text(table).splitlines()
        more = [f"... and {len(lines) - SCREEN} lines more"] if len(lines) > SCREEN else []
        return "\n".join([*lines[:SCREEN], *more])

    @property
    def differences(self) -> pd.DataFrame:
        """Paired differences from the baseline: a row a regime and metric, with its title and unit.

        ``attrs["units"]`` names the unit of each column.
        """
        table = self.tables.differences.reset_index()
        metrics = [METRICS.get(str(name)) for name in table["metric"]]
        for place, key in ((2, "title"), (3, "unit")):
            table.insert(place, key, [getattr(metric, key, "") for metric in metrics])
        measured = {"mean", "low", "high", "controlled_mean", "controlled_low", "controlled_high"}
        table.attrs["units"] = {
            str(name): "that of the metric, in the column unit" for name in table if name in measured
        }
        return table

    @property
    def outcomes(self) -> pd.DataFrame:
        """What came of each replication under each regime: a row a replication and regime, a column a metric.

        ``attrs["units"]`` names the unit of each column, ``attrs["titles"]`` what it is.
        """
        table = self.tables.evidence.values.reset_index()
        known = {name: METRICS[name] for name in map(str, table.columns) if name in METRICS}
        table.attrs["units"] = {name: metric.unit for name, metric in known.items()}
        table.attrs["titles"] = {name: metric.title for name, metric in known.items()}
        return table

    def to_json(self) -> dict[str, Any]:
        """Scenario, seed, replications; mean and 95 % interval of each metric by regime; paired differences,
        where there are controls with the controlled estimate.

        Numbers have ten digits; what is undefined is ``None``.  The same for any number of workers.
        """
        stated: dict[str, Any] = {
            "scenario": self.scenario.scenario,
            "seed": self.scenario.seed,
            "replications": self.scenario.replications,
            "regimes": {name: _metrics(self.tables.summary, name) for name in self.tables.regimes},
            "differences": {
                name: _metrics(self.tables.differences, name)
                for name in self.tables.regimes
                if name != self.tables.baseline
            },
        }
        if self.tables.learned:
            stated["learned"] = {name: as_rows(table) for name, table in self.tables.learned.items()}
        if len(self.tables.evolved):
            stated["evolved"] = {name: self._evolved(name) for name in self.tables.regimes}
        return stated

    def _evolved(self, regime: str) -> dict[str, Any]:
        """One regime at the mix evolution reaches: strategies, metrics there, change from the initial mix."""
        rows = self.tables.survivors[self.tables.survivors["regime"] == regime]
        metrics = pd.DataFrame(self.tables.evolved.xs(regime, level="regime"))
        return {
            "strategies": {
                row["strategy"]: {
                    "share": ten_digits(row["share"]),
                    "ci95": [ten_digits(row["low"]), ten_digits(row["high"])],
                }
                for row in rows.to_dict("records")
            },
            "metrics": {
                str(metric): {
                    part: {
                        "mean": ten_digits(row[part]),
                        "ci95": [ten_digits(row[f"{part}_low"]), ten_digits(row[f"{part}_high"])],
                    }
                    for part in ("static", "evolved", "difference")
                }
                for metric, row in metrics.to_dict("index").items()
            },
        }

    def table(self) -> Table:
        """The frontier, delay and deadlock with 95 % intervals; one regime alone: its distribution.

        Law in force first, then other texts, then yardsticks; in each the least real cost first.
        """
        if len(self.tables.evolved):
            return self.evolution()
        if self.tables.learned:
            return self.learned()
        if len(self.tables.order) == 1:
            return self.distribution(self.tables.order[0])
        table = self._blank(
            "* baseline. Of each dollar due (E): K is lost to everyone (talks, suits, margin, output), "
            "U is not paid, O is paid beyond what was due; delay is in U."
        )
        table.add_column("Regime")
        chosen = PARTICIPATION if PARTICIPATION[-1] in self.tables.beside else ()
        shown = SHOWN | {name: name for name in chosen}
        for column, metric in shown.items():
            head = upper_first(label(column))
            table.add_column(f"{head}\n{unit(METRICS[metric].unit)}", justify="right")
        table.add_column("Status")
        last = kind(self.tables.regimes[self.tables.order[0]])
        for name in self.tables.order:
            regime = self.tables.regimes[name]
            if kind(regime) != last:
                table.add_section()
                last = kind(regime)
            status = spoken(LegalStatus(regime.status).name)
            cells = (self._cell(name, metric) for metric in shown.values())
            table.add_row(f"{name} *" if name == self.tables.baseline else name, *cells, status)
        return table

    def evolution(self) -> Table:
        """The regimes at the initial mix and at the one evolution reaches, with intervals of the latter."""
        table = self._blank("* baseline; initial mix > mix that evolution reaches [95 % interval]")
        table.add_column("Regime")
        for metric in EVOLVED:
            table.add_column(
                f"{upper_first(METRICS[metric].title)}\n{unit(METRICS[metric].unit)}", justify="right"
            )
        cells = self.tables.evolved.to_dict("index")
        for name in self.tables.order:
            label = f"{name} *" if name == self.tables.baseline else name
            row = []
            for metric in EVOLVED:
                of, cell = METRICS[metric].unit, cells[name, metric]
                between = interval(cell["evolved_low"], cell["evolved_high"], of)
                row.append(f"{value(cell['static'], of)} > {value(cell['evolved'], of)} {between}".rstrip())
            table.add_row(label, *row)
        return table

    def learned(self) -> Table:
        """The regimes at given conduct, at the menu's long run and where parties have learned."""
        table = self._blank(
            "* baseline; given conduct > the menu's long run > learned (lowest to highest of the ends). "
            "Apart: ends that differ, of so many starts. Gain: what searches gain at each stage, learned: of "
            "the end from which it is most, % of what is due, with a simultaneous 95 % interval: a lower "
            "bound within the space searched. At most: the highest upper end of any deviation. Rests on "
            "commitment: ends at which a kind gains more than 1 % by switching once in mid-case"
        )
        credible = CREDIBLE in set(self.tables.learned["equilibria"]["stage"])
        heads = ["Regime", *["May choose"] * credible]
        heads += [f"{upper_first(METRICS[name].title)}\n{unit(METRICS[name].unit)}" for name in PLANE]
        for head in [*heads, "Apart", "Certified", "Gain", "At most", "Rests on commitment"]:
            table.add_column(head)
        for row in learned_rows(self.tables.learned, self.tables.order):
            label = f"{row['regime']} *" if row["regime"] == self.tables.baseline else row["regime"]
            table.add_row(
                label, *[row["may_choose"]] * credible, *(row[name] for name in (*PLANE, *LEFT, RESTS))
            )
        return table

    def distribution(self, regime: str) -> Table:
        """One regime: mean, 95 % interval, and how outcomes spread over replications."""
        table = self._blank(f"{regime}; quantiles over replications")
        for head in ("Outcome", "Unit"):
            table.add_column(head)
        for head in ("Mean [95 % interval]", "5 %", "Median", "95 %"):
            table.add_column(head, justify="right")
        values = self.tables.evidence.values.xs(regime, level="regime")
        for name in (*SPREAD, *self.tables.beside):
            metric = METRICS[name]
            points = (
                value(point, metric.unit) for point in values[name].quantile([0.05, 0.5, 0.95]).tolist()
            )
            table.add_row(upper_first(metric.title), unit(metric.unit), self._cell(regime, name), *points)
        return table

    def _blank(self, caption: str) -> Table:
        count = self.scenario.replications
        title = f"{self.scenario.title} ({count} replication{'s' * (count > 1)}, seed {self.scenario.seed})"
        notes = "\n".join([caption, *self.tables.cautions])
        return Table(title=title, title_justify="left", caption=notes, caption_justify="left")

    def _cell(self, regime: str, metric: str) -> str:
        measured = METRICS[metric].unit
        mean, low, high = (
            number(self.tables.summary, regime, metric, key) for key in ("mean", "low", "high")
        )
        return f"{value(mean, measured)} {interval(low, high, measured)}".rstrip()


def _metrics(table: pd.DataFrame, regime: str) -> dict[str, dict[str, Any]]:
    rows = table.xs(regime, level="regime")[["mean", "low", "high"]]
    stated: dict[str, dict[str, Any]] = {
        metric: {"mean": ten_digits(mean), "ci95": [ten_digits(low), ten_digits(high)]}
        for metric, (mean, low, high) in zip(rows.index, rows.to_numpy().tolist(), strict=True)
    }
    if "controlled_low" in table:
        names = [f"controlled_{part}" for part in ("mean", "low", "high")]
        beside = pd.DataFrame(table.xs(regime, level="regime"))[names].dropna()
        for metric, numbers in zip(beside.index, beside.to_numpy().tolist(), strict=True):
            mean, low, high = map(ten_digits, numbers)
            stated[metric]["controlled"] = {"mean": mean, "ci95": [low, high]}
    return stated
