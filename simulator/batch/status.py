"""How far a store is, and whether what runs now could go on with it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from rich.markup import escape
from rich.table import Table

from simulator.batch.store import Store
from simulator.errors import printable


@dataclass(frozen=True)
class StoreStatus:
    """A store in numbers; ``differences`` say why this version cannot resume it."""

    folder: str
    experiment: str
    cells: int
    regimes: int
    replications: int
    shard: str
    seed: int
    chunks: int
    done: int
    parts: int
    rows: int
    bytes: int
    verified: bool
    torn: tuple[str, ...]
    failures: tuple[dict[str, Any], ...]
    differences: tuple[str, ...]
    resume: str

    @property
    def complete(self) -> bool:
        """Whether every chunk is there."""
        return self.done == self.chunks

    def table(self) -> Table:
        """What there is, a line a number."""
        state = "complete" if self.complete else f"{self.chunks - self.done} chunks are missing"
        result = Table(title=f"{self.experiment}: {state}", title_justify="left", show_header=False)
        design = f"{self.cells} cells x {self.regimes} regimes x {self.replications} replications"
        for name, told in (
            ("Plan", f"{design}, seed {self.seed}, shard {self.shard}"),
            ("Done", f"{self.done} of {self.chunks} chunks"),
            ("Written", f"{self.parts} parts, {self.rows:,} rows, {self.bytes / 1e6:.1f} MB"),
            *([("Verified", "every byte of the other parts" if self.torn else "every byte")] * self.verified),
            *(("Damaged", f"{name}: will be set aside and played again") for name in self.torn),
            *(("Failed", f"cell {one['cell']}: {one['message']}") for one in self.failures),
            *(("Differs", difference) for difference in self.differences),
            *([("Go on with", self.resume)] if not self.complete and not self.differences else []),
        ):
            result.add_row(name, escape(printable(told)))
        return result

    def to_json(self) -> dict[str, Any]:
        """The numbers, ready for JSON."""
        return self.__dict__ | {"complete": self.complete}


def status(store: Store, *, verify: bool = False) -> StoreStatus:
    """Look at a store without changing it; with ``verify``, at every byte of its parts.

    Raises ``ScenarioError`` where there is none.
    """
    layout = store.layout
    store.scan(set_aside=False, whole=verify)
    spans = list(layout.mine(store.shard))
    done = sum(not store.missing(layout.cell(number), span) for number, span in spans)
    parts = store.there.all()
    return StoreStatus(
        folder=str(store.folder),
        experiment=layout.plan.experiment,
        cells=len(layout.cells),
        regimes=len(layout.regimes),
        replications=layout.replications,
        shard="{}/{}".format(*store.shard),
        seed=layout.plan.scenario.seed,
        chunks=len(spans),
        done=done,
        parts=len(parts),
        rows=sum(note.rows for _, note in parts),
        bytes=sum(path.stat().st_size for path, _ in parts),
        verified=verify,
        torn=tuple(store.torn),
        failures=tuple(store.failures()),
        differences=tuple(store.differences),
        resume=store.resume,
    )
