"""From a scenario to the engine's arrays: numbers resolved, words coded, discounting tabulated.

A number is taken from the scenario's ``set``, else from the file that owns it, else from the
registry.  Everything here happens once a run, in plain Python.
"""

from __future__ import annotations

import math
from functools import lru_cache
from operator import attrgetter
from typing import NamedTuple

import numpy as np

from simulator.engine import law
from simulator.engine import market as setting
from simulator.engine import state as layout
from simulator.engine.adoption import UNLIMITED
from simulator.engine.build_law import regional_factor, seat, write_forum, write_protocol, write_steps
from simulator.engine.numbers import Numbers, bits, log_monthly
from simulator.engine.outcomes import OUTCOME
from simulator.engine.records import MAX_HORIZON, MAX_STEPS
from simulator.engine.state import State
from simulator.rules.bargain import conceded
from simulator.rules.discount import annuity, power
from simulator.spec.market import Beliefs, HolderGroup, ImplementerGroup, Market
from simulator.spec.scenario import Scenario
from simulator.spec.strategy import Strategy
from simulator.vocabulary import Precondition, RateMethod, RateRange, Signal

SAYS_NOTHING = 100.0
"""Noise from which on a calculation says nothing, and costs nothing."""
NO_CAP = 1e6
"""The figure of a cap on royalties that is none."""
BY_LICENCES = {
    RateMethod.COMPARABLES,
    RateMethod.COMPARABLES_CHECKED,
    RateMethod.COMPARABLES_CHECKED_DECLARED,
}
"""Methods that licences lead."""
MARKET_NUMBERS = {
    "horizon": "standard.horizon",
    "least_left": "timing.least_left",
    "notice_spread": "timing.notice_spread",
    "alternative": "standard.alternative",
    "contribution": "standard.contribution",
    "switching": "standard.switching",
    "pool_rate": "standard.pool_rate",
    "membership": "standard.pool_membership",
    "spread": "beliefs.spread",
    "suspicion": "beliefs.suspicion",
    "cost_chart": "costs.claim_chart",
    "cost_verify": "costs.verification",
    "cost_expert": "costs.expert",
    "cost_comparables": "costs.comparables",
    "cost_talks": "costs.talks",
    "cost_filing": "costs.filing",
    "cost_monthly": "costs.monthly",
    "cost_trial": "costs.trial",
    "beta": "bargaining.holder_weight",
    "moderate_ask": "bargaining.moderate_ask",
    "moderate_bid": "bargaining.moderate_bid",
    "breakdown": "bargaining.breakdown",
    "breakdown_growth": "bargaining.breakdown_growth",
    "elasticity": "demand.elasticity",
    "pass_through": "demand.pass_through",
    "diverted": "demand.diverted",
    "social": "welfare.social_discount",
    "missing": "welfare.missing_technology",
    "term": "licences.term",
    "renewal": "licences.renewal",
    "most_favoured": "licences.most_favoured",
    "lump_share": "licences.lump_share",
    "later_generations": "licences.later_generations",
    "cap": "licences.cap",
    "bond_suit": "relations.suit",
    "bond_threat": "relations.threat",
    "bond_mends": "relations.mending",
    "bond_cost": "relations.cost",
    "bond_delay": "relations.delay",
    "doubt": "threats.unthreatened",
    "trust": "threats.trust",
    "trust_weight": "threats.trust_weight",
    "tolerated": "threats.tolerated",
    "taint": "threats.taint",
    "sales_spread": "information.sales",
    "margin_spread": "information.margin",
    "calculation": "information.calculation",
    "charts_secret": "information.charts_secret",
    "list_first": "information.list_first",
    "mandatory": "sso.mandatory",
    "verified": "sso.verified",
    "detection": "sso.detection",
    "estoppel": "sso.estoppel",
    "commitment": "sso.commitment",
    "next_best": "lock_in.alternative",
    "leave_fixed": "lock_in.fixed",
    "leave_growing": "lock_in.growing",
    "leave_months": "lock_in.exclusion",
    "lock_months": "lock_in.months",
    "expiring": "information.expiring",
    "ownership_doubt": "information.ownership_doubt",
}
"""Fields of a market's record that are a number of its file, by the number's name."""


