"""Learned equilibria: seconds a regime takes, from five starts with a certificate each, on two threads."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

from simulator import study
from simulator.evolution.learned.regime import LearnedRegime, LearningPlan, learn_regime
from simulator.spec.load import load_scenario
from tests.bench.timing import Row, Target

WORKERS = 2
REGIME, LONGEST = "cn-rate-setting", 60.0
"""The regime learned on the market of two, and how many seconds it should take at most."""


def rows() -> Iterator[Row]:
    """One line: seconds, in place of a ratio; what passed is in its words."""
    yield learned(study.learning())


def learned(how: LearningPlan) -> Row:
    """Learn the regime once from nothing, with the machine code there."""
    scenario = load_scenario("duopoly", regimes=[REGIME])
    learn_regime(
        scenario, REGIME, study.learning(budget=100, rounds=1, starts=1, recall_seeds=0), before=False
    )
    with TemporaryDirectory() as folder:
        began = time.perf_counter()
        found = learn_regime(scenario, REGIME, how, folder=Path(folder), workers=WORKERS, before=False)
        seconds = time.perf_counter() - began
    what = (
        f"seconds to learn {REGIME} on duopoly from {how.starts} starts, {WORKERS} threads: {passed(found)}"
    )
    return Row(what, seconds, target=Target(most=LONGEST))


def passed(found: LearnedRegime) -> str:
    """How many certificates passed, and what is left to gain at most."""
    certificates = [end.certificate for end in found.ends if end.certificate is not None]
    count, upper = sum(one.passed for one in certificates), max(one.upper for one in certificates)
    return f"{count} of {len(certificates)} certificates passed, gains below {100 * upper:.1f} %"
