"""Sit at the table: play one side of one negotiation by hand against the agents, month by month."""

from __future__ import annotations

from typing import Any

import streamlit as st
from rich.markup import escape
from rich.table import Table

from simulator.agents import MoveError
from simulator.app.choices import Selection, whole
from simulator.app.laws import Laws
from simulator.app.shown import plain, show_problems, show_table
from simulator.app.why import show_trace
from simulator.errors import ScenarioError
from simulator.trace.seat import OwnMove, Seat, contents, percent_of_price
from simulator.vocabulary import Act, Move, Party, Status

SIDES = {"implementer": Party.IMPLEMENTER, "holder": Party.HOLDER}
ACTS = {
    Move.PERFORM: "Do it",
    Move.PERFORM_WITHHOLDING: "Do it, but keep something back",
    Move.WAIT: "Not this month",
}
PLACES = 4
"""Decimals of an offer, in % of price."""
GO_ON, ACCEPT, SUE = "Go on talking", "Accept their offer", "Go to court"


def sit(laws: Laws, choices: Selection) -> None:
    """The tab: a game that is being played, else the choice of one."""
    seat: Seat | None = st.session_state.get("seat")
    if seat is None:
        _choose(laws, choices)
        return
    st.button("Leave this game and choose another", on_click=_drop)
    if not seat.opened:
        st.success(f"The negotiation is over after {len(seat.turns)} months in which you had a say.")
        show_trace(seat.record, "seat")
        _history(seat)
        return
    left, right = st.columns([3, 4], gap="large")
    with left:
        _situation(seat)
        _move(seat)
    with right:
        _history(seat)
        _seen(seat)


def _choose(laws: Laws, choices: Selection) -> None:
    state = st.session_state
    st.write(
        "Choose a side and a law. Each month you see your own estimate, the rate at which you would rather "
        "not sign, what stands on the table and what is due; then you move, and afterwards you see what the "
        "engine would have done in your place. The other side still expects you to be the firm you sit for."
    )
    if state.get("sit-law") not in laws.names:
        state["sit-law"] = choices.regimes[0] if choices.regimes else laws.names[0]
    sides, which, luck, pair = st.columns([2, 3, 2, 2])
    side = sides.radio("You are the", list(SIDES), key="sit-side", horizontal=True, persist_state="session")
    law = which.selectbox("Under this law", laws.names, key="sit-law", persist_state="session")
    replication = luck.text_input("Replication", "0", key="sit-replication", persist_state="session")
    number = pair.text_input("Negotiation", "0", key="sit-number", persist_state="session")
    if st.button("Sit down", type="primary"):
        try:
            scenario = choices.under((law,)).played(laws, 1)
            state["seat"] = Seat(
                scenario,
                scenario.regimes[0].regime,
                SIDES[str(side)],
                whole(number.strip(), "negotiation"),
                whole(replication.strip(), "replication"),
            )
        except ScenarioError as error:
            show_problems(error)
        else:
            st.rerun()


def _drop() -> None:
    st.session_state.pop("seat", None)


def _situation(seat: Seat) -> None:
    """What somebody in this seat knows this month."""
    view, step, left = seat.view, seat.step, seat.months_left
    st.subheader(f"Month {seat.month}: you are the {seat.role}", anchor=False)
    theirs, mine = (view.bid, view.ask) if seat.side == Party.HOLDER else (view.ask, view.bid)
    signs = "You would sign from" if seat.side == Party.HOLDER else "You would sign up to"
    numbers = {
        "Your estimate of FRAND": percent_of_price(view.estimate),
        signs: percent_of_price(view.reservation_rate),
        "They offer": percent_of_price(theirs) if theirs else "nothing yet",
        "You offer": percent_of_price(mine) if mine else "nothing yet",
    }
    table = Table("What you know", "Now")
    for head, text in numbers.items():
        table.add_row(head, text)
    if view.status == Status.TALKS:
        due = (
            "" if left is None else f" ({left} month{'s' * (left != 1)} left)" if left else " (today or late)"
        )
        table.add_row("Step that is due", escape(f"{step.title}{due}, by {_whose(step.actor)}"))
        if asked := contents(step):
            table.add_row("It asks for", escape(asked))
    else:
        table.add_row("Where you are", escape(f"{view.status.name.lower()}: before the court"))
    table.add_row("Months until the market ends", str(seat.model.horizon - seat.month))
    show_table(table, "What you know this month")


