"""The third party: a population of courts or regulators that set rates, grant injunctions, or stay out.

As in the published games of three parties, but with measured payoffs: to a court, the welfare of the pair
(1 - avoidable losses / E, its own public cost among them) less its error, how far what was paid lies from
the entitlement (``|Y - E| / E``).  The three courts differ in nothing but what they do.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from simulator.evolution.evolved import Adaptation, initial
from simulator.evolution.game import EmpiricalGame, GamePlan, Values, measure, plan
from simulator.evolution.replicator import replicator
from simulator.evolution.stored_games import measured
from simulator.evolution.tripartite import rest_points, stable
from simulator.spec.regime import Regime, StandingRules
from simulator.spec.scenario import Scenario
from simulator.vocabulary import CourtMode, Standing

ERROR = 1.0
"""What a unit of error costs a court, in units of welfare (assumption)."""
COURTS = {
    "sets the rate": CourtMode.DIRECT,
    "grants injunctions": CourtMode.INDIRECT,
    "stays out": CourtMode.NONE,
}
SMALL = 9
"""Profiles of holders and implementers up to which mixed rest points are looked for."""


@dataclass(frozen=True)
class Courts:
    """The game of three populations: payoffs (3, m, n, courts), and the same by replication."""

    plan: GamePlan
    games: tuple[EmpiricalGame, ...]

    @property
    def samples(self) -> Values:
        """Payoffs by replication: (replications, 3, m, n, courts)."""
        each = [
            (game.a, game.b, game.channel("welfare") - ERROR * game.channel("error")) for game in self.games
        ]
        return np.stack([np.stack(sides, axis=1) for sides in each], axis=-1)

    def table(self, resamples: int, seed: int) -> pd.DataFrame:
        """Payoffs of each pure profile, whether it is stable, in what share of resamples, and how it ends.

        ``end``: mean share of the second half of the replicator from the market's mix and even courts.
        """
        samples = self.samples
        mean = samples.mean(axis=0)
        error = samples.std(axis=0, ddof=1) / np.sqrt(len(samples))
        weights = np.random.default_rng([seed, 7]).multinomial(
            len(samples), np.full(len(samples), 1 / len(samples)), size=resamples
        ) / len(samples)
        again = np.tensordot(weights, samples, 1)
        share = np.mean([stable(one) for one in again], axis=0)
        fixed, end = stable(mean), self._end(mean)
        rows = []
        for i, j, k in np.ndindex(*mean.shape[1:]):
            row: dict[str, object] = {
                "holder_strategy": self.plan.holders[i],
                "implementer_strategy": self.plan.implementers[j],
                "court": list(COURTS)[k],
            }
            for side, name in enumerate(("holder", "implementer", "court_payoff")):
                row |= {name: float(mean[side, i, j, k]), f"{name}_se": float(error[side, i, j, k])}
            row |= {
                "stable": bool(fixed[i, j, k]),
                "resamples": float(share[i, j, k]),
                "end": float(end[0][i] * end[1][j] * end[2][k]),
            }
            rows.append(row)
        return pd.DataFrame(rows)

    def _end(self, mean: Values) -> tuple[Values, ...]:
        x, y = initial(self.plan)
        first = replicator(tuple(mean), [x, y, np.full(len(COURTS), 1 / len(COURTS))], 1000.0)
        return replicator(tuple(mean), first.end, 1000.0).average

    def interior(self) -> list[str]:
        """The stability of every mixed rest point found, in words; never evolutionarily stable (theory)."""
        mean = self.samples.mean(axis=0)
        if mean[0, :, :, 0].size > SMALL:
            return []
        mixed = [one for one in rest_points(mean) if any(mix.max() < 1 - 1e-9 for mix in one.mixes)]
        return [f"{_words(one.mixes)}: {one.stability}" for one in mixed]


def _words(mixes: Sequence[Values]) -> str:
    return " x ".join("(" + ", ".join(f"{share:.2f}" for share in mix) + ")" for mix in mixes)


def courts(
    scenario: Scenario, how: Adaptation | None = None, *, folder: Path | None = None, workers: int = 1
) -> Courts:
    """Measure the game of three populations on the procedure of the scenario's baseline."""
    how = how or Adaptation()
    law = scenario.under(scenario.baseline).regimes[0]
    variants = [acting(law, mode) for mode in COURTS.values()]
    played = scenario.model_copy(update={"regimes": tuple(variants)})
    plans = [plan(played, one.regime, how.strategies) for one in variants]
    games = [measured(one, how.budget, folder=folder, workers=workers) for one in plans]
    most = max(game.n for game in games)  # the same replications for all courts
    even = zip(plans, games, strict=True)
    return Courts(plans[0], tuple(measure(one, most, workers=workers, known=game) for one, game in even))


def acting(law: Regime, mode: CourtMode) -> Regime:
    """A regime whose court acts in another way and is otherwise the same; one that stays out hears nobody."""
    update: dict[str, object] = {"mode": mode}
    if mode is CourtMode.NONE:
        update["standing"] = StandingRules(holder=Standing.NONE, implementer=Standing.NONE)
    court = law.court.model_copy(update=update)
    return law.model_copy(update={"regime": f"{law.regime}-{mode.name.lower()}", "court": court})
