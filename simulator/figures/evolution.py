"""Figures of evolution: the measured games, where they lead, phase portraits, time series, ladders."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import partial
from textwrap import fill
from typing import Any, Literal

import numpy as np
import pandas as pd

from simulator.figures.learned import arrows
from simulator.figures.regimes import colour
from simulator.figures.style import (
    BLACK,
    BLUE,
    GREY,
    LIGHT,
    PAGE,
    PERCENT,
    Axes,
    Figure,
    canvas,
    ink,
    looks,
)
from simulator.outcomes.measures import METRICS
from simulator.parameters import registry
from simulator.spec.regime import Regime
from simulator.writing.numbers import unit

ACROSS = 4
SIDES = ("holder", "implementer")
SHADES = ("#FFFFFF", "#CFE3F1", "#9CC7E3", "#5FA3D0", "#0072B2")
"""White to blue in five steps: share of time 0-1 %, to 10, to 30, to 60, above."""


def short(strategy: str) -> str:
    """A strategy without its side.

    >>> short("holder_hold_up")
    'hold up'
    """
    return strategy.removeprefix("holder_").removeprefix("implementer_").replace("_", " ")


def strategies(table: pd.DataFrame) -> Figure:
    """Where evolution leads: stacked shares of strategies, one row a regime, holders beside implementers."""
    regimes = list(dict.fromkeys(table["regime"]))
    told = [fill(str(name), 44) for name in regimes]
    places, tall = _rows(told)
    figure = canvas(PAGE, 1.5 + tall)
    for ax, side in zip(figure.subplots(1, 2, sharey=True), SIDES, strict=True):
        rows = table[table["side"] == side]
        shares = rows.pivot(index="regime", columns="strategy", values="share").loc[regimes].fillna(0.0)
        look = looks(shares.columns)
        left = np.zeros(len(regimes))
        for name in shares.columns:
            width = shares[name].to_numpy()
            tint = look[name][0]
            ax.barh(places, width, left=left, color=tint, label=short(name), height=0.19)
            for place in np.flatnonzero(width > 0.08):
                where = float(left[place] + width[place] / 2)
                said = f"{100 * width[place]:.0f}"
                ax.text(where, places[place], said, ha="center", va="center", fontsize=7, color=ink(tint))
            left += width
        ax.set_yticks(places, told, fontsize=7)
        ax.set_ylim(tall, 0)
        ax.set_xlim(0, 1)
        ax.xaxis.set_major_formatter(PERCENT)
        ax.set_xlabel(f"% of {side}s")
        ax.set_title(f"{side}s")
        ax.grid(visible=False, axis="y")
        handles, texts = ax.get_legend_handles_labels()
        corner: Literal["outside lower left", "outside lower right"] = (
            "outside lower left" if side == SIDES[0] else "outside lower right"
        )
        figure.legend(handles, texts, loc=corner, ncols=2, fontsize=7, title=f"{side}s", title_fontsize=8)
    return figure


def _panels(count: int, width: float, height: float) -> tuple[Figure, list[Axes]]:
    across = min(ACROSS, count, max(1, int(PAGE / width)))
    down = math.ceil(count / across)
    figure = canvas(max(width * across, 4.5), height * down + 0.5)
    axes = list(figure.subplots(down, across, squeeze=False).ravel())
    for ax in axes[count:]:
        ax.set_axis_off()
    return figure, axes[:count]


def games(payoffs: pd.DataFrame, profiles: pd.DataFrame) -> Figure:
    """Each regime's game: payoffs (holder; implementer), best replies in bold, shade = share of time."""
    regimes = list(dict.fromkeys(payoffs["regime"]))
    rows = list(dict.fromkeys(payoffs["holder_strategy"]))
    columns = list(dict.fromkeys(payoffs["implementer_strategy"]))
    size = min(0.75 if len(rows) * len(columns) > 9 else 1.0, (PAGE - 0.9) / len(columns))
    figure, axes = _panels(len(regimes), 0.9 + size * len(columns), 1.1 + 0.5 * size * len(rows))
    for ax, regime in zip(axes, regimes, strict=True):
        game = payoffs[payoffs["regime"] == regime]
        A, B = (
            game.pivot(index="holder_strategy", columns="implementer_strategy", values=side)
            .loc[rows, columns]
            .to_numpy()
            for side in SIDES
        )
        lead = profiles[profiles["regime"] == regime].set_index(["holder_strategy", "implementer_strategy"])
        for i, row in enumerate(rows):
            for j, column in enumerate(columns):
                cell = lead.loc[(row, column)]
                tint = SHADES[int(np.searchsorted([0.01, 0.1, 0.3, 0.6], cell["time"]))]
                stable = cell["ess_resamples"] > 0.5
                ax.bar(
                    j,
                    0.94,
                    width=0.94,
                    bottom=i - 0.47,
                    color=tint,
                    edgecolor=BLACK if stable else LIGHT,
                    lw=1.6 if stable else 0.5,
                )
                best = (A[i, j] >= A[:, j].max(), B[i, j] >= B[i].max())
                for k, value in enumerate((A[i, j], B[i, j])):
                    ax.text(
                        j,
                        i - 0.2 + 0.4 * k,
                        f"{value:.2f}",
                        ha="center",
                        va="center",
                        fontsize=7 if size < 1 else 8,
                        color=ink(tint),
                        weight="bold" if best[k] else "normal",
                    )
        ax.set_xticks(
            range(len(columns)),
            [short(one) for one in columns],
            fontsize=7,
            rotation=40 if len(columns) > 2 else 0,
            ha="right" if len(columns) > 2 else "center",
        )
        ax.set_yticks(range(len(rows)), [short(one) for one in rows], fontsize=7)
        ax.set_ylim(len(rows) - 0.5, -0.5)
        ax.set_xlim(-0.5, len(columns) - 0.5)
        ax.set_title(regime, fontsize=8)
        ax.grid(visible=False)
        ax.tick_params(length=0)
    return figure


