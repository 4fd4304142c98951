"""Playing a replication: populate the market, run the months, write one outcome row per negotiation."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from simulator.compiled import compiled, inlined
from simulator.engine.build import new_state
from simulator.engine.draws import (
    BELIEF_HOLDER,
    BELIEF_IMPLEMENTER,
    CONTACT,
    HOLDER_BASE,
    IMPLEMENTER_BASE,
    QUALITY,
    SALES,
    SHARE,
    STRATEGY_HOLDER,
    STRATEGY_IMPLEMENTER,
    market_normal,
    market_uniform,
    normal,
    uniform,
)
from simulator.engine.licence import return_escrow
from simulator.engine.month import begin, run_month, sell_out
from simulator.engine.outcomes import OUTCOME
from simulator.engine.shadow import estimates
from simulator.engine.state import DEFLATORS, Implementer, Market, Pair, Rules, State
from simulator.rules.market import deadweight
from simulator.rules.remedy import liability
from simulator.vocabulary import Cause, Outcome, Status

NEGOTIATED, SETTLED, UNLICENSED = (
    int(Outcome.NEGOTIATED),
    int(Outcome.SETTLED_IN_COURT),
    int(Outcome.UNLICENSED),
)
EXIT_OUT, LICENSED, EXITED = int(Outcome.EXIT), int(Status.LICENSED), int(Status.EXITED)
NO_CAUSE, STRUCTURAL, BELIEF = int(Cause.NONE), int(Cause.STRUCTURAL), int(Cause.BELIEF)
STRATEGIC, PROCEDURAL = int(Cause.STRATEGIC), int(Cause.PROCEDURAL)


@compiled
def spread_draw(
    mean: float, sd: float, seed: int, replication: int, entity: int, purpose: int, block: int
) -> float:
    """A log-normal number with the given mean and log sd, stratified over a block of replications."""
    if sd <= 0.0:
        return mean
    return mean * math.exp(sd * market_normal(seed, replication, entity, purpose, block) - 0.5 * sd * sd)


@compiled
def draw_strategy(rules: Rules, first: int, count: int, u: float) -> int:
    """The strategy a party plays, from its group's mix."""
    for n in range(first, first + count - 1):
        if u < rules.mixes[n].upto:
            return int(rules.mixes[n].strategy)
    return int(rules.mixes[first + count - 1].strategy)


@inlined
def populate_holders(rules: Rules, state: State, seed: int, replication: int) -> None:
    """Draw the holders: families, quality, strategy; shares by value, count and declaration."""
    mkt = rules.market[0]
    value = 0.0
    count = 0.0
    declared = 0.0
    planned = 0.0
    for h in range(mkt.n_holders):
        hold = state.holders[h]
        group = rules.holder_groups[rules.holder_group_of[h]]
        entity = HOLDER_BASE + h
        hold.kind = group.kind
        hold.group = rules.holder_group_of[h]
        hold.families = spread_draw(
            group.share, group.share_spread, seed, replication, entity, SHARE, mkt.block
        )
        hold.quality = spread_draw(1.0, group.quality_spread, seed, replication, entity, QUALITY, mkt.block)
        u = market_uniform(seed, replication, entity, STRATEGY_HOLDER, mkt.block)
        hold.strategy = draw_strategy(rules, group.first_mix, group.n_mix, u)
        hold.over = rules.strategies[hold.strategy].over_declaration
        hold.liability = liability(group.validity, group.asserted)
        hold.n_comparables = 0
        hold.n_licensed = 0
        planned += group.share
        value += hold.families * hold.quality
        count += hold.families
        declared += hold.families * hold.over
    rest = max(0.0, 1.0 - planned)
    for h in range(mkt.n_holders):
        hold = state.holders[h]
        hold.share = hold.families * hold.quality / (value + rest)
        hold.count_share = hold.families / (count + rest)
        hold.declared_share = hold.families * hold.over / (declared + rest)


