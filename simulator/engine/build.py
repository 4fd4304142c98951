"""From a scenario to the engine's arrays: numbers resolved, words coded, discounting tabulated.

A number is taken from the scenario's ``set``, else from the file that owns it, else from the
registry.  Everything here happens once a run, in plain Python.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from functools import lru_cache
from typing import NamedTuple

import numpy as np
from scipy.special import ndtr

from simulator import parameters
from simulator.engine import law, remedies
from simulator.engine import state as layout
from simulator.engine.records import MAX_HORIZON, MAX_STEPS
from simulator.engine.state import Rules, State
from simulator.rules.bargain import conceded
from simulator.rules.discount import annuity, power
from simulator.rules.remedy import logit
from simulator.spec.base import Quantity
from simulator.spec.market import Beliefs, HolderGroup, ImplementerGroup, Market
from simulator.spec.regime import Breach, Regime
from simulator.spec.scenario import Scenario
from simulator.spec.strategy import Strategy
from simulator.vocabulary import (
    Act,
    Consequence,
    CourtMode,
    Covers,
    EarlySuit,
    InterimRate,
    Party,
    Precondition,
    SecurityBase,
    Signal,
    fault_of,
)

GONE = 1e-12  # share of cases still pending below which nothing is told from it


class Numbers:
    """Resolves the numbers of a scenario."""

    def __init__(self, overrides: dict[str, Quantity]) -> None:
        self.overrides = overrides

    def __call__(self, name: str, quantity: Quantity | None) -> float:
        """The value of registry parameter ``name``: set by the scenario, the file, or the registry."""
        if name in self.overrides:
            return self.overrides[name].value
        return parameters.default(name) if quantity is None else quantity.value


def log_monthly(rate: float) -> float:
    """Natural logarithm of the monthly factor of an annual rate.

    >>> round(12 * log_monthly(0.08), 6)
    0.076961
    """
    return math.log1p(rate) / 12.0


def bits(members: Iterable[int]) -> int:
    """The mask with these bits set.

    >>> bits([0, 2])
    5
    """
    return sum(1 << int(member) for member in members)


def build(scenario: Scenario) -> Rules:
    """Everything a run is played under."""
    number = Numbers(scenario.set)
    names = list(scenario.strategies)
    market = scenario.market
    mixes: list[tuple[int, float]] = []
    holders = _holder_groups(market, number, names, mixes)
    implementers = _implementer_groups(market, number, names, mixes)
    protocols = np.zeros(len(scenario.regimes), dtype=law.PROTOCOL)
    steps = np.zeros((len(scenario.regimes), MAX_STEPS), dtype=law.STEP)
    forums = np.zeros(len(scenario.regimes), dtype=law.FORUM)
    for r, regime in enumerate(scenario.regimes):
        _protocol(protocols[r], regime)
        _steps(steps[r], regime)
        _forum(forums[r], regime, number)
        forums[r]["regional"] = _regional(regime, market, number)
    strategies = np.zeros(len(names), dtype=layout.STRATEGY)
    for row, name in zip(strategies, names, strict=True):
        write_strategy(row, scenario.strategies[name], market, number)
    record = _market(market, number)
    record[0]["block"] = scenario.block
    return Rules(
        protocols,
        steps,
        forums,
        strategies,
        record,
        holders,
        _members(market.holders),
        implementers,
        _members(market.implementers),
        np.array(mixes, dtype=layout.MIX),
        np.array(market.negotiations(), dtype=np.int64),
        _curves(forums, holders, implementers, record[0]),
    )


def _regional(regime: Regime, market: Market, number: Numbers) -> float:
    """A court's factor for region two: as its law says, else the market's own."""
    name, stated = "court.rate.regional_factor", regime.court.rate.regional_factor
    if stated is None and name not in number.overrides:
        return number("standard.regional_factor", market.standard.regional_factor)
    return number(name, stated)


def _curves(forums: np.ndarray, holders: np.ndarray, implementers: np.ndarray, market: np.void) -> np.ndarray:
    horizon, social = int(market["horizon"]), float(market["log_social"])
    rows = np.zeros((len(forums), len(holders), len(implementers)), dtype=layout.CURVES)
    for (r, h, i), row in np.ndenumerate(rows):
        growth = float(implementers[i]["log_growth"])
        discounts = float(holders[h]["log_d"]), float(implementers[i]["log_d"])
        interests = float(forums[r]["log_licence"]), float(forums[r]["log_court"]), 0.0
        deflators = social, -interests[0], -interests[1]
        logs = (*discounts, growth, *interests, float(forums[r]["log_escrow"]), *deflators)
        ratios = [log + growth for log in discounts] + [growth - log for log in interests]
        row["last"] = horizon
        row["log"] = logs
        for kind, log in enumerate(logs):
            row["power"][: horizon + 1, kind] = _powers(log, horizon)
        for kind, log in enumerate(ratios):
            row["annuity"][: horizon + 1, kind] = _annuities(log, horizon)
    return rows


@lru_cache(maxsize=256)
def _powers(log_ratio: float, last: int) -> list[float]:
    return [power(log_ratio, 1.0 * months) for months in range(last + 1)]


@lru_cache(maxsize=256)
def _annuities(log_ratio: float, last: int) -> list[float]:
    return [annuity(log_ratio, 1.0 * months) for months in range(last + 1)]


class Blank(NamedTuple):
    """What a negotiation and its suit are reset from."""

    negotiations: np.ndarray
    suits: np.ndarray


def new_state(rules: Rules) -> tuple[State, Blank]:
    """Fresh state arrays for one thread, and the blank records they are reset from."""
    mkt, n = rules.market[0], len(rules.parties)
    blank = Blank(np.zeros(1, dtype=layout.NEGOTIATION), np.zeros(1, dtype=layout.SUIT))
    for field in ("entitled_since", "first_ask_month", "first_bid_month"):
        blank.negotiations[field] = -1
    for field in ("filer", "first_filer", "first_filing", "filed_month"):
        blank.suits[field] = -1
    state = State(
        np.zeros(int(mkt["n_holders"]), dtype=layout.HOLDER),
        np.zeros(int(mkt["n_implementers"]), dtype=layout.IMPLEMENTER),
        np.zeros(int(mkt["n_implementers"]), dtype=layout.SALES),
        np.zeros(n, dtype=layout.NEGOTIATION),
        np.zeros(n, dtype=layout.SUIT),
        np.zeros(n, dtype=layout.MOVES),
        np.zeros(1, dtype=layout.DOCKET),
        np.zeros(n, dtype=np.int64),
        np.zeros(n, dtype=np.int64),
        np.zeros(n),
        np.zeros(1, dtype=layout.OUTLOOK),
    )
    return state, blank


def _mix(strategies: dict[str, float], names: list[str], mixes: list[tuple[int, float]]) -> tuple[int, int]:
    first, upto = len(mixes), 0.0
    for name, share in strategies.items():
        upto += share
        mixes.append((names.index(name), upto))
    return first, len(strategies)


def _holder_groups(
    market: Market, number: Numbers, names: list[str], mixes: list[tuple[int, float]]
) -> np.ndarray:
    rows = np.zeros(len(market.holders), dtype=layout.HOLDER_GROUP)
    for row, group in zip(rows, market.holders, strict=True):
        row["kind"] = group.kind
        row["first_mix"], row["n_mix"] = _mix(group.strategies, names, mixes)
        for field, name in (
            ("share", "share"),
            ("share_spread", "share_spread"),
            ("quality_spread", "quality_spread"),
            ("validity", "validity"),
            ("asserted", "patents_asserted"),
            ("essentiality", "essentiality"),
            ("discount", "discount"),
        ):
            row[field] = number(f"holders.{name}", getattr(group, name))
        row["log_d"] = -log_monthly(float(row["discount"]))
    return rows


def _implementer_groups(
    market: Market, number: Numbers, names: list[str], mixes: list[tuple[int, float]]
) -> np.ndarray:
    rows = np.zeros(len(market.implementers), dtype=layout.IMPLEMENTER_GROUP)
    factor = number("standard.regional_factor", market.standard.regional_factor)
    for row, group in zip(rows, market.implementers, strict=True):
        row["first_mix"], row["n_mix"] = _mix(group.strategies, names, mixes)
        for name in ("sales", "sales_spread", "growth", "margin", "discount"):
            row[name] = number(f"implementers.{name}", getattr(group, name))
        abroad = number("implementers.region_two_share", group.region_two_share)
        row["abroad"] = abroad
        row["region_factor"] = 1.0 - abroad + abroad * factor
        row["log_d"] = -log_monthly(float(row["discount"]))
        row["log_growth"] = log_monthly(float(row["growth"]))
    return rows


def _members(groups: tuple[HolderGroup, ...] | tuple[ImplementerGroup, ...]) -> np.ndarray:
    return np.repeat(np.arange(len(groups), dtype=np.int64), [group.count for group in groups])


def _market(market: Market, number: Numbers) -> np.ndarray:
    record = np.zeros(1, dtype=layout.MARKET)
    row = record[0]
    standard, beliefs, costs, bargaining = market.standard, market.beliefs, market.costs, market.bargaining
    row["horizon"] = number("standard.horizon", standard.horizon)
    row["n_holders"] = sum(group.count for group in market.holders)
    row["n_implementers"] = sum(group.count for group in market.implementers)
    row["least_left"] = number("timing.least_left", market.timing.least_left)
    row["notice_spread"] = number("timing.notice_spread", market.timing.notice_spread)
    row["licensed_use"] = market.timing.use == "licensed"
    row["burden"] = aggregate_burden(market, number)
    shares = math.fsum(group.count * number("holders.share", group.share) for group in market.holders)
    row["rest_share"] = max(0.0, 1.0 - shares)
    for field, name, quantity in (
        ("spread", "beliefs.spread", beliefs.spread),
        ("suspicion", "beliefs.suspicion", beliefs.suspicion),
        ("cost_chart", "costs.claim_chart", costs.claim_chart),
        ("cost_verify", "costs.verification", costs.verification),
        ("cost_comparables", "costs.comparables", costs.comparables),
        ("cost_talks", "costs.talks", costs.talks),
        ("cost_filing", "costs.filing", costs.filing),
        ("cost_monthly", "costs.monthly", costs.monthly),
        ("cost_trial", "costs.trial", costs.trial),
        ("beta", "bargaining.holder_weight", bargaining.holder_weight),
        ("moderate_ask", "bargaining.moderate_ask", bargaining.moderate_ask),
        ("moderate_bid", "bargaining.moderate_bid", bargaining.moderate_bid),
        ("breakdown", "bargaining.breakdown", bargaining.breakdown),
        ("breakdown_growth", "bargaining.breakdown_growth", bargaining.breakdown_growth),
        ("elasticity", "demand.elasticity", market.demand.elasticity),
        ("pass_through", "demand.pass_through", market.demand.pass_through),
        ("diverted", "demand.diverted", market.demand.diverted),
        ("social", "welfare.social_discount", market.welfare.social_discount),
    ):
        row[field] = number(name, quantity)
    if row["n_implementers"] == 1:
        row["diverted"] = 0.0
    row["bias"] = self_serving_shift(beliefs, number)
    row["log_social"] = -log_monthly(float(row["social"]))
    for kind, name in (
        (Signal.CLAIM_CHART, "claim_chart"),
        (Signal.VERIFICATION, "verification"),
        (Signal.COMPARABLES, "comparables"),
        (Signal.COURT_ROUND, "court_round"),
        (Signal.REASONS, "reasons"),
    ):
        row["signal_sd"][kind] = number(f"beliefs.{name}", getattr(beliefs, name))
    return record


def self_serving_shift(beliefs: Beliefs, number: Numbers) -> float:
    """``k sigma``, or the shift stated outright: by the scenario, else by the market if nobody sets ``k``."""
    outright = beliefs.bias is not None and "beliefs.bias_per_spread" not in number.overrides
    if outright or "beliefs.bias" in number.overrides:
        return number("beliefs.bias", beliefs.bias)
    per_spread = number("beliefs.bias_per_spread", beliefs.bias_per_spread)
    return per_spread * number("beliefs.spread", beliefs.spread)


def aggregate_burden(market: Market, number: Numbers) -> float:
    """``A``: the burden of each generation weighted by its share of the standard's value.

    *Source*: the multimode formula of Oppo v Nokia (Chongqing 2023).  A scenario may set it outright
    as ``standard.aggregate_burden``.
    """
    if "standard.aggregate_burden" in number.overrides:
        return number.overrides["standard.aggregate_burden"].value
    return math.fsum(g.aggregate_burden.value * g.value_share.value for g in market.standard.generations)


def write_strategy(row: np.void, strategy: Strategy, market: Market, number: Numbers) -> None:
    """Fill a row of dtype ``STRATEGY``."""
    bargaining, conduct = market.bargaining, strategy.conduct
    row["side"] = Party.HOLDER if strategy.party == "holder" else Party.IMPLEMENTER
    row["tactic"] = strategy.tactic
    row["alternate"] = strategy.turns == "alternate"
    row["reply_delay"] = conduct.reply_delay.value
    row["refuses"] = bits(conduct.refuses)
    row["withholds"] = bits(conduct.withholds)
    for name in (
        "forthcoming", "initiates", "threatens", "stalls", "refuses_confidentiality", "justifies",
        "hinders_advisers",
    ):  # fmt: skip
        row[name] = getattr(conduct, name)
    row["demands"] = Precondition[conduct.demands.upper()]
    row["anchor"] = strategy.anchor.value
    row["window"] = number("bargaining.window", strategy.window or bargaining.window)
    row["sue_after"] = number("bargaining.sue_after", strategy.sue_after or bargaining.sue_after)
    row["floor"] = number("bargaining.floor", strategy.floor or bargaining.floor)
    for age in range(min(int(row["window"]), MAX_HORIZON + 1)):
        exponent = number("strategy.exponent", strategy.exponent)
        row["path"][age] = conceded(1.0 * age, 1.0 * int(row["window"]), exponent)
    for name in ("goodwill", "ambush", "patience", "over_declaration", "waits_for_peers"):
        row[name] = number(f"strategy.{name}", getattr(strategy, name))


def _protocol(row: np.void, regime: Regime) -> None:
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


def _forum(row: np.void, regime: Regime, number: Numbers) -> None:
    court = regime.court
    row["remedy"] = court.mode
    row["binding"] = court.binding
    if court.mode != CourtMode.NONE:  # nobody sues where nothing can be given
        row["standing_holder"] = court.standing.holder
        row["standing_implementer"] = court.standing.implementer
    row["liability_gate"] = court.liability_gate
    if court.mode in remedies.ENJOINING:
        row["test"] = court.injunction.test
    row["cap"] = court.injunction.cap
    row["method"] = court.rate.method
    row["keep_tainted"] = court.rate.tainted_comparables == "keep"
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
    row["anti_hold_up"], row["anti_stacking"] = (
        court.rate.controls.anti_hold_up,
        court.rate.controls.anti_stacking,
    )
    _court_numbers(row, regime, number)
    row["appeal_months"] = round(float(row["d2"]))
    row["arbitration_wait"] = round(float(row["arbitration_months"]))
    for name in ("licence", "court", "escrow"):
        row[f"log_{name}"] = log_monthly(number(f"court.interest.{name}", getattr(court.interest, name)))
    for instance, mean in enumerate((float(row["d1"]), float(row["d2"]))):
        row["remaining"][instance] = expected_remaining(mean, float(row["variation"]))


def _court_numbers(row: np.void, regime: Regime, number: Numbers) -> None:
    court = regime.court
    arbitration, controls = court.arbitration, court.rate.controls
    for field, name, quantity in (
        ("forum_share", "scope.forum_share", court.scope.forum_share),
        ("coverage", "scope.order_coverage", court.scope.order_coverage),
        ("remainder", "scope.collectable_remainder", court.scope.collectable_remainder),
        ("money_after", "scope.money_after", court.scope.money_after),
        ("p_max", "injunction.ceiling", court.injunction.ceiling),
        ("slope", "injunction.slope", court.injunction.slope),
        ("months_excluded", "injunction.months_excluded", court.injunction.months_excluded),
        ("redesign_cost", "injunction.redesign_cost", court.injunction.redesign_cost),
        ("take_within", "injunction.take_within", court.injunction.take_within),
        ("court_error", "rate.error", court.rate.error),
        ("method_bias", "rate.bias", court.rate.bias),
        ("comparables_needed", "rate.comparables_needed", court.rate.comparables_needed),
        ("unpacking", "rate.unpacking", court.rate.unpacking),
        ("total_control", "rate.controls.total_control", controls.total_control),
        ("wide_adoption", "rate.controls.wide_adoption", controls.wide_adoption),
        ("adequate_reward", "rate.controls.adequate_reward", controls.adequate_reward),
        ("non_discrimination", "rate.controls.non_discrimination", controls.non_discrimination),
        ("licence_share", "past_use.licence_share", court.past_use.licence_share),
        ("court_share", "past_use.court_share", court.past_use.court_share),
        ("limitation", "past_use.limitation", court.past_use.limitation),
        ("security_share", "security.share", court.security.share),
        ("loser_pays", "costs.loser_pays", court.costs.loser_pays),
        ("public_cost", "costs.public", court.costs.public),
        ("litigation_factor", "costs.litigation_factor", court.costs.litigation_factor),
        ("refuses_adr", "costs.refuses_adr", court.costs.refuses_adr),
        ("uplift", "faults.uplift", court.faults.uplift),
        ("damages", "faults.damages", court.faults.damages),
        ("half_range", "faults.frand_half_range", court.faults.frand_half_range),
        ("extreme", "faults.extreme_factor", court.faults.extreme_factor),
        ("competitors_needed", "faults.competitors_needed", court.faults.competitors_needed),
        ("detected_h", "faults.attention_holder", court.faults.attention_holder),
        ("detected_i", "faults.attention_implementer", court.faults.attention_implementer),
        ("false_findings", "faults.false_findings", court.faults.false_findings),
        ("cure", "faults.cure", court.faults.cure),
        ("d1", "durations.first_instance", court.durations.first_instance),
        ("d2", "durations.appeal", court.durations.appeal),
        ("variation", "durations.variation", court.durations.variation),
        ("capacity", "docket", court.docket),
        ("bar_months", "bar_after_lost_suit", court.bar_after_lost_suit),
        ("meeting", "settlement.meeting_probability", court.settlement.meeting_probability),
        ("evidence_every", "settlement.evidence_every", court.settlement.evidence_every),
        ("window", "settlement.window", court.settlement.window),
        ("reversal", "appeal.reversal", court.appeal.reversal),
        ("arbitration_months", "arbitration.months", arbitration.months if arbitration else None),
        ("arbitration_cost", "arbitration.cost", arbitration.cost if arbitration else None),
        ("arbitration_error", "arbitration.error", arbitration.error if arbitration else None),
    ):
        row[field] = number(f"court.{name}", quantity)
    for field in ("detected_h", "detected_i"):
        row[field] *= number("court.faults.detected", court.faults.detected)
    licensing = court.injunction.base_probability_licensing_company or court.injunction.base_probability
    for field, name, quantity in (
        ("logit_product", "base_probability", court.injunction.base_probability),
        ("logit_licensing", "base_probability_licensing_company", licensing),
    ):
        row[field] = logit(number(f"court.injunction.{name}", quantity))
    row["method_factor"] = math.exp(float(row["method_bias"]))


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


def _steps(rows: np.ndarray, regime: Regime) -> None:
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
