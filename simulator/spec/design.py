"""What an experiment moves: levers that policy sets, uncertainties nobody controls, and the points sampled.

A lever has ``values``, chosen by hand.  Uncertainties have ranges and are sampled together; the sample is a
function of the design, the number of uncertainties and the seed alone.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from functools import cache
from itertools import product
from typing import Annotated, Any, Literal

import numpy as np
import numpy.typing as npt
from pydantic import AfterValidator, Field, model_validator

from simulator.errors import Problem, nearest
from simulator.parameters import registry
from simulator.spec.base import Spec
from simulator.spec.ranges import SHARE, Bounds, of_parameter
from simulator.spec.yaml import Document, Keys

Cell = dict[str, float]
"""A point of a design: the value of each axis, by the axis's name."""
FIRMS = Bounds("firms of a side", "count", 1, 10_000, whole=True)
MOST_CELLS = 1_000_000
"""Cells a design may have."""
POWERS_OF_TWO = ("sobol", "saltelli")
"""Samples that are balanced at powers of two only."""


class Axis(Spec):
    """What is moved: a parameter of the registry, the share of a strategy, or the number of firms."""

    parameter: str | None = Field(default=None, description="dotted name in the registry")
    also: tuple[str, ...] = Field(default=(), description="further parameters that take the same value")
    strategy: str | None = Field(
        default=None, description="its share in every group of its side; the other shares keep their ratios"
    )
    market: Literal["holders", "implementers"] | None = Field(
        default=None, description="the number of firms: the same families, or sales, in more hands"
    )

    @model_validator(mode="after")
    def _one_of_three(self) -> Axis:
        named = [name for name in (self.parameter, self.strategy, self.market) if name is not None]
        if len(named) != 1:
            raise ValueError("name a parameter, a strategy or a market, one of the three")
        if self.also and self.parameter is None:
            raise ValueError("also names further parameters beside a parameter")
        return self

    @property
    def name(self) -> str:
        """What the axis is called in cells and tables."""
        return f"market.{self.market}" if self.market else str(self.parameter or self.strategy)

    @property
    def bounds(self) -> Bounds:
        """The values it may take."""
        if self.parameter is not None:
            return of_parameter(self.parameter)
        return SHARE if self.strategy is not None else FIRMS


def _several(values: tuple[float, ...]) -> tuple[float, ...]:
    if len(values) < 2 or len(set(values)) < len(values):
        raise ValueError("two values or more, all different")
    return values


class Lever(Axis):
    """What policy, or the experimenter, sets."""

    values: Annotated[tuple[float, ...], AfterValidator(_several)] = Field(
        description="in the parameter's unit; the first is where the other levers are moved from"
    )


