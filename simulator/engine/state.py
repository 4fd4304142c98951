"""The engine's state: one structured record for each thing in the model, and the tables of them.

A record is a class whose fields carry their kind, and in a comment their unit and meaning; its dtype is
made from it (``dtype_of``), and so is the page ``docs/state.md``.  Codes are those of ``vocabulary``.  The
records are ``np.record``, so that ``pair.frand`` reads the same in compiled code and, with the compiler off,
in plain Python; to mypy they are the classes, so a field that does not exist is found before anything runs.

Money is USD m: discounted to month 0 where it is an account of the past (``paid``, ``cost_*``), of the
current month where it is a value (``w_h``, ``l_i``).  Rates are fractions of price.  ``_h`` is the holder's,
``_i`` the implementer's.  Fields come in an order that leaves no gaps: records are equal if their bytes are.
"""

from __future__ import annotations

from typing import Annotated, Any, NamedTuple, get_args, get_type_hints

import numpy as np

from simulator.vocabulary import Comparable, Fault

MAX_STEPS = 24
MAX_HORIZON = 600  # months
MAX_COMPARABLES = 64  # licences of one holder that a court looks at, the latest
N_FAULTS = len(Fault)
# Columns of a record of curves: monthly factors by months, and annuities.
HOLDER_DISCOUNT, IMPLEMENTER_DISCOUNT, GROWTH = 0, 1, 2
LICENCE_INTEREST, COURT_INTEREST, NO_INTEREST, ESCROW_INTEREST = 3, 4, 5, 6
SOCIAL, LICENCE_DEFLATOR, COURT_DEFLATOR = 7, 8, 9
WORTH_HOLDER, WORTH_IMPLEMENTER, USE = 0, 1, 2
DEFLATORS = 3  # sales to date are deflated by licence interest, by court interest, and not at all

F8 = Annotated[float, "f8"]
I8 = Annotated[int, "i8"]
I4 = Annotated[int, "i4"]
I2 = Annotated[int, "i2"]
I1 = Annotated[int, "i1"]
Weights = Annotated[Any, "f8", (N_FAULTS,)]
Months = Annotated[Any, "f8", (MAX_HORIZON + 1,)]
Instances = Annotated[Any, "f8", (2, MAX_HORIZON + 1)]
Signals = Annotated[Any, "f8", (4,)]
Logs = Annotated[Any, "f8", (10,)]
Factors = Annotated[Any, "f8", (MAX_HORIZON + 1, 10)]
Annuities = Annotated[Any, "f8", (MAX_HORIZON + 1, 5)]
Comparables = Annotated[Any, "f8", (MAX_COMPARABLES, len(Comparable))]
ToDate = Annotated[Any, "f8", (DEFLATORS,)]
ByMonth = Annotated[Any, "f8", (MAX_HORIZON + 1, DEFLATORS)]


def record(*fields: tuple[str, str] | tuple[str, str, tuple[int, ...]]) -> np.dtype:
    """A dtype whose scalars are ``np.record``, aligned as the processor likes it.

    Fields come in an order that leaves no gaps, so that records are equal if their bytes are.
    """
    return np.dtype((np.record, np.dtype(list(fields), align=True)))


def dtype_of(cls: type) -> np.dtype[Any]:
    """The dtype of a record class, in the order of its fields."""
    hints = get_type_hints(cls, include_extras=True)
    return record(*((name, *get_args(hint)[1:]) for name, hint in hints.items()))


