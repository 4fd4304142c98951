"""The manual's experiment is valid, and its claims come out as the page says they are read."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from simulator.experiments.hypotheses import verdicts
from simulator.experiments.sweep import Sweep, load
from simulator.parameters import registry
from simulator.report.experiment import publish_experiment, tables
from simulator.spec.experiment import ExperimentFile
from simulator.study import experiment
from tests.docs.blocks import of


@pytest.fixture(scope="module")
def page(root: Path) -> str:
    return (root / "docs/how-to/experiment.md").read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def found(root: Path, tmp_path_factory: pytest.TempPathFactory) -> Sweep:
    path = tmp_path_factory.mktemp("manual") / "hold-up-by-reach.yaml"
    path.write_text(of(root / "docs/how-to/experiment.md", "yaml")[0], encoding="utf-8")
    result = experiment(load(path))
    assert isinstance(result, Sweep)
    return result


def test_the_claims_of_the_manual_are_decided(found: Sweep) -> None:
    table = verdicts(found).set_index(["id", "control"])
    mean = table["mean"].to_dict()
    assert mean["H1", ""] > 0 > mean["H2", ""]
    assert table["verdict"].to_dict()["H1", "a renamed regime"] == "supported"
    assert (table["points"] == 24).all()
    assert table["share"].between(0, 1).all()


def test_its_exports_for_stata_label_every_variable(found: Sweep, tmp_path: Path) -> None:
    """What it is and its unit, in 80 characters: also of levers, and of what else is moved."""
    publish_experiment(found, tmp_path / "out", tables(found), [])
    files = sorted((tmp_path / "out/export").glob("*.dta"))
    assert {file.stem for file in files} >= {"cells", "hypotheses", "points", "profiles"}
    for file in files:
        with pd.read_stata(file, iterator=True) as reader:
            labels = reader.variable_labels()
        assert [name for name, label in labels.items() if not label or len(label) > 80] == []
    with pd.read_stata(tmp_path / "out/export/points.dta", iterator=True) as reader:
        moved = reader.variable_labels()
    assert moved["implementers_sales"].endswith(f"({registry()['implementers.sales'].unit})")
    assert moved["implementer_hold_out"] == "share of parties playing implementer_hold_out (share)"


def test_the_manual_names_every_key(page: str) -> None:
    told = {"experiment", "title", "question", "scenario", "regimes", "set", "notes", "replications", "seed"}
    for name in set(ExperimentFile.model_fields) - told - {"baseline", "equal_procedure"}:
        assert f"| `{name}` |" in page
