"""Whether a case is well formed: its names refer, its methods exist, its units agree."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from simulator.errors import Nearest, ScenarioError, nearest
from simulator.rates.methods import METHODS
from simulator.spec.case import UNITS, Case, Computation, source_names
from simulator.spec.yaml import Keys


def references(line: Computation) -> list[str]:
    """Names of the inputs and lines a line is reckoned from, with repetition."""
    return [
        name
        for reference in line.arguments.values()
        for name in ((reference,) if isinstance(reference, str) else reference)
    ]


def check(case: Case) -> None:
    """Raise ``ScenarioError`` where a line is not well formed: names, arguments, units."""
    problems = []
    kinds = {name: UNITS[entry.unit].kind for name, entry in case.inputs.items()}
    for name, line in case.computations.items():
        keys = ("computations", name)
        if name in case.inputs:
            problems.append(case.problem(keys, "the name of an input", "a line has a name of its own"))
        if line.method and (misuse := _misused(line, kinds, case.computations)):
            problems.append(case.problem(keys, *misuse))
        kinds[name] = UNITS[line.shown_in].kind
        if line.published:
            kinds |= {f"{name}.{suffix}": kinds[name] for suffix in line.published.references}
        if line.share and kinds.get(line.share) != "number":
            what = f"got {line.share}"
            rule = nearest(line.share, [key for key, kind in kinds.items() if kind == "number"])
            problems.append(case.problem((*keys, "share"), what, rule))
    for name, line in case.computations.items():
        if line.answers and kinds.get(line.answers) != kinds[name]:
            what = f"got {line.answers}"
            problems.append(
                case.problem(("computations", name, "answers"), what, "a line of this line's kind")
            )
    if case.headline and case.headline not in case.computations:
        rule = nearest(case.headline, case.computations)
        problems.append(case.problem(("headline",), f"got {case.headline}", rule))
    problems += [
        case.problem(keys, f"names {source}", nearest(source_names(source)[0], case.sources))
        for keys, source in _facts(case)
        if not case.read(source) and not source.startswith("assumption")
    ]
    if problems:
        raise ScenarioError(*problems)


def _facts(case: Case) -> list[tuple[Keys, str]]:
    """Where facts of the court stand in the file, with their sources: a document read, or an assumption."""
    facts: list[tuple[Keys, str]] = [(("source",), case.source)]
    facts.append((("court_method", "source"), case.court_method.source))
    for name, line in case.computations.items():
        if line.court_method:
            facts.append((("computations", name, "court_method", "source"), line.court_method.source))
        if line.published:
            facts.append((("computations", name, "published", "source"), line.published.source))
    return facts


def _misused(
    line: Computation, kinds: Mapping[str, str], lines: Collection[str]
) -> tuple[str, str | Nearest] | None:
    method = METHODS.get(str(line.method))
    if method is None:
        return f"got the method {line.method}", nearest(str(line.method), METHODS)
    for reference in references(line):
        if reference not in kinds:
            name = reference.partition(".")[0]
            later = name in lines and name not in kinds
            rule = "it stands below, and a line uses those above it" if later else nearest(reference, kinds)
            return f"refers to {reference}", rule
    given = {key: _picked_kinds(kinds, reference) for key, reference in line.arguments.items()}
    try:
        kind = method.kind(given)
    except ValueError as error:
        return f"{method.name}: {error}", f"{method.name} = {method.formula}"
    shown = UNITS[line.shown_in].kind
    if kind != shown:
        return (
            f"{method.name} gives a {kind}, the unit {line.shown_in} is a {shown}",
            "use a unit of its kind",
        )
    return None


def _picked_kinds(kinds: Mapping[str, str], reference: str | tuple[str, ...]) -> Any:
    return kinds[reference] if isinstance(reference, str) else [kinds[name] for name in reference]
