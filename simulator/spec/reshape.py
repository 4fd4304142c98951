"""A scenario with other parties: shares of strategies fixed, or the number of firms changed."""

from __future__ import annotations

import math
from collections.abc import Mapping
from itertools import repeat
from typing import Literal, TypeVar

import numpy as np

from simulator.parameters import default
from simulator.spec.base import Quantity
from simulator.spec.market import HolderGroup, ImplementerGroup
from simulator.spec.scenario import Scenario

G = TypeVar("G", HolderGroup, ImplementerGroup)

DIVIDED = {"holders": "share", "implementers": "sales"}
"""What a firm of a side has less of when there are more of them."""


def with_shares(scenario: Scenario, shares: Mapping[str, float]) -> Scenario:
    """The scenario in which these strategies have these shares in every group of their side."""
    market = scenario.market
    by_party: dict[str, dict[str, float]] = {"holder": {}, "implementer": {}}
    for name, share in shares.items():
        by_party[scenario.strategies[name].party][name] = share
    holders = tuple(_mixed(group, by_party["holder"]) for group in market.holders)
    implementers = tuple(_mixed(group, by_party["implementer"]) for group in market.implementers)
    changed = market.model_copy(update={"holders": holders, "implementers": implementers})
    return scenario.model_copy(update={"market": changed})


def _mixed(group: G, fixed: dict[str, float]) -> G:
    """The group with these shares; the fixed strategies come first, so that a larger share adds players."""
    return group.model_copy(update={"strategies": rescaled(group.strategies, fixed)}) if fixed else group


def rescaled(mix: dict[str, float], fixed: dict[str, float]) -> dict[str, float]:
    """A mix of strategies in which some shares are fixed and the others keep their ratios.

    Raises ``ValueError`` where nobody is left to play the rest.

    >>> rescaled({"fair": 0.6, "tough": 0.2, "slow": 0.2}, {"tough": 0.6})
    {'tough': 0.6, 'fair': 0.3, 'slow': 0.1}
    """
    left = 1.0 - math.fsum(fixed.values())
    others = {name: share for name, share in mix.items() if name not in fixed}
    total = math.fsum(others.values())
    if left < -1e-9 or (left > 1e-9 and total <= 0.0):
        raise ValueError(f"the shares sum to {1 - left:g}" + (", and no other strategy has one" * (left > 0)))
    scale = max(left, 0.0) / total if total > 0.0 else 0.0
    return fixed | {name: round(share * scale, 12) for name, share in others.items()}


def with_firms(scenario: Scenario, side: Literal["holders", "implementers"], count: int) -> Scenario:
    """The scenario with so many firms on a side: the same families, or the same sales, in more hands.

    Groups keep their proportions (largest remainders, at least one firm each).  Raises ``ValueError`` where
    there are more groups than firms.
    """
    market, quantity = scenario.market, DIVIDED[side]
    groups: tuple[HolderGroup | ImplementerGroup, ...]
    groups = market.holders if side == "holders" else market.implementers
    sizes = [group.count for group in groups]
    name = f"{side}.{quantity}"
    changed = tuple(map(_spread, groups, divided(sizes, count), repeat(name)))
    update: dict[str, object] = {"market": market.model_copy(update={side: changed})}
    if name in scenario.set:
        ratio = sum(sizes) / count
        over = scenario.set[name]
        update["set"] = scenario.set | {name: over.model_copy(update={"value": over.value * ratio})}
    return scenario.model_copy(update=update)


def _spread(group: G, firms: int, name: str) -> G:
    """The group with so many firms, which have together what those of the group had of a parameter."""
    quantity = name.rsplit(".", maxsplit=1)[-1]
    own: Quantity | None = getattr(group, quantity)
    each = (default(name) if own is None else own.value) * group.count / firms
    less = Quantity(value=each, source=f"assumption: that of {group.count} firms, held by {firms}")
    return group.model_copy(update={"count": firms, quantity: less})


def divided(sizes: list[int], count: int) -> list[int]:
    """``count`` firms over groups in proportion to their sizes: largest remainders, at least one each.

    >>> divided([2, 3, 5], 4)
    [1, 1, 2]
    """
    if count < len(sizes):
        raise ValueError(f"{count} firms cannot fill {len(sizes)} groups")
    ideal = np.array(sizes) * count / sum(sizes)
    result = np.maximum(np.floor(ideal).astype(int), 1)
    while result.sum() < count:
        result[np.argmax(ideal - result)] += 1
    while result.sum() > count:
        result[np.argmin(np.where(result > 1, ideal - result, np.inf))] -= 1
    return [int(size) for size in result]
