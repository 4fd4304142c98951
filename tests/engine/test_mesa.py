"""The Mesa face plays the engine's months to the bit, and agents change their own moves and nothing else."""

from __future__ import annotations

import gc
import inspect
import os
import re
import subprocess
import sys
import weakref
from functools import cache, partial
from pathlib import Path
from typing import Any

import mesa  # type: ignore[import-untyped]
import numpy as np
import pandas as pd
import pytest

from simulator.agents import (
    HolderMove,
    Implementer,
    ImplementerMove,
    LicensingModel,
    MoveError,
    Negotiation,
    SEPHolder,
)
from simulator.engine.build import build
from simulator.engine.run import run_chunk
from simulator.errors import ScenarioError
from simulator.outcomes.rows import Labels, frame
from simulator.spec.base import Quantity
from simulator.spec.load import load_scenario
from simulator.spec.scenario import Scenario
from simulator.vocabulary import Move, Outcome, Party, Status

REGIMES = ("eu-hvzte-2015", "uk-global", "us-ebay")
BIDDING = 2  # a replication in which implementers make counter-offers
SEED, REPLICATIONS = 5, 3


@cache
def market() -> Scenario:
    """Two holders and three implementers of the cellular market, 60 months, under three regimes."""
    loaded = load_scenario("cellular", regimes=REGIMES, replications=REPLICATIONS, seed=SEED)
    holders = tuple(one.model_copy(update={"count": 1}) for one in loaded.market.holders[::2])
    makers = tuple(
        one.model_copy(update={"count": count})
        for one, count in zip(loaded.market.implementers[:2], (1, 2), strict=True)
    )
    small = loaded.market.model_copy(update={"holders": holders, "implementers": makers})
    months = {"standard.horizon": Quantity(value=60, source="assumption of a test")}
    return loaded.model_copy(update={"market": small, "set": months})


def played(regime: str = REGIMES[0], replication: int = 0, **options: Any) -> LicensingModel:
    model = LicensingModel(market(), regime=regime, replication=replication, **options)
    model.run_model()
    return model


def bits(outcomes: pd.DataFrame) -> dict[str, bytes]:
    """Every column to the bit: codes of names, bytes of numbers."""
    coded = outcomes.apply(lambda column: column.cat.codes if column.dtype == "category" else column)
    return {str(name): column.to_numpy().tobytes() for name, column in coded.items()}


def stepped() -> dict[tuple[int, str], dict[str, bytes]]:
    return {
        (replication, regime): bits(played(regime, replication).outcomes())
        for replication in range(REPLICATIONS)
        for regime in REGIMES
    }


UNCOMPILED = """
import pickle, sys
sys.path[:0] = [sys.argv[2], sys.argv[3]]
import test_mesa
from simulator import compiled
assert not compiled.is_on()
with open(sys.argv[1], "wb") as file:
    pickle.dump(test_mesa.stepped(), file)
"""


def test_four_ways_of_playing_give_the_same_bits(root: Path, tmp_path: Path) -> None:
    stored = tmp_path / "stepped"
    subprocess.run(
        [sys.executable, "-c", UNCOMPILED, stored, root, Path(__file__).parent],
        env=os.environ | {"FRANDSIM_COMPILER": "off"},
        check=True,
    )
    uncompiled = pd.read_pickle(stored)
    rules, labels = build(market()), Labels.of(market())
    batch = frame(run_chunk(rules, SEED, range(REPLICATIONS)), labels)
    for (replication, regime), outcomes in stepped().items():
        alone = frame(run_chunk(rules, SEED, range(replication, replication + 1)), labels)
        of_batch = batch[(batch["replication"] == replication) & (batch["regime"] == regime)]
        assert len(of_batch) == 6
        assert outcomes == bits(alone[alone["regime"] == regime]) == bits(of_batch)
        assert outcomes == uncompiled[replication, regime]


class Silent(Implementer):
    """Looks at every move and keeps it."""

    seen = 0

    def decide(self, negotiation: Any, move: ImplementerMove) -> ImplementerMove | None:
        assert negotiation.implementer is self
        assert negotiation.status in range(Status.TALKS, Status.LICENSED)
        type(self).seen += 1
        return None if self.seen % 2 else move.replace()


def test_agents_that_keep_their_moves_change_nothing() -> None:
    assert bits(played(implementer_class=Silent).outcomes()) == bits(played().outcomes())
    assert Silent.seen > 60


