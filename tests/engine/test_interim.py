"""What a court orders before judgment, and the words that came with it, each by hand."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from simulator import study
from simulator.engine.build import build
from simulator.engine.prospect import NO_JUDGMENT
from simulator.spec.find import builtin
from simulator.spec.regime import (
    Breach,
    Costs,
    Durations,
    FaultRules,
    Injunction,
    InterimInjunction,
    InterimLicence,
    Regime,
    Scope,
    Security,
    Settlement,
)
from simulator.vocabulary import (
    Act,
    Consequence,
    CourtMode,
    Disclosure,
    Fault,
    InjunctionCap,
    InjunctionTest,
    Outcome,
    Party,
    Status,
)
from tests.play import Film, behind, film, outcomes, quantity, regime, scenario, step, strategy

NEVER = Settlement(meeting_probability=quantity(0), window=quantity(0))
FIXED = Durations(first_instance=quantity(12), appeal=quantity(0))
SURE = Injunction(
    test=InjunctionTest.NEAR_AUTOMATIC,
    cap=InjunctionCap.NONE,
    ceiling=quantity(1),
    redesign_cost=quantity(0),
    take_within=quantity(0),
)
FREE = {"welfare.social_discount": 0.0, "court.interest.court": 0.0}
"""Money is worth the same whenever it is paid."""
QUARTER = Scope(forum_share=quantity(0.25), collectable_remainder=quantity(1))
SUES: dict[str, Any] = {"sue_after": 6}


def court(mode: CourtMode, **words: Any) -> Regime:
    """Twelve months to judgment, no talks of settlement, no appeal that takes time."""
    given: dict[str, Any] = {"settlement": NEVER, "durations": FIXED, "scope": QUARTER}
    return regime(mode, **(given | words))


def played(law: Regime, numbers: dict[str, float] | None = None, **more: Any) -> Film:
    """A holder that asks three times its estimate and sues, against an implementer that holds out."""
    parties = {
        "holder": strategy("holder_hold_up", **SUES),
        "implementer": strategy("implementer_hold_out"),
    } | more
    return film(scenario(law, numbers=numbers, **parties))


def months(shown: Film, field: str, value: int = 1) -> list[int]:
    return np.flatnonzero(shown.resolved[field][:, 0] == value).tolist()


def interim(**words: Any) -> InterimLicence:
    given: dict[str, Any] = {"after": quantity(3), "rate": "court"}
    return InterimLicence(**(given | words))


def test_payments_cover_what_the_order_says() -> None:
    """At the court's estimate: past sales once, running sales monthly; both are the sum of the two."""
    accounts = {}
    for covers in ("past", "running", "past_and_running"):
        shown = played(court(CourtMode.DIRECT, interim_licence=interim(covers=covers)))
        filed = int(shown.row.filing_month)
        start = filed + 3
        assert months(shown, "interim_on")[0] == start
        rate, sales = float(shown.resolved["frand"][0, 0]), shown.implementers["sales"][:, 0]
        assert shown.resolved["interim_rate"][start, 0] == pytest.approx(rate, rel=1e-12)
        due = rate * (covers != "running") * sales[:start].sum() + rate * (covers != "past") * sales[start]
        assert shown.resolved["account"][start, 0] == pytest.approx(due, rel=1e-12)
        accounts[covers] = shown.resolved["account"][start : start + 5, 0]
    both = accounts["past"] + accounts["running"]
    assert accounts["past_and_running"] == pytest.approx(both, rel=1e-12)


@pytest.mark.parametrize("anchor", [1.05, 3.0, 60.0])
def test_an_offer_moves_the_midpoint_only_as_far_as_it_is_frand(anchor: float) -> None:
    """Midway between offers: an ask of sixty times the estimate counts like one at the end of the range."""
    law = court(CourtMode.DIRECT, interim_licence=interim(rate="midpoint"))
    holder = strategy("holder_hold_up", **SUES, anchor=anchor, exponent=0.05)
    shown = played(law, holder=holder)
    start = months(shown, "interim_on")[0]
    frand = float(shown.resolved["frand"][0, 0])
    before = shown.decided[start, 0]
    ask, bid = (min(max(offer / frand, 0.9), 1.1) for offer in (before["last_ask"], before["last_bid"]))
    assert (ask == 1.1) == (anchor > 1.1)
    rate = float(shown.resolved["interim_rate"][start, 0])
    assert rate == pytest.approx(0.5 * (ask + bid) * frand, rel=1e-12)


