"""Claims of an experiment at three levels of behaviour: as given, among named strategies, among free ones.

*Named*: under each law and at each point of the space imitation among the named strategies has gone where it
leads, and the market is played there.  *Free*: both sides have searched for strategies of their own; at the
default point, and at the first points of the space.  Where parties end is found once (``answer``), kept in
``answers.json`` beside the experiment's file, and replayed; claims are tested as on conduct as given.

A claim whose lever is a share of strategies has the one level, since conduct is what it is about; so has one
on a market in which a side has one strategy, or payoffs cannot be measured.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, Literal, get_args

import numpy as np
import pandas as pd

from simulator.batch.files import put
from simulator.engine.build import build
from simulator.engine.run import run_chunk
from simulator.errors import Problem, ScenarioError
from simulator.evolution.evolved import Adaptation, evolve
from simulator.evolution.game import plan
from simulator.evolution.learned.contest import StrategyMix
from simulator.evolution.learned.double_oracle import Budget
from simulator.evolution.learned.oracle import Effort
from simulator.evolution.learned.regime import LearningPlan, learn_regime, market_at
from simulator.evolution.learned.stored import strategy_of
from simulator.experiments.hypotheses import verdicts
from simulator.experiments.sweep import Sweep
from simulator.outcomes.rows import Rows
from simulator.spec.base import rules_hash
from simulator.spec.design import Cell, Design, Lever
from simulator.spec.experiment import Experiment
from simulator.spec.hypothesis import Hypothesis
from simulator.spec.regime import rules_digest
from simulator.spec.scenario import Scenario
from simulator.spec.strategy import Strategy
from simulator.statistics.inference import Verdict

FILE = "answers.json"
Level = Literal["named strategies", "free strategies", "free strategies, over the space"]
LEVELS: tuple[Level, ...] = get_args(Level)
NAMED, FREE, FREE_SPACE = LEVELS
POINTS, REPLICATIONS = 5, 40
"""Points of the space at which free strategies are learned besides the default; least replications there."""
GAME = Adaptation(budget=32, resamples=2)
"""How imitation among named strategies is followed: replications of a pairing in each pair of groups."""
LEARNING = LearningPlan(
    starts=1,
    budget=Budget(rounds=6, tolerance=0.02, cells=64, searches=1, effort=Effort(2_000, 16, 128)),
    replications=256,
    recall_seeds=0,
    menu=32,
)
"""How free ones are learned: one start, short searches; no certificate: what is left to gain is told."""
MOST_LEFT = 0.05
"""Gain left to a search, share of what is due, above which free ends turn no verdict (assumption)."""
RARE = 0.005
"""Shares below this are not kept."""


@dataclass(frozen=True)
class Behaviour:
    """Where the parties end under a law at a place of the design.

    ``under``: digest of what they answered; ``left``: what a search still gained, share of what is due.
    """

    level: Level
    regime: str
    cell: Cell
    under: str
    mixes: tuple[StrategyMix[Strategy], ...]
    left: float = float("nan")


def digest_of(scenario: Scenario) -> str:
    """64-bit BLAKE2b of all that parties answer under a scenario's law, without titles and sources."""
    parts = scenario.model_dump(mode="json", include={"market", "set", "strategies"}, exclude_defaults=True)
    return rules_hash(rules_digest(scenario.regimes[0]), parts)


def levelled(experiment: Experiment) -> tuple[Hypothesis, ...]:
    """The claims that conduct may turn: none where the levers are conduct, or nobody has a choice."""
    conduct = any(lever.strategy is not None for lever in experiment.levers)
    if conduct or experiment.evolution is not None or experiment.learning is not None:
        return ()
    try:
        game = plan(experiment.scenario, experiment.scenario.regimes[0].regime)
    except ScenarioError:
        return ()
    alone = min(len(game.holders), len(game.implementers)) < 2
    return () if alone else experiment.hypotheses


