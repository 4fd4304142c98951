"""Every tab in a real browser: what is clicked changes what is shown, and the terminal gives the same."""

from __future__ import annotations

import csv
import io
import json
import re
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

Window = Callable[..., Any]
CELL = re.compile(r"(\S+) \[(\S+), (\S+)\]")
SLOW = 120_000
"""Milliseconds to wait for what is reckoned or drawn, on a machine that others use too."""
STRICT = """\
regime: strict
extends: upc
title: A strict law
source: assumption
status: proposed
court:
  mode: {}
"""
LAWS = "The laws compared"


def numbers(page: Any, label: str = LAWS) -> list[list[str]]:
    """The cells of a table of the page, row by row."""
    rows: list[list[str]] = page.get_by_role("region", name=label).evaluate(
        "place => [...place.querySelectorAll('tr')].map(row => [...row.cells].map(cell => cell.innerText))"
    )
    return rows


def apart(cell: str) -> tuple[str, ...]:
    """A cell as ``--plain`` has it: number and interval in cells of their own."""
    interval = CELL.fullmatch(cell)
    return (cell,) if interval is None else interval.groups()


def changed(page: Any, before: list[list[str]]) -> None:
    """Wait until the table of laws says something else."""
    page.wait_for_function(
        "([label, before]) => { const place = document.querySelector(`[aria-label='${label}']`);"
        " return place && JSON.stringify([...place.querySelectorAll('tr')].map(row =>"
        " [...row.cells].map(cell => cell.innerText))) !== before }",
        arg=[LAWS, json.dumps(before, separators=(",", ":"), ensure_ascii=False)],
    )


def refined(page: Any) -> None:
    """Wait for the last stage of a comparison, and for the page that is drawn anew after it.

    That one alone offers a report; what draws a page anew takes the focus away.
    """
    page.get_by_text("320 replications; ").wait_for(timeout=SLOW)
    page.get_by_role("button", name="Report", exact=True, disabled=False).wait_for(timeout=SLOW)
    settled(page)


def whole(page: Any) -> None:
    """No button's words are cut."""
    parts = "[...document.querySelectorAll('button, button *')]"
    cut = f"{parts}.filter(part => part.scrollWidth > part.clientWidth + 1).map(part => part.innerText)"
    assert page.evaluate(cut) == []


def settled(page: Any) -> Any:
    """The page once its script has run: what it draws anew then takes no focus away.

    A run begins a little after the key that asks for it.
    """
    page.wait_for_timeout(500)
    page.locator("[data-testid=stApp][data-test-script-state=notRunning]").wait_for()
    return page


def choose(page: Any, label: str, option: str) -> None:
    box = page.get_by_role("combobox", name=re.compile(re.escape(label)))
    box.click()
    box.fill(option)
    page.get_by_role("option", name=option, exact=True).click()


def tab(page: Any, name: str) -> None:
    page.get_by_role("tab", name=name, exact=True).click()


def downloaded(page: Any, button: str, folder: Path) -> Path:
    with page.expect_download() as waiting:
        page.get_by_role("button", name=button, exact=True).click()
    path = folder / str(waiting.value.suggested_filename)
    waiting.value.save_as(path)
    return path


