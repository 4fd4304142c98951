"""The figures of a comparison, in the order of its report: name, title, how to read it, its data."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import pandas as pd

from simulator.comparison.tables import Tables
from simulator.figures.learned import arrows
from simulator.figures.plane import levels, plane
from simulator.figures.protocol import faults, steps
from simulator.figures.regimes import colour, label
from simulator.figures.shares import account, causes, ends
from simulator.figures.spread import rates, ridgeline, survival
from simulator.figures.standing import best, convergence
from simulator.figures.style import Figure
from simulator.figures.surplus import waterfall


@dataclass(frozen=True)
class Plot:
    """A figure of the report: file name, title, how to read it, its data and how it is drawn.

    ``marks`` says what its intervals or bands are; empty where it has none.
    """

    name: str
    title: str
    caption: str
    data: Callable[[Tables], pd.DataFrame]
    draw: Callable[[Tables], Figure]
    marks: str = ""

    def rows(self, tables: Tables) -> pd.DataFrame:
        """Its data; no rows where there is no number to draw: one regime alone, or nothing is defined."""
        data = self.data(tables)
        findings = data.drop(columns="start", errors="ignore").select_dtypes("float")  # no counts, no places
        shown = findings.notna().to_numpy().any()
        return data if shown else data.iloc[:0]


def _ids(tables: Tables) -> dict[str, str]:
    """Names for many small panels, without status."""
    return {name: name for name in tables.order}


def _names(tables: Tables) -> dict[str, str]:
    return {name: label(tables.regimes[name]) for name in tables.order}


def _tints(tables: Tables) -> dict[str, str]:
    return {name: colour(tables.regimes[name]) for name in tables.order}


def _convergence(tables: Tables) -> Figure:
    shown = dict.fromkeys(tables.convergence["regime"])
    names = {name: text for name, text in _ids(tables).items() if name in shown}
    return convergence(tables.convergence, names, difference=len(tables.order) > 1)


T_INTERVALS = "95 % intervals over replications"

PLOTS = (
    Plot(
        "arrows",
        "Where regimes move once parties answer them",
        "From given conduct to the menu's long run of named strategies, and on to each end of learning. An "
        "end may lack a certificate: the table says so.",
        lambda tables: tables.learned.get("learned_outcomes", pd.DataFrame()),
        lambda tables: arrows(tables.learned["learned_outcomes"], _tints(tables)),
    ),
    Plot(
        "plane",
        "Deadlock and efficiency together",
        "Mean of each regime over replications; bars are 95 % intervals; where drawn, ellipses are joint "
        "95 % confidence regions. Up and to the left is better on both. A point far from all others stands "
        "at the edge.",
        lambda tables: tables.plane if len(tables.order) > 1 else tables.plane.iloc[:0],
        plane,
        f"Bars: {T_INTERVALS}; ellipses: joint 95 % confidence regions (Hotelling)",
    ),
    Plot(
        "levels",
        "Deadlock and efficiency side by side, with paired differences",
        "Dots are means over replications, lines 95 % intervals. Differences are taken inside each "
        "replication, where both regimes meet the same market and the same chance, so their intervals are"
        " the ones to read when comparing; an interval across 0 does not separate a regime from the "
        "baseline.",
        lambda tables: tables.levels,
        levels,
        f"Lines: {T_INTERVALS}; differences are paired by replication",
    ),
    Plot(
        "ends",
        "How negotiations ended",
        "The two blues are the parties' own agreements; everything to their right is deadlock.",
        lambda tables: tables.ends,
        ends,
        "Means over replications",
    ),
    Plot(
        "rates",
        "What was paid, compared with FRAND rates",
        "Distribution over all counted negotiations of royalty, damages and interest paid (Y) over what "
        "the true FRAND rate on the same sales would have brought (E), both discounted. 1 is FRAND; past "
        "use that went unpaid lowers it.",
        lambda tables: tables.rates,
        rates,
        "Counted negotiations of all replications",
    ),
    Plot(
        "spread",
        "How outcomes spread over replications",
        "Each replication is another market and other luck. Drawn as ridges: kernel densities, bars the "
        "middle 50 % and 90 % of replications, diamonds medians. To explore, as cumulative distributions: "
        "where one line lies left of another all the way, that regime has less in good and bad markets "
        "alike. How far one market can lie from another is shown, not how sure a mean is.",
        lambda tables: tables.spread,
        lambda tables: ridgeline(tables.spread, _names(tables), _tints(tables)),
        "Ridges: Gaussian kernel densities over replications; bars: their middle 50 % and 90 %",
    ),
    Plot(
        "survival",
        "How long it took",
        "Share of the negotiations of all replications still without a licence, with 95 % bands, up to the "
        "month for which the latest contact is followed, so that none is censored. Below the dotted line: "
        "licences without agreement (court, tribunal, injunction), which preclude one by agreement. "
        "Negotiations of one replication share their chance, so the bands come from leaving out whole "
        "replications. Dashed: the baseline.",
        lambda tables: tables.survival,
        lambda tables: survival(tables.survival, _ids(tables), _tints(tables), tables.baseline),
        "Bands: 95 %, jackknife over replications on the scale log(-log S); dashed: the baseline; dotted: "
        "licensed without agreement (Aalen-Johansen)",
    ),
    Plot(
        "account",
        "Where the entitlement went",
        "Up to the line at 100 %: what became of the money FRAND rates would have brought. Beyond it: "
        "what was overpaid (a transfer), and what was spent or lost (dissipation). Underpayment can make "
        "output lost negative; it is then in the table, not in the bar.",
        lambda tables: tables.account,
        account,
        "Means over replications",
    ),
    Plot(
        "surplus",
        "Where the surplus went",
        "0 is the surplus of FRAND licences at once and without cost (the benchmark); each bar takes a "
        "loss from it, down to what was realised. Below the line: transfers, which move money and lose "
        "none. Dotted: the baseline. Output gained by underpaying counts here; in efficiency it does not.",
        lambda tables: tables.surplus,
        lambda tables: waterfall(tables.surplus, _ids(tables), tables.baseline),
        "Means over replications; dotted outlines: the baseline",
    ),
    Plot(
        "causes",
        "Why talks failed",
        "The deadlock rate as the sum of its causes.",
        lambda tables: tables.causes,
        causes,
        "Means over replications",
    ),
    Plot(
        "steps",
        "The step at which talks ended",
        "The step of the regime's own protocol that was due when talks ended without the parties' agreement; "
        "steps at which fewer than one negotiation in a hundred ended are in the table.",
        lambda tables: tables.steps,
        steps,
        "Shares of all counted negotiations",
    ),
    Plot(
        "faults",
        "Faults booked",
        "Share of counted negotiations in which conduct was booked as a fault, whether or not a court "
        "later acted on it. Regimes recognise different faults, so an empty cell can mean that the "
        "conduct is not a fault there.",
        lambda tables: tables.faults,
        faults,
        "Shares of all counted negotiations",
    ),
    Plot(
        "best",
        "How likely each regime is the best",
        "Chance that a regime has the best mean of those compared, given this many replications of this one "
        "market. A chance of 100 % says that the run is long enough, not that the regime is best elsewhere.",
        lambda tables: tables.best,
        lambda tables: best(tables.best, _names(tables), _tints(tables)),
        "Bayesian bootstrap over replications, all regimes at once",
    ),
    Plot(
        "convergence",
        "How the numbers settle",
        "Mean of the first n replications with its 95 % interval; of the paired difference from the "
        "baseline where regimes are compared. A band that left 0 long before the last replication says "
        "that more of them would hardly turn the sign.",
        lambda tables: tables.convergence,
        _convergence,
        f"Bands: {T_INTERVALS} so far",
    ),
)
