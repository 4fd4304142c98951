"""Where the parties to an experiment's claims end at each level of behaviour: found once, kept, replayed.

``answer`` finds it and writes ``answers.json`` beside the experiment's file; ``read`` reads it.  An answer
goes with a digest of all that it is an answer to, so that none is taken for one to other rules.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass, replace
from functools import cache, partial
from pathlib import Path
from typing import Any

import numpy as np

from simulator import parameters
from simulator.batch.files import put
from simulator.errors import Problem, ScenarioError
from simulator.evolution.evolved import Adaptation, evolve
from simulator.evolution.learned.contest import StrategyMix
from simulator.evolution.learned.double_oracle import Budget
from simulator.evolution.learned.oracle import Effort
from simulator.evolution.learned.regime import LearningPlan, learn_regime
from simulator.evolution.learned.stored import strategy_of
from simulator.experiments.levels import LEVELS, NAMED, STARTS, Level, Place, places, unanswered
from simulator.spec.base import rules_hash
from simulator.spec.design import Cell
from simulator.spec.experiment import Experiment
from simulator.spec.load import load_space
from simulator.spec.regime import rules_digest
from simulator.spec.scenario import Scenario
from simulator.spec.strategy import Strategy

FILE = "answers.json"
GAME = Adaptation(budget=32, resamples=2)
"""How imitation among named strategies is followed: replications of a pairing in each pair of groups."""
LEARNING = LearningPlan(
    budget=Budget(rounds=6, tolerance=0.02, cells=64, searches=1, effort=Effort(2_000, 16, 128)),
    replications=256,
    recall_seeds=0,
    menu=32,
)
"""How free ones are learned: short searches; no certificate: what is left to gain is told."""
RARE = 0.005
"""Shares below this are not kept."""
DIGITS = 10
"""Significant digits of numbers in a digest: the last ones differ between processors."""


@dataclass(frozen=True)
class Behaviour:
    """Where the parties end under a law at a place of the design.

    ``under``: digest of what they answered; ``left``: what a search still gained, share of what is due.
    """

    level: Level
    regime: str
    cell: Cell
    start: int
    under: str
    mixes: tuple[StrategyMix[Strategy], ...]
    left: float = float("nan")

    @property
    def key(self) -> Key:
        """What an answer is looked up by: where it is the same, so is the answer."""
        return self.level, self.start, self.under


Key = tuple[Level, int, str]
Answers = Mapping[Key, Behaviour]


def digest_of(scenario: Scenario, level: Level) -> str:
    """64-bit BLAKE2b of all that parties answer under a scenario's law, without titles and sources.

    Market, law, strategies, numbers set, the registry's defaults but zeros (what is off by default is nothing
    new), and how the level finds its answers.
    """
    parts = scenario.model_dump(mode="json", include={"market", "set", "strategies"}, exclude_defaults=True)
    return rules_hash(rules_digest(scenario.regimes[0]), _rounded(parts), _how(level))


@cache
def _how(level: Level) -> str:
    numbers = {name: one.default for name, one in parameters.registry().items() if one.default != 0}
    if level == NAMED:
        return rules_hash(_rounded(numbers), asdict(GAME))
    searched = [load_space(name).model_dump(mode="json") for name in LEARNING.spaces]
    stated = {name: value for name, value in asdict(LEARNING).items() if name not in ("starts", "recall")}
    return rules_hash(_rounded(numbers), stated, searched)


def _rounded(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _rounded(part) for name, part in value.items()}
    if isinstance(value, list):
        return [_rounded(part) for part in value]
    return float(f"{value:.{DIGITS}g}") if isinstance(value, float) else value


def answer(
    experiment: Experiment,
    *,
    kept: Path | None = None,
    workers: int = 1,
    progress: Callable[[str], None] | None = None,
) -> list[Path]:
    """Find where parties end at each level and write it beside the experiment's file; returns what it wrote.

    What is in ``kept`` by its hash is not found again, so an interrupted run goes on.  Raises
    ``ScenarioError`` as :func:`search` does.
    """
    path, ends = search(experiment, kept=kept, workers=workers, progress=progress)
    return [write(path, ends)]


def search(
    experiment: Experiment,
    *,
    kept: Path | None = None,
    workers: int = 1,
    progress: Callable[[str], None] | None = None,
) -> tuple[Path, list[Behaviour]]:
    """Find where parties end at each level; with the file that keeps it.  The same whatever ``workers``.

    Raises ``ScenarioError`` as :func:`asked_of` does.
    """
    path, asked = asked_of(experiment)
    with ThreadPoolExecutor(max_workers=max(1, workers)) as pool:
        ends: list[Behaviour] = []
        for number, of_place in enumerate(pool.map(partial(_answer, kept), asked), start=1):
            ends += of_place
            if progress is not None and (number % 50 == 0 or number == len(asked)):
                progress(f"{experiment.experiment}: {number} of {len(asked)} answers")
    return path, ends


def asked_of(experiment: Experiment) -> tuple[Path, list[Place]]:
    """The file that keeps an experiment's answers, and the places of all of them.

    Raises ``ScenarioError`` for an experiment without a file, one that is not as its file has it, or one none
    of whose claims conduct may turn.
    """
    path, asked = experiment.beside(FILE), list(places(experiment))
    if path is None or not asked:
        what = f"learns nothing: {unanswered(experiment) or 'it has no file'}"
        rule = "--relearn is for claims on laws in a market whose sides choose among strategies"
        raise ScenarioError(Problem(experiment.experiment, None, "relearn", what, rule))
    as_filed(experiment, "answers are found for the file's own points, seed and replications")
    return path, asked


def as_filed(experiment: Experiment, rule: str) -> None:
    """Raises ``ScenarioError`` where what is to be learned anew is not the plan of the file."""
    if experiment.departures:
        what = f"this is not the plan of the file: {', '.join(experiment.departures)}"
        raise ScenarioError(Problem(experiment.experiment, None, "relearn", what, rule))


def _answer(kept: Path | None, place: Place) -> list[Behaviour]:
    """Where the parties end at a place, from each of the level's starts."""
    level, own, cell, regime = place
    scenario = own.at(cell).under(regime)
    under = digest_of(scenario, level)
    if level != NAMED:
        how = replace(LEARNING, starts=STARTS[level])
        learned = learn_regime(scenario, regime, how, folder=kept, before=False)
        ends = []
        for start, end_of in enumerate(learned.ends):
            best = None if end_of.certificate is None else end_of.certificate.largest()
            left = float("nan") if best is None else best.gain
            ends.append(Behaviour(level, regime, cell, start, under, tuple(learned.mixes(end_of)), left))
        return ends
    end = evolve(scenario.model_copy(update={"seed": luck_at(own, cell)}), regime, GAME, folder=kept)
    names = end.plan.holders, end.plan.implementers
    by_side = [
        _mix([scenario.strategies[name] for name in ours], shares)
        for ours, shares in zip(names, end.by_side, strict=True)
    ]
    groups = [0] * len(scenario.market.holders) + [1] * len(scenario.market.implementers)
    mixes = tuple(by_side[side] for side in groups)
    return [Behaviour(level, regime, cell, 0, under, mixes)]


