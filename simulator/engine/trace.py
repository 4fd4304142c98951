"""One negotiation month by month: the market, clock and luck of a batch, with every record kept.

``follow`` plays a whole replication with the same ``begin``, ``decide`` and ``resolve`` as a run and
keeps one pair's records, so that its last month is exactly the outcome row a run writes.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from simulator.compiled import announce
from simulator.engine.build import new_state
from simulator.engine.month import begin, resolve
from simulator.engine.outcomes import OUTCOME
from simulator.engine.run import finish, populate, run_chunk
from simulator.engine.shadow import (
    MODE_ADAPTIVE,
    MODE_INDIRECT,
    chance_of_injunction,
    expected_fault,
    limits,
    months_to_judgment,
    outlook,
)
from simulator.engine.state import MOVE, PAIR, Rules, State, record
from simulator.engine.talks import decide
from simulator.vocabulary import Status

FACED = ("months", "queued", "injunction", "rho_h", "rho_i", "w_h", "l_i", "r_h", "r_i", "fault_h", "fault_i")
SIGHT = record(*((name, "f8") for name in FACED))
"""What both sides face when they decide: months to a binding judgment, filings waiting, probability of an
injunction (nan where judgment grants none), estimates of the FRAND rate, value of the suit to the holder
and loss from it to the implementer (USD m), reservation rates, fault weights as expected in court.  All
nan while the negotiation is not open."""


class Course(NamedTuple):
    """One negotiation, an entry a month: the pair as it decided, what it did, and where that led.

    ``before`` and ``after`` of dtype ``PAIR``, ``moves`` of ``MOVE``, ``sight`` of ``SIGHT``; ``row`` is
    the outcome, a record of ``OUTCOME``.
    """

    before: np.ndarray
    moves: np.ndarray
    after: np.ndarray
    sight: np.ndarray
    row: Any


def outcomes(rules: Rules, seed: int, replication: int) -> np.ndarray:
    """Outcome rows of one replication, shape (regimes, negotiations), as a run writes them."""
    announce()
    return run_chunk(rules, seed, range(replication, replication + 1)).reshape(len(rules.regimes), -1)


def follow(rules: Rules, r: int, seed: int, replication: int, k: int) -> Course:
    """Play a replication under regime ``r`` and keep negotiation ``k``."""
    announce()
    state, blank = new_state(rules)
    months = int(rules.market[0].horizon)
    before, after = np.zeros(months, dtype=PAIR), np.zeros(months, dtype=PAIR)
    moves, sight = np.zeros(months, dtype=MOVE), np.full(months, np.nan, dtype=SIGHT)
    rows = np.zeros(len(state.pairs), dtype=OUTCOME)
    n_active = int(populate(rules, state, blank, seed, replication))
    for t in range(months):
        begin(rules, state, n_active, r, t)
        decide(rules, state, n_active, r, t, seed, replication)
        before[t] = state.pairs[k]
        moves[t] = state.moves[k]
        _look(rules, state, r, t, k, sight[t])
        n_active = int(resolve(rules, state, n_active, r, t, seed, replication))
        after[t] = state.pairs[k]
    finish(rules, state, r, replication, rows, 0)
    return Course(before, moves, after, sight, rows[k])


def _look(rules: Rules, state: State, r: int, t: int, k: int, seen: Any) -> None:
    """What negotiation ``k`` faces in month ``t``, before anything is booked; nothing unless it is open."""
    pair = state.pairs[k]
    if not Status.TALKS <= pair.status <= Status.EXCLUDED:
        return
    reg, mkt = rules.regimes[r], rules.market[0]
    hold, imp = state.holders[pair.holder], state.implementers[pair.implementer]
    sales = state.sales[pair.implementer]
    sh, si = rules.strategies[hold.strategy], rules.strategies[imp.strategy]
    rho_h, rho_i = pair.rho_h, pair.rho_i
    curves, view = rules.curves[r, hold.group, imp.group], state.outlook[0]
    outlook(reg, mkt, curves, imp, sales, pair, view, t, t)
    w_h, l_i, r_h, r_i = limits(
        reg, mkt, curves, hold, pair, sh, si, view, t, rho_h, rho_i, pair.fault_h, pair.fault_i
    )
    seen.rho_h, seen.rho_i, seen.w_h, seen.l_i, seen.r_h, seen.r_i = rho_h, rho_i, w_h, l_i, r_h, r_i
    seen.months = months_to_judgment(reg, pair, t, t)
    seen.fault_h = expected_fault(reg, reg.detected_h, pair.fault_h)
    seen.fault_i = expected_fault(reg, reg.detected_i, pair.fault_i)
    seen.queued = state.court[0].queued
    if reg.mode in (MODE_INDIRECT, MODE_ADAPTIVE):
        seen.injunction = chance_of_injunction(reg, pair, hold.kind, seen.fault_h, seen.fault_i)
