"""What a party of the plain duopoly reckons with: beliefs, faults, the court, reservation rates.

Rests on ``docs/odd.md`` (7.1, 7.2) and the pages it refers to, importing nothing of ours.  Money is
USD m, rates are fractions of price, time is in months.
"""

from __future__ import annotations

from math import exp, inf, log, sqrt
from random import Random
from statistics import NormalDist
from typing import Any

HOLDER, IMPLEMENTER = 0, 1
NAMES = ("holder", "implementer")
TALKS, COURT, WINDOW, APPEAL, EXCLUDED, LICENSED, OUT = range(7)
HOLDER_FAULTS = {
    "sues_without_notice",
    "rejects_licence_request",
    "threatens",
    "breaks_off",
    "withholds_claim_charts",
    "withholds_rate_basis",
    "withholds_patent_information",
    "non_frand_offer",
    "unjustified_extreme_ask",
    "unregistered",
    "holder_refuses_adr",
    "no_offer",
    "keeps_foreign_suits",
}
PHI = NormalDist().cdf


class Law:
    """A regime as plain numbers: what its file states, else what the table of parameters says."""

    def __init__(self, regime: dict[str, Any], registry: dict[str, float]):
        self.regime, self.court = regime, regime["court"]
        self.steps = [{"name": name} | step for name, step in regime["steps"].items()]
        self.names = [step["name"] for step in self.steps]
        self.weights = {name: figure["value"] for name, figure in self.court["faults"]["recognised"].items()}
        self.numbers = {name: self._number(name, given) for name, given in registry.items()}
        upheld = 1 - (1 - registry["holders.validity"]) ** registry["holders.patents_asserted"]
        self.wins = upheld if self.court["liability_gate"] else 1.0
        self.counts = self.court["binding"] and bool(self.weights)  # whether faults weigh in court
        appeal = self.court["appeal"]["available"] and not self.court["provisional_enforcement"]
        self.second = round(self["court.durations.appeal"]) if appeal else 0
        self.reversal = self["court.appeal.reversal"] if appeal else 0.0
        self.left = [
            [
                residual(self[f"court.durations.{name}"], self["court.durations.variation"], n)
                for n in range(601)
            ]
            for name in ("first_instance", "appeal")
        ]

    def _number(self, name: str, given: float) -> float:
        node: Any = self.regime
        for key in name.split("."):
            node = node.get(key) if isinstance(node, dict) else None
        figure = node["value"] if isinstance(node, dict) else node
        return given if figure is None else float(figure)

    def __getitem__(self, name: str) -> float:
        return self.numbers[name]

    def index(self, name: str) -> int:
        """The place of a step."""
        return self.names.index(name)


class Market:
    """The built-in duopoly: what both parties and the court have in common."""

    def __init__(self, market: dict[str, Any], registry: dict[str, float]):
        generation = market["standard"]["generations"][0]
        share = market["holders"][0]["share"]["value"]
        away = registry["implementers.region_two_share"]
        burden = generation["aggregate_burden"]["value"] * (
            1 - away + away * registry["standard.regional_factor"]
        )
        self.frand = burden * share
        self.sales = float(market["implementers"][0]["sales"]["value"])
        self.margin = registry["implementers.margin"]
        self.net = self.margin - burden * (1 - share)
        self.months = int(registry["standard.horizon"])
        self.d = [(1 + registry[f"{side}s.discount"]) ** (-1 / 12) for side in NAMES]
        self.social = (1 + registry["welfare.social_discount"]) ** (-1 / 12)
        self.slope = registry["demand.elasticity"] * registry["demand.pass_through"]

    def to_come(self, month: int, side: int) -> float:
        """Sales from this month to the horizon, discounted to it by this side: ``a_k``."""
        left = max(0, self.months - month)
        return float(self.sales * (1 - self.d[side] ** left) / (1 - self.d[side]))

    def past(self, sold: list[float], first: int, month: int, interest: float) -> float:
        """Sales from ``first`` up to this month with interest, those not yet made as today's: ``P``."""
        e = (1 + interest) ** (1 / 12)
        today = len(sold)
        total = float(sum(sold[n] * e ** (month - n) for n in range(first, min(today, month))))
        last = min(month, self.months)
        if last > today:
            ages = month - today
            span = last - today
            total += self.sales * (span if e == 1 else e**ages * (1 - e**-span) / (1 - 1 / e))
        return total


