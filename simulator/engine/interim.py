"""What a court orders before judgment: payments on account or into court, and an interim injunction.

Each is worth something to the parties before it is ordered, and then does what it does.
"""

from __future__ import annotations

from simulator.compiled import compiled, inlined
from simulator.engine import remedies
from simulator.engine.accounts import deposit, pay
from simulator.engine.bases import account_now, award_past, factor, sold
from simulator.engine.draws import INTERIM_INJUNCTION, first_instance, uniform
from simulator.engine.prospect import DENIED, LOST, NO_JUDGMENT, Prospect
from simulator.engine.rate_setting import court_estimate, frand_range
from simulator.engine.records import (
    COURT_INTEREST,
    ESCROW_INTEREST,
    GROWTH,
    HOLDER_DISCOUNT,
    IMPLEMENTER_DISCOUNT,
)
from simulator.engine.standard_setting import is_uncommitted
from simulator.engine.state import Matter
from simulator.rules.discount import annuity, power
from simulator.rules.litigation import security_burden
from simulator.vocabulary import Covers, Fault, InterimRate, Status

FOREIGN_SUITS = 1 << Fault.KEEPS_FOREIGN_SUITS
AT_COUNTER, AT_HOLDER_OFFER = int(InterimRate.COUNTER), int(InterimRate.HOLDER_OFFER)
AT_COURT = int(InterimRate.COURT)
PAST, RUNNING = int(Covers.PAST), int(Covers.RUNNING)
TALKS = int(Status.TALKS)


@inlined
def has_ground(m: Matter) -> bool:
    """Whether payments can be ordered: there is a ground, or will be by the suit the holder would file."""
    ground, negotiation = m.forum.interim_ground, m.negotiation
    if ground == 0 or negotiation.faults & ground != 0:
        return True
    files = negotiation.status == TALKS and m.holder_strategy.threatens == 1
    undertaken = m.protocol.undertakings & negotiation.done != 0
    return bool(
        ground & FOREIGN_SUITS != 0 and m.forum.recognised & FOREIGN_SUITS != 0 and files and undertaken
    )


@compiled
def burden(m: Matter, party: int, interest: int, first: int, last: int) -> float:
    """What payments on the sales of some months cost per unit of rate, if credited at month ``last``.

    ``sum d**j B_j (1 - d**(last-j) (1 + iota)**((last-j)/12))`` over ``first <= j < last``, from today;
    ``party`` and ``interest`` are columns of the curves.  USD m.
    """
    log_d, log_g, log_i = m.curves.log[party], m.curves.log[GROWTH], m.curves.log[interest]
    paid = annuity(log_d + log_g, last) - annuity(log_d + log_g, first)
    credited = annuity(log_g - log_i, last) - annuity(log_g - log_i, first)
    return float(m.outlook.sales * (paid - power(log_d + log_i, last) * credited))


@inlined
def payments_effect(m: Matter, rho_h: float, rho_i: float, past: float) -> tuple[float, float]:
    """What interim payments still to be ordered are worth to the holder and cost the implementer, USD m.

    Money paid before judgment is credited with interest; it moves value only as far as that interest differs
    from the party's own discount rate.  A deposit is nothing to the holder before judgment.
    """
    forum, curves, suit = m.forum, m.curves, m.suit
    if forum.interim == 0 or suit.interim_on == 1 or suit.arbitration == 1 or suit.judgment != NO_JUDGMENT:
        return 0.0, 0.0
    first = forum.interim_after
    left = m.outlook.months - first
    if left <= 0 or not has_ground(m):
        return 0.0, 0.0
    interest = ESCROW_INTEREST if forum.interim_deposit == 1 else COURT_INTEREST
    h, i = 0.0, 0.0
    if forum.interim_covers & PAST != 0:
        accrual = factor(curves, interest, left)
        h = security_burden(rho_h * past, factor(curves, HOLDER_DISCOUNT, left), accrual)
        i = security_burden(rho_i * past, factor(curves, IMPLEMENTER_DISCOUNT, left), accrual)
        h *= factor(curves, HOLDER_DISCOUNT, first)
        i *= factor(curves, IMPLEMENTER_DISCOUNT, first)
    if forum.interim_covers & RUNNING != 0:
        h += rho_h * burden(m, HOLDER_DISCOUNT, interest, first, m.outlook.months)
        i += rho_i * burden(m, IMPLEMENTER_DISCOUNT, interest, first, m.outlook.months)
    if forum.interim_deposit == 1:
        h = 0.0
    return h, i


