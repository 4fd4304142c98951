"""What is known of a market before anything happens: covariates whose expectations are known.

A difference between two laws varies over replications because markets do.  What the draws of month 0 say of a
market (who plays what, how large, how optimistic, how early) does not depend on the law, and its expectation
follows from the market file, so that it can be taken out of the difference (control variates).  The list and
its order are fixed beforehand; the entitlement, which divides most outcomes, is not among it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import zip_longest
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from simulator.compiled import compiled
from simulator.engine.build import build
from simulator.engine.draws import (
    BELIEF_HOLDER,
    BELIEF_IMPLEMENTER,
    CONTACT,
    HOLDER_BASE,
    IMPLEMENTER_BASE,
    QUALITY,
    SALES,
    SHARE,
    STRATEGY_HOLDER,
    STRATEGY_IMPLEMENTER,
    normal,
    uniform,
)
from simulator.engine.market import Rules
from simulator.outcomes.negotiations import Values
from simulator.spec.scenario import Scenario


@compiled
def fill(
    values: Values, seed: int, replications: npt.NDArray[np.int64], first: int, purpose: int, bell: bool
) -> None:
    """The draw of each replication (a row) and entity from ``first`` on: standard normal or uniform."""
    for row in range(len(replications)):
        for column in range(values.shape[1]):
            if bell:
                values[row, column] = normal(seed, replications[row], first + column, purpose, 0)
            else:
                values[row, column] = uniform(seed, replications[row], first + column, purpose, 0)


def normals(seed: int, replications: npt.NDArray[np.int64], first: int, count: int, purpose: int) -> Values:
    """The standard normal draw of each entity: (replications, count)."""
    found = np.empty((len(replications), count))
    fill(found, seed, replications, first, purpose, True)
    return found


def uniforms(seed: int, replications: npt.NDArray[np.int64], first: int, count: int, purpose: int) -> Values:
    """The uniform draw of each entity: (replications, count)."""
    found = np.empty((len(replications), count))
    fill(found, seed, replications, first, purpose, False)
    return found


class Side(NamedTuple):
    """The parties of a side, where their strategies are drawn, and what each counts."""

    groups: np.ndarray
    members: npt.NDArray[np.int64]  # group of each party
    base: int  # entity of the first
    purpose: int
    weights: Values


def covariates(scenario: Scenario, replications: Iterable[int]) -> tuple[Values, list[str]]:
    """Covariates of each replication less their expectations, (replications, covariates), and their names.

    In a fixed order, of which a comparison takes the first so many: who plays what (the commonest first,
    sides in turn), optimism, sales, contact, quality, families.  Means over parties weigh holders by planned
    share and implementers by planned sales, so that they follow the money.  What a market does not vary is
    left out.
    """
    rules, chosen = build(scenario), np.array(list(replications), dtype=np.int64)
    names, columns = [], []
    for name, column in _all(rules, scenario, chosen):
        if np.ptp(column) > 0:
            names.append(name)
            columns.append(column)
    return (np.stack(columns, axis=1) if columns else np.empty((len(chosen), 0))), names


def _all(rules: Rules, scenario: Scenario, chosen: npt.NDArray[np.int64]) -> Iterator[tuple[str, Values]]:
    market, seed = rules.market[0], scenario.seed
    n_h, n_i = int(market["n_holders"]), int(market["n_implementers"])
    shares = _weights(rules.holder_groups["share"][rules.holder_group_of])
    sales = _weights(rules.implementer_groups["sales"][rules.implementer_group_of])
    pairs = shares[rules.parties[:, 0]] * sales[rules.parties[:, 1]]
    names = list(scenario.strategies)
    makers, holders = rules.implementer_groups, rules.holder_groups
    sides = (
        Side(makers, rules.implementer_group_of, IMPLEMENTER_BASE, STRATEGY_IMPLEMENTER, sales),
        Side(holders, rules.holder_group_of, HOLDER_BASE, STRATEGY_HOLDER, shares),
    )
    played = [list(_conduct(rules, names, seed, chosen, side)) for side in sides]
    for both in zip_longest(*played):
        yield from (one for one in both if one is not None)
    yield "optimism of holders", normals(seed, chosen, 0, len(pairs), BELIEF_HOLDER) @ pairs
    yield "optimism of implementers", normals(seed, chosen, 0, len(pairs), BELIEF_IMPLEMENTER) @ pairs
    for name, entity, count, purpose, group, weights in (
        ("sales", IMPLEMENTER_BASE, n_i, SALES, rules.implementer_groups["sales_spread"], sales),
        ("families", HOLDER_BASE, n_h, SHARE, rules.holder_groups["share_spread"], shares),
        ("quality", HOLDER_BASE, n_h, QUALITY, rules.holder_groups["quality_spread"], shares),
    ):
        of = rules.implementer_group_of if name == "sales" else rules.holder_group_of
        yield name, normals(seed, chosen, entity, count, purpose) @ (weights * group[of])
    spread = float(market["notice_spread"])
    lags = np.floor(uniforms(seed, chosen, 0, len(pairs), CONTACT) * (spread + 1))
    yield "month of contact", (lags - np.floor(spread) / 2) @ pairs


def _conduct(
    rules: Rules,
    names: list[str],
    seed: int,
    chosen: npt.NDArray[np.int64],
    side: Side,
) -> list[tuple[str, Values]]:
    """The weight of each strategy on a side less what the mixes let expect, commonest first.

    The rarest is left out: what the others have not, it has.
    """
    groups, members, base, purpose, weights = side
    drawn = uniforms(seed, chosen, base, len(members), purpose)
    columns = []
    for place, name in enumerate(names):
        below, above = _span(rules, groups[members], place)
        expected = float((above - below) @ weights)
        if expected > 0:
            columns.append(
                (expected, f"share of {name}", ((below <= drawn) & (drawn < above)) @ weights - expected)
            )
    columns.sort(key=lambda one: -one[0])
    return [(name, column) for _, name, column in columns[:-1]]


def _weights(sizes: Values) -> Values:
    total = sizes.sum()  # nobody has a share, or sells: all count alike
    return np.asarray(sizes / total if total > 0 else np.full(len(sizes), 1 / len(sizes)), dtype=np.float64)


def _span(rules: Rules, groups: np.ndarray, strategy: int) -> tuple[Values, Values]:
    """Where a uniform draw means this strategy, for each party: from, to."""
    below, above = np.zeros(len(groups)), np.zeros(len(groups))
    for party, group in enumerate(groups):
        first, count = int(group["first_mix"]), int(group["n_mix"])
        start = 0.0
        for place in range(first, first + count):
            end = float(rules.mixes[place]["upto"]) if place < first + count - 1 else 1.0
            if int(rules.mixes[place]["strategy"]) == strategy:
                below[party], above[party] = start, end
            start = end
    return below, above
