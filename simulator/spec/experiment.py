"""An experiment: one question, a scenario, what is moved to answer it, and what is claimed beforehand.

Every cell of the design plays the scenario's regimes with the same seed, so that cells and regimes share
markets, parties and chance.  The file freezes what is varied, looked at and claimed before the run.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from pathlib import Path
from typing import Annotated, Any

import numpy as np
from pydantic import ConfigDict, Field, model_validator

from simulator.errors import Problem, ScenarioError, nearest
from simulator.parameters import registry
from simulator.spec.base import Quantity, Spec
from simulator.spec.design import (
    Axis,
    Cell,
    Design,
    Lever,
    Uncertainty,
    axis_problems,
    settings,
    size_problems,
    unit_sample,
)
from simulator.spec.frontier import Frontier, frontier_problems
from simulator.spec.hypothesis import Contrast, Hypothesis, hypothesis_problems
from simulator.spec.mechanism import Mechanisms
from simulator.spec.outcome import outcome_problems, value_problems
from simulator.spec.problems import quoted
from simulator.spec.ranges import range_problems
from simulator.spec.reshape import with_firms, with_shares
from simulator.spec.scenario import Scenario
from simulator.spec.schema import described
from simulator.spec.yaml import Document

Name = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9-]*$")]
MUTUAL = "mutual_good_faith"
"""What a claim on evolution may look at beside the strategies: good faith on both sides."""
WATCHED = tuple(
    Lever(parameter=f"court.faults.attention_{side}", values=(1, 0)) for side in ("holder", "implementer")
)
"""The levers of claims on the map of detection: whose faults are seen, by every chance of the map above 0."""


class Variant(Spec):
    """A regime with changes, for this experiment only; without changes it is the regime renamed."""

    of: str = Field(description="a built-in regime, or a file beside this one")
    title: str = ""
    court: dict[str, Any] = Field(
        default_factory=dict, description="changes, merged as in a regime that extends another"
    )
    steps: dict[str, Any] = Field(default_factory=dict, description="changes of steps, merged likewise")


class Quick(Spec):
    """What ``--quick`` plays in place of the whole experiment."""

    replications: int = Field(ge=1)
    points: int | None = Field(default=None, ge=1, description="points drawn; of a file: the first so many")
    games: int | None = Field(
        default=None, ge=2, description="replications of a pairing in games, and of gains measured again"
    )


class Detection(Spec):
    """A map over the chance that hold-up is caught and the chance that hold-out is caught."""

    values: tuple[Annotated[float, Field(ge=0, le=1)], ...] = Field(min_length=2, description="of both axes")
    strategies: tuple[str, ...] = Field(min_length=2, description="one or more of each side")
    replications: int = Field(default=64, ge=2, description="of each pairing")


class Firms(Spec):
    """How people adapt, sampled: what nobody knows about those who imitate, drawn as a Latin hypercube."""

    points: int = Field(default=32, ge=2, description="points drawn, both numbers on a logarithmic scale")
    population: tuple[Annotated[int, Field(ge=2)], Annotated[int, Field(ge=2)]] = Field(
        default=(10, 200), description="fewest and most firms of a side"
    )
    intensity: tuple[Annotated[float, Field(gt=0)], Annotated[float, Field(gt=0)]] = Field(
        default=(0.5, 50), description="lowest and highest intensity of selection, per unit of E"
    )

    @model_validator(mode="after")
    def _ascending(self) -> Firms:
        for name in ("population", "intensity"):
            low, high = getattr(self, name)
            if low >= high:
                raise ValueError(f"{name}: [{low}, {high}] is no range; lowest first: {name}: [10, 200]")
        return self

    def drawn(self, seed: int) -> tuple[tuple[int, float], ...]:
        """Firms of a side and intensity at each point, the same for the same seed."""
        unit = unit_sample("latin_hypercube", 2, self.points, seed)
        logs = np.log([self.population, self.intensity])
        firms, intensity = np.exp(logs[:, 0] + unit * (logs[:, 1] - logs[:, 0])).T
        return tuple(zip(np.rint(firms).astype(int).tolist(), intensity.tolist(), strict=True))


class Evolution(Spec):
    """Both sides learn: payoffs are measured in every cell, and outcomes taken where imitation leads."""

    strategies: tuple[str, ...] = Field(default=(), description="none: those of the market")
    replications: int = Field(default=256, ge=2, description="of each pairing")
    population: int = Field(default=50, ge=2, description="firms of a side (assumption)")
    intensity: float = Field(default=5.0, ge=0, description="of selection, per unit of E (assumption)")
    further: tuple[dict[str, float], ...] = Field(
        default=(), description="cells beside those of one_at_a_time: several levers moved at once"
    )
    firms: Firms | None = Field(
        default=None, description="firms and intensity sampled too: the space that shares of claims are of"
    )
    detection: Detection | None = None

    def looked_at(self, scenario: Scenario) -> tuple[str, ...]:
        """What a claim may look at: a strategy's share of time, or that of good faith on both sides."""
        mapped = () if self.detection is None else self.detection.strategies
        return tuple(dict.fromkeys((MUTUAL, *(self.strategies or scenario.strategies), *mapped)))


