"""Tables in the forms researchers take on: CSV, Parquet, Stata, Excel, LaTeX."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from textwrap import shorten
from typing import Any, TypeAlias

import numpy as np
import pandas as pd

from simulator.writing.numbers import plain
from simulator.writing.workbook import write_workbook

LONGEST_NAME = 32
"""Characters of a variable's name in Stata."""
LONGEST_LABEL = 80
"""Characters of a variable's label in Stata."""
EPOCH = datetime(1980, 1, 1)  # noqa: DTZ001 - no time of this world
"""Date that files carry whose format asks for one, so that the same tables give the same bytes."""
Described: TypeAlias = Mapping[str, tuple[str, str]]
"""What a column is, and its unit, by its name."""
STATISTICS: Described = {
    "regime": ("the regime", ""),
    "metric": ("the metric a row is about", ""),
    "mean": ("mean over replications", "unit of the metric"),
    "low": ("lower end of the 95 % interval", "unit of the metric"),
    "high": ("upper end of the 95 % interval", "unit of the metric"),
    "sd": ("standard deviation over replications", "unit of the metric"),
    "interval": ("how the interval is made", ""),
    "p": ("p value of no difference from the baseline", "probability"),
    "p_holm": ("the same, adjusted for the headline metrics together (Holm)", "probability"),
    "role": ("headline or exploratory", ""),
    "replications": ("replications in which it is defined", "count"),
    "replication": ("replication: the same market and chance in every regime", "number from 0"),
    "replications_needed": ("replications that would separate the two", "count"),
    "variance_reduction": ("variance of unpaired over that of paired differences", "ratio"),
    "controlled_mean": ("difference with what month 0 says taken out", "unit of the metric"),
    "controlled_low": ("lower end of its 95 % interval", "unit of the metric"),
    "controlled_high": ("upper end of its 95 % interval", "unit of the metric"),
    "controlled_gain": ("variance without over variance with control variates", "ratio"),
    "controls": ("control variates used", "count"),
    "kind": ("law in force, other texts, or yardsticks of this project", ""),
    "title": ("title of the regime", ""),
    "sum": ("lost, unpaid and overpaid together", "share of E"),
    "beaten_by": ("a law in force with less of all three on the means", ""),
    "surely_beaten_by": ("a law in force with less of all three, by more than luck", ""),
    "loss": ("what is counted beside what is lost: unpaid, or unpaid and overpaid", ""),
    "answer": ("where the regime beats the baseline: below or above the value", ""),
    "value": ("value of the axis, or of what is weighed", "its unit"),
    "axis": ("the lever or weight that is moved", ""),
    "cell": ("cell: a setting of the levers at a point", "number from 0"),
    "point": ("point: a setting of the uncertainties", "number from 0"),
    "lo": ("lower end of the 95 % interval", "unit of the metric"),
    "hi": ("upper end of the 95 % interval", "unit of the metric"),
    "n": ("replications in which it is defined", "count"),
    "to_baseline": ("paired difference from the baseline", "unit of the metric"),
    "to_baseline_lo": ("lower 95 % end of the difference from the baseline", "unit of the metric"),
    "to_baseline_hi": ("upper 95 % end of the difference from the baseline", "unit of the metric"),
    "to_first": ("paired difference from the first setting of the levers", "unit of the metric"),
    "to_first_lo": ("lower 95 % end of the difference from the first setting", "unit of the metric"),
    "to_first_hi": ("upper 95 % end of the difference from the first setting", "unit of the metric"),
    "above": ("cells in which it is surely above the baseline", "count"),
    "below": ("cells in which it is surely below the baseline", "count"),
    "cells": ("cells that are averaged", "count"),
    "baseline": ("the regime the others are compared with", ""),
    "market": ("the market", ""),
    "points": ("sampled points", "count"),
    "share": ("share of the sampled points in which it holds", "probability"),
    "share_low": ("lower end of its 95 % interval", "probability"),
    "share_high": ("upper end of its 95 % interval", "probability"),
    "ahead": ("points in which it is surely so", "count"),
    "behind": ("points in which it is surely the other way round", "count"),
    "open": ("points in which luck leaves it open", "count"),
    "undefined": ("points in which it is not defined", "count"),
    "lowest": ("lowest mean at a point", "unit of the outcome"),
    "highest": ("highest mean at a point", "unit of the outcome"),
    "flips": ("parameters that turn the sign, most important first", ""),
    "where": ("a part of the space in which it holds", ""),
    "id": ("the claim", ""),
    "control": ("the control beside the claim; empty for the claim itself", ""),
    "claim": ("the claim in words", ""),
    "source": ("who makes the claim", ""),
    "outcome": ("the outcome it is about", ""),
    "unit": ("unit of the effect", ""),
    "contrast": ("what is compared", ""),
    "expected": ("the sign that is claimed", ""),
    "margin": ("smallest effect that matters", "unit of the outcome"),
    "verdict": ("supported, contradicted or undecided", ""),
    "over": ("what the interval is over: luck, or points and luck", ""),
    "luck_low": ("lower end of the 95 % interval over luck, given the points", "unit of the outcome"),
    "luck_high": ("upper end of the 95 % interval over luck, given the points", "unit of the outcome"),
    "bca_low": ("lower end of its bootstrap interval (BCa)", "unit of the outcome"),
    "bca_high": ("upper end of its bootstrap interval (BCa)", "unit of the outcome"),
    "d": ("effect over its standard deviation (Cohen's d)", "ratio"),
    "d_low": ("lower end of its 95 % interval", "ratio"),
    "d_high": ("upper end of its 95 % interval", "ratio"),
    "effect": ("the contrast, mean over replications", "unit of the outcome"),
    "holds": ("whether it is as claimed at this point", "yes/no"),
    "parameter": ("the parameter that is moved", ""),
    "mechanism": ("what is switched from the one law to the other", ""),
    "alone": ("its effect with all others off", "unit of the metric"),
    "last": ("its effect with all others on", "unit of the metric"),
    "mu": ("mean of its elementary effects (Morris)", "unit of the outcome"),
    "mu_star": ("mean size of its elementary effects (Morris)", "unit of the outcome"),
    "sigma": ("standard deviation of its elementary effects (Morris)", "unit of the outcome"),
    "S1": ("share of the variance it moves alone (first order)", "share"),
    "S1_low": ("lower end of its 95 % interval", "share"),
    "S1_high": ("upper end of its 95 % interval", "share"),
    "ST": ("share of the variance it moves with others (total)", "share"),
    "ST_low": ("lower end of its 95 % interval", "share"),
    "ST_high": ("upper end of its 95 % interval", "share"),
    "frontier": ("the frontier", ""),
    "gap": ("the one outcome less the other", "unit of the outcomes"),
}
"""The columns that tables of statistics share."""
MOST_ROWS = 1_048_575
"""Rows an Excel sheet holds below its heads."""