def test_what_was_paid_on_account_is_trued_up_at_the_horizon() -> None:
    """A case that is still open: the holder keeps what the court would set, not what it asked."""
    never = Durations(first_instance=quantity(600), appeal=quantity(0))
    law = court(CourtMode.DIRECT, durations=never, interim_licence=interim(rate="holder_offer"))
    shown = played(law, FREE)
    start, sales = months(shown, "interim_on")[0], shown.implementers["sales"][:, 0]
    asked, frand = float(shown.resolved["interim_rate"][start, 0]), float(shown.resolved["frand"][0, 0])
    assert asked > 2 * frand
    assert shown.resolved["paid"][-1, 0] == pytest.approx(asked * sales.sum(), rel=1e-9)
    assert shown.row.outcome == Outcome.UNLICENSED
    assert shown.row.paid == pytest.approx(frand * sales.sum(), rel=1e-9)
    parties: dict[str, Any] = {
        "holder": strategy("holder_hold_up", **SUES),
        "implementer": strategy("implementer_hold_out"),
    }
    (followed,) = study.trace(scenario(law, numbers=FREE, **parties), law.regime, negotiation=0).timelines
    back = (asked - frand) * sales.sum()
    (told,) = [event.text for event in followed.events if event.text.startswith("gives back")]
    assert told.startswith(f"gives back USD {back:.1f} m, discounted, of what it holds on account")
    assert told.endswith("it lies above the court's provisional rate")


def test_what_is_given_back_at_an_exit_is_told() -> None:
    """A thin margin drives implementers out while payments on account are above the court's rate."""
    parties: dict[str, Any] = {
        side: [name for name in sorted(builtin("strategies")) if name.startswith(side)]
        for side in ("holder", "implementer")
    }
    parties["implementer"] *= 2
    one = scenario("india", **parties, ideal=False, numbers={"implementers.margin": 0.03})
    shown = film(one, replication=1).resolved
    fell = (shown["paid"][1:] < shown["paid"][:-1]) & (shown["account"][:-1] > 0)
    left = (shown["status"][1:] == Status.EXITED) & (shown["status"][:-1] != Status.EXITED)
    month, k = (int(place) for place in np.argwhere(fell & left)[0])
    (followed,) = study.trace(one, "india", negotiation=k, replication=1).timelines
    back = float(shown["paid"][month, k] - shown["paid"][month + 1, k])
    (told,) = [event for event in followed.events if event.text.startswith("gives back")]
    assert (told.month, told.who) == (month + 1, "holder")
    assert told.text.startswith(f"gives back USD {back:.1f} m, discounted")
    judged = shown["judgment"][month, k] != NO_JUDGMENT
    assert told.text.endswith("it lies above the court's rate" if judged else "the court's provisional rate")


def test_payments_into_court_are_nothing_to_the_holder_before_judgment() -> None:
    law = court(CourtMode.DIRECT, interim_licence=interim(paid_to="court"))
    shown = played(law, {"court.interest.escrow": 0.05})
    start = months(shown, "interim_on")[0]
    sales, rate = shown.implementers["sales"][:, 0], float(shown.resolved["frand"][0, 0])
    now = start + 4
    paid = rate * np.concatenate([[sales[: start + 1].sum()], sales[start + 1 : now + 1]])
    held = (paid * 1.05 ** ((now - start - np.arange(5)) / 12)).sum()
    grown = shown.resolved["escrow"][now, 0] * 1.05 ** ((now - start) / 12)
    assert grown == pytest.approx(held, rel=1e-12)
    assert shown.resolved["paid"][now, 0] == 0.0
    assert shown.resolved["account"][now, 0] == 0.0
    signed = int(shown.row.licence_month)
    assert shown.resolved["escrow"][signed, 0] == 0.0
    assert shown.row.escrow_cost < 0.0  # interest, and nobody discounts


