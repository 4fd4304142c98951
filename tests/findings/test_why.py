"""Why two regimes differ, and where one is ahead of another, on the real engine."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from simulator import study
from simulator.comparison.ranking_note import EXPERIMENT, region_note
from simulator.errors import ScenarioError
from simulator.experiments.frontiers import frontier_map
from simulator.experiments.hypotheses import decomposition, sensitivities, unswitched
from simulator.experiments.regions import regions
from simulator.experiments.sweep import Sweep, load
from simulator.figures.claims import claim_figures
from simulator.report.experiment_text import experiment_text
from simulator.spec.load import load_scenario

PAIR = """\
experiment: pair
title: Two regimes
question: What separates the two regimes?
scenario: duopoly
regimes: [eu-hvzte-2015, uk-global]
baseline: eu-hvzte-2015
mechanisms:
  from: eu-hvzte-2015
  to: uk-global
  switches:
    threat: [court.mode, court.standing, court.injunction]
    disclosure: [steps, court.suit, court.faults.recognised]
    docket: [court.docket]
replications: 20
outcomes: [deadlock_rate, hold_out_index, months_to_licence]
"""
SPACE = """\
experiment: space
title: Where a ranking holds
question: Where does each of the regimes do better?
scenario: duopoly
variants:
  capped: {of: staged-baseline, court: {injunction: {cap: court_rate}}}
  renamed: {of: staged-baseline}
regimes: [staged-baseline, cn-rate-setting]
baseline: staged-baseline
uncertainties:
  - {parameter: beliefs.spread, range: [0.05, 0.8]}
  - {parameter: court.scope.forum_share, range: [0.02, 0.5]}
  - {parameter: costs.trial, scale: log}
