"""The economics of the first version, finding by finding: what was wrong or unsaid, and what shows it mended.

``SHOWN`` names for every finding the tests that show it; those of this file show what no other did.  Kinds
of finding: faults of the rules, levels of outcomes, verdicts on claims, what the page of the model left
out, and what authorities would ask for first.
"""

from __future__ import annotations

import ast
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from simulator.compiled import as_written
from simulator.engine import bases, shadow
from simulator.engine.build import build, new_state
from simulator.engine.month import begin
from simulator.engine.prospect import RATE_SET, Prospect
from simulator.engine.remedies import both, injunction
from simulator.engine.run import populate, run_chunk
from simulator.engine.state import Matter, matter
from simulator.outcomes.further_measures import MEASURES
from simulator.outcomes.negotiations import Negotiations, Setting
from simulator.spec.load import load_experiment, load_scenario, load_space
from simulator.spec.regime import Appeal, Injunction, Regime, Suit
from simulator.vocabulary import CourtMode, Fault, InjunctionCap, InjunctionTest, Outcome
from simulator.writing.numbers import told_share
from tests.play import film, law, outcomes, regime, scenario, strategy

ACCOUNT, OPENERS, REASONS = "engine/test_account.py", "engine/test_openers.py", "engine/test_reasons.py"
WORKED = "odd/test_worked.py"
HERE, SETTLED = "reviews/test_economics.py", "engine/test_settlement.py"
BY_HAND = (f"{WORKED}: test_engine_says_so", f"{WORKED}: test_plain_duopoly_says_so")

