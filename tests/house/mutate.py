"""Mutants: one operator or number of a rule changed at a time; the tests that meet the rule must notice.

``make mutate`` plays the tests once without a mutant and keeps which lines each of them runs, and how long
it takes with the compiler off; those that take long are left out.  Then it samples functions of the rooms,
or of modules named by path (``engine/court.py``), puts each mutant into a process of its own, asks the
tests that run the changed lines, golden tables and the quickest first, and writes docs/mutation.md:
the score of each room, and the survivors with the reasons that stand there; of a module asked for by path,
a section of its own, which stands until that module is asked for again.  A mutant replaces the code of the
live function, so every module that imported it runs the mutant.

What these tests let pass is put into a copy of the project and asked of the others with the compiler on.
"""

from __future__ import annotations

import argparse
import ast
import copy
import importlib
import os
import pickle
import random
import re
import resource
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from enum import StrEnum
from itertools import accumulate
from pathlib import Path
from tempfile import TemporaryDirectory
from types import CodeType, FunctionType
from typing import Any

import pytest
from _pytest.runner import runtestprotocol
from coverage import Coverage
from rich.progress import track

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs" / "mutation.md"
ROOMS = {"rules": 20, "rates": 30, "engine": 80}
"""Rooms whose functions are changed, and how many mutants of each are tried."""
MODULE = 40
"""How many mutants of a module that is asked for by its path are tried."""
TESTS = [
    "simulator/rules", "simulator/rates", "simulator/engine", "tests/golden", "tests/theory", "tests/rates",
    "tests/cases", "tests/engine", "tests/odd",
]  # fmt: skip
PATIENCE = 2
"""Seconds of CPU a test may take with the compiler off to be asked."""
BUDGET = 60.0
"""Seconds of CPU that the golden tables asked of one mutant take together without it, and the other tests."""
STAYS = r"\S+\.py|Earlier samples"
"""Heads of the sections of the page that stay when all rooms are sampled again."""
LIMIT = 240
"""Seconds of CPU after which a mutant counts as noticed: it does not end."""
CORES = os.cpu_count() or 1
LEFT_OUT = shutil.ignore_patterns(".*", "out", "__pycache__")
"""What a copy of the project does without."""
SWAPPED: dict[type[ast.AST], type[ast.AST]] = {
    ast.Lt: ast.LtE, ast.LtE: ast.Lt, ast.Gt: ast.GtE, ast.GtE: ast.Gt,
    ast.Eq: ast.NotEq, ast.NotEq: ast.Eq, ast.And: ast.Or, ast.Or: ast.And,
    ast.Add: ast.Sub, ast.Sub: ast.Add, ast.Mult: ast.Div, ast.Div: ast.Mult,
}  # fmt: skip
NAMES = {"min": "max", "max": "min"}


@dataclass(frozen=True)
class Mutant:
    """One change of one function."""

    room: str
    path: Path
    function: str
    place: int
    line: int
    said: str
    lines: int
    """The lines of the statement it changes, as bits; of one with a body, those of its head."""

    def __str__(self) -> str:
        """Where it is and what it changes."""
        return f"{self.path.relative_to(ROOT / 'simulator')}: {self.function}: {self.said}"


def spots(function: ast.FunctionDef) -> Iterator[tuple[ast.AST, Callable[[], None]]]:
    """Every place of a function that can be changed, with the change."""
    for node in (part for line in function.body for part in ast.walk(line)):
        if isinstance(node, ast.Compare) and type(node.ops[0]) in SWAPPED:
            yield node, lambda node=node: node.ops.__setitem__(0, SWAPPED[type(node.ops[0])]())  # type: ignore[misc]
        elif isinstance(node, ast.BinOp | ast.AugAssign | ast.BoolOp) and type(node.op) in SWAPPED:
            yield node, lambda node=node: setattr(node, "op", SWAPPED[type(node.op)]())  # type: ignore[misc]
        elif isinstance(node, ast.Constant) and type(node.value) in (int, float):
            yield node, lambda node=node: setattr(node, "value", node.value + 1)  # type: ignore[misc]
        elif isinstance(node, ast.Name) and node.id in NAMES:
            yield node, lambda node=node: setattr(node, "id", NAMES[node.id])  # type: ignore[misc]
        elif isinstance(node, ast.If | ast.IfExp | ast.While):
            turned = ast.UnaryOp(ast.Not(), node.test)
            yield node.test, lambda node=node, turned=turned: setattr(node, "test", turned)  # type: ignore[misc]


