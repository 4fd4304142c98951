"""Small markets of firms of every kind: what they know, how they talk, what they sign, who takes part."""

from __future__ import annotations

from simulator.spec.regime import (
    FaultRules,
    Injunction,
    StandingRules,
)
from simulator.spec.scenario import Scenario
from simulator.vocabulary import (
    Act,
    CourtMode,
    Disclosure,
    HolderKind,
    InjunctionCap,
    InjunctionTest,
    Party,
    RateMethod,
    Standing,
)
from tests.golden.small import (
    NO_WORDS,
    SEEN,
    STONE,
    SUES,
    by_regions,
    changed,
    court,
    enjoining,
    grouped,
    setting,
    small,
)
from tests.play import behind, quantity, step, strategy


def informed() -> Scenario:
    """Figures, patents and reasons that one side knows until it shows them."""
    numbers = {
        "information.sales": 0.5,
        "information.margin": 0.4,
        "information.calculation": 0.3,
        "information.charts_secret": 1.0,
        "information.list_first": 1.0,
        "information.expiring": 0.4,
        "information.ownership_doubt": 0.3,
        "beliefs.reasons": 0.4,
        "beliefs.answers": 0.5,
        "beliefs.suspicion": 0.5,
        "holders.essentiality": 0.4,
    }
    return small(
        "kr-kftc-2016",
        "jp-meti-2022",
        holder=["holder_secretive", "holder_over_declarer"],
        implementer=["implementer_good_faith", "implementer_serial_challenger"],
        months=30,
        numbers=numbers,
    )


def standard_setting() -> Scenario:
    """Patents that were concealed, not committed, found out and lost."""
    numbers = {
        "sso.mandatory": 1.0,
        "sso.verified": 0.5,
        "sso.detection": 0.4,
        "sso.estoppel": 1.0,
        "sso.commitment": 2.0,
        "lock_in.alternative": 0.5,
        "lock_in.fixed": 2.0,
        "lock_in.growing": 20.0,
        "lock_in.exclusion": 9.0,
        "lock_in.months": 24.0,
        "holders.share": 0.08,
    } | NO_WORDS
    return small(
        enjoining("estops", InjunctionTest.NEAR_AUTOMATIC, InjunctionCap.NONE),
        "us-ebay",
        holder=[SUES, "holder_over_declarer", "holder_ambusher"],
        implementer=[STONE],
        months=36,
        numbers=numbers,
    )


def outside() -> Scenario:
    """Holders that may keep out of the standard and makers that may do without it."""
    given = {
        "implementers.barrier": 0.04,
        "implementers.barrier_spread": 0.5,
        "holders.outside": 0.7,
        "holders.outside_spread": 0.5,
        "holders.share": 0.25,
        "demand.elasticity": 3.0,
        "implementers.margin": 0.12,
        "implementers.growth": 0.1,
    }
    return small(
        "eu-hvzte-2015",
        setting(RateMethod.TOP_DOWN_DECLARED),
        holder=["holder_good_faith", "holder_over_declarer"],
        replications=2,
        implementer=["implementer_good_faith", "implementer_hold_out", "implementer_rational"],
        numbers=given,
    )


def again() -> Scenario:
    """Licences that end and are renewed, with threats kept and broken, and what they do to the next."""
    numbers = {
        "licences.term": 10.0,
        "licences.renewal": 0.5,
        "relations.suit": 0.5,
        "relations.threat": 0.2,
        "relations.mending": 0.3,
        "relations.cost": 1.0,
        "relations.delay": 3.0,
        "threats.unthreatened": 0.3,
        "threats.trust": 0.5,
        "threats.trust_weight": 2.0,
        "threats.tolerated": 1.0,
        "threats.taint": 6.0,
        "strategy.threat_from": 3.0,
        "strategy.threat_every": 3.0,
        "strategy.threat_grace": 4.0,
        "licences.lump_share": 0.4,
    }
    return small(
        "cn-spc-act-2023",
        changed(
            "eu-hvzte-2015",
            "eu-competitors",
            faults=FaultRules(recognised=SEEN, benchmark="competitors", competitors_needed=quantity(1)),
        ),
        holder=["holder_hold_up", "holder_good_faith"],
        implementer=["implementer_good_faith", "implementer_hold_out"],
        numbers=numbers,
    )