SHOWN: dict[str, tuple[str, ...]] = {
    # Faults of the rules
    "1a: an injunction granted could be worth less than one refused": (
        f"{ACCOUNT}: test_an_injunction_is_never_worth_less_than_its_refusal",
        f"{HERE}: test_a_likelier_injunction_is_never_worth_less",
        f"{HERE}: test_neither_branch_is_worth_more_than_can_be_paid",
        f"{HERE}: test_who_is_excluded_leaves_only_if_it_cannot_pay_the_least",
    ),
    "1b: the holder's own concession lowered the cap": (
        f"{ACCOUNT}: test_a_concession_does_not_lower_the_cap",
        f"{HERE}: test_the_cap_is_the_highest_ask_that_passed",
    ),
    "2a: an extreme opener never gained": (
        f"{OPENERS}: test_extreme_offers_are_made_where_they_gain",
        f"{OPENERS}: test_a_fault_that_weighs_keeps_openers_moderate",
    ),
    "2b: reasons told nothing": (
        f"{REASONS}: test_reasons_are_one_signal_that_costs_a_chart",
        f"{REASONS}: test_silence_moves_no_belief_and_is_the_fault",
        f"{REASONS}: test_without_precision_only_the_fault_differs",
    ),
    "2c: the duty was claimed of laws that did not know it": (
        f"{HERE}: test_a_duty_that_is_claimed_reaches_the_court",
        f"{REASONS}: test_an_ask_is_extreme_by_what_competitors_ask",
        f"{REASONS}: test_too_few_competitors_leave_the_court_s_estimate",
    ),
    "3: a framework before suit moved no suit": (
        f"{HERE}: test_a_bar_on_early_suits_puts_them_off",
        f"{HERE}: test_filing_dates_are_searched_where_parties_answer_the_law",
    ),
    "4: months to take a licence counted from one": (
        f"{ACCOUNT}: test_months_to_take_a_licence_count_from_none",
    ),
    "5: sales that rivals make counted as lost to the world": (
        f"{ACCOUNT}: test_rivals_earn_a_share_of_what_exclusion_costs",
        f"{ACCOUNT}: test_nobody_earns_it_where_there_is_no_rival",
        f"{ACCOUNT}: test_exit_is_diverted_as_exclusion_is",
    ),
    "6: bias stayed while beliefs narrowed": (
        f"{ACCOUNT}: test_bias_goes_with_the_spread_unless_stated",
        "theory/test_litigation.py: test_frequency_with_bias",
        f"{HERE}: test_how_many_spreads_parties_are_apart",
    ),
    "7: offers told nothing, and nobody could gain by moving first": (
        "engine/test_documents.py: test_a_calculation_shows_the_asker_s_initial_estimate_to_the_other_side",
        "theory/test_bargaining.py: test_first_mover_ratio_is_the_holders_patience",
    ),
    "8: the premium of a threat was taken between different pairs": (
        "findings/test_measures.py: test_rates_over_the_same_pair_s_at_the_baseline",
        f"{HERE}: test_hold_up_is_measured_on_the_same_pair",
    ),
    "9: the yardstick moved with the court's rule on regions": (
        "engine/test_regional.py: test_the_rule_scales_the_court_s_rate_alone",
    ),
    # Levels
    "incidence of suits is free": (f"{HERE}: test_how_many_suits_are_brought_is_conduct",),
    "the settled share alone was calibrated": (
        f"{SETTLED}: test_between_half_and_four_fifths_of_suits_are_settled_under_the_baseline",
    ),
    "still unlicensed is almost all never sued": (f"{HERE}: test_most_that_stay_unlicensed_were_never_sued",),
    "no court leads in efficiency by arithmetic": (
        "findings/test_frontier.py: test_kinds_are_told_apart",
        "findings/test_frontier.py: test_the_answer_is_about_the_law_in_force_and_tells_yardsticks_apart",
        "findings/test_switching.py: test_planted_answers",
    ),
    "hold-up cost nothing in dynamic efficiency, whose weights are assumed": (
        "findings/test_measures.py: test_overpayment_lowers_dynamic_efficiency_although_another_underpays",
        "findings/test_measures.py: test_dynamic_efficiency_takes_the_elasticities_of_the_market",
    ),
    # Verdicts
    "contradicted meant three things": (
        "findings/test_inference.py: test_a_verdict_follows_its_rule",
        f"{HERE}: test_what_the_model_lacks_is_no_verdict",
    ),
    "claims were stated after a run": (
        "findings/test_register.py: test_every_experiment_of_the_project_is_stated",
        "findings/test_register.py: test_a_run_says_when_its_claims_were_stated",
    ),
    "shares of few points": (
        f"{HERE}: test_no_share_is_told_of_few_points",
        "evolution/test_evolved.py: test_shares_of_a_space_are_over_sampled_firms_and_intensities",
    ),
    # What the page of the model left out
    "filing stops limitation": (f"{HERE}: test_filing_stops_limitation",),
    "which wins where the cap lies below the floor": (
        f"{ACCOUNT}: test_an_injunction_is_never_worth_less_than_its_refusal",
    ),
    "what refusing the court's licence is worth where it sets rates and enjoins": (
        f"{HERE}: test_what_a_refusal_to_undertake_is_worth",
    ),
    "from which month a breach entitles, and own clocks": BY_HAND,
    "the formula of p, the exponent 1 / e": BY_HAND,
    "what forthcoming, stalls and threatens do, who hands over what may be shown": BY_HAND,
    "what initiates does": ("engine/test_every_word.py: test_who_may_open_talks_opens_them",),
    "what justifies does": (f"{REASONS}: test_silence_moves_no_belief_and_is_the_fault",),
    "a bid of zero is no counter-offer": (f"{HERE}: test_a_bid_of_zero_is_not_tabled",),
    "the filing month is billed, D and costs include the appeal, the cap before any offer": BY_HAND,
    "the base of an interim licence": ("engine/test_interim.py: test_payments_cover_what_the_order_says",),
    "the chance to meet in the window": BY_HAND,
    "the cost of an appeal": (f"{HERE}: test_an_appeal_costs_its_filing_and_its_months",),
    "what happens after a judgment in the United Kingdom": (
        f"{HERE}: test_the_court_s_licence_is_taken_where_leaving_costs_more",
    ),
    # What is missing
    "conduct that answers the law": (
        "evolution/learned/test_experiment.py: test_a_certificate_is_measured_again_on_other_luck",
    ),
    "substitution by rivals, entry": (
        f"{ACCOUNT}: test_rivals_earn_a_share_of_what_exclusion_costs",
        "engine/test_adoption.py: test_an_implementer_takes_the_standard_up_at_or_below_its_barrier",
    ),
    "private information on value": (
        "engine/test_documents.py: test_a_calculation_shows_the_asker_s_initial_estimate_to_the_other_side",
    ),
    "cross-licences": ("engine/test_terms.py: test_a_cross_licence_is_paid_in_kind",),
    "arbitration by consent": (
        "engine/test_third_parties.py: test_a_tribunal_is_called_where_both_have_less_to_fear_from_it",
        "engine/test_third_parties.py: test_one_side_alone_calls_no_tribunal",
    ),
    "several forums, the level of licensing: said to be missing": (
        f"{HERE}: test_what_the_model_lacks_is_no_verdict",
    ),
}


def opening(one: Regime, numbers: dict[str, float], **parties: Any) -> Matter:
    """The first pair at the start of month 0, its outlook filled."""
    rules = build(scenario(one, numbers=numbers, **parties))
    state, blank = new_state(rules)
    begin(rules, state, populate(rules, state, blank, 1, 0), 0, 0)
    m: Matter = as_written(matter)(rules, state, 0, 0, 1, 0)
    shadow.outlook_today(m, 0)
    return m


