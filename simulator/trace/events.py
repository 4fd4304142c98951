"""What happened in a month of a negotiation, in plain words, read off the records the engine keeps.

Nothing is recorded for the sake of a timeline.  What happened in a month is the difference between the
pair as it decided and the pair as it was left, with the moves it made; the words are those of the
regime's own steps and of :mod:`simulator.spec.phrases`.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from typing import Any

from simulator.engine.prospect import DENIED, GRANTED, LOST, NO_JUDGMENT, RATE_SET, REFUSED
from simulator.engine.suits import WALKED
from simulator.spec.phrases import CONSEQUENCES, COVERED, DOCUMENTS, PAID_TO, listing, months
from simulator.spec.regime import Breach
from simulator.trace.scene import Event, Scene
from simulator.vocabulary import (
    Act,
    Consequence,
    CourtMode,
    Disclosure,
    Fault,
    Move,
    Outcome,
    Party,
    Stage,
    Status,
    Tactic,
    party_of_fault,
)
from simulator.writing.numbers import spoken

HOLDER, IMPLEMENTER, BOTH, COURT = "holder", "implementer", "both", "court"
IN_COURT = (Status.QUEUED, Status.COURT, Status.WINDOW, Status.APPEAL, Status.EXCLUDED)
REASONS = {
    Fault.SUES_WITHOUT_NOTICE: "it sues before its time",
    Fault.THREATENS: "it repeats threats of suits and injunctions",
    Fault.BREAKS_OFF: "it sues over an offer in the range the court would find FRAND, or walks away",
    Fault.DELAYS: "a second step is missed, or it walks away",
    Fault.REFUSES_CONFIDENTIALITY: "it signs no confidentiality agreement",
    Fault.UNREASONABLE_TERMS: "its offer is far below what the court would find FRAND",
    Fault.DEMANDS_VALIDITY_FIRST: "it wants validity and essentiality settled before it talks",
    Fault.DEMANDS_THIRD_PARTY_TERMS: "it wants the terms of its peers first",
    Fault.DEMANDS_PUBLICATION: "it wants confidential terms published",
    Fault.NON_SUBSTANTIVE_REPLIES: "it answers repeatedly without substance",
    Fault.COLLUDES: "it waits for its peers",
    Fault.NO_COUNTER_BASIS: "its counter-offer shows no calculation",
    Fault.NON_FRAND_OFFER: "its offer is above the range the court would find FRAND",
    Fault.UNJUSTIFIED_EXTREME_ASK: "its offer is far above what the court would find FRAND, without reasons",
    Fault.UNJUSTIFIED_EXTREME_BID: "its offer is far below what the court would find FRAND, without reasons",
    Fault.KEEPS_FOREIGN_SUITS: "it keeps suing abroad",
    Fault.HINDERS_ADVISERS: "its charts may not be shown to those who can read them",
    Fault.BUNDLES: "it licenses what is essential only together with patents that are not",
    Fault.DISCRIMINATES: "it asks more than others have agreed to pay",
    Fault.NO_SETTLEMENT_PROPOSAL: "before the court it proposes nothing that could be settled on",
}
"""Why conduct that no single step asks about is called a fault."""
ADR = frozenset({Fault.HOLDER_REFUSES_ADR, Fault.IMPLEMENTER_REFUSES_ADR})
JUDGMENTS = {
    RATE_SET: "sets the rate",
    REFUSED: "sets the rate",
    GRANTED: "grants the injunction",
    DENIED: "refuses the injunction",
}
STAGES = {
    Stage.BEFORE_JUDGMENT: "before the first judgment",
    Stage.AFTER_JUDGMENT: "after the first judgment",
    Stage.ON_APPEAL: "on appeal",
}


def tell(scene: Scene) -> Iterator[Event]:
    """What happened in a month, in the order in which it is booked."""
    for rule in RULES:
        yield from rule(scene)


def _licence_ends(scene: Scene) -> Iterator[Event]:
    """A licence's term is over: the pair talks again."""
    if scene.before.lapsed_since == scene.month:
        text = f"licence number {scene.before.episode} ends: use goes on, they talk about another"
        yield Event(scene.month, "end of licence", BOTH, text)


