"""A regime in sentences: what each step asks, what the court does, on what authority."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

from simulator.parameters import registry
from simulator.spec.base import Quantity, Spec
from simulator.spec.figure import Figure
from simulator.spec.phrases import (
    ACTS,
    CONSEQUENCES,
    COURT,
    COVERED,
    DOCUMENTS,
    FILINGS,
    INTERIM,
    PAID_TO,
    WHO,
    amount,
    listing,
    months,
    words,
)
from simulator.spec.regime import Arbitration, Breach, InterimInjunction, InterimLicence, Regime, Step
from simulator.vocabulary import COUNTERPARTS, LASTING, Party

UNSTATED = "not stated; the model's default"
"""The source of a rule that no file states."""
TOLD_AS_A_WHOLE = Arbitration | InterimLicence | InterimInjunction
"""Parts of a court that one sentence tells."""


class Rule(NamedTuple):
    """One rule of a regime: what it is about, what it says, and on what authority.

    ``text_of`` is the regime whose file states the rule, empty where none does and the model's default holds;
    ``inherited`` is true where that is not the regime itself.  ``status`` and ``as_of`` are given where they
    differ from the file's.
    """

    topic: str
    text: str
    source: str
    text_of: str = ""
    inherited: bool = False
    status: str = ""
    as_of: str = ""

    @property
    def assumed(self) -> bool:
        """Whether the rule is stated, but as an assumption."""
        return self.stated and self.source.lower().startswith("assum")

    @property
    def stated(self) -> bool:
        """Whether a file states the rule."""
        return bool(self.text_of)

    @property
    def origin(self) -> str:
        """Where the rule comes from, in words."""
        if not self.stated:
            return "model's default"
        return f"inherited from {self.text_of}" if self.inherited else "this file"

    @property
    def authority(self) -> str:
        """The source with all that qualifies it, as a sentence cites it."""
        special = ", ".join(
            word for word in (self.status, f"as of {self.as_of}" if self.as_of else "") if word
        )
        cited = f"{self.source} ({special})" if special else self.source
        return f"{self.origin}: {cited}" if self.inherited else cited

    def cells(self) -> list[str]:
        """The rule as a row of a table: what it is about, law, assumption, where from, source."""
        law, assumed = ("", self.text) if self.assumed else (self.text, "")
        special = [self.status, f"as of {self.as_of}" if self.as_of else ""]
        origin = "; ".join(word for word in (self.origin, *special) if word)
        return [self.topic, law, assumed, origin, self.source]

    def to_json(self) -> dict[str, object]:
        """The rule for machines; ``kind`` is stated, inherited, default or assumption."""
        kind = "default" if not self.stated else "inherited" if self.inherited else "stated"
        return {
            "rule": self.topic, "says": self.text, "kind": "assumption" if self.assumed else kind,
            "text_of": self.text_of, "source": self.source, "status": self.status, "as_of": self.as_of,
        }  # fmt: skip


def _rule(
    regime: Regime, keys: tuple[str, ...], topic: str, text: str, source: str = "", part: Any = None
) -> Rule:
    """A rule with the text that states its entry; ``part`` may carry a status and a date of its own."""
    stated_by = regime.text_of(*keys)
    if stated_by is None:
        return Rule(topic, text, source or UNSTATED)
    status = getattr(part, "status", None)
    day = getattr(part, "as_of", None)
    return Rule(
        topic, text, source or stated_by.source, stated_by.regime, stated_by.regime != regime.regime,
        "" if status is None else words(status), "" if day is None else str(day),
    )  # fmt: skip


def text_rules(regime: Regime) -> list[Rule]:
    """What kind of text the regime is."""
    since = f" from {regime.valid_from}" if regime.valid_from else ""
    until = f" to {regime.valid_to}" if regime.valid_to else ""
    return [
        Rule("Legal status", words(regime.status) + since + until, regime.source, regime.regime),
        _rule(regime, ("jurisdiction",), "Jurisdiction", regime.jurisdiction, regime.source),
    ]


def heading(step: Step) -> str:
    """What a step is called across regimes."""
    return ACTS[step.act][0]


def whole_step(regime: Regime, name: str) -> Rule:
    """A step in one clause."""
    step = regime.steps[name]
    text = f"{WHO[step.actor]} {ACTS[step.act][1]}"
    if step.must_contain or step.must_contain_any:
        text += f", with {documents(step)}"
    if step.deadline is not None:
        text += f", {'for' if step.act in LASTING else 'within'} {period(step.deadline)}"
    if step.if_missed is not None:
        text += f"; if it does not, {breach(step.if_missed, step.actor)}"
    return _step_rule(regime, name, "source", heading(step), text)


def _step_rule(
    regime: Regime, name: str, key: str, topic: str, text: str, source: str = "", part: Any = None
) -> Rule:
    """A rule of a step.  What the file leaves out is a default of the step, not a rule of its text."""
    step = regime.steps[name]
    return _rule(regime, ("steps", name, key), topic, text, source or _cited(regime, name, key), part or step)


def _cited(regime: Regime, name: str, key: str) -> str:
    """The source of a rule of a step: that of the step in the text that states the rule."""
    entry = regime.text_of("steps", name, key)
    if entry is None:
        return UNSTATED
    return entry.source if regime.texts else regime.steps[name].source


def step_rules(regime: Regime, name: str) -> list[Rule]:
    """A step, aspect by aspect."""
    step = regime.steps[name]
    about = heading(step)
    due = (
        "only once the holder's offer is FRAND"
        if step.needs_frand_offer
        else "whatever the holder's offer is"
    )
    must = listing(DOCUMENTS[one] for one in sorted(step.must_contain))
    permitted = listing(DOCUMENTS[one] for one in sorted(step.may_contain))
    follows = f"the step '{step.then}'" if step.then else "the next step"
    return [
        _step_rule(regime, name, "actor", f"{about}, who acts", WHO[step.actor]),
        _step_rule(regime, name, "must_contain", f"{about}, what it must contain", must),
        _step_rule(
            regime, name, "must_contain_any", f"{about}, of what it must contain one", alternatives(step)
        ),
        _step_rule(regime, name, "may_contain", f"{about}, what it may add", permitted),
        _deadline(regime, name),
        _breach(regime, name, "if_missed", f"{about}, if it is missed"),
        _breach(regime, name, "if_deficient", f"{about}, if its contents are lacking"),
        _step_rule(regime, name, "needs_frand_offer", f"{about}, when it is due", due),
        _step_rule(regime, name, "then", f"{about}, what follows it", follows),
        _step_rule(regime, name, "phase", f"{about}, stage of the talks", words(step.phase)),
    ]


def _deadline(regime: Regime, name: str) -> Rule:
    step = regime.steps[name]
    topic = f"{heading(step)}, deadline"
    if step.deadline is None:
        return _step_rule(regime, name, "deadline", topic, "none: it cannot be missed")
    text = period(step.deadline)
    return _step_rule(regime, name, "deadline", topic, text, step.deadline.source, step.deadline)


def _breach(regime: Regime, name: str, key: str, topic: str) -> Rule:
    step = regime.steps[name]
    what: Breach | None = getattr(step, key)
    source = "" if what is None else what.source
    return _step_rule(regime, name, key, topic, breach(what, step.actor, done=key == "if_deficient"), source)


def step_cells(regime: Regime, name: str) -> list[list[str]]:
    """A step as rows of a table: its heading, then each thing it states; law and assumption apart."""
    step = regime.steps[name]
    act = f"{WHO[step.actor]} {ACTS[step.act][1]}"
    rules = [rule for rule in step_rules(regime, name)[1:8] if rule.stated]
    first = _step_rule(regime, name, "source", f"{name}: {step.title}", act)
    return [
        first.cells(),
        *(rule._replace(topic="  " + rule.topic.split(", ", 1)[1]).cells() for rule in rules),
    ]


def period(figure: Quantity) -> str:
    """A period in months, with the text's own words where those are days or weeks.

    >>> period(Figure(value=1, source="order", period="4 weeks"))
    '1 month (4 weeks in the text)'
    """
    written = figure.period if isinstance(figure, Figure) else ""
    return months(round(figure.value, 2)) + (f" ({written} in the text)" if written else "")


def documents(step: Step) -> str:
    """What a step must contain."""
    known = [DOCUMENTS[one] for one in sorted(step.must_contain)]
    return listing([*known, *([alternatives(step)] if step.must_contain_any else [])])


def alternatives(step: Step) -> str:
    """The documents of which a step must contain one."""
    return " or ".join(DOCUMENTS[one] for one in sorted(step.must_contain_any)) or "nothing in particular"


def breach(breach: Breach | None, actor: Party, *, done: bool = False) -> str:
    """What follows when a step of ``actor`` is missed, or is ``done`` with something withheld.

    A step of both is called by who fails.
    """
    if breach is None:
        return "nothing follows"
    called = [] if breach.fault is None else [breach.fault]
    if actor is Party.BOTH:
        called += [COUNTERPARTS[fault] for fault in called if fault in COUNTERPARTS]
    fault = " or ".join(f"'{words(fault)}'" for fault in called)
    fault = f"the fault {fault} is recorded{', by who fails' if len(called) > 1 else ''}" if called else ""
    way = {"stay": "it remains due", "next": "the talks go on without it"}
    consequence = CONSEQUENCES[breach.consequence]
    if done:  # steps lead forward: it cannot be done anew
        way = {"stay": "it counts as done"}
        consequence = consequence.replace("until it is done", "from then on")
    single = [f"withholding {DOCUMENTS[item]} is '{words(own)}'" for item, own in breach.faults.items()]
    follows = [
        fault,
        *single,
        consequence,
        way.get(breach.go, f"the talks go on with '{breach.go}'"),
    ]
    return listing(clause for clause in follows if clause)


def court_rules(regime: Regime) -> list[Rule]:
    """The court: words by their meaning, numbers by the registry's title and unit."""
    rules = [
        _meaning(regime, *leaf) if leaf[0] in COURT else _number(regime, *leaf)
        for leaf in _leaves(regime.court)
    ]
    return [*rules, _interim(regime), _interim_injunction(regime), _tribunal(regime)]


