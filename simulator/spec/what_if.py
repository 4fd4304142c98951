"""What-ifs: a parameter, or the share of a strategy, replaced for one run, checked like a file."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from numbers import Real

import numpy as np

from simulator.errors import Problem, ScenarioError, nearest
from simulator.parameters import registry
from simulator.spec.base import Quantity
from simulator.spec.design import broken
from simulator.spec.file_checks import stem
from simulator.spec.given import shown
from simulator.spec.problems import quoted
from simulator.spec.ranges import SHARE, of_parameter, share_of
from simulator.spec.reshape import with_shares
from simulator.spec.scenario import Scenario
from simulator.spec.strategy import Strategy

EXAMPLE = "--set court.interest.court=0.08"
SOURCE = "assumption: a what-if of this run"


def assignments(texts: Iterable[str]) -> dict[str, float]:
    """Values by name from ``NAME=VALUE``.  Raises ``ScenarioError``, which tells of all that are wrong.

    >>> assignments(["court.interest.court=0.08", "share(implementer_hold_out)=0.3"])
    {'court.interest.court': 0.08, 'share(implementer_hold_out)': 0.3}
    """
    values: dict[str, float] = {}
    problems = []
    for text in texts:
        name, sign, written = (part.strip() for part in text.partition("="))
        try:
            value = float(written)
        except ValueError:
            rule = "a name, an equals sign and a number"
            problems.append(
                Problem("set", None, name, f"got {quoted(written if sign else text)}", rule, EXAMPLE)
            )
            continue
        if name in values:
            problems.append(Problem("set", None, name, "is set twice", "each once", EXAMPLE))
        values[name] = value
    if problems:
        raise ScenarioError(*problems)
    return values


def laid_over(scenario: Scenario, over: Mapping[str, float], strategy: Callable[[str], Strategy]) -> Scenario:
    """The scenario with these values: of parameters by their dotted name, of shares as ``share(STRATEGY)``.

    A share holds in every group of the strategy's side; the other shares keep their ratios.  ``strategy``
    loads one the scenario does not have yet.  Raises ``ScenarioError`` for names and values a file could not
    have either.
    """
    problems: list[Problem] = []
    numbers: dict[str, Quantity] = {}
    shares: dict[str, float] = {}
    players = dict(scenario.strategies)
    for name, value in over.items():
        wanted = share_of(str(name))
        if not _is_number(value):
            rule = "a number" if wanted is not None or name not in registry() else of_parameter(name).rule()
            problems.append(Problem("set", None, str(name), f"got {shown(value)}", rule, EXAMPLE))
        elif wanted is not None:
            try:
                players[wanted] = players.get(wanted) or strategy(wanted)
            except ScenarioError as error:
                problems += error.problems
                continue
            if rule := broken(SHARE, value):
                example = f"--set 'share({wanted})=0.3'"
                problems.append(Problem("set", None, name, f"got {value:.10g}", rule, example))
            shares[wanted] = float(value)
        elif name not in registry():
            what = f"no parameter is called {quoted(name)}"
            near = nearest(str(name), registry(), otherwise="frandsim list parameters names them")
            problems.append(Problem("set", None, "", what, near, EXAMPLE))
        elif rule := broken(of_parameter(name), value):
            example = f"--set {name}={registry()[name].default:g}"
            problems.append(Problem("set", None, name, f"got {value:.10g}", rule, example))
        else:
            numbers[name] = Quantity(value=float(value), source=SOURCE)
    if problems:
        raise ScenarioError(*problems)
    stated = {name: float(value) for name, value in over.items()}
    changed = scenario.model_copy(
        update={"set": scenario.set | numbers, "strategies": players, "what_if": scenario.what_if | stated}
    )
    return divided(changed, shares, Problem("set", None, "share", "")) if shares else changed


def divided(scenario: Scenario, shares: Mapping[str, float], at: Problem) -> Scenario:
    """The scenario with these shares of strategies.

    Raises ``ScenarioError``, placed as ``at``, where they do not leave the rest to others.
    """
    try:
        return with_shares(scenario, shares)
    except ValueError as error:
        rule = "the shares of a side's strategies sum to 1"
        raise ScenarioError(replace(at, what=str(error), rule=rule)) from None


def with_baseline(scenario: Scenario, baseline: object) -> Scenario:
    """The scenario with another of its regimes as the one the others are compared with.

    Raises ``ScenarioError`` where it is none of them.
    """
    known = [law.regime for law in scenario.regimes]
    if not isinstance(baseline, str) or stem(baseline) not in known:
        what = f"{baseline!r} is not among the regimes"
        rule = nearest(str(baseline), known)
        raise ScenarioError(Problem("baseline", None, "", what, rule, f"--baseline {known[0]}"))
    return scenario.model_copy(update={"baseline": stem(baseline)})


def _is_number(value: object) -> bool:
    """Whether it is a number, of whatever library, that is finite as a float."""
    if isinstance(value, bool | np.bool_) or not isinstance(value, Real):
        return False
    try:
        return math.isfinite(float(value))
    except OverflowError:
        return False
