"""How often intervals hold the truth: every metric, levels and differences, both kinds of market.

A few thousand replications are the truth: batches are drawn from them with replacement, so that the mean of
these replications is the one their intervals should hold.  ``make coverage`` writes docs/coverage.md; the
quick version in ``test_coverage.py`` holds the same statements on five metrics.
"""

from __future__ import annotations

import argparse
import re
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy import stats

from simulator.comparison.covariates import covariates
from simulator.engine.build import build
from simulator.engine.run import run_chunk
from simulator.outcomes.further_measures import MEASURES
from simulator.outcomes.negotiations import Mask, Negotiations, Setting, Values
from simulator.spec.load import load_scenario
from simulator.statistics.controls import controlled
from simulator.statistics.doubts import BETWEEN, CARRIED, STUDIED, doubts, ranges
from simulator.statistics.intervals import LEVEL, ROUNDING, THIN, interval, p_value, sample

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs" / "coverage.md"
MARKETS = ("cellular", "duopoly")
SIZES = (10, 20, 100)
REPLICATIONS, BATCHES = 4000, 2000
NEAR = (0.93, 0.97)
"""Coverage that passes for 95 %."""


def truth(name: str, replications: int, step: int = 100) -> tuple[Values, list[str]]:
    """Every measure of every replication, (replications, regimes, measures), and the regimes."""
    scenario = load_scenario(name, replications=replications)
    rules, setting, parts = build(scenario), Setting.of(scenario), []
    for start in range(0, replications, step):
        rows = run_chunk(rules, scenario.seed, range(start, min(start + step, replications)))
        found = Negotiations(rows, setting)
        parts.append(
            np.stack(
                [one.rule(found).reshape(-1, len(setting.regimes)) for one in MEASURES.values()], axis=-1
            )
        )
    return np.concatenate(parts), list(setting.regimes)


def study(
    values: Values,
    metrics: Sequence[str] = tuple(MEASURES),
    sizes: Sequence[int] = SIZES,
    batches: int = BATCHES,
    seed: int = 1,
) -> pd.DataFrame:
    """One row a batch size, kind (level, difference from the first regime), metric and regime that varies.

    ``given``: share of batches with an interval; ``covered``: of these, that hold the truth; ``size``: share
    of batches whose test rejects the truth at 5 %; ``cautioned``: share of batches in which the report doubts
    the interval; ``quiet``: coverage among those in which it does not; ``why``: what in the truth makes an
    interval fail.
    """
    names = list(MEASURES)
    rows: list[dict[str, object]] = []
    for n in sizes:
        drawn = np.random.default_rng([seed, n]).integers(0, len(values), (n, batches))
        for metric in metrics:
            columns = list(dict.fromkeys([metric, *CARRIED]))
            places = [names.index(name) for name in columns]
            for kind in ("level", "difference"):
                own = values[..., places]
                ours, theirs = (own, None) if kind == "level" else (own[:, 1:], own[:, :1])
                rows += _cells(ours, theirs, columns, drawn, {"n": n, "kind": kind, "metric": metric})
    return pd.DataFrame(rows)


