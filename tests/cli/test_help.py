"""Help is there for every command, with examples, and costs no heavy import."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

COMMANDS = [
    (), ("compare",), ("run",), ("trace",), ("validate",), ("schema",), ("init",),
    ("regimes",), ("regimes", "show"), ("regimes", "diff"),
]  # fmt: skip
IMPORTED = """
import sys
from simulator.cli import main
sys.argv = ["frandsim", *sys.argv[1:]]
try:
    main()
finally:
    print(*sorted({name.partition(".")[0] for name in sys.modules}), file=sys.stderr)
"""


@pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
def test_every_command_has_help_with_an_example(
    frandsim: Callable[..., Any], command: tuple[str, ...]
) -> None:
    answer = frandsim(*command, "--help")
    assert (answer.status, answer.err) == (0, "")
    assert answer.out.startswith(" ".join(("Usage: frandsim", *command)))
    assert " ".join(("frandsim", *command)) in answer.out.split("Options:")[1]
    if command:
        assert "--json" in answer.out
        assert "Examples:" in answer.out


@pytest.mark.parametrize(
    ("arguments", "unneeded"),
    [
        (
            ["--help"],
            {"numba", "mesa", "pandas", "matplotlib", "scipy", "numpy", "pydantic", "ruamel", "pyarrow"},
        ),
        (["regimes", "show", "upc"], {"numba", "mesa", "pandas", "matplotlib", "scipy", "pyarrow"}),
    ],
    ids=["help", "regimes"],
)
def test_light_commands_import_nothing_heavy(root: Path, arguments: list[str], unneeded: set[str]) -> None:
    done = subprocess.run(
        [sys.executable, "-c", IMPORTED, *arguments], cwd=root, capture_output=True, text=True, check=True
    )
    imported = set(done.stderr.splitlines()[-1].split())
    assert "simulator" in imported
    assert imported.isdisjoint(unneeded), imported & unneeded


def test_the_package_runs_as_a_module(root: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "simulator", "schema", "nothing"],
        cwd=root, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 2
    assert done.stderr.startswith("schema: no kind of file is called nothing; known: regime, market")
