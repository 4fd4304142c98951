"""What separates two regimes, rule by rule, in sentences a lawyer would accept."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from simulator.spec.phrases import listing
from simulator.spec.regime import Regime
from simulator.spec.sentences import (
    UNSTATED,
    Rule,
    court_rules,
    fault_rules,
    heading,
    step_rules,
    text_rules,
    whole_step,
)


@dataclass(frozen=True)
class RuleDifference:
    """One rule on which two regimes differ, with what each says and on what authority.

    >>> print(RuleDifference("Injunction", "a", "none issues", "Act 1", "b", "it always issues", "Act 2"))
    Injunction: under a, none issues (Act 1); under b, it always issues (Act 2)
    """

    topic: str
    a: str
    first: str
    first_source: str
    b: str
    second: str
    second_source: str
    first_from: str = "this file"
    second_from: str = "this file"

    def __str__(self) -> str:
        first = f"under {self.a}, {self.first} ({self.first_source})"
        return f"{self.topic}: {first}; under {self.b}, {self.second} ({self.second_source})"

    def brief(self, first_text: str, second_text: str) -> str:
        """The sentence without the full citation of each regime's own text."""
        first = "its text" if self.first_source == first_text else self.first_source
        second = "its text" if self.second_source == second_text else self.second_source
        return str(replace(self, first_source=first, second_source=second))


Pair = tuple[Rule, Rule]


def diff_regimes(a: Regime, b: Regime) -> list[RuleDifference]:
    """Every rule on which two regimes differ: status of the text, steps in order, court, faults."""
    alike = [*zip(text_rules(a), text_rules(b), strict=True)]
    courts = [*zip(court_rules(a), court_rules(b), strict=True)]
    return [
        RuleDifference(
            one.topic,
            a.regime,
            one.text,
            one.authority,
            b.regime,
            two.text,
            two.authority,
            one.origin,
            two.origin,
        )
        for one, two in [*alike, *_steps(a, b), *courts, *_faults(a, b)]
        if one.text != two.text
    ]


def pair_steps(a: Regime, b: Regime) -> dict[str, str]:
    """Which steps of two regimes answer each other.

    Steps of one name and act do; else steps of the same act and party, then of the same act, in order.
    """
    partner = {
        name: name for name, step in a.steps.items() if name in b.steps and b.steps[name].act is step.act
    }
    for same_actor in (True, False):
        for name, step in a.steps.items():
            for other, candidate in b.steps.items():
                fits = candidate.act is step.act and (candidate.actor is step.actor or not same_actor)
                if fits and name not in partner and other not in partner.values():
                    partner[name] = other
    return {name: partner[name] for name in a.steps if name in partner}


def _steps(a: Regime, b: Regime) -> Iterator[Pair]:
    partner = pair_steps(a, b)
    for name, step in a.steps.items():
        if name in partner:
            answer = step_rules(b, partner[name])
            yield from zip(step_rules(a, name), answer, strict=True)
        else:
            yield whole_step(a, name), Rule(heading(step), "no such step", b.source, b.regime)
    for name, step in b.steps.items():
        if name not in partner.values():
            yield Rule(heading(step), "no such step", a.source, a.regime), whole_step(b, name)
    there = sorted(partner, key=lambda name: b.order().index(partner[name]))
    if there != list(partner):
        topic = "Order of the steps both have"
        first = Rule(topic, _order(a, list(partner)), a.source, a.regime)
        yield first, Rule(topic, _order(a, there), b.source, b.regime)


def _order(regime: Regime, names: list[str]) -> str:
    return listing(heading(regime.steps[name]).lower() for name in names)


def _faults(a: Regime, b: Regime) -> Iterator[Pair]:
    first, second = ({rule.topic: rule for rule in fault_rules(regime)} for regime in (a, b))
    for topic in dict.fromkeys([*first, *second]):
        yield (
            first.get(topic, Rule(topic, "not recognised", UNSTATED)),
            second.get(topic, Rule(topic, "not recognised", UNSTATED)),
        )
