"""What buyers pay more for a new generation: the hedonic regression of Oppo v Nokia.

The expert regressed prices of phones on their features, followed the coefficient of 5G over time, and carried
it and the ratio of prices forward by exponential functions (S1).  Seven choices were disputed; each is a
switch here. The sales he used are not public, so they are generated (``GENERATED``, an assumption), or a
user's own.

A table of sales has one row a model and quarter: ``quarter`` (a whole number), ``price`` (money per unit),
``units`` (sold), ``five_g`` (0 or 1), then one or more features (numbers), of which the last may be omitted.
"""

from __future__ import annotations

import csv
import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise, product
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from simulator.errors import Problem, ScenarioError
from simulator.rates.roll_forward import roll_forward
from simulator.spec.yaml import unprintable

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd
    from numpy.typing import NDArray

    Vector = NDArray[np.float64]

COLUMNS = ("quarter", "price", "units", "five_g")
NUMBERS = ("coefficient", "price_ratio", "low", "high")
FORECAST = 16  # quarters: a licence of three to five years (S1)
TABLES = 8  # tables of sales generated, so that choices and luck can be told apart
SHORT = 16  # quarters of the shorter period of data
EXAMPLE = "quarter,price,units,five_g,quality,flagship"


@dataclass(frozen=True)
class Generated:
    """How sales are generated; every number is an assumption.

    Price of a model: ``ln p = level + drift t + quality_value x + flagship_value f + premium(t) (1 -
    interaction f) g + e``; ``premium(t) = lasting + early exp(-t / fades)`` in logs, ``g`` 5G, ``x`` standard
    normal, ``f`` 0 or 1. 5G is likelier later and in flagships.  Units: ``ln q = demand (ln p - level) +
    e'``.
    """

    quarters: int = 24
    models: int = 60
    level: float = 5.4
    drift: float = -0.01
    quality_value: float = 0.4
    flagship_value: float = 0.05
    flagships: float = 0.3  # share of models
    lasting: float = 0.032
    early: float = 0.05
    fades: float = 8.0  # quarters
    interaction: float = 0.3
    price_noise: float = 0.06
    demand: float = -0.8
    demand_noise: float = 0.7

    def premium(self, quarter: float) -> float:
        """What 5G adds to the log of a price in a quarter."""
        return self.lasting + self.early * math.exp(-quarter / self.fades)

    def coefficient(self) -> float:
        """The coefficient planted: mean premium over the quarters forecast, fraction of price."""
        ahead = range(self.quarters, self.quarters + FORECAST)
        return math.fsum(math.expm1(self.premium(quarter)) for quarter in ahead) / FORECAST


GENERATED = Generated()


class Choices(NamedTuple):
    """The seven disputed choices (S1), each as the court's expert made it first."""

    model: str = "log"
    source: str = "whole"
    period: str = "all quarters"
    weights: str = "none"
    kennedy: str = "no"
    omitted: str = "nothing"
    forecast: str = "exponential"


FIRST = Choices()
OTHER = Choices("linear", "partial", f"last {SHORT}", "units", "yes", "last feature", "linear")
"""The other side of each choice.

``source`` ``partial``: a database that misses the smallest 35 % of models and errs in price by 5 %.
"""


def every_choice() -> Iterator[Choices]:
    """All 96 combinations that differ: Kennedy's correction belongs to the logarithmic model."""
    for picked in product(*zip(FIRST, OTHER, strict=True)):
        choices = Choices(*picked)
        if choices.model == FIRST.model or choices.kennedy == FIRST.kennedy:
            yield choices


def sales(seed: int, process: Generated = GENERATED) -> pd.DataFrame:
    """Generated sales of phones, one row a model and quarter, sorted by quarter.

    Args:
        seed: of the draws.
        process: how they are drawn.
    """
    import numpy as np
    import pandas as pd

    rng = np.random.default_rng(seed)
    quarter = np.repeat(np.arange(process.quarters), process.models)
    quality = rng.standard_normal(quarter.size)
    flagship = (rng.random(quarter.size) < process.flagships).astype(float)
    lean = -2.4 + 0.15 * quarter + 1.8 * flagship
    five_g = (rng.random(quarter.size) < 1.0 / (1.0 + np.exp(-lean))).astype(float)
    premium = process.lasting + process.early * np.exp(-quarter / process.fades)
    log_price = process.level + process.drift * quarter + process.quality_value * quality
    log_price += process.flagship_value * flagship + premium * (1.0 - process.interaction * flagship) * five_g
    log_price += process.price_noise * rng.standard_normal(quarter.size)
    log_units = process.demand * (log_price - process.level)
    log_units += process.demand_noise * rng.standard_normal(quarter.size)
    return pd.DataFrame(
        {
            "quarter": quarter,
            "price": np.exp(log_price),
            "units": np.exp(log_units),
            "five_g": five_g,
            "quality": quality,
            "flagship": flagship,
        }
    )


