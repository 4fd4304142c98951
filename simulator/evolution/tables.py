"""What evolution does under each regime, as tables: payoffs, equilibria, long run, basins, time, ladders."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from itertools import product
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from rich.table import Table
from scipy import stats

from simulator.evolution.basins import basin_map, basins
from simulator.evolution.bootstrap import ResampledGames, bootstrap, interval, shifted
from simulator.evolution.courts import Courts, courts
from simulator.evolution.equilibria import nash, possible
from simulator.evolution.evolved import LEVEL, Adaptation, Evolved, evolve, initial
from simulator.evolution.game import EmpiricalGame, Values, plan
from simulator.evolution.market import gaps
from simulator.evolution.replicator import replicator, velocity
from simulator.evolution.stored_games import measured
from simulator.spec.base import Quantity
from simulator.spec.scenario import Scenario
from simulator.writing.formats import as_rows
from simulator.writing.numbers import interval as interval_words
from simulator.writing.numbers import percent

STARTS, BASIN_DRAWS, INSIDE = 256, 40, 40
"""Initial mixes followed for a basin (a power of two), resampled games followed, markets for the gap."""


@dataclass(frozen=True)
class Ladder:
    """One parameter of the registry and the values it takes."""

    parameter: str
    values: tuple[float, ...]


@dataclass(frozen=True)
class EvolutionTables:
    """Evolution under each regime of a scenario; every table is computed when first asked for."""

    scenario: Scenario
    how: Adaptation
    states: Mapping[str, Evolved]
    games: Mapping[str, EmpiricalGame]
    steps: Mapping[tuple[float, str], Evolved] = field(default_factory=dict)
    ladder: Ladder | None = None
    third: Courts | None = None
    workers: int = 1
    written: list[Path] = field(default_factory=list)

    @cached_property
    def noise(self) -> dict[str, ResampledGames]:
        """What resampled games leave open, by regime."""
        return {
            name: bootstrap(
                game.a,
                game.b,
                sizes=(self.how.population, self.how.population),
                intensity=self.how.intensity,
                draws=self.how.resamples,
                basin_draws=BASIN_DRAWS,
                basin_starts=STARTS,
                seed=self.scenario.seed,
            )
            for name, game in self.games.items()
        }

    @cached_property
    def payoffs(self) -> pd.DataFrame:
        """Both payoff matrices with standard errors and 95 % t intervals, share of E."""
        rows = []
        for name, game in self.games.items():
            reach = stats.t.ppf((1 + LEVEL) / 2, max(game.n - 1, 1))
            for i, j in _cells(game):
                row: dict[str, Any] = {"regime": name, **_called(game, i, j), "replications": game.n}
                for side, mean, error in (
                    ("holder", game.A[i, j], game.A_se[i, j]),
                    ("implementer", game.B[i, j], game.B_se[i, j]),
                ):
                    row |= {
                        side: float(mean),
                        f"{side}_se": float(error),
                        f"{side}_low": float(mean - reach * error),
                        f"{side}_high": float(mean + reach * error),
                    }
                rows.append(row)
        return pd.DataFrame(rows)

    @cached_property
    def unresolved(self) -> dict[str, list[str]]:
        """Best replies that the budget did not settle, in words, by regime."""
        return {name: game.unresolved() for name, game in self.games.items()}

    @cached_property
    def cautions(self) -> list[str]:
        """What limits the shares found, in words."""
        return shifted(self.strategies)

    @cached_property
    def gaps(self) -> pd.DataFrame:
        """Payoffs inside the market at its mix less those of isolated pairs, by cell and side."""
        tables = [
            gaps(plan(self.scenario, name, self.how.strategies), game, INSIDE, workers=self.workers)
            for name, game in self.games.items()
        ]
        return pd.concat(tables, ignore_index=True) if tables else pd.DataFrame()

    @cached_property
    def equilibria(self) -> pd.DataFrame:
        """Nash equilibria of the mean game with stability; how sure the noise lets one be of the pure ones.

        ``resamples``: share of resampled games in which a pure one is stable; ``proved``: every deviation
        loses by more than 1.96 standard errors; ``possible`` (a pure profile that is no
        equilibrium of the mean game): none gains by more than that.
        """
        rows = []
        for name, game in self.games.items():
            solved = nash(game.A, game.B)
            may, must = possible(game.a, game.b)
            share = self.noise[name].ess_share
            seen = set()
            for equilibrium in solved.equilibria:
                i, j = (side[0] for side in equilibrium.support)
                pure = len(equilibrium.support[0]) == len(equilibrium.support[1]) == 1
                seen |= {(i, j)} if pure else set()
                rows.append(
                    {
                        "regime": name,
                        "holders": _mix(equilibrium.holders, game.holders),
                        "implementers": _mix(equilibrium.implementers, game.implementers),
                        "holder": equilibrium.payoffs[0],
                        "implementer": equilibrium.payoffs[1],
                        "stability": str(equilibrium.point.stability),
                        "ess": equilibrium.ess,
                        "resamples": float(share[i, j]) if pure else float("nan"),
                        "judged": ("proved" if must[i, j] else "not proved") if pure else "mixed",
                    }
                )
            rows += [
                {
                    "regime": name,
                    "holders": game.holders[i],
                    "implementers": game.implementers[j],
                    "holder": float(game.A[i, j]),
                    "implementer": float(game.B[i, j]),
                    "stability": "no equilibrium on the means",
                    "ess": False,
                    "resamples": float(share[i, j]),
                    "judged": "possible",
                }
                for i, j in _cells(game)
                if may[i, j] and (i, j) not in seen
            ]
        return pd.DataFrame(rows)

    @cached_property
    def profiles(self) -> pd.DataFrame:
        """Each pure profile: share of time (with interval), basin (with interval), share of resamples ESS."""
        rows = []
        for name, game in self.games.items():
            noise = self.noise[name]
            time = self._long_run(name)
            basin = basins(game.A, game.B, count=STARTS, seed=self.scenario.seed)
            ends = interval(noise.stationary), interval(noise.basins)
            for i, j in _cells(game):
                rows.append(
                    {
                        "regime": name,
                        **_called(game, i, j),
                        "time": float(time[i, j]),
                        "time_low": float(ends[0][0][i, j]),
                        "time_high": float(ends[0][1][i, j]),
                        "basin": float(basin.profiles[i, j]),
                        "basin_low": float(ends[1][0][i, j]),
                        "basin_high": float(ends[1][1][i, j]),
                        "ess_resamples": float(noise.ess_share[i, j]),
                    }
                )
            other = {"cycles": basin.cycles, "mixed rest": basin.rest, "undecided": basin.undecided}
            rows += [
                {"regime": name, "holder_strategy": kind, "implementer_strategy": "", "basin": share}
                for kind, share in other.items()
                if share > 0
            ]
        return pd.DataFrame(rows)

    def _long_run(self, regime: str) -> Values:
        state = self.states[regime]
        if self.how.dynamics == "fermi":
            return state.profiles
        from simulator.evolution.finite import stationary

        game = self.games[regime]
        return stationary(game.A, game.B, (self.how.population,) * 2, self.how.intensity)

    @cached_property
    def strategies(self) -> pd.DataFrame:
        """Share of each strategy where the chosen dynamics lead, with interval."""
        return pd.concat([state.shares() for state in self.states.values()], ignore_index=True)

    @cached_property
    def trajectories(self) -> pd.DataFrame:
        """Shares over time from the market's mix: replicator, or agents with their band over populations."""
        rows: list[pd.DataFrame] = []
        for name, state in self.states.items():
            if state.imitation is not None:
                for side, names, shares in (
                    ("holder", state.plan.holders, state.imitation.holder_shares),
                    ("implementer", state.plan.implementers, state.imitation.implementer_shares),
                ):
                    ends = interval(shares)
                    rows += [
                        pd.DataFrame(
                            {
                                "regime": name,
                                "side": side,
                                "strategy": one,
                                "time": np.arange(shares.shape[1]),
                                "share": shares[:, :, k].mean(axis=0),
                                "low": ends[0][:, k],
                                "high": ends[1][:, k],
                            }
                        )
                        for k, one in enumerate(names)
                    ]
                continue
            game = self.games[name]
            run = replicator((game.A, game.B), initial(state.plan), 400.0, points=101)
            for side, names, mixes in (
                ("holder", game.holders, run.mixes[0]),
                ("implementer", game.implementers, run.mixes[1]),
            ):
                rows += [
                    pd.DataFrame(
                        {
                            "regime": name,
                            "side": side,
                            "strategy": one,
                            "time": run.time,
                            "share": mixes[:, k],
                        }
                    ).assign(drift=run.drift)
                    for k, one in enumerate(names)
                ]
        return pd.concat(rows, ignore_index=True)

    @cached_property
    def phase(self) -> pd.DataFrame:
        """Two strategies each: where every mix leads, and how fast, on a grid of the first ones' shares."""
        rows = []
        for name, game in self.games.items():
            if game.A.shape != (2, 2):
                continue
            labels = basin_map(game.A, game.B, points=25)
            share = (np.arange(25) + 0.5) / 25
            x, y = (axis.ravel() for axis in np.meshgrid(share, share, indexing="ij"))
            ends = [_end(game, int(label)) for label in labels.ravel()]
            moves = [
                velocity((game.A, game.B), [np.array([p, 1 - p]), np.array([q, 1 - q])])
                for p, q in zip(x.tolist(), y.tolist(), strict=True)
            ]
            rows.append(
                pd.DataFrame(
                    {
                        "regime": name,
                        "holders": x,
                        "implementers": y,
                        "holders_change": [float(move[0][0]) for move in moves],
                        "implementers_change": [float(move[1][0]) for move in moves],
                        "end": ends,
                    }
                )
            )
        return pd.concat(rows, ignore_index=True) if rows else pd.DataFrame()

    @cached_property
    def map(self) -> pd.DataFrame:
        """Along the parameter: share of each strategy where evolution leads, with interval."""
        if self.ladder is None:
            return pd.DataFrame()
        tables = []
        for (value, _), state in self.steps.items():
            table = state.shares()
            table.insert(0, self.ladder.parameter, value)
            tables.append(table)
        return pd.concat(tables, ignore_index=True)

    @cached_property
    def courts(self) -> pd.DataFrame:
        """Three populations: payoffs and stability of each pure profile."""
        return self.third.table(self.how.resamples, self.scenario.seed) if self.third else pd.DataFrame()

    def tables(self) -> dict[str, pd.DataFrame]:
        """Every table that has rows, by name."""
        names = ["strategies", "trajectories", "map", "courts"]
        names += ["payoffs", "gaps", "equilibria", "profiles", "phase"] if self.games else []
        found = {name: getattr(self, name) for name in names}
        return {name: table for name, table in found.items() if len(table)}

    def to_json(self) -> dict[str, Any]:
        """Scenario, assumptions, what is unresolved, and every table but the long ones, as lists of rows.

        Numbers have ten digits; what is undefined is ``None``.
        """
        short = {
            name: table for name, table in self.tables().items() if name not in ("phase", "trajectories")
        }
        return {
            "scenario": self.scenario.scenario,
            "seed": self.scenario.seed,
            "dynamics": self.how.dynamics,
            "population": self.how.population,
            "intensity": self.how.intensity,
            "replications": {name: game.n for name, game in self.games.items()},
            "unresolved": self.unresolved,
            "cautions": self.cautions,
            "interior": self.third.interior() if self.third else [],
            **{name: as_rows(table) for name, table in short.items()},
        }

    def table(self) -> Table:
        """By regime: where evolution leads, with intervals, and the equilibria of the measured game."""
        how = f"{self.how.dynamics}, budget {self.how.budget} replications, seed {self.scenario.seed}"
        open_ones = sum(map(len, self.unresolved.values()))
        notes = "share of the side in the long run, 95 % interval in brackets; strategies below 1 % left out"
        for caution in self.cautions:
            notes += f"\n{caution}"
        if open_ones:
            notes += f"\n{open_ones} best replies are not resolved at three standard errors (named in --json)"
        table = Table(
            title=f"{self.scenario.title} ({how})",
            title_justify="left",
            caption=notes,
            caption_justify="left",
        )
        for head in ("Regime", "Holders", "Implementers", "Stable equilibria"):
            table.add_column(head)
        for name in self.states:
            rows = self.strategies[(self.strategies["regime"] == name) & (self.strategies["share"] >= 0.01)]
            sides = [
                "\n".join(map(_share_words, rows[rows["side"] == side].to_dict("records")))
                for side in ("holder", "implementer")
            ]
            stable = self.equilibria[(self.equilibria["regime"] == name) & self.equilibria["ess"]]
            ends = [f"{row['holders']} x {row['implementers']}" for row in stable.to_dict("records")]
            table.add_row(name, *sides, "\n".join(ends) or "none: mixes keep turning")
        return table


