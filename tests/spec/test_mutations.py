"""Whatever is done to a valid file, loading ends in a scenario or in a report, never in a traceback."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from simulator.errors import ScenarioError
from simulator.spec.load import check

CHILD = """\
regime: other
extends: mini
title: A child
source: Bill 2
status: proposed
steps:
  notice: {deadline: null, after: reply}
  meeting:
    after: notice
    title: Both sides meet
    phase: adr
    actor: both
    act: conciliate
    source: Bill 2
    if_missed: {go: next}
court:
  interest: null
"""
JUNK = (
    "~", "[]", "{}", "3", "-1", "1e999", ".nan", "true", "''", "[1, [2]]", "{value: 3}", "{a: {b: c}}",
    "2020-01-01", "2020-01-01 10:00:00", "notice", "9" * 400, "{value: [1], source: {}}",
    '"\\0"', "&a 1", "*a", "!x 1",
)  # fmt: skip


@st.composite
def mutations(draw: st.DrawFn, text: str) -> str:
    """A few lines of a text deleted, repeated elsewhere or given another value."""
    lines = text.splitlines()
    for _ in range(draw(st.integers(1, 3))):
        here = draw(st.integers(0, len(lines) - 1))
        match draw(st.sampled_from(["value", "delete", "repeat"])):
            case "value":
                lines[here] = f"{lines[here].split(':')[0]}: {draw(st.sampled_from(JUNK))}"
            case "delete":
                lines[here] = ""
            case _:
                lines.insert(here, lines[draw(st.integers(0, len(lines) - 1))])
    return "\n".join(lines)


@pytest.mark.parametrize("file", ["mini.yaml", "other.yaml", "bazaar.yaml", "payer.yaml", "small.yaml"])
@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_no_change_escapes_as_anything_but_a_report(small: Path, data: st.DataObject, file: str) -> None:
    small.with_name("other.yaml").write_text(CHILD, encoding="utf-8")
    path = small.with_name(file)
    whole = path.read_text(encoding="utf-8")
    path.write_text(data.draw(mutations(whole)), encoding="utf-8")
    try:
        with suppress(ScenarioError):
            assert check(small) == "scenario"
    finally:
        path.write_text(whole, encoding="utf-8")
