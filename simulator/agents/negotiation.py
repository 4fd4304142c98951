"""A negotiation as one of its two parties sees it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from simulator.compiled import as_written
from simulator.engine.draws import uniform
from simulator.engine.protocol import estimates, may_perform
from simulator.engine.state import Matter, matter
from simulator.engine.suits import may_appeal, may_ask_for_rate, may_sue
from simulator.spec.regime import Step
from simulator.vocabulary import Party, Status

if TYPE_CHECKING:
    from simulator.agents.firms import Implementer, SEPHolder
    from simulator.agents.model import LicensingModel


OWN_CHANCE = 1000  # purpose of the draws of strategies written in Python, plus the side

DRAWS_A_MONTH = 1000


class Negotiation:
    """A negotiation as one of its two parties sees it in the month being played."""

    __slots__ = ("index", "model", "side")

    def __init__(self, model: LicensingModel, index: int, side: Party) -> None:
        self.model, self.index, self.side = model, index, side

    def __repr__(self) -> str:
        record = self._record
        parties = f"holder {record.holder} and implementer {record.implementer}"
        return f"<Negotiation of {parties}, {self.status.name}>"

    @property
    def _record(self) -> Any:
        return self.model.state.negotiations[self.index]

    @property
    def _matter(self) -> Matter:
        """The records it hangs on, as the engine's rules are handed them."""
        model = self.model
        return as_written(matter)(
            model.rules, model.state, self.index, model.place, model.seed, model.replication
        )

    @property
    def holder(self) -> SEPHolder:
        """The SEP holder."""
        return self.model.holders[int(self._record.holder)]

    @property
    def implementer(self) -> Implementer:
        """The implementer."""
        return self.model.implementers[int(self._record.implementer)]

    @property
    def age(self) -> int:
        """Months since first contact."""
        return self.model.month - int(self._record.contact)

    @property
    def status(self) -> Status:
        """Where it stands at the start of the month."""
        return Status(int(self._record.status))

    @property
    def step_name(self) -> str:
        """The protocol step that is due, by its name in the regime's file."""
        return self.model.regime.order()[int(self._record.step)]

    @property
    def step(self) -> Step:
        """The protocol step that is due."""
        return self.model.regime.steps[self.step_name]

    @property
    def ask(self) -> float | None:
        """The holder's standing offer, of price."""
        return _positive(self._record.last_ask)

    @property
    def bid(self) -> float | None:
        """The implementer's standing offer, of price."""
        return _positive(self._record.last_bid)

    @property
    def estimate(self) -> float:
        """This party's own estimate of the FRAND rate, of price.  The true rate is seen by nobody."""
        return float(estimates(self._record)[self.side])

    @property
    def reservation_rate(self) -> float:
        """The rate at which this party prefers court or waiting, as it last reckoned; of price."""
        return float(self._record.r_h if self.side == Party.HOLDER else self._record.r_i)

    @property
    def may_perform(self) -> bool:
        """Whether this party has a part in the step that is due, not yet done."""
        m = self._matter
        due = may_perform(m.step, m.negotiation, int(self.side), self.model.month)
        return bool(self.status == Status.TALKS and due)

    @property
    def may_accept(self) -> bool:
        """Whether there is an offer of the other side to accept."""
        theirs = self.bid if self.side == Party.HOLDER else self.ask
        return self.status == Status.TALKS and theirs is not None

    @property
    def may_file(self) -> bool:
        """Whether the regime lets this party go to court this month."""
        if self.status != Status.TALKS:
            return False
        rule = may_sue if self.side == Party.HOLDER else may_ask_for_rate
        return bool(rule(self._matter, self.model.month))

    @property
    def may_appeal(self) -> bool:
        """Whether the regime lets this party appeal this month."""
        return bool(may_appeal(self._matter, int(self.side), self.model.month))

    def uniform(self, number: int = 0) -> float:
        """A uniform number in [0, 1) of this party's own, the same under every regime and in every replay.

        ``number`` (0 to 999) tells several draws of a month apart.  Use it instead of a generator: the
        comparison of regimes rests on their sharing chance.
        """
        if not 0 <= number < DRAWS_A_MONTH:
            raise ValueError(f"number: got {number}, must lie in [0, {DRAWS_A_MONTH - 1}]")
        address = DRAWS_A_MONTH * self.model.month + number
        model = self.model
        return float(uniform(model.seed, model.replication, self.index, OWN_CHANCE + self.side, address))


def _positive(value: float) -> float | None:
    return float(value) if value > 0.0 else None