def evolution_tables(
    scenario: Scenario,
    how: Adaptation | None = None,
    *,
    ladder: Ladder | None = None,
    three: bool = False,
    folder: Path | None = None,
    workers: int = 1,
    progress: Callable[[str], None] | None = None,
) -> EvolutionTables:
    """Evolution under every regime of a scenario, and along a parameter if one is named.

    Games are kept in ``folder`` and reused; ``progress`` hears of each regime done.  With ``three``, courts
    are a third population on the baseline's procedure.
    """
    how = how or Adaptation()
    states, games, steps = {}, {}, {}
    for place, law in enumerate(scenario.regimes):
        name = law.regime
        states[name] = evolve(scenario, name, how, folder=folder, workers=workers)
        game = states[name].game
        if game is None:
            game = measured(plan(scenario, name, how.strategies), how.budget, folder=folder, workers=workers)
        games[name] = game
        for value in ladder.values if ladder is not None else ():
            there = at(scenario, ladder.parameter if ladder else "", value)
            steps[value, name] = evolve(there, name, how, folder=folder, workers=workers)
        if progress is not None:
            progress(f"{place + 1} of {len(scenario.regimes)} regimes: {name}")
    third = courts(scenario, how, folder=folder, workers=workers) if three else None
    return EvolutionTables(scenario, how, states, games, steps, ladder, third, workers)


