"""The worked negotiations of ``docs/worked.md``: engine and plain duopoly say what the page says."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache
from math import isnan, nan
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from simulator.engine.build import build
from simulator.engine.trace import Course, follow
from simulator.spec.strategy import Strategy
from simulator.vocabulary import Act, Disclosure, Outcome
from tests.odd.recorded import BASIS_POINTS, Given, Recorded
from tests.odd.test_duopoly import market_file, registry
from tests.odd.values import Law, Market
from tests.play import law, quantity, scenario, strategy

SEED = 1
HEADING = re.compile(r"^## (\d)\. ", re.MULTILINE)


class Setting(NamedTuple):
    """Who plays, under which law, with which replication's luck."""

    regime: str
    holder: Strategy
    implementer: Strategy
    replication: int


SETTINGS = {
    1: Setting(
        "staged-baseline",
        strategy("holder_good_faith", window=6),
        strategy("implementer_good_faith", window=6),
        0,
    ),
    2: Setting(
        "us-ebay", strategy("holder_hold_up", window=6), strategy("implementer_good_faith", window=6), 1
    ),
    3: Setting("upc", strategy("holder_good_faith"), strategy("implementer_hold_out"), 9),
    4: Setting(
        "cn-rate-setting", strategy("holder_good_faith", sue_after=6), strategy("implementer_hold_out"), 32
    ),
    5: Setting(
        "de-munich-security",
        strategy("holder_good_faith", window=6, sue_after=8),
        strategy(
            "implementer_hold_out",
            conduct={
                "refuses": (Act.VERIFY, Act.CONCILIATE, Act.ARBITRATE),
                "reply_delay": quantity(2),
                "withholds": (Disclosure.RATE_CALCULATION, Disclosure.SALES_DATA, Disclosure.JUSTIFICATION),
            },
        ),
        3,
    ),
    6: Setting(
        "cn-spc-act-2023",
        strategy("holder_hold_up", window=6),
        strategy("implementer_good_faith", window=6),
        2,
    ),
}


class Table(NamedTuple):
    """A table of the page: its column heads, and its rows as words."""

    heads: list[str]
    rows: list[list[str]]


def tables(section: str) -> list[Table]:
    """The tables of a section, in order."""
    blocks = re.findall(r"(?:^\|.*\|\n)+", section, re.MULTILINE)
    split = [
        [[cell.strip() for cell in line.strip("|").split("|")] for line in block.splitlines()]
        for block in blocks
    ]
    return [Table(lines[0], lines[2:]) for lines in split]


@cache
def sections(root: Path) -> Mapping[int, list[Table]]:
    """The tables of every worked negotiation: luck, what they reckon with, what they do, where it ends."""
    parts = HEADING.split((root / "docs/worked.md").read_text(encoding="utf-8"))
    return {int(number): tables(text) for number, text in zip(parts[1::2], parts[2::2], strict=True)}


@cache
def course(number: int) -> Course:
    """The engine's trace."""
    one = SETTINGS[number]
    played = scenario(one.regime, holder=one.holder, implementer=one.implementer, ideal=False, seed=SEED)
    return follow(build(played), 0, SEED, one.replication, 0)


@cache
def plain(root: Path, number: int) -> Recorded:
    """The plain duopoly with the luck that the page lists."""
    one = SETTINGS[number]
    luck = sections(root)[number][0]
    drawn: dict[str, list[float]] = {"normal": [], "uniform": []}
    for kind, _, _, values in luck.rows:
        drawn[kind] += [float(value) for value in values.split()]
    parties = [side.model_dump(mode="json") for side in (one.holder, one.implementer)]
    rules = Law(law(one.regime).model_dump(mode="json"), registry(root))
    given = Given(drawn["normal"], drawn["uniform"])
    pair = Recorded(rules, Market(market_file(root), registry(root)), parties, given)
    pair.play()
    assert not [*given.normals, *given.uniforms], "the page lists luck that nobody needs"
    return pair


