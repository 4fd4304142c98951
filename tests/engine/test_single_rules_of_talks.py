"""Rules of talks, and of what follows them, one at a time: each gives what its sentence says."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest

from simulator.compiled import as_written
from simulator.engine import comparables, interim, month, shadow, steps
from simulator.engine.build import build, new_state
from simulator.engine.outcomes import OUTCOME
from simulator.engine.run import finish, populate
from simulator.spec.regime import Breach
from simulator.trace.follow import trace
from simulator.vocabulary import (
    Act,
    Consequence,
    CourtMode,
    Fault,
    Party,
    RateMethod,
    Status,
)
from tests.engine.test_adoption import two_holders
from tests.engine.test_licence_terms import HORIZON, of_two
from tests.engine.test_rate_methods import matter_of
from tests.engine.test_single_rules import pair
from tests.play import behind, film, regime, scenario, step, strategy

FOREIGN = 1 << Fault.KEEPS_FOREIGN_SUITS


@pytest.mark.parametrize(("ask", "bid", "ends"), [(2, 3, 1), (2, -1, 0), (-1, 3, 0), (-1, -1, 0)])
def test_talks_break_down_only_once_both_have_offered(ask: int, bid: int, ends: int) -> None:
    m = pair(bargaining__breakdown=1.0)
    m.negotiation.first_ask_month, m.negotiation.first_bid_month = ask, bid
    assert as_written(month.breaks_down)(m, 5) == ends


@pytest.mark.parametrize(
    ("waits_for", "since", "waits"), [(0.5, 3, True), (0.5, 12, False), (0.0, 3, False), (0.0, 12, False)]
)
def test_a_colluder_waits_for_its_peers_within_its_window(waits_for: float, since: int, waits: bool) -> None:
    m = pair()
    m.implementer_strategy.waits_for_peers, m.implementer_strategy.window = waits_for, 12
    m.market.n_implementers, m.holder.licensed_at_start = 9, 3
    assert as_written(steps.colluding)(m, m.negotiation.contact + since) == waits
    m.holder.licensed_at_start = 4  # half of its eight peers are licensed
    assert not as_written(steps.colluding)(m, m.negotiation.contact + since)


def test_a_case_in_the_queue_waits_for_its_turn_and_for_the_first_instance() -> None:
    m = pair()
    m.negotiation.status, m.suit.wait = Status.QUEUED, 4
    m.forum.remaining[0, 0], m.forum.remaining[1, 0], m.forum.appeal = 17, 8, 0
    assert as_written(shadow.months_to_judgment)(m, 0, 0) == 4 + 17


@pytest.mark.parametrize(("recognised", "files", "ordered"), [
    (FOREIGN, 1, True), (0, 1, False), (FOREIGN, 0, False), (FOREIGN | 1, 1, True), (1, 1, False),
])  # fmt: skip
def test_suits_abroad_are_a_ground_where_the_law_knows_them(
    recognised: int, files: int, ordered: bool
) -> None:
    """Payments can be ordered by the suit a holder that threatens would file, if its law calls it a fault."""
    m = pair()
    m.forum.interim_ground, m.forum.recognised = FOREIGN, recognised
    m.holder_strategy.threatens, m.negotiation.status = files, Status.TALKS
    m.protocol.undertakings, m.negotiation.done = 1, 1
    assert as_written(interim.has_ground)(m) == ordered


def test_a_new_trial_errs_as_the_court_does_unless_it_says_otherwise() -> None:
    for stated, error in (({}, 0.3), ({"court.appeal.retrial_error": 0.5}, 0.5)):
        m = matter_of(RateMethod.TOP_DOWN_ESSENTIAL, {"court.rate.error": 0.3, **stated})
        assert m.forum.retrial_error == error


def test_who_has_nothing_in_the_standard_leaves_no_comparable_to_others() -> None:
    m = matter_of(RateMethod.COMPARABLES, {"holders.share": 0.1}, licensors="all")
    m.holder.share = 0.0
    as_written(comparables.leave)(m, 0, 0.01, False)
    assert (m.holder.n_comparables, m.outlook.n_licences) == (1, 0)


@pytest.mark.parametrize("since", [-1, 0, 3])
def test_an_offer_of_the_first_month_is_one(since: int) -> None:
    """``first_ask`` and ``first_bid`` are nan only where nothing ever was asked, or offered."""
    one = scenario(regime())
    rules = build(one)
    state, blank = new_state(rules)
    populate(rules, state, blank, 1, 0)
    negotiation = state.negotiations[0]
    negotiation.first_ask_month = negotiation.first_bid_month = since
    negotiation.first_ask, negotiation.first_bid = 0.02, 0.01
    rows = np.zeros(1, dtype=OUTCOME)
    finish(rules, state, 0, 1, 0, rows, 0)
    expected = (0.02, 0.01) if since >= 0 else (math.nan, math.nan)
    assert (rows[0]["first_ask"], rows[0]["first_bid"]) == pytest.approx(expected, nan_ok=True)


@pytest.mark.parametrize("breaches", ["holder", "implementer"])
def test_either_side_s_breach_entitles_from_the_month_it_happened(breaches: str) -> None:
    opens = Breach(consequence=Consequence.OPENS_COURT, go="next")
    side = Party.HOLDER if breaches == "holder" else Party.IMPLEMENTER
    law = behind(regime(CourtMode.DIRECT), first=step(Act.DISCLOSE, side, 2, if_missed=opens))
    parties: dict[str, Any] = {
        name: strategy(f"{name}_good_faith", conduct={"refuses": (Act.DISCLOSE,)})
        for name in ("holder", "implementer")
    }
    shown = film(scenario(law, **parties)).resolved
    other = "implementer_entitled" if breaches == "holder" else "holder_entitled"
    since = int(shown[other][:, 0].argmax())
    assert shown[other][since, 0] == 1
    assert shown["entitled_since"][since, 0] == since


@pytest.mark.parametrize(("refuses", "rounds"), [((), 1), (("holder",), 0), (("implementer",), 0)])
def test_a_conciliator_informs_once_both_are_there(refuses: tuple[str, ...], rounds: int) -> None:
    law = behind(regime(), adr=step(Act.CONCILIATE, Party.BOTH, 2, if_missed=Breach(go="next")))
    parties: dict[str, Any] = {
        name: strategy(
            f"{name}_good_faith", conduct={"refuses": (Act.CONCILIATE,) if name in refuses else ()}
        )
        for name in ("holder", "implementer")
    }
    shown = film(scenario(law, **parties)).resolved["acts_court"][:, 0]
    assert shown.max() == rounds


def test_a_trace_tells_what_is_had_outside_of_whom_has_something_there() -> None:
    """A holder that has nothing to gain by keeping out weighs nothing."""
    study = two_holders(0.5)
    first, second = (trace(study, study.regimes[0].regime, negotiation=k).timelines[0] for k in range(2))
    assert math.isnan(first.course.sight["outside"][0])
    assert second.course.sight["outside"][0] > 0.0


@pytest.mark.parametrize(("covered", "renews"), [(1.0, 0), (0.5, 1), (0.0, 1)])
def test_licences_end_with_a_generation_only_where_some_do_not_cover_it(covered: float, renews: int) -> None:
    one = of_two(scenario(regime(), numbers=HORIZON | {"licences.later_generations": covered}), 3)
    assert build(one).market[0].arrives_later == renews