def at(scenario: Scenario, parameter: str, value: float) -> Scenario:
    """The scenario with a number of the registry laid over it."""
    number = Quantity(value=value, source="varied")
    return scenario.model_copy(update={"set": scenario.set | {parameter: number}})


def _share_words(row: Mapping[Any, Any]) -> str:
    between = interval_words(row["low"], row["high"], "share")
    return f"{row['strategy']} {percent(row['share'])} {between}".rstrip()


def _cells(game: EmpiricalGame) -> Iterator[tuple[int, int]]:
    return product(range(len(game.holders)), range(len(game.implementers)))


def _called(game: EmpiricalGame, i: int, j: int) -> dict[str, str]:
    return {"holder_strategy": game.holders[i], "implementer_strategy": game.implementers[j]}


def _mix(shares: Values, names: Sequence[str]) -> str:
    """A mix in words: its strategies, with shares where there are several."""
    played = [(name, share) for name, share in zip(names, shares.tolist(), strict=True) if share > 0]
    if len(played) == 1:
        return played[0][0]
    return ", ".join(f"{name} {share:.3f}" for name, share in played)


def _end(game: EmpiricalGame, label: int) -> str:
    """What a basin's label means."""
    if label >= 0:
        i, j = divmod(label, len(game.implementers))
        return f"{game.holders[i]} x {game.implementers[j]}"
    from simulator.evolution.basins import CYCLE, REST

    return {CYCLE: "cycle", REST: "mixed rest"}.get(label, "undecided")
