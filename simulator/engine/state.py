"""The engine's state: one record for each thing in a market, and the tables of them.

Money is USD m: discounted to month 0 where it is an account of the past (``paid``, ``cost_*``), of the
current month where it is a value (``w_h``, ``l_i``).  See ``records`` for how a record is written down.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from simulator.compiled import compiled, fetching, spliced
from simulator.engine.law import Forum, Protocol, Step
from simulator.engine.market import Curves, Market, Rules, Strategy
from simulator.engine.records import (
    F8,
    I1,
    I2,
    I4,
    I8,
    ByRegion,
    ByYear,
    Comparables,
    Kept,
    ToDate,
    bytes_before,
    dtype_of,
)


class Holder:
    """A SEP holder."""

    group: I8  # index
    kind: I8  # HolderKind
    strategy: I8  # index
    n_comparables: I8  # licences a court or others may come to see
    n_favoured: I8  # its licences with a most-favoured clause at the month's start
    threats_kept: I8  # threats of suit followed by one
    threats_broken: I8  # threats followed neither by a suit nor by a licence
    n_licensed: I8  # licences signed
    licensed_at_start: I8  # of them before this month
    out: I8  # 0/1: keeps its patents out of the standard
    inside: F8  # royalties it expected before it joined, of the same
    outside: F8  # z: worth of that, of what the FRAND rate as it sees it would bring
    families: F8  # families, share of the standard's
    quality: F8  # value of a family, mean 1
    share: F8  # s: share of the standard's value
    count_share: F8  # share of essential families
    declared_share: F8  # share of declared families
    contributed_share: F8  # share of approved contributions to the standard
    worth: F8  # share of the standard's value were there no alternatives, over what they leave of it
    alternative: F8  # a: share of its technology's value that the next best would give too
    over: F8  # declared per essential family
    liability: F8  # probability that a suit succeeds on liability
    signed_log: F8  # sum of ln (rate / factor of the licensee's regions) of its own licences
    signed_n: F8  # licences in it
    usual: F8  # their geometric mean at the month's start; 0 = none
    lowest: F8  # lowest rate agreed this month, at region one's factor; inf = none
    credibility: F8  # chance that its threats are kept, as seen at the month's start
    comparables: Comparables  # by licence (a ring of the latest) and ComparableColumn
    strength: ByYear  # by year: its share of the standard over that of the first year, where shares drift
    strengths: ByYear  # by year: the sum of it over the years before


class Implementer:
    """A maker of products that implement the standard.

    What every month of talks touches comes first.
    """

    group: I8  # index
    strategy: I8  # index
    exited: I8  # 0/1: left the market
    n_excluded: I8  # exclusions in force
    n_excluded_next: I8  # those of next month, as they are counted
    out: I8  # 0/1: has not taken the standard up
    n_licensed: I8  # licences signed
    estimates: F8  # sum of its estimates of the rates not yet signed, of price
    sales: F8  # USD m this month if nothing is excluded
    margin: F8  # before royalties, of price
    region: F8  # factor of its sales' regions on the rate
    abroad: F8  # share of its sales in region two
    stack: F8  # sum of running rates at the month's start, of price
    output: F8  # share of unit sales left by the stack
    asked: F8  # sum of log (standing ask / holder's share) at the month's start
    asked_n: F8  # asks in it
    asked_now: F8  # the same with this month's asks
    asked_now_n: F8  # asks in it
    unsigned_at_start: F8  # share of the standard's value not yet licensed at the month's start
    unsigned_share: F8  # the same with this month's licences
    signed: F8  # ``stack`` with this month's licences
    to_date: ToDate  # by deflator: USD m of sales before this month
    adopted: I8  # month in which it did; the horizon if never
    benchmark: I8  # 0/1: it would if all had joined and asked FRAND rates
    needed: I8  # holders whose patents are in the standard
    barrier: F8  # b: what doing without the standard costs it, of price
    expected: F8  # the stack it expected when it last looked at the standard, of price
    outside_value: F8  # USD m of unit sales while out to date, discounted
    aggregate: F8  # A at its regions, less the shares of holders that keep out, of price
    scale: F8  # USD m of sales a month before growth
    unit_sales: F8  # USD m this month at no royalties
    frand_stack: F8  # the stack if all were licensed at the true rates, of price
    base_value: F8  # USD m of unit sales to date, discounted
    sales_value: F8  # USD m of sales under the standard to date, discounted
    aged_value: F8  # USD m times months: the same, each month's times its number; only if patents expire
    triangle: F8  # USD m of output lost to the stack over that at FRAND rates, discounted
    sales_loss: F8  # USD m of margin on sales lost, discounted
    exit_loss: F8  # of it after exit
    frand_weight: F8  # sum of the true rates of its negotiations
    weights: ByRegion  # w: by region, share of its sales
    by_year: ByYear  # USD m of sales under the standard by year, discounted; only if shares drift


class Sales:
    """What an implementer had sold before a month."""

    before: ToDate  # by deflator: what ``Implementer.to_date`` was at its start


class Negotiation:
    """One negotiation: where it stands, beliefs, offers, ledger, licence.

    What every month of talks touches comes first.
    """

    holder: I4  # index
    implementer: I4  # index
    status: I1  # Status
    outcome: I1  # Outcome, once ended
    verified: I1  # 0/1: over-declaration is seen through
    holder_entitled: I1  # 0/1: the implementer's breach opens the court
    implementer_entitled: I1  # 0/1: the holder's breach does
    zopa_true: I1  # 0/1: at the true rate there has been something to sign
    zopa_held: I1  # 0/1: at the parties' beliefs there has been
    holder_did: I1  # 0/1: the holder has done its part of the step
    implementer_did: I1  # 0/1
    ask_before: I1  # 0/1: an ask before the last one
    bid_before: I1  # 0/1
    lacked: I1  # 0/1: something was withheld in the step
    extreme_h: I1  # 0/1: an opportunist holder opens with its own anchor, however far
    extreme_i: I1  # 0/1: the implementer does
    broken: I1  # 0: not; 1: talks broke down; 2, 4, 6: holder, implementer, both walked away
    stage: I1  # Stage of a settlement
    due: I2  # month from which the step's deadline runs
    entered: I2  # month in which the step was entered
    first_use: I2  # month
    contact: I2  # month of first contact
    rho_h: F8  # the holder's estimate of the FRAND rate
    rho_i: F8  # the implementer's
    counted: F8  # its estimate as counted in ``Implementer.estimates`` this month
    frand: F8  # r*: the true FRAND rate, seen by nobody
    faults: I8  # mask of Faults booked
    cured: I8  # mask of Faults cured in part
    step: I4  # protocol step that is due
    barred: I4  # mask of steps that bar an injunction
    assured: I4  # mask of steps that assure one
    missed: I4  # mask of steps missed
    done: I4  # mask of steps done
    excused: I4  # mask of steps the other side's breach excuses
    disclosures: I4  # mask of Disclosures handed over
    acts_chart: I4  # claim charts so far
    acts_comparables: I4  # disclosures of licences so far
    acts_court: I4  # rounds of evidence so far
    acts_answers: I4  # rounds of questions and answers so far
    acts_expert: I4  # opinions of a neutral expert so far
    acts_reasons: I4  # reasons given for extreme offers so far
    reasoned: I4  # mask of Parties that gave them
    fault_h: F8  # uncured weight of the holder's faults
    fault_i: F8  # of the implementer's
    w_h: F8  # W: value of suit to the holder, USD m
    l_i: F8  # L: loss from it to the implementer, USD m
    r_h: F8  # R: the holder's reservation rate
    r_i: F8  # the implementer's
    last_ask: F8  # the holder's standing offer; 0 = none
    last_bid: F8  # the implementer's
    older_ask: F8  # the one before it
    older_bid: F8  # the implementer's before its last
    frand_offer: F8  # the holder's highest offer that passed the FRAND test; 0 = none
    estimate: F8  # the court's estimate, as offers are tested against; 0 = none yet
    cost_h: F8  # USD m of transaction and litigation cost, discounted
    cost_i: F8  # the implementer's
    first_ask_month: I2  # -1 = none
    first_bid_month: I2  # -1 = none
    entitled_since: I2  # month; -1 = not
    last_step: I2  # step that was due in the last month of talks
    rounds: I2  # months in which an offer moved
    misses_i: I2  # steps the implementer missed
    acts_verify: I2  # examinations so far
    licence_month: I2  # month the licence came into force
    mu_h: F8  # mean of the holder's belief about the log rate
    v_h: F8  # variance of it
    mu_i: F8  # mean of the implementer's belief
    v_i: F8  # variance of it
    shift_h: F8  # over-declaration in the holder's estimate until verified, log
    shift_i: F8  # what of it the implementer believes, log
    rate: F8  # of the licence, as agreed or ordered
    first_ask: F8  # the holder's first offer
    first_bid: F8  # the implementer's
    paid: F8  # USD m paid to date but for the running royalty, discounted
    sales_mark: F8  # ``Implementer.sales_value`` at signing
    running: F8  # what is paid of price from then on


class Suit:
    """A negotiation's case in a forum: filing, stage, judgment, money that hangs on it."""

    wait: I4  # months a filing would wait at the docket, as the parties last decided
    filings: I4  # suits so far
    judgments: I4  # judgments so far
    suits_lost: I4  # lost on liability so far
    tolled: I4  # months of standstill agreed so far, in which limitation does not run
    still_until: I4  # month in which the last of them ends
    enjoined: I4  # 0/1: an interim injunction is in force
    second: I2  # 0/1: before another court, for money
    remanded: I2  # 0/1: its judgment was vacated and it is tried anew, or has been
    filed_month: I2  # of the suit that is open; -1 = none
    bar_until: I2  # month before which no new suit may be filed
    start_month: I2  # month its instance began
    decision_month: I2  # month of the decision to come
    judgment: I1  # Judgment
    arbitration: I1  # 0/1: before a tribunal instead
    filer: I1  # Party; -1 = nobody
    interim_on: I1  # 0/1: an interim licence runs
    appealed: I1  # 0/1: a judgment was appealed
    injunction: I1  # 0/1: one was granted
    first_filer: I1  # Party; -1 = nobody
    shut: I1  # 0/1: a missed step ended talks that had something to sign
    account: F8  # USD m paid on account, deflated to month 0 by court interest
    escrow: F8  # USD m deposited, of the month of deposit
    court_rate: F8  # rate found; 0 = none
    interim_rate: F8  # rate of the interim licence
    shared_fault: F8  # the implementer's part of interest and loss of delay
    place: F8  # in the docket: month of filing and a draw
    found_h: F8  # fault weight of the holder as found
    found_i: F8  # of the implementer
    cost_lit: F8  # USD m of both sides' litigation cost, discounted
    cost_public: F8  # USD m of public cost, discounted
    margin_lost: F8  # USD m of margin lost under exclusion, discounted
    lit_h: F8  # USD m of the holder's litigation cost not yet shifted, discounted
    lit_i: F8  # the implementer's
    months_pending: F8  # months before the court so far
    months_excluded: F8  # months of exclusion so far
    escrow_cost_i: F8  # USD m a deposit cost the implementer, discounted
    escrow_placed: F8  # USD m deposited and not yet released, discounted
    enjoined_margin: F8  # USD m of margin lost under an interim injunction, discounted
    window_end: I2  # month a judgment bites or is appealed
    excluded_since: I2  # month
    escrow_month: I2  # month of deposit
    first_filing: I2  # month; -1 = none
    vacated: I4  # judgments sent back for a new trial so far
    retried: I4  # of them tried anew so far


