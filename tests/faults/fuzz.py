"""Any scenario that validates, made from the models themselves: new fields and ranges enter by themselves.

The files are drawn along the JSON schemas of the specifications; a number comes from the ends, the default
and the inside of the range that loading enforces (``parameters.yaml`` and :mod:`simulator.spec.ranges`).
"""

from __future__ import annotations

import json
import time
from collections import Counter
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from hypothesis import assume
from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

from simulator.batch.runner import play
from simulator.comparison.comparison import Comparison
from simulator.comparison.tables import Tables
from simulator.engine.outcomes import COLUMNS
from simulator.errors import ScenarioError
from simulator.outcomes.evidence import Evidence
from simulator.outcomes.measures import COMMON
from simulator.outcomes.rows import Rows
from simulator.parameters import registry
from simulator.spec.find import builtin
from simulator.spec.load import load_scenario
from simulator.spec.market import Market
from simulator.spec.ranges import SMALLEST, bounds_at
from simulator.spec.regime import CourtRules, Step
from simulator.spec.scenario import Scenario
from simulator.spec.strategy import Strategy
from simulator.spec.yaml import read

QUANTITIES = {"Quantity", "Figure"}
LARGE = 1e9
"""What stands in for the upper end of a range that has none."""
MOST_PARTIES = 3
"""Parties a group has at most, so that a run is short."""
KNOWN = {
    party: [name for name in builtin("strategies") if name.startswith(party)]
    for party in ("holder", "implementer")
}
STEPS = {
    name: list(steps)
    for name, path in builtin("regimes").items()
    if isinstance(steps := read(path).data.get("steps"), dict)
}


@st.composite
def number(draw: st.DrawFn, kind: str, keys: tuple[str, ...]) -> float:
    """A number of the range that loading enforces at an entry, often an end of it or the default."""
    bounds = bounds_at(kind, keys)
    low, high = (0.0, 1.0) if bounds is None else (bounds.low, min(bounds.high, LARGE))
    default = low if bounds is None or bounds.default is None else bounds.default
    span = st.floats(low, high, allow_nan=False, allow_infinity=False)
    near = st.floats(low, max(low, min(high, 2 * default)))
    value = draw(st.one_of(st.sampled_from([low, high, default]), near, near, span))
    value = 0.0 if abs(value) < SMALLEST else value
    return float(round(value)) if bounds is not None and bounds.whole else value


def quantity(kind: str, keys: tuple[str, ...]) -> SearchStrategy[Any]:
    """A sourced number."""
    return st.builds(lambda value: {"value": value, "source": "assumption"}, number(kind, keys))


@st.composite
def mix(draw: st.DrawFn, party: str) -> dict[str, float]:
    """A mix of one or two built-in strategies."""
    names = draw(st.lists(st.sampled_from(KNOWN[party]), min_size=1, max_size=2, unique=True))
    first = draw(st.sampled_from([0.0, 0.25, 0.5, 1.0])) if len(names) == 2 else 1.0
    return dict(zip(names, (first, 1 - first), strict=False))


def drawn(
    schema: dict[str, Any], kind: str, keys: tuple[str, ...], defs: dict[str, Any]
) -> SearchStrategy[Any]:
    """What a JSON schema allows at an entry of a file; optional parts are often left out."""
    if "$ref" in schema:
        name = schema["$ref"].rpartition("/")[2]
        return quantity(kind, keys) if name in QUANTITIES else drawn(defs[name], kind, keys, defs)
    if "anyOf" in schema:
        return st.one_of(
            [drawn(one, kind, keys, defs) for one in schema["anyOf"] if one.get("type") != "null"]
        )
    if "enum" in schema:
        return st.sampled_from(schema["enum"])
    match schema.get("type"):
        case "object" if "properties" in schema:
            return entries(schema, kind, keys, defs)
        case "object" if keys[-1:] == ("strategies",):
            return mix("holder" if "holders" in keys else "implementer")
        case "object":
            names = schema.get("propertyNames", {}).get("enum", [])
            inner = drawn(schema["additionalProperties"], kind, (*keys, "one"), defs)
            return st.dictionaries(st.sampled_from(names), inner, max_size=3) if names else st.just({})
        case "array":
            inner = drawn(schema["items"], kind, keys, defs)
            return st.lists(inner, min_size=schema.get("minItems", 0), max_size=2)
        case "boolean":
            return st.booleans()
        case "integer":
            return st.integers(schema.get("minimum", 0), MOST_PARTIES)
        case _:
            return st.just("assumption")


