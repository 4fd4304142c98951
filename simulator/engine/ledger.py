"""The conduct ledger of a negotiation: faults are booked once, cured in part, found with error."""

from __future__ import annotations

from simulator.compiled import compiled, inlined
from simulator.engine.draws import DETECT, EPISODE, FALSE_HOLDER, FALSE_IMPLEMENTER, uniform
from simulator.engine.law import Forum
from simulator.engine.state import Chance, Negotiation
from simulator.vocabulary import HOLDER_FAULTS, Fault

N_FAULTS = len(Fault)
HOLDER_MASK = sum(1 << fault for fault in HOLDER_FAULTS)


@compiled
def book(forum: Forum, negotiation: Negotiation, fault: int) -> None:
    """Book a fault the regime recognises, once an episode."""
    if fault < 0:
        return
    bit = 1 << fault
    if forum.recognised & bit == 0 or negotiation.faults & bit != 0:
        return
    negotiation.faults |= bit
    if HOLDER_MASK & bit != 0:
        negotiation.fault_h += forum.weight[fault]
    else:
        negotiation.fault_i += forum.weight[fault]


@compiled
def book_all(forum: Forum, negotiation: Negotiation, faults: int) -> None:
    """Book every fault of a mask."""
    for fault in range(N_FAULTS):
        if faults & (1 << fault) != 0:
            book(forum, negotiation, fault)


@inlined
def heal(forum: Forum, negotiation: Negotiation, fault: int) -> None:
    """Late performance cures a share of the fault, once."""
    if fault < 0:
        return
    bit = 1 << fault
    if negotiation.faults & bit == 0 or negotiation.cured & bit != 0:
        return
    negotiation.cured |= bit
    if HOLDER_MASK & bit != 0:
        negotiation.fault_h -= forum.cure * forum.weight[fault]
    else:
        negotiation.fault_i -= forum.cure * forum.weight[fault]


@compiled
def weight_of(forum: Forum, negotiation: Negotiation, fault: int) -> float:
    """What booking a fault now would add to the ledger (0 if unrecognised or booked already)."""
    if fault < 0:
        return 0.0
    bit = 1 << fault
    if forum.recognised & bit == 0 or negotiation.faults & bit != 0:
        return 0.0
    return forum.weight[fault]


@compiled
def weight_of_all(forum: Forum, negotiation: Negotiation, faults: int) -> float:
    """The same for every fault of a mask."""
    total = 0.0
    for fault in range(N_FAULTS):
        if faults & (1 << fault) != 0:
            total += weight_of(forum, negotiation, fault)
    return total


@inlined
def expected_fault(forum: Forum, detected: float, weight: float) -> float:
    """A ledger as the parties expect the court to see it: ``q_det F + q_false``."""
    if forum.binding == 0 or forum.recognised == 0:
        return 0.0
    return detected * weight + forum.false_findings


@compiled
def find(forum: Forum, negotiation: Negotiation, chance: Chance, episode: int) -> tuple[float, float]:
    """Fault weights as the court finds them: seen with ``q_det`` by side, a false one with ``q_false``.

    Draws are addressed by the fault's code, so two regimes that book the same fault see it alike, and by the
    number of the pair's licences that ended (``episode``).
    """
    if forum.binding == 0 or forum.recognised == 0:
        return 0.0, 0.0
    seed, replication, k = chance
    holder = 0.0
    implementer = 0.0
    first = EPISODE * episode
    for fault in range(N_FAULTS):
        bit = 1 << fault
        detected = forum.detected_h if HOLDER_MASK & bit != 0 else forum.detected_i
        if negotiation.faults & bit != 0 and uniform(seed, replication, k, DETECT, first + fault) < detected:
            weight = forum.weight[fault] * (1.0 - forum.cure if negotiation.cured & bit != 0 else 1.0)
            if HOLDER_MASK & bit != 0:
                holder += weight
            else:
                implementer += weight
    if uniform(seed, replication, k, FALSE_HOLDER, first) < forum.false_findings:
        holder += 1.0
    if uniform(seed, replication, k, FALSE_IMPLEMENTER, first) < forum.false_findings:
        implementer += 1.0
    return holder, implementer