def outdated(experiment: Experiment, answers: Answers) -> list[str]:
    """What no longer comes out of answers that are kept: the first among named strategies, found anew.

    A digest holds rules and numbers, not the engine: where that has changed since, this tells.
    """
    place = next(places(experiment), None)
    if not answers or place is None or experiment.departures:
        return []
    (anew,) = _answer(None, place)
    known = answers.get(anew.key)
    if known is None or _same(known, anew):
        return []
    told = "no longer comes out; frandsim experiment NAME --relearn finds them anew"
    return [f"{experiment.beside(FILE)}: the first answer ({place.regime}, {place.level}) {told}"]


def differing(
    experiment: Experiment,
    answers: Answers,
    *,
    workers: int = 1,
    progress: Callable[[str], None] | None = None,
) -> list[str]:
    """What no longer comes out of answers that are kept, all found anew: one line each.

    Raises ``ScenarioError`` as :func:`search` does.
    """
    path, ends = search(experiment, workers=workers, progress=progress)
    over = answers.keys() - {anew.key for anew in ends}
    said = [f"{path}: {len(over)} answers that nothing asks for"] if over else []
    for anew in ends:
        known = answers.get(anew.key)
        if known is None or not _same(known, anew):
            start = f", start {anew.start + 1}" if anew.start else ""
            at = ", ".join(f"{name} {value:g}" for name, value in anew.cell.items())
            where = f"{anew.regime}, {anew.level}{start}{at and f', at {at}'}"
            said.append(f"{path}: {where}: {'is not there' if known is None else 'now ends elsewhere'}")
    return said


