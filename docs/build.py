"""Write the generated pages of the documentation; with ``--check``, only say which are stale."""

from __future__ import annotations

import inspect
import re
import sys
from collections.abc import Iterable
from itertools import groupby
from pathlib import Path

from simulator.engine import law, records, state
from simulator.parameters import Parameter, registry

DOCS = Path(__file__).parent
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


def _pages() -> dict[Path, str]:
    return {DOCS / "parameters.md": parameters_page(), DOCS / "state.md": state_page()}


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