@cache
def names_of(path: Path) -> frozenset[str]:
    """The names of a file's tests."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    return frozenset(node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef))


@pytest.mark.parametrize("finding", SHOWN)
def test_every_finding_has_its_tests(finding: str, root: Path) -> None:
    """The tests that are named exist."""
    assert SHOWN[finding]
    for named in SHOWN[finding]:
        file, _, test = named.partition(": ")
        assert test in names_of(root / "tests" / file), named


# 1: the worth of an injunction

CAPPED = regime(
    CourtMode.INDIRECT,
    injunction=Injunction(test=InjunctionTest.NEAR_AUTOMATIC, cap=InjunctionCap.HOLDER_OFFER),
)


@pytest.mark.parametrize("ask", [0.1, 0.7, 1.0, 1.5])
def test_a_likelier_injunction_is_never_worth_less(ask: float) -> None:
    """However low the ask that caps it; below what is paid without an injunction the ask does not count."""
    m = opening(CAPPED, {"beliefs.spread": 0.0})
    rho = m.negotiation.frand
    m.negotiation.last_ask = m.negotiation.frand_offer = ask * rho
    worth = []
    for p in (0.0, 0.5, 1.0):
        m.forum.p_max = p
        worth.append(as_written(shadow.prospects)(m, 0, rho, rho, 0.0, 0.0, 0.0))
    w_h, l_i = np.transpose(worth)
    assert (np.diff(w_h) >= 0.0).all()
    assert (np.diff(l_i) >= 0.0).all()
    assert (w_h[-1] > w_h[0]) == (ask > 0.7)


def test_neither_branch_is_worth_more_than_can_be_paid() -> None:
    m = opening(CAPPED, {})
    m.outlook.pay = pay = 1e-3
    rate = 10.0 * m.negotiation.frand
    assert as_written(injunction.refusal_value)(m, rate, 100.0, 50.0) == pay
    assert as_written(injunction.licence_value)(m, rate, 100.0, 50.0, 1e3) == pay


@pytest.mark.parametrize(("margin", "leaves"), [(0.99, True), (1.01, False)])
def test_who_is_excluded_leaves_only_if_it_cannot_pay_the_least(margin: float, leaves: bool) -> None:
    """The least is ``phi_0 rho (a + kappa P)``, here with no past use: a fifth of the court's rate."""
    numbers = {
        "bargaining.floor": 0.2,
        "holders.share": 1.0,
        "standard.aggregate_burden": 0.04,
        "implementers.margin": margin * 0.2 * 0.04,
    }
    m = opening(CAPPED, numbers, holder="holder_good_faith", implementer="implementer_hold_out")
    m.suit.court_rate = m.negotiation.frand
    as_written(injunction.leave)(m, 0)
    assert m.negotiation.outcome == (Outcome.EXIT if leaves else Outcome.INJUNCTION_LICENCE)


def test_the_cap_is_the_highest_ask_that_passed() -> None:
    """``max`` of the asks tabled so far that lie within the FRAND range of the court's estimate."""
    one = scenario("us-ebay", holder="holder_good_faith", implementer="implementer_hold_out", ideal=False)
    conceded = 0
    for replication in range(8):
        shown = film(one, replication=replication).resolved[:, 0]
        shown = shown[(shown["estimate"] > 0.0) & (shown["judgments"] == 0)]
        passed = np.where(shown["last_ask"] <= 1.1 * shown["estimate"], shown["last_ask"], 0.0)
        assert shown["frand_offer"] == pytest.approx(np.maximum.accumulate(passed))
        conceded += int((shown["last_ask"] < shown["frand_offer"]).sum())
    assert conceded > 0


# 2: the duty to give reasons


@pytest.mark.parametrize(
    ("name", "duty", "without", "fault"),
    [
        ("outlier_justification", "duty", "no-duty", Fault.NON_FRAND_OFFER),
        ("laws_at_learned_equilibria", "duty", "staged-baseline", Fault.UNJUSTIFIED_EXTREME_ASK),
    ],
)
def test_a_duty_that_is_claimed_reaches_the_court(
    name: str, duty: str, without: str, fault: Fault, root: Path
) -> None:
    """Where an experiment claims something of a duty, its law books the fault; the law beside it does not."""
    plan = load_experiment(root / "experiments" / name / "experiment.yaml")
    laws = {one.regime: one for one in plan.scenario.regimes}
    silent = strategy("holder_good_faith", anchor=20.0, conduct={"justifies": False})
    booked = {}
    for one in (duty, without):
        rows = outcomes(
            scenario(laws[one], holder=silent, implementer="implementer_hold_out", replications=20)
        )
        booked[one] = (rows["faults"] >> int(fault)) & 1
        weighed = laws[one].court.faults.recognised.get(fault)
        assert (weighed is not None) == (one == duty)
    assert booked[duty].mean() > 0.5
    assert not booked[without].any()