def build(scenario: Scenario) -> setting.Rules:
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
        write_protocol(protocols[r], regime)
        write_steps(steps[r], regime)
        write_forum(forums[r], regime, number)
        forums[r]["regional"] = regional_factor(regime, market, number)
        forums[r]["region"] = seat(regime, market)
    strategies = np.zeros(len(names), dtype=setting.STRATEGY)
    for row, name in zip(strategies, names, strict=True):
        write_strategy(row, scenario.strategies[name], market, number)
    record = _market(market, number)
    counts = [group.count for group in market.implementers]
    record["drifts"] = bool((holders["drift"] != 0.0).any() or _arrives(record[0]))
    uneven = holders["in_generation"][:, : int(record[0]["n_generations"])] != 1.0
    record["multimode"] = bool(record[0]["drifts"] or uneven.any())
    record["margin"] = np.average(implementers["margin"], weights=counts)
    record[0]["block"] = scenario.block
    for row in forums:
        row["plain"] = _finds_frand(row, record[0], holders)
    record["chooses"] = (implementers["barrier"] < UNLIMITED).any() or (holders["outside"] > 0.0).any()
    return setting.Rules(
        protocols,
        steps,
        forums,
        strategies,
        record,
        holders,
        _members(market.holders),
        implementers,
        _members(market.implementers),
        np.array(mixes, dtype=setting.MIX),
        market.negotiations(),
        _curves(forums, holders, implementers, record[0]),
    )


def _finds_frand(forum: np.void, market: np.void, holders: np.ndarray) -> bool:
    """Whether parties expect the FRAND rate: no court can be called, or its method finds it, without bounds.

    It is where families, value and contributions are one, pools post the aggregate, and nothing is next best.
    """
    method = int(forum["method"])
    if forum["standing_holder"] == 0 and forum["standing_implementer"] == 0:  # nobody can call it
        return True
    if forum["controlled"] or method == RateMethod.QUOTATION:
        return False
    if forum["carries"] and method in BY_LICENCES:
        return False
    if method == RateMethod.COMPARABLES:
        return True
    spreads = ("quality_spread", "contribution_spread")
    alike = all(row[name] == 0.0 for row in holders for name in spreads)
    off = all(market[name] == 0.0 for name in ("alternative", "contribution", "switching"))
    declared = method in {RateMethod.TOP_DOWN_DECLARED, RateMethod.COMPARABLES_CHECKED_DECLARED}
    pools = method == RateMethod.POOL or forum["range"] != RateRange.NONE
    full = market["pool_rate"] == 1.0 and market["membership"] == 0.0
    return bool(alike and off and forum["increment"] == 1.0 and (full or not pools) and not declared)


def _curves(forums: np.ndarray, holders: np.ndarray, implementers: np.ndarray, market: np.void) -> np.ndarray:
    horizon, social = int(market["horizon"]), float(market["log_social"])
    rows = np.zeros((len(forums), len(holders), len(implementers)), dtype=setting.CURVES)
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
def _powers(log_ratio: float, last: int) -> np.ndarray:
    return np.array([power(log_ratio, 1.0 * months) for months in range(last + 1)])


@lru_cache(maxsize=256)
def _annuities(log_ratio: float, last: int) -> np.ndarray:
    return np.array([annuity(log_ratio, 1.0 * months) for months in range(last + 1)])


class Blank(NamedTuple):
    """What a negotiation and its suit are reset from."""

    negotiations: np.ndarray
    suits: np.ndarray
    licences: np.ndarray


