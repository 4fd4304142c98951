"""Blocks of markets from the command line."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

Frandsim = Callable[..., Any]


def test_a_design_in_blocks_is_played_and_recorded(frandsim: Frandsim, tmp_path: Path) -> None:
    asked = ["compare", "duopoly", "--regimes", "upc,staged-baseline", "--replications", "40"]
    assert frandsim(*asked, "--design", "lhs", "--figures", "none", "--out", str(tmp_path)).status == 0
    stored = json.loads((tmp_path / "manifest.json").read_text(encoding="utf-8"))
    assert stored["scenario"]["block"] == 4
    assert "10 blocks of 4 replications" in (tmp_path / "report.html").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--design", "sobol"], "'sobol' is not one of 'independent', 'lhs'"),
        (["--design", "lhs", "--replications", "101"], "101 cannot be drawn in blocks"),
        (["--design", "lhs", "--evolved"], "got lhs with --evolved"),
        (["--design", "lhs", "--learned"], "got lhs with --learned"),
        (["--evolved", "--learned"], "got --evolved with --learned"),
    ],
)
def test_what_cannot_be_drawn_is_refused(frandsim: Frandsim, words: list[str], said: str) -> None:
    found = frandsim("compare", "duopoly", *words)
    assert found.status == 2
    assert said in found.err
