"""A regime as changes to another: what merges, what is replaced, what is removed, what is never inherited."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from simulator.errors import ScenarioError
from simulator.spec.load import load_regime
from simulator.vocabulary import Consequence, CourtMode, Disclosure, Fault, InjunctionTest, LegalStatus

HEAD = """\
regime: child
extends: mini
title: A child
source: Bill 2
status: proposed
"""

Write = Callable[[str, str], Path]
Complaint = Callable[..., list[str]]
pytestmark = pytest.mark.usefixtures("small")


def test_mappings_merge_and_leaves_are_overridden(write: Write) -> None:
    changes = """\
steps:
  notice:
    must_contain: [claim_charts, pool_rates]
    deadline: {value: 1, source: Bill 2 section 3}
court:
  mode: both
  interest:
    licence: {value: 0.01, source: Bill 2 section 9}
"""
    child, base = load_regime(write("child.yaml", HEAD + changes)), load_regime("mini")
    notice = child.steps["notice"]
    assert notice.must_contain == (Disclosure.CLAIM_CHARTS, Disclosure.POOL_RATES)  # lists are replaced
    assert notice.deadline is not None
    assert (notice.deadline.value, notice.deadline.source) == (1, "Bill 2 section 3")
    assert notice.title == base.steps["notice"].title
    assert child.court.mode is CourtMode.BOTH
    assert child.court.interest.court == base.court.interest.court
    assert child.court.interest.licence is not None
    assert child.court.injunction.test is InjunctionTest.FAULT_GATE


def test_what_follows_a_breach_is_replaced_as_a_whole(write: Write) -> None:
    child = load_regime(
        write("child.yaml", HEAD + "steps:\n  reply:\n    if_missed: {fault: no_reply_to_notice}\n")
    )
    breach = child.steps["reply"].if_missed
    assert breach is not None
    assert (breach.fault, breach.consequence, breach.go) == (
        Fault.NO_REPLY_TO_NOTICE,
        Consequence.FAULT_ONLY,
        "stay",
    )


def test_null_takes_an_inherited_entry_out(write: Write) -> None:
    changes = """\
steps:
  reply: null
  notice: {deadline: null, if_deficient: null}
court:
  interest: null
  faults: {recognised: {no_reply_to_notice: null}}
