"""Words of a regime that can have no effect, so that nobody takes them for a rule that was tried.

What brings a fault about: a step that can be missed or done without its contents, or conduct that the engine
sees by itself where the steps and the court give occasion for it (``OCCASIONS``).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from simulator.errors import Problem
from simulator.spec.yaml import Document, Keys
from simulator.vocabulary import (
    COUNTERPARTS,
    ENDLESS,
    ENJOINING,
    Act,
    CourtMode,
    Fault,
    Party,
    party_of_fault,
)

Steps = list[dict[str, Any]]
ACTS = tuple(act.name.lower() for act in Act)


def effect_problems(document: Document) -> Iterator[Problem]:
    """Every breach, fault and court word of a sound file that nothing can bring about.

    Only what the file itself states is refused: a fault inherited together with a step that was taken out is
    idle, but nobody wrote it into this regime.
    """
    for problem in idle_words(document):
        if problem.file == document.file:
            yield problem


def idle_words(document: Document) -> Iterator[Problem]:
    """Every word of a regime, its own or inherited, that nothing can bring about."""
    written = document.get("steps")
    steps = (
        {name: step for name, step in written.items() if isinstance(step, dict)}
        if isinstance(written, dict)
        else {}
    )
    for name, step in steps.items():
        yield from _idle_breaches(document, name, step)
    yield from _idle_suit(document)
    yield from _idle_orders(document)
    yield from _idle_licences(document)
    recognised = document.get("court", "faults", "recognised")
    for word in recognised if isinstance(recognised, dict) else ():
        fault = Fault.__members__.get(str(word).upper())
        if fault is not None and not _can_happen(document, fault, list(steps.values())):
            why = (
                OCCASIONS[fault][1] if fault in OCCASIONS else "no step names it in if_missed or if_deficient"
            )
            rule = f"name it in a step, or take it out ({word}: null where it is inherited)"
            what = f"nothing can bring about {word}: {why}"
            yield document.problem(("court", "faults", "recognised", word), what, rule)


def _idle_breaches(document: Document, name: str, step: dict[str, Any]) -> Iterator[Problem]:
    at: Keys = ("steps", name)
    if step.get("act") in {act.name.lower() for act in ENDLESS}:
        for breach in ("if_missed", "if_deficient"):
            if step.get(breach):
                rule = "leave it out: talks go on until their time is over, the way to court stays open"
                yield document.problem((*at, breach), "nobody can fail to do this step", rule)
        return
    if step.get("if_missed") and step.get("deadline") is None:
        rule = "give the step a deadline, or leave if_missed out"
        example = "deadline: {value: 2, source: assumption}"
        yield document.problem(
            (*at, "if_missed"), "a step without a deadline cannot be missed", rule, example
        )
    withheld = step.get("if_deficient")
    asked = [*(step.get("must_contain") or ()), *(step.get("must_contain_any") or ())]
    for item in (withheld.get("faults") or ()) if isinstance(withheld, dict) else ():
        if item not in asked:
            rule = f"name it in must_contain or must_contain_any, which name {', '.join(asked) or 'nothing'}"
            yield document.problem((*at, "if_deficient", "faults", item), f"{item} is not asked for", rule)
    if withheld and not asked:
        rule = "say in must_contain what may be lacking, or leave if_deficient out"
        yield document.problem(
            (*at, "if_deficient"), "no contents can be lacking", rule, "must_contain: [claim_charts]"
        )


def _idle_suit(document: Document) -> Iterator[Problem]:
    early = document.get("court", "suit", "early")
    if early not in ("fault", "barred"):
        return
    at: Keys = ("court", "suit", "early")
    if not document.get("court", "suit", "from_step"):
        rule = "name the step from which the holder may sue"
        yield document.problem(at, "no suit is early without court.suit.from_step", rule)
    recognised = document.get("court", "faults", "recognised")
    if early == "fault" and not (isinstance(recognised, dict) and "sues_without_notice" in recognised):
        rule = "an early suit is booked as sues_without_notice: give it a weight in court.faults.recognised"
        example = "sues_without_notice: {value: 1, source: assumption}"
        yield document.problem(at, "an early suit is called a fault that is not recognised", rule, example)


def _idle_orders(document: Document) -> Iterator[Problem]:
    """Words on interim orders, costs and a second suit for which the court gives no occasion."""
    faults = document.get("court", "faults", "recognised")
    recognised = faults if isinstance(faults, dict) else {}
    at: Keys = ("court", "interim_licence", "ground")
    ground = document.get(*at)
    for word in ground if isinstance(ground, tuple | list) else ():
        fault = Fault.__members__.get(str(word).upper())
        if fault is not None and party_of_fault(fault) is not Party.HOLDER:
            yield document.problem(at, f"{word} is a fault of the implementer", "name faults of the holder")
        elif fault is not None and word not in recognised:
            rule = "give it a weight in court.faults.recognised, or nobody is found in it"
            yield document.problem(
                at, f"{word} is not recognised", rule, f"{word}: {{value: 1, source: case}}"
            )
    adr = {"holder_refuses_adr", "implementer_refuses_adr"}
    if document.get("court", "costs", "refuses_adr", "value") and adr.isdisjoint(recognised):
        rule = f"recognise {' or '.join(sorted(adr))} in court.faults.recognised"
        yield document.problem(("court", "costs", "refuses_adr"), "nobody can be found to refuse ADR", rule)
    chosen, method = document.get("court", "rate", "range"), document.get("court", "rate", "method")
    if chosen not in (None, "none") and method != "hypothetical":
        rule = "leave it out, or choose method hypothetical"
        yield document.problem(("court", "rate", "range"), f"method {method} finds no range", rule)
    mode = document.get("court", "mode")
    if mode in {each.name.lower() for each in set(CourtMode) - ENJOINING}:
        for at in (("court", "scope", "money_after"), ("court", "injunction", "good_faith")):
            stated = document.get(*at)
            if stated is not None and stated != "weighed":
                rule = "leave it out, or choose mode indirect, both or adaptive"
                yield document.problem(at, f"no injunction is weighed under mode {mode}", rule)


def _idle_licences(document: Document) -> Iterator[Problem]:
    """How licences are chosen, likened and carried over, where a court looks at none, or at two ends."""
    at: Keys = ("court", "rate")
    method = document.get(*at, "method")
    looks = str(method).startswith("comparables") or method == "top_down_supported"
    if document.get(*at, "controls", "non_discrimination", "value"):
        return
    rule = "leave it out, or choose a method that goes by licences"
    for word in () if looks else ("licensors", "volume", "tainted_comparables", "withheld_comparables"):
        if document.get(*at, word) not in (None, "own", "drop", "unseen"):
            yield document.problem((*at, word), f"method {method} looks at no licences", rule)
    if document.get(*at, "likeness") and (not looks or method == "top_down_supported"):
        yield document.problem((*at, "likeness"), f"method {method} weighs no licences", rule)


def _can_happen(document: Document, fault: Fault, steps: Steps) -> bool:
    return _by_step(fault, steps) or (fault in OCCASIONS and OCCASIONS[fault][0](document, steps))


def _by_step(fault: Fault, steps: Steps) -> bool:
    return any(
        isinstance(breach := step.get(kind), dict)
        and not _booked_as(fault).isdisjoint([breach.get("fault"), *(breach.get("faults") or {}).values()])
        for step in steps
        for kind in ("if_missed", "if_deficient")
    )


def _booked_as(fault: Fault) -> frozenset[str]:
    """The words of a step under which a fault is booked: its own, or what the other side's is called."""
    return frozenset(one.name.lower() for one in (fault, COUNTERPARTS.get(fault, fault)))


