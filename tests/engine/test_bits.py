"""The same bits: whoever runs it, in what pieces, on how many workers, compiled or not, under what name."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from simulator.batch.runner import play
from simulator.compiled import is_on
from simulator.engine import law as laws
from simulator.engine import state
from simulator.engine.build import build
from simulator.engine.records import MAX_STEPS
from simulator.engine.run import run_chunk
from simulator.engine.state import NEGOTIATION
from simulator.spec.load import builtin, load_scenario
from simulator.spec.regime import Appeal, Interest, PastUse, Regime, StandingRules, Suit
from simulator.spec.scenario import Scenario
from simulator.vocabulary import CourtMode, Disclosure, Fault, Outcome, Standing
from tests.play import Rows, law, outcomes, regime, scenario, two_passes

REASONS = {Fault.UNJUSTIFIED_EXTREME_ASK, Fault.UNJUSTIFIED_EXTREME_BID}
LAWS = ["cn-rate-setting", "uk-global", "upc", "india"]
HOLDERS = [name for name in builtin("strategies") if name.startswith("holder")]
IMPLEMENTERS = [name for name in builtin("strategies") if name.startswith("implementer")]


@pytest.fixture(scope="module")
def duopoly() -> Scenario:
    return load_scenario("duopoly", regimes=LAWS, replications=40, seed=3)


def run(one: Scenario, workers: int) -> Rows:
    chunks: list[Rows] = []
    play(one, workers=workers, take=lambda _, rows: chunks.append(rows))
    return np.concatenate(chunks)


def same(one: Rows, other: Rows) -> bool:
    """Equal as bytes: nan is nan, minus zero is not zero."""
    return one.tobytes() == other.tobytes()


def test_same_seed_same_bits(duopoly: Scenario) -> None:
    assert same(outcomes(duopoly), outcomes(duopoly))


def test_another_seed_other_luck(duopoly: Scenario) -> None:
    other = duopoly.model_copy(update={"seed": 4})
    assert not np.array_equal(outcomes(duopoly)["paid"], outcomes(other)["paid"])


def test_a_replication_replays_alone(duopoly: Scenario) -> None:
    rules, batch = build(duopoly), outcomes(duopoly)
    for replication in (0, 7, 39):
        alone = run_chunk(rules, duopoly.seed, range(replication, replication + 1))
        assert same(alone, batch[batch["replication"] == replication])


def test_any_number_of_workers(duopoly: Scenario) -> None:
    alone = run(duopoly, 1)
    assert same(alone, outcomes(duopoly))
    assert same(alone, run(duopoly, 2))
    assert same(alone, run(duopoly, 3))


def test_a_regime_does_not_see_the_others(duopoly: Scenario) -> None:
    together = outcomes(duopoly)
    for place, name in enumerate(LAWS):
        alone = outcomes(load_scenario("duopoly", regimes=[name], replications=40, seed=3))
        alone["regime"] = place
        assert same(alone, together[together["regime"] == place])


def test_all_regimes_see_the_same_market(duopoly: Scenario) -> None:
    rows = outcomes(duopoly).reshape(40, len(LAWS))
    for name in ("holder_strategy", "implementer_strategy", "frand_rate", "notice_month"):
        assert np.all(rows[name] == rows[name][:, :1]), name


@pytest.mark.skipif(not is_on(), reason="the compiler is off for the whole run")
def test_compiled_or_not(duopoly: Scenario, root: Path, tmp_path: Path) -> None:
    """Plain Python plays the same game bit for bit."""
    few = duopoly.model_copy(update={"replications": 2})
    plain = tmp_path / "rows.npy"
    program = (
        "import sys, numpy, json; from simulator.engine.build import build;"
        "from simulator.engine.run import run_chunk; from simulator.spec.load import load_scenario;"
        f"one = load_scenario('duopoly', regimes={LAWS}, replications=2, seed=3);"
        "numpy.save(sys.argv[1], numpy.asarray(run_chunk(build(one), one.seed, range(2))))"
    )
    subprocess.run(
        [sys.executable, "-c", program, str(plain)],
        cwd=root,
        env=os.environ | {"FRANDSIM_COMPILER": "off", "PYTHONPATH": str(root)},
        check=True,
    )
    assert same(outcomes(few), np.load(plain))


def test_a_name_changes_nothing(duopoly: Scenario) -> None:
    renamed = [one.model_copy(update={"regime": f"x-{place}"}) for place, one in enumerate(duopoly.regimes)]
    assert same(outcomes(duopoly), outcomes(duopoly.model_copy(update={"regimes": tuple(renamed)})))


@pytest.mark.parametrize("name", sorted(set(builtin("regimes")) - {"none"}))
def test_a_court_nobody_can_call_is_no_court(name: str) -> None:
    """Any law's court with no standing and no binding effect, behind the duty-free steps of ``none``.

    Every strategy meets every other.  Faults are still booked (a text that does not bind can call them
    so) and offers still tested; nothing else may differ.  A duty to give reasons is taken out: it is followed
    like a step.
    """
    faults = law(name).court.faults
    known = {fault: weight for fault, weight in faults.recognised.items() if fault not in REASONS}
    toothless = law(name).court.model_copy(
        update={
            "binding": False,
            "standing": StandingRules(holder=Standing.NONE),
            "suit": Suit(),
            "past_use": PastUse(),
            "interest": Interest(),
            "aggregate_cap": False,
            "faults": faults.model_copy(update={"recognised": known}),
        }
    )
    paper = law("none").model_copy(update={"court": toothless})
    rows = outcomes(
        scenario("none", paper, holder=HOLDERS, implementer=IMPLEMENTERS, ideal=False, replications=2)
    ).reshape(2, 2, -1)
    ledger = {"regime", "faults", "fault_weight_holder", "fault_weight_implementer"}
    for column in set(rows.dtype.fields or ()) - ledger:
        assert np.array_equal(rows[column][:, 0], rows[column][:, 1], equal_nan=True), column


@pytest.mark.parametrize(
    ("margin", "among"),
    [
        pytest.param(0.06, Outcome.INJUNCTION_LICENCE, id="sells"),
        pytest.param(0.03, Outcome.EXIT, id="leaves", marks=pytest.mark.slow),
    ],
)
def test_one_pass_or_two(margin: float, among: Outcome) -> None:
    """Deciding on a negotiation and booking it before the next is decided on is the same month.

    Every law, every strategy with every other; a thin margin drives implementers out of the market.
    """
    laws = sorted(builtin("regimes"))
    numbers = {"implementers.margin": margin}
    one = scenario(*laws, holder=HOLDERS, implementer=2 * IMPLEMENTERS, ideal=False, numbers=numbers)
    at_once = outcomes(one).reshape(len(laws), -1)
    assert among in at_once["outcome"]
    rules = build(one)
    for r, name in enumerate(laws):
        assert same(two_passes(rules, one.seed, r), at_once[r]), name


@pytest.mark.parametrize(
    ("names", "bits"),
    [
        (("faults", "cured"), len(Fault)),
        (("disclosures",), len(Disclosure)),
        (("barred", "assured", "missed", "done", "excused"), MAX_STEPS),
    ],
)
def test_masks_have_room(names: tuple[str, ...], bits: int) -> None:
    for name in names:
        assert bits < 8 * NEGOTIATION[name].itemsize, name


def test_records_leave_no_gaps() -> None:
    """Bytes between fields are nobody's: two records with equal fields would differ by them."""
    kinds = [kind for kind in (vars(laws) | vars(state)).values() if isinstance(kind, np.dtype)]
    assert len(kinds) > 10
    for kind in kinds:
        assert kind.itemsize == sum(kind[name].itemsize for name in kind.names or ()), kind.names


