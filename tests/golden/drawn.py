"""Markets, laws and strategies drawn by lot: rules meet rules that nobody put together.

``python -m tests.golden.drawn`` draws them anew into ``drawn.jsonl``, the files of a scenario a line.  Each
starts from the market of two and a built-in law and takes one entry of a file after another, whatever the
schemas allow, while it is accepted and firms still deal with each other.  Numbers are about their defaults,
markets small and short, so that they play with the compiler off (``make mutate``).  To be drawn anew where a
specification changes so that lines are refused.
"""

from __future__ import annotations

import copy
import json
import random
import tempfile
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import suppress
from functools import cache
from itertools import islice
from pathlib import Path
from typing import Any

from rich.progress import track

from simulator.errors import ScenarioError
from simulator.parameters import registry
from simulator.spec.base import Spec
from simulator.spec.find import builtin
from simulator.spec.market import Market
from simulator.spec.ranges import bounds_at
from simulator.spec.regime import Regime
from simulator.spec.scenario import Scenario
from simulator.spec.strategy import Strategy
from simulator.spec.yaml import read
from tests.faults import fuzz
from tests.play import outcomes

Entry = dict[str, Any]
Parts = dict[str, Entry]
KEPT = Path(__file__).parent / "drawn.jsonl"
MARKETS = 100
"""Scenarios that are kept."""
ENTRIES = {"market": 60, "regime": 30, "holder": 10, "implementer": 10, "set": 30}
"""Entries of each kind of file that are tried, two at a time."""
SHORT = {
    "standard.horizon": (20, 44),
    "timing.least_left": (4, 8),
    "timing.notice_spread": (0, 5),
    "court.durations.first_instance": (3, 9),
    "court.durations.appeal": (2, 6),
    "court.docket": (1, 3),
}
"""What must be short for suits to end in a short run, and room at court small for few to queue."""
HASTY = {"window": (6, 24), "sue_after": (1, 8)}
"""The same of strategies."""
UNLIMITED = 1000.0
"""Defaults from here on bound nothing."""
MODELS: dict[str, type[Spec]] = {"market": Market, "regime": Regime, "strategy": Strategy}
FIXED = {
    "schema", "status", "status_note", "as_of", "notes", "range", "unit", "period", "horizon", "least_left",
    "notice_spread", "group", "count", "source", "title", "story", "party", "strategy", "strategies",
    "market", "regime", "extends", "region", "generation", "value_share", "jurisdiction", "valid_from",
    "valid_until", "replaces",
}  # fmt: skip
"""Entries that are left as they are."""


def near(kind: str, keys: tuple[str, ...], luck: random.Random) -> float:
    """A number about its default; where that leaves a rule off, at an end of what is valid, often another."""
    bounds = bounds_at(kind, keys)
    if bounds is None or bounds.default is None:
        return round(luck.uniform(0, 1), 3)
    low, high, default = bounds.low, bounds.high, bounds.default
    if default in (low, high) or default >= UNLIMITED:
        reach = 12.0 if bounds.whole and high > 1 else 1.0
        value = default if luck.random() < 0.3 else luck.uniform(low, min(high, low + reach))
    else:
        value = min(high, max(low, default * luck.uniform(0.5, 1.6)))
    return float(round(value)) if bounds.whole else float(f"{value:.3g}")


def figure(value: float) -> Entry:
    """A number as it is kept; its source comes when it is written."""
    return {"value": value}


def sourced(entry: Any) -> Any:
    """An entry as a file has it, every number with a source."""
    if isinstance(entry, list):
        return [sourced(each) for each in entry]
    if not isinstance(entry, dict):
        return entry
    return (
        entry | {"source": "assumption"}
        if set(entry) == {"value"}
        else {name: sourced(each) for name, each in entry.items()}
    )


