"""Learned equilibria of a scenario's regimes as tables: what is played, how sure that is, what it changes."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import Any

import pandas as pd
from rich.table import Table

from simulator.evolution.game import plan
from simulator.evolution.learned.certificate import Certificate, Deviation, Recall, percent
from simulator.evolution.learned.checks import binding, commitment, in_market
from simulator.evolution.learned.coding import Coding
from simulator.evolution.learned.contest import LicensingContest, StrategyMix
from simulator.evolution.learned.double_oracle import Learned
from simulator.evolution.learned.regime import (
    PLACES,
    LearnedRegime,
    LearningPlan,
    learn_regime,
    market_at,
    metrics_at,
)
from simulator.evolution.learned.stages import (
    CREDIBLE,
    LEARNED,
    MENU,
    OWN,
    PLANE,
    QUANTAL,
    RECALL,
    START,
    WITH,
    WITHOUT,
    Played,
    certified_of,
    equilibria_table,
    outcome_table,
    ranking_table,
)
from simulator.evolution.learned.words import commitments, nearest, told
from simulator.spec.scenario import Scenario
from simulator.spec.strategy import Strategy
from simulator.writing.formats import as_rows, records

INSIDE = 40
"""Markets in which deviations are played once more."""


@dataclass(frozen=True)
class LearnedTables:
    """What was learned under every regime of a scenario; every table is computed when first asked for."""

    scenario: Scenario
    how: LearningPlan
    regimes: Mapping[str, LearnedRegime]
    workers: int = 1
    credible: Mapping[str, LearnedRegime] = field(default_factory=dict)
    """The same learned without what commits a party beyond belief; empty if not asked for."""
    written: list[Path] = field(default_factory=list)

    def every(self) -> Iterator[tuple[str, str, LearnedRegime, Learned[Strategy]]]:
        """Each end of learning: regime, stage (with or without commitments), what was learned, the end."""
        for stage, regimes in ((LEARNED, self.regimes), (CREDIBLE, self.credible)):
            for name, learned in regimes.items():
                for end in learned.ends:
                    yield name, stage, learned, end

    @cached_property
    def strategies(self) -> pd.DataFrame:
        """Each strategy of each equilibrium: share, words, nearest named strategy, what is not credible.

        ``not_credible``: a floor, or never suing, where it binds; ``binds``: the share of the strategy's
        negotiations that would come to something else without it.
        """
        rows = []
        for name, stage, learned, end in self.every():
            known = [kind.known for kind in learned.contest.kinds]
            told = conduct_rows(learned.contest, learned.mixes(end), learned.credible, known)
            rows += [{"regime": name, "stage": stage, "start": end.start.name, **row} for row in told]
        return pd.DataFrame(rows)

    @cached_property
    def certificates(self) -> pd.DataFrame:
        """By regime and start: rounds, gain of the best search with its interval, recall, if it passed.

        First, of each regime, what is left to gain at the stages before learning.
        """
        given: dict[str, list[dict[str, Any]]] = {
            name: [
                {"regime": name, "stage": stage, "start": "", **certificate_cells(learned.contest, one)}
                for stage, one in learned.given.items()
            ]
            for name, learned in self.regimes.items()
        }
        rows = []
        for name, stage, learned, end in self.every():
            rows += given.pop(name, [])
            rows.append({"regime": name, "stage": stage, **certificate_row(learned, end)})
        return pd.DataFrame(rows)

    @cached_property
    def played(self) -> Played:
        """Every metric by replication at (regime, stage, equilibrium)."""
        span, tasks = range(self.scenario.replications), []
        for name, learned in self.regimes.items():
            alone = learned.plan.scenario
            tasks.append(((name, START, ""), alone))
            tasks.append(((name, MENU, ""), market_at(alone, learned.menu_mixes())))
        for name, stage, learned, end in self.every():
            mixes = {stage: learned.mixes(end)}
            if stage == LEARNED:
                mixes[QUANTAL] = learned.quantal_mixes(end)
            alone = learned.plan.scenario
            tasks += [((name, where, end.start.name), market_at(alone, mix)) for where, mix in mixes.items()]
        with ThreadPoolExecutor(max_workers=max(1, self.workers)) as pool:
            values = list(pool.map(lambda task: metrics_at(task[1], span), tasks))
        return {where: value for (where, _), value in zip(tasks, values, strict=True)}

    @cached_property
    def outcomes(self) -> pd.DataFrame:
        """Every metric at each stage, for what is learned at each equilibrium, with t intervals."""
        return outcome_table(self.played)

    @cached_property
    def equilibria(self) -> pd.DataFrame:
        """By regime: from how many starts was learned, how many passed, how many ends lie apart."""
        return equilibria_table(self.played, self.certificates)

    @cached_property
    def rankings(self) -> pd.DataFrame:
        """Whether one regime beats another, at each stage; where learned, at every pair of equilibria."""
        return ranking_table(self.played, PLANE, certified_of(self.certificates))

    @cached_property
    def commitment(self) -> pd.DataFrame:
        """What each kind gains where it may switch in mid-case, at each equilibrium."""
        tables = []
        with ThreadPoolExecutor(max_workers=max(1, self.workers)) as pool:
            for name, stage, learned, end in self.every():
                table = commitment(learned.contest, learned.mixes(end), run=pool.map)
                tables.append(_placed(table, name, stage, end.start.name))
        return pd.concat(tables, ignore_index=True)

    @cached_property
    def market(self) -> pd.DataFrame:
        """The deviations that searches found, played by one firm inside the market at each equilibrium."""
        tables = []
        span = range(min(INSIDE, self.scenario.replications))
        with ThreadPoolExecutor(max_workers=max(1, self.workers)) as pool:
            for name, stage, learned, end in self.every():
                best = best_of_kinds(end.certificate)
                table = in_market(learned.plan.scenario, learned.mixes(end), best, span, run=pool.map)
                if best:
                    tables.append(_placed(table, name, stage, end.start.name))
        return pd.concat(tables, ignore_index=True) if tables else pd.DataFrame()

    def learned_strategies(self) -> list[Strategy]:
        """Every strategy that was learned, with its name, once."""
        every: dict[str, Strategy] = {}
        for _, _, learned, end in self.every():
            for mix in learned.mixes(end):
                new = (one for one in mix.strategies if "_learned_" in one.strategy)
                every.update((one.strategy, one) for one in new if one.strategy not in every)
        return list(every.values())

    def tables(self) -> dict[str, pd.DataFrame]:
        """Every table that has rows, by name."""
        made = {
            "learned_strategies": self.strategies,
            "certificates": self.certificates,
            "equilibria": self.equilibria,
            "learned_outcomes": self.outcomes,
            "rankings": self.rankings,
            "commitment": self.commitment,
            "in_market": self.market,
        }
        return {name: table for name, table in made.items() if len(table)}

    def to_json(self) -> dict[str, Any]:
        """Scenario, how it was learned, and every table as lists of rows."""
        return {
            "scenario": self.scenario.scenario,
            "seed": self.scenario.seed,
            "starts": self.how.starts,
            "credible": self.how.credible,
            **{name: as_rows(table) for name, table in self.tables().items()},
        }

    def compared(self) -> dict[str, pd.DataFrame]:
        """The tables that a comparison of regimes shows, by name."""
        return {
            "equilibria": self.equilibria,
            "learned_outcomes": self.outcomes,
            "certificates": self.certificates,
            "learned_strategies": self.strategies,
            "rankings": self.rankings,
            "commitment": self.commitment,
        }

    def table(self) -> Table:
        """By regime and equilibrium: deadlock and efficiency at the three stages, gain, what it rests on."""
        table = Table(
            title=f"{self.scenario.title}: learned equilibria (seed {self.scenario.seed})",
            title_justify="left",
            caption="% of negotiations, % of E, at the start > the menu's long run > learned; gain: what the "
            "best of the searches found at each stage, % of what is due, with a simultaneous 95 % interval: "
            "a lower bound within the space searched; upper: the highest upper end, of known strategies too",
            caption_justify="left",
        )
        heads = [
            "Regime",
            "Learned from",
            "Deadlock",
            "Efficiency",
            "Gain",
            "Upper",
            "Certificate",
            "Rests on commitment",
        ]
        heads[2:2] = ["Commitments"] if self.credible else []
        for head in heads:
            table.add_column(head)
        means = self.outcomes.set_index(["regime", "stage", "equilibrium", "metric"])["mean"]
        left = {(row["regime"], row["stage"]): row for row in records(self.equilibria)}
        for row in records(self.certificates[~self.certificates["stage"].isin(PLACES)]):
            name, stage, start = row["regime"], row["stage"], row["start"]
            cells = [WITHOUT if stage == CREDIBLE else WITH] if self.credible else []
            for metric in PLANE:
                stages = ((START, ""), (MENU, ""), (stage, start))
                cells.append(" > ".join(f"{100 * means[name, *one, metric]:.0f}" for one in stages))
            own = self.commitment
            own = own[(own["regime"] == name) & (own["stage"] == stage) & (own["start"] == start)]
            rests = own["rests_on_commitment"].any()
            gain = stage_gains(left[name, stage] | row)
            passed = "passed" if row["passed"] else "no certificate"
            upper = percent(row["upper"])
            table.add_row(str(name), str(start), *cells, gain, upper, passed, "rests on it" if rests else "")
        return table


def conduct_rows(
    contest: LicensingContest,
    mixes: Sequence[StrategyMix[Strategy]],
    credible: Sequence[Coding],
    named: Sequence[Sequence[Strategy]],
) -> list[dict[str, Any]]:
    """What each kind plays, a row a strategy: share, words, the nearest of the ``named``, what binds it."""
    rows = []
    bound = binding(contest, mixes, credible)
    for kind, mix, binds, known in zip(contest.kinds, mixes, bound, named, strict=True):
        space = contest.codings[kind.side]
        for strategy, share, often in zip(mix.strategies, mix.shares.tolist(), binds.tolist(), strict=True):
            near, away = nearest(strategy, known, space)
            rows.append({
                "side": strategy.party,
                "kind": kind.name,
                "strategy": strategy.strategy,
                "share": share,
                "told": told(strategy, space),
                "nearest": near,
                "distance": away,
                "not_credible": "; ".join(commitments(strategy, space)) if often > 0 else "",
                "binds": often,
            })  # fmt: skip
    return rows


def certificate_row(learned: LearnedRegime, end: Learned[Strategy]) -> dict[str, Any]:
    """How an end of learning was reached and what its certificate says, as a row of a table.

    ``gain`` with its interval: of the search that gained most; ``upper``: the highest upper end of all
    deviations, of known strategies too, which a certificate bounds.
    """
    row: dict[str, Any] = {
        "start": end.start.name,
        "rounds": len(end.rounds),
        "known_strategies": sum(map(len, end.pools)),
        "equilibria_of_known": len(end.equilibria),
        "negotiations": end.rounds[-1].negotiations if end.rounds else 0,
    }
    return row if end.certificate is None else row | certificate_cells(learned.contest, end.certificate)


def certificate_cells(contest: LicensingContest, certificate: Certificate[Strategy]) -> dict[str, Any]:
    """What a certificate says, as cells of a row."""
    cells: dict[str, Any] = {}
    if certificate.deviations:
        known, most = certificate.largest(known=True), certificate.largest()
        if most is not None:
            cells |= {"gain": most.gain, "low": most.low, "high": most.high}
            cells["kind"] = contest.kinds[most.kind].name
        cells |= {
            "upper": certificate.upper,
            "known_gain": known.gain if known else float("nan"),
            "known_low": known.low if known else float("nan"),
            **_recall_cells(certificate.recall),
            "passed": certificate.passed,
            "searches": OWN,
            "said": certificate.text(),
        }
    return cells


def _recall_cells(recall: Recall | None) -> dict[str, float]:
    value, ends = (math.nan, (math.nan, math.nan)) if recall is None else (recall.value, recall.interval)
    return dict(zip(RECALL, (value, *ends), strict=True))


def stage_gains(row: Mapping[str, Any]) -> str:
    """What searches gain at the start, in the menu's long run (where that was looked at), and at an end."""
    before = [row.get("gain_at_start"), row.get("gain_in_long_run")]
    return " > ".join([*(percent(gain) for gain in before if pd.notna(gain)), gain_cell(row)])


