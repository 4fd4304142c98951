"""Licences that end: what is booked and opened again, what parties count on, how a relationship moves."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from simulator.agents import LicensingModel
from simulator.compiled import as_written
from simulator.engine.bases import licensed_sales
from simulator.engine.build import build, new_state
from simulator.engine.month import begin
from simulator.engine.records import WORTH_HOLDER, WORTH_IMPLEMENTER
from simulator.engine.relation import reply_delay, talks_cost
from simulator.engine.run import populate, run_chunk
from simulator.engine.state import NEGOTIATION, SUIT, matter
from simulator.rules.discount import annuity
from simulator.spec.load import load_scenario
from simulator.vocabulary import CourtMode, Status
from tests.play import IDEAL, film, outcomes, quantity, regime, scenario, strategy

TERM = 24.0
# What a pair takes into its next negotiation: who it is, what it knows and believes, what was paid and spent.
KEPT = {
    "holder", "implementer", "disclosures", "acts_chart", "acts_comparables", "acts_court", "acts_reasons",
    "acts_verify", "verified", "frand", "rho_h", "rho_i", "mu_h", "v_h", "mu_i", "v_i", "shift_h", "shift_i",
    "paid", "cost_h", "cost_i",
}  # fmt: skip
KEPT_OF_SUITS = {
    "filings", "judgments", "suits_lost", "cost_lit", "cost_public", "margin_lost", "months_pending",
    "months_excluded", "escrow_cost_i", "place", "start_month", "decision_month", "window_end",
    "excluded_since", "escrow_month",
}  # fmt: skip
# Taken anew each month of talks, before anything rests on it.
MONTHLY = {"counted", "w_h", "l_i", "r_h", "r_i", "extreme_h", "extreme_i", "last_step", "wait"}
# Of the licence that ended, overwritten by the next.
LICENCE_ONLY = {"licence_month", "sales_mark", "first_ask", "first_bid"}
# The month's start has opened the talks: these are of the new negotiation.
OPENED = {"status", "due", "entered", "first_use", "contact"}


def renewed(**numbers: float) -> Any:
    """Two good-faith parties who sign at once, and again when their licence ends."""
    given = {"standard.horizon": 60.0, "timing.least_left": 6.0, "licences.term": TERM}
    return scenario(
        regime(),
        holder="holder_good_faith",
        implementer="implementer_good_faith",
        numbers=given | {key.replace("__", "."): value for key, value in numbers.items()},
    )


def test_a_licence_ends_and_is_renewed() -> None:
    played = film(renewed())
    status = played.resolved["status"][:, 0]
    first = int(np.argmax(status == Status.LICENSED))
    end = first + int(TERM)
    assert (status[first:end] == Status.LICENSED).all()
    assert played.decided["episode"][end, 0] == 1
    assert played.decided["status"][end, 0] == Status.TALKS
    assert played.decided["contact"][end, 0] == played.decided["first_use"][end, 0] == end
    row = played.row
    assert (row.licences_ended, row.renewals) == (1, 1)
    assert row.licence_end == end
    again = end + int(np.argmax(status[end:] == Status.LICENSED))
    assert row.months_lapsed == again - end > 0
    assert row.months_unlicensed == first + (again - end)
    assert row.licence_month == first  # the row is that of the first negotiation


def test_the_second_negotiation_opens_as_a_first_one() -> None:
    played = film(renewed())
    end = int(played.row.licence_end)
    fresh = film(renewed()).decided[0]
    for records, kept in ((NEGOTIATION, KEPT), (SUIT, KEPT_OF_SUITS)):
        for field in set(records.names or ()) - kept - MONTHLY - LICENCE_ONLY - OPENED:
            assert played.decided[field][end, 0] == fresh[field][0], field


def test_who_sold_nothing_under_a_licence_pays_nothing_for_it() -> None:
    """Money: r x sales of the term, then the next licence's rate from its month on, past use at signing."""
    row = film(renewed()).row
    whole = film(renewed(licences__term=600.0)).row
    # Ideal parties know the true rate, pay past use without interest and discount nothing: what is paid for a
    # month does not depend on whether a licence stood in it, as long as one is signed in the end.
    second = film(renewed())
    rates = second.resolved["rate"][:, 0]
    assert rates[int(row.licence_end) - 1] == pytest.approx(whole.rate)
    sales = whole.entitlement / whole.frand_rate
    last = rates[-1]
    months = 60 - int(row.licence_end)
    expected = whole.rate * sales * (60 - months) / 60 + last * sales * months / 60
    assert row.paid == pytest.approx(expected)
    assert row.entitlement == pytest.approx(whole.entitlement)