def reduced(experiment: Experiment, level: Level) -> Experiment:
    """The experiment as a level plays it: claims without controls, the laws and lever values they need.

    Named strategies meet the whole sample of points; free ones every claim at the default point, and claims
    without a lever at the first points of the sample.
    """
    claims = [claim.model_copy(update={"controls": ()}) for claim in levelled(experiment)]
    if level == FREE_SPACE:
        claims = [one for one in claims if not any(part.at for part in one.parts(experiment.levers))]
    named = {part.regime for claim in claims for part in claim.parts(experiment.levers)}
    levers = tuple(
        lever.model_copy(update={"values": _values(lever, claims, level, experiment.design)})
        for lever in experiment.levers
    )
    points: dict[str, Any] = {}
    count = experiment.scenario.replications
    if level != NAMED and not experiment.departures:
        count = max(count, REPLICATIONS)
    if level == FREE:
        points = {"uncertainties": (), "table": (), "design": Design(levers=experiment.design.levers)}
    elif level == FREE_SPACE:
        names = [one.name for one in experiment.uncertainties]
        rows = tuple(tuple(point[name] for name in names) for point in experiment.points()[:POINTS])
        points = {"table": rows, "design": Design(levers=experiment.design.levers, file="the first points")}
    baseline = experiment.scenario.baseline  # outcomes may be measured against it, whoever names it
    kept_laws = named | {baseline} if named else named
    laws = tuple(law for law in experiment.scenario.regimes if law.regime in kept_laws)
    return experiment.model_copy(
        update={
            "hypotheses": tuple(claims),
            "levers": levers,
            "scenario": experiment.scenario.model_copy(update={"regimes": laws, "replications": count}),
            "outcomes": tuple(dict.fromkeys(claim.outcome for claim in claims)) or experiment.outcomes,
            "mechanisms": None,
            "frontiers": (),
            **points,
        }
    )


def _values(lever: Lever, claims: Sequence[Hypothesis], level: Level, design: Design) -> tuple[float, ...]:
    """The values of a lever that a level needs: its ends for a slope or an average, those stated, first."""
    ends = {lever.values[0], lever.values[-1]}
    needed = {place[lever.name] for claim in claims for place in claim.places() if lever.name in place}
    if any(claim.slope == lever.name for claim in claims) or (level == NAMED and design.levers == "grid"):
        needed |= ends
    if not needed or design.levers != "grid":  # one at a time, the others stand at their first
        needed.add(lever.values[0])
    return tuple(value for value in lever.values if value in needed)


def places(experiment: Experiment) -> Iterator[tuple[Level, Experiment, Cell, str]]:
    """Every level, its plan, and each cell and law of it at which the parties answer."""
    for level in LEVELS:
        own = reduced(experiment, level)
        if own.hypotheses and (level != FREE_SPACE or own.uncertainties):
            for cell in own.cells():
                for law in own.scenario.regimes:
                    yield level, own, cell, law.regime


def answer(
    experiment: Experiment,
    *,
    kept: Path | None = None,
    workers: int = 1,
    progress: Callable[[str], None] | None = None,
) -> list[Path]:
    """Find where parties end at each level and write it beside the experiment's file; returns what it wrote.

    What is in ``kept`` by its hash is not found again, so an interrupted run goes on.  Raises
    ``ScenarioError`` for an experiment without a file, or none of whose claims conduct may turn.
    """
    folder, asked = experiment.folder, list(places(experiment))
    if folder is None or not asked:
        what = f"learns nothing: {unanswered(experiment) or 'it has no claims, or no file'}"
        rule = "--relearn is for claims on laws in a market whose sides choose among strategies"
        raise ScenarioError(Problem(experiment.experiment, None, "relearn", what, rule))
    if experiment.departures:
        what = f"this is not the plan of the file: {', '.join(experiment.departures)}"
        rule = "answers are found for the file's own points, seed and replications"
        raise ScenarioError(Problem(experiment.experiment, None, "relearn", what, rule))
    with ThreadPoolExecutor(max_workers=max(1, workers)) as pool:
        ends = []
        for number, end in enumerate(pool.map(partial(_answer, kept), asked), start=1):
            ends.append(end)
            if progress is not None and (number % 50 == 0 or number == len(asked)):
                progress(f"{experiment.experiment}: {number} of {len(asked)} answers")
    return [write(folder / FILE, ends)]


