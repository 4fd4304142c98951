"""The house stands: floors, doors, packages."""

from __future__ import annotations

import subprocess
import sys
import tomllib
from pathlib import Path

HEAVY = {"llvmlite", "matplotlib", "mesa", "numba", "pandas", "pyarrow", "scipy"}
HELP = """
import sys
from simulator.cli import main
sys.argv = ["frandsim", "--help"]
try:
    main()
except SystemExit as end:
    assert not end.code
print("modules:", *sys.modules)
"""


def run(*command: str | Path, cwd: Path) -> str:
    done = subprocess.run(command, cwd=cwd, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_floors_and_doors_hold(root: Path) -> None:
    assert "0 broken" in run(Path(sys.executable).with_name("lint-imports"), cwd=root)


def test_help_imports_nothing_heavy(root: Path) -> None:
    loaded = run(sys.executable, "-c", HELP, cwd=root).rpartition("modules: ")[2].split()
    assert HEAVY.isdisjoint(loaded)


def test_every_folder_of_the_package_is_shipped(root: Path) -> None:
    shipped = tomllib.loads((root / "pyproject.toml").read_text("utf-8"))["tool"]["setuptools"]["packages"]
    folders = {path.parent.relative_to(root) for path in root.glob("simulator/**/__init__.py")}
    carried = {"simulator._scenarios", "simulator._experiments"}
    assert set(shipped) == {".".join(folder.parts) for folder in folders} | carried