@inlined
def populate_implementers(rules: Rules, state: State, seed: int, replication: int) -> None:
    """Draw the implementers: sales and strategy."""
    mkt = rules.market[0]
    simulated = 0.0
    for h in range(mkt.n_holders):
        simulated += state.holders[h].share
    for i in range(mkt.n_implementers):
        imp = state.implementers[i]
        group = rules.implementer_groups[rules.implementer_group_of[i]]
        entity = IMPLEMENTER_BASE + i
        imp.group = rules.implementer_group_of[i]
        imp.scale = spread_draw(group.sales, group.sales_spread, seed, replication, entity, SALES, mkt.block)
        imp.margin = group.margin
        imp.region = group.region_factor
        u = market_uniform(seed, replication, entity, STRATEGY_IMPLEMENTER, mkt.block)
        imp.strategy = draw_strategy(rules, group.first_mix, group.n_mix, u)
        imp.exited = 0
        imp.n_licensed = 0
        imp.n_excluded = 0
        imp.stack = 0.0
        imp.signed = 0.0
        imp.unsigned_share = 1.0
        imp.frand_stack = mkt.burden * simulated * imp.region
        imp.sales_value = 0.0
        imp.base_value = 0.0
        imp.triangle = 0.0
        imp.sales_loss = 0.0
        imp.frand_weight = 0.0
        for kind in range(DEFLATORS):
            imp.to_date[kind] = 0.0
            state.sales[i].before[0, kind] = 0.0


@inlined
def populate_pairs(rules: Rules, state: State, blank: Any, seed: int, replication: int) -> int:
    """Draw the negotiations: true rate, beliefs, first contact.  Returns how many are open."""
    mkt = rules.market[0]
    n_i = mkt.n_implementers
    for k in range(mkt.n_holders * n_i):
        state.pairs[k] = blank[0]
        pair = state.pairs[k]
        pair.holder = k // n_i
        pair.implementer = k % n_i
        hold = state.holders[pair.holder]
        imp = state.implementers[pair.implementer]
        strategy = rules.strategies[hold.strategy]
        pair.frand = mkt.burden * hold.share * imp.region
        center = math.log(pair.frand)
        pair.mu_h = center + mkt.bias + mkt.spread * normal(seed, replication, k, BELIEF_HOLDER, 0)
        pair.mu_i = center - mkt.bias + mkt.spread * normal(seed, replication, k, BELIEF_IMPLEMENTER, 0)
        pair.v_h = mkt.spread * mkt.spread
        pair.v_i = pair.v_h
        pair.shift_h = math.log(hold.over)
        pair.shift_i = (1.0 - mkt.suspicion) * math.log(hold.over)
        pair.rho_h, pair.rho_i = estimates(pair)
        lag = math.floor(uniform(seed, replication, k, CONTACT, 0) * (mkt.notice_spread + 1))
        pair.contact = int(lag) + strategy.ambush
        imp.frand_weight += pair.frand
        state.active[k] = k
    return int(mkt.n_holders * n_i)


@inlined
def populate(rules: Rules, state: State, blank: Any, seed: int, replication: int) -> int:
    """The market of one replication: the same under every regime."""
    state.court[0].queued = 0
    populate_holders(rules, state, seed, replication)
    populate_implementers(rules, state, seed, replication)
    return populate_pairs(rules, state, blank, seed, replication)


@compiled
def cause_of(pair: Pair) -> int:
    """Why the parties did not sign: the first gate that stayed shut."""
    if pair.zopa_true == 0:
        return STRUCTURAL
    if pair.zopa_held == 0:
        return BELIEF
    return PROCEDURAL if pair.shut == 1 else STRATEGIC