class Fate(StrEnum):
    """What became of a mutant."""

    NOTICED = "noticed"
    LATE = "noticed by slower tests"
    SURVIVED = "survived"


def functions(path: Path) -> dict[str, ast.FunctionDef]:
    """The functions of a module; those of classes are no rules."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    return {node.name: node for node in tree.body if isinstance(node, ast.FunctionDef)}


def changed(path: Path, name: str, place: int) -> tuple[ast.FunctionDef, str, int]:
    """A function with its ``place``-th spot changed, what was done in words, and its line."""
    function = copy.deepcopy(functions(path)[name])
    node, change = list(spots(function))[place]
    before, line = ast.unparse(function).splitlines(), getattr(node, "lineno", function.lineno)
    change()
    after = ast.unparse(ast.fix_missing_locations(function)).splitlines()
    old, new = next((one, other) for one, other in zip(before, after, strict=True) if one != other)
    return function, f"`{old.strip()}` -> `{new.strip()}`", line


def sample(room: str, count: int, seed: int) -> list[Mutant]:
    """So many mutants of a room: one of each module, then any spot as likely as any other."""
    named = ROOT / "simulator" / room
    modules: dict[Path, list[tuple[str, int]]] = {
        path: [
            (name, place) for name, whole in functions(path).items() for place, _ in enumerate(spots(whole))
        ]
        for path in ([named] if named.is_file() else sorted(named.rglob("*.py")))
    }
    luck = random.Random(f"{seed}/{room}")
    every = [(path, *spot) for path, spots_of in modules.items() for spot in spots_of]
    luck.shuffle(every)
    first = {path: (path, name, place) for path, name, place in reversed(every)}
    chosen = list(first.values()) + [one for one in every if first[one[0]] != one]
    return [mutant(room, *one) for one in chosen[:count]]


def mutant(room: str, path: Path, name: str, place: int) -> Mutant:
    """A mutant by the place of what it changes."""
    function, said, line = changed(path, name, place)
    around = [node for node in ast.walk(function) if isinstance(node, ast.stmt) and node.lineno <= line]
    inner = max((node for node in around if line <= (node.end_lineno or 0)), key=lambda node: node.lineno)
    body = getattr(inner, "body", None)
    last = body[0].lineno - 1 if body and inner is not function else inner.end_lineno or line
    return Mutant(room, path, name, place, line, said, bits(range(inner.lineno, max(line, last) + 1)))


def put(mutant: Mutant) -> None:
    """Put a mutant in the place of the live function."""
    name = ".".join(mutant.path.relative_to(ROOT).with_suffix("").parts)
    module = importlib.import_module(name.removesuffix(".__init__"))
    function, _, _ = changed(mutant.path, mutant.function, mutant.place)
    function.decorator_list = []
    flags = ast.parse("from __future__ import annotations").body
    code = compile(ast.Module([*flags, function], []), str(mutant.path), "exec")
    inner = next(
        part for part in code.co_consts if isinstance(part, CodeType) and part.co_name == mutant.function
    )
    live = getattr(module, mutant.function)
    while not isinstance(live, FunctionType) or hasattr(live, "__wrapped__"):
        live = live.__wrapped__
    live.__code__ = inner


@dataclass(frozen=True)
class Met:
    """A test that passes without a mutant: its seconds of CPU, the lines it runs by file, as bits."""

    test: str
    seconds: float
    lines: dict[str, int]

    def reaches(self, one: Mutant) -> bool:
        """Whether it runs what a mutant changes."""
        return bool(self.lines.get(str(one.path), 0) & one.lines)


def run(item: pytest.Item, following: pytest.Item | None) -> bool:
    """Run a test, as pytest does; whether it passed."""
    reports = runtestprotocol(item, log=False, nextitem=following)
    return all(report.passed for report in reports)


def in_a_child(work: Callable[[], Any], limit: int = resource.RLIM_INFINITY) -> Any:
    """What ``work`` returns in a process of its own, without a word; none if that dies or needs more CPU."""
    reading, writing = os.pipe()
    child = os.fork()
    if child:
        os.close(writing)
        with os.fdopen(reading, "rb") as told:
            data = told.read()
        os.waitpid(child, 0)
        return pickle.loads(data) if data else None
    try:
        resource.setrlimit(resource.RLIMIT_CPU, (limit, limit))
        silence = os.open(os.devnull, os.O_WRONLY)
        os.dup2(silence, 1)
        os.dup2(silence, 2)
        found = work()
        with os.fdopen(writing, "wb") as told:
            told.write(pickle.dumps(found))
    finally:
        os._exit(0)


def meeting(item: pytest.Item) -> Met | None:
    """A test run without a mutant, with fixtures of its own, if it passes."""
    watch = Coverage(data_file=None, config_file=False, include=[f"{ROOT}/simulator/*"])
    began = time.process_time()
    with watch.collect():
        passed = run(item, None)
    seconds, data = time.process_time() - began, watch.get_data()
    lines = {path: bits(data.lines(path) or ()) for path in data.measured_files()}
    return Met(item.nodeid, seconds, lines) if passed else None


def bits(lines: Iterable[int]) -> int:
    """Line numbers as bits of one number."""
    told = 0
    for line in lines:
        told |= 1 << line
    return told


def meetings(items: list[pytest.Item]) -> list[Met]:
    """Run tests without a mutant, each in a process of its own; those that pass in time."""
    with ThreadPoolExecutor(CORES) as cores:
        told = cores.map(lambda item: in_a_child(lambda: meeting(item), PATIENCE), items)
        return [met for met in track(told, "Tests alone", total=len(items)) if met is not None]


def asked_of(one: Mutant, met: list[Met]) -> list[str]:
    """The tests that run what a mutant changes, as many as the budget holds.

    Golden tables first, as they look at everything; then the quickest.
    """
    reach = [each for each in met if each.reaches(one)]
    names = []
    for golden in (True, False):
        some = sorted(
            (each for each in reach if ("golden" in each.test) == golden), key=lambda each: each.seconds
        )
        spent = accumulate(each.seconds for each in some)
        names += [each.test for each, until in zip(some, spent, strict=True) if until <= BUDGET]
    return names


def survives(one: Mutant, items: list[pytest.Item]) -> bool:
    """Whether a mutant passes tests, file by file."""
    files = list(dict.fromkeys(item.path for item in items))
    items = sorted(items, key=lambda item: files.index(item.path))

    def asked() -> bool:
        put(one)
        return all(run(item, after) for item, after in zip(items, [*items[1:], None], strict=True))

    return not items or in_a_child(asked, LIMIT) is True


def source(one: Mutant) -> str:
    """The text of a mutant's module."""
    function, _, _ = changed(one.path, one.function, one.place)
    lines = one.path.read_text(encoding="utf-8").splitlines()
    old = functions(one.path)[one.function]
    first = min([old.lineno, *(decorator.lineno for decorator in old.decorator_list)])
    return "\n".join([*lines[: first - 1], ast.unparse(function), *lines[old.end_lineno :], ""])


