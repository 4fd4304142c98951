"""Why a negotiation ended as it did, and why in a month of talks who could have gone to court did not.

The gates are the engine's own (``decide_filing``), in its order; nothing is judged here that it did not
judge: :mod:`simulator.engine.trace` keeps what each side faced.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby

from simulator.engine.suits import WALKED
from simulator.spec.phrases import listing, months
from simulator.trace.scene import Scene
from simulator.vocabulary import Cause, Outcome, Party, Standing, Status, Tactic

HOLDER, IMPLEMENTER, BOTH = "holder", "implementer", "both"
LEFT = "it has left the talks for good, without a suit"
CAUSES = {
    Cause.STRUCTURAL: "structural: in no month was there a rate that both would have signed, even had both "
    "known the FRAND rate",
    Cause.BELIEF: "belief: had both known the FRAND rate, some rate would have suited both; with their own "
    "estimates none did in any month",
    Cause.STRATEGIC: "strategic: both would have signed some rate, and no missed step ended the talks; by "
    "the offers they chose to make they did not come to it",
    Cause.PROCEDURAL: "procedural: both would have signed some rate when a missed step sent one of them to "
    "court",
}


@dataclass(frozen=True)
class Reason:
    """From one month to another, both included: why a side did not go to court, or what stood in between."""

    first: int
    last: int
    who: str
    text: str

    @property
    def span(self) -> str:
        """The months in words."""
        return str(self.first) if self.first == self.last else f"{self.first}–{self.last}"


def why_it_ended(outcome: Outcome, cause: Cause, scenes: Sequence[Scene]) -> str:
    """Why there was no licence, or none of their own making; empty where they agreed."""
    if cause is Cause.NONE:
        return ""
    talks = [scene for scene in scenes if scene.before.status == Status.TALKS]
    suited = [scene.month for scene in talks if scene.sight.r_h <= scene.sight.r_i]
    parts = [CAUSES[cause]]
    if suited:
        parts.append(f"while they talked there was such a rate in {_spans(suited)}")
    if talks and outcome is Outcome.UNLICENSED:
        parts.append(_last_word(talks[-1]))
    return "; ".join(parts)


def _spans(numbers: Sequence[int]) -> str:
    """Months that follow on each other as spans."""
    runs: list[tuple[int, int]] = []
    for number in numbers:
        if runs and number == runs[-1][1] + 1:
            runs[-1] = (runs[-1][0], number)
        else:
            runs.append((number, number))
    told = [str(low) if low == high else f"{low}–{high}" for low, high in runs[:6]]
    return f"month{'s' * (len(numbers) > 1)} {', '.join(told)}{', ...' if len(runs) > 6 else ''}"


def _last_word(scene: Scene) -> str:
    """Where both stood in the last month of talks."""
    ask, bid = scene.after.last_ask, scene.after.last_bid
    stood = [
        f"asked {scene.over_frand(ask)}" if ask > 0.0 else "had asked nothing",
        f"would sign from {scene.over_frand(scene.sight.r_h)}",
        f"bid {scene.over_frand(bid)}" if bid > 0.0 else "had bid nothing",
        f"would sign up to {scene.over_frand(scene.sight.r_i)}",
    ]
    return (
        f"in month {scene.month}, the last of the talks, the holder {stood[0]} and {stood[1]}, the "
        f"implementer {stood[2]} and {stood[3]} (x FRAND rate)"
    )


def why_nobody_sued(scenes: Sequence[Scene]) -> list[Reason]:
    """For each side, the spans of months of talks in which it did not go to court, and why."""
    told: list[Reason] = []
    for who, why in ((HOLDER, holder_waits), (IMPLEMENTER, implementer_waits)):
        told += _runs(who, scenes, why)
    return sorted(told, key=lambda reason: (reason.first, reason.who))


def _runs(
    who: str, scenes: Sequence[Scene], why: Callable[[Scene], tuple[str, str] | None]
) -> Iterator[Reason]:
    """Months in a row with the same gate shut as one reason, told as it stood in the first of them."""
    said = [(scene.month, why(scene) if scene.before.status == Status.TALKS else None) for scene in scenes]
    for gate, run in groupby(said, key=lambda entry: entry[1] and entry[1][0]):
        entries = list(run)
        first = entries[0][1]
        if gate is not None and first is not None:
            yield Reason(entries[0][0], entries[-1][0], who, first[1])


def holder_waits(scene: Scene) -> tuple[str, str] | None:
    """The gate that kept the holder from suing this month, and it in words; ``None`` where it sued."""
    negotiation, sight, court = scene.before, scene.sight, scene.court
    if scene.move.file_h == 1:
        return None
    if court.standing_holder == Standing.NONE:
        return "standing", "the law opens no court to it"
    if int(negotiation.broken) & (WALKED << Party.HOLDER):
        return "walked", LEFT
    if not sight.w_h > 0.0:
        return "worth", "a suit is worth nothing to it: what judgment brings does not cover its cost"
    worth = f"a suit is worth USD {sight.w_h:.1f} m to it, "
    if not sight.open_h:
        return _shut(scene, worth)
    tactic = scene.holder.tactic
    if tactic is Tactic.OPPORTUNIST and negotiation.broken == 0:
        return "better", f"{worth}but a licence next month USD {sight.wait_h:.1f} m: it rather talks on"
    entitled, since = bool(negotiation.holder_entitled), int(negotiation.entitled_since)
    clock = _clock(sight.sues_h, sight.clock_h, entitled, since, sight.patience_h)
    return f"clock{entitled}", f"{worth}but it sues {clock}"


def _shut(scene: Scene, worth: str) -> tuple[str, str]:
    """Which rule of the regime keeps the holder from suing."""
    negotiation, law = scene.before, scene.law
    if scene.month < negotiation.bar_until:
        return "bar", f"{worth}but none may be filed before month {negotiation.bar_until}"
    if owed := int(scene.sight.owed):
        titles = listing(f"'{scene.title(place)}'" for place in range(owed.bit_length()) if owed >> place & 1)
        return "owes", f"{worth}but none is open before it has done {titles}"
    start = law.court.suit.from_step
    title = law.steps[start].title if start else "its step"
    return "step", f"{worth}but the court opens with '{title}', or once the other side misses a step"


def implementer_waits(scene: Scene) -> tuple[str, str] | None:
    """The gate that kept the implementer from asking for a rate, and it in words; ``None`` where it did."""
    negotiation, sight, court = scene.before, scene.sight, scene.court
    if scene.move.file_i == 1:
        return None
    if not int(court.standing_implementer) & int(Standing.RATE_ACTION):
        return "standing", "the law gives it no action for a rate"
    if int(negotiation.broken) & (WALKED << Party.IMPLEMENTER):
        return "walked", LEFT
    if not sight.open_i:
        return "bar", f"no action may be brought before month {negotiation.bar_until}"
    if not sight.l_i > 0.0:
        return "worth", "it takes a judgment to cost it nothing, so it needs no rate"
    if not negotiation.last_ask > 0.0:
        return "ask", "there is no ask to have a rate set against"
    if not sight.l_i < sight.ask_i:
        return "dear", (
            f"judgment would cost it USD {sight.l_i:.1f} m, no less than the ask: USD {sight.ask_i:.1f} m"
        )
    entitled, since = bool(negotiation.implementer_entitled), int(negotiation.entitled_since)
    clock = _clock(sight.sues_i, sight.clock_i, entitled, since, sight.patience_i)
    return f"clock{entitled}", (
        f"judgment would cost it USD {sight.l_i:.1f} m, less than the ask (USD {sight.ask_i:.1f} m), "
        f"but it goes to court {clock}"
    )


def _clock(after: float, waited: float, entitled: bool, since: int, patience: float) -> str:
    """What a party's own clock and its patience say, in words."""
    told = f"only after {months(after)} of its offers, of which {months(max(waited, 0.0))} have passed"
    if entitled and patience > 0.0:
        told += f", or {months(patience)} after the other side's breach"
        told += f" of month {since}" if since >= 0 else ""
    return told
