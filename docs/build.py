"""Write the generated pages of the documentation; with ``--check``, only say which are stale."""

from __future__ import annotations

import ast
import inspect
import re
import sys
from collections.abc import Iterable, Iterator
from itertools import groupby
from pathlib import Path
from typing import Any

import typer

from simulator import cli
from simulator.engine import law, records, state
from simulator.parameters import Parameter, registry
from simulator.spec.load import MODELS

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
COMMAND_PREFACE = """# Commands

Every command with its options, as `--help` prints them.

Generated from the commands themselves by `make docs`.
"""
SCHEMA_PREFACE = """# Words of the files

Every kind of file, part by part: each key, what may stand there, what holds without it, and what it means.
Words that may be chosen from are listed; a number with a source is `{value: 2, source: "its source"}`. The
same as JSON Schema, for an editor: `frandsim schema regime`.

Generated from `simulator/spec/` by `make docs`.
"""
KEYS = ("key", "what may stand there", "without it", "meaning")
THEORY_PREFACE = """# Theory that a test plays

Where theory has a closed form, a test puts the shipped engine, or the shipped rule, into that limit and
compares. These are the results held to, file by file; the tests have the numbers.

Generated from `tests/theory/` by `make docs`.
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


def theory_page() -> str:
    """``docs/theory.md``: the closed forms, as the tests that compare with them state them."""
    return THEORY_PREFACE + "".join(
        map(_theory, sorted((DOCS.parent / "tests" / "theory").glob("test_*.py")))
    )


def _theory(path: Path) -> str:
    """What a file of tests compares with: its classes' words, else the names of its tests."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    said = [
        " ".join(str(ast.get_docstring(node) or "").replace("``", "`").split())
        if isinstance(node, ast.ClassDef)
        else node.name.removeprefix("test_").replace("_", " ")
        for node in tree.body
        if (isinstance(node, ast.ClassDef) and ast.get_docstring(node) and node.name.startswith("Test"))
        or (isinstance(node, ast.FunctionDef) and node.name.startswith("test_"))
    ]
    about = " ".join(str(ast.get_docstring(tree)).replace("``", "`").split())
    return f"\n## `{path.name}`\n\n{about}\n\n" + "".join(f"- {line}\n" for line in said)


def commands_page() -> str:
    """``docs/commands.md``: usage, meaning, options and examples of every command."""
    return COMMAND_PREFACE + "".join(_commands(typer.main.get_command(cli.app), "frandsim"))


def _commands(command: Any, called: str) -> Iterator[str]:
    """The sections of a command and of those below it."""
    context = command.make_context(called, [], resilient_parsing=True)
    usage = " ".join(command.collect_usage_pieces(context))
    yield f"\n## {called}\n\n{_escaped(inspect.cleandoc(command.help or ''))}\n"
    yield f"\n```text\n{called} {usage}\n```\n"
    given = [record for option in command.params if (record := option.get_help_record(context))]
    rows = [f"| `{_value(names)}` | {_escaped(said)} |\n" for names, said in given]
    if rows:
        yield "".join(["\n| argument or option | meaning |\n| --- | --- |\n", *rows])
    examples = re.findall(r"^  (frandsim .+)$", command.epilog or "", re.MULTILINE)
    if examples:
        yield "\n```bash\n" + "\n".join(examples) + "\n```\n"
    for name, below in getattr(command, "commands", {}).items():
        yield from _commands(below, f"{called} {name}")


def _value(names: str) -> str:
    """An option's names and what its value is; an argument's name alone."""
    name = names.replace("|", "/")
    if not name.startswith("-"):
        return name.partition(" <")[0]
    for kind, word in (("int", "NUMBER"), ("float", "NUMBER"), ("path", "PATH"), ("str", "TEXT")):
        name = re.sub(f"<{kind}( range)?>", word, name)
    return name


def schema_page() -> str:
    """``docs/schema.md``: the keys of every kind of file."""
    return SCHEMA_PREFACE + "".join(part for kind, model in MODELS.items() for part in _kind(kind, model))


def _kind(kind: str, model: Any) -> Iterator[str]:
    """The tables of a kind of file: its own keys, then those of each part it names."""
    schema = model.model_json_schema()
    parts = schema.get("$defs", {})
    yield f"\n## {kind}\n" + _keys(schema, kind)
    for name, part in parts.items():
        if "properties" in part:
            yield f"\n### {kind}: {name}\n" + _keys(part, kind)


def _keys(schema: dict[str, Any], kind: str) -> str:
    about = " ".join(schema.get("description", "").replace("``", "`").split())
    lines = [KEYS, ("---",) * len(KEYS)]
    for key, said in schema["properties"].items():
        if key in schema.get("required", ()):
            default = "**required**"
        else:
            default = "" if said.get("default") in (None, "", [], {}) else f"`{_yaml(said['default'])}`"
        lines.append((f"`{key}`", _may_stand(said, kind), default, _escaped(said.get("description", ""))))
    return f"\n{about}\n\n" + "".join(f"| {' | '.join(line)} |\n" for line in lines)


def _yaml(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else f"{value}"


def _may_stand(said: dict[str, Any], kind: str) -> str:
    """What a key takes, in words."""
    if "$ref" in said:
        name = said["$ref"].rpartition("/")[2]
        return f"[{name}](#{kind}-{name.lower()})"
    for union in ("anyOf", "oneOf"):
        if union in said:
            kinds = [_may_stand(one, kind) for one in said[union] if one.get("type") != "null"]
            return " or ".join(dict.fromkeys(kinds))
    if "enum" in said or "const" in said:
        return ", ".join(f"`{_yaml(word)}`" for word in said.get("enum", [said.get("const")]))
    if said.get("type") == "array":
        if "prefixItems" in said:
            return f"[{', '.join(_may_stand(one, kind) for one in said['prefixItems'])}]"
        return f"list of {_may_stand(said.get('items', {}), kind)}"
    if said.get("type") == "object":
        inside = said.get("additionalProperties")
        return f"name: {_may_stand(inside, kind)}" if isinstance(inside, dict) else "names and values"
    words = {"string": "text", "integer": "whole number", "boolean": "true, false", "number": "number"}
    limits = (
        ("minimum", "from"),
        ("exclusiveMinimum", "above"),
        ("maximum", "to"),
        ("exclusiveMaximum", "below"),
    )
    bounds = [f"{word} {said[limit]:g}" for limit, word in limits if limit in said]
    return " ".join(
        [words.get(said.get("format", said.get("type", "")), said.get("format", "text")), *bounds]
    )


def _escaped(text: str) -> str:
    """Text in which Markdown sees no marks, on lines as they are."""
    return re.sub(r"([|<*_\[\]])", r"\\\1", text.replace("``", "`"))


def _record(cls: type) -> str:
    layouts = records.dtype_of(cls)
    lines = [("field", "kind", "unit and meaning"), ("---",) * 3]
    for field, said in FIELD.findall(inspect.getsource(cls)):
        layout = layouts[field]
        shape = "".join(f"[{size}]" for size in layout.shape)
        lines.append((f"`{field}`", f"`{layout.base.str[1:]}{shape}`", said))
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
    return {
        DOCS / "commands.md": commands_page(),
        DOCS / "parameters.md": parameters_page(),
        DOCS / "schema.md": schema_page(),
        DOCS / "state.md": state_page(),
        DOCS / "theory.md": theory_page(),
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
