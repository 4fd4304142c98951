"""Claims tested at each level of behaviour, and whether conduct turns them.

Every claim is played twice at a level's places, with the same luck: as the parties end there, and with
conduct as given.  The second tells a turn of conduct from one of place.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd

from simulator.engine.build import build
from simulator.engine.run import run_chunk
from simulator.evolution.learned.regime import market_at
from simulator.experiments.answers import Answers, Behaviour, digest_of
from simulator.experiments.hypotheses import Claim, rows_of_claims
from simulator.experiments.levels import (
    FREE_SPACE,
    LEVELS,
    NAMED,
    STARTS,
    Level,
    at_level,
    levelled,
    reduced,
)
from simulator.experiments.sweep import Sweep
from simulator.outcomes.further_measures import OVER_BASELINE
from simulator.outcomes.rows import Rows
from simulator.spec.design import Cell
from simulator.spec.experiment import Experiment
from simulator.spec.scenario import Scenario
from simulator.statistics.inference import Verdict

MOST_LEFT = 0.05
"""Gain left to a search, share of what is due, above which free ends turn no verdict (assumption)."""
UNANSWERED = "unanswered"
"""In place of a verdict, where an answer to today's rules and numbers is missing."""
COLUMNS = [
    "id",
    "level",
    "start",
    "verdict",
    "mean",
    "low",
    "high",
    "share",
    "points",
    "left",
    "given",
    "opposite",
]

ByLaw = Mapping[str, Behaviour]
CellKey = tuple[tuple[str, float], ...]
"""A cell as a key: its values by name, in order of names."""


@dataclass(frozen=True, eq=False)
class Leveled:
    """A claim at a level: its plan's outcomes where parties end, and on conduct as given."""

    level: Level
    start: int
    test: Claim
    given: Claim
    answers: list[ByLaw] = field(default_factory=list)

    @property
    def answered(self) -> bool:
        """Whether parties have answered every law in every cell."""
        laws = len(self.test.sweep.regimes)
        return all(len(by_law) == laws for by_law in self.answers)

    @property
    def left(self) -> float:
        """What a search under the claim's laws still gained where most was left; nan where one was not told.

        The baseline is one of them if it is named, or the outcome is measured against it.
        """
        plan, claim = self.test.sweep.experiment, self.test.hypothesis
        laws = {part.regime for part in claim.parts(plan.levers)}
        if claim.outcome.partition("[")[0] in OVER_BASELINE:
            laws.add(plan.scenario.baseline)
        left = [one.left for by_law in self.answers for law, one in by_law.items() if law in laws]
        return float(np.max(left))

    def opposite(self, given: str, now: str) -> bool:
        """Whether the verdict here is the opposite of that on conduct as given, by conduct and not by place.

        As given, the verdict at the same places alone is that over the whole space; over the points of free
        strategies, every one was as that verdict says and has turned, by the margin.
        """
        if {given, now} != {Verdict.SUPPORTED.value, Verdict.CONTRADICTED.value}:
            return False
        said = float(given == Verdict.SUPPORTED.value)
        if self.level == FREE_SPACE and not np.all(
            (self.given.holds == said) & (self.test.holds == 1.0 - said)
        ):
            return False
        return self.given.judged(self.given.p) == given


def by_level(
    sweep: Sweep, answers: Answers, *, workers: int = 1, progress: Callable[[str], None] | None = None
) -> pd.DataFrame:
    """Each claim at each level: verdict, effect, interval, share of the points, effect as given there.

    Columns ``COLUMNS``: ``start``: from which search; ``left``: what a search still gained where most was
    left, share of what is due; ``given``: the effect at the same places with conduct as given;
    ``opposite``: :meth:`Leveled.opposite`.  The claims of a level and start are one family (Holm).  A claim
    of which an answer is missing, as it is where one was found under other rules or numbers than today's,
    is ``unanswered`` there.  ``sweep`` holds the verdicts on conduct as given.  Empty without answers, and
    for a plan that departs from its file, since answers are of the file's own points.
    """
    experiment = sweep.experiment
    if experiment.departures or not answers:
        return pd.DataFrame()
    verdicts = sweep.hypotheses[sweep.hypotheses["control"] == ""].set_index("id")["verdict"]
    rows: list[dict[str, Any]] = []
    for level in LEVELS:
        asked = [claim for claim in levelled(experiment) if at_level(experiment, claim, level)]
        plans = [reduced(experiment, claim, level) for claim in asked]
        under = _under(plans, level)
        for start in range(STARTS[level]):
            claims = [_leveled(own, level, start, under, answers) for own in plans]
            known = [one for one in claims if one.answered]
            _play(known, sweep, workers)
            judged = _judged(known)
            rows += [
                _missing(one) if p is None else _row(one, p, str(verdicts[one.test.hypothesis.id]))
                for one, p in ((one, judged.get(one.test.hypothesis.id)) for one in claims)
            ]
            missing = [one.test.hypothesis.id for one in claims if not one.answered]
            if progress is not None and missing:
                told = f"{experiment.experiment}: not answered under today's rules, {level}:"
                progress(f"{told} {', '.join(missing)}")
        if progress is not None and asked:
            progress(f"{experiment.experiment}: claims at {level}")
    return pd.DataFrame(rows, columns=COLUMNS)


