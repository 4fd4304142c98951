"""The report in a browser: regimes are hovered and picked; it fits a phone, prints, and asks for nothing."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import simulator

REGIMES = ["upc", "us-ebay", "uk-global", "cn-rate-setting", "none"]


@pytest.fixture(scope="module")
def report(tmp_path_factory: pytest.TempPathFactory) -> Path:
    compared = simulator.compare("duopoly", regimes=REGIMES, replications=12)
    return compared.report(tmp_path_factory.mktemp("report") / "alone.html")


@pytest.fixture
def page(chromium: Any, report: Path) -> Iterator[Any]:
    """The report alone in a window of a desk."""
    opened = chromium.new_page(viewport={"width": 1400, "height": 900})
    asked: list[str] = []
    failed: list[str] = []
    opened.on("request", lambda request: asked.append(request.url))
    opened.on("pageerror", lambda error: failed.append(str(error)))
    opened.goto(report.as_uri())
    opened.wait_for_selector(
        "[data-chart=plane] svg path.mark-symbol, [data-chart=plane] svg .mark-symbol path"
    )
    yield opened
    opened.close()
    assert [url for url in asked if not url.startswith(("file:", "data:", "blob:"))] == []
    assert failed == []


def points(page: Any) -> Any:
    return page.locator("[data-chart=plane] svg g.mark-symbol.role-mark path")


def test_a_point_that_is_hovered_says_its_law_and_numbers(page: Any) -> None:
    points(page).first.hover()
    told = page.locator("#vg-tooltip-element").inner_text()
    assert "deadlock, %" in told
    assert "months to licence" in told


def test_regimes_are_picked(page: Any) -> None:
    assert points(page).count() == len(REGIMES)
    page.locator(".pick input[value=upc]").uncheck()
    page.wait_for_timeout(300)
    assert points(page).count() == len(REGIMES) - 1
    page.locator(".pick button[data-all='']").click()
    page.wait_for_timeout(300)
    assert points(page).count() == 0
    page.locator(".pick button[data-all='1']").click()
    page.wait_for_timeout(300)
    assert points(page).count() == len(REGIMES)


def test_it_reads_on_a_phone_without_scrolling_sideways(page: Any) -> None:
    page.set_viewport_size({"width": 400, "height": 800})
    page.wait_for_timeout(300)
    assert page.evaluate("document.documentElement.scrollWidth") == 400
    answer = page.locator(".answer").bounding_box()
    assert answer["y"] < 300
    assert answer["x"] + answer["width"] <= 400
    for table in page.locator("table.cards").all():
        box = table.bounding_box()
        assert box["x"] + box["width"] <= 400


def test_without_scripts_every_figure_is_a_drawing(chromium: Any, report: Path) -> None:
    context = chromium.new_context(java_script_enabled=False)
    plain = context.new_page()
    plain.goto(report.as_uri())
    assert plain.locator("figure#plane .drawn svg").is_visible()
    assert not plain.locator(".pick").is_visible()
    context.close()


def test_on_paper_the_drawings_stand_in_place_of_what_can_be_explored(page: Any) -> None:
    page.emulate_media(media="print")
    assert page.locator("figure#plane .drawn svg").is_visible()
    assert not page.locator("[data-chart=plane]").is_visible()
    assert not page.locator(".pick").is_visible()
