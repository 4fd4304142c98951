"""What is chosen on the page, in the words of the command: read from a link, written to one and to files."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache

from simulator.app.laws import CAPS, Laws, needed
from simulator.errors import Problem, ScenarioError, nearest
from simulator.spec.find import builtin
from simulator.spec.load import load_scenario, varied_scenario
from simulator.spec.scenario import Scenario
from simulator.spec.what_if import SOURCE, assignments
from simulator.writing.numbers import counted

REGIMES = ("eu-hvzte-2015", "upc", "uk-global")
"""The laws a new page compares."""
WORDS = ("scenario", "regimes", "baseline", "seed", "set", "cap", "law")
"""What a link may say; ``law``: the text of one's own (``Laws.packed``)."""
STUDY = """\
# Written by the page of frandsim.  Play it with: frandsim compare {name}.yaml
scenario: {name}
schema: 2
title: {title}
market: {market}
regimes: [{regimes}]
baseline: {baseline}
replications: {replications}
seed: {seed}
"""


@dataclass(frozen=True)
class Selection:
    """What is compared: scenario, laws, baseline, seed, values as for ``--set``, and the cap.

    ``sets`` are texts ``NAME=VALUE``; ``cap`` is a word of ``CAPS``, empty where each law keeps its own.
    """

    scenario: str = "cellular"
    regimes: tuple[str, ...] = REGIMES
    baseline: str = REGIMES[0]
    seed: str = "1"
    sets: tuple[str, ...] = ()
    cap: str = ""

    @classmethod
    def read(cls, link: Mapping[str, Sequence[str]]) -> Selection:
        """What a link says; its words are those of the command.  Raises ``ScenarioError``."""
        last = {word: texts[-1] for word, texts in link.items() if texts}
        regimes = tuple(name.strip() for name in last.get("regimes", "").split(",") if name.strip())
        regimes = regimes or REGIMES
        chosen = cls(
            last.get("scenario", cls.scenario),
            regimes,
            last.get("baseline", regimes[0]),
            last.get("seed", cls.seed),
            tuple(link.get("set", ())),
            last.get("cap", ""),
        )
        wrong = [
            Problem("link", None, "", f"says {word}", nearest(word, WORDS))
            for word in link
            if word not in WORDS
        ]
        if chosen.scenario not in builtin("scenarios"):
            wrong.append(_no_scenario(chosen.scenario))
        if chosen.baseline not in regimes:
            what = f"{chosen.baseline!r} is not among the regimes"
            rule = nearest(chosen.baseline, regimes)
            wrong.append(Problem("baseline", None, "", what, rule, f"--baseline {regimes[0]}"))
        if wrong:
            raise ScenarioError(*wrong)
        return chosen

    def link(self, laws: Laws) -> dict[str, list[str]]:
        """What a link says of it, in the words ``read`` understands; nothing of what is as on a new page."""
        said = {
            "scenario": [self.scenario] * (self.scenario != Selection.scenario),
            "regimes": [",".join(self.regimes)] * (self.regimes != REGIMES),
            "baseline": [self.baseline] * (self.baseline != self.regimes[0] if self.regimes else False),
            "seed": [self.seed] * (self.seed != Selection.seed),
            "set": list(self.sets),
            "cap": [self.cap] * bool(self.cap),
            "law": laws.packed(self.regimes),
        }
        return {word: texts for word, texts in said.items() if texts}

    def under(self, regimes: tuple[str, ...]) -> Selection:
        """The same market and values under these laws."""
        return replace(self, regimes=regimes, baseline=regimes[0])

    def played(self, laws: Laws, replications: int) -> Scenario:
        """The scenario to play.  Raises ``ScenarioError``, with the words of the command."""
        if self.scenario not in builtin("scenarios"):
            raise ScenarioError(_no_scenario(self.scenario))
        if self.cap and self.cap not in CAPS:
            raise ScenarioError(Problem("cap", None, "", f"got {self.cap}", nearest(self.cap, CAPS)))
        if not self.regimes:
            raise ScenarioError(Problem("regimes", None, "", "got an empty list", "at least one regime"))
        over = assignments(self.sets)
        names = [(laws.capped(name, self.cap) if self.cap else None) or name for name in self.regimes]
        baseline = dict(zip(self.regimes, names, strict=True)).get(self.baseline, self.baseline)
        return varied_scenario(
            shipped(self.scenario),
            regimes=[laws.given(name) for name in names],
            baseline=baseline,
            seed=whole(self.seed, "seed"),
            replications=replications,
            set=over,
        )


def _no_scenario(name: str) -> Problem:
    rule = nearest(name, builtin("scenarios"))
    return Problem(name, None, "", "no such scenario, built-in or file", rule)


@cache
def shipped(name: str) -> Scenario:
    """A built-in scenario as its file has it."""
    return load_scenario(name)


def whole(text: str, option: str) -> int:
    """A whole number from a field.  Raises ``ScenarioError``."""
    number = counted(text.strip())
    if number is None:
        raise ScenarioError(Problem(option, None, "", f"got {text!r:.40}", "a whole number, at least 0", "1"))
    return number


def scenario_file(scenario: Scenario, choices: Selection, name: str) -> str:
    """The file that says what is played, so that ``frandsim compare`` gives the same numbers.

    ``scenario`` is what ``choices`` led to; laws of one's own lie beside the file.
    """
    base = shipped(choices.scenario)
    text = STUDY.format(
        name=name,
        title=f'"{scenario.title}, as chosen on the page"',
        market=scenario.market.market,
        regimes=", ".join(law.regime for law in scenario.regimes),
        baseline=scenario.baseline,
        replications=scenario.replications,
        seed=scenario.seed,
    )
    stated = {each: (number.value, number.source) for each, number in base.set.items()}
    stated |= {each: (value, SOURCE) for each, value in scenario.what_if.items()}
    if stated:
        text += "set:\n"
    for each, (value, source) in stated.items():
        quoted = source.replace("\\", "/").replace('"', "'")
        text += f'  {each}: {{value: {value!r}, source: "{quoted}"}}\n'
    return text


def download(scenario: Scenario, choices: Selection, laws: Laws, name: str) -> tuple[str, bytes]:
    """What is played as a file: a scenario, or with laws of one's own a folder of them, zipped."""
    text = scenario_file(scenario, choices, name).encode()
    own = needed(laws.own, [law.regime for law in scenario.regimes])
    if not own:
        return f"{name}.yaml", text
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as folder:
        folder.writestr(f"{name}/{name}.yaml", text)
        for law, written in own.items():
            folder.writestr(f"{name}/{law}.yaml", written)
    return f"{name}.zip", packed.getvalue()