@inlined
def write_row(rules: Rules, state: State, k: int, r: int, replication: int, row: Any) -> None:
    """The outcome of one negotiation."""
    mkt = rules.market[0]
    pair = state.pairs[k]
    hold = state.holders[pair.holder]
    imp = state.implementers[pair.implementer]
    end = mkt.horizon
    licensed = pair.status == LICENSED
    outcome = pair.outcome if licensed or pair.status == EXITED else UNLICENSED
    row.regime = r
    row.replication = replication
    row.negotiation = k
    row.holder = pair.holder
    row.implementer = pair.implementer
    row.holder_strategy = hold.strategy
    row.implementer_strategy = imp.strategy
    row.counted = 1 if end - pair.contact >= mkt.least_left else 0
    row.outcome = outcome
    row.cause = NO_CAUSE if outcome == NEGOTIATED or outcome == SETTLED else cause_of(pair)
    row.stage = pair.stage
    row.notice_month = pair.contact
    row.licence_month = pair.licence_month if licensed else end
    row.months_to_licence = max(0.0, float(row.licence_month - pair.contact))
    row.months_unlicensed = float(row.licence_month - pair.first_use)
    row.filed = 1 if pair.first_filing >= 0 else 0
    row.filer = pair.first_filer
    row.filing_month = pair.first_filing
    row.judgments = pair.judgments
    row.appealed = pair.appealed
    row.injunction = pair.injunction
    row.suits_lost = pair.suits_lost
    row.months_pending = pair.months_pending
    row.months_excluded = pair.months_excluded
    row.rounds = pair.rounds
    row.disclosures = pair.disclosures
    row.faults = pair.faults
    row.fault_weight_holder = pair.fault_h
    row.fault_weight_implementer = pair.fault_i
    row.missed_steps = pair.missed
    row.last_step = pair.last_step
    row.first_ask = pair.first_ask if pair.first_ask_month >= 0 else math.nan
    row.first_bid = pair.first_bid if pair.first_bid_month >= 0 else math.nan
    row.frand_rate = pair.frand
    row.rate = pair.rate if licensed else math.nan
    row.court_rate = pair.court_rate if pair.court_rate > 0.0 else math.nan
    write_money(mkt, pair, imp, licensed, row)


@inlined
def write_money(mkt: Market, pair: Pair, imp: Implementer, licensed: bool, row: Any) -> None:
    """The money of one negotiation, USD m discounted to month 0."""
    part = pair.frand / imp.frand_weight
    running = pair.running * (imp.sales_value - pair.sales_mark) if licensed else 0.0
    row.entitlement = pair.frand * imp.sales_value
    row.paid = pair.paid + running
    row.cost_holder = pair.cost_h
    row.cost_implementer = pair.cost_i
    row.cost_litigation = pair.cost_lit
    row.cost_public = pair.cost_public
    row.margin_lost = pair.margin_lost + part * imp.sales_loss
    row.output_lost = part * imp.triangle
    gross = imp.margin * imp.base_value
    row.margin_benchmark = part * gross
    row.surplus_benchmark = part * (
        gross - imp.base_value * deadweight(mkt.elasticity, mkt.pass_through, imp.frand_stack)
    )
    row.escrow_cost = pair.escrow_cost_i


@inlined
def finish(rules: Rules, state: State, r: int, replication: int, rows: Any, first: int) -> None:
    """Write the outcome rows of a replication under one regime."""
    mkt = rules.market[0]
    for k in range(mkt.n_holders * mkt.n_implementers):
        return_escrow(rules.regimes[r], mkt, state.pairs[k], mkt.horizon)
        write_row(rules, state, k, r, replication, rows[first + k])


@inlined
def play(
    rules: Rules, state: State, blank: Any, r: int, seed: int, replication: int, rows: Any, first: int
) -> None:
    """One replication of one regime, all months."""
    mkt = rules.market[0]
    n_active = populate(rules, state, blank, seed, replication)
    for t in range(mkt.horizon):
        if n_active == 0:
            sell_out(rules, state, r, t)
            break
        begin(rules, state, n_active, r, t)
        n_active = run_month(rules, state, n_active, r, t, seed, replication, True)
    finish(rules, state, r, replication, rows, first)


@compiled
def play_chunk(rules: Rules, state: State, blank: Any, seed: int, start: int, stop: int, rows: Any) -> None:
    """Replications ``start`` to ``stop`` under every regime, rows in canonical order."""
    n_regimes = len(rules.regimes)
    size = rules.market[0].n_holders * rules.market[0].n_implementers
    for replication in range(start, stop):
        for r in range(n_regimes):
            first = ((replication - start) * n_regimes + r) * size
            play(rules, state, blank, r, seed, replication, rows, first)


def run_chunk(rules: Rules, seed: int, replications: range) -> np.ndarray:
    """Outcome rows of a range of replications under every regime.

    Returns a structured array of dtype ``OUTCOME`` in canonical order (replication, regime,
    negotiation); the same bits whatever else runs beside it.
    """
    state, blank = new_state(rules)
    size = int(rules.market[0].n_holders * rules.market[0].n_implementers)
    rows = np.zeros(len(replications) * len(rules.regimes) * size, dtype=OUTCOME)
    play_chunk(rules, state, blank, seed, replications.start, replications.stop, rows)
    return rows
