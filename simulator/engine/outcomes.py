"""The outcomes table: one row per negotiation, every column with its unit.

The order of the columns is the order of the record the engine writes, so the table needs no
translation: labels are added beside the integer codes when a table is published.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np


class Column(NamedTuple):
    """One column of the outcomes table."""

    name: str
    kind: str
    unit: str
    meaning: str


COLUMNS: tuple[Column, ...] = (
    Column("regime", "i4", "code", "the regime"),
    Column("replication", "i4", "index", "replication: the same market and luck in every regime"),
    Column("negotiation", "i4", "index", "holder x implementers + implementer"),
    Column("holder", "i4", "index", "SEP holder"),
    Column("implementer", "i4", "index", "implementer"),
    Column("holder_strategy", "i4", "code", "strategy of the holder"),
    Column("implementer_strategy", "i4", "code", "strategy of the implementer"),
    Column("counted", "i4", "0/1", "notice served with enough months left to the horizon: in every metric"),
    Column("outcome", "i4", "Outcome", "how the negotiation ended"),
    Column("cause", "i4", "Cause", "why the parties reached no agreement of their own; none if they did"),
    Column("stage", "i4", "code", "settled: 1 before first judgment, 2 after it, 3 on appeal; else 0"),
    Column("notice_month", "i4", "months", "first contact"),
    Column("licence_month", "i4", "months", "licence in force; horizon if never"),
    Column("months_to_licence", "f8", "months", "from first contact, restricted to the horizon"),
    Column("months_unlicensed", "f8", "months", "of use without a licence"),
    Column("filed", "i4", "0/1", "a suit was filed: talks failed"),
    Column("filer", "i4", "Party", "who filed first; none if nobody"),
    Column("filing_month", "i4", "months", "first suit; none if nobody sued"),
    Column("judgments", "i4", "count", "judgments given"),
    Column("appealed", "i4", "0/1", "a judgment was appealed"),
    Column("injunction", "i4", "0/1", "an injunction was granted"),
    Column("suits_lost", "i4", "count", "suits the holder lost on liability"),
    Column("months_pending", "f8", "months", "a case of the pair was pending"),
    Column("months_excluded", "f8", "months", "products were excluded from the forum"),
    Column("rounds", "i4", "count", "months in which a party moved its offer"),
    Column("disclosures", "i4", "bit mask", "Disclosure bits handed over"),
    Column("faults", "i8", "bit mask", "Fault bits booked"),
    Column("fault_weight_holder", "f8", "weight", "uncured weight at the end"),
    Column("fault_weight_implementer", "f8", "weight", "uncured weight at the end"),
    Column("missed_steps", "i8", "bit mask", "protocol steps missed"),
    Column("last_step", "i4", "index", "protocol step that was due when the pair's talks ended"),
    Column("first_ask", "f8", "of price", "holder's first offer; nan if none"),
    Column("first_bid", "f8", "of price", "implementer's first offer; nan if none"),
    Column("frand_rate", "f8", "of price", "true FRAND rate r*, seen by nobody"),
    Column("rate", "f8", "of price", "running rate of the licence; nan if none"),
    Column("court_rate", "f8", "of price", "rate found by the court; nan if none"),
    Column(
        "entitlement", "f8", "USD m", "E: r* x sales under the standard from first use, discounted to month 0"
    ),
    Column(
        "paid",
        "f8",
        "USD m",
        "Y: royalty, damages, interest paid, net of what the holder owes, discounted to month 0",
    ),
    Column("cost_holder", "f8", "USD m", "holder's transaction and litigation cost, discounted"),
    Column("cost_implementer", "f8", "USD m", "implementer's transaction and litigation cost, discounted"),
    Column("cost_litigation", "f8", "USD m", "litigation part of both parties' cost, discounted"),
    Column("cost_public", "f8", "USD m", "public court cost, discounted"),
    Column("margin_lost", "f8", "USD m", "implementer's margin lost under exclusion and exit, discounted"),
    Column(
        "output_lost",
        "f8",
        "USD m",
        "output the stack costs beyond FRAND rates, pair's part, discounted",
    ),
    Column(
        "surplus_benchmark",
        "f8",
        "USD m",
        "total surplus at FRAND licences at once, this pair's part, discounted",
    ),
    Column("margin_benchmark", "f8", "USD m", "implementer's gross margin, this pair's part, discounted"),
    Column(
        "escrow_cost",
        "f8",
        "USD m",
        "implementer's cost of a deposit: a transfer to its depositary, discounted",
    ),
    Column(
        "margin_diverted",
        "f8",
        "USD m",
        "margin lost under exclusion and exit that rivals earn, discounted",
    ),
    Column("licence_end", "i4", "months", "end of the first licence; horizon if it ran to it, or never was"),
    Column("licences_ended", "i4", "count", "licences of the pair that ended before the horizon"),
    Column("renewals", "i4", "count", "of them followed by another"),
    Column("months_lapsed", "f8", "months", "of use without a licence after one ended"),
    Column("lump", "i4", "0/1", "its own licences are paid in one sum at signing"),
    Column("threats", "i4", "count", "threats of suit by the holder"),
    Column("under_threat", "i4", "0/1", "first licence signed under a threat of suit"),
    Column("credited", "f8", "USD m", "of paid, set off against the implementer's own patents, discounted"),
    Column("favoured", "i4", "count", "times a most-favoured clause lowered the rate"),
    Column("adopted_month", "i4", "months", "the implementer took the standard up; horizon if never"),
    Column(
        "barrier", "f8", "of price", "what doing without the standard costs the implementer; nan: none can"
    ),
    Column(
        "sales_market",
        "f8",
        "USD m",
        "implementer's sales at no royalties, under the standard or not, discounted",
    ),
    Column("sales_adopted", "f8", "USD m", "of them while it had taken the standard up, discounted"),
    Column(
        "entitlement_forgone",
        "f8",
        "USD m",
        "E - due besides, had none kept out that would take part at FRAND rates, discounted",
    ),
    Column(
        "cost_outside",
        "f8",
        "USD m",
        "of margin_lost: doing without the standard, or without the holder's technology, discounted",
    ),
    Column("bond", "f8", "share", "relationship of the two firms at the horizon: 1 whole, 0 broken"),
    Column("sales_seen", "f8", "ratio", "sales as the holder sees them over what they are, at the end"),
    Column("margin_seen", "f8", "ratio", "margin as the holder sees it over what it is, at the end"),
    Column("capped", "f8", "share", "of the running royalties agreed that a cap leaves; 1: all"),
    Column("covered", "f8", "share", "of the implementer's sales that the licence covers; nan if no licence"),
    Column("generations", "i4", "count", "generations of the standard that the licence covers; 0 if none"),
    Column("vacated", "i4", "count", "judgments an appeal vacated and sent back for a new trial"),
    Column("retried", "i4", "count", "of them tried anew; the rest were settled, or the horizon came first"),
    Column("rate_region_one", "f8", "of price", "running rate in the first region; nan if no licence"),
    Column("rate_region_two", "f8", "of price", "running rate in the second region; nan if no licence"),
    Column("rate_region_three", "f8", "of price", "in the third; nan if no licence or no such region"),
)

OUTCOME = np.dtype((np.record, [(column.name, column.kind) for column in COLUMNS]))
