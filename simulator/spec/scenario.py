"""A scenario: a market and the regimes to compare on it."""

from __future__ import annotations

from pydantic import ConfigDict, Field

from simulator.errors import Problem, ScenarioError
from simulator.spec.base import Quantity, Spec
from simulator.spec.market import Market
from simulator.spec.regime import Regime
from simulator.spec.schema import described
from simulator.spec.strategy import Strategy


class ScenarioFile(Spec):
    """What a scenario file says; names refer to built-in files or to files beside it."""

    model_config = ConfigDict(json_schema_extra=described)

    scenario: str = Field(pattern=r"^[a-z0-9][a-z0-9_-]*$")
    title: str = Field(min_length=3)
    market: str = Field(description="a built-in market, or a file beside this one")
    regimes: tuple[str, ...] = Field(min_length=1, description="built-in regimes, or files beside this one")
    strategies: tuple[str, ...] = Field(default=(), description="strategy files of your own beside this one")
    baseline: str = Field(description="the regime the others are compared with")
    replications: int = Field(default=100, ge=1)
    seed: int = Field(default=1, ge=0, lt=2**63)
    set: dict[str, Quantity] = Field(
        default_factory=dict,
        description="parameters of the registry laid over every regime and market, by their dotted name; "
        "share(STRATEGY): its share in every group of its side",
    )
    notes: str = ""


class Scenario(Spec):
    """A scenario with everything it refers to loaded."""

    scenario: str
    title: str
    market: Market
    regimes: tuple[Regime, ...]
    strategies: dict[str, Strategy]
    baseline: str
    replications: int
    seed: int
    set: dict[str, Quantity]
    notes: str = ""
    block: int = Field(
        default=1, ge=1, description="replications whose markets are drawn as one Latin hypercube"
    )
    what_if: dict[str, float] = Field(
        default_factory=dict,
        exclude=True,
        description="what one run laid over the file, already part of set and market; told in the manifest",
    )

    def under(self, regime: str) -> Scenario:
        """The scenario with the one of its regimes that has this name."""
        law = next(law for law in self.regimes if law.regime == regime)
        return self.model_copy(update={"regimes": (law,), "baseline": regime})

    def __repr__(self) -> str:
        """One screen: its name, what meets whom, and what is played."""
        market, count = self.market, len(self.regimes)
        parties = [sum(group.count for group in side) for side in (market.holders, market.implementers)]
        laws = ", ".join(law.regime for law in self.regimes[:20]) + (", ..." if count > 20 else "")
        lines = [
            f"Scenario {self.scenario}: {self.title}",
            f"  market: {market.market}, {parties[0]} holders and {parties[1]} implementers",
            f"  regimes ({count}): {laws}",
            f"  baseline: {self.baseline}; replications: {self.replications}; seed: {self.seed}",
        ]
        over = {name: number.value for name, number in self.set.items()} | self.what_if
        if over:
            told = ", ".join(f"{name}={value:g}" for name, value in list(over.items())[:20])
            lines.append(f"  set: {told}{', ...' if len(over) > 20 else ''}")
        return "\n".join(lines)

    __str__ = __repr__


LARGEST, FEWEST = 128, 10
"""Replications in a block at most, and blocks at least: the block is the unit that intervals count."""


def stratified(scenario: Scenario) -> Scenario:
    """The scenario with the markets of each block of replications drawn as one Latin hypercube.

    Blocks are as large as leaves ten of them, 128 replications at most.  Raises ``ScenarioError`` where the
    replications do not split into such blocks.
    """
    count = scenario.replications
    sizes = [size for size in range(2, min(LARGEST, count // FEWEST) + 1) if count % size == 0]
    if not sizes:
        rule = f"a number that splits into {FEWEST} or more equal blocks of 2 to {LARGEST}"
        what = f"{count} cannot be drawn in blocks"
        raise ScenarioError(Problem(scenario.scenario, None, "replications", what, rule, "1280"))
    return scenario.model_copy(update={"block": sizes[-1]})
