"""Threats of suit: when they are made and believed, what they do to offers, licences, faults."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from simulator.compiled import as_written
from simulator.engine.build import build, new_state
from simulator.engine.month import begin
from simulator.engine.relation import chance_of_suit, credibility
from simulator.engine.run import populate
from simulator.engine.state import matter
from simulator.spec.regime import FaultRules
from simulator.vocabulary import Comparable, CourtMode, Fault, Status
from tests.play import at_once, film, quantity, regime, scenario, strategy

QUIET = {"court.settlement.meeting_probability": 0.0, "standard.horizon": 60.0}


def threatening(**update: Any) -> Any:
    """A holder that threatens with suit and asks much, without suing by its own clock unless told to."""
    given = {"anchor": 3.0, "window": 1000.0, "sue_after": 1000.0} | update
    return strategy("holder_good_faith", conduct={"threatens": True}, **given)


def stubborn() -> Any:
    return strategy("implementer_good_faith", anchor=0.01, window=1000.0, goodwill=0.0)


def bare(holder: Any, numbers: dict[str, float] | None = None, **court: Any) -> Any:
    law = regime(CourtMode.DIRECT, **court)
    return scenario(law, holder=holder, implementer=stubborn(), numbers=QUIET | (numbers or {}))


def test_threats_have_dates_and_repeat() -> None:
    played = film(bare(threatening(threat_from=3.0, threat_every=8.0, threat_grace=2.0)), months=30)
    made = (
        np.flatnonzero(np.diff(played.resolved["threats"][:, 0], prepend=0)) - played.decided["contact"][0, 0]
    )
    assert made.tolist() == [3, 11, 19, 27]
    stands = played.resolved["threat_until"][:, 0] >= 0
    assert stands[3:6].all()  # to month 5, the date it named
    assert not stands[6:11].any()


def test_one_threat_unless_it_repeats() -> None:
    played = film(bare(threatening()), months=30)
    assert played.resolved["threats"][-1, 0] == 1


def test_a_suit_keeps_the_threat_and_a_passed_date_breaks_it() -> None:
    numbers = {"threats.trust": 0.5, "threats.trust_weight": 2.0}
    for holder, expected in (
        (threatening(threat_grace=3.0), (2 * 0.5 + 0) / 3),  # never sues: broken
        (threatening(threat_grace=20.0, sue_after=4.0), (2 * 0.5 + 1) / 3),  # sues in time: kept
    ):
        one = bare(holder, numbers)
        rules = build(one)
        state, _ = new_state(rules)
        played = film(one, months=20)
        last = played.resolved[-1, 0]
        kept = int(last["filings"] > 0)
        state.holders[0].threats_kept = kept
        state.holders[0].threats_broken = 1 - kept
        assert last["threat_until"] == -1
        assert as_written(credibility)(rules.market[0], state.holders[0]) == pytest.approx(expected)


def test_who_leaves_the_talks_does_not_keep_its_threat() -> None:
    """The date it named passes as in talks that go on; until then the threat stands."""
    played = film(bare(threatening(threat_from=2.0, threat_grace=6.0, walks_after=4.0)), months=20)
    contact = int(played.decided["contact"][0, 0])
    stands = played.resolved["threat_until"][:, 0] >= 0
    left = int(np.argmax(played.resolved["broken"][:, 0] != 0))
    assert contact + 2 < left < contact + 8
    assert np.flatnonzero(stands).tolist() == list(range(contact + 2, contact + 9))


def faced(numbers: dict[str, float], *, threat_until: int = -1, status: Status = Status.TALKS) -> Any:
    rules = build(bare(threatening(), numbers))
    state, blank = new_state(rules)
    begin(rules, state, populate(rules, state, blank, 1, 0), 0, 0)
    m = as_written(matter)(rules, state, 0, 0, 1, 0)
    m.licence.threat_until = threat_until
    m.negotiation.status = status
    return m


@pytest.mark.parametrize(
    ("doubt", "trust", "until", "status", "expected"),
    [
        (1.0, 0.5, -1, Status.TALKS, 1.0),  # off
        (0.3, 0.5, -1, Status.TALKS, 0.3),  # no threat: the first belief
        (0.3, 0.5, 9, Status.TALKS, 1 - 0.7 * 0.5),  # one stands
        (0.3, 0.0, 9, Status.TALKS, 0.3),  # and is not believed
        (0.3, 1.0, 9, Status.TALKS, 1.0),  # or wholly
        (0.3, 0.5, -1, Status.COURT, 1.0),  # before the court there is no doubt
    ],
)
def test_how_sure_an_implementer_is_of_a_suit(
    doubt: float, trust: float, until: int, status: Status, expected: float
) -> None:
    m = faced({"threats.unthreatened": doubt, "threats.trust": trust}, threat_until=until, status=status)
    assert as_written(chance_of_suit)(m) == pytest.approx(expected)


def test_a_believed_threat_raises_what_the_implementer_would_sign() -> None:
    """R_i = max(goodwill, pi L_i) / l_i: believed wholly, a threat does what no doubt does."""
    numbers = {"threats.unthreatened": 0.2, "threats.trust": 1.0, "threats.trust_weight": 1000.0}
    holder = threatening(threat_from=4.0, threat_grace=5.0)
    doubted, sure = film(bare(holder, numbers), months=12), film(bare(holder), months=12)
    r_doubted, r_sure = doubted.decided["r_i"][:, 0], sure.decided["r_i"][:, 0]
    assert (r_sure > 0).all()
    assert r_doubted[:5] == pytest.approx(0.2 * r_sure[:5])
    assert r_doubted[5:10] == pytest.approx(r_sure[5:10])  # made in month 4, felt from month 5 to 9
    assert r_doubted[11] < r_sure[11]
    assert (doubted.decided["l_i"] == sure.decided["l_i"]).all()  # what a suit costs does not change


def test_threats_tolerated_are_no_fault() -> None:
    faults = FaultRules(recognised={Fault.THREATENS: quantity(1)})
    holder = threatening(threat_from=1.0, threat_every=5.0)
    for tolerated, month in ((0, 1), (2, 11)):
        played = film(bare(holder, {"threats.tolerated": tolerated}, faults=faults), months=20)
        booked = played.resolved["faults"][:, 0] >> int(Fault.THREATENS) & 1
        assert int(np.argmax(booked)) == played.decided["contact"][0, 0] + month


def signed_after(months: int, taint: float) -> Any:
    """A licence signed so many months after the threat, to which nobody was brought by a suit."""
    holder = threatening(threat_grace=2.0, anchor=1.0, window=float(months + 1))
    one = scenario(
        regime(),
        holder=holder,
        implementer=strategy("implementer_good_faith", anchor=0.5, window=float(months + 1)),
        numbers=QUIET | {"threats.taint": taint},
    )
    rules = build(one)
    return film(one), rules


@pytest.mark.parametrize(("taint", "tainted"), [(0.0, False), (60.0, True)])
def test_a_licence_signed_under_threat_is_no_clean_comparable(taint: float, tainted: bool) -> None:
    played, _ = signed_after(6, taint)
    assert played.row.threats == 1
    assert played.row.filed == 0
    assert played.row.under_threat == tainted


def test_the_comparable_itself_is_marked() -> None:
    for taint, expected in ((0.0, 0.0), (60.0, 1.0)):
        _, rules = signed_after(6, taint)
        state, _ = at_once(rules, 1)
        assert state.holders[0].n_comparables == 1
        assert state.holders[0].comparables[0, int(Comparable.TAINTED)] == expected


def test_a_threat_long_past_taints_nothing() -> None:
    played, _ = signed_after(30, 8.0)
    assert played.row.licence_month - 1 > 8
    assert played.row.under_threat == 0


def test_a_threat_damages_the_relationship() -> None:
    holder = threatening(threat_every=5.0)
    played = film(bare(holder, {"relations.threat": 0.2}), months=20)
    last = played.resolved[-1, 0]
    assert last["threats"] > 1
    assert last["bond"] == pytest.approx(0.8 ** last["threats"])
