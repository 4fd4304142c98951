"""Write the generated pages of the documentation; with ``--check``, only say which are stale."""

from __future__ import annotations

import csv
import inspect
import re
import sys
from collections.abc import Iterable, Iterator
from itertools import groupby
from pathlib import Path

from simulator.engine import law, records, state
from simulator.parameters import Parameter, registry

DOCS = Path(__file__).parent
EXPERIMENT = "laws_at_learned_equilibria"
NUMBERS = ("<!-- numbers: written by `make docs` -->\n", "<!-- end of the numbers -->\n")
"""The lines of docs/learning.md between which its numbers stand."""
UNBOUNDED = 1e6  # from here on the registry means: no upper end
COLUMNS = ("parameter", "symbol", "meaning", "unit", "default", "plausible", "valid", "source")
PREFACE = """# Parameters

Every number of the model: its symbol, unit and default, the plausible range that sweeps use, the valid range
that loading enforces, and its source. Where the source says **assumption**, no document gives the value:
sweep it, do not believe it. A scenario lays its own values over these by name.

Generated from `simulator/parameters.yaml` by `make docs`.
"""
STATE_PREFACE = """# State

What the engine keeps of each thing in the model: records of plain numbers, laid out as below. Money is USD m:
discounted to month 0 where it is an account of the past, of the current month where it is a value. Rates are
fractions of price. `_h` is the holder's, `_i` the implementer's. Words with a capital are codes of
`simulator/vocabulary.py`. Kinds: `f8` a number, `i1` to `i8` a whole number of so many bytes.

Generated from `simulator/engine/law.py` and `state.py` by `make docs`.
"""
RECORD = re.compile(r"^[A-Z_]+ = dtype_of\((\w+)\)$", re.MULTILINE)
FIELD = re.compile(r"^    (\w+): \w+  # (.+)$", re.MULTILINE)


def parameters_page() -> str:
    """The registry, one table a section, in the order of ``parameters.yaml``."""
    rows = registry().values()
    counts = f"\n{len(rows)} parameters; {sum(row.is_assumption for row in rows)} rest on an assumption.\n"
    return PREFACE + counts + "".join(_table(name, part) for name, part in groupby(rows, _section))


def state_page() -> str:
    """``docs/state.md``: every record of the engine with the kind, unit and meaning of its fields."""
    kept = (
        getattr(module, name) for module in (law, state) for name in RECORD.findall(inspect.getsource(module))
    )
    return STATE_PREFACE + "".join(map(_record, kept))


def _record(cls: type) -> str:
    layouts = records.dtype_of(cls)
    lines = [("field", "kind", "unit and meaning"), ("---",) * 3]
    for field, said in FIELD.findall(inspect.getsource(cls)):
        layout = layouts[field]
        shape = "".join(f"[{size}]" for size in layout.shape)
        lines.append((f"`{field}`", f"{layout.base.str[1:]}{shape}", said))
    about = " ".join(str(inspect.getdoc(cls)).split())
    return f"\n## {cls.__name__}\n\n{about}\n\n" + "".join(f"| {' | '.join(line)} |\n" for line in lines)


def main(*, check: bool) -> int:
    """Write every page, or with ``check`` name the stale ones; returns the exit code."""
    stale = {
        path: text for path, text in _pages().items() if not path.is_file() or path.read_text("utf-8") != text
    }
    for path, text in stale.items():
        if check:
            print(f"docs/{path.name} is stale: run `make docs`", file=sys.stderr)
        else:
            path.write_text(text, encoding="utf-8")
    return 1 if check and stale else 0


def learning_page() -> str:
    """``docs/learning.md`` with the numbers of the experiment and of the run on the market of two."""
    page = (DOCS / "learning.md").read_text(encoding="utf-8")
    before, start, rest = page.partition(NUMBERS[0])
    _, end, after = rest.partition(NUMBERS[1])
    return before + start + "".join(f"{line}\n" for line in _learned_numbers()) + end + after


