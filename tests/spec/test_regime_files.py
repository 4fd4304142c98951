"""The built-in regimes: they load, say where each number comes from, and state the law as the sources do."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest

from simulator.spec.base import Quantity, Spec
from simulator.spec.extend import lay_over
from simulator.spec.find import resolve
from simulator.spec.load import load_regime
from simulator.spec.regime import Regime
from simulator.spec.without_effect import idle_words
from simulator.spec.yaml import read
from simulator.vocabulary import (
    Act,
    Consequence,
    CourtMode,
    Disclosure,
    Fault,
    InjunctionCap,
    InjunctionTest,
    LegalStatus,
    Party,
    RateMethod,
    Standing,
    party_of_fault,
)

FILES = sorted((Path(__file__).parents[2] / "scenarios" / "regimes").glob("*.yaml"))
NAMES = [path.stem for path in FILES]
OURS = ("rounds", "third_party")
"""Steps that this project adds behind the steps a text counts."""

STATUS = {
    "staged-baseline": (LegalStatus.CONTROL, None, None),
    "none": (LegalStatus.CONTROL, None, None),
    "us-2021-draft": (LegalStatus.DRAFT, None, None),
    "us-ebay": (LegalStatus.IN_FORCE, date(2006, 5, 15), None),
    "eu-hvzte-2015": (LegalStatus.IN_FORCE, date(2015, 7, 16), None),
    "eu-sep-regulation": (LegalStatus.WITHDRAWN, None, None),
    "jp-meti-2022": (LegalStatus.NON_BINDING, date(2022, 3, 31), None),
    "de-orange-book-2009": (LegalStatus.SUPERSEDED, date(2009, 5, 6), date(2015, 7, 16)),
    "de-frand-ii-iii": (LegalStatus.IN_FORCE, date(2020, 11, 24), None),
    "de-munich-security": (LegalStatus.IN_FORCE, date(2025, 3, 20), None),
    "upc": (LegalStatus.IN_FORCE, date(2024, 11, 22), None),
    "uk-global": (LegalStatus.IN_FORCE, date(2025, 10, 31), None),
    "uk-global-2020": (LegalStatus.SUPERSEDED, date(2020, 8, 26), date(2025, 10, 30)),
    "eu-hvzte-holistic": (LegalStatus.IN_FORCE, date(2020, 5, 5), None),
    "jp-courts": (LegalStatus.IN_FORCE, date(2014, 5, 16), None),
    "uk-rdt": (LegalStatus.PROPOSED, None, None),
    "cn-proposed": (LegalStatus.PROPOSED, None, None),
    "cn-spc-act-2023": (LegalStatus.IN_FORCE, date(2023, 12, 12), None),
    "cn-rate-setting": (LegalStatus.IN_FORCE, date(2021, 8, 19), None),
    "india": (LegalStatus.IN_FORCE, date(2023, 3, 29), None),
    "india-2025": (LegalStatus.IN_FORCE, date(2025, 7, 10), None),
    "br-preliminary": (LegalStatus.IN_FORCE, date(2015, 11, 5), None),
    "us-itc-337": (LegalStatus.IN_FORCE, date(2013, 8, 3), None),
    "kr-kftc-2016": (LegalStatus.NON_BINDING, date(2016, 3, 23), None),
    "cn-samr-2024": (LegalStatus.NON_BINDING, date(2024, 11, 8), None),
    "adr-baseball": (LegalStatus.PROPOSED, None, None),
    "us-microsoft-2013": (LegalStatus.IN_FORCE, date(2013, 4, 25), None),
    "cn-huawei-idc-2013": (LegalStatus.SUPERSEDED, date(2013, 10, 16), date(2021, 8, 18)),
}

ACT_HOLDER = {
    Fault.SUES_WITHOUT_NOTICE,
    Fault.REJECTS_LICENCE_REQUEST,
    Fault.THREATENS,
    Fault.BREAKS_OFF,
    Fault.WITHHOLDS_CLAIM_CHARTS,
    Fault.WITHHOLDS_RATE_BASIS,
}
ACT_IMPLEMENTER = {
    Fault.NO_REPLY_TO_NOTICE,
    Fault.NO_REPLY_TO_OFFER,
    Fault.NO_COUNTER_OR_DEPOSIT,
    Fault.DELAYS,
    Fault.REFUSES_CONFIDENTIALITY,
    Fault.UNREASONABLE_TERMS,
}
JPO_UNWILLING = {
    Fault.NO_REPLY_TO_OFFER,
    Fault.DEMANDS_VALIDITY_FIRST,
    Fault.DEMANDS_THIRD_PARTY_TERMS,
    Fault.DEMANDS_PUBLICATION,
    Fault.NON_SUBSTANTIVE_REPLIES,
    Fault.COLLUDES,
}
JPO_BAD_RESPONSE = {Fault.REJECTS_WITHOUT_COUNTER, Fault.UNREASONABLE_TERMS, Fault.NO_COUNTER_BASIS}


def quantities(part: object, path: str = "") -> Iterator[tuple[str, Quantity]]:
    """Every number of a specification with the path to it."""
    if isinstance(part, Quantity):
        yield path, part
    elif isinstance(part, Spec):
        for name in type(part).model_fields:
            yield from quantities(getattr(part, name), f"{path}.{name}")
    elif isinstance(part, dict):
        for key, value in part.items():
            yield from quantities(value, f"{path}.{key}")


def text_steps(regime: Regime) -> list[str]:
    return [name for name in regime.steps if name not in OURS]


@pytest.fixture(params=NAMES)
def regime(request: pytest.FixtureRequest) -> Regime:
    return load_regime(request.param)


def test_every_file_is_pinned() -> None:
    assert set(NAMES) == set(STATUS)


def test_status_and_dates(regime: Regime) -> None:
    assert (regime.status, regime.valid_from, regime.valid_to) == STATUS[regime.regime]


def test_every_regime_says_what_its_status_rests_on(regime: Regime) -> None:
    assert regime.status_note
    assert regime.notes


def test_only_what_was_law_or_guidance_has_dates(regime: Regime) -> None:
    never = {LegalStatus.DRAFT, LegalStatus.PROPOSED, LegalStatus.WITHDRAWN, LegalStatus.CONTROL}
    assert regime.valid_from is None or regime.status not in never


def test_every_number_is_cited_or_called_an_assumption(regime: Regime) -> None:
    for path, quantity in quantities(regime):
        told = quantity.source.startswith("assumption")
        assert told or "assum" not in quantity.source.lower(), f"{path}: {quantity.source}"
        if quantity.range is not None:
            assert quantity.range[0] <= quantity.value <= quantity.range[1], path


def test_no_deadline_is_passed_off_as_law(regime: Regime) -> None:
    """No text sets a number, but for the withdrawn regulation's nine months."""
    cited = [
        name
        for name, step in regime.steps.items()
        if step.deadline is not None and not step.deadline.source.startswith("assumption")
    ]
    assert cited == {"eu-sep-regulation": ["conciliation"]}.get(regime.regime, [])


