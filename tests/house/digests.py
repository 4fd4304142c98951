"""Digests of a few workloads, one a line: the same on every supported Python of one machine.

``make same-bits`` compares them.  They are not kept: another processor may round its last bit differently.
"""

from __future__ import annotations

from collections.abc import Iterator
from hashlib import blake2b

import numpy as np

from simulator.comparison.tables import Tables
from simulator.engine.build import build
from simulator.engine.run import run_chunk
from simulator.evolution.game import measure, plan
from simulator.evolution.learned.coding import key
from simulator.evolution.learned.double_oracle import Budget
from simulator.evolution.learned.oracle import Effort
from simulator.evolution.learned.regime import LearningPlan, learn_regime
from simulator.outcomes.evidence import Evidence
from simulator.rates.cases import workings
from simulator.spec.case import load_case
from simulator.spec.find import builtin
from simulator.spec.load import load_scenario

WORKLOADS = {"duopoly": 40, "cellular": 2, "wifi": 1, "audio": 1}
"""Replications of each scenario, under all its regimes."""
LEARNING = LearningPlan(
    starts=3,
    budget=Budget(rounds=3, cells=64, effort=Effort(3000)),
    replications=256,
    recall_seeds=2,
    menu=32,
)
"""Short learning."""


def digests() -> Iterator[tuple[str, str]]:
    """What is digested, and its digest."""
    for name, replications in WORKLOADS.items():
        scenario = load_scenario(name, replications=replications, seed=1)
        rows = run_chunk(build(scenario), scenario.seed, range(replications))
        yield f"rows of {name}", digest(rows.tobytes())
        evidence = Evidence(scenario)
        evidence.add(rows)
        tables = Tables(evidence, scenario.baseline)
        yield f"metrics of {name}", digest(np.ascontiguousarray(evidence.values.to_numpy(float)).tobytes())
        if replications > 2:
            yield f"differences of {name}", digest(tables.differences.to_csv().encode())
    for name in ("us-ebay", "cn-rate-setting"):
        game = measure(plan(load_scenario("duopoly"), name), 64)
        yield f"game under {name}", digest(game.samples.tobytes())
        there = learn_regime(load_scenario("duopoly"), name, LEARNING, before=False)
        ends = [
            [[[key(one) for one in mix.strategies], mix.shares.tolist()] for mix in there.mixes(end)]
            for end in there.ends
        ]
        gains = [end.certificate.text() for end in there.ends if end.certificate]
        yield f"learned under {name}", digest(repr((ends, gains, there.recall)).encode())
    cases = {name: load_case(path) for name, path in sorted(builtin("cases").items())}
    figures = {name: dict(workings(case).values) for name, case in cases.items()}
    yield f"rates of {len(figures)} judgments", digest(repr(figures).encode())


def digest(data: bytes) -> str:
    """A short digest of bytes."""
    return blake2b(data, digest_size=12).hexdigest()


if __name__ == "__main__":
    for what, found in digests():
        print(found, what)
