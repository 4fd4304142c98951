"""What a law file says: who says it, whether it can have an effect, and periods in the text's own unit."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from simulator.errors import ScenarioError
from simulator.spec.load import builtin, load_regime, load_scenario, load_strategy
from simulator.spec.periods import months_of
from simulator.spec.regime import Regime
from simulator.spec.sentences import Rule, court_rules, fault_rules, step_rules
from simulator.spec.without_effect import OCCASIONS
from simulator.vocabulary import Fault

Write = Callable[[str, str], Path]

LENGTH = "court:\n  durations: {first_instance: {value: 52, unit: weeks, source: Act}}\n"
HEAD = "regime: child\nextends: mini\ntitle: A child\nsource: Bill 2\nstatus: proposed\n"


def court(name: str | Path) -> dict[str, Rule]:
    return {rule.topic: rule for rule in court_rules(load_regime(name))}


def test_a_default_is_never_given_a_judgment_as_source() -> None:
    """How a court finds the rate is stated by files that set one, and by no other."""
    for name in builtin("regimes"):
        regime = load_regime(name)
        rule = court(name)["How the court finds the rate"]
        if regime.text_of("court", "rate", "method") is None:
            assert (rule.origin, rule.source) == ("model's default", "not stated; the model's default"), name
        else:
            assert rule.stated
    assert not court("us-ebay")["How the court finds the rate"].stated
    assert court("uk-global")["How the court finds the rate"].stated


def test_what_is_inherited_has_the_parents_source() -> None:
    upc = court("upc")
    remedy = upc["Remedy"]
    assert remedy.inherited
    assert (remedy.text_of, remedy.origin) == ("eu-hvzte-2015", "inherited from eu-hvzte-2015")
    assert "UPC" not in remedy.source
    assert not upc["Enforcement pending appeal"].inherited
    security = {rule.topic: rule for rule in step_rules(load_regime("de-munich-security"), "warning")}
    assert security["Notice, who acts"].text_of == "eu-hvzte-2015"
    assert security["Notice, what it must contain"].text_of == "de-frand-ii-iii"


def test_every_rule_is_one_of_four_kinds_and_an_assumption_stands_in_its_own_column() -> None:
    kinds = set()
    for name in builtin("regimes"):
        law = load_regime(name)
        steps = [rule for step in law.steps for rule in step_rules(law, step)]
        for rule in [*steps, *court_rules(law), *fault_rules(law)]:
            kind = rule.to_json()["kind"]
            kinds.add(kind)
            _, said, assumed, _, source = rule.cells()
            assert (said == "") == (kind == "assumption") == (assumed != ""), (name, rule)
            assert (kind == "default") == (not rule.stated)
            assert source
    assert kinds == {"stated", "inherited", "default", "assumption"}


def test_a_step_of_both_is_called_by_who_fails_it() -> None:
    rules = {rule.topic: rule.text for rule in step_rules(load_regime("kr-kftc-2016"), "referral")}
    missed = next(text for topic, text in rules.items() if topic.endswith("if it is missed"))
    assert "'holder refuses ADR' or 'implementer refuses ADR' is recorded, by who fails" in missed
    alone = {rule.topic: rule.text for rule in step_rules(load_regime("eu-sep-regulation"), "engagement")}
    missed = next(text for topic, text in alone.items() if topic.endswith("if it is missed"))
    assert "'implementer refuses ADR' is recorded" in missed
    assert "holder refuses" not in missed


def test_a_step_a_number_and_a_word_have_a_status_and_a_day_of_their_own(small: Path, write: Write) -> None:
    path = write("child.yaml", HEAD + (
        "steps:\n  notice: {source: Letter 3, status: draft, as_of: 2024-02-01}\n"
        "grounds:\n  injunction.test: {source: Case 9, status: superseded, as_of: 2001-02-03}\n"
        "court:\n  injunction: {test: near_automatic}\n"
        "  interest: {court: {value: 0.05, source: Rule 7, status: withdrawn, as_of: 2020-01-01}}\n"
    ))  # fmt: skip
    rules = court(path)
    assert rules["Injunction"].authority == "Case 9 (superseded, as of 2001-02-03)"
    assert any(rule.authority == "Rule 7 (withdrawn, as of 2020-01-01)" for rule in rules.values())
    shown = next(rule for rule in step_rules(load_regime(path), "notice") if rule.topic.endswith("who acts"))
    assert (shown.status, shown.as_of) == ("draft", "2024-02-01")


@pytest.mark.parametrize(
    ("grounds", "told"),
    [
        ("injunction.tst: {source: Case 9}", "no rule of the court is called injunction.tst"),
        ("appeal.available: {source: Case 9}", "the source of a rule that is not stated"),
    ],
)
def test_a_source_belongs_to_a_rule_that_is_stated(
    small: Path, write: Write, grounds: str, told: str
) -> None:
    with pytest.raises(ScenarioError, match=told):
        load_regime(write("child.yaml", HEAD + f"grounds:\n  {grounds}\n"))


def test_periods_in_weeks_or_days_become_months_and_are_said(small: Path, write: Write) -> None:
    steps = "steps:\n  notice: {deadline: {value: %s, unit: %s, source: Bill 2}}\n"
    for value, unit, whole in ((4, "weeks", 1), (30, "days", 1), (10, "weeks", 3), (2, "months", 2)):
        deadline = load_regime(write("child.yaml", HEAD + steps % (value, unit))).steps["notice"].deadline
        assert deadline is not None
        assert deadline.value == whole
        assert deadline.period == ("" if unit == "months" else f"{value} {unit}")
    path = write(
        "child.yaml", HEAD + "court:\n  durations: {first_instance: {value: 52, unit: weeks, source: Act}}\n"
    )
    length = load_regime(path).court.durations.first_instance
    assert length is not None
    assert length.value == pytest.approx(months_of(52, "weeks"))
    assert any("(52 weeks in the text)" in rule.text for rule in court_rules(load_regime(path)))
    four = write("child.yaml", HEAD + steps % (4, "weeks"))
    assert "1 month (4 weeks in the text)" in [rule.text for rule in step_rules(load_regime(four), "notice")]


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (
            "steps: {notice: {deadline: {value: 4, unit: moons, source: Bill}}}\n",
            "months, weeks or days",
        ),
        ("court: {interest: {court: {value: 4, unit: weeks, source: Bill}}}\n", "only periods have a unit"),
        ("steps: {notice: {deadline: {value: 4, period: 4 weeks, source: Bill}}}\n", "write value and unit"),
    ],
)
def test_a_wrong_unit_is_one_clear_error(small: Path, write: Write, text: str, told: str) -> None:
    with pytest.raises(ScenarioError, match=told):
        load_regime(write("child.yaml", HEAD + text))


HALF = "{value: 0.5, source: Bill 2}"


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (
            "court: {faults: {recognised: {unregistered: {value: 1, source: B 1}}}}\n",
            "about unregistered",
        ),
        (
            "court: {faults: {recognised: {keeps_foreign_suits: {value: 1, source: B 1}}}}\n",
            "an interim",
        ),
        (
            "court: {suit: {early: fault}, faults: {recognised: {sues_without_notice: null}}}\n",
            "not recognised",
        ),
        ("court: {suit: {early: barred, from_step: null}}\n", "without court.suit.from_step"),
        ("court: {rate: {method: pool, range: low}}\n", "method pool finds no range"),
        ("court: {rate: {method: pool, licensors: all}}\n", "licensors: method pool looks at no licences"),
        (f"court: {{rate: {{method: pool, volume: {HALF}}}}}\n", "volume: method pool looks at no licences"),
        (
            f"court: {{rate: {{method: top_down_supported, likeness: {{size: {HALF}}}}}}}\n",
            "likeness: method top_down_supported weighs no licences",
        ),
        ("steps: {reply: {deadline: null, if_missed: {go: next}}}\n", "cannot be missed"),
        ("steps: {reply: {if_deficient: {go: next}}}\n", "no contents can be lacking"),
        ("steps: {talks: {if_missed: {go: next}}}\n", "nobody can fail to do this step"),
    ],
)
def test_words_without_effect_are_refused(small: Path, write: Write, text: str, told: str) -> None:
    with pytest.raises(ScenarioError, match=told):
        load_regime(write("child.yaml", HEAD + text))


@pytest.mark.parametrize(
    "rate", ["method: comparables", "method: pool, controls: {non_discrimination: HALF}"]
)
def test_words_on_licences_stand_where_licences_are_looked_at(small: Path, write: Write, rate: str) -> None:
    said = f"court: {{rate: {{{rate}, licensors: all, volume: HALF, likeness: {{parties: HALF}}}}}}\n"
    law = load_regime(write("child.yaml", HEAD + said.replace("HALF", HALF)))
    assert law.court.rate.licensors == "all"


def test_every_fault_needs_a_step_or_has_an_occasion(small: Path, write: Write) -> None:
    """Recognising a fault that only a step books is refused; one the engine sees by itself is not."""
    by_step = [fault for fault in Fault if fault not in OCCASIONS]
    assert by_step
    for fault in by_step:
        if fault in (Fault.WITHHOLDS_CLAIM_CHARTS, Fault.NO_REPLY_TO_NOTICE):  # mini's own
            continue
        text = f"court: {{faults: {{recognised: {{{fault.name.lower()}: {{value: 1, source: Bill}}}}}}}}\n"
        with pytest.raises(ScenarioError, match="nothing can bring about"):
            load_regime(write("child.yaml", HEAD + text))


def test_the_page_of_a_regime_prints_its_notes_and_what_it_leaves_open(
    capsys: pytest.CaptureFixture[str],
) -> None:
    from simulator.cli.law import show_regime

    show_regime("cn-rate-setting", as_json=False)
    out = capsys.readouterr().out
    for text in (
        "Status: jurisdiction over global terms",
        "Notes: What must be shown",
        "What no file states",
    ):
        assert text in out
    show_regime("upc", as_json=True)
    told = json.loads(capsys.readouterr().out)["told"]
    assert {rule["kind"] for rule in told["court"]} == {"stated", "inherited", "default", "assumption"}


def test_a_holder_that_refuses_to_license_is_found_to_under_act_v_oppo(small: Path, write: Write) -> None:
    """The factor is reached in play: booked against the refuser, never against a good-faith holder."""
    from simulator import LicensingModel

    scenario = load_scenario("duopoly", regimes=["cn-spc-act-2023"], replications=4)
    booked = {}
    for name in ("holder_refuser", "holder_good_faith"):
        players = {name: load_strategy(name)}
        groups = tuple(
            group.model_copy(update={"strategies": {name: 1.0}}) for group in scenario.market.holders
        )
        market = scenario.market.model_copy(update={"holders": groups})
        changed = scenario.model_copy(update={"market": market, "strategies": scenario.strategies | players})
        model = LicensingModel(changed, regime="cn-spc-act-2023", replication=1)
        model.run_model()
        faults = model.outcomes()["faults"].to_numpy()
        booked[name] = int((faults & (1 << Fault.REJECTS_LICENCE_REQUEST) != 0).sum())
    assert booked["holder_good_faith"] == 0 < booked["holder_refuser"]


@pytest.mark.parametrize("name", list(builtin("regimes")))
def test_a_regime_survives_being_stored(name: str) -> None:
    law = load_regime(name)
    assert Regime.model_validate_json(law.model_dump_json()) == law
