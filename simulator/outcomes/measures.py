"""What is measured: each metric of a replication as a small function over its counted negotiations.

The unit of independence is the replication: a metric gives one value per replication and regime, and
ratios are formed inside a replication.  ``E`` is what a holder is entitled to (the true FRAND rate on
sales under the standard from first use) and ``Y`` what it was paid, both in USD m discounted at the
social rate.  Only negotiations whose notice was served with enough months left are counted.  A pair of
which a side keeps out of the standard does not negotiate: it is in no share, mean or median of negotiations,
but its money is in every sum, and what would have been due too (``due``) in every denominator.

*Deadlock* means: no agreement of the parties' own.  It is reported with its parts, by end and by cause.
"""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise
from math import inf

import numpy as np
import pandas as pd

from simulator.outcomes.duration import restricted_median
from simulator.outcomes.metric import Metric, Rule
from simulator.outcomes.negotiations import Negotiations, Setting, Values, quotient, totals
from simulator.outcomes.participation import PARTICIPATION
from simulator.outcomes.renewals import RENEWALS
from simulator.outcomes.rows import Rows
from simulator.outcomes.trials import TRIALS
from simulator.vocabulary import Cause, Outcome

METRICS: dict[str, Metric] = {}


def _metric(title: str, unit: str, low: float, high: float, better: int = 0) -> Callable[[Rule], Rule]:
    def enter(rule: Rule) -> Rule:
        METRICS[rule.__name__] = Metric(rule.__name__, title, unit, low, high, better, rule)
        return rule

    return enter


def _share(title: str, better: int = 0) -> Callable[[Rule], Rule]:
    return _metric(title, "share of negotiations", 0, 1, better)


def _of_entitlement(title: str, low: float = 0, high: float = inf, better: int = 0) -> Callable[[Rule], Rule]:
    return _metric(title, "share of E", low, high, better)


def measure(outcomes: Rows, setting: Setting) -> pd.DataFrame:
    """Every metric for each replication and regime of a chunk that holds whole replications.

    Index ``(replication, regime)`` with regimes in the scenario's order, one column a metric of ``shown``.
    """
    negotiations = Negotiations(outcomes, setting)
    index = pd.MultiIndex.from_product(
        [negotiations.replications, setting.regimes], names=["replication", "regime"]
    )
    values = {name: metric.rule(negotiations) for name, metric in shown(setting).items()}
    return pd.DataFrame(values, index=index)


def shown(setting: Setting) -> dict[str, Metric]:
    """The metrics of a comparison: those of mechanisms that its market does not play are left out."""
    played = ("", *setting.mechanisms)
    return {name: metric for name, metric in METRICS.items() if metric.mechanism in played}


# Deadlock, by end and by cause


@_share("deadlock rate", better=-1)
def deadlock_rate(n: Negotiations) -> Values:
    """Negotiations that end without the parties' own agreement (neither negotiated nor settled) / all."""
    return n.mean(n.deadlocked)


@_share("deadlock: structural")
def deadlock_structural(n: Negotiations) -> Values:
    """Deadlocks in which no zone of possible agreement existed even with both beliefs at r* / all."""
    return _deadlock_from(n, Cause.STRUCTURAL)


@_share("deadlock: belief")
def deadlock_belief(n: Negotiations) -> Values:
    """Deadlocks with a zone of possible agreement at r*, never at the beliefs held / all."""
    return _deadlock_from(n, Cause.BELIEF)


@_share("deadlock: strategic")
def deadlock_strategic(n: Negotiations) -> Values:
    """Deadlocks with a zone of possible agreement at held beliefs that was not taken / all."""
    return _deadlock_from(n, Cause.STRATEGIC)


@_share("deadlock: procedural")
def deadlock_procedural(n: Negotiations) -> Values:
    """Deadlocks in which the protocol ended the talks while the zone of possible agreement was open / all."""
    return _deadlock_from(n, Cause.PROCEDURAL)


def _deadlock_from(n: Negotiations, cause: Cause) -> Values:
    return n.mean(n.deadlocked & (n["cause"] == cause))


@_share("end: negotiated")
def end_negotiated(n: Negotiations) -> Values:
    """Licences agreed before any suit / all."""
    return n.mean(n.ended(Outcome.NEGOTIATED))


@_share("end: settled in court")
def end_settled_in_court(n: Negotiations) -> Values:
    """Licences agreed by the parties before a court or an arbitral tribunal / all."""
    return n.mean(n.ended(Outcome.SETTLED_IN_COURT))