def _participation(scene: Scene) -> Iterator[Event]:
    """Whether the holder commits its patents to the standard, and the implementer takes it up."""
    sight, out = scene.sight, scene.after.outcome == Outcome.NOT_JOINED
    if math.isfinite(sight.outside):
        does = "keeps its patents out of" if out else "commits its patents to"
        inside, outside = (f"{100 * share:.0f} %" for share in (sight.inside, sight.outside))
        text = f"{does} the standard: inside it expects {inside} of FRAND royalties, outside {outside}"
        yield Event(scene.month, "participation", HOLDER, text)
    if math.isfinite(sight.barrier) and not out:
        does = "does without" if scene.after.outcome == Outcome.NOT_ADOPTED else "takes up"
        owed, without = (f"{100 * rate:.4g} %" for rate in (sight.stack, sight.barrier))
        text = f"{does} the standard: it expects to owe {owed} of price, doing without costs {without}"
        yield Event(scene.month, "participation", IMPLEMENTER, text)


def _contact(scene: Scene) -> Iterator[Event]:
    if scene.before.episode > 0:
        return
    if scene.month == scene.before.contact and scene.before.status == Status.TALKS:
        late = f", {months(scene.month)} after first use" if scene.month else ""
        yield Event(scene.month, "contact", BOTH, f"first contact{late}")


def _steps_done(scene: Scene) -> Iterator[Event]:
    """A party's part of the step that is due, what it discloses and what it keeps back."""
    step, place = scene.step, int(scene.before.step)
    for who, act, strategy in (
        (HOLDER, scene.move.act_h, scene.holder),
        (IMPLEMENTER, scene.move.act_i, scene.implementer),
    ):
        if not scene.talking or act == Move.WAIT:
            continue
        kept = set(strategy.conduct.withholds) if act == Move.PERFORM_WITHHOLDING else set()
        added = set(step.may_contain) - set(strategy.conduct.withholds)
        given = [one for one in step.must_contain if one not in kept]
        given += sorted(added) if strategy.conduct.forthcoming else []
        lacking = [one for one in step.must_contain if one in kept]
        if step.must_contain_any:
            shown = [one for one in sorted(step.must_contain_any) if one not in kept]
            given, lacking = given + shown[:1], lacking + ([] if shown else sorted(step.must_contain_any))
        text = step.title
        if closed := [one for one in given if not int(scene.after.disclosures) >> one & 1]:
            given = [one for one in given if one not in closed]
            text += f"; does not show {_documents(closed)} without a confidentiality agreement"
        if given:
            text += f"; hands over {_documents(given)}"
        if lacking:
            text += f"; keeps back {_documents(lacking)}{_breach(scene, who, step.if_deficient)}"
        if step.act is Act.DEPOSIT:
            text += f"; {_deposit(scene)}"
        if int(scene.before.missed) >> place & 1:
            text += "; late"
        kind = "step withheld" if lacking else "step done"
        yield Event(scene.month, kind, who, text, scene.due, step.source)


def _deposit(scene: Scene) -> str:
    if scene.after.escrow > scene.before.escrow:
        return f"pays USD {scene.after.escrow:.2f} m into escrow"
    return "pays nothing, there is no offer to reckon it on"


def _documents(some: list[Disclosure]) -> str:
    return listing(DOCUMENTS[one] for one in some)


def _breach(scene: Scene, who: str, breach: Breach | None, goes: bool = False) -> str:
    """What a breach just committed is called and leads to: only what was booked."""
    if breach is None:
        return ""
    told = [f"called '{spoken(fault.name)}'" for fault in _called(scene, breach) if _party(fault) == who]
    if who == IMPLEMENTER and breach.consequence is Consequence.SUIT_BARRED:
        told.append("the holder may sue without it")
    elif breach.consequence is not Consequence.FAULT_ONLY:
        told.append(CONSEQUENCES[breach.consequence])
    if goes and breach.go != "stay":
        told.append(f"the talks go on with '{scene.title(int(scene.after.step))}'")
    return f": {listing(told)}" if told else ""


def _called(scene: Scene, breach: Breach | None) -> set[Fault]:
    """The faults booked this month for a breach; refusing ADR is called by the name of who refuses."""
    codes = set() if breach is None or breach.fault is None else {breach.fault}
    if codes & ADR:
        codes = set(ADR)
    return codes & {Fault(code) for code in scene.turned("faults")}


