"""A window of the page: its laws, its link, its tabs.  Everything it keeps is its own."""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st

from simulator.app.choices import Selection
from simulator.app.explore import chosen, explore, open_link
from simulator.app.law import law
from simulator.app.laws import Laws
from simulator.app.learned import learned
from simulator.app.shown import STYLE, show_problems
from simulator.app.sit import sit
from simulator.app.why import why
from simulator.errors import ScenarioError

TABS: dict[str, Callable[[Laws], None]] = {
    "Explore": explore,
    "Parties answer": lambda laws: learned(laws, chosen()),
    "Why": lambda laws: why(laws, chosen()),
    "Sit at the table": lambda laws: sit(laws, chosen()),
    "Law": law,
}


def window() -> None:
    """Draw the page."""
    st.set_page_config("frandsim", layout="wide", initial_sidebar_state="collapsed")
    st.html(STYLE)
    laws, wrong = _opened()
    st.title("What do the rules change?", anchor=False)
    if wrong is not None:
        show_problems(wrong)
    tabs = st.tabs(list(TABS), key="tab", on_change="rerun")
    for draw, tab in zip(TABS.values(), tabs, strict=True):
        if tab.open:
            with tab:
                draw(laws)
    link = chosen().link(laws)
    if st.session_state.get("link") != link:
        st.session_state["link"] = link
        st.query_params.from_dict(
            {word: texts if len(texts) > 1 else texts[0] for word, texts in link.items()}
        )


def _opened() -> tuple[Laws, ScenarioError | None]:
    """The window's laws, and what is wrong with the link it was opened by."""
    state = st.session_state
    if "laws" not in state:
        state["laws"], state["wrong"] = Laws(), None
        said = {word: st.query_params.get_all(word) for word in st.query_params}
        try:
            state["laws"].unpack(said.get("law", ()))
            open_link(Selection.read(said))
        except ScenarioError as error:
            state["wrong"] = error
            open_link(Selection())
    return state["laws"], state["wrong"]
