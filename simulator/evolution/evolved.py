"""Where evolution leads under a regime, and what the market is like there.

The measured game says which strategies pay; the dynamics say which of them are found after people have
learned; the market is then played at that mix, beside the initial one, with the same luck.  Noise of the
measurement is carried through: payoffs are resampled, every resample has its own long-run mix, and the
interval of an outcome covers both that and the chance of the market.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

import numpy as np
import pandas as pd
from scipy import stats

from simulator.engine.build import build
from simulator.engine.run import run_chunk
from simulator.evolution.bootstrap import interval, resampled
from simulator.evolution.finite import stationary
from simulator.evolution.game import EmpiricalGame, GamePlan, Values, plan
from simulator.evolution.imitation import Imitation, Learning, imitate
from simulator.evolution.market import at_mix
from simulator.evolution.replicator import replicator
from simulator.evolution.stored_games import measured
from simulator.outcomes.measures import COMMON, measure
from simulator.outcomes.negotiations import Setting
from simulator.spec.scenario import Scenario

RARE = 0.005
"""Profiles in which evolution spends less than this share of its time are not played (the rest is told)."""
LEVEL = 0.95
LIMITS = 12
"""Resampled games whose replicator limits are found and played."""

Dynamics = Literal["fermi", "replicator", "agents"]


@dataclass(frozen=True)
class Adaptation:
    """How people adapt, and how well it is measured.  Population, intensity and mutation are assumptions.

    ``fermi``: long run of rare mutation in two finite populations of ``population`` firms each that imitate
    with ``intensity`` per unit of E; ``replicator``: where infinite populations go from the market's mix in
    ``until`` units of time; ``agents``: firms that imitate inside the running market (``learning``).
    """

    dynamics: Dynamics = "fermi"
    strategies: tuple[str, ...] = ()
    budget: int = 1024
    population: int = 50
    intensity: float = 5.0
    until: float = 2000.0
    resamples: int = 400
    learning: Learning = field(default_factory=Learning)


@dataclass(frozen=True)
class Evolved:
    """The state evolution reaches under one regime.

    ``profiles`` (m, n): share of time, or of pairs, in each profile; ``spread`` the same for each resampled
    game or population, (resamples, m, n).  ``game`` is none for agents, who play no matrix.
    """

    plan: GamePlan
    how: Adaptation
    game: EmpiricalGame | None
    profiles: Values
    spread: Values
    imitation: Imitation | None = None

    @property
    def by_side(self) -> tuple[Values, Values]:
        """Share of each strategy of the holders, and of the implementers."""
        return self.profiles.sum(axis=1), self.profiles.sum(axis=0)

    def shares(self) -> pd.DataFrame:
        """Share of each strategy on its side, with a 95 % interval: (side, strategy).

        ``resampled``: the mean over the resamples; away from ``share`` where noise moves it to one side.
        """
        rows = []
        for side, names, axis in (
            ("holder", self.plan.holders, 2),
            ("implementer", self.plan.implementers, 1),
        ):
            each = self.spread.sum(axis=axis)
            low, high = interval(each)
            point = self.profiles.sum(axis=axis - 1)
            rows += [
                {
                    "regime": self.plan.regime,
                    "side": side,
                    "strategy": name,
                    "share": float(point[k]),
                    "low": float(low[k]),
                    "high": float(high[k]),
                    "resampled": float(each[:, k].mean()),
                }
                for k, name in enumerate(names)
            ]
        return pd.DataFrame(rows)


def evolve(
    scenario: Scenario,
    regime: str,
    how: Adaptation | None = None,
    *,
    folder: Path | None = None,
    workers: int = 1,
) -> Evolved:
    """The state evolution reaches under a regime; games come from ``folder`` as far as they are there."""
    how = how or Adaptation()
    asked = plan(scenario, regime, how.strategies)
    if how.dynamics == "agents":
        return _by_agents(asked, how, workers)
    game = measured(asked, how.budget, folder=folder, workers=workers)
    return settle(asked, how, game)


def settle(asked: GamePlan, how: Adaptation, game: EmpiricalGame) -> Evolved:
    """Where a measured game leads, and where its resamples lead."""
    A, B = resampled(
        game.a, game.b, how.resamples if how.dynamics == "fermi" else LIMITS, asked.scenario.seed
    )
    if how.dynamics == "fermi":
        sizes = (how.population, how.population)
        point = stationary(game.A, game.B, sizes, how.intensity)
        return Evolved(asked, how, game, point, stationary(A, B, sizes, how.intensity))
    start = initial(asked)
    point = _limit(game.A, game.B, start, how.until)
    each = np.stack([_limit(a, b, start, how.until) for a, b in zip(A, B, strict=True)])
    return Evolved(asked, how, game, point, each)


def initial(asked: GamePlan) -> tuple[Values, Values]:
    """The market's mix of strategies on each side, firms counting alike; even where it holds none of them."""
    market = asked.scenario.market
    sides = (
        ([(one.count, one.strategies) for one in market.holders], asked.holders),
        ([(one.count, one.strategies) for one in market.implementers], asked.implementers),
    )
    mixes = []
    for groups, names in sides:
        firms = np.array([math.fsum(count * mix.get(name, 0.0) for count, mix in groups) for name in names])
        mixes.append(firms / firms.sum() if firms.sum() > 0 else np.full(len(names), 1 / len(names)))
    return mixes[0], mixes[1]


