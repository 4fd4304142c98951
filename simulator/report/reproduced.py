"""Whether committed results still come out, and the page that gathers every claim of every experiment."""

from __future__ import annotations

import io
import math
import re
from collections.abc import Iterator, Mapping
from pathlib import Path

import pandas as pd

from simulator.batch.files import put
from simulator.experiments.level_claims import COLUMNS, turns
from simulator.report.assumptions import assumptions
from simulator.report.levels import TURNS, Row, by_claim, level_marks, sensitivity_to_left
from simulator.writing.formats import as_csv, markdown, records
from simulator.writing.numbers import MARKS, interval, signed, small, told_share, unit

TOLERANCE = 1e-6
"""Relative difference up to which a committed number counts as reproduced on another machine.

Of an end of an interval, relative to the wider end: it may lie near zero as a difference of larger numbers.
"""
NOTHING = 1e-12
"""A difference of larger numbers that are equal, which another machine's last bits may move."""
TIES = 1e-3
"""The same of a bootstrap's ends over few values: many resamples have one mean, but for its last bits."""
FEW = 15
"""Values of which hardly one in a hundred thousand resamples takes each once."""
OTHER_END = re.compile("low|high")
START, END = "<!-- claims: written by the command -->\n", "<!-- end of the claims -->\n"
CHANGED = "<!-- changed: written by the command -->\n", "<!-- end of what changed -->\n"
ASSUMED = "<!-- assumptions: written by the command -->\n", "<!-- end of the assumptions -->\n"
SPACE = "Share of the parameter space"
HEAD = "# What was found\n\nEvery claim, by the experiment that tests it.\n\n"


def changes(folder: Path, results: Mapping[str, pd.DataFrame]) -> list[str]:
    """Every committed number that no longer comes out, with its file, line and column; and lost tables."""
    said: list[str] = []
    for path in sorted(folder.glob("*.csv")):
        if path.stem in results:
            now = as_csv(results[path.stem])
            said += _changed(path, pd.read_csv(io.StringIO(now), dtype=str, keep_default_na=False))
        else:
            said.append(f"{path}: no such table now")
    return said


def _changed(path: Path, now: pd.DataFrame) -> Iterator[str]:
    then = pd.read_csv(path, dtype=str, keep_default_na=False)
    if list(then.columns) != list(now.columns):
        yield f"{path}:1: columns {', '.join(then.columns)}; now {', '.join(now.columns)}"
        return
    if len(then) != len(now):
        yield f"{path}: {len(then)} rows; now {len(now)}"
        return
    for line, (old, new) in enumerate(zip(then.to_numpy(), now.to_numpy(), strict=True), start=2):
        row = dict(zip(then.columns, old, strict=True))
        for column, before, after in zip(then.columns, old, new, strict=True):
            if before != after and not _close(before, after, _slack(column, row)):
                yield f"{path}:{line}: {column}: {before or 'nothing'}; now {after or 'nothing'}"


def _slack(column: str, row: Mapping[str, str]) -> float:
    """By how much an end of an interval may differ; next to nothing for what is no such end."""
    other = OTHER_END.sub(lambda end: "high" if end[0] == "low" else "low", column)
    ends = [pd.to_numeric(row[name], errors="coerce") for name in (column, other) if name in row]
    if other == column or len(ends) < 2 or not all(map(math.isfinite, ends)):
        return NOTHING
    ties = column.startswith("bca_") and float(row["n"]) < FEW
    return max(NOTHING, max(map(abs, ends)) * (TIES if ties else TOLERANCE))


def _close(before: str, after: str, slack: float) -> bool:
    try:
        return math.isclose(float(before), float(after), rel_tol=TOLERANCE, abs_tol=slack)
    except ValueError:
        return False


def gathered(results: Path) -> pd.DataFrame:
    """The hypotheses of every experiment with a table of them below a folder, controls left out."""
    parts = []
    for path in sorted(results.glob("[!.]*/hypotheses.csv")):
        table = pd.read_csv(path, keep_default_na=False, na_values=[""])
        parts.append(table[table["control"].isna()].assign(experiment=path.parent.name))
    if not parts:
        return pd.DataFrame(columns=["id", "experiment"])
    return pd.concat(parts, ignore_index=True).sort_values(
        "id", key=lambda ids: ids.map(_order), kind="stable"
    )