def test_too_little_left_is_not_worth_a_renewal() -> None:
    rows = outcomes(renewed(timing__least_left=40.0))
    assert rows["licences_ended"][0] == 0
    assert rows["licence_end"][0] == 60


def test_a_term_alone_changes_no_reservation_rate() -> None:
    """Where renewal at the same rate is sure, l_k and X_k are those of a licence to the horizon."""
    numbers = {"licences.term": 36.0}
    laws = (regime(CourtMode.DIRECT), regime(CourtMode.INDIRECT))
    for law in laws:
        plain = film(scenario(law, ideal=False, numbers={"timing.notice_spread": 0.0}), months=2)
        ending = film(scenario(law, ideal=False, numbers={"timing.notice_spread": 0.0} | numbers), months=2)
        for field in ("w_h", "l_i", "r_h", "r_i"):
            assert (plain.decided[field] == ending.decided[field]).all()


def at_first_contact(**numbers: float) -> Any:
    """All that the first negotiation hangs on in month 0, before anything is decided."""
    given = {key.replace("__", "."): value for key, value in numbers.items()}
    rules = build(scenario(regime(), numbers=given))
    state, blank = new_state(rules)
    begin(rules, state, populate(rules, state, blank, 1, 0), 0, 0)
    return as_written(matter)(rules, state, 0, 0, 1, 0)


@pytest.mark.parametrize("renewal", [0.0, 0.25, 1.0])
def test_a_licence_is_counted_on_its_term_and_on_the_renewal_that_is_expected(renewal: float) -> None:
    """l = a(t, e) + psi [a(t, T) - a(t, e)], each side with its own discount rate."""
    m = at_first_contact(
        standard__horizon=120.0,
        licences__term=36.0,
        licences__renewal=renewal,
        holders__discount=0.08,
        implementers__discount=0.05,
    )
    for side, rate in ((WORTH_HOLDER, 0.08), (WORTH_IMPLEMENTER, 0.05)):
        whole, term = (
            m.implementer.sales * annuity(-np.log1p(rate) / 12, months) for months in (120.0, 36.0)
        )
        assert as_written(licensed_sales)(m, side, 0, 0) == pytest.approx(term + renewal * (whole - term))


@pytest.mark.parametrize(("least", "counted"), [(24.0, 36.0), (84.0, 36.0), (85.0, 120.0)])
def test_a_licence_that_runs_on_for_want_of_time_is_counted_on_all_of_it(
    least: float, counted: float
) -> None:
    """Where too little is left to renew it, it runs to the horizon, and both sides know."""
    m = at_first_contact(
        standard__horizon=120.0,
        timing__least_left=least,
        licences__term=36.0,
        licences__renewal=0.0,
        holders__discount=0.08,
    )
    worth = m.implementer.sales * annuity(-np.log1p(0.08) / 12, counted)
    assert as_written(licensed_sales)(m, WORTH_HOLDER, 0, 0) == pytest.approx(worth)


def test_relationships_are_damaged_by_suits_and_mended_by_years() -> None:
    """0.5 after one suit; two licensed years at a fifth each leave 1 - 0.5 (1 - .2/12)**24."""
    numbers = {
        "standard.horizon": 120.0, "licences.term": TERM, "relations.suit": 0.5, "relations.mending": 0.2,
        "timing.least_left": 6.0, "court.durations.first_instance": 6.0,
        "court.settlement.meeting_probability": 0.0,
    }  # fmt: skip
    holder = strategy("holder_good_faith", sue_after=0.0, anchor=2.0)
    implementer = strategy("implementer_good_faith", anchor=0.2, goodwill=0.0)
    played = film(scenario(regime(CourtMode.DIRECT), holder=holder, implementer=implementer, numbers=numbers))
    filed = int(np.argmax(played.resolved["filings"][:, 0] > 0))
    assert played.resolved["filings"][filed, 0] == 1
    assert played.resolved["bond"][filed, 0] == 0.5
    end = int(played.row.licence_end)
    mended = 1.0 - 0.5 * (1.0 - 0.2 / 12.0) ** TERM
    assert played.decided["bond"][end, 0] == pytest.approx(mended)


def test_a_broken_relationship_makes_talks_dear_and_slow() -> None:
    m = at_first_contact(costs__talks=0.1, relations__cost=2.0, relations__delay=4.0)
    assert as_written(talks_cost)(m) == 0.1
    usual = as_written(reply_delay)(m, m.holder_strategy)
    m.licence.bond = 0.25
    assert as_written(talks_cost)(m) == pytest.approx(0.1 * (1 + 2 * 0.75))
    assert as_written(reply_delay)(m, m.holder_strategy) == usual + 3


