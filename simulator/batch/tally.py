"""What a batch did, and how fast: heard while it runs, and told at its end."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any


class BatchError(Exception):
    """A batch that could not go on; the text says what is done and how to resume."""


@dataclass
class Report:
    """Counts of a batch; chunks and replications are those of the shard played.

    ``done`` chunks were played or found in the store (``reused``); ``rows`` and ``seconds`` count what was
    played now, ``parts`` and ``bytes`` what was written; ``resume`` is the command that goes on with it.
    """

    experiment: str
    chunks: int = 0
    replications: int = 0
    done: int = 0
    done_replications: int = 0
    reused: int = 0
    rows: int = 0
    parts: int = 0
    bytes: int = 0
    seconds: float = 0.0
    failures: list[dict[str, Any]] = field(default_factory=list)
    torn: list[str] = field(default_factory=list)
    folder: Path | None = None
    resume: str = ""

    @property
    def rate(self) -> float:
        """Negotiations played a second."""
        return self.rows / self.seconds if self.seconds > 0 else 0.0

    @property
    def played(self) -> int:
        """Chunks done now, not before."""
        return self.done - self.reused

    @property
    def complete(self) -> bool:
        """Whether every chunk is there."""
        return self.done == self.chunks

    def summary(self) -> str:
        """What was written and how fast, what failed, and how to go on."""
        lines = [f"set aside, damaged: {name}" for name in self.torn]
        lines += [f"failed: {_told(failure)}" for failure in self.failures]
        where = f" in {self.folder}" if self.folder else ""
        lines.append(f"{self.done} of {self.chunks} chunks done{where}, {self.reused} of them before")
        if self.parts:
            lines.append(f"wrote {self.parts} parts, {self.rows:,} rows, {self.bytes / 1e6:.1f} MB")
        if self.rate > 0:
            lines.append(
                f"played {self.rows:,} negotiations in {self.seconds:.1f} s, {self.rate:,.0f} a second"
            )
        if not self.complete and self.resume:
            lines.append(f"go on with: {self.resume}")
        return "\n".join(lines)

    def to_json(self) -> dict[str, Any]:
        """The counts, ready for JSON."""
        counts = asdict(self) | {"folder": None if self.folder is None else str(self.folder)}
        return counts | {"rate": self.rate, "complete": self.complete}


def _told(failure: dict[str, Any]) -> str:
    return f"cell {failure['cell']}: {failure['message']}; play it again with: {failure['replay']}"