def _leaves(spec: Spec, above: str = "") -> Iterator[tuple[str, Any]]:
    """The rules of a court by dotted name; not those told as a whole."""
    for name, value in spec:
        if isinstance(value, Spec) and not isinstance(value, Quantity | TOLD_AS_A_WHOLE):
            yield from _leaves(value, f"{above}{name}.")
        elif name not in ("interim_licence", "interim_injunction", "arbitration", "recognised"):
            yield above + name, value


def _meaning(regime: Regime, path: str, value: Any) -> Rule:
    if path.startswith("standing."):
        text = FILINGS[value]
    elif path == "suit.from_step":
        text = "at any time" if value is None else f"from the step '{regime.steps[value].title}'"
    else:
        text = COURT[path][1][value]
    ground = regime.grounds.get(path)
    source = "" if ground is None else ground.source
    return _rule(regime, ("court", *path.split(".")), COURT[path][0], text, source, ground)


def _number(regime: Regime, path: str, quantity: Quantity | None) -> Rule:
    entry = registry()[f"court.{path}"]
    title = entry.title.split(" (")[0]
    topic = title[0].upper() + title[1:]
    if quantity is None:
        return Rule(topic, amount(entry.default, entry.unit), f"the default: {entry.source}")
    text = period(quantity) if entry.unit == "months" else amount(quantity.value, entry.unit)
    return _rule(regime, ("court", *path.split(".")), topic, text, quantity.source, quantity)