class Once(Implementer):
    """Bids otherwise once, in its first open bid."""

    month = -1
    pair = -1

    def decide(self, negotiation: Any, move: ImplementerMove) -> ImplementerMove | None:
        if self.month >= 0 or move.bid is None:
            return None
        self.month, self.pair = self.model.month, negotiation.index
        return move.replace(bid=0.9 * move.bid)


def test_a_replaced_bid_changes_that_bid_and_nothing_else_this_month() -> None:
    bids = played(REGIMES[2], BIDDING).outcomes().set_index("implementer")["first_bid"].dropna()
    number = int(bids.index[0])
    model, engine = (
        LicensingModel(market(), regime=REGIMES[2], replication=BIDDING, implementer_class={number: Once}),
        LicensingModel(market(), regime=REGIMES[2], replication=BIDDING),
    )
    once = model.implementers[number]
    assert isinstance(once, Once)
    while once.month < 0:
        model.step()
        engine.step()
    moves, others = model.state.moves, np.arange(6) != once.pair
    names = moves.dtype.names or ()
    changed = [name for name in names if moves[name].tobytes() != model.proposed[name].tobytes()]
    assert changed == ["bid"]
    bid, proposed, chosen = (one["bid"][once.pair] for one in (moves, model.proposed, engine.state.moves))
    assert bid == 0.9 * proposed == 0.9 * chosen
    assert moves[others].tobytes() == model.proposed[others].tobytes()
    assert model.state.negotiations[others].tobytes() == engine.state.negotiations[others].tobytes()
    assert model.state.negotiations[once.pair].tobytes() != engine.state.negotiations[once.pair].tobytes()
    model.run_model()
    engine.run_model()
    luck = ["frand_rate", "notice_month", "holder_strategy", "implementer_strategy", "counted"]
    assert bits(model.outcomes()[luck]) == bits(engine.outcomes()[luck])


class Unbending:
    """Never settles before a court."""

    def decide(self, _: Any, move: Any) -> Any:
        return move.replace(settle=False)


class UnbendingHolder(Unbending, SEPHolder):
    """A holder that wants its day in court."""


class UnbendingImplementer(Unbending, Implementer):
    """An implementer that wants its day in court."""


@pytest.mark.parametrize(
    "options", [{"holder_class": UnbendingHolder}, {"implementer_class": UnbendingImplementer}], ids="hi"
)
def test_either_side_can_refuse_to_settle(options: dict[str, Any]) -> None:
    assert "settled_in_court" in set(played("uk-global").outcomes()["outcome"])
    assert "settled_in_court" not in set(played("uk-global", **options).outcomes()["outcome"])


class Claimant(SEPHolder):
    """Sues as soon as it may."""

    def decide(self, negotiation: Any, move: HolderMove) -> HolderMove:
        return move.replace(file=negotiation.may_file, accept=negotiation.may_accept, ask=None)


def test_a_holder_can_sue_when_the_regime_opens_the_court() -> None:
    early, engine = played("uk-global", holder_class=Claimant).outcomes(), played("uk-global").outcomes()
    suits = early[early["filed"]]
    assert len(suits) > 0
    assert (suits["filing_month"] <= engine["filing_month"].where(engine["filed"], 60)[suits.index]).all()
    assert early["first_ask"].isna().all()


ILLEGAL: dict[str, tuple[dict[str, Any], str]] = {
    "negative": ({"bid": -0.01}, "bid: got -0.01; an offer is a rate, above 0 and at most 1 (of price)"),
    "percent": ({"bid": 1.5}, "bid: got 1.5; an offer is a rate"),
    "nan": ({"bid": float("nan")}, "bid: got nan; an offer is a rate"),
    "text": ({"bid": "0.01"}, "bid: got '0.01'; an offer is a rate"),
    "truth": ({"bid": True}, "bid: got True; an offer is a rate"),
    "nothing to accept": ({"accept": True}, "accept: there is no standing offer of the other side"),
    "no standing": ({"file": True}, "file: eu-hvzte-2015 does not open the court to it now"),
    "no judgment": ({"appeal": True}, "appeal: this is not the last day of an appeal that suspends"),
    "no meeting": ({"settle": True}, "settle: the parties do not meet this month"),
    "not its step": ({"act": Move.PERFORM}, "act: it has no part left in the step that is due (warning)"),
    "no such act": ({"act": 7}, "act: got 7; one of Move.WAIT, Move.PERFORM, Move.PERFORM_WITHHOLDING"),
    "the other's": (
        {"ask": 0.01},
        "ImplementerMove has no 'ask'; known: act, accept, file, settle, appeal, bid",
    ),
}


