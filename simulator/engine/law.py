"""The records of the law: a protocol of steps, and the forum that judges."""

from __future__ import annotations

from simulator.engine.records import F8, I8, Instances, Items, Weights, dtype_of

NO_CONTROL = 1.0e6  # what the registry calls a bound on rates that is off


class Protocol:
    """What the law asks of the parties before suit, besides its steps."""

    suit_from: I8  # step from which the holder may sue; -1 = from the start
    early: I8  # EarlySuit: what a suit before that step is
    n_steps: I8  # steps in use
    suit_bars: I8  # mask of steps without which no suit is open to the holder
    notices: I8  # mask of the holder's steps of notice
    undertakings: I8  # mask of steps that undertake to take the court's licence
    offer_duties: I8  # mask of the holder's steps whose breach bars an injunction


class Step:
    """One protocol step.  Fault codes are -1 for none, steps to go to -1 for stay."""

    actor: I8  # Party that has to act
    act: I8  # Act
    phase: I8  # Phase
    must: I8  # mask of Disclosures the step demands
    may: I8  # mask of Disclosures a forthcoming party adds
    deadline: I8  # months from when the step is due; -1 = none
    then: I8  # step that follows
    miss_fault_h: I8  # Fault if the holder lets the deadline pass
    miss_fault_i: I8  # if the implementer does
    miss_court: I8  # Consequence of that
    miss_go: I8  # step that then follows
    lack_fault_h: I8  # Fault if the holder performs but withholds what must be shown
    lack_fault_i: I8  # if the implementer does
    lack_court: I8  # Consequence of that
    lack_go: I8  # step that then follows
    one_of: I8  # mask of Disclosures of which the step demands one
    items: Items  # by Disclosure: Fault if it is withheld
    needs_frand: I8  # 0/1: under sequential faults, due only once an offer passed the FRAND test


