"""The answer of an experiment as Markdown, and its place in the README beside the experiment's file."""

from __future__ import annotations

import math
import shlex
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from simulator.batch.files import put
from simulator.experiments.frontiers import frontier_map
from simulator.experiments.hypotheses import decomposition, sensitivities, unswitched, verdicts
from simulator.experiments.regions import regions
from simulator.experiments.sweep import DECIDED, Sweep, axis_title, metric_of, shown, title_of
from simulator.report.levels import level_lines
from simulator.spec.design import Lever
from simulator.spec.experiment import Experiment
from simulator.writing.formats import records
from simulator.writing.numbers import MARKS, interval, signed, small, told_share, unit, value

START, END = "<!-- answer: written by the command -->\n", "<!-- end of the answer -->\n"
"""The lines of a README between which the answer stands."""
CHIEF = 5
"""Parameters shown of a sensitivity."""


def command(plan: Experiment) -> str:
    """The command that makes the results again."""
    scenario = plan.scenario
    words = ["frandsim", "experiment", plan.experiment, *["--quick"] * plan.quick]
    return shlex.join([*words, "--replications", str(scenario.replications), "--seed", str(scenario.seed)])


def experiment_text(sweep: Sweep) -> str:
    """The answer: verdicts on the claims, where rankings hold, and each outcome along each lever."""
    lines = [*_basis(sweep), *sweep.cautions()]
    if sweep.experiment.hypotheses:
        lines += ["", *_verdicts(sweep)]
        given = {row["id"]: row for row in records(verdicts(sweep)) if not row["control"]}
        lines += level_lines(records(sweep.levels), given)
    lines += [*_sensitivity(sweep), *_why(sweep), *_ranking(sweep), *_regions(sweep), *_frontiers(sweep)]
    for name in sweep.experiment.outcomes:
        lines += ["", f"**{title_of(name)}** ({unit(metric_of(name).unit)})"]
        for lever in sweep.experiment.levers or (None,):
            lines += ["", *_table(sweep, name, lever)]
    return "\n".join(lines) + "\n"


def _basis(sweep: Sweep) -> Iterator[str]:
    plan, scenario = sweep.experiment, sweep.experiment.scenario
    grid, points = plan.design.levers == "grid", len(sweep.points)
    sampled = f" ({len(plan.settings())} lever settings x {points} points)" if points > 1 else ""
    along = (
        "along a lever, over all values of the others."
        if grid
        else "along a lever, the others at their first value."
    )
    yield (
        f"`{command(plan)}`: scenario {scenario.scenario}, {len(sweep.cells_played)} cells{sampled} of "
        f"{scenario.replications} replications. Means over replications with 95 % intervals"
        + (f"; {along}" if plan.levers else ".")
    )
    if points > 1:
        how = plan.design.sample or plan.design.file
        spans = (f"{axis_title(one)} {one.span[0]:g} to {one.span[1]:g}" for one in plan.uncertainties)
        said = ("; ".join(spans)) if plan.design.sample else ", ".join(map(axis_title, plan.uncertainties))
        yield (
            f"Points ({how}), played with the same luck; means in tables of outcomes are over the points, "
            f"given them: {said}."
        )
    if sweep.others:
        yield (
            f"Against {scenario.baseline}, paired by replication: ▲ above, ▼ below, with Holm's p below "
            f"{100 * DECIDED:g} % over all cells and regimes of the outcome; no mark: not decided."
            + " ▲2 ▼1 of 4: in so many of the 4 cells at that value."
            * (grid or points > 1)
        )


def _verdicts(sweep: Sweep) -> Iterator[str]:
    """The table of hypotheses, and what was looked at without a claim."""
    rows = records(verdicts(sweep))
    space = len(sweep.points) > 1
    yield (
        f"{_stated(sweep.experiment)} Effect: mean contrast with 95 % interval over "
        f"{_over(rows)}; p adjusted over all "
        "claims (Holm), controls among themselves; d: mean over standard deviation of the paired difference."
        + space
        * " Share: of the sampled points, those with the expected sign beyond the margin, with 95 % interval."
    )
    yield ""
    heads = ["Claim", "Contrast", "Expected", "Effect", "d", "p", "Verdict"]
    heads += ["Share of the parameter space", "Turned by"] if space else []
    yield f"| {' | '.join(heads)} |"
    yield "|" + "---|" * len(heads)
    for row in rows:
        yield f"| {' | '.join(_claim(row, space))} |"
    for row in rows:
        if row["where"]:
            yield ""
            sign = "is above zero" if row["expected"] == "open" else "is as expected"
            yield f"{row['id']}{_of(row)} {sign} mostly where: {row['where']}."
    claimed = {row["outcome"] for row in rows}
    besides = [title_of(name) for name in sweep.experiment.outcomes if name not in claimed]
    if besides:
        yield ""
        yield f"Looked at without a claim, so nothing is concluded from it: {', '.join(besides)}."


