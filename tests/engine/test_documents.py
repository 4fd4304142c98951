"""What documents tell: calculations, secrets under an agreement, lists, transfers, terms of protection."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest

from simulator.engine.build import build
from simulator.engine.trace import follow
from simulator.spec.regime import Breach, FaultRules, Regime
from simulator.trace.timeline import Timeline
from simulator.vocabulary import Act, Consequence, CourtMode, Disclosure, Fault, Party
from tests.play import Film, behind, film, outcomes, quantity, regime, scenario, step, strategy

SPREAD, NOISE = 0.3, 0.2
CALCULATES = {"beliefs.spread": SPREAD, "beliefs.bias": 0.1, "information.calculation": NOISE}
SHOWN = Disclosure.RATE_CALCULATION


def owing(side: Party, *documents: Disclosure, **more: Any) -> Regime:
    faults = {fault: quantity(1) for fault in (Fault.REFUSES_CONFIDENTIALITY, Fault.WITHHOLDS_CLAIM_CHARTS)}
    court = regime(CourtMode.DIRECT, faults=FaultRules(recognised=faults))
    return behind(court, owed=step(Act.DISCLOSE, side, must_contain=documents, **more))


def played(law: Regime, numbers: dict[str, float], months: int = 4, **conduct: Any) -> Film:
    parties: dict[str, Any] = {
        side: strategy(f"{side}_good_faith", conduct=conduct.get(side, {}))
        for side in ("holder", "implementer")
    }
    return film(scenario(law, numbers=numbers, **parties), months=months)


# Calculations.


@pytest.mark.parametrize("document", [SHOWN, Disclosure.JUSTIFICATION])
@pytest.mark.parametrize("side", [Party.HOLDER, Party.IMPLEMENTER])
def test_a_calculation_shows_the_asker_s_initial_estimate_to_the_other_side(
    side: Party, document: Disclosure
) -> None:
    """``v' = v s**2 / (v + s**2)`` with ``s**2 = sigma**2 + s_c**2``, and a mean that weighs alike."""
    teller, hearer, bias = ("h", "i", 0.1) if side is Party.HOLDER else ("i", "h", -0.1)
    one = played(owing(side, document), CALCULATES | {"costs.claim_chart": 0.2})
    month = int(np.argmax(one.resolved["calculated"][:, 0] > 0))
    before, after = one.decided[month, 0], one.resolved[month, 0]
    assert after.calculated == 1 << side
    for field in ("mu", "v"):
        assert after[f"{field}_{teller}"] == before[f"{field}_{teller}"]
    variance = SPREAD**2 + NOISE**2
    assert after[f"v_{hearer}"] == pytest.approx(SPREAD**2 * variance / (SPREAD**2 + variance), rel=1e-12)
    weight = SPREAD**2 / (SPREAD**2 + variance)
    own = float(before[f"mu_{hearer}"])
    seen = own + (float(after[f"mu_{hearer}"]) - own) / weight
    exact = played(owing(side, SHOWN), CALCULATES | {"information.calculation": 0.0})
    sharp = exact.resolved[month, 0]
    initial = float(before[f"mu_{teller}"]) - bias
    assert sharp[f"mu_{hearer}"] == pytest.approx(own + 0.5 * (initial - own), rel=1e-12)
    assert seen != pytest.approx(initial, rel=1e-6)
    cost = "cost_h" if side is Party.HOLDER else "cost_i"
    assert after[cost] - before[cost] == pytest.approx(0.2, rel=1e-9)


def test_a_calculation_is_told_once_and_off_says_nothing() -> None:
    law = owing(Party.HOLDER, SHOWN)
    twice = behind(law, again=step(Act.DISCLOSE, Party.HOLDER, must_contain=(SHOWN,)))
    once, more = played(law, CALCULATES, months=6), played(twice, CALCULATES, months=6)
    assert more.resolved["v_i"][-1, 0] == once.resolved["v_i"][-1, 0]
    off = played(law, CALCULATES | {"information.calculation": 100.0})
    assert off.resolved["v_i"][-1, 0] == pytest.approx(SPREAD**2)
    assert off.resolved["disclosures"][-1, 0] >> SHOWN & 1


def test_a_calculation_tells_nothing_of_what_both_have_learnt_since() -> None:
    """A chart before it moves the holder's estimate, and not what its calculation says."""
    chart = step(Act.DISCLOSE, Party.HOLDER, must_contain=(Disclosure.CLAIM_CHARTS,))
    late = behind(owing(Party.HOLDER, SHOWN), chart=chart)
    one = played(late, CALCULATES | {"information.calculation": 0.0}, months=6)
    month = int(np.argmax(one.resolved["calculated"][:, 0] > 0))
    before, after = one.decided[month, 0], one.resolved[month, 0]
    assert before.acts_chart == 1
    initial = float(one.decided[0, 0].mu_h) - 0.1
    v, mu = float(before.v_i), float(before.mu_i)
    assert after.mu_i == pytest.approx(mu + v / (v + SPREAD**2) * (initial - mu), rel=1e-12)


