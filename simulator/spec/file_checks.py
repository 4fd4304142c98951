"""What the entries of one file must satisfy together: names, dates, shares, sides.

Like the protocol's, these rules work on files as written, so that all problems stand in one report.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from datetime import date
from typing import Any

from simulator.errors import Problem, nearest
from simulator.parameters import default, registry
from simulator.spec.grounds import ground_problems
from simulator.spec.problems import quoted
from simulator.spec.protocol import protocol_problems
from simulator.spec.ranges import range_problems, share_of
from simulator.spec.yaml import Document, Keys

CLOSE = 1e-6
"""How near to 1 a sum of shares must come."""
LEAST_THERE = 1e-6
"""Share of what generations are worth that is there from the start, at least, where others arrive."""
MOST_PAIRS = 1_000_000
"""Negotiations a market may hold."""
SIDED = {
    "ambush": "holder",
    "over_declaration": "holder",
    "floor": "holder",
    "goodwill": "implementer",
    "waits_for_peers": "implementer",
    "tailors": "holder",
    "ties": "holder",
    "threat_from": "holder",
    "threat_every": "holder",
    "threat_grace": "holder",
}
"""Numbers that say something about strategies of one side only."""


def file_problems(kind: str, document: Document) -> Iterator[Problem]:
    """Every problem of a file of some kind that no single entry shows."""
    name = document.get(kind)
    if isinstance(name, str) and name != document.path.stem:
        rule = "a file is called after what it holds"
        yield document.problem(
            (kind,), f"got {quoted(name)} in {document.path.name}", rule, f"{kind}: {document.path.stem}"
        )
    yield from range_problems(kind, document)
    checks = {"regime": _regime, "market": _market, "strategy": _strategy, "scenario": _scenario}
    if kind in checks:
        yield from checks[kind](document)


def _regime(document: Document) -> Iterator[Problem]:
    start, end = _day(document.get("valid_from")), _day(document.get("valid_to"))
    if start and end and end < start:
        yield document.problem(("valid_to",), f"got {end}", f"not before valid_from, which is {start}")
    steps = document.get("steps")
    for name in steps if isinstance(steps, dict) else ():
        if document.get("steps", name, "after") is not None:
            rule = "'after' places a step in a regime that extends another"
            yield document.problem(("steps", name, "after"), "there is no baseline", rule)
    yield from protocol_problems(document)
    yield from ground_problems(document)


def _day(value: object) -> date | None:
    try:
        return date.fromisoformat(str(value))
    except ValueError:
        return None


def _market(document: Document) -> Iterator[Problem]:
    shares = [_number(entry, "value_share") for entry in _entries(document, "standard", "generations")]
    if shares and None not in shares and abs(_sum(shares) - 1) > CLOSE:
        what = f"the value shares of the generations sum to {_sum(shares):.6g}"
        yield document.problem(("standard", "generations"), what, "they sum to 1")
    yield from _repeated(document, ("standard", "generations"), "generation")
    pairs = 1
    for side in ("holders", "implementers"):
        groups = _entries(document, side)
        counts = [_count(group) for group in groups]
        pairs *= max(sum(counts), 1)
        for place, group in enumerate(groups):
            yield from _mix(document, (side, place, "strategies"), group.get("strategies"))
        yield from _repeated(document, (side,), "group")
    if pairs > MOST_PAIRS:
        yield document.problem(("holders",), f"got {pairs} negotiations", f"at most {MOST_PAIRS}")
    yield from _holder_shares(document)
    yield from _regions(document)
    yield from _generations(document)
    yield from _arrivals(document)


def _regions(document: Document) -> Iterator[Problem]:
    """Groups name the standard's regions, and no others; sales there sum to 1."""
    entries = _entries(document, "standard", "regions")
    names = [str(entry.get("region")) for entry in entries]
    yield from _repeated(document, ("standard", "regions"), "region")
    if entries and _number(entries[0], "factor") not in (None, 1, 1.0):
        rule = "the first region's factor is 1: the others' are relative to it"
        yield document.problem(
            ("standard", "regions", 0, "factor"),
            f"got {_number(entries[0], 'factor'):g}",
            rule,
            "factor: {value: 1, source: the region of reference}",
        )
    for side, key in (("holders", "strength"), ("implementers", "regions")):
        for place, group in enumerate(_entries(document, side)):
            given = _mapping(group, key)
            for name in (name for name in given if name not in names):
                near = nearest(name, names, otherwise="" if names else "the standard names no regions")
                yield document.problem((side, place, key, name), f"no region is called {quoted(name)}", near)
            if key == "strength" or not (names or given):
                continue
            shares = [_number(given, name) for name in names]
            if None in shares or abs(_sum(shares) - 1) > CLOSE:
                what = f"the shares of sales sum to {_sum(shares):.6g}"
                rule = f"a share for each of {', '.join(names)}, together 1"
                yield document.problem((side, place, "regions") if given else (side, place), what, rule)