def passes(tests: list[str], one: Mutant | None = None) -> bool:
    """Whether tests pass with the compiler on, in a copy of the project, with a mutant or without."""
    if not tests:  # pytest would run all there are
        return True
    with TemporaryDirectory() as folder:
        tree, asked = Path(folder) / "project", Path(folder) / "tests"
        shutil.copytree(ROOT, tree, ignore=LEFT_OUT)
        if one is not None:
            (tree / one.path.relative_to(ROOT)).write_text(source(one), encoding="utf-8")
        asked.write_text("\n".join(tests), encoding="utf-8")
        kept = {name: value for name, value in os.environ.items() if name != "FRANDSIM_COMPILER"}
        options = ["-x", "-q", "-p", "no:cacheprovider", "-n", str(CORES)]
        return not subprocess.run(
            [sys.executable, "-m", "pytest", *options, f"@{asked}"],
            cwd=tree,
            env=kept | {"PYTHONPATH": str(tree), "XDG_CACHE_HOME": folder},
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            check=False,
        ).returncode


def reasons() -> dict[str, str]:
    """The reasons that stand in the page, by mutant."""
    text = PAGE.read_text(encoding="utf-8") if PAGE.is_file() else ""
    return {found[1]: found[2] for found in re.finditer(r"^- (.+?)\n  \*Reason\*: (.+)$", text, re.MULTILINE)}


