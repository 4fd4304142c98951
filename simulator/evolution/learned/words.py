"""Learned strategies as people read them: in words, beside the nearest named one, and as ordinary files."""

from __future__ import annotations

import json
from collections.abc import Sequence
from hashlib import blake2b
from pathlib import Path
from typing import Any

import numpy as np

from simulator.batch.files import put
from simulator.evolution.learned.coding import Coding, key
from simulator.spec.base import Quantity
from simulator.spec.phrases import ACTS, DOCUMENTS, listing, months
from simulator.spec.schema import NEWEST
from simulator.spec.strategy import Conduct, Strategy
from simulator.vocabulary import Act, Disclosure, Tactic

FLOOR, NEVER = "holds to a floor", "never sues"
"""What may commit a party beyond what is credible."""
DEMANDS = {
    "validity_first": "demands that validity be settled first",
    "third_party_terms": "demands others' terms first",
    "publication": "demands publication first",
}
STATED = ("anchor", "window", "exponent", "sue_after", "patience", "goodwill", "floor", "ambush")
"""Numbers in the order in which a file states them."""


def told(strategy: Strategy, space: Coding) -> str:
    """A strategy in words: what it asks, how it concedes, when it sues, what it keeps back."""
    holder, conduct = strategy.party == "holder", strategy.conduct
    said = [f"{'asks' if holder else 'offers'} {strategy.anchor.value:.2g} times its estimate"]
    window, exponent = space.stated(strategy, "window"), space.stated(strategy, "exponent")
    if strategy.tactic == Tactic.RECIPROCAL:
        said.append("concedes as the other side does")
    else:
        pace = "late " if exponent < 1 / LATE else "early " if exponent > LATE else ""
        said.append(f"concedes {pace}over {months(window)}")
    if strategy.tactic == Tactic.OPPORTUNIST:
        said.append("does a step or lets it pass as pays better")
    sue = space.stated(strategy, "sue_after")
    never = [number.span.never for number in space.nevers if number.name == "sue_after"]
    said.append(NEVER if sue in never else f"sues after {months(sue)}")
    if (patience := space.stated(strategy, "patience")) >= 1:
        said.append(f"waits {months(patience)} after a breach")
    if conduct.reply_delay.value >= 1:
        said.append(f"takes {months(conduct.reply_delay.value)} for a step")
    said += _of_holder(strategy, space) if holder else _of_implementer(strategy, space)
    acts = {item for name, item in space.items if name == "refuses"} & set(conduct.refuses)
    documents = {item for name, item in space.items if name == "withholds"} & set(conduct.withholds)
    if acts:
        said.append(f"refuses {listing(_act(act) for act in sorted(acts))}")
    withheld = (DOCUMENTS[Disclosure(one)] for one in sorted(documents))
    said.append(f"withholds {listing(withheld)}" if documents else "withholds nothing")
    if conduct.forthcoming:
        said.append("shows what it need not")
    if not conduct.justifies:
        said.append("gives no reasons for an extreme offer")
    return ", ".join(said)


LATE = 1.5
"""A concession exponent beyond this, or below its inverse, is told as early or late."""


def _of_holder(strategy: Strategy, space: Coding) -> list[str]:
    said = []
    if (floor := space.stated(strategy, "floor")) >= LEAST:
        said.append(f"signs nothing below {floor:.0%} of its estimate")
    if (ambush := space.stated(strategy, "ambush")) >= 1:
        said.append(f"waits {months(ambush)} with its notice")
    if (over := space.stated(strategy, "over_declaration")) >= 1 + LEAST:
        said.append(f"declares {over:.2g} families for each essential one")
    said += ["lets no adviser see its charts"] * strategy.conduct.hinders_advisers
    return said + ["threatens"] * strategy.conduct.threatens