def test_deadlines_for_replies_and_offers_are_the_same_everywhere(regime: Regime) -> None:
    for name, step in regime.steps.items():
        if step.act in (Act.NOTIFY, Act.DECLARE_WILLING, Act.OFFER, Act.COUNTER, Act.DEPOSIT):
            assert step.deadline is not None, name
            if step.deadline.source.startswith("assumption"):
                assert step.deadline.value == 2, name
        if step.act is Act.NEGOTIATE:
            assert step.deadline is not None
            assert step.deadline.value == 24


def test_every_step_but_the_last_can_run_out(regime: Regime) -> None:
    *before, last = regime.steps.values()
    assert last.act is Act.GO_TO_THIRD_PARTY
    assert all(step.deadline is not None for step in before)


def test_every_fault_of_a_step_is_recognised(regime: Regime) -> None:
    recognised = regime.court.faults.recognised
    for name, step in regime.steps.items():
        for breach in (step.if_missed, step.if_deficient):
            assert breach is None or breach.fault is None or breach.fault in recognised, name


def test_an_ignored_notice_freezes_nothing(regime: Regime) -> None:
    """The holder may sue, or the protocol moves on."""
    for step in regime.steps.values():
        if step.actor is Party.IMPLEMENTER and step.act is Act.DECLARE_WILLING:
            assert step.if_missed is not None
            assert step.if_missed.go != "stay" or step.if_missed.consequence is Consequence.OPENS_COURT


