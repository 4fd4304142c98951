"""The one error a user of scenario files sees, and how it reads."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Fault:
    """One thing wrong with a file: where, what, why, and what would be valid.

    >>> print(Fault("duopoly.yaml", 3, "standard.horizon", "got -5", "at least 1 month", "horizon: {value: 120, source: assumption}"))
    duopoly.yaml:3: standard.horizon: got -5; at least 1 month
        for example: horizon: {value: 120, source: assumption}
    """

    file: str
    line: int | None
    path: str
    what: str
    rule: str = ""
    example: str = ""

    def __str__(self) -> str:
        where = self.file if self.line is None else f"{self.file}:{self.line}"
        text = ": ".join(part for part in (where, self.path, self.what) if part)
        if self.rule:
            text += f"; {self.rule}"
        return text + (f"\n    for example: {self.example}" if self.example else "")


class ScenarioError(Exception):
    """Bad input: every fault of the file in one report (exit code 2)."""

    def __init__(self, *faults: Fault) -> None:
        self.faults = faults
        super().__init__("\n".join(str(fault) for fault in faults))
