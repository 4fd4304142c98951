"""One negotiation told: the same negotiation as in a batch, nothing left out, nothing made up."""

from __future__ import annotations

import io
import json
from functools import cache
from pathlib import Path

import numpy as np
import pytest
from rich.console import Console

from simulator import study
from simulator.engine.build import build
from simulator.engine.run import run_chunk
from simulator.errors import ScenarioError
from simulator.spec.load import load_scenario
from simulator.spec.scenario import Scenario
from simulator.trace.follow import Trace, choose, trace
from simulator.trace.timeline import Timeline
from simulator.vocabulary import Cause, Fault, Outcome, Standing, Status
from simulator.writing.numbers import spoken

REGIMES = ("eu-hvzte-2015", "uk-global", "cn-spc-act-2023", "adr-baseball", "de-orange-book-2009", "none")
REPLICATIONS = range(8)


@cache
def duopoly() -> Scenario:
    return load_scenario("duopoly", regimes=list(REGIMES))


@cache
def batch() -> np.ndarray:
    """Outcome rows, shape (replications, regimes): the duopoly has one negotiation."""
    rows = run_chunk(build(duopoly()), duopoly().seed, REPLICATIONS)
    return rows.reshape(len(REPLICATIONS), len(REGIMES))


@cache
def followed(regime: str, replication: int) -> Timeline:
    return trace(duopoly(), regime, 0, replication).timelines[0]


def timelines() -> list[tuple[Timeline, np.void]]:
    return [
        (followed(regime, replication), batch()[replication, r])
        for r, regime in enumerate(REGIMES)
        for replication in REPLICATIONS
    ]


def shown(followed: Trace) -> str:
    console = Console(width=200, file=io.StringIO())
    console.print(followed.table())
    text = console.file
    assert isinstance(text, io.StringIO)
    return text.getvalue()


def test_a_trace_ends_in_the_row_a_batch_writes() -> None:
    for timeline, row in timelines():
        alone = np.array([timeline.row], dtype=row.dtype)
        alone["regime"] = row["regime"]  # played alone, a regime stands first
        assert alone.tobytes() == np.array([row], dtype=row.dtype).tobytes()


def test_what_is_told_is_the_outcome() -> None:
    for timeline, row in timelines():
        told = timeline.to_json()["outcome"]
        assert told["outcome"] == Outcome(int(row["outcome"])).name.lower()
        assert told["months_to_licence"] == row["months_to_licence"]
        assert told["rate"] == (None if np.isnan(row["rate"]) else pytest.approx(row["rate"], rel=1e-9))
        kinds = [event.kind for event in timeline.events]
        assert kinds.count("filing") >= row["filed"]
        called = any("tribunal" in event.text for event in timeline.events if event.kind == "filing")
        assert ("filing" in kinds) == bool(row["filed"] or called)
        assert called or row["outcome"] != Outcome.ARBITRAL_AWARD
        assert kinds.count("appeal") >= row["appealed"]
        assert ("licence" in kinds) == (row["outcome"] not in (Outcome.UNLICENSED, Outcome.EXIT))
        judged = [
            event for event in timeline.events if event.kind == "judgment" and "upholds" not in event.text
        ]
        assert len(judged) == row["judgments"]


def test_the_months_run_from_contact_to_licence_or_horizon() -> None:
    for timeline, row in timelines():
        months = timeline.months["month"].tolist()
        last = len(timeline.scenes) - 1 if row["outcome"] == Outcome.UNLICENSED else int(row["licence_month"])
        assert months == list(range(int(row["notice_month"]), last + 1))
        assert [event.month for event in timeline.events] == sorted(event.month for event in timeline.events)


def test_every_fault_and_every_missed_step_is_told_once() -> None:
    for timeline, row in timelines():
        text = [event.text for event in timeline.events]
        for fault in Fault:
            booked = bool(int(row["faults"]) >> fault & 1)
            name = f"'{spoken(fault.name)}'"
            told = [one for one in text if f"fault {name}" in one or f"called {name}" in one]
            assert len([one for one in told if "cures" not in one]) == booked, (
                timeline.law.regime,
                name,
                text,
            )
        missed = [place for place in range(len(timeline.law.steps)) if int(row["missed_steps"]) >> place & 1]
        order = timeline.law.order()
        assert {event.step for event in timeline.events if event.kind == "step missed"} == {
            order[place] for place in missed
        }
        assert [one.step for one in timeline.passages if one.missed is not None] == [order[p] for p in missed]