@pytest.mark.parametrize("threatens", [True, False])
def test_payments_need_their_ground(threatens: bool) -> None:
    recognised = FaultRules(recognised={Fault.THREATENS: quantity(1)})
    law = court(CourtMode.DIRECT, interim_licence=interim(ground=(Fault.THREATENS,)), faults=recognised)
    holder = strategy("holder_hold_up", conduct={"threatens": threatens}, **SUES)
    shown = played(law, holder=holder)
    assert bool(months(shown, "interim_on")) == threatens


@pytest.mark.parametrize("party", [0, 1])
@pytest.mark.parametrize("interest", [4, 6])
def test_the_burden_of_running_payments_is_the_sum_over_months(party: int, interest: int) -> None:
    """``sum d**j B_j (1 - d**(D-j) (1+i)**((D-j)/12))``, month by month."""
    from simulator.engine.build import new_state
    from simulator.engine.interim import burden
    from simulator.engine.month import begin
    from simulator.engine.run import populate
    from simulator.engine.state import matter

    numbers = {
        "holders.discount": 0.1,
        "implementers.discount": 0.07,
        "court.interest.court": 0.04,
        "court.interest.escrow": 0.02,
    }
    rules = build(scenario(court(CourtMode.DIRECT, interim_licence=interim()), numbers=numbers))
    state, blank = new_state(rules)
    begin(rules, state, populate(rules, state, blank, 1, 0), 0, 0)
    bare: Any = matter
    m = bare.py_func(rules, state, 0, 0, 1, 0)
    m.outlook.sales = m.implementer.sales  # as both sides see them
    log = m.curves.log
    d, growth, credit = (float(np.exp(log[kind])) for kind in (party, 2, interest))
    first, last = 3, 15
    wanted = sum(
        d**j * float(m.implementer.sales) * growth**j * (1 - (d * credit) ** (last - j))
        for j in range(first, last)
    )
    by_hand: Any = burden
    assert by_hand.py_func(m, party, interest, first, last) == pytest.approx(wanted, rel=1e-10)


def enjoining(p: float = 1.0, mode: CourtMode = CourtMode.INDIRECT, **words: Any) -> Regime:
    order = InterimInjunction(
        after=quantity(words.pop("after", 2)),
        probability=quantity(p),
        compensated=words.pop("compensated", True),
    )
    return court(mode, interim_injunction=order, injunction=words.pop("injunction", SURE), **words)


def test_an_interim_injunction_takes_the_forum_s_sales_until_judgment() -> None:
    shown = played(enjoining())
    filed, signed = int(shown.row.filing_month), int(shown.row.licence_month)
    assert months(shown, "enjoined") == list(range(filed + 2, signed))
    lost = 0.25 * shown.implementers["margin"][0, 0] * shown.implementers["sales"][filed + 3 : signed + 1, 0]
    assert shown.row.margin_lost == pytest.approx(lost.sum(), rel=1e-12)
    assert months(played(enjoining(0.0)), "enjoined") == []


def test_whoever_gives_in_to_it_signs_under_an_injunction() -> None:
    talks = Settlement(meeting_probability=quantity(1), window=quantity(0))
    shown = played(enjoining(settlement=talks, after=0), {"costs.monthly": 5.0})
    assert shown.row.outcome == Outcome.INJUNCTION_LICENCE
    assert shown.row.licence_month < shown.row.filing_month + 12


@pytest.mark.parametrize("compensated", [True, False])
def test_an_injunction_that_fails_is_made_good(compensated: bool) -> None:
    """No patent is found infringed: what the exclusion cost comes back, or does not."""
    law = enjoining(compensated=compensated, liability_gate=True)
    shown = played(law, {"holders.validity": 1e-9, "court.bar_after_lost_suit": 100.0})
    assert shown.row.suits_lost == 1
    end = months(shown, "enjoined")[-1] + 1
    lost = float(shown.resolved["margin_lost"][end, 0])
    assert lost > 0.0
    assert shown.resolved["paid"][end, 0] == pytest.approx(-lost if compensated else 0.0, rel=1e-12)
    assert shown.resolved["enjoined_margin"][end, 0] == 0.0


