"""Learned equilibria of a scenario's regimes as tables: what is played, how sure that is, what it changes."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import cached_property
from itertools import combinations
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from rich.table import Table
from scipy import stats

from simulator.evolution.evolved import LEVEL
from simulator.evolution.game import Values, plan
from simulator.evolution.learned.certificate import Deviation, percent
from simulator.evolution.learned.checks import commitment, in_market
from simulator.evolution.learned.double_oracle import determined
from simulator.evolution.learned.regime import (
    LearnedRegime,
    LearningPlan,
    learn_regime,
    market_at,
    metrics_at,
)
from simulator.evolution.learned.words import commitments, nearest, save, told
from simulator.outcomes.measures import METRICS
from simulator.spec.scenario import Scenario
from simulator.spec.strategy import Strategy
from simulator.writing.formats import as_rows

START, MENU, LEARNED, QUANTAL = "start", "menu's long run", "learned", "learned, quantal response"
"""Where an outcome is taken: the market's own mixes, where the named strategies lead, where learning does,
and there by the quantal response of the same strategies."""
PLANE = ("deadlock_rate", "efficiency")
INSIDE = 40
"""Markets in which deviations are played once more."""
MARGIN = 0.01
"""Difference of an outcome below which no regime beats another."""


@dataclass(frozen=True)
class LearnedTables:
    """What was learned under every regime of a scenario; every table is computed when first asked for."""

    scenario: Scenario
    how: LearningPlan
    regimes: Mapping[str, LearnedRegime]
    workers: int = 1
    written: list[Path] = field(default_factory=list)

    @cached_property
    def strategies(self) -> pd.DataFrame:
        """Each strategy of each equilibrium: share, words, nearest named strategy, what is not credible."""
        rows = []
        for name, learned in self.regimes.items():
            for end in learned.ends:
                for place, mix in enumerate(learned.mixes(end)):
                    kind, space = learned.contest.kinds[place], learned.space(place)
                    for strategy, share in zip(mix.strategies, mix.shares.tolist(), strict=True):
                        near, away = nearest(strategy, kind.known, space)
                        rows.append({
                            "regime": name,
                            "start": end.start.name,
                            "side": strategy.party,
                            "kind": kind.name,
                            "strategy": strategy.strategy,
                            "share": share,
                            "told": told(strategy, space),
                            "nearest": near,
                            "distance": away,
                            "not_credible": "; ".join(commitments(strategy, space)),
                        })  # fmt: skip
        return pd.DataFrame(rows)

    @cached_property
    def certificates(self) -> pd.DataFrame:
        """By regime and start: rounds, gain of the best search with its interval, recall, if it passed."""
        rows = []
        for name, learned in self.regimes.items():
            for end in learned.ends:
                row: dict[str, Any] = {
                    "regime": name,
                    "start": end.start.name,
                    "rounds": len(end.rounds),
                    "known_strategies": sum(map(len, end.pools)),
                    "equilibria_of_known": len(end.equilibria),
                    "negotiations": end.rounds[-1].negotiations if end.rounds else 0,
                }
                certificate = end.certificate
                best = None if certificate is None else certificate.largest()
                if certificate is not None and best is not None:
                    known = certificate.largest(known=True)
                    row |= {
                        "gain": best.gain,
                        "low": best.low,
                        "high": certificate.upper,
                        "kind": learned.contest.kinds[best.kind].name,
                        "known_gain": known.gain if known else float("nan"),
                        "known_low": known.low if known else float("nan"),
                        "recall": certificate.recall.value if certificate.recall else float("nan"),
                        "passed": certificate.passed,
                        "said": certificate.text(),
                    }
                rows.append(row)
        return pd.DataFrame(rows)

    @cached_property
    def played(self) -> dict[tuple[str, str, str], Mapping[str, Values]]:
        """Every metric by replication at (regime, stage, equilibrium)."""
        span, tasks = range(self.scenario.replications), []
        for name, learned in self.regimes.items():
            alone = learned.plan.scenario
            tasks.append(((name, START, ""), alone))
            tasks.append(((name, MENU, ""), market_at(alone, learned.menu_mixes())))
            for end in learned.ends:
                mixes = {LEARNED: learned.mixes(end), QUANTAL: learned.quantal_mixes(end)}
                tasks += [
                    ((name, stage, end.start.name), market_at(alone, mix)) for stage, mix in mixes.items()
                ]
        with ThreadPoolExecutor(max_workers=max(1, self.workers)) as pool:
            values = list(pool.map(lambda task: metrics_at(task[1], span), tasks))
        return {where: value for (where, _), value in zip(tasks, values, strict=True)}

    @cached_property
    def outcomes(self) -> pd.DataFrame:
        """Every metric at each stage, for what is learned at each equilibrium, with t intervals."""
        rows = []
        for (name, stage, which), values in self.played.items():
            for metric in values:
                known = values[metric][~np.isnan(values[metric])]
                mean = float(known.mean()) if len(known) else float("nan")
                reach = float("nan")
                if len(known) > 1:
                    error = float(known.std(ddof=1)) / len(known) ** 0.5
                    reach = float(stats.t.ppf((1 + LEVEL) / 2, len(known) - 1)) * error
                ends = {"mean": mean, "low": mean - reach, "high": mean + reach}
                rows.append({"regime": name, "stage": stage, "equilibrium": which, "metric": metric, **ends})
        return pd.DataFrame(rows)

    @cached_property
    def rankings(self) -> pd.DataFrame:
        """Whether one regime beats another, at each stage; learned: only if every pair of equilibria agrees.

        ``better``: the regime with less deadlock, or more efficiency; empty where that is not determined.
        """
        rows = []
        for metric in PLANE:
            for first, second in combinations(self.regimes, 2):
                row: dict[str, Any] = {"metric": metric, "first": first, "second": second}
                for stage in (START, MENU, LEARNED):
                    ours, theirs = (
                        [
                            values[metric]
                            for (name, where, _), values in self.played.items()
                            if name == one and where == stage
                        ]
                        for one in (first, second)
                    )
                    sign = determined(ours, theirs, MARGIN) * METRICS[metric].better
                    row[stage] = {1: first, -1: second}.get(sign, "")
                row["survives"] = len({row[stage] for stage in (START, MENU, LEARNED)}) == 1
                rows.append(row)
        return pd.DataFrame(rows)

    @cached_property
    def commitment(self) -> pd.DataFrame:
        """What each kind gains where it may switch in mid-case, at each equilibrium."""
        tables = []
        with ThreadPoolExecutor(max_workers=max(1, self.workers)) as pool:
            for name, learned in self.regimes.items():
                for end in learned.ends:
                    table = commitment(learned.contest, learned.mixes(end), run=pool.map)
                    table.insert(0, "start", end.start.name)
                    table.insert(0, "regime", name)
                    tables.append(table)
        return pd.concat(tables, ignore_index=True)

    @cached_property
    def market(self) -> pd.DataFrame:
        """The deviations that searches found, played by one firm inside the market at each equilibrium."""
        tables = []
        with ThreadPoolExecutor(max_workers=max(1, self.workers)) as pool:
            for name, learned in self.regimes.items():
                for end in learned.ends:
                    if end.certificate is None:
                        continue
                    best: dict[int, Deviation[Strategy]] = {}
                    for one in end.certificate.deviations:
                        if not one.known and (one.kind not in best or one.gain > best[one.kind].gain):
                            best[one.kind] = one
                    span = range(min(INSIDE, self.scenario.replications))
                    table = in_market(
                        learned.plan.scenario, learned.mixes(end), [*best.values()], span, run=pool.map
                    )
                    table.insert(0, "start", end.start.name)
                    table.insert(0, "regime", name)
                    tables.append(table)
        return pd.concat(tables, ignore_index=True) if tables else pd.DataFrame()

    def learned_strategies(self) -> list[Strategy]:
        """Every strategy that was learned, with its name, once."""
        every: dict[str, Strategy] = {}
        for learned in self.regimes.values():
            for end in learned.ends:
                for mix in learned.mixes(end):
                    new = (one for one in mix.strategies if "_learned_" in one.strategy)
                    every.update((one.strategy, one) for one in new if one.strategy not in every)
        return list(every.values())

    def save_strategies(self, folder: Path) -> list[Path]:
        """Write every learned strategy as a file that anyone can play."""
        return save(self.learned_strategies(), folder)

    def tables(self) -> dict[str, pd.DataFrame]:
        """Every table that has rows, by name."""
        made = {
            "learned_strategies": self.strategies,
            "certificates": self.certificates,
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

    def table(self) -> Table:
        """By regime and equilibrium: deadlock and efficiency at the three stages, gain, what it rests on."""
        how = "without commitments" if self.how.credible else "whole space"
        table = Table(
            title=f"{self.scenario.title}: learned equilibria ({how}, seed {self.scenario.seed})",
            title_justify="left",
            caption="% of negotiations, % of E, at the start > the menu's long run > learned; gain: what the "
            "best of the searches found, % of what is due, with a simultaneous 95 % interval: a lower bound "
            "within the space searched",
            caption_justify="left",
        )
        heads = (
            "Regime",
            "Learned from",
            "Deadlock",
            "Efficiency",
            "Gain",
            "Certificate",
            "Rests on commitment",
        )
        for head in heads:
            table.add_column(head)
        means = self.outcomes.set_index(["regime", "stage", "equilibrium", "metric"])["mean"]
        for row in self.certificates.to_dict("records"):
            name, start = row["regime"], row["start"]
            cells = []
            for metric in PLANE:
                stages = ((START, ""), (MENU, ""), (LEARNED, start))
                cells.append(" > ".join(f"{100 * means[name, *stage, metric]:.0f}" for stage in stages))
            own = self.commitment[(self.commitment["regime"] == name) & (self.commitment["start"] == start)]
            rests = own["rests_on_commitment"].any()
            gain = f"{percent(row['gain'])} [{percent(row['low'])}, {percent(row['high'])}]"
            passed = "passed" if row["passed"] else "no certificate"
            table.add_row(str(name), str(start), *cells, gain, passed, "rests on it" if rests else "")
        return table


def learned_tables(
    scenario: Scenario,
    how: LearningPlan,
    *,
    folder: Path | None = None,
    workers: int = 1,
    progress: Callable[[str], None] | None = None,
) -> LearnedTables:
    """Learn under every regime of a scenario; ``progress`` hears of each start."""
    for law in scenario.regimes:  # what cannot be learned is said before anything is
        plan(scenario, law.regime)
    regimes = {
        law.regime: learn_regime(scenario, law.regime, how, folder=folder, workers=workers, told=progress)
        for law in scenario.regimes
    }
    return LearnedTables(scenario, how, regimes, workers)
