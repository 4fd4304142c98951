"""The duopoly in plain Python, written from ``docs/odd.md`` and the pages it refers to alone.

One holder, one implementer, one negotiation over 120 months, one month after the other.  Nothing of ours is imported,
every draw is its own: what this module and the engine have in common is the page.  It covers the built-in
market (shares, sales and quality without spread, one licence to the horizon, talks from month 0) and strategies
whose tactic is ``time``.  Sections of the page are named in brackets.

Money is USD m, rates are fractions of price, time is in months.
"""

from __future__ import annotations

from math import exp, log, sqrt
from random import Random
from statistics import NormalDist
from typing import Any

HOLDER, IMPLEMENTER = 0, 1
TALKS, COURT, WINDOW, APPEAL, LICENSED, EXCLUDED, REFUSED = range(7)
PHI = NormalDist().cdf
HOLDER_FAULTS = {
    "sues_without_notice",
    "rejects_licence_request",
    "threatens",
    "breaks_off",
    "withholds_claim_charts",
    "withholds_rate_basis",
    "non_frand_offer",
    "unregistered",
    "holder_refuses_adr",
    "no_offer",
}
ADR = {"holder_refuses_adr": "implementer_refuses_adr"}


class Law:
    """A regime as plain numbers: what its file states, else what the table of parameters says."""

    def __init__(self, regime: dict[str, Any], registry: dict[str, float]):
        self.regime, self.registry, self.court = regime, registry, regime["court"]
        self.steps = [{"name": name} | step for name, step in regime["steps"].items()]
        self.names = [step["name"] for step in self.steps]
        self.weights = {name: figure["value"] for name, figure in self.court["faults"]["recognised"].items()}
        self.numbers = {name: self._number(name) for name in registry}
        if self.court["interim_licence"]:
            self.numbers["interim_after"] = self.court["interim_licence"]["after"]["value"]
        gate = self.court["liability_gate"]
        upheld = 1 - (1 - registry["holders.validity"]) ** registry["holders.patents_asserted"]
        self.wins = upheld if gate else 1.0

    def _number(self, name: str) -> float:
        node: Any = self.regime
        for key in name.split("."):
            node = node.get(key) if isinstance(node, dict) else None
        figure = node["value"] if isinstance(node, dict) else node
        return self.registry[name] if figure is None else float(figure)

    def __getitem__(self, name: str) -> float:
        return self.numbers[name]

    def index(self, name: str) -> int:
        """The place of a step."""
        return self.names.index(name)


class Market:
    """The built-in duopoly: what both parties and the court have in common [2, 7.4]."""

    def __init__(self, market: dict[str, Any], registry: dict[str, float]):
        generation = market["standard"]["generations"][0]
        share = market["holders"][0]["share"]["value"]
        away = registry["implementers.region_two_share"]
        self.regional = 1 - away + away * registry["standard.regional_factor"]
        self.burden = generation["aggregate_burden"]["value"]
        self.frand = self.burden * share * self.regional
        self.rest = self.burden * (1 - share) * self.regional
        self.sales = market["implementers"][0]["sales"]["value"]
        self.margin = registry["implementers.margin"]
        self.months = int(registry["standard.horizon"])
        self.net = self.margin - self.rest
        self.d = [
            (1 + registry["holders.discount"]) ** (-1 / 12),
            (1 + registry["implementers.discount"]) ** (-1 / 12),
        ]
        self.social = (1 + registry["welfare.social_discount"]) ** (-1 / 12)
        self.slope = registry["demand.elasticity"] * registry["demand.pass_through"]

    def to_come(self, month: int, side: int) -> float:
        """Sales from this month to the horizon, discounted to it by this side."""
        left = max(0, self.months - month)
        return self.sales * (1 - self.d[side] ** left) / (1 - self.d[side])

    def past(self, first: int, month: int, interest: float) -> float:
        """Sales from ``first`` up to this month with interest per year, each as old as the months since."""
        e = (1 + interest) ** (1 / 12)
        last = min(month, self.months)
        if last <= first:
            return 0.0
        if interest == 0:
            return self.sales * (last - first)
        newest = e ** (month - last + 1)
        return self.sales * newest * (e ** (last - first) - 1) / (e - 1)


def spread_of(variation: float) -> float:
    """Log sd of a log-normal duration with this coefficient of variation."""
    return sqrt(log(1 + variation**2))


def residual(mean: float, variation: float, run: float) -> int:
    """Mean months to come of a log-normal duration that has run so long, at least 1 [7.2]."""
    if run <= 0:
        return max(1, round(mean))
    s = spread_of(variation)
    mu = log(mean) - s**2 / 2
    longer = PHI((mu - log(run)) / s)
    if longer < 1e-12:
        return 1
    return max(1, round(mean * PHI((mu + s**2 - log(run)) / s) / longer - run))


