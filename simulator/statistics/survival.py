"""Time to licence: Kaplan-Meier and Aalen-Johansen curves with bands that respect what replications share."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy import stats

from simulator.outcomes.duration import product_limit
from simulator.outcomes.negotiations import Values
from simulator.statistics.intervals import LEVEL


def survival_bands(
    months: Values, time: Values, licensed: npt.NDArray[Any], replication: npt.NDArray[Any]
) -> dict[str, Values]:
    """Kaplan-Meier curve at ``months`` with 95 % bands: ``share, low, high`` and ``at_risk`` (a count).

    Negotiations of one replication share their chance, so Greenwood's variance would be too small: it is
    that of the delete-one-replication jackknife, on the scale log(-log S), which keeps bands within [0, 1].
    *Source*: Kaplan and Meier (1958); Kalbfleisch and Prentice (2002), section 1.4 (log-log scale); Lipsitz
    and Parzen (1996), Biometrics 52 (jackknife by cluster).
    """
    died, risk = _counts(months, time, [licensed.astype(bool)], replication)
    share = product_limit(died[0].sum(axis=0), risk.sum(axis=0))[: len(months)]
    without = product_limit(died[0].sum(axis=0) - died[0], risk.sum(axis=0) - risk)[:, : len(months)]
    low, high = _bands(share, without)
    return {"share": share, "low": low, "high": high, "at_risk": risk.sum(axis=0)[: len(months)]}


def incidence_bands(
    months: Values,
    time: Values,
    causes: Sequence[npt.NDArray[np.bool_]],
    replication: npt.NDArray[Any],
) -> list[dict[str, Values]]:
    """Share that has ended by each cause at ``months``, with 95 % bands: ``share, low, high`` for each.

    Ends of one kind preclude those of another (competing risks), so that one less Kaplan-Meier of each would
    add up to more than all.  ``causes``: masks that exclude each other; who is in none is censored at
    ``time``.  Bands as those of :func:`survival_bands`, on the scale log(-log(1 - F)).  *Source*: Aalen and
    Johansen (1978), Scandinavian Journal of Statistics 5:141.
    """
    died, risk = _counts(months, time, causes, replication)
    whole = _incidences([part.sum(axis=0) for part in died], risk.sum(axis=0))
    without = _incidences([part.sum(axis=0) - part for part in died], risk.sum(axis=0) - risk)
    bands = []
    for share, others in zip(whole, without, strict=True):
        low, high = _bands(1 - share, 1 - others)
        parts = {"share": share, "low": 1 - high, "high": 1 - low}
        bands.append({name: part[: len(months)] for name, part in parts.items()})
    return bands


def _incidences(died: Sequence[Any], risk: Any) -> list[Values]:
    """Cumulative incidence of each cause along the last axis."""
    left = product_limit(sum(died), risk)
    before = np.concatenate([np.ones_like(left[..., :1]), left[..., :-1]], axis=-1)
    steps = [np.divide(part, risk, out=np.zeros(np.shape(risk)), where=risk > 0) for part in died]
    return [np.cumsum(before * step, axis=-1) for step in steps]


def _counts(
    months: Values, time: Values, causes: Sequence[npt.NDArray[np.bool_]], replication: npt.NDArray[Any]
) -> tuple[list[npt.NDArray[np.int64]], npt.NDArray[np.int64]]:
    """Ends by each cause and numbers at risk, by replication and step: (replications, steps)."""
    edges = np.append(months, np.inf)
    clusters, cluster = np.unique(replication, return_inverse=True)
    slot = np.searchsorted(edges, np.round(time, 6), side="left")
    key, size = cluster * len(edges) + slot, len(clusters) * len(edges)
    died = [np.bincount(key[cause], minlength=size).reshape(-1, len(edges)) for cause in causes]
    left = np.bincount(key, minlength=size).reshape(-1, len(edges))
    return died, left[:, ::-1].cumsum(axis=1)[:, ::-1]


def _bands(share: Values, without: Values) -> tuple[Values, Values]:
    """95 % bands of a share by the jackknife: ``without`` each replication, (replications, steps)."""
    number_of = len(without)
    with np.errstate(all="ignore"):
        scale = np.log(-np.log(without))
        middle = scale.sum(axis=0) / max(number_of, 1)
        error = np.sqrt((number_of - 1) / max(number_of, 1) * ((scale - middle) ** 2).sum(axis=0))
        half = stats.norm.ppf((1 + LEVEL) / 2) * error
        bounds = [np.exp(-np.exp(np.log(-np.log(share)) + sign * half)) for sign in (1, -1)]
    sure = np.isfinite(half) & (number_of > 1)
    low, high = (np.where(sure, bound, np.nan) for bound in bounds)
    return low, high
