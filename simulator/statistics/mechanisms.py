"""Why a regime does what it does: its effect shared out over the mechanisms that make it up.

Each mechanism (injunction threat, disclosure, interest, fault rules, docket, ...) is switched on and off in
every combination under the same luck.  The Shapley value of a mechanism is what switching it on adds,
averaged over every order in which the mechanisms could be switched on; the values add up to the whole effect.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import product
from math import factorial

import numpy as np
import pandas as pd

from simulator.errors import Problem, ScenarioError
from simulator.outcomes.negotiations import Values
from simulator.spec.mechanism import MOST
from simulator.statistics.inference import RESAMPLES, bca, effect
from simulator.statistics.intervals import LEVEL

REMAINDER = "remainder"
"""What separates the regimes besides the mechanisms, added last."""


def combinations(names: Sequence[str]) -> list[dict[str, bool]]:
    """Every on/off setting of the mechanisms, in the order that :func:`shapley` reads; the first is all off.

    >>> combinations(["threat", "interest"])[1:3]
    [{'threat': False, 'interest': True}, {'threat': True, 'interest': False}]

    Raises ``ScenarioError`` for no mechanism, more than ``MOST``, or one named twice.
    """
    if not 1 <= len(names) <= MOST or len(set(names)) < len(names):
        rule = f"one to {MOST} mechanisms, all different: each doubles the combinations played"
        raise ScenarioError(Problem("", None, "mechanisms", f"got {', '.join(names) or 'none'}", rule))
    return [dict(zip(names, switches, strict=True)) for switches in product((False, True), repeat=len(names))]


def shapley(values: Values, names: Sequence[str]) -> Values:
    """Shapley value of each mechanism in each replication: (replications, mechanisms).

    ``values`` has the outcome of every combination, (replications, 2^k) in the order of
    :func:`combinations`.  ``phi_j = sum_S |S|! (k - |S| - 1)! / k! (v(S + j) - v(S))``; each row sums to the
    outcome with all switched on less that with none.  *Source*: Shapley (1953), A value for n-person games.
    Raises ``ScenarioError`` where combinations are missing.

    >>> shapley(np.array([[0.0, 1.0, 2.0, 5.0]]), ["threat", "interest"]).tolist()
    [[3.0, 2.0]]
    """
    return _parts(_complete(values, names), names)


def decompose(
    values: Values,
    names: Sequence[str],
    seed: int = 0,
    resamples: int = RESAMPLES,
    *,
    whole: Values | None = None,
) -> pd.DataFrame:
    """The effect of a regime by mechanism, from values as :func:`shapley` takes them.

    ``whole``: the outcome, (replications,), of the regime whose rules the mechanisms take over; what it has
    beyond all of them is the ``remainder``.  Index: the mechanisms, the remainder, then ``total``.  ``mean``
    with 95 % t interval ``low, high`` and BCa interval ``bca_low, bca_high`` in the outcome's unit; ``share``
    of the total with 95 % bootstrap interval ``share_low, share_high`` (nan where the total's sign is open:
    then shares mean nothing); ``alone`` and ``last``: what the mechanism adds with all others off and on;
    ``n``: replications in which every combination is defined.
    """
    complete = _complete(values, names)
    table = complete if whole is None else np.column_stack([complete, whole])
    known = ~np.isnan(table).any(axis=1)
    complete = complete[known]
    parts, index, margins = _parts(complete, names), list(names), _margins(complete, names)
    if whole is not None:
        rest = whole[known] - complete[:, -1]
        parts, index = np.column_stack([parts, rest]), [*names, REMAINDER]
        added = rest.mean() if len(rest) else np.nan
        margins = np.insert(margins, len(names), (np.nan, added), axis=0)
        margins[-1] += added
    total = parts.sum(axis=1)
    rows = [effect(column, seed, resamples) for column in (*parts.T, total)]
    columns = ("n", "mean", "low", "high", "bca_low", "bca_high")
    found = pd.DataFrame([{name: getattr(row, name) for name in columns} for row in rows])
    found.index = pd.Index([*index, "total"], name="mechanism")
    found[["share", "share_low", "share_high"]] = _shares(parts, seed, resamples)
    found[["alone", "last"]] = margins
    return found


def _complete(values: Values, names: Sequence[str]) -> Values:
    needed = len(combinations(names))
    if values.ndim != 2 or values.shape[1] != needed:
        what = f"got values of shape {values.shape}"
        rule = f"(replications, {needed}): every combination of {', '.join(names)} on and off"
        raise ScenarioError(Problem("", None, "mechanisms", what, rule))
    return values


def _parts(values: Values, names: Sequence[str]) -> Values:
    """Shapley value of each mechanism, from differences, so that one that changes nothing has exactly 0."""
    settings = [tuple(setting.values()) for setting in combinations(names)]
    place, k = {setting: row for row, setting in enumerate(settings)}, len(names)
    parts = np.zeros((len(values), k))
    for setting, off in place.items():
        others = sum(setting)
        for column in range(k):
            if not setting[column]:
                on = place[(*setting[:column], True, *setting[column + 1 :])]
                weight = factorial(others) * factorial(k - others - 1) / factorial(k)
                parts[:, column] += weight * (values[:, on] - values[:, off])
    return parts


def _shares(parts: Values, seed: int, resamples: int) -> Values:
    """Each mechanism's share of the total, then the total's own: columns share, low, high."""
    n, k = parts.shape
    rows = np.full((k + 1, 3), np.nan)
    total = parts.sum(axis=1)
    if n < 2 or not _sure(total, seed, resamples):
        return rows
    weights = np.random.default_rng(seed).multinomial(n, np.full(n, 1 / n), resamples)
    means = weights @ parts
    totals = means.sum(axis=1, keepdims=True)
    known = totals[:, 0] != 0  # a sample may miss every replication in which anything differs
    drawn = means[known] / totals[known]
    rows[:k, 0] = parts.mean(axis=0) / total.mean()
    rows[:k, 1:] = np.quantile(drawn, [(1 - LEVEL) / 2, (1 + LEVEL) / 2], axis=0).T
    rows[k] = 1.0
    return rows


def _sure(total: Values, seed: int, resamples: int) -> bool:
    """Whether the total's sign is clear, so that dividing by it makes sense."""
    if np.ptp(total) == 0:
        return bool(total[0] != 0)
    low, high = bca(total, seed, resamples)
    return bool(low > 0 or high < 0)


def _margins(complete: Values, names: Sequence[str]) -> Values:
    """What each mechanism adds with the others off and on; the total for itself."""
    settings = combinations(names)
    mean = complete.mean(axis=0) if len(complete) else np.full(len(settings), np.nan)
    place = {tuple(setting.values()): row for row, setting in enumerate(settings)}
    whole = mean[-1] - mean[0]
    rows = []
    for column in range(len(names)):
        alone = tuple(other == column for other in range(len(names)))
        last = tuple(other != column for other in range(len(names)))
        rows.append((mean[place[alone]] - mean[0], mean[-1] - mean[place[last]]))
    return np.array([*rows, (whole, whole)])
