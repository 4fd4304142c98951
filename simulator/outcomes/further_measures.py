"""Measures that claims are about, beyond the metrics of a comparison: courts' rates, payoffs, stacks.

Each gives one value a replication and regime, like the metrics of ``measures.py``; an experiment may look
at any of both.
"""

from __future__ import annotations

from collections.abc import Callable
from math import inf
from typing import Any

import numpy as np
import pandas as pd
from scipy import stats

from simulator.outcomes.measures import METRICS
from simulator.outcomes.metric import Metric, Rule
from simulator.outcomes.negotiations import AGREED, Mask, Negotiations, Values, quotient
from simulator.vocabulary import Outcome

TWO_SIDED = float(stats.norm.ppf(0.975))
"""Standard deviations on either side that hold 95 % of a normal variable."""


def court_rate_bias(n: Negotiations) -> Values:
    """Median of log(court rate / true FRAND rate) over the rates a court or tribunal set; nan without one."""
    return _over_cells(n, pd.Series.median)


def court_rate_spread(n: Negotiations) -> Values:
    """Standard deviation of log(court rate / true FRAND rate) over the rates set; nan below two."""
    return _over_cells(n, pd.Series.std)


def court_rates_set(n: Negotiations) -> Values:
    """Negotiations in which a court or tribunal set a rate, whether it took effect or not."""
    return n.sum(~np.isnan(n["court_rate"]))


def trial_rate(n: Negotiations) -> Values:
    """Negotiations in which a court gave judgment / all: suits that were not settled before it."""
    return n.mean(n["judgments"] > 0)


def _over_cells(n: Negotiations, statistic: Callable[..., Any]) -> Values:
    log = pd.Series(np.log(quotient(n["court_rate"], n["frand_rate"])))
    found = log.groupby(n.cell).agg(statistic)
    return found.reindex(range(n.cells)).to_numpy(dtype=np.float64)


def rate_ranges_overlap(n: Negotiations) -> Values:
    """Pairs whose court rate here and under the baseline verify each other / pairs with a court rate in both.

    A rate stands for the range in which 95 % of such courts' rates lie, ``rate x exp(+-1.96 error)``; two
    verify each other where their ranges overlap.  Both courts hear the same experts, so the share is high
    unless the methods themselves part.  *Source*: Oppo v Nokia (Chongqing 2023), cross-verification.
    """
    gap = np.abs(_over_baseline(n, "court_rate"))
    errors = np.array(n.setting.court_errors)
    reach = TWO_SIDED * (errors[n.cell % len(errors)] + errors[n.setting.baseline])
    both = ~np.isnan(gap)
    return n.ratio(both & (gap <= reach), both)


def _over_baseline(n: Negotiations, column: str) -> Values:
    """Log of a rate over the same pair's under the baseline; nan where either is missing."""
    regimes = len(n.setting.regimes)
    pair = n["negotiation"].astype(np.int64)
    pair += n.cell // regimes * (int(pair.max(initial=0)) + 1)
    log = np.log(n[column], where=n[column] > 0, out=np.full(len(pair), np.nan))
    base = n.cell % regimes == n.setting.baseline
    theirs = np.full(int(pair.max(initial=0)) + 1, np.nan)
    theirs[pair[base]] = log[base]
    return np.asarray(log - theirs[pair], np.float64)


def rate_over_baseline(n: Negotiations) -> Values:
    """Mean log of the rate over the same pair's under the baseline, over pairs licensed in both.

    What a threat adds to a price where the baseline has the same procedure and luck without that threat.
    """
    return n.mean(_over_baseline(n, "rate"))


def suit_premium_same_pair(n: Negotiations) -> Values:
    """The same over pairs that settle in court here: what they signed over what they sign at the baseline.

    ``suit_premium`` compares other pairs, those that sue, with those that do not.
    """
    settled = n.ended(Outcome.SETTLED_IN_COURT)
    return n.mean(np.where(settled, _over_baseline(n, "rate"), np.nan))


def agreed_rate(n: Negotiations) -> Values:
    """Mean of agreed rate / true FRAND rate over licences agreed before any suit; nan without one."""
    return _rate_among(n, Outcome.NEGOTIATED)