def terms() -> Scenario:
    """Cross-licences, most-favoured clauses, sums at once, first asks to measure, three regions."""
    numbers = {
        "licences.most_favoured": 0.7,
        "licences.lump_share": 0.3,
        "strategy.tailors": 0.5,
        "implementers.sales_spread": 0.5,
        "beliefs.spread": 0.4,
    }
    one = small(
        "upc",
        enjoining("seated", InjunctionTest.NEAR_AUTOMATIC, InjunctionCap.HOLDER_OFFER),
        holder=["holder_good_faith", "holder_hold_up"],
        implementer=["implementer_good_faith", "implementer_rational", STONE],
        months=36,
        numbers=numbers,
    )
    own = {"sales": quantity(80), "kind": HolderKind.LICENSING_COMPANY}
    return by_regions(grouped(one, own, {"patents": quantity(0.02)}))


def docket() -> Scenario:
    """Six suits before a court that takes up one a month, with a bar after a suit that is lost."""
    slow = court(
        "slow",
        CourtMode.INDIRECT,
        docket=quantity(1),
        bar_after_lost_suit=quantity(4),
        injunction=Injunction(test=InjunctionTest.NEAR_AUTOMATIC),
    )
    numbers = {
        "holders.validity": 0.3,
        "holders.patents_asserted": 2.0,
        "demand.diverted": 0.5,
        "demand.elasticity": 2.0,
        "court.durations.first_instance": 4.0,
    }
    return small(
        slow,
        holder=[SUES, "holder_litigious"],
        replications=2,
        implementer=[STONE, "implementer_hold_out", "implementer_good_faith"],
        months=30,
        numbers=NO_WORDS | numbers,
    )


def rational(name: str, use: str, numbers: dict[str, float]) -> Scenario:
    """Rational firms on both sides, who propose in turn or by lot, with and without breakdowns."""
    holder = strategy("holder_rational", turns="alternate" if use == "licensed" else "random", sue_after=9)
    return small(
        name,
        holder=holder,
        replications=2,
        implementer="implementer_rational",
        months=24,
        use=use,
        numbers=numbers | {"beliefs.spread": 0.1},
    )


def talks() -> Scenario:
    """Every other conduct: reciprocity, collusion, demands, refusals, standstills, questions, experts."""
    asking = behind(
        court(
            "asking",
            CourtMode.DIRECT,
            standing=StandingRules(holder=Standing.ANY, implementer=Standing.RATE_ACTION),
            faults=FaultRules(recognised=SEEN, order="sequential"),
        ),
        notice=step(
            Act.NOTIFY, Party.HOLDER, 2, must_contain=(Disclosure.PATENT_LIST, Disclosure.CLAIM_CHARTS)
        ),
        still=step(Act.STAND_STILL, Party.BOTH, 2),
        questions=step(Act.ANSWER, Party.BOTH, 2),
        expert=step(Act.ASK_EXPERT, Party.BOTH, 2),
        conciliation=step(Act.CONCILIATE, Party.BOTH, 3),
    )
    return small(
        asking,
        "de-frand-ii-iii",
        holder=["holder_reciprocal", "holder_refuser"],
        implementer=["implementer_reciprocal", "implementer_colluder", "implementer_open_terms"],
        months=30,
        numbers={"bargaining.breakdown": 0.01, "bargaining.breakdown_growth": 0.002},
    )


def opportunists() -> Scenario:
    """Opportunists on both sides, who weigh every step and how far to open."""
    return small(
        "cn-spc-act-2023",
        "eu-hvzte-2015",
        holder="holder_opportunist",
        replications=3,
        implementer=["implementer_opportunist"],
        months=30,
    )


def poor() -> Scenario:
    """Makers whose margin hardly carries what they are asked for, and that leave."""
    return small(
        enjoining("hard", InjunctionTest.NEAR_AUTOMATIC, InjunctionCap.NONE),
        "cn-rate-setting",
        holder=[SUES, "holder_hold_up", "holder_hold_up"],
        implementer=[strategy("implementer_good_faith", goodwill=1.0), STONE],
        numbers={
            "implementers.margin": 0.03,
            "demand.elasticity": 1.5,
            "demand.pass_through": 0.7,
            "holders.share": 0.25,
            "implementers.growth": -0.1,
            "demand.diverted": 0.3,
            "court.costs.loser_pays": 0.8,
            "court.costs.public": 0.05,
        },
    )


FIRMS = {
    "informed": informed,
    "standard-setting": standard_setting,
    "outside": outside,
    "again": again,
    "terms": terms,
    "docket": docket,
    "talks": talks,
    "opportunists": opportunists,
    "poor": poor,
    "rational": lambda: rational("eu-hvzte-2015", "free", {"bargaining.breakdown": 0.05}),
    "rational-licensed": lambda: rational("none", "licensed", {"demand.elasticity": 1.0}),
}
"""Each market by its name."""