MOST_COLUMNS, LONGEST_HEAD = 100, 100_000
"""Columns of a table of sales, and characters of their names."""
LARGEST = 100_000_000
"""Bytes a table of sales may have."""
LEAST, MOST = 1e-6, 1e12
"""The least price and number of units, and the most of any number, of which sums and squares stay numbers."""


def read_sales(path: Path) -> pd.DataFrame:
    """A user's table of sales.

    Raises:
        ScenarioError: no such file, a column missing, a value that is no number or out of range, too little
            to estimate: each with the line it stands in.
    """
    import pandas as pd

    def wrong(line: int | None, what: str, rule: str) -> ScenarioError:
        return ScenarioError(Problem(str(path), line, "", what, rule, EXAMPLE))

    try:
        if not path.is_file():
            raise wrong(None, "is no file" if path.exists() else "is not there", "a CSV file of sales")
        if (size := path.stat().st_size) > LARGEST:
            raise wrong(None, f"has {size:,} bytes", f"at most {LARGEST:,} bytes")
        _heads(path, wrong)
        table = pd.read_csv(path)
    except (OSError, ValueError, csv.Error) as error:
        raise wrong(None, f"cannot be read: {error}", "a CSV file of sales") from None
    missing = [name for name in COLUMNS if name not in table.columns]
    if missing or len(table.columns) == len(COLUMNS):
        what = f"misses {', '.join(missing)}" if missing else "names no feature of a phone"
        raise wrong(1, what, f"columns {', '.join(COLUMNS)}, then one or more features")
    sizes, other = f"from {LEAST:g} to {MOST:g}", f"a number, at most {MOST:g} in size"
    rules = {"quarter": "a whole number", "price": sizes, "units": sizes, "five_g": "0 or 1"}
    for name in table.columns:
        try:
            numbers = pd.to_numeric(table[name], errors="coerce").astype(float)
        except OverflowError:  # a whole number beyond all others
            numbers = pd.to_numeric(table[name].astype(str), errors="coerce")
        good = numbers.notna() & (numbers.abs() <= MOST)
        if name in {"price", "units"}:
            good &= numbers >= LEAST
        if name == "quarter":
            good &= numbers % 1.0 == 0.0
        if name == "five_g":
            good &= numbers.isin([0.0, 1.0])
        if not good.all():
            row = int((~good).to_numpy().argmax())
            raise wrong(
                row + 2,
                f"{name} is {table[name].iloc[row]}",
                rules.get(str(name), other),
            )
        table[name] = numbers
    if lacking := _lacking(table):
        raise wrong(None, *lacking)
    return table.sort_values("quarter", kind="stable", ignore_index=True)


def _heads(path: Path, wrong: Callable[[int | None, str, str], ScenarioError]) -> None:
    """Raise what is wrong with the names of the columns of a table."""
    with path.open(encoding="utf-8-sig", newline="") as file:
        heads = next(csv.reader([file.readline(LONGEST_HEAD)]), [])
    if len(heads) > MOST_COLUMNS:
        raise wrong(1, f"names {len(heads):,} columns or more", f"at most {MOST_COLUMNS}")
    if strange := next(filter(unprintable, heads), None):
        raise wrong(1, f"names {strange!a}", "names without signs that no page shows")
    if twice := [name for place, name in enumerate(heads) if name in heads[:place]]:
        raise wrong(1, f"names {twice[0]} twice", "each column once")


def _lacking(table: pd.DataFrame) -> tuple[str, str] | None:
    """What a table of sales lacks for an estimate under some choice, and the rule; none where nothing."""
    both = table.groupby("quarter")["five_g"].agg(["min", "max"])
    if len(both) < 4 or (both["min"] == both["max"]).any():
        return f"has {len(both)} quarters", "four or more, each with phones with and without 5G"
    for source, period in product((FIRST.source, OTHER.source), (FIRST.period, OTHER.period)):
        seen = seen_by(table, FIRST._replace(source=source, period=period))
        coefficients = 2 * seen["quarter"].nunique() + len(table.columns) - len(COLUMNS)
        if len(seen) <= coefficients:
            what = f"leaves {len(seen)} rows for {coefficients} coefficients ({source}, {period})"
            return what, "more phones than two a quarter and one a feature"
        if lost := _dependent(seen):
            what = f"has a column {lost} that the columns before it determine ({source}, {period})"
            return what, "features of which none follows from the others"
    return None


