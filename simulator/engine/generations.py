"""Shares of holders by generation of the standard, and how they drift as declarations arrive.

A multimode product implements several generations.  A holder's share of the standard is the sum over them
of its share of each, weighted by what the generation is worth: ``s = sum_g A_g v_g s_g / sum_g A_g v_g``.
Families declared later change the shares of all: ``s_g`` of year ``y`` is ``n_g (1 + growth_g)^y`` over the
sum of all holders', the rest unchanged.  The drift is public: rates are those of month 0, and what they are
paid on counts a year's sales at that year's strength.  *Source*: the multimode formula of Oppo v Nokia
(Chongqing 2023), whose strength is that "during the agreement term" (S1); that value drifts as the families
counted do is an assumption.

A generation may come to the market later: from that year on it adds to what the standard is worth.  A licence
covers what there is when it is signed, and ends when another generation arrives, or covers that one too; it
covers one that comes too late to be licensed anew.
"""

from __future__ import annotations

from simulator.compiled import compiled, inlined
from simulator.engine.market import HolderGroup, Market, Rules
from simulator.engine.records import MAX_YEARS
from simulator.engine.state import Holder, Implementer, Licence, State
from simulator.rates.multimode import generation_term
from simulator.rules.discount import logarithm, power

KINDS = 5
VALUE, WORTH, CONTRIBUTED, COUNT, ASSERTED = range(KINDS)


@compiled
def share_by_generation(rules: Rules, state: State) -> None:
    """From what each holder has in all (``draw_holder``) to its shares, summed over generations.

    The sums are kept in the table of strengths, which is filled afterwards.
    """
    mkt = rules.market[0]
    for h in range(mkt.n_holders):
        state.holders[h].strengths[:KINDS] = 0.0
    for g in range(mkt.n_generations):
        if mkt.arrives[g] > 0.0:
            continue
        for kind in range(KINDS):
            total, planned = 0.0, 0.0
            for h in range(mkt.n_holders):
                hold = state.holders[h]
                group = rules.holder_groups[hold.group]
                planned += group.share * group.in_generation[g]
                total += amount(hold, kind) * group.in_generation[g]
            rest = max(0.0, 1.0 - planned)
            total += rest * (1.0 - mkt.alternative) if kind == VALUE else rest
            for h in range(mkt.n_holders):
                hold = state.holders[h]
                own = amount(hold, kind) * rules.holder_groups[hold.group].in_generation[g]
                if total > 0.0:
                    hold.strengths[kind] += generation_term(1.0, own / total, mkt.generations[g])
    for h in range(mkt.n_holders):
        hold = state.holders[h]
        hold.share = hold.strengths[VALUE]
        hold.worth = hold.strengths[WORTH] / (1.0 - mkt.alternative)
        hold.contributed_share = hold.strengths[CONTRIBUTED]
        hold.count_share = hold.strengths[COUNT]
        hold.declared_share = hold.strengths[ASSERTED]
    if mkt.drifts == 1:
        drift(rules, state)


@inlined
def amount(hold: Holder, kind: int) -> float:
    """What a holder has in all generations, as drawn, of what its shares are counted by."""
    if kind == VALUE:
        return hold.share
    if kind == WORTH:
        return hold.worth
    if kind == CONTRIBUTED:
        return hold.contributed_share
    return hold.families * (hold.over if kind == ASSERTED else 1.0)


@inlined
def families_in(hold: Holder, group: HolderGroup, g: int, years: int) -> float:
    """A holder's families in a generation some years on."""
    return hold.families * group.in_generation[g] * power(logarithm(1.0 + group.drift[g]), years)


@compiled
def drift(rules: Rules, state: State) -> None:
    """Tabulate every holder's strength by year over that of the first, and its sum over the years before."""
    mkt = rules.market[0]
    for year in range(MAX_YEARS):
        for h in range(mkt.n_holders):
            state.holders[h].strength[year] = 0.0
        for g in range(mkt.n_generations):
            if mkt.arrives[g] > 12.0 * year:
                continue
            total, planned = 0.0, 0.0
            for h in range(mkt.n_holders):
                hold = state.holders[h]
                group = rules.holder_groups[hold.group]
                planned += group.share * group.in_generation[g]
                total += families_in(hold, group, g, year)
            total += max(0.0, 1.0 - planned)
            for h in range(mkt.n_holders):
                hold = state.holders[h]
                own = families_in(hold, rules.holder_groups[hold.group], g, year)
                if total > 0.0:
                    hold.strength[year] += generation_term(1.0, own / total, mkt.generations[g])
    for h in range(mkt.n_holders):
        hold = state.holders[h]
        first, sum_so_far = hold.strength[0], 0.0
        for year in range(MAX_YEARS):
            hold.strength[year] = hold.strength[year] / first if first > 0.0 else 1.0
            hold.strengths[year] = sum_so_far
            sum_so_far += hold.strength[year]


@inlined
def is_worth_renewing(mkt: Market, month: float) -> bool:
    """Whether enough months are left for a licence that ends in ``month`` to be followed by another."""
    return bool(mkt.horizon - month >= max(1, mkt.least_left))


@inlined
def end_of_term(mkt: Market, licence: Licence, t: int) -> int:
    """The month in which a licence signed at ``t`` ends: its term, or a generation it leaves out arrives.

    The horizon where too little is left to renew it.
    """
    last = t + mkt.term
    if mkt.arrives_later == 1 and licence.covers_later == 0:
        for g in range(mkt.n_generations):
            if t < mkt.arrives[g] < last and is_worth_renewing(mkt, mkt.arrives[g]):
                last = int(mkt.arrives[g])
    return int(last if is_worth_renewing(mkt, last) else mkt.horizon)


@inlined
def generations_covered(mkt: Market, licence: Licence, t: int) -> tuple[int, float]:
    """How many generations a licence of month ``t`` covers, and their worth over that of those of month 0."""
    number, worth, end = 0, 0.0, end_of_term(mkt, licence, t)
    for g in range(mkt.n_generations):
        if mkt.arrives[g] < end:
            number += 1
            worth += mkt.generations[g]
    return number, worth


@inlined
def strength_before(hold: Holder, month: int) -> float:
    """Sum of a holder's strength over the months before ``month``."""
    year = min(max(0, month) // 12, MAX_YEARS - 1)
    return float(12.0 * hold.strengths[year] + (month - 12 * year) * hold.strength[year])


@inlined
def mean_strength(hold: Holder, start: int, end: int) -> float:
    """Mean strength of a holder over months ``start`` to ``end``; ``start``'s if there is none."""
    if end <= start:
        return float(hold.strength[min(max(0, start) // 12, MAX_YEARS - 1)])
    return (strength_before(hold, end) - strength_before(hold, start)) / (end - start)


@inlined
def book_year(mkt: Market, imp: Implementer, sales: float, t: int) -> None:
    """Book a month's discounted sales by year, as far as the patents are in force."""
    imp.by_year[t // 12] += sales * (1.0 - mkt.expiring * t / mkt.horizon)


@inlined
def at_strength(hold: Holder, imp: Implementer) -> float:
    """An implementer's sales to date, each year's at the holder's strength, USD m, discounted."""
    total = 0.0
    for year in range(MAX_YEARS):
        total += hold.strength[year] * imp.by_year[year]
    return total