def _of_implementer(strategy: Strategy, space: Coding) -> list[str]:
    conduct, said = strategy.conduct, []
    if (goodwill := space.stated(strategy, "goodwill")) >= LEAST:
        said.append(f"pays {goodwill:.0%} of its estimate unthreatened")
    said += [DEMANDS[conduct.demands]] if conduct.demands in DEMANDS else []
    said += ["answers without substance"] * conduct.stalls
    said += ["refuses confidentiality"] * conduct.refuses_confidentiality
    return said + ["opens talks itself"] * conduct.initiates


LEAST = 0.05
"""Shares below this are not told."""


def _act(act: int) -> str:
    return ACTS[Act(act)][0].lower()


def commitments(strategy: Strategy, space: Coding) -> list[str]:
    """What in a strategy may commit its party beyond what is credible: that it binds, play must show."""
    marks = []
    if strategy.party == "holder" and space.stated(strategy, "floor") > 0:
        marks.append(FLOOR)
    if any(
        space.stated(strategy, number.name) == number.span.never
        for number in space.nevers
        if number.name == "sue_after"
    ):
        marks.append(NEVER)
    return marks


def nearest(strategy: Strategy, named: Sequence[Strategy], space: Coding) -> tuple[str, float]:
    """The named strategy with the least distance in the space, and that distance (0: the same point).

    Coordinates count as shares of their range; the mean absolute difference is taken.
    """
    width = space.high - space.low
    point = space.encode(strategy) / width
    gaps = [float(np.abs(space.encode(other) / width - point).mean()) for other in named]
    best = int(np.argmin(gaps))
    return named[best].strategy, gaps[best]


def christened(strategy: Strategy, space: Coding, regime: str) -> Strategy:
    """A learned strategy with a name of its own (the same wherever it is learned), a title and a story."""
    if not strategy.strategy.endswith("_searched"):
        return strategy
    name = f"{strategy.party}_learned_{blake2b(key(strategy).encode(), digest_size=4).hexdigest()}"
    text = told(strategy, space)
    update = {
        "strategy": name,
        "title": f"Learned {strategy.party}",
        "story": f"Learned under {regime}: {text}.",
        "source": "assumption: found by a search of the strategy space, see docs/learning.md",
    }
    return strategy.model_copy(update=update)


def as_file(strategy: Strategy) -> str:
    """A strategy as the text of a file that ``validate`` and every command read."""
    lines = [f"strategy: {strategy.strategy}", f"schema: {NEWEST}"]
    texts = ("party", "title", "story", "source")
    lines += [f"{name}: {json.dumps(getattr(strategy, name), ensure_ascii=False)}" for name in texts]
    lines.append(f"tactic: {strategy.tactic.name.lower()}")
    for name in (*STATED, "over_declaration", "waits_for_peers"):
        quantity = getattr(strategy, name)
        if quantity is not None:
            lines.append(f"{name}: {_quantity(quantity)}")
    if strategy.turns != "random":
        lines.append(f"turns: {strategy.turns}")
    lines.append("conduct:")
    for name in Conduct.model_fields:
        value: Any = getattr(strategy.conduct, name)
        if isinstance(value, Quantity):
            lines.append(f"  {name}: {_quantity(value)}")
        elif isinstance(value, tuple):
            lines += (
                [f"  {name}: [{', '.join(word.name.lower() for word in sorted(value))}]"] if value else []
            )
        else:
            lines.append(f"  {name}: {json.dumps(value)}")
    return "\n".join(lines) + "\n"


def _quantity(quantity: Quantity) -> str:
    return f"{{value: {quantity.value:g}, source: {json.dumps(quantity.source, ensure_ascii=False)}}}"


def save(strategies: Sequence[Strategy], folder: Path) -> list[Path]:
    """Write strategies as files of a folder, each under its name."""
    folder.mkdir(parents=True, exist_ok=True)
    paths = []
    for strategy in strategies:
        path = folder / f"{strategy.strategy}.yaml"
        put(path, as_file(strategy).encode("utf-8"))
        paths.append(path)
    return paths
