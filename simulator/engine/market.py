"""What a market is made of, constant while it is played: groups of parties, strategies, numbers for all.

Money is USD m, rates are fractions of price.  See ``records`` for how a record is written down.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from simulator.engine.records import (
    F8,
    I8,
    Annuities,
    ByGeneration,
    ByRegion,
    Factors,
    Logs,
    Months,
    Signals,
    dtype_of,
)


class Strategy:
    """A party's conduct, by the rules of ``engine/talks``, ``steps``, ``offers`` and ``suits``."""

    tactic: I8  # Tactic
    ambush: I8  # months a holder waits with its first contact
    alternate: I8  # 0/1: rational parties take turns, instead of a lot each month
    reply_delay: I8  # months it takes for its part of a step
    refuses: I8  # mask of Acts it never does
    withholds: I8  # mask of Disclosures it keeps back
    forthcoming: I8  # 0/1: shows what a step only permits
    initiates: I8  # 0/1: acts where either side may
    threatens: I8  # 0/1: threatens with suits
    stalls: I8  # 0/1: replies without substance
    demands: I8  # Precondition it makes before it talks terms
    refuses_confidentiality: I8  # 0/1
    justifies: I8  # 0/1: gives reasons for an extreme offer
    hinders_advisers: I8  # 0/1: its charts may not be shown to those who can read them
    window: I8  # months its offers take to their end
    sue_after: I8  # months of its own offers until it sues
    patience: I8  # months it waits after the other side's breach
    anchor: F8  # first offer, multiple of its estimate
    goodwill: F8  # premium over loss in court an implementer pays, of its estimate
    floor: F8  # least a holder takes, of its estimate
    over_declaration: F8  # declared families per essential one
    walks_after: I8  # months on its own clock after which it leaves the talks for good; 0: never
    threat_from: I8  # months from first contact to its first threat of suit
    threat_every: I8  # months from one threat to the next; 0: it threatens once
    threat_grace: I8  # months a threat gives
    tailors: F8  # elasticity of a holder's first ask in the licensee's margin
    ties: F8  # price of patents a holder ties in beyond what they are worth, of its estimate
    waits_for_peers: F8  # share of peers a colluder waits for
    path: Months  # by months since its first offer: share of the way to the last one


class Market:
    """What holds for all parties of a market."""

    horizon: I8  # months
    n_holders: I8  # count
    n_implementers: I8  # count
    least_left: I8  # months to the horizon below which a negotiation does not count
    licensed_use: I8  # 0/1: no use of the standard before a licence
    notice_spread: I8  # months over which first contacts fall
    term: I8  # months a licence runs; at least the horizon: to the end
    tolerated: I8  # threats of suit in one negotiation that are no fault yet
    taint: I8  # months for which a threat taints the licence signed after it
    mandatory: I8  # 0/1: holders have to disclose their patents to the standard-setting organisation
    estoppel: I8  # 0/1: concealed patents cannot be enforced once found out
    commitment: I8  # months from first contact within which a holder must have committed itself
    charts_secret: I8  # 0/1: charts, as licences, are shown under a confidentiality agreement alone
    list_first: I8  # 0/1: an implementer can examine only patents it has been told of
    calculates: I8  # 0/1: a rate calculation shows its maker's initial estimate
    private: I8  # 0/1: sales or margins are the implementer's own knowledge until shown
    n_regions: I8  # regions
    n_generations: I8  # generations of the standard
    multimode: I8  # 0/1: some holder's share is not the same in every generation, or changes with time
    drifts: I8  # 0/1: shares drift, or generations arrive
    arrives_later: I8  # 0/1: some licences end when a generation arrives
    caps: I8  # 0/1: royalties may stop at a cap
    territorial: I8  # 0/1: some holder is not as strong in every region
    chooses: I8  # 0/1: parties choose whether to take part in the standard
    block: I8  # replications whose markets are drawn as one Latin hypercube; 1: each on its own
    burden: F8  # A: aggregate royalty burden, of price
    rest_share: F8  # share of the standard's value held by others
    families: F8  # truly essential families of all holders, in generations there from the start
    essentiality: F8  # share of declared families that are essential among holders not simulated
    alternative: F8  # abar: share of the standard's value that the next best technology would give too
    contribution: F8  # share of an implementer's margin that the standard contributes; 0: as much as ``A``
    switching: F8  # cost to switch from the whole standard to the next best technology, of price
    pool_rate: F8  # what pools of the standard post for all families, of the aggregate burden
    membership: F8  # value of the pool's patents to a maker, multiple of its part of the rate
    spread: F8  # sigma: sd of beliefs about the log rate
    bias: F8  # log bias of beliefs, each side in its own favour
    suspicion: F8  # share of over-declaration an implementer sees through
    cost_chart: F8  # USD m: claim charts
    cost_verify: F8  # USD m: an examination of essentiality and validity
    cost_expert: F8  # USD m a side: a neutral expert's opinion
    cost_comparables: F8  # USD m: preparing comparable licences
    cost_talks: F8  # USD m a month in which a party acts
    cost_filing: F8  # USD m a side
    cost_monthly: F8  # USD m a month and side of litigation
    cost_trial: F8  # USD m a side
    beta: F8  # the holder's weight in the Nash point
    moderate_ask: F8  # highest moderate first ask, multiple of the own estimate
    moderate_bid: F8  # lowest moderate first bid, multiple of the own estimate
    elasticity: F8  # of demand
    pass_through: F8  # share of royalties in the price
    diverted: F8  # share of sales lost to exclusion or exit that goes to rivals; 0 without rivals
    social: F8  # social discount a year
    log_social: F8  # its monthly log factor
    breakdown: F8  # chance a month that talks break down
    breakdown_growth: F8  # its growth a month
    renewal: F8  # share of what a licence's renewal would pay that parties count on
    bond_suit: F8  # share of a relationship that a suit destroys
    bond_threat: F8  # share that a threat of suit destroys
    bond_mends: F8  # share of what is missing that a licensed year mends
    bond_cost: F8  # added to the cost of talks, of it, with a relationship destroyed
    bond_delay: F8  # months added to a reply with a relationship destroyed
    doubt: F8  # pi_0: chance of a suit that an implementer reckons with before any threat
    trust: F8  # c_0: share of threats kept, as seen before there were any
    trust_weight: F8  # k_0: how many threats that opinion is worth
    margin: F8  # mean margin of implementers, of price
    most_favoured: F8  # share of pairs whose licences have a most-favoured clause
    missing: F8  # what a technology that is kept out was worth, of its FRAND rate
    lump_share: F8  # share of pairs that settle royalties in one sum
    later_generations: F8  # share of pairs whose licences cover generations that arrive later
    cap: F8  # where royalties of a year stop, multiple of those on the sales that the holder saw
    sales_spread: F8  # log sd of what a holder takes an implementer's sales for
    margin_spread: F8  # log sd of what it takes its margin for
    verified: F8  # v: share of declarations that is verified
    detection: F8  # q: chance that concealment is found out
    lock_months: F8  # U: months of use after which an implementer is wholly locked in
    next_best: F8  # nu: value of a technology over the next best, of its FRAND rate; 0: no next best
    leave_fixed: F8  # c_0: cost to leave the standard, months of sales
    leave_growing: F8  # c_1: what it grows by with use, months of sales for the whole standard
    leave_months: F8  # M_1: months of exclusion that use adds
    calculation: F8  # log sd of what is lost of an estimate in a calculation
    expiring: F8  # x: share of the patents that expires by the horizon, evenly
    ownership_doubt: F8  # tau: chance that the patents are no longer the holder's, until it shows they are
    factors: ByRegion  # phi: by region, on the rate
    generations: ByGeneration  # by generation: its part of the aggregate burden of month 0
    arrives: ByGeneration  # by generation: month in which it comes to the market
    signal_sd: Signals  # by Signal: sd of what the first act of a kind shows


