"""Regions: sales, families and rates as vectors, and what of each pair's rate belongs to which region.

A market may name up to three regions with a factor on the rate each; an implementer sells shares ``w`` there,
a holder is ``lambda`` times as strong there as its families are altogether.  The true rate of a pair is
``A s_h sum_r w_ir phi_r lambda_hr``: one scalar, weighed when the market begins.  A market that names none
has two, of which the second has the one factor on the rate.
*Source*: three regions in TCL v Ericsson (C.D. Cal. 2017) and, two proposed against them, in Oppo v Nokia
(Chongqing 2023).
"""

from __future__ import annotations

import math
from typing import Any

from simulator.compiled import compiled, inlined
from simulator.engine.law import Forum
from simulator.engine.market import HolderGroup, Market
from simulator.engine.records import MAX_REGIONS
from simulator.engine.state import Implementer


@compiled
def weight_of_regions(mkt: Market, group: HolderGroup, imp: Implementer) -> float:
    """``sum w phi lambda / sum w phi``: how a pair's true rate differs from that of an even portfolio."""
    even = 0.0
    own = 0.0
    for r in range(MAX_REGIONS):
        even += imp.weights[r] * mkt.factors[r]
        own += imp.weights[r] * mkt.factors[r] * group.strength[r]
    return own / even if even > 0.0 else 1.0


@inlined
def reach(forum: Forum, imp: Implementer) -> float:
    """``x``: the share of an implementer's sales that an injunction reaches."""
    return forum.forum_share if forum.region < 0 else float(imp.weights[forum.region])


@compiled
def write_regions(
    mkt: Market, forum: Forum, group: HolderGroup, imp: Implementer, by_court: bool, row: Any
) -> None:
    """The licence's rate in each region: it averages to the rate over the implementer's sales.

    A court that has its own factor for all regions but the first orders by it.
    """
    total = 0.0
    for r in range(MAX_REGIONS):
        total += imp.weights[r] * regional_rate(mkt, forum, group, r, by_court)
    scale = row.rate / total if total > 0.0 else math.nan
    row.rate_region_one = scale * regional_rate(mkt, forum, group, 0, by_court)
    row.rate_region_two = scale * regional_rate(mkt, forum, group, 1, by_court)
    row.rate_region_three = math.nan
    if mkt.n_regions == MAX_REGIONS:
        row.rate_region_three = scale * regional_rate(mkt, forum, group, 2, by_court)


@inlined
def regional_rate(mkt: Market, forum: Forum, group: HolderGroup, r: int, by_court: bool) -> float:
    """A region's rate relative to the first's, as strong as the holder is there."""
    factor = forum.regional if by_court and r > 0 and forum.regional >= 0.0 else mkt.factors[r]
    return float(factor * group.strength[r])
