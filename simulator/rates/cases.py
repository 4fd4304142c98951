"""Judgments reckoned again: evaluate a case, solve what its outputs pin down, carry uncertainty.

A published figure is *reproduced* when the formula gives it to its last printed digit; a *solved input* when
it rests on an input that is not public and that the printed figures pin down; *stated* when it is put down as
printed and nothing is reckoned; otherwise *not reproducible*, with the reason.  Nothing is fitted beyond it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from simulator.errors import ScenarioError
from simulator.rates.case_checks import check, references
from simulator.rates.methods import METHODS
from simulator.rates.solve import Solved, solve
from simulator.rates.uncertainty import ends_of
from simulator.spec.case import UNITS, Case, Computation, Published

STATUSES = ("reproduced", "solved_input", "stated", "not_reproducible")


@dataclass(frozen=True)
class SolvedInput:
    """An input found from printed figures, in the input's unit, with the box their rounding leaves.

    ``spare`` counts printed figures beyond those needed: each is a test of the formula.
    """

    name: str
    unit: str
    value: float
    low: float
    high: float
    spare: int


@dataclass(frozen=True)
class CaseResult:
    """One line of a case reckoned again; numbers are in ``unit``.

    Attributes:
        case: identifier of the case.
        id: number in the list of rates (else the case) and name of the line.
        name: name of the line in the case file.
        quantity: what it is, in words.
        published: the figure as printed; ``None`` for a step that nobody published.
        computed: what the formula gives; ``None`` where an input is missing.
        unit: unit of both.
        status: one of ``STATUSES``; ``""`` for a step that nobody published.
        reason: why it is not reproducible.
        low: lower end from uncertain inputs, ``None`` where none enters.
        high: upper end.
        exact: whether the ends are exact (each uncertain range enters once) rather than sampled.
        inputs: every input it rests on.
        assumes: those of them that are assumptions, and the line itself where its tolerance is one.
        solved: those of them that were solved for, with their boxes.
    """

    case: str
    id: str
    name: str
    quantity: str
    published: str | None
    computed: float | None
    unit: str
    status: str
    reason: str
    low: float | None
    high: float | None
    exact: bool
    inputs: tuple[str, ...]
    assumes: tuple[str, ...]
    solved: tuple[SolvedInput, ...]


@dataclass(frozen=True)
class Workings:
    """A case evaluated: values of inputs and lines in base units, what was solved, and the results."""

    values: Mapping[str, float]
    solved: Mapping[str, Solved]
    results: tuple[CaseResult, ...]


def evaluate(case: Case) -> list[CaseResult]:
    """The published figures of a case, each reckoned again, in the order of the file.

    Raises:
        ScenarioError: a line names an unknown method, input or argument, or mixes units.
    """
    return [result for result in workings(case).results if result.published is not None]


def workings(case: Case) -> Workings:
    """A case evaluated with every step.  Raises ``ScenarioError`` as ``evaluate`` does."""
    check(case)
    known = {
        name: entry.point * UNITS[entry.unit].factor
        for name, entry in case.inputs.items()
        if entry.point is not None
    }
    uses = _uses(case)
    solved = solve(case, known, uses, compute)
    given = known | {name: unknown.value for name, unknown in solved.items()}
    values = compute(case, given)
    ends = ends_of(case, given, compute)
    results = tuple(_result(case, name, values, uses[name], solved, ends) for name in case.computations)
    return Workings(values, solved, results)


def compute(case: Case, given: Mapping[str, float]) -> dict[str, float]:
    """Every line that the given inputs suffice for, with the inputs, in base units."""
    values = dict(given)
    for name, line in case.computations.items():
        if line.published:
            for suffix, number in line.published.references.items():
                values[f"{name}.{suffix}"] = number * UNITS[line.published.unit].factor
    for name, line in case.computations.items():
        if line.method and all(reference in values for reference in references(line)):
            arguments = {key: _picked(values, reference) for key, reference in line.arguments.items()}
            try:
                values[name] = METHODS[line.method](arguments)
            except (ArithmeticError, ValueError) as error:
                problem = case.problem(("computations", name), f"{line.method}: {error}")
                raise ScenarioError(problem) from None
    return values


def _picked(values: Mapping[str, float], reference: str | tuple[str, ...]) -> Any:
    return values[reference] if isinstance(reference, str) else [values[name] for name in reference]


def _uses(case: Case) -> dict[str, tuple[str, ...]]:
    """Inputs each line rests on, with repetition, in order of use; a printed figure rests on none."""
    uses: dict[str, tuple[str, ...]] = {name: (name,) for name in case.inputs}
    for name, line in case.computations.items():
        uses[name] = tuple(used for reference in references(line) for used in uses.get(reference, ()))
    return {name: uses[name] for name in case.computations}


def _result(
    case: Case,
    name: str,
    values: Mapping[str, float],
    used: tuple[str, ...],
    solved: Mapping[str, Solved],
    ends: Mapping[str, tuple[float, float]],
) -> CaseResult:
    line = case.computations[name]
    factor = UNITS[line.shown_in].factor
    computed = values[name] / factor if name in values else None
    uncertain = [i for i in used if case.inputs[i].range or case.inputs[i].distribution]
    low, high = (end / factor for end in ends[name]) if uncertain and name in ends else (None, None)
    status, reason = "", ""
    if line.published and len(line.published.ends) == 1:
        status, reason = _judged(case, line, (computed,), used, solved)
    elif line.published:
        status, reason = _judged(case, line, (low, high), used, solved)
    assumed = [i for i in used if case.inputs[i].is_assumption]
    assumed += [name] if line.published and line.published.is_assumption else []
    return CaseResult(
        case=case.case,
        id=f"{line.ref or case.case}/{name}",
        name=name,
        quantity=line.quantity,
        published=line.published.printed if line.published else None,
        computed=computed,
        unit=line.shown_in,
        status=status,
        reason=reason,
        low=low,
        high=high,
        exact=len(uncertain) == len(set(uncertain))
        and not any(case.inputs[i].distribution for i in uncertain),
        inputs=tuple(dict.fromkeys(used)),
        assumes=tuple(dict.fromkeys(assumed)),
        solved=tuple(solved_input(case, i, solved[i]) for i in dict.fromkeys(used) if i in solved),
    )


def solved_input(case: Case, name: str, solved: Solved) -> SolvedInput:
    """A solved input in the unit in which the case states it."""
    unit = case.inputs[name].unit
    factor = UNITS[unit].factor
    return SolvedInput(
        name, unit, solved.value / factor, solved.low / factor, solved.high / factor, solved.spare
    )


def _judged(
    case: Case,
    line: Computation,
    computed: tuple[float | None, ...],
    used: tuple[str, ...],
    solved: Mapping[str, Solved],
) -> tuple[str, str]:
    """Status and reason; ``computed`` is one number, or two where a range is printed, in the line's unit."""
    published = line.published
    if published is None or line.not_reproducible:
        return "not_reproducible", line.not_reproducible or ""
    missing = dict.fromkeys(i for i in used if case.inputs[i].unknown and i not in solved)
    if missing:
        return "not_reproducible", f"{', '.join(missing)} not public, and no printed figure pins it down"
    numbers = [number for number in computed if number is not None]
    if len(numbers) < len(computed):
        return "not_reproducible", f"the formula gives one number, printed is {published.printed}"
    if not all(
        agrees(number, end, published.step) for number, end in zip(numbers, published.ends, strict=True)
    ):
        return "not_reproducible", _disagreement(numbers, published)
    if any(i in solved for i in used):
        return "solved_input", ""
    return ("stated" if line.method == "stated" else "reproduced"), ""


def agrees(computed: float, published: float, step: float) -> bool:
    """Whether a number rounds to a printed one: ``|computed - published| <= step / 2``.

    >>> agrees(3.47133, 3.471, 0.001), agrees(3.4716, 3.471, 0.001)
    (True, False)

    Half a unit of the last place still rounds to it, whatever is left over in binary (1.25 - 1.2 > 0.05).

    >>> agrees(1.25, 1.2, 0.1)
    True
    """
    return abs(computed - published) <= 0.5 * step * (1.0 + 1e-9)


def _disagreement(computed: list[float], published: Published) -> str:
    given = " to ".join(f"{number:.6g}" for number in computed)
    text = f"the formula gives {given}, printed is {published.printed}"
    for factor in (100.0, 0.01):
        scaled = zip([number * factor for number in computed], published.ends, strict=True)
        if all(agrees(number, end, published.step) for number, end in scaled):
            return f"{text}: off by a factor of 100, as when cents, dollars or per cent are confused"
    return text