class Uncertainty(Axis):
    """What nobody controls, so that a finding has to hold over its range."""

    range: tuple[float, float] | None = Field(
        default=None, description="lowest and highest; none: the plausible range of the registry"
    )
    scale: Literal["linear", "log"] = Field(default="linear", description="how its range is covered")

    @property
    def span(self) -> tuple[float, float]:
        """The range sampled."""
        if self.range is not None:
            return self.range
        return registry()[self.parameter].plausible if self.parameter is not None else (0.0, 1.0)

    def scaled(self, unit: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
        """Its values at points of the unit interval; each whole number has the same chance."""
        low, high = self.span
        if self.bounds.whole:
            return np.minimum(np.floor(low + unit * (high - low + 1)), high)
        if self.scale == "log":
            return np.asarray(low * (high / low) ** unit, dtype=np.float64)
        return np.asarray(low + (high - low) * unit, dtype=np.float64)


class Design(Spec):
    """How levers are combined and uncertainties sampled; every lever setting is played at every point."""

    levers: Literal["grid", "one_at_a_time"] = Field(
        default="grid",
        description="every combination of values, or each lever with the others at their first",
    )
    sample: Literal["latin_hypercube", "sobol", "morris", "saltelli"] | None = Field(
        default=None, description="how points of the uncertainties are drawn"
    )
    points: int | None = Field(
        default=None,
        ge=1,
        description="points drawn; morris: trajectories of k + 1 points; saltelli: base points, k + 2 each",
    )
    file: str | None = Field(
        default=None, description="points of your own: .csv or .parquet, a column an uncertainty"
    )

    @model_validator(mode="after")
    def _consistent(self) -> Design:
        if self.sample is not None and self.file is not None:
            raise ValueError("points come from a sample or from a file, one of the two")
        if (self.sample is None) != (self.points is None):
            raise ValueError("a sample states its points: {sample: latin_hypercube, points: 32}")
        if self.sample in POWERS_OF_TWO and self.points and self.points & (self.points - 1):
            raise ValueError(f"the points of a {self.sample} sample are a power of two")
        if self.sample == "morris" and self.points == 1:
            raise ValueError("a morris sample has two trajectories or more")
        return self


def size_problems(
    document: Document, levers: Sequence[Lever], design: Design, uncertainties: int
) -> Iterator[Problem]:
    """A design of more cells than can be played, told before any is drawn."""
    counts = [len(lever.values) for lever in levers]
    crossed = math.prod(counts) if design.levers == "grid" else 1 + sum(counts) - len(counts)
    each = {"morris": uncertainties + 1, "saltelli": uncertainties + 2}.get(design.sample or "", 1)
    drawn = (design.points or 1) * each
    if crossed * drawn > MOST_CELLS:
        at: Keys = ("levers",) if crossed > MOST_CELLS else ("design", "points")
        what = (
            f"asks for {crossed * drawn:,} cells" if crossed * drawn < 10**30 else "asks for too many cells"
        )
        yield document.problem(at, what, f"at most {MOST_CELLS:,}")


def settings(levers: tuple[Lever, ...], how: str) -> tuple[Cell, ...]:
    """The combinations of lever values: first every lever at its first value; the last lever runs fastest.

    >>> two = (Lever(market="holders", values=(2, 4)), Lever(strategy="bold", values=(0, 1)))
    >>> [tuple(cell.values()) for cell in settings(two, "one_at_a_time")]
    [(2.0, 0.0), (4.0, 0.0), (2.0, 1.0)]
    """
    names = [lever.name for lever in levers]
    if how == "grid":
        combinations = product(*(lever.values for lever in levers))
        return tuple(dict(zip(names, values, strict=True)) for values in combinations)
    first = {lever.name: lever.values[0] for lever in levers}
    return (first, *(first | {lever.name: value} for lever in levers for value in lever.values[1:]))


@cache
def unit_sample(sample: str, dimensions: int, points: int, seed: int) -> npt.NDArray[np.float64]:
    """Points of the unit cube, shape (points drawn, dimensions), the same for the same arguments.

    *Source*: ``scipy.stats.qmc`` (Latin hypercube; scrambled Sobol), ``SALib.sample`` (Morris 1991;
    Saltelli 2002, first and total order).

    >>> unit_sample("latin_hypercube", 2, 4, 1).shape, unit_sample("saltelli", 2, 4, 1).shape
    ((4, 2), (16, 2))
    """
    if sample in ("latin_hypercube", "sobol"):
        from scipy.stats import qmc

        engine = (qmc.LatinHypercube if sample == "latin_hypercube" else qmc.Sobol)(dimensions, rng=seed)
        drawn = engine.random(points)
    else:
        from SALib.sample import morris, sobol

        problem = {
            "num_vars": dimensions,
            "names": [f"x{place}" for place in range(dimensions)],
            "bounds": [[0.0, 1.0]] * dimensions,
        }
        short = seed % 2**32  # what the library's generator is seeded with
        if sample == "morris":
            drawn = morris.sample(problem, points, seed=short)
        else:
            drawn = sobol.sample(problem, points, calc_second_order=False, seed=short)
    drawn.flags.writeable = False
    return np.asarray(drawn, dtype=np.float64)


def axis_problems(document: Document) -> Iterator[Problem]:
    """Every problem of levers and uncertainties that no single entry shows."""
    seen: set[object] = set()
    for key in ("levers", "uncertainties"):
        axes = document.get(key)
        for place, axis in enumerate(axes if isinstance(axes, tuple) else ()):
            if isinstance(axis, dict):
                yield from _axis(document, (key, place), axis, seen)


def _axis(document: Document, at: Keys, axis: dict[str, Any], seen: set[object]) -> Iterator[Problem]:
    named = [
        axis.get(kind) for kind in ("parameter", "strategy", "market") if isinstance(axis.get(kind), str)
    ]
    further = _also(axis)
    for name in (*named, *further):
        if name in seen:
            yield document.problem(at, f"{name} is varied twice", "each axis once")
        seen.add(name)
    if len(named) != 1:
        return  # the model says what is wrong with it
    known = True
    for place, name in enumerate(further):
        if name not in registry():
            known = False
            yield _no_parameter(document, (*at, "also", place), name)
    if isinstance(name := axis.get("parameter"), str) and name not in registry():
        known = False
        yield _no_parameter(document, (*at, "parameter"), name)
    if known:
        yield from _numbers(document, at, axis)


def _also(axis: dict[str, Any]) -> list[str]:
    """The further parameters an axis names; where it is no list of names, the model says so."""
    further = axis.get("also")
    return [name for name in further if isinstance(name, str)] if isinstance(further, tuple) else []


def _no_parameter(document: Document, at: Keys, name: str) -> Problem:
    return document.problem(at, f"no parameter is called {name}", nearest(name, registry()))


def _numbers(document: Document, at: Keys, axis: dict[str, Any]) -> Iterator[Problem]:
    every = [of_parameter(name) for name in (axis.get("parameter"), *_also(axis)) if isinstance(name, str)]
    every = every or [SHARE if "strategy" in axis else FIRMS]
    for key in ("values", "range"):
        numbers = axis.get(key)
        for place, value in enumerate(numbers if isinstance(numbers, tuple) else ()):
            if isinstance(value, int | float) and not isinstance(value, bool):
                for bounds in every:
                    if rule := broken(bounds, value):
                        yield document.problem((*at, key, place), f"got {value:g}", rule)
    span = axis.get("range")
    if at[0] == "uncertainties" and span is None and "parameter" not in axis:
        rule = "a share or a number of firms has no plausible range of its own"
        yield document.problem(at, "no range", rule, "range: [0, 0.5]")
    if isinstance(span, tuple) and len(span) == 2 and all(isinstance(end, int | float) for end in span):
        if not span[0] < span[1]:
            yield document.problem(
                (*at, "range"), f"got [{span[0]:g}, {span[1]:g}]", "lowest first, then highest"
            )
    elif span is None and "parameter" in axis:
        span = registry()[axis["parameter"]].plausible
    least = span[0] if isinstance(span, tuple) and span else None
    if axis.get("scale") == "log" and isinstance(least, int | float) and least <= 0:
        yield document.problem((*at, "scale"), "a log scale from 0", "give a range that starts above 0")


def broken(bounds: Bounds, value: float) -> str:
    """The rule a value breaks; empty where it breaks none."""
    allowed = bounds.low <= value <= bounds.high and not (bounds.whole and value != int(value))
    if allowed:
        return ""
    return "a share lies between 0 and 1" if bounds is SHARE else bounds.rule()