def _arrivals(document: Document) -> Iterator[Problem]:
    """Rates are those of month 0: some generation, and something of every holder in it, is there by then."""
    generations = _entries(document, "standard", "generations")
    arrives = [_number(entry, "arrives") or 0.0 for entry in generations]
    if not any(arrives):
        return
    shares = [_number(entry, "value_share") or 0.0 for entry in generations]
    worth = [
        share * (_number(entry, "aggregate_burden") or 0.0)
        for share, entry in zip(shares, generations, strict=True)
    ]
    if _sum(worth) <= 0:
        worth = shares  # as rates are taken apart where nothing is due
    here = [part if year == 0 else 0.0 for part, year in zip(worth, arrives, strict=True)]
    if _sum(here) <= LEAST_THERE * _sum(worth):
        what = "no generation that is worth anything is there from the start"
        rule = "leave out arrives in one whose value_share and aggregate_burden are above 0"
        yield document.problem(("standard", "generations"), what, rule)
        return
    for place, group in enumerate(_entries(document, "holders")):
        own = _mapping(group, "generations")
        held = [_number(own, str(entry.get("generation"))) for entry in generations]
        parts = [1.0 if part is None else part for part in held]
        whole, now = (_sum([part * one for part, one in zip(parts, of, strict=True)]) for of in (worth, here))
        if own and now <= LEAST_THERE * whole:
            what = "the group holds nothing in any generation that is there from the start"
            rule = "rates are those of month 0: give it a part in one of them"
            yield document.problem(("holders", place, "generations"), what, rule)


def _generations(document: Document) -> Iterator[Problem]:
    """Generations that holders name and the standard does not have; more families of one than there are."""
    named = [str(entry.get("generation")) for entry in _entries(document, "standard", "generations")]
    groups = _entries(document, "holders")
    for place, group in enumerate(groups):
        for key in ("generations", "drifts"):
            for name in (name for name in _mapping(group, key) if name not in named):
                at = ("holders", place, key, name)
                yield document.problem(at, f"no generation is called {quoted(name)}", nearest(name, named))
    for name in named:
        total = 0.0
        for group in groups:
            share = _number(group, "share") if group.get("share") else default("holders.share")
            own = _number(_mapping(group, "generations"), name)
            total += _count(group) * (share or 0.0) * (1.0 if own is None else own)
        if total > 1 + CLOSE and any(name in _mapping(group, "generations") for group in groups):
            what = f"count x share x the part in {name} of all groups is {total:.6g}"
            yield document.problem(
                ("holders",), what, f"holders own at most all families of {name}: at most 1"
            )


def _holder_shares(document: Document) -> Iterator[Problem]:
    groups = _entries(document, "holders")
    shares = [_number(group, "share") if group.get("share") else default("holders.share") for group in groups]
    total = _sum([_count(group) * (share or 0) for group, share in zip(groups, shares, strict=True)])
    if total > 1 + CLOSE:
        what = f"count x share of all groups is {total:.6g}"
        yield document.problem(("holders",), what, "holders own at most all families: at most 1")


def _mix(document: Document, keys: Keys, mix: object) -> Iterator[Problem]:
    if not isinstance(mix, dict) or not all(_is_number(share) for share in mix.values()):
        return
    for name, share in mix.items():
        if not 0 <= share <= 1:
            yield document.problem(
                (*keys, name), f"got {share:g}", "a share lies between 0 and 1", f"{name}: 0.5"
            )
    if mix and abs(_sum(list(mix.values())) - 1) > CLOSE:
        yield document.problem(keys, f"the shares sum to {_sum(list(mix.values())):.6g}", "they sum to 1")


def _repeated(document: Document, keys: Keys, name: str) -> Iterator[Problem]:
    seen: set[object] = set()
    for place, entry in enumerate(_entries(document, *keys)):
        if isinstance(word := entry.get(name), str) and word in seen:
            yield document.problem((*keys, place, name), f"a second {name} called {word}", "names are unique")
        seen.add(word if isinstance(word, str) else None)


def _strategy(document: Document) -> Iterator[Problem]:
    party = document.get("party")
    for key, side in SIDED.items():
        if document.get(key) is not None and party in ("holder", "implementer") and party != side:
            article = "an" if party == "implementer" else "a"
            what = f"has no meaning for {article} {party}"
            yield document.problem((key,), what, f"only strategies of the {side} have one: leave it out")


def _scenario(document: Document) -> Iterator[Problem]:
    names = document.get("regimes")
    stems = [stem(str(name)) for name in names] if isinstance(names, tuple) else []
    for place, name in enumerate(stems):
        if name in stems[:place]:
            yield document.problem(("regimes", place), f"{name} is named twice", "each regime once")
    baseline = document.get("baseline")
    if isinstance(baseline, str) and baseline not in stems:
        yield document.problem(
            ("baseline",), f"{quoted(baseline)} is not among the regimes", nearest(baseline, stems)
        )
    over = document.get("set")
    for name in over if isinstance(over, dict) else ():
        if name not in registry() and share_of(name) is None:
            example = "court.interest.court: {value: 0.08, source: assumption}"
            yield document.problem(
                ("set", name), f"no parameter is called {name}", nearest(name, registry()), example
            )


def stem(name: str) -> str:
    """The identifier behind a name or a path.

    >>> stem("law/eu-strict.yaml"), stem("eu-hvzte-2015")
    ('eu-strict', 'eu-hvzte-2015')
    """
    return name.rsplit("/", 1)[-1].removesuffix(".yaml")


def _entries(document: Document, *keys: str | int) -> list[dict[str, Any]]:
    entries = document.get(*keys)
    return (
        [entry if isinstance(entry, dict) else {} for entry in entries] if isinstance(entries, tuple) else []
    )


def _mapping(entry: dict[str, Any], key: str) -> dict[str, Any]:
    part = entry.get(key)
    return part if isinstance(part, dict) else {}


def _number(entry: dict[str, Any], key: str) -> float | None:
    quantity = entry.get(key)
    value = quantity.get("value") if isinstance(quantity, dict) else None
    return value if _is_number(value) else None


def _count(group: dict[str, Any]) -> int:
    count = group.get("count")
    return count if isinstance(count, int) and count > 0 else 0


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)


def _sum(values: list[Any]) -> float:
    return math.fsum(value for value in values if value is not None)
