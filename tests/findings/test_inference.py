"""Effects and verdicts: what they equal, how often they are right, and the engine put to the same tests."""

from __future__ import annotations

from functools import cache

import numpy as np
import pytest
from scipy import stats

from simulator.engine.build import build
from simulator.engine.run import run_chunk
from simulator.outcomes.measures import METRICS, measure
from simulator.outcomes.negotiations import Negotiations, Setting, Values
from simulator.spec.load import load_scenario
from simulator.spec.scenario import Scenario
from simulator.statistics.inference import (
    Expected,
    Verdict,
    bca,
    best,
    claim_p,
    convergence,
    crossed,
    effect,
    equivalence,
    known,
    look,
    sign_flip,
    standardised,
    verdict,
)
from simulator.statistics.intervals import interval
from simulator.statistics.paired import differences, fdr, paired, replications_needed


@pytest.fixture
def luck() -> np.random.Generator:
    return np.random.default_rng(23)


@cache
def duopoly(*regimes: str, replications: int = 20) -> Scenario:
    return load_scenario("duopoly", regimes=list(regimes), replications=replications)


# One effect


def test_an_effect_is_what_the_library_says(luck: np.random.Generator) -> None:
    gap = luck.exponential(size=40) - 0.6
    found, test = effect(gap, seed=4), stats.ttest_1samp(gap, 0)
    assert [found.n, found.mean, found.sd, found.p] == pytest.approx(
        [40, gap.mean(), gap.std(ddof=1), test.pvalue]
    )
    assert [found.low, found.high] == pytest.approx(list(test.confidence_interval(0.95)))
    assert found.d == pytest.approx(gap.mean() / gap.std(ddof=1))
    again = stats.bootstrap(
        (gap,), np.mean, n_resamples=1999, rng=np.random.default_rng(4)
    ).confidence_interval
    assert (found.bca_low, found.bca_high) == pytest.approx(tuple(again))
    assert found.bca_high - found.mean > found.mean - found.bca_low  # it follows the skew


def test_the_same_seed_gives_the_same_bits(luck: np.random.Generator) -> None:
    gap = luck.normal(size=30)
    assert effect(gap, seed=5) == effect(gap, seed=5)
    assert effect(gap, seed=5).bca_low != effect(gap, seed=6).bca_low


def test_missing_values_are_left_out(luck: np.random.Generator) -> None:
    gap = luck.normal(size=12)
    assert effect(np.r_[np.nan, gap, np.nan]) == effect(gap)


def test_flips_are_exact_in_small_samples() -> None:
    # of the 16 sign patterns, 2 have a mean as far out as all positive
    assert sign_flip(np.array([0.1, 0.3, 0.2, 0.4])) == 2 / 16


def test_only_what_is_equal_by_construction_has_no_width() -> None:
    flat, zero = (
        effect(np.full(6, 0.5), equal=True),
        effect(np.array([1e-17, -2e-17, 0.0]), equal=True),
    )
    assert (flat.low, flat.high, flat.bca_low, flat.p) == (0.5, 0.5, 0.5, 0)
    assert (zero.mean, zero.low, zero.high, zero.p, zero.p_flip) == (0, 0, 0, 1, 1)
    assert np.isnan(flat.d)


def test_agreement_of_all_replications_is_no_certainty() -> None:
    """The rule of three: of 100 without an event one in 27 may have it; without a range nothing is known."""
    bounded, free = effect(np.zeros(100), bounds=(-1, 1)), effect(np.full(6, 0.5))
    assert [bounded.low, bounded.high] == pytest.approx([-0.037, 0.037], abs=1e-3)
    assert bounded.p == 1
    assert np.isnan([free.low, free.high, free.bca_low, free.d]).all()
    assert claim_p(np.full(6, 0.5), "positive") == 1
    assert claim_p(np.zeros(12), "positive") == 1
    assert claim_p(np.zeros(12), "zero", 0.01) == 1