def test_the_control_has_the_baselines_steps_and_nothing_else() -> None:
    control, baseline = load_regime("none"), load_regime("staged-baseline")
    assert control.order() == baseline.order()
    assert control.court.mode is CourtMode.NONE
    assert control.court.standing.holder is control.court.standing.implementer is Standing.NONE
    assert not control.court.faults.recognised
    for name, step in control.steps.items():
        twin = baseline.steps[name]
        assert (step.actor, step.act, step.phase) == (twin.actor, twin.act, twin.phase)
        assert step.must_contain == ()
        assert set(step.may_contain) == set(twin.must_contain) | set(twin.may_contain)
        assert (step.deadline and step.deadline.value) == (twin.deadline and twin.deadline.value)
        assert (step.if_missed.go if step.if_missed else "stay") == (
            twin.if_missed.go if twin.if_missed else "stay"
        )
        breaches = [breach for breach in (step.if_missed, step.if_deficient) if breach is not None]
        assert all(b.fault is None and b.consequence is Consequence.FAULT_ONLY for b in breaches)


def test_huawei_v_zte_has_six_steps() -> None:
    regime = load_regime("eu-hvzte-2015")
    assert [(step.actor, step.act) for name, step in regime.steps.items() if name != "rounds"] == [
        (Party.HOLDER, Act.NOTIFY),
        (Party.IMPLEMENTER, Act.DECLARE_WILLING),
        (Party.HOLDER, Act.OFFER),
        (Party.IMPLEMENTER, Act.COUNTER),
        (Party.IMPLEMENTER, Act.DEPOSIT),
        (Party.BOTH, Act.ARBITRATE),  # by common agreement
        (Party.EITHER, Act.GO_TO_THIRD_PARTY),
    ]
    assert regime.court.faults.order == "sequential"
    assert regime.steps["counter"].needs_frand_offer
    assert regime.steps["security"].if_missed is not None
    assert regime.steps["security"].if_missed.consequence is Consequence.INJUNCTION_ASSURED


def test_the_meti_guidelines_have_four_steps_and_bind_nobody() -> None:
    regime = load_regime("jp-meti-2022")
    steps = [regime.steps[name] for name in text_steps(regime)]
    assert [step.title[:6] for step in steps] == ["Step 1", "Step 2", "Step 3", "Step 4"]
    assert [step.actor for step in steps] == [Party.HOLDER, Party.IMPLEMENTER] * 2
    assert set(steps[0].must_contain) == {
        Disclosure.PATENT_LIST,
        Disclosure.CLAIM_CHARTS,
        Disclosure.CONFORMITY_EVIDENCE,
        Disclosure.FRAND_COMMITMENT,
    }
    assert not regime.court.binding


def test_the_jpo_list_is_six_kinds_of_unwillingness_and_three_of_bad_faith() -> None:
    assert (len(JPO_UNWILLING), len(JPO_BAD_RESPONSE)) == (6, 3)
    recognised = load_regime("jp-meti-2022").court.faults.recognised
    theirs = {fault for fault in recognised if party_of_fault(fault) is Party.IMPLEMENTER}
    assert theirs == JPO_UNWILLING | JPO_BAD_RESPONSE


def test_act_v_oppo_weighs_six_factors_a_side_equally_and_shares_the_loss() -> None:
    court = load_regime("cn-spc-act-2023").court
    recognised = court.faults.recognised
    assert set(recognised) == ACT_HOLDER | ACT_IMPLEMENTER
    assert len(recognised) == 12
    assert len({weight.value for weight in recognised.values()}) == 1
    assert court.faults.apportion_loss
    assert court.faults.uplift is None
    assert court.mode is CourtMode.DIRECT


