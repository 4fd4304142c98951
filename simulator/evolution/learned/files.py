"""What was learned as files that anyone can read and play: strategies, who plays what, certificates.

A folder has ``strategies/`` (a file each), ``ends.csv`` (market, regime, stage, start, side, kind, strategy,
share), ``deviations.csv`` (the best deviation of each kind that a search found: what it gains, in the market
too, and what the kind gains by a switch in mid-case) and ``certificates.csv`` (how each end was reached,
under which rules, and what was said of it then).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from simulator.batch.files import put
from simulator.errors import Problem, ScenarioError
from simulator.evolution.learned.certificate import Certificate, Deviation, Run
from simulator.evolution.learned.checks import commitment, in_market
from simulator.evolution.learned.contest import LicensingContest, StrategyMix
from simulator.evolution.learned.regime import LearnedRegime, market_mixes
from simulator.evolution.learned.stages import LEARNED, MENU, START
from simulator.evolution.learned.tables import INSIDE, best_of_kinds, certificate_cells, certificate_row
from simulator.evolution.learned.words import christened, save
from simulator.spec.load import load_strategy
from simulator.spec.regime import rules_digest
from simulator.spec.scenario import Scenario
from simulator.spec.strategy import Strategy
from simulator.writing.folders import moved, replacing
from simulator.writing.formats import as_csv, records

PLACE = ["market", "regime", "stage", "start"]
MEASURED = (
    *("gain", "low", "high", "inside", "inside_se"),
    *("regret", "regret_se", "month", "rests_on_commitment"),
)
"""What is measured of the best deviation of a kind: its gain, that inside the market, the best switch."""


@dataclass(frozen=True)
class Best:
    """The best deviation of a kind (its place) that a search found, with what was measured of it."""

    kind: int
    strategy: Strategy
    measured: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class End:
    """What each kind plays at a stage (holders first, in the order of the market), and how it deviates best.

    ``certificate``: what was said of it when it was learned, or searched anew.
    """

    stage: str
    start: str
    mixes: tuple[StrategyMix[Strategy], ...]
    deviations: tuple[Best, ...] = ()
    certificate: dict[str, Any] | None = None
    stated: tuple[dict[str, Any], ...] = ()
    """Of an end that was read: its rows of ``ends.csv``, which stay to the last digit."""


def as_ends(learned: LearnedRegime, stage: str = LEARNED, *, run: Run = map) -> list[End]:
    """The stages before learning, and every end of learning under a regime."""
    menu = End(MENU, "", tuple(learned.menu_mixes()))
    ends = given_ends(learned.contest, menu, learned.given) if stage == LEARNED else []
    for end in learned.ends:
        mixes = tuple(learned.mixes(end))
        measured = measure_best(learned.contest, mixes, end.certificate, run=run)
        deviations = bests(learned.contest, end.certificate, measured)
        ends.append(End(stage, end.start.name, mixes, deviations, certificate_row(learned, end)))
    return ends


def given_ends(contest: LicensingContest, menu: End, given: Mapping[str, Certificate[Strategy]]) -> list[End]:
    """The market's own mixes and the menu's long run, with what searches gain there.

    The latter alone, where nothing was searched.
    """
    if not given:
        return [menu]
    ends = []
    for end in (End(START, "", tuple(market_mixes(contest))), menu):
        certificate = given[end.stage]
        measured = [_gain(one) for one in best_of_kinds(certificate)]
        deviations = bests(contest, certificate, measured)
        ends.append(replace(end, deviations=deviations, certificate=certificate_cells(contest, certificate)))
    return ends


def _gain(one: Deviation[Strategy]) -> dict[str, Any]:
    return {"gain": one.gain, "low": one.low, "high": one.high}


def bests(
    contest: LicensingContest, certificate: Certificate[Strategy] | None, measured: Sequence[dict[str, Any]]
) -> tuple[Best, ...]:
    """The best deviation of each kind, with the name it has in files."""

    def named(one: Deviation[Strategy]) -> Strategy:
        return christened(one.strategy, contest.codings[contest.kinds[one.kind].side], contest.plan.regime)

    pairs = zip(best_of_kinds(certificate), measured, strict=True)
    return tuple(Best(one.kind, named(one), cells) for one, cells in pairs)


def measure_best(
    contest: LicensingContest,
    mixes: Sequence[StrategyMix[Strategy]],
    certificate: Certificate[Strategy] | None,
    *,
    run: Run = map,
) -> list[dict[str, Any]]:
    """Of the best deviation of each kind: what it gains, inside the market too, and the kind's best switch.

    ``regret`` with ``month``: of the month in mid-case at which a switch gains most on other luck.
    """
    best = best_of_kinds(certificate)
    if not best:
        return []
    scenario = contest.plan.scenario
    inside = in_market(scenario, mixes, best, range(min(INSIDE, scenario.replications)), run=run)
    switches = records(commitment(contest, mixes, run=run))
    rows = []
    for deviation, there in zip(best, records(inside), strict=True):
        own = [row for row in switches if row["kind"] == there["kind"] and row["side"] == there["side"]]
        switch = max(own, key=lambda row: row["chosen_for"])
        rows.append({
            **_gain(deviation),
            "inside": there["market"],
            "inside_se": there["market_se"],
            **{name: switch[name] for name in ("regret", "regret_se", "month", "rests_on_commitment")},
        })  # fmt: skip
    return rows


def deviation_rows(scenario: Scenario, end: End) -> list[dict[str, Any]]:
    """The best deviations at an end of the one regime of a scenario, a row each."""
    kinds, regime = kinds_of(scenario), scenario.regimes[0].regime
    place = dict(zip(PLACE, (scenario.market.market, regime, end.stage, end.start), strict=True))
    return [
        {
            **place,
            **dict(zip(("side", "kind"), kinds[best.kind], strict=True)),
            "strategy": best.strategy.strategy,
            **best.measured,
        }
        for best in end.deviations
    ]


def kinds_of(scenario: Scenario) -> list[tuple[str, str]]:
    """Side and name of each kind of firm of a market, holders first."""
    market = scenario.market
    sides = (("holder", market.holders), ("implementer", market.implementers))
    return [(side, group.group) for side, groups in sides for group in groups]


def write(folder: Path, learned: Sequence[tuple[Scenario, str, Sequence[End]]]) -> list[Path]:
    """Write what was learned (scenario, regime, its ends) in place of what is there; returns the files.

    All of it is there, or what was before.
    """
    plays: list[dict[str, Any]] = []
    deviations: list[dict[str, Any]] = []
    certificates = []
    strategies: dict[str, Strategy] = {}
    for scenario, regime, ends in learned:
        kinds = kinds_of(scenario)
        rules = {"rules": rules_digest(scenario.under(regime).regimes[0])}
        for end in ends:
            place = dict(zip(PLACE, (scenario.market.market, regime, end.stage, end.start), strict=True))
            rows = []
            for (side, kind), mix in zip(kinds, end.mixes, strict=True):
                firm = {"side": side, "kind": kind}
                for strategy, share in zip(mix.strategies, mix.shares.tolist(), strict=True):
                    strategies.setdefault(strategy.strategy, strategy)
                    rows.append({**place, **firm, "strategy": strategy.strategy, "share": share})
            plays += end.stated or rows
            for best in end.deviations:
                strategies.setdefault(best.strategy.strategy, best.strategy)
            deviations += deviation_rows(scenario.under(regime), end)
            if end.certificate is not None:
                certificates.append({**place, **rules, **end.certificate})
    own = [one for one in strategies.values() if "_learned_" in one.strategy]
    tables = {"ends": plays, "deviations": deviations, "certificates": certificates}
    with replacing(folder, own=("strategies",)) as beside:
        written = save(own, beside / "strategies")
        for name, rows in tables.items():
            written.append(beside / f"{name}.csv")
            put(written[-1], as_csv(pd.DataFrame(rows)).encode())
    return moved(written, beside, folder)


@dataclass(frozen=True)
class Library:
    """What a folder of learned strategies holds."""

    folder: Path
    plays: pd.DataFrame
    deviations: pd.DataFrame
    certificates: pd.DataFrame
    _read: dict[str, Strategy] = field(default_factory=dict)

    @classmethod
    def read(cls, folder: Path) -> Library:
        """Read a folder; a strategy is read when it is asked for.

        Raises ``ScenarioError`` where a table is missing or not valid.
        """
        plays, deviations, certificates = (
            _table(folder / f"{name}.csv") for name in ("ends", "deviations", "certificates")
        )
        return cls(folder, plays, deviations, certificates)

    @cached_property
    def files(self) -> dict[str, Path]:
        """The file of each learned strategy."""
        return {path.stem: path for path in (self.folder / "strategies").glob("*.yaml")}

    def ends(self, scenario: Scenario, regime: str) -> list[End]:
        """The ends of a regime on a market; none where nothing was learned.

        Raises ``ScenarioError`` where a strategy is not there or not valid, or a kind of firm is not there.
        """
        place = {"market": scenario.market.market, "regime": regime}
        plays, deviations, certificates = (
            _of(table, place) for table in (self.plays, self.deviations, self.certificates)
        )
        kinds = kinds_of(scenario)
        ends = []
        for (stage, start), rows in plays.groupby(["stage", "start"], sort=False):
            here = {"stage": str(stage), "start": str(start)}
            mixes = tuple(self._mix(rows, kind, scenario) for kind in kinds)
            away = tuple(
                Best(
                    kinds.index((row["side"], row["kind"])),
                    self._strategy(row["strategy"], scenario),
                    {name: cell for name, cell in row.items() if name in MEASURED},
                )
                for row in records(_of(deviations, here))
            )
            said = next(iter(records(_of(certificates, here))), None)
            if said is not None:
                said = {"rules": "", **said}  # what a file does not say is not today's rules
            ends.append(End(str(stage), str(start), mixes, away, said, tuple(records(rows))))
        return ends

    def _mix(self, rows: pd.DataFrame, kind: tuple[str, str], scenario: Scenario) -> StrategyMix[Strategy]:
        own = _of(rows, {"side": kind[0], "kind": kind[1]})
        if not len(own):
            what, rule = f"no strategies of {kind[1]}", "every kind of firm of the market: --relearn"
            raise ScenarioError(Problem(str(self.folder / "ends.csv"), None, scenario.scenario, what, rule))
        shares = own["share"].to_numpy(float)
        strategies = tuple(self._strategy(str(name), scenario) for name in own["strategy"])
        return StrategyMix(strategies, np.asarray(shares / shares.sum()))

    def _strategy(self, name: str, scenario: Scenario) -> Strategy:
        if name in scenario.strategies:
            return scenario.strategies[name]
        if name not in self.files:
            where, rule = str(self.folder / "strategies"), "a file there, or a strategy of the scenario"
            raise ScenarioError(Problem(where, None, name, "there is no such strategy", rule))
        if name not in self._read:
            self._read[name] = load_strategy(self.files[name])
        return self._read[name]


def _table(path: Path) -> pd.DataFrame:
    try:
        table = pd.read_csv(path, keep_default_na=False, na_values=[""], dtype={"rules": str})
    except OSError:
        rule = "frandsim experiment EXPERIMENT --relearn"
        raise ScenarioError(Problem(str(path), None, "", "is missing: nothing was learned", rule)) from None
    except ValueError as error:
        rule = "a table as --relearn writes it"
        raise ScenarioError(Problem(str(path), None, "", str(error), rule)) from None
    if missing := [name for name in PLACE if name not in table]:
        rule = f"columns {', '.join(PLACE)} and more: a table as --relearn writes it"
        raise ScenarioError(Problem(str(path), 1, "", f"there is no column {missing[0]}", rule))
    return table.assign(start=table["start"].fillna(""))


def _of(table: pd.DataFrame, place: dict[str, str]) -> pd.DataFrame:
    chosen = np.ones(len(table), dtype=bool)
    for name, value in place.items():
        chosen &= (table[name].astype(str) == value).to_numpy()
    return table[chosen]