class LearningRules(Spec):
    """Both sides search for strategies of their own; what they learn is kept beside the file."""

    starts: int = Field(default=5, ge=1, le=1000, description="starts of a regime")
    search: int = Field(default=32_000, ge=100, le=1_000_000_000, description="negotiations of a search")
    rounds: int = Field(default=24, ge=1, le=1000, description="rounds of a start at most")
    tolerance: float = Field(
        default=0.01, gt=0, description="gain, share of what is due, below which learning ends"
    )
    cells: int = Field(default=1024, ge=2, description="replications of a cell of known strategies")
    searches: int = Field(default=4, ge=1, description="searches of a kind of firm for a certificate")
    report: int = Field(default=4096, ge=2, description="replications on which their gains are reported")
    credible: tuple[str, ...] = Field(
        default=(), description="regimes learned once more without what commits a party beyond belief"
    )
    markets: dict[str, tuple[str, ...]] = Field(
        default_factory=dict, description="further scenarios, and which regimes are learned there"
    )
    replications: int = Field(default=4096, ge=2, description="on which gains are measured again at a replay")


class ExperimentFile(Spec):
    """What an experiment file says; names refer to built-in files or to files beside it."""

    model_config = ConfigDict(json_schema_extra=described)

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
    levers: tuple[Lever, ...] = Field(default=(), description="what policy or the experimenter sets")
    uncertainties: tuple[Uncertainty, ...] = Field(
        default=(), description="what nobody controls: sampled together over its ranges"
    )
    design: Design = Design()
    replications: int = Field(default=30, ge=1)
    seed: int = Field(default=1, ge=0, lt=2**63)
    quick: Quick | None = None
    outcomes: tuple[str, ...] = Field(
        min_length=1, description="metrics looked at; with conditions: metric[column=value|value, column=..]"
    )
    hypotheses: tuple[Hypothesis, ...] = Field(default=(), description="what is claimed before the run")
    frontiers: tuple[Frontier, ...] = Field(
        default=(), description="lines in the map of the first two levers at which two outcomes are equal"
    )
    mechanisms: Mechanisms | None = Field(
        default=None, description="what the difference of two regimes is made of, rule by rule"
    )
    evolution: Evolution | None = Field(
        default=None, description="outcomes at the mix that evolution reaches, beside the initial one"
    )
    learning: LearningRules | None = Field(
        default=None, description="outcomes at learned equilibria, beside the initial mix and the long run"
    )
    notes: str = ""

    @model_validator(mode="after")
    def _points_for_uncertainties(self) -> ExperimentFile:
        drawn = self.design.sample is not None or self.design.file is not None
        if drawn != bool(self.uncertainties):
            raise ValueError(
                "uncertainties and a design that says how their points are drawn belong together: "
                "design: {sample: latin_hypercube, points: 32}, or {file: points.csv}"
            )
        if self.quick is not None and self.quick.points is not None and not drawn:
            raise ValueError("quick: there are no points to draw")
        if self.quick is not None and self.quick.games is not None and not (self.evolution or self.learning):
            raise ValueError("quick: there are no games to play")
        if self.evolution is not None and self.evolution.further and self.design.levers == "grid":
            raise ValueError("a grid has every cell: further ones belong to levers: one_at_a_time")
        if self.learning is not None and (self.levers or self.uncertainties or self.evolution is not None):
            raise ValueError("learning has one cell: without levers, uncertainties and evolution")
        if self.mechanisms is not None and self.equal_procedure:
            raise ValueError("mechanisms take apart what equal_procedure makes alike: one of the two")
        return self

    def quickened(self) -> ExperimentFile:
        """The experiment as ``--quick`` plays it."""
        if self.quick is None:
            return self
        update: dict[str, Any] = {"replications": self.quick.replications}
        if self.quick.points is not None and self.design.sample is not None:
            update["design"] = Design(**(dict(self.design) | {"points": self.quick.points}))
        if self.quick.games is not None:
            fewer: dict[str, Any] = {"replications": self.quick.games}
            if self.evolution is not None:
                seen = self.evolution.detection
                seen = None if seen is None else seen.model_copy(update=fewer)
                update["evolution"] = self.evolution.model_copy(update=fewer | {"detection": seen})
            if self.learning is not None:
                update["learning"] = self.learning.model_copy(update=fewer)
        return self.model_copy(update=update)

    def _games(self) -> tuple[int | None, ...]:
        """Replications of games: of evolution, of its map of detection, of gains measured again."""
        seen = self.evolution.detection if self.evolution is not None else None
        parts = (self.evolution, seen, self.learning)
        return tuple(None if part is None else part.replications for part in parts)

    def departing(self, played: ExperimentFile, scenario: Scenario) -> tuple[str, ...]:
        """In what a run departs from this file, which states what was planned."""
        numbers = (
            ("replications", scenario.replications, self.replications),
            ("seed", scenario.seed, self.seed),
            ("points", played.design.points, self.design.points),
            *zip(("games",) * 3, played._games(), self._games(), strict=True),
        )
        return tuple(f"{name} {now} in place of {then}" for name, now, then in numbers if now != then)

    def on(self, scenario: Scenario, document: Document, table: Sequence[Sequence[float]] = ()) -> Experiment:
        """The experiment on a scenario that holds its regimes and strategies; ``table``: points of a file.

        Raises ``ScenarioError`` where something named is not there, or a cell cannot be built.
        """
        known = [regime.regime for regime in scenario.regimes]
        if scenario.baseline not in known:
            what = f"{quoted(scenario.baseline)} is not among the regimes"
            raise ScenarioError(document.problem(("baseline",), what, nearest(scenario.baseline, known)))
        learned = self.evolution
        mapped = WATCHED if learned is not None and learned.detection is not None else ()
        claimed = self.outcomes if learned is None else learned.looked_at(scenario)
        problems = [
            *size_problems(document, self.levers, self.design, len(self.uncertainties)),
            *value_problems(document, self.outcomes, scenario.strategies),
            *hypothesis_problems(document, self.hypotheses, (*self.levers, *mapped), known, claimed),
            *_further_problems(document, () if learned is None else learned.further, self.levers),
            *frontier_problems(document, self.frontiers, self.outcomes, self.levers, self.design),
        ]
        if problems:
            raise ScenarioError(*problems)
        own: dict[str, Any] = {
            "scenario": scenario,
            "table": tuple(map(tuple, table)),
            "departures": (),
            "quick": False,
            "file": document.path,
            "stated_in": None,
            "digest": "",
            "stated": None,
        }
        said = {name: getattr(self, name) for name in Experiment.model_fields if name not in own}
        experiment = Experiment(**said, **own)
        try:
            for cell in experiment.cells() if any(axis.parameter is None for axis in experiment.axes) else ():
                experiment.at(cell)
        except ValueError as error:
            axes = "levers" if self.levers else "uncertainties"
            rule = "every cell of the design must be a market that can be built"
            raise ScenarioError(document.problem((axes,), str(error), rule)) from None
        return experiment