def test_the_parties_foresee_it() -> None:
    """``W = p d**m X_inj(M = D - m) + (1 - p) d**D X - c``: linear in p between its two ends."""
    numbers = {"implementers.discount": 0.08, "holders.discount": 0.08}
    ends = []
    for p in (0.0, 0.4, 1.0):
        shown = played(enjoining(p, CourtMode.DIRECT), numbers)
        ends.append(tuple(float(shown.decided[name][2, 0]) for name in ("w_h", "l_i")))
    none, some, sure = map(np.array, ends)
    assert some == pytest.approx(0.6 * none + 0.4 * sure, rel=1e-12)
    assert (sure > none).all()


def test_a_step_that_bars_injunctions_bars_interim_ones() -> None:
    barred = Breach(consequence=Consequence.INJUNCTION_BARRED, go="next")
    law = behind(enjoining(), notice=step(Act.NOTIFY, Party.HOLDER, 1, if_missed=barred))
    silent = strategy("holder_hold_up", conduct={"refuses": (Act.NOTIFY,)}, **SUES)
    assert months(played(law), "enjoined")
    assert not months(played(law, holder=silent), "enjoined")


def test_money_comes_from_a_second_suit_where_the_forum_orders_none() -> None:
    """The injunction is refused: another eighteen months, at the costs of a suit, then the award."""
    never = Injunction(test=InjunctionTest.FAULT_GATE, cap=InjunctionCap.NONE, ceiling=quantity(0))
    numbers = {"costs.monthly": 0.1, "costs.filing": 0.3}
    at_once, later = (
        played(court(CourtMode.INDIRECT, injunction=never, scope=scope), numbers)
        for scope in (QUARTER, QUARTER.model_copy(update={"money_after": quantity(18)}))
    )
    assert at_once.row.outcome == later.row.outcome == Outcome.COURT_RATE
    assert later.row.licence_month - later.row.filing_month == (
        at_once.row.licence_month - at_once.row.filing_month + 18
    )
    more = later.row.cost_litigation - at_once.row.cost_litigation
    assert more == pytest.approx(2 * (0.3 + 18 * 0.1), rel=1e-9)
    discount = {"holders.discount": 0.1, "implementers.discount": 0.1}
    worth = [
        played(court(CourtMode.INDIRECT, injunction=never, scope=scope), discount).decided["w_h"][2, 0]
        for scope in (QUARTER, QUARTER.model_copy(update={"money_after": quantity(18)}))
    ]
    assert worth[1] == pytest.approx(worth[0] * 1.1**-1.5, rel=1e-12)


@pytest.mark.parametrize(("refuser", "bears"), [("holder", 1.0), ("implementer", -1.0), ("both", 0.0)])
def test_the_one_side_that_refused_adr_bears_the_other_s_cost(refuser: str, bears: float) -> None:
    refused = Breach(fault=Fault.HOLDER_REFUSES_ADR, go="next")
    table = step(Act.CONCILIATE, Party.BOTH, 2, if_missed=refused)
    both = (Fault.HOLDER_REFUSES_ADR, Fault.IMPLEMENTER_REFUSES_ADR)
    faults = FaultRules(recognised=dict.fromkeys(both, quantity(1)))
    law = court(CourtMode.DIRECT, costs=Costs(refuses_adr=quantity(0.8)), faults=faults)
    law = behind(law, adr=table)
    parties: dict[str, Any] = {
        side: strategy(
            f"{side}_{kind}",
            conduct={
                "refuses": (Act.CONCILIATE,) if refuser in (side, "both") else (),
                "reply_delay": quantity(0),
            },
        )
        for side, kind in (("holder", "hold_up"), ("implementer", "hold_out"))
    }
    parties["holder"] = parties["holder"].model_copy(update={"sue_after": quantity(6)})
    shown = played(law, {"costs.monthly": 0.1}, **parties)
    assert shown.row.outcome == Outcome.COURT_RATE
    each = shown.row.cost_litigation / 2
    gap = (shown.row.cost_holder - shown.row.cost_implementer) / 2
    assert gap == pytest.approx(bears * 0.8 * each, rel=1e-9, abs=1e-12)


