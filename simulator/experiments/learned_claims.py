"""Claims on what parties do once they answer the law, tested at every pair of ends of learning.

Learning ends elsewhere from other starts, and nothing says which end people would reach.  So a claim holds
only where it holds at every combination of ends of the regimes it names: its interval is the span of all
their intervals, its p the largest (an intersection-union test: Berger 1982, Technometrics 24:295).
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from itertools import product
from typing import Any

import numpy as np
import pandas as pd

from simulator.evolution.game import Values
from simulator.evolution.learned.stages import CERTIFIED, LEARNED, STAGES, Places, Played, at
from simulator.experiments.hypotheses import Stated, rows_of_claims, spelled, statements
from simulator.outcomes.further_measures import MEASURES
from simulator.spec.experiment import Experiment
from simulator.spec.hypothesis import Contrast, Control, Hypothesis
from simulator.statistics.inference import Effect, Expected, Verdict, claim_p, effect, look, verdict
from simulator.statistics.intervals import ROUNDING
from simulator.writing.numbers import MARKS, signed, small, unit, value
from simulator.writing.numbers import interval as between


@dataclass(frozen=True)
class LearnedClaim(Stated):
    """A hypothesis, or a control of it, on outcomes at a stage."""

    experiment: Experiment
    played: Played
    hypothesis: Hypothesis
    control: Control | None = None
    stage: str = LEARNED
    only: Places | None = None
    """Of the ends of learning, those that count; all of them where nothing is said."""

    @property
    def statement(self) -> Contrast:
        """The contrast tested: the control's where there is one."""
        return self.control or self.hypothesis

    @cached_property
    def gaps(self) -> list[Values]:
        """The contrast in each replication, at each combination of ends; none where a regime has none."""
        parts = self.statement.parts(())
        outcome, only = self.hypothesis.outcome, self.only
        ends = [at(self.played, part.regime, self.stage, outcome, only) for part in parts]
        return [
            np.sum([part.weight * values for part, values in zip(parts, each, strict=True)], axis=0)
            for each in product(*ends)
        ]

    @property
    def short(self) -> bool:
        """Whether a regime was learned from fewer starts than planned, so that ends may be unknown."""
        planned = 1 if self.experiment.learning is None else self.experiment.learning.starts
        outcome = self.hypothesis.outcome
        ends = (at(self.played, part.regime, self.stage, outcome) for part in self.statement.parts(()))
        return any(len(one) < planned for one in ends)

    @cached_property
    def bounds(self) -> tuple[float, float]:
        """What the contrast can be, from the range of the outcome."""
        metric = MEASURES[self.hypothesis.outcome]
        parts = [part.weight * np.array([metric.low, metric.high]) for part in self.statement.parts(())]
        return math.fsum(part.min() for part in parts), math.fsum(part.max() for part in parts)

    @cached_property
    def effects(self) -> list[Effect]:
        """The contrast at each combination of ends, with its interval over luck."""
        return [effect(gap, self.experiment.scenario.seed, bounds=self.bounds) for gap in self.gaps]

    @property
    def reach(self) -> tuple[float, float, float]:
        """Mean over combinations of ends, lowest lower and highest upper end of their intervals."""
        if not self.effects:
            return (float("nan"),) * 3
        lows, highs = ([getattr(one, end) for one in self.effects] for end in ("low", "high"))
        return float(np.mean([one.mean for one in self.effects])), float(min(lows)), float(max(highs))

    @property
    def p(self) -> float:
        """The largest p value of all combinations, not yet adjusted; nan where no sign is claimed."""
        if self.expected not in ("positive", "negative", "zero") or not self.gaps:
            return float("nan")
        sign: Expected = self.expected  # type: ignore[assignment]
        return max(claim_p(look(gap, self.bounds), sign, self.margin) for gap in self.gaps)

    def judged(self, p: float) -> str:
        """``supported``, ``contradicted`` or ``undecided`` at an adjusted p; ``reported`` without a claim."""
        if self.expected == "open":
            return "reported"
        if not self.gaps or self.short:
            return Verdict.UNDECIDED.value
        if self.expected == "exactly_zero":
            same = max(float(np.nanmax(np.abs(gap))) for gap in self.gaps) <= ROUNDING
            return (Verdict.SUPPORTED if same else Verdict.CONTRADICTED).value
        _, low, high = self.reach
        return verdict(low, high, p, self.expected, self.margin).value  # type: ignore[arg-type]

    @property
    def holds(self) -> float:
        """The share of combinations of ends at which the mean is as expected, beyond the margin."""
        means = np.array([one.mean for one in self.effects])
        if not means.size:
            return float("nan")
        if self.expected in ("zero", "exactly_zero"):
            return float((np.abs(means) <= self.margin).mean())
        return float(((-means if self.expected == "negative" else means) > self.margin).mean())