def new_state(rules: setting.Rules) -> tuple[State, Blank]:
    """Fresh state arrays for one thread, and the blank records they are reset from."""
    mkt, n = rules.market[0], len(rules.parties)
    blank = Blank(*(np.zeros(1, dtype=kind) for kind in (layout.NEGOTIATION, layout.SUIT, layout.LICENCE)))
    for field in ("bond", "region", "sales_seen", "margin_seen", "capped", "cap_leaves", "paid_part"):
        blank.licences[field] = 1.0
    for field in ("lapsed_since", "threat_until", "threat_last"):
        blank.licences[field] = -1
    for field in ("entitled_since", "first_ask_month", "first_bid_month"):
        blank.negotiations[field] = -1
    for field in ("filer", "first_filer", "first_filing", "filed_month"):
        blank.suits[field] = -1
    state = State(
        np.zeros(int(mkt["n_holders"]), dtype=layout.HOLDER),
        np.zeros(int(mkt["n_implementers"]), dtype=layout.IMPLEMENTER),
        np.zeros((int(mkt["horizon"]) + 1, int(mkt["n_implementers"])), dtype=layout.SALES),
        np.zeros(n, dtype=layout.NEGOTIATION),
        np.zeros(n, dtype=layout.SUIT),
        np.zeros(n, dtype=layout.LICENCE),
        np.zeros(n, dtype=OUTCOME),
        np.zeros(n, dtype=layout.MOVES),
        np.zeros(1, dtype=layout.DOCKET),
        np.zeros(n, dtype=np.int64),
        np.zeros(n, dtype=np.int64),
        np.zeros(n),
        np.zeros(1, dtype=layout.OUTLOOK),
        np.zeros((int(mkt["n_holders"]), int(mkt["n_implementers"]), 3)),
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
    rows = np.zeros(len(market.holders), dtype=setting.HOLDER_GROUP)
    for row, group in zip(rows, market.holders, strict=True):
        row["kind"] = group.kind
        row["first_mix"], row["n_mix"] = _mix(group.strategies, names, mixes)
        for field, name in (
            ("share", "share"),
            ("share_spread", "share_spread"),
            ("quality_spread", "quality_spread"),
            ("contribution_spread", "contribution_spread"),
            ("alternative_spread", "alternative_spread"),
            ("validity", "validity"),
            ("asserted", "patents_asserted"),
            ("essentiality", "essentiality"),
            ("sales", "sales"),
            ("outside", "outside"),
            ("outside_spread", "outside_spread"),
            ("discount", "discount"),
        ):
            row[field] = number(f"holders.{name}", getattr(group, name))
        row["log_d"] = -log_monthly(float(row["discount"]))
        row["strength"] = 1.0
        for place, region in enumerate(market.standard.regions):
            if region.region in group.strength:
                row["strength"][place] = group.strength[region.region].value
        _by_generation(row, group, market, number)
    return rows


def _by_generation(row: np.void, group: HolderGroup, market: Market, number: Numbers) -> None:
    """A group's share in each generation over that in all, and how fast its families there grow.

    A scenario's own figure is laid over every generation's.
    """
    everywhere = number("holders.drift", group.drift)
    own = {} if "holders.drift" in number.overrides else group.drifts
    for place, generation in enumerate(market.standard.generations):
        name = generation.generation
        row["in_generation"][place] = group.generations[name].value if name in group.generations else 1.0
        row["drift"][place] = own[name].value if name in own else everywhere


def _implementer_groups(
    market: Market, number: Numbers, names: list[str], mixes: list[tuple[int, float]]
) -> np.ndarray:
    rows = np.zeros(len(market.implementers), dtype=setting.IMPLEMENTER_GROUP)
    factor = number("standard.regional_factor", market.standard.regional_factor)
    for row, group in zip(rows, market.implementers, strict=True):
        row["first_mix"], row["n_mix"] = _mix(group.strategies, names, mixes)
        for name in (
            "sales", "sales_spread", "growth", "margin", "patents", "barrier", "barrier_spread", "discount",
        ):  # fmt: skip
            row[name] = number(f"implementers.{name}", getattr(group, name))
        abroad = number("implementers.region_two_share", group.region_two_share)
        row["abroad"] = abroad
        row["region_factor"] = 1.0 - abroad + abroad * factor
        row["weights"][:2] = 1.0 - abroad, abroad
        if regions := market.standard.regions:
            weights = [group.regions[one.region].value for one in regions]
            row["weights"][: len(regions)] = weights
            row["abroad"] = 1.0 - weights[0]
            row["region_factor"] = math.fsum(
                weight * one.factor.value for weight, one in zip(weights, regions, strict=True)
            )
        row["log_d"] = -log_monthly(float(row["discount"]))
        row["log_growth"] = log_monthly(float(row["growth"]))
    return rows


def _members(groups: tuple[HolderGroup, ...] | tuple[ImplementerGroup, ...]) -> np.ndarray:
    return np.repeat(np.arange(len(groups), dtype=np.int64), [group.count for group in groups])


def _market(market: Market, number: Numbers) -> np.ndarray:
    record = np.zeros(1, dtype=setting.MARKET)
    row = record[0]
    standard, beliefs = market.standard, market.beliefs
    row["n_holders"] = sum(group.count for group in market.holders)
    row["n_implementers"] = sum(group.count for group in market.implementers)
    row["licensed_use"] = market.timing.use == "licensed"
    row["burden"] = aggregate_burden(market, number)
    factors = [one.factor.value for one in market.standard.regions]
    factors = factors or [1.0, number("standard.regional_factor", standard.regional_factor)]
    row["n_regions"], row["factors"][: len(factors)] = len(factors), factors
    _generations(row, market)
    row["territorial"] = any(one.value != 1.0 for group in market.holders for one in group.strength.values())
    shares = math.fsum(group.count * number("holders.share", group.share) for group in market.holders)
    row["rest_share"] = max(0.0, 1.0 - shares)
    row["families"] = math.fsum(one.families.value for one in standard.generations if one.first_month == 0.0)
    row["essentiality"] = number("holders.essentiality", None)
    for field, name in MARKET_NUMBERS.items():
        row[field] = number(name, attrgetter(name)(market))
    if row["n_implementers"] == 1:
        row["diverted"] = 0.0
    row["calculates"] = row["calculation"] < SAYS_NOTHING
    row["private"] = row["sales_spread"] > 0.0 or row["margin_spread"] > 0.0
    row["caps"] = row["cap"] < NO_CAP and row["sales_spread"] > 0.0
    row["arrives_later"] = row["later_generations"] < 1.0 and _arrives(row)
    row["bias"] = self_serving_shift(beliefs, number)
    row["log_social"] = -log_monthly(float(row["social"]))
    for kind in Signal:
        name = kind.name.lower()
        row["signal_sd"][kind] = number(f"beliefs.{name}", getattr(beliefs, name))
    return record


def _generations(row: np.void, market: Market) -> None:
    """When each generation arrives, and its part of the burden over that of those there from the start."""
    generations = market.standard.generations
    arrives = [one.first_month for one in generations]
    parts = [one.aggregate_burden.value * one.value_share.value for one in generations]
    if math.fsum(parts) <= 0.0:
        parts = [one.value_share.value for one in generations]
    there = math.fsum(part for part, month in zip(parts, arrives, strict=True) if month == 0.0)
    row["n_generations"] = len(parts)
    row["generations"][: len(parts)] = [part / there for part in parts]
    row["arrives"][: len(parts)] = arrives


def _arrives(market: np.void) -> bool:
    """Whether a generation comes to the market later, and before the horizon."""
    return bool(((market["arrives"] > 0.0) & (market["arrives"] < market["horizon"])).any())


def self_serving_shift(beliefs: Beliefs, number: Numbers) -> float:
    """``k sigma``, or the shift stated outright: by the scenario, else by the market if nobody sets ``k``."""
    outright = beliefs.bias is not None and "beliefs.bias_per_spread" not in number.overrides
    if outright or "beliefs.bias" in number.overrides:
        return number("beliefs.bias", beliefs.bias)
    per_spread = number("beliefs.bias_per_spread", beliefs.bias_per_spread)
    return per_spread * number("beliefs.spread", beliefs.spread)


def aggregate_burden(market: Market, number: Numbers) -> float:
    """``A``: the burden of each generation there from the start, weighted by its share of the value.

    *Source*: the multimode formula of Oppo v Nokia (Chongqing 2023).  A scenario may set it outright
    as ``standard.aggregate_burden``.
    """
    if "standard.aggregate_burden" in number.overrides:
        return number.overrides["standard.aggregate_burden"].value
    return math.fsum(
        one.aggregate_burden.value * one.value_share.value
        for one in market.standard.generations
        if one.first_month == 0.0
    )


def write_strategy(row: np.void, strategy: Strategy, market: Market, number: Numbers) -> None:
    """Fill a row of dtype ``STRATEGY``."""
    bargaining, conduct = market.bargaining, strategy.conduct
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
    window, exponent = int(row["window"]), number("strategy.exponent", strategy.exponent)
    ages = range(min(window, MAX_HORIZON + 1))
    row["path"][: len(ages)] = [conceded(1.0 * age, 1.0 * window, exponent) for age in ages]
    for name in ("walks_after", "threat_from", "threat_every", "threat_grace"):
        row[name] = number(f"strategy.{name}", getattr(strategy, name))
    for name in ("tailors", "ties", "goodwill", "ambush", "patience", "over_declaration", "waits_for_peers"):
        row[name] = number(f"strategy.{name}", getattr(strategy, name))