def test_all_twelve_factors_of_act_can_be_booked() -> None:
    """By a step, or by the conduct that the engine detects by itself."""
    regime = load_regime("cn-spc-act-2023")
    breaches = [b for step in regime.steps.values() for b in (step.if_missed, step.if_deficient) if b]
    detected = {
        Fault.SUES_WITHOUT_NOTICE,
        Fault.THREATENS,
        Fault.BREAKS_OFF,
        Fault.DELAYS,
        Fault.UNREASONABLE_TERMS,
    }
    booked = {breach.fault for breach in breaches if breach.fault is not None}
    assert booked | detected == ACT_HOLDER | ACT_IMPLEMENTER


def test_the_implementer_moves_first_under_orange_book() -> None:
    regime = load_regime("de-orange-book-2009")
    first, second, third, *_ = regime.steps.values()
    assert (first.actor, first.act) == (Party.IMPLEMENTER, Act.OFFER)
    assert (second.actor, second.act) == (Party.IMPLEMENTER, Act.DEPOSIT)
    assert third.actor is Party.HOLDER
    assert first.if_missed is not None
    assert first.if_missed.consequence is Consequence.INJUNCTION_ASSURED
    assert third.if_missed is not None
    assert third.if_missed.consequence is Consequence.INJUNCTION_BARRED


def test_german_and_unified_courts_read_the_steps_as_a_whole() -> None:
    for name in ("de-frand-ii-iii", "de-munich-security", "upc"):
        regime = load_regime(name)
        assert regime.court.faults.order == "holistic"
        assert not any(step.needs_frand_offer for step in regime.steps.values())
        assert regime.order() == load_regime("eu-hvzte-2015").order()


def test_munich_changes_the_measure_of_security_only() -> None:
    munich, germany = load_regime("de-munich-security"), load_regime("de-frand-ii-iii")
    assert (germany.court.security.base, munich.court.security.base) == ("counter", "holder_offer")
    same = germany.court.security
    assert munich.court.model_copy(update={"security": same}) == germany.court
    for name, step in munich.steps.items():
        twin = germany.steps[name]
        assert step.model_copy(update={"title": twin.title, "source": twin.source}) == twin


def test_the_two_readings_of_huawei_v_zte_differ_in_the_reading_alone() -> None:
    strict, whole = load_regime("eu-hvzte-2015"), load_regime("eu-hvzte-holistic")
    assert whole.order() == strict.order()
    faults = strict.court.faults.model_copy(update={"order": "holistic", "netting": "netted"})
    assert strict.court.model_copy(update={"faults": faults}) == whole.court
    assert not whole.steps["counter"].needs_frand_offer
    bars = [step.if_deficient.consequence for step in whole.steps.values() if step.if_deficient]
    assert set(bars) == {Consequence.FAULT_ONLY}


def test_foreign_suits_are_bad_faith_in_england_until_october_2025() -> None:
    before, after = load_regime("uk-global-2020"), load_regime("uk-global")
    assert before.valid_to is not None
    assert after.valid_from is not None
    assert (after.valid_from - before.valid_to).days == 1
    assert Fault.KEEPS_FOREIGN_SUITS in before.court.faults.recognised
    assert Fault.KEEPS_FOREIGN_SUITS not in after.court.faults.recognised
    assert before.steps == after.steps


def test_a_holder_without_an_offer_has_no_injunction_in_the_united_states() -> None:
    offer = load_regime("us-ebay").steps["offer"]
    assert offer.if_missed is not None
    assert offer.if_missed.consequence is Consequence.INJUNCTION_BARRED
    assert offer.if_missed.source.startswith("Ericsson v Lenovo")


def test_each_missing_disclosure_of_the_chinese_proposal_is_its_own_fault() -> None:
    steps = load_regime("cn-proposed").steps
    lacks = {
        contents: step.if_deficient.faults.get(contents, step.if_deficient.fault)
        for step in steps.values()
        if step.act is Act.DISCLOSE and step.if_deficient
        for contents in step.must_contain
    }
    assert lacks == {
        Disclosure.PATENT_LIST: Fault.WITHHOLDS_PATENT_INFORMATION,
        Disclosure.PROTECTION_TERMS: Fault.WITHHOLDS_PATENT_INFORMATION,
        Disclosure.TRANSFER_STATUS: Fault.WITHHOLDS_PATENT_INFORMATION,
        Disclosure.CLAIM_CHARTS: Fault.WITHHOLDS_CLAIM_CHARTS,
        Disclosure.RATE_CALCULATION: Fault.WITHHOLDS_RATE_BASIS,
    }