class Licence:
    """What outlives a negotiation: its licence's terms, how often it was renewed, how the two firms stand."""

    expires: I4  # month it ends; the horizon: not before it
    episode: I4  # licences of the pair that ended so far
    renewals: I4  # of them renewed
    lapsed_since: I4  # month its last licence ended without another; -1 = none
    under_threat: I4  # 0/1: signed while a threat of suit stood
    threats: I4  # threats of suit so far
    threats_here: I4  # of them in these talks
    threat_until: I4  # month by which the holder has said it would sue; -1 = no threat stands
    threat_last: I4  # month of the last threat; -1 = none
    uncommitted: I4  # 0/1: the holder has not committed itself to FRAND terms in time
    calculated: I4  # mask of Parties that have shown how they come to their rate
    most_favoured: I4  # 0/1: its licences have a most-favoured clause
    favoured: I4  # times its rate fell to one agreed with another
    lump: I4  # 0/1: its royalties are paid in one sum at signing
    covers_later: I4  # 0/1: its licences cover generations that arrive later
    generations: I4  # generations that the licence in force, or the last, covers
    lapsed: F8  # months without a licence after one ended
    capped: F8  # what a cap leaves of the running royalties agreed
    cap_leaves: F8  # what it would leave of royalties agreed now, as the parties last decided
    paid_part: F8  # of the running rate agreed what is paid: what a cap leaves, at its months' strength
    bond: F8  # relationship of the two firms: 1 whole, 0 broken
    sales_seen: F8  # what the holder takes the implementer's sales for, over what they are
    margin_seen: F8  # the same of its margin
    cross: F8  # what its own patents are worth, of its price; 0: none
    credit: F8  # of it what is set off under the licence in force
    credited: F8  # USD m of royalties paid in kind to date but for the running part, discounted
    region: F8  # weight of the pair's regions in its true rate; 1: they all pay as the standard's does