class Lot:
    """Draws entries of a kind of file along its schema."""

    def __init__(self, kind: str, luck: random.Random, words: Sequence[str] = ("assumption",)) -> None:
        self.kind, self.luck, self.words = kind, luck, words
        self.schema = MODELS[kind].model_json_schema()

    def named(self, schema: Entry) -> Entry:
        """A schema behind its references, one of its alternatives."""
        while "$ref" in schema or "anyOf" in schema:
            if "anyOf" in schema:
                schema = self.luck.choice([one for one in schema["anyOf"] if one.get("type") != "null"])
            else:
                name = schema["$ref"].rpartition("/")[2]
                if name in fuzz.QUANTITIES:
                    return {"type": "quantity"}
                schema = self.schema["$defs"][name]
        return schema

    def value(self, schema: Entry, keys: tuple[str, ...]) -> Any:
        """What a schema allows at an entry; half of the optional parts are left out."""
        schema, luck = self.named(schema), self.luck
        if "enum" in schema:
            return luck.choice(schema["enum"])
        match schema.get("type"):
            case "quantity":
                return figure(near(self.kind, keys, luck))
            case "object" if "properties" in schema:
                needed = schema.get("required", ())
                return {
                    name: self.value(inner, (*keys, name))
                    for name, inner in schema["properties"].items()
                    if name not in FIXED and (name in needed or luck.random() < 0.5)
                }
            case "object":
                names = schema.get("propertyNames", {}).get("enum", [])
                chosen = luck.sample(names, luck.randint(0, min(3, len(names))))
                return {name: self.value(schema["additionalProperties"], (*keys, name)) for name in chosen}
            case "array":
                return [self.value(schema["items"], keys) for _ in range(luck.randint(1, 2))]
            case "boolean":
                return luck.random() < 0.5
            case "integer":
                return luck.randint(schema.get("minimum", 0), 2)
            case _:
                return luck.choice(self.words)

    def put(self, entry: Entry, schema: Entry, keys: tuple[str, ...] = ()) -> None:
        """Draw one entry somewhere in a file."""
        schema = self.named(schema)
        name = self.luck.choice([name for name in schema["properties"] if name not in FIXED])
        inner, keys = self.named(schema["properties"][name]), (*keys, name)
        whole = self.luck.random() < 0.3
        if inner.get("type") == "array" and entry.get(name) and "properties" in self.named(inner["items"]):
            self.put(self.luck.choice(entry[name]), inner["items"], keys)
        elif "properties" in inner and not whole:
            self.put(entry.setdefault(name, {}), inner, keys)
        elif "additionalProperties" in inner and entry.get(name) and not whole:
            key = self.luck.choice(sorted(entry[name]))
            one = self.named(inner["additionalProperties"])
            if "properties" in one:
                self.put(entry[name][key], one, (*keys, key))
            else:
                entry[name][key] = self.value(one, (*keys, key))
        else:
            entry[name] = self.value(inner, keys)


def beginning(luck: random.Random) -> Parts:
    """Few firms of built-in strategies before two built-in laws, some in regions, some of two generations."""
    market = plain(read(builtin("markets")["duopoly"]).data) | {"market": "market"}
    regions = ["us", "europe", "rest"][: luck.choice([0, 0, 2, 3])]
    laws = luck.sample(sorted(set(builtin("regimes")) - {"none"}), 2)
    if luck.random() < 0.4:
        first = market["standard"]["generations"][0]
        first["value_share"]["value"] = 0.6
        later = copy.deepcopy(first) | {"generation": "6G", "value_share": figure(0.4)}
        market["standard"]["generations"].append(later | {"arrives": figure(luck.choice([0.0, 1.0, 2.0]))})
    market["standard"]["regions"] = [
        {
            "region": name,
            "factor": figure(luck.choice([1.0] if name == "us" else [0.4, 0.8])),
            "forums": luck.choice([["regime"], ["regime", laws[1]]]) if name == "europe" else [],
        }
        for name in regions
    ]
    parts: Parts = {"market": market}
    for side in ("holder", "implementer"):
        (group,) = market[f"{side}s"]
        names = fuzz.KNOWN[side]
        own = plain(read(builtin("strategies")[luck.choice(names)]).data) | {"strategy": side}
        parts[side] = own | {name: figure(luck.randint(*ends)) for name, ends in HASTY.items() if name in own}
        chosen = [side, *luck.sample(names, luck.randint(0, 1))]
        market[f"{side}s"] = [
            copy.deepcopy(group) | {"group": name, "strategies": {name: 1.0}} for name in chosen
        ]
        for one in market[f"{side}s"]:
            for spread in ("share_spread", "sales_spread"):
                one.pop(spread, None)
            if side == "implementer" and regions:
                one["regions"] = {name: figure(1 / len(regions)) for name in regions}
            if side == "holder":
                one["strength"] = {name: figure(luck.choice([0.5, 1.0, 1.5])) for name in regions}
    numbers = {name: float(luck.randint(*ends)) for name, ends in SHORT.items()}
    parts["regime"] = {"regime": "regime", "extends": laws[0], "title": "Own", "source": "assumption",
                       "status": "proposed", "steps": {}, "court": {}}  # fmt: skip
    parts["scenario"] = {
        "scenario": "scenario", "title": "Drawn", "market": "market.yaml", "baseline": "regime",
        "seed": luck.randint(0, 99), "regimes": ["regime.yaml", laws[1]],
        "strategies": ["holder.yaml", "implementer.yaml"],
        "set": {name: figure(value) for name, value in numbers.items()},
    }  # fmt: skip
    return parts