@_share("end: rate set by court or tribunal")
def end_court_rate(n: Negotiations) -> Values:
    """Licences at a rate a court, or an arbitral tribunal, has set / all.  A part of the deadlock rate."""
    return n.mean(n.ended(Outcome.COURT_RATE, Outcome.ARBITRAL_AWARD))


@_share("of these: arbitral award")
def end_arbitral_award(n: Negotiations) -> Values:
    """Licences at the rate of an arbitral tribunal / all.  Contained in ``end_court_rate``."""
    return n.mean(n.ended(Outcome.ARBITRAL_AWARD))


@_share("end: licence under an injunction")
def end_injunction_licence(n: Negotiations) -> Values:
    """Licences taken under a granted injunction / all.  A part of the deadlock rate."""
    return n.mean(n.ended(Outcome.INJUNCTION_LICENCE))


@_share("end: exit")
def end_exit(n: Negotiations) -> Values:
    """Implementers that left the market / all.  A part of the deadlock rate."""
    return n.mean(n.ended(Outcome.EXIT))


@_share("end: unlicensed")
def end_unlicensed(n: Negotiations) -> Values:
    """Still without a licence at the horizon, or after a lost suit / all.  A part of the deadlock rate."""
    return n.mean(n.ended(Outcome.UNLICENSED))


# Course of the talks and the court


@_share("talks failed", better=-1)
def talks_failed_rate(n: Negotiations) -> Values:
    """Negotiations handed to a court (a suit was filed) or to an arbitral tribunal / all."""
    return n.mean((n["filed"] == 1) | (n["months_pending"] > 0))


@_share("still unlicensed", better=-1)
def unlicensed_rate(n: Negotiations) -> Values:
    """Negotiations whose implementer uses the standard without a licence at the end / all.

    Most were never sued; the others lost, or still wait.  Without a court there is no other deadlock.
    """
    return n.mean(n.ended(Outcome.UNLICENSED))


@_share("litigation rate", better=-1)
def litigation_rate(n: Negotiations) -> Values:
    """Negotiations in which a suit was filed / all."""
    return n.mean(n["filed"])


@_metric("settlement share", "share of suits", 0, 1)
def settlement_share(n: Negotiations) -> Values:
    """Suits settled by agreement / negotiations in which a suit was filed; nan without a suit.

    What is settled before an arbitral tribunal alone was no suit.
    """
    return n.ratio(n.ended(Outcome.SETTLED_IN_COURT) & (n["filed"] == 1), n["filed"])


@_share("injunction rate")
def injunction_rate(n: Negotiations) -> Values:
    """Negotiations in which an injunction was granted / all."""
    return n.mean(n["injunction"])


@_metric("court load", "months", 0, inf, better=-1)
def court_load(n: Negotiations) -> Values:
    """Mean number of pending cases / filings the court takes up in a month, so: months of work waiting.

    = sum of months pending / (horizon x docket capacity).  Cases before arbitral tribunals count as pending,
    though they need no docket.
    """
    capacity = np.tile(n.setting.dockets, len(n.replications))
    return n.sum(n["months_pending"]) / (n.setting.horizon * capacity)


@_metric("rounds of offers", "months with a new offer", 0, inf)
def rounds(n: Negotiations) -> Values:
    """Mean number of months in which a party moved its offer."""
    return n.mean(n["rounds"])


@_metric("opening spread", "log ratio", -inf, inf)
def opening_spread(n: Negotiations) -> Values:
    """Mean of log(first ask / first bid) where both made an offer; nan without one."""
    spread = quotient(n["first_ask"], n["first_bid"])
    return n.mean(np.log(spread, where=spread > 0, out=np.full(len(spread), np.nan)))


# Time


@_metric("months to licence", "months", 0, inf, better=-1)
def months_to_licence(n: Negotiations) -> Values:
    """Mean over all negotiations of min(months from first contact to licence, tau); unlicensed = tau.

    tau is one time for all: the months for which the latest contact is still followed to the horizon, so that
    late contacts are not taken for quick licences.  *Source*: Royston and Parmar (2013), restricted mean.
    """
    return n.mean(n.months)


@_metric("median months to licence", "months", 0, inf, better=-1)
def median_months_to_licence(n: Negotiations) -> Values:
    """Median of the months from first contact to licence, restricted to tau as ``months_to_licence`` is.

    Where no half of the negotiations is licensed by tau, tau stands in.  *Source*: Kaplan and Meier (1958);
    nothing is censored before tau.
    """
    months, licensed = n.months[n.held], n.licensed & (n["months_to_licence"] <= n.setting.follow_up)
    cell, licensed = n.cell[n.held], licensed[n.held]
    order = np.argsort(cell, kind="stable")
    bounds = np.searchsorted(cell[order], np.arange(n.cells + 1))
    cells = [order[start:stop] for start, stop in pairwise(bounds)]
    return np.array([restricted_median(months[cell], licensed[cell]) for cell in cells])


