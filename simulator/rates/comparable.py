"""Comparable licences: selection, unpacking, adjustment, averaging."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from simulator.compiled import compiled


@dataclass(frozen=True)
class SignedLicence:
    """A licence offered as comparable; every similarity is a score in [0, 1], 1 = alike.

    The four factors of ACT v Oppo (S1) are ``voluntary``, ``parties``, ``patents`` and ``terms``.  The
    six of practice in S3 are ``size``, ``patents`` (scope), ``parties``, ``year``, ``territory`` and
    ``voluntary`` (litigation).

    Attributes:
        rate: its rate, unpacked (fraction of price or money per unit), > 0.
        voluntary: reached freely: neither suit nor injunction pending or threatened.
        parties: likeness of licensor and licensee (business model, relation).
        patents: likeness of the portfolio (coverage, number, quality).
        terms: likeness of base, scope, duration and manner of payment.
        size: likeness of the licensee's volume of business.
        year: likeness of the date.
        territory: likeness of the territory.
    """

    rate: float
    voluntary: bool = True
    parties: float = 1.0
    patents: float = 1.0
    terms: float = 1.0
    size: float = 1.0
    year: float = 1.0
    territory: float = 1.0


@compiled
def size_likeness(first: float, second: float) -> float:
    """Likeness of two sizes: the smaller over the larger (both >= 0); 1 where they are equal.

    Source: assumption (a court weighs size without a formula).

    >>> size_likeness(50.0, 200.0)
    0.25
    """
    return 1.0 if first == second else min(first, second) / max(first, second)


@compiled
def alike(same: bool) -> float:
    """Likeness in what is of one kind or another: 1, or one half.

    Source: assumption (a court names such factors without a formula).

    >>> alike(False)
    0.5
    """
    return 1.0 if same else 0.5


@compiled
def volume_factor(own: float, theirs: float, elasticity: float) -> float:
    """What a licence's rate is multiplied by for another volume of business: ``(own / theirs)^-elasticity``.

    Args:
        own: volume of the licensee in the case, > 0.
        theirs: of the licensee that signed, same unit, > 0.
        elasticity: by which rates fall in volume, >= 0.

    Source: assumption; in IDC v Lenovo volume helps to choose the comparable and corrects no rate (S3).

    >>> round(volume_factor(400.0, 100.0, 0.5), 9)
    0.5
    """
    return math.exp(-elasticity * math.log(own / theirs))


@compiled
def year_likeness(years_apart: float, half_life: float) -> float:
    """Likeness of two dates: ``2^(-t/h)`` (years, years > 0).

    Source: assumption (a court asks whether an old licence still guides).

    >>> year_likeness(3.0, 3.0)
    0.5
    """
    return math.exp(-math.log(2.0) * abs(years_apart) / half_life)


@compiled
def similarity(
    parties: float, patents: float, terms: float, size: float = 1.0, year: float = 1.0, territory: float = 1.0
) -> float:
    """Weight of a comparable: the product of its likenesses, each in [0, 1].

    One factor at zero makes a licence useless, as it does in court.  Source of the factors: ACT v Oppo
    (S1), practice (S3); the product is an assumption.

    >>> similarity(1.0, 0.5, 1.0, size=0.5)
    0.25
    """
    return parties * patents * terms * size * year * territory


@compiled
def adjusted(value: float, factor: float) -> float:
    """A comparable's rate carried over to the case: ``r f`` (f > 0: region, volume, coverage, time).

    Source: IDC v Lenovo [2023] EWHC 539 (Pat), as told in S3; factors multiply.

    >>> round(adjusted(0.30, 0.75), 3)
    0.225
    """
    return value * factor


@compiled
def free_of_taint(rate: float, premium: float) -> float:
    """What a licence signed under threat would have been without it: ``r / (1 + p)``, p > -1.

    Source: assumption; courts rather exclude such a licence (Samsung's in Huawei v IDC, S2).

    >>> round(free_of_taint(0.3, 0.5), 6)
    0.2
    """
    return rate / (1.0 + premium)


@compiled
def log_mean(weighted_logs: float, weights: float) -> float:
    """Weighted geometric mean from its two sums: ``exp(sum w ln r / sum w)``.

    Args:
        weighted_logs: ``sum w ln r`` over the comparables kept.
        weights: ``sum w``, > 0.

    Source: the log-mean is an assumption: rates differ by factors, so errors are taken as log-normal.

    >>> round(log_mean(math.log(2.0) + math.log(8.0), 2.0), 9)
    4.0
    """
    return math.exp(weighted_logs / weights)


def comparables(rates: Sequence[float], weights: Sequence[float]) -> float:
    """Weighted log-mean of comparables' rates (one kind, > 0; weights >= 0, not all 0).

    >>> round(comparables([1.0, 4.0], [1.0, 1.0]), 9)
    2.0
    """
    pairs = list(zip(rates, weights, strict=True))
    return log_mean(math.fsum(w * math.log(r) for r, w in pairs), math.fsum(weights))


def select(
    licences: Sequence[SignedLicence], at_least: float = 0.0, drop_tainted: bool = True
) -> list[tuple[SignedLicence, float]]:
    """Licences a court would use, each with its weight, in the order given.

    Args:
        licences: those disclosed.
        at_least: smallest similarity that still counts, [0, 1].
        drop_tainted: leave out what was signed under suit or threat (ACT v Oppo; Huawei v IDC).

    >>> kept = select([SignedLicence(0.019), SignedLicence(0.19, voluntary=False)])
    >>> [licence.rate for licence, _ in kept]
    [0.019]
    """
    kept = []
    for licence in licences:
        weight = similarity(
            licence.parties, licence.patents, licence.terms, licence.size, licence.year, licence.territory
        )
        if weight > 0.0 and weight >= at_least and (licence.voluntary or not drop_tainted):
            kept.append((licence, weight))
    return kept
