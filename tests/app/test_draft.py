"""A law written by menu: every rule on offer can be changed, and the change is the one asked for."""

from __future__ import annotations

from enum import IntEnum

import pytest

from simulator.app.draft import changes, drafted
from simulator.app.laws import Laws
from simulator.errors import ScenarioError
from simulator.spec.load import load_regime
from simulator.spec.regime import Regime


def stands(law: Regime, keys: tuple[str, ...]) -> object:
    value: object = law
    for key in keys:
        value = value[key] if isinstance(value, dict) else getattr(value, key)
    if isinstance(value, IntEnum):
        return value.name.lower()
    return str(value).lower() if isinstance(value, bool) else getattr(value, "value", value)


@pytest.mark.parametrize("base", ["upc", "uk-global", "cn-spc-act-2023"])
def test_every_rule_on_the_menu_can_be_changed(base: str) -> None:
    laws, law = Laws(), load_regime(base)
    known = changes(law)
    assert len({change.title for change in known}) == len(known)
    refused: list[ScenarioError] = []
    for change in known:
        if change.words:
            becomes = next(word for word in change.words if word != stands(law, change.keys))
        else:
            assert change.bounds is not None
            becomes = f"{change.bounds.low + 1:g}" if change.bounds.high > 1 else "0.37"
        text = drafted("mine", base, law, {change.keys: becomes})
        try:
            own = laws.read(text)
        except ScenarioError as error:  # a word that has no effect in this law is refused, with its line
            refused.append(error)
            continue
        now = stands(own, change.keys)
        assert now == (becomes if change.words else float(becomes)), change.title
    assert len(refused) < len(known) / 5
    assert all(problem.line for error in refused for problem in error.problems)


def test_changes_of_one_part_stand_together() -> None:
    law = load_regime("upc")
    changed: dict[tuple[str, ...], str] = {
        ("court", "injunction", "cap"): "court_rate",
        ("steps", "offer", "deadline"): "5",
        ("court", "injunction", "slope"): "2",
    }
    own = Laws().read(drafted("mine", "upc", law, changed))
    assert own.court.injunction.cap.name == "COURT_RATE"
    assert [stands(own, keys) for keys in changed] == ["court_rate", 5.0, 2.0]
    assert own.court.mode == law.court.mode


def test_a_wrong_value_of_the_menu_is_told_by_its_line() -> None:
    law = load_regime("upc").model_copy(update={"title": 'A "title"'})
    text = drafted("mine", "upc", law, {("court", "interest", "court"): "-1"})
    with pytest.raises(
        ScenarioError, match=r"mine.yaml:9: court.interest.court: got -1; interest on past use"
    ):
        Laws().read(text)