def controlled_study(
    values: Values,
    known: Values,
    metrics: Sequence[str] = tuple(MEASURES),
    n: int = 100,
    batches: int = 500,
    seed: int = 1,
) -> pd.DataFrame:
    """As :func:`study`, of differences with the covariates ``known`` taken out (replications, covariates).

    ``gain``: median over batches of how many times smaller controls make the variance.
    """
    names, rows = list(MEASURES), []
    drawn = np.random.default_rng([seed, n]).integers(0, len(values), (n, batches))
    centred = known - known.mean(axis=0)  # these replications are the truth, so their means are
    for metric in metrics:
        place, columns = names.index(metric), list(dict.fromkeys([metric, *CARRIED]))
        places = [names.index(name) for name in columns]
        gap = values[:, 1:, place] - values[:, :1, place]
        mean = np.array([one[~np.isnan(one)].mean() if (~np.isnan(one)).any() else np.nan for one in gap.T])
        found = [controlled(gap[chosen], centred[chosen], MEASURES[metric].span) for chosen in drawn.T]
        low, high, gain = (np.array([one[part] for one in found]) for part in ("low", "high", "gain"))
        covered, given = (low <= mean + ROUNDING) & (mean - ROUNDING <= high), ~np.isnan(low)
        own = values[..., places]
        doubted = np.array([doubts(own[chosen, 1:], columns, own[chosen, :1])[:, 0] for chosen in drawn.T])
        for regime in np.flatnonzero(given.any(axis=0)):
            mine, quiet = given[:, regime], given[:, regime] & ~doubted[:, regime]
            rows.append(
                {
                    "n": n,
                    "kind": "controlled difference",
                    "metric": metric,
                    "regime": int(regime),
                    "given": float(mine.mean()),
                    "covered": _share(covered[:, regime], mine),
                    "gain": float(np.median(gain[mine, regime])),
                    "cautioned": float((doubted[:, regime] & mine).mean() / mine.mean()),
                    "quiet": _share(covered[:, regime], quiet),
                    "quiet_batches": int(quiet.sum()),
                }
            )
    return pd.DataFrame(rows)


def _cells(
    ours: Values,
    theirs: Values | None,
    columns: list[str],
    drawn: npt.NDArray[np.int64],
    keys: dict[str, object],
) -> Iterator[dict[str, object]]:
    """The rows of one metric, kind and size: one a regime in which it varies."""
    gap = theirs is not None
    whole = ours if theirs is None else ours - theirs
    low, high = (float(end[0]) for end in ranges(columns))
    bounds = (low - high, high - low) if gap else (low, high)
    for regime in range(whole.shape[1]):
        one = whole[:, regime, 0]
        known = one[~np.isnan(one)]
        if known.size < 2 or np.ptp(known) <= ROUNDING:
            continue
        mean = float(known.mean())
        found = sample(one[drawn], *bounds, gap=gap)
        least, most = interval(found)
        given = ~np.isnan(least)
        covered = given & (least <= mean + ROUNDING) & (mean - ROUNDING <= most)
        sides = [side[:, [min(regime, side.shape[1] - 1)]] for side in (ours, theirs) if side is not None]
        parts = [side[drawn] for side in sides]
        doubted = doubts(parts[0], columns, parts[1] if gap else None)[..., 0, 0]
        quiet = given & ~doubted
        rejected = (p_value(found, mean) < 1 - LEVEL)[found.n > 1]
        yield keys | {
            "regime": regime,
            "given": float(given.mean()),
            "covered": _share(covered, given),
            "size": float(rejected.mean()) if rejected.size else float("nan"),
            "cautioned": float((doubted & given).mean() / max(given.mean(), 1e-9)),
            "quiet": _share(covered & quiet, quiet),
            "quiet_batches": int(quiet.sum()),
            "why": _why(known, sides, columns, len(drawn)),
        }


def _share(part: Mask, whole: Mask) -> float:
    return float(np.count_nonzero(part & whole) / np.count_nonzero(whole)) if whole.any() else float("nan")


def _why(known: Values, sides: list[Values], columns: list[str], n: int) -> str:
    """What in the truth makes intervals of ``n`` replications miss it; empty where nothing known does."""
    values, counts = np.unique(known.round(9), return_counts=True)
    usual = float(counts.max() / len(known))
    if len(values) <= 3 or (usual > 0.5 and (1 - usual) * n < 2 * THIN):
        return "rare" if (1 - usual) * n < 2 * THIN else "coarse"
    for event, carried in CARRIED.items():
        further = BETWEEN if len(sides) > 1 and event == "deadlock_rate" else ()
        if columns[0] in (*carried, *further):
            chances = [float((side[..., columns.index(event)] > 0).mean()) for side in sides]
            if min(chances) * n < THIN:
                return "carries what is rare"
    if abs(float(stats.skew(known))) > max(np.sqrt(n) / 10, 0.5):
        return "skewed"
    if columns[0].startswith("median") or len(values) < 30:
        return "coarse"
    return ""


