"""What the page on regimes shows happening happens: each trace it names has the event of its line."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from simulator.spec.load import load_scenario
from simulator.trace.follow import trace

PAGE = Path(__file__).parents[2] / "docs" / "regimes.md"
ROW = re.compile(r"^\| `([a-z0-9-]+)` \| (\d+) \| (\d+) \| (.+?) \|$", re.MULTILINE)
SHOWN = ROW.findall(PAGE.read_text(encoding="utf-8").partition("## Seen happening")[2])


def test_the_page_shows_some() -> None:
    assert len(SHOWN) >= 6


@pytest.mark.parametrize(("regime", "replication", "month", "text"), SHOWN)
def test_the_peculiar_step_happens(regime: str, replication: str, month: str, text: str) -> None:
    scenario = load_scenario("duopoly", regimes=[regime])
    events = trace(scenario, regime, 0, int(replication)).timelines[0].events
    assert text in [event.text for event in events if event.month == int(month)]
