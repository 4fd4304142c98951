"""A regime as the engine's records: its protocol, its steps, its court."""

from __future__ import annotations

import math
from typing import Any, cast

import numpy as np
from scipy.special import ndtr

from simulator.engine.law import NO_CONTROL
from simulator.engine.numbers import Numbers, bits, log_monthly
from simulator.engine.records import MAX_HORIZON
from simulator.rules.remedy import logit
from simulator.spec.base import Quantity
from simulator.spec.market import Market
from simulator.spec.regime import Breach, CourtRules, Regime
from simulator.vocabulary import (
    ENJOINING,
    Act,
    Consequence,
    CourtMode,
    Covers,
    EarlySuit,
    InterimRate,
    Party,
    RateRange,
    SecurityBase,
    fault_of,
)

GONE = 1e-12  # share of cases still pending below which nothing is told from it
COURT_NUMBERS = {
    "forum_share": "scope.forum_share",
    "coverage": "scope.order_coverage",
    "remainder": "scope.collectable_remainder",
    "money_after": "scope.money_after",
    "p_max": "injunction.ceiling",
    "slope": "injunction.slope",
    "months_excluded": "injunction.months_excluded",
    "redesign_cost": "injunction.redesign_cost",
    "take_within": "injunction.take_within",
    "court_error": "rate.error",
    "method_bias": "rate.bias",
    "increment": "rate.increment_share",
    "examined": "rate.families_examined",
    "comparables_needed": "rate.comparables_needed",
    "unpacking": "rate.unpacking",
    "volume": "rate.volume",
    "like_size": "rate.likeness.size",
    "like_parties": "rate.likeness.parties",
    "like_patents": "rate.likeness.patents",
    "like_terms": "rate.likeness.terms",
    "like_payment": "rate.likeness.payment",
    "like_scope": "rate.likeness.scope",
    "total_control": "rate.controls.total_control",
    "wide_adoption": "rate.controls.wide_adoption",
    "adequate_reward": "rate.controls.adequate_reward",
    "non_discrimination": "rate.controls.non_discrimination",
    "licence_share": "past_use.licence_share",
    "court_share": "past_use.court_share",
    "limitation": "past_use.limitation",
    "security_share": "security.share",
    "loser_pays": "costs.loser_pays",
    "public_cost": "costs.public",
    "litigation_factor": "costs.litigation_factor",
    "refuses_adr": "costs.refuses_adr",
    "uplift": "faults.uplift",
    "damages": "faults.damages",
    "half_range": "faults.frand_half_range",
    "extreme": "faults.extreme_factor",
    "competitors_needed": "faults.competitors_needed",
    "detected_h": "faults.attention_holder",
    "detected_i": "faults.attention_implementer",
    "false_findings": "faults.false_findings",
    "cure": "faults.cure",
    "d1": "durations.first_instance",
    "d2": "durations.appeal",
    "variation": "durations.variation",
    "capacity": "docket",
    "bar_months": "bar_after_lost_suit",
    "meeting": "settlement.meeting_probability",
    "evidence_every": "settlement.evidence_every",
    "window": "settlement.window",
    "reversal": "appeal.reversal",
    "vacated": "appeal.vacated",
    "remand_months": "appeal.remand",
    "retrial_error": "appeal.retrial_error",
    "arbitration_months": "arbitration.months",
    "arbitration_cost": "arbitration.cost",
    "arbitration_error": "arbitration.error",
}
"""Numbers of a court's record, and where the file (and, below ``court.``, the registry) has them."""


def regional_factor(regime: Regime, market: Market, number: Numbers) -> float:
    """A court's factor for region two: as its law says, else the market's own."""
    name, stated = "court.rate.regional_factor", regime.court.rate.regional_factor
    if stated is None and name not in number.overrides and market.standard.regions:
        return -1.0
    if stated is None and name not in number.overrides:
        return number("standard.regional_factor", market.standard.regional_factor)
    return number(name, stated)


def seat(regime: Regime, market: Market) -> int:
    """The region in which a market says that the court sits, by its place; -1 where it does not say."""
    seats = [place for place, one in enumerate(market.standard.regions) if regime.regime in one.forums]
    return seats[0] if seats else -1