def suit_premium(n: Negotiations) -> Values:
    """Log of the mean rate / FRAND rate of licences settled in court over that of those agreed before a suit.

    Above 0: comparables signed under suit are inflated.  nan where either kind is missing.
    """
    premium = quotient(_rate_among(n, Outcome.SETTLED_IN_COURT), _rate_among(n, Outcome.NEGOTIATED))
    return np.log(premium, where=premium > 0, out=np.full(premium.shape, np.nan))


def _rate_among(n: Negotiations, outcome: Outcome) -> Values:
    ratio = quotient(n["rate"], n["frand_rate"])
    return n.mean(np.where(n.ended(outcome), ratio, np.nan))


def royalty_stack(n: Negotiations) -> Values:
    """Mean over implementers of the rates of all their licences: what they pay in running royalties."""
    rate = n["rate"]
    by_implementer = n.by_party("implementer", np.where(np.isnan(rate), 0.0, rate))
    present = n.by_party("implementer", n.held) > 0
    return quotient(by_implementer.sum(axis=1), present.sum(axis=1))


def bargains_after_court_rate(n: Negotiations) -> Values:
    """Pairs not licensed when their holder's first court-set rate took effect / all pairs that negotiate.

    The base of the three measures of self-regulation.  An award of a tribunal is not published and does not
    count, nor does a rate that is settled or appealed before it takes effect.
    """
    return n.mean(_after_court_rate(n))


def rate_error_after_court_rate(n: Negotiations) -> Values:
    """Mean |ln(rate / r*)| of licences agreed after the holder's first court-set rate, less that of others.

    Above 0: what parties agree once a court has set a rate is further from FRAND than before, or without
    one.  The two groups differ whatever courts do, since who signs late had more to settle: what court-set
    rates do is the difference between a law that keeps them among the comparables and one that drops them.
    nan where a group has no licence of the parties' own.
    """
    error = np.abs(np.log(quotient(n["rate"], n["frand_rate"])))
    return _gap_after_court_rate(n, np.where(n.ended(*AGREED), error, np.nan))


def months_after_court_rate(n: Negotiations) -> Values:
    """Mean months to licence of pairs not licensed at the holder's first court-set rate, less that of others.

    Months are from first contact, as in ``months_to_licence``; whoever is not licensed yet takes longer by
    definition, so only the difference between laws says something (``rate_error_after_court_rate``).
    """
    return _gap_after_court_rate(n, n.months)


def negotiated_after_court_rate(n: Negotiations) -> Values:
    """Share licensed by talks alone among pairs open at the holder's first court-set rate, less among others.

    Below 0: once a court has set a rate, parties leave more to courts.  Read as the measures above.
    """
    return _gap_after_court_rate(n, n.ended(Outcome.NEGOTIATED))


def _gap_after_court_rate(n: Negotiations, values: Values | Mask) -> Values:
    after, number = _after_court_rate(n), np.asarray(values, np.float64)
    return n.mean(np.where(after, number, np.nan)) - n.mean(np.where(after, np.nan, number))


def _after_court_rate(n: Negotiations) -> Mask:
    """Which pairs were not licensed in the month in which the holder's first court-set rate took effect."""
    holder = n.cell * n.parties["holder"] + n["holder"].astype(np.int64)
    first = np.full(n.cells * n.parties["holder"], inf)
    ordered = n.ended(Outcome.COURT_RATE)
    np.minimum.at(first, holder[ordered], n["licence_month"][ordered])
    return np.asarray(n.held & (n["licence_month"] > first[holder]))


def holder_payoff(n: Negotiations) -> Values:
    """(Sum Y - holders' own costs) / sum E: what holders keep of their entitlement."""
    return n.of_entitlement(n["paid"] - n["cost_holder"])


def strong_holder_payoff(n: Negotiations) -> Values:
    """``holder_payoff`` of the holders whose true FRAND rate is above the median holder's.

    Spread of the shares of families moves that rate too: set it to 0 to compare quality alone.
    """
    counted = n.by_party("holder", np.ones(len(n["paid"])))
    rate = quotient(n.by_party("holder", n["frand_rate"]), counted)
    middle = np.array([np.median(row[~np.isnan(row)]) if (~np.isnan(row)).any() else np.nan for row in rate])
    strong = rate > middle[:, None]
    kept = n.by_party("holder", n["paid"] - n["cost_holder"])
    due = n.by_party("holder", n.due)
    return quotient((kept * strong).sum(axis=1), (due * strong).sum(axis=1))


