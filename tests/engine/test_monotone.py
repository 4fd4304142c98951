"""Which way things move, on the same draws: the directions the model's section 11 demands, and their limits.

Where a direction holds only under a condition, the condition is in the test and the reason beside it.
Bias is so many spreads of belief, as by default; where a test states ``beliefs.bias`` it is outright.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from simulator.spec.regime import Injunction, Regime
from simulator.vocabulary import Act, Cause, InjunctionCap, Outcome
from tests.play import Rows, film, law, outcomes, quantity, scenario, strategy

N = 400
PAIRS = {
    "good faith": ("holder_good_faith", "implementer_good_faith"),
    "bad faith": ("holder_hold_up", "implementer_hold_out"),
    "rational": ("holder_rational", "implementer_rational"),
}
SILENCE = {f"beliefs__{act}": 100.0 for act in ("claim_chart", "verification", "comparables")}


def play(court: str | Regime, pair: str, **numbers: float) -> Rows:
    """All frictions on; ``numbers`` with ``__`` for the dot.  Nobody calls a tribunal in place of a suit."""
    holder, implementer = (
        strategy(name, conduct={"refuses": (*strategy(name).conduct.refuses, Act.ARBITRATE)})
        for name in PAIRS[pair]
    )
    given = {name.replace("__", "."): value for name, value in numbers.items()}
    return outcomes(
        scenario(court, holder=holder, implementer=implementer, numbers=given, ideal=False, replications=N)
    )


def filed(rows: Rows) -> float:
    return float(rows["filed"].mean())


def paid(rows: Rows) -> float:
    """Effective rate over the FRAND rate: Y / E."""
    return float(rows["paid"].sum() / rows["entitlement"].sum())


def hold_out_index(rows: Rows) -> float:
    """``sum max(0, E - Y) / sum E``."""
    return float(np.maximum(0.0, rows["entitlement"] - rows["paid"]).sum() / rows["entitlement"].sum())


def belief_deadlocks(rows: Rows) -> float:
    own = (rows["outcome"] == Outcome.NEGOTIATED) | (rows["outcome"] == Outcome.SETTLED_IN_COURT)
    return float((~own & (rows["cause"] == Cause.BELIEF)).mean())


def rises(values: list[float]) -> bool:
    """Nowhere down, somewhere up."""
    return bool(np.all(np.diff(values) >= 0.0) and values[-1] > values[0])


class TestFilings:
    """More suits where the parties see things differently, fewer where suits are dear."""

    @pytest.mark.parametrize("pair", ["good faith", "rational"])
    @pytest.mark.parametrize("court", ["cn-rate-setting", "uk-global", "upc", "us-ebay"])
    def test_up_in_ambiguity_before_anything_is_disclosed(self, court: str, pair: str) -> None:
        """Not for pairs that always sue; there a wide spread makes suits of low estimates incredible."""
        assert rises([filed(play(court, pair, beliefs__spread=s, **SILENCE)) for s in (0.05, 0.15, 0.3, 0.5)])

    def test_disclosure_makes_it_a_hump(self) -> None:
        """A common signal leaves ``s**2 / (sigma**2 + s**2)`` of a gap that grows with sigma.

        Most suits come where ambiguity equals the noise of what is disclosed: chart .4 and comparables .25
        together have .21.
        """
        low, peak, high = (
            filed(play("cn-rate-setting", "good faith", beliefs__spread=s)) for s in (0.05, 0.18, 0.6)
        )
        assert peak > low
        assert peak > high

    def test_a_common_signal_closes_part_of_the_gap(self) -> None:
        """The identity behind the hump, replication by replication."""
        one = scenario("none", holder="holder_good_faith", implementer="implementer_good_faith",
                       numbers={"beliefs.spread": 0.3}, ideal=False)  # fmt: skip
        for replication in range(5):
            pairs = film(one, replication=replication, months=12).resolved[:, 0]
            gap, variance = pairs["mu_h"] - pairs["mu_i"], pairs["v_h"]
            assert variance[-1] < variance[0]
            assert gap / gap[0] == pytest.approx(variance / variance[0], rel=1e-9)

    @pytest.mark.parametrize("pair", ["good faith", "rational"])
    @pytest.mark.parametrize("court", ["cn-rate-setting", "uk-global", "upc"])
    def test_up_in_self_serving_bias(self, court: str, pair: str) -> None:
        assert rises([filed(play(court, pair, beliefs__bias=b)) for b in (0.0, 0.1, 0.2, 0.4)])

    @pytest.mark.parametrize(
        ("court", "pair"),
        [
            ("cn-rate-setting", "good faith"),
            ("cn-rate-setting", "rational"),
            ("uk-global", "good faith"),
            ("uk-global", "rational"),
            ("upc", "rational"),
            ("us-ebay", "bad faith"),
        ],
    )
    def test_down_in_the_cost_of_a_suit(self, court: str, pair: str) -> None:
        """Up to 6 of a stake of about 45.  Beyond, a suit the holder believes in may look empty to the
        implementer: then nothing can be signed and a few are filed again."""
        assert rises([filed(play(court, pair, costs__trial=c)) for c in (6.0, 3.0, 1.0, 0.3)])

    @pytest.mark.parametrize("court", ["cn-rate-setting", "uk-global"])
    def test_up_in_the_stake(self, court: str) -> None:
        """The same costs over more sales."""
        sales = (100.0, 215.0, 1000.0)
        assert rises([filed(play(court, "good faith", implementers__sales=b)) for b in sales])


def with_cap(name: str, cap: InjunctionCap) -> Regime:
    """A built-in regime whose injunction is bounded like this; one base probability for all holders.

    Good faith is weighed: where it is required, an ask for what an injunction is worth without a cap is a
    fault that costs the injunction.
    """
    shipped = law(name)
    free = {"base_probability": None, "base_probability_licensing_company": None, "good_faith": "weighed"}
    injunction: Injunction = shipped.court.injunction.model_copy(update={"cap": cap, **free})
    return shipped.model_copy(update={"court": shipped.court.model_copy(update={"injunction": injunction})})


REMEDY: dict[str, tuple[float, ...]] = {
    "court__injunction__base_probability": (0.05, 0.5, 0.95),
    "court__scope__forum_share": (0.02, 0.2, 0.5),
    "court__injunction__months_excluded": (3.0, 36.0, 120.0),
}


class TestRates:
    """What an injunction does to the price depends on its cap, not on the margin at stake alone."""

    @pytest.mark.parametrize("pair", PAIRS)
    @pytest.mark.parametrize("name", REMEDY)
    @pytest.mark.parametrize("court", ["us-ebay", "upc", "eu-hvzte-2015"])
    def test_up_in_an_uncapped_remedy(self, court: str, name: str, pair: str) -> None:
        uncapped = with_cap(court, InjunctionCap.NONE)
        levels = [paid(play(uncapped, pair, **{name: value})) for value in REMEDY[name]]
        assert np.all(np.diff(levels) > 0.0)
        assert levels[-1] > 1.5 * levels[0]

    @pytest.mark.parametrize("pair", PAIRS)
    @pytest.mark.parametrize("name", REMEDY)
    @pytest.mark.parametrize("court", ["us-ebay", "upc", "eu-hvzte-2015"])
    def test_flat_within_the_frand_range_under_a_court_rate_cap(
        self, court: str, name: str, pair: str
    ) -> None:
        """Where denial leaves nothing uncollected (omega 1): with omega below 1 denial itself pays less, and
        with costs a movement of the award moves what it is worth net of them by more."""
        capped = with_cap(court, InjunctionCap.COURT_RATE)
        free = {f"costs__{cost}": 0.0 for cost in ("filing", "monthly", "trial")}
        levels = [
            paid(play(capped, pair, court__scope__collectable_remainder=1.0, **free, **{name: value}))
            for value in REMEDY[name]
        ]
        assert max(levels) / min(levels) <= 1.1


# Drags, but deposits where asked.
LOW_BALLER = strategy(
    "implementer_hold_out", conduct={"refuses": (Act.ARBITRATE,), "reply_delay": quantity(1)}
)


class TestHoldOut:
    """The hold-out index of a hold-out implementer falls in what the law charges for delay.

    Its gain *over a good-faith implementer* need not: interest raises what both pay, and good faith, which
    signs later than a hold-out is sued, may pay more of it.
    """

    @pytest.mark.parametrize("holder", ["holder_good_faith", "holder_hold_up"])
    @pytest.mark.parametrize("court", ["cn-rate-setting", "uk-global", "upc", "us-ebay", "eu-hvzte-2015"])
    def test_down_in_court_interest(self, court: str, holder: str) -> None:
        assert rises([self.index(court, holder, court__interest__court=i) for i in (0.12, 0.04, 0.0)])

    @pytest.mark.parametrize("court", ["cn-spc-act-2023", "cn-proposed"])
    def test_down_in_the_fault_uplift(self, court: str) -> None:
        """Where the law recognises the implementer's faults and sets rates by them."""
        assert rises(
            [self.index(court, "holder_good_faith", court__faults__uplift=w) for w in (0.4, 0.2, 0.0)]
        )

    @pytest.mark.parametrize("court", ["eu-hvzte-2015", "cn-spc-act-2023", "de-munich-security"])
    def test_an_implementer_that_deposits_signs_sooner(self, court: str) -> None:
        """The index itself need not fall: who signs sooner pays less interest on the past.

        One that refuses the deposit is sued before the step and none is taken.
        """
        months = []
        for share in (1.0, 0.5, 0.0):
            given = {"court.security.share": share}
            one = scenario(court, holder="holder_good_faith", implementer=LOW_BALLER, numbers=given,
                           ideal=False, replications=N)  # fmt: skip
            months.append(float(outcomes(one)["months_to_licence"].mean()))
        assert rises(months)

    @staticmethod
    def index(court: str, holder: str, implementer: Any = "implementer_hold_out", **numbers: float) -> float:
        given = {name.replace("__", "."): float(value) for name, value in numbers.items()}
        return hold_out_index(
            outcomes(
                scenario(court, holder=holder, implementer=implementer, numbers=given, ideal=False,
                         replications=N)
            )
        )  # fmt: skip

    def test_a_deposit_costs_its_delay(self) -> None:
        """``S_i = s r_s P (1 - d**D (1 + iota_e)**(D / 12))`` is all it adds to the loss from court."""
        given = {"implementers.discount": 0.08, "court.security.share": 1.0, "costs.trial": 0.5}
        given |= {"court.interest.escrow": 0.02}

        def losses(**more: float) -> Rows:
            numbers = given | {name.replace("__", "."): value for name, value in more.items()}
            one = scenario(
                "eu-hvzte-2015", holder="holder_good_faith", implementer=LOW_BALLER, numbers=numbers
            )
            return film(one, months=14).decided[:, 0]

        secured, bare = losses(), losses(court__security__share=0.0)
        placed = int(secured["escrow_month"].max())
        assert secured["escrow"][-1] > 0.0
        for t in range(placed + 1, 14):
            balance = secured["escrow"][t] * 1.02 ** ((t - placed) / 12)
            months = 24 + 10
            burden = balance * (1 - 1.08 ** (-months / 12) * 1.02 ** (months / 12))
            assert secured["l_i"][t] - bare["l_i"][t] == pytest.approx(burden, rel=1e-9)


