"""For referees: the assumptions that were sampled, by how much the claims hang on them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pandas as pd
from scipy.stats import false_discovery_control, fisher_exact, spearmanr

from simulator.parameters import registry
from simulator.writing.formats import markdown, records
from simulator.writing.numbers import FEWEST_POINTS

LEVEL = 0.05
COLUMNS = ("parameter", "id", "rho", "p", "below", "above", "turn_p")


def dependence(results: Path) -> pd.DataFrame:
    """How each claim's effect hangs on each number sampled with it: one row a claim and parameter.

    ``rho``: Spearman's rank correlation of the effect at a point with the parameter, ``p``: its p value;
    ``below, above``: share of points at which the claim holds in the lower and the upper half of the
    parameter's sample, ``turn_p``: Fisher's exact p that they differ.  Both p values are adjusted over all
    rows to a rate of false discoveries (Benjamini and Hochberg 1995).  Of claims that stand on 30 sampled
    points or more, whose effect varies.
    """
    rows: list[dict[str, object]] = []
    for path in sorted(results.glob("[!.]*/points.csv")):
        for claim, table in pd.read_csv(path).groupby("id", sort=False):
            known = table.dropna(subset=["effect", "holds"])
            if len(known) >= FEWEST_POINTS and np.ptp(known["effect"]) > 0:
                rows += _of_claim(str(claim), known)
    told = pd.DataFrame(rows, columns=list(COLUMNS))
    for name in ("p", "turn_p"):
        told[name] = false_discovery_control(told[name].to_numpy(dtype=float)) if len(told) else []
    return told


def _of_claim(claim: str, table: pd.DataFrame) -> Iterator[dict[str, object]]:
    holds = table["holds"].to_numpy() > 0
    for name in table.columns[2:-2]:
        if np.ptp(table[name]) == 0:
            continue
        rho, p = spearmanr(table[name], table["effect"])
        upper = (table[name] > table[name].median()).to_numpy()
        counts = [[int((holds & side).sum()), int((~holds & side).sum())] for side in (~upper, upper)]
        yield {
            "parameter": name,
            "id": claim,
            "rho": float(rho),
            "p": float(p),
            "below": float(holds[~upper].mean()),
            "above": float(holds[upper].mean()),
            "turn_p": float(fisher_exact(np.array(counts))[1]),
        }


def ranked(told: pd.DataFrame) -> pd.DataFrame:
    """One row a parameter, those first on which claims hang most.

    ``claims`` it was sampled with; ``moved``: of them those whose effect it surely moves; ``strength``: mean
    of the absolute rank correlation; ``turned``: claims of which it surely changes where they hold, with the
    share of points in the lower and in the upper half.
    """
    rows = []
    for name, part in told.groupby("parameter", sort=False):
        turned = [
            f"{row['id']} {100 * row['below']:.0f} > {100 * row['above']:.0f} %"
            for row in records(part[part["turn_p"] < LEVEL])
        ]
        row = {
            "parameter": str(name),
            "claims": len(part),
            "moved": int((part["p"] < LEVEL).sum()),
            "strength": float(part["rho"].abs().mean()),
            "turned": ", ".join(turned),
        }
        rows.append(row)
    table = pd.DataFrame(rows, columns=["parameter", "claims", "moved", "strength", "turned"])
    share = table["moved"] / table["claims"].clip(lower=1)
    return table.assign(share=share).sort_values(
        ["moved", "share", "strength"], ascending=False, kind="stable"
    )


def assumptions(results: Path) -> str:
    """The table of assumptions as Markdown."""
    known = registry()
    heads = [
        "Number",
        "Source",
        "Claims",
        "Moves the effect of",
        "Mean rank correlation",
        "Where claims hold",
    ]
    lines = []
    for row in records(ranked(dependence(results))):
        entry = known.get(row["parameter"])
        source = "mix of strategies: assumption" if entry is None else "a source"
        if entry is not None and entry.is_assumption:
            source = "assumption"
        moved = f"{row['moved']} ({100 * row['share']:.0f} %)"
        title = f"`{row['parameter']}`" + ("" if entry is None else f": {entry.title}")
        lines.append(
            [title, source, str(row["claims"]), moved, f"{row['strength']:.2f}", row["turned"] or "–"]
        )
    return "\n".join(markdown(heads, lines)) + "\n"