def by_metric(found: pd.DataFrame) -> pd.DataFrame:
    """The cells of each size, kind and metric together: coverage on average and at the ends, and the mark."""
    rows = []
    for keys, part in found.groupby(["n", "kind", "metric"], sort=False):
        low, high = float(part["covered"].min()), float(part["covered"].max())
        outside = part[(part["covered"] < NEAR[0]) | (part["covered"] > NEAR[1])]
        quiet = part[part["quiet_batches"] > 0]
        mark = "narrow" if low < NEAR[0] else ""
        mark += (" and " if mark else "") + "wide" if high > NEAR[1] else ""
        rows.append(
            dict(zip(("n", "kind", "metric"), keys, strict=True))
            | {
                "cells": len(part),
                "covered": float(part["covered"].mean()),
                "low": low,
                "high": high,
                "given": float(part["given"].mean()),
                "size": float(part["size"].mean()),
                "cautioned": float(part["cautioned"].mean()),
                "quiet": float(np.average(quiet["quiet"], weights=quiet["quiet_batches"]))
                if len(quiet)
                else float("nan"),
                "mark": mark,
                "why": ", ".join(sorted({why or "chance" for why in outside["why"]})),
            }
        )
    return pd.DataFrame(rows)


HEAD = """\
# How often intervals hold the truth

Written by `make coverage` ({replications:,} replications of each market as the truth, {batches:,} batches
of each size drawn from them with replacement; 14 regimes). The summary of a comparison gives levels, its
table of differences what a regime has less the baseline's, paired. Coverage of a 95 % interval is counted
over the batches in which one is given: where no replication differs and the outcome has no upper end, there
is none, and a report says so.

- **Coverage**: mean over the regimes, and in brackets the lowest and highest of them. A cell between 93 and
  97 % passes; else it is marked *narrow* or *wide*, with why: *rare* (few of so many replications move it;
  score intervals of 0 and 1 then come in steps, and the rule of three is wide on purpose), *carries what is
  rare* (costs and losses of a court case or an exit that most batches do not see), *skewed*, *coarse* (few
  values, as medians and counts have), *chance* (nothing but the {error:.1f} points that so many batches
  leave).
- **Test**: how often the test rejects the true value at 5 %.
- **Cautioned**: share of batches in which the report doubts the interval of that metric and regime
  (`simulator/statistics/doubts.py`).
- **Else**: coverage in all other batches, in which nothing is said.
- **Controlled differences** take out what month 0 says of the markets; last column: how many times smaller
  their variance is than that of the plain difference (median).

Regimes under which an outcome never varied are left out."""


def page(
    found: dict[str, pd.DataFrame], controls: dict[str, pd.DataFrame], replications: int, batches: int
) -> str:
    """The study as Markdown, from the cells of each market."""
    error = 100 * 1.96 * np.sqrt(0.95 * 0.05 / batches)
    lines = [HEAD.format(replications=replications, batches=batches, error=error), *_summary(found)]
    for market, cells in found.items():
        table = by_metric(cells)
        for n in dict.fromkeys(table["n"]):
            for kind in ("level", "difference"):
                part = table[(table["n"] == n) & (table["kind"] == kind)]
                lines += ["", f"## {market}: {kind}s, {n} replications", ""]
                lines += ["| Metric | Coverage, % | Given, % | Test, % | Cautioned, % | Else, % | Mark |"]
                lines += ["|---|---|---|---|---|---|---|"]
                lines += [_line(row) for row in part.to_dict("records")]
    for market, cells in controls.items():
        n = int(cells["n"].iloc[0])
        lines += ["", f"## {market}: controlled differences, {n} replications", ""]
        lines += ["| Metric | Coverage, % | Given, % | Cautioned, % | Else, % | Variance, times smaller |"]
        lines += ["|---|---|---|---|---|---|"]
        for metric, part in cells.groupby("metric", sort=False):
            ends = [100 * float(part["covered"].agg(how)) for how in ("mean", "min", "max")]
            quiet = part[part["quiet_batches"] > 0]
            other = 100 * np.average(quiet["quiet"], weights=quiet["quiet_batches"]) if len(quiet) else np.nan
            rest = (100 * part["given"].mean(), 100 * part["cautioned"].mean(), other)
            said = " | ".join("–" if np.isnan(one) else f"{one:.1f}" for one in rest)
            covered = f"{ends[0]:.1f} [{ends[1]:.1f}, {ends[2]:.1f}]"
            lines.append(f"| {metric} | {covered} | {said} | {part['gain'].median():.2f} |")
    return "\n".join(lines) + "\n"