def _does(steps: Steps, *acts: str, by: str | None = None) -> Steps:
    """Steps of some acts in which a side takes part."""
    sides = {by, "both", "either"} if by else {step.get("actor") for step in steps}
    return [step for step in steps if step.get("act") in acts and step.get("actor") in sides]


def _premature(document: Document, steps: Steps) -> bool:
    early = document.get("court", "suit", "early") == "fault" and document.get("court", "suit", "from_step")
    return _holder_sues(document, steps) and bool(early or _does(steps, "notify", by="holder"))


def _holder_sues(document: Document, _: Steps) -> bool:
    return document.get("court", "standing", "holder") not in (None, "none")


def _secrets(_: Document, steps: Steps) -> bool:
    asked = [
        *(step.get("must_contain") or () for step in steps),
        *(step.get("must_contain_any") or () for step in steps),
        *(step.get("may_contain") or () for step in steps),
    ]
    return any({"comparables", "pool_rates"} & set(contents) for contents in asked)


def _charts(_: Document, steps: Steps) -> bool:
    shows = ("must_contain", "must_contain_any", "may_contain")
    asked = {
        item for step in _does(steps, *ACTS, by="holder") for key in shows for item in step.get(key) or ()
    }
    return not asked.isdisjoint({"claim_charts", "conformity_evidence"})


