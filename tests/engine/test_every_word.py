"""Every word of a law and of a strategy does something: taken in or out, some outcome changes.

What a file can say and nothing can bring about is refused instead (``tests/spec/test_law_says.py``).
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache
from typing import Any

import numpy as np
import pytest

from simulator.spec.find import builtin
from simulator.spec.phrases import COURT
from simulator.spec.regime import Breach, FaultRules, Injunction, Regime, Step
from simulator.spec.strategy import Conduct, Strategy
from simulator.vocabulary import (
    ACTORS,
    ENDLESS,
    Act,
    Consequence,
    CourtMode,
    Disclosure,
    Fault,
    HolderKind,
    InjunctionCap,
    InjunctionTest,
    Party,
    RateMethod,
    Standing,
    Tactic,
    party_of_fault,
)
from tests.play import (
    METHODS_DIFFER,
    Rows,
    behind,
    changed,
    law,
    outcomes,
    quantity,
    regime,
    scenario,
    step,
    strategy,
)

HOLDERS = sorted(name for name in builtin("strategies") if name.startswith("holder"))
IMPLEMENTERS = sorted(name for name in builtin("strategies") if name.startswith("implementer"))
ALL_FAULTS = FaultRules(recognised={fault: quantity(1) for fault in Fault})
GATE = Injunction(test=InjunctionTest.FAULT_GATE, cap=InjunctionCap.NONE)

# Where each word of a court is tried: the law, then the values that must all play out differently.
COURT_WORDS: dict[str, tuple[str, tuple[Any, ...]]] = {
    "mode": ("uk-global", tuple(CourtMode)),
    "binding": ("cn-proposed", (True, False)),
    "standing.holder": ("uk-global", (Standing.ANY, Standing.NONE)),
    "standing.implementer": ("uk-rdt", (Standing.RATE_ACTION, Standing.NONE)),
    "suit.from_step": ("eu-sep-regulation", ("security", "conciliation", "third_party")),
    "suit.early": ("cn-spc-act-2023", ("barred", "fault")),
    "liability_gate": ("eu-hvzte-2015", (True, False)),
    "injunction.test": ("us-ebay", tuple(InjunctionTest)),
    "injunction.good_faith": ("us-ebay", ("weighed", "required")),
    "injunction.cap": ("eu-hvzte-2015", tuple(InjunctionCap)),
    "rate.method": ("cn-rate-setting", tuple(RateMethod)),
    "rate.tainted_comparables": ("uk-global", ("keep", "drop")),
    "rate.withheld_comparables": ("uk-global", ("unseen", "seen")),
    "rate.range": ("us-microsoft-2013", ("none", "within", "low", "middle", "high")),
    "rate.licensors": ("cn-rate-setting", ("own", "all")),
    "rate.controls.anti_hold_up": ("uk-global", (True, False)),
    "rate.controls.anti_stacking": ("cn-rate-setting", (True, False)),
    "past_use.from_notice": ("us-ebay", (True, False)),
    "security.base": ("de-munich-security", ("none", "counter", "holder_offer", "court")),
    "security.covers": ("de-munich-security", ("past", "past_and_running")),
    "faults.order": ("eu-hvzte-2015", ("sequential", "holistic")),
    "faults.apportion_loss": ("cn-spc-act-2023", (True, False)),
    "faults.benchmark": ("cn-proposed", ("court", "competitors")),
    "faults.netting": ("cn-proposed", ("netted", "separate")),
    "provisional_enforcement": ("cn-rate-setting", (True, False)),
    "appeal.available": ("us-ebay", (True, False)),
    "aggregate_cap": ("uk-global", (True, False)),
}
NUMBERS = {
    "holders.quality_spread": 1.0,
    "court.rate.comparables_needed": 2.0,
    "court.past_use.limitation": 24.0,
    "timing.notice_spread": 6.0,
}


APART = METHODS_DIFFER | {
    "court.rate.comparables_needed": 1.0,
}
"""A market in which declarations, counts, contributions, pools and licences say different things."""
STACKED = {"rate.controls.anti_stacking": {"holders.share": 0.2}, "rate.method": APART, "rate.range": APART}
"""Numbers at which a word can bite: a stack that binds, methods that see different things."""


@cache
def played(name: str, word: str, value: Any) -> tuple[bytes, ...]:
    """Every column of what a law comes to among all strategies, with a word of its court replaced.

    Every other holder is a licensing company.
    """
    one = law(name)
    one = one.model_copy(update={"court": changed(one.court, word, value)})
    among = scenario(
        one,
        holder=HOLDERS,
        implementer=2 * IMPLEMENTERS,
        ideal=False,
        numbers=NUMBERS | STACKED.get(word, {}),
        replications=4,
    )
    kinds = (HolderKind.PRODUCT_COMPANY, HolderKind.LICENSING_COMPANY)
    holders = tuple(
        group.model_copy(update={"kind": kinds[place % 2]})
        for place, group in enumerate(among.market.holders)
    )
    market = among.market.model_copy(update={"holders": holders})
    return columns(outcomes(among.model_copy(update={"market": market})))


def columns(rows: Rows) -> tuple[bytes, ...]:
    return tuple(np.ascontiguousarray(rows[name]).tobytes() for name in rows.dtype.names or ())


def test_every_word_of_the_court_is_tried() -> None:
    assert set(COURT_WORDS) == set(COURT)


@pytest.mark.parametrize("word", COURT_WORDS)
def test_every_word_of_the_court_changes_something(word: str) -> None:
    name, values = COURT_WORDS[word]
    results = [played(name, word, value) for value in values]
    for place, one in enumerate(results):
        for other, two in enumerate(results[:place]):
            assert one != two, (values[place], values[other])


def gate(first: Step) -> Regime:
    """A court that weighs an injunction by faults, behind one step and open talks."""
    return behind(regime(CourtMode.INDIRECT, faults=ALL_FAULTS, injunction=GATE), step=first)


def under(one: Regime, **conduct: Any) -> tuple[bytes, ...]:
    """Good faith on both sides, with this conduct of either."""
    parties: dict[str, Any] = {
        side: strategy(f"{side}_good_faith", conduct=conduct) for side in ("holder", "implementer")
    }
    return columns(outcomes(scenario(one, **parties, replications=5)))


FAILABLE = [(act, actor) for act in Act for actor in Party if actor in ACTORS[act] and act not in ENDLESS]


@pytest.mark.parametrize(("act", "actor"), FAILABLE, ids=lambda one: one.name.lower())
def test_every_act_of_every_actor_can_be_failed(act: Act, actor: Party) -> None:
    own = Fault.NO_OFFER if actor == Party.HOLDER else Fault.NO_REPLY_TO_OFFER
    missed = Breach(fault=own, consequence=Consequence.FAULT_ONLY, go="next")
    one = gate(step(act, actor, if_missed=missed))
    assert under(one) != under(one, refuses=(act,))


@pytest.mark.parametrize("act", sorted(ENDLESS))
@pytest.mark.parametrize("actor", [Party.BOTH, Party.EITHER])
def test_talks_and_the_way_to_court_come_in_their_order(act: Act, actor: Party) -> None:
    """Rounds of offers before a reply let parties meet earlier than a reply before the rounds."""
    reply = step(Act.COUNTER, Party.IMPLEMENTER)
    bare = gate(reply)
    first = behind(bare, first=step(act, actor))
    assert under(first) != under(bare)


@pytest.mark.parametrize("shown", Disclosure)
@pytest.mark.parametrize("side", [Party.HOLDER, Party.IMPLEMENTER])
def test_every_document_that_is_owed_can_be_withheld(shown: Disclosure, side: Party) -> None:
    fault = Fault.WITHHOLDS_RATE_BASIS if side == Party.HOLDER else Fault.NO_COUNTER_BASIS
    lacking = Breach(fault=fault, consequence=Consequence.FAULT_ONLY, go="next")
    one = gate(step(Act.DISCLOSE, side, must_contain=(shown,), if_deficient=lacking))
    assert under(one) != under(one, withholds=(shown,))


CONDUCT: Iterable[tuple[str, Any, str]] = [
    ("reply_delay", quantity(5), "cn-proposed"),
    ("refuses", (Act.DISCLOSE,), "cn-proposed"),
    ("withholds", (Disclosure.CLAIM_CHARTS,), "cn-proposed"),
    ("forthcoming", False, "us-ebay"),
    ("threatens", True, "cn-proposed"),
    ("stalls", True, "cn-proposed"),
    ("demands", "validity_first", "jp-meti-2022"),
    ("demands", "third_party_terms", "jp-meti-2022"),
    ("demands", "publication", "jp-meti-2022"),
    ("refuses_confidentiality", True, "cn-spc-act-2023"),
    ("hinders_advisers", True, "jp-meti-2022"),
]
ELSEWHERE = {"initiates", "justifies"}
"""Words of conduct that have a test of their own below."""
OTHERS: dict[str, tuple[str, dict[str, Any], Any]] = {
    "tactic": ("holder_good_faith", {}, Tactic.RECIPROCAL),
    "anchor": ("holder_hold_up", {}, 1.5),
    "window": ("holder_hold_up", {}, 3.0),
    "exponent": ("holder_hold_up", {}, 0.3),
    "sue_after": ("holder_litigious", {}, 20.0),
    "patience": ("holder_good_faith", {}, 30.0),
    "goodwill": ("implementer_good_faith", {}, 0.2),
    "floor": ("holder_good_faith", {}, 1.2),
    "ambush": ("holder_litigious", {}, 20.0),
    "over_declaration": ("holder_good_faith", {}, 3.0),
    "waits_for_peers": ("implementer_good_faith", {}, 1.0),
    "tailors": ("holder_hold_up", {}, 1.0),
    "ties": ("holder_good_faith", {}, 0.5),
    "walks_after": ("implementer_good_faith", {}, 6.0),
    "threat_from": ("holder_hold_up", {"conduct": {"threatens": True}}, 12.0),
    "threat_every": ("holder_hold_up", {"conduct": {"threatens": True}}, 2.0),
    "threat_grace": ("holder_hold_up", {"conduct": {"threatens": True}}, 1.0),
    "turns": ("holder_rational", {"sue_after": 9.0}, "alternate"),
}
"""Every other word of a strategy: whose it is, what goes with it, and another value."""
LEAST = {"strategy", "party", "title", "story", "source", "conduct"}
"""Fields that say who and what it is."""


@pytest.mark.parametrize(("word", "value", "name"), CONDUCT, ids=lambda one: str(one)[:20])
def test_every_word_of_conduct_changes_something(word: str, value: Any, name: str) -> None:
    own = strategy("holder_good_faith").conduct, strategy("implementer_good_faith").conduct
    assert any(getattr(one, word) != value for one in own)
    with_word = {word: value}
    assert under(law(name), **with_word) != under(law(name))


def test_every_word_of_a_strategy_is_tried() -> None:
    assert {word for word, _, _ in CONDUCT} | ELSEWHERE == set(Conduct.model_fields)
    assert set(OTHERS) == set(Strategy.model_fields) - LEAST


@pytest.mark.parametrize("word", OTHERS)
def test_every_word_of_a_strategy_changes_something(word: str) -> None:
    name, given, value = OTHERS[word]
    numbers = {"threats.unthreatened": 0.3, "lock_in.growing": 20.0, "beliefs.spread": 0.4}
    how: dict[str, Any] = {"numbers": numbers, "ideal": False, "replications": 4}
    if word == "turns":  # who proposes first matters to firms that sell nothing before they sign
        how |= {"use": "licensed", "numbers": {"beliefs.spread": 0.1}}

    def among(one: Strategy) -> tuple[bytes, ...]:
        kinds = ("good_faith", "hold_up" if one.party == "implementer" else "hold_out", "rational")
        other = "holder" if one.party == "implementer" else "implementer"
        mixed: dict[str, Any] = {one.party: [one, one], other: [f"{other}_{kind}" for kind in kinds]}
        return columns(outcomes(scenario("upc", **mixed, **how)))

    without = strategy(name, **given)
    with_word = without.model_copy(update={word: quantity(value) if isinstance(value, float) else value})
    assert (among(without) != among(with_word)) is True


def test_who_gives_reasons_informs_where_they_are_owed() -> None:
    """An opener far from its peers' is excused, and learned from, by who gives its reasons."""
    numbers = {"beliefs.reasons": 0.3, "beliefs.spread": 0.5}
    given, silent = (
        columns(
            outcomes(
                scenario(
                    "cn-proposed",
                    holder=strategy("holder_hold_up", conduct={"justifies": justifies}),
                    implementer="implementer_good_faith",
                    numbers=numbers,
                    replications=6,
                )
            )
        )
        for justifies in (True, False)
    )
    assert given != silent


