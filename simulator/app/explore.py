"""Explore: choose a market and laws, move sliders, see what the rules change, refined while one looks."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from urllib.parse import urlencode

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from simulator.app.choices import Selection, download
from simulator.app.growing import STAGES, Growing
from simulator.app.laws import CAPS, Laws
from simulator.app.levers import AS_IS, LEVERS, joined, parted
from simulator.app.shown import DRAWING, as_html, plain, show_html, show_problems
from simulator.errors import ScenarioError
from simulator.figures.interactive import charts
from simulator.interface import ShownComparison
from simulator.report.answer import answer
from simulator.spec.find import builtin
from simulator.writing.manifest import manifest

OWN_CAP = "as each law has it"
TICK = 0.12
"""Seconds that a look at the page is kept waiting while more is played."""
ALT = {
    "plane": "Deadlock rate across, efficiency upwards: each law with its 95 % intervals, as in the table",
    "spread-effective_rate_over_frand": "Distribution over markets of what is paid over what was due, by law",
    "spread-months_to_licence": "Distribution over markets of the months to a licence, by law",
    "spread-dissipation": "Distribution over markets of the real cost, by law",
}


LONG = 2000
"""Characters of a link that every program passes on."""


def open_link(state: Selection) -> None:
    """Put what a link says into the fields, once a window."""
    moved, rest = parted(state.sets)
    fields: dict[str, object] = {
        "scenario": state.scenario if state.scenario in builtin("scenarios") else Selection.scenario,
        "regimes": list(state.regimes),
        "baseline": state.baseline,
        "seed": state.seed,
        "cap": state.cap or OWN_CAP,
        "more": "\n".join(rest),
    }
    fields |= {lever.name: moved.get(lever.name, AS_IS) for lever in LEVERS}
    st.session_state.update(fields)


def explore(laws: Laws) -> None:
    """The tab."""
    left, right = st.columns([2, 5], gap="large")
    with left:
        _fields(laws)
        choices = chosen()
        problems = st.container()
    try:
        played = _played(choices, laws)
    except ScenarioError as error:
        with problems:
            show_problems(error)
        return
    with right:
        growing = played.target is not None
        st.fragment(_results, run_every=TICK if growing else None)(played, choices, laws)


def chosen() -> Selection:
    """What the fields say, whether they are in sight or not."""
    state = st.session_state
    moved = {lever.name: str(state[lever.name]) for lever in LEVERS}
    rest = [line.strip() for line in str(state["more"]).splitlines() if line.strip()]
    return Selection(
        state["scenario"],
        tuple(state["regimes"]),
        state["baseline"],
        state["seed"].strip(),
        joined(moved, rest),
        "" if state["cap"] == OWN_CAP else state["cap"],
    )


def _fields(laws: Laws) -> None:
    state = st.session_state
    st.selectbox("Market", list(builtin("scenarios")), key="scenario", persist_state="session")
    known = [*laws.names, *(name for name in state["regimes"] if name not in laws.names)]
    regimes = st.multiselect("Laws compared", known, key="regimes", persist_state="session")
    if state["baseline"] not in regimes and regimes:
        state["baseline"] = regimes[0]
    st.selectbox("Compared with", regimes or [state["baseline"]], key="baseline", persist_state="session")
    for lever in LEVERS:
        st.select_slider(
            lever.title,
            lever.stops(state[lever.name]),
            key=lever.name,
            help=f"{lever.help} `--set {lever.name}=...`",
            persist_state="session",
        )
    words = [OWN_CAP, *CAPS] + [state["cap"]] * (state["cap"] not in (OWN_CAP, *CAPS))
    st.selectbox(
        "Price of a licence under an injunction is capped",
        words,
        format_func=lambda word: CAPS.get(word, word),
        key="cap",
        help="`court.injunction.cap`, in the laws whose court grants injunctions.",
        persist_state="session",
    )
    with st.expander("Seed, and any other number of the model"):
        st.text_input("Seed", key="seed", persist_state="session")
        st.text_area(
            "NAME=VALUE, one a line, as for `--set`",
            key="more",
            placeholder="beliefs.spread=0.3",
            height=90,
            persist_state="session",
        )
    st.button("Back to where each law has it", on_click=_reset)


def _reset() -> None:
    st.session_state.update(
        {lever.name: AS_IS for lever in LEVERS} | {"cap": OWN_CAP, "more": "", "seed": "1"}
    )


def _played(choices: Selection, laws: Laws) -> Growing:
    """What is played for these choices: that of the last run, where nothing has changed."""
    kept = st.session_state.get("played")
    if kept is None or kept[0] != (choices, laws.own):
        played = Growing(choices.played(laws, STAGES[0]))
        kept = st.session_state["played"] = ((choices, laws.own), played)
    result: Growing = kept[1]
    return result


@dataclass(frozen=True)
class Look:
    """What is shown of a comparison, each part made once."""

    shown: ShownComparison
    choices: Selection
    laws: Laws

    @cached_property
    def table(self) -> str:
        """The table of the terminal."""
        return as_html(self.shown.table())

    @cached_property
    def charts(self) -> dict[str, dict[str, Any]]:
        """The charts of the report."""
        return charts(self.shown.tables, named=True)

    @cached_property
    def words(self) -> tuple[str, str]:
        """What the answer is about, and the answer as Markdown."""
        told = answer(self.shown.tables)
        return told.about, "\n".join(f"- **{head}.** {plain(text)}" for head, text in told.said.items())

    @cached_property
    def file(self) -> tuple[str, bytes]:
        """Name and content of the scenario file, which plays as many replications as the last stage."""
        last = self.shown.scenario.model_copy(update={"replications": STAGES[-1]})
        return download(last, self.choices, self.laws, f"my-{self.choices.scenario}")

    def made(self) -> Look:
        """The same, with all its parts made: they then appear together."""
        _ = (self.table, self.charts, self.file, len(self.shown.tables.order) > 1 and self.words)
        return self

    @cached_property
    def report(self) -> bytes:
        """The report that the terminal would write, in one file."""
        told = replace(self.shown, origin=manifest(self.shown.scenario, equal_procedure=False))
        with DRAWING, TemporaryDirectory() as folder:
            return told.report(Path(folder, "report.html")).read_bytes()


def _results(played: Growing, choices: Selection, laws: Laws) -> None:
    """Everything that follows from the numbers, and the next slice of them."""
    look: Look | None = st.session_state.get("look")
    if look is None or look.shown is not played.shown or played.refine(TICK):
        look = st.session_state["look"] = Look(played.shown, choices, laws).made()
    done = played.target is None
    more = "" if done else f", refining to {STAGES[-1]}"
    counted = (  # in one piece with the table: neither is ever seen beside an earlier one of the other
        f"<p>{look.shown.scenario.replications} replications{more}; {played.seconds:.2f} s of reckoning so "
        "far. Every law meets the same markets, parties and chance.</p>"
    )
    show_html(counted + look.table, "The laws compared", names=True)
    if "plane" in look.charts:
        _chart("plane", look)
        for column, name in zip(
            st.columns(3), [name for name in look.charts if name != "plane"], strict=True
        ):
            with column:
                _chart(name, look)
    if len(look.shown.tables.order) > 1:
        about, words = look.words
        with st.expander(f"In words: {about}", expanded=True):
            st.markdown(words)
    settled = st.session_state.get("settled") is played
    _files(look, settled=settled)
    if done and not settled:
        st.session_state["settled"] = played
        st.rerun()  # without the clock that refines


def _chart(name: str, look: Look) -> None:
    st.vega_lite_chart(spec=look.charts[name], theme=None, key=f"chart-{name}", alt=ALT[name])


def _files(look: Look, *, settled: bool) -> None:
    """What can be taken away."""
    name, data = look.file
    left, middle, right = st.columns(3)
    left.download_button("Scenario", data, name, on_click="ignore", key="scenario-file", width="stretch")
    _report(middle.empty(), look, f"{Path(name).stem}.html", settled=settled)
    with right.popover("Link", width="stretch"):
        address = (st.context.url or "").split("?", 1)[0]
        link = urlencode(look.choices.link(look.laws), doseq=True)
        st.code(f"{address}?{link}", language=None, wrap_lines=True)
        if len(link) > LONG:
            st.caption("A link of this length is cut off by some programs: rather send the scenario file.")


def _report(slot: DeltaGenerator, look: Look, name: str, *, settled: bool) -> None:
    """The report: made when it is asked for, once all is refined, and then there to be saved."""
    state = st.session_state
    clicked = False
    if state.get("reported") is not look:
        clicked = slot.button("Report", key="report", width="stretch", disabled=not settled)
    if clicked:
        slot.button("Writing the report ...", key="writing", width="stretch", disabled=True)
        state["reported"] = look
    if state.get("reported") is look:
        how: dict[str, Any] = {"on_click": "ignore", "key": "report-file", "width": "stretch"}
        slot.download_button("Save the report", look.report, name, "text/html", **how)
