"""Playing a replication: populate the market, run the months, write one outcome row per negotiation."""

from __future__ import annotations

import math
from typing import Any, NamedTuple

import numpy as np

from simulator.compiled import compiled, inlined
from simulator.engine.accounts import return_escrow
from simulator.engine.adoption import may_enter, place
from simulator.engine.build import Blank, new_state
from simulator.engine.draws import (
    ALTERNATIVE,
    BELIEF_HOLDER,
    BELIEF_IMPLEMENTER,
    CONTACT,
    CONTRIBUTION,
    HOLDER_BASE,
    IMPLEMENTER_BASE,
    LATER_GENERATIONS,
    LUMP,
    MOST_FAVOURED,
    QUALITY,
    SALES,
    SHARE,
    STRATEGY_HOLDER,
    STRATEGY_IMPLEMENTER,
    market_uniform,
    normal,
    spread_draw,
    uniform,
)
from simulator.engine.generations import share_by_generation
from simulator.engine.information import first_figures
from simulator.engine.interim import true_up
from simulator.engine.lean import lean
from simulator.engine.market import Rules
from simulator.engine.month import begin, run_month, sell_out
from simulator.engine.outcomes import OUTCOME
from simulator.engine.protocol import HOLDER, estimates
from simulator.engine.records import DEFLATORS, MAX_REGIONS
from simulator.engine.regions import weight_of_regions
from simulator.engine.renewal import renews
from simulator.engine.rows import write_row, write_whole
from simulator.engine.standard_setting import declared_per_essential, enforceable
from simulator.engine.state import State, matter
from simulator.rates.top_down import over_declaration
from simulator.rules.discount import logarithm
from simulator.rules.remedy import liability

MOST_ALTERNATIVE = 0.95
"""Most of a technology's value that the next best may give too: assumption, so that something is owed."""


@compiled
def draw_strategy(rules: Rules, first: int, count: int, u: float) -> int:
    """The strategy a party plays, from its group's mix."""
    for n in range(first, first + count - 1):
        if u < rules.mixes[n].upto:
            return int(rules.mixes[n].strategy)
    return int(rules.mixes[first + count - 1].strategy)


@inlined
def draw_holder(rules: Rules, state: State, h: int, seed: int, replication: int) -> None:
    """A holder without a record: its families, value, contributions, not yet as shares of all; strategy."""
    mkt, hold = rules.market[0], state.holders[h]
    group = rules.holder_groups[rules.holder_group_of[h]]
    entity = HOLDER_BASE + h
    hold.kind = group.kind
    hold.group = rules.holder_group_of[h]
    hold.families = spread_draw(group.share, group.share_spread, seed, replication, entity, SHARE, mkt.block)
    hold.quality = spread_draw(1.0, group.quality_spread, seed, replication, entity, QUALITY, mkt.block)
    quality = hold.families * hold.quality
    hold.worth = quality
    hold.contributed_share = quality * spread_draw(
        1.0, group.contribution_spread, seed, replication, entity, CONTRIBUTION, mkt.block
    )
    hold.alternative = mkt.alternative
    if mkt.alternative > 0.0:
        hold.alternative = min(
            MOST_ALTERNATIVE,
            spread_draw(
                mkt.alternative,
                group.alternative_spread,
                seed,
                replication,
                entity,
                ALTERNATIVE,
                mkt.block,
            ),
        )
    hold.share = quality * (1.0 - hold.alternative)
    u = market_uniform(seed, replication, entity, STRATEGY_HOLDER, mkt.block)
    hold.strategy = draw_strategy(rules, group.first_mix, group.n_mix, u)
    declared = over_declaration(group.essentiality, mkt.essentiality)
    hold.over = declared_per_essential(mkt, rules.strategies[hold.strategy]) * declared
    hold.liability = liability(group.validity, group.asserted)
    hold.liability *= enforceable(mkt, rules.strategies[hold.strategy])
    hold.n_comparables = 0
    hold.n_licensed = 0
    hold.signed_log, hold.signed_n = 0.0, 0.0
    hold.threats_kept = 0
    hold.threats_broken = 0


