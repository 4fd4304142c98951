"""The words of a regime file as a lawyer would say them: acts, documents, consequences, powers."""

from __future__ import annotations

from collections.abc import Iterable
from enum import IntEnum

from simulator.vocabulary import (
    Act,
    Consequence,
    CourtMode,
    Disclosure,
    InjunctionCap,
    InjunctionTest,
    Party,
    RateMethod,
    Standing,
)

WHO = {
    Party.HOLDER: "the holder",
    Party.IMPLEMENTER: "the implementer",
    Party.EITHER: "either party",
    Party.BOTH: "each party",
    Party.COURT: "the court",
}
ACTS: dict[Act, tuple[str, str]] = {
    Act.NOTIFY: ("Notice", "must open the talks by notice"),
    Act.REGISTER: ("Registration", "must enter the patents in the public register"),
    Act.DECLARE_WILLING: ("Willingness", "must declare that it will take a FRAND licence"),
    Act.DISCLOSE: ("Disclosure", "must hand over documents"),
    Act.VERIFY: ("Technical talks", "must examine essentiality and validity"),
    Act.CHECK_ESSENTIALITY: (
        "Essentiality check",
        "must have a sample of the patents checked by a public body",
    ),
    Act.OFFER: ("Offer", "must make a written offer"),
    Act.COUNTER: ("Counter-offer", "must accept or answer with a counter-offer"),
    Act.NEGOTIATE: ("Rounds of offers", "negotiates over further offers"),
    Act.DEPOSIT: ("Security", "must give security"),
    Act.UNDERTAKE: ("Undertaking", "must undertake to be bound by the decision"),
    Act.CONCILIATE: ("Conciliation", "must go through conciliation"),
    Act.ARBITRATE: ("Arbitration", "must submit to arbitration"),
    Act.ANSWER: ("Questions and answers", "must answer the other side's questions"),
    Act.ASK_EXPERT: ("Expert determination", "must put the question to a neutral expert"),
    Act.STAND_STILL: ("Standstill", "must agree not to sue for a while, in which limitation is tolled"),
    Act.GO_TO_THIRD_PARTY: ("Recourse to court", "may go to court or another third party"),
}
"""The heading of an act, and what its actor must do."""
DOCUMENTS = {
    Disclosure.PATENT_LIST: "the list of patents",
    Disclosure.CLAIM_CHARTS: "claim charts",
    Disclosure.CONFORMITY_EVIDENCE: "evidence that the product implements the standard",
    Disclosure.FRAND_COMMITMENT: "proof of the FRAND commitment",
    Disclosure.RATE_CALCULATION: "how the rate is calculated",
    Disclosure.COMPARABLES: "comparable licences",
    Disclosure.POOL_RATES: "pool rates",
    Disclosure.PROTECTION_TERMS: "the patents' terms of protection",
    Disclosure.TRANSFER_STATUS: "transfers of the patents",
    Disclosure.SALES_DATA: "sales data",
    Disclosure.CONFIDENTIALITY_AGREEMENT: "a confidentiality agreement",
    Disclosure.ACCOUNT_OF_USE: "an account of use",
    Disclosure.JUSTIFICATION: "reasons for its terms",
    Disclosure.AGGREGATE_ROYALTY: "the aggregate royalty",
    Disclosure.PRECEDENTS: "published judgments and awards on rates",
}
CONSEQUENCES = {
    Consequence.FAULT_ONLY: "",
    Consequence.INJUNCTION_BARRED: "the holder has no injunction until it is done",
    Consequence.INJUNCTION_ASSURED: "the implementer faces an injunction at its highest probability",
    Consequence.SUIT_BARRED: "no suit lies until it is done",
    Consequence.OPENS_COURT: "the other party may go to court at once",
}
COURT: dict[str, tuple[str, dict[object, str]]] = {
    "mode": (
        "Remedy",
        {
            CourtMode.NONE: "no court intervenes",
            CourtMode.DIRECT: "the court sets the rate",
            CourtMode.INDIRECT: "the court grants or refuses an injunction and sets no rate",
            CourtMode.BOTH: "the court sets the rate and enjoins the party that does not take it",
            CourtMode.ADAPTIVE: "the court sets the rate against hold-up and enjoins against hold-out",
        },
    ),
    "binding": (
        "Force of the steps in court",
        {True: "a breach has effect in court", False: "a breach is recorded and has no effect in court"},
    ),
    "standing.holder": ("What the holder may file", {}),
    "standing.implementer": ("What the implementer may file", {}),
    "suit.from_step": ("When the holder may sue", {}),
    "suit.early": (
        "Suit before its time",
        {
            "barred": "an early suit is inadmissible",
            "fault": "an early suit is a fault of the holder",
            "free": "an early suit carries no sanction",
        },
    ),
    "liability_gate": (
        "Infringement and validity",
        {
            True: "the holder must first prove a valid patent infringed",
            False: "terms are decided without a finding of infringement",
        },
    ),
    "injunction.test": (
        "Injunction",
        {
            InjunctionTest.NONE: "none issues",
            InjunctionTest.FAULT_GATE: "it issues according to the parties' conduct in the talks",
            InjunctionTest.FOUR_FACTORS: "it issues on the four equitable factors",
            InjunctionTest.NEAR_AUTOMATIC: "it issues almost as of course once infringement is found",
        },
    ),
    "injunction.good_faith": (
        "The holder's good faith",
        {
            "weighed": "is weighed as the test says",
            "required": "is a condition: no injunction as far as the holder is found in fault",
        },
    ),
    "injunction.cap": (
        "What an injunction can extract",
        {
            InjunctionCap.NONE: "there is no ceiling",
            InjunctionCap.HOLDER_OFFER: "at most the holder's own offer",
            InjunctionCap.COURT_RATE: "at most the rate the court finds",
        },
    ),
    "rate.method": (
        "How the court finds the rate",
        {
            RateMethod.TOP_DOWN_DECLARED: "top-down, by declared patents",
            RateMethod.TOP_DOWN_ESSENTIAL: "top-down, by patents found essential",
            RateMethod.COMPARABLES: "by comparable licences",
            RateMethod.COMPARABLES_CHECKED: "by comparable licences, cross-checked top-down",
            RateMethod.POOL: "by pool rates",
            RateMethod.HYPOTHETICAL: "by a hypothetical negotiation",
            RateMethod.INCREMENTAL: "by the incremental value over the alternative",
            RateMethod.COMPARABLES_CHECKED_DECLARED: "by comparable licences, held to declared shares",
            RateMethod.CONTRIBUTIONS: "from the top down, by contributions approved for the standard",
            RateMethod.BOTTOM_UP: "from the bottom up, family by family over its alternative",
            RateMethod.QUOTATION: "between what the parties ask and offer, within the top-down range",
            RateMethod.TOP_DOWN_SUPPORTED: "from the top down, as far as comparable licences support it",
        },
    ),
    "rate.range": (
        "Range of a hypothetical negotiation",
        {
            "none": "the court finds a rate and no range",
            "within": "the rate by contributions is kept within it, and offers within it are FRAND",
            "low": "the rate is its low end, and offers within it are FRAND",
            "middle": "the rate is its middle, and offers within it are FRAND",
            "high": "the rate is its high end, and offers within it are FRAND",
        },
    ),
    "rate.tainted_comparables": (
        "Licences signed under threat of suit",
        {"drop": "they are no comparables", "keep": "they count as comparables"},
    ),
    "rate.withheld_comparables": (
        "Licences that the holder withholds",
        {"unseen": "the court does not see them", "seen": "they are before the court all the same"},
    ),
    "rate.licensors": (
        "Whose licences are comparables",
        {"own": "the holder's own", "all": "those of every licensor of the standard, by families counted"},
    ),
    "rate.controls.anti_hold_up": (
        "Value that comes from standardisation",
        {
            True: "none of it is paid for: the rate stays within the technology's",
            False: "no separate control",
        },
    ),
    "rate.controls.anti_stacking": (
        "Royalty stacking",
        {
            True: "the rate stays within its part of what other licences leave of the aggregate",
            False: "no separate control",
        },
    ),
    "past_use.from_notice": (
        "Past use",
        {True: "paid from notice", False: "paid from first use, within limitation"},
    ),
    "security.base": (
        "Base of the security",
        {
            "none": "none is owed",
            "counter": "the implementer's counter-offer",
            "holder_offer": "the holder's offer",
            "court": "the court's provisional estimate",
        },
    ),
    "security.covers": (
        "Sales that the security covers",
        {
            "past": "those up to its deposit",
            "past_and_running": "those up to its deposit and every later month's",
        },
    ),
    "faults.order": (
        "How conduct is judged",
        {
            "sequential": "step by step: a step is owed only after the other side's step was good",
            "holistic": "as a whole: the conduct of both sides is weighed",
        },
    ),
    "faults.benchmark": (
        "What makes an ask extreme",
        {
            "court": "the court's estimate of the FRAND rate",
            "competitors": "what other holders ask of the same implementer, by share of the standard",
        },
    ),
    "faults.apportion_loss": (
        "Loss from delay",
        {True: "shared in proportion to fault", False: "lies where it falls"},
    ),
    "faults.netting": (
        "Faults of both sides",
        {
            "netted": "are set off against each other where an injunction is weighed",
            "separate": "stand apart: the holder's breach is not made good by the implementer's faults",
        },
    ),
    "provisional_enforcement": (
        "Enforcement pending appeal",
        {True: "the first judgment is enforceable", False: "the first judgment waits for the appeal"},
    ),
    "appeal.available": ("Appeal", {True: "it lies", False: "none lies"}),
    "aggregate_cap": (
        "Aggregate royalty",
        {
            True: "no licence may exceed what the aggregate burden leaves",
            False: "the sum of licences is not limited",
        },
    ),
}
"""The heading of each rule of the court that is not a number, and what its words mean."""
FILINGS = {
    Standing.NONE: "nothing",
    Standing.INFRINGEMENT: "an infringement action",
    Standing.RATE_ACTION: "an action for a rate",
    Standing.ANY: "an infringement action or an action for a rate",
}
INTERIM = {
    "midpoint": "midway between the offers as far as they are FRAND",
    "counter": "at the implementer's counter-offer",
    "holder_offer": "at the holder's offer",
    "court": "at the court's provisional estimate",
}
COVERED = {
    "past": "past use",
    "running": "running sales",
    "past_and_running": "past use and running sales",
}
PAID_TO = {"holder": "paid to the holder on account", "court": "paid into court"}
FOREVER = 10_000
"""Months that mean: without limit."""


