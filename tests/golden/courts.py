"""Small markets before courts of every kind: how they find rates, enjoin, secure, take time, are appealed."""

from __future__ import annotations

from typing import Any

from simulator.spec.regime import (
    Appeal,
    Arbitration,
    Controls,
    FaultRules,
    Injunction,
    InterimInjunction,
    InterimLicence,
    PastUse,
    RateSetting,
    Scope,
    Security,
)
from simulator.spec.scenario import Scenario
from simulator.vocabulary import (
    Act,
    CourtMode,
    InjunctionCap,
    InjunctionTest,
    Party,
    RateMethod,
)
from tests.golden.small import (
    NO_WORDS,
    SEEN,
    STONE,
    SUES,
    changed,
    court,
    enjoining,
    setting,
    small,
)
from tests.play import METHODS_DIFFER, behind, law, quantity, step

APART = METHODS_DIFFER | {
    "holders.share": 0.1,
    "holders.quality_spread": 0.5,
    "implementers.region_two_share": 0.4,
    "court.settlement.meeting_probability": 0.0,
    "implementers.sales_spread": 0.4,
}
"""Declarations, counts, contributions, pools and alternatives say different things."""


def methods(*chosen: RateMethod) -> Scenario:
    """Two holders that sue two implementers, one of which signs early, before courts of these methods."""
    return small(
        *(setting(one, costs=law("uk-global").court.costs) for one in chosen),
        holder=[SUES, "holder_over_declarer"],
        implementer=["implementer_good_faith", STONE],
        months=30,
        numbers=APART | {"court.rate.comparables_needed": 1.0},
    )


def controls() -> Scenario:
    """Policy controls of every kind, one court each and all at once."""
    each: dict[str, Any] = {
        "total-control": {"total_control": quantity(0.12)},
        "hold-up": {"anti_hold_up": True},
        "stacking": {"anti_stacking": True},
        "adoption": {"wide_adoption": quantity(0.03)},
        "reward": {"adequate_reward": quantity(1.2)},
        "equal": {"non_discrimination": quantity(0.9), "adequate_reward": quantity(0.4)},
    }
    laws = [
        court(
            name,
            CourtMode.DIRECT,
            rate=RateSetting(
                method=RateMethod.TOP_DOWN_ESSENTIAL,
                comparables_needed=quantity(1),
                controls=Controls(**given),
            ),
        )
        for name, given in each.items()
    ]
    return small(
        *laws, holder=[SUES], implementer=["implementer_good_faith", STONE], months=30, numbers=APART
    )


def remedies() -> Scenario:
    """Injunctions by every test and cap, taken at once, late or never."""
    test, cap = InjunctionTest, InjunctionCap
    laws = [
        enjoining("gate", test.FAULT_GATE, cap.HOLDER_OFFER, injunction={"take_within": quantity(3)}),
        enjoining(
            "gate-good",
            test.FAULT_GATE,
            cap.NONE,
            injunction={"good_faith": "required"},
            faults=FaultRules(recognised=SEEN, netting="separate", damages=quantity(2)),
        ),
        enjoining("factors", test.FOUR_FACTORS, cap.COURT_RATE, injunction={"take_within": quantity(0)}),
        enjoining(
            "automatic",
            test.NEAR_AUTOMATIC,
            cap.NONE,
            injunction={"months_excluded": quantity(12), "redesign_cost": quantity(3)},
        ),
        enjoining("denied", test.NONE, cap.NONE, scope=Scope(money_after=quantity(5))),
    ]
    numbers: dict[str, Any] = {
        "court.injunction.ceiling": 0.9,
        "implementers.sales_spread": 0.3,
    } | NO_WORDS
    return small(
        *laws, holder=SUES, replications=2, implementer=[STONE, "implementer_rational"], numbers=numbers
    )


def both() -> Scenario:
    """A court that sets rates and enjoins who refuses them, and one that chooses by whose fault it is."""
    laws = [
        changed(
            "uk-global",
            "uk-capped",
            aggregate_cap=True,
            injunction=Injunction(test=InjunctionTest.NEAR_AUTOMATIC, cap=InjunctionCap.COURT_RATE),
        ),
        changed(
            "uk-global",
            "adaptive",
            mode=CourtMode.ADAPTIVE,
            faults=FaultRules(recognised=SEEN, uplift=quantity(0.3)),
        ),
    ]
    numbers = {"court.faults.detected": 0.9, "implementers.region_two_share": 0.2} | NO_WORDS
    return small(
        *laws, holder=[SUES, "holder_good_faith"], replications=2, implementer=[STONE], numbers=numbers
    )


