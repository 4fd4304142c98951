"""A regime: the law as ordered data.

A regime file states the steps of a good-faith negotiation (who acts, what must be disclosed, by
when, what a miss is called and what the court makes of it) and the court that stands behind them.
No regime has code of its own: ``engine/`` walks any of them.
"""

from __future__ import annotations

from collections.abc import Container, Mapping
from typing import Annotated, Literal

from pydantic import ConfigDict, Field, PrivateAttr

from simulator.spec.base import Spec, Words, rules_hash
from simulator.spec.figure import Day, Figure, LegalStatusWord, Text
from simulator.spec.schema import described
from simulator.spec.yaml import Document, Keys
from simulator.vocabulary import (
    Act,
    Consequence,
    CourtMode,
    Disclosure,
    Fault,
    InjunctionCap,
    InjunctionTest,
    Party,
    Phase,
    RateMethod,
    Standing,
)

ActWord = Annotated[Act, Words(Act)]
ConsequenceWord = Annotated[Consequence, Words(Consequence)]
CourtModeWord = Annotated[CourtMode, Words(CourtMode)]
DisclosureWord = Annotated[Disclosure, Words(Disclosure)]
FaultWord = Annotated[Fault, Words(Fault)]
InjunctionCapWord = Annotated[InjunctionCap, Words(InjunctionCap)]
InjunctionTestWord = Annotated[InjunctionTest, Words(InjunctionTest)]
PartyWord = Annotated[Party, Words(Party)]
PhaseWord = Annotated[Phase, Words(Phase)]
RateMethodWord = Annotated[RateMethod, Words(RateMethod)]
StandingWord = Annotated[Standing, Words(Standing)]


class Ground(Spec):
    """On what a rule of the court rests that is a word and not a number."""

    source: str = Field(min_length=3, description="a citation, or a sentence that starts with 'assumption'")
    status: LegalStatusWord | None = Field(default=None, description="legal status, where not the file's")
    as_of: Day | None = Field(default=None, description="day of the text, where not the file's")


class Breach(Spec):
    """What follows when a step is missed, or done without what it must contain."""

    fault: FaultWord | None = Field(default=None, description="the fault it is called")
    faults: dict[DisclosureWord, FaultWord] = Field(
        default_factory=dict,
        description="if_deficient only: what withholding a document is called, by document",
    )
    consequence: ConsequenceWord = Field(
        default=Consequence.FAULT_ONLY, description="what the court makes of it beyond the fault"
    )
    go: str = Field(
        default="stay",
        description="'stay' (missed: still due, late performance cures; deficient: it counts as done), "
        "'next', or a later step",
    )
    source: str = Field(
        default="", description="on what this consequence rests, where it is not the step's source"
    )


class Step(Spec):
    """One step of the protocol."""

    title: str = Field(min_length=3, description="the step in plain words")
    phase: PhaseWord = Field(description="stage of the negotiation")
    actor: PartyWord = Field(description="who must act (either: one of them suffices; both: each must)")
    act: ActWord = Field(description="what is to be done")
    must_contain: tuple[DisclosureWord, ...] = Field(default=(), description="what the act must disclose")
    must_contain_any: tuple[DisclosureWord, ...] = Field(
        default=(), description="documents of which the act must disclose at least one"
    )
    may_contain: tuple[DisclosureWord, ...] = Field(default=(), description="what a forthcoming actor adds")
    deadline: Figure | None = Field(
        default=None, description="months until the step counts as missed; none: it cannot be missed"
    )
    then: str | None = Field(default=None, description="the step that follows (default: the next one)")
    if_missed: Breach | None = Field(default=None, description="what a miss is called and leads to")
    if_deficient: Breach | None = Field(
        default=None, description="what it means to act without the required contents"
    )
    needs_frand_offer: bool = Field(
        default=False,
        description="strict sequence: due only once the holder's offer passes the FRAND test",
    )
    source: str = Field(min_length=3, description="paragraph, guideline or article")
    status: LegalStatusWord | None = Field(
        default=None, description="legal status of this step where it is not the file's"
    )
    as_of: Day | None = Field(default=None, description="day of the step's text, where it is not the file's")
    after: str | None = Field(
        default=None, description="only in a regime that extends another: insert behind this step"
    )


class StandingRules(Spec):
    """Who may file what."""

    holder: StandingWord
    implementer: StandingWord = Standing.NONE


