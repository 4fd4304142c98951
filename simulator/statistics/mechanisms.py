"""Why a regime does what it does: its effect shared out over the mechanisms that make it up.

Each mechanism (injunction threat, disclosure, interest, fault rules, docket, ...) is switched on and off in
every combination under the same luck.  The Shapley value of a mechanism is what switching it on adds,
averaged over every order in which the mechanisms could be switched on; the values add up to the whole effect.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import product
from math import factorial

import numpy as np
import pandas as pd
from scipy import stats

from simulator.errors import Problem, ScenarioError
from simulator.outcomes.negotiations import Values
from simulator.spec.mechanism import MOST
from simulator.statistics.inference import RESAMPLES, effect, look
from simulator.statistics.intervals import LEVEL, interval

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
    span: float = math.inf,
) -> pd.DataFrame:
    """The effect of a regime by mechanism, from values as :func:`shapley` takes them.

    ``whole``: the outcome, (replications,), of the regime whose rules the mechanisms take over; what it has
    beyond all of them is the ``remainder``.  Index: the mechanisms, the remainder, then ``total``.  ``mean``
    with 95 % interval ``low, high`` and BCa interval ``bca_low, bca_high`` in the outcome's unit; ``share``
    of the total with 95 % interval ``share_low, share_high`` (Fieller 1954; nan where the total's sign is
    open: then shares mean nothing); ``span``: width of the outcome's range; ``alone`` and ``last``: what the
    mechanism adds with all others off and on; ``n``: replications in which every combination is defined.
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
    rows = [effect(column, seed, resamples, (-span, span)) for column in (*parts.T, total)]
    columns = ("n", "mean", "low", "high", "bca_low", "bca_high")
    effects = pd.DataFrame([{name: getattr(row, name) for name in columns} for row in rows])
    effects.index = pd.Index([*index, "total"], name="mechanism")
    effects[["share", "share_low", "share_high"]] = _shares(parts, span)
    effects[["alone", "last"]] = margins
    return effects


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


def _shares(parts: Values, span: float) -> Values:
    """Each mechanism's share of the total, then the total's own: columns share, low, high.

    The interval holds the ratios ``r`` at which ``part - r total`` is no further from 0 than chance takes it:
    it keeps its level with few replications, where percentiles of resampled ratios fall to 77 %.
    *Source*: Fieller (1954), Journal of the Royal Statistical Society B 16:175.
    """
    n, k = parts.shape
    rows = np.full((k + 1, 3), np.nan)
    total = parts.sum(axis=1)
    if n < 2:
        return rows
    low, high = interval(look(total, (-span, span)))
    reach = float(stats.t.ppf((1 + LEVEL) / 2, n - 1)) ** 2 / n
    a = float(total.mean()) ** 2 - reach * float(total.var(ddof=1))
    if not (low > 0 or high < 0) or not a > 0:
        return rows
    for place, part in enumerate(parts.T):
        b = float(part.mean() * total.mean() - reach * np.cov(part, total)[0, 1])
        c = float(part.mean()) ** 2 - reach * float(part.var(ddof=1))
        half = math.sqrt(max(b * b - a * c, 0.0))
        rows[place] = part.mean() / total.mean(), (b - half) / a, (b + half) / a
    rows[k] = 1.0
    return rows


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
