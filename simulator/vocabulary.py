"""The nouns of SEP licensing as integer enumerations: one code for rules, engine and tables.

Every name here is a word of the field.  The engine stores the integer, tables and reports print
``name.lower()``, and scenario files write the same lower-case word.
"""

from __future__ import annotations

from enum import IntEnum


class Party(IntEnum):
    """Who acts."""

    HOLDER = 0
    IMPLEMENTER = 1
    EITHER = 2
    BOTH = 3
    COURT = 4


class HolderKind(IntEnum):
    """What a SEP holder lives from (the eBay factors treat them differently)."""

    PRODUCT_COMPANY = 0
    LICENSING_COMPANY = 1


class Phase(IntEnum):
    """The stage of a negotiation a protocol step belongs to."""

    INITIATION = 0
    TECHNICAL = 1
    COMMERCIAL = 2
    SECURITY = 3
    ADR = 4
    LITIGATION = 5


class Act(IntEnum):
    """What a protocol step asks its actor to do: the closed vocabulary every regime is written in."""

    NOTIFY = 0  # tell the implementer which patents it uses (or, by an implementer: ask for a licence)
    REGISTER = 1  # put the patents on a public register before asserting them
    DECLARE_WILLING = 2  # say unequivocally: I will take a FRAND licence
    DISCLOSE = 3  # hand over the documents the step lists
    VERIFY = 4  # technical talks: the implementer examines essentiality and validity
    CHECK_ESSENTIALITY = 5  # a public body samples the patents; removes over-declaration for all
    OFFER = 6  # the first written offer with its terms
    COUNTER = 7  # accept the offer or answer with a counter-offer
    NEGOTIATE = 8  # several rounds of offers until the window closes
    DEPOSIT = 9  # give security (and an account of use)
    UNDERTAKE = 10  # undertake to take the licence the court will set
    CONCILIATE = 11  # a neutral person assesses the case and brings the parties to one table
    ARBITRATE = 12  # a tribunal decides instead of the court
    GO_TO_THIRD_PARTY = 13  # talks have ended: the court is open to those with standing
    STAND_STILL = (
        14  # both sides agree not to sue until the deadline's months have passed; limitation is tolled
    )
    ANSWER = 15  # answer the other side's questions about patents and terms
    ASK_EXPERT = 16  # both put their question to a neutral expert, whose opinion binds nobody


SIDES = frozenset({Party.HOLDER, Party.IMPLEMENTER, Party.EITHER, Party.BOTH})
ACTORS: dict[Act, frozenset[Party]] = {
    Act.NOTIFY: frozenset({Party.HOLDER, Party.IMPLEMENTER, Party.EITHER}),
    Act.REGISTER: frozenset({Party.HOLDER}),
    Act.DECLARE_WILLING: frozenset({Party.IMPLEMENTER}),
    Act.DISCLOSE: SIDES,
    Act.VERIFY: frozenset({Party.IMPLEMENTER, Party.BOTH}),
    Act.CHECK_ESSENTIALITY: frozenset({Party.HOLDER, Party.BOTH}),
    Act.OFFER: frozenset({Party.HOLDER, Party.IMPLEMENTER, Party.EITHER}),
    Act.COUNTER: frozenset({Party.HOLDER, Party.IMPLEMENTER, Party.EITHER}),
    Act.NEGOTIATE: frozenset({Party.BOTH, Party.EITHER}),
    Act.DEPOSIT: frozenset({Party.IMPLEMENTER}),
    Act.UNDERTAKE: SIDES,
    Act.CONCILIATE: SIDES,
    Act.ARBITRATE: SIDES,
    Act.GO_TO_THIRD_PARTY: SIDES,
    Act.STAND_STILL: frozenset({Party.BOTH}),
    Act.ANSWER: frozenset({Party.HOLDER, Party.BOTH}),
    Act.ASK_EXPERT: frozenset({Party.BOTH}),
}
"""Who can do an act."""
LASTING = frozenset({Act.NEGOTIATE, Act.CONCILIATE, Act.STAND_STILL})
"""Acts that take as long as their deadline says, which they must have."""
ENDLESS = frozenset({Act.NEGOTIATE, Act.GO_TO_THIRD_PARTY})
"""Acts that nobody can fail to do: talks go on until their time is over, the way to court stays open."""