def _summary(found: dict[str, pd.DataFrame]) -> Iterator[str]:
    yield "## In short"
    yield ""
    yield "| Market | Replications | Kind | Cells | Coverage, % | Within 93-97, % | Cautioned, % | Else, % |"
    yield "|---|---|---|---|---|---|---|---|"
    for market, cells in found.items():
        for (n, kind), part in cells.groupby(["n", "kind"], sort=False):
            near = part["covered"].between(*NEAR).mean()
            quiet = part[part["quiet_batches"] > 0]
            other = np.average(quiet["quiet"], weights=quiet["quiet_batches"])
            numbers = (part["covered"].mean(), near, part["cautioned"].mean(), other)
            said = " | ".join(f"{100 * number:.1f}" for number in numbers)
            yield f"| {market} | {n} | {kind} | {len(part)} | {said} |"


def _line(row: dict[str, object]) -> str:
    def percent(name: str) -> str:
        number = float(row[name])  # type: ignore[arg-type]
        return "–" if np.isnan(number) else f"{100 * number:.1f}"

    mark = f"{row['mark']}: {row['why']}" if row["mark"] else ""
    covered = f"{percent('covered')} [{percent('low')}, {percent('high')}]"
    rest = (percent(name) for name in ("given", "size", "cautioned", "quiet"))
    return f"| {row['metric']} | {covered} | {' | '.join(rest)} | {mark} |"


def outside(text: str) -> pd.DataFrame:
    """What the page marks: lowest and highest coverage (%) by size, kind and metric, over both markets."""
    rows, size, kind = [], 0, ""
    for line in text.splitlines():
        if head := re.match(r"## \w+: (level|difference)s, (\d+) replications", line):
            kind, size = head[1], int(head[2])
        elif cell := re.match(r"\| (\w+) \| [\d.]+ \[([\d.]+), ([\d.]+)\] .*\| (narrow|wide)[^|]*\|$", line):
            rows.append((size, kind, cell[1], float(cell[2]), float(cell[3])))
    table = pd.DataFrame(rows, columns=["n", "kind", "metric", "low", "high"])
    together = table.groupby(["n", "kind", "metric"], sort=False)
    return together.agg(low=("low", "min"), high=("high", "max")).reset_index()


def main() -> None:
    """Play the truth, draw the batches, write the page and what a report must say of it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--replications", type=int, default=REPLICATIONS)
    parser.add_argument("--batches", type=int, default=BATCHES)
    asked = parser.parse_args()
    found, controls = {}, {}
    for market in MARKETS:
        print(f"{market}: {asked.replications} replications", file=sys.stderr, flush=True)
        values, _ = truth(market, asked.replications)
        found[market] = study(values, batches=asked.batches)
        known, _ = covariates(load_scenario(market), range(asked.replications))
        controls[market] = controlled_study(values, known, batches=max(asked.batches // 4, 10))
    text = page(found, controls, asked.replications, asked.batches)
    PAGE.write_text(text, encoding="utf-8")
    outside(text).to_csv(STUDIED, index=False)
    print(f"wrote {PAGE.relative_to(ROOT)} and {STUDIED.name}", file=sys.stderr)


if __name__ == "__main__":
    main()