def words(member: IntEnum) -> str:
    """An enumeration's name as words.

    >>> words(Act.GO_TO_THIRD_PARTY)
    'go to third party'
    """
    return member.name.lower().replace("_", " ").replace("frand", "FRAND").replace("adr", "ADR")


def listing(items: Iterable[str]) -> str:
    """Items as English lists them.

    >>> listing(["claim charts", "pool rates", "sales data"])
    'claim charts, pool rates and sales data'
    """
    *first, last = list(items) or ["nothing in particular"]
    return f"{', '.join(first)} and {last}" if first else last


def months(value: float) -> str:
    """A span of time.

    >>> months(1), months(24), months(10_000)
    ('1 month', '24 months', 'without limit')
    """
    return "without limit" if value >= FOREVER else f"{value:g} month{'' if value == 1 else 's'}"


def amount(value: float, unit: str) -> str:
    """A number of the registry in its unit.

    >>> amount(0.04, "per year"), amount(0.2, "share of sales"), amount(3, "USD m"), amount(0.2, "log sd")
    ('4 % a year', '20 % of sales', '3 USD m', '0.2 (log sd)')
    """
    if unit == "months":
        return months(value)
    if unit == "per year":
        return f"{100 * value:g} % a year"
    if unit in ("share", "fraction", "probability"):
        return f"{100 * value:g} %"
    if unit.startswith(("share of", "fraction of")):
        return f"{100 * value:g} % {unit.split(maxsplit=1)[1]}"
    if unit.startswith("USD"):
        return f"{value:g} {unit.replace(' / ', ' a ')}"
    return f"{value:g}" if unit in ("-", "count") else f"{value:g} ({unit})"
