"""How numbers are written, on the terminal and in the report."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

FEWEST_POINTS = 30
"""Sampled points without which a share of a space is not printed."""
MARKS = {
    "supported": "✔ supported",
    "contradicted": "✘ contradicted",
    "too small to matter": "≈ too small to matter",
}
"""Verdicts as tables of claims show them."""
MOST_DIGITS = 7
"""Digits from which on a column keeps four of each number instead of as many behind the point."""


DIGITS = 18
"""A number with more is none that anybody counts to."""


def counted(text: str) -> int | None:
    """A whole number of at most eighteen digits; none where a text is something else.

    >>> counted("12"), counted("-1"), counted("9" * 5000)
    (12, None, None)
    """
    return int(text) if text.isdecimal() and len(text) <= DIGITS else None


def percent(share: float) -> str:
    """A share as a percentage.

    >>> percent(0.12345), percent(float("nan"))
    ('12.3 %', '–')
    """
    return f"{100 * share:.1f} %" if math.isfinite(share) else "–"


def value(number: float, unit: str) -> str:
    """A number in the form its unit asks for: shares in per cent, months with one decimal, else two.

    Millions have none; shares of a margin, which effects move little, have three.

    >>> value(0.5, "share of negotiations"), value(12.34, "months"), value(1.2345, "ratio")
    ('50.0', '12.3', '1.23')
    >>> value(0.00012, "share of margin"), value(9000.24, "USD m")
    ('0.012', '9000')
    >>> value(-0.0001, "share of E")
    '0.0'
    """
    if not math.isfinite(number):
        return "–"
    if unit.startswith("share"):
        return fixed(100 * number, 3 if unit == "share of margin" else 1)
    if unit == "USD m":
        return fixed(number, 0)
    return fixed(number, 1 if unit.startswith("month") else 2)


def fixed(number: float, digits: int) -> str:
    """So many digits behind the point; what rounds to zero has no sign.

    >>> fixed(-0.004, 2), fixed(-0.004, 3)
    ('0.00', '-0.004')
    """
    return f"{round(number, digits) + 0.0:.{digits}f}"


def interval(low: float, high: float, unit: str) -> str:
    """An interval in the form of its unit; empty where there is none.

    >>> interval(0.1, 0.2, "share of negotiations")
    '[10.0, 20.0]'
    """
    return f"[{value(low, unit)}, {value(high, unit)}]" if math.isfinite(low) else ""


def unit(name: str) -> str:
    """A unit as a column states it.

    >>> unit("share of E"), unit("months")
    ('% of E', 'months')
    """
    return "%" + name.removeprefix("share") if name.startswith("share") else name


def upper_first(text: str) -> str:
    """The text with a capital at its start, the rest as it is.

    >>> upper_first("rate / FRAND rate")
    'Rate / FRAND rate'
    """
    return text[:1].upper() + text[1:]


def spoken(name: str) -> str:
    """A name of the vocabulary as words.

    >>> spoken("NON_FRAND_OFFER")
    'non FRAND offer'
    """
    capitals = {"frand": "FRAND", "adr": "ADR"}
    return " ".join(capitals.get(word, word) for word in name.lower().split("_"))


def plain(cell: object) -> str:
    """A cell of a data table: four digits, a dash where nothing is defined.

    >>> plain(0.123456), plain(3), plain(float("nan")), plain(float("inf"))
    ('0.1235', '3', '–', '∞')
    """
    if not isinstance(cell, float):
        return str(cell)
    if math.isnan(cell):
        return "–"
    return f"{cell:.4g}" if math.isfinite(cell) else "∞"


def column(numbers: Sequence[float]) -> list[str]:
    """Numbers of one column, each as :func:`plain` writes it, with the same digits behind the point.

    >>> column([1.0, 0.98, float("nan")]), column([3.0, 12.0]), column([1e-9, 2.5])
    (['1.00', '0.98', '–'], ['3', '12'], ['1e-09', '2.5'])
    """
    texts = [plain(number) for number in numbers]
    before, after = (
        max((len(text.lstrip("-").partition(".")[place]) for text in texts), default=0) for place in (0, 2)
    )
    if any("e" in text for text in texts) or before + after > MOST_DIGITS:
        return texts  # too far apart for one form
    return [
        fixed(number, after) if math.isfinite(number) else text
        for number, text in zip(numbers, texts, strict=True)
    ]


def signed(number: float, kind: str) -> str:
    """A difference in the form of its unit, with its sign.

    >>> signed(0.05, "share of E"), signed(-0.05, "share of E")
    ('+5.0', '-5.0')
    """
    text = value(number, kind)
    return f"+{text}" if number > 0 and text.strip("0.") else text


def small(p: float) -> str:
    """A p value.

    >>> small(0.00001), small(0.04321), small(float("nan"))
    ('< 0.001', '0.043', '–')
    """
    if not math.isfinite(p):
        return "–"
    return "< 0.001" if p < 0.001 else f"{p:.3f}"


def told_share(row: Mapping[str, Any]) -> str:
    """The share of a space in which a claim has the expected sign; a dash where too few points stand for it.

    ``row``: ``share, share_low, share_high, points``.

    >>> told_share({"share": 0.5, "share_low": 0.34, "share_high": 0.66, "points": 32})
    '50.0 % [34.0, 66.0] of 32 points'
    >>> told_share({"share": 0.5, "share_low": 0.1, "share_high": 0.9, "points": 8})
    '–'
    """
    if not math.isfinite(row["share"]) or row["points"] < FEWEST_POINTS:
        return "–"
    bounds = interval(row["share_low"], row["share_high"], "share")
    return f"{value(row['share'], 'share')} % {bounds} of {row['points']:.0f} points"
