"""What is kept of a run while its chunks pass by: enough for every table and figure, in bounded memory.

A chunk reduces to its metrics (one row per replication and regime), to counts of faults and of the steps
at which talks ended, and to five numbers for each counted negotiation, from which distributions are drawn.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
import numpy.typing as npt
import pandas as pd

from simulator.outcomes.measures import measure
from simulator.outcomes.negotiations import ABSENT, AGREED, Setting, Values, quotient, without_cause
from simulator.outcomes.rows import Rows
from simulator.spec.scenario import Scenario
from simulator.vocabulary import Fault, Outcome

KEPT = np.dtype(
    [
        ("regime", "i2"),
        ("replication", "i4"),
        ("effective", "f4"),
        ("months", "f4"),
        ("licensed", "?"),
        ("imposed", "?"),
        ("court", "f4"),
        ("running", "f4"),
        ("month", "i2"),
    ]
)
"""A counted negotiation: regime, replication, Y/E, months to licence, whether licensed and whether without
agreement (court, tribunal, injunction), court rate and running rate over the true FRAND rate, month of the
licence."""


@dataclass
class Evidence:
    """Collects the chunks of a run; a chunk holds whole replications, every regime of each."""

    scenario: Scenario
    setting: Setting = field(init=False)
    counted: npt.NDArray[np.int64] = field(init=False)
    faults: npt.NDArray[np.int64] = field(init=False)
    steps: npt.NDArray[np.int64] = field(init=False)
    unexplained: int = 0
    replications: int = 0
    _values: list[pd.DataFrame] = field(default_factory=list)
    _kept: list[npt.NDArray[np.void]] = field(default_factory=list)

    def __post_init__(self) -> None:
        regimes = self.scenario.regimes
        self.setting = Setting.of(self.scenario)
        self.counted = np.zeros(len(regimes), np.int64)
        self.faults = np.zeros((len(regimes), len(Fault)), np.int64)
        self.steps = np.zeros((len(regimes), max(len(regime.steps) for regime in regimes)), np.int64)

    def add(self, rows: Rows) -> None:
        """Take in the next chunk, in canonical order."""
        values = measure(rows, self.setting)
        self._values.append(values)
        self.replications += len(values) // len(self.setting.regimes)
        self.unexplained += without_cause(rows)
        counted = rows[(rows["counted"] == 1) & ~np.isin(rows["outcome"], ABSENT)]
        self._kept.append(_kept(counted))
        self.counted += np.bincount(counted["regime"], minlength=len(self.counted))
        for fault in Fault:
            booked = counted["regime"][(counted["faults"] >> fault) & 1 == 1]
            self.faults[:, fault] += np.bincount(booked, minlength=len(self.counted))
        died = counted[~np.isin(counted["outcome"], AGREED)]
        died = died[(died["last_step"] >= 0) & (died["last_step"] < self.steps.shape[1])]
        np.add.at(self.steps, (died["regime"], died["last_step"]), 1)

    @cached_property
    def values(self) -> pd.DataFrame:
        """Every metric for each replication and regime, once all chunks are in."""
        return pd.concat(self._values)

    @cached_property
    def negotiations(self) -> npt.NDArray[np.void]:
        """The counted negotiations, dtype ``KEPT``, once all chunks are in."""
        return np.concatenate(self._kept)

    def forget(self) -> None:
        """Drop the counted negotiations; what is computed from them can no longer be."""
        self.__dict__.pop("negotiations", None)
        self._kept = []


def _kept(counted: Rows) -> npt.NDArray[np.void]:
    kept = np.empty(len(counted), KEPT)
    kept["regime"] = counted["regime"]
    kept["replication"] = counted["replication"]
    kept["effective"] = _single(quotient(counted["paid"], counted["entitlement"]))
    kept["months"] = counted["months_to_licence"]
    kept["licensed"] = ~np.isin(counted["outcome"], (Outcome.EXIT, Outcome.UNLICENSED))
    agreed = np.isin(counted["outcome"], AGREED)
    kept["imposed"] = kept["licensed"] & ~agreed
    kept["court"] = _single(quotient(counted["court_rate"], counted["frand_rate"]))
    kept["running"] = _single(quotient(counted["rate"], counted["frand_rate"]))
    kept["month"] = counted["licence_month"]
    return kept


def _single(ratios: Values) -> Values:
    """Ratios as single precision holds them: what is beyond (interest of a billion a year) is its largest.

    >>> np.float32(_single(np.array([2.0, 1e60, np.nan])))
    array([2.0000000e+00, 3.4028235e+38,           nan], dtype=float32)
    """
    return np.minimum(ratios, np.finfo(np.float32).max)
