"""Licences as comparables: what is kept of each when it is signed, and how a court likens one to the case.

A court looks at the holder's own licences, or at those of every licensor of the standard.  Each is unpacked
with noise, carried over to the case (territory; where the law says so the licensee's volume; another
licensor's by families counted) and weighted by likeness: the factors of ACT v Oppo and of practice, each
read off the licence's own record.  *Source*: ACT v Oppo (S1), practice (S3); the forms are assumptions.
"""

from __future__ import annotations

import math
from typing import Any

from simulator.compiled import compiled, inlined
from simulator.engine.draws import UNPACK, normal
from simulator.engine.generations import end_of_term, generations_covered
from simulator.engine.law import Forum
from simulator.engine.records import MAX_COMPARABLES
from simulator.engine.state import Matter
from simulator.rates.comparable import (
    adjusted,
    alike,
    log_mean,
    similarity,
    size_likeness,
    volume_factor,
    year_likeness,
)
from simulator.rules.discount import logarithm
from simulator.vocabulary import Comparable, Disclosure, RateMethod

DECLARED, CHECKED_DECLARED = int(RateMethod.TOP_DOWN_DECLARED), int(RateMethod.COMPARABLES_CHECKED_DECLARED)
COMPARABLE_BIT = 1 << Disclosure.COMPARABLES
RATE, REGION, LOG_SALES = int(Comparable.RATE), int(Comparable.REGION), int(Comparable.LOG_SALES)
MONTH, TAINTED, LICENSEE = int(Comparable.MONTH), int(Comparable.TAINTED), int(Comparable.LICENSEE)
LICENSOR, KIND, ESSENTIAL = int(Comparable.LICENSOR), int(Comparable.KIND), int(Comparable.ESSENTIAL)
ASSERTED, QUALITY, VALUE = int(Comparable.ASSERTED), int(Comparable.QUALITY), int(Comparable.VALUE)
MARGIN, RETURN, TERM = int(Comparable.MARGIN), int(Comparable.RETURN), int(Comparable.TERM)
FAVOURED, LUMP, SCOPE = int(Comparable.FAVOURED), int(Comparable.LUMP), int(Comparable.SCOPE)
WITHHELD = int(Comparable.WITHHELD)
HALF_LIFE = 5.0  # years: assumption, a licence five years older counts half


@inlined
def counts_declared(forum: Forum) -> bool:
    """Whether declared families are counted, so that nobody need believe them to be essential."""
    return bool(forum.method == DECLARED or forum.method == CHECKED_DECLARED)


@inlined
def territory(m: Matter) -> float:
    """The factor of the regions in which the pair sells on its true rate."""
    return m.implementer.region * m.licence.region


@inlined
def contributed_per_family(share: float, families: float) -> float:
    """A portfolio's quality as a court can see it: approved contributions over families counted."""
    return share / families if families > 0.0 else 0.0


@inlined
def withholds(m: Matter) -> bool:
    """Whether the holder withholds its licences."""
    return bool(m.holder_strategy.withholds & COMPARABLE_BIT != 0)


@compiled
def leave(m: Matter, t: int, rate: float, tainted: bool) -> None:
    """A licence signed leaves a comparable; one that is withheld, where the court sees it all the same.

    In its licensor's own suits alone: who is no party is ordered to disclose nothing.
    """
    withheld = withholds(m)
    if m.implementer.scale <= 0.0 or (withheld and m.forum.sees_withheld == 0):
        return
    hold, view = m.holder, m.outlook
    keep(m, t, rate, tainted, hold.comparables, hold.n_comparables % MAX_COMPARABLES)
    hold.n_comparables += 1
    if m.forum.all_licensors == 1 and hold.share > 0.0 and not withheld:
        keep(m, t, rate, tainted, view.licences, view.n_licences % MAX_COMPARABLES)
        view.n_licences += 1


@inlined
def keep(m: Matter, t: int, rate: float, tainted: bool, table: Any, n: int) -> None:
    """Write down a licence: its rate, who signed it, what it is on, its terms."""
    hold, imp = m.holder, m.implementer
    table[n, RATE] = rate
    table[n, REGION] = territory(m)
    table[n, LOG_SALES] = logarithm(imp.scale)
    table[n, MONTH] = t
    table[n, TAINTED] = 1.0 if tainted else 0.0
    table[n, WITHHELD] = 1.0 if withholds(m) else 0.0
    table[n, LICENSEE] = m.negotiation.implementer
    table[n, LICENSOR] = m.negotiation.holder
    table[n, KIND] = hold.kind
    table[n, ESSENTIAL] = hold.count_share
    table[n, ASSERTED] = hold.declared_share
    table[n, QUALITY] = contributed_per_family(hold.contributed_share, hold.count_share)
    table[n, VALUE] = hold.share
    table[n, MARGIN] = imp.margin
    table[n, RETURN] = 1.0 if m.licence.cross > 0.0 else 0.0
    table[n, TERM] = end_of_term(m.market, m.licence, t) - t
    table[n, FAVOURED] = m.licence.most_favoured
    table[n, LUMP] = m.licence.lump
    table[n, SCOPE] = generations_covered(m.market, m.licence, t)[1]


