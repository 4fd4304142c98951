"""Why: one negotiation, with the same market and the same luck, under two laws side by side."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory

import streamlit as st

from simulator.app.choices import Selection, whole
from simulator.app.laws import Laws
from simulator.app.shown import DRAWING, show_picture, show_problems, show_table
from simulator.errors import ScenarioError
from simulator.report.trace import publish_trace
from simulator.study import trace
from simulator.trace.follow import Trace
from simulator.vocabulary import Cause, Outcome
from simulator.writing.numbers import spoken, upper_first

ANY = "any"
SEARCHED = 100
"""Replications searched for a negotiation that ended as wished."""


def why(laws: Laws, choices: Selection) -> None:
    """The tab; market and values are those of Explore."""
    state = st.session_state
    told = ", ".join([f"market {choices.scenario}", f"seed {choices.seed}", *choices.sets])
    st.caption(f"The market and the values are those of Explore: {told}.")
    names = laws.names
    left, right, end, reason, other = st.columns([3, 3, 2, 2, 2], vertical_alignment="bottom")
    for key, name in zip(("why-first", "why-second"), (*choices.regimes, "us-ebay")[:2], strict=True):
        if state.get(key) not in names:
            state[key] = name
    first = left.selectbox("Under this law", names, key="why-first", persist_state="session")
    second = right.selectbox("and under this one", names, key="why-second", persist_state="session")
    outcomes = [ANY, *(outcome.name.lower() for outcome in Outcome)]
    causes = [ANY, *(cause.name.lower() for cause in Cause if cause.value)]
    outcome = end.selectbox(
        "that ended with", outcomes, format_func=_words, key="why-outcome", persist_state="session"
    )
    cause = reason.selectbox("because", causes, format_func=_words, key="why-cause", persist_state="session")
    with other.popover("Another one", width="stretch"):
        replication = st.text_input("Replication", "0", key="why-replication", persist_state="session")
        negotiation = st.text_input(
            "Negotiation", "", placeholder="the first that fits", key="why-number", persist_state="session"
        )
    try:
        followed = _followed(
            laws,
            choices,
            first,
            second,
            outcome or ANY,
            cause or ANY,
            replication.strip(),
            negotiation.strip(),
        )
    except ScenarioError as error:
        show_problems(error)
        return
    show_trace(followed, "why")


def _words(word: str) -> str:
    return upper_first(spoken(word))


def _followed(
    laws: Laws,
    choices: Selection,
    first: str,
    second: str,
    outcome: str,
    cause: str,
    replication: str,
    negotiation: str,
) -> Trace:
    """The negotiation asked for, that of the last run where nothing changed.  Raises ``ScenarioError``."""
    asked = (choices, laws.own, first, second, outcome, cause, replication, negotiation)
    kept = st.session_state.get("why-followed")
    if kept is not None and kept[0] == asked:
        result: Trace = kept[1]
        return result
    pair = tuple(dict.fromkeys((first, second)))
    scenario = choices.under(pair).played(laws, SEARCHED)
    names = [law.regime for law in scenario.regimes]
    followed = trace(
        scenario,
        names[0],
        whole(negotiation, "negotiation") if negotiation else None,
        whole(replication, "replication"),
        names[1] if len(names) > 1 else None,
        outcome=None if outcome == ANY else outcome,
        cause=None if cause == ANY else cause,
    )
    st.session_state["why-followed"] = (asked, followed)
    return followed


def show_trace(followed: Trace, key: str) -> None:
    """A followed negotiation: how it ended, the picture, the tables of the terminal, the files."""
    for column, timeline in zip(st.columns(len(followed.timelines)), followed.timelines, strict=True):
        with column.container(border=True):
            st.markdown(f"**{timeline.law.regime}**")
            st.write(timeline.events[-1].text)
    st.text(followed.heading)
    data, svg = _drawn(followed, key)
    with st.expander("Offers and what each side would sign, month by month", expanded=True):
        show_picture(svg, "Offers and what each side would sign, month by month")
    show_table(followed.table(), "The negotiation under both laws")
    st.download_button("Record (JSON)", data, "trace.json", on_click="ignore", key=f"{key}-record")


def _drawn(followed: Trace, key: str) -> tuple[bytes, bytes]:
    """Record and picture, drawn once."""
    kept = st.session_state.get(f"{key}-drawn")
    if kept is None or kept[0] is not followed:
        with DRAWING, TemporaryDirectory() as folder:
            record, picture, *_ = publish_trace(followed, Path(folder))
            kept = (followed, record.read_bytes(), picture.read_bytes())
        st.session_state[f"{key}-drawn"] = kept
    _, data, svg = kept
    return data, svg
