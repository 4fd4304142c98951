"""The register of claims: what an experiment states, and the day on which it was stated, before it is played.

A line of ``register.csv`` in the folder above an experiment's holds its name, a digest of what is claimed and
how it will be tested, and a date.  Lines are added, never changed: a plan that was altered has a line of its
own, and one that is in no line is exploratory.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from datetime import date
from hashlib import blake2b
from pathlib import Path
from typing import Any

from simulator.errors import Problem, ScenarioError
from simulator.spec.base import Spec

FILE = "register.csv"
COLUMNS = ("experiment", "digest", "date")
WORDS = frozenset({"experiment", "title", "question", "notes", "quick"})
"""Parts of an experiment's file that say nothing of what is tested or how."""


def plan_digest(stated: Spec, points: Sequence[Sequence[float]] = ()) -> str:
    """128-bit BLAKE2b of claims, margins, samples, replications, seed, and the names of market and laws.

    ``stated``: an experiment as its file has it; ``points``: those of its design, where a file holds them.
    """
    said = stated.model_dump_json(exclude=set(WORDS), exclude_defaults=True)
    held = repr([[float(value) for value in row] for row in points]) if points else ""
    return blake2b((said + held).encode(), digest_size=16).hexdigest()


def lines(path: Path) -> list[dict[str, str]]:
    """The lines of a register; none where there is no file.  Raises ``ScenarioError`` where it is not one."""
    if not path.is_file():
        return []
    rule = f"its first line is {','.join(COLUMNS)}; frandsim experiment --freeze writes it"
    wrong = ScenarioError(Problem(str(path), 1, "", "this is no register of claims", rule))
    try:
        with path.open(encoding="utf-8", newline="") as opened:
            reader = csv.DictReader(opened)
            if tuple(reader.fieldnames or ()) != COLUMNS:
                raise wrong
            return [{name: str(row[name]) for name in COLUMNS} for row in reader]
    except (UnicodeDecodeError, csv.Error):
        raise wrong from None


def stated_on(register: Path, name: str, digest: str) -> str | None:
    """The day on which a plan was first stated, as the register has it; ``None`` if it is not in it."""
    days = [
        line["date"] for line in lines(register) if (line["experiment"], line["digest"]) == (name, digest)
    ]
    return min(days, default=None)


def added(register: Path, name: str, digest: str, day: date) -> str | None:
    """The text of a register in which a plan is stated too, a line more; none if it is stated already."""
    known: list[dict[str, Any]] = [dict(line) for line in lines(register)]
    if any((line["experiment"], line["digest"]) == (name, digest) for line in known):
        return None
    known.append({"experiment": name, "digest": digest, "date": day.isoformat()})
    text = io.StringIO()
    writer = csv.DictWriter(text, COLUMNS, lineterminator="\n")
    writer.writeheader()
    writer.writerows(known)
    return text.getvalue()
