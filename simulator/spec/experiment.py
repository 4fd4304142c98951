"""An experiment: one question, a scenario, and what is varied to answer it.

Every cell of the design plays the scenario's regimes with the same seed, so that cells and regimes share
markets, parties and chance.  The file freezes what is varied and what is looked at before the run.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from itertools import product
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, Field, model_validator

from simulator.errors import Fault, ScenarioError, nearest
from simulator.parameters import registry
from simulator.spec.base import Quantity, Spec
from simulator.spec.faults import quoted
from simulator.spec.market import HolderGroup, ImplementerGroup
from simulator.spec.ranges import of_parameter, range_faults
from simulator.spec.scenario import Scenario
from simulator.spec.yaml import Document

Name = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9-]*$")]
Cell = dict[str, float]
"""A point of the design: the value of each axis, by the axis's name."""


def _several(values: tuple[float, ...]) -> tuple[float, ...]:
    if len(values) < 2 or len(set(values)) < len(values):
        raise ValueError("two values or more, all different")
    return values


class Axis(Spec):
    """What is varied: a parameter of the registry, or the share of parties that play a strategy."""

    parameter: str | None = Field(default=None, description="dotted name in the registry")
    strategy: str | None = Field(
        default=None, description="its share in every group of its side; the other shares keep their ratios"
    )
    values: Annotated[tuple[float, ...], AfterValidator(_several)] = Field(
        description="in the parameter's unit; the first is where the other axes are varied from"
    )

    @model_validator(mode="after")
    def _one_of_two(self) -> Axis:
        if (self.parameter is None) == (self.strategy is None):
            raise ValueError("name a parameter or a strategy, one of the two")
        return self

    @property
    def name(self) -> str:
        """The parameter or strategy varied."""
        return str(self.parameter or self.strategy)


class Variant(Spec):
    """A regime with changes to its court, for this experiment only."""

    of: str = Field(description="a built-in regime, or a file beside this one")
    title: str = ""
    court: dict[str, Any] = Field(
        min_length=1, description="changes, merged as in a regime that extends another"
    )


class ExperimentFile(Spec):
    """What an experiment file says; names refer to built-in files or to files beside it."""

    experiment: str = Field(
        pattern=r"^[a-z0-9][a-z0-9_-]*$", description="identifier, the name of the folder of experiment.yaml"
    )
    title: str = Field(min_length=3)
    question: str = Field(min_length=10)
    scenario: str = Field(description="a built-in scenario, or a file beside this one")
    regimes: tuple[str, ...] = Field(default=(), description="none and no variants: those of the scenario")
    variants: dict[Name, Variant] = Field(default_factory=dict)
    baseline: str | None = Field(default=None, description="the regime the others are compared with")
    equal_procedure: bool = Field(
        default=False, description="every regime takes over the baseline's procedure: only remedies differ"
    )
    set: dict[str, Quantity] = Field(
        default_factory=dict, description="parameters of the registry laid over every cell"
    )
    vary: tuple[Axis, ...] = Field(min_length=1)
    design: Literal["grid", "one_at_a_time"] = Field(
        default="grid", description="every combination of values, or each axis with the others at their first"
    )
    replications: int = Field(default=30, ge=1)
    seed: int = Field(default=1, ge=0, lt=2**63)
    outcomes: tuple[str, ...] = Field(min_length=1, description="metrics looked at")
    notes: str = ""

    def on(self, scenario: Scenario, text: Document) -> Experiment:
        """The experiment on a scenario that holds its regimes and strategies.

        Raises ``ScenarioError`` where the baseline is no regime, or shares leave a group's mix no room.
        """
        known = [regime.regime for regime in scenario.regimes]
        if scenario.baseline not in known:
            what = f"{quoted(scenario.baseline)} is not among the regimes"
            raise ScenarioError(text.fault(("baseline",), what, nearest(scenario.baseline, known)))
        said = {name: getattr(self, name) for name in Experiment.model_fields if name != "scenario"}
        loaded = Experiment(scenario=scenario, **said)
        try:
            for cell in loaded.cells():
                loaded.at(cell)
        except ValueError as error:
            rule = "the shares varied leave room for the other strategies of each group"
            raise ScenarioError(text.fault(("vary",), str(error), rule)) from None
        return loaded


class Experiment(Spec):
    """An experiment with everything it refers to loaded: regimes and variants are in the scenario."""

    experiment: str
    title: str
    question: str
    scenario: Scenario
    vary: tuple[Axis, ...]
    design: Literal["grid", "one_at_a_time"]
    equal_procedure: bool
    outcomes: tuple[str, ...]
    notes: str = ""

    def cells(self) -> tuple[Cell, ...]:
        """The points of the design: first every axis at its first value; the last axis runs fastest."""
        names = [axis.name for axis in self.vary]
        if self.design == "grid":
            points = product(*(axis.values for axis in self.vary))
            return tuple(dict(zip(names, point, strict=True)) for point in points)
        first = {axis.name: axis.values[0] for axis in self.vary}
        return (first, *(first | {axis.name: value} for axis in self.vary for value in axis.values[1:]))

    def at(self, cell: Cell) -> Scenario:
        """The scenario of one cell."""
        source = f"the experiment {self.experiment}"
        parameters = {axis.name for axis in self.vary if axis.parameter is not None}
        numbers = {
            name: Quantity(value=value, source=source) for name, value in cell.items() if name in parameters
        }
        shares = {name: value for name, value in cell.items() if name not in parameters}
        scenario = self.scenario.model_copy(update={"set": self.scenario.set | numbers})
        return _with_shares(scenario, shares) if shares else scenario