def _settles_in_court(document: Document, steps: Steps) -> bool:
    return _holder_sues(document, steps) and _offered(document, steps)


def _foreign(document: Document, steps: Steps) -> bool:
    interim = document.get("court", "interim_licence") is not None
    return interim and _holder_sues(document, steps) and bool(_does(steps, "undertake", by="implementer"))


def _unsupported(_: Document, steps: Steps) -> bool:
    counters = _does(steps, "counter", by="implementer")
    return any("rate_calculation" in (step.get("must_contain") or ()) for step in counters)


def _offered(_: Document, steps: Steps) -> bool:
    return bool(_does(steps, "offer", "counter", "negotiate"))


def _always(_: Document, __: Steps) -> bool:
    return True


OCCASIONS: dict[Fault, tuple[Callable[[Document, Steps], bool], str]] = {
    Fault.SUES_WITHOUT_NOTICE: (_premature, "no step is a notice of the holder and no early suit is a fault"),
    Fault.BREAKS_OFF: (_always, ""),
    Fault.KEEPS_FOREIGN_SUITS: (
        _foreign,
        "it needs an interim licence, a step undertake, and a holder that may sue",
    ),
    Fault.DELAYS: (_always, ""),
    Fault.REFUSES_CONFIDENTIALITY: (
        _secrets,
        "no step names it, and none asks for comparables or pool_rates",
    ),
    Fault.NO_COUNTER_BASIS: (
        _unsupported,
        "no step names it, and no counter-offer must contain rate_calculation",
    ),
    Fault.HINDERS_ADVISERS: (_charts, "no step of the holder shows claim_charts or conformity_evidence"),
    Fault.NO_SETTLEMENT_PROPOSAL: (_settles_in_court, "the holder cannot sue, or no step is an offer"),
    Fault.NON_FRAND_OFFER: (_offered, "no step is an offer"),
    Fault.UNREASONABLE_TERMS: (_offered, "no step is an offer"),
    Fault.UNJUSTIFIED_EXTREME_ASK: (_offered, "no step is an offer"),
    Fault.UNJUSTIFIED_EXTREME_BID: (_offered, "no step is an offer"),
    Fault.DISCRIMINATES: (_offered, "no step is an offer"),
    Fault.BUNDLES: (_offered, "no step is an offer"),
    Fault.THREATENS: (_always, ""),
    Fault.COLLUDES: (_always, ""),
    Fault.DEMANDS_VALIDITY_FIRST: (_always, ""),
    Fault.DEMANDS_THIRD_PARTY_TERMS: (_always, ""),
    Fault.DEMANDS_PUBLICATION: (_always, ""),
    Fault.NON_SUBSTANTIVE_REPLIES: (_always, ""),
}
"""Faults that the engine sees by itself: when it can, and why it cannot where not."""
