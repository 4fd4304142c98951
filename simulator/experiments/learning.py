"""An experiment on laws at learned equilibria: learned once, kept as files, replayed with fresh luck.

``relearn`` learns every regime and writes the files beside the experiment; otherwise they are read: the
market is played at what was learned, and the deviations that searches found are measured again on luck that
was used for nothing else.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import Any

import pandas as pd
from rich.table import Table

from simulator.batch.estimate import searching
from simulator.errors import Problem, ScenarioError, nearest
from simulator.evolution.learned.anew import certified_anew
from simulator.evolution.learned.certificate import MOST
from simulator.evolution.learned.double_oracle import Budget
from simulator.evolution.learned.files import End, Library, as_ends, deviation_rows, kinds_of
from simulator.evolution.learned.files import write as write_files
from simulator.evolution.learned.oracle import Effort
from simulator.evolution.learned.regime import LearningPlan, foresee_searches, learn_regime
from simulator.evolution.learned.stages import (
    CREDIBLE,
    LEARNED,
    PLANE,
    RECALL,
    Played,
    certified_of,
    equilibria_table,
    outcome_table,
    ranking_table,
    searched,
)
from simulator.experiments.learned_claims import by_stage, judge
from simulator.experiments.learned_law import Law
from simulator.outcomes.further_measures import MEASURES
from simulator.spec.experiment import Experiment, LearningRules
from simulator.spec.load import load_scenario
from simulator.spec.scenario import Scenario
from simulator.writing.formats import as_rows

RANKED = (*PLANE, "dissipation", "hold_out_index", "hold_up_index", "months_to_licence")
"""Outcomes on which regimes are ranked, where the experiment looks at them."""


@dataclass
class LearningResults:
    """What an experiment found at learned equilibria."""

    experiment: Experiment
    laws: dict[str, tuple[Law, ...]]
    played: dict[str, Played]
    certificates: pd.DataFrame
    missing: list[str] = field(default_factory=list)
    outdated: list[str] = field(default_factory=list)
    changed: list[str] = field(default_factory=list)
    written: list[Path] = field(default_factory=list)

    @cached_property
    def outcomes(self) -> pd.DataFrame:
        """Every outcome at each stage of each regime on each market, with t intervals."""
        return self._by_market(lambda _, played: outcome_table(played))

    @cached_property
    def equilibria(self) -> pd.DataFrame:
        """By market, regime and stage: starts, certificates passed, ends apart, the largest gain left."""

        def of(market: str, played: Played) -> pd.DataFrame:
            own = self._measured(market)
            return equilibria_table(played, own) if len(own) else pd.DataFrame()

        return self._by_market(of)

    @cached_property
    def rankings(self) -> pd.DataFrame:
        """By market: which of two regimes is better at each stage, and whether that survives all three.

        Of regimes learned from as many starts each: fewer ends would agree more easily.
        """
        looked = [name for name in RANKED if name in self.experiment.outcomes]

        def of(market: str, played: Played) -> pd.DataFrame:
            table = ranking_table(played, looked, certified_of(self._measured(market)))
            starts = Counter(regime for regime, stage, _ in played if stage == LEARNED)
            alike = [starts[row["first"]] == starts[row["second"]] for row in as_rows(table)]
            return table[alike]

        return self._by_market(of)

    @cached_property
    def deviations(self) -> pd.DataFrame:
        """What each kind gained at each end when it was searched: by itself, in the market, by a switch.

        ``inside``: the deviation of one firm in the running market; ``regret``: of the best switch in
        mid-case, at ``month``; ``rests_on_commitment``: it is above 1 % by 1.96 standard errors.
        """
        every = (law for laws in self.laws.values() for law in laws)
        rows = (deviation_rows(law.scenario, end) for law in every for end in law.ends)
        return pd.DataFrame([row for own in rows for row in own])

    @property
    def unsearched(self) -> list[tuple[str, str]]:
        """Market and regime where ends were not searched anew since they were learned."""
        if not len(self.certificates):
            return []
        old = self.certificates[~searched(self.certificates)]
        return list(dict.fromkeys(zip(old["market"], old["regime"], strict=True)))

    @property
    def certified(self) -> set[tuple[str, str, str]]:
        """The certified ends: market, regime and start."""
        return {(name, *end) for name in self.laws for end in certified_of(self._measured(name))}

    def _measured(self, market: str) -> pd.DataFrame:
        """The gains of a market's ends as measured again; certified is an end that passes both times.

        None is that was learned under other rules than are played.
        """
        own = self.certificates
        own = own[own["market"] == market] if len(own) else own
        if not len(own):
            return own
        outdated = [law.regime for law in self.laws[market] if law.outdated]
        passed = own["passed"].eq(True) & (own["upper_again"] < MOST) & ~own["regime"].isin(outdated)
        return own.reindex(columns=["regime", "stage", "start", *RECALL, "searches"]).assign(
            passed=passed.tolist(),
            **{end: own[f"{end}_again"] for end in ("gain", "low", "high", "upper")},
        )

    @cached_property
    def strategies(self) -> pd.DataFrame:
        """What each kind of firm plays at each end, in words, with what in it is not credible."""
        every = ((market, law) for market, laws in self.laws.items() for law in laws)
        return pd.DataFrame([{"market": market, **row} for market, law in every for row in law.told])

    @cached_property
    def hypotheses(self) -> pd.DataFrame:
        """The claims, tested at every pair of ends on the experiment's own market."""
        return judge(self.experiment, self._own)

    @cached_property
    def contrasts(self) -> pd.DataFrame:
        """The contrasts of the claims at each stage, and at certified ends alone."""
        return by_stage(self.experiment, self._own, certified_of(self._measured(self._market)))

    @property
    def _own(self) -> Played:
        return self.played[self._market]

    @property
    def _market(self) -> str:
        return self.experiment.scenario.market.market

    def _by_market(self, made: Callable[[str, Played], pd.DataFrame]) -> pd.DataFrame:
        tables = []
        for market, played in self.played.items():
            table = made(market, played)
            if len(table):
                tables.append(table.assign(market=market)[["market", *table.columns]])
        return pd.concat(tables, ignore_index=True) if tables else pd.DataFrame()

    def tables(self) -> dict[str, pd.DataFrame]:
        """Every table that has rows, by name."""
        made = {
            "hypotheses": self.hypotheses,
            "contrasts": self.contrasts,
            "equilibria": self.equilibria,
            "certificates": self.certificates,
            "deviations": self.deviations,
            "learned_outcomes": self.outcomes,
            "rankings": self.rankings,
            "learned_strategies": self.strategies,
        }
        return {name: table for name, table in made.items() if len(table)}

    def to_json(self) -> dict[str, Any]:
        """The experiment and its tables as rows."""
        rows = {name: as_rows(table) for name, table in self.tables().items()}
        return {"experiment": self.experiment.experiment, "seed": self.experiment.scenario.seed, **rows}

    def table(self) -> Table:
        """By market and regime: deadlock and efficiency at each stage, gain left, ends apart."""
        from simulator.experiments.learning_text import summary

        table = Table(title=self.experiment.title, title_justify="left")
        heads, rows = summary(self)
        for head in heads:
            table.add_column(head)
        for row in rows:
            table.add_row(*row)
        return table

    def text(self) -> str:
        """The answer as Markdown."""
        from simulator.experiments.learning_text import answer

        return answer(self)