def write_protocol(row: np.void, regime: Regime) -> None:
    """Write a regime's protocol; its steps are rows of their own (``write_steps``)."""
    suit, steps = regime.court.suit, regime.steps.values()
    row["suit_from"] = regime.order().index(suit.from_step) if suit.from_step else -1
    row["early"] = EarlySuit[suit.early.upper()]
    row["n_steps"] = len(regime.steps)
    row["suit_bars"] = _steps_where(regime, Consequence.SUIT_BARRED)
    row["offer_duties"] = _steps_where(regime, Consequence.INJUNCTION_BARRED, Party.HOLDER)
    row["undertakings"] = bits(place for place, step in enumerate(steps) if step.act == Act.UNDERTAKE)
    row["notices"] = bits(
        place
        for place, step in enumerate(steps)
        if step.act == Act.NOTIFY and step.actor != Party.IMPLEMENTER
    )


def write_forum(row: np.void, regime: Regime, number: Numbers) -> None:
    """Write a regime's court: what it may order, what it looks at, how long it takes."""
    court = regime.court
    row["remedy"] = court.mode
    row["binding"] = court.binding
    if court.mode != CourtMode.NONE:  # nobody sues where nothing can be given
        row["standing_holder"] = court.standing.holder
        row["standing_implementer"] = court.standing.implementer
    row["liability_gate"] = court.liability_gate
    if court.mode in ENJOINING:
        row["test"] = court.injunction.test
    row["cap"] = court.injunction.cap
    row["method"] = court.rate.method
    row["range"] = RateRange[court.rate.range.upper()]
    row["all_licensors"] = court.rate.licensors == "all"
    row["keep_tainted"] = court.rate.tainted_comparables == "keep"
    row["sees_withheld"] = court.rate.withheld_comparables == "seen"
    row["from_notice"] = court.past_use.from_notice
    row["security_base"] = SecurityBase[court.security.base.upper()]
    row["deposit_running"] = court.security.covers == "past_and_running"
    row["good_faith"] = court.injunction.good_faith == "required"
    row["sequential"] = court.faults.order == "sequential"
    row["competitors"] = court.faults.benchmark == "competitors"
    row["separate"] = court.faults.netting == "separate"
    row["apportion"] = court.faults.apportion_loss
    row["provisional"] = court.provisional_enforcement
    row["appeal"] = court.appeal.available
    row["aggregate_cap"] = court.aggregate_cap
    row["interim"] = court.interim_licence is not None
    if court.interim_licence is not None:
        row["interim_after"] = number("court.security.interim_after", court.interim_licence.after)
        row["interim_rate"] = InterimRate[court.interim_licence.rate.upper()]
        row["interim_covers"] = Covers[court.interim_licence.covers.upper()]
        row["interim_deposit"] = court.interim_licence.paid_to == "court"
        row["interim_ground"] = bits(court.interim_licence.ground)
    if court.interim_injunction is not None:
        row["enjoin_after"] = number("court.interim_injunction.after", court.interim_injunction.after)
        row["enjoin_chance"] = number(
            "court.interim_injunction.probability", court.interim_injunction.probability
        )
        row["enjoin_compensated"] = court.interim_injunction.compensated
    if court.arbitration is not None:
        row["baseball"] = court.arbitration.form == "baseball"
    row["recognised"] = bits(court.faults.recognised)
    for fault, weight in court.faults.recognised.items():
        row["weight"][fault] = weight.value
    row["anti_hold_up"] = court.rate.controls.anti_hold_up
    row["anti_stacking"] = court.rate.controls.anti_stacking
    _court_numbers(row, regime, number)
    row["appeal_months"] = round(float(row["d2"]))
    row["arbitration_wait"] = round(float(row["arbitration_months"]))
    for name in ("licence", "court", "escrow"):
        row[f"log_{name}"] = log_monthly(number(f"court.interest.{name}", getattr(court.interest, name)))
    for instance, mean in enumerate((float(row["d1"]), float(row["d2"]))):
        row["remaining"][instance] = expected_remaining(mean, float(row["variation"]))