def plain(entry: Any) -> Any:
    """An entry of a file without what only readers need."""
    if isinstance(entry, dict):
        if "value" in entry and "source" in entry:
            return figure(entry["value"])
        kept = {name: plain(each) for name, each in entry.items() if name not in ("notes", "as_of")}
        return kept | {name: "assumption" for name in ("source", "story") if name in kept}
    return [plain(each) for each in entry] if isinstance(entry, list | tuple) else entry


def tried(parts: Parts, kind: str, luck: random.Random) -> Parts:
    """The files of a scenario with one more entry drawn."""
    parts = copy.deepcopy(parts)
    if kind == "set":
        name = luck.choice(sorted(set(registry()) - set(SHORT)))
        parts["scenario"]["set"][name] = figure(near("scenario", ("set", name), luck))
        return parts
    if kind == "regime" and luck.random() < 0.4:
        steps = parts["regime"]["steps"]
        if names := sorted(fuzz.STEPS.get(parts["regime"]["extends"], ())):
            lot = Lot("regime", luck, names)
            name = luck.choice(names)
            lot.put(steps.setdefault(name, {}), lot.schema["$defs"]["Step"], ("steps", name))
        return parts
    lot = Lot(kind if kind in MODELS else "strategy", luck)
    if kind == "regime":
        lot.put(parts["regime"]["court"], lot.schema["$defs"]["CourtRules"], ("court",))
    else:
        lot.put(parts[kind], lot.schema)
    return parts


def written(parts: Parts, folder: Path) -> Scenario:
    """The scenario of some files, put into a folder."""
    return fuzz.written({name: sourced(data) for name, data in parts.items()}, folder, replications=1)


def lively(one: Scenario) -> bool:
    """Whether most of its pairs deal with each other, and somebody pays."""
    rows = outcomes(one)
    busy = (rows["rounds"] > 0) | (rows["filed"] > 0)
    return bool(busy.mean() > 0.6 and (rows["rate"] > 0).any())


def draw(number: int) -> Parts | None:
    """The files of a scenario, drawn by lot; none where its beginning is not lively."""
    luck = random.Random(number)
    parts = beginning(luck)
    kinds = luck.sample(list(ENTRIES), counts=list(ENTRIES.values()), k=sum(ENTRIES.values()))
    with tempfile.TemporaryDirectory() as folder:
        if not lively(written(parts, Path(folder))):
            return None
        for first, second in zip(kinds[::2], kinds[1::2], strict=True):
            new = tried(tried(parts, first, luck), second, luck)
            with suppress(ScenarioError):
                parts = new if lively(written(new, Path(folder))) else parts
    return parts


@cache
def drawn() -> list[Parts]:
    """The scenarios that are kept."""
    return [json.loads(line) for line in KEPT.read_text(encoding="utf-8").splitlines()]


def main() -> None:
    """Draw scenarios until enough are kept."""
    with ProcessPoolExecutor() as pool:
        alive = (parts for parts in pool.map(draw, range(10 * MARKETS)) if parts is not None)
        kept = list(track(islice(alive, MARKETS), "Drawing", total=MARKETS))
        pool.shutdown(cancel_futures=True)
    lines = (json.dumps(parts, separators=(",", ":")) + "\n" for parts in kept)
    KEPT.write_text("".join(lines), encoding="utf-8")


if __name__ == "__main__":
    main()
