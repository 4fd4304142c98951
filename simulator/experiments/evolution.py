"""An experiment of evolution: in every cell of a design, where learning leads and what is found there.

Every pairing is measured with the same number of replications in all cells and regimes, so that resamples
draw the same ones, and differences between regimes are paired.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import cached_property, partial
from itertools import product
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from rich.table import Table

from simulator.batch.runner import play
from simulator.errors import Problem, ScenarioError
from simulator.evolution.basins import basins
from simulator.evolution.bootstrap import interval, resampled, shifted
from simulator.evolution.equilibria import strict
from simulator.evolution.evolved import Adaptation, drawn, settle
from simulator.evolution.finite import stationary
from simulator.evolution.game import EmpiricalGame, GamePlan, Values, plan
from simulator.evolution.stored_games import replicated
from simulator.experiments.evolution_claims import (
    UNIT,
    Found,
    LongRun,
    Runs,
    check,
    claim_cells,
    elsewhere,
    judge,
    on_the_map,
)
from simulator.outcomes.evidence import Evidence
from simulator.outcomes.measures import COMMON, METRICS
from simulator.spec.base import Quantity
from simulator.spec.design import Cell
from simulator.spec.experiment import Evolution, Experiment
from simulator.spec.scenario import Scenario
from simulator.writing.formats import markdown, records
from simulator.writing.numbers import interval as between
from simulator.writing.numbers import signed, unit, value

FAITH = ("holder_good_faith", "implementer_good_faith")
STARTS, RESAMPLES, FOLLOWED = 64, 400, 8
"""Initial mixes followed for a basin (a power of two); resampled games for intervals, and for basins."""


@dataclass
class EvolutionResults:
    """What an experiment of evolution found."""

    experiment: Experiment
    shares: pd.DataFrame
    profiles: pd.DataFrame
    outcomes: pd.DataFrame
    contrasts: pd.DataFrame
    detection: pd.DataFrame
    hypotheses: pd.DataFrame = field(default_factory=pd.DataFrame)
    elsewhere: pd.DataFrame = field(default_factory=pd.DataFrame)
    changed: list[str] = field(default_factory=list)
    written: list[Path] = field(default_factory=list)

    @cached_property
    def axes(self) -> list[str]:
        """The names of what is varied."""
        return [axis.name for axis in self.experiment.axes]

    def tables(self) -> dict[str, pd.DataFrame]:
        """Every table that has rows, by name."""
        names = ("shares", "profiles", "outcomes", "contrasts", "detection", "hypotheses", "elsewhere")
        return {name: getattr(self, name) for name in names if len(getattr(self, name))}

    def counts(self) -> dict[str, int]:
        """Replications behind the figures that are not drawn from the market's own."""
        how = _evolution(self.experiment)
        mapped = {} if how.detection is None else {"detection": how.detection.replications}
        return {"shares": how.replications, "basins": how.replications, **mapped}

    def to_json(self) -> dict[str, Any]:
        """The experiment and its tables as rows."""
        rows = {name: table.to_dict("records") for name, table in self.tables().items()}
        return {"experiment": self.experiment.experiment, "seed": self.experiment.scenario.seed, **rows}

    def table(self) -> Table:
        """Cell by regime: share of good faith on both sides, and the outcomes, initial and evolved."""
        table = Table(title=self.experiment.title, title_justify="left")
        heads, rows = self.summary()
        for head in heads:
            table.add_column(head)
        for row in rows:
            table.add_row(*row)
        return table

    def summary(self) -> tuple[list[str], list[list[str]]]:
        """Heads and rows of the answer's main table: one row a cell and regime."""
        names = [METRICS[name] for name in dict.fromkeys(self.outcomes["metric"])]
        heads = [*self.axes, "regime", "holders in the long run", "implementers in the long run"]
        heads += [f"{metric.title} ({unit(metric.unit)}): initial > evolved" for metric in names]
        rows = []
        for (number, regime), part in self.outcomes.groupby(["cell", "regime"], sort=False):
            own = self.shares[(self.shares["cell"] == number) & (self.shares["regime"] == regime)]
            sides = [", ".join(_survivors(own[own["side"] == side])) for side in ("holder", "implementer")]
            by_metric = part.set_index("metric").to_dict("index")
            cells = []
            for metric in names:
                row = by_metric[metric.name]
                reach = between(row["evolved_low"], row["evolved_high"], metric.unit)
                cells.append(
                    f"{value(row['static'], metric.unit)} > {value(row['evolved'], metric.unit)} {reach}"
                )
            first = part.iloc[0]
            rows.append([*(f"{first[axis]:g}" for axis in self.axes), str(regime), *sides, *cells])
        return heads, rows

    def text(self) -> str:
        """The answer as Markdown."""
        plan, scenario = self.experiment, self.experiment.scenario
        how = _evolution(plan)
        lines = [
            (
                f"`frandsim experiment {plan.experiment}`: scenario {scenario.scenario}, seed "
                f"{scenario.seed}, {len(plan.cells())} cells, {scenario.replications} replications of the "
                f"market, {how.replications} of each pairing; Fermi imitation among {how.population} firms a "
                f"side, intensity {how.intensity:g} per unit of E, rare mutation. Shares are of time in the "
                "long run; brackets: 95 % percentile intervals over resampled payoffs and replications."
            ),
            *shifted(self.shares),
            "",
            *self._verdicts(),
            *markdown(*self.summary()),
        ]
        if len(self.contrasts):
            lines += ["", f"Differences from {scenario.baseline}, paired:", "", *self._differences()]
        faith = self.profiles[
            (self.profiles["holder_strategy"] == FAITH[0])
            & (self.profiles["implementer_strategy"] == FAITH[1])
        ]
        if len(faith):
            lines += ["", "Good faith on both sides:", "", *markdown(*self._faith(faith))]
        if len(self.detection):
            lines += ["", *self._map()]
        return "\n".join(lines) + "\n"

    def _verdicts(self) -> Iterator[str]:
        """The table of claims, and what those about one regime come to elsewhere."""
        if not len(self.hypotheses):
            return
        yield (
            "**Claims on the long run.** Effect: contrast in % of time, with 95 % percentile interval over "
            f"{RESAMPLES} resamples, the same in all cells and regimes; p: two-sided bootstrap, adjusted "
            "over all claims (Holm), controls among themselves. On the map of detection an effect is the "
            "mean over its chances above zero. Share: of these chances, or of cells, where it is as expected."
        )
        heads = ["Claim", "Contrast", "Expected", "Effect", "p", "Verdict", "Share"]
        yield from ["", *markdown(heads, [claim_cells(row) for row in records(self.hypotheses)]), ""]
        if len(self.elsewhere):
            yield "The same contrasts under each regime that recognises a fault (% of time), not tested:"
            wide = self.elsewhere.assign(
                said=[
                    f"{signed(row['mean'], UNIT)} {between(row['low'], row['high'], UNIT)}"
                    for row in records(self.elsewhere)
                ]
            ).pivot(index="regime", columns="id", values="said")
            order = dict.fromkeys(self.elsewhere["regime"])
            rows = [[str(name), *wide.loc[name]] for name in order]
            yield from ["", *markdown(["regime", *wide.columns], rows), ""]

    def _differences(self) -> list[str]:
        heads = [*self.axes, "regime", "outcome", "initial mix", "evolved mix", "what evolution adds"]
        rows = []
        for row in self.contrasts.to_dict("records"):
            kind = METRICS[row["metric"]].unit
            said = [
                f"{value(row[part], kind)} {between(row[f'{part}_low'], row[f'{part}_high'], kind)}"
                for part in ("static", "evolved", "difference")
            ]
            axes = [f"{row[axis]:g}" for axis in self.axes]
            rows.append([*axes, row["regime"], METRICS[row["metric"]].title, *said])
        return markdown(heads, rows)

    def _faith(self, faith: pd.DataFrame) -> tuple[list[str], list[list[str]]]:
        heads = [*self.axes, "regime", "% of time", "basin, % of initial mixes", "stable, % of resamples"]
        rows = [
            [
                *(f"{row[axis]:g}" for axis in self.axes),
                row["regime"],
                f"{100 * row['time']:.1f} {between(row['time_low'], row['time_high'], 'share')}",
                f"{100 * row['basin']:.1f} {between(row['basin_low'], row['basin_high'], 'share')}",
                f"{100 * row['ess_resamples']:.1f}",
            ]
            for row in faith.to_dict("records")
        ]
        return heads, rows

    def _map(self) -> Iterator[str]:
        yield (
            "Share of time (%) in which both sides play good faith, by the chance that the court sees a "
            "fault: rows the holder's (hold-up is caught), columns the implementer's (hold-out is caught); "
            f"among the strategies {', '.join(_mapped(self.experiment))}."
        )
        for regime, part in self.detection.groupby("regime", sort=False):
            grid = part.pivot(index="hold_up_caught", columns="hold_out_caught", values="good_faith")
            heads = [str(regime), *(f"{column:g}" for column in grid.columns)]
            rows = [[f"{row:g}", *(f"{100 * cell:.0f}" for cell in grid.loc[row])] for row in grid.index]
            yield from ["", *markdown(heads, rows)]