class TestDisclosure:
    """What is disclosed closes the gap between beliefs."""

    NOISE = ((100.0, 100.0), (0.4, 100.0), (0.4, 0.25), (0.2, 0.1))

    @pytest.mark.parametrize("pair", ["good faith", "rational"])
    @pytest.mark.parametrize("court", ["cn-rate-setting", "uk-global", "upc", "eu-hvzte-2015"])
    def test_fewer_deadlocks_of_belief_the_more_it_tells(self, court: str, pair: str) -> None:
        levels = [
            belief_deadlocks(
                play(court, pair, beliefs__claim_chart=chart, beliefs__comparables=comparables,
                     costs__trial=0.5, beliefs__bias=0.2)
            )
            for chart, comparables in reversed(self.NOISE)
        ]  # fmt: skip
        assert rises(levels)

    @pytest.mark.parametrize("court", ["cn-rate-setting", "uk-global"])
    def test_fewer_deadlocks_of_belief_with_an_open_holder(self, court: str) -> None:
        """Only the conduct differs: what the law permits is shown, or kept back."""
        numbers = {"costs.trial": 0.5, "beliefs.bias": 0.2}
        closed = strategy("holder_good_faith", conduct={"forthcoming": False})
        told, kept = (
            belief_deadlocks(
                outcomes(scenario(court, holder=holder, implementer="implementer_good_faith", numbers=numbers,
                                  ideal=False, replications=N))
            )
            for holder in ("holder_good_faith", closed)
        )  # fmt: skip
        assert told < kept
