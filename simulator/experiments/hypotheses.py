"""Claims made before the run, put to the test: effect, verdict, where in the parameter space it holds.

A contrast is taken inside each replication at each point of the uncertainties; the effect is its mean over
points.  Where points were sampled to cover the space, interval and verdict are over points and luck; else,
for points chosen by hand or by a design for sensitivities, over luck, given the points: ``over`` says which.
Verdicts follow ``inference.verdict``; p values are adjusted over all claims of the experiment, and over all
its controls (Holm 1979).
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import Any, TypeVar

import numpy as np
import pandas as pd
from scipy import stats

from simulator.errors import ScenarioError
from simulator.experiments.regions import by_point as over_replications
from simulator.experiments.regions import turning
from simulator.experiments.sweep import DESIGNED, Sweep, averaged, metric_of, title_of
from simulator.outcomes.negotiations import Values, quotient
from simulator.spec.design import unit_sample
from simulator.spec.experiment import Experiment
from simulator.spec.hypothesis import Contrast, Control, Hypothesis
from simulator.spec.regime import same_rules
from simulator.spec.regime_diff import diff_regimes
from simulator.spec.sentences import text_rules
from simulator.statistics.discovery import region
from simulator.statistics.inference import (
    Effect,
    Expected,
    Spread,
    Verdict,
    claim_p,
    crossed,
    effect,
    look,
    verdict,
)
from simulator.statistics.intervals import LEVEL, ROUNDING, Sample
from simulator.statistics.mechanisms import decompose
from simulator.statistics.paired import holm
from simulator.statistics.sensitivity import first_order, morris, sobol

ENOUGH = 40
"""Points of any sample from which shares of variance are computed."""


class Stated:
    """A hypothesis, or a control of it: what is expected of a contrast, and by how much."""

    hypothesis: Hypothesis
    control: Control | None

    @property
    def p(self) -> float:
        """The p value that decides it, not yet adjusted; nan where no sign is claimed."""
        raise NotImplementedError

    @property
    def expected(self) -> str:
        """What the contrast is expected to be."""
        return self.control.expected if self.control else self.hypothesis.expected

    @property
    def margin(self) -> float:
        """Smallest effect that matters, in the outcome's unit."""
        if self.expected == "exactly_zero":
            return ROUNDING
        own = self.control.margin if self.control else None
        return self.hypothesis.margin if own is None else own


Test = TypeVar("Test", bound=Stated)