def _survivors(rows: pd.DataFrame) -> list[str]:
    """Strategies with 5 % or more of their side, largest first."""
    often = rows[rows["share"] >= 0.05].sort_values("share", ascending=False)
    return [
        f"{row['strategy'].partition('_')[2].replace('_', ' ')} {100 * row['share']:.0f}"
        for row in often.to_dict("records")
    ]


def _evolution(plan: Experiment) -> Evolution:
    return plan.evolution or Evolution()


def _mapped(plan: Experiment) -> tuple[str, ...]:
    detection = _evolution(plan).detection
    return () if detection is None else detection.strategies


def games(experiment: Experiment) -> Iterator[tuple[GamePlan, int]]:
    """Every game that an experiment of evolution measures, and with how many replications."""
    how = _evolution(experiment)
    for cell in experiment.cells():
        there = experiment.at(cell)
        for law in there.regimes:
            yield plan(there, law.regime, how.strategies), how.replications
    if how.detection is not None:
        asked = how.detection
        for law, (up, out) in product(experiment.scenario.regimes, product(asked.values, repeat=2)):
            caught_so = caught(experiment.scenario, up, out)
            yield plan(caught_so, law.regime, asked.strategies), asked.replications


def play_evolution(
    experiment: Experiment,
    *,
    kept: Path | None = None,
    workers: int = 1,
    progress: Callable[[str], None] | None = None,
) -> EvolutionResults:
    """Run an experiment of evolution: every cell and regime, then the map of detection if there is one.

    Games that are measured are kept in the folder ``kept`` and taken from there: an interrupted run goes on.
    """
    for place, name in enumerate(experiment.outcomes):
        if name not in COMMON:
            what, rule = f"got {name}", "experiments of evolution look at whole metrics, without conditions"
            raise ScenarioError(Problem(experiment.experiment, None, f"outcomes[{place}]", what, rule))
    check(experiment)
    parts: dict[str, list[pd.DataFrame]] = {"shares": [], "profiles": [], "outcomes": [], "contrasts": []}
    cells = experiment.cells()
    settled: dict[tuple[int, str], LongRun] = {}
    for number, cell in enumerate(cells):
        found, states = _cell(experiment, cell, kept, workers, progress)
        settled |= {(number, name): state for name, state in states.items()}
        for name, tables in found.items():
            for table in tables:
                where: dict[str, Any] = {"cell": number, **cell}
                parts[name].append(table.assign(**where)[[*where, *table.columns]])
        if progress is not None:
            progress(f"{number + 1} of {len(cells)} cells")
    joined = {name: pd.concat(tables, ignore_index=True) for name, tables in parts.items() if tables}
    detection, mapped = _detection(experiment, kept, workers, progress)
    runs = Runs(experiment, settled, mapped)
    return EvolutionResults(
        experiment,
        joined["shares"],
        joined["profiles"],
        joined["outcomes"],
        joined.get("contrasts", pd.DataFrame()),
        detection,
        judge(runs),
        elsewhere(runs),
    )