def _answer(kept: Path | None, place: tuple[Level, Experiment, Cell, str]) -> Behaviour:
    level, own, cell, regime = place
    scenario = own.at(cell).under(regime)
    under = digest_of(scenario)
    if level == NAMED:
        end = evolve(scenario, regime, GAME, folder=kept)
        names = end.plan.holders, end.plan.implementers
        by_side = [
            _mix([scenario.strategies[name] for name in ours], shares)
            for ours, shares in zip(names, end.by_side, strict=True)
        ]
        market = scenario.market
        groups = [0] * len(market.holders) + [1] * len(market.implementers)
        return Behaviour(level, regime, cell, under, tuple(by_side[side] for side in groups))
    learned = learn_regime(scenario, regime, LEARNING, folder=kept)
    (end_of,) = learned.ends
    best = None if end_of.certificate is None else end_of.certificate.largest()
    left = float("nan") if best is None else best.gain
    return Behaviour(level, regime, cell, under, tuple(learned.mixes(end_of)), left)


def _mix(strategies: Sequence[Strategy], shares: np.ndarray) -> StrategyMix[Strategy]:
    places = np.flatnonzero(shares >= RARE).tolist()
    played = shares[places]
    return StrategyMix(tuple(strategies[k] for k in places), played / played.sum())


def write(path: Path, answers: Sequence[Behaviour]) -> Path:
    """Keep answers as text: strategies that learning made in full, shares by name and kind of firm."""
    made: dict[str, Any] = {}
    rows = []
    for stated in answers:
        for mix in stated.mixes:
            for strategy in mix.strategies if stated.level != NAMED else ():
                made[strategy.strategy] = strategy.model_dump(mode="json", exclude_defaults=True)
        mixes = [
            {
                strategy.strategy: round(share, 6)
                for strategy, share in zip(mix.strategies, mix.shares.tolist(), strict=True)
            }
            for mix in stated.mixes
        ]
        row: dict[str, Any] = {
            "level": stated.level,
            "regime": stated.regime,
            "cell": stated.cell,
            "under": stated.under,
        }
        rows.append(
            row
            | {"mixes": _shortened(mixes)}
            | ({} if np.isnan(stated.left) else {"left": round(stated.left, 5)})
        )
    lines = ",\n".join(json.dumps(row, ensure_ascii=False) for row in rows)
    own = ",\n".join(
        f"{json.dumps(name)}: {json.dumps(stated, ensure_ascii=False)}"
        for name, stated in sorted(made.items())
    )
    put(path, f'{{"strategies": {{\n{own}\n}},\n"answers": [\n{lines}\n]}}\n'.encode())
    return path


def _shortened(mixes: list[dict[str, float]]) -> list[Any]:
    """Kinds that do as the one before them as a zero."""
    return [0 if number and mix == mixes[number - 1] else mix for number, mix in enumerate(mixes)]


def read(experiment: Experiment) -> list[Behaviour]:
    """The answers beside an experiment's file; none where there are none.

    Raises ``ScenarioError`` for a file that holds no answers, or names strategies nobody has.
    """
    path = None if experiment.folder is None else experiment.folder / FILE
    if path is None or not path.is_file():
        return []
    try:
        stated = json.loads(path.read_text(encoding="utf-8"))
        known = dict(experiment.scenario.strategies)
        for name, one in stated["strategies"].items():
            known[name] = strategy_of(one)
        market = experiment.scenario.market
        kinds = len(market.holders) + len(market.implementers)
        return [_read(row, known, kinds) for row in stated["answers"]]
    except (OSError, ValueError, TypeError, AttributeError, LookupError, RecursionError) as error:
        rule = "frandsim experiment NAME --relearn writes it"
        raise ScenarioError(
            Problem(str(path), None, "", f"no answers can be read: {error!r}", rule)
        ) from None