@dataclass(frozen=True)
class Claim(Stated):
    """A hypothesis, or a control of it, on what a sweep found."""

    sweep: Sweep
    hypothesis: Hypothesis
    control: Control | None = None

    @property
    def statement(self) -> Contrast:
        """The contrast tested: the control's where there is one."""
        return self.control or self.hypothesis

    @cached_property
    def gap(self) -> Values:
        """The contrast in each replication at each point: (replications, points)."""
        plan, sweep = self.sweep.experiment, self.sweep
        weights = self.weights
        place = plan.outcomes.index(self.hypothesis.outcome)
        values = sweep.values[..., place].reshape(
            len(sweep.values), len(plan.settings()), len(sweep.points), -1
        )
        result = np.zeros((values.shape[0], values.shape[2]))
        for setting, regime in zip(*np.nonzero(weights), strict=True):  # in order, so that bits do not move
            result += weights[setting, regime] * values[:, setting, :, regime]
        return result

    @cached_property
    def by_replication(self) -> Values:
        """The contrast in each replication, mean over the points at which it is defined.

        Replications that differ by rounding alone are the same.
        """
        defined = ~np.isnan(self.gap)
        means = quotient(np.where(defined, self.gap, 0.0).sum(axis=1), defined.sum(axis=1))
        known = means[~np.isnan(means)]
        if known.size and np.ptp(known) < ROUNDING:
            means[~np.isnan(means)] = known[0]
        return means

    @cached_property
    def by_point(self) -> Values:
        """The contrast at each point, mean over the replications in which it is defined."""
        return over_replications(self.gap)

    @cached_property
    def weights(self) -> Values:
        """What each regime counts under each lever setting: (settings, regimes)."""
        plan = self.sweep.experiment
        grid = plan.design.levers == "grid"
        found: Values = self.statement.weights(plan.levers, plan.settings(), self.sweep.regimes, grid=grid)
        return found

    @cached_property
    def equal(self) -> bool:
        """Whether the contrast is nothing by construction: regimes with the same rules, set off in full."""
        laws = self.sweep.experiment.scenario.regimes
        left = self.weights.copy()
        for place, law in enumerate(laws):
            first = next(k for k, other in enumerate(laws) if same_rules(law, other))
            if first != place:
                left[:, first] += left[:, place]
                left[:, place] = 0.0
        return bool(np.all(left == 0))

    @cached_property
    def bounds(self) -> tuple[float, float]:
        """What the contrast can be, from the range of the outcome."""
        metric = metric_of(self.hypothesis.outcome)
        parts = [weight * np.array([metric.low, metric.high]) for weight in self.weights[self.weights != 0]]
        return math.fsum(part.min() for part in parts), math.fsum(part.max() for part in parts)

    @cached_property
    def seen(self) -> Sample:
        """The contrast by replication, as intervals and tests take it."""
        return look(self.by_replication, self.bounds, equal=self.equal)

    @cached_property
    def effect(self) -> Effect:
        """Mean contrast over points, with its intervals over replications, given the points."""
        seed = self.sweep.experiment.scenario.seed
        return effect(self.by_replication, seed, bounds=self.bounds, equal=self.equal)

    @cached_property
    def spread(self) -> Spread | None:
        """The mean over the space, over points and luck; none where points are no sample of it."""
        sampled = self.sweep.experiment.design.sample is not None and self.sweep.covers
        points = int((~np.isnan(self.gap).all(axis=0)).sum())
        if not sampled or points < 2 or self.equal or self.seen.n < 2:
            return None
        return crossed(self.gap, self.seen)

    @property
    def low_high(self) -> tuple[float, float]:
        """The 95 % interval that the verdict rests on."""
        over = self.spread or self.effect
        return over.low, over.high

    @property
    def p(self) -> float:
        """The p value that decides the claim, not yet adjusted; nan where no sign is claimed."""
        if self.expected in ("positive", "negative", "zero"):
            return claim_p(self.seen, self._sign, self.margin, self.spread)
        return float("nan")

    @property
    def _sign(self) -> Expected:
        signs: dict[str, Expected] = {"negative": "negative", "zero": "zero"}
        return signs.get(self.expected, "positive")

    def judged(self, p: float) -> str:
        """``supported``, ``contradicted`` or ``undecided`` at an adjusted p; ``reported`` without a claim."""
        if self.expected == "open":
            return "reported"
        if self.expected == "exactly_zero":
            known = np.abs(self.gap[~np.isnan(self.gap)])
            if not known.size:
                return Verdict.UNDECIDED.value
            return (Verdict.SUPPORTED if known.max() <= ROUNDING else Verdict.CONTRADICTED).value
        return verdict(*self.low_high, p, self._sign, self.margin).value

    def as_expected(self, mean: Values) -> Values:
        """Whether mean contrasts are as expected, beyond the margin: 1 or 0; nan if undefined."""
        if self.expected in ("zero", "exactly_zero"):
            as_said = np.abs(mean) <= self.margin
        else:
            as_said = (-mean if self.expected == "negative" else mean) > self.margin
        return np.where(np.isnan(mean), np.nan, as_said)

    @property
    def holds(self) -> Values:
        """At which points the mean contrast is as expected."""
        return self.as_expected(self.by_point)

    def space(self) -> dict[str, Any]:
        """The share of the parameter space in which the expectation holds, and how effects spread over it.

        ``share`` with its 95 % interval (over points and replications; for zero, over points: Wilson 1927),
        ``points`` with an outcome, of them ``ahead`` and ``behind`` surely beyond the margin on the expected
        side and surely short of it, and the ``lowest`` and ``highest`` 5 % of effects.
        """
        names = ("share", "share_low", "share_high", "points", "ahead", "behind", "lowest", "highest")
        points = int((~np.isnan(self.holds)).sum())
        if len(self.sweep.points) == 1 or not points:
            return dict.fromkeys(names, np.nan) | {"points": points}
        ends = np.nanquantile(self.by_point, [0.05, 0.95])
        if self.expected in ("zero", "exactly_zero"):
            held = int(np.nansum(self.holds))
            span = stats.binomtest(held, points).proportion_ci(LEVEL, method="wilson")
            row: tuple[float, ...] = (held / points, span.low, span.high, points, np.nan, np.nan)
        else:
            beyond = (-1 if self.expected == "negative" else 1) * self.gap - self.margin
            reach = max(map(abs, self.bounds)) + self.margin
            one = region(beyond, 1, self.sweep.experiment.scenario.seed, span=reach)
            row = (one.share, one.low, one.high, one.points, one.ahead, one.behind)
        return dict(zip(names, (*row, *map(float, ends)), strict=True))


