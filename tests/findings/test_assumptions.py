"""On which assumptions claims hang: planted dependence is found, luck is not."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd

from simulator.report.assumptions import assumptions, dependence, ranked

POINTS = 40


def planted(folder: Path, claim: str, points: int = POINTS, seed: int = 1) -> None:
    """A claim whose effect is the first number, beyond its margin in the upper half, and luck."""
    luck = np.random.default_rng(seed)
    table = pd.DataFrame({"id": claim, "point": range(points)})
    table["court.interest.court"] = luck.permutation(points) / points
    table["beliefs.spread"] = luck.random(points)
    table["fixed"] = 1.0
    table["effect"] = table["court.interest.court"] + luck.normal(0, 0.02, points)
    table["holds"] = (table["effect"] > 0.5).astype(float)
    (folder / claim).mkdir()
    table.to_csv(folder / claim / "points.csv", index=False)


def test_what_moves_a_claim_comes_first_with_where_it_turns(tmp_path: Path) -> None:
    for claim in ("H1", "H2"):
        planted(tmp_path, claim, seed=len(claim) + int(claim[1]))
    planted(tmp_path, "H3", points=29)  # too few to stand for a space
    told = ranked(dependence(tmp_path))
    assert told["parameter"].tolist() == ["court.interest.court", "beliefs.spread"]
    assert told["claims"].tolist() == [2, 2]
    assert told["moved"].tolist() == [2, 0]
    assert told["strength"].iloc[0] > 0.9
    first, second = told["turned"].iloc[0].split(", ")
    assert first.startswith("H1 ")
    low, high = (float(part) for part in second.removeprefix("H2 ").removesuffix(" %").split(" > "))
    assert (low < 20, high > 80) == (True, True)
    page = assumptions(tmp_path)
    assert "`court.interest.court`: interest on past use in an award | a source | 2 | 2 (100 %)" in page
    assert "`beliefs.spread`: spread of prior beliefs about the FRAND rate | assumption | 2 | 0 (0 %)" in page


def test_luck_alone_moves_hardly_anything(tmp_path: Path) -> None:
    """Of 60 claims that hang on nothing, false discoveries stay rare."""
    luck = np.random.default_rng(5)
    for number in range(60):
        table = pd.DataFrame({"id": f"H{number}", "point": range(POINTS), "a": luck.random(POINTS)})
        table["effect"], table["holds"] = luck.normal(size=POINTS), luck.integers(0, 2, POINTS)
        (tmp_path / f"{number}").mkdir()
        table.to_csv(tmp_path / f"{number}" / "points.csv", index=False)
    assert ranked(dependence(tmp_path))["moved"].sum() <= 2


def test_without_results_there_is_an_empty_table(tmp_path: Path) -> None:
    assert len(assumptions(tmp_path).splitlines()) == 2