def test_one_sum_is_what_the_sales_of_the_term_are_worth() -> None:
    """Without discounting both sides count the same sales: the sum is rate x sales, past use included."""
    running = film(renewed(licences__term=600.0)).row
    lump = film(renewed(licences__term=600.0, licences__lump_share=1.0))
    assert lump.row.lump == 1
    assert lump.row.rate == running.rate
    assert lump.row.paid == pytest.approx(running.paid)
    after = lump.implementers["signed"][int(lump.row.licence_month) :, 0]
    assert (after == 0.0).all()  # nothing runs: demand and margin do not feel it


def test_one_sum_covers_the_term_only() -> None:
    played = film(renewed(licences__lump_share=1.0))
    sales = played.row.entitlement / played.row.frand_rate / 60
    first = int(played.row.licence_month)
    paid = played.resolved["paid"][first, 0]
    assert paid == pytest.approx(played.row.rate * sales * (first + TERM))


def test_a_sale_in_one_sum_divides_by_the_rates_each_holds() -> None:
    """Where the two discount unlike, the sum lies between what each would take for itself."""
    numbers = {"licences.lump_share": 1.0, "holders.discount": 0.02, "implementers.discount": 0.3}
    one = scenario(
        regime(),
        holder="holder_good_faith",
        implementer="implementer_good_faith",
        numbers=numbers | {"standard.horizon": 60.0},
    )
    played = film(one)
    t = int(played.row.licence_month)
    before = played.decided[t, 0]
    sales = played.row.entitlement / played.row.frand_rate / 60
    left = 60 - t
    worth_h = sales * annuity(-np.log1p(0.02) / 12, left) + sales * t
    worth_i = sales * annuity(-np.log1p(0.3) / 12, left) + sales * t
    x = (played.row.rate - before["r_h"]) / (before["r_i"] - before["r_h"])
    expected = (1 - x) * before["r_h"] * worth_h + x * before["r_i"] * worth_i
    assert played.resolved["paid"][t, 0] == pytest.approx(expected)
    assert min(worth_h, worth_i) * before["r_h"] <= expected <= max(worth_h, worth_i) * before["r_i"]


@pytest.mark.parametrize("name", ["eu-hvzte-2015", "uk-global", "us-ebay"])
def test_the_mesa_model_plays_the_same_renewals(name: str) -> None:
    loaded = load_scenario("cellular", regimes=[name], replications=1, seed=3)
    numbers = {
        "licences.term": quantity(36),
        "relations.suit": quantity(0.4),
        "relations.threat": quantity(0.2),
    }
    loaded = loaded.model_copy(update={"set": {**loaded.set, **numbers}})
    model = LicensingModel(loaded, regime=name)
    model.run_model()
    rows = run_chunk(build(loaded), 3, range(1))
    table = model.outcomes()
    assert rows["licences_ended"].sum() > 0
    for column in ("licences_ended", "renewals", "months_lapsed", "bond", "paid", "threats"):
        assert (table[column].to_numpy() == rows[column]).all()


def test_who_has_left_the_market_renews_nothing() -> None:
    loaded = load_scenario("cellular", regimes=["eu-hvzte-2015"], replications=1, seed=1)
    numbers = {"licences.term": quantity(24), "implementers.margin": quantity(0.04)}
    played = film(loaded.model_copy(update={"set": {**loaded.set, **numbers}}))
    exited = played.implementers["exited"] == 1
    assert exited.any()
    of_pair = exited[:, played.rows["implementer"]]
    episodes = np.diff(played.resolved["episode"], axis=0)
    assert episodes.any()
    assert (episodes[of_pair[:-1]] == 0).all()


def test_every_field_of_the_record_is_reset_between_replications() -> None:
    """What a pair's licences leave behind does not reach the next replication."""
    loaded = load_scenario("duopoly", regimes=["eu-hvzte-2015"], seed=2)
    numbers = {
        "licences.term": quantity(30),
        "relations.suit": quantity(0.5),
        "threats.unthreatened": quantity(0.4),
    }
    rules = build(loaded.model_copy(update={"set": {**loaded.set, **numbers}}))
    together = run_chunk(rules, 2, range(12))
    apart = np.concatenate([run_chunk(rules, 2, range(n, n + 1)) for n in range(12)])
    assert together.tobytes() == apart.tobytes()


def test_ideal_numbers_leave_the_mechanisms_off() -> None:
    assert not {name for name in IDEAL if name.startswith(("licences.", "relations.", "threats."))}