def _stated(plan: Experiment) -> str:
    """When the claims were made."""
    if plan.stated is None or plan.departures:
        return "**Claims, exploratory.**"
    return f"**Claims stated on {plan.stated}, before the run.**"


def _over(rows: list[dict[str, Any]]) -> str:
    """What the intervals of claims carry."""
    over = {row["over"] for row in rows}
    if over == {"luck"}:
        return "luck (given the points, where there are several)"
    return " or ".join(sorted(over, reverse=True))


def _of(row: dict[str, Any]) -> str:
    return f" (control: {row['control']})" if row["control"] else ""


def _claim(row: dict[str, Any], space: bool) -> Iterator[str]:
    name = f"*control: {row['control']}*" if row["control"] else f"**{row['id']}** {row['claim']}"
    yield name.replace("|", r"\|")
    measured = f"{title_of(row['outcome'])} ({unit(row['unit'])})"
    yield (row["contrast"] if row["control"] else f"{measured}: {row['contrast']}").replace("|", r"\|")
    bound = (
        f" ({value(row['margin'], row['unit'])})"
        if row["margin"] and row["expected"] != "exactly_zero"
        else ""
    )
    yield row["expected"].replace("_", " ") + bound
    yield f"{signed(row['mean'], row['unit'])} {interval(row['low'], row['high'], row['unit'])}".rstrip()
    yield f"{row['d']:.2f}" if math.isfinite(row["d"]) else "–"
    yield small(row["p_holm"])
    yield MARKS.get(row["verdict"], row["verdict"])
    if space:
        yield told_share(row)
        yield row["flips"] or "–"


def _sensitivity(sweep: Sweep) -> Iterator[str]:
    """What moves each effect most."""
    table, refused = sensitivities(sweep)
    index = next((name for name in ("ST", "S1", "mu_star") if name in table), None)
    if index is not None:
        words = {
            "ST": "share of the variance explained alone and together with others (Sobol)",
            "S1": "share of the variance explained alone (random balance design)",
            "mu_star": "mean size of the change over a parameter's range (Morris)",
        }
        what = "the effects" if sweep.experiment.hypotheses else "outcomes"
        yield ""
        yield f"**What moves {what}**: {words[index]}, largest first."
        yield ""
        for name, part in table.groupby("id", sort=False):
            chief = part.head(CHIEF)
            said = (f"{row['parameter']} {row[index]:.2g}" for row in chief.to_dict("records"))
            yield f"- {name}: {', '.join(said)}"
    yield from refused


def _why(sweep: Sweep) -> Iterator[str]:
    """What each group of rules adds from one regime to the other, averaged over all orders."""
    table, why = decomposition(sweep), sweep.experiment.mechanisms
    if why is None:
        return
    outcomes = list(dict.fromkeys(table["metric"]))
    yield ""
    yield (
        f"**Why**: the difference from {why.origin} to {why.to}, shared out over the rules taken over "
        "(Shapley values with 95 % intervals; they and the remainder add up to the total). In brackets: "
        "share of the total, where its sign is clear."
    )
    yield ""
    yield f"| Rules | {' | '.join(f'{title_of(one)} ({unit(metric_of(one).unit)})' for one in outcomes)} |"
    yield "|---|" + "---:|" * len(outcomes)
    for name, rows in table.groupby("mechanism", sort=False):
        entries = [_part(row, metric_of(str(row["metric"])).unit) for row in rows.to_dict("records")]
        yield f"| {str(name).replace('_', ' ')} | {' | '.join(entries)} |"
    yield ""
    for name, paths in why.switches.items():
        yield f"- {name.replace('_', ' ')}: {', '.join(paths)}"
    yield f"- remainder: {', '.join(unswitched(sweep)) or 'nothing, every difference is in a switch'}"


def _part(row: dict[Any, Any], kind: str) -> str:
    said = f"{signed(row['mean'], kind)} {interval(row['low'], row['high'], kind)}".rstrip()
    known = math.isfinite(row["share"]) and row["mechanism"] != "total"
    return f"{said} ({round(100 * row['share'])} %)" if known else said