def _read(row: dict[str, Any], known: dict[str, Strategy], kinds: int) -> Behaviour:
    mixes: list[StrategyMix[Strategy]] = []
    if row["level"] not in LEVELS or len(row["mixes"]) != kinds:
        raise ValueError(f"an answer at one of the levels {', '.join(LEVELS)}, with {kinds} mixes")
    for stated in row["mixes"]:
        if stated == 0:
            mixes.append(mixes[-1])
            continue
        shares = np.array(list(stated.values()), dtype=np.float64)
        if not shares.size or not np.isfinite(shares).all() or shares.min() < 0 or shares.sum() <= 0:
            raise ValueError("shares of a mix are at least 0, and not all 0")
        mixes.append(StrategyMix(tuple(known[name] for name in stated), shares / shares.sum()))
    cell = {str(name): float(value) for name, value in row["cell"].items()}
    return Behaviour(
        row["level"], row["regime"], cell, row["under"], tuple(mixes), float(row.get("left", "nan"))
    )


def by_level(
    experiment: Experiment, *, workers: int = 1, progress: Callable[[str], None] | None = None
) -> pd.DataFrame:
    """Each claim at each level that was answered: verdict, effect, interval, share of the points.

    Columns ``id, level, verdict, mean, low, high, share, points, left``: ``left`` is what a search still
    gained where most was left, share of what is due.  A level of which an answer is missing, as it is where
    one was found under other rules or numbers than today's, is left out.
    """
    answers = read(experiment)
    known = {(one.level, one.under): one for one in answers}
    tables = []
    for level in LEVELS:
        own = reduced(experiment, level)
        if not own.hypotheses or not answers:
            continue
        at = [own.at(cell) for cell in own.cells()]
        asked = [[known.get((level, digest_of(one.under(law.regime)))) for law in one.regimes] for one in at]
        there = [one for row in asked for one in row if one is not None]
        if len(there) < sum(map(len, asked)):
            if progress is not None and any(one.level == level for one in answers):
                progress(f"{experiment.experiment}: nobody has answered these numbers or rules at {level}")
            continue
        sweep = Sweep(own)
        with ThreadPoolExecutor(max_workers=max(1, workers)) as pool:
            for number, rows in enumerate(pool.map(_played, at, asked)):
                sweep.take(number, rows)
        table = verdicts(sweep)[["id", "verdict", "mean", "low", "high", "share", "points"]]
        left = [one.left for one in there if not np.isnan(one.left)]
        tables.append(table.assign(level=level, left=max(left, default=float("nan"))))
        if progress is not None:
            progress(f"{experiment.experiment}: claims at {level}")
    if not tables:
        return pd.DataFrame()
    found = pd.concat(tables, ignore_index=True)
    return found[["id", "level", "verdict", "mean", "low", "high", "share", "points", "left"]]


def _played(scenario: Scenario, answers: Sequence[Behaviour]) -> Rows:
    """The rows of a scenario in canonical order, each law at the market its parties made of it."""
    span, parts = range(scenario.replications), []
    for number, (law, one) in enumerate(zip(scenario.regimes, answers, strict=True)):
        there = market_at(scenario.under(law.regime), one.mixes)
        rows = run_chunk(build(there), scenario.seed, span)
        rows["regime"] = number
        parts.append(rows.reshape(len(span), 1, -1))
    return np.concatenate(parts, axis=1).reshape(-1)


def turning(given: str, level: str, left: float = float("nan")) -> bool:
    """Whether a verdict at another level is the opposite of that on conduct as given.

    Free strategies turn none while a search still gains (``left``) more than ``MOST_LEFT``.
    """
    return {given, level} == {Verdict.SUPPORTED.value, Verdict.CONTRADICTED.value} and not left > MOST_LEFT


def unanswered(experiment: Experiment) -> str | None:
    """Why an experiment's claims have the one level, in words; none where they can have others."""
    if levelled(experiment):
        return None
    if any(lever.strategy is not None for lever in experiment.levers):
        return "its lever is conduct"
    return "nobody chooses among strategies, or payoffs cannot be measured"
