"""Write the generated pages of the documentation; with ``--check``, only say which are stale."""

from __future__ import annotations

import ast
import csv
import inspect
import json
import re
import runpy
import statistics
import sys
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import groupby
from pathlib import Path
from typing import Any

import typer

from simulator import cli
from simulator.engine import law, market, records, state
from simulator.evolution.learned.stages import MENU
from simulator.experiments.learning_text import tally
from simulator.outcomes.measures import METRICS
from simulator.parameters import Parameter, registry
from simulator.rates.cases import evaluate
from simulator.report.reproduced import gathered
from simulator.spec.case import case_names, load_case
from simulator.spec.find import builtin
from simulator.spec.load import MODELS
from simulator.writing.formats import markdown
from simulator.writing.formats import records as rows_of
from simulator.writing.numbers import fixed, interval, signed, told_share, unit, value

DOCS = Path(__file__).parent
SHOWN = ("deadlock_rate", "efficiency", "months_to_licence", "effective_rate_over_frand")
"""Metrics of the table of the paper."""
EXPERIMENT = "laws_at_learned_equilibria"
NUMBERS = ("<!-- numbers: written by `make docs` -->\n", "<!-- end of the numbers -->\n")
"""The lines of a page between which its numbers stand."""
REPLICATIONS = DOCS.parent / "experiments" / "replications" / "README.md"
AGREES = {
    "supported": "agrees",
    "contradicted": "disagrees",
    "too small to matter": "disagrees: next to nothing",
}
"""What a verdict on a paper's claim means."""
UNBOUNDED = 1e6  # from here on the registry means: no upper end
COLUMNS = ("parameter", "symbol", "meaning", "unit", "default", "plausible", "valid", "source")
PREFACE = """# Parameters

Every number of the model: its symbol, unit and default, the plausible range that sweeps use, the valid range
that loading enforces, and its source. Where the source says **assumption**, no document gives the value:
sweep it, do not believe it. A scenario lays its own values over these by name. *At least* stands where
the highest that is taken lies beyond all practice: `frandsim show NAME` tells it.

Generated from `simulator/parameters.yaml` by `make docs`.
"""
STATE_PREFACE = """# State

What the engine keeps of each thing in the model: records of plain numbers, laid out as below. Money is USD m:
discounted to month 0 where it is an account of the past, of the current month where it is a value. Rates are
fractions of price. `_h` is the holder's, `_i` the implementer's. Words with a capital are codes of
`simulator/vocabulary.py`. Kinds: `f8` a number, `i1` to `i8` a whole number of so many bytes.

Generated from `simulator/engine/law.py`, `market.py` and `state.py` by `make docs`.
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

The market they are played in is `IDEAL` of `tests/play.py`: no costs, no doubt, no expert errors but where
a test says so. Bias is stated outright there (`beliefs.bias`, 0), which stands in place of so many spreads of
belief (`beliefs.bias_per_spread`); the frequency of litigation is played in both forms.

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
        getattr(module, name)
        for module in (law, market, state)
        for name in RECORD.findall(inspect.getsource(module))
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
            print(f"{path.relative_to(DOCS.parent)} is stale: run `make docs`", file=sys.stderr)
        else:
            path.write_text(text, encoding="utf-8")
    return 1 if check and stale else 0


def _numbered(path: Path, lines: Iterable[str]) -> tuple[Path, str]:
    """A page, and its text with these lines where its numbers stand."""
    page = path.read_text(encoding="utf-8")
    before, start, rest = page.partition(NUMBERS[0])
    _, end, after = rest.partition(NUMBERS[1])
    return path, before + start + "".join(f"{line}\n" for line in lines) + end + after


def _paper_numbers() -> Iterator[str]:
    """What the paper counts: what is built in, judgments that come out, claims by verdict, a comparison."""
    counts = ", ".join(
        f"{len(list(builtin(kind)))} {kind}"
        for kind in ("regimes", "markets", "strategies", "cases", "experiments")
    )
    assumed = sum(entry.is_assumption for entry in registry().values())
    yield f"*Built in*: {counts}; {len(registry())} parameters, of which {assumed} are called assumptions."
    results = [result for name in case_names() for result in evaluate(load_case(name))]
    tally = Counter(result.status for result in results)
    yield (
        f"\n*Judgments*: of {len(results)} printed figures {tally['reproduced']} come out of the formula, "
        f"{tally['solved_input']} pin down an input that was not printed, {tally['stated']} are only stated, "
        f"and {tally['not_reproducible']} cannot be reckoned from what is public ([rates](rates.md))."
    )
    claims = gathered(DOCS.parent / "results")
    told = ", ".join(f"{count} {word}" for word, count in Counter(claims["verdict"]).most_common())
    yield f"\n*Claims*: {len(claims)}, {told} ([what was found](../results/README.md))."
    yield "\n*The first comparison* (`make compare`), means with 95 % intervals:\n"
    metrics = [METRICS[name] for name in SHOWN]
    yield f"| regime | {' | '.join(f'{metric.title}, {unit(metric.unit)}' for metric in metrics)} |"
    yield f"|---|{'---:|' * len(metrics)}"
    rows = {
        (row["regime"], row["metric"]): row
        for row in _csv(DOCS.parent / "results" / "cellular" / "summary.csv")
    }
    for regime in dict.fromkeys(regime for regime, _ in rows):
        cells = [_told(rows[regime, metric.name], metric.unit) for metric in metrics]
        yield f"| {regime} | {' | '.join(cells)} |"
    yield "\n![Deadlock rate and efficiency of the built-in regimes](../results/cellular/plane.png)\n"


def _told(row: dict[str, str], kind: str) -> str:
    mean, low, high = (float(row[end]) for end in ("mean", "low", "high"))
    return f"{value(mean, kind)} {interval(low, high, kind)}"


def _replicated() -> Iterator[str]:
    """The table of published results: what the paper says, what comes out here, whether they agree."""
    played = {row["id"]: row for row in rows_of(gathered(DOCS.parent / "results"))}
    exact = {"R4": _implied(), **_signals()}
    yield "| | Paper | What it says | Our configuration | What comes out [95 % interval] | | Why |"
    yield "|---|---|---|---|---|---|---|"
    for said in _csv(REPLICATIONS.with_name("why.csv")):
        name = said["id"]
        if name in exact:
            cells = [said["source"], said["says"], said["configuration"], *exact[name]]
        else:
            row = played[name]
            effect = f"{signed(row['mean'], row['unit'])} {interval(row['low'], row['high'], row['unit'])}"
            where = f"[{row['experiment']}](../{row['experiment']}/README.md): {row['contrast']}"
            at = told_share(row)
            out = f"{effect} {unit(row['unit'])}" + f"; as claimed at {at}" * (at != "–")
            cells = [row["source"], row["claim"], where, out, AGREES.get(row["verdict"], row["verdict"])]
        if said["lacks"]:
            cells[-1] += f"; not comparable, since the model lacks {said['lacks']}"
        yield f"| {' | '.join([name, *cells, said['why']])} |"


def _signals() -> dict[str, tuple[str, str]]:
    """The published equilibria of litigation with two signals, as the test of theory plays them."""
    game = runpy.run_path(str(DOCS.parent / "tests" / "theory" / "test_correlated_signals.py"))
    case, profile, cheap = game["BASELINE"], (game["FILES"], game["ANSWERS"]), game["CHEAP"]
    played = [
        (game["AMERICAN"], profile, game["PUBLISHED"]),
        *((cheap[f], game["yielding"](weak), game["PUBLISHED_CHEAP"][f]) for f, weak in ((0.0, 1), (1.0, 2))),
    ]
    shares = [game["shares"](rule, case, *pair) for rule, pair, _ in played]
    near = [
        all(abs(ours - theirs) < 5e-4 for ours, theirs in zip(one, published, strict=True))
        for one, (*_, published) in zip(shares, played, strict=True)
    ]
    still = [max(map(max, game["gains"](rule, case, *pair))) < 1e-15 for rule, pair, _ in played]
    words = {True: "agrees", False: "disagrees"}
    gain = {True: "nobody gains by another strategy", False: "somebody gains by another strategy"}
    one = shares[0]
    baseline = (
        f"no suit {one.no_suit:.5f}, no answer {one.no_answer:.5f}, tried {one.tried:.5f}, of them won "
        f"{one.won:.5f}; spent {one.spent:.3f}; {gain[still[0]]}"
    )
    other = f"settled {shares[1].settled:.5f} and {shares[2].settled:.5f}; {gain[all(still[1:])]}"
    return {
        "R1": (baseline, words[near[0] and still[0]]),
        "R1q": (other, words[all(near[1:]) and all(still[1:])]),
    }


def _implied() -> tuple[str, str]:
    """What two courts' rates for Ericsson imply for all patents of LTE."""
    rows = {
        (row["case"], row["line"]): row
        for row in _csv(DOCS.parent / "results" / "determinations" / "determinations.csv")
    }
    pair = [rows[line] for line in (("unwired-planet-v-huawei", "ericsson_4g"), ("tcl-v-ericsson", "us_4g"))]
    shares, implied = ([float(row[name]) for row in pair] for name in ("share", "implied_aggregate"))
    said = " and ".join(
        f"{row['printed']} % over {_percent(part)} is {whole:.2f} %"
        for row, part, whole in zip(pair, shares, implied, strict=True)
    )
    apart = shares[0] / shares[1]
    agrees = abs(apart - 1.9) < 0.05 and abs(implied[0] - 8.8) < 0.05 and abs(implied[1] - 9.5) < 0.05
    return f"{said}; shares {apart:.2f} times apart", "agrees" if agrees else "disagrees"


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
        laws = Counter(row["market"] for row in learned)
        told = " and ".join(f"{count} laws on {market}" for market, count in laws.items())
        sure = " and ".join(
            f"{sum(int(row['certified']) for row in learned if row['market'] == market)} of "
            f"{sum(int(row['starts']) for row in learned if row['market'] == market)} on {market}"
            for market in laws
        )
        yield (
            f"In [the experiment](../experiments/{EXPERIMENT}/README.md) {told} were learned, each from "
            f"{starts}; in {apart} of these {len(learned)} cases the ends lie apart. Of the ends "
            f"{sure} are certified (none where they were not searched anew since). The most that a search "
            "still gains from an end of a law lies between "
            f"{_percent(min(gains))} and {_percent(max(gains))} of what is due{_given(learned)}. "
            "What becomes of the verdicts on pairs of laws that conduct as given decides (of laws learned "
            "from as many starts; in brackets where certified ends alone count; *kept*: decided as at the "
            "start, but not in the menu's long run):"
        )
        heads = ["market", "outcome", "decided", *(head for head, _ in tally([]))]
        known = {(row["market"], row["regime"]) for row in learned}
        places = dict.fromkeys((row["market"], row["metric"]) for row in rankings if row["market"] in laws)
        lines = []
        for market, metric in places:
            here = [row for row in rankings if (row["market"], row["metric"]) == (market, metric)]
            both = [row for row in here if {(market, row["first"]), (market, row["second"])} <= known]
            decided = str(sum(row["start"] != "" for row in both))
            lines.append([market, metric.replace("_", " "), decided, *(said for _, said in tally(both))])
        yield from ["", *markdown(heads, lines)]
        yield from ["", f"![Where laws move](../results/{EXPERIMENT}/arrows.png)"] * (
            folder / "arrows.png"
        ).is_file()
        yield ""
    two = DOCS.parent / "results" / "learned_duopoly" / "certificates.csv"
    if two.is_file():
        yield from ["## One run in full", ""]
        command = "frandsim evolve duopoly --regimes cn-rate-setting --learn --out results/learned_duopoly"
        yield f"`{command}`, from five starts:"
        yield from [
            "",
            "| learned from | rounds | gain [95 % interval] | at most | recall | certificate |",
            "|---|---|---|---|---|---|",
        ]
        rows = _csv(two)
        for row in (one for one in rows if one["stage"] == "learned"):
            gain, low, high = (_percent(float(row[end])) for end in ("gain", "low", "high"))
            why = row["said"].partition(": ")[0]
            most = _percent(float(row["upper"]))
            recall = f"{float(row['recall']):.2f}"
            cells = (row["start"], row["rounds"], f"{gain} [{low}, {high}]", most, recall)
            yield f"| {' | '.join(cells)} | {'passed' if row['passed'] == 'True' else why} |"
        left = {row["stage"]: _percent(float(row["gain"])) for row in rows}
        yield (
            f"\nBefore anybody has learned a search gains {left['start']} of what is due at the market's own "
            f"mix, and {left[MENU]} in the menu's long run."
        )
        yield ""