def _limit(A: Values, B: Values, start: Sequence[Values], until: float) -> Values:
    """Mean profile of the replicator's second half: the rest point it has come to, or its cycle's average."""
    first = replicator((A, B), start, until / 2)
    x, y = replicator((A, B), first.end, until / 2).average
    return np.outer(x, y)


def _by_agents(asked: GamePlan, how: Adaptation, workers: int) -> Evolved:
    run = imitate(asked, how.learning, workers=workers)
    x, y = run.stationary()
    each = np.einsum("pm,pn->pmn", x, y)
    return Evolved(asked, how, None, np.outer(x.mean(axis=0), y.mean(axis=0)), each, run)


def outcomes(state: Evolved, static: pd.DataFrame, *, workers: int = 1) -> pd.DataFrame:
    """Every metric at the initial mix, at the evolved one, and the difference, each with a 95 % interval.

    ``static`` holds the metrics of the initial mix by replication.  Index ``(regime, metric)``.  Intervals
    are percentiles over resampled games and replications at once; for agents, t intervals over independent
    populations, each of which has replications of its own, so there the static side has none.
    """
    before = static[list(COMMON)].to_numpy()
    if state.imitation is not None:
        return _frame(state, *_over_populations(state.imitation, Setting.of(state.plan.scenario), before))
    point, draws = drawn(state, before, workers=workers)
    return _frame(state, point, *_quantiles(draws))


def drawn(state: Evolved, before: Values, *, workers: int = 1) -> tuple[Values, Values]:
    """Metrics (static, evolved, difference) and the same for each resample: (3, M) and (resamples, 3, M).

    Resamples of games with as many replications draw the same ones, so those of two regimes are paired.
    """
    mixes, point, spread = _states(state)
    at = at_mixes(state.plan, mixes, range(len(before)), workers)
    count = len(before)
    draws = np.random.default_rng([state.plan.scenario.seed, 6]).multinomial(
        count, np.full(count, 1 / count), size=len(spread)
    )
    one, all_draws = np.ones((1, count)), draws.astype(float)
    was, now = _blend(before[:, None], one, np.ones((1, 1)))[0], _blend(at, one, point[None])[0]
    each = _blend(before[:, None], all_draws, np.ones((len(draws), 1))), _blend(at, all_draws, spread)
    return np.stack([was, now, now - was]), np.stack([*each, each[1] - each[0]], axis=1)


Mixes = tuple[dict[str, float], dict[str, float]]


def _states(state: Evolved) -> tuple[list[Mixes], Values, Values]:
    """The mixes to play, their weights in the point estimate (states,), and in each resample (k, states).

    Fermi: the profiles in which it spends its time; replicator: the limit of the measured game, then those of
    the resampled ones.
    """
    holders, implementers = state.plan.holders, state.plan.implementers
    if state.how.dynamics == "fermi":
        p, spread = state.profiles.ravel(), state.spread.reshape(len(state.spread), -1)
        often = np.flatnonzero(np.maximum(p, spread.mean(axis=0)) >= RARE)
        places = [divmod(int(k), len(implementers)) for k in often]
        mixes = [({holders[i]: 1.0}, {implementers[j]: 1.0}) for i, j in places]
        return mixes, p[often], spread[:, often]
    limits = [state.profiles, *state.spread]
    mixes = [
        (
            dict(zip(holders, each.sum(axis=1).tolist(), strict=True)),
            dict(zip(implementers, each.sum(axis=0).tolist(), strict=True)),
        )
        for each in limits
    ]
    weights = np.eye(len(limits))
    return mixes, weights[0], np.resize(weights[1:], (state.how.resamples, len(limits)))