def test_no_built_in_regime_has_a_word_without_effect(regime: Regime) -> None:
    """Its own or inherited: what is shown as recognised can happen."""
    document = read(resolve("regime", name=regime.regime))
    chain = [document]
    while name := chain[-1].get("extends"):
        chain.append(read(resolve("regime", name=name)))
    for child in reversed(chain[:-1]):
        chain[-1] = lay_over(chain[-1], child)
    document = chain[-1]
    assert [*idle_words(document)] == []


def test_every_court_states_how_long_it_takes(regime: Regime) -> None:
    if regime.status is LegalStatus.CONTROL or regime.extends == "staged-baseline":
        return
    length = regime.court.durations.first_instance
    assert length is not None
    assert length.range is not None or not length.source.startswith("assumption")


def test_ebay_probabilities_are_seamans() -> None:
    injunction = load_regime("us-ebay").court.injunction
    assert injunction.test is InjunctionTest.FOUR_FACTORS
    assert injunction.base_probability is not None
    assert injunction.base_probability.value == 0.725
    licensing = injunction.base_probability_licensing_company
    assert licensing is not None
    assert licensing.value == 0.16


def test_the_us_draft_binds_no_court_and_names_its_end() -> None:
    regime = load_regime("us-2021-draft")
    assert not regime.court.binding
    assert "6 December 2021" in regime.status_note
    assert "8 June 2022" in regime.status_note
    assert [regime.steps[name].title[:6] for name in text_steps(regime)] == [
        "Step 1",
        "Step 1",
        "Step 2",
        "Step 3",
        "Steps ",
    ]
    assert regime.court.injunction == load_regime("us-ebay").court.injunction


def test_the_withdrawn_regulation_bars_suits() -> None:
    regime = load_regime("eu-sep-regulation")
    bars = [
        name
        for name, step in regime.steps.items()
        if step.if_missed is not None and step.if_missed.consequence is Consequence.SUIT_BARRED
    ]
    assert bars == ["register", "request"]
    assert regime.court.suit.early == "barred"
    acts = [step.act for step in regime.steps.values()]
    assert acts.index(Act.REGISTER) < acts.index(Act.CHECK_ESSENTIALITY) < acts.index(Act.NOTIFY)
    deadline = regime.steps["conciliation"].deadline
    assert deadline is not None
    assert deadline.value == 9


def test_chinese_rate_setting_asks_neither_for_infringement_nor_for_willingness() -> None:
    court = load_regime("cn-rate-setting").court
    assert court.mode is CourtMode.DIRECT
    assert court.rate.method is RateMethod.COMPARABLES_CHECKED
    assert not court.liability_gate
    assert not court.faults.recognised
    assert court.scope.order_coverage is not None
    assert court.scope.order_coverage.value == 1


def test_uk_court_sets_the_licence_and_the_track_sets_only_the_rate() -> None:
    court, track = load_regime("uk-global").court, load_regime("uk-rdt").court
    assert court.mode is CourtMode.BOTH
    assert court.injunction.cap is InjunctionCap.COURT_RATE
    assert court.interim_licence is not None
    assert court.liability_gate
    assert track.mode is CourtMode.DIRECT
    assert track.interim_licence is None
    assert not track.liability_gate


def test_outliers_must_be_justified_in_the_chinese_proposal() -> None:
    recognised = load_regime("cn-proposed").court.faults.recognised
    assert {Fault.UNJUSTIFIED_EXTREME_ASK, Fault.UNJUSTIFIED_EXTREME_BID} <= set(recognised)
    assert next(iter(load_regime("cn-proposed").steps.values())).actor is Party.EITHER


def test_final_offer_arbitration_precedes_the_court() -> None:
    regime = load_regime("adr-baseball")
    assert regime.order()[-2:] == ("arbitrate", "third_party")
    assert regime.court.arbitration is not None
    assert regime.court.arbitration.form == "baseball"
    assert regime.steps["arbitrate"].if_missed is not None
    assert regime.steps["arbitrate"].if_missed.consequence is Consequence.SUIT_BARRED
