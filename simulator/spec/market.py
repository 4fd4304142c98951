"""A market: one standard, the parties that hold and use it, and how they see it."""

from __future__ import annotations

from typing import Annotated, Literal

import numpy as np
import numpy.typing as npt
from pydantic import ConfigDict, Field

from simulator.spec.base import Quantity, Spec, Words
from simulator.spec.schema import described
from simulator.vocabulary import HolderKind

HolderKindWord = Annotated[HolderKind, Words(HolderKind)]


class Generation(Spec):
    """One generation a multimode product implements."""

    generation: str
    aggregate_burden: Quantity = Field(description="fraction of net selling price")
    value_share: Quantity = Field(description="share of the standard's value in the product")
    families: Quantity = Field(description="truly essential and valid families of all holders")
    arrives: Quantity | None = Field(
        default=None, description="year in which it comes to the market; none: there from the start"
    )

    @property
    def first_month(self) -> float:
        """The month in which it comes to the market; 0: there from the start."""
        return 0.0 if self.arrives is None else 12.0 * self.arrives.value


class Territory(Spec):
    """A region in which products are sold and patents are held."""

    region: str
    factor: Quantity = Field(description="rate here over the rate in the first region, whose factor is 1")
    forums: tuple[str, ...] = Field(
        default=(),
        description="regimes whose court sits here: an injunction reaches each implementer's sales here",
    )


class Standard(Spec):
    """The standard and its aggregate royalty burden."""

    generations: tuple[Generation, ...] = Field(min_length=1, max_length=8)
    horizon: Quantity | None = Field(default=None, description="T: months simulated")
    regional_factor: Quantity | None = Field(default=None, description="rate outside region 1 over region 1")
    alternative: Quantity | None = Field(
        default=None, description="share of its value that the next best technology would give too"
    )
    contribution: Quantity | None = Field(
        default=None,
        description="share of a product's margin that the standard contributes; 0: as much as the burden",
    )
    switching: Quantity | None = Field(
        default=None, description="cost to switch from the whole standard, fraction of price"
    )
    pool_rate: Quantity | None = Field(
        default=None, description="what pools post for all families, fraction of the aggregate burden"
    )
    pool_membership: Quantity | None = Field(
        default=None, description="value of belonging to a pool for a maker, multiple of its part of the rate"
    )
    regions: tuple[Territory, ...] = Field(
        default=(), max_length=3, description="regions by name, instead of the two of regional_factor"
    )


class HolderGroup(Spec):
    """Holders of a kind."""

    group: str
    count: int = Field(ge=1)
    kind: HolderKindWord = HolderKind.PRODUCT_COMPANY
    share: Quantity | None = Field(default=None, description="mean share of all families, per holder")
    share_spread: Quantity | None = Field(default=None, description="log sd of the share")
    quality_spread: Quantity | None = Field(default=None, description="log sd of portfolio quality")
    contribution_spread: Quantity | None = Field(
        default=None, description="log sd of approved contributions per unit of value"
    )
    alternative_spread: Quantity | None = Field(
        default=None, description="log sd of the value of the next best technology"
    )
    validity: Quantity | None = None
    patents_asserted: Quantity | None = None
    essentiality: Quantity | None = Field(
        default=None,
        description="truly essential share of declared families; the default: that of all others",
    )
    sales: Quantity | None = Field(default=None, description="USD m a month of its own products")
    outside: Quantity | None = Field(
        default=None, description="z: worth of keeping out of the standard, of what FRAND would bring"
    )
    outside_spread: Quantity | None = Field(default=None, description="log sd of it")
    discount: Quantity | None = None
    strength: dict[str, Quantity] = Field(
        default_factory=dict, description="by region: families in force there over all its families, even = 1"
    )
    generations: dict[str, Quantity] = Field(
        default_factory=dict, description="by generation: share of its families over that of all, even = 1"
    )
    drift: Quantity | None = Field(
        default=None, description="growth a year of its families, as declarations arrive"
    )
    drifts: dict[str, Quantity] = Field(
        default_factory=dict, description="by generation: the same there, in place of drift"
    )
    strategies: dict[str, float] = Field(min_length=1, description="mix of strategies, shares")


