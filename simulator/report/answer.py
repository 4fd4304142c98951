"""The answer in words, as the first screen of a report gives it: no symbol, no p value, laws by their titles.

What the law in force does best, at which price, how sure that is and where it turns; yardsticks apart.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from simulator.comparison.frontier import KINDS, in_words, kind
from simulator.comparison.tables import Tables, number
from simulator.outcomes.measures import METRICS
from simulator.spec.regime import same_rules
from simulator.statistics.paired import paired
from simulator.statistics.switching import switching_value
from simulator.writing.numbers import percent, upper_first, value

UNDEFINED = (
    "No negotiation could be counted in any simulated market, or nothing was due in it: every outcome is "
    "undefined. Contacts late in the months simulated are left out, so a longer horizon may help."
)


@dataclass(frozen=True)
class Answer:
    """Sentences under heads, about the regimes of one kind; and one on each yardstick."""

    about: str
    said: dict[str, str]
    yardsticks: list[str]


def answer(tables: Tables) -> Answer:
    """The answer of a comparison: about the law in force where there is any, else about what there is."""
    kinds = tables.frontier["kind"][np.isfinite(tables.frontier["sum"].astype(float))]
    if kinds.empty:
        return Answer(KINDS[0], {"Nothing to compare": UNDEFINED}, [])
    chosen = next(one for one in KINDS if (kinds == one).any())
    field = [str(name) for name in kinds.index[kinds == chosen]]
    apart = [str(name) for name in kinds.index[kinds == KINDS[2]]] if chosen != KINDS[2] else []
    said = {"What it does": _alone(tables, field[0])} if len(field) == 1 else _answered(tables, field, chosen)
    return Answer(chosen, said, [_yardstick(tables, name) for name in apart])


def _answered(tables: Tables, field: list[str], about: str) -> dict[str, str]:
    first, second = field[:2]
    row = _row(tables, first)
    least = min(field, key=lambda name: float(_row(tables, name)["sum"]))
    peace = min(field, key=lambda name: number(tables.summary, name, "deadlock_rate"))
    among = {"law in force": "of the law in force", "other texts": "of these texts"}.get(
        about, "of these yardsticks"
    )
    price = f"{_price(tables, first)} {upper_first(_delay(row))}. "
    failed = number(tables.summary, peace, "deadlock_rate")
    other = (
        f"{titled(tables, peace)}, {percent(failed)}"
        if peace != first
        else f"the same law, {percent(failed)}"
    )
    return {
        "Does best": (
            f"{titled(tables, first)} loses least {among}: of each dollar that holders are due, "
            f"{cents(row['real_cost'])} cents are lost to everyone, on talks and suits or with sales that "
            f"nobody makes. Next comes {titled(tables, second)} with "
            f"{cents(_row(tables, second)['real_cost'])}."
        ),
        "At which price": price + _both(tables, first, least, among),
        "Agreement": (
            f"Talks fail least often under {other} of negotiations; under {titled(tables, first)} "
            f"{percent(number(tables.summary, first, 'deadlock_rate'))} end without the parties' own "
            "agreement."
            if peace != first
            else f"Talks fail least often under {other} of negotiations."
        ),
        "How sure": _sure(tables, first, second),
        "Where it turns": _turns(tables, first, least if least != first else second),
    }


_DELAY = "months_to_licence"


def _row(tables: Tables, name: str) -> dict[str, Any]:
    """A row of the frontier."""
    return {str(column): tables.frontier[column].to_dict()[name] for column in tables.frontier}


def titled(tables: Tables, name: str) -> str:
    """A regime by its title, as a quotation, and where it is the law."""
    regime = tables.regimes[name]
    where = "" if kind(regime) == KINDS[2] else f" ({regime.jurisdiction})"
    return f"“{regime.title}”{where}"


def cents(share: float) -> str:
    """A share of a dollar in cents.

    >>> cents(0.0173), cents(0.43)
    ('1.7', '43.0')
    """
    return f"{100 * share:.1f}"


def _price(tables: Tables, name: str) -> str:
    row = _row(tables, name)
    return (
        f"Under it {cents(row['underpaid'])} cents of each dollar due are not paid, and "
        f"{cents(row['overpaid'])} are paid beyond what was due."
    )


def _delay(row: Mapping[str, Any]) -> str:
    if not math.isfinite(row[_DELAY]):
        return "no licence was signed"
    return f"a licence takes {row[_DELAY]:.0f} months from first contact"


def _both(tables: Tables, first: str, least: str, among: str) -> str:
    """Which regime has least lost and in the wrong pocket together."""
    sums = {name: _row(tables, name)["sum"] for name in (first, least)}
    if least == first:
        return f"Lost and wrongly paid together, {cents(sums[first])} cents, are least {among} too."
    row = _row(tables, least)
    return (
        f"Lost and wrongly paid together are least under {titled(tables, least)}, {cents(sums[least])} cents "
        f"against {cents(sums[first])}: {cents(row['real_cost'])} lost, {cents(row['underpaid'])} not paid, "
        f"{cents(row['overpaid'])} overpaid."
    )


def _sure(tables: Tables, first: str, second: str) -> str:
    gap = lead(tables, second, first, "dissipation")
    count = f"{int(gap['replications']):,} simulated markets"
    if not math.isfinite(gap["low"]):
        return "One simulated market says nothing on chance: play more replications."
    low, high = f"{100 * gap['low']:.1f}", f"{100 * gap['high']:.1f}"
    if gap["low"] > 0:
        said = (
            f"The lead is more than chance: {low} to {high} cents with 95 % confidence, from {count}."
            if low != high
            else f"The lead is more than chance: {low} cents with 95 % confidence, from {count}."
        )
    else:
        said = (
            f"The lead may be chance: with 95 % confidence it lies between {low} and {high} cents, from "
            f"{count}. The two are not told apart."
        )
    return f"{said} Chance in the simulation is all this covers: other markets may rank the laws otherwise."


def _turns(tables: Tables, ours: str, theirs: str) -> str:
    """The weight of a dollar unpaid at which the choice between two regimes switches."""
    units = tables.units[["dissipation", "hold_out_index", "hold_up_index"]]
    if len(units.index.unique("replication")) < 2:
        return "One simulated market does not tell."
    one, other = (units.xs(name, level="regime").to_numpy() for name in (ours, theirs))
    cost, unpaid, _ = np.asarray(one - other, dtype=np.float64).T
    switch = switching_value(cost, unpaid)
    said = in_words(switch.answer, switch.value, titled(tables, ours), titled(tables, theirs), "unpaid")
    if switch.answer in ("below", "above") and math.isfinite(switch.high):
        low, high = cents(switch.low), cents(switch.high)
        if low != high:
            said += f" Between {low} and {high} cents neither is shown to be better."
    return said + " What an unpaid dollar does cost society is not for this model to say."


def _alone(tables: Tables, name: str) -> str:
    row = _row(tables, name)
    return (
        f"Under {titled(tables, name)}, of each dollar that holders are due, {cents(row['real_cost'])} cents "
        f"are lost to everyone, {cents(row['underpaid'])} are not paid and {cents(row['overpaid'])} are paid "
        "beyond what was due. "
        f"{level(tables, name, 'deadlock_rate')} {upper_first(_delay(row))}."
    )


def _yardstick(tables: Tables, name: str) -> str:
    row = _row(tables, name)
    return (
        f"{titled(tables, name)}: {cents(row['real_cost'])} cents lost, {cents(row['underpaid'])} not paid, "
        f"{cents(row['overpaid'])} overpaid; {_delay(row)}."
    )


def lead(tables: Tables, ours: str, theirs: str, metric: str) -> Mapping[str, float]:
    """A metric under one regime less that under another, paired: the numbers of ``paired``."""
    values = tables.units[[metric]]
    one, other = (values.xs(name, level="regime").to_numpy() for name in (ours, theirs))
    alike = same_rules(tables.regimes[ours], tables.regimes[theirs])
    compared = paired(one, other, METRICS[metric].span, equal=alike, matters=METRICS[metric].matters)
    numbers = {name: float(part[0]) for name, part in compared.items() if name != "interval"}
    block = tables.evidence.scenario.block
    return numbers | {name: block * numbers[name] for name in ("replications_needed", "replications")}


def level(tables: Tables, regime: str, metric: str) -> str:
    """One outcome of one regime with its interval."""
    measured = METRICS[metric].unit
    mean, low, high = (number(tables.summary, regime, metric, key) for key in ("mean", "low", "high"))
    between = (
        f" (95 % interval {value(low, measured)} to {value(high, measured)})" if math.isfinite(low) else ""
    )
    percent_sign = " %" if measured.startswith("share") else ""
    return f"{upper_first(METRICS[metric].title)}: {value(mean, measured)}{percent_sign}{between}."
