"""Under every built-in law: asking for many times what is due does not by itself bring it.

The strategy is one that a search found at the market's own mixes: it was paid half of sixty times the FRAND
rate on account, and kept that where the horizon came before the judgment.
"""

from __future__ import annotations

import pytest

from simulator.evolution.game import plan
from simulator.evolution.learned.contest import LicensingContest, Lot, Luck, meet, rivals
from simulator.evolution.learned.regime import spaces_of
from simulator.spec.find import builtin
from simulator.spec.load import load_scenario
from tests.play import strategy

EXTREME = strategy(
    "holder_hold_up",
    anchor=12,
    window=55,
    exponent=0.16,
    sue_after=45,
    ambush=47,
    over_declaration=4,
    floor=0.5,
)
MOST = 1.5
"""Gained on average over what is due: an injunction may bring more than that, an ask alone does not."""


@pytest.mark.parametrize("name", builtin("regimes"))
def test_an_extreme_ask_does_not_bring_many_times_what_is_due(name: str) -> None:
    """Against whichever named strategy of every kind of implementer pays it most."""
    scenario = load_scenario("cellular", regimes=[name])
    game = LicensingContest(plan(scenario, name), spaces_of(scenario, ["holder", "implementer"]))
    most = 0.0
    for rival in rivals(game, 0):
        named = game.kinds[rival].known
        paid = meet(game, (0, rival), ([EXTREME], named), Luck(Lot.CELLS), range(48))
        most += paid[:, 0, :, 0].mean(axis=0).max()
    assert most <= MOST
