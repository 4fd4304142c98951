"""The conduct ledger of a negotiation: faults are booked once, cured in part, found with error."""

from __future__ import annotations

from simulator.compiled import compiled, inlined
from simulator.engine.draws import DETECT, FALSE_HOLDER, FALSE_IMPLEMENTER, uniform
from simulator.engine.state import Pair, Regime
from simulator.vocabulary import HOLDER_FAULTS, Fault

N_FAULTS = len(Fault)
HOLDER_MASK = sum(1 << fault for fault in HOLDER_FAULTS)


@compiled
def book(reg: Regime, pair: Pair, fault: int) -> None:
    """Book a fault the regime recognises, once an episode."""
    bit = 1 << fault
    if fault < 0 or reg.recognised & bit == 0 or pair.faults & bit != 0:
        return
    pair.faults |= bit
    if HOLDER_MASK & bit != 0:
        pair.fault_h += reg.weight[fault]
    else:
        pair.fault_i += reg.weight[fault]


@inlined
def heal(reg: Regime, pair: Pair, fault: int) -> None:
    """Late performance cures a share of the fault, once."""
    bit = 1 << fault
    if fault < 0 or pair.faults & bit == 0 or pair.cured & bit != 0:
        return
    pair.cured |= bit
    if HOLDER_MASK & bit != 0:
        pair.fault_h -= reg.cure * reg.weight[fault]
    else:
        pair.fault_i -= reg.cure * reg.weight[fault]


@compiled
def weight_of(reg: Regime, pair: Pair, fault: int) -> float:
    """What booking a fault now would add to the ledger (0 if unrecognised or booked already)."""
    if fault < 0:
        return 0.0
    bit = 1 << fault
    if reg.recognised & bit == 0 or pair.faults & bit != 0:
        return 0.0
    return reg.weight[fault]


@compiled
def find(reg: Regime, pair: Pair, seed: int, replication: int, k: int) -> tuple[float, float]:
    """Fault weights as the court finds them: seen with ``q_det`` by side, a false one with ``q_false``.

    Draws are addressed by the fault's code, so two regimes that book the same fault see it alike.
    """
    if reg.binding == 0 or reg.recognised == 0:
        return 0.0, 0.0
    holder = 0.0
    implementer = 0.0
    for fault in range(N_FAULTS):
        bit = 1 << fault
        detected = reg.detected_h if HOLDER_MASK & bit != 0 else reg.detected_i
        if pair.faults & bit != 0 and uniform(seed, replication, k, DETECT, fault) < detected:
            weight = reg.weight[fault] * (1.0 - reg.cure if pair.cured & bit != 0 else 1.0)
            if HOLDER_MASK & bit != 0:
                holder += weight
            else:
                implementer += weight
    if uniform(seed, replication, k, FALSE_HOLDER, 0) < reg.false_findings:
        holder += 1.0
    if uniform(seed, replication, k, FALSE_IMPLEMENTER, 0) < reg.false_findings:
        implementer += 1.0
    return holder, implementer
