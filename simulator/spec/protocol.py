"""Whether the steps of a regime make a protocol: forward, connected, and booked to the right party.

Works on a regime as written rather than as built, so that its problems stand in one report with all others.
"""

from __future__ import annotations

from collections.abc import Iterator
from enum import IntEnum
from typing import Any, TypeVar

from simulator.errors import Problem, nearest
from simulator.spec.problems import quoted
from simulator.spec.yaml import Document, Keys
from simulator.vocabulary import ACTORS, LASTING, Act, Consequence, Fault, Party, party_of_fault

E = TypeVar("E", bound=IntEnum)

MOST_STEPS = 24
"""Steps a protocol may have: the outcomes table keeps the missed ones as bits of a signed 64-bit number."""
AGAINST = {
    Consequence.INJUNCTION_BARRED: Party.HOLDER,
    Consequence.SUIT_BARRED: Party.HOLDER,
    Consequence.INJUNCTION_ASSURED: Party.IMPLEMENTER,
}
"""Whom a consequence hits."""
BREACHES = ("if_missed", "if_deficient")


def protocol_problems(document: Document) -> Iterator[Problem]:
    """Everything wrong with the steps as a protocol."""
    steps = document.get("steps")
    if not isinstance(steps, dict):
        return
    if len(steps) > MOST_STEPS:
        yield document.problem(("steps",), f"got {len(steps)} steps", f"at most {MOST_STEPS}")
    for name, step in steps.items():
        if name in ("stay", "next"):
            yield document.problem(("steps", name), f"a step called {name}", "stay and next are directions")
        if isinstance(step, dict):
            yield from _actor_problems(document, name, step)
            yield from _breach_problems(document, name, step)
            yield from _length_problems(document, name, step)
            yield from _direction_problems(document, list(steps), name, step)
    yield from _unreached(document, steps)
    start = document.get("court", "suit", "from_step")
    if isinstance(start, str) and start not in steps:
        yield document.problem(
            ("court", "suit", "from_step"), f"no step is called {quoted(start)}", nearest(start, steps)
        )


def _actor_problems(document: Document, name: str, step: dict[str, Any]) -> Iterator[Problem]:
    act, actor = _member(Act, step.get("act")), _member(Party, step.get("actor"))
    if act is not None and actor is not None and actor not in ACTORS[act]:
        able = [party.name.lower() for party in Party if party in ACTORS[act]]
        what = f"{_lower(actor)} cannot {_lower(act)}"
        rule = f"{_lower(act)} is done by {' or '.join(able)}"
        yield document.problem(("steps", name, "actor"), what, rule, f"actor: {able[0]}")


def _length_problems(document: Document, name: str, step: dict[str, Any]) -> Iterator[Problem]:
    act = _member(Act, step.get("act"))
    if act in LASTING and step.get("deadline") is None:
        what = f"{_lower(act)} has no deadline"
        rule = "say how many months it may take"
        yield document.problem(("steps", name), what, rule, "deadline: {value: 6, source: assumption}")


def _breach_problems(document: Document, name: str, step: dict[str, Any]) -> Iterator[Problem]:
    actor = _member(Party, step.get("actor"))
    weights = document.get("court", "faults", "recognised")
    recognised = weights if isinstance(weights, dict) else {}
    for breach in BREACHES:
        at: Keys = ("steps", name, breach)
        conduct = _member(Fault, document.get(*at, "fault"))
        court = _member(Consequence, document.get(*at, "consequence"))
        if breach == "if_deficient":
            yield from _item_problems(document, at, actor, recognised)
        elif document.get(*at, "faults"):
            yield document.problem(
                (*at, "faults"),
                "documents are lacking from a step that was done",
                "name them in if_deficient",
            )
        if conduct is not None:
            if _other_side(actor, party_of_fault(conduct)):
                yield document.problem((*at, "fault"), *_wrong_side(conduct, actor))
            if _lower(conduct) not in recognised:
                what = f"{_lower(conduct)} is not among the recognised faults"
                example = f"{_lower(conduct)}: {{value: 1, source: assumption}}"
                yield document.problem(
                    (*at, "fault"), what, "give it a weight in court.faults.recognised", example
                )
        if court is not None and court in AGAINST and _other_side(actor, AGAINST[court]):
            what = f"{_lower(court)} follows a breach of the {_lower(AGAINST[court])}"
            yield document.problem((*at, "consequence"), what, f"this step is the {_lower(actor)}'s")


