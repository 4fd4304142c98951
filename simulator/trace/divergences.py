"""Where two regimes part: the first month in which the same negotiation goes different ways, and why."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from simulator.spec.phrases import DOCUMENTS, listing, months
from simulator.trace.scene import Scene
from simulator.trace.timeline import ENDS, Timeline
from simulator.vocabulary import Act, CourtMode, Disclosure, Move, Outcome, Status


@dataclass(frozen=True)
class Divergent:
    """Something the two sides faced otherwise: what, under the first regime, under the second."""

    what: str
    first: str
    second: str


@dataclass(frozen=True)
class Divergence:
    """The first month of a difference in what was done, what was done, and what the sides had faced."""

    what: str
    month: int
    first: str
    second: str
    why: tuple[Divergent, ...]


def divergences(first: Timeline, second: Timeline) -> list[Divergence]:
    """For steps, offers and the state of the negotiation: the first month they differ, earliest first.

    Both timelines must be of the same negotiation, replication and seed.
    """
    parted = []
    for what, aspect in ASPECTS.items():
        for ours, theirs in zip(first.scenes, second.scenes, strict=True):
            (a, did), (b, did_not) = aspect(ours), aspect(theirs)
            if a != b:
                parted.append(Divergence(what, ours.month, did, did_not, tuple(_why(ours, theirs))))
                break
    return sorted(parted, key=lambda divergence: divergence.month)


def _steps(scene: Scene) -> tuple[object, str]:
    """The acts performed, of whatever title, and what has been disclosed."""
    done, told = [], []
    for who, move in (("holder", scene.move.act_h), ("implementer", scene.move.act_i)):
        if scene.talking and move != Move.WAIT:
            done.append((who, scene.step.act))
            given = scene.turned("disclosures")
            with_what = f" with {listing(DOCUMENTS[Disclosure(one)] for one in given)}" if given else ""
            told.append(f"{who}: {scene.step.title}{with_what}")
    return (done, int(scene.after.disclosures)), "; ".join(told) or "no step done"


def _offers(scene: Scene) -> tuple[object, str]:
    text = f"ask {_rate(scene, scene.after.last_ask)}, bid {_rate(scene, scene.after.last_bid)}"
    return text, text


def _state(scene: Scene) -> tuple[object, str]:
    after = scene.after
    text = STATES[Status(int(after.status))]
    if after.status == Status.LICENSED:
        text = f"licensed: {ENDS[Outcome(int(after.outcome))]}"
    elif after.outcome in (Outcome.NOT_ADOPTED, Outcome.NOT_JOINED):
        text = ENDS[Outcome(int(after.outcome))]
    elif after.arbitration:
        text = "before the tribunal"
    elif after.interim_on:
        text += ", the implementer pays on account"
    return text, text


STATES = {
    Status.DORMANT: "no contact",
    Status.TALKS: "in talks",
    Status.QUEUED: "filed, in the queue",
    Status.COURT: "before the court",
    Status.WINDOW: "judgment given",
    Status.APPEAL: "on appeal",
    Status.EXCLUDED: "excluded",
    Status.LICENSED: "licensed",
    Status.EXITED: "out of the market",
}
ASPECTS: dict[str, Callable[[Scene], tuple[object, str]]] = {
    "steps": _steps,
    "offers": _offers,
    "state": _state,
}
"""What is compared month by month: a key, and the words for it."""


def _why(one: Scene, other: Scene) -> Iterator[Divergent]:
    for what, faced in FACED.items():
        a, b = faced(one), faced(other)
        if a != b:
            yield Divergent(what, a, b)


def _rate(scene: Scene, rate: float) -> str:
    return scene.over_frand(rate) if rate > 0.0 else "none"


def _due(scene: Scene) -> str:
    if not scene.talking:
        return "none, the talks are over"
    step = scene.step
    if step.deadline is None or step.act is Act.NEGOTIATE:
        return step.title
    left = int(scene.before.due + step.deadline.value - scene.month)
    return f"{step.title} ({f'{months(left)} left' if left > 0 else 'deadline passed or today'})"


def _credible(value: float, empty: str) -> str:
    return f"USD {value:.1f} m" if value > 0.0 else empty


def _injunction(scene: Scene) -> str:
    if math.isfinite(scene.sight.injunction):
        return f"{100 * scene.sight.injunction:.0f} %"
    both = scene.law.court.mode is CourtMode.BOTH
    return "only for refusing the court's licence" if both else "none, the court grants no injunction"


FACED: dict[str, Callable[[Scene], str]] = {
    "step due": _due,
    "holder signs from": lambda scene: _rate(scene, scene.sight.r_h),
    "implementer signs up to": lambda scene: _rate(scene, scene.sight.r_i),
    "worth of the suit to the holder": lambda scene: _credible(scene.sight.w_h, "nothing, an empty threat"),
    "loss the implementer fears from it": lambda scene: _credible(
        scene.sight.l_i, "none, it takes the suit for an empty threat"
    ),
    "probability of an injunction": _injunction,
    "months to a judgment that binds": lambda scene: f"{scene.sight.months:.0f}",
    "fault weights expected in court": lambda scene: (
        f"holder {scene.sight.fault_h:.2f}, implementer {scene.sight.fault_i:.2f}"
    ),
    "estimates of the FRAND rate": lambda scene: (
        f"holder {_rate(scene, scene.sight.rho_h)}, implementer {_rate(scene, scene.sight.rho_i)}"
    ),
}
"""What each side faces when it decides, in words."""