def _ranking(sweep: Sweep) -> Iterator[str]:
    """The share of cells in which each regime is best, so that no ranking stands without its region."""
    table = sweep.ranking
    if table.empty:
        return
    yield ""
    what = " (every point under every lever setting)" * (len(sweep.points) > 1)
    yield f"**Best regime**: share (%) of the {len(sweep.cells_played)} cells{what}, with 95 % interval."
    yield ""
    yield f"| Outcome | {' | '.join(sweep.compared)} |"
    yield "|---|" + "---:|" * len(sweep.compared)
    for name, part in table.groupby("metric", sort=False):
        entries = [
            f"{value(row['share'], 'share')} {interval(row['low'], row['high'], 'share')}".rstrip()
            for row in part.to_dict("records")
        ]
        better = "highest" if metric_of(str(name)).better > 0 else "lowest"
        yield f"| {better} {title_of(str(name))} | {' | '.join(entries)} |"


def _regions(sweep: Sweep) -> Iterator[str]:
    """In what share of the parameter space each regime is ahead of the baseline, what turns it, and where."""
    table = regions(sweep)
    if table.empty:
        return
    yield ""
    yield (
        f"**Against {sweep.experiment.scenario.baseline}**: share of the {len(sweep.points)} points at which "
        "a regime does better, with 95 % interval; surely: its paired 95 % interval lies on that side."
    )
    yield ""
    yield "| Outcome | Regime | Better in | Surely better | Surely worse | Turned by | Better mostly where |"
    yield "|---|---|---:|---:|---:|---|---|"
    rows = records(table)
    for row in rows:
        better = "higher" if metric_of(row["metric"]).better > 0 else "lower"
        bounds = interval(row["low"], row["high"], "share")
        cells = (
            f"{better} {title_of(row['metric'])}",
            row["regime"],
            f"{value(row['share'], 'share')} % {bounds}".rstrip(),
            f"{row['ahead']}",
            f"{row['behind']}",
            row["flips"] or "–",
            row["where"] or "–",
        )
        yield f"| {' | '.join(cells)} |"


def _frontiers(sweep: Sweep) -> Iterator[str]:
    """On how much of the map each gap is below and above zero."""
    table = frontier_map(sweep)
    if table.empty:
        return
    x, y = sweep.experiment.levers[:2]
    yield ""
    yield (
        f"**Frontiers** over {axis_title(x)} and {axis_title(y)}: fields of the map in which the first "
        "outcome is surely below or above the second under the same regime (95 % interval), and the "
        "range of the gap."
    )
    yield ""
    yield "| Frontier | Gap | Regime | Below | Above | Fields | Lowest gap | Highest gap |"
    yield "|---|---|---|---:|---:|---:|---:|---:|"
    for frontier in sweep.experiment.frontiers:
        kind = metric_of(frontier.outcome).unit
        for regime in sweep.compared:
            part = table[(table["frontier"] == frontier.frontier) & (table["regime"] == regime)]
            cells = (
                frontier.frontier,
                f"{title_of(frontier.outcome)} less {title_of(frontier.minus)} ({unit(kind)})",
                regime,
                f"{(part['high'] < 0).sum()}",
                f"{(part['low'] > 0).sum()}",
                f"{len(part)}",
                signed(part["gap"].min(), kind),
                signed(part["gap"].max(), kind),
            )
            yield f"| {' | '.join(cells)} |"


def _table(sweep: Sweep, name: str, lever: Lever | None) -> Iterator[str]:
    axis = lever.name if lever else ""
    part = sweep.profiles[(sweep.profiles["metric"] == name) & (sweep.profiles["axis"] == axis)]
    rows = {(row["regime"], row["value"]): row for row in part.to_dict("records")}
    values = lever.values if lever else (0.0,)
    heads = [f"{point:g}" for point in values] if lever else ["all cells"]
    yield f"| {axis_title(lever) if lever else 'regime'} | {' | '.join(heads)} |"
    yield "|---|" + "---:|" * len(values)
    base = sweep.experiment.scenario.baseline
    for regime in sweep.compared:
        entries = []
        for point in values:
            row = rows[regime, point]
            mark = "" if regime == base else _mark(row)
            entries.append(f"{shown(row, metric_of(name).unit)} {mark}".rstrip())
        yield f"| {regime} | {' | '.join(entries)} |"


def _mark(row: Any) -> str:
    if row["cells"] == 1:
        return "▲" * int(row["above"]) + "▼" * int(row["below"])
    marks = [f"{sign}{row[side]}" for sign, side in (("▲", "above"), ("▼", "below")) if row[side]]
    return f"({' '.join(marks)} of {row['cells']})" if marks else ""


def splice(readme: Path, text: str) -> bool:
    """Put an answer into a README between the lines ``START`` and ``END``; whether it has such lines."""
    said = readme.read_text(encoding="utf-8")
    before, start, rest = said.partition(START)
    _, end, after = rest.partition(END)
    if end:
        put(readme, f"{before}{start}{text}{end}{after}".encode())
    return bool(end)