def gain_cell(row: Mapping[str, Any]) -> str:
    """A gain with its interval."""
    return f"{percent(row['gain'])} [{percent(row['low'])}, {percent(row['high'])}]"


def best_of_kinds(certificate: Certificate[Strategy] | None) -> list[Deviation[Strategy]]:
    """The deviation of each kind that gains most, of those that searches found."""
    best: dict[int, Deviation[Strategy]] = {}
    for one in () if certificate is None else certificate.deviations:
        if not one.known and (one.kind not in best or one.gain > best[one.kind].gain):
            best[one.kind] = one
    return list(best.values())


def _placed(table: pd.DataFrame, regime: str, stage: str, start: str) -> pd.DataFrame:
    """A table with the place it is of in front."""
    for name, value in (("start", start), ("stage", stage), ("regime", regime)):
        table.insert(0, name, value)
    return table


def learned_tables(
    scenario: Scenario,
    how: LearningPlan,
    *,
    folder: Path | None = None,
    workers: int = 1,
    progress: Callable[[str], None] | None = None,
) -> LearnedTables:
    """Learn under every regime of a scenario; ``progress`` hears of each start.

    Where ``how`` says credible, every regime is learned once more without what commits a party beyond belief.
    """
    for law in scenario.regimes:  # what cannot be learned is said before anything is
        plan(scenario, law.regime)

    def learned(credible: bool) -> dict[str, LearnedRegime]:
        own = replace(how, credible=credible)
        return {
            law.regime: learn_regime(scenario, law.regime, own, folder=folder, workers=workers, told=progress)
            for law in scenario.regimes
        }

    return LearnedTables(scenario, how, learned(False), workers, learned(True) if how.credible else {})