class Regime:
    """A regime's court, and what its protocol asks before suit."""

    mode: I8  # CourtMode: how it intervenes
    binding: I8  # 0/1: faults and steps weigh in court
    standing_holder: I8  # mask of Standing
    standing_implementer: I8  # mask of Standing
    suit_from: I8  # step from which the holder may sue; -1 = from the start
    early: I8  # EarlySuit: what a suit before that step is
    liability_gate: I8  # 0/1: the suit may fail on validity or infringement
    test: I8  # InjunctionTest
    cap: I8  # InjunctionCap: what bounds a licence under exclusion
    months_excluded: I8  # months an exclusion is reckoned to last
    take_within: I8  # months an excluded implementer takes before it signs or leaves
    method: I8  # RateMethod
    keep_tainted: I8  # 0/1: licences signed under suit count as comparables
    comparables_needed: I8  # licences below which comparables give no rate
    limitation: I8  # months of past use that can be claimed
    from_notice: I8  # 0/1: past use counts from first contact, not from first use
    security_base: I8  # SecurityBase: the rate a deposit is reckoned at
    sequential: I8  # 0/1: a later duty is owed only once the earlier one is done
    apportion: I8  # 0/1: interest and loss of delay are shared by fault
    interim: I8  # 0/1: an interim licence is granted
    interim_after: I8  # months from filing to it
    interim_rate: I8  # InterimRate: the rate it is granted at
    capacity: I8  # cases taken up a month
    provisional: I8  # 0/1: a judgment binds while it is appealed
    appeal_months: I8  # months of an appeal, whole
    arbitration_wait: I8  # months of an arbitration, whole
    bar_months: I8  # months without a new suit after one is lost
    evidence_every: I8  # months between rounds of evidence
    window: I8  # months from a judgment until it bites
    appeal: I8  # 0/1: an appeal lies
    baseball: I8  # 0/1: the tribunal picks one of the last offers
    aggregate_cap: I8  # 0/1: no rate above what the aggregate burden leaves
    n_steps: I8  # steps in use
    recognised: I8  # mask of Faults it recognises
    suit_bars: I8  # mask of steps without which no suit is open to the holder
    notices: I8  # mask of the holder's steps of notice
    undertakings: I8  # mask of steps that undertake to take the court's licence
    offer_duties: I8  # mask of the holder's steps whose breach bars an injunction
    anti_hold_up: I8  # 0/1: control on the value of the technology itself
    anti_stacking: I8  # 0/1: control on the royalty stack
    forum_share: F8  # share of sales an injunction reaches
    coverage: F8  # share of sales a money order covers
    remainder: F8  # share of the rate collectable outside what is ordered
    logit_product: F8  # log odds of an injunction for a product company without faults
    logit_licensing: F8  # the same for a licensing company
    p_max: F8  # highest probability of an injunction
    slope: F8  # log odds per unit of fault weight
    redesign_cost: F8  # USD m to leave the standard in the forum
    court_error: F8  # sd of the log error of its estimate
    method_factor: F8  # exp of the method's known bias
    method_bias: F8  # the method's known bias, log
    licence_share: F8  # share of past use that a negotiated licence pays
    court_share: F8  # share of past use that an award pays
    security_share: F8  # share of past royalties that a deposit covers
    loser_pays: F8  # share of the winner's cost that the loser bears
    public_cost: F8  # USD m a month and case
    litigation_factor: F8  # cost of litigation relative to the market's
    uplift: F8  # log change of the rate per unit of fault weight
    half_range: F8  # half-width of the range an offer may lie in, relative to the estimate
    extreme: F8  # multiple of the estimate beyond which an offer is extreme
    detected_h: F8  # probability that a holder's fault is found
    detected_i: F8  # probability that an implementer's fault is found
    false_findings: F8  # probability of a fault found that was none
    cure: F8  # share of a fault's weight that late performance takes away
    d1: F8  # mean months at first instance
    d2: F8  # mean months of an appeal
    variation: F8  # coefficient of variation of both
    unpacking: F8  # sd of the log error in reading a comparable licence
    total_control: F8  # share of profit the control leaves; 0 = off
    wide_adoption: F8  # stack the control allows, of price; 0 = off
    adequate_reward: F8  # floor of the control, of price; 0 = off
    non_discrimination: F8  # multiple of comparables the control allows; 0 = off
    meeting: F8  # probability a month that the parties before it talk settlement
    reversal: F8  # probability that a judgment is given anew on appeal
    arbitration_months: F8  # mean months of an arbitration
    arbitration_cost: F8  # USD m a side
    arbitration_error: F8  # sd of the log error of the tribunal
    log_licence: F8  # monthly log interest on past use in a licence
    log_court: F8  # monthly log interest on past use in an award
    log_escrow: F8  # monthly log interest on a deposit
    weight: Weights  # by Fault: what it adds to a ledger
    remaining: Instances  # by instance and months elapsed: expected months to come