"""
    child = load_regime(write("child.yaml", HEAD + changes))
    assert child.order() == ("notice", "talks", "court")
    assert child.steps["notice"].deadline is None
    assert child.court.interest.court is None
    assert list(child.court.faults.recognised) == [Fault.WITHHOLDS_CLAIM_CHARTS, Fault.SUES_WITHOUT_NOTICE]


def test_the_source_of_a_word_goes_with_the_word(write: Write) -> None:
    grounds = "grounds:\n  injunction.test: {source: Case 9}\n  faults.order: {source: Case 8}\n"
    words = "court:\n  injunction: {test: near_automatic}\n  faults: {order: holistic}\n"
    write("parent.yaml", HEAD.replace("child", "parent") + grounds + words)
    head = HEAD.replace("mini", "parent")
    anew = load_regime(write("child.yaml", head + "court:\n  injunction: {test: four_factors}\n"))
    assert set(anew.grounds) == {"faults.order"}
    out = load_regime(write("child.yaml", head + "court:\n  injunction: null\n"))
    assert set(out.grounds) == {"faults.order"}
    own = "grounds:\n  injunction.test: {source: Bill 2}\ncourt:\n  injunction: {test: four_factors}\n"
    assert load_regime(write("child.yaml", head + own)).grounds["injunction.test"].source == "Bill 2"


@pytest.mark.parametrize("said", ["[Case 9]", "Case 9", "7"])
def test_sources_that_are_no_mapping_are_one_clear_error(write: Write, said: str) -> None:
    grounds = "grounds:\n  injunction.test: {source: Case 9}\n"
    words = "court:\n  injunction: {test: near_automatic}\n"
    write("parent.yaml", HEAD.replace("child", "parent") + grounds + words)
    child = HEAD.replace("mini", "parent") + f"grounds: {said}\ncourt: [pool]\n"
    with pytest.raises(ScenarioError, match=r"grounds: got .*; must be a mapping"):
        load_regime(write("child.yaml", child))


def test_new_steps_go_behind_the_one_they_name_or_to_the_end(write: Write) -> None:
    step = "{{{after}title: Talks, phase: technical, actor: both, act: disclose, source: Bill 2}}"
    changes = (
        "steps:\n"
        f"  first: {step.format(after='after: notice, ')}\n"
        f"  second: {step.format(after='after: first, ')}\n"
        f"  last: {step.format(after='')}\n"
        "  court: {after: reply}\n"
    )
    child = load_regime(write("child.yaml", HEAD + changes))
    assert child.order() == ("notice", "first", "second", "reply", "court", "talks", "last")
    assert {one.after for one in child.steps.values()} == {None}


def test_what_identifies_a_text_is_not_inherited(write: Write, complaint: Complaint, small: Path) -> None:
    mini = small.with_name("mini.yaml")
    dated = mini.read_text(encoding="utf-8").replace(
        "steps:", "valid_from: 2020-01-01\nnotes: old\nsteps:", 1
    )
    mini.write_text(dated, encoding="utf-8")
    child = load_regime(write("child.yaml", HEAD))
    assert (child.regime, child.title, child.source) == ("child", "A child", "Bill 2")
    assert (child.status, child.valid_from, child.notes) == (LegalStatus.PROPOSED, None, "")
    assert child.jurisdiction == "Nowhere"
    assert complaint(load_regime, write("bare.yaml", "regime: bare\nextends: mini\n")) == [
        "bare.yaml:1: source: missing",
        "    for example: source: some text",
        "bare.yaml:1: status: missing",
        "    for example: status: in_force",
        "bare.yaml:1: title: missing",
        "    for example: title: some text",
    ]


def test_a_misspelt_step_is_one_fault_that_names_the_step(write: Write, complaint: Complaint) -> None:
    lacks = "new, and lacks title, phase, actor, act, source"
    changes = HEAD + "steps:\n  notise:\n    deadline: {value: 9, source: Bill 2}\n"
    assert complaint(load_regime, write("child.yaml", changes)) == [
        f"child.yaml:7: steps.notise: {lacks}; did you mean notice?"
    ]
    changes = changes.replace("notise", "quarantine")
    assert complaint(load_regime, write("child.yaml", changes)) == [
        f"child.yaml:7: steps.quarantine: {lacks}; a new entry states them all",
        "    for example: quarantine: {title: ..., phase: ..., actor: ..., act: ..., source: ...}",
    ]


def test_a_misspelt_key_is_not_also_called_missing(write: Write, complaint: Complaint) -> None:
    child = HEAD.replace("title:", "titel:").replace("source:", "sourze:")
    assert complaint(load_regime, write("child.yaml", child)) == [
        "child.yaml:3: titel: the key titel is unknown here; did you mean title?",
        "child.yaml:4: sourze: the key sourze is unknown here; did you mean source?",
    ]


def test_a_chain_of_regimes(write: Write) -> None:
    write("child.yaml", HEAD + "steps: {reply: null}\n")
    grandchild = HEAD.replace("regime: child\nextends: mini", "regime: grandchild\nextends: child")
    loaded = load_regime(write("grandchild.yaml", grandchild + "court: {mode: none}\n"))
    assert loaded.order() == ("notice", "talks", "court")
    assert loaded.court.mode is CourtMode.NONE


@pytest.mark.parametrize(
    ("changes", "report"),
    [
        (
            "steps: {replly: null}\n",
            ["child.yaml:6: steps.replly: the baseline has no step replly; did you mean reply?"],
        ),
        (
            "steps: {talks: null}\n",
            [
                (
                    "mini.yaml:40: court.suit.from_step: no step is called 'talks' "
                    "(child.yaml inherits this and may state it anew); known: notice, reply, court"
                )
            ],
        ),
        (
            "steps: {reply: {after: nowhere}}\n",
            ["child.yaml:6: steps.reply.after: no step is called 'nowhere'; known: notice, talks, court"],
        ),
        (
            "steps: {reply: {deadline: {value: -1, source: Bill 2}}}\n",
            [
                (
                    "child.yaml:6: steps.reply.deadline: got -1; months until the step counts as missed: "
                    "a whole number between 0 and 1200 (months)"
                ),
                "    for example: deadline: {value: 2, source: assumption}",
            ],
        ),
    ],
)
def test_faults_name_the_file_and_line_they_stand_in(
    write: Write, complaint: Complaint, changes: str, report: list[str]
) -> None:
    assert complaint(load_regime, write("child.yaml", HEAD + changes)) == report


def test_circles_and_missing_baselines_are_reported(write: Write, complaint: Complaint) -> None:
    child = write("child.yaml", HEAD.replace("extends: mini", "extends: cousin"))
    (lost,) = complaint(load_regime, child)
    assert lost.startswith("child.yaml:2: extends: no regime 'cousin', beside this file or built-in; known: ")
    cousin = HEAD.replace("regime: child", "regime: cousin")
    write("cousin.yaml", cousin.replace("mini", "./child"))
    (circle,) = complaint(load_regime, child)
    route = "child extends cousin extends child"
    assert circle == f"cousin.yaml:2: extends: regimes extend each other: {route}; end the circle"
    write("child.yaml", HEAD.replace("extends: mini", "extends: child"))
    (alone,) = complaint(load_regime, child)
    assert alone == "child.yaml:2: extends: a regime extends itself; end the circle"