def export(
    tables: Mapping[str, pd.DataFrame],
    folder: Path,
    workbook: str,
    described: Described | None = None,
    titles: Mapping[str, str] | None = None,
) -> list[Path]:
    """Write each table as .csv, .parquet, .dta and .tex, and all as sheets of one .xlsx; returns the files.

    ``described`` says what a column is, and its unit, where ``STATISTICS`` does not; ``titles`` are those of
    regimes, by which .tex calls them.  Tables without rows are left out; .tex and .xlsx leave out tables of
    more rows than they hold.
    """
    folder.mkdir(parents=True, exist_ok=True)
    known = {**STATISTICS, **(described or {})}
    full = {name: table for name, table in tables.items() if len(table)}
    written: list[Path] = []
    for name, table in full.items():
        stem = folder / name
        table.to_csv(stem.with_suffix(".csv"), index=False, lineterminator="\n")
        table.to_parquet(stem.with_suffix(".parquet"), index=False)
        stata(table, stem.with_suffix(".dta"), name, known)
        written += [stem.with_suffix(kind) for kind in (".csv", ".parquet", ".dta")]
        if len(table) <= 1000:
            stem.with_suffix(".tex").write_text(latex(table, titles), encoding="utf-8", newline="\n")
            written.append(stem.with_suffix(".tex"))
    sheets = {name: table for name, table in full.items() if len(table) <= MOST_ROWS}
    if sheets:
        written.append(folder / f"{workbook}.xlsx")
        whole = {name: [table] for name, table in sheets.items()}
        write_workbook(written[-1], {**whole, "units": [units_sheet(sheets, known)]})
    return written


def units_sheet(tables: Mapping[str, pd.DataFrame], described: Described) -> pd.DataFrame:
    """What each column of each table is, and its unit: a row a column."""
    rows = [
        (name, str(column), *meaning(str(column), described))
        for name, table in tables.items()
        for column in table.columns
    ]
    return pd.DataFrame(rows, columns=["sheet", "column", "what it is", "unit"])