def survivors(tried: list[tuple[Mutant, Fate]], known: dict[str, str]) -> list[str]:
    """Two lines a survivor: what it changes, and the reason that is known."""
    alive = [str(mutant) for mutant, fate in tried if fate == Fate.SURVIVED]
    return [
        line
        for said in alive
        for line in (f"- {said}", f"  *Reason*: {known.get(said, 'none yet: a test is missing')}")
    ]


def counts(tried: list[tuple[Mutant, Fate]]) -> tuple[int, int]:
    """How many mutants are noticed at once, and how many by slower tests."""
    fates = [fate for _, fate in tried]
    return fates.count(Fate.NOTICED), fates.count(Fate.LATE)


def modules() -> dict[str, str]:
    """The sections that stand in the page by path of a module, and what is told of earlier samples."""
    text = PAGE.read_text(encoding="utf-8") if PAGE.is_file() else ""
    return dict(re.findall(rf"^## ({STAYS})\n\n(.*?)\n*(?=^## |\Z)", text, re.MULTILINE | re.DOTALL))


def with_modules(text: str, sections: dict[str, str]) -> str:
    """The page of all rooms, and the sections of modules below it."""
    return text + "".join(f"\n## {path}\n\n{section}\n" for path, section in sorted(sections.items()))


def write_module(path: str, tried: list[tuple[Mutant, Fate]], seed: int, known: dict[str, str]) -> None:
    """Put a module's section into the page, in the place of the one that stands there."""
    noticed, late = counts(tried)
    sampled = f"{len(tried)} mutants of this module alone, sampled with seed {seed}"
    lines = [f"{sampled}: {noticed} noticed by quick tests, {late} by slower ones."]
    if noticed + late < len(tried):
        lines += ["", *survivors(tried, known)]
    rooms = re.split(rf"\n## (?:{STAYS})\n", PAGE.read_text(encoding="utf-8"))[0]
    PAGE.write_text(with_modules(rooms, modules() | {path: "\n".join(lines)}), encoding="utf-8")


def page(
    tried: dict[str, list[tuple[Mutant, Fate]]], seed: int, met: list[Met], known: dict[str, str]
) -> str:
    """The page: a line a room, a line a survivor with its reason."""
    lines = [
        "# Mutants",
        "",
        "`make mutate` changes one operator or number of a rule at a time. With the compiler off it asks the",
        f"tests that run the changed lines: of {len(met)} that take less than {PATIENCE} s of CPU,",
        f"golden tables and others, the quickest first, up to {BUDGET:g} s of each. What they let pass is",
        "compiled in a copy of the project, and the other tests of rules, rates and engine are asked that",
        "may reach it.",
        f"One mutant of each module, then any spot of the room, sampled with seed {seed}.",
        "The page is written by `tests/house/mutate.py`, the reasons by hand.",
        "A mutant that does not end is noticed. Modules asked for by path have sections of their own below.",
        "",
        "| room | mutants | noticed by quick tests | by slower tests | score |",
        "|:--|--:|--:|--:|--:|",
    ]
    everything = {**tried, "all": [one for mutants in tried.values() for one in mutants]}
    for room, mutants in everything.items():
        noticed, late = counts(mutants)
        score = (noticed + late) / max(len(mutants), 1)
        lines.append(f"| {room} | {len(mutants)} | {noticed} | {late} | {score:.0%} |")
    lines += ["", "## Survivors", "", *survivors(everything["all"], known)]
    return with_modules("\n".join(lines) + "\n", modules())