@pytest.mark.parametrize("base", ["counter", "holder_offer", "court"])
def test_security_can_grow_with_running_sales(base: Any) -> None:
    law = court(
        CourtMode.DIRECT, security=Security(base=base, covers="past_and_running", share=quantity(0.5))
    )
    offers = law.steps["talks"].model_copy(update={"deadline": quantity(2)})
    law = behind(law, offers=offers, security=step(Act.DEPOSIT, Party.IMPLEMENTER))
    shown = played(
        law, implementer=strategy("implementer_good_faith"), holder=strategy("holder_hold_up", **SUES)
    )
    escrow, sales = shown.resolved["escrow"][:, 0], shown.implementers["sales"][:, 0]
    filed = int(shown.row.filing_month)
    assert filed > 0
    now = filed + 2
    fields = {"counter": "last_bid", "holder_offer": "last_ask", "court": "estimate"}
    rate = float(shown.decided[fields[base]][now, 0])
    assert escrow[now] - escrow[now - 1] == pytest.approx(0.5 * rate * sales[now], rel=1e-9)


def documents(*withheld: Disclosure, refuses_confidentiality: bool = False) -> Film:
    """One of three documents is asked for; two of five have faults of their own."""
    asked = step(
        Act.DISCLOSE,
        Party.HOLDER,
        must_contain=(Disclosure.PATENT_LIST, Disclosure.CLAIM_CHARTS),
        must_contain_any=(Disclosure.COMPARABLES, Disclosure.POOL_RATES, Disclosure.PRECEDENTS),
        if_deficient=Breach(
            fault=Fault.WITHHOLDS_RATE_BASIS,
            faults={
                Disclosure.PATENT_LIST: Fault.WITHHOLDS_PATENT_INFORMATION,
                Disclosure.CLAIM_CHARTS: Fault.WITHHOLDS_CLAIM_CHARTS,
            },
            go="next",
        ),
    )
    known = (Fault.WITHHOLDS_RATE_BASIS, Fault.WITHHOLDS_PATENT_INFORMATION, Fault.WITHHOLDS_CLAIM_CHARTS)
    law = regime(CourtMode.DIRECT, faults=FaultRules(recognised=dict.fromkeys(known, quantity(1))))
    law = behind(law, support=asked)
    one = scenario(
        law,
        holder=strategy("holder_good_faith", conduct={"withholds": withheld, "forthcoming": False}),
        implementer=strategy(
            "implementer_good_faith", conduct={"refuses_confidentiality": refuses_confidentiality}
        ),
        numbers={"beliefs.spread": 0.3},
    )
    return film(one, months=6)


def bits(*members: int) -> int:
    return sum(1 << member for member in members)


D, F = Disclosure, Fault


@pytest.mark.parametrize(
    ("withheld", "shown", "faults"),
    [
        ((), bits(D.PATENT_LIST, D.CLAIM_CHARTS, D.COMPARABLES), 0),
        ((D.COMPARABLES,), bits(D.PATENT_LIST, D.CLAIM_CHARTS, D.POOL_RATES), 0),
        ((D.COMPARABLES, D.POOL_RATES), bits(D.PATENT_LIST, D.CLAIM_CHARTS, D.PRECEDENTS), 0),
        (
            (D.COMPARABLES, D.POOL_RATES, D.PRECEDENTS),
            bits(D.PATENT_LIST, D.CLAIM_CHARTS),
            bits(F.WITHHOLDS_RATE_BASIS),
        ),
        ((D.PATENT_LIST,), bits(D.CLAIM_CHARTS, D.COMPARABLES), bits(F.WITHHOLDS_PATENT_INFORMATION)),
        (
            (D.PATENT_LIST, D.CLAIM_CHARTS),
            bits(D.COMPARABLES),
            bits(F.WITHHOLDS_PATENT_INFORMATION, F.WITHHOLDS_CLAIM_CHARTS),
        ),
    ],
)
def test_each_document_withheld_is_its_own_fault(
    withheld: tuple[Disclosure, ...], shown: int, faults: int
) -> None:
    last = documents(*withheld).resolved[-1, 0]
    assert last.disclosures == shown
    assert last.faults == faults