def residual(mean: float, variation: float, run: int) -> int:
    """Mean months to come of a log-normal duration that has run so long: whole months, at least 1."""
    if run == 0:
        return max(1, round(mean))
    s = sqrt(log(1 + variation**2))
    mu = log(mean) - s**2 / 2
    longer = PHI((mu - log(run)) / s)
    if longer < 1e-12:
        return 1
    return max(1, round(mean * PHI((mu + s**2 - log(run)) / s) / longer - run))


class Side:
    """One party: its conduct as data, its belief, its offers, what it has spent."""

    def __init__(self, side: int, strategy: dict[str, Any], registry: dict[str, float]):
        self.side, self.conduct = side, strategy["conduct"]
        defaults = {
            "window": "bargaining.window",
            "exponent": "strategy.exponent",
            "sue_after": "bargaining.sue_after",
            "patience": "strategy.patience",
            "goodwill": "strategy.goodwill",
        }
        numbers = {name: registry[word] for name, word in defaults.items()}
        numbers |= {name: strategy[name]["value"] for name in ("anchor", *defaults) if strategy.get(name)}
        self.anchor, self.goodwill = numbers["anchor"], numbers["goodwill"]
        self.window, self.exponent = numbers["window"], numbers["exponent"]
        self.sue_after, self.patience = numbers["sue_after"], numbers["patience"]
        self.delay = self.conduct["reply_delay"]["value"]
        self.refuses = set(self.conduct["refuses"])
        self.withholds = set(self.conduct["withholds"])
        self.offer = 0.0  # on the table; 0: none
        self.first = -1  # month of its first offer
        self.mean = self.variance = self.cost = self.spent = 0.0
        self.entitled = self.missed = 0  # by the other's breach; steps it missed
        self.did = False  # its part of the step that is due

    def believe(self, seen: float, variance: float) -> None:
        """Weighs in one signal about the logarithm of the FRAND rate."""
        weight = self.variance / (self.variance + variance)
        self.mean += weight * (seen - self.mean)
        self.variance *= 1 - weight

    @property
    def rho(self) -> float:
        """Its estimate of the FRAND rate."""
        return exp(self.mean - self.variance / 2)