@st.composite
def entries(
    draw: st.DrawFn, schema: dict[str, Any], kind: str, keys: tuple[str, ...], defs: dict[str, Any]
) -> dict[str, Any]:
    """An entry for each property that must be there, and for some of the others."""
    needed = set(schema.get("required", ()))
    return {
        name: draw(drawn(inner, kind, (*keys, name), defs))
        for name, inner in schema["properties"].items()
        if name
        not in {
            "schema",
            "status",
            "as_of",
            "notes",
            "range",
            "unit",
            "period",
            "after",
            "then",
            "go",
            "from_step",
        }
        and (name in needed or draw(st.integers(0, 3)) == 0)
    }


def of_model(model: Any, kind: str, *keys: str) -> SearchStrategy[Any]:
    """What a model allows."""
    schema = model.model_json_schema()
    return drawn(schema, kind, keys, schema.get("$defs", {}))


@st.composite
def market(draw: st.DrawFn) -> dict[str, Any]:
    """A market file."""
    found: dict[str, Any] = draw(of_model(Market, "market")) | {
        "market": "market",
        "title": "Mine",
        "source": "assumption",
    }
    for side in ("holders", "implementers"):
        for place, group in enumerate(found[side]):
            group["group"] = f"group{place}"
    generations = found["standard"]["generations"]
    for place, generation in enumerate(generations):
        generation["generation"] = f"{place}G"
        generation["value_share"] = {"value": 1 / len(generations), "source": "assumption"}
    return found


@st.composite
def regime(draw: st.DrawFn) -> dict[str, Any]:
    """A regime that extends a built-in one: other courts, other steps."""
    base = draw(st.sampled_from(sorted(STEPS)))
    court = draw(of_model(CourtRules, "regime", "court"))
    kept = draw(st.lists(st.sampled_from(sorted(court)), max_size=4, unique=True))
    step = of_model(Step, "regime", "steps", "one")
    changed = draw(st.dictionaries(st.sampled_from(STEPS[base]), step, max_size=2))
    for one in changed.values():
        for name in ("title", "phase", "actor", "act", "source"):
            del one[name]
    about = {
        "regime": "regime",
        "extends": base,
        "title": "Mine",
        "source": "assumption",
        "status": "proposed",
    }
    return about | {"source": "assumption", "court": {name: court[name] for name in kept}, "steps": changed}


@st.composite
def strategy(draw: st.DrawFn) -> dict[str, Any]:
    """A strategy file."""
    found: dict[str, Any] = draw(of_model(Strategy, "strategy"))
    return found | {
        "strategy": "strategy",
        "title": "Mine",
        "story": "assumption of a test",
        "source": "assumption",
    }


@st.composite
def files(draw: st.DrawFn) -> dict[str, dict[str, Any]]:
    """A scenario with the files it names."""
    law = draw(st.lists(st.sampled_from(sorted(builtin("regimes"))), min_size=1, max_size=2, unique=True))
    names = draw(st.lists(st.sampled_from(sorted(registry())), max_size=4, unique=True))
    parts = {"market": draw(market())}
    said: dict[str, Any] = {
        "scenario": "scenario", "title": "Fuzz", "market": "market.yaml", "baseline": law[0],
        "seed": draw(st.integers(0, 99)),
        "set": {name: draw(quantity("scenario", ("set", name))) for name in names},
    }  # fmt: skip
    if draw(st.booleans()):
        parts["regime"] = draw(regime())
        law.append("regime.yaml")
    if draw(st.booleans()):
        parts["strategy"] = own = draw(strategy())
        said["strategies"] = ["strategy.yaml"]
        draw(st.sampled_from(parts["market"][f"{own['party']}s"]))["strategies"] = {"strategy": 1.0}
    return parts | {"scenario": said | {"regimes": law}}