class Forum:
    """The court, or whoever else decides: what it can do, how it finds, what it costs, how long it takes."""

    remedy: I8  # CourtMode: what judgment can be; what follows from it is in ``engine/remedies``
    binding: I8  # 0/1: faults and steps weigh in court
    standing_holder: I8  # mask of Standing
    standing_implementer: I8  # mask of Standing
    liability_gate: I8  # 0/1: the suit may fail on validity or infringement
    test: I8  # InjunctionTest
    cap: I8  # InjunctionCap: what bounds a licence under exclusion
    months_excluded: I8  # months an exclusion is reckoned to last
    take_within: I8  # months an excluded implementer takes before it signs or leaves
    method: I8  # RateMethod
    range: I8  # RateRange: where in the range of a hypothetical negotiation its rate lies
    keep_tainted: I8  # 0/1: licences signed under suit count as comparables
    sees_withheld: I8  # 0/1: licences that the holder withholds are before the court all the same
    comparables_needed: I8  # licences below which comparables give no rate
    all_licensors: I8  # 0/1: licences of every licensor of the standard count, not the holder's alone
    likens: I8  # 0/1: likeness goes beyond size, territory and date
    carries: I8  # 0/1: comparables are carried over by families or by volume
    limitation: I8  # months of past use that can be claimed
    from_notice: I8  # 0/1: past use counts from first contact, not from first use
    security_base: I8  # SecurityBase: the rate a deposit is reckoned at
    sequential: I8  # 0/1: a later duty is owed only once the earlier one is done
    separate: I8  # 0/1: the holder's breach is not made good by the implementer's faults
    competitors: I8  # 0/1: an ask is extreme by what the holder's competitors ask
    good_faith: I8  # 0/1: no injunction for a holder found in fault
    apportion: I8  # 0/1: interest and loss of delay are shared by fault
    interim: I8  # 0/1: an interim licence is granted
    interim_after: I8  # months from filing to it
    interim_rate: I8  # InterimRate: the rate it is granted at
    interim_covers: I8  # Covers: the sales it is paid on
    interim_deposit: I8  # 0/1: it is paid into court
    interim_ground: I8  # mask of the holder's Faults of which one must be booked; 0 = no ground needed
    deposit_running: I8  # 0/1: a deposit grows with the sales of later months
    enjoin_after: I8  # months from filing to the decision on an interim injunction
    enjoin_compensated: I8  # 0/1: the holder makes good what an interim injunction cost if it fails
    money_after: I8  # months of a second suit for money where an injunction is refused; 0 = none needed
    region: I8  # region the court sits in, whose sales an injunction reaches; -1: forum_share does
    capacity: I8  # cases taken up a month
    provisional: I8  # 0/1: a judgment binds while it is appealed
    appeal_months: I8  # months of an appeal, whole
    remand_months: I8  # months of a new trial after a judgment was vacated
    arbitration_wait: I8  # months of an arbitration, whole
    bar_months: I8  # months without a new suit after one is lost
    evidence_every: I8  # months between rounds of evidence
    window: I8  # months from a judgment until it bites
    appeal: I8  # 0/1: an appeal lies
    baseball: I8  # 0/1: the tribunal picks one of the last offers
    aggregate_cap: I8  # 0/1: no rate above what the aggregate burden leaves
    recognised: I8  # mask of Faults it recognises
    plain: I8  # 0/1: in this market its method finds the FRAND rate on average, and no control bounds it
    controlled: I8  # 0/1: some policy control bounds the rate
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
    examined: F8  # families that a bottom-up valuation examines
    increment: F8  # share of a technology's value over the next best that goes to the holder
    regional: F8  # its factor on the rate in region two (all but the first); -1: the market's
    licence_share: F8  # share of past use that a negotiated licence pays
    court_share: F8  # share of past use that an award pays
    security_share: F8  # share of past royalties that a deposit covers
    loser_pays: F8  # share of the winner's cost that the loser bears
    refuses_adr: F8  # share of the other side's cost that the one side bears which refused ADR
    enjoin_chance: F8  # chance of an interim injunction; 0 = there is none
    public_cost: F8  # USD m a month and case
    litigation_factor: F8  # cost of litigation relative to the market's
    uplift: F8  # log change of the rate per unit of fault weight
    damages: F8  # USD m the holder pays for a unit of its fault found
    half_range: F8  # half-width of the range an offer may lie in, relative to the estimate
    extreme: F8  # multiple of the estimate beyond which an offer is extreme
    competitors_needed: F8  # asks of competitors below which the court's estimate is the measure
    detected_h: F8  # probability that a holder's fault is found
    detected_i: F8  # probability that an implementer's fault is found
    false_findings: F8  # probability of a fault found that was none
    cure: F8  # share of a fault's weight that late performance takes away
    d1: F8  # mean months at first instance
    d2: F8  # mean months of an appeal
    variation: F8  # coefficient of variation of both
    volume: F8  # elasticity by which a comparable falls in the licensee's volume
    like_size: F8  # exponent of likeness in the licensee's volume
    like_parties: F8  # in the parties and their relation
    like_patents: F8  # in the number and quality of the patents
    like_terms: F8  # in months and most-favoured clause
    like_payment: F8  # in how royalties are paid
    like_scope: F8  # in the generations that the licence covers
    unpacking: F8  # sd of the log error in reading a comparable licence
    total_control: F8  # share of profit the control leaves; 1e6 = off
    wide_adoption: F8  # stack the control allows, of price; 1e6 = off
    adequate_reward: F8  # floor of the control, of the counted value; 0 = off
    non_discrimination: F8  # multiple of comparables the control allows; 0 = off
    meeting: F8  # probability a month that the parties before it talk settlement
    reversal: F8  # probability that a judgment does not stand on appeal
    vacated: F8  # share of these that are tried anew, and not given anew by the second instance
    retrial_error: F8  # sd of the log error of a new trial
    arbitration_months: F8  # mean months of an arbitration
    arbitration_cost: F8  # USD m a side
    arbitration_error: F8  # sd of the log error of the tribunal
    log_licence: F8  # monthly log interest on past use in a licence
    log_court: F8  # monthly log interest on past use in an award
    log_escrow: F8  # monthly log interest on a deposit
    weight: Weights  # by Fault: what it adds to a ledger
    remaining: Instances  # by instance and months elapsed: expected months to come


PROTOCOL = dtype_of(Protocol)
STEP = dtype_of(Step)
FORUM = dtype_of(Forum)
