"""The tables behind the report: the data of every figure, as figures draw it and readers download it.

In every table the law in force comes first, then other texts, then yardsticks; each by efficiency, best
first.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
import pandas as pd
from scipy import stats

from simulator.comparison.covariates import covariates
from simulator.comparison.frontier import frontier, ranked, switching
from simulator.comparison.ranking_note import region_note
from simulator.evolution.bootstrap import shifted
from simulator.outcomes.evidence import Evidence
from simulator.outcomes.measures import METRICS, weigh
from simulator.outcomes.negotiations import Values
from simulator.outcomes.rows import words
from simulator.spec.regime import Regime, same_rules
from simulator.statistics.controls import controlled_differences
from simulator.statistics.dominance import dominates
from simulator.statistics.inference import best, convergence
from simulator.statistics.intervals import ROUNDING
from simulator.statistics.paired import HEADLINES, MANY, cautions, cube, differences, summarise
from simulator.statistics.survival import incidence_bands, survival_bands
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
EVOLVED = ("efficiency", "deadlock_rate", "hold_up_index", "hold_out_index", "dynamic_efficiency")
"""Metrics shown beside each other at the initial mix and at the one evolution reaches."""
ELASTICITIES = {f"all {eps:g}": (eps, eps, eps) for eps in (0.0, 0.25, 0.5, 0.75, 1.0)} | {
    "innovation alone 1": (1.0, 0.0, 0.0),
    "adoption alone 1": (0.0, 1.0, 0.0),
    "overpayment alone 1": (0.0, 0.0, 1.0),
}
"""Elasticities swept: to what holders keep, to what implementers keep, to overpayment."""
RANKED = ("efficiency", "deadlock_rate", "months_to_licence", "dynamic_efficiency")
SPREAD = ("effective_rate_over_frand", "months_to_licence", "dissipation")
LOSSES = (
    "cost_share_holder",
    "cost_share_implementer",
    "cost_share_public",
    "margin_lost_share",
    "output_lost_share",
)
DOMINATED = {"deadlock_rate": -1, "efficiency": 1, "effective_rate_over_frand": 1}
"""Outcomes whose distributions over markets are compared; +1: more dominates, as for holders' receipts."""
RATE_EDGES = np.round(np.arange(0, 3.01, 0.1), 1)


