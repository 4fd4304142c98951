"""Cross-licences, most-favoured clauses, asks by licensee: each against its formula, by hand."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from simulator.compiled import as_written
from simulator.engine.build import build, new_state
from simulator.engine.generations import mean_strength
from simulator.engine.licence import sign_agreed
from simulator.engine.month import begin
from simulator.engine.run import populate
from simulator.engine.shadow import limits, outlook_today
from simulator.engine.state import matter
from simulator.engine.terms import add_up, counterclaim, credit, favour, give_way, list_favoured
from simulator.spec.regime import FaultRules
from simulator.vocabulary import CourtMode, Fault, Outcome, Stage, Status
from tests.play import film, outcomes, quantity, regime, scenario, strategy

HORIZON = 60.0
NUMBERS = {"standard.horizon": HORIZON}
CROSS = {"implementers.patents": 0.02, "holders.sales": 100.0}


def at_first_contact(law: Any, **numbers: float) -> Any:
    given = NUMBERS | {key.replace("__", "."): value for key, value in numbers.items()}
    rules = build(scenario(law, numbers=given))
    state, blank = new_state(rules)
    begin(rules, state, populate(rules, state, blank, 1, 0), 0, 0)
    return as_written(matter)(rules, state, 0, 0, 1, 0)


def of(m: Any) -> tuple[float, float, float, float]:
    """``(W_h, L_i, R_h, R_i)`` at month 0 and the parties' own estimates."""
    outlook_today(m, 0)
    rho = m.negotiation.frand
    return limits(m, 0, rho, rho, 0.0, 0.0)


def test_what_a_cross_licence_is_worth() -> None:
    """g = A s_i B_h / B_i at a factor of one, times both sides' mean estimate over the true rate."""
    m = at_first_contact(regime(), **{key.replace(".", "__"): value for key, value in CROSS.items()})
    true = m.market.burden * 0.02 * 100.0 / m.implementer.scale
    assert m.licence.cross == pytest.approx(true)
    frand = m.negotiation.frand
    assert as_written(credit)(m, frand, frand) == pytest.approx(true)
    assert as_written(credit)(m, 4.0 * frand, frand) == pytest.approx(2.0 * true)


@pytest.mark.parametrize("missing", CROSS)
def test_no_cross_licence_without_patents_and_products(missing: str) -> None:
    numbers = {key.replace(".", "__"): 0.0 if key == missing else value for key, value in CROSS.items()}
    assert at_first_contact(regime(), **numbers).licence.cross == 0.0


def test_reservation_rates_are_gross_of_the_cross_licence() -> None:
    """R = (W less the counterclaim) / l + g for the holder, and alike for the implementer."""
    law = regime(CourtMode.DIRECT)
    crossed = {key.replace(".", "__"): value for key, value in CROSS.items()}
    plain, own = at_first_contact(law), at_first_contact(law, **crossed)
    w, loss, r_h, r_i = of(plain)
    w_x, loss_x, r_hx, r_ix = of(own)
    g = own.licence.cross
    against, back = as_written(counterclaim)(own, g)
    assert w_x == pytest.approx(w - against)
    assert loss_x == pytest.approx(loss - back)
    assert r_hx == pytest.approx(r_h - against / own.outlook.base_h + g)
    assert r_ix == pytest.approx(r_i - back / own.outlook.base_i + g)
    assert 0.0 < against < g * own.outlook.base_h  # late and less than sure


def test_a_cross_licence_is_paid_in_kind() -> None:
    """Paid is gross; of it g x sales, past and to come, is set off; what is left burdens the product."""
    one = scenario(
        regime(),
        holder="holder_good_faith",
        implementer="implementer_good_faith",
        numbers=NUMBERS | CROSS,
    )
    played = film(one)
    row = played.row
    assert row.licence_month > 0
    g = played.resolved["credit"][-1, 0]
    sales = row.entitlement / row.frand_rate
    assert row.paid == pytest.approx(row.rate * sales)
    assert row.credited == pytest.approx(g * sales)
    assert played.implementers["signed"][-1, 0] == pytest.approx(max(0.0, row.rate - g))