class Experiment(Spec):
    """An experiment with everything it refers to loaded: regimes and variants are in the scenario."""

    experiment: str
    title: str
    question: str
    scenario: Scenario
    levers: tuple[Lever, ...] = ()
    uncertainties: tuple[Uncertainty, ...] = ()
    design: Design = Design()
    table: tuple[tuple[float, ...], ...] = ()
    equal_procedure: bool = False
    outcomes: tuple[str, ...]
    hypotheses: tuple[Hypothesis, ...] = ()
    frontiers: tuple[Frontier, ...] = ()
    mechanisms: Mechanisms | None = None
    evolution: Evolution | None = None
    learning: LearningRules | None = None
    quick: bool = Field(default=False, exclude=True)  # these two say how it is run, not what it is
    departures: tuple[str, ...] = Field(default=(), exclude=True)
    file: Path | None = Field(default=None, exclude=True)  # what it learned is kept beside it
    stated_in: Path | None = Field(default=None, exclude=True)  # the register of claims
    digest: str = Field(default="", exclude=True)  # of the plan as its file states it
    stated: str | None = Field(default=None, exclude=True)  # the day the register has; none if it has none
    notes: str = ""

    def beside(self, name: str) -> Path | None:
        """Where something of the experiment is kept: beside its file, if it has one.

        The name begins with the file's, unless that is ``experiment.yaml``: a folder may hold several.
        """
        if self.file is None:
            return None
        return self.file.with_name(name if self.file.stem == "experiment" else f"{self.file.stem}.{name}")

    @property
    def axes(self) -> tuple[Axis, ...]:
        """Everything that is varied: levers, then uncertainties."""
        return (*self.levers, *self.uncertainties)

    @property
    def between(self) -> tuple[str, ...]:
        """The regimes made to take a difference apart, which stand for nothing themselves."""
        return self.mechanisms.between() if self.mechanisms is not None else ()

    def settings(self) -> tuple[Cell, ...]:
        """The combinations of lever values, first every lever at its first value."""
        crossed = settings(self.levers, self.design.levers)
        further = () if self.evolution is None else self.evolution.further
        return (*crossed, *(crossed[0] | cell for cell in further))

    def points(self) -> tuple[Cell, ...]:
        """The points of the uncertainties, each played under every lever setting; one empty where none."""
        if not self.uncertainties:
            return ({},)
        rows = self.table
        if self.design.sample is not None and self.design.points is not None:
            unit = unit_sample(
                self.design.sample, len(self.uncertainties), self.design.points, self.scenario.seed
            )
            columns = [one.scaled(unit[:, place]) for place, one in enumerate(self.uncertainties)]
            rows = tuple(zip(*(column.tolist() for column in columns), strict=True))
        names = [one.name for one in self.uncertainties]
        return tuple(dict(zip(names, row, strict=True)) for row in rows)

    def cells(self) -> tuple[Cell, ...]:
        """The cells of the design: lever settings times points, points fastest; cell 0 is the reference."""
        points = self.points()
        return tuple(setting | point for setting in self.settings() for point in points)

    def at(self, cell: Cell) -> Scenario:
        """The scenario of one cell.  Raises ``ValueError`` where its shares leave a mix no room."""
        source = f"the experiment {self.experiment}"
        over = {
            name: Quantity(value=cell[axis.name], source=source)
            for axis in self.axes
            if axis.parameter is not None
            for name in (axis.parameter, *axis.also)
        }
        scenario = self.scenario.model_copy(update={"set": self.scenario.set | over})
        shares = {axis.strategy: cell[axis.name] for axis in self.axes if axis.strategy is not None}
        if shares:
            scenario = with_shares(scenario, shares)
        for axis in self.axes:
            if axis.market is not None:
                scenario = with_firms(scenario, axis.market, int(cell[axis.name]))
        return scenario


