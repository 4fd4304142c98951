"""The duopoly in plain Python, written from ``docs/odd.md`` and the pages it refers to alone.

One holder, one implementer, one negotiation, one month after the other.  Nothing of ours is imported and every
draw is its own: what this module and the engine have in common is the page.  It covers the built-in market
(shares, sales and quality without spread, one licence to the horizon, talks from month 0) and strategies
whose tactic is ``time``.

Money is USD m, rates are fractions of price, time is in months.
"""

from __future__ import annotations

from math import exp, inf, log, sqrt
from random import Random
from typing import Any

from tests.odd.values import (
    APPEAL,
    COURT,
    EXCLUDED,
    HOLDER,
    HOLDER_FAULTS,
    IMPLEMENTER,
    LICENSED,
    NAMES,
    OUT,
    TALKS,
    WINDOW,
    Law,
    Market,
    Pair,
    Side,
)

OFFERS = ("offer", "counter")
OPEN_TALKS = ("negotiate", "go_to_third_party", "conciliate")


class Negotiation(Pair):
    """The pair's story under one law: ``play`` runs it to the horizon and says what it came to."""

    def __init__(self, law: Law, market: Market, strategies: list[dict[str, Any]], rng: Random):
        super().__init__(law, market, strategies, rng)
        self.step = self.due = self.entered = 0
        self.missed: set[int] = set()
        self.excused: set[int] = set()
        self.lacked = False
        self.entitled_since = -1
        self.acts: dict[str, int] = {}
        self.seen: dict[str, bool] = {}  # which faults this court sees: one draw each
        self.suits = self.judged = 0
        self.end, self.licence_month = "unlicensed", -1
        self.rate = self.running = 0.0  # of the licence, and of it what runs
        self.paid = self.margin_lost = self.due_royalty = 0.0
        self.now = self.social = 0.0  # this month's sales, and its social discount

    def play(self) -> dict[str, float]:
        """All months, and what they came to."""
        e_court, e_escrow = (
            (1 + self.law[f"court.interest.{who}"]) ** (1 / 12) for who in ("court", "escrow")
        )
        market, stack = self.market, 0.0
        for self.t in range(market.months):
            self.social = market.social**self.t
            self.now = market.sales * max(0.0, 1 - market.slope * stack) * (self.status != OUT)
            excluded = self.status == EXCLUDED
            if excluded:
                self.margin_lost += (
                    self.social * self.now * market.margin * self.law["court.scope.forum_share"]
                )
            self.month()
            sales = self.now * (1 - (self.law["court.scope.forum_share"] if excluded else 0.0))
            self.due_royalty += self.social * market.frand * sales
            self.paid += self.social * self.running * sales
            self.sold.append(sales)
            self.account *= e_court
            self.escrow *= e_escrow
            stack = self.running
        agreed = self.end in ("negotiated", "settled_in_court")
        share = self.paid / self.due_royalty
        return {
            "agreed": float(agreed),
            "filed": float(self.suits > 0),
            "judgments": float(self.judged),
            "months_to_licence": float(self.licence_month if self.licence_month >= 0 else market.months),
            "rate": self.rate / market.frand,
            "paid": share,
            "underpaid": max(0.0, 1 - share),
            "cost_holder": self.sides[HOLDER].cost,
            "cost_implementer": self.sides[IMPLEMENTER].cost,
            "margin_lost": self.margin_lost,
            "faults_holder": self.ledger(HOLDER),
            "faults_implementer": self.ledger(IMPLEMENTER),
        }

    def month(self) -> None:
        """What the two and the court do this month."""
        if self.status == TALKS:
            self.talk()
        elif self.status in (COURT, WINDOW, APPEAL):
            self.litigate()
        elif self.status == EXCLUDED:
            self.sit_out()

    # money and knowledge

    def bill(self, side: int, amount: float, suit: bool = False) -> None:
        """A party's own cost of this month."""
        self.sides[side].cost += amount * self.social
        self.sides[side].spent += amount * self.social * suit

    def bill_both(self, amount: float) -> None:
        """Both sides' cost of litigation."""
        for side in (HOLDER, IMPLEMENTER):
            self.bill(side, amount * self.law["court.costs.litigation_factor"], suit=True)

    def pay(self, amount: float) -> None:
        """The implementer pays the holder, in money of this month."""
        self.paid += amount * self.social

    def close_accounts(self) -> None:
        """Payments on account are credited, the deposit is released."""
        self.pay(-self.account)
        self.account = self.escrow = 0.0

    def inform(self, act: str, widens: bool = True) -> None:
        """One common signal about the FRAND rate; a repeated act tells less, a court's evidence does not."""
        self.acts[act] = self.acts.get(act, 0) + 1
        s = self.law[f"beliefs.{act}"] * (2 ** ((self.acts[act] - 1) / 2) if widens else 1)
        seen = log(self.market.frand) + s * self.rng.gauss(0, 1)
        for side in self.sides:
            side.believe(seen, s**2)

    def sign(self, rate: float, running: float, lump: float, end: str) -> None:
        """A licence comes into force: ``lump`` now, ``running`` of the price from this month on."""
        self.close_accounts()
        self.pay(lump)
        self.rate, self.running, self.end = rate, running, end
        self.status, self.licence_month = LICENSED, self.t

    def agree(self, rate: float, end: str) -> bool:
        """The parties' own licence, if it lies within both reservation rates."""
        slack = 1e-12 * max(self.low, self.high)
        if not self.low - slack <= rate <= self.high + slack:
            return False
        past = self.market.past(self.sold, self.first_past(), self.t, self.law["court.interest.licence"])
        self.sign(rate, rate, rate * self.law["court.past_use.licence_share"] * past, end)
        return True

    def court_draw(self) -> float:
        """The FRAND rate as this court finds it: one draw."""
        s = self.law["court.rate.error"]
        return self.market.frand * exp(s * self.rng.gauss(0, 1) - s**2 / 2)

    # talks

    def talk(self) -> None:
        """A month of talks."""
        self.reserve()
        step = self.law.steps[self.step]
        joined = all(side.did for side in self.sides)
        acts = [self.performs(step, side) for side in self.sides]
        plans = [
            self.next_offer(side, limit)
            for side, limit in zip(self.sides, (self.low, self.high), strict=True)
        ]
        tables = [self.tables(step, side, acts[side.side]) for side in self.sides]
        if plans[IMPLEMENTER] <= 0:  # a bid of zero is no counter-offer
            tables[IMPLEMENTER] = False
            acts[IMPLEMENTER] = acts[IMPLEMENTER] and step["act"] not in OFFERS
        ask, bid = self.sides[HOLDER].offer, self.sides[IMPLEMENTER].offer
        takes_ask = 0 < ask <= min(self.high, plans[IMPLEMENTER])
        takes_bid = bid > 0 and bid >= max(self.low, plans[HOLDER])
        helped = step["act"] == "conciliate" and joined and self.low <= self.high
        files = [self.files(side) for side in self.sides]
        for side in self.sides:
            if acts[side.side] or (tables[side.side] and plans[side.side] != side.offer):
                self.bill(side.side, self.law["costs.talks"])
        if (
            step["needs_frand_offer"]
            and self.law.court["faults"]["order"] == "sequential"
            and not self.frand_ask
        ):
            self.due = self.t
        for side in self.sides:
            if acts[side.side]:
                self.perform(step, side)
        if step["act"] == "conciliate" and any(acts) and all(side.did for side in self.sides):
            self.inform("court_round", widens=False)
        if any(tables) and not self.estimate:
            self.estimate = self.court_draw()
        for side in self.sides:
            if tables[side.side]:
                self.table(side, plans[side.side])
        self.conduct()
        if self.meet((ask, bid), (takes_ask, takes_bid), plans if all(tables) else None, helped):
            return
        if step["act"] == "arbitrate" and any(acts) and self.opens_tribunal(step):
            return
        if any(files):
            self.file(HOLDER if files[HOLDER] else IMPLEMENTER)
            return
        self.advance(step)
        if self.entitled_since < 0 and any(side.entitled for side in self.sides):
            self.entitled_since = self.t

    def performs(self, step: dict[str, Any], side: Side) -> bool:
        """Whether a side does its part of the step that is due this month."""
        act, actor = step["act"], step["actor"]
        if side.did or self.t - self.entered < side.delay or act in ("negotiate", "go_to_third_party"):
            return False
        called = act == "arbitrate" and self.sides[1 - side.side].did
        if not called and actor not in (NAMES[side.side], "either", "both"):
            return False
        if not called and actor == "either" and side.side == IMPLEMENTER and not side.conduct["initiates"]:
            return False
        if act in side.refuses:
            return False
        breach = step["if_missed"] or {}
        free = not breach.get("fault") and breach.get("consequence", "fault_only") == "fault_only"
        return act != "arbitrate" or not free or self.consents(side)

    def consents(self, side: Side) -> bool:
        """Whether a tribunal is worth more to a side than the court, and than what the other side offers."""
        court = self.suit_values(side.rho, side.rho)
        self.tribunal = True
        tribunal = self.suit_values(side.rho, side.rho)
        self.tribunal = False
        if side.side == HOLDER:
            offered = self.sides[IMPLEMENTER].offer * self.bases[HOLDER]
            return tribunal[HOLDER] > max(0.0, court[HOLDER], offered)
        asked = self.sides[HOLDER].offer * self.bases[IMPLEMENTER]
        return tribunal[IMPLEMENTER] < min(court[IMPLEMENTER], asked or inf)

    def tables(self, step: dict[str, Any], side: Side, acts: bool) -> bool:
        """Whether a side tables an offer this month."""
        if side.first >= 0 or (acts and step["act"] in OFFERS):
            return True
        refused = OFFERS[side.side] in side.refuses
        return step["act"] in OPEN_TALKS and self.t - self.entered >= side.delay and not refused

    def next_offer(self, side: Side, limit: float) -> float:
        """What a side would table this month: from its anchor to its limit over its window."""
        start = side.anchor * side.rho
        start = max(start, limit) if side.side == HOLDER else min(start, limit)
        age = min(1.0, (self.t - side.first) / side.window) if side.first >= 0 else 0.0
        return start + (limit - start) * age ** (1 / side.exponent)

    def perform(self, step: dict[str, Any], side: Side) -> None:
        """A side does its part: what it shows, what it withholds, what follows."""
        act, must = step["act"], set(step["must_contain"])
        lacking = must & side.withholds
        given = must - lacking
        if side.conduct["forthcoming"]:
            given |= set(step["may_contain"]) - side.withholds
        if side.side == HOLDER and "claim_charts" in given:
            self.inform("claim_chart")
            self.bill(HOLDER, self.law["costs.claim_chart"])
        if side.side == HOLDER and "comparables" in given:
            self.inform("comparables")
            self.bill(HOLDER, self.law["costs.comparables"])
        if act in ("verify", "check_essentiality"):
            self.inform("verification")
            self.bill(side.side, self.law["costs.verification"])
        side.did = True
        if lacking:
            self.lacked = True
            breach = step["if_deficient"] or {}
            named = breach.get("faults", {})
            for item in lacking:
                self.book(self.called(breach, side.side, named.get(item)))
            if act == "counter" and side.side == IMPLEMENTER and "rate_calculation" in lacking:
                self.book("no_counter_basis")
            self.consequence(breach, side)
        else:
            self.perform_late(step, side)
        if act == "deposit" and not self.escrow:
            rate = self.deposit_rate(0.0)
            self.escrow = self.law["court.security.share"] * rate * self.past_due(self.t, self.shared)

    def perform_late(self, step: dict[str, Any], side: Side) -> None:
        """A whole performance lifts what the step's breach had brought about."""
        self.barred.discard(self.step)
        self.assured.discard(self.step)
        if self.step in self.missed:
            self.cure(self.called(step["if_missed"] or {}, side.side))
            self.sides[1 - side.side].entitled = 0
            self.entitled_since = -1

    @staticmethod
    def called(breach: dict[str, Any], side: int, named: str | None = None) -> str | None:
        """What a breach of this side is called: its own fault, or the counterpart of the other's."""
        name = named or breach.get("fault")
        if name is None or (name in HOLDER_FAULTS) == (side == HOLDER):
            return name
        twins = {
            "holder_refuses_adr": "implementer_refuses_adr",
            "implementer_refuses_adr": "holder_refuses_adr",
        }
        return twins.get(name)

    def consequence(self, breach: dict[str, Any], side: Side) -> None:
        """What the court makes of a breach beyond the fault."""
        what = breach.get("consequence", "fault_only")
        if what == "injunction_barred" and side.side == HOLDER:
            self.barred.add(self.step)
        elif what == "injunction_assured" and side.side == IMPLEMENTER:
            self.assured.add(self.step)
        elif what == "opens_court":
            self.sides[1 - side.side].entitled = 1

    def table(self, side: Side, offer: float) -> None:
        """An offer is on the table, and tested against the court's estimate."""
        law, guess = self.law, self.estimate
        half, extreme = law["court.faults.frand_half_range"], law["court.faults.extreme_factor"]
        side.offer = offer
        if side.first < 0:
            side.first = self.t
        if side.side == HOLDER:
            if offer <= guess * (1 + half):
                self.frand_ask = max(self.frand_ask, offer)
            far, names = offer > extreme * guess, ("non_frand_offer", "unjustified_extreme_ask")
        else:
            asked = self.sides[HOLDER].first >= 0
            unowed = law.court["faults"]["order"] == "sequential" and asked and not self.frand_ask
            far = offer < guess / extreme and not unowed
            names = "unreasonable_terms", "unjustified_extreme_bid"
        if not far:
            for name in names:
                self.cure(name)
            return
        self.book(names[0])
        if not side.conduct["justifies"]:
            self.book(names[1])
        elif names[1] in law.weights and f"reasons of {side.side}" not in self.acts:
            self.acts[f"reasons of {side.side}"] = 1
            self.bill(side.side, law["costs.claim_chart"])
            self.inform("reasons")

    def conduct(self) -> None:
        """Conduct that no step asks about."""
        if self.t == self.law["strategy.threat_from"] and self.sides[HOLDER].conduct["threatens"]:
            self.book("threatens")
        if self.t == 3 and self.sides[IMPLEMENTER].conduct["stalls"]:
            self.book("non_substantive_replies")

    def meet(
        self,
        standing: tuple[float, float],
        takes: tuple[bool, bool],
        new: list[float] | None,
        helped: bool,
    ) -> bool:
        """Whether the two agree: both accept, one accepts, new offers cross, a conciliator helps."""
        beta = self.law["bargaining.holder_weight"]
        (ask, bid), (takes_ask, takes_bid) = standing, takes
        prices = []
        if takes_ask or takes_bid:
            both = ask + beta * (bid - ask)
            prices.append(both if takes_ask and takes_bid else ask if takes_ask else bid)
        if new and new[HOLDER] <= new[IMPLEMENTER]:
            prices.append(new[HOLDER] + beta * (new[IMPLEMENTER] - new[HOLDER]))
        if helped:
            prices.append(self.nash())
        return any(self.agree(price, "negotiated") for price in prices)

    def opens_tribunal(self, step: dict[str, Any]) -> bool:
        """Whether both are before the tribunal; who is called has the whole deadline to answer."""
        if not all(side.did for side in self.sides):
            if step["actor"] != "both":
                self.due = self.t
            return False
        self.status, self.tribunal, self.start = COURT, True, self.t
        self.filed = self.t
        self.decision = self.t + self.duration("court.arbitration.months")
        return True

    def advance(self, step: dict[str, Any]) -> None:
        """Moves on from a step that is done, or books that it was missed."""
        act, actor, place = step["act"], step["actor"], self.step
        did = [side.did for side in self.sides]
        late = step["deadline"] is not None and self.t - self.due >= step["deadline"]["value"]
        if act in ("arbitrate", "go_to_third_party"):
            complete = False
        elif act == "negotiate":
            complete = late
        elif act == "conciliate":
            complete = all(did) and late
        else:
            complete = (
                {"both": all(did), "either": any(did)}.get(actor)
                if actor in ("both", "either")
                else (did[NAMES.index(actor)])
            )
        if complete:
            self.done.add(place)
            go = (step["if_deficient"] or {}).get("go", "stay") if self.lacked else "stay"
            self.lacked = False
            self.enter(self.place(go if go != "stay" else step["then"] or "next"))
        elif late and place not in self.missed and act not in ("negotiate", "go_to_third_party"):
            self.miss(step)

    def place(self, go: str) -> int:
        """The place of the step to go to."""
        return self.step + 1 if go == "next" else self.law.index(go)

    def enter(self, place: int) -> None:
        """A step becomes due next month."""
        if place < len(self.law.steps):
            self.step, self.due, self.entered = place, self.t + 1, self.t + 1
            for side in self.sides:
                side.did = False

    def miss(self, step: dict[str, Any]) -> None:
        """The deadline has passed: the fault of who failed, its consequence, and where the law then leads."""
        place, actor, breach = self.step, step["actor"], step["if_missed"] or {}
        self.missed.add(place)
        go = breach.get("go", "stay")
        failed = []
        for side in self.sides:
            other = self.sides[1 - side.side].did
            called = step["act"] == "arbitrate" and other
            owes = called or actor in (NAMES[side.side], "both") or (actor == "either" and not other)
            if owes and not side.did:
                failed.append(side.side)
                self.book(self.called(breach, side.side))
                self.consequence(breach, side)
        if failed == [IMPLEMENTER]:
            self.excused.add(place)
            if go != "stay":
                self.excused |= set(range(place + 1, self.place(go)))
        if IMPLEMENTER in failed and actor != "either":
            self.sides[IMPLEMENTER].missed += 1
            if self.sides[IMPLEMENTER].missed >= 2:
                self.book("delays")
        if go != "stay":
            self.enter(self.place(go))

    # suits

    def reached(self) -> bool:
        """Whether the step has come from which the holder may sue."""
        start = self.law.court["suit"]["from_step"]
        return start is None or self.step >= self.law.index(start)

    def duties(self, consequence: str) -> set[int]:
        """The holder's steps that a miss of, or a deficiency in, has this consequence for."""
        places = set()
        for place, step in enumerate(self.law.steps):
            breaches = (step["if_missed"] or {}, step["if_deficient"] or {})
            if any(breach.get("consequence") == consequence for breach in breaches):
                if step["actor"] != "implementer":
                    places.add(place)
        return places

    def files(self, side: Side) -> bool:
        """Whether a side goes to court this month if nothing is signed."""
        law, court = self.law, self.law.court
        standing = court["standing"][NAMES[side.side]]
        if court["mode"] == "none" or standing == "none" or self.t < self.bar_until:
            return False
        clock = self.t - (side.first + 1 if side.first >= 0 else 0)
        entitled = side.entitled and self.t - self.entitled_since >= side.patience
        if clock < side.sue_after and not entitled:
            return False
        if side.side == IMPLEMENTER:
            ask = self.sides[HOLDER].offer
            asks = standing in ("rate_action", "any")
            return asks and 0 < self.loss < ask * self.bases[IMPLEMENTER]
        if court["binding"] and self.duties("suit_barred") - self.done - self.excused:
            return False
        gate = self.reached() or side.entitled or court["suit"]["early"] != "barred" or not court["binding"]
        return bool(gate) and self.worth > 0

    def file(self, by: int) -> None:
        """A suit is brought, and taken up the same month."""
        law, holder = self.law, self.sides[HOLDER]
        if by == HOLDER:
            if not holder.entitled and self.step not in self.excused:
                self.barred |= self.duties("injunction_barred") - self.done - self.excused
            early = not self.reached() and not holder.entitled and law.court["suit"]["early"] == "fault"
            notices = {
                place
                for place, step in enumerate(law.steps)
                if step["act"] == "notify" and step["actor"] != "implementer"
            }
            if early or (notices and not notices & self.done):
                self.book("sues_without_notice")
            least = (1 - law["court.faults.frand_half_range"]) * self.estimate
            if self.estimate and self.sides[IMPLEMENTER].offer >= least:
                self.book("breaks_off")
        self.status, self.filer, self.suits = COURT, by, self.suits + 1
        self.filed = self.start = self.t
        self.bill_both(law["costs.filing"])
        self.decision = self.t + self.duration("court.durations.first_instance")
        self.litigate(meets=False)

    def duration(self, name: str) -> int:
        """Months an instance takes."""
        s = sqrt(log(1 + self.law["court.durations.variation"] ** 2))
        months = self.law[name] * exp(s * self.rng.gauss(0, 1) - s**2 / 2)
        return min(600, max(1, round(months)))

    def litigate(self, meets: bool = True) -> None:
        """A month in court, in the window after a judgment, or on appeal."""
        law, t = self.law, self.t
        meets = meets and self.rng.random() < law["court.settlement.meeting_probability"]
        last_day = self.status == WINDOW and t >= self.end_of_window
        if meets or last_day:
            self.reserve()
        appealed = last_day and self.appeals()
        if not self.tribunal:
            if self.status != WINDOW:
                self.bill_both(law["costs.monthly"])
            self.pay_on_account()
        age = t - self.start
        if self.status != WINDOW and age > 0 and age % law["court.settlement.evidence_every"] == 0:
            self.inform("court_round", widens=False)
        if meets and self.low <= self.high and self.agree(self.nash(), "settled_in_court"):
            return
        if self.status == COURT and t >= self.decision:
            if self.tribunal:
                self.award_of_tribunal()
                return
            self.bill_both(law["costs.trial"])
            self.judge(self.estimate if self.suits == 1 and self.estimate else self.court_draw())
            self.status, self.end_of_window = WINDOW, t + int(law["court.settlement.window"])
        elif appealed:
            self.status, self.start = APPEAL, t
            self.decision = t + self.duration("court.durations.appeal")
            self.bill_both(law["costs.filing"])
        elif last_day:
            self.take_effect()
        elif self.status == APPEAL and t >= self.decision:
            if self.rng.random() < law["court.appeal.reversal"]:
                self.judge(self.court_draw())
            self.take_effect()

    def award_of_tribunal(self) -> None:
        """The tribunal's rate, and what it costs."""
        s = self.law["court.arbitration.error"]
        rate = self.market.frand * exp(s * self.rng.gauss(0, 1) - s**2 / 2)
        for side in (HOLDER, IMPLEMENTER):
            self.bill(side, self.law["court.arbitration.cost"])
        self.sign(rate, rate, rate * self.past_due(self.t, 0.0), "arbitral_award")

    def pay_on_account(self) -> None:
        """Payments that the court orders while the case runs."""
        order = self.law.court["interim_licence"]
        if not order or self.t - self.filed < order["after"]["value"]:
            return
        steps = {place for place, step in enumerate(self.law.steps) if step["act"] == "undertake"}
        if steps and not steps & self.done:
            return
        base = self.now
        if not self.paying:
            if not self.has_ground(order):
                return
            offers = [side.offer for side in self.sides]
            self.account_rate = sum(offers) / 2 if min(offers) > 0 else self.estimate or self.court_draw()
            self.paying = True
            base += self.past_due(self.t, self.shared)
        self.pay(self.account_rate * base)
        self.account += self.account_rate * base

    def found(self) -> list[float]:
        """Faults as this court finds them: each is seen or not, once for all its judgments."""
        law, sums = self.law, [0.0, 0.0]
        if not law.counts:
            return sums
        for name in sorted(self.booked):
            if name not in self.seen:
                self.seen[name] = self.rng.random() < law["court.faults.detected"]
            sums[IMPLEMENTER if name not in HOLDER_FAULTS else HOLDER] += self.seen[name] * self.weight(name)
        for side in (HOLDER, IMPLEMENTER):
            if NAMES[side] not in self.seen:
                self.seen[NAMES[side]] = self.rng.random() < law["court.faults.false_findings"]
            sums[side] += self.seen[NAMES[side]]
        return sums

    def judge(self, guess: float) -> None:
        """A judgment: liability, the faults found, then the rate or the injunction."""
        law, mode = self.law, self.law.court["mode"]
        self.judged += 1
        if self.rng.random() >= law.wins:
            self.judgment = "lost"
            return
        faults = self.found()
        self.shared = faults[1] / sum(faults) if sum(faults) > 0 else 0.5
        self.court_rate = guess
        granted = self.rng.random() < self.chance(faults)
        if mode in ("direct", "both") or (mode == "adaptive" and faults[HOLDER] >= faults[IMPLEMENTER]):
            moved = law["court.faults.uplift"] * (faults[1] - faults[0]) / (faults[0] + faults[1] + 1)
            self.court_rate *= 1 + moved
            self.judgment = "granted" if mode == "both" and self.assured and granted else "rate"
        else:
            self.judgment = "granted" if granted else "denied"

    def appeals(self) -> bool:
        """Whether either side appeals the judgment on the last day of the window."""
        law, market, months = self.law, self.market, self.law.second
        if not law.court["appeal"]["available"] or law.court["provisional_enforcement"]:
            return False
        cost = (law["costs.filing"] + months * law["costs.monthly"]) * law["court.costs.litigation_factor"]
        faults = self.expected_faults()
        share = faults[1] / sum(faults) if sum(faults) > 0 else 0.5
        today, then = self.past_due(self.t, self.shared), self.past_due(self.t + months, share)
        gains = []
        for side in self.sides:
            k = side.side
            a, a_i = market.to_come(self.t, k), market.to_come(self.t, IMPLEMENTER)
            later = market.d[k] ** months * self.award(side.rho, k, self.t + months, then)
            gain = later - self.known_value(a, today, a_i)
            gains.append((gain if k == HOLDER else -gain) - cost)
        holder = gains[HOLDER] > 0 and self.judgment != "granted"
        return holder or (gains[IMPLEMENTER] > 0 and self.judgment not in ("lost", "denied"))

    def shift_costs(self) -> None:
        """The loser pays a share of the winner's costs."""
        loser = HOLDER if self.judgment == "lost" else IMPLEMENTER
        if self.judgment == "rate":
            away = [abs(log(side.offer / self.court_rate)) if side.offer else inf for side in self.sides]
            if away[HOLDER] == away[IMPLEMENTER]:
                return
            loser = HOLDER if away[HOLDER] > away[IMPLEMENTER] else IMPLEMENTER
        amount = self.law["court.costs.loser_pays"] * self.sides[1 - loser].spent
        self.sides[loser].cost += amount
        self.sides[1 - loser].cost -= amount
        for side in self.sides:
            side.spent = 0.0

    def take_effect(self) -> None:
        """What a judgment does when it binds."""
        law, rate, past = self.law, self.court_rate, self.past_due(self.t, self.shared)
        self.shift_costs()
        if self.judgment == "lost":
            self.close_accounts()
            self.status, self.judgment, self.paying = TALKS, "", False
            self.filed = self.filer = self.entitled_since = -1
            for side in self.sides:
                side.entitled = 0
            self.bar_until = self.t + int(law["court.bar_after_lost_suit"])
            self.enter(self.step)
        elif self.judgment == "denied":
            x, omega = law["court.scope.forum_share"], law["court.scope.collectable_remainder"]
            self.sign(rate, omega * rate, rate * past * (x + omega * (1 - x)), "court_rate")
        elif self.judgment == "rate" and self.takes_licence(past):
            ordered = law["court.scope.order_coverage"] * rate
            self.sign(ordered, ordered, ordered * past, "court_rate")
        else:
            if self.judgment == "rate":
                self.judgment = "refused"
            self.status, self.since = EXCLUDED, self.t

    def takes_licence(self, past: float) -> bool:
        """Whether the licence ordered is better for the implementer than leaving the forum."""
        law, a = self.law, self.market.to_come(self.t, IMPLEMENTER)
        if law.court["mode"] != "both":
            return True
        x, omega, rate = (
            law["court.scope.forum_share"],
            law["court.scope.collectable_remainder"],
            self.court_rate,
        )
        leaving = min(self.market.net * a, rate * past * (x + omega * (1 - x)))
        leaving += x * self.market.net * a + omega * (1 - x) * rate * a
        return law["court.scope.order_coverage"] * rate * (a + past) <= leaving

    def sit_out(self) -> None:
        """A month of exclusion: they meet and sign, or the licence is taken once the months for it are over."""
        law, market = self.law, self.market
        if self.rng.random() < law["court.settlement.meeting_probability"]:
            self.reserve()
            if self.low <= self.high and self.agree(self.nash(), "injunction_licence"):
                return
            return
        if self.t - self.since < law["court.injunction.take_within"]:
            return
        past, a, rate = (
            self.past_due(self.t, self.shared),
            market.to_come(self.t, IMPLEMENTER),
            self.court_rate,
        )
        if self.judgment == "refused":
            if self.takes_licence(past):
                ordered = law["court.scope.order_coverage"] * rate
                self.sign(ordered, ordered, ordered * past, "court_rate")
        elif market.net * a < law["bargaining.floor"] * rate * (a + past):
            self.status, self.end = OUT, "exit"
        else:
            running = self.injunction_value(rate, a, past, a) / (a + past)
            self.sign(running, running, running * past, "injunction_licence")


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
    mixes = [group["strategies"] for group in (market["holders"][0], market["implementers"][0])]
    rows = []
    for _ in range(replications):
        parties = [strategies[rng.choices(list(mix), list(mix.values()))[0]] for mix in mixes]
        rows.append(Negotiation(law, table, parties, rng).play())
    return rows
