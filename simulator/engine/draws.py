"""Addressed chance: every draw is a pure function of (seed, replication, entity, purpose, index).

Philox4x32-10 of Salmon et al. (2011), key = seed, counter = (index, purpose, entity, replication).
No generator state exists anywhere, so two regimes see the same luck, a replication replays alone,
and results do not depend on the number of workers.  The index is what a draw belongs to: the number
of an act for signals, the instance for durations, judgments and court errors, the month of the case
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
LOW_TAIL, HALF = 0.02425, 0.5

# Purposes: what a draw is for.  Appended to, never renumbered.
SHARE, QUALITY, SALES, STRATEGY_HOLDER, STRATEGY_IMPLEMENTER = 1, 2, 3, 4, 5
CONTACT, BELIEF_HOLDER, BELIEF_IMPLEMENTER = 6, 7, 8
SIGNAL_CHART, SIGNAL_VERIFY, SIGNAL_COMPARABLES, SIGNAL_COURT, SIGNAL_REASONS = 10, 11, 12, 13, 14
SIGNAL_ANSWERS, SIGNAL_EXPERT = 15, 16
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
INTERIM_INJUNCTION, LUMP, MOST_FAVOURED = 37, 38, 39
BARRIER, OUTSIDE, LATER_GENERATIONS = 40, 41, 42
CONTRIBUTION, ALTERNATIVE, REMAND = 50, 51, 52
PRIVATE_SALES, PRIVATE_MARGIN, CALCULATION = 55, 56, 57
HOLDER_BASE, IMPLEMENTER_BASE = 0x40000000, 0x60000000
EPISODE = 10_000  # between the addresses of one negotiation of a pair and those of the next
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
def stratum(seed: int, replication: int, entity: int, purpose: int, block: int) -> int:
    """The place of a replication in its block, in an order of its own for each entity and purpose.

    Blocks are replications 0 to block - 1, and so on; the order is that of keys drawn at the address, a
    random permutation, so that any replication alone knows its stratum.  *Source*: Latin hypercube sampling
    (McKay, Beckman and Conover 1979, Technometrics 21:239).
    """
    first = replication - replication % block
    own, _ = words(seed, replication, entity, purpose, 1)  # index 0 is the draw itself
    place = 0
    for other in range(first, first + block):
        key, _ = words(seed, other, entity, purpose, 1)
        if key < own or (key == own and other < replication):
            place += 1
    return place


@compiled
def market_uniform(seed: int, replication: int, entity: int, purpose: int, block: int) -> float:
    """A uniform number that is stratified over its block; with a block of 1 that of :func:`uniform`."""
    u = uniform(seed, replication, entity, purpose, 0)
    if block <= 1:
        return u
    return (stratum(seed, replication, entity, purpose, block) + u) / block


@compiled
def market_normal(seed: int, replication: int, entity: int, purpose: int, block: int) -> float:
    """A standard normal number, stratified over its block; with a block of 1 that of :func:`normal`."""
    if block <= 1:
        return normal(seed, replication, entity, purpose, 0)
    a, _ = words(seed, replication, entity, purpose, 0)
    u = (float(a >> S11) + 0.5) * E53
    return normal_quantile((stratum(seed, replication, entity, purpose, block) + u) / block)


@compiled
def spread_draw(
    mean: float, sd: float, seed: int, replication: int, entity: int, purpose: int, block: int
) -> float:
    """A log-normal number with the given mean and log sd, stratified over a block of replications."""
    if sd <= 0.0:
        return mean
    return mean * math.exp(sd * market_normal(seed, replication, entity, purpose, block) - 0.5 * sd * sd)


@compiled
def normal_quantile(p: float) -> float:
    """The quantile of the standard normal, to 1e-13 relative.  *Source*: Acklam (2003), a step of Halley."""
    tail = min(p, 1.0 - p)  # by symmetry below the median, where no digits cancel
    if tail < LOW_TAIL:
        q = math.sqrt(-2.0 * math.log(tail))
        x = -7.784894002430293e-03 * q - 3.223964580411365e-01
        x = (x * q - 2.400758277161838) * q - 2.549732539343734
        x = (x * q + 4.374664141464968) * q + 2.938163982698783
        y = 7.784695709041462e-03 * q + 3.224671290700398e-01
        y = ((y * q + 2.445134137142996) * q + 3.754408661907416) * q + 1.0
        z = x / y
    else:
        q = tail - 0.5
        r = q * q
        x = -3.969683028665376e01 * r + 2.209460984245205e02
        x = (x * r - 2.759285104469687e02) * r + 1.383577518672690e02
        x = (x * r - 3.066479806614716e01) * r + 2.506628277459239
        y = -5.447609879822406e01 * r + 1.615858368580409e02
        y = (y * r - 1.556989798598866e02) * r + 6.680131188771972e01
        y = (y * r - 1.328068155288572e01) * r + 1.0
        z = q * x / y
    error = 0.5 * math.erfc(-z / math.sqrt(2.0)) - tail
    step = error * math.sqrt(2.0 * math.pi) * math.exp(z * z / 2.0)
    z -= step / (1.0 + z * step / 2.0)
    return z if p < HALF else -z


@compiled
def first_instance(filings: int) -> int:
    """The instance that hears the n-th suit of a negotiation; offers are tested by the first one's luck."""
    return 10 * filings


@compiled
def on_remand(filings: int) -> int:
    """The instance that tries the n-th suit anew after its judgment was vacated."""
    return 10 * filings + 2


@compiled
def on_appeal(filings: int) -> int:
    """The instance that hears the appeal in the n-th suit."""
    return 10 * filings + 1
