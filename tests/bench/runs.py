"""What the sides of the bench play: built-in scenarios, one regime or ten, any size, compiled or in Mesa."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from hashlib import blake2b
from typing import Any

import numpy as np
import numpy.typing as npt

from simulator.agents import LicensingModel
from simulator.batch.runner import play
from simulator.engine.build import build
from simulator.engine.run import run_chunk
from simulator.spec.base import Quantity
from simulator.spec.load import load_scenario
from simulator.spec.scenario import Scenario

REGIME = "eu-hvzte-2015"
TEN = 10
Rows = npt.NDArray[Any]


def scenario(
    name: str,
    *,
    regimes: int = 1,
    replications: int = 1,
    implementers: int = 1,
    months: int | None = None,
) -> Scenario:
    """A built-in scenario under one regime, or the first so many of its own.

    ``implementers`` multiplies their number and what the docket takes up, so that talks go on as before;
    ``months`` is another horizon.
    """
    loaded = _shipped(name).model_copy(update={"replications": replications})
    chosen = loaded.regimes[:regimes]
    if regimes == 1:
        chosen = tuple(one for one in loaded.regimes if one.regime == REGIME)
    groups = tuple(
        group.model_copy(update={"count": implementers * group.count}) for group in loaded.market.implementers
    )
    alone = loaded.model_copy(update={"regimes": chosen, "baseline": chosen[0].regime})
    docket = implementers * float(build(alone).forums[0].capacity)
    numbers = {"court.docket": docket} if implementers > 1 else {}
    if months is not None:
        numbers["standard.horizon"] = months
    market = loaded.market.model_copy(update={"implementers": groups})
    return with_numbers(alone.model_copy(update={"market": market}), numbers)


def with_numbers(what: Scenario, values: Mapping[str, float]) -> Scenario:
    """A scenario with other numbers."""
    given = {name: Quantity(value=value, source="assumption of a bench") for name, value in values.items()}
    return what.model_copy(update={"set": what.set | given})


@cache
def _shipped(name: str) -> Scenario:
    return load_scenario(name, seed=1)


def under(what: Scenario, regime: int) -> Scenario:
    """The scenario under one of its regimes alone."""
    alone = what.regimes[regime]
    return what.model_copy(update={"regimes": (alone,), "baseline": alone.regime})


def played(what: Scenario, replications: int | None = None) -> Rows:
    """Compiled, in one thread: its replications, or the first so many."""
    return run_chunk(build(what), what.seed, range(replications or what.replications))


def threaded(what: Scenario, workers: int) -> Rows:
    """Compiled, in several threads, and joined."""
    chunks: list[Rows] = []
    play(what, workers=workers, take=lambda _, rows: chunks.append(rows))
    return np.concatenate(chunks)


def handed_on(what: Scenario, workers: int) -> int:
    """The same as a batch plays it, every chunk handed on and none kept; returns how many rows there were."""
    counts: list[int] = []
    play(what, workers=workers, take=lambda _, rows: counts.append(len(rows)))
    return sum(counts)


def stepped(what: Scenario) -> LicensingModel:
    """The first replication, month by month in Mesa."""
    model = LicensingModel(what)
    model.run_model()
    return model


def open_months(rows: Rows) -> float:
    """Negotiation-months from first contact to licence or horizon, over all negotiations."""
    return float(np.maximum(rows["licence_month"] - rows["notice_month"], 0).sum())


def digest(rows: Rows) -> str:
    """What tells two outcome tables apart."""
    return blake2b(rows.tobytes()).hexdigest()
