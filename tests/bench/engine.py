"""The engine against itself: compiler off, Mesa stepping it, two threads, and growth in every direction."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from functools import partial
from pathlib import Path

from simulator.outcomes.rows import Labels, frame
from simulator.spec.scenario import Scenario
from tests.bench.runs import (
    TEN,
    digest,
    handed_on,
    open_months,
    played,
    scenario,
    stepped,
    threaded,
    under,
    with_numbers,
)
from tests.bench.timing import Row, Side, Target, paired, per_unit, row

ROOT = Path(__file__).parents[2]
PLAIN, THREADED = 10, 1000  # replications; in threads enough chunks (of 50) that neither waits for the last
UNCOMPILED = """
import json
from functools import partial
from simulator import compiled
from tests.bench.engine import once, played, scenario, digest, PLAIN
from tests.bench.timing import per_unit
assert not compiled.is_on()
what = scenario("duopoly", replications=PLAIN)
found = digest(played(what))
print(json.dumps({"digest": found, "turns": [per_unit(once(played, what), "cpu") for _ in range(3)]}))
"""


def once(job: object, *arguments: object, units: float = 1.0) -> Side:
    """A job that counts as so many units."""
    assert callable(job)

    def side() -> float:
        job(*arguments)
        return units

    return side


def rows() -> Iterator[Row]:
    """Everything the engine is measured against without a library from outside."""
    yield compiler()
    yield from (mesa(name) for name in ("duopoly", "cellular"))
    yield threads()
    yield from switched()
    yield from growth()


def compiler() -> Row:
    """The compiler: off, in another process, and on."""
    done = subprocess.run(
        [sys.executable, "-c", UNCOMPILED],
        env=os.environ | {"FRANDSIM_COMPILER": "off"},
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    off = json.loads(done.stdout)
    what = scenario("duopoly", replications=PLAIN)
    same = digest(played(what)) == off["digest"]
    many = scenario("duopoly", replications=100 * PLAIN)
    on = [per_unit(once(played, many, units=100)) for _ in range(5)]
    label = f"compiler off / on (duopoly, {PLAIN} replications)"
    return row(label, [slow / fast for slow in off["turns"] for fast in on], same=same)


def mesa(name: str) -> Row:
    """The Mesa model month by month, and a replication of a batch."""
    what, batch = scenario(name), 20
    same = bool(stepped(what).outcomes().equals(frame(played(what, 1), Labels.of(what))))
    label = f"LicensingModel, month by month / compiled ({name}, a replication of {batch})"
    many = once(played, what, batch, units=batch)
    return paired(label, once(stepped, what), many, Target(least=100.0), same=same)


def threads() -> Row:
    """One thread and two."""
    what = scenario("cellular", replications=THREADED)
    same = digest(threaded(what, 1)) == digest(threaded(what, 2))
    label = f"1 thread / 2 threads (cellular, {THREADED} replications, {os.cpu_count()} cores)"
    one, two = once(handed_on, what, 1), once(handed_on, what, 2)
    return paired(label, one, two, Target(least=1.8), same=same, clock="wall")


SWITCHED = {
    "holders.outside": 0.3, "holders.sales": 5.0, "holders.drift": 0.05, "implementers.patents": 0.01,
    "implementers.barrier": 0.15, "licences.term": 48.0, "licences.most_favoured": 1.0,
    "licences.lump_share": 0.3, "licences.cap": 1.0, "relations.suit": 0.3, "relations.threat": 0.1,
    "threats.unthreatened": 0.6,
    "information.sales": 0.3, "information.margin": 0.3, "information.calculation": 0.2,
    "information.charts_secret": 1.0, "information.list_first": 1.0, "information.expiring": 0.3,
    "information.ownership_doubt": 0.1, "sso.mandatory": 1.0, "sso.verified": 0.5, "sso.detection": 0.5,
    "sso.estoppel": 0.5, "sso.commitment": 6.0, "lock_in.alternative": 2.0, "lock_in.fixed": 0.1,
    "lock_in.growing": 6.0, "lock_in.exclusion": 12.0,
}  # fmt: skip
"""Mechanisms of markets that are off unless stated, each inside its plausible range."""
CONTROLS = {
    "court.rate.controls.total_control": 0.5,
    "court.rate.controls.wide_adoption": 0.2,
    "court.rate.controls.adequate_reward": 0.1,
    "court.rate.controls.non_discrimination": 1.0,
}
"""The same of courts: their policy controls."""


def switched() -> Iterator[Row]:
    """A whole run with these mechanisms on over one with all of them off; policy controls apart."""
    off = scenario("cellular", regimes=TEN, replications=20)
    label = "cellular, ten regimes: licences, relations, adoption, information"
    for what, values, aim in (("on", SWITCHED, 2.5), ("and policy controls on", SWITCHED | CONTROLS, None)):
        on = with_numbers(off, values)
        played(on, 1)  # machine code of its own, made before it is timed
        yield paired(f"{label} {what} / off", once(played, on), once(played, off), Target(most=aim))


def growth() -> Iterator[Row]:
    """Time per open negotiation-month as a run grows; 1 is linear."""
    size = partial(scenario, "cellular", implementers=2, months=60)
    base = partial(months, size(replications=25))
    label = "per open negotiation-month:"
    crowd = partial(months, scenario("cellular", implementers=500, months=60))
    within = Target(0.85, 1.15)
    yield paired(f"{label} 100,000 negotiations / 400, docket to match", crowd, base, within, turns=5)
    on = [with_numbers(scenario("cellular", implementers=n, months=60), SWITCHED) for n in (40, 4)]
    some, few = (partial(months, what) for what in on)
    yield paired(f"{label} 8,000 negotiations / 800, mechanisms on", some, few, Target(0.8, 1.2))
    long = partial(months, scenario("cellular", implementers=2, months=240, replications=25))
    yield paired(f"{label} 240 months / 60", long, base, Target(0.8, 1.2))
    ten = scenario("cellular", regimes=TEN, months=60, replications=10)
    alone = [under(ten, place) for place in range(TEN)]
    same = sorted(map(float, played(ten)["paid"])) == sorted(
        float(paid) for one in alone for paid in played(one)["paid"]
    )
    apart = partial(sum_of_months, alone)
    yield paired(f"{label} ten regimes in one run / each alone", partial(months, ten), apart, same=same)
    yield paired(f"{label} 200 replications / 25", partial(months, size(replications=200)), base)


def months(what: Scenario) -> float:
    """Play it; how many negotiation-months were open."""
    return open_months(played(what))


def sum_of_months(runs: list[Scenario]) -> float:
    """Play them one after the other; how many negotiation-months were open in all."""
    return sum(map(months, runs))