def _with_shares(scenario: Scenario, shares: Cell) -> Scenario:
    market = scenario.market
    by_party: dict[str, Cell] = {"holder": {}, "implementer": {}}
    for name, share in shares.items():
        by_party[scenario.strategies[name].party][name] = share
    holders = tuple(_mixed(group, by_party["holder"]) for group in market.holders)
    implementers = tuple(_mixed(group, by_party["implementer"]) for group in market.implementers)
    changed = market.model_copy(update={"holders": holders, "implementers": implementers})
    return scenario.model_copy(update={"market": changed})


def _mixed(group: HolderGroup | ImplementerGroup, fixed: Cell) -> HolderGroup | ImplementerGroup:
    """The group with these shares; the fixed strategies come first, so that a larger share adds players."""
    if not fixed:
        return group
    mix = rescaled(group.strategies, fixed)
    return group.model_copy(update={"strategies": mix})


def rescaled(mix: dict[str, float], fixed: Cell) -> dict[str, float]:
    """A mix of strategies in which some shares are fixed and the others keep their ratios.

    Raises ``ValueError`` where nobody is left to play the rest.

    >>> rescaled({"fair": 0.6, "tough": 0.2, "slow": 0.2}, {"tough": 0.6})
    {'tough': 0.6, 'fair': 0.3, 'slow': 0.1}
    """
    left = 1.0 - sum(fixed.values())
    others = {name: share for name, share in mix.items() if name not in fixed}
    total = sum(others.values())
    if left < -1e-9 or (left > 1e-9 and total <= 0.0):
        raise ValueError(f"the shares sum to {1 - left:g}" + (", and no other strategy has one" * (left > 0)))
    scale = max(left, 0.0) / total if total > 0.0 else 0.0
    return fixed | {name: round(share * scale, 12) for name, share in others.items()}


def experiment_faults(text: Document, measures: Collection[str] = ()) -> Iterator[Fault]:
    """Every fault of an experiment file that no single entry shows; ``measures`` are the known outcomes."""
    name = text.get("experiment")
    called = text.path.parent.name if text.path.name == "experiment.yaml" else text.path.stem
    if isinstance(name, str) and name != called:
        rule = "an experiment is called after its folder, or its file where that is not experiment.yaml"
        yield text.fault(("experiment",), f"got {quoted(name)}", rule, f"experiment: {called}")
    yield from range_faults("scenario", text)
    over = text.get("set")
    for parameter in over if isinstance(over, dict) else ():
        if parameter not in registry():
            what = f"no parameter is called {parameter}"
            yield text.fault(("set", parameter), what, nearest(parameter, registry()))
    outcomes = text.get("outcomes")
    for place, outcome in enumerate(outcomes if isinstance(outcomes, tuple) else ()):
        if measures and outcome not in measures:
            what = f"no metric is called {quoted(outcome)}"
            yield text.fault(("outcomes", place), what, nearest(str(outcome), measures))
        if outcome in outcomes[:place]:
            yield text.fault(("outcomes", place), f"{outcome} is named twice", "each metric once")
    yield from _axis_faults(text)


def _axis_faults(text: Document) -> Iterator[Fault]:
    axes = text.get("vary")
    seen: set[object] = set()
    for place, axis in enumerate(axes if isinstance(axes, tuple) else ()):
        if not isinstance(axis, dict):
            continue
        name = axis.get("parameter", axis.get("strategy"))
        if name in seen:
            yield text.fault(("vary", place), f"{name} is varied twice", "each axis once")
        seen.add(name)
        if isinstance(name, str) and "parameter" in axis and name not in registry():
            what = f"no parameter is called {name}"
            yield text.fault(("vary", place, "parameter"), what, nearest(name, registry()))
            continue
        values = axis.get("values")
        for k, value in enumerate(values if isinstance(values, tuple) else ()):
            if isinstance(value, int | float) and not isinstance(value, bool):
                rule = _rule_broken(axis, value)
                if rule:
                    yield text.fault(("vary", place, "values", k), f"got {value:g}", rule)


def _rule_broken(axis: dict[str, Any], value: float) -> str:
    if "parameter" not in axis:
        return "" if 0 <= value <= 1 else "a share lies between 0 and 1"
    bounds = of_parameter(str(axis["parameter"]))
    allowed = bounds.low <= value <= bounds.high and not (bounds.whole and value != int(value))
    return "" if allowed else bounds.rule()


def variant_text(text: Document, name: str) -> Document:
    """A variant of an experiment file as the regime file it stands for; each entry keeps its line."""
    at = ("variants", name)
    own, of = text.get(*at), text.get(*at, "of")
    data = {
        "regime": name,
        "title": own.get("title") or f"{name} ({of} varied)",
        "source": f"{of}, varied in the experiment {text.get('experiment')}",
        "status": "control",
        "status_note": f"a variant of {of} made for an experiment, not a legal text",
        "extends": of,
        "court": own["court"],
    }
    result = Document(text.path, data)
    result.marks = {(key,): text.marks[at] for key in data}
    result.marks |= {keys[2:]: mark for keys, mark in text.marks.items() if keys[:2] == at and keys[2:]}
    return result
