"""Many pairs of strategies in one compiled call: rows of the rules are patched, rules are not built anew."""

from __future__ import annotations

from typing import Any

from simulator.compiled import compiled
from simulator.engine.run import play_chunk
from simulator.engine.state import Rules, State


@compiled
def play_jobs(
    rules: Rules, state: State, blank: Any, seed: int, jobs: Any, first: int, stop: int, rows: Any, money: Any
) -> None:
    """Play jobs ``first`` to ``stop`` of an isolated pair.

    ``jobs`` (n, 3): row of the holder's strategy, of the implementer's, replication.  ``money`` (n, 3), USD m
    discounted to month 0: the holder's net receipts, the implementer's, and the entitlement on sales without
    royalties, which no strategy changes.
    """
    for n in range(first, stop):
        rules.mixes[0].strategy = jobs[n, 0]
        rules.mixes[1].strategy = jobs[n, 1]
        play_chunk(rules, state, blank, seed, jobs[n, 2], jobs[n, 2] + 1, rows)
        row = rows[0]
        money[n, 0] = row.paid - row.cost_holder
        money[n, 1] = -(row.paid + row.cost_implementer + row.escrow_cost + row.margin_lost)
        money[n, 2] = row.frand_rate * row.margin_benchmark / rules.implementer_groups[0].margin