class Outlook:
    """What judgment hangs on besides estimates and faults, for one negotiation at one month, USD m there."""

    threat: I8  # 0/1: there is a suit to reckon with
    months: I8  # D: to a judgment that binds
    base_h: F8  # l: sales a licence is paid on, as the holder discounts
    base_i: F8  # as the implementer does
    ahead: F8  # of it sales to come, as far as the patents count in them
    paid_on: F8  # of it what a cap on royalties leaves to be paid on
    margin: F8  # g_net, of price
    ability: F8  # highest rate that can be paid
    accrued: F8  # past use with interest at judgment
    plain: F8  # past use without it
    future_h: F8  # a: sales to come at judgment, as the holder discounts
    future_i: F8  # as the implementer discounts
    gain: F8  # what exclusion costs
    gain_interim: F8  # what exclusion from an interim injunction to judgment costs
    pay: F8  # what can be paid
    patience_h: F8  # the holder's discount over D months
    patience_i: F8  # the implementer's
    later_h: F8  # the holder's discount over a second suit for money
    later_i: F8  # the implementer's
    accrual: F8  # court interest over D months, a factor
    escrow_accrual: F8  # interest on a deposit, a factor
    cost: F8  # litigation cost to come, a side
    account: F8  # paid on account
    deposit_past: F8  # past use a deposit is reckoned on
    enjoin_month: I8  # months until an interim injunction is decided on; -1 = no more
    method: F8  # what the court's method is known to make of the FRAND rate, a factor
    bias: F8  # its known bias and its rule on regions, a factor
    technology: F8  # value of the technology itself over the FRAND rate, where more is not paid for
    floor: F8  # lowest rate its policy controls leave
    ceiling: F8  # highest rate they leave
    n_kept: I8  # rates that were asked for between them since they were found
    kept: Kept  # by rate (a ring of the latest) and mean found, log sd of its error, rate expected
    misread: I8  # 0/1: the holder reckons with other sales or another margin
    owned: F8  # how sure the implementer is that the patents are the holder's
    sales: F8  # this month's sales
    leaving: F8  # C: what leaving the standard would cost
    future_now: F8  # a: sales to come today, as the implementer discounts
    payable: F8  # sales to come at judgment, as the implementer discounts, whatever is still in force
    excluded: F8  # sales that exclusion takes, discounted to judgment
    excluded_interim: F8  # sales that an interim injunction takes, discounted to today
    n_licences: I8  # licences of all licensors that anyone may come to see, where a court looks at them
    licences: Comparables  # by licence (a ring of the latest) and ComparableColumn