def test_who_may_open_talks_opens_them() -> None:
    """An implementer that initiates does so where the holder would have to, and does not."""
    missed = Breach(fault=Fault.NO_REPLY_TO_OFFER, consequence=Consequence.FAULT_ONLY, go="next")
    one = gate(step(Act.NOTIFY, Party.EITHER, if_missed=missed))
    silent = strategy("holder_good_faith", conduct={"refuses": (Act.NOTIFY,)})
    waits, opens = (
        outcomes(
            scenario(one, holder=silent, implementer=strategy("implementer_good_faith", conduct=conduct))
        )
        for conduct in ({"initiates": False}, {"initiates": True})
    )
    assert columns(waits) != columns(opens)


@pytest.mark.parametrize("fault", Fault)
def test_every_fault_weighs(fault: Fault) -> None:
    """Booked by a step of the side it belongs to, it moves what court is worth or what it finds."""
    side = party_of_fault(fault)
    missed = Breach(fault=fault, consequence=Consequence.FAULT_ONLY, go="next")
    one = gate(step(Act.DISCLOSE, side, must_contain=(Disclosure.PATENT_LIST,), if_missed=missed))
    light, heavy = (
        changed(one, "court.faults.recognised", ALL_FAULTS.recognised | {fault: quantity(weight)})
        for weight in (0.0, 3.0)
    )
    assert under(light, refuses=(Act.DISCLOSE,)) != under(heavy, refuses=(Act.DISCLOSE,))