@pytest.mark.parametrize("share", [0.002, 0.068, 0.109])
@pytest.mark.parametrize("n", [10, 12, 100])
def test_a_rare_event_contradicts_no_true_claim(luck: np.random.Generator, share: float, n: int) -> None:
    """Sure in no batch that misses the event: true claims were "contradicted" in up to 98 % of batches."""
    fell = 0
    for gap in (luck.random((300, n)) < share).astype(float):
        seen = look(gap, (-1, 1))
        low, high = interval(seen)
        said = verdict(float(low), float(high), claim_p(seen, "positive"), "positive")
        fell += said == Verdict.CONTRADICTED
    assert fell / 300 <= 0.05


def test_one_replication_has_a_mean_and_nothing_else() -> None:
    one = effect(np.array([0.5]))
    assert (one.n, one.mean) == (1, 0.5)
    assert np.isnan([one.low, one.bca_high, one.d, one.p]).all()
    assert effect(np.array([np.nan])).n == 0
    assert np.isnan(claim_p(np.array([0.5]), "positive"))
    assert np.isnan(equivalence(np.array([0.5]), 1))


@pytest.mark.parametrize(("t", "n"), [(0.0, 2), (2.5, 25), (-2.6, 20), (29.9, 4), (29.9, 4000), (-12.7, 2)])
def test_the_interval_of_d_inverts_the_noncentral_t(t: float, n: int) -> None:
    d, low, high = standardised(t, n)
    assert d == pytest.approx(t / np.sqrt(n))
    assert stats.nct.cdf(t, n - 1, low * np.sqrt(n)) == pytest.approx(0.975)
    assert stats.nct.cdf(t, n - 1, high * np.sqrt(n)) == pytest.approx(0.025)


def test_far_out_the_interval_of_d_goes_on_smoothly() -> None:
    near, far = standardised(29.999, 200), standardised(30.001, 200)
    assert far == pytest.approx(near, rel=0.01)


# How often intervals and tests are right: stated tolerances, n = 30


@pytest.mark.parametrize(
    ("shape", "t_at_least", "bca_at_least"),
    [("normal", 0.935, 0.92), ("exponential", 0.90, 0.90), ("lognormal", 0.85, 0.85)],
)
def test_intervals_cover_about_as_often_as_they_say(
    luck: np.random.Generator, shape: str, t_at_least: float, bca_at_least: float
) -> None:
    """1000 samples of 30: 95 % less what skew is known to cost, and never above 97 %."""
    draw = {
        "normal": (lambda: luck.normal(size=(30, 1000)), 0.0),
        "exponential": (lambda: luck.exponential(size=(30, 1000)), 1.0),
        "lognormal": (lambda: luck.lognormal(0, 1, size=(30, 1000)), float(np.exp(0.5))),
    }
    sample, truth = draw[shape][0](), draw[shape][1]
    intervals = paired(sample, np.zeros_like(sample))
    low, high = intervals["low"], intervals["high"]
    assert t_at_least <= float(((low <= truth) & (truth <= high)).mean()) <= 0.97
    low, high = bca(sample, resamples=999)
    assert bca_at_least <= float(((low <= truth) & (truth <= high)).mean()) <= 0.97


def test_the_interval_of_d_covers(luck: np.random.Generator) -> None:
    samples = luck.normal(0.5, 1, size=(300, 30))
    bounds = [standardised(float(stats.ttest_1samp(sample, 0).statistic), 30) for sample in samples]
    assert np.mean([low <= 0.5 <= high for _, low, high in bounds]) == pytest.approx(0.95, abs=0.04)


def test_equivalence_errs_one_time_in_twenty_at_the_margin(luck: np.random.Generator) -> None:
    samples = luck.normal(0.5, 1, size=(600, 60))
    assert np.mean([equivalence(sample, 0.5) < 0.05 for sample in samples]) == pytest.approx(0.05, abs=0.03)


@pytest.mark.parametrize("expected", ["positive", "negative", "zero"])
def test_a_claim_that_is_true_by_nothing_is_seldom_decided(
    luck: np.random.Generator, expected: Expected
) -> None:
    samples = luck.normal(0.0, 1, size=(600, 30))
    assert np.mean([claim_p(sample, expected) < 0.05 for sample in samples]) == pytest.approx(0.05, abs=0.03)


# Verdicts


