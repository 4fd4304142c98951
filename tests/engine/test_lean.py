"""Machine code without the mechanisms that a run does without: the same rules, the same bits."""

from __future__ import annotations

import numpy as np
import pytest

from simulator.compiled import is_on
from simulator.engine.build import build, new_state
from simulator.engine.law import FORUM
from simulator.engine.lean import FORUM_OFF, MARKET_OFF, lean
from simulator.engine.market import MARKET, Rules
from simulator.engine.outcomes import OUTCOME
from simulator.engine.run import WHOLE_MARKET, play_chunk, run_chunk
from simulator.spec.load import load_scenario

needs_compiler = pytest.mark.skipif(not is_on(), reason="without the compiler records come whole")
BUILT_IN = ("audio", "cellular", "duopoly", "wifi")
OFF = [("market", *one) for one in MARKET_OFF.items()] + [("forums", *one) for one in FORUM_OFF.items()]


def rules_of(name: str) -> Rules:
    return build(load_scenario(name, seed=3))


@needs_compiler
@pytest.mark.parametrize("name", BUILT_IN)
def test_built_in_markets_are_played_without_what_is_off_to_the_same_bits(name: str) -> None:
    rules = rules_of(name)
    spared = lean(rules)
    assert not set(MARKET_OFF) & set(spared.market.dtype.names or ())
    assert not set(FORUM_OFF) & set(spared.forums.dtype.names or ())
    rows = np.zeros(len(rules.forums) * len(rules.parties), dtype=OUTCOME)
    play_chunk(rules, *new_state(rules), 3, 0, 1, WHOLE_MARKET, rows)
    assert run_chunk(rules, 3, range(1)).tobytes() == rows.tobytes()


@needs_compiler
def test_what_is_left_of_a_record_is_in_its_place() -> None:
    rules = rules_of("wifi")
    spared = lean(rules)
    for whole, rest in ((rules.market, spared.market), (rules.forums, spared.forums)):
        assert np.shares_memory(whole, rest)
        assert rest.dtype.itemsize == whole.dtype.itemsize
        for name in rest.dtype.names or ():
            assert np.array_equal(whole[name], rest[name])


@pytest.mark.parametrize(("records", "field", "off"), OFF)
def test_one_mechanism_that_is_on_keeps_records_whole(records: str, field: str, off: float) -> None:
    rules = rules_of("duopoly")
    changed = getattr(rules, records).copy()
    assert changed[0][field] == off
    changed[-1][field] = 1 - off  # under the last law alone
    on = rules._replace(**{records: changed})
    assert lean(on) is on


@pytest.mark.parametrize(("records", "field", "off"), OFF)
def test_a_switch_that_is_off_is_a_number_of_its_field(records: str, field: str, off: float) -> None:
    """Compiled code takes whole numbers for 64 bits, so that a field left out reads as one that is there."""
    kind = MARKET if records == "market" else FORUM
    assert kind[field] == np.dtype(type(off))