@inlined
def populate_holders(rules: Rules, state: State, seed: int, replication: int) -> None:
    """Draw the holders: families, quality, strategy; shares by value, count, declaration, contributions."""
    mkt = rules.market[0]
    worth = 0.0
    value = 0.0
    contributed = 0.0
    count = 0.0
    all_declared = 0.0
    planned = 0.0
    for h in range(mkt.n_holders):
        draw_holder(rules, state, h, seed, replication)
        hold = state.holders[h]
        planned += rules.holder_groups[hold.group].share
        worth += hold.worth
        value += hold.share
        contributed += hold.contributed_share
        count += hold.families
        all_declared += hold.families * hold.over
    rest = max(0.0, 1.0 - planned)
    if mkt.multimode == 1:
        share_by_generation(rules, state)
    for h in range(0 if mkt.multimode == 1 else mkt.n_holders):
        hold = state.holders[h]
        hold.share = hold.share / (value + rest * (1.0 - mkt.alternative))
        hold.worth = hold.worth / (worth + rest) / (1.0 - mkt.alternative)
        hold.contributed_share = hold.contributed_share / (contributed + rest)
        hold.count_share = hold.families / (count + rest)
        hold.declared_share = hold.families * hold.over / (all_declared + rest)


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
        for region in range(MAX_REGIONS):
            imp.weights[region] = group.weights[region]
        u = market_uniform(seed, replication, entity, STRATEGY_IMPLEMENTER, mkt.block)
        imp.strategy = draw_strategy(rules, group.first_mix, group.n_mix, u)
        imp.exited = 0
        imp.n_licensed = 0
        imp.n_excluded, imp.n_excluded_next = 0, 0
        imp.stack = 0.0
        imp.signed = 0.0
        imp.unsigned_share = 1.0
        imp.frand_stack = mkt.burden * simulated * imp.region
        imp.sales_value = 0.0
        imp.aged_value = 0.0
        if mkt.drifts == 1:
            imp.by_year[:] = 0.0
        imp.base_value = 0.0
        imp.triangle = 0.0
        imp.sales_loss = 0.0
        imp.exit_loss = 0.0
        imp.frand_weight = 0.0
        imp.asked, imp.asked_n = 0.0, 0.0
        imp.asked_now, imp.asked_now_n = 0.0, 0.0
        for kind in range(DEFLATORS):
            imp.to_date[kind] = 0.0
            state.sales[0, i].before[kind] = 0.0


@inlined
def populate_negotiations(rules: Rules, state: State, blank: Blank, seed: int, replication: int) -> int:
    """Draw the negotiations: true rate, beliefs, first contact.  Returns how many are open."""
    mkt = rules.market[0]
    for k in range(len(rules.parties)):
        state.negotiations[k] = blank.negotiations[0]
        state.suits[k] = blank.suits[0]
        state.licences[k] = blank.licences[0]
        state.licences[k].expires = mkt.horizon
        if mkt.lump_share > 0.0 and uniform(seed, replication, k, LUMP, 0) < mkt.lump_share:
            state.licences[k].lump = 1
        if mkt.arrives_later == 1:
            later = uniform(seed, replication, k, LATER_GENERATIONS, 0) < mkt.later_generations
            state.licences[k].covers_later = 1 if later else 0
        if mkt.most_favoured > 0.0:
            favoured = uniform(seed, replication, k, MOST_FAVOURED, 0) < mkt.most_favoured
            state.licences[k].most_favoured = 1 if favoured else 0
        negotiation = state.negotiations[k]
        first_figures(mkt, state.licences[k], seed, replication, k)
        negotiation.holder = rules.parties[k, 0]
        negotiation.implementer = rules.parties[k, 1]
        hold = state.holders[negotiation.holder]
        imp = state.implementers[negotiation.implementer]
        if mkt.territorial == 1:
            state.licences[k].region = weight_of_regions(mkt, rules.holder_groups[hold.group], imp)
        negotiation.frand = mkt.burden * hold.share * imp.region * state.licences[k].region
        patents = rules.implementer_groups[imp.group].patents
        own_sales = rules.holder_groups[hold.group].sales
        if patents > 0.0 and own_sales > 0.0 and imp.scale > 0.0:
            state.licences[k].cross = mkt.burden * patents * own_sales / imp.scale
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
        if mkt.territorial == 1:
            imp.frand_stack = imp.frand_weight
        state.active[k] = k
    return len(rules.parties)


@inlined
def populate(rules: Rules, state: State, blank: Blank, seed: int, replication: int) -> int:
    """The market of one replication: the same under every regime."""
    state.docket[0].queued = 0
    state.outlook[0].n_licences = 0
    populate_holders(rules, state, seed, replication)
    populate_implementers(rules, state, seed, replication)
    n_open = populate_negotiations(rules, state, blank, seed, replication)
    place(rules, state, seed, replication)
    return n_open


@inlined
def finish(rules: Rules, state: State, r: int, seed: int, replication: int, rows: Any, first: int) -> None:
    """Close the accounts and write the outcome rows of a replication under one regime."""
    mkt = rules.market[0]
    for k in range(len(rules.parties)):
        if state.suits[k].account > 0.0:
            true_up(matter(rules, state, k, r, seed, replication), mkt.horizon)
        return_escrow(rules.forums[r], mkt, state.suits[k], mkt.horizon)
        if state.licences[k].episode == 0:
            write_row(rules, state, k, r, replication, rows[first + k])
        else:
            rows[first + k] = state.firsts[k]
            write_whole(rules, state, k, replication, rows[first + k])