def test_a_licence_of_the_parties_own_lies_between_what_both_would_sign() -> None:
    seen = 0
    for timeline, row in timelines():
        if row["outcome"] in (Outcome.NEGOTIATED, Outcome.SETTLED_IN_COURT):
            last = timeline.months.iloc[-1]
            price = row["rate"] / row["frand_rate"]
            assert last["reservation_holder"] - 1e-9 <= price <= last["reservation_implementer"] + 1e-9
            seen += 1
    assert seen > 5


def test_without_a_number_the_story_is_of_a_hold_out_implementer_in_court() -> None:
    scenario = load_scenario("cellular", regimes=["eu-hvzte-2015"])
    found = trace(scenario, "eu-hvzte-2015")
    row = found.timelines[0].row
    assert found.timelines[0].strategies[1] == "implementer_hold_out"
    assert row.filed == 1
    assert found.chosen == "chosen as the first of a hold-out implementer that went to court"
    text = shown(found)
    assert found.chosen in text
    for step in scenario.regimes[0].steps.values():
        assert step.title.split()[0] in text
    assert "missed" in text
    assert "sues" in text


def test_the_first_choice_is_a_hold_out_then_any_suit_then_the_first() -> None:
    rows = np.zeros(4, batch().dtype)
    rows["negotiation"] = range(4)
    names = ["implementer_good_faith", "implementer_hold_out"]
    assert choose(rows, names)[0] == 0
    rows["filed"][[1, 3]] = 1
    assert choose(rows, names) == (1, "chosen as the first that went to court")
    rows["implementer_strategy"][[0, 3]] = 1
    assert choose(rows, names)[0] == 3


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"negotiation": 1}, "duopoly: negotiation: got 1; from 0 to 0"),
        ({"negotiation": -1}, "duopoly: negotiation: got -1; from 0 to 0"),
        ({"replication": 2**32}, "duopoly: replication: got 4294967296; from 0 to 4294967295"),
        ({"replication": -1}, "duopoly: replication: got -1; from 0 to 4294967295"),
        ({"against": "upc"}, f"duopoly: regimes: got upc; one of {', '.join(REGIMES)}"),
    ],
)
def test_an_index_out_of_range_names_the_range(options: dict[str, int], message: str) -> None:
    with pytest.raises(ScenarioError) as error:
        trace(duopoly(), "eu-hvzte-2015", **options)  # type: ignore[arg-type]  # one is a regime's name
    assert str(error.value) == message


def test_a_regime_does_not_part_from_itself() -> None:
    same = trace(duopoly(), "uk-global", 0, 0, "uk-global")
    assert same.divergences == []
    assert "nowhere: the same story under both" in shown(same)


def test_two_regimes_part_in_the_first_month_that_differs_and_it_says_why() -> None:
    for replication in REPLICATIONS:
        both = trace(duopoly(), "eu-hvzte-2015", 0, replication, "none")
        first, second = both.timelines
        state = next(divergence for divergence in both.divergences if divergence.what == "state")
        alike = [
            a.after.status == b.after.status and a.after.arbitration == b.after.arbitration
            for a, b in zip(first.scenes, second.scenes, strict=True)
        ]
        assert all(alike[: state.month])
        assert state.first != state.second
        why = {difference.what: (difference.first, difference.second) for difference in state.why}
        assert all(a != b for a, b in why.values())
        assert why["worth of the suit to the holder"][1] == "nothing, an empty threat"
        assert why["probability of an injunction"][1] == "none, the court grants no injunction"


def test_the_files_hold_what_is_told(tmp_path: Path) -> None:
    told = [
        study.trace(duopoly(), "uk-global", 0, 3, "eu-hvzte-2015", tmp_path / name) for name in ("a", "b")
    ]
    assert [path.name for path in told[0].written] == [
        "trace.json",
        "trace.svg",
        "trace.png",
        "manifest.json",
    ]
    stored = json.loads((tmp_path / "a" / "trace.json").read_text(encoding="utf-8"))
    assert stored.pop("origin")["seed"] == str(duopoly().seed)
    assert stored == json.loads(json.dumps(told[0].to_json()))
    assert [timeline["regime"] for timeline in stored["stories"]] == ["uk-global", "eu-hvzte-2015"]
    for one, other in zip(told[0].written, told[1].written, strict=True):
        assert one.read_bytes() == other.read_bytes()


