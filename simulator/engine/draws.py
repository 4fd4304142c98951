"""Addressed chance: every draw is a pure function of (seed, replication, entity, purpose, index).

Philox4x32-10 of Salmon et al. (2011), key = seed, counter = (index, purpose, entity, replication).
No generator state exists anywhere, so two regimes see the same luck, a replication replays alone,
and results do not depend on the number of workers.  The index is what a draw belongs to: the number
of an act for signals, the instance for durations, verdicts and court errors, the month of the case
for settlement talks.
"""

from __future__ import annotations

import math

import numpy as np

from simulator.compiled import compiled

U = np.uint64
MASK, S32, S11 = U(0xFFFFFFFF), U(32), U(11)
M0, M1, W0, W1 = U(0xD2511F53), U(0xCD9E8D57), U(0x9E3779B9), U(0xBB67AE85)
E53 = 2.0**-53

# Purposes: what a draw is for.  Appended to, never renumbered.
SHARE, QUALITY, SALES, STRATEGY_HOLDER, STRATEGY_IMPLEMENTER = 1, 2, 3, 4, 5
CONTACT, BELIEF_HOLDER, BELIEF_IMPLEMENTER = 6, 7, 8
SIGNAL_CHART, SIGNAL_VERIFY, SIGNAL_COMPARABLES, SIGNAL_COURT = 10, 11, 12, 13
COURT_ERROR, LIABILITY, INJUNCTION, DURATION, DETECT, FALSE_HOLDER, FALSE_IMPLEMENTER = (
    20,
    21,
    22,
    23,
    24,
    25,
    26,
)
MEETING, DOCKET, REVERSAL, PROPOSER, UNPACK, ADAPTIVE, BREAKDOWN = 30, 31, 32, 33, 34, 35, 36
HOLDER_BASE, IMPLEMENTER_BASE = 0x40000000, 0x60000000
TRIBUNAL = 9  # the instance of an arbitration


@compiled
def philox(c0: U, c1: U, c2: U, c3: U, k0: U, k1: U) -> tuple[U, U]:
    """Two of the four words of one Philox4x32-10 block (arguments below 2**32)."""
    for _ in range(10):
        p0 = M0 * c0
        p1 = M1 * c2
        c0, c1, c2, c3 = (p1 >> S32) ^ c1 ^ k0, p1 & MASK, (p0 >> S32) ^ c3 ^ k1, p0 & MASK
        k0 = (k0 + W0) & MASK
        k1 = (k1 + W1) & MASK
    return c0 | (c1 << S32), c2 | (c3 << S32)


@compiled
def words(seed: int, replication: int, entity: int, purpose: int, index: int) -> tuple[U, U]:
    """Two 64-bit words at an address (``entity`` and ``index`` below 2**32, ``seed`` below 2**63)."""
    s = U(seed)
    return philox(U(index), U(purpose), U(entity), U(replication), s & MASK, s >> S32)


@compiled
def uniform(seed: int, replication: int, entity: int, purpose: int, index: int) -> float:
    """A uniform number in [0, 1) with 53 bits."""
    a, _ = words(seed, replication, entity, purpose, index)
    return float(a >> S11) * E53


@compiled
def normal(seed: int, replication: int, entity: int, purpose: int, index: int) -> float:
    """A standard normal number (Box and Muller 1958)."""
    a, b = words(seed, replication, entity, purpose, index)
    u = (float(a >> S11) + 0.5) * E53
    v = float(b >> S11) * E53
    return math.sqrt(-2.0 * math.log(u)) * math.cos(2.0 * math.pi * v)


@compiled
def first_instance(filings: int) -> int:
    """The instance that hears the n-th suit of a negotiation; offers are tested by the first one's luck."""
    return 10 * filings


@compiled
def on_appeal(filings: int) -> int:
    """The instance that hears the appeal in the n-th suit."""
    return 10 * filings + 1