def _under(plans: Sequence[Experiment], level: Level) -> dict[tuple[CellKey, str], str]:
    """The digest of what parties answer, by cell and law."""
    digests: dict[tuple[CellKey, str], str] = {}
    for own in plans:
        for cell in own.cells():
            for law in own.scenario.regimes:
                if (_key(cell), law.regime) not in digests:
                    digests[_key(cell), law.regime] = digest_of(own.at(cell).under(law.regime), level)
    return digests


def _key(cell: Cell) -> CellKey:
    return tuple(sorted(cell.items()))


def _leveled(
    own: Experiment, level: Level, start: int, under: Mapping[tuple[CellKey, str], str], answers: Answers
) -> Leveled:
    (claim,) = own.hypotheses
    by_cell: list[ByLaw] = []
    for cell in own.cells():
        keys = {law.regime: (level, start, under[_key(cell), law.regime]) for law in own.scenario.regimes}
        by_cell.append({law: answers[key] for law, key in keys.items() if key in answers})
    return Leveled(level, start, Claim(Sweep(own), claim), Claim(Sweep(own), claim), by_cell)


def _judged(claims: Sequence[Leveled]) -> dict[str, float]:
    """The p value that decides each claim, adjusted over them."""
    if not claims:
        return {}
    table = rows_of_claims(
        [one.test for one in claims], lambda test, _, p: {"id": test.hypothesis.id, "p": p}
    )
    return dict(zip(table["id"], table["p"].astype(float), strict=True))


def _play(claims: Sequence[Leveled], whole: Sweep, workers: int) -> None:
    """Play every cell of the claims once, each law at the market its parties made of it and as given."""
    by_cell: dict[CellKey, list[tuple[Leveled, int]]] = {}
    for claim in claims:
        for own in (claim.test.sweep, claim.given.sweep):
            own.values[:] = np.nan  # made before threads fill them
        if claim.level == NAMED:
            _share(claim.given.sweep, whole)
        for number, cell in enumerate(claim.test.sweep.cells_played):
            by_cell.setdefault(_key(cell), []).append((claim, number))
    with ThreadPoolExecutor(max_workers=max(1, workers)) as pool:
        list(pool.map(_play_cell, by_cell.values()))


def _play_cell(uses: Sequence[tuple[Leveled, int]]) -> None:
    """Play one cell, each law once, and hand every claim what it needs of it."""
    now: dict[str, Rows] = {}
    given: dict[str, Rows] = {}
    for claim, number in uses:
        own = claim.test.sweep
        scenario = own.experiment.at(own.cells_played[number])
        for regime, answered in claim.answers[number].items():
            if regime not in now:
                under = scenario.under(regime)
                now[regime] = _rows(market_at(under, answered.mixes))
                if claim.level != NAMED:  # there the sweep has it
                    given[regime] = _rows(under)
        own.take(number, _joined(now, own.regimes))
        if claim.level != NAMED:
            claim.given.sweep.take(number, _joined(given, own.regimes))


def _rows(scenario: Scenario) -> Rows:
    """The rows of a scenario of one law: (replications, 1, pairs)."""
    rows = run_chunk(build(scenario), scenario.seed, range(scenario.replications))
    return rows.reshape(scenario.replications, 1, -1)


def _joined(by_law: Mapping[str, Rows], laws: Sequence[str]) -> Rows:
    """Rows of several laws in canonical order: replication, law, pair."""
    joined = np.concatenate([by_law[law] for law in laws], axis=1)
    joined["regime"] = np.arange(len(laws))[None, :, None]
    return joined.reshape(-1)


def _share(part: Sweep, whole: Sweep) -> None:
    """Take the outcomes of a smaller plan from those of the whole: the same cells, laws and luck."""
    cells = [whole.cells_played.index(cell) for cell in part.cells_played]
    laws = [whole.regimes.index(law) for law in part.regimes]
    outcomes = [whole.experiment.outcomes.index(name) for name in part.experiment.outcomes]
    part.values[:] = whole.values[np.ix_(range(len(whole.values)), cells, laws, outcomes)]


def _row(claim: Leveled, p: float, given: str) -> dict[str, Any]:
    test, (low, high), space = claim.test, claim.test.low_high, claim.test.space()
    verdict = test.judged(p)
    return {
        "id": test.hypothesis.id,
        "level": claim.level,
        "start": claim.start,
        "verdict": verdict,
        "mean": test.effect.mean,
        "low": low,
        "high": high,
        "share": space["share"],
        "points": space["points"],
        "left": claim.left,
        "given": claim.given.effect.mean,
        "opposite": claim.opposite(given, verdict),
    }


def _missing(claim: Leveled) -> dict[str, Any]:
    own = {"id": claim.test.hypothesis.id, "level": claim.level, "start": claim.start}
    return own | {"verdict": UNANSWERED, "opposite": False}


def turns(rows: Iterable[Mapping[str, Any]], most_left: float = MOST_LEFT) -> bool:
    """Whether a level of a claim (``rows`` of ``by_level``) says the opposite of conduct as given.

    From every start; free strategies only while a search gains at most ``most_left``.
    """
    by_level: dict[str, list[bool]] = {}
    for row in rows:
        near = row["level"] == NAMED or bool(row["left"] <= most_left)
        by_level.setdefault(row["level"], []).append(bool(row["opposite"]) and near)
    return any(map(all, by_level.values()))
