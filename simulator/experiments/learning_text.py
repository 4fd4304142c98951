"""The answer of an experiment at learned equilibria as Markdown, and its main table."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping
from itertools import groupby
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from scipy import stats

from simulator.evolution.evolved import LEVEL
from simulator.evolution.learned.certificate import MOST, percent
from simulator.evolution.learned.checks import MONTHS, RESTS
from simulator.evolution.learned.stages import (
    CERTIFIED,
    CREDIBLE,
    LEARNED,
    MENU,
    OPEN,
    OPPOSITE,
    RECALL,
    SMALL,
    SOME,
    STAGES,
    START,
    WIDE,
    Z,
)
from simulator.evolution.learned.tables import INSIDE, gain_cell
from simulator.experiments.learned_claims import claim_cells
from simulator.outcomes.further_measures import MEASURES
from simulator.spec.experiment import LearningRules
from simulator.spec.phrases import listing
from simulator.writing.formats import markdown, records
from simulator.writing.numbers import interval, unit, value

if TYPE_CHECKING:
    from simulator.experiments.learning import LearningResults

SHOWN = ("deadlock_rate", "efficiency", "dissipation", "hold_out_index", "hold_up_index", "months_to_licence")


def span(values: pd.Series[float], kind: str) -> str:
    """What the ends of learning come to: one value, or the lowest and highest."""
    low, high = (value(float(one), kind) for one in (values.min(), values.max()))
    return low if low == high else f"{low} to {high}"


def summary(results: LearningResults) -> tuple[list[str], list[list[str]]]:
    """Heads and rows of the main table: by stage, ends, gain left."""
    names = [name for name in SHOWN if name in results.experiment.outcomes]
    heads = ["market", "regime"]
    heads += [f"{MEASURES[name].title} ({unit(MEASURES[name].unit)})" for name in names]
    heads += ["ends apart / starts", "certified (of these apart)", "recall", "gain left", "at most"]
    rows = []
    settled = _at(results.equilibria, {"stage": LEARNED})
    ends = {(row["market"], row["regime"]): row for row in records(settled)}
    for (market, regime), part in results.outcomes.groupby(["market", "regime"], sort=False):
        cells = [str(market), str(regime)]
        for name in names:
            own = part[part["metric"] == name]
            said = [span(own[own["stage"] == stage]["mean"], MEASURES[name].unit) for stage in STAGES]
            cells.append(" > ".join(said if (market, regime) in ends else said[:1]))
        there = ends.get((market, regime))
        if there is None:
            cells += ["not learned", "", "", "", ""]
        else:
            passed = f"{there['certified']} ({there['certified_apart']})"
            point, low, high = (there[column] for column in RECALL)
            recall = f"{value(point, 'ratio')} {interval(low, high, 'ratio')}".rstrip()
            recall = "" if pd.isna(point) else recall
            apart = f"{there['apart']} / {there['starts']}"
            cells += [apart, passed, recall, gain_cell(there), percent(there["upper"])]
        rows.append(cells)
    return heads, rows


def answer(results: LearningResults) -> str:
    """The answer: claims, outcomes by stage, verdicts on regimes that survive, commitments."""
    plan, scenario = results.experiment, results.experiment.scenario
    how = plan.learning or LearningRules()
    lines = [
        (
            f"`frandsim experiment {plan.experiment}`: seed {scenario.seed}, {scenario.replications} "
            f"replications of each market; what was learned (planned: {how.starts} starts a regime, searches "
            f"of {how.search:,} negotiations) is replayed from the files beside the experiment; what the "
            "best deviations found then gain is measured again on luck used for nothing else "
            f"({how.replications} replications of each pair of kinds)."
        ),
        "",
        *_claims(results),
        (
            f"**Outcomes**: {START} > {MENU} > {LEARNED} (lowest to highest of the ends). *Ends apart*: ends "
            "that differ in deadlock or efficiency by what matters. *Certified*: ends whose certificate "
            f"passed when it was made (with the *recall* of searches under that law, in brackets an "
            "approximate 95 % interval where it was measured), and again: the best "
            "searched deviation of every kind, played on fresh luck, may gain less than "
            f"{percent(MOST)}. *Gain left*: of the end from which "
            "such a deviation gains most, measured again, with a 95 % interval that is simultaneous over the "
            "kinds of that end, not over the ends; *at most*: the highest upper end of any."
        ),
        "",
        *markdown(*summary(results)),
    ]
    if results.missing:
        lines += ["", f"Not learned: {'; '.join(results.missing)}."]
    if short := short_of(results.equilibria, how.starts):
        lines += ["", f"Learned from fewer starts than planned, so with another budget: {short}."]
    if results.outdated:
        lines += ["", f"Learned under other rules than are played now: {'; '.join(results.outdated)}."]
    lines += _open_ends(results.certificates, how.rounds)
    for market, pairs in groupby(results.unsearched, key=lambda pair: pair[0]):
        names = [regime for _, regime in pairs]
        which = "all" if len(names) == len(results.laws[market]) else ", ".join(names)
        lines += [
            "",
            (
                f"On {market} not searched anew since they were learned ({which}): the searches of these "
                "certificates are those that ended the learning, and their recall is another law's, so they "
                "count as none."
            ),
        ]
    lines += ["", *_left(results), *_survivors(results), *_checks(results), *_commitments(results)]
    return "\n".join(lines) + "\n"


def short_of(equilibria: pd.DataFrame, starts: int) -> str:
    """By market and stage, which laws were learned from fewer starts than planned: all but those named."""
    said = []
    places = equilibria.groupby(["market", "stage"], sort=False) if len(equilibria) else ()
    for (market, stage), part in places:
        short = part[part["starts"] < starts]
        if len(short):
            whole = part.loc[part["starts"] >= starts, "regime"]
            counts = ", ".join(map(str, sorted(set(short["starts"]))))
            rest = f"all but {', '.join(whole)}" if len(whole) else "all"
            where = f"on {market}" if stage == LEARNED else f"on {market}, {stage},"
            said.append(f"{where} {rest} (starts: {counts})")
    return "; ".join(said)


def _open_ends(certificates: pd.DataFrame, rounds: int) -> list[str]:
    """By market, how many ends learning may have gone on from, and where there are others beside them."""
    said = []
    learned = _at(certificates, {"stage": LEARNED}) if len(certificates) else certificates
    for market, part in learned.groupby("market", sort=False) if len(learned) else ():
        used, several = (part["rounds"] >= rounds).sum(), (part["equilibria_of_known"] > 1).sum()
        if used:
            all_used = f"At {used} of {len(part)} ends on {market} learning used all {rounds} rounds"
            said += ["", f"{all_used}: it may not have settled."]
        if several:
            text = (
                f"At {several} ends on {market} the game of the strategies known has other equilibria, which "
                "are neither searched nor played."
            )
            said += ["", text]
    return said


def _claims(results: LearningResults) -> Iterator[str]:
    if not len(results.hypotheses):
        return
    yield (
        "**Claims made before anything was learned**, each at every pair of ends of its regimes: mean over "
        "pairs, and the span of their 95 % intervals; p: the largest of all pairs, adjusted over the claims "
        "(Holm), controls among themselves. Share: of pairs at which the mean is as expected. Undecided "
        "where a regime was not learned from every start planned."
    )
    heads = ["Claim", "Contrast", "Expected", "Effect", "p", "Verdict", "Share of pairs"]
    yield from ["", *markdown(heads, [claim_cells(row) for row in records(results.hypotheses)]), ""]
    yield (
        "The same contrasts where parties do not answer, where they choose among named strategies, and at "
        "certified ends alone (at how many pairs of them; no verdict is drawn from these):"
    )
    units = {one.id: MEASURES[one.outcome].unit for one in results.experiment.hypotheses}
    rows = []
    for name, part in results.contrasts.groupby("id", sort=False):
        kind = units[str(name)]
        cells = [
            f"{value(row['mean'], kind)} {interval(row['low'], row['high'], kind)}" if row["pairs"] else "–"
            for row in records(part)
        ]
        pairs = next(row["pairs"] for row in records(part) if row["stage"] == CERTIFIED)
        rows.append([str(name), unit(kind), *cells[:-1], f"{cells[-1]} ({pairs})"])
    yield from ["", *markdown(["claim", "unit", *STAGES, CERTIFIED], rows), ""]


def _left(results: LearningResults) -> Iterator[str]:
    """What searches gain at each stage: how far conduct as given, named and learned is from an answer."""
    table = results.certificates
    if not len(table):
        return
    now = {(market, law.regime) for market, laws in results.laws.items() for law in laws if not law.outdated}
    table = table[[place in now for place in zip(table["market"], table["regime"], strict=True)]]
    given = table[table["stage"].isin([START, MENU])]
    if not len(given):
        return
    yield (
        "**What is left to gain at each stage.** The deviation that searches of every kind of firm found to "
        "gain most, in isolated pairs, measured again on fresh luck, % of what is due, with its 95 % "
        "interval (simultaneous over the kinds of firms at that place); where parties have learned, at the "
        "end where it is most. A lower bound within the space searched: by the lower end at least conduct as "
        "given is no answer to the law. *Median*: over the laws of a market. Laws learned under other "
        "rules are left out."
    )
    rows = []
    for market, part in given.groupby("market", sort=False):
        ends = _at(table, {"market": str(market), "stage": LEARNED})
        parts = [_at(part, {"stage": START}), _at(part, {"stage": MENU}), ends]
        most = [own.loc[own.groupby("regime")["gain_again"].idxmax()] for own in parts]
        by_law = [{row["regime"]: row for row in records(own)} for own in most]
        medians = [percent(float(own["gain_again"].median())) for own in most]
        for regime in dict.fromkeys(ends["regime"]):
            places = (one.get(regime) for one in by_law)
            rows.append([str(market), str(regime), *("" if row is None else _most(row) for row in places)])
        rows.append([str(market), "*median*", *medians])
    yield from ["", *markdown(["market", "regime", *STAGES], rows), ""]


def _most(row: dict[str, Any]) -> str:
    """A kind of firm with what its deviation gains on fresh luck."""
    again = {end: row[f"{end}_again"] for end in ("gain", "low", "high")}
    return f"{row['kind_again']}: {gain_cell(again)}"


def _survivors(results: LearningResults) -> Iterator[str]:
    """How many verdicts on pairs of regimes survive all three stages, which, and why others are open."""
    yield (
        "**Verdicts on regimes.** Of all pairs: in how many one is better at a stage by what matters, beyond "
        "1.96 standard errors (learned: at every pair of ends); *survive*: the same one at all three stages; "
        "*turn*: decided at the start, and decided the other way where parties have learned. The rest of "
        "those decided at the start: *kept* is decided as at the start, but not in the menu's long run; open "
        f"are those {OPPOSITE} (which equilibrium people are in decides), decided {SOME}, {SMALL} (all of "
        f"every interval), or with {WIDE}. In brackets: survive or turn where "
        "certified ends alone count. Intervals are over luck, given the ends that were learned, without "
        "adjustment for many pairs. Pairs of which one was not learned, or from another number of starts, "
        "are left out."
    )
    rows, told = [], []
    learned = set(zip(results.equilibria["market"], results.equilibria["regime"], strict=True))
    both = [
        {(row["market"], row["first"]), (row["market"], row["second"])} <= learned
        for row in records(results.rankings)
    ]
    for (market, metric), part in results.rankings[both].groupby(["market", "metric"], sort=False):
        counts = [str(int((part[stage] != "").sum())) for stage in STAGES]
        sorts = tally(records(part))
        title = MEASURES[str(metric)].title
        rows.append([str(market), title, str(len(part)), *counts, *(said for _, said in sorts)])
        if metric in ("deadlock_rate", "efficiency"):
            decided = part[(part[START] != "") & (part[LEARNED] != "")]
            turned = decided[decided[START] != decided[LEARNED]]
            survives = part[part["survives"].astype(bool)]
            told += [_pairs(market, metric, "survive", survives), _pairs(market, metric, "turn", turned)]
    heads = ["market", "outcome", "pairs", *STAGES, *(head for head, _ in tally([]))]
    yield from ["", *markdown(heads, rows), ""]
    yield from (line for said in told if said for line in (said, ""))


def tally(pairs: Iterable[Mapping[str, Any]]) -> list[tuple[str, str]]:
    """What becomes of the pairs of laws decided at the start, where parties have learned: head and count."""
    own = [row for row in pairs if row[START]]
    same = [row for row in own if row[LEARNED] == row[START]]
    turn = [row for row in own if row[LEARNED] not in ("", row[START])]
    survive = [row for row in same if row[MENU] == row[START]]
    sure_survive = [row for row in own if row[CERTIFIED] == row[MENU] == row[START]]
    sure_turn = [row for row in own if row[CERTIFIED] not in ("", row[START])]
    why = Counter(str(row["why_open"]) for row in own if not row[LEARNED])
    return [
        ("survive", f"{len(survive)} ({len(sure_survive)})"),
        ("turn", f"{len(turn)} ({len(sure_turn)})"),
        ("kept", str(len(same) - len(survive))),
        *((f"open: {reason}", str(why[reason])) for reason in OPEN),
    ]


def _pairs(market: Any, metric: Any, what: str, part: pd.DataFrame) -> str:
    """Which verdicts survive or turn: better regime > the other (as it is where parties have learned)."""
    if not len(part):
        return ""
    beaten: dict[str, list[str]] = {}
    for row in records(part):
        first, second = row["first"], row["second"]
        better, worse = (first, second) if row[LEARNED] == first else (second, first)
        beaten.setdefault(better, []).append(worse)
    most = sorted(beaten.items(), key=lambda law: -len(law[1]))
    named = [f"{better} > {', '.join(worse)}" for better, worse in most]
    title = MEASURES[str(metric)].title
    return f"*{title}, {market}: verdicts that {what}* (better > worse): {'; '.join(named)}."


def _checks(results: LearningResults) -> Iterator[str]:
    """How many ends rest on commitment, and what deviations gain inside the market."""
    table = _at(results.deviations, {"stage": LEARNED})
    if not {"regret", "inside"} <= set(table):
        return
    played = min(INSIDE, results.experiment.scenario.replications)
    table = inside(table.dropna(subset=["regret", "inside"]), results.certified, played)
    yield (
        "**Mid-case, and in the market.** *Rest on commitment*: ends where some kind of firm gains more than "
        f"{percent(RESTS)} by a switch, after {listing(map(str, MONTHS))} months, to another strategy of its "
        "side there, beyond 1.96 standard errors (the switch that is best on other luck). The best deviation "
        "of every kind, which was searched in isolated pairs, is played once more by one firm in the running "
        "market, in which royalties stack, courts queue and licences are compared. *Gap*: what it gains "
        "there less what it gains by itself, root mean square. *Beyond doubt*: with a confidence of 95 % for "
        "all deviations of a market together (Bonferroni). *Market breaks*: ends at which some deviation "
        f"gains more than {percent(MOST)} inside beyond doubt; in brackets, of those that are certified."
    )
    rows, told = [], []
    for market, part in table.groupby("market", sort=False):
        ends = part.groupby(["regime", "start"], sort=False)
        rests = ends["rests_on_commitment"].any().astype(bool)
        rows.append([str(market), f"{rests.sum()} of {len(rests)}", *_market_cells(part)])
        for regime, own in part.groupby("regime", sort=False):
            if own["breaks"].any():
                told.append([str(market), str(regime), *_market_cells(own), _most_inside(own)])
    heads = ["gap", "gap beyond doubt", "market breaks"]
    yield from ["", *markdown(["market", "rest on commitment", *heads], rows), ""]
    if told:
        yield "Laws under which the market breaks an end, with the deviation that gains most there:"
        yield from ["", *markdown(["market", "regime", *heads, "most"], told), ""]


def inside(
    deviations: pd.DataFrame, certified: Collection[tuple[str, str, str]], played: int
) -> pd.DataFrame:
    """What the best deviations gain in so many markets beside what they gain by themselves, a row each.

    Adds ``gap``, ``reach`` (half the width of the interval of ``inside``: 95 % for all rows of a market
    together), ``differs`` and ``breaks`` (it gains more than a certificate allows), both beyond doubt, and
    ``certified``, for ends (market, regime, start) that are.  The error of the gain by itself is taken from
    its simultaneous interval, so it is rather too large.
    """
    tests = deviations.groupby("market")["kind"].transform("size")
    doubt = stats.t.ppf(1 - (1 - LEVEL) / 2 / tests, played - 1)
    alone = (deviations["high"] - deviations["low"]) / 2 / Z
    gap = deviations["inside"] - deviations["gain"]
    place = deviations[["market", "regime", "start"]].itertuples(index=False, name=None)
    return deviations.assign(
        gap=gap,
        reach=doubt * deviations["inside_se"],
        differs=gap.abs() > doubt * np.hypot(deviations["inside_se"], alone),
        breaks=deviations["inside"] - doubt * deviations["inside_se"] > MOST,
        certified=[one in certified for one in place],
    )


def _market_cells(part: pd.DataFrame) -> list[str]:
    """Gap, how many deviations gain otherwise in the market, and how many ends it breaks."""
    broken = part[part["breaks"]].drop_duplicates(["regime", "start"])
    gap = percent(float((part["gap"] ** 2).mean() ** 0.5))
    return [gap, f"{part['differs'].sum()} of {len(part)}", f"{len(broken)} ({broken['certified'].sum()})"]


def _most_inside(part: pd.DataFrame) -> str:
    """Of the deviations for which the market breaks an end, the one that gains most there."""
    row = records(part[part["breaks"]].nlargest(1, "inside"))[0]
    low, high = (percent(row["inside"] + side * row["reach"]) for side in (-1, 1))
    return f"{row['kind']}: {percent(row['gain'])} by itself, {percent(row['inside'])} [{low}, {high}] inside"


def _commitments(results: LearningResults) -> Iterator[str]:
    """Regimes learned with and without what commits a party beyond belief."""
    both = results.equilibria[results.equilibria["stage"] == CREDIBLE]
    if not len(both):
        return
    yield (
        "**With and without commitments.** Without: no floor, and no promise never to sue. *Committed*: in "
        "how many negotiations such a field of the holder, and of the implementer, changes what the case "
        "comes to (the same case without it, on the same luck; every firm of a side counts alike)."
    )
    outcomes, played = results.outcomes, results.strategies
    rows = []
    for own in records(both):
        market = next(law.scenario.market for law in results.laws[own["market"]])
        for stage in (LEARNED, CREDIBLE):
            place = {"market": own["market"], "regime": own["regime"], "stage": stage}
            there, plays = (_at(table, place) for table in (outcomes, played))
            said = [span(_at(there, {"metric": name})["mean"], MEASURES[name].unit) for name in SHOWN[:2]]
            marked = [
                percent(committed(_at(plays, {"side": side}), {one.group: one.count for one in groups}))
                for side, groups in (("holder", market.holders), ("implementer", market.implementers))
            ]
            left = next(row for row in records(_at(results.equilibria, place)))
            rows.append([own["market"], own["regime"], stage, *said, ", ".join(marked), gain_cell(left)])
    heads = [
        "market",
        "regime",
        "what may be chosen",
        "deadlock (%)",
        "efficiency (% of E)",
        "committed",
        "gain left",
    ]
    yield from ["", *markdown(heads, rows)]


def committed(plays: pd.DataFrame, firms: Mapping[str, int]) -> float:
    """The share of a side's negotiations in which a commitment of it binds, mean over ends.

    ``firms``: how many there are of each kind of the side.
    """
    weight = plays["share"] * plays["kind"].map(firms)
    return float((weight * plays["binds"]).sum() / weight.sum())


def _at(table: pd.DataFrame, place: dict[str, str]) -> pd.DataFrame:
    for name, cell in place.items():
        table = table[table[name] == cell]
    return table