def on_map(contrast: Contrast) -> bool:
    """Whether a contrast is taken on the map of detection."""
    named = {name for place in contrast.places() for name in place}
    return not named.isdisjoint(lever.name for lever in WATCHED)


def _further_problems(
    document: Document, further: Sequence[dict[str, float]], levers: Sequence[Lever]
) -> Iterator[Problem]:
    values = {lever.name: lever.values for lever in levers}
    for place, cell in enumerate(further):
        for name, value in cell.items():
            at = ("evolution", "further", place, name)
            if name not in values:
                yield document.problem(at, f"no lever is called {name}", nearest(name, values))
            elif value not in values[name]:
                rule = "one of its values: " + ", ".join(f"{one:g}" for one in values[name])
                yield document.problem(at, f"got {value:g}", rule)


def experiment_problems(document: Document, measures: Collection[str] = ()) -> Iterator[Problem]:
    """Every problem of an experiment file that no single entry shows; ``measures`` are the known metrics."""
    name = document.get("experiment")
    called = document.path.parent.name if document.path.name == "experiment.yaml" else document.path.stem
    if isinstance(name, str) and name != called:
        rule = "an experiment is called after its folder, or its file where that is not experiment.yaml"
        yield document.problem(("experiment",), f"got {quoted(name)}", rule, f"experiment: {called}")
    yield from range_problems("scenario", document)
    over = document.get("set")
    for parameter in over if isinstance(over, dict) else ():
        if parameter not in registry():
            what = f"no parameter is called {parameter}"
            yield document.problem(("set", parameter), what, nearest(parameter, registry()))
    yield from outcome_problems(document, measures)
    yield from axis_problems(document)


def variant_document(document: Document, name: str) -> Document:
    """A variant of an experiment file as the regime file it stands for; each entry keeps its line."""
    at = ("variants", name)
    own, of = document.get(*at), document.get(*at, "of")
    data = {
        "regime": name,
        "title": own.get("title") or f"{name} ({of} varied)",
        "source": f"{of}, varied in the experiment {document.get('experiment')}",
        "status": "control",
        "status_note": f"a variant of {of} made for an experiment, not a legal text",
        "extends": of,
        **{part: own[part] for part in ("court", "steps") if own.get(part)},
    }
    result = Document(document.path, data)
    result.marks = {(key,): document.marks[at] for key in data}
    result.marks |= {keys[2:]: mark for keys, mark in document.marks.items() if keys[:2] == at and keys[2:]}
    return result
