"""What is chosen on the page: the same words, problems and numbers as the command's."""

from __future__ import annotations

import base64
import io
import zipfile
import zlib
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from simulator import study
from simulator.app.choices import Selection, download
from simulator.app.growing import STAGES, Growing
from simulator.app.laws import LONGEST, Laws, named
from simulator.app.levers import AS_IS, LEVERS, joined, parted
from simulator.cli.output import load
from simulator.errors import ScenarioError
from simulator.parameters import registry
from simulator.spec.load import load_regime, load_scenario
from simulator.spec.what_if import assignments

OWN = """\
regime: strict
extends: upc
title: A strict law
source: assumption
status: proposed
court:
  mode: direct
"""
LONG = base64.urlsafe_b64encode(zlib.compress(OWN.encode() + b"#" * LONGEST)).decode()
"""A law longer than a link may make the page read."""
MOVED = ("share(implementer_hold_out)=0.4", "court.interest.court=0.1", "beliefs.spread=0.25")


def test_a_link_says_what_was_chosen() -> None:
    chosen = Selection("wifi", ("upc", "us-ebay"), "us-ebay", "7", MOVED, "court_rate")
    assert Selection.read(chosen.link(Laws())) == chosen
    assert Selection().link(Laws()) == {}
    assert Selection.read({}) == Selection()


def test_laws_of_ones_own_travel_in_a_link() -> None:
    """Those compared, each after what it extends; the others stay."""
    laws = Laws()
    laws.keep(OWN)
    laws.keep(OWN.replace("strict", "child").replace("upc", "strict"))
    laws.keep(OWN.replace("strict", "other"))
    words = laws.packed(["upc", "child"])
    assert len(words) == 2
    opened = Laws()
    opened.unpack(words)
    assert opened.own == {name: laws.text(name) for name in ("strict", "child")}
    assert opened.load("child") == laws.load("child")


@pytest.mark.parametrize("word", ["", "not packed", "eJw", base64.urlsafe_b64encode(b"text").decode(), LONG])
def test_a_law_that_a_link_cannot_hold_is_refused(word: str) -> None:
    with pytest.raises(ScenarioError, match=r"law: got .*as the page's own links have it"):
        Laws().unpack([word])


@pytest.mark.parametrize(
    ("choices", "options"),
    [
        (Selection(sets=("court.interest.cort=0.1",)), {"sets": ["court.interest.cort=0.1"]}),
        (Selection(sets=("court.interest.court=x",)), {"sets": ["court.interest.court=x"]}),
        (Selection(sets=("share(nobody)=0.1",)), {"sets": ["share(nobody)=0.1"]}),
        (Selection(sets=("court.faults.uplift=7",)), {"sets": ["court.faults.uplift=7"]}),
        (Selection(regimes=("upcc",), baseline="upcc"), {"regimes": ["upcc"]}),
        (Selection(regimes=("upc",), baseline="us-ebay"), {"regimes": ["upc"], "baseline": "us-ebay"}),
        (Selection(regimes=("upc", "upc"), baseline="upc"), {"regimes": ["upc", "upc"]}),
        (Selection(scenario="celular"), {"name": "celular"}),
    ],
)
def test_problems_are_told_as_in_the_terminal(choices: Selection, options: dict[str, object]) -> None:
    name = str(options.pop("name", "cellular"))
    regimes = options.pop("regimes", list(choices.regimes))
    with pytest.raises(ScenarioError) as terminal:
        load(name, regimes, None, 1, **options)  # type: ignore[arg-type]
    with pytest.raises(ScenarioError) as page:
        choices.played(Laws(), 20)
    assert str(page.value) == str(terminal.value)


def test_a_wrong_word_of_a_link_is_refused() -> None:
    with pytest.raises(ScenarioError, match="says regime; did you mean regimes"):
        Selection.read({"regime": ["upc"]})
    with pytest.raises(ScenarioError, match="celular: no such scenario, built-in or file; did you mean"):
        Selection.read({"scenario": ["celular"]})
    with pytest.raises(ScenarioError, match="'us-ebay' is not among the regimes"):
        Selection.read({"regimes": ["upc,uk-global"], "baseline": ["us-ebay"]})
    with pytest.raises(ScenarioError, match="a whole number, at least 0"):
        Selection(seed="-1").played(Laws(), 20)
    with pytest.raises(ScenarioError, match="cap: got courtrate; did you mean court_rate"):
        Selection(cap="courtrate").played(Laws(), 20)