class Disclosure(IntEnum):
    """What a step may demand; a bit of the disclosure mask of a negotiation."""

    PATENT_LIST = 0
    CLAIM_CHARTS = 1
    CONFORMITY_EVIDENCE = 2
    FRAND_COMMITMENT = 3
    RATE_CALCULATION = 4
    COMPARABLES = 5
    POOL_RATES = 6
    PROTECTION_TERMS = 7
    TRANSFER_STATUS = 8
    SALES_DATA = 9
    CONFIDENTIALITY_AGREEMENT = 10
    ACCOUNT_OF_USE = 11
    JUSTIFICATION = 12
    AGGREGATE_ROYALTY = 13
    PRECEDENTS = 14  # published judgments and awards on rates


class Signal(IntEnum):
    """Acts that inform both parties about the FRAND rate; each has its own precision."""

    CLAIM_CHART = 0
    VERIFICATION = 1
    COMPARABLES = 2
    COURT_ROUND = 3
    REASONS = 4  # for an offer far from what is usual
    ANSWERS = 5
    EXPERT = 6


class Fault(IntEnum):
    """Conduct a court may hold against a party.

    The first six and the next six are the factors of ACT v Oppo/Vivo (Supreme People's Court 2023);
    the Japanese manual of 2018 adds what it does not share with them; the rest are conditions that
    single regimes know.  ``party_of_fault`` tells whose fault a code is.
    """

    SUES_WITHOUT_NOTICE = 0
    REJECTS_LICENCE_REQUEST = 1
    THREATENS = 2
    BREAKS_OFF = 3
    WITHHOLDS_CLAIM_CHARTS = 4
    WITHHOLDS_RATE_BASIS = 5
    NO_REPLY_TO_NOTICE = 6
    NO_REPLY_TO_OFFER = 7
    NO_COUNTER_OR_DEPOSIT = 8
    DELAYS = 9
    REFUSES_CONFIDENTIALITY = 10
    UNREASONABLE_TERMS = 11
    DEMANDS_VALIDITY_FIRST = 12
    DEMANDS_THIRD_PARTY_TERMS = 13
    DEMANDS_PUBLICATION = 14
    NON_SUBSTANTIVE_REPLIES = 15
    COLLUDES = 16
    REJECTS_WITHOUT_COUNTER = 17
    NO_COUNTER_BASIS = 18
    NON_FRAND_OFFER = 19
    UNJUSTIFIED_EXTREME_ASK = 20
    UNJUSTIFIED_EXTREME_BID = 21
    NO_SECURITY = 22
    NO_UNDERTAKING = 23
    HOLDER_REFUSES_ADR = 24
    IMPLEMENTER_REFUSES_ADR = 25
    UNREGISTERED = 26
    NO_OFFER = 27
    NO_REQUEST = 28
    KEEPS_FOREIGN_SUITS = 29
    WITHHOLDS_PATENT_INFORMATION = 30  # list of patents, their terms, their transfers
    HINDERS_ADVISERS = 31  # charts may not be shown to suppliers or advisers
    NO_SETTLEMENT_PROPOSAL = 32  # nothing to settle on in the talks before the court
    DISCRIMINATES = 33  # asks more of one licensee than others pay
    BUNDLES = 34  # licenses its essential patents only together with others


HOLDER_FAULTS = frozenset(
    {
        Fault.SUES_WITHOUT_NOTICE,
        Fault.REJECTS_LICENCE_REQUEST,
        Fault.THREATENS,
        Fault.BREAKS_OFF,
        Fault.WITHHOLDS_CLAIM_CHARTS,
        Fault.WITHHOLDS_RATE_BASIS,
        Fault.NON_FRAND_OFFER,
        Fault.UNJUSTIFIED_EXTREME_ASK,
        Fault.HOLDER_REFUSES_ADR,
        Fault.UNREGISTERED,
        Fault.NO_OFFER,
        Fault.KEEPS_FOREIGN_SUITS,
        Fault.WITHHOLDS_PATENT_INFORMATION,
        Fault.HINDERS_ADVISERS,
        Fault.DISCRIMINATES,
        Fault.BUNDLES,
    }
)