def phase(table: pd.DataFrame) -> Figure:
    """Two strategies each: arrows of the replicator, dots coloured by where each mix leads."""
    regimes = list(dict.fromkeys(table["regime"]))
    look = looks(list(dict.fromkeys(table["end"])))
    figure, axes = _panels(len(regimes), 2.7, 2.7)
    for ax, regime in zip(axes, regimes, strict=True):
        rows = table[table["regime"] == regime]
        for end, part in rows.groupby("end", sort=False):
            ax.scatter(
                part["holders"],
                part["implementers"],
                s=14,
                marker="s",
                color=look[str(end)][0],
                alpha=0.3,
                lw=0,
            )
        few = rows.iloc[[k for k in range(len(rows)) if (k // 25) % 3 == 1 and (k % 25) % 3 == 1]]
        dx, dy = few["holders_change"].to_numpy(), few["implementers_change"].to_numpy()
        length = np.hypot(dx, dy)
        length[length == 0] = 1.0
        ax.quiver(
            few["holders"], few["implementers"], dx / length, dy / length, color=BLACK, width=0.006, scale=18
        )
        ax.set_xlim(0, 1)
        ax.set_ylim(0, 1)
        ax.xaxis.set_major_formatter(PERCENT)
        ax.yaxis.set_major_formatter(PERCENT)
        ax.set_title(regime, fontsize=8)
        ax.set_xlabel("% of holders", fontsize=7)
        ax.set_ylabel("% of implementers", fontsize=7)
    for end, (tint, _) in look.items():
        axes[0].scatter(
            [], [], marker="s", color=tint, alpha=0.5, label=" x ".join(map(short, end.split(" x ")))
        )
    figure.legend(loc="outside lower center", ncols=3)
    return figure


def trajectories(table: pd.DataFrame) -> Figure:
    """Shares over time: one panel a regime, holders solid, implementers dashed; bands where there are."""
    regimes = list(dict.fromkeys(table["regime"]))
    names = {side: list(dict.fromkeys(table[table["side"] == side]["strategy"])) for side in SIDES}
    tints = {side: looks(names[side]) for side in SIDES}
    figure, axes = _panels(len(regimes), 3.1, 2.3)
    for ax, regime in zip(axes, regimes, strict=True):
        for (side, name), rows in table[table["regime"] == regime].groupby(["side", "strategy"], sort=False):
            tint = tints[str(side)][str(name)][0]
            dash = "-" if side == "holder" else "--"
            ax.plot(rows["time"], rows["share"], color=tint, ls=dash, lw=1.2)
            if "low" in rows:
                ax.fill_between(rows["time"], rows["low"], rows["high"], color=tint, alpha=0.08, lw=0)
        ax.set_ylim(-0.02, 1.02)
        ax.yaxis.set_major_formatter(PERCENT)
        ax.set_title(regime, fontsize=8)
        ax.set_xlabel("generations" if "low" in table else "time (units of 1/E)", fontsize=7)
        ax.set_ylabel("% of the side", fontsize=7)
    for side, dash in zip(SIDES, ("-", "--"), strict=True):
        for name in names[side]:
            axes[0].plot([], [], color=tints[side][name][0], ls=dash, label=f"{side}s: {short(name)}")
    figure.legend(loc="outside lower center", ncols=3)
    return figure


def basins(profiles: pd.DataFrame) -> Figure:
    """Share of initial mixes that lead to each end, one row a regime (and cell)."""
    profiles = _by_cell(profiles)
    inside = profiles[profiles["basin"] > 0]
    ends = [
        " x ".join(short(part) for part in (row["holder_strategy"], row["implementer_strategy"]) if part)
        for row in inside.to_dict("records")
    ]
    table = inside.assign(end=ends).pivot(index="regime", columns="end", values="basin").fillna(0.0)
    regimes = [name for name in dict.fromkeys(profiles["regime"]) if name in table.index]
    table = table.loc[regimes]
    look = looks(table.columns)
    told = [fill(name, 44) for name in regimes]
    places, tall = _rows(told)
    figure = canvas(PAGE, 1.6 + tall)
    ax = figure.add_subplot()
    left = np.zeros(len(regimes))
    for name in table.columns:
        width = table[name].to_numpy()
        ax.barh(
            places,
            width,
            left=left,
            color=look[name][0],
            label=name,
            height=0.19,
            edgecolor="white",
            lw=0.5,
        )
        left += width
    ax.set_yticks(places, told, fontsize=7)
    ax.set_ylim(tall, 0)
    ax.set_xlim(0, 1)
    ax.xaxis.set_major_formatter(PERCENT)
    left_out = profiles["regime"].nunique() - len(regimes)
    said = "% of initial mixes that lead there under the replicator; one colour: all lead to one end"
    if left_out:
        said += f"; {left_out} more regimes or cells have no end that attracts any mix: shares cycle or drift"
    ax.grid(visible=False, axis="y")
    figure.legend(loc="outside lower center", ncols=3, title=fill(said, 100), title_fontsize=8)
    return figure


def ladder(table: pd.DataFrame) -> Figure:
    """Along a parameter: share of each strategy where evolution leads, bands 95 %; one row a regime."""
    parameter = str(table.columns[0])
    regimes = list(dict.fromkeys(table["regime"]))
    figure = canvas(PAGE, 1.3 + 1.7 * len(regimes))
    axes = figure.subplots(len(regimes), 2, sharex=True, sharey=True, squeeze=False)
    for column, side in zip(axes.T, SIDES, strict=True):
        names = list(dict.fromkeys(table[table["side"] == side]["strategy"]))
        look = looks(names)
        for ax, regime in zip(column, regimes, strict=True):
            for name in names:
                part = table[(table["regime"] == regime) & (table["strategy"] == name)].sort_values(parameter)
                tint = look[name][0]
                ax.plot(part[parameter], part["share"], "o-", color=tint, ms=3, lw=1.2, label=short(name))
                ax.fill_between(part[parameter], part["low"], part["high"], color=tint, alpha=0.12, lw=0)
            ax.set_title(f"{regime}: {side}s", fontsize=8)
            ax.set_ylim(-0.02, 1.02)
            ax.yaxis.set_major_formatter(PERCENT)
            ax.set_ylabel(f"% of {side}s", fontsize=8)
        below = 0.42 / (0.75 * figure.get_figheight() / len(regimes))
        column[-1].legend(fontsize=7, loc="upper center", bbox_to_anchor=(0.5, -below), ncols=2)
    known = registry()[parameter]
    figure.supxlabel(f"{known.title} ({known.unit})", fontsize=8)
    return figure


def _rows(labels: Sequence[str]) -> tuple[list[float], float]:
    """Where rows stand that are as tall as their labels ask for (inches from the top), how tall all are."""
    heights = [max(0.25, 0.08 + 0.12 * (text.count("\n") + 1)) for text in labels]
    ends = np.cumsum(heights)
    return list(ends - np.array(heights) / 2), float(ends[-1])


def long_run(table: pd.DataFrame) -> Figure:
    """Where evolution leads in each cell of an experiment: as ``strategies``, one row a cell and regime."""
    return strategies(_by_cell(table))


def _by_cell(table: pd.DataFrame) -> pd.DataFrame:
    """The table of an experiment with the cell's values in the regime's name; others as they are.

    Of more than two levers only those that differ from the first cell are named.
    """
    names = list(table.columns[1 : list(table.columns).index("regime")]) if "cell" in table else []
    if not names:
        return table
    values = table[names].to_numpy(float)
    said = [registry()[name].title if name in registry() else name for name in names]
    named = (values != values[0]) | (len(names) <= 2)
    told = [
        ", ".join(f"{name} {x:g}" for name, x, shown in zip(said, row, some, strict=True) if shown)
        for row, some in zip(values, named, strict=True)
    ]
    labels = [
        f"{regime} ({which or 'first cell'})" for regime, which in zip(table["regime"], told, strict=True)
    ]
    return table.assign(regime=labels)


def change(table: pd.DataFrame) -> Figure:
    """Each outcome at the initial and the evolved mix, one row a cell and regime."""
    table = _by_cell(table)
    metrics = list(dict.fromkeys(table["metric"]))
    places = list(dict.fromkeys(table["regime"]))
    told = [fill(place, 44) for place in places]
    across = min(3, len(metrics))
    down = math.ceil(len(metrics) / across)
    y, tall = _rows(told)
    figure = canvas(PAGE, down * (tall + 0.8) + 0.4)
    panels = list(figure.subplots(down, across, sharey=True, squeeze=False).flat)
    for ax in panels[len(metrics) :]:
        ax.set_axis_off()
    for ax, metric in zip(panels, metrics, strict=False):
        rows = table[table["metric"] == metric]
        ax.hlines(y, rows["evolved_low"], rows["evolved_high"], color=BLUE, lw=1.4)
        ax.plot(rows["static"], y, "o", mfc="white", mec=GREY, ms=5)
        ax.plot(rows["evolved"], y, "o", color=BLUE, ms=4)
        ax.set_title(METRICS[metric].title, fontsize=8)
        ax.set_xlabel(unit(METRICS[metric].unit), fontsize=7)
        if METRICS[metric].unit.startswith("share"):
            ax.xaxis.set_major_formatter(PERCENT)
        ax.set_yticks(y, told, fontsize=7)
        ax.set_ylim(tall, 0)
    return figure


def detection(table: pd.DataFrame) -> Figure:
    """Maps over the chance that hold-up and the chance that hold-out is caught, one a regime."""
    regimes = list(dict.fromkeys(table["regime"]))
    figure, axes = _panels(len(regimes), 2.3, 2.2)
    for ax, regime in zip(axes, regimes, strict=True):
        part = table[table["regime"] == regime]
        grid = part.pivot(index="hold_up_caught", columns="hold_out_caught", values="good_faith")
        rows, columns = list(grid.index), list(grid.columns)
        for y in range(len(rows)):
            for x in range(len(columns)):
                share = float(grid.iloc[y, x])
                tint = SHADES[int(np.searchsorted([0.01, 0.1, 0.3, 0.6], share))]
                ax.bar(x, 0.96, width=0.96, bottom=y - 0.48, color=tint, edgecolor=LIGHT, lw=0.4)
                ax.text(x, y, f"{100 * share:.0f}", ha="center", va="center", fontsize=7, color=ink(tint))
        ax.set_xticks(range(len(columns)), [f"{one:g}" for one in columns], fontsize=7)
        ax.set_yticks(range(len(rows)), [f"{one:g}" for one in rows], fontsize=7)
        ax.set_title(regime, fontsize=8)
        ax.set_xlabel("hold-out caught", fontsize=7)
        ax.set_ylabel("hold-up caught", fontsize=7)
        ax.grid(visible=False)
        ax.tick_params(length=0)
    return figure


def courts(table: pd.DataFrame) -> Figure:
    """Three populations: what a court earns by setting rates, by injunctions or by staying out."""
    acts = list(dict.fromkeys(table["court"]))
    profiles = list(dict.fromkeys(zip(table["holder_strategy"], table["implementer_strategy"], strict=True)))
    look = looks(acts)
    figure = canvas(PAGE, 1.6 + 0.24 * len(profiles))
    ax = figure.add_subplot()
    for act in acts:
        rows = (
            table[table["court"] == act].set_index(["holder_strategy", "implementer_strategy"]).loc[profiles]
        )
        places = np.arange(len(profiles))
        ax.errorbar(
            rows["court_payoff"],
            places,
            xerr=1.96 * rows["court_payoff_se"],
            fmt="o",
            ms=4,
            color=look[act][0],
            label=act,
            lw=1,
        )
        sure = rows["stable"].to_numpy(bool)
        ax.plot(rows["court_payoff"].to_numpy()[sure], places[sure], "o", ms=10, mfc="none", mec=BLACK)
    ax.axvline(0, color=GREY, lw=0.8)
    ax.set_yticks(range(len(profiles)), [f"{short(a)} x {short(b)}" for a, b in profiles], fontsize=7)
    ax.set_ylim(len(profiles) - 0.4, -0.6)
    ax.set_xlabel("court's payoff: efficiency less error (share of E)")
    figure.legend(loc="outside lower center", ncols=3, title="the court")
    return figure


def figures(
    tables: Mapping[str, pd.DataFrame], laws: Iterable[Regime]
) -> dict[str, tuple[Callable[..., Figure], list[Any], str]]:
    """The figures whose tables are there: how each is drawn, from what, and its title.

    ``laws`` are the regimes that the tables are about.
    """
    tints = {law.regime: colour(law) for law in laws}
    known: dict[str, tuple[Callable[..., Figure], tuple[str, ...], str]] = {
        "strategies": (strategies, ("strategies",), "Strategies in the long run, % of each side."),
        "games": (
            games,
            ("payoffs", "profiles"),
            (
                "Measured payoffs, share of E: holder above, implementer below; best replies in bold; shade: "
                "share of time in the long run (1, 10, 30, 60 %); frame: stable in most resampled games."
            ),
        ),
        "phase": (
            phase,
            ("phase",),
            (
                "Replicator dynamics: arrows show its direction, colours where each mix leads; axes: share "
                "of the first strategy of each side."
            ),
        ),
        "trajectories": (trajectories, ("trajectories",), "Shares over time, from the market's initial mix."),
        "basins": (basins, ("profiles",), "Where initial mixes lead under the replicator."),
        "map": (ladder, ("map",), "Long-run shares along the parameter, with 95 % bands."),
        "shares": (long_run, ("shares",), "Strategies in the long run by cell, % of each side."),
        "change": (
            change,
            ("outcomes",),
            "Initial mix (hollow) and evolved mix (full), 95 % intervals.",
        ),
        "detection": (
            detection,
            ("detection",),
            "Share of time (%) in which both sides play good faith, by the chances that faults are seen.",
        ),
        "arrows": (
            partial(arrows, tints=tints),
            ("learned_outcomes",),
            "From the market's mix to the menu's long run and to where learning ended (certified or not).",
        ),
        "courts": (
            courts,
            ("courts",),
            (
                "Courts as a third population: payoff of each kind of court at each profile, 95 % intervals; "
                "circle: the profile with that court is stable."
            ),
        ),
    }
    return {
        name: (draw, [tables[one] for one in needed], title)
        for name, (draw, needed, title) in known.items()
        if all(one in tables for one in needed)
    }