class ImplementerGroup(Spec):
    """Implementers of a kind."""

    group: str
    count: int = Field(ge=1)
    sales: Quantity | None = Field(default=None, description="USD m a month at first use")
    sales_spread: Quantity | None = Field(default=None, description="log sd of sales")
    growth: Quantity | None = Field(default=None, description="of sales, per year")
    margin: Quantity | None = Field(default=None, description="gross margin, fraction of price")
    patents: Quantity | None = Field(
        default=None, description="share of the standard's value each holds itself, for cross-licences"
    )
    region_two_share: Quantity | None = Field(default=None, description="share of sales outside region 1")
    regions: dict[str, Quantity] = Field(
        default_factory=dict, description="by region of the standard: share of sales; they sum to 1"
    )
    barrier: Quantity | None = Field(
        default=None, description="b: cost of doing without the standard, fraction of price; 1: unlimited"
    )
    barrier_spread: Quantity | None = Field(default=None, description="log sd of it")
    discount: Quantity | None = None
    strategies: dict[str, float] = Field(min_length=1)


class Beliefs(Spec):
    """How parties see the FRAND rate and what informs them."""

    spread: Quantity | None = None
    bias_per_spread: Quantity | None = Field(default=None, description="self-serving shift, in spreads")
    bias: Quantity | None = Field(
        default=None, description="the shift outright (log), instead of the one above"
    )
    suspicion: Quantity | None = None
    claim_chart: Quantity | None = None
    verification: Quantity | None = None
    comparables: Quantity | None = None
    court_round: Quantity | None = None
    answers: Quantity | None = Field(default=None, description="noise of answers to questions")
    expert: Quantity | None = Field(default=None, description="noise of a neutral expert's opinion")
    reasons: Quantity | None = Field(default=None, description="noise of reasons for an extreme offer")


class ActCosts(Spec):
    """What acts cost their actor, USD m."""

    claim_chart: Quantity | None = None
    verification: Quantity | None = None
    comparables: Quantity | None = None
    talks: Quantity | None = Field(default=None, description="per month of talks, each side")
    expert: Quantity | None = Field(default=None, description="a neutral expert's opinion, each side")
    filing: Quantity | None = None
    monthly: Quantity | None = None
    trial: Quantity | None = None


class Bargaining(Spec):
    """Shared rules of bargaining."""

    holder_weight: Quantity | None = None
    floor: Quantity | None = None
    window: Quantity | None = None
    sue_after: Quantity | None = None
    moderate_ask: Quantity | None = None
    moderate_bid: Quantity | None = None
    breakdown: Quantity | None = Field(
        default=None, description="chance a month, once both have offered, that talks break down"
    )
    breakdown_growth: Quantity | None = Field(
        default=None, description="by how much that chance grows with every month of talks"
    )


class Timing(Spec):
    """When use and talks begin."""

    notice_spread: Quantity | None = Field(
        default=None, description="first contacts fall evenly in these months"
    )
    least_left: Quantity | None = Field(
        default=None, description="K_min: months a pair must have to the horizon"
    )
    use: Literal["free", "licensed"] = Field(
        default="free", description="free: sales run during talks; licensed: sales start with the licence"
    )


class Licences(Spec):
    """What licences are like."""

    term: Quantity | None = Field(default=None, description="months a licence runs")
    renewal: Quantity | None = Field(
        default=None, description="share of what a renewal would pay that parties count on when they sign"
    )
    most_favoured: Quantity | None = Field(
        default=None, description="share of pairs whose licences have a most-favoured clause"
    )
    lump_share: Quantity | None = Field(default=None, description="share of pairs that settle for one sum")
    later_generations: Quantity | None = Field(
        default=None, description="share of pairs whose licences cover generations that come later too"
    )
    cap: Quantity | None = Field(
        default=None,
        description="royalties of a year stop at this multiple of those on the sales the holder saw",
    )


class Relations(Spec):
    """How firms that deal with each other again stand, and what it does to their next talks."""

    suit: Quantity | None = Field(default=None, description="share of a relationship that a suit destroys")
    threat: Quantity | None = Field(default=None, description="share that a threat of suit destroys")
    mending: Quantity | None = Field(default=None, description="share that a licensed year mends")
    cost: Quantity | None = Field(default=None, description="added to the cost of talks, of it, without one")
    delay: Quantity | None = Field(default=None, description="months added to a reply without one")