def test_reasons_for_an_extreme_offer_are_the_calculation() -> None:
    """One mechanism: who has shown its calculation has given its reasons, at no further cost or signal."""
    recognised = {Fault.UNJUSTIFIED_EXTREME_ASK: quantity(1)}
    court = regime(CourtMode.DIRECT, faults=FaultRules(recognised=recognised))
    asks = strategy("holder_good_faith", anchor=4.0)
    numbers = CALCULATES | {"costs.claim_chart": 0.2}

    def of(law: Regime) -> Any:
        one = scenario(law, holder=asks, implementer="implementer_good_faith", numbers=numbers)
        return film(one, months=5).resolved[-1, 0]

    alone = of(court)
    both = of(behind(court, owed=step(Act.DISCLOSE, Party.HOLDER, must_contain=(SHOWN,))))
    for last in (alone, both):
        assert (last.calculated, last.reasoned, last.acts_reasons, last.faults) == (1, 1, 0, 0)
        assert last.v_i == pytest.approx(1 / (1 / SPREAD**2 + 1 / (SPREAD**2 + NOISE**2)), rel=1e-12)
    assert both.cost_h == pytest.approx(alone.cost_h, rel=1e-9)


# Secrets.

CHARTS = (Disclosure.CLAIM_CHARTS,)
SECRET = {"beliefs.spread": SPREAD, "information.charts_secret": 1.0, "costs.claim_chart": 0.2}
UNSHOWN = Breach(fault=Fault.WITHHOLDS_CLAIM_CHARTS, consequence=Consequence.FAULT_ONLY, go="next")


@pytest.mark.parametrize("documents", [CHARTS, (Disclosure.COMPARABLES,)])
@pytest.mark.parametrize(
    "refusal", [{"refuses_confidentiality": True}, {"withholds": (Disclosure.CONFIDENTIALITY_AGREEMENT,)}]
)
def test_without_an_agreement_secrets_stay_closed_and_the_refuser_is_at_fault(
    documents: tuple[Disclosure, ...], refusal: dict[str, Any]
) -> None:
    law = owing(Party.HOLDER, *documents, if_deficient=UNSHOWN)
    signed, refused = played(law, SECRET), played(law, SECRET, implementer=refusal)
    a, b = signed.resolved[-1, 0], refused.resolved[-1, 0]
    assert a.disclosures == sum(1 << one for one in (*documents, Disclosure.CONFIDENTIALITY_AGREEMENT))
    assert (b.disclosures, b.faults) == (0, 1 << Fault.REFUSES_CONFIDENTIALITY)
    assert (a.faults, b.fault_h, b.fault_i) == (0, 0.0, 1.0)
    assert a.v_i < b.v_i == pytest.approx(SPREAD**2)


def test_charts_are_no_secrets_by_default() -> None:
    law = owing(Party.HOLDER, *CHARTS)
    one = played(law, {"beliefs.spread": SPREAD}, implementer={"refuses_confidentiality": True})
    assert (one.resolved[-1, 0].acts_chart, one.resolved[-1, 0].faults) == (1, 0)


# Patents: which, whose, for how long.


@pytest.mark.parametrize("listed", [True, False])
def test_only_what_is_listed_can_be_examined(listed: bool) -> None:
    first = step(Act.DISCLOSE, Party.HOLDER, must_contain=(Disclosure.PATENT_LIST,))
    law = behind(regime(CourtMode.DIRECT), listing=first, examination=step(Act.VERIFY, Party.IMPLEMENTER))
    numbers = {"beliefs.spread": SPREAD, "costs.verification": 0.3}
    kept = {} if listed else {"withholds": (Disclosure.PATENT_LIST,)}
    gated = played(law, numbers | {"information.list_first": 1.0}, 6, holder=kept).resolved[-1, 0]
    free = played(law, numbers, 6, holder=kept).resolved[-1, 0]
    assert (free.acts_verify, free.verified) == (1, 1)
    assert (gated.acts_verify, gated.verified) == ((1, 1) if listed else (0, 0))
    assert free.cost_i - gated.cost_i == pytest.approx(0.0 if listed else 0.3)


def test_a_challenger_too_needs_a_list() -> None:
    law = regime(CourtMode.DIRECT)
    numbers = {"beliefs.spread": SPREAD, "information.list_first": 1.0}
    counter = behind(law, reply=step(Act.COUNTER, Party.IMPLEMENTER))
    conduct = {"implementer": {"demands": "validity_first"}}
    assert played(counter, numbers, 6, **conduct).resolved[-1, 0].acts_verify == 0
    free = {"beliefs.spread": SPREAD}
    assert played(counter, free, 6, **conduct).resolved[-1, 0].acts_verify == 1