@pytest.mark.parametrize(("change", "message"), ILLEGAL.values(), ids=ILLEGAL)
def test_illegal_moves_are_refused(change: dict[str, Any], message: str) -> None:
    class Wrong(Implementer):
        def decide(self, _: Any, move: ImplementerMove) -> ImplementerMove:
            return move.replace(**change)

    model = LicensingModel("duopoly", regime="eu-hvzte-2015", implementer_class=Wrong)
    with pytest.raises(MoveError, match=re.escape(message)):
        model.step()


def test_a_refusal_says_who_and_when() -> None:
    class Wrong(Implementer):
        def decide(self, *_: Any) -> Any:
            return HolderMove(act=Move.WAIT, accept=False, file=False, settle=False, appeal=False, ask=None)

    with pytest.raises(MoveError) as raised:
        LicensingModel("duopoly", regime="eu-hvzte-2015", implementer_class=Wrong).step()
    assert str(raised.value).startswith(
        "Wrong 0, month 0, <Negotiation of holder 0 and implementer 0, TALKS>: decide returned HolderMove("
    )
    assert str(raised.value).endswith("return move.replace(...), or None to keep what the engine chose")


def test_an_offer_step_is_performed_by_offering() -> None:
    class Mute(SEPHolder):
        def decide(self, _: Any, move: HolderMove) -> HolderMove | None:
            return None if move.ask is None else move.replace(ask=None)

    model = LicensingModel("duopoly", regime="eu-hvzte-2015", replication=1, holder_class=Mute)
    with pytest.raises(
        MoveError, match=r"act: the step that is due \(offer\) is performed by naming the ask"
    ):
        model.run_model()


def test_the_collector_holds_a_row_a_month_that_agrees_with_the_outcomes() -> None:
    model = played("uk-global")
    outcomes = model.outcomes()
    months = model.datacollector.get_model_vars_dataframe()
    assert months["month"].tolist() == [*range(1, 61)]
    last = months.iloc[-1]
    signed = outcomes[outcomes["rate"].notna()]
    assert last["licensed_share"] == len(signed) / 6 > 0
    assert last["mean_rate_over_frand"] == pytest.approx(
        (signed["rate"] / signed["frand_rate"]).mean(), rel=1e-12
    )
    assert last["open_negotiations"] == 6 - len(signed) - sum(outcomes["outcome"] == "exit")
    assert months["pending_cases"].max() > 0
    agents = model.datacollector.get_agent_vars_dataframe()
    assert len(agents) == 60 * 6
    final = agents.loc[60].set_index(["role", "index"])
    paid = outcomes.groupby("holder")["paid"].sum().to_numpy()
    assert final.loc["holder", "income"].to_numpy() == pytest.approx(paid, rel=1e-12)
    assert final["licences"].sum() == 2 * len(signed)
    rates = signed.groupby("implementer")["rate"].sum().reindex(range(3), fill_value=0.0).to_numpy()
    assert (final.loc["implementer", "stack"].to_numpy() <= rates + 1e-15).all()
    assert final["queue"].notna().sum() == 1


def test_the_tables_agree_with_the_outcomes() -> None:
    model = played("eu-hvzte-2015")
    pair = ["holder", "implementer"]
    outcomes = model.outcomes().set_index(pair)
    licences = model.datacollector.get_table_dataframe("licences").set_index(pair)
    signed = outcomes.loc[licences.index]
    assert len(licences) == outcomes["rate"].notna().sum() > 0
    for name in ("rate", "frand_rate", "outcome"):
        assert licences[name].tolist() == signed[name].tolist()
    assert licences["month"].tolist() == signed["licence_month"].tolist()
    offers = model.datacollector.get_table_dataframe("offers")
    first = offers[offers["ask"].notna()].groupby(pair)["ask"].first()
    assert len(first) > 0
    assert first.tolist() == outcomes["first_ask"].dropna().loc[first.index].tolist()


