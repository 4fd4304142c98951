"""Strategy spaces: built-in ones hold the built-in strategies, bad ones are refused with line and rule."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from simulator.spec.find import builtin
from simulator.spec.load import check, load_space, load_strategy
from tests.play import edited

TEXT = """\
space: mine
party: holder
title: What a holder may choose
source: assumption
numbers:
  anchor: {range: [1, 4], scale: log, source: assumption}
  reply_delay: {range: [0, 6], source: assumption}
  sue_after: {range: [1, 60], never: 1200, source: assumption}
choices:
  tactic: {of: [time, reciprocal], source: assumption}
sets:
  withholds: {of: [comparables], source: assumption}
"""

BAD = [
    (
        "range: [1, 4]",
        "range: [4, 4]",
        ("mine.yaml:6: numbers.anchor.range: got [4, 4], which is empty; the lower end comes first and lies "
        "below the higher one: nothing to choose is no field"),
        "    for example: anchor: {range: [0, 2], source: assumption}",
    ),
    (
        "  reply_delay:",
        "  reply_dely:",
        "mine.yaml:7: numbers.reply_dely: got 'reply_dely'; did you mean reply_delay?",
        None,
    ),
    (
        "sue_after:",
        "goodwill:",
        ("mine.yaml:8: numbers.goodwill: has no meaning for a holder; only strategies of the implementer "
        "have one: leave it out"),
        None,
    ),
    (
        "never: 1200",
        "never: 30",
        "mine.yaml:8: numbers.sue_after.never: got 30; never lies beyond the range",
        "    for example: never: 1200",
    ),
    (
        "[0, 6]",
        "[0, 6.5]",
        ("mine.yaml:7: numbers.reply_delay.range: got 6.5; months before it does a step that is due: a whole "
        "number between 0 and 1200 (months)"),
        None,
    ),
    (
        "range: [1, 4]",
        "range: [0, 4]",
        "mine.yaml:6: numbers.anchor.range: got [0, 4]; a log scale begins above 0",
        "    for example: scale: linear",
    ),
    (
        "[time, reciprocal]",
        "[time, reciprocl]",
        "mine.yaml:10: choices.tactic.of[1]: got 'reciprocl'; did you mean reciprocal?",
        "    for example: of: [time, reciprocal, opportunist, rational]",
    ),
    (
        "[time, reciprocal]",
        "[time]",
        ("mine.yaml:10: choices.tactic.of: got 1, which is empty; nothing to choose is no field: two or more "
        "words"),
        None,
    ),
    ("[comparables]", "[comparable]", ("mine.yaml:12: sets.withholds.of[0]: got 'comparable'; did you mean "
     "comparables?"), None),
    (
        "  anchor: {range: [1, 4], scale: log, source: assumption}\n",
        "",
        ("mine.yaml:5: numbers: there is no anchor; a strategy has no default for it, so a space says what "
        "may be chosen"),
        "    for example: anchor: {range: [1, 4], source: assumption}",
    ),
]  # fmt: skip


@pytest.mark.parametrize(("old", "new", "said", "example"), BAD, ids=[new or said for _, new, said, _ in BAD])
def test_a_bad_space_is_refused_with_line_and_rule(
    write: Callable[[str, str], Path],
    complaint: Callable[..., list[str]],
    old: str,
    new: str,
    said: str,
    example: str | None,
) -> None:
    path = write("mine.yaml", edited(TEXT, (old, new)))
    lines = complaint(load_space, path)
    assert said in lines
    if example is not None:
        assert lines[lines.index(said) + 1] == example


def test_a_good_space_is_told_by_its_kind(write: Callable[[str, str], Path]) -> None:
    assert check(write("mine.yaml", TEXT)) == "space"


@pytest.mark.parametrize("name", builtin("strategies"))
def test_built_in_strategies_lie_within_the_built_in_spaces(name: str) -> None:
    strategy = load_strategy(name)
    space = load_space(strategy.party)
    for field, span in space.numbers.items():
        stated = getattr(strategy, field, None) or getattr(strategy.conduct, field, None)
        if stated is not None and stated.value != span.never:
            assert span.range[0] <= stated.value <= span.range[1], field
    for name_of_set, subset in space.sets.items():
        words = {word.name.lower() for word in getattr(strategy.conduct, name_of_set)}
        assert words <= set(subset.of), name_of_set


def test_without_commitments_a_floor_and_never_suing_are_no_choices() -> None:
    space = load_space("holder").credible()
    assert space.numbers["floor"].range == (0, 0)
    assert space.numbers["sue_after"].never is None
    assert load_space("holder").numbers["sue_after"].never == 1200