def _dependent(table: pd.DataFrame) -> str:
    """The first feature that quarters, 5G by quarter and the features before it determine; none: empty."""
    import numpy as np

    def spread(name: str) -> Vector:
        column = table[name].to_numpy(dtype=float)
        scaled: Vector = (column - column.mean()) / (column.std() or 1.0)
        return scaled

    features = [name for name in table.columns if name not in COLUMNS]
    quarters = np.unique(table["quarter"].to_numpy(dtype=float), return_inverse=True)[1]
    effects = np.eye(quarters.max() + 1)[quarters]
    known = np.hstack([effects, effects * table["five_g"].to_numpy(dtype=float)[:, None]])
    columns = np.hstack([known, *(spread(name)[:, None] for name in features)])
    triangle: Any = np.linalg.qr(columns, mode="r")  # of the same rank, and small
    ranks = (np.linalg.matrix_rank(triangle[:, : known.shape[1] + n]) for n in range(1 + len(features)))
    for name, (before, after) in zip(features, pairwise(ranks), strict=True):
        if after <= before:
            return name
    return ""


def partial_source(table: pd.DataFrame, seed: int) -> pd.DataFrame:
    """What another database holds of the same sales: without the smallest 35 %, prices with 5 % error."""
    import numpy as np

    error = 0.05 * np.random.default_rng([seed, 1]).standard_normal(len(table))
    seen = table.assign(price=table["price"] * np.exp(error))
    rank = table.groupby(["quarter", "five_g"])["units"].rank(pct=True)
    return seen[rank > 0.35].reset_index(drop=True)


class Regression(NamedTuple):
    """The coefficients of 5G by quarter, from one regression with effects of quarters."""

    quarters: Vector
    slopes: Vector  # of the log price; or money per unit
    variances: Vector  # their sampling variances
    old_prices: Vector  # mean price without 5G, money per unit


def regress(table: pd.DataFrame, choices: Choices = FIRST) -> Regression:
    """Least squares of ``p`` (its logarithm in the log model): ``a_t + features + b_t 5G``.

    Weighted by units where ``choices`` say so, without the last feature where they omit it; by statsmodels.
    """
    import numpy as np
    from statsmodels.regression.linear_model import WLS

    features = [name for name in table.columns if name not in COLUMNS]
    if choices.omitted != FIRST.omitted:
        features = features[:-1]
    known, place = np.unique(table["quarter"].to_numpy(dtype=float), return_inverse=True)
    effects = np.eye(known.size)[place]
    new = table["five_g"].to_numpy(dtype=float)
    regressors = np.hstack([effects, effects * new[:, None], table[features].to_numpy(dtype=float)])
    price = table["price"].to_numpy(dtype=float)
    left = np.log(price) if choices.model == FIRST.model else price
    units = table["units"].to_numpy(dtype=float)
    weights = np.ones(price.size) if choices.weights == FIRST.weights else units
    fit = WLS(left, regressors, weights=weights, hasconst=True).fit(method="qr")
    five_g = slice(known.size, 2 * known.size)
    slopes, errors = np.asarray(fit.params)[five_g], np.asarray(fit.bse)[five_g]
    old = np.array([price[(place == n) & (new == 0.0)].mean() for n in range(known.size)])
    return Regression(known, slopes, errors**2, old)


def premiums(regression: Regression, choices: Choices = FIRST) -> tuple[Vector, Vector]:
    """What 5G adds to the price by quarter, fraction of the price without it, and the sampling variances.

    Log model: ``exp(b) - 1``, or as ``kennedy`` corrects it; linear model: ``b`` over the mean price without
    5G.
    """
    import numpy as np

    slopes, variances = regression.slopes, regression.variances
    if choices.model != FIRST.model:
        return slopes / regression.old_prices, variances / regression.old_prices**2
    corrected = choices.kennedy != FIRST.kennedy
    return (np.asarray(kennedy(slopes, variances)) if corrected else np.expm1(slopes)), variances


def kennedy(slope: Any, variance: Any) -> Any:
    """Effect of a dummy in a regression of logs, less its bias: ``exp(b - V / 2) - 1``.

    Source: Kennedy, American Economic Review 71 (1981) 801.

    >>> import math
    >>> round(float(kennedy(math.log(1.1), 0.0)), 6), round(float(kennedy(math.log(1.1) + 0.02, 0.04)), 6)
    (0.1, 0.1)
    """
    import numpy as np

    return np.expm1(slope - 0.5 * variance)