def _blend(values: Values, replications: Values, profiles: Values) -> Values:
    """Mean over replications and profiles with weights (k, R) and (k, P), values (R, P, M): (k, M)."""
    known = ~np.isnan(values)
    total: Values = np.einsum(
        "kr,kp,rpm->km", replications, profiles, np.where(known, values, 0.0), optimize=True
    )
    weight = np.einsum("kr,kp,rpm->km", replications, profiles, known.astype(float), optimize=True)
    mean: Values = np.divide(total, weight, out=np.full(total.shape, np.nan), where=weight > 0)
    return mean


def _quantiles(values: Values) -> tuple[Values, Values]:
    """95 % percentile interval over the first axis; nan where a resample is undefined throughout."""
    gone = np.isnan(values).all(axis=0)
    filled = np.where(gone, 0.0, values)
    low, high = np.nanquantile(filled, [(1 - LEVEL) / 2, (1 + LEVEL) / 2], axis=0)
    return np.where(gone, np.nan, low), np.where(gone, np.nan, high)


def _over_populations(run: Imitation, setting: Setting, before: Values) -> tuple[Values, Values, Values]:
    """Point, low and high of (static, evolved, difference) x metrics; t intervals over populations."""
    size = len(run.rows) // run.learning.populations
    lives = [run.rows[k * size : (k + 1) * size] for k in range(run.learning.populations)]
    after = np.stack([_mean(np.concatenate([_metrics(rows, setting) for rows in life])) for life in lives])
    was, now = _mean(before), _mean(after)
    known = (~np.isnan(after)).sum(axis=0)
    squares = np.where(np.isnan(after), 0.0, after - now) ** 2
    sure = known > 1
    error = np.sqrt(squares.sum(axis=0) / np.where(sure, (known - 1) * known, 1))
    reach = np.where(sure, stats.t.ppf((1 + LEVEL) / 2, np.maximum(known - 1, 1)) * error, np.nan)
    point, width = np.stack([was, now, now - was]), np.stack([np.full(len(was), np.nan), reach, reach])
    return point, point - width, point + width


def _mean(values: Values) -> Values:
    known = ~np.isnan(values)
    count = known.sum(axis=0)
    total = np.where(known, values, 0.0).sum(axis=0)
    mean: Values = np.divide(total, count, out=np.full(values.shape[1:], np.nan), where=count > 0)
    return mean


def at_mixes(asked: GamePlan, mixes: Sequence[Mixes], span: range, workers: int = 1) -> Values:
    """Every metric of the market with these mixes in every group: (replications, mixes, metrics)."""
    setting = Setting.of(asked.scenario)

    def play(mix: Mixes) -> Values:
        return _metrics(run_chunk(build(at_mix(asked.scenario, *mix)), asked.scenario.seed, span), setting)

    with ThreadPoolExecutor(max_workers=max(1, workers)) as pool:
        return np.stack(list(pool.map(play, mixes)), axis=1)


def _metrics(rows: Any, setting: Setting) -> Values:
    table: Values = measure(rows, setting)[list(COMMON)].to_numpy()
    return table


def _frame(state: Evolved, point: Values, low: Values, high: Values) -> pd.DataFrame:
    index = pd.MultiIndex.from_product([[state.plan.regime], COMMON], names=["regime", "metric"])
    columns: dict[str, Values] = {}
    least, most = (np.array([getattr(metric, end) for metric in COMMON.values()]) for end in ("low", "high"))
    for k, name in enumerate(("static", "evolved", "difference")):
        ends = low[k], high[k]
        if name != "difference":  # cut at the range of the metric
            ends = np.maximum(low[k], least), np.minimum(high[k], most)
        columns |= {name: point[k], f"{name}_low": ends[0], f"{name}_high": ends[1]}
    return pd.DataFrame(columns, index=index)