# 3: a framework before suit


def early(word: Any) -> Any:
    """Impatient holders under the baseline's steps, with this consequence of a suit before talks."""
    baseline = law("staged-baseline")
    from_step = baseline.court.suit.from_step
    suit = Suit(early=word, from_step=from_step)
    one = baseline.model_copy(update={"court": baseline.court.model_copy(update={"suit": suit})})
    return outcomes(
        scenario(
            one, holder=strategy("holder_litigious", sue_after=3, patience=0),
            implementer="implementer_good_faith", ideal=False, replications=60,
        )
    )  # fmt: skip


def test_a_bar_on_early_suits_puts_them_off() -> None:
    """Barred, who would sue at once cannot; as a fault it reaches the court; free, neither."""
    free, fault, barred = (early(word) for word in ("free", "fault", "barred"))
    books = [(rows["faults"] >> int(Fault.SUES_WITHOUT_NOTICE)) & 1 for rows in (free, fault)]
    assert books[1].sum() > books[0].sum()
    soon = [((rows["filed"] == 1) & (rows["filing_month"] < 6)).mean() for rows in (free, fault, barred)]
    assert soon[2] < 0.5 * soon[0]
    assert barred["filed"].mean() < free["filed"].mean()


def test_filing_dates_are_searched_where_parties_answer_the_law(root: Path) -> None:
    """Named strategies file when they file; what is learnt under each law may choose the month, or never."""
    for party in ("holder", "implementer"):
        space = load_space(root / "scenarios" / "spaces" / f"{party}.yaml")
        assert "sue_after" in space.numbers


# 6: bias


@pytest.mark.parametrize(("form", "apart"), [("beliefs.bias_per_spread", 2.0), ("beliefs.bias", 16.0)])
def test_how_many_spreads_parties_are_apart(form: str, apart: float) -> None:
    """At sd .05: in spreads as far as at any other; with a bias of .4 so far that nothing moves it."""
    given = {"beliefs.bias_per_spread": 1.0, "beliefs.bias": 0.4}
    m = opening(regime(CourtMode.DIRECT), {"beliefs.spread": 0.05, form: given[form]})
    other = opening(regime(CourtMode.DIRECT), {"beliefs.spread": 0.05, "beliefs.bias": 0.0})
    here, there = (one.negotiation.mu_h - one.negotiation.mu_i for one in (m, other))
    assert (here - there) / 0.05 == pytest.approx(apart)


# 8: the same pair with and without the threat


def test_hold_up_is_measured_on_the_same_pair() -> None:
    """The same parties with the same luck: more is signed under an uncapped threat, nothing else differs."""
    free = Injunction(test=InjunctionTest.NEAR_AUTOMATIC, cap=InjunctionCap.NONE)
    rate = regime(CourtMode.DIRECT, appeal=Appeal(available=False))
    enjoins = regime(CourtMode.INDIRECT, injunction=free, appeal=Appeal(available=False))
    laws = [rate, enjoins.model_copy(update={"regime": "enjoins"})]
    one = scenario(
        *laws, holder="holder_litigious", implementer="implementer_hold_out", ideal=False, replications=40
    )
    rows = outcomes(one)
    first, second = (rows["frand_rate"][rows["regime"] == place] for place in (0, 1))
    assert first == pytest.approx(second)
    cells = Negotiations(rows, Setting.of(one))
    for name in ("rate_over_baseline", "suit_premium_same_pair"):
        premium = pd.Series(MEASURES[name].rule(cells)).to_numpy().reshape(-1, 2)
        assert np.nanmax(np.abs(premium[:, 0])) == 0.0
        assert np.nanmean(premium[:, 1]) > 0.1


# Levels


def test_how_many_suits_are_brought_is_conduct() -> None:
    """The same law and luck: who waits a year, or for ever, brings fewer suits."""
    shares = []
    for months in (0, 12, 1200):
        holder = strategy("holder_good_faith", sue_after=months, patience=1200)
        one = scenario("upc", holder=holder, implementer="implementer_hold_out", ideal=False, replications=40)
        shares.append(float(outcomes(one)["filed"].mean()))
    assert shares[0] >= shares[1] > shares[2]
    assert shares[0] - shares[2] > 0.5


