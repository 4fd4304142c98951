"""Small files to spoil, one fault at a time."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from simulator.errors import ScenarioError
from simulator.spec.load import load_scenario
from tests.play import edited

REGIME = """\
regime: mini
title: A small regime
jurisdiction: Nowhere
source: assumption
status: control
steps:
  notice:
    title: Notice of the patents
    phase: initiation
    actor: holder
    act: notify
    must_contain: [patent_list]
    deadline: {value: 3, source: assumption}
    if_deficient: {fault: withholds_claim_charts}
    source: section 1
  reply:
    title: Reply to the notice
    phase: initiation
    actor: implementer
    act: declare_willing
    deadline: {value: 2, source: assumption}
    if_missed: {fault: no_reply_to_notice, consequence: opens_court, go: next}
    source: section 2
  talks:
    title: Rounds of offers
    phase: commercial
    actor: both
    act: negotiate
    source: section 3
    deadline: {value: 24, source: assumption}
  court:
    title: Court
    phase: litigation
    actor: either
    act: go_to_third_party
    source: section 4
court:
  mode: indirect
  standing: {holder: infringement}
  suit: {from_step: talks, early: fault}
  injunction: {test: fault_gate}
  interest: {court: {value: 0.04, source: Act 1}}
  faults:
    recognised:
      withholds_claim_charts: {value: 1, source: assumption}
      no_reply_to_notice: {value: 1, source: assumption}
      sues_without_notice: {value: 1, source: assumption}
"""

MARKET = """\
market: bazaar
title: A small market
source: assumption
standard:
  generations:
    - generation: 5G
      aggregate_burden: {value: 0.05, source: assumption}
      value_share: {value: 1, source: assumption}
      families: {value: 2000, source: assumption}
holders:
  - group: makers
    count: 2
    share: {value: 0.1, source: assumption}
    strategies: {asker: 1}
implementers:
  - group: brands
    count: 3
    strategies: {payer: 0.5, dawdler: 0.5}
"""

STRATEGY = """\
strategy: {name}
party: {party}
title: A strategy
story: Does what it is told.
source: assumption
anchor: {{value: 1.3, source: assumption}}
conduct:
  reply_delay: {{value: 1, source: assumption}}
"""

SCENARIO = """\
scenario: small
title: A small scenario
market: bazaar
regimes: [mini, other]
strategies: [asker, payer, dawdler]
baseline: mini
replications: 7
"""

Write = Callable[[str, str], Path]
Complaint = Callable[..., list[str]]


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty working directory, so that messages name files as a user would."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def write(folder: Path) -> Write:
    """Write a file of the working directory."""

    def put(name: str, text: str) -> Path:
        path = folder / name
        path.write_text(text, encoding="utf-8")
        return path

    return put


@pytest.fixture
def small(write: Write) -> Path:
    """A whole valid scenario with files of its own."""
    write("mini.yaml", REGIME)
    write("other.yaml", REGIME.replace("regime: mini", "regime: other"))
    write("bazaar.yaml", MARKET)
    for name, party in (("asker", "holder"), ("payer", "implementer"), ("dawdler", "implementer")):
        write(f"{name}.yaml", STRATEGY.format(name=name, party=party))
    return write("small.yaml", SCENARIO)


@pytest.fixture
def complaint() -> Complaint:
    """The report a call ends in."""

    def report(call: Callable[..., object], *arguments: object, **options: object) -> list[str]:
        with pytest.raises(ScenarioError) as caught:
            call(*arguments, **options)
        return str(caught.value).splitlines()

    return report


@pytest.fixture
def spoil(small: Path, complaint: Complaint) -> Callable[..., list[str]]:
    """Change one file of the small scenario, load the scenario and return the report."""

    def change(file: str, *changes: tuple[str, str]) -> list[str]:
        path = small.with_name(file)
        path.write_text(edited(path.read_text(encoding="utf-8"), *changes), encoding="utf-8")
        return complaint(load_scenario, small)

    return change
