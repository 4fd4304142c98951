"""Rules of a standard-setting organisation decide which declarations pay, lock-in whether ambush does."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest

from simulator.engine.build import build, new_state
from simulator.engine.run import populate
from simulator.engine.trace import follow
from simulator.spec.regime import Appeal, Injunction, Regime
from simulator.trace.timeline import Timeline
from simulator.vocabulary import Act, CourtMode, Disclosure, InjunctionCap, InjunctionTest, Party
from tests.play import Film, behind, film, outcomes, quantity, regime, scenario, step, strategy

MANDATORY = {"sso.mandatory": 1.0, "sso.estoppel": 1.0}
GATED = regime(CourtMode.DIRECT, liability_gate=True)
ENJOINS = regime(
    CourtMode.INDIRECT,
    injunction=Injunction(test=InjunctionTest.NEAR_AUTOMATIC, cap=InjunctionCap.NONE),
    appeal=Appeal(available=False),
)
FORUM = {
    "court.scope.forum_share": 0.5, "court.injunction.ceiling": 1.0, "implementers.growth": 0.0,
    "court.durations.first_instance": 12.0, "court.injunction.months_excluded": 6.0,
}  # fmt: skip


def holder_at_start(numbers: dict[str, float], **update: Any) -> Any:
    """The holder's record as a market begins."""
    one = strategy("holder_good_faith", **update)
    rules = build(scenario(GATED, holder=one, implementer="implementer_good_faith", numbers=numbers))
    state, blank = new_state(rules)
    populate(rules, state, blank, 1, 0)
    return state.holders[0].copy(), state.negotiations[0].copy()


@pytest.mark.parametrize(("verified", "effective"), [(0.0, 5.0), (0.25, 4.0), (1.0, 1.0)])
def test_over_declaration_survives_as_far_as_nobody_verifies(verified: float, effective: float) -> None:
    """``1 + (o - 1)(1 - v)``, in the share of declarations and in what either side takes it for."""
    numbers = {"sso.verified": verified, "beliefs.suspicion": 0.5}
    holder, negotiation = holder_at_start(numbers, over_declaration=5.0)
    families = float(holder.families)
    assert holder.over == pytest.approx(effective)
    rest = 1.0 - families
    assert holder.declared_share == pytest.approx(families * effective / (families * effective + rest))
    assert negotiation.shift_h == pytest.approx(math.log(effective))
    assert negotiation.shift_i == pytest.approx(0.5 * math.log(effective))


def test_verification_finds_nothing_that_was_not_declared() -> None:
    assert holder_at_start({"sso.verified": 1.0}, over_declaration=0.4)[0].over == pytest.approx(0.4)


@pytest.mark.parametrize(
    ("concealing", "concealed"),
    [({}, 0.0), ({"over_declaration": 0.4}, 0.6), ({"over_declaration": 3.0}, 0.0), ({"ambush": 12}, 1.0)],
)
def test_concealment_costs_what_is_found_out(concealing: dict[str, float], concealed: float) -> None:
    """``q_w (1 - q)`` on what was concealed, if it had to be disclosed and estoppel follows."""
    full = float(holder_at_start({})[0].liability)
    numbers = MANDATORY | {"sso.detection": 0.25}
    found = float(holder_at_start(numbers, **concealing)[0].liability)
    assert found == pytest.approx(full * (1.0 - 0.25 * concealed), rel=1e-12)
    for rule in ("sso.mandatory", "sso.estoppel"):
        lax = holder_at_start(numbers | {rule: 0.0}, **concealing)[0]
        assert float(lax.liability) == full


def test_who_has_not_committed_itself_in_time_has_no_injunction_until_it_does() -> None:
    """ETSI 6.1: three months.  The holder that keeps its commitment back is estopped from month three on."""
    withheld = {"withholds": (Disclosure.FRAND_COMMITMENT,)}
    numbers = {"sso.estoppel": 1.0, "sso.commitment": 3.0, "beliefs.bias": 0.5}

    def of(law: Regime, **conduct: Any) -> Film:
        holder = strategy("holder_good_faith", conduct=conduct, sue_after=60)
        return film(
            scenario(law, holder=holder, implementer="implementer_hold_out", numbers=numbers), months=8
        )

    silent, open_ = of(ENJOINS, **withheld), of(ENJOINS)
    contact = int(silent.resolved["contact"][-1, 0])
    assert np.flatnonzero(silent.resolved["uncommitted"][:, 0])[0] == contact + 3
    assert silent.decided["w_h"][contact + 3, 0] == open_.decided["w_h"][contact + 3, 0]
    assert silent.decided["w_h"][contact + 4, 0] < 0.8 * open_.decided["w_h"][contact + 4, 0]
    assert not open_.resolved["uncommitted"].any()


