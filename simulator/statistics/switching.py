"""The value at which a choice switches: what a dollar unpaid would have to cost society.

Two laws differ in real cost ``K`` and in what is left unpaid ``U``.  How society weighs the second nobody
has measured, so it is left open: at a weight ``w`` the first loses ``K_A - K_B + w (U_A - U_B)`` more.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy import stats

Values = NDArray[np.float64]
LEVEL = 0.95


class Switch(NamedTuple):
    """From which weight on which of two laws is better: ``answer`` for the first one.

    ``always``, ``never``, ``below`` or ``above`` the weight ``value``, or ``undetermined``.  ``low`` and
    ``high`` bound the weights at which neither is shown to be better; both nan where there are none, ``high``
    infinite where they have no end.
    """

    answer: str
    value: float
    low: float
    high: float


def switching_value(cost: Values, unpaid: Values) -> Switch:
    """The switching value ``w* = (K_A - K_B) / (U_B - U_A)`` over weights from 0 up, with its Fieller set.

    ``cost`` and ``unpaid``: differences A - B, shape ``(replications,)``, in the same unit.  Raises
    ``ValueError`` below two replications.
    *Source*: Fieller (1954), Journal of the Royal Statistical Society B 16:175.

    >>> luck = np.linspace(-0.01, 0.01, 40)
    >>> switching_value(luck - 1.0, luck[::-1] + 0.5).answer
    'below'
    >>> switching_value(luck - 1.0, luck[::-1] - 0.5).answer
    'always'
    """
    n = len(cost)
    if n < 2:
        raise ValueError("a switching value needs two replications")
    a, b = float(np.mean(cost)), float(np.mean(unpaid))
    (aa, ab), (_, bb) = np.cov(cost, unpaid) / n
    t2 = float(stats.t.ppf(0.5 + LEVEL / 2, n - 1)) ** 2
    low, high = _undecided(b * b - t2 * bb, a * b - t2 * ab, a * a - t2 * aa)
    at_none, at_all = _sign(a, t2 * aa), _sign(b, t2 * bb)
    value = -a / b if b != 0.0 and -a / b >= 0.0 else math.nan
    if at_none == 0 or at_all == 0:
        return Switch("undetermined", value, low, high)
    if at_none == at_all:
        decided = math.isnan(low)
        answer = ("always" if at_none < 0 else "never") if decided else "undetermined"
        return Switch(answer, math.nan, low, high)
    return Switch("below" if at_none < 0 else "above", value, low, high)


def _sign(mean: float, bound: float) -> int:
    """The sign of a mean that differs from 0 by more than luck, else 0; ``bound``: half-interval squared."""
    return 0 if mean * mean <= bound else int(math.copysign(1, mean))


def _undecided(square: float, half: float, constant: float) -> tuple[float, float]:
    """The least interval of weights w >= 0 with all where ``square w^2 + 2 half w + constant <= 0``."""
    if square <= 0.0:
        if constant <= 0.0:
            return 0.0, math.inf
        if square < 0.0:
            return (-half - math.sqrt(half * half - square * constant)) / square, math.inf
        return (-constant / (2 * half), math.inf) if half < 0.0 else (math.nan, math.nan)
    root = half * half - square * constant
    if root < 0.0 or -half + math.sqrt(root) < 0.0:
        return math.nan, math.nan
    return max(0.0, (-half - math.sqrt(root)) / square), (-half + math.sqrt(root)) / square
