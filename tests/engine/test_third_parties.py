"""Questions and answers, a neutral expert, a tribunal by consent: what each tells and costs, who wants it."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from simulator.spec.regime import Arbitration, Breach
from simulator.vocabulary import Act, Consequence, CourtMode, Fault, Outcome, Party
from tests.play import behind, film, regime, scenario, step, strategy

SPREAD = {"beliefs.spread": 0.3, "standard.horizon": 60.0, "court.settlement.meeting_probability": 0.0}


def two(law: Any, numbers: dict[str, float] | None = None, **refuses: tuple[Act, ...]) -> Any:
    parties: dict[str, Any] = {
        side: strategy(f"{side}_good_faith", conduct={"refuses": refuses.get(side, ())})
        for side in ("holder", "implementer")
    }
    return scenario(law, **parties, numbers=SPREAD | (numbers or {}))


def learnt(before: float, sd: float) -> float:
    """Variance of a belief after one signal."""
    return 1.0 / (1.0 / before + 1.0 / sd**2)


def test_answers_inform_both_sides() -> None:
    law = behind(regime(), answers=step(Act.ANSWER, Party.HOLDER))
    told = film(two(law, {"beliefs.answers": 0.6})).resolved[:, 0]
    assert told["acts_answers"].max() == 1
    month = int(np.argmax(told["acts_answers"] == 1))
    for side in ("v_h", "v_i"):
        assert told[side][month] == pytest.approx(learnt(0.3**2, 0.6))
    silent = film(two(law, holder=(Act.ANSWER,))).resolved[:, 0]
    assert silent["acts_answers"].max() == 0
    assert silent["v_i"][month] == pytest.approx(0.3**2)


def test_an_expert_is_heard_once_both_ask_and_costs_each_its_half() -> None:
    law = behind(regime(), expert=step(Act.ASK_EXPERT, Party.BOTH))
    numbers = {"beliefs.expert": 0.2, "costs.expert": 0.3}
    told = film(two(law, numbers)).resolved[:, 0]
    month = int(np.argmax(told["acts_expert"] == 1))
    assert told["acts_expert"].max() == 1
    assert told["v_h"][month] == pytest.approx(learnt(0.3**2, 0.2))
    assert told["mu_h"][month] != told["mu_h"][0]
    for side in ("cost_h", "cost_i"):
        assert told[side][month] == pytest.approx(0.3)
    for refuser in ("holder", "implementer"):
        alone = film(two(law, numbers, **{refuser: (Act.ASK_EXPERT,)})).resolved[:, 0]
        assert alone["acts_expert"].max() == 0
        assert alone["cost_h"][month] == 0.0


def by_consent(tribunal_months: float, tribunal_cost: float, **more: float) -> Any:
    """A free step to a tribunal before open talks, and a court that is slow, dear and blind to nothing."""
    law = regime(CourtMode.DIRECT, arbitration=Arbitration(form="conventional"))
    law = behind(law, tribunal=step(Act.ARBITRATE, Party.BOTH, 2))
    numbers = {
        "court.arbitration.months": tribunal_months,
        "court.arbitration.cost": tribunal_cost,
        "court.durations.first_instance": 30.0,
        "costs.trial": 5.0,
        "beliefs.spread": 0.0,
    } | more
    return film(two(law, numbers)).row


def test_a_tribunal_is_called_where_both_have_less_to_fear_from_it() -> None:
    assert by_consent(6.0, 0.1).outcome == Outcome.ARBITRAL_AWARD


def test_no_tribunal_where_it_costs_more_than_the_court() -> None:
    row = by_consent(6.0, 50.0)
    assert row.outcome != Outcome.ARBITRAL_AWARD
    assert row.faults == 0  # nothing follows from not agreeing to one


@pytest.mark.parametrize("refuser", ["holder", "implementer"])
def test_one_side_alone_calls_no_tribunal(refuser: str) -> None:
    law = regime(CourtMode.DIRECT, arbitration=Arbitration(form="conventional"))
    law = behind(law, tribunal=step(Act.ARBITRATE, Party.BOTH, 2))
    one = two(law, {"court.arbitration.cost": 0.1, "costs.trial": 5.0}, **{refuser: (Act.ARBITRATE,)})
    assert film(one).row.outcome != Outcome.ARBITRAL_AWARD


def test_a_tribunal_that_the_law_asks_for_is_no_matter_of_consent() -> None:
    """With a fault behind it the step is a duty, whatever the tribunal costs."""
    duty = Breach(fault=Fault.HOLDER_REFUSES_ADR, consequence=Consequence.FAULT_ONLY, go="next")
    law = regime(CourtMode.DIRECT, arbitration=Arbitration(form="conventional"))
    law = behind(law, tribunal=step(Act.ARBITRATE, Party.BOTH, 2, if_missed=duty))
    row = film(two(law, {"court.arbitration.cost": 50.0})).row
    assert row.outcome == Outcome.ARBITRAL_AWARD