def test_a_commitment_given_late_restores_the_injunction() -> None:
    asked = step(Act.DISCLOSE, Party.HOLDER, months=9, must_contain=(Disclosure.FRAND_COMMITMENT,))
    law = behind(regime(CourtMode.INDIRECT), owed=asked)
    late = strategy("holder_good_faith", conduct={"reply_delay": quantity(6)})
    numbers = {"sso.estoppel": 1.0, "sso.commitment": 3.0, "beliefs.bias": 0.5}
    one = film(scenario(law, holder=late, implementer="implementer_hold_out", numbers=numbers), months=9)
    assert not one.resolved["uncommitted"].any()  # it means to: only who keeps it back is in breach
    silent = strategy("holder_good_faith", conduct={"withholds": (Disclosure.FRAND_COMMITMENT,)})
    told = scenario(law, holder=silent, implementer="implementer_hold_out", numbers=numbers)
    rules = build(told)
    events = Timeline(told, law, rules.forums[0], follow(rules, 0, 1, 0, 0)).events
    assert sum("has not committed itself" in event.text for event in events) == 1


# Lock-in.


def test_what_leaving_costs_grows_with_use() -> None:
    """``C = (c_0 + c_1 s min(1, use / U)) B`` enters ``G`` at judgment: ``R_h`` rises by ``beta dC / l``."""
    lock = {"lock_in.fixed": 0.1, "lock_in.growing": 5.0, "lock_in.months": 40.0}
    parties: dict[str, Any] = {"holder": "holder_good_faith", "implementer": "implementer_hold_out"}
    quiet = FORUM | {"bargaining.holder_weight": 0.5, "bargaining.sue_after": 100.0}
    bare, locked = (
        film(scenario(ENJOINS, numbers=quiet | more, **parties), months=40) for more in ({}, lock)
    )
    imp = bare.implementers[0, 0]
    rules = build(scenario(ENJOINS, numbers=quiet | lock, **parties))
    state, blank = new_state(rules)
    populate(rules, state, blank, 1, 0)
    s_h = float(state.holders[0].share)
    for month in (3, 20, 35):
        leaving = (0.1 + 5.0 * s_h * min(1.0, (month + 12) / 40)) * float(imp.scale)
        rise = float(locked.decided["w_h"][month, 0] - bare.decided["w_h"][month, 0])
        assert rise == pytest.approx(0.5 * leaving, rel=1e-9)


def test_what_replaces_the_standard_takes_longer_with_use() -> None:
    """``M = M_0 + M_1 min(1, use / U)`` months of exclusion."""
    longer = {"lock_in.exclusion": 12.0, "lock_in.months": 30.0}
    parties: dict[str, Any] = {"holder": "holder_good_faith", "implementer": "implementer_hold_out"}
    quiet = FORUM | {"bargaining.holder_weight": 0.5, "bargaining.sue_after": 100.0}
    bare, locked = (
        film(scenario(ENJOINS, numbers=quiet | more, **parties), months=20) for more in ({}, longer)
    )
    imp, before = bare.implementers[0, 0], bare.decided[3, 0]
    net = float(imp.margin) - float(imp.stack) - max(0.0, float(imp.estimates) - float(before.counted))
    for month in (3, 10, 18):
        more = int(6 + 12 * min(1.0, (month + 12) / 30)) - 6
        rise = float(locked.decided["w_h"][month, 0] - bare.decided["w_h"][month, 0])
        assert rise == pytest.approx(0.5 * 0.5 * net * more * float(imp.scale), rel=1e-6)


def test_nobody_pays_more_than_leaving_costs() -> None:
    """``R_i l_i <= nu rho a + C(t) + d^D q rho kappa P``, without discount ``rho (nu a + P) + C``."""
    lock = {"lock_in.alternative": 1.0, "lock_in.fixed": 0.02}
    parties: dict[str, Any] = {"holder": "holder_good_faith", "implementer": "implementer_hold_out"}
    quiet = FORUM | {"bargaining.holder_weight": 0.5, "bargaining.sue_after": 100.0}
    bare, bound = (film(scenario(ENJOINS, numbers=quiet | more, **parties), months=20) for more in ({}, lock))
    scale = float(bare.implementers[0, 0].scale)
    for month in (2, 10, 18):
        rho = float(bound.decided["rho_i"][month, 0])
        to_come, past = (120 - month) * scale, (month + 12) * scale  # at judgment, a year of use more is past
        most = (rho * (to_come + past) + 0.02 * scale) / (120 * scale)
        free = float(bare.decided["r_i"][month, 0])
        assert bound.decided["r_i"][month, 0] == pytest.approx(min(most, free), rel=1e-9)
    assert (bound.decided["r_i"][2:, 0] < bare.decided["r_i"][2:, 0]).any()


def test_an_ambush_pays_only_where_use_locks_in() -> None:
    """Without lock-in what is lost of the past decides; with it, what leaving costs by then."""
    fair = strategy("holder_good_faith")
    ambush = strategy("holder_good_faith", ambush=48).model_copy(update={"strategy": "late"})
    past = {
        "court.past_use.limitation": 12.0,
        "court.past_use.licence_share": 0.5,
        "lock_in.alternative": 1.0,
    }
    quiet = FORUM | past | {"bargaining.holder_weight": 0.5, "beliefs.bias": 0.0}

    def paid(holder: Any, **lock: float) -> float:
        numbers = quiet | {f"lock_in.{name}": value for name, value in lock.items()}
        one = scenario(
            ENJOINS, holder=holder, implementer="implementer_hold_out", numbers=numbers, replications=20
        )
        return float(outcomes(one)["paid"].sum())

    assert paid(ambush) < paid(fair)
    assert paid(ambush, growing=60.0, months=60.0) > paid(fair, growing=60.0, months=60.0)