def test_agent_sets_work() -> None:
    model = LicensingModel(market(), implementer_class={"premium": Silent})
    assert model.agents.select(agent_type=SEPHolder).agg("share", sum) == sum(
        one.share for one in model.holders
    )
    assert [type(one) for one in model.implementers] == [Silent, Implementer, Implementer]
    assert model.agents.select(lambda agent: agent.role == "implementer").get("index") == [0, 1, 2]
    assert model.agents.groupby("role").count() == {"holder": 2, "implementer": 3, "court": 1}
    assert [agent.unique_id for agent in model.agents] == [1, 2, 3, 4, 5, 6]
    assert mesa.Agent(model).unique_id == 7


class Tuned(Implementer):
    """A firm with a number of its own."""

    def __init__(self, model: LicensingModel, index: int, group: str, factor: float) -> None:
        super().__init__(model, index, group)
        self.factor = factor


def test_a_firm_can_be_chosen_by_number_and_made_by_a_function() -> None:
    model = LicensingModel(market(), implementer_class={2: partial(Tuned, factor=0.3)})
    assert [getattr(one, "factor", None) for one in model.implementers] == [None, None, 0.3]


@pytest.mark.parametrize(
    ("options", "error", "message"),
    [
        ({"implementer_class": {9: Silent}}, ValueError, "no Implementer 9; a number below 3 or a group: "),
        ({"holder_class": {"makers": SEPHolder}}, ValueError, "no SEPHolder 'makers'; a number below 2"),
        ({"holder_class": Silent}, TypeError, "SEPHolder 0 would be a Silent"),
        ({"regime": "us"}, ScenarioError, "regimes: got us; known: eu-hvzte-2015"),
        ({"court__scope__forum_shar": 1}, ScenarioError, "no such parameter; did you mean court."),
        ({"court__scope__forum_share": 2}, ScenarioError, "court.scope.forum_share: got 2; "),
        ({"parameters": {"standard.horizon": 1.5}}, ScenarioError, "got 1.5; "),
        ({"seed": 1, "rng": 2}, ValueError, "seed and rng are two names of one number"),
        ({"seed": -1}, ValueError, "seed: got -1"),
        ({"replication": 2**32}, ValueError, "replication: got 4294967296"),
    ],
)  # fmt: skip
def test_what_cannot_be_played_is_refused(
    options: dict[str, Any], error: type[Exception], message: str
) -> None:
    with pytest.raises(error, match=re.escape(message)):
        LicensingModel(market(), **options)


def test_numbers_are_laid_over_the_scenario() -> None:
    by_name = LicensingModel("duopoly", regime="none", rng=3, court__scope__forum_share=0.5)
    mapped = LicensingModel("duopoly", regime="none", seed=3, parameters={"court.scope.forum_share": 0.5})
    assert by_name.forum.forum_share == mapped.forum.forum_share == 0.5
    assert by_name.seed == mapped.seed == by_name.played.seed == 3
    assert by_name.random.random() == mapped.random.random()
    assert LicensingModel(market()).regime.regime == market().baseline


def test_the_end_is_the_horizon() -> None:
    model = LicensingModel("duopoly", regime="none", standard__horizon=2)
    with pytest.raises(RuntimeError, match="0 of 2 months are played"):
        model.outcomes()
    model.run_model()
    assert (model.month, model.steps, model.running) == (2, 2, False)
    with pytest.raises(RuntimeError, match="all 2 months are played"):
        model.step()


def test_own_chance_is_addressed() -> None:
    def drawn(regime: str, replication: int, month: int) -> list[float]:
        model = LicensingModel(market(), regime=regime, replication=replication)
        for _ in range(month):
            model.step()
        sides = [
            Negotiation(model, pair, side) for pair in (0, 1) for side in (Party.HOLDER, Party.IMPLEMENTER)
        ]
        return [view.uniform(number) for view in sides for number in (0, 999)]

    assert drawn("us-ebay", 0, 0) == drawn("uk-global", 0, 0)
    draws = drawn("us-ebay", 0, 0) + drawn("us-ebay", 1, 0) + drawn("us-ebay", 0, 1)
    assert len({*draws}) == len(draws) == 24
    assert all(0 <= draw < 1 for draw in draws)
    with pytest.raises(ValueError, match="number: got 1000"):
        Negotiation(LicensingModel(market()), 0, Party.HOLDER).uniform(1000)


def test_deleted_models_leave_nothing_behind() -> None:
    models = [LicensingModel(market(), replication=number) for number in range(200)]
    for model in models:
        model.step()
    alive = [weakref.ref(model) for model in models]
    del models, model
    gc.collect()
    assert sum(one() is not None for one in alive) == 0