class Suit(Spec):
    """When a suit is in order."""

    from_step: str | None = Field(default=None, description="the holder may sue once this step is reached")
    early: Literal["barred", "fault", "free"] = Field(
        default="free", description="a suit before that step, without the other side's breach"
    )


class Scope(Spec):
    """What the judgment reaches."""

    forum_share: Figure | None = None
    order_coverage: Figure | None = None
    collectable_remainder: Figure | None = None
    money_after: Figure | None = Field(
        default=None,
        description="months of a second suit for money, before another court, where an injunction is refused"
        " here; none or 0: this court orders it itself",
    )


class Injunction(Spec):
    """When an injunction issues and what it can extract."""

    test: InjunctionTestWord
    good_faith: Literal["weighed", "required"] = Field(
        default="weighed", description="required: none to a holder found in fault, whatever the test"
    )
    base_probability: Figure | None = None
    base_probability_licensing_company: Figure | None = None
    ceiling: Figure | None = None
    slope: Figure | None = None
    cap: InjunctionCapWord = InjunctionCap.HOLDER_OFFER
    months_excluded: Figure | None = Field(default=None, description="none: to the horizon")
    redesign_cost: Figure | None = None
    take_within: Figure | None = Field(default=None, description="months to take the court's licence")


class Controls(Spec):
    """Policy controls on the court's rate, which both sides foresee; left out = off.

    Source: Huawei v IDC, Microsoft v Motorola.
    """

    total_control: Figure | None = Field(default=None, description="all royalties, share of product margin")
    anti_hold_up: bool = Field(
        default=False, description="not above what the technology adds to the next best one"
    )
    anti_stacking: bool = Field(
        default=False, description="not above the holder's part of what the aggregate burden leaves"
    )
    wide_adoption: Figure | None = Field(
        default=None, description="all royalties, barrier to adoption, fraction of price"
    )
    adequate_reward: Figure | None = Field(
        default=None, description="floor, over the counted value of the technology"
    )
    non_discrimination: Figure | None = Field(default=None, description="tolerance, multiple of comparables")


class Likeness(Spec):
    """Exponents of a comparable's likeness to the case, 0 = it does not count.  Source: ACT v Oppo."""

    size: Figure | None = Field(default=None, description="the licensee's volume of business")
    parties: Figure | None = Field(default=None, description="licensor's kind, licensee's margin, relation")
    patents: Figure | None = Field(default=None, description="number and quality of the patents")
    terms: Figure | None = Field(default=None, description="months it runs, most-favoured clause")
    payment: Figure | None = Field(default=None, description="in one sum or running")
    scope: Figure | None = Field(default=None, description="generations it covers")


class RateSetting(Spec):
    """How the court finds a FRAND rate."""

    method: RateMethodWord
    error: Figure | None = None
    bias: Figure | None = None
    regional_factor: Figure | None = Field(
        default=None, description="the court's rate in region two over region one's; none: the market's own"
    )
    range: Literal["none", "within", "low", "middle", "high"] = "none"
    tainted_comparables: Literal["drop", "keep"] = "drop"
    withheld_comparables: Literal["unseen", "seen"] = "unseen"
    licensors: Literal["own", "all"] = "own"
    volume: Figure | None = Field(
        default=None, description="elasticity by which a comparable falls in the licensee's volume"
    )
    likeness: Likeness = Likeness()
    comparables_needed: Figure | None = None
    unpacking: Figure | None = Field(default=None, description="noise of unpacking a comparable, log sd")
    increment_share: Figure | None = Field(
        default=None, description="incremental: share of the value over the next best that the holder gets"
    )
    families_examined: Figure | None = Field(
        default=None, description="bottom_up: families examined, over which the error averages out"
    )
    controls: Controls = Controls()


class PastUse(Spec):
    """What is paid on sales made before the licence."""

    licence_share: Figure | None = None
    court_share: Figure | None = None
    limitation: Figure | None = Field(default=None, description="months; none: the registry's default")
    from_notice: bool = False


class Interest(Spec):
    """Annual interest on past use and on escrow."""

    licence: Figure | None = None
    court: Figure | None = None
    escrow: Figure | None = None


class Security(Spec):
    """What an implementer that is refused must deposit."""

    base: Literal["none", "counter", "holder_offer", "court"] = "none"
    covers: Literal["past", "past_and_running"] = Field(
        default="past", description="sales up to the deposit, or those of every later month too"
    )
    share: Figure | None = None