def written(parts: dict[str, dict[str, Any]], folder: Path, *, replications: int) -> Scenario:
    """The scenario of some files, put into a folder."""
    for name, data in parts.items():
        (folder / f"{name}.yaml").write_text(json.dumps(data), encoding="utf-8")
    return load_scenario(folder / "scenario.yaml", replications=replications)


@dataclass
class Tally:
    """What was tried."""

    inputs: int = 0
    accepted: int = 0
    played: int = 0
    slowest: float = 0.0
    refused: Counter[str] = field(default_factory=Counter)

    def __str__(self) -> str:
        """The counts in a line."""
        counts = f"{self.inputs} files, {self.accepted} accepted, {self.played} played"
        return f"{counts}, slowest {self.slowest:.2f} s"

    def load(self, parts: dict[str, dict[str, Any]], folder: Path) -> Scenario:
        """The scenario of some files; what is refused is not counted by hypothesis."""
        self.inputs += 1
        try:
            scenario = written(parts, folder, replications=2)
        except ScenarioError as error:
            self.refused[str(error.problems[0].rule) if error.problems else ""] += 1
            assume(False)
            raise
        self.accepted += 1
        return scenario

    def play(self, scenario: Scenario) -> Tables:
        """Play it, ask for every table, check every number."""
        began = time.perf_counter()
        evidence, chunks = Evidence(scenario), []

        def take(_: int, rows: Rows) -> None:
            chunks.append(rows)
            evidence.add(rows)

        play(scenario, take=take, on_error="stop")
        tables = Tables(evidence, scenario.baseline)
        rows = np.concatenate(chunks)
        check_rows(rows)
        check_metrics(tables, rows)
        Comparison(scenario, tables, []).to_json()
        self.played += 1
        self.slowest = max(self.slowest, time.perf_counter() - began)
        return tables


def check_rows(rows: Rows) -> None:
    """Every number of every negotiation is finite, but where its column says what nan means."""
    odd = []
    for column in COLUMNS:
        values = rows[column.name]
        if values.dtype.kind == "f":
            good = np.isfinite(values) | (np.isnan(values) & ("nan" in column.meaning))
            odd += [] if good.all() else [column.name]
    assert not odd, f"neither finite nor said to be undefined: {', '.join(odd)}"


def check_metrics(tables: Tables, rows: Rows) -> None:
    """No metric is infinite, and none undefined but where its description says nan or nothing is due."""
    values = tables.evidence.values
    counted = pd.DataFrame({name: rows[name] for name in ("replication", "regime", "entitlement")})[
        rows["counted"] == 1
    ]
    due = counted.groupby(["replication", "regime"])["entitlement"].sum()
    names = tables.evidence.setting.regimes
    something = {(replication, names[regime]) for replication, regime in due.index[due > 0]}
    assert not infinite(values), infinite(values)
    defined = [name for name, metric in COMMON.items() if "nan" not in metric.description]
    odd = values.loc[[cell in something for cell in values.index], defined].isna().any()
    assert not odd.any(), f"undefined and not said to be: {', '.join(odd.index[odd])}"
    for name, part in vars(Tables).items():
        if isinstance(part, cached_property):
            getattr(tables, name)
    for table in (tables.summary, tables.differences):
        kept = table.select_dtypes("number").drop(columns=["replications_needed"], errors="ignore")
        assert not infinite(kept), infinite(kept)


def infinite(table: pd.DataFrame) -> list[str]:
    """The columns in which a number is infinite."""
    return [str(name) for name in table if np.isinf(table[name].to_numpy(float)).any()]