def test_who_gives_more_than_it_owes_is_paid_net() -> None:
    """A holder with more to lose from the other's suit than to win by its own signs below what it owes."""
    numbers = NUMBERS | {"implementers.patents": 0.5, "holders.sales": 5000.0, "bargaining.floor": 0.0}
    one = scenario(
        regime(CourtMode.DIRECT),
        holder="holder_good_faith",
        implementer="implementer_good_faith",
        numbers=numbers,
    )
    row = film(one).row
    assert row.licence_month < HORIZON
    assert row.credited > row.paid > 0.0


def favoured_scenario(share: float, **more: float) -> Any:
    """A holder, an implementer that pays well at once, and one that holds out and pays less."""
    holder = strategy("holder_good_faith", anchor=1.2, window=20.0, floor=0.1)
    quick = strategy("implementer_good_faith", anchor=1.2)
    slow = strategy("implementer_good_faith", anchor=0.1, window=40.0, goodwill=0.9)
    slow = slow.model_copy(update={"strategy": "implementer_slow"})
    return scenario(
        regime(),
        holder=holder,
        implementer=[quick, slow],
        numbers=NUMBERS | {"licences.most_favoured": share} | more,
    )


def test_a_most_favoured_licensee_pays_what_a_later_one_agrees() -> None:
    plain, clause = film(favoured_scenario(0.0)), film(favoured_scenario(1.0))
    assert plain.rows["licence_month"][0] < plain.rows["licence_month"][1] < HORIZON
    assert plain.rows["rate"][0] > plain.rows["rate"][1]
    assert clause.rows["rate"][0] == plain.rows["rate"][0]  # as signed
    second = int(clause.rows["licence_month"][1])
    low = clause.rows["rate"][1]
    running = clause.resolved["running"][:, 0]
    assert running[second - 1] == plain.rows["rate"][0]
    assert running[second] == pytest.approx(low)
    assert clause.rows["favoured"].tolist() == [1, 0]
    sales = clause.rows["entitlement"][0] / clause.rows["frand_rate"][0] / HORIZON
    months = second + 1  # the clause bites from the month after the other licence
    expected = running[second - 1] * sales * months + low * sales * (HORIZON - months)
    assert clause.rows["paid"][0] == pytest.approx(expected)


@pytest.mark.parametrize(("cap_leaves", "drift"), [(1.0, 0.0), (0.5, 0.0), (0.5, 0.1)])
def test_a_clause_compares_rates_as_agreed(cap_leaves: float, drift: float) -> None:
    """Of 2 %, capped and at its months' strength, 1.5 % agreed with another leaves as much of 1.5 %."""
    rules = build(favoured_scenario(1.0, **{"holders.drift": drift, "information.sales": 0.5}))
    state, blank = new_state(rules)
    begin(rules, state, populate(rules, state, blank, 1, 0), 0, 0)
    first, second = (as_written(matter)(rules, state, k, 0, 1, 0) for k in (0, 1))
    first.licence.cap_leaves = cap_leaves
    for m, rate in ((first, 0.02), (second, 0.015)):
        m.negotiation.r_h, m.negotiation.r_i = 0.0, 1.0
        assert sign_agreed(m, 0, rate, Outcome.NEGOTIATED, Stage.NONE)
    strength = as_written(mean_strength)(first.holder, 0, int(HORIZON)) if drift > 0.0 else 1.0
    part = cap_leaves * strength
    assert first.negotiation.running == pytest.approx(0.02 * part, rel=1e-12)
    as_written(list_favoured)(rules, state, 0, 0)
    worth = first.implementer.sales * HORIZON
    assert state.favoured[0, 0] == pytest.approx([0.02, worth * part, 0.02 * worth * part], rel=1e-12)
    first.holder.lowest = 0.015
    as_written(favour)(rules, state)
    assert first.negotiation.running == pytest.approx(0.015 * part, rel=1e-12)
    assert first.licence.favoured == 1
    assert second.licence.favoured == 0


