"""A negotiation before the court: filing, evidence, settlement, judgment, appeal, effect.

Rests on ``docs/odd.md`` (7.3, 7.6) and the pages it refers to, importing nothing of ours.
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


class Case(Pair):
    """The pair's accounts, and its months before the court."""

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

    def true_up(self) -> None:
        """A case open at the end: nothing is kept on account above what the court has set, or would."""
        if self.account:
            rate = 0.0 if self.judgment == "lost" else self.court_rate
            if not self.judgment:
                rate = self.estimate or self.court_draw()
            self.pay(-max(0.0, 1 - rate / self.account_rate) * self.account)

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
        return float(self.market.frand * exp(s * self.rng.gauss(0, 1) - s**2 / 2))

    def enter(self, place: int) -> None:
        """A step becomes due next month."""
        if place < len(self.law.steps):
            self.step, self.due, self.entered = place, self.t + 1, self.t + 1
            for side in self.sides:
                side.did = False

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
            leads = any(breach.get("consequence") == consequence for breach in breaches)
            if leads and step["actor"] != "implementer":
                places.add(place)
        return places

    def files(self, side: Side) -> bool:
        """Whether a side goes to court this month if nothing is signed."""
        court = self.law.court
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
            bound = any(law.steps[place]["act"] == "undertake" for place in self.done)
            if law.court["interim_licence"] and bound and holder.conduct["threatens"]:
                self.book("keeps_foreign_suits")
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
            self.account_rate = self.estimate or self.court_draw()
            if min(offers) > 0:
                half = self.law["court.faults.frand_half_range"]
                low, high = ((1 + sign * half) * self.account_rate for sign in (-1, 1))
                self.account_rate = sum(min(max(offer, low), high) for offer in offers) / 2
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
        return bool(law["court.scope.order_coverage"] * rate * (a + past) <= leaving)

    def sit_out(self) -> None:
        """A month of exclusion: they meet and sign, or once its months are over the licence is taken."""
        law, market = self.law, self.market
        if self.rng.random() < law["court.settlement.meeting_probability"]:
            self.reserve()
            if self.low <= self.high and self.agree(self.nash(), "injunction_licence"):
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
            self.true_up()
            self.status, self.end, self.account = OUT, "exit", 0.0
        else:
            running = self.injunction_value(rate, a, past, a) / (a + past)
            self.sign(running, running, running * past, "injunction_licence")
