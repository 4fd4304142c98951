"""Learning under one regime from several starts, each with its certificate; and the market that plays it."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np

from simulator.batch.estimate import searching
from simulator.engine.build import build
from simulator.engine.run import run_chunk
from simulator.errors import Problem, ScenarioError
from simulator.evolution.evolved import Adaptation, evolve
from simulator.evolution.game import GamePlan, Values, plan
from simulator.evolution.learned import stored
from simulator.evolution.learned.certificate import (
    LONGER,
    REPLICATIONS,
    Certificate,
    Recall,
    Run,
    certify,
    recall,
)
from simulator.evolution.learned.coding import Coding, coding, key
from simulator.evolution.learned.contest import LicensingContest, StrategyMix
from simulator.evolution.learned.double_oracle import GLANCE, Budget, Learned, learn_certified, starts
from simulator.evolution.learned.meta import Shares
from simulator.evolution.learned.stages import MENU, START
from simulator.evolution.learned.words import christened
from simulator.outcomes.further_measures import MEASURES
from simulator.outcomes.measures import measure
from simulator.outcomes.negotiations import Negotiations, Setting
from simulator.spec.load import load_space
from simulator.spec.scenario import Scenario
from simulator.spec.space import Space
from simulator.spec.strategy import Strategy

STARTS = 5
"""Starts of a regime: with fewer, nothing is said about how many equilibria there are."""
PLACES = {START: 6_000, MENU: 6_001}
"""Places of the stages before learning in the lots of luck of certificates, far from those of ends."""


@dataclass(frozen=True)
class LearningPlan:
    """How is learned: spaces, starts, budget, certificate.  ``credible``: without what commits a party."""

    spaces: tuple[str, ...] = ("holder", "implementer")
    starts: int = STARTS
    budget: Budget = field(default_factory=Budget)
    replications: int = REPLICATIONS
    recall_seeds: int = 20
    credible: bool = False
    relearn: bool = False
    menu: int = 256
    """Replications of a pairing of named strategies, from whose long run the first start begins."""

    def most(self, kinds: int) -> int:
        """Negotiations of searches under a regime at most, of so many kinds of firms."""
        whole, searches = self.budget.effort.negotiations, self.budget.searches
        rounds = self.budget.rounds * round(kinds * (GLANCE + searches) * whole)
        certificates = (self.starts + len(PLACES)) * kinds * searches * whole
        return self.starts * rounds + certificates + self.recall_seeds * (1 + LONGER) * whole


@dataclass(frozen=True)
class LearnedRegime:
    """What was learned under one regime: an end for each start, and the mixes of the menu's long run."""

    plan: GamePlan
    contest: LicensingContest
    ends: tuple[Learned[Strategy], ...]
    recall: Recall | None
    menu: tuple[Values, Values]
    spaces: tuple[Space, ...]
    given: Mapping[str, Certificate[Strategy]] = field(default_factory=dict)
    """What is left to gain where nobody has learned: at the market's own mixes, in the menu's long run."""

    @property
    def regime(self) -> str:
        """The name of the regime."""
        return self.plan.regime

    def space(self, kind: int) -> Coding:
        """What a kind may choose."""
        return self.contest.codings[self.contest.kinds[kind].side]

    @cached_property
    def credible(self) -> tuple[Coding, ...]:
        """What holders and implementers may choose without what commits them beyond belief."""
        return credible_codings(self.spaces, self.plan.scenario)

    def mixes(self, end: Learned[Strategy]) -> list[StrategyMix[Strategy]]:
        """What each kind plays at an end, its strategies with names of their own."""
        return self._named(end.mixes())

    def quantal_mixes(self, end: Learned[Strategy]) -> list[StrategyMix[Strategy]]:
        """The same where better strategies are only played more often."""
        return self._named(end.mixes(end.quantal))

    def _named(self, mixes: list[StrategyMix[Strategy]]) -> list[StrategyMix[Strategy]]:
        return [
            StrategyMix(
                tuple(christened(one, self.space(kind), self.regime) for one in mix.strategies), mix.shares
            )
            for kind, mix in enumerate(mixes)
        ]

    def menu_mixes(self) -> list[StrategyMix[Strategy]]:
        """What each kind plays in the menu's long run: each side its own mix, independent of the other's."""
        return [StrategyMix(kind.known, self.menu[kind.side]) for kind in self.contest.kinds]


def spaces_of(scenario: Scenario, names: Sequence[str]) -> tuple[Space, ...]:
    """The strategy spaces of both sides.  Raises ``ScenarioError`` for a side with none or two."""
    spaces = [load_space(name) for name in names]
    for party in ("holder", "implementer"):
        own = [space.space for space in spaces if space.party == party]
        if len(own) != 1:
            article = "an" if party == "implementer" else "a"
            what = f"{' and '.join(own) or 'none'} of the spaces is {article} {party}'s"
            rule = "one space a side: frandsim validate says what a space must have"
            raise ScenarioError(
                Problem(scenario.scenario, None, "spaces", what, rule, "--spaces holder,implementer")
            )
    return tuple(spaces)


