"""Measured games kept on disk and grown later: found again by the hash of all they depend on.

A game is ``<hash>.npy`` (the samples, with its digest beside it) and ``<hash>.json`` (what they are).  The
hash covers the market, the strategies, the regime, the numbers set, the seed, the code of the model and the
versions of its libraries, but not the number of replications: more of them are appended, and the first ones
keep their bits.
"""

from __future__ import annotations

import io
import json
from collections.abc import Callable
from functools import cache
from pathlib import Path

import numpy as np

from simulator.batch import provenance
from simulator.batch.files import keep, kept, put
from simulator.evolution.game import CHANNELS, EmpiricalGame, GamePlan, allot, measure
from simulator.writing.manifest import digest


@cache
def code_hash() -> str:
    """Digest of what decides what is measured: the code that plays, its libraries, how payoffs are taken."""
    plays = json.dumps([provenance.code_hash(), provenance.versions()]).encode()
    return digest(plays + Path(__file__).with_name("game.py").read_bytes())


def game_hash(plan: GamePlan) -> str:
    """Digest of everything a measured game depends on but the number of replications."""
    scenario = plan.scenario
    stated = {
        "market": scenario.market.model_dump(mode="json"),
        "regime": scenario.regimes[0].model_dump(mode="json"),
        "set": {name: number.model_dump(mode="json") for name, number in scenario.set.items()},
        "holders": {name: scenario.strategies[name].model_dump(mode="json") for name in plan.holders},
        "implementers": {
            name: scenario.strategies[name].model_dump(mode="json") for name in plan.implementers
        },
        "seed": scenario.seed,
        "channels": CHANNELS,
        "code": code_hash(),
    }
    return digest(json.dumps(stated, ensure_ascii=False).encode())


def measured(plan: GamePlan, budget: int, *, folder: Path | None = None, workers: int = 1) -> EmpiricalGame:
    """The game of a plan, from the folder as far as it is there; what was played for it is added there."""
    return _from(folder, plan, lambda known: allot(plan, budget, workers=workers, known=known))


def replicated(
    plan: GamePlan, replications: int, *, folder: Path | None = None, workers: int = 1
) -> EmpiricalGame:
    """The same with so many replications in every cell."""
    return _from(folder, plan, lambda known: measure(plan, replications, workers=workers, known=known))


def _from(
    folder: Path | None, plan: GamePlan, played: Callable[[EmpiricalGame | None], EmpiricalGame]
) -> EmpiricalGame:
    if folder is None:
        return played(None)
    name = game_hash(plan)
    known = load(plan, folder / f"{name}.npy")
    game = played(known)
    if known is None or game.n > known.n:
        save(game, folder, name)
    return game


def load(plan: GamePlan, path: Path) -> EmpiricalGame | None:
    """The game in a file; none where there is none, or where it is damaged."""
    data = kept(path)
    if data is None:
        return None
    samples = np.load(io.BytesIO(data), allow_pickle=False)
    cells = (len(plan.weights()), len(CHANNELS), len(plan.holders), len(plan.implementers))
    if samples.shape[1:] != cells:
        return None
    return EmpiricalGame(plan.regime, plan.holders, plan.implementers, plan.weights(), samples)


def games_there(folder: Path) -> int:
    """Bytes of the games in a folder."""
    return sum(path.stat().st_size for path in folder.glob("*.npy"))


def save(game: EmpiricalGame, folder: Path, name: str) -> None:
    """Write a game; a file appears under its name only when it is whole."""
    folder.mkdir(parents=True, exist_ok=True)
    stated = {
        "regime": game.regime,
        "holders": game.holders,
        "implementers": game.implementers,
        "replications": game.n,
        "axes": ["replication", "pair of groups", "channel", "holder strategy", "implementer strategy"],
        "channels": CHANNELS,
        "weights": game.weights.tolist(),
    }
    array = io.BytesIO()
    np.save(array, game.samples, allow_pickle=False)
    keep(folder / f"{name}.npy", array.getvalue())
    put(folder / f"{name}.json", (json.dumps(stated, indent=2) + "\n").encode())