def learning_of(experiment: Experiment) -> LearningRules:
    """How the experiment learns."""
    return experiment.learning or LearningRules()


def folder_of(experiment: Experiment) -> Path:
    """Where what was learned is kept: beside the experiment's file."""
    return experiment.beside("learned") or Path("learned")


def markets(experiment: Experiment) -> Iterator[tuple[Scenario, tuple[str, ...]]]:
    """Each scenario with the regimes learned on it: the experiment's own, then further ones.

    Raises ``ScenarioError`` where a market has a regime that the experiment does not.
    """
    base, how = experiment.scenario, learning_of(experiment)
    known = {law.regime: law for law in base.regimes}
    named = [(f"credible[{place}]", name) for place, name in enumerate(how.credible)]
    named += [(f"markets.{market}", name) for market, names in how.markets.items() for name in names]
    for where, name in named:
        if name not in known:
            rule = nearest(name, known)
            raise ScenarioError(
                Problem(experiment.experiment, None, f"learning.{where}", f"got {name}", rule)
            )
    yield base, tuple(known)
    for name, regimes in how.markets.items():
        laws = tuple(known[one] for one in regimes)
        update = {"regimes": laws, "baseline": laws[0].regime, "seed": base.seed, "set": base.set}
        there = load_scenario(name).model_copy(update=update | {"replications": base.replications})
        yield there, regimes


def relearn(
    experiment: Experiment,
    only: Collection[str] = (),
    *,
    certify: bool = False,
    into: Path | None = None,
    kept: Path | None = None,
    workers: int = 1,
    progress: Callable[[str], None] | None = None,
) -> list[Path]:
    """Learn every regime on every market and write the files beside the experiment; returns them.

    ``into``: a folder in place of that; ``only``: the regimes to learn, on every market or on one
    (``market/regime``), where the others stay as their files have them; ``certify``: what was learned stays
    too, and is searched anew for what it leaves to gain.  What is in ``kept`` by its hash is not learned
    again, so an interrupted run goes on.  Raises ``ScenarioError`` where a regime of ``only`` is none of the
    experiment's, or a file that is to stay is not there.
    """
    how, learned = learning_of(experiment), []
    named(experiment, only)
    library = Library.read(folder_of(experiment)) if only or certify else None
    effort = Effort(negotiations=how.search)
    budget = Budget(how.rounds, how.tolerance, how.cells, how.searches, effort)
    asked = LearningPlan(starts=how.starts, budget=budget, replications=how.report)
    where: dict[str, Any] = {"folder": kept, "workers": workers, "told": progress}
    _foresee(experiment, only, asked, workers, progress, certify=certify)
    for scenario, regimes in markets(experiment):
        for regime in regimes:
            alone, ends = scenario.under(regime), []
            anew = not only or _anew(only, scenario, regime)
            if library is not None and (certify or not anew):
                ends = library.ends(alone, regime)
            if anew and certify:
                ends = certified_anew(alone, regime, ends, asked, **where)
            elif anew:
                credible = scenario is experiment.scenario and regime in how.credible
                ends = _learned(alone, regime, asked, credible=credible, **where)
            learned.append((scenario, regime, ends))
    return write_files(into or folder_of(experiment), learned)