def credible_codings(spaces: Sequence[Space], scenario: Scenario) -> tuple[Coding, ...]:
    """What holders and implementers may choose under a regime without what commits them beyond belief."""
    own = {space.party: coding(space.credible(), scenario) for space in spaces}
    return own["holder"], own["implementer"]


def learn_regime(
    scenario: Scenario,
    regime: str,
    how: LearningPlan,
    *,
    folder: Path | None = None,
    workers: int = 1,
    before: bool = True,
    told: Callable[[str], None] | None = None,
) -> LearnedRegime:
    """Learn under a regime from every start; what is in ``folder`` is taken from there.

    ``before``: the stages before learning are searched too.  Raises ``ScenarioError`` as
    :func:`simulator.evolution.game.plan` does.
    """
    spaces = spaces_of(scenario, how.spaces)
    if how.credible:
        spaces = tuple(space.credible() for space in spaces)
    asked = plan(scenario, regime)
    tell = told or (lambda _: None)
    menu = evolve(scenario, regime, Adaptation(budget=how.menu, resamples=2), folder=folder, workers=workers)
    long_run = menu.by_side
    kept = place(folder, asked, spaces, how)
    with ThreadPoolExecutor(max_workers=max(1, workers)) as pool:
        game = LicensingContest(asked, spaces, credible=how.credible)
        first = tuple(long_run[kind.side] for kind in game.kinds)
        there = recalled(game, _menu_mixes(game, first), how, kept, run=pool.map)
        ends = []
        for number, start in enumerate(starts(game, how.starts, asked.scenario.seed, first)):
            path = None if kept is None else kept / f"start-{number}.json"
            known = None if path is None or how.relearn else stored.read(path)
            if known is None:
                known = learn_certified(
                    game,
                    start,
                    number,
                    how.budget,
                    seed=asked.scenario.seed,
                    replications=how.replications,
                    run=pool.map,
                )
                if path is not None:
                    stored.write(path, known)
            certificate = None if known.certificate is None else replace(known.certificate, recall=there)
            known = replace(known, certificate=certificate)
            ends.append(known)
            said = "" if known.certificate is None else known.certificate.text()
            where = f"{regime}: start {number + 1} of {how.starts} ({start.name})"
            tell(f"{where}: {len(known.rounds)} rounds; {said}")
        given: dict[str, Certificate[Strategy]] = {}
        if before and not how.credible:
            searched = Searched(game, spaces, how, played_at(game, [end.mixes() for end in ends]), folder)
            given = searched.given(_menu_mixes(game, first), there, run=pool.map)
    for stage, one in given.items():
        tell(f"{regime}: {stage}: {one.text()}")
    return LearnedRegime(asked, game, tuple(ends), there, long_run, spaces, given)


def foresee_searches(
    scenario: Scenario, workers: int, count: int, out: Path | None, told: Callable[[str], None] | None
) -> None:
    """Say how long so many negotiations of searches take, where that is long."""
    searching(scenario, count, "searches alone, at most: ").foreseen(workers, out, told)


def place(folder: Path | None, asked: GamePlan, spaces: Sequence[Space], how: LearningPlan) -> Path | None:
    """Where in a folder is kept what is learned of a game in this manner."""
    name = stored.learned_hash(asked, tuple(spaces), _stated(how))
    return None if folder is None else folder / f"learned-{name}"


def _stated(how: LearningPlan) -> dict[str, Any]:
    """Of a plan, what changes what is found from one start."""
    return asdict(replace(how, relearn=False, starts=0, spaces=(), recall_seeds=0))


def recalled(
    game: LicensingContest,
    menu: Sequence[StrategyMix[Strategy]],
    how: LearningPlan,
    kept: Path | None,
    *,
    run: Run = map,
) -> Recall | None:
    """The recall of searches against the menu's long run, kept by its hash; none where no seeds are asked."""
    path = None if kept is None else kept / f"recall-{how.recall_seeds}-{stored.menu_hash(menu)}.json"
    there = None if path is None or how.relearn else stored.read_recall(path)
    if there is None and how.recall_seeds:
        known = [kind.known for kind in game.kinds]
        there = recall(game, menu, known, how.budget.effort, seeds=how.recall_seeds, run=run)
        if path is not None:
            stored.write_recall(path, there)
    return there