class Moves:
    """What the parties do this month."""

    ask: F8  # nan = no offer
    bid: F8  # the implementer's offer; nan = none
    act_h: I2  # Move
    act_i: I2  # Move of the implementer
    accept_h: I2  # 0/1: signs at the other side's standing offer
    accept_i: I2  # 0/1: the implementer's
    file_h: I2  # 0/1: goes to court if nothing is signed
    file_i: I2  # 0/1: the implementer's
    settle: I2  # 0/1: both would sign at the Nash point
    appeal_h: I1  # 0/1
    appeal_i: I1  # 0/1: the implementer appeals


class Docket:
    """The queue of the court."""

    queued: I8  # filings waiting
    wait: I8  # months that one filed this month would wait


HOLDER = dtype_of(Holder)
IMPLEMENTER = dtype_of(Implementer)
SALES = dtype_of(Sales)
NEGOTIATION = dtype_of(Negotiation)
SUIT = dtype_of(Suit)
OUTLOOK = dtype_of(Outlook)
MOVES = dtype_of(Moves)
DOCKET = dtype_of(Docket)
LICENCE = dtype_of(Licence)

fetch = fetching()
AHEAD = 6  # negotiations: nearer is not in time, three times as far is no better
# Bytes at the start of a record that a month of talks reads, and fewer that a month's start does.
OF_NEGOTIATION, OF_IMPLEMENTER = bytes_before(NEGOTIATION, "mu_h"), bytes_before(IMPLEMENTER, "adopted")
STARTS_NEGOTIATION, STARTS_IMPLEMENTER = (
    bytes_before(NEGOTIATION, "frand"),
    bytes_before(IMPLEMENTER, "sales"),
)
OF_SUIT = bytes_before(SUIT, "margin_lost")
OF_LICENCE, OF_MOVES = LICENCE.itemsize, MOVES.itemsize


