"""Where evolution leads, the market there, surveys, courts as third party, and experiments of evolution."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from simulator import study
from simulator.comparison.comparison import Comparison
from simulator.errors import ScenarioError
from simulator.evolution.courts import COURTS, courts
from simulator.evolution.evolved import Adaptation, evolve, outcomes
from simulator.evolution.finite import stationary
from simulator.evolution.game import measure
from simulator.evolution.game import plan as game_plan
from simulator.evolution.imitation import Learning
from simulator.evolution.tables import Ladder, evolution_tables
from simulator.experiments.evolution import EvolutionResults, caught, play_evolution
from simulator.experiments.sweep import load
from simulator.report.reproduced import gathered, page
from simulator.spec.design import Design, Lever
from simulator.spec.experiment import Detection, Evolution, Experiment, Firms
from simulator.spec.hypothesis import Hypothesis
from simulator.spec.load import load_scenario

FEW = Adaptation(budget=64, resamples=50)


def static(regime: str, replications: int = 12, scenario: str = "duopoly") -> pd.DataFrame:
    loaded = load_scenario(scenario, regimes=[regime], replications=replications)
    values = study.compare(loaded).tables.evidence.values
    return pd.DataFrame(values.xs(regime, level="regime"))


def test_the_long_run_is_that_of_the_measured_game() -> None:
    state = evolve(load_scenario("duopoly"), "upc", FEW)
    assert state.game is not None
    chain = stationary(state.game.A, state.game.B, (50, 50), 5.0)
    np.testing.assert_allclose(state.profiles, chain)
    shares = state.shares().set_index("strategy")["share"].to_dict()
    assert shares["holder_good_faith"] == pytest.approx(chain[0].sum())
    assert shares["implementer_hold_out"] == pytest.approx(chain[:, 1].sum())


def test_without_a_court_evolution_ends_in_unpaid_use() -> None:
    """Refusing costs nothing there: the mix is all hold-out, and the market at it pays nothing (exactly)."""
    state = evolve(load_scenario("duopoly"), "none", FEW)
    table = outcomes(state, static("none")).loc["none"]
    for name in ("hold_out_index", "deadlock_rate", "unlicensed_rate"):
        assert table.loc[name, "evolved"] == pytest.approx(1.0, abs=1e-6)
    assert table["static"].to_dict()["hold_out_index"] < 0.9
    np.testing.assert_allclose(table["difference"], table["evolved"] - table["static"], equal_nan=True)


@pytest.mark.parametrize("dynamics", ["replicator", "agents"])
def test_other_dynamics_give_shares_and_outcomes_too(dynamics: str) -> None:
    learning = Learning(generations=4, populations=3)
    name = "cellular" if dynamics == "agents" else "duopoly"
    how = Adaptation(dynamics=dynamics, budget=16, resamples=12, learning=learning)  # type: ignore[arg-type]
    state = evolve(load_scenario(name), "upc", how)
    sides = state.shares().groupby("side")["share"].sum()
    np.testing.assert_allclose(sides, 1.0)
    table = outcomes(state, static("upc", 4, name)).loc["upc"]
    columns = ["evolved_low", "evolved", "evolved_high"]
    ends = np.r_[0.0, table.loc[["deadlock_rate"], columns].to_numpy(float).ravel(), 1.0]
    assert np.all(np.diff(ends) >= 0)


def test_a_survey_says_everything_as_tables_and_json() -> None:
    duopoly = load_scenario("duopoly", regimes=["none", "eu-hvzte-2015"])
    found = evolution_tables(duopoly, FEW, ladder=Ladder("court.costs.loser_pays", (0.0, 0.5)), three=True)
    tables = found.tables()
    expected = {"payoffs", "gaps", "equilibria", "profiles", "strategies", "trajectories", "phase", "map"}
    assert set(tables) == expected | {"courts"}
    assert len(tables["payoffs"]) == 2 * 4
    np.testing.assert_allclose(tables["profiles"].groupby("regime")["time"].sum(), 1.0)
    np.testing.assert_allclose(tables["profiles"].groupby("regime")["basin"].sum(), 1.0)
    stated = json.loads(json.dumps(found.to_json()))
    assert stated["replications"]["none"] == 64
    ess = [row for row in stated["equilibria"] if row["ess"] and row["regime"] == "none"]
    assert [(row["holders"], row["implementers"]) for row in ess] == [
        ("holder_hold_up", "implementer_hold_out")
    ]


def test_courts_differ_only_in_what_they_do_and_an_interior_point_is_never_stable() -> None:
    duopoly = load_scenario("duopoly", regimes=["staged-baseline"])
    third = courts(duopoly, FEW)
    assert third.samples.shape[1:] == (3, 2, 2, len(COURTS))
    table = third.table(50, 1)
    out = table[table["court"] == "stays out"].set_index(["holder_strategy", "implementer_strategy"])
    assert out.loc[("holder_good_faith", "implementer_hold_out"), "implementer"] == 0
    assert table["end"].sum() == pytest.approx(1.0)
    assert not any("evolutionarily stable" in text for text in third.interior())


def test_detection_gives_each_side_a_chance_of_its_own() -> None:
    staged = load_scenario("duopoly", regimes=["staged-baseline"])
    there = caught(staged, 0.25, 0.75).set
    names = ("detected", "attention_holder", "attention_implementer")
    assert [there[f"court.faults.{name}"].value for name in names] == [1.0, 0.25, 0.75]


def plan(outcome: str = "hold_out_index") -> Experiment:
    return Experiment(
        experiment="small",
        title="a small one",
        question="what happens?",
        scenario=load_scenario("duopoly", regimes=["upc", "none"], replications=6),
        outcomes=(outcome,),
        evolution=Evolution(replications=24),
    )


def test_an_experiment_of_evolution_answers_and_comes_out_again(tmp_path: Path) -> None:
    found = study.experiment(plan(), out=tmp_path)
    assert found.changed == []
    text = (tmp_path / "answer.md").read_text(encoding="utf-8")
    assert "| none |" in text
    assert "hold out 100" in text
    again = study.experiment(plan(), out=tmp_path, check=True)
    assert again.changed == []
    path = tmp_path / "outcomes.csv"
    path.write_text(
        path.read_text(encoding="utf-8").replace("none,hold_out_index,", "none,hold_out_index,9"),
        encoding="utf-8",
    )
    assert any("outcomes.csv" in said for said in study.experiment(plan(), out=tmp_path, check=True).changed)


CLAIM: dict[str, Any] = {
    "claim": "what is claimed of the long run",
    "source": "a test",
    "outcome": "implementer_hold_out",
    "contrast": "none minus upc",
    "expected": "positive",
}


def claimed(*claims: dict[str, Any], regimes: tuple[str, ...] = ("upc", "none"), **how: Any) -> pd.DataFrame:
    own = load_scenario("duopoly", regimes=list(regimes), replications=4)
    hypotheses = tuple(
        Hypothesis(**(CLAIM | {"id": f"H{number}"} | one)) for number, one in enumerate(claims, start=1)
    )
    evolution = Evolution(replications=24, **how)
    small = plan().model_copy(update={"scenario": own, "hypotheses": hypotheses, "evolution": evolution})
    return play_evolution(small).hypotheses.set_index(["id", "control"])


def test_a_claim_is_tested_and_a_planted_false_one_is_contradicted() -> None:
    """Without a court all implementers hold out (exactly), so fewer than under another regime is false."""
    table = claimed({}, {"expected": "negative"}, {"expected": "zero", "margin": 0.001})
    assert table["verdict"].tolist() == ["supported", "contradicted", "contradicted"]
    assert (table["mean"] == table["mean"].iloc[0]).all()
    assert (table["low"] > 0.001).all()
    assert table["p_holm"].tolist() == pytest.approx(table["p"] * 3)


def test_identical_regimes_differ_by_exactly_zero(tmp_path: Path) -> None:
    """A renamed regime is the same game, and resamples draw the same replications of it."""
    control = {"control": "a renamed regime", "contrast": "again minus upc", "expected": "exactly_zero"}
    path = tmp_path / "renamed.yaml"
    path.write_text(
        json.dumps(
            {
                "experiment": "renamed",
                "title": "A regime and the same under another name",
                "question": "is the difference exactly nothing?",
                "scenario": "duopoly",
                "regimes": ["none", "upc"],
                "variants": {"again": {"of": "upc"}},
                "baseline": "upc",
                "replications": 2,
                "outcomes": ["hold_out_index"],
                "evolution": {"replications": 24},
                "hypotheses": [CLAIM | {"id": "H1", "controls": [control]}],
            }
        ),
        encoding="utf-8",
    )
    found = study.experiment(load(path), out=tmp_path / "results")
    assert isinstance(found, EvolutionResults)
    row = found.hypotheses.set_index("control").to_dict("index")["a renamed regime"]
    assert [row[name] for name in ("mean", "low", "high")] == [0.0, 0.0, 0.0]
    assert row["verdict"] == "supported"
    assert gathered(tmp_path)["id"].tolist() == ["H1"]
    assert "| H1 | what is claimed of the long run | ✔ supported | – | – | +100.0" in page(tmp_path)
    said = (tmp_path / "results/answer.md").read_text(encoding="utf-8")
    assert "| **H1** what is claimed of the long run | implementer hold out: none minus upc |" in said


def test_claims_on_the_map_are_means_over_its_chances() -> None:
    holder, implementer = (f"court.faults.attention_{side}" for side in ("holder", "implementer"))
    here: dict[str, Any] = {"outcome": "mutual_good_faith", "contrast": "staged-baseline", "expected": "open"}
    places = [{holder: float(a), implementer: float(b)} for a, b in ((1, 1), (1, 0), (0, 1), (0, 0))]
    names = ("holder_good_faith", "holder_hold_up", "implementer_good_faith", "implementer_hold_out")
    own = load_scenario("duopoly", regimes=["staged-baseline"], replications=2)
    small = plan().model_copy(
        update={
            "scenario": own,
            "hypotheses": tuple(
                Hypothesis(**(CLAIM | here | {"id": f"H{k}", "at": at})) for k, at in enumerate(places)
            ),
            "evolution": Evolution(
                replications=8, detection=Detection(values=(0, 0.5, 1), strategies=names, replications=16)
            ),
        }
    )
    found = play_evolution(small)
    grid = found.detection.set_index(["hold_up_caught", "hold_out_caught"])["good_faith"].to_dict()
    expected = [
        (grid[0.5, 0.5] + grid[1, 1]) / 2,
        (grid[0.5, 0] + grid[1, 0]) / 2,
        (grid[0, 0.5] + grid[0, 1]) / 2,
        grid[0, 0],
    ]
    assert found.hypotheses["mean"].tolist() == pytest.approx(expected)
    assert len({round(one, 6) for one in expected}) > 1
    assert found.hypotheses["verdict"].tolist() == ["reported"] * 4
    assert found.elsewhere["regime"].unique().tolist() == ["staged-baseline"]
    assert "| regime | H0 | H1 | H2 | H3 |" in found.text()


def test_further_cells_move_several_levers_at_once() -> None:
    levers = (
        Lever(parameter="court.costs.loser_pays", values=(0, 0.7)),
        Lever(parameter="court.faults.uplift", values=(0, 0.25)),
    )
    both = {"court.costs.loser_pays": 0.7, "court.faults.uplift": 0.25}
    small = plan().model_copy(
        update={
            "levers": levers,
            "design": Design(levers="one_at_a_time"),
            "evolution": Evolution(replications=8, further=(both,)),
            "hypotheses": (
                Hypothesis(**(CLAIM | {"id": "H1"})),
                Hypothesis(**(CLAIM | {"id": "H2", "at": both})),
            ),
        }
    )
    assert small.cells()[-1] == both
    found = play_evolution(small)
    last = found.shares[found.shares["strategy"] == "implementer_hold_out"].set_index(["cell", "regime"])[
        "share"
    ]
    rows = found.hypotheses.set_index("id")
    assert rows.loc["H2", "mean"] == pytest.approx(last[3, "none"] - last[3, "upc"])
    assert rows.loc["H1", "mean"] == pytest.approx(last[0, "none"] - last[0, "upc"])
    assert rows["points"].tolist() == [4, 1]


@pytest.mark.parametrize(
    ("cell", "design", "said"),
    [
        ({"court.costs.loser_pay": 0.7}, "one_at_a_time", "did you mean court.costs.loser_pays"),
        ({"court.costs.loser_pays": 0.5}, "one_at_a_time", "one of its values: 0, 0.7"),
        ({"court.costs.loser_pays": 0.7}, "grid", "a grid has every cell"),
    ],
)
def test_a_wrong_further_cell_is_told(cell: dict[str, float], design: str, said: str, tmp_path: Path) -> None:
    path = tmp_path / "wrong.yaml"
    path.write_text(
        json.dumps(
            {
                "experiment": "wrong",
                "title": "A cell with a fault in it",
                "question": "what is said of the fault?",
                "scenario": "duopoly",
                "levers": [{"parameter": "court.costs.loser_pays", "values": [0, 0.7]}],
                "design": {"levers": design},
                "outcomes": ["hold_out_index"],
                "evolution": {"replications": 8, "further": [cell]},
            }
        ),
        encoding="utf-8",
    )
    with pytest.raises(ScenarioError, match=said):
        load(path)


@pytest.mark.parametrize(
    ("update", "said"),
    [
        ({"outcome": "implementer_holdout"}, "did you mean implementer_hold_out"),
        ({"outcome": "hold_out_index"}, "not among the outcomes"),
        ({"at": {"court.faults.attention_holder": 1}}, "no lever is called"),
    ],
)
def test_a_claim_on_what_is_not_there_is_told(update: dict[str, Any], said: str, tmp_path: Path) -> None:
    path = tmp_path / "wrong.yaml"
    path.write_text(
        json.dumps(
            {
                "experiment": "wrong",
                "title": "A claim with a fault in it",
                "question": "what is said of the fault?",
                "scenario": "duopoly",
                "outcomes": ["hold_out_index"],
                "evolution": {"replications": 8},
                "hypotheses": [CLAIM | {"id": "H1", "contrast": "upc"} | update],
            }
        ),
        encoding="utf-8",
    )
    with pytest.raises(ScenarioError, match=said):
        load(path)


def test_an_unplayed_strategy_and_a_map_without_zero_are_told() -> None:
    with pytest.raises(ScenarioError, match="not among the strategies"):
        claimed({"outcome": "implementer_colluder"})
    at = {"court.faults.attention_holder": 1.0}
    names = ("holder_good_faith", "implementer_hold_out")
    with pytest.raises(ScenarioError, match="then hold 0"):
        claimed({"at": at}, detection=Detection(values=(0.5, 1), strategies=names, replications=2))


def test_an_outcome_with_conditions_is_told() -> None:
    with pytest.raises(ScenarioError, match="whole metrics"):
        play_evolution(plan("deadlock_rate[filed=yes]"))


def test_a_comparison_can_stand_at_the_evolved_mix(tmp_path: Path) -> None:
    duopoly = load_scenario("duopoly", regimes=["none", "upc"], replications=4)
    found = study.compare(duopoly, evolved=FEW, out=tmp_path)
    assert isinstance(found, Comparison)
    stated = found.to_json()["evolved"]["none"]
    assert stated["strategies"]["implementer_hold_out"]["share"] == pytest.approx(1.0)
    assert stated["metrics"]["hold_out_index"]["evolved"]["mean"] == pytest.approx(1.0)
    assert "evolved" not in study.compare(duopoly).to_json()
    assert "once both sides have learned" in (tmp_path / "report.html").read_text(encoding="utf-8")
    assert (tmp_path / "evolved.csv").is_file()


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("court.interest.curt=0:1:3", "did you mean court.interest.court"),
        ("court.interest.court=0", "how many"),
        ("court.injunction.base_probability=0:9:3", "between"),
        ("court.interest.court=0:0.1:1", "got 1 values"),
    ],
)
def test_a_wrong_ladder_is_told(text: str, said: str) -> None:
    with pytest.raises(ScenarioError, match=said):
        study.ladder(text)


def test_shares_of_a_space_are_over_sampled_firms_and_intensities() -> None:
    """The long run at each point by hand: a claim that holds for bold imitators alone holds in a part."""
    firms = Firms(points=40, population=(2, 60), intensity=(0.01, 50))
    (row,) = claimed({"margin": 0.4}, firms=firms).to_dict("records")
    own = load_scenario("duopoly", regimes=["upc", "none"], replications=4)
    effects = np.zeros(40)
    for regime, sign in (("none", 1), ("upc", -1)):
        game = measure(game_plan(own, regime, ()), 24)
        column = game.implementers.index("implementer_hold_out")
        for point, (count, intensity) in enumerate(firms.drawn(own.seed)):
            time = stationary(game.A, game.B, (count, count), intensity)
            effects[point] += sign * time[:, column].sum()
    assert row["points"] == 40
    assert row["share"] == pytest.approx((effects > 0.4).mean())
    assert 0 < row["share"] < 1
    assert row["share_low"] < row["share"] < row["share_high"]
    assert row["lowest"] == pytest.approx(np.quantile(effects, 0.05))


def test_sampled_firms_lie_in_their_ranges_and_a_range_ascends() -> None:
    drawn = np.array(Firms(points=64).drawn(3))
    assert drawn[:, 0].min() >= 10
    assert drawn[:, 0].max() <= 200
    assert (drawn[:, 0] % 1 == 0).all()
    assert np.exp(np.log(drawn[:, 1]).mean()) == pytest.approx(5, rel=0.1)  # the middle, on a log scale
    assert Firms(points=64).drawn(3) == Firms(points=64).drawn(3) != Firms(points=64).drawn(4)
    with pytest.raises(ValueError, match="lowest first"):
        Firms(intensity=(5, 5))
