"""The manuals do what they say."""

from __future__ import annotations

from pathlib import Path

import pytest

from simulator.spec.load import load_regime, load_scenario
from simulator.study import compare
from tests.docs.blocks import of


@pytest.fixture(scope="module")
def mediation(root: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The regime file printed in the manual."""
    path = tmp_path_factory.mktemp("manual") / "mediation-first.yaml"
    path.write_text(of(root / "docs/how-to/new-regime.md", "yaml")[0], encoding="utf-8")
    return path


def test_the_regime_of_the_manual_is_valid_and_inherits(mediation: Path) -> None:
    regime = load_regime(mediation)
    assert regime.order()[4:7] == ("counter", "deposit", "mediation")
    assert "withholds_claim_charts" in {fault.name.lower() for fault in regime.court.faults.recognised}


def test_mediation_with_a_deposit_does_what_its_authors_expect(mediation: Path) -> None:
    scenario = load_scenario("cellular", regimes=["staged-baseline", str(mediation)], replications=20, seed=1)
    changed = compare(scenario).to_json()["differences"]["mediation-first"]
    low, high = changed["litigation_rate"]["ci95"]
    assert high < 0, f"suits should become fewer, the difference is [{low}, {high}]"
    low, high = changed["end_negotiated"]["ci95"]
    assert low > 0, f"more should be agreed in talks, the difference is [{low}, {high}]"