def forecast(
    quarters: Vector, values: Vector, variances: Vector, shape: str = "exponential", ahead: int = FORECAST
) -> float:
    """Mean of a series over the quarters that follow its last, by the trend fitted to it.

    Exponential: ``y = a + b exp(-k t)`` by least squares, ``k`` over a grid of half-lives from one quarter to
    the length of the series; linear: ``y = a + b t``.

    Args:
        quarters: of the values, rising.
        values: the series.
        variances: of the values, > 0; they weigh by the inverse.
        shape: ``exponential`` or ``linear``.
        ahead: quarters.
    """
    import numpy as np

    time = quarters - quarters[0]
    both = np.concatenate([time, time[-1] + 1.0 + np.arange(ahead)])
    if shape == "linear":
        curves = both[None, :]
    else:
        curves = np.exp(-np.outer(math.log(2.0) / np.geomspace(1.0, time[-1], 120), both))
    past, future = curves[:, : time.size], curves[:, time.size :]
    weight = 1.0 / variances
    level, centres = np.average(values, weights=weight), np.average(past, axis=1, weights=weight)
    above, centred = values - level, past - centres[:, None]
    slopes = (centred * above) @ weight / (centred**2 @ weight)
    best = int(((above - slopes[:, None] * centred) ** 2 @ weight).argmin())
    return float(level + slopes[best] * (future[best].mean() - centres[best]))


def price_ratio(table: pd.DataFrame, shape: str = "exponential") -> float:
    """Average price without 5G over that with it in the quarters to come, by the trend of both.

    Exponential: both prices by exponential functions of time, so the logarithm of the ratio is linear;
    linear: the ratio.
    """
    import numpy as np

    by_quarter = table.assign(revenue=table["price"] * table["units"]).groupby(["five_g", "quarter"])
    sums = by_quarter[["revenue", "units"]].sum()
    average = sums["revenue"] / sums["units"]
    ratio = average.loc[0.0] / average.loc[1.0]
    quarters, values = ratio.index.to_numpy(dtype=float), ratio.to_numpy(dtype=float)
    same = np.ones(values.size)
    if shape == "linear":
        return forecast(quarters, values, same, "linear")
    slope, level = np.polyfit(quarters, np.log(values), 1)
    later = quarters[-1] + 1.0 + np.arange(FORECAST)
    return float(np.exp(level + slope * later).mean())


def seen_by(table: pd.DataFrame, choices: Choices, seed: int = 1) -> pd.DataFrame:
    """The part of the sales that a choice of source and period leaves."""
    seen = table if choices.source == FIRST.source else partial_source(table, seed)
    if choices.period == FIRST.period:
        return seen
    return seen.query("quarter > quarter.max() - @SHORT")


def coefficient(regression: Regression, choices: Choices = FIRST) -> float:
    """The coefficient of 5G: the mean premium over the quarters to come, fraction of price."""
    return forecast(regression.quarters, *premiums(regression, choices), choices.forecast)


def burdens(
    tables: Sequence[pd.DataFrame], previous: tuple[float, float], ratio: float | None = None
) -> pd.DataFrame:
    """Every combination of choices on every table of sales, with the aggregate burden of the new generation.

    Args:
        tables: of sales; generated ones differ by luck alone.
        previous: ends of the old generation's aggregate burden, fractions of price.
        ratio: average price old over new; ``None``: as the sales have it (``price_ratio``).

    Returns:
        One row a table and combination: ``table``, the seven choices, ``coefficient``, ``price_ratio``,
        ``low``, ``high`` (fractions; the burden ``(previous + coefficient) price_ratio`` at both ends).
    """
    import pandas as pd

    rows = []
    for number, table in enumerate(tables):
        regressions: dict[Choices, Regression] = {}
        for choices in every_choice():
            plain = choices._replace(kennedy=FIRST.kennedy, forecast=FIRST.forecast)
            if plain not in regressions:
                regressions[plain] = regress(seen_by(table, plain, number), plain)
            premium = coefficient(regressions[plain], choices)
            prices = price_ratio(seen_by(table, plain, number), choices.forecast) if ratio is None else ratio
            ends = [roll_forward(end, premium, prices) for end in previous]
            rows.append((number, *choices, premium, prices, *ends))
    return pd.DataFrame(rows, columns=["table", *Choices._fields, *NUMBERS])


def effects(frame: pd.DataFrame) -> pd.DataFrame:
    """What each choice alone moves: mean change over all combinations of the others and all tables.

    Args:
        frame: as ``burdens`` gives it.

    Returns:
        One row a choice: ``choice``, ``from``, ``to``, and the changes ``coefficient``, ``price_ratio``,
        ``low``, ``high``.
    """
    import pandas as pd

    rows = []
    for name, first, other in zip(Choices._fields, FIRST, OTHER, strict=True):
        keys = ["table", *(field for field in Choices._fields if field != name)]
        before = frame[frame[name] == first].set_index(keys)[list(NUMBERS)]
        after = frame[frame[name] == other].set_index(keys)[list(NUMBERS)]
        change = (after - before).dropna().mean()
        rows.append((name, first, other, *change))
    return pd.DataFrame(rows, columns=["choice", "from", "to", *NUMBERS])
