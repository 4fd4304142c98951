"""What uncertain inputs do to a figure: exact ends over ranges, quantiles over distributions."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from itertools import product
from typing import TYPE_CHECKING, Any

from simulator.spec.case import UNITS, Case, Distribution, Input

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

Compute = Callable[[Case, Mapping[str, float]], dict[str, float]]

CORNERS = 6  # ranges whose corners are all visited; beyond that, a sample
SAMPLES = 256  # points of the deterministic sample (a power of 2)
QUANTILES = (0.05, 0.95)


def ends_of(case: Case, given: Mapping[str, float], compute: Compute) -> dict[str, tuple[float, float]]:
    """Ends of every line over the uncertain inputs: extremes over ranges, quantiles over distributions.

    Distributions are sampled by a fixed Sobol sequence; at each end of the ranges the quantiles are taken,
    and the widest kept.  Ranges are visited at their corners and inside.
    """
    ranges = {n: entry for n, entry in case.inputs.items() if entry.range is not None}
    spread = {n: (i, i.distribution) for n, i in case.inputs.items() if i.distribution is not None}
    if not ranges and not spread:
        return {}
    import numpy as np

    draws = _sobol(len(ranges) + len(spread))
    samples: dict[str, Any] = {}
    for column, (name, (entry, distribution)) in enumerate(spread.items()):
        samples[name] = _quantile(distribution, draws[:, column]) * UNITS[entry.unit].factor
    rows = range(SAMPLES) if spread else range(1)
    runs = [
        [
            compute(
                case, {**given, **place, **{name: float(sample[row]) for name, sample in samples.items()}}
            )
            for row in rows
        ]
        for place in _places(ranges, draws[:, len(spread) :], bool(spread))
    ]
    ends = {}
    for name in case.computations:
        if name in runs[0][0]:
            low, high = np.quantile([[run[name] for run in there] for there in runs], QUANTILES, axis=1)
            ends[name] = (float(low.min()), float(high.max()))
    return ends


def span(
    case: Case, line: str, used: Sequence[str], given: Mapping[str, float], compute: Compute
) -> tuple[float, float]:
    """Smallest and largest value of a line over the corners of the ranges it rests on, in base units.

    Exact where each range enters once, since every formula is monotone in each argument.
    """
    ranges = {name: case.inputs[name] for name in dict.fromkeys(used) if case.inputs[name].range}
    ends = [[end * UNITS[entry.unit].factor for end in entry.range or ()] for entry in ranges.values()]
    values = [
        compute(case, {**given, **dict(zip(ranges, corner, strict=True))})[line] for corner in product(*ends)
    ]
    return min(values), max(values)


def _places(ranges: Mapping[str, Input], draws: NDArray[np.float64], spread: bool) -> list[dict[str, float]]:
    """Points of the box the ranges span, in base units: its corners, and a deterministic sample inside."""
    ends = [[end * UNITS[entry.unit].factor for end in entry.range or ()] for entry in ranges.values()]
    corners = [list(corner) for corner in product(*ends)] if len(ends) <= CORNERS else []
    inside = [
        [low + (high - low) * u for u, (low, high) in zip(row, ends, strict=True)] for row in draws.tolist()
    ]
    points = corners if spread and corners else corners + inside
    return [dict(zip(ranges, point, strict=True)) for point in points]


def _sobol(dimensions: int) -> NDArray[np.float64]:
    import numpy as np
    from scipy.stats import qmc

    points = qmc.Sobol(dimensions, scramble=False).random(SAMPLES)
    return np.asarray(points) + 0.5 / SAMPLES


def _quantile(spec: Distribution, u: NDArray[np.float64]) -> Any:
    """Quantile function of a distribution, in the input's unit."""
    import numpy as np
    from scipy import stats

    if spec.between is not None:
        low, high = spec.between
        return stats.triang.ppf(u, (spec.median - low) / (high - low), low, high - low)
    normal = stats.norm.ppf(u) * (spec.spread or 0.0)
    return spec.median * np.exp(normal) if spec.shape == "lognormal" else spec.median + normal