def test_precedents_are_public() -> None:
    """Who refuses confidentiality learns nothing from licences, and learns from judgments."""
    secret = documents(refuses_confidentiality=True).resolved[-1, 0]
    public = documents(D.COMPARABLES, D.POOL_RATES, refuses_confidentiality=True).resolved[-1, 0]
    assert (secret.acts_comparables, public.acts_comparables) == (0, 1)
    assert public.v_i < secret.v_i


def test_charts_that_may_not_be_shown_say_nothing() -> None:
    asked = step(Act.DISCLOSE, Party.HOLDER, must_contain=(Disclosure.CLAIM_CHARTS,))
    law = regime(CourtMode.DIRECT, faults=FaultRules(recognised={Fault.HINDERS_ADVISERS: quantity(1)}))
    law = behind(law, charts=asked)
    seen = []
    for hinders in (False, True):
        holder = strategy("holder_good_faith", conduct={"hinders_advisers": hinders})
        shown = film(scenario(law, holder=holder, numbers={"beliefs.spread": 0.3}), months=5)
        seen.append(shown.resolved[-1, 0])
    open_, closed = seen
    assert (open_.acts_chart, closed.acts_chart) == (1, 0)
    assert open_.v_i < closed.v_i
    assert (open_.faults, closed.faults) == (0, 1 << Fault.HINDERS_ADVISERS)
    assert open_.disclosures == closed.disclosures


def test_no_injunction_for_a_holder_found_in_fault() -> None:
    """Good faith weighed: the fault lowers the chance; required: there is none left."""
    base: dict[str, Any] = {
        "test": InjunctionTest.FAULT_GATE,
        "cap": InjunctionCap.NONE,
        "take_within": quantity(0),
    }
    faults = FaultRules(recognised={Fault.THREATENS: quantity(1)}, detected=quantity(1))
    threatens = strategy("holder_hold_up", conduct={"threatens": True}, **SUES)
    granted = {}
    for word in ("weighed", "required"):
        law = court(CourtMode.INDIRECT, injunction=Injunction(good_faith=word, **base), faults=faults)
        many = scenario(law, holder=threatens, implementer="implementer_hold_out", replications=60)
        granted[word] = int(outcomes(many)["injunction"].sum())
    assert granted["required"] == 0
    assert 0 < granted["weighed"] < 60


@pytest.mark.parametrize("goodwill", [0.0, 1.0])
def test_who_proposes_nothing_before_the_court_is_at_fault(goodwill: float) -> None:
    """An implementer that would sign only far below the FRAND range; one that would sign at it."""
    faults = FaultRules(recognised={Fault.NO_SETTLEMENT_PROPOSAL: quantity(1)})
    law = court(CourtMode.DIRECT, faults=faults, scope=Scope(order_coverage=quantity(0.3)))
    shown = played(law, implementer=strategy("implementer_hold_out", goodwill=goodwill))
    heard = months(shown, "status", Status.COURT)
    booked = shown.resolved["faults"][heard[-1], 0] & 1 << Fault.NO_SETTLEMENT_PROPOSAL != 0
    assert booked == (goodwill == 0.0)


def test_nothing_of_it_is_there_unless_it_is_said() -> None:
    """All of it off is one court: the words' defaults give no order, no ground, no second suit."""
    forum = build(scenario(court(CourtMode.INDIRECT))).forums[0]
    off = ("interim", "enjoin_chance", "money_after", "refuses_adr", "good_faith", "deposit_running")
    assert [float(forum[name]) for name in off] == [0.0] * len(off)
