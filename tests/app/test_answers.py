"""What was learned, on the page: played for the laws chosen, or told why it is not there."""

from __future__ import annotations

from dataclasses import replace

from simulator.app.choices import Selection
from simulator.app.laws import Laws
from simulator.app.learned import PLAYED, LearnedLaws, conduct, ends_of
from simulator.evolution.learned.stages import LEARNED, MENU, START
from simulator.writing.terminal import text
from tests.app.test_choices import OWN

CHOSEN = Selection("cellular", ("upc", "us-ebay"), "upc", "7")


def test_laws_that_were_learned_are_played_at_every_stage_and_end() -> None:
    ends, without = ends_of(Laws(), CHOSEN)
    assert without == []
    answers = LearnedLaws.of(ends)
    outcomes = answers.learned["learned_outcomes"]
    counts = outcomes.groupby(["regime", "stage"])["equilibrium"].nunique()
    assert (counts["upc", START], counts["upc", MENU], counts["upc", LEARNED]) == (1, 1, 5)
    assert {law.scenario.replications for law in ends} == {PLAYED}
    assert {law.scenario.seed for law in ends} == {7}
    said = text(answers.table())
    assert all(name in said for name in CHOSEN.regimes)
    assert b"<svg" in answers.drawn
    assert "concedes" in text(conduct(ends[0]))


def test_what_was_not_learned_is_told_with_what_to_do() -> None:
    laws = Laws()
    laws.keep(OWN)
    ends, (said,) = ends_of(laws, replace(CHOSEN, regimes=("strict", "upc")))
    assert [law.regime for law in ends] == ["upc"]
    told = "strict: nobody has learned under this law. To learn in the terminal: "
    assert said == f"{told}frandsim compare cellular --learned"
    ends, (said,) = ends_of(laws, replace(CHOSEN, scenario="duopoly"))
    assert not ends
    assert said.startswith("Nothing was learned on duopoly, but on cellular and wifi. ")
    ends, (said,) = ends_of(laws, replace(CHOSEN, sets=("beliefs.spread=0.3",)))
    assert not ends
    assert "values are moved: beliefs.spread=0.3" in said