def judge(experiment: Experiment, played: Played) -> pd.DataFrame:
    """One row a hypothesis or control, in the columns of ``experiments.hypotheses.verdicts``.

    ``points``: combinations of ends; ``share``: those at which the mean is as expected.
    """
    judged = [LearnedClaim(experiment, played, *each) for each in statements(experiment)]
    return rows_of_claims(judged, _row)


def _row(test: LearnedClaim, p: float, p_holm: float) -> dict[str, Any]:
    hypothesis = test.hypothesis
    mean, low, high = test.reach
    means = [one.mean for one in test.effects] or [float("nan")]
    return {
        "id": hypothesis.id,
        "control": test.control.control if test.control else "",
        "claim": hypothesis.claim,
        "source": hypothesis.source,
        "outcome": hypothesis.outcome,
        "unit": MEASURES[hypothesis.outcome].unit,
        "contrast": spelled(test.statement),
        "expected": test.expected,
        "margin": test.margin,
        "verdict": test.judged(p_holm),
        "n": min((one.n for one in test.effects), default=0),
        "mean": mean,
        "low": low,
        "high": high,
        "p": p,
        "p_holm": p_holm,
        "share": test.holds,
        "share_low": float("nan"),
        "share_high": float("nan"),
        "points": len(test.effects),
        "lowest": min(means),
        "highest": max(means),
    }


def by_stage(experiment: Experiment, played: Played, certified: Places) -> pd.DataFrame:
    """Each contrast of a claim (no controls) at each stage: ``mean, low, high``, over all combinations.

    The last stage is that of the ends certified alone; ``pairs``: how many combinations there are, none
    where a regime has no certified end.
    """
    stages: dict[str, dict[str, Any]] = {stage: {"stage": stage} for stage in STAGES}
    stages[CERTIFIED] = {"stage": LEARNED, "only": certified}
    rows = []
    for hypothesis in experiment.hypotheses:
        for stage, taken in stages.items():
            claim = LearnedClaim(experiment, played, hypothesis, **taken)
            mean, low, high = claim.reach
            ends = {"mean": mean, "low": low, "high": high, "pairs": len(claim.gaps)}
            rows.append({"id": hypothesis.id, "stage": stage, **ends})
    return pd.DataFrame(rows)


def claim_cells(row: Mapping[str, Any]) -> list[str]:
    """A row of the table of claims as the answer shows it."""
    kind = row["unit"]
    return [
        f"*control: {row['control']}*" if row["control"] else f"**{row['id']}** {row['claim']}",
        f"{MEASURES[row['outcome']].title} ({unit(kind)}): {row['contrast']}",
        f"{row['expected'].replace('_', ' ')} ({value(row['margin'], kind)})",
        f"{signed(row['mean'], kind)} {between(row['low'], row['high'], kind)}",
        small(row["p_holm"]),
        MARKS.get(row["verdict"], row["verdict"]),
        f"{100 * row['share']:.0f} % of {row['points']}" if row["points"] else "–",
    ]
