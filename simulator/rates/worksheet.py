"""How recomputed judgments read: the steps of one case, the table of all, what each method would give."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from rich.console import Group
from rich.table import Table
from rich.text import Text

from simulator.rates.cases import CaseResult, Workings, solved_input, workings
from simulator.rates.methods import METHODS
from simulator.spec.case import UNITS, Case, Computation, Input, convert, decimals

if TYPE_CHECKING:
    import pandas as pd

STYLES = {"reproduced": "green", "solved_input": "cyan", "stated": "", "not_reproducible": "yellow"}
MEANING = {
    "reproduced": "agrees to the last printed digit",
    "solved_input": "agrees, with inputs solved from the printed figures",
    "stated": "put down as printed, nothing reckoned",
    "not_reproducible": "not reproducible",
}


def amount(value: float, unit: str = "fraction", decimals: int | None = None) -> str:
    """A number with its unit, to so many decimals or else five significant digits.

    >>> amount(4.341, "percent_of_price"), amount(792571428.6, "units"), amount(0.175, "usd_per_unit", 4)
    ('4.341 % of price', '792,571,429 units', '0.1750 $ per unit')
    """
    if decimals is not None:
        text = f"{value:,.{decimals}f}"
    else:
        text = f"{value:,.0f}" if abs(value) >= 1e5 else f"{value:.5g}"
    return f"{text} {UNITS[unit].symbol}".strip()


def rate_table(results: Iterable[CaseResult], *, plain: bool = False) -> Table:
    """The table of ``frandsim rate --all``; a star marks a figure that rests on an assumption.

    A case heads its figures, or, ``plain``, stands in each of their rows.
    """
    heads = ("id", "quantity", "published", "computed", "unit", "status")
    table = Table(*["case"] * plain, *heads, box=None, pad_edge=False)
    last = ""
    for result in results:
        if result.case != last and not plain:
            table.add_row(Text(result.case, "bold"))
            last = result.case
        status = Text(result.status + "*" * bool(result.assumes), STYLES.get(result.status, ""))
        computed = "-" if result.computed is None else _computed(result)
        case = [Text(result.case)] * plain
        table.add_row(
            *case, result.id, Text(result.quantity), result.published, computed, result.unit, status
        )
    return table


def rate_rows(results: Iterable[CaseResult]) -> list[dict[str, Any]]:
    """The same as rows: the fields of ``CaseResult``."""
    return [asdict(result) for result in results]


def _computed(result: CaseResult) -> str:
    value = result.computed or 0.0
    if result.published is None:
        return amount(value)
    places = decimals(result.published) + 2
    if " to " in result.published and result.low is not None and result.high is not None:
        return f"{result.low:,.{places}f} to {result.high:,.{places}f}"
    return f"{value:,.{places}f}"


def explain(case: Case) -> Group:
    """A case step by step: inputs, each line with its formula and result, and whether it agrees and why.

    Raises ``ScenarioError`` where the case is not well formed.
    """
    work = workings(case)
    parts: list[Text | Table] = [*_heading(case), _inputs(case, work), Text()]
    for result in work.results:
        parts += [Text(line, style) for line, style in _step(case, work, result)]
    parts += [Text(f"Source defect: {defect}.", "dim") for defect in case.defects]
    if any(result.assumes for result in work.results):
        parts.append(Text("* rests on an assumption", "dim"))
    return Group(*parts)


def _heading(case: Case) -> list[Text]:
    paying = " and ".join(getattr(case.parties, case.payer))
    paid = " and ".join(case.parties.implementer if case.payer == "holder" else case.parties.holder)
    status = case.status.replace("_", " ") + (f" ({case.status_note})" if case.status_note else "")
    return [
        Text(f"{case.title}, {case.court}, {case.citation}", "bold"),
        Text(f"{paying} pays {paid}. Status: {status}."),
        Text(f"The court's method: {case.court_method.words} ({case.court_method.source})."),
        Text(", ".join(f"{event.replace('_', ' ')} {day}" for event, day in case.dates.items()) + "."),
        Text(),
    ]


def _inputs(case: Case, work: Workings) -> Table:
    table = Table("input", "value", "source", box=None, pad_edge=False)
    for name, entry in case.inputs.items():
        table.add_row(
            Text(name + "*" * entry.is_assumption), _stated(case, work, name, entry), Text(entry.source)
        )
    return table


def _stated(case: Case, work: Workings, name: str, entry: Input) -> str:
    if name in work.solved:
        found = solved_input(case, name, work.solved[name])
        box = f"between {amount(found.low)} and {amount(found.high)}"
        return f"solved: {amount(found.value, entry.unit)}, {box}"
    if entry.unknown:
        return f"unknown ({UNITS[entry.unit].symbol or entry.unit})"
    if entry.distribution:
        return f"{entry.distribution.shape}, median {amount(entry.distribution.median, entry.unit)}"
    if entry.range:
        return f"{amount(entry.range[0])} to {amount(entry.range[1], entry.unit)}"
    return amount(entry.point or 0.0, entry.unit)


def _step(case: Case, work: Workings, result: CaseResult) -> list[tuple[str, str]]:
    line = case.computations[result.name]
    star = "*" if result.assumes else ""
    lines = [(f"{result.id}: {line.quantity}{star}", "bold")]
    if line.method:
        method = METHODS[line.method]
        lines.append((f"  {method.name} = {method.formula}", ""))
        lines.append((f"  {_arguments(case, work, line)}", "dim"))
    if result.computed is not None:
        lines.append((f"  = {_outcome(result, line)}", ""))
    if line.published:
        verdict = MEANING[result.status] + (f": {result.reason}" if result.reason else "")
        printed = f"  printed {line.published.printed} {UNITS[result.unit].symbol} ({line.published.source})"
        lines.append((f"{printed}: {verdict}", STYLES[result.status]))
    if line.note:
        lines.append((f"  {line.note}", "dim"))
    return lines


def _arguments(case: Case, work: Workings, line: Computation) -> str:
    parts = []
    for key, reference in line.arguments.items():
        names = (reference,) if isinstance(reference, str) else reference
        parts.append(f"{key} = " + ", ".join(f"{_value(case, work, name)} ({name})" for name in names))
    return "; ".join(parts)


def _value(case: Case, work: Workings, name: str) -> str:
    if name not in work.values:
        return "unknown"
    line = name.partition(".")[0]
    unit = str(case.inputs[name].unit if name in case.inputs else case.computations[line].shown_in)
    return amount(work.values[name] / UNITS[unit].factor, unit)


def _outcome(result: CaseResult, line: Computation) -> str:
    places = line.published.digits + 2 if line.published else None
    text = amount(result.computed or 0.0, result.unit, places)
    if result.low is None or result.high is None:
        return text
    how = "exactly" if result.exact else "sampled"
    return f"{text}, between {amount(result.low)} and {amount(result.high, result.unit)} ({how})"


def hedonic_burdens(case: Case, tables: Sequence[pd.DataFrame], *, generated: bool) -> pd.DataFrame:
    """The aggregate burden of the line that rolls a generation forward, under every disputed choice.

    Args:
        case: one with a line whose method is ``roll_forward``.
        tables: of sales, see ``simulator.rates.hedonic``.
        generated: whether they are generated: they carry no level of prices, so the price ratio is the one
            that the case states or that its printed figures pin down; otherwise the sales' own.

    Returns:
        As ``simulator.rates.hedonic.burdens``.

    Raises:
        ScenarioError: the case is not well formed.
        ValueError: no line rolls a generation forward, or the case pins down no price ratio.
    """
    from simulator.rates.hedonic import burdens

    lines = [line for line in case.computations.values() if line.method == "roll_forward"]
    if not lines:
        raise ValueError("no line has the method roll_forward, so there is no coefficient to estimate")
    previous, ratio = str(lines[0].arguments["previous"]), str(lines[0].arguments["price_ratio"])
    values = workings(case).values
    if previous not in case.inputs or previous not in values or (generated and ratio not in values):
        raise ValueError("the old burden is no input, or no price ratio is stated or pinned down")
    entry, old = case.inputs[previous], (values[previous], values[previous])
    if entry.range:
        old = (entry.range[0] * UNITS[entry.unit].factor, entry.range[1] * UNITS[entry.unit].factor)
    return burdens(tables, old, values[ratio] if generated else None)


def hedonic_tables(case: Case, frame: pd.DataFrame) -> Group:
    """The spread of the aggregate burden, and what each disputed choice moves, in per cent of price."""
    from simulator.rates.hedonic import FIRST, NUMBERS, Choices, effects

    printed = next(line.published for line in case.computations.values() if line.method == "roll_forward")
    as_filed = frame[(frame[list(Choices._fields)] == list(FIRST)).all(axis=1)]
    spread = Table("aggregate burden, % of price", *HEDONIC_HEADS, box=None, pad_edge=False)
    if printed:
        spread.add_row("as printed", "", "", *(f"{end:g}" for end in (printed.ends[0], printed.ends[-1])))
    spread.add_row("the expert's choices, mean", *_hedonic_cells(as_filed[list(NUMBERS)].mean()))
    for quantile in (0.05, 0.25, 0.5, 0.75, 0.95):
        name = f"all choices, {quantile:.0%} quantile"
        spread.add_row(name, *_hedonic_cells(frame[list(NUMBERS)].quantile(quantile)))
    moved = Table("choice", "from", "to", *HEDONIC_HEADS, box=None, pad_edge=False)
    for _, row in effects(frame).iterrows():
        moved.add_row(row["choice"], row["from"], row["to"], *_hedonic_cells(row, "+"))
    number = frame["table"].nunique()
    luck = as_filed["coefficient"].std() if number > 1 else 0.0
    says = (
        f"{len(frame) // number} combinations of seven choices on {number} table{'s' * (number > 1)} of sales"
    )
    says += f"; luck alone moves the coefficient by {100 * luck:.2f} points (sd)" if number > 1 else ""
    half = as_filed["price_ratio"].mean() * 50.0 * as_filed["coefficient"].mean()
    note = f"If half of what buyers pay more went to others than patent holders: {half:.2f} points less."
    heads = Text("What each choice alone moves, points:")
    return Group(spread, Text(), heads, moved, Text(), Text(says), Text(note))


HEDONIC_HEADS = ("coefficient", "price ratio", "lower", "upper")


def _hedonic_cells(row: pd.Series, sign: str = "") -> list[str]:
    shown = [f"{100 * row[name]:{sign}.2f}" for name in ("coefficient", "low", "high")]
    return [shown[0], f"{row['price_ratio']:{sign}.3f}", *shown[1:]]


def all_methods(case: Case) -> pd.DataFrame:
    """What each applicable method would give in answer to the case's headline question.

    Columns: ``quantity``, ``method``, ``low``, ``value``, ``high`` (in ``unit``), ``unit``, ``published``
    (true for the one row that holds the printed figure; its ends are its rounding).  Raises ``ScenarioError``
    where the case is not well formed, ``ValueError`` where it names no headline.
    """
    import pandas as pd

    if case.headline is None:
        raise ValueError(f"{case.case} names no headline, so there is nothing to compare methods on")
    headline = case.computations[case.headline]
    unit = headline.shown_in
    rows = []
    for result in workings(case).results:
        line = case.computations[result.name]
        if line.answers != case.headline or result.computed is None:
            continue
        ends = (result.computed if end is None else end for end in (result.low, result.high))
        low, high = (convert(end, result.unit, unit) for end in ends)
        value = convert(result.computed, result.unit, unit)
        rows.append((line.quantity, str(line.method), low, value, high, unit, False))
    if headline.published:
        printed, half = headline.published.ends, 0.5 * headline.published.step
        row = (
            headline.quantity,
            headline.method or "not public",
            printed[0] - half,
            0.5 * (printed[0] + printed[-1]),
            printed[-1] + half,
            unit,
            True,
        )
        rows.insert(0, row)
    return pd.DataFrame(rows, columns=["quantity", "method", "low", "value", "high", "unit", "published"])
