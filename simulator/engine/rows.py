"""The outcome row of a negotiation, as it stands at the horizon or where its first licence ends."""

from __future__ import annotations

import math
from typing import Any

from simulator.compiled import compiled, inlined
from simulator.engine.adoption import (
    NOT_ADOPTED,
    NOT_JOINED,
    is_out,
    lost_outside,
    lost_technology,
    write_part,
)
from simulator.engine.generations import at_strength
from simulator.engine.market import Market, Rules
from simulator.engine.prospect import DENIED
from simulator.engine.regions import write_regions
from simulator.engine.state import Holder, Implementer, Licence, Negotiation, State, Suit
from simulator.rules.market import deadweight
from simulator.vocabulary import Cause, Outcome, Status

NEGOTIATED, SETTLED, UNLICENSED = (
    int(Outcome.NEGOTIATED),
    int(Outcome.SETTLED_IN_COURT),
    int(Outcome.UNLICENSED),
)
COURT_RATE = int(Outcome.COURT_RATE)
LICENSED, EXITED = int(Status.LICENSED), int(Status.EXITED)
NO_CAUSE, STRUCTURAL, BELIEF = int(Cause.NONE), int(Cause.STRUCTURAL), int(Cause.BELIEF)
STRATEGIC, PROCEDURAL = int(Cause.STRATEGIC), int(Cause.PROCEDURAL)


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
    absent = outcome == NOT_ADOPTED or outcome == NOT_JOINED
    agreed = outcome == NEGOTIATED or outcome == SETTLED
    row.cause = NO_CAUSE if agreed or absent else cause_of(negotiation, suit)
    row.stage = negotiation.stage
    row.notice_month = negotiation.contact
    row.licence_month = negotiation.licence_month if licensed else end
    row.months_to_licence = max(0.0, float(row.licence_month - negotiation.contact))
    row.months_unlicensed = 0.0 if absent else float(row.licence_month - negotiation.first_use)
    row.filed = 1 if suit.first_filing >= 0 else 0
    row.filer = suit.first_filer
    row.filing_month = suit.first_filing
    row.appealed = suit.appealed
    row.injunction = suit.injunction
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
    write_regions(
        mkt, rules.forums[r], rules.holder_groups[hold.group], imp, licensed and outcome == COURT_RATE, row
    )
    write_terms(state.licences[k], row)
    ordered = outcome == COURT_RATE and suit.judgment != DENIED
    write_scope(state.licences[k], licensed, rules.forums[r].coverage if ordered else 1.0, row)
    write_relation(mkt, state.licences[k], negotiation, imp, row)
    write_trials(suit, row)
    write_money(mkt, hold, negotiation, suit, imp, licensed, row)


@inlined
def write_terms(licence: Licence, row: Any) -> None:
    """What the pair's record of licences says."""
    row.licence_end = licence.expires
    row.lump = licence.lump
    row.capped = licence.capped
    row.sales_seen = licence.sales_seen
    row.margin_seen = licence.margin_seen
    row.under_threat = licence.under_threat


@inlined
def write_scope(licence: Licence, licensed: bool, sales: float, row: Any) -> None:
    """What a licence is on: the share of the implementer's sales, and how many generations."""
    row.covered = sales if licensed else math.nan
    row.generations = licence.generations if licensed else 0


@inlined
def write_trials(suit: Suit, row: Any) -> None:
    """How often the pair's suits were judged, lost, sent back and tried anew, and how long they took."""
    row.judgments = suit.judgments
    row.suits_lost = suit.suits_lost
    row.vacated = suit.vacated
    row.retried = suit.retried
    row.months_pending = suit.months_pending
    row.months_excluded = suit.months_excluded


@inlined
def write_relation(
    mkt: Market, licence: Licence, negotiation: Negotiation, imp: Implementer, row: Any
) -> None:
    """How often licences ended and were renewed, what was paid in kind, how the firms stand."""
    set_off = licence.credit * (imp.sales_value - negotiation.sales_mark)
    row.credited = licence.credited + (set_off if negotiation.status == LICENSED else 0.0)
    row.licences_ended = licence.episode
    row.renewals = licence.renewals
    row.months_lapsed = licence.lapsed + (
        mkt.horizon - licence.lapsed_since if licence.lapsed_since >= 0 else 0
    )
    row.threats = licence.threats
    row.bond = licence.bond
    row.favoured = licence.favoured


@inlined
def write_whole(rules: Rules, state: State, k: int, replication: int, row: Any) -> None:
    """The row of a pair whose first licence ended: as it was then, but for money, months and renewals."""
    mkt, negotiation, suit = rules.market[0], state.negotiations[k], state.suits[k]
    imp = state.implementers[negotiation.implementer]
    first = state.firsts[k]
    before = first.months_unlicensed
    write_relation(mkt, state.licences[k], negotiation, imp, row)
    row.replication = replication
    row.months_unlicensed = before + row.months_lapsed
    write_trials(suit, row)
    hold = state.holders[negotiation.holder]
    write_money(mkt, hold, negotiation, suit, imp, negotiation.status == LICENSED, row)


@inlined
def write_money(
    mkt: Market,
    hold: Holder,
    negotiation: Negotiation,
    suit: Suit,
    imp: Implementer,
    licensed: bool,
    row: Any,
) -> None:
    """The money of one negotiation, USD m discounted to month 0."""
    part = negotiation.frand / imp.frand_weight if imp.frand_weight > 0.0 else 0.0  # nothing due: no part
    running = negotiation.running * (imp.sales_value - negotiation.sales_mark) if licensed else 0.0
    row.entitlement = 0.0 if is_out(negotiation) else negotiation.frand * imp.sales_value
    if mkt.drifts == 1 and not is_out(negotiation):
        row.entitlement = negotiation.frand * at_strength(hold, imp)
    elif mkt.expiring > 0.0 and not is_out(negotiation):
        row.entitlement -= negotiation.frand * mkt.expiring / mkt.horizon * imp.aged_value
    row.paid = negotiation.paid + running
    row.cost_holder = negotiation.cost_h
    row.cost_implementer = negotiation.cost_i
    row.cost_litigation = suit.cost_lit
    row.cost_public = suit.cost_public
    outside = lost_outside(imp, part)
    row.cost_outside = outside + lost_technology(mkt, negotiation, imp)
    row.margin_lost = suit.margin_lost + part * imp.sales_loss + row.cost_outside
    row.margin_diverted = mkt.diverted * (suit.margin_lost + part * imp.exit_loss + outside)
    row.output_lost = part * imp.triangle
    gross = imp.margin * imp.base_value
    benchmark_loss = imp.base_value * deadweight(mkt.elasticity, mkt.pass_through, imp.frand_stack)
    if imp.benchmark == 0:
        gross, benchmark_loss = gross - imp.barrier * imp.base_value, 0.0
    row.margin_benchmark = part * gross
    row.surplus_benchmark = part * (gross - benchmark_loss)
    row.escrow_cost = suit.escrow_cost_i
    write_part(mkt, negotiation, imp, row)