def _whose(actor: Party) -> str:
    return {Party.HOLDER: "the holder", Party.IMPLEMENTER: "the implementer", Party.BOTH: "both"}.get(
        actor, "either side"
    )


def _move(seat: Seat) -> None:
    """The month's move, as a form."""
    with st.form("move", border=True):
        move = _asked(seat)
        played = st.form_submit_button("Play the month", type="primary")
    try:
        if played:
            seat.play(move)
            st.rerun()
    except MoveError as error:
        st.error(plain(str(error).rpartition(">: ")[2]))
    st.caption("Or do not decide yourself:")
    st.button("This month as the engine would", on_click=seat.play, args=(None,))
    st.button("Say no more to the end", on_click=seat.play_out, kwargs={"silent": True})
    st.button("Let the engine play to the end", on_click=seat.play_out, kwargs={"silent": False})


def _asked(seat: Seat) -> OwnMove:
    """The fields that this month has, and the move they make."""
    view, move, kind = seat.view, seat.silence(), seat.firm.move_class
    key = f"{seat.month}"
    changes: dict[str, Any] = {}
    if view.may_perform:
        act = st.radio(f"{seat.step.title}:", list(ACTS), format_func=ACTS.get, key=f"act-{key}")
        changes["act"] = act
    if view.status == Status.TALKS:
        mine = view.ask if seat.side == Party.HOLDER else view.bid
        tabling = view.may_perform and seat.step.act in (Act.OFFER, Act.COUNTER)
        shown = round(100 * (mine or (view.estimate if tabling else 0.0)), PLACES)
        named = st.number_input(
            "Your offer, % of price (0: say nothing new)",
            min_value=0.0,
            max_value=100.0,
            value=shown,
            step=0.01,
            format=f"%.{PLACES}f",
            key=f"offer-{key}",
        )
        if tabling and mine and named == shown and changes["act"] != Move.WAIT:
            changes[kind.offered] = mine  # the step is done by naming again what was named
        elif named and not (mine and named == shown):
            changes[kind.offered] = named / 100
        ways = [GO_ON] + [ACCEPT] * seat.may_sign + [SUE] * view.may_file
        way = st.radio("And then:", ways, key=f"way-{key}", horizontal=True)
        if view.may_accept and not seat.may_sign:
            st.caption("Their offer lies beyond what your firm would sign: it cannot be accepted.")
        changes |= {"accept": way == ACCEPT, "file": way == SUE}
    if seat.proposal.settle:
        changes["settle"] = st.checkbox("Settle at the point they were brought to", True, key=f"settle-{key}")
    if view.may_appeal:
        changes["appeal"] = st.checkbox("Appeal", key=f"appeal-{key}")
    return move.replace(**changes)


def _history(seat: Seat) -> None:
    """What each side did, and what the engine would have done in this seat: told afterwards."""
    if not seat.turns:
        st.caption("Nothing has been played yet.")
        return
    table = Table("Month", "You", "The engine in your place", "The other side", title="So far")
    for turn in reversed(seat.turns):
        same = turn.mine == turn.engine
        cells = (turn.mine, "the same" if same else turn.engine, turn.other)
        table.add_row(str(turn.month), *map(escape, cells))
    show_table(table, "Moves so far")


def _seen(seat: Seat) -> None:
    events = seat.events
    if not events:
        return
    table = Table("Month", "Who", "What happened", title="What everybody saw")
    for event in reversed(events):
        table.add_row(str(event.month), event.who, escape(event.text))
    show_table(table, "What everybody saw")