def before_judgment() -> Scenario:
    """Interim licences at every rate and interim injunctions, with deposits and without."""
    faults = FaultRules(recognised=SEEN, apportion_loss=True)
    interim: list[tuple[str, Any, Any, Any]] = [
        ("midpoint", "midpoint", "past_and_running", "holder"),
        ("counter", "counter", "past", "holder"),
        ("offer", "holder_offer", "running", "court"),
        ("provisional", "court", "past_and_running", "court"),
    ]
    laws = [
        court(
            f"interim-{name}",
            CourtMode.DIRECT,
            faults=faults,
            past_use=PastUse(from_notice=name == "counter"),
            interim_licence=InterimLicence(after=quantity(2), rate=rate, covers=covers, paid_to=to),
        )
        for name, rate, covers, to in interim
    ]
    laws += [
        enjoining(
            f"enjoined-{word}",
            InjunctionTest.FAULT_GATE,
            InjunctionCap.COURT_RATE,
            faults=faults,
            interim_injunction=InterimInjunction(
                after=quantity(2), probability=quantity(0.95), compensated=word == "compensated"
            ),
        )
        for word in ("compensated", "freely")
    ]
    return small(
        *laws,
        holder=SUES,
        replications=2,
        implementer=[STONE],
        months=30,
        numbers={"court.settlement.meeting_probability": 0.02, "court.rate.error": 0.3},
    )


def secured() -> Scenario:
    """Deposits at every base, for the past and for the running sales."""
    bases: list[tuple[Any, Any]] = [
        ("counter", "past"), ("holder_offer", "past_and_running"), ("court", "past"),
    ]  # fmt: skip
    laws = [
        changed(
            "de-munich-security",
            f"security-{base}",
            security=Security(base=base, covers=covers, share=quantity(0.9)),
            settlement=law("upc").court.settlement,
        )
        for base, covers in bases
    ]
    return small(
        *laws,
        holder=["holder_good_faith"],
        implementer=["implementer_good_faith", "implementer_opportunist"],
        months=36,
        numbers={"court.interest.escrow": 0.03, "beliefs.spread": 0.6},
    )


def appeals() -> Scenario:
    """Judgments that fall on appeal, are given anew, tried anew, or bind at once."""
    laws = [
        court("anew", CourtMode.DIRECT, appeal=Appeal(reversal=quantity(1), vacated=quantity(0))),
        court(
            "vacated",
            CourtMode.DIRECT,
            appeal=Appeal(
                reversal=quantity(0.9), vacated=quantity(0.9), remand=quantity(7), retrial_error=quantity(0.6)
            ),
        ),
        court(
            "binding", CourtMode.DIRECT, provisional_enforcement=True, appeal=Appeal(reversal=quantity(0.5))
        ),
        enjoining(
            "enjoins",
            InjunctionTest.NEAR_AUTOMATIC,
            InjunctionCap.HOLDER_OFFER,
            appeal=Appeal(reversal=quantity(0.5)),
        ),
    ]
    numbers = {"beliefs.spread": 0.6, "court.settlement.window": 2.0, "costs.trial": 0.3}
    return small(
        *laws,
        holder=SUES,
        replications=3,
        implementer=[STONE],
        numbers=(
            numbers | {"court.settlement.meeting_probability": 0.05, "court.settlement.evidence_every": 3.0}
        ),
    )


def tribunal() -> Scenario:
    """A tribunal that both may call, and one that nobody may refuse without cost."""
    free = behind(
        court(
            "free",
            CourtMode.DIRECT,
            arbitration=Arbitration(form="baseball", months=quantity(5), error=quantity(0.3)),
        ),
        arbitrate=step(Act.ARBITRATE, Party.BOTH, 8),
    )
    called = behind(
        court(
            "called",
            CourtMode.DIRECT,
            arbitration=Arbitration(months=quantity(7), cost=quantity(0.4)),
            costs=law("uk-rdt").court.costs.model_copy(update={"refuses_adr": quantity(0.7)}),
        ),
        arbitrate=step(Act.ARBITRATE, Party.EITHER, 4),
    )
    return small(
        free,
        called,
        "adr-baseball",
        holder=["holder_good_faith", "holder_opportunist"],
        implementer=["implementer_rational", "implementer_opportunist"],
        months=30,
    )


COURTS = {
    "counting": lambda: methods(
        RateMethod.TOP_DOWN_DECLARED, RateMethod.TOP_DOWN_ESSENTIAL, RateMethod.CONTRIBUTIONS, RateMethod.POOL
    ),
    "valuing": lambda: methods(
        RateMethod.HYPOTHETICAL, RateMethod.INCREMENTAL, RateMethod.BOTTOM_UP, RateMethod.QUOTATION
    ),
    "comparing": lambda: methods(
        RateMethod.COMPARABLES,
        RateMethod.COMPARABLES_CHECKED,
        RateMethod.COMPARABLES_CHECKED_DECLARED,
        RateMethod.TOP_DOWN_SUPPORTED,
    ),
    "controls": controls,
    "remedies": remedies,
    "both": both,
    "before-judgment": before_judgment,
    "secured": secured,
    "appeals": appeals,
    "tribunal": tribunal,
}
"""Each market by its name."""
