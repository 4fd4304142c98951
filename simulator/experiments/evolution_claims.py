"""Claims on where learning leads, made before the run and tested on resampled games.

An outcome is a share of time in the long run: that of a strategy on its side, or of good faith on both sides.
Every game of an experiment has as many replications, and resamples draw the same ones in all of them, so that
contrasts between regimes and cells are paired.  On the map of detection the two levers are
``court.faults.attention_holder`` and ``court.faults.attention_implementer``, each 1 or 0, and the points the
map's chances above zero: a claim there is about the mean over these chances.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd
from scipy.stats import binomtest

from simulator.errors import Problem, ScenarioError, nearest
from simulator.evolution.bootstrap import interval
from simulator.evolution.game import Values, plan
from simulator.experiments.hypotheses import Stated, rows_of_claims, spelled, statements
from simulator.spec.design import Cell, settings
from simulator.spec.experiment import MUTUAL, WATCHED, Evolution, Experiment, on_map
from simulator.spec.hypothesis import Contrast, Control, Hypothesis
from simulator.statistics.inference import Verdict, verdict
from simulator.statistics.intervals import ROUNDING
from simulator.writing.numbers import MARKS, signed, small, told_share, value
from simulator.writing.numbers import interval as between

UNIT = "share of time"
FAITH = ("holder_good_faith", "implementer_good_faith")


@dataclass(frozen=True)
class LongRun:
    """Where a measured game leads: time in each profile, (m, n), and in each resample, (resamples, m, n).

    ``sampled`` (points, m, n): the same at sampled numbers of firms and intensities; none if not asked for.
    """

    holders: tuple[str, ...]
    implementers: tuple[str, ...]
    time: Values
    spread: Values
    n: int
    sampled: Values | None = None

    def share(self, outcome: str) -> Values:
        """The outcome in the measured game, then in each resample: (1 + resamples,)."""
        return self._share(outcome, np.concatenate([self.time[None], self.spread]))

    def sampled_share(self, outcome: str) -> Values:
        """The outcome at each sampled point: (points,)."""
        return self._share(outcome, self.time[None] if self.sampled is None else self.sampled)

    def _share(self, outcome: str, each: Values) -> Values:
        if outcome in self.holders:
            return np.asarray(each[:, self.holders.index(outcome)].sum(axis=1))
        if outcome in self.implementers:
            return np.asarray(each[:, :, self.implementers.index(outcome)].sum(axis=1))
        return np.asarray(each[:, self.holders.index(FAITH[0]), self.implementers.index(FAITH[1])])


Share = Callable[[LongRun, str], Values]
"""What is read of a long run: the outcome as measured and in each resample, or at each sampled point."""
Found = Mapping[tuple[int, str], LongRun]
"""By cell and regime."""


@dataclass(frozen=True)
class Runs:
    """Long runs of all cells of an experiment, and of its map of detection, cells in their order."""

    experiment: Experiment
    cells: Found
    mapped: Found = field(default_factory=dict)


def watched() -> tuple[Cell, ...]:
    """Whose faults are seen on the map: both sides', the holder's, the implementer's, nobody's.

    >>> [tuple(cell.values()) for cell in watched()]
    [(1.0, 1.0), (1.0, 0.0), (0.0, 1.0), (0.0, 0.0)]
    """
    return settings(WATCHED, "grid")


def on_the_map(
    runs: Mapping[tuple[float, float, str], LongRun], chances: Sequence[float]
) -> dict[tuple[int, str], LongRun]:
    """The map, by the holder's and the implementer's chance of being caught, as the cells of its claims."""
    above = [one for one in chances if one > 0]
    places = [tuple(chance * seen for seen in cell.values()) for cell in watched() for chance in above]
    regimes = dict.fromkeys(regime for _, _, regime in runs)
    return {
        (number, regime): runs[hold_up, hold_out, regime]
        for number, (hold_up, hold_out) in enumerate(places)
        for regime in regimes
        if (hold_up, hold_out, regime) in runs
    }


def check(experiment: Experiment) -> None:
    """Raise ``ScenarioError`` where a claim looks at a strategy or a point that its games do not have."""
    how, scenario = experiment.evolution or Evolution(), experiment.scenario
    asked = plan(scenario, scenario.baseline, how.strategies)
    cells = (*asked.holders, *asked.implementers)
    mapped = how.detection.strategies if how.detection is not None else ()
    for place, hypothesis in enumerate(experiment.hypotheses):
        for statement in (hypothesis, *hypothesis.controls):
            known = mapped if on_map(statement) else cells
            where = f"hypotheses[{place}]"
            for name in FAITH if hypothesis.outcome == MUTUAL else (hypothesis.outcome,):
                if name not in known:
                    what = f"{name} is not among the strategies of the games it is claimed of"
                    raise ScenarioError(
                        Problem(experiment.experiment, None, where, what, nearest(name, known))
                    )
            if on_map(statement) and how.detection is not None and 0 not in how.detection.values:
                what, rule = "whose faults are seen is varied", "the map's values then hold 0"
                example = "values: [0, 0.5, 1]"
                raise ScenarioError(Problem(experiment.experiment, None, where, what, rule, example))


@dataclass(frozen=True)
class EvolvedClaim(Stated):
    """A hypothesis, or a control of it, on what a trial found."""

    runs: Runs
    hypothesis: Hypothesis
    control: Control | None = None
    regime: str | None = None
    """Put in place of the only regime of the statement."""

    @cached_property
    def statement(self) -> Contrast:
        """The contrast tested."""
        said: Contrast = self.control or self.hypothesis
        if self.regime is None:
            return said
        parts = said.parts(self.runs.experiment.levers)
        return Contrast(terms=tuple(one.model_copy(update={"regime": self.regime}) for one in parts))

    @property
    def mapped(self) -> bool:
        """Whether the claim is about the map of detection."""
        return on_map(self.statement)

    @property
    def n(self) -> int:
        """Replications behind each pairing."""
        return next(iter((self.runs.mapped if self.mapped else self.runs.cells).values())).n

    @cached_property
    def gap(self) -> Values:
        """The contrast at each point, measured and in each resample: (points, 1 + resamples)."""
        return self._gap(self.statement)

    def _gap(self, contrast: Contrast, share: Share = LongRun.share) -> Values:
        plan = self.runs.experiment
        gap = self.runs.mapped if self.mapped else self.runs.cells
        levers, combined, grid = plan.levers, plan.settings(), plan.design.levers == "grid"
        if self.mapped:
            levers, combined, grid = WATCHED, watched(), True
        regimes = [law.regime for law in plan.scenario.regimes]
        weights = contrast.weights(levers, combined, regimes, grid=grid)
        points = len(gap) // (len(combined) * len(regimes))
        rows: list[Values] = []
        for point in range(points):
            parts = [
                weights[k, r] * share(gap[k * points + point, regimes[r]], self.hypothesis.outcome)
                for k, r in zip(*np.nonzero(weights), strict=True)
            ]
            rows.append(np.sum(parts, axis=0))
        return np.stack(rows)

    @cached_property
    def effect(self) -> tuple[float, float, float]:
        """Mean over points, and its 95 % percentile interval over resamples."""
        mean = self.gap.mean(axis=0)
        low, high = interval(mean[1:])
        return float(mean[0]), float(low), float(high)

    @property
    def p(self) -> float:
        """The p value that decides the claim, not yet adjusted; nan where no sign is claimed."""
        if self.expected in ("positive", "negative", "zero"):
            return bootstrap_p(self.gap.mean(axis=0)[1:], self.expected, self.margin)
        return float("nan")

    def judged(self, p: float) -> str:
        """``supported``, ``contradicted`` or ``undecided`` at an adjusted p; ``reported`` without a claim."""
        if self.expected == "open":
            return "reported"
        if self.expected == "exactly_zero":
            same = np.abs(self.gap).max() <= ROUNDING
            return (Verdict.SUPPORTED if same else Verdict.CONTRADICTED).value
        _, low, high = self.effect
        return verdict(low, high, p, self.expected, self.margin).value  # type: ignore[arg-type]

    def places(self, share: Share = LongRun.share) -> Values:
        """As ``gap``; of a single point, where no lever is named, the contrast in each cell."""
        plan, parts = self.runs.experiment, self.statement.parts(self.runs.experiment.levers)
        cells = plan.settings()
        if len(self.gap) > 1 or self.mapped or len(cells) == 1 or any(one.at for one in parts):
            return self._gap(self.statement, share)
        return np.concatenate(
            [
                self._gap(Contrast(terms=tuple(one.model_copy(update={"at": cell}) for one in parts)), share)
                for cell in cells
            ]
        )

    def space(self) -> dict[str, Any]:
        """The share of the space in which the expectation holds, and how effects spread over it.

        The space: ``places`` at each sampled number of firms and intensity, with Wilson's interval, a point
        counting with the share of its places; where these were not sampled, ``places`` alone.
        """
        places = self.places()
        names = ("share", "share_low", "share_high", "points", "ahead", "behind", "lowest", "highest")
        if (self.runs.experiment.evolution or Evolution()).firms is not None:
            return dict(zip(names, self._over_firms(), strict=True))
        mean, count = places[:, 0], len(places)
        if count == 1:
            return dict.fromkeys(names, np.nan) | {"points": 1}
        low, high = interval(places[:, 1:].T)
        sign = -1 if self.expected == "negative" else 1
        near, far = (low, high) if sign == 1 else (-high, -low)
        if self.expected in ("zero", "exactly_zero"):
            ahead, behind = np.nan, np.nan
        else:
            ahead, behind = float((near > self.margin).sum()), float((far < self.margin).sum())
        ends = np.quantile(mean, [0.05, 0.95])
        found = (self._as_claimed(mean).mean(), np.nan, np.nan, count, ahead, behind, *ends)
        return dict(zip(names, found, strict=True))

    def _as_claimed(self, effects: Values) -> Values:
        """Which effects are as expected, beyond the margin."""
        if self.expected in ("zero", "exactly_zero"):
            return np.asarray(np.abs(effects) <= self.margin)
        return np.asarray((-1 if self.expected == "negative" else 1) * effects > self.margin)

    def _over_firms(self) -> tuple[float, ...]:
        """``space`` over sampled firms and intensities."""
        effects = self.places(LongRun.sampled_share)
        count = effects.shape[1]
        held = float(self._as_claimed(effects).mean())
        span = binomtest(round(held * count), count).proportion_ci(method="wilson")
        ends = np.quantile(effects.mean(axis=0), [0.05, 0.95])
        return held, float(span.low), float(span.high), count, np.nan, np.nan, float(ends[0]), float(ends[1])


def bootstrap_p(draws: Values, expected: str, margin: float) -> float:
    """Two-sided p value of a claim from resampled contrasts (draws,): twice the share on the wrong side.

    Shares count the sample itself (+1).  Zero is decided by equivalence or by a difference beyond the margin,
    as in :func:`simulator.statistics.inference.claim_p`.  *Source*: Davison and Hinkley (1997), section 4.4.

    >>> draws = np.linspace(0.1, 0.2, 99)
    >>> bootstrap_p(draws, "positive", 0.0), bootstrap_p(draws, "zero", 0.3), bootstrap_p(draws, "zero", 0.15)
    (0.02, 0.01, 0.51)
    """

    def below(edge: float) -> float:
        return float(1 + (draws <= edge).sum()) / (len(draws) + 1)

    def above(edge: float) -> float:
        return float(1 + (draws >= edge).sum()) / (len(draws) + 1)

    if expected == "zero":
        equal = max(above(margin), below(-margin))
        return min(1.0, equal, 2 * below(margin), 2 * above(-margin))
    edge = -margin if expected == "negative" else margin
    return min(1.0, 2 * below(edge), 2 * above(edge))


def judge(runs: Runs) -> pd.DataFrame:
    """One row a hypothesis or control, in the columns of ``experiments.hypotheses.verdicts``.

    Intervals and p values are bootstrapped, so BCa intervals and effects in standard deviations are nan; p is
    adjusted over the claims, and over the controls (Holm 1979).
    """
    judged = [EvolvedClaim(runs, *each) for each in statements(runs.experiment)]
    return rows_of_claims(judged, _row)


def _row(test: EvolvedClaim, p: float, p_holm: float) -> dict[str, Any]:
    hypothesis = test.hypothesis
    mean, low, high = test.effect
    return {
        "id": hypothesis.id,
        "control": test.control.control if test.control else "",
        "claim": hypothesis.claim,
        "source": hypothesis.source,
        "outcome": hypothesis.outcome,
        "unit": UNIT,
        "contrast": spelled(test.statement),
        "expected": test.expected,
        "margin": test.margin,
        "verdict": test.judged(p_holm),
        "n": test.n,
        "mean": mean,
        "low": low,
        "high": high,
        **dict.fromkeys(("bca_low", "bca_high", "d", "d_low", "d_high"), np.nan),
        "p": p,
        "p_holm": p_holm,
        **test.space(),
        "flips": "",
        "where": "",
    }


def elsewhere(runs: Runs) -> pd.DataFrame:
    """Claims about one regime put to every regime that recognises a fault: ``mean, low, high`` of each."""
    plan = runs.experiment
    laws = [law.regime for law in plan.scenario.regimes if law.court.faults.recognised]
    rows: list[dict[str, Any]] = []
    for hypothesis in plan.hypotheses:
        named = {part.regime for part in hypothesis.parts(plan.levers)}
        for regime in laws if len(named) == 1 else ():
            mean, low, high = EvolvedClaim(runs, hypothesis, regime=regime).effect
            rows.append({"id": hypothesis.id, "regime": regime, "mean": mean, "low": low, "high": high})
    return pd.DataFrame(rows)


def claim_cells(row: Mapping[str, Any]) -> list[str]:
    """A row of the table of claims as the answer shows it."""
    margin = row["margin"] if row["expected"] != "exactly_zero" else 0.0
    return [
        f"*control: {row['control']}*" if row["control"] else f"**{row['id']}** {row['claim']}",
        f"{row['outcome'].replace('_', ' ')}: {row['contrast']}",
        row["expected"].replace("_", " ") + (f" ({value(margin, UNIT)})" if margin else ""),
        f"{signed(row['mean'], UNIT)} {between(row['low'], row['high'], UNIT)}",
        small(row["p_holm"]),
        MARKS.get(row["verdict"], row["verdict"]),
        told_share(row),
    ]