@dataclass(frozen=True)
class Trial:
    """A plugin of pytest that tries mutants in place of running the tests it has collected."""

    rooms: list[str]
    times: float
    seed: int

    def pytest_runtestloop(self, session: pytest.Session) -> bool:
        """Try the mutants and write the page."""
        items = {item.nodeid: item for item in session.items}
        met = meetings(session.items)
        print(f"{len(met)} of {len(items)} tests, {sum(one.seconds for one in met):.0f} s", flush=True)
        measured = {each.test: each for each in met}
        slower = [name for name in items if name not in measured]
        if not passes(slower):
            sys.exit("tests fail without a mutant, the compiler on")
        known = reasons()
        tried: dict[str, list[tuple[Mutant, Fate]]] = {}
        for room in self.rooms:
            mutants = sample(room, round(self.times * ROOMS.get(room, MODULE)), self.seed)
            quick = {one: asked_of(one, met) for one in mutants}
            tried[room] = list(quickly(quick, items))
            self.write(tried, met, known)
            for place, (one, fate) in enumerate(tried[room]):
                if fate == Fate.SURVIVED:
                    reach = [name for name, each in measured.items() if each.reaches(one)]
                    others = [*slower, *(name for name in reach if name not in quick[one])]
                    tried[room][place] = one, Fate.SURVIVED if passes(others, one) else Fate.LATE
                    print(f"{tried[room][place][1]:24}{one}", flush=True)
                    self.write(tried, met, known)
        return True

    def write(
        self, tried: dict[str, list[tuple[Mutant, Fate]]], met: list[Met], known: dict[str, str]
    ) -> None:
        """Put what became of mutants so far into the page; who waits for slower tests survives so far."""
        if self.rooms == list(ROOMS):
            PAGE.write_text(page(tried, self.seed, met, known), encoding="utf-8")
        elif (room := list(tried)[-1]).endswith(".py"):
            write_module(room, tried[room], self.seed, known)


def quickly(quick: dict[Mutant, list[str]], items: dict[str, pytest.Item]) -> Iterator[tuple[Mutant, Fate]]:
    """Mutants, as many at a time as there are cores, and whether their quick tests notice them."""
    with ThreadPoolExecutor(CORES) as cores:
        alive = cores.map(lambda one: survives(one, [items[name] for name in quick[one]]), quick)
        for one, lives in zip(quick, alive, strict=True):
            fate = Fate.SURVIVED if lives else Fate.NOTICED
            print(f"{fate:24}{one}", flush=True)
            yield one, fate


def main() -> None:
    """Collect the tests and try the mutants."""
    said = argparse.ArgumentParser(description="Change rules one at a time and see whether tests notice.")
    said.add_argument("--seed", type=int, default=1)
    said.add_argument("--times", type=float, default=1.0, help="of the mutants of each room")
    said.add_argument(
        "rooms",
        nargs="*",
        default=list(ROOMS),
        metavar="ROOM",
        help="or a module, as engine/court.py, which gets a section of the page; its table is of all rooms",
    )
    asked = said.parse_args()
    if os.environ.get("FRANDSIM_COMPILER") != "off":
        sys.exit("mutants run with the compiler off: FRANDSIM_COMPILER=off")
    trial = Trial(asked.rooms, asked.times, asked.seed)
    options = ["-q", "-s", "-p", "no:cacheprovider", "-p", "no:xdist"]
    sys.exit(pytest.main([*options, *TESTS], plugins=[trial]))


if __name__ == "__main__":
    main()
