"""Parties answer: the laws of Explore where both sides have learned to answer them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache, cached_property
from itertools import chain
from pathlib import Path
from tempfile import TemporaryDirectory

import pandas as pd
import streamlit as st
from rich.table import Table

from simulator.app.choices import Selection, whole
from simulator.app.laws import Laws
from simulator.app.shown import DRAWING, plain, show_picture, show_problems, show_table
from simulator.comparison.learned import LEFT, learned_rows
from simulator.errors import ScenarioError
from simulator.evolution.learned.files import Library
from simulator.evolution.learned.stages import (
    CREDIBLE,
    LEARNED,
    PLANE,
    Played,
    equilibria_table,
    outcome_table,
)
from simulator.experiments.learned_law import Law
from simulator.experiments.learning import folder_of, markets
from simulator.experiments.sweep import load
from simulator.figures.learned import arrows
from simulator.figures.regimes import colour
from simulator.figures.style import save, style
from simulator.outcomes.measures import METRICS
from simulator.spec.experiment import Experiment
from simulator.writing.numbers import unit, upper_first

EXPERIMENT = "laws_at_learned_equilibria"
"""The built-in experiment whose learned strategies are played."""
PLAYED = 20
"""Replications of each law at each stage and each end."""
ABOUT = (
    "Both sides have looked for the conduct that pays them best under each law, from several starts. Each is "
    "played at the market's own conduct > where imitation among the named strategies leads > at each end of "
    "learning, lowest to highest. *Certified*: ends at which searches of their own found nothing that may "
    "gain 1.5 % of what is due, and find at least .85 of what ten times longer ones do; none where they were "
    "not searched anew since they were learned. (The experiment's own page measures once more on fresh luck "
    "what was found, which some do not pass.) *Apart*: ends that differ. *Gain left*: what a search gains "
    "at each of the three, at the end where it is most. What such an end means, and what it does not: "
    "docs/learning.md."
)
ARROWS = "From the market's own conduct to the menu's long run, and on to each end of learning"


@dataclass(frozen=True)
class LearnedLaws:
    """Laws of a market with what was learned there, played from a seed."""

    laws: Sequence[Law]
    certificates: pd.DataFrame

    @classmethod
    def of(cls, laws: Sequence[Law]) -> LearnedLaws:
        """Laws of a market with their certificates as they were when they were learned."""
        told = library()[1].certificates
        here = told["market"] == laws[0].scenario.market.market
        names = [law.regime for law in laws]
        return cls(laws, told[here & told["regime"].isin(names) & (told["stage"] != CREDIBLE)])

    @cached_property
    def learned(self) -> dict[str, pd.DataFrame]:
        """Outcomes at each stage and end, and what is said of the ends."""
        played: Played = dict(chain.from_iterable(law.played(PLANE).items() for law in self.laws))
        return {
            "learned_outcomes": outcome_table(played),
            "equilibria": equilibria_table(played, self.certificates),
        }

    def table(self) -> Table:
        """A row a law: the three stages, and what is said of the ends."""
        market = self.laws[0].scenario
        table = Table(title=f"{market.title}: laws where parties answer them (seed {market.seed})")
        heads = [f"{upper_first(METRICS[name].title)}, {unit(METRICS[name].unit)}" for name in PLANE]
        for head in ("Law", *heads, "Apart", "Certified", "Gain left", "At most"):
            table.add_column(head)
        for row in learned_rows(self.learned, [law.regime for law in self.laws]):
            table.add_row(row["regime"], *(row[name] for name in (*PLANE, *LEFT)))
        return table

    @cached_property
    def drawn(self) -> bytes:
        """The arrows, as SVG."""
        tints = {law.regime: colour(law.scenario.regimes[0]) for law in self.laws}
        with DRAWING, TemporaryDirectory() as folder:
            with style():
                figure = arrows(self.learned["learned_outcomes"], tints)
            (path,) = save(figure, Path(folder, "arrows"), {"Title": ARROWS}, ["svg"])
            return path.read_bytes()


def learned(laws: Laws, choices: Selection) -> None:
    """The tab; market, laws and seed are those of Explore."""
    st.caption(f"The market, the laws and the seed are those of Explore. {ABOUT}")
    try:
        ends, without = ends_of(laws, choices)
    except ScenarioError as error:
        show_problems(error)
        return
    if without:
        st.info("\n\n".join(map(plain, without)))
    if not ends:
        return
    answers = _answers(ends, choices)
    show_table(answers.table(), "The laws where parties answer them")
    show_picture(answers.drawn, ARROWS, small=True)
    names = [law.regime for law in answers.laws]
    if st.session_state.get("learned-law") not in names:
        st.session_state["learned-law"] = names[0]
    name = st.selectbox("What they do under", names, key="learned-law", persist_state="session")
    law = next(law for law in answers.laws if law.regime == name)
    show_table(conduct(law), f"What parties do under {name}")


def ends_of(laws: Laws, choices: Selection) -> tuple[list[Law], list[str]]:
    """What was learned of the laws chosen, and in sentences what was not.  Raises ``ScenarioError``."""
    experiment, files = library()
    there = {scenario.scenario: (scenario, regimes) for scenario, regimes in markets(experiment)}
    if choices.scenario not in there:
        places = " and ".join(there)
        return [], [f"Nothing was learned on {choices.scenario}, but on {places}. {_terminal(choices)}"]
    if choices.sets or choices.cap:
        moved = ", ".join([*choices.sets, *[f"cap {choices.cap}"] * bool(choices.cap)])
        said = f"What was learned holds for laws as their files have them, and values are moved: {moved}."
        return [], [f"{said} Put them back in Explore. {_terminal(choices)}"]
    scenario, regimes = there[choices.scenario]
    own, without = [], [] if choices.regimes else ["No law is chosen in Explore."]
    for name in choices.regimes:
        if name in laws.own or name not in regimes:
            without.append(f"{name}: nobody has learned under this law. {_terminal(choices)}")
            continue
        single = scenario.under(name).model_copy(
            update={"replications": PLAYED, "seed": whole(choices.seed, "seed")}
        )
        law = Law(single, tuple(files.ends(single, name)))
        if not law.ends:
            without.append(f"{name}: nobody has learned under this law. {_terminal(choices)}")
        elif law.outdated:
            without.append(f"{name}: what was learned was learned under other rules than today's.")
        else:
            own.append(law)
    return own, without


def _terminal(choices: Selection) -> str:
    return f"To learn in the terminal: frandsim compare {choices.scenario} --learned"


@cache
def library() -> tuple[Experiment, Library]:
    """The experiment, and what was learned in it."""
    experiment = load(EXPERIMENT)
    return experiment, Library.read(folder_of(experiment))


def _answers(ends: Sequence[Law], choices: Selection) -> LearnedLaws:
    """What is played, once for the same choices."""
    kept = st.session_state.get("learned-played")
    if kept is None or kept[0] != choices:
        answers = LearnedLaws.of(ends)
        with st.spinner("Playing what was learned ..."):
            _ = answers.learned, answers.drawn
        kept = st.session_state["learned-played"] = (choices, answers)
    result: LearnedLaws = kept[1]
    return result


def conduct(law: Law) -> Table:
    """What each kind of firm plays at each end, in words."""
    table = Table(title=f"{law.regime}: what was learned, by start")
    for head in ("Learned from", "Firm", "Share, %", "What it does", "Nearest named", "Commits itself in"):
        table.add_column(head)
    for row in law.told:
        if row["stage"] == LEARNED:
            share, binds = (f"{100 * row[name]:.0f}" for name in ("share", "binds"))
            commits = f"{binds} % of cases: {row['not_credible']}" if row["not_credible"] else ""
            table.add_row(row["start"], row["kind"], share, row["told"], row["nearest"], commits)
    return table