def talks(timeline: Timeline, who: str) -> set[int]:
    """Months of talks in which a side did not go to court."""
    field = {"holder": "file_h", "implementer": "file_i"}[who]
    return {
        scene.month
        for scene in timeline.scenes
        if scene.before.status == Status.TALKS and not scene.move[field]
    }


def test_every_month_without_a_suit_has_one_reason_for_each_side() -> None:
    sued = 0
    for timeline, row in timelines():
        for who in ("holder", "implementer"):
            told = [
                month
                for reason in timeline.reasons
                if reason.who == who
                for month in range(reason.first, reason.last + 1)
            ]
            assert len(told) == len(set(told))
            assert set(told) == talks(timeline, who)
        sued += int(row["filed"])
    assert 0 < sued < len(timelines())


def test_reasons_are_those_of_the_law_and_of_what_was_faced() -> None:
    seen = set()
    for timeline, _ in timelines():
        for reason in timeline.reasons:
            scene = timeline.scenes[min(reason.first, len(timeline.scenes) - 1)]
            if reason.who == "both":
                continue
            gives = bool(timeline.law.court.standing.implementer & Standing.RATE_ACTION)
            if reason.who == "implementer":
                assert gives != (reason.text == "the law gives it no action for a rate")
            elif "nothing to it" in reason.text:
                assert scene.sight.w_h <= 0
            elif "rather talks on" in reason.text:
                assert scene.sight.wait_h >= scene.sight.w_h > 0
            elif "no court" not in reason.text:
                assert scene.sight.w_h > 0
            seen.add(reason.text[:22])
    assert len(seen) > 4


def test_who_agreed_needs_no_cause_and_who_did_not_has_the_row_s() -> None:
    causes = set()
    for timeline, row in timelines():
        why = [reason.text for reason in timeline.reasons if reason.who == "both"]
        cause = Cause(int(row["cause"]))
        assert bool(why) == (cause is not Cause.NONE)
        if why:
            assert why[0].startswith(cause.name.lower())
            causes.add(cause)
    assert len(causes) > 1
    assert "why it ended so" in shown(trace(duopoly(), "none", 0, 0))


@pytest.mark.parametrize(
    ("outcome", "cause"), [("unlicensed", None), (None, "strategic"), ("unlicensed", "belief")]
)
def test_a_case_is_looked_up_by_how_it_ended(outcome: str | None, cause: str | None) -> None:
    scenario = load_scenario("cellular", regimes=["us-ebay"], replications=3)
    followed = trace(scenario, "us-ebay", outcome=outcome, cause=cause)
    story = followed.to_json()["stories"][0]["outcome"]
    assert outcome in (None, story["outcome"])
    assert cause in (None, story["cause"])
    assert story["counted"] is True
    rows = run_chunk(build(scenario), scenario.seed, range(followed.replication + 1))
    earlier = rows[(rows["counted"] == 1) & (rows["replication"] < followed.replication)]
    for field, kind, word in (("outcome", Outcome, outcome), ("cause", Cause, cause)):
        if word is not None:
            earlier = earlier[earlier[field] == kind[word.upper()]]
    assert len(earlier) == 0


def test_what_no_negotiation_does_is_said() -> None:
    with pytest.raises(ScenarioError, match=r"outcome: got 'unlicenced'; did you mean unlicensed\?"):
        trace(duopoly(), "upc" if "upc" in REGIMES else "none", outcome="unlicenced")
    with pytest.raises(
        ScenarioError, match="no negotiation with outcome arbitral_award in replications 0 to"
    ):
        trace(load_scenario("duopoly", regimes=["none"], replications=4), "none", outcome="arbitral_award")
    with pytest.raises(ScenarioError, match="name a negotiation, or say how one ended"):
        trace(duopoly(), "none", 0, cause="belief")