def levels_of(results: Path) -> dict[str, list[Row]]:
    """The rows of every table of levels below a folder, by claim; tables of other columns are older ones."""
    tables = [pd.read_csv(path) for path in sorted(results.glob("[!.]*/levels.csv"))]
    return by_claim([row for table in tables if list(table.columns) == COLUMNS for row in records(table)])


def _order(name: str) -> tuple[str, int, str]:
    letters, number, part = re.fullmatch(r"([A-Z]+)(\d+)([a-z]?)", name).groups()  # type: ignore[union-attr]
    return letters, int(number), part


def page(results: Path) -> str:
    """The table of all claims as Markdown: verdict, effect with interval, share of the parameter space."""
    rows, levels = records(gathered(results)), levels_of(results)
    heads = ("", "Claim", "Verdict", "Named", "Free", "Effect [95 % interval]", "p", SPACE, "Experiment")
    lines = [f"| {' | '.join(heads)} |", "|---" * len(heads) + "|"]
    for row in rows:
        answered = levels.get(row["id"], [])
        named, free = level_marks(answered)
        verdict = MARKS.get(row["verdict"], row["verdict"]) + TURNS * turns(answered)
        effect = (
            f"{signed(row['mean'], row['unit'])} {interval(row['low'], row['high'], row['unit'])}".rstrip()
        )
        cells = (
            row["id"],
            row["claim"],
            verdict,
            named,
            free,
            f"{effect} {unit(row['unit'])}",
            small(row["p_holm"]),
            told_share(row),
            f"[{row['experiment']}](../experiments/{row['experiment']}/README.md)",
        )
        lines.append(f"| {' | '.join(str(cell).replace('|', chr(92) + '|') for cell in cells)} |")
    if levels:
        lines += ["", sensitivity_to_left(levels)]
    return "\n".join([*lines, *_not_testable(results.parent / "experiments" / "not_testable.csv")]) + "\n"


def _not_testable(path: Path) -> Iterator[str]:
    """The claims whose mechanism the model lacks, with which it is; nothing where there is no such list."""
    if not path.is_file():
        return
    yield from ("", "**Not testable here**, since the model lacks the mechanism:", "")
    yield from ("| Claim | Source | What is missing |", "|---|---|---|")
    for cells in pd.read_csv(path).itertuples(index=False):
        yield f"| {' | '.join(map(str, cells))} |"


def turned(results: Path) -> str:
    """The verdicts that are not those of the first version (``first_version.csv``), each with the reason."""
    path = results / "first_version.csv"
    if not path.is_file():
        return "No verdicts of an earlier version are kept here.\n"
    then = pd.read_csv(path, keep_default_na=False).set_index("id")
    rows = [
        [row["id"], then.loc[row["id"], "verdict"], row["verdict"], str(then.loc[row["id"], "reason"])]
        for row in records(gathered(results))
        if row["id"] in then.index and row["verdict"] != then.loc[row["id"], "verdict"]
    ]
    count = f"{len(rows)} of the first version's {len(then)} verdicts changed."
    return "\n".join([count, "", *markdown(["", "then", "now", "why"], rows)]) + "\n"


def write_pages(results: Path) -> list[Path]:
    """Put the tables of claims and of assumptions into the pages of results, between their lines.

    README.md is made if need be; returns what was written.
    """
    readme, referees = results / "README.md", results / "referees.md"
    if not readme.is_file():
        put(readme, (HEAD + START + END).encode())
    _splice(readme, (START, END), page(results))
    _splice(readme, CHANGED, turned(results))
    if not referees.is_file():
        return [readme]
    _splice(referees, ASSUMED, assumptions(results))
    return [readme, referees]


def _splice(path: Path, ends: tuple[str, str], told: str) -> None:
    before, start, rest = path.read_text(encoding="utf-8").partition(ends[0])
    _, end, after = rest.partition(ends[1])
    if end:
        put(path, f"{before}{start}{told}{end}{after}".encode())
