"""Differences between regimes, in words a lawyer would accept."""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise
from pathlib import Path

from simulator.spec.base import Spec
from simulator.spec.figure import Figure
from simulator.spec.load import builtin, load_regime
from simulator.spec.phrases import ACTS, CONSEQUENCES, COURT, DOCUMENTS, WHO
from simulator.spec.regime import CourtRules, Regime
from simulator.spec.regime_diff import diff_regimes, pair_steps
from simulator.vocabulary import Act, Consequence, Disclosure, Party

Write = Callable[[str, str], Path]

CHILD = """\
regime: child
extends: mini
title: A child
source: Bill 2
status: proposed
valid_from: 2024-05-01
steps:
  notice:
    must_contain: [patent_list, claim_charts]
    deadline: {value: 1, source: Bill 2 section 3}
  reply:
    if_missed: {fault: no_reply_to_notice, consequence: injunction_assured}
  security:
    after: talks
    title: Deposit
    phase: security
    actor: implementer
    act: deposit
    must_contain: [account_of_use]
    deadline: {value: 2, source: Bill 2 section 6}
    source: Bill 2 section 6
court:
  mode: both
  injunction: {cap: court_rate}
  interest: {court: {value: 0.08, source: Bill 2 section 9}}
  interim_licence: {after: {value: 6, source: Bill 2 section 8}, rate: counter}
  faults: {recognised: {no_reply_to_notice: {value: 0.5, source: Bill 2 section 10}}}
"""


def test_every_changed_rule_is_a_sentence_with_both_sources(small: Path, write: Write) -> None:
    found = diff_regimes(load_regime("mini"), load_regime(write("child.yaml", CHILD)))
    expected = Path(__file__).with_name("regime_diff.txt").read_text(encoding="utf-8")
    assert [str(one) for one in found] == expected.splitlines()
    first = found[0].brief("assumption", "Bill 2")
    assert (
        first
        == "Legal status: under mini, control (its text); under child, proposed from 2024-05-01 (its text)"
    )


def test_what_lasts_is_told_for_how_long_and_what_is_due_by_when(small: Path, write: Write) -> None:
    standstill = """\
regime: still
extends: mini
title: A standstill
source: Bill 3
status: proposed
steps:
  standstill:
    after: talks
    title: Standstill
    phase: adr
    actor: both
    act: stand_still
    deadline: {value: 6, source: Bill 3}
    source: Bill 3
"""
    told = [
        str(one) for one in diff_regimes(load_regime("mini"), load_regime(write("still.yaml", standstill)))
    ]
    assert any("must agree not to sue for a while" in one and ", for 6 months" in one for one in told)


def test_a_regime_does_not_differ_from_itself_nor_depend_on_the_side() -> None:
    laws = [load_regime(name) for name in builtin("regimes")]
    for law in laws:
        assert diff_regimes(law, law) == []
    for a, b in pairwise(laws):
        assert len(diff_regimes(a, b)) == len(diff_regimes(b, a)) > 0


def test_a_number_left_out_equals_the_default_written_out(small: Path, write: Write) -> None:
    text = small.with_name("mini.yaml").read_text(encoding="utf-8")
    silent = write("silent.yaml", text.replace("regime: mini", "regime: silent").replace(
        "  interest: {court: {value: 0.04, source: Act 1}}\n", ""))  # fmt: skip
    assert diff_regimes(load_regime("mini"), load_regime(silent)) == []


def test_steps_of_other_names_are_paired_by_what_they_ask(small: Path, write: Write) -> None:
    text = small.with_name("mini.yaml").read_text(encoding="utf-8")
    renamed = text.replace("regime: mini", "regime: renamed").replace("  reply:", "  answer:")
    a, b = load_regime("mini"), load_regime(write("renamed.yaml", renamed))
    assert pair_steps(a, b) == {"notice": "notice", "reply": "answer", "talks": "talks", "court": "court"}
    assert diff_regimes(a, b) == []


def test_every_word_of_the_law_has_its_wording() -> None:
    assert set(ACTS) == set(Act)
    assert set(DOCUMENTS) == set(Disclosure)
    assert set(CONSEQUENCES) == set(Consequence)
    assert set(WHO) == set(Party)


def test_every_rule_of_the_court_has_its_wording() -> None:
    def words(model: type[Spec], above: str = "") -> set[str]:
        found: set[str] = set()
        for name, field in model.model_fields.items():
            kind = field.annotation
            if isinstance(kind, type) and issubclass(kind, Spec):
                found |= words(kind, f"{above}{name}.")
            elif kind != Figure | None:
                found.add(above + name)
        return found

    told_as_a_whole = {"interim_licence", "interim_injunction", "arbitration", "faults.recognised"}
    assert words(CourtRules) - told_as_a_whole == set(COURT)
    assert "court" in Regime.model_fields