@pytest.mark.parametrize(
    ("low", "high", "p", "expected", "margin", "said"),
    [
        (0.1, 0.3, 0.01, "positive", 0.0, "supported"),
        (0.1, 0.3, 0.01, "negative", 0.0, "contradicted"),
        (-0.3, -0.1, 0.01, "negative", 0.0, "supported"),
        (-0.3, -0.1, 0.01, "positive", 0.0, "contradicted"),
        (-0.1, 0.3, 0.3, "positive", 0.0, "undecided"),
        (0.1, 0.3, 0.06, "positive", 0.0, "undecided"),  # not after adjustment
        (0.1, 0.3, 0.01, "positive", 0.2, "undecided"),  # may be smaller than matters
        (0.1, 0.3, 0.01, "positive", 0.4, "too small to matter"),
        (-0.3, 0.1, 0.01, "positive", 0.4, "too small to matter"),
        (-0.5, 0.1, 0.01, "positive", 0.4, "contradicted"),  # not as claimed, perhaps the other way
        (-0.1, 0.1, 0.01, "zero", 0.2, "supported"),
        (-0.1, 0.1, 0.3, "zero", 0.05, "undecided"),
        (0.1, 0.3, 0.01, "zero", 0.05, "contradicted"),
        (-0.3, -0.1, 0.01, "zero", 0.05, "contradicted"),
        (0.0, 0.0, 0.0, "zero", 0.0, "supported"),  # exactly zero in every replication
        (0.0, 0.0, 0.0, "positive", 0.0, "too small to matter"),
        (np.nan, np.nan, np.nan, "zero", 0.1, "undecided"),
    ],
)
def test_a_verdict_follows_its_rule(
    low: float, high: float, p: float, expected: Expected, margin: float, said: str
) -> None:
    assert verdict(low, high, p, expected, margin) == Verdict(said)


def judged(gap: Values, expected: Expected, margin: float = 0.0, *, equal: bool = False) -> Verdict:
    found, seen = effect(gap, equal=equal), look(gap, equal=equal)
    return verdict(found.low, found.high, claim_p(seen, expected, margin), expected, margin)


def test_interval_and_p_value_never_point_apart(luck: np.random.Generator) -> None:
    """With one claim a sign is decided exactly where its interval excludes the margin."""
    for shift in np.linspace(-1, 1, 41):
        gap = luck.normal(shift, 1, size=25)
        found = effect(gap)
        assert (judged(gap, "positive", 0.2) != Verdict.UNDECIDED) == (not found.low <= 0.2 <= found.high)


def test_a_zero_is_supported_only_with_a_margin(luck: np.random.Generator) -> None:
    gap = luck.normal(0, 1, size=400)
    gap -= gap.mean()
    assert judged(gap, "zero", 0.2) == Verdict.SUPPORTED
    assert judged(gap, "zero") == Verdict.UNDECIDED
    assert judged(gap + 1, "zero", 0.2) == Verdict.CONTRADICTED


@pytest.mark.parametrize("points", [8, 32])
@pytest.mark.parametrize("luck_sd", [0.1, 1.0])
def test_an_interval_over_points_and_luck_covers_the_mean_over_the_space(
    luck: np.random.Generator, points: int, luck_sd: float
) -> None:
    """Effects differ over the space, luck moves all points together; given the points 71 to 94 % covered."""
    covered, given = 0, 0
    for _ in range(600):
        slope = luck.normal(1, 0.3, size=(20, 1))  # of a parameter drawn uniformly: the mean effect is .5
        x = luck.random(points)
        gap = slope * x + luck.normal(0, luck_sd, size=(20, 1)) + luck.normal(0, 0.1, size=(20, points))
        seen = look(gap.mean(axis=1))
        over = crossed(gap, seen)
        low, high = interval(seen)
        covered += over.low <= 0.5 <= over.high
        given += bool(low <= 0.5 <= high)
    assert covered / 600 == pytest.approx(0.95, abs=0.035)
    assert given <= covered