design: {sample: latin_hypercube, points: 24}
replications: 12
outcomes: [deadlock_rate, efficiency]
"""


def played(folder: Path, text: str) -> Sweep:
    path = folder / f"{text.split()[1]}.yaml"
    path.write_text(text, encoding="utf-8")
    found = study.experiment(load(path))
    assert isinstance(found, Sweep)
    return found


@pytest.fixture(scope="module")
def pair(tmp_path_factory: pytest.TempPathFactory) -> Sweep:
    return played(tmp_path_factory.mktemp("pair"), PAIR)


@pytest.fixture(scope="module")
def space(tmp_path_factory: pytest.TempPathFactory) -> Sweep:
    return played(tmp_path_factory.mktemp("space"), SPACE)


def test_shares_and_remainder_sum_to_the_whole_difference(pair: Sweep) -> None:
    table = decomposition(pair)
    for place, metric in enumerate(["deadlock_rate", "hold_out_index"]):
        part = table[table["metric"] == metric].set_index("mechanism")["mean"]
        first, second = (
            pair.values[:, 0, pair.regimes.index(name), place] for name in ("eu-hvzte-2015", "uk-global")
        )
        assert part["total"] == pytest.approx((second - first).mean(), abs=1e-12)
        assert part.drop("total").sum() == pytest.approx(part["total"], abs=1e-12)
        assert part["total"] != 0
    assert table.query("metric == 'hold_out_index' and mechanism == 'threat'")["mean"].item() != 0


def test_a_switch_that_changes_nothing_has_exactly_no_share(pair: Sweep) -> None:
    docket = decomposition(pair).query("mechanism == 'docket'")
    assert (docket[["mean", "alone", "last"]] == 0).all(axis=None)
    # that nothing moved in these replications is no proof that nothing can
    assert not (docket["low"] == 0).any()


def test_what_no_switch_covers_is_told(pair: Sweep) -> None:
    assert "How the court finds the rate" in unswitched(pair)
    assert "Injunction" not in unswitched(pair)
    said = experiment_text(pair)
    assert "- remainder: " in said
    assert "| total |" in said
    assert "--threat" not in said  # what was made for the decomposition is no regime to be compared
    assert pair.cells.query("p_holm == p_holm")["regime"].unique().tolist() == ["uk-global"]


def test_a_renamed_regime_is_nowhere_ahead(space: Sweep) -> None:
    table = regions(space).set_index(["metric", "regime"])
    assert not table.xs("renamed", level="regime")[["share", "ahead", "behind"]].to_numpy().any()
    row = table.to_dict("index")["deadlock_rate", "cn-rate-setting"]
    gap = space.values[..., 0].mean(axis=0)
    ahead = gap[:, space.regimes.index("cn-rate-setting")] < gap[:, 0]
    assert row["share"] == pytest.approx(ahead.mean())
    assert row["ahead"] + row["behind"] + row["open"] == 24
    assert set(table["market"]) == {"duopoly"}


def test_the_region_is_in_the_answer_and_drawn(space: Sweep) -> None:
    assert "| lower deadlock rate | renamed | 0.0 % [0.0, 0.0] | 0 | 0 |" in experiment_text(space)
    names = [name for name, _, _ in claim_figures(space)]
    assert names[:2] == ["best_deadlock_rate", "best_efficiency"]


def test_a_design_made_for_it_says_what_moves_outcomes(tmp_path: Path) -> None:
    text = SPACE.replace("latin_hypercube, points: 24", "morris, points: 4").replace("space", "moves")
    found = played(tmp_path, text.replace("deadlock_rate", "months_to_licence"))
    table, refused = sensitivities(found)
    assert not refused
    assert set(table["id"]) == {
        f"{outcome} under {regime}" for outcome in found.experiment.outcomes for regime in found.regimes
    }
    mean = table.groupby("id")["mu_star"].max()
    assert mean["efficiency under renamed"] == mean["efficiency under staged-baseline"] > 0


def test_no_ranking_without_the_region_in_which_it_holds() -> None:
    scenario = load_scenario("duopoly", regimes=["staged-baseline", "upc", "none"], replications=2)
    point = f"This order is that of one point of the parameter space: see the experiment {EXPERIMENT}."
    assert region_note(scenario, "upc") == point
    row = {"regime": "upc", "baseline": "staged-baseline", "market": "duopoly", "points": 64.0}
    rows = [
        row | {"metric": "efficiency", "share": 0.75, "low": 0.5, "high": 0.9},
        row | {"metric": "deadlock_rate", "share": 0.25, "low": 0.1, "high": 0.5},
    ]
    found = pd.DataFrame(rows)
    said = region_note(scenario, "upc", found)
    title, base = (scenario.regimes[place].title for place in (1, 0))
    assert f'64 points of its plausible part "{title}" has, beside "{base}", a higher efficiency in' in said
    assert "in 75.0 % [50.0, 90.0] and a lower deadlock rate in 25.0 % [10.0, 50.0] (" in said
    other = load_scenario("cellular", regimes=["staged-baseline", "upc"], replications=2)
    for elsewhere in (study.same_procedure(scenario), other):
        assert f'the lead of "{title}" holds beyond it' in region_note(elsewhere, "upc", found)
    assert '"No court (control)" holds beyond it' in region_note(scenario, "none", found)


def test_a_comparison_says_where_its_order_holds_and_which_distribution_dominates() -> None:
    scenario = load_scenario("duopoly", regimes=["staged-baseline", "cn-rate-setting"], replications=12)
    tables = study.compare(scenario).tables
    assert sum("point of the parameter space" in said for said in tables.cautions) == 1
    assert list(tables.dominance.index) == ["cn-rate-setting"]
    alone = study.run(scenario, "cn-rate-setting").tables
    assert alone.dominance.empty
    assert not any("parameter space" in said for said in alone.cautions)


def test_values_of_combinations_are_those_of_the_regimes_themselves(pair: Sweep) -> None:
    same = ["eu-hvzte-2015", "eu-hvzte-2015--docket"]
    first, second = (pair.values[:, :, pair.regimes.index(name)] for name in same)
    np.testing.assert_array_equal(first, second)


MAP = """\
experiment: map
title: Where hold-out stops paying
question: Where does hold-out cost more than good faith?
scenario: cellular
regimes: [staged-baseline]
levers:
  - {parameter: court.scope.forum_share, values: [0.02, 0.5]}
  - {parameter: court.interest.court, values: [0, 0.1]}
  - {strategy: implementer_hold_out, values: [0.4, 0.6]}
replications: 3
outcomes:
  - "implementer_burden[implementer_strategy=implementer_hold_out]"
  - "implementer_burden[implementer_strategy=implementer_good_faith]"
frontiers:
  - frontier: hold-out stops paying
    outcome: "implementer_burden[implementer_strategy=implementer_hold_out]"
    minus: "implementer_burden[implementer_strategy=implementer_good_faith]"
"""


def test_a_frontier_compares_two_outcomes_in_the_same_cell(tmp_path: Path) -> None:
    found = played(tmp_path, MAP)
    table = frontier_map(found)
    assert len(table) == 4
    gap = found.values[:, :2, 0, 0] - found.values[:, :2, 0, 1]  # the first field, both shares of hold-out
    assert table["gap"][0] == pytest.approx(gap.mean())
    assert table["gap"].nunique() == 4
    assert "| hold-out stops paying |" in experiment_text(found)


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ('    minus: "implementer_burden[', '    minus: "implementer_payoff[', "is not among the outcomes"),
        ("regimes:", "design: {levers: one_at_a_time}\nregimes:", "two levers or more, in a grid"),
    ],
)
def test_what_is_wrong_with_a_frontier_is_said(tmp_path: Path, old: str, new: str, said: str) -> None:
    assert old in MAP
    with pytest.raises(ScenarioError, match=said):
        played(tmp_path, MAP.replace(old, new))
