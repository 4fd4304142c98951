"""What the small markets of the golden tables are made of: a few firms, laws with other courts, few months.

They are small so that a changed rule is met with the compiler off (``make mutate``).  None is an ideal one:
costs, doubts and errors are those of the registry but for the numbers said with each.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from simulator.spec.market import Territory
from simulator.spec.regime import (
    Injunction,
    RateSetting,
    Regime,
)
from simulator.spec.scenario import Scenario
from simulator.vocabulary import (
    CourtMode,
    Fault,
    InjunctionCap,
    InjunctionTest,
    RateMethod,
)
from tests.play import Player, law, quantity, regime, scenario, strategy

MONTHS = 42
HARD = ("holder_hold_up", "implementer_hold_out")
SUES = strategy("holder_litigious", anchor=2.5, window=60, sue_after=1)
STONE = strategy("implementer_hold_out", anchor=0.2, window=90)
QUICK = {"court.durations.first_instance": 8.0, "court.durations.appeal": 6.0}
NO_WORDS = {"court.settlement.meeting_probability": 0.0}
SEEN = {fault: quantity(0.5 + 0.05 * fault) for fault in Fault}
"""Every fault is recognised, each at a weight of its own."""


def small(
    *laws: Regime | str,
    holder: Player | Sequence[Player] = HARD[0],
    implementer: Player | Sequence[Player] = HARD[1],
    months: int = MONTHS,
    replications: int = 1,
    use: Any = "free",
    numbers: Mapping[str, float] | None = None,
) -> Scenario:
    """A market of these firms under these laws; numbers are the registry's."""
    return scenario(
        *laws,
        holder=holder,
        implementer=implementer,
        ideal=False,
        replications=replications,
        use=use,
        numbers={"standard.horizon": months, "timing.least_left": 6.0} | QUICK | dict(numbers or {}),
    )


def court(name: str, mode: CourtMode, **rules: Any) -> Regime:
    """A court behind a bare table, under a name of its own."""
    return regime(mode, **rules).model_copy(update={"regime": name})


def changed(name: str, own: str, **rules: Any) -> Regime:
    """A built-in law with other rules of its court."""
    base = law(name)
    return base.model_copy(update={"regime": own, "court": base.court.model_copy(update=rules)})


def grouped(one: Scenario, holders: Mapping[str, Any], implementers: Mapping[str, Any]) -> Scenario:
    """The same market with these entries in every group of a side."""
    market = one.market
    return one.model_copy(
        update={
            "market": market.model_copy(
                update={
                    "holders": tuple(group.model_copy(update=holders) for group in market.holders),
                    "implementers": tuple(
                        group.model_copy(update=implementers) for group in market.implementers
                    ),
                }
            )
        }
    )


def by_regions(one: Scenario) -> Scenario:
    """The same market in three regions, the court of every law in the second."""
    regions = tuple(
        Territory(region=name, factor=quantity(factor), forums=forums)
        for name, factor, forums in (
            ("us", 1.0, ()),
            ("europe", 0.8, tuple(law.regime for law in one.regimes)),
            ("rest", 0.5, ()),
        )
    )
    market = one.market
    standard = market.standard.model_copy(update={"regions": regions})
    shares = {"us": quantity(0.3), "europe": quantity(0.5), "rest": quantity(0.2)}
    strength = {"us": quantity(1.4), "europe": quantity(0.9), "rest": quantity(0.6)}
    placed = one.model_copy(update={"market": market.model_copy(update={"standard": standard})})
    return grouped(placed, {"strength": strength}, {"regions": shares})


def enjoining(name: str, test: InjunctionTest, cap: InjunctionCap, **rules: Any) -> Regime:
    """A court that grants injunctions by this test, under this cap."""
    injunction = Injunction(test=test, cap=cap, **rules.pop("injunction", {}))
    return court(name, CourtMode.INDIRECT, injunction=injunction, **rules)


def setting(method: RateMethod, **rules: Any) -> Regime:
    """A court that sets the rate by this method."""
    rate = RateSetting(method=method, **rules.pop("rate", {}))
    return court(f"by-{method.name.lower().replace('_', '-')}", CourtMode.DIRECT, rate=rate, **rules)
