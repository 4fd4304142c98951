"""The duopoly in plain Python, resting on ``docs/odd.md`` and the pages it refers to alone.

One holder, one implementer, one negotiation, one month after the other.  Nothing of ours is imported and
every draw is its own: what this module and the engine have in common is the page.  It covers the built-in
market (shares, sales and quality without spread, one licence to the horizon, talks from month 0) and
strategies whose tactic is ``time``.

Money is USD m, rates are fractions of price, time is in months.
"""

from __future__ import annotations

from math import inf
from random import Random
from typing import Any

from tests.odd.case import Case
from tests.odd.values import (
    APPEAL,
    COURT,
    EXCLUDED,
    HOLDER,
    HOLDER_FAULTS,
    IMPLEMENTER,
    NAMES,
    OUT,
    TALKS,
    WINDOW,
    Law,
    Market,
    Side,
)

OFFERS = ("offer", "counter")
OPEN_TALKS = ("negotiate", "go_to_third_party", "conciliate")


class Negotiation(Case):
    """The pair's story under one law: ``play`` runs it to the horizon and says what it came to."""

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
        self.social = market.social**market.months
        self.true_up()
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
        return float(start + (limit - start) * age ** (1 / side.exponent))

    def perform(self, step: dict[str, Any], side: Side) -> None:
        """A side does its part: what it shows, what it withholds, what follows."""
        act, must = step["act"], set(step["must_contain"])
        lacking = must & side.withholds
        enough = [item for item in step["must_contain_any"] if item not in side.withholds]
        if step["must_contain_any"] and not enough:
            lacking |= set(step["must_contain_any"])
        given = (must - lacking) | set(enough[:1])
        if side.conduct["forthcoming"]:
            given |= set(step["may_contain"]) - side.withholds
        if side.side == HOLDER and "claim_charts" in given:
            self.inform("claim_chart")
            self.bill(HOLDER, self.law["costs.claim_chart"])
        for item in ("comparables", "precedents"):
            if side.side == HOLDER and item in given:
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
        complete = {"both": all(did), "either": any(did), "holder": did[0], "implementer": did[1]}[actor]
        if act in ("arbitrate", "go_to_third_party"):
            complete = False
        elif act in ("negotiate", "conciliate"):
            complete = late and (act == "negotiate" or all(did))
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