class Costs(Spec):
    """Who bears the cost of litigation."""

    loser_pays: Figure | None = None
    public: Figure | None = None
    litigation_factor: Figure | None = None
    refuses_adr: Figure | None = Field(
        default=None, description="share of the other side's cost borne by the one side that refused ADR"
    )


class FaultRules(Spec):
    """Which conduct counts, how it is found, and what it does."""

    recognised: dict[FaultWord, Figure] = Field(
        default_factory=dict, description="weight of each recognised fault"
    )
    order: Literal["sequential", "holistic"] = "holistic"
    uplift: Figure | None = None
    frand_half_range: Figure | None = None
    extreme_factor: Figure | None = None
    benchmark: Literal["court", "competitors"] = Field(
        default="court",
        description="what an ask is extreme by: the court's estimate, or what other holders ask",
    )
    competitors_needed: Figure | None = None
    detected: Figure | None = None
    attention_holder: Figure | None = Field(
        default=None, description="share of that probability with which a holder's faults are seen"
    )
    attention_implementer: Figure | None = Field(
        default=None, description="share of that probability with which an implementer's faults are seen"
    )
    false_findings: Figure | None = None
    cure: Figure | None = None
    apportion_loss: bool = False
    netting: Literal["netted", "separate"] = "netted"
    damages: Figure | None = Field(
        default=None, description="USD m the holder pays the implementer for a unit of its fault found"
    )


class InterimLicence(Spec):
    """Payments that the court orders while the case runs, trued up at the end."""

    after: Figure = Field(description="months from filing until it is declared")
    rate: Literal["midpoint", "counter", "holder_offer", "court"] = Field(
        description="one of the offers; the court's provisional estimate; midway between the offers, each as "
        "far as it lies in the FRAND range around that estimate"
    )
    covers: Literal["past", "running", "past_and_running"] = "past_and_running"
    paid_to: Literal["holder", "court"] = Field(
        default="holder", description="the holder, on account; or the court, which keeps it as a deposit"
    )
    ground: tuple[FaultWord, ...] = Field(
        default=(),
        description="faults of the holder of which one must be given; none named: no ground needed",
    )


class InterimInjunction(Spec):
    """An injunction before judgment."""

    after: Figure = Field(description="months from filing until it is decided")
    probability: Figure = Field(description="chance that it is granted")
    compensated: bool = Field(
        default=True,
        description="the holder makes good what it cost, if the suit is lost or the injunction refused",
    )


class Durations(Spec):
    """How long instances take (log-normal)."""

    first_instance: Figure | None = None
    appeal: Figure | None = None
    variation: Figure | None = None


class Settlement(Spec):
    """How parties meet while a case runs."""

    meeting_probability: Figure | None = None
    evidence_every: Figure | None = None
    window: Figure | None = None


class Appeal(Spec):
    """Second instance."""

    available: bool = True
    reversal: Figure | None = None
    vacated: Figure | None = Field(
        default=None, description="share of judgments that do not stand which go back for a new trial"
    )
    remand: Figure | None = Field(default=None, description="months of the new trial")
    retrial_error: Figure | None = Field(
        default=None, description="log sd of the new trial's rate, as by a jury; 0: the court's own"
    )


class Arbitration(Spec):
    """The tribunal behind an ``arbitrate`` step."""

    form: Literal["conventional", "baseball"] = "conventional"
    months: Figure | None = None
    cost: Figure | None = None
    error: Figure | None = None


class CourtRules(Spec):
    """The shadow in which the parties bargain.  Numbers left out take the registry's default."""

    mode: CourtModeWord
    binding: bool = Field(
        default=True, description="false: faults are booked and have no effect in court (non-binding text)"
    )
    standing: StandingRules
    suit: Suit = Suit()
    liability_gate: bool = True
    scope: Scope = Scope()
    injunction: Injunction = Injunction(test=InjunctionTest.NONE)
    rate: RateSetting = RateSetting(method=RateMethod.TOP_DOWN_ESSENTIAL)
    past_use: PastUse = PastUse()
    interest: Interest = Interest()
    security: Security = Security()
    costs: Costs = Costs()
    faults: FaultRules = FaultRules()
    interim_licence: InterimLicence | None = None
    interim_injunction: InterimInjunction | None = None
    durations: Durations = Durations()
    docket: Figure | None = Field(default=None, description="filings the court takes up in a month")
    provisional_enforcement: bool = False
    bar_after_lost_suit: Figure | None = None
    settlement: Settlement = Settlement()
    appeal: Appeal = Appeal()
    arbitration: Arbitration | None = None
    aggregate_cap: bool = Field(
        default=False, description="no licence above the aggregate burden less what is signed"
    )


