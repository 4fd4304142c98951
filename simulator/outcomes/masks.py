"""Bit masks of the outcomes taken apart: a column a document, a fault, a step."""

from __future__ import annotations

from enum import IntEnum
from typing import Any

import numpy as np
import pandas as pd

from simulator.spec.scenario import Scenario
from simulator.vocabulary import Disclosure, Fault
from simulator.writing.numbers import spoken

MASKS = ("disclosures", "faults", "missed_steps")
WORDS = {"disclosed": ("handed over", Disclosure), "fault": ("fault booked", Fault)}


def decoded(table: pd.DataFrame, scenario: Scenario) -> pd.DataFrame:
    """Published outcomes with yes and no for each bit in the place of the masks.

    Columns ``disclosed_DOCUMENT``, ``fault_FAULT`` and ``missed_STEP``; a step is missing (nan) where the
    row's regime has none of this name, else 1 or 0.
    """
    disclosed = {
        _name("disclosed", bit): (table["disclosures"].to_numpy() >> int(bit)) & 1 == 1 for bit in Disclosure
    }
    booked = {_name("fault", bit): (table["faults"].to_numpy() >> int(bit)) & 1 == 1 for bit in Fault}
    taken = {"disclosures": disclosed, "faults": booked, "missed_steps": _missed(table, scenario)}
    columns: dict[str, Any] = {}
    for name, column in table.items():
        columns |= taken.get(str(name), {str(name): column})
    return pd.DataFrame(columns, index=table.index)


def _missed(table: pd.DataFrame, scenario: Scenario) -> dict[str, np.ndarray]:
    mask, regime = table["missed_steps"].to_numpy(), table["regime"].astype(str).to_numpy()
    columns = {f"missed_{step}": np.full(len(table), np.nan) for step in steps(scenario)}
    for law in scenario.regimes:
        rows = regime == law.regime
        for place, step in enumerate(law.order()):
            columns[f"missed_{step}"][rows] = (mask[rows] >> place) & 1
    return columns


def steps(scenario: Scenario) -> list[str]:
    """The names of the steps of all regimes, each once."""
    return list(dict.fromkeys(step for law in scenario.regimes for step in law.order()))


def described_bits(scenario: Scenario) -> dict[str, tuple[str, str]]:
    """What each column of a bit says, and its unit."""
    told = {
        _name(prefix, bit): (f"{said}: {spoken(bit.name)}", "yes/no")
        for prefix, (said, kind) in WORDS.items()
        for bit in kind
    }
    return told | {
        f"missed_{step}": (f"step missed: {spoken(step)}", "1/0; none: no such step")
        for step in steps(scenario)
    }


def _name(prefix: str, bit: IntEnum) -> str:
    return f"{prefix}_{bit.name.lower()}"