class Step:
    """One protocol step.  Fault codes are -1 for none, steps to go to -1 for stay."""

    actor: I8  # Party that has to act
    act: I8  # Act
    phase: I8  # Phase
    must: I8  # mask of Disclosures the step demands
    may: I8  # mask of Disclosures a forthcoming party adds
    deadline: I8  # months from when the step is due; -1 = none
    then: I8  # step that follows
    miss_fault: I8  # Fault of who lets the deadline pass
    miss_court: I8  # Consequence of that
    miss_go: I8  # step that then follows
    lack_fault: I8  # Fault of who performs but withholds what must be shown
    lack_court: I8  # Consequence of that
    lack_go: I8  # step that then follows
    needs_frand: I8  # 0/1: under sequential faults, due only once an offer passed the FRAND test


class Strategy:
    """A party's conduct, by the rules of ``engine/talks``."""

    side: I8  # Party
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
    demands: I8  # Demand it makes before it talks terms
    refuses_confidentiality: I8  # 0/1
    justifies: I8  # 0/1: gives reasons for an extreme offer
    window: I8  # months its offers take to their end
    sue_after: I8  # months of its own offers until it sues
    patience: I8  # months it waits after the other side's breach
    anchor: F8  # first offer, multiple of its estimate
    goodwill: F8  # premium over loss in court an implementer pays, of its estimate
    floor: F8  # least a holder takes, of its estimate
    over_declaration: F8  # declared families per essential one
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
    block: I8  # replications whose markets are drawn as one Latin hypercube; 1: each on its own
    burden: F8  # A: aggregate royalty burden, of price
    rest_share: F8  # share of the standard's value held by others
    spread: F8  # sigma: sd of beliefs about the log rate
    bias: F8  # log bias of beliefs, each side in its own favour
    suspicion: F8  # share of over-declaration an implementer sees through
    cost_chart: F8  # USD m: claim charts
    cost_verify: F8  # USD m: an examination of essentiality and validity
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
    social: F8  # social discount a year
    log_social: F8  # its monthly log factor
    breakdown: F8  # chance a month that talks break down
    breakdown_growth: F8  # its growth a month
    signal_sd: Signals  # by Signal: sd of what the first act of a kind shows


class HolderGroup:
    """Holders drawn alike."""

    kind: I8  # HolderKind
    first_mix: I8  # index of its first row in the mixes
    n_mix: I8  # rows of its mix
    share: F8  # mean share of the standard's families
    share_spread: F8  # log sd of it
    quality_spread: F8  # log sd of a family's value
    validity: F8  # probability that a patent is valid
    asserted: F8  # patents asserted in a suit
    essentiality: F8  # share of declared families that are essential
    discount: F8  # a year
    log_d: F8  # monthly log factor


class ImplementerGroup:
    """Implementers drawn alike."""

    first_mix: I8  # index of its first row in the mixes
    n_mix: I8  # rows of its mix
    sales: F8  # mean USD m a month
    sales_spread: F8  # log sd
    growth: F8  # of sales, a year
    margin: F8  # before royalties, of price
    region_factor: F8  # rate relative to that of region one
    discount: F8  # a year
    log_d: F8  # monthly log factor
    log_growth: F8  # monthly log growth


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


class Holder:
    """A SEP holder."""

    group: I8  # index
    kind: I8  # HolderKind
    strategy: I8  # index
    n_comparables: I8  # licences others may come to see
    n_licensed: I8  # licences signed
    licensed_at_start: I8  # of them before this month
    families: F8  # families, share of the standard's
    quality: F8  # value of a family, mean 1
    share: F8  # s: share of the standard's value
    count_share: F8  # share of essential families
    declared_share: F8  # share of declared families
    over: F8  # declared per essential family
    liability: F8  # probability that a suit succeeds on liability
    comparables: Comparables  # by licence (a ring of the latest) and ComparableColumn