def by_engine(number: int, month: int) -> dict[str, float]:
    """A month's row by the engine, as far as its trace keeps it."""
    told = course(number)
    sight, moves, before, after = told.sight[month], told.moves[month], told.before[month], told.after[month]
    return {
        "rho_h": sight.rho_h * BASIS_POINTS,
        "rho_i": sight.rho_i * BASIS_POINTS,
        "F_h": before.fault_h,
        "F_i": before.fault_i,
        "D": sight.months,
        "p": sight.injunction,
        "W_h": sight.w_h,
        "L_i": sight.l_i,
        "R_h": sight.r_h * BASIS_POINTS,
        "R_i": sight.r_i * BASIS_POINTS,
        "ask": moves.ask * BASIS_POINTS,
        "bid": moves.bid * BASIS_POINTS,
        "cost_h": after.cost_h,
        "cost_i": after.cost_i,
    }


def wrong(table: Table, rows: Mapping[int, Mapping[str, float]], units: float) -> list[str]:
    """Cells that differ from these rows by more than so many units of their last digit."""
    found = []
    for cells in table.rows:
        month = int(cells[0])
        for head, cell in zip(table.heads, cells, strict=True):
            if head not in rows[month]:
                continue
            stated, true = (nan if cell == "-" else float(cell)), rows[month][head]
            unit = 10.0 ** -len(cell.partition(".")[2])
            near = isnan(true) if isnan(stated) else abs(stated - true) <= units * unit * (1 + 1e-6)
            if not near:
                found.append(f"month {month}, {head}: {cell}, not {true:.6f}")
    return found


@pytest.mark.parametrize("number", SETTINGS)
class TestWorked:
    """Each worked negotiation."""

    def test_engine_says_so(self, root: Path, number: int) -> None:
        """What both reckon with, offer and spend, every month: by the trace, to half of the last digit."""
        _, reckons, does, _ = sections(root)[number]
        for table in (reckons, does):
            months = {int(cells[0]): by_engine(number, int(cells[0])) for cells in table.rows}
            assert wrong(table, months, 0.5) == []

    def test_plain_duopoly_says_so(self, root: Path, number: int) -> None:
        """The same and what lies between, with the luck listed: its digits may move the last one by one."""
        _, reckons, does, _ = sections(root)[number]
        months = {int(row["month"]): row for row in plain(root, number).rows}
        for table in (reckons, does):
            assert [int(cells[0]) for cells in table.rows] == list(months), "a month is missing"
            assert set(table.heads) - {"what happens"} <= set(months[0])
            assert wrong(table, months, 1.0) == []

    def test_it_ends_so(self, root: Path, number: int) -> None:
        """How it ends, at what rate, and what each side has paid and spent."""
        (cells,) = sections(root)[number][3].rows
        row = course(number).row
        assert cells[0] == Outcome(row["outcome"]).name.lower().replace("_", " ")
        assert int(cells[1]) == row["licence_month"]
        money: list[Any] = [row["rate"] * BASIS_POINTS]
        money += [row[name] for name in ("paid", "cost_holder", "cost_implementer", "margin_lost")]
        assert cells[2:] == [f"{value:.3f}" for value in money]
        assert plain(root, number).paid == pytest.approx(row["paid"], abs=1e-3)

    def test_rows_follow_from_themselves(self, root: Path, number: int) -> None:
        """Each row's formulas, as the page's head states them, hold between its own cells."""
        reckons = sections(root)[number][1]
        gamma = SETTINGS[number].implementer.goodwill
        for cells in reckons.rows:
            values = (nan if cell == "-" else float(cell) for cell in cells)
            row = dict(zip(reckons.heads, values, strict=True))
            discount = 1.08 ** (-row["D"] / 12)
            assert row["l"] == pytest.approx(row["a"] + 0.8 * row["P"], abs=0.2)
            assert row["W_h"] == pytest.approx(discount * row["V_h"] - row["c_h"], abs=2e-3)
            loss = discount * row["V_i"] + row["c_i"] + row.get("S_i", 0.0)
            assert row["L_i"] == pytest.approx(loss, abs=2e-3)
            low = max(BASIS_POINTS * row["W_h"] / row["l"], 0.2 * row["rho_h"])
            high = max(BASIS_POINTS * row["L_i"] / row["l"], (gamma.value if gamma else 0.0) * row["rho_i"])
            assert row["R_h"] == pytest.approx(low, abs=2e-3)
            assert row["R_i"] == pytest.approx(high, abs=2e-3)


def test_page_works_six(root: Path) -> None:
    """Every negotiation of the page is played, and the other way round."""
    assert list(sections(root)) == list(SETTINGS)
