"""Addressed chance: Philox's published answers, and addresses that do not collide."""

from __future__ import annotations

import math

import numpy as np
import pytest

from simulator.engine.draws import U, normal, philox, uniform

ONES = (0xFFFFFFFF,) * 4


@pytest.mark.parametrize(
    ("counter", "key", "expected"),
    [
        ((0, 0, 0, 0), (0, 0), (0x6627E8D5, 0xE169C58D, 0xBC57AC4C, 0x9B00DBD8)),
        (ONES, ONES[:2], (0x408F276D, 0x41C83B0E, 0xA20BC7C6, 0x6D5451FD)),
        (
            (0x243F6A88, 0x85A308D3, 0x13198A2E, 0x03707344),
            (0xA4093822, 0x299F31D0),
            (0xD16CFE09, 0x94FDCCEB, 0x5001E420, 0x24126EA1),
        ),
    ],
    ids=["zeros", "ones", "digits of pi"],
)
def test_known_answers(counter: tuple[int, ...], key: tuple[int, ...], expected: tuple[int, ...]) -> None:
    """Philox4x32-10, the known-answer vectors of Random123 (Salmon et al. 2011)."""
    c0, c1, c2, c3 = map(U, counter)
    low, high = philox(c0, c1, c2, c3, *map(U, key))
    words = (int(low) & 0xFFFFFFFF, int(low) >> 32, int(high) & 0xFFFFFFFF, int(high) >> 32)
    assert words == expected


def test_every_part_of_an_address_counts() -> None:
    base = (1, 2, 3, 4, 5)
    seen = {uniform(*base)}
    for place in range(5):
        for step in (1, 2, 1000):
            moved = [value + step * (place == here) for here, value in enumerate(base)]
            seen.add(uniform(*moved))
    assert len(seen) == 16


def test_a_wide_seed_is_not_cut() -> None:
    assert uniform(5, 0, 0, 1, 0) != uniform(5 + (1 << 40), 0, 0, 1, 0)


def test_uniform_and_normal() -> None:
    """Mean and variance within 4 standard errors; the range of a uniform number."""
    n = 40_000
    flat = np.array([uniform(9, index, 0, 1, 0) for index in range(n)])
    bell = np.array([normal(9, 0, 0, 1, index) for index in range(n)])
    assert flat.min() >= 0.0
    assert flat.max() < 1.0
    assert abs(flat.mean() - 0.5) < 4 * math.sqrt(1 / 12 / n)
    assert abs(bell.mean()) < 4 / math.sqrt(n)
    assert abs(bell.var() - 1.0) < 4 * math.sqrt(2 / n)