def party_of_fault(fault: Fault) -> Party:
    """Whose conduct the code describes.

    >>> party_of_fault(Fault.THREATENS).name
    'HOLDER'
    """
    return Party.HOLDER if fault in HOLDER_FAULTS else Party.IMPLEMENTER


COUNTERPARTS = {Fault.HOLDER_REFUSES_ADR: Fault.IMPLEMENTER_REFUSES_ADR}
COUNTERPARTS |= {theirs: mine for mine, theirs in COUNTERPARTS.items()}
"""The same conduct of the other side, where both sides can be called it."""


def fault_of(fault: Fault, side: Party) -> Fault | None:
    """What the breach of a step that names ``fault`` is called if ``side`` commits it; ``None``: no fault.

    >>> fault_of(Fault.HOLDER_REFUSES_ADR, Party.IMPLEMENTER).name
    'IMPLEMENTER_REFUSES_ADR'
    >>> fault_of(Fault.WITHHOLDS_CLAIM_CHARTS, Party.IMPLEMENTER) is None
    True
    """
    return fault if party_of_fault(fault) is side else COUNTERPARTS.get(fault)


class Consequence(IntEnum):
    """What the court makes of a missed or deficient step, beyond booking the fault."""

    FAULT_ONLY = 0
    INJUNCTION_BARRED = 1  # the holder cannot have an injunction until it has done the step
    INJUNCTION_ASSURED = 2  # the implementer faces the injunction at its ceiling probability
    SUIT_BARRED = 3  # no suit before the step is done
    OPENS_COURT = 4  # the other party may go to court at once


class CourtMode(IntEnum):
    """How a court intervenes."""

    NONE = 0
    DIRECT = 1  # sets the rate
    INDIRECT = 2  # grants or refuses an injunction
    BOTH = 3  # sets the rate, injunction against the party that does not take it
    ADAPTIVE = 4  # direct where it finds hold-up, indirect where it finds hold-out


ENJOINING = frozenset({CourtMode.INDIRECT, CourtMode.BOTH, CourtMode.ADAPTIVE})
"""Remedies under which an injunction can be granted; under the others its test is of no account."""


class InjunctionTest(IntEnum):
    """Which question decides about the injunction."""

    NONE = 0
    FAULT_GATE = 1
    FOUR_FACTORS = 2
    NEAR_AUTOMATIC = 3


class InjunctionCap(IntEnum):
    """What bounds the licence an injunction can extract."""

    NONE = 0
    HOLDER_OFFER = 1
    COURT_RATE = 2


class RateMethod(IntEnum):
    """How a court sets a rate."""

    TOP_DOWN_DECLARED = 0
    TOP_DOWN_ESSENTIAL = 1
    COMPARABLES = 2
    COMPARABLES_CHECKED = 3  # comparables, cross-checked by (clipped to) the top-down range
    POOL = 4  # the holder's part of a posted pool rate, and the value of belonging to the pool
    HYPOTHETICAL = 5  # contribution of the portfolio to the standard and of the standard to the product
    INCREMENTAL = 6  # value over the next best alternative, and the cost to switch to it
    COMPARABLES_CHECKED_DECLARED = 7  # comparables, clipped to the top-down range of declared families
    CONTRIBUTIONS = 8  # top-down by contributions approved for the standard
    BOTTOM_UP = 9  # the value of each family over its alternative, from a sample of families
    QUOTATION = 10  # between what the parties asked and offered, within the top-down range
    TOP_DOWN_SUPPORTED = 11  # top-down, moved into the range of comparables where they do not support it


class Standing(IntEnum):
    """What a party may file: a bit mask."""

    NONE = 0
    INFRINGEMENT = 1
    RATE_ACTION = 2
    ANY = 3


class EarlySuit(IntEnum):
    """What a suit before the step that opens the court is."""

    BARRED = 0
    FAULT = 1
    FREE = 2


class SecurityBase(IntEnum):
    """The rate at which a deposit is reckoned."""

    NONE = 0
    COUNTER = 1
    HOLDER_OFFER = 2
    COURT = 3  # the court's provisional estimate


class InterimRate(IntEnum):
    """The rate of payments that a court orders while the case runs."""

    MIDPOINT = 0
    COUNTER = 1
    HOLDER_OFFER = 2
    COURT = 3  # its own provisional estimate