def test_a_slider_moves_the_numbers_and_the_terminal_gives_the_same(
    window: Window, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    page = window("?scenario=duopoly&regimes=upc,uk-global")
    refined(page)
    before = numbers(page)
    slider = page.get_by_role("slider", name="Interest on past use, in an award")
    slider.focus()
    start = time.perf_counter()
    page.keyboard.press("End")
    changed(page, before)
    seconds = time.perf_counter() - start
    with capsys.disabled():
        print(f"\na slider moved: first answer after {seconds:.2f} s")
    refined(page)
    assert "set=court.interest.court%3D0.2" in page.url
    shown = numbers(page)
    assert {row[0] for row in shown} == {row[0] for row in before}
    assert shown != before

    file = downloaded(page, "Scenario", tmp_path)
    command = [sys.executable, "-m", "simulator", "compare", file.name, "--figures", "none", "--plain"]
    printed = subprocess.run(
        [*command, "--out", "out"], cwd=tmp_path, capture_output=True, text=True, check=True
    ).stdout
    rows = list(csv.reader(io.StringIO(printed), delimiter="\t"))
    assert rows[1:] == [[part for cell in row for part in apart(cell)] for row in shown[1:]]

    again = window("?" + page.url.partition("?")[2])
    refined(again)
    assert numbers(again) == shown


def test_where_parties_answer_is_shown_for_the_laws_chosen(window: Window) -> None:
    page = window("?scenario=cellular&regimes=upc,us-ebay")
    refined(page)
    tab(page, "Parties answer")
    page.get_by_role("region", name="The laws where parties answer them").wait_for(timeout=SLOW)
    shown = numbers(page, "The laws where parties answer them")
    assert [row[0] for row in shown[1:]] == ["upc", "us-ebay"]
    assert all(row[1].count(">") == 2 for row in shown[1:])
    page.get_by_role("region", name="From the market's own conduct").get_by_role("img").wait_for()
    choose(page, "What they do under", "us-ebay")
    page.get_by_role("region", name="What parties do under us-ebay").wait_for(timeout=SLOW)


def test_bad_input_is_told_in_the_words_of_the_terminal(window: Window) -> None:
    page = window("?scenario=duopoly&set=court.interest.cort=0.08")
    command = [sys.executable, "-m", "simulator", "compare", "duopoly", "--set", "court.interest.cort=0.08"]
    said = subprocess.run(command, capture_output=True, text=True, check=False)
    assert said.returncode == 2
    alert = page.get_by_role("alert").inner_text()
    assert " ".join(alert.split()) == " ".join(said.stderr.split())


@pytest.mark.slow
def test_two_windows_do_not_disturb_each_other(window: Window) -> None:
    link = "?scenario=duopoly&regimes=upc,us-ebay"
    here, other = window(link), window(link)
    refined(here)
    refined(other)
    assert numbers(here) == numbers(other)
    before = numbers(other)
    slider = here.get_by_role("slider", name="Reach of an injunction")
    slider.focus()
    here.keyboard.press("End")
    changed(here, before)
    other.wait_for_timeout(500)
    assert numbers(other) == before
    assert "set=" not in other.url


@pytest.mark.slow
def test_one_negotiation_under_two_laws(window: Window, tmp_path: Path) -> None:
    page = window("?scenario=duopoly&regimes=none,upc")
    tab(page, "Why")
    region = page.get_by_role("region", name="The negotiation under both laws")
    region.wait_for(timeout=SLOW)
    whole(page)
    told = region.inner_text()
    assert "Where they part, with the same market and the same chance" in told
    assert "upc: why it ended so" in told
    choose(page, "that ended with", "Unlicensed")
    page.get_by_text("ends with no licence").first.wait_for(timeout=SLOW)
    record = json.loads(downloaded(page, "Record (JSON)", tmp_path).read_text("utf-8"))
    assert [story["regime"] for story in record["stories"]] == ["none", "upc"]
    assert record["stories"][0]["outcome"]["outcome"] == "unlicensed"


def test_a_negotiation_is_played_to_its_end_by_hand(window: Window, tmp_path: Path) -> None:
    page = window("?scenario=duopoly&regimes=us-ebay")
    tab(page, "Sit at the table")
    page.get_by_text("holder", exact=True).click()
    page.get_by_label("Replication").fill("1")
    page.get_by_label("Replication").press("Tab")
    page.get_by_role("button", name="Sit down").click()
    for month in range(20):
        page.get_by_role("heading", name=f"Month {month}: you are the holder").wait_for()
        whole(page)
        accept = page.get_by_text("Accept their offer", exact=True)
        over = accept.count() > 0
        if over:
            accept.click()
        page.get_by_role("button", name="Play the month").click()
        if over:
            break
    page.get_by_text("The negotiation is over").wait_for(timeout=SLOW)
    moves = numbers(page, "Moves so far")
    assert moves[1][1] == "accepts the standing offer"
    assert "of price" in moves[1][2]  # what the engine would have done instead
    record = json.loads(downloaded(page, "Record (JSON)", tmp_path).read_text("utf-8"))
    mine, engine = record["stories"]
    assert (mine["regime"], engine["regime"]) == ("us-ebay, you", "us-ebay, the engine")
    assert mine["outcome"]["outcome"] == "negotiated"
    assert mine["events"] != engine["events"]
    assert [event["kind"] for event in mine["events"]][-2:] == ["licence", "end"]


def law_text(page: Any) -> Any:
    """Where the text of a law is written, on its tab."""
    tab(page, "Law")
    text = page.get_by_role("textbox", name=re.compile("Its text"))
    text.wait_for()
    return text


def test_a_wrong_law_shows_its_line(window: Window) -> None:
    page = window("?scenario=duopoly&regimes=upc")
    text = law_text(page)
    text.fill(STRICT.format("indrect"))
    text.press("Control+Enter")
    wrong = page.locator(".fs-text .wrong")
    wrong.wait_for()
    assert "mode: indrect" in wrong.inner_text()
    said = page.locator(".fs-text .said").inner_text()
    assert said.startswith("strict.yaml:7: court.mode: got 'indrect'")
    assert "did you mean indirect?" in said


@pytest.mark.slow
def test_a_law_that_was_wrong_is_mended_compared_linked_and_reported(window: Window, tmp_path: Path) -> None:
    page = window("?scenario=duopoly&regimes=upc")
    text = law_text(page)
    for mode in ("indrect", "direct"):
        text.fill(STRICT.format(mode))
        text.press("Control+Enter")
        page.locator(".fs-text .wrong").wait_for(state="attached" if mode == "indrect" else "detached")
    page.get_by_role("region", name="Where strict differs from upc").wait_for()
    page.get_by_role("button", name="Use it in Explore").click()
    page.get_by_role("region", name=LAWS).get_by_text("strict", exact=True).wait_for(timeout=SLOW)
    refined(page)
    again = window("?" + page.url.partition("?")[2])
    refined(again)
    assert numbers(again) == numbers(page)
    again.get_by_role("button", name="Report", exact=True).click()
    again.get_by_role("button", name="Save the report", exact=True).wait_for(timeout=SLOW)
    report = downloaded(again, "Save the report", tmp_path).read_text("utf-8")
    assert "A strict law" in report
    assert "http://" not in re.sub(r"http://www\.w3\.org/\S+", "", report)


def test_who_knows_no_yaml_compares_a_law_of_their_own_by_keyboard_on_a_narrow_screen(
    window: Window, tmp_path: Path
) -> None:
    """The clicks of docs/app.md."""
    page = window("?scenario=duopoly&regimes=upc", width=400)
    refined(page)
    page.get_by_role("tab", name="Explore").focus()
    for name in ("Parties answer", "Why", "Sit at the table", "Law"):
        page.keyboard.press("ArrowRight")
        page.wait_for_function("name => document.activeElement.innerText.trim() === name", arg=name)
    page.keyboard.press("Enter")
    page.get_by_role("tab", name="Law", selected=True).wait_for()
    rule = settled(page).get_by_role("combobox", name=re.compile("Change this rule of upc"))
    rule.focus()
    whole(page)
    page.keyboard.type("Injunction › cap")
    page.get_by_role("option", name="Injunction › cap").wait_for()
    page.keyboard.press("Enter")
    becomes = settled(page).get_by_role("combobox", name="It becomes")
    becomes.focus()
    page.keyboard.type("court_rate")
    page.get_by_role("option", name="court_rate").wait_for()
    page.keyboard.press("Enter")
    button = settled(page).get_by_role("button", name="Change it")
    button.focus()
    page.keyboard.press("Enter")
    difference = page.get_by_role("region", name="Where my-law differs from upc")
    difference.get_by_text("at most the rate the court finds").wait_for()
    button = settled(page).get_by_role("button", name="Use it in Explore")
    button.focus()
    page.keyboard.press("Enter")
    region = page.get_by_role("region", name=LAWS)
    region.get_by_text("my-law", exact=True).wait_for(timeout=SLOW)
    whole(page)
    wide = page.evaluate("document.querySelector('[data-testid=stMain]').scrollWidth")
    assert wide <= 400
    file = downloaded(page, "Scenario", tmp_path)
    assert file.suffix == ".zip"