class Threats(Spec):
    """How threats of suit are taken."""

    unthreatened: Quantity | None = Field(
        default=None, description="chance of suit an implementer reckons with before any threat"
    )
    trust: Quantity | None = Field(default=None, description="share of threats kept, as first believed")
    trust_weight: Quantity | None = Field(default=None, description="threats that belief is worth")
    tolerated: Quantity | None = Field(default=None, description="threats in one negotiation without fault")
    taint: Quantity | None = Field(
        default=None, description="months for which a threat taints the licence signed after it"
    )


class Information(Spec):
    """What one side knows and the other does not, until it is shown."""

    sales: Quantity | None = Field(
        default=None, description="log sd of what a holder takes an implementer's sales for"
    )
    margin: Quantity | None = Field(default=None, description="the same of its margin")
    calculation: Quantity | None = Field(
        default=None, description="noise of what a rate calculation shows of its maker's initial estimate"
    )
    charts_secret: Quantity | None = Field(
        default=None, description="1: claim charts, as licences, are shown under a confidentiality agreement"
    )
    list_first: Quantity | None = Field(
        default=None, description="1: only patents that were listed or charted can be examined"
    )
    expiring: Quantity | None = Field(
        default=None, description="share of the patents that expires by the horizon, evenly"
    )
    ownership_doubt: Quantity | None = Field(
        default=None, description="tau: chance that the patents were transferred, until their status is shown"
    )


class StandardSetting(Spec):
    """The policy of the standard-setting organisation."""

    mandatory: Quantity | None = Field(default=None, description="1: holders have to disclose their patents")
    verified: Quantity | None = Field(default=None, description="v: share of declarations that is verified")
    detection: Quantity | None = Field(
        default=None, description="q: chance that what was concealed is found out"
    )
    estoppel: Quantity | None = Field(
        default=None, description="1: what was concealed, or not committed to, cannot be enforced"
    )
    commitment: Quantity | None = Field(
        default=None, description="months from first contact until the holder must have committed itself"
    )


class LockIn(Spec):
    """What leaving the standard costs, and how that grows with use."""

    alternative: Quantity | None = Field(
        default=None, description="nu: value of a holder's technology over the next best, of its FRAND rate"
    )
    fixed: Quantity | None = Field(default=None, description="c_0: cost to leave from the start")
    growing: Quantity | None = Field(default=None, description="c_1: what use adds, for the whole standard")
    exclusion: Quantity | None = Field(default=None, description="M_1: months of exclusion that use adds")
    months: Quantity | None = Field(default=None, description="U: months of use that lock in wholly")


class Demand(Spec):
    """How the royalty stack feeds into price and output."""

    elasticity: Quantity | None = None
    pass_through: Quantity | None = None
    diverted: Quantity | None = Field(default=None, description="share of sales lost that goes to rivals")


class Welfare(Spec):
    """How metrics weigh."""

    social_discount: Quantity | None = None
    innovation_elasticity: Quantity | None = None
    adoption_elasticity: Quantity | None = None
    overpayment_elasticity: Quantity | None = None
    missing_technology: Quantity | None = Field(
        default=None, description="what a technology kept out was worth, of its FRAND rate"
    )


class Market(Spec):
    """One standard, its holders, its implementers.  Numbers left out take the registry's default."""

    model_config = ConfigDict(json_schema_extra=described)

    market: str = Field(pattern=r"^[a-z0-9][a-z0-9_-]*$")
    title: str = Field(min_length=3)
    source: str = Field(min_length=3)
    notes: str = ""
    standard: Standard
    holders: tuple[HolderGroup, ...] = Field(min_length=1)
    implementers: tuple[ImplementerGroup, ...] = Field(min_length=1)
    beliefs: Beliefs = Beliefs()
    costs: ActCosts = ActCosts()
    bargaining: Bargaining = Bargaining()
    timing: Timing = Timing()
    licences: Licences = Licences()
    relations: Relations = Relations()
    threats: Threats = Threats()
    information: Information = Information()
    sso: StandardSetting = StandardSetting()
    lock_in: LockIn = LockIn()
    demand: Demand = Demand()
    welfare: Welfare = Welfare()

    def negotiations(self) -> npt.NDArray[np.int64]:
        """Who negotiates with whom: holder and implementer of each negotiation (n, 2), by its number.

        Every holder with every implementer.  The one place that says so.
        """
        members = [sum(group.count for group in groups) for groups in (self.holders, self.implementers)]
        return np.stack(np.unravel_index(np.arange(members[0] * members[1]), members), axis=1)
