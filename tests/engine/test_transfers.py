"""Money that changes hands is booked once, on its date, on both sides: ledgers rebuilt month by month."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from simulator.engine.build import build
from simulator.spec.scenario import Scenario
from simulator.vocabulary import Outcome, Status
from tests.play import Film, Rows, ended, film, law, outcomes, scenario

SOCIAL = 1.05 ** (-1 / 12)


def first(one: Scenario, **wanted: Any) -> Film:
    """The first replication whose row has these values, month by month."""
    rows = outcomes(one)
    hits = np.all([rows[name] == value for name, value in wanted.items()], axis=0)
    assert hits.any(), wanted
    return film(one, replication=int(rows["replication"][hits][0]))


def pair_under(name: str, **parties: Any) -> Scenario:
    """The duopoly as it is, 200 replications."""
    return scenario(name, ideal=False, replications=200, **parties)


def sold(played: Film, one: Scenario) -> Rows:
    """Sales of each month, USD m: without the forum's share after a month that ended in exclusion."""
    excluded = np.roll(played.resolved["status"][:, 0] == Status.EXCLUDED, 1)
    sales: Rows = played.implementers["sales"][:, 0].copy()
    sales[excluded] *= 1.0 - build(one).forums[0]["forum_share"]
    return sales


def past_use(played: Film, one: Scenario, kind: str, t: int, anchor: int) -> float:
    """Sales up to month t, within the limitation of the law, with its interest; from the monthly records."""
    court = build(one).forums[0]
    since = int(max(0, anchor - court["limitation"]))
    return float(
        (sold(played, one)[since:t] * np.exp(court[f"log_{kind}"] * (t - np.arange(since, t)))).sum()
    )


class Ledger:
    """Dated payments from the implementer to the holder, USD m."""

    def __init__(self, months: int) -> None:
        self.flow = np.zeros(months)

    def pay(self, month: int, amount: float) -> None:
        self.flow[month] += amount

    def value(self) -> float:
        """Discounted to month 0 at the social rate."""
        return float((self.flow * SOCIAL ** np.arange(len(self.flow))).sum())


def licence(played: Film, one: Scenario, ledger: Ledger, lump: float) -> None:
    """The lump for the past at signing, then the rate on each month's sales."""
    signed = int(played.row.licence_month)
    ledger.pay(signed, lump)
    sales = sold(played, one)
    for month in range(signed, len(ledger.flow)):
        ledger.pay(month, float(played.row.rate * sales[month]))


def same_flows(played: Film, ledger: Ledger) -> None:
    """The rebuilt ledger is what the outcomes table says was paid, and until signing what was booked."""
    assert played.row.paid == pytest.approx(ledger.value(), rel=1e-9)
    signed = int(played.row.licence_month)
    booked = played.resolved["paid"][:, 0]
    dated = np.cumsum(ledger.flow * SOCIAL ** np.arange(len(ledger.flow)))
    assert booked[:signed] == pytest.approx(dated[:signed], rel=1e-9, abs=1e-12)


def test_an_agreed_licence() -> None:
    one = pair_under("none", holder="holder_good_faith", implementer="implementer_good_faith")
    played = first(one, outcome=Outcome.NEGOTIATED)
    signed = int(played.row.licence_month)
    ledger = Ledger(120)
    licence(played, one, ledger, played.row.rate * 0.8 * past_use(played, one, "licence", signed, signed))
    assert signed > 0
    same_flows(played, ledger)


@pytest.mark.parametrize("name", ["cn-rate-setting", "us-ebay"])
def test_a_court_rate(name: str) -> None:
    """The award pays past use with court interest, counted back from the suit."""
    one = pair_under(name, holder="holder_hold_up", implementer="implementer_hold_out")
    played = first(one, outcome=Outcome.COURT_RATE, suits_lost=0)
    signed, filed = int(played.row.licence_month), int(played.row.filing_month)
    past = past_use(played, one, "court", signed, filed)
    if name == "us-ebay":  # injunction denied: what the court left open is collected in part
        court = build(one).forums[0]
        x, rest = court["forum_share"], court["remainder"]
        assert played.row.rate == pytest.approx(rest * played.row.court_rate, rel=1e-12)
        lump = played.row.court_rate * past * (x + rest * (1 - x))
    else:
        lump = played.row.rate * past
    ledger = Ledger(120)
    licence(played, one, ledger, lump)
    same_flows(played, ledger)