def _missed(scene: Scene) -> Iterator[Event]:
    did_h = scene.before.holder_did or scene.move.act_h != Move.WAIT
    did_i = scene.before.implementer_did or scene.move.act_i != Move.WAIT
    for place in scene.turned("missed"):
        name = scene.law.order()[place]
        step = scene.law.steps[name]
        for who, party, did in ((HOLDER, Party.HOLDER, did_h), (IMPLEMENTER, Party.IMPLEMENTER, did_i)):
            if step.actor in (party, Party.BOTH) and not did:
                text = f"misses: {step.title}{_breach(scene, who, step.if_missed, goes=True)}"
                yield Event(scene.month, "step missed", who, text, name, step.source)


def _information(scene: Scene) -> Iterator[Event]:
    """What the holder learns of the implementer's sales and margin."""
    for field, what in (("sales_seen", "sales"), ("margin_seen", "margin")):
        took = float(scene.before[field])
        if took != 1.0 == scene.after[field]:
            text = f"learns the implementer's {what}, taken for {took:.2f} times as much"
            yield Event(scene.month, "information", HOLDER, text)


def _calculations(scene: Scene) -> Iterator[Event]:
    """What a side learns of the other's estimate from how it comes to its rate."""
    for who, party, seen in ((HOLDER, Party.HOLDER, "rho_i"), (IMPLEMENTER, Party.IMPLEMENTER, "rho_h")):
        if int(party) in scene.turned("calculated"):
            before, after = (scene.over_frand(one[seen]) for one in (scene.before, scene.after))
            text = f"shows how it comes to its rate: the other side's estimate moves from {before} to {after}"
            yield Event(scene.month, "information", who, text)


def _commitment(scene: Scene) -> Iterator[Event]:
    """The date by which the standard-setting organisation wants a commitment has passed."""
    if scene.became("uncommitted"):
        text = "has not committed itself to FRAND terms in time: no injunction until it does"
        yield Event(scene.month, "information", HOLDER, text)


def _offers(scene: Scene) -> Iterator[Event]:
    """First offers, and the month from which the holder's passes the court's FRAND test."""
    if not scene.talking:
        return
    for who, first, last, reserve in (
        (HOLDER, "first_ask_month", "last_ask", scene.sight.r_h),
        (IMPLEMENTER, "first_bid_month", "last_bid", scene.sight.r_i),
    ):
        if scene.before[first] < 0 <= scene.after[first]:
            text = f"first offer: {scene.over_frand(scene.after[last])} x FRAND rate"
            text += f", would sign at {scene.over_frand(reserve)}"
            yield Event(scene.month, "offer", who, text)
    if scene.law.court.mode != CourtMode.NONE and scene.before.frand_offer <= 0.0 < scene.after.frand_offer:
        passes = f"its offer of {scene.over_frand(scene.after.frand_offer)} passes the court's FRAND test"
        estimate = f"as licences stand, the court would find {scene.over_frand(scene.after.estimate)}"
        yield Event(scene.month, "offer", HOLDER, f"{passes} ({estimate})")


def _faults(scene: Scene) -> Iterator[Event]:
    """Faults that were booked without a step that says so, and faults cured."""
    told = _called(scene, scene.step.if_missed) | _called(scene, scene.step.if_deficient)
    for code in scene.turned("faults"):
        fault = Fault(code)
        if fault not in told:
            why = f": {REASONS[fault]}" if fault in REASONS else ""
            yield Event(scene.month, "fault", _party(fault), f"fault '{spoken(fault.name)}'{why}")
    for code in scene.turned("cured"):
        text = f"cures {100 * scene.court.cure:.0f} % of the fault '{spoken(Fault(code).name)}'"
        yield Event(scene.month, "cure", _party(Fault(code)), text)


def _party(fault: Fault) -> str:
    return HOLDER if party_of_fault(fault) is Party.HOLDER else IMPLEMENTER


def _threats(scene: Scene) -> Iterator[Event]:
    """A threat of suit, with its date, and what became of the one before."""
    before, after = scene.before, scene.after
    if before.threat_until >= 0 and after.threat_until < 0 and after.status == Status.TALKS:
        yield Event(scene.month, "threat", HOLDER, "the date of its threat has passed without a suit")
    if scene.became("threats"):
        until = f" by month {after.threat_until}" if after.threat_until >= 0 else ""
        yield Event(scene.month, "threat", HOLDER, f"threatens to sue{until}")