def _given(learned: Sequence[Mapping[str, str]]) -> str:
    """What searches gain at the stages before learning, over the laws of equilibria."""
    said = []
    stages = {"gain_at_start": "at the market's own mixes", "gain_in_long_run": "in the menu's long run"}
    for column, where in stages.items():
        gains = [float(row[column]) for row in learned if row[column]]
        if gains:
            between = f"between {_percent(min(gains))} and {_percent(max(gains))}"
            said.append(f"{where} {between} (median {_percent(statistics.median(gains))})")
    return f"; {' and '.join(said)}" if said else ""


def _change_by_change() -> Iterator[str]:
    """A table a metric: what each round of changes to the rules made of every regime."""
    rows = _csv(DOCS.parent / "results" / "change_by_change.csv")
    versions = list(dict.fromkeys(row["version"] for row in rows))
    cells = {(row["metric"], row["regime"], row["version"]): row for row in rows}
    for name in dict.fromkeys(row["metric"] for row in rows):
        metric = METRICS[name]
        yield f"\n**{metric.title}, {unit(metric.unit)}**\n"
        yield f"| regime | {' | '.join(versions)} | half-width |"
        yield f"|---|{'---:|' * (len(versions) + 1)}"
        for regime in dict.fromkeys(row["regime"] for row in rows):
            told = [cells.get((name, regime, version)) for version in versions]
            last = cells[name, regime, versions[-1]]
            half = value((float(last["high"]) - float(last["low"])) / 2.0, metric.unit)
            means = ["" if row is None else value(float(row["mean"]), metric.unit) for row in told]
            yield f"| {regime} | {' | '.join(means)} | {half} |"


