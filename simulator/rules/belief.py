"""Beliefs about the FRAND rate: log-normal, moved by acts and never by the mere passing of time."""

from __future__ import annotations

import math

from simulator.compiled import compiled


@compiled
def point_estimate(mean: float, variance: float) -> float:
    """The rate a party reckons with: ``rho = exp(mu - v / 2)``, unbiased for r* at zero bias.

    ``mean`` and ``variance`` of the log rate; returns a fraction of price.  With ``exp(mu)`` or the
    log-normal mean, ambiguity alone would raise what holders get.  See docs/odd.md 7.1.

    >>> point_estimate(0.0, 0.0)
    1.0
    """
    return math.exp(mean - 0.5 * variance)


@compiled
def signal_sd(base: float, repetition: int, halves: bool) -> float:
    """Noise (log sd) of the n-th act of a kind: ``s 2**((n - 1) / 2)``; court rounds are fresh evidence.

    >>> round(signal_sd(0.4, 3, True), 3)
    0.8
    >>> signal_sd(0.25, 3, False)
    0.25
    """
    return base * 2.0 ** (0.5 * (repetition - 1)) if halves else base


@compiled
def learn(mean: float, variance: float, signal: float, sd: float) -> tuple[float, float]:
    """Mean and variance of the log rate after a signal: precisions add, means are precision-weighted.

    A certain party (variance 0) does not learn.

    >>> learn(0.0, 0.5, 1.0, 0.5**0.5)
    (0.5, 0.25)
    """
    if variance <= 0.0:
        return mean, variance
    weight = variance / (variance + sd * sd)
    return mean + weight * (signal - mean), variance * (1.0 - weight)