def _court_numbers(row: np.void, regime: Regime, number: Numbers) -> None:
    court = regime.court
    for field, path in COURT_NUMBERS.items():
        row[field] = number(f"court.{path}", _stated(court, path))
    for field in ("detected_h", "detected_i"):
        row[field] *= number("court.faults.detected", court.faults.detected)
    licensing = court.injunction.base_probability_licensing_company or court.injunction.base_probability
    for field, name, quantity in (
        ("logit_product", "base_probability", court.injunction.base_probability),
        ("logit_licensing", "base_probability_licensing_company", licensing),
    ):
        row[field] = logit(number(f"court.injunction.{name}", quantity))
    row["method_factor"] = math.exp(float(row["method_bias"]))
    if row["retrial_error"] <= 0.0:
        row["retrial_error"] = row["court_error"]
    others = ("like_parties", "like_patents", "like_terms", "like_payment", "like_scope")
    row["likens"] = row["like_size"] != 1.0 or any(row[name] > 0.0 for name in others)
    row["carries"] = row["all_licensors"] or row["volume"] > 0.0
    row["controlled"] = (
        row["anti_hold_up"]
        or row["anti_stacking"]
        or min(row["total_control"], row["wide_adoption"]) < NO_CONTROL
        or max(row["adequate_reward"], row["non_discrimination"]) > 0.0
    )


def _stated(court: CourtRules, path: str) -> Quantity | None:
    """What a regime's file says at a path below ``court``; nothing where the part itself is absent."""
    part: Any = court
    for word in path.split("."):
        part = None if part is None else getattr(part, word)
    return cast("Quantity | None", part)


def _steps_where(regime: Regime, court: Consequence, actor: Party | None = None) -> int:
    """Mask of the steps whose breach has this consequence (and this actor)."""
    return bits(
        place
        for place, step in enumerate(regime.steps.values())
        if (actor is None or step.actor == actor)
        and any(
            breach is not None and breach.consequence == court
            for breach in (step.if_missed, step.if_deficient)
        )
    )


def write_steps(rows: np.ndarray, regime: Regime) -> None:
    """Write the steps of a regime's protocol, one a row (at most ``MAX_STEPS``)."""
    order = regime.order()
    for place, (row, step) in enumerate(zip(rows, regime.steps.values(), strict=False)):
        row["actor"], row["act"], row["phase"] = step.actor, step.act, step.phase
        row["must"], row["may"] = bits(step.must_contain), bits(step.may_contain)
        row["one_of"] = bits(step.must_contain_any)
        row["items"] = -1
        for item, fault in step.if_deficient.faults.items() if step.if_deficient else ():
            row["items"][item] = fault
        row["deadline"] = -1 if step.deadline is None else step.deadline.value
        row["then"] = order.index(step.then) if step.then else place + 1
        row["needs_frand"] = step.needs_frand_offer
        for prefix, breach in (("miss", step.if_missed), ("lack", step.if_deficient)):
            _breach(row, prefix, breach, place, order)


def _breach(row: np.void, prefix: str, breach: Breach | None, place: int, order: tuple[str, ...]) -> None:
    for side in ("h", "i"):
        row[f"{prefix}_fault_{side}"] = -1
    row[f"{prefix}_go"] = -1
    if breach is None:
        return
    row[f"{prefix}_court"] = breach.consequence
    for side, party in (("h", Party.HOLDER), ("i", Party.IMPLEMENTER)):
        called = None if breach.fault is None else fault_of(breach.fault, party)
        if called is not None:
            row[f"{prefix}_fault_{side}"] = called
    if breach.go != "stay":
        row[f"{prefix}_go"] = place + 1 if breach.go == "next" else order.index(breach.go)


def expected_remaining(mean: float, variation: float) -> np.ndarray:
    """Expected remaining months of an instance, by the months it has run (0 to the longest horizon).

    The mean residual life of a log-normal duration with mean ``m`` and coefficient of variation
    ``variation``: ``m Phi((mu + s**2 - ln e) / s) / Phi((mu - ln e) / s) - e``, at least 1.
    """
    elapsed = np.arange(MAX_HORIZON + 1, dtype=float)
    if mean <= 0.0:
        return np.zeros_like(elapsed)
    variance = math.log1p(variation**2)
    if variance <= 0.0:
        return np.maximum(np.rint(mean - elapsed), 1.0)
    sd, mu = math.sqrt(variance), math.log(mean) - 0.5 * variance
    with np.errstate(divide="ignore"):
        log_elapsed = np.log(elapsed)
    alive = ndtr((mu - log_elapsed) / sd)
    weighted = mean * ndtr((mu + variance - log_elapsed) / sd)
    left = np.where(alive > GONE, weighted / np.maximum(alive, 1e-300) - elapsed, 1.0)
    return np.maximum(np.rint(left), 1.0)