class Side:
    """One party: its conduct as data, its belief, its offers, what it has done [2, 7.1, 7.3]."""

    def __init__(self, side: int, strategy: dict[str, Any], registry: dict[str, float]):
        self.side, self.conduct = side, strategy["conduct"]
        for name, word in (
            ("anchor", None),
            ("window", "bargaining.window"),
            ("exponent", "strategy.exponent"),
            ("sue_after", "bargaining.sue_after"),
            ("patience", "strategy.patience"),
            ("goodwill", "strategy.goodwill"),
        ):
            stated = strategy.get(name)
            setattr(self, name, stated["value"] if stated else registry[word])
        self.delay = self.conduct["reply_delay"]["value"]
        self.offer: float | None = None
        self.first = -1  # month of its first offer
        self.mean = self.variance = 0.0
        self.cost = self.spent = 0.0  # discounted to month 0, and on the suit that runs
        self.missed = 0

    def believe(self, mean: float, variance: float) -> None:
        """Weighs in one signal about the logarithm of the FRAND rate."""
        weight = self.variance / (self.variance + variance)
        self.mean += weight * (mean - self.mean)
        self.variance *= 1 - weight

    @property
    def rho(self) -> float:
        """Its estimate of the FRAND rate."""
        return exp(self.mean - self.variance / 2)

    def does(self, act: str) -> bool:
        """Whether it performs this act at all."""
        return act not in self.conduct["refuses"]


