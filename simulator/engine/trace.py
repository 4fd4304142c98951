"""One negotiation month by month: the market, clock and luck of a batch, with every record kept.

``follow`` plays a whole replication with the same ``begin``, ``decide`` and ``resolve`` as a run and
keeps one pair's records, so that its last month is exactly the outcome row a run writes.
"""

from __future__ import annotations

import math
from typing import Any, NamedTuple

import numpy as np

from simulator.compiled import announce, as_written
from simulator.engine import remedies
from simulator.engine.adoption import decides
from simulator.engine.bases import factor
from simulator.engine.build import new_state
from simulator.engine.information import own_base
from simulator.engine.ledger import expected_fault
from simulator.engine.market import Rules
from simulator.engine.month import begin, resolve
from simulator.engine.outcomes import OUTCOME
from simulator.engine.records import HOLDER_DISCOUNT, record
from simulator.engine.regions import reach
from simulator.engine.remedies import injunction
from simulator.engine.run import finish, populate, run_chunk
from simulator.engine.shadow import limits, months_to_judgment, outlook_today
from simulator.engine.state import LICENCE, MOVES, NEGOTIATION, SUIT, Matter, State, matter
from simulator.engine.suits import may_ask_for_rate, may_sue, own_clock
from simulator.engine.talks import decide
from simulator.rules.bargain import nash1950
from simulator.vocabulary import Status

PICTURE = np.dtype((np.record, NEGOTIATION.descr + SUIT.descr + LICENCE.descr))
"""A negotiation, its suit and its licences in one record, as a reader of a trace sees them."""
FACED = ("months", "queued", "injunction", "rho_h", "rho_i", "w_h", "l_i", "r_h", "r_i", "fault_h", "fault_i")
GATES = ("open_h", "open_i", "clock_h", "clock_i", "sues_h", "sues_i", "patience_h", "patience_i")
CHOICES = ("stack", "barrier", "inside", "outside")
SIGHT = record(*((name, "f8") for name in (*FACED, *GATES, "owed", "wait_h", "ask_i", "reach", *CHOICES)))
"""What both sides face when they decide: months to a binding judgment, filings waiting, probability of an
injunction (nan where judgment grants none), the share of sales that one reaches, estimates of the FRAND
rate, value of the suit to the holder and loss from it to the implementer (USD m), reservation rates,
fault weights as expected in court.  While they talk also: whether the rules let the holder sue, and the
implementer ask the court for a rate (0/1); each side's clock, the months on it after which it goes, and
those it waits once the other's breach entitles it; the mask of steps the holder has yet to do before a
suit is open; what waiting another month is worth to the holder (nan where there is nothing to sign), and
what the standing ask would cost the implementer (USD m).  All nan while the negotiation is not open.  In
months in which a side chooses whether to take part: the stack the implementer expects and its barrier (of
price), what the holder expects inside the standard and what keeping out is worth to it (of FRAND
royalties)."""