def _interim(regime: Regime) -> Rule:
    interim = regime.court.interim_licence
    if interim is None:
        return Rule("Interim licence", "none", UNSTATED)
    text = f"declared {period(interim.after)} after filing, {INTERIM[interim.rate]}"
    text += f", for {COVERED[interim.covers]}, {PAID_TO[interim.paid_to]}"
    if interim.ground:
        faults = " or ".join(f"'{words(fault)}'" for fault in interim.ground)
        text += f", if the holder has committed {faults}"
    keys = ("court", "interim_licence", "after")
    return _rule(regime, keys, "Interim licence", text, interim.after.source, interim.after)


def _interim_injunction(regime: Regime) -> Rule:
    interim = regime.court.interim_injunction
    if interim is None:
        return Rule("Interim injunction", "none", UNSTATED)
    text = f"decided {period(interim.after)} after filing, granted with a chance of "
    text += amount(interim.probability.value, "probability")
    if interim.compensated:
        text += "; the holder makes good what it cost if it fails"
    keys = ("court", "interim_injunction", "after")
    cited = dict.fromkeys((interim.after.source, interim.probability.source))
    return _rule(regime, keys, "Interim injunction", text, "; ".join(cited), interim.after)


def _tribunal(regime: Regime) -> Rule:
    tribunal = regime.court.arbitration
    if tribunal is None:
        return Rule("Arbitral tribunal", "none", UNSTATED)
    form = {"conventional": "finds the rate itself", "baseball": "picks the better of the two last offers"}
    numbers = {"months": tribunal.months, "cost": tribunal.cost, "error": tribunal.error}
    terms = [_number(regime, f"arbitration.{name}", quantity) for name, quantity in numbers.items()]
    text = "; ".join([form[tribunal.form], *(f"{term.topic.lower()} {term.text}" for term in terms)])
    ground = regime.grounds.get("arbitration.form")
    cited = [*([ground.source] if ground else []), *(term.source for term in terms)]
    return _rule(
        regime, ("court", "arbitration"), "Arbitral tribunal", text, "; ".join(dict.fromkeys(cited)), ground
    )


def fault_rules(regime: Regime) -> list[Rule]:
    """The faults the regime recognises, with their weights."""
    return [
        _rule(
            regime, ("court", "faults", "recognised", fault.name.lower()), f"The fault '{words(fault)}'",
            f"recognised with weight {weight.value:g}", weight.source, weight,
        )
        for fault, weight in sorted(regime.court.faults.recognised.items())
    ]  # fmt: skip


def all_rules(regime: Regime) -> list[list[str]]:
    """Everything a regime says and leaves to the model, as rows of one table: steps, text, court, faults."""
    steps = [row for name in regime.steps for row in step_cells(regime, name)]
    rules = [*text_rules(regime), *court_rules(regime), *fault_rules(regime)]
    return [*steps, *(rule.cells() for rule in sorted(rules, key=lambda rule: not rule.stated))]