def test_most_that_stay_unlicensed_were_never_sued() -> None:
    one = load_scenario("cellular", regimes=["staged-baseline"], replications=4)
    rows = run_chunk(build(one), one.seed, range(4))
    left = rows[(rows["counted"] == 1) & (rows["outcome"] == Outcome.UNLICENSED)]
    assert len(left) > 0
    assert (left["filed"] == 0).mean() > 0.8


# What the page of the model left out


@pytest.mark.parametrize(("filed", "since"), [(-1, 26), (30, 6)])
def test_filing_stops_limitation(filed: int, since: int) -> None:
    """Of 24 months: counted back from the month of filing, or from today where nobody has sued."""
    m = opening(CAPPED, {"court.past_use.limitation": 24.0})
    m.suit.filed_month = filed
    assert as_written(bases.recoverable_since)(m, 50, 50) == since


def test_what_a_refusal_to_undertake_is_worth() -> None:
    """``p X_inj + (1 - p) y rho (a + kappa P)``; ``X_inj`` is here ``(1 + w_F) rho (a + kappa P)``."""
    capped = Injunction(test=InjunctionTest.NEAR_AUTOMATIC, cap=InjunctionCap.COURT_RATE)
    m = opening(regime(CourtMode.BOTH, injunction=capped), {"court.scope.order_coverage": 0.9})
    m.outlook.pay = m.outlook.gain = 1e9
    prospect = Prospect(rate=1.0, injunction=0.6, uplift=1.0, past=50.0, damages=0.0)
    rho, base = m.negotiation.frand, 100.0 + 50.0
    for assured, wanted in ((0, 0.9), (1, 0.6 * (1.0 + m.forum.half_range) + 0.4 * 0.9)):
        m.negotiation.assured = assured
        assert as_written(both.expected)(m, prospect, rho, 100.0) == pytest.approx(wanted * rho * base)


def test_a_bid_of_zero_is_not_tabled() -> None:
    """Without a court and without goodwill an implementer would pay nothing, and makes no counter-offer."""
    mean = strategy("implementer_good_faith", goodwill=0)
    shown = film(scenario(regime(), holder="holder_good_faith", implementer=mean), months=12)
    assert (shown.resolved["first_ask_month"][-1, 0], shown.resolved["first_bid_month"][-1, 0]) == (1, -1)


def test_an_appeal_costs_its_filing_and_its_months() -> None:
    m = opening(CAPPED, {"court.durations.appeal": 12.0})
    m.suit.judgment, m.suit.court_rate = RATE_SET, m.negotiation.frand
    gains = as_written(shadow.gains_from_appeal)
    before = np.array(gains(m, 0))
    m.market.cost_filing += 0.5
    m.market.cost_monthly += 0.1
    cost = (0.5 + 0.1 * m.forum.appeal_months) * m.forum.litigation_factor
    assert m.forum.appeal_months == 12
    assert before - np.array(gains(m, 0)) == pytest.approx([cost, cost])


@pytest.mark.parametrize("factor", [0.99, 1.01])
def test_the_court_s_licence_is_taken_where_leaving_costs_more(factor: float) -> None:
    """Leaving the forum costs ``r_c kappa P (x + omega (1-x)) + x g_net a + omega (1-x) r_c a``."""
    numbers = {"court.scope.forum_share": 0.3, "court.scope.collectable_remainder": 0.5}
    m = opening(regime(CourtMode.BOTH), numbers)
    rate = m.suit.court_rate = m.negotiation.frand
    as_written(both.takes_licence)(m, 0, rate, 50.0)
    future, pay = m.outlook.future_i, m.outlook.pay
    leaving = rate * 50.0 * 0.65 + 0.3 * pay + 0.35 * rate * future
    ordered = factor * leaving / (future + 50.0)
    assert as_written(both.takes_licence)(m, 0, ordered, 50.0) == (factor < 1)


# Verdicts


def test_no_share_is_told_of_few_points() -> None:
    told = {"share": 0.5, "share_low": 0.4, "share_high": 0.6}
    assert "50" in told_share(told | {"points": 30})
    assert "50" not in told_share(told | {"points": 29})


def test_what_the_model_lacks_is_no_verdict(root: Path) -> None:
    """Claims whose mechanism is absent stand in a list of their own on the page of findings."""
    absent = pd.read_csv(root / "experiments" / "not_testable.csv")
    page = (root / "results" / "README.md").read_text(encoding="utf-8")
    table = page.partition("**Not testable here**")[2]
    assert len(absent) > 0
    for claim in absent["claim"]:
        assert f"| {claim} |" in table
