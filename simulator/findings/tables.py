"""The tables behind the report: the data of every figure, as figures draw it and readers download it.

Regimes stand in the order of efficiency, best first, in every table.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd
from scipy import stats

from simulator.findings.compare import LEVEL, cautions, cube, differences, summarise
from simulator.findings.evidence import Evidence
from simulator.findings.measures import kaplan_meier, weigh
from simulator.findings.negotiations import Values
from simulator.findings.outcomes import words
from simulator.spec.regime import Regime
from simulator.vocabulary import Cause, Fault, party_of_fault

ENDS = (
    "end_negotiated",
    "end_settled_in_court",
    "end_court_rate",
    "end_injunction_licence",
    "end_exit",
    "end_unlicensed",
)
CAUSES = tuple(f"deadlock_{cause}" for cause in words(Cause)[1:])
ACCOUNT = (
    "paid_as_agreed",
    "paid_by_court",
    "hold_out_index",
    "hold_up_index",
    "cost_share_holder",
    "cost_share_implementer",
    "cost_share_public",
    "margin_lost_share",
    "output_lost_share",
)
WEIGHTS = (0.0, 0.25, 0.5, 0.75, 1.0)
RATE_EDGES = np.round(np.arange(0, 3.01, 0.1), 1)


@dataclass(frozen=True)
class Tables:
    """Every table of a comparison, computed when first asked for."""

    evidence: Evidence
    baseline: str

    @cached_property
    def summary(self) -> pd.DataFrame:
        """Index ``(regime, metric)``: mean, 95 % interval, sd, replications."""
        return summarise(self.evidence.values)

    @cached_property
    def differences(self) -> pd.DataFrame:
        """Index ``(regime, metric)``: paired differences from the baseline."""
        return differences(self.evidence.values, self.baseline)

    @cached_property
    def means(self) -> pd.DataFrame:
        """Mean of each metric: regimes x metrics."""
        return self.summary["mean"].unstack("metric").loc[self.order]

    @cached_property
    def order(self) -> list[str]:
        """The regimes by mean efficiency, best first; ties in the order of the scenario."""
        mean = self.summary["mean"].xs("efficiency", level="metric")
        return list(mean.sort_values(ascending=False, kind="stable").index)

    @cached_property
    def regimes(self) -> dict[str, Regime]:
        """The regimes by name."""
        return {regime.regime: regime for regime in self.evidence.scenario.regimes}

    def _code(self, regime: str) -> int:
        return self.evidence.setting.regimes.index(regime)

    @cached_property
    def cautions(self) -> list[str]:
        """What limits the statistics of this run, in words."""
        found = cautions(self.evidence.values)
        if self.evidence.unexplained:
            found.append(f"{self.evidence.unexplained} deadlocked negotiations carry no cause.")
        return found

    @cached_property
    def plane(self) -> pd.DataFrame:
        """Deadlock rate and efficiency with intervals and their correlation over replications."""
        table, regimes = cube(self.evidence.values[["deadlock_rate", "efficiency"]])
        rows = {}
        for regime in self.order:
            pair = table[:, regimes.index(regime), :]
            varied = len(pair) > 1 and bool(np.ptp(pair, axis=0).all())
            rows[regime] = {
                **_interval(self.summary, regime, "deadlock_rate"),
                **_interval(self.summary, regime, "efficiency"),
                "correlation": float(stats.pearsonr(*pair.T).statistic) if varied else 0.0,
                "deadlock_rate_error": _error(pair[:, 0]),
                "efficiency_error": _error(pair[:, 1]),
                "replications": len(pair),
            }
        return pd.DataFrame.from_dict(rows, orient="index").rename_axis("regime")

    @cached_property
    def levels(self) -> pd.DataFrame:
        """Deadlock rate and efficiency beside their paired differences from the baseline."""
        rows = {}
        for regime in self.order:
            row: dict[str, float] = {}
            for metric in ("deadlock_rate", "efficiency"):
                row |= _interval(self.summary, regime, metric)
                if regime != self.baseline:
                    gap = _interval(self.differences, regime, metric, f"{metric}_difference")
                    row |= gap | {f"{metric}_p_holm": number(self.differences, regime, metric, "p_holm")}
            rows[regime] = row
        return pd.DataFrame.from_dict(rows, orient="index").rename_axis("regime")

    @cached_property
    def ends(self) -> pd.DataFrame:
        """Shares of negotiations by how they ended: regimes x ends."""
        return self.means[list(ENDS)]

    @cached_property
    def causes(self) -> pd.DataFrame:
        """Shares of negotiations deadlocked by cause: regimes x causes."""
        return self.means[list(CAUSES)]

    @cached_property
    def account(self) -> pd.DataFrame:
        """Where the entitlement went, as shares of E: regimes x parts."""
        return self.means[list(ACCOUNT)]

    @cached_property
    def dynamic(self) -> pd.DataFrame:
        """Dynamic efficiency with both weights swept from 0, beside its parts: regimes x weights."""
        static, phi_h, phi_i = (self.evidence.values[name].to_numpy() for name in _DYNAMIC)
        swept = pd.DataFrame(
            {f"eps = {eps:g}": weigh(static, phi_h, phi_i, eps, eps) for eps in WEIGHTS},
            index=self.evidence.values.index,
        )
        means = swept.groupby(level="regime", sort=False).mean()
        return pd.concat([self.means[list(_DYNAMIC)], means.loc[self.order]], axis=1)

    @cached_property
    def rates(self) -> pd.DataFrame:
        """Share of negotiations by effective rate / FRAND rate: bins x regimes; first bin: nothing paid."""
        index = pd.MultiIndex.from_arrays(
            [np.r_[0, RATE_EDGES], np.r_[0, RATE_EDGES[1:], np.inf]], names=["above", "to"]
        )
        table = {}
        for regime in self.order:
            ratio = self._column(regime, "effective")
            ratio = ratio[~np.isnan(ratio)]
            place = np.searchsorted(RATE_EDGES, np.round(ratio.astype(float), 6), side="left")
            table[regime] = np.bincount(place, minlength=len(index)) / max(len(ratio), 1)
        return pd.DataFrame(table, index=index)

    @cached_property
    def rate_quantiles(self) -> pd.DataFrame:
        """Quantiles of effective rate / FRAND rate over negotiations: regimes x quantiles."""
        rows = {regime: _quantiles(self._column(regime, "effective")) for regime in self.order}
        return pd.DataFrame.from_dict(rows, orient="index").rename_axis("regime")

    @cached_property
    def survival(self) -> pd.DataFrame:
        """Share without a licence after so many months (Kaplan-Meier, pooled): months x regimes."""
        months = np.arange(int(self.evidence.setting.horizon) + 1)
        table = {}
        for regime in self.order:
            time, licensed = self._column(regime, "months"), self._column(regime, "licensed")
            curve = np.ones(len(months))
            if len(time):
                steps, surviving = kaplan_meier(time.astype(float), licensed.astype(bool))
                curve = np.r_[1.0, surviving][np.searchsorted(steps, months, side="right")]
            table[regime] = curve
        return pd.DataFrame(table, index=pd.Index(months, name="months"))

    @cached_property
    def faults(self) -> pd.DataFrame:
        """Share of negotiations in which a fault was booked: (party, fault) x regimes; unbooked left out."""
        share = self.evidence.faults / np.maximum(self.evidence.counted, 1)[:, None]
        index = pd.MultiIndex.from_tuples(
            [(party_of_fault(fault).name.lower(), fault.name.lower()) for fault in Fault],
            names=["party", "fault"],
        )
        table = pd.DataFrame(share.T, index=index, columns=list(self.evidence.setting.regimes))[self.order]
        return table[(table > 0).any(axis=1)].sort_index(level="party", sort_remaining=False)

    @cached_property
    def steps(self) -> pd.DataFrame:
        """Step at which deadlocked talks ended: one row a regime and step; shares of all its negotiations."""
        rows = []
        for regime in self.order:
            code = self._code(regime)
            for place, (name, step) in enumerate(self.regimes[regime].steps.items()):
                share = self.evidence.steps[code, place] / max(int(self.evidence.counted[code]), 1)
                rows.append((regime, place + 1, name, step.title, step.phase.name.lower(), share))
        return pd.DataFrame(rows, columns=["regime", "position", "step", "title", "phase", "share"])

    @cached_property
    def court_rates(self) -> pd.DataFrame:
        """Court rate / true FRAND rate: method, number, quantiles; only regimes whose courts set rates."""
        rows = {}
        for regime in self.order:
            ratio = self._column(regime, "court")
            ratio = ratio[~np.isnan(ratio)]
            if len(ratio):
                method = self.regimes[regime].court.rate.method.name.lower()
                rows[regime] = {"method": method, "rates set": len(ratio), **_quantiles(ratio)}
        return pd.DataFrame.from_dict(rows, orient="index").rename_axis("regime")

    @cached_property
    def drift(self) -> pd.DataFrame:
        """Median running rate / true FRAND rate by year of the licence: regimes x years."""
        kept = self.evidence.negotiations
        signed = pd.DataFrame(
            {
                "regime": kept["regime"],
                "year": kept["month"] // 12 + 1,
                "running": kept["running"].astype(float),
            }
        )[kept["licensed"]].dropna()
        median = signed.groupby(["regime", "year"])["running"].median().unstack("year")
        median.index = pd.Index([self.evidence.setting.regimes[code] for code in median.index], name="regime")
        return median.reindex(self.order)

    def _column(self, regime: str, name: str) -> Values:
        kept = self.evidence.negotiations
        column: Values = kept[name][kept["regime"] == self._code(regime)]
        return column


_DYNAMIC = ("static_efficiency", "innovation_incentive", "adoption_incentive")


def number(table: pd.DataFrame, regime: str, metric: str, column: str = "mean") -> float:
    """One number of a table indexed by regime and metric."""
    return float(table[column].to_dict()[regime, metric])


def _interval(table: pd.DataFrame, regime: str, metric: str, name: str | None = None) -> dict[str, float]:
    label = name or metric
    columns = {label: "mean", f"{label}_low": "low", f"{label}_high": "high"}
    return {key: number(table, regime, metric, column) for key, column in columns.items()}


def _quantiles(values: Values, levels: Sequence[float] = (0.05, 0.25, 0.5, 0.75, 0.95)) -> dict[str, float]:
    known = values[~np.isnan(values)]
    points = np.quantile(known, levels) if len(known) else np.full(len(levels), np.nan)
    return {f"{level:.0%}": float(point) for level, point in zip(levels, points, strict=True)}


def ellipse_radius(replications: int) -> float:
    """Radius, in standard errors, of the 95 % confidence ellipse of two means (Hotelling's T squared).

    nan below three replications.

    >>> round(ellipse_radius(1000), 2)
    2.45
    """
    if replications < 3:
        return float("nan")
    scale = 2 * (replications - 1) / (replications - 2)
    return float(np.sqrt(scale * stats.f.ppf(LEVEL, 2, replications - 2)))


def _error(values: Values) -> float:
    return float(stats.sem(values)) if len(values) > 1 else float("nan")