@pytest.mark.slow
def test_a_claim_on_a_space_errs_one_time_in_twenty_at_the_edge(luck: np.random.Generator) -> None:
    """True effect exactly at the margin: verdicts over points and luck are wrong no more than they say."""
    decided = {"points and luck": 0, "luck": 0}
    for _ in range(600):
        gap = luck.random(8) + luck.normal(0, 0.2, size=(20, 1))
        seen = look(gap.mean(axis=1))
        for name, over in (("points and luck", crossed(gap, seen)), ("luck", None)):
            low, high = (over.low, over.high) if over else map(float, interval(seen))
            said = verdict(low, high, claim_p(seen, "positive", 0.5, over), "positive", 0.5)
            decided[name] += said != Verdict.UNDECIDED
    assert decided["points and luck"] / 600 <= 0.075
    assert decided["luck"] / 600 > 0.15


def test_points_and_rare_luck_are_joined_bound_by_bound() -> None:
    gap = np.linspace(-0.05, 0.05, 12) + np.zeros((40, 1))
    gap[0] += 1.0
    seen = look(gap.mean(axis=1), (-2, 2))
    over, (low, high) = crossed(gap, seen), interval(seen)
    assert over.low < float(low)
    assert over.high > float(high)
    nothing = crossed(np.zeros((40, 12)), look(np.zeros(40), (-1, 1)))
    assert (nothing.low, nothing.high) == pytest.approx((-0.0876, 0.0876), abs=1e-3)


def test_false_discoveries_are_adjusted_as_in_the_paper() -> None:
    # Benjamini and Hochberg (1995), section 3: four of the fifteen p values stand at 5 %
    p = np.array([1, 4, 19, 95, 201, 278, 298, 344, 459, 3240, 4262, 5719, 6528, 7590, 10000]) / 1e4
    assert (fdr(p) <= 0.05).sum() == 4
    assert fdr(np.array([np.nan, 0.02]))[1] == 0.02


# The engine put to the test


def outcomes(scenario: Scenario, metric: str) -> Values:
    """A metric of each replication under each regime: (replications, regimes)."""
    setting = Setting.of(scenario)
    rows = run_chunk(build(scenario), scenario.seed, range(scenario.replications))
    return METRICS[metric].rule(Negotiations(rows, setting)).reshape(-1, len(setting.regimes))


def test_a_regime_against_itself_under_other_luck_gives_uniform_p_values() -> None:
    """200 pairs of seeds; differences of like with like are symmetric, so flipping signs is exact."""
    scenario = duopoly("staged-baseline")
    rules, setting = build(scenario), Setting.of(scenario)

    def played(seed: int) -> list[Values]:
        n = Negotiations(run_chunk(rules, seed, range(20)), setting)
        return [METRICS[name].rule(n) for name in ("efficiency", "effective_rate_over_frand")]

    gaps = [np.subtract(played(seed), played(10_000 + seed)) for seed in range(1, 201)]
    for metric in range(2):
        p = [sign_flip(gap[metric], seed=place) for place, gap in enumerate(gaps)]
        assert stats.kstest(p, "uniform").pvalue > 0.01
        assert np.mean(np.array(p) < 0.05) < 0.1


def test_a_renamed_regime_under_the_same_luck_differs_by_exactly_zero() -> None:
    scenario = duopoly("eu-hvzte-2015")
    same = scenario.regimes[0].model_copy(update={"regime": "another-name"})
    both = scenario.model_copy(update={"regimes": (*scenario.regimes, same)})
    rows = run_chunk(build(both), 1, range(20))
    found = differences(measure(rows, Setting.of(both)), "eu-hvzte-2015", ["another-name"])
    defined = found[found["replications"] > 1]
    assert len(defined) > 25
    assert (defined[["mean", "low", "high"]] == 0).all(axis=None)
    gap = np.ptp(outcomes(both, "effective_rate_over_frand"), axis=1)
    assert (gap == 0).all()
    assert judged(gap, "zero", equal=True) == Verdict.SUPPORTED
    assert judged(gap, "zero") == Verdict.UNDECIDED