def _foresee(
    experiment: Experiment,
    only: Collection[str],
    asked: LearningPlan,
    workers: int,
    told: Callable[[str], None] | None,
    *,
    certify: bool,
) -> None:
    """Say how long searches take at most: what they find is played beside that."""
    if certify:
        asked = replace(asked, budget=replace(asked.budget, rounds=0))
    again, rows = learning_of(experiment).credible, 0
    for scenario, regimes in markets(experiment):
        for regime in regimes:
            if not only or _anew(only, scenario, regime):
                twice = scenario is experiment.scenario and regime in again
                rows += (1 + twice) * asked.most(len(kinds_of(scenario)))
    foresee_searches(experiment.scenario, workers, rows, None, told)


def _learned(
    scenario: Scenario, regime: str, asked: LearningPlan, *, credible: bool, **where: Any
) -> list[End]:
    """The ends of a regime, learned; ``credible``: once more without what commits a party beyond belief."""
    ends: list[End] = []
    for without in (False, *[True] * credible):
        learned = learn_regime(scenario, regime, replace(asked, credible=without), **where)
        with ThreadPoolExecutor(max_workers=max(1, where["workers"])) as pool:
            ends += as_ends(learned, CREDIBLE if without else LEARNED, run=pool.map)
    return ends


def _placed(scenario: Scenario, regime: str) -> str:
    """A regime on a market, as ``only`` may name it."""
    return f"{scenario.market.market}/{regime}"


def _anew(only: Collection[str], scenario: Scenario, regime: str) -> bool:
    """Whether a regime is among those to learn on this market."""
    return regime in only or _placed(scenario, regime) in only


def named(experiment: Experiment, only: Collection[str]) -> None:
    """Raises ``ScenarioError`` where one of ``only`` is no regime of an experiment, nor one on a market."""
    there = [(scenario, regime) for scenario, regimes in markets(experiment) for regime in regimes]
    known = list(dict.fromkeys([*(regime for _, regime in there), *(_placed(*place) for place in there)]))
    for name in only:
        if name not in known:
            what, rule = f"{name} is no regime of this experiment", nearest(name, known)
            raise ScenarioError(Problem(experiment.experiment, None, "only", what, rule))


def play_learning(
    experiment: Experiment, *, workers: int = 1, progress: Callable[[str], None] | None = None
) -> LearningResults:
    """Play every market at what was learned, and measure what deviations gain on fresh luck."""
    for place, name in enumerate(experiment.outcomes):
        if name not in MEASURES:
            what, rule = f"got {name}", "experiments of learning look at whole metrics, without conditions"
            raise ScenarioError(Problem(experiment.experiment, None, f"outcomes[{place}]", what, rule))
    studied = list(markets(experiment))
    library = Library.read(folder_of(experiment))
    laws: dict[str, tuple[Law, ...]] = {}
    missing, outdated = [], []
    for scenario, regimes in studied:
        own = []
        for regime in regimes:
            single = scenario.under(regime)
            ends = library.ends(single, regime)
            if not ends:
                missing.append(f"{regime} on {scenario.market.market}")
            own.append(Law(single, tuple(ends)))
            if own[-1].outdated:
                outdated.append(f"{regime} on {scenario.market.market}")
        laws[scenario.market.market] = tuple(own)
    every = [law for own in laws.values() for law in own]
    count = learning_of(experiment).replications
    rows = sum(law.rows(count) for law in every)
    searching(experiment.scenario, rows).foreseen(workers, None, progress)
    with ThreadPoolExecutor(max_workers=max(1, workers)) as pool:
        played = list(pool.map(lambda law: law.played(experiment.outcomes), every))
        again = list(pool.map(lambda law: list(law.again(count)), every))
        list(pool.map(lambda law: law.told, every))
    if progress is not None:
        progress(f"{len(every)} laws played, {sum(map(len, again))} ends measured again")
    by_market: dict[str, Played] = {}
    for market, there in laws.items():
        parts = [one for law, one in zip(every, played, strict=True) if any(law is other for other in there)]
        by_market[market] = {place: values for part in parts for place, values in part.items()}
    certificates = pd.DataFrame([row for rows in again for row in rows])
    return LearningResults(experiment, laws, by_market, certificates, missing, outdated)
