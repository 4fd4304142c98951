"""Whether a plan continues another: the same cells and laws, or more of them, or more replications."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from simulator.batch.layout import Layout, OneCell, Plan
from simulator.errors import Problem, ScenarioError
from simulator.spec.experiment import Experiment
from simulator.spec.scenario import Scenario
from simulator.writing.manifest import digest

SHOWN = 8
"""Differences that are told; the rest are counted."""
BESIDE = {"replications", "regimes", "baseline", "title", "notes"}
"""What may differ in the scenario of a plan that continues another; regimes are compared one by one."""


def stated(plan: Plan) -> dict[str, Any]:
    """A plan as data, to be read back by ``planned``."""
    if isinstance(plan, Experiment):
        return {"experiment": plan.model_dump(mode="json")}
    return {"scenario": plan.scenario.model_dump(mode="json")}


def planned(data: dict[str, Any], file: str) -> Plan:
    """The plan that was stated.  Raises ``ScenarioError`` where this version cannot read it."""
    try:
        if "experiment" in data:
            return Experiment.model_validate_json(json.dumps(data["experiment"]))
        return OneCell(Scenario.model_validate_json(json.dumps(data["scenario"])))
    except (KeyError, ValueError) as error:
        rule = "use the version it was made with"
        raise ScenarioError(Problem(file, None, "plan", "was stated by another version", rule)) from error


def configuration(layout: Layout) -> str:
    """Digest of everything that is planned."""
    said = [layout.plan.experiment, _base(layout), _laws(layout), layout.cells, layout.replications]
    return digest(json.dumps(said, ensure_ascii=False).encode())


def obstacles(old: Layout, new: Layout) -> list[str]:
    """In words, why ``new`` does not continue ``old``; nothing where it is the same or more of it."""
    said = list(_changes("scenario", _base(old), _base(new)))
    if old.plan.experiment != new.plan.experiment:
        said.append(f"experiment: {old.plan.experiment} there, {new.plan.experiment} here")
    laws, now = _laws(old), _laws(new)
    for name, law in laws.items():
        if name not in now:
            said.append(f"regime {name}: there, but not here")
        else:
            said += _changes(f"regime {name}", law, now[name])
    if new.replications < old.replications:
        said.append(f"replications: {old.replications} there, {new.replications} here")
    if old.axes != new.axes:
        said.append(f"varied: {', '.join(old.axes) or 'nothing'} there, {', '.join(new.axes)} here")
    else:
        known = {tuple(cell.values()) for cell in new.cells}
        lost = [cell for cell in old.cells if tuple(cell.values()) not in known]
        if lost:
            said.append(f"cells: {len(lost)} there that are not here, the first {_point(lost[0])}")
    return said


def told(differences: list[str]) -> str:
    """Differences as one clause, the first of them in full."""
    more = len(differences) - SHOWN
    return "; ".join(differences[:SHOWN]) + (f"; and {more} more" if more > 0 else "")


def _base(layout: Layout) -> dict[str, Any]:
    return layout.plan.scenario.model_dump(mode="json", exclude=BESIDE)


def _laws(layout: Layout) -> dict[str, Any]:
    return {law.regime: law.model_dump(mode="json") for law in layout.plan.scenario.regimes}


def _point(cell: dict[str, float]) -> str:
    return ", ".join(f"{name} = {value:g}" for name, value in cell.items())


def _changes(path: str, old: Any, new: Any) -> Iterator[str]:
    """Where two pieces of data differ, by the path of keys that leads there."""
    if isinstance(old, dict) and isinstance(new, dict):
        for key in {**old, **new}:
            if key not in old or key not in new:
                yield f"{path}.{key}: {'there, but not here' if key in old else 'here, but not there'}"
            else:
                yield from _changes(f"{path}.{key}", old[key], new[key])
        if old == new and list(old) != list(new):
            yield f"{path}: in another order"
    elif isinstance(old, list) and isinstance(new, list) and len(old) == len(new):
        for place, pair in enumerate(zip(old, new, strict=True)):
            yield from _changes(f"{path}[{place}]", *pair)
    elif old != new:
        yield f"{path}: {json.dumps(old)} there, {json.dumps(new)} here"