def test_a_planted_false_claim_is_contradicted() -> None:
    """Without a court implementers pay less; the claim that they pay more must fall, its reverse stand."""
    values = outcomes(duopoly("eu-hvzte-2015", "none", replications=60), "effective_rate_over_frand")
    gap = values[:, 1] - values[:, 0]
    assert judged(gap, "positive") == Verdict.CONTRADICTED
    assert judged(gap, "negative") == Verdict.SUPPORTED
    assert judged(gap, "zero", margin=0.01) == Verdict.CONTRADICTED


# Which is best


def test_the_probability_of_being_best(luck: np.random.Generator) -> None:
    common = luck.normal(0, 5, size=(80, 1))
    values = common + luck.normal([0.0, 0.0, -1.0], 1, size=(80, 3))
    found = best(values, ["a", "b", "c"], better=1, seed=2)
    assert found["p_best"].sum() == pytest.approx(1)
    assert found["p_best"].tolist()[2] < 0.01
    assert found["rank"].sum() == pytest.approx(6)
    # for two regimes it is the chance that a difference of this size and error is positive
    gap = values[:, 0] - values[:, 1]
    chance = stats.norm.cdf(gap.mean() / stats.sem(gap))
    assert found["p_best"].tolist()[0] == pytest.approx(chance, abs=0.03)
    assert found["may_be_best"].tolist() == [True, True, False]
    lower = best(-values, ["a", "b", "c"], better=-1, seed=2)
    assert lower["p_best"].tolist() == found["p_best"].tolist()
    assert lower["mean"].tolist() == (-found["mean"]).tolist()


def test_equal_regimes_share_the_first_place(luck: np.random.Generator) -> None:
    one = luck.normal(size=30)
    behind = one - 9 + 0.1 * luck.normal(size=30)
    found = best(np.column_stack([one, one, behind]), ["a", "b", "c"], better=1)
    assert found["p_best"].tolist() == [0.5, 0.5, 0]
    assert found["rank"].tolist() == [1.5, 1.5, 3]
    assert found["may_be_best"].tolist() == [True, True, False]
    # a gap of the same size in all replications proves nothing where the outcome has no range
    assert best(np.column_stack([one, one - 9]), ["a", "b"], better=1)["may_be_best"].all()


def test_one_replication_names_no_best() -> None:
    found = best(np.array([[1.0, 2.0]]), ["a", "b"], better=1)
    assert found["mean"].tolist() == [1, 2]
    assert found["p_best"].isna().all()
    assert found["may_be_best"].all()


def test_the_subset_holds_the_best_as_often_as_it_says(luck: np.random.Generator) -> None:
    """Nearly equal means are the hardest case: the best of six is dropped at most 5 % of the time."""
    kept = []
    for _ in range(400):
        values = luck.normal(0, 2, size=(25, 1)) + luck.normal([0.01, 0, 0, 0, 0, 0], 1, size=(25, 6))
        kept.append(best(values, list("abcdef"), better=1, resamples=1)["may_be_best"].tolist()[0])
    assert np.mean(kept) >= 0.93


def test_convergence_ends_at_the_whole_sample(luck: np.random.Generator) -> None:
    sample = luck.normal(3, 2, size=500)
    table = convergence(sample)
    last, tenth = table.iloc[-1], table[table["n"] <= 50].iloc[-1]
    whole, part = effect(sample), effect(sample[: int(tenth["n"])])
    assert list(last[["n", "mean", "low", "high"]]) == pytest.approx([500, whole.mean, whole.low, whole.high])
    assert list(tenth[["mean", "low", "high"]]) == pytest.approx([part.mean, part.low, part.high])
    assert table["n"].is_monotonic_increasing
    assert len(table) <= 60
    assert convergence(np.array([1.0])).empty


def test_two_regimes_are_told_apart_at_the_size_power_promises(luck: np.random.Generator) -> None:
    n = int(replications_needed(np.array([0.4]), np.array([1.0]))[0])
    found = [claim_p(luck.normal(0.4, 1, size=n), "positive") < 0.05 for _ in range(600)]
    assert np.mean(found) == pytest.approx(0.8, abs=0.05)


def test_rounding_is_not_an_effect() -> None:
    assert known(np.array([3e-16, -1e-16])).tolist() == [0, 0]
    assert known(np.array([1e-6, np.nan])).tolist() == [1e-6]