def test_the_holder_gives_way_dearer_where_others_have_the_clause() -> None:
    clause, plain = film(favoured_scenario(1.0)), film(favoured_scenario(0.0))
    first = int(plain.rows["licence_month"][0])
    last = int(min(plain.rows["licence_month"][1], clause.rows["licence_month"][1]))
    before = slice(first + 1, last)
    assert (clause.decided["r_h"][before, 1] > plain.decided["r_h"][before, 1]).all()
    assert clause.rows["rate"][1] >= plain.rows["rate"][1]


def test_the_reservation_rate_under_clauses_solves_its_equation() -> None:
    m = at_first_contact(regime(), licences__most_favoured=1.0)
    outlook_today(m, 0)
    base, region = m.outlook.base_h, m.implementer.region
    rng = np.random.default_rng(1)
    for n in (0, 1, 2, 3, 4, 50):
        peers = np.column_stack([rng.uniform(0.001, 0.02, n), rng.uniform(0.1, 2.0, n) * base])
        m.holder.n_favoured = n
        m = m._replace(favoured=np.column_stack([peers, np.zeros(n)]))
        add_up(m.favoured, n)
        for reservation in (0.0, 0.004, 0.05):
            rate = as_written(give_way)(m, reservation)
            lost = sum(max(0.0, x * region - rate) * a / region for x, a in peers)
            assert rate * base - lost == pytest.approx(reservation * base, abs=1e-9 * base)
            assert rate >= reservation


def test_asks_go_with_the_licensees_margin() -> None:
    """An elasticity of one half: twice the mean margin, root two times the ask."""
    numbers = NUMBERS | {"implementers.margin": 0.2}
    one = scenario(
        regime(),
        holder=strategy("holder_good_faith", tailors=0.5, anchor=2.0),
        implementer=["implementer_good_faith", strategy("implementer_hold_out")],
        numbers=numbers,
    )
    rules = build(one)
    assert rules.market[0].margin == pytest.approx(0.2)
    margins = np.array([0.3, 0.1])
    groups = one.market.implementers
    changed = tuple(
        group.model_copy(update={"margin": quantity(margin)})
        for group, margin in zip(groups, margins, strict=True)
    )
    market = one.market.model_copy(update={"implementers": changed})
    left = {key: value for key, value in one.set.items() if key != "implementers.margin"}
    rows = outcomes(one.model_copy(update={"market": market, "set": left}))
    alike = outcomes(
        one.model_copy(
            update={
                "market": market,
                "set": left,
                "strategies": {
                    name: own.model_copy(update={"tailors": quantity(0)}) if own.party == "holder" else own
                    for name, own in one.strategies.items()
                },
            }
        )
    )
    assert rows["first_ask"] / alike["first_ask"] == pytest.approx(np.sqrt(margins / 0.2))


def test_asking_more_than_others_pay_is_discrimination_where_a_law_says_so() -> None:
    """A holder that asks by margin, of a licensee with three times the margin of one that has signed."""
    holder = strategy("holder_good_faith", anchor=2.0, window=30.0, tailors=1.0)
    quick = strategy("implementer_good_faith", anchor=1.0, window=4.0)
    slow = strategy("implementer_good_faith", anchor=0.1, window=50.0)
    slow = slow.model_copy(update={"strategy": "implementer_slow"})
    for recognised, expected in (({Fault.DISCRIMINATES: quantity(1)}, True), ({}, False)):
        law = regime(CourtMode.DIRECT, faults=FaultRules(recognised=recognised))
        one = scenario(law, holder=holder, implementer=[quick, slow], numbers=NUMBERS)
        groups = tuple(
            group.model_copy(update={"margin": quantity(margin)})
            for group, margin in zip(one.market.implementers, (0.1, 0.3), strict=True)
        )
        one = one.model_copy(update={"market": one.market.model_copy(update={"implementers": groups})})
        played = film(one)
        booked = (played.resolved["faults"] & (1 << int(Fault.DISCRIMINATES))) != 0
        first = int(np.argmax(played.resolved["status"][:, 0] == Status.LICENSED))
        assert 0 < first < HORIZON
        assert not booked[: first + 1].any()  # nobody had signed
        assert not booked[:, 0].any()
        assert booked[:, 1].any() == expected
