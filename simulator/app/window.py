"""A window of the page: its laws, its link, its tabs.  Everything it keeps is its own."""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st

from simulator.app.choices import Choices
from simulator.app.explore import explore, open_link
from simulator.app.laws import Laws
from simulator.app.shown import STYLE, show_problems
from simulator.errors import ScenarioError

TABS = ("Explore", "Why", "Sit at the table", "Law")


def window() -> None:
    """Draw the page."""
    st.set_page_config("frandsim", layout="wide", initial_sidebar_state="collapsed")
    st.html(STYLE)
    laws, wrong = _opened()
    st.title("What do the rules change?", anchor=False)
    if wrong is not None:
        show_problems(wrong)
    tabs = st.tabs(TABS, key="tab", on_change="rerun")
    drawn: dict[str, Callable[[Laws], Choices | None]] = {"Explore": explore}
    for name, tab in zip(TABS, tabs, strict=True):
        if tab.open and name in drawn:
            with tab:
                choices = drawn[name](laws)
                if choices is not None:
                    st.session_state["choices"] = choices
    link = st.session_state["choices"].link() if "choices" in st.session_state else {}
    link = {word: texts if len(texts) > 1 else texts[0] for word, texts in link.items()}
    if st.session_state.get("link") != link:
        st.session_state["link"] = link
        st.query_params.from_dict(link)


def _opened() -> tuple[Laws, ScenarioError | None]:
    """The window's laws, and what is wrong with the link it was opened by."""
    state = st.session_state
    if "laws" not in state:
        state["laws"], state["wrong"] = Laws(), None
        said = {word: st.query_params.get_all(word) for word in st.query_params}
        try:
            open_link(Choices.read(said))
        except ScenarioError as error:
            state["wrong"] = error
            open_link(Choices())
    return state["laws"], state["wrong"]
