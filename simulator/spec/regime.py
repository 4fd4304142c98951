"""A regime: the law as ordered data.

A regime file states the steps of a good-faith negotiation (who acts, what must be disclosed, by
when, what a miss is called and what the court makes of it) and the court that stands behind them.
No regime has code of its own: ``engine/`` walks any of them.
"""

from __future__ import annotations

from datetime import date
from typing import Annotated, Literal

from pydantic import BeforeValidator, ConfigDict, Field

from simulator.spec.base import Quantity, Spec, Words
from simulator.spec.schema import described
from simulator.vocabulary import (
    Act,
    Consequence,
    CourtMode,
    Disclosure,
    Fault,
    InjunctionCap,
    InjunctionTest,
    LegalStatus,
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
LegalStatusWord = Annotated[LegalStatus, Words(LegalStatus)]
PartyWord = Annotated[Party, Words(Party)]
PhaseWord = Annotated[Phase, Words(Phase)]
RateMethodWord = Annotated[RateMethod, Words(RateMethod)]
StandingWord = Annotated[Standing, Words(Standing)]


def _iso_date(value: object) -> object:
    return date.fromisoformat(value) if isinstance(value, str) else value


Day = Annotated[date, BeforeValidator(_iso_date)]


class Breach(Spec):
    """What follows when a step is missed, or done without what it must contain."""

    fault: FaultWord | None = Field(default=None, description="the fault it is called")
    consequence: ConsequenceWord = Field(
        default=Consequence.FAULT_ONLY, description="what the court makes of it beyond the fault"
    )
    go: str = Field(
        default="stay",
        description="'stay' (still due, late performance cures), 'next', or a later step",
    )


class Step(Spec):
    """One step of the protocol."""

    title: str = Field(min_length=3, description="the step in plain words")
    phase: PhaseWord = Field(description="stage of the negotiation")
    actor: PartyWord = Field(description="who must act (either: one of them suffices; both: each must)")
    act: ActWord = Field(description="what is to be done")
    must_contain: tuple[DisclosureWord, ...] = Field(default=(), description="what the act must disclose")
    may_contain: tuple[DisclosureWord, ...] = Field(default=(), description="what a forthcoming actor adds")
    deadline: Quantity | None = Field(
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

    forum_share: Quantity | None = None
    order_coverage: Quantity | None = None
    collectable_remainder: Quantity | None = None


class Injunction(Spec):
    """When an injunction issues and what it can extract."""

    test: InjunctionTestWord
    base_probability: Quantity | None = None
    base_probability_licensing_company: Quantity | None = None
    ceiling: Quantity | None = None
    slope: Quantity | None = None
    cap: InjunctionCapWord = InjunctionCap.HOLDER_OFFER
    months_excluded: Quantity | None = Field(default=None, description="none: to the horizon")
    redesign_cost: Quantity | None = None
    take_within: Quantity | None = Field(default=None, description="months to take the court's licence")


class Controls(Spec):
    """Policy controls on the court's rate (Huawei v IDC, Microsoft v Motorola); left out = off."""

    total_control: Quantity | None = Field(default=None, description="all royalties, share of product margin")
    anti_hold_up: bool = Field(default=False, description="not above the counted value of the technology")
    anti_stacking: bool = Field(default=False, description="not above what the aggregate burden leaves")
    wide_adoption: Quantity | None = Field(default=None, description="barrier to adoption, fraction of price")
    adequate_reward: Quantity | None = Field(default=None, description="floor, fraction of price")
    non_discrimination: Quantity | None = Field(
        default=None, description="tolerance, multiple of comparables"
    )


class RateSetting(Spec):
    """How the court finds a FRAND rate."""

    method: RateMethodWord
    error: Quantity | None = None
    bias: Quantity | None = None
    tainted_comparables: Literal["drop", "keep"] = "drop"
    comparables_needed: Quantity | None = None
    unpacking: Quantity | None = Field(default=None, description="noise of unpacking a comparable, log sd")
    controls: Controls = Controls()


class PastUse(Spec):
    """What is paid on sales made before the licence."""

    licence_share: Quantity | None = None
    court_share: Quantity | None = None
    limitation: Quantity | None = Field(default=None, description="months; none: the registry's default")
    from_notice: bool = False


class Interest(Spec):
    """Annual interest on past use and on escrow."""

    licence: Quantity | None = None
    court: Quantity | None = None
    escrow: Quantity | None = None


class Security(Spec):
    """What an implementer that is refused must deposit."""

    base: Literal["none", "counter", "holder_offer"] = "none"
    share: Quantity | None = None


class Costs(Spec):
    """Who bears the cost of litigation."""

    loser_pays: Quantity | None = None
    public: Quantity | None = None
    litigation_factor: Quantity | None = None


class FaultRules(Spec):
    """Which conduct counts, how it is found, and what it does."""

    recognised: dict[FaultWord, Quantity] = Field(
        default_factory=dict, description="weight of each recognised fault"
    )
    order: Literal["sequential", "holistic"] = "holistic"
    uplift: Quantity | None = None
    frand_half_range: Quantity | None = None
    extreme_factor: Quantity | None = None
    detected: Quantity | None = None
    attention_holder: Quantity | None = Field(
        default=None, description="share of that probability with which a holder's faults are seen"
    )
    attention_implementer: Quantity | None = Field(
        default=None, description="share of that probability with which an implementer's faults are seen"
    )
    false_findings: Quantity | None = None
    cure: Quantity | None = None
    apportion_loss: bool = False
    netting: Literal["netted", "separate"] = "netted"
    damages: Quantity | None = Field(
        default=None, description="USD m the holder pays the implementer for a unit of its fault found"
    )


class InterimLicence(Spec):
    """Payments on account while the case runs, trued up at the end."""

    after: Quantity = Field(description="months from filing until it is declared")
    rate: Literal["midpoint", "counter", "holder_offer"] = "midpoint"


class Durations(Spec):
    """How long instances take (log-normal)."""

    first_instance: Quantity | None = None
    appeal: Quantity | None = None
    variation: Quantity | None = None


class Settlement(Spec):
    """How parties meet while a case runs."""

    meeting_probability: Quantity | None = None
    evidence_every: Quantity | None = None
    window: Quantity | None = None


class Appeal(Spec):
    """Second instance."""

    available: bool = True
    reversal: Quantity | None = None


class Arbitration(Spec):
    """The tribunal behind an ``arbitrate`` step."""

    form: Literal["conventional", "baseball"] = "conventional"
    months: Quantity | None = None
    cost: Quantity | None = None
    error: Quantity | None = None


class Court(Spec):
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
    durations: Durations = Durations()
    docket: Quantity | None = Field(default=None, description="filings the court takes up in a month")
    provisional_enforcement: bool = False
    bar_after_lost_suit: Quantity | None = None
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
    court: Court

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
