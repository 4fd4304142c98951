"""Each guard speaks where it must and is silent where it may be."""

from __future__ import annotations

import numpy as np

from simulator.statistics.guards import (
    constant,
    missing,
    too_few,
    undefined,
    unpaired,
    unplanned,
)


def test_a_sound_table_needs_no_caution() -> None:
    values = np.random.default_rng(1).random((12, 3, 2, 2))
    assert constant(values, ["a", "b"]) == []
    assert undefined(values, ["a", "b"]) == []
    assert too_few(10) == []
    assert missing(3, [2, 0, 1]) == []
    assert unpaired({"a": (1, range(12)), "b": (1, list(range(12)))}) == []
    assert unplanned(["a"], ["a", "b"]) == []


def test_each_outcome_at_fault_is_named() -> None:
    values = np.random.default_rng(1).random((12, 3, 2, 3))
    values[..., 0] = 0.25
    values[..., 1] = np.nan
    values[:3, 1, 1, 2] = np.nan
    assert constant(values, ["a", "b", "c"]) == [
        "a is 0.25 throughout: nothing that was varied moves it.",
        "b is undefined throughout.",
    ]
    assert undefined(values, ["a", "b", "c"]) == [
        "c is undefined in up to 25 % of the replications of a cell; its mean leaves them out."
    ]


def test_counts_agree_with_their_nouns() -> None:
    assert too_few(1) == ["1 replication: intervals are unreliable below 10."]
    assert missing(2, [0])[0].startswith("1 of 2 cells of the design is missing (1)")
    assert "(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, ...)" in missing(30, [])[0]


def test_every_result_is_held_against_the_first() -> None:
    said = unpaired({"a": (1, range(10)), "b": (1, range(5, 15)), "c": (3, range(10))})
    assert said == [
        "a and b share only 5 replications of 10: a paired difference leaves the others out.",
        "c was played with seed 3, a with seed 1: their luck differs, so their difference is not paired.",
    ]


def test_an_afterthought_is_named_once() -> None:
    assert len(unplanned(["x", "x", "y"], ["y"])) == 1