def claims(sweep: Sweep) -> list[Claim]:
    """Every hypothesis of the experiment, each followed by its controls."""
    return [Claim(sweep, *each) for each in statements(sweep.experiment)]


@lru_cache(maxsize=1)
def verdicts(sweep: Sweep) -> pd.DataFrame:
    """One row a hypothesis or control: what was claimed, what was found, and where it holds.

    ``control`` is empty for the claim itself.  Effects are in ``unit``; ``low, high``: the 95 % interval
    that the verdict rests on, ``over`` points and luck or luck alone; ``luck_low, luck_high`` and all that
    follows up to ``d_high``: over luck, given the points.  See :class:`Effect` and :meth:`Claim.space`.
    """
    judged = claims(sweep)
    return rows_of_claims(judged, _row)


def statements(experiment: Experiment) -> Iterator[tuple[Hypothesis, Control | None]]:
    """Every hypothesis, each followed by its controls."""
    for one in experiment.hypotheses:
        yield one, None
        yield from ((one, control) for control in one.controls)


def rows_of_claims(
    judged: Sequence[Test], row: Callable[[Test, float, float], dict[str, Any]]
) -> pd.DataFrame:
    """One row a claim or control, from its p value and that after Holm's adjustment.

    The claims of an experiment are one family, their controls another.
    """
    raw = np.array([test.p for test in judged], dtype=np.float64)
    own = np.array([test.control is None for test in judged], dtype=bool)
    adjusted = np.full(len(judged), np.nan)
    for family in (own, ~own):
        adjusted[family] = holm(raw[family])
    return pd.DataFrame([row(*each) for each in zip(judged, raw, adjusted, strict=True)])


def _row(test: Claim, p: float, p_holm: float) -> dict[str, Any]:
    hypothesis, shown, (low, high) = test.hypothesis, test.effect, test.low_high
    return {
        "id": hypothesis.id,
        "control": test.control.control if test.control else "",
        "claim": hypothesis.claim,
        "source": hypothesis.source,
        "outcome": hypothesis.outcome,
        "unit": metric_of(hypothesis.outcome).unit,
        "contrast": spelled(test.statement),
        "expected": test.expected,
        "margin": test.margin,
        "verdict": test.judged(p_holm),
        "n": shown.n,
        "mean": shown.mean,
        "low": low,
        "high": high,
        "over": "luck" if test.spread is None else "points and luck",
        "luck_low": shown.low,
        "luck_high": shown.high,
        "bca_low": shown.bca_low,
        "bca_high": shown.bca_high,
        "d": shown.d,
        "d_low": shown.d_low,
        "d_high": shown.d_high,
        "p": p,
        "p_holm": p_holm,
        **test.space(),
        **turning(test.sweep, test.holds),
    }


def spelled(contrast: Contrast) -> str:
    """A contrast in words.

    >>> spelled(Contrast(contrast="a minus b", at={"court.faults.uplift": 0.5}))
    'a minus b at court.faults.uplift = 0.5'
    """

    def at(point: dict[str, float]) -> str:
        return " at " + ", ".join(f"{name} = {value:g}" for name, value in point.items()) if point else ""

    if contrast.contrast is not None:
        return contrast.contrast + at(contrast.at)
    return "; ".join(f"{term.weight:+g} {term.regime}{at(term.at)}" for term in contrast.terms)


@lru_cache(maxsize=1)
def by_point(sweep: Sweep) -> pd.DataFrame:
    """One row a hypothesis (no controls) and point: the uncertainties, the mean ``effect``, ``holds``."""
    points = pd.DataFrame(sweep.points)
    tables = []
    for test in claims(sweep):
        if test.control is None:
            table = points.assign(effect=test.by_point, holds=test.holds)
            table.insert(0, "id", test.hypothesis.id)
            table.insert(1, "point", range(len(points)))
            tables.append(table)
    return pd.concat(tables, ignore_index=True) if tables else pd.DataFrame(columns=["id", "point"])


