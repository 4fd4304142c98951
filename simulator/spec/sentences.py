"""A regime in sentences: what each step asks, what the court does, on what authority."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

from simulator.parameters import registry
from simulator.spec.base import Quantity, Spec
from simulator.spec.phrases import (
    ACTS,
    CONSEQUENCES,
    COURT,
    DOCUMENTS,
    FILINGS,
    INTERIM,
    WHO,
    amount,
    listing,
    months,
    words,
)
from simulator.spec.regime import Arbitration, Breach, InterimLicence, Regime, Step

UNSTATED = "not stated; the model's default"
"""The source of a rule that no file states."""


class Rule(NamedTuple):
    """One rule of a regime: what it is about, what it says, on what authority, whether the file says it."""

    topic: str
    text: str
    source: str
    stated: bool = True


def text_rules(regime: Regime) -> list[Rule]:
    """What kind of text the regime is."""
    since = f" from {regime.valid_from}" if regime.valid_from else ""
    until = f" to {regime.valid_to}" if regime.valid_to else ""
    return [
        Rule("Legal status", words(regime.status) + since + until, regime.source),
        Rule("Jurisdiction", regime.jurisdiction, regime.source),
    ]


def heading(step: Step) -> str:
    """What a step is called across regimes."""
    return ACTS[step.act][0]


def whole_step(step: Step) -> Rule:
    """A step in one clause."""
    text = f"{WHO[step.actor]} {ACTS[step.act][1]}"
    if step.must_contain:
        text += f", with {documents(step)}"
    if step.deadline is not None:
        text += f", within {months(step.deadline.value)}"
    if step.if_missed is not None:
        text += f"; if it does not, {breach(step.if_missed)}"
    return Rule(heading(step), text, step.source)


def step_rules(step: Step) -> list[Rule]:
    """A step, aspect by aspect."""
    about = heading(step)
    due = (
        "only once the holder's offer is FRAND"
        if step.needs_frand_offer
        else "whatever the holder's offer is"
    )
    permitted = listing(DOCUMENTS[one] for one in sorted(step.may_contain))
    return [
        Rule(f"{about}, who acts", WHO[step.actor], step.source),
        Rule(f"{about}, what it must contain", documents(step), step.source),
        Rule(f"{about}, what it may add", permitted, step.source),
        Rule(f"{about}, deadline", *deadline(step)),
        Rule(f"{about}, if it is missed", breach(step.if_missed), step.source),
        Rule(f"{about}, if its contents are lacking", breach(step.if_deficient), step.source),
        Rule(f"{about}, when it is due", due, step.source),
        Rule(
            f"{about}, what follows it",
            f"the step '{step.then}'" if step.then else "the next step",
            step.source,
        ),
        Rule(f"{about}, stage of the talks", words(step.phase), step.source),
    ]


def step_row(step: Step) -> list[str]:
    """A step as the cells of a table: what, who, contents, deadline, what follows a miss, source."""
    missed = breach(step.if_missed)
    return [step.title, WHO[step.actor], documents(step), deadline(step)[0], missed, step.source]


def documents(step: Step) -> str:
    """What a step must contain."""
    return listing(DOCUMENTS[one] for one in sorted(step.must_contain))


def deadline(step: Step) -> tuple[str, str]:
    """A step's deadline and its source."""
    if step.deadline is None:
        return "none: it cannot be missed", step.source
    return months(step.deadline.value), step.deadline.source


def breach(breach: Breach | None) -> str:
    """What follows when a step is missed or deficient."""
    if breach is None:
        return "nothing follows"
    fault = "" if breach.fault is None else f"the fault '{words(breach.fault)}' is recorded"
    way = {"stay": "it remains due", "next": "the talks go on without it"}
    follows = [
        fault,
        CONSEQUENCES[breach.consequence],
        way.get(breach.go, f"the talks go on with '{breach.go}'"),
    ]
    return listing(clause for clause in follows if clause)


def court_rules(regime: Regime) -> list[Rule]:
    """The court: words by their meaning, numbers by the registry's title and unit."""
    rules = [
        _meaning(regime, *leaf) if leaf[0] in COURT else _number(*leaf) for leaf in _leaves(regime.court)
    ]
    return [*rules, _interim(regime), _tribunal(regime)]


def _leaves(spec: Spec, above: str = "") -> Iterator[tuple[str, Any, bool]]:
    """The rules of a court by dotted name, and whether its file states them; not those told as a whole."""
    for name, value in spec:
        if isinstance(value, Spec) and not isinstance(value, Quantity | Arbitration | InterimLicence):
            yield from _leaves(value, f"{above}{name}.")
        elif name not in ("interim_licence", "arbitration", "recognised"):
            yield above + name, value, name in spec.model_fields_set


def _meaning(regime: Regime, path: str, value: Any, stated: bool) -> Rule:
    if path.startswith("standing."):
        text = FILINGS[value]
    elif path == "suit.from_step":
        text = "at any time" if value is None else f"from the step '{regime.steps[value].title}'"
    else:
        text = COURT[path][1][value]
    return Rule(COURT[path][0], text, regime.source if stated else UNSTATED, stated)


def _number(path: str, quantity: Quantity | None, _: bool = True) -> Rule:
    entry = registry()[f"court.{path}"]
    title = entry.title.split(" (")[0]
    topic = title[0].upper() + title[1:]
    if quantity is None:
        return Rule(topic, amount(entry.default, entry.unit), f"the default: {entry.source}", False)
    return Rule(topic, amount(quantity.value, entry.unit), quantity.source)


def _interim(regime: Regime) -> Rule:
    interim = regime.court.interim_licence
    if interim is None:
        return Rule("Interim licence", "none", regime.source, False)
    text = f"declared {months(interim.after.value)} after filing, {INTERIM[interim.rate]}"
    return Rule("Interim licence", text, interim.after.source)


def _tribunal(regime: Regime) -> Rule:
    tribunal = regime.court.arbitration
    if tribunal is None:
        return Rule("Arbitral tribunal", "none", regime.source, False)
    form = {"conventional": "finds the rate itself", "baseball": "picks the better of the two last offers"}
    numbers = {"months": tribunal.months, "cost": tribunal.cost, "error": tribunal.error}
    terms = [_number(f"arbitration.{name}", quantity) for name, quantity in numbers.items()]
    text = "; ".join([form[tribunal.form], *(f"{term.topic.lower()} {term.text}" for term in terms)])
    return Rule("Arbitral tribunal", text, "; ".join(dict.fromkeys(term.source for term in terms)))


def fault_rules(regime: Regime) -> list[Rule]:
    """The faults the regime recognises, with their weights."""
    recognised = sorted(regime.court.faults.recognised.items())
    return [
        Rule(f"The fault '{words(fault)}'", f"recognised with weight {weight.value:g}", weight.source)
        for fault, weight in recognised
    ]