def implementer_payoff(n: Negotiations) -> Values:
    """Implementers' gross margin less royalties, own costs, cost of escrow and margin lost / that margin."""
    spent = n["paid"] + n["cost_implementer"] + n["escrow_cost"] + n["margin_lost"]
    return n.ratio(n["margin_benchmark"] - spent, n["margin_benchmark"])


def implementer_burden(n: Negotiations) -> Values:
    """(Sum Y + implementers' own costs, cost of escrow and margin lost) / sum E: what they bear."""
    return n.of_entitlement(n["paid"] + n["cost_implementer"] + n["escrow_cost"] + n["margin_lost"])


def royalty_income(n: Negotiations) -> Values:
    """Sum Y: royalty, damages and interest that holders are paid, USD m of month 0."""
    return n.sum(n["paid"])


def output_forgone(n: Negotiations) -> Values:
    """Surplus on output that royalties keep from being sold / gross margin if nothing were paid.

    The triangle of the stack itself: ``output_lost`` and the triangle at FRAND rates taken together.
    """
    triangle = n["output_lost"] + n["margin_benchmark"] - n["surplus_benchmark"]
    return n.ratio(triangle, n["margin_benchmark"])


def _entry(title: str, unit: str, low: float, high: float, better: int, rule: Rule) -> Metric:
    return Metric(rule.__name__, title, unit, low, high, better, rule)


CLAIMED: tuple[Metric, ...] = (
    _entry("court rate / FRAND rate, bias", "log ratio", -inf, inf, 0, court_rate_bias),
    _entry("court rate / FRAND rate, spread", "log sd", 0, inf, -1, court_rate_spread),
    _entry("rates set by court", "count", 0, inf, 0, court_rates_set),
    _entry("suits tried", "share of negotiations", 0, 1, -1, trial_rate),
    _entry("rate ranges overlap with the baseline's", "share of pairs", 0, 1, 0, rate_ranges_overlap),
    _entry("rate agreed before a suit / FRAND rate", "ratio", 0, inf, 0, agreed_rate),
    _entry("rates settled in court over rates agreed", "log ratio", -inf, inf, 0, suit_premium),
    _entry("rate over the same pair's at the baseline", "log ratio", -inf, inf, 0, rate_over_baseline),
    _entry("the same, settled in court", "log ratio", -inf, inf, 0, suit_premium_same_pair),
    _entry("open at a first court-set rate", "share of negotiations", 0, 1, 0, bargains_after_court_rate),
    _entry("error of rates agreed after it", "log ratio", -inf, inf, -1, rate_error_after_court_rate),
    _entry("months to licence after it", "months", -inf, inf, -1, months_after_court_rate),
    _entry("negotiated after it", "share of negotiations", -1, 1, 1, negotiated_after_court_rate),
    _entry("royalty stack", "share of price", 0, inf, 0, royalty_stack),
    _entry("holders' payoff", "share of E", -inf, inf, 0, holder_payoff),
    _entry("payoff of holders with strong patents", "share of E", -inf, inf, 0, strong_holder_payoff),
    _entry("royalties paid", "USD m", 0, inf, 0, royalty_income),
    _entry("output forgone", "share of margin", 0, inf, -1, output_forgone),
    _entry("implementers' burden", "share of E", -inf, inf, 0, implementer_burden),
    _entry("implementers' payoff", "share of margin", -inf, 1, 0, implementer_payoff),
)

MEASURES: dict[str, Metric] = METRICS | {metric.name: metric for metric in CLAIMED}
"""What an experiment may look at: the metrics of a comparison, and those of claims."""
OVER_BASELINE = frozenset(
    measure.__name__ for measure in (rate_ranges_overlap, rate_over_baseline, suit_premium_same_pair)
)
"""Measures of a law against the baseline: what is played under the baseline moves them."""