def test_the_scenario_file_says_what_was_played(tmp_path: Path) -> None:
    chosen = Selection("wifi", ("upc", "us-ebay"), "us-ebay", "7", MOVED)
    laws = Laws()
    played = chosen.played(laws, 80)
    name, data = download(played, chosen, laws, "my-wifi")
    file = tmp_path / name
    file.write_bytes(data)
    again = load_scenario(file)
    same = {"scenario": again.scenario, "title": again.title, "what_if": {}}
    assert again == played.model_copy(update=same)


def test_laws_of_ones_own_and_caps_travel_with_the_file(tmp_path: Path) -> None:
    laws = Laws()
    laws.keep(OWN)
    laws.keep(OWN.replace("upc", "strict").replace("regime: strict", "regime: stricter"))
    chosen = Selection("duopoly", ("stricter", "us-ebay", "none"), "us-ebay", cap="court_rate")
    played = chosen.played(laws, 20)
    names = [law.regime for law in played.regimes]
    assert names == ["stricter", "us-ebay-cap-court-rate", "none"]
    assert played.baseline == "us-ebay-cap-court-rate"
    assert played.regimes[1].court.injunction.cap.name == "COURT_RATE"
    name, data = download(played, chosen, laws, "mine")
    assert name == "mine.zip"
    with zipfile.ZipFile(io.BytesIO(data)) as packed:
        packed.extractall(tmp_path)
    again = load_scenario(tmp_path / "mine" / "mine.yaml")
    same = {"scenario": "mine", "title": again.title, "what_if": {}}
    assert again == played.model_copy(update=same)
    assert "us-ebay-cap-court-rate" not in laws.names


def test_a_law_is_read_as_its_file_would_be(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    wrong = OWN.replace("direct", "indrect").replace("extends: upc", "extends: upcc")
    monkeypatch.chdir(tmp_path)
    Path("strict.yaml").write_text(wrong)
    with pytest.raises(ScenarioError) as terminal:
        load_regime("strict.yaml")
    laws = Laws()
    with pytest.raises(ScenarioError) as page:
        laws.read(wrong)
    assert page.value.problems == terminal.value.problems
    assert laws.own == {}
    for text, what in (("", "empty"), ("regime: upc", "upc is built-in"), ("- a", "no key"), ("a: [", "a")):
        with pytest.raises(ScenarioError, match=what):
            laws.read(text)
    assert named("regime: 'a-b' # mine") == "a-b"


def test_what_was_kept_stays_where_a_draft_is_wrong() -> None:
    laws = Laws()
    laws.keep(OWN)
    with pytest.raises(ScenarioError):
        laws.keep(OWN.replace("direct", "indrect"))
    assert laws.own["strict"] == OWN
    assert laws.load("strict").court.mode.name == "DIRECT"


def test_levers_are_values_that_set_knows() -> None:
    for lever in LEVERS:
        for stop in lever.stops("0.123")[1:]:
            name, value = next(iter(assignments([f"{lever.name}={stop}"]).items()))
            assert name in registry() or name.startswith("share(")
            Selection(sets=(f"{name}={value}",)).played(Laws(), 20)
    moved, rest = parted(MOVED)
    assert rest == ["beliefs.spread=0.25"]
    assert joined(moved, rest) == MOVED
    assert joined({lever.name: AS_IS for lever in LEVERS}, []) == ()
    assert parted(["court.faults.uplift=much"]) == ({}, ["court.faults.uplift=much"])


def test_what_grows_on_the_page_is_what_a_run_gives() -> None:
    scenario = load_scenario("duopoly", regimes=["upc", "us-ebay"])
    played = Growing(scenario)
    for stage in STAGES:
        assert played.shown.scenario.replications == stage
        whole = study.compare(scenario.model_copy(update={"replications": stage}))
        pd.testing.assert_frame_equal(played.shown.tables.summary, whole.tables.summary)
        pd.testing.assert_frame_equal(played.shown.tables.differences, whole.tables.differences)
        assert np.all(played.shown.tables.spread["value"] == whole.tables.spread["value"])
        while not played.refine(0.01) and played.target is not None:
            pass
    assert played.target is None