class Implementer:
    """A maker of products that implement the standard."""

    group: I8  # index
    strategy: I8  # index
    exited: I8  # 0/1: left the market
    n_licensed: I8  # licences signed
    n_excluded: I8  # exclusions in force
    scale: F8  # USD m of sales a month before growth
    margin: F8  # before royalties, of price
    region: F8  # factor of its sales' regions on the rate
    sales: F8  # USD m this month if nothing is excluded
    stack: F8  # sum of running rates at the month's start, of price
    signed: F8  # the same with this month's licences
    unit_sales: F8  # USD m this month at no royalties
    output: F8  # share of unit sales left by the stack
    estimates: F8  # sum of its estimates of the rates not yet signed, of price
    frand_stack: F8  # the stack if all were licensed at the true rates, of price
    base_value: F8  # USD m of unit sales to date, discounted
    sales_value: F8  # USD m of sales under the standard to date, discounted
    triangle: F8  # USD m of output lost to the stack over that at FRAND rates, discounted
    sales_loss: F8  # USD m of margin on sales lost, discounted
    unsigned_share: F8  # share of the standard's value not yet licensed
    unsigned_at_start: F8  # the same at the month's start
    frand_weight: F8  # sum of the true rates of its negotiations
    to_date: ToDate  # by deflator: USD m of sales before this month


class Sales:
    """An implementer's sales by month."""

    before: ByMonth  # by month and deflator: what ``to_date`` was at the month's start


class Pair:
    """One negotiation: where it stands, beliefs, offers, ledger, suit, licence.

    What every month of talks touches comes first, in four cache lines.
    """

    holder: I4  # index
    implementer: I4  # index
    wait: I4  # months a filing would wait at today's docket
    step: I4  # protocol step that is due
    barred: I4  # mask of steps that bar an injunction
    assured: I4  # mask of steps that assure one
    missed: I4  # mask of steps missed
    done: I4  # mask of steps done
    excused: I4  # mask of steps the other side's breach excuses
    faults: I4  # mask of Faults booked
    cured: I4  # mask of Faults cured in part
    disclosures: I4  # mask of Disclosures handed over
    status: I1  # Status
    outcome: I1  # Outcome, once ended
    arbitration: I1  # 0/1: before a tribunal instead
    verdict: I1  # Verdict
    filer: I1  # Party; -1 = nobody
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
    broken: I1  # 0/1: talks have broken down
    frand: F8  # r*: the true FRAND rate, seen by nobody
    rho_h: F8  # the holder's estimate of it
    rho_i: F8  # the implementer's
    counted: F8  # its estimate as counted in ``Implementer.estimates`` this month
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
    frand_offer: F8  # the holder's latest offer that passed the FRAND test; 0 = none
    estimate: F8  # the court's estimate, as offers are tested against; 0 = none yet
    escrow: F8  # USD m deposited, of the month of deposit
    account: F8  # USD m paid on account, deflated to month 0 by court interest
    cost_h: F8  # USD m of transaction and litigation cost, discounted
    cost_i: F8  # the implementer's
    due: I2  # month from which the step's deadline runs
    entered: I2  # month in which the step was entered
    first_use: I2  # month
    contact: I2  # month of first contact
    filed_month: I2  # of the suit that is open; -1 = none
    bar_until: I2  # month before which no new suit may be filed
    first_ask_month: I2  # -1 = none
    first_bid_month: I2  # -1 = none
    entitled_since: I2  # month; -1 = not
    last_step: I2  # step that was due in the last month of talks
    rounds: I2  # months in which an offer moved
    misses_i: I2  # steps the implementer missed
    mu_h: F8  # mean of the holder's belief about the log rate
    v_h: F8  # variance of it
    mu_i: F8  # mean of the implementer's belief
    v_i: F8  # variance of it
    shift_h: F8  # over-declaration in the holder's estimate until verified, log
    shift_i: F8  # what of it the implementer believes, log
    found_h: F8  # fault weight of the holder as found
    found_i: F8  # of the implementer
    court_rate: F8  # rate found; 0 = none
    rate: F8  # of the licence, as agreed or ordered
    first_ask: F8  # the holder's first offer
    first_bid: F8  # the implementer's
    interim_rate: F8  # rate of the interim licence
    paid: F8  # USD m paid to date but for the running royalty, discounted
    sales_mark: F8  # ``Implementer.sales_value`` at signing
    place: F8  # in the docket: month of filing and a draw
    cost_lit: F8  # USD m of both sides' litigation cost, discounted
    cost_public: F8  # USD m of public cost, discounted
    margin_lost: F8  # USD m of margin lost under exclusion, discounted
    lit_h: F8  # USD m of the holder's litigation cost not yet shifted, discounted
    lit_i: F8  # the implementer's
    months_pending: F8  # months before the court so far
    months_excluded: F8  # months of exclusion so far
    escrow_cost_i: F8  # USD m a deposit cost the implementer, discounted
    shared_fault: F8  # the implementer's part of interest and loss of delay
    running: F8  # what is paid of price from then on
    filings: I4  # suits so far
    judgments: I4  # judgments so far
    suits_lost: I4  # lost on liability so far
    acts_chart: I2  # claim charts so far
    acts_verify: I2  # examinations so far
    acts_comparables: I2  # disclosures of licences so far
    acts_court: I2  # rounds of evidence so far
    start_month: I2  # month its instance began
    decision_month: I2  # month of the decision to come
    window_end: I2  # month a judgment bites or is appealed
    excluded_since: I2  # month
    escrow_month: I2  # month of deposit
    first_filing: I2  # month; -1 = none
    licence_month: I2  # month the licence came into force
    interim_on: I1  # 0/1: an interim licence runs
    stage: I1  # of a settlement: 1 before first judgment, 2 after it, 3 on appeal; else 0
    first_filer: I1  # Party; -1 = nobody
    appealed: I1  # 0/1: a judgment was appealed
    injunction: I1  # 0/1: one was granted
    shut: I1  # 0/1: a missed step ended talks that had something to sign