def _talks_end(scene: Scene) -> Iterator[Event]:
    """Agreement before any suit, and the hand-over to a tribunal."""
    if not scene.talking:
        return
    if scene.after.status == Status.LICENSED:
        move = scene.move
        how, who = "the offers cross", BOTH
        if move.accept_h and move.accept_i:
            how = "each accepts the other's offer"
        elif move.accept_h:
            how, who = "accepts the standing offer", HOLDER
        elif move.accept_i:
            how, who = "accepts the standing offer", IMPLEMENTER
        elif move.settle:
            how = "they sign at the conciliator's table"
        yield Event(scene.month, "licence", who, f"{how}; {_licence(scene)}")
    elif scene.after.arbitration > scene.before.arbitration:
        text = "the dispute goes to the arbitral tribunal"
        yield Event(scene.month, "filing", BOTH, text, scene.due, scene.step.source)


def _walk_away(scene: Scene) -> Iterator[Event]:
    """A side leaves the talks for good, or they break down by chance."""
    gone = int(scene.after.broken) if scene.became("broken") else 0
    if gone == 1:
        yield Event(scene.month, "end of talks", BOTH, "the talks break down")
    for side, who in ((Party.HOLDER, HOLDER), (Party.IMPLEMENTER, IMPLEMENTER)):
        if gone & (WALKED << side):
            text = "leaves the talks for good: it offers nothing more and does not sue"
            yield Event(scene.month, "end of talks", who, text)


def _licence(scene: Scene) -> str:
    rate = scene.after.rate
    text = f"licence at {scene.over_frand(rate)} x FRAND rate ({100 * rate:.4g} % of price)"
    own = scene.after.outcome not in (Outcome.COURT_RATE, Outcome.ARBITRAL_AWARD)
    text += ", paid in one sum" if scene.after.lump and own else ""
    if scene.after.expires < scene.horizon:
        text += f", to month {scene.after.expires}"
    return f"{text}, signed under threat of suit" if scene.after.under_threat else text


def _filing(scene: Scene) -> Iterator[Event]:
    if not scene.became("filings"):
        return
    by_holder = scene.after.filer == Party.HOLDER
    who = HOLDER if by_holder else IMPLEMENTER
    strategy = scene.holder if by_holder else scene.implementer
    entitled = scene.before.holder_entitled if by_holder else scene.before.implementer_entitled
    text = "sues" if by_holder else "asks the court for a rate"
    if entitled:
        text += ", as the other side's missed step entitles it to"
    elif strategy.tactic is Tactic.OPPORTUNIST and by_holder:
        text += ": better than to wait"
    elif who == scene.seated:
        text += f" after {months(scene.month - scene.before.contact)} of talks"
    else:
        text += f" after {months(scene.month - scene.before.contact)} of talks, by its own clock"
    worth = scene.sight.w_h if by_holder else scene.sight.l_i
    text += (
        f"; judgment is worth USD {worth:.1f} m to it"
        if by_holder
        else f"; it reckons with USD {worth:.1f} m"
    )
    if barred := scene.turned("barred"):
        owed = listing(f"'{scene.title(place)}'" for place in barred)
        text += f"; no injunction until {owed} is done"
    yield Event(scene.month, "filing", who, text)


def _case(scene: Scene) -> Iterator[Event]:
    """The docket, evidence, interim payments."""
    opened = scene.after.status == Status.COURT and scene.after.arbitration == 0
    if opened and scene.before.status in (Status.TALKS, Status.QUEUED):
        waited = scene.month - scene.after.filed_month
        wait = f" after {months(waited)} in the queue" if waited else ""
        yield Event(scene.month, "docket", COURT, f"the court takes up the case{wait}")
    if scene.became("acts_court"):
        table = "the conciliator hears both" if scene.talking else "evidence"
        text = f"{table}, round {scene.after.acts_court}"
        yield Event(scene.month, "evidence", BOTH, text)
    if scene.became("interim_on"):
        text = f"interim licence: pays {scene.over_frand(scene.after.interim_rate)} x FRAND rate"
        if order := scene.law.court.interim_licence:
            text += f" for {COVERED[order.covers]}, {PAID_TO[order.paid_to]}"
        yield Event(scene.month, "payment", IMPLEMENTER, text)
    if scene.became("enjoined"):
        share = f"{100 * scene.sight.reach:.0f} % of sales"
        text = f"an interim injunction is granted: {share} are lost until judgment or licence"
        yield Event(scene.month, "exclusion", COURT, text)
    if scene.became("second"):
        until = scene.after.decision_month - scene.month
        text = f"no money is ordered here: a second suit goes on before another court for {months(until)}"
        yield Event(scene.month, "filing", HOLDER, text)


