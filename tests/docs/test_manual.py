"""Every block of README and manual does what the page says, played small; notebooks run as they stand."""

from __future__ import annotations

import json
import re
from pathlib import Path
from textwrap import dedent
from typing import Any

import matplotlib.pyplot as plt
import nbformat
import pytest
import typer
from nbclient import NotebookClient
from typer.testing import CliRunner

from simulator import cli
from simulator.spec.find import builtin
from simulator.spec.load import load_regime
from tests.docs.blocks import Block, blocks

ROOT = Path(__file__).parents[2]
KNOWN = {"bash", "python", "yaml", "text", "sbatch"}
"""What a block may be: shell, Python and files are carried out; text is what a program prints."""
ELSEWHERE = {"large-batches.md", "in-python.md", "strategy-in-python.md"}
"""Pages whose blocks have a test of their own: test_batch_how_to.py, tests/engine/test_mesa.py."""
PARSED = {"commands.md"}
"""The reference of commands: its examples are read by the program, which has tests of its own for each."""
PAGES = sorted(page for page in [ROOT / "README.md", *ROOT.glob("docs/**/*.md")] if blocks(page))
CARRIED_OUT = [page for page in PAGES if page.name not in ELSEWHERE | PARSED]
SMALL = {
    "compare": ["--replications=2", "--figures=none"],
    "run": ["--replications=2"],
    "evolve": ["--budget=2", "--regimes=upc"],
    "experiment": ["--quick"],
}
"""What makes a command small where a page lets it run for long."""

REGIME = "regime: part\nextends: staged-baseline\ntitle: Part\nsource: assumption\nstatus: proposed\n"
"""What a part of a regime on a page is laid over."""


def named(page: Path) -> str:
    return page.relative_to(ROOT).as_posix()


@pytest.mark.parametrize("page", PAGES, ids=named)
def test_every_block_says_what_it_is(page: Path) -> None:
    assert {block.language for block in blocks(page)} <= KNOWN


@pytest.mark.parametrize("page", [page for page in PAGES if page.name in PARSED], ids=named)
def test_the_program_reads_every_example(page: Path) -> None:
    """Options and choices are there; what a file holds is not looked at."""
    lines = [words for block in blocks(page) if block.language == "bash" for words in block.commands()]
    assert len(lines) > 50
    for program, *words in lines:
        assert program == "frandsim"
        command: Any = typer.main.get_command(cli.app)
        while words and words[0] in getattr(command, "commands", ()):
            command = command.commands[words.pop(0)]
        command.make_context("frandsim", words)


@pytest.mark.parametrize("page", CARRIED_OUT, ids=named)
def test_every_block_runs(page: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    names: dict[str, Any] = {}
    for block in blocks(page):
        if block.language == "yaml" and not block.title:
            Path("part.yaml").write_text(REGIME + dedent(block.text), encoding="utf-8")
            assert load_regime("part.yaml").regime == "part"
        elif block.language == "yaml":
            Path(block.title).parent.mkdir(parents=True, exist_ok=True)
            Path(block.title).write_text(block.text, encoding="utf-8")
        elif block.language == "bash":
            shell(block)
        elif block.language == "python":
            exec(re.sub(r"replications=\d+", "replications=2", block.text), names)
            plt.close("all")


def shell(block: Block) -> None:
    """Carry out a shell block: our commands small, a target of make is one there is."""
    for program, *words in block.commands():
        if program == "make":
            assert re.search(rf"^{words[0]}:", (ROOT / "Makefile").read_text("utf-8"), re.MULTILINE)
            continue
        assert program == "frandsim"
        if words[0] == "experiment" and words[1] in builtin("experiments"):
            continue  # tests/findings play them
        given = [path for word in words for path in (sorted(map(str, Path().glob(word))) or [word])]
        result = CliRunner().invoke(cli.app, [*given, *SMALL.get(words[0], [])], catch_exceptions=False)
        assert result.exit_code == 0, f"{words}\n{result.output}"


@pytest.mark.parametrize("name", ["first-comparison", pytest.param("study", marks=pytest.mark.slow)])
def test_a_notebook_runs(name: str, tmp_path: Path) -> None:
    path = ROOT / "docs" / "notebooks" / f"{name}.ipynb"
    notebook = nbformat.reads(path.read_text("utf-8"), 4)  # type: ignore[no-untyped-call]
    cells = [cell for cell in notebook.cells if cell.cell_type == "code"]
    assert not any(cell.outputs or cell.execution_count for cell in cells), "committed without outputs"
    for cell in cells:
        cell.source = re.sub(r"(replications|points)(=|: )\d+", r"\1\g<2>3", cell.source)
    NotebookClient(notebook, timeout=300, resources={"metadata": {"path": str(tmp_path)}}).execute()
    shown = json.dumps([cell.outputs for cell in cells])
    for told in {"first-comparison": ("<svg", "uk-global"), "study": ("T1", "verdict")}[name]:
        assert told in shown
    assert list(tmp_path.glob("*.html" if name == "first-comparison" else "interest.pdf"))
