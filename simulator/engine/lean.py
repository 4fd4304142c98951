"""Mechanisms that a run does without: machine code of its own is made without them.

A market or a forum has a switch for each mechanism that most runs leave off.  Compiled code asks them every
month, of every negotiation.  Where all of them are off, records are handed over without these fields, and
what would be read there is a constant: the same rules, the same bits, a fifth of the time less.  Where any
is on, records come whole.  Fields that a court's laws often differ in stay.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np

from simulator.compiled import is_on, left_out
from simulator.engine.law import FORUM
from simulator.engine.market import MARKET, Rules

MARKET_OFF: Mapping[str, float] = {
    # licences
    "licensed_use": 0, "renewal": 1.0, "most_favoured": 0.0, "lump_share": 0.0, "caps": 0, "expiring": 0.0,
    # generations and regions
    "drifts": 0, "arrives_later": 0, "multimode": 0, "territorial": 0,
    # the standard
    "chooses": 0, "next_best": 0.0, "mandatory": 0, "estoppel": 0,
    # what parties know
    "private": 0, "sales_spread": 0.0, "margin_spread": 0.0, "ownership_doubt": 0.0, "charts_secret": 0,
    "list_first": 0, "calculates": 0,
    # talks and relations
    "breakdown": 0.0, "breakdown_growth": 0.0, "doubt": 1.0, "bond_suit": 0.0, "bond_threat": 0.0,
}  # fmt: skip
"""By field of a market: its value where the mechanism is off; whole numbers are those of codes and flags."""
FORUM_OFF: Mapping[str, float] = {
    # how the rate is found
    "plain": 1, "range": 0, "all_licensors": 0, "likens": 0, "carries": 0, "region": -1, "uplift": 0.0,
    # what bounds it
    "controlled": 0, "anti_hold_up": 0, "anti_stacking": 0, "adequate_reward": 0.0, "non_discrimination": 0.0,
    "aggregate_cap": 0,
    # before judgment and after it
    "from_notice": 0, "deposit_running": 0, "enjoin_chance": 0.0, "enjoin_after": 0, "enjoin_compensated": 0,
    "refuses_adr": 0.0, "vacated": 0.0,
}  # fmt: skip
"""By field of a forum: the same."""


def _of_them(kind: np.dtype, names: Iterable[str]) -> np.dtype:
    """The dtype of records of a kind, in place, with some of their fields alone."""
    names, fields = list(names), dict(kind.fields or {})
    formats, offsets = ([fields[name][part] for name in names] for part in (0, 1))
    layout: Any = {"names": names, "formats": formats, "offsets": offsets, "itemsize": kind.itemsize}
    return np.dtype(layout, align=True)


class _Switches:
    """The switches of a kind of records, and what is left of a record where they are off."""

    def __init__(self, kind: np.dtype, off: Mapping[str, float]) -> None:
        self.told, self.off = _of_them(kind, off), tuple(off.values())
        self.rest = _of_them(kind, (name for name in kind.names or () if name not in off))
        left_out(self.rest, off)

    def are_off(self, records: np.ndarray) -> bool:
        return all(record == self.off for record in records.view(self.told).tolist())


OF_MARKET, OF_FORUM = _Switches(MARKET, MARKET_OFF), _Switches(FORUM, FORUM_OFF)


def lean(rules: Rules) -> Rules:
    """The same rules for compiled code: without the switches, where all of them are off."""
    if not is_on() or not OF_MARKET.are_off(rules.market) or not OF_FORUM.are_off(rules.forums):
        return rules
    return rules._replace(
        market=rules.market.view(OF_MARKET.rest),
        forums=rules.forums.view(OF_FORUM.rest),
    )