def test_until_their_status_is_shown_patents_may_be_another_s() -> None:
    """``L_i`` falls by ``tau``, in the implementer's eyes alone; the document restores it."""
    law = owing(Party.HOLDER, Disclosure.TRANSFER_STATUS)
    sure = played(law, {})
    doubt = played(law, {"information.ownership_doubt": 0.25})
    silent = played(
        law, {"information.ownership_doubt": 0.25}, holder={"withholds": (Disclosure.TRANSFER_STATUS,)}
    )
    shown = int(np.argmax(doubt.resolved["disclosures"][:, 0] >> Disclosure.TRANSFER_STATUS & 1))
    for month in range(4):
        full = float(sure.decided["l_i"][month, 0])
        assert silent.decided["l_i"][month, 0] == pytest.approx(0.75 * full, rel=1e-12)
        expected = full if month > shown else 0.75 * full
        assert doubt.decided["l_i"][month, 0] == pytest.approx(expected, rel=1e-12)
        assert silent.decided["w_h"][month, 0] == sure.decided["w_h"][month, 0]


def test_in_court_the_owner_is_known() -> None:
    quarrel: dict[str, Any] = {
        "holder": strategy("holder_litigious", anchor=50.0, window=600, sue_after=1),
        "implementer": strategy("implementer_hold_out", anchor=0.001, window=600),
    }
    rates = [
        outcomes(
            scenario(
                regime(CourtMode.DIRECT),
                numbers={"court.settlement.meeting_probability": 0.0} | more,
                **quarrel,
            )
        )
        for more in ({}, {"information.ownership_doubt": 0.5})
    ]
    assert (rates[0]["rate"] == rates[1]["rate"]).all()
    assert (rates[0]["paid"] == rates[1]["paid"]).all()


EXPIRING = {"information.expiring": 0.4, "implementers.growth": 0.0}


@pytest.mark.parametrize("told", [True, False])
def test_terms_that_were_told_lower_the_royalty_by_what_expires(told: bool) -> None:
    """Signed in month ``m``, a licence pays ``rate (1 - x (m + T) / (2 T))``, or all of it untold."""
    law = owing(Party.HOLDER, Disclosure.PROTECTION_TERMS)
    kept = {} if told else {"withholds": (Disclosure.PROTECTION_TERMS,)}
    one = played(law, EXPIRING, months=120, holder=kept)
    row, last = one.row, one.resolved[-1, 0]
    assert row.outcome == 0
    month = int(row.licence_month)
    ahead = 1.0 - 0.4 * (month + 120) / 240 if told else 1.0
    assert last.running == pytest.approx(ahead * float(row.rate), rel=1e-12)
    monthly = one.implementers["sales"][:, 0]
    alive = 1.0 - 0.4 * np.arange(120) / 120
    assert row.entitlement == pytest.approx(float(row.frand_rate) * float((alive * monthly).sum()), rel=1e-9)


def test_past_use_is_of_the_patents_then_in_force() -> None:
    """With no growth ``paid = rate (P (1 - x m / (2 T)) + a (1 - x (m + T) / (2 T)))``."""
    law = owing(Party.HOLDER, Disclosure.PROTECTION_TERMS)
    one = played(law, EXPIRING, months=120)
    month, sales = int(one.row.licence_month), float(one.implementers["sales"][0, 0])
    behind_, ahead = 1.0 - 0.4 * month / 240, 1.0 - 0.4 * (month + 120) / 240
    due = sales * (month * behind_ + (120 - month) * ahead)
    assert one.row.paid == pytest.approx(float(one.row.rate) * due, rel=1e-9)


def test_a_court_knows_what_has_expired() -> None:
    quarrel: dict[str, Any] = {
        "holder": strategy("holder_litigious", anchor=50.0, window=600, sue_after=1),
        "implementer": strategy("implementer_hold_out", anchor=0.001, window=600),
    }
    numbers = EXPIRING | {"court.settlement.meeting_probability": 0.0}
    row = outcomes(scenario(regime(CourtMode.DIRECT), numbers=numbers, **quarrel))[0]
    assert row.outcome == 2
    assert row.paid / row.entitlement == pytest.approx(
        float(row.court_rate) / float(row.frand_rate), rel=0.01
    )


def test_the_trace_tells_who_showed_what() -> None:
    law = owing(Party.HOLDER, SHOWN, *CHARTS)
    refuses = strategy("implementer_good_faith", conduct={"refuses_confidentiality": True})
    one = scenario(law, holder="holder_good_faith", implementer=refuses, numbers=CALCULATES | SECRET)
    rules = build(one)
    told = [event.text for event in Timeline(one, law, rules.forums[0], follow(rules, 0, 1, 0, 0)).events]
    assert any("does not show claim charts without a confidentiality agreement" in text for text in told)
    assert any(text.startswith("shows how it comes to its rate") for text in told)
    assert not math.isnan(float(rules.market[0]["calculation"]))