DESIGN = {"regime": ["none", "upc"], "replication": range(2), "standard__horizon": 24}


def batch_run(model: type[LicensingModel], design: dict[str, Any], **options: Any) -> pd.DataFrame:
    rows = mesa.batch_run(model, design, number_processes=1, display_progress=False, **options)
    return pd.DataFrame(rows)


def test_mesas_batch_run_works() -> None:
    table = batch_run(LicensingModel, DESIGN)
    assert len(table) == 2 * 2 * 3
    courts = table[table["role"] == "court"]
    for run in courts.to_dict("records"):
        model = LicensingModel("duopoly", **{name: run[name] for name in DESIGN})
        model.run_model()
        assert run["licensed_share"] == model.licensed_share
    assert courts["licensed_share"].nunique() > 1


def test_replications_vary_and_iterations_do_not() -> None:
    repeats = {"rng": [1, 1]} if "rng" in inspect.signature(mesa.batch_run).parameters else {"iterations": 2}
    table = batch_run(LicensingModel, DESIGN | {"replication": range(6)}, **repeats)
    told = [column for column in table.columns if column not in ("RunId", "iteration", "seed", "rng")]
    first, second = (part[told].reset_index(drop=True) for _, part in table.groupby("iteration"))
    pd.testing.assert_frame_equal(first, second)
    incomes = first[(first["role"] == "holder") & (first["regime"] == "upc")]["income"]
    assert incomes.nunique() > 3


def test_mesas_batch_run_plays_one_month_more_than_max_steps() -> None:
    assert set(batch_run(LicensingModel, DESIGN, max_steps=5)["month"]) == {6}
    assert set(batch_run(LicensingModel, DESIGN)["month"]) == {24}


def test_batch_run_leaves_no_model_behind() -> None:
    made: list[weakref.ref[LicensingModel]] = []

    class Counted(LicensingModel):
        """Tells when it is made."""

        def __init__(self, *args: Any, **options: Any) -> None:
            super().__init__(*args, **options)
            made.append(weakref.ref(self))

    batch_run(Counted, DESIGN | {"replication": range(5)})
    gc.collect()
    assert len(made) == 10
    assert not any(one() for one in made)
    assert not getattr(mesa.Agent, "_ids", None)


PROCESSES = """
import pathlib, sys
import mesa, pandas
from simulator import LicensingModel

design = {"regime": ["none", "upc"], "replication": range(2), "standard__horizon": 24}
if __name__ == "__main__":
    for number in (1, 2):
        rows = mesa.batch_run(LicensingModel, design, number_processes=number, display_progress=False)
        told = pandas.DataFrame(sorted(rows, key=lambda row: (row["RunId"], row["AgentID"])))
        told.to_csv(pathlib.Path(sys.argv[1]) / f"{number}.csv", index=False)
"""


def test_mesas_batch_run_works_in_processes(root: Path, tmp_path: Path) -> None:
    script = tmp_path / "script.py"
    script.write_text(PROCESSES, encoding="utf-8")
    environment = os.environ | {"PYTHONPATH": str(root)}
    subprocess.run([sys.executable, script, tmp_path], check=True, env=environment)
    one, two = (pd.read_csv(tmp_path / f"{number}.csv") for number in (1, 2))
    assert len(one) == 2 * 2 * 3
    pd.testing.assert_frame_equal(one, two)


@pytest.mark.parametrize("method", ["None", "'spawn'", "'fork'"])
def test_importing_leaves_the_start_method_alone(method: str) -> None:
    if os.name == "nt" and method == "'fork'":
        pytest.skip("no fork here")
    code = f"""
import multiprocessing
multiprocessing.set_start_method({method}, force=True)
import simulator.agents
assert multiprocessing.get_start_method(allow_none=True) == {method}
"""
    subprocess.run([sys.executable, "-c", code], check=True)


def test_the_guide_runs(root: Path) -> None:
    page = (root / "docs" / "how-to" / "strategy-in-python.md").read_text("utf-8")
    blocks = re.findall(r"^```python\n(.*?)^```$", page, re.MULTILINE | re.DOTALL)
    assert len(blocks) >= 3
    names: dict[str, Any] = {}
    for block in blocks:
        exec(block, names)
    assert names["outcomes"]["outcome"].isin([one.name.lower() for one in Outcome]).all()
