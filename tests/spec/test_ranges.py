"""Every number a file may give has bounds, and every parameter of the registry has its place in a file."""

from __future__ import annotations

from collections.abc import Iterator
from types import UnionType
from typing import Any, get_args, get_origin

import pytest
from pydantic import BaseModel

from simulator.parameters import registry
from simulator.spec.base import Quantity
from simulator.spec.load import MODELS
from simulator.spec.ranges import OF_STRATEGIES, bounds_at, of_parameter
from simulator.spec.yaml import Keys


def quantities(kind: Any, keys: Keys = ()) -> Iterator[Keys]:
    """The entries of a model that hold a number with its source; ``x`` stands for a free key."""
    if isinstance(kind, type) and issubclass(kind, Quantity):
        yield keys
    elif get_origin(kind) is UnionType:
        for inner in get_args(kind):
            yield from quantities(inner, keys)
    elif get_origin(kind) is tuple:
        yield from quantities(get_args(kind)[0], (*keys, 0))
    elif get_origin(kind) is dict:
        yield from quantities(get_args(kind)[1], (*keys, "x"))
    elif isinstance(kind, type) and issubclass(kind, BaseModel):
        for name, field in kind.model_fields.items():
            yield from quantities(field.annotation, (*keys, name))


@pytest.mark.parametrize("kind", ["regime", "market", "strategy"])
def test_every_number_of_a_file_has_bounds(kind: str) -> None:
    places = list(quantities(MODELS[kind]))
    assert places
    assert [keys for keys in places if bounds_at(kind, keys) is None] == []


def test_every_parameter_has_its_place_in_a_file() -> None:
    named = {"court.security.interim_after", *OF_STRATEGIES.values()}
    for kind in ("regime", "market"):
        for keys in quantities(MODELS[kind]):
            named.add(".".join(key for key in keys if isinstance(key, str)))
    assert set(registry()) - named == set()


def test_the_clock_counts_whole_months_but_means_may_be_fractions() -> None:
    assert of_parameter("standard.horizon").whole
    assert of_parameter("court.docket").whole
    assert not of_parameter("court.durations.first_instance").whole
    assert not of_parameter("court.interest.court").whole


def test_every_default_obeys_its_own_bounds() -> None:
    for name in registry():
        bounds = of_parameter(name)
        assert bounds.default is not None
        assert bounds.low <= bounds.default <= bounds.high
        assert not bounds.whole or bounds.default == int(bounds.default), name