def _cell(
    experiment: Experiment,
    cell: Cell,
    kept: Path | None,
    workers: int,
    progress: Callable[[str], None] | None,
) -> tuple[dict[str, list[pd.DataFrame]], dict[str, LongRun]]:
    how, scenario = _evolution(experiment), experiment.at(cell)
    adapt = Adaptation(
        strategies=how.strategies,
        budget=how.replications,
        population=how.population,
        intensity=how.intensity,
        resamples=RESAMPLES,
    )
    evidence = Evidence(scenario)
    play(scenario, workers=workers, take=lambda _, rows: evidence.add(rows), on_error="stop")
    tables: dict[str, list[pd.DataFrame]] = {"shares": [], "profiles": [], "outcomes": [], "contrasts": []}
    drawings: dict[str, tuple[Any, Any]] = {}
    settled: dict[str, LongRun] = {}
    for law in scenario.regimes:
        asked = plan(scenario, law.regime, how.strategies)
        game = replicated(asked, how.replications, folder=kept, workers=workers)
        state = settle(asked, adapt, game)
        settled[law.regime] = LongRun(
            game.holders,
            game.implementers,
            state.profiles,
            state.spread,
            game.n,
            _sampled(game, how, experiment.scenario.seed),
        )
        static = evidence.values.xs(law.regime, level="regime")[list(COMMON)].to_numpy()
        drawings[law.regime] = drawn(state, static, workers=workers)
        tables["shares"].append(state.shares())
        tables["profiles"].append(_profiles(state, scenario.seed, workers))
        tables["outcomes"].append(_outcomes(experiment, law.regime, *drawings[law.regime]))
        if progress is not None:
            progress(f"{law.regime}: done")
    base = drawings[scenario.baseline]
    tables["contrasts"] += [
        _outcomes(experiment, name, own[0] - base[0], own[1] - base[1])
        for name, own in drawings.items()
        if name != scenario.baseline
    ]
    return tables, settled


