"""A judgment that is vacated is tried anew, once: later, at the cost of a trial, with a jury's error."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from simulator.compiled import as_written
from simulator.engine.prospect import DENIED, GRANTED, LOST, RATE_SET
from simulator.engine.shadow import WINDOW, chance_of_reversal, gains_from_appeal
from simulator.engine.suits import may_appeal
from simulator.outcomes.measures import shown
from simulator.outcomes.negotiations import Setting
from simulator.spec.regime import Appeal, RateSetting, Settlement
from simulator.trace.follow import trace
from simulator.vocabulary import CourtMode, Outcome, Party, RateMethod
from tests.engine.test_rate_methods import matter_of
from tests.engine.test_terms import at_first_contact
from tests.play import film, outcomes, quantity, regime, scenario

PARTIES: dict[str, Any] = {"holder": "holder_litigious", "implementer": "implementer_hold_out"}
NUMBERS = {"costs.trial": 0.0, "court.rate.error": 0.2, "beliefs.spread": 0.5}


def court(vacated: float, *, meets: float = 0.0, **more: float) -> Any:
    """A court whose every judgment falls on appeal."""
    given: dict[str, Any] = {name: quantity(value) for name, value in more.items()}
    return regime(
        CourtMode.DIRECT,
        rate=RateSetting(method=RateMethod.TOP_DOWN_ESSENTIAL),
        appeal=Appeal(reversal=quantity(1), vacated=quantity(vacated), **given),
        settlement=Settlement(meeting_probability=quantity(meets)),
    )


def played(vacated: float, numbers: dict[str, float] | None = None, **more: float) -> Any:
    one = scenario(court(vacated, **more), **PARTIES, numbers=NUMBERS | (numbers or {}), replications=40)
    return outcomes(one)


def test_a_vacated_judgment_is_tried_anew_after_the_months_it_takes() -> None:
    """Judgment, appeal, new trial: two judgments as with a reversal, months of the new trial later."""
    anew, vacated = played(0.0), played(1.0, remand=18)
    went = (anew["appealed"] == 1) & (vacated["appealed"] == 1) & (vacated["judgments"] == 2)
    assert went.sum() >= 5
    assert (anew["judgments"][went] == 2).all()
    later = vacated["months_pending"][went] - anew["months_pending"][went]
    assert (later >= 18).all()


def test_outcomes_tell_what_was_vacated_and_what_was_tried_anew() -> None:
    """Every appeal heard to its end vacates; here all of that is tried anew, and nothing where none is."""
    rows = played(1.0, remand=18)
    assert (rows["vacated"] >= rows["retried"]).all()
    assert (rows["vacated"] <= rows["appealed"]).all()
    assert (rows["judgments"] == 1 + rows["retried"])[rows["vacated"] == 1].all()
    assert rows["retried"].sum() >= 5
    anew = played(0.0)
    assert anew["vacated"].sum() == anew["retried"].sum() == 0


def test_where_nothing_can_be_vacated_there_is_no_such_metric() -> None:
    for vacated in (0.0, 0.5):
        setting = Setting.of(scenario(court(vacated), **PARTIES))
        assert ("retrial_rate" in shown(setting)) == (vacated > 0.0)


def test_a_timeline_says_that_a_judgment_was_vacated_not_upheld() -> None:
    one = scenario(court(1.0, remand=6), **PARTIES, numbers=NUMBERS, replications=8)
    told = [event.text for r in range(8) for event in trace(one, "bare", 0, r).timelines[0].events]
    vacated = [text for text in told if "vacates the judgment: a new trial in 6 months" in text]
    assert vacated
    assert any(text.startswith("tried anew: ") for text in told)
    assert not any("upholds" in text or "decides anew" in text for text in told)


def test_there_is_one_new_trial_at_most() -> None:
    rows = played(1.0, remand=6)
    assert rows["judgments"].max() == 2


def test_a_new_trial_costs_another_trial() -> None:
    dear = {"costs.trial": 0.5}
    rows = {vacated: played(vacated, dear, remand=6) for vacated in (0.0, 1.0)}
    both = (rows[0.0]["appealed"] == 1) & (rows[1.0]["judgments"] == 2)
    assert both.any()
    assert (rows[1.0]["cost_litigation"][both] > rows[0.0]["cost_litigation"][both]).all()


def test_a_jury_errs_as_it_is_said_to() -> None:
    """Same luck, another spread: log of the rate over r* is s z - s^2 / 2."""
    own, wide = played(1.0, remand=6), played(1.0, remand=6, retrial_error=0.8)
    same = (own["judgments"] == 2) & (wide["judgments"] == 2)
    assert same.sum() >= 5
    z = {}
    for sd, rows in ((0.2, own), (0.8, wide)):
        z[sd] = (np.log(rows["court_rate"][same] / rows["frand_rate"][same]) + 0.5 * sd**2) / sd
    assert z[0.2] == pytest.approx(z[0.8])


def test_parties_settle_while_the_new_trial_is_pending() -> None:
    law = court(1.0, meets=0.05, remand=48)
    dear = {"costs.trial": 0.5, "costs.monthly": 0.02}
    rows = outcomes(scenario(law, **PARTIES, numbers=NUMBERS | dear, replications=100))
    settled = rows["outcome"] == Outcome.SETTLED_IN_COURT
    assert ((rows["appealed"] == 1) & (rows["judgments"] == 1) & settled).any()
    assert ((rows["vacated"] == 1) & (rows["retried"] == 0) & settled).any()


def test_delay_by_a_new_trial_is_worth_to_who_pays_what_it_costs_who_is_paid() -> None:
    """The later the new trial, the less a holder gains from appealing a low rate, the more its licensee."""
    impatient = {"holders.discount": 0.2, "implementers.discount": 0.2}
    gains = []
    for months in (1, 24, 60):
        m = matter_of(RateMethod.TOP_DOWN_ESSENTIAL, impatient)
        m.forum.appeal, m.forum.reversal, m.forum.vacated, m.forum.remand_months = 1, 1.0, 1.0, months
        m.suit.judgment, m.suit.court_rate = RATE_SET, 0.8 * m.negotiation.frand
        m.negotiation.status = WINDOW
        gains.append(gains_from_appeal(m, 0))
    holder, implementer = zip(*gains, strict=True)
    assert holder[0] > holder[1] > holder[2]
    assert implementer[0] < implementer[1] < implementer[2]


def test_once_tried_anew_a_judgment_is_final() -> None:
    m = matter_of(RateMethod.TOP_DOWN_ESSENTIAL, {})
    m.forum.appeal, m.forum.reversal, m.forum.vacated = 1, 0.3, 0.5
    assert chance_of_reversal(m) == 0.3
    m.suit.remanded = 1
    assert chance_of_reversal(m) == 0.0


def test_off_nothing_changes() -> None:
    shots = [film(scenario(court(0.0, remand=months), **PARTIES, numbers=NUMBERS)) for months in (6, 60)]
    assert shots[0].rows.tobytes() == shots[1].rows.tobytes()


@pytest.mark.parametrize(
    ("judgment", "holder", "implementer"),
    [(RATE_SET, True, True), (GRANTED, False, True), (LOST, True, False), (DENIED, True, False)],
)
def test_who_has_won_may_not_appeal_and_nobody_after_a_remand(
    judgment: int, holder: bool, implementer: bool
) -> None:
    m = at_first_contact(court(1.0))
    m.negotiation.status, m.suit.window_end, m.suit.judgment = WINDOW, 5, judgment
    may = as_written(may_appeal)
    assert (may(m, Party.HOLDER, 5), may(m, Party.IMPLEMENTER, 5)) == (holder, implementer)
    assert not any(may(m, side, 4) for side in Party)
    m.suit.remanded = 1
    assert not any(may(m, side, 5) for side in Party)
