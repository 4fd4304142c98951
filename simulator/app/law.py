"""Law: read a regime, write one's own by menu or as text, see its errors beside its lines, compare it."""

from __future__ import annotations

from typing import Any

import streamlit as st
from rich.markup import escape
from rich.table import Table

from simulator.app.draft import MenuRule, changes, drafted
from simulator.app.laws import Laws, named
from simulator.app.shown import plain, show_problems, show_table, show_text
from simulator.errors import ScenarioError
from simulator.spec.regime import Regime
from simulator.spec.regime_diff import diff_regimes
from simulator.spec.sentences import court_rules, fault_rules, step_cells, text_rules

NEW = "my-law"
HEADS = ("Rule", "Law or text", "Assumption", "From", "Source")


def law(laws: Laws) -> None:
    """The tab."""
    state = st.session_state
    if state.get("law-base") not in laws.names:
        state["law-base"] = "upc"
    base = str(st.selectbox("Read this law", laws.names, key="law-base", persist_state="session"))
    read, write = st.columns(2, gap="large")
    with read:
        st.subheader("As it stands", anchor=False)
        file, said = st.tabs(["Its file", "In sentences"])
        with file:
            show_text(laws.text(base), None, f"{base}.yaml")
        with said:
            _sentences(laws.load(base))
    with write:
        st.subheader("A law of your own", anchor=False)
        _menu(laws, base)
        _editor(laws, base)


def _sentences(law: Regime) -> None:
    """The rules as ``frandsim regimes show`` tells them."""
    steps = [row for name in law.steps for row in step_cells(law, name)]
    stated = [
        rule.cells() for rule in [*text_rules(law), *court_rules(law), *fault_rules(law)] if rule.stated
    ]
    for title, rows in ((f"{law.title} ({law.regime})", steps), ("Text and court", stated)):
        table = Table(*HEADS, title=escape(title))
        for row in rows:
            table.add_row(*map(escape, row))
        show_table(table, title)


def _menu(laws: Laws, base: str) -> None:
    """Rules changed by menu, one at a time; what they make is a text that can be edited further."""
    state = st.session_state
    made: dict[tuple[str, ...], tuple[str, str]] = state.setdefault("law-changes", {})
    if state.get("law-changed") != base:
        state["law-changed"] = base
        made.clear()
    known = changes(laws.load(base))
    with st.container(border=True):
        st.text_input("Its name", NEW, key="law-name", persist_state="session")
        change = st.selectbox(
            f"Change this rule of {base}", known, format_func=lambda rule: rule.title, key=f"rule-{base}"
        )
        if change is None:
            return
        left, right = st.columns(2, vertical_alignment="bottom")
        _value(left, change, base)
        right.button("Change it", on_click=_change, args=(laws,), type="primary")
        st.caption(f"Now {change.now}. {change.bounds.rule() if change.bounds else ''}")
        told = [f"{title}: {becomes}" for title, becomes in made.values()]
        if told:
            st.markdown("Changed: " + "; ".join(map(plain, told)))
            st.button("Take all changes back", on_click=_unchange, args=(laws,))


def _value(place: Any, change: MenuRule, base: str) -> None:
    """What the rule becomes: a menu of its words, or a field for its number."""
    key = _key(change, base)
    if change.words:
        at = change.words.index(change.now) if change.now in change.words else 0
        place.selectbox("It becomes", change.words, index=at, key=key)
    else:
        place.text_input("It becomes", change.now.split(" ")[0].split(",")[0], key=key)


def _key(change: MenuRule, base: str) -> str:
    return f"value-{base}-{'-'.join(change.keys)}"


def _change(laws: Laws) -> None:
    """Take up what the menu says at the click, which may be later than the page."""
    state = st.session_state
    base = state["law-base"]
    change: MenuRule = state[f"rule-{base}"]
    state["law-changes"][change.keys] = (change.title, str(state[_key(change, base)]).strip())
    _write(laws)


def _unchange(laws: Laws) -> None:
    st.session_state["law-changes"].clear()
    _write(laws)


def _write(laws: Laws) -> None:
    state = st.session_state
    base, name = state["law-base"], state["law-name"].strip() or NEW
    made = {keys: value for keys, (_, value) in state["law-changes"].items()}
    state["law-text"] = drafted(name, base, laws.load(base), made)


def _editor(laws: Laws, base: str) -> None:
    state = st.session_state
    if "law-text" not in state:
        state["law-text"] = drafted(NEW, base, laws.load(base), {})
    st.button("Start from the whole text of this law", on_click=_copy, args=(laws,))
    text = st.text_area(
        "Its text (leave the field, or Ctrl-Enter, to check it)",
        key="law-text",
        height=260,
        persist_state="session",
    )
    error, own = None, None
    try:
        own = laws.read(text)
    except ScenarioError as wrong:
        error = wrong
    if error is not None:
        st.error(f"{len(error.problems)} problem{'s' * (len(error.problems) > 1)}: see the lines below.")
        show_text(text, error, f"{named(text)}.yaml")
        return
    if own is not None:
        st.success(f"{own.regime} is a law the engine can play.")
        st.button("Use it in Explore", on_click=_use, args=(laws,), type="primary")
        st.download_button("Save its file", text, f"{own.regime}.yaml", on_click="ignore")
        _difference(laws.load(base), own)


def _difference(first: Regime, own: Regime) -> None:
    table = Table("Rule", escape(first.regime), escape(own.regime), title="Where they differ")
    for rule in diff_regimes(first, own):
        table.add_row(escape(rule.topic), escape(rule.first), escape(rule.second))
    if not table.rows:
        st.caption(f"On no rule does it differ from {first.regime}.")
        return
    show_table(table, f"Where {own.regime} differs from {first.regime}")


def _copy(laws: Laws) -> None:
    base = st.session_state["law-base"]
    text = laws.text(base)
    own = base if base in laws.own else f"my-{base}"
    st.session_state["law-text"] = text.replace(f"regime: {base}", f"regime: {own}", 1)


def _use(laws: Laws) -> None:
    """Add the law to those compared, and open Explore."""
    try:
        own = laws.keep(st.session_state["law-text"])
    except ScenarioError as error:
        show_problems(error)
        return
    chosen = st.session_state["regimes"]
    if own.regime not in chosen:
        st.session_state["regimes"] = [*chosen, own.regime]
    st.session_state["tab"] = "Explore"