@dataclass(frozen=True)
class Subject:
    """What a sensitivity is of: the effect of a hypothesis, or an outcome under a regime."""

    id: str
    title: str
    unit: str
    values: Values


def subjects(sweep: Sweep) -> list[Subject]:
    """The effects of all hypotheses (no controls); without any, in a design made for it, every outcome."""
    plan = sweep.experiment
    designed = plan.design.sample in DESIGNED
    if not designed and len(sweep.points) < ENOUGH:
        return []
    tested = [
        Subject(one.id, f"{title_of(one.outcome)}: {one.id}", metric_of(one.outcome).unit, test.gap)
        for test in claims(sweep)
        for one in [test.hypothesis]
        if test.control is None
    ]
    if tested or not designed or plan.levers:
        return tested
    return [
        Subject(
            f"{outcome} under {regime}",
            f"{title_of(outcome)} under {regime}",
            metric_of(outcome).unit,
            sweep.values[:, :, sweep.regimes.index(regime), place],
        )
        for place, outcome in enumerate(plan.outcomes)
        for regime in sweep.compared
    ]


@lru_cache(maxsize=1)
def sensitivities(sweep: Sweep) -> tuple[pd.DataFrame, list[str]]:
    """Which uncertainties move each of the ``subjects``, by the method of the design, and what was refused.

    Columns ``id, parameter`` and those of ``sensitivity.morris``, ``sobol`` or ``first_order``; nothing
    below 40 points of another sample than those two.
    """
    tables, refused = [], []
    for subject in subjects(sweep):
        try:
            tables.append(_sensitivity(sweep, subject.values).reset_index().assign(id=subject.id))
        except ScenarioError as error:
            refused.append(f"No sensitivity of {subject.id}: {error.problems[0].what}.")
    if not tables:
        return pd.DataFrame(columns=["id", "parameter"]), refused
    table = pd.concat(tables, ignore_index=True)
    return table[["id", *(name for name in table if name != "id")]], refused


def _sensitivity(sweep: Sweep, values: Values) -> pd.DataFrame:
    plan = sweep.experiment
    names, seed = [one.name for one in plan.uncertainties], plan.scenario.seed
    if plan.design.sample == "saltelli":
        return sobol(names, values, seed)
    if plan.design.sample == "morris" and plan.design.points is not None:
        unit = unit_sample("morris", len(names), plan.design.points, seed)
        return morris(pd.DataFrame(unit, columns=pd.Index(names)), values, seed)
    return first_order(pd.DataFrame(sweep.points), values, seed)


@lru_cache(maxsize=1)
def decomposition(sweep: Sweep) -> pd.DataFrame:
    """What each mechanism adds to each outcome, from the one regime to the other; empty without mechanisms.

    Columns ``metric, mechanism`` and those of ``mechanisms.decompose``; the remainder, which no switch
    covers, and the total are the last rows of each outcome.  The cells are averaged over.
    """
    plan, why = sweep.experiment, sweep.experiment.mechanisms
    if why is None:
        return pd.DataFrame(columns=["metric", "mechanism"])
    places = [sweep.regimes.index(name) for name in why.combinations()]
    tables = []
    for metric, outcome in enumerate(plan.outcomes):
        values = averaged(sweep.values[..., metric])
        whole = values[:, sweep.regimes.index(why.to)]
        table = decompose(
            values[:, places],
            list(why.switches),
            plan.scenario.seed,
            whole=whole,
            span=metric_of(outcome).span,
        ).reset_index()
        table.insert(0, "metric", outcome)
        tables.append(table)
    return pd.concat(tables, ignore_index=True)


def unswitched(sweep: Sweep) -> list[str]:
    """The rules on which two regimes still differ with every switch on: what the remainder stands for."""
    why = sweep.experiment.mechanisms
    if why is None:
        return []
    laws = {law.regime: law for law in sweep.experiment.scenario.regimes}
    last, to = laws[list(why.combinations())[-1]], laws[why.to]
    named = {rule.topic for rule in text_rules(to)}
    return list(dict.fromkeys(one.topic for one in diff_regimes(last, to) if one.topic not in named))