def test_a_licence_under_exclusion() -> None:
    """What is excluded is neither sold nor paid for; the licence that ends it pays for the rest."""
    one = pair_under("upc", holder="holder_hold_up", implementer="implementer_hold_out")
    played = first(one, outcome=Outcome.INJUNCTION_LICENCE, suits_lost=0)
    signed, filed = int(played.row.licence_month), int(played.row.filing_month)
    assert sold(played, one).min() < 0.9 * played.implementers["sales"].min()
    ledger = Ledger(120)
    licence(played, one, ledger, played.row.rate * past_use(played, one, "court", signed, filed))
    same_flows(played, ledger)


def test_an_interim_licence() -> None:
    """Payments on account run until judgment and are credited with court interest against the award."""
    never = {"court.settlement.meeting_probability": 0.0}
    one = pair_under(
        "uk-global", holder="holder_hold_up", implementer="implementer_good_faith", numbers=never
    )
    ends = ((replication, *ended(one, replication=replication)) for replication in range(one.replications))
    played = film(one, replication=next(replication for replication, pairs, rows in ends if
                                        pairs[0].interim_on == 1 and rows[0].outcome == Outcome.COURT_RATE
                                        and rows[0].filing_month == pairs[0].filed_month))  # fmt: skip
    signed, filed = int(played.row.licence_month), int(played.row.filing_month)
    pairs, sales = played.resolved[:, 0], played.implementers["sales"][:, 0]
    months = [month for month in range(1, signed) if pairs["account"][month] > pairs["account"][month - 1]]
    start, rate, monthly = months[0], float(pairs["interim_rate"][months[0]]), 1.04 ** (1 / 12)
    assert start - filed == 6
    assert len(months) > 6
    ledger = Ledger(120)
    ledger.pay(start, rate * (past_use(played, one, "court", start, filed) + float(sales[start])))
    for month in months[1:]:
        ledger.pay(month, rate * float(sales[month]))
    account = sum(float(ledger.flow[month]) * monthly ** (signed - month) for month in months)
    ledger.pay(signed, -account)
    licence(played, one, ledger, played.row.rate * past_use(played, one, "court", signed, filed))
    same_flows(played, ledger)


@pytest.mark.parametrize("name", ["de-munich-security", "eu-hvzte-2015"])
def test_a_deposit(name: str) -> None:
    """Security leaves the implementer and comes back with its interest; the holder never gets it."""
    one = pair_under(name, holder="holder_hold_up", implementer="implementer_good_faith")
    rows = outcomes(one)
    played = film(one, replication=int(rows["replication"][rows["escrow_cost"] > 0][0]))
    pairs = played.resolved[:, 0]
    held = pairs["escrow"] > 0
    placed, back = int(np.argmax(held)), int(np.nonzero(held)[0][-1]) + 1
    court = build(one).forums[0]
    standing = played.decided[placed, 0]
    offer = standing.last_bid if law(name).court.security.base == "counter" else standing.last_ask
    deposit = court["security_share"] * offer * past_use(played, one, "court", placed, placed)
    assert pairs["escrow"][placed] == pytest.approx(deposit, rel=1e-9)
    returned = deposit * 1.02 ** ((back - placed) / 12)
    cost = deposit * SOCIAL**placed - returned * SOCIAL**back
    assert played.row.escrow_cost == pytest.approx(cost, rel=1e-9)


def test_costs_that_follow_the_event_are_a_transfer() -> None:
    """What the loser reimburses, the winner gets: both sides' costs sum to what lawyers and acts cost."""
    one = pair_under("upc", holder="holder_good_faith", implementer="implementer_hold_out")
    played = first(one, outcome=Outcome.INJUNCTION_LICENCE)
    pairs = played.resolved[:, 0]
    moved = np.diff(pairs["cost_h"] + pairs["cost_i"] - pairs["cost_lit"])[int(played.row.filing_month) :]
    assert np.abs(moved).max() < 1e-12
    assert np.diff(pairs["cost_h"]).min() < -0.5