@dataclass(frozen=True)
class Tables:
    """Every table of a comparison, computed when first asked for."""

    evidence: Evidence
    baseline: str
    evolved: pd.DataFrame = field(default_factory=pd.DataFrame)
    """Metrics at the initial and at the evolved mix, index ``(regime, metric)``; empty if not asked for."""
    survivors: pd.DataFrame = field(default_factory=pd.DataFrame)
    """Share of each strategy where evolution leads, one row a regime and strategy; empty as above."""
    rankings: pd.DataFrame | None = None
    """Where rankings hold, as the experiment on it found: its table of regions; none if not at hand."""
    learned: dict[str, pd.DataFrame] = field(default_factory=dict)
    """Tables of learned equilibria by name, as ``evolution.learned.tables`` makes them; empty as above."""

    @cached_property
    def units(self) -> pd.DataFrame:
        """The values that are independent: of replications, or means of blocks where markets are so drawn.

        Index ``(replication, regime)``, the number of the block in place of that of the replication.
        """
        values, block = self.evidence.values, self.evidence.scenario.block
        if block == 1:
            return values
        number = values.index.get_level_values("replication") // block
        means = values.groupby([number, values.index.get_level_values("regime")], sort=False).mean()
        return means.rename_axis(["replication", "regime"])

    @cached_property
    def summary(self) -> pd.DataFrame:
        """Index ``(regime, metric)``: mean, 95 % interval, sd, replications."""
        return summarise(self.units)

    @cached_property
    def differences(self) -> pd.DataFrame:
        """Index ``(regime, metric)``: paired differences from the baseline, plain and ``controlled_...``.

        The latter take out what month 0 says of the markets (control variates): ``controlled_mean, _low,
        _high``, the ``controlled_gain`` in variance, and the number of ``controls``; nan where they do not
        apply (:func:`simulator.statistics.controls.controlled`).
        """
        plain = differences(self.units, self.baseline, self.alike)
        beside = controlled_differences(self.units, self.baseline, self.covariates[0])
        plain["replications_needed"] *= self.evidence.scenario.block
        return plain.join(
            beside.add_prefix("controlled_").rename(columns={"controlled_controls": "controls"})
        )

    @cached_property
    def covariates(self) -> tuple[Values, list[str]]:
        """What month 0 says of each replication's market, less what is expected, and the names."""
        if self.evidence.scenario.block > 1:  # the draws are balanced already
            return np.empty((len(self.units.index.unique("replication")), 0)), []
        replications = self.evidence.values.index.unique("replication")
        return covariates(self.evidence.scenario, [int(one) for one in replications])

    @cached_property
    def bought(self) -> dict[str, float]:
        """How many times smaller pairing, then controls make variances: medians over headline differences.

        nan where they do not apply.
        """
        chief = self.differences[self.differences["role"] == "headline"]
        return {
            "pairing": float(chief["variance_reduction"].median()),
            "controls": float(chief["controlled_gain"].median()),
            "number": float(chief["controls"].max()) if len(chief) else 0.0,
        }

    @cached_property
    def alike(self) -> list[str]:
        """The regimes with the rules of the baseline: what they differ by is nothing, for certain."""
        base = self.regimes[self.baseline]
        return [name for name, law in self.regimes.items() if name != self.baseline and same_rules(law, base)]

    @cached_property
    def means(self) -> pd.DataFrame:
        """Mean of each metric: regimes x metrics."""
        return self.summary["mean"].unstack("metric").loc[self.order]

    @cached_property
    def order(self) -> list[str]:
        """The regimes as they are shown: law in force, other texts, yardsticks; each by mean efficiency."""
        mean = self.summary["mean"].xs("efficiency", level="metric")
        return ranked({str(name): float(one) for name, one in mean.items()}, self.regimes)

    @cached_property
    def regimes(self) -> dict[str, Regime]:
        """The regimes by name."""
        return {regime.regime: regime for regime in self.evidence.scenario.regimes}

    def _code(self, regime: str) -> int:
        return self.evidence.setting.regimes.index(regime)

    @cached_property
    def cautions(self) -> list[str]:
        """What limits the statistics of this run, in words."""
        said: list[str] = []
        block = self.evidence.scenario.block
        if block > 1:
            count = len(self.units.index.unique("replication"))
            said.append(
                f"Markets are drawn as Latin hypercubes in {count} blocks of {block} replications: the block "
                "is what intervals and cautions count as one replication."
            )
        said += cautions(self.units)
        if self.evidence.unexplained:
            said.append(f"{self.evidence.unexplained} deadlocked negotiations carry no cause.")
        if len(self.survivors):
            said += shifted(self.survivors)
        if len(self.order) > 1:
            said.append(MANY)
            said.append(region_note(self.evidence.scenario, self.order[0], self.rankings))
        return said

    @cached_property
    def plane(self) -> pd.DataFrame:
        """Deadlock rate and efficiency with intervals and their correlation over replications."""
        table, regimes = cube(self.units[["deadlock_rate", "efficiency"]])
        rows = {}
        for regime in self.order:
            pair = table[:, regimes.index(regime), :]
            rows[regime] = {
                **_interval(self.summary, regime, "deadlock_rate"),
                **_interval(self.summary, regime, "efficiency"),
                "correlation": _correlation(pair),
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
    def beside(self) -> list[str]:
        """The metrics of mechanisms that this market plays and most do not."""
        return [name for name in map(str, self.evidence.values) if METRICS[name].mechanism]

    @cached_property
    def account(self) -> pd.DataFrame:
        """Where the entitlement went, as shares of E: regimes x parts."""
        return self.means[list(ACCOUNT)]

    @cached_property
    def dynamic(self) -> pd.DataFrame:
        """Dynamic efficiency with its elasticities swept from 0, beside its parts: regimes x elasticities."""
        parts = [self.evidence.values[name].to_numpy() for name in _DYNAMIC]
        swept = pd.DataFrame(
            {name: weigh(*parts, elasticities=each) for name, each in ELASTICITIES.items()},
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
    def survival(self) -> pd.DataFrame:
        """Share without a licence after so many months, and licensed by agreement and without: a row a month.

        Up to the month for which every negotiation is followed, so that none is censored.  ``share, low,
        high``: still without a licence (Kaplan-Meier); ``agreed`` and ``imposed`` with their bands: licensed
        by agreement, and by court, tribunal or under an injunction, as competing risks (Aalen-Johansen).
        """
        setting = self.evidence.setting
        months = np.arange(int(min(setting.follow_up, setting.horizon)) + 1.0)
        curves = []
        for regime in self.order:
            time, licensed, imposed, replication = (
                self._column(regime, name) for name in ("months", "licensed", "imposed", "replication")
            )
            replication = replication // self.evidence.scenario.block
            causes = [(licensed != 0) & (imposed == 0), imposed != 0]
            curve = pd.DataFrame({"regime": regime, "month": months})
            curve = curve.assign(**survival_bands(months, time, licensed, replication))
            parts = incidence_bands(months, time, causes, replication)
            for name, part in zip(("agreed", "imposed"), parts, strict=True):
                curve[name], curve[f"{name}_low"], curve[f"{name}_high"] = part.values()
            curves.append(curve)
        return pd.concat(curves, ignore_index=True)

    @cached_property
    def spread(self) -> pd.DataFrame:
        """Replications, tidy: ``metric, regime, replication, value`` in the unit of the metric."""
        wide = self.evidence.values[list(SPREAD)].reset_index()
        tidy = wide.melt(["replication", "regime"], var_name="metric")
        tidy["regime"] = pd.Categorical(tidy["regime"], self.order)
        tidy["metric"] = pd.Categorical(tidy["metric"], SPREAD)
        tidy = tidy[["metric", "regime", "replication", "value"]]
        return tidy.sort_values(["metric", "regime", "replication"], ignore_index=True)

    @cached_property
    def surplus(self) -> pd.DataFrame:
        """From benchmark to realised surplus, as shares of E: a row a regime and part.

        ``kind`` is loss (``value`` added to the running sum from ``start`` to ``stop``), total or transfer.
        """
        benchmark = self._benchmark()
        rows = []
        for regime in self.order:
            at = 0.0
            for part in LOSSES:
                loss = number(self.summary, regime, part)
                rows.append((regime, part, "loss", -loss, at, at - loss))
                at -= loss
            rows.append((regime, "realised", "total", at, 0.0, at))
            rows.append((regime, "benchmark", "level", benchmark[regime], np.nan, np.nan))
            for part, sign in (("hold_out_index", -1), ("hold_up_index", 1)):
                moved = sign * number(self.summary, regime, part)
                rows.append((regime, part, "transfer", moved, 0.0, moved))
        return pd.DataFrame(rows, columns=["regime", "part", "kind", "value", "start", "stop"])

    def _benchmark(self) -> dict[str, float]:
        """Surplus of FRAND licences at once and without cost / E; nan where no replication lost anything."""
        values = self.evidence.values
        lost = values[list(LOSSES)].sum(axis=1)
        rate = (lost / (1 - values["surplus_kept"])).where(lost != 0)
        return {str(name): float(mean) for name, mean in rate.groupby(level="regime").mean().items()}

    @cached_property
    def best(self) -> pd.DataFrame:
        """Chance of each regime to be the best on each headline outcome: a row a regime and metric."""
        table, regimes = cube(self.units[list(RANKED)])
        seed = self.evidence.scenario.seed
        if len(regimes) == 1 or len(table) == 1:
            return pd.DataFrame()
        parts = [
            best(table[:, :, j], regimes, METRICS[metric].better, seed, span=METRICS[metric].span)
            .loc[self.order]
            .assign(metric=metric)
            for j, metric in enumerate(RANKED)
        ]
        return pd.concat(parts).reset_index()

    @cached_property
    def convergence(self) -> pd.DataFrame:
        """Running mean and 95 % interval after ``n`` replications, of deadlock rate and efficiency.

        With several regimes: of the paired difference from the baseline.  A row a regime, metric and n.
        """
        table, regimes = cube(self.units[list(HEADLINES)])
        if len(regimes) > 1:
            table = table - table[:, [regimes.index(self.baseline)]]
        shown = [name for name in self.order if len(regimes) == 1 or name != self.baseline]
        parts = []
        for name in shown:
            for j, metric in enumerate(HEADLINES):
                one, values = METRICS[metric], table[:, regimes.index(name), j]
                bounds = (one.low, one.high) if len(regimes) == 1 else (-one.span, one.span)
                settled = convergence(
                    values, bounds=bounds, level=len(regimes) == 1, equal=name in self.alike
                )
                parts.append(settled.assign(regime=name, metric=metric))
        return pd.concat(parts, ignore_index=True)[["regime", "metric", "n", "mean", "low", "high"]]

    @cached_property
    def dominance(self) -> pd.DataFrame:
        """Whether a regime's outcomes over markets dominate the baseline's: regimes x outcomes, in words.

        First order: better for whoever prefers more (deadlock: less); second: for whoever also dislikes
        risk.  Declared where non-dominance is rejected at 5 %, adjusted over the cells of this table.  Empty
        with one regime or one replication.
        """
        table, regimes = cube(self.units[list(DOMINATED)])
        if len(regimes) == 1 or len(table) == 1:
            return pd.DataFrame()
        base, seed = table[:, regimes.index(self.baseline)], self.evidence.scenario.seed
        others = [regime for regime in self.order if regime != self.baseline]
        said = dominates(
            {
                (regime, metric): (table[:, regimes.index(regime), j], base[:, j], better)
                for regime in others
                for j, (metric, better) in enumerate(DOMINATED.items())
            },
            seed,
        )
        rows = {regime: {metric: said[regime, metric] for metric in DOMINATED} for regime in others}
        return pd.DataFrame.from_dict(rows, orient="index").rename_axis("regime")

    @cached_property
    def switching(self) -> pd.DataFrame:
        """What a dollar unpaid must cost society for a regime to beat the baseline (:mod:`switching`).

        Index ``(regime, loss)``: ``loss`` is ``K + w U`` (real cost and what holders are not paid) or
        ``K + w (U + O)`` (any payment that is not what was due); columns of ``Switch``, weights in dollars.
        Empty with one regime or one replication.
        """
        return switching(self.units, self.order, self.baseline)

    @cached_property
    def frontier(self) -> pd.DataFrame:
        """Real cost K and its parts, underpayment U, overpayment O, their sum, delay: a row a regime.

        See :func:`simulator.comparison.frontier.frontier`.
        """
        return frontier(self.units, self.summary, self.order, self.regimes)

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


_DYNAMIC = ("surplus_kept", "innovation_incentive", "adoption_incentive", "hold_up_index")


def number(table: pd.DataFrame, regime: str, metric: str, column: str = "mean") -> float:
    """One number of a table indexed by regime and metric."""
    return float(table[column].loc[(regime, metric)])


def _interval(table: pd.DataFrame, regime: str, metric: str, name: str | None = None) -> dict[str, float]:
    label = name or metric
    columns = {label: "mean", f"{label}_low": "low", f"{label}_high": "high"}
    return {key: number(table, regime, metric, column) for key, column in columns.items()}


def _quantiles(values: Values, levels: Sequence[float] = (0.05, 0.25, 0.5, 0.75, 0.95)) -> dict[str, float]:
    known = values[~np.isnan(values)]
    points = np.quantile(known, levels) if len(known) else np.full(len(levels), np.nan)
    return {f"{level:.0%}": float(point) for level, point in zip(levels, points, strict=True)}


def _correlation(pair: Values) -> float:
    """Of two outcomes, replications x 2: 0 where one varies by rounding alone, nan where one is undefined."""
    if bool((np.ptp(pair, axis=0) <= ROUNDING * np.abs(pair).max(axis=0)).any()):
        return 0.0
    return np.nan if np.isnan(pair).any() else float(stats.pearsonr(*pair.T).statistic)


def _error(values: Values) -> float:
    return float(stats.sem(values)) if len(values) > 1 else float("nan")
