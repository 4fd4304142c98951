"""Time to licence: Kaplan-Meier curves with bands that respect what replications share."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
from scipy import stats

from simulator.outcomes.measures import product_limit
from simulator.outcomes.negotiations import Values
from simulator.statistics.paired import LEVEL


def survival_bands(
    months: Values, time: Values, licensed: npt.NDArray[Any], replication: npt.NDArray[Any]
) -> dict[str, Values]:
    """Kaplan-Meier curve at ``months`` with 95 % bands: ``share, low, high`` and ``at_risk`` (a count).

    Negotiations of one replication share their chance, so Greenwood's variance would be too small: it is
    that of the delete-one-replication jackknife, on the scale log(-log S), which keeps bands within [0, 1].
    *Source*: Kaplan and Meier (1958); Kalbfleisch and Prentice (2002), section 1.4 (log-log scale); Lipsitz
    and Parzen (1996), Biometrics 52 (jackknife by cluster).
    """
    edges = np.append(months, np.inf)
    clusters, cluster = np.unique(replication, return_inverse=True)
    number_of = len(clusters)
    slot = np.searchsorted(edges, np.round(time, 6), side="left")
    key = cluster * len(edges) + slot
    died = np.bincount(key[licensed.astype(bool)], minlength=number_of * len(edges)).reshape(-1, len(edges))
    left = np.bincount(key, minlength=number_of * len(edges)).reshape(-1, len(edges))
    risk = left[:, ::-1].cumsum(axis=1)[:, ::-1]

    share = product_limit(died.sum(axis=0), risk.sum(axis=0))[: len(months)]
    without = product_limit(died.sum(axis=0) - died, risk.sum(axis=0) - risk)[:, : len(months)]
    with np.errstate(all="ignore"):
        scale = np.log(-np.log(without))
        middle = scale.sum(axis=0) / max(number_of, 1)
        error = np.sqrt((number_of - 1) / max(number_of, 1) * ((scale - middle) ** 2).sum(axis=0))
        half = stats.norm.ppf((1 + LEVEL) / 2) * error
        bounds = [np.exp(-np.exp(np.log(-np.log(share)) + sign * half)) for sign in (1, -1)]
    sure = np.isfinite(half) & (number_of > 1)
    low, high = (np.where(sure, bound, np.nan) for bound in bounds)
    return {"share": share, "low": low, "high": high, "at_risk": risk.sum(axis=0)[: len(months)]}