# Money: where the entitlement went


@_of_entitlement("real cost", better=-1)
def dissipation(n: Negotiations) -> Values:
    """Real cost K / E = ``cost_of_talks`` + ``cost_of_suits`` + ``margin_lost_share`` + ``output_cut``.

    A transfer is no loss, nor is unlicensed use.  Output lost is measured against FRAND rates; the
    extra output of an implementer that underpays is no merit, so it counts as no loss rather than a gain.
    """
    return n.of_entitlement(n.avoidable_losses)


@_metric("efficiency", "share of E", -inf, 1, better=1)
def efficiency(n: Negotiations) -> Values:
    """1 - real cost: what is left of each dollar of entitlement after avoidable losses."""
    return 1 - dissipation(n)


@_of_entitlement("cost of talks", better=-1)
def cost_of_talks(n: Negotiations) -> Values:
    """Both parties' cost of talking, of claim charts and of checking them / E.  A part of ``dissipation``."""
    return n.of_entitlement(n.costs - n["cost_litigation"])


@_of_entitlement("cost of suits", better=-1)
def cost_of_suits(n: Negotiations) -> Values:
    """Both parties' cost of litigation and the public's of courts / E.  A part of ``dissipation``."""
    return n.of_entitlement(n["cost_litigation"] + n["cost_public"])


@_of_entitlement("output cut", better=-1)
def output_cut(n: Negotiations) -> Values:
    """Surplus lost where stacks above those at FRAND rates cut output / E.  A part of ``dissipation``."""
    return n.of_entitlement(n.output_cut)


@_metric("surplus kept", "share of benchmark surplus", -inf, inf, better=1)
def surplus_kept(n: Negotiations) -> Values:
    """1 - avoidable losses / total surplus of FRAND licences at once and without cost.

    Insensitive, since costs are small beside margins; above 1 where underpaid royalties raise output,
    which is no merit; nan without any such surplus.
    """
    return 1 - n.ratio(n.losses, n["surplus_benchmark"])


@_metric("innovation incentive", "ratio", 0, 1, better=1)
def innovation_incentive(n: Negotiations) -> Values:
    """phi_h: holders' royalty income net of their costs / E, within [0, 1] for each holder, weighted by E."""
    return _kept(
        n.by_party("holder", n["paid"] - n["cost_holder"]),
        n.by_party("holder", n.due),
    )


@_metric("adoption incentive", "ratio", 0, 1, better=1)
def adoption_incentive(n: Negotiations) -> Values:
    """phi_i: implementers' surplus / surplus at FRAND rates, within [0, 1] for each implementer.

    Surplus = gross margin - paid - own costs - cost of escrow - margin lost; at FRAND rates: gross margin
    - E; weighted by the latter; nan where nobody has one.
    """
    spent = n["paid"] + n["cost_implementer"] + n["escrow_cost"] + n["margin_lost"]
    realised = n["margin_benchmark"] - spent
    return _kept(
        n.by_party("implementer", realised),
        np.maximum(n.by_party("implementer", n["margin_benchmark"] - n.due), 0),
    )


def _kept(received: Values, due: Values) -> Values:
    """What parties keep of their due, no credit beyond it: sum of min(max(received, 0), due) / sum of due."""
    return quotient(np.clip(received, 0, due).sum(axis=1), due.sum(axis=1))


@_metric("dynamic efficiency", "index", -inf, inf, better=1)
def dynamic_efficiency(n: Negotiations) -> Values:
    """Surplus kept x phi_h^eps_h x phi_i^eps_i x (1 + O)^-eps_o, with the market's elasticities.

    phi_h: ``innovation_incentive``; phi_i: ``adoption_incentive``; O: ``hold_up_index``, which underpayment
    elsewhere does not make good, for whoever fears to be held up invests less.  nan where a part is.
    """
    parts = (innovation_incentive(n), adoption_incentive(n), hold_up_index(n))
    return weigh(surplus_kept(n), *parts, elasticities=n.setting.elasticities)


def weigh(
    kept: Values, phi_h: Values, phi_i: Values, overpaid: Values, *, elasticities: tuple[float, float, float]
) -> Values:
    """Dynamic efficiency from its parts, each without unit, and eps_h, eps_i, eps_o; 0 leaves a part out.

    >>> parts = (np.array([share]) for share in (0.9, 0.25, 1.0, 0.25))
    >>> round(float(weigh(*parts, elasticities=(0.5, 0.5, 1.0))[0]), 9)
    0.36
    """
    eps_h, eps_i, eps_o = elasticities
    return kept * phi_h**eps_h * phi_i**eps_i * (1 + overpaid) ** -eps_o


