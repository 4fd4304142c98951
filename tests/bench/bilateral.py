"""The bilateral protocol of theory, played by the engine and by NegMAS: the same parties, paths and rule.

One holder and one implementer at a bare table without a court concede for 60 months; beliefs, hence first
offers and reservation rates, differ between negotiations, and so do the exponents.  The engine's parties
table an offer each a month and sign when the paths cross.  In NegMAS (Mohammad, Greenwald and Nakadai 2019)
they take turns within a step: the holder offers, the implementer accepts or offers, and so on.  Both end in
the month in which ask meets bid.  The price is one of that month's or the last month's offers, which one
depends on who spoke last, so prices agree within a month's concession.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from functools import cache, partial
from importlib.util import find_spec
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from simulator.engine.build import build
from simulator.engine.run import run_chunk
from simulator.spec.scenario import Scenario
from tests.bench.timing import Row, Target, paired
from tests.play import film, quantity, regime, scenario, strategy

MONTHS, PAIRS, LEVELS = 60, 24, 1001
ENOUGH = 4000  # negotiations a turn for the engine
EXPONENTS = {"boulware": 0.5, "linear": 1.0, "conceder": 2.0}
NUMBERS = {
    "standard.horizon": float(MONTHS),
    "standard.aggregate_burden": 0.05,
    "holders.share": 1.0,
    "beliefs.spread": 0.1,
    "bargaining.floor": 0.9,
    "bargaining.holder_weight": 0.0,
    "court.past_use.licence_share": 0.0,
}
REQUIRED = Target(least=2000.0)
Offers = npt.NDArray[np.float64]


class Talks(NamedTuple):
    """A negotiation as the engine plays it: monthly asks and bids, limits, exponents, how it ended."""

    asks: Offers
    bids: Offers
    least: float
    most: float
    exponent_holder: float
    exponent_implementer: float
    month: int  # of the agreement; the horizon if there was none
    price: float  # nan if there was none


class Ended(NamedTuple):
    """A negotiation in NegMAS: asks and bids in turn, how it ended."""

    offers: list[float]
    month: int
    price: float


@cache
def table(replications: int = ENOUGH) -> Scenario:
    """The bare table, each side a mix of three tactics."""
    prompt: dict[str, Any] = {"conduct": {"reply_delay": quantity(0)}, "window": MONTHS - 1}
    holders = [
        strategy("holder_good_faith", strategy=f"holder_{name}", anchor=1.4, exponent=e, **prompt)
        for name, e in EXPONENTS.items()
    ]
    implementers = [
        strategy(
            "implementer_good_faith",
            strategy=f"implementer_{name}",
            anchor=0.6,
            goodwill=1.0,
            exponent=e,
            **prompt,
        )
        for name, e in EXPONENTS.items()
    ]
    one = scenario(
        regime(), holder=holders[0], implementer=implementers[0], numbers=NUMBERS, replications=replications
    )
    mixed = {
        side: (
            getattr(one.market, side)[0].model_copy(
                update={"strategies": {player.strategy: 1 / len(players) for player in players}}
            ),
        )
        for side, players in (("holders", holders), ("implementers", implementers))
    }
    players = {player.strategy: player for player in (*holders, *implementers)}
    return one.model_copy(update={"market": one.market.model_copy(update=mixed), "strategies": players})


@cache
def talks(replication: int) -> Talks:
    """One negotiation of the engine, month by month."""
    seen = film(table(), replication=replication)
    row, names = seen.row, list(table().strategies)
    return Talks(
        seen.moves["ask"][:, 0].copy(),
        seen.moves["bid"][:, 0].copy(),
        float(seen.decided["r_h"][0, 0]),
        float(seen.decided["r_i"][0, 0]),
        exponent(names[row.holder_strategy]),
        exponent(names[row.implementer_strategy]),
        int(row.licence_month),
        float(row.rate),
    )


def exponent(name: str) -> float:
    """The concession exponent of a strategy of the table.

    >>> exponent("holder_boulware")
    0.5
    """
    return EXPONENTS[name.split("_")[1]]


def concession(start: float, end: float, exponent: float) -> list[float]:
    """The path of offers, month by month (Faratin, Sierra and Jennings 1998)."""
    return [start + (end - start) * (month / (MONTHS - 1)) ** (1 / exponent) for month in range(MONTHS)]


def minimal(one: Talks) -> Any:
    """NegMAS' mechanism with two parties that do nothing but follow their path."""
    from negmas import ResponseType, SAOMechanism, make_issue
    from negmas.sao import SAONegotiator

    class Conceder(SAONegotiator):  # type: ignore[misc]  # a class without types
        def __init__(self, path: list[float], sells: bool) -> None:
            super().__init__()
            self.path, self.sells = path, sells

        def propose(self, state: Any, dest: str | None = None) -> tuple[float]:  # noqa: ARG002
            return (self.path[state.step],)

        def respond(self, state: Any, source: str | None = None) -> ResponseType:  # noqa: ARG002
            mine, theirs = self.path[state.step], state.current_offer[0]
            meets = theirs >= mine if self.sells else theirs <= mine
            return ResponseType.ACCEPT_OFFER if meets else ResponseType.REJECT_OFFER

    mechanism = SAOMechanism(issues=[make_issue((0.0, 1.0), "price")], n_steps=MONTHS)
    mechanism.add(Conceder(concession(float(one.asks[0]), one.least, one.exponent_holder), sells=True))
    mechanism.add(Conceder(concession(float(one.bids[0]), one.most, one.exponent_implementer), sells=False))
    return mechanism