def _item_problems(
    document: Document, at: Keys, actor: Party | None, recognised: dict[str, Any]
) -> Iterator[Problem]:
    """Faults of single documents: of the side that acts, and recognised."""
    faults = document.get(*at, "faults")
    for item, word in faults.items() if isinstance(faults, dict) else ():
        conduct = _member(Fault, word)
        if conduct is None:
            continue
        here: Keys = (*at, "faults", item)
        if actor is not party_of_fault(conduct):
            yield document.problem(here, *_wrong_side(conduct, actor))
        elif _lower(conduct) not in recognised:
            what = f"{_lower(conduct)} is not among the recognised faults"
            example = f"{_lower(conduct)}: {{value: 1, source: assumption}}"
            yield document.problem(here, what, "give it a weight in court.faults.recognised", example)


def _wrong_side(conduct: Fault, actor: Party | None) -> tuple[str, str]:
    own = [_lower(one) for one in Fault if party_of_fault(one) is actor]
    what = f"{_lower(conduct)} is a fault of the {_lower(party_of_fault(conduct))}"
    return what, f"this step is the {_lower(actor)}'s, whose faults are {', '.join(own) or 'none'}"


def _other_side(actor: Party | None, party: Party) -> bool:
    """Whether an actor is known and is not the party a fault or consequence is meant for."""
    return actor is not None and actor not in (party, Party.EITHER, Party.BOTH)


def _direction_problems(
    document: Document, order: list[str], name: str, step: dict[str, Any]
) -> Iterator[Problem]:
    here = order.index(name)
    for keys, target in _directions(document, name, step):
        if target in order[: here + 1]:
            what = "leads to itself" if target == name else f"leads back to {target}"
            rule = "steps lead forward, or the talks never end; several rounds are one negotiate step"
            yield document.problem(keys, what, rule, f"{keys[-1]}: {next(iter(order[here + 1 :]), 'stay')}")
        elif target not in order:
            words = ["stay", "next", *order[here + 1 :]] if keys[-1] == "go" else order[here + 1 :]
            yield document.problem(keys, f"no step is called {quoted(target)}", nearest(target, words))


def _directions(document: Document, name: str, step: dict[str, Any]) -> Iterator[tuple[Keys, str]]:
    """The steps a step names as its successors, with where it names them."""
    if isinstance(then := step.get("then"), str):
        yield ("steps", name, "then"), then
    for breach in BREACHES:
        go = document.get("steps", name, breach, "go")
        if isinstance(go, str) and go not in ("stay", "next"):
            yield ("steps", name, breach, "go"), go


def _unreached(document: Document, steps: dict[str, Any]) -> Iterator[Problem]:
    order = list(steps)
    reached = set(order[:1])
    for here, name in enumerate(order):
        step = steps[name] if isinstance(steps[name], dict) else {}
        if name not in reached:
            rule = "let the step before it lead on, or name it in a 'then' or 'go'"
            yield document.problem(("steps", name), "no step leads here", rule)
            reached.add(name)
        ways = [document.get("steps", name, breach, "go") for breach in BREACHES]
        if not isinstance(step.get("then"), str) or "next" in ways:
            reached.update(order[here + 1 : here + 2])
        reached.update(target for _, target in _directions(document, name, step))


def _member(kind: type[E], word: object) -> E | None:
    return kind.__members__.get(word.upper()) if isinstance(word, str) else None


def _lower(member: IntEnum | None) -> str:
    return "" if member is None else member.name.lower()