def _learned_numbers() -> Iterator[str]:
    """What the committed tables say of laws where parties answer them."""
    folder = DOCS.parent / "results" / EXPERIMENT
    if (folder / "equilibria.csv").is_file():
        rankings, equilibria = (_csv(folder / f"{name}.csv") for name in ("rankings", "equilibria"))
        learned = [row for row in equilibria if row["stage"] == "learned"]
        yield from ["## With numbers", ""]
        apart = sum(row["apart"] != "1" for row in learned)
        gains = [float(row["gain"]) for row in learned]
        counts = sorted({int(row["starts"]) for row in learned})
        starts = " or ".join(map(str, counts)) + " start" + "s" * (counts[-1] > 1)
        yield (
            f"In [the experiment](../experiments/{EXPERIMENT}/README.md) {len(learned)} laws were "
            f"learned, each from {starts}; under {apart} of them the ends lie apart. "
            f"What somebody still gains there lies between {_percent(min(gains))} and "
            f"{_percent(max(gains))} of what is due. Of the verdicts on pairs of laws that conduct as given "
            "decides, so many survive at all three stages, or turn once parties have learned; the others "
            "are no longer decided:"
        )
        yield from [
            "",
            "| market | outcome | decided at given conduct | survive | turn |",
            "|---|---|---|---|---|",
        ]
        markets = {row["market"] for row in learned}
        known = {(row["market"], row["regime"]) for row in learned}
        places = dict.fromkeys((row["market"], row["metric"]) for row in rankings if row["market"] in markets)
        for market, metric in places:
            here = [row for row in rankings if (row["market"], row["metric"]) == (market, metric)]
            both = [row for row in here if {(market, row["first"]), (market, row["second"])} <= known]
            own = [row for row in both if row["start"]]
            survive = sum(row["survives"] == "True" for row in own)
            turn = sum(row["learned"] not in ("", row["start"]) for row in own)
            yield f"| {market} | {metric.replace('_', ' ')} | {len(own)} | {survive} | {turn} |"
        yield from ["", f"![Where laws move](../results/{EXPERIMENT}/arrows.png)"] * (
            folder / "arrows.png"
        ).is_file()
        yield ""
    two = DOCS.parent / "results" / "learned_duopoly" / "certificates.csv"
    if two.is_file():
        yield from ["## One run in full", ""]
        command = "frandsim evolve duopoly --regimes cn-rate-setting --learn --search 4000"
        yield f"`{command}`, from five starts:"
        yield from [
            "",
            "| learned from | rounds | gain [95 % interval] | recall | certificate |",
            "|---|---|---|---|---|",
        ]
        for row in _csv(two):
            gain, low, high = (_percent(float(row[end])) for end in ("gain", "low", "high"))
            why = row["said"].partition(": ")[0]
            cells = (row["start"], row["rounds"], f"{gain} [{low}, {high}]", f"{float(row['recall']):.2f}")
            yield f"| {' | '.join(cells)} | {'passed' if row['passed'] == 'True' else why} |"
        yield ""


def _csv(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def _percent(share: float) -> str:
    return f"{100 * share:.1f} %"


def _pages() -> dict[Path, str]:
    return {
        DOCS / "parameters.md": parameters_page(),
        DOCS / "state.md": state_page(),
        DOCS / "learning.md": learning_page(),
    }


def _section(parameter: Parameter) -> str:
    return parameter.name.split(".")[0]


def _table(section: str, rows: Iterable[Parameter]) -> str:
    lines = [COLUMNS, ("---",) * len(COLUMNS), *map(_row, rows)]
    return f"\n## {section.capitalize()}\n\n" + "".join(f"| {' | '.join(line)} |\n" for line in lines)


def _row(parameter: Parameter) -> tuple[str, ...]:
    source = parameter.source.replace("|", "\\|").replace("assumption", "**assumption**")
    return (
        f"`{parameter.name}`",
        f"`{parameter.symbol}`" if parameter.symbol else "",
        parameter.title,
        parameter.unit,
        f"{parameter.default:g}",
        _interval(parameter.plausible),
        _interval(parameter.valid),
        source,
    )


def _interval(bounds: tuple[float, float]) -> str:
    low, high = bounds
    return f"at least {low:g}" if high >= UNBOUNDED else f"{low:g} to {high:g}"


if __name__ == "__main__":
    sys.exit(main(check="--check" in sys.argv[1:]))