def _judgment(scene: Scene) -> Iterator[Event]:
    """A judgment, or one that stands on appeal."""
    before, after = scene.before, scene.after
    appealed = before.status == Status.APPEAL
    if scene.became("judgments"):
        head = "the court of appeal decides anew: " if appealed else ""
        head = "tried anew: " if scene.became("retried") else head
        yield Event(scene.month, "judgment", COURT, head + _decision(scene))
    elif scene.became("vacated"):
        wait = months(after.decision_month - scene.month)
        text = f"the court of appeal vacates the judgment: a new trial in {wait}"
        yield Event(scene.month, "judgment", COURT, text)
    elif (
        appealed
        and after.second == 0
        and after.status != Status.APPEAL
        and after.outcome != Outcome.SETTLED_IN_COURT
    ):
        yield Event(scene.month, "judgment", COURT, "the court of appeal upholds the judgment")


def _decision(scene: Scene) -> str:
    after = scene.after
    if scene.became("suits_lost"):
        return "the holder loses, no valid patent is infringed"
    found = f"finds fault weights {after.found_h:.1f} (holder) and {after.found_i:.1f} (implementer)"
    rate = f"finds the FRAND rate {scene.over_frand(after.court_rate)} x the true one"
    return "; ".join((JUDGMENTS[int(after.judgment)], found, rate))


def _after_judgment(scene: Scene) -> Iterator[Event]:
    """Appeal, exclusion, return to talks."""
    before, after = scene.before, scene.after
    if after.status == Status.APPEAL and before.status != Status.APPEAL and after.second == 0:
        who = BOTH if scene.move.appeal_h and scene.move.appeal_i else HOLDER
        who = IMPLEMENTER if not scene.move.appeal_h else who
        yield Event(scene.month, "appeal", who, "appeals")
    if after.status == Status.EXCLUDED and before.status != Status.EXCLUDED:
        share = f"{100 * scene.sight.reach:.0f} % of sales"
        why = (
            "refuses the court's licence and leaves the forum" if after.judgment == REFUSED else "is excluded"
        )
        yield Event(scene.month, "exclusion", IMPLEMENTER, f"{why}: {share} are lost")
    if after.status == Status.TALKS and before.status in IN_COURT:
        text = f"back to talks, no new suit before month {after.bar_until}"
        yield Event(scene.month, "talks", BOTH, text)


def gives_back(month: int, before: Any, back: float) -> Iterator[Event]:
    """What the holder returns, USD m, of an account that was open ``before`` the market closed it."""
    if before.account > 0.0 and back > 0.0:
        why = {NO_JUDGMENT: "it lies above the court's provisional rate", LOST: "the suit is lost"}
        reason = why.get(int(before.judgment), "it lies above the court's rate")
        text = f"gives back USD {back:.1f} m, discounted, of what it holds on account: {reason}"
        yield Event(month, "payment", HOLDER, text)


def _end(scene: Scene) -> Iterator[Event]:
    after = scene.after
    if after.status == Status.EXITED and scene.before.status != Status.EXITED:
        yield Event(scene.month, "exit", IMPLEMENTER, "leaves the market")
        yield from gives_back(scene.month, scene.before, float(scene.before.paid - after.paid))
    if after.status != Status.LICENSED or scene.before.status not in IN_COURT:
        return
    if after.outcome == Outcome.SETTLED_IN_COURT:
        text = f"they settle {STAGES.get(Stage(int(after.stage)), '')}; {_licence(scene)}"
        yield Event(scene.month, "licence", BOTH, text)
    elif after.outcome == Outcome.ARBITRAL_AWARD:
        yield Event(scene.month, "licence", COURT, f"the tribunal's award: {_licence(scene)}")
    elif after.outcome == Outcome.INJUNCTION_LICENCE:
        yield Event(scene.month, "licence", IMPLEMENTER, f"gives in to the injunction; {_licence(scene)}")
    else:
        yield Event(scene.month, "licence", COURT, f"the judgment takes effect; {_licence(scene)}")


RULES: tuple[Callable[[Scene], Iterator[Event]], ...] = (
    _participation,
    _licence_ends,
    _contact,
    _steps_done,
    _information,
    _calculations,
    _commitment,
    _offers,
    _threats,
    _faults,
    _talks_end,
    _missed,
    _walk_away,
    _filing,
    _case,
    _judgment,
    _after_judgment,
    _end,
)
"""The rules, in the order in which a month is booked."""