def stata(table: pd.DataFrame, path: Path, title: str, described: Described) -> None:
    """Write a table for Stata 14 and later; variables are labelled with what they are and their unit.

    Names keep letters, digits and underscores, 32 characters at most, told apart by a number at the end.  A
    label of more than 80 characters ends with a clause.
    """
    names = dict(zip(table.columns, stata_names(list(map(str, table.columns))), strict=True))
    fit = table.rename(columns=names)
    for name in fit:
        if fit[name].dtype == object:
            fit[name] = fit[name].fillna("").astype(str)
        elif fit[name].dtype == bool:
            fit[name] = fit[name].astype(np.int8)
        elif not isinstance(fit[name].dtype, pd.CategoricalDtype):
            fit[name] = fit[name].replace([np.inf, -np.inf], np.nan)
    fit.to_stata(
        path,
        write_index=False,
        version=118,
        data_label=title[:LONGEST_LABEL],
        time_stamp=EPOCH,
        variable_labels={
            name: stata_label(*meaning(str(column), described)) for column, name in names.items()
        },
    )


def meaning(column: str, described: Described) -> tuple[str, str]:
    """What a column is, and its unit; ends of intervals are told after the column they belong to.

    >>> meaning("real_cost_low", {"real_cost": ("what is lost", "share of E")})
    ('lower 95 % end of what is lost', 'share of E')
    """
    for end, side in (("_low", "lower"), ("_high", "upper")):
        of = column.removesuffix(end)
        if column not in described and of != column and of in described:
            said, unit = described[of]
            return f"{side} 95 % end of {said}", unit
    return described.get(column, ("", ""))


def stata_label(said: str, unit: str) -> str:
    """A variable's label: what it is, and its unit in brackets; where that is too long, its first clauses.

    >>> stata_label("notice served", "yes/no")
    'notice served (yes/no)'
    >>> stata_label("1: charts are shown only under a confidentiality agreement; 0: licences alone", "count")
    '1: charts are shown only under a confidentiality agreement (count)'
    """
    unit = f" ({unit})" if unit and said else ""
    room = LONGEST_LABEL - len(unit)
    if len(said) > room:
        ends = [at for at, sign in enumerate(said) if sign in ",;(" and room // 3 < at <= room]
        said = said[: ends[-1]].rstrip() if ends else shorten(said, room, placeholder=" ...")
    return said + unit


def stata_names(columns: list[str]) -> list[str]:
    """Names Stata takes, in order, all different.

    >>> stata_names(["court.interest.court", "1st", "p"])
    ['court_interest_court', '_1st', 'p']
    >>> stata_names(["court.injunction.base_probability_licensing_company", "mean"])
    ['court_injunction_base_probabilit', 'mean']
    """
    names: list[str] = []
    for column in columns:
        name = re.sub(r"\W", "_", column, flags=re.ASCII)
        name = (f"_{name}" if not name[:1].isalpha() and name[:1] != "_" else name)[:LONGEST_NAME]
        count = 1
        while name in names:
            count += 1
            name = f"{name[: LONGEST_NAME - len(str(count)) - 1]}_{count}"
        names.append(name)
    return names


def markdown(table: pd.DataFrame) -> str:
    """A table for Markdown, numbers with four digits.

    >>> print(markdown(pd.DataFrame({"regime": ["upc"], "efficiency": [0.92345]})), end="")
    | regime | efficiency |
    |:--|--:|
    | upc | 0.9234 |
    """
    shown = table.astype(object).map(_cell)
    sides = ["--:" if pd.api.types.is_numeric_dtype(table[name]) else ":--" for name in table]
    lines = [list(map(str, table.columns)), sides, *shown.to_numpy().tolist()]
    body = [f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in line)} |" for line in lines]
    body[1] = body[1].replace(" ", "")
    return "\n".join(body) + "\n"


def latex(table: pd.DataFrame, titles: Mapping[str, str] | None = None) -> str:
    """A table for LaTeX (booktabs, longtable), numbers with four digits, regimes by their ``titles``."""
    if titles and "regime" in table:
        table = table.assign(regime=[titles.get(str(name), str(name)) for name in table["regime"]])
    shown = table.astype(object).map(_cell)
    return str(shown.to_latex(index=False, escape=True, longtable=True))


def _cell(cell: Any) -> str:
    return plain(float(cell)) if isinstance(cell, float | np.floating) else plain(cell)