class Regime(Spec):
    """A negotiation regime with its court."""

    model_config = ConfigDict(json_schema_extra=described)

    regime: str = Field(pattern=r"^[a-z0-9][a-z0-9-]*$", description="identifier, the file's name")
    title: str = Field(min_length=3)
    jurisdiction: str = Field(min_length=2)
    source: str = Field(min_length=3)
    status: LegalStatusWord
    status_note: str = Field(default="", description="what the status rests on")
    valid_from: Day | None = None
    valid_to: Day | None = None
    extends: str | None = Field(default=None, description="the regime this one was written as a change of")
    notes: str = ""
    steps: dict[str, Step] = Field(min_length=1, description="in order; the first is due at first contact")
    court: CourtRules
    grounds: dict[str, Ground] = Field(
        default_factory=dict,
        description="sources of rules of the court that are words, by name: mode, injunction.test",
    )
    _texts: Mapping[Keys, Text] = PrivateAttr(default_factory=dict)

    def stated_in(self, document: Document, before: Regime | None) -> Regime:
        """Remember which text states each entry: this file, or one of those it extends."""
        old = {} if before is None else before.texts
        here = {keys for keys, mark in document.marks.items() if mark.file == document.file}
        self._texts = {
            keys: self._own(keys, here) if keys in here else old[keys]
            for keys in document.marks
            if keys in here or keys in old
        }
        return self

    def _own(self, keys: Keys, here: Container[Keys]) -> Text:
        """This file as the text of an entry: in a step, with the source the file gives the step."""
        source = self.source
        if len(keys) > 1 and keys[0] == "steps" and (*keys[:2], "source") in here and keys[1] in self.steps:
            source = self.steps[str(keys[1])].source
        return Text(self.regime, source, self.status)

    def __eq__(self, other: object) -> bool:
        """Whether two regimes say the same; not whether the same files say it."""
        return isinstance(other, Regime) and self.__dict__ == other.__dict__

    __hash__ = None  # type: ignore[assignment]

    @property
    def texts(self) -> Mapping[Keys, Text]:
        """The text that states each entry of a regime read from files."""
        return self._texts

    def text_of(self, *keys: str) -> Text | None:
        """The text that states an entry; ``None`` where no file does."""
        own = Text(self.regime, self.source, self.status)
        if self._texts:
            return self._texts.get(keys)
        part: object = self
        for key in keys:
            if isinstance(part, Spec):
                if key not in part.model_fields_set:
                    return None
                part = getattr(part, key)
            elif isinstance(part, dict) and key in part:
                part = part[key]
            else:
                return None
        return own

    def order(self) -> tuple[str, ...]:
        """The step identifiers in protocol order."""
        return tuple(self.steps)


def equal_procedure(regime: Regime, baseline: Regime) -> Regime:
    """The regime with the baseline's procedure, so that a comparison isolates the remedy.

    What stays the regime's own: the court's mode, its injunction rule, its rate-setting method.  Steps,
    standing, liability gate, scope, interest, security, costs, fault rules, durations and docket are
    the baseline's; the holder may always sue, the implementer as under the baseline.  See docs/odd.md 1.
    """
    own = regime.court
    court = baseline.court.model_copy(
        update={
            "mode": own.mode,
            "injunction": own.injunction,
            "rate": own.rate,
            "standing": StandingRules(holder=Standing.ANY, implementer=baseline.court.standing.implementer),
        }
    )
    return regime.model_copy(update={"steps": baseline.steps, "court": court})


def same_rules(one: Regime, other: Regime) -> bool:
    """Whether two regimes have the same steps and the same court, so that they play alike for certain."""
    return one.order() == other.order() and one.steps == other.steps and one.court == other.court


def rules_digest(regime: Regime) -> str:
    """64-bit BLAKE2b of steps and court without titles and sources: the same where two play alike.

    >>> from simulator.spec.load import load_regime
    >>> law = load_regime("upc")
    >>> rules_digest(law) == rules_digest(law.model_copy(update={"title": "Another title"}))
    True
    """
    parts = regime.model_dump(mode="json", include={"steps", "court"}, exclude_defaults=True)
    return rules_hash(regime.order(), parts)