def _bench() -> Iterator[str]:
    """The ratios of the last `make bench`, with what each aims at."""
    told = json.loads((DOCS.parent / "results" / "bench" / "bench.json").read_text(encoding="utf-8"))
    words = {True: "met", False: "**missed**", None: ""}
    yield "| what, over what | ratio | quartiles | aim | |"
    yield "|---|---:|---|---|---|"
    for row in told["ratios"]:
        low, high = row["low"], row["high"]
        between = "" if low is None else f"{low:.3g} to {high:.3g}"
        ratio = "" if row["ratio"] is None else f"{row['ratio']:.3g}"
        yield f"| {row['what']} | {ratio} | {between} | {row['target']} | {words[row['met']]} |"
    about = told["about"]
    versions = ", ".join(f"{name} {about[name]}" for name in ("numba", "mesa", "negmas"))
    yield f"\nPython {about['python']}, {about['cores']} cores, {versions}."


def _csv(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def _percent(share: float) -> str:
    return f"{fixed(100 * share, 1)} %"


def _pages() -> dict[Path, str]:
    return {
        DOCS / "commands.md": commands_page(),
        DOCS / "parameters.md": parameters_page(),
        DOCS / "schema.md": schema_page(),
        DOCS / "state.md": state_page(),
        DOCS / "theory.md": theory_page(),
    } | dict(
        (
            _numbered(DOCS / "change-by-change.md", _change_by_change()),
            _numbered(DOCS / "learning.md", _learned_numbers()),
            _numbered(DOCS / "paper.md", _paper_numbers()),
            _numbered(DOCS / "speed.md", _bench()),
            _numbered(REPLICATIONS, _replicated()),
        )
    )


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
