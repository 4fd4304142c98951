"""A person at the table: the engine's game, bit by bit, but for the moves made by hand."""

from __future__ import annotations

import numpy as np
import pytest

from simulator.agents import MoveError
from simulator.engine.build import build
from simulator.engine.trace import follow
from simulator.errors import ScenarioError
from simulator.spec.load import load_scenario
from simulator.trace.seat import Seat, contents
from simulator.vocabulary import Act, Move, Party, Status

SCENARIO = load_scenario("duopoly", regimes=["us-ebay", "upc", "de-munich-security"])


@pytest.mark.parametrize("side", [Party.HOLDER, Party.IMPLEMENTER])
@pytest.mark.parametrize("law", ["us-ebay", "upc"])
def test_who_does_as_the_engine_would_gets_the_engines_story(side: Party, law: str) -> None:
    seat = Seat(SCENARIO, law, side, 0, 3)
    while seat.opened:
        seat.play(seat.proposal)
    mine, engine = seat.record.timelines
    for name in ("before", "moves", "after", "sight"):
        ours, theirs = getattr(mine.course, name), getattr(engine.course, name)
        assert ours.tobytes() == theirs.tobytes(), name
    assert mine.course.row.tobytes() == engine.course.row.tobytes()
    assert {turn.mine == turn.engine for turn in seat.turns} == {True}
    assert seat.record.divergences == []


def test_in_a_market_only_this_negotiation_is_played_by_hand() -> None:
    scenario = load_scenario("cellular", regimes=["upc"])
    seat = Seat(scenario, "upc", Party.IMPLEMENTER, 25, 1)
    seat.play_out(silent=False)
    engine = follow(build(scenario), 0, scenario.seed, 1, 25)
    assert seat.record.timelines[0].course.row.tobytes() == engine.row.tobytes()
    assert seat.firm.index == seat.model.rules.parties[25, Party.IMPLEMENTER]


def test_an_accepted_offer_is_a_licence_at_its_rate() -> None:
    seat = Seat(SCENARIO, "us-ebay", Party.HOLDER, 0, 1)
    while seat.opened:
        move, bid, theirs = seat.silence(), seat.view.bid, seat.may_sign
        if seat.view.may_perform:
            move = move.replace(act=Move.PERFORM)
        if seat.step.act is Act.OFFER and seat.view.may_perform:
            move = move.replace(ask=seat.view.estimate)
        seat.play(move.replace(accept=True) if theirs else move)
        if theirs:
            break
    assert not seat.opened
    record = seat.record
    assert record.timelines[0].row.rate == pytest.approx(bid)
    assert seat.turns[-1].mine == "accepts the standing offer"
    assert record.timelines[0].events[-2].kind == "licence"
    assert record.to_json()["stories"][0]["regime"] == "us-ebay, you"
    assert not any(reason.who == "holder" for reason in record.timelines[0].reasons)


def test_nothing_is_signed_beyond_a_reservation_rate() -> None:
    seat = Seat(SCENARIO, "us-ebay", Party.IMPLEMENTER, 0, 1)
    while not seat.view.may_accept:
        seat.play(None)
    assert seat.view.ask is not None
    assert seat.view.ask > seat.view.reservation_rate
    assert not seat.may_sign
    seat.play(seat.silence().replace(accept=True))
    assert seat.opened
    assert seat.turns[-1].mine.startswith("accepts the standing offer (no licence:")


def test_a_move_the_rules_forbid_leaves_the_month_open() -> None:
    seat = Seat(SCENARIO, "us-ebay", Party.IMPLEMENTER, 0, 1)
    month = seat.month
    for wrong in ({"accept": True}, {"bid": 1.5}, {"act": Move.PERFORM}):
        with pytest.raises(MoveError):
            seat.play(seat.silence().replace(**wrong))
        assert (seat.month, seat.turns, seat.opened) == (month, [], True)
    seat.play(seat.silence())
    assert seat.month == month + 1


def test_who_says_no_more_gets_no_licence_by_agreement() -> None:
    seat = Seat(SCENARIO, "us-ebay", Party.HOLDER, 0, 1)
    seat.play_out(silent=True)
    mine, engine = seat.record.timelines
    assert np.isnan(mine.row.rate)
    assert np.isfinite(engine.row.rate)
    assert not mine.course.moves["file_h"].any()
    assert {turn.mine for turn in seat.turns} == {"waits"}


def test_what_is_seen_at_the_table_tells_no_true_rate() -> None:
    seat = Seat(SCENARIO, "upc", Party.IMPLEMENTER, 0, 3)
    while seat.opened:
        assert not any("FRAND rate" in event.text or "worth" in event.text for event in seat.events)
        if seat.view.status == Status.TALKS and seat.months_left is not None:
            assert seat.months_left >= 0
        seat.play(None)
    kinds = {event.kind for event in seat.events}
    assert {"contact", "step done"} <= kinds
    assert "offer" not in kinds


def test_a_record_is_had_at_the_end_and_a_pair_must_be_there() -> None:
    seat = Seat(SCENARIO, "upc", Party.IMPLEMENTER, 0, 3)
    with pytest.raises(RuntimeError, match="not over"):
        _ = seat.record
    with pytest.raises(ScenarioError, match="negotiation: got 1; from 0 to 0"):
        Seat(SCENARIO, "upc", Party.IMPLEMENTER, 1, 0)
    step = load_scenario("duopoly", regimes=["eu-hvzte-2015"]).regimes[0].steps["warning"]
    assert "claim charts" in contents(step)