class Covers(IntEnum):
    """The sales on which money is paid or deposited before judgment: bit mask of past and running."""

    PAST = 1
    RUNNING = 2
    PAST_AND_RUNNING = 3


class Precondition(IntEnum):
    """What an implementer wants before it talks about terms."""

    NOTHING = 0
    VALIDITY_FIRST = 1
    THIRD_PARTY_TERMS = 2
    PUBLICATION = 3


class Judgment(IntEnum):
    """What an instance has decided; a negotiation carries it from judgment on."""

    NONE = 0
    RATE_SET = 1
    GRANTED = 2  # an injunction
    DENIED = 3  # damages and a running rate instead
    LOST = 4  # on liability
    REFUSED = 5  # the rate was set, the implementer does not take the licence


class RateRange(IntEnum):
    """Where in the range of a hypothetical negotiation a court's rate lies."""

    NONE = 0  # it finds a rate and no range
    WITHIN = 1  # by contributions, kept within the range
    LOW = 2  # at its low end
    MIDDLE = 3  # in its middle
    HIGH = 4  # at its high end


class Comparable(IntEnum):
    """What is kept of a licence that a court or others may come to see: a column each."""

    RATE = 0
    REGION = 1  # factor of the licensee's regions on the rate
    LOG_SALES = 2  # of the licensee, USD m a month
    MONTH = 3
    TAINTED = 4  # signed under suit
    LICENSEE = 5
    LICENSOR = 6
    KIND = 7  # HolderKind of the licensor
    ESSENTIAL = 8  # licensor's share of essential families
    ASSERTED = 9  # licensor's share of declared families
    QUALITY = 10  # approved contributions per essential family, both as shares
    VALUE = 11  # licensor's share of the standard's value, which no court sees
    MARGIN = 12  # of the licensee, of price
    RETURN = 13  # 0/1: the licensee gives a licence in return
    TERM = 14  # months it runs
    FAVOURED = 15  # 0/1: it has a most-favoured clause
    LUMP = 16  # 0/1: it is paid in one sum
    SCOPE = 17  # what the generations it covers are worth, over those of month 0
    WITHHELD = 18  # 0/1: its licensor withholds it, so that a court alone may come to see its rate


class Status(IntEnum):
    """Where a negotiation stands at the start of a month."""

    DORMANT = 0  # no notice yet
    TALKS = 1
    QUEUED = 2  # filed, waiting in the docket
    COURT = 3  # before the court of first instance
    WINDOW = 4  # judgment given, last talks before it bites
    APPEAL = 5
    EXCLUDED = 6  # injunction in force, no licence yet
    LICENSED = 7
    EXITED = 8


class Stage(IntEnum):
    """Where a suit stood when it was settled."""

    NONE = 0  # not settled in court
    BEFORE_JUDGMENT = 1
    AFTER_JUDGMENT = 2
    ON_APPEAL = 3


class Outcome(IntEnum):
    """How a negotiation ended."""

    NEGOTIATED = 0
    SETTLED_IN_COURT = 1
    COURT_RATE = 2
    INJUNCTION_LICENCE = 3
    EXIT = 4
    UNLICENSED = 5
    ARBITRAL_AWARD = 6
    NOT_ADOPTED = 7  # the implementer did not take the standard up
    NOT_JOINED = 8  # the holder kept its patents out of the standard


class Cause(IntEnum):
    """Why no agreement of the parties' own was reached."""

    NONE = 0
    STRUCTURAL = 1
    BELIEF = 2
    STRATEGIC = 3
    PROCEDURAL = 4


class Tactic(IntEnum):
    """How a strategy concedes."""

    TIME = 0
    RECIPROCAL = 1
    OPPORTUNIST = 2
    RATIONAL = 3


class Move(IntEnum):
    """What a party does with the protocol step that is due."""

    WAIT = 0
    PERFORM = 1
    PERFORM_WITHHOLDING = 2  # does the step but keeps back what its conduct conceals


class LegalStatus(IntEnum):
    """Whether the text is law."""

    IN_FORCE = 0
    NON_BINDING = 1
    DRAFT = 2
    PROPOSED = 3
    WITHDRAWN = 4
    SUPERSEDED = 5
    CONTROL = 6  # not a legal text: a yardstick of this project