class State(NamedTuple):
    """One market under one regime: modified in place by every month."""

    holders: np.ndarray
    implementers: np.ndarray
    sales: np.ndarray  # [month, implementer]: what is read of many in a month stands together
    negotiations: np.ndarray
    suits: np.ndarray  # [negotiation]
    licences: np.ndarray  # [negotiation]
    firsts: np.ndarray  # [negotiation]: outcome rows as they were when the first licence ended
    moves: np.ndarray  # [negotiation]
    docket: np.ndarray
    active: np.ndarray  # indices of open negotiations, the first ``n_active`` count
    cases: np.ndarray  # scratch: indices of negotiations before a court this month
    places: np.ndarray  # scratch: places in the queue of those that wait
    outlook: np.ndarray  # scratch: one record
    favoured: np.ndarray  # [holder, licence, 3]: its licences with a most-favoured clause (``terms``)


class Chance(NamedTuple):
    """Where a negotiation's draws are addressed."""

    seed: int
    replication: int
    negotiation: int


class Matter(NamedTuple):
    """All that one negotiation hangs on: what rules of the engine are handed."""

    protocol: Protocol
    step: Step  # the one that is due
    forum: Forum
    market: Market
    curves: Curves
    holder: Holder
    implementer: Implementer
    sales: Any  # [month], of its implementer
    holder_strategy: Strategy
    implementer_strategy: Strategy
    negotiation: Negotiation
    suit: Suit
    licence: Licence
    moves: Moves
    outlook: Outlook
    favoured: Any  # [licence, 3], of its holder
    chance: Chance


@compiled
def bring(state: State, numbers: Any, a: int, n: int) -> None:
    """Ask for the records of negotiations that come after the ``a``-th of ``n``: a cache may not hold all."""
    if a + 2 * AHEAD < n:
        fetch(state.negotiations[numbers[a + 2 * AHEAD]], OF_NEGOTIATION)
    if a + AHEAD < n:
        k = numbers[a + AHEAD]
        fetch(state.suits[k], OF_SUIT)
        fetch(state.licences[k], OF_LICENCE)
        fetch(state.moves[k], OF_MOVES)
        fetch(state.implementers[state.negotiations[k].implementer], OF_IMPLEMENTER)


@compiled
def glance(state: State, a: int, n: int) -> None:
    """The same of open negotiations for a month's start, which looks at little of each."""
    if a + 4 * AHEAD < n:
        fetch(state.negotiations[state.active[a + 4 * AHEAD]], STARTS_NEGOTIATION)
    if a + 2 * AHEAD < n:
        soon = state.negotiations[state.active[a + 2 * AHEAD]]
        fetch(state.implementers[soon.implementer], STARTS_IMPLEMENTER)


@spliced
def matter(rules: Rules, state: State, k: int, r: int, seed: int, replication: int) -> Matter:
    """Negotiation ``k`` under regime ``r``."""
    negotiation = state.negotiations[k]
    holder, implementer = state.holders[negotiation.holder], state.implementers[negotiation.implementer]
    return Matter(
        rules.protocols[r],
        rules.steps[r, negotiation.step],
        rules.forums[r],
        rules.market[0],
        rules.curves[r, holder.group, implementer.group],
        holder,
        implementer,
        state.sales[:, negotiation.implementer],
        rules.strategies[holder.strategy],
        rules.strategies[implementer.strategy],
        negotiation,
        state.suits[k],
        state.licences[k],
        state.moves[k],
        state.outlook[0],
        state.favoured[negotiation.holder],
        Chance(seed, replication, k),
    )
