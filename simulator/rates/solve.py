"""Unknown inputs that printed figures pin down: their values, and the box consistent with rounding."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from simulator.rates.uncertainty import Compute, span
from simulator.spec.case import UNITS, Case, Published


@dataclass(frozen=True)
class Solved:
    """An unknown found from printed figures, in base units of its kind.

    Attributes:
        value: least-squares value (exact where there are as many figures as unknowns).
        low: smallest value consistent with every printed figure's rounding.
        high: largest such value.
        figures: lines whose printed figures pin it down.
        spare: printed figures beyond those needed: each is a test of the formula.
    """

    value: float
    low: float
    high: float
    figures: tuple[str, ...]
    spare: int


def solve(
    case: Case, known: Mapping[str, float], uses: Mapping[str, tuple[str, ...]], compute: Compute
) -> dict[str, Solved]:
    """Every unknown input that the case's printed figures pin down.

    Unknowns that share a figure are solved together by least squares in units of half the last printed
    digit; the box comes from minimising and maximising each unknown while every figure stays inside its
    rounding.  A printed range is two figures, one at each end of the ranges it rests on.  Where figures
    contradict each other, or leave an unknown free, nothing is returned for it.
    """
    solved: dict[str, Solved] = {}
    for unknowns, figures in _groups(case, uses):
        if _count(case, figures) >= len(unknowns):
            solved |= _solve_group(case, known, unknowns, {name: uses[name] for name in figures}, compute)
    return solved


def _count(case: Case, figures: Iterable[str]) -> int:
    """Numbers printed by these lines: two for a range."""
    published = (case.computations[figure].published for figure in figures)
    return sum(len(entry.ends) for entry in published if entry)


def _groups(case: Case, uses: Mapping[str, tuple[str, ...]]) -> list[tuple[list[str], list[str]]]:
    """Unknowns and the printed figures that bear on them, grouped where they share a figure."""
    groups: list[tuple[set[str], list[str]]] = []
    for name, line in case.computations.items():
        unknown = {i for i in uses[name] if case.inputs[i].unknown}
        if not unknown or line.published is None or line.not_reproducible:
            continue
        joined, figures = set(unknown), [name]
        for group in [group for group in groups if group[0] & unknown]:
            groups.remove(group)
            joined |= group[0]
            figures = group[1] + figures
        groups.append((joined, figures))
    return [(sorted(unknowns), figures) for unknowns, figures in groups]


def _solve_group(
    case: Case,
    known: Mapping[str, float],
    unknowns: list[str],
    figures: Mapping[str, tuple[str, ...]],
    compute: Compute,
) -> dict[str, Solved]:
    import numpy as np
    from scipy.optimize import least_squares

    entries = [case.inputs[unknown] for unknown in unknowns]
    bounds = np.array([[end * UNITS[entry.unit].factor for end in entry.between or ()] for entry in entries])
    start = bounds.mean(axis=1)
    printed = {figure: line for figure in figures if (line := case.computations[figure].published)}

    def misses(scaled: Any) -> Any:
        """Distance of each figure from its printed value, in half printed digits."""
        given = {**known, **dict(zip(unknowns, (scaled * start).tolist(), strict=True))}
        values = compute(case, given)
        missed: list[float] = []
        for figure, published in printed.items():
            one = len(published.ends) == 1
            ends = (values[figure],) if one else span(case, figure, figures[figure], given, compute)
            missed += _misses(published, ends)
        return np.array(missed)

    limits = (bounds[:, 0] / start, bounds[:, 1] / start)
    fit: Any = least_squares(
        misses, np.ones(len(unknowns)), bounds=limits, xtol=1e-15, ftol=1e-15, gtol=1e-15
    )
    if np.abs(fit.fun).max() > 1.0 + 1e-6 or np.linalg.matrix_rank(fit.jac, tol=1e-6) < len(unknowns):
        return {}
    box = _box(misses, fit.x, fit.jac, limits)
    solution = {}
    for i, unknown in enumerate(unknowns):
        value, low, high = (float(scaled * start[i]) for scaled in (fit.x[i], *box[i]))
        spare = _count(case, figures) - len(unknowns)
        solution[unknown] = Solved(value, low, high, tuple(figures), spare)
    return solution


def _misses(published: Published, values: tuple[float, ...]) -> list[float]:
    factor, half = UNITS[published.unit].factor, 0.5 * published.step
    return [(value / factor - end) / half for value, end in zip(values, published.ends, strict=True)]


def _box(
    misses: Callable[[Any], Any], centre: Any, slope: Any, limits: tuple[Any, Any]
) -> list[tuple[float, float]]:
    """Smallest and largest of each unknown with every miss within one (sequential quadratic programming).

    Steps are scaled by the width that rounding leaves, so that constraints and steps are both of order one.
    """
    import numpy as np
    from scipy.optimize import Bounds, NonlinearConstraint, minimize

    width = np.abs(np.linalg.pinv(slope)).sum(axis=1)
    room = Bounds((limits[0] - centre) / width, (limits[1] - centre) / width)
    search: Any = minimize  # its stubs want numpy scalars for every option
    inside = NonlinearConstraint(lambda step: misses(centre + step * width), -1.0, 1.0)

    def extreme(i: int, sign: float) -> float:
        best = search(
            lambda step: sign * float(step[i]),
            np.zeros(len(centre)),
            bounds=room,
            constraints=inside,
            method="SLSQP",
            options={"ftol": 1e-12, "eps": 1e-5, "maxiter": 200},
        )
        return float(centre[i] + best.x[i] * width[i])

    return [(extreme(i, 1.0), extreme(i, -1.0)) for i in range(len(centre))]