class Negotiation:
    """The pair's story under one law: ``play`` runs it to the horizon and gives what it came to."""

    def __init__(self, law: Law, market: Market, strategies: list[dict[str, Any]], rng: Random):
        self.law, self.market, self.rng = law, market, rng
        self.sides = [Side(k, strategies[k], law.registry) for k in (HOLDER, IMPLEMENTER)]
        sigma = law["beliefs.spread"]
        bias = law["beliefs.bias_per_spread"] * sigma
        for side, sign in zip(self.sides, (1, -1), strict=True):
            side.mean = log(market.frand) + sign * bias + sigma * rng.gauss(0, 1)
            side.variance = sigma**2
        self.t = 0
        self.status, self.end, self.licence_month = TALKS, "unlicensed", -1
        self.step, self.due, self.done = 0, 0, [False, False]
        self.shown: dict[str, int] = {}  # how often an act has informed
        self.faults: dict[str, float] = {}  # booked: what is left of it, 1 or 1 less the cure
        self.open_faults: dict[int, list[str]] = {}  # by step still due: what late performance cures
        self.stays: dict[int, str] = {}  # by step missed and still due: its consequence
        self.entitled = [-1, -1]  # month since which the other side's breach entitles
        self.assured = self.barred = False
        self.frand_asks = -1.0
        self.filed = self.filer = -1
        self.judged = 0
        self.bar_until = -1
        self.rate = 0.0  # running rate, and the share of sales it is paid on
        self.reach = 1.0
        self.paid = self.due_royalty = self.margin_lost = 0.0
        self.deposit = self.account = 0.0
        self.undertook = False
        self.luck: dict[tuple[Any, ...], float] = {}
        self.suit = 0
        self.sales_now = market.sales
        self.breached_by_go = set()

    # what a court makes of it

    def draw(self, *address: Any) -> float:
        """A standard normal that is the same whenever it is asked for."""
        if address not in self.luck:
            self.luck[address] = self.rng.gauss(0, 1)
        return self.luck[address]

    def happens(self, chance: float, *address: Any) -> bool:
        """Whether something of this chance happens, the same whenever it is asked."""
        return PHI(self.draw(*address)) < chance

    def estimate(self) -> float:
        """The court's estimate of the FRAND rate: the rate of its first instance, error and all."""
        s = self.law["court.rate.error"]
        return self.market.frand * exp(s * self.draw("error", self.suit, 1) - s**2 / 2)

    def ledger(self, side: int) -> float:
        """Weights of a side's faults as booked."""
        own = (name for name in self.faults if (name in HOLDER_FAULTS) == (side == HOLDER))
        return sum(self.law.weights[name] * self.faults[name] for name in own)

    def expected_faults(self) -> list[float]:
        """Faults of both as parties expect a court to see them: nothing where the text does not bind."""
        if not self.law.court["binding"]:
            return [0.0, 0.0]
        seen, false = self.law["court.faults.detected"], self.law["court.faults.false_findings"]
        return [seen * self.ledger(side) + false for side in (HOLDER, IMPLEMENTER)]

    def found_faults(self) -> list[float]:
        """Faults of both as this court finds them."""
        if not self.law.court["binding"]:
            return [0.0, 0.0]
        sums = [0.0, 0.0]
        for name, left in self.faults.items():
            side = HOLDER if name in HOLDER_FAULTS else IMPLEMENTER
            if self.happens(self.law["court.faults.detected"], "seen", name):
                sums[side] += self.law.weights[name] * left
        for side in (HOLDER, IMPLEMENTER):
            sums[side] += self.happens(self.law["court.faults.false_findings"], "false", side)
        return sums

    def book(self, name: str | None, step: int = -1) -> None:
        """Books a fault where the law knows it, once."""
        if name in self.law.weights and name not in self.faults:
            self.faults[name] = 1.0
            if step >= 0:
                self.open_faults.setdefault(step, []).append(name)

    def cure(self, name: str) -> None:
        """Late performance heals part of a fault."""
        if self.faults.get(name) == 1.0:
            self.faults[name] = 1 - self.law["court.faults.cure"]

    def injunction_chance(self, faults: list[float]) -> float:
        """The chance of an injunction at these faults [7.2]."""
        rule = self.law.court["injunction"]
        if rule["test"] == "none":
            return 0.0
        top = self.law["court.injunction.ceiling"]
        if self.barred:
            return 0.0
        bound = self.law.court["binding"]
        entitled = bound and (self.assured or self.entitled[HOLDER] >= 0)
        offered = self.sides[HOLDER].offer is not None
        if rule["cap"] == "holder_offer" and offered and self.frand_asks < 0 and not entitled:
            return 0.0
        if rule["test"] == "near_automatic" or (bound and self.assured):
            return top
        mine, other = faults
        good_faith = rule["good_faith"] == "required"
        if self.law.court["faults"]["netting"] == "separate":
            other *= max(0.0, 1 - mine)
        odds = other - (0.0 if good_faith else mine)
        p_0 = self.law["court.injunction.base_probability"]
        if p_0 >= 1:
            chance = top
        else:
            slope = self.law["court.injunction.slope"]
            chance = top / (1 + exp(-(log(p_0 / (1 - p_0)) + slope * odds)))
        return chance * max(0.0, 1 - mine) if good_faith else chance

    def uplift(self, faults: list[float]) -> float:
        """How fault moves a court's rate."""
        mine, other = faults
        w = self.law["court.faults.uplift"]
        return 1 + w * (other - mine) / (other + mine + 1)

    # values

    def claimed_from(self) -> int:
        """First month of past use that counts."""
        valued = self.filed if self.status in (COURT, WINDOW, APPEAL) else self.t
        return max(0, valued - int(self.law["court.past_use.limitation"]))

    def past_in_court(self, month: int, faults: list[float]) -> float:
        """Past use at this month with the interest an award bears."""
        first, interest = self.claimed_from(), self.law["court.interest.court"]
        whole = self.market.past(first, month, interest)
        if not self.law.court["faults"]["apportion_loss"]:
            return whole
        bare = self.market.past(first, month, 0)
        mine, other = faults
        share = other / (other + mine) if other + mine > 0 else 0.5
        return bare + share * (whole - bare)

    def awards(self, rho: float, month: int, side: int, faults: list[float]) -> tuple[float, float, float]:
        """What judgment in this month is worth to a side: rate set, injunction granted, injunction refused."""
        law, market = self.law, self.market
        a, a_i = market.to_come(month, side), market.to_come(month, IMPLEMENTER)
        p = law["court.past_use.court_share"] * self.past_in_court(month, faults)
        x, omega = law["court.scope.forum_share"], law["court.scope.collectable_remainder"]
        pay = market.net * a_i
        direct = law["court.scope.order_coverage"] * rho * self.uplift(faults) * (a + p)
        denied = min(pay, rho * (p * (x + omega * (1 - x)) + omega * a))
        gain = law["bargaining.holder_weight"] * x * market.net * a_i
        granted = rho * (p * (x + omega * (1 - x)) + omega * (1 - x) * a) + gain
        granted = min(pay, max(denied, min(granted, self.cap(rho) * (a + p))))
        return direct, granted, denied

    def cap(self, rho: float) -> float:
        """The highest rate of a licence under exclusion."""
        rule, half = self.law.court["injunction"]["cap"], self.law["court.faults.frand_half_range"]
        if rule == "none":
            return float("inf")
        if rule == "court_rate":
            return rho
        if self.frand_asks >= 0:
            return self.frand_asks
        return rho * (1 + half)

    def judgment_value(self, rho: float, month: int, side: int) -> float:
        """What a judgment that is still open is worth to a side on its date."""
        faults = self.expected_faults()
        direct, granted, denied = self.awards(rho, month, side, faults)
        mode = self.law.court["mode"]
        if mode in ("direct", "both"):
            return direct
        p = self.injunction_chance(faults)
        indirect = p * granted + (1 - p) * denied
        if mode == "adaptive":
            return direct if faults[HOLDER] >= faults[IMPLEMENTER] else indirect
        return indirect

    def ahead(self) -> tuple[int, int, bool]:
        """Months until a judgment binds, months of the bar in them, whether the trial is still to come."""
        law = self.law
        mean, cv = law["court.durations.first_instance"], law["court.durations.variation"]
        appeal = 0
        if law.court["appeal"]["available"] and not law.court["provisional_enforcement"]:
            appeal = round(law["court.durations.appeal"])
        if self.status == TALKS:
            bar = max(0, self.bar_until - self.t)
            return bar + residual(mean, cv, 0) + appeal, bar, True
        if self.status == COURT:
            return residual(mean, cv, self.t - self.filed) + appeal, 0, True
        if self.status == WINDOW:
            return max(0, self.effect - self.t) + appeal, 0, False
        return residual(law["court.durations.appeal"], cv, self.t - self.appealed), 0, False

    def costs_ahead(self, side: int) -> float:
        """What going on to judgment costs a side, with what the loser pays for."""
        law = self.law
        months, bar, trial = self.ahead()
        factor = law["court.costs.litigation_factor"]
        own = factor * law["costs.monthly"] * (months - bar)
        if self.status == TALKS:
            own += factor * law["costs.filing"]
        if trial:
            own += factor * law["costs.trial"]
        mode = law.court["mode"]
        loses = 0.5 if mode in ("direct", "both") and not law.court["liability_gate"] else 1 - law.wins
        if side == IMPLEMENTER and loses != 0.5:
            loses = 1 - loses
        share = law["court.costs.loser_pays"]
        return own * (1 - share * (1 - loses)) + share * loses * own

    def shadow(self, rho: float, side: int) -> float:
        """What going to court is worth to a side today, at this estimate, before costs."""
        law = self.law
        months, _, _ = self.ahead()
        at = self.t + months
        d = self.market.d[side]
        value = d**months * law.wins * self.judgment_value(rho, at, side)
        if self.status in (WINDOW, APPEAL):
            known = self.known_value(rho, at, side)
            back = law["court.appeal.reversal"]
            if law.court["provisional_enforcement"] or not law.court["appeal"]["available"]:
                back = 0.0
            value = (1 - back) * d**months * known + back * value
        return value

    def known_value(self, rho: float, month: int, side: int) -> float:
        """What the judgment given is worth on its date, if it stands."""
        won, granted, rate, faults = self.judgment
        if not won:
            return 0.0
        direct, injunction, denied = self.awards(rate if rate else rho, month, side, faults)
        if rate:
            return direct / self.uplift(faults)
        return injunction if granted else denied

    def sues(self, side: int) -> bool:
        """Whether a side has standing."""
        return bool(self.law.court["standing"][("holder", "implementer")[side]] != "none")

    def reservation(self) -> tuple[float, float]:
        """The lowest rate the holder and the highest rate the implementer signs today."""
        law, market = self.law, self.market
        holder, implementer = self.sides
        past = law["court.past_use.licence_share"] * market.past(
            self.claimed_from(), self.t, law["court.interest.licence"]
        )
        bases = [market.to_come(self.t, side) + past for side in (HOLDER, IMPLEMENTER)]
        low = law["bargaining.floor"] * holder.rho
        high = implementer.goodwill * implementer.rho
        if law.court["mode"] != "none" and (self.sues(HOLDER) or self.status != TALKS):
            self.worth = self.shadow(holder.rho, HOLDER) - self.costs_ahead(HOLDER)
            low = max(low, self.worth / bases[HOLDER])
            seen = self.shadow(implementer.rho, HOLDER) - self.costs_ahead(HOLDER)
            if seen > 0 or self.status != TALKS:
                loss = self.shadow(implementer.rho, IMPLEMENTER) + self.costs_ahead(IMPLEMENTER)
                self.loss = loss + self.escrow(implementer.rho)
                high = max(high, self.loss / bases[IMPLEMENTER])
            else:
                self.loss = 0.0
        else:
            self.worth = self.loss = 0.0
        able = market.net * market.to_come(self.t, IMPLEMENTER) / bases[IMPLEMENTER]
        self.bases = bases
        return low, min(high, able)

    def escrow(self, rho: float) -> float:
        """What a deposit costs beyond the interest it earns, if the implementer places one."""
        base = self.law.court["security"]["base"]
        if base == "none" or not self.sides[IMPLEMENTER].does("deposit"):
            return 0.0
        months, _, _ = self.ahead()
        e = (1 + self.law["court.interest.escrow"]) ** (1 / 12)
        amount = self.deposit or self.deposit_due(rho)
        return amount * (1 - (self.market.d[IMPLEMENTER] * e) ** months)

    def deposit_due(self, rho: float) -> float:
        """The deposit that is asked for today."""
        base = self.law.court["security"]["base"]
        offer = {"counter": self.sides[IMPLEMENTER].offer, "holder_offer": self.sides[HOLDER].offer}.get(base)
        rate = rho if offer is None else offer
        past = self.market.past(self.claimed_from(), self.t, 0)
        return self.law["court.security.share"] * rate * past

    # offers

    def next_offer(self, side: Side, limit: float) -> float:
        """What a side would table this month: from its anchor to its limit over its window [7.3]."""
        start = side.anchor * side.rho
        start = max(start, limit) if side.side == HOLDER else min(start, limit)
        run = 0 if side.first < 0 else min(1.0, (self.t - side.first) / side.window)
        return start + (limit - start) * run ** (1 / side.exponent)

    def clock(self, side: Side) -> int:
        """Months since a side's first offer, or since first contact if it made none."""
        return self.t - (side.first if side.first >= 0 else 0)

    # a month

    def pay(self, amount: float) -> None:
        """The implementer pays the holder, in money of this month."""
        self.paid += amount * self.market.social**self.t

    def bill(self, side: int, amount: float, suit: bool = False) -> None:
        """A party's own cost of this month."""
        self.sides[side].cost += amount * self.market.social**self.t
        if suit:
            self.sides[side].spent += amount * self.market.social**self.t

    def inform(self, act: str, noise: str, who: tuple[int, ...] = (HOLDER, IMPLEMENTER)) -> None:
        """One common signal about the FRAND rate."""
        n = self.shown.get(act, 0)
        self.shown[act] = n + 1
        s = self.law[noise] * 2 ** (n / 2) if act != "court" else self.law[noise]
        signal = log(self.market.frand) + s * self.rng.gauss(0, 1)
        for side in who:
            self.sides[side].believe(signal, s**2)

    def play(self) -> dict[str, float]:
        """All months, and what the outcome table says of them."""
        stack = 0.0
        for self.t in range(self.market.months):
            output = max(0.0, 1 - self.market.slope * stack)
            self.sales_now = self.market.sales * output
            excluded = self.status in (EXCLUDED,)
            if self.status == TALKS:
                self.talk()
            elif self.status in (COURT, WINDOW, APPEAL):
                self.litigate()
            elif self.status == EXCLUDED:
                self.sit_out()
            excluded = self.status == EXCLUDED
            self.sell(excluded)
            stack = self.rate * self.reach
        return self.outcome()

    def sell(self, excluded: bool) -> None:
        """Sales of the month: what they pay, what is due on them, what exclusion costs."""
        social = self.market.social**self.t
        lost = self.law["court.scope.forum_share"] if excluded else 0.0
        sales = self.sales_now * (1 - lost)
        self.margin_lost += social * lost * self.sales_now * self.market.net
        self.due_royalty += social * self.market.frand * sales
        self.paid += social * self.rate * self.reach * sales

    def sign(self, rate: float, end: str) -> None:
        """The parties' own licence."""
        self.rate, self.reach, self.end = rate, 1.0, end
        past = self.market.past(self.claimed_from(), self.t, self.law["court.interest.licence"])
        self.pay(rate * self.law["court.past_use.licence_share"] * past - self.account)
        self.status, self.licence_month = LICENSED, self.t

    def talk(self) -> None:
        """A month of talks, in the order of 7.6, *The month*."""
        limits = self.reservation()
        self.limits = limits
        acted = [False, False]
        standing = [side.offer for side in self.sides]
        plans = [self.next_offer(side, limits[side.side]) for side in self.sides]
        filing = [self.would_file(side) for side in self.sides]
        accepts = [
            standing[IMPLEMENTER] is not None
            and standing[IMPLEMENTER] > 0
            and standing[IMPLEMENTER] >= limits[HOLDER]
            and standing[IMPLEMENTER] >= plans[HOLDER],
            standing[HOLDER] is not None
            and standing[HOLDER] <= limits[IMPLEMENTER]
            and standing[HOLDER] <= plans[IMPLEMENTER],
        ]
        step = self.law.steps[self.step]
        for side in self.sides:
            if self.performs(step, side):
                acted[side.side] = True
                self.perform(step, side)
            if side.offer is not None or side.first == self.t or self.free_to_offer(step, side):
                self.table(side, plans[side.side])
                acted[side.side] = True
        self.conduct()
        for side in (HOLDER, IMPLEMENTER):
            if acted[side]:
                self.bill(side, self.law["costs.talks"])
        if self.meet(standing, accepts, limits, step):
            return
        for side in self.sides:
            if filing[side.side]:
                self.file(side.side)
                return
        self.move_on(step)

    def performs(self, step: dict[str, Any], side: Side) -> bool:
        """Whether a side does its part of the step that is due, this month."""
        name = ("holder", "implementer")[side.side]
        if step["actor"] not in (name, "either", "both") or self.done[side.side]:
            return False
        if step["actor"] == "either" and not side.conduct["initiates"]:
            return False
        if step["act"] in ("negotiate", "go_to_third_party") or not side.does(step["act"]):
            return False
        if step["act"] == "deposit" and self.law.court["security"]["base"] == "counter":
            if self.sides[IMPLEMENTER].offer is None:
                return False
        return self.t - self.due >= side.delay

    def free_to_offer(self, step: dict[str, Any], side: Side) -> bool:
        """Whether a side makes its first offer in a step of negotiation."""
        return step["act"] == "negotiate" and side.does("negotiate") and self.t - self.due >= side.delay

    def perform(self, step: dict[str, Any], side: Side) -> None:
        """A side does the step: acts, what is shown, what is withheld."""
        self.done[side.side] = True
        act, law = step["act"], self.law
        if act in ("offer", "counter"):
            side.first = self.t
        elif act == "verify":
            self.bill(side.side, law["costs.verification"])
            self.inform("verification", "beliefs.verification")
        elif act == "undertake":
            self.undertook = True
        elif act == "deposit":
            self.deposit = self.deposit_due(side.rho)
        withheld = set(side.conduct["withholds"])
        shows = [one for one in step["must_contain"] if one not in withheld]
        if side.conduct["forthcoming"]:
            shows += [one for one in step["may_contain"] if one not in withheld]
        if "claim_charts" in shows:
            self.bill(side.side, law["costs.claim_chart"])
            self.inform("claim_chart", "beliefs.claim_chart")
        if "comparables" in shows:
            self.bill(side.side, law["costs.comparables"])
        if set(step["must_contain"]) & withheld:
            self.breach(step, side.side, step["if_deficient"], missed=False)

    def breach(self, step: dict[str, Any], side: int, rule: dict[str, Any] | None, missed: bool) -> None:
        """What a miss or a deficiency is called, and what the court makes of it."""
        if not rule:
            return
        place, other = self.law.index(step["name"]), 1 - side
        name = rule.get("fault")
        if name and (name in HOLDER_FAULTS) != (side == HOLDER):
            name = ADR.get(name)
        self.book(name, place if missed else -1)
        consequence = rule.get("consequence", "fault_only")
        if missed and rule.get("go", "stay") == "stay":
            self.stays[place] = consequence
        if consequence == "injunction_barred" and side == HOLDER:
            self.barred = True
        elif consequence == "injunction_assured" and side == IMPLEMENTER:
            self.assured = True
        if consequence in ("opens_court", "injunction_assured") and self.entitled[other] < 0:
            self.entitled[other] = self.t

    def table(self, side: Side, offer: float) -> None:
        """A side tables an offer, and the court's test of it is booked."""
        side.offer = offer
        if side.first < 0:
            side.first = self.t
        law, guess = self.law, self.estimate()
        half, extreme = law["court.faults.frand_half_range"], law["court.faults.extreme_factor"]
        if side.side == HOLDER:
            if offer <= guess * (1 + half):
                self.frand_asks = max(self.frand_asks, offer)
            far, name = offer > extreme * guess, "non_frand_offer"
        else:
            far, name = offer < guess / extreme, "unreasonable_terms"
        if far:
            self.book(name)
        else:
            self.cure(name)

    def conduct(self) -> None:
        """Conduct outside the steps."""
        holder, implementer = self.sides
        if self.t >= 1 and holder.conduct["threatens"]:
            self.book("threatens")
        if self.t >= 3 and implementer.conduct["stalls"]:
            self.book("non_substantive_replies")

    def meet(self, standing: list[Any], accepts: list[bool], limits: tuple[float, float], step: Any) -> bool:
        """Whether an agreement comes about, in the order of 7.6."""
        beta = self.law["bargaining.holder_weight"]
        ask, bid = (side.offer for side in self.sides)
        prices = []
        if all(accepts):
            prices.append(standing[0] + beta * (standing[1] - standing[0]))
        elif accepts[HOLDER]:
            prices.append(standing[IMPLEMENTER])
        elif accepts[IMPLEMENTER]:
            prices.append(standing[HOLDER])
        if ask is not None and bid is not None and bid >= ask and bid > 0:
            prices.append(ask + beta * (bid - ask))
        if step["act"] == "conciliate" and all(self.done):
            prices.append(limits[0] + beta * (limits[1] - limits[0]))
        for price in prices:
            if limits[0] <= price <= limits[1]:
                self.sign(price, "negotiated")
                return True
        return False

    def move_on(self, step: dict[str, Any]) -> None:
        """The step is done, missed or still due."""
        actor = step["actor"]
        needed = {"holder": [0], "implementer": [1], "both": [0, 1], "either": []}[actor]
        place = self.step
        if step["act"] == "go_to_third_party":
            return
        if step["act"] == "negotiate":
            if self.t + 1 - self.due >= step["deadline"]["value"]:
                self.advance(place + 1)
            return
        ready = all(self.done[side] for side in needed) if needed else any(self.done)
        if ready:
            self.late(place)
            self.advance(self.law.index(step["then"]) if step["then"] else place + 1)
            return
        deadline = step["deadline"]
        if deadline is None or self.t + 1 - self.due < deadline["value"] or place in self.stays:
            return
        for side in needed or [0, 1]:
            if not self.done[side]:
                self.breach(step, side, step["if_missed"], missed=True)
                if side == IMPLEMENTER and needed:
                    self.sides[side].missed += 1
                    if self.sides[side].missed == 2:
                        self.book("delays")
        go = (step["if_missed"] or {}).get("go", "stay")
        if go == "next":
            self.advance(place + 1)
        elif go != "stay":
            self.advance(self.law.index(go))
        else:
            self.stays.setdefault(place, "fault_only")

    def late(self, place: int) -> None:
        """Late performance: faults are cured in part, what entitled or barred is lifted."""
        consequence = self.stays.pop(place, None)
        for name in self.open_faults.pop(place, []):
            self.cure(name)
        if consequence == "injunction_barred":
            self.barred = False
        elif consequence == "injunction_assured":
            self.assured = False
        if consequence in ("opens_court", "injunction_assured"):
            self.entitled = [-1, -1]

    def advance(self, place: int) -> None:
        """The next step becomes due."""
        self.step, self.due, self.done = min(place, len(self.law.steps) - 1), self.t + 1, [False, False]

    # suits

    def would_file(self, side: Side) -> bool:
        """Whether a side goes to court this month [7.3, 7.5]."""
        law = self.law
        if law.court["mode"] == "none" or not self.sues(side.side) or self.t < self.bar_until:
            return False
        if side.side == HOLDER and "suit_barred" in self.stays.values():
            return False
        since = self.entitled[side.side]
        if self.early(side.side) and law.court["suit"]["early"] == "barred":
            return False
        entitled = since >= 0 and self.t - since >= side.patience
        if not entitled and self.clock(side) < side.sue_after:
            return False
        if side.side == HOLDER:
            return self.worth > 0
        ask = self.sides[HOLDER].offer
        return ask is not None and self.loss < ask * self.bases[IMPLEMENTER]

    def early(self, side: int) -> bool:
        """Whether a suit today comes before the step from which it is in order."""
        start = self.law.court["suit"]["from_step"]
        return start is not None and self.step < self.law.index(start)

    def file(self, side: int) -> None:
        """A suit is brought."""
        law, bid = self.law, self.sides[IMPLEMENTER].offer
        if side == HOLDER:
            if self.early(side) and law.court["suit"]["early"] == "fault" and self.entitled[side] < 0:
                self.book("sues_without_notice")
            if bid is not None and bid >= self.estimate() * (1 - law["court.faults.frand_half_range"]):
                self.book("breaks_off")
        self.status, self.filed, self.filer, self.suit = COURT, self.t, side, self.suit + 1
        self.ever_filed = True
        self.length = self.duration(law["court.durations.first_instance"])
        self.sides[HOLDER].spent = self.sides[IMPLEMENTER].spent = 0.0
        factor = law["court.costs.litigation_factor"]
        for one in (HOLDER, IMPLEMENTER):
            self.bill(one, factor * (law["costs.filing"] + law["costs.monthly"]), suit=True)

    def duration(self, mean: float) -> int:
        """Months an instance takes."""
        s = spread_of(self.law["court.durations.variation"])
        return min(600, max(1, round(mean * exp(s * self.rng.gauss(0, 1) - s**2 / 2))))

    def litigate(self) -> None:
        """A month in court, in the window after a judgment, or on appeal."""
        law = self.law
        limits = self.reservation()
        factor = law["court.costs.litigation_factor"]
        if self.status in (COURT, APPEAL):
            for one in (HOLDER, IMPLEMENTER):
                self.bill(one, factor * law["costs.monthly"], suit=True)
        run = self.t - self.filed
        if self.rng.random() < law["court.settlement.meeting_probability"] and limits[0] <= limits[1]:
            beta = law["bargaining.holder_weight"]
            self.sign(limits[0] + beta * (limits[1] - limits[0]), "settled_in_court")
            return
        if self.status == COURT:
            self.interim(run)
            if run > 0 and run % law["court.settlement.evidence_every"] == 0:
                self.inform("court", "beliefs.court_round")
            if run >= self.length:
                for one in (HOLDER, IMPLEMENTER):
                    self.bill(one, factor * law["costs.trial"], suit=True)
                self.judge()
                self.judged += 1
                self.status, self.effect = WINDOW, self.t + int(law["court.settlement.window"])
                self.before_appeal = True
        elif self.status == WINDOW and self.t >= self.effect:
            if self.before_appeal and self.appeals(limits):
                self.status, self.appealed = APPEAL, self.t
                self.length = self.duration(law["court.durations.appeal"])
                for one in (HOLDER, IMPLEMENTER):
                    self.bill(one, factor * law["costs.filing"], suit=True)
            else:
                self.take_effect()
        elif self.status == APPEAL and self.t - self.appealed >= self.length:
            if self.rng.random() < law["court.appeal.reversal"]:
                self.judge()
            self.take_effect()

    def judge(self) -> None:
        """A judgment: liability, then the rate or the injunction."""
        law, s = self.law, self.law["court.rate.error"]
        faults = self.found_faults()
        won = self.rng.random() < law.wins
        guess = self.estimate() if self.judged == 0 else self.market.frand * exp(s * self.rng.gauss(0, 1) - s**2 / 2)
        mode = law.court["mode"]
        if mode == "adaptive":
            mode = "direct" if faults[HOLDER] >= faults[IMPLEMENTER] else "indirect"
        self.guess = guess
        if mode == "indirect":
            granted = self.rng.random() < self.injunction_chance(faults)
            self.judgment = (won, granted, 0.0, faults)
        else:
            granted = mode == "both" and not self.undertook and self.rng.random() < law["court.injunction.ceiling"]
            self.judgment = (won, granted, guess * self.uplift(faults), faults)

    def appeals(self, limits: tuple[float, float]) -> bool:
        """Whether either side appeals."""
        law = self.law
        if not law.court["appeal"]["available"] or law.court["provisional_enforcement"]:
            return False
        won, granted, rate, _ = self.judgment
        months = round(law["court.durations.appeal"])
        cost = law["court.costs.litigation_factor"] * (law["costs.filing"] + months * law["costs.monthly"])
        for side in self.sides:
            k = side.side
            if k == HOLDER and won and granted and not rate:
                continue
            if k == IMPLEMENTER and (not won or (not granted and not rate)):
                continue
            at = self.t + months
            fresh = law.wins * self.judgment_value(side.rho, at, k)
            known = self.known_value(side.rho, at, k)
            gain = (fresh - known) * (1 if k == HOLDER else -1)
            if law["court.appeal.reversal"] * self.market.d[k] ** months * gain > cost:
                return True
        return False

    def interim(self, run: int) -> None:
        """Payments on account while the case runs."""
        order = self.law.court["interim_licence"]
        if not order or run < self.law["interim_after"]:
            return
        if order["ground"] and not set(order["ground"]) & set(self.faults):
            return
        ask, bid = (side.offer for side in self.sides)
        if ask is None or bid is None:
            return
        rate, e = (ask + bid) / 2, (1 + self.law["court.interest.court"]) ** (1 / 12)
        amount = rate * self.sales_now
        if self.account == 0:
            amount += rate * self.market.past(self.claimed_from(), self.t, 0)
        self.pay(amount)
        self.account = self.account * e + amount

    def take_effect(self) -> None:
        """What a judgment does when it binds [7.6]."""
        law, market = self.law, self.market
        won, granted, rate, faults = self.judgment
        self.shift_costs(won, granted, rate)
        if not won:
            self.pay(-self.account)
            self.account = 0.0
            self.status, self.due, self.done = TALKS, self.t + 1, [False, False]
            self.entitled, self.bar_until = [-1, -1], self.t + int(law["court.bar_after_lost_suit"])
            self.assured = False
            self.filed = -1
            return
        past = law["court.past_use.court_share"] * self.past_in_court(self.t, faults)
        if rate and not granted:
            y = law["court.scope.order_coverage"]
            self.rate, self.reach, self.end = rate, y, "court_rate"
            self.pay(rate * y * past - self.account)
            self.status, self.licence_month = LICENSED, self.t
        elif granted:
            self.status, self.since = EXCLUDED, self.t
        else:
            x, omega = law["court.scope.forum_share"], law["court.scope.collectable_remainder"]
            self.rate, self.reach, self.end = self.guess, omega, "court_rate"
            self.pay(self.guess * past * (x + omega * (1 - x)) - self.account)
            self.status, self.licence_month = REFUSED, self.t

    def shift_costs(self, won: bool, granted: bool, rate: float) -> None:
        """The loser pays a share of the winner's costs."""
        share = self.law["court.costs.loser_pays"]
        loser = IMPLEMENTER if won else HOLDER
        if rate and won and not self.law.court["liability_gate"]:
            away = [abs(log(side.offer / rate)) if side.offer else float("inf") for side in self.sides]
            loser = HOLDER if away[HOLDER] > away[IMPLEMENTER] else IMPLEMENTER
        amount = share * self.sides[1 - loser].spent
        self.sides[loser].cost += amount
        self.sides[1 - loser].cost -= amount

    def sit_out(self) -> None:
        """A month of exclusion: a licence when they meet, or once the months to take it are over."""
        law = self.law
        meet = self.rng.random() < law["court.settlement.meeting_probability"]
        if not meet and self.t - self.since < law["court.injunction.take_within"]:
            return
        faults = [0.0, 0.0]
        _, granted, _ = self.awards(self.guess, self.t, IMPLEMENTER, faults)
        base = self.market.to_come(self.t, IMPLEMENTER) + law["court.past_use.court_share"] * self.past_in_court(
            self.t, faults
        )
        self.rate, self.reach, self.end = granted / base, 1.0, "injunction_licence"
        past = law["court.past_use.court_share"] * self.past_in_court(self.t, faults)
        self.pay(self.rate * past - self.account)
        self.status, self.licence_month = LICENSED, self.t

    def outcome(self) -> dict[str, float]:
        """The twelve measures of this negotiation."""
        due, agreed = self.due_royalty, self.end in ("negotiated", "settled_in_court")
        months = self.licence_month if self.licence_month >= 0 else self.market.months
        return {
            "agreed": float(agreed),
            "filed": float(self.suit > 0),
            "judgments": float(self.judged),
            "months_to_licence": float(months),
            "rate": self.rate / self.market.frand,
            "paid": self.paid / due,
            "underpaid": max(0.0, 1 - self.paid / due),
            "cost_holder": self.sides[HOLDER].cost,
            "cost_implementer": self.sides[IMPLEMENTER].cost,
            "margin_lost": self.margin_lost,
            "faults_holder": self.ledger(HOLDER),
            "faults_implementer": self.ledger(IMPLEMENTER),
        }


def play(
    regime: dict[str, Any],
    market: dict[str, Any],
    strategies: dict[str, dict[str, Any]],
    registry: dict[str, float],
    replications: int,
    seed: int,
) -> list[dict[str, float]]:
    """So many negotiations under one regime, each with parties drawn from the market's mixes."""
    rng, law, table = Random(seed), Law(regime, registry), Market(market, registry)
    rows = []
    for _ in range(replications):
        names = [
            rng.choices(list(group["strategies"]), list(group["strategies"].values()))[0]
            for group in (market["holders"][0], market["implementers"][0])
        ]
        rows.append(Negotiation(law, table, [strategies[name] for name in names], rng).play())
    return rows