def _same(known: Behaviour, anew: Behaviour) -> bool:
    left = np.isclose(known.left, anew.left, rtol=0.0, atol=1e-4, equal_nan=True)
    return bool(left) and all(map(_alike, known.mixes, anew.mixes))


def _alike(mix: StrategyMix[Strategy], other: StrategyMix[Strategy]) -> bool:
    names = [strategy.strategy for strategy in mix.strategies]
    same = names == [strategy.strategy for strategy in other.strategies]
    return same and np.allclose(mix.shares, other.shares, atol=1e-4)


def luck_at(experiment: Experiment, cell: Cell) -> int:
    """The seed of the games at a point: each point has its own luck, the laws and levers at it share it."""
    point = {one.name: cell[one.name] for one in experiment.uncertainties}
    return int(rules_hash(experiment.scenario.seed, _rounded(point)), 16) >> 1


def _mix(strategies: Sequence[Strategy], shares: np.ndarray) -> StrategyMix[Strategy]:
    kept = np.flatnonzero(shares >= RARE).tolist()
    played = shares[kept]
    return StrategyMix(tuple(strategies[k] for k in kept), played / played.sum())


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
        row: dict[str, Any] = {"level": stated.level, "regime": stated.regime, "cell": stated.cell}
        row |= {"start": stated.start} if stated.start else {}
        row |= {"under": stated.under, "mixes": _shortened(mixes)}
        rows.append(row | ({} if np.isnan(stated.left) else {"left": round(stated.left, 5)}))
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

    Those of a market with other groups or strategies than today's are left out.  Raises ``ScenarioError`` for
    a file that holds no answers.
    """
    path = experiment.beside(FILE)
    if path is None or not path.is_file():
        return []
    try:
        stated = json.loads(path.read_text(encoding="utf-8"))
        known = dict(experiment.scenario.strategies)
        for name, one in stated["strategies"].items():
            known[name] = strategy_of(one)
        market = experiment.scenario.market
        sides = ["holder"] * len(market.holders) + ["implementer"] * len(market.implementers)
        rows = [row for row in stated["answers"] if _fits(row, known, sides)]
        return [_read(row, known, sides) for row in rows]
    except (OSError, ValueError, TypeError, AttributeError, LookupError, RecursionError) as error:
        rule = "frandsim experiment NAME --relearn writes it"
        raise ScenarioError(
            Problem(str(path), None, "", f"no answers can be read: {error!r}", rule)
        ) from None


def _fits(row: dict[str, Any], known: dict[str, Strategy], sides: Sequence[str]) -> bool:
    """Whether an answer is one of as many groups as there are today, with strategies that there are."""
    names = {name for mix in row["mixes"] if mix != 0 for name in mix}
    return len(row["mixes"]) == len(sides) and names <= known.keys()


def _read(row: dict[str, Any], known: dict[str, Strategy], sides: Sequence[str]) -> Behaviour:
    mixes: list[StrategyMix[Strategy]] = []
    if row["level"] not in LEVELS:
        raise ValueError(f"an answer at one of the levels {', '.join(LEVELS)}")
    for side, stated in zip(sides, row["mixes"], strict=True):
        mix = mixes[-1] if stated == 0 else _mix_of(stated, known)
        others = [one.strategy for one in mix.strategies if one.party != side]
        if others:
            raise ValueError(f"{others[0]} is no strategy of a {side}")
        mixes.append(mix)
    cell = {str(name): float(value) for name, value in row["cell"].items()}
    start, left = int(row.get("start", 0)), float(row.get("left", "nan"))
    return Behaviour(row["level"], row["regime"], cell, start, row["under"], tuple(mixes), left)


def _mix_of(stated: dict[str, float], known: dict[str, Strategy]) -> StrategyMix[Strategy]:
    shares = np.array(list(stated.values()), dtype=np.float64)
    if not shares.size or not np.isfinite(shares).all() or shares.min() < 0 or shares.sum() <= 0:
        raise ValueError("shares of a mix are at least 0, and not all 0")
    return StrategyMix(tuple(known[name] for name in stated), shares / shares.sum())