@inlined
def ordered_rate(m: Matter, t: int) -> float:
    """The rate at which a court orders interim payments; midway, offers count as far as they are FRAND."""
    forum, ask, bid = m.forum, m.negotiation.last_ask, m.negotiation.last_bid
    rate = court_estimate(m, t, first_instance(1))
    if forum.interim_rate == AT_COURT:
        return rate
    if forum.interim_rate == AT_COUNTER and bid > 0.0:
        return bid
    if forum.interim_rate == AT_HOLDER_OFFER and ask > 0.0:
        return ask
    if ask > 0.0 and bid > 0.0:
        low, high = frand_range(m)
        return 0.5 * (min(max(ask, low * rate), high * rate) + min(max(bid, low * rate), high * rate))
    return rate


@compiled
def payments(m: Matter, t: int) -> None:
    """A month's payments on account, credited with court interest at the end, or into court."""
    forum, negotiation, suit = m.forum, m.negotiation, m.suit
    undertakings = m.protocol.undertakings
    bound = undertakings == 0 or undertakings & negotiation.done != 0
    if forum.interim == 0 or not bound or t - suit.filed_month < forum.interim_after:
        return
    base = 0.0
    if suit.interim_on == 0:
        if not has_ground(m):
            return
        suit.interim_rate = ordered_rate(m, t)
        suit.interim_on = 1
        if forum.interim_covers & PAST != 0:
            base += award_past(m, t)
    if forum.interim_covers & RUNNING != 0:
        base += sold(forum, m.implementer)
    if not base > 0.0:
        return
    amount = suit.interim_rate * base
    if forum.interim_deposit == 1:
        deposit(forum, m.market, suit, amount, t)
    else:
        pay(m.market, negotiation, amount, t)
        suit.account += amount / power(forum.log_court, t)


@compiled
def true_up(m: Matter, t: int) -> None:
    """The holder gives back, with court interest, what it holds on account above the court's rate.

    For a case that is still open: at the rate the court has found, whatever its remedy, or at its provisional
    estimate; all of it, where the suit was lost.  What would be due beyond is an award to come.
    """
    suit = m.suit
    if suit.account <= 0.0:
        return
    rate = suit.court_rate
    if suit.judgment == NO_JUDGMENT:
        rate = court_estimate(m, t, first_instance(1))
    elif suit.judgment == LOST:
        rate = 0.0
    above = max(0.0, 1.0 - rate / suit.interim_rate)
    pay(m.market, m.negotiation, -above * account_now(m.forum, suit, t), t)
    suit.account = 0.0


@inlined
def chance(m: Matter) -> float:
    """The chance of an interim injunction; none where a step bars injunctions."""
    barred = (m.forum.binding == 1 and m.negotiation.barred != 0) or is_uncommitted(m)
    return 0.0 if barred else m.forum.enjoin_chance


@inlined
def can_enjoin(m: Matter) -> bool:
    """Whether the court enjoins before judgment, and none is given yet."""
    return bool(m.forum.enjoin_chance > 0.0 and m.suit.arbitration == 0 and m.suit.judgment == NO_JUDGMENT)


@inlined
def months_to_decision(m: Matter, t: int) -> int:
    """Months until the decision on an interim injunction; -1: none is to come before judgment."""
    forum, suit = m.forum, m.suit
    if not can_enjoin(m):
        return -1
    left = forum.enjoin_after
    if m.negotiation.status != TALKS:
        left -= t - suit.filed_month
    return left if 0 <= left < m.outlook.months else -1


@inlined
def loss_until_judgment(m: Matter, prospect: Prospect, liability: float, t: int) -> tuple[float, float]:
    """What an interim injunction in force costs until judgment, and what the holder may have to make good.

    The second counts what was lost already, with the chance that the injunction fails.  USD m today.
    """
    if m.suit.enjoined == 0:
        return 0.0, 0.0
    lost = m.outlook.gain_interim
    if m.forum.enjoin_compensated == 0:
        return lost, 0.0
    fails = 1.0 - liability * remedies.chance_not_refused(m, prospect)
    return lost, fails * (lost + m.suit.enjoined_margin / power(m.market.log_social, t))


@compiled
def decide_injunction(m: Matter, t: int) -> None:
    """The court decides on an interim injunction in its month; the products leave the forum."""
    forum, suit = m.forum, m.suit
    if not can_enjoin(m) or t - suit.filed_month != forum.enjoin_after:
        return
    seed, replication, k = m.chance
    if uniform(seed, replication, k, INTERIM_INJUNCTION, suit.filings) < chance(m):
        suit.enjoined = 1


@compiled
def lift(m: Matter) -> None:
    """The interim injunction ends with a judgment that binds; where it fails, the holder makes it good."""
    suit = m.suit
    if suit.enjoined == 0:
        return
    suit.enjoined = 0
    if m.forum.enjoin_compensated == 1 and (suit.judgment == LOST or suit.judgment == DENIED):
        m.negotiation.paid -= suit.enjoined_margin
    suit.enjoined_margin = 0.0