SURE_COURT = regime(CourtMode.DIRECT, appeal=Appeal(available=False))
NO_LUCK = {
    "court.settlement.meeting_probability": 0.0,
    "court.docket": 10_000.0,
    "court.faults.detected": 1.0,
    "beliefs.bias": 0.1,
    "costs.talks": 0.02,
    "costs.trial": 6.0,
    "demand.elasticity": 1.0,
    "bargaining.floor": 0.2,
}


@pytest.mark.parametrize("court", ["none", SURE_COURT], ids=["none", "court"])
def test_labels_do_not_matter(court: str | Regime) -> None:
    """Implementers in another order, where nothing is left to chance: the same rows, in that order."""
    order = [3, 0, 7, 6, 2, 5, 1, 4]

    def played(names: list[str]) -> Rows:
        one = scenario(court, holder=HOLDERS, implementer=names, numbers=NO_LUCK)
        return outcomes(one).reshape(len(HOLDERS), len(names))

    ranked = played(IMPLEMENTERS)
    shuffled = played([IMPLEMENTERS[place] for place in order])
    labels = {"negotiation", "implementer", "implementer_strategy"}
    assert len(set(ranked["outcome"].ravel())) > 1
    for column in set(ranked.dtype.fields or ()) - labels:
        assert np.array_equal(ranked[column][:, order], shuffled[column], equal_nan=True), column