@compiled
def comparables_seen(m: Matter, t: int) -> tuple[float, float, float, float]:
    """Weighted log-mean, lowest and highest of the licences signed before ``t``, and their known error, log.

    nan if too few count.  The 64 latest of the holder are looked at; where the law looks at all licensors
    the 64 latest of the standard too.  The error is what carrying them over makes of a FRAND rate.
    """
    hold, view, all_licensors = m.holder, m.outlook, m.forum.all_licensors == 1 and m.holder.share > 0.0
    own = territory(m)
    weights = 0.0
    logs = 0.0
    errors = 0.0
    number = 0
    lowest = math.inf
    highest = -math.inf
    for place in range(2 if all_licensors else 1):
        table = hold.comparables if place == 0 else view.licences
        listed = hold.n_comparables if place == 0 else view.n_licences
        for n in range(min(listed, MAX_COMPARABLES)):
            if place == 1 and table[n, LICENSOR] == m.negotiation.holder:
                continue
            weight = likeness(m, t, table, n, own)
            if weight <= 0.0:
                continue
            unpacked, error = carried_over(m, table, n, own)
            weights += weight
            logs += weight * unpacked
            errors += weight * error
            number += 1
            lowest = min(lowest, unpacked)
            highest = max(highest, unpacked)
    if number < m.forum.comparables_needed or weights <= 0.0:
        return math.nan, math.nan, math.nan, 0.0
    return log_mean(logs, weights), math.exp(lowest), math.exp(highest), errors / weights


@compiled
def likeness(m: Matter, t: int, table: Any, n: int, own: float) -> float:
    """Weight of a licence, in [0, 1]; 0 if it is not signed yet, was signed under suit, or says nothing.

    ``own``: the pair's territory.
    """
    forum = m.forum
    rate, region, month = table[n, RATE], table[n, REGION], table[n, MONTH]
    tainted = table[n, TAINTED] > 0.0 and forum.keep_tainted == 0
    if month >= t or tainted or rate <= 0.0 or region <= 0.0:
        return 0.0
    size = size_likeness(math.exp(table[n, LOG_SALES]), m.implementer.scale)
    parties, patents, terms = 1.0, 1.0, 1.0
    if forum.likens == 1:
        size = math.pow(size, forum.like_size)
        parties = math.pow(like_parties(m, table, n), forum.like_parties)
        patents = math.pow(like_patents(m, table, n), forum.like_patents)
        terms = math.pow(like_terms(m, t, table, n), forum.like_terms)
        terms *= math.pow(alike(table[n, LUMP] == m.licence.lump), forum.like_payment)
        scope = generations_covered(m.market, m.licence, t)[1]
        patents *= math.pow(size_likeness(table[n, SCOPE], scope), forum.like_scope)
    year = year_likeness((t - month) / 12.0, HALF_LIFE)
    return similarity(parties, patents, terms, size, year, size_likeness(region, own))


@inlined
def like_parties(m: Matter, table: Any, n: int) -> float:
    """Likeness of licensor (business model), licensee (what it earns on its products) and relation.

    The relation is whether the licensee gives a licence in return.
    """
    kind = alike(table[n, KIND] == m.holder.kind)
    relation = alike((table[n, RETURN] > 0.0) == (m.licence.cross > 0.0))
    return kind * relation * size_likeness(table[n, MARGIN], m.implementer.margin)


@inlined
def like_patents(m: Matter, table: Any, n: int) -> float:
    """Likeness of the portfolios in number, families counted, and in quality, contributions to each."""
    hold = m.holder
    quality = contributed_per_family(hold.contributed_share, hold.count_share)
    number = size_likeness(table[n, ASSERTED if counts_declared(m.forum) else ESSENTIAL], counted(m))
    return number * size_likeness(table[n, QUALITY], quality)


@inlined
def like_terms(m: Matter, t: int, table: Any, n: int) -> float:
    """Likeness in what is agreed beside the rate: how long the licence runs, a most-favoured clause."""
    months = float(end_of_term(m.market, m.licence, t) - t)
    return size_likeness(table[n, TERM], months) * alike(table[n, FAVOURED] == m.licence.most_favoured)


@inlined
def counted(m: Matter) -> float:
    """The holder's share of the families that the court counts."""
    return m.holder.declared_share if counts_declared(m.forum) else m.holder.count_share


@compiled
def carried_over(m: Matter, table: Any, n: int, own: float) -> tuple[float, float]:
    """Logs of a rate, unpacked and carried over to the case, and of what that makes of a true one."""
    forum, hold = m.forum, m.holder
    seed, replication, _ = m.chance
    licensor = int(table[n, LICENSOR])
    noise = forum.unpacking * normal(seed, replication, licensor, UNPACK, int(table[n, LICENSEE]))
    unpacked = math.log(adjusted(table[n, RATE], own / table[n, REGION])) + noise - 0.5 * forum.unpacking**2
    error = 0.0
    if licensor != m.negotiation.holder:
        theirs = table[n, ASSERTED if counts_declared(forum) else ESSENTIAL]
        unpacked += math.log(counted(m) / theirs)
        error += math.log(counted(m) / theirs * table[n, VALUE] / hold.share)
    if forum.volume > 0.0:
        by_volume = math.log(volume_factor(m.implementer.scale, math.exp(table[n, LOG_SALES]), forum.volume))
        unpacked += by_volume
        error += by_volume
    return unpacked, error