@_metric("effective rate / FRAND rate", "ratio", 0, inf)
def effective_rate_over_frand(n: Negotiations) -> Values:
    """Sum Y / sum E: 1 where holders as a whole received what FRAND rates would have brought."""
    return n.of_entitlement(n["paid"])


@_of_entitlement("hold-up index", better=-1)
def hold_up_index(n: Negotiations) -> Values:
    """Sum max(0, Y - E) / sum E: paid beyond the entitlement."""
    return n.of_entitlement(np.maximum(-n.shortfall, 0))


@_of_entitlement("hold-out index", high=1, better=-1)
def hold_out_index(n: Negotiations) -> Values:
    """Sum max(0, E - Y) / sum E: entitlement not paid; unlicensed use and lost suits included."""
    return n.of_entitlement(np.maximum(n.shortfall, 0))


@_of_entitlement("entitlement paid as agreed", high=1)
def paid_as_agreed(n: Negotiations) -> Values:
    """Sum of min(Y, E) where the parties agreed / sum E."""
    return n.of_entitlement(np.where(n.deadlocked, 0, _within_entitlement(n)))


@_of_entitlement("entitlement paid without agreement", high=1)
def paid_by_court(n: Negotiations) -> Values:
    """Sum of min(Y, E) where they did not (court rate, award, under an injunction, damages) / sum E."""
    return n.of_entitlement(np.where(n.deadlocked, _within_entitlement(n), 0))


def _within_entitlement(n: Negotiations) -> Values:
    return np.minimum(n["paid"], n["entitlement"])


@_of_entitlement("cost share", better=-1)
def cost_share(n: Negotiations) -> Values:
    """Transaction and litigation costs of both parties / E."""
    return n.of_entitlement(n.costs)


@_of_entitlement("cost share: holders")
def cost_share_holder(n: Negotiations) -> Values:
    """Holders' transaction and litigation costs / E."""
    return n.of_entitlement(n["cost_holder"])


@_of_entitlement("cost share: implementers")
def cost_share_implementer(n: Negotiations) -> Values:
    """Implementers' transaction and litigation costs / E."""
    return n.of_entitlement(n["cost_implementer"])


@_of_entitlement("cost share: public")
def cost_share_public(n: Negotiations) -> Values:
    """Public cost of the courts / E."""
    return n.of_entitlement(n["cost_public"])


@_of_entitlement("margin lost")
def margin_lost_share(n: Negotiations) -> Values:
    """Margin lost under exclusion and exit that no rival earns instead / E."""
    return n.of_entitlement(n.margin_gone)


@_of_entitlement("output lost", low=-inf)
def output_lost_share(n: Negotiations) -> Values:
    """Surplus lost because the royalty stack cuts output, less that at FRAND rates / E."""
    return n.of_entitlement(n["output_lost"])


@_metric("Gini of Y/E", "Gini coefficient", 0, 1, better=-1)
def gini(n: Negotiations) -> Values:
    """Gini of Y/E across the licensed implementers of one holder (two or more), mean over such holders.

    G = 2 sum(k x_k) / (m sum x) - (m + 1)/m with x ascending and k = 1..m; 0 = all treated alike.
    nan without such a holder.
    """
    ratio = quotient(n["paid"], n["entitlement"])
    chosen = n.licensed & ~np.isnan(ratio)
    holder, cell, ratio = n["holder"][chosen].astype(np.int64), n.cell[chosen], np.maximum(ratio[chosen], 0)
    holders = n.parties["holder"]
    key = cell * holders + holder
    order = np.lexsort((ratio, key))
    key, ratio = key[order], ratio[order]
    size = np.bincount(key, minlength=n.cells * holders)
    rank = np.arange(len(key)) - (np.cumsum(size) - size)[key] + 1
    total = totals(key, ratio, len(size))
    ranked = totals(key, rank * ratio, len(size))
    coefficient = 2 * quotient(ranked, size * total) - quotient(size + 1, size)
    coefficient[(size >= 2) & (total == 0)] = 0.0
    known = ((size >= 2) & ~np.isnan(coefficient)).reshape(n.cells, holders)
    return quotient(np.where(known, coefficient.reshape(known.shape), 0).sum(axis=1), known.sum(axis=1))


COMMON: dict[str, Metric] = dict(METRICS)
"""The metrics that say something of every market, whatever mechanisms it plays."""
METRICS |= {metric.name: metric for metric in (*PARTICIPATION, *RENEWALS, *TRIALS)}