def stock(one: Talks) -> Any:
    """NegMAS' mechanism with its own conceders, on a grid of prices from the first bid to the first ask."""
    from negmas import SAOMechanism, make_issue
    from negmas.preferences import LinearAdditiveUtilityFunction
    from negmas.preferences.value_fun import AffineFun
    from negmas.sao import AspirationNegotiator

    low, high = float(one.bids[0]), float(one.asks[0])
    issues = [make_issue([low + (high - low) * level / (LEVELS - 1) for level in range(LEVELS)], "price")]
    mechanism = SAOMechanism(issues=issues, n_steps=MONTHS)
    slope = 1 / (high - low)
    for exponent, value, reserved in (
        (one.exponent_holder, AffineFun(slope, -slope * low), slope * (one.least - low)),
        (one.exponent_implementer, AffineFun(-slope, slope * high), slope * (high - one.most)),
    ):
        mechanism.add(
            AspirationNegotiator(aspiration_type=1 / exponent),
            preferences=LinearAdditiveUtilityFunction([value], issues=issues, reserved_value=reserved),
        )
    return mechanism


def ended(mechanism: Any) -> Ended:
    """Run a mechanism to its end."""
    state = mechanism.run()
    offers = [float(offer[0]) for _, offer in mechanism.trace]
    if state.agreement is None:
        return Ended(offers, MONTHS, math.nan)
    return Ended(offers, len(offers) // 2, float(state.agreement[0]))


def agrees(one: Talks, other: Ended) -> bool:
    """Every offer of NegMAS is the engine's, and so is the month; the price within a month's concession."""
    asks, bids = other.offers[0::2], other.offers[1::2]
    same = np.allclose(asks, one.asks[: len(asks)], rtol=1e-12, atol=0.0)
    same = same and np.allclose(bids, one.bids[: len(bids)], rtol=1e-12, atol=0.0)
    if MONTHS in {one.month, other.month}:
        return bool(same and one.month == other.month)
    last = slice(max(0, one.month - 1), one.month + 1)
    step = max(np.ptp(one.asks[last]), np.ptp(one.bids[last]))
    return bool(same and one.month == other.month and abs(one.price - other.price) <= step * (1 + 1e-9))


def engine() -> float:
    """Many negotiations of the engine; two offers a month until they end."""
    rows = run_chunk(build(table()), table().seed, range(ENOUGH))
    return float(2 * np.minimum(rows["licence_month"] + 1, MONTHS).sum())


def negmas(mechanism: Callable[[Talks], Any], pairs: int) -> float:
    """The first negotiations in NegMAS, set up and run; offers made."""
    return float(sum(len(ended(mechanism(talks(k))).offers) for k in range(pairs)))


def rows() -> Iterator[Row]:
    """NegMAS and the engine, per offer."""
    label = "NegMAS, parties that only follow their path / engine, per offer (60 months, no court)"
    if find_spec("negmas") is None:
        yield Row(f"{label}: skipped, NegMAS is not installed", None, target=REQUIRED)
        return
    pairs = [talks(k) for k in range(PAIRS)]
    same = all(agrees(one, ended(minimal(one))) for one in pairs)
    yield paired(label, partial(negmas, minimal, PAIRS), engine, REQUIRED, same=same)
    apart = max(abs(one.month - ended(stock(one)).month) for one in pairs)
    own = f"the same, its AspirationNegotiator on {LEVELS} prices (month of agreement at most {apart} off)"
    yield paired(own, partial(negmas, stock, PAIRS), engine, REQUIRED)