@inlined
def is_over(rules: Rules, state: State, n_open: int, t: int) -> bool:
    """Whether no negotiation is open, and none will be from month ``t`` on."""
    return bool(n_open == 0 and not renews(rules.market[0]) and not may_enter(rules, state, t))


class ChangeOfMind(NamedTuple):
    """A side's change of strategy in the midst of a case."""

    month: int  # from first contact; -1 = none
    side: int  # Party
    row: int  # of the table of strategies: the one it goes on with


class PairJobs(NamedTuple):
    """What a pair by itself is played with, job by job; whole markets have none."""

    table: Any  # (n, 3): row of the holder's strategy, of the implementer's, replication
    switch: ChangeOfMind
    money: Any  # (n, 3), USD m discounted: holder, implementer, entitlement on sales without royalties


STEADY = ChangeOfMind(-1, 0, 0)
WHOLE_MARKET = PairJobs(np.zeros((0, 3), dtype=np.int64), STEADY, np.zeros((0, 3)))


@inlined
def play(
    rules: Rules, state: State, blank: Blank, r: int, seed: int, replication: int, switch: ChangeOfMind
) -> None:
    """One replication of one regime, all months."""
    mkt = rules.market[0]
    n_active = populate(rules, state, blank, seed, replication)
    for t in range(mkt.horizon):
        if is_over(rules, state, n_active, t):
            sell_out(rules, state, r, t)
            break
        if switch.month >= 0 and t == state.negotiations[0].contact + switch.month:
            if switch.side == HOLDER:
                state.holders[0].strategy = switch.row
            else:
                state.implementers[0].strategy = switch.row
        n_active = begin(rules, state, n_active, r, t)
        n_active = run_month(rules, state, n_active, r, t, seed, replication, True)


@inlined
def book_money(rules: Rules, row: Any, money: Any) -> None:
    """What a job came to: net receipts of both sides, and the entitlement, which no strategy changes."""
    money[0] = row.paid - row.cost_holder
    money[1] = -(row.paid + row.cost_implementer + row.escrow_cost + row.margin_lost)
    money[2] = row.frand_rate * row.margin_benchmark / rules.implementer_groups[0].margin


@compiled
def play_chunk(
    rules: Rules, state: State, blank: Blank, seed: int, start: int, stop: int, jobs: PairJobs, rows: Any
) -> None:
    """Replications ``start`` to ``stop`` under every regime, rows in canonical order.

    Where there are ``jobs``, those of them instead, and what each came to: one machine code for both.
    """
    n_regimes = len(rules.forums)
    size = len(rules.parties)
    alone = len(jobs.table) > 0
    for n in range(start, stop):
        replication = n
        if alone:
            rules.mixes[0].strategy, rules.mixes[1].strategy = jobs.table[n, 0], jobs.table[n, 1]
            replication = jobs.table[n, 2]
        for r in range(n_regimes):
            play(rules, state, blank, r, seed, replication, jobs.switch)
            first = 0 if alone else ((n - start) * n_regimes + r) * size
            finish(rules, state, r, seed, replication, rows, first)
        if alone:
            book_money(rules, rows[0], jobs.money[n])


def run_chunk(rules: Rules, seed: int, replications: range) -> np.ndarray:
    """Outcome rows of a range of replications under every regime.

    Returns a structured array of dtype ``OUTCOME`` in canonical order (replication, regime,
    negotiation); the same bits whatever else runs beside it.
    """
    state, blank = new_state(rules)
    rows = np.zeros(len(replications) * len(rules.forums) * len(rules.parties), dtype=OUTCOME)
    play_chunk(lean(rules), state, blank, seed, replications.start, replications.stop, WHOLE_MARKET, rows)
    return rows


def play_jobs(rules: Rules, seed: int, table: np.ndarray, switch: ChangeOfMind = STEADY) -> np.ndarray:
    """Money of each job of a pair by itself under one law, USD m discounted to month 0.

    ``table`` (n, 3): row of the holder's strategy, of the implementer's, replication.  Returns (n, 3): the
    holder's net receipts, the implementer's, and the entitlement on sales without royalties.
    """
    own = lean(rules)._replace(mixes=rules.mixes.copy())
    state, blank = new_state(own)
    jobs = PairJobs(table, switch, np.empty((len(table), 3)))
    play_chunk(own, state, blank, seed, 0, len(table), jobs, np.zeros(1, dtype=OUTCOME))
    return jobs.money