class Pair:
    """One negotiation's state, and what the two make of it."""

    def __init__(self, law: Law, market: Market, strategies: list[dict[str, Any]], rng: Random):
        self.law, self.market, self.rng, self.t = law, market, rng, 0
        self.sides = [Side(k, strategies[k], law.numbers) for k in (HOLDER, IMPLEMENTER)]
        sigma = law["beliefs.spread"]
        for side, sign in zip(self.sides, (1, -1), strict=True):
            side.mean = log(market.frand) + sigma * (sign * law["beliefs.bias_per_spread"] + rng.gauss(0, 1))
            side.variance = sigma**2
        self.status = TALKS
        self.booked: set[str] = set()
        self.cured: set[str] = set()
        self.barred: set[int] = set()  # steps whose breach bars an injunction
        self.assured: set[int] = set()  # steps whose breach assures it
        self.done: set[int] = set()
        self.frand_ask = self.estimate = 0.0
        self.sold: list[float] = []
        self.filed = self.filer = self.start = self.bar_until = -1
        self.end_of_window = self.since = 0
        self.judgment = ""
        self.court_rate = self.shared = 0.0
        self.tribunal = self.paying = False
        self.escrow = self.account = 0.0  # with their interest, as of today
        self.worth = self.loss = self.low = self.high = 0.0
        self.bases = [0.0, 0.0]

    # faults

    def book(self, name: str | None) -> None:
        """Books a fault where the law knows it, once."""
        if name in self.law.weights:
            self.booked.add(str(name))

    def cure(self, name: str | None) -> None:
        """Heals a share of a fault that was booked, once."""
        if name in self.booked:
            self.cured.add(str(name))

    def weight(self, name: str) -> float:
        """What is left of a fault's weight."""
        return float(self.law.weights[name]) * (1 - self.law["court.faults.cure"] * (name in self.cured))

    def ledger(self, side: int) -> float:
        """Weights of a side's faults as booked."""
        return sum(self.weight(name) for name in self.booked if (name in HOLDER_FAULTS) == (side == HOLDER))

    def expected_faults(self) -> list[float]:
        """Faults of both as parties expect a court to see them."""
        if not self.law.counts:
            return [0.0, 0.0]
        seen, false = self.law["court.faults.detected"], self.law["court.faults.false_findings"]
        return [seen * self.ledger(side) + false for side in (HOLDER, IMPLEMENTER)]

    def chance(self, faults: list[float]) -> float:
        """The chance of an injunction at these faults."""
        law, holder = self.law, self.sides[HOLDER]
        rule, binding = law.court["injunction"], law.court["binding"]
        late = holder.offer > 0 or self.status != TALKS
        shut = rule["cap"] == "holder_offer" and late and self.frand_ask == 0 and not holder.entitled
        if rule["test"] == "none" or shut or (binding and self.barred):
            return 0.0
        mine, other = faults
        clean, top = 1.0, law["court.injunction.ceiling"]
        if rule["good_faith"] == "required" and binding:
            clean, mine = max(0.0, 1 - mine), 0.0
        if rule["test"] == "near_automatic" or (binding and self.assured):
            return clean * top
        if law.court["faults"]["netting"] == "separate":
            other *= max(0.0, 1 - mine)
        p_0 = law["court.injunction.base_probability"]
        odds = log(p_0 / (1 - p_0)) + law["court.injunction.slope"] * (other - mine)
        return clean * top / (1 + exp(-odds))

    # what a judgment is worth on its date

    def first_past(self) -> int:
        """First month of past use that counts, ``t_0``."""
        anchor = self.filed if self.filed >= 0 else self.t
        return max(0, anchor - int(self.law["court.past_use.limitation"]))

    def past_due(self, month: int, share: float) -> float:
        """``kappa P`` of an award in this month; ``share``: the implementer's part of the interest."""
        kappa, interest = self.law["court.past_use.court_share"], self.law["court.interest.court"]
        whole = self.market.past(self.sold, self.first_past(), month, interest)
        if not (self.law.court["faults"]["apportion_loss"] and self.law.court["binding"]) or self.tribunal:
            return kappa * whole
        bare = self.market.past(self.sold, self.first_past(), month, 0)
        return kappa * (bare + share * (whole - bare))

    def refused_value(self, rate: float, a: float, past: float, pay: float) -> float:
        """``X_den``: damages in the forum and what is collected elsewhere, as far as it can be paid."""
        x, omega = self.law["court.scope.forum_share"], self.law["court.scope.collectable_remainder"]
        return min(pay, rate * (past * (x + omega * (1 - x)) + omega * a))

    def injunction_value(self, rate: float, a: float, past: float, a_i: float) -> float:
        """``X_inj``: a licence under exclusion within its bounds."""
        law, pay = self.law, self.market.net * a_i
        x, omega = law["court.scope.forum_share"], law["court.scope.collectable_remainder"]
        value = rate * (past * (x + omega * (1 - x)) + omega * (1 - x) * a)
        value += law["bargaining.holder_weight"] * x * pay
        cap: float = inf
        rule = law.court["injunction"]["cap"]
        if rule == "holder_offer" and self.frand_ask > 0:
            cap = self.frand_ask * (a + past)
        elif rule != "none":
            cap = rate * (1 + law["court.faults.frand_half_range"]) * (a + past)
        return float(min(pay, max(self.refused_value(rate, a, past, pay), min(value, cap))))

    def fresh_value(self, rho: float, a: float, past: float, a_i: float) -> float:
        """What a judgment still to be given is worth if the suit is won."""
        if self.tribunal:
            return rho * (a + past)
        law, faults, mode = self.law, self.expected_faults(), self.law.court["mode"]
        moved = law["court.faults.uplift"] * (faults[1] - faults[0]) / (faults[0] + faults[1] + 1)
        direct = law["court.scope.order_coverage"] * rho * (1 + moved) * (a + past)
        if mode == "direct" or (mode == "both" and not self.assured):
            return direct
        p = self.chance(faults)
        granted = self.injunction_value(rho, a, past, a_i)
        if mode == "both":
            return p * granted + (1 - p) * direct
        weighed = p * granted + (1 - p) * self.refused_value(rho, a, past, self.market.net * a_i)
        if mode == "indirect":
            return weighed
        sets = law["court.faults.detected"]
        if faults[HOLDER] == faults[IMPLEMENTER]:
            sets = 1 - law["court.faults.false_findings"]
        elif faults[IMPLEMENTER] > faults[HOLDER]:
            sets = 1 - sets
        return sets * direct + (1 - sets) * weighed

    def known_value(self, a: float, past: float, a_i: float) -> float:
        """What the judgment given is worth."""
        if self.judgment == "rate":
            return self.law["court.scope.order_coverage"] * self.court_rate * (a + past)
        if self.judgment == "granted":
            return self.injunction_value(self.court_rate, a, past, a_i)
        if self.judgment in ("denied", "refused"):
            return self.refused_value(self.court_rate, a, past, self.market.net * a_i)
        return 0.0

    def award(self, rho: float, side: int, month: int, past: float) -> float:
        """What judgment is worth to a side on its date, given what is known of it today."""
        a, a_i = self.market.to_come(month, side), self.market.to_come(month, IMPLEMENTER)
        fresh = (1.0 if self.tribunal else self.law.wins) * self.fresh_value(rho, a, past, a_i)
        if not self.judgment:
            return fresh
        back = 0.0 if self.status == EXCLUDED else self.law.reversal
        return (1 - back) * self.known_value(a, past, a_i) + back * fresh

    # what going on is worth today

    def ahead(self) -> int:
        """Months until a judgment that binds: ``D``."""
        law, t = self.law, self.t
        if self.status == EXCLUDED:
            return max(0, self.since + int(law["court.injunction.take_within"]) - t)
        if self.tribunal:
            wait = round(law["court.arbitration.months"])
            return max(1, wait - (t - self.start)) if self.status == COURT else wait
        if self.status == COURT:
            return law.left[0][t - self.start] + law.second
        if self.status == WINDOW:
            return max(0, self.end_of_window - t) + law.second
        if self.status == APPEAL:
            return law.left[1][t - self.start]
        return max(0, self.bar_until - t) + law.left[0][0] + law.second

    def costs_ahead(self, months: int) -> list[float]:
        """What going on costs holder and implementer, as costs are borne in the end."""
        law = self.law
        if self.status == EXCLUDED:
            return [0.0, 0.0]
        own = law["costs.monthly"] * (months - max(0, self.bar_until - self.t))
        if self.status == TALKS:
            own += law["costs.filing"]
        if self.status in (TALKS, COURT):
            own += law["costs.trial"]
        own *= law["court.costs.litigation_factor"]
        if self.tribunal:
            own = law["court.arbitration.cost"]
        rate_case = law.court["mode"] in ("direct", "both")
        loses = {"granted": 0.0, "denied": 0.0, "lost": 1.0, "rate": 0.5}.get(
            self.judgment, 1 - law.wins * (0.5 if rate_case else 1.0)
        )
        if self.tribunal:
            loses = 0.5
        f = law["court.costs.loser_pays"]
        return [own * (1 + f * (p - (1 - p))) for p in (loses, 1 - loses)]

    def payments_ahead(self, side: int, rho: float, months: int, past: float) -> float:
        """What payments on account still to be ordered are worth to the holder and cost the implementer."""
        order, market = self.law.court["interim_licence"], self.market
        if not order or self.paying or self.tribunal or self.judgment:
            return 0.0
        first = int(order["after"]["value"])
        if months <= first or not self.has_ground(order):
            return 0.0
        d, e = market.d[side], (1 + self.law["court.interest.court"]) ** (1 / 12)
        total = d**first * past * (1 - (d * e) ** (months - first))
        total += sum(market.sales * d**j * (1 - (d * e) ** (months - j)) for j in range(first, months))
        return float(rho * total)

    def has_ground(self, order: dict[str, Any]) -> bool:
        """Whether payments on account can be ordered."""
        ground = set(order["ground"])
        if not ground or ground & self.booked:
            return True
        threatens = self.status == TALKS and self.sides[HOLDER].conduct["threatens"]
        bound = any(self.law.steps[place]["act"] == "undertake" for place in self.done)
        known = {"keeps_foreign_suits"} & ground & set(self.law.weights)
        return bool(known and threatens and bound)

    def deposit_rate(self, otherwise: float) -> float:
        """The rate a deposit is reckoned at."""
        base = self.law.court["security"]["base"]
        offer = self.sides[HOLDER if base == "holder_offer" else IMPLEMENTER].offer
        return offer if offer > 0 else otherwise

    def escrow_cost(self, rho: float, months: int) -> float:
        """What a deposit costs beyond its interest until judgment: one placed, or still to be placed."""
        law = self.law
        amount = self.escrow
        free = "deposit" not in self.sides[IMPLEMENTER].refuses and law.court["security"]["base"] != "none"
        if amount == 0 and self.status == TALKS and free:
            past = self.past_due(self.t, 0.0)
            amount = law["court.security.share"] * self.deposit_rate(rho) * past
        e = (1 + law["court.interest.escrow"]) ** (1 / 12)
        return float(amount * (1 - (self.market.d[IMPLEMENTER] * e) ** months))

    def suit_values(self, rho_h: float, rho_i: float) -> tuple[float, float]:
        """``W_h`` and ``L_i``: what going on is worth to the holder and costs the implementer today."""
        law, market = self.law, self.market
        if law.court["mode"] == "none":
            return 0.0, 0.0
        months = self.ahead()
        faults = self.expected_faults()
        share = faults[1] / (faults[0] + faults[1]) if sum(faults) > 0 else 0.5
        month, past = self.t + months, self.past_due(self.t + months, share)
        e = (1 + law["court.interest.court"]) ** (1 / 12)
        d_h, d_i = (d**months for d in market.d)
        costs = self.costs_ahead(months)
        gift = self.payments_ahead(HOLDER, rho_h, months, past) + self.account * (1 - d_h * e**months)
        burden = self.payments_ahead(IMPLEMENTER, rho_i, months, past)
        burden += self.account * (1 - d_i * e**months) + self.escrow_cost(rho_i, months)
        worth = d_h * self.award(rho_h, HOLDER, month, past) - costs[HOLDER] + gift
        if not self.judgment and self.filer != IMPLEMENTER:
            seen = d_h * self.award(rho_i, HOLDER, month, past) - costs[HOLDER] + gift
            if seen <= 0:
                return worth, 0.0
        lost = self.award(rho_i, IMPLEMENTER, month, past)
        if self.judgment == "refused":
            lost += law["court.scope.forum_share"] * market.net * market.to_come(month, IMPLEMENTER)
        return worth, d_i * lost + costs[IMPLEMENTER] + burden

    def reserve(self) -> None:
        """Reads anew what court is worth to both, and the lowest and highest rate they sign today."""
        law, market, t = self.law, self.market, self.t
        holder, implementer = self.sides
        self.worth, self.loss = self.suit_values(holder.rho, implementer.rho)
        past = market.past(self.sold, self.first_past(), t, law["court.interest.licence"])
        past *= law["court.past_use.licence_share"]
        self.bases = [market.to_come(t, side) + past for side in (HOLDER, IMPLEMENTER)]
        self.low = max(self.worth / self.bases[HOLDER], law["bargaining.floor"] * holder.rho)
        able = market.net * market.to_come(t, IMPLEMENTER) / self.bases[IMPLEMENTER]
        high = max(self.loss / self.bases[IMPLEMENTER], implementer.goodwill * implementer.rho)
        self.high = min(high, able)

    def nash(self) -> float:
        """The Nash point of the two reservation rates."""
        beta = self.law["bargaining.holder_weight"]
        return self.low + beta * (self.high - self.low)