class HolderGroup:
    """Holders drawn alike."""

    kind: I8  # HolderKind
    first_mix: I8  # index of its first row in the mixes
    n_mix: I8  # rows of its mix
    share: F8  # mean share of the standard's families
    share_spread: F8  # log sd of it
    quality_spread: F8  # log sd of a family's value
    contribution_spread: F8  # log sd of approved contributions per unit of value
    alternative_spread: F8  # log sd of the value of the next best technology
    validity: F8  # probability that a patent is valid
    asserted: F8  # patents asserted in a suit
    essentiality: F8  # share of declared families that are essential
    sales: F8  # USD m a month of its own products under the standard
    outside: F8  # mean worth of keeping out of the standard, of what the FRAND rate would bring
    outside_spread: F8  # log sd
    discount: F8  # a year
    log_d: F8  # monthly log factor
    strength: ByRegion  # lambda: by region, over that of all its families
    in_generation: ByGeneration  # by generation: its share of the families there over that of all
    drift: ByGeneration  # by generation: growth a year of its families there


class ImplementerGroup:
    """Implementers drawn alike."""

    first_mix: I8  # index of its first row in the mixes
    n_mix: I8  # rows of its mix
    sales: F8  # mean USD m a month
    sales_spread: F8  # log sd
    growth: F8  # of sales, a year
    margin: F8  # before royalties, of price
    patents: F8  # share of the standard's value it holds itself
    region_factor: F8  # rate relative to that of region one
    abroad: F8  # share of sales in region two
    barrier: F8  # mean cost of doing without the standard, of price; 1: it cannot be done without
    barrier_spread: F8  # log sd
    discount: F8  # a year
    log_d: F8  # monthly log factor
    log_growth: F8  # monthly log growth
    weights: ByRegion  # w: by region, share of sales


class Curves:
    """What depends only on months, for a regime, a holder group and an implementer group."""

    last: I8  # months tabulated
    log: Logs  # by kind: monthly log factor
    power: Factors  # by months and kind: factor to the power of the months
    annuity: Annuities  # by months and kind: sales to come as either side discounts them, use with interest


class Mix:
    """A strategy's place in a group's mix."""

    strategy: I8  # index
    upto: F8  # cumulated share


STRATEGY = dtype_of(Strategy)
MARKET = dtype_of(Market)
HOLDER_GROUP = dtype_of(HolderGroup)
IMPLEMENTER_GROUP = dtype_of(ImplementerGroup)
CURVES = dtype_of(Curves)
MIX = dtype_of(Mix)


class Rules(NamedTuple):
    """What a run is played under: constant arrays."""

    protocols: np.ndarray  # [regime]
    steps: np.ndarray  # [regime, step]
    forums: np.ndarray  # [regime]
    strategies: np.ndarray
    market: np.ndarray
    holder_groups: np.ndarray
    holder_group_of: np.ndarray
    implementer_groups: np.ndarray
    implementer_group_of: np.ndarray
    mixes: np.ndarray
    parties: np.ndarray  # [negotiation, 2]: who negotiates with whom, holder and implementer
    curves: np.ndarray  # [regime, holder group, implementer group]
