"""Playing one chunk: the same function for threads, processes and the workers of a cluster."""

from __future__ import annotations

import traceback
from dataclasses import dataclass, field
from functools import lru_cache

import numpy as np

from simulator.batch.layout import Chunk
from simulator.batch.part import Note, encode
from simulator.batch.provenance import code_hash
from simulator.engine.build import build
from simulator.engine.market import Rules
from simulator.engine.run import run_chunk
from simulator.errors import Problem, ScenarioError
from simulator.outcomes.rows import Labels, Rows
from simulator.spec.scenario import Scenario


@dataclass(frozen=True)
class Recipe:
    """The scenario of a chunk, with its regimes only: as it is, or as JSON on its way to other processes.

    ``key`` says what it is, so that a worker builds it once for all its chunks.
    """

    key: tuple[str, ...]
    scenario: Scenario | str = field(compare=False, repr=False)


@dataclass(frozen=True)
class Played:
    """What became of a chunk: rows coded by its own regimes, the bytes of its part, or what went wrong."""

    chunk: Chunk
    count: int = 0
    rows: Rows | None = None
    part: bytes | None = None
    fault: str = ""
    trace: str = ""


@lru_cache(maxsize=8)
def prepared(recipe: Recipe) -> tuple[Rules, int, Labels]:
    """A scenario ready for the engine, its seed and its labels."""
    scenario = recipe.scenario
    if isinstance(scenario, str):
        scenario = Scenario.model_validate_json(scenario)
    return build(scenario), scenario.seed, Labels.of(scenario)


def try_chunk(recipe: Recipe, chunk: Chunk, note: Note, keep_rows: bool, keep_part: bool) -> Played:
    """Play a chunk.  What goes wrong in it is returned, so that it stops no other chunk.

    Raises ``ScenarioError`` where this process runs other code than the one that planned the chunk.
    """
    if code_hash() != note.code:
        rule = "install the same version on every worker"
        raise ScenarioError(Problem("worker", None, "", "runs other code than this process", rule))
    try:
        rules, seed, labels = prepared(recipe)
        rows = run_chunk(rules, seed, range(chunk.first, chunk.stop))
        part = encode(rows, labels, note) if keep_part else None
    except Exception as error:
        return Played(chunk, fault=f"{type(error).__name__}: {error}", trace=traceback.format_exc())
    return Played(chunk, len(rows), rows if keep_rows else None, part)


def recoded(rows: Rows, chunk: Chunk, labels: Labels) -> Rows:
    """Rows of a chunk with the regimes coded as in the whole cell."""
    if chunk.regimes != labels.regimes:
        codes = np.array([labels.regimes.index(name) for name in chunk.regimes], dtype=np.int32)
        rows["regime"] = codes[rows["regime"]]
    return rows