class Course(NamedTuple):
    """One negotiation, an entry a month: where it stood, what it did, and where that led.

    ``before`` and ``after`` of dtype ``PICTURE``, ``moves`` of ``MOVES``, ``sight`` of ``SIGHT``; ``row`` is
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
    return run_chunk(rules, seed, range(replication, replication + 1)).reshape(len(rules.forums), -1)


def follow(rules: Rules, r: int, seed: int, replication: int, k: int) -> Course:
    """Play a replication under regime ``r`` and keep negotiation ``k``."""
    announce()
    state, blank = new_state(rules)
    n_active = int(populate(rules, state, blank, seed, replication))
    kept = Keeper(rules, state, k, r, seed, replication)
    for t in range(int(rules.market[0].horizon)):
        n_active = int(begin(rules, state, n_active, r, t))
        decide(rules, state, n_active, r, t, seed, replication)
        kept.decided(t)
        n_active = int(resolve(rules, state, n_active, r, t, seed, replication))
        kept.resolved(t)
    return kept.course()


class Keeper:
    """Keeps negotiation ``k`` while whoever holds ``state`` plays its months under regime ``r``."""

    def __init__(self, rules: Rules, state: State, k: int, r: int, seed: int, replication: int) -> None:
        self._rules, self._state, self._place = rules, state, (k, r, seed, replication)
        months = int(rules.market[0].horizon)
        self.before, self.after = np.zeros(months, dtype=PICTURE), np.zeros(months, dtype=PICTURE)
        self.moves, self.sight = np.zeros(months, dtype=MOVES), np.full(months, np.nan, dtype=SIGHT)

    def decided(self, t: int) -> None:
        """Take down where it stands and what it does, once the moves of month ``t`` are made."""
        k, *_ = self._place
        self.before[t] = pictures(self._state, slice(k, k + 1))[0]
        self.moves[t] = self._state.moves[k]
        m = as_written(matter)(self._rules, self._state, *self._place)
        _look(m, t, self._state.docket[0].queued, self.sight[t])

    def resolved(self, t: int) -> None:
        """Take down where month ``t`` left it."""
        k, *_ = self._place
        self.after[t] = pictures(self._state, slice(k, k + 1))[0]

    def course(self) -> Course:
        """What was taken down, with the outcome, at the horizon."""
        k, r, seed, replication = self._place
        rows = np.zeros(len(self._rules.parties), dtype=OUTCOME)
        finish(self._rules, self._state, r, seed, replication, rows, 0)
        return Course(self.before, self.moves, self.after, self.sight, rows[k])


def pictures(state: State, chosen: slice = slice(None)) -> np.ndarray:
    """The chosen negotiations, each with its suit, dtype ``PICTURE``."""
    taken = np.zeros(len(state.suits[chosen]), dtype=PICTURE)
    for records in (state.negotiations[chosen], state.suits[chosen], state.licences[chosen]):
        for field in records.dtype.names or ():
            taken[field] = records[field]
    return taken


def _look(m: Matter, t: int, queued: int, seen: Any) -> None:
    """What a negotiation faces in month ``t``, before anything is booked; nothing unless it is open."""
    forum, negotiation = m.forum, m.negotiation
    _look_at_standard(m, t, seen)
    if not Status.TALKS <= negotiation.status <= Status.EXCLUDED:
        return
    rho_h, rho_i = negotiation.rho_h, negotiation.rho_i
    outlook_today(m, t)
    w_h, l_i, r_h, r_i = limits(m, t, rho_h, rho_i, negotiation.fault_h, negotiation.fault_i)
    seen.rho_h, seen.rho_i, seen.w_h, seen.l_i, seen.r_h, seen.r_i = rho_h, rho_i, w_h, l_i, r_h, r_i
    seen.months = months_to_judgment(m, t, t)
    seen.fault_h = expected_fault(forum, forum.detected_h, negotiation.fault_h)
    seen.fault_i = expected_fault(forum, forum.detected_i, negotiation.fault_i)
    seen.queued = queued
    seen.reach = as_written(reach)(forum, m.implementer)
    if remedies.weighs_injunction(forum):
        seen.injunction = injunction.chance(m, seen.fault_h, seen.fault_i)
    if negotiation.status == Status.TALKS:
        seen.open_h, seen.open_i = as_written(may_sue)(m, t), as_written(may_ask_for_rate)(m, t)
        seen.clock_h = as_written(own_clock)(negotiation.first_ask_month, negotiation, t)
        seen.clock_i = as_written(own_clock)(negotiation.first_bid_month, negotiation, t)
        seen.sues_h, seen.sues_i = m.holder_strategy.sue_after, m.implementer_strategy.sue_after
        seen.patience_h, seen.patience_i = m.holder_strategy.patience, m.implementer_strategy.patience
        seen.owed = m.protocol.suit_bars & ~(negotiation.done | negotiation.excused) if forum.binding else 0
        seen.ask_i = negotiation.last_ask * as_written(own_base)(m)
        if r_h <= r_i:
            price = nash1950(r_h, r_i, m.market.beta)
            seen.wait_h = factor(m.curves, HOLDER_DISCOUNT, 1) * price * m.outlook.base_h


def _look_at_standard(m: Matter, t: int, seen: Any) -> None:
    """What either side weighed this month when it chose whether to take part in the standard."""
    if m.market.chooses == 0 or not as_written(decides)(m.market, t):
        return
    if m.implementer.barrier < math.inf and (m.implementer.out == 1 or m.implementer.adopted == t):
        seen["stack"], seen["barrier"] = m.implementer.expected, m.implementer.barrier
    if m.holder.outside > 0.0 and t == 0:
        seen["inside"], seen["outside"] = m.holder.inside, m.holder.outside
