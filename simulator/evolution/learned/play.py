"""Many pairs of strategies in one compiled call: rows of the rules are patched, rules are not built anew."""

from __future__ import annotations

from typing import Any, NamedTuple

from simulator.compiled import compiled
from simulator.engine.market import Rules
from simulator.engine.month import begin, run_month, sell_out
from simulator.engine.run import finish, is_over, play_chunk, populate
from simulator.engine.state import State


class ChangeOfMind(NamedTuple):
    """A side's change of strategy in the midst of a case."""

    month: int  # from first contact
    side: int  # Party
    row: int  # of the table of strategies: the one it goes on with


@compiled
def play_jobs(rules: Rules, state: State, blank: Any, seed: int, jobs: Any, rows: Any, money: Any) -> None:
    """Play jobs of an isolated pair.

    ``jobs`` (n, 3): row of the holder's strategy, of the implementer's, replication.  ``money`` (n, 3), USD m
    discounted to month 0: the holder's net receipts, the implementer's, and the entitlement on sales without
    royalties, which no strategy changes.
    """
    for n in range(len(jobs)):
        rules.mixes[0].strategy = jobs[n, 0]
        rules.mixes[1].strategy = jobs[n, 1]
        play_chunk(rules, state, blank, seed, jobs[n, 2], jobs[n, 2] + 1, rows)
        row = rows[0]
        money[n, 0] = row.paid - row.cost_holder
        money[n, 1] = -(row.paid + row.cost_implementer + row.escrow_cost + row.margin_lost)
        money[n, 2] = row.frand_rate * row.margin_benchmark / rules.implementer_groups[0].margin


@compiled
def play_switched(
    rules: Rules,
    state: State,
    blank: Any,
    seed: int,
    jobs: Any,
    switch: ChangeOfMind,
    rows: Any,
    money: Any,
) -> None:
    """Play jobs in which a side's strategy becomes that of another row at a month of the case.

    ``jobs`` (n, 3) as in :func:`play_jobs`; ``money`` (n,), USD m: net receipts of the side that switches.
    """
    month, side, row = switch
    for n in range(len(jobs)):
        rules.mixes[0].strategy = jobs[n, 0]
        rules.mixes[1].strategy = jobs[n, 1]
        active = populate(rules, state, blank, seed, jobs[n, 2])
        for t in range(rules.market[0].horizon):
            if is_over(rules, state, active, t):
                sell_out(rules, state, 0, t)
                break
            if t == state.negotiations[0].contact + month:
                if side == 0:
                    state.holders[0].strategy = row
                else:
                    state.implementers[0].strategy = row
            active = begin(rules, state, active, 0, t)
            active = run_month(rules, state, active, 0, t, seed, jobs[n, 2], True)
        finish(rules, state, 0, jobs[n, 2], rows, 0)
        end = rows[0]
        if side == 0:
            money[n] = end.paid - end.cost_holder
        else:
            money[n] = -(end.paid + end.cost_implementer + end.escrow_cost + end.margin_lost)
