"""What licences as evidence do to learned ends: what the page of the experiment says of English courts."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from simulator.evolution.game import plan
from simulator.evolution.learned.contest import LicensingContest, Lot, Luck, rivals
from simulator.evolution.learned.files import Library
from simulator.evolution.learned.oracle import anywhere
from simulator.evolution.learned.regime import market_at, metrics_at, spaces_of
from simulator.evolution.learned.stages import LEARNED
from simulator.experiments.learning import folder_of
from simulator.spec.load import load_experiment, load_scenario
from simulator.spec.scenario import Scenario
from simulator.vocabulary import RateMethod
from tests.play import changed

ENGLISH = ("uk-global", "uk-global-2020", "uk-rdt")


def under(law: str, **words: Any) -> Scenario:
    """The handset market under a law, with other words of how its court finds the rate."""
    one = load_scenario("cellular", regimes=[law])
    (own,) = one.regimes
    for word, value in words.items():
        own = changed(own, f"court.rate.{word}", value)
    return one.model_copy(update={"regimes": (own,)})


@pytest.mark.slow
@pytest.mark.parametrize("law", ENGLISH)
def test_where_licences_signed_under_suit_count_learned_ends_overpay(law: str) -> None:
    """A fifth of what is due; a tenth where such licences are dropped, or the rate is checked top-down."""
    library = Library.read(folder_of(load_experiment("laws_at_learned_equilibria")))

    def overpaid(**words: Any) -> list[float]:
        scenario = under(law, **words)
        ends = [end for end in library.ends(scenario, law) if end.stage == LEARNED]
        at = [metrics_at(market_at(scenario, end.mixes), range(40), ["hold_up_index"]) for end in ends]
        return [float(np.nanmean(own["hold_up_index"])) for own in at]

    assert min(overpaid()) > 0.185
    assert max(overpaid(tainted_comparables="drop")) < 0.095
    assert max(overpaid(method=RateMethod.COMPARABLES_CHECKED)) < 0.115


@pytest.mark.parametrize("law", [*ENGLISH, "cn-huawei-idc-2013"])
def test_a_pair_that_is_licensed_once_has_no_evidence_of_its_own(law: str) -> None:
    """So whether its court sees licences that are withheld changes no payoff, whatever both sides play."""
    paid = []
    for word in ("seen", "unseen"):
        scenario = under(law, withheld_comparables=word)
        game = LicensingContest(plan(scenario, law), spaces_of(scenario, ["holder", "implementer"]))
        rng = np.random.default_rng(5)
        rival = rivals(game, 0)[0]
        holders, others = (
            [game.codings[side].decode(anywhere(game.codings[side], rng)) for _ in range(60)]
            for side in (0, 1)
        )
        jobs = np.stack([rng.integers(0, 60, 900), rng.integers(60, 120, 900), np.arange(900)], axis=1)
        paid.append(
            game.play((0, rival), [*holders, *others], jobs.astype(np.int64), Luck(Lot.REPORT, (77,)))
        )
    assert np.array_equal(paid[0], paid[1])
    assert np.unique(paid[0]).size > 100
