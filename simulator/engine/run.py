"""Playing a replication: populate the market, run the months, write one outcome row per negotiation."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from simulator.compiled import compiled, inlined
from simulator.engine.accounts import return_escrow
from simulator.engine.build import Blank, new_state
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
from simulator.engine.month import begin, run_month, sell_out
from simulator.engine.outcomes import OUTCOME
from simulator.engine.protocol import estimates
from simulator.engine.records import DEFLATORS
from simulator.engine.state import Implementer, Market, Negotiation, Rules, State, Suit
from simulator.rules.discount import logarithm
from simulator.rules.market import deadweight
from simulator.rules.remedy import liability
from simulator.vocabulary import Cause, Outcome, Status

NEGOTIATED, SETTLED, UNLICENSED = (
    int(Outcome.NEGOTIATED),
    int(Outcome.SETTLED_IN_COURT),
    int(Outcome.UNLICENSED),
)
LICENSED, EXITED = int(Status.LICENSED), int(Status.EXITED)
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
        imp.abroad = group.abroad
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
        imp.exit_loss = 0.0
        imp.frand_weight = 0.0
        imp.asked, imp.asked_n = 0.0, 0.0
        imp.asked_now, imp.asked_now_n = 0.0, 0.0
        for kind in range(DEFLATORS):
            imp.to_date[kind] = 0.0
            state.sales[i].before[0, kind] = 0.0


@inlined
def populate_negotiations(rules: Rules, state: State, blank: Blank, seed: int, replication: int) -> int:
    """Draw the negotiations: true rate, beliefs, first contact.  Returns how many are open."""
    mkt = rules.market[0]
    for k in range(len(rules.parties)):
        state.negotiations[k] = blank.negotiations[0]
        state.suits[k] = blank.suits[0]
        negotiation = state.negotiations[k]
        negotiation.holder = rules.parties[k, 0]
        negotiation.implementer = rules.parties[k, 1]
        hold = state.holders[negotiation.holder]
        imp = state.implementers[negotiation.implementer]
        negotiation.frand = mkt.burden * hold.share * imp.region
        center = logarithm(negotiation.frand)
        luck_h = normal(seed, replication, k, BELIEF_HOLDER, 0)
        luck_i = normal(seed, replication, k, BELIEF_IMPLEMENTER, 0)
        negotiation.mu_h = center + mkt.bias + mkt.spread * luck_h
        negotiation.mu_i = center - mkt.bias + mkt.spread * luck_i
        negotiation.v_h = mkt.spread * mkt.spread
        negotiation.v_i = negotiation.v_h
        negotiation.shift_h = math.log(hold.over)
        negotiation.shift_i = (1.0 - mkt.suspicion) * math.log(hold.over)
        negotiation.rho_h, negotiation.rho_i = estimates(negotiation)
        lag = math.floor(uniform(seed, replication, k, CONTACT, 0) * (mkt.notice_spread + 1))
        negotiation.contact = int(lag) + rules.strategies[hold.strategy].ambush
        imp.frand_weight += negotiation.frand
        state.active[k] = k
    return len(rules.parties)


@inlined
def populate(rules: Rules, state: State, blank: Blank, seed: int, replication: int) -> int:
    """The market of one replication: the same under every regime."""
    state.docket[0].queued = 0
    populate_holders(rules, state, seed, replication)
    populate_implementers(rules, state, seed, replication)
    return populate_negotiations(rules, state, blank, seed, replication)


@compiled
def cause_of(negotiation: Negotiation, suit: Suit) -> int:
    """Why the parties did not sign: the first gate that stayed shut."""
    if negotiation.zopa_true == 0:
        return STRUCTURAL
    if negotiation.zopa_held == 0:
        return BELIEF
    return PROCEDURAL if suit.shut == 1 else STRATEGIC


@inlined
def write_row(rules: Rules, state: State, k: int, r: int, replication: int, row: Any) -> None:
    """The outcome of one negotiation."""
    mkt = rules.market[0]
    negotiation, suit = state.negotiations[k], state.suits[k]
    hold = state.holders[negotiation.holder]
    imp = state.implementers[negotiation.implementer]
    end = mkt.horizon
    licensed = negotiation.status == LICENSED
    outcome = negotiation.outcome if licensed or negotiation.status == EXITED else UNLICENSED
    row.regime = r
    row.replication = replication
    row.negotiation = k
    row.holder = negotiation.holder
    row.implementer = negotiation.implementer
    row.holder_strategy = hold.strategy
    row.implementer_strategy = imp.strategy
    row.counted = 1 if end - negotiation.contact >= mkt.least_left else 0
    row.outcome = outcome
    row.cause = NO_CAUSE if outcome == NEGOTIATED or outcome == SETTLED else cause_of(negotiation, suit)
    row.stage = negotiation.stage
    row.notice_month = negotiation.contact
    row.licence_month = negotiation.licence_month if licensed else end
    row.months_to_licence = max(0.0, float(row.licence_month - negotiation.contact))
    row.months_unlicensed = float(row.licence_month - negotiation.first_use)
    row.filed = 1 if suit.first_filing >= 0 else 0
    row.filer = suit.first_filer
    row.filing_month = suit.first_filing
    row.judgments = suit.judgments
    row.appealed = suit.appealed
    row.injunction = suit.injunction
    row.suits_lost = suit.suits_lost
    row.months_pending = suit.months_pending
    row.months_excluded = suit.months_excluded
    row.rounds = negotiation.rounds
    row.disclosures = negotiation.disclosures
    row.faults = negotiation.faults
    row.fault_weight_holder = negotiation.fault_h
    row.fault_weight_implementer = negotiation.fault_i
    row.missed_steps = negotiation.missed
    row.last_step = negotiation.last_step
    row.first_ask = negotiation.first_ask if negotiation.first_ask_month >= 0 else math.nan
    row.first_bid = negotiation.first_bid if negotiation.first_bid_month >= 0 else math.nan
    row.frand_rate = negotiation.frand
    row.rate = negotiation.rate if licensed else math.nan
    row.court_rate = suit.court_rate if suit.court_rate > 0.0 else math.nan
    write_money(mkt, negotiation, suit, imp, licensed, row)


@inlined
def write_money(
    mkt: Market, negotiation: Negotiation, suit: Suit, imp: Implementer, licensed: bool, row: Any
) -> None:
    """The money of one negotiation, USD m discounted to month 0."""
    part = negotiation.frand / imp.frand_weight if imp.frand_weight > 0.0 else 0.0  # nothing due: no part
    running = negotiation.running * (imp.sales_value - negotiation.sales_mark) if licensed else 0.0
    row.entitlement = negotiation.frand * imp.sales_value
    row.paid = negotiation.paid + running
    row.cost_holder = negotiation.cost_h
    row.cost_implementer = negotiation.cost_i
    row.cost_litigation = suit.cost_lit
    row.cost_public = suit.cost_public
    row.margin_lost = suit.margin_lost + part * imp.sales_loss
    row.margin_diverted = mkt.diverted * (suit.margin_lost + part * imp.exit_loss)
    row.output_lost = part * imp.triangle
    gross = imp.margin * imp.base_value
    row.margin_benchmark = part * gross
    row.surplus_benchmark = part * (
        gross - imp.base_value * deadweight(mkt.elasticity, mkt.pass_through, imp.frand_stack)
    )
    row.escrow_cost = suit.escrow_cost_i


@inlined
def finish(rules: Rules, state: State, r: int, replication: int, rows: Any, first: int) -> None:
    """Write the outcome rows of a replication under one regime."""
    mkt = rules.market[0]
    for k in range(len(rules.parties)):
        return_escrow(rules.forums[r], mkt, state.suits[k], mkt.horizon)
        write_row(rules, state, k, r, replication, rows[first + k])


@inlined
def play(
    rules: Rules, state: State, blank: Blank, r: int, seed: int, replication: int, rows: Any, first: int
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
def play_chunk(rules: Rules, state: State, blank: Blank, seed: int, start: int, stop: int, rows: Any) -> None:
    """Replications ``start`` to ``stop`` under every regime, rows in canonical order."""
    n_regimes = len(rules.forums)
    size = len(rules.parties)
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
    rows = np.zeros(len(replications) * len(rules.forums) * len(rules.parties), dtype=OUTCOME)
    play_chunk(rules, state, blank, seed, replications.start, replications.stop, rows)
    return rows