def _outcomes(experiment: Experiment, regime: str, point: Any, draws: Any) -> pd.DataFrame:
    """The experiment's outcomes at the initial and the evolved mix, and what evolution adds."""
    names = list(COMMON)
    rows = []
    for metric in experiment.outcomes:
        k = names.index(metric)
        row: dict[str, Any] = {"regime": regime, "metric": metric}
        for part, label in enumerate(("static", "evolved", "difference")):
            low, high = interval(draws[:, part, k])
            row |= {label: float(point[part, k]), f"{label}_low": float(low), f"{label}_high": float(high)}
        rows.append(row)
    return pd.DataFrame(rows)


def _profiles(state: Any, seed: int, workers: int) -> pd.DataFrame:
    """Each pure profile: share of time, basin, share of resampled games in which it is stable."""
    game = state.game
    A, B = resampled(game.a, game.b, RESAMPLES, seed)
    ess = strict(A, B).mean(axis=0)
    follow = partial(basins, count=STARTS, seed=seed)
    with ThreadPoolExecutor(workers) as pool:
        point, *others = pool.map(follow, [game.A, *A[:FOLLOWED]], [game.B, *B[:FOLLOWED]])
    reached, basin = np.stack([one.profiles for one in others]), point.profiles
    ends = interval(state.spread), interval(reached)
    return pd.DataFrame(
        [
            {
                "regime": game.regime,
                "holder_strategy": game.holders[i],
                "implementer_strategy": game.implementers[j],
                "time": float(state.profiles[i, j]),
                "time_low": float(ends[0][0][i, j]),
                "time_high": float(ends[0][1][i, j]),
                "basin": float(basin[i, j]),
                "basin_low": float(ends[1][0][i, j]),
                "basin_high": float(ends[1][1][i, j]),
                "ess_resamples": float(ess[i, j]),
            }
            for i, j in np.ndindex(*game.A.shape)
        ]
    )


def _detection(
    experiment: Experiment, kept: Path | None, workers: int, progress: Callable[[str], None] | None
) -> tuple[pd.DataFrame, Found]:
    """Long run over the chances that hold-up and that hold-out are caught; the cells of claims on it."""
    how = _evolution(experiment)
    asked = how.detection
    if asked is None:
        return pd.DataFrame(), {}
    rows = []
    shares: dict[tuple[float, float, str], LongRun] = {}
    for law in experiment.scenario.regimes:
        for hold_up, hold_out in product(asked.values, repeat=2):
            there = plan(caught(experiment.scenario, hold_up, hold_out), law.regime, asked.strategies)
            game = replicated(there, asked.replications, folder=kept, workers=workers)
            run = _long_run(game, how, experiment.scenario.seed)
            shares[hold_up, hold_out, law.regime] = run
            i, j = game.holders.index(FAITH[0]), game.implementers.index(FAITH[1])
            rows.append(
                {
                    "regime": law.regime,
                    "hold_up_caught": hold_up,
                    "hold_out_caught": hold_out,
                    "good_faith": float(run.time[i, j]),
                    "holders_in_good_faith": float(run.time[i].sum()),
                    "implementers_in_good_faith": float(run.time[:, j].sum()),
                    "stable": bool(strict(game.A, game.B)[i, j]),
                }
            )
        if progress is not None:
            progress(f"map of detection: {law.regime}")
    return pd.DataFrame(rows), on_the_map(shares, asked.values)


def _long_run(game: EmpiricalGame, how: Evolution, seed: int) -> LongRun:
    """Where a game of the map leads, and where its resamples lead."""
    sizes = (how.population, how.population)
    spread = stationary(*resampled(game.a, game.b, RESAMPLES, seed), sizes, how.intensity)
    time = stationary(game.A, game.B, sizes, how.intensity)
    return LongRun(game.holders, game.implementers, time, spread, game.n, _sampled(game, how, seed))


def _sampled(game: EmpiricalGame, how: Evolution, seed: int) -> Values | None:
    """Where a game leads at each sampled number of firms and intensity: (points, m, n)."""
    if how.firms is None:
        return None
    return np.stack(
        [stationary(game.A, game.B, (firms, firms), intensity) for firms, intensity in how.firms.drawn(seed)]
    )


def caught(scenario: Scenario, hold_up: float, hold_out: float) -> Scenario:
    """The scenario with a chance of its own for each side that the court sees a fault."""
    chances = {"detected": 1.0, "attention_holder": hold_up, "attention_implementer": hold_out}
    source = "a point of the map of detection"
    seen = {f"court.faults.{name}": Quantity(value=one, source=source) for name, one in chances.items()}
    return scenario.model_copy(update={"set": scenario.set | seen})