class Outlook:
    """What judgment hangs on besides estimates and faults, for one negotiation at one month, USD m there."""

    threat: I8  # 0/1: there is a suit to reckon with
    months: I8  # D: to a judgment that binds
    base_h: F8  # l: sales a licence is paid on, as the holder discounts
    base_i: F8  # as the implementer does
    margin: F8  # g_net, of price
    ability: F8  # highest rate that can be paid
    accrued: F8  # past use with interest at judgment
    plain: F8  # past use without it
    future_h: F8  # a: sales to come at judgment, as the holder discounts
    future_i: F8  # as the implementer discounts
    gain: F8  # what exclusion costs
    pay: F8  # what can be paid
    patience_h: F8  # the holder's discount over D months
    patience_i: F8  # the implementer's
    accrual: F8  # court interest over D months, a factor
    escrow_accrual: F8  # interest on a deposit, a factor
    cost: F8  # litigation cost to come, a side
    account: F8  # paid on account
    deposit_past: F8  # past use a deposit is reckoned on


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


REGIME = dtype_of(Regime)
STEP = dtype_of(Step)
STRATEGY = dtype_of(Strategy)
MARKET = dtype_of(Market)
HOLDER_GROUP = dtype_of(HolderGroup)
IMPLEMENTER_GROUP = dtype_of(ImplementerGroup)
CURVES = dtype_of(Curves)
MIX = dtype_of(Mix)
HOLDER = dtype_of(Holder)
IMPLEMENTER = dtype_of(Implementer)
SALES = dtype_of(Sales)
PAIR = dtype_of(Pair)
OUTLOOK = dtype_of(Outlook)
MOVE = dtype_of(Moves)
COURT = dtype_of(Docket)


class Rules(NamedTuple):
    """What a run is played under: constant arrays."""

    regimes: np.ndarray
    steps: np.ndarray
    strategies: np.ndarray
    market: np.ndarray
    holder_groups: np.ndarray
    holder_group_of: np.ndarray
    implementer_groups: np.ndarray
    implementer_group_of: np.ndarray
    mixes: np.ndarray
    curves: np.ndarray  # [regime, holder group, implementer group]


class State(NamedTuple):
    """One market under one regime: modified in place by every month."""

    holders: np.ndarray
    implementers: np.ndarray
    sales: np.ndarray  # [implementer]
    pairs: np.ndarray
    moves: np.ndarray
    court: np.ndarray
    active: np.ndarray  # indices of open negotiations, the first ``n_active`` count
    cases: np.ndarray  # scratch: indices of negotiations before a court this month
    places: np.ndarray  # scratch: their places in the queue
    outlook: np.ndarray  # scratch: one record
