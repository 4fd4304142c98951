"""A law on a market with what was learned there: played, measured again on fresh luck, told in words."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from simulator.batch.estimate import negotiations
from simulator.evolution.game import plan
from simulator.evolution.learned.certificate import max_t
from simulator.evolution.learned.contest import LicensingContest, Lot, Luck, against
from simulator.evolution.learned.files import PLACE, End, kinds_of
from simulator.evolution.learned.regime import PLACES, credible_codings, market_at, metrics_at, spaces_of
from simulator.evolution.learned.stages import START, Played
from simulator.evolution.learned.tables import conduct_rows
from simulator.spec.regime import rules_digest
from simulator.spec.scenario import Scenario

SPACES = ("holder", "implementer")
REPLAYED = 4_000
"""Place of replays in the report lot, apart from what was used while learning."""


@dataclass(frozen=True)
class Law:
    """A regime on a market (a scenario of that regime alone), with what was learned there."""

    scenario: Scenario
    ends: tuple[End, ...]

    @property
    def regime(self) -> str:
        """The name of the regime."""
        return self.scenario.regimes[0].regime

    @property
    def outdated(self) -> bool:
        """Whether an end was learned under other rules than are played now."""
        rules = rules_digest(self.scenario.regimes[0])
        return any(end.certificate is not None and end.certificate.get("rules") != rules for end in self.ends)

    @cached_property
    def contest(self) -> LicensingContest:
        """The game of its kinds in isolated pairs."""
        return LicensingContest(plan(self.scenario, self.regime), spaces_of(self.scenario, SPACES))

    def played(self, names: Iterable[str]) -> Played:
        """Every outcome named by replication, at each stage."""
        span, looked = range(self.scenario.replications), tuple(names)
        result = {(self.regime, START, ""): metrics_at(self.scenario, span, looked)}
        for end in (one for one in self.ends if one.stage != START):
            there = market_at(self.scenario, end.mixes)
            result[self.regime, end.stage, end.start] = metrics_at(there, span, looked)
        return result

    def rows(self, count: int) -> int:
        """Negotiations of a replay, with the deviations on so many replications of each pair of kinds."""
        market = negotiations(self.scenario) * (1 + sum(end.stage != START for end in self.ends))
        sides = [side for side, _ in kinds_of(self.scenario)]
        tried = 0
        for end in self.ends:
            for one in end.deviations:
                rivals = sum(side != sides[one.kind] for side in sides)
                tried += rivals * (1 + len(end.mixes[one.kind].strategies))
        return market + tried * count

    def again(self, count: int) -> Iterator[dict[str, Any]]:
        """The certificate of each end as it was, and what the same deviations gain on fresh luck.

        Of the stages before learning too.  Intervals are simultaneous over the kinds of an end.
        """
        learned = [end for end in self.ends if end.stage not in PLACES]
        places = [(PLACES[end.stage], end) for end in self.ends if end.stage in PLACES]
        for number, end in (*places, *enumerate(learned, 1)):
            if not end.deviations:
                continue
            gains = []
            for best in end.deviations:
                mix, luck = end.mixes[best.kind], Luck(Lot.REPORT, (REPLAYED, number))
                tried = [*mix.strategies, best.strategy]
                paid = against(self.contest, best.kind, tried, end.mixes, luck, range(count))
                gains.append(paid[:, -1] - paid[:, :-1] @ mix.shares)
            gain, low, high = max_t(np.stack(gains, axis=1), self.scenario.seed)
            most = int(gain.argmax())
            yield {
                **dict(
                    zip(PLACE, (self.scenario.market.market, self.regime, end.stage, end.start), strict=True)
                ),
                **{name: cell for name, cell in (end.certificate or {}).items() if name not in PLACE},
                "kind_again": kinds_of(self.scenario)[end.deviations[most].kind][1],
                "gain_again": float(gain[most]),
                "low_again": float(low[most]),
                "high_again": float(high[most]),
                "upper_again": float(high.max()),
            }

    @cached_property
    def told(self) -> list[dict[str, Any]]:
        """What each kind of firm plays at each end, in words, with what in it is not credible."""
        bare = credible_codings(spaces_of(self.scenario, SPACES), self.scenario)
        every = self.scenario.strategies.values()
        named = [[one for one in every if one.party == side] for side, _ in kinds_of(self.scenario)]
        return [
            {"regime": self.regime, "stage": end.stage, "start": end.start, **row}
            for end in self.ends
            for row in conduct_rows(self.contest, end.mixes, bare, named)
        ]