@dataclass(frozen=True)
class Searched:
    """How the mixes of a game are searched for deviations, and where what was searched is kept.

    Searches begin at the named strategies, and at those ``further`` ones of each kind.
    """

    game: LicensingContest
    spaces: tuple[Space, ...]
    how: LearningPlan
    further: list[list[Strategy]]
    kept: Path | None

    def certificate(
        self, number: int, mixes: Sequence[StrategyMix[Strategy]], *, run: Run
    ) -> tuple[Certificate[Strategy], str]:
        """The certificate of mixes (``number`` addresses its luck), and the hash it is kept by."""
        plan, stated = self.game.plan, _stated(self.how) | {"number": number}
        stated["further"] = [list(map(key, own)) for own in self.further]
        name = stored.certified_hash(plan, self.spaces, stated, mixes)
        path = None if self.kept is None else self.kept / f"certificate-{name}.json"
        certificate = None if path is None or self.how.relearn else stored.read_certificate(path)
        if certificate is None:
            certificate = certify(
                self.game,
                mixes,
                [kind.known for kind in self.game.kinds],
                self.how.budget.effort,
                further=self.further,
                start=number,
                seed=plan.scenario.seed,
                searches=self.how.budget.searches,
                replications=self.how.replications,
                run=run,
            )
            if path is not None:
                stored.write_certificate(path, certificate)
        return certificate, name

    def given(
        self, menu: Sequence[StrategyMix[Strategy]], recall: Recall | None, *, run: Run
    ) -> dict[str, Certificate[Strategy]]:
        """What is left to gain at the stages before learning: the market's mixes, the menu's long run.

        Of searches alone: a certificate plays no known strategy that is part of the mix, as most are here.
        """
        made = {}
        for stage, mixes in ((START, market_mixes(self.game)), (MENU, menu)):
            certificate, _ = self.certificate(PLACES[stage], mixes, run=run)
            own = tuple(one for one in certificate.deviations if not one.known)
            made[stage] = replace(certificate, deviations=own, recall=recall)
        return made


def played_at(
    game: LicensingContest, ends: Sequence[Sequence[StrategyMix[Strategy]]]
) -> list[list[Strategy]]:
    """What each kind plays at any of these ends and is not named, once each."""
    played = []
    for number, kind in enumerate(game.kinds):
        named = {key(one) for one in kind.known}
        every = {key(one): one for mixes in ends for one in mixes[number].strategies}
        played.append([one for name, one in every.items() if name not in named])
    return played


def market_mixes(game: LicensingContest) -> list[StrategyMix[Strategy]]:
    """What each kind plays in its market, where nobody has answered the law."""
    market, named = game.plan.scenario.market, game.plan.scenario.strategies
    stated = [group.strategies for group in market.holders] + [
        group.strategies for group in market.implementers
    ]
    mixes = []
    for own in stated:
        played = {name: share for name, share in own.items() if share > 0}
        shares = np.array(list(played.values())) / math.fsum(played.values())
        mixes.append(StrategyMix(tuple(named[name] for name in played), shares))
    return mixes


def _menu_mixes(game: LicensingContest, shares: Shares) -> list[StrategyMix[Strategy]]:
    played = [np.flatnonzero(share > 0) for share in shares]
    return [
        StrategyMix(tuple(kind.known[k] for k in places), share[places])
        for kind, share, places in zip(game.kinds, shares, played, strict=True)
    ]


def market_at(scenario: Scenario, mixes: Sequence[StrategyMix[Strategy]]) -> Scenario:
    """The scenario with every group at its kind's mix (holders first, in the order of the market)."""
    market, strategies = scenario.market, dict(scenario.strategies)
    played: list[dict[str, float]] = []
    for mix in mixes:
        shares: dict[str, float] = {}
        for strategy, share in zip(mix.strategies, mix.shares.tolist(), strict=True):
            strategies[strategy.strategy] = strategy
            shares[strategy.strategy] = shares.get(strategy.strategy, 0.0) + share
        total = math.fsum(shares.values())
        played.append({name: share / total for name, share in shares.items() if share > 0})
    count = len(market.holders)
    update = {
        "holders": tuple(
            group.model_copy(update={"strategies": mix})
            for group, mix in zip(market.holders, played[:count], strict=True)
        ),
        "implementers": tuple(
            group.model_copy(update={"strategies": mix})
            for group, mix in zip(market.implementers, played[count:], strict=True)
        ),
    }
    return scenario.model_copy(update={"market": market.model_copy(update=update), "strategies": strategies})


def metrics_at(scenario: Scenario, span: range, names: Iterable[str] | None = None) -> Mapping[str, Values]:
    """Metrics of a market of one regime, by replication: those named, else all that are compared."""
    rows, setting = run_chunk(build(scenario), scenario.seed, span), Setting.of(scenario)
    if names is None:
        table = measure(rows, setting)
        return {str(name): table[name].to_numpy() for name in table}
    negotiations = Negotiations(rows, setting)
    return {name: MEASURES[name].rule(negotiations) for name in names}
